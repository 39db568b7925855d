//! The classic container of libpcap (draft-ietf-opsawg-pcap): a header of 24 bytes, then records.

use super::{Batch, Input, Order, ReadError, Record, packet_bytes_max};

/// Bytes of the file header (section 4).
const FILE_HEADER: usize = 24;
/// Bytes of a record's header (section 5).
const RECORD_HEADER: usize = 16;
/// Further bytes of a record's header in the variant of Alexey Kuznetzov's patches (magic `a1b2cd34`).
const RECORD_HEADER_MODIFIED_EXTRA: usize = 8;

/// How far ahead of a record the bytes of later ones are fetched: the lines that a small record takes, some records on.
const AHEAD: [usize; 3] = [2048, 2048 + 64, 2048 + 128];

/// What the magic number of a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    order: Order,
    nanoseconds: bool,
    header: usize,
}

impl Format {
    /// The format of a file that begins with these bytes.
    pub(super) fn recognize(head: &[u8]) -> Option<Self> {
        let of = |order, nanoseconds, extra| Some(Self { order, nanoseconds, header: RECORD_HEADER + extra });
        match head.first_chunk()? {
            [0xd4, 0xc3, 0xb2, 0xa1] => of(Order::Little, false, 0),
            [0xa1, 0xb2, 0xc3, 0xd4] => of(Order::Big, false, 0),
            [0x4d, 0x3c, 0xb2, 0xa1] => of(Order::Little, true, 0),
            [0xa1, 0xb2, 0x3c, 0x4d] => of(Order::Big, true, 0),
            [0x34, 0xcd, 0xb2, 0xa1] => of(Order::Little, false, RECORD_HEADER_MODIFIED_EXTRA),
            [0xa1, 0xb2, 0xcd, 0x34] => of(Order::Big, false, RECORD_HEADER_MODIFIED_EXTRA),
            _ => None,
        }
    }
}

/// Reads every record.
pub(super) fn read(
    input: &mut Input,
    format: Format,
    each: &mut impl FnMut(&[Record<'_>], u64),
) -> Result<(), ReadError> {
    let io = |offset| move |source| ReadError::Io { offset, source };
    let head = input.window(FILE_HEADER).map_err(io(0))?;
    if head.len() < FILE_HEADER {
        return Err(ReadError::Cut { what: "the file header", offset: 0 });
    }
    let minor = format.order.u16(head, 6).unwrap_or(4);
    let major = format.order.u16(head, 4).unwrap_or(2);
    let lengths = match (major, minor) {
        (2, 0..=2) => Lengths::Swapped,
        (2, 3) => Lengths::Either,
        _ => Lengths::CapturedFirst,
    };
    // The upper bits may hold the length of the frame check sequence (section 4).
    let link = format.order.u32(head, 20).unwrap_or(0) & 0x0fff_ffff & 0xffff;
    input.advance(FILE_HEADER);
    let mut need = format.header;
    loop {
        let offset = input.offset();
        let window = input.window(need).map_err(io(offset))?;
        if window.len() < need {
            return match window.len() {
                0 => Ok(()),
                n if n < format.header => Err(ReadError::Cut { what: "the header of a record", offset }),
                _ => Err(ReadError::Cut { what: "a record", offset }),
            };
        }
        let mut used = 0;
        let mut batch = Batch::new();
        need = loop {
            let rest = window.get(used..).unwrap_or_default();
            for ahead in AHEAD {
                prefetch_index::prefetch_index(window, used + ahead);
            }
            match record(rest, format, lengths, link) {
                Step::Record(record, length) => {
                    batch.push(record, offset + used as u64, each);
                    used += length;
                }
                Step::Need(count) => break count,
                Step::TooLong(length) => {
                    let offset = offset + used as u64;
                    batch.flush(offset, each);
                    return Err(ReadError::Damaged {
                        what: format!("a record says it is {length} bytes long"),
                        offset,
                    });
                }
            }
        };
        batch.flush(offset + used as u64, each);
        input.advance(used);
    }
}

/// In which order a record says its captured and its original length. It changed in version 2.3; some writers of that
/// version did it one way, some the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lengths {
    CapturedFirst,
    Swapped,
    Either,
}

enum Step<'a> {
    Record(Record<'a>, usize),
    Need(usize),
    TooLong(u32),
}

#[inline]
fn record(data: &[u8], format: Format, lengths: Lengths, link: u32) -> Step<'_> {
    let order = format.order;
    let (Some(seconds), Some(fraction), Some(mut captured), Some(mut wire)) =
        (order.u32(data, 0), order.u32(data, 4), order.u32(data, 8), order.u32(data, 12))
    else {
        return Step::Need(format.header);
    };
    if lengths == Lengths::Swapped || (lengths == Lengths::Either && captured > wire) {
        std::mem::swap(&mut captured, &mut wire);
    }
    let length = format.header.saturating_add(captured as usize);
    if captured > packet_bytes_max(link) {
        return Step::TooLong(captured);
    }
    let Some(bytes) = data.get(format.header..length) else { return Step::Need(length) };
    let scale = if format.nanoseconds { 1 } else { 1000 };
    let time = i64::from(seconds) * 1_000_000_000 + i64::from(fraction) * scale;
    let digits = if format.nanoseconds { 9 } else { 6 };
    Step::Record(Record { data: bytes, wire: wire.max(captured), time: Some(time), digits, link }, length)
}
