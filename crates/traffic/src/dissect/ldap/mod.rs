//! LDAP: how directories are asked and changed, and how clients prove who they are.
//!
//! Owns messages over TCP and in datagrams (`bind` reads logons, `table` names operations), the layer that SASL puts
//! around them, and the way into TLS. What is hidden is counted and not read.

mod bind;
mod table;

use super::ber::{self, Elements};
use super::octets::printable;
use super::secured::Secured;
use super::sides::InStep;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::Protocol;
use bind::Logon;
pub use table::PROTOCOL;
use table::{HIDDEN, OPERATION, PORT};

const INTEGER: u16 = 0x02;
const OCTETS: u16 = 0x04;
const ENUMERATED: u16 = 0x0a;
const SEQUENCE: u16 = 0x30;

// Operations by the number of their tag.
const BIND_REQUEST: u8 = 0;
const BIND_RESPONSE: u8 = 1;
const SEARCH_REQUEST: u8 = 3;
const SEARCH_ENTRY: u8 = 4;
const EXTENDED_REQUEST: u8 = 23;
const EXTENDED_RESPONSE: u8 = 24;

/// The longest message that is read whole; of a longer one only the beginning is.
const WHOLE_BYTES_MAX: usize = 128 * 1024;
/// Octets that a message needs before it is known what it is.
const HEAD_BYTES: usize = 32;
/// Attributes of an entry that are looked at.
const ATTRIBUTES_MAX: usize = 64;
/// The longest buffer of SASL (RFC 4422, 3.7, leaves it to the mechanism; clients take 16 MiB).
const BUFFER_BYTES_MAX: usize = 16 << 20;

/// The reader of LDAP.
#[derive(Debug, Clone, Copy)]
pub struct Ldap;

impl Dissector for Ldap {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let at_home = hint.port(PORT) || hint.port(3268);
        match head(data) {
            Some(head) if head.is_sure() => Likelihood::Certain,
            Some(head) if at_home && head.is_plausible() => Likelihood::Likely,
            _ if at_home && hint.stream && data.len() < HEAD_BYTES && data.first() == Some(&0x30) => {
                Likelihood::Port
            }
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader {
            stream: hint.stream,
            in_step: InStep::default(),
            upgrade: false,
            secured: Secured::new(hint),
            logon: None,
        })
    }
}

/// The head of a message: how long it is, its operation and that operation's fields.
#[derive(Debug, Clone, Copy)]
struct Head<'a> {
    length: usize,
    operation: u8,
    fields: &'a [u8],
}

impl Head<'_> {
    /// Do the first fields of the operation have the types and values that only LDAP gives them?
    fn is_sure(&self) -> bool {
        let mut fields = self.fields;
        match self.operation {
            BIND_REQUEST => {
                matches!(ber::expect(&mut fields, INTEGER), Some([2 | 3])) && fields.first() == Some(&4)
            }
            SEARCH_REQUEST => {
                ber::expect(&mut fields, OCTETS).is_some()
                    && matches!(ber::expect(&mut fields, ENUMERATED), Some([0..=3]))
                    && matches!(ber::expect(&mut fields, ENUMERATED), Some([0..=3]))
            }
            _ => false,
        }
    }

    /// Do they have the types that they should?
    fn is_plausible(&self) -> bool {
        let first = self.fields.first();
        match self.operation {
            2 => self.fields.is_empty(),
            SEARCH_ENTRY | 6 | 8 | 12 | 14 => first == Some(&4),
            BIND_RESPONSE | 5 | 7 | 9 | 11 | 13 | 15 | EXTENDED_RESPONSE => first == Some(&10),
            EXTENDED_REQUEST => first == Some(&0x80),
            10 | 16 | 19 | 25 => true,
            _ => self.is_sure(),
        }
    }
}

/// Octets of a message by its outer head: a sequence of definite length (RFC 4511, 5.1).
fn outer(data: &[u8]) -> Option<(usize, usize)> {
    match data {
        [0x30, length @ ..=0x7f, ..] => Some((2, usize::from(*length))),
        [0x30, 0x81, length, ..] => Some((3, usize::from(*length))),
        [0x30, 0x82, a, b, ..] => Some((4, usize::from(u16::from_be_bytes([*a, *b])))),
        [0x30, 0x83, a, b, c, ..] => Some((5, u32::from_be_bytes([0, *a, *b, *c]) as usize)),
        [0x30, 0x84, a, b, c, d, ..] => Some((6, u32::from_be_bytes([*a, *b, *c, *d]) as usize)),
        _ => None,
    }
}

fn head(data: &[u8]) -> Option<Head<'_>> {
    let (begins, length) = outer(data)?;
    let content = data.get(begins..)?;
    let mut rest = content.get(..length).unwrap_or(content);
    ber::expect(&mut rest, INTEGER)
        .filter(|number| matches!(number, [0..=0x7f] | [0..=0x7f, _, ..]) && number.len() <= 4)?;
    let operation = ber::take(&mut rest)?;
    let [0, tag] = operation.tag.to_be_bytes() else { return None };
    let number = tag & 0x1f;
    // Three operations have no fields within their tag; all others do.
    let is_plain = matches!(number, 2 | 10 | 16);
    let holds = tag & 0xc0 == 0x40
        && (tag & 0x20 == 0) == is_plain
        && PROTOCOL.function(OPERATION, u32::from(number)).is_some();
    holds.then_some(Head {
        length: begins.saturating_add(length),
        operation: number,
        fields: operation.content,
    })
}

/// One conversation being read.
struct Reader {
    stream: bool,
    in_step: InStep,
    /// Was TLS asked for?
    upgrade: bool,
    /// Goes on after the server agreed to it.
    secured: Secured,
    /// How the client last asked to log on.
    logon: Option<Logon>,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if let Some(progress) = self.secured.read(from, data, facts) {
            return progress;
        }
        let Some((begins, length)) = outer(data) else {
            return match (data, self.logon) {
                ([0x30], _) | ([0x30, 0x81..=0x84, ..], _) => Progress::Need(data.len() + 1),
                // Behind a logon by SASL a length comes before each message (RFC 4422, 3.7).
                ([0, ..], Some(Logon::Sasl)) if self.stream => self.buffer(from, data, facts),
                _ => self.lost(from, data, facts),
            };
        };
        let end = begins.saturating_add(length);
        if data.len() < end.min(HEAD_BYTES) {
            return Progress::Need(end.min(HEAD_BYTES));
        }
        let Some(head) = head(data) else { return self.lost(from, data, facts) };
        if end <= WHOLE_BYTES_MAX && data.len() < end {
            return Progress::Need(end);
        }
        self.in_step.found(from);
        self.operation(from, &head, facts);
        if data.len() >= end { Progress::Consumed(end) } else { Progress::Skip(end) }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if self.secured.cut(from, data, facts) {
            return;
        }
        if let Some(head) = head(data) {
            self.operation(from, &head, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        self.in_step.lost(from);
        self.secured.gap(from).unwrap_or(true)
    }
}

impl Reader {
    fn lost(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if !self.stream {
            facts.say(Fact::Anomaly { what: "malformed-ldap" });
            return Progress::Consumed(data.len());
        }
        self.in_step.fails(from, "malformed-ldap", facts);
        Progress::Lost
    }

    /// A buffer of SASL: signed only, its messages are readable behind the token's head; else it is sealed.
    fn buffer(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(length) = data.first_chunk::<4>() else { return Progress::Need(4) };
        let length = u32::from_be_bytes(*length) as usize;
        if !(16..=BUFFER_BYTES_MAX).contains(&length) {
            return self.lost(from, data, facts);
        }
        let end = length + 4;
        if data.len() < end && end <= WHOLE_BYTES_MAX {
            return Progress::Need(end);
        }
        let token = data.get(4..end).or(data.get(4..)).unwrap_or_default();
        let mut messages = bind::signed(token).unwrap_or_default();
        let readable = head(messages).is_some();
        let value = if readable { "signed" } else { "sealed" };
        facts.say(Fact::Property { name: "sasl-protection", value });
        facts.say(Fact::Encrypted(!readable));
        if !readable {
            facts.message(&PROTOCOL, HIDDEN, 0, Direction::None);
        }
        while let Some(head) = head(messages) {
            self.operation(from, &head, facts);
            messages = messages.get(head.length..).unwrap_or_default();
        }
        self.in_step.found(from);
        if data.len() >= end { Progress::Consumed(end) } else { Progress::Skip(end) }
    }

    fn operation(&mut self, from: End, head: &Head<'_>, facts: &mut dyn Facts) {
        let meaning = match head.operation {
            EXTENDED_REQUEST => {
                let name = ber::find(head.fields, 0x80).unwrap_or_default();
                self.upgrade = name == table::START_TLS_NAME;
                table::extended(name)
            }
            _ => None,
        };
        facts.say(Fact::Message(Message {
            protocol: &PROTOCOL,
            element: OPERATION,
            code: Code::Number(u32::from(head.operation)),
            direction: direction(head.operation),
            meaning,
        }));
        match head.operation {
            BIND_REQUEST => self.logon = bind::request(from, head.fields, facts),
            BIND_RESPONSE => bind::response(from, self.logon, head.fields, facts),
            SEARCH_ENTRY => root_entry(from, head.fields, facts),
            EXTENDED_RESPONSE if self.upgrade => {
                self.upgrade = false;
                if bind::succeeded(head.fields) {
                    self.secured.begin();
                    facts.say(Fact::Property { name: "upgrade", value: "TLS" });
                }
            }
            3 | 6..=15 => facts.say(Fact::Encrypted(false)),
            _ => {}
        }
    }
}

const fn direction(operation: u8) -> Direction {
    match operation {
        0 | 2 | 3 | 6 | 8 | 10 | 12 | 14 | 16 | 23 => Direction::Request,
        _ => Direction::Response,
    }
}

/// The entry with the empty name tells about the server (RFC 4512, 5.1).
fn root_entry(from: End, fields: &[u8], facts: &mut dyn Facts) {
    let mut fields = fields;
    if ber::expect(&mut fields, OCTETS).is_none_or(|name| !name.is_empty()) {
        return;
    }
    let attributes = ber::expect(&mut fields, SEQUENCE).unwrap_or_default();
    for attribute in Elements(attributes).take(ATTRIBUTES_MAX) {
        let Some(kind) = ber::find(attribute.content, OCTETS) else { continue };
        let what = if kind.eq_ignore_ascii_case(b"dnsHostName") {
            Identity::Name
        } else if kind.eq_ignore_ascii_case(b"vendorName") {
            Identity::Vendor
        } else if kind.eq_ignore_ascii_case(b"vendorVersion") {
            Identity::Version
        } else {
            continue;
        };
        let value = ber::find(attribute.content, 0x31).and_then(|values| ber::find(values, OCTETS));
        if let Some(value) = value.and_then(printable) {
            facts.say(Fact::Identity { about: from, what, value });
        }
    }
}
