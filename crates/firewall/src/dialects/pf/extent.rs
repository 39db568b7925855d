//! Sets of addresses and ports that a configuration may tell only in part, and what they ask of a packet.

use crate::ruleset::{AddressSet, Condition, IntervalSet, IpVersion, Undecidable};

/// Addresses: those that are surely meant, and what else may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Extent {
    /// The addresses that are surely meant.
    pub(super) sure: AddressSet,
    /// Within which addresses more may be meant, and why that is not told.
    pub(super) maybe: Vec<(AddressSet, Undecidable)>,
}

impl Extent {
    /// Exactly these addresses.
    pub(super) fn exact(sure: AddressSet) -> Self {
        Self { sure, maybe: Vec::new() }
    }

    /// Some addresses of `within`, which ones is not told.
    pub(super) fn unknown(within: AddressSet, why: Undecidable) -> Self {
        Self { sure: AddressSet::none(), maybe: vec![(within, why)] }
    }

    /// What is meant by either.
    pub(super) fn union(mut self, other: &Self) -> Self {
        self.sure = self.sure.union(&other.sure);
        for one in &other.maybe {
            if !self.maybe.contains(one) {
                self.maybe.push(one.clone());
            }
        }
        self
    }

    /// Those of one version of IP.
    pub(super) fn of_version(mut self, version: IpVersion) -> Self {
        let within = AddressSet::all_of(version);
        self.sure = self.sure.intersection(&within);
        self.maybe.iter_mut().for_each(|(set, _)| *set = set.intersection(&within));
        self.maybe.retain(|(set, _)| !set.is_none());
        self
    }

    /// What a packet must meet to be meant: `build` says which of its addresses. With `negated`, not to be meant.
    pub(super) fn conditions(&self, build: fn(AddressSet) -> Condition, negated: bool) -> Vec<Condition> {
        if self.maybe.is_empty() {
            return match (negated, self.sure == AddressSet::all()) {
                (false, true) => Vec::new(),
                (false, false) => vec![build(self.sure.clone())],
                (true, _) => vec![build(self.sure.complement())],
            };
        }
        vec![Condition::Any { of: self.alternatives(build), negated }]
    }

    /// The ways in which a packet may be meant.
    pub(super) fn alternatives(&self, build: fn(AddressSet) -> Condition) -> Vec<Vec<Condition>> {
        let mut of = Vec::with_capacity(self.maybe.len() + 1);
        if !self.sure.is_none() {
            of.push(vec![build(self.sure.clone())]);
        }
        for (within, why) in &self.maybe {
            let mut alternative = Vec::with_capacity(2);
            if *within != AddressSet::all() {
                alternative.push(build(within.clone()));
            }
            alternative.push(Condition::Undecidable(why.clone()));
            of.push(alternative);
        }
        of
    }
}

/// Ports: those that are surely meant, and why more may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PortExtent {
    /// The ports that are surely meant.
    pub(super) sure: IntervalSet<u16>,
    /// Why others may be.
    pub(super) maybe: Vec<Undecidable>,
}

impl PortExtent {
    /// Exactly these ports.
    pub(super) fn exact(sure: IntervalSet<u16>) -> Self {
        Self { sure, maybe: Vec::new() }
    }

    /// Some ports, which ones is not told.
    pub(super) fn unknown(why: Undecidable) -> Self {
        Self { sure: IntervalSet::none(), maybe: vec![why] }
    }

    /// What a packet must meet: `build` says which of its ports.
    pub(super) fn conditions(&self, build: fn(IntervalSet<u16>) -> Condition) -> Vec<Condition> {
        if self.maybe.is_empty() {
            return vec![build(self.sure.clone())];
        }
        let mut of = Vec::with_capacity(self.maybe.len() + 1);
        if !self.sure.is_none() {
            of.push(vec![build(self.sure.clone())]);
        }
        of.extend(self.maybe.iter().map(|why| vec![Condition::Undecidable(why.clone())]));
        vec![Condition::Any { of, negated: false }]
    }
}
