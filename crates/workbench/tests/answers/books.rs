//! Random plants with texts that spreadsheets mangle, their workbooks, and another program that opens and saves them.

use crate::plants::{self, Rng};
use calamine::{Data, Reader as _, Xlsx};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use std::collections::BTreeMap;
use std::io::Cursor;
use zonewright_assess::levels::of_judgements;
use zonewright_assess::questions::{About, Question, questions};
use zonewright_plant::Plant;
use zonewright_report::xlsx::{self, layout};
use zonewright_source::SourceText;
use zonewright_workbench::answers::{Answers, Plan, compare, read};

/// Texts that spreadsheets take for something else, or cannot hold as they are.
const TEXTS: &[&str] = &[
    "so it is",
    "1-2",
    "MAR1",
    "007",
    "=1+1",
    "+49 30",
    "-K3",
    "@home",
    "1e5",
    "TRUE",
    "2026-03-31",
    "first line\nsecond line",
    "tab\there",
    " edge ",
    "_x000D_ as text",
    "a \"quoted\" <word> & more",
    "\u{7}bell",
    "ünï¢ode ☃ 😀",
    "'apostrophe",
    "carriage\r\nreturn",
];

/// A random plant as the text of a file, with a comment before every claim.
pub(crate) fn text(seed: u64) -> String {
    let mut rng = Rng(seed);
    let mut out = String::new();
    for line in plants::plant_text(&mut rng).lines() {
        match line {
            "rationale = \"so it is\"" => {
                let text = serde_json::to_string(rng.pick(TEXTS)).unwrap();
                out.push_str(&format!("rationale = {text}\n"));
                if rng.one_in(3) {
                    out.push_str("by = \"r\"\ndate = 2026-02-29\n".replace("29", "28").as_str());
                }
                if rng.one_in(4) {
                    out.push_str(&format!("note = {}\n", serde_json::to_string(rng.pick(TEXTS)).unwrap()));
                }
            }
            "[[claim]]" => out.push_str("# a comment that stays\n[[claim]]\n"),
            line => out.push_str(&format!("{line}\n")),
        }
    }
    out
}

pub(crate) fn plant(seed: u64) -> (SourceText, Plant) {
    let text = text(seed);
    let plant = plants::read(&text);
    (SourceText::new("plant.toml", text), plant)
}

fn assessed(plant: &Plant, seed: u64) -> zonewright_assess::assessment::Assessment {
    of_judgements(plant, &plants::judgements(&mut Rng(seed)), plants::AS_OF.parse().unwrap())
}

/// The requirement workbook.
pub(crate) fn book(plant: &Plant, seed: u64) -> Vec<u8> {
    xlsx::workbook(plant, &assessed(plant, seed), "0.1.0").unwrap().bytes
}

/// The pack of questions.
pub(crate) fn pack(plant: &Plant, seed: u64) -> Vec<u8> {
    let assessment = assessed(plant, seed);
    let mut asked = questions(plant, &assessment);
    // What is asked of the whole plant; random ones seldom have a gap of that kind.
    if let Some(question) =
        asked.iter().find(|question| !matches!(question.about, About::Product(_))).cloned()
    {
        let id = format!("plant/{}", question.requirement);
        asked.push(Question { about: About::Plant, id, ..question });
    }
    xlsx::pack(plant, &asked, "0.1.0", assessment.as_of).unwrap().bytes
}

pub(crate) fn answers(bytes: &[u8]) -> Answers {
    read("file.xlsx", bytes).unwrap()
}

pub(crate) fn plan(plant: &Plant, bytes: &[u8]) -> Plan {
    compare(plant, &[answers(bytes)])
}

/// The cells of a sheet by row and column.
type Cells = BTreeMap<(u32, u32), Data>;

/// A workbook as another program has it: cells, without what they look like.
pub(crate) struct Opened {
    pub(crate) sheets: Vec<(String, Cells)>,
}

impl Opened {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        let sheets = book
            .sheet_names()
            .into_iter()
            .map(|name| {
                let range = book.worksheet_range(&name).unwrap();
                let (top, left) = range.start().unwrap_or_default();
                let cells = range.used_cells().map(|(row, column, data)| {
                    let at = (top + u32::try_from(row).unwrap(), left + u32::try_from(column).unwrap());
                    (at, data.clone())
                });
                (name, cells.collect())
            })
            .collect();
        Self { sheets }
    }

    pub(crate) fn sheet(&mut self, name: &str) -> &mut BTreeMap<(u32, u32), Data> {
        &mut self.sheets.iter_mut().find(|(known, _)| known == name).unwrap().1
    }

    /// The sheet, row and columns of a row.
    pub(crate) fn find(&self, id: &str) -> (String, u32, BTreeMap<String, u32>) {
        for (name, cells) in self.sheets.iter().filter(|(name, _)| name != layout::HIDDEN) {
            let titles: BTreeMap<String, u32> = cells
                .iter()
                .filter(|((row, _), _)| *row == 0)
                .map(|((_, column), data)| (data.to_string(), *column))
                .collect();
            let Some(at) = titles.get(layout::ROW_ID) else { continue };
            let row = cells.iter().find(|((_, column), data)| column == at && data.to_string() == id);
            if let Some(((row, _), _)) = row {
                return (name.clone(), *row, titles);
            }
        }
        panic!("no row `{id}`");
    }

    /// Puts a value into the column of a row.
    pub(crate) fn put(&mut self, id: &str, title: &str, value: Data) {
        let (sheet, row, titles) = self.find(id);
        let at = (row, titles[title]);
        match value {
            Data::Empty => drop(self.sheet(&sheet).remove(&at)),
            value => drop(self.sheet(&sheet).insert(at, value)),
        }
    }

    pub(crate) fn type_in(&mut self, id: &str, title: &str, text: &str) {
        let value = if text.is_empty() { Data::Empty } else { Data::String(text.into()) };
        self.put(id, title, value);
    }

    /// Ids of all rows, in their order.
    pub(crate) fn ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        for (name, cells) in self.sheets.iter().filter(|(name, _)| name != layout::HIDDEN) {
            let _ = name;
            let Some(((_, at), _)) =
                cells.iter().find(|((row, _), data)| *row == 0 && data.to_string() == layout::ROW_ID)
            else {
                continue;
            };
            ids.extend(
                cells
                    .iter()
                    .filter(|((row, column), _)| *row > 0 && column == at)
                    .map(|(_, d)| d.to_string()),
            );
        }
        ids
    }

    pub(crate) fn saved(&self) -> Vec<u8> {
        let mut book = Workbook::new();
        let day = Format::new().set_num_format("yyyy-mm-dd");
        for (name, cells) in &self.sheets {
            let sheet = book.add_worksheet().set_name(name).unwrap();
            sheet.set_hidden(name == layout::HIDDEN);
            for ((row, column), data) in cells {
                let column = u16::try_from(*column).unwrap();
                match data {
                    Data::String(text) => drop(sheet.write_string(*row, column, text.as_str()).unwrap()),
                    Data::Float(number) => drop(sheet.write_number(*row, column, *number).unwrap()),
                    Data::Bool(truth) => drop(sheet.write_boolean(*row, column, *truth).unwrap()),
                    Data::DateTime(moment) => {
                        let moment = ExcelDateTime::from_serial_datetime(moment.as_f64()).unwrap();
                        sheet.write_datetime_with_format(*row, column, &moment, &day).unwrap();
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
        book.save_to_buffer().unwrap()
    }
}
