//! The interface table: the names that a ruleset tells apart, as numbers of a diagram field.
//!
//! A ruleset names interfaces exactly or by their beginning. All names that it treats alike are one *class*: each
//! exact name is one, and for each beginning the class of all further names that begin so (and with no longer
//! beginning of the table). So a name that the ruleset never mentions still gets an exact answer.

use std::collections::BTreeMap;

use crate::ruleset::{Condition, NamePattern, NameSet, Ruleset};
use crate::sets::{Field, INTERFACES_MAX, Ranges};

/// The numbers of interfaces.
#[derive(Clone, Debug, Default)]
pub(super) struct InterfaceTable {
    exact: BTreeMap<String, u128>,
    // The class of names with this beginning that the table does not tell apart further. The empty beginning is
    // not in it: its class is every number from `rest` on.
    prefixes: BTreeMap<String, u128>,
    rest: u128,
    zones: BTreeMap<String, Vec<String>>,
}

impl InterfaceTable {
    /// The table of some rulesets; `None` where they name more interfaces than a field can hold.
    pub(super) fn of(rulesets: &[&Ruleset]) -> Option<Self> {
        let mut table = InterfaceTable::default();
        rulesets.iter().for_each(|ruleset| table.add(ruleset));
        table.exact.remove("");
        table.prefixes.remove("");
        for (at, number) in table.exact.values_mut().chain(table.prefixes.values_mut()).enumerate() {
            *number = at as u128;
        }
        table.rest = (table.exact.len() + table.prefixes.len()) as u128;
        (table.rest < INTERFACES_MAX as u128).then_some(table)
    }

    fn add(&mut self, ruleset: &Ruleset) {
        let table = self;
        for name in &ruleset.interfaces {
            table.exact.insert(name.clone(), 0);
        }
        for zone in &ruleset.zones {
            for name in &zone.interfaces {
                table.exact.insert(name.clone(), 0);
            }
            table.zones.insert(zone.name.clone(), zone.interfaces.clone());
        }
        for chain in &ruleset.chains {
            for device in chain.base.iter().flat_map(|base| &base.devices) {
                table.exact.insert(device.clone(), 0);
            }
            for rule in &chain.rules {
                rule.conditions.iter().for_each(|condition| table.mention(condition));
            }
        }
    }

    fn mention(&mut self, condition: &Condition) {
        match condition {
            Condition::InInterface(names)
            | Condition::OutInterface(names)
            | Condition::InBridge(names)
            | Condition::OutBridge(names)
            | Condition::InPort(names)
            | Condition::OutPort(names) => {
                for pattern in &names.patterns {
                    match pattern {
                        NamePattern::Exact(name) => self.exact.insert(name.clone(), 0),
                        NamePattern::Prefix(prefix) => self.prefixes.insert(prefix.clone(), 0),
                    };
                }
            }
            Condition::BeforeNat(inner) => self.mention(inner),
            Condition::Any { of, .. } => of.iter().flatten().for_each(|inner| self.mention(inner)),
            _ => {}
        }
    }

    /// The numbers of the names in `names`, as ranges of the field.
    pub(super) fn numbers_of(&self, names: &NameSet) -> Ranges {
        let mut numbers: Vec<(u128, u128)> = Vec::new();
        for pattern in &names.patterns {
            match pattern {
                // The name that a packet has which came in or goes out by no interface; no interface is called so.
                NamePattern::Exact(name) if name.is_empty() => {}
                NamePattern::Exact(name) => numbers.extend(self.numbers_of_name(name)),
                NamePattern::Prefix(prefix) => {
                    let alike = self.exact.iter().chain(&self.prefixes);
                    let alike = alike.filter(|(name, _)| name.starts_with(prefix.as_str()));
                    numbers.extend(alike.map(|(_, number)| (*number, *number)));
                    let zones = self.zones.iter().filter(|(zone, _)| zone.starts_with(prefix.as_str()));
                    numbers.extend(zones.flat_map(|(zone, _)| self.numbers_of_name(zone)));
                    if prefix.is_empty() {
                        numbers.push(self.rest_range());
                    }
                }
            }
        }
        let numbers = joined(numbers);
        if names.negated { complement(&numbers) } else { numbers }
    }

    /// The numbers of one name as a person gives it: an interface, or all interfaces of a zone. A zone of which the
    /// configuration lists no interface stands for one by itself.
    pub(super) fn numbers_of_name(&self, name: &str) -> Ranges {
        match self.zones.get(name) {
            Some(members) if !members.is_empty() => {
                joined(members.iter().map(|member| self.class_of(member)).collect())
            }
            _ => joined(vec![self.class_of(name)]),
        }
    }

    fn class_of(&self, name: &str) -> (u128, u128) {
        let exact = self.exact.get(name);
        let longest = || {
            let known = self.prefixes.iter().filter(|(prefix, _)| name.starts_with(prefix.as_str()));
            known.max_by_key(|(prefix, _)| prefix.len()).map(|(_, number)| number)
        };
        exact.or_else(longest).map_or(self.rest_range(), |number| (*number, *number))
    }

    fn rest_range(&self) -> (u128, u128) {
        (self.rest, Field::InInterface.value_max())
    }

    /// What the numbers within `ranges` are called; `None` where they are all there are.
    pub(super) fn names_within(&self, ranges: &Ranges) -> Option<Vec<String>> {
        let holds = |number: u128| ranges.iter().any(|(first, last)| (*first..=*last).contains(&number));
        if ranges.as_slice() == [(0, Field::InInterface.value_max())] {
            return None;
        }
        let exact = self.exact.iter().filter(|(_, number)| holds(**number)).map(|(name, _)| name.clone());
        let classes = self.prefixes.iter().filter(|(_, number)| holds(**number));
        let classes = classes.map(|(prefix, _)| format!("{prefix}*"));
        let rest = holds(self.rest).then(|| "others".to_owned());
        Some(exact.chain(classes).chain(rest).collect())
    }
}

fn joined(mut ranges: Ranges) -> Ranges {
    ranges.sort_unstable();
    let mut result: Ranges = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match result.last_mut() {
            Some(open) if first <= open.1.saturating_add(1) => open.1 = open.1.max(last),
            _ => result.push((first, last)),
        }
    }
    result
}

fn complement(ranges: &Ranges) -> Ranges {
    let mut result = Vec::with_capacity(ranges.len() + 1);
    let mut open = 0;
    for (first, last) in ranges {
        if open < *first {
            result.push((open, first - 1));
        }
        open = last + 1;
    }
    if open <= Field::InInterface.value_max() {
        result.push((open, Field::InInterface.value_max()));
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ruleset::{Base, Chain, ChainKind, Family, Hook, Policy, Rule};
    use zonewright_source::TextPlace;

    fn table(patterns: Vec<NamePattern>) -> InterfaceTable {
        let place = TextPlace { file: "x".into(), start: 0, end: 0, line: 1, column: 1 };
        let mut ruleset = Ruleset::empty("nftables", "x".into());
        let mut rule = Rule::new(place.clone());
        rule.conditions.push(Condition::InInterface(NameSet::of(patterns)));
        let base = Base {
            hook: Hook::Forward,
            kind: ChainKind::Filter,
            priority: 0,
            policy: Policy::Drop,
            devices: Vec::new(),
            dormant: false,
        };
        ruleset.chains.push(Chain {
            name: "f".into(),
            table: "t".into(),
            family: Family::Inet,
            base: Some(base),
            rules: vec![rule],
            place,
            comment: None,
        });
        InterfaceTable::of(&[&ruleset]).unwrap()
    }

    #[test]
    fn names_that_a_ruleset_never_mentions_fall_into_the_right_class() {
        let exact = |name: &str| NamePattern::Exact(name.into());
        let prefix = |name: &str| NamePattern::Prefix(name.into());
        let table = table(vec![exact("eth0"), exact("lo"), prefix("eth"), prefix("eth1")]);
        for pattern in [exact("eth0"), exact("eth9"), prefix("eth"), prefix("eth1"), prefix("")] {
            for negated in [false, true] {
                let names = NameSet { patterns: vec![pattern.clone()], negated };
                let numbers = table.numbers_of(&names);
                for name in ["eth0", "eth1", "eth17", "eth2", "lo", "wan"] {
                    let (first, last) = table.class_of(name);
                    let within = numbers.iter().any(|(from, to)| *from <= first && last <= *to);
                    if pattern != exact("eth9") {
                        assert_eq!(within, names.contains(name), "{names} {name}");
                    }
                }
            }
        }
        assert_eq!(table.names_within(&vec![(0, 4095)]), None);
        let named = table.names_within(&table.numbers_of(&NameSet::of(vec![prefix("eth")])));
        assert_eq!(named.unwrap(), ["eth0", "eth*", "eth1*"]);
    }
}
