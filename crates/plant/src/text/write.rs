//! A whole plant as new files: pretty, commented, assets as a spreadsheet.

use super::limit;
use super::record::Record;
use super::spec::{Key, Kind, VERSION};
use super::value::{Value, Written, toml_key};
use crate::Plant;
use crate::model::Asset;
use std::collections::BTreeMap;
use zonewright_source::SourceText;

/// Lists that would make a line longer than this stand on several.
const LINE_CHARS_MAX: usize = 100;

/// Columns of a new file of assets, even where nothing stands in them yet.
const ASSET_COLUMNS: &[&str] = &["id", "name", "kind", "zone", "ips", "macs", "vendor", "model", "version"];

/// In which file a new record of that kind is written, and what the file's first line says of it.
pub(crate) fn home(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "zone" => ("zones.toml", "Zones: assets with common security requirements."),
        "conduit" => ("conduits.toml", "Conduits: what joins zones, and what may pass."),
        "asset" => ("assets.toml", "Assets."),
        "group" => ("groups.toml", "Assets named together."),
        "product" => ("products.toml", "Products: what many assets are instances of."),
        "evidence" => ("evidence.toml", "Evidence: captures, configurations, documents."),
        "countermeasure" => ("countermeasures.toml", "Countermeasures: in place, planned, proposed."),
        "claim" => ("claims.toml", "Claims: which subject meets which requirement, and why."),
        "threat_source" | "scenario" | "consequence" | "hazard" => {
            ("risk.toml", "Risk: who, how, and what follows.")
        }
        "test" => ("tests.toml", "Acceptance tests and their results."),
        "approval" => ("approvals.toml", "Approvals, each bound to a hash of what was approved."),
        "profile" => ("profiles.toml", "Adopted security profiles."),
        "waiver" => ("waivers.toml", "Findings accepted until a date."),
        _ => ("plant.toml", "The system under consideration."),
    }
}

/// The files of a new workspace that holds `plant`, sorted by name.
#[must_use]
pub fn write(plant: &Plant) -> Vec<SourceText> {
    let mut files: BTreeMap<&'static str, String> = BTreeMap::new();
    let (in_cells, in_tables): (Vec<Written>, Vec<Written>) =
        plant.assets.values().map(|asset| asset.write(plant)).partition(fits_cells);
    if !in_cells.is_empty() {
        files.insert("assets.csv", sheet(&in_cells));
    }
    let others = super::records(plant).into_iter().filter(|record| record.kind.name != Asset::KIND.name);
    for record in others.chain(in_tables) {
        let (file, about) = home(record.kind.name);
        let text = files.entry(file).or_insert_with(|| format!("# {about}\nworkspace = {VERSION}\n"));
        text.push('\n');
        text.push_str(&block(&record, "\n"));
    }
    files.into_iter().map(|(file, text)| SourceText::new(file, text)).collect()
}

/// Can the record stand in a row of a CSV file and read back as it is?
pub(crate) fn fits_cells(record: &Written) -> bool {
    record.fields.iter().all(|(_, value)| value.to_cell().is_some())
}

fn sheet(records: &[Written]) -> String {
    let used = |key: &Key| {
        ASSET_COLUMNS.contains(&key.name)
            || records
                .iter()
                .any(|record| record.field(key.name).is_some_and(|value| value != &Value::Absent))
    };
    let columns: Vec<&'static Key> = Asset::KIND.all_keys().filter(|key| used(key)).collect();
    let mut out: String = columns.iter().map(|key| key.name).collect::<Vec<_>>().join(",");
    out.push('\n');
    for record in records {
        let cells: Vec<String> =
            columns.iter().map(|key| cell(record.field(key.name).unwrap_or(&Value::Absent), ',')).collect();
        out.push_str(&cells.join(","));
        out.push('\n');
    }
    out
}

/// A value as a cell, in quotes where it needs them. What no cell can hold was kept out by [`fits_cells`].
pub(crate) fn cell(value: &Value, delimiter: char) -> String {
    let text = value.to_cell().unwrap_or_default();
    let edge = text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
    if edge || text.contains(['"', '\n', '\r', '\u{feff}', delimiter]) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// A record with its header and its parts, ending in a line break.
pub(crate) fn block(record: &Written, line_break: &str) -> String {
    let mut out = format!("{}{line_break}", record.kind.header);
    let mut parts: Vec<&Written> = Vec::new();
    for (key, value) in &record.fields {
        match value {
            Value::Part(part) => parts.push(part),
            Value::List(items) if items.iter().any(|item| matches!(item, Value::Part(_))) => {
                parts.extend(items.iter().filter_map(|item| match item {
                    Value::Part(part) => Some(part),
                    _ => None,
                }));
            }
            value => {
                if let Some(text) = expression(key.name, value, line_break) {
                    out.push_str(&text);
                    out.push_str(line_break);
                }
            }
        }
    }
    for part in parts {
        out.push_str(line_break);
        out.push_str(&block(part, line_break));
    }
    out
}

/// `key = value` without the line break behind it; nothing for what is absent.
pub(crate) fn expression(key: &str, value: &Value, line_break: &str) -> Option<String> {
    Some(format!("{} = {}", toml_key(key), literal(value, line_break)?))
}

/// A value as TOML spells it, long lists on several lines.
pub(crate) fn literal(value: &Value, line_break: &str) -> Option<String> {
    let short = value.to_toml()?;
    let Value::List(items) = value else { return Some(short) };
    let nested = items.iter().any(|item| matches!(item, Value::List(_)));
    if !nested && short.chars().count() <= LINE_CHARS_MAX {
        return Some(short);
    }
    let items: Vec<String> =
        items.iter().filter_map(Value::to_toml).map(|item| format!("    {item},{line_break}")).collect();
    Some(format!("[{line_break}{}]", items.concat()))
}

/// A part written in braces, as it stands in a list.
pub(crate) fn braces(part: &Written) -> Option<String> {
    let entries = part.fields.iter().map(|(key, value)| (key.name.to_string(), value.clone()));
    let entries = entries.filter(|(_, value)| value != &Value::Absent).collect();
    Value::Table(entries).to_toml()
}

/// The kinds whose header has no dot: those that stand at the top of a file.
pub(crate) fn is_top_level(kind: &Kind) -> bool {
    !kind.header.contains('.')
}

const _: () = assert!(limit::NESTING_MAX > 4, "what is written here nests at most four deep");
