//! `zonewright-answers/1`: what the page of questions saves.

use super::{ANSWERS_FORMAT, Answers, Filled, MISREAD_MAX, Misread, Origin, ROWS_MAX, Row};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use zonewright_report::xlsx::layout::{Field, NoRowId, RowId};

/// Bytes at the beginning of a file that tell what it is.
const HEAD_BYTES: usize = 4096;

/// Is it a document of that format?
pub(super) fn is_answers(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let head = text.get(..text.len().min(HEAD_BYTES)).unwrap_or_default();
    text.starts_with(b"{") && String::from_utf8_lossy(head).contains("\"zonewright-answers/")
}

pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Answers, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| format!("it is JSON that is cut off or damaged: {error}"))?;
    match value.get("format").and_then(Value::as_str) {
        Some(ANSWERS_FORMAT) => {}
        Some(other) => return Err(format!("it is of format `{other}`: expected `{ANSWERS_FORMAT}`")),
        None => return Err(format!("it has no format: expected `{ANSWERS_FORMAT}`")),
    }
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(ToString::to_string);
    let Some(Value::Array(answers)) = value.get("answers") else {
        return Err("it has no list of `answers`".into());
    };
    if answers.len() > ROWS_MAX {
        return Err(format!("it has more than {ROWS_MAX} answers"));
    }
    let (mut rows, mut misread) = (Vec::new(), Vec::new());
    for (at, answer) in answers.iter().enumerate() {
        let place = format!("{file}, answer {}", at.saturating_add(1));
        match row(&place, answer) {
            Ok(row) if row.fields.is_empty() => {}
            Ok(row) => rows.push(row),
            Err(wrong) if misread.len() < MISREAD_MAX => misread.push(wrong),
            Err(_) => {}
        }
    }
    Ok(Answers {
        file: file.to_string(),
        origin: Origin::Page,
        plant: text("plant"),
        as_of: text("as_of"),
        rows_read: answers.len(),
        rows,
        records: Vec::new(),
        misread,
    })
}

fn row(place: &str, answer: &Value) -> Result<Row, Misread> {
    let Value::Object(answer) = answer else {
        return Err(Misread::new(place, "expected an object with `id` and `answer`"));
    };
    let id = answer.get("id").and_then(Value::as_str).unwrap_or_default();
    let id: RowId = id.parse().map_err(|NoRowId(why)| Misread::new(place, why))?;
    let mut fields = BTreeMap::new();
    for (key, value) in answer {
        if let Some(field) = field(key)
            && let Some(now) = said(place, key, value)?
        {
            fields.insert(field, Filled { now, was: None, place: place.to_string() });
        }
    }
    let row = Row { id, place: place.to_string(), fields };
    unknown(place, answer)?;
    Ok(row)
}

fn field(key: &str) -> Option<Field> {
    match key {
        "answer" => Some(Field::Status),
        "comment" => Some(Field::Comment),
        key => Field::ALL.into_iter().find(|field| field.key() == key && *field != Field::Status),
    }
}

/// What a key says; nothing where it is empty. A list of evidence may be one.
fn said(place: &str, key: &str, value: &Value) -> Result<Option<String>, Misread> {
    let text = match value {
        Value::Null => return Ok(None),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) if key == "evidence" => {
            let ids: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            ids.ok_or_else(|| Misread::new(place, "expected ids in `evidence`"))?.join("\n")
        }
        _ => return Err(Misread::new(place, format!("expected text in `{key}`"))),
    };
    Ok((!text.trim().is_empty()).then_some(text))
}

fn unknown(place: &str, answer: &Map<String, Value>) -> Result<(), Misread> {
    const KEYS: [&str; 8] = ["id", "answer", "rationale", "evidence", "by", "date", "comment", "note"];
    match answer.keys().find(|key| !KEYS.contains(&key.as_str())) {
        Some(key) => Err(Misread::new(place, format!("an answer has no key `{key}`"))
            .near(zonewright_source::nearest(key, KEYS))),
        None => Ok(()),
    }
}
