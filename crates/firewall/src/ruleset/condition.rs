//! What a rule asks of a packet: a conjunction of conditions out of a small closed vocabulary.

use super::{AddressSet, IntervalSet, IpVersion};
use std::fmt;

/// The protocols whose headers begin with two port numbers: TCP, UDP, DCCP, SCTP, UDP-Lite.
pub const PORT_PROTOCOLS: [u8; 5] = [6, 17, 33, 132, 136];

/// Whether something is known exactly. Ordered: sure is less than possibly, so the maximum of several is their join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// Decided exactly by the packet.
    Sure,
    /// May hold or not: the configuration alone does not tell.
    Possibly,
}

impl Certainty {
    /// `sure` or `possibly`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sure => "sure",
            Self::Possibly => "possibly",
        }
    }
}

/// One condition. All sets are positive: a reader resolves negations into complements.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Condition {
    /// The packet is of this version of IP.
    Version(IpVersion),
    /// The interface the packet came in by. Where the hook has none, the name is empty.
    InInterface(NameSet),
    /// The interface the packet will go out by. Where the hook has none, the name is empty.
    OutInterface(NameSet),
    /// The bridge by one of whose ports the frame came in (`ibrname`). Where the hook has none, the name is empty. Only
    /// chains of the bridge family ask for it.
    InBridge(NameSet),
    /// The bridge by one of whose ports the frame will go out (`obrname`), likewise.
    OutBridge(NameSet),
    /// The port of a bridge that a packet came in by, asked of chains that see packets of a bridge as routed ones
    /// (`-m physdev --physdev-in`). The interface of such packets is the bridge.
    InPort(NameSet),
    /// The port of a bridge that a packet will go out by, likewise. Never holds of packets that are routed.
    OutPort(NameSet),
    /// The frame has a VLAN tag with one of these numbers (IEEE 802.1Q, 0 to 4095). Holds of no frame without a tag.
    Vlan(IntervalSet<u16>),
    /// The frame carries neither IPv4 nor IPv6 but this (ARP, an EtherType). Holds of no packet that sets describe.
    NoIp(String),
    /// The source address at this point of the path (after translations that came before).
    Source(AddressSet),
    /// The destination address at this point of the path.
    Destination(AddressSet),
    /// The transport protocol: IPv4 protocol number, or the last next header of IPv6.
    Protocol(IntervalSet<u8>),
    /// The source port. Holds of no packet whose protocol has no ports ([`PORT_PROTOCOLS`]).
    SourcePort(IntervalSet<u16>),
    /// The destination port. Holds of no packet whose protocol has no ports.
    DestinationPort(IntervalSet<u16>),
    /// The ICMP or ICMPv6 type; a protocol condition beside it says which. Holds of no other protocol.
    IcmpType(IntervalSet<u8>),
    /// The ICMP or ICMPv6 code. Holds of no other protocol.
    IcmpCode(IntervalSet<u8>),
    /// The flags of a TCP header. Holds of no other protocol.
    TcpFlags(MaskedFlags),
    /// Whether the packet is the second or a further fragment (`true`), or not (`false`). Where connections are
    /// tracked, fragments are put together before any of this is asked, so that `true` never holds.
    LaterFragment(bool),
    /// The connection's state is one of these.
    CtState(CtStates),
    /// The connection's status has at least one of these bits (`negated`: none of them).
    CtStatus {
        /// The bits.
        any: CtStatus,
        /// Whether none of the bits must be set.
        negated: bool,
    },
    /// The packet goes in the direction of the connection's first packet (`true`) or against it (`false`).
    CtOriginal(bool),
    /// The same, asked of the connection's first packet before any translation. Holds one of `Source`,
    /// `Destination`, `Protocol`, `SourcePort`, `DestinationPort`.
    BeforeNat(Box<Condition>),
    /// A mark of the packet or of its connection, set by rules that came before; zero at first.
    Mark {
        /// Whose mark.
        of: MarkOf,
        /// The bits that are looked at.
        mask: u32,
        /// The values of these bits that match.
        values: IntervalSet<u32>,
    },
    /// At least one of these conjunctions holds (`negated`: none). Without alternatives it never holds
    /// (`negated`: always does).
    Any {
        /// The alternatives.
        of: Vec<Vec<Condition>>,
        /// Whether none must hold.
        negated: bool,
    },
    /// The configuration does not tell whether it holds.
    Undecidable(Undecidable),
}

impl Condition {
    /// Whether the packet alone decides it.
    #[must_use]
    pub fn certainty(&self) -> Certainty {
        match self {
            Self::Undecidable(_) => Certainty::Possibly,
            Self::BeforeNat(inner) => inner.certainty(),
            Self::Any { of, .. } => conjunction_certainty(of.iter().flatten()),
            _ => Certainty::Sure,
        }
    }

    /// The condition that never holds.
    #[must_use]
    pub const fn never() -> Self {
        Self::Any { of: Vec::new(), negated: false }
    }
}

/// Whether all of `conditions` are decided by the packet.
pub(crate) fn conjunction_certainty<'a>(conditions: impl IntoIterator<Item = &'a Condition>) -> Certainty {
    conditions.into_iter().map(Condition::certainty).max().unwrap_or(Certainty::Sure)
}

/// Something that the configuration does not decide.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Undecidable {
    /// What is asked, in the configuration's own words.
    pub what: String,
    /// Why it is not decided.
    pub reason: Reason,
}

/// Why something is not decided by a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// It depends on how much came before: a rate, quota or connection limit.
    Rate,
    /// It depends on the time.
    Time,
    /// It depends on the content of the packet.
    Payload,
    /// It depends on a header field that the ruleset does not carry (length, DSCP, hop limit, MAC address, option).
    Header,
    /// It depends on the sending process of this machine.
    Owner,
    /// It depends on a set whose content is not in the configuration or changes at run time.
    DynamicSet,
    /// It depends on a name that the configuration does not resolve (host, interface group, country, application).
    Name,
    /// It depends on the machine's routes and addresses.
    Route,
    /// It depends on what the kernel keeps of the connection (helper, zone, label, expectation, counters).
    Connection,
    /// It depends on chance.
    Random,
    /// The line was not understood; a diagnostic says so.
    Unread,
}

impl Reason {
    /// One word for listings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Time => "time",
            Self::Payload => "payload",
            Self::Header => "header",
            Self::Owner => "owner",
            Self::DynamicSet => "dynamic-set",
            Self::Name => "name",
            Self::Route => "route",
            Self::Connection => "connection",
            Self::Random => "random",
            Self::Unread => "unread",
        }
    }
}

/// A set of interface or zone names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameSet {
    /// The names.
    pub patterns: Vec<NamePattern>,
    /// Whether the set is all names but these.
    pub negated: bool,
}

impl NameSet {
    /// The set of these names.
    #[must_use]
    pub fn of(patterns: Vec<NamePattern>) -> Self {
        Self { patterns, negated: false }
    }

    /// Whether `name` is in the set.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(name)) != self.negated
    }
}

/// A name, or the beginning of one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NamePattern {
    /// Exactly this name.
    Exact(String),
    /// Every name that begins so.
    Prefix(String),
}

impl NamePattern {
    /// Whether `name` is meant.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == name,
            Self::Prefix(prefix) => name.starts_with(prefix.as_str()),
        }
    }
}

/// The flags of a TCP header under a mask: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MaskedFlags {
    /// The flags that are looked at.
    pub mask: u8,
    // INVARIANT: each value is within the mask.
    /// What `flags & mask` may be.
    pub values: IntervalSet<u8>,
}

impl MaskedFlags {
    /// The set of flags with `flags & mask` equal to `value`.
    #[must_use]
    pub fn equal(mask: u8, value: u8) -> Self {
        Self::filtered(mask, |flags| flags == value)
    }

    /// The set of flags that have at least one flag of `mask` set.
    #[must_use]
    pub fn any(mask: u8) -> Self {
        Self::filtered(mask, |flags| flags != 0)
    }

    /// The values within `mask` of which `keep` holds.
    #[must_use]
    pub fn filtered(mask: u8, keep: impl Fn(u8) -> bool) -> Self {
        let values = (0..=u8::MAX).filter(|value| value & !mask == 0 && keep(*value));
        Self { mask, values: IntervalSet::from_ranges(values.map(|value| (value, value))) }
    }

    /// All other flags.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self::filtered(self.mask, |value| !self.values.contains(value))
    }

    /// Whether a header with these flags is meant.
    #[must_use]
    pub fn contains(&self, flags: u8) -> bool {
        self.values.contains(flags & self.mask)
    }
}

/// A set of states of a connection, as netfilter's connection tracking names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CtStates(u8);

impl CtStates {
    /// No state.
    pub const NONE: Self = Self(0);
    /// First packet of a connection.
    pub const NEW: Self = Self(1);
    /// Packet of a connection that has seen packets both ways.
    pub const ESTABLISHED: Self = Self(2);
    /// First packet of a connection that belongs to another (FTP data, ICMP errors).
    pub const RELATED: Self = Self(4);
    /// Packet that belongs to no connection and cannot open one.
    pub const INVALID: Self = Self(8);
    /// Packet exempted from tracking.
    pub const UNTRACKED: Self = Self(16);
    /// Every state.
    pub const ALL: Self = Self(31);

    const NAMES: [(Self, &'static str); 5] = [
        (Self::NEW, "new"),
        (Self::ESTABLISHED, "established"),
        (Self::RELATED, "related"),
        (Self::INVALID, "invalid"),
        (Self::UNTRACKED, "untracked"),
    ];

    /// The state of this name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(state, _)| *state)
    }

    /// The states in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The states in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The states not in the set.
    #[must_use]
    pub const fn complement(self) -> Self {
        Self(!self.0 & Self::ALL.0)
    }

    /// Whether all states of `other` are in the set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The names of the states, in a fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(state, _)| self.contains(*state)).map(|(_, name)| name)
    }
}

/// Bits of a connection's status that a ruleset decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CtStatus(u8);

impl CtStatus {
    /// The source address or port was translated.
    pub const SNAT: Self = Self(1);
    /// The destination address or port was translated.
    pub const DNAT: Self = Self(2);

    /// The bits of either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all bits of `other` are in it.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names of the bits, in a fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        [(Self::SNAT, "snat"), (Self::DNAT, "dnat")]
            .into_iter()
            .filter(move |(bit, _)| self.contains(*bit))
            .map(|(_, name)| name)
    }
}

/// Whose mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MarkOf {
    /// The packet's (`meta mark`, `-m mark`).
    Packet,
    /// The connection's (`ct mark`, `-m connmark`). Zero in the first packet until a rule sets it.
    Connection,
}

impl MarkOf {
    /// `mark` or `ct-mark`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Packet => "mark",
            Self::Connection => "ct-mark",
        }
    }
}

impl fmt::Display for NameSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_str("!")?;
        }
        if self.patterns.is_empty() {
            return f.write_str("none");
        }
        for (at, pattern) in self.patterns.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            match pattern {
                NamePattern::Exact(name) => f.write_str(name)?,
                NamePattern::Prefix(prefix) => write!(f, "{prefix}*")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for CtStates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() {
            return f.write_str("none");
        }
        f.write_str(&self.names().collect::<Vec<_>>().join(","))
    }
}

impl fmt::Display for MaskedFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#04x}/{}", self.mask, self.values)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => f.write_str(version.as_str()),
            Self::InInterface(names) => write!(f, "in={names}"),
            Self::OutInterface(names) => write!(f, "out={names}"),
            Self::InBridge(names) => write!(f, "in-bridge={names}"),
            Self::OutBridge(names) => write!(f, "out-bridge={names}"),
            Self::InPort(names) => write!(f, "in-port={names}"),
            Self::OutPort(names) => write!(f, "out-port={names}"),
            Self::Vlan(set) => write!(f, "vlan={set}"),
            Self::NoIp(what) => write!(f, "no-ip({what})"),
            Self::Source(set) => write!(f, "src={set}"),
            Self::Destination(set) => write!(f, "dst={set}"),
            Self::Protocol(set) => write!(f, "proto={set}"),
            Self::SourcePort(set) => write!(f, "sport={set}"),
            Self::DestinationPort(set) => write!(f, "dport={set}"),
            Self::IcmpType(set) => write!(f, "icmp-type={set}"),
            Self::IcmpCode(set) => write!(f, "icmp-code={set}"),
            Self::TcpFlags(flags) => write!(f, "tcp-flags={flags}"),
            Self::LaterFragment(later) => {
                f.write_str(if *later { "later-fragment" } else { "!later-fragment" })
            }
            Self::CtState(states) => write!(f, "state={states}"),
            Self::CtStatus { any, negated } => {
                let names = any.names().collect::<Vec<_>>().join(",");
                write!(f, "status={}{names}", if *negated { "!" } else { "" })
            }
            Self::CtOriginal(original) => f.write_str(if *original { "original" } else { "reply" }),
            Self::BeforeNat(inner) => write!(f, "before-nat({inner})"),
            Self::Mark { of, mask, values } => write!(f, "{}&{mask:#x}={values}", of.as_str()),
            Self::Any { of, negated } => {
                f.write_str(if *negated { "none-of(" } else { "any-of(" })?;
                for (at, alternative) in of.iter().enumerate() {
                    f.write_str(if at > 0 { " | " } else { "" })?;
                    write_conjunction(f, alternative)?;
                }
                f.write_str(")")
            }
            Self::Undecidable(what) => write!(f, "?{}({})", what.reason.as_str(), what.what),
        }
    }
}

fn write_conjunction(f: &mut fmt::Formatter<'_>, conditions: &[Condition]) -> fmt::Result {
    for (at, condition) in conditions.iter().enumerate() {
        write!(f, "{}{condition}", if at > 0 { " " } else { "" })?;
    }
    Ok(())
}
