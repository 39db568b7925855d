//! What was planted in an example plant, by its `truth.json`, against what is found.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use zonewright_plant::Finding;
use zonewright_source::Severity;
use zonewright_workbench::{Verified, Workspace, verify};

/// Rule, kind and id of the subject of a finding.
type Key = (String, String, String);

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)
}

fn truth(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder(name).join("truth.json")).unwrap()).unwrap()
}

fn verified(name: &str) -> Verified {
    let workspace = Workspace::read(&folder(name)).unwrap();
    assert_eq!(workspace.diagnostics, []);
    verify(workspace, truth(name)["as_of"].as_str().unwrap().parse().unwrap(), &mut |_| {})
}

/// What is planted under a part of the truth: (findings of severity warning or worse, notes).
fn planted(name: &str, part: &str) -> (BTreeSet<Key>, BTreeSet<Key>) {
    let text = |value: &Value| value.as_str().unwrap().to_string();
    let (mut expected, mut notes) = (BTreeSet::new(), BTreeSet::new());
    for planted in truth(name)[part].as_array().unwrap() {
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
    (expected, notes)
}

/// Of severity warning or worse exactly the planted ones were found, and every planted note.
fn agree(name: &str, part: &str, findings: &[Finding], at_least: usize) {
    let (expected, notes) = planted(name, part);
    let key = |f: &Finding| (f.rule.to_string(), f.subject.kind.to_string(), f.subject.id.clone());
    let found: BTreeSet<_> = findings.iter().filter(|f| f.severity >= Severity::Warning).map(key).collect();
    assert_eq!(found, expected);
    let all: BTreeSet<_> = findings.iter().map(key).collect();
    assert!(notes.is_subset(&all), "{notes:?}");
    assert!(expected.len() >= at_least, "{name} has something to find");
}

/// Verifying finds the planted disagreements and nothing else.
pub(crate) fn disagreements_are_found(name: &str) {
    agree(name, "expected", &verified(name).verification.findings, 6);
}

/// Assessing finds the planted statements that do not hold and nothing else.
pub(crate) fn misstatements_are_found(name: &str) {
    agree(name, "assess", &verified(name).assess().findings, 1);
}

/// Each planted path has its row.
pub(crate) fn paths_have_their_rows(name: &str) {
    let verification = verified(name).verification;
    for planted in truth(name)["expected"].as_array().unwrap() {
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

/// The same input gives the same bytes.
pub(crate) fn bytes_are_the_same(name: &str) {
    let pages = || {
        let verified = verified(name);
        let input = verified.report_input("0");
        (
            zonewright_report::html::report(&input),
            zonewright_report::json::verification(&verified.verification, "0").to_string(),
            zonewright_report::assessment::json(&verified.assess(), "0"),
        )
    };
    assert_eq!(pages(), pages());
}
