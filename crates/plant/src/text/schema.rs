//! JSON Schemas for editors (Taplo, Tombi, Even Better TOML), made from the specification.
//!
//! Draft 7, which all of them read; definitions are written out where they are used, since not every editor follows `$ref`.

use super::kinds::KINDS;
use super::limit;
use super::spec::{Key, Kind, Target, Type, VERSION};
use super::write::is_top_level;
use serde_json::{Map, Value, json};

/// Where the schema of a file of a workspace stands, relative to the documentation.
pub const FILE: &str = "workspace-1.json";

/// The schema of a TOML file of a workspace: any record of any kind.
#[must_use]
pub fn workspace() -> Value {
    let mut properties = Map::new();
    properties.insert(
        "workspace".into(),
        json!({ "type": "integer", "minimum": 1, "maximum": VERSION, "description": "The version of Workspace that the file is written in." }),
    );
    for kind in KINDS.iter().filter(|kind| is_top_level(kind)) {
        let one = of_kind(kind);
        let schema =
            if kind.header.starts_with("[[") { json!({ "type": "array", "items": one }) } else { one };
        properties.insert(kind.name.into(), schema);
    }
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": format!("Zonewright Workspace/{VERSION}"),
        "description": "A file of a plant: records of any kind. Ids refer to records in any file of the workspace.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

/// The schema of one kind of record; nothing if there is no such kind.
#[must_use]
pub fn json(kind: &str) -> Option<Value> {
    let kind = KINDS.iter().find(|k| k.name == kind)?;
    let mut schema = of_kind(kind);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("$schema".into(), json!("http://json-schema.org/draft-07/schema#"));
        schema.insert("title".into(), json!(kind.header));
    }
    Some(schema)
}

fn of_kind(kind: &'static Kind) -> Value {
    let mut properties = Map::new();
    for key in kind.all_keys() {
        properties.insert(key.name.into(), of_key(key));
    }
    // A part of the plant may stand in another file, where the plant's id is not repeated.
    let required: Vec<&str> =
        kind.all_keys().filter(|key| key.required && kind.name != "plant").map(|key| key.name).collect();
    let mut schema = json!({
        "type": "object",
        "description": described(kind.doc, kind.clause),
        "additionalProperties": false,
        "properties": properties,
    });
    if let Some(schema) = schema.as_object_mut().filter(|_| !required.is_empty()) {
        schema.insert("required".into(), json!(required));
    }
    schema
}

fn of_key(key: &'static Key) -> Value {
    let mut schema = of_type(&key.ty, key);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".into(), json!(described(key.doc, key.clause)));
    }
    schema
}

fn described(doc: &str, clause: &str) -> String {
    if clause.is_empty() { doc.to_string() } else { format!("{doc} ({clause})") }
}

fn of_type(ty: &Type, key: &'static Key) -> Value {
    match ty {
        Type::Text => json!({ "type": "string", "maxLength": limit::TEXT_CHARS_MAX }),
        Type::Id => json!({ "type": "string", "minLength": 1, "maxLength": limit::ID_CHARS_MAX }),
        Type::Bool => json!({ "type": "boolean" }),
        Type::Integer(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Type::Number => number(key),
        // TOML has dates of its own, which schemas for JSON do not know: editors take them for texts.
        Type::Date => json!({ "type": "string", "format": "date" }),
        Type::Timestamp => json!({ "type": "string", "format": "date-time" }),
        Type::Words(words) => {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let meanings: Vec<&str> = words.iter().map(|(_, meaning)| meaning.trim()).collect();
            json!({ "type": "string", "enum": names, "x-taplo": { "docs": { "enumValues": meanings } } })
        }
        Type::Reference(target) => {
            let prefixed = matches!(target, Target::Endpoint | Target::Subject);
            json!({ "type": "string", "minLength": 1, "maxLength": limit::ID_CHARS_MAX + if prefixed { 8 } else { 0 } })
        }
        Type::Address => json!({ "type": "string", "pattern": "^[0-9A-Fa-f:.]+(@.+)?$" }),
        Type::Mac => {
            json!({ "type": "string", "pattern": "^([0-9A-Fa-f]{2}[:-]?){5}[0-9A-Fa-f]{2}$|^([0-9A-Fa-f]{4}\\.){2}[0-9A-Fa-f]{4}$" })
        }
        Type::ZoneNetwork => {
            let network = json!({ "type": "string", "pattern": "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$" });
            let table = json!({
                "type": "object",
                "additionalProperties": false,
                "required": ["network"],
                "properties": {
                    "network": network,
                    "vlan": { "type": "integer", "minimum": 0, "maximum": 4094 },
                    "context": { "type": "string" },
                },
            });
            json!({ "anyOf": [network, table] })
        }
        Type::Ports => json!({ "anyOf": [
            { "type": "integer", "minimum": 0, "maximum": 65535 },
            { "type": "string", "pattern": "^[0-9]{1,5}(-[0-9]{1,5})?$" },
        ] }),
        Type::SlTarget => levels(&["derive-from-risk", "none"]),
        Type::SlVector => levels(&["none"]),
        Type::Requirement => json!({ "type": "string", "pattern": REQUIREMENT }),
        Type::Range => json!({ "type": "array", "minItems": 2, "maxItems": 2, "items": number(key) }),
        Type::List(inner) => {
            let list =
                json!({ "type": "array", "maxItems": limit::LIST_ITEMS_MAX, "items": of_type(inner, key) });
            if inner.is_scalar() { json!({ "anyOf": [list, of_type(inner, key)] }) } else { list }
        }
        Type::Map(names, values) => {
            let mut map = json!({ "type": "object", "additionalProperties": of_type(values, key) });
            if let (Type::Requirement, Some(map)) = (names, map.as_object_mut()) {
                map.insert("propertyNames".into(), json!({ "pattern": REQUIREMENT }));
            }
            map
        }
        Type::Part(kind) => of_kind(kind),
    }
}

const REQUIREMENT: &str = "^(SR|CR|EDR|HDR|NDR|SAR|ZCR) ?[0-9]+\\.[0-9]+( ?RE ?\\(?[0-9]+\\)?)?$";

fn number(key: &'static Key) -> Value {
    match key.range {
        Some((least, most)) if most < f64::MAX => {
            json!({ "type": "number", "minimum": least, "maximum": most })
        }
        Some((least, _)) => json!({ "type": "number", "minimum": least }),
        None => json!({ "type": "number" }),
    }
}

fn levels(words: &[&str]) -> Value {
    let level = json!({ "anyOf": [{ "type": "integer", "minimum": 0, "maximum": 4 }, { "type": "string", "enum": ["none"] }] });
    let fr = zonewright_catalog::Fr::ALL.iter().map(|fr| (fr.as_str().to_string(), level.clone()));
    json!({ "anyOf": [
        { "type": "integer", "minimum": 0, "maximum": 4 },
        { "type": "string", "enum": words },
        { "type": "array", "minItems": 7, "maxItems": 7, "items": level },
        { "type": "object", "additionalProperties": false, "properties": fr.collect::<Map<_, _>>() },
    ] })
}
