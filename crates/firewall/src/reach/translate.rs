//! Translations and effects, backward: from the headers that fare well behind a change to those that do before.

use std::net::IpAddr;

use super::condition::{Pair, Sight, mark_field};
use super::{Engine, ReachError};
use crate::ruleset::{Effect, MarkOf, Nat, NatKind};
use crate::sets::{Field, Set, ct_state, v4_value};

/// The fields that a translation may change.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Side {
    pub(super) address: Field,
    pub(super) port: Field,
    pub(super) status: Field,
}

pub(super) const DESTINATION: Side =
    Side { address: Field::Destination, port: Field::DestinationPort, status: Field::CtDnat };
pub(super) const SOURCE: Side =
    Side { address: Field::Source, port: Field::SourcePort, status: Field::CtSnat };

/// What becomes of the address and port of one side.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Translation {
    /// Which side; none where nothing changes.
    pub(super) side: Option<Side>,
    /// The new address.
    pub(super) address: Outcome,
    /// The new port.
    pub(super) port: Outcome,
    /// Which version of IP has such packets; `None` for both.
    pub(super) version: Option<u128>,
}

/// What becomes of a field.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Outcome {
    /// It stays.
    Kept,
    /// The bits of the mask become those of the value.
    Becomes { value: u128, mask: u128 },
    /// Something from the first to the last value.
    Within(u128, u128),
}

impl Translation {
    pub(super) fn of(nat: &Nat) -> Translation {
        let side = match nat.kind {
            NatKind::Destination | NatKind::Redirect | NatKind::DestinationNetwork => Some(DESTINATION),
            NatKind::Source | NatKind::Masquerade | NatKind::SourceNetwork => Some(SOURCE),
            NatKind::None => None,
        };
        let anything = Outcome::Within(0, u128::MAX);
        if side.is_some() && nat.unknown.is_some() {
            let port = Outcome::Within(0, 65_535);
            return Translation { side, address: anything, port, version: None };
        }
        let own_address = matches!(nat.kind, NatKind::Masquerade | NatKind::Redirect);
        let network = matches!(nat.kind, NatKind::DestinationNetwork | NatKind::SourceNetwork);
        let (address, version) = match nat.addresses {
            None if own_address => (anything, None),
            None => (Outcome::Kept, None),
            Some((IpAddr::V4(first), IpAddr::V4(last))) => {
                let (first, last) = (v4_value(first.to_bits()), v4_value(last.to_bits()));
                (new_address(first, last, u128::MAX << 96, network), Some(0))
            }
            Some((IpAddr::V6(first), IpAddr::V6(last))) => {
                (new_address(first.to_bits(), last.to_bits(), u128::MAX, network), Some(1))
            }
            Some(_) => (anything, None),
        };
        let port = match nat.ports {
            None => Outcome::Kept,
            Some((first, last)) if first == last => Outcome::Becomes { value: first.into(), mask: 0xffff },
            Some((first, last)) => Outcome::Within(first.into(), last.into()),
        };
        Translation { side, address, port, version }
    }
}

fn new_address(first: u128, last: u128, mask: u128, network: bool) -> Outcome {
    let host = first ^ last;
    let host_number = host >> mask.trailing_zeros();
    let aligned = host_number & host_number.wrapping_add(1) == 0 && first & host == 0;
    if first == last {
        Outcome::Becomes { value: first, mask }
    } else if network {
        // Only the network part is exchanged; what is no network has none.
        if aligned {
            Outcome::Becomes { value: first, mask: mask & !host }
        } else {
            Outcome::Within(0, u128::MAX)
        }
    } else {
        Outcome::Within(first, last | !mask)
    }
}

impl Engine<'_> {
    /// The headers that fare well if they are translated so, given those that do behind the translation.
    pub(super) fn before_translation(&mut self, nat: &Nat, behind: Pair) -> Result<Pair, ReachError> {
        let translation = Translation::of(nat);
        let Some(side) = translation.side else { return Ok(behind) };
        // Rules by the thousand translate alike, to where the same fares well.
        if let Some(known) = self.translated.get(&(translation, behind)) {
            return Ok(*known);
        }
        let before = self.before_change(&translation, side, behind)?;
        self.translated.insert((translation, behind), before);
        Ok(before)
    }

    fn before_change(
        &mut self,
        translation: &Translation,
        side: Side,
        behind: Pair,
    ) -> Result<Pair, ReachError> {
        let moved = self.before_status(behind, side, 1)?;
        let moved = self.before_outcome(moved, side.port, translation.port)?;
        let moved = self.before_outcome(moved, side.address, translation.address)?;
        // The status is set only where the translation changes something (nf_nat_setup_info).
        let same = self.unchanged(side, translation)?;
        let stayed = self.before_status(behind, side, 0)?;
        let mut before = self.choose(same, stayed, moved)?;
        if let Some(version) = translation.version {
            let fits = self.diagram.equal(Field::Version, version)?;
            before = self.choose(Pair::exact(fits), before, behind)?;
        }
        Ok(before)
    }

    fn before_status(&mut self, behind: Pair, side: Side, value: u128) -> Result<Pair, ReachError> {
        let sure = self.diagram.after_setting(behind.sure, side.status, value, 1)?;
        let possible = self.diagram.after_setting(behind.possible, side.status, value, 1)?;
        Ok(Pair { sure, possible })
    }

    fn before_outcome(&mut self, behind: Pair, field: Field, outcome: Outcome) -> Result<Pair, ReachError> {
        let d = &mut self.diagram;
        Ok(match outcome {
            Outcome::Kept => behind,
            Outcome::Becomes { value, mask } => Pair {
                sure: d.after_setting(behind.sure, field, value, mask)?,
                possible: d.after_setting(behind.possible, field, value, mask)?,
            },
            Outcome::Within(first, last) => {
                let within = d.ranges(field, &[(first, last)])?;
                let bad = d.diff(within, behind.sure)?;
                let good = d.and(within, behind.possible)?;
                Pair { sure: d.some(bad, field)?.complement(), possible: d.some(good, field)? }
            }
        })
    }

    fn unchanged(&mut self, side: Side, translation: &Translation) -> Result<Pair, ReachError> {
        let mut same = Pair::ALL;
        for (field, outcome) in [(side.address, translation.address), (side.port, translation.port)] {
            let one = match outcome {
                Outcome::Kept => Pair::ALL,
                Outcome::Becomes { value, mask } => Pair::exact(self.diagram.masked(field, value, mask)?),
                Outcome::Within(first, last) => {
                    Pair { sure: Set::NONE, possible: self.diagram.ranges(field, &[(first, last)])? }
                }
            };
            same.sure = self.diagram.and(same.sure, one.sure)?;
            same.possible = self.diagram.and(same.possible, one.possible)?;
        }
        Ok(same)
    }

    /// The headers that fare well if this is done to them, given those that do behind it.
    pub(super) fn before_effect(
        &mut self,
        effect: &Effect,
        sight: Sight,
        behind: Pair,
    ) -> Result<Pair, ReachError> {
        let of_connection = matches!(
            effect,
            Effect::SetMark { of: MarkOf::Connection, .. }
                | Effect::ScrambleMark { of: MarkOf::Connection }
                | Effect::CopyMark { .. }
        );
        if of_connection && !sight.tracked {
            return Ok(behind);
        }
        let d = &mut self.diagram;
        let mut exact = |change: &mut dyn FnMut(&mut crate::sets::Diagram, Set) -> Result<Set, _>| {
            Ok(Pair { sure: change(d, behind.sure)?, possible: change(d, behind.possible)? })
        };
        match effect {
            Effect::Other(_) => Ok(behind),
            Effect::NoTrack => {
                exact(&mut |d, set| d.after_setting(set, Field::CtState, ct_state::UNTRACKED, u128::MAX))
            }
            Effect::SetMark { of: MarkOf::Packet, keep, flip } => {
                exact(&mut |d, set| d.after_flipping(set, Field::Mark, (*keep).into(), (*flip).into()))
            }
            Effect::CopyMark { from: MarkOf::Packet, to: MarkOf::Packet, .. }
            | Effect::CopyMark { from: MarkOf::Connection, to: MarkOf::Connection, .. } => Ok(behind),
            // The mark of a connection is there only where the packet has one.
            Effect::SetMark { of: MarkOf::Connection, keep, flip } => {
                let set = exact(&mut |d, set| {
                    d.after_flipping(set, Field::CtMark, (*keep).into(), (*flip).into())
                })?;
                self.where_connected(set, behind)
            }
            Effect::CopyMark { from, to, mask } => {
                let (from, to) = (mark_field(*from), mark_field(*to));
                let set = exact(&mut |d, set| d.after_copying(set, to, from, (*mask).into()))?;
                self.where_connected(set, behind)
            }
            Effect::ScrambleMark { of } => self.scrambled(behind, &[mark_field(*of)]),
            Effect::Rewrite(_) => self.scrambled(behind, &REWRITABLE),
        }
    }

    fn where_connected(&mut self, changed: Pair, unchanged: Pair) -> Result<Pair, ReachError> {
        let connected = self.diagram.ranges(Field::CtState, &[(ct_state::NEW, ct_state::RELATED)])?;
        self.choose(Pair::exact(connected), changed, unchanged)
    }

    /// Any value of these fields may come out.
    pub(super) fn scrambled(&mut self, behind: Pair, fields: &[Field]) -> Result<Pair, ReachError> {
        let mut pair = behind;
        for field in fields {
            pair.sure = self.diagram.every(pair.sure, *field)?;
            pair.possible = self.diagram.some(pair.possible, *field)?;
        }
        Ok(pair)
    }
}

const REWRITABLE: [Field; 8] = [
    Field::Protocol,
    Field::Destination,
    Field::Source,
    Field::DestinationPort,
    Field::SourcePort,
    Field::IcmpType,
    Field::IcmpCode,
    Field::TcpFlags,
];
