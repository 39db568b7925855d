//! Ports as operators and names tell them.

use super::cursor::Cursor;
use crate::dialects::Service;
use crate::dialects::cisco::{Os, port, port_range};
use crate::ruleset::{IntervalSet, Reason, Undecidable};

/// Ports, of which some may be meant only by some releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ports {
    pub(super) sure: IntervalSet<u16>,
    // INVARIANT: disjoint from `sure`.
    pub(super) maybe: IntervalSet<u16>,
}

impl Ports {
    pub(super) fn all() -> Self {
        Self { sure: IntervalSet::all(), maybe: IntervalSet::none() }
    }

    pub(super) fn none() -> Self {
        Self { sure: IntervalSet::none(), maybe: IntervalSet::none() }
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        let sure = self.sure.union(&other.sure);
        let maybe = self.maybe.union(&other.maybe).intersection(&sure.complement());
        Self { sure, maybe }
    }

    /// The alternatives: the ports that are meant surely, and those that are meant perhaps.
    fn alternatives(&self) -> Vec<(&IntervalSet<u16>, bool)> {
        let mut found = Vec::new();
        if !self.sure.is_none() {
            found.push((&self.sure, false));
        }
        if !self.maybe.is_none() {
            found.push((&self.maybe, true));
        }
        found
    }
}

/// Whether a word is an operator of ports.
pub(super) fn is_operator(word: &str) -> bool {
    ["eq", "neq", "lt", "gt", "range"].contains(&word)
}

/// `eq PORT`, `range PORT PORT` and their like; `Err` with what is wrong.
pub(super) fn read_ports(words: &mut Cursor<'_, '_>, protocol: Option<u8>) -> Result<Ports, String> {
    let operator = words.next().unwrap_or_default();
    let mut number = || {
        let word = words.next().ok_or_else(|| "expected a port behind the operator".to_owned())?;
        port(Os::Asa, protocol, word).ok_or_else(|| format!("expected a port, found `{word}`"))
    };
    let first = number()?;
    let last = if operator == "range" { number()? } else { first };
    let mut readings = Vec::new();
    for first in [Some(first.number), first.or].into_iter().flatten() {
        for last in [Some(last.number), last.or].into_iter().flatten() {
            readings.extend(port_range(operator, first, last));
        }
    }
    let mut readings = readings.into_iter();
    let one = readings.next().ok_or_else(|| format!("expected an operator of ports, found `{operator}`"))?;
    let (mut all, mut any) = (one.clone(), one);
    for reading in readings {
        all = all.intersection(&reading);
        any = any.union(&reading);
    }
    let maybe = any.intersection(&all.complement());
    Ok(Ports { sure: all, maybe })
}

/// Services of these protocols and ports.
pub(super) fn services(protocols: &IntervalSet<u8>, source: &Ports, destination: &Ports) -> Vec<Service> {
    let mut found = Vec::new();
    for (source_ports, source_maybe) in source.alternatives() {
        for (ports, maybe) in destination.alternatives() {
            let undecidable = (maybe || source_maybe).then(|| Undecidable {
                what: "ports by a name that is not sure".to_owned(),
                reason: Reason::Name,
            });
            found.push(Service {
                protocols: protocols.clone(),
                source_ports: source_ports.clone(),
                ports: ports.clone(),
                undecidable,
                ..Service::any()
            });
        }
    }
    found
}
