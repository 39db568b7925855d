//! Levels: what evidence and statements say of every requirement at every zone and conduit, and what follows
//! (DESIGN §6): status with basis, SL-A as a pair, SL-C, gaps, contradictions.
//!
//! `claims` says which statements count; `capability` what components can; `scope` what belongs to a subject; `status`
//! judges one requirement; `achieved` turns statuses into levels; `gap` says what kind of work is left; `findings` names
//! what people have to resolve.

pub mod achieved;
pub mod capability;
pub mod claims;
mod findings;
mod gap;
mod scope;
mod status;

use crate::assessment::{Assessed, Assessment, Component, RequirementStatus};
use crate::deciders::{self, Judgement, Worlds};
use crate::rules;
use achieved::{NotShown, achieved};
use capability::Capabilities;
use claims::Claims;
use findings::Said;
use jiff::civil::Date;
use scope::{Judgements, Scope};
use status::Desk;
use zonewright_catalog::Catalog;
use zonewright_plant::Plant;

/// Assesses a plant from the worlds side by side.
#[must_use]
pub fn assess(worlds: &Worlds<'_>) -> Assessment {
    of_judgements(worlds.plant, &deciders::judge(worlds), worlds.as_of)
}

/// Assesses a plant from what deciders said of it.
#[must_use]
pub fn of_judgements(plant: &Plant, judgements: &[Judgement], as_of: Date) -> Assessment {
    let catalog = Catalog::builtin();
    let claims = Claims::new(plant, as_of);
    let capabilities = Capabilities::new(plant, catalog, &claims);
    let desk =
        Desk { claims: &claims, capabilities: &capabilities, judgements: Judgements::new(plant, judgements) };
    let mut said = Said::default();
    let scopes = scope::scopes(plant, &capabilities);
    let subjects: Vec<Assessed> =
        scopes.iter().map(|scope| subject(&desk, scope, catalog, as_of, &mut said)).collect();
    let mut found = findings::of_statements(plant, &claims, &said);
    found.extend(findings::of_products(plant, catalog));
    found.extend(findings::of_countermeasures(plant));
    found.extend(
        subjects
            .iter()
            .zip(&scopes)
            .flat_map(|(assessed, scope)| findings::of_levels(assessed, scope.common)),
    );
    rules::finish(plant, as_of, &mut found);
    Assessment {
        plant: plant.system.as_ref().map(|system| system.id.clone()).unwrap_or_default(),
        as_of,
        catalog: catalog.version().to_string(),
        subjects,
        components: components(plant, &capabilities),
        findings: found,
    }
}

fn subject<'p>(
    desk: &Desk<'p>,
    scope: &Scope<'p>,
    catalog: &'static Catalog,
    as_of: Date,
    said: &mut Said<'p>,
) -> Assessed {
    let mut requirements = Vec::new();
    for requirement in catalog.system_requirements() {
        let Some(judged) = desk.judge(scope, requirement) else { continue };
        let mut row = judged.status;
        gap::mark(desk, scope, as_of, &mut row);
        said.add(&row.id, judged.contradictions, judged.conflict);
        requirements.push(row);
    }
    Assessed {
        kind: scope.kind,
        id: scope.id.to_string(),
        name: scope.common.name.clone().unwrap_or_else(|| scope.id.to_string()),
        sl_t: scope.sl_t,
        proven: achieved(requirements.iter().map(RequirementStatus::outcome), NotShown::NotMet),
        possible: achieved(requirements.iter().map(RequirementStatus::outcome), NotShown::Met),
        requirements,
    }
}

fn components<'p>(plant: &'p Plant, capabilities: &Capabilities<'p>) -> Vec<Component> {
    // Instances of one product have one level; only those with answers of their own are worked out one by one.
    let mut known = std::collections::HashMap::new();
    let assets = plant.assets.values().filter(|asset| !asset.common.proposed);
    let component = |asset| {
        let kind = capabilities.kind(asset);
        let level = match kind.own {
            Some(_) => capabilities.level(kind),
            None => *known
                .entry((kind.component_type, kind.product.map(|product| &product.id)))
                .or_insert_with(|| capabilities.level(kind)),
        };
        Component { asset: asset.id.clone(), component_type: kind.component_type, sl_c: level }
    };
    assets.map(component).collect()
}
