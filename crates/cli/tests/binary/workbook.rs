//! Workbooks and answers as their users meet them: written, read back, compared, applied, undone.

use crate::{example, run_in};

const AS_OF: &str = "2026-06-01";

/// A copy of the example's model.
fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("w")).unwrap();
    for entry in std::fs::read_dir(example()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "toml" || end == "csv") {
            std::fs::copy(&path, folder.path().join("w").join(path.file_name().unwrap())).unwrap();
        }
    }
    folder
}

#[test]
fn a_workbook_that_nobody_touched_is_no_difference() {
    let folder = workspace();
    let folder = folder.path();
    for (name, arguments) in [
        ("a.xlsx", ["workbook", "w", "--as-of", AS_OF, "--output"]),
        ("b.xlsx", ["workbook", "w", "--as-of", AS_OF, "--output"]),
        ("pack.xlsx", ["ask", "w", "--as-of", AS_OF, "--xlsx"]),
    ] {
        let ran = run_in(folder, &arguments.into_iter().chain([name]).collect::<Vec<_>>());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("zonewright import w {name}")), "{}", ran.stderr);
    }
    let bytes = |name: &str| std::fs::read(folder.join(name)).unwrap();
    assert_eq!(bytes("a.xlsx"), bytes("b.xlsx"));
    for name in ["a.xlsx", "pack.xlsx"] {
        let ran = run_in(folder, &["import", "w", name, "--apply", "--format", "json"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let document = ran.json();
        assert_eq!(document["format"], "zonewright-answers-import/1");
        assert!(document["files"][0]["rows"].as_u64().unwrap() > 100, "{document:#}");
        assert!(document["answers"].as_array().unwrap().is_empty() && document["applied"] == false);
    }
    let mixed = run_in(folder, &["import", "w", "a.xlsx", "w/assets.csv"]);
    assert_eq!(mixed.code, 3, "{}", mixed.stderr);
}

#[test]
fn answers_are_shown_then_written_then_undone() {
    let folder = workspace();
    let folder = folder.path();
    let plant = run_in(folder, &["ask", "w", "--as-of", AS_OF, "--format", "json"]).json()["plant"].clone();
    let save = |answers: serde_json::Value| {
        let page =
            serde_json::json!({ "format": "zonewright-answers/1", "plant": plant, "answers": answers });
        std::fs::write(folder.join("answers.json"), page.to_string()).unwrap();
    };
    let import = |more: &[&str]| {
        run_in(folder, &["import", "w", "answers.json"].iter().chain(more).copied().collect::<Vec<_>>())
    };
    save(serde_json::json!([{ "id": "zone/Z-SIS/SR 1.1", "answer": "met", "rationale": "badge readers" }]));
    let shown = import(&[]);
    assert!(shown.code == 0 && shown.stdout.contains("New (1)"), "{}", shown.stdout);
    // The claim goes to the file that holds claims already.
    let statements = || std::fs::read_to_string(folder.join("w/statements.toml")).unwrap();
    let before = statements();
    assert!(shown.stdout.contains("add --apply"), "{}", shown.stdout);
    assert!(import(&["--apply"]).stdout.contains("Written: statements.toml"));
    assert!(statements().contains("badge readers"));
    assert!(import(&["--apply"]).stdout.contains("Nothing to do"));
    assert_eq!(run_in(folder, &["review", "w", "undo"]).code, 0);
    assert_eq!(statements(), before);

    save(serde_json::json!([{ "id": "zone/Z-SIS/SR 1.1", "answer": "met", "rationale": "badge readers" },
                            { "id": "zone/Z-SIX/SR 1.2", "answer": "no" }]));
    let refused = import(&["--apply"]);
    assert_eq!(refused.code, 2, "{}", refused.stdout);
    assert!(refused.stdout.contains("did you mean `Z-SIS`?"), "{}", refused.stdout);
    assert_eq!(statements(), before);
    std::fs::write(
        folder.join("answers.json"),
        "{\"format\":\"zonewright-answers/1\",\"plant\":\"other\",\"answers\":[]}",
    )
    .unwrap();
    assert_eq!(import(&["--apply"]).code, 2);
}
