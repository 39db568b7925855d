//! EAP over LAN: who may use a port (IEEE 802.1X-2020), and the methods of EAP (RFC 3748) by which one proves it.

use super::super::fields::{be16, bytes, rest, text, u8_at};
use super::super::{Hint, Likelihood, Progress};
use super::{Control, framed};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Protection, Protocol, function};

/// EAPOL.
pub static PROTOCOL: Protocol = Protocol {
    name: "eapol",
    title: "EAP over LAN (IEEE 802.1X)",
    carriers: &[Carrier::EtherType(0x888e)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element {
            name: "type",
            functions: &[
                function(0, "eap", Class::Authenticate),
                function(1, "start", Class::Authenticate),
                function(2, "logoff", Class::Session),
                function(3, "key", Class::Authenticate),
                function(4, "alert", Class::Alarm),
                function(5, "key-agreement", Class::Authenticate),
                function(6, "announcement-generic", Class::Discover),
                function(7, "announcement-specific", Class::Discover),
                function(8, "announcement-request", Class::Discover),
            ],
            default_class: Class::Other,
        },
        Element {
            name: "eap-code",
            functions: &[
                function(1, "eap-request", Class::Authenticate),
                function(2, "eap-response", Class::Authenticate),
                function(SUCCESS as u32, "eap-success", Class::Authenticate),
                function(FAILURE as u32, "eap-failure", Class::Authenticate),
            ],
            default_class: Class::Other,
        },
    ],
    documents: &["IEEE 802.1X-2020, section 11", "RFC 3748", "IANA, EAP Method Types"],
};

const SUCCESS: u8 = 3;
const FAILURE: u8 = 4;
/// The type of EAP that names who asks for access.
const IDENTITY: u8 = 1;

/// The dissector.
pub static EAPOL: Control = Control { protocols: &[&PROTOCOL], probe, read };

const HEAD_BYTES: usize = 4;

fn probe(data: &[u8], hint: &Hint) -> Likelihood {
    let fits = be16(data, 2).is_some_and(|length| HEAD_BYTES + usize::from(length) <= data.len());
    framed(fits && matches!(data, [1..=3, 0..=8, ..]), hint)
}

fn read(_from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    let (Some(kind), Some(length)) = (u8_at(data, 1), be16(data, 2)) else {
        return Progress::Need(HEAD_BYTES);
    };
    let length = usize::from(length);
    let Some(body) = bytes(data, HEAD_BYTES, length) else { return Progress::Need(HEAD_BYTES + length) };
    facts.message(&PROTOCOL, 0, kind.into(), Direction::None);
    if kind == 0 {
        eap(body, facts);
    }
    // What follows is padding of the frame.
    Progress::Consumed(data.len())
}

/// RFC 3748, section 4: code, identifier, length, and for requests and responses the type of method.
fn eap(body: &[u8], facts: &mut dyn Facts) {
    let (Some(code), Some(length)) = (u8_at(body, 0), be16(body, 2)) else {
        return facts.say(Fact::Anomaly { what: "malformed-eap" });
    };
    if usize::from(length) > body.len() || length < 4 {
        return facts.say(Fact::Anomaly { what: "malformed-eap" });
    }
    let direction = match code {
        1 => Direction::Request,
        2 => Direction::Response,
        _ => Direction::None,
    };
    facts.message(&PROTOCOL, 1, code.into(), direction);
    match code {
        SUCCESS => facts.say(Fact::Authenticated(true)),
        FAILURE => facts.say(Fact::Authenticated(false)),
        _ => {}
    }
    let Some(method) = u8_at(body, 4).filter(|_| matches!(code, 1 | 2) && length > 4) else { return };
    if let Some(value) = method_name(method) {
        facts.say(Fact::Property { name: "eap-method", value });
    }
    if method == IDENTITY
        && code == 2
        && let Some(value) = rest(body, 5).get(..usize::from(length) - 5).and_then(text)
    {
        facts.say(Fact::Property { name: "eap-identity", value: &value });
    }
}

/// Methods by which one proves who one is; those that ask for nothing have no name here.
const fn method_name(method: u8) -> Option<&'static str> {
    Some(match method {
        4 => "md5-challenge",
        5 => "one-time-password",
        6 => "generic-token-card",
        13 => "tls",
        17 => "leap",
        18 => "sim",
        21 => "ttls",
        23 => "aka",
        25 => "peap",
        26 => "mschapv2",
        43 => "fast",
        50 => "aka-prime",
        52 => "pwd",
        55 => "teap",
        _ => return None,
    })
}
