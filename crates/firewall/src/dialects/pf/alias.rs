//! Aliases: names for addresses and ports, which may hold each other.

use super::extent::{Extent, PortExtent};
use super::fields::account_fields;
use super::interfaces::Interfaces;
use super::values::{addresses, ports};
use crate::dialects::{Element, GroupProblem, Groups, Member, Reading};
use crate::ruleset::{AddressSet, Family, IntervalSet, NamedSet, Reason, Undecidable};
use std::collections::BTreeMap;
use std::ops::Range;
use zonewright_source::{Diagnostic, nearest};

/// Steps of looking up all aliases: one for each alias that is walked, and for sixteen members. What is beyond is not told apart.
const STEPS_MAX: usize = 500_000;
/// Names that are compared to find the one that was meant.
const COMPARED_MAX: usize = 100_000;
/// Exceptions (`!`) within one alias that are sorted into it.
const EXCEPTIONS_MAX: usize = 256;

/// What an alias holds.
#[derive(Debug, Clone)]
enum Thing {
    Addresses(AddressSet),
    /// Addresses that are not meant, though a wider member means them.
    Except(AddressSet),
    Ports(IntervalSet<u16>),
    /// Something that the configuration does not tell.
    Unknown(Undecidable),
}

/// All aliases of a configuration.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    groups: Groups<Thing>,
    names: Vec<String>,
    looked_up: usize,
    compared: usize,
    extents: BTreeMap<String, Extent>,
    port_extents: BTreeMap<String, PortExtent>,
}

impl Aliases {
    /// Reads `<aliases>` (pfSense, older OPNsense) and `<OPNsense><Firewall><Alias>`, and says what is wrong with them.
    pub(super) fn read<'x>(
        root: Element<'x>,
        interfaces: &Interfaces<'x>,
        sets: &mut Vec<NamedSet>,
        reading: &mut Reading,
    ) -> Self {
        let mut all = Self::default();
        let old = root.children_named("aliases").flat_map(|aliases| aliases.children_named("alias"));
        let new =
            root.children_named("OPNsense").filter_map(|one| one.path(&["Firewall", "Alias", "aliases"]));
        let new = new.flat_map(|aliases| aliases.children_named("alias"));
        let all_elements: Vec<Element<'x>> = old.chain(new).collect();
        // Members that are aliases are told from names of hosts by the list of all names.
        for element in &all_elements {
            if let Some(name) = element.text_of("name") {
                all.groups.declare(name);
            }
        }
        for element in all_elements {
            all.read_one(element, interfaces, sets, reading);
        }
        for group in MACHINE_TABLES {
            if !all.groups.has(group) {
                let what = format!("table {group}");
                all.groups.declare(group);
                let unknown = Thing::Unknown(Undecidable { what, reason: Reason::DynamicSet });
                all.groups.add(group, Member::Own(unknown), 0..0);
            }
        }
        all
    }

    fn read_one<'x>(
        &mut self,
        element: Element<'x>,
        interfaces: &Interfaces<'x>,
        sets: &mut Vec<NamedSet>,
        reading: &mut Reading,
    ) {
        account_fields(element, &MODELED, &IGNORED, "an alias", reading);
        let Some(name) = element.text_of("name") else {
            let unnamed = Diagnostic::warning("firewall/unknown-value", "an alias lacks its name");
            return reading.report(&element.span(), unnamed);
        };
        if element.child("enabled").is_some_and(|enabled| enabled.text() == "0") {
            // Rules that use it are left out by the device.
            let what = format!("alias {name}, which is switched off");
            let unknown = Thing::Unknown(Undecidable { what, reason: Reason::Name });
            return self.groups.add(name, Member::Own(unknown), element.start_tag());
        }
        let kind = element.text_of("type").unwrap_or("network").to_ascii_lowercase();
        let content = element.text_of("content").or_else(|| element.text_of("address")).unwrap_or_default();
        let span =
            element.child("content").or_else(|| element.child("address")).unwrap_or(element).text_span();
        let elsewhere = outside_reason(&kind, element);
        let mut count = 0;
        if let Some(reason) = elsewhere {
            let what = format!("alias {name} ({kind})");
            self.groups.add(name, Member::Own(Thing::Unknown(Undecidable { what, reason })), span.clone());
        } else {
            for word in content.split([' ', '\n', '\t', '\r', ',']).filter(|word| !word.is_empty()) {
                count += 1;
                let member = self.member(
                    word,
                    kind.starts_with("port") || kind == "url_ports",
                    interfaces,
                    &span,
                    reading,
                );
                self.groups.add(name, member, span.clone());
            }
            if !KNOWN_KINDS.contains(&kind.as_str()) {
                let message = format!("`{kind}` is no type of alias that is known here");
                reading.report(&span, Diagnostic::warning("firewall/unknown-value", message));
                let what = format!("alias {name} ({kind})");
                let unknown = Thing::Unknown(Undecidable { what, reason: Reason::Unread });
                self.groups.add(name, Member::Own(unknown), span.clone());
            }
        }
        self.names.push(name.to_owned());
        sets.push(NamedSet {
            name: name.to_owned(),
            table: "aliases".to_owned(),
            family: Family::Inet,
            type_name: kind,
            element_count: count,
            dynamic: elsewhere.is_some(),
            place: reading.place(&element.start_tag()),
        });
    }

    fn member(
        &self,
        word: &str,
        is_port: bool,
        interfaces: &Interfaces<'_>,
        span: &Range<usize>,
        reading: &mut Reading,
    ) -> Member<Thing> {
        if is_port {
            return match ports(word) {
                Some(set) => Member::Own(Thing::Ports(set)),
                None if self.groups.has(word) => Member::Group(word.to_owned()),
                None => unknown_member(word, "a port, a range of ports, or an alias", span, reading),
            };
        }
        if let Some(set) = addresses(word) {
            return Member::Own(Thing::Addresses(set));
        }
        if let Some(set) = word.strip_prefix('!').and_then(addresses) {
            return Member::Own(Thing::Except(set));
        }
        if self.groups.has(word) {
            return Member::Group(word.to_owned());
        }
        if let Some(network) = internal_network(word).and_then(|name| interfaces.networks(name)) {
            return match network.maybe.first() {
                None => Member::Own(Thing::Addresses(network.sure)),
                Some((_, why)) => Member::Own(Thing::Unknown(why.clone())),
            };
        }
        let is_host =
            !word.starts_with('!') && word.chars().all(|c| c.is_alphanumeric() || "._-".contains(c));
        if is_host {
            let what = format!("host {word}");
            return Member::Own(Thing::Unknown(Undecidable { what, reason: Reason::Name }));
        }
        unknown_member(word, "an address, a network, a host or an alias", span, reading)
    }

    /// The name of an alias that is most like this one; not where there are too many to compare.
    pub(super) fn nearest(&mut self, name: &str) -> Option<String> {
        self.compared = self.compared.saturating_add(self.names.len());
        if self.compared > COMPARED_MAX {
            return None;
        }
        nearest(name, self.names.iter().map(String::as_str)).map(ToString::to_string)
    }

    /// The addresses of an alias; `None` where there is none of the name.
    pub(super) fn extent(&mut self, name: &str, reading: &mut Reading) -> Option<Extent> {
        if let Some(known) = self.extents.get(name) {
            return Some(known.clone());
        }
        let things = self.things(name, reading)?;
        let extent = address_extent(name, things);
        self.extents.insert(name.to_owned(), extent.clone());
        Some(extent)
    }

    /// The ports of an alias; `None` where there is none of the name.
    pub(super) fn ports(&mut self, name: &str, reading: &mut Reading) -> Option<PortExtent> {
        if let Some(known) = self.port_extents.get(name) {
            return Some(known.clone());
        }
        let things = self.things(name, reading)?;
        let mut ranges = Vec::new();
        let mut maybe = Vec::new();
        for thing in things {
            match thing {
                Thing::Ports(set) => ranges.extend_from_slice(set.intervals()),
                Thing::Unknown(why) => maybe.push(why),
                Thing::Addresses(_) | Thing::Except(_) => {
                    let what = format!("alias {name} holds addresses, not ports");
                    maybe.push(Undecidable { what, reason: Reason::Name });
                }
            }
        }
        maybe.sort();
        maybe.dedup();
        let extent = PortExtent { sure: IntervalSet::from_ranges(ranges), maybe };
        self.port_extents.insert(name.to_owned(), extent.clone());
        Some(extent)
    }

    fn things(&mut self, name: &str, reading: &mut Reading) -> Option<Vec<Thing>> {
        if !self.groups.has(name) {
            return None;
        }
        if self.looked_up > STEPS_MAX {
            let what = format!("alias {name}");
            return Some(vec![Thing::Unknown(Undecidable { what, reason: Reason::Unread })]);
        }
        let mut problems = Vec::new();
        let (mut things, walked) = self.groups.things_and_cost(name, &mut problems)?;
        self.looked_up += things.len() / 16 + problems.len() + walked;
        if self.looked_up > STEPS_MAX {
            let message = format!("looking up all aliases takes more than {STEPS_MAX} steps");
            let warning = Diagnostic::warning("firewall/too-many-elements", message)
                .because("what further aliases hold is not told apart");
            reading.report(&(0..0), warning);
        }
        for problem in problems {
            let (other, span, message) = match problem {
                GroupProblem::Missing(other, span) => {
                    let message = format!("`{other}` is no alias of this configuration");
                    (other, span, message)
                }
                GroupProblem::Circle(other, span) => {
                    let message = format!("alias `{other}` holds itself");
                    (other, span, message)
                }
            };
            reading.report(&span, Diagnostic::warning("firewall/unknown-name", message));
            let what = format!("alias {other}");
            things.push(Thing::Unknown(Undecidable { what, reason: Reason::Name }));
        }
        Some(things)
    }
}

/// Tables that the machine keeps itself and that rules may name.
const MACHINE_TABLES: [&str; 7] =
    ["sshlockout", "sshguard", "virusprot", "bogons", "bogonsv6", "snort2c", "negate_networks"];

/// The settings of an alias that are read.
const MODELED: [&str; 7] = ["name", "type", "address", "content", "enabled", "url", "aliasurl"];
/// Those that say nothing about what it holds.
const IGNORED: [&str; 17] = [
    "descr",
    "description",
    "detail",
    "updatefreq",
    "counters",
    "categories",
    "category",
    "proto",
    "created",
    "updated",
    "interface",
    "path_expression",
    "authtype",
    "username",
    "password",
    "expire",
    "last_updated",
];

const KNOWN_KINDS: [&str; 8] =
    ["host", "network", "port", "networkgroup", "url", "url_ports", "openvpn", "ports"];

/// Why the content of an alias of this type is not in the file; `None` where it is.
fn outside_reason(kind: &str, element: Element<'_>) -> Option<Reason> {
    let by_newer_pages = element.attribute("uuid").is_some() || element.child("content").is_some();
    Some(match kind {
        "urltable" | "urltable_ports" | "urljson" | "external" | "asn" | "mac" | "authgroup" | "internal" => {
            Reason::DynamicSet
        }
        // pfSense keeps what it once loaded in the address; OPNsense loads it again and again.
        "url" | "url_ports" if by_newer_pages || element.text_of("address").is_none() => Reason::DynamicSet,
        "geoip" | "dynipv6host" => Reason::Name,
        _ => return None,
    })
}

fn unknown_member(word: &str, expected: &str, span: &Range<usize>, reading: &mut Reading) -> Member<Thing> {
    let warning =
        Diagnostic::warning("firewall/unknown-value", format!("expected {expected}, found `{word}`"))
            .because("what the alias holds is then not wholly known");
    reading.report(span, warning);
    Member::Own(Thing::Unknown(Undecidable { what: word.to_owned(), reason: Reason::Name }))
}

/// `lan` of `__lan_network`, as OPNsense names the network of an interface among aliases.
pub(super) fn internal_network(name: &str) -> Option<&str> {
    name.strip_prefix("__")?.strip_suffix("_network")
}

/// What a table of pf with these members holds: of members within each other, the narrower decides.
fn address_extent(name: &str, things: Vec<Thing>) -> Extent {
    let mut maybe = Vec::new();
    let mut exceptions = Vec::new();
    let mut members = Vec::new();
    for thing in things {
        match thing {
            Thing::Addresses(set) => members.push(set),
            Thing::Except(set) => exceptions.push(set),
            Thing::Unknown(why) => maybe.push((AddressSet::all(), why)),
            Thing::Ports(_) => {
                let what = format!("alias {name} holds ports, not addresses");
                maybe.push((AddressSet::all(), Undecidable { what, reason: Reason::Name }));
            }
        }
    }
    maybe.sort();
    maybe.dedup();
    if exceptions.is_empty() {
        return Extent { sure: all_of(&members), maybe };
    }
    if exceptions.len() > EXCEPTIONS_MAX {
        let what = format!("alias {name}, which has more than {EXCEPTIONS_MAX} exceptions");
        maybe.push((all_of(&members), Undecidable { what, reason: Reason::Unread }));
        return Extent { sure: AddressSet::none(), maybe };
    }
    let mut ordered: Vec<(u128, bool, AddressSet)> =
        members.into_iter().map(|set| (width(&set), true, set)).collect();
    ordered.extend(exceptions.into_iter().map(|set| (width(&set), false, set)));
    ordered.sort_by_key(|(width, ..)| std::cmp::Reverse(*width));
    let mut sure = AddressSet::none();
    for run in ordered.chunk_by(|a, b| a.1 == b.1) {
        let sets: Vec<AddressSet> = run.iter().map(|(_, _, set)| set.clone()).collect();
        let set = all_of(&sets);
        let adds = run.first().is_some_and(|(_, adds, _)| *adds);
        sure = if adds { sure.union(&set) } else { sure.intersection(&set.complement()) };
    }
    Extent { sure, maybe }
}

fn all_of(sets: &[AddressSet]) -> AddressSet {
    AddressSet {
        v4: IntervalSet::from_ranges(sets.iter().flat_map(|set| set.v4.intervals().iter().copied())),
        v6: IntervalSet::from_ranges(sets.iter().flat_map(|set| set.v6.intervals().iter().copied())),
    }
}

/// How many addresses a set of one interval has, less one.
fn width(set: &AddressSet) -> u128 {
    let four = set.v4.intervals().iter().map(|(first, last)| u128::from(last - first));
    let six = set.v6.intervals().iter().map(|(first, last)| last - first);
    four.chain(six).max().unwrap_or(0)
}
