//! `zonewright-catalog/1`: the shape that scripts and other programs read. Fields are added, never renamed.

use super::misread;
use serde_json::{Map, Value, json};
use zonewright_catalog::profile::Profile;
use zonewright_catalog::{
    ATTACK_NOTICE, Catalog, ComponentType, CrosswalkLine, Levels, Misreading, Part, Requirement,
    RequirementId, Selected, Selection,
};

/// The format's name and number.
pub const FORMAT: &str = "zonewright-catalog/1";

/// `catalog list`: the requirements that a selection gives.
#[must_use]
pub fn list(catalog: &Catalog, selection: &Selection<'_>, selected: &Selected<'_>, version: &str) -> Value {
    let requirements =
        |rows: &[&Requirement]| rows.iter().map(|row| requirement(catalog, row)).collect::<Vec<_>>();
    let mut document = head(catalog, version);
    document.insert("selection".into(), selection_of(selection));
    document.insert("count".into(), selected.requirements.len().into());
    document.insert("requirements".into(), requirements(&selected.requirements).into());
    document.insert("common_constraints".into(), requirements(&selected.common).into());
    if let Some(profile) = selection.profile {
        document.insert("profile".into(), profile_of(profile));
    }
    Value::Object(document)
}

/// `catalog show`: single requirements, in the order asked for.
#[must_use]
pub fn show(catalog: &Catalog, requirements: &[&Requirement], version: &str) -> Value {
    let mut document = head(catalog, version);
    let rows: Vec<Value> = requirements.iter().map(|row| requirement(catalog, row)).collect();
    document.insert("requirements".into(), rows.into());
    Value::Object(document)
}

/// `catalog series`: the parts, the scales, and what is misread about them.
#[must_use]
pub fn series(catalog: &Catalog, parts: &[&Part], version: &str) -> Value {
    let mut document = head(catalog, version);
    document.insert("parts".into(), parts.iter().map(|row| part(catalog, row)).collect());
    let scales: Vec<Value> = catalog
        .scales()
        .iter()
        .map(|step| {
            let columns = columns(&step.provenance);
            json!({ "scale": step.scale, "code": step.code, "name": step.name, "text": step.text, "columns": columns })
        })
        .collect();
    document.insert("scales".into(), scales.into());
    document.insert("misreadings".into(), catalog.misreadings().iter().map(misreading).collect());
    Value::Object(document)
}

/// `catalog crosswalk`: lines to other rule books.
#[must_use]
pub fn crosswalk(catalog: &Catalog, lines: &[&CrosswalkLine], version: &str) -> Value {
    let mut document = head(catalog, version);
    let rows: Vec<Value> = lines
        .iter()
        .map(|line| {
            let mut row = crosswalk_line(catalog, line);
            row.insert("standard".into(), line.standard.as_str().into());
            row.insert("id".into(), line.from.as_ref().map(ToString::to_string).into());
            Value::Object(row)
        })
        .collect();
    document.insert("count".into(), rows.len().into());
    document.insert("crosswalk".into(), rows.into());
    Value::Object(document)
}

fn head(catalog: &Catalog, version: &str) -> Map<String, Value> {
    let mut document = Map::new();
    document.insert("format".into(), FORMAT.into());
    document.insert("zonewright".into(), version.into());
    document.insert("catalog_version".into(), catalog.version().into());
    document
}

fn selection_of(selection: &Selection<'_>) -> Value {
    json!({
        "standard": selection.standard.map(|standard| standard.as_str()),
        "fr": selection.fr.map(|fr| fr.number()),
        "level": selection.level.map(|level| level.number()),
        "component_type": selection.component.map(ComponentType::as_str),
        "role": selection.role.map(|role| role.as_str()),
        "conduit": selection.conduit,
        "profile": selection.profile.map(|profile| profile.id.as_str()),
    })
}

fn requirement(catalog: &Catalog, row: &Requirement) -> Value {
    let ids = |ids: &[RequirementId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let crosswalk: Vec<Value> =
        catalog.crosswalk_of(&row.id).map(|line| Value::Object(crosswalk_line(catalog, line))).collect();
    let mut out = Map::new();
    out.insert("standard".into(), row.standard.as_str().into());
    out.insert("id".into(), row.id.to_string().into());
    out.insert("parent".into(), row.parent.as_ref().map(ToString::to_string).into());
    out.insert("title".into(), row.title.into());
    out.insert("text".into(), row.text.into());
    match row.fr {
        Some(fr) => out.insert("fr".into(), fr.number().into()),
        None => out.insert("practice".into(), row.practice.into()),
    };
    out.insert("sl".into(), levels(&row.levels));
    out.insert("roles".into(), row.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().into());
    out.insert("maps_to".into(), ids(&row.maps_to).into());
    let serving: Vec<String> =
        catalog.component_requirements_for(&row.id).map(|row| row.id.to_string()).collect();
    out.insert("component_requirements".into(), serving.into());
    if let Some(conduit) = &row.conduit {
        let when = conduit.when.map(|when| when.as_str());
        let value = json!({
            "applies": conduit.applies(), "when": when, "reason": conduit.reason, "basis": conduit.basis
        });
        out.insert("conduit".into(), value);
    }
    out.insert("columns".into(), columns(&row.provenance));
    out.insert("misreadings".into(), misread(catalog, row).into_iter().map(misreading).collect());
    let attack = attack(catalog, &row.id);
    if !attack.is_empty() {
        out.insert("attack_mitigations".into(), attack.into());
        out.insert("attack_notice".into(), ATTACK_NOTICE.into());
    }
    out.insert("crosswalk".into(), crosswalk.into());
    Value::Object(out)
}

/// `sl`: a number for a system, an object by component type for 4-2, null where there is no level.
fn levels(levels: &Levels) -> Value {
    match levels {
        Levels::None => Value::Null,
        Levels::System(level) => level.number().into(),
        Levels::Component(_) => {
            let level = |component| levels.for_component(component).map(|level| level.number());
            ComponentType::ALL
                .iter()
                .map(|(word, component)| ((*word).to_string(), json!(level(*component))))
                .collect()
        }
    }
}

fn columns(columns: &[(&'static str, &'static str)]) -> Value {
    columns.iter().map(|(column, value)| ((*column).to_string(), Value::from(*value))).collect()
}

fn crosswalk_line(catalog: &Catalog, line: &CrosswalkLine) -> Map<String, Value> {
    let entry = catalog.regime_entry(line.regime, line.to);
    let mut row = Map::new();
    row.insert("regime".into(), line.regime.into());
    row.insert("ref".into(), line.to.into());
    row.insert("title".into(), entry.map(|entry| entry.title).into());
    row.insert("relation".into(), line.relation.as_str().into());
    row.insert("source".into(), line.source.as_str().into());
    row.insert("published".into(), line.source.is_published().into());
    row.insert("note".into(), line.note.into());
    row
}

fn misreading(row: &Misreading) -> Value {
    json!({
        "id": row.id, "misreading": row.misreading, "reading": row.reading, "refs": row.refs,
        "source": row.source, "confidence": row.confidence, "doubt": row.doubt,
    })
}

fn attack(catalog: &Catalog, id: &RequirementId) -> Vec<Value> {
    let named = catalog.mitigations().iter().filter(|mitigation| mitigation.names(id));
    named
        .map(|mitigation| {
            let against: Vec<&str> = catalog
                .techniques()
                .iter()
                .filter(|technique| technique.mitigated_by.contains(&mitigation.id))
                .map(|technique| technique.id)
                .collect();
            json!({ "id": mitigation.id, "name": mitigation.name, "techniques": against, "version": mitigation.version })
        })
        .collect()
}

fn part(catalog: &Catalog, row: &Part) -> Value {
    let requirements = row.standard().map(|standard| catalog.of(standard).count());
    json!({
        "part": row.part, "designation": row.designation, "title": row.title,
        "edition": Some(row.edition).filter(|edition| !edition.is_empty()), "year": row.year,
        "kind": row.kind, "group": row.group, "status": row.status, "published": row.is_published(),
        "roles": row.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>(), "note": row.note,
        "requirements": requirements,
    })
}

fn profile_of(profile: &Profile) -> Value {
    let reasons = |reasons: &std::collections::BTreeMap<RequirementId, String>| {
        reasons.iter().map(|(id, why)| json!({ "id": id.to_string(), "reason": why })).collect::<Vec<_>>()
    };
    json!({
        "id": profile.id, "name": profile.name, "version": profile.version, "author": profile.author,
        "context": profile.context, "sources": profile.sources,
        "levels": profile.levels.0.map(|level| level.map(|level| level.number())),
        "maturity_level": profile.maturity_level,
        "parts": profile.parts.iter().map(|part| part.as_str()).collect::<Vec<_>>(),
        "added": reasons(&profile.added), "left_out": reasons(&profile.left_out),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::to_text;

    #[test]
    fn a_requirement_has_the_shape_of_the_interfaces() {
        let catalog = Catalog::builtin();
        let ids = ["SR 5.2 RE(1)", "CR 1.6", "CCSC 1", "SM-13", "ZCR 5.10"];
        let rows: Vec<&Requirement> =
            ids.iter().filter_map(|id| catalog.requirement(&id.parse().ok()?)).collect();
        assert_eq!(rows.len(), ids.len());
        let text = to_text(&show(catalog, &rows, "0.1.0"));
        insta::assert_snapshot!(text.replace(catalog.version(), "blake3:…"));
    }

    #[test]
    fn levels_of_a_component_requirement_are_an_object_by_type() {
        let catalog = Catalog::builtin();
        let row = catalog.requirement(&"NDR 5.2".parse().unwrap()).unwrap();
        let wanted = json!({
            "software-application": null, "embedded-device": null, "host-device": null, "network-device": 1
        });
        assert_eq!(requirement(catalog, row)["sl"], wanted);
    }
}
