//! Junos of the SRX, and the firewall filters of all Junos devices: what `show configuration` prints, as blocks and as
//! `display set`.
//!
//! Both forms become one tree of words (`lexer`, `load`, `tree`), groups are applied to it (`inherit`), and its sections
//! are given their meaning: `zones` with `host_inbound`, `addresses`, `applications` with `predefined`, `policies` with
//! `schedules`, `nat`, `interfaces`, `filters` with `terms`. What no part marks as understood is warned about (`config`).
//!
//! Sources: Juniper, "Security Policies User Guide for Security Devices", "Network Address Translation User Guide",
//! "Routing Policies, Firewall Filters, and Traffic Policers User Guide", "CLI User Guide" (groups, deactivation).

mod addresses;
mod applications;
mod config;
mod device;
mod filters;
mod host_inbound;
mod ignored;
mod inherit;
mod interfaces;
mod lexer;
mod load;
mod nat;
mod policies;
mod predefined;
mod schedules;
mod secrets;
mod terms;
mod tree;
mod values;
mod zones;

use super::{Confidence, Dialect, FileKind, IgnoredKind, Reading};
use crate::ruleset::{LineState, Ruleset};
use addresses::AddressBooks;
use applications::Applications;
use config::Config;
use device::Device;
use schedules::Schedules;
use std::collections::BTreeSet;
use zones::Zones;
use zonewright_source::{Diagnostic, SourceText};

/// The dialect of Junos.
#[derive(Debug, Clone, Copy)]
pub struct Srx;

impl Dialect for Srx {
    fn name(&self) -> &'static str {
        "srx"
    }

    fn title(&self) -> &'static str {
        "Juniper SRX (Junos)"
    }

    fn detect(&self, text: &str) -> Confidence {
        let start = text.trim_start();
        if start.starts_with('<') || start.starts_with("{\"") || start.starts_with("{\n") {
            return Confidence::NONE;
        }
        let signs = text.lines().take(DETECT_LINES_MAX).map(|line| weight(line.trim())).sum::<u32>();
        Confidence(u8::try_from(signs.min(95)).unwrap_or(95))
    }

    fn read(&self, source: &SourceText) -> Ruleset {
        let mut ruleset = Ruleset::empty(self.name(), source.file().clone());
        let mut reading = Reading::new(source, FileKind::Lines);
        read(source.text(), &mut reading, &mut ruleset);
        reading.finish(&mut ruleset);
        ruleset
    }

    fn ignored(&self) -> &'static [IgnoredKind] {
        &ignored::IGNORED
    }
}

/// How many lines are looked at to detect the dialect.
const DETECT_LINES_MAX: usize = 4_000;

/// How much a line speaks for Junos.
fn weight(line: &str) -> u32 {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    let second = words.next().unwrap_or_default();
    let third = words.next().unwrap_or_default();
    match (first, second, third) {
        ("set" | "delete" | "deactivate", "security", "zones" | "policies" | "nat" | "address-book") => 40,
        ("set", "firewall", "family" | "filter" | "policer") => 40,
        ("set", "applications", "application" | "application-set") => 30,
        ("set", "policy-options", "prefix-list" | "policy-statement") => 30,
        ("set", "interfaces", _) if words.next() == Some("unit") => 20,
        ("set", "version", version) if version.starts_with(|c: char| c.is_ascii_digit()) => 20,
        ("security-zone", _, "{") | ("family", "inet" | "inet6", "{") => 30,
        ("from-zone", _, "to-zone")
        | ("replace:", "policies" | "filter" | "address-book" | "applications", _) => 40,
        ("apply-groups", ..) if line.ends_with(';') => 20,
        ("host-inbound-traffic" | "address-book" | "security-zone", "{", _) => 20,
        ("version", version, "")
            if version.ends_with(';') && version.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            20
        }
        ("unit", number, "{") if number.parse::<u32>().is_ok() => 15,
        ("term", _, "{") | ("filter", _, "{") => 10,
        _ => 0,
    }
}

fn read(text: &str, reading: &mut Reading, ruleset: &mut Ruleset) {
    account_blank(text, reading);
    let mut loaded = load::load(text);
    for silent in &loaded.silent {
        reading.account(silent, LineState::Ignored);
    }
    let secrets = secrets::find(&loaded, reading);
    let inherited = inherit::inherit(&mut loaded.tree);
    ignored::mark(&loaded.tree);
    let mut config = Config { tree: loaded.tree, reading, secrets, work_left: config::WORK_MAX };
    for problem in loaded.problems {
        config.report(&problem.span, Diagnostic::warning("firewall/syntax", problem.message));
    }
    report_inherited(&mut config, &inherited);
    lower(&mut config, ruleset);
    config.account();
}

fn report_inherited(config: &mut Config<'_>, inherited: &inherit::Inherited) {
    for name in &inherited.missing {
        let what = format!("the group `{}` is not defined", config.quoted(*name));
        config.warn(*name, "firewall/unknown-name", what);
    }
    for node in &inherited.nested {
        config.warn(*node, "firewall/unread-statement", "a group within a group is not applied");
    }
    if inherited.cut {
        let what = Diagnostic::error("firewall/too-large", "the groups say too much to be applied in full")
            .because("what was not applied is not in the ruleset");
        config.report(&(0..0), what);
    }
}

/// Lines of blanks say nothing.
fn account_blank(text: &str, reading: &mut Reading) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').is_empty() {
            reading.account(&(start..start + line.len()), LineState::Ignored);
        }
        start += line.len();
    }
}

fn lower(config: &mut Config<'_>, ruleset: &mut Ruleset) {
    let books = AddressBooks::read(config);
    let applications = Applications::read(config);
    let schedules = Schedules::read(config);
    let zones = Zones::read(config);
    let mut device = Device {
        config,
        ruleset,
        books,
        applications,
        schedules,
        zones,
        interfaces: BTreeSet::new(),
        has_packet_mode: false,
    };
    let (known, bindings) = device.read_interfaces();
    device.lower_zones(&known);
    device.lower_filters(&bindings);
    device.lower_policies();
    device.lower_nat();
    let interfaces = std::mem::take(&mut device.interfaces);
    ruleset.interfaces = interfaces.into_iter().collect();
}
