//! From flows and permits to the packet classes that a ruleset is asked about.

use super::Context;
use crate::configured::{asset_addresses, port_set, set_of};
use crate::services::{carried, is_any};
use crate::whereabouts::is_within;
use std::collections::BTreeMap;
use zonewright_firewall::reach::PacketClass;
use zonewright_firewall::ruleset::{AddressSet, IntervalSet};
use zonewright_plant::id::ZoneId;
use zonewright_plant::model::{Address, Asset, Endpoint, Permit};
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

/// The packets of a flow whose ends were guessed the wrong way round.
pub(super) fn of_reversed(flow: &Flow) -> Option<PacketClass> {
    let class = of_flow(flow)?;
    let (source, destination) = (class.destination, class.source);
    Some(PacketClass { source, destination, source_ports: class.ports, ports: None, ..class })
}

/// The packets that a permit opens between two of its zones. Empty where it cannot be told.
pub(super) fn of_permit<'a>(
    context: &Context<'a>,
    permit: &'a Permit,
    from: &ZoneId,
    to: &ZoneId,
    extent: Extent,
) -> Vec<PacketClass> {
    let source = ends(context, &permit.from, from, extent);
    let destination = ends(context, &permit.to, to, extent);
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

/// What a zone as the end of a permit means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Its own addresses; those of the zones within it where it has none. So a device is asked that faces the zone.
    Own,
    /// The zones within it too: all that the permit declares.
    Whole,
}

/// The addresses that the ends of a permit name in a zone; `None` where the model gives none: any.
fn ends<'a>(
    context: &Context<'a>,
    ends: &'a [Endpoint],
    zone: &ZoneId,
    extent: Extent,
) -> Option<AddressSet> {
    let mut all = AddressSet::none();
    for end in ends {
        match context.whereabouts.zones_of(end).get(zone) {
            None => {}
            Some(assets) if assets.is_empty() => {
                let own = context.addresses.get(zone).filter(|_| extent == Extent::Own);
                let parts = context.addresses.iter().filter(|(part, _)| is_within(context.plant, part, zone));
                let whole = || parts.map(|(_, part)| part).cloned().reduce(|all, part| all.union(&part));
                all = all.union(&own.cloned().or_else(whole)?);
            }
            Some(assets) => {
                let (placed, between): (Vec<_>, Vec<_>) =
                    assets.iter().copied().partition(|asset| asset.zone.is_some());
                all = all.union(&asset_addresses(&placed)).union(&legs(context, &between, zone));
            }
        }
    }
    Some(all)
}

/// The pairs of zones between which a permit allows something, in order.
pub(super) fn pairs<'a>(context: &Context<'a>, permit: &'a Permit) -> Vec<(&'a ZoneId, &'a ZoneId)> {
    let zones = |ends: &'a [Endpoint]| -> Vec<&'a ZoneId> {
        let all: BTreeMap<&ZoneId, ()> = ends
            .iter()
            .flat_map(|end| context.whereabouts.zones_of(end).into_keys().map(|zone| (zone, ())))
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

/// The addresses in a zone of assets that stand in a conduit, with legs in several zones.
fn legs(context: &Context<'_>, assets: &[&Asset], zone: &ZoneId) -> AddressSet {
    let at = |address: &&Address| {
        context.whereabouts.network_zone(address.ip, address.context.as_deref()) == Some(zone)
    };
    set_of(assets.iter().flat_map(|asset| &asset.ips).filter(at).map(|address| address.ip))
}
