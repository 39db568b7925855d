//! An assessment as others read it: `zonewright-assessment/1`, and the text of a terminal.

mod text;

pub use text::{GAPS_LISTED_MAX, text};

use crate::json::finding;
use serde_json::{Value, json};
use zonewright_assess::assessment::{Assessed, Assessment, Basis, Component, RequirementStatus};
use zonewright_catalog::SlVector;
use zonewright_plant::EvidencePlace;

/// The format's name and number.
pub const FORMAT: &str = "zonewright-assessment/1";

/// An assessment as `zonewright-assessment/1`.
#[must_use]
pub fn json(assessment: &Assessment, version: &str) -> Value {
    json!({
        "format": FORMAT,
        "zonewright": version,
        "plant": assessment.plant,
        "as_of": assessment.as_of.to_string(),
        "catalog": assessment.catalog,
        "subjects": assessment.subjects.iter().map(subject).collect::<Vec<_>>(),
        "components": assessment.components.iter().map(component).collect::<Vec<_>>(),
        "findings": assessment.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

/// A vector in the order IAC, UC, SI, DC, RDF, TRE, RA: numbers or null.
#[must_use]
pub fn vector(vector: &SlVector) -> Value {
    vector.0.iter().map(|level| level.map_or(Value::Null, |level| level.number().into())).collect()
}

fn subject(assessed: &Assessed) -> Value {
    json!({
        "kind": assessed.kind.as_str(),
        "id": assessed.id,
        "name": assessed.name,
        "sl_t": vector(&assessed.sl_t),
        "sl_a_proven": vector(&assessed.proven),
        "sl_a_possible": vector(&assessed.possible),
        "requirements": assessed.requirements.iter().map(requirement).collect::<Vec<_>>(),
    })
}

fn requirement(row: &RequirementStatus) -> Value {
    json!({
        "id": row.id.to_string(),
        "fr": row.fr.number(),
        "sl": row.level.number(),
        "required": row.required,
        "status": row.status.as_str(),
        "basis": row.basis.iter().map(basis).collect::<Vec<_>>(),
        "reason": row.reason,
        "gap": row.gap.map(|gap| gap.as_str()),
        "gap_text": row.gap_text,
    })
}

fn basis(basis: &Basis) -> Value {
    let place =
        |e: &EvidencePlace| json!({ "file": e.place.file(), "place": e.place.within_file(), "what": e.what });
    json!({
        "kind": basis.kind.as_str(),
        "ref": basis.reference,
        "text": basis.text,
        "speaks_for": basis.speaks_for,
        "places": basis.places.iter().map(place).collect::<Vec<_>>(),
    })
}

fn component(component: &Component) -> Value {
    json!({
        "asset": component.asset.as_str(),
        "component_type": component.component_type.map(|t| t.as_str()),
        "sl_c": component.sl_c.as_ref().map(vector),
    })
}
