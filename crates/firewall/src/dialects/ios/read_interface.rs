//! Interfaces and what stands at them.

use super::config::{Binding, Interface, MayDrop, Port, Unless, Way, v4};
use super::ignored;
use super::names::interface_name;
use super::reader::{Block, Read, Reader, Statement};
use crate::dialects::cisco::netmask_length;
use crate::ruleset::{IpVersion, Reason};

/// Most statements of an interface that may drop packets.
const DOUBTS_MAX: usize = 1_000;

/// Most interfaces. Questions take fewer.
const INTERFACES_MAX: usize = 10_000;

/// `interface NAME`.
pub(super) fn top(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Read {
    match statement.words {
        ["interface" | "int", "range", ..] => Read::Unread,
        ["interface", "breakout" | "profile" | "fabric", ..] => Read::Foreign,
        ["interface" | "int", name @ ..] if !name.is_empty() => {
            let name = interface_name(name);
            let span = statement.span.clone();
            let known = reader.config.interfaces.get(&name).is_some();
            if !known && reader.config.interfaces.len() >= INTERFACES_MAX {
                return Read::Unread;
            }
            reader.config.interfaces.get_or_add(&name, || Interface::new(name.clone(), span));
            reader.open(Block::Interface(name), statement.words);
            Read::Modeled
        }
        ["default", "interface", ..] | ["no", "interface", ..] => Read::Ignored,
        _ => Read::Foreign,
    }
}

/// A statement within an interface.
pub(super) fn statement(reader: &mut Reader<'_>, name: &str, statement: &Statement<'_>) -> Read {
    let Some(interface) = reader.config.interfaces.get_mut(name) else { return Read::Unread };
    let read = match address(interface, statement) {
        Read::Foreign => filter(interface, statement),
        read => read,
    };
    match read {
        Read::Foreign => {}
        read => return read,
    }
    if let Some(may) = may_drop(statement) {
        if interface.may_drop.len() >= DOUBTS_MAX {
            return Read::Unread;
        }
        if interface.may_drop.iter().all(|known| known.what != may.what) {
            interface.may_drop.push(may);
        }
        return Read::Modeled;
    }
    let text = match statement.words {
        ["no" | "default", rest @ ..] => rest.join(" "),
        words => words.join(" "),
    };
    if ignored::is_of_interface(&text) || matches!(statement.words, ["no", ..] if negates_a_filter(&text)) {
        return Read::Ignored;
    }
    Read::Unread
}

/// Whether the statement, if it were there, would be read: to say that it is not there changes nothing.
fn negates_a_filter(text: &str) -> bool {
    [
        "ip access-group",
        "ip verify",
        "ip inspect",
        "ip nat",
        "ipv6 traffic-filter",
        "zone-member",
        "ip policy",
        "service-policy",
        "crypto map",
        "ip ips",
        "ip admission",
    ]
    .iter()
    .any(|start| text.starts_with(start))
}

/// Addresses, VRF, VLAN, state.
fn address(interface: &mut Interface, statement: &Statement<'_>) -> Read {
    match statement.words {
        ["ip", "address" | "add" | "addr", address, mask]
        | ["ip", "address" | "add" | "addr", address, mask, "secondary" | "standby" | "tag", ..] => {
            match v4(address).zip(v4(mask).and_then(netmask_length)) {
                Some((address, length)) => {
                    interface.addresses.push((address.into(), length, statement.span.clone()));
                    Read::Modeled
                }
                None => Read::Unread,
            }
        }
        ["ip" | "ipv4", "address", prefix] | ["ip" | "ipv4", "address", prefix, "secondary" | "tag", ..]
            if prefix.contains('/') =>
        {
            prefixed(interface, prefix, statement)
        }
        ["ip", "address", "dhcp" | "negotiated" | "pool" | "autoconfig", ..] => Read::Modeled,
        ["ipv6", "address", "dhcp" | "autoconfig" | "negotiated", ..] => Read::Modeled,
        ["ipv6", "address" | "add", prefix, ..] if prefix.contains('/') => {
            prefixed(interface, prefix, statement)
        }
        ["ipv6", "address", address, "link-local"] => match address.parse() {
            Ok(address) => {
                interface.addresses.push((address, 10, statement.span.clone()));
                Read::Modeled
            }
            Err(_) => Read::Unread,
        },
        // A prefix that a server hands out.
        ["ipv6", "address", _, _, ..] => Read::Modeled,
        ["no", "ip" | "ipv6", "address", ..] => Read::Modeled,
        ["shutdown"] => state(interface, true),
        ["no", "shutdown"] => state(interface, false),
        ["ip", "vrf", "forwarding", vrf]
        | ["vrf", "forwarding", vrf, ..]
        | ["vrf", "member", vrf]
        | ["vrf", vrf] => {
            interface.vrf = Some((*vrf).to_owned());
            Read::Modeled
        }
        ["switchport"] => port(interface, Port::Access(1)),
        ["no", "switchport"] => {
            interface.port = None;
            Read::Modeled
        }
        ["switchport", "mode", "trunk"] => port(interface, Port::Trunk),
        ["switchport", "mode", ..] => match interface.port {
            Some(_) => Read::Modeled,
            None => port(interface, Port::Access(1)),
        },
        ["switchport", "access", "vlan", vlan] => match (vlan.parse(), interface.port) {
            (Ok(_), Some(Port::Trunk)) => Read::Modeled,
            (Ok(vlan), _) => port(interface, Port::Access(vlan)),
            _ => Read::Unread,
        },
        ["switchport", "trunk", "allowed", ..] => Read::Modeled,
        _ => Read::Foreign,
    }
}

fn prefixed(interface: &mut Interface, prefix: &str, statement: &Statement<'_>) -> Read {
    let parts = prefix.split_once('/').and_then(|(address, length)| {
        Some((address.parse::<std::net::IpAddr>().ok()?, length.parse::<u8>().ok()?))
    });
    match parts {
        Some((address, length)) if length <= if address.is_ipv4() { 32 } else { 128 } => {
            interface.addresses.push((address, length, statement.span.clone()));
            Read::Modeled
        }
        _ => Read::Unread,
    }
}

fn state(interface: &mut Interface, shutdown: bool) -> Read {
    interface.shutdown = shutdown;
    Read::Modeled
}

fn port(interface: &mut Interface, port: Port) -> Read {
    interface.port = Some(port);
    Read::Modeled
}

/// What filters or translates.
fn filter(interface: &mut Interface, statement: &Statement<'_>) -> Read {
    let span = statement.span.clone();
    let bind = |list: &str, version: IpVersion, way: &str| {
        Some(Binding { list: list.to_owned(), version, way: way_of(way)?, span: span.clone() })
    };
    match statement.words {
        ["ip", "access-group", list, way, ..]
        | ["ip" | "ipv4", "port", "access-group", list, way, ..]
        | ["ipv4", "access-group", list, way, ..] => {
            match bind(list, IpVersion::V4, way) {
                Some(binding) => {
                    // A second list of the same direction takes the place of the first.
                    interface.lists.retain(|old| (old.version, old.way) != (binding.version, binding.way));
                    interface.lists.push(binding);
                    Read::Modeled
                }
                None => Read::Unread,
            }
        }
        ["ipv6", "traffic-filter" | "access-group", list, way, ..] => match bind(list, IpVersion::V6, way) {
            Some(binding) => {
                interface.lists.retain(|old| (old.version, old.way) != (binding.version, binding.way));
                interface.lists.push(binding);
                Read::Modeled
            }
            None => Read::Unread,
        },
        ["no", "ip", "access-group", _, way] => {
            interface.lists.retain(|old| (old.version, Some(old.way)) != (IpVersion::V4, way_of(way)));
            Read::Modeled
        }
        ["zone-member", "security", zone] => {
            interface.zone = Some(((*zone).to_owned(), span));
            Read::Modeled
        }
        ["ip", "nat", "inside"] => {
            interface.nat.inside = true;
            Read::Modeled
        }
        ["ip", "nat", "outside"] => {
            interface.nat.outside = true;
            Read::Modeled
        }
        ["ip", "nat", "enable"] => {
            interface.nat.enabled = true;
            Read::Modeled
        }
        ["ip" | "ipv6", "inspect", name, way] => match way_of(way) {
            Some(way) => {
                interface.inspects.retain(|(_, known, _)| *known != way);
                interface.inspects.push(((*name).to_owned(), way, span));
                Read::Modeled
            }
            None => Read::Unread,
        },
        _ => Read::Foreign,
    }
}

fn way_of(word: &str) -> Option<Way> {
    match word {
        "in" | "input" | "ingress" => Some(Way::In),
        "out" | "output" | "egress" => Some(Way::Out),
        _ => None,
    }
}

/// Statements that may drop packets on conditions that the configuration does not decide.
fn may_drop(statement: &Statement<'_>) -> Option<MayDrop> {
    let may = |reason: Reason, way: Way, unless: Option<Unless>| {
        let count = if statement.words.first() == Some(&"switchport") { 2 } else { 5 };
        let what = statement.words.iter().take(count).copied().collect::<Vec<_>>().join(" ");
        Some(MayDrop { what, reason, way, span: statement.span.clone(), unless })
    };
    match statement.words {
        ["ip" | "ipv6", "verify", "unicast", rest @ ..] => {
            let strict = rest.contains(&"rx") || rest.contains(&"reverse-path");
            may(Reason::Route, Way::In, strict.then_some(Unless::Connected))
        }
        ["ip", "verify", "source", ..] | ["ipv6", "source-guard", ..] => {
            may(Reason::DynamicSet, Way::In, None)
        }
        ["service-policy", "input", name] => {
            may(Reason::Rate, Way::In, Some(Unless::Policy((*name).to_owned())))
        }
        ["service-policy", "output", name] => {
            may(Reason::Rate, Way::Out, Some(Unless::Policy((*name).to_owned())))
        }
        ["service-policy", "type", "qos" | "access-control" | "pbr", way, name] => {
            may(Reason::Rate, way_of(way)?, Some(Unless::Policy((*name).to_owned())))
        }
        ["rate-limit", way, ..] => may(Reason::Rate, way_of(way)?, None),
        ["ip" | "ipv6", "policy", "route-map", name] => {
            may(Reason::Route, Way::In, Some(Unless::Routes((*name).to_owned())))
        }
        ["ip", "ips", _, way] | ["ip", "urlfilter", _, way] => may(Reason::Payload, way_of(way)?, None),
        ["ip", "admission", _] | ["ip", "auth-proxy", _] => may(Reason::Connection, Way::In, None),
        ["crypto", "map", ..] => may(Reason::Connection, Way::In, None),
        ["ip", "multicast", "boundary", ..] => may(Reason::Header, Way::In, None),
        ["switchport", "port-security", ..] | ["switchport", "protected"] => {
            may(Reason::Connection, Way::In, None)
        }
        ["dot1x", "port-control", "auto"]
        | ["authentication", "port-control", "auto"]
        | ["access-session", "port-control", "auto"] => may(Reason::Connection, Way::In, None),
        _ => None,
    }
}
