//! From what a configuration says to chains.
//!
//! The way of a packet: at `prerouting`, before translation, the lists at the interface that it comes in by and whatever else
//! may drop it there; the translation of destinations; at `forward`, zones, routes that discard, VRFs; the translation of
//! sources; at `postrouting`, behind translation, the lists at the interface that it goes out by. Packets that the router sends
//! itself pass no list on their way out. Lists keep no state.

mod interfaces;
mod lists;
mod management;
mod nat;
mod policy;
mod routes;
mod zones;

use super::config::{Config, Span};
use crate::dialects::Reading;
use crate::ruleset::{
    AddressSet, Base, Chain, ChainId, ChainKind, Condition, Family, FirewallZone, Hook, InterfaceAddress,
    IntervalSet, IpVersion, NamePattern, NameSet, Policy, Reason, Rule, Ruleset, Undecidable, Verdict,
    break_loops, stand_unbound,
};
use std::collections::{BTreeMap, BTreeSet};
use zonewright_source::Diagnostic;

/// Deepest chain of jumps: from an interface to a list or policy.
const JUMP_DEPTH_MAX: usize = 16;

/// Most conditions that the lists and classes of one file may become where they stand within another statement.
const CONDITIONS_MAX: usize = 2_000_000;

/// Lists are asked here: connections are tracked already (inspection opens lists for answers), and nothing is translated yet.
pub(super) const BEFORE_TRANSLATION: i32 = -150;
/// And here behind the translation of sources.
pub(super) const BEHIND_TRANSLATION: i32 = 150;

/// Conditions of reflexive lists, by version of IP and name: what went out may come back.
type Reflected = BTreeMap<(IpVersion, String), Vec<Vec<Condition>>>;

/// Lowers a configuration.
pub(super) struct Lower<'a> {
    pub(super) config: &'a Config,
    pub(super) reading: &'a mut Reading,
    pub(super) ruleset: &'a mut Ruleset,
    /// The chains of lists.
    pub(super) lists: BTreeMap<(IpVersion, String), ChainId>,
    /// What lists and classes ask, by kind and name.
    pub(super) asked: BTreeMap<(&'static str, String), Vec<Condition>>,
    /// What was said about names, and where.
    said: BTreeSet<(usize, String)>,
    /// Classes that are being resolved.
    pub(super) open: BTreeSet<String>,
    /// How many conditions lists and classes became.
    pub(super) conditions: usize,
    /// What object groups hold, by kind and name.
    pub(super) groups: BTreeMap<(&'static str, String), Held>,
    /// What entries with `reflect` reflect, as conditions of the answers.
    pub(super) reflected: Option<Reflected>,
}

/// What an object group holds.
#[derive(Debug, Clone)]
pub(super) enum Held {
    /// Addresses, and whether these are all.
    Addresses(AddressSet, bool),
    /// Conditions on the service.
    Services(Vec<Condition>),
    /// Ports, and whether these are all.
    Ports(IntervalSet<u16>, bool),
}

/// Lowers all of it into `ruleset`.
pub(super) fn lower(config: &Config, reading: &mut Reading, ruleset: &mut Ruleset) {
    let mut lower = Lower {
        config,
        reading,
        ruleset,
        lists: BTreeMap::new(),
        asked: BTreeMap::new(),
        said: BTreeSet::new(),
        open: BTreeSet::new(),
        conditions: 0,
        groups: BTreeMap::new(),
        reflected: None,
    };
    lower.names();
    lower.list_chains();
    lower.interfaces();
    lower.vlans();
    lower.zones();
    lower.routes();
    lower.translations();
    lower.management();
    lower.unbound();
    for (place, diagnostic) in break_loops(lower.ruleset, JUMP_DEPTH_MAX) {
        lower.reading.report(&(place.start..place.end), diagnostic);
    }
}

impl Lower<'_> {
    /// Interfaces, zones and addresses.
    fn names(&mut self) {
        for interface in self.config.interfaces.iter() {
            self.ruleset.interfaces.push(interface.name.clone());
            for (address, length, span) in &interface.addresses {
                let place = self.reading.place(span);
                self.ruleset.addresses.push(InterfaceAddress {
                    interface: interface.name.clone(),
                    address: *address,
                    length: *length,
                    place,
                });
            }
        }
        self.ruleset.interfaces.sort();
        let mut known: BTreeSet<String> = self.config.zones.iter().map(|zone| zone.name.clone()).collect();
        let named = self.config.interfaces.iter().filter_map(|interface| interface.zone.clone());
        let mut zones: Vec<(String, Span)> =
            self.config.zones.iter().map(|zone| (zone.name.clone(), zone.span.clone())).collect();
        for (zone, span) in named {
            if known.insert(zone.clone()) {
                zones.push((zone, span));
            }
        }
        let mut members = self.members();
        for (name, span) in zones {
            let place = self.reading.place(&span);
            let interfaces = members.remove(&name).unwrap_or_default();
            self.ruleset.zones.push(FirewallZone { name, interfaces, place });
        }
    }

    /// The interfaces of each zone, sorted. Those in no zone are in `default`, if it is switched on.
    fn members(&self) -> BTreeMap<String, Vec<String>> {
        let mut members: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for interface in self.config.interfaces.iter() {
            let zone = interface.zone.as_ref().map_or("default", |(zone, _)| zone);
            members.entry(zone.to_owned()).or_default().push(interface.name.clone());
        }
        members.values_mut().for_each(|names| names.sort());
        members
    }

    /// A part of a configuration that defines lists and has no interface.
    fn unbound(&mut self) {
        if self.config.interfaces.len() > 0 || self.config.zone_pairs.len() > 0 {
            return;
        }
        let free = |wanted: IpVersion| -> Vec<ChainId> {
            let of_version = self.lists.iter().filter(|((version, _), _)| *version == wanted);
            let unused = of_version.filter(|((_, name), _)| !self.config.used_lists.contains(name));
            unused.map(|(_, id)| *id).collect()
        };
        let (four, six) = (free(IpVersion::V4), free(IpVersion::V6));
        let Some(first) = four.first().or(six.first()).and_then(|id| self.ruleset.chain(*id)) else { return };
        let span = first.place.start..first.place.end;
        let count = four.len() + six.len();
        let note = Diagnostic::note("firewall/unbound-lists", format!("lists bound to no interface: {count}"))
            .because("the file has no interfaces; lists stand as if forwarded packets passed them: one of a version surely, of several, each possibly")
            .help("read the whole configuration of the device, or ask about one list by its name");
        self.reading.report(&span, note);
        if four.is_empty() || six.is_empty() {
            return stand_unbound(self.ruleset, &[four, six].concat());
        }
        // Each decides about the packets of its own version.
        for (version, lists) in [(IpVersion::V4, four), (IpVersion::V6, six)] {
            stand_unbound(self.ruleset, &lists);
            if let Some(chain) = self.ruleset.chains.last_mut() {
                chain.family = family(version);
            }
        }
    }

    /// A rule that stands at `span`.
    pub(super) fn rule(&self, span: &Span, conditions: Vec<Condition>, verdict: Verdict) -> Rule {
        Rule { conditions, verdict, ..Rule::new(self.reading.place(span)) }
    }

    /// Adds a chain that packets enter at a hook, if it has rules.
    pub(super) fn base(&mut self, name: &str, table: &str, entry: Entry, rules: Vec<Rule>) {
        let Some(first) = rules.first() else { return };
        let place = first.place.clone();
        let base = Base {
            hook: entry.hook,
            kind: entry.kind,
            priority: entry.priority,
            policy: entry.policy,
            devices: Vec::new(),
            dormant: false,
        };
        self.ruleset.chains.push(Chain {
            name: name.to_owned(),
            table: table.to_owned(),
            family: entry.family,
            base: Some(base),
            rules,
            place,
            comment: None,
        });
    }

    /// Adds a chain that packets enter by a jump.
    pub(super) fn chain(
        &mut self,
        name: String,
        table: &str,
        family: Family,
        span: &Span,
        rules: Vec<Rule>,
    ) -> ChainId {
        let place = self.reading.place(span);
        self.ruleset.chains.push(Chain {
            name,
            table: table.to_owned(),
            family,
            base: None,
            rules,
            place,
            comment: None,
        });
        ChainId(self.ruleset.chains.len() - 1)
    }

    /// Says that a name leads nowhere.
    pub(super) fn unknown(&mut self, span: &Span, what: String, because: &str) {
        if !self.said.insert((span.start, what.clone())) {
            return;
        }
        let unknown = Diagnostic::warning("firewall/unknown-name", what).because(because);
        self.reading.report(span, unknown);
    }

    /// Takes note of conditions that stand within another statement; an undecidable one in their place beyond the limit.
    pub(super) fn budgeted(&mut self, conditions: Vec<Condition>, what: &str, span: &Span) -> Vec<Condition> {
        self.conditions += size(&conditions);
        if self.conditions <= CONDITIONS_MAX {
            return conditions;
        }
        let limit =
            Diagnostic::warning("firewall/too-many-rules", format!("{what} is too large to stand here"))
                .because("lists and classes that other statements name become more conditions than are kept");
        self.reading.report(span, limit);
        vec![undecidable(what.to_owned(), Reason::Unread)]
    }
}

/// Where packets enter a chain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) hook: Hook,
    pub(super) kind: ChainKind,
    pub(super) priority: i32,
    pub(super) policy: Policy,
    pub(super) family: Family,
}

impl Entry {
    /// A chain that filters, and lets pass what it does not decide.
    pub(super) const fn filter(hook: Hook, priority: i32, family: Family) -> Self {
        Self { hook, kind: ChainKind::Filter, priority, policy: Policy::Accept, family }
    }
}

/// How many conditions there are, those within others included.
fn size(conditions: &[Condition]) -> usize {
    let mut count = 0;
    let mut open: Vec<&Condition> = conditions.iter().collect();
    while let Some(condition) = open.pop() {
        count += 1;
        if let Condition::Any { of, .. } = condition {
            open.extend(of.iter().flatten());
        }
    }
    count
}

pub(super) fn undecidable(what: String, reason: Reason) -> Condition {
    Condition::Undecidable(Undecidable { what, reason })
}

/// Packets that come in by one of these interfaces or zones.
pub(super) fn coming(names: &[String]) -> Condition {
    Condition::InInterface(name_set(names, false))
}

/// Packets that go out by one of these.
pub(super) fn going(names: &[String]) -> Condition {
    Condition::OutInterface(name_set(names, false))
}

pub(super) fn name_set(names: &[String], negated: bool) -> NameSet {
    NameSet { patterns: names.iter().cloned().map(NamePattern::Exact).collect(), negated }
}

/// The family of chains that see packets of this version.
pub(super) const fn family(version: IpVersion) -> Family {
    match version {
        IpVersion::V4 => Family::Ipv4,
        IpVersion::V6 => Family::Ipv6,
    }
}
