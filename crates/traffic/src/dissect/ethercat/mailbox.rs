//! The mailbox: parameters, files and Ethernet between master and one device (ETG.1000.6, 5).

use super::super::brief::Brief;
use super::super::canopen;
use super::super::octets::{Octets, printable};
use super::protocol::{COE, EOE, FOE, MAILBOX, PROTOCOL, SDO, SOE};
use crate::facts::{Code, Direction, Fact, Facts, Message};
use crate::protocol::Class;

/// Mailbox protocols (ETG.1000.4, 5.6).
const ERROR: u8 = 0;
const AOE: u8 = 1;
const EOE_TYPE: u8 = 2;
const COE_TYPE: u8 = 3;
const FOE_TYPE: u8 = 4;
const SOE_TYPE: u8 = 5;
const VOE: u8 = 15;

/// A mailbox message.
pub(super) struct Mail<'a> {
    kind: u8,
    content: &'a [u8],
}

impl<'a> Mail<'a> {
    /// The message that these octets begin with. `None` unless all of its head agrees: process data of other devices
    /// lies at the same addresses.
    pub(super) fn read(data: &'a [u8]) -> Option<Self> {
        let mut octets = Octets::new(data);
        let length = usize::from(octets.u16_le()?);
        let _address = octets.u16_le()?;
        let channel = octets.u8()?;
        let kind = octets.u8()?;
        // Six bits of channel are reserved; so is the bit above the counter.
        if channel & 0x3F != 0 || kind & 0x80 != 0 || length == 0 {
            return None;
        }
        let mail = Self { kind: kind & 0x0F, content: octets.take(length)? };
        mail.is_sound().then_some(mail)
    }

    fn is_sound(&self) -> bool {
        match (self.kind, self.content) {
            (ERROR, [1, 0, _, _]) => true,
            // An AMS header of 32 octets (ETG.1020, 10).
            (AOE, content) => content.len() >= 32,
            (EOE_TYPE, [kind, _, _, _, ..]) => kind & 0x0F <= 5,
            (COE_TYPE, [_, high, _, ..]) => high & 0x0E == 0 && (1..=8).contains(&(high >> 4)),
            (FOE_TYPE, [1..=6, 0, _, _, _, _, ..]) => true,
            (SOE_TYPE, [first, _, _, _, ..]) => (1..=6).contains(&(first & 7)),
            // A vendor's identifier and type (ETG.1000.6, 5.10).
            (VOE, content) => content.len() >= 6,
            _ => false,
        }
    }

    /// Says what it is. `station` is the device's address.
    pub(super) fn say(&self, direction: Direction, station: u16, facts: &mut dyn Facts) {
        facts.message(&PROTOCOL, MAILBOX, u32::from(self.kind), direction);
        match (self.kind, self.content) {
            (EOE_TYPE, [kind, ..]) => facts.message(&PROTOCOL, EOE, u32::from(kind & 0x0F), direction),
            (SOE_TYPE, [first, ..]) => facts.message(&PROTOCOL, SOE, u32::from(first & 7), direction),
            (COE_TYPE, [_, high, sdo @ ..]) => {
                let service = high >> 4;
                facts.message(&PROTOCOL, COE, u32::from(service), direction);
                match service {
                    2 => request(sdo, direction, facts),
                    3 => response(sdo, station, facts),
                    _ => {}
                }
            }
            (FOE_TYPE, content) => file(content, direction, facts),
            _ => {}
        }
    }
}

fn say_sdo(code: u8, direction: Direction, meaning: Option<(&'static str, Class)>, facts: &mut dyn Facts) {
    let code = Code::Number(u32::from(code));
    facts.say(Fact::Message(Message { protocol: &PROTOCOL, element: SDO, code, direction, meaning }));
}

/// What an SDO is about: its command, object and subindex.
fn object(sdo: &[u8]) -> Option<(u8, u16, u8, &[u8])> {
    let mut octets = Octets::new(sdo);
    Some((octets.u8()?, octets.u16_le()?, octets.u8()?, octets.rest()))
}

/// An SDO request: the client's command is in the upper three bits (ETG.1000.6, 5.6.2).
/// A server aborts with a request, too.
fn request(sdo: &[u8], direction: Direction, facts: &mut dyn Facts) {
    let Some((command, index, ..)) = object(sdo) else { return };
    let command = command >> 5;
    let meaning = (command == 1).then(|| canopen::download(index));
    let direction = if command == 4 { direction } else { Direction::Request };
    say_sdo(command, direction, meaning, facts);
}

/// An SDO response. The server numbers its commands otherwise than the client.
fn response(sdo: &[u8], station: u16, facts: &mut dyn Facts) {
    let Some((command, index, subindex, rest)) = object(sdo) else { return };
    let asked = match command >> 5 {
        0 => 3,
        1 => 0,
        3 => 1,
        same => same,
    };
    let meaning = (asked == 1).then(|| canopen::download(index));
    say_sdo(asked, Direction::Response, meaning, facts);
    if asked == 2 && canopen::identity(index, subindex).is_some() {
        uploaded(command, rest, index, subindex, station, facts);
    }
}

/// A value that tells who a device is: up to four octets in place, or behind its size.
fn uploaded(command: u8, rest: &[u8], index: u16, subindex: u8, station: u16, facts: &mut dyn Facts) {
    let mut octets = Octets::new(rest);
    let Some(head) = octets.array::<4>() else { return };
    let text = if command & 2 == 0 {
        printable(octets.rest())
    } else if index != 0x1018 && index != 0x1000 {
        printable(head.get(..4 - usize::from(command >> 2 & 3)).unwrap_or_default())
    } else {
        let number = u32::from_le_bytes(head);
        let value =
            Brief::<64>::of(format_args!("station {station:#06x}: {index:04x}.{subindex} {number:#010x}"));
        return facts.say(Fact::Property { name: "device-behind", value: value.as_str() });
    };
    if let Some(text) = text {
        let value = Brief::<96>::of(format_args!("station {station:#06x}: {text}"));
        facts.say(Fact::Property { name: "device-behind", value: value.as_str() });
    }
}

/// File access: a request names the file and has a password of 32 bits (ETG.1000.6, 5.8).
fn file(content: &[u8], direction: Direction, facts: &mut dyn Facts) {
    let mut octets = Octets::new(content);
    let (Some(opcode), Some(_), Some(password)) = (octets.u8(), octets.u8(), octets.u32_le()) else { return };
    facts.message(&PROTOCOL, FOE, u32::from(opcode), direction);
    if !matches!(opcode, 1 | 2) {
        return;
    }
    if password != 0 {
        facts.say(Fact::ClearTextCredential { what: "password" });
    }
    if let Some(value) = printable(octets.rest()) {
        facts.say(Fact::Property { name: "file", value });
    }
}
