//! `ip verify reverse-path`: packets whose source the device would not reach by the interface they came in by are dropped.
//!
//! Which these are follows from the addresses of the interfaces and the static routes, where nothing else makes routes.

use super::address::zero;
use super::lower::{Lowering, in_interface};
use crate::dialects::cisco::netmask_length;
use crate::ruleset::{AddressSet, Condition, IntervalSet, IpVersion, Reason, Rule, Undecidable, Verdict};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

/// Most routes that are looked at.
const ROUTES_MAX: usize = 2_000;

/// Routes by prefix, the longest first: distance and interface.
type Routes = BTreeMap<(std::cmp::Reverse<u8>, u32), Vec<(u32, String)>>;

/// A rule for each interface that checks sources.
pub(super) fn rules(lowering: &mut Lowering<'_, '_, '_>) -> Vec<Rule> {
    let checks = &lowering.config.reverse_path;
    if checks.is_empty() {
        return Vec::new();
    }
    let reached = reached(lowering);
    let mut rules = Vec::new();
    for (name, span) in checks {
        let unknown = Condition::Undecidable(Undecidable {
            what: format!("sources behind interface {name}"),
            reason: Reason::Route,
        });
        let mut add = |conditions: Vec<Condition>| {
            let mut rule = lowering.rule(span, conditions, Verdict::Drop);
            rule.comment = Some("source is not behind this interface".into());
            rules.push(rule);
        };
        match &reached {
            Some(sets) => {
                let none = IntervalSet::none();
                let behind = sets.get(name).unwrap_or(&none);
                let others = AddressSet { v4: behind.complement(), v6: IntervalSet::none() };
                if !others.is_none() {
                    add(vec![in_interface(name), Condition::Source(others)]);
                }
                add(vec![in_interface(name), Condition::Version(IpVersion::V6), unknown]);
            }
            None => add(vec![in_interface(name), unknown]),
        }
    }
    rules
}

/// The IPv4 addresses that are reached by each interface; `None` where the file does not tell.
fn reached(lowering: &Lowering<'_, '_, '_>) -> Option<BTreeMap<String, IntervalSet<u32>>> {
    let config = lowering.config;
    let learns = config.interfaces.iter().any(|interface| interface.learns_address);
    let routing = config.management.iter().any(|statement| {
        let mut words = statement.words.iter().map(|word| word.text);
        words.clone().next() == Some("router")
            || words.next() == Some("ipv6") && words.next() == Some("router")
    });
    if learns || routing || config.routes.len() > ROUTES_MAX || config.interfaces.len() > ROUTES_MAX {
        return None;
    }
    let mut routes: Routes = Routes::new();
    for interface in config.interfaces.iter().filter(|interface| !interface.shutdown) {
        let Some(name) = &interface.name else { continue };
        for own in &interface.addresses {
            if let IpAddr::V4(address) = own.address {
                let key = (std::cmp::Reverse(own.length), network(address, own.length));
                routes.entry(key).or_default().push((0, name.clone()));
            }
        }
    }
    for statement in &config.routes {
        let texts: Vec<&str> = statement.words.iter().map(|word| word.text).collect();
        if texts.contains(&"track") {
            return None;
        }
        let [_, name, address, mask, rest @ ..] = texts.as_slice() else { return None };
        let address = config.literal_v4(address)?;
        let length = netmask_length(zero(mask).or_else(|| mask.parse().ok())?)?;
        let distance = rest.get(1).and_then(|word| word.parse().ok()).unwrap_or(1);
        let key = (std::cmp::Reverse(length), network(address, length));
        routes.entry(key).or_default().push((distance, (*name).to_owned()));
    }
    Some(longest_first(routes))
}

fn longest_first(routes: Routes) -> BTreeMap<String, IntervalSet<u32>> {
    let mut claimed = IntervalSet::none();
    let mut sets: BTreeMap<String, IntervalSet<u32>> = BTreeMap::new();
    for ((std::cmp::Reverse(length), first), ways) in routes {
        let Some(all) = AddressSet::prefix(IpAddr::V4(Ipv4Addr::from_bits(first)), length) else { continue };
        let fresh = all.v4.intersection(&claimed.complement());
        let best = ways.iter().map(|(distance, _)| *distance).min();
        for (_, name) in ways.iter().filter(|(distance, _)| Some(*distance) == best) {
            let set = sets.entry(name.clone()).or_insert_with(IntervalSet::none);
            *set = set.union(&fresh);
        }
        claimed = claimed.union(&all.v4);
    }
    sets
}

fn network(address: Ipv4Addr, length: u8) -> u32 {
    let host = u32::MAX.checked_shr(u32::from(length)).unwrap_or(0);
    address.to_bits() & !host
}
