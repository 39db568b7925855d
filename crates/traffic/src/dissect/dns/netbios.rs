//! Records of the NetBIOS name service (RFC 1002, 4.2) that name their sender.

use super::Record;
use crate::dissect::octets::{Octets, printable};
use crate::facts::{End, Fact, Facts, Identity};

/// Octets of a NetBIOS name: fifteen of the name and one that says of which service (RFC 1001, 5.2).
const NAME_LENGTH: usize = 16;
/// The group bit of a name's flags (RFC 1002, 4.2.1.3 and 4.2.18).
const GROUP: u16 = 0x8000;
/// Recursion available: the answer is a name server's, about others (RFC 1002, 4.2.1.1).
const RECURSION_AVAILABLE: u16 = 0x0080;

/// A record that names its sender: in a registration or refresh the name asked for, in an owner's answer the name
/// found, in a node status all its names.
pub(super) fn record(
    from: End,
    flags: u16,
    opcode: u8,
    response_code: u8,
    record: &Record<'_>,
    facts: &mut dyn Facts,
) {
    let is_response = flags & 0x8000 != 0;
    match (record.kind, opcode, is_response) {
        (0x20, 5 | 8 | 9 | 15, false) => address(from, record, facts),
        (0x20, 0, true) if response_code == 0 && flags & RECURSION_AVAILABLE == 0 => {
            address(from, record, facts)
        }
        (0x21, 0, true) => status(from, record.data, facts),
        _ => {}
    }
}

/// A name with its address (RFC 1002, 4.2.2): said unless it is a group's.
fn address(from: End, record: &Record<'_>, facts: &mut dyn Facts) {
    let Some(name_flags) = Octets::new(record.data).u16_be() else { return };
    let Some(name) = record.owner.labels().next().and_then(decode) else { return };
    say(from, &name, name_flags, facts);
}

/// A node status (RFC 1002, 4.2.18).
fn status(from: End, data: &[u8], facts: &mut dyn Facts) {
    let mut octets = Octets::new(data);
    for _ in 0..octets.u8().unwrap_or_default() {
        let (Some(name), Some(name_flags)) = (octets.array::<NAME_LENGTH>(), octets.u16_be()) else {
            facts.say(Fact::Anomaly { what: "nbns-node-status" });
            return;
        };
        say(from, &name, name_flags, facts);
    }
}

/// Says a name by its service: 00 is the workstation's or, of a group, the workgroup's; 20 the file server's.
fn say(about: End, name: &[u8; NAME_LENGTH], name_flags: u16, facts: &mut dyn Facts) {
    let [text @ .., service] = name;
    let Some(value) = printable(text.trim_ascii_end()) else { return };
    match (service, name_flags & GROUP) {
        (0x00 | 0x20, 0) => facts.say(Fact::Identity { about, what: Identity::Name, value }),
        (0x00, _) => facts.say(Fact::Property { name: "workgroup", value }),
        _ => {}
    }
}

/// First-level encoding: each half of an octet is a letter from `A` to `P` (RFC 1001, 14.1).
pub(crate) fn decode(label: &[u8]) -> Option<[u8; NAME_LENGTH]> {
    let mut name = [0; NAME_LENGTH];
    if label.len() != 2 * NAME_LENGTH {
        return None;
    }
    let half = |letter: u8| letter.checked_sub(b'A').filter(|&value| value < 16);
    for (place, pair) in name.iter_mut().zip(label.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *place = half(*high)? << 4 | half(*low)?;
    }
    Some(name)
}
