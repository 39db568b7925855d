//! From tables to requirements: one reader per catalog, for each has columns of its own.

use crate::requirement::{ConduitApplicability, ConduitCondition, Levels, Requirement};
use crate::table::{Faults, Row, Table};
use crate::{Fr, RequirementId, Role, SecurityLevel, Standard};
use std::collections::BTreeMap;

/// Reads the rows of one catalog.
pub(crate) fn requirements(standard: Standard, table: &Table, faults: &mut Faults) -> Vec<Requirement> {
    let reader = match standard {
        Standard::Iec62443_2_1 => by_practice("spe"),
        Standard::Iec62443_2_3 => by_practice("kind"),
        Standard::Iec62443_2_4 => by_practice("functional_area"),
        Standard::Iec62443_3_2 => by_practice("step"),
        Standard::Iec62443_4_1 => by_practice("practice"),
        Standard::Iec62443_3_3 => Shape { practice: "", levels: system_levels },
        Standard::Iec62443_4_2 => Shape { practice: "", levels: component_levels },
    };
    table.rows().filter_map(|row| requirement(standard, &reader, &row, faults)).collect()
}

/// Reads the common constraints of 4-2: no foundational requirement and no level.
pub(crate) fn common_constraints(table: &Table, faults: &mut Faults) -> Vec<Requirement> {
    let shape = by_practice("");
    let rows = table.rows().filter_map(|row| requirement(Standard::Iec62443_4_2, &shape, &row, faults));
    rows.map(|row| Requirement { practice: Some("Common component security constraints"), ..row }).collect()
}

/// Reads which system requirements apply to conduits.
pub(crate) fn conduits(table: &Table, faults: &mut Faults) -> BTreeMap<RequirementId, ConduitApplicability> {
    let mut found = BTreeMap::new();
    for row in table.rows() {
        let Some(id) = row.parse("id", faults) else { continue };
        let Some(applies) = row.word("applies", &[("yes", true), ("no", false)], faults) else { continue };
        let when = if applies { row.word("when", ConduitCondition::ALL, faults) } else { None };
        found.insert(id, ConduitApplicability { when, reason: row.cell("reason"), basis: row.cell("basis") });
    }
    found
}

/// What differs between the catalogs.
struct Shape {
    /// The column that groups its rows; empty where foundational requirements do.
    practice: &'static str,
    levels: fn(&Row, &mut Faults) -> Levels,
}

fn by_practice(practice: &'static str) -> Shape {
    Shape { practice, levels: |_, _| Levels::None }
}

/// Columns that a requirement holds typed, in all catalogs.
const TYPED: &[&str] =
    &["id", "fr", "kind", "parent", "title", "paraphrase", "sl", "sa", "ed", "hd", "nd", "maps_to_sr"];

fn requirement(standard: Standard, shape: &Shape, row: &Row, faults: &mut Faults) -> Option<Requirement> {
    let id: RequirementId = row.parse("id", faults)?;
    let parent = match row.filled("parent") {
        Some(_) => row.parse("parent", faults),
        None => id.enhancement().map(|_| id.base()),
    };
    let fr = match row.filled("fr") {
        Some(_) => row.parse("fr", faults).and_then(Fr::from_number),
        None => None,
    };
    let mut known = TYPED.to_vec();
    known.push(shape.practice);
    Some(Requirement {
        standard,
        parent,
        title: row.filled("title").unwrap_or_else(|| title_from_topic(row)),
        text: row.cell("paraphrase"),
        fr,
        practice: row.filled(shape.practice),
        levels: (shape.levels)(row, faults),
        maps_to: row.list("maps_to_sr", faults),
        conduit: None,
        roles: roles(standard, row),
        provenance: row.rest(&known),
        id,
    })
}

/// 2-4 has no titles; a row is known by its topic and subtopic.
fn title_from_topic(row: &Row) -> &'static str {
    match (row.filled("topic"), row.filled("subtopic")) {
        (Some(topic), Some(subtopic)) => format!("{topic}: {subtopic}").leak(),
        (Some(topic), None) => topic,
        _ => "",
    }
}

fn system_levels(row: &Row, faults: &mut Faults) -> Levels {
    row.parse("sl", faults).and_then(SecurityLevel::new).map_or(Levels::None, Levels::System)
}

fn component_levels(row: &Row, faults: &mut Faults) -> Levels {
    let mut level = |column| {
        row.filled(column)?;
        row.parse(column, faults).and_then(SecurityLevel::new)
    };
    Levels::Component([level("sa"), level("ed"), level("hd"), level("nd")])
}

/// The roles that a row names itself (2-3 and 2-4).
fn roles(standard: Standard, row: &Row) -> Vec<Role> {
    match standard {
        Standard::Iec62443_2_3 => match row.cell("role") {
            "asset owner" => vec![Role::AssetOwner],
            "product supplier" => vec![Role::ProductSupplier],
            _ => Vec::new(),
        },
        Standard::Iec62443_2_4 => match row.cell("applies_to") {
            "integration" => vec![Role::IntegrationServiceProvider],
            "maintenance" => vec![Role::MaintenanceServiceProvider],
            _ => vec![Role::IntegrationServiceProvider, Role::MaintenanceServiceProvider],
        },
        _ => Vec::new(),
    }
}
