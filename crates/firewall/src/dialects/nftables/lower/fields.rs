//! Selectors given their meaning: which part of a packet, and what looking at it implies.

use crate::dialects::nftables::ast::Selector;
use crate::names::{Icmp, protocol_number};
use crate::ruleset::{Condition, CtStates, Family, IntervalSet, IpVersion, MarkOf, Reason, Undecidable};

/// A part of a packet that conditions can ask for, or why they cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    InName,
    OutName,
    Address {
        version: IpVersion,
        destination: bool,
    },
    Protocol,
    /// A port; `th` is one that was asked for without saying of which protocol.
    Port {
        destination: bool,
        th: bool,
    },
    IcmpType(Icmp),
    IcmpCode(Icmp),
    TcpFlags,
    FragmentOffset,
    CtState,
    CtStatus,
    CtDirection,
    Mark(MarkOf),
    /// The version of IP by its protocol family.
    Version,
    /// The version of IP by its EtherType, as the kernel knows it: what a VLAN tag says is looked through.
    EtherType,
    /// The EtherType as it stands in the frame, which may be that of a VLAN tag.
    LinkType,
    /// The number in a VLAN tag.
    VlanId,
    /// The bridge that a frame came in by, or goes out by.
    InBridge,
    OutBridge,
    Opaque(Reason),
}

/// A selector with its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) part: Part,
    /// How it was written.
    pub(super) text: String,
    /// Whether the connection's first packet is asked, before translation.
    pub(super) before_nat: bool,
    /// What the kernel checks beforehand.
    pub(super) implied: Vec<Condition>,
}

impl Field {
    fn of(part: Part) -> Self {
        Self { part, text: String::new(), before_nat: false, implied: Vec::new() }
    }

    fn implying(mut self, condition: Option<Condition>) -> Self {
        self.implied.extend(condition);
        self
    }
}

/// The meaning of a selector in a table of `family`.
pub(super) fn field(selector: &Selector, family: Family) -> Field {
    let found = match selector {
        Selector::Payload { protocol, field } => payload(protocol, field, family),
        Selector::Meta(key) => Field::of(meta(key)),
        Selector::Ct { key, direction } => ct(key, direction.as_deref(), family),
        Selector::Opaque { reason, .. } => Field::of(Part::Opaque(*reason)),
    };
    Field { text: selector.to_string(), ..found }
}

fn payload(protocol: &str, field: &str, family: Family) -> Field {
    match protocol {
        "ip" => ip(IpVersion::V4, field, family),
        "ip6" => ip(IpVersion::V6, field, family),
        "icmp" => icmp(Icmp::V4, field, family),
        "icmpv6" => icmp(Icmp::V6, field, family),
        "ether" if field == "type" && family == Family::Bridge => Field::of(Part::LinkType),
        "vlan" if family == Family::Bridge => {
            let part = match field {
                "id" => Part::VlanId,
                "type" => Part::EtherType,
                _ => Part::Opaque(Reason::Header),
            };
            Field::of(part).implying(Some(tagged()))
        }
        "arp" if family == Family::Bridge => {
            Field::of(Part::Opaque(Reason::Header)).implying(Some(Condition::NoIp("arp".to_owned())))
        }
        "th" => Field::of(port(field, true)),
        "tcp" if field == "flags" => Field::of(Part::TcpFlags).implying(of_protocol("tcp")),
        "tcp" | "udp" | "udplite" | "dccp" | "sctp" => {
            Field::of(port(field, false)).implying(of_protocol(protocol))
        }
        "igmp" => Field::of(Part::Opaque(Reason::Header))
            .implying(version(IpVersion::V4, family))
            .implying(of_protocol(protocol)),
        "ah" | "esp" | "gre" => Field::of(Part::Opaque(Reason::Header)).implying(of_protocol(protocol)),
        "comp" => Field::of(Part::Opaque(Reason::Header)).implying(of_protocol("ipcomp")),
        "gretap" => Field::of(Part::Opaque(Reason::Header)).implying(of_protocol("gre")),
        "vxlan" | "geneve" => Field::of(Part::Opaque(Reason::Header)).implying(of_protocol("udp")),
        "hbh" | "dst" | "mh" | "frag" | "srh" => {
            Field::of(Part::Opaque(Reason::Header)).implying(version(IpVersion::V6, family))
        }
        _ => Field::of(Part::Opaque(Reason::Header)),
    }
}

fn ip(of: IpVersion, field: &str, family: Family) -> Field {
    let destination = match field {
        "saddr" => false,
        "daddr" => true,
        "protocol" | "nexthdr" => return Field::of(Part::Protocol).implying(version(of, family)),
        "frag-off" => return Field::of(Part::FragmentOffset).implying(version(of, family)),
        _ => return Field::of(Part::Opaque(Reason::Header)).implying(version(of, family)),
    };
    // A set of addresses of one version implies the version.
    Field::of(Part::Address { version: of, destination })
}

fn icmp(icmp: Icmp, field: &str, family: Family) -> Field {
    let part = match field {
        "type" => Part::IcmpType(icmp),
        "code" => Part::IcmpCode(icmp),
        _ => Part::Opaque(Reason::Header),
    };
    let (of, name) = match icmp {
        Icmp::V4 => (IpVersion::V4, "icmp"),
        Icmp::V6 => (IpVersion::V6, "icmpv6"),
    };
    let found = Field::of(part).implying(version(of, family)).implying(of_protocol(name));
    if family == Family::Bridge { found.implying(Some(perhaps_untagged(name))) } else { found }
}

/// The frame has a VLAN tag.
pub(super) fn tagged() -> Condition {
    Condition::Vlan(IntervalSet::range(0, VLAN_LAST))
}

/// The frame has none.
pub(super) fn untagged() -> Condition {
    Condition::Any { of: vec![vec![tagged()]], negated: true }
}

/// The greatest number of a VLAN tag.
const VLAN_LAST: u16 = 4095;

/// nft 1.0 asks for the EtherType in the frame before it asks for ICMP on a bridge, so that a frame with a tag does not
/// match; other versions may look through the tag.
fn perhaps_untagged(name: &str) -> Condition {
    let what = format!("{name} behind a VLAN tag");
    let doubt = Condition::Undecidable(Undecidable { what, reason: Reason::Header });
    Condition::Any { of: vec![vec![untagged()], vec![tagged(), doubt]], negated: false }
}

fn port(field: &str, th: bool) -> Part {
    match field {
        "sport" => Part::Port { destination: false, th },
        "dport" => Part::Port { destination: true, th },
        _ => Part::Opaque(Reason::Header),
    }
}

fn meta(key: &str) -> Part {
    match key {
        "iif" | "iifname" => Part::InName,
        "oif" | "oifname" => Part::OutName,
        "ibrname" => Part::InBridge,
        "obrname" => Part::OutBridge,
        "l4proto" => Part::Protocol,
        "nfproto" => Part::Version,
        "protocol" => Part::EtherType,
        "mark" => Part::Mark(MarkOf::Packet),
        "skuid" | "skgid" | "cgroup" => Part::Opaque(Reason::Owner),
        "time" | "day" | "hour" => Part::Opaque(Reason::Time),
        "cpu" | "random" => Part::Opaque(Reason::Random),
        "rtclassid" => Part::Opaque(Reason::Route),
        "length" | "pkttype" | "priority" => Part::Opaque(Reason::Header),
        "ipsec" | "secpath" | "secmark" => Part::Opaque(Reason::Connection),
        _ => Part::Opaque(Reason::Name),
    }
}

/// The kernel knows these only of packets that belong to a connection (nft_ct.c: no connection, no match), save the state.
fn ct(key: &str, direction: Option<&str>, family: Family) -> Field {
    let tracked = Condition::CtState(CtStates::INVALID.union(CtStates::UNTRACKED).complement());
    let part = match (key, direction) {
        ("state", None) => return Field::of(Part::CtState),
        ("status", None) => Part::CtStatus,
        ("direction", None) => Part::CtDirection,
        ("mark", None) => Part::Mark(MarkOf::Connection),
        (key, Some("original")) => original(key, family),
        _ => Part::Opaque(Reason::Connection),
    };
    let before_nat = direction == Some("original") && !matches!(part, Part::Opaque(_));
    Field { before_nat, implied: vec![tracked], ..Field::of(part) }
}

fn original(key: &str, family: Family) -> Part {
    let only = match family {
        Family::Ipv4 => Some(IpVersion::V4),
        Family::Ipv6 => Some(IpVersion::V6),
        _ => None,
    };
    let (version, destination) = match key {
        "ip saddr" => (Some(IpVersion::V4), false),
        "ip daddr" => (Some(IpVersion::V4), true),
        "ip6 saddr" => (Some(IpVersion::V6), false),
        "ip6 daddr" => (Some(IpVersion::V6), true),
        "saddr" => (only, false),
        "daddr" => (only, true),
        "protocol" => return Part::Protocol,
        "proto-src" => return Part::Port { destination: false, th: true },
        "proto-dst" => return Part::Port { destination: true, th: true },
        _ => (None, false),
    };
    version.map_or(Part::Opaque(Reason::Connection), |version| Part::Address { version, destination })
}

/// The version that a header implies, where the family of the table does not say it already.
pub(super) fn version(of: IpVersion, family: Family) -> Option<Condition> {
    let known = matches!((family, of), (Family::Ipv4, IpVersion::V4) | (Family::Ipv6, IpVersion::V6));
    (!known).then_some(Condition::Version(of))
}

/// The condition that a packet is of the protocol of this name.
pub(super) fn of_protocol(name: &str) -> Option<Condition> {
    protocol_number(name).map(|number| Condition::Protocol(IntervalSet::one(number)))
}
