//! Which addresses are one device's, and on what grounds. Weak grounds merge nothing.

use super::super::{TTL_INITIAL, names_a_device};
use super::evidence::{Evidence, Gathered, Key, Place};
use super::shared;
use crate::flow::{At, is_group};
use crate::observation::Mac;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr};

/// Addresses that one link-layer address may claim before it is taken for one that answers for others (proxy ARP).
const CLAIMED_MAX: usize = 16;
/// Ports of one chassis that are put together.
const PORTS_MAX: usize = 64;

/// The addresses of one device, each with the reason why it is thought to be this device's.
#[derive(Debug, Default)]
pub(super) struct Device {
    pub(super) macs: BTreeSet<Mac>,
    pub(super) ips: BTreeSet<IpAddr>,
    pub(super) reasons: Vec<(String, Option<At>)>,
}

/// All devices, by the address that each is known by.
pub(super) fn devices(gathered: &Gathered<'_>) -> BTreeMap<Key, Device> {
    let families = Families::of(gathered);
    let mut devices: BTreeMap<Key, Device> = BTreeMap::new();
    let claiming = gathered.claims.keys().map(|place| (place, false));
    // A group address cannot be a sender's (IEEE 802, section 8.2.2); where it is, somebody sent it all the same.
    let seen = gathered.macs.iter().map(|(place, evidence)| (place, evidence.sends || evidence.sent > 0));
    for (&(context, mac), sends) in seen.chain(claiming) {
        if names_a_device(mac) || (sends && !mac.is_zero()) {
            families.device(&mut devices, context, mac);
        }
    }
    // The other adapter of a node may stand in a network that was not captured.
    for &(context, mac) in families.leads.keys() {
        families.device(&mut devices, context, mac);
    }
    let claimed = gathered.claimants.keys().chain(gathered.managed.keys());
    let claimed = claimed.filter(|place| !gathered.ips.contains_key(*place)).map(|place| (place, None));
    let used = gathered.ips.iter().map(|(place, evidence)| (place, Some(evidence)));
    for (&(context, ip), evidence) in used.chain(claimed) {
        if is_group(ip) || ip.is_unspecified() {
            continue;
        }
        let owner = gathered.owner(&families, context, ip, evidence);
        let alive = evidence.is_some_and(|evidence| evidence.sent > 0 || evidence.established)
            || gathered.claimants.contains_key(&(context, ip));
        match owner {
            Some(Owner { mac, reason, at }) => {
                let device = families.device(&mut devices, context, mac);
                // Named in two ways, the first reason stands.
                if device.ips.insert(ip) {
                    device.reasons.push((reason, Some(at)));
                }
            }
            None if alive => {
                devices.entry(Key::Ip(context, ip)).or_default().ips.insert(ip);
            }
            None => {}
        }
    }
    devices
}

/// Link-layer addresses of one device: the ports of a chassis, the two adapters of a node in two networks.
#[derive(Debug, Default)]
struct Families {
    /// The address that leads, and why.
    leads: BTreeMap<Place<Mac>, (Mac, String, At)>,
}

impl Families {
    fn of(gathered: &Gathered<'_>) -> Self {
        let mut families = Self::default();
        // Whoever says that it is part of two chassis is believed neither.
        let mut said: BTreeMap<Place<Mac>, usize> = BTreeMap::new();
        for ((context, _), ports) in &gathered.chassis {
            for port in ports.keys() {
                *said.entry((*context, *port)).or_default() += 1;
            }
        }
        for ((context, chassis), ports) in &gathered.chassis {
            if !is_own(*chassis) || ports.len() > PORTS_MAX {
                continue;
            }
            for (port, at) in ports {
                let alone = said.get(&(*context, *port)) == Some(&1);
                // Anybody can say so: ports and chassis of one device are of one block of addresses.
                if port != chassis && alone && is_own(*port) && same_block(*port, *chassis) {
                    let reason = format!("{port} says in lldp that it is part of the chassis {chassis}");
                    families.leads.insert((*context, *port), (*chassis, reason, *at));
                }
            }
        }
        for ((context, speaker), nodes) in &gathered.pairs {
            if let [(node, at)] = nodes.iter().collect::<Vec<_>>()[..]
                && is_own(*speaker)
                && is_own(*node)
                && same_block(*speaker, *node)
                && !families.leads.contains_key(&(*context, *speaker))
                && !families.leads.contains_key(&(*context, *node))
            {
                let (lead, other) = (*speaker.min(node), *speaker.max(node));
                let reason = format!(
                    "says in its supervision frames that it has {lead} in one network and {other} in the other"
                );
                families.leads.insert((*context, other), (lead, reason, *at));
            }
        }
        families
    }

    fn lead(&self, context: u32, mac: Mac) -> Mac {
        self.leads.get(&(context, mac)).map_or(mac, |(lead, ..)| *lead)
    }

    fn device<'d>(&self, devices: &'d mut BTreeMap<Key, Device>, context: u32, mac: Mac) -> &'d mut Device {
        let device = devices.entry(Key::Mac(context, self.lead(context, mac))).or_default();
        if device.macs.insert(mac)
            && let Some((lead, reason, at)) = self.leads.get(&(context, mac))
        {
            device.macs.insert(*lead);
            device.reasons.push((reason.clone(), Some(*at)));
        }
        device
    }
}

fn is_own(mac: Mac) -> bool {
    names_a_device(mac) && shared::address(mac).is_none()
}

/// Are they of the block of addresses that one vendor was given?
fn same_block(a: Mac, b: Mac) -> bool {
    a.0.first_chunk::<3>() == b.0.first_chunk::<3>()
}

/// The link-layer address that a network address shares a device with, and why.
struct Owner {
    mac: Mac,
    reason: String,
    at: At,
}

impl Gathered<'_> {
    fn owner(
        &self,
        families: &Families,
        context: u32,
        ip: IpAddr,
        evidence: Option<&Evidence>,
    ) -> Option<Owner> {
        if self.claimants.contains_key(&(context, ip)) {
            return self.claimed(families, context, ip);
        }
        let senders = evidence.map(|evidence| &evidence.senders);
        if let Some((mac, (protocol, at))) = self.managed(families, context, ip)
            && senders.is_none_or(|senders| {
                senders.keys().all(|sender| families.lead(context, *sender) == families.lead(context, mac))
            })
        {
            let reason = format!("{mac} says in {protocol} that it is managed at {ip}");
            return Some(Owner { mac, reason, at });
        }
        let senders = senders?;
        // The router that leads its group sends from the shared address, too.
        let mut own = senders.iter().filter(|(mac, _)| shared::address(**mac).is_none());
        let (&mac, sender) = own.next().filter(|_| own.next().is_none())?;
        if !names_a_device(mac) {
            return None;
        }
        if let IpAddr::V6(address) = ip {
            let reason = format!("the interface identifier of {ip} is made of {mac}");
            return is_made_of(address, mac).then_some(Owner { mac, reason, at: sender.at });
        }
        if sender.on_link {
            let reason = format!("{ip} sends from {mac} to a group that no router forwards to");
            return Some(Owner { mac, reason, at: sender.at });
        }
        let given = self.leases.get(&(context, ip));
        if given.is_some_and(|given| given.contains(&mac) && given.len() == 1) {
            let reason = format!("a DHCP server gave {ip} to {mac}, which sends from it");
            return Some(Owner { mac, reason, at: sender.at });
        }
        let alone = self
            .behind
            .get(&(context, mac))
            .is_some_and(|ips| ips.iter().filter(|ip| ip.is_ipv4() && !ip.is_unspecified()).count() == 1);
        let ttl = sender.ttl;
        let reason =
            format!("{ip} alone sends from {mac}, and its time to live ({ttl}) was not counted down");
        (alone && TTL_INITIAL.contains(&ttl)).then_some(Owner { mac, reason, at: sender.at })
    }

    /// By ARP or neighbor discovery: the one device that claims an address. Routers that share it claim it together.
    fn claimed(&self, families: &Families, context: u32, ip: IpAddr) -> Option<Owner> {
        let how = if ip.is_ipv4() { "ARP" } else { "neighbor discovery" };
        let claimants = self.claimants.get(&(context, ip))?;
        let mut shared = claimants.iter().filter(|(mac, _)| shared::address(**mac).is_some());
        if let Some((&mac, &at)) = shared.next() {
            return Some(Owner { mac, reason: format!("{mac} says in {how} that it has {ip}"), at });
        }
        let devices: BTreeSet<Mac> = claimants.keys().map(|mac| families.lead(context, *mac)).collect();
        let (&mac, &at) = claimants.iter().next().filter(|_| devices.len() == 1)?;
        let claims = self.claims.get(&(context, mac)).map_or(0, BTreeSet::len);
        let reason = format!("{mac} says in {how} that it has {ip}");
        (claims <= CLAIMED_MAX).then_some(Owner { mac, reason, at })
    }

    /// The one device that says that it is managed at an address.
    fn managed(&self, families: &Families, context: u32, ip: IpAddr) -> Option<(Mac, (&'static str, At))> {
        let stations = self.managed.get(&(context, ip))?;
        let devices: BTreeSet<Mac> = stations.keys().map(|mac| families.lead(context, *mac)).collect();
        stations.iter().next().filter(|_| devices.len() == 1).map(|(mac, how)| (*mac, *how))
    }
}

/// RFC 4291, appendix A: an address whose interface identifier is the modified EUI-64 of a MAC.
fn is_made_of(address: Ipv6Addr, mac: Mac) -> bool {
    let [a, b, c, d, e, f] = mac.0;
    let identifier = [a ^ 2, b, c, 0xff, 0xfe, d, e, f];
    !address.is_multicast() && address.octets().ends_with(&identifier)
}
