//! Conduits and least-privilege permits: what crosses between zones and no permit allows yet, merged to the fewest permits
//! that allow no more than what was seen.

use super::record::{blank_conduit, blank_permit, free_id, proposed, slug};
use super::who::answered;
use super::wishes::Rejected;
use crate::declared::Conduits;
use crate::observed::segment;
use crate::services::{asked, covers_service, protocol_name};
use crate::verification::Declared;
use crate::whereabouts::{Whereabout, Whereabouts, Who};
use crate::words::{count, list};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use zonewright_plant::Plant;
use zonewright_plant::id::{AssetId, ConduitId, PermitId, ZoneId};
use zonewright_plant::model::{
    AssetKind, Conduit, Endpoint, Medium, Permit, PortRange, Rhythm, Zone, ZoneType,
};
use zonewright_source::PacketPlace;
use zonewright_traffic::observation::{Flow, InitiatorBasis, Observation, Transport};
use zonewright_traffic::protocol::Class;
use zonewright_traffic::vocabulary::spoken_with;

/// From so many assets on, a zone of which everybody uses a service is named as a whole.
const WHOLE_ZONE_MIN: usize = 3;
/// Of a capture's window, a flow must fill so much, in percent, to be called continuous.
const FILLED_PERCENT_MIN: i64 = 75;
const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;
/// From so many days on, a rhythm of days can be told.
const DAYS_MIN: usize = 3;
/// From so many requests on, it can be told how far they are apart.
const REQUESTS_MIN: u64 = 10;
/// A capture must be at least so long for a rhythm to be told from it.
const WINDOW_MIN: i64 = 60 * SECOND;

/// What is missing.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) conduits: Vec<Conduit>,
    pub(super) added: Vec<(ConduitId, Permit)>,
    pub(super) asked: Vec<String>,
}

/// A service between two zones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Service {
    from: ZoneId,
    to: ZoneId,
    protocol: String,
    ports: Vec<PortRange>,
}

/// How often something was seen, in the order in which one includes the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Expected {
    #[default]
    OnDemand,
    Monthly,
    Weekly,
    Daily,
    Continuous,
}

impl Expected {
    const fn rhythm(self) -> Rhythm {
        match self {
            Self::OnDemand => Rhythm::OnDemand,
            Self::Monthly => Rhythm::Monthly,
            Self::Weekly => Rhythm::Weekly,
            Self::Daily => Rhythm::Daily,
            Self::Continuous => Rhythm::Continuous,
        }
    }
}

/// What one asks of another.
#[derive(Debug, Clone, Default)]
struct Use {
    classes: BTreeSet<Class>,
    packets: u64,
    first: Option<PacketPlace>,
    expected: Expected,
    /// How far its requests are apart on average, in nanoseconds.
    period: Option<i64>,
    clear_text: bool,
    guessed: bool,
    against: BTreeSet<String>,
}

/// A permit in the making: everybody of `from` asks everybody of `to` for the same classes.
#[derive(Debug, Clone)]
struct Merged {
    from: BTreeSet<Who>,
    to: BTreeSet<Who>,
    used: Use,
}

/// The conduits and permits that `plant` lacks. What it has is taken as accepted, so that nothing is proposed twice.
pub(super) fn missing(observation: &Observation, plant: &Plant, rejected: &Rejected) -> Found {
    let whole = super::as_if_accepted(plant);
    let mut found = Found::default();
    let services = services(observation, &whole, rejected, &mut found.asked);
    let mut ids: BTreeSet<String> =
        whole.conduits.values().flat_map(|c| &c.permits).map(|p| p.id.to_string()).collect();
    let mut conduit_ids: BTreeSet<String> = whole.conduits.keys().map(ToString::to_string).collect();
    let known = Conduits::new(&whole);
    let mut new: BTreeMap<(ZoneId, ZoneId), Conduit> = BTreeMap::new();
    for (service, uses) in services {
        for merged in merge(uses) {
            let permit = permit(&whole, &service, &merged, &mut ids);
            if let Some(conduit) = known.between(&service.from, &service.to).first() {
                found.added.push((conduit.id.clone(), permit));
                continue;
            }
            let pair = ordered(&service.from, &service.to);
            let conduit = new.entry(pair.clone()).or_insert_with(|| conduit(&whole, &pair, &mut conduit_ids));
            conduit.permits.push(permit);
        }
    }
    for conduit in new.values_mut() {
        let protocols: BTreeSet<&str> =
            conduit.permits.iter().map(|permit| permit.protocol.as_str()).collect();
        let reason = format!(
            "traffic crosses between the two zones: {} in {}",
            list(&protocols),
            count(conduit.permits.len() as u64, "permit")
        );
        conduit.common.reason = Some(reason);
    }
    found.conduits = new.into_values().collect();
    found
}

fn ordered(a: &ZoneId, b: &ZoneId) -> (ZoneId, ZoneId) {
    if a <= b { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) }
}

fn short(zone: &ZoneId) -> String {
    let id = zone.as_str();
    slug(id.strip_prefix("Z-").unwrap_or(id))
}

fn conduit(plant: &Plant, pair: &(ZoneId, ZoneId), taken: &mut BTreeSet<String>) -> Conduit {
    let id = free_id(&format!("C-{}-{}", short(&pair.0), short(&pair.1)), |id| taken.contains(id));
    taken.insert(id.clone());
    let name = |zone: &ZoneId| {
        let name = plant.zones.get(zone).and_then(|zone| zone.common.name.clone());
        name.unwrap_or_else(|| zone.to_string())
    };
    let name = format!("{} to {}", name(&pair.0), name(&pair.1));
    let mut conduit = blank_conduit(
        ConduitId::from(id.as_str()),
        proposed(Some(name), String::new()),
        vec![pair.0.clone(), pair.1.clone()],
    );
    conduit.medium = Some(Medium::Ip);
    conduit
}

type Uses = BTreeMap<(Who, Who), Use>;

/// Every use of a service between two zones that no permit allows.
fn services(
    observation: &Observation,
    plant: &Plant,
    rejected: &Rejected,
    questions: &mut Vec<String>,
) -> BTreeMap<Service, Uses> {
    let whereabouts = Whereabouts::new(plant);
    let conduits = Conduits::new(plant);
    let windows = windows(observation);
    let mut services: BTreeMap<Service, Uses> = BTreeMap::new();
    let mut attempts: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut strangers: BTreeSet<String> = BTreeSet::new();
    for flow in observation.flows.iter().filter(|flow| flow.inside.is_none()) {
        let (from, to) = match whereabouts.ends(flow, segment(plant, &flow.capture_points)) {
            (Whereabout::Known { zone: a, who: from }, Whereabout::Known { zone: b, who: to }) if a != b => {
                ((a, from), (b, to))
            }
            (Whereabout::Unknown(who), Whereabout::Known { .. })
            | (Whereabout::Known { .. }, Whereabout::Unknown(who)) => {
                if answered(flow) {
                    strangers.insert(who);
                }
                continue;
            }
            _ => continue,
        };
        let judged = conduits.judge((&from.0, &from.1), (&to.0, &to.1), flow, Date::MIN);
        let lacking: Vec<_> = judged
            .iter()
            .filter(|part| !matches!(part.declared, Declared::Permitted | Declared::Expired))
            .collect();
        if lacking.is_empty() {
            continue;
        }
        if !answered(flow) {
            let what = format!("{}:{}", to.1, flow.responder.port.unwrap_or_default());
            attempts.entry((from.1.to_string(), protocol_name(flow))).or_default().insert(what);
            continue;
        }
        let new: BTreeSet<Class> = match lacking.as_slice() {
            [part] if part.declared == Declared::FunctionNotPermitted => part.classes.clone(),
            _ => asked(flow).map(|function| function.class).collect(),
        };
        let mut wanted = if restricts(flow) { classes(new) } else { BTreeSet::new() };
        let refused = rejected.of_flow(plant, (&from.0, &from.1), (&to.0, &to.1), flow);
        let no_conduit = conduits.between(&from.0, &to.0).is_empty() && rejected.joins(&from.0, &to.0);
        let all = |permit: &&Permit| permit.classes.is_empty() && permit.functions.is_empty();
        wanted
            .retain(|class| !refused.iter().any(|permit| permit.classes.iter().any(|c| c == class.as_str())));
        // What was turned down is not proposed again.
        if no_conduit || refused.iter().any(all) || (wanted.is_empty() && !refused.is_empty()) {
            continue;
        }
        let (protocol, ports) = service_of(flow);
        let service = Service { from: from.0, to: to.0, protocol, ports };
        let used = services.entry(service).or_default().entry((from.1, to.1)).or_default();
        used.classes.extend(wanted);
        // Seen at two points, it is counted once.
        used.packets = used.packets.max(flow.packets);
        used.first = used.first.take().or_else(|| flow.places.first().cloned());
        used.expected = used.expected.max(expected(flow, &windows));
        used.period = shorter(used.period, period(flow));
        used.clear_text |= flow.clear_text_credentials;
        used.guessed |= flow.initiator_basis >= InitiatorBasis::Port;
        used.against
            .extend(lacking.iter().filter_map(|part| part.permit).map(|permit| permit.id.to_string()));
    }
    for ((from, protocol), to) in attempts {
        questions.push(format!(
            "{from} tried {protocol} towards {} and nobody answered: no permit was proposed for that",
            list(&to)
        ));
    }
    if !strangers.is_empty() {
        questions.push(format!(
            "{} belong to no zone: put them into one, or find out what they are",
            list(&strangers)
        ));
    }
    services
}

/// The narrowest word and ports of a permit that cover a flow.
fn service_of(flow: &Flow) -> (String, Vec<PortRange>) {
    let port: Vec<PortRange> =
        flow.responder.port.map(|port| PortRange { first: port, last: port }).into_iter().collect();
    let transport = match flow.transport {
        Transport::Ether(0x0806) => "arp".to_string(),
        other => other.to_string(),
    };
    let mut candidates: Vec<(String, Vec<PortRange>)> = Vec::new();
    if let Some(name) = &flow.protocol {
        candidates.push((name.to_string(), Vec::new()));
        candidates.push((name.to_string(), port.clone()));
    }
    candidates.push((transport.clone(), port));
    candidates.push((transport, Vec::new()));
    let covers = |(word, ports): &(String, Vec<PortRange>)| {
        let mut permit = blank_permit(PermitId::from("P"), proposed(None, String::new()), word.clone());
        permit.ports.clone_from(ports);
        covers_service(&permit, flow)
    };
    candidates.into_iter().find(covers).unwrap_or_else(|| ("any".into(), Vec::new()))
}

/// Has the flow's protocol functions that matter to a plant? Those of TLS or SSH open sessions and nothing else.
fn restricts(flow: &Flow) -> bool {
    let matters = |class: Class| !matches!(class, Class::Session | Class::Authenticate | Class::Other);
    let known = flow.protocol.as_deref().and_then(zonewright_traffic::vocabulary::protocol_named);
    known.is_some_and(|protocol| {
        let all = spoken_with(protocol).flat_map(|protocol| protocol.elements);
        all.flat_map(|element| element.functions).any(|function| matters(function.class))
    })
}

/// Sessions come with every permit; where nothing else was asked for, they are all that is permitted.
fn classes(mut all: BTreeSet<Class>) -> BTreeSet<Class> {
    all.retain(|class| !matches!(class, Class::Session | Class::Authenticate));
    if all.is_empty() {
        all.insert(Class::Session);
    }
    all
}

type Windows = BTreeMap<String, (i64, i64)>;

fn windows(observation: &Observation) -> Windows {
    let mut windows = Windows::new();
    for capture in &observation.captures {
        let (Some(first), Some(last)) = (capture.first_seen, capture.last_seen) else { continue };
        let point = capture.capture_point.as_ref().unwrap_or(&capture.path);
        let window = windows.entry(point.to_string()).or_insert((first.nanoseconds, last.nanoseconds));
        *window = (window.0.min(first.nanoseconds), window.1.max(last.nanoseconds));
    }
    windows
}

/// Does it fill the window of a capture, with a packet a minute or more?
fn is_continuous(flow: &Flow, windows: &Windows) -> bool {
    flow.capture_points.iter().filter_map(|point| windows.get(point.as_ref())).any(|(first, last)| {
        let window = last.saturating_sub(*first);
        let span = flow.last_seen.nanoseconds.saturating_sub(flow.first_seen.nanoseconds);
        let often = i128::from(flow.packets) * i128::from(WINDOW_MIN) >= i128::from(window);
        window >= WINDOW_MIN
            && often
            && i128::from(span) * 100 >= i128::from(window) * i128::from(FILLED_PERCENT_MIN)
    })
}

/// The rhythm that a capture shows: all through it, or on days that are evenly apart.
fn expected(flow: &Flow, windows: &Windows) -> Expected {
    if is_continuous(flow, windows) {
        return Expected::Continuous;
    }
    let days = flow.active_days.as_slice();
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Expected::OnDemand };
    let points = flow.capture_points.iter().filter_map(|point| windows.get(point.as_ref()));
    let window = points.map(|(first, last)| last.saturating_sub(*first) / DAY).max().unwrap_or_default();
    let filled = i64::from(last - first) * 100 >= window * FILLED_PERCENT_MIN;
    let apart = |range: std::ops::RangeInclusive<i32>| {
        days.windows(2).all(|pair| matches!(pair, [a, b] if range.contains(&(b - a))))
    };
    if days.len() < DAYS_MIN || !filled {
        Expected::OnDemand
    } else if apart(1..=1) {
        Expected::Daily
    } else if apart(1..=7) {
        Expected::Weekly
    } else if apart(1..=31) {
        Expected::Monthly
    } else {
        Expected::OnDemand
    }
}

/// How far apart the requests are of the function that is asked for most often.
fn period(flow: &Flow) -> Option<i64> {
    let count = asked(flow).map(|function| function.count).max().filter(|count| *count >= REQUESTS_MIN)?;
    let span = flow.last_seen.nanoseconds.saturating_sub(flow.first_seen.nanoseconds);
    i64::try_from(count - 1).ok().map(|gaps| span / gaps).filter(|period| *period > 0)
}

fn shorter(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    a.into_iter().chain(b).min()
}

/// A time in words, to the unit that matters.
fn lasting(nanoseconds: i64) -> String {
    match nanoseconds {
        i64::MIN..1_000_000 => format!("{} µs", nanoseconds / 1000),
        1_000_000..1_000_000_000 => format!("{} ms", nanoseconds / 1_000_000),
        1_000_000_000..60_000_000_000 => {
            format!("{}.{} s", nanoseconds / SECOND, nanoseconds % SECOND / 100_000_000)
        }
        _ => format!("{} min", nanoseconds / (60 * SECOND)),
    }
}

/// Merges uses of the same classes: first those of one asker, then askers with the same list of asked.
fn merge(uses: Uses) -> Vec<Merged> {
    type Alike = (BTreeSet<Class>, Expected);
    let mut by_asker: BTreeMap<(Alike, Who), Merged> = BTreeMap::new();
    for ((from, to), used) in uses {
        let alike = (used.classes.clone(), used.expected);
        let fresh =
            || Merged { from: BTreeSet::from([from.clone()]), to: BTreeSet::new(), used: Use::default() };
        let merged = by_asker.entry((alike, from.clone())).or_insert_with(fresh);
        merged.to.insert(to);
        merged.used.add(used);
    }
    let mut by_asked: BTreeMap<(Alike, BTreeSet<Who>), Merged> = BTreeMap::new();
    for ((alike, _), one) in by_asker {
        match by_asked.entry((alike, one.to.clone())) {
            std::collections::btree_map::Entry::Vacant(entry) => drop(entry.insert(one)),
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                entry.get_mut().from.extend(one.from);
                entry.get_mut().used.add(one.used);
            }
        }
    }
    by_asked.into_values().collect()
}

impl Use {
    fn add(&mut self, other: Self) {
        self.classes.extend(other.classes);
        self.packets = self.packets.saturating_add(other.packets);
        self.first = self.first.take().or(other.first);
        self.expected = self.expected.max(other.expected);
        self.period = shorter(self.period, other.period);
        self.clear_text |= other.clear_text;
        self.guessed |= other.guessed;
        self.against.extend(other.against);
    }
}

/// The ends of a permit: assets, or the zone where all of it takes part or an address is of no asset.
fn ends(plant: &Plant, zone: &ZoneId, who: &BTreeSet<Who>) -> Vec<Endpoint> {
    let named: Option<BTreeSet<AssetId>> = who
        .iter()
        .map(|who| match who {
            Who::Asset(id) => Some(id.clone()),
            Who::Address(_) => None,
        })
        .collect();
    let all: BTreeSet<&AssetId> = plant
        .assets
        .values()
        .filter(|asset| asset.zone.as_ref() == Some(zone))
        .map(|asset| &asset.id)
        .collect();
    match named {
        Some(named) if named.len() >= WHOLE_ZONE_MIN && named.len() == all.len() => {
            vec![Endpoint::Zone(zone.clone())]
        }
        Some(named) => named.into_iter().map(Endpoint::Asset).collect(),
        None => vec![Endpoint::Zone(zone.clone())],
    }
}

fn permit(plant: &Plant, service: &Service, merged: &Merged, taken: &mut BTreeSet<String>) -> Permit {
    let (from, to) = (ends(plant, &service.from, &merged.from), ends(plant, &service.to, &merged.to));
    let label = |ends: &[Endpoint], zone: &ZoneId| match ends {
        [Endpoint::Asset(id)] => slug(id.as_str()),
        _ => short(zone),
    };
    let wanted =
        format!("P-{}-{}-{}", label(&from, &service.from), label(&to, &service.to), slug(&service.protocol));
    let wanted: String = wanted.chars().take(56).collect();
    let id = free_id(wanted.trim_end_matches('-'), |id| taken.contains(id));
    taken.insert(id.clone());
    let names = |ends: &[Endpoint]| list(ends.iter().map(ToString::to_string));
    let classes: Vec<String> = merged.used.classes.iter().map(|class| class.as_str().to_string()).collect();
    let what = if classes.is_empty() {
        service.protocol.clone()
    } else {
        format!("{} ({})", service.protocol, classes.join(", "))
    };
    let name = format!("{what}: {} to {}", names(&from), names(&to));
    let mut reason = reason(merged);
    reason.push_str(&crossing(plant, service, &merged.used));
    reason.push_str(&historian(plant, &merged.from, &merged.used));
    let mut permit =
        blank_permit(PermitId::from(id.as_str()), proposed(Some(name), reason), service.protocol.clone());
    permit.from = from;
    permit.to = to;
    permit.classes = classes;
    permit.ports.clone_from(&service.ports);
    permit.expected = Some(merged.used.expected.rhythm());
    permit
}

/// A historian records; one that changes something is a way into the process.
fn historian(plant: &Plant, from: &BTreeSet<Who>, used: &Use) -> String {
    let changes = |class: &Class| {
        matches!(class, Class::Write | Class::Operate | Class::Program | Class::Configure | Class::Firmware)
    };
    if !used.classes.iter().any(changes) {
        return String::new();
    }
    let is_historian = |who: &&Who| {
        let Who::Asset(id) = who else { return false };
        let asset = plant.assets.get(id);
        let name = asset.and_then(|asset| asset.common.name.as_deref()).unwrap_or_default();
        asset.is_some_and(|asset| asset.kind == Some(AssetKind::Historian))
            || [id.as_str(), name].iter().any(|word| word.to_lowercase().contains("histor"))
    };
    let historians: Vec<String> = from.iter().filter(is_historian).map(ToString::to_string).collect();
    if historians.is_empty() {
        return String::new();
    }
    format!("; LOOK TWICE: {} is a historian and changes what it should only read", list(&historians))
}

/// What is to be said of the two zones that a permit joins.
fn crossing(plant: &Plant, service: &Service, used: &Use) -> String {
    let (Some(from), Some(to)) = (plant.zones.get(&service.from), plant.zones.get(&service.to)) else {
        return String::new();
    };
    let process = |zone: &Zone| matches!(zone.zone_type, Some(ZoneType::Control | ZoneType::Safety));
    let reads = |class: &Class| matches!(class, Class::Read | Class::Discover | Class::Session | Class::Time);
    let mut said = String::new();
    if to.zone_type == Some(ZoneType::Safety) && !used.classes.iter().all(reads) {
        said.push_str("; LOOK TWICE: it does more than read in a safety zone");
    }
    for (process_zone, other) in [(from, to), (to, from)] {
        if process(process_zone) && !other.trusted {
            said.push_str(&format!(
                "; LOOK TWICE: it joins {} with {}, which is not trusted",
                process_zone.id, other.id
            ));
        }
    }
    said
}

fn reason(merged: &Merged) -> String {
    let used = &merged.used;
    let mut reason = count(used.packets, "packet");
    if let Some(first) = &used.first {
        reason.push_str(&format!(", first {} {} of {}", first.unit_word(), first.packet, first.file));
    }
    if merged.from.len() > 1 || merged.to.len() > 1 {
        reason.push_str(&format!(": {} towards {}", words(&merged.from), words(&merged.to)));
    }
    reason.push_str(match used.expected {
        Expected::Continuous => "; all through the capture",
        Expected::Daily => "; every day",
        Expected::Weekly => "; every week",
        Expected::Monthly => "; every month",
        Expected::OnDemand => "; now and then",
    });
    if let Some(period) = used.period.filter(|_| used.expected == Expected::Continuous) {
        reason.push_str(&format!(", about every {}", lasting(period)));
    }
    let strong: Vec<&str> = used
        .classes
        .iter()
        .filter(|class| matches!(class, Class::Operate | Class::Program | Class::Firmware | Class::Configure))
        .map(|class| class.as_str())
        .collect();
    if !strong.is_empty() {
        reason.push_str(&format!("; LOOK TWICE: it can {} a device", strong.join(", ")));
    }
    if used.clear_text {
        reason.push_str("; LOOK TWICE: a secret goes over the wire in clear text");
    }
    if !used.against.is_empty() {
        reason.push_str(&format!("; LOOK TWICE: {} declares less than this", list(&used.against)));
    }
    if used.guessed {
        reason.push_str("; who began was not captured and is guessed");
    }
    reason
}

fn words(who: &BTreeSet<Who>) -> String {
    list(who.iter().map(ToString::to_string))
}
