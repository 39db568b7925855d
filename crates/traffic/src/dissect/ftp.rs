//! FTP's control connection (RFC 959): who logs in with what secret, which files are moved; TLS after AUTH (RFC 4217).
//!
//! Data connections carry files without a word of their own and are not read.

use super::lines::{self, Line};
use super::octets::printable;
use super::once::Once;
use super::secured::Secured;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The registered port.
const PORT: u16 = 21;
/// Longest line that is awaited.
const LINE_LENGTH_MAX: usize = 2048;
/// Index of the element that counts commands.
const COMMAND: u8 = 0;
/// Index of the element that counts replies.
const REPLY: u8 = 1;

/// FTP.
pub static PROTOCOL: Protocol = Protocol {
    name: "ftp",
    title: "File transfer protocol",
    carriers: &[Carrier::Tcp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[
        Element { name: "command", functions: COMMANDS, default_class: Class::Other },
        Element { name: "reply", functions: REPLIES, default_class: Class::Other },
    ],
    documents: &["RFC 959", "RFC 2228", "RFC 2428", "RFC 3659", "RFC 4217 (TLS)", "RFC 7151"],
};

/// Commands (IANA registry of FTP commands). On the wire the code is the word itself, here they are numbered.
const COMMANDS: &[Function] = &[
    function(0, "user", Class::Authenticate),
    function(1, "pass", Class::Authenticate),
    function(2, "acct", Class::Authenticate),
    function(3, "auth", Class::Authenticate),
    function(4, "adat", Class::Authenticate),
    function(5, "cwd", Class::Session),
    function(6, "cdup", Class::Session),
    function(7, "smnt", Class::Session),
    function(8, "quit", Class::Session),
    function(9, "rein", Class::Session),
    function(10, "port", Class::Session),
    function(11, "pasv", Class::Session),
    function(12, "type", Class::Session),
    function(13, "stru", Class::Session),
    function(14, "mode", Class::Session),
    function(15, "retr", Class::File),
    function(16, "stor", Class::File),
    function(17, "stou", Class::File),
    function(18, "appe", Class::File),
    function(19, "allo", Class::Session),
    function(20, "rest", Class::Session),
    function(21, "rnfr", Class::File),
    function(22, "rnto", Class::File),
    function(23, "abor", Class::Session),
    function(24, "dele", Class::File),
    function(25, "rmd", Class::File),
    function(26, "mkd", Class::File),
    function(27, "pwd", Class::Session),
    function(28, "list", Class::Read),
    function(29, "nlst", Class::Read),
    function(30, "site", Class::Configure),
    function(31, "syst", Class::Discover),
    function(32, "stat", Class::Diagnose),
    function(33, "help", Class::Discover),
    function(34, "noop", Class::Session),
    function(35, "feat", Class::Discover),
    function(36, "opts", Class::Session),
    function(37, "lang", Class::Session),
    function(38, "mdtm", Class::Read),
    function(39, "mlsd", Class::Read),
    function(40, "mlst", Class::Read),
    function(41, "size", Class::Read),
    function(42, "eprt", Class::Session),
    function(43, "epsv", Class::Session),
    function(44, "pbsz", Class::Session),
    function(45, "prot", Class::Session),
    function(46, "ccc", Class::Session),
    function(47, "mic", Class::Session),
    function(48, "conf", Class::Session),
    function(49, "enc", Class::Session),
    function(50, "host", Class::Session),
    function(51, "algs", Class::Session),
    function(52, "clnt", Class::Session),
    function(53, "mfmt", Class::File),
    function(54, "xpwd", Class::Session),
    function(55, "xcwd", Class::Session),
    function(56, "xcup", Class::Session),
    function(57, "xmkd", Class::File),
    function(58, "xrmd", Class::File),
];

/// Replies that tell something (RFC 959, 4.2.2; RFC 2228, 8).
const REPLIES: &[Function] = &[
    function(125, "transfer-starting", Class::Session),
    function(150, "data-connection-opening", Class::Session),
    function(200, "ok", Class::Session),
    function(211, "status", Class::Session),
    function(213, "file-status", Class::Session),
    function(214, "help-message", Class::Session),
    function(215, "system-type", Class::Session),
    function(220, "service-ready", Class::Session),
    function(221, "closing", Class::Session),
    function(226, "transfer-complete", Class::Session),
    function(227, "passive-mode", Class::Session),
    function(229, "extended-passive-mode", Class::Session),
    function(230, "logged-in", Class::Authenticate),
    function(234, "security-agreed", Class::Authenticate),
    function(250, "file-action-complete", Class::Session),
    function(257, "path-name", Class::Session),
    function(331, "password-needed", Class::Authenticate),
    function(332, "account-needed", Class::Authenticate),
    function(350, "pending-further-information", Class::Session),
    function(421, "service-not-available", Class::Session),
    function(425, "no-data-connection", Class::Session),
    function(426, "transfer-aborted", Class::Session),
    function(450, "file-not-available", Class::Session),
    function(500, "syntax-error", Class::Session),
    function(502, "not-implemented", Class::Session),
    function(503, "bad-sequence", Class::Session),
    function(530, "not-logged-in", Class::Authenticate),
    function(550, "action-not-taken", Class::Session),
];

/// The reader of FTP.
#[derive(Debug)]
pub struct Ftp;

impl Dissector for Ftp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if !hint.stream || !lines::begins_as_text(data) {
            return Likelihood::No;
        }
        let on_port = hint.port(PORT);
        let line = match lines::line(data, LINE_LENGTH_MAX) {
            Line::Whole(line, _) if lines::is_text(line) => line,
            Line::Short if on_port && lines::is_text(data) => return Likelihood::Port,
            _ => return Likelihood::No,
        };
        let greets = matches!(lines::reply(line), Some((220, _)));
        match (greets || lines::reply(line).is_some() || command(line).is_some(), on_port) {
            (true, true) => Likelihood::Likely,
            (true, false) if greets && names_ftp(line) => Likelihood::Likely,
            (false, true) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let server = match (hint.source_port == PORT, hint.destination_port == PORT) {
            (true, false) => Some(hint.from),
            (false, true) => Some(hint.from.other()),
            _ => None,
        };
        Box::new(Reader {
            secured: Secured::new(hint),
            server,
            continued: None,
            anonymous: false,
            began: false,
            files: Once::default(),
        })
    }
}

fn names_ftp(line: &[u8]) -> bool {
    line.windows(3).any(|window| window.eq_ignore_ascii_case(b"ftp"))
}

/// A command that is known.
fn command(line: &[u8]) -> Option<(&'static Function, &[u8])> {
    let (verb, rest) = lines::verb(line)?;
    COMMANDS.iter().find(|known| known.name.eq_ignore_ascii_case(verb)).map(|known| (known, rest))
}

/// One conversation being read.
struct Reader {
    secured: Secured,
    server: Option<End>,
    /// The reply of several lines that goes on.
    continued: Option<u32>,
    /// Is the user one that needs no secret?
    anonymous: bool,
    /// Was it said who began?
    began: bool,
    files: Once<8>,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        self.secured.begin_at(from, data);
        if let Some(progress) = self.secured.read(from, data, facts) {
            return progress;
        }
        match lines::line(data, LINE_LENGTH_MAX) {
            // The interrupt of Telnet goes before ABOR (RFC 959, 4.1.3).
            Line::Whole(line, length) => {
                let start = line.iter().position(|&octet| octet < 0xF0).unwrap_or(0);
                self.line(from, line.get(start..).unwrap_or_default(), facts);
                Progress::Consumed(length)
            }
            Line::Short => Progress::Need(data.len() + 1),
            Line::Long => {
                facts.say(Fact::Anomaly { what: "ftp-line-length" });
                Progress::Lost
            }
        }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        self.secured.cut(from, data, facts);
    }

    fn gap(&mut self, from: End) -> bool {
        self.continued = None;
        self.secured.gap(from).unwrap_or(false)
    }
}

impl Reader {
    fn line(&mut self, from: End, line: &[u8], facts: &mut dyn Facts) {
        let reply = lines::reply(line);
        let server = *self.server.get_or_insert(if reply.is_some() { from } else { from.other() });
        if !std::mem::replace(&mut self.began, true) {
            facts.say(Fact::Initiator(server.other()));
        }
        if from != server {
            self.command(from, line, facts);
            return;
        }
        match (self.continued, reply) {
            // Lines within a reply may begin with anything; it ends with its code and a blank (RFC 959, 4.2).
            (Some(code), Some((end, false))) if code == end => {
                self.continued = None;
                if code == 220 {
                    say_banner(from, line.get(4..).unwrap_or_default(), facts);
                }
                self.reply(code, facts);
            }
            (Some(_), _) => {}
            (None, Some((code, goes_on))) => {
                if code == 220 {
                    say_banner(from, line.get(4..).unwrap_or_default(), facts);
                }
                if goes_on {
                    self.continued = Some(code);
                } else {
                    self.reply(code, facts);
                }
            }
            (None, None) if line.is_empty() => {}
            (None, None) => facts.say(Fact::Anomaly { what: "ftp-reply" }),
        }
    }

    fn reply(&mut self, code: u32, facts: &mut dyn Facts) {
        facts.message(&PROTOCOL, REPLY, code, Direction::Response);
        match code {
            230 => facts.say(Fact::Authenticated(!self.anonymous)),
            234 => {
                facts.say(Fact::Property { name: "upgrade", value: "TLS" });
                self.secured.begin();
            }
            _ => {}
        }
    }

    fn command(&mut self, from: End, line: &[u8], facts: &mut dyn Facts) {
        let Some((verb, _)) = lines::verb(line) else {
            if !line.is_empty() {
                facts.say(Fact::Anomaly { what: "ftp-command" });
            }
            return;
        };
        let known = command(line);
        let mut word = [0; 12];
        let length = verb.len().min(word.len());
        for (place, octet) in word.iter_mut().zip(verb.bytes()) {
            *place = octet.to_ascii_uppercase();
        }
        facts.say(Fact::Message(Message {
            protocol: &PROTOCOL,
            element: COMMAND,
            code: Code::Text(
                word.get(..length).and_then(|word| std::str::from_utf8(word).ok()).unwrap_or(verb),
            ),
            direction: Direction::Request,
            meaning: known.map(|(known, _)| (known.name, known.class)),
        }));
        if let Some((known, argument)) = known {
            self.argument(from, known, argument, facts);
        }
    }

    fn argument(&mut self, from: End, known: &Function, argument: &[u8], facts: &mut dyn Facts) {
        match known.name {
            "user" => {
                self.anonymous =
                    [&b"anonymous"[..], b"ftp"].iter().any(|name| argument.eq_ignore_ascii_case(name));
                facts.say(Fact::Encrypted(false));
                if let Some(value) = printable(argument) {
                    facts.say(Fact::Property { name: "user-name", value });
                }
            }
            "pass" | "acct" if !argument.is_empty() && !self.anonymous => {
                facts.say(Fact::ClearTextCredential { what: "password" });
            }
            "clnt" => {
                if let Some(value) = printable(argument) {
                    facts.say(Fact::Identity { about: from, what: Identity::Product, value });
                }
            }
            _ if known.class == Class::File => {
                if let Some(value) = printable(argument)
                    && self.files.is_new(argument)
                {
                    facts.say(Fact::Property { name: "file-name", value });
                }
            }
            _ => {}
        }
    }
}

fn say_banner(about: End, text: &[u8], facts: &mut dyn Facts) {
    if let Some(value) = printable(text) {
        facts.say(Fact::Property { name: "banner", value });
    }
    if let Some((product, version)) = lines::software(text) {
        facts.say(Fact::Identity { about, what: Identity::Product, value: product });
        facts.say(Fact::Identity { about, what: Identity::Version, value: version });
    }
}
