//! EtherCAT: frames that a master sends through all devices of a ring and gets back.
//!
//! Owns the frame, its datagrams and the mailbox in them. A frame is seen on its way out and back; commands are counted
//! both times, because both are messages on the wire. What the mailbox and requests of states say is counted once:
//! what is written on the way out, what is read on the way back, which the working counter tells apart.
//! Devices of the ring have no addresses of their own on the link; what they say of themselves is a property.

mod information;
mod mailbox;
mod protocol;

use self::information::Asked;
use self::mailbox::Mail;
use self::protocol::{COMMAND, ETHER_TYPE, FRAME, STATE, register_written};
use super::octets::Octets;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Message};
use crate::protocol::Protocol;

pub use self::protocol::PROTOCOL;

/// Types of frames (ETG.1000.4, 5.3).
const DATAGRAMS: u8 = 1;
const NETWORK_VARIABLES: u8 = 4;
const MAILBOX_GATEWAY: u8 = 5;

/// Commands up to this number exist (ETG.1000.4, 5.4.1).
const COMMAND_MAX: u8 = 14;
/// Where memory begins behind the registers (ETG.1000.4, 6).
const MEMORY: u16 = 0x1000;
/// The register that requests a state (ETG.1000.6, 6.1).
const AL_CONTROL: u16 = 0x0120;
/// Octets of a datagram without its data: head, working counter.
const DATAGRAM_HEAD: usize = 10;
/// Datagrams of one frame that are read; a frame has room for no more.
const DATAGRAMS_MAX: usize = 128;

/// The reader of EtherCAT.
#[derive(Debug)]
pub struct EtherCat;

impl Dissector for EtherCat {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let framed = hint.source_port == 0 && hint.destination_port == 0;
        if hint.stream || !framed && !hint.port(ETHER_TYPE) {
            return Likelihood::No;
        }
        let Some((kind, body)) = frame(data) else { return Likelihood::No };
        let sound = match kind {
            DATAGRAMS => {
                Datagram::read(&mut Octets::new(body)).is_some_and(|datagram| datagram.command <= COMMAND_MAX)
            }
            NETWORK_VARIABLES => body.len() >= 12,
            MAILBOX_GATEWAY => Mail::read(body).is_some(),
            _ => false,
        };
        if sound { Likelihood::Certain } else { Likelihood::No }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { asked: Asked::default() })
    }
}

/// Type and content of a frame: 11 bits of length, one reserved, four of type. The content may be cut.
fn frame(data: &[u8]) -> Option<(u8, &[u8])> {
    let (head, rest) = data.split_first_chunk::<2>()?;
    let head = u16::from_le_bytes(*head);
    let length = usize::from(head & 0x07FF);
    let kind = u8::try_from(head >> 12).ok()?;
    Some((kind, rest.get(..length).unwrap_or(rest)))
}

/// A datagram.
struct Datagram<'a> {
    command: u8,
    station: u16,
    register: u16,
    data: &'a [u8],
    counter: u16,
    /// Does another follow?
    more: bool,
}

impl<'a> Datagram<'a> {
    fn read(octets: &mut Octets<'a>) -> Option<Self> {
        let command = octets.u8()?;
        octets.skip(1)?;
        let station = octets.u16_le()?;
        let register = octets.u16_le()?;
        let length = octets.u16_le()?;
        octets.skip(2)?;
        let data = octets.take(usize::from(length & 0x07FF))?;
        let counter = octets.u16_le()?;
        Some(Self { command, station, register, data, counter, more: length & 0x8000 != 0 })
    }

    /// Does it read (write) registers or memory of devices at a position or address, or of all? Logical ones do not.
    const fn reads(&self) -> bool {
        matches!(self.command, 1 | 4 | 7)
    }

    const fn writes(&self) -> bool {
        matches!(self.command, 2 | 5 | 8)
    }

    fn say(&self, from: End, facts: &mut dyn Facts) {
        // A broadcast that reads and writes, and those that read one and write the rest, set registers, too.
        let sets = self.writes() || matches!(self.command, 3 | 6 | 9 | 13 | 14);
        let meaning = if sets { register_written(self.register, self.data) } else { None };
        facts.say(Fact::Message(Message {
            protocol: &PROTOCOL,
            element: COMMAND,
            code: Code::Number(u32::from(self.command)),
            direction: Direction::None,
            meaning,
        }));
        if self.writes() && self.counter == 0 {
            if self.register == AL_CONTROL
                && let Some(state) = self.data.first()
            {
                facts.message(&PROTOCOL, STATE, u32::from(state & 0x0F), Direction::Request);
            }
            self.mail(Direction::Request, facts);
        } else if self.reads() && self.counter != 0 && self.mail_is_there() {
            // The master's own frame brings the answer back to it.
            facts.say(Fact::Initiator(from));
            self.mail(Direction::Response, facts);
        }
    }

    fn mail_is_there(&self) -> bool {
        self.register >= MEMORY && Mail::read(self.data).is_some()
    }

    fn mail(&self, direction: Direction, facts: &mut dyn Facts) {
        if self.register >= MEMORY
            && let Some(mail) = Mail::read(self.data)
        {
            mail.say(direction, self.station, facts);
        }
    }
}

/// One conversation being read.
struct Reader {
    /// The word of a device's EEPROM that was asked for last.
    asked: Asked,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if let Some(what) = self.say(from, data, facts) {
            facts.say(Fact::Anomaly { what });
        }
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        let _ = self.say(from, data, facts);
    }
}

impl Reader {
    /// Says what a frame holds, and returns what is wrong with it.
    fn say(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Option<&'static str> {
        let Some((kind, body)) = frame(data) else { return Some("ethercat-short") };
        facts.message(&PROTOCOL, FRAME, u32::from(kind), Direction::None);
        match kind {
            DATAGRAMS => {}
            NETWORK_VARIABLES => return None,
            MAILBOX_GATEWAY => {
                let Some(mail) = Mail::read(body) else { return Some("ethercat-mailbox") };
                mail.say(Direction::None, 0, facts);
                return None;
            }
            _ => return Some("ethercat-frame-type"),
        }
        let mut octets = Octets::new(body);
        for _ in 0..DATAGRAMS_MAX {
            let Some(datagram) = Datagram::read(&mut octets) else { return Some("ethercat-datagram") };
            datagram.say(from, facts);
            self.information(&datagram, facts);
            if datagram.command > COMMAND_MAX {
                return Some("ethercat-command");
            }
            if !datagram.more {
                return (octets.len() >= DATAGRAM_HEAD && octets.rest().iter().any(|octet| *octet != 0))
                    .then_some("ethercat-length");
            }
        }
        Some("ethercat-datagrams")
    }

    /// Reads what the information interface of a device tells; commands are seen out and back.
    fn information(&mut self, datagram: &Datagram<'_>, facts: &mut dyn Facts) {
        let (station, answered) = (datagram.station, datagram.counter != 0);
        match (datagram.command, datagram.register) {
            (2 | 5, information::CONTROL) => self.asked.write(station, datagram.data),
            (1 | 4, information::CONTROL) if answered => self.asked.status(station, datagram.data, facts),
            (1 | 4, information::DATA) if answered => self.asked.data(station, datagram.data, facts),
            _ => {}
        }
    }
}
