//! The same ruleset with other names for interfaces and zones.

use super::{Condition, NamePattern, Ruleset};
use std::collections::BTreeMap;

impl Ruleset {
    /// The same ruleset in which interfaces and zones have other names: those that `names` gives, by the names they have.
    /// A beginning of names stays as it is.
    #[must_use]
    pub fn renamed(&self, names: &BTreeMap<String, String>) -> Self {
        let mut renamed = self.clone();
        let new = |name: &mut String| {
            if let Some(other) = names.get(name.as_str()) {
                name.clone_from(other);
            }
        };
        renamed.interfaces.iter_mut().for_each(new);
        renamed.interfaces.sort();
        renamed.interfaces.dedup();
        for zone in &mut renamed.zones {
            new(&mut zone.name);
            zone.interfaces.iter_mut().for_each(new);
        }
        renamed.addresses.iter_mut().for_each(|address| new(&mut address.interface));
        for chain in &mut renamed.chains {
            chain.base.iter_mut().flat_map(|base| &mut base.devices).for_each(new);
            let conditions = chain.rules.iter_mut().flat_map(|rule| &mut rule.conditions);
            let mut open: Vec<&mut Condition> = conditions.collect();
            while let Some(condition) = open.pop() {
                match condition {
                    Condition::InInterface(set)
                    | Condition::OutInterface(set)
                    | Condition::InBridge(set)
                    | Condition::OutBridge(set)
                    | Condition::InPort(set)
                    | Condition::OutPort(set) => {
                        for pattern in &mut set.patterns {
                            if let NamePattern::Exact(name) = pattern {
                                new(name);
                            }
                        }
                    }
                    Condition::BeforeNat(inner) => open.push(inner),
                    Condition::Any { of, .. } => open.extend(of.iter_mut().flatten()),
                    _ => {}
                }
            }
        }
        renamed
    }
}
