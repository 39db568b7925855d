//! `ip nat`: pools and what is translated.

use super::config::{NatSide, NatTarget, Translated, Translation, v4};
use super::names::interface_name;
use super::reader::{Block, Read, Reader, Statement};
use crate::dialects::cisco::{Os, netmask_length, port};
use std::net::{IpAddr, Ipv4Addr};

/// A statement of NAT.
pub(super) fn top(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Read {
    match statement.words {
        ["ip", "nat", "pool", name, first, last, ..] if v4(first).is_some() => {
            match v4(first).zip(v4(last)) {
                Some((first, last)) => pool(reader, name, first, last),
                None => Read::Unread,
            }
        }
        ["ip", "nat", "pool", name, ..] => {
            reader.open(Block::Pool((*name).to_owned()), statement.words);
            Read::Modeled
        }
        ["ip", "nat", "inside", "source", rest @ ..] => {
            translation(reader, NatSide::InsideSource, rest, statement)
        }
        ["ip", "nat", "inside", "destination", rest @ ..] => {
            translation(reader, NatSide::InsideDestination, rest, statement)
        }
        ["ip", "nat", "outside", "source", rest @ ..] => {
            translation(reader, NatSide::OutsideSource, rest, statement)
        }
        ["ip", "nat", "source", rest @ ..] => translation(reader, NatSide::AnySource, rest, statement),
        ["nat64", ..] | ["ipv6", "nat", ..] => Read::Unread,
        _ => Read::Foreign,
    }
}

/// `address FIRST LAST` below a pool.
pub(super) fn pool_line(reader: &mut Reader<'_>, name: &str, statement: &Statement<'_>) -> Read {
    match statement.words {
        ["address", first, last, ..] => match v4(first).zip(v4(last)) {
            Some((first, last)) => pool(reader, name, first, last),
            None => Read::Unread,
        },
        _ => Read::Unread,
    }
}

fn pool(reader: &mut Reader<'_>, name: &str, first: Ipv4Addr, last: Ipv4Addr) -> Read {
    let (first, last) = (first.min(last), first.max(last));
    let known = reader.config.pools.entry(name.to_owned()).or_insert((first.into(), last.into()));
    // Several ranges of a pool: from the first to the last of them.
    *known = (known.0.min(first.into()), known.1.max(last.into()));
    Read::Modeled
}

fn translation(reader: &mut Reader<'_>, side: NatSide, words: &[&str], statement: &Statement<'_>) -> Read {
    let (what, to, rest) = parts(words).unwrap_or((
        Translated::Unclear,
        NatTarget::Unclear(words.iter().take(4).copied().collect::<Vec<_>>().join(" ")),
        &[],
    ));
    if let Translated::List(list) = &what {
        reader.config.used_lists.insert(list.clone());
    }
    let understood = !matches!(what, Translated::Unclear);
    let behind = |word: &str| {
        let at = rest.iter().position(|known| *known == word)?;
        rest.get(at + 1).map(|name| (*name).to_owned())
    };
    reader.config.translations.push(Translation {
        side,
        what,
        to,
        vrf: behind("vrf"),
        route_map: behind("route-map"),
        overload: rest.contains(&"overload"),
        span: statement.span.clone(),
    });
    if understood { Read::Modeled } else { Read::Unread }
}

/// What is translated, into what, and the options behind.
fn parts<'w>(words: &'w [&'w str]) -> Option<(Translated, NatTarget, &'w [&'w str])> {
    match words {
        ["static", "network", from, to, rest @ ..] => network(from, to, rest),
        ["static", protocol @ ("tcp" | "udp" | "esp"), rest @ ..] => port_translation(protocol, rest),
        ["static", from, "interface", name, rest @ ..] => Some((
            Translated::Host(from.parse().ok()?),
            NatTarget::Interface(interface_name(&[name]), None),
            rest,
        )),
        ["static", from, to, rest @ ..] => {
            Some((Translated::Host(from.parse().ok()?), NatTarget::Host(to.parse().ok()?), rest))
        }
        ["list", list, rest @ ..] => target(Translated::List((*list).to_owned()), rest),
        ["route-map", map, rest @ ..] => target(Translated::RouteMap((*map).to_owned()), rest),
        _ => None,
    }
}

fn target<'w>(what: Translated, words: &'w [&'w str]) -> Option<(Translated, NatTarget, &'w [&'w str])> {
    match words {
        ["pool", pool, rest @ ..] => Some((what, NatTarget::Pool((*pool).to_owned()), rest)),
        ["interface", name, rest @ ..] => {
            // `GigabitEthernet 0/0` may be two words.
            let (name, rest) = match rest {
                [number, behind @ ..] if number.starts_with(|letter: char| letter.is_ascii_digit()) => {
                    (interface_name(&[name, number]), behind)
                }
                _ => (interface_name(&[name]), rest),
            };
            Some((what, NatTarget::Interface(name, None), rest))
        }
        _ => None,
    }
}

fn port_translation<'w>(
    protocol: &str,
    words: &'w [&'w str],
) -> Option<(Translated, NatTarget, &'w [&'w str])> {
    let number = match protocol {
        "tcp" => 6,
        "udp" => 17,
        _ => return None,
    };
    let read = |word: &str| port(Os::Ios, Some(number), word).map(|port| port.number);
    match words {
        [from, local, "interface", name, global, rest @ ..] => Some((
            Translated::Port(number, from.parse().ok()?, read(local)?),
            NatTarget::Interface(interface_name(&[name]), Some(read(global)?)),
            rest,
        )),
        [from, local, to, global, rest @ ..] => Some((
            Translated::Port(number, from.parse().ok()?, read(local)?),
            NatTarget::Port(to.parse().ok()?, read(global)?),
            rest,
        )),
        _ => None,
    }
}

fn network<'w>(from: &str, to: &str, rest: &'w [&'w str]) -> Option<(Translated, NatTarget, &'w [&'w str])> {
    let (from, to): (IpAddr, IpAddr) = (from.parse().ok()?, to.parse().ok()?);
    let (word, rest) = rest.split_first()?;
    let length = match word.strip_prefix('/') {
        Some(length) => length.parse().ok().filter(|length: &u8| *length <= 32)?,
        None => netmask_length(v4(word)?)?,
    };
    Some((Translated::Network(from, length), NatTarget::Network(to, length), rest))
}
