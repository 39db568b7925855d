//! Changing a row of a CSV file.

use super::super::csv::{Row, Sheet, columns};
use super::super::record::Record as _;
use super::super::spec::Key;
use super::super::tree::Span;
use super::super::value::{Value, Written};
use super::super::write::cell;
use super::splice::{Rank, Splices};
use super::table::Keys;
use super::{EditError, RecordName};
use crate::model::Asset;

fn keys_of(sheet: &Sheet<'_>) -> Vec<Option<&'static Key>> {
    columns(Asset::KIND, sheet)
}

fn id_column(sheet: &Sheet<'_>) -> Option<usize> {
    keys_of(sheet).iter().position(|key| key.is_some_and(|key| key.name == "id"))
}

/// Has the sheet a column of ids, so that rows can be added?
pub(super) fn has_id(sheet: &Sheet<'_>) -> bool {
    id_column(sheet).is_some()
}

/// The ids of all rows.
pub(super) fn ids<'s>(sheet: &'s Sheet<'_>) -> impl Iterator<Item = (usize, String)> + 's {
    let column = id_column(sheet);
    sheet.rows.iter().enumerate().filter_map(move |(at, row)| {
        let id = row.cells.get(column?)?.text.trim();
        (!id.is_empty()).then(|| (at, id.to_string()))
    })
}

/// The columns that the sheet lacks for some keys are added to its header; their keys are given back in order.
fn add_columns(
    file: usize,
    sheet: &Sheet<'_>,
    wanted: &[&'static Key],
    splices: &mut Splices<'_>,
) -> Vec<&'static str> {
    let there = keys_of(sheet);
    let mut more = splices.columns_added(file);
    for key in wanted {
        if !there.iter().flatten().any(|k| k.name == key.name) && !more.contains(&key.name) {
            let delimiter = char::from(sheet.delimiter);
            splices.insert(file, sheet.header.span.end, Rank::Key, format!("{delimiter}{}", key.name));
            splices.add_column(file, key.name);
            more.push(key.name);
        }
    }
    more
}

/// Gives the cells of a row their values.
pub(super) fn change(
    name: &RecordName,
    file: usize,
    sheet: &Sheet<'_>,
    at: usize,
    keys: &Keys,
    old: Option<&Written>,
    splices: &mut Splices<'_>,
) -> Result<(), EditError> {
    let Some(row) = sheet.rows.get(at) else { return Ok(()) };
    let columns = keys_of(sheet);
    let differ: Vec<(&'static Key, &Value)> = keys
        .values()
        .filter(|(key, new)| old.and_then(|old| old.field(key.name)) != Some(new) && key.name != "id")
        .map(|(key, new)| (*key, new))
        .collect();
    for (key, value) in &differ {
        if value.to_cell().is_none() {
            let file = splices.name_of(file).unwrap_or_else(|| "assets.csv".into());
            return Err(EditError::NotForACell(name.clone(), key.name.to_string(), file));
        }
    }
    let delimiter = char::from(sheet.delimiter);
    let mut tail: Vec<(usize, String)> = Vec::new();
    let missing: Vec<&'static Key> = differ
        .iter()
        .filter(|(key, value)| {
            *value != &Value::Absent && !columns.iter().flatten().any(|k| k.name == key.name)
        })
        .map(|(key, _)| *key)
        .collect();
    let more = add_columns(file, sheet, &missing, splices);
    for (key, value) in differ {
        let column = columns.iter().position(|k| k.is_some_and(|k| k.name == key.name));
        let column = column
            .or_else(|| Some(sheet.header.cells.len() + more.iter().position(|name| *name == key.name)?));
        let Some(column) = column else { continue };
        let text = cell(value, delimiter);
        match row.cells.get(column) {
            Some(old) if column < sheet.header.cells.len() => splices.replace(file, old.span, text),
            _ if text.is_empty() => {}
            _ => tail.push((column, text)),
        }
    }
    append_cells(file, row, tail, delimiter, splices);
    Ok(())
}

/// Cells behind the end of a row, with as many delimiters as they need before them.
fn append_cells(
    file: usize,
    row: &Row<'_>,
    mut tail: Vec<(usize, String)>,
    delimiter: char,
    splices: &mut Splices<'_>,
) {
    tail.sort();
    let mut width = row.cells.len();
    let mut out = String::new();
    for (column, text) in tail {
        while width <= column {
            out.push(delimiter);
            width += 1;
        }
        out.push_str(&text);
    }
    if !out.is_empty() {
        splices.insert(file, row.span.end, Rank::Key, out);
    }
}

/// Adds a row at the end of the file.
pub(super) fn add(
    record: &Written,
    file: usize,
    sheet: &Sheet<'_>,
    splices: &mut Splices<'_>,
) -> Result<(), EditError> {
    let delimiter = char::from(sheet.delimiter);
    let said: Vec<&'static Key> =
        record.fields.iter().filter(|(_, value)| value != &Value::Absent).map(|(key, _)| *key).collect();
    let more = add_columns(file, sheet, &said, splices);
    let written = |name: &str| record.field(name).map_or(String::new(), |value| cell(value, delimiter));
    let mut cells: Vec<String> =
        keys_of(sheet).iter().map(|key| key.map_or(String::new(), |key| written(key.name))).collect();
    cells.extend(more.iter().map(|name| written(name)));
    let line = cells.join(&delimiter.to_string());
    let line_break = splices.line_break(file);
    let text = splices.text(file);
    let gap = if text.ends_with('\n') { "" } else { line_break };
    // Where the file did not end its last line, each new row begins one.
    let (before, behind) = if gap.is_empty() { ("", line_break) } else { (gap, "") };
    splices.insert(file, Span::new(text.len(), 0).start, Rank::Record, format!("{before}{line}{behind}"));
    Ok(())
}

/// Removes a row with its line break.
pub(super) fn remove(file: usize, sheet: &Sheet<'_>, at: usize, splices: &mut Splices<'_>) {
    let Some(row) = sheet.rows.get(at) else { return };
    let text = splices.text(file);
    let behind = text.get(row.span.end as usize..).unwrap_or("");
    let line_break = behind.bytes().take_while(|b| matches!(b, b'\r' | b'\n')).scan(false, |done, b| {
        let go = !*done;
        *done = b == b'\n';
        go.then_some(b)
    });
    let end = row.span.end + Span::new(line_break.count(), 0).start;
    splices.replace(file, Span { start: row.span.start, end }, String::new());
}

/// Writes another id.
pub(super) fn set_id(file: usize, sheet: &Sheet<'_>, at: usize, to: &str, splices: &mut Splices<'_>) {
    let old = id_column(sheet).and_then(|column| sheet.rows.get(at)?.cells.get(column));
    if let Some(old) = old {
        splices.replace(file, old.span, to.to_string());
    }
}
