//! What is said about a workspace: a case is a file or folder in `cases`, its diagnostics a snapshot beside them.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use zonewright_plant::text::{self, KINDS, ReadWorkspace};
use zonewright_source::SourceText;

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// The files of a case, sorted by name: a file alone, or all of a folder.
fn files(case: &Path) -> Vec<SourceText> {
    let mut paths: Vec<PathBuf> = if case.is_dir() {
        std::fs::read_dir(case).unwrap().map(|entry| entry.unwrap().path()).collect()
    } else {
        vec![case.to_path_buf()]
    };
    paths.sort();
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    paths.iter().map(|path| SourceText::new(name(path), std::fs::read_to_string(path).unwrap())).collect()
}

fn rendered(files: &[SourceText], read: &ReadWorkspace) -> String {
    let mut out = String::new();
    for diagnostic in &read.diagnostics {
        let file = diagnostic.place.as_ref().map(|place| place.file().to_string());
        let text = files.iter().find(|text| Some(&**text.file()) == file.as_deref());
        out.push_str(&zonewright_source::render(diagnostic, text, false));
        out.push_str("\n\n");
    }
    out
}

/// Reads the case and compares what is said with its snapshot.
fn check(case: &Path) {
    let files = files(case);
    let read = text::read(&files);
    let name = case.file_stem().unwrap().to_string_lossy().into_owned();
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "cases/snapshots", omit_expression => true }, {
        insta::assert_snapshot!(name, rendered(&files, &read));
    });
}

#[test]
fn every_case_says_what_its_snapshot_says() {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(cases())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.ends_with("snapshots") && !path.ends_with("everything"))
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases.iter().for_each(|case| check(case));
}

#[test]
fn the_workspace_with_everything_is_read_without_a_word() {
    let files = files(&cases().join("everything"));
    let read = text::read(&files);
    assert_eq!(rendered(&files, &read), "");
}

#[test]
fn the_workspace_with_everything_has_every_key() {
    let files = files(&cases().join("everything"));
    let mut used: BTreeSet<(String, String)> = BTreeSet::new();
    for file in files.iter().filter(|file| file.file().ends_with(".toml")) {
        let mut header = String::new();
        for line in file.text().lines() {
            if line.starts_with('[') {
                header = line.trim().to_string();
                let name = header.trim_matches(['[', ']']);
                if let Some((outer, part)) = name.split_once('.') {
                    for outer in [format!("[[{outer}]]"), format!("[{outer}]")] {
                        used.insert((outer, part.to_string()));
                    }
                }
            } else if let Some((key, _)) = line.split_once(" = ") {
                used.insert((header.clone(), key.to_string()));
            }
        }
    }
    let missing: Vec<String> = KINDS
        .iter()
        .flat_map(|kind| kind.all_keys().map(|key| (kind.header.to_string(), key.name.to_string())))
        .filter(|pair| !used.contains(pair))
        .map(|(header, key)| format!("{header} {key}"))
        .collect();
    // An asset stands in a zone or in a conduit; another one shows the other.
    assert_eq!(missing, Vec::<String>::new());
}
