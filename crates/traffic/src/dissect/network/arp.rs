//! ARP (RFC 826) and its reverse (RFC 903): who has which network address.
//!
//! Who claims which address is the engine's to keep; here the operations are counted.

use super::super::fields::{be16, u8_at};
use super::super::{Hint, Likelihood, Progress};
use super::{Control, framed};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Protection, Protocol, function};

/// ARP.
pub static PROTOCOL: Protocol = Protocol {
    name: "arp",
    title: "Address Resolution Protocol",
    carriers: &[Carrier::EtherType(0x0806), Carrier::EtherType(0x8035)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element {
        name: "operation",
        functions: &[
            function(1, "request", Class::Discover),
            function(2, "reply", Class::Discover),
            function(3, "reverse-request", Class::Discover),
            function(4, "reverse-reply", Class::Discover),
            function(8, "inverse-request", Class::Discover),
            function(9, "inverse-reply", Class::Discover),
        ],
        default_class: Class::Other,
    }],
    documents: &["RFC 826", "RFC 903", "RFC 2390"],
};

/// The dissector.
pub static ARP: Control = Control { protocols: &[&PROTOCOL], probe, read };

/// Hardware and protocol type, their lengths, operation.
const HEAD_BYTES: usize = 8;

fn probe(data: &[u8], hint: &Hint) -> Likelihood {
    framed(be16(data, 2) == Some(0x0800) && u8_at(data, 5) == Some(4), hint)
}

fn read(_from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    let (Some(hardware), Some(network), Some(operation)) = (u8_at(data, 4), u8_at(data, 5), be16(data, 6))
    else {
        return Progress::Need(HEAD_BYTES);
    };
    let length = HEAD_BYTES + 2 * (usize::from(hardware) + usize::from(network));
    if data.len() < length {
        return Progress::Need(length);
    }
    let direction = match operation {
        1 | 3 | 8 => Direction::Request,
        2 | 4 | 9 => Direction::Response,
        _ => Direction::None,
    };
    facts.message(&PROTOCOL, 0, operation.into(), direction);
    if be16(data, 2) == Some(0x0800) && network != 4 {
        facts.say(Fact::Anomaly { what: "malformed-arp" });
    }
    Progress::Consumed(data.len())
}
