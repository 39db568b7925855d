//! PostgreSQL's frontend and backend protocol, version 3: who logs in how, TLS, and whether queries read or write.

use super::octets::{Octets, printable};
use super::secured::Secured;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The registered port.
const PORT: u16 = 5432;
/// Indices of the elements that count messages of the client and of the server.
const FRONTEND: u8 = 0;
const BACKEND: u8 = 1;
/// Codes in the place of a version (55.7): cancel, TLS, GSS-API.
const CANCEL: u32 = 80_877_102;
const TLS_REQUEST: u32 = 80_877_103;
const GSS_REQUEST: u32 = 80_877_104;
/// Version 3.0, and those that are compatible with it.
const VERSION: u32 = 0x0003_0000;
const VERSION_MAX: u32 = 0x0003_0002;
/// Longest start of a session (as servers limit it), and longest message that is believed.
const START_LENGTH_MAX: u32 = 10_000;
const MESSAGE_LENGTH_MAX: u32 = 1 << 30;
/// Octets of a message that are read.
const READ_LENGTH_MAX: usize = 512;
/// Messages of a client that only asks begin with it.
const QUERY: (&str, Class) = ("select-query", Class::Read);

/// PostgreSQL.
pub static PROTOCOL: Protocol = Protocol {
    name: "pgsql",
    title: "PostgreSQL",
    carriers: &[Carrier::Tcp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[
        Element { name: "frontend", functions: FRONTENDS, default_class: Class::Other },
        Element { name: "backend", functions: BACKENDS, default_class: Class::Other },
    ],
    documents: &["PostgreSQL 17 documentation, chapter 53 (frontend and backend protocol)"],
};

/// Messages of the client; the code is the octet of the message, zero for the start, which has none.
const FRONTENDS: &[Function] = &[
    function(0, "startup", Class::Session),
    function(b'B' as u32, "bind", Class::Session),
    function(b'C' as u32, "close", Class::Session),
    function(b'd' as u32, "copy-data", Class::Write),
    function(b'c' as u32, "copy-done", Class::Session),
    function(b'f' as u32, "copy-fail", Class::Session),
    function(b'D' as u32, "describe", Class::Session),
    function(b'E' as u32, "execute", Class::Write),
    function(b'F' as u32, "function-call", Class::Write),
    function(b'H' as u32, "flush", Class::Session),
    function(b'P' as u32, "parse", Class::Write),
    function(b'p' as u32, "password", Class::Authenticate),
    function(b'Q' as u32, "query", Class::Write),
    function(b'S' as u32, "sync", Class::Session),
    function(b'X' as u32, "terminate", Class::Session),
];

/// Messages of the server.
const BACKENDS: &[Function] = &[
    function(b'1' as u32, "parse-complete", Class::Session),
    function(b'2' as u32, "bind-complete", Class::Session),
    function(b'3' as u32, "close-complete", Class::Session),
    function(b'A' as u32, "notification", Class::Alarm),
    function(b'C' as u32, "command-complete", Class::Session),
    function(b'D' as u32, "data-row", Class::Read),
    function(b'E' as u32, "error", Class::Session),
    function(b'G' as u32, "copy-in", Class::Session),
    function(b'H' as u32, "copy-out", Class::Session),
    function(b'I' as u32, "empty-query", Class::Session),
    function(b'K' as u32, "backend-key-data", Class::Session),
    function(b'N' as u32, "notice", Class::Session),
    function(b'R' as u32, "authentication", Class::Authenticate),
    function(b'S' as u32, "parameter-status", Class::Session),
    function(b'T' as u32, "row-description", Class::Session),
    function(b'V' as u32, "function-call-response", Class::Read),
    function(b'W' as u32, "copy-both", Class::Session),
    function(b'Z' as u32, "ready-for-query", Class::Session),
    function(b'c' as u32, "copy-done-by-server", Class::Session),
    function(b'd' as u32, "copy-data-by-server", Class::Read),
    function(b'n' as u32, "no-data", Class::Session),
    function(b's' as u32, "portal-suspended", Class::Session),
    function(b't' as u32, "parameter-description", Class::Session),
    function(b'v' as u32, "negotiate-version", Class::Session),
];

/// The reader of PostgreSQL.
#[derive(Debug)]
pub struct Pgsql;

impl Dissector for Pgsql {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if !hint.stream {
            return Likelihood::No;
        }
        match start(data) {
            Some((VERSION..=VERSION_MAX, length)) if names_user(data.get(8..length.min(data.len()))) => {
                Likelihood::Certain
            }
            Some((TLS_REQUEST | GSS_REQUEST, _)) if data.len() == 8 => Likelihood::Likely,
            Some((CANCEL, _)) if data.len() == 16 => Likelihood::Likely,
            None if hint.port(PORT) && is_message(data, hint.destination_port == PORT) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let client = if hint.source_port == PORT { hint.from.other() } else { hint.from };
        Box::new(Reader { secured: Secured::new(hint), client, started: false, asked: 0, password: false })
    }
}

/// The version, or the code in its place, of a session that begins here, and its length.
fn start(data: &[u8]) -> Option<(u32, usize)> {
    let mut octets = Octets::new(data);
    let length = octets.u32_be()?;
    let version = octets.u32_be()?;
    let good = match version {
        VERSION..=VERSION_MAX => (9..=START_LENGTH_MAX).contains(&length),
        TLS_REQUEST | GSS_REQUEST => length == 8,
        CANCEL => (16..=268).contains(&length),
        _ => false,
    };
    if good { Some((version, usize::try_from(length).ok()?)) } else { None }
}

/// Does the start name a user among its parameters, as it must?
fn names_user(parameters: Option<&[u8]>) -> bool {
    parameters.is_some_and(|data| pairs(data).any(|(name, _)| name == b"user"))
}

/// Names and values, each with a zero behind it.
fn pairs(data: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut parts = data.split(|&octet| octet == 0);
    std::iter::from_fn(move || Some((parts.next()?, parts.next()?)))
        .take(64)
        .take_while(|(name, _)| !name.is_empty())
}

/// Does a message begin here, of a kind that this side sends?
fn is_message(data: &[u8], from_client: bool) -> bool {
    let mut octets = Octets::new(data);
    let (Some(kind), Some(length)) = (octets.u8(), octets.u32_be()) else { return false };
    let element = if from_client { FRONTEND } else { BACKEND };
    kind != 0
        && PROTOCOL.function(element, u32::from(kind)).is_some()
        && (4..=MESSAGE_LENGTH_MAX).contains(&length)
}

/// One conversation being read.
struct Reader {
    secured: Secured,
    client: End,
    /// Did the session start?
    started: bool,
    /// The code whose answer, one octet, is awaited.
    asked: u32,
    /// Is a password in clear text awaited?
    password: bool,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        self.secured.begin_at(from, data);
        if let Some(progress) = self.secured.read(from, data, facts) {
            return progress;
        }
        let from_client = from == self.client;
        // The answer to a request for encryption: one octet (53.2.11).
        if !from_client && self.asked != 0 {
            return self.answered(data, facts);
        }
        if from_client && data.first() == Some(&0) {
            return self.start(from, data, facts);
        }
        if data.len() < 5 {
            return Progress::Need(5);
        }
        if !is_message(data, from_client) {
            facts.say(Fact::Anomaly { what: "pgsql-message" });
            return Progress::Lost;
        }
        let mut octets = Octets::new(data);
        let (kind, length) = (octets.u8().unwrap_or(0), octets.u32_be().unwrap_or(4));
        let whole = 1 + usize::try_from(length).unwrap_or(usize::MAX - 1);
        let wanted = whole.min(READ_LENGTH_MAX);
        let Some(body) = data.get(5..wanted) else { return Progress::Need(wanted) };
        if from_client {
            self.frontend(kind, body, facts);
        } else {
            self.backend(from, kind, body, facts);
        }
        if wanted == whole { Progress::Consumed(whole) } else { Progress::Skip(whole) }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        let from_client = from == self.client;
        if self.secured.cut(from, data, facts) || !is_message(data, from_client) {
            return;
        }
        let (element, direction) =
            if from_client { (FRONTEND, Direction::Request) } else { (BACKEND, Direction::Response) };
        facts.message(&PROTOCOL, element, u32::from(data.first().copied().unwrap_or(0)), direction);
    }

    fn gap(&mut self, from: End) -> bool {
        self.secured.gap(from).unwrap_or(false)
    }
}

impl Reader {
    fn answered(&mut self, data: &[u8], facts: &mut dyn Facts) -> Progress {
        match (std::mem::take(&mut self.asked), data.first()) {
            (TLS_REQUEST, Some(b'S')) => {
                facts.say(Fact::Property { name: "upgrade", value: "TLS" });
                self.secured.begin();
            }
            (GSS_REQUEST, Some(b'G')) => {
                facts.say(Fact::Property { name: "upgrade", value: "GSS-API" });
                facts.say(Fact::Encrypted(true));
                facts.say(Fact::Authenticated(true));
                return Progress::Lost;
            }
            (_, Some(b'N')) => {}
            // An error, of a server that knows no encryption.
            (_, Some(b'E')) => return Progress::Lost,
            _ => facts.say(Fact::Anomaly { what: "pgsql-answer" }),
        }
        Progress::Consumed(1)
    }

    fn start(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if data.len() < 8 {
            return Progress::Need(8);
        }
        let Some((version, length)) = start(data) else {
            facts.say(Fact::Anomaly { what: "pgsql-start" });
            return Progress::Lost;
        };
        let Some(message) = data.get(8..length) else { return Progress::Need(length) };
        facts.say(Fact::Initiator(from));
        match version {
            VERSION..=VERSION_MAX => {
                self.started = true;
                facts.message(&PROTOCOL, FRONTEND, 0, Direction::Request);
                facts.say(Fact::Encrypted(false));
                for (name, value) in pairs(message) {
                    let name = match name {
                        b"user" => "user-name",
                        b"database" => "database",
                        b"application_name" => "application",
                        _ => continue,
                    };
                    if let Some(value) = printable(value) {
                        facts.say(Fact::Property { name, value });
                    }
                }
            }
            TLS_REQUEST | GSS_REQUEST => self.asked = version,
            _ => {}
        }
        Progress::Consumed(length)
    }

    fn frontend(&mut self, kind: u8, body: &[u8], facts: &mut dyn Facts) {
        let text = match kind {
            b'Q' => Some(body),
            // A statement's name stands before its text.
            b'P' => body.iter().position(|&octet| octet == 0).and_then(|end| body.get(end + 1..)),
            _ => None,
        };
        let asks = text
            .and_then(|text| text.trim_ascii_start().first_chunk::<6>())
            .is_some_and(|word| word.eq_ignore_ascii_case(b"select"));
        facts.say(Fact::Message(Message {
            protocol: &PROTOCOL,
            element: FRONTEND,
            code: Code::Number(u32::from(kind)),
            direction: Direction::Request,
            meaning: asks.then_some(QUERY),
        }));
        if kind == b'p' && std::mem::take(&mut self.password) {
            facts.say(Fact::ClearTextCredential { what: "password" });
        }
    }

    fn backend(&mut self, from: End, kind: u8, body: &[u8], facts: &mut dyn Facts) {
        facts.message(&PROTOCOL, BACKEND, u32::from(kind), Direction::Response);
        match kind {
            b'R' => self.authentication(body, facts),
            b'S' => {
                if let Some((b"server_version", value)) = pairs(body).next()
                    && let Some(value) = printable(value)
                {
                    facts.say(Fact::Identity { about: from, what: Identity::Product, value: "PostgreSQL" });
                    facts.say(Fact::Identity { about: from, what: Identity::Version, value });
                }
            }
            _ => {}
        }
    }

    /// How the server wants to know who the client is (53.2.1).
    fn authentication(&mut self, body: &[u8], facts: &mut dyn Facts) {
        let value = match Octets::new(body).u32_be() {
            Some(2) => "Kerberos",
            Some(3) => "password",
            Some(5) => "MD5",
            Some(7) => "GSS-API",
            Some(9) => "SSPI",
            Some(10) => "SASL",
            // Accepted, or a further step.
            Some(0 | 8 | 11 | 12) => return,
            _ => "other",
        };
        self.password = value == "password";
        facts.say(Fact::Authenticated(true));
        facts.say(Fact::Property { name: "pgsql-authentication", value });
    }
}
