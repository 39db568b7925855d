//! What is assessed, and what belongs to it: a zone with the components in it and in the zones that are part of it; a
//! conduit with its own components and the devices that enforce it.

use super::capability::{Capabilities, ComponentKind};
use crate::assessment::SubjectKind;
use crate::deciders::{Judged, Judgement, Says};
use crate::whereabouts::lineage;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use zonewright_catalog::{ConduitCondition, Requirement, RequirementId, SlVector};
use zonewright_plant::Plant;
use zonewright_plant::id::{AssetId, ConduitId, ZoneId};
use zonewright_plant::model::{Asset, Common, Conduit, Medium, SubjectRef};

/// A zone or conduit with what belongs to it.
pub(super) struct Scope<'p> {
    pub(super) kind: SubjectKind,
    pub(super) id: &'p str,
    pub(super) common: &'p Common,
    pub(super) sl_t: SlVector,
    /// Itself and the plant: whom statements may be about.
    pub(super) subjects: Vec<SubjectRef>,
    /// The components, those of one kind together.
    pub(super) groups: Vec<(ComponentKind<'p>, Vec<&'p Asset>)>,
    /// Which conduits it is one of; none for a zone.
    pub(super) conditions: Vec<ConduitCondition>,
    /// Requirements that an adopted profile leaves out here, with the reason.
    pub(super) left_out: BTreeMap<&'p RequirementId, (&'p str, &'p str)>,
}

impl Scope<'_> {
    /// Why a requirement does not apply to this conduit, where the catalog says that it does not.
    pub(super) fn beyond_conduits(&self, requirement: &Requirement) -> Option<String> {
        let applicability = requirement.conduit.filter(|_| self.kind == SubjectKind::Conduit)?;
        match applicability.when {
            Some(condition) if self.conditions.contains(&condition) => None,
            Some(condition) => Some(format!("it applies to {} only", condition.meaning())),
            None => Some(applicability.reason.to_string()),
        }
    }
}

/// Which of the catalog's kinds of conduits a conduit is.
fn conditions(plant: &Plant, conduit: &Conduit, devices: bool) -> Vec<ConduitCondition> {
    let untrusted = conduit.zones.iter().filter_map(|id| plant.zones.get(id)).any(|zone| !zone.trusted);
    let of = |condition: &ConduitCondition| match condition {
        ConduitCondition::Always => true,
        ConduitCondition::Devices => devices,
        ConduitCondition::Wireless => conduit.medium == Some(Medium::Wireless),
        ConduitCondition::PortableMedia => conduit.medium == Some(Medium::PortableMedia),
        ConduitCondition::UntrustedNetwork => untrusted,
    };
    ConduitCondition::ALL.iter().map(|(_, condition)| *condition).filter(of).collect()
}

/// Every zone of the system under consideration and every conduit, by id.
pub(super) fn scopes<'p>(plant: &'p Plant, capabilities: &Capabilities<'p>) -> Vec<Scope<'p>> {
    let mut members = members(plant);
    let mut take = |of: Owner<'p>| grouped(members.remove(&of).unwrap_or_default(), capabilities);
    let zones = plant.zones.values().filter(|zone| zone.inside && !zone.common.proposed).map(|zone| {
        let itself = SubjectRef::Zone(zone.id.clone());
        Scope {
            kind: SubjectKind::Zone,
            id: zone.id.as_str(),
            common: &zone.common,
            sl_t: zone.sl_t.stated().copied().unwrap_or_default(),
            conditions: Vec::new(),
            left_out: left_out(plant, &itself),
            subjects: vec![itself, SubjectRef::Plant],
            groups: take(Owner::Zone(&zone.id)),
        }
    });
    let mut scopes: Vec<Scope<'p>> = zones.collect();
    let conduits = plant.conduits.values().filter(|conduit| !conduit.common.proposed).map(|conduit| {
        let itself = SubjectRef::Conduit(conduit.id.clone());
        let groups = take(Owner::Conduit(&conduit.id));
        Scope {
            kind: SubjectKind::Conduit,
            id: conduit.id.as_str(),
            common: &conduit.common,
            sl_t: conduit.sl_t.stated().copied().unwrap_or_default(),
            conditions: conditions(plant, conduit, !groups.is_empty()),
            left_out: left_out(plant, &itself),
            subjects: vec![itself, SubjectRef::Plant],
            groups,
        }
    });
    scopes.extend(conduits);
    scopes
}

/// Whom a component belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Owner<'p> {
    Zone(&'p ZoneId),
    Conduit(&'p ConduitId),
}

fn members(plant: &Plant) -> HashMap<Owner<'_>, Vec<&Asset>> {
    let mut members: HashMap<Owner<'_>, Vec<&Asset>> = HashMap::new();
    for asset in plant.assets.values().filter(|asset| !asset.common.proposed) {
        for owner in owners(plant, asset) {
            members.entry(owner).or_default().push(asset);
        }
    }
    for conduit in plant.conduits.values() {
        let known = members.entry(Owner::Conduit(&conduit.id)).or_default();
        for device in conduit.enforced_by.iter().filter_map(|id| plant.assets.get(id)) {
            if !device.common.proposed && !known.iter().any(|asset| asset.id == device.id) {
                known.push(device);
            }
        }
    }
    members
}

fn owners<'p>(plant: &'p Plant, asset: &'p Asset) -> Vec<Owner<'p>> {
    let zones = asset.zone.iter().flat_map(|zone| lineage(plant, zone)).map(Owner::Zone);
    zones.chain(asset.conduit.iter().map(Owner::Conduit)).collect()
}

fn grouped<'p>(
    assets: Vec<&'p Asset>,
    capabilities: &Capabilities<'p>,
) -> Vec<(ComponentKind<'p>, Vec<&'p Asset>)> {
    type Key<'p> = (Option<&'static str>, Option<&'p str>, Option<&'p str>);
    let mut groups: BTreeMap<Key<'p>, (ComponentKind<'p>, Vec<&'p Asset>)> = BTreeMap::new();
    for asset in assets {
        let kind = capabilities.kind(asset);
        let key = (
            kind.component_type.map(|t| t.as_str()),
            kind.product.map(|product| product.id.as_str()),
            kind.own.map(|own| own.id.as_str()),
        );
        groups.entry(key).or_insert_with(|| (kind, Vec::new())).1.push(asset);
    }
    groups.into_values().collect()
}

/// What the profiles adopted for a subject (or the whole plant) leave out: the profile and the reason.
fn left_out<'p>(plant: &'p Plant, subject: &SubjectRef) -> BTreeMap<&'p RequirementId, (&'p str, &'p str)> {
    let adopted = plant.profiles.values().filter(|profile| !profile.common.proposed).filter(|profile| {
        // A profile that names no subject is adopted for the whole plant.
        profile.applies_to.is_empty()
            || profile.applies_to.iter().any(|to| to == subject || *to == SubjectRef::Plant)
    });
    let mut left_out = BTreeMap::new();
    for profile in adopted {
        for (requirement, reason) in &profile.left_out {
            if !reason.trim().is_empty() {
                left_out.entry(requirement).or_insert((profile.id.as_str(), reason.as_str()));
            }
        }
    }
    left_out
}

/// The judgements, by whom they bear on.
pub(super) struct Judgements<'j> {
    refuting: HashMap<(SubjectKind, &'j str), HashMap<&'j RequirementId, Vec<&'j Judgement>>>,
    speaking: HashMap<(SubjectKind, &'j str), HashMap<&'j RequirementId, Vec<&'j Judgement>>>,
    // Assets for which something speaks, by requirement.
    assets: HashMap<&'j RequirementId, HashMap<&'j AssetId, &'j Judgement>>,
}

impl<'j> Judgements<'j> {
    /// Lifts what refutes at a component or an inner zone to all that it is part of. What speaks for a requirement counts where
    /// it was said alone.
    pub(super) fn new(plant: &'j Plant, judgements: &'j [Judgement]) -> Self {
        let mut enforcing: HashMap<&AssetId, BTreeSet<&ConduitId>> = HashMap::new();
        for conduit in plant.conduits.values().filter(|conduit| !conduit.common.proposed) {
            for device in &conduit.enforced_by {
                enforcing.entry(device).or_default().insert(&conduit.id);
            }
        }
        let mut index = Self { refuting: HashMap::new(), speaking: HashMap::new(), assets: HashMap::new() };
        for judgement in judgements {
            index.add(plant, &enforcing, judgement);
        }
        index
    }

    fn add(
        &mut self,
        plant: &'j Plant,
        enforcing: &HashMap<&'j AssetId, BTreeSet<&'j ConduitId>>,
        judgement: &'j Judgement,
    ) {
        let refutes = judgement.says == Says::Refutes;
        let mut on: Vec<(SubjectKind, &'j str)> = Vec::new();
        match &judgement.subject {
            Judged::Zone(zone) if refutes => {
                on.extend(lineage(plant, zone).map(|zone| (SubjectKind::Zone, zone.as_str())));
            }
            Judged::Zone(zone) => on.push((SubjectKind::Zone, zone.as_str())),
            Judged::Conduit(conduit) => on.push((SubjectKind::Conduit, conduit.as_str())),
            Judged::Asset(asset) if refutes => {
                let owners = plant.assets.get(asset).map(|asset| owners(plant, asset)).unwrap_or_default();
                on.extend(owners.into_iter().map(|owner| match owner {
                    Owner::Zone(id) => (SubjectKind::Zone, id.as_str()),
                    Owner::Conduit(id) => (SubjectKind::Conduit, id.as_str()),
                }));
                let conduits = enforcing.get(asset).into_iter().flatten();
                on.extend(conduits.map(|id| (SubjectKind::Conduit, id.as_str())));
            }
            Judged::Asset(asset) => {
                self.assets.entry(&judgement.requirement).or_default().entry(asset).or_insert(judgement);
            }
        }
        on.sort_unstable();
        on.dedup();
        for subject in on {
            let of = if refutes { &mut self.refuting } else { &mut self.speaking };
            of.entry(subject).or_default().entry(&judgement.requirement).or_default().push(judgement);
        }
    }

    /// What refutes a requirement at a subject.
    pub(super) fn refuting(&self, scope: &Scope<'j>, requirement: &RequirementId) -> &[&'j Judgement] {
        let of = self.refuting.get(&(scope.kind, scope.id)).and_then(|by| by.get(requirement));
        of.map(Vec::as_slice).unwrap_or_default()
    }

    /// What speaks for a requirement at a subject: support, and decisions.
    pub(super) fn speaking(&self, scope: &Scope<'j>, requirement: &RequirementId) -> &[&'j Judgement] {
        let of = self.speaking.get(&(scope.kind, scope.id)).and_then(|by| by.get(requirement));
        of.map(Vec::as_slice).unwrap_or_default()
    }

    /// The assets for which something speaks.
    pub(super) fn assets(&self, requirement: &RequirementId) -> Option<&HashMap<&'j AssetId, &'j Judgement>> {
        self.assets.get(requirement)
    }
}
