//! What routing drops: static routes to a null interface, and packets between VRFs.

use super::{BEFORE_TRANSLATION, Entry, Lower, coming, going, name_set, undecidable};
use crate::dialects::ios::config::Route;
use crate::ruleset::{AddressSet, Condition, Family, Hook, Reason, Verdict};
use std::collections::BTreeMap;

/// Most comparisons of routes that discard with others.
const COMPARISONS_MAX: usize = 20_000_000;

impl Lower<'_> {
    /// The chains of routes that discard and of VRFs that are kept apart.
    pub(super) fn routes(&mut self) {
        let config = self.config;
        let mut tables: BTreeMap<Option<&String>, Vec<&Route>> = BTreeMap::new();
        for route in &config.routes {
            tables.entry(route.vrf.as_ref()).or_default().push(route);
        }
        let mut rules = Vec::new();
        for (vrf, routes) in tables {
            rules.extend(self.discards(vrf, &routes));
        }
        self.base(
            "discard routes",
            "routes",
            Entry::filter(Hook::Forward, BEFORE_TRANSLATION, Family::Inet),
            rules,
        );
        self.apart();
    }

    /// The routes of one table that discard: by the longest prefix, against routes that lead on and networks at interfaces.
    fn discards(&mut self, vrf: Option<&String>, routes: &[&Route]) -> Vec<crate::ruleset::Rule> {
        let config = self.config;
        let count = routes.iter().filter(|route| route.discards).count();
        if count == 0 {
            return Vec::new();
        }
        // Of very many, which leads on is not worked out.
        let many = count.saturating_mul(routes.len()) > COMPARISONS_MAX;
        let mut by_length: BTreeMap<u8, Vec<&Route>> = BTreeMap::new();
        for route in routes {
            by_length.entry(route.length).or_default().push(route);
        }
        let near: Vec<(std::net::IpAddr, u8)> = config
            .interfaces
            .iter()
            .filter(|interface| interface.vrf.as_ref() == vrf && !interface.shutdown)
            .flat_map(|interface| interface.addresses.iter().map(|(address, length, _)| (*address, *length)))
            .collect();
        near.iter().for_each(|(_, length)| {
            by_length.entry(*length).or_default();
        });
        let members: Vec<String> = config
            .interfaces
            .iter()
            .filter(|interface| interface.vrf.as_ref() == vrf)
            .map(|interface| interface.name.clone())
            .collect();
        let mut led_on = AddressSet::none();
        let mut rules = Vec::new();
        for (length, routes) in by_length.iter().rev() {
            let here = near.iter().filter(|(_, known)| known == length).map(|(address, _)| *address);
            let on = routes
                .iter()
                .filter(|route| !route.discards && !route.conditional)
                .map(|route| route.network);
            if !many {
                led_on = joined(led_on, here.chain(on), *length);
            }
            let left = led_on.complement();
            let conditional = routes.iter().any(|route| route.conditional);
            for route in routes.iter().filter(|route| route.discards) {
                let Some(network) = AddressSet::prefix(route.network, *length) else { continue };
                let mut asks = vec![Condition::Destination(network.intersection(&left))];
                if vrf.is_some() {
                    asks.insert(0, coming(&members));
                }
                if config.learns_routes || conditional || many {
                    asks.push(undecidable(
                        "route to Null0 against routes that are learned".into(),
                        Reason::Route,
                    ));
                }
                let mut rule = self.rule(&route.span, asks, Verdict::Drop);
                rule.comment = Some("route to Null0".into());
                rules.push(rule);
            }
        }
        rules
    }

    /// Between VRFs nothing is routed, unless routes are leaked, which is not read.
    fn apart(&mut self) {
        let config = self.config;
        let mut vrfs: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for interface in config.interfaces.iter() {
            if let Some(vrf) = &interface.vrf {
                vrfs.entry(vrf).or_default().push(interface.name.clone());
            }
        }
        let all: Vec<String> = vrfs.values().flatten().cloned().collect();
        let spans: BTreeMap<&str, super::Span> = config
            .interfaces
            .iter()
            .filter_map(|interface| Some((interface.vrf.as_deref()?, interface.span.clone())))
            .collect();
        let mut rules = Vec::new();
        for (vrf, members) in &vrfs {
            let Some(span) = spans.get(vrf) else { continue };
            let others = Condition::OutInterface(name_set(members, true));
            let leak = undecidable(format!("no route leaks from VRF {vrf}"), Reason::Route);
            let mut rule = self.rule(span, vec![coming(members), others, leak], Verdict::Drop);
            rule.comment = Some(format!("VRF {vrf}"));
            rules.push(rule);
        }
        if let Some(span) = spans.values().next() {
            let global = Condition::InInterface(name_set(&all, true));
            let leak = undecidable("no route leaks into a VRF".into(), Reason::Route);
            let mut rule = self.rule(span, vec![global, going(&all), leak], Verdict::Drop);
            rule.comment = Some("into VRFs".into());
            rules.push(rule);
        }
        self.base("vrf", "routes", Entry::filter(Hook::Forward, BEFORE_TRANSLATION + 1, Family::Inet), rules);
    }
}

/// A set with networks of a length.
fn joined(set: AddressSet, networks: impl Iterator<Item = std::net::IpAddr>, length: u8) -> AddressSet {
    let (mut v4, mut v6) = (set.v4.intervals().to_vec(), set.v6.intervals().to_vec());
    for network in networks.filter_map(|network| AddressSet::prefix(network, length)) {
        v4.extend_from_slice(network.v4.intervals());
        v6.extend_from_slice(network.v6.intervals());
    }
    AddressSet {
        v4: crate::ruleset::IntervalSet::from_ranges(v4),
        v6: crate::ruleset::IntervalSet::from_ranges(v6),
    }
}
