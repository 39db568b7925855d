//! Checks of how records hang together: circles, membership, ends of permits.

use super::super::limit;
use super::Report;
use crate::Plant;
use crate::id::{AssetId, ConduitId, CountermeasureId, ZoneId};
use crate::model::{AssetKind, Conduit, Endpoint, Permit};
use std::collections::{BTreeMap, BTreeSet};
use zonewright_source::Diagnostic;

pub(super) fn check(plant: &Plant, report: &mut Report<'_>) {
    zone_circles(plant, report);
    zone_depth(plant, report);
    countermeasure_circles(plant, report);
    membership(plant, report);
    conduits(plant, report);
    exclusions(plant, report);
    if report.members > limit::MEMBERS_MAX {
        let message = format!(
            "groups named by permits have more than {} members in all; not every end was checked",
            limit::MEMBERS_MAX
        );
        let place = plant.groups.values().next().map(|group| group.common.place.clone());
        if let Some(place) = place {
            report.at(
                &place,
                Diagnostic::warning("plant/limit", message).help("name zones instead of large groups"),
            );
        }
    }
}

/// The zone and what it is part of, inmost first; no further than zones may nest, so that a circle ends too.
pub(super) fn ancestry<'p>(plant: &'p Plant, zone: &'p ZoneId) -> impl Iterator<Item = &'p ZoneId> {
    let mut left = limit::ZONE_DEPTH_MAX;
    std::iter::successors(Some(zone), move |zone| {
        left = left.checked_sub(1)?;
        plant.zones.get(*zone)?.parent.as_ref()
    })
}

/// Circles of a graph in which every node has at most some edges: each is given once, from its least node.
fn circles<'g, N: Ord>(graph: &BTreeMap<&'g N, Vec<&'g N>>) -> Vec<Vec<&'g N>> {
    let mut done: BTreeSet<&N> = BTreeSet::new();
    let mut found = Vec::new();
    for start in graph.keys() {
        // Depth first with a stack of our own: a hostile chain of 100,000 must not end ours.
        let mut path: Vec<(&N, usize)> = Vec::new();
        let mut on_path: BTreeSet<&N> = BTreeSet::new();
        if !done.contains(start) {
            path.push((start, 0));
            on_path.insert(start);
        }
        while let Some((node, next)) = path.last_mut() {
            let node: &N = node;
            let Some(to) = graph.get(node).and_then(|edges| edges.get(*next)).copied() else {
                done.insert(node);
                on_path.remove(node);
                path.pop();
                continue;
            };
            *next += 1;
            if on_path.contains(to) && found.len() < limit::DIAGNOSTICS_OF_A_CODE_MAX {
                found.push(path.iter().map(|(node, _)| *node).skip_while(|node| *node != to).collect());
            } else if !done.contains(to) && !on_path.contains(to) {
                on_path.insert(to);
                path.push((to, 0));
            }
        }
    }
    found
}

fn circle_text<N: std::fmt::Display>(circle: &[&N]) -> String {
    let mut names: Vec<String> = circle.iter().take(8).map(|node| format!("`{node}`")).collect();
    if circle.len() > 8 {
        names.push(format!("… {} more", circle.len() - 8));
    }
    names.extend(circle.first().map(|node| format!("`{node}`")));
    names.join(" → ")
}

fn zone_circles(plant: &Plant, report: &mut Report<'_>) {
    let graph: BTreeMap<&ZoneId, Vec<&ZoneId>> =
        plant.zones.iter().map(|(id, zone)| (id, zone.parent.iter().collect())).collect();
    for circle in circles(&graph) {
        let Some(zone) = circle.first().and_then(|id| plant.zones.get(*id)) else { continue };
        let diagnostic = Diagnostic::error(
            "plant/circle",
            format!("zones are part of each other: {}", circle_text(&circle)),
        )
        .because("a zone is part of at most one other, and none of itself")
        .help("remove one of these `parent`");
        report.at(zone.common.place_of("parent"), diagnostic);
    }
}

/// Zones deeper than zones may nest; members of circles were told already.
fn zone_depth(plant: &Plant, report: &mut Report<'_>) {
    for (id, zone) in &plant.zones {
        if ancestry(plant, id).count() > limit::ZONE_DEPTH_MAX && !is_in_circle(plant, id) {
            let message = format!("zone `{id}` is nested deeper than {} levels", limit::ZONE_DEPTH_MAX);
            let diagnostic = Diagnostic::error("plant/limit", message).help("make the zones flatter");
            report.at(zone.common.place_of("parent"), diagnostic);
        }
    }
}

/// Does the way up from the zone come by the same zone twice?
fn is_in_circle(plant: &Plant, zone: &ZoneId) -> bool {
    let mut seen = BTreeSet::new();
    !ancestry(plant, zone).all(|zone| seen.insert(zone))
}

fn countermeasure_circles(plant: &Plant, report: &mut Report<'_>) {
    let graph: BTreeMap<&CountermeasureId, Vec<&CountermeasureId>> =
        plant.countermeasures.iter().map(|(id, c)| (id, c.prerequisites.iter().collect())).collect();
    for circle in circles(&graph) {
        let Some(countermeasure) = circle.first().and_then(|id| plant.countermeasures.get(*id)) else {
            continue;
        };
        let message = format!("countermeasures need each other first: {}", circle_text(&circle));
        let diagnostic =
            Diagnostic::error("plant/circle", message).help("remove one of these `prerequisites`");
        report.at(countermeasure.common.place_of("prerequisites"), diagnostic);
    }
}

fn exclusions(plant: &Plant, report: &mut Report<'_>) {
    for (id, countermeasure) in &plant.countermeasures {
        for other in
            countermeasure.exclusions.iter().filter(|other| countermeasure.prerequisites.contains(other))
        {
            let message = format!("countermeasure `{id}` both needs and excludes `{other}`");
            let diagnostic = Diagnostic::error("plant/contradiction", message).help("keep one of the two");
            report.at(countermeasure.common.place_of("exclusions"), diagnostic);
        }
    }
}

fn membership(plant: &Plant, report: &mut Report<'_>) {
    for (id, asset) in &plant.assets {
        if let (Some(zone), Some(conduit)) = (&asset.zone, &asset.conduit) {
            let message = format!("asset `{id}` belongs to zone `{zone}` and to conduit `{conduit}`");
            let diagnostic = Diagnostic::error("plant/contradiction", message)
                .because("an asset belongs to one zone or conduit (62443-3-2, ZCR 3.1)")
                .help("keep one of the two");
            report.at(asset.common.place_of("conduit"), diagnostic);
        }
    }
}

fn conduits(plant: &Plant, report: &mut Report<'_>) {
    for (id, conduit) in &plant.conduits {
        let zones: BTreeSet<&ZoneId> = conduit.zones.iter().collect();
        if zones.len() < conduit.zones.len() {
            let diagnostic =
                Diagnostic::warning("plant/repeated", format!("conduit `{id}` names a zone twice"));
            report.at(conduit.common.place_of("zones"), diagnostic.help("name each zone once"));
        }
        if zones.len() < 2 {
            let diagnostic = Diagnostic::error(
                "plant/conduit-ends",
                format!(
                    "conduit `{id}` joins {}",
                    if zones.is_empty() { "no zones" } else { "only one zone" }
                ),
            )
            .because("a conduit joins two or more zones; within a zone nothing needs a conduit")
            .help("name the zones at its ends: `zones = [\"…\", \"…\"]`");
            report.at(conduit.common.place_of("zones"), diagnostic);
        }
        for device in &conduit.enforced_by {
            enforcing_device(plant, id, conduit, device, report);
        }
        for permit in &conduit.permits {
            permit_ends(plant, id, &zones, permit, report);
        }
    }
}

fn enforcing_device(
    plant: &Plant,
    id: &ConduitId,
    conduit: &Conduit,
    device: &AssetId,
    report: &mut Report<'_>,
) {
    use AssetKind::{AccessPoint, DataDiode, Firewall, Gateway, RemoteAccess, Router, Switch};
    let Some(kind) = plant.assets.get(device).and_then(|asset| asset.kind) else { return };
    if !matches!(kind, Firewall | Router | Switch | Gateway | DataDiode | AccessPoint | RemoteAccess) {
        let message =
            format!("conduit `{id}` is enforced by `{device}`, which is of kind `{}`", kind.as_str());
        let diagnostic = Diagnostic::warning("plant/enforcing-device", message)
            .because("a firewall, router, switch, gateway or data diode can enforce what passes")
            .help("name the device that stands in the way of the traffic");
        report.at(conduit.common.place_of("enforced_by"), diagnostic);
    }
}

fn permit_ends(
    plant: &Plant,
    conduit: &ConduitId,
    zones: &BTreeSet<&ZoneId>,
    permit: &Permit,
    report: &mut Report<'_>,
) {
    for (key, ends) in [("from", &permit.from), ("to", &permit.to)] {
        if ends.is_empty() && !permit.common.key_places.contains_key(key) {
            let diagnostic =
                Diagnostic::error("plant/missing-key", format!("permit `{}` has no `{key}`", permit.id))
                    .help("name a zone, an asset or a group");
            report.at(&permit.common.place, diagnostic);
        }
        for end in ends {
            if let Endpoint::Group(group) = end {
                report.members += plant.groups.get(group).map_or(0, |group| group.assets.len());
                if report.members > limit::MEMBERS_MAX {
                    continue;
                }
            }
            // Where an end of the conduit is unknown, that is said, and nothing more follows from it.
            if zones.len() < 2 || zones.iter().any(|zone| !plant.zones.contains_key(*zone)) {
                continue;
            }
            let Some(outside) = outside(plant, conduit, zones, end) else { continue };
            let message = format!(
                "permit `{}` names {outside}, outside the zones that conduit `{conduit}` joins",
                permit.id
            );
            let diagnostic = Diagnostic::warning("plant/permit-outside-conduit", message)
                .because("a permit is for traffic through its conduit; this end never sends through it")
                .help("move the permit to the conduit of that zone, or add the zone to this one");
            report.at(permit.common.place_of(key), diagnostic);
        }
    }
}

/// How a message names the part of `end` that is outside the zones of a conduit, if there is one.
fn outside(plant: &Plant, conduit: &ConduitId, zones: &BTreeSet<&ZoneId>, end: &Endpoint) -> Option<String> {
    let within = |zone: &ZoneId| ancestry(plant, zone).any(|zone| zones.contains(zone));
    let asset_outside = |id: &AssetId| {
        let asset = plant.assets.get(id)?;
        if asset.conduit.as_ref() == Some(conduit) {
            return None;
        }
        let zone = asset.zone.as_ref().filter(|zone| !within(zone))?;
        Some(format!("asset `{id}` of zone `{zone}`"))
    };
    match end {
        Endpoint::Zone(zone) => (!within(zone)).then(|| format!("zone `{zone}`")),
        Endpoint::Asset(asset) => asset_outside(asset),
        Endpoint::Group(group) => {
            let outside = plant.groups.get(group)?.assets.iter().find_map(asset_outside)?;
            Some(format!("group `{group}` with {outside}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found_once_and_long_chains_cost_no_stack() {
        let nodes: Vec<u32> = (0..200_000).collect();
        let mut graph: BTreeMap<&u32, Vec<&u32>> =
            nodes.iter().zip(nodes.iter().skip(1)).map(|(a, b)| (a, vec![b])).collect();
        assert!(circles(&graph).is_empty());
        graph.insert(nodes.last().unwrap(), vec![nodes.get(199_998).unwrap()]);
        assert_eq!(circles(&graph), vec![vec![nodes.get(199_998).unwrap(), nodes.last().unwrap()]]);
    }
}
