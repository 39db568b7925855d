//! The laboratory run anew: a plant in network namespaces, captured and verified. With planted deviations exactly what was
//! planted is found, without them nothing; and what is proposed from its evidence has the plant's own zones. Needs root,
//! namespaces and the laboratory's virtual environment (`lab/install`), and says so where they are missing.

use crate::{project, run_in};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// What is run where nobody says otherwise: seed, size, and whether with deviations.
const RUNS: &str = "4:small:with 3:small:without";
/// How long the captures run: what is continuous must show within a minute of them.
const SECONDS: &str = "70";
/// How well proposed zones must agree with those of the plant.
const RAND_MIN: f64 = 0.9;

/// One plant of the laboratory.
struct Run {
    seed: String,
    size: String,
    with: bool,
}

impl Run {
    fn read(text: &str) -> Self {
        let words: Vec<&str> = text.split(':').collect();
        let [seed, size, deviations] = words.as_slice() else {
            panic!("{text}: SEED:SIZE:with or SEED:SIZE:without is meant")
        };
        Self { seed: (*seed).into(), size: (*size).into(), with: *deviations == "with" }
    }

    fn begin(&self, folder: &Path) -> Child {
        let mut command = Command::new(project().join("lab/make"));
        command.arg("waterworks").arg(folder);
        command.args(["--seed", &self.seed, "--size", &self.size, "--seconds", SECONDS]);
        if !self.with {
            command.arg("--no-deviations");
        }
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

/// Why the laboratory cannot run here.
fn lacking() -> Option<&'static str> {
    if !project().join("lab/.venv/bin/python").exists() {
        return Some("the laboratory is not installed (lab/install, as root)");
    }
    let namespaces = Command::new("unshare").args(["--net", "true"]).output();
    let id = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    (!id || !namespaces.is_ok_and(|output| output.status.success()))
        .then_some("network namespaces need root, and are not to be had here")
}

#[test]
fn the_laboratory_gives_what_was_planted_and_nothing_else() {
    if let Some(why) = lacking() {
        eprintln!("skipped: {why}");
        return;
    }
    let wanted = std::env::var("ZONEWRIGHT_LAB_SEEDS").unwrap_or_else(|_| RUNS.into());
    let runs: Vec<Run> = wanted.split_whitespace().map(Run::read).collect();
    for pair in runs.chunks(2) {
        let begun = Instant::now();
        let running: Vec<_> = pair
            .iter()
            .map(|run| {
                let folder = tempfile::tempdir().unwrap();
                let child = run.begin(folder.path());
                (run, folder, child)
            })
            .collect();
        for (run, folder, child) in running {
            let done = child.wait_with_output().unwrap();
            assert!(done.status.success(), "seed {}: {}", run.seed, String::from_utf8_lossy(&done.stderr));
            judge(run, folder.path());
            println!("seed {}, {}: judged {:?} after the pair began", run.seed, run.size, begun.elapsed());
        }
    }
}

fn judge(run: &Run, folder: &Path) {
    let truth: Value = serde_json::from_slice(&std::fs::read(folder.join("truth.json")).unwrap()).unwrap();
    let as_of = truth["as_of"].as_str().unwrap();
    let verified =
        run_in(folder, &["verify", ".", "--as-of", as_of, "--format", "json", "--fail-on", "never"]).json();
    let planted =
        truth["expected"].as_array().unwrap().iter().flat_map(|row| row["findings"].as_array().unwrap());
    let expected = keys(planted);
    let found = keys(verified["findings"].as_array().unwrap().iter());
    assert_eq!(found, expected, "seed {}, {}", run.seed, run.size);
    assert_eq!(run.with, !expected.is_empty(), "the run is the one that was asked for");

    let index = rand_index(folder, as_of);
    println!(
        "seed {}, {}: adjusted Rand index {index:.3}, {} findings as planted",
        run.seed,
        run.size,
        found.len()
    );
    assert!(index >= RAND_MIN, "seed {}, {}: {index}", run.seed, run.size);
}

/// Rule and subject of the findings that are more than a note.
fn keys<'a>(findings: impl Iterator<Item = &'a Value>) -> BTreeSet<(String, String)> {
    findings
        .filter(|finding| finding["severity"] != "note")
        .map(|finding| {
            let text = |value: &Value| value.as_str().unwrap().to_string();
            let subject = &finding["subject"];
            (text(&finding["rule"]), format!("{} {}", text(&subject["kind"]), text(&subject["id"])))
        })
        .collect()
}

/// Proposes from the captures alone, and sets the zones beside the true ones, address by address.
fn rand_index(folder: &Path, as_of: &str) -> f64 {
    let evidence = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder.join("evidence")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pcap") {
            std::fs::copy(&path, evidence.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let ran = run_in(evidence.path(), &["start", ".", "--as-of", as_of]);
    assert!(ran.code <= 1, "{}", ran.stderr);
    let proposed = zones(&evidence.path().join("workspace/assets.csv"));
    let mut pairs = Vec::new();
    for (ip, zone) in zones(&folder.join("assets.csv")) {
        if let Some(found) = proposed.get(&ip) {
            let found = if found.is_empty() { format!("none {ip}") } else { found.clone() };
            pairs.push((zone, found));
        }
    }
    assert!(pairs.len() > 10, "devices are found");
    adjusted_rand(&pairs)
}

/// The zone of every asset with a single address.
fn zones(csv: &Path) -> BTreeMap<String, String> {
    let mut rows = csv::Reader::from_path(csv).unwrap();
    let headers = rows.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let (ips, zone) = (column("ips"), column("zone"));
    let single =
        rows.records().map(Result::unwrap).filter(|row| !row[ips].is_empty() && !row[ips].contains(';'));
    single.map(|row| (row[ips].to_string(), row[zone].to_string())).collect()
}

/// Hubert and Arabie's adjusted Rand index of two partitions of the same things.
fn adjusted_rand(pairs: &[(String, String)]) -> f64 {
    let choose = |n: usize| (n * n.saturating_sub(1)) as f64 / 2.0;
    let sizes = |of: &dyn Fn(&(String, String)) -> String| {
        let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
        pairs.iter().for_each(|pair| *sizes.entry(of(pair)).or_default() += 1);
        sizes.values().map(|n| choose(*n)).sum::<f64>()
    };
    let both = sizes(&|(a, b)| format!("{a}\n{b}"));
    let (a, b, all) = (sizes(&|pair| pair.0.clone()), sizes(&|pair| pair.1.clone()), choose(pairs.len()));
    let expected = a * b / all;
    (both - expected) / ((a + b) / 2.0 - expected)
}
