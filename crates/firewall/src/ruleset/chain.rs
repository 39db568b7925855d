//! Chains of rules, and where on a packet's way they stand.

use super::{IpVersion, Rule};
use zonewright_source::TextPlace;

/// Index of a chain within [`super::Ruleset::chains`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChainId(pub usize);

/// An ordered list of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Its name in the configuration.
    pub name: String,
    /// The table, policy or context it belongs to.
    pub table: String,
    /// Which packets come here at all.
    pub family: Family,
    /// Where packets enter it; `None` for a chain that is only jumped to.
    pub base: Option<Base>,
    /// The rules, in order.
    pub rules: Vec<Rule>,
    /// Where it is declared.
    pub place: TextPlace,
    /// Its comment.
    pub comment: Option<String>,
}

/// Which packets a table sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// IPv4 packets.
    Ipv4,
    /// IPv6 packets.
    Ipv6,
    /// IPv4 and IPv6 packets.
    Inet,
    /// Frames that a bridge forwards; not on the path of routed packets.
    Bridge,
    /// ARP packets; never forwarded.
    Arp,
    /// Frames of one device, before or after everything else.
    Netdev,
}

impl Family {
    /// Whether IP packets of this version come here when they are routed. Bridge chains see frames that are not routed,
    /// and ARP is not IP: both are answered with `false`.
    #[must_use]
    pub const fn routes(self, version: IpVersion) -> bool {
        match (self, version) {
            (Self::Inet | Self::Netdev, _) | (Self::Ipv4, IpVersion::V4) | (Self::Ipv6, IpVersion::V6) => {
                true
            }
            (Self::Ipv4 | Self::Ipv6 | Self::Bridge | Self::Arp, _) => false,
        }
    }

    /// The name in listings and JSON, as nftables spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ipv4 => "ip",
            Self::Ipv6 => "ip6",
            Self::Inet => "inet",
            Self::Bridge => "bridge",
            Self::Arp => "arp",
            Self::Netdev => "netdev",
        }
    }
}

/// Where packets enter a base chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// The place on the packet's way.
    pub hook: Hook,
    /// What the chain is for.
    pub kind: ChainKind,
    /// The order among the base chains of a hook: lower comes first.
    pub priority: i32,
    /// What becomes of a packet that no rule decided.
    pub policy: Policy,
    /// The devices it is bound to, for `ingress` (packets that come in by one of them) and `egress` (that go out by one
    /// of them). Other packets do not come here. Empty for all other hooks; where it is empty on these two, the
    /// configuration does not tell the devices.
    pub devices: Vec<String>,
    /// Whether the chain is switched off (nftables `flags dormant` of its table).
    pub dormant: bool,
}

/// The places on a packet's way through a machine, in the order in which a forwarded packet passes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hook {
    /// Fresh from a device.
    Ingress,
    /// Before the routing decision.
    Prerouting,
    /// To this machine.
    Input,
    /// Through this machine.
    Forward,
    /// From this machine.
    Output,
    /// Before leaving, forwarded or from this machine.
    Postrouting,
    /// Last, on a device.
    Egress,
}

impl Hook {
    /// The name, as nftables spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Prerouting => "prerouting",
            Self::Input => "input",
            Self::Forward => "forward",
            Self::Output => "output",
            Self::Postrouting => "postrouting",
            Self::Egress => "egress",
        }
    }
}

/// What a base chain is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChainKind {
    /// Sees every packet.
    Filter,
    /// Sees the first packet of each connection only; replies are translated back without it.
    Nat,
    /// Sees every packet this machine sends, and may change its route.
    Route,
}

impl ChainKind {
    /// The name, as nftables spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Nat => "nat",
            Self::Route => "route",
        }
    }
}

/// What becomes of a packet that no rule of a base chain decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Policy {
    /// It goes on to the next base chain.
    Accept,
    /// It is dropped.
    Drop,
    /// The configuration does not tell.
    Unknown,
}

impl Policy {
    /// The name in listings and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Drop => "drop",
            Self::Unknown => "unknown",
        }
    }
}
