//! All that judges. Pure: plant, evidence, catalog and options in; findings out.
//!
//! **Invariant:** no input or output, no clock, no global state; the judging date is passed in.

pub mod assessment;
pub mod change;
pub mod compile;
pub mod configured;
pub mod dated;
pub mod deciders;
pub mod declared;
pub mod levels;
pub mod observed;
pub mod packets;
pub mod propose;
pub mod questions;
pub mod recertify;
pub mod rules;
pub mod services;
pub mod verification;
mod verify;
pub mod whereabouts;
mod words;

pub use verify::{Options, verify};
