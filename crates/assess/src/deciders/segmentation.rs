//! How networks are separated: ways round the boundary, hosts in two zones, zones on one line.

use super::boundary::Boundary;
use super::boundary_protection::shown;
use super::gather::{Gather, Reason};
use super::{Decider, Judged, Judgement, Power, Says, World, Worlds};
use crate::declared::Conduits;
use crate::rules::asset::dual_homed_assets;
use crate::rules::declared_at;
use crate::verification::PathName;
use std::collections::{BTreeMap, BTreeSet};
use zonewright_plant::id::ZoneId;
use zonewright_plant::model::{Evidence, Zone, ZoneType};

pub(super) static SEPARATION: Decider = Decider {
    code: "separation",
    title: "ways round the boundary, and hosts that stand in two zones",
    requirements: &[("SR 5.1", Power::Refute), ("SR 5.1", Power::Support)],
    reads: &["captures", "configurations", "inventories"],
    coverage: "to refute, one path or host; for support, a configuration of every device that enforces the boundary, read whole, with an interface of its own towards each zone",
    says: "What passed between two zones although the enforcing device closes it took another way, so the networks are not separated there; nor are they where a host that is no boundary device has addresses in both. Devices that stand between the zones with an interface for each speak for separation.",
    limits: "A configuration that is older or younger than the capture makes traffic look as if it went round it. A second way that nobody used in the window, and that the inventory does not know, is not seen: so it never decides.",
    judge: separation,
};

pub(super) static SHARED_LINE: Decider = Decider {
    code: "shared-line",
    title: "networks that share a line",
    requirements: &[("SR 5.1 RE(1)", Power::Refute), ("SR 5.1 RE(3)", Power::Refute)],
    reads: &["configurations"],
    coverage: "an enforcing device's configuration that says which interface faces which zone",
    says: "Two zones behind VLANs of one interface (`eth1.10` and `eth1.20`) share a line: they are separated logically and not physically. That refutes RE(1) where one of them is a control network and the other none, or where one is a safety zone; for a safety zone it refutes RE(3) too.",
    limits: "VLANs are told by interface names of the form NAME.NUMBER; others, and switches that carry several zones, are not found. So it never decides.",
    judge: shared_line,
};

fn separation(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    let mut broken: BTreeSet<Judged> = BTreeSet::new();
    let round = |name| matches!(name, PathName::UndeclaredBypass | PathName::Bypass);
    for path in worlds.verification.paths.iter().filter(|path| round(path.name) && worlds.passed(path)) {
        let what = "traffic took another way than through the enforcing device, which closes it";
        broken.extend(worlds.sides(path));
        gather.path(&Reason::refuting(&["SR 5.1"], World::Observed, what), worlds.sides(path), worlds, path);
    }
    for (asset, zones) in dual_homed_assets(worlds.plant) {
        let inside = zones.iter().filter_map(|zone| worlds.inside(Some(zone)));
        let subjects: BTreeSet<Judged> = inside.map(|zone| Judged::Zone(zone.id.clone())).collect();
        let names = crate::words::list(zones.iter().map(|zone| zone.as_str()));
        let what = format!("a host has addresses in {names} and is no boundary device");
        broken.extend(subjects.iter().cloned());
        let place = declared_at(&asset.common, "ips");
        gather.add(
            &Reason::refuting(&["SR 5.1"], World::Observed, &what),
            subjects,
            asset.id.as_str(),
            asset.id.as_str(),
            &[place],
        );
    }
    let conduits = worlds.plant.conduits.values().filter(|conduit| !conduit.common.proposed);
    for conduit in conduits {
        support(
            &mut gather,
            worlds.boundaries().conduit(&conduit.id),
            &broken,
            Judged::Conduit(conduit.id.clone()),
        );
    }
    for zone in worlds.zones() {
        support(&mut gather, worlds.boundaries().zone(&zone.id), &broken, Judged::Zone(zone.id.clone()));
    }
    gather.finish()
}

fn support(gather: &mut Gather, boundary: Option<&Boundary<'_>>, broken: &BTreeSet<Judged>, subject: Judged) {
    let Some(boundary) = boundary.filter(|b| b.is_known && !broken.contains(&subject)) else { return };
    let reason = Reason {
        requirements: &["SR 5.1"],
        says: Says::Supports,
        world: World::Configured,
        what: "a device with an interface for each zone stands between them",
    };
    shown(gather, boundary, &reason, subject);
}

fn shared_line(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    let conduits = Conduits::new(worlds.plant);
    for configuration in worlds.configurations {
        let evidence = configuration.evidence;
        for (line, zones) in lines(evidence) {
            let zones: Vec<&Zone> = zones.iter().filter_map(|zone| worlds.plant.zones.get(*zone)).collect();
            for (at, a) in zones.iter().enumerate() {
                for b in zones.iter().skip(at + 1).filter(|b| is_apart(a, b)) {
                    pair(&mut gather, worlds, &conduits, evidence, line, (a, b));
                }
            }
        }
    }
    gather.finish()
}

/// The zones behind each line: the interface, or that of which it is a VLAN.
fn lines(evidence: &Evidence) -> BTreeMap<&str, BTreeSet<&ZoneId>> {
    let mut lines: BTreeMap<&str, BTreeSet<&ZoneId>> = BTreeMap::new();
    for facing in &evidence.interfaces {
        let is_vlan = |number: &str| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let line = match facing.interface.rsplit_once('.') {
            Some((line, number)) if is_vlan(number) => line,
            _ => &facing.interface,
        };
        lines.entry(line).or_default().insert(&facing.zone);
    }
    lines
}

/// Is one of them a control network and the other none, or one of them a safety zone?
fn is_apart(a: &Zone, b: &Zone) -> bool {
    (is_control(a) != is_control(b)) || (is_safety(a) != is_safety(b))
}

fn is_safety(zone: &Zone) -> bool {
    zone.zone_type == Some(ZoneType::Safety) || zone.safety_related == Some(true)
}

/// Is it a network of control systems?
pub(super) fn is_control(zone: &Zone) -> bool {
    zone.inside
        && (is_safety(zone) || matches!(zone.zone_type, Some(ZoneType::Control | ZoneType::Supervisory)))
}

fn pair(
    gather: &mut Gather,
    worlds: &Worlds<'_>,
    conduits: &Conduits<'_>,
    evidence: &Evidence,
    line: &str,
    (a, b): (&Zone, &Zone),
) {
    let what = format!("{} and {} share the line {line}", a.id, b.id);
    let reason =
        |requirements| Reason { requirements, says: Says::Refutes, world: World::Configured, what: &what };
    let zones = [a, b].into_iter().filter_map(|zone| worlds.inside(Some(&zone.id)));
    let zones: Vec<&Zone> = zones.collect();
    let between = conduits.between(&a.id, &b.id).into_iter().map(|c| Judged::Conduit(c.id.clone()));
    let all: BTreeSet<Judged> =
        zones.iter().map(|zone| Judged::Zone(zone.id.clone())).chain(between.clone()).collect();
    let who = evidence.device.as_ref().map_or(evidence.id.as_str(), |device| device.as_str());
    let place = [declared_at(&evidence.common, "interface")];
    gather.add(&reason(&["SR 5.1 RE(1)"]), all, evidence.id.as_str(), who, &place);
    let safety: BTreeSet<Judged> =
        zones.iter().filter(|zone| is_safety(zone)).map(|zone| Judged::Zone(zone.id.clone())).collect();
    if !safety.is_empty() {
        let subjects: BTreeSet<Judged> = safety.into_iter().chain(between).collect();
        gather.add(&reason(&["SR 5.1 RE(3)"]), subjects, evidence.id.as_str(), who, &place);
    }
}
