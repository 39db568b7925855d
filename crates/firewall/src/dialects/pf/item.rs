//! Rules of pf before they stand in chains: in one list for both directions, the last match deciding where none is quick.

use super::endpoint::{Meant, Side};
use super::extent::{Extent, PortExtent};
use crate::ruleset::{
    Condition, Effect, IntervalSet, IpVersion, Log, MarkOf, NameSet, Rule, Undecidable, Verdict,
};
use zonewright_source::TextPlace;

/// The bits of a packet's mark that hold its tag.
pub(super) const TAG: u32 = 0xffff;
/// The bit of a packet's mark that says that a port forward passes it without a rule.
pub(super) const PASSED: u32 = 0x2_0000;

/// Which way a packet goes, seen from an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// It comes in there.
    In,
    /// It goes out there.
    Out,
    /// Either.
    Any,
}

/// A rule of pf.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// Where it stands, or what makes the device write it.
    pub(super) place: TextPlace,
    /// Its group: lower comes first. See [`rank`].
    pub(super) rank: u64,
    /// Which way.
    pub(super) direction: Direction,
    /// Whether a match decides at once.
    pub(super) quick: bool,
    /// What becomes of a packet; `None` for a rule that only tags it.
    pub(super) verdict: Option<Verdict>,
    /// By which interfaces; `None` for any.
    pub(super) interfaces: Option<NameSet>,
    /// What else it asks.
    pub(super) conditions: Vec<Condition>,
    /// The source.
    pub(super) source: Meant,
    /// The destination.
    pub(super) destination: Meant,
    /// The number of the tag that it gives.
    pub(super) tag: Option<u32>,
    /// Whether it asks for a tag.
    pub(super) asks_tag: bool,
    /// Whether what it passes is remembered, so that replies pass.
    pub(super) keeps_state: bool,
    /// Whether it logs.
    pub(super) log: bool,
    /// Its name.
    pub(super) comment: String,
}

/// The groups of rules, in their order.
pub(super) mod rank {
    /// What the device writes in front of everything.
    pub(crate) const SYSTEM: u64 = 1;
    /// What it writes behind that.
    pub(crate) const SYSTEM_LATE: u64 = 5;
    /// Floating rules.
    pub(crate) const FLOATING: u64 = 200_000;
    /// Rules on groups of interfaces, and how many places are within them.
    pub(crate) const GROUP: u64 = 300_000;
    /// Rules on an interface.
    pub(crate) const INTERFACE: u64 = 400_000;
    /// What the device writes behind all.
    pub(crate) const LAST: u64 = 500_000;
}

impl Item {
    /// A quick rule for incoming packets that asks nothing.
    pub(super) fn new(place: TextPlace, rank: u64, verdict: Verdict, comment: impl Into<String>) -> Self {
        Self {
            place,
            rank,
            direction: Direction::In,
            quick: true,
            verdict: Some(verdict),
            interfaces: None,
            conditions: Vec::new(),
            source: Meant::any(),
            destination: Meant::any(),
            tag: None,
            asks_tag: false,
            keeps_state: true,
            log: false,
            comment: comment.into(),
        }
    }

    /// The same, in this direction.
    pub(super) fn going(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// The same, where the last match decides.
    pub(super) fn slow(mut self) -> Self {
        self.quick = false;
        self
    }

    /// The same, on these interfaces.
    pub(super) fn on(mut self, interfaces: NameSet) -> Self {
        self.interfaces = Some(interfaces);
        self
    }

    /// The same, for one version of IP.
    pub(super) fn of(mut self, version: IpVersion) -> Self {
        self.conditions.push(Condition::Version(version));
        self
    }

    /// The same, for these protocols.
    pub(super) fn protocols(mut self, numbers: &[u8]) -> Self {
        let set = IntervalSet::from_ranges(numbers.iter().map(|number| (*number, *number)));
        self.conditions.push(Condition::Protocol(set));
        self
    }

    /// The same, from this port.
    pub(super) fn source_port(mut self, port: u16) -> Self {
        self.conditions.push(Condition::SourcePort(IntervalSet::one(port)));
        self
    }

    /// The same, to these ports.
    pub(super) fn ports(mut self, ports: &[u16]) -> Self {
        let set = IntervalSet::from_ranges(ports.iter().map(|port| (*port, *port)));
        self.conditions.push(Condition::DestinationPort(set));
        self
    }

    /// The same, from there.
    pub(super) fn from(mut self, source: Meant) -> Self {
        self.source = source;
        self
    }

    /// The same, to there.
    pub(super) fn to(mut self, destination: Meant) -> Self {
        self.destination = destination;
        self
    }

    /// The same, where something is asked that the configuration does not decide.
    pub(super) fn doubting(mut self, why: Undecidable) -> Self {
        self.conditions.push(Condition::Undecidable(why));
        self
    }

    /// All that it asks of a packet in the chain for this direction.
    pub(super) fn asked(&self, outgoing: bool, everywhere: &Extent) -> Vec<Condition> {
        let mut all = Vec::new();
        all.extend(self.interfaces.clone().map(|names| match outgoing {
            false => Condition::InInterface(names),
            true => Condition::OutInterface(names),
        }));
        all.extend(self.conditions.iter().cloned());
        all.extend(self.source.conditions(Side::Source, everywhere));
        let side = if outgoing { Side::LeavingDestination } else { Side::ArrivingDestination };
        all.extend(self.destination.conditions(side, everywhere));
        all
    }

    /// It as a rule of a chain, with this verdict.
    pub(super) fn rule(&self, conditions: Vec<Condition>, verdict: Verdict) -> Rule {
        let mut rule = Rule::new(self.place.clone());
        rule.conditions = conditions;
        rule.verdict = verdict;
        rule.log = self.log.then(Log::default);
        rule.comment = (!self.comment.is_empty()).then(|| self.comment.clone());
        rule
    }

    /// What its tag does to a packet.
    pub(super) fn tagging(&self) -> Option<Effect> {
        self.tag.map(tagging)
    }
}

/// Gives a packet the tag of this number.
pub(super) fn tagging(number: u32) -> Effect {
    Effect::SetMark { of: MarkOf::Packet, keep: !TAG, flip: number }
}

/// The packet has the tag of this number (`not`: has it not).
pub(super) fn tagged(number: u32, not: bool) -> Condition {
    let values = if not {
        IntervalSet::from_ranges([(0, number.saturating_sub(1)), (number.saturating_add(1), TAG)])
    } else {
        IntervalSet::one(number)
    };
    Condition::Mark { of: MarkOf::Packet, mask: TAG, values }
}

/// What a service asks: ports at both ends.
pub(super) fn port_conditions(source: Option<PortExtent>, destination: Option<PortExtent>) -> Vec<Condition> {
    let source = source.map(|ports| ports.conditions(Condition::SourcePort)).unwrap_or_default();
    let destination =
        destination.map(|ports| ports.conditions(Condition::DestinationPort)).unwrap_or_default();
    source.into_iter().chain(destination).collect()
}
