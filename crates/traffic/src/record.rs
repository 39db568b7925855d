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

impl Counted {
    fn is(&self, message: &Message<'_>) -> bool {
        let same_code = match message.code {
            Code::Number(number) => self.number == number && self.text.is_none(),
            Code::Text(text) => self.text.as_deref() == Some(within(text)),
        };
        same_code
            && self.direction == message.direction
            && self.element == message.element
            && std::ptr::eq(self.protocol, message.protocol)
            && same_meaning(self.meaning, message.meaning)
    }
}

/// Nearly always different for different functions.
fn digest(message: &Message<'_>) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let code = match message.code {
        Code::Number(number) => u64::from(number),
        Code::Text(text) => {
            within(text).bytes().fold(1 << 40, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(ODD))
        }
    };
    let name = message.meaning.map_or(0, |(name, class)| ((name.len() as u64) << 8) + class as u64);
    let kind = u64::from(message.element) << 2 | message.direction as u64;
    let protocol = std::ptr::from_ref(message.protocol).addr() as u64;
    (code.rotate_left(32) ^ name ^ kind << 16 ^ protocol).wrapping_mul(ODD)
}

/// Names stand in tables: the same name is nearly always the same place in memory.
fn same_meaning(a: Option<(&'static str, Class)>, b: Option<(&'static str, Class)>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some((a, a_class)), Some((b, b_class))) => a_class == b_class && (std::ptr::eq(a, b) || a == b),
        _ => false,
    }
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
pub(crate) struct Record {
    pub(crate) functions: Vec<Counted>,
    /// A digest of each function, so that finding one touches little memory.
    // INVARIANT: as long as `functions`, in its order.
    digests: Vec<u64>,
    recent: usize,
    pub(crate) identities: Vec<Said>,
    pub(crate) properties: Vec<Noted>,
    pub(crate) anomalies: Vec<Noted>,
    pub(crate) encrypted: Option<bool>,
    pub(crate) authenticated: Option<bool>,
    pub(crate) credentials: Option<At>,
    /// Facts that were not kept because a limit was reached.
    pub(crate) dropped: u64,
}

/// How many packets each protocol filled.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    entries: Vec<(&'static str, u64, At)>,
    /// The protocol that was met last.
    recent: usize,
}

impl Usage {
    /// A packet has content of a protocol. Said again for the same packet it counts once.
    pub(crate) fn packet(&mut self, protocol: &'static str, at: At) {
        // A pointer compares faster than a name; names are compared only when pointers differ.
        if let Some((name, packets, last)) = self.entries.get_mut(self.recent)
            && std::ptr::eq(*name, protocol)
        {
            *packets += u64::from(*last != at);
            *last = at;
            return;
        }
        let same = |name: &&'static str| std::ptr::eq(*name, protocol) || *name == protocol;
        self.recent = self.entries.iter().position(|(name, ..)| same(name)).unwrap_or_else(|| {
            self.entries.push((protocol, 0, At::default()));
            self.entries.len() - 1
        });
        if let Some((_, packets, last)) = self.entries.get_mut(self.recent) {
            *packets += u64::from(*last != at);
            *last = at;
        }
    }

    /// Names and packets.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.entries.iter().map(|(name, packets, _)| (*name, *packets))
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
}

impl Facts for Sink<'_> {
    #[inline]
    fn message(&mut self, protocol: &'static Protocol, element: u8, code: u32, direction: Direction) {
        self.count(&Message { protocol, element, code: Code::Number(code), direction, meaning: None });
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

    fn count(&mut self, message: &Message<'_>) {
        if message.direction != Direction::None {
            self.asked.get_or_insert(message.direction);
        }
        self.usage.packet(message.protocol.name, self.at);
        let digest = digest(message);
        let Record { functions, digests, recent, .. } = &mut *self.record;
        let same = |(at, known): (usize, &u64)| {
            (*known == digest && functions.get(at).is_some_and(|counted| counted.is(message))).then_some(at)
        };
        // The function that was said last is often said again, many times within one packet.
        let again = digests.get(*recent).and_then(|known| same((*recent, known)));
        match again.or_else(|| digests.iter().enumerate().find_map(same)) {
            Some(at) => {
                *recent = at;
                if let Some(counted) = functions.get_mut(at) {
                    counted.count += 1;
                }
            }
            None if functions.len() < FUNCTIONS_MAX => {
                let (number, text) = match message.code {
                    Code::Number(number) => (number, None),
                    Code::Text(text) => (0, Some(within(text).into())),
                };
                digests.push(digest);
                functions.push(Counted {
                    protocol: message.protocol,
                    element: message.element,
                    direction: message.direction,
                    number,
                    text,
                    meaning: message.meaning,
                    count: 1,
                    first: self.at,
                });
            }
            None => self.record.dropped += 1,
        }
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
