//! Connectionless packets (C706, 12.5): each names its interface and operation.

use super::super::octets::Octets;
use super::super::{Conversation, Likelihood, Progress};
use super::{say, say_operation, tables, uuid};
use crate::dissect::profinet::io_cm;
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::Class;

/// Octets of the header.
const HEAD_BYTES: usize = 80;
/// Longest call that is put together from fragments.
const CALL_BYTES_MAX: usize = 64 * 1024;

// Kinds of packets (C706, 12.5.3.4).
const REQUEST: u8 = 0;
const RESPONSE: u8 = 2;
const CANCEL_ACK: u8 = 10;

// Flags (C706, 12.5.3.5).
const LAST_FRAGMENT: u8 = 0x02;
const FRAGMENT: u8 = 0x04;

/// The header.
#[derive(Debug, Clone, Copy)]
struct Packet {
    kind: u8,
    flags: u8,
    is_little: bool,
    object: u128,
    interface: u128,
    activity: u128,
    sequence: u32,
    operation: u16,
    fragment: u16,
    length: usize,
    authentication: u8,
}

impl Packet {
    /// The header at the start of these octets: version, kind, flags, representation and identifiers have to hold.
    fn read(data: &[u8]) -> Option<Self> {
        let mut octets = Octets::new(data);
        let [version, kind, flags, flags2] = octets.array()?;
        let [drep, float, reserved, _serial] = octets.array()?;
        let is_little = drep & 0x10 != 0;
        let holds = version == 4
            && kind <= CANCEL_ACK
            && flags & 0x81 == 0
            && flags2 & 0xfd == 0
            && matches!(drep, 0x00 | 0x01 | 0x10 | 0x11)
            && float <= 3
            && reserved == 0;
        let object = uuid(octets.array()?, is_little);
        let interface = uuid(octets.array()?, is_little);
        let activity = uuid(octets.array()?, is_little);
        octets.skip(8)?;
        let u16_of = |octets: &mut Octets<'_>| if is_little { octets.u16_le() } else { octets.u16_be() };
        let sequence = if is_little { octets.u32_le() } else { octets.u32_be() }?;
        let operation = u16_of(&mut octets)?;
        octets.skip(4)?;
        let length = usize::from(u16_of(&mut octets)?);
        let fragment = u16_of(&mut octets)?;
        let [authentication, _serial] = octets.array()?;
        let named = interface != 0 && activity != 0;
        (holds && named).then_some(Self {
            kind,
            flags,
            is_little,
            object,
            interface,
            activity,
            sequence,
            operation,
            fragment,
            length,
            authentication,
        })
    }

    const fn direction(&self) -> Direction {
        match self.kind {
            REQUEST => Direction::Request,
            RESPONSE => Direction::Response,
            _ => Direction::None,
        }
    }

    const fn is_fragment(&self) -> bool {
        self.flags & FRAGMENT != 0
    }
}

/// Could a datagram be one? An interface that is known settles it; else the length has to agree.
pub(super) fn probe(data: &[u8]) -> Likelihood {
    match Packet::read(data) {
        Some(packet) if io_cm::is_interface(packet.interface) => Likelihood::Certain,
        Some(packet) if tables::find(packet.interface).is_some() => Likelihood::Certain,
        Some(packet) if HEAD_BYTES + packet.length == data.len() => Likelihood::Likely,
        _ => Likelihood::No,
    }
}

/// Fragments of a call of one direction, so far.
#[derive(Debug, Default)]
struct Fragments {
    activity: u128,
    sequence: u32,
    next: u16,
    body: Vec<u8>,
}

/// One conversation being read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// The interface said last.
    said: u128,
    fragments: Option<Box<Fragments>>,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(packet) = Packet::read(data) else {
            if data.len() < HEAD_BYTES {
                return Progress::Need(HEAD_BYTES);
            }
            facts.say(Fact::Anomaly { what: "malformed-dcerpc" });
            return Progress::Consumed(data.len());
        };
        let Some(body) = data.get(HEAD_BYTES..HEAD_BYTES + packet.length) else {
            return Progress::Need(HEAD_BYTES + packet.length);
        };
        self.packet(from, &packet, body, facts);
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some(packet) = Packet::read(data) {
            self.head(&packet, facts);
            // What a call asks for stands at its beginning.
            operation(&packet, data.get(HEAD_BYTES..).unwrap_or_default(), facts);
        }
    }
}

impl Reader {
    fn packet(&mut self, from: End, packet: &Packet, body: &[u8], facts: &mut dyn Facts) {
        self.head(packet, facts);
        if !packet.is_fragment() {
            operation(packet, body, facts);
            return content(from, packet, body, facts);
        }
        // The operation of each fragment counts; what it asks for is in all of them together.
        if let Some(whole) = self.join(packet, body, facts) {
            content(from, packet, &whole, facts);
        }
        operation(packet, &[], facts);
    }

    /// What goes for every packet: its interface, and that nothing hides it.
    fn head(&mut self, packet: &Packet, facts: &mut dyn Facts) {
        if self.said != packet.interface {
            self.said = packet.interface;
            if io_cm::is_interface(packet.interface) {
                facts.say(Fact::Property { name: "rpc-interface", value: "profinet-io" });
            } else {
                super::say_interface(packet.interface, facts);
            }
            if packet.authentication == 0 {
                facts.say(Fact::Authenticated(false));
                facts.say(Fact::Encrypted(false));
            }
        }
    }

    /// Adds a fragment; the call's body when it is whole. Fragments are taken in order, of one call at a time.
    fn join(&mut self, packet: &Packet, body: &[u8], facts: &mut dyn Facts) -> Option<Vec<u8>> {
        if !matches!(packet.kind, REQUEST | RESPONSE) {
            return None;
        }
        if packet.fragment == 0 {
            self.fragments = Some(Box::new(Fragments {
                activity: packet.activity,
                sequence: packet.sequence,
                next: 0,
                body: Vec::new(),
            }));
        }
        let so_far = self.fragments.as_mut()?;
        if (so_far.activity, so_far.sequence, so_far.next)
            != (packet.activity, packet.sequence, packet.fragment)
        {
            return None;
        }
        if so_far.body.len() + body.len() > CALL_BYTES_MAX {
            facts.say(Fact::Anomaly { what: "dcerpc-call-limit" });
            self.fragments = None;
            return None;
        }
        so_far.body.extend_from_slice(body);
        so_far.next = so_far.next.wrapping_add(1);
        if packet.flags & LAST_FRAGMENT == 0 {
            return None;
        }
        self.fragments.take().map(|whole| whole.body)
    }
}

/// Says the operation of a packet.
fn operation(packet: &Packet, body: &[u8], facts: &mut dyn Facts) {
    let is_call = matches!(packet.kind, REQUEST | RESPONSE);
    let is_profinet = io_cm::is_interface(packet.interface);
    match (is_call, is_profinet) {
        (true, true) => io_cm::say_operation(packet.operation, packet.direction(), body, facts),
        (false, true) => io_cm::say_packet(packet.operation, kind_name(packet.kind), facts),
        (true, false) => {
            say_operation(tables::find(packet.interface), packet.operation, packet.direction(), facts);
        }
        (false, false) => {
            say(packet.operation, Direction::None, (kind_name(packet.kind), Class::Session), facts)
        }
    }
}

/// Says what a call that is readable says.
fn content(from: End, packet: &Packet, body: &[u8], facts: &mut dyn Facts) {
    let is_call = matches!(packet.kind, REQUEST | RESPONSE);
    if is_call && io_cm::is_interface(packet.interface) && packet.authentication == 0 {
        let call = io_cm::Call {
            from,
            operation: packet.operation,
            direction: packet.direction(),
            is_little: packet.is_little,
            object: packet.object,
        };
        call.read(body, facts);
    }
}

/// Names of packets that neither call nor answer.
const fn kind_name(kind: u8) -> &'static str {
    match kind {
        1 => "ping",
        3 => "fault",
        4 => "working",
        5 => "no-call",
        6 => "reject",
        7 => "acknowledgment",
        8 => "cancel",
        9 => "fragment-acknowledgment",
        10 => "cancel-acknowledgment",
        _ => "other",
    }
}
