//! The standard's vocabulary: foundational requirements, security levels, requirement ids, and the catalogs as data.
//!
//! Owns the tables in `catalogs/` and what they mean; what a plant shows of them is for others to judge. The tables are
//! part of the program and read once: [`Catalog::builtin`].
//!
//! **Invariant:** knows no plant and no evidence. Catalogs hold identifiers, levels, mappings and our own words; the
//! norm's text is not here.

mod attack;
mod catalog;
mod crosswalk;
mod id;
mod level;
pub mod profile;
mod read;
mod requirement;
mod select;
mod series;
mod standard;
mod table;

pub use attack::{ATTACK_NOTICE, AttackMitigation, Technique};
pub use catalog::{Catalog, system_requirement_title};
pub use crosswalk::{CrosswalkLine, MappingSource, RegimeEntry, Relation};
pub use id::{RequirementId, RequirementIdError};
pub use level::{Fr, SecurityLevel, SlVector};
pub use requirement::{ConduitApplicability, ConduitCondition, Levels, Requirement};
pub use select::{Selected, Selection};
pub use series::{Misreading, Part, ScaleStep};
pub use standard::{ComponentType, Role, Standard, StandardError};
