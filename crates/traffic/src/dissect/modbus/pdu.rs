//! What a Modbus PDU (function code and data, without the transport's header) shows.

use super::protocol::{self, CANOPEN, CLEAR_COUNTERS, LISTEN_ONLY, READ_DEVICE_IDENTIFICATION, RESTART};
use crate::dissect::check_sums::crc16;
use crate::dissect::fields::{be16, bytes, rest, text, u8_at};
use crate::facts::{End, Fact, Facts, Identity};
use crate::protocol::Class;

/// Set in the function code of a response that refuses (V1.1b3 §4.1).
const EXCEPTION_BIT: u8 = 0x80;
/// Encapsulated interface transport (§6.19).
const ENCAPSULATED: u8 = 43;
/// MEI type of the device identification (§6.21).
const MEI_DEVICE_IDENTIFICATION: u8 = 14;
/// Report server ID (§6.17).
const REPORT_SERVER_ID: u8 = 17;
/// Shortest run of letters in a server id that is taken for a name: it may be any bytes.
const SERVER_ID_NAME_MIN: usize = 4;

/// The function code without the exception bit.
pub(super) fn function_code(pdu: &[u8]) -> Option<u8> {
    pdu.first().map(|code| code & !EXCEPTION_BIT)
}

/// Does the PDU refuse a request?
pub(super) fn is_exception(pdu: &[u8]) -> bool {
    pdu.first().is_some_and(|code| code & EXCEPTION_BIT != 0)
}

/// The exception code of a PDU that refuses a request.
pub(super) fn exception_code(pdu: &[u8]) -> Option<u8> {
    if is_exception(pdu) { u8_at(pdu, 1) } else { None }
}

/// The MEI type of an encapsulated interface's PDU.
pub(super) fn mei_type(pdu: &[u8]) -> Option<u8> {
    if pdu.first() == Some(&ENCAPSULATED) { u8_at(pdu, 1) } else { None }
}

/// What a sub-function makes of the function code.
pub(super) fn meaning(pdu: &[u8]) -> Option<(&'static str, Class)> {
    match function_code(pdu)? {
        8 if !is_exception(pdu) => match be16(pdu, 1)? {
            1 => Some(RESTART),
            4 => Some(LISTEN_ONLY),
            10 | 20 => Some(CLEAR_COUNTERS),
            _ => None,
        },
        ENCAPSULATED => match mei_type(pdu)? {
            13 => Some(CANOPEN),
            MEI_DEVICE_IDENTIFICATION => Some(READ_DEVICE_IDENTIFICATION),
            _ => None,
        },
        _ => None,
    }
}

/// How long a request and a response that begin so are, where §6 says: `None` for functions whose length the
/// specification leaves open, or if the byte that tells it is not there.
pub(super) fn lengths(pdu: &[u8]) -> (Option<usize>, Option<usize>) {
    if is_exception(pdu) {
        return (None, Some(2));
    }
    let counted =
        |at: usize, head: usize| u8_at(pdu, at).map(|count| head.saturating_add(usize::from(count)));
    match pdu.first().copied().unwrap_or_default() {
        1..=4 => (Some(5), counted(1, 2)),
        5 | 6 => (Some(5), Some(5)),
        7 => (Some(1), Some(2)),
        11 => (Some(1), Some(5)),
        12 | 17 => (Some(1), counted(1, 2)),
        15 | 16 => (counted(5, 6), Some(5)),
        20 | 21 => (counted(1, 2), counted(1, 2)),
        22 => (Some(7), Some(7)),
        23 => (counted(9, 10), counted(1, 2)),
        24 => (Some(3), be16(pdu, 1).map(|count| usize::from(count).saturating_add(3))),
        _ => (None, None),
    }
}

/// Whether a whole PDU could be a request, and a response: by its length and what §6 says of its values.
pub(super) fn fits(pdu: &[u8]) -> (bool, bool) {
    let (request, response) = lengths(pdu);
    let of_length = |length: Option<usize>| length == Some(pdu.len());
    match pdu.first().copied().unwrap_or_default() {
        1 | 2 => (of_length(request) && quantity(pdu, 3, 2000), of_length(response) && pdu.len() > 2),
        3 | 4 => (
            of_length(request) && quantity(pdu, 3, 125),
            of_length(response) && pdu.len() > 2 && pdu.len().is_multiple_of(2),
        ),
        5 => {
            let value = pdu.len() == 5 && matches!(be16(pdu, 3), Some(0 | 0xff00));
            (value, value)
        }
        8 => (pdu.len() >= 3 && pdu.len() % 2 == 1, pdu.len() >= 3 && pdu.len() % 2 == 1),
        15 | 16 => {
            (of_length(request) && quantity(pdu, 3, 1968), of_length(response) && quantity(pdu, 3, 1968))
        }
        ENCAPSULATED => match mei_type(pdu) {
            Some(MEI_DEVICE_IDENTIFICATION) => (pdu.len() == 4, device_objects(pdu).is_some()),
            Some(13) => (pdu.len() > 2, pdu.len() > 2),
            _ => (false, false),
        },
        90 => (pdu.len() >= 3, pdu.len() >= 3),
        _ if is_exception(pdu) => {
            (false, of_length(response) && matches!(exception_code(pdu), Some(1..=8 | 10 | 11)))
        }
        _ => (of_length(request), of_length(response)),
    }
}

/// Is the number at `at` a count from one to `max`?
fn quantity(pdu: &[u8], at: usize, max: u16) -> bool {
    be16(pdu, at).is_some_and(|quantity| (1..=max).contains(&quantity))
}

/// Does the specification say how the PDU's function looks, so that [`fits`] can tell?
pub(super) fn is_described(pdu: &[u8]) -> bool {
    is_exception(pdu)
        || matches!(pdu.first(), Some(1..=8 | 11 | 12 | 15..=17 | 20..=24 | 90))
        || matches!(mei_type(pdu), Some(13 | 14))
}

/// Says who the device is, if a response tells.
pub(super) fn say_identity(pdu: &[u8], about: End, facts: &mut dyn Facts) {
    match pdu.first() {
        Some(&ENCAPSULATED) => say_device_identification(pdu, about, facts),
        Some(&REPORT_SERVER_ID) => {
            if let Some(name) = server_id_name(pdu) {
                say(Identity::Product, name, about, facts);
            }
        }
        _ => {}
    }
}

/// The objects of a device identification response (§6.21): `2b 0e code conformity more next count`, then per object id, length, value.
fn device_objects(pdu: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    if mei_type(pdu) != Some(MEI_DEVICE_IDENTIFICATION) || pdu.len() < 7 {
        return None;
    }
    let count = u8_at(pdu, 6)?;
    let mut objects = Vec::new();
    let mut at = 7;
    for _ in 0..count {
        let value = bytes(pdu, at + 2, usize::from(u8_at(pdu, at + 1)?))?;
        objects.push((u8_at(pdu, at)?, value));
        at += 2 + value.len();
    }
    Some(objects)
}

fn say_device_identification(pdu: &[u8], about: End, facts: &mut dyn Facts) {
    let Some(objects) = device_objects(pdu) else { return };
    let object = |id: u8| objects.iter().find(|object| object.0 == id).map(|object| object.1);
    if let Some(vendor) = object(0) {
        say(Identity::Vendor, vendor, about, facts);
    }
    // Product name (4) or model name (5) if the device tells them, else its product code (1).
    if let Some(product) = object(4).or(object(5)).or(object(1)) {
        say(Identity::Product, product, about, facts);
    }
    if let Some(version) = object(2) {
        say(Identity::Version, version, about, facts);
    }
    if let Some(application) = object(6) {
        say(Identity::Name, application, about, facts);
    }
}

/// The longest run of printable letters in a server id: what it holds is the device's own affair (§6.17).
fn server_id_name(pdu: &[u8]) -> Option<&[u8]> {
    let id = bytes(pdu, 2, usize::from(u8_at(pdu, 1)?))?;
    id.split(|byte| !(0x20..0x7f).contains(byte))
        .map(<[u8]>::trim_ascii)
        .filter(|run| run.len() >= SERVER_ID_NAME_MIN && run.iter().any(u8::is_ascii_alphabetic))
        .max_by_key(|run| run.len())
}

fn say(what: Identity, value: &[u8], about: End, facts: &mut dyn Facts) {
    if let Some(value) = text(value) {
        facts.say(Fact::Identity { about, what, value: &value });
    }
}

/// The length of the serial frame (address, PDU, CRC) at the start of `data`, if one with a right CRC stands there.
pub(super) fn serial_frame(data: &[u8]) -> Option<usize> {
    let pdu = rest(data, 1);
    let (request, response) = lengths(pdu);
    let open = if protocol::PROTOCOL.function(protocol::FUNCTION, u32::from(function_code(pdu)?)).is_some() {
        Some(data.len().checked_sub(3)?)
    } else {
        None
    };
    [request, response, open].into_iter().flatten().map(|length| length + 3).find(|length| {
        let checked = length.checked_sub(2).and_then(|end| Some((data.get(..end)?, data.get(end..*length)?)));
        checked.is_some_and(|(frame, sum)| sum == crc16(frame).to_le_bytes())
    })
}
