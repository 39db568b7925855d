//! A plan as texts of the workspace: comments and order stay, and nothing changes but what the plan says.

use super::compare::Plan;
use crate::workspace::Workspace;
use zonewright_plant::Plant;
use zonewright_plant::text::Form;
use zonewright_plant::text::edit::{Change, EditError, apply};
use zonewright_source::SourceText;

/// The file that new assets are written to where the workspace has no `assets*.csv` yet.
const NEW_FILE: &str = "assets.csv";

/// Its first line.
const HEADER: &str = "id,name,kind,zone,ips,macs,vendor,model,version\n";

/// The texts of the workspace as the plan would have them, and the names of those that differ. Nothing is written.
pub(super) fn texts(workspace: &Workspace, plan: &Plan) -> Result<(Vec<SourceText>, Vec<String>), EditError> {
    let changes = changes(&workspace.plant, &plan.after);
    if changes.is_empty() {
        return Ok((workspace.texts.clone(), Vec::new()));
    }
    let mut before = workspace.texts.clone();
    let adds_assets = plan.after.assets.keys().any(|id| !workspace.plant.assets.contains_key(id));
    let has_sheet = before.iter().any(|text| Form::of(text.file()) == Some(Form::AssetsCsv));
    if adds_assets && !has_sheet {
        before.push(SourceText::new(NEW_FILE, HEADER));
    }
    let edited = apply(&before, &changes)?;
    Ok((edited.files, edited.changed.iter().map(ToString::to_string).collect()))
}

/// The records that are new or differ.
fn changes(before: &Plant, after: &Plant) -> Vec<Change> {
    let assets = after.assets.values().filter(|asset| before.assets.get(&asset.id) != Some(asset));
    assets.map(|asset| Change::Put(asset.clone().into())).collect()
}
