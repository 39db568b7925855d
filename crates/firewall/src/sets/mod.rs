//! Exact sets of packet headers as reduced ordered binary decision diagrams.
//!
//! Owns: the diagrams, the layout of the header over their variables, and the way back to boxes and sample
//! points. Leaves to `reach`: what a rule, a translation, a path through a firewall means.
//!
//! Beyond [`NODES_MAX`] nodes an operation answers [`SetError`]; whoever asked then knows that it is unknown.

mod boxes;
mod diagram;
mod header;

pub use boxes::{BoxList, HeaderBox, INTERVALS_MAX, Ranges};
pub use diagram::{BitChange, Diagram, NODES_MAX, Set, SetError};
pub use header::{Field, INTERFACES_MAX, Point, VLAN_NONE, ct_state, v4_range, v4_value};

#[cfg(test)]
mod tests;
