//! A change as `zonewright-change/1`.

use crate::json::finding;
use serde_json::{Value, json};
use zonewright_assess::change::Change;
use zonewright_assess::change::filters::Passing;
use zonewright_assess::verification::Path;

/// The name and number of the shape.
pub const FORMAT: &str = "zonewright-change/1";

/// The document.
#[must_use]
pub fn change(change: &Change<'_>, old: &str, new: &str, version: &str) -> Value {
    json!({
        "format": FORMAT,
        "zonewright": version,
        "old": old,
        "new": new,
        "as_of": change.as_of.to_string(),
        "equal": change.is_none(),
        "records": change.records.iter().map(|record| json!({
            "kind": record.kind,
            "id": record.id,
            "within": record.within,
            "how": record.how.as_str(),
            "fields": record.fields.iter().map(|field| json!({
                "key": field.key, "before": field.before, "after": field.after,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "devices": change.filters.iter().map(|filter| json!({
            "device": filter.device.to_string(),
            "before": filter.before.as_ref().map(ToString::to_string),
            "after": filter.after.as_ref().map(ToString::to_string),
            "opened": filter.opened.iter().map(passing).collect::<Vec<_>>(),
            "closed": filter.closed.iter().map(passing).collect::<Vec<_>>(),
            "unclear": filter.unclear.iter().map(passing).collect::<Vec<_>>(),
            "truncated": filter.truncated,
            "notes": filter.notes,
        })).collect::<Vec<_>>(),
        "cut_off": change.cut_off.iter().map(|cut| path(&cut.path)).collect::<Vec<_>>(),
        "paths": change.paths.iter().map(|one| json!({
            "before": one.before.map(path), "after": one.after.map(path),
        })).collect::<Vec<_>>(),
        "permits": texts(&change.permits),
        "conduits": texts(&change.conduits),
        "zones": texts(&change.zones),
        "levels": change.levels.iter().map(|level| json!({
            "kind": level.kind,
            "id": level.id,
            "fr": level.fr.number(),
            "which": level.which,
            "before": level.before.map(|level| level.number()),
            "after": level.after.map(|level| level.number()),
        })).collect::<Vec<_>>(),
        "requirements": change.requirements.iter().map(|moved| json!({
            "kind": moved.kind,
            "id": moved.id,
            "requirement": moved.requirement.to_string(),
            "before": moved.before.map(zonewright_plant::model::Status::as_str),
            "after": moved.after.map(zonewright_plant::model::Status::as_str),
            "required": moved.required,
        })).collect::<Vec<_>>(),
        "findings_new": change.findings.iter().filter(|one| one.is_new).map(|one| finding(one.finding)).collect::<Vec<_>>(),
        "findings_gone": change.findings.iter().filter(|one| !one.is_new).map(|one| finding(one.finding)).collect::<Vec<_>>(),
        "approvals": change.approvals.iter().map(|approval| json!({
            "role": approval.role.to_string(), "name": approval.name, "because": approval.because,
        })).collect::<Vec<_>>(),
        "tests_due": change.due.iter().map(|due| json!({
            "kind": due.kind, "id": due.id, "requirement": due.requirement.to_string(), "why": due.why,
        })).collect::<Vec<_>>(),
    })
}

fn texts<T: ToString>(ids: &std::collections::BTreeSet<T>) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

fn passing(passing: &Passing) -> Value {
    json!({
        "from_zones": texts(&passing.from),
        "to_zones": texts(&passing.to),
        "way": passing.way.as_str(),
        "replies": passing.replies,
        "packets": passing.packets.as_json(),
    })
}

fn path(path: &Path) -> Value {
    json!({
        "from_zone": path.from_zone,
        "to_zone": path.to_zone,
        "from": path.from,
        "to": path.to,
        "protocol": path.protocol,
        "port": path.port,
        "permit": path.permit.as_ref().map(ToString::to_string),
        "conduit": path.conduit.as_ref().map(ToString::to_string),
        "declared": path.declared.as_str(),
        "configured": path.configured.as_str(),
        "observed": path.observed.as_str(),
        "name": path.name.as_str(),
        "packets": path.packets,
    })
}
