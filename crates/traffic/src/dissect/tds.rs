//! TDS, the protocol of Microsoft SQL Server (MS-TDS): versions, encryption, logins with passwords that are only
//! disguised, and whether queries read or write.

use super::fields::{be16, bytes, le16, le32, rest, u8_at};
use super::lines::utf16;
use super::secured::Secured;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The registered port.
const PORT: u16 = 1433;
/// Index of the element that counts messages.
const MESSAGE: u8 = 0;
/// Octets of a packet's header (2.2.3.1).
const HEADER_LENGTH: usize = 8;
/// Octets of a packet that are read; what follows is data.
const READ_LENGTH_MAX: usize = 4096;
/// Kinds of packets.
const BATCH: u8 = 1;
const CALL: u8 = 3;
const RESPONSE: u8 = 4;
const LOGIN: u8 = 16;
const PRELOGIN: u8 = 18;
/// Tokens of a response that are passed over to find the acknowledgment of a login.
const TOKENS_MAX: usize = 32;
/// Options of a prelogin.
const OPTIONS_MAX: usize = 16;

/// TDS.
pub static PROTOCOL: Protocol = Protocol {
    name: "tds",
    title: "Tabular data stream (SQL Server)",
    carriers: &[Carrier::Tcp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "message", functions: MESSAGES, default_class: Class::Other }],
    documents: &["MS-TDS 2.2.3 (packets), 2.2.6 (messages)"],
};

/// Kinds of packets (2.2.3.1.1).
const MESSAGES: &[Function] = &[
    function(1, "sql-batch", Class::Write),
    function(2, "old-login", Class::Authenticate),
    function(3, "remote-procedure-call", Class::Write),
    function(4, "tabular-result", Class::Read),
    function(6, "attention", Class::Session),
    function(7, "bulk-load", Class::Write),
    function(8, "federated-authentication", Class::Authenticate),
    function(14, "transaction-request", Class::Session),
    function(16, "login", Class::Authenticate),
    function(17, "sspi", Class::Authenticate),
    function(18, "prelogin", Class::Session),
];

/// What a batch is that only asks.
const QUERY: (&str, Class) = ("sql-query", Class::Read);

/// The reader of TDS.
#[derive(Debug)]
pub struct Tds;

impl Dissector for Tds {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let Some(header) = Header::read(data).filter(|_| hint.stream) else { return Likelihood::No };
        let body = rest(data, HEADER_LENGTH);
        match header.kind {
            PRELOGIN
                if options(body).next().is_some_and(|(kind, _)| kind == 0) && header.whole == data.len() =>
            {
                Likelihood::Certain
            }
            LOGIN if is_login(body) => Likelihood::Certain,
            // The window is not used and zero (2.2.3.1.6), as nearly everybody leaves it.
            _ if hint.port(PORT) && u8_at(data, 7) == Some(0) => Likelihood::Likely,
            _ if hint.port(PORT) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let client = if hint.source_port == PORT { hint.from.other() } else { hint.from };
        Box::new(Reader {
            secured: Secured::new(hint),
            client,
            continued: [false; 2],
            encrypted: false,
            prelogin: false,
        })
    }
}

/// A packet's header.
#[derive(Debug, Clone, Copy)]
struct Header {
    kind: u8,
    last: bool,
    whole: usize,
}

impl Header {
    fn read(data: &[u8]) -> Option<Self> {
        let kind = u8_at(data, 0)?;
        let status = u8_at(data, 1)?;
        let whole = usize::from(be16(data, 2)?);
        let known = PROTOCOL.function(MESSAGE, u32::from(kind)).is_some();
        (known && status & 0xE0 == 0 && whole >= HEADER_LENGTH).then_some(Self {
            kind,
            last: status & 1 != 0,
            whole,
        })
    }
}

/// The options of a prelogin: kinds and values (2.2.6.5).
fn options(body: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    (0..OPTIONS_MAX).map_while(move |index| {
        let kind = u8_at(body, index * 5).filter(|kind| *kind != 0xFF)?;
        let (offset, length) = (be16(body, index * 5 + 1)?, be16(body, index * 5 + 3)?);
        Some((kind, bytes(body, usize::from(offset), usize::from(length))?))
    })
}

/// Does a login begin here: its own length, and a version that exists (2.2.6.4)?
fn is_login(body: &[u8]) -> bool {
    let version = le32(body, 4).map_or(0, |version| version >> 24);
    le32(body, 0).is_some_and(|length| (86..=128 * 1024).contains(&length)) && matches!(version, 0x70..=0x74)
}

/// One conversation being read.
struct Reader {
    secured: Secured,
    client: End,
    /// Does the next packet go on with a message? The client's, the server's.
    continued: [bool; 2],
    /// Did both agree to encrypt all?
    encrypted: bool,
    /// Was a prelogin seen, of which the server's answer has the kind of a result?
    prelogin: bool,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        self.secured.begin_at(from, data);
        if let Some(progress) = self.secured.read(from, data, facts) {
            return progress;
        }
        // After a handshake within packets, records of TLS stand alone.
        if let [0x14..=0x17, 3, 0..=4, ..] = data {
            self.say_encrypted(facts);
            return be16(data, 3).map_or(Progress::Need(5), |length| Progress::Skip(5 + usize::from(length)));
        }
        if data.len() < HEADER_LENGTH {
            return Progress::Need(HEADER_LENGTH);
        }
        let Some(header) = Header::read(data) else {
            facts.say(Fact::Anomaly { what: "tds-header" });
            return Progress::Lost;
        };
        let wanted = header.whole.min(READ_LENGTH_MAX);
        let Some(body) = data.get(HEADER_LENGTH..wanted) else { return Progress::Need(wanted) };
        let [client, server] = &mut self.continued;
        let continued = if from == self.client { client } else { server };
        if !std::mem::replace(continued, !header.last) {
            self.message(from, header.kind, body, facts);
        }
        if wanted == header.whole { Progress::Consumed(wanted) } else { Progress::Skip(header.whole) }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if self.secured.cut(from, data, facts) {
            return;
        }
        if let Some(header) = Header::read(data) {
            say_message(header.kind, None, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        self.continued = [false; 2];
        self.secured.gap(from).unwrap_or(self.encrypted)
    }
}

fn say_message(kind: u8, meaning: Option<(&'static str, Class)>, facts: &mut dyn Facts) {
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: MESSAGE,
        code: Code::Number(u32::from(kind)),
        direction: if kind == RESPONSE { Direction::Response } else { Direction::Request },
        meaning,
    }));
}

impl Reader {
    fn message(&mut self, from: End, kind: u8, body: &[u8], facts: &mut dyn Facts) {
        // A handshake of TLS lies in packets of a prelogin's kind (2.2.6.5).
        if kind == PRELOGIN && matches!(body, [0x14..=0x17, 3, ..]) {
            return;
        }
        say_message(kind, (kind == BATCH && only_asks(body)).then_some(QUERY), facts);
        match kind {
            PRELOGIN => {
                self.client = from;
                self.prelogin = true;
            }
            RESPONSE if std::mem::take(&mut self.prelogin) => self.negotiated(from, body, facts),
            RESPONSE => acknowledged(from, body, facts),
            LOGIN => login(from, body, facts),
            BATCH | CALL => facts.say(Fact::Encrypted(false)),
            _ => {}
        }
    }

    /// The server's answer to a prelogin: its version, and what it encrypts.
    fn negotiated(&mut self, from: End, body: &[u8], facts: &mut dyn Facts) {
        for (kind, value) in options(body) {
            match (kind, value) {
                (0, [major, minor, high, low, ..]) => {
                    let build = u16::from_be_bytes([*high, *low]);
                    let version = format!("{major}.{minor}.{build}");
                    facts.say(Fact::Identity { about: from, what: Identity::Version, value: &version });
                }
                (1, [encryption, ..]) => {
                    let value = match encryption {
                        0 => "login only",
                        1 => "on",
                        2 => "not supported",
                        3 => "required",
                        _ => "other",
                    };
                    facts.say(Fact::Property { name: "tds-encryption", value });
                }
                _ => {}
            }
        }
    }

    fn say_encrypted(&mut self, facts: &mut dyn Facts) {
        if !std::mem::replace(&mut self.encrypted, true) {
            facts.say(Fact::Encrypted(true));
        }
    }
}

/// Does a batch begin with a word that only asks (2.2.6.7)? Headers with their length may stand before the text.
fn only_asks(body: &[u8]) -> bool {
    let headers = le32(body, 0).filter(|length| (4..=512).contains(length));
    let text = rest(body, headers.and_then(|length| usize::try_from(length).ok()).unwrap_or(0));
    let units = text.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
    let mut letters = units.skip_while(|unit| matches!(unit, 9 | 10 | 13 | 32)).take(6);
    b"select".iter().all(|letter| letters.next().is_some_and(|unit| unit | 0x20 == u16::from(*letter)))
}

/// A login (2.2.6.4): places and lengths of texts, in units of two octets, stand from octet 36 on.
fn login(from: End, body: &[u8], facts: &mut dyn Facts) {
    if !is_login(body) {
        facts.say(Fact::Anomaly { what: "tds-login" });
        return;
    }
    let field = |index: usize| {
        let at = usize::from(le16(body, 36 + 4 * index)?);
        let length = usize::from(le16(body, 38 + 4 * index)?) * 2;
        bytes(body, at, length).filter(|text| !text.is_empty())
    };
    let mut room = [0; 384];
    if let Some(value) = field(0).and_then(|text| utf16(text, &mut room)) {
        facts.say(Fact::Identity { about: from, what: Identity::Name, value });
    }
    for (index, name) in [(1, "user-name"), (3, "application"), (4, "host"), (8, "database")] {
        if let Some(value) = field(index).and_then(|text| utf16(text, &mut room)) {
            facts.say(Fact::Property { name, value });
        }
    }
    facts.say(Fact::Encrypted(false));
    facts.say(Fact::Authenticated(true));
    // The password is disguised with a fixed pattern: whoever reads it has it.
    if field(2).is_some() {
        facts.say(Fact::ClearTextCredential { what: "password" });
    }
}

/// The acknowledgment of a login among the tokens of a response (2.2.7.14): the program's name and version.
fn acknowledged(from: End, body: &[u8], facts: &mut dyn Facts) {
    let mut tokens = body;
    for _ in 0..TOKENS_MAX {
        let (Some(token), Some(length)) = (u8_at(tokens, 0), le16(tokens, 1)) else { return };
        let Some(content) = bytes(tokens, 3, usize::from(length)) else { return };
        match token {
            // Changes of the environment, information, errors.
            0xE3 | 0xAB | 0xAA => {}
            0xAD => {
                let length = u8_at(content, 5).map_or(0, usize::from) * 2;
                let mut room = [0; 128];
                if let Some(value) = bytes(content, 6, length).and_then(|text| utf16(text, &mut room)) {
                    facts.say(Fact::Identity { about: from, what: Identity::Product, value });
                }
                return;
            }
            _ => return,
        }
        tokens = rest(tokens, 3 + usize::from(length));
    }
}
