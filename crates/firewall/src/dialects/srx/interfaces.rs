//! Interfaces: their addresses, and the filters that are bound to them.

use super::device::{Device, Stand, base, names, rule};
use super::tree::{NodeId, Tree};
use super::values::interface_address;
use crate::ruleset::{
    ChainId, ChainKind, Condition, Family, Hook, InterfaceAddress, IpVersion, Policy, Reason, Rule,
    Undecidable, Verdict,
};
use std::collections::{BTreeMap, BTreeSet};

/// The table of filters.
pub(super) const FIREWALL: &str = "firewall";

/// The family that a filter is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FilterFamily {
    Any,
    Inet,
    Inet6,
}

impl FilterFamily {
    /// Its name in the configuration.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Inet => "inet",
            Self::Inet6 => "inet6",
        }
    }

    /// The packets that such a filter sees.
    pub(super) const fn version(self) -> Option<IpVersion> {
        match self {
            Self::Any => None,
            Self::Inet => Some(IpVersion::V4),
            Self::Inet6 => Some(IpVersion::V6),
        }
    }

    pub(super) const fn family(self) -> Family {
        match self {
            Self::Any => Family::Inet,
            Self::Inet => Family::Ipv4,
            Self::Inet6 => Family::Ipv6,
        }
    }
}

/// Which packets of an interface a filter sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    In,
    Out,
}

/// A filter, or a list of them, that is bound to an interface.
#[derive(Debug)]
pub(super) struct Binding {
    pub(super) interface: String,
    pub(super) family: FilterFamily,
    pub(super) direction: Direction,
    /// The filters in order, each with where it is named.
    pub(super) filters: Vec<(String, NodeId)>,
}

/// What is bound to interfaces.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    pub(super) filters: Vec<Binding>,
    /// Interfaces that drop packets by what the configuration does not tell: name, family, where, why.
    pub(super) drops: Vec<(String, FilterFamily, NodeId, Undecidable)>,
}

impl Device<'_, '_> {
    /// Reads the interfaces: the names of all, and what is bound to them.
    pub(super) fn read_interfaces(&mut self) -> (BTreeSet<String>, Bindings) {
        let mut known = BTreeSet::new();
        let mut bindings = Bindings::default();
        let Some(section) = self.config.tree.enter(Tree::ROOT, "interfaces") else {
            return (known, bindings);
        };
        let interfaces: Vec<NodeId> = self.config.tree.children(section).collect();
        for interface in interfaces {
            self.config.tree.read(interface);
            for unit in self.config.tree.things(interface, "unit") {
                let name = format!("{}.{}", self.config.tree.word(interface), self.config.tree.word(unit));
                self.read_filters(unit, &name, FilterFamily::Any, &mut bindings);
                if let Some(family) = self.config.tree.enter(unit, "family") {
                    for (word, version) in [("inet", FilterFamily::Inet), ("inet6", FilterFamily::Inet6)] {
                        if let Some(family) = self.config.tree.enter(family, word) {
                            self.read_family(family, &name, version, &mut bindings);
                        }
                    }
                    for layer2 in ["ethernet-switching", "bridge", "ccc", "vpls"] {
                        if let Some(family) = self.config.tree.find(family, layer2) {
                            self.config.tree.read(family);
                        }
                    }
                }
                known.insert(name);
            }
        }
        (known, bindings)
    }

    fn read_family(&mut self, family: NodeId, name: &str, version: FilterFamily, bindings: &mut Bindings) {
        for address in self.config.tree.things(family, "address") {
            self.config.tree.read_all(address);
            match interface_address(self.config.tree.word(address)) {
                Some((at, length)) => self.ruleset.addresses.push(InterfaceAddress {
                    interface: name.to_owned(),
                    address: at,
                    length,
                    place: self.config.place(address),
                }),
                None => {
                    self.config.warn(address, "firewall/unread-statement", "the address was not understood")
                }
            }
        }
        self.read_filters(family, name, version, bindings);
        for (keyword, reason) in [("rpf-check", Reason::Route), ("policer", Reason::Rate)] {
            if let Some(node) = self.config.tree.enter(family, keyword) {
                self.config.tree.read_all(node);
                let what = format!("{keyword} of {name}");
                bindings.drops.push((name.to_owned(), version, node, Undecidable { what, reason }));
            }
        }
    }

    fn read_filters(&mut self, node: NodeId, name: &str, family: FilterFamily, bindings: &mut Bindings) {
        let Some(filter) = self.config.tree.enter(node, "filter") else { return };
        for (one, list, direction) in
            [("input", "input-list", Direction::In), ("output", "output-list", Direction::Out)]
        {
            let single = self.config.tree.things(filter, one);
            let mut filters = self.config.tree.things(filter, list);
            // A device takes the one or the other; of both, the one that was set last.
            if let Some(last) = single.last() {
                let is_later =
                    |other: &NodeId| self.config.tree.span(*other).start > self.config.tree.span(*last).start;
                if !filters.last().is_some_and(is_later) {
                    filters = vec![*last];
                }
            }
            for named in &filters {
                // `filter input F precedence N`
                self.config.tree.read_all(*named);
            }
            single.iter().for_each(|named| self.config.tree.read_all(*named));
            if filters.is_empty() {
                continue;
            }
            let filters = filters.iter().map(|named| (self.config.name(*named), *named)).collect();
            bindings.filters.push(Binding { interface: name.to_owned(), family, direction, filters });
        }
    }

    /// Builds the chains that lead packets into the filters of interfaces.
    pub(super) fn bind(
        &mut self,
        bindings: &Bindings,
        mut chain_of: impl FnMut(&mut Self, &Binding) -> Option<ChainId>,
    ) {
        // A packet must pass the filters of its family and those of any family: each have chains of their own.
        let mut rules: BTreeMap<(bool, Direction, bool), Vec<Rule>> = BTreeMap::new();
        for (interface, family, node, undecidable) in &bindings.drops {
            let mut conditions = bound(interface, *family, Direction::In);
            conditions.push(Condition::Undecidable(undecidable.clone()));
            let drop = rule(self.config.place(*node), conditions, Verdict::Drop);
            rules.entry((false, Direction::In, *family == FilterFamily::Any)).or_default().push(drop);
            self.interfaces.insert(interface.clone());
        }
        for binding in &bindings.filters {
            let Some((_, node)) = binding.filters.first() else { continue };
            let place = self.config.place(*node);
            let verdict = match chain_of(self, binding) {
                Some(chain) => Verdict::Jump(chain),
                None => Verdict::Unknown("a filter that is not defined".to_owned()),
            };
            let is_loopback = binding.interface.starts_with("lo0.");
            let conditions = if is_loopback {
                binding.family.version().map(Condition::Version).into_iter().collect()
            } else {
                self.interfaces.insert(binding.interface.clone());
                bound(&binding.interface, binding.family, binding.direction)
            };
            let key = (is_loopback, binding.direction, binding.family == FilterFamily::Any);
            rules.entry(key).or_default().push(rule(place, conditions, verdict));
        }
        for ((is_loopback, direction, is_any), rules) in rules {
            let (name, hook, priority) = match (is_loopback, direction) {
                (false, Direction::In) => ("filters-in", Hook::Prerouting, -300),
                (false, Direction::Out) => ("filters-out", Hook::Postrouting, 300),
                (true, Direction::In) => ("filters-lo0-in", Hook::Input, -10),
                (true, Direction::Out) => ("filters-lo0-out", Hook::Output, -300),
            };
            let Some(place) = rules.first().map(|rule| rule.place.clone()) else { continue };
            let name = if is_any { format!("{name}-any") } else { name.to_owned() };
            let priority = priority - i32::from(is_any);
            let stand = Stand { hook, kind: ChainKind::Filter, priority, policy: Policy::Accept };
            self.add(base(&name, FIREWALL, stand, rules, place));
        }
    }
}

fn bound(interface: &str, family: FilterFamily, direction: Direction) -> Vec<Condition> {
    let set = names([interface]);
    let mut conditions = vec![match direction {
        Direction::In => Condition::InInterface(set),
        Direction::Out => Condition::OutInterface(set),
    }];
    conditions.extend(family.version().map(Condition::Version));
    conditions
}
