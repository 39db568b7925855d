//! What lines say, entered where packets are: conversations, facts, bindings of addresses.

use super::{Counts, Troubles, names};
use crate::content::Content;
use crate::dissect::DISSECTORS;
use crate::engine::{BINDINGS_MAX, Engine};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::flow::{At, Meta, Side, Told, UNKNOWN};
use crate::link::{Pair, Vlans};
use crate::net::{Addresses, protocol};
use crate::observation::{InitiatorBasis, Mac};
use crate::protocol::{Class, Protocol};
use crate::recognize;
use crate::record::{Sink, Usage};
use crate::vocabulary::protocol_named;
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Connections of which it is kept what carries them, for logs that do not say.
const CARRIERS_MAX: usize = 1 << 20;

/// What logs of one monitor tell each other.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// By Zeek's unique id of a connection, its protocol number.
    carriers: HashMap<Box<str>, u8, ahash::RandomState>,
    /// Logs that were read, and where.
    read: BTreeSet<(u32, &'static str)>,
}

/// Whose conversation a line is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    /// Who began, as the line says.
    pub(super) initiator: IpAddr,
    /// The other.
    pub(super) responder: IpAddr,
    /// Their ports.
    pub(super) ports: Option<(u16, u16)>,
    /// Number of the protocol that carries it.
    pub(super) carrier: u8,
}

/// Enters lines.
pub(super) struct Book<'a> {
    engine: &'a mut Engine,
    shared: &'a mut Shared,
    context: u32,
    /// The line that is read.
    pub(super) at: At,
    /// Its time; of a line without one, that of the line before.
    pub(super) time: i64,
    /// The conversation it is about.
    index: u32,
    initiator: Side,
    /// Does another log, which was read, count the functions of this one?
    pub(super) repeats: bool,
    /// Protocols that were met; how many packets they filled no line says.
    met: Usage,
    /// Names of functions that are not known: protocol, element, name; and the first line.
    strange: BTreeMap<(&'static str, &'static str, String), (u64, u64)>,
    pub(super) counts: Counts,
}

impl<'a> Book<'a> {
    pub(super) fn new(engine: &'a mut Engine, shared: &'a mut Shared, context: u32) -> Self {
        Self {
            engine,
            shared,
            context,
            at: At::default(),
            time: 0,
            index: u32::MAX,
            initiator: Side::Low,
            repeats: false,
            met: Usage::default(),
            strange: BTreeMap::new(),
            counts: Counts::default(),
        }
    }

    /// Goes to a conversation, a new one if it was not met. False: its ends contradict each other, or there are too many.
    pub(super) fn open(&mut self, ends: &Ends) -> bool {
        let addresses = match (ends.initiator, ends.responder) {
            (IpAddr::V4(a), IpAddr::V4(b)) => Addresses::V4(a.to_bits(), b.to_bits()),
            (IpAddr::V6(a), IpAddr::V6(b)) => Addresses::V6(a.to_bits(), b.to_bits()),
            _ => return false,
        };
        let meta = Meta {
            at: self.at,
            time: self.time,
            wire: 0,
            context: self.context,
            inside: None,
            macs: Pair::NONE,
            vlans: Vlans::NONE,
            packets: 0,
            cut: 0,
            depth: 0,
            ttl: 0,
            known: UNKNOWN,
        };
        let has_ports = matches!(ends.carrier, protocol::TCP | protocol::UDP | protocol::SCTP);
        let known = self.engine.table.count();
        let found = self.engine.table.ip(addresses, ends.ports.filter(|_| has_ports), ends.carrier, &meta);
        self.index = found.index;
        self.initiator = found.from;
        let is_new = self.engine.table.count() > known;
        let Some(mut told) = self.told() else { return false };
        if is_new {
            told.came_first(found.from);
        }
        true
    }

    fn told(&mut self) -> Option<Told<'_>> {
        self.engine.table.told(self.index)
    }

    /// The two ends are the other way round than the line names them.
    pub(super) const fn turn(&mut self) {
        self.initiator = self.initiator.other();
    }

    /// The line names its ends in no order that tells who began: it is whom the conversation takes for it so far, and of a
    /// new one the end whose port is the less known.
    pub(super) fn as_known(&mut self) {
        let Some(mut told) = self.told() else { return };
        told.by_ports();
        self.initiator = told.initiator();
    }

    /// Why the initiator is taken for it.
    pub(super) fn began(&mut self, basis: InitiatorBasis) {
        let initiator = self.initiator;
        if let Some(mut told) = self.told() {
            told.began(initiator, basis);
        }
    }

    /// Both ends took part.
    pub(super) fn answered(&mut self) {
        if let Some(mut told) = self.told() {
            told.answered();
        }
    }

    /// Packets and bytes of both ends.
    pub(super) fn carried(&mut self, from_initiator: (u64, u64), from_responder: (u64, u64)) {
        let initiator = self.initiator;
        let counts = &mut self.counts;
        for (packets, bytes) in [from_initiator, from_responder] {
            counts.packets = counts.packets.saturating_add(packets);
            counts.bytes = counts.bytes.saturating_add(bytes);
        }
        let Some(mut told) = self.told() else { return };
        for (side, (packets, bytes)) in [(initiator, from_initiator), (initiator.other(), from_responder)] {
            told.carried(side, packets, bytes);
        }
    }

    /// From when to when.
    pub(super) fn lasted(&mut self, first: i64, last: i64) {
        self.counts.span(first, last);
        if let Some(mut told) = self.told() {
            told.lasted(first, last);
        }
    }

    /// The VLANs it was seen in, outermost first.
    pub(super) fn vlans(&mut self, ids: impl Iterator<Item = u16>) {
        if let Some(mut told) = self.told() {
            told.vlans(ids);
        }
    }

    /// The link-layer addresses of the initiator and the responder.
    pub(super) fn macs(&mut self, initiator: Option<Mac>, responder: Option<Mac>) {
        let side = self.initiator;
        let Some(mut told) = self.told() else { return };
        for (side, source, destination) in
            [(side, initiator, responder), (side.other(), responder, initiator)]
        {
            if let Some(source) = source {
                told.macs(side, source, destination);
            }
        }
    }

    /// An address is at a link-layer address: the device itself, or who gave it out, says so.
    pub(super) fn bind(&mut self, mac: Mac, ip: IpAddr) {
        let bindings = &mut self.engine.bindings;
        if mac.is_group() || mac.is_zero() || ip.is_unspecified() || crate::flow::is_group(ip) {
            return;
        }
        if bindings.len() < BINDINGS_MAX {
            bindings.entry((self.context, mac, ip)).or_insert((self.at, 0));
        } else {
            self.engine.cost.bindings += 1;
        }
    }

    /// What carries a connection of Zeek's, for other logs that name it.
    pub(super) fn carries(&mut self, uid: &str, carrier: u8) {
        if self.shared.carriers.len() < CARRIERS_MAX {
            self.shared.carriers.insert(uid.into(), carrier);
        }
    }

    /// What carries a connection, if another log told.
    pub(super) fn carrier(&self, uid: &str) -> Option<u8> {
        self.shared.carriers.get(uid).copied()
    }

    /// A log is read that gives details of another (or of none). Was that one read?
    pub(super) fn detailed(&mut self, log: &'static str, of: &'static str) -> bool {
        self.shared.read.insert((self.context, log));
        !of.is_empty() && self.shared.read.contains(&(self.context, of))
    }

    /// The conversation speaks this protocol: a name of the vocabulary, or another that is shown as it is.
    pub(super) fn speaks(&mut self, name: &'static str) {
        let reads = |first: bool| {
            (0..=recognize::Index::MAX).zip(DISSECTORS).find_map(|(index, dissector)| {
                let mut named = dissector.protocols().iter().take(if first { 1 } else { usize::MAX });
                named.any(|protocol| protocol.name == name).then_some(index)
            })
        };
        let index = reads(true).or_else(|| reads(false));
        if let Some(protocol) = protocol_named(name) {
            self.met.packet(protocol, self.at);
        }
        let Some(mut told) = self.told() else { return };
        let known = told.known_content().and_then(Content::dissector);
        match index {
            Some(index) if known.is_none() => told.content().told(index),
            None if known.is_none() => told.named(name),
            _ => {}
        }
    }

    /// Enters a fact.
    pub(super) fn say(&mut self, fact: Fact<'_>) {
        let (at, initiator) = (self.at, self.initiator);
        let Some(mut told) = self.engine.table.told(self.index) else { return };
        let mut sink = Sink {
            record: &mut told.content().record,
            at,
            initiator,
            usage: &mut self.met,
            began: None,
            malformed: false,
            asked: None,
            counted: None,
            first: None,
        };
        sink.say(fact);
    }

    /// An end said (or was said to be) this.
    pub(super) fn identity(&mut self, about: End, what: Identity, value: &str) {
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        self.say(Fact::Identity { about, what, value: &value });
    }

    /// A named property of the session.
    pub(super) fn property(&mut self, name: &'static str, value: &str) {
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        if !value.trim().is_empty() {
            self.say(Fact::Property { name, value: value.trim() });
        }
    }

    /// A function by its code.
    pub(super) fn function(&mut self, protocol: &str, element: &str, code: u32, direction: Direction) {
        if let Some((protocol, element)) = element_of(protocol, element) {
            self.message(protocol, element, Code::Number(code), direction, None);
        }
    }

    /// A function by the name that the monitor gives it. One that is not known is counted by that name.
    pub(super) fn function_named(&mut self, protocol: &str, element: &str, name: &str, direction: Direction) {
        let Some((protocol, index)) = element_of(protocol, element) else { return };
        if let Some((code, meaning)) = names::find(protocol, index, name) {
            return self.message(protocol, index, Code::Number(code), direction, meaning);
        }
        let element = protocol.elements.get(usize::from(index)).map_or("", |element| element.name);
        let line = self.at.packet;
        if self.strange.len() < super::TROUBLES_MAX {
            let (count, _) =
                self.strange.entry((protocol.name, element, name.to_owned())).or_insert((0, line));
            *count += 1;
        }
        self.message(protocol, index, Code::Text(name), direction, None);
    }

    /// A function whose code is a text.
    pub(super) fn function_text(&mut self, protocol: &str, element: &str, code: &str, direction: Direction) {
        let Some((protocol, index)) = element_of(protocol, element) else { return };
        let meaning = names::find(protocol, index, code).map(|(code, meaning)| {
            meaning.or_else(|| protocol.function(index, code).map(|function| (function.name, function.class)))
        });
        self.message(protocol, index, Code::Text(code), direction, meaning.flatten());
    }

    /// A function that stands for several, with name and class of its own.
    pub(super) fn function_as(
        &mut self,
        protocol: &str,
        element: &str,
        code: &str,
        meaning: (&'static str, Class),
        direction: Direction,
    ) {
        if let Some((protocol, index)) = element_of(protocol, element) {
            self.message(protocol, index, Code::Text(code), direction, Some(meaning));
        }
    }

    /// The code that a name stands for.
    pub(super) fn code_of(&self, protocol: &str, element: &str, name: &str) -> Option<u32> {
        let (protocol, index) = element_of(protocol, element)?;
        names::find(protocol, index, name).map(|(code, _)| code)
    }

    /// A service of CIP, whose meaning hangs on the class of the object it is asked of.
    pub(super) fn cip_service(
        &mut self,
        class: Option<u32>,
        by_symbol: bool,
        service: u8,
        direction: Direction,
    ) {
        if let Some((protocol, index)) = element_of("cip", "service") {
            let meaning = crate::dissect::enip::cip_meaning(class, by_symbol, service).get();
            self.message(protocol, index, Code::Number(service.into()), direction, meaning);
        }
    }

    fn message(
        &mut self,
        protocol: &'static Protocol,
        element: u8,
        code: Code<'_>,
        direction: Direction,
        meaning: Option<(&'static str, Class)>,
    ) {
        if direction == Direction::Response {
            self.answered();
        }
        if self.repeats {
            return;
        }
        self.say(Fact::Message(Message { protocol, element, code, direction, meaning }));
    }

    /// Enters what was met, and says what names are not known.
    pub(super) fn finish(self, troubles: &mut Troubles) -> Counts {
        for protocol in self.met.met() {
            self.engine.usage.meet(protocol);
        }
        for ((protocol, element, name), (count, first)) in self.strange {
            let what = format!(
                "{element} `{name}` of {protocol} is not known by that name: counted by it {count} times, of no class"
            );
            troubles.at(first, "log/unknown-function", what);
        }
        self.counts
    }
}

/// A protocol that is read here, and the index of its element.
fn element_of(protocol: &str, element: &str) -> Option<(&'static Protocol, u8)> {
    let protocol = protocol_named(protocol)?;
    let index = protocol.elements.iter().position(|known| known.name == element)?;
    Some((protocol, u8::try_from(index).ok()?))
}
