//! The records of a plant, typed and checked: every reference in a [`Plant`] that `text::read` returned without errors resolves.
//!
//! The keys of Workspace/1 are the field names. A field that is absent in the text is `None` or empty, never a default
//! that would pass for a statement.

mod address;
mod assurance;
mod risk;
mod structure;
mod words;

pub use address::*;
pub use assurance::*;
pub use risk::*;
pub use structure::*;
pub use words::*;

use crate::id::{
    ApprovalId, AssetId, ClaimId, ConduitId, ConsequenceId, CountermeasureId, EvidenceId, GroupId, HazardId,
    ProductId, ProfileId, ScenarioId, TestId, ThreatSourceId, WaiverId, ZoneId,
};
use std::collections::BTreeMap;
use zonewright_source::Place;

/// Keys common to all records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Common {
    /// Name for people; the id where none is given.
    pub name: Option<String>,
    /// A note.
    pub note: Option<String>,
    /// Guessed by a machine and not yet accepted by a person: it never counts as declared.
    pub proposed: bool,
    /// Why it was proposed.
    pub reason: Option<String>,
    /// Where the record stands.
    pub place: Place,
    /// Where single keys stand, for those that findings point at.
    pub key_places: BTreeMap<&'static str, Place>,
}

impl Common {
    /// Where the value of `key` stands; the record's own place where that key is not written.
    #[must_use]
    pub fn place_of(&self, key: &str) -> &Place {
        self.key_places.get(key).unwrap_or(&self.place)
    }
}

/// The whole declared world.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plant {
    /// The system under consideration; absent in a workspace that has no `[plant]` yet.
    pub system: Option<System>,
    /// Assets by id.
    pub assets: BTreeMap<AssetId, Asset>,
    /// Products by id.
    pub products: BTreeMap<ProductId, Product>,
    /// Zones by id.
    pub zones: BTreeMap<ZoneId, Zone>,
    /// Conduits by id.
    pub conduits: BTreeMap<ConduitId, Conduit>,
    /// Groups by id.
    pub groups: BTreeMap<GroupId, Group>,
    /// Countermeasures by id.
    pub countermeasures: BTreeMap<CountermeasureId, Countermeasure>,
    /// Claims by id.
    pub claims: BTreeMap<ClaimId, Claim>,
    /// Evidence by id.
    pub evidence: BTreeMap<EvidenceId, Evidence>,
    /// Threat sources by id.
    pub threat_sources: BTreeMap<ThreatSourceId, ThreatSource>,
    /// Scenarios by id.
    pub scenarios: BTreeMap<ScenarioId, Scenario>,
    /// Consequences by id.
    pub consequences: BTreeMap<ConsequenceId, Consequence>,
    /// Hazards by id.
    pub hazards: BTreeMap<HazardId, Hazard>,
    /// Tests by id.
    pub tests: BTreeMap<TestId, Test>,
    /// Approvals by id.
    pub approvals: BTreeMap<ApprovalId, Approval>,
    /// Security profiles by id.
    pub profiles: BTreeMap<ProfileId, Profile>,
    /// Waivers by id.
    pub waivers: BTreeMap<WaiverId, Waiver>,
}
