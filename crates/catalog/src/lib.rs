//! The standard's vocabulary: foundational requirements, security levels, requirement ids, and the catalogs as data.
//!
//! **Invariant:** knows no plant and no evidence. Catalogs hold identifiers, levels, mappings and our own words; the
//! norm's text is not here.

mod level;
mod requirement;

pub use level::{Fr, SecurityLevel, SlVector};
pub use requirement::{RequirementId, RequirementIdError, system_requirement_title};
