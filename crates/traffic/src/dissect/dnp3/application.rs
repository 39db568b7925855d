//! Application fragments (IEEE 1815, clause 4): function code, and the few objects that say who or how.

use super::table::{READ_ATTRIBUTES, READ_FILE, WRITE_FILE, WRITE_TIME};
use super::{FUNCTION, PROTOCOL, direction_of, say_function};
use crate::dissect::octets::{Octets, printable};
use crate::facts::{Code, End, Fact, Facts, Identity, Message};
use crate::protocol::Class;

/// Objects of group 0 that are read from one fragment.
const ATTRIBUTES_MAX: usize = 64;

/// Reads a fragment; whether it had a function code, which then was reported.
pub(super) fn read(from: End, fragment: &[u8], facts: &mut dyn Facts) -> bool {
    let mut octets = Octets::new(fragment);
    let (Some(_control), Some(code)) = (octets.u8(), octets.u8()) else {
        facts.say(Fact::Anomaly { what: "dnp3-fragment-short" });
        return false;
    };
    let is_response = code >= 129;
    // A response carries two octets of internal indications before its objects (4.2.2.6).
    let complete = !is_response || octets.skip(2).is_some();
    let object = ObjectHeader::read(&mut octets.clone());
    match special(code, object) {
        Some(meaning) => facts.say(Fact::Message(Message {
            protocol: &PROTOCOL,
            element: FUNCTION,
            code: Code::Number(u32::from(code)),
            direction: direction_of(code),
            meaning: Some(meaning),
        })),
        None => say_function(code, facts),
    }
    if !complete {
        facts.say(Fact::Anomaly { what: "dnp3-no-indications" });
    }
    if PROTOCOL.function(FUNCTION, u32::from(code)).is_none() {
        facts.say(Fact::Anomaly { what: "dnp3-function-unknown" });
    }
    if matches!(code, 32 | 33 | 131) || object.is_some_and(|object| object.group == 120) {
        facts.say(Fact::Authenticated(true));
    }
    match object {
        Some(object) if object.group == 0 && is_response => attributes(from, octets, facts),
        Some(object) if object.group == 70 && object.variation == 2 => credential(octets, facts),
        _ => {}
    }
    true
}

/// Name and class where the first object decides them.
fn special(code: u8, object: Option<ObjectHeader>) -> Option<(&'static str, Class)> {
    match (code, object?.group) {
        (1, 0) => Some(READ_ATTRIBUTES),
        (1, 70) => Some(READ_FILE),
        (2, 50) => Some(WRITE_TIME),
        (2, 70) => Some(WRITE_FILE),
        _ => None,
    }
}

/// The header before objects (IEEE 1815, 4.2.2.7).
#[derive(Debug, Clone, Copy)]
struct ObjectHeader {
    group: u8,
    variation: u8,
}

impl ObjectHeader {
    /// The header at the cursor, its range field passed over.
    fn read(octets: &mut Octets<'_>) -> Option<Self> {
        let (group, variation, qualifier) = (octets.u8()?, octets.u8()?, octets.u8()?);
        // The range field by its specifier code (table 4-4): start and stop, a count, or none.
        let range = match qualifier & 0x0F {
            0 => 2,
            1 => 4,
            2 => 8,
            6 => 0,
            7 | 0x0B => 1,
            8 => 2,
            9 => 4,
            _ => return None,
        };
        octets.skip(range)?;
        Some(Self { group, variation })
    }
}

/// Device attributes (group 0, IEEE 1815, A.1): each a data type, a length and the value.
fn attributes(from: End, mut octets: Octets<'_>, facts: &mut dyn Facts) {
    for _ in 0..ATTRIBUTES_MAX {
        let Some(object) = ObjectHeader::read(&mut octets) else { return };
        if object.group != 0 {
            return;
        }
        let (Some(kind), Some(length)) = (octets.u8(), octets.u8()) else { return };
        let Some(value) = octets.take(usize::from(length)) else {
            facts.say(Fact::Anomaly { what: "dnp3-attribute-length" });
            return;
        };
        // Data type 1 is visible text (A.1.1).
        let (1, Some(what), Some(value)) = (kind, attribute(object.variation), printable(value)) else {
            continue;
        };
        facts.say(Fact::Identity { about: from, what, value });
    }
}

/// What an attribute tells (IEEE 1815, A.1, variations 242 to 252).
const fn attribute(variation: u8) -> Option<Identity> {
    match variation {
        242 => Some(Identity::Version),
        247 => Some(Identity::Name),
        248 => Some(Identity::Serial),
        250 => Some(Identity::Product),
        252 => Some(Identity::Vendor),
        _ => None,
    }
}

/// A file authentication object (group 70 variation 2, IEEE 1815, A.27.2) carries user name and password in clear.
fn credential(mut octets: Octets<'_>, facts: &mut dyn Facts) {
    let mut password = || -> Option<u16> {
        ObjectHeader::read(&mut octets)?;
        // Free-format objects (qualifier 0x5B) are preceded by their size.
        octets.skip(2)?;
        let [_, _, _, _, _, _, low, high] = octets.array::<8>()?;
        Some(u16::from_le_bytes([low, high]))
    };
    if password().is_some_and(|length| length > 0) {
        facts.say(Fact::ClearTextCredential { what: "password" });
    }
}
