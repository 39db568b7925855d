//! TCP segments in order: bounded, lazy, nothing twice.
//!
//! A segment that continues its direction goes straight to the content, borrowed. Others wait, within limits, for
//! what is missing before them; if it does not come, the content is told that bytes are missing.

use crate::content::{Content, Reading};
use crate::flow::{At, Both, Side};
use crate::net::Tcp;

/// Segments of one direction that wait for an earlier one.
pub(crate) const WAITING_SEGMENTS_MAX: usize = 64;
/// Bytes of one direction that wait.
pub(crate) const WAITING_BYTES_MAX: usize = 256 * 1024;
/// Packets of a conversation after which something acknowledged and still missing is taken for not captured.
const PATIENCE: u16 = 16;
/// Distance in sequence numbers over which a segment belongs to the same connection.
const NEAR: u32 = 1 << 20;
/// Distance over which a segment without a SYN belongs to another connection of the same ports, or follows a long hole.
const FAR: u32 = 1 << 24;

/// Both directions of a connection.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    halves: Both<Half>,
}

#[derive(Debug, Default)]
struct Half {
    started: bool,
    /// Sequence number of the first byte seen.
    first: u32,
    /// Sequence number of the next byte in order.
    next: u32,
    /// Highest acknowledgment from the other side.
    acknowledged: Option<u32>,
    // INVARIANT: ascending by distance from `next`; none begins at or before it.
    waiting: Vec<Waiting>,
    waiting_bytes: usize,
    waited: u16,
}

#[derive(Debug)]
struct Waiting {
    at: At,
    sequence: u32,
    missing: u32,
    data: Box<[u8]>,
}

/// Signed distance from `b` to `a` in sequence space (RFC 9293, section 3.4).
const fn distance(a: u32, b: u32) -> i32 {
    a.wrapping_sub(b).cast_signed()
}

impl Stream {
    /// Bytes that are kept.
    pub(crate) const fn held(&self) -> usize {
        self.halves.low.waiting_bytes + self.halves.high.waiting_bytes
    }

    /// Does this SYN begin another connection than the one seen so far (which is `over`, or not)?
    pub(crate) fn begins_anew(&self, from: Side, sequence: u32, over: bool) -> bool {
        let half = self.halves.of(from);
        let apart = distance(half.first, sequence.wrapping_add(1)).unsigned_abs();
        half.started && (apart > NEAR || (over && apart != 0))
    }

    /// Lets go of what waits, and knows still where the connection began.
    pub(crate) fn let_go(&mut self) {
        for half in [&mut self.halves.low, &mut self.halves.high] {
            half.waiting = Vec::new();
            half.waiting_bytes = 0;
        }
    }
}

/// Takes a segment. `missing`: bytes of its payload that were not captured.
pub(crate) fn segment(
    content: &mut Content,
    from: Side,
    tcp: &Tcp<'_>,
    missing: usize,
    reading: &mut Reading<'_>,
) {
    let (sequence, length) = (tcp.sequence, tcp.payload.len() + missing);
    if tcp.flags.ack() {
        let other = content.stream.halves.of_mut(from.other());
        if other.acknowledged.is_none_or(|known| distance(tcp.acknowledged, known) > 0) {
            other.acknowledged = Some(tcp.acknowledged);
        }
    }
    let half = content.stream.halves.of_mut(from);
    if tcp.flags.syn() {
        let next = sequence.wrapping_add(1);
        if !half.started {
            (half.started, half.first, half.next) = (true, next, next);
        } else if distance(half.first, next) > 0 {
            half.first = next;
        }
        if length == 0 {
            return;
        }
    }
    if length > 0 {
        let sequence = if tcp.flags.syn() { sequence.wrapping_add(1) } else { sequence };
        take(content, from, sequence, tcp.payload, missing, reading);
    }
    for side in [Side::Low, Side::High] {
        if !content.stream.halves.of(side).waiting.is_empty() {
            grow_impatient(content, side, reading);
        }
    }
}

/// Nothing further comes: what waits is read.
pub(crate) fn finish(content: &mut Content, reading: &mut Reading<'_>) {
    for side in [Side::Low, Side::High] {
        while !content.stream.halves.of(side).waiting.is_empty() {
            give_up(content, side, reading);
        }
    }
}

fn take(
    content: &mut Content,
    from: Side,
    sequence: u32,
    data: &[u8],
    missing: usize,
    reading: &mut Reading<'_>,
) {
    let half = content.stream.halves.of_mut(from);
    if !half.started {
        (half.started, half.first, half.next) = (true, sequence, sequence);
    }
    let ahead = distance(sequence, half.next);
    if ahead.unsigned_abs() > FAR {
        while !content.stream.halves.of(from).waiting.is_empty() {
            give_up(content, from, reading);
        }
        content.stream.halves.of_mut(from).next = sequence;
        content.gap(from, u64::from(FAR), false, reading);
        return give(content, from, data, missing, reading);
    }
    if ahead > 0 {
        return wait(content, from, sequence, data, missing, reading);
    }
    // Bytes seen before: a retransmission, a keep-alive, or an overlap.
    let seen = ahead.unsigned_abs() as usize;
    if seen >= data.len() + missing {
        return;
    }
    let fresh = data.get(seen..).unwrap_or_default();
    let missing_fresh = missing - seen.saturating_sub(data.len());
    give(content, from, fresh, missing_fresh, reading);
    follow_up(content, from, reading);
}

/// Hands bytes that are in order to the content.
fn give(content: &mut Content, from: Side, data: &[u8], missing: usize, reading: &mut Reading<'_>) {
    let half = content.stream.halves.of_mut(from);
    half.next = half.next.wrapping_add((data.len() + missing) as u32);
    if !content.wants(from) {
        return;
    }
    if !data.is_empty() {
        content.bytes(from, data, reading);
    }
    if missing > 0 {
        content.gap(from, missing as u64, true, reading);
    }
}

/// Hands over what waited for the bytes before it.
fn follow_up(content: &mut Content, from: Side, reading: &mut Reading<'_>) {
    loop {
        let half = content.stream.halves.of_mut(from);
        let next = half.next;
        let ready = half.waiting.first().is_some_and(|waiting| distance(waiting.sequence, next) <= 0);
        if !ready {
            return;
        }
        let waiting = half.waiting.remove(0);
        half.waiting_bytes -= waiting.data.len();
        half.waited = 0;
        let seen = distance(next, waiting.sequence).unsigned_abs() as usize;
        let missing = waiting.missing as usize;
        if seen < waiting.data.len() + missing {
            let fresh = waiting.data.get(seen..).unwrap_or_default();
            let now = std::mem::replace(&mut reading.at, waiting.at);
            give(content, from, fresh, missing - seen.saturating_sub(waiting.data.len()), reading);
            reading.at = now;
        }
    }
}

fn wait(
    content: &mut Content,
    from: Side,
    sequence: u32,
    data: &[u8],
    missing: usize,
    reading: &mut Reading<'_>,
) {
    if !content.wants(from) {
        content.stream.halves.of_mut(from).next = sequence.wrapping_add((data.len() + missing) as u32);
        return;
    }
    let half = content.stream.halves.of_mut(from);
    let next = half.next;
    let place =
        half.waiting.partition_point(|waiting| distance(waiting.sequence, next) < distance(sequence, next));
    let again = half
        .waiting
        .get(place)
        .is_some_and(|known| known.sequence == sequence && known.data.len() >= data.len());
    if !again {
        half.waiting
            .insert(place, Waiting { at: reading.at, sequence, missing: missing as u32, data: data.into() });
        half.waiting_bytes += data.len();
    }
    let full = half.waiting.len() > WAITING_SEGMENTS_MAX || half.waiting_bytes > WAITING_BYTES_MAX;
    if full {
        give_up(content, from, reading);
    }
}

/// What the other side acknowledged was sent; if it is not here after a while, it was not captured.
fn grow_impatient(content: &mut Content, side: Side, reading: &mut Reading<'_>) {
    let half = content.stream.halves.of_mut(side);
    let Some(first) = half.waiting.first() else { return };
    half.waited += 1;
    let acknowledged = half.acknowledged.is_some_and(|known| distance(known, first.sequence) >= 0);
    if half.waited > if acknowledged { PATIENCE } else { PATIENCE * 4 } {
        give_up(content, side, reading);
    }
}

/// Goes on behind a hole.
fn give_up(content: &mut Content, side: Side, reading: &mut Reading<'_>) {
    let half = content.stream.halves.of_mut(side);
    let Some(first) = half.waiting.first() else { return };
    let hole = first.sequence.wrapping_sub(half.next);
    half.next = first.sequence;
    half.waited = 0;
    content.gap(side, u64::from(hole), false, reading);
    follow_up(content, side, reading);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_wrap() {
        assert_eq!(distance(5, u32::MAX - 4), 10);
        assert_eq!(distance(u32::MAX, 4), -5);
    }

    #[test]
    fn a_syn_near_what_was_seen_is_the_same_connection_captured_out_of_order() {
        let half = Half { started: true, first: 10, next: 50, ..Half::default() };
        let stream = Stream { halves: Both { low: half, high: Half::default() } };
        assert!(!stream.begins_anew(Side::Low, 9, true));
        assert!(!stream.begins_anew(Side::Low, 4, false));
        assert!(stream.begins_anew(Side::Low, 4, true));
        assert!(stream.begins_anew(Side::Low, 0x8000_0000, false));
        assert!(!stream.begins_anew(Side::High, 0x8000_0000, true));
    }
}
