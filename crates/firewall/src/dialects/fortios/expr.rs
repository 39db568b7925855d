//! Sets of addresses of which a part may not be known.

use crate::ruleset::{AddressSet, Condition, IntervalSet, IpVersion, Reason, Undecidable};

/// Most uncertain parts that are told apart; more are told together.
const MAYBE_MAX: usize = 48;

/// Which address of a packet is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Source,
    Destination,
}

/// A set of addresses, as far as the configuration tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Addresses {
    /// What is surely in it.
    pub(super) sure: AddressSet,
    /// What may be in it: within these bounds, for these reasons.
    pub(super) maybe: Vec<(AddressSet, Undecidable)>,
}

impl Addresses {
    pub(super) fn none() -> Self {
        Self::known(AddressSet::none())
    }

    pub(super) fn known(sure: AddressSet) -> Self {
        Self { sure, maybe: Vec::new() }
    }

    pub(super) fn all_of(version: IpVersion) -> Self {
        Self::known(AddressSet::all_of(version))
    }

    /// Something within `bound` that is not told.
    pub(super) fn unknown(bound: AddressSet, what: impl Into<String>, reason: Reason) -> Self {
        Self { sure: AddressSet::none(), maybe: vec![(bound, Undecidable { what: what.into(), reason })] }
    }

    /// The union of all.
    pub(super) fn union_of<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let (mut four, mut six) = (Vec::new(), Vec::new());
        let mut maybe: Vec<(AddressSet, Undecidable)> = Vec::new();
        for part in parts {
            four.extend_from_slice(part.sure.v4.intervals());
            six.extend_from_slice(part.sure.v6.intervals());
            for one in &part.maybe {
                if maybe.contains(one) {
                    continue;
                }
                match maybe.get_mut(MAYBE_MAX) {
                    Some((bound, what)) => {
                        *bound = bound.union(&one.0);
                        "more names".clone_into(&mut what.what);
                    }
                    None => maybe.push(one.clone()),
                }
            }
        }
        let sure = AddressSet { v4: IntervalSet::from_ranges(four), v6: IntervalSet::from_ranges(six) };
        Self { sure, maybe }
    }

    /// What is in this and not in `other`.
    pub(super) fn without(&self, other: &Self) -> Self {
        let kept = other.sure.complement();
        let mut maybe: Vec<(AddressSet, Undecidable)> =
            self.maybe.iter().map(|(bound, what)| (bound.intersection(&kept), what.clone())).collect();
        let mut sure = self.sure.intersection(&kept);
        for (bound, what) in &other.maybe {
            let touched = sure.intersection(bound);
            if !touched.is_none() {
                let what = Undecidable { what: format!("not {}", what.what), reason: what.reason };
                maybe.push((touched, what));
            }
        }
        for (bound, _) in &other.maybe {
            sure = sure.intersection(&bound.complement());
        }
        maybe.retain(|(bound, _)| !bound.is_none());
        Self { sure, maybe }
    }

    /// All addresses of a version that are not in this.
    pub(super) fn negated(&self, version: IpVersion) -> Self {
        Self::all_of(version).without(self)
    }

    /// How many intervals it is made of.
    pub(super) fn size(&self) -> usize {
        let of = |set: &AddressSet| set.v4.intervals().len() + set.v6.intervals().len();
        of(&self.sure) + self.maybe.iter().map(|(bound, _)| of(bound) + 1).sum::<usize>()
    }

    /// All that may be in it.
    fn hull(&self) -> AddressSet {
        self.maybe.iter().fold(self.sure.clone(), |hull, (bound, _)| hull.union(bound))
    }

    /// What it asks of a packet.
    pub(super) fn conditions(&self, side: Side) -> Vec<Condition> {
        let of = |set: &AddressSet| match side {
            Side::Source => Condition::Source(set.clone()),
            Side::Destination => Condition::Destination(set.clone()),
        };
        let uncertain = |(bound, what): &(AddressSet, Undecidable)| {
            let mut both = Vec::new();
            if *bound != AddressSet::all() {
                both.push(of(bound));
            }
            both.push(Condition::Undecidable(what.clone()));
            both
        };
        match self.maybe.as_slice() {
            [] => vec![of(&self.sure)],
            [only] if self.sure.is_none() => uncertain(only),
            many => {
                let mut alternatives = Vec::new();
                if !self.sure.is_none() {
                    alternatives.push(vec![of(&self.sure)]);
                }
                alternatives.extend(many.iter().map(uncertain));
                vec![Condition::Any { of: alternatives, negated: false }]
            }
        }
    }
}

/// What a source and a destination ask of a packet together, without what says nothing more.
pub(super) fn both_ends(source: &Addresses, destination: &Addresses) -> Vec<Condition> {
    let (from, to) = (source.hull(), destination.hull());
    if from.intersection(&versions_of(&to)).is_none() || to.intersection(&versions_of(&from)).is_none() {
        return vec![Condition::never()];
    }
    let says = |one: &Addresses, other: &AddressSet| {
        let versions = versions_of(other);
        !one.maybe.is_empty() || one.sure.intersection(&versions) != versions
    };
    let (says_from, says_to) = (says(source, &to), says(destination, &from));
    let mut conditions = Vec::new();
    if says_from {
        conditions.extend(source.conditions(Side::Source));
    }
    if says_to {
        conditions.extend(destination.conditions(Side::Destination));
    }
    if !says_from && !says_to {
        let versions = versions_of(&from).intersection(&versions_of(&to));
        for version in [IpVersion::V4, IpVersion::V6] {
            if versions == AddressSet::all_of(version) {
                conditions.push(Condition::Version(version));
            }
        }
    }
    conditions
}

/// All addresses of the versions that a set has addresses of.
fn versions_of(set: &AddressSet) -> AddressSet {
    let mut versions = AddressSet::none();
    if !set.v4.is_none() {
        versions = versions.union(&AddressSet::all_of(IpVersion::V4));
    }
    if !set.v6.is_none() {
        versions = versions.union(&AddressSet::all_of(IpVersion::V6));
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> AddressSet {
        let (address, length) = text.split_once('/').unwrap();
        AddressSet::prefix(address.parse().unwrap(), length.parse().unwrap()).unwrap()
    }

    fn text(conditions: &[Condition]) -> String {
        conditions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_not_known_stays_so_when_it_is_taken_away() {
        let all = Addresses::all_of(IpVersion::V4);
        let host = Addresses::unknown(AddressSet::all_of(IpVersion::V4), "host", Reason::Name);
        let rest = all.without(&host);
        assert!(rest.sure.is_none() && rest.maybe.len() == 1);
        let net_and_host = Addresses::union_of([&Addresses::known(net("10.0.0.0/8")), &host]);
        let negated = net_and_host.negated(IpVersion::V4);
        assert!(negated.sure.is_none());
        assert_eq!(negated.maybe[0].0, net("10.0.0.0/8").complement_within(IpVersion::V4));
        let within = Addresses::known(net("10.0.0.0/8")).without(&Addresses::known(net("10.1.0.0/16")));
        assert_eq!(within.sure.to_string(), "10.0.0.0/16,10.2.0.0-10.255.255.255");
    }

    #[test]
    fn ends_that_say_nothing_are_left_out() {
        let (four, six) = (Addresses::all_of(IpVersion::V4), Addresses::all_of(IpVersion::V6));
        let both = Addresses::union_of([&four, &six]);
        let some = Addresses::known(net("10.0.0.0/8"));
        assert_eq!(text(&both_ends(&four, &four)), "ipv4");
        assert_eq!(text(&both_ends(&both, &both)), "");
        assert_eq!(text(&both_ends(&four, &some)), "dst=10.0.0.0/8");
        assert_eq!(text(&both_ends(&some, &both)), "src=10.0.0.0/8");
        assert_eq!(text(&both_ends(&six, &some)), "none-of()".replace("none-of", "any-of"));
    }
}
