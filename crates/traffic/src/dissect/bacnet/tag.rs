//! Tagged values (ANSI/ASHRAE 135, 20.2): the encoding of everything that services carry.

use super::super::brief::Brief;
use super::super::fields::text;
use super::super::octets::{Octets, TEXT_LENGTH_MAX};

/// Application tag numbers (20.2.1.4).
const UNSIGNED: u8 = 2;
const CHARACTER_STRING: u8 = 7;
const ENUMERATED: u8 = 9;
const OBJECT_IDENTIFIER: u8 = 12;

/// A text of a device, held on the stack.
pub(super) type Text = Brief<TEXT_LENGTH_MAX>;

/// What a tag begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A value whose type its number tells.
    Application,
    /// A value whose type the service knows.
    Context,
    /// A group begins.
    Opening,
    /// A group ends.
    Closing,
}

/// A tag and its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'a> {
    pub(super) number: u8,
    pub(super) kind: Kind,
    pub(super) value: &'a [u8],
}

/// An object: its type and instance (20.2.14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) kind: u16,
    pub(super) instance: u32,
}

impl<'a> Tag<'a> {
    /// The next tag and its value.
    pub(super) fn read(octets: &mut Octets<'a>) -> Option<Self> {
        let first = octets.u8()?;
        let number = match first >> 4 {
            15 => octets.u8()?,
            number => number,
        };
        let context = first & 8 != 0;
        let length = match (first & 7, context) {
            (6, true) => return Some(Self { number, kind: Kind::Opening, value: &[] }),
            (7, true) => return Some(Self { number, kind: Kind::Closing, value: &[] }),
            // A boolean's value stands in place of its length (20.2.3).
            (_, false) if number == 1 => 0,
            (5, _) => match octets.u8()? {
                254 => usize::from(octets.u16_be()?),
                255 => usize::try_from(octets.u32_be()?).ok()?,
                length => usize::from(length),
            },
            (6 | 7, false) => return None,
            (length, _) => usize::from(length),
        };
        let kind = if context { Kind::Context } else { Kind::Application };
        Some(Self { number, kind, value: octets.take(length)? })
    }

    /// The value of a context tag of this number, at the head of what is left; else nothing is taken.
    pub(super) fn context(octets: &mut Octets<'a>, number: u8) -> Option<&'a [u8]> {
        Self::expect(octets, number, Kind::Context)
    }

    /// A group of this number begins (or ends) at the head of what is left; else nothing is taken.
    pub(super) fn expect(octets: &mut Octets<'a>, number: u8, kind: Kind) -> Option<&'a [u8]> {
        let mut ahead = *octets;
        let tag = Self::read(&mut ahead)?;
        if tag.number != number || tag.kind != kind {
            return None;
        }
        *octets = ahead;
        Some(tag.value)
    }

    /// The number in an application tag.
    pub(super) fn unsigned(&self) -> Option<u32> {
        let numeric = self.kind == Kind::Application && matches!(self.number, UNSIGNED | ENUMERATED);
        if numeric { unsigned(self.value) } else { None }
    }

    /// The object in an application tag.
    pub(super) fn object(&self) -> Option<Object> {
        let named = self.kind == Kind::Application && self.number == OBJECT_IDENTIFIER;
        if named { object(self.value) } else { None }
    }

    /// The text in an application tag.
    pub(super) fn text(&self) -> Option<Text> {
        let texts = self.kind == Kind::Application && self.number == CHARACTER_STRING;
        if texts { character_string(self.value) } else { None }
    }
}

/// An unsigned number of one to four octets (20.2.4).
pub(super) fn unsigned(value: &[u8]) -> Option<u32> {
    (1..=4).contains(&value.len()).then(|| value.iter().fold(0, |sum, &octet| sum << 8 | u32::from(octet)))
}

/// An object identifier: ten bits of type, 22 of instance (20.2.14).
pub(super) fn object(value: &[u8]) -> Option<Object> {
    let number = if value.len() == 4 { unsigned(value)? } else { return None };
    Some(Object { kind: u16::try_from(number >> 22).ok()?, instance: number & 0x3F_FFFF })
}

/// A character string: its character set, then its characters (20.2.9).
fn character_string(value: &[u8]) -> Option<Text> {
    let (&set, characters) = value.split_first()?;
    match set {
        0 => text(characters).and_then(|text| Brief::shown(text.chars())),
        3 => {
            let points = characters.chunks_exact(4).map_while(|four| unsigned(four).and_then(char::from_u32));
            Brief::shown(points)
        }
        4 => {
            let units = characters.chunks_exact(2).filter_map(|pair| u16::try_from(unsigned(pair)?).ok());
            Brief::shown(char::decode_utf16(units).map(|point| point.unwrap_or(char::REPLACEMENT_CHARACTER)))
        }
        5 => Brief::shown(characters.iter().map(|&octet| char::from(octet))),
        _ => None,
    }
}
