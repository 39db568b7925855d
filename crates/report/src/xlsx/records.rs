//! Records as rows of a workbook: the columns are keys of Workspace/1, and its specification says what each of them takes.
//!
//! Owns which keys of a countermeasure can be filled in and how their values stand in cells; what a change does to the
//! workspace is the use case of `workbench`.

use super::WriteError;
use super::book::{Book, Cell, Column, Row, Style, column};
use std::collections::BTreeMap;
use zonewright_plant::Plant;
use zonewright_plant::text::spec::{Key, Kind, Target, Type};
use zonewright_plant::text::{AnyRecord, KINDS, Value};

/// The title of the column that says which record a row is: `countermeasure/M-1`.
pub const RECORD: &str = "Record";
/// The title of the column in which a new record gets its id.
pub const ID: &str = "Id";
/// The sheet.
pub const SHEET: &str = "Countermeasures";
/// The hidden sheet that says what every cell of a record held.
pub const HIDDEN: &str = "zonewright-records";
/// Empty rows below, for new records.
pub const BLANK_ROWS: usize = 20;
/// The kind of the records.
pub const KIND: &str = "countermeasure";
/// Significant digits that every spreadsheet keeps.
const DIGITS_KEPT: usize = 15;

/// A column of a record: its key, title and width.
type Titled = (&'static str, &'static str, f64);

/// Keys that can be filled in, in the order of the columns. Left out are `id`, which names the record, and `proposed` and
/// `reason`, which a review decides.
const COLUMNS: [Titled; 22] = [
    ("name", "Name", 24.0),
    ("description", "Description", 36.0),
    ("state", "State", 11.0),
    ("applies_to", "Applies to", 18.0),
    ("meets", "Meets", 14.0),
    ("compensates", "Compensates", 14.0),
    ("rationale", "Rationale", 30.0),
    ("approved_by", "Approved by", 14.0),
    ("review", "Review", 11.0),
    ("cost_once", "Cost once", 11.0),
    ("cost_per_year", "Cost per year", 11.0),
    ("duration_days", "Duration in days", 10.0),
    ("needs_outage", "Needs outage", 9.0),
    ("prerequisites", "Prerequisites", 16.0),
    ("exclusions", "Exclusions", 16.0),
    ("frequency_factor", "Frequency factor", 11.0),
    ("crossing_factor", "Crossing factor", 11.0),
    ("downtime_factor", "Downtime factor", 11.0),
    ("effect_source", "Effect source", 24.0),
    ("may_block", "May block", 16.0),
    ("note", "Note", 26.0),
    (RECORD_KEY, RECORD, 24.0),
];
/// Stands for the record itself, which is no key.
const RECORD_KEY: &str = "";

/// What an entry takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Takes {
    /// Any text, or a list of ids.
    Text,
    /// A number from … to, where it has bounds.
    Number(Option<(f64, f64)>),
    /// A whole number from … to.
    Whole(i64, i64),
    /// A day.
    Day,
    /// `yes` or `no`.
    YesNo,
    /// One of these words.
    Words(&'static [(&'static str, &'static str)]),
    /// A role of the plant.
    Role,
}

fn takes(key: &Key) -> Takes {
    match key.ty {
        Type::Number => Takes::Number(key.range),
        Type::Integer(least, most) => Takes::Whole(least, most),
        Type::Date => Takes::Day,
        Type::Bool => Takes::YesNo,
        Type::Words(words) => Takes::Words(words),
        Type::Reference(Target::Role) => Takes::Role,
        _ => Takes::Text,
    }
}

/// The specification of the records.
#[must_use]
pub fn kind() -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.name == KIND)
}

/// Keys that can be filled in, with the titles of their columns, in the order of the hidden sheet.
pub fn keys() -> impl Iterator<Item = (&'static Key, &'static str)> {
    let key = |name| kind().and_then(|kind| kind.key(name));
    COLUMNS.iter().filter_map(move |(name, title, _)| Some((key(name)?, *title)))
}

/// The key of a column's title.
#[must_use]
pub fn titled(title: &str) -> Option<&'static Key> {
    keys().find(|(_, known)| *known == title).map(|(key, _)| key)
}

/// What the column [`RECORD`] says of a record.
#[must_use]
pub fn row_id(id: &str) -> String {
    format!("{KIND}/{id}")
}

/// A value as it stands in a cell, as text: a list one item a line, a day as ISO 8601.
#[must_use]
pub fn said(value: &Value) -> String {
    match value {
        Value::Absent | Value::Table(_) | Value::Part(_) => String::new(),
        Value::Text(text) => text.clone(),
        Value::Bare(bare) => match bare.as_str() {
            "true" => "yes".into(),
            "false" => "no".into(),
            bare => bare.to_string(),
        },
        Value::List(items) => items.iter().map(said).collect::<Vec<_>>().join("\n"),
    }
}

/// What the cells of a record hold, by key.
#[must_use]
pub fn held(plant: &Plant, record: AnyRecord) -> BTreeMap<&'static str, String> {
    let written = record.write(plant);
    keys().map(|(key, _)| (key.name, written.field(key.name).map(said).unwrap_or_default())).collect()
}

/// Writes the sheet of countermeasures.
pub(super) fn countermeasures(book: &mut Book<'_>, plant: &Plant) -> Result<(), WriteError> {
    let mut columns: Vec<Column> = vec![column(ID, 14.0, Style::NewId)];
    for (name, title, width) in COLUMNS {
        let style = match kind().and_then(|kind| kind.key(name)) {
            Some(key) => Style::Key(takes(key)),
            None => Style::Text,
        };
        columns.push(column(title, width, style));
    }
    let known = plant
        .countermeasures
        .values()
        .map(|countermeasure| (countermeasure.id.as_str(), held(plant, countermeasure.clone().into())));
    let known: Vec<_> = known.collect();
    let rows = known.iter().map(|(id, held)| {
        let mut cells = vec![Cell::text(*id)];
        for (name, ..) in COLUMNS {
            cells.push(match held.get(name) {
                Some(text) => Cell::text(text.as_str()),
                None => Cell::text(row_id(id)),
            });
        }
        Row { cells, id: None }
    });
    let blank =
        (0..BLANK_ROWS).map(|_| Row { cells: columns.iter().map(|_| Cell::Empty).collect(), id: None });
    book.table(SHEET, &columns, 2, rows.chain(blank))?;
    for (id, mut held) in known {
        let mut line = vec![row_id(id)];
        line.extend(keys().map(|(key, _)| held.remove(key.name).unwrap_or_default()));
        book.hold_record(line);
    }
    Ok(())
}

/// A number as a spreadsheet keeps it to the last digit; nothing for what has more digits than that.
pub(super) fn number(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    let kept: f64 = format!("{number:.*e}", DIGITS_KEPT - 1).parse().ok()?;
    (number.is_finite() && kept.to_bits() == number.to_bits()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_a_countermeasure_has_a_column() {
        let left_out = ["id", "proposed", "reason"];
        for key in kind().unwrap().all_keys().filter(|key| !left_out.contains(&key.name)) {
            let (_, title) = keys().find(|(known, _)| known.name == key.name).unwrap();
            assert_eq!(titled(title).unwrap().name, key.name);
            assert!(!matches!(key.ty, Type::Map(..) | Type::Part(_) | Type::Range), "{}", key.name);
        }
        assert_eq!(keys().count(), COLUMNS.len() - 1);
    }

    #[test]
    fn a_number_is_one_only_where_no_digit_is_lost() {
        assert_eq!(number("1500"), Some(1500.0));
        assert_eq!(number("0.1"), Some(0.1));
        assert_eq!(number("0.30000000000000004"), None);
        assert_eq!(number("inf"), None);
    }
}
