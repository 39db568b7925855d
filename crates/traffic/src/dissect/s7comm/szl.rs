//! What a system status list (SZL) tells of a module: order number, firmware, names, serial number.
//!
//! Written from *System and Standard Functions for S7-300/400*, A5E00709327, chapter on system status lists:
//! partial lists xy11 (module identification) and xy1C (component identification).

use crate::dissect::fields::{be16, bytes, text, u8_at};
use crate::facts::{End, Fact, Facts, Identity};

/// Partial list *module identification*; the upper byte selects an extract.
const MODULE_IDENTIFICATION: u16 = 0x11;
/// Partial list *component identification*.
const COMPONENT_IDENTIFICATION: u16 = 0x1c;
/// Shortest record of the module identification.
const MODULE_RECORD_BYTES: usize = 28;
/// Shortest record of the component identification.
const COMPONENT_RECORD_BYTES: usize = 34;

/// Says what the list in `data` (the user data after return code, transport size and length) tells of `about`.
pub(super) fn say_identity(data: &[u8], about: End, facts: &mut dyn Facts) {
    let (Some(list), Some(size), Some(count)) = (be16(data, 0), be16(data, 4), be16(data, 6)) else { return };
    let size = usize::from(size);
    let records = (0..usize::from(count)).map_while(|index| bytes(data, 8 + index * size, size));
    match list & 0x00ff {
        MODULE_IDENTIFICATION if size >= MODULE_RECORD_BYTES => {
            records.for_each(|record| say_module(record, about, facts))
        }
        COMPONENT_IDENTIFICATION if size >= COMPONENT_RECORD_BYTES => {
            records.for_each(|record| say_component(record, about, facts));
        }
        _ => {}
    }
}

/// Index, order number (20), module type, and two words of version. Index 1 is the module, 7 its firmware.
fn say_module(record: &[u8], about: End, facts: &mut dyn Facts) {
    let order_number = bytes(record, 2, 20).and_then(text);
    match be16(record, 0) {
        Some(1) => {
            let Some(order_number) = order_number else { return };
            // Order numbers that begin so are Siemens' own numbering (MLFB) of automation products.
            if ["6ES7", "6GK7", "6AV", "6AG1"].iter().any(|prefix| order_number.starts_with(prefix)) {
                facts.say(Fact::Identity { about, what: Identity::Vendor, value: "Siemens" });
            }
            facts.say(Fact::Identity { about, what: Identity::Product, value: &order_number });
        }
        Some(7) => {
            if let (Some(b'V'), Some(major), Some(minor), Some(patch)) =
                (u8_at(record, 24), u8_at(record, 25), u8_at(record, 26), u8_at(record, 27))
            {
                facts.say(Fact::Identity {
                    about,
                    what: Identity::Version,
                    value: &format!("V{major}.{minor}.{patch}"),
                });
            }
        }
        _ => {}
    }
}

/// Index and a text of 32 letters.
fn say_component(record: &[u8], about: End, facts: &mut dyn Facts) {
    let what = match be16(record, 0) {
        // Name of the automation system, and of the module.
        Some(1 | 2) => Identity::Name,
        Some(5) => Identity::Serial,
        Some(7) => Identity::Kind,
        _ => return,
    };
    if let Some(value) = bytes(record, 2, 32).and_then(text) {
        facts.say(Fact::Identity { about, what, value: &value });
    }
}
