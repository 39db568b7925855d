//! MySQL's and MariaDB's client and server protocol: the server's greeting, who logs in how, TLS, and commands.

use super::octets::{Octets, printable};
use super::secured::Secured;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The registered port.
const PORT: u16 = 3306;
/// Index of the element that counts commands.
const COMMAND: u8 = 0;
/// Octets of a packet's header: length and number.
const HEADER_LENGTH: usize = 4;
/// Octets of a packet that are read.
const READ_LENGTH_MAX: usize = 1024;
/// Longest version that is believed.
const VERSION_LENGTH_MAX: usize = 128;
/// What a client can do: TLS, and the name of a plugin for authentication.
const CAN_TLS: u32 = 0x800;
const CAN_PLUGIN: u32 = 0x8_0000;
const CAN_DATABASE: u32 = 8;
/// Octets of the answer to a greeting before the name; all of it, where TLS is to follow.
const ANSWER_LENGTH: usize = 32;
/// A statement that only asks.
const QUERY: (&str, Class) = ("select-query", Class::Read);

/// MySQL.
pub static PROTOCOL: Protocol = Protocol {
    name: "mysql",
    title: "MySQL and MariaDB",
    carriers: &[Carrier::Tcp(PORT)],
    authentication: Protection::Always,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "command", functions: COMMANDS, default_class: Class::Other }],
    documents: &[
        "MySQL source documentation, client/server protocol",
        "MariaDB documentation, client/server protocol",
    ],
};

/// Commands.
const COMMANDS: &[Function] = &[
    function(1, "quit", Class::Session),
    function(2, "initialize-database", Class::Session),
    function(3, "query", Class::Write),
    function(4, "field-list", Class::Read),
    function(5, "create-database", Class::Configure),
    function(6, "drop-database", Class::Configure),
    function(7, "refresh", Class::Operate),
    function(8, "shutdown", Class::Operate),
    function(9, "statistics", Class::Diagnose),
    function(10, "process-information", Class::Diagnose),
    function(12, "process-kill", Class::Operate),
    function(13, "debug", Class::Diagnose),
    function(14, "ping", Class::Session),
    function(17, "change-user", Class::Authenticate),
    function(18, "binary-log-dump", Class::Read),
    function(21, "register-replica", Class::Session),
    function(22, "statement-prepare", Class::Write),
    function(23, "statement-execute", Class::Write),
    function(24, "statement-send-long-data", Class::Write),
    function(25, "statement-close", Class::Session),
    function(26, "statement-reset", Class::Session),
    function(27, "set-option", Class::Session),
    function(28, "statement-fetch", Class::Read),
    function(31, "reset-connection", Class::Session),
];

/// The reader of MySQL.
#[derive(Debug)]
pub struct Mysql;

impl Dissector for Mysql {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let Some((number, whole)) = header(data).filter(|_| hint.stream) else { return Likelihood::No };
        let greets =
            number == 0 && whole == data.len() && data.get(HEADER_LENGTH..).and_then(greeting).is_some();
        match (greets, hint.port(PORT)) {
            (true, true) => Likelihood::Certain,
            (true, false) => Likelihood::Likely,
            (false, true) if hint.destination_port == PORT && number == 0 && whole <= data.len() => {
                Likelihood::Port
            }
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let server = match (hint.source_port == PORT, hint.destination_port == PORT) {
            (false, true) => hint.from.other(),
            // The server speaks first.
            _ => hint.from,
        };
        Box::new(Reader {
            secured: Secured::new(hint),
            server,
            greeted: false,
            answered: false,
            clear: false,
        })
    }
}

/// A packet's number, and how long it is.
fn header(data: &[u8]) -> Option<(u8, usize)> {
    let mut octets = Octets::new(data);
    let [a, b, c, number] = octets.array::<4>()?;
    let length = usize::try_from(u32::from_le_bytes([a, b, c, 0])).ok()?;
    (length > 0).then_some((number, HEADER_LENGTH + length))
}

/// The version in a greeting of protocol 10: digits and dots first, a zero behind it, then a number, a salt and a filler.
fn greeting(body: &[u8]) -> Option<&str> {
    let rest = body.strip_prefix(&[10])?;
    let end = rest.iter().take(VERSION_LENGTH_MAX).position(|&octet| octet == 0)?;
    let version = printable(rest.get(..end)?)?;
    let dotted = version.starts_with(|c: char| c.is_ascii_digit()) && version.contains('.');
    (dotted && rest.get(end + 13) == Some(&0)).then_some(version)
}

/// One conversation being read.
struct Reader {
    secured: Secured,
    server: End,
    /// Was the greeting seen?
    greeted: bool,
    /// Was the client's answer to it seen?
    answered: bool,
    /// Did the server ask for the password as it is?
    clear: bool,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if let Some(progress) = self.secured.read(from, data, facts) {
            return progress;
        }
        if data.len() < HEADER_LENGTH {
            return Progress::Need(HEADER_LENGTH);
        }
        let Some((number, whole)) = header(data) else { return Progress::Consumed(HEADER_LENGTH) };
        let wanted = whole.min(READ_LENGTH_MAX);
        let Some(body) = data.get(HEADER_LENGTH..wanted) else { return Progress::Need(wanted) };
        if from == self.server {
            self.server_says(from, number, body, facts);
        } else if !self.client_says(from, number, body, facts) {
            return Progress::Lost;
        }
        if wanted == whole { Progress::Consumed(whole) } else { Progress::Skip(whole) }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if !self.secured.cut(from, data, facts)
            && from != self.server
            && self.answered
            && let Some((0, _)) = header(data)
            && let Some(&command) = data.get(HEADER_LENGTH)
        {
            facts.message(&PROTOCOL, COMMAND, u32::from(command), Direction::Request);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        self.secured.gap(from).unwrap_or(false)
    }
}

impl Reader {
    fn server_says(&mut self, from: End, number: u8, body: &[u8], facts: &mut dyn Facts) {
        if number != 0 || self.greeted {
            // A request to prove it otherwise: a plugin's name (authentication switch request).
            let plugin = body.strip_prefix(&[0xFE]).filter(|_| number == 2 || number == 4);
            self.clear = plugin.is_some_and(|plugin| plugin.starts_with(b"mysql_clear_password\0"));
            return;
        }
        let Some(version) = greeting(body) else { return };
        self.greeted = true;
        facts.say(Fact::Initiator(from.other()));
        // MariaDB puts a version before its own, which old clients ask for.
        let (product, version) = match version.split_once("-MariaDB") {
            Some((version, _)) => ("MariaDB", version.strip_prefix("5.5.5-").unwrap_or(version)),
            None => ("MySQL", version),
        };
        facts.say(Fact::Identity { about: from, what: Identity::Product, value: product });
        facts.say(Fact::Identity { about: from, what: Identity::Version, value: version });
    }

    /// A packet of the client. Whether it is one.
    fn client_says(&mut self, from: End, number: u8, body: &[u8], facts: &mut dyn Facts) -> bool {
        if self.greeted && !self.answered {
            return self.answer(from, body, facts);
        }
        self.answered = true;
        // Commands begin counting anew; what follows within one is its content.
        if number != 0 {
            if std::mem::take(&mut self.clear) && body.iter().any(|&octet| octet != 0) {
                facts.say(Fact::ClearTextCredential { what: "password" });
            }
            return true;
        }
        let Some(&command) = body.first() else { return true };
        if PROTOCOL.function(COMMAND, u32::from(command)).is_none() {
            facts.say(Fact::Anomaly { what: "mysql-command" });
            return self.greeted;
        }
        let asks = body
            .get(1..)
            .and_then(|text| text.trim_ascii_start().first_chunk::<6>())
            .is_some_and(|word| matches!(command, 3 | 22) && word.eq_ignore_ascii_case(b"select"));
        facts.say(Fact::Message(Message {
            protocol: &PROTOCOL,
            element: COMMAND,
            code: Code::Number(u32::from(command)),
            direction: Direction::Request,
            meaning: asks.then_some(QUERY),
        }));
        facts.say(Fact::Encrypted(false));
        true
    }

    /// The answer to a greeting: what the client can do, who it is, and how it proves that.
    fn answer(&mut self, from: End, body: &[u8], facts: &mut dyn Facts) -> bool {
        let mut octets = Octets::new(body);
        let Some(abilities) = octets.u32_le() else {
            facts.say(Fact::Anomaly { what: "mysql-answer" });
            return false;
        };
        facts.say(Fact::Initiator(from));
        self.answered = true;
        if abilities & CAN_TLS != 0 && body.len() == ANSWER_LENGTH {
            facts.say(Fact::Property { name: "upgrade", value: "TLS" });
            self.secured.begin();
            return true;
        }
        facts.say(Fact::Encrypted(false));
        match names(abilities, octets, facts) {
            Some(()) => facts.say(Fact::Authenticated(true)),
            None => facts.say(Fact::Anomaly { what: "mysql-answer" }),
        }
        true
    }
}

/// The user, the secret, the database and the plugin.
fn names(abilities: u32, mut octets: Octets<'_>, facts: &mut dyn Facts) -> Option<()> {
    octets.skip(ANSWER_LENGTH - 4)?;
    say_text("user-name", text(&mut octets)?, facts);
    let length = usize::from(octets.u8()?);
    let secret = octets.take(length)?;
    if abilities & CAN_DATABASE != 0 {
        say_text("database", text(&mut octets)?, facts);
    }
    if abilities & CAN_PLUGIN != 0 {
        let plugin = text(&mut octets)?;
        say_text("mysql-authentication", plugin, facts);
        if plugin == b"mysql_clear_password" && secret.iter().any(|&octet| octet != 0) {
            facts.say(Fact::ClearTextCredential { what: "password" });
        }
    }
    Some(())
}

/// The next text that a zero ends, or that ends the packet.
fn text<'a>(octets: &mut Octets<'a>) -> Option<&'a [u8]> {
    let end = octets.rest().iter().position(|&octet| octet == 0);
    let text = octets.take(end.unwrap_or(octets.len()))?;
    if end.is_some() {
        octets.skip(1)?;
    }
    Some(text)
}

fn say_text(name: &'static str, text: &[u8], facts: &mut dyn Facts) {
    if let Some(value) = printable(text) {
        facts.say(Fact::Property { name, value });
    }
}
