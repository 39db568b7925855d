//! MELSEC's communication protocol with frames of 1E, as FX3 and A series speak it.
//!
//! SH-080008, A-compatible 1E frame: a request is a subheader, the number of the station, a timer and what the function
//! needs; a response is the subheader with its highest bit set, an end code and the data asked for. There is neither a
//! mark nor a length: what is asked says how long both are, so a conversation is known by its first request for a device.

use crate::dissect::asked::Asked;
use crate::dissect::fields::{be16, le16, le32, rest, u8_at};
use crate::dissect::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `command`.
const COMMAND: u8 = 0;
/// Index of the element `end-code`.
const END_CODE: u8 = 1;

/// Frames of 1E.
pub static PROTOCOL: Protocol = Protocol {
    name: "melsec-1e",
    title: "MELSEC communication protocol, frame 1E",
    carriers: &[Carrier::Tcp(5551), Carrier::Udp(5551)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "command", functions: COMMANDS, default_class: Class::Other },
        Element { name: "end-code", functions: END_CODES, default_class: Class::Other },
    ],
    documents: &[
        "Mitsubishi Electric SH-080008, MELSEC Communication Protocol Reference Manual, A-compatible 1E frame",
    ],
};

/// Subheaders of requests.
const COMMANDS: &[Function] = &[
    function(0x00, "batch-read-bits", Class::Read),
    function(0x01, "batch-read-words", Class::Read),
    function(0x02, "batch-write-bits", Class::Write),
    function(0x03, "batch-write-words", Class::Write),
    function(0x04, "random-write-bits", Class::Write),
    function(0x05, "random-write-words", Class::Write),
    function(0x06, "monitor-register-bits", Class::Read),
    function(0x07, "monitor-register-words", Class::Read),
    function(0x08, "monitor-bits", Class::Read),
    function(0x09, "monitor-words", Class::Read),
    function(0x13, "remote-run", Class::Operate),
    function(0x14, "remote-stop", Class::Operate),
    function(0x15, "read-cpu-model", Class::Discover),
    function(0x16, "loop-back-test", Class::Diagnose),
];

/// End codes other than the normal one.
const END_CODES: &[Function] = &[
    function(0x50, "wrong-code", Class::Other),
    function(0x54, "ascii-cannot-be-converted", Class::Other),
    function(0x55, "writing-prohibited-during-run", Class::Other),
    function(0x56, "wrong-device", Class::Other),
    function(0x57, "too-many-points", Class::Other),
    function(0x58, "address-out-of-range", Class::Other),
    function(0x5b, "station-refuses", Class::Other),
    function(0x60, "no-communication-with-station", Class::Other),
];

/// Subheader, station, timer.
const HEAD_BYTES: usize = 4;
/// Head, number and code of a device, points, zero.
const DEVICE_BYTES: usize = 12;
/// Set in the subheader of a response.
const RESPONSE: u8 = 0x80;
/// The end code that a further octet explains.
const EXPLAINED: u8 = 0x5b;

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct OneE;

impl Dissector for OneE {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], _hint: &Hint) -> Likelihood {
        // Four functions name a device by two letters, whose number is below 65536; the last octet is zero.
        let device = matches!(data, [0..=3, 0..=64 | 0xff, _, 0..=3, _, _, 0, 0, _, _, _, 0, ..])
            && be16(data, 8).is_some_and(is_device);
        let whole = request_length(data) == Some(data.len());
        if device && whole { Likelihood::Likely } else { Likelihood::No }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading { stream: hint.stream, client: hint.from, asked: Asked::default() })
    }
}

/// Device codes, as they stand on the wire: one letter behind a blank, or two in reverse.
fn is_device(code: u16) -> bool {
    matches!(
        &code.to_be_bytes(),
        [b' ', b'D' | b'R' | b'W' | b'X' | b'Y' | b'M' | b'L' | b'S' | b'B' | b'F']
            | [b'N' | b'S' | b'C', b'T' | b'C']
    )
}

/// Points that an octet counts: zero stands for 256.
fn points(octet: u8) -> usize {
    if octet == 0 { 256 } else { usize::from(octet) }
}

/// Octets of a request, if its function's length is known and enough of it is there to tell.
fn request_length(data: &[u8]) -> Option<usize> {
    let count = |at: usize| u8_at(data, at).map(points);
    Some(match u8_at(data, 0)? {
        0x00 | 0x01 => DEVICE_BYTES,
        0x02 => DEVICE_BYTES + count(10)?.div_ceil(2),
        0x03 => DEVICE_BYTES + 2 * count(10)?,
        0x04 => HEAD_BYTES + 2 + 7 * count(4)?,
        0x05 => HEAD_BYTES + 2 + 8 * count(4)?,
        0x06 | 0x07 => HEAD_BYTES + 2 + 6 * count(4)?,
        0x08 | 0x09 | 0x13 | 0x14 | 0x15 => HEAD_BYTES,
        0x16 => HEAD_BYTES + 1 + usize::from(u8_at(data, 4)?),
        _ => return None,
    })
}

/// Octets of a good response to a request.
fn response_length(request: &[u8]) -> Option<usize> {
    let count = || u8_at(request, 10).map(points);
    Some(match u8_at(request, 0)? {
        0x00 => 2 + count()?.div_ceil(2),
        0x01 => 2 + 2 * count()?,
        0x02..=0x07 | 0x13 | 0x14 => 2,
        0x16 => 3 + usize::from(u8_at(request, 4)?),
        _ => return None,
    })
}

struct Reading {
    stream: bool,
    /// Who asks.
    client: End,
    /// What is not answered yet: the subheader, and the length of a good response, if that is known.
    asked: Asked<(), (u8, Option<usize>)>,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if from == self.client { self.read_request(data, facts) } else { self.read_response(data, facts) }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if from == self.client
            && let Some(command) = data.first()
        {
            self.asked.put((), (*command, response_length(data)));
            facts.message(&PROTOCOL, COMMAND, u32::from(*command), Direction::Request);
        }
    }

    fn gap(&mut self, _from: End) -> bool {
        self.asked.clear();
        true
    }
}

impl Reading {
    fn read_request(&mut self, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(command) = data.first().filter(|command| **command < RESPONSE) else {
            facts.say(Fact::Anomaly { what: "melsec-1e-subheader" });
            return Progress::Consumed(data.len());
        };
        let known = PROTOCOL.function(COMMAND, u32::from(*command)).is_some();
        if known && data.len() < 5 && request_length(data).is_none() {
            return Progress::Need(data.len() + 1);
        }
        // Of other functions the length is not known: they are taken for the rest of the segment.
        let length = match request_length(data) {
            None if known => return Progress::Need(DEVICE_BYTES.max(data.len() + 1)),
            length => length.unwrap_or(data.len()),
        };
        let Some(request) = data.get(..length) else { return Progress::Need(length) };
        self.asked.put((), (*command, response_length(request)));
        facts.message(&PROTOCOL, COMMAND, u32::from(*command), Direction::Request);
        if length >= DEVICE_BYTES && matches!(command, 0..=3) && !names_device(request) {
            facts.say(Fact::Anomaly { what: "melsec-1e-device" });
        }
        Progress::Consumed(if self.stream { length } else { data.len() })
    }

    fn read_response(&mut self, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(end_code) = u8_at(data, 1) else { return Progress::Need(2) };
        let subheader = u8_at(data, 0).unwrap_or_default();
        let asked = self.asked.oldest(());
        let Some((command, length)) = asked.filter(|(command, _)| command | RESPONSE == subheader) else {
            self.asked.take(());
            facts.say(Fact::Anomaly { what: "melsec-1e-response" });
            return Progress::Consumed(data.len());
        };
        let length = match end_code {
            0 => length.unwrap_or(data.len()),
            // The explanation, and a zero where it is sent.
            EXPLAINED => data.len().min(4),
            _ => 2,
        };
        if data.len() < length {
            return Progress::Need(length);
        }
        self.asked.take(());
        facts.message(&PROTOCOL, COMMAND, u32::from(command), Direction::Response);
        if end_code != 0 {
            facts.message(&PROTOCOL, END_CODE, u32::from(end_code), Direction::Response);
        }
        Progress::Consumed(if self.stream { length } else { data.len() })
    }
}

fn names_device(request: &[u8]) -> bool {
    le32(request, 4).is_some() && le16(rest(request, 8), 0).map(u16::swap_bytes).is_some_and(is_device)
}
