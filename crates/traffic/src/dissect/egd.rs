//! Ethernet Global Data of GE controllers: a producer sends its values again and again, nobody answers.
//!
//! Reads the header of a data exchange (GFK-2224, Ethernet Global Data: type, version, request, producer, exchange, time,
//! status, signature of the configuration).

use super::fields::{be32, le16, le32, u8_at};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `type`.
const TYPE: u8 = 0;

/// Ethernet Global Data.
pub static PROTOCOL: Protocol = Protocol {
    name: "egd",
    title: "GE Ethernet Global Data",
    carriers: &[Carrier::Udp(PORT)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "type", functions: TYPES, default_class: Class::Other }],
    documents: &["GE Fanuc GFK-2224, TCP/IP Ethernet Communications for PACSystems, Ethernet Global Data"],
};

const TYPES: &[Function] = &[function(DATA, "data", Class::Read)];

/// Where data are sent to.
const PORT: u16 = 18_246;
/// Type of a message with data.
const DATA: u32 = 13;
/// The only version.
const VERSION: u8 = 1;
/// Before the data.
const HEADER_BYTES: usize = 32;
/// The most data that an exchange has.
const DATA_BYTES_MAX: usize = 1400;

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct Egd;

impl Dissector for Egd {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if hint.stream || !begins(data) {
            return Likelihood::No;
        }
        match hint.port(PORT) {
            true => Likelihood::Likely,
            // A producer calls itself by its address; the time is one, and the reserved octets are zero.
            false if producer_is_host(data) && le32(data, 28) == Some(0) => Likelihood::Likely,
            false => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading)
    }
}

/// Type, version, a time with nanoseconds below a second, as many data as an exchange may have.
fn begins(data: &[u8]) -> bool {
    u8_at(data, 0).map(u32::from) == Some(DATA)
        && u8_at(data, 1) == Some(VERSION)
        && le32(data, 16).is_some_and(|nanoseconds| nanoseconds < 1_000_000_000)
        && (HEADER_BYTES..=HEADER_BYTES + DATA_BYTES_MAX).contains(&data.len())
}

fn producer_is_host(data: &[u8]) -> bool {
    be32(data, 4).is_some_and(|address| !matches!(address >> 24, 0 | 127 | 224..))
        && le32(data, 20).is_some_and(|status| status <= 7)
}

struct Reading;

impl Conversation for Reading {
    fn read(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if data.len() < HEADER_BYTES {
            return Progress::Need(HEADER_BYTES);
        }
        say(data, facts);
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) {
        say(data, facts);
    }
}

fn say(data: &[u8], facts: &mut dyn Facts) {
    match le16(data, 0).map(u16::to_le_bytes) {
        Some([kind, VERSION]) => facts.message(&PROTOCOL, TYPE, u32::from(kind), Direction::None),
        Some(_) => facts.say(Fact::Anomaly { what: "egd-version" }),
        None => {}
    }
}
