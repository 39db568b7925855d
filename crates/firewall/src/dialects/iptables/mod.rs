//! iptables: what `iptables-save` and `ip6tables-save` print, and files of `iptables -A …` lines.
//!
//! Sets of `ipset save` may stand in the same file (`ipset`).
//!
//! Lines are split as a shell does (`words`), commands are applied in order (`reader`, `state`), and each rule's
//! options are given their meaning (`rule`, `matches`, `values`, `targets`). References: iptables(8),
//! iptables-extensions(8).

mod ipset;
mod matches;
mod reader;
mod rule;
mod state;
mod targets;
mod values;
mod words;

pub(crate) use targets::{TargetKind, target_kind};

use super::{Confidence, Dialect, FileKind, IgnoredKind, Reading};
use crate::ruleset::{LineState, Ruleset};
use zonewright_source::{Diagnostic, SourceText};

/// The dialect of iptables.
#[derive(Debug, Clone, Copy)]
pub struct Iptables;

impl Dialect for Iptables {
    fn name(&self) -> &'static str {
        "iptables"
    }

    fn title(&self) -> &'static str {
        "iptables (iptables-save, ip6tables-save, rule files)"
    }

    fn detect(&self, text: &str) -> Confidence {
        if text.trim_start().starts_with(['{', '<']) {
            return Confidence::NONE;
        }
        let signs = text.lines().take(DETECT_LINES_MAX).map(|line| weight(line.trim())).sum::<u32>();
        Confidence(u8::try_from(signs.min(95)).unwrap_or(95))
    }

    fn read(&self, source: &SourceText) -> Ruleset {
        let mut ruleset = Ruleset::empty(self.name(), source.file().clone());
        let mut reading = Reading::new(source, FileKind::Lines);
        let text = source.text();
        if is_listing(text) {
            refuse_listing(text, &mut reading);
        } else if is_of_ebtables(text) {
            refuse_ebtables(text, &mut reading);
        } else {
            reader::read(text, &mut reading, &mut ruleset);
        }
        reading.finish(&mut ruleset);
        ruleset
    }

    fn ignored(&self) -> &'static [IgnoredKind] {
        &IGNORED
    }
}

/// How many lines are looked at to detect the dialect.
const DETECT_LINES_MAX: usize = 2_000;

/// What is ignored knowingly.
const IGNORED: [IgnoredKind; 6] = [
    IgnoredKind { name: "blank line", reason: "says nothing" },
    IgnoredKind { name: "comment", reason: "is for people; `--comment` of a rule is kept with the rule" },
    IgnoredKind { name: "-Z", reason: "sets counters back" },
    IgnoredKind { name: "-L, -S, -C", reason: "asks, and changes nothing" },
    IgnoredKind { name: "rule with -4 or -6 of the other family", reason: "iptables-restore leaves it out" },
    IgnoredKind { name: "ipset list, save, test", reason: "asks, and changes nothing" },
];

/// How much a line speaks for iptables.
fn weight(line: &str) -> u32 {
    if ["*filter", "*nat", "*mangle", "*raw", "*security"].contains(&line) || line.contains("tables-save v") {
        return 60;
    }
    if line.starts_with("Chain ") && (line.contains("(policy ") || line.contains(" references)")) {
        return 40;
    }
    let created = line.strip_prefix("create ").and_then(|rest| rest.split(' ').nth(1));
    if created
        .is_some_and(|kind| kind.starts_with("hash:") || kind.starts_with("bitmap:") || kind == "list:set")
    {
        return 40;
    }
    let mut words = line.split_whitespace().filter(|word| !word.starts_with('['));
    let first = words.next().unwrap_or_default();
    let program = first.ends_with("iptables") || first.ends_with("ip6tables") || first == "sudo";
    let command = ["-A", "-I", "-N", "-P"].contains(&first) && words.next().is_some();
    if program || command { 15 } else { 0 }
}

/// Whether a text is what `iptables -L` prints: it leaves out too much to be read.
fn is_listing(text: &str) -> bool {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    first.starts_with("Chain ") && first.ends_with(')')
}

/// Whether a text is what `ebtables-save` prints: the same form, about frames on a bridge.
fn is_of_ebtables(text: &str) -> bool {
    const FRAMES: [&str; 6] = ["IPv4", "IPv6", "ARP", "802_1Q", "LENGTH", "RARP"];
    text.lines().any(|line| {
        let line = line.trim();
        if line.starts_with('#') {
            return line.contains("by ebtables-");
        }
        let mut words = line.split_whitespace();
        let rule = words.next() == Some("-A");
        line == "*broute"
            || rule
                && line.split(" -p ").skip(1).any(|rest| {
                    rest.trim_start_matches("! ").split(' ').next().is_some_and(|kind| FRAMES.contains(&kind))
                })
    })
}

fn refuse_ebtables(text: &str, reading: &mut Reading) {
    reading.account(&(0..text.len()), LineState::Warned);
    let first = text.find('\n').unwrap_or(text.len());
    let frames = Diagnostic::error("firewall/ebtables", "this is what `ebtables-save` prints")
        .because("its options are about frames on a bridge and mean other things than those of iptables, so nothing of it is in the ruleset")
        .help("export the configuration with `nft list ruleset`, which prints the tables of ebtables-nft as those of family `bridge`");
    reading.report(&(0..first), frames);
}

fn refuse_listing(text: &str, reading: &mut Reading) {
    reading.account(&(0..text.len()), LineState::Warned);
    let first = text.find('\n').unwrap_or(text.len());
    let listing = Diagnostic::error("firewall/listing-incomplete", "this is what `iptables -L` prints")
        .because("it leaves out interfaces, modules and tables, so nothing of it is in the ruleset")
        .help("export the configuration with `iptables-save` and `ip6tables-save`");
    reading.report(&(0..first), listing);
}
