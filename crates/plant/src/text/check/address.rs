//! Checks of addresses: the same one twice, and networks of zones that lie within each other.

use super::Report;
use super::structure::ancestry;
use crate::Plant;
use crate::id::ZoneId;
use crate::model::{Asset, Network, Zone, ZoneNetwork};
use std::collections::BTreeMap;
use zonewright_source::{Diagnostic, Place};

pub(super) fn check(plant: &Plant, report: &mut Report<'_>) {
    twice(plant, "ips", report, |asset| {
        asset.ips.iter().map(|address| (address.ip, address.context.as_deref())).collect()
    });
    twice(plant, "macs", report, |asset| asset.macs.iter().map(|mac| (mac.to_string(), None)).collect());
    overlaps(plant, report);
}

/// Two assets with the same address within one context.
fn twice<K: Ord + std::fmt::Display>(
    plant: &Plant,
    key: &str,
    report: &mut Report<'_>,
    addresses: impl Fn(&Asset) -> Vec<(K, Option<&str>)>,
) {
    let mut seen: BTreeMap<(K, Option<&str>), &Asset> = BTreeMap::new();
    for asset in plant.assets.values() {
        for address in addresses(asset) {
            let context = address.1.map_or(String::new(), |context| format!(" in context `{context}`"));
            let shown = address.0.to_string();
            let first = *seen.entry(address).or_insert(asset);
            if first.id == asset.id {
                continue;
            }
            let message =
                format!("assets `{}` and `{}` have the same address {shown}{context}", first.id, asset.id);
            let diagnostic = Diagnostic::warning("plant/same-address", message)
                .because("traffic of one would be taken for that of the other; a redundant pair may share one on purpose")
                .help(if key == "ips" { "where they are apart, say so: `10.0.0.1@context`" } else { "mend the one that is wrong" });
            report.at(asset.common.place_of(key), diagnostic);
        }
    }
}

struct Held<'p> {
    zone: &'p Zone,
    network: &'p ZoneNetwork,
}

/// Networks of different zones within one context that lie within each other, though neither zone is part of the other.
fn overlaps(plant: &Plant, report: &mut Report<'_>) {
    let mut by_context: BTreeMap<Option<&str>, Vec<Held<'_>>> = BTreeMap::new();
    for zone in plant.zones.values() {
        for network in &zone.networks {
            by_context.entry(network.context.as_deref()).or_default().push(Held { zone, network });
        }
    }
    for held in by_context.values_mut() {
        held.sort_by_key(|held| (held.network.network.address(), held.network.network.prefix()));
        // Networks either nest or are apart: those around the present one are a stack, never more than a prefix is long.
        let mut around: Vec<&Held<'_>> = Vec::new();
        for inner in held.iter() {
            while around.last().is_some_and(|outer| !holds(outer.network.network, inner.network.network)) {
                around.pop();
            }
            if let Some(outer) =
                around.iter().rev().take(NEAREST_MAX).find(|outer| disputed(plant, outer, inner))
            {
                report_overlap(outer, inner, report);
            }
            // A hostile plant may say the same network a thousand times; one of them is enough to compare with.
            if around.last().is_none_or(|outer| {
                outer.network.network != inner.network.network || outer.zone.id != inner.zone.id
            }) && around.len() < AROUND_MAX
            {
                around.push(inner);
            }
        }
    }
}

/// Networks around one another that are kept: prefixes are at most 128 long.
const AROUND_MAX: usize = 160;

/// Of those, how many of the narrowest are compared.
const NEAREST_MAX: usize = 8;

fn holds(outer: Network, inner: Network) -> bool {
    outer.prefix() <= inner.prefix() && outer.contains(inner.address())
}

fn disputed(plant: &Plant, outer: &Held<'_>, inner: &Held<'_>) -> bool {
    let apart_by_vlan = matches!((outer.network.vlan, inner.network.vlan), (Some(a), Some(b)) if a != b);
    let part_of = |zone: &ZoneId, whole: &ZoneId| ancestry(plant, zone).any(|zone| zone == whole);
    let (outer, inner) = (&outer.zone.id, &inner.zone.id);
    // Equal networks have no outer one: part of each other either way is no dispute.
    outer != inner && !apart_by_vlan && !part_of(inner, outer) && !part_of(outer, inner)
}

fn report_overlap(outer: &Held<'_>, inner: &Held<'_>, report: &mut Report<'_>) {
    let (a, b) = (&outer.zone.id, &inner.zone.id);
    let message = format!(
        "network {} of zone `{b}` lies within {} of zone `{a}`",
        inner.network.network, outer.network.network
    );
    let place: &Place = inner.zone.common.place_of("networks");
    let diagnostic = Diagnostic::warning("plant/overlapping-networks", message)
        .because("an address in both is taken to be in the narrower one")
        .help(format!("make `{b}` part of `{a}` (`parent = \"{a}\"`), or tell them apart by `context`"));
    report.at(place, diagnostic);
}
