//! BSAP: Bristol's controllers, over IP and with the frames of serial lines in datagrams.
//!
//! Owns the heads of both forms and the functions of remote database access. An answer does not name its function: a
//! few questions are remembered by their sequence numbers. Names and values of signals are not read.

use super::octets::Octets;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Ports that are in use by convention.
const PORTS: [u16; 2] = [1234, 1235];

/// Indexes of the elements.
const MESSAGE: u8 = 0;
const APPLICATION: u8 = 1;
const FUNCTION: u8 = 2;

/// BSAP.
pub static PROTOCOL: Protocol = Protocol {
    name: "bsap",
    title: "Bristol Standard Asynchronous Protocol",
    carriers: &[Carrier::Udp(1234), Carrier::Udp(1235)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "message", functions: MESSAGES, default_class: Class::Other },
        Element { name: "application", functions: APPLICATIONS, default_class: Class::Other },
        Element { name: "function", functions: FUNCTIONS, default_class: Class::Other },
    ],
    documents: &[
        "Bristol, Network 3000 Communications Application Programmer's Reference (D4052)",
        "ICSNPP-BSAP, the description of the messages over IP, which no document of the vendor has",
    ],
};

/// Messages over IP.
const MESSAGES: &[Function] = &[
    function(0x00, "poll", Class::Session),
    function(0x01, "acknowledge", Class::Session),
    function(0x05, "response", Class::Other),
    function(0x06, "request", Class::Other),
    function(0x84, "request-84", Class::Other),
    function(0x86, "request-86", Class::Other),
];

/// Functions of the application layer (D4052, destination function codes).
const APPLICATIONS: &[Function] = &[
    function(0x03, "pei-pc", Class::Other),
    function(0xA0, "remote-database-access", Class::Other),
    function(0xA1, "remote-database-access-extended", Class::Other),
];

/// Functions of remote database access (D4052).
const FUNCTIONS: &[Function] = &[
    function(0x00, "read-signal-by-address", Class::Read),
    function(0x02, "read-logical-by-address", Class::Read),
    function(0x04, "read-signal-by-name", Class::Read),
    function(0x06, "read-logical-by-name", Class::Read),
    function(0x0C, "read-signal-by-list-start", Class::Read),
    function(0x0D, "read-signal-by-list-continue", Class::Read),
    function(0x0E, "read-logical-by-list-start", Class::Read),
    function(0x0F, "read-logical-by-list-continue", Class::Read),
    function(0x80, "write-signal-by-address", Class::Write),
    function(0x84, "write-signal-by-name", Class::Write),
    function(0x8C, "write-signal-by-list-start", Class::Write),
    function(0x8D, "write-signal-by-list-continue", Class::Write),
    // Extended functions have sixteen bits.
    function(0x0101, "reset-system", Class::Operate),
    function(0x0102, "reset-diagnostics", Class::Diagnose),
    function(0x0201, "read-date-and-time", Class::Time),
    function(0x0202, "read-date", Class::Time),
    function(0x0203, "read-time", Class::Time),
    function(0x0281, "write-date-and-time", Class::Time),
    function(0x0400, "change-local-node-address", Class::Configure),
];

/// Both lengths that the head over IP has.
const HEADS: [usize; 2] = [0x0E, 0x16];
/// Messages of one datagram that are read.
const MESSAGES_MAX: u16 = 32;
/// Questions that are remembered.
const ASKED_MAX: usize = 8;
/// How a frame of a serial line begins and ends: DLE STX, DLE ETX, check of two octets.
const FRAME_BEGIN: [u8; 2] = [0x10, 0x02];
const FRAME_END: [u8; 2] = [0x10, 0x03];

const RESPONSE: u16 = 0x05;
const DATABASE: u8 = 0xA0;
const DATABASE_EXTENDED: u8 = 0xA1;

/// The reader of BSAP.
#[derive(Debug)]
pub struct Bsap;

impl Dissector for Bsap {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if hint.stream {
            return Likelihood::No;
        }
        let at_home = PORTS.iter().any(|port| hint.port(*port));
        match (Head::read(data), at_home) {
            (Some(head), true) if head.fits(data) => Likelihood::Certain,
            // Elsewhere only what carries a message whose length agrees.
            (Some(head), false) if head.messages > 0 && head.fits(data) => Likelihood::Likely,
            (None, true) if Frame::read(data).is_some_and(|frame| frame.is_database()) => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { asked: [None; ASKED_MAX], next: 0 })
    }
}

/// The head of a datagram: its length, number of messages, function, then numbers of messages and answers.
struct Head<'a> {
    messages: u16,
    function: u16,
    body: &'a [u8],
}

impl<'a> Head<'a> {
    fn read(data: &'a [u8]) -> Option<Self> {
        let mut octets = Octets::new(data);
        let length = usize::from(octets.u16_le()?);
        if !HEADS.contains(&length) {
            return None;
        }
        let messages = octets.u16_le().filter(|messages| *messages <= MESSAGES_MAX)?;
        let function =
            octets.u16_le().filter(|function| PROTOCOL.function(MESSAGE, u32::from(*function)).is_some())?;
        Some(Self { messages, function, body: data.get(length..)? })
    }

    /// Do the lengths of the messages fill the datagram?
    fn fits(&self, data: &[u8]) -> bool {
        let mut octets = Octets::new(self.body);
        let walked = (0..self.messages).try_for_each(|_| Body::read(&mut octets).map(|_| ()));
        !data.is_empty() && walked.is_some() && octets.is_empty()
    }
}

/// A message in a datagram: its length (with itself), a length, sequence number, and what it asks or answers.
struct Body<'a> {
    sequence: u32,
    content: &'a [u8],
}

impl<'a> Body<'a> {
    fn read(octets: &mut Octets<'a>) -> Option<Self> {
        let length = usize::try_from(octets.u32_le()?).ok()?;
        let mut body = Octets::new(octets.take(length.checked_sub(4)?)?);
        body.skip(1)?;
        Some(Self { sequence: body.u32_le()?, content: body.rest() })
    }
}

/// A frame of a serial line: address, number, functions of destination and source, status, content.
struct Frame<'a> {
    destination: u8,
    source: u8,
    sequence: u16,
    content: &'a [u8],
}

impl<'a> Frame<'a> {
    fn read(data: &'a [u8]) -> Option<Self> {
        let (frame, _check) = data.strip_prefix(&FRAME_BEGIN)?.split_last_chunk::<2>()?;
        let mut octets = Octets::new(frame.strip_suffix(&FRAME_END)?);
        let address = octets.u8()?;
        octets.skip(1)?;
        // A global message has addresses of both, and a control octet.
        if address & 0x80 != 0 {
            octets.skip(5)?;
        }
        let destination = octets.u8()?;
        let sequence = octets.u16_le()?;
        let source = octets.u8()?;
        octets.skip(1)?;
        Some(Self { destination, source, sequence, content: octets.rest() })
    }

    const fn is_database(&self) -> bool {
        matches!(self.destination, DATABASE | DATABASE_EXTENDED)
            || matches!(self.source, DATABASE | DATABASE_EXTENDED)
    }
}

/// One conversation being read.
struct Reader {
    /// Questions: sequence number, function.
    asked: [Option<(u32, u16)>; ASKED_MAX],
    next: usize,
}

impl Conversation for Reader {
    fn read(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if let Some(what) = self.datagram(data, facts) {
            facts.say(Fact::Anomaly { what });
        }
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) {
        let _ = self.datagram(data, facts);
    }
}

impl Reader {
    /// Says what a datagram holds, and returns what is wrong with it.
    fn datagram(&mut self, data: &[u8], facts: &mut dyn Facts) -> Option<&'static str> {
        if data.starts_with(&FRAME_BEGIN) {
            let Some(frame) = Frame::read(data) else { return Some("bsap-frame") };
            return self.frame(&frame, facts);
        }
        let Some(head) = Head::read(data) else { return Some("bsap-head") };
        let response = head.function == RESPONSE;
        let direction = match head.function {
            RESPONSE => Direction::Response,
            0x06 | 0x84 | 0x86 => Direction::Request,
            _ => Direction::None,
        };
        facts.message(&PROTOCOL, MESSAGE, u32::from(head.function), direction);
        let mut octets = Octets::new(head.body);
        for _ in 0..head.messages {
            let Some(body) = Body::read(&mut octets) else { return Some("bsap-length") };
            if response {
                self.answered(body.sequence, facts);
            } else if let Some((&application, [_status, content @ ..])) = body.content.split_first() {
                facts.message(&PROTOCOL, APPLICATION, u32::from(application), Direction::Request);
                if application == DATABASE {
                    self.asks(body.sequence, content, facts);
                }
            }
        }
        (!octets.is_empty()).then_some("bsap-length")
    }

    fn frame(&mut self, frame: &Frame<'_>, facts: &mut dyn Facts) -> Option<&'static str> {
        let sequence = u32::from(frame.sequence);
        match (frame.destination, frame.source) {
            (DATABASE, _) => {
                facts.message(&PROTOCOL, APPLICATION, u32::from(DATABASE), Direction::Request);
                self.asks(sequence, frame.content, facts);
            }
            (DATABASE_EXTENDED, _) => {
                facts.message(&PROTOCOL, APPLICATION, u32::from(DATABASE_EXTENDED), Direction::Request);
                if let Some(function) = Octets::new(frame.content).u16_le() {
                    self.remember(sequence, function);
                    facts.message(&PROTOCOL, FUNCTION, u32::from(function), Direction::Request);
                }
            }
            (_, source @ (DATABASE | DATABASE_EXTENDED)) => {
                facts.message(&PROTOCOL, APPLICATION, u32::from(source), Direction::Response);
                self.answered(sequence, facts);
            }
            (destination, _) => {
                facts.message(&PROTOCOL, APPLICATION, u32::from(destination), Direction::None)
            }
        }
        None
    }

    fn asks(&mut self, sequence: u32, content: &[u8], facts: &mut dyn Facts) {
        let Some(&function) = content.first() else { return };
        self.remember(sequence, u16::from(function));
        facts.message(&PROTOCOL, FUNCTION, u32::from(function), Direction::Request);
    }

    /// Remembers a question in place of the oldest.
    fn remember(&mut self, sequence: u32, function: u16) {
        if let Some(place) = self.asked.get_mut(self.next % ASKED_MAX) {
            *place = Some((sequence, function));
        }
        self.next = (self.next + 1) % ASKED_MAX;
    }

    /// Says the function that is answered, if its question was seen.
    fn answered(&mut self, sequence: u32, facts: &mut dyn Facts) {
        let place = self.asked.iter_mut().find(|asked| asked.is_some_and(|(known, _)| known == sequence));
        if let Some((_, function)) = place.and_then(Option::take) {
            facts.message(&PROTOCOL, FUNCTION, u32::from(function), Direction::Response);
        }
    }
}
