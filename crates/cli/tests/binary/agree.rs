//! What is observed in the public captures agrees with the reference, per aspect. Needs the data beside the project
//! (`../shared`, or `ZONEWRIGHT_SHARED`) and python3, and says so where they are missing.

use crate::project;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// What is scored: the protocols that are read to the function.
const PROTOCOLS: &str = "modbus,s7comm,enip,cip,dnp3,iec104,opcua,dns,http,tls,ssh,telnet,snmp,ntp";

/// Least share found per aspect, in percent.
const FOUND: [(&str, f64); 6] = [
    ("packets", 100.0),
    ("macs", 99.5),
    ("ips", 99.5),
    ("flows", 98.0),
    ("direction", 98.0),
    ("functions", 96.0),
];

/// Most functions that are ours alone, in percent of those of the reference.
const EXTRA_MAX: f64 = 2.0;

/// Most items in which the reference is said to err, in percent of all.
const ERRS_MAX: f64 = 2.0;

fn shared() -> Option<PathBuf> {
    let folder =
        std::env::var_os("ZONEWRIGHT_SHARED").map_or_else(|| project().join("../shared"), PathBuf::from);
    let there = folder.join("tools/agree.py").is_file() && folder.join("data/captures").is_dir();
    let python =
        Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    (there && python).then_some(folder)
}

/// The totals of all captures. `errs` leaves out where the reference is known to err.
fn totals(shared: &std::path::Path, errs: bool) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("totals.json");
    let mut command = Command::new("python3");
    command.arg(shared.join("tools/agree.py"));
    command.args([
        "--all",
        &format!("{} observe {{}} --no-hash --format json", env!("CARGO_BIN_EXE_zonewright")),
    ]);
    command.args(["--protocols", PROTOCOLS]).arg("--json").arg(&json);
    if errs {
        command.arg("--errs").arg(project().join("tests/tshark-errs.csv"));
    }
    let output = command.arg(shared.join("data/captures")).arg(shared.join("data/truth")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{} {said}", if errs { "without where the reference errs:" } else { "all:" });
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap()
}

#[test]
fn the_public_captures_agree_with_the_reference() {
    let Some(shared) = shared() else {
        eprintln!("skipped: no shared data beside the project (set ZONEWRIGHT_SHARED), or no python3");
        return;
    };
    let all = totals(&shared, false);
    let judged = totals(&shared, true);
    assert_eq!(judged["failed"], 0, "every capture is answered");
    assert!(judged["captures"].as_u64().unwrap() > 0);
    let number = |totals: &Value, aspect: &str, key: &str| totals[aspect][key].as_f64().unwrap();
    for (aspect, least) in FOUND {
        let (found, missing) = (number(&judged, aspect, "found"), number(&judged, aspect, "missing"));
        let share = 100.0 * found / (found + missing).max(1.0);
        assert!(share >= least, "{aspect}: {share:.2} % found, {least} % wanted");
    }
    let functions = |key| number(&judged, "functions", key);
    let extra = 100.0 * functions("extra") / (functions("found") + functions("missing")).max(1.0);
    assert!(extra <= EXTRA_MAX, "{extra:.2} % of functions are ours alone");
    let (mut excused, mut compared) = (0.0, 0.0);
    for (aspect, _) in FOUND {
        let apart = |totals| number(totals, aspect, "missing") + number(totals, aspect, "extra");
        let (errs, items) = (apart(&all) - apart(&judged), number(&all, aspect, "found") + apart(&all));
        println!("{aspect}: the reference errs in {errs} of {items} items");
        excused += errs;
        compared += items;
    }
    let share = 100.0 * excused / f64::max(compared, 1.0);
    println!("the reference errs in {share:.2} %");
    assert!(share < ERRS_MAX, "the reference is said to err in {share:.2} %");
}
