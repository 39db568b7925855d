//! MELSOFT connection: the protocol of GX Works with Mitsubishi Electric's controllers.
//!
//! There is no public document. What is read here is what public scanners send and what the length fields of captures
//! confirm: a mark, a sequence number, a route, the length of the rest; then a block that says how long its own head is,
//! the result (in answers), and a command with its number. Commands lie in the groups that SLMP has (its Reference
//! Manual, list of commands): 04 reads, 14 writes, 10 controls, 18 handles files.

use super::fields::{be16, bytes, le16, rest, text, u8_at};
use super::sides::Sides;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `command`.
const COMMAND: u8 = 0;
/// Index of the element `connection`.
const CONNECTION: u8 = 1;

/// MELSOFT connection.
pub static PROTOCOL: Protocol = Protocol {
    name: "melsoft",
    title: "MELSOFT connection (Mitsubishi Electric engineering)",
    carriers: &[
        Carrier::Tcp(5007),
        Carrier::Udp(5006),
        Carrier::Udp(5560),
        Carrier::Udp(5561),
        Carrier::Tcp(5562),
        Carrier::Tcp(5002),
    ],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "command", functions: COMMANDS, default_class: Class::Other },
        Element { name: "connection", functions: CONNECTIONS, default_class: Class::Session },
    ],
    documents: &[
        "Z-0ne, melsecq-discover.nse (request for the model, and where its answer has it)",
        "Deneut, MitsubishiScan and MitsubishiSetState (search for devices; run, stop, pause)",
        "Mitsubishi Electric SH-080956ENG, SLMP Reference Manual (groups of commands)",
    ],
};

const COMMANDS: &[Function] = &[
    function(0x0101, "read-cpu-model", Class::Discover),
    function(0x0121, "read-cpu-model", Class::Discover),
    function(0x0b20, "search-devices", Class::Discover),
    function(0x1001, "remote-run", Class::Operate),
    function(0x1002, "remote-stop", Class::Operate),
    function(0x1003, "remote-pause", Class::Operate),
    function(0x1005, "remote-latch-clear", Class::Operate),
    function(0x1006, "remote-reset", Class::Operate),
];

/// Messages of four octets before the first command, by their last octet.
const CONNECTIONS: &[Function] = &[
    function(0x01, "connection-request", Class::Session),
    function(0xff, "cpu-type-request", Class::Discover),
];

/// What a command does whose own name is not known: that of its group.
fn of_group(command: u16) -> Option<(&'static str, Class)> {
    match command >> 8 {
        0x04 => Some(("read-group", Class::Read)),
        0x14 => Some(("write-group", Class::Write)),
        0x10 => Some(("control-group", Class::Operate)),
        0x17 | 0x18 => Some(("file-group", Class::File)),
        _ => None,
    }
}

/// Marks of commands: asked and answered.
const ASKS: u8 = 0x57;
/// The answer's has the highest bit set.
const ANSWERS: u8 = 0xd7;
/// Marks of the messages before the first command.
const CONNECTS: u8 = 0x5a;
/// The answer to that.
const CONNECTED: u8 = 0xda;
/// Mark, sequence number, route, length.
const HEAD_BYTES: usize = 21;
/// The least that a length counts: kind, three numbers, command and its number.
const LENGTH_MIN: usize = 8;
/// The most that is believed.
const LENGTH_MAX: usize = 16 * 1024;
/// The longest answer to a message of [`CONNECTS`] that is taken for one.
const CONNECTED_BYTES_MAX: usize = 64;
/// Octets of the name of a CPU.
const MODEL_BYTES: usize = 16;

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct Melsoft;

impl Dissector for Melsoft {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let home = [5560, 5561, 5006].iter().any(|port| hint.port(*port));
        match Frame::read(data) {
            Some(frame) if frame.is_possible() && (hint.stream || frame.whole == data.len()) => {
                Likelihood::Certain
            }
            _ if !hint.stream && home && is_connection(data) => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading { stream: hint.stream, searching: Sides::new(false, false) })
    }
}

/// `5a 00 00` and a code, or its answer.
fn is_connection(data: &[u8]) -> bool {
    match data {
        [CONNECTS, 0, 0, _] => true,
        [CONNECTED, 0, 0, _, ..] => data.len() <= CONNECTED_BYTES_MAX,
        _ => false,
    }
}

/// A command or its answer, as far as it is there.
#[derive(Debug, Clone, Copy)]
struct Frame<'a> {
    mark: u8,
    /// Octets of the whole.
    whole: usize,
    /// From the kind on.
    block: &'a [u8],
    route: &'a [u8],
}

impl<'a> Frame<'a> {
    fn read(data: &'a [u8]) -> Option<Self> {
        let whole = HEAD_BYTES + usize::from(le16(data, 19)?);
        let block = rest(data.get(..whole).unwrap_or(data), HEAD_BYTES);
        Some(Self { mark: u8_at(data, 0)?, whole, block, route: bytes(data, 2, 6)? })
    }

    /// Three zeros, two octets 0x11 and 07 or 7f stand in the route of asking and answering.
    fn is_possible(self) -> bool {
        let marked = matches!(
            (self.mark, self.route),
            (ASKS, [0, 0, 0, 0x11, 0x11, 0x07]) | (ANSWERS, [0, 0, 0, 0x11, 0x11, 0x7f])
        );
        let kind = if self.mark == ASKS { 0x1c } else { 0x9c };
        let length = self.whole - HEAD_BYTES;
        marked
            && (LENGTH_MIN..=LENGTH_MAX).contains(&length)
            && self.block.first().is_none_or(|first| *first == kind)
    }

    fn say(self, from: End, facts: &mut dyn Facts) {
        // Kind, a number, two lengths: the second counts what stands before the command or the result.
        let Some(head) = u8_at(self.block, 3) else { return };
        let mut content = rest(self.block, 4 + usize::from(head));
        let direction = if self.mark == ASKS { Direction::Request } else { Direction::Response };
        if direction == Direction::Response {
            // The result.
            content = rest(content, 2);
        }
        let Some(command) = be16(content, 0) else { return };
        let known = PROTOCOL.function(COMMAND, u32::from(command)).is_some();
        let meaning = if known { None } else { of_group(command) };
        let code = Code::Number(u32::from(command));
        facts.say(Fact::Message(Message { protocol: &PROTOCOL, element: COMMAND, code, direction, meaning }));
        if direction == Direction::Response
            && matches!(command, 0x0101 | 0x0121)
            && let Some(model) = bytes(content, 6, MODEL_BYTES).and_then(text)
        {
            facts.say(Fact::Identity { about: from, what: Identity::Vendor, value: "Mitsubishi Electric" });
            facts.say(Fact::Identity { about: from, what: Identity::Product, value: &model });
        }
    }
}

struct Reading {
    stream: bool,
    /// The beginning of the next message must be looked for.
    searching: Sides<bool>,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if !self.stream && is_connection(data) {
            let asks = data.first() == Some(&CONNECTS);
            let direction = if asks { Direction::Request } else { Direction::Response };
            let code = u8_at(data, 3).unwrap_or_default();
            facts.message(&PROTOCOL, CONNECTION, u32::from(code), direction);
            return Progress::Consumed(data.len());
        }
        let begins = matches!(data.first(), Some(&(ASKS | ANSWERS)));
        let Some(frame) = Frame::read(data).filter(|frame| frame.is_possible()) else {
            if begins && data.len() < HEAD_BYTES {
                return Progress::Need(HEAD_BYTES);
            }
            if !std::mem::replace(self.searching.of(from), true) {
                facts.say(Fact::Anomaly { what: "melsoft-header" });
            }
            return Progress::Consumed(next_beginning(data));
        };
        if data.len() < frame.whole {
            return Progress::Need(frame.whole);
        }
        *self.searching.of(from) = false;
        frame.say(from, facts);
        Progress::Consumed(frame.whole)
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some(frame) = Frame::read(data).filter(|frame| frame.is_possible()) {
            frame.say(from, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        *self.searching.of(from) = true;
        true
    }
}

/// How many bytes to let go until a message may begin: all, if none does.
fn next_beginning(data: &[u8]) -> usize {
    let begins = |at: &usize| Frame::read(rest(data, *at)).is_some_and(Frame::is_possible);
    (1..data.len()).find(begins).unwrap_or(data.len())
}
