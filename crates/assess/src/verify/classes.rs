//! From flows and permits to the packet classes that a ruleset is asked about.

use super::Context;
use crate::configured::{asset_addresses, port_set, set_of};
use crate::services::{carried, is_any};
use crate::whereabouts::zones_of;
use std::collections::BTreeMap;
use zonewright_firewall::reach::PacketClass;
use zonewright_firewall::ruleset::{AddressSet, IntervalSet};
use zonewright_plant::id::ZoneId;
use zonewright_plant::model::{Endpoint, Permit};
use zonewright_traffic::observation::{Flow, Transport};

/// The IP protocol number of a transport; `None` for what is not over IP.
pub(super) fn ip_protocol(transport: Transport) -> Option<u8> {
    match transport {
        Transport::Icmp => Some(1),
        Transport::Tcp => Some(6),
        Transport::Udp => Some(17),
        Transport::Icmpv6 => Some(58),
        Transport::Sctp => Some(132),
        Transport::Ip(number) => Some(number),
        Transport::Ether(_) | Transport::Llc(_) => None,
    }
}

/// The packets of a flow; `None` for what no packet filter sees.
pub(super) fn of_flow(flow: &Flow) -> Option<PacketClass> {
    Some(PacketClass {
        source: Some(set_of(flow.initiator.ip)),
        destination: Some(set_of(flow.responder.ip)),
        protocols: Some(IntervalSet::one(ip_protocol(flow.transport)?)),
        source_ports: None,
        ports: flow.responder.port.map(IntervalSet::one),
    })
    .filter(|_| flow.initiator.ip.is_some() && flow.responder.ip.is_some())
}

/// The packets that a permit opens between two of its zones. Empty where it cannot be told.
pub(super) fn of_permit(
    context: &Context<'_>,
    permit: &Permit,
    from: &ZoneId,
    to: &ZoneId,
) -> Vec<PacketClass> {
    let (source, destination) = (ends(context, &permit.from, from), ends(context, &permit.to, to));
    let class = |protocols, ports| PacketClass {
        source: source.clone(),
        destination: destination.clone(),
        protocols,
        source_ports: None,
        ports,
    };
    if is_any(permit) {
        return vec![class(None, None)];
    }
    carried(permit)
        .into_iter()
        .filter_map(|carried| {
            Some(class(Some(IntervalSet::one(ip_protocol(carried.transport)?)), port_set(&carried.ports)))
        })
        .collect()
}

/// The addresses that the ends of a permit name in a zone; `None` where the model gives none: any.
fn ends(context: &Context<'_>, ends: &[Endpoint], zone: &ZoneId) -> Option<AddressSet> {
    let mut all = AddressSet::none();
    for end in ends {
        match zones_of(context.plant, end).get(zone) {
            None => {}
            Some(assets) if assets.is_empty() => all = all.union(context.addresses.get(zone)?),
            Some(assets) => all = all.union(&asset_addresses(assets)),
        }
    }
    Some(all)
}

/// The pairs of zones between which a permit allows something, in order.
pub(super) fn pairs<'a>(context: &Context<'a>, permit: &'a Permit) -> Vec<(&'a ZoneId, &'a ZoneId)> {
    let zones = |ends: &'a [Endpoint]| -> Vec<&'a ZoneId> {
        let all: BTreeMap<&ZoneId, ()> = ends
            .iter()
            .flat_map(|end| zones_of(context.plant, end).into_keys().map(|zone| (zone, ())))
            .collect();
        all.into_keys().collect()
    };
    let to = zones(&permit.to);
    zones(&permit.from)
        .into_iter()
        .flat_map(|from| to.iter().map(move |to| (from, *to)))
        .filter(|(a, b)| a != b)
        .collect()
}
