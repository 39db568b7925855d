//! Sheets of the requirement workbook that are read and not filled in: the assets as they are declared, and the questions
//! that would decide most.

use super::WriteError;
use super::book::{Book, Cell, Column, Row, Style, column};
use super::records::said;
use std::collections::BTreeSet;
use zonewright_assess::assessment::Assessment;
use zonewright_assess::questions::questions;
use zonewright_plant::Plant;
use zonewright_plant::text::spec::{Key, Kind};
use zonewright_plant::text::{AnyRecord, KINDS, Value, Written};

/// Questions that are listed; the pack of `zonewright ask` has all.
pub(super) const QUESTIONS_MAX: usize = 1_000;
/// Keys of an asset that have a column even where nothing stands in them.
const ALWAYS: [&str; 4] = ["id", "name", "kind", "zone"];

const QUESTIONS: [Column; 8] = [
    column("Rank", 6.0, Style::Number),
    column("Question", 70.0, Style::Wrapped),
    column("Requirement", 14.0, Style::Text),
    column("Where", 26.0, Style::Wrapped),
    column("Whom to ask", 18.0, Style::Text),
    column("Bears on", 9.0, Style::Number),
    column("Yes proves levels", 9.0, Style::Number),
    column("No rules out levels", 9.0, Style::Number),
];

/// The assets, by the columns of `assets.csv`.
pub(super) fn assets(book: &mut Book<'_>, plant: &Plant) -> Result<(), WriteError> {
    let written = || plant.assets.values().map(|asset| AnyRecord::from(asset.clone()).write(plant));
    let mut used: BTreeSet<&'static str> = ALWAYS.into_iter().collect();
    for asset in written() {
        used.extend(
            asset.fields.iter().filter(|(_, value)| value != &Value::Absent).map(|(key, _)| key.name),
        );
    }
    let kind: Option<&'static Kind> = KINDS.iter().copied().find(|kind| kind.name == "asset");
    let keys: Vec<&'static Key> =
        kind.into_iter().flat_map(Kind::all_keys).filter(|key| used.contains(key.name)).collect();
    let columns: Vec<Column> = keys.iter().map(|key| column(key.name, width(key), Style::Wrapped)).collect();
    book.table("Assets", &columns, 1, written().map(|asset| row(&keys, &asset)))
}

fn width(key: &Key) -> f64 {
    match key.name {
        "id" | "ips" | "macs" | "zone" | "conduit" | "kind" => 18.0,
        "name" | "note" => 28.0,
        _ => 14.0,
    }
}

fn row(keys: &[&'static Key], asset: &Written) -> Row<'static> {
    let cell = |key: &&Key| asset.field(key.name).map_or(Cell::Empty, |value| Cell::text(said(value)));
    Row { cells: keys.iter().map(cell).collect(), id: None }
}

/// The questions that would decide most.
pub(super) fn asked(book: &mut Book<'_>, plant: &Plant, assessment: &Assessment) -> Result<(), WriteError> {
    let questions = questions(plant, assessment);
    let rows = (1_u64..).zip(questions.iter().take(QUESTIONS_MAX)).map(|(rank, question)| {
        let cells = vec![
            Cell::Number(rank),
            Cell::text(question.text.as_str()),
            Cell::text(question.requirement.to_string()),
            question.place.as_deref().map_or(Cell::Empty, Cell::text),
            question.role.as_ref().map_or(Cell::Empty, |role| Cell::text(role.as_str())),
            Cell::Number(u64::try_from(question.statuses.len()).unwrap_or(u64::MAX)),
            Cell::Number(question.levels_up.into()),
            Cell::Number(question.levels_down.into()),
        ];
        Row { cells, id: None }
    });
    book.table("Questions", &QUESTIONS, 2, rows)
}
