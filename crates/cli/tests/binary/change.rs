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

#[test]
fn each_owner_sees_what_to_decide() {
    let plant = project().join("examples/waterworks");
    let folder = tempfile::tempdir().unwrap();
    let sheets = folder.path().join("sheets.html");
    let words =
        ["recertify", ".", "--as-of", AS_OF, "--format", "json", "--output", sheets.to_str().unwrap()];
    let ran = run_in(&plant, &words);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let document = ran.json();
    assert_eq!(document["format"], "zonewright-recertification/1");
    let permits: Vec<&Value> = document["owners"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|owner| owner["permits"].as_array().unwrap())
        .collect();
    let advice =
        |id: &str| permits.iter().find(|row| row["permit"] == id).unwrap()["advice"].as_str().unwrap();
    assert_eq!(advice("P-COMMISSION"), "ended");
    assert_eq!(advice("P-ORDERS"), "stopped");
    assert_eq!(advice("P-DRIVE-B"), "unused");
    assert_eq!(advice("P-JUMP"), "keep");
    assert!(
        permits.iter().all(|row| !row["rules"].as_array().unwrap().is_empty()),
        "each is passed or stopped by a line"
    );
    assert!(std::fs::read_to_string(sheets).unwrap().contains("P-DRIVE-B"));
    let ran = run_in(&plant, &["recertify", ".", "--as-of", AS_OF, "--owner", "automatoin"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("did you mean `automation`"), "{}", ran.stderr);
}

#[test]
fn rules_of_devices_are_set_beside_permits_and_traffic() {
    let plant = project().join("examples/waterworks");
    let document =
        run_in(&plant, &["verify", ".", "--as-of", AS_OF, "--format", "json", "--fail-on", "never"]).json();
    let rule = |name: &str| -> &Value {
        document["rules"].as_array().unwrap().iter().find(|rule| rule["comment"] == name).unwrap()
    };
    assert_eq!(rule("P-SCADA-A")["permits"], serde_json::json!(["P-SCADA-A"]));
    assert_eq!((&rule("P-SCADA-A")["seen"], &rule("P-SCADA-A")["proposal"]), (&2.into(), &Value::Null));
    assert_eq!(rule("P-DRIVE-B")["last_seen"], Value::Null);
    assert!(rule("temporary, historian migration")["proposal"].as_str().unwrap().starts_with("remove it"));
    assert!(
        rule("controller default ntp")["proposal"].as_str().unwrap().starts_with("declare what passes by it")
    );
}

#[test]
fn a_configuration_alone_is_reviewed_and_its_secrets_are_not_shown() {
    let plant = project().join("examples/waterworks");
    let document =
        run_in(&plant, &["firewall", "check", "evidence/fw-1.nft", "--as-of", AS_OF, "--format", "json"])
            .json();
    assert_eq!(document["format"], "zonewright-check/1");
    let rules: Vec<&str> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    assert_eq!(rules, ["firewall/any-any", "firewall/redundant", "firewall/redundant"]);
    assert_eq!(document["unjudged_rules"], 0);
}
