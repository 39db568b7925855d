//! Translation: static, destination and source rule-sets.
//!
//! Order (Juniper, "NAT User Guide", flow processing): static and destination translation come before the policies, so
//! that these see the translated destination and the original source; the reverse of static translation and source
//! translation come behind them. Of rule-sets that fit, the one for interfaces counts before the one for zones, and that
//! before the one for routing instances.

use super::addresses::security;
use super::config::shortened;
use super::device::{Device, Stand, base, names, rule};
use super::tree::{Attribute, NodeId};
use super::values;
use crate::dialects::{Service, one_of};
use crate::ruleset::{
    AddressSet, ChainKind, Condition, Hook, IntervalSet, Nat, NatKind, Policy, Reason, Rule, Undecidable,
    Verdict,
};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The table of translations.
const NAT: &str = "nat";
/// The ports that source translation takes from where nothing else is said.
const PORTS: (u16, u16) = (1024, 65535);
/// Keywords of rules that take no value.
const FLAGS: [&str; 0] = [];

/// A pool of addresses.
#[derive(Debug, Clone, Default)]
struct Pool {
    ranges: Vec<(IpAddr, IpAddr)>,
    ports: Option<(u16, u16)>,
    /// Whether ports stay as they are.
    keeps_ports: bool,
    options: Vec<String>,
    /// What was not understood.
    unknown: Option<String>,
}

/// One side of a rule-set: conditions, and how closely it says where (interfaces most).
struct Side {
    conditions: Vec<Condition>,
    rank: u8,
}

impl Device<'_, '_> {
    /// Builds the chains of translation.
    pub(super) fn lower_nat(&mut self) {
        let Some(nat) = self.config.tree.enter(security(self.config), "nat") else { return };
        let (before, behind) = self.lower_static(nat);
        self.add_nat("static", Hook::Prerouting, -110, before, nat);
        for (kind, hook, priority) in
            [("destination", Hook::Prerouting, -100), ("source", Hook::Postrouting, 100)]
        {
            if kind == "source" {
                self.add_nat("static-reverse", hook, 90, behind.clone(), nat);
            }
            let Some(section) = self.config.tree.enter(nat, kind) else { continue };
            let pools = self.read_pools(section);
            let mut sets = Vec::new();
            for set in self.config.tree.things(section, "rule-set") {
                let from = self.side(set, "from", Hook::Prerouting);
                let to =
                    if kind == "source" { self.side(set, "to", Hook::Postrouting) } else { Side::anywhere() };
                let mut rules = Vec::new();
                for one in self.config.tree.things(set, "rule") {
                    rules.extend(self.lower_rule(one, kind, &pools, &[&from, &to]));
                }
                sets.push(((from.rank, to.rank), rules));
            }
            sets.sort_by_key(|(rank, _)| *rank);
            let rules = sets.into_iter().flat_map(|(_, rules)| rules).collect();
            self.add_nat(kind, hook, priority, rules, section);
        }
    }

    fn add_nat(&mut self, name: &str, hook: Hook, priority: i32, rules: Vec<Rule>, at: NodeId) {
        if rules.is_empty() {
            return;
        }
        let place = self.config.place(at);
        let stand = Stand { hook, kind: ChainKind::Nat, priority, policy: Policy::Accept };
        self.add(base(name, NAT, stand, rules, place));
    }

    fn side(&mut self, set: NodeId, word: &str, hook: Hook) -> Side {
        let Some(node) = self.config.tree.enter(set, word) else { return Side::anywhere() };
        let mut side = Side::anywhere();
        for attribute in self.config.tree.attributes(node, &FLAGS) {
            let of: Vec<String> = attribute.values.iter().map(|value| self.config.name(*value)).collect();
            let make =
                if hook == Hook::Prerouting { Condition::InInterface } else { Condition::OutInterface };
            match self.config.tree.word(attribute.key) {
                "zone" => (side.rank, side.conditions) = (1, vec![make(names(of))]),
                "interface" => {
                    let of: Vec<String> = of.iter().map(|name| super::zones::logical(name)).collect();
                    self.interfaces.extend(of.iter().cloned());
                    (side.rank, side.conditions) = (0, vec![make(names(of))]);
                }
                "routing-instance" | "routing-group" => {
                    side.rank = 2;
                    side.conditions.push(self.config.undecidable(&attribute, Reason::Route));
                }
                _ => {
                    side.conditions.push(self.config.unread(&attribute));
                    continue;
                }
            }
            self.config.tree.read_attribute(&attribute);
        }
        side
    }

    fn read_pools(&mut self, section: NodeId) -> BTreeMap<String, Pool> {
        let mut pools = BTreeMap::new();
        for node in self.config.tree.things(section, "pool") {
            let mut pool = Pool::default();
            for attribute in self.config.tree.attributes(node, &FLAGS) {
                if !self.read_pool(&attribute, &mut pool) {
                    pool.unknown = Some(self.config.text_of(&attribute));
                }
            }
            pools.insert(self.config.name(node), pool);
        }
        pools
    }

    /// Takes in a line of a pool; `false` where it was not understood.
    fn read_pool(&mut self, attribute: &Attribute, pool: &mut Pool) -> bool {
        let tree = &self.config.tree;
        let key = tree.word(attribute.key);
        match key {
            "address" => {
                for value in &attribute.values {
                    let Some((first, mut last)) = values::prefix_ends(tree.word(*value)) else {
                        return false;
                    };
                    if let Some(end) = tree.range_end(*value) {
                        let Some((_, end)) = values::prefix_ends(end) else { return false };
                        last = end;
                    }
                    pool.ranges.push((first, last));
                }
            }
            "port" => {
                let words: Vec<&str> = attribute.values.iter().map(|value| tree.word(*value)).collect();
                match words.as_slice() {
                    ["no-translation"] => pool.keeps_ports = true,
                    [
                        "range"
                        | "port-overloading"
                        | "port-overloading-factor"
                        | "deterministic"
                        | "block-allocation",
                    ] => {
                        tree.read_all(attribute.key);
                    }
                    [number] => {
                        let Some(first) = values::port(number) else { return false };
                        let end = attribute.values.first().and_then(|value| tree.range_end(*value));
                        pool.ports = Some((first, end.and_then(values::port).unwrap_or(first)));
                    }
                    _ => return false,
                }
            }
            "host-address-base"
            | "overflow-pool"
            | "address-pooling"
            | "address-persistent"
            | "address-shared"
            | "pool-utilization-alarm"
            | "mapping-timeout"
            | "ei-mapping-timeout" => {
                pool.options.push(self.config.text_of(attribute));
                self.config.tree.read_all(attribute.key);
            }
            "description" | "routing-instance" => return true,
            _ => return false,
        }
        self.config.tree.read_attribute(attribute);
        true
    }

    fn lower_rule(
        &mut self,
        node: NodeId,
        kind: &str,
        pools: &BTreeMap<String, Pool>,
        sides: &[&Side],
    ) -> Option<Rule> {
        let mut one = Rule::new(self.config.place(node));
        one.comment = Some(self.config.name(node));
        one.conditions = sides.iter().flat_map(|side| side.conditions.clone()).collect();
        one.conditions.extend(self.nat_matched(node));
        let action = format!("{kind}-nat");
        let then = self.config.tree.enter_way(node, &["then", &action]);
        let Some(then) = then else {
            self.config.warn(
                node,
                "firewall/incomplete-rule",
                "the rule translates nothing: it has no `then`",
            );
            return None;
        };
        let nat_kind = if kind == "source" { NatKind::Source } else { NatKind::Destination };
        let mut nat = plain(nat_kind);
        let choices: Vec<NodeId> = self.config.tree.children(then).collect();
        for choice in choices {
            match self.config.tree.word(choice) {
                "off" => nat = plain(NatKind::None),
                "interface" => {
                    nat = Nat { ports: Some(PORTS), ..plain(NatKind::Masquerade) };
                    self.persistent(choice, &mut nat);
                }
                "pool" => {
                    let Some(name) = self.config.tree.value(choice).map(str::to_owned) else { continue };
                    nat = match pools.get(&name) {
                        Some(pool) => pool.nat(nat_kind),
                        None => {
                            let what = format!("the pool `{}` is not defined", shortened(&name));
                            self.config.warn(choice, "firewall/unknown-name", what);
                            Nat { unknown: Some(format!("pool {name}")), ..nat }
                        }
                    };
                    for below in self.config.tree.children(choice).collect::<Vec<_>>() {
                        self.persistent(below, &mut nat);
                    }
                    self.persistent(choice, &mut nat);
                }
                "rule-session-count-alarm" => {
                    self.config.tree.read_all(choice);
                    continue;
                }
                _ => {
                    nat.unknown = Some("an action that was not read".to_owned());
                    continue;
                }
            }
            self.config.tree.read(choice);
        }
        one.verdict = Verdict::Nat(nat);
        Some(one)
    }

    /// A translation that stays for other sessions too.
    fn persistent(&mut self, node: NodeId, nat: &mut Nat) {
        if let Some(persistent) = self.config.tree.enter(node, "persistent-nat") {
            self.config.tree.read_all(persistent);
            nat.options.push("persistent".to_owned());
        }
    }

    /// The conditions of a rule's `match`.
    fn nat_matched(&mut self, node: NodeId) -> Vec<Condition> {
        let Some(matched) = self.config.tree.enter(node, "match") else { return Vec::new() };
        let mut conditions = Vec::new();
        let mut known: BTreeMap<bool, AddressSet> = BTreeMap::new();
        for attribute in self.config.tree.attributes(matched, &FLAGS) {
            match self.config.tree.word(attribute.key) {
                key @ ("source-address" | "destination-address") => {
                    let is_source = key == "source-address";
                    let words =
                        attribute.values.iter().map(|value| values::prefix(self.config.tree.word(*value)));
                    match words.collect::<Option<Vec<AddressSet>>>() {
                        Some(sets) => {
                            let all = known.entry(is_source).or_insert_with(AddressSet::none);
                            *all = values::together(sets.iter().chain([&all.clone()]));
                            self.config.tree.read_attribute(&attribute);
                        }
                        None => conditions.push(self.config.unread(&attribute)),
                    }
                }
                key @ ("source-address-name" | "destination-address-name") => {
                    self.config.tree.read_attribute(&attribute);
                    let make =
                        if key == "source-address-name" { Condition::Source } else { Condition::Destination };
                    let found = self.books.conditions(self.config, None, &attribute.values, false, make);
                    conditions.extend(found);
                }
                key @ ("source-port" | "destination-port") => {
                    let make =
                        if key == "source-port" { Condition::SourcePort } else { Condition::DestinationPort };
                    match self.port_ranges(&attribute) {
                        Some(set) => {
                            self.config.tree.read_attribute(&attribute);
                            conditions.push(make(set));
                        }
                        None => conditions.push(self.config.unread(&attribute)),
                    }
                }
                "protocol" => {
                    let numbers =
                        attribute.values.iter().map(|value| values::protocol(self.config.tree.word(*value)));
                    match numbers.collect::<Option<Vec<u8>>>() {
                        Some(numbers) => {
                            self.config.tree.read_attribute(&attribute);
                            let set =
                                IntervalSet::from_ranges(numbers.iter().map(|number| (*number, *number)));
                            conditions.push(Condition::Protocol(set));
                        }
                        None => conditions.push(self.config.unread(&attribute)),
                    }
                }
                "application" => {
                    self.config.tree.read_attribute(&attribute);
                    let mut services: Vec<Service> = Vec::new();
                    for value in &attribute.values {
                        services.extend(self.applications.resolve(self.config, *value));
                    }
                    conditions.extend(one_of(&services));
                }
                _ => conditions.push(self.config.unread(&attribute)),
            }
        }
        for (is_source, set) in known {
            conditions.push(if is_source { Condition::Source(set) } else { Condition::Destination(set) });
        }
        conditions
    }

    fn port_ranges(&self, attribute: &Attribute) -> Option<IntervalSet<u16>> {
        let tree = &self.config.tree;
        let mut ranges = Vec::new();
        for value in &attribute.values {
            match tree.range_end(*value) {
                Some(end) => ranges.push((values::port(tree.word(*value))?, values::port(end)?)),
                None => ranges.extend(values::ports(tree.word(*value))?.intervals().to_vec()),
            }
        }
        Some(IntervalSet::from_ranges(ranges))
    }

    /// Static rules: what they do before the policies, and the reverse behind them.
    fn lower_static(&mut self, nat: NodeId) -> (Vec<Rule>, Vec<Rule>) {
        let Some(section) = self.config.tree.enter(nat, "static") else { return (Vec::new(), Vec::new()) };
        let mut sets = Vec::new();
        for set in self.config.tree.things(section, "rule-set") {
            let from = self.side(set, "from", Hook::Prerouting);
            let mut rules = Vec::new();
            for node in self.config.tree.things(set, "rule") {
                rules.push(self.lower_static_rule(node, &from));
            }
            sets.push((from.rank, rules));
        }
        sets.sort_by_key(|(rank, _)| *rank);
        let (mut before, mut behind) = (Vec::new(), Vec::new());
        for (forth, back) in sets.into_iter().flat_map(|(_, rules)| rules) {
            before.push(forth);
            behind.extend(back);
        }
        (before, behind)
    }

    fn lower_static_rule(&mut self, node: NodeId, from: &Side) -> (Rule, Option<Rule>) {
        let place = self.config.place(node);
        let name = self.config.name(node);
        let matched = self.nat_matched(node);
        let mut conditions = from.conditions.clone();
        conditions.extend(matched.iter().cloned());
        let target = self.static_target(node);
        let kind = NatKind::DestinationNetwork;
        let nat = match &target {
            Some(target) => Nat { addresses: Some(target.addresses), ports: target.ports, ..plain(kind) },
            None => {
                Nat { unknown: Some("a target that is not in the configuration".to_owned()), ..plain(kind) }
            }
        };
        let mut forth = rule(place.clone(), conditions, Verdict::Nat(nat));
        forth.comment = Some(name.clone());
        let back = target.and_then(|target| reverse(&target, &matched, from)).map(|(conditions, nat)| {
            let mut back = rule(place, conditions, Verdict::Nat(nat));
            back.comment = Some(name);
            back
        });
        (forth, back)
    }

    /// What the destination becomes; `None` where that was not understood, which is warned about.
    fn static_target(&mut self, node: NodeId) -> Option<Target> {
        let then = self.config.tree.enter_way(node, &["then", "static-nat"])?;
        let mut addresses = None;
        let mut ports = None;
        let choices: Vec<NodeId> = self.config.tree.children(then).collect();
        for choice in choices {
            let key = self.config.name(choice);
            if key != "prefix" && key != "prefix-name" {
                continue;
            }
            self.config.tree.read(choice);
            let mut open: Vec<NodeId> = self.config.tree.children(choice).collect();
            while let Some(part) = open.pop() {
                let word = self.config.name(part);
                if let Some(ends) = values::prefix_ends(&word).filter(|_| key == "prefix") {
                    addresses = Some(ends);
                    self.config.tree.read(part);
                    open.extend(self.config.tree.children(part));
                } else if word == "mapped-port" {
                    ports = self.mapped_port(part);
                } else if word == "routing-instance" {
                    self.config.tree.read_all(part);
                } else if key == "prefix-name" {
                    let found =
                        self.books.conditions(self.config, None, &[part], false, Condition::Destination);
                    if let [Condition::Destination(set)] = found.as_slice() {
                        addresses = ends_of(set);
                    }
                    self.config.tree.read(part);
                    open.extend(self.config.tree.children(part));
                }
            }
        }
        if addresses.is_none() {
            self.config.warn(
                node,
                "firewall/incomplete-rule",
                "what the rule translates to was not understood",
            );
        }
        Some(Target { addresses: addresses?, ports })
    }

    fn mapped_port(&self, node: NodeId) -> Option<(u16, u16)> {
        let tree = &self.config.tree;
        let value = tree.children(node).next()?;
        let first = values::port(tree.word(value))?;
        let last = tree.range_end(value).and_then(values::port).unwrap_or(first);
        tree.read_all(node);
        Some((first, last))
    }
}

/// What a static rule translates to.
struct Target {
    addresses: (IpAddr, IpAddr),
    ports: Option<(u16, u16)>,
}

impl Side {
    fn anywhere() -> Self {
        Self { conditions: Vec::new(), rank: 3 }
    }
}

impl Pool {
    fn nat(&self, kind: NatKind) -> Nat {
        let mut nat = plain(kind);
        nat.options.clone_from(&self.options);
        nat.unknown.clone_from(&self.unknown);
        let first = self.ranges.iter().map(|(first, _)| *first).min();
        let last = self.ranges.iter().map(|(_, last)| *last).max();
        nat.addresses = first.zip(last);
        if self.ranges.len() > 1 {
            nat.unknown = Some("one of several ranges of a pool".to_owned());
        } else if self.ranges.is_empty() {
            nat.unknown = Some("a pool without addresses".to_owned());
        }
        nat.ports = match (kind, self.keeps_ports) {
            (_, true) => None,
            (NatKind::Source, false) => Some(self.ports.unwrap_or(PORTS)),
            _ => self.ports,
        };
        nat
    }
}

fn plain(kind: NatKind) -> Nat {
    Nat { kind, addresses: None, ports: None, options: Vec::new(), unknown: None }
}

fn ends_of(set: &AddressSet) -> Option<(IpAddr, IpAddr)> {
    match (set.v4.intervals(), set.v6.intervals()) {
        ([(first, last)], []) => {
            Some((std::net::Ipv4Addr::from_bits(*first).into(), std::net::Ipv4Addr::from_bits(*last).into()))
        }
        ([], [(first, last)]) => {
            Some((std::net::Ipv6Addr::from_bits(*first).into(), std::net::Ipv6Addr::from_bits(*last).into()))
        }
        _ => None,
    }
}

/// The reverse of a static rule: sessions that the inner side opens toward where the rule listens get its outer address.
fn reverse(target: &Target, matched: &[Condition], from: &Side) -> Option<(Vec<Condition>, Nat)> {
    let outer = matched.iter().find_map(|condition| match condition {
        Condition::Destination(set) => ends_of(set),
        _ => None,
    })?;
    let outer_ports = matched.iter().find_map(|condition| match condition {
        Condition::DestinationPort(set) => match set.intervals() {
            [(first, last)] => Some((*first, *last)),
            _ => None,
        },
        _ => None,
    });
    let inner = AddressSet::range(target.addresses.0, target.addresses.1)?;
    let mut conditions = vec![Condition::Source(inner)];
    for condition in &from.conditions {
        conditions.push(match condition {
            Condition::InInterface(set) => Condition::OutInterface(set.clone()),
            other => other.clone(),
        });
    }
    if matched.iter().any(|condition| matches!(condition, Condition::Source(_))) {
        let what = "static translation for some peers only".to_owned();
        conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Connection }));
    }
    if let Some((first, last)) = target.ports.or(outer_ports) {
        conditions.push(Condition::SourcePort(IntervalSet::range(first, last)));
    }
    Some((conditions, Nat { addresses: Some(outer), ports: outer_ports, ..plain(NatKind::SourceNetwork) }))
}
