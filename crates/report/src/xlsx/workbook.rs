//! The requirement workbook: levels, every requirement of every zone and conduit, every answer of every product.

use super::book::{Book, Cell, Column, Line, Row, Style, column, name};
use super::layout::{Field, Held, Kind, ROW_ID, RowId, held, held_by, subject_words};
use super::overviews;
use super::records;
use super::{WriteError, Written};
use std::collections::{BTreeMap, BTreeSet};
use zonewright_assess::assessment::{Assessed, Assessment, RequirementStatus, SubjectKind};
use zonewright_catalog::{Catalog, ComponentType, Fr, Requirement, RequirementId, SecurityLevel, Standard};
use zonewright_plant::Plant;
use zonewright_plant::id::{ClaimId, ConduitId, ProductId, ZoneId};
use zonewright_plant::model::{Claim, Product, SubjectRef};

/// Most characters of what a status rests on.
const BASIS_CHARS_MAX: usize = 400;

const REQUIREMENTS: [Column; 18] = [
    column("Kind", 8.0, Style::Text),
    column("Id", 14.0, Style::Text),
    column("Requirement", 12.0, Style::Text),
    column("Title", 20.0, Style::Wrapped),
    column("What it asks", 38.0, Style::Wrapped),
    column("Level", 6.0, Style::Number),
    column("Required", 9.0, Style::Text),
    column("Status", 12.0, Style::Status),
    column("Basis", 28.0, Style::Wrapped),
    column("Gap", 10.0, Style::Text),
    column("Claim status", 13.0, Style::Entry(Field::Status)),
    column("Rationale", 30.0, Style::Entry(Field::Rationale)),
    column("Evidence", 14.0, Style::Entry(Field::Evidence)),
    column("By (role)", 12.0, Style::Entry(Field::By)),
    column("Date", 11.0, Style::Entry(Field::Date)),
    column("Comment", 18.0, Style::Entry(Field::Comment)),
    column("Claim", 14.0, Style::Text),
    column(ROW_ID, 30.0, Style::Text),
];

const OTHERS: [Column; 12] = [
    column("Kind", 9.0, Style::Text),
    column("Id", 16.0, Style::Text),
    column("Requirement", 13.0, Style::Text),
    column("Title", 26.0, Style::Wrapped),
    column("Claim status", 14.0, Style::Entry(Field::Status)),
    column("Rationale", 40.0, Style::Entry(Field::Rationale)),
    column("Evidence", 18.0, Style::Entry(Field::Evidence)),
    column("By (role)", 14.0, Style::Entry(Field::By)),
    column("Date", 12.0, Style::Entry(Field::Date)),
    column("Comment", 26.0, Style::Entry(Field::Comment)),
    column("Claim", 14.0, Style::Text),
    column(ROW_ID, 30.0, Style::Text),
];

const PRODUCTS: [Column; 8] = [
    column("Product", 18.0, Style::Text),
    column("Name", 26.0, Style::Wrapped),
    column("Requirement", 14.0, Style::Text),
    column("Title", 28.0, Style::Wrapped),
    column("What it asks", 60.0, Style::Wrapped),
    column("Level", 7.0, Style::Number),
    column("Answer", 14.0, Style::Entry(Field::Status)),
    column(ROW_ID, 30.0, Style::Text),
];

/// The requirement workbook of a plant and its assessment.
///
/// # Errors
/// If the plant does not fit into a spreadsheet: more than a million rows in a sheet.
pub fn workbook(plant: &Plant, assessment: &Assessment, version: &str) -> Result<Written, WriteError> {
    let mut book = Book::new(Kind::Requirements, plant, version, assessment.as_of)?;
    let claims = by_row(plant);
    book.page("How to use it", &format!("Requirements of {}", name(plant)), &how_to(plant, assessment))?;
    levels(&mut book, assessment)?;
    let mut shown: BTreeSet<&ClaimId> = BTreeSet::new();
    let rows = assessment.subjects.iter().flat_map(|assessed| {
        let claims = &claims;
        assessed.requirements.iter().flat_map(move |row| rows_of(claims, assessed, row))
    });
    let rows = rows.inspect(|row| {
        let claim = row.id.as_ref().and_then(|(id, _)| id.claim.as_ref());
        shown.extend(claim.and_then(|id| plant.claims.get(id)).map(|claim| &claim.id));
    });
    book.table("Requirements", &REQUIREMENTS, 3, rows)?;
    let rows = product_rows(plant);
    book.table("Products", &PRODUCTS, 3, rows.into_iter())?;
    records::countermeasures(&mut book, plant)?;
    overviews::assets(&mut book, plant)?;
    overviews::asked(&mut book, plant, assessment)?;
    let others: Vec<&Claim> = plant.claims.values().filter(|claim| !shown.contains(&claim.id)).collect();
    if !others.is_empty() {
        book.table("Other claims", &OTHERS, 3, others.into_iter().map(other))?;
    }
    let (bytes, cut) = book.done()?;
    Ok(Written { bytes, cut })
}

type ByRow<'p> = BTreeMap<(&'p SubjectRef, &'p RequirementId), Vec<&'p Claim>>;

fn by_row(plant: &Plant) -> ByRow<'_> {
    let mut claims = ByRow::new();
    for claim in plant.claims.values() {
        claims.entry((&claim.subject, &claim.requirement)).or_default().push(claim);
    }
    claims
}

fn how_to(plant: &Plant, assessment: &Assessment) -> Vec<Line> {
    let pair = |key: &'static str, value: &'static str| Line::Pair(key.into(), value.into());
    let types = types(plant);
    let untyped = plant.products.keys().filter(|product| !types.contains_key(product)).count();
    let mut lines = vec![
        Line::Pair("Judged as of".into(), assessment.as_of.to_string().into()),
        Line::Pair("Catalog".into(), assessment.catalog.clone().into()),
        Line::Gap,
        Line::Heading("How to fill it in"),
        pair(
            "Yellow columns",
            "are yours: claim status, rationale, evidence, role, date, comment; the answers of products; and countermeasures. What you write elsewhere is not read back.",
        ),
        pair(
            "A new claim",
            "choose a claim status and say why. A claim of met or not-applicable without a rationale does not count.",
        ),
        pair("To take a claim back", "clear its claim status."),
        pair(
            "Countermeasures",
            "lists one item a line or with commas. A new one: give it an id in one of the empty rows. One is taken away in the files.",
        ),
        pair("Evidence", "ids of evidence records of the plant, one a line (Alt+Enter) or with commas."),
        pair(
            "Several claims",
            "a requirement with several claims has a row for each. Do not change the column Row id: it says which row it is.",
        ),
        pair("Sorting, filtering, hiding", "as you like. A row that you delete changes nothing."),
        Line::Gap,
        Line::Heading("To read it back"),
        pair("zonewright import WORKSPACE FILE.xlsx", "shows what would change; nothing is written."),
        pair(
            "zonewright import WORKSPACE FILE.xlsx --apply",
            "writes it, all or nothing. What was changed both here and in the workspace is a conflict and stays as it is.",
        ),
        Line::Gap,
        Line::Heading("Sheets"),
        Line::Link(
            "Zones and conduits".into(),
            "target, proven and possible level per foundational requirement".into(),
        ),
        Line::Link(
            "Requirements".into(),
            "every requirement of 62443-3-3 that applies to a zone or conduit".into(),
        ),
        Line::Link(
            "Products".into(),
            "every requirement of 62443-4-2 that is asked of a product; one answer serves every instance"
                .into(),
        ),
        Line::Link(records::SHEET.into(), "what is in place, planned and proposed".into()),
        Line::Link(
            "Assets".into(),
            "as they are declared, by the columns of assets.csv; to read, not to fill in".into(),
        ),
        Line::Link(
            "Questions".into(),
            format!(
                "those that would decide most, {} at most; `zonewright ask --xlsx` has all, to fill in",
                overviews::QUESTIONS_MAX
            ),
        ),
    ];
    if untyped > 0 {
        let text = format!(
            "{untyped} have no component type, neither their own nor by an asset: what is asked of them is not known, and they have rows only for what is answered"
        );
        lines.push(Line::Pair("Products without a type".into(), text.into()));
    }
    lines
}

/// The levels: a group of three columns per foundational requirement.
fn levels(book: &mut Book<'_>, assessment: &Assessment) -> Result<(), WriteError> {
    const TITLES: [[&str; 3]; 7] = [
        ["IAC target", "IAC proven", "IAC possible"],
        ["UC target", "UC proven", "UC possible"],
        ["SI target", "SI proven", "SI possible"],
        ["DC target", "DC proven", "DC possible"],
        ["RDF target", "RDF proven", "RDF possible"],
        ["TRE target", "TRE proven", "TRE possible"],
        ["RA target", "RA proven", "RA possible"],
    ];
    let mut columns = vec![
        column("Kind", 9.0, Style::Text),
        column("Id", 16.0, Style::Text),
        column("Name", 30.0, Style::Wrapped),
    ];
    columns.extend(TITLES.iter().flatten().map(|title| column(title, 9.0, Style::Number)));
    columns.push(column("Gaps", 7.0, Style::Number));
    let rows = assessment.subjects.iter().map(|assessed| {
        let mut cells = vec![
            Cell::text(assessed.kind.as_str()),
            Cell::text(assessed.id.as_str()),
            Cell::text(assessed.name.as_str()),
        ];
        for fr in Fr::ALL {
            let vectors = [&assessed.sl_t, &assessed.proven, &assessed.possible];
            cells.extend(vectors.map(|vector| Cell::level(vector.level(fr))));
        }
        cells.push(Cell::Number(u64::try_from(assessed.gaps().count()).unwrap_or(u64::MAX)));
        Row { cells, id: None }
    });
    book.table("Zones and conduits", &columns, 3, rows)
}

/// A requirement at a zone or conduit: a row for each claim about it, or one for a claim to be made.
fn rows_of<'a>(
    claims: &ByRow<'a>,
    assessed: &'a Assessed,
    status: &'a RequirementStatus,
) -> impl Iterator<Item = Row<'a>> + use<'a> {
    let subject = match assessed.kind {
        SubjectKind::Zone => SubjectRef::Zone(ZoneId::from(assessed.id.as_str())),
        SubjectKind::Conduit => SubjectRef::Conduit(ConduitId::from(assessed.id.as_str())),
    };
    let known = claims.get(&(&subject, &status.id)).map(Vec::as_slice).unwrap_or_default();
    let mut ids: Vec<(RowId, Held)> = known.iter().map(|claim| (RowId::of(claim), held_by(claim))).collect();
    if ids.is_empty() {
        ids.push((RowId { subject, requirement: status.id.clone(), claim: None }, Held::default()));
    }
    ids.into_iter().map(move |(id, held)| {
        let requirement = Catalog::builtin().requirement(&status.id);
        let cells = vec![
            Cell::text(assessed.kind.as_str()),
            Cell::text(assessed.id.as_str()),
            Cell::text(status.id.to_string()),
            Cell::text(requirement.map_or("", |requirement| requirement.title)),
            Cell::text(requirement.map_or("", |requirement| requirement.text)),
            Cell::level(Some(status.level)),
            Cell::text(if status.required { "yes" } else { "no" }),
            Cell::text(status.status.as_str()),
            Cell::text(basis(status)),
            status.gap.map_or(Cell::Empty, |gap| Cell::text(gap.as_str())),
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
    })
}

/// What a status rests on, in short.
fn basis(status: &RequirementStatus) -> String {
    let of_basis = status.basis.iter().map(|basis| {
        let side = if basis.speaks_for { "" } else { "against: " };
        format!("{side}{} ({}): {}", basis.kind.as_str(), basis.reference, basis.text)
    });
    let lines: Vec<String> = status.reason.clone().into_iter().chain(of_basis).collect();
    shortened(&lines.join("\n"))
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= BASIS_CHARS_MAX {
        return text.to_string();
    }
    let kept: String = text.chars().take(BASIS_CHARS_MAX).collect();
    format!("{kept} …")
}

fn product_rows(plant: &Plant) -> Vec<Row<'_>> {
    let types: BTreeMap<&ProductId, ComponentType> = types(plant);
    let catalog = Catalog::builtin();
    let mut rows = Vec::new();
    for product in plant.products.values() {
        let component = types.get(&product.id).copied();
        let level = |requirement: &Requirement| component.and_then(|of| requirement.levels.for_component(of));
        let asked = catalog.of(Standard::Iec62443_4_2).filter(|requirement| {
            level(requirement).is_some()
                || (component.is_some() && requirement.is_common_constraint())
                || product.capabilities.contains_key(&requirement.id)
        });
        let mut seen = BTreeSet::new();
        for requirement in asked {
            seen.insert(&requirement.id);
            let words = (requirement.title, requirement.text);
            rows.push(product_row(plant, product, &requirement.id, words, level(requirement)));
        }
        for id in product.capabilities.keys().filter(|id| !seen.contains(id)) {
            let words = catalog.requirement(id).map(|requirement| (requirement.title, requirement.text));
            rows.push(product_row(plant, product, id, words.unwrap_or_default(), None));
        }
    }
    rows
}

/// The component type of each product that has one: its own, or that of the first instance that states one.
fn types(plant: &Plant) -> BTreeMap<&ProductId, ComponentType> {
    let mut types = BTreeMap::new();
    for asset in plant.assets.values() {
        if let (Some(product), Some(of)) = (&asset.product, asset.component_type) {
            types.entry(product).or_insert(of);
        }
    }
    for product in plant.products.values() {
        if let Some(of) = product.component_type {
            types.insert(&product.id, of);
        }
    }
    types
}

fn product_row<'a>(
    plant: &Plant,
    product: &'a Product,
    requirement: &RequirementId,
    (title, text): (&'static str, &'static str),
    level: Option<SecurityLevel>,
) -> Row<'a> {
    let id = RowId {
        subject: SubjectRef::Product(product.id.clone()),
        requirement: requirement.clone(),
        claim: None,
    };
    let cells = vec![
        Cell::text(product.id.as_str()),
        product.common.name.as_deref().map_or(Cell::Empty, Cell::text),
        Cell::text(requirement.to_string()),
        Cell::text(title),
        Cell::text(text),
        Cell::level(level),
        Cell::Entry,
        Cell::text(id.to_string()),
    ];
    let held = held(plant, &id).unwrap_or_default();
    Row { cells, id: Some((id, held)) }
}

/// A claim about what has no row of its own: the plant, assets, products, groups, what does not apply.
fn other(claim: &Claim) -> Row<'_> {
    let (kind, subject) = subject_words(&claim.subject);
    let id = RowId::of(claim);
    let title =
        Catalog::builtin().requirement(&claim.requirement).map_or("", |requirement| requirement.title);
    let cells = vec![
        Cell::text(kind),
        Cell::text(subject),
        Cell::text(claim.requirement.to_string()),
        Cell::text(title),
        Cell::Entry,
        Cell::Entry,
        Cell::Entry,
        Cell::Entry,
        Cell::Entry,
        Cell::Entry,
        Cell::text(claim.id.as_str()),
        Cell::text(id.to_string()),
    ];
    Row { cells, id: Some((id, held_by(claim))) }
}
