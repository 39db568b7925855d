//! RDP over TCP (MS-RDPBCGR): what security client and server agree on, who connects, and TLS after that.
//!
//! Of standard security the method and level are read; what is encrypted, and updates of the screen, are passed over.

mod table;

pub use table::PROTOCOL;

use self::table::{NEGOTIATION, PORT};
use super::fields::{bytes, le16, le32, rest, u8_at};
use super::iso;
use super::octets::{find, printable};
use super::secured::Secured;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::Protocol;

/// Octets before the variable part of a connection request or confirm: TPKT, length, code, references, class.
const FIXED_LENGTH: usize = 11;
/// Octets of a negotiation (2.2.1.1.1).
const NEGOTIATION_LENGTH: u16 = 8;
/// Longest connection request that is believed: a cookie and a negotiation.
const REQUEST_LENGTH_MAX: usize = 300;
/// Codes of a connection request and confirm (X.224, 13.3 and 13.4).
const REQUEST: u8 = 0xE0;
const CONFIRM: u8 = 0xD0;
/// Blocks of settings (2.2.1.3.1): of the client its core, of the server its security.
const CLIENT_CORE: u16 = 0xC001;
const SERVER_SECURITY: u16 = 0x0C02;
/// Blocks of settings that are looked at.
const BLOCKS_MAX: usize = 16;

/// The reader of RDP.
#[derive(Debug)]
pub struct Rdp;

impl Dissector for Rdp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let tpkt = hint.stream && iso::tpkt_length(data).is_some() && iso::is_reserved_unused(data);
        match connection(data) {
            _ if !tpkt => Likelihood::No,
            Some(connection) if connection.is_negotiated() => Likelihood::Certain,
            Some(_) if hint.port(PORT) => Likelihood::Likely,
            None if hint.port(PORT) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { secured: Secured::new(hint), opaque: false })
    }
}

/// A connection request or confirm.
#[derive(Debug, Clone, Copy)]
struct Connection<'a> {
    asks: bool,
    cookie: Option<&'a [u8]>,
    /// Kind and value of a negotiation.
    negotiation: Option<(u8, u32)>,
    /// Does the variable part hold nothing else?
    whole: bool,
}

impl Connection<'_> {
    /// Does it say what only RDP says?
    const fn is_negotiated(&self) -> bool {
        self.whole && (self.cookie.is_some() || self.negotiation.is_some())
    }
}

/// Reads a connection request or confirm, in its TPKT.
fn connection(data: &[u8]) -> Option<Connection<'_>> {
    let code = u8_at(data, 5)? & 0xF0;
    if !matches!(code, REQUEST | CONFIRM) {
        return None;
    }
    let end = 5 + usize::from(u8_at(data, 4)?);
    let mut variable = data.get(FIXED_LENGTH..end)?;
    let mut cookie = None;
    // `Cookie: mstshash=NAME`, or a routing token in its place (2.2.1.1), each with a line's end.
    if code == REQUEST
        && let Some(line_end) = find(variable, b"\r\n")
        && (variable.starts_with(b"Cookie: ") || variable.starts_with(b"tsv://"))
    {
        cookie = variable.get(..line_end);
        variable = rest(variable, line_end + 2);
    }
    let negotiation = match (u8_at(variable, 0), le16(variable, 2)) {
        (Some(kind), Some(NEGOTIATION_LENGTH))
            if (kind == 1) == (code == REQUEST) && (1..=3).contains(&kind) =>
        {
            le32(variable, 4).map(|value| (kind, value))
        }
        _ => None,
    };
    // A client may add what relates connections to each other (2.2.1.1.2): kind 6, of 36 octets.
    let after = if negotiation.is_some() { rest(variable, 8) } else { variable };
    let whole = after.is_empty() || u8_at(after, 0) == Some(6);
    Some(Connection { asks: code == REQUEST, cookie, negotiation, whole })
}

/// One conversation being read.
struct Reader {
    secured: Secured,
    /// Is the rest encrypted, or of no interest?
    opaque: bool,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        self.secured.begin_at(from, data);
        if let Some(progress) = self.secured.read(from, data, facts) {
            return progress;
        }
        if self.opaque {
            return Progress::Skip(data.len());
        }
        match data {
            [3, ..] => self.tpkt(from, data, facts),
            // Updates without a TPKT: action zero, a length of one octet or two (2.2.8.1.2, 2.2.9.1.2).
            [head, length @ 2..=0x7F, ..] if head & 3 == 0 => Progress::Skip(usize::from(*length)),
            [head, high @ 0x80..=0xFF, low, ..] if head & 3 == 0 => {
                Progress::Skip(usize::from(u16::from_be_bytes([high & 0x7F, *low])).max(3))
            }
            [head] | [head, 0x80..=0xFF] if head & 3 == 0 => Progress::Need(data.len() + 1),
            _ => {
                facts.say(Fact::Anomaly { what: "rdp-header" });
                Progress::Lost
            }
        }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if !self.secured.cut(from, data, facts)
            && let Some(connection) = connection(data)
        {
            self.connection(from, connection, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        self.secured.gap(from).unwrap_or(self.opaque)
    }
}

impl Reader {
    fn tpkt(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if data.len() < 6 {
            return Progress::Need(6);
        }
        let Some(length) = iso::tpkt_length(data) else {
            facts.say(Fact::Anomaly { what: "rdp-header" });
            return Progress::Lost;
        };
        let Some(tpkt) = data.get(..length) else { return Progress::Need(length) };
        match u8_at(tpkt, 5).map(|code| code & 0xF0) {
            Some(REQUEST | CONFIRM) => match connection(tpkt).filter(|_| length <= REQUEST_LENGTH_MAX) {
                Some(connection) => self.connection(from, connection, facts),
                None => facts.say(Fact::Anomaly { what: "rdp-connection" }),
            },
            Some(0xF0) => settings(from, rest(tpkt, iso::TPKT_BYTES + 3), facts),
            _ => {}
        }
        Progress::Consumed(length)
    }

    fn connection(&mut self, from: End, connection: Connection<'_>, facts: &mut dyn Facts) {
        facts.say(Fact::Initiator(if connection.asks { from } else { from.other() }));
        let name = connection.cookie.and_then(|cookie| cookie.strip_prefix(b"Cookie: mstshash="));
        if let Some(value) = name.and_then(printable) {
            facts.say(Fact::Property { name: "user-name", value });
        }
        if let Some((kind, _)) = connection.negotiation {
            facts.message(&PROTOCOL, NEGOTIATION, u32::from(kind), Direction::None);
        }
        match connection.negotiation {
            Some((2, chosen)) => self.chosen(chosen, facts),
            Some((3, code)) => {
                facts.say(Fact::Property { name: "rdp-negotiation-failure", value: table::failure(code) });
            }
            // A server that knows no negotiation uses standard security.
            None if !connection.asks => self.chosen(0, facts),
            _ => {}
        }
    }

    fn chosen(&mut self, chosen: u32, facts: &mut dyn Facts) {
        facts.say(Fact::Property { name: "rdp-security", value: table::security(chosen) });
        if chosen == 0 {
            return;
        }
        // CredSSP proves who both are before the session begins (5.4.5.2); TLS alone leaves the user to log in within.
        if matches!(chosen, 2 | 8) {
            facts.say(Fact::Authenticated(true));
        }
        self.secured.begin();
    }
}

/// The settings that client and server tell each other in the clear (2.2.1.3, 2.2.1.4): blocks after the mark of T.124.
fn settings(from: End, data: &[u8], facts: &mut dyn Facts) {
    let (mark, from_client) = match (find(data, b"Duca"), find(data, b"McDn")) {
        (Some(mark), _) => (mark, true),
        (None, Some(mark)) => (mark, false),
        _ => return,
    };
    // A length of one octet or two follows (X.691, 10.9).
    let after = rest(data, mark + 4);
    let mut blocks = rest(after, if u8_at(after, 0).is_some_and(|octet| octet & 0x80 != 0) { 2 } else { 1 });
    for _ in 0..BLOCKS_MAX {
        let (Some(kind), Some(length @ 4..)) = (le16(blocks, 0), le16(blocks, 2)) else { return };
        let length = usize::from(length);
        let block = bytes(blocks, 0, length).unwrap_or(blocks);
        match (kind, from_client) {
            (CLIENT_CORE, true) => client_core(from, block, facts),
            (SERVER_SECURITY, false) => server_security(block, facts),
            _ => {}
        }
        blocks = rest(blocks, length);
    }
}

/// The client's name, sixteen UTF-16 units at most (2.2.1.3.2).
fn client_core(about: End, block: &[u8], facts: &mut dyn Facts) {
    let mut room = [0; 48];
    if let Some(value) = bytes(block, 24, 32).and_then(|name| super::lines::utf16(name, &mut room)) {
        facts.say(Fact::Identity { about, what: Identity::Name, value });
    }
}

/// Method and level of standard security (2.2.1.4.3).
fn server_security(block: &[u8], facts: &mut dyn Facts) {
    let (Some(method), Some(level)) = (le32(block, 4), le32(block, 8)) else { return };
    facts.say(Fact::Property { name: "rdp-encryption-method", value: table::method(method) });
    facts.say(Fact::Property { name: "rdp-encryption-level", value: table::level(level) });
    // Where TLS protects the session both are zero, and this is not read. The server's key is not certified by anybody
    // (5.3.4), so nobody is proven to be who he is.
    // The low level leaves what the server sends in the clear.
    facts.say(Fact::Encrypted(method != 0 && level > 1));
    facts.say(Fact::Authenticated(false));
}
