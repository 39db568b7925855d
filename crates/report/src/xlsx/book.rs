//! A workbook as it is written: tables with types, filters, drop-downs and a print set-up, and the hidden sheet.

use super::WriteError;
use super::layout::{self, FORMAT, Field, HIDDEN, Held, KEYS, Kind, RowId};
use super::records::{self, Takes};
use jiff::civil::Date;
use rust_xlsxwriter::{
    Color, ConditionalFormatCell, ConditionalFormatCellRule, DataValidation, DataValidationErrorStyle,
    DataValidationRule, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, FormatUnderline,
    Formula, Workbook, Worksheet,
};
use std::borrow::Cow;
use zonewright_plant::Plant;
use zonewright_plant::model::Status;

/// Paper size A4, by its number in ECMA-376 (18.3.1.63).
const A4: u8 = 9;
/// The column of the hidden sheet in which roles stand, for the drop-downs.
const ROLES_COLUMN: u16 = 9;
/// The first row of the hidden sheet that says what a row held.
pub(super) const HELD_FROM: u32 = KEYS.len() as u32 + 1;
/// Lines of a row that are shown at once: a row is at most 409 points high.
const LINES_MAX: u32 = 28;
/// Widths of the columns of a page.
const PAGE_WIDTHS: (f64, f64) = (42.0, 88.0);
/// The first year of which a day is written as a day: before 1901 spreadsheets do not agree.
const YEAR_MIN: i16 = 1901;

/// How a column looks and what it takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Style {
    /// A word or an id.
    Text,
    /// Sentences.
    Wrapped,
    /// A whole number.
    Number,
    /// A status, which is marked by how good it is.
    Status,
    /// To be filled in.
    Entry(Field),
    /// To be filled in: a key of a record.
    Key(Takes),
    /// To be filled in for a new record only.
    NewId,
}

impl Style {
    const fn is_entry(self) -> bool {
        matches!(self, Self::Entry(_) | Self::Key(_) | Self::NewId)
    }
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) title: &'static str,
    pub(super) width: f64,
    pub(super) style: Style,
}

/// A column, in one line.
pub(super) const fn column(title: &'static str, width: f64, style: Style) -> Column {
    Column { title, width, style }
}

/// What stands in a cell.
#[derive(Debug)]
pub(super) enum Cell<'a> {
    Text(Cow<'a, str>),
    Number(u64),
    Empty,
    /// The entry of the column's field.
    Entry,
}

impl<'a> Cell<'a> {
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn level(level: Option<zonewright_catalog::SecurityLevel>) -> Self {
        level.map_or(Self::Empty, |level| Self::Number(level.number().into()))
    }
}

/// A row: what is said, and for a row that is filled in which it is and what it holds.
pub(super) struct Row<'a> {
    pub(super) cells: Vec<Cell<'a>>,
    pub(super) id: Option<(RowId, Held)>,
}

struct Formats {
    head: Format,
    head_entry: Format,
    title: Format,
    text: Format,
    wrapped: Format,
    number: Format,
    entry: Format,
    entry_date: Format,
    entry_number: Format,
    plain: Format,
    good: Format,
    part: Format,
    bad: Format,
    open: Format,
}

impl Formats {
    fn new() -> Self {
        let top = || Format::new().set_align(FormatAlign::Top);
        let boxed = || top().set_border(FormatBorder::Thin).set_border_color(Color::RGB(0x00B7_BDC4));
        let entry = || boxed().set_background_color(Color::RGB(0x00FF_FBE6)).set_text_wrap();
        let head = || {
            boxed()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::Center)
                .set_align(FormatAlign::VerticalCenter)
        };
        Self {
            head: head()
                .set_background_color(Color::RGB(0x001F_3A5F))
                .set_font_color(Color::RGB(0x00FF_FFFF)),
            head_entry: head().set_background_color(Color::RGB(0x00F2_D16B)),
            title: Format::new().set_bold().set_font_size(16),
            text: boxed(),
            wrapped: boxed().set_text_wrap(),
            number: boxed().set_align(FormatAlign::Center).set_num_format("0"),
            // Text, so that a spreadsheet takes `1-2` and `MAR1` for what they are.
            entry: entry().set_num_format("@"),
            entry_number: entry().set_align(FormatAlign::Right),
            entry_date: entry().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Left),
            plain: top().set_text_wrap(),
            // Each is told from the others without its color too.
            good: Format::new().set_background_color(Color::RGB(0x00DD_F0DD)),
            part: Format::new().set_background_color(Color::RGB(0x00FF_EFC2)).set_italic(),
            bad: Format::new()
                .set_background_color(Color::RGB(0x00F7_C9C4))
                .set_bold()
                .set_underline(FormatUnderline::Single),
            open: Format::new().set_background_color(Color::RGB(0x00EC_EEF0)).set_italic(),
        }
    }
}

/// A workbook in the making.
pub(super) struct Book<'p> {
    book: Workbook,
    kind: Kind,
    plant: &'p Plant,
    as_of: Date,
    version: &'p str,
    formats: Formats,
    held: Vec<(RowId, Held)>,
    records: Vec<Vec<String>>,
    cut: usize,
}

impl<'p> Book<'p> {
    pub(super) fn new(
        kind: Kind,
        plant: &'p Plant,
        version: &'p str,
        as_of: Date,
    ) -> Result<Self, WriteError> {
        let mut book = Workbook::new();
        let created = excel_day(as_of).unwrap_or_default();
        let title = match kind {
            Kind::Requirements => format!("Requirements of {}", name(plant)),
            Kind::Answers => format!("Questions about {}", name(plant)),
        };
        // The judging date stands for the time of creation, so that the same plant gives the same bytes.
        let properties = DocProperties::new().set_title(title).set_author("Zonewright");
        book.set_properties(&properties.set_creation_datetime(&created));
        Ok(Self {
            book,
            kind,
            plant,
            as_of,
            version,
            formats: Formats::new(),
            held: Vec::new(),
            records: Vec::new(),
            cut: 0,
        })
    }

    /// A sheet of sentences, each a row, and of links to other sheets.
    pub(super) fn page(&mut self, name: &str, title: &str, lines: &[Line]) -> Result<(), WriteError> {
        let formats = &self.formats;
        let sheet = self.book.add_worksheet().set_name(name)?;
        sheet.write_string_with_format(0, 0, layout::fitting(title), &formats.title)?;
        sheet.set_column_width(0, PAGE_WIDTHS.0)?.set_column_width(1, PAGE_WIDTHS.1)?;
        for (row, line) in (2_u32..).zip(lines) {
            match line {
                Line::Heading(text) => {
                    sheet.write_string_with_format(row, 0, *text, &Format::new().set_bold())?;
                }
                Line::Pair(key, value) => {
                    sheet.write_string_with_format(row, 0, layout::fitting(key), &formats.plain)?;
                    sheet.write_string_with_format(row, 1, layout::fitting(value), &formats.plain)?;
                    let lines = wrapped(key, PAGE_WIDTHS.0).max(wrapped(value, PAGE_WIDTHS.1));
                    sheet.set_row_height(row, height(lines))?;
                }
                Line::Link(to, value) => {
                    let place = format!("internal:'{}'!A1", to.replace('\'', "''"));
                    sheet.write_url_with_text(row, 0, place.as_str(), to.as_str())?;
                    sheet.write_string_with_format(row, 1, value, &formats.plain)?;
                }
                Line::Gap => {}
            }
        }
        set_up_print(sheet, self.plant, self.as_of);
        Ok(())
    }

    /// A sheet with one table.
    pub(super) fn table<'a>(
        &mut self,
        name: &str,
        columns: &[Column],
        frozen: u16,
        rows: impl Iterator<Item = Row<'a>>,
    ) -> Result<(), WriteError> {
        let sheet = self.book.add_worksheet().set_name(name)?;
        for (at, column) in (0_u16..).zip(columns) {
            let head = if column.style.is_entry() { &self.formats.head_entry } else { &self.formats.head };
            sheet.write_string_with_format(0, at, column.title, head)?;
            sheet.set_column_width(at, column.width)?;
        }
        sheet.set_row_height(0, 32)?;
        let mut last = 0;
        for (at, row) in (1_u32..).zip(rows) {
            let held = row.id.as_ref().map(|(_, held)| held);
            let mut lines = 1;
            for ((at_column, column), cell) in (0_u16..).zip(columns).zip(&row.cells) {
                let text = shown(self.kind, column, cell, held);
                lines = lines.max(lines_of(&text, column));
                self.cut += usize::from(!layout::fits(&text));
                write(sheet, &self.formats, (at, at_column), column, cell, &text)?;
            }
            sheet.set_row_height(at, height(lines))?;
            self.held.extend(row.id.filter(|(_, held)| !held.is_empty()));
            last = at;
        }
        let width = u16::try_from(columns.len()).unwrap_or(u16::MAX).saturating_sub(1);
        sheet.autofilter(0, 0, last, width)?;
        sheet.set_freeze_panes(1, frozen)?;
        if last > 0 {
            for (at, column) in (0_u16..).zip(columns) {
                dress(sheet, &self.formats, self.kind, self.plant, at, last, column)?;
            }
        }
        set_up_print(sheet, self.plant, self.as_of);
        sheet.set_repeat_rows(0, 0)?;
        // Claim and row id are for the way back, not for paper.
        let printed = columns
            .iter()
            .filter(|column| !["Claim", layout::ROW_ID, records::RECORD].contains(&column.title))
            .count();
        let printed = u16::try_from(printed).unwrap_or(u16::MAX).saturating_sub(1);
        sheet.set_print_area(0, 0, last, printed)?;
        Ok(())
    }

    /// Notes what a record held: its row id, then its keys.
    pub(super) fn hold_record(&mut self, line: Vec<String>) {
        self.records.push(line);
    }

    fn hidden_records(&mut self) -> Result<(), WriteError> {
        let sheet = self.book.add_worksheet().set_name(records::HIDDEN)?;
        sheet.set_hidden(true);
        sheet.write_string(0, 0, records::RECORD)?;
        for (at, (key, _)) in (1_u16..).zip(records::keys()) {
            sheet.write_string(0, at, key.name)?;
        }
        for (row, line) in (1_u32..).zip(&self.records) {
            for (at, text) in (0_u16..).zip(line).filter(|(_, text)| !text.is_empty()) {
                sheet.write_string(row, at, layout::fitting(text))?;
            }
        }
        Ok(())
    }

    /// The bytes, with the hidden sheets as the last ones; and how many texts were cut.
    pub(super) fn done(mut self) -> Result<(Vec<u8>, usize), WriteError> {
        if self.kind == Kind::Requirements {
            self.hidden_records()?;
        }
        let id = self.plant.system.as_ref().map(|system| system.id.as_str()).unwrap_or_default();
        let as_of = self.as_of.to_string();
        let values = [FORMAT, self.version, id, self.kind.as_str(), &as_of];
        let sheet = self.book.add_worksheet().set_name(HIDDEN)?;
        sheet.set_hidden(true);
        for (row, (key, value)) in (0_u32..).zip(KEYS.iter().zip(values)) {
            sheet.write_string(row, 0, *key)?;
            sheet.write_string(row, 1, value)?;
        }
        for (at, field) in (1_u16..).zip(Field::ALL) {
            sheet.write_string(HELD_FROM - 1, at, field.key())?;
        }
        sheet.write_string(HELD_FROM - 1, 0, layout::ROW_ID)?;
        for (row, (id, held)) in (HELD_FROM..).zip(&self.held) {
            sheet.write_string(row, 0, id.to_string())?;
            for (at, field) in (1_u16..).zip(Field::ALL) {
                let text = entry(self.kind, field, held.get(field));
                if !text.is_empty() {
                    sheet.write_string(row, at, layout::fitting(&text))?;
                }
            }
        }
        for (row, role) in (0_u32..).zip(self.plant.system.iter().flat_map(|system| &system.roles)) {
            sheet.write_string(row, ROLES_COLUMN, role.id.as_str())?;
        }
        Ok((self.book.save_to_buffer()?, self.cut))
    }
}

/// A line of a page.
pub(super) enum Line {
    Heading(&'static str),
    Pair(Cow<'static, str>, Cow<'static, str>),
    /// To a sheet.
    Link(String, String),
    Gap,
}

/// What a field holds, as it stands in a cell.
fn entry(kind: Kind, field: Field, held: &str) -> Cow<'_, str> {
    match (field, layout::status(held)) {
        (Field::Status, Some(status)) => layout::spoken(kind, status).into(),
        _ => held.into(),
    }
}

/// The text of a cell.
fn shown<'a>(kind: Kind, column: &Column, cell: &'a Cell<'_>, held: Option<&'a Held>) -> Cow<'a, str> {
    match (cell, column.style) {
        (Cell::Text(text), _) => text.as_ref().into(),
        (Cell::Entry, Style::Entry(field)) => entry(kind, field, held.map_or("", |held| held.get(field))),
        (Cell::Number(_) | Cell::Entry | Cell::Empty, _) => "".into(),
    }
}

fn write(
    sheet: &mut Worksheet,
    formats: &Formats,
    (row, at): (u32, u16),
    column: &Column,
    cell: &Cell<'_>,
    text: &str,
) -> Result<(), WriteError> {
    let format = match column.style {
        Style::Text | Style::Status => &formats.text,
        Style::Wrapped => &formats.wrapped,
        Style::Number => &formats.number,
        Style::Entry(Field::Date) | Style::Key(Takes::Day) => &formats.entry_date,
        Style::Key(Takes::Number(_) | Takes::Whole(..)) => &formats.entry_number,
        Style::Entry(_) | Style::Key(_) | Style::NewId => &formats.entry,
    };
    let is_day = matches!(column.style, Style::Entry(Field::Date) | Style::Key(Takes::Day));
    let is_number = matches!(column.style, Style::Key(Takes::Number(_) | Takes::Whole(..)));
    if let Cell::Number(number) = cell {
        #[expect(clippy::cast_precision_loss, reason = "levels and counts of a plant are far below 53 bits")]
        sheet.write_number_with_format(row, at, *number as f64, format)?;
    } else if text.is_empty() {
        sheet.write_blank(row, at, format)?;
    } else if let Some(number) = records::number(text).filter(|_| is_number) {
        sheet.write_number_with_format(row, at, number, format)?;
    } else if is_day && let Some(day) = text.parse().ok().and_then(excel_day) {
        sheet.write_datetime_with_format(row, at, &day, format)?;
    } else {
        sheet.write_string_with_format(row, at, layout::fitting(text), format)?;
    }
    Ok(())
}

/// Lines that a text takes in a column that wraps.
fn lines_of(text: &str, column: &Column) -> u32 {
    if column.style != Style::Wrapped && !column.style.is_entry() {
        return 1;
    }
    wrapped(text, column.width)
}

fn wrapped(text: &str, width: f64) -> u32 {
    // A width counts digits of the default font; words do not fill their lines.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "widths are small and positive"
    )]
    let per_line = (width as u32).saturating_sub(2).max(1);
    let paragraph = |text: &str| {
        let chars = u32::try_from(text.chars().take(layout::TEXT_UNITS_MAX).count()).unwrap_or(u32::MAX);
        chars.div_ceil(per_line).max(1)
    };
    text.lines().map(paragraph).sum::<u32>().max(1)
}

/// The height of a row of so many lines, in points: set, because not every program works it out by itself.
fn height(lines: u32) -> f64 {
    f64::from(lines.min(LINES_MAX)) * 14.5 + 1.0
}

/// A day as a spreadsheet counts it.
fn excel_day(day: Date) -> Option<ExcelDateTime> {
    let year = u16::try_from(day.year()).ok().filter(|_| day.year() >= YEAR_MIN)?;
    ExcelDateTime::from_ymd(year, day.month().unsigned_abs(), day.day().unsigned_abs()).ok()
}

/// Drop-downs and marks of a column.
fn dress(
    sheet: &mut Worksheet,
    formats: &Formats,
    kind: Kind,
    plant: &Plant,
    at: u16,
    last: u32,
    column: &Column,
) -> Result<(), WriteError> {
    match column.style {
        Style::Status => mark(sheet, formats, Kind::Requirements, at, last),
        Style::Entry(Field::Status) => {
            let words: Vec<&str> =
                Status::ALL.iter().map(|(_, status)| layout::spoken(kind, *status)).collect();
            let list = DataValidation::new().allow_list_strings(&words)?;
            sheet.add_data_validation(
                1,
                at,
                last,
                at,
                &told(list, "Choose one of the list, or leave it empty.")?,
            )?;
            mark(sheet, formats, kind, at, last)
        }
        Style::Entry(Field::By) => limit_to(sheet, Takes::Role, plant, at, last),
        Style::Entry(Field::Date) => limit_to(sheet, Takes::Day, plant, at, last),
        Style::Key(takes) => limit_to(sheet, takes, plant, at, last),
        Style::Text | Style::Wrapped | Style::Number | Style::Entry(_) | Style::NewId => Ok(()),
    }
}

/// What the cells of a column take: a list to choose from, or bounds.
fn limit_to(
    sheet: &mut Worksheet,
    takes: Takes,
    plant: &Plant,
    at: u16,
    last: u32,
) -> Result<(), WriteError> {
    let new = DataValidation::new;
    let (validation, help) = match takes {
        Takes::Text => return Ok(()),
        Takes::Role => {
            let roles = plant.system.as_ref().map_or(0, |system| system.roles.len());
            if roles == 0 {
                return Ok(());
            }
            let list = Formula::new(format!("={HIDDEN}!$J$1:$J${roles}"));
            let help = "Choose a role of the plant; new ones are added in its files.";
            (new().allow_list_formula(list), help.to_string())
        }
        Takes::Day => {
            let (first, end) = (ExcelDateTime::from_ymd(1901, 1, 1)?, ExcelDateTime::from_ymd(9999, 12, 31)?);
            let days = new().allow_date(DataValidationRule::Between(first, end));
            (days, "A day, such as 2026-03-31.".to_string())
        }
        Takes::YesNo => (new().allow_list_strings(&["yes", "no"])?, "Choose yes or no.".to_string()),
        Takes::Words(words) => {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            (new().allow_list_strings(&words)?, "Choose one of the list, or leave it empty.".to_string())
        }
        Takes::Number(None) => return Ok(()),
        Takes::Number(Some((least, most))) if most < f64::MAX => {
            let rule = DataValidationRule::Between(least, most);
            (new().allow_decimal_number(rule), format!("A number from {least} to {most}."))
        }
        Takes::Number(Some((least, _))) => {
            let rule = DataValidationRule::GreaterThanOrEqualTo(least);
            (new().allow_decimal_number(rule), format!("A number of at least {least}."))
        }
        Takes::Whole(least, most) => {
            let bound = |bound: i64| i32::try_from(bound).unwrap_or(i32::MAX);
            let rule = DataValidationRule::Between(bound(least), bound(most));
            (new().allow_whole_number(rule), format!("A whole number from {least} to {most}."))
        }
    };
    sheet.add_data_validation(1, at, last, at, &told(validation, &help)?)?;
    Ok(())
}

fn told(validation: DataValidation, help: &str) -> Result<DataValidation, WriteError> {
    let told = validation.ignore_blank(true).set_error_title("Not in the list")?.set_error_message(help)?;
    Ok(told.set_error_style(DataValidationErrorStyle::Stop))
}

/// Marks statuses by how good they are.
fn mark(sheet: &mut Worksheet, formats: &Formats, kind: Kind, at: u16, last: u32) -> Result<(), WriteError> {
    for (_, status) in Status::ALL {
        let format = match status {
            Status::Met | Status::NotApplicable => &formats.good,
            Status::Partly => &formats.part,
            Status::NotMet => &formats.bad,
            Status::NotShown => &formats.open,
        };
        let rule = ConditionalFormatCellRule::EqualTo(layout::spoken(kind, *status));
        let marked = ConditionalFormatCell::new().set_rule(rule).set_format(format);
        sheet.add_conditional_format(1, at, last, at, &marked)?;
    }
    Ok(())
}

/// Landscape, as wide as a page, with page numbers.
fn set_up_print(sheet: &mut Worksheet, plant: &Plant, as_of: Date) {
    // A footer takes 255 characters, and `&` begins a code in it.
    let name: String = name(plant).chars().take(60).collect();
    let name = name.replace('&', "&&");
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
    sheet.set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
    sheet.set_footer(format!("&L{name}, as of {as_of}&C&A&RPage &P of &N"));
}

/// The plant's name for people.
pub(super) fn name(plant: &Plant) -> String {
    let system = plant.system.as_ref();
    system.map(|s| s.common.name.clone().unwrap_or_else(|| s.id.clone())).unwrap_or_default()
}
