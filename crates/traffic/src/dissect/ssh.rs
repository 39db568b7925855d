//! SSH (RFC 4251 to 4253): identification, key exchange; the rest is encrypted and passed over.

use super::octets::{Octets, printable};
use super::sides::Sides;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The port that is registered for SSH (RFC 4253, 4.1).
const PORT: u16 = 22;
/// Longest line of identification or before it (RFC 4253, 4.2: 255 octets; some servers say more before it).
const LINE_LENGTH_MAX: usize = 4096;
/// Longest packet that every implementation takes (RFC 4253, 6.1).
const PACKET_LENGTH_MAX: u32 = 35_000;
/// Lists of algorithms kept of each side; longer ones are not compared.
const LISTS_LENGTH_MAX: usize = 8 * 1024;

/// Index of the element that counts messages in clear.
const MESSAGE: u8 = 0;

/// SSH.
pub static PROTOCOL: Protocol = Protocol {
    name: "ssh",
    title: "Secure shell",
    carriers: &[Carrier::Tcp(PORT)],
    authentication: Protection::Always,
    encryption: Protection::Always,
    integrity: Protection::Always,
    elements: &[Element { name: "message", functions: MESSAGES, default_class: Class::Session }],
    documents: &["RFC 4253 (transport)", "RFC 4250, 4.1 (message numbers)", "RFC 4419", "RFC 5656"],
};

/// Messages that can be seen in clear (RFC 4250, 4.1.2; 30 to 34 depend on the method of key exchange).
const MESSAGES: &[Function] = &[
    function(1, "disconnect", Class::Session),
    function(2, "ignore", Class::Session),
    function(3, "unimplemented", Class::Session),
    function(4, "debug", Class::Session),
    function(20, "kexinit", Class::Session),
    function(21, "newkeys", Class::Session),
    function(30, "kex-30", Class::Session),
    function(31, "kex-31", Class::Session),
    function(32, "kex-32", Class::Session),
    function(33, "kex-33", Class::Session),
    function(34, "kex-34", Class::Session),
];

/// The reader of SSH.
#[derive(Debug)]
pub struct Ssh;

impl Dissector for Ssh {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        match (hint.stream, data) {
            (true, [b'S', b'S', b'H', b'-', b'1' | b'2', b'.', ..]) => Likelihood::Certain,
            (true, _) if hint.port(PORT) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader {
            state: Sides::new(State::Identification, State::Identification),
            lists: Sides::default(),
            said: false,
        })
    }
}

/// What is expected next of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Lines up to the identification.
    Identification,
    /// Packets in clear.
    Packets,
    /// Packets that cannot be read.
    Encrypted,
}

/// One conversation being read.
struct Reader {
    /// By sender.
    state: Sides<State>,
    /// By sender: the lists of algorithms.
    lists: Sides<Option<Vec<u8>>>,
    /// Was it said that the session is encrypted?
    said: bool,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        match *self.state.of(from) {
            State::Identification => self.line(from, data, facts),
            State::Packets => self.packet(from, data, facts),
            State::Encrypted => Progress::Skip(data.len()),
        }
    }

    fn gap(&mut self, from: End) -> bool {
        // Where a packet begins can only be known by having followed them all.
        *self.state.of(from) = State::Encrypted;
        true
    }
}

impl Reader {
    /// Reads a line: the identification, or what a server says before it (RFC 4253, 4.2).
    fn line(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let text = |octet: &u8| matches!(octet, b'\t' | b'\r' | b'\n' | b' '..=b'~' | 0x80..);
        let end = data.iter().take(LINE_LENGTH_MAX).position(|&octet| octet == b'\n');
        let Some(end) = end else {
            if data.len() < LINE_LENGTH_MAX && data.iter().all(text) {
                return Progress::Need(data.len() + 1);
            }
            // The beginning was not captured: what this is, only the port tells.
            *self.state.of(from) = State::Encrypted;
            return Progress::Skip(data.len());
        };
        let line = data.get(..end).unwrap_or_default();
        if let Some(identification) = line.strip_prefix(b"SSH-") {
            *self.state.of(from) = self.identification(from, identification, facts);
        } else if !line.iter().all(text) {
            *self.state.of(from) = State::Encrypted;
        }
        Progress::Consumed(end + 1)
    }

    /// Reads what follows `SSH-`: version, software, comment.
    fn identification(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> State {
        let mut parts = data.splitn(2, |&octet| octet == b'-');
        let version = parts.next().unwrap_or_default();
        let rest = parts.next().unwrap_or_default();
        if let Some(value) = printable(version) {
            facts.say(Fact::Property { name: "ssh-version", value });
        }
        let mut words = rest.splitn(2, |&octet| octet == b' ');
        if let Some(software) = words.next().and_then(printable) {
            say_software(from, software, facts);
        }
        if let Some(value) = words.next().and_then(printable) {
            facts.say(Fact::Property { name: "ssh-comment", value });
        }
        // 1.99 stands for a server that takes both (RFC 4253, 5.1). The packets of SSH 1 are others.
        if version == b"2.0" || version == b"1.99" {
            return State::Packets;
        }
        self.say_encrypted(true, facts);
        State::Encrypted
    }

    /// Reads a packet in clear (RFC 4253, 6).
    fn packet(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let mut octets = Octets::new(data);
        let Some(length) = octets.u32_be() else { return Progress::Need(4) };
        if !(2..=PACKET_LENGTH_MAX).contains(&length) {
            facts.say(Fact::Anomaly { what: "ssh-packet-length" });
            *self.state.of(from) = State::Encrypted;
            return Progress::Skip(data.len());
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some(packet) = octets.take(length) else { return Progress::Need(length.saturating_add(4)) };
        let [padding, number, rest @ ..] = packet else { return Progress::Consumed(length + 4) };
        let body = rest.get(..rest.len().saturating_sub(usize::from(*padding))).unwrap_or_default();
        facts.message(&PROTOCOL, MESSAGE, u32::from(*number), Direction::None);
        match *number {
            20 => self.algorithms(from, body, facts),
            21 => {
                *self.state.of(from) = State::Encrypted;
                self.say_encrypted(true, facts);
            }
            // The client begins the exchange (RFC 4253, 8; RFC 4419, 3; RFC 5656, 4).
            30 | 34 => facts.say(Fact::Initiator(from)),
            1..=4 | 31..=33 => {}
            _ => facts.say(Fact::Anomaly { what: "ssh-message" }),
        }
        Progress::Consumed(length + 4)
    }

    /// Keeps a side's lists of algorithms; when both are there, says what was agreed.
    fn algorithms(&mut self, from: End, body: &[u8], facts: &mut dyn Facts) {
        let mut octets = Octets::new(body);
        if octets.skip(16).is_none() || octets.len() > LISTS_LENGTH_MAX {
            facts.say(Fact::Anomaly { what: "ssh-kexinit" });
            return;
        }
        *self.lists.of(from) = Some(octets.rest().to_vec());
        let (Some(client), Some(server)) = self.lists.both() else { return };
        let agreed = agree(client, server);
        let names = ["ssh-key-exchange", "ssh-host-key", "ssh-cipher", "ssh-cipher", "ssh-mac", "ssh-mac"];
        for (name, value) in names.into_iter().zip(&agreed) {
            if let Some(value) = value.and_then(printable) {
                facts.say(Fact::Property { name, value });
            }
        }
        if let [_, _, Some(to_server), Some(to_client), ..] = agreed {
            let encrypted = to_server != b"none" && to_client != b"none";
            self.say_encrypted(encrypted, facts);
        }
    }

    fn say_encrypted(&mut self, encrypted: bool, facts: &mut dyn Facts) {
        if !self.said {
            self.said = true;
            facts.say(Fact::Encrypted(encrypted));
            facts.say(Fact::Authenticated(true));
        }
    }
}

/// Says software as product and version: `OpenSSH_9.2p1`, `Cisco-1.25`.
fn say_software(about: End, software: &str, facts: &mut dyn Facts) {
    let hyphen = || {
        let (product, version) = software.rsplit_once('-')?;
        version.starts_with(|c: char| c.is_ascii_digit()).then_some((product, version))
    };
    let (product, version) = match software.split_once('_').or_else(hyphen) {
        Some((product, version)) => (product, Some(version)),
        None => (software, None),
    };
    facts.say(Fact::Identity { about, what: Identity::Product, value: product });
    if let Some(value) = version.filter(|version| !version.is_empty()) {
        facts.say(Fact::Identity { about, what: Identity::Version, value });
    }
}

/// What two sides agree on in each of the first six lists: the client's first that the server also has (RFC 4253,
/// 7.1). The initiator of the connection is taken for the client.
fn agree<'a>(client: &'a [u8], server: &'a [u8]) -> [Option<&'a [u8]>; 6] {
    let (mut client, mut server) = (Octets::new(client), Octets::new(server));
    let mut agreed = [None; 6];
    for place in &mut agreed {
        let (Some(wanted), Some(offered)) = (list(&mut client), list(&mut server)) else { break };
        *place = wanted.split(|&octet| octet == b',').find(|name| {
            !name.is_empty() && offered.split(|&octet| octet == b',').any(|other| other == *name)
        });
    }
    agreed
}

/// A name list (RFC 4251, 5).
fn list<'a>(octets: &mut Octets<'a>) -> Option<&'a [u8]> {
    let length = octets.u32_be()?;
    octets.take(usize::try_from(length).ok()?)
}
