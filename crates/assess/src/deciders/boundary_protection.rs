//! What passes, and what could pass, the boundary of a zone.

use super::boundary::Boundary;
use super::gather::{Gather, Reason};
use super::{Decider, Judged, Judgement, Power, Says, World, Worlds};
use crate::services::is_any;
use crate::verification::{Configured, Declared, Path, PathName};
use std::collections::{BTreeMap, BTreeSet};
use zonewright_plant::id::PermitId;
use zonewright_plant::model::{Conduit, Permit};

pub(super) static CONTROL: Decider = Decider {
    code: "boundary-control",
    title: "what passes and what is open at a boundary, against what permits declare",
    requirements: &[("SR 5.2", Power::Decide), ("SR 5.2 RE(1)", Power::Decide)],
    reads: &["captures", "configurations"],
    coverage: "to refute, one path that passed or is surely open; for met, a complete configuration of every device that enforces the boundary, read without a line left over, that passes nothing but what permits declare, also from and to interfaces of which no zone is known; for SR 5.2 also that it records what it refuses",
    says: "What passed a boundary and no permit declares, and what a configuration surely opens beyond the permits, is not controlled (SR 5.2). Openness for every protocol, or under a permit for everything, is no exception but the rule (RE(1)). A boundary that is shown to pass what permits declare and nothing else denies by default (RE(1) met), and with a record of what it refuses is watched too (SR 5.2 met; else this speaks for it).",
    limits: "The configuration at hand is taken for the one in force. A way round the devices that no capture shows is not known. A packet filter cannot tell functions apart: what a permit says of functions is controlled only as far as captures show that they are kept to. Zones with parts are judged at their parts.",
    judge: control,
};

pub(super) static LEAST_FUNCTIONALITY: Decider = Decider {
    code: "open-without-need",
    title: "what is open at a boundary without a need",
    requirements: &[("SR 7.7", Power::Decide)],
    reads: &["captures", "configurations"],
    coverage: "to refute, one service that is surely open and not declared, or that passed after its permit had ended; for met, at a conduit, the coverage of `boundary-control`, a purpose for every permit, and no permit that captures show to be idle",
    says: "Ports and services that are open between two zones though nobody declares a need, and those of which the declared need has ended, are not prohibited. A conduit that passes what permits with a purpose declare and nothing else has what is not needed closed.",
    limits: "What components offer within their zone is not judged: it is not known whether somebody needs it. An idle permit is a question to its owner, not a refutation.",
    judge: least_functionality,
};

fn control(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    let everything = permits_for_everything(worlds);
    for path in &worlds.verification.paths {
        if let Some((world, what)) = uncontrolled(worlds, path) {
            let reason = Reason { requirements: &["SR 5.2"], says: Says::Refutes, world, what };
            gather.path(&reason, worlds.sides(path), worlds, path);
        }
        if let Some(what) = not_by_exception(&everything, path) {
            let reason = Reason {
                requirements: &["SR 5.2 RE(1)"],
                says: Says::Refutes,
                world: World::Configured,
                what,
            };
            gather.path(&reason, worlds.sides(path), worlds, path);
        }
    }
    for (boundary, conduits, subject) in boundaries(worlds) {
        let any = conduits.iter().flat_map(|conduit| &conduit.permits).any(is_any);
        if !boundary.is_decided() || conduits.is_empty() || any {
            continue;
        }
        let add = |gather: &mut Gather, requirement, says, what| {
            let reason = Reason { requirements: &[requirement], says, world: World::Configured, what };
            shown(gather, boundary, &reason, subject.clone());
        };
        add(&mut gather, "SR 5.2 RE(1)", Says::Met, "nothing passes but what permits declare");
        if boundary.logs_refusals {
            let what = "nothing passes but what permits declare, and what is refused is recorded";
            add(&mut gather, "SR 5.2", Says::Met, what);
        } else {
            add(&mut gather, "SR 5.2", Says::Supports, "nothing passes but what permits declare");
        }
    }
    gather.finish()
}

/// Adds what the configurations of a boundary show.
pub(super) fn shown(gather: &mut Gather, boundary: &Boundary<'_>, reason: &Reason<'_>, subject: Judged) {
    let who = format!("configuration of {}", boundary.names());
    gather.add(reason, [subject], &boundary.reference(), &who, &boundary.places());
}

/// Every boundary with its conduits and whom to judge. An inner zone is bound by the conduits of the zones it is part of too.
pub(super) fn boundaries<'w, 'a>(
    worlds: &'w Worlds<'a>,
) -> Vec<(&'w Boundary<'a>, Vec<&'a Conduit>, Judged)> {
    let declared = || worlds.plant.conduits.values().filter(|conduit| !conduit.common.proposed);
    let mut by_zone: BTreeMap<_, Vec<&'a Conduit>> = BTreeMap::new();
    for conduit in declared() {
        for zone in conduit.zones.iter().collect::<BTreeSet<_>>() {
            by_zone.entry(zone).or_default().push(conduit);
        }
    }
    let known = worlds.boundaries();
    let conduits = declared().filter_map(|conduit| {
        Some((known.conduit(&conduit.id)?, vec![conduit], Judged::Conduit(conduit.id.clone())))
    });
    let zones = worlds.zones().filter_map(|zone| {
        let lineage = crate::whereabouts::lineage(worlds.plant, &zone.id);
        let conduits = lineage.filter_map(|zone| by_zone.get(zone)).flatten().copied().collect();
        Some((known.zone(&zone.id)?, conduits, Judged::Zone(zone.id.clone())))
    });
    conduits.chain(zones).collect()
}

fn permits_for_everything<'a>(worlds: &Worlds<'a>) -> BTreeSet<&'a PermitId> {
    let permits = worlds.plant.conduits.values().flat_map(|conduit| &conduit.permits);
    permits.filter(|permit| is_any(permit)).map(|permit: &Permit| &permit.id).collect()
}

/// Why a path shows that the boundary does not enforce the zones and conduits, if it does.
fn uncontrolled(worlds: &Worlds<'_>, path: &Path) -> Option<(World, &'static str)> {
    match path.name {
        PathName::UndeclaredBypass | PathName::Undocumented if worlds.passed(path) => {
            let what = match path.declared {
                Declared::FunctionNotPermitted => "functions passed that no permit allows",
                Declared::WrongDirection => "traffic passed that the end began which may only answer",
                Declared::Expired => "traffic passed after its permit had ended",
                _ => "traffic passed that no permit declares",
            };
            Some((World::Observed, what))
        }
        PathName::Bypass if worlds.passed(path) => {
            Some((World::Observed, "traffic passed that the enforcing device closes"))
        }
        PathName::UnknownEndpoint
            if path.enforcement_shown
                && matches!(path.configured, Configured::Open | Configured::Partly)
                && worlds.passed(path) =>
        {
            Some((World::Observed, "traffic passed from or to an address of no zone"))
        }
        PathName::Excess if path.configured == Configured::Open => {
            Some((World::Configured, "a service is open that no permit declares"))
        }
        _ => None,
    }
}

/// Why what is open is no exception, if it is none.
fn not_by_exception(everything: &BTreeSet<&PermitId>, path: &Path) -> Option<&'static str> {
    if path.configured != Configured::Open {
        return None;
    }
    if path.name == PathName::Excess && path.protocol == "any" {
        return Some("every protocol is open though no permit declares it");
    }
    let by_permit = path.permit.as_ref().is_some_and(|permit| everything.contains(permit));
    by_permit.then_some("every protocol is open, under a permit for everything")
}

fn least_functionality(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    for path in &worlds.verification.paths {
        let said = match (path.name, path.declared) {
            (PathName::Excess, _) if path.configured == Configured::Open => {
                Some((World::Configured, "a service is open for which nobody declares a need"))
            }
            (PathName::Undocumented, Declared::Expired) if worlds.passed(path) => {
                Some((World::Observed, "a service is open for which the declared need has ended"))
            }
            _ => None,
        };
        if let Some((world, what)) = said {
            let reason = Reason { requirements: &["SR 7.7"], says: Says::Refutes, world, what };
            let origin = Judged::Zone(path.from_zone.as_str().into());
            let reached = worlds.sides(path).into_iter().filter(|side| *side != origin);
            gather.path(&reason, reached, worlds, path);
        }
    }
    for conduit in worlds.plant.conduits.values().filter(|conduit| !conduit.common.proposed) {
        let Some(boundary) = worlds.boundaries().conduit(&conduit.id).filter(|b| b.is_decided()) else {
            continue;
        };
        let idle = worlds.paths_of_conduit(&conduit.id).iter().any(|path| path.name == PathName::Idle);
        let purposeful = conduit.permits.iter().all(|permit| permit.purpose.is_some() && !is_any(permit));
        let says = if idle || !purposeful { Says::Supports } else { Says::Met };
        let reason = Reason {
            requirements: &["SR 7.7"],
            says,
            world: World::Configured,
            what: "nothing is open but what permits declare a need for",
        };
        shown(&mut gather, boundary, &reason, Judged::Conduit(conduit.id.clone()));
    }
    gather.finish()
}
