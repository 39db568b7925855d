//! Connection-oriented packets (C706, 12.6): binding, calls and their answers.

use super::super::octets::Octets;
use super::tables::{self, Index};
use super::{say_interface, say_operation, say_packet, security, uuid};
use crate::facts::{Direction, End, Fact, Facts};

/// Octets of the common header.
pub(crate) const HEAD_BYTES: usize = 16;
/// Presentation contexts of one connection that are remembered.
const CONTEXTS_MAX: usize = 12;
/// Calls that wait for their answers at the same time.
const CALLS_MAX: usize = 12;
/// Interfaces of one binding that are looked at.
const ITEMS_MAX: u8 = 64;

// Kinds of packets (C706, 12.6.4.1).
const REQUEST: u8 = 0;
const RESPONSE: u8 = 2;
const FAULT: u8 = 3;
const BIND: u8 = 11;
const ALTER_CONTEXT: u8 = 14;
const AUTH3: u8 = 16;
const CANCEL: u8 = 18;
const ORPHANED: u8 = 19;

/// The common header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packet {
    kind: u8,
    is_little: bool,
    length: u16,
    authentication_length: u16,
    call: u32,
}

/// What stands at the start of some octets.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Head {
    /// A packet.
    Packet(Packet),
    /// Perhaps a packet; its header is not whole.
    Short,
    /// No packet.
    Other,
}

/// Looks at the start of these octets: version, kind, data representation and both lengths have to hold.
pub(crate) fn head(data: &[u8]) -> Head {
    let begins = data.iter().zip([5]).all(|(have, want)| *have == want)
        && data.get(1).is_none_or(|minor| *minor <= 1)
        && data.get(2).is_none_or(|kind| matches!(kind, 0 | 2 | 3 | 11..=19))
        && data.get(4).is_none_or(|drep| matches!(drep, 0x00 | 0x01 | 0x10 | 0x11))
        && data.get(5).is_none_or(|float| *float <= 3)
        && data.iter().skip(6).take(2).all(|reserved| *reserved == 0);
    if !begins {
        return Head::Other;
    }
    let mut octets = Octets::new(data);
    let (Some([_, _, kind, _]), Some([drep, ..])) = (octets.array::<4>(), octets.array::<4>()) else {
        return Head::Short;
    };
    let is_little = drep & 0x10 != 0;
    let numbers =
        (u16_of(&mut octets, is_little), u16_of(&mut octets, is_little), u32_of(&mut octets, is_little));
    let (Some(length), Some(authentication_length), Some(call)) = numbers else { return Head::Short };
    let trailer = if authentication_length == 0 {
        0
    } else {
        usize::from(authentication_length) + security::HEAD_BYTES
    };
    if usize::from(length) < least(kind) + trailer {
        return Head::Other;
    }
    Head::Packet(Packet { kind, is_little, length, authentication_length, call })
}

/// The shortest packet of a kind, without its authentication.
const fn least(kind: u8) -> usize {
    match kind {
        REQUEST | RESPONSE | FAULT => 24,
        BIND | ALTER_CONTEXT => 28,
        _ => HEAD_BYTES,
    }
}

fn u16_of(octets: &mut Octets<'_>, is_little: bool) -> Option<u16> {
    if is_little { octets.u16_le() } else { octets.u16_be() }
}

fn u32_of(octets: &mut Octets<'_>, is_little: bool) -> Option<u32> {
    if is_little { octets.u32_le() } else { octets.u32_be() }
}

impl Packet {
    /// Octets of the whole packet.
    pub(crate) const fn length(&self) -> usize {
        self.length as usize
    }

    /// Does it name interfaces?
    pub(crate) const fn is_binding(&self) -> bool {
        matches!(self.kind, BIND | ALTER_CONTEXT)
    }

    const fn direction(&self) -> Direction {
        match self.kind {
            REQUEST | BIND | ALTER_CONTEXT | AUTH3 | CANCEL | ORPHANED => Direction::Request,
            _ => Direction::Response,
        }
    }
}

/// A call that waits for its answer.
#[derive(Debug, Clone, Copy, Default)]
struct Call {
    id: u32,
    operation: u16,
    interface: Bound,
}

/// What a context means: nothing that was seen, an interface that is not listed, or a listed one.
type Bound = Option<Option<Index>>;

/// What is known of a connection: which contexts mean which interfaces, and which calls wait.
#[derive(Debug)]
pub(crate) struct Connection {
    contexts: [Option<(u16, Option<Index>)>; CONTEXTS_MAX],
    next_context: u8,
    calls: [Option<Call>; CALLS_MAX],
    next_call: u8,
    protection: security::Protection,
}

impl Connection {
    /// Nothing is known yet.
    pub(crate) const fn new() -> Self {
        Self {
            contexts: [None; CONTEXTS_MAX],
            next_context: 0,
            calls: [None; CALLS_MAX],
            next_call: 0,
            protection: security::Protection::new(),
        }
    }

    /// Inside another protocol, which says itself who is who and whether it can be read.
    pub(crate) const fn inside() -> Self {
        Self { protection: security::Protection::elsewhere(), ..Self::new() }
    }

    /// Says what a packet says; `data` is the packet, or as much of it as was captured.
    pub(crate) fn packet(&mut self, from: End, packet: &Packet, data: &[u8], facts: &mut dyn Facts) {
        let mut octets = Octets::new(data.get(HEAD_BYTES..).unwrap_or_default());
        match packet.kind {
            REQUEST => self.request(packet, &mut octets, facts),
            RESPONSE | FAULT => self.answer(packet, facts),
            _ => {
                if packet.is_binding()
                    && self.bind(packet, &mut octets, facts).is_none()
                    && data.len() >= packet.length()
                {
                    facts.say(Fact::Anomaly { what: "malformed-dcerpc" });
                }
                say_packet(packet.kind, packet.direction(), facts);
            }
        }
        self.security(from, packet, data, facts);
    }

    fn request(&mut self, packet: &Packet, octets: &mut Octets<'_>, facts: &mut dyn Facts) {
        let _stub_length = octets.skip(4);
        let numbers = (u16_of(octets, packet.is_little), u16_of(octets, packet.is_little));
        let (Some(context), Some(operation)) = numbers else { return };
        let mut contexts = self.contexts.iter().flatten();
        let interface = contexts.find_map(|(id, interface)| (*id == context).then_some(*interface));
        say_operation(interface.flatten(), operation, Direction::Request, facts);
        // Fragments of one call have one identifier; they wait once.
        let known =
            self.calls.iter().flatten().any(|call| call.id == packet.call && call.operation == operation);
        if !known {
            let place = usize::from(self.next_call) % CALLS_MAX;
            if let Some(place) = self.calls.get_mut(place) {
                *place = Some(Call { id: packet.call, operation, interface });
            }
            self.next_call = self.next_call.wrapping_add(1) % CALLS_MAX as u8;
        }
    }

    /// An answer has no operation; that of its call counts, the latest of that identifier. Where the binding was not
    /// seen its number means nothing, and the answer is a packet like another.
    fn answer(&self, packet: &Packet, facts: &mut dyn Facts) {
        let (before, after) =
            self.calls.split_at_checked(usize::from(self.next_call)).unwrap_or((&self.calls, &[]));
        let mut latest = before.iter().rev().chain(after.iter().rev()).flatten();
        match latest.find(|call| call.id == packet.call) {
            Some(Call { interface: Some(interface), operation, .. }) if packet.kind == RESPONSE => {
                say_operation(*interface, *operation, Direction::Response, facts);
            }
            Some(Call { interface: Some(_), operation, .. }) => {
                super::say(*operation, Direction::None, super::FAULT, facts);
            }
            _ => say_packet(packet.kind, Direction::Response, facts),
        }
    }

    /// The interfaces that a client binds to, each at its context.
    fn bind(&mut self, packet: &Packet, octets: &mut Octets<'_>, facts: &mut dyn Facts) -> Option<()> {
        octets.skip(8)?;
        let items = octets.u8()?.min(ITEMS_MAX);
        octets.skip(3)?;
        for _ in 0..items {
            let context = u16_of(octets, packet.is_little)?;
            let [transfers, _] = octets.array()?;
            let identifier = uuid(octets.array()?, packet.is_little);
            octets.skip(4 + usize::from(transfers) * 20)?;
            say_interface(identifier, facts);
            self.remember(context, tables::find(identifier));
        }
        Some(())
    }

    fn remember(&mut self, context: u16, interface: Option<Index>) {
        let known = self.contexts.iter().position(|known| known.is_some_and(|(id, _)| id == context));
        let place = known.unwrap_or_else(|| {
            let place = usize::from(self.next_context) % CONTEXTS_MAX;
            self.next_context = self.next_context.wrapping_add(1) % CONTEXTS_MAX as u8;
            place
        });
        if let Some(place) = self.contexts.get_mut(place) {
            *place = Some((context, interface));
        }
    }

    fn security(&mut self, from: End, packet: &Packet, data: &[u8], facts: &mut dyn Facts) {
        let behind = usize::from(packet.authentication_length) + security::HEAD_BYTES;
        let trailer = packet.length().checked_sub(behind).and_then(|at| data.get(at..packet.length()));
        let is = match packet.kind {
            REQUEST => security::Use::Call,
            RESPONSE => security::Use::Answer,
            _ => security::Use::Other,
        };
        match trailer {
            Some(trailer) if packet.authentication_length > 0 => {
                self.protection.trailer(from, trailer, is, facts);
            }
            _ if packet.authentication_length == 0 => self.protection.none(packet.kind == BIND, is, facts),
            _ => {}
        }
    }
}
