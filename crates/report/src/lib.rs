//! Findings and plant to documents and pictures.
//!
//! Owns the zone and conduit diagram, the HTML report, the readable summary for a terminal, and the shapes that others
//! read: `zonewright-verification/1` and SARIF 2.1.0.
//!
//! **Invariant:** judges nothing: every statement is one of the verification, the plant or the evidence it is given.
//! **Invariant:** reads no file, network or clock; the same input gives the same bytes.

pub mod ask;
pub mod assessment;
pub mod catalog;
pub mod change;
pub mod diagram;
mod escape;
pub mod html;
mod input;
pub mod json;
mod page;
mod ranked;
pub mod recertify;
pub mod sarif;
mod steps;
pub mod text;
mod words;
pub mod xlsx;

#[cfg(test)]
mod digest;
#[cfg(test)]
mod samples;

pub use input::{
    EvidenceSummary, LINE_CHARS_MAX, ReportInput, RuleText, SeenAsset, SourceLines, wanted_lines,
};
pub use words::Tone;
