//! Cisco IOS and IOS XE: what `show running-config` prints, and parts of it as policy generators write them.
//!
//! Lines are read block by block (`reader` and the `read_…` modules) into what the configuration says (`config`); names are
//! resolved and the way of a packet is laid out afterwards (`lower`). Lists of NX-OS and of IOS XR are read where they are
//! written alike (`ip access-list NAME` with prefixes, `ipv4 access-list NAME`).
//!
//! References: Cisco IOS Security Command Reference; Cisco IOS Security Configuration Guide: *Access Control Lists*, *Zone-Based
//! Policy Firewall*, *Object Groups for ACLs*; Cisco IOS IP Addressing Services Command Reference (`ip nat`); Cisco,
//! *NAT Order of Operation* (document 6209); Cisco IOS IPv6 Command Reference.

mod ace;
mod config;
mod groups;
mod ignored;
mod lower;
mod names;
mod protocols;
mod read_groups;
mod read_interface;
mod read_list;
mod read_management;
mod read_nat;
mod read_route;
mod read_zone;
mod reader;
mod secrets;

use super::{Confidence, Dialect, FileKind, IgnoredKind, Reading};
use crate::ruleset::Ruleset;
use zonewright_source::SourceText;

/// The dialect of IOS and IOS XE.
#[derive(Debug, Clone, Copy)]
pub struct Ios;

impl Dialect for Ios {
    fn name(&self) -> &'static str {
        "ios"
    }

    fn title(&self) -> &'static str {
        "Cisco IOS and IOS XE"
    }

    fn detect(&self, text: &str) -> Confidence {
        if text.trim_start().starts_with(['{', '<', '[']) {
            return Confidence::NONE;
        }
        let mut signs = 0;
        for line in text.lines().take(DETECT_LINES_MAX) {
            match weight(line) {
                Sign::Against => return Confidence::NONE,
                Sign::For(weight) => signs += weight,
            }
        }
        Confidence(u8::try_from(signs.min(90)).unwrap_or(90))
    }

    fn read(&self, source: &SourceText) -> Ruleset {
        let mut ruleset = Ruleset::empty(self.name(), source.file().clone());
        let mut reading = Reading::new(source, FileKind::Lines);
        let config = reader::read(source.text(), &mut reading);
        lower::lower(&config, &mut reading, &mut ruleset);
        reading.finish(&mut ruleset);
        ruleset
    }

    fn ignored(&self) -> &'static [IgnoredKind] {
        &ignored::IGNORED
    }
}

/// How many lines are looked at to detect the dialect.
const DETECT_LINES_MAX: usize = 5_000;

/// What a line says about the dialect.
enum Sign {
    For(u32),
    /// Another dialect of the maker writes so.
    Against,
}

/// How much a line speaks for IOS.
fn weight(line: &str) -> Sign {
    let words: Vec<&str> = line.split_whitespace().take(6).collect();
    let indented = line.starts_with(' ');
    let number = |word: &str| word.parse::<u16>().is_ok();
    Sign::For(match words.as_slice() {
        ["ASA" | "PIX" | "FWSM", "Version", ..] | [":", "Saved", ..] | ["nameif" | "security-level", ..] => {
            return Sign::Against;
        }
        ["access-group", _, "in" | "out" | "global", ..] if !indented => return Sign::Against,
        ["object", "network" | "service", ..] if !indented => return Sign::Against,
        ["ip" | "ipv4", "access-list", "extended" | "standard", _] => 30,
        ["ip" | "ipv4" | "ipv6", "access-list", _] | ["ipv6", "access-list", "extended" | "standard", _] => {
            30
        }
        ["access-list", name, "permit" | "deny" | "remark" | "dynamic", ..] if number(name) => 30,
        ["ip", "access-group", _, "in" | "out"] | ["ipv6", "traffic-filter", _, "in" | "out"] => 30,
        ["zone-pair", "security", ..]
        | ["zone-member", "security", ..]
        | ["class-map", "type", "inspect", ..] => 30,
        ["ip", "nat", "inside" | "outside" | "pool", ..] => 15,
        ["version", version]
            if version.starts_with("12.")
                || version.starts_with("15.")
                || version.starts_with("16.")
                || version.starts_with("17.") =>
        {
            15
        }
        ["service", "timestamps", ..] | ["service", "password-encryption"] | ["boot-start-marker"] => 10,
        ["line", "vty" | "con", ..] if !indented => 10,
        ["interface", name, ..] if !indented && IOS_INTERFACES.iter().any(|kind| name.starts_with(kind)) => 3,
        ["ip", "address", _, mask, ..] if indented && mask.starts_with("255.") => 5,
        ["router", "ospf" | "eigrp" | "bgp" | "rip", ..] if !indented => 5,
        ["ip", "route", _, mask, ..] if !indented && (mask.starts_with("255.") || *mask == "0.0.0.0") => 10,
        ["switchport", "mode" | "access" | "trunk", ..] if indented => 5,
        ["object-group", "network" | "service", _] if !indented => 5,
        ["ip", "cef"] | ["aaa", "new-model"] | ["ip", "classless"] | ["no", "ip", "http", "server"] => 10,
        ["hostname", _] => 3,
        _ => 0,
    })
}

/// How the names of IOS's interfaces begin.
const IOS_INTERFACES: [&str; 9] = [
    "GigabitEthernet",
    "FastEthernet",
    "TenGigabitEthernet",
    "Ethernet",
    "Serial",
    "Loopback",
    "Vlan",
    "Port-channel",
    "Tunnel",
];
