//! EtherNet/IP: the encapsulation over TCP and UDP, and the implicit I/O data over UDP.
//!
//! Owns the encapsulation header and the common packet format; what the services do is `cip`'s.

mod cip;
mod identity;
mod io;
mod protocol;
mod vendors;

pub use cip::PROTOCOL as CIP;
pub(crate) use cip::meaning as cip_meaning;
pub use io::CipIo;
pub use protocol::PROTOCOL;

use self::cip::{Key, Services};
use self::protocol::{COMMAND, command};
use super::fields::{bytes, le16, le32, le64, rest};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::Protocol;

/// The registered port.
const PORT: u16 = 44_818;
/// Length of the encapsulation header (Volume 2 §2-3.1).
const HEADER_BYTES: usize = 24;
/// The most that a header's length may say (Volume 2 §2-3.1).
const LENGTH_MAX: usize = 65_511;
/// Items of a common packet that are looked at.
const ITEMS_MAX: u16 = 16;

/// Items of the common packet format (Volume 2 §2-6.2).
mod item {
    pub(super) const LIST_IDENTITY: u16 = 0x000c;
    pub(super) const CONNECTED_DATA: u16 = 0x00b1;
    pub(super) const UNCONNECTED_DATA: u16 = 0x00b2;
    pub(super) const SEQUENCED_ADDRESS: u16 = 0x8002;
}

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct Enip;

impl Dissector for Enip {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL, &CIP];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let by_port = hint.port(PORT);
        let Some(header) = Header::read(data) else {
            let known = le16(data, 0).is_some_and(protocol::is_command);
            return if by_port && known && data.len() >= 4 { Likelihood::Port } else { Likelihood::No };
        };
        match header.is_possible() {
            true if by_port => Likelihood::Likely,
            true if header.is_plain() && data.len() == header.whole() => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let server = match (hint.source_port == PORT, hint.destination_port == PORT) {
            (true, false) => Some(hint.from),
            (false, true) => Some(hint.from.other()),
            _ => None,
        };
        Box::new(Reading { server, services: Services::default(), searching: [false; 2] })
    }
}

/// The encapsulation header: command, length, session, status, sender's context (8), options.
#[derive(Debug, Clone, Copy)]
struct Header {
    command: u16,
    length: usize,
    session: u32,
    status: u32,
    context: u64,
    options: u32,
}

impl Header {
    fn read(data: &[u8]) -> Option<Self> {
        Some(Self {
            command: le16(data, 0)?,
            length: usize::from(le16(data, 2)?),
            session: le32(data, 4)?,
            status: le32(data, 8)?,
            context: le64(data, 12)?,
            options: le32(data, 20)?,
        })
    }

    /// A known command; an unknown one only in a header that is right otherwise.
    fn is_possible(self) -> bool {
        let known = protocol::is_command(self.command);
        self.length <= LENGTH_MAX && (known || (self.session != 0 && self.status == 0 && self.options == 0))
    }

    /// What nearly every message's header is, and hardly any other bytes are.
    fn is_plain(self) -> bool {
        let in_session = self.session != 0
            || match self.command {
                command::LIST_IDENTITY | command::LIST_SERVICES | command::LIST_INTERFACES => true,
                command::REGISTER_SESSION => self.length == 4,
                _ => false,
            };
        let status_known = matches!(self.status, 0..=3 | 0x64 | 0x65 | 0x69 | 0x6a);
        protocol::is_command(self.command)
            && self.command != command::NOP
            && self.length <= LENGTH_MAX
            && in_session
            && status_known
            && self.options == 0
    }

    const fn whole(self) -> usize {
        HEADER_BYTES + self.length
    }
}

struct Reading {
    /// Who answers, as far as is known.
    server: Option<End>,
    services: Services,
    /// Per direction: the beginning of the next message must be looked for.
    searching: [bool; 2],
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(header) = Header::read(data) else { return Progress::Need(HEADER_BYTES) };
        if *self.searching(from) && !header.is_plain() {
            return Progress::Consumed(next_beginning(data));
        }
        if !header.is_possible() {
            facts.say(Fact::Anomaly { what: "enip-header" });
            *self.searching(from) = true;
            return Progress::Consumed(next_beginning(data));
        }
        let Some(message) = data.get(..header.whole()) else { return Progress::Need(header.whole()) };
        *self.searching(from) = false;
        self.say(from, header, rest(message, HEADER_BYTES), facts);
        Progress::Consumed(message.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some(header) = Header::read(data)
            && header.is_possible()
        {
            self.say(from, header, rest(data, HEADER_BYTES), facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        *self.searching(from) = true;
        true
    }
}

impl Reading {
    fn searching(&mut self, from: End) -> &mut bool {
        let [initiator, responder] = &mut self.searching;
        match from {
            End::Initiator => initiator,
            End::Responder => responder,
        }
    }

    fn say(&mut self, from: End, header: Header, data: &[u8], facts: &mut dyn Facts) {
        let direction = self.direction(from, header, data, facts);
        facts.message(&PROTOCOL, COMMAND, u32::from(header.command), direction);
        match header.command {
            command::LIST_IDENTITY if direction == Direction::Response => {
                for (kind, item) in items(data) {
                    if kind == item::LIST_IDENTITY {
                        identity::say_listed(item, from, facts);
                    }
                }
            }
            command::SEND_RR_DATA | command::SEND_UNIT_DATA => self.say_packet(from, header, data, facts),
            _ => {}
        }
    }

    /// Interface handle (0 is CIP), time-out, common packet.
    fn say_packet(&mut self, from: End, header: Header, data: &[u8], facts: &mut dyn Facts) {
        if le32(data, 0).is_some_and(|interface| interface != 0) {
            return;
        }
        let whole = data.len() == header.length;
        for (kind, item) in items(rest(data, 6)) {
            match kind {
                item::UNCONNECTED_DATA => {
                    self.services.say(Key::Context(header.context), item, whole, from, facts)
                }
                item::CONNECTED_DATA => {
                    let Some(sequence) = le16(item, 0) else { continue };
                    self.services.say(Key::Sequence(sequence), rest(item, 2), whole, from, facts);
                }
                _ => {}
            }
        }
    }

    /// The port tells; else the response bit of a CIP message; else who began.
    fn direction(&mut self, from: End, header: Header, data: &[u8], facts: &mut dyn Facts) -> Direction {
        if self.server.is_none()
            && let Some(answers) = answers(header, data)
        {
            let server = if answers { from } else { from.other() };
            self.server = Some(server);
            facts.say(Fact::Initiator(server.other()));
        }
        if from == self.server.unwrap_or(End::Responder) { Direction::Response } else { Direction::Request }
    }
}

/// Whether a message answers, if its content shows.
fn answers(header: Header, data: &[u8]) -> Option<bool> {
    match header.command {
        // A session is asked for without a handle and confirmed with one.
        command::REGISTER_SESSION => Some(header.session != 0),
        command::LIST_IDENTITY => Some(header.length != 0),
        command::SEND_RR_DATA | command::SEND_UNIT_DATA => {
            items(rest(data, 6)).find_map(|(kind, item)| match kind {
                item::UNCONNECTED_DATA if !item.is_empty() => Some(cip::is_response(item)),
                item::CONNECTED_DATA if item.len() > 2 => Some(cip::is_response(rest(item, 2))),
                _ => None,
            })
        }
        _ => None,
    }
}

/// The items of a common packet: count, then per item kind, length, content; the last may be cut short.
fn items(packet: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let count = le16(packet, 0).unwrap_or_default().min(ITEMS_MAX);
    let mut left = rest(packet, 2);
    (0..count).map_while(move |_| {
        let (kind, length) = (le16(left, 0)?, usize::from(le16(left, 2)?));
        let content = bytes(left, 4, length).unwrap_or_else(|| rest(left, 4));
        left = rest(left, 4 + length);
        Some((kind, content))
    })
}

/// How many bytes to let go until a message may begin: all, if none does.
fn next_beginning(data: &[u8]) -> usize {
    (1..data.len())
        .find(|at| Header::read(rest(data, *at)).is_some_and(Header::is_plain))
        .unwrap_or(data.len())
}
