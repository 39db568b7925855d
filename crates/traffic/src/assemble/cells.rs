//! Networks behind one capture point that use the same addresses: machine cells, told apart by their VLANs.
//!
//! An address counts within its context. Where two devices have one address, each in a VLAN of its own, the VLAN
//! becomes part of the context of that address; everything else is left where it is, because a VLAN by itself
//! separates nothing that is routed.

use super::{TTL_INITIAL, context_name, names_a_device};
use crate::engine::Engine;
use crate::flow::{Conversation, Ends, Side};
use crate::observation::Mac;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Contexts, with those that a VLAN makes.
#[derive(Debug)]
pub(super) struct Cells {
    names: Vec<Option<String>>,
    /// Context of an address that several devices have, by the device's link-layer address.
    ips: BTreeMap<(u32, IpAddr), BTreeMap<Mac, u32>>,
    /// Context of those devices.
    macs: BTreeMap<(u32, Mac), u32>,
}

impl Cells {
    /// Finds the addresses that several devices have.
    pub(super) fn of(engine: &Engine) -> Self {
        let names = engine.contexts.iter().map(context_name).collect();
        let mut cells = Self { names, ips: BTreeMap::new(), macs: BTreeMap::new() };
        let claims = claims(engine);
        let mut by_vlan: BTreeMap<(u32, u16), u32> = BTreeMap::new();
        let sent = senders(engine).into_iter().filter(|(place, _)| !claims.contains_key(place));
        for ((context, ip), homes) in claims.iter().map(|(place, homes)| (*place, homes.clone())).chain(sent)
        {
            let vlans: BTreeSet<u16> = homes.values().copied().collect();
            if homes.len() < 2 || vlans.len() < homes.len() {
                continue;
            }
            for (mac, vlan) in homes {
                // The untagged network keeps the name of the capture point.
                let cell = if vlan == 0 {
                    context
                } else {
                    *by_vlan.entry((context, vlan)).or_insert_with(|| cells.add(context, vlan))
                };
                cells.ips.entry((context, ip)).or_default().insert(mac, cell);
                cells.macs.insert((context, mac), cell);
            }
        }
        cells
    }

    fn add(&mut self, context: u32, vlan: u16) -> u32 {
        let name = match self.name(context) {
            Some(name) => format!("{name}/vlan-{vlan}"),
            None => format!("vlan-{vlan}"),
        };
        self.names.push(Some(name));
        self.names.len() as u32 - 1
    }

    /// A context in words; none for the unnamed one.
    pub(super) fn name(&self, context: u32) -> Option<&str> {
        self.names.get(context as usize)?.as_deref()
    }

    /// The context in which an end's address counts.
    pub(super) fn end(&self, conversation: &Conversation, side: Side) -> u32 {
        let context = conversation.context;
        let ip = match &conversation.ends {
            Ends::Ip(ends) => *ends.of(side),
            Ends::Link(ends) => return self.link(context, *ends.of(side)),
        };
        let Some(homes) = self.ips.get(&(context, ip)) else { return context };
        let source = conversation.macs.of(side).map(|macs| macs.source);
        let mac = source.or_else(|| conversation.macs.of(side.other()).and_then(|macs| macs.destination));
        mac.and_then(|mac| homes.get(&mac)).copied().unwrap_or(context)
    }

    /// The context of a link-layer address.
    pub(super) fn link(&self, context: u32, mac: Mac) -> u32 {
        self.macs.get(&(context, mac)).copied().unwrap_or(context)
    }

    /// The context of a network address that this device says it has.
    pub(super) fn claim(&self, context: u32, ip: IpAddr, mac: Mac) -> u32 {
        self.ips.get(&(context, ip)).and_then(|homes| homes.get(&mac)).copied().unwrap_or(context)
    }

    /// The context of a conversation: that of the end that is told apart, if one is.
    pub(super) fn conversation(&self, conversation: &Conversation) -> u32 {
        let ends = [Side::Low, Side::High].map(|side| self.end(conversation, side));
        ends.into_iter().max().unwrap_or(conversation.context)
    }
}

type Homes = BTreeMap<(u32, IpAddr), BTreeMap<Mac, u16>>;

/// Who claims an address (by ARP or neighbor discovery), in which VLAN.
fn claims(engine: &Engine) -> Homes {
    let mut homes = Homes::new();
    for ((context, mac, ip), (_, vlan)) in &engine.bindings.iter().collect::<BTreeMap<_, _>>() {
        homes.entry((*context, *ip)).or_default().insert(*mac, *vlan);
    }
    homes
}

/// Which devices send from an address, in which VLAN, where nothing was forwarded and each device has no other address.
fn senders(engine: &Engine) -> Homes {
    let mut homes = Homes::new();
    let mut forwarded = BTreeSet::new();
    let mut behind: BTreeMap<(u32, Mac), BTreeSet<IpAddr>> = BTreeMap::new();
    for conversation in &engine.table.list {
        let Ends::Ip(ends) = &conversation.ends else { continue };
        for side in [Side::Low, Side::High] {
            let (ip, context) = (*ends.of(side), conversation.context);
            let Some(mac) = conversation.macs.of(side).map(|macs| macs.source) else { continue };
            if !ip.is_ipv4() || !names_a_device(mac) {
                continue;
            }
            if !TTL_INITIAL.contains(conversation.ttl.of(side)) {
                forwarded.insert((context, ip));
            }
            behind.entry((context, mac)).or_default().insert(ip);
            let vlan = conversation.vlans.ids().last().copied().unwrap_or(0);
            homes.entry((context, ip)).or_default().entry(mac).or_insert(vlan);
        }
    }
    let alone = |context: u32, mac: &Mac| behind.get(&(context, *mac)).is_some_and(|ips| ips.len() == 1);
    homes.retain(|(context, ip), homes| {
        !forwarded.contains(&(*context, *ip)) && homes.keys().all(|mac| alone(*context, mac))
    });
    homes
}
