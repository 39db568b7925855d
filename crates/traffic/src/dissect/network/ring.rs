//! Networks that outlive a broken link: the supervision frames of PRP and HSR (IEC 62439-3), and MRP's rings (IEC 62439-2).

use super::super::brief::Brief;
use super::super::fields::{be16, bytes, rest, u8_at};
use super::super::{Hint, Likelihood, Progress};
use super::{Control, framed};
use crate::facts::{Direction, End, Fact, Facts};
use crate::observation::Mac;
use crate::protocol::{Carrier, Class, Element, Protection, Protocol, function};

/// Supervision of PRP and HSR.
pub static SUPERVISION_PROTOCOL: Protocol = Protocol {
    name: "hsr_prp_supervision",
    title: "Supervision of HSR and PRP (IEC 62439-3)",
    carriers: &[Carrier::EtherType(0x88fb)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element {
        name: "type",
        functions: &[
            function(20, "prp-duplicate-discard", Class::Session),
            function(21, "prp-duplicate-accept", Class::Session),
            function(22, "prp-virtual-node", Class::Session),
            function(23, "hsr-node", Class::Session),
            function(30, "redundancy-box", Class::Session),
        ],
        default_class: Class::Other,
    }],
    documents: &["IEC 62439-3:2021, sections 4.2.7 and 5.7"],
};

/// MRP.
pub static MRP_PROTOCOL: Protocol = Protocol {
    name: "pn_mrp",
    title: "Media Redundancy Protocol (IEC 62439-2)",
    carriers: &[Carrier::EtherType(0x88e3)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element {
        name: "type",
        functions: &[
            function(1, "common", Class::Session),
            function(2, "test", Class::Session),
            function(3, "topology-change", Class::Session),
            function(4, "link-down", Class::Alarm),
            function(5, "link-up", Class::Alarm),
            function(6, "interconnection-test", Class::Session),
            function(7, "interconnection-topology-change", Class::Session),
            function(8, "interconnection-link-down", Class::Alarm),
            function(9, "interconnection-link-up", Class::Alarm),
            function(10, "interconnection-link-status", Class::Session),
            function(0x7f, "option", Class::Other),
        ],
        default_class: Class::Other,
    }],
    documents: &["IEC 62439-2:2021, section 9"],
};

/// The dissector of supervision frames.
pub static SUPERVISION: Control =
    Control { protocols: &[&SUPERVISION_PROTOCOL], probe: probe_supervision, read: read_supervision };
/// The dissector of MRP.
pub static MRP: Control = Control { protocols: &[&MRP_PROTOCOL], probe: probe_mrp, read: read_mrp };

/// Path and version, sequence number.
const HEAD_BYTES: usize = 4;
/// Fields of one frame that are read.
const FIELDS_MAX: usize = 16;
const REDUNDANCY_BOX: u8 = 30;

fn probe_supervision(data: &[u8], hint: &Hint) -> Likelihood {
    framed(matches!(data, [_, _, _, _, 20..=23, 6 | 12, ..]), hint)
}

fn read_supervision(_from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    let least = HEAD_BYTES + 2 + 6;
    if data.len() < least {
        return Progress::Need(least);
    }
    let mut left = rest(data, HEAD_BYTES);
    let mut first = true;
    for _ in 0..FIELDS_MAX {
        let (Some(kind), Some(length)) = (u8_at(left, 0), u8_at(left, 1)) else { break };
        if kind == 0 {
            break;
        }
        let Some((value, next)) = rest(left, 2).split_at_checked(length.into()) else {
            facts.say(Fact::Anomaly { what: "malformed-prp-supervision" });
            break;
        };
        if first {
            facts.message(&SUPERVISION_PROTOCOL, 0, kind.into(), Direction::None);
            let value = match kind {
                20..=22 => "prp",
                23 => "hsr",
                _ => "unknown",
            };
            facts.say(Fact::Property { name: "redundancy", value });
        }
        let name = if kind == REDUNDANCY_BOX { "redundancy-box" } else { "redundancy-node" };
        // The first edition names an address for each of the two networks.
        for node in value.chunks_exact(6) {
            if let Ok(octets) = <[u8; 6]>::try_from(node)
                && octets != [0; 6]
            {
                let mac = Brief::<17>::of(format_args!("{}", Mac(octets)));
                facts.say(Fact::Property { name, value: mac.as_str() });
            }
        }
        (first, left) = (false, next);
    }
    Progress::Consumed(data.len())
}

fn probe_mrp(data: &[u8], hint: &Hint) -> Likelihood {
    framed(matches!(data, [0, 1, 1..=10, length, ..] if data.len() > usize::from(*length)), hint)
}

fn read_mrp(_from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    if data.len() < HEAD_BYTES {
        return Progress::Need(HEAD_BYTES);
    }
    if be16(data, 0) != Some(1) {
        facts.say(Fact::Anomaly { what: "malformed-mrp" });
        return Progress::Consumed(data.len());
    }
    let mut left = rest(data, 2);
    for _ in 0..FIELDS_MAX {
        let (Some(kind), Some(length)) = (u8_at(left, 0), u8_at(left, 1)) else { break };
        if kind == 0 {
            break;
        }
        let Some((value, next)) = rest(left, 2).split_at_checked(length.into()) else {
            facts.say(Fact::Anomaly { what: "malformed-mrp" });
            break;
        };
        facts.message(&MRP_PROTOCOL, 0, kind.into(), Direction::None);
        match kind {
            // Sequence number, domain.
            1 => {
                if let Some(domain) = bytes(value, 2, 16).and_then(|domain| domain.first_chunk::<16>()) {
                    let domain = Brief::<32>::of(format_args!("{:032x}", u128::from_be_bytes(*domain)));
                    facts.say(Fact::Property { name: "mrp-domain", value: domain.as_str() });
                }
            }
            // Of a test: priority and address of the manager, role of the port, state of the ring.
            2 => {
                let value = match be16(value, 10) {
                    Some(0) => "open",
                    Some(1) => "closed",
                    _ => "unknown",
                };
                facts.say(Fact::Property { name: "mrp-ring", value });
            }
            _ => {}
        }
        left = next;
    }
    Progress::Consumed(data.len())
}
