//! PTP: the time of substations and motion (IEEE 1588), on the link and over UDP.
//!
//! Owns message types of versions 1 and 2, the grandmaster that a clock follows, and what management says of a clock.
//! Times are not read.

use super::fields::{be16, bytes, rest, u8_at};
use super::octets::{Octets, printable};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Event and general messages over UDP (IEEE 1588-2019, annexes C and D).
const PORTS: [u16; 2] = [319, 320];

/// Index of the element that counts messages by type.
const MESSAGE: u8 = 0;
/// Index of the element that counts messages of version 1 by their control field.
const MESSAGE_V1: u8 = 1;

/// PTP.
pub static PROTOCOL: Protocol = Protocol {
    name: "ptp",
    title: "Precision Time Protocol (IEEE 1588)",
    carriers: &[Carrier::EtherType(0x88f7), Carrier::Udp(PORTS[0]), Carrier::Udp(PORTS[1])],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Sometimes,
    elements: &[
        Element { name: "message", functions: MESSAGES, default_class: Class::Time },
        Element { name: "message-v1", functions: MESSAGES_V1, default_class: Class::Time },
    ],
    documents: &[
        "IEEE 1588-2019, sections 13 to 16, annexes C, D and E",
        "IEEE 1588-2002, section 8 (version 1)",
        "IEEE C37.238-2017, section 5 (power profile); IEEE 802.1AS-2020",
    ],
};

const MANAGEMENT: u8 = 13;
const ANNOUNCE: u8 = 11;

/// By message type (IEEE 1588-2019, table 36); management again by its action (table 57).
const MESSAGES: &[Function] = &[
    function(0, "sync", Class::Time),
    function(1, "delay-request", Class::Time),
    function(2, "peer-delay-request", Class::Time),
    function(3, "peer-delay-response", Class::Time),
    function(8, "follow-up", Class::Time),
    function(9, "delay-response", Class::Time),
    function(10, "peer-delay-response-follow-up", Class::Time),
    function(11, "announce", Class::Time),
    function(12, "signaling", Class::Session),
    function(13, "management", Class::Configure),
    function(13, "management-get", Class::Diagnose),
    function(13, "management-set", Class::Configure),
    function(13, "management-response", Class::Diagnose),
    function(13, "management-command", Class::Operate),
    function(13, "management-acknowledge", Class::Diagnose),
];

/// By control field (IEEE 1588-2002, section 8.2.10).
const MESSAGES_V1: &[Function] = &[
    function(0, "sync", Class::Time),
    function(1, "delay-request", Class::Time),
    function(2, "follow-up", Class::Time),
    function(3, "delay-response", Class::Time),
    function(4, "management", Class::Configure),
];

/// Names of the actions of management, by number.
const ACTIONS: [&str; 5] = [
    "management-get",
    "management-set",
    "management-response",
    "management-command",
    "management-acknowledge",
];

/// Common header (IEEE 1588-2019, table 35).
const HEADER_BYTES: usize = 34;
/// Header of version 1 up to its flags (IEEE 1588-2002, table 6).
const HEADER_V1_BYTES: usize = 36;
/// Type-length-value elements that are looked at.
const TLVS_MAX: usize = 16;

// Types of these elements (IEEE 1588-2019, table 52).
const TLV_MANAGEMENT: u16 = 1;
const TLV_ORGANIZATION: u16 = 3;
const TLV_AUTHENTICATION: u16 = 0x8009;

// Identifiers of management (IEEE 1588-2019, table 59).
const CLOCK_DESCRIPTION: u16 = 1;
const USER_DESCRIPTION: u16 = 2;

/// IEEE C37.238, which extends announcements.
const POWER_PROFILE: [u8; 3] = [0x1c, 0x12, 0x9d];

/// The dissector of PTP.
#[derive(Debug, Clone, Copy)]
pub struct Ptp;

impl Dissector for Ptp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let on_link = hint.source_port == 0 && hint.destination_port == 0;
        let at_home = PORTS.contains(&hint.destination_port);
        if hint.stream || !(on_link || at_home) {
            return Likelihood::No;
        }
        let known = match version(data) {
            Some(2) => length(data).is_some_and(|length| length <= data.len()),
            Some(1) => data.len() >= HEADER_V1_BYTES && u8_at(data, 32).is_some_and(|control| control <= 5),
            _ => false,
        };
        match known {
            true if at_home => Likelihood::Certain,
            true => Likelihood::Likely,
            false => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let on_link = hint.source_port == 0 && hint.destination_port == 0;
        Box::new(Reading { on_link, ..Reading::default() })
    }
}

/// The version of a message whose head is one. Version 1 has it in the first two octets, and again for the network.
fn version(data: &[u8]) -> Option<u8> {
    let (first, second) = (u8_at(data, 0)?, u8_at(data, 1)?);
    if bytes(data, 0, 4) == Some(&[0, 1, 0, 1]) {
        return Some(1);
    }
    // The minor version is 0 or 1; the upper half of the first octet is the profile's own.
    (second & 0x0f == 2 && second >> 4 <= 1 && body_length(first & 0x0f).is_some()).then_some(2)
}

/// The length that a message of version 2 says it has, if its type has room in it.
fn length(data: &[u8]) -> Option<usize> {
    let length = usize::from(be16(data, 2)?);
    let least = HEADER_BYTES + body_length(u8_at(data, 0)? & 0x0f)?;
    (length >= least).then_some(length)
}

/// Octets of a message type between header and elements (IEEE 1588-2019, section 13).
const fn body_length(kind: u8) -> Option<usize> {
    Some(match kind {
        0 | 1 | 8 | 12 => 10,
        2 | 3 | 9 | 10 => 20,
        ANNOUNCE => 30,
        MANAGEMENT => 14,
        _ => return None,
    })
}

#[derive(Debug, Default)]
struct Reading {
    /// Frames on the link, not UDP?
    on_link: bool,
    /// Was it said whether messages are authenticated?
    protection_said: bool,
    /// The grandmaster and its class that were announced last.
    announced: Option<([u8; 8], u8)>,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        match version(data) {
            Some(1) if data.len() >= HEADER_V1_BYTES => say_v1(data, facts),
            Some(1) => return Progress::Need(HEADER_V1_BYTES),
            Some(_) => {
                let said = usize::from(be16(data, 2).unwrap_or_default());
                if said > data.len() {
                    return Progress::Need(said);
                }
                self.say(from, data, said, facts);
            }
            None => facts.say(Fact::Anomaly { what: "ptp-header" }),
        }
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) {
        if version(data) == Some(2) && data.len() >= HEADER_BYTES {
            let kind = u8_at(data, 0).unwrap_or_default() & 0x0f;
            say_message(kind, None, facts);
        }
    }
}

impl Reading {
    fn say(&mut self, from: End, data: &[u8], length: usize, facts: &mut dyn Facts) {
        let kind = u8_at(data, 0).unwrap_or_default() & 0x0f;
        let message = data.get(..length).unwrap_or(data);
        let action = if kind == MANAGEMENT { u8_at(message, 46).map(|octet| octet & 0x0f) } else { None };
        say_message(kind, action.and_then(|action| ACTIONS.get(usize::from(action)).copied()), facts);
        let least = HEADER_BYTES + body_length(kind).unwrap_or_default();
        if message.len() < least {
            facts.say(Fact::Anomaly { what: "ptp-length" });
            return;
        }
        let elements = rest(message, least);
        if !std::mem::replace(&mut self.protection_said, true) {
            let secured = u8_at(message, 6).is_some_and(|flags| flags & 0x80 != 0);
            let signed = Tlvs(elements).take(TLVS_MAX).any(|(kind, _)| kind == TLV_AUTHENTICATION);
            facts.say(Fact::Authenticated(secured || signed));
            if let Some(domain) = u8_at(message, 4) {
                facts.say(Fact::Property { name: "domain", value: &domain.to_string() });
            }
            if u8_at(message, 0).is_some_and(|first| first >> 4 == 1) && self.on_link {
                facts.say(Fact::Property { name: "profile", value: "ieee-802.1as" });
            }
        }
        match kind {
            ANNOUNCE => self.say_grandmaster(from, message, elements, facts),
            MANAGEMENT if action == Some(2) => say_management(from, elements, facts),
            _ => {}
        }
    }

    /// Says which grandmaster is announced, when it is another than before (IEEE 1588-2019, table 43).
    fn say_grandmaster(&mut self, from: End, message: &[u8], elements: &[u8], facts: &mut dyn Facts) {
        let mut octets = Octets::new(rest(message, HEADER_BYTES + 14));
        let (Some(class), Some(_), Some(grandmaster)) = (octets.u8(), octets.skip(4), octets.array::<8>())
        else {
            return;
        };
        if self.announced.replace((grandmaster, class)) == Some((grandmaster, class)) {
            return;
        }
        let identity = grandmaster.map(|octet| format!("{octet:02x}")).concat();
        facts.say(Fact::Property { name: "grandmaster", value: &identity });
        facts.say(Fact::Property { name: "grandmaster-clock-class", value: &class.to_string() });
        let itself = bytes(message, 20, 8) == Some(&grandmaster);
        let value = if itself { "grandmaster clock" } else { "boundary clock" };
        facts.say(Fact::Identity { about: from, what: Identity::Kind, value });
        if let Some(value) = u8_at(message, 63).and_then(time_source) {
            facts.say(Fact::Property { name: "time-source", value });
        }
        let power =
            |(kind, value): (u16, &[u8])| kind == TLV_ORGANIZATION && value.starts_with(&POWER_PROFILE);
        if Tlvs(elements).take(TLVS_MAX).any(power) {
            facts.say(Fact::Property { name: "profile", value: "ieee-c37.238" });
        }
    }
}

fn say_message(kind: u8, action: Option<&'static str>, facts: &mut dyn Facts) {
    let meaning =
        action.and_then(|name| PROTOCOL.function_named(name)).map(|known| (known.name, known.class));
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: MESSAGE,
        code: Code::Number(u32::from(kind)),
        direction: Direction::None,
        meaning,
    }));
}

fn say_v1(data: &[u8], facts: &mut dyn Facts) {
    let control = u8_at(data, 32).unwrap_or_default();
    facts.message(&PROTOCOL, MESSAGE_V1, u32::from(control), Direction::None);
    if control > 5 {
        facts.say(Fact::Anomaly { what: "ptp-header" });
    }
}

/// Where a grandmaster has its time from (IEEE 1588-2019, table 6).
const fn time_source(code: u8) -> Option<&'static str> {
    Some(match code {
        0x10 => "atomic-clock",
        0x20 => "gnss",
        0x30 => "terrestrial-radio",
        0x39 => "serial-time-code",
        0x40 => "ptp",
        0x50 => "ntp",
        0x60 => "hand-set",
        0x90 => "other",
        0xa0 => "internal-oscillator",
        _ => return None,
    })
}

/// Says what a clock answers about itself.
fn say_management(from: End, elements: &[u8], facts: &mut dyn Facts) {
    let Some((TLV_MANAGEMENT, value)) = Tlvs(elements).next() else { return };
    let mut octets = Octets::new(value);
    let understood = match octets.u16_be() {
        Some(CLOCK_DESCRIPTION) => say_description(from, &mut octets, facts),
        Some(USER_DESCRIPTION) => text(&mut octets).map(|text| say_user_description(from, text, facts)),
        _ => Some(()),
    };
    if understood.is_none() {
        facts.say(Fact::Anomaly { what: "ptp-management" });
    }
}

/// A clock's description (IEEE 1588-2019, table 62): type, link, addresses, maker, product, revision, what its user calls it.
fn say_description(from: End, octets: &mut Octets<'_>, facts: &mut dyn Facts) -> Option<()> {
    octets.skip(2)?;
    text(octets)?;
    let physical = octets.u16_be()?;
    octets.skip(usize::from(physical) + 2)?;
    let network = octets.u16_be()?;
    octets.skip(usize::from(network))?;
    // The maker's number and a reserved octet.
    octets.skip(4)?;
    // Maker, model and serial number; hardware, firmware and software: each divided by semicolons.
    let product = text(octets)?.split(|octet| *octet == b';');
    for (part, what) in product.zip([Identity::Vendor, Identity::Product, Identity::Serial]) {
        say_identity(from, what, part, facts);
    }
    let revision = text(octets)?.split(|octet| *octet == b';').rev().find_map(printable);
    if let Some(value) = revision {
        facts.say(Fact::Identity { about: from, what: Identity::Version, value });
    }
    say_user_description(from, text(octets)?, facts);
    Some(())
}

/// What a clock's user calls it and where it is, divided by a semicolon.
fn say_user_description(from: End, description: &[u8], facts: &mut dyn Facts) {
    if let Some(name) = description.split(|octet| *octet == b';').next() {
        say_identity(from, Identity::Name, name, facts);
    }
}

fn say_identity(about: End, what: Identity, value: &[u8], facts: &mut dyn Facts) {
    if let Some(value) = printable(value) {
        facts.say(Fact::Identity { about, what, value });
    }
}

/// A text with its length before it (IEEE 1588-2019, section 5.3.9).
fn text<'a>(octets: &mut Octets<'a>) -> Option<&'a [u8]> {
    let length = octets.u8()?;
    octets.take(usize::from(length))
}

/// Type-length-value elements, one after another.
struct Tlvs<'a>(&'a [u8]);

impl<'a> Iterator for Tlvs<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let mut octets = Octets::new(self.0);
        let kind = octets.u16_be()?;
        let length = octets.u16_be()?;
        let value = octets.take(usize::from(length))?;
        self.0 = octets.rest();
        Some((kind, value))
    }
}
