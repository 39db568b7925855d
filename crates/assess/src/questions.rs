//! Questions: the missing evidence, ranked by how much its answers would decide (`zonewright ask`).

use crate::assessment::SubjectKind;
use zonewright_catalog::RequirementId;
use zonewright_plant::id::{AssetId, ProductId, RoleId};

/// Whom or what a question is about. One answer about a product serves every instance of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum About {
    /// The plant: a matter of organization, answered once for every zone and conduit.
    Plant,
    /// A product: can it, by a component requirement of 62443-4-2?
    Product(ProductId),
    /// A zone: is a system requirement met there?
    Zone(String),
    /// A conduit.
    Conduit(String),
}

impl About {
    /// The kind of record, as Workspace/1 names it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Plant => "plant",
            Self::Product(_) => "product",
            Self::Zone(_) => "zone",
            Self::Conduit(_) => "conduit",
        }
    }

    /// The id of the record; `plant` for the plant.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Plant => "plant",
            Self::Product(id) => id.as_str(),
            Self::Zone(id) | Self::Conduit(id) => id,
        }
    }
}

/// A question for a walk-down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its id, made of what it asks, so that it stays the same over time: `zone/Z-CTL/SR 1.1`.
    pub id: String,
    /// Whom or what it is about.
    pub about: About,
    /// The requirement: of 62443-3-3 for a zone or conduit, of 62443-4-2 for a product.
    pub requirement: RequirementId,
    /// The question, for a person who stands before the cabinet.
    pub text: String,
    /// The role that can answer, where the model names one.
    pub role: Option<RoleId>,
    /// Where to go: physical boundary of the zone, zones of the instances.
    pub place: Option<String>,
    /// The instances of a product that the answer serves.
    pub assets: Vec<AssetId>,
    /// The statuses that the answer bears on: subject and requirement.
    pub statuses: Vec<(SubjectKind, String, RequirementId)>,
    /// What is at stake, in thousandths of a level: the width between proven and possible levels that the answer bears on, shared
    /// evenly among all open statuses that hold it open. Questions are ranked by it.
    pub stake: u32,
    /// Levels by which proven levels rise, over all subjects, if the answer is yes.
    pub levels_up: u32,
    /// Levels by which possible levels fall if the answer is no.
    pub levels_down: u32,
}
