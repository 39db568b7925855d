//! Palo Alto Networks PAN-OS: the XML configuration of a firewall or of Panorama, the set form, and the form in braces.
//!
//! All three say the same tree of names, and are read into one (`markup`, `commands`, `braces` → `tree`). `model` finds where
//! things stand in it: virtual systems, device groups with what they inherit, what Panorama has pushed, templates.
//! `objects` and `names` give names their meaning, `applications` and `traffic` what applications and services ask of a
//! packet, `zones`, `network` and `routes` where packets come and go; `policy`, `rule` and `nat` lower rulebases, `device`
//! puts all on a packet's way, and `management` says who reaches the device itself.
//!
//! How PAN-OS decides: packets of a known session pass. For the first of a session the translation is looked up, then the
//! security rule: rules go by addresses and ports before translation, and by the zone of the destination behind it. Rules
//! of Panorama stand before and behind those of the device; at the end, packets within a zone pass and others do not.
//!
//! References: PAN-OS Administrator's Guide (Policy; Networking, NAT; Virtual Systems), PAN-OS CLI Quick Start, Panorama
//! Administrator's Guide (Device Groups and Templates).

mod applications;
mod braces;
mod commands;
mod device;
mod ignored;
mod management;
mod markup;
mod model;
mod names;
mod nat;
mod network;
mod objects;
mod policy;
mod routes;
mod rule;
mod secrets;
mod traffic;
mod tree;
mod words;
mod zones;

use super::xml::XmlTree;
use super::{Confidence, Dialect, FileKind, IgnoredKind, Reading};
use crate::ruleset::Ruleset;
use tree::Tree;
use zonewright_source::{Diagnostic, SourceText};

/// The dialect of PAN-OS.
#[derive(Debug, Clone, Copy)]
pub struct Panos;

impl Dialect for Panos {
    fn name(&self) -> &'static str {
        "panos"
    }

    fn title(&self) -> &'static str {
        "Palo Alto PAN-OS"
    }

    fn detect(&self, text: &str) -> Confidence {
        let signs = if text.trim_start().starts_with('<') { markup_signs(text) } else { line_signs(text) };
        Confidence(u8::try_from(signs.min(95)).unwrap_or(95))
    }

    fn read(&self, source: &SourceText) -> Ruleset {
        let mut ruleset = Ruleset::empty(self.name(), source.file().clone());
        let mut reading = Reading::new(source, FileKind::Lines);
        let text = source.text();
        if text.trim_start().starts_with('<') {
            read_markup(text, &mut reading, &mut ruleset);
        } else {
            let mut tree = Tree::new();
            if is_in_braces(text) {
                braces::build(text, &mut tree, &mut reading);
            } else {
                commands::build(text, &mut tree, &mut reading);
            }
            read_trees(&[tree], &mut reading, &mut ruleset);
        }
        reading.finish(&mut ruleset);
        ruleset
    }

    fn ignored(&self) -> &'static [IgnoredKind] {
        ignored::kinds()
    }
}

/// How many lines are looked at to detect the dialect.
const DETECT_LINES_MAX: usize = 2_000;

/// How many bytes of an XML document are looked at to detect the dialect.
const DETECT_BYTES_MAX: usize = 1 << 20;

/// Elements that a configuration of PAN-OS, or a part of one, begins with.
const ROOTS: [&str; 8] =
    ["config", "response", "policy", "rulebase", "pre-rulebase", "post-rulebase", "shared", "devices"];

fn markup_signs(text: &str) -> u32 {
    let head = text.get(..text.floor_char_boundary(DETECT_BYTES_MAX)).unwrap_or(text);
    let mut rest = head.trim_start();
    // The declaration and comments in front.
    while let Some(end) = ["<?", "<!"].iter().find(|start| rest.starts_with(**start)).and(rest.find('>')) {
        rest = rest.get(end + 1..).unwrap_or_default().trim_start();
        if let Some(behind) = rest.find('<').filter(|at| *at > 0) {
            rest = rest.get(behind..).unwrap_or_default();
        }
    }
    let named = |root: &str| {
        let tail = rest.strip_prefix('<').and_then(|rest| rest.strip_prefix(root));
        tail.is_some_and(|tail| tail.starts_with(['>', ' ', '\t', '\r', '\n']))
    };
    if !ROOTS.iter().any(|root| named(root)) || !head.contains("<entry name=") {
        return 0;
    }
    let signs = [
        "paloaltonetworks",
        "localhost.localdomain",
        "<rulebase>",
        "<pre-rulebase>",
        "<post-rulebase>",
        "<device-group>",
        "<mgt-config>",
        "<deviceconfig>",
        "<ip-netmask>",
    ];
    signs.iter().filter(|sign| head.contains(**sign)).map(|_| 40).sum()
}

fn line_signs(text: &str) -> u32 {
    text.lines().take(DETECT_LINES_MAX).map(|line| weight(line.trim())).fold(0, u32::saturating_add)
}

/// How much a line speaks for PAN-OS.
fn weight(line: &str) -> u32 {
    if line.contains("RANCID-CONTENT-TYPE: paloalto") {
        return 60;
    }
    match line {
        "localhost.localdomain {" => return 40,
        "deviceconfig {" | "mgt-config {" => return 30,
        "rulebase {" | "pre-rulebase {" | "post-rulebase {" => return 20,
        _ => {}
    }
    let prompt = |word: &&str| word.contains('@') && word.ends_with(['#', '>']);
    let words: Vec<&str> = line.split_whitespace().take(6).skip_while(prompt).take(5).collect();
    match words.as_slice() {
        ["set", "rulebase" | "deviceconfig" | "mgt-config", _, ..] => 35,
        ["set", "shared" | "template" | "template-stack" | "device-group", _, _, ..] => 20,
        ["set", "policy", "panorama", ..] | ["set", "devices", "localhost.localdomain", ..] => 35,
        ["set", "vsys", name, ..] if name.starts_with("vsys") => 35,
        [
            "set",
            "network",
            "interface" | "profiles" | "virtual-router" | "logical-router" | "ike" | "tunnel",
            ..,
        ] => 20,
        ["set", "zone", _, "network", ..] => 35,
        ["set", "address", _, "ip-netmask" | "ip-range" | "ip-wildcard" | "fqdn", ..] => 35,
        ["set", "address-group", _, "static" | "dynamic", ..] => 35,
        ["set", "service-group" | "application-group", _, "members", ..] => 35,
        ["set", "service", _, "protocol", "tcp" | "udp" | "sctp", ..] => 20,
        _ => 0,
    }
}

/// Whether a text is in braces and not in commands: which of both more lines look like.
fn is_in_braces(text: &str) -> bool {
    let mut balance = 0_i64;
    for line in text.lines().take(DETECT_LINES_MAX) {
        let line = line.trim();
        balance += i64::from(line.ends_with('{')) - i64::from(line.starts_with("set "));
    }
    balance > 0
}

fn read_markup(text: &str, reading: &mut Reading, ruleset: &mut Ruleset) {
    let mut document = XmlTree::read(text);
    document.allow_several_roots();
    let mut trees: Vec<Tree<'_>> = Vec::new();
    // Programs write one configuration behind the other; parts of one stand beside each other.
    for root in document.roots() {
        let is_whole = matches!(root.name(), "config" | "response");
        if is_whole || trees.is_empty() {
            trees.push(Tree::new());
        }
        if let Some(tree) = trees.last_mut() {
            markup::build(root, tree);
        }
    }
    document.account_asides(reading);
    if trees.is_empty() {
        trees.push(Tree::new());
    }
    read_trees(&trees, reading, ruleset);
    for problem in document.problems() {
        secrets::in_text(text, &problem.span, reading);
    }
    document.report_problems(reading);
}

fn read_trees(trees: &[Tree<'_>], reading: &mut Reading, ruleset: &mut Ruleset) {
    for tree in trees {
        secrets::find(tree.at(Tree::ROOT), reading);
        if tree.is_full {
            let end = reading.source.text().len();
            let full = Diagnostic::warning("firewall/file-too-large", "the file holds more than is read")
                .because("what stands behind the limit is not in the ruleset");
            reading.report(&(end..end), full);
        }
    }
    let roots: Vec<_> = trees.iter().map(|tree| tree.at(Tree::ROOT)).collect();
    device::lower(&roots, reading, ruleset);
    trees.iter().for_each(|tree| tree.account(reading));
}
