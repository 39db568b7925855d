//! Routing within a network: OSPF, EIGRP, RIP. What routes they carry is not read; who speaks, and how the speakers prove to
//! belong together, is: who can speak can turn the traffic of a plant.

use super::super::brief::Brief;
use super::super::fields::{be16, be32, bytes, rest, u8_at};
use super::super::{Hint, Likelihood, Progress};
use super::{Control, framed};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};
use std::net::Ipv4Addr;

/// OSPF.
pub static OSPF_PROTOCOL: Protocol = Protocol {
    name: "ospf",
    title: "Open Shortest Path First",
    carriers: &[Carrier::Ip(89)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "type", functions: OSPF_TYPES, default_class: Class::Other }],
    documents: &["RFC 2328", "RFC 5340", "RFC 5709"],
};

const OSPF_TYPES: &[Function] = &[
    function(1, "hello", Class::Session),
    function(2, "database-description", Class::Session),
    function(3, "link-state-request", Class::Read),
    function(4, "link-state-update", Class::Configure),
    function(5, "link-state-acknowledgment", Class::Session),
];

/// EIGRP.
pub static EIGRP_PROTOCOL: Protocol = Protocol {
    name: "eigrp",
    title: "Enhanced Interior Gateway Routing Protocol",
    carriers: &[Carrier::Ip(88)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Sometimes,
    elements: &[Element {
        name: "operation",
        functions: &[
            function(1, "update", Class::Configure),
            function(2, "request", Class::Read),
            function(3, "query", Class::Read),
            function(4, "reply", Class::Configure),
            function(5, "hello", Class::Session),
            function(10, "stuck-query", Class::Read),
            function(11, "stuck-reply", Class::Configure),
        ],
        default_class: Class::Other,
    }],
    documents: &["RFC 7868"],
};

/// RIP.
pub static RIP_PROTOCOL: Protocol = Protocol {
    name: "rip",
    title: "Routing Information Protocol",
    carriers: &[Carrier::Udp(520)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Sometimes,
    elements: &[Element {
        name: "command",
        functions: &[function(1, "request", Class::Read), function(2, "response", Class::Configure)],
        default_class: Class::Other,
    }],
    documents: &["RFC 1058", "RFC 2453", "RFC 4822"],
};

/// The dissector of OSPF.
pub static OSPF: Control = Control { protocols: &[&OSPF_PROTOCOL], probe: probe_ospf, read: read_ospf };
/// The dissector of EIGRP.
pub static EIGRP: Control = Control { protocols: &[&EIGRP_PROTOCOL], probe: probe_eigrp, read: read_eigrp };
/// The dissector of RIP.
pub static RIP: Control = Control { protocols: &[&RIP_PROTOCOL], probe: probe_rip, read: read_rip };

/// Headers (RFC 2328, section A.3.1; RFC 5340, section A.3.1).
const OSPF_2_BYTES: usize = 24;
const OSPF_3_BYTES: usize = 16;

fn probe_ospf(data: &[u8], hint: &Hint) -> Likelihood {
    framed(matches!(data, [2 | 3, 1..=5, ..]) && data.len() >= OSPF_3_BYTES, hint)
}

fn read_ospf(_from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    let (Some(version), Some(kind)) = (u8_at(data, 0), u8_at(data, 1)) else {
        return Progress::Need(OSPF_3_BYTES);
    };
    let least = match version {
        2 => OSPF_2_BYTES,
        3 => OSPF_3_BYTES,
        _ => {
            facts.say(Fact::Anomaly { what: "malformed-ospf" });
            return Progress::Consumed(data.len());
        }
    };
    if data.len() < least {
        return Progress::Need(least);
    }
    facts.message(&OSPF_PROTOCOL, 0, kind.into(), Direction::None);
    for (name, at) in [("ospf-router", 4), ("ospf-area", 8)] {
        let value = Brief::<15>::of(format_args!("{}", Ipv4Addr::from(be32(data, at).unwrap_or_default())));
        facts.say(Fact::Property { name, value: value.as_str() });
    }
    // Version 3 leaves authentication to IPsec or to a trailer (RFC 7166) that only hellos announce.
    if version == 2 {
        let secret = bytes(data, 16, 8).is_some_and(|password| password.iter().any(|byte| *byte != 0));
        let value = match be16(data, 14) {
            Some(0) => "none",
            Some(1) => "clear-text",
            Some(2) => "digest",
            _ => "unknown",
        };
        authentication(value, secret, facts);
    }
    Progress::Consumed(data.len())
}

/// Says how a speaker proves to belong; a password in clear text proves nothing.
fn authentication(value: &'static str, secret: bool, facts: &mut dyn Facts) {
    if value == "clear-text" && secret {
        facts.say(Fact::ClearTextCredential { what: "password" });
    }
    facts.say(Fact::Property { name: "authentication", value });
    facts.say(Fact::Authenticated(value == "digest"));
}

/// Version, operation, checksum, flags, sequence, acknowledgment, router and system numbers (RFC 7868, section 6.1).
const EIGRP_BYTES: usize = 20;
/// Fields of one message that are looked at for authentication, which comes first.
const FIELDS_MAX: usize = 8;
/// The field that authenticates (RFC 7868, section 6.6.2).
const EIGRP_AUTHENTICATION: u16 = 0x0002;

fn probe_eigrp(data: &[u8], hint: &Hint) -> Likelihood {
    framed(data.len() >= EIGRP_BYTES && matches!(data, [2, 1..=11, ..]), hint)
}

fn read_eigrp(_from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    let (Some(version), Some(operation)) = (u8_at(data, 0), u8_at(data, 1)) else {
        return Progress::Need(EIGRP_BYTES);
    };
    if data.len() < EIGRP_BYTES {
        return Progress::Need(EIGRP_BYTES);
    }
    if version != 2 {
        facts.say(Fact::Anomaly { what: "malformed-eigrp" });
        return Progress::Consumed(data.len());
    }
    facts.message(&EIGRP_PROTOCOL, 0, operation.into(), Direction::None);
    let mut left = rest(data, EIGRP_BYTES);
    let mut value = "none";
    for _ in 0..FIELDS_MAX {
        let (Some(kind), Some(length)) = (be16(left, 0), be16(left, 2)) else { break };
        if length < 4 {
            break;
        }
        if kind == EIGRP_AUTHENTICATION {
            value = "digest";
        }
        left = rest(left, length.into());
    }
    // An acknowledgment is a hello without fields, and says nothing of how its sender proves to belong.
    if data.len() > EIGRP_BYTES {
        authentication(value, false, facts);
    }
    Progress::Consumed(data.len())
}

/// Command, version, zero; an entry.
const RIP_HEAD_BYTES: usize = 4;
const RIP_ENTRY_BYTES: usize = 20;

fn probe_rip(data: &[u8], hint: &Hint) -> Likelihood {
    let whole = data.len() >= RIP_HEAD_BYTES + RIP_ENTRY_BYTES
        && (data.len() - RIP_HEAD_BYTES).is_multiple_of(RIP_ENTRY_BYTES);
    let family = matches!(be16(data, RIP_HEAD_BYTES), Some(0 | 2 | 0xffff));
    if !hint.stream && hint.port(520) && whole && family && matches!(data, [1 | 2, 1 | 2, 0, 0, ..]) {
        Likelihood::Likely
    } else {
        Likelihood::No
    }
}

fn read_rip(_from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    let (Some(command), Some(version)) = (u8_at(data, 0), u8_at(data, 1)) else {
        return Progress::Need(RIP_HEAD_BYTES);
    };
    if data.len() < RIP_HEAD_BYTES {
        return Progress::Need(RIP_HEAD_BYTES);
    }
    let direction = match command {
        1 => Direction::Request,
        2 => Direction::Response,
        _ => Direction::None,
    };
    facts.message(&RIP_PROTOCOL, 0, command.into(), direction);
    if !(data.len() - RIP_HEAD_BYTES).is_multiple_of(RIP_ENTRY_BYTES) && version == 1 {
        facts.say(Fact::Anomaly { what: "malformed-rip" });
    }
    // The first entry may authenticate (RFC 2453, section 4.1; RFC 4822, section 2).
    let value = match (be16(data, 4), be16(data, 6)) {
        (Some(0xffff), Some(2)) => "clear-text",
        (Some(0xffff), Some(3)) => "digest",
        (Some(0xffff), _) => "unknown",
        _ => "none",
    };
    let secret = bytes(data, 8, 16).is_some_and(|password| password.iter().any(|byte| *byte != 0));
    authentication(value, secret, facts);
    Progress::Consumed(data.len())
}
