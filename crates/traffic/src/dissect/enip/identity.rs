//! Who a device is: the identity object (CIP Volume 1 §5A-2) and the answer to *list identity* (Volume 2 §2-4.2.3).

use super::vendors;
use crate::dissect::fields::{bytes, le16, le32, rest, text, u8_at};
use crate::facts::{End, Fact, Facts, Identity};

/// Version of the encapsulation and socket address before the identity in a *list identity* item.
const SOCKET_BYTES: usize = 18;

/// Says the item of a *list identity* answer.
pub(super) fn say_listed(item: &[u8], about: End, facts: &mut dyn Facts) {
    say_all(rest(item, SOCKET_BYTES), about, facts);
}

/// Says all attributes in their order: vendor, device type, product code, revision, status, serial number, product name.
pub(super) fn say_all(data: &[u8], about: End, facts: &mut dyn Facts) {
    for (attribute, at) in [(1, 0), (2, 2), (4, 6), (6, 10), (7, 14)] {
        say_attribute(attribute, rest(data, at), about, facts);
    }
}

/// Says a list of attributes as *get attribute list* answers it: count, then per attribute number, status, value.
pub(super) fn say_list(data: &[u8], about: End, facts: &mut dyn Facts) {
    let Some(count) = le16(data, 0) else { return };
    let mut left = rest(data, 2);
    for _ in 0..count {
        let (Some(attribute), Some(status)) = (le16(left, 0), le16(left, 2)) else { return };
        let value = rest(left, 4);
        if status != 0 {
            left = value;
            continue;
        }
        let length = match attribute {
            1..=5 => 2,
            6 => 4,
            7 => 1 + usize::from(u8_at(value, 0).unwrap_or_default()),
            _ => return,
        };
        say_attribute(u32::from(attribute), value, about, facts);
        left = rest(value, length);
    }
}

/// Says one attribute of the identity object.
pub(super) fn say_attribute(attribute: u32, value: &[u8], about: End, facts: &mut dyn Facts) {
    let mut say = |what, value: &str| facts.say(Fact::Identity { about, what, value });
    match attribute {
        1 => match le16(value, 0) {
            Some(id) if id != 0 => match vendors::vendor(id) {
                Some(name) => say(Identity::Vendor, name),
                None => say(Identity::Vendor, &format!("ODVA vendor {id}")),
            },
            _ => {}
        },
        2 => {
            if let Some(kind) = le16(value, 0).and_then(vendors::device_type) {
                say(Identity::Kind, kind);
            }
        }
        4 => {
            if let (Some(major), Some(minor)) = (u8_at(value, 0), u8_at(value, 1)) {
                say(Identity::Version, &format!("{major}.{minor}"));
            }
        }
        6 => {
            if let Some(serial) = le32(value, 0) {
                say(Identity::Serial, &format!("{serial:08X}"));
            }
        }
        7 => {
            let name = u8_at(value, 0).and_then(|length| bytes(value, 1, usize::from(length))).and_then(text);
            if let Some(name) = name {
                say(Identity::Product, &name);
            }
        }
        _ => {}
    }
}
