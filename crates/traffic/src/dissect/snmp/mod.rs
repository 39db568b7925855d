//! SNMP versions 1, 2c and 3: PDUs, communities in clear text, what the security model of version 3 protects, and who
//! the agent says it is.

mod ber;
mod protocol;

pub use protocol::PROTOCOL;

use self::ber::{INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};
use self::protocol::{ENCRYPTED, PDU, SCOPED_PDU};
use super::fields::text;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::Protocol;

/// The largest message that is taken (RFC 3412 §6.2: `msgMaxSize` of UDP).
const MESSAGE_BYTES_MAX: usize = 65_507;
/// Variable bindings of one PDU that are looked at.
const BINDINGS_MAX: usize = 64;
/// Tag of the first PDU; the others follow.
const PDU_TAG: u8 = 0xa0;
/// Tag of the last PDU.
const PDU_TAG_LAST: u8 = 0xa8;

/// `sysDescr.0` (RFC 3418 §2).
const SYS_DESCR: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 1, 0];
/// `sysObjectID.0`.
const SYS_OBJECT_ID: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 2, 0];
/// `sysName.0`.
const SYS_NAME: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 5, 0];
/// `iso.org.dod.internet.private.enterprises`.
const ENTERPRISES: &[u8] = &[0x2b, 6, 1, 4, 1];

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct Snmp;

impl Dissector for Snmp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], _hint: &Hint) -> Likelihood {
        match Message::read(data) {
            Some(Message { body: Body::Community { .. }, .. }) => Likelihood::Certain,
            Some(Message { body: Body::Model { .. }, .. }) => Likelihood::Certain,
            None => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading { stream: hint.stream })
    }
}

/// A message, as much of it as is there.
struct Message<'a> {
    version: &'static str,
    body: Body<'a>,
}

enum Body<'a> {
    /// Versions 1 and 2c: the community, then a PDU.
    Community { community: &'a [u8], pdu: &'a [u8] },
    /// Version 3: flags, security parameters, then a PDU in its scope or its encryption.
    Model { flags: u8, security: &'a [u8], data: &'a [u8] },
}

impl<'a> Message<'a> {
    fn read(data: &'a [u8]) -> Option<Self> {
        let mut outer = data;
        let mut message = ber::expect(&mut outer, SEQUENCE)?;
        let version = ber::small(ber::expect(&mut message, INTEGER)?)?;
        match version {
            0 | 1 => {
                let community = ber::expect(&mut message, OCTET_STRING)?;
                let (tag, _, _) = ber::head(message)?;
                let body = Body::Community { community, pdu: message };
                (PDU_TAG..=PDU_TAG_LAST)
                    .contains(&tag)
                    .then_some(Self { version: if version == 0 { "1" } else { "2c" }, body })
            }
            3 => {
                // RFC 3412 §6: id, maximum size, flags, security model.
                let mut header = ber::expect(&mut message, SEQUENCE)?;
                ber::expect(&mut header, INTEGER)?;
                ber::expect(&mut header, INTEGER)?;
                let flags = *ber::expect(&mut header, OCTET_STRING)?.first()?;
                ber::expect(&mut header, INTEGER)?;
                let security = ber::expect(&mut message, OCTET_STRING)?;
                Some(Self { version: "3", body: Body::Model { flags, security, data: message } })
            }
            _ => None,
        }
    }
}

struct Reading {
    stream: bool,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let whole = match ber::head(data) {
            Some((SEQUENCE, head, length)) => head.saturating_add(length),
            None if self.stream && data.len() < 6 => return Progress::Need(6),
            _ => return self.malformed(data, facts),
        };
        if whole > MESSAGE_BYTES_MAX {
            return self.malformed(data, facts);
        }
        let Some(message) = data.get(..whole) else { return Progress::Need(whole) };
        match Message::read(message) {
            Some(message) => say(&message, from, facts),
            None => return self.malformed(data, facts),
        }
        Progress::Consumed(whole)
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some(message) = Message::read(data) {
            say(&message, from, facts);
        }
    }

    fn gap(&mut self, _from: End) -> bool {
        true
    }
}

impl Reading {
    /// A datagram that is none of SNMP's is told and let go; in a stream nothing tells where the next message begins.
    fn malformed(&self, data: &[u8], facts: &mut dyn Facts) -> Progress {
        facts.say(Fact::Anomaly { what: "snmp-malformed" });
        if self.stream { Progress::Lost } else { Progress::Consumed(data.len()) }
    }
}

fn say(message: &Message<'_>, from: End, facts: &mut dyn Facts) {
    facts.say(Fact::Property { name: "snmp-version", value: message.version });
    match message.body {
        Body::Community { community, pdu } => {
            facts.say(Fact::Encrypted(false));
            facts.say(Fact::Authenticated(false));
            if !community.is_empty() {
                facts.say(Fact::ClearTextCredential { what: "community" });
            }
            say_pdu(pdu, from, facts);
        }
        Body::Model { flags, security, data } => say_model(flags, security, data, from, facts),
    }
}

/// Version 3: bit 0 of the flags says authenticated, bit 1 encrypted (RFC 3412 §6.4).
fn say_model(flags: u8, security: &[u8], data: &[u8], from: End, facts: &mut dyn Facts) {
    // The discovery of an engine's id has no user and says nothing about how the session is protected (RFC 3414 §4).
    if let Some(user) = user(security).filter(|user| !user.is_empty()) {
        facts.say(Fact::Authenticated(flags & 1 != 0));
        facts.say(Fact::Encrypted(flags & 2 != 0));
        if let Some(user) = text(user) {
            facts.say(Fact::Property { name: "snmp-user", value: &user });
        }
    }
    let mut left = data;
    match ber::take(&mut left) {
        // Engine's id, context's name, PDU.
        Some(scope) if scope.tag == SEQUENCE => {
            let mut scope = scope.content;
            if ber::expect(&mut scope, OCTET_STRING).is_some()
                && ber::expect(&mut scope, OCTET_STRING).is_some()
            {
                say_pdu(scope, from, facts);
            }
        }
        Some(encrypted) if encrypted.tag == OCTET_STRING => {
            facts.message(&PROTOCOL, SCOPED_PDU, ENCRYPTED, Direction::None);
        }
        _ => {}
    }
}

/// The user's name in the parameters of the user-based security model (RFC 3414 §2.4).
fn user(security: &[u8]) -> Option<&[u8]> {
    let mut outer = security;
    let mut parameters = ber::expect(&mut outer, SEQUENCE)?;
    ber::expect(&mut parameters, OCTET_STRING)?;
    ber::expect(&mut parameters, INTEGER)?;
    ber::expect(&mut parameters, INTEGER)?;
    ber::expect(&mut parameters, OCTET_STRING)
}

fn say_pdu(data: &[u8], from: End, facts: &mut dyn Facts) {
    let Some((tag, _, _)) = ber::head(data).filter(|(tag, _, _)| (PDU_TAG..=PDU_TAG_LAST).contains(tag))
    else {
        facts.say(Fact::Anomaly { what: "snmp-pdu" });
        return;
    };
    let code = tag - PDU_TAG;
    let direction = match code {
        // A report answers a request that could not be processed (RFC 3412 §7.1).
        2 | 8 => Direction::Response,
        4 | 7 => Direction::None,
        _ => Direction::Request,
    };
    facts.message(&PROTOCOL, PDU, u32::from(code), direction);
    let mut left = data;
    let Some(pdu) = ber::take(&mut left) else { return };
    // Responses and notifications tell the agent's own values.
    if matches!(code, 2 | 6 | 7) {
        say_bindings(pdu.content, from, facts);
    }
}

/// Request id, error status, error index, then the bindings: each a name and a value.
fn say_bindings(pdu: &[u8], about: End, facts: &mut dyn Facts) {
    let mut pdu = pdu;
    for _ in 0..3 {
        if ber::expect(&mut pdu, INTEGER).is_none() {
            return;
        }
    }
    let Some(mut bindings) = ber::expect(&mut pdu, SEQUENCE) else { return };
    for _ in 0..BINDINGS_MAX {
        let Some(mut binding) = ber::expect(&mut bindings, SEQUENCE) else { return };
        let Some(name) = ber::expect(&mut binding, OBJECT_IDENTIFIER) else { continue };
        let Some(value) = ber::take(&mut binding) else { continue };
        match (name, value.tag) {
            (SYS_DESCR, OCTET_STRING) => say_text(Identity::Product, value.content, about, facts),
            (SYS_NAME, OCTET_STRING) => say_text(Identity::Name, value.content, about, facts),
            (SYS_OBJECT_ID, OBJECT_IDENTIFIER) => {
                if let Some(vendor) = enterprise(value.content).and_then(protocol::enterprise) {
                    facts.say(Fact::Identity { about, what: Identity::Vendor, value: vendor });
                }
            }
            _ => {}
        }
    }
}

fn say_text(what: Identity, value: &[u8], about: End, facts: &mut dyn Facts) {
    if let Some(value) = text(value) {
        facts.say(Fact::Identity { about, what, value: &value });
    }
}

/// The enterprise number in an object identifier: seven bits an octet, the last without the eighth (X.690 §8.19).
fn enterprise(identifier: &[u8]) -> Option<u32> {
    let mut number = 0_u32;
    for byte in identifier.strip_prefix(ENTERPRISES)? {
        number = number.checked_mul(128)? | u32::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
