//! The binary as its users and their scripts meet it: exit codes, documents, pages.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "the functions beside the tests are part of them"
)]

mod agree;
mod bridge;
mod catalog;
mod change;
mod difference;
mod exit_codes;
mod generated;
mod import;
mod interfaces;
mod laboratory;
mod sources;
mod workbook;
mod write;

use std::path::{Path, PathBuf};
use std::process::Command;

/// What a run left behind.
struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
    /// The words it was called with, to be told where a test fails.
    words: String,
}

impl Ran {
    /// The standard output as the JSON document that it must be.
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{}: {error}: {:?}; {}", self.words, self.stdout, self.stderr))
    }
}

/// Runs the binary in a folder.
fn run_in(folder: &Path, words: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_zonewright"))
        .args(words)
        .current_dir(folder)
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let ran = Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        words: words.join(" "),
    };
    assert!(!ran.stderr.contains("panicked at"), "{}: {}", ran.words, ran.stderr);
    assert!((0..=3).contains(&ran.code), "{} ended with {}: {}", ran.words, ran.code, ran.stderr);
    ran
}

/// The project's own folder.
fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The committed example plant.
fn example() -> PathBuf {
    project().join("examples/waterworks")
}

/// A day on which the example is judged: its captures were taken just before.
const AS_OF: &str = "2026-11-26";
