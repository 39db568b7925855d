//! Spanning tree: which links of a network of bridges are open (IEEE 802.1D, 802.1w, 802.1s; Cisco's per-VLAN variant).

use super::super::brief::Brief;
use super::super::fields::{be16, bytes, rest, text, u8_at};
use super::super::{Hint, Likelihood, Progress};
use super::{Control, framed};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::observation::Mac;
use crate::protocol::{Carrier, Class, Element, Protection, Protocol, function};

/// Spanning tree.
pub static PROTOCOL: Protocol = Protocol {
    name: "stp",
    title: "Spanning Tree Protocol (also rapid, multiple, per VLAN)",
    carriers: &[Carrier::Llc(0x42)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element {
        name: "type",
        functions: &[
            function(CONFIGURATION, "configuration", Class::Session),
            function(RAPID, "rapid", Class::Session),
            function(CHANGE, "topology-change", Class::Session),
        ],
        default_class: Class::Other,
    }],
    documents: &["IEEE 802.1D-2004, section 9", "IEEE 802.1Q-2022, section 14"],
};

const CONFIGURATION: u32 = 0x00;
const RAPID: u32 = 0x02;
const CHANGE: u32 = 0x80;

/// The dissector.
pub static STP: Control = Control { protocols: &[&PROTOCOL], probe, read };

/// Protocol, version, type: all of a topology change notification.
const HEAD_BYTES: usize = 4;
/// A configuration, and a rapid one (IEEE 802.1D-2004, section 9.3).
const CONFIGURATION_BYTES: usize = 35;
/// Where the name of a region stands (IEEE 802.1Q-2022, figure 14-1), and its length.
const REGION: (usize, usize) = (39, 32);

fn probe(data: &[u8], hint: &Hint) -> Likelihood {
    let data = unit(data);
    framed(matches!(data, [0, 0, 0..=4, kind, ..] if matches!(kind, 0 | 2 | 0x80)), hint)
}

/// Behind the header of the logical link, where one was left in front.
fn unit(data: &[u8]) -> &[u8] {
    data.strip_prefix(&[0x42, 0x42, 0x03]).unwrap_or(data)
}

fn read(from: End, whole: &[u8], facts: &mut dyn Facts) -> Progress {
    let data = unit(whole);
    let before = whole.len() - data.len();
    let (Some(protocol), Some(version), Some(kind)) = (be16(data, 0), u8_at(data, 2), u8_at(data, 3)) else {
        return Progress::Need(before + HEAD_BYTES);
    };
    if protocol != 0 {
        facts.say(Fact::Anomaly { what: "malformed-stp" });
        return Progress::Consumed(whole.len());
    }
    let kind = u32::from(kind);
    let least = if kind == CHANGE { HEAD_BYTES } else { CONFIGURATION_BYTES };
    if data.len() < least {
        return Progress::Need(before + least);
    }
    facts.message(&PROTOCOL, 0, kind, Direction::None);
    facts.say(Fact::Identity { about: from, what: Identity::Kind, value: "bridge" });
    let variant = match version {
        0 => "stp",
        2 => "rstp",
        3 => "mstp",
        4 => "spt",
        _ => "unknown",
    };
    facts.say(Fact::Property { name: "stp-version", value: variant });
    if kind == CONFIGURATION || kind == RAPID {
        for (name, at) in [("stp-root", 5), ("stp-bridge", 17)] {
            bridge(name, rest(data, at), facts);
        }
    }
    if version >= 3
        && let Some(region) = bytes(data, REGION.0, REGION.1).and_then(text)
    {
        facts.say(Fact::Property { name: "stp-region", value: &region });
    }
    Progress::Consumed(whole.len())
}

/// Priority and address of a bridge (IEEE 802.1D-2004, section 9.2.5).
fn bridge(name: &'static str, data: &[u8], facts: &mut dyn Facts) {
    if let [high, low, a, b, c, d, e, f, ..] = *data {
        let priority = u16::from_be_bytes([high, low]);
        let (mac, instance) = (Mac([a, b, c, d, e, f]), priority & 0x0fff);
        let value = Brief::<40>::of(format_args!("{}/{instance}/{mac}", priority & 0xf000));
        facts.say(Fact::Property { name, value: value.as_str() });
    }
}
