//! Spreadsheets: XLSX by `calamine`, cell by cell, and the content of an OpenDocument sheet by our own eyes, because it
//! can say "this row a million times". Both are unpacked to nowhere before, so that a packed bomb is refused.

use super::CELL_CHARS_MAX;
use super::table::{COLUMNS_MAX, Grid};
use super::xml::{Tag, Walk};
use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx};
use std::borrow::Cow;
use std::io::{Cursor, Read};

/// Bytes that a packed file may unpack to.
pub const UNPACKED_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Parts that a packed file may have.
pub const PARTS_MAX: usize = 10_000;
/// Sheets that are looked at.
pub const SHEETS_MAX: usize = 64;
/// The sheet by which a workbook is one of ours.
pub(super) const OURS: &str = "zonewright";

/// What a packed file is.
#[derive(Debug)]
pub(super) enum Book {
    /// Sheets with cells, in the order of the file.
    Sheets(Vec<Grid>),
    /// A workbook that Zonewright wrote.
    Ours,
}

/// Reads the sheets of a packed file.
pub(super) fn read(bytes: &[u8]) -> Result<Book, String> {
    let names = unpack(bytes)?;
    if names.iter().any(|name| name == "xl/workbook.xml") {
        return xlsx(bytes);
    }
    if names.iter().any(|name| name == "content.xml") {
        return ods(bytes).map(Book::Sheets);
    }
    Err("it is a packed file, but no spreadsheet (XLSX or ODS): unpack it first".into())
}

/// Unpacks every part to nowhere, and gives their names; refuses what grows beyond all measure.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Vec<String>, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > PARTS_MAX {
        return Err(format!("it has more than {PARTS_MAX} packed parts"));
    }
    let mut left = UNPACKED_BYTES_MAX;
    let mut names = Vec::new();
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(damaged)?;
        names.push(part.name().map_err(damaged)?.into_owned());
        // One byte more than is left tells that there is more.
        let unpacked = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(damaged)?;
        if unpacked > left {
            return Err(format!("it unpacks to more than {UNPACKED_BYTES_MAX} bytes"));
        }
        left -= unpacked;
    }
    Ok(names)
}

fn damaged(error: impl std::fmt::Display) -> String {
    format!("it is damaged or locked by a password: {error}")
}

fn xlsx(bytes: &[u8]) -> Result<Book, String> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let names = book.sheet_names();
    if names.iter().any(|name| name.eq_ignore_ascii_case(OURS)) {
        return Ok(Book::Ours);
    }
    let mut grids = Vec::new();
    let many = names.len() > SHEETS_MAX;
    for name in names.into_iter().take(SHEETS_MAX) {
        let mut grid = Grid::named(Some(name.clone()));
        grid.notes.extend(many.then(|| format!("only the first {SHEETS_MAX} sheets were looked at")));
        // A sheet may be a chart, which has no cells.
        let Ok(mut cells) = book.worksheet_cells_reader(&name) else { continue };
        loop {
            match cells.next_cell() {
                Ok(Some(cell)) => {
                    grid.errors += usize::from(matches!(cell.get_value(), DataRef::Error(_)));
                    let (row, column) = cell.get_position();
                    let row = usize::try_from(row).unwrap_or(usize::MAX).saturating_add(1);
                    let column = usize::try_from(column).unwrap_or(usize::MAX);
                    if !grid.put(row, column, &shown(cell.get_value())) {
                        break;
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    grid.notes.push(format!("reading stopped after row {}: {error}", grid.last_number()));
                    break;
                }
            }
        }
        grids.push(grid);
    }
    Ok(Book::Sheets(grids))
}

/// A cell as a person reads it: a whole number without a point, a day as ISO 8601.
pub(crate) fn shown<'a>(value: &'a DataRef<'_>) -> Cow<'a, str> {
    match value {
        DataRef::SharedString(text) => Cow::Borrowed(text),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Cow::Borrowed(text)
        }
        DataRef::Int(number) => Cow::Owned(number.to_string()),
        // Rust prints the shortest number that reads back, without a point where it is whole.
        DataRef::Float(number) => Cow::Owned(number.to_string()),
        DataRef::Bool(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
        DataRef::DateTime(moment) => Cow::Owned(day(moment)),
        DataRef::Error(_) | DataRef::Empty => Cow::Borrowed(""),
    }
}

fn day(moment: &ExcelDateTime) -> String {
    if moment.is_duration() {
        return moment.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        date
    } else {
        format!("{date}T{hour:02}:{minute:02}:{second:02}")
    }
}

/// The sheets of an OpenDocument file (OpenDocument 1.3 part 3, 9.1).
fn ods(bytes: &[u8]) -> Result<Vec<Grid>, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let part = archive.by_name("content.xml").map_err(damaged)?;
    let mut content = String::new();
    part.take(UNPACKED_BYTES_MAX).read_to_string(&mut content).map_err(damaged)?;
    let mut reading = Reading::default();
    let mut walk = Walk::over(&content);
    while let Some(tag) = walk.step() {
        reading.take(&tag);
        if reading.grids.len() > SHEETS_MAX {
            break;
        }
    }
    if let (Some(why), Some(grid)) = (walk.stopped, reading.grids.last_mut()) {
        grid.notes.push(format!("reading stopped after row {}: {why}", grid.last_number()));
    }
    reading.grids.truncate(SHEETS_MAX);
    if reading.grids.iter().any(|grid| grid.sheet.as_deref() == Some(OURS)) {
        return Err(
            "it is a workbook of Zonewright that was saved as OpenDocument: save it as XLSX and import that"
                .into(),
        );
    }
    Ok(reading.grids)
}

/// Rows that a repeated one stands for, where something stands in it: a fill color down to the last row is no
/// list of assets.
const REPEATED_MAX: usize = 1_000;

#[derive(Debug, Default)]
struct Reading {
    grids: Vec<Grid>,
    names: Vec<String>,
    row: usize,
    rows: usize,
    column: usize,
    columns: usize,
    /// Cells of the row, so that the row can be said again.
    cells: Vec<(usize, String)>,
    value: Option<String>,
    text: String,
    full: bool,
}

impl Reading {
    fn take(&mut self, tag: &Tag) {
        let inside = |names: &[String], name: &str| names.iter().any(|known| known == name);
        match tag {
            Tag::Open { name, .. } => {
                self.open(name, tag);
                self.names.push(name.clone());
            }
            // A comment on a cell is no part of what stands in it.
            Tag::Text(text) if inside(&self.names, "p") && !inside(&self.names, "annotation") => {
                self.text.push_str(text)
            }
            Tag::Text(_) => {}
            Tag::Close => {
                if let Some(name) = self.names.pop() {
                    self.close(&name);
                }
            }
        }
    }

    /// An element begins.
    fn open(&mut self, name: &str, tag: &Tag) {
        let repeated =
            |key: &str| tag.attribute(key).and_then(|n| n.parse::<usize>().ok()).unwrap_or(1).max(1);
        match name {
            "table" => {
                self.grids.push(Grid::named(Some(tag.attribute("name").unwrap_or_default().to_string())));
                (self.row, self.full) = (1, false);
            }
            "table-row" => {
                self.rows = repeated("number-rows-repeated");
                self.column = 0;
                self.cells.clear();
            }
            "table-cell" | "covered-table-cell" => {
                self.columns = repeated("number-columns-repeated");
                self.text.clear();
                self.value = match tag.attribute("value-type") {
                    Some("date") => {
                        tag.attribute("date-value").map(|date| date.trim_end_matches("T00:00:00").to_string())
                    }
                    Some("boolean") => tag.attribute("boolean-value").map(ToString::to_string),
                    Some("float") => tag
                        .attribute("value")
                        .map(|n| n.parse::<f64>().map_or(n.to_string(), |n| n.to_string())),
                    _ => None,
                };
            }
            "p" if !self.text.is_empty() => self.text.push('\n'),
            "s" | "tab" | "line-break" => self.text.push(' '),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "table-cell" | "covered-table-cell" => {
                let text = self.value.take().unwrap_or_else(|| std::mem::take(&mut self.text));
                let text: String = text.chars().take(CELL_CHARS_MAX).collect();
                let end = self.column.saturating_add(self.columns).min(COLUMNS_MAX);
                if !text.trim().is_empty() {
                    self.cells.extend((self.column..end).map(|column| (column, text.clone())));
                }
                self.column = self.column.saturating_add(self.columns);
            }
            "table-row" => {
                let Some(grid) = self.grids.last_mut() else { return };
                for row in 0..self.rows.min(REPEATED_MAX) {
                    let row = self.row.saturating_add(row);
                    self.full |=
                        !self.full && !self.cells.iter().all(|(column, text)| grid.put(row, *column, text));
                    if self.full {
                        break;
                    }
                }
                self.row = self.row.saturating_add(self.rows);
            }
            _ => {}
        }
    }
}
