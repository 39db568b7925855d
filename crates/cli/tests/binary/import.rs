//! `zonewright import` as its users meet it: a preview that writes nothing, one step that writes, a second one with nothing
//! left to do, conflicts, and refusals that leave everything as it was.

use crate::{Ran, example, run_in};
use std::collections::BTreeMap;
use std::path::Path;

/// A copy of the example's model, and files to import beside it.
fn workspace(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("w")).unwrap();
    for entry in std::fs::read_dir(example()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "toml" || end == "csv") {
            std::fs::copy(&path, folder.path().join("w").join(path.file_name().unwrap())).unwrap();
        }
    }
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Every text of the workspace.
fn texts(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder.join("w")).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.is_file());
    files
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(&path).unwrap(),
            )
        })
        .collect()
}

fn import(folder: &Path, more: &[&str]) -> Ran {
    run_in(folder, &["import", "w"].iter().chain(more).copied().collect::<Vec<_>>())
}

const LIST: &str = "Tag,IP Address,Manufacturer,Firmware,End of support,Zone\n\
                    plc-a1,10.20.41.11,Weirtech,3.21,2031-06-30,Z-CTL-A\n\
                    rio-a2,10.20.41.16,Tellwright Instruments,1.4,,Z-CTL-A\n\
                    Pump 7,10.20.42.14,,,,\n";

#[test]
fn the_workspace_s_own_list_is_the_same_in_every_row() {
    let folder = workspace(&[]);
    let ran = import(folder.path(), &["w/assets.csv", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let document = ran.json();
    let assets = document["assets"].as_array().unwrap();
    assert!(assets.len() > 40 && assets.iter().all(|asset| asset["state"] == "same"), "{document:#}");
    assert!(document["changed"].as_array().unwrap().is_empty());
}

#[test]
fn a_preview_writes_nothing_and_an_import_is_one_step() {
    let folder = workspace(&[("list.csv", LIST)]);
    let before = texts(folder.path());
    let preview = import(folder.path(), &["list.csv"]);
    assert_eq!(preview.code, 0, "{}", preview.stderr);
    for words in [
        "1 new, 1 changed, 0 conflicting, 1 the same",
        "end_of_support: 2031-06-30 (was empty)",
        "version: stays 3.20; the file says 3.21",
        "Nothing was written; add --apply",
    ] {
        assert!(preview.stdout.contains(words), "{words}: {}", preview.stdout);
    }
    assert_eq!(texts(folder.path()), before);
    let applied = import(folder.path(), &["list.csv", "--apply"]);
    assert_eq!(applied.code, 0, "{}", applied.stderr);
    let after = texts(folder.path());
    let csv = &after["assets.csv"];
    assert!(csv.lines().any(|line| line.starts_with("rio-a2,") && line.contains("true")), "proposed: {csv}");
    assert!(csv.lines().any(|line| line.starts_with("plc-a1,") && line.contains("2031-06-30")), "{csv}");
    // Everything else is as it was, row by row.
    for (old, new) in before["assets.csv"].lines().skip(1).zip(csv.lines().skip(1)) {
        assert!(new.starts_with(old), "{old}\n{new}");
    }
    assert_eq!(run_in(folder.path(), &["check", "w", "--fail-on", "never"]).code, 0);
    // A second time there is nothing to do.
    let again = import(folder.path(), &["list.csv", "--apply"]);
    assert!(again.stdout.contains("Nothing to do"), "{}", again.stdout);
    assert_eq!(texts(folder.path()), after);
    // With --overwrite the conflict goes, and then there is nothing to do again.
    let forced = import(folder.path(), &["list.csv", "--apply", "--overwrite"]);
    assert!(forced.stdout.contains("version: 3.20 → 3.21"), "{}", forced.stdout);
    let again = import(folder.path(), &["list.csv", "--apply", "--overwrite"]);
    assert!(again.stdout.contains("0 new, 0 changed, 0 conflicting, 3 the same"), "{}", again.stdout);
    // Both steps are taken back.
    for _ in 0..2 {
        assert_eq!(run_in(folder.path(), &["review", "w", "undo"]).code, 0);
    }
    assert_eq!(texts(folder.path()), before);
}

#[test]
fn a_workspace_without_a_list_gets_one() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("list.csv"), "name,ip,owner\npump,10.0.0.1,nobody\n").unwrap();
    assert_eq!(run_in(folder.path(), &["init", "w"]).code, 0);
    let ran = import(folder.path(), &["list.csv", "--apply", "--accept"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("there is no role `nobody`"), "{}", ran.stdout);
    let csv = texts(folder.path())["assets.csv"].clone();
    assert!(csv.contains("pump") && !csv.contains("proposed"), "{csv}");
    assert!(import(folder.path(), &["list.csv"]).stdout.contains("Nothing to do"));
}

#[test]
fn what_cannot_be_read_leaves_everything_as_it_was() {
    let folder = workspace(&[("good.csv", LIST), ("bad.csv", "color,size\nred,1\n"), ("empty.csv", "")]);
    let before = texts(folder.path());
    let refused = |words: &[&str], code: i32, said: &str| {
        let ran = import(folder.path(), words);
        assert_eq!(ran.code, code, "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
        assert_eq!(texts(folder.path()), before);
    };
    refused(&["good.csv", "bad.csv", "--apply"], 2, "`bad.csv` was not read");
    refused(&["good.csv", "empty.csv", "--apply"], 2, "it is empty");
    refused(&["none.csv", "--apply"], 2, "none.csv");
    refused(&["good.csv", "--column", "ips=Adress", "--apply"], 3, "no list has a column `Adress`");
    refused(&["good.csv", "--column", "colour=Tag"], 3, "no column mapping");
    refused(&["good.csv", "--zone", "Z-CTL-C"], 3, "did you mean `Z-CTL-A`?");
    refused(&["good.csv", "--sheet", "A", "--apply"], 2, "no sheets");
    std::fs::write(folder.path().join("w/broken.toml"), "[[asset]\n").unwrap();
    let ran = import(folder.path(), &["good.csv", "--apply"]);
    assert!(ran.code == 2 && ran.stderr.contains("mend them first"), "{}", ran.stderr);
}

#[test]
fn start_says_that_no_list_has_the_column() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("list.csv"), "Tag,IP\nx,10.0.0.1\n").unwrap();
    let ran = run_in(folder.path(), &["start", ".", "--column", "ips=Adress"]);
    assert!(ran.code == 3 && ran.stderr.contains("`Tag`, `IP`"), "{}{}", ran.stdout, ran.stderr);
    assert!(!folder.path().join("workspace").exists());
}

/// A sample of the workbench's own tests.
fn sample(name: &str) -> String {
    let path = crate::project().join("crates/workbench/src/import/tests/samples").join(name);
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn scans_and_netbox_files_are_told_by_their_content() {
    let files = [
        ("a.xml", sample("hall.nmap.xml")),
        ("b.json", sample("devices-v4.json")),
        ("c.json", sample("interfaces-v4.json")),
        ("d.json", sample("ip-addresses.json")),
    ];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let folder = workspace(&files);
    let words = ["a.xml", "b.json", "c.json", "d.json", "--format", "json", "--apply"];
    let document = import(folder.path(), &words).json();
    let kinds: Vec<&str> =
        document["files"].as_array().unwrap().iter().map(|file| file["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["nmap", "netbox", "netbox", "netbox"]);
    let states: Vec<String> = document["assets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|asset| format!("{} {} {}", asset["id"], asset["state"], asset["matched_by"]))
        .collect();
    let by = "address 10.20.41.11 and MAC address 02:57:57:00:04:0b";
    assert_eq!(states[0], format!("\"plc-a1\" \"changed\" \"{by}\""));
    assert_eq!(states[2], "\"sw-a\" \"changed\" \"id\"");
    let again = import(folder.path(), &words);
    assert!(again.json()["changed"].as_array().unwrap().is_empty(), "{}", again.stdout);
    let ran = import(folder.path(), &["a.xml", "--kind", "netbox"]);
    assert!(ran.code == 2 && ran.stderr.contains("it is of kind nmap"), "{}", ran.stderr);
}

#[test]
fn the_bill_of_an_asset_is_kept_with_the_workspace() {
    let bill = sample("plc.cdx.json");
    let folder = workspace(&[("bom.json", &bill)]);
    let words = ["bom.json", "--asset", "plc-a1", "--apply"];
    let ran = import(folder.path(), &words);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("sbom: evidence/bom.json (was empty)"), "{}", ran.stdout);
    let kept = folder.path().join("w/evidence/bom.json");
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), bill);
    let again = import(folder.path(), &words);
    assert!(again.stdout.contains("Nothing to do"), "{}", again.stdout);
    // Another bill of the same name stands beside it, and takes its place only when told to.
    std::fs::write(folder.path().join("bom.json"), bill.replace("TinyRT", "OtherRT")).unwrap();
    let ran = import(folder.path(), &words);
    assert!(ran.stdout.contains("sbom: stays evidence/bom.json"), "{}", ran.stdout);
    assert_eq!(std::fs::read_dir(folder.path().join("w/evidence")).unwrap().count(), 1);
    let ran = import(folder.path(), &["bom.json", "--asset", "plc-a1", "--apply", "--overwrite"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(std::fs::read_dir(folder.path().join("w/evidence")).unwrap().count(), 2);
    let ran = import(folder.path(), &["bom.json", "--asset", "plc-a9"]);
    assert!(ran.code == 3 && ran.stderr.contains("did you mean"), "{}", ran.stderr);
}

#[test]
fn a_netbox_that_is_not_there_or_not_safe_is_told() {
    let folder = workspace(&[("token", "abc\n"), ("bad", "two words\n")]);
    let refused = |words: &[&str], code: i32, said: &str| {
        let ran = import(folder.path(), words);
        assert!(ran.code == code && ran.stderr.contains(said), "{said}: {} {}", ran.code, ran.stderr);
        assert!(!ran.stderr.contains("abc"));
    };
    refused(&["--netbox", "http://127.0.0.1:9/", "--token-file", "token"], 3, "--insecure-http");
    refused(&["--netbox", "https://127.0.0.1:9/", "--token-file", "token"], 2, "could not be asked");
    refused(&["--netbox", "https://127.0.0.1:9/", "--token-file", "none"], 3, "cannot read");
    refused(&["--netbox", "https://127.0.0.1:9/", "--token-file", "bad"], 3, "the token is none");
    refused(&["--netbox", "https://127.0.0.1:9/", "--ca-file", "token"], 3, "no certificate");
    refused(&[], 3, "required");
}
