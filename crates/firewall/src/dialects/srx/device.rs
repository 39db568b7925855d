//! A device while its ruleset is built: what the parts of the configuration are looked up in, and its chains.

use super::addresses::AddressBooks;
use super::applications::Applications;
use super::config::Config;
use super::schedules::Schedules;
use super::zones::Zones;
use crate::ruleset::{
    Base, Chain, ChainId, ChainKind, Condition, CtStates, Family, Hook, NamePattern, NameSet, Policy, Rule,
    Ruleset, Verdict,
};
use std::collections::BTreeSet;
use zonewright_source::TextPlace;

/// The device.
pub(super) struct Device<'a, 'b> {
    pub(super) config: &'b mut Config<'a>,
    pub(super) ruleset: &'b mut Ruleset,
    pub(super) books: AddressBooks,
    pub(super) applications: Applications,
    pub(super) schedules: Schedules,
    pub(super) zones: Zones,
    /// Interfaces that rules name.
    pub(super) interfaces: BTreeSet<String>,
    /// Whether a filter takes packets out of the stateful firewall.
    pub(super) has_packet_mode: bool,
}

impl Device<'_, '_> {
    /// Adds a chain.
    pub(super) fn add(&mut self, chain: Chain) -> ChainId {
        self.ruleset.chains.push(chain);
        ChainId(self.ruleset.chains.len() - 1)
    }
}

/// A chain that is only jumped to.
pub(super) fn list(name: String, table: &str, family: Family, rules: Vec<Rule>, place: TextPlace) -> Chain {
    Chain { name, table: table.to_owned(), family, base: None, rules, place, comment: None }
}

/// Where a base chain stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stand {
    pub(super) hook: Hook,
    pub(super) kind: ChainKind,
    pub(super) priority: i32,
    pub(super) policy: Policy,
}

/// A chain that packets enter by themselves.
pub(super) fn base(name: &str, table: &str, stand: Stand, rules: Vec<Rule>, place: TextPlace) -> Chain {
    let base = Base {
        hook: stand.hook,
        kind: stand.kind,
        priority: stand.priority,
        policy: stand.policy,
        devices: Vec::new(),
        dormant: false,
    };
    Chain {
        name: name.to_owned(),
        table: table.to_owned(),
        family: Family::Inet,
        base: Some(base),
        rules,
        place,
        comment: None,
    }
}

/// A rule with conditions and a verdict.
pub(super) fn rule(place: TextPlace, conditions: Vec<Condition>, verdict: Verdict) -> Rule {
    Rule { conditions, verdict, ..Rule::new(place) }
}

/// Packets of sessions that are there already pass.
pub(super) fn established(place: TextPlace) -> Rule {
    let states = CtStates::ESTABLISHED.union(CtStates::RELATED);
    rule(place, vec![Condition::CtState(states)], Verdict::Accept)
}

/// A set of exactly these names.
pub(super) fn names<S: Into<String>>(names: impl IntoIterator<Item = S>) -> NameSet {
    NameSet::of(names.into_iter().map(|name| NamePattern::Exact(name.into())).collect())
}
