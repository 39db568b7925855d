//! BGP: routing between networks (RFC 4271). Says who opens to whom; routes are not read.

use super::super::brief::Brief;
use super::super::fields::{be16, be32, u8_at};
use super::super::{Hint, Likelihood, Progress};
use super::Control;
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Protection, Protocol, function};
use std::net::Ipv4Addr;

/// BGP.
pub static PROTOCOL: Protocol = Protocol {
    name: "bgp",
    title: "Border Gateway Protocol",
    carriers: &[Carrier::Tcp(179)],
    // By an option of TCP (RFC 2385, RFC 5925), below what is read here.
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Sometimes,
    elements: &[Element {
        name: "type",
        functions: &[
            function(OPEN as u32, "open", Class::Session),
            function(2, "update", Class::Configure),
            function(3, "notification", Class::Alarm),
            function(4, "keepalive", Class::Session),
            function(5, "route-refresh", Class::Read),
        ],
        default_class: Class::Other,
    }],
    documents: &["RFC 4271", "RFC 2918", "RFC 8654"],
};

const OPEN: u8 = 1;

/// The dissector.
pub static BGP: Control = Control { protocols: &[&PROTOCOL], probe, read };

/// Marker, length, type (RFC 4271, section 4.1).
const HEAD_BYTES: usize = 19;
const MARKER: [u8; 16] = [0xff; 16];
/// An open without parameters.
const OPEN_BYTES: usize = 29;

fn probe(data: &[u8], hint: &Hint) -> Likelihood {
    let fits = be16(data, 16).is_some_and(|length| usize::from(length) >= HEAD_BYTES);
    let looks = hint.stream && data.starts_with(&MARKER) && fits;
    if looks && matches!(u8_at(data, 18), Some(1..=5)) { Likelihood::Certain } else { Likelihood::No }
}

fn read(_from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    if data.len() < HEAD_BYTES {
        return if MARKER.iter().zip(data).all(|(a, b)| a == b) {
            Progress::Need(HEAD_BYTES)
        } else {
            Progress::Lost
        };
    }
    let (Some(length), Some(kind)) = (be16(data, 16), u8_at(data, 18)) else { return Progress::Lost };
    let length = usize::from(length);
    if !data.starts_with(&MARKER) || length < HEAD_BYTES {
        facts.say(Fact::Anomaly { what: "malformed-bgp" });
        return Progress::Lost;
    }
    if data.len() < length {
        return Progress::Need(length);
    }
    facts.message(&PROTOCOL, 0, kind.into(), Direction::None);
    if kind == OPEN {
        match be32(data, 24).filter(|_| length >= OPEN_BYTES) {
            Some(router) => {
                let value = Brief::<15>::of(format_args!("{}", Ipv4Addr::from(router)));
                facts.say(Fact::Property { name: "bgp-router", value: value.as_str() });
            }
            None => facts.say(Fact::Anomaly { what: "malformed-bgp" }),
        }
    }
    Progress::Consumed(length)
}
