//! Management of change on an example plant: what its new configuration means, and the record that is signed.

use crate::{AS_OF, project, run_in};
use serde_json::Value;
use std::path::Path;

/// The batch plant in two states: the later one's firewall lost a temporary rule and one that a permit asks for, lets more of
/// the suppliers' network in, and one zone has another target.
fn two_states(folder: &Path) {
    let copy = |state: &str| {
        let from = project().join("examples/batch-plant");
        for file in walk(&from) {
            let to = folder.join(state).join(file.strip_prefix(&from).unwrap());
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(&file, to).unwrap();
        }
    };
    copy("old");
    copy("new");
    let edit = |file: &str, change: &dyn Fn(&str) -> String| {
        let path = folder.join("new").join(file);
        std::fs::write(&path, change(&std::fs::read_to_string(&path).unwrap())).unwrap();
    };
    edit("evidence/fw-1.nft", &|text| {
        let kept = text
            .lines()
            .filter(|line| !line.contains("temporary, new filler") && !line.contains("\"P-PACK\""));
        kept.map(|line| {
            let line = line.replace(
                "ip saddr 172.20.70.50 ip daddr 10.120.20.11 tcp dport 22",
                "ip saddr 172.20.70.0/24 ip daddr 10.120.20.11 tcp dport { 22, 3389 }",
            );
            line + "\n"
        })
        .collect()
    });
    edit("evidence.toml", &|text| {
        let lines: Vec<&str> = text.lines().collect();
        let at = lines.iter().position(|line| line.contains("fw-1.nft")).unwrap();
        let kept =
            lines.iter().enumerate().filter(|(line, _)| *line != at + 1).map(|(_, line)| format!("{line}\n"));
        kept.collect()
    });
    edit("zones.toml", &|text| text.replacen("sl_t = 1", "sl_t = 2", 1));
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn a_change_is_told_from_the_model_to_the_signature() {
    let folder = tempfile::tempdir().unwrap();
    two_states(folder.path());
    let words = ["diff", "old", "new", "--as-of", AS_OF];
    let ran = run_in(folder.path(), &[&words[..], &["--format", "json", "--fail-on", "new"]].concat());
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let change = ran.json();
    assert_eq!(change["format"], "zonewright-change/1");
    let texts = |list: &Value, key: &str| -> Vec<String> {
        list.as_array().unwrap().iter().map(|row| row[key].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(texts(&change["records"], "id"), ["E-FW", "Z-PKG"]);
    let device = &change["devices"][0];
    assert_eq!(device["device"], "fw-1");
    for row in device["opened"].as_array().unwrap() {
        assert_eq!((&row["from_zones"][0], &row["to_zones"][0]), (&"Z-REM".into(), &"Z-DMZ".into()));
    }
    assert!(!device["closed"].as_array().unwrap().is_empty());
    assert_eq!(texts(&change["cut_off"], "permit"), ["P-PACK"]);
    assert_eq!(
        texts(&change["approvals"], "role"),
        ["ot-security", "packaging", "production", "service-partner"]
    );
    let due = change["tests_due"].as_array().unwrap();
    assert!(due.iter().any(|row| row["id"] == "C-REM-DMZ" && row["requirement"] == "SR 5.2 RE(1)"));
    assert!(due.iter().all(|row| row["id"] != "C-U1-UTL"), "what is not affected is not due");
    let rules = texts(&change["findings_gone"], "rule");
    assert!(rules.contains(&"firewall/any-any".to_owned()), "{rules:?}");
    assert_eq!(ran.stdout, run_in(folder.path(), &[&words[..], &["--format", "json"]].concat()).stdout);

    let ran = run_in(folder.path(), &[&words[..], &["--record", "record.html"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("Observed traffic that is cut off (1)"), "{}", ran.stdout);
    let record = std::fs::read_to_string(folder.path().join("record.html")).unwrap();
    assert!(
        record.contains("Head of packaging") && !record.contains("src=") && !record.contains("href="),
        "it fetches nothing"
    );
}

#[test]
fn a_state_is_the_same_as_itself() {
    let plant = project().join("examples/waterworks");
    let plant = plant.to_str().unwrap();
    let ran = run_in(Path::new("."), &["diff", plant, plant, "--as-of", AS_OF, "--fail-on", "any"]);
    assert_eq!((ran.code, ran.stdout.trim()), (0, "Both states of the plant say the same."));
}

#[test]
fn two_configurations_are_compared_too() {
    let folder = tempfile::tempdir().unwrap();
    let one = "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -p tcp --dport 22 -j ACCEPT\nCOMMIT\n";
    std::fs::write(folder.path().join("a.v4"), one).unwrap();
    std::fs::write(folder.path().join("b.v4"), one.replace("22", "23")).unwrap();
    let ran = run_in(folder.path(), &["diff", "a.v4", "b.v4", "--format", "json"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let document = ran.json();
    assert_eq!(document["format"], "zonewright-difference/1");
    let ports = |list: &str| document[list][0]["ports"].to_string();
    assert!(ports("closed").contains("22") && ports("opened").contains("23"), "{document}");
}
