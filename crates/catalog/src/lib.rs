//! The standard's vocabulary: foundational requirements, security levels, requirement ids, and the catalogs as data.
//!
//! Owns the tables in `catalogs/` and what they mean; what a plant shows of them is for others to judge. The tables are
//! part of the program and read once: [`Catalog::builtin`].
//!
//! **Invariant:** knows no plant and no evidence. Catalogs hold identifiers, levels, mappings and our own words; the
//! norm's text is not here.

mod catalog;
mod id;
mod level;
mod read;
mod requirement;
mod standard;
mod table;

pub use catalog::{Catalog, system_requirement_title};
pub use id::{RequirementId, RequirementIdError};
pub use level::{Fr, SecurityLevel, SlVector};
pub use requirement::{ConduitApplicability, ConduitCondition, Levels, Requirement};
pub use standard::{ComponentType, Role, Standard, StandardError};
