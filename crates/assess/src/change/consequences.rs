//! What follows from a change: requirements and levels that move, who must approve, what must be tested again.

use super::{Change, How, State};
use crate::assessment::{Assessment, BasisKind};
use std::collections::{BTreeMap, BTreeSet};
use zonewright_catalog::{Fr, RequirementId, SecurityLevel};
use zonewright_plant::Plant;
use zonewright_plant::id::{ConduitId, EvidenceId, PermitId, RoleId, ZoneId};
use zonewright_plant::model::{Conduit, Status};

/// A requirement of a subject whose status moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusChange {
    /// `zone` or `conduit`.
    pub kind: &'static str,
    /// The subject.
    pub id: String,
    /// The requirement.
    pub requirement: RequirementId,
    /// Its status before; nothing where the subject was not there.
    pub before: Option<Status>,
    /// Its status now; nothing where the subject is gone.
    pub after: Option<Status>,
    /// Whether it is asked for at the target level.
    pub required: bool,
}

/// A level of a subject that moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelChange {
    /// `zone` or `conduit`.
    pub kind: &'static str,
    /// The subject.
    pub id: String,
    /// The foundational requirement.
    pub fr: Fr,
    /// Which level: `target`, `proven` or `possible`.
    pub which: &'static str,
    /// Before.
    pub before: Option<SecurityLevel>,
    /// Now.
    pub after: Option<SecurityLevel>,
}

/// Somebody who must approve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The role.
    pub role: RoleId,
    /// Its name.
    pub name: Option<String>,
    /// What for: what is accountable to or owned by it, and is affected.
    pub because: BTreeSet<String>,
}

/// A requirement that must be tested again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// `zone` or `conduit`.
    pub kind: &'static str,
    /// The subject.
    pub id: String,
    /// The requirement.
    pub requirement: RequirementId,
    /// Why.
    pub why: String,
}

type Subject<'a> = (&'static str, &'a str);

fn subjects(assessment: &Assessment) -> BTreeMap<Subject<'_>, &crate::assessment::Assessed> {
    assessment.subjects.iter().map(|one| ((one.kind.as_str(), one.id.as_str()), one)).collect()
}

/// Requirements whose status moved.
pub(super) fn statuses(before: &Assessment, after: &Assessment) -> Vec<StatusChange> {
    let (old, new) = (subjects(before), subjects(after));
    let names: BTreeSet<&Subject<'_>> = old.keys().chain(new.keys()).collect();
    let mut changes = Vec::new();
    for name in names {
        let statuses =
            |subject: Option<&&crate::assessment::Assessed>| -> BTreeMap<RequirementId, (Status, bool)> {
                let requirements = subject.into_iter().flat_map(|subject| &subject.requirements);
                requirements.map(|one| (one.id.clone(), (one.status, one.required))).collect()
            };
        // A subject that came or went moves with all it has; its record says so.
        let (Some(was), Some(is)) = (old.get(name), new.get(name)) else { continue };
        let (was, is) = (statuses(Some(was)), statuses(Some(is)));
        for (id, (status, required)) in &is {
            let known = was.get(id).map(|(status, _)| *status);
            if known != Some(*status) {
                changes.push(StatusChange {
                    kind: name.0,
                    id: name.1.to_owned(),
                    requirement: id.clone(),
                    before: known,
                    after: Some(*status),
                    required: *required,
                });
            }
        }
    }
    changes
}

/// Levels that moved.
pub(super) fn levels(before: &Assessment, after: &Assessment) -> Vec<LevelChange> {
    let (old, new) = (subjects(before), subjects(after));
    let mut changes = Vec::new();
    for (name, is) in &new {
        let Some(was) = old.get(name) else { continue };
        for fr in Fr::ALL {
            for (which, was, is) in [
                ("target", was.sl_t.level(fr), is.sl_t.level(fr)),
                ("proven", was.proven.level(fr), is.proven.level(fr)),
                ("possible", was.possible.level(fr), is.possible.level(fr)),
            ] {
                if was != is {
                    let (kind, id) = (name.0, name.1.to_owned());
                    changes.push(LevelChange { kind, id, fr, which, before: was, after: is });
                }
            }
        }
    }
    changes
}

/// Which permits, conduits and zones are affected.
pub(super) fn affected(before: State<'_>, after: State<'_>, change: &mut Change<'_>) {
    for record in &change.records {
        match record.kind {
            "permit" => {
                change.permits.insert(PermitId::from(record.id.as_str()));
            }
            "conduit" => {
                change.conduits.insert(ConduitId::from(record.id.as_str()));
            }
            "zone" => {
                change.zones.insert(ZoneId::from(record.id.as_str()));
            }
            "asset" => {
                let id = zonewright_plant::id::AssetId::from(record.id.as_str());
                let homes = [before.plant, after.plant].map(|plant| plant.assets.get(&id)?.zone.clone());
                change.zones.extend(homes.into_iter().flatten());
            }
            _ => {}
        }
    }
    for path in change.paths.iter().flat_map(|path| path.before.iter().chain(&path.after)) {
        change.permits.extend(path.permit.clone());
        change.conduits.extend(path.conduit.clone());
        let known = |zone: &&String| after.plant.zones.contains_key(&ZoneId::from(zone.as_str()));
        let zones = [&path.from_zone, &path.to_zone];
        change.zones.extend(zones.into_iter().filter(known).map(|zone| ZoneId::from(zone.as_str())));
    }
    change.permits.extend(change.cut_off.iter().filter_map(|cut| cut.permit.clone()));
    for passing in
        change.filters.iter().flat_map(|one| one.opened.iter().chain(&one.closed).chain(&one.unclear))
    {
        change.zones.extend(passing.from.iter().chain(&passing.to).cloned());
    }
    for conduit in [before.plant, after.plant].iter().flat_map(|plant| plant.conduits.values()) {
        if conduit.permits.iter().any(|permit| change.permits.contains(&permit.id)) {
            change.conduits.insert(conduit.id.clone());
        }
    }
}

fn conduits<'a>(plants: [&'a Plant; 2], ids: &BTreeSet<ConduitId>) -> Vec<&'a Conduit> {
    plants.into_iter().flat_map(|plant| plant.conduits.values()).filter(|one| ids.contains(&one.id)).collect()
}

/// The roles that must approve: those accountable for affected zones and conduits, and the owners and approvers of affected
/// permits, before and now.
pub(super) fn approvals(before: State<'_>, after: State<'_>, change: &Change<'_>) -> Vec<Approval> {
    let plants = [before.plant, after.plant];
    let mut asked: BTreeMap<RoleId, BTreeSet<String>> = BTreeMap::new();
    let mut ask = |role: &Option<RoleId>, because: String| {
        if let Some(role) = role {
            asked.entry(role.clone()).or_default().insert(because);
        }
    };
    for zone in
        plants.iter().flat_map(|plant| plant.zones.values()).filter(|zone| change.zones.contains(&zone.id))
    {
        ask(&zone.accountable, format!("zone {}", zone.id));
    }
    for conduit in conduits(plants, &change.conduits) {
        ask(&conduit.accountable, format!("conduit {}", conduit.id));
        for permit in conduit.permits.iter().filter(|permit| change.permits.contains(&permit.id)) {
            ask(&permit.owner, format!("permit {}", permit.id));
            ask(&permit.approved_by, format!("permit {}", permit.id));
        }
    }
    let roles = plants.iter().filter_map(|plant| plant.system.as_ref()).flat_map(|system| &system.roles);
    let names: BTreeMap<&RoleId, &Option<String>> = roles.map(|role| (&role.id, &role.name)).collect();
    asked
        .into_iter()
        .map(|(role, because)| {
            let name = names.get(&role).copied().cloned().flatten();
            Approval { role, name, because }
        })
        .collect()
}

/// What must be tested again: requirements that are asked for, of subjects that are affected, and that rest on a statement
/// or on evidence that changed; and those whose status fell.
pub(super) fn due(after: State<'_>, change: &Change<'_>) -> Vec<Due> {
    let mut due: BTreeMap<(&'static str, String, RequirementId), String> = BTreeMap::new();
    let changed: BTreeSet<&str> = change
        .records
        .iter()
        .filter(|record| record.kind == "evidence" && record.how != How::Removed)
        .map(|record| record.id.as_str())
        .collect();
    let files: BTreeSet<&str> = changed
        .iter()
        .filter_map(|id| after.plant.evidence.get(&EvidenceId::from(*id))?.file.as_deref())
        .collect();
    for subject in &after.assessment.subjects {
        let kind = subject.kind.as_str();
        let id = subject.id.as_str();
        let affected = match kind {
            "zone" => change.zones.contains(&ZoneId::from(id)),
            _ => change.conduits.contains(&ConduitId::from(id)),
        };
        if !affected {
            continue;
        }
        for requirement in subject.requirements.iter().filter(|one| one.required) {
            let on_changed = requirement.basis.iter().any(|basis| {
                changed.contains(basis.reference.as_str())
                    || basis.places.iter().any(|place| files.contains(place.place.file()))
            });
            let on_word = requirement.basis.iter().any(|basis| {
                basis.speaks_for && matches!(basis.kind, BasisKind::Claimed | BasisKind::Compensated)
            });
            let why = match (on_word, on_changed) {
                (true, _) => "it rests on a statement made before the change",
                (false, true) => "it rests on evidence that changed",
                (false, false) => continue,
            };
            due.insert((kind, id.to_owned(), requirement.id.clone()), why.to_owned());
        }
    }
    for moved in change.requirements.iter().filter(|moved| moved.required) {
        let fell = matches!(moved.after, Some(Status::NotMet | Status::Partly | Status::NotShown))
            && matches!(moved.before, Some(Status::Met | Status::Partly));
        if fell {
            let name = (moved.kind, moved.id.clone(), moved.requirement.clone());
            due.entry(name).or_insert_with(|| "its status fell".into());
        }
    }
    due.into_iter().map(|((kind, id, requirement), why)| Due { kind, id, requirement, why }).collect()
}
