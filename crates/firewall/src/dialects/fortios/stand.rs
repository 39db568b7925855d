//! Where chains stand on the way of packets, and how those of several virtual domains stand at one place.

use crate::ruleset::{
    Base, Chain, ChainId, ChainKind, Condition, Family, Hook, NameSet, Policy, Rule, Ruleset, Verdict,
};

/// Priorities of base chains at a hook. What counts packets comes before all else.
pub(super) const PRIORITY_FLOODS: i32 = -300;
pub(super) const PRIORITY_NAT_DESTINATION: i32 = -100;
pub(super) const PRIORITY_FILTER: i32 = 0;
pub(super) const PRIORITY_SECOND: i32 = 10;
pub(super) const PRIORITY_NAT_SOURCE: i32 = 100;

/// Chains of domains that stand at the same place of a packet's way.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// The chains of each place, with the interfaces of their domain.
    of_place: Vec<(Stand, Vec<(ChainId, NameSet)>)>,
    /// The chain of the first domain's local-in policies, and what they accept.
    pub(super) local_accepts: Vec<Rule>,
}

/// A place on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stand {
    pub(super) name: &'static str,
    pub(super) table: &'static str,
    pub(super) hook: Hook,
    pub(super) kind: ChainKind,
    pub(super) priority: i32,
    pub(super) family: Family,
    pub(super) policy: Policy,
}

impl Lists {
    pub(super) fn add(&mut self, stand: Stand, chain: ChainId, interfaces: NameSet) {
        match self.of_place.iter_mut().find(|(known, _)| *known == stand) {
            Some((_, chains)) => chains.push((chain, interfaces)),
            None => self.of_place.push((stand, vec![(chain, interfaces)])),
        }
    }

    /// Puts the chains on the way: each as a base chain of its own, or, of several domains, behind one that sends each packet
    /// to the chain of its domain.
    pub(super) fn stand(&self, ruleset: &mut Ruleset, many: bool) {
        for (stand, chains) in &self.of_place {
            let base = Base {
                hook: stand.hook,
                kind: stand.kind,
                priority: stand.priority,
                policy: stand.policy,
                devices: Vec::new(),
                dormant: false,
            };
            if !many {
                for (id, _) in chains {
                    if let Some(chain) = ruleset.chains.get_mut(id.0) {
                        chain.base = Some(base.clone());
                    }
                }
                continue;
            }
            let Some(place) =
                chains.first().and_then(|(id, _)| ruleset.chain(*id)).map(|chain| chain.place.clone())
            else {
                continue;
            };
            let mut rules = Vec::new();
            for (id, interfaces) in chains {
                let mut rule = Rule::new(place.clone());
                rule.conditions.push(Condition::InInterface(interfaces.clone()));
                if stand.hook == Hook::Forward {
                    rule.conditions.push(Condition::OutInterface(interfaces.clone()));
                }
                rule.verdict = Verdict::Jump(*id);
                rules.push(rule);
            }
            if stand.hook == Hook::Forward {
                // From one domain to another through a link between them: both lists are asked, which is not followed.
                let mut across = Rule::new(place.clone());
                across.verdict = Verdict::Unknown("from one virtual domain to another".to_owned());
                rules.push(across);
            }
            ruleset.chains.push(Chain {
                name: format!("{} of all domains", stand.name),
                table: stand.table.into(),
                family: stand.family,
                base: Some(base),
                rules,
                place,
                comment: None,
            });
        }
    }
}

/// The list of policies, on the way of forwarded packets.
pub(super) const fn at_forward() -> Stand {
    Stand {
        name: "policy",
        table: "",
        hook: Hook::Forward,
        kind: ChainKind::Filter,
        priority: PRIORITY_FILTER,
        family: Family::Inet,
        policy: Policy::Drop,
    }
}

/// A list that translates.
pub(super) fn at_nat(name: &'static str, hook: Hook) -> Stand {
    let priority = if hook == Hook::Prerouting { PRIORITY_NAT_DESTINATION } else { PRIORITY_NAT_SOURCE };
    Stand { name, hook, kind: ChainKind::Nat, priority, policy: Policy::Accept, ..at_forward() }
}
