//! Address books: addresses and sets of addresses by name.

use super::config::Config;
use super::tree::{NodeId, Tree};
use super::values::prefix;
use crate::dialects::{GroupProblem, Groups, Member};
use crate::ruleset::{AddressSet, Condition, IntervalSet, IpVersion, Reason, Undecidable};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What an address book entry stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    Known(AddressSet),
    Unknown(Undecidable),
}

impl Entry {
    fn named(what: impl Into<String>) -> Self {
        Self::Unknown(Undecidable { what: what.into(), reason: Reason::Name })
    }
}

/// The address books of a configuration.
#[derive(Debug, Default)]
pub(super) struct AddressBooks {
    global: Groups<Entry>,
    books: BTreeMap<String, Groups<Entry>>,
    /// Of a zone, the book that is attached to it.
    of_zone: BTreeMap<String, String>,
    /// What was resolved before, by zone and name.
    resolved: RefCell<BTreeMap<(String, String), Resolved>>,
}

/// What a name stands for: the addresses that are known, and what more there may be.
#[derive(Debug, Clone)]
struct Resolved {
    known: AddressSet,
    unknown: Vec<Undecidable>,
}

/// The book of addresses that every zone knows.
const GLOBAL: &str = "global";

impl AddressBooks {
    pub(super) fn read(config: &mut Config<'_>) -> Self {
        let mut books = Self::default();
        for book in config.tree.things(security(config), "address-book") {
            let name = config.name(book);
            let read = read_book(config, book);
            for attach in config.tree.enter(book, "attach").into_iter().collect::<Vec<_>>() {
                for zone in config.tree.things(attach, "zone") {
                    books.of_zone.insert(config.name(zone), name.clone());
                }
            }
            if name == GLOBAL {
                books.global = read;
            } else {
                books.books.insert(name, read);
            }
        }
        if let Some(zones) = config.tree.enter(security(config), "zones") {
            for zone in config.tree.things(zones, "security-zone") {
                if let Some(book) = config.tree.enter(zone, "address-book") {
                    let name = config.name(zone);
                    let read = read_book(config, book);
                    books.of_zone.insert(name.clone(), format!("zone {name}"));
                    books.books.insert(format!("zone {name}"), read);
                }
            }
        }
        books.read_dynamic(config);
        books
    }

    /// `security dynamic-address address-name X` is filled by feeds at run time.
    fn read_dynamic(&mut self, config: &mut Config<'_>) {
        let Some(dynamic) = config.tree.enter(security(config), "dynamic-address") else { return };
        config.tree.read_all(dynamic);
        for name in config.tree.things(dynamic, "address-name") {
            let what = Undecidable { what: config.name(name), reason: Reason::DynamicSet };
            self.global.add(
                config.tree.word(name),
                Member::Own(Entry::Unknown(what)),
                config.tree.span(name),
            );
        }
    }

    /// What a name stands for, as seen from a zone; of no zone, in the global book. `at` is where it is named.
    fn resolve(&self, config: &mut Config<'_>, zone: Option<&str>, name: &str, at: NodeId) -> Resolved {
        let all = match name {
            "any" => Some(AddressSet::all()),
            "any-ipv4" => Some(AddressSet::all_of(IpVersion::V4)),
            "any-ipv6" => Some(AddressSet::all_of(IpVersion::V6)),
            _ => None,
        };
        if let Some(known) = all {
            return Resolved { known, unknown: Vec::new() };
        }
        let key = (zone.unwrap_or_default().to_owned(), name.to_owned());
        if let Some(resolved) = self.resolved.borrow().get(&key) {
            return resolved.clone();
        }
        let resolved = self.looked_up(config, zone, name, at);
        self.resolved.borrow_mut().insert(key, resolved.clone());
        resolved
    }

    fn looked_up(&self, config: &mut Config<'_>, zone: Option<&str>, name: &str, at: NodeId) -> Resolved {
        let own = zone.and_then(|zone| self.of_zone.get(zone)).and_then(|book| self.books.get(book));
        let mut problems = Vec::new();
        let found = own.and_then(|book| book.things(name, &mut problems));
        let found = found.or_else(|| self.global.things(name, &mut problems));
        let Some(mut entries) = found else {
            let what = format!("the address `{}` is not defined", config.quoted(at));
            config.warn(at, "firewall/unknown-name", what);
            let unknown = vec![Undecidable { what: name.to_owned(), reason: Reason::Name }];
            return Resolved { known: AddressSet::none(), unknown };
        };
        for problem in problems {
            let (GroupProblem::Missing(member, span) | GroupProblem::Circle(member, span)) = problem;
            let member = super::config::shortened(&member);
            let what = format!("the set holds `{member}`, which is not defined or holds the set itself");
            config.report(&span, zonewright_source::Diagnostic::warning("firewall/unknown-name", what));
            entries.push(Entry::named(member));
        }
        match config.spend(at, entries.len()) {
            Ok(()) => merged(entries),
            Err(unknown) => Resolved { known: AddressSet::none(), unknown: vec![unknown] },
        }
    }

    /// What a packet must meet to have one of these addresses (`excluded`: none of them).
    pub(super) fn conditions(
        &self,
        config: &mut Config<'_>,
        zone: Option<&str>,
        names: &[NodeId],
        excluded: bool,
        make: fn(AddressSet) -> Condition,
    ) -> Vec<Condition> {
        let mut all: Vec<Resolved> = Vec::new();
        for at in names {
            let name = config.name(*at);
            let resolved = self.resolve(config, zone, &name, *at);
            let cost = resolved.known.v4.intervals().len() + resolved.known.v6.intervals().len();
            if names.len() > 1 || excluded {
                match config.spend(*at, cost) {
                    Ok(()) => all.push(resolved),
                    Err(unknown) => {
                        all.push(Resolved { known: AddressSet::none(), unknown: vec![unknown] });
                    }
                }
            } else {
                all.push(resolved);
            }
        }
        let resolved = match all.as_slice() {
            [only] => only.clone(),
            many => {
                let known = many.iter().map(|one| Entry::Known(one.known.clone()));
                let unknown = many.iter().flat_map(|one| one.unknown.iter().cloned().map(Entry::Unknown));
                merged(known.chain(unknown))
            }
        };
        one_of(resolved, excluded, make)
    }
}

/// All entries together.
fn merged(entries: impl IntoIterator<Item = Entry>) -> Resolved {
    let (mut four, mut six, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Entry::Known(set) => {
                four.extend_from_slice(set.v4.intervals());
                six.extend_from_slice(set.v6.intervals());
            }
            Entry::Unknown(what) => unknown.push(what),
        }
    }
    let known = AddressSet { v4: IntervalSet::from_ranges(four), v6: IntervalSet::from_ranges(six) };
    Resolved { known, unknown }
}

/// What a packet must meet to have one of these addresses (`excluded`: none of them).
fn one_of(resolved: Resolved, excluded: bool, make: fn(AddressSet) -> Condition) -> Vec<Condition> {
    let Resolved { known, unknown } = resolved;
    if unknown.is_empty() || known == AddressSet::all() {
        let set = if excluded { known.complement() } else { known };
        return if set == AddressSet::all() { Vec::new() } else { vec![make(set)] };
    }
    let mut of: Vec<Vec<Condition>> =
        unknown.into_iter().map(|what| vec![Condition::Undecidable(what)]).collect();
    if !known.is_none() {
        of.insert(0, vec![make(known)]);
    }
    match of.as_slice() {
        [only] if !excluded => only.clone(),
        _ => vec![Condition::Any { of, negated: excluded }],
    }
}

/// The node `security`, or the root where there is none, below which nothing of it is then found.
pub(super) fn security(config: &Config<'_>) -> NodeId {
    config.tree.enter(Tree::ROOT, "security").unwrap_or(Tree::ROOT)
}

fn read_book(config: &mut Config<'_>, book: NodeId) -> Groups<Entry> {
    let mut groups = Groups::default();
    for address in config.tree.things(book, "address") {
        let name = config.name(address);
        groups.declare(&name);
        let parts: Vec<NodeId> = config.tree.children(address).collect();
        for part in parts {
            let Some(entry) = read_entry(config, part) else { continue };
            groups.add(&name, Member::Own(entry), config.tree.span(part));
        }
        if groups.len_of(&name) == 0 {
            let unread = Undecidable { what: name.clone(), reason: Reason::Unread };
            groups.add(&name, Member::Own(Entry::Unknown(unread)), config.tree.span(address));
        }
    }
    for set in config.tree.things(book, "address-set") {
        let name = config.name(set);
        groups.declare(&name);
        for kind in ["address", "address-set"] {
            for member in config.tree.things(set, kind) {
                let member_name = config.name(member);
                let span = config.tree.span(member);
                let member = match member_name.as_str() {
                    "any" => Member::Own(Entry::Known(AddressSet::all())),
                    "any-ipv4" => Member::Own(Entry::Known(AddressSet::all_of(IpVersion::V4))),
                    "any-ipv6" => Member::Own(Entry::Known(AddressSet::all_of(IpVersion::V6))),
                    _ => Member::Group(member_name),
                };
                groups.add(&name, member, span);
            }
        }
    }
    groups
}

/// One line of an address: a prefix, a range, a mask with gaps, a name. `None` for what is no address, and for what was not
/// understood, which the account then warns about.
fn read_entry(config: &mut Config<'_>, part: NodeId) -> Option<Entry> {
    let tree = &config.tree;
    let value = tree.children(part).next();
    match tree.word(part) {
        "description" => None,
        "dns-name" | "dns-address" => {
            tree.read_all(part);
            value.map(|name| Entry::named(tree.word(name)))
        }
        "ip-prefix" | "wildcard-address" => {
            let set = prefix(tree.word(value?))?;
            tree.read(part);
            tree.read(value?);
            Some(Entry::Known(set))
        }
        "range-address" => {
            let first: IpAddr = tree.word(value?).split('/').next()?.parse().ok()?;
            let last: IpAddr = match tree.range_end(value?) {
                Some(last) => last.split('/').next()?.parse().ok()?,
                None => first,
            };
            let set = AddressSet::range(first, last)?;
            tree.read_all(part);
            Some(Entry::Known(set))
        }
        text => {
            let set = prefix(text)?;
            tree.read(part);
            // An old form has a description behind the prefix.
            tree.children(part)
                .filter(|below| tree.word(*below) == "description")
                .for_each(|d| tree.read_all(d));
            Some(Entry::Known(set))
        }
    }
}
