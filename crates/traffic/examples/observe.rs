//! Observes captures and prints the observation as JSON: `observe FILE… [--no-hash] [--two]`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example program prints")]

use std::process::ExitCode;
use zonewright_traffic::{CaptureInput, Hashing, Options, json, observe};

fn main() -> ExitCode {
    let (flags, files): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word.starts_with("--"));
    let quiet = flags.iter().any(|flag| flag == "--quiet");
    let hashing = if flags.iter().any(|flag| flag == "--no-hash") { Hashing::None } else { Hashing::Blake3 };
    let threads = if flags.iter().any(|flag| flag == "--two") { 2 } else { 1 };
    let inputs: Vec<CaptureInput> = files.iter().map(CaptureInput::new).collect();
    let observation = observe(&inputs, &Options { hashing, threads }, &mut |_| {});
    for diagnostic in &observation.diagnostics {
        eprintln!("{}[{}]: {}", diagnostic.severity, diagnostic.code, diagnostic.message);
    }
    if !quiet {
        let findings = serde_json::json!([]);
        let version = env!("CARGO_PKG_VERSION");
        print!("{}", json::Document { observation: &observation, version, findings: &findings }.to_text());
    }
    if observation.understood() { ExitCode::SUCCESS } else { ExitCode::from(2) }
}
