//! ICMP for IPv4 (RFC 792) and IPv6 (RFC 4443), neighbor discovery included: errors, echoes, who has which address.

use super::super::fields::u8_at;
use super::super::{Hint, Likelihood, Progress};
use super::{Control, framed};
use crate::facts::{Direction, End, Facts};
use crate::protocol::{Carrier, Class, Element, Protection, Protocol, function};

/// ICMP.
pub static ICMP_PROTOCOL: Protocol = Protocol {
    name: "icmp",
    title: "Internet Control Message Protocol",
    carriers: &[Carrier::Ip(1)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element {
        name: "type",
        functions: &[
            function(0, "echo-reply", Class::Diagnose),
            function(3, "destination-unreachable", Class::Diagnose),
            function(4, "source-quench", Class::Diagnose),
            function(5, "redirect", Class::Diagnose),
            function(8, "echo", Class::Diagnose),
            function(9, "router-advertisement", Class::Discover),
            function(10, "router-solicitation", Class::Discover),
            function(11, "time-exceeded", Class::Diagnose),
            function(12, "parameter-problem", Class::Diagnose),
            function(13, "timestamp", Class::Time),
            function(14, "timestamp-reply", Class::Time),
            function(15, "information-request", Class::Discover),
            function(16, "information-reply", Class::Discover),
            function(17, "address-mask-request", Class::Discover),
            function(18, "address-mask-reply", Class::Discover),
            function(42, "extended-echo", Class::Diagnose),
            function(43, "extended-echo-reply", Class::Diagnose),
        ],
        default_class: Class::Other,
    }],
    documents: &["RFC 792", "RFC 950", "RFC 1256", "RFC 8335", "IANA, ICMP Parameters"],
};

/// ICMP for IPv6.
pub static ICMPV6_PROTOCOL: Protocol = Protocol {
    name: "icmpv6",
    title: "Internet Control Message Protocol for IPv6",
    carriers: &[Carrier::Ip(58)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element {
        name: "type",
        functions: &[
            function(1, "destination-unreachable", Class::Diagnose),
            function(2, "packet-too-big", Class::Diagnose),
            function(3, "time-exceeded", Class::Diagnose),
            function(4, "parameter-problem", Class::Diagnose),
            function(128, "echo-request", Class::Diagnose),
            function(129, "echo-reply", Class::Diagnose),
            function(130, "multicast-listener-query", Class::Discover),
            function(131, "multicast-listener-report", Class::Discover),
            function(132, "multicast-listener-done", Class::Discover),
            function(133, "router-solicitation", Class::Discover),
            function(134, "router-advertisement", Class::Discover),
            function(135, "neighbor-solicitation", Class::Discover),
            function(136, "neighbor-advertisement", Class::Discover),
            function(137, "redirect", Class::Diagnose),
            function(143, "multicast-listener-report-2", Class::Discover),
        ],
        default_class: Class::Other,
    }],
    documents: &["RFC 4443", "RFC 4861", "RFC 2710", "RFC 9777", "IANA, ICMPv6 Parameters"],
};

/// The dissector of ICMP.
pub static ICMP: Control = Control { protocols: &[&ICMP_PROTOCOL], probe, read };
/// The dissector of ICMP for IPv6.
pub static ICMPV6: Control = Control { protocols: &[&ICMPV6_PROTOCOL], probe: probe_6, read: read_6 };

/// Type, code, checksum, and four octets that hang on the type.
const HEAD_BYTES: usize = 8;

fn probe(data: &[u8], hint: &Hint) -> Likelihood {
    let known = u8_at(data, 0).is_some_and(|kind| ICMP_PROTOCOL.function(0, kind.into()).is_some());
    framed(known && data.len() >= HEAD_BYTES, hint)
}

fn probe_6(data: &[u8], hint: &Hint) -> Likelihood {
    let known = u8_at(data, 0).is_some_and(|kind| ICMPV6_PROTOCOL.function(0, kind.into()).is_some());
    framed(known && data.len() >= HEAD_BYTES, hint)
}

fn read(_from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    let Some(kind) = u8_at(data, 0).filter(|_| data.len() >= HEAD_BYTES) else {
        return Progress::Need(HEAD_BYTES);
    };
    let direction = match kind {
        8 | 10 | 13 | 15 | 17 | 42 => Direction::Request,
        0 | 14 | 16 | 18 | 43 => Direction::Response,
        _ => Direction::None,
    };
    facts.message(&ICMP_PROTOCOL, 0, kind.into(), direction);
    Progress::Consumed(data.len())
}

fn read_6(_from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    let Some(kind) = u8_at(data, 0).filter(|_| data.len() >= HEAD_BYTES) else {
        return Progress::Need(HEAD_BYTES);
    };
    let direction = match kind {
        128 | 130 | 133 | 135 => Direction::Request,
        129 | 131 | 136 | 143 => Direction::Response,
        _ => Direction::None,
    };
    facts.message(&ICMPV6_PROTOCOL, 0, kind.into(), direction);
    Progress::Consumed(data.len())
}
