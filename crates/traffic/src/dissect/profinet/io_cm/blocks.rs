//! The blocks of PROFINET IO: which there are, in which others they lie, and what some of them say.
//!
//! Every block begins with type, length and version; a record of a write or a read lies behind its header. All
//! numbers are big-endian (IEC 61158-6-10, "Coding of the field BlockHeader").

use super::super::super::brief::Words;
use super::super::super::fields::{be16, be32, bytes, text, u8_at};
use super::table::{BLOCK, PROTOCOL};
use super::{Call, say_object, vendor};
use crate::facts::{Code, Direction, Fact, Facts, Identity, Message};
use std::fmt::Write as _;

/// Blocks of one call that are looked at.
const BLOCKS_MAX: usize = 4096;
/// Blocks within blocks within blocks.
const DEPTH_MAX: u8 = 4;

/// Type, length, version.
const HEAD_BYTES: usize = 6;
/// Octets of a block before the part that its length counts.
const UNCOUNTED_BYTES: usize = 4;

// Headers of records; the record follows behind those that carry one.
const WRITE_REQUEST: u16 = 0x0008;
const WRITE_RESPONSE: u16 = 0x8008;
const READ_REQUEST: u16 = 0x0009;
const READ_RESPONSE: u16 = 0x8009;
/// Where index and length of the record stand in them.
const INDEX_AT: usize = 34;
const LENGTH_AT: usize = 36;
/// The record that holds several writes.
const MULTIPLE_WRITE: u16 = 0xe040;

/// Is a record of this index made of blocks? Those below are the device's own, those at `b000` a profile's.
const fn is_standard(index: u16) -> bool {
    matches!(index, 0x8000..=0xafff | 0xc000..=0xffff)
}

/// The index of the record that a body is about, if it begins with the header of one.
pub(super) fn record_index(content: &[u8]) -> Option<u16> {
    let kind = be16(content, 0)?;
    matches!(kind, WRITE_REQUEST | WRITE_RESPONSE | READ_REQUEST | READ_RESPONSE)
        .then(|| be16(content, INDEX_AT))?
}

/// Says the blocks of a call.
pub(super) fn read(call: &Call, content: &[u8], facts: &mut dyn Facts) {
    let mut walk = Walk { call, left: BLOCKS_MAX, facts };
    if walk.records(content).is_none() {
        facts.say(Fact::Anomaly { what: "malformed-pn-io-cm" });
    }
}

struct Walk<'a> {
    call: &'a Call,
    left: usize,
    facts: &'a mut dyn Facts,
}

/// Up to the next multiple of four.
const fn aligned(at: usize) -> usize {
    at.saturating_add(3) & !3
}

/// Where the block at `at` ends.
fn end(content: &[u8], at: usize) -> Option<usize> {
    let length = usize::from(be16(content, at.checked_add(2)?)?);
    let end = at + UNCOUNTED_BYTES + length;
    (length >= HEAD_BYTES - UNCOUNTED_BYTES && end <= content.len()).then_some(end)
}

impl Walk<'_> {
    /// The blocks of a body, with the records behind their headers. `None` if one is not whole.
    fn records(&mut self, content: &[u8]) -> Option<()> {
        let mut at = 0;
        while at + HEAD_BYTES <= content.len() && self.left > 0 {
            let kind = be16(content, at)?;
            let end = end(content, at)?;
            let block = content.get(at..end)?;
            self.block(kind, block, DEPTH_MAX);
            at = match kind {
                WRITE_REQUEST | READ_RESPONSE => {
                    let (index, length) = (be16(block, INDEX_AT)?, be32(block, LENGTH_AT)?);
                    // Several writes: their headers follow.
                    if index == MULTIPLE_WRITE {
                        end
                    } else {
                        let length = usize::try_from(length).ok()?;
                        let record = bytes(content, end, length)?;
                        if is_standard(index) {
                            self.nested(record, DEPTH_MAX);
                        }
                        aligned(end + length)
                    }
                }
                _ => end,
            };
            at = self.past_filler(content, at);
        }
        Some(())
    }

    /// Filler between blocks is zeros up to the next multiple of four.
    fn past_filler(&self, content: &[u8], at: usize) -> usize {
        let next = aligned(at);
        let is_filler = content.get(at..next).is_none_or(|filler| filler.iter().all(|octet| *octet == 0));
        if is_filler { next } else { at }
    }

    /// Blocks that lie in another block or record, as far as they are whole.
    fn nested(&mut self, content: &[u8], depth: u8) {
        let mut at = 0;
        while at + HEAD_BYTES <= content.len() && self.left > 0 {
            let (Some(kind), Some(end)) = (be16(content, at), end(content, at)) else { return };
            let Some(block) = content.get(at..end) else { return };
            // A vendor's own record may look like anything; blocks have types that are known.
            if PROTOCOL.function(BLOCK, u32::from(kind)).is_none() {
                return;
            }
            self.block(kind, block, depth);
            at = self.past_filler(content, end);
        }
    }

    /// Says one block, what it says, and the blocks in it.
    fn block(&mut self, kind: u16, block: &[u8], depth: u8) {
        self.left = self.left.saturating_sub(1);
        let name = PROTOCOL.function(BLOCK, u32::from(kind)).map(|function| function.name);
        self.facts.say(Fact::Message(Message {
            protocol: &PROTOCOL,
            element: BLOCK,
            code: Code::Number(u32::from(kind)),
            direction: Direction::None,
            meaning: Some((name.unwrap_or("unknown-block"), self.call.class())),
        }));
        self.say(kind, block);
        if let Some(at) = inside(kind, block).filter(|_| depth > 0) {
            self.nested(block.get(at..).unwrap_or_default(), depth - 1);
        }
    }

    fn say(&mut self, kind: u16, block: &[u8]) {
        let facts = &mut *self.facts;
        match kind {
            0x0020 if self.call.direction == Direction::Response => identification(self.call, block, facts),
            0x0021 if self.call.direction == Direction::Response => {
                let tag = bytes(block, HEAD_BYTES, 32).and_then(text);
                if let Some(tag) = tag {
                    facts.say(Fact::Identity { about: self.call.from, what: Identity::Name, value: &tag });
                }
            }
            0x0101 => relation(self.call, block, facts),
            0x0102 => cyclic(block, facts),
            _ => {}
        }
    }
}

/// Where the blocks in a block begin, if it holds any.
fn inside(kind: u16, block: &[u8]) -> Option<usize> {
    let version_low = u8_at(block, 5)?;
    Some(match kind {
        // Filler, slot, subslot.
        0x0200 | 0x0202 | 0x0205 | 0x022c => HEAD_BYTES + 6,
        // Filler, API, slot, subslot.
        0x0400 => HEAD_BYTES + 10,
        // The same, filler, index.
        0x0401 => HEAD_BYTES + 14,
        // Number of blocks, or filler.
        0x0025 | 0x0035 | 0x022a | 0x0608 | 0x0609 | 0x0700 => HEAD_BYTES + 2,
        0x0211..=0x0213 if version_low > 0 => HEAD_BYTES + 2,
        // Instance, domain, role, filler, name of the domain with its length.
        0x0211 | 0x0231 => aligned(HEAD_BYTES + 23 + usize::from(u8_at(block, HEAD_BYTES + 22)?)),
        _ => return None,
    })
}

/// I&M0: who made it, what it is, its number and versions (IEC 61158-6-10, "Coding of the I&M0 record").
fn identification(call: &Call, block: &[u8], facts: &mut dyn Facts) {
    let about = call.from;
    if let Some(value) = be16(block, 6).and_then(vendor) {
        facts.say(Fact::Identity { about, what: Identity::Vendor, value });
    }
    for (at, length, what) in [(8, 20, Identity::Product), (28, 16, Identity::Serial)] {
        if let Some(value) = bytes(block, at, length).and_then(text) {
            facts.say(Fact::Identity { about, what, value: &value });
        }
    }
    let Some([prefix, functional, fix, internal]) =
        bytes(block, 46, 4).and_then(|field| field.first_chunk()).copied()
    else {
        return;
    };
    let mut words = Words::new();
    // Four short numbers always fit.
    if prefix.is_ascii_alphabetic() {
        let _ = write!(words, "{}", char::from(prefix));
    }
    let _ = write!(words, "{functional}.{fix}.{internal}");
    facts.say(Fact::Identity { about, what: Identity::Version, value: words.as_str() });
    if let Some(hardware) = be16(block, 44) {
        let mut words = Words::new();
        let _ = write!(words, "{hardware}");
        facts.say(Fact::Property { name: "hardware-revision", value: words.as_str() });
    }
}

/// What kind of relation is asked for, and by which station (IEC 61158-6-10, "ARBlockReq").
fn relation(call: &Call, block: &[u8], facts: &mut dyn Facts) {
    let value = match be16(block, 6) {
        Some(0x0001) => "controller",
        Some(0x0006) => "supervisor",
        Some(0x0010) => "controller, class 3",
        Some(0x0020) => "controller, redundant",
        _ => "other",
    };
    facts.say(Fact::Property { name: "relation", value });
    if let Some(object) = bytes(block, 32, 16).and_then(|object| object.first_chunk()).copied() {
        say_object(call.from, u128::from_be_bytes(object), facts);
    }
    let name = be16(block, 56).and_then(|length| bytes(block, 58, usize::from(length)));
    if let Some(name) = name.and_then(text) {
        facts.say(Fact::Identity { about: call.from, what: Identity::Name, value: &name });
    }
    let kind = if value == "supervisor" { "IO supervisor" } else { "IO controller" };
    if value != "other" {
        facts.say(Fact::Identity { about: call.from, what: Identity::Kind, value: kind });
        facts.say(Fact::Identity { about: call.from.other(), what: Identity::Kind, value: "IO device" });
    }
}

/// Which class of cyclic data is asked for (IEC 61158-6-10, "Coding of the field IOCRProperties").
fn cyclic(block: &[u8], facts: &mut dyn Facts) {
    let value = match be32(block, 12).map(|properties| properties & 0x0f) {
        Some(1) => "1",
        Some(2) => "2",
        Some(3) => "3",
        Some(4) => "udp",
        _ => return,
    };
    facts.say(Fact::Property { name: "rt-class", value });
}
