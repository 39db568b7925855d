//! Object groups: networks, services, ports.

use super::config::v4;
use crate::dialects::cisco::{Os, icmp_code, icmp_type, masked, port, port_range, protocol, wildcarded};
use crate::dialects::{Member, Service};
use crate::names::Icmp;
use crate::ruleset::{AddressSet, IntervalSet, Reason, Undecidable};
use std::net::IpAddr;

/// What an object group holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GroupKind {
    /// Addresses with masks (IOS).
    Networks,
    /// Addresses with wildcards (`object-group ip address` of NX-OS).
    Wildcards,
    Services,
    Ports,
}

/// A member of a group of networks; `None` in it where its addresses are not told.
pub(super) fn network(kind: GroupKind, words: &[&str]) -> Option<Member<Option<AddressSet>>> {
    let words = match words {
        ["network-object", rest @ ..] => rest,
        [number, rest @ ..] if number.parse::<u32>().is_ok() => rest,
        _ => words,
    };
    let set = match words {
        ["group-object", name] => return Some(Member::Group((*name).to_owned())),
        ["any"] => Some(AddressSet::all()),
        ["host", name] => name.parse::<IpAddr>().ok().and_then(|one| AddressSet::range(one, one)),
        ["range", first, last] => AddressSet::range(first.parse().ok()?, last.parse().ok()?),
        [one] => match one.split_once('/') {
            Some((address, length)) => AddressSet::prefix(address.parse().ok()?, length.parse().ok()?),
            None => AddressSet::range(one.parse().ok()?, one.parse().ok()?),
        },
        [address, mask] => match (v4(address)?, v4(mask)?) {
            (address, mask) if kind == GroupKind::Wildcards => wildcarded(address, mask),
            (address, mask) => masked(address, mask),
        },
        _ => return None,
    };
    Some(Member::Own(set))
}

/// A member of a group of services.
pub(super) fn service(words: &[&str]) -> Option<Member<Service>> {
    let (word, rest) = words.split_first()?;
    if *word == "group-object" {
        return rest.first().map(|name| Member::Group((*name).to_owned()));
    }
    let words = if *word == "service-object" { rest } else { words };
    let (word, rest) = words.split_first()?;
    let mut service = Service { protocols: protocol(word)?, ..Service::any() };
    match (*word, rest) {
        (_, []) => {}
        ("icmp", [kind, rest @ ..]) => {
            let (kind, code) = icmp_type(Icmp::V4, kind)?;
            service.icmp_types = IntervalSet::one(kind);
            let code = code.or_else(|| rest.first().and_then(|word| icmp_code(word)));
            service.icmp_codes = code.map_or_else(IntervalSet::all, IntervalSet::one);
        }
        ("tcp" | "udp" | "tcp-udp" | "sctp" | "6" | "17", rest) => {
            let one = match *word {
                "tcp" | "6" => Some(6),
                "udp" | "17" => Some(17),
                _ => None,
            };
            let mut rest = rest;
            if let ["source", behind @ ..] = rest {
                let (set, used) = ports(one, behind)?;
                service.source_ports = set;
                rest = behind.get(used..).unwrap_or_default();
            }
            if let ["destination", behind @ ..] = rest {
                rest = behind;
            }
            if !rest.is_empty() {
                service.ports = ports(one, rest)?.0;
            }
        }
        _ => return None,
    }
    Some(Member::Own(service))
}

/// A member of a group of ports.
pub(super) fn port_member(words: &[&str]) -> Option<IntervalSet<u16>> {
    let words = match words {
        [number, rest @ ..] if number.parse::<u32>().is_ok() && !rest.is_empty() => rest,
        _ => words,
    };
    ports(None, words).map(|(set, _)| set)
}

/// Ports with or without an operator, and how many words they take.
fn ports(protocol: Option<u8>, words: &[&str]) -> Option<(IntervalSet<u16>, usize)> {
    let number = |word: &str| port(Os::Ios, protocol, word).map(|port| port.number);
    match words {
        ["range", first, last, ..] => Some((port_range("range", number(first)?, number(last)?)?, 3)),
        [operator @ ("eq" | "neq" | "lt" | "gt"), one, ..] => {
            let one = number(one)?;
            Some((port_range(operator, one, one)?, 2))
        }
        [one, ..] => Some((IntervalSet::one(number(one)?), 1)),
        [] => None,
    }
}

/// A service that stands for a line that was not understood.
pub(super) fn unread_service(words: &[&str]) -> Service {
    Service {
        undecidable: Some(Undecidable { what: words.join(" "), reason: Reason::Unread }),
        ..Service::any()
    }
}
