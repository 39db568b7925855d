//! FortiOS: backups and `show` output of FortiGate firewalls (FortiOS 6.0 to 7.6), and parts of them.
//!
//! Text becomes statements (`words`), statements become sections of entries with settings (`build`, `tree`; which are read is said in
//! `sections`, which are left out in `ignored`), objects become sets (`address`, `service`, `schedule`, `vip`, `mapping`, `pool`, `device`), and lists
//! of policies become chains (`policy`, `lists`, `management`, `lower`, `stand`). What is kept secret is noted and never kept (`secrets`).
//!
//! The way of a packet: floods are dropped (`DoS-policy`), virtual addresses translate the destination, the policies are
//! asked in their order with the translated destination, and the policy that accepted says how the source is translated. A
//! policy that names an ordinary destination does not match what a virtual address translated, unless it says `match-vip`. With
//! central translation all virtual addresses take effect and policies see translated destinations only. What comes to the
//! device itself passes `local-in-policy` and then what its interfaces let in (`allowaccess`, trusted hosts).
//!
//! References: FortiOS CLI Reference and Administration Guide (6.0 to 7.6), `config firewall`, `config system interface`, "Virtual
//! IPs", "Local-in policies", "Trusted hosts"; FortiOS Ports.

mod address;
mod build;
mod device;
mod expr;
mod ignored;
mod lists;
mod lower;
mod management;
mod mapping;
mod policy;
mod pool;
mod predefined;
mod schedule;
mod secrets;
mod sections;
mod service;
mod stand;
mod tree;
mod vip;
mod words;

use super::{Confidence, Dialect, FileKind, IgnoredKind, Reading};
use crate::ruleset::Ruleset;
use zonewright_source::SourceText;

/// The dialect of FortiOS.
#[derive(Debug, Clone, Copy)]
pub struct Fortios;

impl Dialect for Fortios {
    fn name(&self) -> &'static str {
        "fortios"
    }

    fn title(&self) -> &'static str {
        "Fortinet FortiOS"
    }

    fn detect(&self, text: &str) -> Confidence {
        let mut sections = 0_u32;
        let mut entries = 0_u32;
        for line in text.lines().take(DETECT_LINES_MAX).map(str::trim) {
            if line.starts_with("#config-version=") {
                return Confidence(99);
            }
            let is_section = ["config firewall ", "config system ", "config vdom", "config global"]
                .iter()
                .any(|head| line.starts_with(head));
            sections += u32::from(is_section && !line.ends_with(['{', ';']));
            entries += u32::from(line == "next" || line == "end" || line.starts_with("edit "));
        }
        if sections > 0 && entries > 0 { Confidence(90) } else { Confidence::NONE }
    }

    fn read(&self, source: &SourceText) -> Ruleset {
        let mut ruleset = Ruleset::empty(self.name(), source.file().clone());
        let mut reading = Reading::new(source, FileKind::Lines);
        let config = build::build(source.text(), &mut reading);
        lower::notes(&config, &mut reading);
        lower::lower(&config, &mut reading, &mut ruleset);
        reading.finish(&mut ruleset);
        ruleset
    }

    fn ignored(&self) -> &'static [IgnoredKind] {
        ignored::IGNORED
    }
}

/// How many lines are looked at to detect the dialect.
const DETECT_LINES_MAX: usize = 5_000;
