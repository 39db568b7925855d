//! Evidence about addresses, fused into assets; each merge has its grounds, weak grounds merge nothing.
//!
//! A link-layer address names a device on its own link only: behind a router every remote host carries the
//! router's. So an IP address joins a link-layer address when the device itself says so (ARP, neighbor discovery, LLDP,
//! CDP, an interface identifier made of it), or when it alone uses it and its time to live was not counted down.
//!
//! `evidence` gathers, `owners` puts addresses together, `identity` says what a device told, `guess` what it is, `shared`
//! and `duplicates` know the addresses that are no single device's.

mod duplicates;
mod evidence;
mod guess;
mod identity;
mod owners;
mod shared;

use super::cells::Cells;
use super::{Names, TTL_INITIAL, named};
use crate::engine::Engine;
use crate::flow::{At, is_group};
use crate::observation::{Asset, AssetRole, Basis, Flow, Mac, Role, Timestamp};
pub(super) use duplicates::Duplicate;
use evidence::{Evidence, Gathered, Key, Place};
use identity::BASIS_MAX;
use owners::Device;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

/// From so many addresses on that only pass by, a station is taken for a router.
const PASSED_MIN: usize = 16;

/// The assets, and which address is whose.
#[derive(Debug)]
pub(super) struct Assets {
    assets: Vec<Asset>,
    by_ip: BTreeMap<Place<IpAddr>, Arc<str>>,
    by_mac: BTreeMap<Place<Mac>, Arc<str>>,
    /// Addresses that several devices claim at once.
    pub(super) duplicates: Vec<Duplicate>,
}

impl Assets {
    /// Puts the evidence together.
    pub(super) fn fuse(engine: &Engine, cells: &Cells, names: &Names<'_>) -> Self {
        let mut gathered = Gathered::of(engine, cells);
        let devices = owners::devices(&gathered);
        let duplicates = duplicates::find(&gathered);
        let mut assets = Self {
            assets: Vec::new(),
            by_ip: BTreeMap::new(),
            by_mac: BTreeMap::new(),
            duplicates: Vec::new(),
        };
        for (key, device) in devices {
            let (Key::Mac(context, _) | Key::Ip(context, _)) = key;
            let name = cells.name(context).map(str::to_owned);
            let asset = asset(&mut gathered, key, context, name, &device, names);
            for ip in &device.ips {
                assets.by_ip.insert((context, *ip), asset.id.clone());
            }
            for mac in &device.macs {
                assets.by_mac.insert((context, *mac), asset.id.clone());
            }
            assets.assets.push(asset);
        }
        assets.assets.sort_by(|a, b| a.id.cmp(&b.id));
        assets.tell(duplicates, names);
        assets
    }

    /// Says of whoever claims an address that others claim it too.
    fn tell(&mut self, duplicates: Vec<Duplicate>, names: &Names<'_>) {
        let mut told: BTreeMap<Arc<str>, Vec<Basis>> = BTreeMap::new();
        for duplicate in &duplicates {
            let (context, _) = duplicate.place;
            let claimants = duplicate.claimants.iter();
            let of_macs = claimants.filter_map(|(mac, at)| Some((self.of_mac(context, *mac)?, *at)));
            let last = duplicate.claimants.last().map(|(_, at)| *at);
            let of_ip = self.by_ip.get(&duplicate.place).cloned().zip(last);
            let text = duplicate.text();
            for (id, at) in of_macs.chain(of_ip) {
                let basis = told.entry(id).or_default();
                if basis.len() < BASIS_MAX && basis.iter().all(|known| known.text != text) {
                    basis.push(Basis { text: text.clone(), place: Some(names.place(at)) });
                }
            }
        }
        for asset in &mut self.assets {
            asset.basis.extend(told.remove(&asset.id).into_iter().flatten());
        }
        self.duplicates = duplicates;
        self.duplicates.retain(|duplicate| !duplicate.in_turn);
    }

    /// The asset of a network address.
    pub(super) fn of_ip(&self, context: u32, ip: IpAddr) -> Option<Arc<str>> {
        self.by_ip.get(&(context, ip)).cloned()
    }

    /// The asset of a link-layer address.
    pub(super) fn of_mac(&self, context: u32, mac: Mac) -> Option<Arc<str>> {
        self.by_mac.get(&(context, mac)).cloned()
    }

    /// The finished list, with the roles that the flows show and what they make of it.
    pub(super) fn finish(self, flows: &[Flow]) -> Vec<Asset> {
        let mut assets: BTreeMap<Arc<str>, Asset> =
            self.assets.into_iter().map(|asset| (asset.id.clone(), asset)).collect();
        for (id, parts) in roles(flows) {
            if let Some(asset) = assets.get_mut(&id) {
                asset.roles = parts.into_iter().collect();
            }
        }
        guess::guess(&mut assets, flows);
        assets.into_values().collect()
    }
}

fn roles(flows: &[Flow]) -> BTreeMap<Arc<str>, BTreeSet<AssetRole>> {
    let mut roles: BTreeMap<Arc<str>, BTreeSet<AssetRole>> = BTreeMap::new();
    // What every station does (ARP, ICMP) is no part that tells one from another.
    for flow in flows.iter().filter(|flow| named(flow.transport).is_none()) {
        let functions = flow.functions.iter().map(|function| &function.protocol);
        let spoken: BTreeSet<&Arc<str>> = flow.protocol.iter().chain(functions).collect();
        let group = flow.responder.asset.is_none();
        for (end, role) in [(&flow.initiator, Role::Client), (&flow.responder, Role::Server)] {
            let Some(id) = end.asset.as_ref().filter(|_| !spoken.is_empty()) else { continue };
            let role = if role == Role::Client && group { Role::Publisher } else { role };
            let parts = roles.entry(id.clone()).or_default();
            parts.extend(spoken.iter().map(|protocol| AssetRole { protocol: Arc::clone(protocol), role }));
        }
    }
    roles
}

fn asset(
    gathered: &mut Gathered<'_>,
    key: Key,
    context: u32,
    name: Option<String>,
    device: &Device,
    names: &Names<'_>,
) -> Asset {
    let place = |at: Option<At>| at.map(|at| names.place(at));
    let routes = routes(gathered, context, device);
    let notes: Vec<_> = (device.macs.iter().map(|mac| Key::Mac(context, *mac)))
        .chain(device.ips.iter().map(|ip| Key::Ip(context, *ip)))
        .filter_map(|key| gathered.notes.remove(&key))
        .flatten()
        .collect();
    let (mut evidence, by_mac): (Vec<Evidence>, Vec<Evidence>) = (
        device.ips.iter().filter_map(|ip| gathered.ips.remove(&(context, *ip))).collect(),
        device.macs.iter().filter_map(|mac| gathered.macs.remove(&(context, *mac))).collect(),
    );
    let weight = |all: &[Evidence]| {
        all.iter().fold((0_u64, 0_u64), |sum, one| (sum.0 + one.sent, sum.1 + one.received))
    };
    // Packets of an address that shares the device were counted with it already.
    let (ips_weight, macs_weight) = (weight(&evidence), weight(&by_mac));
    evidence.extend(by_mac);
    let first = evidence.iter().filter_map(|one| one.first).min();
    let last = evidence.iter().filter_map(|one| one.last).max();
    let moment =
        |seen: Option<(i64, At)>| seen.map_or(Timestamp::new(0, 0), |(time, at)| names.moment(time, at));
    let vlans: BTreeSet<u16> = evidence.iter().flat_map(|one| one.vlans.iter().copied()).collect();
    let reasons = device.reasons.iter().take(BASIS_MAX);
    let mut asset = Asset {
        id: id(key, device, name.as_deref()),
        context: name.map(Into::into),
        macs: device.macs.iter().copied().collect(),
        ips: device.ips.iter().copied().collect(),
        vlans: vlans.into_iter().collect(),
        names: Vec::new(),
        vendor: None,
        interface_vendor: None,
        product: None,
        version: None,
        serial: None,
        component_type: None,
        kind: None,
        roles: Vec::new(),
        first_seen: moment(first),
        last_seen: moment(last),
        packets_sent: macs_weight.0.max(ips_weight.0),
        packets_received: macs_weight.1.max(ips_weight.1),
        basis: reasons.map(|(text, at)| Basis { text: text.clone(), place: place(*at) }).collect(),
    };
    identity::identify(&mut asset, evidence.into_iter().flat_map(|one| one.said).collect(), names);
    identity::addressed(&mut asset, place(first.map(|(_, at)| at)).as_ref());
    identity::noted(&mut asset, &notes, names);
    if let Some((text, at)) = routes {
        asset.basis.push(Basis { text, place: place(at) });
        asset.kind.get_or_insert_with(|| "router".into());
        asset.component_type.get_or_insert_with(|| "network-device".into());
    }
    asset
}

/// By an address of its own, with the context where that matters.
fn id(key: Key, device: &Device, context: Option<&str>) -> Arc<str> {
    let base = match (device.ips.iter().min_by_key(|ip| (ip.is_ipv6(), is_link_local(**ip), **ip)), key) {
        (Some(ip), _) => ip.to_string(),
        (None, Key::Ip(_, ip)) => ip.to_string(),
        (None, Key::Mac(_, mac)) => mac.to_string(),
    };
    context.map_or_else(|| base.as_str().into(), |context| format!("{base}@{context}").into())
}

/// Does it forward for others? Their time to live was counted down, or there are many of them.
fn routes(gathered: &Gathered<'_>, context: u32, device: &Device) -> Option<(String, Option<At>)> {
    let mut forwarded: Vec<(IpAddr, At)> = Vec::new();
    let mut passing: BTreeSet<IpAddr> = BTreeSet::new();
    for mac in &device.macs {
        let senders = gathered.behind.get(&(context, *mac)).into_iter().flatten();
        let counted_down = |ip: &IpAddr| {
            let sender = gathered.ips.get(&(context, *ip))?.senders.get(mac)?;
            let ttl = sender.ttl;
            (ttl != 0 && !TTL_INITIAL.contains(&ttl) && !is_group(*ip)).then_some((*ip, sender.at))
        };
        forwarded.extend(senders.clone().filter_map(counted_down));
        passing.extend(senders.chain(gathered.towards.get(&(context, *mac)).into_iter().flatten()));
    }
    // Some systems begin to count elsewhere: the device's own addresses say nothing of what it forwards.
    forwarded.retain(|(ip, _)| !device.ips.contains(ip));
    if let [(first, at), more @ ..] = forwarded.as_slice()
        && (!more.is_empty() || !device.ips.is_empty())
    {
        let count = more.len() + 1;
        let text = format!(
            "taken for a router: the time to live of {count} addresses behind it was counted down, such as {first}"
        );
        return Some((text, Some(*at)));
    }
    let stranger = |ip: &IpAddr| {
        let on_link = gathered.claimants.contains_key(&(context, *ip));
        !device.ips.contains(ip) && !on_link && !is_group(*ip) && !ip.is_unspecified() && !is_link_local(*ip)
    };
    passing.retain(stranger);
    let first = passing.first().filter(|_| passing.len() >= PASSED_MIN)?;
    let text = format!(
        "taken for a router: the packets of {} addresses that nobody on the link claims pass by it, such as those of {first}",
        passing.len()
    );
    Some((text, None))
}

const fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}
