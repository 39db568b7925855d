//! CDP: what Cisco's devices, and those that learned it from them, say of themselves to their neighbors.

use super::super::brief::Brief;
use super::super::fields::{be16, be32, rest, text, u8_at};
use super::super::{Hint, Likelihood, Progress};
use super::{Control, framed};
use crate::facts::{End, Fact, Facts, Identity};
use crate::protocol::{Carrier, Protection, Protocol};
use std::net::{Ipv4Addr, Ipv6Addr};

/// CDP.
pub static PROTOCOL: Protocol = Protocol {
    name: "cdp",
    title: "Cisco Discovery Protocol",
    carriers: &[Carrier::EtherType(0x2000)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[],
    documents: &["Cisco, Cisco Discovery Protocol Version 2 (document 1006025)", "Wireshark wiki, CDP"],
};

/// The dissector.
pub static CDP: Control = Control { protocols: &[&PROTOCOL], probe, read };

/// Version, time to live, checksum.
const HEAD_BYTES: usize = 4;
/// Fields of one message that are read.
const FIELDS_MAX: usize = 64;
/// Addresses of one field that are read.
const ADDRESSES_MAX: u32 = 16;

// Types of fields.
const DEVICE: u16 = 0x0001;
const ADDRESSES: u16 = 0x0002;
const CAPABILITIES: u16 = 0x0004;
const SOFTWARE: u16 = 0x0005;
const PLATFORM: u16 = 0x0006;
const DOMAIN: u16 = 0x0009;
const NATIVE_VLAN: u16 = 0x000a;
const SYSTEM_NAME: u16 = 0x0014;
const MANAGEMENT: u16 = 0x0016;

fn probe(data: &[u8], hint: &Hint) -> Likelihood {
    let first = (be16(data, HEAD_BYTES), be16(data, HEAD_BYTES + 2));
    let looks = matches!(first, (Some(1..=0x1f), Some(length)) if length >= 4);
    framed(looks && matches!(u8_at(data, 0), Some(1 | 2)), hint)
}

fn read(from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    if data.len() < HEAD_BYTES {
        return Progress::Need(HEAD_BYTES);
    }
    let mut fields = rest(data, HEAD_BYTES);
    for _ in 0..FIELDS_MAX {
        if fields.is_empty() {
            break;
        }
        // The length counts type and length themselves.
        let whole = be16(fields, 2).map(usize::from).filter(|length| *length >= 4);
        let Some((field, next)) = whole.and_then(|length| fields.split_at_checked(length)) else {
            facts.say(Fact::Anomaly { what: "malformed-cdp" });
            break;
        };
        say(be16(field, 0).unwrap_or_default(), rest(field, 4), from, facts);
        fields = next;
    }
    Progress::Consumed(data.len())
}

fn say(kind: u16, value: &[u8], from: End, facts: &mut dyn Facts) {
    let what = match kind {
        DEVICE | SYSTEM_NAME => Identity::Name,
        SOFTWARE => Identity::Version,
        PLATFORM => Identity::Product,
        CAPABILITIES => {
            if let Some(value) = be32(value, 0).and_then(capability) {
                facts.say(Fact::Identity { about: from, what: Identity::Kind, value });
            }
            return;
        }
        ADDRESSES | MANAGEMENT => return addresses(value, facts),
        NATIVE_VLAN => {
            if let Some(vlan) = be16(value, 0) {
                let vlan = Brief::<5>::of(format_args!("{vlan}"));
                facts.say(Fact::Property { name: "native-vlan", value: vlan.as_str() });
            }
            return;
        }
        DOMAIN => {
            if let Some(domain) = text(value) {
                facts.say(Fact::Property { name: "vtp-domain", value: &domain });
            }
            return;
        }
        _ => return,
    };
    let Some(words) = text(value) else { return };
    if what == Identity::Product && words.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("cisco ")) {
        facts.say(Fact::Identity { about: from, what: Identity::Vendor, value: "Cisco" });
    }
    facts.say(Fact::Identity { about: from, what, value: &words });
}

/// The capability that says most of what a device is.
fn capability(flags: u32) -> Option<&'static str> {
    [(0x80, "telephone"), (0x08, "switch"), (0x01, "router"), (0x02, "bridge"), (0x10, "host")]
        .into_iter()
        .find_map(|(bit, name)| (flags & bit != 0).then_some(name))
}

/// A number of addresses, each with the protocol it is of.
fn addresses(value: &[u8], facts: &mut dyn Facts) {
    let count = be32(value, 0).unwrap_or_default().min(ADDRESSES_MAX);
    let mut data = rest(value, 4);
    for _ in 0..count {
        let Some((kind, protocol_length)) = u8_at(data, 0).zip(u8_at(data, 1)) else { return };
        let Some((protocol, behind)) = rest(data, 2).split_at_checked(protocol_length.into()) else { return };
        let Some(length) = be16(behind, 0) else { return };
        let Some((address, next)) = rest(behind, 2).split_at_checked(length.into()) else { return };
        data = next;
        // Network layer protocol identifiers (ISO/IEC TR 9577) and, behind 802.2, EtherTypes.
        let value = match (kind, protocol, address) {
            (1, [0xcc], [a, b, c, d]) => Brief::<45>::of(format_args!("{}", Ipv4Addr::new(*a, *b, *c, *d))),
            (2, [.., 0x86, 0xdd], address) => match <[u8; 16]>::try_from(address) {
                Ok(octets) => Brief::<45>::of(format_args!("{}", Ipv6Addr::from(octets))),
                Err(_) => continue,
            },
            _ => continue,
        };
        facts.say(Fact::Property { name: "management-address", value: value.as_str() });
    }
}
