//! CODESYS runtimes of both generations: the online protocol of version 2 (`v2`), and the four layers of version 3 (`v3`).

mod services;
mod v2;
mod v3;

pub use v2::{CodesysV2, PROTOCOL as V2};
pub use v3::{CodesysV3, PROTOCOL as V3};
