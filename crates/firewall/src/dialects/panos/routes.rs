//! Where the configuration routes an address: connected networks and static routes, by the longest prefix.

use super::network::{Layer, Network};
use crate::ruleset::AddressSet;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Networks that are looked at; where there are more, routes are not told.
const NETWORKS_MAX: usize = 1_024;

/// Where the configuration routes addresses.
#[derive(Debug, Default)]
pub(super) struct Routing {
    /// Networks with the interfaces that lead there, the longest prefixes first; `None` for what is dropped.
    networks: Vec<(AddressSet, BTreeSet<Option<String>>)>,
    /// Whether other routes are there at run time.
    is_open: bool,
    /// Interfaces to which packets are not routed but bridged.
    bridged: BTreeSet<String>,
}

/// Addresses by whether they are routed somewhere.
#[derive(Debug, Clone)]
pub(super) struct Routed {
    /// They are.
    pub(super) surely: AddressSet,
    /// They may be.
    pub(super) possibly: AddressSet,
}

impl Routing {
    /// The routes of a network.
    pub(super) fn of(network: &Network<'_>) -> Self {
        let routed = network.interfaces.iter().filter(|interface| interface.layer == Layer::Routed);
        let connected: Vec<(IpAddr, u8, &str)> = routed
            .flat_map(|interface| {
                interface.addresses.iter().map(|(ip, length, _)| (*ip, *length, interface.name))
            })
            .collect();
        let mut all: Vec<(IpAddr, u8, Option<&str>)> =
            connected.iter().map(|(ip, length, name)| (*ip, *length, Some(*name))).collect();
        let mut is_open = network.learns_routes
            || connected.is_empty()
            || network.interfaces.iter().any(|interface| interface.is_dynamic);
        for route in network.routes.iter().take(NETWORKS_MAX + 1) {
            let (ip, length) = route.destination;
            let by_hop = || {
                let next = route.next?;
                let mut near = connected.iter().take(NETWORKS_MAX);
                near.find(|(ip, length, _)| contains(*ip, *length, next)).map(|(_, _, name)| *name)
            };
            match route.interface.or_else(by_hop) {
                Some(name) => all.push((ip, length, Some(name))),
                None if route.discards => all.push((ip, length, None)),
                None => is_open = true,
            }
        }
        if all.len() > NETWORKS_MAX {
            all.clear();
            is_open = true;
        }
        let mut networks: BTreeMap<(std::cmp::Reverse<u8>, AddressSet), BTreeSet<Option<String>>> =
            BTreeMap::new();
        for (ip, length, name) in all {
            if let Some(set) = AddressSet::prefix(ip, length) {
                networks.entry((std::cmp::Reverse(length), set)).or_default().insert(name.map(str::to_owned));
            }
        }
        let networks = networks.into_iter().map(|((_, set), names)| (set, names)).collect();
        let bridged = network.interfaces.iter().filter(|interface| interface.layer == Layer::Bridged);
        Self { networks, is_open, bridged: bridged.map(|interface| interface.name.to_owned()).collect() }
    }

    /// The addresses that go out by one of these interfaces.
    pub(super) fn to(&self, interfaces: &BTreeSet<&str>) -> Routed {
        let (mut surely, mut possibly, mut met) =
            (AddressSet::none(), AddressSet::none(), AddressSet::none());
        for (network, names) in &self.networks {
            let rest = network.intersection(&met.complement());
            let leads =
                |name: &Option<String>| name.as_ref().is_some_and(|name| interfaces.contains(name.as_str()));
            if names.iter().all(leads) {
                surely = surely.union(&rest);
            } else if names.iter().any(leads) {
                possibly = possibly.union(&rest);
            }
            met = met.union(network);
        }
        if interfaces.iter().any(|name| self.bridged.contains(*name)) {
            possibly = surely.complement();
        } else if self.is_open {
            possibly = possibly.union(&met.complement());
        }
        Routed { surely, possibly }
    }
}

fn contains(ip: IpAddr, length: u8, address: IpAddr) -> bool {
    AddressSet::prefix(ip, length).is_some_and(|network| network.contains(address))
}
