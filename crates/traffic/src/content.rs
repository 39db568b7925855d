//! The content of a conversation: recognized, cut into messages, handed to its dissector.
//!
//! Bytes arrive here in order (from [`crate::stream`]) or as datagrams. What a dissector can read at once is
//! borrowed from the capture; only the beginning of a message that is not whole yet is kept.

use crate::dissect::{Conversation as Reader, Hint, Progress};
use crate::facts::{Direction, End};
use crate::flow::{At, Both, Side};
use crate::protocol::Protocol;
use crate::recognize::{self, Index};
use crate::record::{Record, Sink, Usage};
use crate::stream::Waiting;

/// Segments or datagrams of one conversation that are looked at to find its protocol.
pub(crate) const TRIES_MAX: u8 = 12;
/// A piece shorter than this may be too short to tell its protocol.
const SMALL_BYTES: usize = 24;
/// Bytes of one direction that are kept while the protocol is not known.
pub(crate) const UNDECIDED_BYTES_MAX: usize = 4096;
/// The longest message that is kept until it is whole.
pub(crate) const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// The longest segment that may be the first part of a message whose beginning is looked for.
const ADRIFT_BYTES_MAX: usize = 64;
/// Times that a direction is taken up again after it was lost.
pub(crate) const RESUMPTIONS_MAX: u8 = 16;
/// Messages that are read of one datagram.
const MESSAGES_PER_DATAGRAM_MAX: usize = 1024;

/// How far the content of a conversation is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Not yet; so many pieces were looked at.
    Undecided(u8),
    /// This dissector reads it.
    Read(Index),
    /// No dissector knows it.
    Unknown,
}

/// One direction.
#[derive(Debug, Default)]
pub(crate) struct Half {
    /// The beginning of a message that is not whole, or of a direction that is not recognized.
    pending: Vec<u8>,
    /// How many bytes the message needs at least.
    need: usize,
    /// Bytes to come that are of no interest.
    skip: u64,
    /// Is it not known where the next message begins?
    adrift: bool,
    /// Is nothing further offered?
    lost: bool,
    resumptions: u8,
    /// Where in `pending`, of a direction that is not recognized, the bytes since the other side last spoke begin.
    turn: usize,
}

/// The content of one conversation. What nearly every packet needs stands first, in one line of the cache.
#[repr(C, align(64))]
pub(crate) struct Content {
    reader: Option<Box<dyn Reader>>,
    pub(crate) state: State,
    /// The side that the reader calls the initiator.
    initiator: Side,
    /// Did the dissector consume anything?
    consumed: bool,
    /// Was the end of the connection seen?
    pub(crate) over: bool,
    /// Whether anything of a direction is kept, skipped or lost, so that its half has to be looked at.
    busy: Both<bool>,
    pub(crate) record: Record,
    halves: Both<Half>,
    /// Segments that wait for earlier ones; TCP only.
    pub(crate) waiting: Waiting,
    excluded: u128,
    /// The side whose undecided bytes came first.
    earlier: Side,
    /// The side that spoke last while nothing was decided.
    speaker: Option<Side>,
    /// Messages that were too long to be kept.
    pub(crate) too_long: u64,
    /// Places at which bytes were missing.
    pub(crate) gaps: u64,
    /// Bytes kept when they were last counted.
    counted: usize,
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Content")
            .field("state", &self.state)
            .field("halves", &self.halves)
            .finish_non_exhaustive()
    }
}

/// What the engine knows of the packet that is read, and what it learns from it.
pub(crate) struct Reading<'a> {
    pub(crate) at: At,
    pub(crate) ports: Both<u16>,
    /// Who is taken for the initiator.
    pub(crate) initiator: Side,
    pub(crate) usage: &'a mut Usage,
    /// Who began, as the content says.
    pub(crate) began: Option<Side>,
    pub(crate) malformed: bool,
    /// The protocol of the first message that was said.
    pub(crate) said: Option<&'static Protocol>,
}

impl Reading<'_> {
    fn hint(&self, from: Side, stream: bool) -> Hint {
        Hint {
            stream,
            from: if from == self.initiator { End::Initiator } else { End::Responder },
            source_port: *self.ports.of(from),
            destination_port: *self.ports.of(from.other()),
        }
    }
}

impl Content {
    /// Nothing is known yet.
    pub(crate) fn new() -> Self {
        Self {
            reader: None,
            state: State::Undecided(0),
            initiator: Side::Low,
            consumed: false,
            over: false,
            busy: Both { low: false, high: false },
            record: Record::default(),
            halves: Both::default(),
            waiting: Waiting::default(),
            excluded: 0,
            earlier: Side::Low,
            speaker: None,
            too_long: 0,
            gaps: 0,
            counted: 0,
        }
    }

    /// Somebody else read it and told what it is, unless that is known already.
    pub(crate) fn told(&mut self, index: Index) {
        if matches!(self.state, State::Undecided(_)) {
            self.state = State::Read(index);
            self.consumed = true;
        }
    }

    /// What a transport without ports carries, which tells its dissector; no other is tried.
    pub(crate) fn read_by(index: Index, initiator: Side) -> Self {
        let mut content = Self { excluded: !recognize::bit(index), ..Self::new() };
        let hint = Hint { stream: false, from: End::Initiator, source_port: 0, destination_port: 0 };
        content.open(index, initiator, &hint);
        content
    }

    /// The dissector that understood something of it.
    pub(crate) fn dissector(&self) -> Option<Index> {
        match self.state {
            State::Read(index) if self.consumed || !self.record.functions.is_empty() => Some(index),
            _ => None,
        }
    }

    /// Is a direction worth following?
    #[inline]
    pub(crate) fn wants(&self, from: Side) -> bool {
        match self.state {
            State::Undecided(_) => true,
            State::Read(_) if !*self.busy.of(from) => true,
            State::Read(_) => {
                let half = self.halves.of(from);
                !half.lost || half.resumptions < RESUMPTIONS_MAX
            }
            State::Unknown => false,
        }
    }

    /// One direction, to change: it has to be looked at from now on.
    fn half_mut(&mut self, from: Side) -> &mut Half {
        *self.busy.of_mut(from) = true;
        self.halves.of_mut(from)
    }

    /// Whether a direction has to be looked at.
    fn settle(&mut self, from: Side) {
        let half = self.halves.of(from);
        *self.busy.of_mut(from) = !half.pending.is_empty() || half.skip > 0 || half.adrift || half.lost;
    }

    /// Is nothing kept, skipped or lost?
    #[inline]
    pub(crate) const fn is_quiet(&self) -> bool {
        !self.busy.low && !self.busy.high
    }

    /// Bytes that are kept.
    pub(crate) fn held(&self) -> usize {
        self.halves.low.pending.capacity() + self.halves.high.pending.capacity() + self.waiting.held()
    }

    /// How many bytes more (or fewer) are kept than when this was last asked.
    pub(crate) fn recount(&mut self) -> isize {
        let held = self.held();
        held.cast_signed() - std::mem::replace(&mut self.counted, held).cast_signed()
    }

    /// Nothing further comes: what is kept for it is let go.
    pub(crate) fn close(&mut self) {
        self.reader = None;
        self.halves = Both::default();
        self.busy = Both { low: false, high: false };
        self.waiting.let_go();
    }

    /// Memory is short: what is kept is given up, and the messages it belonged to. Segments that wait are let go too.
    pub(crate) fn give_up_kept(&mut self) {
        self.waiting.let_go();
        for side in [Side::Low, Side::High] {
            let half = self.half_mut(side);
            half.adrift |= !half.pending.is_empty();
            half.pending = Vec::new();
            self.settle(side);
        }
    }

    /// The next bytes of a stream, in order.
    pub(crate) fn bytes(&mut self, from: Side, data: &[u8], reading: &mut Reading<'_>) {
        match self.state {
            State::Undecided(tries) => self.undecided_bytes(from, data, tries, reading),
            State::Read(index) => self.known_bytes(index, from, data, reading),
            State::Unknown => {}
        }
    }

    /// Bytes of a stream are missing. `captured_less`: the capture kept only a beginning of the segment before.
    pub(crate) fn gap(&mut self, from: Side, missing: u64, captured_less: bool, reading: &mut Reading<'_>) {
        let half = self.half_mut(from);
        if half.skip >= missing && half.pending.is_empty() {
            // What is missing is of no interest.
            half.skip -= missing;
            return;
        }
        half.skip = 0;
        let pending = std::mem::take(&mut half.pending);
        let (need, lost) = (half.need as u64, half.lost);
        self.gaps += u64::from(!captured_less);
        let State::Read(_) = self.state else { return };
        let ends_a_message = pending.len() as u64 + missing == need && !pending.is_empty();
        if captured_less && !pending.is_empty() && !lost {
            self.ask(from, reading, |reader, end, sink| reader.cut(end, &pending, sink));
        }
        if lost || (captured_less && ends_a_message) {
            return;
        }
        let end = self.end(from);
        let goes_on = self.reader.as_mut().is_some_and(|reader| reader.gap(end));
        self.half_mut(from).lost = !goes_on;
    }

    /// A datagram; `missing` bytes of it were not captured.
    pub(crate) fn datagram(&mut self, from: Side, data: &[u8], missing: usize, reading: &mut Reading<'_>) {
        if data.is_empty() {
            return;
        }
        if let State::Undecided(tries) = self.state {
            let hint = reading.hint(from, false);
            match recognize::recognize(data, &hint, self.excluded) {
                Some((index, _)) => self.open(index, reading.initiator, &hint),
                None => {
                    self.state =
                        if tries + 1 >= TRIES_MAX { State::Unknown } else { State::Undecided(tries + 1) };
                    return;
                }
            }
        }
        let State::Read(index) = self.state else { return };
        let mut rest = data;
        for _ in 0..MESSAGES_PER_DATAGRAM_MAX {
            let mut malformed = false;
            let progress = self.ask(from, reading, |reader, end, sink| {
                let progress = reader.read(end, rest, sink);
                match progress {
                    Progress::Need(_) if missing > 0 => reader.cut(end, rest, sink),
                    Progress::Need(_) => malformed = true,
                    _ => {}
                }
                progress
            });
            reading.malformed |= malformed;
            match progress {
                Some(Progress::Consumed(count)) => {
                    self.progressed(index, reading);
                    rest = rest.get(count.max(1)..).unwrap_or_default();
                }
                Some(Progress::Skip(_)) => {
                    self.progressed(index, reading);
                    return;
                }
                Some(Progress::Need(_)) => return,
                Some(Progress::Lost) | None => return self.reconsider(index),
            }
            if rest.is_empty() {
                return;
            }
        }
    }

    fn undecided_bytes(&mut self, from: Side, data: &[u8], tries: u8, reading: &mut Reading<'_>) {
        let hint = reading.hint(from, true);
        let turns = self.speaker.replace(from) != Some(from);
        let excluded = self.excluded;
        let half = self.half_mut(from);
        // Messages nearly always begin with a segment; a direction that began within one, or with another protocol's
        // negotiation, is taken up where the next turn or segment begins.
        let found = if half.pending.is_empty() {
            recognize::recognize(data, &hint, excluded)
        } else {
            if turns {
                half.turn = half.pending.len();
            }
            half.pending.extend_from_slice(data);
            let last = half.pending.len() - data.len();
            // A small piece amid others begins nothing: it would look like too many things.
            let last = if data.len() >= SMALL_BYTES { last } else { half.turn };
            let mut starts = [0, half.turn, last].into_iter();
            let mut at = 0;
            let found = starts.find_map(|start| {
                at = start;
                recognize::recognize(half.pending.get(start..).unwrap_or_default(), &hint, excluded)
            });
            if found.is_some() {
                half.pending.drain(..at);
            }
            found
        };
        if let Some((index, _)) = found {
            let own = std::mem::take(&mut half.pending);
            let other = std::mem::take(&mut self.half_mut(from.other()).pending);
            self.open(index, reading.initiator, &hint);
            if self.earlier != from && !other.is_empty() {
                self.known_bytes(index, from.other(), &other, reading);
            }
            self.known_bytes(index, from, if own.is_empty() { data } else { &own }, reading);
            if self.earlier == from && !other.is_empty() {
                self.known_bytes(index, from.other(), &other, reading);
            }
            return;
        }
        // Small pieces are tried again with more behind them.
        let waited = self.halves.of(from).pending.len();
        let tries =
            tries + u8::from(data.len() >= SMALL_BYTES || waited >= SMALL_BYTES * usize::from(TRIES_MAX));
        if tries >= TRIES_MAX {
            self.state = State::Unknown;
            self.close();
            return;
        }
        self.state = State::Undecided(tries);
        let nothing_before = self.halves.of(from.other()).pending.is_empty();
        let nothing_here = self.halves.of(from).pending.is_empty();
        if nothing_here && nothing_before {
            self.earlier = from;
        }
        let half = self.half_mut(from);
        if nothing_here {
            half.pending.extend_from_slice(data);
        }
        if half.pending.len() > UNDECIDED_BYTES_MAX {
            half.pending = Vec::new();
            half.turn = 0;
        }
    }

    fn open(&mut self, index: Index, initiator: Side, hint: &Hint) {
        self.state = State::Read(index);
        self.initiator = initiator;
        self.consumed = false;
        self.reader = recognize::dissector(index).map(|dissector| dissector.open(hint));
    }

    /// Hands bytes in order to the dissector.
    fn known_bytes(&mut self, index: Index, from: Side, data: &[u8], reading: &mut Reading<'_>) {
        let mut data = data;
        loop {
            // Whole messages, nothing kept: nearly always.
            while !*self.busy.of(from) {
                if data.is_empty() {
                    return;
                }
                let progress = self.ask(from, reading, |reader, end, sink| reader.read(end, data, sink));
                match progress {
                    Some(Progress::Consumed(count)) => {
                        self.progressed(index, reading);
                        data = data.get(count.max(1)..).unwrap_or_default();
                    }
                    Some(Progress::Skip(count)) => {
                        self.progressed(index, reading);
                        self.half_mut(from).skip = count.max(1) as u64;
                    }
                    Some(Progress::Need(count)) => return self.keep(from, data, count),
                    Some(Progress::Lost) | None => return self.lose(index, from),
                }
            }
            if !self.anchored(index, from, data, reading) {
                return;
            }
            match self.rest_of_message(index, from, data, reading) {
                Some(rest) => data = rest,
                None => return,
            }
        }
    }

    /// What is to be skipped, or completes a message that is kept. What follows it, if the direction goes on.
    fn rest_of_message<'a>(
        &mut self,
        index: Index,
        from: Side,
        data: &'a [u8],
        reading: &mut Reading<'_>,
    ) -> Option<&'a [u8]> {
        let mut data = data;
        loop {
            let half = self.half_mut(from);
            if half.skip > 0 {
                let count = usize::try_from(half.skip).unwrap_or(usize::MAX).min(data.len());
                half.skip -= count as u64;
                data = data.get(count..).unwrap_or_default();
            } else if !half.pending.is_empty() {
                let wanted = half.need.saturating_sub(half.pending.len()).min(data.len());
                half.pending.extend_from_slice(data.get(..wanted).unwrap_or_default());
                data = data.get(wanted..).unwrap_or_default();
                if half.pending.len() < half.need || !self.pending_message(index, from, reading) {
                    return None;
                }
            }
            self.settle(from);
            let half = self.halves.of(from);
            if !*self.busy.of(from) {
                return Some(data);
            }
            if data.is_empty() || (half.skip == 0 && half.pending.is_empty()) {
                return None;
            }
        }
    }

    /// Reads the message that was kept and is whole now. Whether the direction goes on.
    fn pending_message(&mut self, index: Index, from: Side, reading: &mut Reading<'_>) -> bool {
        let mut pending = std::mem::take(&mut self.half_mut(from).pending);
        loop {
            let progress = self.ask(from, reading, |reader, end, sink| reader.read(end, &pending, sink));
            match progress {
                Some(Progress::Consumed(count)) => {
                    self.progressed(index, reading);
                    pending.drain(..count.clamp(1, pending.len()));
                }
                Some(Progress::Skip(count)) => {
                    self.progressed(index, reading);
                    let here = count.clamp(1, pending.len());
                    pending.drain(..here);
                    self.half_mut(from).skip = count.saturating_sub(here) as u64;
                }
                Some(Progress::Need(count)) => {
                    let half = self.half_mut(from);
                    half.need = count.max(pending.len() + 1);
                    half.pending = pending;
                    if half.need > MESSAGE_BYTES_MAX {
                        half.pending = Vec::new();
                        half.adrift = true;
                        self.too_long += 1;
                        return false;
                    }
                    return true;
                }
                Some(Progress::Lost) | None => {
                    self.lose(index, from);
                    return false;
                }
            }
            if pending.is_empty() {
                // Kept for the next message; short, because it grew only to the need of the last.
                self.half_mut(from).pending = pending;
                return true;
            }
        }
    }

    /// Is it known where the next message begins? If not, looks whether this segment begins with one, or the one
    /// before together with it (devices that write headers and bodies apart send short segments).
    fn anchored(&mut self, index: Index, from: Side, data: &[u8], reading: &Reading<'_>) -> bool {
        let half = self.half_mut(from);
        if !half.lost && !half.adrift {
            return true;
        }
        if half.lost && half.resumptions >= RESUMPTIONS_MAX {
            return false;
        }
        let Some(dissector) = recognize::dissector(index) else { return false };
        let hint = reading.hint(from, true);
        let begins = |data: &[u8]| dissector.probe(data, &hint) != crate::dissect::Likelihood::No;
        let before = half.pending.len();
        let together = before > 0 && {
            half.pending.extend_from_slice(data);
            begins(&half.pending)
        };
        if together || begins(data) {
            half.resumptions += u8::from(half.lost);
            (half.lost, half.adrift, half.skip) = (false, false, 0);
            // The bytes of this segment follow, as those of any other.
            half.pending.truncate(if together { before } else { 0 });
            half.need = before + 1;
            return true;
        }
        if before == 0 {
            half.pending.extend_from_slice(data);
        }
        if half.pending.len() > ADRIFT_BYTES_MAX {
            half.pending.clear();
            if data.len() <= ADRIFT_BYTES_MAX {
                half.pending.extend_from_slice(data);
            }
        }
        false
    }

    fn keep(&mut self, from: Side, data: &[u8], count: usize) {
        let half = self.half_mut(from);
        half.need = count.max(data.len() + 1);
        if half.need > MESSAGE_BYTES_MAX {
            half.adrift = true;
            self.too_long += 1;
        } else {
            half.pending.extend_from_slice(data);
        }
    }

    /// Calls the dissector and takes what it said.
    fn ask<T>(
        &mut self,
        from: Side,
        reading: &mut Reading<'_>,
        call: impl FnOnce(&mut dyn Reader, End, &mut Sink<'_>) -> T,
    ) -> Option<T> {
        let end = self.end(from);
        let reader = self.reader.as_mut()?;
        let mut sink = Sink {
            record: &mut self.record,
            at: reading.at,
            initiator: self.initiator,
            usage: reading.usage,
            began: None,
            asked: None,
            counted: None,
            first: None,
            malformed: false,
        };
        let result = call(reader.as_mut(), end, &mut sink);
        // Who asks, began; unless the dissector says otherwise.
        let asked = sink.asked.map(|direction| match direction {
            Direction::Response => from.other(),
            Direction::Request | Direction::None => from,
        });
        reading.began = sink.began.or(reading.began).or(asked);
        reading.malformed |= sink.malformed;
        reading.said = reading.said.or(sink.first);
        Some(result)
    }

    fn end(&self, from: Side) -> End {
        if from == self.initiator { End::Initiator } else { End::Responder }
    }

    /// Something was read: the packet has content of the dissector's protocol, whether or not it said a message.
    fn progressed(&mut self, index: Index, reading: &mut Reading<'_>) {
        self.consumed = true;
        if let Some(protocol) = recognize::protocol(index)
            && !reading.said.is_some_and(|said| std::ptr::eq(said, protocol))
        {
            reading.said = Some(protocol);
            reading.usage.packet(protocol, reading.at);
        }
    }

    fn lose(&mut self, index: Index, from: Side) {
        let half = self.half_mut(from);
        half.lost = true;
        half.pending = Vec::new();
        self.reconsider(index);
    }

    /// A dissector that understood nothing at all was the wrong one.
    fn reconsider(&mut self, index: Index) {
        if !self.consumed {
            self.excluded |= recognize::bit(index);
            self.reader = None;
            self.halves = Both::default();
            self.busy = Both { low: false, high: false };
            self.state = State::Undecided(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Facts, Identity};

    /// A protocol for tests: `n` and `n` bytes are a message, `s` and a byte skip that many, `x` is not understood.
    struct Lengths;

    impl Reader for Lengths {
        fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
            match data {
                [b's', count, ..] => Progress::Skip(usize::from(*count)),
                [b'x', ..] => Progress::Lost,
                [b'h', ..] => Progress::Need(MESSAGE_BYTES_MAX + 1),
                [length, rest @ ..] if rest.len() >= usize::from(*length) => {
                    say(from, rest.get(..usize::from(*length)).unwrap(), facts);
                    Progress::Consumed(usize::from(*length) + 1)
                }
                [length, ..] => Progress::Need(usize::from(*length) + 1),
                [] => Progress::Lost,
            }
        }

        fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
            say(from, data, facts);
        }
    }

    fn say(about: End, data: &[u8], facts: &mut dyn Facts) {
        let value = std::str::from_utf8(data).unwrap().trim_start_matches(|c: char| c.is_control());
        facts.say(crate::facts::Fact::Identity { about, what: Identity::Name, value });
    }

    fn reading(usage: &mut Usage) -> Reading<'_> {
        let at = At { capture: 0, packet: 1 };
        Reading {
            at,
            ports: Both::default(),
            initiator: Side::Low,
            usage,
            began: None,
            malformed: false,
            said: None,
        }
    }

    fn read() -> Content {
        let mut content = Content::new();
        content.state = State::Read(0);
        content.reader = Some(Box::new(Lengths));
        content
    }

    fn said(content: &Content) -> Vec<&str> {
        content.record.identities.iter().map(|said| &*said.value).collect()
    }

    #[test]
    fn messages_are_kept_until_they_are_whole_and_no_longer() {
        let stream = b"\x03one\x05three\x03two";
        for size in 1..=stream.len() {
            let (mut content, mut usage) = (read(), Usage::default());
            for piece in stream.chunks(size) {
                content.bytes(Side::Low, piece, &mut reading(&mut usage));
            }
            assert_eq!(said(&content), ["one", "three", "two"], "pieces of {size}");
            assert!(content.halves.low.pending.is_empty());
        }
    }

    #[test]
    fn what_is_skipped_is_not_kept_and_may_be_missing() {
        let (mut content, mut usage) = (read(), Usage::default());
        content.bytes(Side::Low, b"s\x0a12", &mut reading(&mut usage));
        assert_eq!((content.halves.low.skip, content.halves.low.pending.len()), (6, 0));
        content.gap(Side::Low, 5, false, &mut reading(&mut usage));
        content.bytes(Side::Low, b"!\x03one", &mut reading(&mut usage));
        assert_eq!((said(&content), content.gaps), (vec!["one"], 0));
    }

    #[test]
    fn a_message_that_the_capture_cut_is_said_so_far_and_the_next_is_whole() {
        let (mut content, mut usage) = (read(), Usage::default());
        content.bytes(Side::High, b"\x05thr", &mut reading(&mut usage));
        content.gap(Side::High, 2, true, &mut reading(&mut usage));
        content.bytes(Side::High, b"\x03two", &mut reading(&mut usage));
        assert_eq!((said(&content), content.gaps), (vec!["thr", "two"], 0));
    }

    #[test]
    fn a_message_beyond_the_limit_is_not_kept_and_counted() {
        let (mut content, mut usage) = (read(), Usage::default());
        content.bytes(Side::Low, b"huge", &mut reading(&mut usage));
        assert_eq!((content.too_long, content.halves.low.pending.len()), (1, 0));
    }

    #[test]
    fn a_dissector_that_understands_nothing_is_not_asked_again() {
        let (mut content, mut usage) = (read(), Usage::default());
        content.bytes(Side::Low, b"x", &mut reading(&mut usage));
        assert_eq!((content.state, content.excluded), (State::Undecided(1), 1));
        // One that understood something stays.
        let mut content = read();
        content.bytes(Side::Low, b"\x03onex", &mut reading(&mut usage));
        assert_eq!(content.state, State::Read(0));
        assert!(content.halves.low.lost);
    }

    #[test]
    fn what_is_kept_is_given_up_when_memory_is_short() {
        let (mut content, mut usage) = (read(), Usage::default());
        content.bytes(Side::Low, &[200; 100], &mut reading(&mut usage));
        assert!(content.held() >= 100);
        content.give_up_kept();
        assert_eq!((content.held(), content.halves.low.adrift), (0, true));
    }
}
