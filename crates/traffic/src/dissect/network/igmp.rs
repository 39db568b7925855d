//! IGMP: who listens to which group (RFC 1112, RFC 2236, RFC 9776).

use super::super::fields::u8_at;
use super::super::{Hint, Likelihood, Progress};
use super::{Control, framed};
use crate::facts::{Direction, End, Facts};
use crate::protocol::{Carrier, Class, Element, Protection, Protocol, function};

/// IGMP.
pub static PROTOCOL: Protocol = Protocol {
    name: "igmp",
    title: "Internet Group Management Protocol",
    carriers: &[Carrier::Ip(2)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element {
        name: "type",
        functions: &[
            function(0x11, "membership-query", Class::Discover),
            function(0x12, "membership-report-1", Class::Discover),
            function(0x13, "distance-vector-multicast-routing", Class::Other),
            function(0x16, "membership-report-2", Class::Discover),
            function(0x17, "leave-group", Class::Discover),
            function(0x22, "membership-report-3", Class::Discover),
            function(0x30, "multicast-router-advertisement", Class::Discover),
            function(0x31, "multicast-router-solicitation", Class::Discover),
            function(0x32, "multicast-router-termination", Class::Discover),
        ],
        default_class: Class::Other,
    }],
    documents: &["RFC 1112", "RFC 2236", "RFC 9776", "RFC 4286"],
};

/// The dissector.
pub static IGMP: Control = Control { protocols: &[&PROTOCOL], probe, read };

const HEAD_BYTES: usize = 8;

fn probe(data: &[u8], hint: &Hint) -> Likelihood {
    let known = u8_at(data, 0).is_some_and(|kind| PROTOCOL.function(0, kind.into()).is_some());
    framed(known && data.len() >= HEAD_BYTES, hint)
}

fn read(_from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    // Multicast router messages have four octets only (RFC 4286, section 3).
    let least = if matches!(u8_at(data, 0), Some(0x31 | 0x32)) { 4 } else { HEAD_BYTES };
    let Some(kind) = u8_at(data, 0).filter(|_| data.len() >= least) else {
        return Progress::Need(least);
    };
    let direction = match kind {
        0x11 | 0x31 => Direction::Request,
        0x12 | 0x16 | 0x22 => Direction::Response,
        _ => Direction::None,
    };
    facts.message(&PROTOCOL, 0, kind.into(), direction);
    Progress::Consumed(data.len())
}
