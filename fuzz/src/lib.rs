//! What each fuzz target does with its bytes, and what must hold whatever they are.
//!
//! A target proper (`targets/*.rs`) only hands its bytes over. What breaks a promise panics: that is how a fuzzer is told.

pub mod capture;
pub mod dissector;
pub mod firewall;
pub mod workspace;
