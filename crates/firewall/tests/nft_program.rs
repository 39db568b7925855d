//! What we read is what nft reads: each case that nft accepts is loaded in a namespace of its own, and the listings it
//! prints, as text and as JSON, are the same ruleset. Skipped where nft or namespaces are not at hand.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the functions beside the tests are part of them"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use zonewright_firewall::dialects::read_bytes;
use zonewright_firewall::ruleset::{Condition, IpVersion, Ruleset, Verdict};

#[test]
fn source_listing_and_json_are_the_same_ruleset() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/nftables");
    let mut compared = 0;
    // What nft prints for the ambiguous case differs between its two forms.
    for path in files(&cases).into_iter().filter(|path| {
        path.extension().is_some_and(|extension| extension == "nft") && !path.ends_with("ambiguous.nft")
    }) {
        let Some(text) = listing(&path, "nft list ruleset") else { continue };
        let json = listing(&path, "nft -j list ruleset").unwrap();
        let source = plain(&read(&std::fs::read(&path).unwrap()));
        let (text, json) = (plain(&read(&text)), plain(&read(&json)));
        assert_eq!(text, json, "text and JSON listing of {}", path.display());
        assert_eq!(source, text, "source and listing of {}", path.display());
        compared += 1;
    }
    println!("compared {compared} cases with nft");
}

/// What nft prints after loading a file, in namespaces of its own; `None` where it cannot or refuses.
fn listing(path: &Path, command: &str) -> Option<Vec<u8>> {
    let script = format!("nft -f '{}' >/dev/null && {command}", path.display());
    let output = Command::new("unshare").args(["-rn", "sh", "-c", &script]).output().ok()?;
    if !output.status.success() {
        println!(
            "skipped {}: {}",
            path.display(),
            String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or("")
        );
        return None;
    }
    Some(output.stdout)
}

fn read(bytes: &[u8]) -> Ruleset {
    read_bytes("listing", bytes, None).ruleset
}

/// A ruleset as text without what nft is free to write otherwise: the order of conditions and of the entries of a map, a
/// version that others imply, the number of elements of a set.
fn plain(ruleset: &Ruleset) -> String {
    let mut bare = ruleset.clone();
    for set in &mut bare.sets {
        set.element_count = 0;
    }
    for chain in &mut bare.chains {
        // Version 1.0.6 of nft leaves both out of its JSON.
        if let Some(base) = &mut chain.base {
            base.devices.clear();
            base.dormant = false;
        }
        let routes = [IpVersion::V4, IpVersion::V6].map(|version| chain.family.routes(version));
        for rule in &mut chain.rules {
            let implied = rule.conditions.iter().any(|condition| match condition {
                Condition::Source(set) | Condition::Destination(set) => set.v4.is_none() != set.v6.is_none(),
                _ => false,
            });
            if implied || routes != [true, true] || matches!(rule.verdict, Verdict::Nat(_)) {
                rule.conditions.retain(|condition| !matches!(condition, Condition::Version(_)));
            }
            for condition in &mut rule.conditions {
                if let Condition::Any { of, .. } = condition {
                    of.sort();
                }
            }
            rule.conditions.sort();
        }
        for entries in chain.rules.chunk_by_mut(|a, b| a.place == b.place) {
            entries.sort_by_key(|rule| (rule.conditions.clone(), format!("{:?}", rule.verdict)));
        }
    }
    bare.without_places().to_string()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found
}
