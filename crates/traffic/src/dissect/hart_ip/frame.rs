//! HART frames, and what devices say of themselves in answers (HCF_SPEC-081, 5; HCF_SPEC-127).

use std::fmt;

use super::super::brief::Brief;
use super::super::octets::{Octets, printable};
use super::protocol::manufacturer;
use crate::facts::{Direction, End, Fact, Facts, Identity};

/// The delimiter's bit of a long address, and its fields.
const LONG_ADDRESS: u8 = 0x80;
const FRAME_KINDS: u8 = 0x07;
const BURST: u8 = 1;
const REQUEST: u8 = 2;
const ANSWER: u8 = 6;

/// First octet of an identity since HART 5, which tells that the type is in the next two (HCF_SPEC-127, command 0).
const EXPANSION: u8 = 254;
/// Universal command revision from which on those two are one number, and the manufacturer stands further behind.
const HART_7: u8 = 7;

/// Address of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Address {
    /// A polling address.
    Polling(u8),
    /// Device type and number, without the bits of the master and of burst mode.
    Unique([u8; 5]),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Polling(address) => write!(f, "polling address {address}"),
            Self::Unique([a, b, c, d, e]) => write!(f, "{a:02x}{b:02x}-{c:02x}{d:02x}{e:02x}"),
        }
    }
}

/// A frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    kind: u8,
    pub(super) address: Address,
    pub(super) command: u8,
    /// The data; of an answer without response code and status. `None` if they are not whole.
    pub(super) data: Option<&'a [u8]>,
    /// Do length and check octet agree?
    pub(super) sound: bool,
}

impl<'a> Frame<'a> {
    /// The frame that these octets are, as far as they go. `None` if it has no command.
    pub(super) fn read(data: &'a [u8]) -> Option<Self> {
        let mut octets = Octets::new(data);
        let delimiter = octets.u8()?;
        let kind = delimiter & FRAME_KINDS;
        if !matches!(kind, BURST | REQUEST | ANSWER) {
            return None;
        }
        let address = if delimiter & LONG_ADDRESS == 0 {
            Address::Polling(octets.u8()? & 0x3F)
        } else {
            let [first, rest @ ..] = octets.array::<5>()?;
            let [second, third, fourth, fifth] = rest;
            Address::Unique([first & 0x3F, second, third, fourth, fifth])
        };
        octets.skip(usize::from(delimiter >> 5 & 3))?;
        let command = octets.u8()?;
        let body = octets.u8().and_then(|count| octets.take(usize::from(count)));
        let check = data.iter().fold(0, |sum, octet| sum ^ octet);
        let sound = body.is_some() && octets.len() == 1 && check == 0;
        let data = if kind == REQUEST { body } else { body.and_then(|body| body.get(2..)) };
        Some(Self { kind, address, command, data, sound })
    }

    /// The unique address of the device at polling address 0, where it answers command 0: type and number.
    pub(super) fn own_address(&self) -> Option<Address> {
        match (self.address, self.command, self.data?) {
            (Address::Polling(0), 0, [EXPANSION, a, b, _, _, _, _, _, _, c, d, e, ..]) => {
                Some(Address::Unique([a & 0x3F, *b, *c, *d, *e]))
            }
            _ => None,
        }
    }

    /// Masters ask, devices answer; what a device bursts answers nobody.
    pub(super) const fn direction(&self) -> Direction {
        match self.kind {
            REQUEST => Direction::Request,
            ANSWER => Direction::Response,
            _ => Direction::None,
        }
    }
}

/// Whom an answer is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speaker {
    pub(super) end: End,
    /// Its address, where it is a device behind that end.
    pub(super) behind: Option<Address>,
}

impl Speaker {
    fn say(self, what: Identity, value: &str, facts: &mut dyn Facts) {
        let Some(address) = self.behind else {
            return facts.say(Fact::Identity { about: self.end, what, value });
        };
        let text = Brief::<96>::of(format_args!("{address}: {value}"));
        facts.say(Fact::Property { name: "device-behind", value: text.as_str() });
    }
}

/// Reads what an answer says of a device.
pub(super) fn answer(command: u16, data: &[u8], speaker: Speaker, facts: &mut dyn Facts) {
    match command {
        0 | 11 | 21 | 73 => {
            let _ = identity(data, speaker, facts);
        }
        // Tag, descriptor, date (command 13; 18 and 22 repeat what was written).
        13 | 18 => {
            let mut octets = Octets::new(data);
            for what in [Some(Identity::Name), None] {
                let Some(field) = octets.take(if what.is_some() { 6 } else { 12 }) else { return };
                let Some(text) = packed(field) else { continue };
                match what {
                    Some(what) => speaker.say(what, text.as_str(), facts),
                    None if speaker.behind.is_none() => {
                        facts.say(Fact::Property { name: "descriptor", value: text.as_str() });
                    }
                    None => {}
                }
            }
        }
        20 | 22 => {
            let text = data
                .get(..32)
                .and_then(|field| Brief::<64>::shown(field.iter().map(|&octet| char::from(octet))));
            if let Some(text) = text {
                speaker.say(Identity::Name, text.as_str(), facts);
            }
        }
        _ => {}
    }
}

/// The identity that commands 0, 11, 21 and 73 answer (HCF_SPEC-127, command 0).
fn identity(data: &[u8], speaker: Speaker, facts: &mut dyn Facts) -> Option<()> {
    let mut octets = Octets::new(data);
    octets.u8().filter(|first| *first == EXPANSION)?;
    let kind = octets.u16_be()?;
    octets.skip(1)?;
    let revision = octets.u8()?;
    let device_revision = octets.u8()?;
    let software = octets.u8()?;
    octets.skip(2)?;
    let serial = octets.u24_be()?;
    // Preambles, number of variables, change counter, status, then the manufacturer (since HART 7).
    let maker =
        if revision >= HART_7 { octets.skip(5).and_then(|()| octets.u16_be()) } else { Some(kind >> 8) };
    if let Some(maker) = maker {
        match manufacturer(maker) {
            Some(name) => speaker.say(Identity::Vendor, name, facts),
            None => {
                let text = Brief::<24>::of(format_args!("manufacturer {maker}"));
                speaker.say(Identity::Vendor, text.as_str(), facts);
            }
        }
    }
    let text = Brief::<32>::of(format_args!("device type {kind:#06x}"));
    speaker.say(Identity::Product, text.as_str(), facts);
    let text = Brief::<48>::of(format_args!("device revision {device_revision}, software {software}"));
    speaker.say(Identity::Version, text.as_str(), facts);
    speaker.say(Identity::Serial, Brief::<16>::of(format_args!("{serial}")).as_str(), facts);
    Some(())
}

/// Packed ASCII: four characters of six bits in three octets (HCF_SPEC-127, 5).
fn packed(field: &[u8]) -> Option<Brief<32>> {
    let characters = field.chunks_exact(3).flat_map(|three| {
        let bits = three.iter().fold(0_u32, |sum, &octet| sum << 8 | u32::from(octet));
        [18, 12, 6, 0].map(|shift| {
            let six = u8::try_from(bits >> shift & 0x3F).unwrap_or_default();
            char::from(if six & 0x20 == 0 { six | 0x40 } else { six })
        })
    });
    let text = Brief::shown(characters)?;
    // A tag that was never set is all zeros, which unpacks to this.
    let set = text.as_str().chars().any(|character| character != '@');
    (set && printable(text.as_str().as_bytes()).is_some()).then_some(text)
}
