//! Slow protocols (IEEE 802.3, annex 57A): link aggregation, its markers, and the health of links.

use super::super::brief::Brief;
use super::super::fields::{be16, bytes, u8_at};
use super::super::{Hint, Likelihood, Progress};
use super::{Control, framed};
use crate::facts::{Direction, End, Fact, Facts};
use crate::observation::Mac;
use crate::protocol::{Carrier, Class, Element, Protection, Protocol, function};

/// Slow protocols.
pub static PROTOCOL: Protocol = Protocol {
    name: "slow",
    title: "IEEE 802.3 slow protocols (link aggregation, markers, OAM)",
    carriers: &[Carrier::EtherType(0x8809)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element {
        name: "subtype",
        functions: &[
            function(1, "link-aggregation", Class::Session),
            function(2, "marker", Class::Session),
            function(3, "operation-administration-maintenance", Class::Diagnose),
            function(10, "organization-specific", Class::Other),
        ],
        default_class: Class::Other,
    }],
    documents: &["IEEE 802.3-2022, annex 57A", "IEEE 802.1AX-2020, section 6"],
};

/// The dissector.
pub static SLOW: Control = Control { protocols: &[&PROTOCOL], probe, read };

const LINK_AGGREGATION: u8 = 1;
/// Subtype, version, and the TLVs of actor and partner of 20 octets each.
const AGGREGATION_BYTES: usize = 42;

fn probe(data: &[u8], hint: &Hint) -> Likelihood {
    framed(matches!(data, [1..=3, 1, ..] | [3 | 10, ..]) && data.len() >= 4, hint)
}

fn read(_from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    let Some(subtype) = u8_at(data, 0) else { return Progress::Need(1) };
    let least = if subtype == LINK_AGGREGATION { AGGREGATION_BYTES } else { 4 };
    if data.len() < least {
        return Progress::Need(least);
    }
    facts.message(&PROTOCOL, 0, subtype.into(), Direction::None);
    if subtype == LINK_AGGREGATION {
        aggregation(data, facts);
    }
    Progress::Consumed(data.len())
}

/// The two systems that bundle links (IEEE 802.1AX-2020, section 6.4.2.3).
fn aggregation(data: &[u8], facts: &mut dyn Facts) {
    if be16(data, 2) != Some(0x0114) || be16(data, 22) != Some(0x0214) {
        facts.say(Fact::Anomaly { what: "malformed-lacp" });
        return;
    }
    for (name, at) in [("lacp-actor", 6), ("lacp-partner", 26)] {
        if let Some(&[a, b, c, d, e, f]) = bytes(data, at, 6)
            && [a, b, c, d, e, f] != [0; 6]
        {
            let mac = Brief::<17>::of(format_args!("{}", Mac([a, b, c, d, e, f])));
            facts.say(Fact::Property { name, value: mac.as_str() });
        }
    }
}
