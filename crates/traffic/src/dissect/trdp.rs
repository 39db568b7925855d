//! TRDP, the train real-time data protocol: process data and messages of trains' Ethernet networks.
//!
//! IEC 61375-2-3, Annex A: headers of process data (40 octets) and messages (116), each with a check sum of its own.

use super::check_sums::crc32;
use super::fields::{be16, be32, le32, rest, u8_at};
use super::octets::find;
use super::sides::Sides;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `message`.
const MESSAGE: u8 = 0;

/// TRDP.
pub static PROTOCOL: Protocol = Protocol {
    name: "trdp",
    title: "TRDP (train real-time data protocol)",
    carriers: &[Carrier::Udp(17_224), Carrier::Udp(17_225), Carrier::Tcp(17_225)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "message", functions: MESSAGES, default_class: Class::Other }],
    documents: &["IEC 61375-2-3:2015, Annex A (train real-time data protocol)"],
};

/// Types of messages: two letters each.
const MESSAGES: &[Function] = &[
    function(0x5064, "process-data", Class::Read),
    function(0x5070, "process-data-reply", Class::Read),
    function(0x5072, "process-data-request", Class::Read),
    function(0x5065, "process-data-error", Class::Other),
    function(0x4d6e, "message-notification", Class::Other),
    function(0x4d72, "message-request", Class::Other),
    function(0x4d70, "message-reply", Class::Other),
    function(0x4d71, "message-reply-to-confirm", Class::Other),
    function(0x4d63, "message-confirm", Class::Session),
    function(0x4d65, "message-error", Class::Other),
];

/// Header of process data.
const PROCESS_BYTES: usize = 40;
/// Header of messages.
const MESSAGE_BYTES: usize = 116;
/// The most data that a packet carries (IEC 61375-2-3, A.6.3).
const DATA_BYTES_MAX: usize = 65_388;

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct Trdp;

impl Dissector for Trdp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], _hint: &Hint) -> Likelihood {
        match Header::read(data) {
            Some(header) if header.sum_holds(data) => Likelihood::Certain,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading { stream: hint.stream, searching: Sides::new(false, false) })
    }
}

/// What both headers begin with: sequence counter, version, type, communication identifier, two topographies, length.
#[derive(Debug, Clone, Copy)]
struct Header {
    kind: u16,
    head: usize,
    length: usize,
}

impl Header {
    /// The header, if its version, type and length exist.
    fn read(data: &[u8]) -> Option<Self> {
        let kind = be16(data, 6)?;
        let length = usize::try_from(be32(data, 20)?).ok()?;
        let known = PROTOCOL.function(MESSAGE, u32::from(kind)).is_some();
        let head = if kind >> 8 == u16::from(b'P') { PROCESS_BYTES } else { MESSAGE_BYTES };
        (u8_at(data, 4) == Some(1) && known && length <= DATA_BYTES_MAX).then_some(Self {
            kind,
            head,
            length,
        })
    }

    /// Data are filled up to four octets.
    const fn whole(self) -> usize {
        self.head + self.length.next_multiple_of(4)
    }

    fn sum_holds(self, data: &[u8]) -> bool {
        let end = self.head - 4;
        data.get(..end).is_some_and(|head| le32(data, end) == Some(crc32(head)))
    }
}

struct Reading {
    stream: bool,
    /// The beginning of the next packet must be looked for.
    searching: Sides<bool>,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let begins = data.len() < 24 || Header::read(data).is_some();
        let header = Header::read(data);
        let needed = header.map_or(24, |header| header.head);
        if begins && data.len() < needed {
            return Progress::Need(needed);
        }
        let Some(header) = header.filter(|header| header.sum_holds(data)) else {
            if !std::mem::replace(self.searching.of(from), true) {
                facts.say(Fact::Anomaly { what: "trdp-header" });
            }
            return Progress::Consumed(if self.stream { next_beginning(data) } else { data.len() });
        };
        if self.stream && data.len() < header.whole() {
            return Progress::Need(header.whole());
        }
        *self.searching.of(from) = false;
        say(header, facts);
        if !self.stream && data.len() < header.head + header.length {
            facts.say(Fact::Anomaly { what: "trdp-length" });
        }
        Progress::Consumed(if self.stream { header.whole() } else { data.len() })
    }

    fn cut(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some(header) = Header::read(data) {
            say(header, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        *self.searching.of(from) = true;
        true
    }
}

fn say(header: Header, facts: &mut dyn Facts) {
    let direction = match header.kind.to_be_bytes() {
        [_, b'r' | b'c'] => Direction::Request,
        [_, b'p' | b'q' | b'e'] => Direction::Response,
        _ => Direction::None,
    };
    facts.message(&PROTOCOL, MESSAGE, u32::from(header.kind), direction);
}

/// How many bytes to let go until a packet may begin: version and the first letter of its type are looked for.
fn next_beginning(data: &[u8]) -> usize {
    let mut at = 1;
    while let Some(place) = find(rest(data, at + 4), &[1, 0]) {
        at += place;
        if Header::read(rest(data, at)).is_some() {
            return at;
        }
        at += 1;
    }
    data.len()
}
