//! POWERLINK: a managing node polls controlled nodes in cycles, and everything else in what is left of each.
//!
//! Owns the five messages of a cycle, the services of asynchronous messages, commands of network management, and SDO
//! commands (also over UDP). A node says who it is when the managing node asks.

mod protocol;

use self::protocol::{ASND, MESSAGE, NMT_COMMAND, NMT_REQUEST, PORT, SDO, SOA, written};
use super::brief::Brief;
use super::canopen;
use super::octets::{Octets, printable};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::Protocol;

pub use self::protocol::PROTOCOL;

/// Messages (EPSG DS 301, 4.6.1).
const START_OF_CYCLE: u8 = 1;
const POLL_REQUEST: u8 = 3;
const POLL_RESPONSE: u8 = 4;
const START_OF_ASYNCHRONOUS: u8 = 5;
const ASYNCHRONOUS_SEND: u8 = 6;
const ACTIVE_MANAGING_NODE: u8 = 7;
const ASYNCHRONOUS_INVITE: u8 = 13;

/// Services of asynchronous messages (4.6.1.2).
const IDENT_RESPONSE: u8 = 1;
const SERVICE_REQUEST: u8 = 3;
const SERVICE_COMMAND: u8 = 4;
const SERVICE_SDO: u8 = 5;

/// The SDO command that writes an object by its index (6.3.2.4).
const WRITE_BY_INDEX: u8 = 1;
/// The vendor number of Bernecker + Rainer, who made POWERLINK (CiA's list of vendors).
const BERNECKER_RAINER: u32 = 0x0100_006C;

/// The reader of POWERLINK.
#[derive(Debug)]
pub struct Powerlink;

impl Dissector for Powerlink {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let framed = hint.source_port == 0 && hint.destination_port == 0;
        let known = match data {
            // Over UDP only asynchronous messages, whose nodes are the addresses (6.3.2.1).
            [ASYNCHRONOUS_SEND, 0, 0, 1..=6, _, _, _, _, ..] => !hint.stream && hint.port(PORT),
            _ => false,
        };
        match data {
            _ if known => Likelihood::Certain,
            [1 | 3..=7 | 13, _, _, ..] if framed && !hint.stream => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader)
    }
}

/// One conversation being read.
struct Reader;

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if let Some(what) = say(from, data, facts) {
            facts.say(Fact::Anomaly { what });
        }
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        let _ = say(from, data, facts);
    }
}

/// Says what a message holds, and returns what is wrong with it.
fn say(from: End, data: &[u8], facts: &mut dyn Facts) -> Option<&'static str> {
    let mut octets = Octets::new(data);
    let Some([kind, _destination, source]) = octets.array::<3>() else { return Some("powerlink-short") };
    let kind = kind & 0x7F;
    facts.message(&PROTOCOL, MESSAGE, u32::from(kind), Direction::None);
    match kind {
        START_OF_CYCLE => (octets.len() < 19).then_some("powerlink-short"),
        POLL_REQUEST | POLL_RESPONSE => process_data(octets),
        START_OF_ASYNCHRONOUS => {
            octets.skip(3);
            let Some(service) = octets.u8() else { return Some("powerlink-short") };
            facts.message(&PROTOCOL, SOA, u32::from(service), Direction::None);
            None
        }
        ASYNCHRONOUS_SEND => {
            let Some(service) = octets.u8() else { return Some("powerlink-short") };
            facts.message(&PROTOCOL, ASND, u32::from(service), Direction::None);
            asynchronous(service, source, from, octets, facts)
        }
        ACTIVE_MANAGING_NODE | ASYNCHRONOUS_INVITE => None,
        _ => Some("powerlink-message"),
    }
}

/// Status, flags, version, size, and as many octets of process data (4.6.1.1.3 and 4.6.1.1.4).
fn process_data(mut octets: Octets<'_>) -> Option<&'static str> {
    let size = octets.skip(5).and_then(|()| octets.u16_le());
    match size {
        Some(size) if usize::from(size) <= octets.len() => None,
        Some(_) => Some("powerlink-size"),
        None => Some("powerlink-short"),
    }
}

/// Reads the content of an asynchronous message, and returns what is wrong with it.
fn asynchronous(
    service: u8,
    source: u8,
    from: End,
    mut octets: Octets<'_>,
    facts: &mut dyn Facts,
) -> Option<&'static str> {
    match service {
        IDENT_RESPONSE => ident(source, from, octets, facts).is_none().then_some("powerlink-ident"),
        SERVICE_REQUEST | SERVICE_COMMAND => {
            let Some(command) = octets.u8() else { return Some("powerlink-short") };
            let element = if service == SERVICE_COMMAND { NMT_COMMAND } else { NMT_REQUEST };
            facts.message(&PROTOCOL, element, u32::from(command), Direction::None);
            None
        }
        SERVICE_SDO => sdo(octets, facts).is_none().then_some("powerlink-sdo"),
        _ => None,
    }
}

/// What a node answers to an ident request (7.3.3.2.1).
fn ident(node: u8, about: End, mut octets: Octets<'_>, facts: &mut dyn Facts) -> Option<()> {
    // Flags, state, version, features, sizes, response time, device type.
    octets.skip(26)?;
    let [vendor, product, revision, serial] =
        [octets.u32_le()?, octets.u32_le()?, octets.u32_le()?, octets.u32_le()?];
    // Extension, dates and times of configuration and application, addresses.
    octets.skip(36)?;
    let name = octets.take(32)?;
    facts.say(Fact::Property { name: "node", value: Brief::<8>::of(format_args!("{node}")).as_str() });
    if vendor == BERNECKER_RAINER {
        facts.say(Fact::Identity { about, what: Identity::Vendor, value: "B&R" });
    } else if vendor != 0 {
        let value = Brief::<24>::of(format_args!("vendor {vendor:#010x}"));
        facts.say(Fact::Identity { about, what: Identity::Vendor, value: value.as_str() });
    }
    for (what, number, word) in [
        (Identity::Product, product, "product code "),
        (Identity::Version, revision, "revision "),
        (Identity::Serial, serial, ""),
    ] {
        if number != 0 {
            let value = match what {
                Identity::Serial => Brief::<32>::of(format_args!("{number}")),
                _ => Brief::of(format_args!("{word}{number:#010x}")),
            };
            facts.say(Fact::Identity { about, what, value: value.as_str() });
        }
    }
    if let Some(value) = printable(name) {
        facts.say(Fact::Identity { about, what: Identity::Name, value });
    }
    Some(())
}

/// The sequence layer, which may be alone, and the command layer (6.3.2.3, 6.3.2.4).
fn sdo(mut octets: Octets<'_>, facts: &mut dyn Facts) -> Option<()> {
    octets.skip(4)?;
    // Acknowledgments have no command; frames are padded with zeros.
    if octets.rest().iter().take(8).all(|octet| *octet == 0) {
        return Some(());
    }
    octets.skip(2)?;
    let flags = octets.u8()?;
    let command = octets.u8()?;
    let size = octets.u16_le()?;
    octets.skip(2)?;
    let response = flags & 0x80 != 0;
    let segment = flags >> 4 & 3;
    if segment == 1 {
        octets.skip(4)?;
    }
    let content = octets.take(usize::from(size).min(octets.len()))?;
    let index = match content {
        [low, high, ..] if command == WRITE_BY_INDEX && !response && segment < 2 => {
            Some(u16::from_le_bytes([*low, *high]))
        }
        _ => None,
    };
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: SDO,
        code: Code::Number(u32::from(command)),
        direction: if response { Direction::Response } else { Direction::Request },
        meaning: index.and_then(|index| written(canopen::download(index).1)),
    }));
    Some(())
}
