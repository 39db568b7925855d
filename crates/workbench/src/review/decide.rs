//! What a decision changes: accepting pulls in what a record stands on; rejecting takes out what hangs on it.

use super::{Decision, ReviewError, difference as changes_between};
use std::collections::BTreeSet;
use zonewright_plant::Plant;
use zonewright_plant::id::{AssetId, ConduitId, EvidenceId, GroupId, ZoneId};
use zonewright_plant::model::{Common, Conduit, Endpoint};
use zonewright_plant::text::edit::{Change, RecordName};

/// The names of all records that a review can be about.
pub(super) fn all(plant: &Plant) -> Vec<RecordName> {
    let mut names = Vec::new();
    let mut add = |kind: &str, id: &str| names.extend(RecordName::new(kind, id));
    plant.zones.keys().for_each(|id| add("zone", id.as_str()));
    plant.conduits.keys().for_each(|id| add("conduit", id.as_str()));
    plant.conduits.values().flat_map(|c| &c.permits).for_each(|permit| add("permit", permit.id.as_str()));
    plant.assets.keys().for_each(|id| add("asset", id.as_str()));
    plant.groups.keys().for_each(|id| add("group", id.as_str()));
    plant.evidence.keys().for_each(|id| add("evidence", id.as_str()));
    names
}

/// The changes of a decision; what was done is added to `said`.
pub(super) fn changes(
    plant: &Plant,
    decision: &Decision,
    said: &mut Vec<String>,
) -> Result<Vec<Change>, ReviewError> {
    match decision {
        Decision::Accept(names) => {
            let mut after = plant.clone();
            let mut done = BTreeSet::new();
            for name in names {
                accept(&mut after, name, &mut done);
            }
            said.extend(done.iter().map(|name| format!("accepted {name}")));
            Ok(changes_between(plant, &after))
        }
        Decision::Reject(names) => {
            let mut after = plant.clone();
            for name in names {
                if !common(plant, name).is_some_and(|common| common.proposed) {
                    return Err(ReviewError::NotProposed(name.clone()));
                }
                reject(&mut after, name);
            }
            without_empty(plant, &mut after);
            let left: BTreeSet<RecordName> = all(&after).into_iter().collect();
            said.extend(
                all(plant).iter().filter(|name| !left.contains(name)).map(|name| format!("rejected {name}")),
            );
            Ok(changes_between(plant, &after))
        }
        Decision::Rename(name, to) => {
            said.push(format!("renamed {name} to `{to}`"));
            Ok(vec![Change::Rename(name.clone(), to.clone())])
        }
        Decision::Merge(name, into) => {
            let target = RecordName { kind: name.kind, id: into.clone() };
            if name.id == *into || !all(plant).contains(&target) {
                return Err(ReviewError::NothingToMergeInto(target));
            }
            let mut after = plant.clone();
            prepare_merge(&mut after, name, into, said);
            let mut changes = changes_between(plant, &after);
            changes.push(Change::Merge(name.clone(), into.clone()));
            said.push(format!("merged {name} into `{into}`"));
            Ok(changes)
        }
    }
}

fn common<'p>(plant: &'p Plant, name: &RecordName) -> Option<&'p Common> {
    let id = name.id.as_str();
    match name.kind {
        "zone" => plant.zones.get(&ZoneId::from(id)).map(|r| &r.common),
        "conduit" => plant.conduits.get(&ConduitId::from(id)).map(|r| &r.common),
        "permit" => {
            plant.conduits.values().flat_map(|c| &c.permits).find(|p| p.id.as_str() == id).map(|p| &p.common)
        }
        "asset" => plant.assets.get(&AssetId::from(id)).map(|r| &r.common),
        "group" => plant.groups.get(&GroupId::from(id)).map(|r| &r.common),
        "evidence" => plant.evidence.get(&EvidenceId::from(id)).map(|r| &r.common),
        _ => None,
    }
}

fn common_mut<'p>(plant: &'p mut Plant, name: &RecordName) -> Option<&'p mut Common> {
    let id = name.id.as_str();
    match name.kind {
        "zone" => plant.zones.get_mut(&ZoneId::from(id)).map(|r| &mut r.common),
        "conduit" => plant.conduits.get_mut(&ConduitId::from(id)).map(|r| &mut r.common),
        "permit" => {
            let permits = plant.conduits.values_mut().flat_map(|c| &mut c.permits);
            permits.into_iter().find(|p| p.id.as_str() == id).map(|p| &mut p.common)
        }
        "asset" => plant.assets.get_mut(&AssetId::from(id)).map(|r| &mut r.common),
        "group" => plant.groups.get_mut(&GroupId::from(id)).map(|r| &mut r.common),
        "evidence" => plant.evidence.get_mut(&EvidenceId::from(id)).map(|r| &mut r.common),
        _ => None,
    }
}

/// Accepts a record and, where they are only proposed, those it stands on.
fn accept(plant: &mut Plant, name: &RecordName, done: &mut BTreeSet<RecordName>) {
    let mut left = vec![name.clone()];
    while let Some(name) = left.pop() {
        let Some(common) = common_mut(plant, &name).filter(|common| common.proposed) else { continue };
        common.proposed = false;
        common.reason = None;
        left.extend(stands_on(plant, &name));
        done.insert(name);
    }
}

fn stands_on(plant: &Plant, name: &RecordName) -> Vec<RecordName> {
    let id = name.id.as_str();
    let mut on = Vec::new();
    let mut add = |kind: &str, id: &str| on.extend(RecordName::new(kind, id));
    match name.kind {
        "zone" => {
            if let Some(parent) = plant.zones.get(&ZoneId::from(id)).and_then(|zone| zone.parent.as_ref()) {
                add("zone", parent.as_str());
            }
        }
        "conduit" => {
            if let Some(conduit) = plant.conduits.get(&ConduitId::from(id)) {
                conduit.zones.iter().for_each(|zone| add("zone", zone.as_str()));
                conduit.enforced_by.iter().for_each(|asset| add("asset", asset.as_str()));
            }
        }
        "permit" => {
            let of = |conduit: &&Conduit| conduit.permits.iter().any(|permit| permit.id.as_str() == id);
            if let Some(conduit) = plant.conduits.values().find(of) {
                add("conduit", conduit.id.as_str());
                let permit = conduit.permits.iter().find(|permit| permit.id.as_str() == id);
                for end in permit.iter().flat_map(|permit| permit.from.iter().chain(&permit.to)) {
                    match end {
                        Endpoint::Zone(zone) => add("zone", zone.as_str()),
                        Endpoint::Asset(asset) => add("asset", asset.as_str()),
                        Endpoint::Group(group) => add("group", group.as_str()),
                    }
                }
            }
        }
        "asset" => {
            if let Some(zone) = plant.assets.get(&AssetId::from(id)).and_then(|asset| asset.zone.as_ref()) {
                add("zone", zone.as_str());
            }
        }
        "group" => {
            let group = plant.groups.get(&GroupId::from(id));
            group.iter().flat_map(|group| &group.assets).for_each(|asset| add("asset", asset.as_str()));
        }
        "evidence" => {
            if let Some(evidence) = plant.evidence.get(&EvidenceId::from(id)) {
                let zones = evidence.zone.iter().chain(&evidence.sees);
                zones
                    .chain(evidence.interfaces.iter().map(|facing| &facing.zone))
                    .for_each(|zone| add("zone", zone.as_str()));
                evidence.device.iter().for_each(|asset| add("asset", asset.as_str()));
            }
        }
        _ => {}
    }
    on
}

/// Takes a record out, and from other records what names it.
fn reject(plant: &mut Plant, name: &RecordName) {
    let id = name.id.as_str();
    match name.kind {
        "zone" => reject_zone(plant, &ZoneId::from(id)),
        "conduit" => {
            let id = ConduitId::from(id);
            plant.conduits.remove(&id);
            for asset in plant.assets.values_mut().filter(|asset| asset.conduit.as_ref() == Some(&id)) {
                asset.conduit = None;
            }
        }
        "permit" => plant.conduits.values_mut().for_each(|c| c.permits.retain(|p| p.id.as_str() != id)),
        "asset" => {
            let id = AssetId::from(id);
            plant.assets.remove(&id);
            plant.groups.values_mut().for_each(|group| group.assets.retain(|asset| *asset != id));
            plant.conduits.values_mut().for_each(|conduit| conduit.enforced_by.retain(|asset| *asset != id));
            for evidence in plant.evidence.values_mut().filter(|e| e.device.as_ref() == Some(&id)) {
                evidence.device = None;
            }
            without_end(plant, &Endpoint::Asset(id));
        }
        "group" => {
            let id = GroupId::from(id);
            plant.groups.remove(&id);
            without_end(plant, &Endpoint::Group(id));
        }
        "evidence" => drop(plant.evidence.remove(&EvidenceId::from(id))),
        _ => {}
    }
}

/// A proposed conduit whose permits were all turned down says nothing any longer.
fn without_empty(before: &Plant, plant: &mut Plant) {
    let emptied = |conduit: &&Conduit| {
        let had = before.conduits.get(&conduit.id).is_some_and(|before| !before.permits.is_empty());
        conduit.common.proposed && conduit.permits.is_empty() && had
    };
    let gone: Vec<ConduitId> = plant.conduits.values().filter(emptied).map(|c| c.id.clone()).collect();
    for name in gone.iter().filter_map(|id| RecordName::new("conduit", id.as_str())) {
        reject(plant, &name);
    }
}

fn reject_zone(plant: &mut Plant, id: &ZoneId) {
    plant.zones.remove(id);
    // A conduit that a person accepted stays and makes the edit refuse: that is for the person to decide.
    plant.conduits.retain(|_, conduit| !(conduit.common.proposed && conduit.zones.contains(id)));
    for asset in plant.assets.values_mut().filter(|asset| asset.zone.as_ref() == Some(id)) {
        asset.zone = None;
    }
    for zone in plant.zones.values_mut().filter(|zone| zone.parent.as_ref() == Some(id)) {
        zone.parent = None;
    }
    for evidence in plant.evidence.values_mut() {
        evidence.zone = evidence.zone.take().filter(|zone| zone != id);
        evidence.sees.retain(|zone| zone != id);
        evidence.interfaces.retain(|facing| facing.zone != *id);
    }
    without_end(plant, &Endpoint::Zone(id.clone()));
    // Permits whose assets now belong to no zone of the conduit's go with them.
    let zoneless = |plant: &Plant, end: &Endpoint| match end {
        Endpoint::Asset(asset) => plant.assets.get(asset).is_some_and(|asset| asset.zone.is_none()),
        _ => false,
    };
    let snapshot = plant.clone();
    for permit_list in plant.conduits.values_mut().map(|conduit| &mut conduit.permits) {
        permit_list.retain(|permit| {
            !(permit.common.proposed
                && permit.from.iter().chain(&permit.to).any(|end| zoneless(&snapshot, end)))
        });
    }
}

/// No permit names the end any longer; one that has no other is taken out if it is only proposed.
fn without_end(plant: &mut Plant, gone: &Endpoint) {
    for conduit in plant.conduits.values_mut() {
        conduit.permits.retain_mut(|permit| {
            let named = permit.from.contains(gone) || permit.to.contains(gone);
            if !named || !permit.common.proposed {
                return true;
            }
            permit.from.retain(|end| end != gone);
            permit.to.retain(|end| end != gone);
            !permit.from.is_empty() && !permit.to.is_empty()
        });
    }
}

/// What the record that goes has and the one that stays shall have too.
fn prepare_merge(plant: &mut Plant, name: &RecordName, into: &str, said: &mut Vec<String>) {
    let (from, into_zone) = (ZoneId::from(name.id.as_str()), ZoneId::from(into));
    match name.kind {
        "zone" => {
            let networks = plant.zones.get(&from).map(|zone| zone.networks.clone()).unwrap_or_default();
            if let Some(zone) = plant.zones.get_mut(&from) {
                zone.networks.clear();
            }
            if let Some(zone) = plant.zones.get_mut(&into_zone) {
                for network in networks {
                    if !zone.networks.contains(&network) {
                        zone.networks.push(network);
                    }
                }
            }
            // What crossed between the two now stays within one.
            let between =
                |conduit: &Conduit| conduit.zones.iter().all(|zone| *zone == from || *zone == into_zone);
            let gone: Vec<ConduitId> =
                plant.conduits.values().filter(|c| between(c)).map(|c| c.id.clone()).collect();
            for id in gone {
                plant.conduits.remove(&id);
                said.push(format!("took out conduit `{id}`, which joined the two"));
            }
            for evidence in plant.evidence.values_mut() {
                if evidence.zone.as_ref() == Some(&into_zone) {
                    evidence.sees.retain(|zone| *zone != from);
                }
            }
        }
        "asset" => {
            let (from, into) = (AssetId::from(name.id.as_str()), AssetId::from(into));
            let Some(gone) = plant.assets.get_mut(&from) else { return };
            let (ips, macs) = (std::mem::take(&mut gone.ips), std::mem::take(&mut gone.macs));
            if let Some(asset) = plant.assets.get_mut(&into) {
                asset.ips.extend(ips);
                asset.macs.extend(macs);
                asset.ips.sort();
                asset.ips.dedup();
                asset.macs.sort();
                asset.macs.dedup();
            }
        }
        _ => {}
    }
}

/// The changes that lead from one plant to another.
pub(super) fn difference(before: &Plant, after: &Plant) -> Vec<Change> {
    let mut changes = Vec::new();
    macro_rules! shelf {
        ($shelf:ident, $kind:literal) => {
            for (id, record) in &before.$shelf {
                match after.$shelf.get(id) {
                    None => changes.extend(RecordName::new($kind, id.as_str()).map(Change::Delete)),
                    Some(now) if now != record => changes.push(Change::Put(now.clone().into())),
                    Some(_) => {}
                }
            }
        };
    }
    shelf!(evidence, "evidence");
    shelf!(conduits, "conduit");
    shelf!(groups, "group");
    shelf!(assets, "asset");
    shelf!(zones, "zone");
    changes
}
