//! The vendor-independent ruleset: what every dialect is read into, and all that reach computation looks at.
//!
//! Owns: chains of rules with their place on a packet's way, the closed vocabulary of conditions, verdicts,
//! translations, and the account of lines. Leaves to others: reading text (`dialects`), computing sets (`reach`).
//!
//! How a ruleset decides about a packet: at each hook on its way the base chains are asked in order of priority.
//! Within a chain the first rule of which all conditions hold acts. `Accept` ends that base chain only; the next one
//! is asked. `Drop` and `Reject` are final. A base chain that decides nothing applies its policy. Base chains of kind
//! `Nat` see only packets that open a connection. A hook without base chains passes everything
//! ([`Ruleset::base_chains`] is empty there); a dialect with an implicit denial writes it out as a policy.
//!
//! A rule of which a condition is undecidable may match or not. So evaluation gives two exact sets: a packet is
//! *surely* passed if it passes however the undecidable conditions turn out, and *possibly* if it passes for some turn.

mod address;
mod chain;
mod condition;
mod credential;
mod interval;
mod lines;
mod loops;
mod rename;
mod render;
mod rule;
mod unbound;

pub use address::{AddressSet, IpVersion};
pub use chain::{Base, Chain, ChainId, ChainKind, Family, Hook, Policy};
pub use condition::{
    Certainty, Condition, CtStates, CtStatus, MarkOf, MaskedFlags, NamePattern, NameSet, PORT_PROTOCOLS,
    Reason, Undecidable,
};
pub use credential::{Credential, Keeping};
pub use interval::{IntervalSet, Point};
pub(crate) use lines::LineLedger;
pub use lines::{LineCounts, LineState};
pub(crate) use loops::break_loops;
pub use rule::{Counter, Effect, Log, Nat, NatKind, Rule, Verdict};
pub(crate) use unbound::stand_unbound;

use std::net::IpAddr;
use std::sync::Arc;
use zonewright_source::{Diagnostic, TextPlace};

/// A configuration, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruleset {
    /// The dialect it was read from, as `--dialect` names it.
    pub dialect: &'static str,
    /// The file, as the user gave it.
    pub file: Arc<str>,
    // INVARIANT: every ChainId in a verdict is an index into this list.
    /// All chains, in the order of their declaration.
    pub chains: Vec<Chain>,
    /// Sets and maps that the configuration names. Conditions hold their content already.
    pub sets: Vec<NamedSet>,
    /// Zones that the configuration itself defines over its interfaces.
    pub zones: Vec<FirewallZone>,
    /// Interface names that the configuration mentions, sorted.
    pub interfaces: Vec<String>,
    /// Addresses that the configuration gives to interfaces of the machine, in order of place.
    pub addresses: Vec<InterfaceAddress>,
    /// Where the configuration keeps secrets, in order of place. The secrets themselves are in nothing that is read.
    pub credentials: Vec<Credential>,
    /// What was said about the file while reading, in order of place.
    pub diagnostics: Vec<Diagnostic>,
    /// How many lines were modeled, ignored, warned about.
    pub lines: LineCounts,
    /// What became of each line (of a JSON listing: each entry), ascending, counted from 1.
    pub line_states: Vec<(u64, LineState)>,
}

impl Ruleset {
    /// A ruleset without chains.
    #[must_use]
    pub fn empty(dialect: &'static str, file: Arc<str>) -> Self {
        Self {
            dialect,
            file,
            chains: Vec::new(),
            sets: Vec::new(),
            zones: Vec::new(),
            interfaces: Vec::new(),
            addresses: Vec::new(),
            credentials: Vec::new(),
            diagnostics: Vec::new(),
            lines: LineCounts::default(),
            line_states: Vec::new(),
        }
    }

    /// A chain by its index.
    #[must_use]
    pub fn chain(&self, id: ChainId) -> Option<&Chain> {
        self.chains.get(id.0)
    }

    /// The base chains that routed packets of `version` pass at `hook`, in order: by priority; of equal priority, the
    /// one declared last comes first, as the kernel inserts a new hook before its equals.
    /// Dormant chains are left out.
    #[must_use]
    pub fn base_chains(&self, hook: Hook, version: IpVersion) -> Vec<(ChainId, &Chain, &Base)> {
        let mut found: Vec<_> = self
            .chains
            .iter()
            .enumerate()
            .filter(|(_, chain)| chain.family.routes(version))
            .filter_map(|(at, chain)| chain.base.as_ref().map(|base| (ChainId(at), chain, base)))
            .filter(|(_, _, base)| base.hook == hook && !base.dormant)
            .collect();
        found.sort_by_key(|(id, _, base)| (base.priority, std::cmp::Reverse(*id)));
        found
    }

    /// The same ruleset with its file name and all places blanked, comments, counters and the account of lines
    /// left out: two readings of the same configuration from different files are then equal.
    #[must_use]
    pub fn without_places(&self) -> Self {
        let mut bare = self.clone();
        let nowhere = TextPlace { file: "".into(), start: 0, end: 0, line: 0, column: 0 };
        bare.file = nowhere.file.clone();
        bare.diagnostics.clear();
        bare.lines = LineCounts::default();
        bare.line_states.clear();
        for set in &mut bare.sets {
            set.place = nowhere.clone();
        }
        for zone in &mut bare.zones {
            zone.place = nowhere.clone();
        }
        for address in &mut bare.addresses {
            address.place = nowhere.clone();
        }
        for credential in &mut bare.credentials {
            credential.place = nowhere.clone();
        }
        for chain in &mut bare.chains {
            chain.place = nowhere.clone();
            chain.comment = None;
            for rule in &mut chain.rules {
                rule.place = nowhere.clone();
                rule.counter = None;
                rule.comment = None;
            }
        }
        bare
    }
}

/// A named set, map, group or alias of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedSet {
    /// Its name.
    pub name: String,
    /// The table or context it belongs to.
    pub table: String,
    /// Its family.
    pub family: Family,
    /// What its elements are, in the configuration's own words.
    pub type_name: String,
    /// How many elements it has in the configuration.
    pub element_count: usize,
    /// Whether its content can change at run time (`dynamic`, `timeout`) or is kept elsewhere.
    pub dynamic: bool,
    /// Where it is declared.
    pub place: TextPlace,
}

/// A zone that a firewall's own configuration defines: a name for interfaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirewallZone {
    /// Its name.
    pub name: String,
    /// Its interfaces, sorted.
    pub interfaces: Vec<String>,
    /// Where it is defined.
    pub place: TextPlace,
}

/// An address of the machine itself, with the network it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceAddress {
    /// The interface, by the name that rules use.
    pub interface: String,
    /// The address.
    pub address: IpAddr,
    /// The length of the network's prefix, in bits.
    pub length: u8,
    /// Where it is given.
    pub place: TextPlace,
}
