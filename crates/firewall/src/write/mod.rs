//! What shall pass a device, as the configuration of one.
//!
//! Owns: the [`Policy`] to be written, its meaning as a ruleset ([`meaning`]), and the writers (one file each). Leaves to
//! others: which permits a policy holds (the plant's conduits).
//!
//! A writer never opens more than the policy does. What its dialect cannot say stays closed, is named in the file and
//! in [`Written::unsaid`]. Names and purposes are text from people: a writer makes them harmless or refuses them.

mod asa;
mod checked;
mod fortios;
mod functions;
mod meaning;
mod nftables;
mod policy;
mod suricata;
mod text;

pub use checked::{ReadBack, as_routed, read_back};
pub use functions::{Function, FunctionLimit};
pub use meaning::{Tracking, meaning};
pub use policy::{End, Names, Object, Permit, Policy, Service};

use jiff::civil::Date;

/// A dialect that policies are written in.
pub trait Writer: Sync {
    /// Its name, as `--dialect` takes it.
    fn name(&self) -> &'static str;

    /// Its name for people.
    fn title(&self) -> &'static str;

    /// The dialect that reads what is written; `None` for what is no ruleset of a packet filter.
    fn read_by(&self) -> Option<&'static str>;

    /// How a device of this dialect tracks connections.
    fn tracking(&self) -> Tracking;

    /// Whether packets pass the device by interfaces alone to which a list is bound: one that no list names is not in use.
    fn knows_all_interfaces(&self) -> bool {
        false
    }

    /// The beginning of a comment.
    fn comment_mark(&self) -> &'static str;

    /// The policy as a configuration.
    fn write(&self, policy: &Policy) -> Result<Written, WriteError>;
}

/// Every dialect that is written.
pub static WRITERS: &[&dyn Writer] =
    &[&nftables::Routed, &nftables::Bridge, &fortios::FortiOs, &asa::Asa, &suricata::Suricata];

/// The writer of this name.
#[must_use]
pub fn writer_named(name: &str) -> Option<&'static dyn Writer> {
    WRITERS.iter().copied().find(|writer| writer.name() == name)
}

/// A policy as a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// The configuration.
    pub text: String,
    /// What the dialect cannot say: it stays closed (of Suricata: unwatched).
    pub unsaid: Vec<Unsaid>,
    /// What whoever loads it must know; it stands in the file too.
    pub remarks: Vec<String>,
}

/// A part of a policy that a dialect cannot say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsaid {
    /// The index of the permit in the policy.
    pub permit: usize,
    /// Its id.
    pub id: String,
    /// The index of its service; `None` for the whole permit.
    pub service: Option<usize>,
    /// Why.
    pub why: String,
}

/// Why a policy cannot be written at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A name that the dialect has no way to write.
    #[error("the interface name `{name}` cannot be written in this dialect: {why}")]
    Interface {
        /// The name, made harmless.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The policy is larger than what is written.
    #[error("the policy has more than {limit} {what}")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many are written at most.
        limit: usize,
    },
}

/// Most permits of a policy that is written.
pub const PERMITS_MAX: usize = 100_000;

/// The day as configurations spell it.
fn day(date: Date) -> String {
    date.to_string()
}
