//! `assets*.csv` to the tree: a row is a table whose keys are the columns (RFC 4180, with the delimiters of spreadsheets).
//!
//! A cell is never more than text: what a spreadsheet would take for a formula is read as the letters it is.

use super::field::shown;
use super::gather::{Cx, Gathered};
use super::limit;
use super::spec::{Key, Kind, Type};
use super::tree::{Entry, Item, Node, Origin, Span, Table};
use std::borrow::Cow;
use zonewright_source::{Diagnostic, nearest};

/// A CSV file cut into rows.
pub(crate) struct Sheet<'a> {
    pub(crate) delimiter: u8,
    /// The header row.
    pub(crate) header: Row<'a>,
    /// The other rows; empty ones are not among them.
    pub(crate) rows: Vec<Row<'a>>,
    pub(crate) unclosed: Option<Span>,
}

/// A row: where it stands, without its line break, and its cells.
pub(crate) struct Row<'a> {
    pub(crate) span: Span,
    pub(crate) cells: Vec<Cell<'a>>,
}

/// A cell: where it stands, quotes included, and its text.
pub(crate) struct Cell<'a> {
    pub(crate) span: Span,
    pub(crate) text: Cow<'a, str>,
    pub(crate) quoted: bool,
}

/// The delimiter is the one of `,` `;` and tab that the first line has most of outside quotes.
fn delimiter_of(text: &str) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(d, _)| *d == byte).for_each(|(_, n)| *n += 1),
        }
    }
    counts.iter().rev().max_by_key(|(_, n)| *n).map_or(b',', |(d, _)| *d)
}

/// Cuts a text into rows and cells.
pub(crate) fn cut(text: &str) -> Sheet<'_> {
    let begin = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let delimiter = delimiter_of(text.get(begin..).unwrap_or(""));
    let mut cutter = Cutter { text, at: begin, delimiter, unclosed: None };
    let header = cutter.row();
    let mut rows = Vec::new();
    while cutter.at < text.len() && rows.len() <= limit::RECORDS_MAX {
        let row = cutter.row();
        if row.cells.iter().any(|cell| !cell.text.trim().is_empty()) {
            rows.push(row);
        }
    }
    Sheet { delimiter, header, rows, unclosed: cutter.unclosed }
}

struct Cutter<'a> {
    text: &'a str,
    at: usize,
    delimiter: u8,
    unclosed: Option<Span>,
}

impl<'a> Cutter<'a> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn row(&mut self) -> Row<'a> {
        let start = self.at;
        let mut cells = Vec::new();
        loop {
            cells.push(self.cell());
            match self.byte(self.at) {
                Some(byte) if byte == self.delimiter => self.at += 1,
                _ => break,
            }
        }
        let span = Span::new(start, self.at);
        if self.byte(self.at) == Some(b'\r') {
            self.at += 1;
        }
        if self.byte(self.at) == Some(b'\n') {
            self.at += 1;
        }
        Row { span, cells }
    }

    /// Leaves `at` on the delimiter, the line break or the end.
    fn cell(&mut self) -> Cell<'a> {
        let start = self.at;
        if self.byte(start) == Some(b'"') {
            return self.quoted_cell();
        }
        while let Some(byte) = self.byte(self.at) {
            if byte == self.delimiter || byte == b'\n' || byte == b'\r' {
                break;
            }
            self.at += 1;
        }
        let text = self.text.get(start..self.at).unwrap_or("");
        Cell { span: Span::new(start, self.at), text: Cow::Borrowed(text), quoted: false }
    }

    fn quoted_cell(&mut self) -> Cell<'a> {
        let start = self.at;
        self.at += 1;
        let mut doubled = false;
        loop {
            match self.byte(self.at) {
                Some(b'"') if self.byte(self.at + 1) == Some(b'"') => {
                    doubled = true;
                    self.at += 2;
                }
                Some(b'"') => break,
                Some(_) => self.at += 1,
                None => {
                    self.unclosed.get_or_insert(Span::new(start, start + 1));
                    break;
                }
            }
        }
        let inner = self.text.get(start + 1..self.at).unwrap_or("");
        self.at = (self.at + 1).min(self.text.len());
        // Letters behind the closing quote belong to the cell, as spreadsheets read it.
        let tail_start = self.at;
        while let Some(byte) = self.byte(self.at) {
            if byte == self.delimiter || byte == b'\n' || byte == b'\r' {
                break;
            }
            self.at += 1;
        }
        let tail = self.text.get(tail_start..self.at).unwrap_or("");
        let text = match (doubled, tail.trim().is_empty()) {
            (false, true) => Cow::Borrowed(inner),
            (true, true) => Cow::Owned(inner.replace("\"\"", "\"")),
            (_, false) => Cow::Owned(format!("{}{tail}", inner.replace("\"\"", "\""))),
        };
        Cell { span: Span::new(start, self.at), text, quoted: true }
    }
}

/// The key of each column; nothing for columns that are not known or come twice.
pub(crate) fn columns(kind: &'static Kind, sheet: &Sheet<'_>) -> Vec<Option<&'static Key>> {
    let mut seen: Vec<&str> = Vec::new();
    let key = |cell: &Cell<'_>| {
        let name = cell.text.trim();
        let key = kind.key(name).filter(|key| !seen.contains(&key.name))?;
        seen.push(key.name);
        Some(key)
    };
    sheet.header.cells.iter().take(limit::COLUMNS_MAX).map(key).collect()
}

/// Gives each row of a file of assets as a table, with all that is wrong with their form reported. One after the other: a
/// hundred thousand rows as tables would take more room than the assets they become.
pub(crate) fn for_each_table<'a>(
    kind: &'static Kind,
    sheet: &Sheet<'a>,
    cx: &mut Cx<'_, '_>,
    mut read: impl FnMut(&Table<'a>, &mut Cx<'_, '_>),
) {
    let file = cx.file;
    report_header(kind, sheet, file, cx.gathered);
    let columns = columns(kind, sheet);
    if !columns.iter().flatten().any(|key| key.name == "id") {
        return;
    }
    let width = sheet.header.cells.len();
    for row in &sheet.rows {
        if row.cells.len() > width && row.cells.iter().skip(width).any(|cell| !cell.text.trim().is_empty()) {
            let message = format!("row has {} cells, the header {width}", row.cells.len());
            let diagnostic = Diagnostic::error("plant/ragged-row", message)
                .because("cells behind the last column would be lost, and those before may have slipped")
                .help("put cells that hold the delimiter in double quotes");
            cx.report(row.span, diagnostic);
        }
        let mut table = Table::new(row.span, Origin::Header);
        for (key, cell) in columns.iter().zip(&row.cells) {
            if let Some(key) = key
                && !cell.text.trim().is_empty()
            {
                let value = Node { span: cell.span, item: item(&key.ty, &cell.text, cell.span, cell.quoted) };
                table.push(Entry { key: Cow::Borrowed(key.name), key_span: cell.span, value });
            }
        }
        read(&table, cx);
    }
}

fn report_header(kind: &'static Kind, sheet: &Sheet<'_>, file: u32, gathered: &mut Gathered) {
    if let Some(span) = sheet.unclosed {
        let diagnostic =
            Diagnostic::error("plant/syntax", "quoted cell is not closed before the end of the file")
                .help("close it with `\"`; a quote within quotes is written twice");
        gathered.report(file, span, diagnostic);
    }
    if sheet.header.cells.len() > limit::COLUMNS_MAX {
        let message =
            format!("the file has {} columns, more than {}", sheet.header.cells.len(), limit::COLUMNS_MAX);
        gathered.report(file, sheet.header.span, Diagnostic::error("plant/limit", message));
    }
    let mut seen: Vec<(&str, Span)> = Vec::new();
    for cell in sheet.header.cells.iter().take(limit::COLUMNS_MAX) {
        let name = cell.text.trim();
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == name).filter(|_| !name.is_empty()) {
            let diagnostic =
                Diagnostic::error("plant/duplicate-column", format!("column {} comes twice", shown(name)))
                    .help("keep one of the two");
            gathered.report_beside(file, cell.span, diagnostic, ("the first stands at", file, *first));
        } else if name.is_empty() {
            // A column without a name is not read: spreadsheets leave such behind the last one.
        } else if kind.key(name).is_none() {
            let help = match nearest(name, kind.all_keys().map(|key| key.name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`zonewright start` maps the columns of other tools' lists".to_string(),
            };
            let diagnostic =
                Diagnostic::error("plant/unknown-key", format!("assets have no column {}", shown(name)));
            gathered.report(file, cell.span, diagnostic.help(help));
        }
        seen.push((name, cell.span));
    }
    if !seen.iter().any(|(name, _)| *name == "id") {
        let diagnostic = Diagnostic::error("plant/missing-key", "the file has no column `id`")
            .because("the first row names the columns; every asset has an id")
            .help(format!("columns are parted by {} here", describe(sheet.delimiter)));
        gathered.report(file, sheet.header.span, diagnostic);
    }
}

const fn describe(delimiter: u8) -> &'static str {
    match delimiter {
        b';' => "`;`",
        b'\t' => "tabs",
        _ => "`,`",
    }
}

/// A cell as the value that its column's type asks for; what does not fit stays text and is reported by the type's reader.
fn item<'a>(ty: &Type, text: &Cow<'a, str>, span: Span, quoted: bool) -> Item<'a> {
    match ty {
        Type::List(inner) => Item::Array(items(inner, text, span, quoted)),
        Type::Bool => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "x" | "1" => Item::Bool(true),
            "false" | "no" | "0" => Item::Bool(false),
            _ => Item::Text(text.clone()),
        },
        Type::Integer(..) | Type::Ports => text.trim().parse().map_or_else(|_| trimmed(text), Item::Integer),
        Type::Number => text.trim().parse().map_or_else(|_| trimmed(text), Item::Float),
        Type::Text => Item::Text(text.clone()),
        _ => trimmed(text),
    }
}

fn trimmed<'a>(text: &Cow<'a, str>) -> Item<'a> {
    Item::Text(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_string()),
    })
}

/// The items of a list cell, each with its own span.
fn items<'a>(inner: &Type, text: &Cow<'a, str>, span: Span, quoted: bool) -> Vec<Node<'a>> {
    let inner_start = span.start + u32::from(quoted);
    let mut at = 0_usize;
    let mut nodes = Vec::new();
    for part in text.split(';') {
        let lead = part.len() - part.trim_start().len();
        let item_text = part.trim();
        if !item_text.is_empty() {
            // Doubled quotes shift what stands behind them; ids and addresses have none.
            let start = inner_start.saturating_add(Span::new(at + lead, 0).start).min(span.end);
            let end = start.saturating_add(Span::new(item_text.len(), 0).start).min(span.end);
            let owned: Cow<'a, str> = match text {
                Cow::Borrowed(whole) => {
                    Cow::Borrowed(whole.get(at + lead..at + lead + item_text.len()).unwrap_or(""))
                }
                Cow::Owned(_) => Cow::Owned(item_text.to_string()),
            };
            let span = Span { start, end };
            nodes.push(Node { span, item: item(inner, &owned, span, false) });
        }
        at += part.len() + 1;
    }
    nodes
}
