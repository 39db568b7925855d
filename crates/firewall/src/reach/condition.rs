//! Conditions as sets: where each surely holds, and where it possibly does.

use super::Engine;
use crate::ruleset::{
    AddressSet, Condition, CtStates, CtStatus, IntervalSet, IpVersion, MarkOf, NameSet, PORT_PROTOCOLS,
    Point as Number, Rule,
};
use crate::sets::{Field, Ranges, Set, SetError, ct_state, v4_range};

/// A set that is not wholly known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Pair {
    // INVARIANT: within `possible`.
    /// The headers that are surely in it.
    pub(super) sure: Set,
    /// The headers that may be in it.
    pub(super) possible: Set,
}

impl Pair {
    pub(super) const NONE: Pair = Pair::exact(Set::NONE);
    pub(super) const ALL: Pair = Pair::exact(Set::ALL);
    pub(super) const UNKNOWN: Pair = Pair { sure: Set::NONE, possible: Set::ALL };

    pub(super) const fn exact(set: Set) -> Pair {
        Pair { sure: set, possible: set }
    }

    pub(super) fn complement(self) -> Pair {
        Pair { sure: self.possible.complement(), possible: self.sure.complement() }
    }
}

/// What a chain can see at the place where it is asked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Sight {
    /// Whether the packet has come in by an interface.
    pub(super) incoming: bool,
    /// Whether it is known by which interface it goes out.
    pub(super) outgoing: bool,
    /// Whether connection tracking has seen the packet.
    pub(super) tracked: bool,
    /// What interfaces are to it.
    pub(super) layer: Layer,
}

/// What the interfaces of a packet are to a chain.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) enum Layer {
    /// Those between which it is routed. By which port of a bridge it came, if by any, is not known.
    Routed,
    /// The ports of the bridge that forwards it.
    Bridge,
    /// The bridge that forwards it, as both: chains for routed packets that `br_netfilter` asks.
    BridgeNetfilter,
}

impl Sight {
    fn incoming_field(self) -> Field {
        if self.layer == Layer::BridgeNetfilter { Field::Bridge } else { Field::InInterface }
    }

    fn outgoing_field(self) -> Field {
        if self.layer == Layer::BridgeNetfilter { Field::Bridge } else { Field::OutInterface }
    }
}

impl Engine<'_> {
    /// Where all conditions of a rule hold.
    pub(super) fn rule_matches(&mut self, rule: &Rule, sight: Sight) -> Result<Pair, SetError> {
        self.conjunction(&rule.conditions, sight)
    }

    fn conjunction(&mut self, conditions: &[Condition], sight: Sight) -> Result<Pair, SetError> {
        let mut parts = Vec::with_capacity(conditions.len());
        for condition in conditions {
            parts.push(self.condition(condition, sight)?);
        }
        // From the lowest levels up, so that each step adds nodes on top and copies none below.
        parts.sort_by_key(|part| std::cmp::Reverse(self.diagram.level(part.possible)));
        let mut all = Pair::ALL;
        for part in parts {
            let exact = part.sure == part.possible && all.possible == all.sure;
            all.sure = self.diagram.and(all.sure, part.sure)?;
            all.possible = if exact { all.sure } else { self.diagram.and(all.possible, part.possible)? };
        }
        Ok(all)
    }

    fn condition(&mut self, condition: &Condition, sight: Sight) -> Result<Pair, SetError> {
        let exact = match condition {
            Condition::Undecidable(_) => return Ok(Pair::UNKNOWN),
            Condition::Any { of, negated } => return self.any(of, *negated, sight),
            Condition::Version(version) => self.version(*version)?,
            Condition::InInterface(names) => self.interface(names, sight.incoming_field(), sight.incoming)?,
            Condition::OutInterface(names) => {
                self.interface(names, sight.outgoing_field(), sight.outgoing)?
            }
            Condition::InBridge(names) => self.interface(names, Field::Bridge, sight.incoming)?,
            Condition::OutBridge(names) => self.interface(names, Field::Bridge, sight.outgoing)?,
            Condition::InPort(names) => match sight.layer {
                Layer::Routed => return Ok(Pair::UNKNOWN),
                _ => self.interface(names, Field::InInterface, true)?,
            },
            Condition::OutPort(names) => match (sight.layer, sight.outgoing) {
                // A packet that came in by no bridge at all meets the negation (xt_physdev.c).
                (Layer::Routed, _) if names.negated => return Ok(Pair::UNKNOWN),
                (Layer::Routed, _) | (_, false) => Set::NONE,
                _ => self.interface(names, Field::OutInterface, true)?,
            },
            Condition::Vlan(numbers) => {
                let tags = numbers.intersection(&IntervalSet::range(0, VLAN_LAST));
                self.numbers(&tags, Field::Vlan)?
            }
            Condition::NoIp(_) => Set::NONE,
            Condition::CtState(states) => self.ct_state(*states, sight)?,
            Condition::CtStatus { any, negated } => self.ct_status(*any, *negated, sight)?,
            Condition::CtOriginal(original) => {
                let direction = self.diagram.equal(Field::CtReply, u128::from(!original))?;
                self.where_tracked(direction, sight)?
            }
            Condition::BeforeNat(inner) => {
                let set = self.packet_condition(inner, Place::BEFORE)?;
                self.where_tracked(set, sight)?
            }
            Condition::Mark { of, mask, values } => {
                let marked = self.mark(*of, *mask, values)?;
                if *of == MarkOf::Connection { self.where_tracked(marked, sight)? } else { marked }
            }
            packet => self.packet_condition(packet, Place::NOW)?,
        };
        Ok(Pair::exact(exact))
    }

    fn any(&mut self, of: &[Vec<Condition>], negated: bool, sight: Sight) -> Result<Pair, SetError> {
        let (mut sure, mut possible) = (Vec::with_capacity(of.len()), Vec::with_capacity(of.len()));
        for alternative in of {
            let one = self.conjunction(alternative, sight)?;
            sure.push(one.sure);
            possible.push(one.possible);
        }
        let (sure, possible) = (self.diagram.union(sure)?, self.diagram.union(possible)?);
        let some = Pair { sure, possible };
        Ok(if negated { some.complement() } else { some })
    }

    /// Conditions that only look at the packet, now or as it was before translation.
    fn packet_condition(&mut self, condition: &Condition, place: Place) -> Result<Set, SetError> {
        match condition {
            Condition::Source(set) => self.address(set, place.source),
            Condition::Destination(set) => self.address(set, place.destination),
            Condition::Protocol(set) => self.numbers(set, Field::Protocol),
            Condition::SourcePort(set) => self.port(set, place.source_port),
            Condition::DestinationPort(set) => self.port(set, place.destination_port),
            Condition::IcmpType(set) => self.of_protocols(set, Field::IcmpType, &[1, 58]),
            Condition::IcmpCode(set) => self.of_protocols(set, Field::IcmpCode, &[1, 58]),
            Condition::TcpFlags(flags) => {
                let values = ranges(&flags.values);
                let set = self.diagram.masked_ranges(Field::TcpFlags, flags.mask.into(), &values)?;
                self.where_headed(set, &[6])
            }
            Condition::LaterFragment(later) => self.diagram.equal(Field::LaterFragment, u128::from(*later)),
            // The reader puts nothing else before a translation; of the rest `condition` takes care.
            _ => Ok(Set::NONE),
        }
    }

    pub(super) fn version(&mut self, version: IpVersion) -> Result<Set, SetError> {
        self.diagram.equal(Field::Version, u128::from(version == IpVersion::V6))
    }

    fn interface(&mut self, names: &NameSet, field: Field, known: bool) -> Result<Set, SetError> {
        if !known {
            return Ok(if names.contains("") { Set::ALL } else { Set::NONE });
        }
        let numbers = self.interfaces.numbers_of(names);
        self.diagram.ranges(field, &numbers)
    }

    pub(super) fn address(&mut self, set: &AddressSet, field: Field) -> Result<Set, SetError> {
        let four: Ranges = set.v4.intervals().iter().map(|(first, last)| v4_range(*first, *last)).collect();
        let four = self.diagram.ranges(field, &four)?;
        let six = self.diagram.ranges(field, set.v6.intervals())?;
        let is_six = self.diagram.equal(Field::Version, 1)?;
        self.diagram.if_then_else(is_six, six, four)
    }

    pub(super) fn numbers<T: Number + Into<u128>>(
        &mut self,
        set: &IntervalSet<T>,
        field: Field,
    ) -> Result<Set, SetError> {
        self.diagram.ranges(field, &ranges(set))
    }

    pub(super) fn port(&mut self, set: &IntervalSet<u16>, field: Field) -> Result<Set, SetError> {
        self.of_protocols(set, field, &PORT_PROTOCOLS)
    }

    fn of_protocols<T: Number + Into<u128>>(
        &mut self,
        set: &IntervalSet<T>,
        field: Field,
        protocols: &[u8],
    ) -> Result<Set, SetError> {
        let set = self.numbers(set, field)?;
        self.where_headed(set, protocols)
    }

    /// Within `set`, the packets of these protocols whose transport header is there to be seen.
    fn where_headed(&mut self, set: Set, protocols: &[u8]) -> Result<Set, SetError> {
        let protocols = IntervalSet::from_ranges(protocols.iter().map(|number| (*number, *number)));
        let protocol = self.numbers(&protocols, Field::Protocol)?;
        let set = self.diagram.and(set, protocol)?;
        let later = self.diagram.equal(Field::LaterFragment, 1)?;
        self.diagram.diff(set, later)
    }

    fn ct_state(&mut self, states: CtStates, sight: Sight) -> Result<Set, SetError> {
        if !sight.tracked {
            // The kernel calls a packet without a connection invalid (nft_ct.c, xt_conntrack.c).
            return Ok(if states.contains(CtStates::INVALID) { Set::ALL } else { Set::NONE });
        }
        let numbers = STATES.iter().filter(|(state, _)| states.contains(*state));
        let numbers: Vec<(u128, u128)> = numbers.map(|(_, number)| (*number, *number)).collect();
        self.diagram.ranges(Field::CtState, &numbers)
    }

    fn ct_status(&mut self, any: CtStatus, negated: bool, sight: Sight) -> Result<Set, SetError> {
        let mut some = Set::NONE;
        for (bit, field) in [(CtStatus::DNAT, Field::CtDnat), (CtStatus::SNAT, Field::CtSnat)] {
            if any.contains(bit) {
                let set = self.diagram.equal(field, 1)?;
                some = self.diagram.or(some, set)?;
            }
        }
        self.where_tracked(if negated { some.complement() } else { some }, sight)
    }

    /// Within `set`, the packets that have a connection; others match no question about it, negated or not.
    fn where_tracked(&mut self, set: Set, sight: Sight) -> Result<Set, SetError> {
        if !sight.tracked {
            return Ok(Set::NONE);
        }
        let tracked = self.diagram.ranges(Field::CtState, &[(ct_state::NEW, ct_state::RELATED)])?;
        self.diagram.and(set, tracked)
    }

    fn mark(&mut self, of: MarkOf, mask: u32, values: &IntervalSet<u32>) -> Result<Set, SetError> {
        self.diagram.masked_ranges(mark_field(of), mask.into(), &ranges(values))
    }
}

/// The greatest number of a VLAN tag.
const VLAN_LAST: u16 = 4095;

/// Which fields hold addresses and ports.
#[derive(Clone, Copy)]
struct Place {
    source: Field,
    destination: Field,
    source_port: Field,
    destination_port: Field,
}

impl Place {
    const NOW: Place = Place {
        source: Field::Source,
        destination: Field::Destination,
        source_port: Field::SourcePort,
        destination_port: Field::DestinationPort,
    };
    const BEFORE: Place = Place {
        source: Field::SourceBefore,
        destination: Field::DestinationBefore,
        source_port: Field::SourcePortBefore,
        destination_port: Field::DestinationPortBefore,
    };
}

const STATES: [(CtStates, u128); 5] = [
    (CtStates::NEW, ct_state::NEW),
    (CtStates::ESTABLISHED, ct_state::ESTABLISHED),
    (CtStates::RELATED, ct_state::RELATED),
    (CtStates::INVALID, ct_state::INVALID),
    (CtStates::UNTRACKED, ct_state::UNTRACKED),
];

/// The field of a mark.
pub(super) fn mark_field(of: MarkOf) -> Field {
    match of {
        MarkOf::Packet => Field::Mark,
        MarkOf::Connection => Field::CtMark,
    }
}

fn ranges<T: Number + Into<u128>>(set: &IntervalSet<T>) -> Ranges {
    set.intervals().iter().map(|(first, last)| ((*first).into(), (*last).into())).collect()
}
