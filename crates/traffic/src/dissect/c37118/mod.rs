//! IEEE C37.118 synchrophasors: what phasor measurement units stream, and how they are commanded.
//!
//! Owns the framing with its checksum, commands, and what configurations say of the units. Values are not read.

mod configuration;

use super::check_sums::crc16_v41;
use super::fields::{be16, be32, bytes, rest, text, u8_at};
use super::sides::{InStep, Sides};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The ports that the standard's annex names: commands and streams over TCP, streams over UDP (C37.118.2, annex E).
const PORTS: [u16; 2] = [4712, 4713];

/// First octet of a frame (C37.118.2, table 2).
const SYNC: u8 = 0xaa;
/// Frame header: synchronization, size, identifier, second of century, fraction of it.
const HEADER_BYTES: usize = 14;
/// Shortest frame: its header and checksum.
const FRAME_BYTES_MIN: usize = 16;
/// Shortest command.
const COMMAND_BYTES_MIN: usize = 18;

/// Places that look like a frame whose checksums are tried at a time, where one is looked for.
const CANDIDATES_MAX: usize = 32;

/// Index of the element that counts frames by type.
const FRAME: u8 = 0;
/// Index of the element that counts commands.
const COMMAND: u8 = 1;

// Frame types (C37.118.2, table 2).
const HEADER_FRAME: u8 = 1;
const COMMAND_FRAME: u8 = 4;
const CONFIGURATION_3: u8 = 5;

/// Synchrophasors.
pub static PROTOCOL: Protocol = Protocol {
    name: "c37118",
    title: "IEEE C37.118 synchrophasors",
    carriers: &[
        Carrier::Tcp(PORTS[0]),
        Carrier::Udp(PORTS[1]),
        Carrier::Tcp(PORTS[1]),
        Carrier::Udp(PORTS[0]),
    ],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "frame", functions: FRAMES, default_class: Class::Other },
        Element { name: "command", functions: COMMANDS, default_class: Class::Other },
    ],
    documents: &["IEEE C37.118-2005", "IEEE C37.118.2-2011, section 6, annex E"],
};

const FRAMES: &[Function] = &[
    function(0, "data", Class::Read),
    function(1, "header", Class::Discover),
    function(2, "configuration-1", Class::Discover),
    function(3, "configuration-2", Class::Discover),
    function(4, "command", Class::Session),
    function(5, "configuration-3", Class::Discover),
];

/// Commands (C37.118.2, table 15).
const COMMANDS: &[Function] = &[
    function(1, "turn-off-transmission", Class::Session),
    function(2, "turn-on-transmission", Class::Session),
    function(3, "send-header", Class::Discover),
    function(4, "send-configuration-1", Class::Discover),
    function(5, "send-configuration-2", Class::Discover),
    function(6, "send-configuration-3", Class::Discover),
    function(8, "extended-frame", Class::Other),
];

/// The dissector of synchrophasors.
#[derive(Debug, Clone, Copy)]
pub struct Synchrophasor;

impl Dissector for Synchrophasor {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let Some(size) = size(data) else { return Likelihood::No };
        let at_home = PORTS.iter().any(|port| hint.port(*port));
        match data.get(..size) {
            Some(frame) if has_right_checksum(frame) => Likelihood::Certain,
            // Damaged, but where it is at home, and followed by another or nothing.
            Some(_) if at_home && data.get(size).is_none_or(|next| *next == SYNC) => Likelihood::Port,
            // A datagram holds whole frames; of a stream the first may come in pieces.
            None if hint.stream && at_home => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading::default())
    }
}

/// The size of the frame that begins here, if its head is one: synchronization, type and version, and a size that has room
/// for header and checksum.
fn size(data: &[u8]) -> Option<usize> {
    let (sync, kind) = (u8_at(data, 0)?, u8_at(data, 1)?);
    let size = usize::from(be16(data, 2)?);
    let known =
        sync == SYNC && kind & 0x80 == 0 && kind >> 4 <= CONFIGURATION_3 && (1..=3).contains(&(kind & 0x0f));
    (known && size >= FRAME_BYTES_MIN).then_some(size)
}

/// The checksum of a frame: CRC-CCITT over all before it, beginning with ones (C37.118.2, annex B).
fn has_right_checksum(frame: &[u8]) -> bool {
    let Some((covered, said)) = frame.split_last_chunk::<2>() else { return false };
    crc16_v41(0xffff, covered) == u16::from_be_bytes(*said)
}

#[derive(Debug, Default)]
struct Reading {
    in_step: InStep,
    /// By sender: is a frame looked for, so that only one with the right checksum is taken for one?
    searching: Sides<bool>,
    /// Was it said who commands?
    initiator_said: bool,
    /// The configuration said last, as its checksum.
    configuration: Option<u16>,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if data.len() < 4 && data.first() == Some(&SYNC) {
            return Progress::Need(4);
        }
        let searching = *self.searching.of(from);
        let Some(size) = size(data) else { return self.resynchronize(from, data, facts) };
        let Some(frame) = data.get(..size) else {
            // Where a frame is looked for, what looks like one may be none: the next piece tells.
            return Progress::Need(size);
        };
        let right = has_right_checksum(frame);
        if !right && (searching || data.get(size).is_some_and(|next| *next != SYNC)) {
            return self.resynchronize(from, data, facts);
        }
        *self.searching.of(from) = false;
        self.in_step.found(from);
        if !right {
            facts.say(Fact::Anomaly { what: "c37118-checksum" });
        }
        self.say(from, frame, true, facts);
        Progress::Consumed(size)
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if size(data).is_some() && data.len() >= HEADER_BYTES {
            self.say(from, data, false, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        *self.searching.of(from) = true;
        self.in_step.lost(from);
        true
    }
}

impl Reading {
    /// Lets go what comes before the next frame with the right checksum.
    fn resynchronize(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        self.in_step.fails(from, "c37118-header", facts);
        *self.searching.of(from) = true;
        let mut part = None;
        let candidates = (1..data.len()).filter_map(|at| Some((at, size(rest(data, at))?)));
        let whole = candidates.take(CANDIDATES_MAX).find(|(at, size)| match bytes(data, *at, *size) {
            Some(frame) => has_right_checksum(frame),
            None => {
                part.get_or_insert(*at);
                false
            }
        });
        // One that is not whole may be none: it comes after what surely is one.
        Progress::Consumed(whole.map(|(at, _)| at).or(part).unwrap_or(data.len()))
    }

    /// Says a frame; `whole`: all of it is there.
    fn say(&mut self, from: End, frame: &[u8], whole: bool, facts: &mut dyn Facts) {
        let kind = u8_at(frame, 1).unwrap_or_default() >> 4;
        let direction = if kind == COMMAND_FRAME { Direction::Request } else { Direction::Response };
        facts.message(&PROTOCOL, FRAME, u32::from(kind), direction);
        let body = if whole { bytes(frame, HEADER_BYTES, frame.len() - FRAME_BYTES_MIN) } else { None };
        match (kind, body) {
            (COMMAND_FRAME, _) => self.say_command(from, frame, facts),
            (HEADER_FRAME, Some(body)) => {
                if let Some(value) = text(body) {
                    facts.say(Fact::Property { name: "header", value: &value });
                }
            }
            (2 | 3 | CONFIGURATION_3, Some(body)) => self.say_configuration(from, kind, frame, body, facts),
            _ => {}
        }
    }

    fn say_command(&mut self, from: End, frame: &[u8], facts: &mut dyn Facts) {
        if !std::mem::replace(&mut self.initiator_said, true) {
            facts.say(Fact::Initiator(from));
        }
        match be16(frame, HEADER_BYTES) {
            Some(command) if frame.len() >= COMMAND_BYTES_MIN => {
                facts.message(&PROTOCOL, COMMAND, u32::from(command), Direction::Request);
            }
            _ => facts.say(Fact::Anomaly { what: "c37118-command" }),
        }
    }

    /// Says whom a configuration describes, if it is another than before.
    fn say_configuration(&mut self, from: End, kind: u8, frame: &[u8], body: &[u8], facts: &mut dyn Facts) {
        let checksum = be16(frame, frame.len() - 2);
        if checksum == self.configuration {
            return;
        }
        self.configuration = checksum;
        if let Some(id) = be16(frame, 4) {
            facts.say(Fact::Property { name: "id-code", value: &id.to_string() });
        }
        let understood = if kind == CONFIGURATION_3 {
            configuration::say_third(from, body, facts)
        } else {
            configuration::say(from, body, facts)
        };
        if understood.is_none() {
            facts.say(Fact::Anomaly { what: "c37118-configuration" });
        }
    }
}

/// The resolution of the time stamps and how many units follow: where a configuration begins.
fn units(body: &[u8]) -> Option<u16> {
    be32(body, 0)?;
    be16(body, 4)
}
