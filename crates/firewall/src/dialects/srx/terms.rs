//! The `from` of a filter's term: conditions of different kinds must all hold, of one kind at least one.

use super::config::Config;
use super::filters::Lists;
use super::interfaces::FilterFamily;
use super::tree::{Attribute, NodeId};
use super::values;
use crate::ruleset::{
    AddressSet, Condition, IntervalSet, MaskedFlags, NamePattern, NameSet, Point, Reason, Undecidable,
};
use std::collections::{BTreeMap, BTreeSet};

/// Keywords of `from` that take no value.
const FLAGS: [&str; 6] = [
    "tcp-established",
    "tcp-initial",
    "is-fragment",
    "first-fragment",
    "service-filter-hit",
    "extension-header-any",
];

/// Headers of IPv6 that never stand last, so that the packet's protocol is not known by them.
const CHAINED: [u8; 4] = [0, 43, 44, 60];

/// Reads the conditions of terms.
pub(super) struct Terms<'c, 'a, 'l> {
    pub(super) config: &'c mut Config<'a>,
    pub(super) lists: &'l Lists,
    pub(super) family: FilterFamily,
}

/// One kind of condition while its lines are gathered.
#[derive(Default)]
struct Gathered {
    /// Prefixes, whether they are excepted, in order.
    prefixes: Vec<(AddressSet, bool)>,
    /// What may match beside them, or may be excepted.
    unknown: Vec<(Undecidable, bool)>,
}

/// Which addresses an attribute is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Source,
    Destination,
    Either,
}

impl Terms<'_, '_, '_> {
    /// The conditions of a `from`, and the interfaces they name.
    pub(super) fn read(&mut self, from: NodeId) -> (Vec<Condition>, BTreeSet<String>) {
        let mut conditions = Vec::new();
        let mut addresses: BTreeMap<End, Gathered> = BTreeMap::new();
        let mut interfaces: Vec<NamePattern> = Vec::new();
        let mut asks_interface = false;
        for attribute in self.config.tree.attributes(from, &FLAGS) {
            let key = self.config.name(attribute.key);
            if let Some(end) = address_end(&key) {
                self.config.tree.read_attribute(&attribute);
                self.gather(&attribute, key.ends_with("prefix-list"), addresses.entry(end).or_default());
                continue;
            }
            match key.as_str() {
                "interface" => {
                    self.config.tree.read_attribute(&attribute);
                    asks_interface = true;
                    interfaces
                        .extend(attribute.values.iter().map(|value| pattern(self.config.tree.word(*value))));
                }
                "interface-set" => {
                    self.config.tree.read_attribute(&attribute);
                    asks_interface = true;
                    for value in &attribute.values {
                        let name = self.config.name(*value);
                        match self.lists.interface_sets.get(&name) {
                            Some(members) => interfaces.extend(members.iter().map(|member| pattern(member))),
                            None => conditions.push(self.missing(*value, "interface set")),
                        }
                    }
                }
                _ => conditions.extend(self.condition(&attribute, &key)),
            }
        }
        for (end, gathered) in addresses {
            conditions.extend(matched(end, &gathered));
        }
        let mut named = BTreeSet::new();
        if asks_interface {
            named.extend(interfaces.iter().filter_map(|pattern| match pattern {
                NamePattern::Exact(name) => Some(name.clone()),
                NamePattern::Prefix(_) => None,
            }));
            conditions.push(Condition::InInterface(NameSet::of(interfaces)));
        }
        (conditions, named)
    }

    fn missing(&mut self, at: NodeId, kind: &str) -> Condition {
        let name = self.config.quoted(at);
        self.config.warn(at, "firewall/unknown-name", format!("the {kind} `{name}` is not defined"));
        Condition::Undecidable(Undecidable { what: format!("{kind} {name}"), reason: Reason::Name })
    }

    /// Takes in addresses or prefix lists.
    fn gather(&mut self, attribute: &Attribute, is_list: bool, into: &mut Gathered) {
        for value in &attribute.values {
            let word = self.config.name(*value);
            let excepted = self.config.tree.is_excepted(*value);
            if is_list {
                let lists = self.lists;
                let Some(list) = lists.prefixes.get(&word) else {
                    let missing = self.missing(*value, "prefix list");
                    if let Condition::Undecidable(what) = missing {
                        into.unknown.push((what, excepted));
                    }
                    continue;
                };
                if let Err(unknown) = self.config.spend(*value, list.prefixes.len()) {
                    into.unknown.push((unknown, excepted));
                    continue;
                }
                into.prefixes.extend(list.prefixes.iter().map(|set| (set.clone(), excepted)));
                into.unknown.extend(list.unknown.clone().map(|what| (what, excepted)));
            } else if let Some(set) = values::prefix(&word) {
                into.prefixes.push((set, excepted));
            } else {
                let what = format!("the address `{}` was not understood", self.config.quoted(*value));
                self.config.warn(*value, "firewall/unread-statement", what);
                into.unknown.push((Undecidable { what: word, reason: Reason::Unread }, excepted));
            }
        }
    }

    /// The conditions of a line that stands for itself.
    fn condition(&mut self, attribute: &Attribute, key: &str) -> Vec<Condition> {
        let words: Vec<&str> = attribute.values.iter().map(|value| self.config.tree.word(*value)).collect();
        let six = self.family == FilterFamily::Inet6;
        let (plain, excepted) = key.strip_suffix("-except").map_or((key, false), |plain| (plain, true));
        let found = match plain {
            "protocol" | "next-header" | "payload-protocol" => {
                numbers(&words, excepted, values::protocol).map(|set| protocols(set, &words))
            }
            "port" | "source-port" | "destination-port" => {
                ports(&words, excepted).map(|set| port(plain, set))
            }
            "icmp-type" => {
                numbers(&words, excepted, |text| values::icmp_type(text, six)).map(Condition::IcmpType)
            }
            "icmp-code" => {
                numbers(&words, excepted, |text| values::icmp_code(text, six)).map(Condition::IcmpCode)
            }
            "tcp-established" => Some(Condition::TcpFlags(MaskedFlags::any(16 + 4))),
            "tcp-initial" => Some(Condition::TcpFlags(MaskedFlags::equal(16 + 2, 2))),
            "tcp-flags" => match words.as_slice() {
                [expression] => values::tcp_flags(expression).map(Condition::TcpFlags),
                _ => None,
            },
            "is-fragment" => Some(Condition::LaterFragment(true)),
            "fragment-offset" => fragment_offset(&words, excepted),
            _ if HEADERS.contains(&plain) => {
                return vec![self.config.undecidable(attribute, Reason::Header)];
            }
            _ if CLASSES.contains(&plain) => {
                return vec![self.config.undecidable(attribute, Reason::Route)];
            }
            _ => None,
        };
        match found {
            Some(condition) => {
                self.config.tree.read_attribute(attribute);
                vec![condition]
            }
            None => vec![self.config.unread(attribute)],
        }
    }
}

/// Keywords about header fields that rulesets do not carry.
const HEADERS: [&str; 27] = [
    "ttl",
    "hop-limit",
    "dscp",
    "precedence",
    "traffic-class",
    "packet-length",
    "ip-options",
    "fragment-flags",
    "first-fragment",
    "ah-spi",
    "esp-spi",
    "extension-header",
    "flexible-match-mask",
    "flexible-match-range",
    "source-mac-address",
    "destination-mac-address",
    "ether-type",
    "vlan",
    "learn-vlan-id",
    "user-vlan-id",
    "ip-version",
    "exp",
    "flow-label",
    "gre-key",
    "rat-type",
    "ip-destination-address",
    "ip-source-address",
];
/// Keywords about what the device makes of a packet.
const CLASSES: [&str; 8] = [
    "forwarding-class",
    "loss-priority",
    "interface-group",
    "source-class",
    "destination-class",
    "service-filter-hit",
    "redirect-reason",
    "policy-map",
];

fn address_end(key: &str) -> Option<End> {
    match key {
        "source-address" | "source-prefix-list" => Some(End::Source),
        "destination-address" | "destination-prefix-list" => Some(End::Destination),
        "address" | "prefix-list" => Some(End::Either),
        _ => None,
    }
}

/// The condition for the prefixes of one end: the longest that an address is in decides.
fn matched(end: End, gathered: &Gathered) -> Vec<Condition> {
    let mut prefixes: Vec<&(AddressSet, bool)> = gathered.prefixes.iter().collect();
    // Longer prefixes are smaller sets; of equal ones the exception comes last, and so counts.
    prefixes.sort_by_key(|(set, excepted)| (std::cmp::Reverse(width(set)), *excepted));
    let mut set = AddressSet::none();
    for run in prefixes.chunk_by(|one, next| one.1 == next.1) {
        let of = values::together(run.iter().map(|(prefix, _)| prefix));
        let excepted = run.first().is_some_and(|(_, excepted)| *excepted);
        set = if excepted { set.intersection(&of.complement()) } else { set.union(&of) };
    }
    let make = |set: AddressSet| match end {
        End::Source => vec![Condition::Source(set)],
        End::Destination => vec![Condition::Destination(set)],
        End::Either => {
            let of = vec![vec![Condition::Source(set.clone())], vec![Condition::Destination(set)]];
            vec![Condition::Any { of, negated: false }]
        }
    };
    if gathered.unknown.is_empty() {
        return if set == AddressSet::all() { Vec::new() } else { make(set) };
    }
    let (less, more): (Vec<_>, Vec<_>) = gathered.unknown.iter().partition(|(_, excepted)| *excepted);
    let unknown = |(what, _): &(Undecidable, bool)| Condition::Undecidable(what.clone());
    let mut of: Vec<Vec<Condition>> = more.into_iter().map(|one| vec![unknown(one)]).collect();
    if !set.is_none() {
        let mut known = make(set);
        known.extend(less.into_iter().map(unknown));
        of.insert(0, known);
    }
    vec![Condition::Any { of, negated: false }]
}

/// How many addresses a set has, as far as a number can say.
fn width(set: &AddressSet) -> u128 {
    let four = set.v4.intervals().iter().map(|(first, last)| u128::from(last - first) + 1);
    // An IPv4 prefix counts as the IPv6 prefix of the same length would.
    let four = four.fold(0_u128, u128::saturating_add).saturating_mul(1 << 95);
    let six = set.v6.intervals().iter().map(|(first, last)| (last - first) >> 1);
    six.fold(four, u128::saturating_add)
}

fn pattern(name: &str) -> NamePattern {
    match name.split_once('*') {
        Some((prefix, "")) => NamePattern::Prefix(prefix.to_owned()),
        _ => NamePattern::Exact(super::zones::logical(name)),
    }
}

fn numbers(words: &[&str], excepted: bool, name: impl Fn(&str) -> Option<u8>) -> Option<IntervalSet<u8>> {
    joined(words.iter().map(|word| values::numbers(word, &name)), excepted)
}

fn ports(words: &[&str], excepted: bool) -> Option<IntervalSet<u16>> {
    joined(words.iter().map(|word| values::ports(word)), excepted)
}

fn joined<T: Point>(
    sets: impl Iterator<Item = Option<IntervalSet<T>>>,
    excepted: bool,
) -> Option<IntervalSet<T>> {
    let sets = sets.collect::<Option<Vec<_>>>()?;
    if sets.is_empty() {
        return None;
    }
    let set =
        IntervalSet::from_ranges(sets.iter().flat_map(|set| set.intervals().to_vec()).collect::<Vec<_>>());
    Some(if excepted { set.complement() } else { set })
}

fn protocols(set: IntervalSet<u8>, words: &[&str]) -> Condition {
    if CHAINED.iter().any(|number| set.contains(*number))
        && set.intervals().iter().all(|(first, last)| first == last)
    {
        let what = format!("next-header {}", words.join(" "));
        let undecidable = vec![Condition::Undecidable(Undecidable { what, reason: Reason::Header })];
        return Condition::Any { of: vec![vec![Condition::Protocol(set)], undecidable], negated: false };
    }
    Condition::Protocol(set)
}

fn port(key: &str, set: IntervalSet<u16>) -> Condition {
    match key {
        "source-port" => Condition::SourcePort(set),
        "destination-port" => Condition::DestinationPort(set),
        _ => {
            let of = vec![vec![Condition::SourcePort(set.clone())], vec![Condition::DestinationPort(set)]];
            Condition::Any { of, negated: false }
        }
    }
}

/// Offset 0 is the first fragment or a whole packet; all offsets but 0 are the later ones.
fn fragment_offset(words: &[&str], excepted: bool) -> Option<Condition> {
    let set = ports(words, excepted)?;
    let later = IntervalSet::range(1, 8191);
    let undecidable = || {
        let what = format!("fragment-offset{} {}", if excepted { "-except" } else { "" }, words.join(" "));
        vec![
            Condition::LaterFragment(true),
            Condition::Undecidable(Undecidable { what, reason: Reason::Header }),
        ]
    };
    let has_later = set.intersection(&later);
    Some(match (set.contains(0), has_later.is_none(), has_later == later) {
        (true, true, _) => Condition::LaterFragment(false),
        (false, _, true) => Condition::LaterFragment(true),
        (true, _, true) => Condition::Any { of: vec![Vec::new()], negated: false },
        (true, ..) => {
            Condition::Any { of: vec![vec![Condition::LaterFragment(false)], undecidable()], negated: false }
        }
        (false, true, _) => Condition::never(),
        (false, ..) => Condition::Any { of: vec![undecidable()], negated: false },
    })
}
