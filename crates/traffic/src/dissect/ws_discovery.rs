//! WS-Discovery (OASIS WS-Discovery 1.1 and its forerunner of 2005): SOAP in datagrams, by which cameras and printers
//! are found; ONVIF devices tell their name and model in scopes.

use super::lines;
use super::octets::{find, printable};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The registered port (1.1, 2.4).
const PORT: u16 = 3702;
/// Index of the element that counts actions.
const ACTION: u8 = 0;
/// Octets in which the namespace is looked for.
const HEAD_LENGTH: usize = 2048;
/// Longest element that is read.
const CONTENT_LENGTH_MAX: usize = 8192;
/// Scopes of one message that are looked at.
const SCOPES_MAX: usize = 64;
/// Namespaces of 2005/04 and of 1.1 (7).
const NAMESPACES: [&[u8]; 2] = [
    b"http://schemas.xmlsoap.org/ws/2005/04/discovery",
    b"http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01",
];
/// Where an ONVIF device's scopes begin (ONVIF Core Specification, 7.3.2.2).
const ONVIF: &[u8] = b"onvif://www.onvif.org/";

/// WS-Discovery.
pub static PROTOCOL: Protocol = Protocol {
    name: "ws-discovery",
    title: "Web services dynamic discovery",
    carriers: &[Carrier::Udp(PORT)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "action", functions: ACTIONS, default_class: Class::Discover }],
    documents: &["OASIS WS-Discovery 1.1, 4 to 6", "ONVIF Core Specification 22.12, 7 (discovery)"],
};

/// Actions. On the wire the code is the end of an address, here they are numbered. Longer names come before their beginnings.
const ACTIONS: &[Function] = &[
    function(0, "probe-matches", Class::Discover),
    function(1, "probe", Class::Discover),
    function(2, "resolve-matches", Class::Discover),
    function(3, "resolve", Class::Discover),
    function(4, "hello", Class::Discover),
    function(5, "bye", Class::Discover),
];

/// The words of [`ACTIONS`] on the wire.
const WORDS: [&[u8]; 6] = [b"ProbeMatches", b"Probe", b"ResolveMatches", b"Resolve", b"Hello", b"Bye"];

/// The reader of WS-Discovery.
#[derive(Debug)]
pub struct WsDiscovery;

impl Dissector for WsDiscovery {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let text = data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(data).trim_ascii_start();
        if hint.stream || !text.starts_with(b"<") {
            return Likelihood::No;
        }
        match namespace(text) {
            Some(_) => Likelihood::Certain,
            None if hint.port(PORT) => Likelihood::Port,
            None => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { began: false })
    }
}

/// The namespace that a message names.
fn namespace(data: &[u8]) -> Option<&'static [u8]> {
    let head = data.get(..HEAD_LENGTH).unwrap_or(data);
    NAMESPACES.into_iter().find(|namespace| find(head, namespace).is_some())
}

/// One conversation being read.
struct Reader {
    /// Was it said who began?
    began: bool,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if !lines::is_text(data) || namespace(data).is_none() {
            facts.say(Fact::Anomaly { what: "ws-discovery-envelope" });
            return Progress::Lost;
        }
        self.cut(from, data, facts);
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        let Some(action) = action(data) else {
            facts.say(Fact::Anomaly { what: "ws-discovery-action" });
            return;
        };
        let answers = matches!(action, 0 | 2);
        if !std::mem::replace(&mut self.began, true) {
            facts.say(Fact::Initiator(if answers { from.other() } else { from }));
        }
        let direction = match action {
            0 | 2 => Direction::Response,
            1 | 3 => Direction::Request,
            _ => Direction::None,
        };
        facts.message(&PROTOCOL, ACTION, action, direction);
        // A probe names what is looked for, not what its sender is.
        if matches!(action, 0 | 2 | 4) {
            describe(from, data, facts);
        }
    }
}

/// The action that the header names: the namespace, a slash, a word.
fn action(data: &[u8]) -> Option<u32> {
    let text = content(data, b"Action")?;
    let word = text.rsplit(|&octet| octet == b'/').next()?;
    (0..).zip(WORDS).find_map(|(number, known)| (known == word).then_some(number))
}

/// The text in the first element of a local name.
fn content<'a>(data: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut from = 0;
    while let Some(at) = data.get(from..).and_then(|rest| find(rest, name)).map(|at| at + from) {
        let before = data.get(at.checked_sub(1)?).copied()?;
        let rest = data.get(at + name.len()..)?;
        from = at + name.len();
        let begins = matches!(before, b':' | b'<')
            && matches!(rest.first(), Some(b'>' | b' ' | b'\t' | b'\r' | b'\n'));
        if !begins {
            continue;
        }
        let start = rest.iter().position(|&octet| octet == b'>')? + 1;
        let text = rest.get(start..)?;
        let end = text.iter().take(CONTENT_LENGTH_MAX).position(|&octet| octet == b'<')?;
        return text.get(..end).map(<[u8]>::trim_ascii);
    }
    None
}

/// What a device tells of itself: its types, and of ONVIF devices name, model and place.
fn describe(about: End, data: &[u8], facts: &mut dyn Facts) {
    if let Some(value) = content(data, b"Types").and_then(printable) {
        facts.say(Fact::Identity { about, what: Identity::Kind, value });
    }
    let Some(scopes) = content(data, b"Scopes") else { return };
    for scope in scopes.split(u8::is_ascii_whitespace).take(SCOPES_MAX) {
        let Some(path) = scope.strip_prefix(ONVIF) else { continue };
        let Some(slash) = path.iter().position(|&octet| octet == b'/') else { continue };
        let value = path.get(slash + 1..).unwrap_or_default();
        let what = match path.get(..slash) {
            Some(b"name") => Identity::Name,
            Some(b"hardware") => Identity::Product,
            Some(b"manufacturer" | b"mfr") => Identity::Vendor,
            _ => continue,
        };
        say_unescaped(about, what, value, facts);
    }
}

/// Says a text in which octets may stand as `%20`.
fn say_unescaped(about: End, what: Identity, value: &[u8], facts: &mut dyn Facts) {
    let mut room = [0; 128];
    let mut length = 0;
    let mut rest = value.iter();
    while let Some(&octet) = rest.next() {
        let octet = match (octet, rest.as_slice()) {
            (b'%', [high, low, ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    rest.nth(1);
                    high << 4 | low
                }
                _ => octet,
            },
            _ => octet,
        };
        let Some(place) = room.get_mut(length) else { break };
        *place = octet;
        length += 1;
    }
    if let Some(value) = room.get(..length).and_then(printable) {
        facts.say(Fact::Identity { about, what, value });
    }
}

fn digit(octet: u8) -> Option<u8> {
    char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
