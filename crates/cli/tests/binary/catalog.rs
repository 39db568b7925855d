//! `zonewright catalog`: the counts that the standard holds, the shapes that scripts read, and what is said to a wrong word.

use crate::{project, run_in};
use serde_json::Value;

fn document(words: &[&str]) -> Value {
    let words: Vec<&str> = ["catalog"].iter().chain(words).copied().chain(["--format", "json"]).collect();
    let ran = run_in(&project(), &words);
    assert_eq!(ran.code, 0, "{}: {}", ran.words, ran.stderr);
    assert!(ran.stdout.starts_with("{\n  \"format\": \"zonewright-catalog/1\",\n  \"zonewright\": \""));
    ran.json()
}

fn text(words: &[&str]) -> String {
    let words: Vec<&str> = ["catalog"].iter().chain(words).copied().collect();
    let ran = run_in(&project(), &words);
    assert_eq!(ran.code, 0, "{}: {}", ran.words, ran.stderr);
    ran.stdout
}

fn count(words: &[&str]) -> usize {
    let words: Vec<&str> = ["list"].iter().chain(words).copied().collect();
    let document = document(&words);
    let rows = document.get("requirements").and_then(Value::as_array).unwrap();
    assert_eq!(document.get("count"), Some(&Value::from(rows.len())));
    rows.len()
}

#[test]
fn lists_count_what_the_standard_counts() {
    for (level, wanted) in [("1", 37), ("2", 60), ("3", 90), ("4", 100)] {
        assert_eq!(count(&["--standard", "62443-3-3", "--level", level]), wanted);
    }
    for (component, wanted) in [
        ("software-application", [34, 53, 67, 73]),
        ("embedded-device", [36, 61, 77, 83]),
        ("host-device", [36, 62, 78, 84]),
        ("network-device", [40, 67, 86, 92]),
    ] {
        for (level, wanted) in ["1", "2", "3", "4"].iter().zip(wanted) {
            let words = ["--standard", "4-2", "--component-type", component, "--level", level];
            assert_eq!(count(&words), wanted, "{component} {level}");
        }
    }
    for (standard, wanted) in
        [("4-1", 47), ("2-1", 87), ("IEC 62443-2-4", 123), ("3-2", 32), ("2-3", 47), ("4-2", 141)]
    {
        assert_eq!(count(&["--standard", standard]), wanted, "{standard}");
    }
}

#[test]
fn common_constraints_are_counted_apart_where_a_level_is_asked() {
    let list =
        document(&["list", "--standard", "62443-4-2", "--level", "1", "--component-type", "host-device"]);
    assert_eq!(list["common_constraints"].as_array().unwrap().len(), 4);
    assert_eq!(list["common_constraints"][0]["id"], "CCSC 1");
    assert_eq!(list["common_constraints"][0]["sl"], Value::Null);
    let said = text(&["list", "--standard", "62443-4-2", "--level", "1", "--component-type", "host-device"]);
    assert!(said.starts_with(
        "36 requirements of 62443-4-2 for component type host-device, asked up to SL 1 (cumulative)"
    ));
    assert!(said.contains("counted apart: CCSC 1 Support of essential functions;"), "{said}");
}

#[test]
fn a_requirement_is_shown_as_the_interfaces_say() {
    let shown = document(&["show", "SR 5.2 RE 1", "NDR 5.2", "SM-9"]);
    let rows = shown["requirements"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!((&rows[0]["id"], &rows[0]["parent"]), (&Value::from("SR 5.2 RE(1)"), &Value::from("SR 5.2")));
    assert_eq!((&rows[0]["fr"], &rows[0]["sl"]), (&Value::from(5), &Value::from(2)));
    assert_eq!(rows[0]["conduit"]["applies"], true);
    assert_eq!(rows[1]["sl"]["network-device"], 1);
    assert_eq!(rows[1]["sl"]["host-device"], Value::Null);
    assert_eq!(rows[2]["standard"], "62443-4-1");
    assert!(rows[2]["practice"].is_string() && rows[2].get("fr").is_none());
    for row in rows {
        for key in ["standard", "id", "parent", "title", "text", "sl", "crosswalk"] {
            assert!(row.get(key).is_some(), "{key} of {}", row["id"]);
        }
        for line in row["crosswalk"].as_array().unwrap() {
            for key in ["regime", "ref", "relation", "source"] {
                assert!(line[key].is_string(), "{key}: {line}");
            }
        }
    }
    assert!(!rows[2]["crosswalk"].as_array().unwrap().is_empty());
}

#[test]
fn a_common_misreading_is_shown_where_it_misleads() {
    let said = text(&["show", "SR 1.1 RE(2)"]);
    assert!(said.contains("asked from SL 3 on"));
    assert!(said.contains("Multi-factor authentication is asked from SL 2 on."), "{said}");
    let said = text(&["show", "SR 1.8"]);
    assert!(
        said.contains("15 of the 51 system requirements") || said.contains("different lowest levels"),
        "{said}"
    );
}

#[test]
fn a_reader_learns_which_parts_concern_them() {
    let parts = |role: &str| -> Vec<String> {
        let series = document(&["series", "--role", role]);
        let parts = series["parts"].as_array().unwrap();
        parts.iter().map(|part| part["part"].as_str().unwrap().to_string()).collect()
    };
    assert!(parts("product-supplier").contains(&"4-1".to_string()));
    assert!(!parts("product-supplier").contains(&"2-4".to_string()));
    assert!(parts("maintenance-service-provider").contains(&"2-4".to_string()));
    assert_eq!(document(&["series"])["parts"].as_array().unwrap().len(), 19);
    assert!(text(&["series"]).contains("“1-5 is about safety systems.”"));
}

#[test]
fn the_crosswalk_keeps_what_others_published_apart() {
    let all = document(&["crosswalk"]);
    assert_eq!(all["count"], 2532);
    let some = document(&["crosswalk", "--from", "SR 1.1", "--regime", "csf-2.0"]);
    let rows = some["crosswalk"].as_array().unwrap();
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row["id"] == "SR 1.1" && row["regime"] == "CSF-2.0"));
    assert!(rows.iter().all(|row| row["published"] == (row["source"] != "own judgement")));
    let said = text(&["crosswalk", "--from", "SR 1.1"]);
    let (published, own) = said.split_once("Our own judgement, proposed").unwrap();
    assert!(published.contains("official mapping") && !published.contains("(subset, proposed"));
    assert!(own.contains("proposed") && !own.contains("official mapping"));
    let to = document(&["crosswalk", "--to", "21(2)(j)", "--standard", "3-3"]);
    assert!(to["crosswalk"].as_array().unwrap().iter().all(|row| row["ref"] == "21(2)(j)"));
}

#[test]
fn a_profile_selects_from_a_file_or_a_sample() {
    let folder = tempfile::tempdir().unwrap();
    let sample = text(&["profile", "small-water-utility"]);
    std::fs::write(folder.path().join("mine.toml"), &sample).unwrap();
    let listed = |profile: &str| {
        let words = ["catalog", "list", "--standard", "3-3", "--profile", profile, "--format", "json"];
        let ran = run_in(folder.path(), &words);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.words);
        ran.json()
    };
    assert_eq!(listed("mine.toml"), listed("small-water-utility"));
    let ids: Vec<String> = listed("mine.toml")["requirements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_string())
        .collect();
    assert!(ids.contains(&"SR 1.1 RE(2)".to_string()) && !ids.contains(&"SR 1.6".to_string()));

    std::fs::write(folder.path().join("bad.toml"), sample.replace("\"SR 1.6\"", "\"SR 1.16\"")).unwrap();
    let ran = run_in(folder.path(), &["catalog", "list", "--profile", "bad.toml"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("profile/unknown-requirement") && ran.stderr.contains("did you mean `SR 1.13`?")
    );
    assert_eq!(ran.stdout, "");
    for (bytes, said) in [(&b"\xff\xfe"[..], "UTF-8"), (b"", "profile/missing-key")] {
        std::fs::write(folder.path().join("none.toml"), bytes).unwrap();
        let ran = run_in(folder.path(), &["catalog", "list", "--profile", "none.toml"]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
}

#[test]
fn a_wrong_word_is_wrong_usage_and_the_nearest_is_named() {
    for (words, said) in [
        (&["show", "SR 1.14"][..], "did you mean `SR 1.13`?"),
        (&["show", "SR 1.1", "SRR 5.2"], "did you mean `SR 5.2`?"),
        (&["show", "everything"], "catalog list"),
        (&["show"], "ID"),
        (&["list", "--standard", "3-4"], "62443-3-3"),
        (&["list", "--level", "5"], "0 to 4"),
        (&["list", "--fr", "8"], "1 to 7"),
        (&["list", "--component-type", "host"], "host-device"),
        (&["list", "--role", "asset owner"], "did you mean `asset-owner`?"),
        (&["list", "--profile", "small-water-utilities"], "did you mean `small-water-utility`?"),
        (&["crosswalk", "--regime", "CSF"], "CSF-2.0"),
        (&["crosswalk", "--to", "21(2)(z)"], "did you mean"),
        (&["crosswalk", "--from", "SR 1.1", "--standard", "3-3"], "cannot be used with"),
        (&["profile", "nothing"], "lists them all"),
    ] {
        let words: Vec<&str> = ["catalog"].iter().chain(words).copied().collect();
        let ran = run_in(&project(), &words);
        assert_eq!(ran.code, 3, "{}: {}", ran.words, ran.stderr);
        assert!(ran.stderr.contains(said), "{}: {}", ran.words, ran.stderr);
        assert_eq!(ran.stdout, "", "{}", ran.words);
    }
}

#[test]
fn the_same_question_gives_the_same_bytes_and_can_go_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["catalog", "list", "--conduit", "--format", "json"];
    let (a, b) = (run_in(folder.path(), &words), run_in(folder.path(), &words));
    assert!(a.stdout == b.stdout && a.json()["count"].as_u64().unwrap() > 90);
    let to_file: Vec<&str> = words.iter().copied().chain(["--output", "list.json"]).collect();
    let ran = run_in(folder.path(), &to_file);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    assert!(std::fs::read_to_string(folder.path().join("list.json")).unwrap() == a.stdout);
}
