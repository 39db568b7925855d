//! The example plant: what was planted is found, and nothing else of severity warning or worse.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use zonewright_source::Severity;
use zonewright_workbench::{Verified, Workspace, verify};

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/waterworks")
}

fn truth() -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(example().join("truth.json")).unwrap()).unwrap()
}

fn verified() -> Verified {
    let workspace = Workspace::read(&example()).unwrap();
    assert_eq!(workspace.diagnostics, []);
    verify(workspace, truth()["as_of"].as_str().unwrap().parse().unwrap(), &mut |_| {})
}

#[test]
fn planted_disagreements_are_found_and_nothing_else() {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_string();
    let mut expected = BTreeSet::new();
    let mut notes = BTreeSet::new();
    for planted in truth()["expected"].as_array().unwrap() {
        for finding in planted["findings"].as_array().unwrap() {
            let subject = &finding["subject"];
            let key = (text(&finding["rule"]), text(&subject["kind"]), text(&subject["id"]));
            if finding["severity"] == "note" {
                notes.insert(key)
            } else {
                expected.insert(key)
            };
        }
    }
    let verification = verified().verification;
    let key = |f: &zonewright_plant::Finding| {
        (f.rule.to_string(), f.subject.kind.to_string(), f.subject.id.clone())
    };
    let found: BTreeSet<_> =
        verification.findings.iter().filter(|f| f.severity >= Severity::Warning).map(key).collect();
    assert_eq!(found, expected);
    let all: BTreeSet<_> = verification.findings.iter().map(key).collect();
    assert!(notes.is_subset(&all), "{notes:?}");
    assert!(expected.len() >= 6, "the example has something to find");
}

#[test]
fn each_planted_path_has_its_row() {
    let verification = verified().verification;
    for planted in truth()["expected"].as_array().unwrap() {
        let row = verification.paths.iter().find(|path| {
            path.from_zone == planted["zone_from"].as_str().unwrap()
                && path.to_zone == planted["zone_to"].as_str().unwrap()
                && path.protocol == planted["protocol"].as_str().unwrap()
                && path.name.as_str() == planted["name"].as_str().unwrap()
                && path.declared.as_str() == planted["declared"].as_str().unwrap()
        });
        assert!(row.is_some(), "{planted:#}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let page = || {
        let verified = verified();
        let input = verified.report_input("0");
        (
            zonewright_report::html::report(&input),
            zonewright_report::json::verification(&verified.verification, "0").to_string(),
        )
    };
    assert_eq!(page(), page());
}
