//! ADS of Beckhoff's TwinCAT: AMS over TCP, and discovery with remote routes over UDP (`discovery`).
//!
//! Owns the AMS/TCP and AMS headers, and what of a command or answer says which index group is meant and who the server
//! is. The header says who asks and who answers.

mod discovery;
mod table;

pub use discovery::AdsDiscovery;
pub use table::{DISCOVERY, PROTOCOL};

use self::table::{COMMAND, ERROR, MEANINGS, command, meaning};
use super::asked::Asked;
use super::fields::{bytes, le16, le32, rest, text, u8_at};
use super::sides::Sides;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::Protocol;
use std::fmt::Write as _;

/// Where ADS is met.
const PORT: u16 = 48_898;
/// AMS/TCP header: reserved (2), length (4).
const TCP_HEADER_BYTES: usize = 6;
/// AMS header: target and source (address of 6, port of 2 each), command, flags, length, error, invoke identifier.
const AMS_HEADER_BYTES: usize = 32;
const HEAD_BYTES: usize = TCP_HEADER_BYTES + AMS_HEADER_BYTES;
/// What is kept of a message: the headers, and what tells of the rest.
const KEPT_BYTES: usize = 128;
/// The most that a length is believed.
const LENGTH_MAX: u32 = 64 * 1024 * 1024;
/// Flags of the AMS header.
const FLAG_RESPONSE: u16 = 0x0001;
/// Set in every command of ADS.
const FLAG_ADS: u16 = 0x0004;
/// Flags that the specification names.
const FLAGS_KNOWN: u16 = 0x80ff;

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct Ads;

impl Dissector for Ads {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if !hint.stream {
            return Likelihood::No;
        }
        match Header::read(data) {
            // Reserved octets, two lengths that agree, flags and a command that exist.
            Some(header) if header.is_possible() => Likelihood::Certain,
            None if hint.port(PORT) && data.len() >= TCP_HEADER_BYTES && begins(data) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading {
            asked: Asked::default(),
            searching: Sides::new(false, false),
            notifier_said: false,
        })
    }
}

/// Could the AMS/TCP header stand here?
fn begins(data: &[u8]) -> bool {
    le16(data, 0).is_none_or(|reserved| reserved == 0)
        && le32(data, 2).is_none_or(|length| (32..=LENGTH_MAX).contains(&length))
}

/// Both headers.
#[derive(Debug, Clone, Copy)]
struct Header {
    reserved: u16,
    length: u32,
    target_port: u16,
    command: u16,
    flags: u16,
    data_length: u32,
    error: u32,
    invoke: u32,
}

impl Header {
    fn read(data: &[u8]) -> Option<Self> {
        Some(Self {
            reserved: le16(data, 0)?,
            length: le32(data, 2)?,
            target_port: le16(data, 12)?,
            command: le16(data, 22)?,
            flags: le16(data, 24)?,
            data_length: le32(data, 26)?,
            error: le32(data, 30)?,
            invoke: le32(data, 34)?,
        })
    }

    fn is_possible(self) -> bool {
        let lengths_agree = self.data_length.checked_add(32) == Some(self.length);
        self.reserved == 0
            && self.length <= LENGTH_MAX
            && lengths_agree
            && (1..=9).contains(&self.command)
            && self.flags & FLAG_ADS != 0
            && self.flags & !FLAGS_KNOWN == 0
    }

    fn whole(self) -> usize {
        TCP_HEADER_BYTES + usize::try_from(self.length).unwrap_or(usize::MAX - TCP_HEADER_BYTES)
    }

    const fn direction(self) -> Direction {
        if self.flags & FLAG_RESPONSE != 0 { Direction::Response } else { Direction::Request }
    }
}

struct Reading {
    /// What requests mean that were not answered yet, by their invoke identifiers.
    asked: Asked<u32, u8>,
    /// The beginning of the next message must be looked for.
    searching: Sides<bool>,
    /// It was said that who notifies is not who began.
    notifier_said: bool,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(header) = Header::read(data) else {
            return if begins(data) { Progress::Need(HEAD_BYTES) } else { self.pass_over(from, data, facts) };
        };
        if !header.is_possible() {
            return self.pass_over(from, data, facts);
        }
        let kept = header.whole().min(KEPT_BYTES);
        let Some(message) = data.get(..kept) else { return Progress::Need(kept) };
        *self.searching.of(from) = false;
        self.say(from, header, rest(message, HEAD_BYTES), facts);
        Progress::Skip(header.whole())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some(header) = Header::read(data).filter(|header| header.is_possible()) {
            self.say(from, header, rest(data, HEAD_BYTES), facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        *self.searching.of(from) = true;
        true
    }
}

impl Reading {
    fn pass_over(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if !std::mem::replace(self.searching.of(from), true) {
            facts.say(Fact::Anomaly { what: "ads-header" });
        }
        let begins = |at: &usize| Header::read(rest(data, *at)).is_some_and(Header::is_possible);
        Progress::Consumed((1..data.len()).find(begins).unwrap_or(data.len()))
    }

    fn say(&mut self, from: End, header: Header, data: &[u8], facts: &mut dyn Facts) {
        if header.command == command::NOTIFICATION && !std::mem::replace(&mut self.notifier_said, true) {
            // It asks for nothing: the server sends what the client had subscribed to.
            facts.say(Fact::Initiator(from.other()));
        }
        let direction = header.direction();
        let place = match direction {
            Direction::Response => self.asked.take(header.invoke),
            _ => group(header.command, data)
                .and_then(|group| meaning(header.command, header.target_port, group)),
        };
        if let (Direction::Request, Some(place)) = (direction, place) {
            self.asked.put(header.invoke, place);
        }
        let meaning = place.and_then(|place| MEANINGS.get(usize::from(place)));
        facts.say(Fact::Message(Message {
            protocol: &PROTOCOL,
            element: COMMAND,
            code: Code::Number(u32::from(header.command)),
            direction,
            meaning: meaning.map(|meaning| (meaning.name, meaning.class)),
        }));
        let result = if header.error != 0 { Some(header.error) } else { le32(data, 0) };
        if direction == Direction::Response
            && let Some(error) = result.filter(|error| *error != 0)
        {
            facts.message(&PROTOCOL, ERROR, error, direction);
        } else if direction == Direction::Response && header.command == command::READ_DEVICE_INFO {
            say_device(data, from, facts);
        }
    }
}

/// The index group of a request, or the state it asks for.
fn group(command: u16, data: &[u8]) -> Option<u32> {
    match command {
        command::READ | command::WRITE | command::ADD_NOTIFICATION | command::READ_WRITE => le32(data, 0),
        command::WRITE_CONTROL => le16(data, 0).map(u32::from),
        _ => None,
    }
}

/// Result (4), version, revision, build (2), name (16).
fn say_device(data: &[u8], about: End, facts: &mut dyn Facts) {
    let Some(name) = bytes(data, 8, 16).and_then(text) else { return };
    facts.say(Fact::Identity { about, what: Identity::Vendor, value: "Beckhoff" });
    facts.say(Fact::Identity { about, what: Identity::Product, value: &name });
    let (Some(major), Some(minor), Some(build)) = (u8_at(data, 4), u8_at(data, 5), le16(data, 6)) else {
        return;
    };
    let mut version = String::new();
    if write!(version, "{major}.{minor}.{build}").is_ok() {
        facts.say(Fact::Identity { about, what: Identity::Version, value: &version });
    }
}
