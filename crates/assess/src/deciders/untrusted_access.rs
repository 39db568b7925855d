//! Access from networks that are not trusted.

use super::boundary::Boundary;
use super::boundary_protection::shown;
use super::gather::{Gather, Reason};
use super::{Decider, Judged, Judgement, Power, Says, World, Worlds};
use crate::rules::path::UNMET_MONITORING;
use crate::verification::{Configured, Declared, Path, PathName, Unmet};
use crate::whereabouts::lineage;
use std::collections::BTreeSet;
use zonewright_plant::id::ZoneId;
use zonewright_plant::model::{Conduit, Protection};

pub(super) static DECIDER: Decider = Decider {
    code: "access-from-untrusted",
    title: "access from networks that are not trusted",
    requirements: &[("SR 1.13", Power::Decide), ("SR 1.13 RE(1)", Power::Decide)],
    reads: &["captures", "configurations"],
    coverage: "to refute, one path that passed or is surely open; for met, a complete configuration of every device that enforces the zone's boundary, without a deviation, and no conduit that joins the zone with one that is not trusted",
    says: "What came in from a zone that is not trusted, or from an address of no zone, and that no permit approves (or no longer), was not controlled; the same holds for what a configuration surely lets in. A conduit with such a zone that asks for monitoring and is not monitored leaves the access unwatched. Where the boundary lets nothing in from untrusted networks at all, both are met; where all that a monitored conduit lets in is declared, that speaks for it.",
    limits: "Access that comes over another zone (a jump host) is judged at that zone. A modem or radio beside the network is seen by no firewall. Whether a request is approved each time is not in the evidence.",
    judge,
};

fn judge(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    for path in &worlds.verification.paths {
        if let Some(from) = untrusted_origin(worlds, path) {
            of_path(worlds, &mut gather, path, &from);
        }
    }
    let unwatched = unwatched(worlds);
    for conduit in
        worlds.plant.conduits.values().filter(|c| !c.common.proposed && reaches_untrusted(worlds, c))
    {
        let Some(boundary) = worlds.boundaries().conduit(&conduit.id) else { continue };
        if boundary.is_decided()
            && conduit.monitoring == Protection::Required
            && !unwatched.contains(conduit.id.as_str())
        {
            let what = "what comes in from the untrusted side is what permits declare, and is recorded";
            add(
                &mut gather,
                boundary,
                Says::Supports,
                &["SR 1.13"],
                what,
                Judged::Conduit(conduit.id.clone()),
            );
        }
    }
    let exposed = exposed_zones(worlds);
    for zone in worlds.zones().filter(|zone| !lineage(worlds.plant, &zone.id).any(|id| exposed.contains(id)))
    {
        let Some(boundary) = worlds.boundaries().zone(&zone.id) else { continue };
        if boundary.is_decided() && zone.trusted {
            let what = "nothing is let in directly from an untrusted network";
            let both = ["SR 1.13", "SR 1.13 RE(1)"];
            add(&mut gather, boundary, Says::Met, &both, what, Judged::Zone(zone.id.clone()));
        }
    }
    gather.finish()
}

fn add(
    gather: &mut Gather,
    boundary: &Boundary<'_>,
    says: Says,
    requirements: &[&'static str],
    what: &str,
    subject: Judged,
) {
    let reason = Reason { requirements, says, world: World::Configured, what };
    shown(gather, boundary, &reason, subject);
}

/// The untrusted side that a path begins in, in words, if it reaches an inside zone.
fn untrusted_origin(worlds: &Worlds<'_>, path: &Path) -> Option<String> {
    worlds.inside(Some(&ZoneId::from(path.to_zone.as_str())))?;
    let from = ZoneId::from(path.from_zone.as_str());
    match worlds.plant.zones.get(&from) {
        Some(zone) => (!zone.trusted).then(|| format!("{from}, which is not trusted,")),
        None => Some("an address of no zone".to_string()),
    }
}

fn of_path(worlds: &Worlds<'_>, gather: &mut Gather, path: &Path, from: &str) {
    let subjects = || -> BTreeSet<Judged> {
        worlds
            .sides(path)
            .into_iter()
            .filter(|side| *side != Judged::Zone(path.from_zone.as_str().into()))
            .collect()
    };
    let passed =
        matches!(path.name, PathName::Undocumented | PathName::UndeclaredBypass | PathName::UnknownEndpoint)
            && worlds.passed(path);
    let open = path.name == PathName::Excess && path.configured == Configured::Open;
    if passed {
        let (requirements, why): (&[&'static str], _) = match path.declared {
            Declared::FunctionNotPermitted => (&["SR 1.13"], "used functions that its permit does not allow"),
            Declared::Expired => (&["SR 1.13", "SR 1.13 RE(1)"], "came in though its permit had ended"),
            _ => (&["SR 1.13", "SR 1.13 RE(1)"], "came in though no permit approves it"),
        };
        let what = format!("access from {from} {why}");
        gather.path(&Reason::refuting(requirements, World::Observed, &what), subjects(), worlds, path);
    } else if open {
        let what = format!("access from {from} is open though no permit approves it");
        let both = ["SR 1.13", "SR 1.13 RE(1)"];
        gather.path(&Reason::refuting(&both, World::Configured, &what), subjects(), worlds, path);
    }
    if path.unmet.contains(&Unmet::Monitoring) {
        let what = format!("access from {from} is not recorded by the enforcing device");
        gather.path(&Reason::refuting(&["SR 1.13"], World::Configured, &what), subjects(), worlds, path);
    }
}

fn reaches_untrusted(worlds: &Worlds<'_>, conduit: &Conduit) -> bool {
    conduit.zones.iter().any(|zone| worlds.is_untrusted(zone))
}

/// The zones that a conduit joins with one that is not trusted.
fn exposed_zones<'a>(worlds: &Worlds<'a>) -> BTreeSet<&'a ZoneId> {
    let conduits = worlds.plant.conduits.values().filter(|conduit| !conduit.common.proposed);
    conduits.filter(|conduit| reaches_untrusted(worlds, conduit)).flat_map(|conduit| &conduit.zones).collect()
}

/// The conduits of which the enforcing device does not record new connections though that is asked for.
fn unwatched<'w>(worlds: &'w Worlds<'_>) -> BTreeSet<&'w str> {
    let findings = worlds.verification.findings.iter().filter(|f| f.rule == UNMET_MONITORING.code);
    findings.map(|finding| finding.subject.id.as_str()).collect()
}
