//! Of what kind a gap is: what work would close it.

use super::capability::Capable;
use super::scope::Scope;
use super::status::Desk;
use crate::assessment::{Gap, RequirementStatus};
use crate::words;
use jiff::civil::Date;
use zonewright_catalog::{Catalog, RequirementId};
use zonewright_plant::model::{Asset, Status};

/// Marks the gap of a requirement that is asked for and not met.
pub(super) fn mark<'p>(desk: &Desk<'p>, scope: &Scope<'p>, as_of: Date, row: &mut RequirementStatus) {
    if row.required && !matches!(row.status, Status::Met | Status::NotApplicable) {
        let (gap, text) = kind(desk, scope, as_of, &row.id);
        row.gap = Some(gap);
        row.gap_text = Some(text);
    }
}

fn kind<'p>(desk: &Desk<'p>, scope: &Scope<'p>, as_of: Date, id: &RequirementId) -> (Gap, String) {
    let (mut can, mut cannot, mut unknown) = (0_u64, Vec::<&Asset>::new(), 0_u64);
    for (kind, assets) in &scope.groups {
        match desk.capable(*kind, assets, id) {
            Capable::Irrelevant => {}
            Capable::Yes => can += assets.len() as u64,
            Capable::No => cannot.extend(assets.iter().copied()),
            Capable::Unknown => unknown += assets.len() as u64,
        }
    }
    if let Some(first) = cannot.first() {
        let old = cannot.iter().find(|asset| is_out_of_support(desk, asset, as_of));
        let who = match cannot.len() {
            1 => first.id.to_string(),
            more => format!("{} and {}", first.id, words::count(more as u64 - 1, "other component")),
        };
        return match old {
            Some(asset) => (Gap::Replace, format!("{who} cannot; its vendor supports {} no more", asset.id)),
            None => (Gap::Compensate, format!("{who} cannot")),
        };
    }
    match (can, unknown) {
        (0, 0) if is_technical(id) => (
            Gap::Configure,
            "no component requirement speaks of it: it lies in how zone and conduits are built".into(),
        ),
        (0, 0) => (Gap::Organize, "no component has to do with it".into()),
        (can, 0) => (Gap::Configure, format!("{} in scope can", words::count(can, "component"))),
        (can, unknown) => {
            let all = words::count(can + unknown, "component");
            (
                Gap::Configure,
                format!("nobody answered whether {unknown} of {all} can: ask for their capability first"),
            )
        }
    }
}

/// Do components have to do with a requirement, or with the one that it enhances?
fn is_technical(id: &RequirementId) -> bool {
    let catalog = Catalog::builtin();
    let serves = |id: &RequirementId| catalog.component_requirements_for(id).next().is_some();
    let parent = catalog.requirement(id).and_then(|requirement| requirement.parent.as_ref());
    serves(id) || parent.is_some_and(serves)
}

fn is_out_of_support(desk: &Desk<'_>, asset: &Asset, as_of: Date) -> bool {
    let ended = |end: Option<Date>| end.is_some_and(|end| end < as_of);
    ended(asset.end_of_support) || ended(desk.capabilities.end_of_support(asset))
}
