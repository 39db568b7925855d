//! The plant: typed records of the system under consideration, and findings about it.
//!
//! Owns the vocabulary of Workspace/1 (DESIGN: declared world), its text form, and the shape of a [`Finding`].
//!
//! **Invariant:** knows no file system, clock, database or network: text comes in and goes out as values.
//! **Invariant:** judges nothing beyond whether the text is a sound model; rules live in `assess`.

pub mod finding;
pub mod id;
pub mod model;
pub mod text;

pub use finding::{EvidencePlace, Finding, Subject};
pub use model::Plant;
