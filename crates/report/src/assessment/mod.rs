//! An assessment as others read it: `zonewright-assessment/1`, and the text of a terminal.

mod text;

pub use text::{GAPS_LISTED_MAX, text};

use crate::json::finding;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use zonewright_assess::assessment::{Assessed, Assessment, Basis, Component, Gap, RequirementStatus};
use zonewright_catalog::{ComponentType, SecurityLevel, SlVector};
use zonewright_plant::EvidencePlace;

/// The format's name and number.
pub const FORMAT: &str = "zonewright-assessment/1";

/// An assessment as the text of `zonewright-assessment/1`.
///
/// A large plant has hundreds of thousands of rows: they are written one by one, never all held as values.
#[must_use]
pub fn json(assessment: &Assessment, version: &str) -> String {
    let document = Document { assessment, version };
    // A value has only text for keys, and writing to memory does not fail.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

struct Document<'a> {
    assessment: &'a Assessment,
    version: &'a str,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let assessment = self.assessment;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("format", FORMAT)?;
        map.serialize_entry("zonewright", self.version)?;
        map.serialize_entry("as_of", &assessment.as_of.to_string())?;
        map.serialize_entry("catalog", &assessment.catalog)?;
        map.serialize_entry("components", &Each(&assessment.components, component))?;
        map.serialize_entry("findings", &Each(&assessment.findings, finding))?;
        map.serialize_entry("plant", &assessment.plant)?;
        map.serialize_entry("subjects", &Each(&assessment.subjects, subject))?;
        map.end()
    }
}

/// A list of which each member is shown in its own shape when its turn comes.
struct Each<'a, T, S>(&'a [T], fn(&'a T) -> S);

impl<T, S: Serialize> Serialize for Each<'_, T, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        serializer.collect_seq(self.0.iter().map(self.1))
    }
}

/// A vector in the order IAC, UC, SI, DC, RDF, TRE, RA: numbers or null.
#[must_use]
pub fn vector(vector: &SlVector) -> [Option<u8>; 7] {
    vector.0.map(|level| level.map(SecurityLevel::number))
}

// The shapes below name their fields in the order in which they are written: by name.

#[derive(Serialize)]
struct Subject<'a> {
    id: &'a str,
    kind: &'static str,
    name: &'a str,
    requirements: Each<'a, RequirementStatus, Row<'a>>,
    sl_a_possible: [Option<u8>; 7],
    sl_a_proven: [Option<u8>; 7],
    sl_t: [Option<u8>; 7],
}

fn subject(assessed: &Assessed) -> Subject<'_> {
    Subject {
        id: &assessed.id,
        kind: assessed.kind.as_str(),
        name: &assessed.name,
        requirements: Each(&assessed.requirements, row),
        sl_a_possible: vector(&assessed.possible),
        sl_a_proven: vector(&assessed.proven),
        sl_t: vector(&assessed.sl_t),
    }
}

#[derive(Serialize)]
struct Row<'a> {
    basis: Each<'a, Basis, BasisRow<'a>>,
    fr: u8,
    gap: Option<&'static str>,
    gap_text: Option<&'a str>,
    id: String,
    reason: Option<&'a str>,
    required: bool,
    sl: u8,
    status: &'static str,
}

fn row(row: &RequirementStatus) -> Row<'_> {
    Row {
        basis: Each(&row.basis, basis),
        fr: row.fr.number(),
        gap: row.gap.map(Gap::as_str),
        gap_text: row.gap_text.as_deref(),
        id: row.id.to_string(),
        reason: row.reason.as_deref(),
        required: row.required,
        sl: row.level.number(),
        status: row.status.as_str(),
    }
}

#[derive(Serialize)]
struct BasisRow<'a> {
    kind: &'static str,
    places: Each<'a, EvidencePlace, PlaceRow<'a>>,
    #[serde(rename = "ref")]
    reference: &'a str,
    speaks_for: bool,
    text: &'a str,
}

fn basis(basis: &Basis) -> BasisRow<'_> {
    BasisRow {
        kind: basis.kind.as_str(),
        places: Each(&basis.places, place),
        reference: &basis.reference,
        speaks_for: basis.speaks_for,
        text: &basis.text,
    }
}

#[derive(Serialize)]
struct PlaceRow<'a> {
    file: &'a str,
    place: String,
    what: &'a str,
}

fn place(place: &EvidencePlace) -> PlaceRow<'_> {
    PlaceRow { file: place.place.file(), place: place.place.within_file(), what: &place.what }
}

#[derive(Serialize)]
struct ComponentRow<'a> {
    asset: &'a str,
    component_type: Option<&'static str>,
    sl_c: Option<[Option<u8>; 7]>,
}

fn component(component: &Component) -> ComponentRow<'_> {
    ComponentRow {
        asset: component.asset.as_str(),
        component_type: component.component_type.map(ComponentType::as_str),
        sl_c: component.sl_c.as_ref().map(vector),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use zonewright_assess::levels::of_judgements;

    fn assessed() -> (samples::Sample, Assessment) {
        let sample = samples::small();
        let assessment = of_judgements(&sample.plant, &[], sample.verification.as_of);
        (sample, assessment)
    }

    #[test]
    fn an_assessment_has_the_shape_of_the_interfaces() {
        let (_, mut assessment) = assessed();
        assessment.subjects.truncate(1);
        assessment.components.truncate(2);
        assessment.findings.truncate(1);
        // Another edition of the catalog is no other shape.
        assessment.catalog = "blake3:…".into();
        for subject in &mut assessment.subjects {
            subject.requirements.truncate(2);
        }
        insta::assert_snapshot!(json(&assessment, "0.1.0"));
    }

    #[test]
    fn a_person_reads_levels_gaps_and_what_to_ask() {
        let (sample, assessment) = assessed();
        let questions = zonewright_assess::questions::questions(&sample.plant, &assessment);
        insta::assert_snapshot!(text(&sample.plant, &assessment, &questions, 100));
    }
}
