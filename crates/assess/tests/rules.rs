//! Each rule over the model: one plant that fires, one that nearly does. A case is a folder `rules/AREA/SLUG`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;
use zonewright_assess::rules;
use zonewright_plant::text;
use zonewright_source::SourceText;

const AS_OF: jiff::civil::Date = jiff::civil::date(2026, 1, 15);

fn found(case: &Path) -> BTreeSet<&'static str> {
    let source = SourceText::new("plant.toml", std::fs::read_to_string(case).unwrap());
    let read = text::read(&[source]);
    assert!(!read.has_errors(), "{}: {:#?}", case.display(), read.diagnostics);
    rules::check(&read.plant, AS_OF).iter().map(|finding| finding.rule).collect()
}

#[test]
fn each_rule_fires_where_it_should_and_not_where_it_nearly_does() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
    let mut covered = BTreeSet::new();
    for area in std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()) {
        for case in std::fs::read_dir(&area).unwrap().map(|entry| entry.unwrap().path()) {
            let code = case.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
            let fires = found(&case.join("fires.toml"));
            assert_eq!(fires, BTreeSet::from([code.as_str()]), "{code}/fires.toml");
            let nearly = found(&case.join("nearly.toml"));
            assert_eq!(nearly, BTreeSet::new(), "{code}/nearly.toml");
            covered.insert(code);
        }
    }
    let model_rules: BTreeSet<String> = rules::of_the_model().map(|rule| rule.code.to_string()).collect();
    assert_eq!(covered, model_rules, "each rule over the model has a case");
}
