//! Firewall configurations to a vendor-independent ruleset, and what a ruleset passes as exact sets.
//!
//! Owns: the dialects (one folder each), the [`ruleset`] they are read into, the JSON form of it, and what is
//! written (`write`).
//!
//! **Invariant:** knows no plant. Readers do not fail: they return what was understood and all diagnostics. Every
//! line of a configuration is modeled, knowingly ignored, or warned about.

pub mod dialects;
pub mod json;
pub mod names;
pub mod reach;
pub mod ruleset;
pub mod sets;
pub mod write;
