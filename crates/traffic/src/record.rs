//! What the dissectors said of one conversation, counted.
//!
//! Owns the facts of a conversation until they become part of an observation. A fact that was said before costs a
//! search in a short list and no allocation.

use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::flow::{At, Side};
use crate::protocol::{Class, Protocol};

/// Different functions of one conversation that are counted apart.
pub(crate) const FUNCTIONS_MAX: usize = 1024;
/// Different statements about who the ends are that are kept of one conversation.
pub(crate) const IDENTITIES_MAX: usize = 128;
/// Different properties, and different anomalies, that are kept of one conversation.
pub(crate) const PROPERTIES_MAX: usize = 32;
/// Bytes of a text that are kept.
pub(crate) const TEXT_BYTES_MAX: usize = 256;

/// A function and how often it was seen.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    pub(crate) protocol: &'static Protocol,
    pub(crate) element: u8,
    pub(crate) direction: Direction,
    pub(crate) number: u32,
    pub(crate) text: Option<Box<str>>,
    pub(crate) meaning: Option<(&'static str, Class)>,
    pub(crate) count: u64,
    pub(crate) first: At,
}

/// What tells functions apart, and how often each was seen: apart from the rest, so that counting touches little memory.
#[derive(Debug, Clone, Copy)]
struct Tally {
    key: Key,
    count: u64,
    /// What was said after it last time: a device that is polled says the same things in the same order.
    next: u32,
}

/// Two functions whose codes are numbers have the same key only if they are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    code: u64,
    of: u64,
}

/// Marks a code that is the digest of a text.
const TEXT: u64 = 1 << 39;

impl Key {
    /// The key of a code below 2^40.
    #[inline]
    fn of(
        protocol: &'static Protocol,
        element: u8,
        direction: Direction,
        meaning: Option<(&'static str, Class)>,
        code: u64,
    ) -> Self {
        let (name, class) = meaning.map_or((0, 0), |(name, class)| (name.as_ptr().addr(), class as u64 + 1));
        let kind = (u64::from(element) << 2 | direction as u64) << 8 | class;
        // Protocols and names stand in the program, which is far smaller than 4 GiB.
        let protocol = std::ptr::from_ref(protocol).addr();
        Self { code: code << 24 | kind, of: (protocol as u64) << 32 | (name as u64 & 0xffff_ffff) }
    }

    const fn is_text(self) -> bool {
        self.code >> 24 & TEXT != 0
    }
}

/// Nearly always different for different texts.
fn digest(text: &str) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    text.bytes().fold(1 << 40, |sum: u64, byte| (sum ^ u64::from(byte)).wrapping_mul(ODD)) >> 25
}

/// A statement about who an end is.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) about: Side,
    pub(crate) what: Identity,
    pub(crate) value: Box<str>,
    pub(crate) at: At,
}

/// A named property or anomaly.
#[derive(Debug, Clone)]
pub(crate) struct Noted {
    pub(crate) name: &'static str,
    pub(crate) value: Box<str>,
    pub(crate) count: u64,
    pub(crate) at: At,
}

/// All facts of one conversation.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct Record {
    // INVARIANT: as long as `functions`, in its order.
    tallies: Vec<Tally>,
    /// What was said last, and what is expected next.
    recent: u32,
    expected: u32,
    pub(crate) encrypted: Option<bool>,
    pub(crate) authenticated: Option<bool>,
    /// Their counts are right only when everything was read.
    pub(crate) functions: Vec<Counted>,
    pub(crate) identities: Vec<Said>,
    pub(crate) properties: Vec<Noted>,
    pub(crate) anomalies: Vec<Noted>,
    pub(crate) credentials: Option<At>,
    /// Facts that were not kept because a limit was reached.
    pub(crate) dropped: u64,
}

impl Record {
    /// Has what is expected next brought near.
    #[inline]
    pub(crate) fn fetch(&self) {
        prefetch_index::prefetch_index(&self.tallies, self.expected as usize);
    }

    /// Everything was read: functions get their counts.
    pub(crate) fn finish(&mut self) {
        for (function, tally) in self.functions.iter_mut().zip(&self.tallies) {
            function.count = tally.count;
        }
        self.tallies = Vec::new();
    }

    /// The place of a function among those that were seen before.
    fn find(&self, key: Key, message: &Message<'_>) -> Option<usize> {
        let same = |(at, tally): (usize, &Tally)| {
            (tally.key == key && (!key.is_text() || self.has_text(at, message))).then_some(at)
        };
        self.tallies.iter().enumerate().find_map(same)
    }

    fn has_text(&self, at: usize, message: &Message<'_>) -> bool {
        let known = self.functions.get(at).and_then(|counted| counted.text.as_deref());
        matches!(message.code, Code::Text(text) if known == Some(within(text)))
    }
}

/// How many packets each protocol filled.
#[derive(Debug)]
pub(crate) struct Usage {
    // INVARIANT: a power of two of slots, at least half of them free; a protocol stands in the first free slot from its own on.
    slots: Vec<Option<Used>>,
    count: usize,
}

#[derive(Debug, Clone, Copy)]
struct Used {
    protocol: &'static Protocol,
    packets: u64,
    last: At,
}

impl Default for Usage {
    fn default() -> Self {
        Self { slots: vec![None; 256], count: 0 }
    }
}

impl Usage {
    /// A packet has content of a protocol. Said again for the same packet it counts once.
    #[inline]
    pub(crate) fn packet(&mut self, protocol: &'static Protocol, at: At) {
        let mut place = std::ptr::from_ref(protocol).addr() / align_of::<Protocol>();
        loop {
            let mask = self.slots.len() - 1;
            match self.slots.get_mut(place & mask) {
                Some(Some(used)) if std::ptr::eq(used.protocol, protocol) => {
                    used.packets += u64::from(used.last != at);
                    used.last = at;
                    return;
                }
                Some(slot @ None) => {
                    *slot = Some(Used { protocol, packets: 1, last: at });
                    self.count += 1;
                    if self.count * 2 > self.slots.len() {
                        self.grow();
                    }
                    return;
                }
                _ => place += 1,
            }
        }
    }

    #[cold]
    fn grow(&mut self) {
        let larger = vec![None; self.slots.len() * 2];
        let mask = larger.len() - 1;
        for used in std::mem::replace(&mut self.slots, larger).into_iter().flatten() {
            let mut place = std::ptr::from_ref(used.protocol).addr() / align_of::<Protocol>();
            while self.slots.get(place & mask).is_some_and(Option::is_some) {
                place += 1;
            }
            if let Some(slot) = self.slots.get_mut(place & mask) {
                *slot = Some(used);
            }
        }
    }

    /// Adds what another counted of other packets.
    pub(crate) fn absorb(&mut self, other: &Self) {
        for used in other.slots.iter().flatten() {
            // A place that no packet has: what was counted is added whole.
            self.packet(used.protocol, At { capture: u32::MAX, packet: u64::MAX });
            let known =
                self.slots.iter_mut().flatten().find(|known| std::ptr::eq(known.protocol, used.protocol));
            if let Some(known) = known {
                known.packets = known.packets + used.packets - 1;
                known.last = At::default();
            }
        }
    }

    /// A protocol was met, in packets that nobody counted.
    pub(crate) fn meet(&mut self, protocol: &'static Protocol) {
        if !self.slots.iter().flatten().any(|used| std::ptr::eq(used.protocol, protocol)) {
            self.packet(protocol, At::default());
            for used in self.slots.iter_mut().flatten().filter(|used| std::ptr::eq(used.protocol, protocol)) {
                used.packets = 0;
            }
        }
    }

    /// The protocols that were met.
    pub(crate) fn met(&self) -> impl Iterator<Item = &'static Protocol> + '_ {
        self.slots.iter().flatten().map(|used| used.protocol)
    }

    /// Names and packets.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.slots.iter().flatten().map(|used| (used.protocol.name, used.packets))
    }
}

/// Takes the facts of one packet.
pub(crate) struct Sink<'a> {
    /// Where they go.
    pub(crate) record: &'a mut Record,
    /// Where they stand.
    pub(crate) at: At,
    /// Which side the dissector calls the initiator.
    pub(crate) initiator: Side,
    /// Packets by protocol.
    pub(crate) usage: &'a mut Usage,
    /// Who began, as far as the facts say.
    pub(crate) began: Option<Side>,
    /// Was something malformed?
    pub(crate) malformed: bool,
    /// Whether the first message that asks or answers asked.
    pub(crate) asked: Option<Direction>,
    /// The protocol that was counted last.
    pub(crate) counted: Option<&'static Protocol>,
    /// The protocol that was counted first.
    pub(crate) first: Option<&'static Protocol>,
}

impl Facts for Sink<'_> {
    #[inline]
    fn message(&mut self, protocol: &'static Protocol, element: u8, code: u32, direction: Direction) {
        self.number(protocol, element, code, direction, None, 1);
    }

    #[inline]
    fn messages(
        &mut self,
        protocol: &'static Protocol,
        element: u8,
        code: u32,
        direction: Direction,
        meaning: Option<(&'static str, Class)>,
        count: u32,
    ) {
        self.number(protocol, element, code, direction, meaning, u64::from(count));
    }

    fn say(&mut self, fact: Fact<'_>) {
        match fact {
            Fact::Message(message) => self.count(&message),
            Fact::Identity { about, what, value } => self.identity(about, what, value),
            Fact::Encrypted(encrypted) => {
                // Once seen in the clear stays so: what was readable was not protected.
                let encrypted = encrypted && self.record.encrypted.unwrap_or(true);
                self.record.encrypted = Some(encrypted);
            }
            Fact::Authenticated(authenticated) => {
                let authenticated = authenticated || self.record.authenticated.unwrap_or(false);
                self.record.authenticated = Some(authenticated);
            }
            Fact::ClearTextCredential { what } => {
                self.record.credentials.get_or_insert(self.at);
                self.property("clear-text-credential", what);
            }
            Fact::Property { name, value } => self.property(name, value),
            Fact::Initiator(end) => self.began = Some(self.side(end)),
            Fact::Anomaly { what } => self.anomaly(what),
        }
    }
}

impl Sink<'_> {
    const fn side(&self, end: End) -> Side {
        match end {
            End::Initiator => self.initiator,
            End::Responder => self.initiator.other(),
        }
    }

    #[inline]
    fn number(
        &mut self,
        protocol: &'static Protocol,
        element: u8,
        code: u32,
        direction: Direction,
        meaning: Option<(&'static str, Class)>,
        count: u64,
    ) {
        self.spoken(protocol, direction);
        let key = Key::of(protocol, element, direction, meaning, u64::from(code));
        let record = &mut *self.record;
        // A device that is polled says the same things in the same order.
        if let Some(tally) = record.tallies.get_mut(record.expected as usize)
            && tally.key == key
        {
            tally.count += count;
            (record.recent, record.expected) = (record.expected, tally.next);
            return;
        }
        let code = Code::Number(code);
        self.count_unexpected(key, &Message { protocol, element, code, direction, meaning }, count);
    }

    fn count(&mut self, message: &Message<'_>) {
        let Message { protocol, element, code, direction, meaning } = *message;
        match code {
            Code::Number(code) => self.number(protocol, element, code, direction, meaning, 1),
            Code::Text(text) => {
                self.spoken(protocol, direction);
                let key = Key::of(protocol, element, direction, meaning, digest(within(text)) | TEXT);
                self.count_unexpected(key, message, 1);
            }
        }
    }

    /// A message of a protocol was said.
    #[inline]
    fn spoken(&mut self, protocol: &'static Protocol, direction: Direction) {
        if self.asked.is_none() && direction != Direction::None {
            self.asked = Some(direction);
        }
        if !self.counted.is_some_and(|counted| std::ptr::eq(counted, protocol)) {
            self.another(protocol);
        }
    }

    #[cold]
    #[inline(never)]
    fn count_unexpected(&mut self, key: Key, message: &Message<'_>, count: u64) {
        let Some(at) = self.record.find(key, message).or_else(|| self.add(key, message)) else { return };
        let record = &mut *self.record;
        if let Some(before) = record.tallies.get_mut(record.recent as usize) {
            before.next = at as u32;
        }
        if let Some(tally) = record.tallies.get_mut(at) {
            tally.count += count;
            (record.recent, record.expected) = (at as u32, tally.next);
        }
    }

    /// A message of another protocol than the one before it.
    fn another(&mut self, protocol: &'static Protocol) {
        self.counted = Some(protocol);
        self.first = self.first.or(self.counted);
        self.usage.packet(protocol, self.at);
    }

    /// A function that was not seen before; none if there are too many.
    fn add(&mut self, key: Key, message: &Message<'_>) -> Option<usize> {
        let at = self.record.functions.len();
        if at >= FUNCTIONS_MAX {
            self.record.dropped += 1;
            return None;
        }
        let (number, text) = match message.code {
            Code::Number(number) => (number, None),
            Code::Text(text) => (0, Some(within(text).into())),
        };
        self.record.tallies.push(Tally { key, count: 0, next: 0 });
        self.record.functions.push(Counted {
            protocol: message.protocol,
            element: message.element,
            direction: message.direction,
            number,
            text,
            meaning: message.meaning,
            count: 0,
            first: self.at,
        });
        Some(at)
    }

    fn identity(&mut self, about: End, what: Identity, value: &str) {
        let (about, value) = (self.side(about), within(value.trim()));
        let known = self.record.identities.iter();
        if value.is_empty()
            || known.into_iter().any(|said| said.about == about && said.what == what && &*said.value == value)
        {
            return;
        }
        if self.record.identities.len() < IDENTITIES_MAX {
            self.record.identities.push(Said { about, what, value: value.into(), at: self.at });
        } else {
            self.record.dropped += 1;
        }
    }

    fn property(&mut self, name: &'static str, value: &str) {
        let at = self.at;
        self.record.dropped += note(&mut self.record.properties, name, within(value), at);
    }

    fn anomaly(&mut self, what: &'static str) {
        self.malformed |= what.starts_with("malformed");
        let at = self.at;
        self.record.dropped += note(&mut self.record.anomalies, what, "", at);
    }
}

/// Counts a named thing; says how many were dropped.
fn note(notes: &mut Vec<Noted>, name: &'static str, value: &str, at: At) -> u64 {
    if let Some(known) = notes.iter_mut().find(|noted| noted.name == name && &*noted.value == value) {
        known.count += 1;
        return 0;
    }
    if notes.len() >= PROPERTIES_MAX {
        return 1;
    }
    notes.push(Noted { name, value: value.into(), count: 1, at });
    0
}

/// The part of a text that is kept.
fn within(text: &str) -> &str {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Element, Protection};

    static PROTOCOL: Protocol = Protocol {
        name: "test",
        title: "Test",
        carriers: &[],
        authentication: Protection::Never,
        encryption: Protection::Never,
        integrity: Protection::Never,
        elements: &[Element { name: "function", functions: &[], default_class: Class::Other }],
        documents: &[],
    };

    fn with(record: &mut Record, usage: &mut Usage, packet: u64, say: impl FnOnce(&mut Sink<'_>)) {
        let at = At { capture: 0, packet };
        say(&mut Sink {
            record,
            at,
            initiator: Side::High,
            usage,
            began: None,
            asked: None,
            counted: None,
            first: None,
            malformed: false,
        });
    }

    #[test]
    fn functions_are_counted_apart_up_to_the_limit() {
        let (mut record, mut usage) = (Record::default(), Usage::default());
        with(&mut record, &mut usage, 7, |sink| {
            for code in (0..FUNCTIONS_MAX as u32 + 5).chain(0..3) {
                sink.message(&PROTOCOL, 0, code, Direction::Request);
            }
            sink.say(Fact::Message(Message {
                protocol: &PROTOCOL,
                element: 0,
                code: Code::Number(1),
                direction: Direction::Request,
                meaning: Some(("named", Class::Read)),
            }));
        });
        record.finish();
        assert_eq!((record.functions.len(), record.dropped), (FUNCTIONS_MAX, 6));
        assert_eq!(
            record.functions.iter().map(|counted| counted.count).sum::<u64>(),
            FUNCTIONS_MAX as u64 + 3
        );
        assert_eq!(usage.iter().collect::<Vec<_>>(), [("test", 1)]);
    }

    #[test]
    fn texts_are_kept_so_far_and_once() {
        let (mut record, mut usage) = (Record::default(), Usage::default());
        let long = "ä".repeat(TEXT_BYTES_MAX);
        with(&mut record, &mut usage, 1, |sink| {
            for value in [" plc-1 ", "plc-1", "", &long] {
                sink.say(Fact::Identity { about: End::Initiator, what: Identity::Name, value });
            }
            for number in 0..2 * IDENTITIES_MAX {
                sink.say(Fact::Identity {
                    about: End::Responder,
                    what: Identity::Name,
                    value: &number.to_string(),
                });
            }
        });
        let said: Vec<_> =
            record.identities.iter().take(2).map(|said| (said.about, said.value.len())).collect();
        assert_eq!(said, [(Side::High, 5), (Side::High, TEXT_BYTES_MAX)]);
        assert_eq!((record.identities.len(), record.dropped), (IDENTITIES_MAX, IDENTITIES_MAX as u64 + 2));
    }

    #[test]
    fn what_was_readable_once_was_not_encrypted() {
        let (mut record, mut usage) = (Record::default(), Usage::default());
        with(&mut record, &mut usage, 1, |sink| sink.say(Fact::Encrypted(true)));
        assert_eq!(record.encrypted, Some(true));
        with(&mut record, &mut usage, 2, |sink| sink.say(Fact::Encrypted(false)));
        with(&mut record, &mut usage, 3, |sink| sink.say(Fact::Encrypted(true)));
        assert_eq!(record.encrypted, Some(false));
    }
}
