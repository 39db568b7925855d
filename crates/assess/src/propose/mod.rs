//! Proposing: from an observation (and what is declared already) to zones, conduits and least-privilege permits.
//!
//! Owns the guesses and their reasons in words. Pure, and the same input gives the same proposal. Observation never
//! overwrites intent: what the plant has stays as it is, and only what is missing is proposed, each record marked
//! `proposed` until a person accepts it.
//!
//! `who` finds the devices, `networks` how far each network reaches, `zones` parts them, `permits` says what passes between the parts, `wishes` is what a person
//! wants of it, `record` writes it down.

mod networks;
mod permits;
mod record;
#[cfg(test)]
mod tests;
mod who;
mod wishes;
mod zones;

use std::collections::BTreeMap;
use zonewright_plant::Plant;
use zonewright_plant::id::{ConduitId, EvidenceId, ZoneId};
use zonewright_plant::model::{Conduit, Permit};
use zonewright_traffic::observation::Observation;

pub use record::{blank_asset, blank_evidence, blank_permit};
pub use wishes::{Granularity, Rejected, addresses_of, networks_of};

/// Where a capture was taken, as its packets show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Point {
    /// The zone of most devices that sent on the link itself.
    pub zone: Option<ZoneId>,
    /// Further zones with devices on that link.
    pub sees: Vec<ZoneId>,
    /// A network context of its own, where addresses mean other devices than elsewhere.
    pub context: Option<String>,
    /// Why.
    pub reason: String,
}

/// What is proposed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Proposal {
    /// New zones, assets and conduits (with their permits); and assets of the plant that were only proposed themselves,
    /// with what was found out about them.
    pub plant: Plant,
    /// New permits of conduits that the plant has.
    pub permits: Vec<(ConduitId, Permit)>,
    /// Where the captures were taken, by the id of their evidence.
    pub points: BTreeMap<EvidenceId, Point>,
    /// What the observation cannot tell, for a person to answer.
    pub questions: Vec<String>,
}

impl Proposal {
    /// Is nothing missing from the plant?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.plant == Plant::default() && self.permits.is_empty()
    }
}

/// Proposes what is missing from `plant` to explain the observation. A capture belongs to the evidence whose id is its
/// capture point. Assets of the plant that are proposed and in no zone (an inventory just read) are given one.
#[must_use]
pub fn propose(observation: &Observation, plant: &Plant) -> Proposal {
    propose_as(observation, plant, Granularity::default(), &Rejected::default())
}

/// The same, parted as finely as is wished, without what was turned down before.
#[must_use]
pub fn propose_as(
    observation: &Observation,
    plant: &Plant,
    granularity: Granularity,
    rejected: &Rejected,
) -> Proposal {
    let contexts = who::contexts(observation, plant);
    let mut devices = who::Devices::gather(observation, plant, &contexts);
    let mut questions = Vec::new();
    let wishes = zones::Wishes { granularity, rejected };
    let zones = zones::part(observation, plant, &mut devices, wishes, &mut questions);
    let points = zones::points(observation, plant, &devices, &contexts);
    let mut proposal = Proposal { points, ..Proposal::default() };
    for zone in zones {
        proposal.plant.zones.insert(zone.id.clone(), zone);
    }
    for asset in devices.records(plant) {
        if plant.assets.get(&asset.id) != Some(&asset) && !rejected.has_asset(&asset) {
            proposal.plant.assets.insert(asset.id.clone(), asset);
        }
    }
    let whole = with(plant, &proposal);
    let permits::Found { conduits, added, asked } = permits::missing(observation, &whole, rejected);
    proposal.plant.conduits = conduits.into_iter().map(|conduit| (conduit.id.clone(), conduit)).collect();
    proposal.permits = added;
    questions.extend(asked);
    proposal.questions = questions;
    proposal
}

/// The plant with a proposal in it, still marked as proposed.
#[must_use]
pub fn with(plant: &Plant, proposal: &Proposal) -> Plant {
    let mut whole = plant.clone();
    whole.zones.extend(proposal.plant.zones.clone());
    whole.assets.extend(proposal.plant.assets.clone());
    whole.conduits.extend(proposal.plant.conduits.clone());
    for (conduit, permit) in &proposal.permits {
        if let Some(conduit) = whole.conduits.get_mut(conduit) {
            conduit.permits.push(permit.clone());
        }
    }
    for (id, point) in &proposal.points {
        let evidence = whole.evidence.entry(id.clone()).or_insert_with(|| blank_evidence(id.clone()));
        if evidence.zone.is_none() {
            evidence.zone.clone_from(&point.zone);
            evidence.sees.clone_from(&point.sees);
        }
        if evidence.context.is_none() {
            evidence.context.clone_from(&point.context);
        }
    }
    whole
}

/// The plant as it would be if every proposal were accepted.
#[must_use]
pub fn as_if_accepted(plant: &Plant) -> Plant {
    let mut accepted = plant.clone();
    if let Some(system) = &mut accepted.system {
        system.common.proposed = false;
    }
    let commons = accepted
        .zones
        .values_mut()
        .map(|record| &mut record.common)
        .chain(accepted.assets.values_mut().map(|record| &mut record.common))
        .chain(accepted.groups.values_mut().map(|record| &mut record.common))
        .chain(accepted.evidence.values_mut().map(|record| &mut record.common));
    for common in commons {
        common.proposed = false;
    }
    let accept = |conduit: &mut Conduit| {
        conduit.common.proposed = false;
        conduit.permits.iter_mut().for_each(|permit| permit.common.proposed = false);
    };
    accepted.conduits.values_mut().for_each(accept);
    accepted
}
