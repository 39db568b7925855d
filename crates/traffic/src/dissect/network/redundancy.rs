//! Routers that stand in for each other under one address: HSRP, VRRP, GLBP.
//!
//! Says which address they share and how they prove to belong together; a password in clear text is one that anybody on
//! the link can read and use to take the address over.

use super::super::brief::Brief;
use super::super::fields::{be16, bytes, rest, u8_at};
use super::super::{Hint, Likelihood, Progress};
use super::{Control, framed};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};
use std::net::{Ipv4Addr, Ipv6Addr};

/// HSRP.
pub static HSRP_PROTOCOL: Protocol = Protocol {
    name: "hsrp",
    title: "Cisco Hot Standby Router Protocol",
    carriers: &[Carrier::Udp(1985), Carrier::Udp(2029)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "operation", functions: HSRP_OPERATIONS, default_class: Class::Other }],
    documents: &["RFC 2281", "Wireshark wiki, HSRP (version 2)"],
};

const HSRP_OPERATIONS: &[Function] = &[
    function(0, "hello", Class::Session),
    function(1, "coup", Class::Session),
    function(2, "resign", Class::Session),
    function(3, "advertise", Class::Discover),
];

/// VRRP.
pub static VRRP_PROTOCOL: Protocol = Protocol {
    name: "vrrp",
    title: "Virtual Router Redundancy Protocol",
    carriers: &[Carrier::Ip(112)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element {
        name: "type",
        functions: &[function(1, "advertisement", Class::Session)],
        default_class: Class::Other,
    }],
    documents: &["RFC 2338", "RFC 3768", "RFC 9568"],
};

/// GLBP.
pub static GLBP_PROTOCOL: Protocol = Protocol {
    name: "glbp",
    title: "Cisco Gateway Load Balancing Protocol",
    carriers: &[Carrier::Udp(3222)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Sometimes,
    elements: &[Element {
        name: "field",
        functions: &[
            function(1, "hello", Class::Session),
            function(2, "request-response", Class::Session),
            function(3, "authentication", Class::Authenticate),
        ],
        default_class: Class::Other,
    }],
    documents: &["Wireshark wiki, GLBP"],
};

/// The dissector of HSRP.
pub static HSRP: Control = Control { protocols: &[&HSRP_PROTOCOL], probe: probe_hsrp, read: read_hsrp };
/// The dissector of VRRP.
pub static VRRP: Control = Control { protocols: &[&VRRP_PROTOCOL], probe: probe_vrrp, read: read_vrrp };
/// The dissector of GLBP.
pub static GLBP: Control = Control { protocols: &[&GLBP_PROTOCOL], probe: probe_glbp, read: read_glbp };

/// A message of version 1 without what may follow it (RFC 2281, section 5).
const HSRP_BYTES: usize = 20;
/// An advertisement of interfaces.
const HSRP_ADVERTISE_BYTES: usize = 16;
/// Where the password stands, and the word that stands there where none was set.
const HSRP_PASSWORD: (usize, usize) = (8, 8);
const HSRP_DEFAULT: &[u8] = b"cisco\0\0\0";

// Fields of HSRP version 2.
const GROUP_STATE: u8 = 1;
const TEXT_AUTHENTICATION: u8 = 3;
const DIGEST_AUTHENTICATION: u8 = 4;
const GROUP_STATE_BYTES: u8 = 40;
const TEXT_BYTES: u8 = 8;
const DIGEST_BYTES: u8 = 28;

/// Fields of one message that are read.
const FIELDS_MAX: usize = 16;

fn probe_hsrp(data: &[u8], hint: &Hint) -> Likelihood {
    if hint.stream
        || !HSRP_PROTOCOL
            .carriers
            .iter()
            .any(|carrier| matches!(carrier, Carrier::Udp(port) if hint.port(*port)))
    {
        return Likelihood::No;
    }
    let looks = match data {
        [0, 3, 0, 1, ..] => data.len() >= HSRP_ADVERTISE_BYTES,
        [0, 0..=2, state, ..] => data.len() >= HSRP_BYTES && matches!(state, 0 | 1 | 2 | 4 | 8 | 16),
        [GROUP_STATE, GROUP_STATE_BYTES, 2, 0..=3, ..] => data.len() > usize::from(GROUP_STATE_BYTES),
        [2, 4, ..] => true,
        _ => false,
    };
    if looks { Likelihood::Likely } else { Likelihood::No }
}

fn read_hsrp(_from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    match (u8_at(data, 0), u8_at(data, 1)) {
        (Some(0), Some(3)) => {
            if data.len() < HSRP_ADVERTISE_BYTES {
                return Progress::Need(HSRP_ADVERTISE_BYTES);
            }
            facts.message(&HSRP_PROTOCOL, 0, 3, Direction::None);
        }
        (Some(0), Some(operation)) => {
            if data.len() < HSRP_BYTES {
                return Progress::Need(HSRP_BYTES);
            }
            facts.message(&HSRP_PROTOCOL, 0, operation.into(), Direction::None);
            virtual_v4(rest(data, 16), facts);
            let digest = matches!(rest(data, HSRP_BYTES), [DIGEST_AUTHENTICATION, DIGEST_BYTES, ..]);
            let (at, length) = HSRP_PASSWORD;
            authenticates(bytes(data, at, length).unwrap_or_default(), digest, facts);
        }
        (Some(_), Some(_)) => fields(data, facts),
        _ => return Progress::Need(2),
    }
    Progress::Consumed(data.len())
}

/// Version 2: type, length, value.
fn fields(data: &[u8], facts: &mut dyn Facts) {
    let (mut digest, mut password) = (false, None);
    let mut left = data;
    for _ in 0..FIELDS_MAX {
        let (Some(kind), Some(length)) = (u8_at(left, 0), u8_at(left, 1)) else { break };
        let Some((value, next)) = rest(left, 2).split_at_checked(length.into()) else {
            facts.say(Fact::Anomaly { what: "malformed-hsrp" });
            break;
        };
        match (kind, length) {
            (GROUP_STATE, GROUP_STATE_BYTES) => {
                let operation = u8_at(value, 1).unwrap_or_default();
                facts.message(&HSRP_PROTOCOL, 0, operation.into(), Direction::None);
                match u8_at(value, 3) {
                    Some(4) => virtual_v4(rest(value, 24), facts),
                    Some(6) => virtual_v6(rest(value, 24), facts),
                    _ => facts.say(Fact::Anomaly { what: "malformed-hsrp" }),
                }
            }
            (TEXT_AUTHENTICATION, TEXT_BYTES) => password = Some(value),
            (DIGEST_AUTHENTICATION, DIGEST_BYTES) => digest = true,
            _ => {}
        }
        left = next;
    }
    authenticates(password.unwrap_or_default(), digest, facts);
}

/// The word that is there by default is no secret; zeros are none at all.
fn authenticates(password: &[u8], digest: bool, facts: &mut dyn Facts) {
    let secret = !digest && password != HSRP_DEFAULT && password.iter().any(|byte| *byte != 0);
    if secret {
        facts.say(Fact::ClearTextCredential { what: "password" });
    }
    let value = match (digest, secret) {
        (true, _) => "digest",
        (_, true) => "clear-text",
        _ => "none",
    };
    facts.say(Fact::Property { name: "authentication", value });
    facts.say(Fact::Authenticated(digest));
}

/// Version and type, router, priority, number of addresses; the rest of the header.
const VRRP_BYTES: usize = 8;

fn probe_vrrp(data: &[u8], hint: &Hint) -> Likelihood {
    framed(data.len() >= VRRP_BYTES && matches!(u8_at(data, 0), Some(0x21 | 0x31)), hint)
}

fn read_vrrp(_from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    let (Some(first), Some(count)) = (u8_at(data, 0), u8_at(data, 3)) else {
        return Progress::Need(VRRP_BYTES);
    };
    let (version, kind) = (first >> 4, first & 0x0f);
    if !matches!(version, 2 | 3) {
        facts.say(Fact::Anomaly { what: "malformed-vrrp" });
        return Progress::Consumed(data.len());
    }
    let addresses = rest(data, VRRP_BYTES);
    let wide = usize::from(count) * 16;
    // Version 3 says nowhere of which family its addresses are: one of IPv6 is link-local and comes first (RFC 9568, section 5.2.9).
    let six = version == 3 && count > 0 && addresses.len() >= wide && addresses.starts_with(&[0xfe, 0x80]);
    let least = VRRP_BYTES + if six { wide } else { usize::from(count) * 4 };
    if data.len() < least {
        return Progress::Need(least);
    }
    facts.message(&VRRP_PROTOCOL, 0, kind.into(), Direction::None);
    for at in 0..usize::from(count) {
        if six {
            virtual_v6(rest(addresses, at * 16), facts);
        } else {
            virtual_v4(rest(addresses, at * 4), facts);
        }
    }
    // Kinds of authentication (RFC 2338, section 5.3.6); later versions have none (RFC 3768, section 10).
    let kind = if version == 2 { u8_at(data, 4).unwrap_or_default() } else { 0 };
    let secret = rest(data, least).iter().take(8).any(|byte| *byte != 0);
    if kind == 1 && secret {
        facts.say(Fact::ClearTextCredential { what: "password" });
    }
    let value = match kind {
        0 => "none",
        1 => "clear-text",
        2 => "authentication-header",
        _ => "unknown",
    };
    facts.say(Fact::Property { name: "authentication", value });
    facts.say(Fact::Authenticated(kind == 2));
    Progress::Consumed(data.len())
}

/// Version, group, sender's identifier.
const GLBP_BYTES: usize = 12;

fn probe_glbp(data: &[u8], hint: &Hint) -> Likelihood {
    let first = u8_at(data, GLBP_BYTES).zip(u8_at(data, GLBP_BYTES + 1));
    let looks = matches!(first, Some((1..=3, length)) if length >= 4);
    if !hint.stream && hint.port(3222) && looks && u8_at(data, 0) == Some(1) {
        Likelihood::Likely
    } else {
        Likelihood::No
    }
}

fn read_glbp(_from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    if data.len() < GLBP_BYTES {
        return Progress::Need(GLBP_BYTES);
    }
    let mut left = rest(data, GLBP_BYTES);
    let (mut digest, mut clear) = (false, false);
    for _ in 0..FIELDS_MAX {
        if left.is_empty() {
            break;
        }
        // The length counts type and length themselves.
        let length = u8_at(left, 1).map(usize::from).filter(|length| *length >= 2);
        let Some((field, next)) = length.and_then(|length| left.split_at_checked(length)) else {
            facts.say(Fact::Anomaly { what: "malformed-glbp" });
            break;
        };
        let kind = u8_at(field, 0).unwrap_or_default();
        facts.message(&GLBP_PROTOCOL, 0, kind.into(), Direction::None);
        match (kind, u8_at(field, 2)) {
            // Of a hello: state, priority, weights, timers, then family, length and the address.
            (1, _) => match (u8_at(field, 22), u8_at(field, 23)) {
                (Some(1), Some(4)) => virtual_v4(rest(field, 24), facts),
                (Some(2), Some(16)) => virtual_v6(rest(field, 24), facts),
                _ => {}
            },
            (3, Some(1)) => clear = true,
            (3, Some(2 | 3)) => digest = true,
            _ => {}
        }
        left = next;
    }
    if clear {
        facts.say(Fact::ClearTextCredential { what: "password" });
    }
    let value = match (digest, clear) {
        (true, _) => "digest",
        (_, true) => "clear-text",
        _ => "none",
    };
    facts.say(Fact::Property { name: "authentication", value });
    facts.say(Fact::Authenticated(digest));
    Progress::Consumed(data.len())
}

fn virtual_v4(data: &[u8], facts: &mut dyn Facts) {
    if let Some(octets) = data.first_chunk::<4>()
        && be16(data, 0) != Some(0)
    {
        let value = Brief::<15>::of(format_args!("{}", Ipv4Addr::from(*octets)));
        facts.say(Fact::Property { name: "virtual-address", value: value.as_str() });
    }
}

fn virtual_v6(data: &[u8], facts: &mut dyn Facts) {
    if let Some(octets) = data.first_chunk::<16>() {
        let value = Brief::<45>::of(format_args!("{}", Ipv6Addr::from(*octets)));
        facts.say(Fact::Property { name: "virtual-address", value: value.as_str() });
    }
}
