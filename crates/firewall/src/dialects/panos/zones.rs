//! Zones: which interfaces are in which, what rules ask of them, and where the configuration routes an address.

use super::ignored::{Place, pass};
use super::model::Scope;
use super::tree::{At, Mark};
use crate::ruleset::{Condition, NamePattern, NameSet, Reason, Undecidable};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A zone of one virtual system.
#[derive(Debug, Clone)]
pub(super) struct Zone<'m> {
    pub(super) interfaces: BTreeSet<&'m str>,
    /// Whether it stands for another virtual system.
    pub(super) is_external: bool,
    /// Whether its interfaces take copies of packets and forward none.
    pub(super) is_tap: bool,
    pub(super) span: Range<usize>,
}

/// The zones of one virtual system or of the templates.
#[derive(Debug, Default, Clone)]
pub(super) struct Zones<'m> {
    by_name: BTreeMap<&'m str, Zone<'m>>,
    /// What the names have in front of them in the ruleset, where virtual systems have zones of the same name.
    pub(super) prefix: String,
    /// Zones that rules name and nothing defines.
    mentioned: BTreeSet<&'m str>,
    /// How many alternatives of zones were written out.
    written: Cell<usize>,
}

/// Alternatives of zones that are written out in one file; where there are more, whether zones are the same is undecided.
const ALTERNATIVES_MAX: usize = 1_000_000;

impl<'m> Zones<'m> {
    /// Reads the zones that stand in a scope.
    pub(super) fn read(&mut self, scope: &Scope<'m>) {
        let lists = scope.nodes.iter().flat_map(|node| node.within());
        for entry in lists.filter(|list| list.name() == "zone").flat_map(|list| list.touched().entries()) {
            pass(entry, Place::Zone);
            let zone = self.by_name.entry(entry.name()).or_insert_with(|| Zone {
                interfaces: BTreeSet::new(),
                is_external: false,
                is_tap: false,
                span: entry.span(),
            });
            let Some(network) = entry.child("network") else { continue };
            pass(network, Place::Zone);
            for kind in network.within() {
                match kind.name() {
                    "layer3" | "layer2" | "virtual-wire" | "tap" => {
                        zone.is_tap |= kind.name() == "tap";
                        zone.interfaces.extend(kind.touched().entries().map(At::name));
                    }
                    "external" => {
                        zone.is_external = true;
                        kind.mark(Mark::Modeled);
                    }
                    // What is within a tunnel has a zone, and no interface.
                    "tunnel" => {
                        kind.mark(Mark::Modeled);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Takes note of the zones that a rule names.
    pub(super) fn mention(&mut self, name: &'m str) {
        if name != "any" && !self.by_name.contains_key(name) {
            self.mentioned.insert(name);
        }
    }

    /// Takes interfaces out of zones where several templates put them into different ones. Whether there are any.
    pub(super) fn leave_out_ambiguous(&mut self) -> bool {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for interface in self.by_name.values().flat_map(|zone| &zone.interfaces) {
            *seen.entry(interface).or_default() += 1;
        }
        for zone in self.by_name.values_mut() {
            zone.interfaces.retain(|interface| seen.get(interface) == Some(&1));
        }
        seen.values().any(|count| *count > 1)
    }

    /// Whether the configuration defines zones, so that all are known.
    pub(super) fn is_complete(&self) -> bool {
        !self.by_name.is_empty()
    }

    /// Whether a zone of this name is defined, or none is.
    pub(super) fn knows(&self, name: &str) -> bool {
        !self.is_complete() || self.by_name.contains_key(name)
    }

    /// Whether one of the zones stands for another virtual system.
    pub(super) fn has_external(&self) -> bool {
        self.by_name.values().any(|zone| zone.is_external)
    }

    /// The zones that are defined.
    pub(super) fn defined(&self) -> impl Iterator<Item = (&'m str, &Zone<'m>)> {
        self.by_name.iter().map(|(name, zone)| (*name, zone))
    }

    /// All names, defined or mentioned.
    pub(super) fn names(&self) -> BTreeSet<&'m str> {
        self.by_name.keys().chain(&self.mentioned).copied().collect()
    }

    /// The name of a zone in the ruleset.
    pub(super) fn qualified(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn set(&self, names: impl IntoIterator<Item = &'m str>, negated: bool) -> NameSet {
        let names: BTreeSet<&str> = names.into_iter().collect();
        let patterns = names.into_iter().map(|name| NamePattern::Exact(self.qualified(name))).collect();
        NameSet { patterns, negated }
    }

    /// Packets that come in by one of these zones.
    pub(super) fn within(&self, names: impl IntoIterator<Item = &'m str>) -> Condition {
        Condition::InInterface(self.set(names, false))
    }

    /// Packets that go out by one of these zones.
    pub(super) fn out_of(&self, names: impl IntoIterator<Item = &'m str>) -> Condition {
        Condition::OutInterface(self.set(names, false))
    }

    /// Whether rules name it, or it is defined.
    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name) || self.mentioned.contains(name)
    }

    /// Packets that come in and go out by the same zone of these; of all zones where `names` is `None`.
    pub(super) fn same(&self, names: Option<&[&'m str]>) -> Vec<Vec<Condition>> {
        let all = self.names();
        self.written.set(self.written.get() + names.map_or(all.len(), <[&str]>::len));
        if self.written.get() > ALTERNATIVES_MAX {
            let same = Undecidable { what: "the same zone".into(), reason: Reason::Name };
            return vec![vec![Condition::Undecidable(same)]];
        }
        let mut alternatives: Vec<Vec<Condition>> = names
            .map_or_else(|| all.iter().copied().collect(), <[&str]>::to_vec)
            .into_iter()
            .map(|name| vec![self.within([name]), self.out_of([name])])
            .collect();
        if names.is_none() && !self.is_complete() {
            // Two interfaces that the file does not name may be in one zone or not.
            let others = || self.set(all.iter().copied(), true);
            let same = Undecidable { what: "the same zone".into(), reason: Reason::Name };
            let mut outside = vec![Condition::InInterface(others()), Condition::OutInterface(others())];
            outside.truncate(if all.is_empty() { 0 } else { 2 });
            outside.push(Condition::Undecidable(same));
            alternatives.push(outside);
        }
        alternatives
    }
}
