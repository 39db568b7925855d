//! Every dialect of the list has what a dialect must have.

#![expect(clippy::unwrap_used, reason = "the functions beside the tests are part of them")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use zonewright_firewall::dialects::{Confidence, DIALECTS, detect, named, read_bytes};

#[test]
fn every_dialect_has_samples_malformed_samples_seeds_and_documentation() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = BTreeSet::new();
    for dialect in DIALECTS {
        let name = dialect.name();
        assert!(names.insert(name), "two dialects are named {name}");
        assert!(named(name).is_some_and(|found| found.name() == name));
        assert!(!dialect.title().is_empty());

        let cases = files(&root.join("tests/cases").join(name));
        let (malformed, good): (Vec<_>, Vec<_>) =
            cases.iter().partition(|path| stem(path).starts_with("malformed"));
        assert!(!good.is_empty(), "{name} has no sample in tests/cases/{name}");
        assert!(!malformed.is_empty(), "{name} has no malformed sample in tests/cases/{name}");
        assert!(!files(&root.join("../../fuzz/seeds").join(name)).is_empty(), "{name} has no fuzz seed");

        let module = std::fs::read_to_string(root.join("src/dialects").join(name).join("mod.rs")).unwrap();
        assert!(module.starts_with("//! "), "{name} has no module documentation");
        let listed = dialect.ignored();
        assert!(
            !listed.is_empty() && listed.iter().all(|kind| !kind.name.is_empty() && !kind.reason.is_empty())
        );

        for path in good {
            let bytes = std::fs::read(path).unwrap();
            let found = detect(&String::from_utf8_lossy(&bytes)).map(|found| found.name());
            assert_eq!(found, Some(name), "{} is detected", path.display());
        }
        for path in malformed {
            let ruleset = read_bytes("x", &std::fs::read(path).unwrap(), Some(*dialect)).ruleset;
            assert!(ruleset.lines.warned > 0, "{} is warned about", path.display());
        }
    }
}

#[test]
fn manual_pages_list_what_is_ignored() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/manual/firewalls");
    for dialect in ["nftables", "iptables"].into_iter().filter_map(named) {
        let page = std::fs::read_to_string(pages.join(dialect.name()).with_extension("md")).unwrap();
        for kind in dialect.ignored() {
            assert!(page.contains(kind.name), "{} is not on the page of {}", kind.name, dialect.name());
        }
    }
}

#[test]
fn other_texts_are_in_no_dialect() {
    for text in
        ["", "hello", "{}", "[]", "<xml/>", "hostname fw1\ninterface GigabitEthernet0/0\n nameif outside\n"]
    {
        assert!(detect(text).is_none(), "{text:?}");
        let ruleset = read_bytes("x", text.as_bytes(), None).ruleset;
        assert_eq!(ruleset.dialect, "unknown");
        assert_eq!(
            ruleset.diagnostics.first().map(|diagnostic| diagnostic.code),
            Some("firewall/unknown-dialect")
        );
    }
    assert!(DIALECTS.iter().all(|dialect| dialect.detect("") < Confidence::ENOUGH));
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder)
        .map(|entries| entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect())
        .unwrap_or_default()
}
