//! Networks: how far each reaches, as captures show it. Nothing on the wire tells a prefix, so an IPv4 network is taken to
//! have 24 bits until hosts contradict that: where one sends on a link by itself and another reaches that link through a
//! router, the two are in different networks, and their block is halved until no such pair is left.

use super::who::{Device, Devices};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use zonewright_plant::id::EvidenceId;
use zonewright_plant::model::{Address, Network};

/// Length of the prefix that an IPv4 network is taken to have: most plants use it.
pub(super) const PREFIX_V4: u8 = 24;
/// The same for IPv6 (RFC 4291, section 2.5.1: interface identifiers have 64 bits).
const PREFIX_V6: u8 = 64;
/// No network is taken to be smaller: it has two hosts.
const PREFIX_V4_MAX: u8 = 30;

/// A network in its context.
pub(super) type Place = (Network, Option<String>);

/// A host where it was met.
struct Host<'a> {
    ip: IpAddr,
    device: &'a Device,
}

/// The networks that are shorter or longer than most.
#[derive(Debug, Default)]
pub(super) struct Networks {
    /// By the block of usual length: the parts of it.
    parts: BTreeMap<Place, Vec<Network>>,
}

impl Networks {
    /// Tells networks apart by where their hosts were met.
    pub(super) fn of(devices: &Devices) -> Self {
        let mut blocks: BTreeMap<Place, Vec<Host<'_>>> = BTreeMap::new();
        for device in devices.list.iter().filter(|device| !device.router) {
            // A device with legs in several networks says nothing about which of them was met where.
            let mut v4 = device.ips.iter().filter(|address| address.ip.is_ipv4());
            let (Some(address), None) = (v4.next(), v4.next()) else { continue };
            if let Some(place) = usual(address) {
                blocks.entry(place).or_default().push(Host { ip: address.ip, device });
            }
        }
        let mut parts = BTreeMap::new();
        for (place, hosts) in blocks {
            let mut found = Vec::new();
            halve(place.0, PREFIX_V4, &hosts.iter().collect::<Vec<_>>(), &mut found);
            if found.len() > 1 {
                parts.insert(place, found);
            }
        }
        Self { parts }
    }

    /// The network of an address.
    pub(super) fn place(&self, address: &Address) -> Option<Place> {
        let (block, context) = usual(address)?;
        let parts = self.parts.get(&(block, context.clone()));
        let part = parts.and_then(|parts| parts.iter().find(|part| part.contains(address.ip)));
        Some((part.copied().unwrap_or(block), context))
    }
}

fn usual(address: &Address) -> Option<Place> {
    let prefix = if address.ip.is_ipv4() { PREFIX_V4 } else { PREFIX_V6 };
    Some((Network::new(address.ip, prefix)?, address.context.clone()))
}

/// Halves a block until its hosts do not contradict each other.
fn halve(block: Network, prefix: u8, hosts: &[&Host<'_>], found: &mut Vec<Network>) {
    if prefix >= PREFIX_V4_MAX || !contradict(hosts) {
        found.push(block);
        return;
    }
    let mut halves: BTreeMap<Network, Vec<&Host<'_>>> = BTreeMap::new();
    for host in hosts {
        if let Some(half) = Network::new(host.ip, prefix + 1) {
            halves.entry(half).or_default().push(host);
        }
    }
    for (half, hosts) in halves {
        halve(half, prefix + 1, &hosts, found);
    }
}

/// Does one of them send by itself on a link that another reaches through a router?
fn contradict(hosts: &[&Host<'_>]) -> bool {
    let local: BTreeSet<&EvidenceId> = hosts.iter().flat_map(|host| &host.device.local).collect();
    hosts.iter().any(|host| {
        let device = host.device;
        device.routed.iter().any(|point| local.contains(point) && !device.local.contains(point))
    })
}
