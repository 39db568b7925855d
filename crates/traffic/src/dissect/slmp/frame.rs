//! Frames 3E and 4E of SLMP, binary and in hexadecimal letters.
//!
//! SLMP Reference Manual, message format: subheader (with a serial number in 4E), access route, data length; then in a
//! request the monitoring timer, command and subcommand, in a response the end code.

use crate::dissect::fields::{bytes, le16, rest, u8_at};

/// The most that is read of a frame's data; the length has 16 bits.
pub(super) const FRAME_BYTES_MAX: usize = 0x1_0000 + 40;
/// Octets of the longest head, up to the data length: of frame 4E.
const HEAD_OCTETS_MAX: usize = 13;
/// The longest head in letters.
pub(super) const HEAD_BYTES_MAX: usize = 2 * HEAD_OCTETS_MAX;

/// How a frame is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Binary,
    Ascii,
}

/// The head of a frame: all up to the data length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) coding: Coding,
    pub(super) is_response: bool,
    /// Of frame 4E.
    pub(super) serial: Option<u16>,
    network: u8,
    station: u8,
    module: u16,
    multidrop: u8,
    /// Bytes that follow the head.
    pub(super) length: usize,
    /// Bytes of the head.
    pub(super) head: usize,
}

impl Head {
    /// The head that `data` begins with, if it is whole.
    pub(super) fn read(data: &[u8]) -> Option<Self> {
        match *data.first()? {
            0x50 | 0x54 | 0xd0 | 0xd4 => Self::read_binary(data),
            b'5' | b'D' => Self::read_ascii(data),
            _ => None,
        }
    }

    fn read_binary(data: &[u8]) -> Option<Self> {
        let subheader = u8_at(data, 0)?;
        if u8_at(data, 1)? != 0 {
            return None;
        }
        let serial = match subheader & 4 {
            0 => None,
            _ => (le16(data, 4)? == 0).then(|| le16(data, 2))?.map(Some)?,
        };
        let route = if serial.is_some() { 6 } else { 2 };
        Some(Self {
            coding: Coding::Binary,
            is_response: subheader & 0x80 != 0,
            serial,
            network: u8_at(data, route)?,
            station: u8_at(data, route + 1)?,
            module: le16(data, route + 2)?,
            multidrop: u8_at(data, route + 4)?,
            length: usize::from(le16(data, route + 5)?),
            head: route + 7,
        })
    }

    /// The same in letters: numbers are written most significant first.
    fn read_ascii(data: &[u8]) -> Option<Self> {
        let (is_response, serial) = match data.get(..4)? {
            b"5000" => (false, None),
            b"D000" => (true, None),
            b"5400" => (false, Some(number(data, 4, 4)?)),
            b"D400" => (true, Some(number(data, 4, 4)?)),
            _ => return None,
        };
        let route = if serial.is_some() { 12 } else { 4 };
        if serial.is_some() && bytes(data, 8, 4)? != b"0000" {
            return None;
        }
        Some(Self {
            coding: Coding::Ascii,
            is_response,
            serial,
            network: u8::try_from(number(data, route, 2)?).ok()?,
            station: u8::try_from(number(data, route + 2, 2)?).ok()?,
            module: number(data, route + 4, 4)?,
            multidrop: u8::try_from(number(data, route + 8, 2)?).ok()?,
            length: usize::from(number(data, route + 10, 4)?),
            head: route + 14,
        })
    }

    pub(super) const fn whole(self) -> usize {
        self.head + self.length
    }

    /// The access route exists (SLMP Reference Manual, access route), and the length leaves room for what must follow.
    pub(super) fn is_possible(self) -> bool {
        let network = self.network <= 239;
        let station = matches!(self.station, 1..=120 | 0x7d | 0x7e | 0xff);
        let module = matches!(self.module, 0..=0x1ff | 0x3d0..=0x3d3 | 0x3e0..=0x3e3 | 0x3ff);
        let least = if self.is_response { 2 } else { 6 };
        let letters = if self.coding == Coding::Ascii { 2 } else { 1 };
        network && station && module && self.multidrop <= 31 && self.length >= least * letters
    }

    /// Command and subcommand of a request.
    pub(super) fn command(self, data: &[u8]) -> Option<(u16, u16)> {
        Some((self.word(data, 1)?, self.word(data, 2)?))
    }

    /// End code of a response.
    pub(super) fn end_code(self, data: &[u8]) -> Option<u16> {
        self.word(data, 0)
    }

    /// What follows `words` words of the data.
    pub(super) fn content(self, data: &[u8], words: usize) -> &[u8] {
        let width = if self.coding == Coding::Ascii { 4 } else { 2 };
        rest(data, self.head + width * words)
    }

    fn word(self, data: &[u8], index: usize) -> Option<u16> {
        match self.coding {
            Coding::Binary => le16(data, self.head + 2 * index),
            Coding::Ascii => number(data, self.head + 4 * index, 4),
        }
    }
}

/// The number in `count` hexadecimal capital letters.
pub(super) fn number(data: &[u8], at: usize, count: usize) -> Option<u16> {
    bytes(data, at, count)?.iter().try_fold(0_u16, |number, letter| {
        let digit = match letter {
            b'0'..=b'9' => letter - b'0',
            b'A'..=b'F' => letter - b'A' + 10,
            _ => return None,
        };
        Some(number << 4 | u16::from(digit))
    })
}
