//! Conversations to flows: the same ends, transport, responder's port and protocol, whoever's port it was.

use super::assets::Assets;
use super::cells::Cells;
use super::{Names, named};
use crate::content::Content;
use crate::engine::Engine;
use crate::facts::Direction;
use crate::flow::{Conversation, Ends};
use crate::observation::{AnomalyUse, Flow, FlowEnd, FunctionCode, FunctionUse, Mac, Property, Timestamp};
use crate::protocol::{Class, Protection, Protocol};
use crate::recognize;
use crate::record::{Counted, Record};
use hashbrown::HashMap;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

/// Flows of all conversations, by id.
pub(super) fn flows(engine: &Engine, cells: &Cells, assets: &Assets, names: &Names<'_>) -> Vec<Flow> {
    let ids = ids(engine, cells);
    let mut flows: BTreeMap<Arc<str>, Growing> = BTreeMap::new();
    let vlans = further_vlans(engine);
    for (index, (conversation, id)) in (0_u32..).zip(engine.table.list.iter().zip(&ids)) {
        let logged = engine.logs.contains(&conversation.first_at.capture);
        if conversation.packets.low + conversation.packets.high == 0 && !logged {
            continue;
        }
        let growing = flows
            .entry(id.clone())
            .or_insert_with(|| Growing::new(id.clone(), conversation, &ids, engine, (cells, assets), names));
        growing.add(conversation, names);
        growing.flow.vlans.extend_from_slice(conversation.vlans.ids());
        growing.flow.vlans.extend(vlans.get(&index).into_iter().flatten());
    }
    flows.into_values().map(Growing::finish).collect()
}

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

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct FunctionKey(Arc<str>, Arc<str>, FunctionCode, Option<Arc<str>>, Class, Direction);

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
fn ids(engine: &Engine, cells: &Cells) -> Vec<Arc<str>> {
    let mut known: std::collections::BTreeSet<Arc<str>> = std::collections::BTreeSet::new();
    let mut text = String::new();
    engine
        .table
        .list
        .iter()
        .map(|conversation| {
            text.clear();
            // Writing to a text cannot fail.
            let _ = write_id(&mut text, conversation, cells);
            known.get(text.as_str()).cloned().unwrap_or_else(|| {
                let id: Arc<str> = text.as_str().into();
                known.insert(id.clone());
                id
            })
        })
        .collect()
}

fn write_id(text: &mut String, conversation: &Conversation, cells: &Cells) -> std::fmt::Result {
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
    write!(text, "/{}", protocol_name(conversation).unwrap_or("unknown"))?;
    match cells.name(cells.conversation(conversation)) {
        Some(context) => write!(text, "@{context}"),
        None => Ok(()),
    }
}

/// A flow to which conversations are added.
struct Growing {
    flow: Flow,
    functions: BTreeMap<FunctionKey, FunctionUse>,
    properties: BTreeMap<(Arc<str>, Arc<str>), Property>,
    anomalies: BTreeMap<Arc<str>, AnomalyUse>,
}

impl Growing {
    fn new(
        id: Arc<str>,
        conversation: &Conversation,
        ids: &[Arc<str>],
        engine: &Engine,
        (cells, assets): (&Cells, &Assets),
        names: &Names<'_>,
    ) -> Self {
        let context = engine.contexts.get(conversation.context as usize);
        let first = names.moment(conversation.first, conversation.first_at);
        let flow = Flow {
            id,
            context: cells.name(cells.conversation(conversation)).map(Into::into),
            transport: conversation.transport,
            initiator: end(conversation, End::Initiator, cells, assets),
            responder: end(conversation, End::Responder, cells, assets),
            initiator_basis: conversation.basis,
            vlans: Vec::new(),
            capture_points: context.and_then(|context| context.capture_point.clone()).into_iter().collect(),
            protocol: protocol_name(conversation).map(|name| names.text(name)),
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
            inside: conversation.inside.and_then(|outer| ids.get(outer as usize)).cloned(),
        };
        Self { flow, functions: BTreeMap::new(), properties: BTreeMap::new(), anomalies: BTreeMap::new() }
    }

    fn add(&mut self, conversation: &Conversation, names: &Names<'_>) {
        let flow = &mut self.flow;
        let (from, to) = (conversation.initiator, conversation.initiator.other());
        flow.conversations += 1;
        flow.packets_from_initiator += conversation.packets.of(from);
        flow.packets_from_responder += conversation.packets.of(to);
        flow.packets += conversation.packets.low + conversation.packets.high;
        flow.bytes += conversation.bytes.low + conversation.bytes.high;
        flow.initiator_basis = flow.initiator_basis.min(conversation.basis);
        let moment = |nanoseconds: i64| names.moment(nanoseconds, conversation.first_at);
        flow.first_seen = earlier(flow.first_seen, moment(conversation.first));
        flow.last_seen = later(flow.last_seen, moment(conversation.last));
        flow.places.push(names.place(conversation.first_at));
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
        // Of the conversations' first packets only the very first is a place of the flow.
        let first = flow.places.iter().min().cloned();
        flow.places =
            first.into_iter().chain(flow.functions.iter().map(|function| function.first.clone())).collect();
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

fn end(conversation: &Conversation, which: End, cells: &Cells, assets: &Assets) -> FlowEnd {
    let side = if which == End::Initiator { conversation.initiator } else { conversation.initiator.other() };
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
fn end_mac(conversation: &Conversation, which: End, side: crate::flow::Side) -> Option<Mac> {
    let sends_from = conversation.macs.of(side).map(|macs| macs.source);
    let reached_by = conversation.macs.of(side.other()).and_then(|macs| macs.destination);
    match which {
        End::Initiator => sends_from.or(reached_by),
        End::Responder => reached_by.or(sends_from),
    }
}
