//! Networks: how far each reaches, as captures show it. Nothing on the wire tells a prefix, so an IPv4 network is taken to
//! have 24 bits until hosts contradict that, and their block is halved until no contradiction is left. Two hosts are in
//! different networks where one sends on a link by itself and the other
//!
//! - reaches that link through a router, or
//! - was at work elsewhere while the whole link was captured, and never seen on it.

use super::who::{Device, Devices};
use super::wishes::Granularity;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use zonewright_plant::id::EvidenceId;
use zonewright_plant::model::{Address, Network};
use zonewright_traffic::observation::{FlowEnd, Observation, Timestamp};

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
    /// Length of the prefix of a block.
    prefix: u8,
    /// By the block of usual length: the parts of it.
    parts: BTreeMap<Place, Vec<Network>>,
}

impl Networks {
    /// Tells networks apart by where their hosts were met.
    pub(super) fn of(observation: &Observation, devices: &Devices, granularity: Granularity) -> Self {
        let prefix = granularity.prefix();
        if !granularity.halves() {
            return Self { prefix, parts: BTreeMap::new() };
        }
        let mirrors = mirrors(observation, devices);
        let mut blocks: BTreeMap<Place, Vec<Host<'_>>> = BTreeMap::new();
        for device in devices.list.iter().filter(|device| !device.router) {
            // A device with legs in several networks says nothing about which of them was met where.
            let mut v4 = device.ips.iter().filter(|address| address.ip.is_ipv4());
            let (Some(address), None) = (v4.next(), v4.next()) else { continue };
            if let Some(place) = usual(address, prefix) {
                blocks.entry(place).or_default().push(Host { ip: address.ip, device });
            }
        }
        let mut parts = BTreeMap::new();
        for (place, hosts) in blocks {
            let mut found = Vec::new();
            halve(place.0, prefix, &hosts.iter().collect::<Vec<_>>(), &mirrors, &mut found);
            if found.len() > 1 {
                parts.insert(place, found);
            }
        }
        Self { prefix, parts }
    }

    /// The network of an address.
    pub(super) fn place(&self, address: &Address) -> Option<Place> {
        let (block, context) = usual(address, self.prefix)?;
        let parts = self.parts.get(&(block, context.clone()));
        let part = parts.and_then(|parts| parts.iter().find(|part| part.contains(address.ip)));
        Some((part.copied().unwrap_or(block), context))
    }
}

fn usual(address: &Address, prefix: u8) -> Option<Place> {
    let prefix = if address.ip.is_ipv4() { prefix } else { PREFIX_V6 };
    Some((Network::new(address.ip, prefix)?, address.context.clone()))
}

/// Capture points that show a whole link, not what one host on it says and hears: when each began and ended.
type Mirrors = BTreeMap<EvidenceId, (Timestamp, Timestamp)>;

fn mirrors(observation: &Observation, devices: &Devices) -> Mirrors {
    let mut found = Mirrors::new();
    for capture in &observation.captures {
        let Some(name) = capture.capture_point.as_deref() else { continue };
        let point = EvidenceId::from(name);
        let local = |end: &FlowEnd| {
            let at = devices.of(end.asset.as_deref())?;
            devices.list.get(at).filter(|device| !device.router && device.local.contains(&point)).map(|_| at)
        };
        let here = observation.flows.iter().filter(|flow| {
            flow.capture_points.iter().any(|seen| **seen == *name) && flow.initiator.ip.is_some()
        });
        // The hosts of the link that take part in every conversation: at a host's own port, that host.
        let mut common: Option<BTreeSet<usize>> = None;
        for flow in here {
            let ends: BTreeSet<usize> =
                [&flow.initiator, &flow.responder].into_iter().filter_map(local).collect();
            if !ends.is_empty() {
                common = Some(common.map_or_else(|| ends.clone(), |common| &common & &ends));
            }
        }
        if let (Some(true), Some(first), Some(last)) =
            (common.map(|common| common.is_empty()), capture.first_seen, capture.last_seen)
        {
            found.insert(point, (first, last));
        }
    }
    found
}

/// Halves a block until its hosts do not contradict each other.
fn halve(block: Network, prefix: u8, hosts: &[&Host<'_>], mirrors: &Mirrors, found: &mut Vec<Network>) {
    if prefix >= PREFIX_V4_MAX || !contradict(hosts, mirrors) {
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
        halve(half, prefix + 1, &hosts, mirrors, found);
    }
}

/// Does one of them send by itself on a link on which another is not?
fn contradict(hosts: &[&Host<'_>], mirrors: &Mirrors) -> bool {
    let local: BTreeSet<&EvidenceId> = hosts.iter().flat_map(|host| &host.device.local).collect();
    local.into_iter().any(|point| {
        hosts.iter().map(|host| host.device).filter(|device| !device.local.contains(point)).any(|device| {
            let missed = |(begun, ended): &(Timestamp, Timestamp)| {
                device.sent.iter().any(|(first, last)| first <= ended && begun <= last)
            };
            device.routed.contains(point) || mirrors.get(point).is_some_and(missed)
        })
    })
}
