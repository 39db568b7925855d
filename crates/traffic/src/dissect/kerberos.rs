//! Kerberos (RFC 4120): who asks for tickets of which realm for which service, and how they are enciphered.
//!
//! Over UDP a datagram is a message; over TCP its length stands before it. What is enciphered is not read.

use super::ber::{self, Elements};
use super::brief::Words;
use super::octets::{find, printable};
use super::sides::InStep;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};
use std::fmt::Write as _;

const PORT: u16 = 88;
const MESSAGE: u8 = 0;

/// Kerberos.
pub static PROTOCOL: Protocol = Protocol {
    name: "kerberos",
    title: "Kerberos",
    carriers: &[Carrier::Tcp(PORT), Carrier::Udp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "message", functions: MESSAGES, default_class: Class::Authenticate }],
    documents: &[
        "RFC 4120 (Kerberos V5), 5 and 7",
        "RFC 3961, RFC 3962, RFC 4757, RFC 8009 (encryption types)",
        "RFC 4556 (public keys for initial authentication), RFC 6113 (pre-authentication)",
    ],
};

/// Types of messages (RFC 4120, 7.5.7).
const MESSAGES: &[Function] = &[
    function(10, "as-request", Class::Authenticate),
    function(11, "as-reply", Class::Authenticate),
    function(12, "tgs-request", Class::Authenticate),
    function(13, "tgs-reply", Class::Authenticate),
    function(14, "ap-request", Class::Authenticate),
    function(15, "ap-reply", Class::Authenticate),
    function(20, "safe", Class::Authenticate),
    function(21, "private", Class::Authenticate),
    function(22, "credentials", Class::Authenticate),
    function(30, "error", Class::Authenticate),
];

const AS_REQUEST: u8 = 10;
const AS_REPLY: u8 = 11;
const TGS_REQUEST: u8 = 12;
const TGS_REPLY: u8 = 13;
const AP_REQUEST: u8 = 14;
const ERROR: u8 = 30;

/// Octets of the length before a message over TCP.
const LENGTH_BYTES: usize = 4;
/// The longest message.
const MESSAGE_BYTES_MAX: usize = 128 * 1024;
/// Entries of one list that are looked at.
const LIST_MAX: usize = 32;

/// The reader of Kerberos.
#[derive(Debug, Clone, Copy)]
pub struct Kerberos;

impl Dissector for Kerberos {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let message = if hint.stream {
            match length(data) {
                Some(_) => data.get(LENGTH_BYTES..).unwrap_or_default(),
                None => return Likelihood::No,
            }
        } else {
            data
        };
        if head(message).is_some() {
            Likelihood::Certain
        } else if hint.stream
            && hint.port(PORT)
            && message.len() < 16
            && message.first().is_none_or(|tag| is_tag(*tag))
        {
            Likelihood::Port
        } else {
            Likelihood::No
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { stream: hint.stream, in_step: InStep::default(), proved: None })
    }
}

/// The length before a message, if it is one: the highest bit is kept for later (RFC 4120, 7.2.2).
fn length(data: &[u8]) -> Option<usize> {
    let length = u32::from_be_bytes(*data.first_chunk::<LENGTH_BYTES>()?);
    usize::try_from(length).ok().filter(|length| (10..=MESSAGE_BYTES_MAX).contains(length))
}

/// Is it the application tag of a message?
const fn is_tag(tag: u8) -> bool {
    matches!(tag, 0x6a..=0x6f | 0x74..=0x76 | 0x7e)
}

/// Kind and fields of the message at the start, if it is one: the application's tag, a sequence, version 5, and the
/// kind again.
fn head(message: &[u8]) -> Option<(u8, &[u8])> {
    let mut rest = message;
    let outer = ber::take(&mut rest)?;
    let tag = u8::try_from(outer.tag).ok().filter(|tag| is_tag(*tag))?;
    let kind = tag & 0x1f;
    let fields = ber::find(outer.content, 0x30)?;
    // Requests to the key distribution center count their fields from one.
    let base = if matches!(kind, AS_REQUEST | TGS_REQUEST) { 0xa1 } else { 0xa0 };
    let version = number(ber::find(fields, base)?)?;
    let again = number(ber::find(fields, base + 1)?)?;
    (version == 5 && again == u32::from(kind)).then_some((kind, fields))
}

fn number(field: &[u8]) -> Option<u32> {
    let mut field = field;
    ber::expect(&mut field, 0x02).and_then(ber::unsigned)
}

/// One conversation being read.
struct Reader {
    stream: bool,
    in_step: InStep,
    /// Did the last request for a first ticket prove that its sender knows the key?
    proved: Option<bool>,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if !self.stream {
            let is_cut = head(data).is_some() && ber::take(&mut &*data).is_some_and(|outer| !outer.whole);
            if is_cut {
                return Progress::Need(data.len() + 1);
            }
            self.message(from, data, facts);
            return Progress::Consumed(data.len());
        }
        if data.len() < LENGTH_BYTES {
            return Progress::Need(LENGTH_BYTES);
        }
        let Some(length) = length(data) else {
            self.in_step.fails(from, "malformed-kerberos", facts);
            return Progress::Lost;
        };
        let Some(message) = data.get(LENGTH_BYTES..LENGTH_BYTES + length) else {
            return Progress::Need(LENGTH_BYTES + length);
        };
        self.message(from, message, facts);
        Progress::Consumed(LENGTH_BYTES + length)
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        let message = if self.stream { data.get(LENGTH_BYTES..).unwrap_or_default() } else { data };
        if let Some((kind, fields)) = head(message) {
            self.say(from, kind, fields, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        self.in_step.lost(from);
        true
    }
}

impl Reader {
    fn message(&mut self, from: End, message: &[u8], facts: &mut dyn Facts) {
        match head(message) {
            Some((kind, fields)) => {
                self.in_step.found(from);
                self.say(from, kind, fields, facts);
            }
            None => facts.say(Fact::Anomaly { what: "malformed-kerberos" }),
        }
    }

    fn say(&mut self, from: End, kind: u8, fields: &[u8], facts: &mut dyn Facts) {
        let direction = match kind {
            AS_REQUEST | TGS_REQUEST | AP_REQUEST => Direction::Request,
            AS_REPLY | TGS_REPLY | 15 | ERROR => Direction::Response,
            _ => Direction::None,
        };
        facts.message(&PROTOCOL, MESSAGE, u32::from(kind), direction);
        match kind {
            AS_REQUEST | TGS_REQUEST => {
                if kind == AS_REQUEST {
                    self.proved = Some(proves(ber::find(fields, 0xa3)));
                }
                request(from, fields, facts);
            }
            AS_REPLY | TGS_REPLY => {
                if kind == AS_REPLY && self.proved.take() == Some(false) {
                    // Anybody may have such a ticket and guess the password at leisure.
                    facts.say(Fact::Property { name: "pre-authentication", value: "none" });
                }
                reply(from, fields, facts);
            }
            AP_REQUEST => {
                if let Some(ticket) = ber::find(fields, 0xa3).and_then(|field| ber::find(field, 0x61)) {
                    say_ticket(ticket, facts);
                }
            }
            ERROR => error(fields, facts),
            _ => {}
        }
    }
}

/// Does a list of pre-authentication data prove something: a timestamp, a challenge, a certificate (RFC 4120, 7.5.2)?
fn proves(list: Option<&[u8]>) -> bool {
    let list = list.and_then(|list| ber::find(list, 0x30)).unwrap_or_default();
    Elements(list).take(LIST_MAX).any(|entry| {
        let kind = ber::find(entry.content, 0xa1).and_then(number);
        matches!(kind, Some(2 | 14..=17 | 138))
    })
}

/// Who asks for what, and which ciphers it offers (RFC 4120, 5.4.1).
fn request(from: End, fields: &[u8], facts: &mut dyn Facts) {
    let Some(body) = ber::find(fields, 0xa4).and_then(|field| ber::find(field, 0x30)) else { return };
    if let Some(name) = ber::find(body, 0xa1) {
        say_client(from, name, facts);
    }
    say_realm(ber::find(body, 0xa2), facts);
    if let Some(name) = ber::find(body, 0xa3) {
        say_name("service", name, facts);
    }
    let offered = ber::find(body, 0xa8).and_then(|list| ber::find(list, 0x30)).unwrap_or_default();
    let kinds = Elements(offered).take(LIST_MAX).filter_map(|kind| ber::unsigned(kind.content));
    for value in kinds.filter_map(weak) {
        facts.say(Fact::Property { name: "offers-weak-cipher", value });
    }
    let addresses = ber::find(body, 0xa9).and_then(|list| ber::find(list, 0x30)).unwrap_or_default();
    for address in Elements(addresses).take(LIST_MAX) {
        // A name of NetBIOS (RFC 4120, 7.5.3), filled up with blanks.
        let is_name = ber::find(address.content, 0xa0).and_then(number) == Some(20);
        let name = ber::find(address.content, 0xa1).and_then(|field| ber::find(field, 0x04));
        if let Some(value) = name.filter(|_| is_name).and_then(printable) {
            facts.say(Fact::Identity { about: from, what: Identity::Name, value });
        }
    }
}

/// The ticket that was given (RFC 4120, 5.4.2).
fn reply(from: End, fields: &[u8], facts: &mut dyn Facts) {
    say_realm(ber::find(fields, 0xa3), facts);
    if let Some(name) = ber::find(fields, 0xa4) {
        say_client(from.other(), name, facts);
    }
    if let Some(ticket) = ber::find(fields, 0xa5).and_then(|field| ber::find(field, 0x61)) {
        say_ticket(ticket, facts);
    }
    if let Some(value) = ber::find(fields, 0xa6).and_then(cipher) {
        facts.say(Fact::Property { name: "reply-cipher", value });
    }
    facts.say(Fact::Authenticated(true));
}

/// For which service a ticket is, and what enciphers it (RFC 4120, 5.3).
fn say_ticket(ticket: &[u8], facts: &mut dyn Facts) {
    let Some(fields) = ber::find(ticket, 0x30) else { return };
    if let Some(name) = ber::find(fields, 0xa2) {
        say_name("service", name, facts);
    }
    if let Some(value) = ber::find(fields, 0xa3).and_then(cipher) {
        facts.say(Fact::Property { name: "ticket-cipher", value });
    }
}

/// The cipher of some enciphered data (RFC 4120, 5.2.9).
fn cipher(field: &[u8]) -> Option<&'static str> {
    let kind = number(ber::find(ber::find(field, 0x30)?, 0xa0)?)?;
    Some(weak(kind).unwrap_or(match kind {
        16 => "des3-cbc-sha1",
        17 => "aes128-cts-hmac-sha1-96",
        18 => "aes256-cts-hmac-sha1-96",
        19 => "aes128-cts-hmac-sha256-128",
        20 => "aes256-cts-hmac-sha384-192",
        25 => "camellia128-cts-cmac",
        26 => "camellia256-cts-cmac",
        _ => "other",
    }))
}

/// Ciphers that are broken, or were withdrawn (RFC 6649, RFC 8429).
const fn weak(kind: u32) -> Option<&'static str> {
    Some(match kind {
        1 => "des-cbc-crc",
        2 => "des-cbc-md4",
        3 => "des-cbc-md5",
        23 => "rc4-hmac",
        24 => "rc4-hmac-exp",
        _ => return None,
    })
}

fn say_realm(field: Option<&[u8]>, facts: &mut dyn Facts) {
    if let Some(value) = field.and_then(|field| ber::find(field, 0x1b)).and_then(printable) {
        facts.say(Fact::Property { name: "realm", value });
    }
}

/// A client: a computer's account ends in `$`, others are users.
fn say_client(about: End, name: &[u8], facts: &mut dyn Facts) {
    let Some(words) = principal(name) else { return };
    match words.as_str().strip_suffix('$') {
        Some(value) if !value.is_empty() => facts.say(Fact::Identity { about, what: Identity::Name, value }),
        _ => facts.say(Fact::Property { name: "user", value: words.as_str() }),
    }
}

fn say_name(property: &'static str, name: &[u8], facts: &mut dyn Facts) {
    if let Some(words) = principal(name) {
        facts.say(Fact::Property { name: property, value: words.as_str() });
    }
}

/// The parts of a name, as they are written: `host/hmi-1` (RFC 4120, 5.2.2). Without a part that is not printable.
fn principal(field: &[u8]) -> Option<Words> {
    let parts = ber::find(ber::find(field, 0x30)?, 0xa1).and_then(|list| ber::find(list, 0x30))?;
    let mut words = Words::new();
    for (index, part) in Elements(parts).take(LIST_MAX).enumerate() {
        let part = printable(part.content)?;
        write!(words, "{}{part}", if index == 0 { "" } else { "/" }).ok()?;
    }
    (!words.as_str().is_empty()).then_some(words)
}

/// Is there a Kerberos request for a service in a token of another protocol? It begins with version and type of an
/// AP-REQ (RFC 4120, 5.5.1), whatever wraps it.
pub(crate) fn has_request(token: &[u8]) -> bool {
    find(token, &[0xa0, 3, 2, 1, 5, 0xa1, 3, 2, 1, AP_REQUEST]).is_some()
}

/// What was refused (RFC 4120, 7.5.9).
fn error(fields: &[u8], facts: &mut dyn Facts) {
    let value = match ber::find(fields, 0xa6).and_then(number) {
        Some(6) => "client-unknown",
        Some(7) => "service-unknown",
        Some(12) => "policy",
        Some(14) => "cipher-not-supported",
        Some(18) => "client-revoked",
        Some(23) => "key-expired",
        Some(24) => "pre-authentication-failed",
        // The usual first answer, and the advice to ask again over TCP.
        Some(25 | 52) => return,
        Some(31) => "integrity",
        Some(32) => "ticket-expired",
        Some(37) => "clock-skew",
        Some(41) => "modified",
        Some(68) => "wrong-realm",
        _ => "other",
    };
    facts.say(Fact::Property { name: "refused", value });
}
