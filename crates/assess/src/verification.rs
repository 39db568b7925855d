//! What verifying a plant says: one row a path, each named, and the findings (DESIGN §5, `zonewright-verification/1`).

use jiff::Timestamp;
use jiff::civil::Date;
use zonewright_firewall::reach::RuleRef;
use zonewright_plant::Finding;
use zonewright_plant::id::{AssetId, ConduitId, EvidenceId, PermitId};
use zonewright_source::TextPlace;

/// The verdict of the declared world on a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Declared {
    /// A permit allows it.
    Permitted,
    /// No conduit joins the two zones.
    NoConduit,
    /// A conduit joins them, but permits another protocol.
    ProtocolNotPermitted,
    /// The protocol is permitted, not this function.
    FunctionNotPermitted,
    /// It is permitted the other way round only.
    WrongDirection,
    /// The permit had ended when it was last seen.
    Expired,
    /// It stays within one zone.
    WithinZone,
    /// An end belongs to no zone.
    UnknownEndpoint,
}

impl Declared {
    /// The word that the interfaces print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Permitted => "permitted",
            Self::NoConduit => "no-conduit",
            Self::ProtocolNotPermitted => "protocol-not-permitted",
            Self::FunctionNotPermitted => "function-not-permitted",
            Self::WrongDirection => "wrong-direction",
            Self::Expired => "expired",
            Self::WithinZone => "within-zone",
            Self::UnknownEndpoint => "unknown-endpoint",
        }
    }
}

/// The verdict of the configured world on a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Configured {
    /// The enforcing device passes all of it.
    Open,
    /// It passes none of it.
    Closed,
    /// It passes a part.
    Partly,
    /// No configuration covers the path, or what it says is not sure.
    Unknown,
}

impl Configured {
    /// The word that the interfaces print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Partly => "partly",
            Self::Unknown => "unknown",
        }
    }
}

/// The verdict of the observed world on a path. Three things that are not each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Observed {
    /// It was seen.
    Seen,
    /// It was not seen though it would have been.
    NotSeen,
    /// No capture would have shown it.
    NotCovered,
}

impl Observed {
    /// The word that the interfaces print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::NotSeen => "not-seen",
            Self::NotCovered => "not-covered",
        }
    }
}

/// The name of what three worlds say together (the table of DESIGN §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathName {
    /// Declared, open (or enforcement not shown), seen.
    Conforming,
    /// Declared, open, not seen.
    Idle,
    /// Declared, closed, seen.
    Bypass,
    /// Declared, closed, not seen.
    Blocked,
    /// Not declared, open, seen.
    Undocumented,
    /// Not declared, open, not seen.
    Excess,
    /// Not declared, closed, seen.
    UndeclaredBypass,
    /// Not declared, closed, not seen.
    Enforced,
    /// Stays within a zone.
    WithinZone,
    /// An end belongs to no zone.
    UnknownEndpoint,
    /// Declared, and no capture covers it: observation says nothing.
    NotObserved,
}

impl PathName {
    /// Every name, gravest first.
    pub const ALL: [Self; 11] = [
        Self::UndeclaredBypass,
        Self::Undocumented,
        Self::UnknownEndpoint,
        Self::Bypass,
        Self::Blocked,
        Self::Excess,
        Self::Idle,
        Self::NotObserved,
        Self::Conforming,
        Self::WithinZone,
        Self::Enforced,
    ];

    /// The word that the interfaces print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conforming => "conforming",
            Self::Idle => "idle",
            Self::Bypass => "bypass",
            Self::Blocked => "blocked",
            Self::Undocumented => "undocumented",
            Self::Excess => "excess",
            Self::UndeclaredBypass => "undeclared-bypass",
            Self::Enforced => "enforced",
            Self::WithinZone => "within-zone",
            Self::UnknownEndpoint => "unknown-endpoint",
            Self::NotObserved => "not-observed",
        }
    }

    /// What it means, in one sentence for a plant engineer.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Conforming => "declared, open and in use: as planned",
            Self::Idle => "declared and open, but not seen: a candidate to remove; ask its owner",
            Self::Bypass => {
                "declared, closed on the enforcing device, yet seen: a way round it, or its configuration is stale"
            }
            Self::Blocked => "declared, but the enforcing device stops it: the process will miss it",
            Self::Undocumented => "in use and in nobody's plan",
            Self::Excess => "open without a reason, not in use",
            Self::UndeclaredBypass => {
                "seen though closed and undeclared: a way round, a stale configuration, or worse"
            }
            Self::Enforced => "not declared, closed, not seen: as it should be",
            Self::WithinZone => "stays within one zone",
            Self::UnknownEndpoint => "one end belongs to no zone of the model",
            Self::NotObserved => "declared; no capture covers it, so nothing is known of its use",
        }
    }
}

/// A protection that a conduit asks for and the traffic lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unmet {
    /// Encryption.
    Encryption,
    /// Authentication.
    Authentication,
    /// Monitoring.
    Monitoring,
}

impl Unmet {
    /// The word that the interfaces print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Encryption => "encryption",
            Self::Authentication => "authentication",
            Self::Monitoring => "monitoring",
        }
    }
}

/// One path: what begins in one zone and reaches another, of one protocol and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Zone it begins in; `?` where an end belongs to no zone.
    pub from_zone: String,
    /// Zone it reaches.
    pub to_zone: String,
    /// Who begins: an asset's id, an address, a permit's end, or a set of addresses in words.
    pub from: String,
    /// Who is asked.
    pub to: String,
    /// Protocol by name; a transport (`tcp`, `udp`, …) where only that is known; `any`.
    pub protocol: String,
    /// Port or ports of the responder, as text: `502`, `1-1023`; empty for all or none.
    pub port: String,
    /// Functions, by name, that the row is about; empty for all.
    pub functions: Vec<String>,
    /// The declared world.
    pub declared: Declared,
    /// The permit that decides, if one does.
    pub permit: Option<PermitId>,
    /// The conduit between the two zones, if one joins them.
    pub conduit: Option<ConduitId>,
    /// What the conduit asks for and the traffic lacks.
    pub unmet: Vec<Unmet>,
    /// The configured world.
    pub configured: Configured,
    /// The configuration lines that decide.
    pub configured_basis: Vec<TextPlace>,
    /// The observed world.
    pub observed: Observed,
    /// Ids of the flows seen.
    pub flows: Vec<String>,
    /// Packets of these flows.
    pub packets: u64,
    /// What the three say together.
    pub name: PathName,
    /// Does a configuration cover the path?
    pub enforcement_shown: bool,
}

/// A rule of a device that opens something, with what it serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleUse {
    /// The configuration.
    pub evidence: EvidenceId,
    /// The device, where the evidence names it.
    pub device: Option<AssetId>,
    /// The rule.
    pub rule: RuleRef,
    /// Permits in force that need what it opens, by id.
    pub permits: Vec<PermitId>,
    /// Kinds of observed traffic (two addresses, a transport, a port) that it passes.
    pub seen: usize,
    /// When the last of this traffic was seen.
    pub last_seen: Option<Timestamp>,
}

impl RuleUse {
    /// What to do about the rule; nothing where it serves a permit.
    #[must_use]
    pub const fn proposal(&self) -> Option<&'static str> {
        match (self.permits.is_empty(), self.seen) {
            (false, _) => None,
            (true, 0) => Some("remove it: no permit asks for it, and nothing that passes by it was seen"),
            (true, _) => Some("declare what passes by it, or remove it: no permit asks for it"),
        }
    }
}

/// The verification of a plant on a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Id of the plant.
    pub plant: String,
    /// The judging date.
    pub as_of: Date,
    /// Evidence used.
    pub evidence: Vec<EvidenceId>,
    /// One row a path, gravest name first.
    pub paths: Vec<Path>,
    /// The rules of devices that open something, in the order of the configurations.
    pub rules: Vec<RuleUse>,
    /// Findings, gravest first, then by rule and subject.
    pub findings: Vec<Finding>,
}
