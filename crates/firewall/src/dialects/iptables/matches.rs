//! What a rule of iptables asks of a packet: core options and match extensions (iptables(8), iptables-extensions(8)).

use super::values::{
    address_list, address_range, icmp_types, interface, mark, port_list, port_range, protocol_set,
    tcp_flag_names,
};
use crate::ruleset::{
    AddressSet, Condition, CtStates, CtStatus, IntervalSet, IpVersion, MarkOf, MaskedFlags, NameSet, Reason,
};

/// What one option says.
pub(super) enum Asked {
    /// These conditions.
    Conditions(Vec<Condition>),
    /// Nothing of the packet.
    Nothing,
    /// Something that the configuration does not decide.
    Undecided(Reason),
    /// Its value is not understood; why.
    Unclear(String),
    /// It is no option of the module.
    Unknown,
}

/// How many values an option takes, `None` for an option that is not known.
pub(super) fn value_count(option: &str) -> Option<usize> {
    Some(match option {
        "--syn"
        | "--fragment"
        | "-f"
        | "--physdev-is-in"
        | "--physdev-is-out"
        | "--physdev-is-bridged"
        | "--return-nomatch"
        | "--update-counters"
        | "--update-subcounters" => 0,
        "--tcp-flags" | "--match-set" => 2,
        "--sport"
        | "--source-port"
        | "--dport"
        | "--destination-port"
        | "--sports"
        | "--source-ports"
        | "--dports"
        | "--destination-ports"
        | "--ports"
        | "--icmp-type"
        | "--icmpv6-type"
        | "--state"
        | "--ctstate"
        | "--ctproto"
        | "--ctorigsrc"
        | "--ctorigdst"
        | "--ctorigsrcport"
        | "--ctorigdstport"
        | "--ctdir"
        | "--ctstatus"
        | "--src-range"
        | "--dst-range"
        | "--mark"
        | "--comment"
        | "-s"
        | "--source"
        | "--src"
        | "-d"
        | "--destination"
        | "--dst"
        | "-i"
        | "--in-interface"
        | "-o"
        | "--out-interface"
        | "-p"
        | "--protocol"
        | "--proto"
        | "--ctreplsrc"
        | "--ctrepldst"
        | "--ctreplsrcport"
        | "--ctrepldstport"
        | "--ctexpire"
        | "--packets-eq"
        | "--packets-lt"
        | "--packets-gt"
        | "--bytes-eq"
        | "--bytes-lt"
        | "--bytes-gt"
        | "--physdev-in"
        | "--physdev-out"
        | "--nfacct-name" => 1,
        _ => return None,
    })
}

/// Why the options of a module are not decided; `None` for modules whose options are read one by one.
pub(super) fn undecided_module(module: &str) -> Option<Reason> {
    Some(match module {
        "limit" | "hashlimit" | "recent" | "connlimit" | "connbytes" | "quota" | "quota2" | "rateest" => {
            Reason::Rate
        }
        "statistic" | "random" | "nth" | "cpu" | "cluster" => Reason::Random,
        "time" => Reason::Time,
        "string" | "u32" | "bpf" | "ndpi" | "layer7" | "ipp2p" | "osf" | "web" | "webstr" => Reason::Payload,
        "length" | "length2" | "ttl" | "hl" | "dscp" | "tos" | "ecn" | "mac" | "pkttype" | "tcpmss"
        | "ipv4options" | "dst" | "hbh" | "frag" | "rt" | "ah" | "esp" | "ipv6header" | "eui64" | "mh"
        | "srh" => Reason::Header,
        "owner" | "socket" | "cgroup" => Reason::Owner,
        "condition" | "account" => Reason::DynamicSet,
        "geoip" | "devgroup" | "dns" => Reason::Name,
        "addrtype" | "rpfilter" | "realm" => Reason::Route,
        "helper" | "policy" | "connlabel" | "control" => Reason::Connection,
        _ => return None,
    })
}

/// Whether the options of a module are read one by one, or it asks nothing (`nfacct` counts).
pub(super) fn is_read_module(module: &str) -> bool {
    [
        "tcp",
        "udp",
        "udplite",
        "sctp",
        "dccp",
        "icmp",
        "icmp6",
        "icmpv6",
        "multiport",
        "conntrack",
        "state",
        "iprange",
        "mark",
        "connmark",
        "comment",
        "nfacct",
        "physdev",
        "set",
    ]
    .contains(&module)
}

/// What an option with its values says, for packets of `version`. `negated` stands for the `!` beside it.
pub(super) fn asked(version: IpVersion, module: &str, option: &str, values: &[&str], negated: bool) -> Asked {
    let value = values.first().copied().unwrap_or_default();
    let one = |condition: Option<Condition>, what: &str| match condition {
        Some(condition) => Asked::Conditions(vec![condition]),
        None => Asked::Unclear(format!("expected {what}, found `{value}`")),
    };
    match option {
        "-s" | "--source" | "--src" => addresses(version, value, negated, Condition::Source),
        "-d" | "--destination" | "--dst" => addresses(version, value, negated, Condition::Destination),
        "-i" | "--in-interface" => Asked::Conditions(vec![Condition::InInterface(names(value, negated))]),
        "-o" | "--out-interface" => Asked::Conditions(vec![Condition::OutInterface(names(value, negated))]),
        "--physdev-in" => Asked::Conditions(vec![Condition::InPort(names(value, negated))]),
        "--physdev-out" => Asked::Conditions(vec![Condition::OutPort(names(value, negated))]),
        "--physdev-is-in" => Asked::Conditions(vec![Condition::InPort(names("+", negated))]),
        "--physdev-is-out" | "--physdev-is-bridged" => {
            let out = Condition::OutPort(names("+", false));
            Asked::Conditions(vec![if negated {
                Condition::Any { of: vec![vec![out]], negated: true }
            } else {
                out
            }])
        }
        "-p" | "--protocol" | "--proto" => match protocol_set(value) {
            Some(set) if set.is_all() && !negated => Asked::Nothing,
            set => one(set.map(|set| Condition::Protocol(turned(&set, negated))), "a protocol"),
        },
        "-f" | "--fragment" => Asked::Conditions(vec![Condition::LaterFragment(!negated)]),
        "--sport" | "--source-port" => one(
            port_range(value).map(|set| Condition::SourcePort(turned(&set, negated))),
            "a port or range of ports",
        ),
        "--dport" | "--destination-port" => one(
            port_range(value).map(|set| Condition::DestinationPort(turned(&set, negated))),
            "a port or range of ports",
        ),
        "--sports" | "--source-ports" => {
            one(port_list(value).map(|set| Condition::SourcePort(turned(&set, negated))), "ports")
        }
        "--dports" | "--destination-ports" => {
            one(port_list(value).map(|set| Condition::DestinationPort(turned(&set, negated))), "ports")
        }
        "--ports" => one(port_list(value).map(|set| either_port(set, negated)), "ports"),
        "--syn" => Asked::Conditions(vec![flags(0x17, 0x02, negated)]),
        "--tcp-flags" => {
            let compared = values.get(1).copied().unwrap_or_default();
            one(
                tcp_flag_names(value)
                    .zip(tcp_flag_names(compared))
                    .map(|(mask, set)| flags(mask, set, negated)),
                "TCP flags",
            )
        }
        "--icmp-type" | "--icmpv6-type" => icmp(version, value, negated),
        "--state" | "--ctstate" => states(value, negated),
        "--ctproto" => {
            before_nat(protocol_set(value).map(|set| Condition::Protocol(turned(&set, negated))), value)
        }
        "--ctorigsrc" | "--ctorigdst" => {
            let build = if option == "--ctorigsrc" { Condition::Source } else { Condition::Destination };
            match addresses(version, value, negated, build) {
                Asked::Conditions(mut conditions) => before_nat(conditions.pop(), value),
                other => other,
            }
        }
        "--ctorigsrcport" => {
            before_nat(port_range(value).map(|set| Condition::SourcePort(turned(&set, negated))), value)
        }
        "--ctorigdstport" => {
            before_nat(port_range(value).map(|set| Condition::DestinationPort(turned(&set, negated))), value)
        }
        "--ctdir" => match value.to_ascii_uppercase().as_str() {
            "ORIGINAL" => tracked(Condition::CtOriginal(!negated)),
            "REPLY" => tracked(Condition::CtOriginal(negated)),
            _ => Asked::Unclear(format!("expected `ORIGINAL` or `REPLY`, found `{value}`")),
        },
        "--update-counters" | "--update-subcounters" => Asked::Nothing,
        "--return-nomatch" => Asked::Undecided(Reason::DynamicSet),
        "--packets-eq" | "--packets-lt" | "--packets-gt" | "--bytes-eq" | "--bytes-lt" | "--bytes-gt" => {
            Asked::Undecided(Reason::Rate)
        }
        "--ctreplsrc" | "--ctrepldst" | "--ctreplsrcport" | "--ctrepldstport" | "--ctexpire" => {
            Asked::Undecided(Reason::Connection)
        }
        "--ctstatus" => Asked::Undecided(Reason::Connection),
        "--src-range" => ranges(version, value, negated, Condition::Source),
        "--dst-range" => ranges(version, value, negated, Condition::Destination),
        "--mark" => marks(module, value, negated),
        "--comment" | "--nfacct-name" => Asked::Nothing,
        _ => Asked::Unknown,
    }
}

/// The set or its complement.
fn turned<T: crate::ruleset::Point>(set: &IntervalSet<T>, negated: bool) -> IntervalSet<T> {
    if negated { set.complement() } else { set.clone() }
}

fn turned_addresses(version: IpVersion, set: AddressSet, negated: bool) -> AddressSet {
    if negated { set.complement_within(version) } else { set }
}

fn addresses(version: IpVersion, value: &str, negated: bool, build: fn(AddressSet) -> Condition) -> Asked {
    match address_list(version, value) {
        Some(set) if set == AddressSet::all_of(version) && !negated => Asked::Nothing,
        Some(set) => Asked::Conditions(vec![build(turned_addresses(version, set, negated))]),
        None => Asked::Unclear(format!("expected an address or network, found `{value}`")),
    }
}

fn ranges(version: IpVersion, value: &str, negated: bool, build: fn(AddressSet) -> Condition) -> Asked {
    match address_range(version, value) {
        Some(set) => Asked::Conditions(vec![build(turned_addresses(version, set, negated))]),
        None => Asked::Unclear(format!("expected a range of addresses, found `{value}`")),
    }
}

fn names(value: &str, negated: bool) -> NameSet {
    NameSet { patterns: vec![interface(value)], negated }
}

fn either_port(set: IntervalSet<u16>, negated: bool) -> Condition {
    let of = vec![vec![Condition::SourcePort(set.clone())], vec![Condition::DestinationPort(set)]];
    Condition::Any { of, negated }
}

fn flags(mask: u8, set: u8, negated: bool) -> Condition {
    let flags =
        if set & !mask == 0 { MaskedFlags::equal(mask, set) } else { MaskedFlags::filtered(mask, |_| false) };
    Condition::TcpFlags(if negated { flags.complement() } else { flags })
}

fn icmp(version: IpVersion, value: &str, negated: bool) -> Asked {
    let Some((kind, code)) = icmp_types(version, value) else {
        return Asked::Unclear(format!("expected an ICMP type, found `{value}`"));
    };
    let mut conditions = Vec::new();
    if !kind.is_all() {
        conditions.push(Condition::IcmpType(kind));
    }
    if !code.is_all() {
        conditions.push(Condition::IcmpCode(code));
    }
    match negated {
        false => Asked::Conditions(conditions),
        true => Asked::Conditions(vec![Condition::Any { of: vec![conditions], negated: true }]),
    }
}

/// States of a connection; `SNAT` and `DNAT` stand among them in iptables.
fn states(value: &str, negated: bool) -> Asked {
    let mut states = CtStates::NONE;
    let mut status: Option<CtStatus> = None;
    for name in value.split(',').map(str::trim) {
        let bit = match name.to_ascii_uppercase().as_str() {
            "SNAT" => CtStatus::SNAT,
            "DNAT" => CtStatus::DNAT,
            _ => {
                let Some(state) = CtStates::named(name) else {
                    return Asked::Unclear(format!("expected a state of a connection, found `{name}`"));
                };
                states = states.union(state);
                continue;
            }
        };
        status = Some(status.map_or(bit, |known| known.union(bit)));
    }
    let Some(any) = status else {
        return Asked::Conditions(vec![Condition::CtState(if negated {
            states.complement()
        } else {
            states
        })]);
    };
    let tracked = Condition::CtState(TRACKED);
    let of =
        vec![vec![Condition::CtState(states)], vec![tracked, Condition::CtStatus { any, negated: false }]];
    Asked::Conditions(vec![Condition::Any { of, negated }])
}

/// The states of packets that belong to a connection.
const TRACKED: CtStates = CtStates::NEW.union(CtStates::ESTABLISHED).union(CtStates::RELATED);

fn tracked(condition: Condition) -> Asked {
    Asked::Conditions(vec![Condition::CtState(TRACKED), condition])
}

fn before_nat(condition: Option<Condition>, value: &str) -> Asked {
    match condition {
        Some(condition) => tracked(Condition::BeforeNat(Box::new(condition))),
        None => {
            Asked::Unclear(format!("expected a value for the connection's first packet, found `{value}`"))
        }
    }
}

fn marks(module: &str, value: &str, negated: bool) -> Asked {
    let Some((wanted, mask)) = mark(value) else {
        return Asked::Unclear(format!("expected a mark, found `{value}`"));
    };
    let values = turned(&IntervalSet::one(wanted), negated);
    if module == "connmark" {
        return tracked(Condition::Mark { of: MarkOf::Connection, mask, values });
    }
    Asked::Conditions(vec![Condition::Mark { of: MarkOf::Packet, mask, values }])
}
