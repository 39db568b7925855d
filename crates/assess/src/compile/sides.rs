//! The sides of a device: by which interfaces the ends of a permit are reached, and with which addresses.

use super::facing;
use crate::packets::{Extent, Places, ends as addresses_of};
use crate::whereabouts::is_within;
use std::collections::BTreeMap;
use zonewright_firewall::ruleset::AddressSet;
use zonewright_firewall::write::End;
use zonewright_plant::id::ZoneId;
use zonewright_plant::model::{Endpoint, Evidence};

/// One side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Side {
    /// The interfaces that face it, sorted.
    pub(super) interfaces: Vec<String>,
    /// The addresses; all of them for whatever is behind the interfaces.
    pub(super) addresses: AddressSet,
}

impl Side {
    pub(super) fn end(&self) -> End {
        End { interfaces: self.interfaces.clone(), addresses: self.addresses.clone() }
    }
}

/// The sides on which the ends of a permit that lie in `zone` are. A zone as an end means the zones within it too, and
/// these may be behind other interfaces.
pub(super) fn sides<'p>(
    places: Places<'_, 'p>,
    evidence: &'p Evidence,
    ends: &'p [Endpoint],
    zone: &ZoneId,
) -> Result<Vec<Side>, String> {
    let whole = ends.iter().any(|end| matches!(end, Endpoint::Zone(id) if id == zone));
    let mut found: BTreeMap<Vec<String>, AddressSet> = BTreeMap::new();
    let mut add = |interfaces: Vec<String>, addresses: AddressSet| {
        let known = found.entry(interfaces).or_insert_with(AddressSet::none);
        *known = known.union(&addresses);
    };
    if whole {
        let declared = places.plant.zones.values().filter(|part| !part.common.proposed);
        let parts = declared.filter(|part| is_within(places.plant, &part.id, zone));
        let mut known = false;
        for part in parts {
            let interfaces = interfaces(places, evidence, &part.id)?;
            match places.addresses.get(&part.id) {
                Some(addresses) => {
                    known = true;
                    add(interfaces, addresses.clone());
                }
                None if evidence.interfaces.iter().any(|facing| facing.zone == part.id) => {
                    known = true;
                    alone(places, evidence, &interfaces, &part.id)?;
                    add(interfaces, AddressSet::all());
                }
                None => {}
            }
        }
        if !known {
            return Err(format!("zone {zone} has neither networks nor assets with addresses"));
        }
    } else {
        let addresses = addresses_of(places, ends, zone, Extent::Own);
        let addresses = addresses.ok_or_else(|| format!("zone {zone} has no addresses"))?;
        if !addresses.is_none() {
            add(interfaces(places, evidence, zone)?, addresses);
        }
    }
    Ok(found.into_iter().map(|(interfaces, addresses)| Side { interfaces, addresses }).collect())
}

fn interfaces(places: Places<'_, '_>, evidence: &Evidence, zone: &ZoneId) -> Result<Vec<String>, String> {
    let mut names = facing(evidence, places.plant, zone);
    names.sort();
    names.dedup();
    if names.is_empty() {
        return Err(format!("evidence {} names no interface that faces zone {zone}", evidence.id));
    }
    Ok(names)
}

/// Do the interfaces face this zone only? Else what is behind them is not the zone alone.
fn alone(
    places: Places<'_, '_>,
    evidence: &Evidence,
    interfaces: &[String],
    zone: &ZoneId,
) -> Result<(), String> {
    let other = evidence.interfaces.iter().find(|facing| {
        interfaces.contains(&facing.interface) && !is_within(places.plant, &facing.zone, zone)
    });
    match other {
        Some(other) => Err(format!(
            "zone {zone} has no addresses, and its interface {} faces zone {} too",
            other.interface, other.zone
        )),
        None => Ok(()),
    }
}
