//! Every dialect reads its cases: `tests/cases/DIALECT/NAME` → a short rendering of the ruleset and what was said.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use zonewright_firewall::dialects::{DIALECTS, Dialect, read_bytes};
use zonewright_source::{Diagnostic, Place};

#[test]
fn cases_read_as_their_snapshots_say() {
    for dialect in DIALECTS {
        for path in files(&cases().join(dialect.name())) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let bytes = std::fs::read(&path).unwrap();
            let rendered = check(&name, &bytes, Some(*dialect));
            insta::with_settings!({
                prepend_module_to_snapshot => false,
                omit_expression => true,
                snapshot_path => format!("cases/{}/expected", dialect.name()),
            }, {
                insta::assert_snapshot!(name, rendered);
            });
        }
    }
}

/// A file as text: the ruleset, then each diagnostic on a line.
fn check(name: &str, bytes: &[u8], dialect: Option<&dyn Dialect>) -> String {
    let read = read_bytes(name, bytes, dialect);
    let mut text = read.ruleset.to_string();
    for diagnostic in &read.ruleset.diagnostics {
        writeln!(text, "{}", line_of(diagnostic)).unwrap();
    }
    text
}

fn line_of(diagnostic: &Diagnostic) -> String {
    let place = diagnostic.place.as_ref().map(Place::within_file).unwrap_or_default();
    format!("{place} {}[{}]: {}", diagnostic.severity, diagnostic.code, diagnostic.message)
}

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// The files of a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found
}

#[test]
#[ignore = "prints the reading of the file named in SHOW"]
fn show() {
    let path = std::env::var("SHOW").unwrap();
    println!("{}", check("show", &std::fs::read(path).unwrap(), None));
}
