//! LLDP: what switches and devices say of themselves to their neighbors.

use super::brief::Brief;
use super::fields::{rest, text};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{End, Fact, Facts, Identity};
use crate::observation::Mac;
use crate::protocol::{Carrier, Protection, Protocol};
use std::net::{Ipv4Addr, Ipv6Addr};

/// LLDP, as a protocol.
pub static PROTOCOL: Protocol = Protocol {
    name: "lldp",
    title: "Link Layer Discovery Protocol",
    carriers: &[Carrier::EtherType(0x88cc)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[],
    documents: &["IEEE 802.1AB-2016", "ANSI/TIA-1057 (LLDP-MED)"],
};

// Types of TLVs (IEEE 802.1AB, table 8-1).
const END: u8 = 0;
const CHASSIS_ID: u8 = 1;
const PORT_ID: u8 = 2;
const TIME_TO_LIVE: u8 = 3;
const SYSTEM_NAME: u8 = 5;
const SYSTEM_DESCRIPTION: u8 = 6;
const SYSTEM_CAPABILITIES: u8 = 7;
const MANAGEMENT_ADDRESS: u8 = 8;
const ORGANIZATIONALLY_SPECIFIC: u8 = 127;

/// Telecommunications Industry Association, whose inventory TLVs name a device (ANSI/TIA-1057, section 10.2.6).
const TIA: [u8; 3] = [0x00, 0x12, 0xbb];

/// TLVs of one frame that are read; a frame has room for no more.
const TLVS_MAX: usize = 256;

/// Chassis subtype "MAC address" (IEEE 802.1AB, table 8-2).
const CHASSIS_MAC: u8 = 4;
/// Chassis subtype "locally assigned" (IEEE 802.1AB, table 8-2): PROFINET puts the name of the station there.
const CHASSIS_LOCAL: u8 = 7;

/// The dissector of LLDP.
#[derive(Debug, Clone, Copy)]
pub struct Lldp;

impl Dissector for Lldp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    /// Frames come by their EtherType; nothing over IP is LLDP.
    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let framed = !hint.stream && hint.source_port == 0 && hint.destination_port == 0;
        let kinds = Tlvs(data).map(|(kind, _)| kind);
        // The three mandatory TLVs come first, in this order (IEEE 802.1AB, section 8.2).
        if framed && kinds.take(3).eq([CHASSIS_ID, PORT_ID, TIME_TO_LIVE]) {
            Likelihood::Likely
        } else {
            Likelihood::No
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading)
    }
}

struct Reading;

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let mut ended = false;
        for (kind, value) in Tlvs(data).take(TLVS_MAX) {
            say(kind, value, from, facts);
            ended |= kind == END;
        }
        if !ended {
            facts.say(Fact::Anomaly { what: "malformed-lldp" });
        }
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        for (kind, value) in Tlvs(data).take(TLVS_MAX) {
            say(kind, value, from, facts);
        }
    }
}

fn say(kind: u8, value: &[u8], from: End, facts: &mut dyn Facts) {
    let (what, field) = match (kind, value) {
        (CHASSIS_ID, [CHASSIS_LOCAL, name @ ..]) => (Identity::Name, name),
        (CHASSIS_ID, [CHASSIS_MAC, a, b, c, d, e, f]) => {
            let mac = Brief::<17>::of(format_args!("{}", Mac([*a, *b, *c, *d, *e, *f])));
            return facts.say(Fact::Property { name: "chassis", value: mac.as_str() });
        }
        (MANAGEMENT_ADDRESS, value) => return management(value, facts),
        (SYSTEM_NAME, name) => (Identity::Name, name),
        (SYSTEM_DESCRIPTION, description) => (Identity::Product, description),
        (SYSTEM_CAPABILITIES, [_, _, high, low]) => {
            if let Some(value) = capability(u16::from_be_bytes([*high, *low])) {
                facts.say(Fact::Identity { about: from, what: Identity::Kind, value });
            }
            return;
        }
        (ORGANIZATIONALLY_SPECIFIC, value) if value.starts_with(&TIA) => {
            let what = match value.get(3) {
                Some(6 | 7) => Identity::Version,
                Some(8) => Identity::Serial,
                Some(9) => Identity::Vendor,
                Some(10) => Identity::Product,
                _ => return,
            };
            (what, rest(value, 4))
        }
        _ => return,
    };
    if let Some(value) = text(field) {
        facts.say(Fact::Identity { about: from, what, value: &value });
    }
}

/// Length (with the family), family, address (IEEE 802.1AB, section 8.5.9).
fn management(value: &[u8], facts: &mut dyn Facts) {
    let address = match *value {
        [5, 1, a, b, c, d, ..] => Brief::<45>::of(format_args!("{}", Ipv4Addr::new(a, b, c, d))),
        [17, 2, ref rest @ ..] => match rest.first_chunk::<16>() {
            Some(octets) => Brief::<45>::of(format_args!("{}", Ipv6Addr::from(*octets))),
            None => return,
        },
        _ => return,
    };
    facts.say(Fact::Property { name: "management-address", value: address.as_str() });
}

/// The enabled capability that says most of what a device is (IEEE 802.1AB, table 8-4).
fn capability(enabled: u16) -> Option<&'static str> {
    [(4, "router"), (3, "access-point"), (2, "switch"), (5, "telephone"), (7, "station")]
        .into_iter()
        .find_map(|(bit, name)| (enabled >> bit & 1 == 1).then_some(name))
}

/// Type and value of each TLV, as far as they are whole: 7 bits of type, 9 of length (IEEE 802.1AB, section 8.4).
struct Tlvs<'a>(&'a [u8]);

impl<'a> Iterator for Tlvs<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (head, behind) = self.0.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*head) & 0x1ff);
        let (value, next) = behind.split_at_checked(length)?;
        let kind = head[0] >> 1;
        // What follows the end is padding.
        self.0 = if kind == END { &[] } else { next };
        Some((kind, value))
    }
}
