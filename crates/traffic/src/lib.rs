//! Captures to packets, flows, messages and facts.
//!
//! The way of a packet: `capture` (containers) → `link` and `net` (headers) → `flow` (who talks to whom) →
//! `stream` (TCP in order) → `dissect` (one folder a protocol, emitting facts) → `observe` (facts fused into
//! assets, flows and functions, an [`observation::Observation`]). Logs of monitors come in at `flow` (`logs`).
//!
//! **Invariant:** knows no plant, no zone and no standard; judges nothing. Malformed input is a fact, not a failure.
//! **Invariant:** nothing here prints, asks for the time, or uses the network.

mod assemble;
mod capture;
pub mod compare;
mod content;
pub mod dissect;
mod engine;
pub mod facts;
mod flow;
mod fragments;
mod index;
pub mod json;
mod link;
mod logs;
mod net;
pub mod observation;
mod observe;
pub mod protocol;
mod recognize;
mod record;
mod shards;
mod stream;
mod vendors;
pub mod vocabulary;

pub use capture::kind_of;
pub use observe::{CaptureInput, Hashing, Options, Progress, observe};
