//! SRTP of GE's controllers (Series 90, VersaMax, PACSystems) and of robots that speak it: service requests in mailbox
//! messages of 56 octets and the text that follows them.
//!
//! Owns the frame and the pairing of answers with requests, which they do not repeat. Offsets are those of tables 1 and 4
//! of the paper named in the protocol's documents.

use super::asked::Asked;
use super::fields::{bytes, le16, rest, text, u8_at};
use super::sides::Sides;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `service`.
const SERVICE: u8 = 0;
/// Index of the element `type`.
const TYPE: u8 = 1;
/// Index of the element `status`.
const STATUS: u8 = 2;

/// SRTP.
pub static PROTOCOL: Protocol = Protocol {
    name: "ge-srtp",
    title: "GE SRTP (service request transport protocol)",
    carriers: &[Carrier::Tcp(PORT)],
    // Privilege levels have passwords, which go over the wire as they are.
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "service", functions: SERVICES, default_class: Class::Other },
        Element { name: "type", functions: TYPES, default_class: Class::Session },
        Element { name: "status", functions: STATUS_CODES, default_class: Class::Other },
    ],
    documents: &[
        "Denton, Karpisek, Breitinger, Baggili: Leveraging the SRTP protocol for over-the-network memory acquisition of a GE Fanuc Series 90-30, DFRWS 2017",
        "GE Fanuc GFK-0529, Series 90 PLC Serial Communications (service requests, status codes)",
        "ICSNPP, GE SRTP parser",
    ],
};

const SERVICES: &[Function] = &[
    function(0x00, "plc-short-status", Class::Diagnose),
    function(0x03, "return-control-program-names", Class::Discover),
    function(0x04, "read-system-memory", Class::Read),
    function(0x05, "read-task-memory", Class::Read),
    function(0x06, "read-program-memory", Class::Program),
    function(0x07, "write-system-memory", Class::Write),
    function(0x08, "write-task-memory", Class::Write),
    function(0x09, "write-program-block-memory", Class::Program),
    function(0x20, "programmer-logon", Class::Authenticate),
    function(0x21, "change-privilege-level", Class::Authenticate),
    function(0x22, "set-control-id", Class::Configure),
    function(0x23, "set-plc-state", Class::Operate),
    function(0x24, "set-time-date", Class::Time),
    function(0x25, "return-time-date", Class::Time),
    function(0x38, "return-fault-table", Class::Diagnose),
    function(0x39, "clear-fault-table", Class::Configure),
    function(0x3f, "program-store", Class::Program),
    function(0x40, "program-load", Class::Program),
    function(0x43, "return-controller-type", Class::Discover),
    function(0x44, "toggle-force-system-memory", Class::Write),
];

/// The exchange before the first request.
const TYPES: &[Function] =
    &[function(0, "connection-request", Class::Session), function(1, "connection-response", Class::Session)];

/// Major status codes (GFK-0529, table of error codes).
const STATUS_CODES: &[Function] = &[
    function(0x01, "illegal-service-request", Class::Other),
    function(0x02, "insufficient-privilege-level", Class::Other),
    function(0x04, "protocol-sequence-error", Class::Other),
    function(0x05, "service-request-error", Class::Other),
    function(0x06, "illegal-mailbox-type", Class::Other),
    function(0x07, "service-request-queue-full", Class::Other),
];

/// Where SRTP is met.
const PORT: u16 = 18_245;
/// The fixed part of each message.
const HEADER_BYTES: usize = 56;
/// What a conversation begins with.
const CONNECT: u8 = 0;
/// What answers it.
const CONNECTED: u8 = 1;
const REQUEST: u8 = 2;
const RESPONSE: u8 = 3;
/// What robots send after connecting.
const ROBOT_REQUEST: u8 = 8;
/// Kinds of mailbox messages: a request and an answer, each without and with text, and a refusal.
mod mailbox {
    pub(super) const SHORT: u8 = 0xc0;
    pub(super) const EXTENDED: u8 = 0x80;
    pub(super) const SHORT_ACK: u8 = 0xd4;
    pub(super) const EXTENDED_ACK: u8 = 0x94;
    pub(super) const REFUSED: u8 = 0xd1;
}
/// Change the privilege level: the password of the level stands in the request.
const CHANGE_PRIVILEGE: u8 = 0x21;
/// Return the names of the control programs.
const PROGRAM_NAMES: u8 = 0x03;

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct GeSrtp;

impl Dissector for GeSrtp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let Some(header) = Header::read(data).filter(|_| hint.stream) else { return Likelihood::No };
        let by_port = hint.port(PORT);
        match header.kind {
            CONNECT | CONNECTED if by_port && header.is_possible(data) => Likelihood::Likely,
            REQUEST | RESPONSE if header.is_usual(data) => Likelihood::Likely,
            ROBOT_REQUEST if by_port && header.is_possible(data) => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading { asked: Asked::default(), searching: Sides::new(false, false) })
    }
}

/// What the fixed part says.
#[derive(Debug, Clone, Copy)]
struct Header {
    kind: u8,
    sequence: u16,
    text_length: usize,
    mailbox: u8,
}

impl Header {
    fn read(data: &[u8]) -> Option<Self> {
        let data = data.get(..HEADER_BYTES)?;
        Some(Self {
            kind: u8_at(data, 0)?,
            sequence: le16(data, 2)?,
            text_length: usize::from(le16(data, 4)?),
            mailbox: u8_at(data, 31)?,
        })
    }

    const fn whole(self) -> usize {
        HEADER_BYTES + self.text_length
    }

    fn direction(self) -> Option<Direction> {
        match (self.kind, self.mailbox) {
            (CONNECT, _) | (REQUEST | ROBOT_REQUEST, mailbox::SHORT | mailbox::EXTENDED) => {
                Some(Direction::Request)
            }
            (CONNECTED, _)
            | (RESPONSE | ROBOT_REQUEST, mailbox::SHORT_ACK | mailbox::EXTENDED_ACK | mailbox::REFUSED) => {
                Some(Direction::Response)
            }
            _ => None,
        }
    }

    /// A connection is asked for with zeros, and confirmed with few other octets; all else has a known mailbox message.
    fn is_possible(self, data: &[u8]) -> bool {
        let head = data.get(..HEADER_BYTES).unwrap_or(data);
        let set = head.iter().filter(|octet| **octet != 0).count();
        let reserved = u8_at(data, 1) == Some(0);
        match self.kind {
            CONNECT => set == 0,
            CONNECTED => set <= 8 && self.text_length == 0,
            _ => reserved && self.direction().is_some(),
        }
    }

    /// Packet numbers count from one, and the time of day is one.
    fn is_usual(self, data: &[u8]) -> bool {
        let packets = (u8_at(data, 40), u8_at(data, 41));
        let time = bytes(data, 26, 3);
        self.is_possible(data)
            && packets.0.is_some_and(|packet| packet >= 1)
            && packets.0 <= packets.1
            && matches!(time, Some([0..=59, 0..=59, 0..=23]))
            && bytes(data, 6, 2) == Some(&[0, 0])
    }
}

struct Reading {
    /// Services not answered yet, by sequence number.
    asked: Asked<u16, u8>,
    /// The beginning of the next message must be looked for.
    searching: Sides<bool>,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(header) = Header::read(data) else { return Progress::Need(HEADER_BYTES) };
        let searching = self.searching.of(from);
        if !header.is_possible(data) || (*searching && !header.is_usual(data)) {
            if !std::mem::replace(searching, true) {
                facts.say(Fact::Anomaly { what: "ge-srtp-header" });
            }
            return Progress::Consumed(next_beginning(data));
        }
        let Some(message) = data.get(..header.whole()) else { return Progress::Need(header.whole()) };
        *searching = false;
        self.say(header, message, facts);
        Progress::Consumed(message.len())
    }

    fn cut(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some(header) = Header::read(data).filter(|header| header.is_possible(data)) {
            self.say(header, data, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        *self.searching.of(from) = true;
        true
    }
}

impl Reading {
    fn say(&mut self, header: Header, data: &[u8], facts: &mut dyn Facts) {
        let Some(direction) = header.direction() else { return };
        if matches!(header.kind, CONNECT | CONNECTED) {
            return facts.message(&PROTOCOL, TYPE, u32::from(header.kind), direction);
        }
        if direction == Direction::Response {
            return self.say_response(header, data, facts);
        }
        // With text, packet numbers and service come later.
        let at = if header.mailbox == mailbox::EXTENDED { 50 } else { 42 };
        let Some(service) = u8_at(data, at) else { return };
        self.asked.put(header.sequence, service);
        facts.message(&PROTOCOL, SERVICE, u32::from(service), direction);
        // Level, then up to eight letters: in the text, or in what is left of the fixed part.
        let parameters = bytes(data, at + 1, HEADER_BYTES - at - 1).unwrap_or_default();
        let filled = |field: &[u8]| field.iter().any(u8::is_ascii_alphanumeric);
        if service == CHANGE_PRIVILEGE && (filled(rest(parameters, 1)) || filled(rest(data, HEADER_BYTES))) {
            facts.say(Fact::ClearTextCredential { what: "password" });
        }
    }

    fn say_response(&mut self, header: Header, data: &[u8], facts: &mut dyn Facts) {
        let service = self.asked.take(header.sequence);
        if let Some(service) = service {
            facts.message(&PROTOCOL, SERVICE, u32::from(service), Direction::Response);
        }
        let status = u8_at(data, 42).filter(|_| header.mailbox != mailbox::EXTENDED_ACK).unwrap_or_default();
        if header.mailbox == mailbox::REFUSED || service.is_none() {
            facts.message(&PROTOCOL, STATUS, u32::from(status), Direction::Response);
        } else if service == Some(PROGRAM_NAMES)
            && let Some(value) = rest(data, HEADER_BYTES).get(..8).and_then(text)
        {
            facts.say(Fact::Property { name: "program", value: &value });
        }
    }
}

/// How many bytes to let go until a message may begin: all, if none does.
fn next_beginning(data: &[u8]) -> usize {
    let begins = |at: &usize| {
        let data = rest(data, *at);
        Header::read(data)
            .is_some_and(|header| matches!(header.kind, REQUEST | RESPONSE) && header.is_usual(data))
    };
    (1..data.len()).find(begins).unwrap_or(data.len())
}
