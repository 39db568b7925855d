//! Cisco ASA: what `show running-config` prints, since PIX 6 and mainly of 8.3 to 9.x, and lists that generators write.
//!
//! Lines are read to statements and blocks (`reader`, `config`), objects and groups to sets (`objects`, `address`,
//! `ports`), entries of lists to conditions (`ace`), and all of it to chains (`lower`, `nat`, `management`, `vpn`,
//! `reverse_path`). What is a secret is found by `secrets`, what is ignored knowingly stands in `ignored`.
//!
//! Sources: *Cisco Secure Firewall ASA Series Command Reference*; *CLI Book 1: General Operations*, *CLI Book 2: Firewall*
//! (access rules, objects, NAT order, identity of packets in lists), *CLI Book 3: VPN*.

mod ace;
mod address;
mod config;
mod cursor;
mod ignored;
mod lower;
mod management;
mod nat;
mod nat_rules;
mod objects;
mod old_nat;
mod policies;
mod ports;
mod reader;
mod reverse_path;
mod secrets;
mod time;
mod vpn;

use super::{Confidence, Dialect, FileKind, IgnoredKind, Reading};
use crate::ruleset::Ruleset;
use zonewright_source::SourceText;

/// The dialect of Cisco ASA.
#[derive(Debug, Clone, Copy)]
pub struct Asa;

impl Dialect for Asa {
    fn name(&self) -> &'static str {
        "asa"
    }

    fn title(&self) -> &'static str {
        "Cisco ASA"
    }

    fn detect(&self, text: &str) -> Confidence {
        if text.trim_start().starts_with(['{', '<']) {
            return Confidence::NONE;
        }
        let mut signs = 0;
        for line in text.lines().take(DETECT_LINES_MAX) {
            signs += weight(line);
            if signs >= SURE {
                break;
            }
        }
        Confidence(u8::try_from(signs.min(SURE)).unwrap_or(95))
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

/// The most that signs can say.
const SURE: u32 = 95;

/// How much a line speaks for ASA.
fn weight(line: &str) -> u32 {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    let mut next = || words.next().unwrap_or_default();
    match first {
        "ASA" | "PIX" if next() == "Version" => 80,
        ":" if ["ASA", "PIX"].contains(&next()) && next() == "Version" => 80,
        "access-list" => {
            next();
            let kind = next();
            let kind = if kind == "line" {
                next();
                next()
            } else {
                kind
            };
            if ["extended", "ethertype", "webtype", "advanced"].contains(&kind) { 30 } else { 0 }
        }
        "clear" if next() == "configure" && next() == "access-list" => 30,
        "nameif" | "security-level" => 15,
        "same-security-traffic" => 30,
        "access-group" => {
            next();
            let at = next();
            if at == "global" || (["in", "out"].contains(&at) && next() == "interface") { 20 } else { 0 }
        }
        "object" if ["network", "service"].contains(&next()) => 10,
        "nat" if next().starts_with('(') => 15,
        "static" | "global" if next().starts_with('(') => 20,
        _ => 0,
    }
}
