//! AMQP over TCP: 0-9-1 (`classic`, with 0-8 and 0-9) and 1.0 (`modern`), told apart by each message's first octet.
//!
//! Owns protocol headers, who is the client, and what SASL says in clear text. Contents of messages are passed over.

mod classic;
mod modern;
mod table;

pub use table::PROTOCOL;

use self::table::PORT;
use super::octets::printable;
use super::once::Once;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{End, Fact, Facts};
use crate::protocol::Protocol;

/// Octets of a protocol header (0-9-1, 4.2.2; 1.0, part 2, 2.2).
const HEADER_LENGTH: usize = 8;

/// The reader of AMQP.
#[derive(Debug)]
pub struct Amqp;

impl Dissector for Amqp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if !hint.stream {
            return Likelihood::No;
        }
        if data.starts_with(b"AMQP") {
            return match data.first_chunk().map(version) {
                Some(Some(_)) => Likelihood::Certain,
                Some(None) => Likelihood::No,
                None => Likelihood::Likely,
            };
        }
        let known = match data.first() {
            Some(0) => modern::probe(data),
            _ => classic::probe(data),
        };
        match (known, hint.port(PORT)) {
            (Some(true), _) => Likelihood::Likely,
            (Some(false), true) => Likelihood::Port,
            (None, true) if data.len() < HEADER_LENGTH && matches!(data, [0..=3 | 8 | b'A', ..]) => {
                Likelihood::Port
            }
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let client = match (hint.source_port == PORT, hint.destination_port == PORT) {
            (true, false) => hint.from.other(),
            (false, true) => hint.from,
            _ => End::Initiator,
        };
        Box::new(Reader { peers: Peers { client, known: false, names: Once::default() }, said: false })
    }
}

/// The version that a protocol header names.
fn version(header: &[u8; HEADER_LENGTH]) -> Option<&'static str> {
    match header.strip_prefix(b"AMQP")? {
        [0, 0, 9, 1] => Some("0-9-1"),
        [1, 1, 0, 9] | [1, 1, 9, 1] => Some("0-9"),
        [1, 1, 8, 0] | [0, 0, 8, 0] => Some("0-8"),
        [1, 1, 0, 10] => Some("0-10"),
        [0 | 2 | 3, 1, 0, 0] => Some("1.0"),
        _ => None,
    }
}

/// Who is the client, and what was named already.
struct Peers {
    client: End,
    known: bool,
    names: Once<8>,
}

impl Peers {
    fn say_client(&mut self, client: End, facts: &mut dyn Facts) {
        if !self.known {
            (self.client, self.known) = (client, true);
            facts.say(Fact::Initiator(client));
        }
    }
}

/// One conversation being read.
struct Reader {
    peers: Peers,
    /// Was it said that what is read is in clear text?
    said: bool,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        match data.first() {
            Some(b'A') => self.header(from, data, facts),
            Some(0) => modern::read(&mut self.peers, from, data, facts),
            _ => classic::read(&mut self.peers, from, data, facts),
        }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        match data.first() {
            Some(0) => modern::cut(&self.peers, from, data, facts),
            _ => classic::cut(data, facts),
        }
    }

    // A frame has no mark by which it could be found again.
    fn gap(&mut self, _from: End) -> bool {
        false
    }
}

impl Reader {
    fn header(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(header) = data.first_chunk::<HEADER_LENGTH>() else { return Progress::Need(HEADER_LENGTH) };
        if !header.starts_with(b"AMQP") {
            facts.say(Fact::Anomaly { what: "amqp-header" });
            return Progress::Lost;
        }
        // A server answers a version that it does not speak with one that it does.
        self.peers.say_client(from, facts);
        if let Some(value) = version(header) {
            facts.say(Fact::Property { name: "amqp-version", value });
        }
        if header.get(4) == Some(&2) && from == self.peers.client {
            facts.say(Fact::Property { name: "upgrade", value: "TLS" });
        } else if !std::mem::replace(&mut self.said, true) {
            facts.say(Fact::Encrypted(false));
        }
        Progress::Consumed(HEADER_LENGTH)
    }
}

/// How a client proves who it is (RFC 4422): PLAIN (RFC 4616) hands over name and password.
fn say_sasl(mechanism: &[u8], response: &[u8], facts: &mut dyn Facts) {
    if let Some(value) = printable(mechanism) {
        facts.say(Fact::Property { name: "sasl-mechanism", value });
    }
    facts.say(Fact::Authenticated(mechanism != b"ANONYMOUS"));
    if mechanism != b"PLAIN" {
        return;
    }
    let mut parts = response.split(|&octet| octet == 0).skip(1);
    if let Some(value) = parts.next().and_then(printable) {
        facts.say(Fact::Property { name: "user-name", value });
    }
    if parts.next().is_some_and(|password| !password.is_empty()) {
        facts.say(Fact::ClearTextCredential { what: "password" });
    }
}
