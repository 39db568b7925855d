//! VNC's remote framebuffer protocol (RFC 6143): version, how the viewer proves who it is, the desktop's name, and
//! what the viewer does. Pictures, and what other kinds of security hide, are passed over.

use super::octets::{Octets, printable};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element that counts the security that was chosen.
const SECURITY: u8 = 0;
/// Index of the element that counts messages of the viewer.
const CLIENT: u8 = 1;
/// Octets of a version: `RFB 003.008` and a line's end (7.1.1).
const VERSION_LENGTH: usize = 12;
/// Octets of a challenge and its answer (7.2.2).
const CHALLENGE_LENGTH: usize = 16;
/// Octets of the server's parameters before the name (7.3.2).
const INIT_LENGTH: usize = 24;
/// Longest name, reason or list that is believed.
const TEXT_LENGTH_MAX: u32 = 64 * 1024;

/// VNC.
pub static PROTOCOL: Protocol = Protocol {
    name: "vnc",
    title: "Virtual network computing (RFB)",
    carriers: &[Carrier::Tcp(5900), Carrier::Tcp(5901), Carrier::Tcp(5902), Carrier::Tcp(5903)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[
        Element { name: "security-type", functions: SECURITIES, default_class: Class::Authenticate },
        Element { name: "client-message", functions: MESSAGES, default_class: Class::Other },
    ],
    documents: &["RFC 6143 (RFB 3.3, 3.7, 3.8)", "IANA registry of RFB security types"],
};

/// Kinds of security (IANA).
const SECURITIES: &[Function] = &[
    function(0, "invalid", Class::Authenticate),
    function(1, "none", Class::Authenticate),
    function(2, "vnc-authentication", Class::Authenticate),
    function(5, "ra2", Class::Authenticate),
    function(6, "ra2-not-encrypted", Class::Authenticate),
    function(16, "tight", Class::Authenticate),
    function(17, "ultra", Class::Authenticate),
    function(18, "tls", Class::Authenticate),
    function(19, "vencrypt", Class::Authenticate),
    function(20, "sasl", Class::Authenticate),
    function(21, "md5-hash", Class::Authenticate),
    function(22, "xvp", Class::Authenticate),
    function(30, "apple-diffie-hellman", Class::Authenticate),
    function(35, "apple-kerberos", Class::Authenticate),
    function(36, "apple-srp", Class::Authenticate),
    function(113, "ms-logon", Class::Authenticate),
];

/// Messages of the viewer (7.5): keys and pointer operate what the desktop shows.
const MESSAGES: &[Function] = &[
    function(0, "set-pixel-format", Class::Session),
    function(2, "set-encodings", Class::Session),
    function(3, "framebuffer-update-request", Class::Read),
    function(4, "key-event", Class::Operate),
    function(5, "pointer-event", Class::Operate),
    function(6, "client-cut-text", Class::Write),
];

/// The reader of VNC.
#[derive(Debug)]
pub struct Vnc;

impl Dissector for Vnc {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        match version(data) {
            Some(_) if hint.stream => Likelihood::Certain,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let at_home = |port: u16| (5900..=5999).contains(&port);
        let server = match (at_home(hint.source_port), at_home(hint.destination_port)) {
            (true, false) => hint.from,
            (false, true) => hint.from.other(),
            // The server speaks first (7.1.1).
            _ => hint.from,
        };
        Box::new(Reader {
            server,
            minor: 8,
            chosen: 0,
            server_step: Server::Version,
            client_step: Client::Version,
        })
    }
}

/// The minor version, and the text of both.
fn version(data: &[u8]) -> Option<(u16, &str)> {
    let [b'R', b'F', b'B', b' ', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'.', a, b, c, b'\n'] =
        data.get(..VERSION_LENGTH)?
    else {
        return None;
    };
    let digit = |octet: &u8| char::from(*octet).to_digit(10).and_then(|digit| u16::try_from(digit).ok());
    let minor = digit(a)? * 100 + digit(b)? * 10 + digit(c)?;
    Some((minor, printable(data.get(4..VERSION_LENGTH - 1)?)?))
}

/// What the server says next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Server {
    Version,
    Security,
    Challenge,
    Result,
    Init,
    Opaque,
}

/// What the viewer says next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Client {
    Version,
    Choice,
    Answer,
    Init,
    Messages,
    Opaque,
}

/// One conversation being read.
struct Reader {
    server: End,
    /// The version that the viewer chose.
    minor: u16,
    /// The kind of security that was chosen.
    chosen: u8,
    server_step: Server,
    client_step: Client,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let progress = if from == self.server {
            self.server_says(from, data, facts)
        } else {
            self.client_says(from, data, facts)
        };
        progress.unwrap_or_else(|| Progress::Need(data.len() + 1))
    }

    // What follows a gap cannot be told apart.
    fn gap(&mut self, from: End) -> bool {
        if from == self.server {
            self.server_step = Server::Opaque;
        } else {
            self.client_step = Client::Opaque;
        }
        true
    }
}

impl Reader {
    fn server_says(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Option<Progress> {
        let mut octets = Octets::new(data);
        match self.server_step {
            Server::Version => {
                let Some((_, value)) = version(data) else { return Some(self.give_up(data, facts)) };
                facts.say(Fact::Initiator(from.other()));
                facts.say(Fact::Property { name: "vnc-server-version", value });
                self.server_step = Server::Security;
                Some(Progress::Consumed(VERSION_LENGTH))
            }
            Server::Security if self.minor < 7 => {
                let kind = octets.u32_be()?;
                self.choose(u8::try_from(kind).unwrap_or(0), facts);
                Some(Progress::Consumed(4))
            }
            Server::Security => {
                let count = octets.u8()?;
                let kinds = octets.take(usize::from(count))?;
                for kind in kinds {
                    let known = PROTOCOL.function(SECURITY, u32::from(*kind));
                    facts.say(Fact::Property {
                        name: "vnc-security-offered",
                        value: known.map_or("other", |known| known.name),
                    });
                }
                // The viewer's choice tells what follows; without a kind, a reason does.
                self.server_step = if kinds.is_empty() { Server::Opaque } else { Server::Result };
                Some(Progress::Consumed(1 + kinds.len()))
            }
            Server::Challenge => {
                octets.skip(CHALLENGE_LENGTH)?;
                self.server_step = Server::Result;
                Some(Progress::Consumed(CHALLENGE_LENGTH))
            }
            Server::Result => {
                let result = octets.u32_be()?;
                self.result(result, facts);
                Some(Progress::Consumed(4))
            }
            Server::Init => {
                octets.skip(INIT_LENGTH - 4)?;
                let length = octets.u32_be()?;
                self.server_step = Server::Opaque;
                if length > TEXT_LENGTH_MAX {
                    facts.say(Fact::Anomaly { what: "vnc-name-length" });
                    return Some(Progress::Consumed(INIT_LENGTH));
                }
                let name = octets.take(usize::try_from(length).ok()?);
                let Some(name) = name else {
                    self.server_step = Server::Init;
                    return None;
                };
                if let Some(value) = printable(name) {
                    facts.say(Fact::Identity { about: from, what: Identity::Name, value });
                }
                Some(Progress::Consumed(INIT_LENGTH + name.len()))
            }
            Server::Opaque => Some(Progress::Skip(data.len())),
        }
    }

    fn client_says(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Option<Progress> {
        match self.client_step {
            Client::Version => {
                if data.len() < VERSION_LENGTH {
                    return None;
                }
                let Some((minor, value)) = version(data) else { return Some(self.give_up(data, facts)) };
                facts.say(Fact::Initiator(from));
                facts.say(Fact::Property { name: "vnc-version", value });
                self.minor = minor;
                self.client_step = if minor < 7 { Client::Init } else { Client::Choice };
                Some(Progress::Consumed(VERSION_LENGTH))
            }
            Client::Choice => {
                self.choose(*data.first()?, facts);
                Some(Progress::Consumed(1))
            }
            Client::Answer => {
                data.get(..CHALLENGE_LENGTH)?;
                self.client_step = Client::Init;
                Some(Progress::Consumed(CHALLENGE_LENGTH))
            }
            Client::Init => {
                self.client_step = Client::Messages;
                Some(Progress::Consumed(1))
            }
            Client::Messages => self.message(data, facts),
            Client::Opaque => Some(Progress::Skip(data.len())),
        }
    }

    /// A kind of security was chosen: by the server up to version 3.3, else by the viewer.
    fn choose(&mut self, kind: u8, facts: &mut dyn Facts) {
        facts.message(&PROTOCOL, SECURITY, u32::from(kind), Direction::None);
        self.chosen = kind;
        (self.server_step, self.client_step) = match kind {
            // Only version 3.8 tells the result of nothing (7.2.1).
            1 if self.minor < 8 => (Server::Init, Client::Init),
            1 => (Server::Result, Client::Init),
            2 => (Server::Challenge, Client::Answer),
            _ => (Server::Opaque, Client::Opaque),
        };
        match kind {
            1 => {
                facts.say(Fact::Encrypted(false));
                facts.say(Fact::Authenticated(false));
            }
            // The answer is made with DES; what follows is in the clear.
            2 | 6 => facts.say(Fact::Encrypted(false)),
            5 | 18 => facts.say(Fact::Encrypted(true)),
            _ => {}
        }
    }

    fn result(&mut self, result: u32, facts: &mut dyn Facts) {
        self.server_step = if result == 0 { Server::Init } else { Server::Opaque };
        match (result, self.chosen) {
            (0, 2) => facts.say(Fact::Authenticated(true)),
            (0, _) => {}
            _ => {
                facts.say(Fact::Property { name: "vnc-security-result", value: "failed" });
                self.client_step = Client::Opaque;
            }
        }
    }

    /// A message of the viewer: its length follows from its kind. One that is not known ends the reading.
    fn message(&mut self, data: &[u8], facts: &mut dyn Facts) -> Option<Progress> {
        let mut octets = Octets::new(data);
        let kind = octets.u8()?;
        let length = match kind {
            0 => 20,
            2 => {
                octets.skip(1)?;
                4 + 4 * usize::from(octets.u16_be()?)
            }
            3 => 10,
            4 => 8,
            5 => 6,
            6 => {
                octets.skip(3)?;
                // Of extended clipboards the length is negative.
                let length = octets.u32_be()?.cast_signed().unsigned_abs();
                8_usize.saturating_add(usize::try_from(length).unwrap_or(usize::MAX))
            }
            _ => {
                self.client_step = Client::Opaque;
                return Some(Progress::Skip(data.len()));
            }
        };
        facts.message(&PROTOCOL, CLIENT, u32::from(kind), Direction::None);
        Some(if length <= data.len() { Progress::Consumed(length) } else { Progress::Skip(length) })
    }

    fn give_up(&mut self, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if data.len() < VERSION_LENGTH {
            return Progress::Need(VERSION_LENGTH);
        }
        facts.say(Fact::Anomaly { what: "vnc-version" });
        (self.server_step, self.client_step) = (Server::Opaque, Client::Opaque);
        Progress::Lost
    }
}
