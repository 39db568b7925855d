//! A rule: conditions, what it does to the packet, and the verdict.

use super::condition::conjunction_certainty;
use super::{Certainty, ChainId, Condition, MarkOf};
use std::net::IpAddr;
use zonewright_source::TextPlace;

/// One rule of a chain. A packet of which all conditions hold has the effects done to it, then the verdict given.
/// A line of configuration may become several rules (a verdict map becomes one rule per verdict).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Where it stands.
    pub place: TextPlace,
    /// All of these must hold. They are asked before any effect is done.
    pub conditions: Vec<Condition>,
    /// What is done to the packet, in order.
    pub effects: Vec<Effect>,
    /// What becomes of the packet.
    pub verdict: Verdict,
    /// Whether and how a match is logged.
    pub log: Option<Log>,
    /// Packets and bytes counted so far, where the configuration tells.
    pub counter: Option<Counter>,
    /// The rule's comment or name.
    pub comment: Option<String>,
    /// The last moment at which it is in force, where the configuration sets one (local time of the machine).
    pub until: Option<jiff::civil::DateTime>,
}

impl Rule {
    /// A rule that matches every packet and does nothing.
    #[must_use]
    pub fn new(place: TextPlace) -> Self {
        Self {
            place,
            conditions: Vec::new(),
            effects: Vec::new(),
            verdict: Verdict::Continue,
            log: None,
            counter: None,
            comment: None,
            until: None,
        }
    }

    /// Whether the packet alone decides if the rule matches.
    #[must_use]
    pub fn certainty(&self) -> Certainty {
        conjunction_certainty(&self.conditions)
    }
}

/// What becomes of a packet that a rule matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Goes on to the next rule.
    Continue,
    /// Leaves this base chain; the base chains that follow on its path still see it.
    Accept,
    /// Is dropped for good.
    Drop,
    /// Is dropped for good, and the sender is told.
    Reject,
    /// Goes back behind the jump that led here; in a base chain the policy decides.
    Return,
    /// Goes through another chain, and on to the next rule if that one does not decide.
    Jump(ChainId),
    /// Goes through another chain, and not back here: behind it, goes on where a return from here would.
    Goto(ChainId),
    /// Has its addresses translated, and leaves this base chain as with accept.
    Nat(Nat),
    /// May be accepted, dropped or go on: a queue to a program, a target that was not understood.
    Unknown(String),
}

impl Verdict {
    /// One word for listings, as in JSON.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Continue => "continue",
            Self::Accept => "accept",
            Self::Drop => "drop",
            Self::Reject => "reject",
            Self::Return => "return",
            Self::Jump(_) => "jump",
            Self::Goto(_) => "goto",
            Self::Nat(_) => "nat",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// A change to the packet or its connection on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A mark becomes `(mark & keep) ^ flip`: setting to `n` is keep 0, flip `n`.
    SetMark {
        /// Whose mark.
        of: MarkOf,
        /// The bits that stay.
        keep: u32,
        /// The bits that are flipped afterwards.
        flip: u32,
    },
    /// The bits `mask` of one mark become those of the other; the other bits stay.
    CopyMark {
        /// From which.
        from: MarkOf,
        /// To which.
        to: MarkOf,
        /// Which bits.
        mask: u32,
    },
    /// A mark becomes something that the configuration does not tell.
    ScrambleMark {
        /// Whose mark.
        of: MarkOf,
    },
    /// The packet is exempted from connection tracking (only before tracking, in a base chain of priority below -200).
    NoTrack,
    /// A header field that conditions look at is overwritten without connection tracking: what follows is uncertain.
    Rewrite(String),
    /// Something that does not bear on which packets pass (DSCP, TTL, MSS, classification, a set grown by the packet).
    Other(String),
}

/// A translation of addresses or ports, set for the whole connection by its first packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nat {
    /// What is translated.
    pub kind: NatKind,
    /// First and last address it may become; `None` keeps the address (or, for masquerade and redirect, takes the
    /// machine's own).
    pub addresses: Option<(IpAddr, IpAddr)>,
    /// First and last port it may become; `None` keeps the port where possible.
    pub ports: Option<(u16, u16)>,
    /// Options in the configuration's own words (`random`, `persistent`).
    pub options: Vec<String>,
    /// What about the target the configuration does not tell; then addresses and ports are not to be relied on.
    pub unknown: Option<String>,
}

/// The kinds of translation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NatKind {
    /// The destination becomes one of the given.
    Destination,
    /// The source becomes one of the given.
    Source,
    /// The source becomes the address of the interface the packet goes out by.
    Masquerade,
    /// The destination becomes this machine.
    Redirect,
    /// The network part of the destination is exchanged, the host part stays (prefix to prefix).
    DestinationNetwork,
    /// The network part of the source is exchanged, the host part stays.
    SourceNetwork,
    /// Not translated, and no later rule of the kind is asked.
    None,
}

impl NatKind {
    /// One word for listings, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Destination => "dnat",
            Self::Source => "snat",
            Self::Masquerade => "masquerade",
            Self::Redirect => "redirect",
            Self::DestinationNetwork => "dnat-prefix",
            Self::SourceNetwork => "snat-prefix",
            Self::None => "none",
        }
    }
}

/// How a match is logged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Log {
    /// The text before each entry.
    pub prefix: Option<String>,
    /// Level, group and options in the configuration's own words.
    pub options: Vec<String>,
}

/// What a rule has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// Packets.
    pub packets: u64,
    /// Bytes.
    pub bytes: u64,
}
