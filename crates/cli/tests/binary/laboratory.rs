//! The laboratory run anew: plants in network namespaces, captured and judged. With planted deviations exactly what was
//! planted is found, without them nothing; and what is proposed from the captures has the plant's own zones. Needs root,
//! namespaces and the laboratory's virtual environment (`lab/install`), and says so where they are missing.

use crate::{project, run_in};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// What is run where nobody says otherwise: plant, seed, size, and how long the captures run at least. Each run makes the
/// clean plant and the one with deviations, one after the other.
const RUNS: &str = "waterworks:3:medium:12 batch-plant:2:small:12";
/// Runs that go at the same time.
const TOGETHER: usize = 2;
/// How well proposed zones must agree with those of the plant.
const RAND_MIN: f64 = 0.9;

/// One plant of the laboratory.
struct Run<'a> {
    text: &'a str,
    plant: &'a str,
    seed: &'a str,
    size: &'a str,
    seconds: &'a str,
}

impl<'a> Run<'a> {
    fn read(text: &'a str) -> Self {
        let words: Vec<&str> = text.split(':').collect();
        let [plant, seed, size, seconds] = words.as_slice() else {
            panic!("{text}: PLANT:SEED:SIZE:SECONDS is meant")
        };
        Self { text, plant, seed, size, seconds }
    }

    fn begin(&self, folder: &Path) -> Child {
        let mut command = Command::new(project().join("lab/make"));
        command.arg(self.plant).arg(folder).args(["--seed", self.seed, "--size", self.size]);
        command.args(["--seconds", self.seconds, "--deviations", "both"]);
        command.args(["--enforce", env!("CARGO_BIN_EXE_zonewright")]);
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
    let wanted = std::env::var("ZONEWRIGHT_LAB_RUNS").unwrap_or_else(|_| RUNS.into());
    let runs: Vec<Run<'_>> = wanted.split_whitespace().map(Run::read).collect();
    for together in runs.chunks(TOGETHER) {
        let begun = Instant::now();
        let running: Vec<_> = together
            .iter()
            .map(|run| {
                let folder = tempfile::tempdir().unwrap();
                let child = run.begin(folder.path());
                (run, folder, child)
            })
            .collect();
        let mut wrong = Vec::new();
        for (run, folder, child) in running {
            let done = child.wait_with_output().unwrap();
            if !done.status.success() {
                wrong.push(format!("{}: {}", run.text, String::from_utf8_lossy(&done.stderr)));
                continue;
            }
            for (kind, deviating) in [("clean", false), ("deviating", true)] {
                wrong.extend(judge(&format!("{} {kind}", run.text), &folder.path().join(kind), deviating));
            }
            wrong.extend(enforced(run.text, &folder.path().join("written")));
            println!("{}: judged {:?} after it began", run.text, begun.elapsed());
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// What is wrong with the findings and proposals of a plant.
fn judge(name: &str, folder: &Path, deviating: bool) -> Vec<String> {
    let truth: Value = serde_json::from_slice(&std::fs::read(folder.join("truth.json")).unwrap()).unwrap();
    let as_of = truth["as_of"].as_str().unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (part, commands) in [("expected", &["check", "verify"][..]), ("assess", &["assess"])] {
        let rows = truth[part].as_array().unwrap().iter();
        let expected =
            keys(rows.flat_map(|row| row["findings"].as_array().unwrap()), &["error", "warning", "note"]);
        let (mut found, mut all) = (BTreeSet::new(), BTreeSet::new());
        for command in commands {
            let words = [command, ".", "--as-of", as_of, "--format", "json", "--fail-on", "never"];
            let judged = run_in(folder, &words).json();
            let findings = judged["findings"].as_array().unwrap();
            found.extend(keys(findings.iter(), &["error", "warning"]));
            all.extend(keys(findings.iter(), &["error", "warning", "note"]));
        }
        wrong.extend(
            found.difference(&expected).map(|key| format!("{name}: {key} was found and not planted")),
        );
        wrong.extend(expected.difference(&all).map(|key| format!("{name}: {key} was planted and not found")));
        if expected.is_empty() == deviating {
            wrong.push(format!("{name}: the run is not the one that was asked for"));
        }
        count += found.len();
    }
    let (index, devices) = rand_index(folder, as_of);
    println!(
        "{name}: {count} findings as planted; adjusted Rand index of the proposal {index:.3} over {devices} devices"
    );
    if index < RAND_MIN {
        wrong.push(format!("{name}: adjusted Rand index {index:.3}"));
    }
    wrong
}

/// What is wrong with the plant behind the ruleset that was written for its firewall: normal operation goes on, each planted
/// deviation that a firewall can stop is stopped, and the kernel counted what the captures let expect.
fn enforced(name: &str, folder: &Path) -> Vec<String> {
    let report: Value =
        serde_json::from_slice(&std::fs::read(folder.join("enforced.json")).unwrap()).unwrap();
    let rows = |key: &str| report[key].as_array().unwrap().clone();
    let mut wrong: Vec<String> = rows("missing")
        .iter()
        .map(|way| format!("{name}: {way} did not get through the written rules"))
        .collect();
    println!(
        "{name}: {} expected conversations, {} missing behind the written rules",
        report["expected"],
        wrong.len()
    );
    let mut stopped = 0;
    for row in rows("deviations") {
        let (stoppable, through) = (row["stoppable"] == true, row["got_through"] == true);
        stopped += usize::from(stoppable && !through);
        let what = match (stoppable, through) {
            (true, true) => "GOT THROUGH",
            (true, false) => "stopped",
            (false, _) => "not for a packet filter",
        };
        println!("  {:24} {what:24} {}", row["id"].as_str().unwrap(), row["why"].as_str().unwrap());
        if stoppable && through {
            wrong.push(format!("{name}: {} got through the written rules", row["id"]));
        }
    }
    if stopped == 0 {
        wrong.push(format!("{name}: the written rules stopped nothing, so that nothing is shown"));
    }
    println!("  {:24} {:>8} {:>8} {:>14}", "permit", "counted", "expected", "conversations");
    let mut compared = 0;
    for row in rows("counters").iter().filter(|row| !row["counted"].is_null()) {
        let (counted, expected) = (row["counted"].as_u64().unwrap(), row["expected"].as_u64().unwrap());
        let covered = row["covered"] == true;
        let note = if covered { "" } else { " (not all of its ways are captured)" };
        let permit = row["permit"].as_str().unwrap();
        println!("  {permit:24} {counted:8} {expected:8} {:>14}{note}", row["conversations"]);
        compared += usize::from(covered && expected > 0);
        if (covered && counted != expected) || counted < expected {
            wrong.push(format!(
                "{name}: the rules of {permit} counted {counted} packets, the captures show {expected}"
            ));
        }
    }
    if compared == 0 {
        wrong.push(format!("{name}: no counter could be compared"));
    }
    wrong
}

/// Severity, rule and subject of the findings of these severities.
fn keys<'a>(findings: impl Iterator<Item = &'a Value>, severities: &[&str]) -> BTreeSet<String> {
    let text = |value: &Value| value.as_str().unwrap().to_string();
    findings
        .filter(|finding| severities.contains(&text(&finding["severity"]).as_str()))
        .map(|finding| {
            let subject = &finding["subject"];
            let (rule, kind, id) = (&finding["rule"], &subject["kind"], &subject["id"]);
            format!("{} {} on {} {}", text(&finding["severity"]), text(rule), text(kind), text(id))
        })
        .collect()
}

/// Proposes from the captures alone, and sets the zones beside the true ones, device by device: how well they agree, over
/// how many.
fn rand_index(folder: &Path, as_of: &str) -> (f64, usize) {
    let evidence = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder.join("evidence")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pcap") {
            std::fs::copy(&path, evidence.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let ran = run_in(evidence.path(), &["start", ".", "--as-of", as_of]);
    assert!(ran.code <= 1, "{}", ran.stderr);
    let proposed = Sheet::read(&evidence.path().join("workspace/assets.csv"));
    let truth = Sheet::read(&folder.join("assets.csv"));
    let pairs: Vec<(String, String)> = truth
        .rows
        .iter()
        .filter(|row| !row.zone.is_empty() && row.ips.len() == 1)
        .filter_map(|row| Some((row.zone.clone(), proposed.zone_of(row)?)))
        .collect();
    assert!(pairs.len() > 10, "devices are found");
    (adjusted_rand(&pairs), pairs.len())
}

/// The assets of a workspace.
struct Sheet {
    rows: Vec<Row>,
}

struct Row {
    zone: String,
    ips: Vec<String>,
    macs: Vec<String>,
}

impl Sheet {
    fn read(path: &Path) -> Self {
        let mut sheet = csv::Reader::from_path(path).unwrap();
        let headers = sheet.headers().unwrap().clone();
        let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
        let (ips, macs, zone) = (column("ips"), column("macs"), column("zone"));
        let items = |cell: &str| -> Vec<String> {
            cell.split(';').filter(|item| !item.is_empty()).map(Into::into).collect()
        };
        let row = |row: csv::StringRecord| Row {
            zone: row[zone].into(),
            ips: items(&row[ips]),
            macs: items(&row[macs]),
        };
        Self { rows: sheet.records().map(Result::unwrap).map(row).collect() }
    }

    /// The zone that this sheet gives a device of another one. Its link-layer address tells devices of the same address
    /// apart; what was met through routers only has none here.
    fn zone_of(&self, device: &Row) -> Option<String> {
        let by_mac = self.rows.iter().find(|row| row.macs.iter().any(|mac| device.macs.contains(mac)));
        let by_ip = || self.rows.iter().find(|row| row.macs.is_empty() && row.ips == device.ips);
        let found = by_mac.or_else(by_ip)?;
        // What is in no zone agrees with nobody.
        Some(if found.zone.is_empty() { format!("none {:?}", device.macs) } else { found.zone.clone() })
    }
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
