//! Owns the meaning of a diagram's variables: which levels make up which field of a packet header, and how
//! numbers, ranges and masks of a field become sets.
#![expect(clippy::indexing_slicing, reason = "indices come from the fixed field layout, never from outside")]

use ahash::AHashMap;

use super::diagram::{BitChange, Diagram, Set, SetError};

/// A field of the packet header, or of what the firewall knows beside it.
///
/// The order is that of the diagram: first what splits a ruleset into unlike parts (interfaces, version,
/// state), then the protocol, then addresses before ports, as rules mostly name few addresses with many ports.
/// What rarely occurs stands last, where it costs nothing while unused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Field {
    /// The interface the packet comes in by, as a number of the interface table.
    InInterface,
    /// The interface the packet goes out by, as a number of the interface table.
    OutInterface,
    /// 0 for IPv4, 1 for IPv6.
    Version,
    /// The state of the connection, as a [`ct_state`] number.
    CtState,
    /// 1 once the destination was translated.
    CtDnat,
    /// 1 once the source was translated.
    CtSnat,
    /// 1 for a packet against the direction of the connection's first one.
    CtReply,
    /// The transport protocol.
    Protocol,
    /// The destination address; an IPv4 address fills the upper 32 bits.
    Destination,
    /// The source address, likewise.
    Source,
    /// The destination port.
    DestinationPort,
    /// The source port.
    SourcePort,
    /// The ICMP or ICMPv6 type.
    IcmpType,
    /// The ICMP or ICMPv6 code.
    IcmpCode,
    /// The TCP flags.
    TcpFlags,
    /// 1 for the second and later fragments of a packet.
    LaterFragment,
    /// The packet's mark.
    Mark,
    /// The connection's mark.
    CtMark,
    /// The destination address before any translation.
    DestinationBefore,
    /// The source address before any translation.
    SourceBefore,
    /// The destination port before any translation.
    DestinationPortBefore,
    /// The source port before any translation.
    SourcePortBefore,
    /// The bridge that forwards the frame, as a number of the interface table.
    Bridge,
    /// The number in the frame's VLAN tag, or [`VLAN_NONE`].
    Vlan,
}

/// The value of [`Field::Vlan`] for a frame without a tag. Greater ones do not occur.
pub const VLAN_NONE: u128 = 1 << 12;

/// Numbers of the connection states in [`Field::CtState`].
pub mod ct_state {
    /// First packet of a connection.
    pub const NEW: u128 = 0;
    /// Packet of a known connection.
    pub const ESTABLISHED: u128 = 1;
    /// First packet of a connection that belongs to another.
    pub const RELATED: u128 = 2;
    /// Packet of no connection that cannot open one.
    pub const INVALID: u128 = 3;
    /// Packet that is not tracked.
    pub const UNTRACKED: u128 = 4;
}

/// How many interfaces (and classes of interfaces) can be told apart.
pub const INTERFACES_MAX: usize = 1 << 12;

const WIDTHS: [u16; Field::COUNT] =
    [12, 12, 1, 3, 1, 1, 1, 8, 128, 128, 16, 16, 8, 8, 8, 1, 32, 32, 128, 128, 16, 16, 12, 13];

const LEVELS: [u16; Field::COUNT] = {
    let mut levels = [0; Field::COUNT];
    let mut at = 1;
    while at < Field::COUNT {
        levels[at] = levels[at - 1] + WIDTHS[at - 1];
        at += 1;
    }
    levels
};

impl Field {
    /// How many fields there are.
    pub const COUNT: usize = 24;

    /// Every field, in the diagram's order.
    pub const ALL: [Field; Field::COUNT] = [
        Field::InInterface,
        Field::OutInterface,
        Field::Version,
        Field::CtState,
        Field::CtDnat,
        Field::CtSnat,
        Field::CtReply,
        Field::Protocol,
        Field::Destination,
        Field::Source,
        Field::DestinationPort,
        Field::SourcePort,
        Field::IcmpType,
        Field::IcmpCode,
        Field::TcpFlags,
        Field::LaterFragment,
        Field::Mark,
        Field::CtMark,
        Field::DestinationBefore,
        Field::SourceBefore,
        Field::DestinationPortBefore,
        Field::SourcePortBefore,
        Field::Bridge,
        Field::Vlan,
    ];

    /// Its width in bits.
    #[must_use]
    pub fn width(self) -> u16 {
        WIDTHS[self as usize]
    }

    /// The level of its most significant bit.
    #[must_use]
    pub fn first_level(self) -> u16 {
        LEVELS[self as usize]
    }

    /// The level behind its least significant bit.
    #[must_use]
    pub fn end_level(self) -> u16 {
        self.first_level() + self.width()
    }

    /// The greatest value the field can hold.
    #[must_use]
    pub fn value_max(self) -> u128 {
        u128::MAX >> (128 - self.width())
    }

    fn bit(self, value: u128, at: u16) -> bool {
        value >> (self.width() - 1 - at) & 1 == 1
    }
}

/// One header: a value for every field.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Point {
    values: [u128; Field::COUNT],
}

impl Default for Point {
    fn default() -> Self {
        Point { values: [0; Field::COUNT] }
    }
}

impl Point {
    /// The value of `field`.
    #[must_use]
    pub fn value(&self, field: Field) -> u128 {
        self.values[field as usize]
    }

    /// The same header with another value of `field`; bits beyond its width are cut off.
    #[must_use]
    pub fn with(mut self, field: Field, value: u128) -> Self {
        self.values[field as usize] = value & field.value_max();
        self
    }
}

/// An IPv4 address as a value of an address field.
#[must_use]
pub fn v4_value(address: u32) -> u128 {
    u128::from(address) << 96
}

/// The values of an address field whose upper 32 bits are within the given IPv4 addresses.
#[must_use]
pub fn v4_range(first: u32, last: u32) -> (u128, u128) {
    (v4_value(first), v4_value(last) | (u128::MAX >> 32))
}

impl Diagram {
    /// The headers whose `field` is one of `ranges` (ascending and disjoint, both ends included).
    pub fn ranges(&mut self, field: Field, ranges: &[(u128, u128)]) -> Result<Set, SetError> {
        self.ranges_below(field, 0, 0, ranges)
    }

    fn ranges_below(
        &mut self,
        field: Field,
        depth: u16,
        base: u128,
        ranges: &[(u128, u128)],
    ) -> Result<Set, SetError> {
        // The values from `base` to `last` share their first `depth` bits.
        let last = base | field.value_max().checked_shr(u32::from(depth)).unwrap_or(0);
        match ranges {
            [] => return Ok(Set::NONE),
            [(from, to)] if *from <= base && last <= *to => return Ok(Set::ALL),
            // A single value cannot be split; what lies in it covers it.
            _ if depth == field.width() => return Ok(Set::ALL),
            _ => {}
        }
        let middle = base | 1 << (field.width() - 1 - depth);
        let low = &ranges[..ranges.partition_point(|range| range.0 < middle)];
        let high = &ranges[ranges.partition_point(|range| range.1 < middle)..];
        let low = self.ranges_below(field, depth + 1, base, low)?;
        let high = self.ranges_below(field, depth + 1, middle, high)?;
        self.node(field.first_level() + depth, low, high)
    }

    /// The headers whose `field` is `value`.
    pub fn equal(&mut self, field: Field, value: u128) -> Result<Set, SetError> {
        self.masked(field, value, field.value_max())
    }

    /// The headers whose `field` has, in the bits of `mask`, those of `value`.
    pub fn masked(&mut self, field: Field, value: u128, mask: u128) -> Result<Set, SetError> {
        let mut set = Set::ALL;
        for at in (0..field.width()).rev().filter(|&at| field.bit(mask, at)) {
            let level = field.first_level() + at;
            set = if field.bit(value, at) {
                self.node(level, Set::NONE, set)?
            } else {
                self.node(level, set, Set::NONE)?
            };
        }
        Ok(set)
    }

    /// The headers whose `field`, looked at through `mask`, is one of `ranges`. The bits outside the mask are
    /// free, and zero in the numbers of `ranges`.
    pub fn masked_ranges(
        &mut self,
        field: Field,
        mask: u128,
        ranges: &[(u128, u128)],
    ) -> Result<Set, SetError> {
        let plain = self.ranges(field, ranges)?;
        self.after_setting(plain, field, 0, !mask)
    }

    /// The headers that are in `set` once `field` was set to `value` in the bits of `mask`.
    pub fn after_setting(
        &mut self,
        set: Set,
        field: Field,
        value: u128,
        mask: u128,
    ) -> Result<Set, SetError> {
        let change = |at| match (field.bit(mask, at), field.bit(value, at)) {
            (false, _) => BitChange::Keep,
            (true, false) => BitChange::Clear,
            (true, true) => BitChange::Set,
        };
        let changes: Vec<BitChange> = (0..field.width()).map(change).collect();
        self.after_changes(set, field.first_level(), &changes)
    }

    /// The headers that are in `set` once these fields were set to these values.
    pub fn after_setting_all(&mut self, set: Set, values: &[(Field, u128)]) -> Result<Set, SetError> {
        let end = values.iter().map(|(field, _)| field.end_level()).max().unwrap_or(0);
        let mut changes = vec![BitChange::Keep; usize::from(end)];
        for (field, value) in values {
            for at in 0..field.width() {
                let bit = field.bit(*value, at);
                changes[usize::from(field.first_level() + at)] =
                    if bit { BitChange::Set } else { BitChange::Clear };
            }
        }
        self.after_changes(set, 0, &changes)
    }

    /// The headers that are in `set` for some values of all fields but these.
    pub fn projected(&mut self, set: Set, fields: &[Field]) -> Result<Set, SetError> {
        let mut projected = set;
        let mut others = Field::ALL.into_iter().filter(|field| !fields.contains(field)).peekable();
        while let Some(field) = others.next() {
            let mut end = field.end_level();
            while let Some(next) = others.next_if(|next| next.first_level() == end) {
                end = next.end_level();
            }
            projected = self.exists(projected, field.first_level(), end)?;
        }
        Ok(projected)
    }

    /// The headers that are in `set` once the bits of `field` outside `keep` were cleared and then those of
    /// `flip` were flipped.
    pub fn after_flipping(
        &mut self,
        set: Set,
        field: Field,
        keep: u128,
        flip: u128,
    ) -> Result<Set, SetError> {
        let change = |at| match (field.bit(keep, at), field.bit(flip, at)) {
            (false, false) => BitChange::Clear,
            (false, true) => BitChange::Set,
            (true, false) => BitChange::Keep,
            (true, true) => BitChange::Flip,
        };
        let changes: Vec<BitChange> = (0..field.width()).map(change).collect();
        self.after_changes(set, field.first_level(), &changes)
    }

    /// The headers that are in `set` for some value of `field`.
    pub fn some(&mut self, set: Set, field: Field) -> Result<Set, SetError> {
        self.exists(set, field.first_level(), field.end_level())
    }

    /// The headers that are in `set` for some value of the bits of `mask` in `field`.
    pub fn exists_under(&mut self, set: Set, field: Field, mask: u128) -> Result<Set, SetError> {
        let mut some = set;
        let mut at = 0;
        while at < field.width() {
            // One pass for each stretch of consecutive bits.
            let stretch = (at..field.width()).take_while(|at| field.bit(mask, *at)).count() as u16;
            let from = field.first_level() + at;
            some = self.exists(some, from, from + stretch)?;
            at += stretch + 1;
        }
        Ok(some)
    }

    /// The headers that are in `set` for every value of `field`.
    pub fn every(&mut self, set: Set, field: Field) -> Result<Set, SetError> {
        Ok(self.some(set.complement(), field)?.complement())
    }

    /// The headers that are in `set` once the bits of `field` within `mask` have become those of `from`, a field
    /// of the same width.
    pub fn after_copying(
        &mut self,
        set: Set,
        field: Field,
        from: Field,
        mask: u128,
    ) -> Result<Set, SetError> {
        debug_assert_eq!(field.width(), from.width(), "only fields of one width can be copied");
        let mut memo = AHashMap::new();
        self.copy_memo(set, field, from, mask, &mut memo)
    }

    fn copy_memo(
        &mut self,
        set: Set,
        field: Field,
        from: Field,
        mask: u128,
        memo: &mut AHashMap<Set, Set>,
    ) -> Result<Set, SetError> {
        let Some(level) = self.level(set).filter(|&level| level < field.end_level()) else { return Ok(set) };
        if let Some(&known) = memo.get(&set) {
            return Ok(known);
        }
        let (low, high) = self.branches(set, level);
        let low = self.copy_memo(low, field, from, mask, memo)?;
        let high = self.copy_memo(high, field, from, mask, memo)?;
        let copied = level >= field.first_level() && field.bit(mask, level - field.first_level());
        let target = if copied { level - field.first_level() + from.first_level() } else { level };
        let variable = self.node(target, Set::NONE, Set::ALL)?;
        let result = self.if_then_else(variable, high, low)?;
        memo.insert(set, result);
        Ok(result)
    }

    /// Whether the header is in the set.
    #[must_use]
    pub fn contains(&self, set: Set, point: &Point) -> bool {
        let mut set = set;
        for field in Field::ALL {
            while let Some(level) = self.level(set).filter(|&level| level < field.end_level()) {
                let (low, high) = self.branches(set, level);
                let bit = field.bit(point.value(field), level - field.first_level());
                set = if bit { high } else { low };
            }
        }
        set.is_all()
    }

    /// The set among headers that agree with `point` in every field but `field`: it branches on that field only.
    pub fn line_through(&mut self, set: Set, point: &Point, field: Field) -> Result<Set, SetError> {
        let mut line = set;
        for other in Field::ALL.into_iter().filter(|&other| other != field) {
            line = self.after_setting(line, other, point.value(other), other.value_max())?;
        }
        Ok(line)
    }
}
