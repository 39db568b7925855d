//! A workbook of ours, read back: the hidden sheet says what every cell held; what differs is what a person filled in.

use super::records;
use super::{Answers, CELLS_MAX, Filled, MISREAD_MAX, Misread, Origin, ROWS_MAX, Row, TEXT_BYTES_MAX};
use crate::import;
use calamine::{DataRef, Reader as _, Xlsx};
use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;
use zonewright_report::xlsx::layout::{FORMAT, Field, HIDDEN, KEYS, Kind, NoRowId, ROW_ID, RowId};

/// Rows above the titles of a table that are looked at.
pub(super) const TITLE_ROWS_MAX: u32 = 20;

pub(super) type Book<'b> = Xlsx<Cursor<&'b [u8]>>;

/// What the hidden sheet says.
#[derive(Debug, Default)]
struct Export {
    keys: BTreeMap<&'static str, String>,
    held: HashMap<String, BTreeMap<Field, String>>,
}

pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Answers, String> {
    import::unpack(bytes)?;
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes))
        .map_err(|error| format!("it is damaged or locked by a password: {error}"))?;
    let names = book.sheet_names();
    let hidden = names.iter().find(|name| name.eq_ignore_ascii_case(HIDDEN));
    let hidden =
        hidden.ok_or_else(|| format!("it has no sheet `{HIDDEN}`: it is no workbook of Zonewright"))?;
    let mut left = Left { cells: CELLS_MAX, bytes: TEXT_BYTES_MAX, rows: ROWS_MAX };
    let export = export(&mut book, hidden, &mut left)?;
    let key = |key: &str| export.keys.get(key).cloned().unwrap_or_default();
    match key("format") {
        format if format == FORMAT => {}
        format => return Err(format!("its sheet `{HIDDEN}` says format `{format}`: expected `{FORMAT}`")),
    }
    let kind = Kind::ALL.into_iter().find(|(word, _)| *word == key("kind"));
    let (_, kind) = kind.ok_or_else(|| format!("its sheet `{HIDDEN}` says kind `{}`", key("kind")))?;
    let mut answers = Answers {
        file: file.to_string(),
        origin: Origin::Workbook(kind),
        plant: Some(key("plant")),
        as_of: Some(key("as_of")).filter(|day| !day.is_empty()),
        rows_read: 0,
        rows: Vec::new(),
        records: Vec::new(),
        misread: Vec::new(),
    };
    let held = records::export(&mut book, &names, &mut left)?;
    let mut tables = 0_usize;
    let is_hidden =
        |name: &str| name == hidden || name.eq_ignore_ascii_case(zonewright_report::xlsx::records::HIDDEN);
    for name in names.iter().filter(|name| !is_hidden(name)) {
        let mut of_records = records::Table::new(&held, file, name);
        let mut table = Table {
            export: &export,
            answers: &mut answers,
            sheet: name,
            columns: None,
            row: Cells::default(),
        };
        walk(&mut book, name, &mut left, &mut |row, column, text| {
            of_records.take(row, column, &text)?;
            table.take(row, column, text)
        })?;
        table.end_row()?;
        of_records.end_row()?;
        tables = tables.saturating_add(usize::from(table.columns.is_some()));
        answers.rows_read = answers.rows_read.saturating_add(of_records.rows_read);
        answers.records.extend(of_records.rows);
        answers.misread.extend(of_records.misread);
    }
    if tables == 0 {
        return Err(format!("it has no sheet with a column `{ROW_ID}`"));
    }
    Ok(answers)
}

/// What may still be read.
pub(super) struct Left {
    cells: usize,
    bytes: usize,
    rows: usize,
}

/// Every filled cell of a sheet, in order of rows; a sheet that is a chart has none.
pub(super) fn walk(
    book: &mut Book<'_>,
    name: &str,
    left: &mut Left,
    take: &mut dyn FnMut(u32, u32, String) -> Result<(), String>,
) -> Result<(), String> {
    let Ok(mut cells) = book.worksheet_cells_reader(name) else { return Ok(()) };
    let mut last = None;
    loop {
        let cell = match cells.next_cell() {
            Ok(Some(cell)) => cell,
            Ok(None) => return Ok(()),
            Err(error) => return Err(format!("sheet `{name}` is damaged: {error}")),
        };
        let (row, column) = cell.get_position();
        let text = shown(cell.get_value()).ok_or_else(|| {
            format!(
                "{name}!{} holds an error of the spreadsheet: mend the formula or type a value",
                at(row, column)
            )
        })?;
        left.cells =
            left.cells.checked_sub(1).ok_or_else(|| format!("it has more than {CELLS_MAX} cells"))?;
        if text.is_empty() {
            continue;
        }
        let more = || format!("it has more than {TEXT_BYTES_MAX} bytes of text");
        left.bytes = left.bytes.checked_sub(text.len()).ok_or_else(more)?;
        if last != Some(row) {
            left.rows =
                left.rows.checked_sub(1).ok_or_else(|| format!("it has more than {ROWS_MAX} rows"))?;
            last = Some(row);
        }
        take(row, column, text)?;
    }
}

/// A cell as text; nothing for an error of the spreadsheet.
fn shown(value: &DataRef<'_>) -> Option<String> {
    match value {
        DataRef::Error(_) => None,
        DataRef::SharedString(text) => Some(plain(text)),
        DataRef::String(text) => Some(plain(text)),
        other => Some(import::shown_cell(other).into_owned()),
    }
}

/// A text with every line break said as one. What XML cannot hold (`_x000D_`) is decoded by the reader.
fn plain(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_string() }
}

/// A cell's address as people write it: `K5`.
pub(super) fn at(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut left = u64::from(column) + 1;
    while left > 0 {
        left -= 1;
        letters.push(
            char::from_digit(u32::try_from(left % 26).unwrap_or(0) + 10, 36)
                .unwrap_or('?')
                .to_ascii_uppercase(),
        );
        left /= 26;
    }
    format!("{}{}", letters.iter().rev().collect::<String>(), u64::from(row) + 1)
}

/// Reads the hidden sheet: keys above, then what rows held.
fn export(book: &mut Book<'_>, name: &str, left: &mut Left) -> Result<Export, String> {
    let mut export = Export::default();
    let mut first: (u32, String) = (0, String::new());
    let from = u32::try_from(KEYS.len()).unwrap_or(u32::MAX);
    walk(book, name, left, &mut |row, column, text| {
        if column == 0 {
            first = (row, text);
            return Ok(());
        }
        if first.0 != row {
            return Ok(());
        }
        if row < from {
            if let Some(key) = KEYS.iter().find(|key| **key == first.1).filter(|_| column == 1) {
                export.keys.insert(key, text);
            }
            return Ok(());
        }
        let field = column.checked_sub(1).and_then(|at| Field::ALL.get(usize::try_from(at).ok()?));
        if let Some(field) = field.filter(|_| row > from) {
            export.held.entry(first.1.clone()).or_default().insert(*field, text);
        }
        Ok(())
    })?;
    Ok(export)
}

/// The columns of a table.
struct Columns {
    id: u32,
    fields: BTreeMap<u32, Field>,
}

/// The cells of a row.
#[derive(Default)]
struct Cells {
    number: u32,
    texts: BTreeMap<u32, String>,
}

/// A table as it is read, row by row.
struct Table<'a> {
    export: &'a Export,
    answers: &'a mut Answers,
    sheet: &'a str,
    columns: Option<Columns>,
    row: Cells,
}

impl Table<'_> {
    fn take(&mut self, row: u32, column: u32, text: String) -> Result<(), String> {
        if row != self.row.number {
            self.end_row()?;
            self.row.number = row;
        }
        let wanted = match &self.columns {
            Some(columns) => column == columns.id || columns.fields.contains_key(&column),
            None => row < TITLE_ROWS_MAX,
        };
        if wanted {
            self.row.texts.insert(column, text);
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), String> {
        let row = std::mem::take(&mut self.row);
        match &self.columns {
            None => self.columns = titles(self.sheet, &row)?,
            Some(columns) if !row.texts.is_empty() => {
                let read = filled(self.export, &self.answers.file, self.sheet, columns, &row);
                self.answers.rows_read = self.answers.rows_read.saturating_add(1);
                match read {
                    Ok(row) => self.answers.rows.extend(row),
                    Err(wrong) if self.answers.misread.len() < MISREAD_MAX => {
                        self.answers.misread.push(wrong)
                    }
                    Err(_) => {}
                }
            }
            Some(_) => {}
        }
        Ok(())
    }
}

/// The columns, if the row is one of titles.
fn titles(sheet: &str, row: &Cells) -> Result<Option<Columns>, String> {
    let Some((id, _)) = row.texts.iter().find(|(_, text)| text.trim() == ROW_ID) else { return Ok(None) };
    let mut fields = BTreeMap::new();
    for (column, text) in &row.texts {
        let Some(field) = Field::titled(text.trim()) else { continue };
        if fields.values().any(|known| *known == field) {
            let place = at(row.number, *column);
            return Err(format!("{sheet}!{place}: there are two columns `{}`", text.trim()));
        }
        fields.insert(*column, field);
    }
    Ok(Some(Columns { id: *id, fields }))
}

/// What is filled in in a row; nothing where it is as it was exported.
fn filled(
    export: &Export,
    file: &str,
    sheet: &str,
    columns: &Columns,
    row: &Cells,
) -> Result<Option<Row>, Misread> {
    let place = |column: u32| format!("{file}, {sheet}!{}", at(row.number, column));
    let id = row.texts.get(&columns.id).map(String::as_str).unwrap_or_default().trim();
    let held = export.held.get(id);
    let mut fields = BTreeMap::new();
    for (column, field) in &columns.fields {
        let now = row.texts.get(column).map(String::as_str).unwrap_or_default();
        let was = held.and_then(|held| held.get(field)).map(String::as_str).unwrap_or_default();
        if now != was {
            let (now, was) = (now.to_string(), Some(was.to_string()));
            fields.insert(*field, Filled { now, was, place: place(*column) });
        }
    }
    if fields.is_empty() {
        return Ok(None);
    }
    if id.is_empty() {
        let first = fields.values().next().map_or_else(|| place(columns.id), |field| field.place.clone());
        return Err(Misread::new(
            &first,
            format!("the row has no `{ROW_ID}`, so that it is not known whom it is about"),
        ));
    }
    let id: RowId = id.parse().map_err(|NoRowId(why)| Misread::new(&place(columns.id), why))?;
    Ok(Some(Row { id, place: place(columns.id), fields }))
}
