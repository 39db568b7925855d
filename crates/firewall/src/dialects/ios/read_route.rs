//! Static routes, route maps, VLAN access maps: as far as they drop packets or choose what is translated.

use super::config::{Route, RouteMap, RouteStep, VlanFilter, v4};
use super::names::interface_name;
use super::reader::{Block, Read, Reader, Statement};
use crate::dialects::cisco::netmask_length;
use crate::ruleset::{IntervalSet, IpVersion};

/// Most steps of a map.
const STEPS_MAX: usize = 10_000;

/// Most VLAN filters: as many as there are VLANs.
const FILTERS_MAX: usize = 4_096;

/// The number of a step that has none.
const STEP: u64 = 10;

/// A statement of routing that bears on which packets pass.
pub(super) fn top(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Read {
    match statement.words {
        ["ip" | "ipv6", "route", "profile" | "static", ..] => Read::Foreign,
        ["ip", "route", rest @ ..] => route(reader, IpVersion::V4, rest, statement),
        ["ipv6", "route", rest @ ..] => route(reader, IpVersion::V6, rest, statement),
        ["router", "static", ..] => Read::Foreign,
        [
            "router" | "ipv6",
            "router" | "ospf" | "eigrp" | "bgp" | "rip" | "isis" | "odr" | "ospfv3" | "iso-igrp" | "mobile",
            ..,
        ]
        | ["router", ..] => {
            reader.config.learns_routes = true;
            reader.open(Block::Routing, statement.words);
            Read::Ignored
        }
        ["route-map", name, rest @ ..] => {
            let permit = rest.first() != Some(&"deny");
            step(reader, name, rest.get(1).copied(), permit, statement, false)
        }
        ["vlan", "access-map", name, rest @ ..] => {
            step(reader, name, rest.first().copied(), true, statement, true)
        }
        ["vlan", "filter", ..] if reader.config.vlan_filters.len() >= FILTERS_MAX => Read::Unread,
        ["vlan", "filter", map, "vlan-list", rest @ ..] => match vlans(&rest.concat()) {
            Some(vlans) => {
                let filter = VlanFilter { map: (*map).to_owned(), vlans, span: statement.span.clone() };
                reader.config.vlan_filters.push(filter);
                Read::Modeled
            }
            None => Read::Unread,
        },
        _ => Read::Foreign,
    }
}

fn route(reader: &mut Reader<'_>, version: IpVersion, words: &[&str], statement: &Statement<'_>) -> Read {
    let (vrf, words) = match words {
        ["vrf", vrf, rest @ ..] => (Some((*vrf).to_owned()), rest),
        _ => (None, words),
    };
    let found = match (version, words) {
        (IpVersion::V4, [address, mask, rest @ ..]) if v4(mask).is_some() => v4(address)
            .zip(v4(mask).and_then(netmask_length))
            .map(|(address, length)| (address.into(), length, rest)),
        (_, [prefix, rest @ ..]) => prefix
            .split_once('/')
            .and_then(|(address, length)| Some((address.parse().ok()?, length.parse::<u8>().ok()?, rest))),
        _ => None,
    };
    let Some((network, length, rest)) = found else { return Read::Unread };
    let discards = rest
        .first()
        .is_some_and(|word| word.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("null")));
    reader.config.routes.push(Route {
        vrf,
        network,
        length,
        discards,
        conditional: rest.contains(&"track"),
        span: statement.span.clone(),
    });
    Read::Modeled
}

/// Opens a step of a route map or of a VLAN access map.
fn step(
    reader: &mut Reader<'_>,
    name: &str,
    number: Option<&str>,
    permit: bool,
    statement: &Statement<'_>,
    vlan: bool,
) -> Read {
    let number = match number.map(str::parse) {
        None => STEP,
        Some(Ok(number)) => number,
        Some(Err(_)) => return Read::Unread,
    };
    let maps = if vlan { &mut reader.config.vlan_maps } else { &mut reader.config.route_maps };
    let map = maps.get_or_add(name, || RouteMap {
        name: name.to_owned(),
        steps: Vec::new(),
        open: number,
        span: statement.span.clone(),
    });
    let at = map.steps.partition_point(|step| step.number < number);
    if map.steps.get(at).is_none_or(|step| step.number != number) {
        if map.steps.len() >= STEPS_MAX {
            return Read::Unread;
        }
        map.steps.insert(
            at,
            RouteStep {
                number,
                permit,
                lists: Vec::new(),
                interfaces: Vec::new(),
                unclear: None,
                other_frames: false,
                discards: false,
                span: statement.span.clone(),
            },
        );
    }
    map.open = number;
    let block = if vlan { Block::VlanMap(name.to_owned()) } else { Block::RouteMap(name.to_owned()) };
    reader.open(block, statement.words);
    Read::Modeled
}

/// A line within a step of a route map.
pub(super) fn route_map(reader: &mut Reader<'_>, name: &str, statement: &Statement<'_>) -> Read {
    let config = &mut reader.config;
    let Some(step) = config.route_maps.get_mut(name).and_then(RouteMap::open_step) else {
        return Read::Unread;
    };
    match statement.words {
        ["match", family @ ("ip" | "ipv6"), "address", rest @ ..] if rest.first() != Some(&"prefix-list") => {
            let version = if *family == "ip" { IpVersion::V4 } else { IpVersion::V6 };
            step.lists.extend(rest.iter().map(|list| ((*list).to_owned(), version)));
            config.used_lists.extend(rest.iter().map(|list| (*list).to_owned()));
        }
        ["match", "interface", names @ ..] => {
            step.interfaces.extend(names.iter().map(|name| interface_name(&[name])));
        }
        ["match", rest @ ..] => {
            step.unclear.get_or_insert(rest.join(" "));
        }
        ["set", "interface", names @ ..] | ["set", "default", "interface", names @ ..] => {
            step.discards |= names.iter().any(|name| name.to_ascii_lowercase().starts_with("null"));
        }
        ["set" | "description" | "continue" | "no", ..] => return Read::Ignored,
        _ => return Read::Unread,
    }
    Read::Modeled
}

/// A line within a step of a VLAN access map.
pub(super) fn vlan_map(reader: &mut Reader<'_>, name: &str, statement: &Statement<'_>) -> Read {
    let config = &mut reader.config;
    let Some(step) = config.vlan_maps.get_mut(name).and_then(RouteMap::open_step) else {
        return Read::Unread;
    };
    match statement.words {
        ["match", family @ ("ip" | "ipv6"), "address", lists @ ..] => {
            let version = if *family == "ip" { IpVersion::V4 } else { IpVersion::V6 };
            step.lists.extend(lists.iter().map(|list| ((*list).to_owned(), version)));
            config.used_lists.extend(lists.iter().map(|list| (*list).to_owned()));
        }
        ["match", "mac", ..] => step.other_frames = true,
        ["action", "forward", ..] => step.permit = true,
        ["action", "drop", ..] => step.permit = false,
        ["action", "redirect", ..] => {
            step.unclear.get_or_insert(statement.words.join(" "));
        }
        ["statistics", ..] => return Read::Ignored,
        _ => {
            step.unclear.get_or_insert(statement.words.join(" "));
            return Read::Unread;
        }
    }
    Read::Modeled
}

impl RouteMap {
    fn open_step(&mut self) -> Option<&mut RouteStep> {
        let at = self.steps.binary_search_by_key(&self.open, |step| step.number).ok()?;
        self.steps.get_mut(at)
    }
}

/// `10,20-30`, `all`.
fn vlans(text: &str) -> Option<IntervalSet<u16>> {
    if text == "all" {
        return Some(IntervalSet::all());
    }
    let mut ranges = Vec::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        ranges.push((first.parse().ok()?, last.parse().ok()?));
    }
    (!ranges.is_empty()).then(|| IntervalSet::from_ranges(ranges))
}
