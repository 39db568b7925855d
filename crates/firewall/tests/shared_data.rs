//! Real configurations from outside the repository: nothing panics, every line is accounted for, and text and JSON of
//! the same table read as the same ruleset. Skipped where the data is not at hand.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the functions beside the tests are part of them"
)]

use std::path::{Path, PathBuf};
use zonewright_firewall::dialects::read_bytes;
use zonewright_firewall::ruleset::{LineState, Ruleset};
use zonewright_source::{Place, Severity, SourceText, render_plain};

/// The folder of shared data, from `ZONEWRIGHT_SHARED` or beside the repository.
fn shared(folder: &str) -> Option<PathBuf> {
    let root = match std::env::var_os("ZONEWRIGHT_SHARED") {
        Some(root) => PathBuf::from(root),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    let found = root.join("data/firewalls").join(folder);
    if found.is_dir() {
        return Some(found);
    }
    println!("skipped: {} is not there", found.display());
    None
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

fn read(path: &Path) -> Ruleset {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    read_bytes(name, &std::fs::read(path).unwrap(), None).ruleset
}

#[test]
fn every_line_of_real_files_is_accounted_for() {
    let folders = [
        ("nftables", "nftables"),
        ("iptables", "iptables"),
        ("cisco-asa", "asa"),
        ("paloalto", "panos"),
        ("juniper", "srx"),
        ("pfsense", "pfsense"),
        ("opnsense", "opnsense"),
    ];
    for (folder, dialect) in folders {
        let Some(folder_path) = shared(folder) else { continue };
        for path in files(&folder_path) {
            let ruleset = read(&path);
            let lines = ruleset.lines;
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            println!(
                "{folder}/{name}: {} modeled, {} ignored, {} warned",
                lines.modeled, lines.ignored, lines.warned
            );
            ruleset
                .diagnostics
                .iter()
                .for_each(|diagnostic| println!("  {}", render_plain(diagnostic).replace('\n', "\n  ")));
            assert_eq!(ruleset.dialect, dialect, "{name} is detected");
            assert_accounted(&path, &ruleset);
        }
    }
}

/// The counts add up, and each line that was warned about has a diagnostic.
fn assert_accounted(path: &Path, ruleset: &Ruleset) {
    let text = std::fs::read_to_string(path).unwrap();
    let counted = ruleset.lines.modeled + ruleset.lines.ignored + ruleset.lines.warned;
    assert_eq!(counted, ruleset.line_states.len() as u64);
    if path.extension().is_some_and(|extension| extension != "json") {
        assert_eq!(counted, text.lines().count() as u64, "{}", path.display());
    }
    let source = SourceText::new("x", text.clone());
    for (line, state) in &ruleset.line_states {
        let said = ruleset.diagnostics.iter().any(|diagnostic| match &diagnostic.place {
            Some(Place::Text(place)) => {
                let last = source.place(place.end.max(place.start)..place.end).line;
                (place.line..=last).contains(&u32::try_from(*line).unwrap())
                    || last >= u32::try_from(*line).unwrap()
            }
            _ => false,
        });
        let heavy = ruleset.diagnostics.iter().any(|diagnostic| diagnostic.severity > Severity::Note);
        assert!(
            *state != LineState::Warned || (said || heavy),
            "line {line} of {} is warned about",
            path.display()
        );
    }
}

#[test]
fn text_and_json_of_the_same_table_are_the_same_ruleset() {
    let Some(folder) = shared("nftables") else { return };
    let mut pairs = 0;
    for json in files(&folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
    {
        let text = json.with_extension("nft");
        let (a, b) = (read(&text).without_places(), read(&json).without_places());
        assert_eq!(a.to_string(), b.to_string(), "{}", json.display());
        assert_eq!(a, b, "{}", json.display());
        pairs += 1;
    }
    assert!(pairs > 0);
}
