//! Containers: a file of evidence to packets.
//!
//! Owns pcap and pcapng in all their byte orders and resolutions, compression around them, and what is said when a file
//! is cut or damaged: the packets before the damage are given, and why reading stopped. Knows no protocol.

mod input;
mod map;
mod notes;
mod pcap;
mod pcapng;
mod source;
mod unpack;

use crate::logs;
use crate::observation::CaptureKind;
pub(crate) use input::Input;
pub(crate) use notes::{NAMES_MAX, Notes};
pub use source::kind_of;
pub(crate) use source::{StandardInput, hash, is_packets, is_standard_input, turn};
use std::fmt;
use std::io;

/// The longest block of a container that is believed.
pub(crate) const BLOCK_BYTES_MAX: usize = 128 << 20;

/// The longest packet that is believed, by link type: longer ones are damage. As in Wireshark (`wtap.h`), which has most
/// captures' maker and other readers on its side.
pub(crate) const fn packet_bytes_max(link: u32) -> u32 {
    match link {
        // D-Bus and USB.
        231 | 249 => 128 << 20,
        // Elektrobit's high-speed capture.
        279 => 32 << 20,
        _ => 256 << 10,
    }
}

/// One packet as the container gives it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'a> {
    /// The bytes that were captured.
    pub(crate) data: &'a [u8],
    /// How many there were on the wire.
    pub(crate) wire: u32,
    /// Nanoseconds since 1970; none where the container has no time for it.
    pub(crate) time: Option<i64>,
    /// Decimals of a second that the container knows.
    pub(crate) digits: u8,
    /// Link type, by the numbers of tcpdump.org.
    pub(crate) link: u32,
}

/// Packets that are handed over at once, so that what is known of their conversations can be fetched together.
pub(crate) const BATCH: usize = 32;

/// Packets of one window that are handed over together.
struct Batch<'a> {
    records: [Record<'a>; BATCH],
    count: usize,
}

impl<'a> Batch<'a> {
    const fn new() -> Self {
        let none = Record { data: &[], wire: 0, time: None, digits: 0, link: 0 };
        Self { records: [none; BATCH], count: 0 }
    }

    /// Takes a packet that stands at `offset`.
    #[inline]
    fn push(&mut self, record: Record<'a>, offset: u64, each: &mut impl FnMut(&[Record<'_>], u64)) {
        if let Some(slot) = self.records.get_mut(self.count) {
            *slot = record;
            self.count += 1;
        }
        if self.count == BATCH {
            self.flush(offset, each);
        }
    }

    fn flush(&mut self, offset: u64, each: &mut impl FnMut(&[Record<'_>], u64)) {
        if self.count > 0 {
            each(self.records.get(..self.count).unwrap_or_default(), offset);
            self.count = 0;
        }
    }
}

/// Why a container could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// Not a capture at all.
    #[error("{0}")]
    NotACapture(String),
    /// The file ends within something.
    #[error("the file ends within {what} at byte {offset}")]
    Cut {
        /// Within what.
        what: &'static str,
        /// Where that begins.
        offset: u64,
    },
    /// Something in it cannot be.
    #[error("{what} at byte {offset}")]
    Damaged {
        /// What.
        what: String,
        /// Where.
        offset: u64,
    },
    /// The operating system or the decompressor failed.
    #[error("cannot read on at byte {offset}: {source}")]
    Io {
        /// Where.
        offset: u64,
        /// Why.
        source: io::Error,
    },
}

/// Bytes by which the kind of a file is told.
pub(crate) const KIND_BYTES: usize = 4096;

/// The kind of a file that begins so.
pub(crate) fn kind(head: &[u8]) -> Option<CaptureKind> {
    if pcap::Format::recognize(head).is_some() {
        return Some(CaptureKind::Pcap);
    }
    if pcapng::recognize(head) {
        return Some(CaptureKind::Pcapng);
    }
    logs::kind(head)
}

/// The kind of a log; none: it is none. The damage with it that was met within the bytes that tell.
pub(crate) fn log_kind(input: &mut Input) -> io::Result<Option<(CaptureKind, Option<io::Error>)>> {
    // A capture of packets is told by fewer bytes, before damage may be met.
    if kind(input.window(24)?).is_some_and(|kind| !kind.is_log()) {
        return Ok(None);
    }
    let damage = input.window(KIND_BYTES).map(|_| ()).err();
    match (kind(input.window(0)?), damage) {
        (Some(kind), damage) if kind.is_log() => Ok(Some((kind, damage))),
        (_, Some(damage)) => Err(damage),
        (_, None) => Ok(None),
    }
}

/// Reads every packet of a capture in order, some at a time, with how far the file was read. Gives the container's kind, if
/// it was recognized, and why reading stopped early.
pub(crate) fn read(
    input: &mut Input,
    notes: &mut Notes,
    each: &mut impl FnMut(&[Record<'_>], u64),
) -> (Option<CaptureKind>, Result<(), ReadError>) {
    let head = match input.window(24) {
        Ok(window) => window,
        Err(source) => return (None, Err(ReadError::Io { offset: 0, source })),
    };
    if let Some(format) = pcap::Format::recognize(head) {
        return (Some(CaptureKind::Pcap), pcap::read(input, format, each));
    }
    if pcapng::recognize(head) {
        return (Some(CaptureKind::Pcapng), pcapng::read(input, notes, each));
    }
    (None, Err(ReadError::NotACapture(not_a_capture(head))))
}

/// What a file that is not a capture seems to be, in words.
fn not_a_capture(head: &[u8]) -> String {
    let what = match head {
        [] => "the file is empty",
        [0x04, 0x22, 0x4d, 0x18, ..] => {
            "the file is compressed with lz4, which is not read here: unpack it first"
        }
        [b'B', b'Z', b'h', ..] => {
            "the file is compressed with bzip2, which is not read here: unpack it first"
        }
        [b'P', b'K', 3, 4, ..] => "the file is a zip archive: unpack it first",
        [b's', b'n', b'o', b'o', b'p', 0, 0, 0, ..] => {
            "the file is a snoop capture: convert it to pcapng first (`editcap`)"
        }
        [b'{', ..] => "the file is JSON text, but neither of Zeek nor of Suricata",
        _ => "the file begins neither as pcap or pcapng nor as a log of Zeek or Suricata",
    };
    what.to_owned()
}

/// Byte order of the numbers in a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

impl Order {
    /// The 16-bit number at `at`.
    pub(crate) fn u16(self, data: &[u8], at: usize) -> Option<u16> {
        let bytes = *data.get(at..)?.first_chunk()?;
        Some(if self == Self::Little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    /// The 32-bit number at `at`.
    #[inline]
    pub(crate) fn u32(self, data: &[u8], at: usize) -> Option<u32> {
        let bytes = *data.get(at..)?.first_chunk()?;
        Some(if self == Self::Little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    /// The 64-bit number at `at`.
    pub(crate) fn u64(self, data: &[u8], at: usize) -> Option<u64> {
        let bytes = *data.get(at..)?.first_chunk()?;
        Some(if self == Self::Little { u64::from_le_bytes(bytes) } else { u64::from_be_bytes(bytes) })
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Little { "little-endian" } else { "big-endian" })
    }
}
