//! Places in inputs, and the diagnostics that point at them.
//!
//! Owns: where something stands (a span of text, a packet of a capture, a whole file), what is said about
//! an input, how that is printed, and the search for the nearest valid name.
//!
//! **Invariant:** knows nothing of plants, traffic, firewalls or catalogs, and reads no file.

mod diagnostic;
mod nearest;
mod place;
mod render;

pub use diagnostic::{Diagnostic, Severity};
pub use nearest::nearest;
pub use place::{PacketPlace, Place, SourceText, TextPlace, Unit};
pub use render::{render, render_plain};
