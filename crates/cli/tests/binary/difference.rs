//! `zonewright diff`: observations as documents, captures and logs, and what is not compared.

use crate::{example, run_in};

#[test]
fn an_observation_and_its_captures_show_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let capture = example().join("evidence/z-rem.pcap");
    let capture = capture.to_str().unwrap();
    let ran = run_in(folder.path(), &["observe", capture, "--format", "json", "--output", "before.json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ran = run_in(folder.path(), &["diff", "before.json", capture, "--fail-on", "any"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("Both show the same assets, flows and functions."), "{}", ran.stdout);
    let ran = run_in(folder.path(), &["diff", "before.json", capture, "--format", "json"]);
    assert!(ran.stdout.starts_with("{\n  \"format\": \"zonewright-difference/1\""), "{}", ran.stdout);
    assert_eq!(ran.json()["same"], true);
}

#[test]
fn what_is_new_gone_and_changed_is_told() {
    let folder = example();
    let words = ["diff", "evidence/z-rem.pcap", "evidence/z-dmz.pcap", "--format", "json"];
    let ran = run_in(&folder, &words);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let document = ran.json();
    assert_eq!((&document["same"], &document["kind"]), (&false.into(), &"observation".into()));
    let ids = |key: &str| -> Vec<String> {
        let list = document["flows"][key].as_array().unwrap();
        list.iter().map(|flow| flow["id"].as_str().unwrap().to_owned()).collect()
    };
    let (new, gone) = (ids("new"), ids("gone"));
    assert!(!new.is_empty() && new.is_sorted() && gone.is_sorted(), "{new:?} {gone:?}");
    // Turned round, what is new is gone.
    let back =
        run_in(&folder, &["diff", "evidence/z-dmz.pcap", "evidence/z-rem.pcap", "--format", "json"]).json();
    assert_eq!(back["flows"]["new"].as_array().unwrap().len(), gone.len());
    assert_eq!(back["flows"]["gone"].as_array().unwrap().len(), new.len());
    assert_eq!(run_in(&folder, &[&words[..3], &["--fail-on", "new"]].concat()).code, 1);
    let text = run_in(&folder, &words[..3]).stdout;
    assert!(text.contains("Flows new (") && text.contains("Next: `zonewright verify"), "{text}");
}

#[test]
fn what_is_not_compared_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    put("verification.json", "{ \"format\": \"zonewright-verification/1\" }");
    put("notes.txt", "taken on Tuesday");
    put("cut.json", "{ \"format\": \"zonewright-observation/1\", \"captures\": [");
    let capture = example().join("evidence/z-rem.pcap");
    let capture = capture.to_str().unwrap();
    let plant = example();
    for (argument, code, words) in [
        ("verification.json", 3, "is a document `zonewright-verification/1`"),
        ("notes.txt", 3, "is none of what is compared"),
        (plant.to_str().unwrap(), 3, "is a workspace"),
        ("cut.json", 2, "is cut or damaged"),
        ("missing.json", 2, "cannot read `missing.json`"),
    ] {
        for both in [[argument, capture], [capture, argument]] {
            let ran = run_in(folder.path(), &["diff", both[0], both[1]]);
            assert_eq!(ran.code, code, "{argument}: {}", ran.stderr);
            assert!(ran.stderr.contains(words), "{argument}: {}", ran.stderr);
        }
    }
}
