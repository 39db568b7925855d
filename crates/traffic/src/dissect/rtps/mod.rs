//! RTPS: what DDS participants say to each other.
//!
//! Owns the message and its submessages. Of discovery it reads what a participant and its host are called; of secured
//! messages, whether they are encrypted or only signed. Which topics carry what is not read.

mod protocol;

use self::protocol::{DISCOVERY, SUBMESSAGE, implementation};
use super::octets::{Octets, printable};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::Protocol;

pub use self::protocol::PROTOCOL;

/// How a message begins (DDSI-RTPS, 9.4.4), how its head goes on, and what some send to keep a path open.
const MAGIC: &[u8] = b"RTPS";
const PING: &[u8] = b"NDDSPING";
/// Octets of the prefix of participants' identifiers.
const PREFIX: usize = 12;
/// Submessages of one message that are read.
const SUBMESSAGES_MAX: usize = 256;
/// Parameters, and properties in one, that are read.
const PARAMETERS_MAX: usize = 256;

// Submessages.
const PAD: u8 = 0x01;
const INFO_TIME: u8 = 0x09;
const DATA: u8 = 0x15;
const SECURE_PREFIX: u8 = 0x31;
const SECURE_MESSAGE_PREFIX: u8 = 0x33;

/// Flags of a data submessage: little-endian, parameters before the data.
const LITTLE_ENDIAN: u8 = 1;
const INLINE_PARAMETERS: u8 = 2;
/// Who writes about participants (9.3.1.5); and the kinds of writers that discovery has.
const PARTICIPANT_WRITER: [u8; 4] = [0, 1, 0, 0xC2];
const BUILT_IN: u8 = 0xC0;

// Parameters (9.6.3).
const SENTINEL: u16 = 0x0001;
const PROPERTY_LIST: u16 = 0x0059;
const ENTITY_NAME: u16 = 0x0062;
/// The property in which a participant tells its host.
const HOST_NAME: &[u8] = b"dds.sys_info.hostname";

/// The reader of RTPS.
#[derive(Debug)]
pub struct Rtps;

impl Dissector for Rtps {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let found =
            !hint.stream && data.starts_with(MAGIC) && data.len() >= 16 && matches!(data.get(4), Some(1 | 2));
        if found { Likelihood::Certain } else { Likelihood::No }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader)
    }
}

/// One conversation being read.
struct Reader;

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if let Some(what) = message(from, data, facts) {
            facts.say(Fact::Anomaly { what });
        }
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        let _ = message(from, data, facts);
    }
}

/// Says what a message holds, and returns what is wrong with it.
fn message(from: End, data: &[u8], facts: &mut dyn Facts) -> Option<&'static str> {
    let mut octets = Octets::new(data.strip_prefix(MAGIC).unwrap_or_default());
    let (Some([1 | 2, _]), Some(vendor)) = (octets.array::<2>(), octets.u16_be()) else {
        return Some("rtps-head");
    };
    if let Some(value) = implementation(vendor) {
        facts.say(Fact::Property { name: "dds-implementation", value });
    }
    if octets.rest().starts_with(PING) {
        return None;
    }
    if octets.skip(PREFIX).is_none() {
        return Some("rtps-head");
    }
    for _ in 0..SUBMESSAGES_MAX {
        if octets.is_empty() {
            return None;
        }
        let (Some([kind, flags]), Some(length)) = (octets.array::<2>(), octets.array::<2>()) else {
            return Some("rtps-submessage");
        };
        let little = flags & LITTLE_ENDIAN != 0;
        let length =
            usize::from(if little { u16::from_le_bytes(length) } else { u16::from_be_bytes(length) });
        // No length: it goes to the end, if it is not of those that can be empty (9.4.5.1.3).
        let length = if length == 0 && !matches!(kind, PAD | INFO_TIME) { octets.len() } else { length };
        let content = octets.take(length);
        submessage(kind, flags, content.unwrap_or(octets.rest()), from, facts);
        if content.is_none() {
            return Some("rtps-submessage-length");
        }
    }
    Some("rtps-submessages")
}

fn submessage(kind: u8, flags: u8, content: &[u8], from: End, facts: &mut dyn Facts) {
    let writer = content.get(8..12);
    let discovery = kind == DATA
        && writer.is_some_and(|writer| writer.last().is_some_and(|kind| kind & BUILT_IN == BUILT_IN));
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: SUBMESSAGE,
        code: Code::Number(u32::from(kind)),
        direction: Direction::None,
        meaning: discovery.then_some(DISCOVERY),
    }));
    match kind {
        DATA if writer == Some(PARTICIPANT_WRITER.as_slice()) => {
            let _ = participant(flags, content, from, facts);
        }
        SECURE_PREFIX | SECURE_MESSAGE_PREFIX => secured(content, facts),
        _ => {}
    }
}

/// How a secured part is transformed: 1 and 3 only sign, 2 and 4 encrypt, too (DDS Security, 9.5.2.1).
fn secured(content: &[u8], facts: &mut dyn Facts) {
    if let Some([0, 0, 0, kind @ 1..=4]) = content.get(..4) {
        facts.say(Fact::Authenticated(true));
        facts.say(Fact::Encrypted(kind.is_multiple_of(2)));
    }
}

/// What a participant tells of itself (8.5.3.2, 9.4.5.3).
fn participant(flags: u8, content: &[u8], about: End, facts: &mut dyn Facts) -> Option<()> {
    let mut octets = Octets::new(content);
    octets.skip(20)?;
    if flags & INLINE_PARAMETERS != 0 {
        parameters(&mut octets, flags & LITTLE_ENDIAN != 0, &mut |_, _| {})?;
    }
    // The encapsulation says the order of octets for itself (10.2).
    let little = match octets.u16_be()? {
        2 => false,
        3 => true,
        _ => return None,
    };
    octets.skip(2)?;
    parameters(&mut octets, little, &mut |kind, value| match kind {
        ENTITY_NAME => {
            if let Some(name) = string(&mut Octets::new(value), little) {
                say_name(name, about, facts);
            }
        }
        PROPERTY_LIST => {
            let _ = properties(Octets::new(value), little, about, facts);
        }
        _ => {}
    })
}

/// Calls with each parameter: its number, its value.
fn parameters<'a>(octets: &mut Octets<'a>, little: bool, each: &mut dyn FnMut(u16, &'a [u8])) -> Option<()> {
    for _ in 0..PARAMETERS_MAX {
        let (kind, length) =
            if little { (octets.u16_le()?, octets.u16_le()?) } else { (octets.u16_be()?, octets.u16_be()?) };
        if kind == SENTINEL {
            return Some(());
        }
        each(kind, octets.take(usize::from(length))?);
    }
    None
}

/// Properties: pairs of texts.
fn properties(mut octets: Octets<'_>, little: bool, about: End, facts: &mut dyn Facts) -> Option<()> {
    let count = if little { octets.u32_le()? } else { octets.u32_be()? };
    for _ in 0..count.min(PARAMETERS_MAX as u32) {
        let name = string(&mut octets, little)?;
        let value = string(&mut octets, little)?;
        if name.strip_suffix(b"\0").unwrap_or(name) == HOST_NAME {
            say_name(value, about, facts);
        }
    }
    Some(())
}

fn say_name(name: &[u8], about: End, facts: &mut dyn Facts) {
    if let Some(value) = printable(name) {
        facts.say(Fact::Identity { about, what: Identity::Name, value });
    }
}

/// A text: its length with the zero at its end, its octets, filled to four.
fn string<'a>(octets: &mut Octets<'a>, little: bool) -> Option<&'a [u8]> {
    let length = usize::try_from(if little { octets.u32_le()? } else { octets.u32_be()? }).ok()?;
    let text = octets.take(length)?;
    // The last may lack its filling.
    let filling = length.wrapping_neg() & 3;
    octets.skip(filling.min(octets.len()))?;
    Some(text)
}
