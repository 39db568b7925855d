//! Parts of the plant (`[[plant.role]]`, …) that stand in another file than `[plant]`.

use super::field::{Field, shown};
use super::gather::{Cx, Gathered};
use super::record::{Record, field};
use super::spec::Key;
use super::tree::{Span, Table};
use crate::Plant;
use crate::model::{EssentialFunction, OutageWindow, RiskMatrix, Role, System};
use zonewright_source::Diagnostic;

/// Parts on their way to the plant they belong to.
#[derive(Debug, Default)]
pub(crate) struct Loose {
    functions: Vec<EssentialFunction>,
    roles: Vec<Role>,
    windows: Vec<OutageWindow>,
    matrix: Option<RiskMatrix>,
    first: Option<(u32, Span)>,
}

/// Reads parts below a `plant` that has no header of its own in this file.
pub(crate) fn read(table: &Table<'_>, cx: &mut Cx<'_, '_>) {
    let span = table.entries.first().map_or(table.span, |entry| entry.value.span);
    for entry in &table.entries {
        if !["essential_function", "role", "outage_window", "risk_matrix"].contains(&&*entry.key) {
            let message = format!("there is no part {} of the plant", shown(&entry.key));
            let help = "parts are `essential_function`, `role`, `outage_window`, `risk_matrix`";
            cx.report(entry.key_span, Diagnostic::error("plant/unknown-key", message).help(help));
        }
    }
    let functions = part(table, "essential_function", cx);
    let roles = part(table, "role", cx);
    let windows = part(table, "outage_window", cx);
    let matrix: Option<RiskMatrix> = part(table, "risk_matrix", cx);
    let file = cx.file;
    let loose = &mut cx.gathered.loose;
    loose.first.get_or_insert((file, span));
    loose.functions.extend::<Vec<_>>(functions);
    loose.roles.extend::<Vec<_>>(roles);
    loose.windows.extend::<Vec<_>>(windows);
    loose.matrix = loose.matrix.take().or(matrix);
}

fn part<T: Field + Default>(table: &Table<'_>, key: &str, cx: &mut Cx<'_, '_>) -> T {
    let key: Option<&'static Key> = System::KIND.key(key);
    key.and_then(|key| field(table, key, Some(T::default()), cx)).unwrap_or_default()
}

/// Gives the parts to the plant, wherever it was found.
pub(crate) fn join(plant: &mut Plant, gathered: &mut Gathered) {
    let loose = std::mem::take(&mut gathered.loose);
    let Some((file, span)) = loose.first else { return };
    let Some(system) = plant.system.as_mut() else {
        let diagnostic = Diagnostic::error(
            "plant/missing-key",
            "parts of the plant stand in a workspace without `[plant]`",
        );
        return gathered.report(file, span, diagnostic.help("add `[plant]` with its `id`"));
    };
    system.essential_functions.extend(loose.functions);
    system.roles.extend(loose.roles);
    system.outage_windows.extend(loose.windows);
    system.risk_matrix = system.risk_matrix.take().or(loose.matrix);
}
