//! SOCKS (RFC 1928, RFC 1929; version 4 as NEC described it): through which proxy somebody reaches what, with what
//! secret. What goes through is not read.

use super::octets::{Octets, printable};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The registered port.
const PORT: u16 = 1080;
/// Index of the element that counts commands.
const COMMAND: u8 = 0;
/// Methods that a client may offer at once; real ones offer three at most.
const METHODS_MAX: usize = 16;
/// Longest name in version 4.
const TEXT_LENGTH_MAX: usize = 255;

/// SOCKS.
pub static PROTOCOL: Protocol = Protocol {
    name: "socks",
    title: "SOCKS proxy",
    carriers: &[Carrier::Tcp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "command", functions: COMMANDS, default_class: Class::Session }],
    documents: &[
        "RFC 1928 (version 5)",
        "RFC 1929 (name and password)",
        "SOCKS: a protocol for TCP proxy (version 4)",
    ],
};

/// Commands (RFC 1928, 4).
const COMMANDS: &[Function] = &[
    function(1, "connect", Class::Session),
    function(2, "bind", Class::Session),
    function(3, "udp-associate", Class::Session),
];

/// The reader of SOCKS.
#[derive(Debug)]
pub struct Socks;

impl Dissector for Socks {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        // Three octets are too few to know it by: its port has to say so, too.
        if !hint.stream || hint.destination_port != PORT {
            return Likelihood::No;
        }
        match data {
            [5, count, methods @ ..]
                if methods.len() == usize::from(*count) && (1..=METHODS_MAX).contains(&methods.len()) =>
            {
                Likelihood::Likely
            }
            [4, 1 | 2, rest @ ..] if rest.len() >= 7 && rest.last() == Some(&0) => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let client = if hint.source_port == PORT { hint.from.other() } else { hint.from };
        Box::new(Reader { client, client_step: Step::Greeting, server_step: Step::Greeting })
    }
}

/// What one side says next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The client's methods, the server's choice.
    Greeting,
    /// Name and password, and the answer.
    Secret,
    /// The request, and the answer.
    Request,
    /// What goes through.
    Through,
}

/// One conversation being read.
struct Reader {
    client: End,
    client_step: Step,
    server_step: Step,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let read =
            if from == self.client { self.client_says(data, facts) } else { self.server_says(data, facts) };
        match read {
            Some(0) => {
                facts.say(Fact::Anomaly { what: "socks-message" });
                (self.client_step, self.server_step) = (Step::Through, Step::Through);
                Progress::Lost
            }
            Some(length) => Progress::Consumed(length),
            None => Progress::Need(data.len() + 1),
        }
    }

    fn gap(&mut self, _from: End) -> bool {
        (self.client_step, self.server_step) = (Step::Through, Step::Through);
        true
    }
}

impl Reader {
    /// How many octets were read; zero where they are not understood, `None` where more are needed.
    fn client_says(&mut self, data: &[u8], facts: &mut dyn Facts) -> Option<usize> {
        let mut octets = Octets::new(data);
        match self.client_step {
            Step::Greeting => match octets.u8()? {
                5 => {
                    let count = usize::from(octets.u8()?);
                    octets.skip(count)?;
                    self.say_version("5", facts);
                    // The server's choice tells whether a secret follows.
                    self.client_step = Step::Request;
                    Some(2 + count)
                }
                4 => self.request_4(data, octets, facts),
                _ => Some(0),
            },
            Step::Secret => {
                let version = octets.u8()?;
                let length = octets.u8()?;
                let user = octets.take(usize::from(length))?;
                let length = octets.u8()?;
                let password = octets.take(usize::from(length))?;
                self.client_step = Step::Request;
                if version != 1 {
                    return Some(0);
                }
                facts.say(Fact::Authenticated(true));
                say_user(user, facts);
                if !password.is_empty() {
                    facts.say(Fact::ClearTextCredential { what: "password" });
                }
                Some(data.len() - octets.len())
            }
            Step::Request => {
                let [5, command, _, kind] = octets.array::<4>()? else { return Some(0) };
                let length = address(kind, &mut octets)?;
                if length == 0 {
                    return Some(0);
                }
                let port = octets.u16_be()?;
                facts.message(&PROTOCOL, COMMAND, u32::from(command), Direction::Request);
                say_target(data.get(3..4 + length).unwrap_or_default(), port, facts);
                self.client_step = Step::Through;
                Some(4 + length + 2)
            }
            Step::Through => Some(data.len()),
        }
    }

    /// A request of version 4: command, port, address, the user; of version 4a a name after an address that is none.
    fn request_4(&mut self, data: &[u8], mut octets: Octets<'_>, facts: &mut dyn Facts) -> Option<usize> {
        let command = octets.u8()?;
        let port = octets.u16_be()?;
        let address = octets.array::<4>()?;
        let user = text(&mut octets)?;
        let named = matches!(address, [0, 0, 0, 1..=255]);
        let name = if named { text(&mut octets)? } else { &[] };
        self.say_version("4", facts);
        facts.message(&PROTOCOL, COMMAND, u32::from(command), Direction::Request);
        say_user(user, facts);
        match printable(name) {
            Some(name) => {
                facts.say(Fact::Property { name: "socks-target", value: &format!("{name}:{port}") })
            }
            None => {
                let value = format!("{}:{port}", Ipv4Addr::from(address));
                facts.say(Fact::Property { name: "socks-target", value: &value });
            }
        }
        (self.client_step, self.server_step) = (Step::Through, Step::Request);
        Some(data.len() - octets.len())
    }

    fn say_version(&self, value: &'static str, facts: &mut dyn Facts) {
        facts.say(Fact::Initiator(self.client));
        facts.say(Fact::Encrypted(false));
        facts.say(Fact::Property { name: "socks-version", value });
    }

    fn server_says(&mut self, data: &[u8], facts: &mut dyn Facts) -> Option<usize> {
        let mut octets = Octets::new(data);
        match self.server_step {
            Step::Greeting => {
                let [5, method] = octets.array::<2>()? else { return Some(0) };
                self.server_step = Step::Request;
                match method {
                    0 => facts.say(Fact::Authenticated(false)),
                    2 => (self.client_step, self.server_step) = (Step::Secret, Step::Secret),
                    // Other methods wrap what follows.
                    _ => (self.client_step, self.server_step) = (Step::Through, Step::Through),
                }
                Some(2)
            }
            Step::Secret => {
                octets.skip(2)?;
                self.server_step = Step::Request;
                Some(2)
            }
            Step::Request => {
                let first = octets.u8()?;
                self.server_step = Step::Through;
                if first == 0 {
                    // The answer of version 4 has eight octets.
                    return (data.len() >= 8).then_some(8).or_else(|| {
                        self.server_step = Step::Request;
                        None
                    });
                }
                let read =
                    octets.skip(2).and_then(|()| octets.u8()).and_then(|kind| address(kind, &mut octets));
                match read {
                    Some(0) => Some(0),
                    Some(length) if first == 5 && octets.len() >= 2 => Some(4 + length + 2),
                    _ if first != 5 => Some(0),
                    _ => {
                        self.server_step = Step::Request;
                        None
                    }
                }
            }
            Step::Through => Some(data.len()),
        }
    }
}

/// How long an address of a kind is, which is passed over: zero where the kind is none (RFC 1928, 5).
fn address(kind: u8, octets: &mut Octets<'_>) -> Option<usize> {
    let length = match kind {
        1 => 4,
        3 => {
            let length = usize::from(octets.u8()?);
            octets.skip(length)?;
            return Some(1 + length);
        }
        4 => 16,
        _ => return Some(0),
    };
    octets.skip(length)?;
    Some(length)
}

/// The next text that a zero ends; none that is longer than a name.
fn text<'a>(octets: &mut Octets<'a>) -> Option<&'a [u8]> {
    let end = octets.rest().iter().take(TEXT_LENGTH_MAX + 1).position(|&octet| octet == 0)?;
    let text = octets.take(end)?;
    octets.skip(1)?;
    Some(text)
}

fn say_user(user: &[u8], facts: &mut dyn Facts) {
    if let Some(value) = printable(user) {
        facts.say(Fact::Property { name: "user-name", value });
    }
}

/// Says what is to be reached: a kind of address, and the address.
fn say_target(address: &[u8], port: u16, facts: &mut dyn Facts) {
    let value = match address {
        [1, a, b, c, d] => format!("{}:{port}", Ipv4Addr::new(*a, *b, *c, *d)),
        [3, _, name @ ..] => match printable(name) {
            Some(name) => format!("{name}:{port}"),
            None => return,
        },
        [4, octets @ ..] => match octets.first_chunk::<16>() {
            Some(octets) => format!("[{}]:{port}", Ipv6Addr::from(*octets)),
            None => return,
        },
        _ => return,
    };
    facts.say(Fact::Property { name: "socks-target", value: &value });
}
