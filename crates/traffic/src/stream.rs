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

/// How far each direction of a connection is: all that a segment in order needs.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Order {
    halves: Both<Half>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Half {
    /// Sequence number of the first byte seen.
    first: u32,
    /// Sequence number of the next byte in order.
    next: u32,
    /// Highest acknowledgment from the other side.
    acknowledged: u32,
    /// Did the other side acknowledge anything?
    has_acknowledged: bool,
    started: bool,
    /// Do segments wait for an earlier one?
    waits: bool,
}

/// Segments that wait.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    halves: Both<WaitingHalf>,
}

#[derive(Debug, Default)]
struct WaitingHalf {
    // INVARIANT: ascending by distance from `next`; none begins at or before it.
    segments: Vec<Segment>,
    bytes: usize,
    waited: u16,
}

impl Waiting {
    /// Bytes that are kept.
    pub(crate) const fn held(&self) -> usize {
        self.halves.low.bytes + self.halves.high.bytes
    }

    /// Lets go of what waits.
    pub(crate) fn let_go(&mut self) {
        self.halves = Both::default();
    }
}

#[derive(Debug)]
struct Segment {
    at: At,
    sequence: u32,
    missing: u32,
    data: Box<[u8]>,
}

/// Signed distance from `b` to `a` in sequence space (RFC 9293, section 3.4).
const fn distance(a: u32, b: u32) -> i32 {
    a.wrapping_sub(b).cast_signed()
}

impl Order {
    /// Does this SYN begin another connection than the one seen so far (which is `over`, or not)?
    pub(crate) fn begins_anew(&self, from: Side, sequence: u32, over: bool) -> bool {
        let half = self.halves.of(from);
        let apart = distance(half.first, sequence.wrapping_add(1)).unsigned_abs();
        half.started && (apart > NEAR || (over && apart != 0))
    }

    /// Does no segment wait?
    pub(crate) const fn is_quiet(&self) -> bool {
        !self.halves.low.waits && !self.halves.high.waits
    }

    /// What waited was let go.
    pub(crate) const fn let_go(&mut self) {
        (self.halves.low.waits, self.halves.high.waits) = (false, false);
    }
}

/// A connection being read: how far it is, and what it says.
struct Connection<'a> {
    order: &'a mut Order,
    content: &'a mut Content,
}

/// Takes a segment. `missing`: bytes of its payload that were not captured.
#[inline]
pub(crate) fn segment(
    order: &mut Order,
    content: &mut Content,
    from: Side,
    tcp: &Tcp<'_>,
    missing: usize,
    reading: &mut Reading<'_>,
) {
    let (sequence, length) = (tcp.sequence, tcp.payload.len() + missing);
    if tcp.flags.ack() {
        let other = order.halves.of_mut(from.other());
        if !other.has_acknowledged || distance(tcp.acknowledged, other.acknowledged) > 0 {
            (other.acknowledged, other.has_acknowledged) = (tcp.acknowledged, true);
        }
    }
    let half = order.halves.of_mut(from);
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
    let mut connection = Connection { order, content };
    if length > 0 {
        let sequence = if tcp.flags.syn() { sequence.wrapping_add(1) } else { sequence };
        connection.take(from, sequence, tcp.payload, missing, reading);
    }
    for side in [Side::Low, Side::High] {
        if connection.order.halves.of(side).waits {
            connection.grow_impatient(side, reading);
        }
    }
}

/// Nothing further comes: what waits is read.
pub(crate) fn finish(order: &mut Order, content: &mut Content, reading: &mut Reading<'_>) {
    let mut connection = Connection { order, content };
    for side in [Side::Low, Side::High] {
        while connection.order.halves.of(side).waits {
            connection.give_up(side, reading);
        }
    }
}

impl Connection<'_> {
    #[inline]
    fn take(&mut self, from: Side, sequence: u32, data: &[u8], missing: usize, reading: &mut Reading<'_>) {
        let half = self.order.halves.of_mut(from);
        if !half.started {
            (half.started, half.first, half.next) = (true, sequence, sequence);
        }
        let ahead = distance(sequence, half.next);
        if ahead != 0 {
            return self.out_of_order(from, sequence, data, missing, reading);
        }
        self.give(from, data, missing, reading);
        self.follow_up(from, reading);
    }

    fn out_of_order(
        &mut self,
        from: Side,
        sequence: u32,
        data: &[u8],
        missing: usize,
        reading: &mut Reading<'_>,
    ) {
        let ahead = distance(sequence, self.order.halves.of(from).next);
        if ahead.unsigned_abs() > FAR {
            while self.order.halves.of(from).waits {
                self.give_up(from, reading);
            }
            self.order.halves.of_mut(from).next = sequence;
            self.content.gap(from, u64::from(FAR), false, reading);
            return self.give(from, data, missing, reading);
        }
        if ahead > 0 {
            return self.wait(from, sequence, data, missing, reading);
        }
        // Bytes seen before: a retransmission, a keep-alive, or an overlap.
        let seen = ahead.unsigned_abs() as usize;
        if seen >= data.len() + missing {
            return;
        }
        let fresh = data.get(seen..).unwrap_or_default();
        let missing_fresh = missing - seen.saturating_sub(data.len());
        self.give(from, fresh, missing_fresh, reading);
        self.follow_up(from, reading);
    }

    /// Hands bytes that are in order to the content.
    #[inline]
    fn give(&mut self, from: Side, data: &[u8], missing: usize, reading: &mut Reading<'_>) {
        let half = self.order.halves.of_mut(from);
        half.next = half.next.wrapping_add((data.len() + missing) as u32);
        if !self.content.wants(from) {
            return;
        }
        if !data.is_empty() {
            self.content.bytes(from, data, reading);
        }
        if missing > 0 {
            self.content.gap(from, missing as u64, true, reading);
        }
    }

    /// Hands over what waited for the bytes before it.
    fn follow_up(&mut self, from: Side, reading: &mut Reading<'_>) {
        while self.order.halves.of(from).waits {
            let next = self.order.halves.of(from).next;
            let waiting = self.content.waiting.halves.of_mut(from);
            let ready = waiting.segments.first().is_some_and(|segment| distance(segment.sequence, next) <= 0);
            if !ready {
                return;
            }
            let segment = waiting.segments.remove(0);
            waiting.bytes -= segment.data.len();
            waiting.waited = 0;
            self.order.halves.of_mut(from).waits = !waiting.segments.is_empty();
            let seen = distance(next, segment.sequence).unsigned_abs() as usize;
            let missing = segment.missing as usize;
            if seen < segment.data.len() + missing {
                let fresh = segment.data.get(seen..).unwrap_or_default();
                let now = std::mem::replace(&mut reading.at, segment.at);
                reading.said = None;
                self.give(from, fresh, missing - seen.saturating_sub(segment.data.len()), reading);
                (reading.at, reading.said) = (now, None);
            }
        }
    }

    fn wait(&mut self, from: Side, sequence: u32, data: &[u8], missing: usize, reading: &mut Reading<'_>) {
        let half = self.order.halves.of_mut(from);
        if !self.content.wants(from) {
            half.next = sequence.wrapping_add((data.len() + missing) as u32);
            return;
        }
        let waiting = self.content.waiting.halves.of_mut(from);
        let place = waiting
            .segments
            .partition_point(|segment| distance(segment.sequence, half.next) < distance(sequence, half.next));
        let again = waiting
            .segments
            .get(place)
            .is_some_and(|known| known.sequence == sequence && known.data.len() >= data.len());
        if !again {
            let segment = Segment { at: reading.at, sequence, missing: missing as u32, data: data.into() };
            waiting.segments.insert(place, segment);
            waiting.bytes += data.len();
            half.waits = true;
        }
        if waiting.segments.len() > WAITING_SEGMENTS_MAX || waiting.bytes > WAITING_BYTES_MAX {
            self.give_up(from, reading);
        }
    }

    /// What the other side acknowledged was sent; if it is not here after a while, it was not captured.
    fn grow_impatient(&mut self, side: Side, reading: &mut Reading<'_>) {
        let half = self.order.halves.of(side);
        let waiting = self.content.waiting.halves.of_mut(side);
        let Some(first) = waiting.segments.first() else { return };
        waiting.waited += 1;
        let acknowledged = half.has_acknowledged && distance(half.acknowledged, first.sequence) >= 0;
        if waiting.waited > if acknowledged { PATIENCE } else { PATIENCE * 4 } {
            self.give_up(side, reading);
        }
    }

    /// Goes on behind a hole.
    fn give_up(&mut self, side: Side, reading: &mut Reading<'_>) {
        let half = self.order.halves.of_mut(side);
        let waiting = self.content.waiting.halves.of_mut(side);
        let Some(first) = waiting.segments.first() else {
            half.waits = false;
            return;
        };
        let hole = first.sequence.wrapping_sub(half.next);
        half.next = first.sequence;
        waiting.waited = 0;
        self.content.gap(side, u64::from(hole), false, reading);
        self.follow_up(side, reading);
    }
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
        let stream = Order { halves: Both { low: half, high: Half::default() } };
        assert!(!stream.begins_anew(Side::Low, 9, true));
        assert!(!stream.begins_anew(Side::Low, 4, false));
        assert!(stream.begins_anew(Side::Low, 4, true));
        assert!(stream.begins_anew(Side::Low, 0x8000_0000, false));
        assert!(!stream.begins_anew(Side::High, 0x8000_0000, true));
    }
}
