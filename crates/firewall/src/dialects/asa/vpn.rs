//! What may come out of tunnels: by default the device lets it pass without asking the lists of the interface.
//!
//! Whether a packet came out of a tunnel is not told by the packet, so what this opens is open possibly.

use super::ace::AceReader;
use super::config::{Entry, Statement};
use super::lower::{Lowering, in_interface};
use crate::ruleset::{AddressSet, Condition, IntervalSet, Reason, Rule, Undecidable, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What may come out of tunnels at one interface.
#[derive(Debug, Default)]
struct Tunnels<'c> {
    /// Crypto maps by name: the lists of their entries, and whether entries take any packet.
    maps: BTreeMap<&'c str, Map<'c>>,
    /// Interfaces that a crypto map is on.
    bound: Vec<(&'c str, &'c str, Range<usize>)>,
    /// Addresses that the device gives to users.
    pools: Vec<(IntervalSet<u32>, IntervalSet<u128>)>,
    /// Whether users may get addresses from elsewhere.
    other_pools: bool,
}

#[derive(Debug, Default)]
struct Map<'c> {
    /// By number of entry: the lists.
    lists: BTreeMap<&'c str, &'c str>,
    entries: BTreeSet<&'c str>,
    /// Dynamic maps that it leads to.
    dynamic: Vec<&'c str>,
}

/// Rules that let pass what comes out of tunnels, if it does.
pub(super) fn rules(lowering: &mut Lowering<'_, '_, '_>) -> Vec<Rule> {
    let config = lowering.config;
    let asks =
        config.vpn.iter().any(|statement| statement.words.first().is_some_and(|word| word.text == "no"));
    if asks {
        return Vec::new();
    }
    let mut tunnels = Tunnels::default();
    for statement in &config.vpn {
        tunnels.statement(statement);
    }
    let mut rules = Vec::new();
    let mut aces = AceReader::new(config);
    for (map, interface, span) in &tunnels.bound {
        for conditions in tunnels.packets(map, lowering, &mut aces) {
            rules.push(rule(lowering, interface, span, conditions));
        }
    }
    let users: Vec<(String, Range<usize>)> = config.management.iter().filter_map(web_interface).collect();
    for (interface, span) in users {
        let conditions = tunnels.users();
        rules.push(rule(lowering, &interface, &span, conditions));
    }
    for interface in config.interfaces.iter().filter(|interface| interface.hardware.starts_with("Tunnel")) {
        if let Some(name) = &interface.name {
            rules.push(rule(lowering, name, &interface.span, Vec::new()));
        }
    }
    rules
}

/// The interface at which users of a VPN connect: `webvpn` / `enable NAME`, `crypto ikev2 enable NAME client-services`.
fn web_interface(statement: &Statement<'_>) -> Option<(String, Range<usize>)> {
    let texts: Vec<&str> = statement.words.iter().map(|word| word.text).collect();
    match texts.as_slice() {
        ["webvpn", "enable", name, ..] | ["crypto", "ikev2", "enable", name, "client-services", ..] => {
            Some(((*name).to_owned(), statement.span.clone()))
        }
        _ => None,
    }
}

fn rule(lowering: &Lowering<'_, '_, '_>, interface: &str, span: &Range<usize>, more: Vec<Condition>) -> Rule {
    let mut conditions = vec![in_interface(interface)];
    conditions.extend(more);
    let what = "came out of a tunnel".to_owned();
    conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Connection }));
    lowering.rule(span, conditions, Verdict::Accept)
}

impl<'c> Tunnels<'c> {
    fn statement(&mut self, statement: &'c Statement<'_>) {
        let texts: Vec<&'c str> = statement.words.iter().map(|word| word.text).collect();
        match texts.as_slice() {
            ["crypto", "map", name, "interface", interface, ..] => {
                self.bound.push((name, interface, statement.span.clone()));
            }
            ["crypto", "map", name, number, "ipsec-isakmp", "dynamic", dynamic, ..] => {
                self.maps.entry(name).or_default().dynamic.push(dynamic);
                let _ = number;
            }
            ["crypto", "map" | "dynamic-map", name, number, rest @ ..] => {
                let map = self.maps.entry(name).or_default();
                map.entries.insert(number);
                if let ["match", "address", list, ..] = rest {
                    map.lists.insert(number, list);
                }
            }
            ["ip", "local", "pool", _, range, ..] => self.pools.extend(pool(range)),
            ["ipv6", "local", "pool", _, prefix, ..] => self.pools.extend(pool6(prefix)),
            ["dhcp-server" | "dhcp-network-scope" | "ipv6-address-pool", ..] => self.other_pools = true,
            _ => {}
        }
    }

    /// The packets that may come out of the tunnels of a map; one list of conditions for each kind.
    fn packets(
        &self,
        map: &str,
        lowering: &Lowering<'_, '_, '_>,
        aces: &mut AceReader<'_, '_>,
    ) -> Vec<Vec<Condition>> {
        let mut found = Vec::new();
        let Some(top) = self.maps.get(map) else { return vec![Vec::new()] };
        let dynamic = top.dynamic.iter().filter_map(|name| Some((self.maps.get(name)?, true)));
        for (map, dynamic) in std::iter::once((top, false)).chain(dynamic) {
            for number in &map.entries {
                match map.lists.get(number).and_then(|list| lowering.config.lists.get(list)) {
                    Some(list) => {
                        for entry in &list.entries {
                            let Entry::Ace(statement) = entry else { continue };
                            let ace = aces.extended(statement, list.ipv6);
                            if ace.permit != Some(false) && !ace.inactive {
                                found
                                    .push(ace.conditions.iter().map(|one| backward(one, lowering)).collect());
                            }
                        }
                    }
                    None if dynamic => found.push(self.users()),
                    None => found.push(Vec::new()),
                }
            }
        }
        found
    }

    /// Packets of users.
    fn users(&self) -> Vec<Condition> {
        if self.pools.is_empty() || self.other_pools {
            return Vec::new();
        }
        let v4 = self.pools.iter().flat_map(|(v4, _)| v4.intervals().iter().copied());
        let v6 = self.pools.iter().flat_map(|(_, v6)| v6.intervals().iter().copied());
        let set = AddressSet { v4: IntervalSet::from_ranges(v4), v6: IntervalSet::from_ranges(v6) };
        vec![Condition::Source(set)]
    }
}

/// `10.1.1.1-10.1.1.9`.
fn pool(range: &str) -> Option<(IntervalSet<u32>, IntervalSet<u128>)> {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let set = AddressSet::range(first.parse().ok()?, last.parse().ok()?)?;
    Some((set.v4, set.v6))
}

/// `2001:db8::1/64 COUNT`: all of the network, whatever the count.
fn pool6(prefix: &str) -> Option<(IntervalSet<u32>, IntervalSet<u128>)> {
    let (address, length) = prefix.split_once('/')?;
    let set = AddressSet::prefix(address.parse().ok()?, length.parse().ok()?)?;
    Some((set.v4, set.v6))
}

/// A condition for packets of the other direction. A crypto map is asked behind the translation on the way out, so in front
/// of it on the way in.
fn backward(condition: &Condition, lowering: &Lowering<'_, '_, '_>) -> Condition {
    let early = |condition| {
        let translates = !lowering.config.nat.is_empty() || !lowering.config.old_nat.is_empty();
        if translates { Condition::BeforeNat(Box::new(condition)) } else { condition }
    };
    match condition {
        Condition::Source(set) => early(Condition::Destination(set.clone())),
        Condition::Destination(set) => Condition::Source(set.clone()),
        Condition::SourcePort(set) => early(Condition::DestinationPort(set.clone())),
        Condition::DestinationPort(set) => Condition::SourcePort(set.clone()),
        Condition::Any { of, negated } => {
            let of = of.iter().map(|all| all.iter().map(|one| backward(one, lowering)).collect()).collect();
            Condition::Any { of, negated: *negated }
        }
        other => other.clone(),
    }
}
