//! One policy in many languages: what Aerleon renders for its targets reads back as the same set, or the difference is
//! known to be Aerleon's (`tests/aerleon/README.md`). Skipped where Aerleon is not installed.
//!
//! `ZONEWRIGHT_AERLEON_POLICIES` says how many random policies are rendered, `ZONEWRIGHT_AERLEON_SEED` from which seed.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the functions beside the tests are part of them"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path as FilePath, PathBuf};
use std::process::Command;
use zonewright_firewall::dialects::{named, read_bytes};
use zonewright_firewall::reach::align::Aligned;
use zonewright_firewall::reach::{BOXES_MAX, PacketBox, Path, Question, Reach, Side};
use zonewright_firewall::ruleset::{AddressSet, Condition, IntervalSet, IpVersion, NamePattern, Ruleset};

/// How many random policies are rendered where nothing else is said.
const POLICIES: u32 = 12;

/// What the renderings are called, and the dialect that each is of.
const TARGETS: [(&str, &str); 10] = [
    ("cisco", "ios"),
    ("cisco-objects", "ios"),
    ("ciscoasa", "asa"),
    ("iptables", "iptables"),
    ("speedway", "iptables"),
    ("nftables", "nftables"),
    ("juniper", "srx"),
    ("srx", "srx"),
    ("paloalto", "panos"),
    ("fortigate", "fortios"),
];

/// Where a rendering is known not to say what the policy says: the target, the family, and what the policy makes use of.
/// The cases are shown in `tests/aerleon/README.md`.
const DIFFERENCES: [(&str, &str, &str); 18] = [
    ("cisco", "", "option-established"),
    ("cisco-objects", "", "option-established"),
    ("cisco-objects", "", "excluded"),
    ("ciscoasa", "", "option-established"),
    ("ciscoasa", "", "option-tcp-established"),
    ("fortigate", "", "excluded"),
    ("fortigate", "", "protocol-without-ports"),
    ("fortigate", "", "source-port-alone"),
    ("juniper", "", "option-established"),
    ("nftables", "inet", "no-address-inet"),
    ("nftables", "inet6", "no-address-inet6"),
    ("nftables", "mixed", "no-common-version"),
    ("nftables", "inet6", "icmp"),
    ("paloalto", "inet", "name-without-inet"),
    ("paloalto", "inet6", "name-without-inet6"),
    ("paloalto", "inet6", "excluded"),
    ("paloalto", "mixed", "name-without-counterpart"),
    ("srx", "inet6", "icmp"),
];

#[test]
fn what_aerleon_renders_reads_back_as_the_same_set() {
    let Some(python) = python() else { return };
    let out = tempfile::tempdir().unwrap();
    render(&python, out.path());
    let mut tally = Tally::default();
    for policy in stems(out.path(), "policy") {
        let features: BTreeSet<String> =
            std::fs::read_to_string(out.path().join(format!("{policy}.features")))
                .unwrap()
                .lines()
                .map(str::to_owned)
                .collect();
        for family in ["inet", "inet6", "mixed"] {
            compare(out.path(), &policy, family, &features, &mut tally);
        }
    }
    println!(
        "{} renderings, {} pairs the same, {} pairs that differ as known",
        tally.read, tally.same, tally.known
    );
    for target in &tally.unread {
        println!("not compared: {target}, whose dialect is not read");
    }
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
    assert!(tally.same > 0);
}

#[derive(Default)]
struct Tally {
    read: usize,
    same: usize,
    known: usize,
    unread: BTreeSet<String>,
    wrong: Vec<String>,
}

/// Compares the renderings of one policy, each with each.
fn compare(out: &FilePath, policy: &str, family: &str, features: &BTreeSet<String>, tally: &mut Tally) {
    let mut rulesets: Vec<(&str, Ruleset)> = Vec::new();
    for (target, dialect) in TARGETS {
        let name = format!("{policy}.{family}.{target}");
        let Ok(bytes) = std::fs::read(out.join(&name)) else { continue };
        if named(dialect).is_none() {
            tally.unread.insert(target.to_owned());
            continue;
        }
        let ruleset = read_bytes(name.clone(), &bytes, None).ruleset;
        tally.read += 1;
        if ruleset.dialect != dialect {
            tally.wrong.push(format!("{name}: taken for {}", ruleset.dialect));
            continue;
        }
        if ruleset.lines.warned > 0 && !differs(target, family, features) {
            tally.wrong.push(format!(
                "{name}: {} lines warned about: {:?}",
                ruleset.lines.warned,
                ruleset.diagnostics.first()
            ));
        }
        rulesets.push((target, ruleset));
    }
    for (at, (first_name, first)) in rulesets.iter().enumerate() {
        for (second_name, second) in rulesets.iter().skip(at + 1) {
            let is_known = differs(first_name, family, features) || differs(second_name, family, features);
            match difference(first, second, family) {
                None => tally.same += 1,
                Some(_) if is_known => tally.known += 1,
                Some(text) => {
                    tally.wrong.push(format!("{policy}.{family}: {first_name} and {second_name}: {text}"))
                }
            }
        }
    }
}

/// Whether a rendering is known to differ.
fn differs(name: &str, family: &str, features: &BTreeSet<String>) -> bool {
    DIFFERENCES.iter().any(|(target, of_family, feature)| {
        name == *target && (of_family.is_empty() || *of_family == family) && features.contains(*feature)
    })
}

/// What differs, in words.
fn difference(first: &Ruleset, second: &Ruleset, family: &str) -> Option<String> {
    let part =
        Aligned { first: question(first, family), second: question(second, family), by_interface: false };
    let (mut one, mut two) = Reach::pair(first, second);
    let difference = one.difference_of(&mut two, &part, BOXES_MAX).unwrap();
    let words =
        [("opened", &difference.opened), ("closed", &difference.closed), ("unclear", &difference.unclear)];
    let found: Vec<String> = words
        .iter()
        .flat_map(|(word, boxes)| {
            boxes.iter().filter(|one| !opens_nothing(one)).take(2).map(move |one| format!("{word} {one:?}"))
        })
        .collect();
    (!found.is_empty()).then(|| found.join("; "))
}

/// Whether the packets are ICMP of types that open nothing: what targets that keep state leave out of any permit.
fn opens_nothing(packets: &PacketBox) -> bool {
    let icmp = IntervalSet::from_ranges([(1, 1), (58, 58)]);
    let opening: &[u8] = if packets.sources.v6.is_none() { &[8, 13, 15, 17] } else { &[128, 139] };
    packets.protocols.intersection(&icmp) == packets.protocols
        && !opening.iter().any(|kind| packets.icmp_types.contains(*kind))
}

/// New connections that pass through, of the family, between the zones where the rendering names them.
fn question(ruleset: &Ruleset, family: &str) -> Question {
    let side = |name: &str, names: bool| {
        if names { Side::of_interfaces([name]) } else { Side::any() }
    };
    let zoned = names_zones(ruleset);
    let mut from = side("inside", zoned);
    from.addresses = match family {
        "inet" => Some(AddressSet::all_of(IpVersion::V4)),
        "inet6" => Some(AddressSet::all_of(IpVersion::V6)),
        _ => None,
    };
    Question { from, to: side("outside", zoned), path: Path::Through, ..Question::default() }
}

fn names_zones(ruleset: &Ruleset) -> bool {
    let is_zone = |condition: &Condition| match condition {
        Condition::InInterface(set) => set.patterns.contains(&NamePattern::Exact("inside".to_owned())),
        _ => false,
    };
    ruleset.chains.iter().flat_map(|chain| &chain.rules).any(|rule| rule.conditions.iter().any(is_zone))
}

/// The Python that has Aerleon: of the laboratory, or the one that `ZONEWRIGHT_AERLEON_PYTHON` names.
fn python() -> Option<PathBuf> {
    let root = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = match std::env::var_os("ZONEWRIGHT_AERLEON_PYTHON") {
        Some(python) => PathBuf::from(python),
        None => root.join("lab/.venv/bin/python"),
    };
    let found = Command::new(&python).args(["-c", "import aerleon"]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    println!("skipped: {} has no Aerleon (`make laboratory` installs it)", python.display());
    None
}

fn render(python: &FilePath, out: &FilePath) {
    let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("tests/aerleon");
    let setting = |name: &str, default: u32| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let mut policies: Vec<PathBuf> =
        std::fs::read_dir(folder.join("policies")).unwrap().map(|entry| entry.unwrap().path()).collect();
    policies.sort();
    let (seed, count) =
        (setting("ZONEWRIGHT_AERLEON_SEED", 1), setting("ZONEWRIGHT_AERLEON_POLICIES", POLICIES));
    println!("seed {seed}");
    let output = Command::new(python)
        .arg(folder.join("render.py"))
        .arg(folder.join("definitions.yaml"))
        .arg(out)
        .args(policies)
        .args(["--random", &seed.to_string(), &count.to_string()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let refused = std::fs::read_to_string(out.join("refused")).unwrap();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for line in refused.lines() {
        let (place, _) = line.split_once(':').unwrap_or((line, ""));
        *reasons.entry(place.rsplit('.').next().unwrap_or(place)).or_default() += 1;
    }
    reasons.iter().for_each(|(target, count)| println!("Aerleon rendered {count} policies not for {target}"));
}

/// The names of the files with this extension, without it, sorted.
fn stems(folder: &FilePath, extension: &str) -> Vec<String> {
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    found.sort();
    found
}
