//! The packets that a permit is about: the one meaning of a permit for every packet filter, verified or written.

use crate::configured::{asset_addresses, port_set, set_of};
use crate::services::{carried, is_any};
use crate::whereabouts::{Whereabouts, is_within};
use std::collections::BTreeMap;
use zonewright_firewall::reach::PacketClass;
use zonewright_firewall::ruleset::{AddressSet, IntervalSet};
use zonewright_plant::Plant;
use zonewright_plant::id::ZoneId;
use zonewright_plant::model::{Address, Asset, Conduit, Endpoint, Permit};
use zonewright_traffic::observation::Transport;

/// Where the ends of permits are.
#[derive(Debug, Clone, Copy)]
pub struct Places<'c, 'a> {
    /// The plant.
    pub plant: &'a Plant,
    /// Its addresses by asset and network.
    pub whereabouts: &'c Whereabouts<'a>,
    /// The addresses of its zones, as [`crate::configured::zone_addresses`] tells them.
    pub addresses: &'c BTreeMap<ZoneId, AddressSet>,
}

/// The IP protocol number of a transport; `None` for what is not over IP.
#[must_use]
pub fn ip_protocol(transport: Transport) -> Option<u8> {
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

/// The packets that a permit opens between two of its zones. Empty where it cannot be told.
#[must_use]
pub fn of_permit<'a>(
    places: Places<'_, 'a>,
    permit: &'a Permit,
    from: &ZoneId,
    to: &ZoneId,
    extent: Extent,
) -> Vec<PacketClass> {
    let source = ends(places, &permit.from, from, extent);
    let destination = ends(places, &permit.to, to, extent);
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
pub enum Extent {
    /// Its own addresses; those of the zones within it where it has none. So a device is asked that faces the zone.
    Own,
    /// The zones within it too: all that the permit declares.
    Whole,
}

/// The addresses that the ends of a permit name in a zone; `None` where the model gives none: any.
#[must_use]
pub fn ends<'a>(
    places: Places<'_, 'a>,
    ends: &'a [Endpoint],
    zone: &ZoneId,
    extent: Extent,
) -> Option<AddressSet> {
    let mut all = AddressSet::none();
    for end in ends {
        match places.whereabouts.zones_of(end).get(zone) {
            None => {}
            Some(assets) if assets.is_empty() => {
                let own = places.addresses.get(zone).filter(|_| extent == Extent::Own);
                let parts = places.addresses.iter().filter(|(part, _)| is_within(places.plant, part, zone));
                let whole = || parts.map(|(_, part)| part).cloned().reduce(|all, part| all.union(&part));
                all = all.union(&own.cloned().or_else(whole)?);
            }
            Some(assets) => {
                let (placed, between): (Vec<_>, Vec<_>) =
                    assets.iter().copied().partition(|asset| asset.zone.is_some());
                all = all.union(&asset_addresses(&placed)).union(&legs(places, &between, zone));
            }
        }
    }
    Some(all)
}

/// The pairs of zones between which a permit allows something, in order.
#[must_use]
pub fn pairs<'a>(places: Places<'_, 'a>, permit: &'a Permit) -> Vec<(&'a ZoneId, &'a ZoneId)> {
    let zones = |ends: &'a [Endpoint]| -> Vec<&'a ZoneId> {
        let all: BTreeMap<&ZoneId, ()> = ends
            .iter()
            .flat_map(|end| places.whereabouts.zones_of(end).into_keys().map(|zone| (zone, ())))
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

/// The pairs of zones of a permit that its conduit joins. A router that stands in a conduit has legs in further zones, for
/// which the permit says nothing; where the conduit joins none of the pairs, all are looked at.
#[must_use]
pub fn joined<'a>(
    places: Places<'_, 'a>,
    conduit: &Conduit,
    permit: &'a Permit,
) -> Vec<(&'a ZoneId, &'a ZoneId)> {
    let pairs = pairs(places, permit);
    let joins = |zone: &ZoneId| conduit.zones.iter().any(|outer| is_within(places.plant, zone, outer));
    let kept: Vec<_> = pairs.iter().copied().filter(|(from, to)| joins(from) && joins(to)).collect();
    if kept.is_empty() { pairs } else { kept }
}

/// The addresses in a zone of assets that stand in a conduit, with legs in several zones.
fn legs(places: Places<'_, '_>, assets: &[&Asset], zone: &ZoneId) -> AddressSet {
    let at = |address: &&Address| {
        places.whereabouts.network_zone(address.ip, address.context.as_deref()) == Some(zone)
    };
    set_of(assets.iter().flat_map(|asset| &asset.ips).filter(at).map(|address| address.ip))
}
