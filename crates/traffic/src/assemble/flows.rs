//! Conversations to flows: the same ends, transport, responder's port and protocol, whoever's port it was.

use super::assets::Assets;
use super::cells::Cells;
use super::sightings::{self, Sightings};
use super::{Names, named};
use crate::content::Content;
use crate::engine::Engine;
use crate::facts::Direction;
use crate::flow::{Conversation, Ends, Side};
use crate::observation::{
    AnomalyUse, Flow, FlowEnd, FunctionCode, FunctionUse, Mac, Property, Timestamp, Transport,
};
use crate::protocol::{Class, Protection, Protocol};
use crate::recognize;
use crate::record::{Counted, Record};
use hashbrown::HashMap;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;
use zonewright_source::PacketPlace;

/// Flows of all conversations, by id.
pub(super) fn flows(engine: &Engine, cells: &Cells, assets: &Assets, names: &Names<'_>) -> Vec<Flow> {
    let seen = Sightings::of(engine);
    let ids = ids(engine, cells, &seen);
    let mut flows: BTreeMap<Arc<str>, Growing> = BTreeMap::new();
    let vlans = further_vlans(engine);
    let list = &engine.table.list;
    for (index, (conversation, id)) in (0_u32..).zip(list.iter().zip(&ids)) {
        let logged = engine.logs.contains(&conversation.first_at.capture);
        let empty = conversation.packets.low + conversation.packets.high == 0 && !logged;
        if empty || seen.follows(index) {
            continue;
        }
        let sightings = seen.of_lead(&index);
        let growing = flows.entry(id.clone()).or_insert_with(|| {
            let (initiator, responder) = ends(list, conversation, sightings, cells, assets);
            let inside = conversation.inside.and_then(|outer| ids.get(outer as usize)).cloned();
            let context = cells.name(cells.conversation(conversation)).map(Into::into);
            Growing::new(id.clone(), conversation, (initiator, responder), context, inside, names)
        });
        growing.add(list, conversation, sightings, names);
        for sighting in sightings {
            growing.flow.vlans.extend(vlans.get(sighting).into_iter().flatten());
            if let Some(conversation) = list.get(*sighting as usize) {
                growing.seen(conversation, engine, names);
            }
        }
    }
    let mut flows: Vec<Flow> = flows.into_values().map(Growing::finish).collect();
    mark_duplicates(&mut flows, assets, cells, names);
    flows
}

/// Says of the ARP (or neighbor discovery) of whoever claims an address that others claim it at the same time.
fn mark_duplicates(flows: &mut [Flow], assets: &Assets, cells: &Cells, names: &Names<'_>) {
    if assets.duplicates.is_empty() {
        return;
    }
    // The first flow of a station in which it could have claimed an address, by context and version of IP.
    let mut claims: BTreeMap<(Option<Arc<str>>, Mac, bool), usize> = BTreeMap::new();
    for (at, flow) in flows.iter().enumerate() {
        let four = match flow.transport {
            Transport::Ether(ARP) => true,
            Transport::Icmpv6 => false,
            _ => continue,
        };
        for mac in [flow.initiator.mac, flow.responder.mac].into_iter().flatten() {
            claims.entry((flow.context.clone(), mac, four)).or_insert(at);
        }
    }
    for duplicate in &assets.duplicates {
        let (context, ip) = duplicate.place;
        let context: Option<Arc<str>> = cells.name(context).map(Into::into);
        for (mac, at) in &duplicate.claimants {
            let flow = claims.get(&(context.clone(), *mac, ip.is_ipv4())).and_then(|at| flows.get_mut(*at));
            let Some(flow) = flow else { continue };
            match flow.anomalies.iter_mut().find(|known| &*known.what == DUPLICATE) {
                Some(known) => known.count += 1,
                None => {
                    let (what, place) = (names.text(DUPLICATE), names.place(*at));
                    flow.anomalies.push(AnomalyUse { what, count: 1, place });
                    flow.anomalies.sort();
                }
            }
        }
    }
}

/// Nanoseconds of a day.
const DAY: i64 = 86_400_000_000_000;
/// Days of one flow that are told apart.
const DAYS_MAX: usize = 1000;
/// RFC 826.
const ARP: u16 = 0x0806;
/// Two devices claim one address at once.
const DUPLICATE: &str = "duplicate-address";

/// The functions of all flows together.
pub(super) fn totals(flows: &[Flow]) -> Vec<FunctionUse> {
    let mut totals: BTreeMap<FunctionKey, FunctionUse> = BTreeMap::new();
    for function in flows.iter().flat_map(|flow| &flow.functions) {
        totals
            .entry(FunctionKey::of(function))
            .and_modify(|total| {
                total.count += function.count;
                total.first = total.first.clone().min(function.first.clone());
            })
            .or_insert_with(|| function.clone());
    }
    totals.into_values().collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct FunctionKey(Arc<str>, Arc<str>, FunctionCode, Option<Arc<str>>, Class, Direction);

impl Ord for FunctionKey {
    /// By one after the other. Most of the texts of two keys are one text, of which no letter has to be compared.
    fn cmp(&self, other: &Self) -> Ordering {
        let text = |a: &Arc<str>, b: &Arc<str>| if Arc::ptr_eq(a, b) { Ordering::Equal } else { a.cmp(b) };
        let name = || match (&self.3, &other.3) {
            (Some(a), Some(b)) => text(a, b),
            (a, b) => a.cmp(b),
        };
        text(&self.0, &other.0)
            .then_with(|| text(&self.1, &other.1))
            .then_with(|| self.2.cmp(&other.2))
            .then_with(name)
            .then_with(|| (self.4, self.5).cmp(&(other.4, other.5)))
    }
}

impl PartialOrd for FunctionKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FunctionKey {
    fn of(function: &FunctionUse) -> Self {
        Self(
            function.protocol.clone(),
            function.element.clone(),
            function.code.clone(),
            function.name.clone(),
            function.class,
            function.direction,
        )
    }
}

fn further_vlans(engine: &Engine) -> HashMap<u32, Vec<u16>, ahash::RandomState> {
    let mut vlans: HashMap<u32, Vec<u16>, ahash::RandomState> = HashMap::default();
    let mut pairs: Vec<_> = engine.table.further.vlans.iter().copied().collect();
    pairs.sort_unstable();
    for (conversation, vlan) in pairs {
        vlans.entry(conversation).or_default().push(vlan);
    }
    vlans
}

/// The protocol of a conversation, where its content (or its carrier) tells.
fn protocol(conversation: &Conversation) -> Option<&'static Protocol> {
    let index = conversation.content.as_deref().and_then(Content::dissector)?;
    recognize::dissector(index)?.protocols().first().copied()
}

fn protocol_name(conversation: &Conversation) -> Option<&'static str> {
    protocol(conversation)
        .map(|protocol| protocol.name)
        .or(conversation.tunnel)
        .or_else(|| named(conversation.transport))
}

/// The ids of the flows that conversations belong to.
fn ids(engine: &Engine, cells: &Cells, seen: &Sightings) -> Vec<Arc<str>> {
    let mut known: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut text = String::new();
    let list = &engine.table.list;
    (0_u32..)
        .zip(list)
        .map(|(index, conversation)| {
            text.clear();
            let leading = list.get(seen.lead(index) as usize).unwrap_or(conversation);
            // Writing to a text cannot fail.
            let _ =
                write_id(&mut text, leading, seen_as(list, leading, seen.of_lead(&seen.lead(index))), cells);
            known.get(text.as_str()).cloned().unwrap_or_else(|| {
                let id: Arc<str> = text.as_str().into();
                known.insert(id.clone());
                id
            })
        })
        .collect()
}

/// The protocol of a conversation, as the sighting knows it that shows most.
fn seen_as(list: &[Conversation], leading: &Conversation, sightings: &[u32]) -> Option<&'static str> {
    sightings::fullest(list, sightings).and_then(protocol_name).or_else(|| protocol_name(leading))
}

fn write_id(
    text: &mut String,
    conversation: &Conversation,
    protocol: Option<&str>,
    cells: &Cells,
) -> std::fmt::Result {
    let (from, to) = (conversation.initiator, conversation.initiator.other());
    write!(text, "{}:", conversation.transport)?;
    match &conversation.ends {
        Ends::Ip(ends) => {
            write!(text, "{}>", ends.of(from))?;
            match (ends.of(to), conversation.ports) {
                (IpAddr::V6(address), Some(ports)) => write!(text, "[{address}]:{}", ports.of(to))?,
                (address, Some(ports)) => write!(text, "{address}:{}", ports.of(to))?,
                (address, None) => write!(text, "{address}")?,
            }
        }
        Ends::Link(ends) => write!(text, "{}>{}", ends.of(from), ends.of(to))?,
    }
    write!(text, "/{}", protocol.unwrap_or("unknown"))?;
    match cells.name(cells.conversation(conversation)) {
        Some(context) => write!(text, "@{context}"),
        None => Ok(()),
    }
}

/// A flow to which conversations are added.
struct Growing {
    flow: Flow,
    /// The first packet at each capture point.
    firsts: BTreeMap<Option<Arc<str>>, PacketPlace>,
    /// Days since 1970 on which it was seen.
    days: BTreeSet<i32>,
    functions: BTreeMap<FunctionKey, FunctionUse>,
    properties: BTreeMap<(Arc<str>, Arc<str>), Property>,
    anomalies: BTreeMap<Arc<str>, AnomalyUse>,
}

impl Growing {
    fn new(
        id: Arc<str>,
        conversation: &Conversation,
        (initiator, responder): (FlowEnd, FlowEnd),
        context: Option<Arc<str>>,
        inside: Option<Arc<str>>,
        names: &Names<'_>,
    ) -> Self {
        let first = names.moment(conversation.first, conversation.first_at);
        let flow = Flow {
            id,
            context,
            transport: conversation.transport,
            initiator,
            responder,
            initiator_basis: conversation.basis,
            vlans: Vec::new(),
            capture_points: Vec::new(),
            protocol: None,
            encrypted: None,
            authenticated: None,
            clear_text_credentials: false,
            conversations: 0,
            packets: 0,
            bytes: 0,
            packets_from_initiator: 0,
            packets_from_responder: 0,
            first_seen: first,
            last_seen: first,
            places: Vec::new(),
            functions: Vec::new(),
            properties: Vec::new(),
            anomalies: Vec::new(),
            active_days: Vec::new(),
            inside,
        };
        let (firsts, days) = (BTreeMap::new(), BTreeSet::new());
        Self {
            flow,
            firsts,
            days,
            functions: BTreeMap::new(),
            properties: BTreeMap::new(),
            anomalies: BTreeMap::new(),
        }
    }

    /// It was seen here, too.
    fn seen(&mut self, conversation: &Conversation, engine: &Engine, names: &Names<'_>) {
        let flow = &mut self.flow;
        flow.vlans.extend_from_slice(conversation.vlans.ids());
        let moment = |nanoseconds: i64| names.moment(nanoseconds, conversation.first_at);
        flow.first_seen = earlier(flow.first_seen, moment(conversation.first));
        flow.last_seen = later(flow.last_seen, moment(conversation.last));
        let day = |nanoseconds: i64| i32::try_from(nanoseconds.div_euclid(DAY)).unwrap_or_default();
        let days = day(conversation.first)..=day(conversation.last);
        self.days.extend(days.take(DAYS_MAX.saturating_sub(self.days.len())));
        let context = engine.contexts.get(conversation.context as usize);
        let point = context.and_then(|context| context.capture_point.clone());
        let place = names.place(conversation.first_at);
        self.firsts
            .entry(point)
            .and_modify(|first| *first = first.clone().min(place.clone()))
            .or_insert(place);
    }

    /// A conversation and all its sightings: it is counted where most of it was seen.
    fn add(&mut self, list: &[Conversation], leading: &Conversation, sightings: &[u32], names: &Names<'_>) {
        let flow = &mut self.flow;
        let (from, to) = (leading.initiator, leading.initiator.other());
        let (packets, bytes) = sightings::counts(list, sightings);
        flow.conversations += 1;
        flow.packets_from_initiator += packets.of(from);
        flow.packets_from_responder += packets.of(to);
        flow.packets += packets.low + packets.high;
        flow.bytes += bytes.low + bytes.high;
        flow.initiator_basis = flow.initiator_basis.min(leading.basis);
        let conversation = sightings::fullest(list, sightings).unwrap_or(leading);
        flow.protocol =
            flow.protocol.take().or_else(|| seen_as(list, leading, sightings).map(|name| names.text(name)));
        let record = conversation.content.as_deref().map(|content| &content.record);
        let protocol = protocol(conversation);
        let shown = |said: Option<bool>, protection: fn(&Protocol) -> Protection| {
            said.or_else(|| match protocol.map(protection)? {
                Protection::Never => Some(false),
                Protection::Always => Some(true),
                Protection::Sometimes => None,
            })
        };
        // Several conversations: protected only if all that show it are.
        let encrypted = shown(record.and_then(|record| record.encrypted), |protocol| protocol.encryption);
        flow.encrypted = weaker(flow.encrypted, encrypted);
        let authenticated =
            shown(record.and_then(|record| record.authenticated), |protocol| protocol.authentication);
        flow.authenticated = weaker(flow.authenticated, authenticated);
        if let Some(record) = record {
            self.record(record, names);
        }
    }

    fn record(&mut self, record: &Record, names: &Names<'_>) {
        if let Some(at) = record.credentials {
            self.flow.clear_text_credentials = true;
            self.flow.places.push(names.place(at));
        }
        for counted in &record.functions {
            let function = function(counted, names);
            self.functions
                .entry(FunctionKey::of(&function))
                .and_modify(|known| {
                    known.count += function.count;
                    known.first = known.first.clone().min(function.first.clone());
                })
                .or_insert(function);
        }
        for noted in &record.properties {
            let (name, value) = (names.text(noted.name), Arc::from(&*noted.value));
            let place = names.place(noted.at);
            let key = (name.clone(), Arc::clone(&value));
            self.properties.entry(key).or_insert(Property { name, value, place });
        }
        for noted in &record.anomalies {
            let what = names.text(noted.name);
            let place = names.place(noted.at);
            let anomaly = AnomalyUse { what: what.clone(), count: 0, place };
            self.anomalies.entry(what).or_insert(anomaly).count += noted.count;
        }
    }

    fn finish(self) -> Flow {
        let mut flow = self.flow;
        flow.functions = self.functions.into_values().collect();
        flow.properties = self.properties.into_values().collect();
        flow.anomalies = self.anomalies.into_values().collect();
        // Of the conversations' first packets only the very first at each capture point is a place of the flow.
        let functions = flow.functions.iter().map(|function| function.first.clone());
        flow.places = self.firsts.values().cloned().chain(functions).collect();
        flow.capture_points = self.firsts.into_keys().flatten().collect();
        flow.active_days = self.days.into_iter().collect();
        flow.places.sort();
        flow.places.dedup();
        flow.vlans.sort_unstable();
        flow.vlans.dedup();
        flow
    }
}

fn earlier(a: Timestamp, b: Timestamp) -> Timestamp {
    if b.nanoseconds < a.nanoseconds { b } else { a }
}

fn later(a: Timestamp, b: Timestamp) -> Timestamp {
    if b.nanoseconds > a.nanoseconds { b } else { a }
}

fn weaker(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a && b),
        (known, None) | (None, known) => known,
    }
}

fn function(counted: &Counted, names: &Names<'_>) -> FunctionUse {
    let element = counted.protocol.elements.get(usize::from(counted.element));
    let listed = if counted.text.is_none() {
        counted.protocol.function(counted.element, counted.number)
    } else {
        None
    };
    let (name, class) = match (counted.meaning, listed) {
        (Some((name, class)), _) => (Some(name), class),
        (None, Some(function)) => (Some(function.name), function.class),
        (None, None) => (None, element.map_or(Class::Other, |element| element.default_class)),
    };
    FunctionUse {
        protocol: names.text(counted.protocol.name),
        element: names.text(element.map_or("", |element| element.name)),
        code: match &counted.text {
            Some(text) => FunctionCode::Text((**text).into()),
            None => FunctionCode::Number(counted.number),
        },
        name: name.map(|name| names.text(name)),
        class,
        direction: counted.direction,
        count: counted.count,
        first: names.place(counted.first),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Initiator,
    Responder,
}

/// Both ends, each as it is where it was seen nearest.
fn ends(
    list: &[Conversation],
    leading: &Conversation,
    sightings: &[u32],
    cells: &Cells,
    assets: &Assets,
) -> (FlowEnd, FlowEnd) {
    let of = |which: End, side: Side| {
        let nearest = sightings::nearest(list, sightings, side).unwrap_or(leading);
        end(nearest, which, side, cells, assets)
    };
    (of(End::Initiator, leading.initiator), of(End::Responder, leading.initiator.other()))
}

fn end(conversation: &Conversation, which: End, side: Side, cells: &Cells, assets: &Assets) -> FlowEnd {
    let mac = end_mac(conversation, which, side);
    match &conversation.ends {
        Ends::Ip(ends) => {
            let ip = *ends.of(side);
            let port = conversation.ports.filter(|_| which == End::Responder).map(|ports| *ports.of(side));
            FlowEnd { ip: Some(ip), mac, asset: assets.of_ip(cells.end(conversation, side), ip), port }
        }
        Ends::Link(ends) => {
            let mac = *ends.of(side);
            FlowEnd {
                ip: None,
                mac: Some(mac),
                asset: assets.of_mac(cells.end(conversation, side), mac),
                port: None,
            }
        }
    }
}

/// The initiator's is the address it sends from, the responder's the one it is reached by; they differ where a router
/// answers from another address than it is called by, or where frames for one host go to everybody.
fn end_mac(conversation: &Conversation, which: End, side: Side) -> Option<Mac> {
    let sends_from = conversation.macs.of(side).map(|macs| macs.source);
    let reached_by = conversation.macs.of(side.other()).and_then(|macs| macs.destination);
    match which {
        End::Initiator => sends_from.or(reached_by),
        End::Responder => reached_by.or(sends_from),
    }
}
