//! What is generated from the specification is committed fresh: `ZONEWRIGHT_BLESS=1` writes it anew.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};
use zonewright_plant::text::spec::{Kind, Type};
use zonewright_plant::text::{KINDS, reference, schema};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference")
}

fn check_fresh(path: &Path, wanted: &str) {
    if std::env::var_os("ZONEWRIGHT_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, wanted).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == wanted, "{} is stale: run the test with ZONEWRIGHT_BLESS=1", path.display());
}

#[test]
fn the_reference_page_is_fresh() {
    check_fresh(&docs().join("workspace.md"), &reference::page());
}

#[test]
fn the_schema_is_fresh() {
    let text = format!("{}\n", serde_json::to_string_pretty(&schema::workspace()).unwrap());
    check_fresh(&docs().join("schema").join(schema::FILE), &text);
}

/// The keys that a schema has for a kind are those of the specification, down to the parts.
fn check_keys(kind: &'static Kind, schema: &serde_json::Value) {
    let properties = schema["properties"].as_object().unwrap();
    let keys: Vec<&str> = kind.all_keys().map(|key| key.name).collect();
    assert_eq!(properties.len(), keys.len(), "{}", kind.header);
    for key in kind.all_keys() {
        let property = &properties[key.name];
        assert!(
            property["description"].as_str().is_some_and(|text| !text.is_empty()),
            "{} {}",
            kind.header,
            key.name
        );
        match key.ty {
            Type::Part(part) => check_keys(part, property),
            Type::List(Type::Part(part)) => check_keys(part, &property["items"]),
            _ => {}
        }
    }
}

#[test]
fn the_schema_has_every_key_and_refers_to_nothing() {
    let whole = schema::workspace();
    for kind in KINDS.iter().filter(|kind| !kind.header.contains('.')) {
        let property = &whole["properties"][kind.name];
        check_keys(kind, if kind.header.starts_with("[[") { &property["items"] } else { property });
        check_keys(kind, &schema::json(kind.name).unwrap());
    }
    assert!(!whole.to_string().contains("$ref"));
    assert_eq!(schema::json("zonne"), None);
}

#[test]
fn every_kind_and_key_is_described_in_a_sentence() {
    for kind in KINDS {
        assert!(kind.doc.ends_with('.'), "{}", kind.header);
        for key in kind.all_keys() {
            assert!(key.doc.ends_with(['.', '?', '…']), "{} {}: {}", kind.header, key.name, key.doc);
        }
    }
}
