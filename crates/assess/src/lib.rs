//! All that judges. Pure: plant, evidence, catalog and options in; findings out.
//!
//! **Invariant:** no input or output, no clock, no global state; the judging date is passed in.

pub mod verification;
