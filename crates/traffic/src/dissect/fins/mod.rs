//! FINS of Omron's controllers, in UDP datagrams and in FINS/TCP.
//!
//! Owns the FINS header (W227 §1-3), the header of FINS/TCP with its exchange of node addresses (W421 §7-4), and what of
//! a command or answer says who the controller is or carries a password.

mod table;

pub use table::PROTOCOL;

use self::table::{
    COMMAND, CONTROLLER_DATA_READ, END_CODE, NAME_READ, PROGRAM_AREA_PROTECT, PROGRAM_AREA_PROTECT_CLEAR,
    TCP_COMMAND,
};
use super::fields::{be16, be32, bytes, rest, text};
use super::octets::find;
use super::sides::Sides;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::Protocol;

/// Where FINS is met, on UDP and TCP.
const PORT: u16 = 9600;
/// Header of a FINS frame up to the service identifier, and the command code.
const FRAME_BYTES_MIN: usize = 12;
/// `FINS`, length, command, error code.
const TCP_HEADER_BYTES: usize = 16;
/// What the length of FINS/TCP counts besides the frame: command and error code.
const TCP_COUNTED_BYTES: usize = 8;
/// The most that a length is believed: frames hold 2012 octets (W421 §7-4), later units a few thousand.
const TCP_LENGTH_MAX: usize = 16 * 1024;
/// The four letters at the beginning of each message of FINS/TCP.
const MAGIC: &[u8; 4] = b"FINS";

/// Commands of the header of FINS/TCP.
mod tcp {
    pub(super) const ADDRESS_REQUEST: u32 = 0;
    pub(super) const ADDRESS_RESPONSE: u32 = 1;
    pub(super) const FRAME: u32 = 2;
    pub(super) const CONFIRMATION: u32 = 6;
}

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct Fins;

impl Dissector for Fins {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if hint.stream {
            return match TcpHeader::read(data) {
                Some(header) if header.is_possible() => Likelihood::Certain,
                None if !data.is_empty() && MAGIC.starts_with(bytes(data, 0, 4).unwrap_or(data)) => {
                    Likelihood::Port
                }
                _ => Likelihood::No,
            };
        }
        match Frame::read(data) {
            Some(frame) if hint.port(PORT) && frame.is_possible() => Likelihood::Likely,
            Some(frame) if frame.is_usual() => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading { stream: hint.stream, searching: Sides::new(false, false) })
    }
}

/// The header of FINS/TCP.
#[derive(Debug, Clone, Copy)]
struct TcpHeader {
    length: usize,
    command: u32,
}

impl TcpHeader {
    fn read(data: &[u8]) -> Option<Self> {
        let length = usize::try_from(be32(data, 4)?).ok()?;
        let command = be32(data, 8)?;
        data.starts_with(MAGIC).then_some(Self { length, command })
    }

    const fn is_possible(self) -> bool {
        self.length >= TCP_COUNTED_BYTES && self.length <= TCP_LENGTH_MAX && self.command <= tcp::CONFIRMATION
    }

    const fn whole(self) -> usize {
        TCP_HEADER_BYTES - TCP_COUNTED_BYTES + self.length
    }
}

/// A FINS frame: information control, reserved, gateway count, addresses of destination and source (network, node, unit
/// each), service identifier, command code, text.
#[derive(Debug, Clone, Copy)]
struct Frame<'a> {
    data: &'a [u8],
    control: u8,
    command: u16,
}

impl<'a> Frame<'a> {
    fn read(data: &'a [u8]) -> Option<Self> {
        Some(Self { data, control: *data.first()?, command: be16(data, 10)? })
    }

    const fn direction(self) -> Direction {
        if self.control & 0x40 != 0 { Direction::Response } else { Direction::Request }
    }

    /// The reserved bits are zero and the networks exist.
    fn is_possible(self) -> bool {
        let Some([_, reserved, gateways, network, _, _, source_network, ..]) = self.data.first_chunk::<12>()
        else {
            return false;
        };
        let addressed = *gateways <= 8 && *network <= 0x7f && *source_network <= 0x7f;
        self.control & 0x3e == 0 && *reserved == 0 && addressed && self.command >> 8 != 0
    }

    /// As nearly every frame is, and hardly any other bytes are.
    fn is_usual(self) -> bool {
        let answers = self.direction() == Direction::Response;
        self.is_possible()
            && self.control & 0x80 != 0
            && self.data.get(2).is_some_and(|gateways| matches!(gateways, 1..=7))
            && PROTOCOL.function(COMMAND, u32::from(self.command)).is_some()
            && (!answers || self.data.len() >= FRAME_BYTES_MIN + 2)
    }

    fn say(self, from: End, facts: &mut dyn Facts) {
        let direction = self.direction();
        facts.message(&PROTOCOL, COMMAND, u32::from(self.command), direction);
        let content = rest(self.data, FRAME_BYTES_MIN);
        if direction == Direction::Request {
            say_password(self.command, content, facts);
            return;
        }
        match be16(content, 0).map(|code| code & 0x7f3f) {
            Some(0) => say_identity(self.command, rest(content, 2), from, facts),
            Some(code) => facts.message(&PROTOCOL, END_CODE, u32::from(code), direction),
            None => facts.say(Fact::Anomaly { what: "fins-no-end-code" }),
        }
    }
}

/// Model and version, each of 20 letters (W227 §2-18), if the answer begins with them: it may list units instead.
fn say_identity(command: u16, content: &[u8], about: End, facts: &mut dyn Facts) {
    let mut say = |what, field: Option<&[u8]>| {
        if let Some(value) = field.and_then(text) {
            facts.say(Fact::Identity { about, what, value: &value });
        }
    };
    match command {
        CONTROLLER_DATA_READ if content.first().is_some_and(u8::is_ascii_alphanumeric) => {
            say(Identity::Vendor, Some(b"Omron"));
            say(Identity::Product, bytes(content, 0, 20));
            say(Identity::Version, bytes(content, 20, 20));
        }
        NAME_READ => say(Identity::Name, Some(content)),
        _ => {}
    }
}

/// Program number (2), protection, first and last word (4 each), password of four letters (W227 §2-11).
fn say_password(command: u16, content: &[u8], facts: &mut dyn Facts) {
    let protects = matches!(command, PROGRAM_AREA_PROTECT | PROGRAM_AREA_PROTECT_CLEAR);
    if protects && be32(content, 11).is_some_and(|password| password != 0) {
        facts.say(Fact::ClearTextCredential { what: "password" });
    }
}

struct Reading {
    stream: bool,
    /// The beginning of the next message must be looked for.
    searching: Sides<bool>,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if self.stream {
            return self.read_stream(from, data, facts);
        }
        match Frame::read(data) {
            Some(frame) if frame.is_possible() => frame.say(from, facts),
            Some(_) => facts.say(Fact::Anomaly { what: "fins-header" }),
            None => return Progress::Need(FRAME_BYTES_MIN),
        }
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        let frame = match TcpHeader::read(data) {
            Some(header) if self.stream && header.command == tcp::FRAME => rest(data, TCP_HEADER_BYTES),
            _ if self.stream => return,
            _ => data,
        };
        if let Some(frame) = Frame::read(frame)
            && frame.is_possible()
        {
            facts.message(&PROTOCOL, COMMAND, u32::from(frame.command), frame.direction());
            let content = rest(frame.data, FRAME_BYTES_MIN);
            if frame.direction() == Direction::Response && be16(content, 0) == Some(0) {
                say_identity(frame.command, rest(content, 2), from, facts);
            }
        }
    }

    fn gap(&mut self, from: End) -> bool {
        *self.searching.of(from) = true;
        true
    }
}

impl Reading {
    fn read_stream(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let searching = self.searching.of(from);
        let begins = data.starts_with(MAGIC) || MAGIC.starts_with(data);
        let header = TcpHeader::read(data);
        if !begins || header.is_some_and(|header| !header.is_possible()) {
            if !*searching {
                facts.say(Fact::Anomaly { what: "fins-header" });
            }
            *searching = true;
            return Progress::Consumed(next_beginning(data));
        }
        let Some(header) = header else { return Progress::Need(TCP_HEADER_BYTES.max(data.len() + 1)) };
        let Some(message) = data.get(..header.whole()) else { return Progress::Need(header.whole()) };
        *searching = false;
        say_tcp(from, header, rest(message, TCP_HEADER_BYTES), facts);
        Progress::Consumed(message.len())
    }
}

fn say_tcp(from: End, header: TcpHeader, content: &[u8], facts: &mut dyn Facts) {
    let direction = match header.command {
        tcp::ADDRESS_REQUEST => Direction::Request,
        tcp::ADDRESS_RESPONSE => Direction::Response,
        _ => Direction::None,
    };
    if header.command != tcp::FRAME {
        facts.message(&PROTOCOL, TCP_COMMAND, header.command, direction);
        return;
    }
    match Frame::read(content) {
        Some(frame) => frame.say(from, facts),
        None => facts.say(Fact::Anomaly { what: "fins-length" }),
    }
}

/// How many bytes to let go until a message may begin: at least one.
fn next_beginning(data: &[u8]) -> usize {
    find(rest(data, 1), MAGIC).map_or(data.len(), |at| at + 1)
}
