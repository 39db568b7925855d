//! Paths on which nothing was seen: permits without traffic, and what is open beyond the declared.

use super::rows::Row;
use super::{Context, classes};
use crate::configured::{Enforcement, Opened, enforcement};
use crate::services::carried;
use crate::verification::{Configured, Declared, Observed, Path, PathName};
use crate::whereabouts::is_within;
use crate::words;
use std::collections::{BTreeMap, BTreeSet};
use zonewright_firewall::reach::{PacketBox, PacketClass};
use zonewright_firewall::ruleset::{AddressSet, IntervalSet};
use zonewright_plant::id::ZoneId;
use zonewright_plant::model::{Conduit, Permit, Rhythm};
use zonewright_source::TextPlace;

/// Rows for what was not seen.
pub(super) fn silent(context: &mut Context<'_>, seen: &[Row]) -> Vec<Row> {
    let mut rows = unused_permits(context, seen);
    rows.extend(excess(context, seen));
    rows
}

fn permits<'a>(context: &Context<'a>) -> Vec<(&'a Conduit, &'a Permit)> {
    let conduits = context.plant.conduits.values().filter(|conduit| !conduit.common.proposed);
    conduits
        .flat_map(|conduit| conduit.permits.iter().map(move |permit| (conduit, permit)))
        .filter(|(_, permit)| {
            !permit.common.proposed && permit.until.is_none_or(|until| context.as_of <= until)
        })
        .collect()
}

fn unused_permits(context: &mut Context<'_>, seen: &[Row]) -> Vec<Row> {
    let mut rows = Vec::new();
    let plant = context.plant;
    for (conduit, permit) in permits(context) {
        for (from, to) in classes::pairs(context, permit) {
            let used = seen.iter().any(|row| {
                row.path.permit.as_ref() == Some(&permit.id)
                    && row.path.declared == Declared::Permitted
                    && is_within(plant, &ZoneId::from(row.path.from_zone.as_str()), from)
                    && is_within(plant, &ZoneId::from(row.path.to_zone.as_str()), to)
            });
            if !used {
                rows.push(unused(context, conduit, permit, from, to));
            }
        }
    }
    rows
}

fn unused(context: &mut Context<'_>, conduit: &Conduit, permit: &Permit, from: &ZoneId, to: &ZoneId) -> Row {
    let packets = classes::of_permit(context, permit, from, to);
    let enforcement = enforcement(context.plant, &context.devices, Some(from), Some(to), Some(conduit));
    let configured = if packets.is_empty() {
        Configured::Unknown
    } else {
        enforcement.verdict(&mut context.devices, &packets)
    };
    let mut basis: BTreeSet<TextPlace> = BTreeSet::new();
    for (at, way) in enforcement.devices() {
        if let Some(device) = context.devices.get_mut(*at) {
            basis.extend(packets.iter().flat_map(|class| device.basis(way, class, configured)));
        }
    }
    let observed = context.coverage.unseen(from, to, permit.expected);
    let never_idle = matches!(permit.expected, Some(Rhythm::OnDemand | Rhythm::Emergency));
    let name = match (configured, observed) {
        (Configured::Closed, _) => PathName::Blocked,
        (_, Observed::NotSeen) if !never_idle => PathName::Idle,
        _ => PathName::NotObserved,
    };
    let ports: BTreeSet<String> = carried(permit)
        .iter()
        .flat_map(|c| &c.ports)
        .map(|range| port_text(range.first, range.last))
        .collect();
    let path = Path {
        from_zone: from.to_string(),
        to_zone: to.to_string(),
        from: words::list(permit.from.iter().map(ToString::to_string)),
        to: words::list(permit.to.iter().map(ToString::to_string)),
        protocol: permit.protocol.clone(),
        port: ports.into_iter().collect::<Vec<_>>().join(","),
        functions: permit.functions.clone(),
        declared: Declared::Permitted,
        permit: Some(permit.id.clone()),
        conduit: Some(conduit.id.clone()),
        unmet: Vec::new(),
        configured,
        configured_basis: basis.into_iter().take(crate::configured::BASIS_MAX).collect(),
        observed,
        flows: Vec::new(),
        packets: 0,
        name,
        enforcement_shown: enforcement != Enforcement::NotShown && !packets.is_empty(),
    };
    Row { path, classes: BTreeSet::new(), places: Vec::new() }
}

/// What the devices pass between zones beyond what is declared and what was seen.
fn excess(context: &mut Context<'_>, seen: &[Row]) -> Vec<Row> {
    let known = known_classes(context, seen);
    let mut rows = Vec::new();
    for at in 0..context.devices.len() {
        let Some(device) = context.devices.get(at) else { continue };
        let zones: BTreeSet<&ZoneId> =
            device.zones().filter(|zone| context.plant.zones.contains_key(*zone)).collect();
        for from in &zones {
            for to in zones.iter().filter(|to| *to != from) {
                rows.extend(excess_between(context, at, from, to, &known));
            }
        }
    }
    rows
}

/// Per pair of zones the packets that are declared, or were seen and have a row of their own.
fn known_classes(context: &Context<'_>, seen: &[Row]) -> BTreeMap<(ZoneId, ZoneId), Vec<PacketClass>> {
    let mut known: BTreeMap<(ZoneId, ZoneId), Vec<PacketClass>> = BTreeMap::new();
    for (_, permit) in permits(context) {
        for (from, to) in classes::pairs(context, permit) {
            known
                .entry((from.clone(), to.clone()))
                .or_default()
                .extend(classes::of_permit(context, permit, from, to));
        }
    }
    for row in seen.iter().filter(|row| row.path.name == PathName::Undocumented) {
        let flows = row.path.flows.iter().filter_map(|id| context.observation.flow(id));
        let key = (ZoneId::from(row.path.from_zone.as_str()), ZoneId::from(row.path.to_zone.as_str()));
        known.entry(key).or_default().extend(flows.filter_map(classes::of_flow));
    }
    known
}

fn excess_between(
    context: &mut Context<'_>,
    at: usize,
    from: &ZoneId,
    to: &ZoneId,
    known: &BTreeMap<(ZoneId, ZoneId), Vec<PacketClass>>,
) -> Vec<Row> {
    let plant = context.plant;
    let anywhere = || {
        let all = context.addresses.values().fold(AddressSet::none(), |all, set| all.union(set));
        all.complement()
    };
    let source = context.addresses.get(from).cloned().unwrap_or_else(anywhere);
    let destination = context.addresses.get(to).cloned().unwrap_or_else(anywhere);
    // A permit of an outer zone covers the zones within it.
    let declared: Vec<PacketClass> = known
        .iter()
        .filter(|((a, b), _)| is_within(plant, from, a) && is_within(plant, to, b) || (a == from && b == to))
        .flat_map(|(_, classes)| classes.iter().cloned())
        .collect();
    let observed = context.coverage.unseen_undeclared(from, to);
    let conduit = context.conduits.between(from, to).first().map(|conduit| conduit.id.clone());
    let Some(device) = context.devices.get_mut(at) else { return Vec::new() };
    let Some(way) = device.way(plant, Some(from), Some(to)) else { return Vec::new() };
    let Ok(opened) = device.beyond(&way, &source, &destination, &declared) else { return Vec::new() };
    let mut rows = Vec::new();
    for Opened { rule, set, sure } in opened {
        let boxes = device.boxes(set);
        for service in services(&boxes) {
            let path = Path {
                from_zone: from.to_string(),
                to_zone: to.to_string(),
                from: side(&service.sources, &source),
                to: side(&service.destinations, &destination),
                protocol: service.protocol,
                port: service.ports,
                functions: Vec::new(),
                declared: if conduit.is_some() {
                    Declared::ProtocolNotPermitted
                } else {
                    Declared::NoConduit
                },
                permit: None,
                conduit: conduit.clone(),
                unmet: Vec::new(),
                configured: if sure { Configured::Open } else { Configured::Unknown },
                configured_basis: rule.iter().map(|rule| rule.place.clone()).collect(),
                observed,
                flows: Vec::new(),
                packets: 0,
                name: PathName::Excess,
                enforcement_shown: true,
            };
            rows.push(Row { path, classes: BTreeSet::new(), places: Vec::new() });
        }
    }
    rows
}

struct Service {
    protocol: String,
    ports: String,
    sources: AddressSet,
    destinations: AddressSet,
}

/// The services that boxes make up: one row `any` where every protocol is open, else one per protocol.
fn services(boxes: &[PacketBox]) -> Vec<Service> {
    let protocols = boxes.iter().fold(IntervalSet::none(), |all, one| all.union(&one.protocols));
    let part = |protocol: String, of: &dyn Fn(&PacketBox) -> bool, ports: bool| {
        let boxes: Vec<&PacketBox> = boxes.iter().filter(|one| of(one)).collect();
        let open = boxes.iter().fold(IntervalSet::none(), |all, one| all.union(&one.ports));
        let sources = boxes.iter().fold(AddressSet::none(), |all, one| all.union(&one.sources));
        let destinations = boxes.iter().fold(AddressSet::none(), |all, one| all.union(&one.destinations));
        let ports = if ports && open != IntervalSet::all() { ports_text(&open) } else { String::new() };
        Service { protocol, ports, sources, destinations }
    };
    if protocols == IntervalSet::all() {
        return vec![part("any".into(), &|_| true, false)];
    }
    let numbers = protocols.intervals().iter().flat_map(|(first, last)| *first..=*last);
    numbers
        .map(|number| {
            let name = match number {
                1 => "icmp".to_string(),
                6 => "tcp".to_string(),
                17 => "udp".to_string(),
                58 => "icmpv6".to_string(),
                132 => "sctp".to_string(),
                other => format!("ip-{other}"),
            };
            part(name, &|one| one.protocols.contains(number), matches!(number, 6 | 17 | 132))
        })
        .collect()
}

/// How many port ranges a row prints before it only counts the rest.
const PORT_RANGES_MAX: usize = 6;

fn ports_text(ports: &IntervalSet<u16>) -> String {
    let ranges = ports.intervals();
    let mut text: Vec<String> = ranges.iter().take(PORT_RANGES_MAX).map(|(a, b)| port_text(*a, *b)).collect();
    if ranges.len() > PORT_RANGES_MAX {
        text.push(format!("and {} more ranges", ranges.len() - PORT_RANGES_MAX));
    }
    text.join(",")
}

fn port_text(first: u16, last: u16) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

/// Addresses in words: `any` for the whole zone.
fn side(part: &AddressSet, whole: &AddressSet) -> String {
    if whole.intersection(&part.complement()).is_none() {
        "any".to_string()
    } else {
        words::list(part.items())
    }
}
