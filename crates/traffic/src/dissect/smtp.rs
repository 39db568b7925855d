//! SMTP (RFC 5321): commands and replies, how clients prove who they are (RFC 4954), TLS after STARTTLS (RFC 3207).
//!
//! Messages themselves are passed over.

use super::lines::{self, Line};
use super::octets::printable;
use super::secured::Secured;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Ports: relay and submission (RFC 5321, 4.5.4.2; RFC 6409, 3.1).
const PORTS: [u16; 2] = [25, 587];
/// Longest line that is awaited (RFC 5321, 4.5.3.1 allows 1000 octets, RFC 4954 12288 for what AUTH sends).
const LINE_LENGTH_MAX: usize = 12_288;
/// Room for decoded credentials.
const CREDENTIAL_LENGTH_MAX: usize = 384;
/// Index of the element that counts commands.
const COMMAND: u8 = 0;
/// Index of the element that counts replies.
const REPLY: u8 = 1;

/// SMTP.
pub static PROTOCOL: Protocol = Protocol {
    name: "smtp",
    title: "Simple mail transfer protocol",
    carriers: &[Carrier::Tcp(25), Carrier::Tcp(587)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[
        Element { name: "command", functions: COMMANDS, default_class: Class::Other },
        Element { name: "reply", functions: REPLIES, default_class: Class::Other },
    ],
    documents: &["RFC 5321", "RFC 3030 (chunks)", "RFC 3207 (TLS)", "RFC 4954 (authentication)"],
};

/// Commands. On the wire the code is the word itself, here they are numbered.
const COMMANDS: &[Function] = &[
    function(0, "helo", Class::Session),
    function(1, "ehlo", Class::Session),
    function(2, "mail", Class::Write),
    function(3, "rcpt", Class::Write),
    function(4, "data", Class::Write),
    function(5, "bdat", Class::Write),
    function(6, "rset", Class::Session),
    function(7, "vrfy", Class::Discover),
    function(8, "expn", Class::Discover),
    function(9, "help", Class::Discover),
    function(10, "noop", Class::Session),
    function(11, "quit", Class::Session),
    function(12, "auth", Class::Authenticate),
    function(13, "starttls", Class::Session),
    function(14, "etrn", Class::Session),
    function(15, "turn", Class::Session),
];

/// Replies that tell something (RFC 5321, 4.2.3; RFC 4954, 4).
const REPLIES: &[Function] = &[
    function(211, "status", Class::Session),
    function(214, "help-message", Class::Session),
    function(220, "service-ready", Class::Session),
    function(221, "closing", Class::Session),
    function(235, "authentication-succeeded", Class::Authenticate),
    function(250, "ok", Class::Session),
    function(251, "user-not-local", Class::Session),
    function(252, "cannot-verify", Class::Session),
    function(334, "authentication-challenge", Class::Authenticate),
    function(354, "start-mail-input", Class::Session),
    function(421, "service-not-available", Class::Session),
    function(450, "mailbox-unavailable", Class::Session),
    function(451, "local-error", Class::Session),
    function(500, "syntax-error", Class::Session),
    function(502, "not-implemented", Class::Session),
    function(503, "bad-sequence", Class::Session),
    function(530, "authentication-required", Class::Authenticate),
    function(535, "authentication-failed", Class::Authenticate),
    function(550, "action-not-taken", Class::Session),
    function(554, "transaction-failed", Class::Session),
];

/// The reader of SMTP.
#[derive(Debug)]
pub struct Smtp;

impl Dissector for Smtp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if !hint.stream || !lines::begins_as_text(data) {
            return Likelihood::No;
        }
        let on_port = PORTS.iter().any(|port| hint.port(*port));
        let line = match lines::line(data, LINE_LENGTH_MAX) {
            Line::Whole(line, _) if lines::is_text(line) => line,
            Line::Short if on_port && lines::is_text(data) => return Likelihood::Port,
            _ => return Likelihood::No,
        };
        let named = line.windows(4).any(|window| window.eq_ignore_ascii_case(b"smtp"));
        match (lines::reply(line), command(line)) {
            (Some((220, _)), _) if named => Likelihood::Likely,
            (_, Some((known, name))) if matches!(known.name, "ehlo" | "helo") && !name.is_empty() => {
                Likelihood::Likely
            }
            (Some(_), _) | (_, Some(_)) if on_port => Likelihood::Likely,
            _ if on_port => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let server = match (PORTS.contains(&hint.source_port), PORTS.contains(&hint.destination_port)) {
            (true, false) => Some(hint.from),
            (false, true) => Some(hint.from.other()),
            _ => None,
        };
        let secured = Secured::new(hint);
        Box::new(Reader {
            secured,
            server,
            state: State::Commands,
            continued: None,
            upgrade: false,
            began: false,
        })
    }
}

/// A command that is known.
fn command(line: &[u8]) -> Option<(&'static Function, &[u8])> {
    let (verb, rest) = lines::verb(line)?;
    COMMANDS.iter().find(|known| known.name.eq_ignore_ascii_case(verb)).map(|known| (known, rest))
}

/// What the client's next line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Commands,
    /// DATA was asked for; it begins when the server agrees.
    DataAsked,
    /// Lines of a message, up to one that is a dot.
    Data,
    /// The answer to a challenge: PLAIN's only one.
    Plain,
    /// LOGIN's first: the name.
    LoginName,
    /// LOGIN's second: the password.
    LoginPassword,
    /// Another mechanism's.
    Challenge,
}

/// One conversation being read.
struct Reader {
    secured: Secured,
    server: Option<End>,
    state: State,
    /// The reply of several lines that goes on.
    continued: Option<u32>,
    /// Was STARTTLS asked for?
    upgrade: bool,
    /// Was it said who began?
    began: bool,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        self.secured.begin_at(from, data);
        if let Some(progress) = self.secured.read(from, data, facts) {
            return progress;
        }
        match lines::line(data, LINE_LENGTH_MAX) {
            Line::Whole(line, length) => {
                let chunk = self.line(from, line, facts);
                if chunk > 0 {
                    Progress::Skip(length.saturating_add(chunk))
                } else {
                    Progress::Consumed(length)
                }
            }
            Line::Short => Progress::Need(data.len() + 1),
            Line::Long if self.state == State::Data => Progress::Consumed(data.len()),
            Line::Long => {
                facts.say(Fact::Anomaly { what: "smtp-line-length" });
                Progress::Lost
            }
        }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        self.secured.cut(from, data, facts);
    }

    fn gap(&mut self, from: End) -> bool {
        self.continued = None;
        // A message goes on after a gap until a line says that it ends.
        self.secured.gap(from).unwrap_or(self.state == State::Data)
    }
}

impl Reader {
    /// A line. How many octets of a chunk follow it.
    fn line(&mut self, from: End, line: &[u8], facts: &mut dyn Facts) -> usize {
        let reply = lines::reply(line);
        let server = *self.server.get_or_insert(if reply.is_some() { from } else { from.other() });
        if !std::mem::replace(&mut self.began, true) {
            facts.say(Fact::Initiator(server.other()));
        }
        if from == server {
            self.reply_line(from, line, reply, facts);
            return 0;
        }
        match self.state {
            State::Data => {
                if line == b"." {
                    self.state = State::Commands;
                }
                return 0;
            }
            State::Commands | State::DataAsked => return self.command(from, line, facts),
            State::Plain => say_plain(line, facts),
            State::LoginName => {
                say_name(line, facts);
                self.state = State::LoginPassword;
                return 0;
            }
            State::LoginPassword if line != b"*" => {
                facts.say(Fact::ClearTextCredential { what: "password" });
            }
            State::LoginPassword => {}
            // Further challenges may follow; their answers are no commands.
            State::Challenge => return 0,
        }
        self.state = State::Commands;
        0
    }

    fn reply_line(&mut self, from: End, line: &[u8], reply: Option<(u32, bool)>, facts: &mut dyn Facts) {
        let Some((code, goes_on)) = reply else {
            if !line.is_empty() {
                facts.say(Fact::Anomaly { what: "smtp-reply" });
            }
            return;
        };
        if code == 220 && self.continued.is_none() && !self.upgrade {
            say_banner(from, line.get(4..).unwrap_or_default(), facts);
        }
        if goes_on {
            self.continued = Some(code);
            return;
        }
        self.continued = None;
        facts.message(&PROTOCOL, REPLY, code, Direction::Response);
        match (self.state, code) {
            (State::DataAsked, 354) => self.state = State::Data,
            (_, 354) | (State::DataAsked, _) => self.state = State::Commands,
            (State::Plain | State::LoginName | State::LoginPassword | State::Challenge, code)
                if code != 334 =>
            {
                self.state = State::Commands;
            }
            _ => {}
        }
        if code == 235 {
            facts.say(Fact::Authenticated(true));
        }
        if std::mem::take(&mut self.upgrade) && code == 220 {
            facts.say(Fact::Property { name: "upgrade", value: "TLS" });
            self.secured.begin();
        }
    }

    fn command(&mut self, from: End, line: &[u8], facts: &mut dyn Facts) -> usize {
        let Some((known, argument)) = command(line) else {
            if !line.is_empty() {
                facts.say(Fact::Anomaly { what: "smtp-command" });
            }
            return 0;
        };
        facts.say(Fact::Message(Message {
            protocol: &PROTOCOL,
            element: COMMAND,
            code: Code::Text(known.name),
            direction: Direction::Request,
            meaning: Some((known.name, known.class)),
        }));
        match known.name {
            "ehlo" | "helo" if !argument.starts_with(b"[") => {
                if let Some(value) = printable(argument) {
                    facts.say(Fact::Identity { about: from, what: Identity::Name, value });
                }
            }
            "mail" => facts.say(Fact::Encrypted(false)),
            "data" => self.state = State::DataAsked,
            "bdat" => return chunk_length(argument),
            "starttls" => self.upgrade = true,
            "auth" => self.authenticate(argument, facts),
            _ => {}
        }
        0
    }

    /// AUTH, with or without a first answer (RFC 4954, 4; LOGIN is described in an expired draft).
    fn authenticate(&mut self, argument: &[u8], facts: &mut dyn Facts) {
        let mut parts = argument.split(|&octet| octet == b' ').filter(|part| !part.is_empty());
        let mechanism = parts.next().unwrap_or_default();
        let first = parts.next();
        facts.say(Fact::Encrypted(false));
        if let Some(value) = printable(mechanism) {
            facts.say(Fact::Property { name: "sasl-mechanism", value });
        }
        self.state = match (mechanism.to_ascii_uppercase().as_slice(), first) {
            (b"PLAIN", Some(first)) => {
                say_plain(first, facts);
                State::Commands
            }
            (b"PLAIN", None) => State::Plain,
            (b"LOGIN", Some(first)) => {
                say_name(first, facts);
                State::LoginPassword
            }
            (b"LOGIN", None) => State::LoginName,
            _ => State::Challenge,
        };
    }
}

/// How many octets a chunk has (RFC 3030, 2).
fn chunk_length(argument: &[u8]) -> usize {
    let digits = argument.split(|&octet| octet == b' ').next().unwrap_or_default();
    std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| digits.parse::<u32>().ok())
        .map_or(0, |length| length as usize)
}

/// Name and password, each after a zero (RFC 4616, 2).
fn say_plain(text: &[u8], facts: &mut dyn Facts) {
    let mut room = [0; CREDENTIAL_LENGTH_MAX];
    let Some(response) = lines::base64(text, &mut room) else { return };
    let mut parts = response.split(|&octet| octet == 0).skip(1);
    if let Some(value) = parts.next().and_then(printable) {
        facts.say(Fact::Property { name: "user-name", value });
    }
    if parts.next().is_some_and(|password| !password.is_empty()) {
        facts.say(Fact::ClearTextCredential { what: "password" });
    }
}

fn say_name(text: &[u8], facts: &mut dyn Facts) {
    let mut room = [0; CREDENTIAL_LENGTH_MAX];
    if let Some(value) = lines::base64(text, &mut room).and_then(printable) {
        facts.say(Fact::Property { name: "user-name", value });
    }
}

/// The greeting: the server's name first (RFC 5321, 4.2), then often what it is.
fn say_banner(about: End, text: &[u8], facts: &mut dyn Facts) {
    let Some(banner) = printable(text) else { return };
    facts.say(Fact::Property { name: "banner", value: banner });
    let host = banner.split(' ').next().unwrap_or_default();
    if host.contains('.') && !host.starts_with('[') {
        facts.say(Fact::Identity { about, what: Identity::Name, value: host });
    }
    let after = banner.split_once("SMTP ").map_or("", |(_, after)| after);
    if let Some((product, version)) = lines::software(after.as_bytes()) {
        facts.say(Fact::Identity { about, what: Identity::Product, value: product });
        facts.say(Fact::Identity { about, what: Identity::Version, value: version });
    } else if let Some(value) =
        after.split(' ').next().filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase()))
    {
        facts.say(Fact::Identity { about, what: Identity::Product, value });
    }
}
