//! Rules of the house that a compiler does not check: who may depend on whom, how long a file may be, what no file may say.

use crate::say;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Which of our crates each may depend on (ARCHITECTURE.md). A crate is defined by what it must not know.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("catalog", &["source"]),
    ("plant", &["source", "catalog"]),
    ("traffic", &["source"]),
    ("firewall", &["source"]),
    ("assess", &["source", "catalog", "plant", "traffic", "firewall"]),
    ("report", &["source", "catalog", "plant", "traffic", "firewall", "assess"]),
    ("workbench", &["source", "catalog", "plant", "traffic", "firewall", "assess", "report"]),
    ("cli", &["source", "catalog", "plant", "traffic", "firewall", "assess", "report", "workbench"]),
];

/// A longer file is to be split. Tables of codes are exempt by name below.
const LINES_MAX: usize = 800;

/// Marks of work that is not done.
const UNFINISHED: &[&str] = &["TO\x44O", "FIX\x4dE", "X\x58X", "to\x64o!(", "unimple\x6dented!("];

/// Endings of the files that are read.
const TEXT_ENDINGS: &[&str] = &["rs", "toml", "md", "py", "sh", "ts", "tsx"];

pub(crate) fn run() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let mut faults = Vec::new();
    for (name, may) in MAY_KNOW {
        check_crate(root, name, may, &mut faults);
    }
    for folder in ["crates", "xtask", "lab", "docs", "fuzz"] {
        walk(&root.join(folder), &mut |file| check_file(root, file, &mut faults));
    }
    for fault in &faults {
        say(fault);
    }
    if faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        say(&format!("{} fault(s)", faults.len()));
        ExitCode::FAILURE
    }
}

fn check_crate(root: &Path, name: &str, may: &[&str], faults: &mut Vec<String>) {
    let folder = root.join("crates").join(name);
    let Ok(manifest) = std::fs::read_to_string(folder.join("Cargo.toml")) else {
        faults.push(format!("crates/{name}: no Cargo.toml"));
        return;
    };
    let known =
        manifest.lines().filter_map(|line| line.strip_prefix("zonewright-")?.split(['.', ' ']).next());
    for other in known.filter(|other| !may.contains(other)) {
        faults.push(format!("crates/{name} depends on {other}, which it must not know (ARCHITECTURE.md)"));
    }
    if let Ok(lib) = std::fs::read_to_string(folder.join("src/lib.rs"))
        && !lib.contains("**Invariant:**")
    {
        faults.push(format!("crates/{name}/src/lib.rs states no **Invariant:**"));
    }
}

fn check_file(root: &Path, file: &Path, faults: &mut Vec<String>) {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if !TEXT_ENDINGS.contains(&ending) {
        return;
    }
    let Ok(text) = std::fs::read_to_string(file) else { return };
    let shown = file.strip_prefix(root).unwrap_or(file).display();
    if ending == "rs" && text.lines().count() > LINES_MAX {
        faults.push(format!("{shown}: more than {LINES_MAX} lines; split it"));
    }
    for (number, line) in text.lines().enumerate() {
        for mark in UNFINISHED.iter().filter(|mark| line.contains(**mark)) {
            faults.push(format!("{shown}:{}: `{mark}`: what ships is done", number + 1));
        }
    }
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') || name == "target" || name == "node_modules" || name == "snapshots" {
            continue;
        }
        if path.is_dir() { walk(&path, visit) } else { visit(&path) }
    }
}
