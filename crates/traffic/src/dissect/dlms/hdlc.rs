//! The HDLC profile's frames (Green Book, section 8.4), as gateways and meters carry them over TCP.

use crate::dissect::fields::{be16, bytes, u8_at};

/// Begins and ends a frame.
pub(super) const FLAG: u8 = 0x7e;
/// Frame format type 3 (Green Book, section 8.4.1.2).
const FORMAT: u8 = 0xa0;
/// Bit of the format field: more segments follow.
const SEGMENTED: u16 = 0x0800;
/// Bits of the format field: length of all between the flags.
const LENGTH: u16 = 0x07ff;
/// Shortest frame: format, two addresses, control, check sequence.
const FRAME_BYTES_MIN: usize = 7;

/// What bytes begin with.
pub(super) enum Head {
    /// A frame of so many bytes, flags before and the one after included, that begins after so many flags.
    Frame {
        /// Flags before it.
        flags: usize,
        /// Bytes in all.
        size: usize,
    },
    /// Flags only, or too little to tell.
    Short,
    /// Something else.
    Other,
}

/// How bytes begin.
pub(super) fn head(data: &[u8]) -> Head {
    let flags = data.iter().take_while(|byte| **byte == FLAG).count();
    let Some(first) = u8_at(data, flags) else { return Head::Short };
    if first & 0xf0 != FORMAT {
        return Head::Other;
    }
    let Some(format) = be16(data, flags) else { return Head::Short };
    let length = usize::from(format & LENGTH);
    if length < FRAME_BYTES_MIN { Head::Other } else { Head::Frame { flags, size: flags + length + 1 } }
}

/// A frame.
pub(super) struct Frame<'a> {
    /// The control field, its numbers and poll bit left out.
    pub(super) control: u8,
    /// Do more segments of the same data follow?
    pub(super) more: bool,
    /// What it carries.
    pub(super) information: &'a [u8],
    /// Is its check sequence right? That of its header is, if not.
    pub(super) right: bool,
}

impl<'a> Frame<'a> {
    /// The frame in these bytes, flags left out. `None` if neither its check sequence nor its header's is right.
    pub(super) fn read(frame: &'a [u8]) -> Option<Self> {
        if frame.len() < FRAME_BYTES_MIN {
            return None;
        }
        let format = be16(frame, 0)?;
        let destination = address_length(frame.get(2..)?)?;
        let source = address_length(frame.get(2 + destination..)?)?;
        let at = 2 + destination + source;
        let control = u8_at(frame, at)?;
        let body = frame.len().checked_sub(at + 3)?;
        // A header check sequence stands between header and information, and only where there is any.
        let information = if body > 2 { bytes(frame, at + 3, body - 2)? } else { &[] };
        let right = has_right_check(frame);
        if !right && (information.is_empty() || !has_right_check(frame.get(..at + 3)?)) {
            return None;
        }
        let control = match control {
            numbered if numbered & 1 == 0 => 0,
            supervisory if supervisory & 3 == 1 => supervisory & 0x0f,
            unnumbered => unnumbered & 0xef,
        };
        Some(Self { control, more: format & SEGMENTED != 0, information, right })
    }
}

/// Octets of an address: one, two or four; the last has its lowest bit set (Green Book, section 8.4.2).
fn address_length(data: &[u8]) -> Option<usize> {
    let last = data.iter().take(4).position(|byte| byte & 1 == 1)?;
    matches!(last, 0 | 1 | 3).then_some(last + 1)
}

/// The check sequence of ISO/IEC 13239, over the header or all of a frame: with it, a constant remains.
fn has_right_check(frame: &[u8]) -> bool {
    let sum = frame.iter().fold(0xffff_u16, |sum, byte| {
        let mut x = (sum ^ u16::from(*byte)) & 0xff;
        x ^= x << 4 & 0xff;
        (sum >> 8) ^ (x << 8) ^ (x << 3) ^ (x >> 4)
    });
    sum == 0xf0b8
}
