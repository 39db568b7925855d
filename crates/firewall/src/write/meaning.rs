//! What a policy means: the ruleset that a written configuration must be equal to, as sets.

use super::policy::Part;
use super::{Permit, Policy, Unsaid};
use crate::ruleset::{
    AddressSet, Base, Chain, ChainKind, Condition, CtStates, Family, Hook, IntervalSet, IpVersion,
    NamePattern, NameSet, Policy as ChainPolicy, Rule, Ruleset, Verdict,
};
use std::collections::BTreeSet;
use zonewright_source::TextPlace;

/// How a device treats packets that belong to no connection and cannot open one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tracking {
    /// It drops them before anything else.
    DropsInvalid,
    /// It asks its rules.
    AsksRules,
    /// It is transparent: it drops them, and lets neighbors find each other where a permit needs that.
    Transparent,
}

/// The ruleset that a policy means on a device that tracks so, without what could not be said.
#[must_use]
pub fn meaning(policy: &Policy, tracking: Tracking, unsaid: &[Unsaid]) -> Ruleset {
    let mut ruleset = Ruleset::empty("policy", policy.device.as_str().into());
    let gone: BTreeSet<(usize, Option<usize>)> =
        unsaid.iter().map(|unsaid| (unsaid.permit, unsaid.service)).collect();
    let mut rules = answers(tracking);
    if tracking == Tracking::Transparent {
        rules.extend(neighbors(policy, &gone));
    }
    for (at, permit) in policy.permits.iter().enumerate().filter(|(at, _)| !gone.contains(&(*at, None))) {
        rules.extend(rules_of(permit, |service| !gone.contains(&(at, Some(service)))));
    }
    ruleset.chains.push(chain(Hook::Forward, rules));
    if let Some(own) = &policy.own {
        let mut rules = answers(tracking);
        rules.push(accept(vec![Condition::InInterface(exactly(&["lo".to_owned()]))]));
        rules.push(accept(own_neighbors()));
        rules.extend(own.iter().flat_map(|permit| rules_of(permit, |_| true)));
        ruleset.chains.push(chain(Hook::Input, rules));
    }
    ruleset.interfaces = policy.interfaces.clone();
    ruleset
}

fn nowhere() -> TextPlace {
    TextPlace { file: "".into(), start: 0, end: 0, line: 0, column: 0 }
}

fn chain(hook: Hook, rules: Vec<Rule>) -> Chain {
    let base = Base {
        hook,
        kind: ChainKind::Filter,
        priority: 0,
        policy: ChainPolicy::Drop,
        devices: Vec::new(),
        dormant: false,
    };
    Chain {
        name: hook.as_str().to_owned(),
        table: "policy".to_owned(),
        family: Family::Inet,
        base: Some(base),
        rules,
        place: nowhere(),
        comment: None,
    }
}

fn accept(conditions: Vec<Condition>) -> Rule {
    Rule { conditions, verdict: Verdict::Accept, ..Rule::new(nowhere()) }
}

fn answers(tracking: Tracking) -> Vec<Rule> {
    let mut rules = vec![accept(vec![Condition::CtState(CtStates::ESTABLISHED.union(CtStates::RELATED))])];
    if tracking != Tracking::AsksRules {
        let invalid = vec![Condition::CtState(CtStates::INVALID)];
        rules.push(Rule { conditions: invalid, verdict: Verdict::Drop, ..Rule::new(nowhere()) });
    }
    rules
}

/// The names, and no other.
fn exactly(names: &[String]) -> NameSet {
    NameSet::of(names.iter().cloned().map(NamePattern::Exact).collect())
}

fn rules_of(permit: &Permit, said: impl Fn(usize) -> bool) -> Vec<Rule> {
    let mut rules = Vec::new();
    for part in permit.parts() {
        for (_, service) in part.services.iter().filter(|(at, _)| said(*at)) {
            let mut conditions = ends(permit, &part);
            conditions.extend(service.conditions());
            rules.push(Rule {
                log: permit.logged.then(Default::default),
                comment: Some(permit.id.clone()),
                until: permit.until.map(|day| day.at(23, 59, 59, 0)),
                ..accept(conditions)
            });
        }
    }
    rules
}

fn ends(permit: &Permit, part: &Part<'_>) -> Vec<Condition> {
    let mut conditions = vec![Condition::InInterface(exactly(&permit.from.interfaces))];
    if !permit.to.interfaces.is_empty() {
        conditions.push(Condition::OutInterface(exactly(&permit.to.interfaces)));
    }
    conditions.extend(part.version.map(Condition::Version));
    if part.from != AddressSet::all() {
        conditions.push(Condition::Source(part.from.clone()));
    }
    if part.to != AddressSet::all() {
        conditions.push(Condition::Destination(part.to.clone()));
    }
    conditions
}

/// The interfaces between which neighbors must find each other over IPv6 for the permits to work, both ways.
pub(super) fn resolving(
    policy: &Policy,
    version: IpVersion,
    gone: &BTreeSet<(usize, Option<usize>)>,
) -> BTreeSet<(String, String)> {
    let mut pairs = BTreeSet::new();
    for (at, permit) in policy.permits.iter().enumerate() {
        let needed = permit.parts_of_each().iter().any(|(of, part)| {
            *of == version && part.services.iter().any(|(service, _)| !gone.contains(&(at, Some(*service))))
        });
        if !needed || gone.contains(&(at, None)) {
            continue;
        }
        for from in &permit.from.interfaces {
            for to in &permit.to.interfaces {
                pairs.insert((from.clone(), to.clone()));
                pairs.insert((to.clone(), from.clone()));
            }
        }
    }
    pairs
}

/// Neighbor solicitation and advertisement (RFC 4861).
pub(super) const NEIGHBOR_TYPES: (u8, u8) = (135, 136);

fn neighbors(policy: &Policy, gone: &BTreeSet<(usize, Option<usize>)>) -> Vec<Rule> {
    let of_pair = |(from, to): (String, String)| {
        let mut conditions =
            vec![Condition::InInterface(exactly(&[from])), Condition::OutInterface(exactly(&[to]))];
        conditions.extend(neighbor_discovery(NEIGHBOR_TYPES));
        accept(conditions)
    };
    resolving(policy, IpVersion::V6, gone).into_iter().map(of_pair).collect()
}

fn neighbor_discovery(types: (u8, u8)) -> Vec<Condition> {
    vec![
        Condition::Version(IpVersion::V6),
        Condition::Protocol(IntervalSet::one(58)),
        Condition::IcmpType(IntervalSet::range(types.0, types.1)),
    ]
}

/// Router and neighbor discovery (RFC 4861), without which the device has no IPv6.
pub(super) const OWN_NEIGHBOR_TYPES: (u8, u8) = (133, 136);

fn own_neighbors() -> Vec<Condition> {
    neighbor_discovery(OWN_NEIGHBOR_TYPES)
}
