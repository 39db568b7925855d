//! Paths on which nothing was seen: permits without traffic, and what is open beyond the declared.

use super::rows::Row;
use super::{Context, classes};
use crate::configured::{Opened, enforcement};
use crate::packets::{self, Extent};
use crate::services::carried;
use crate::verification::{Configured, Declared, Observed, Path, PathName};
use crate::whereabouts::{is_within, lineage};
use crate::words;
use std::collections::{BTreeMap, BTreeSet};
use zonewright_firewall::reach::{PacketBox, PacketClass, RuleRef};
use zonewright_firewall::ruleset::{AddressSet, IntervalSet};
use zonewright_plant::id::{PermitId, ZoneId};
use zonewright_plant::model::{Conduit, Permit, Rhythm};
use zonewright_source::TextPlace;

/// Rows for what was not seen.
pub(super) fn silent(context: &mut Context<'_>, seen: &[Row]) -> Vec<Row> {
    let mut rows = unused_permits(context, seen);
    rows.extend(excess(context, seen));
    rows
}

pub(super) fn permits<'a>(context: &Context<'a>) -> Vec<(&'a Conduit, &'a Permit)> {
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
    let mut used: BTreeMap<&PermitId, BTreeSet<(ZoneId, ZoneId)>> = BTreeMap::new();
    for row in seen {
        for permit in &row.allowing {
            let zone = |id: &str| ZoneId::from(id);
            used.entry(permit).or_default().insert((zone(&row.path.from_zone), zone(&row.path.to_zone)));
        }
    }
    for (conduit, permit) in permits(context) {
        let used = used.get(&permit.id);
        for (from, to) in packets::joined(context.places(), conduit, permit) {
            let within = |(a, b): &(ZoneId, ZoneId)| is_within(plant, a, from) && is_within(plant, b, to);
            if !used.is_some_and(|pairs| pairs.iter().any(within)) {
                rows.push(unused(context, conduit, permit, from, to));
            }
        }
    }
    rows
}

fn unused(context: &mut Context<'_>, conduit: &Conduit, permit: &Permit, from: &ZoneId, to: &ZoneId) -> Row {
    let packets = packets::of_permit(context.places(), permit, from, to, Extent::Own);
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
        enforcement_shown: enforcement.shows(configured) && !packets.is_empty(),
    };
    unseen(path, String::new())
}

fn unseen(path: Path, opened: String) -> Row {
    Row { path, classes: BTreeSet::new(), places: Vec::new(), allowing: BTreeSet::new(), opened }
}

/// What the devices pass between zones beyond what is declared and what was seen.
fn excess(context: &mut Context<'_>, seen: &[Row]) -> Vec<Row> {
    let known = known_classes(context, seen);
    let mut rows = Vec::new();
    for at in 0..context.devices.len() {
        let Some(device) = context.devices.get(at) else { continue };
        let known_by_address = context.addresses.keys();
        let zones: BTreeSet<ZoneId> =
            device.zones(context.plant, known_by_address).into_iter().cloned().collect();
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
        for (from, to) in packets::pairs(context.places(), permit) {
            known.entry((from.clone(), to.clone())).or_default().extend(packets::of_permit(
                context.places(),
                permit,
                from,
                to,
                Extent::Whole,
            ));
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
    let outer = |zone: &ZoneId| lineage(plant, zone).cloned().collect::<Vec<_>>();
    let to_outer = outer(to);
    let pairs = outer(from).into_iter().flat_map(|a| to_outer.iter().map(move |b| (a.clone(), b.clone())));
    let declared: Vec<PacketClass> = pairs.filter_map(|pair| known.get(&pair)).flatten().cloned().collect();
    let observed = context.coverage.unseen_undeclared(from, to);
    let conduit = context.conduits.between(from, to).first().map(|conduit| conduit.id.clone());
    let Some(device) = context.devices.get_mut(at) else { return Vec::new() };
    let Some(way) = device.way(plant, Some(from), Some(to)) else { return Vec::new() };
    // What is too much to be told is possibly open.
    let (opened, mut more) =
        device.beyond(&way, &source, &destination, &declared).unwrap_or((Vec::new(), true));
    let mut found: Vec<(Option<RuleRef>, bool, Service, String)> = Vec::new();
    for Opened { rule, set, whole, sure } in opened {
        let services = services(&device.boxes(set));
        more |= services.is_empty();
        let opened = in_full(&device.boxes(whole));
        found.extend(services.into_iter().map(|service| (rule.clone(), sure, service, opened.clone())));
    }
    if more {
        let (protocol, ports) = ("any".to_string(), String::new());
        let (sources, destinations) = (source.clone(), destination.clone());
        found.push((None, false, Service { protocol, ports, sources, destinations }, String::new()));
    }
    let mut rows = Vec::new();
    for (rule, sure, service, opened) in found {
        let path = Path {
            from_zone: from.to_string(),
            to_zone: to.to_string(),
            from: side(&service.sources, &source),
            to: side(&service.destinations, &destination),
            protocol: service.protocol,
            port: service.ports,
            functions: Vec::new(),
            declared: if conduit.is_some() { Declared::ProtocolNotPermitted } else { Declared::NoConduit },
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
        rows.push(unseen(path, opened));
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
    let (named, others): (Vec<u8>, Vec<u8>) = numbers.partition(|number| name(*number).is_some());
    let mut all: Vec<Service> = named
        .iter()
        .filter_map(|number| {
            let open = |one: &PacketBox| one.protocols.contains(*number);
            Some(part(name(*number)?.to_string(), &open, matches!(number, 6 | 17 | 132)))
        })
        .collect();
    if others.len() <= OTHER_PROTOCOLS_MAX {
        let open = |number: u8| move |one: &PacketBox| one.protocols.contains(number);
        all.extend(others.iter().map(|number| part(format!("ip-{number}"), &open(*number), false)));
    } else {
        let open = |one: &PacketBox| others.iter().any(|number| one.protocols.contains(*number));
        all.push(part("other".to_string(), &open, false));
    }
    all
}

/// How many IP protocols without a name get a row each before one row tells of them all.
const OTHER_PROTOCOLS_MAX: usize = 4;

const fn name(protocol: u8) -> Option<&'static str> {
    match protocol {
        1 => Some("icmp"),
        6 => Some("tcp"),
        17 => Some("udp"),
        58 => Some("icmpv6"),
        132 => Some("sctp"),
        _ => None,
    }
}

/// Packets in full, for telling the rules that open them apart.
fn in_full(boxes: &[PacketBox]) -> String {
    let all = |of: &dyn Fn(&PacketBox) -> &AddressSet| {
        let all = boxes.iter().fold(AddressSet::none(), |all, one| all.union(of(one)));
        all.items().iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    };
    let (from, to) = (all(&|one| &one.sources), all(&|one| &one.destinations));
    let ports = boxes.iter().fold(IntervalSet::none(), |all, one| all.union(&one.ports));
    let protocols = boxes.iter().fold(IntervalSet::none(), |all, one| all.union(&one.protocols));
    format!("{from} {to} {:?} {:?}", protocols.intervals(), ports.intervals())
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
