//! Words and cells of other tools in ours: kinds, yes and no, days, ratings, ids; and the text of bytes in any encoding.

use super::CELL_CHARS_MAX;
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::net::IpAddr;
use zonewright_plant::model::{Address, AssetKind, ComponentType, Rating};

/// Words of other tools for kinds of assets, beside ours.
const KINDS: &[(&str, AssetKind)] = &[
    ("controller", AssetKind::Plc),
    ("programmable logic controller", AssetKind::Plc),
    ("sps", AssetKind::Plc),
    ("pac", AssetKind::Plc),
    ("remote terminal unit", AssetKind::Rtu),
    ("protection relay", AssetKind::Ied),
    ("relay", AssetKind::Ied),
    ("dcs", AssetKind::DcsController),
    ("safety controller", AssetKind::SisLogicSolver),
    ("safety plc", AssetKind::SisLogicSolver),
    ("sis", AssetKind::SisLogicSolver),
    ("io", AssetKind::RemoteIo),
    ("i/o", AssetKind::RemoteIo),
    ("remote i/o", AssetKind::RemoteIo),
    ("vfd", AssetKind::Drive),
    ("inverter", AssetKind::Drive),
    ("frequency converter", AssetKind::Drive),
    ("transmitter", AssetKind::Sensor),
    ("instrument", AssetKind::Sensor),
    ("valve", AssetKind::Actuator),
    ("panel", AssetKind::Hmi),
    ("operator panel", AssetKind::Hmi),
    ("operator station", AssetKind::Hmi),
    ("ews", AssetKind::EngineeringWorkstation),
    ("engineering station", AssetKind::EngineeringWorkstation),
    ("pc", AssetKind::Workstation),
    ("client", AssetKind::Workstation),
    ("desktop", AssetKind::Workstation),
    ("scada", AssetKind::Server),
    ("scada server", AssetKind::Server),
    ("network switch", AssetKind::Switch),
    ("access switch", AssetKind::Switch),
    ("core switch", AssetKind::Switch),
    ("distribution switch", AssetKind::Switch),
    ("industrial switch", AssetKind::Switch),
    ("ap", AssetKind::AccessPoint),
    ("wireless access point", AssetKind::AccessPoint),
    ("wireless ap", AssetKind::AccessPoint),
    ("jump host", AssetKind::RemoteAccess),
    ("vpn", AssetKind::RemoteAccess),
    ("ntp", AssetKind::TimeServer),
    ("clock", AssetKind::TimeServer),
    ("notebook", AssetKind::Laptop),
    ("tablet", AssetKind::Mobile),
    ("phone", AssetKind::Mobile),
];

/// Kinds that stay what they are whatever stands before: a `ToR Switch` is a switch.
const PLAIN: &[&str] =
    &["switch", "router", "firewall", "server", "printer", "camera", "plc", "rtu", "hmi", "historian"];

/// The kind that a word means, in our vocabulary or another tool's.
pub(super) fn kind(word: &str) -> Option<AssetKind> {
    let word = word.trim().to_lowercase();
    let known = |word: &str| {
        ours(word, AssetKind::ALL)
            .or_else(|| KINDS.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind))
    };
    // What stands before these words only says which one it is.
    let last = word.rsplit(' ').next().filter(|last| PLAIN.contains(last));
    known(&word).or_else(|| known(last?))
}

/// The component type that a word means: ours, or the letters of 62443-4-2.
pub(super) fn component_type(word: &str) -> Option<ComponentType> {
    let word = word.trim().to_lowercase();
    ours(&word, ComponentType::ALL).or(match word.as_str() {
        "sar" | "software" | "application" => Some(ComponentType::SoftwareApplication),
        "edr" | "embedded" => Some(ComponentType::EmbeddedDevice),
        "hdr" | "host" => Some(ComponentType::HostDevice),
        "ndr" | "network" => Some(ComponentType::NetworkDevice),
        _ => None,
    })
}

/// A word of one of our vocabularies, with spaces or underlines for hyphens.
fn ours<T: Copy>(word: &str, all: &[(&str, T)]) -> Option<T> {
    let hyphens = word.replace([' ', '_'], "-");
    all.iter().find(|(name, _)| *name == hyphens).map(|(_, value)| *value)
}

/// Yes or no.
pub(super) fn truth(word: &str) -> Option<bool> {
    match word.trim().to_lowercase().as_str() {
        "true" | "yes" | "y" | "x" | "1" | "ja" | "j" | "oui" | "sí" | "si" => Some(true),
        "false" | "no" | "n" | "0" | "-" | "nein" | "non" => Some(false),
        _ => None,
    }
}

/// A rating in three words.
pub(super) fn rating(word: &str) -> Option<Rating> {
    match word.trim().to_lowercase().as_str() {
        "low" | "minor" | "niedrig" | "gering" => Some(Rating::Low),
        "medium" | "moderate" | "normal" | "mittel" => Some(Rating::Medium),
        "high" | "critical" | "very high" | "hoch" | "kritisch" => Some(Rating::High),
        _ => None,
    }
}

/// A day: as ISO 8601, also with a time behind it, or with the year last where that leaves no doubt.
pub(super) fn day(word: &str) -> Option<Date> {
    let word = word.trim();
    let date = word.split(['T', ' ']).next().unwrap_or(word);
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let number = |part: &str| part.parse::<i16>().ok();
    let (a_n, b_n, c_n) = (number(a)?, number(b)?, number(c)?);
    let (year, month, day) = match (a.len(), c.len()) {
        (4, _) => (a_n, b_n, c_n),
        // Points are written between day and month, in that order; slashes only tell where one is no month.
        (_, 4) if date.contains('.') || a_n > 12 => (c_n, b_n, a_n),
        (_, 4) if b_n > 12 || a_n == b_n => (c_n, a_n, b_n),
        _ => return None,
    };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// An address as Workspace/1 writes it, with `@context`; a prefix behind it is left out. Nothing for what no device has.
pub(super) fn address(word: &str) -> Option<Address> {
    let (word, context) = match word.split_once('@') {
        Some((word, context)) => (word, Some(sound(context)).filter(|_| !context.trim().is_empty())),
        None => (word, None),
    };
    let ip: IpAddr = word.split(['/', '%']).next().unwrap_or(word).trim().parse().ok()?;
    let ip = ip.to_canonical();
    let of_none = ip.is_unspecified() || ip.is_multicast() || ip.is_loopback();
    (!of_none).then_some(Address { ip, context })
}

/// One line, no control characters, not longer than a cell may be. A spreadsheet's formula stays the letters it is.
pub(super) fn clean(text: &str) -> String {
    let one: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(CELL_CHARS_MAX).collect();
    one.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Letters, digits and `-_.+`, beginning with a letter or digit, 60 characters at most.
pub(crate) fn sound(text: &str) -> String {
    let mended: String =
        text.chars().map(|c| if c.is_alphanumeric() || "-_.+".contains(c) { c } else { '-' }).collect();
    let mended: String = mended.trim_matches(|c: char| !c.is_alphanumeric()).chars().take(60).collect();
    if mended.is_empty() { "x".into() } else { mended }
}

/// The id, or with a number behind it that makes it free; it is taken then.
pub(crate) fn free(id: &str, taken: &mut BTreeSet<String>) -> String {
    let mut id = id.to_string();
    if taken.contains(&id) {
        id = (2_u32..).map(|n| format!("{id}-{n}")).find(|id| !taken.contains(id)).unwrap_or_default();
    }
    taken.insert(id.clone());
    id
}

/// The text of bytes in whichever encoding spreadsheets write, and a word about it where it is not UTF-8.
/// Nothing for what is no text.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<(String, Option<&'static str>)> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(unit);
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => return Some((utf16(rest, u16::from_le_bytes), Some("read as UTF-16"))),
        [0xfe, 0xff, rest @ ..] => return Some((utf16(rest, u16::from_be_bytes), Some("read as UTF-16"))),
        _ => {}
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.contains(&0) {
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some((text.to_string(), None)),
        Err(_) => {
            let odd =
                bytes.iter().filter(|b| b.is_ascii_control() && !matches!(b, b'\t' | b'\r' | b'\n')).count();
            let text = || bytes.iter().map(|b| char::from(*b)).collect();
            (odd * 50 < bytes.len()).then(|| (text(), Some("it is not UTF-8; read as Latin-1")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_day_is_only_read_where_it_leaves_no_doubt() {
        let read = |word| day(word);
        assert_eq!(read("2030-12-31"), Some(date(2030, 12, 31)));
        assert_eq!(read("2030-12-31T00:00:00"), Some(date(2030, 12, 31)));
        assert_eq!(read("31.12.2030"), Some(date(2030, 12, 31)));
        assert_eq!(read("12/31/2030"), Some(date(2030, 12, 31)));
        assert_eq!(read("1/2/2030"), None);
        assert_eq!(read("2030-13-01"), None);
        assert_eq!(read("soon"), None);
    }

    #[test]
    fn an_address_is_one_that_a_device_can_have() {
        assert_eq!(address("10.0.0.1/24").unwrap().ip.to_string(), "10.0.0.1");
        assert_eq!(address("10.0.0.1@cell-a").unwrap().context.as_deref(), Some("cell-a"));
        assert_eq!(address("::ffff:10.0.0.1").unwrap().ip.to_string(), "10.0.0.1");
        for none in ["0.0.0.0", "127.0.0.1", "239.1.1.1", "::", "10.0.0.256", "", "@"] {
            assert!(address(none).is_none(), "{none}");
        }
    }
}
