//! TLS (RFC 8446, RFC 5246): records, and the handshake as long as it is in clear.
//!
//! Owns records and the joining of handshake messages; what is encrypted is passed over without being kept.

pub(crate) mod certificate;
mod hello;
mod ja4;
mod sha256;
mod table;

pub use table::PROTOCOL;

use self::certificate::Certificate;
use self::table::HANDSHAKE;
use super::octets::Octets;
use super::sides::{InStep, Sides};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::Protocol;

/// Octets of a record's header (RFC 8446, 5.1).
const HEADER_LENGTH: usize = 5;
/// Longest content of a record: 2^14 octets, and 2048 for what encryption adds (RFC 5246, 6.2.3).
const CONTENT_LENGTH_MAX: usize = (1 << 14) + 2048;
/// Longest handshake message that is joined; certificate chains are the longest.
const HANDSHAKE_LENGTH_MAX: usize = 64 * 1024;

/// Ports at which nothing else is met.
const HTTPS_PORTS: [u16; 2] = [443, 8443];

/// Content types (RFC 8446, B.1).
const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE_CONTENT: u8 = 22;
const APPLICATION_DATA: u8 = 23;
const HEARTBEAT: u8 = 24;

/// The reader of TLS.
#[derive(Debug)]
pub struct Tls;

impl Dissector for Tls {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if !hint.stream {
            return Likelihood::No;
        }
        // A long record is met from its middle most of the time, and what it holds looks like nothing.
        let is_text =
            data.iter().take(16).all(|octet| octet.is_ascii_graphic() || octet.is_ascii_whitespace());
        let otherwise = if HTTPS_PORTS.iter().any(|&port| hint.port(port)) && !is_text {
            Likelihood::Port
        } else {
            Likelihood::No
        };
        let Some(record) = Record::read(data) else {
            return if old_hello(data).is_some() { Likelihood::Likely } else { otherwise };
        };
        let first = data.get(HEADER_LENGTH);
        match record.content {
            HANDSHAKE_CONTENT if matches!(first, Some(1 | 2)) => Likelihood::Certain,
            APPLICATION_DATA | HANDSHAKE_CONTENT if record.is_followed(data) => Likelihood::Likely,
            ALERT if record.is_followed(data) && record.length >= 2 => Likelihood::Likely,
            CHANGE_CIPHER_SPEC if record.length == 1 && first == Some(&1) => Likelihood::Likely,
            _ => otherwise,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader {
            encrypted: Sides::default(),
            joined: Sides::default(),
            in_step: InStep::default(),
            said: false,
            showed: None,
        })
    }
}

/// A record's header.
#[derive(Debug, Clone, Copy)]
struct Record {
    content: u8,
    length: usize,
}

impl Record {
    /// The header at the start of these octets, if it is one.
    fn read(data: &[u8]) -> Option<Self> {
        let [content, major, minor, high, low] = *data.first_chunk::<HEADER_LENGTH>()?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let good = (CHANGE_CIPHER_SPEC..=HEARTBEAT).contains(&content)
            && major == 3
            && minor <= 4
            && length <= CONTENT_LENGTH_MAX
            && (length > 0 || content == APPLICATION_DATA);
        good.then_some(Self { content, length })
    }

    /// Octets of the whole record.
    const fn whole(self) -> usize {
        HEADER_LENGTH + self.length
    }

    /// Does another record, or nothing yet, follow?
    fn is_followed(self, data: &[u8]) -> bool {
        match data.get(self.whole()..) {
            None | Some([]) => true,
            Some(rest) if rest.len() < HEADER_LENGTH => {
                matches!(rest.first(), Some(CHANGE_CIPHER_SPEC..=HEARTBEAT))
            }
            Some(rest) => Self::read(rest).is_some(),
        }
    }
}

/// The length of a client hello in the format of SSL 2.0 that offers SSL 3.0 or later (RFC 5246, E.2).
fn old_hello(data: &[u8]) -> Option<usize> {
    match *data {
        [high @ 0x80..=0xFF, low, 1, 3, 0..=3, ..] => {
            Some(2 + usize::from(u16::from_be_bytes([high & 0x7F, low])))
        }
        _ => None,
    }
}

/// How many octets to let go so that a record's header comes first: one that another follows, or nothing.
fn resynchronize(data: &[u8]) -> usize {
    let begins = |at: &usize| {
        let rest = data.get(*at..).unwrap_or_default();
        Record::read(rest).is_some_and(|record| record.is_followed(rest))
    };
    (1..data.len()).find(begins).unwrap_or(data.len())
}

/// One conversation being read.
struct Reader {
    /// By sender: has it begun to encrypt?
    encrypted: Sides<bool>,
    /// By sender: the beginning of a handshake message of which more is to come.
    joined: Sides<Vec<u8>>,
    in_step: InStep,
    /// Was it said that the session is encrypted?
    said: bool,
    /// Who showed a certificate, until the other sends data: it took the certificate.
    showed: Option<End>,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if data.len() < HEADER_LENGTH {
            return Progress::Need(HEADER_LENGTH);
        }
        let Some(record) = Record::read(data) else {
            if let Some(whole) = old_hello(data) {
                facts.message(&PROTOCOL, HANDSHAKE, 1, Direction::Request);
                facts.say(Fact::Initiator(from));
                return Progress::Skip(whole);
            }
            self.in_step.fails(from, "tls-record", facts);
            return Progress::Consumed(resynchronize(data));
        };
        self.in_step.found(from);
        if record.content == HANDSHAKE_CONTENT && !*self.encrypted.of(from) {
            let mut octets = Octets::new(data);
            let content = octets.skip(HEADER_LENGTH).and_then(|()| octets.take(record.length));
            let Some(content) = content else { return Progress::Need(record.whole()) };
            self.handshake(from, content, facts);
        } else if record.content == CHANGE_CIPHER_SPEC {
            *self.encrypted.of(from) = true;
        } else if record.content == APPLICATION_DATA {
            self.data(from, facts);
        }
        Progress::Skip(record.whole())
    }

    fn gap(&mut self, from: End) -> bool {
        self.in_step.lost(from);
        self.joined.of(from).clear();
        // The change may have been lost; a handshake in clear would be told from ciphertext by nothing.
        *self.encrypted.of(from) = true;
        true
    }
}

impl Reader {
    /// Data of the application from one end.
    fn data(&mut self, from: End, facts: &mut dyn Facts) {
        if !self.said {
            self.said = true;
            // Where the hello was not seen. Suites without encryption are so rare that they are not thought of here.
            facts.say(Fact::Encrypted(true));
        }
        if self.showed == Some(from.other()) {
            self.showed = None;
            facts.say(Fact::Property { name: "certificate-accepted", value: "by the peer" });
        }
    }

    /// Reads handshake messages, which records may hold several of, or parts of (RFC 8446, 5.1).
    fn handshake(&mut self, from: End, content: &[u8], facts: &mut dyn Facts) {
        let joined = std::mem::take(self.joined.of(from));
        let mut buffer;
        let all = if joined.is_empty() {
            content
        } else {
            buffer = joined;
            buffer.extend_from_slice(content);
            &buffer
        };
        let mut octets = Octets::new(all);
        loop {
            let rest = octets.rest();
            let (Some(kind), Some(length)) = (octets.u8(), octets.u24_be()) else {
                self.keep(from, rest, 4, facts);
                return;
            };
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let Some(body) = octets.take(length) else {
                self.keep(from, rest, length, facts);
                return;
            };
            self.message(from, kind, body, facts);
        }
    }

    /// Keeps the beginning of a message that will be this long.
    fn keep(&mut self, from: End, rest: &[u8], length: usize, facts: &mut dyn Facts) {
        if length > HANDSHAKE_LENGTH_MAX {
            facts.say(Fact::Anomaly { what: "tls-handshake-limit" });
            *self.encrypted.of(from) = true;
            return;
        }
        self.joined.of(from).extend_from_slice(rest);
    }

    fn message(&mut self, from: End, kind: u8, body: &[u8], facts: &mut dyn Facts) {
        let direction = match kind {
            1 | 15 | 16 => Direction::Request,
            0 | 2 | 4 | 12..=14 | 22 => Direction::Response,
            _ => Direction::None,
        };
        if PROTOCOL.function(HANDSHAKE, u32::from(kind)).is_none() {
            facts.say(Fact::Anomaly { what: "tls-handshake-unknown" });
            *self.encrypted.of(from) = true;
            return;
        }
        facts.message(&PROTOCOL, HANDSHAKE, u32::from(kind), direction);
        let understood = match kind {
            1 => {
                facts.say(Fact::Initiator(from));
                hello::client(body, facts)
            }
            2 => {
                facts.say(Fact::Initiator(from.other()));
                self.said = true;
                hello::server(body).map(|chosen| hello::say(chosen, facts))
            }
            11 => certificate(body, facts).map(|shown| {
                if shown && self.showed.is_none() {
                    self.showed = Some(from);
                }
            }),
            _ => Some(()),
        };
        if understood.is_none() {
            facts.say(Fact::Anomaly { what: "tls-handshake" });
        }
    }
}

/// A certificate message in clear, which only TLS up to 1.2 has (RFC 5246, 7.4.2): the first is the sender's own. Says whether
/// there is one.
fn certificate(body: &[u8], facts: &mut dyn Facts) -> Option<bool> {
    let mut octets = Octets::new(body);
    let list = octets.u24_be().and_then(|length| octets.take(usize::try_from(length).ok()?))?;
    let mut list = Octets::new(list);
    if list.is_empty() {
        // A client without a certificate.
        return Some(false);
    }
    let first = list.u24_be().and_then(|length| list.take(usize::try_from(length).ok()?))?;
    say_certificate(&Certificate::read(first)?, facts);
    Some(true)
}

/// Says what a certificate says.
pub(crate) fn say_certificate(certificate: &Certificate<'_>, facts: &mut dyn Facts) {
    let properties = [
        ("certificate-subject", certificate.subject),
        ("certificate-issuer", certificate.issuer),
        ("certificate-not-before", certificate.not_before),
        ("certificate-not-after", certificate.not_after),
        ("certificate-key", certificate.key.as_deref()),
        ("certificate-signature", certificate.signature),
    ];
    for (name, value) in properties {
        if let Some(value) = value {
            facts.say(Fact::Property { name, value });
        }
    }
}
