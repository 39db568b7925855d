//! Zones: devices parted by network, then by what they do. Two networks whose hosts meet on one link are one zone;
//! addresses of the internet that came through a router are the outside.

use super::Point;
use super::networks::{Networks, Place};
use super::record::{blank_zone, free_id, proposed, slug};
use super::who::{Device, Devices, answered, stays};
use super::wishes::{Granularity, Rejected};
use crate::words::{count, list};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use zonewright_plant::Plant;
use zonewright_plant::id::{EvidenceId, ZoneId};
use zonewright_plant::model::{Address, AssetKind, Mac, Network, Zone, ZoneNetwork, ZoneType};
use zonewright_traffic::observation::{Flow, FlowEnd, Observation};
use zonewright_traffic::protocol::Class;
use zonewright_traffic::vocabulary::protocol_named;

/// Outside hosts that are told one by one; where there are more, the outside is everything.
const OUTSIDE_HOSTS_MAX: usize = 32;
/// From so many on each side, controllers and hosts that never talk to them are parted.
const SPLIT_MIN: usize = 2;
/// Protocols in which supervision is served, not the process itself.
const SUPERVISION: &[&str] = &["opcua"];
const SAFETY_HINTS: &[&str] = &["sis-", "safety", "trip", "triconex", "esd-", "shutdown"];
const WIRELESS_HINTS: &[&str] = &["wireless", "wlan", "wifi", "wi-fi", "access-point", "access point"];
const REMOTE_HINTS: &[&str] = &["supplier", "vendor", "remote", "service laptop", "vpn"];
const DMZ_HINTS: &[&str] = &["dmz", "jump"];
const OFFICE_HINTS: &[&str] = &["office", "erp", "enterprise"];

/// What is wished of the parting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wishes<'a> {
    pub(super) granularity: Granularity,
    pub(super) rejected: &'a Rejected,
}

/// Which devices belong together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Net(Place),
    /// Devices without addresses on a link.
    Link(EvidenceId),
    Outside,
}

/// Gives every device a zone and returns the zones that are new.
pub(super) fn part(
    observation: &Observation,
    plant: &Plant,
    devices: &mut Devices,
    wishes: Wishes<'_>,
    questions: &mut Vec<String>,
) -> Vec<Zone> {
    let granularity = wishes.granularity;
    in_the_plant(plant, devices);
    let nets = Networks::of(observation, devices, granularity);
    let leads = leads(observation, devices, &nets, granularity);
    let mut parts: BTreeMap<Part, Vec<usize>> = BTreeMap::new();
    let mut between = Vec::new();
    for (at, device) in devices.list.iter().enumerate() {
        if device.zone.is_some() || is_settled(device, plant) {
            continue;
        }
        let mut found: BTreeSet<Part> = device.ips.iter().map(|ip| part_of(ip, &nets, &leads)).collect();
        if found.len() > 1 {
            found.remove(&Part::Outside);
        }
        match found.first() {
            Some(part) if found.len() == 1 => parts.entry(part.clone()).or_default().push(at),
            Some(_) => between.push(at),
            None => {
                if let Some(point) = device.local.first().filter(|_| !device.router) {
                    parts.entry(home_of(point, devices, &nets, &leads)).or_default().push(at);
                }
            }
        }
    }
    for at in between {
        if let Some(device) = devices.list.get(at) {
            questions.push(format!(
                "{} has addresses in several networks ({}): which zone or conduit does it belong to? It was put into none",
                device.id,
                list(device.ips.iter().map(|address| address.ip.to_string()))
            ));
        }
    }
    let mut zones = Vec::new();
    let mut taken: BTreeSet<String> = plant.zones.keys().map(ToString::to_string).collect();
    let talk = Talk::of(observation, devices);
    for (part, members) in parts {
        for (label, members) in split(&part, members, devices, &talk, granularity) {
            let networks = networks(&part, label, &members, devices, &leads);
            let facts = Facts::of(&members, devices, &talk);
            let mut zone = describe(&part, label, &members, (networks, granularity), &facts, devices);
            if wishes.rejected.has_zone(&zone) {
                continue;
            }
            questions.extend(unparted(&zone, &members, devices));
            zone.id = ZoneId::from(free_id(zone.id.as_str(), |id| taken.contains(id)).as_str());
            taken.insert(zone.id.to_string());
            for at in members {
                if let Some(device) = devices.list.get_mut(at) {
                    device.zone = Some(zone.id.clone());
                }
            }
            zones.push(zone);
        }
    }
    zones
}

/// Controllers and the stations that supervise them in one network: no address parts them, so a person must.
fn unparted(zone: &Zone, members: &[usize], devices: &Devices) -> Option<String> {
    let of = |test: &dyn Fn(&Device) -> bool| -> Vec<&str> {
        members
            .iter()
            .filter_map(|at| devices.list.get(*at))
            .filter(|d| test(d))
            .map(|d| d.id.as_str())
            .collect()
    };
    let controllers = of(&is_controller);
    let stations = of(&|device| {
        let host = !matches!(device.kind, Some(AssetKind::Hmi));
        host && !is_controller(device) && device.asks.iter().any(|protocol| is_field(protocol))
    });
    (controllers.len() >= SPLIT_MIN && !stations.is_empty()).then(|| {
        format!(
            "{} holds controllers ({}) and stations that ask them ({}) in one network: shall supervision be a zone of its own? No address tells them apart, so that takes a firewall or a VLAN between them",
            zone.common.name.as_deref().unwrap_or(zone.id.as_str()),
            list(controllers),
            list(stations)
        )
    })
}

/// Where the captures were taken: the zones of those that sent on the link with their own link-layer address.
pub(super) fn points(
    observation: &Observation,
    plant: &Plant,
    devices: &Devices,
    contexts: &BTreeMap<EvidenceId, String>,
) -> BTreeMap<EvidenceId, Point> {
    let mut points = BTreeMap::new();
    for capture in &observation.captures {
        let Some(point) = capture.capture_point.as_deref().map(EvidenceId::from) else { continue };
        if plant.evidence.get(&point).is_some_and(|evidence| evidence.zone.is_some()) {
            continue;
        }
        let mut votes: BTreeMap<&ZoneId, usize> = BTreeMap::new();
        for device in devices.list.iter().filter(|device| !device.router && device.local.contains(&point)) {
            if let Some(zone) = &device.zone {
                *votes.entry(zone).or_default() += 1;
            }
        }
        let most = votes
            .iter()
            .max_by_key(|(zone, n)| (**n, std::cmp::Reverse(**zone)))
            .map(|(zone, n)| (*zone, *n));
        let reason = match most {
            Some((zone, n)) => format!(
                "{} of {zone} sent here from {} own link-layer address, not through a router",
                count(n as u64, "device"),
                if n == 1 { "its" } else { "their" }
            ),
            None => {
                "no device sent here from a link-layer address of its own: say in `zone` where it was taken"
                    .into()
            }
        };
        let zone = most.map(|(zone, _)| zone.clone());
        let sees =
            votes.keys().filter(|seen| Some(**seen) != zone.as_ref()).map(|seen| (*seen).clone()).collect();
        points.insert(point.clone(), Point { zone, sees, context: contexts.get(&point).cloned(), reason });
    }
    points
}

/// Devices that the plant's networks or the zones of its assets place.
fn in_the_plant(plant: &Plant, devices: &mut Devices) {
    let accepted = super::as_if_accepted(plant);
    let whereabouts = crate::whereabouts::Whereabouts::new(&accepted);
    for device in devices.list.iter_mut().filter(|device| device.zone.is_none()) {
        let of =
            |address: &Address| whereabouts.network_zone(address.ip, address.context.as_deref()).cloned();
        let zones: BTreeSet<ZoneId> = device.ips.iter().filter_map(of).collect();
        if zones.len() == 1 && !is_settled(device, plant) {
            device.zone = zones.into_iter().next();
        }
    }
}

/// Accepted without a zone, or within a conduit: a person decided that.
fn is_settled(device: &Device, plant: &Plant) -> bool {
    let asset = device.listed.as_ref().and_then(|id| plant.assets.get(id));
    asset.is_some_and(|asset| asset.conduit.is_some() || (!asset.common.proposed && !asset.ips.is_empty()))
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            // RFC 1918, RFC 6598 (shared address space of carriers), loopback, link-local.
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || (a == 100 && (64..128).contains(&b)))
        }
        IpAddr::V6(v6) => !(v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local()),
    }
}

fn part_of(address: &Address, nets: &Networks, leads: &BTreeMap<Place, Option<Place>>) -> Part {
    let place = nets.place(address);
    match place.as_ref().map(|place| leads.get(place)) {
        Some(Some(Some(lead))) => Part::Net(lead.clone()),
        _ => Part::Outside,
    }
}

/// The part that most devices on a link belong to, or the link itself.
fn home_of(
    point: &EvidenceId,
    devices: &Devices,
    nets: &Networks,
    leads: &BTreeMap<Place, Option<Place>>,
) -> Part {
    let mut votes: BTreeMap<Part, usize> = BTreeMap::new();
    for device in devices.list.iter().filter(|device| device.local.contains(point) && !device.router) {
        for address in &device.ips {
            *votes.entry(part_of(address, nets, leads)).or_default() += 1;
        }
    }
    votes.remove(&Part::Outside);
    let most = votes.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
    most.map_or_else(|| Part::Link(point.clone()), |(part, _)| part)
}

/// Every network, with the one that leads those on the same link; nothing for networks that are outside.
fn leads(
    observation: &Observation,
    devices: &Devices,
    nets: &Networks,
    granularity: Granularity,
) -> BTreeMap<Place, Option<Place>> {
    let mut inside: BTreeMap<Place, bool> = BTreeMap::new();
    for device in &devices.list {
        for address in &device.ips {
            if let Some(place) = nets.place(address) {
                let here = !is_public(address.ip) || (!device.local.is_empty() && !device.router);
                *inside.entry(place).or_default() |= here;
            }
        }
    }
    let mut leads: BTreeMap<Place, Option<Place>> =
        inside.iter().map(|(place, inside)| (place.clone(), inside.then(|| place.clone()))).collect();
    let mut join = |a: &Place, b: &Place| {
        let (Some(Some(a)), Some(Some(b))) = (leads.get(a).cloned(), leads.get(b).cloned()) else { return };
        if a != b {
            let (low, high) = if a < b { (a, b) } else { (b, a) };
            for lead in leads.values_mut().filter(|lead| lead.as_ref() == Some(&high)) {
                *lead = Some(low.clone());
            }
        }
    };
    for device in devices.list.iter().filter(|device| !device.router) {
        // A host with one address of each version has both on the same link.
        let own: BTreeSet<Place> = device.ips.iter().filter_map(|address| nets.place(address)).collect();
        let versions: BTreeSet<bool> = own.iter().map(|(network, _)| network.address().is_ipv4()).collect();
        if let (2, 2, [a, b]) = (own.len(), versions.len(), own.iter().collect::<Vec<_>>().as_slice()) {
            join(a, b);
        }
    }
    // Who says how long a network is, means networks of that length, also where several share a link.
    let on_one_link = !matches!(granularity, Granularity::Prefix(_));
    let met = observation.flows.iter().filter(|flow| on_one_link && flow.inside.is_none() && answered(flow));
    for flow in met.filter(|flow| share_a_link(flow, devices)) {
        if let (Some(a), Some(b)) =
            (on_link(&flow.initiator, devices, nets), on_link(&flow.responder, devices, nets))
        {
            join(&a, &b);
        }
    }
    leads
}

/// Were both ends on the link of one capture point that saw the flow? A flow that was seen on both sides of a router has
/// each end's own link-layer address, and the two never met.
fn share_a_link(flow: &Flow, devices: &Devices) -> bool {
    let of = |end: &FlowEnd| devices.list.get(devices.of(end.asset.as_deref())?);
    let (Some(a), Some(b)) = (of(&flow.initiator), of(&flow.responder)) else { return false };
    let points = flow.capture_points.iter().map(|point| EvidenceId::from(point.as_ref()));
    let mut on_both = points.filter(|point| a.local.contains(point) && b.local.contains(point));
    flow.capture_points.len() < 2 || on_both.next().is_some()
}

/// The network of an end that spoke with its own link-layer address.
fn on_link(end: &FlowEnd, devices: &Devices, nets: &Networks) -> Option<Place> {
    let device = devices.list.get(devices.of(end.asset.as_deref())?)?;
    let own = end.mac.is_some_and(|mac| device.macs.contains(&Mac(mac.0)));
    let ip = end.ip.filter(|ip| !stays(*ip) && own && !device.router)?;
    // A device with legs in several networks says nothing about where they meet.
    let v4 = device.ips.iter().filter(|address| address.ip.is_ipv4() == ip.is_ipv4()).count();
    device.ips.iter().find(|address| address.ip == ip && v4 == 1).and_then(|address| nets.place(address))
}

/// Can a protocol operate or program a process? Its own table of functions tells.
pub(super) fn is_field(name: &str) -> bool {
    let operates = |class| matches!(class, Class::Operate | Class::Program | Class::Firmware);
    !SUPERVISION.contains(&name)
        && protocol_named(name).is_some_and(|protocol| {
            protocol
                .elements
                .iter()
                .flat_map(|element| element.functions)
                .any(|function| operates(function.class))
        })
}

pub(super) fn is_controller(device: &Device) -> bool {
    device.serves.iter().any(|protocol| is_field(protocol))
        || matches!(
            device.kind,
            Some(
                AssetKind::Plc
                    | AssetKind::Rtu
                    | AssetKind::Ied
                    | AssetKind::DcsController
                    | AssetKind::SisLogicSolver
                    | AssetKind::RemoteIo
                    | AssetKind::Drive
                    | AssetKind::Robot
            )
        )
}

fn is_safety(device: &Device) -> bool {
    device.kind == Some(AssetKind::SisLogicSolver)
        || SAFETY_HINTS.iter().any(|hint| device.hints.contains(&format!(" {hint}")))
}

/// Who talks to whom, by device.
struct Talk {
    /// Initiator, responder, and which classes of field protocols were asked for; empty for other protocols.
    pairs: BTreeMap<(usize, usize), BTreeSet<Class>>,
}

impl Talk {
    fn of(observation: &Observation, devices: &Devices) -> Self {
        let mut pairs: BTreeMap<(usize, usize), BTreeSet<Class>> = BTreeMap::new();
        for flow in
            observation.flows.iter().filter(|flow| flow.inside.is_none() && flow.initiator.ip.is_some())
        {
            let (a, b) =
                (devices.of(flow.initiator.asset.as_deref()), devices.of(flow.responder.asset.as_deref()));
            if let (Some(a), Some(b)) = (a, b) {
                pairs.entry((a, b)).or_default().extend(field_classes(flow));
            }
        }
        Self { pairs }
    }
}

fn field_classes(flow: &Flow) -> impl Iterator<Item = Class> + '_ {
    crate::services::asked(flow)
        .filter(|function| is_field(&function.protocol))
        .map(|function| function.class)
}

/// One network may hold what should be apart: safety systems, and hosts that have nothing to do with its controllers.
fn split(
    part: &Part,
    members: Vec<usize>,
    devices: &Devices,
    talk: &Talk,
    granularity: Granularity,
) -> Vec<(&'static str, Vec<usize>)> {
    let of = |at: &usize| devices.list.get(*at);
    let is = |at: &usize, test: fn(&Device) -> bool| of(at).is_some_and(test);
    let controllers: BTreeSet<usize> = members.iter().copied().filter(|at| is(at, is_controller)).collect();
    let safe = |at: &usize| is(at, is_safety);
    let mixed = controllers.iter().any(safe) && controllers.iter().any(|at| !safe(at));
    let touches = |at: &usize| {
        talk.pairs
            .keys()
            .any(|(a, b)| (a == at && controllers.contains(b)) || (b == at && controllers.contains(a)))
    };
    let is_idle_host = |device: &Device| {
        device.packets > 0
            && !device.router
            && !device
                .asks
                .iter()
                .chain(&device.serves)
                .any(|name| is_field(name) || SUPERVISION.contains(&name.as_str()))
            && device
                .asks
                .iter()
                .chain(&device.serves)
                .any(|name| !matches!(name.as_str(), "icmp" | "ntp" | "snmp"))
            && !matches!(device.kind, Some(AssetKind::Switch | AssetKind::AccessPoint | AssetKind::Hmi))
    };
    let apart: BTreeSet<usize> =
        members.iter().copied().filter(|at| of(at).is_some_and(is_idle_host) && !touches(at)).collect();
    let least = if granularity == Granularity::Fine { 1 } else { SPLIT_MIN };
    let parts_hosts = granularity != Granularity::Coarse
        && *part != Part::Outside
        && controllers.len() >= least
        && apart.len() >= least;
    // Those that ask controllers of their own network, and are none: a person who parts finely puts them apart.
    let supervises = |at: &usize| {
        granularity == Granularity::Fine
            && !controllers.contains(at)
            && talk
                .pairs
                .iter()
                .any(|((a, b), classes)| a == at && controllers.contains(b) && !classes.is_empty())
    };
    let mut out: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
    for at in members {
        let label = match () {
            () if mixed && safe(&at) => "SAFETY",
            () if parts_hosts && apart.contains(&at) => "HOSTS",
            () if supervises(&at) => "SUPERVISION",
            () => "",
        };
        out.entry(label).or_default().push(at);
    }
    out.into_iter().collect()
}

fn networks(
    part: &Part,
    label: &str,
    members: &[usize],
    devices: &Devices,
    leads: &BTreeMap<Place, Option<Place>>,
) -> Vec<ZoneNetwork> {
    let zone_network = |network, context| ZoneNetwork { network, vlan: None, context };
    match part {
        Part::Net(lead) if label.is_empty() => {
            let mine = leads.iter().filter(|(_, of)| of.as_ref() == Some(lead));
            mine.map(|((network, context), _)| zone_network(*network, context.clone())).collect()
        }
        Part::Net(_) | Part::Link(_) => Vec::new(),
        Part::Outside => {
            let ips: BTreeSet<IpAddr> = members
                .iter()
                .filter_map(|at| devices.list.get(*at))
                .flat_map(|d| &d.ips)
                .map(|a| a.ip)
                .collect();
            if ips.len() <= OUTSIDE_HOSTS_MAX {
                let single = |ip: &IpAddr| Network::new(*ip, if ip.is_ipv4() { 32 } else { 128 });
                return ips.iter().filter_map(single).map(|network| zone_network(network, None)).collect();
            }
            ["0.0.0.0/0", "::/0"]
                .iter()
                .filter_map(|all| Network::parse(all))
                .map(|n| zone_network(n, None))
                .collect()
        }
    }
}

/// What the members of a zone do.
struct Facts {
    controllers: BTreeSet<usize>,
    /// Members that ask controllers elsewhere for values.
    supervisors: BTreeSet<usize>,
    /// Members that program or operate controllers elsewhere and never read from them.
    programmers: BTreeSet<usize>,
    supervision: bool,
    /// Others come to its services, from within the plant and from hosts without industrial protocols.
    serves_both: bool,
    asked_by_none: bool,
    /// Some member begins towards another zone.
    begins: bool,
}

impl Facts {
    fn of(members: &[usize], devices: &Devices, talk: &Talk) -> Self {
        let mine: BTreeSet<usize> = members.iter().copied().collect();
        let device = |at: usize| devices.list.get(at);
        let controllers = mine.iter().copied().filter(|at| device(*at).is_some_and(is_controller)).collect();
        let mut asked: BTreeMap<usize, BTreeSet<Class>> = BTreeMap::new();
        let (mut from_plant, mut from_other, mut asked_by_none, mut begins) = (false, false, true, false);
        for ((a, b), classes) in &talk.pairs {
            if mine.contains(a)
                && !mine.contains(b)
                && device(*b).is_some_and(is_controller)
                && !classes.is_empty()
            {
                asked.entry(*a).or_default().extend(classes);
            }
            begins |= mine.contains(a) && !mine.contains(b);
            if mine.contains(b) && !mine.contains(a) {
                asked_by_none = false;
                let industrial = |d: &Device| {
                    d.asks.iter().chain(&d.serves).any(|p| is_field(p)) || d.hints.contains("historian")
                };
                let plant_side = device(*a).is_some_and(industrial);
                from_plant |= plant_side;
                from_other |= !plant_side;
            }
        }
        let reads =
            |classes: &BTreeSet<Class>| classes.contains(&Class::Read) || classes.contains(&Class::Write);
        let (supervisors, programmers): (Vec<_>, Vec<_>) =
            asked.iter().partition(|(_, classes)| reads(classes));
        Self {
            controllers,
            supervisors: supervisors.into_iter().map(|(at, _)| *at).collect(),
            programmers: programmers.into_iter().map(|(at, _)| *at).collect(),
            supervision: mine.iter().any(|at| {
                device(*at).is_some_and(|d| SUPERVISION.iter().any(|name| d.serves.contains(*name)))
            }),
            serves_both: from_plant && from_other,
            asked_by_none,
            begins,
        }
    }
}

fn describe(
    part: &Part,
    label: &'static str,
    members: &[usize],
    (networks, granularity): (Vec<ZoneNetwork>, Granularity),
    facts: &Facts,
    devices: &Devices,
) -> Zone {
    let (zone_type, because) = kind_of(part, label, members, facts, devices);
    let place = match part {
        Part::Net((network, context)) => {
            let context = context.as_ref().map(|context| format!(" in {context}")).unwrap_or_default();
            format!("{network}{context}")
        }
        Part::Link(point) => format!("link of {point}"),
        Part::Outside => "outside".into(),
    };
    let title = match (zone_type, label) {
        (_, "HOSTS") => "Hosts without industrial traffic",
        (ZoneType::Control, _) => "Control",
        (ZoneType::Safety, _) => "Safety",
        (ZoneType::Supervisory, _) => "Supervisory",
        (ZoneType::Dmz, _) => "DMZ",
        (ZoneType::Enterprise, _) => "Enterprise",
        (ZoneType::Wireless, _) => "Wireless",
        (ZoneType::RemoteAccess, _) => "Remote access",
        _ if *part == Part::Outside => "Outside",
        _ => "Network",
    };
    let name =
        if *part == Part::Outside { "Outside the plant".to_string() } else { format!("{title}, {place}") };
    let seen = members.iter().filter(|at| devices.list.get(**at).is_some_and(|d| d.packets > 0)).count();
    let mut reason = match part {
        Part::Outside => format!("{} outside", count(members.len() as u64, "host")),
        _ => format!("{} of {place}", count(members.len() as u64, "device")),
    };
    if matches!(part, Part::Net(_)) && networks.iter().any(|n| n.network.address().is_ipv4()) {
        let prefix = granularity.prefix();
        reason.push_str(&match networks.iter().any(|n| n.network.prefix() == prefix) {
            true if granularity.halves() => format!(" (that it ends at /{prefix} is assumed)"),
            true => format!(" (/{prefix} as was asked for)"),
            false => " (hosts close by came through a router, so it is no longer than that)".to_owned(),
        });
    }
    if seen < members.len() {
        reason.push_str(&format!(", {seen} of them seen"));
    }
    reason.push_str(&format!("; {because}"));
    let others: Vec<String> = networks.iter().skip(1).map(|n| n.network.to_string()).collect();
    if !others.is_empty() && *part != Part::Outside {
        reason.push_str(&format!(
            "; with {}, whose hosts meet these on one link without a router",
            list(&others)
        ));
    }
    let mut zone = blank_zone(ZoneId::from(zone_id(part, label).as_str()), proposed(Some(name), reason));
    zone.zone_type = Some(zone_type);
    zone.inside =
        !matches!(zone_type, ZoneType::Enterprise | ZoneType::RemoteAccess) && *part != Part::Outside;
    zone.trusted = zone.inside;
    zone.networks = networks;
    zone
}

fn zone_id(part: &Part, label: &str) -> String {
    let place = match part {
        Part::Net((network, context)) => {
            let text = network.address().to_string();
            let text = text.strip_suffix(".0").unwrap_or(&text);
            let context = context.as_ref().map(|context| format!("-{context}")).unwrap_or_default();
            // `::/64` has no digit to be named by.
            let text = if network.address().is_unspecified() { "ANY" } else { text };
            slug(&format!("{text}{context}"))
        }
        Part::Link(point) => slug(&format!("LINK-{point}")),
        Part::Outside => "OUTSIDE".into(),
    };
    if label.is_empty() { format!("Z-{place}") } else { format!("Z-{place}-{label}") }
}

fn kind_of(
    part: &Part,
    label: &str,
    members: &[usize],
    facts: &Facts,
    devices: &Devices,
) -> (ZoneType, String) {
    let names =
        |of: &BTreeSet<usize>| list(of.iter().filter_map(|at| devices.list.get(*at)).map(|d| d.id.as_str()));
    let hinted = |hints: &[&str]| -> BTreeSet<usize> {
        let has = |d: &Device| hints.iter().any(|hint| d.hints.contains(hint));
        members.iter().copied().filter(|at| devices.list.get(*at).is_some_and(has)).collect()
    };
    let safety: BTreeSet<usize> =
        members.iter().copied().filter(|at| devices.list.get(*at).is_some_and(is_safety)).collect();
    let (wireless, remote, dmz, office) =
        (hinted(WIRELESS_HINTS), hinted(REMOTE_HINTS), hinted(DMZ_HINTS), hinted(OFFICE_HINTS));
    if *part == Part::Outside {
        return (ZoneType::Other, "public addresses that were only met through a router".into());
    }
    if label == "HOSTS" {
        return (
            ZoneType::Other,
            "they share a network with controllers, and none of them exchanged a packet with one (62443-3-2, ZCR 3.2)".into(),
        );
    }
    if !safety.is_empty() && facts.controllers.iter().all(|at| safety.contains(at)) {
        return (ZoneType::Safety, format!("safety related by name or kind: {}", names(&safety)));
    }
    if !wireless.is_empty() {
        return (ZoneType::Wireless, format!("wireless by name or kind: {}", names(&wireless)));
    }
    if !facts.controllers.is_empty() {
        return (
            ZoneType::Control,
            format!("controllers by what they answer or by their kind: {}", names(&facts.controllers)),
        );
    }
    if !facts.programmers.is_empty() && facts.supervisors.is_empty() {
        let who = names(&facts.programmers);
        return (
            ZoneType::RemoteAccess,
            format!("operating or programming controllers elsewhere without reading values from them: {who}"),
        );
    }
    if !facts.supervisors.is_empty() || facts.supervision {
        let who = if facts.supervisors.is_empty() { "its servers".into() } else { names(&facts.supervisors) };
        return (ZoneType::Supervisory, format!("supervising controllers elsewhere: {who}"));
    }
    if !remote.is_empty() && facts.asked_by_none {
        return (
            ZoneType::RemoteAccess,
            format!("{} by name or kind from elsewhere, and nobody begins towards it", names(&remote)),
        );
    }
    if facts.serves_both || !dmz.is_empty() {
        return (
            ZoneType::Dmz,
            "it serves hosts that speak industrial protocols and hosts that do not".into(),
        );
    }
    if (facts.asked_by_none && facts.begins) || !office.is_empty() {
        return (
            ZoneType::Enterprise,
            "no industrial protocol; it begins towards others, and nobody towards it".into(),
        );
    }
    (ZoneType::Other, "no industrial protocol; what it is for cannot be told from its traffic".into())
}
