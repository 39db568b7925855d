//! The queue as a spreadsheet: one row a proposal, one column for the decision.

use super::{Decision, Item, ReviewError};
use zonewright_plant::text::edit::RecordName;

const HEADER: [&str; 5] = ["kind", "id", "what", "reason", "decision"];
/// Rows that are named in a message.
const NAMED_MAX: usize = 5;

/// Why a spreadsheet is not understood.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// It lacks a column.
    #[error(
        "the spreadsheet has no column `{0}`; export it anew with `zonewright review WORKSPACE export FILE`"
    )]
    Column(&'static str),
    /// It is no table.
    #[error("the spreadsheet cannot be read: {0}")]
    Table(String),
    /// It has decisions that are not known.
    #[error("{}; expected accept, reject, rename NEW-ID, merge OTHER-ID, or nothing. Nothing was done", .0.join("; "))]
    Decisions(Vec<String>),
}

/// The queue as CSV.
pub fn export(items: &[Item]) -> Result<String, SheetError> {
    let wrong = |error: &dyn std::error::Error| SheetError::Table(error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER).map_err(|error| wrong(&error))?;
    for item in items {
        let (title, reason) = (harmless(&item.title), harmless(&item.reason));
        writer
            .write_record([item.name.kind, &item.name.id, &title, &reason, ""])
            .map_err(|error| wrong(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| wrong(&error))?;
    String::from_utf8(bytes).map_err(|error| wrong(&error))
}

/// A spreadsheet takes what begins so for a formula, and the text may come from the wire.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_string() }
}

/// The decisions of a sheet: renames and merges first, then what is accepted, then what is rejected.
pub(super) fn import(
    text: &str,
    name: impl Fn(&str) -> Result<RecordName, ReviewError>,
) -> Result<Vec<Decision>, ReviewError> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let delimiter = *[b',', b';', b'\t']
        .iter()
        .rev()
        .max_by_key(|d| first.bytes().filter(|b| b == *d).count())
        .unwrap_or(&b',');
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| SheetError::Table(error.to_string()))?.clone();
    let column = |wanted: &'static str| {
        let at = header.iter().position(|name| name.trim().eq_ignore_ascii_case(wanted));
        at.ok_or(SheetError::Column(wanted))
    };
    let (kind, id, decision) = (column("kind")?, column("id")?, column("decision")?);
    let (mut accepted, mut rejected, mut others, mut odd) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (row, line) in reader.records().zip(2_usize..) {
        let row = row.map_err(|error| SheetError::Table(error.to_string()))?;
        let cell = |at: usize| row.get(at).map_or("", str::trim);
        if cell(decision).is_empty() {
            continue;
        }
        let name = name(&format!("{}:{}", cell(kind), cell(id)))?;
        let mut words = cell(decision).split_whitespace();
        let verb = words.next().unwrap_or_default().to_lowercase();
        match (verb.as_str(), words.next(), words.next()) {
            ("accept" | "a" | "yes" | "y" | "x" | "ok", None, _) => accepted.push(name),
            ("reject" | "r" | "no" | "n", None, _) => rejected.push(name),
            ("rename", Some(to), None) => others.push(Decision::Rename(name, to.to_string())),
            ("merge", Some(into), None) => others.push(Decision::Merge(name, into.to_string())),
            _ => odd.push(format!("line {line}: `{}`", cell(decision).chars().take(60).collect::<String>())),
        }
    }
    if !odd.is_empty() {
        odd.truncate(NAMED_MAX);
        return Err(SheetError::Decisions(odd).into());
    }
    let mut decisions = Vec::new();
    if !accepted.is_empty() {
        decisions.push(Decision::Accept(accepted));
    }
    if !rejected.is_empty() {
        decisions.push(Decision::Reject(rejected));
    }
    // Ids hold until the end.
    decisions.extend(others);
    Ok(decisions)
}
