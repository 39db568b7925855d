//! The pack for a walk-down: open questions, where to go, whom to ask, and the place for the answers.

use super::book::{Book, Cell, Column, Line, Row, Style, column, name};
use super::layout::{Field, Held, Kind, ROW_ID, RowId, held_by};
use super::{WriteError, Written};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use zonewright_assess::questions::{About, Question};
use zonewright_plant::Plant;
use zonewright_plant::id::{ConduitId, ZoneId};
use zonewright_plant::model::{Claim, SubjectRef};

/// Most sheets of single zones; of more zones, all stand in one.
const ZONE_SHEETS_MAX: usize = 40;
/// Longest name of a sheet, in UTF-16 units.
const SHEET_NAME_MAX: usize = 31;
/// Instances of a product that are named.
const INSTANCES_MAX: usize = 20;

const COLUMNS: [Column; 14] = [
    column("Question", 60.0, Style::Wrapped),
    column("Requirement", 13.0, Style::Text),
    column("Where", 22.0, Style::Wrapped),
    column("Whom to ask", 16.0, Style::Text),
    column("Instances", 24.0, Style::Wrapped),
    column("Bears on", 9.0, Style::Number),
    column("Answer", 14.0, Style::Entry(Field::Status)),
    column("Rationale", 40.0, Style::Entry(Field::Rationale)),
    column("Evidence", 18.0, Style::Entry(Field::Evidence)),
    column("By (role)", 14.0, Style::Entry(Field::By)),
    column("Date", 12.0, Style::Entry(Field::Date)),
    column("Comment", 26.0, Style::Entry(Field::Comment)),
    column("Claim", 14.0, Style::Text),
    column(ROW_ID, 30.0, Style::Text),
];

/// The questions of a plant as a workbook to fill in, in their order.
///
/// # Errors
/// If they do not fit into a spreadsheet: more than a million in a sheet.
pub fn pack(
    plant: &Plant,
    questions: &[Question],
    version: &str,
    as_of: Date,
) -> Result<Written, WriteError> {
    let mut book = Book::new(Kind::Answers, plant, version, as_of)?;
    let sheets = sheets(questions);
    book.page("Overview", &format!("Questions about {}", name(plant)), &overview(&sheets, as_of))?;
    let mut claims: BTreeMap<_, Vec<&Claim>> = BTreeMap::new();
    for claim in plant.claims.values() {
        claims.entry((&claim.subject, &claim.requirement)).or_default().push(claim);
    }
    for (name, questions) in &sheets {
        let rows = questions.iter().flat_map(|question| {
            let subject = subject(&question.about);
            // What a product can is answered in its own record, whatever is claimed of its instances.
            let known = claims.get(&(&subject, &question.requirement));
            let known = known.filter(|_| !matches!(subject, SubjectRef::Product(_)));
            let mut ids: Vec<(RowId, Held)> =
                known.into_iter().flatten().map(|claim| (RowId::of(claim), held_by(claim))).collect();
            if ids.is_empty() {
                let id = RowId { subject, requirement: question.requirement.clone(), claim: None };
                ids.push((id, Held::default()));
            }
            ids.into_iter().map(|(id, held)| row(question, id, held))
        });
        book.table(name, &COLUMNS, 2, rows)?;
    }
    let (bytes, cut) = book.done()?;
    Ok(Written { bytes, cut })
}

fn subject(about: &About) -> SubjectRef {
    match about {
        About::Plant => SubjectRef::Plant,
        About::Product(id) => SubjectRef::Product(id.clone()),
        About::Zone(id) => SubjectRef::Zone(ZoneId::from(id.as_str())),
        About::Conduit(id) => SubjectRef::Conduit(ConduitId::from(id.as_str())),
    }
}

/// The sheets in their order: the plant, zones, conduits, products; questions keep their order.
fn sheets(questions: &[Question]) -> Vec<(String, Vec<&Question>)> {
    let zones: BTreeSet<&str> = questions
        .iter()
        .filter_map(|question| match &question.about {
            About::Zone(id) => Some(id.as_str()),
            _ => None,
        })
        .collect();
    let single = zones.len() <= ZONE_SHEETS_MAX;
    let mut taken = BTreeSet::new();
    let zone_names: BTreeMap<&str, String> =
        zones.into_iter().map(|zone| (zone, sheet_name(&format!("Zone {zone}"), &mut taken))).collect();
    let mut sheets: BTreeMap<(u8, String), Vec<&Question>> = BTreeMap::new();
    for question in questions {
        let key = match &question.about {
            About::Plant => (0, "Plant".to_string()),
            About::Zone(id) if single => (1, zone_names.get(id.as_str()).cloned().unwrap_or_default()),
            About::Zone(_) => (1, "Zones".to_string()),
            About::Conduit(_) => (2, "Conduits".to_string()),
            About::Product(_) => (3, "Products".to_string()),
        };
        sheets.entry(key).or_default().push(question);
    }
    sheets.into_iter().map(|((_, name), questions)| (name, questions)).collect()
}

/// A name that a sheet can have, and no other one has, whatever the case of its letters.
fn sheet_name(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let cut = |text: &str, most: usize| {
        let mut left = most;
        text.chars()
            .take_while(|c| {
                let fits = c.len_utf16() <= left;
                left = left.saturating_sub(c.len_utf16());
                fits
            })
            .collect::<String>()
    };
    let mut name = cut(wanted, SHEET_NAME_MAX);
    let mut n = 2;
    while !taken.insert(name.to_lowercase()) {
        let end = format!(" ({n})");
        name = format!("{}{end}", cut(wanted, SHEET_NAME_MAX.saturating_sub(end.len())));
        n += 1;
    }
    name
}

fn overview(sheets: &[(String, Vec<&Question>)], as_of: Date) -> Vec<Line> {
    let pair = |key: &'static str, value: &'static str| Line::Pair(key.into(), value.into());
    let count =
        |count: usize| if count == 1 { "1 question".to_string() } else { format!("{count} questions") };
    let mut lines = vec![
        Line::Pair("As of".into(), as_of.to_string().into()),
        Line::Pair(
            "Questions".into(),
            count(sheets.iter().map(|(_, questions)| questions.len()).sum()).into(),
        ),
        Line::Gap,
        Line::Heading("How to fill it in"),
        pair(
            "Yellow columns",
            "are yours. Choose an answer, and say why: a yes without a rationale or evidence does not count.",
        ),
        pair("Order", "within a sheet, those questions come first of which the answers decide most."),
        pair("Products", "one answer serves every instance."),
        pair("Row id", "says which question it is: leave it as it is. Sort, filter and hide as you like."),
        Line::Gap,
        Line::Heading("To read it back"),
        pair("zonewright import WORKSPACE FILE.xlsx", "shows what would change; nothing is written."),
        pair("zonewright import WORKSPACE FILE.xlsx --apply", "writes it, all or nothing."),
        Line::Gap,
        Line::Heading("Sheets"),
    ];
    lines.extend(sheets.iter().map(|(name, questions)| Line::Link(name.clone(), count(questions.len()))));
    lines
}

fn row(question: &Question, id: RowId, held: Held) -> Row<'_> {
    let named: Vec<&str> = question.assets.iter().take(INSTANCES_MAX).map(|asset| asset.as_str()).collect();
    let more = question.assets.len().saturating_sub(INSTANCES_MAX);
    let end = if more > 0 { format!(" and {more} more") } else { String::new() };
    let cells = vec![
        Cell::text(question.text.as_str()),
        Cell::text(question.requirement.to_string()),
        question.place.as_deref().map_or(Cell::Empty, Cell::text),
        question.role.as_ref().map_or(Cell::Empty, |role| Cell::text(role.as_str())),
        Cell::text(format!("{}{end}", named.join(", "))),
        Cell::Number(u64::try_from(question.statuses.len()).unwrap_or(u64::MAX)),
        Cell::Entry,
        Cell::Entry,
        Cell::Entry,
        Cell::Entry,
        Cell::Entry,
        Cell::Entry,
        id.claim.as_ref().map_or(Cell::Empty, |claim| Cell::text(claim.to_string())),
        Cell::text(id.to_string()),
    ];
    Row { cells, id: Some((id, held)) }
}
