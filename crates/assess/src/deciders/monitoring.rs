//! Whether what passes, and what is refused, is watched.

use super::boundary_protection::{boundaries, shown};
use super::gather::{Gather, Reason};
use super::{Decider, Judged, Judgement, Power, Says, World, Worlds};
use crate::rules::path::UNMET_MONITORING;
use std::collections::BTreeMap;
use zonewright_plant::Finding;
use zonewright_plant::id::ConduitId;
use zonewright_plant::model::Protection;

pub(super) static DECIDER: Decider = Decider {
    code: "boundary-monitoring",
    title: "whether what passes and what is refused is recorded",
    requirements: &[("SR 6.2", Power::Refute), ("SR 6.2", Power::Support)],
    reads: &["configurations"],
    coverage: "a configuration of the enforcing devices; for support of every one of them",
    says: "A conduit that asks for monitoring and whose enforcing device records no new connections of a permit is not watched. One whose devices record them, and a boundary where what is refused is recorded, have something that can be watched.",
    limits: "That records are looked at all the time, and that somebody is told, is not in a configuration: it never decides. A monitor on a mirror port is not known: claim it, with its evidence.",
    judge,
};

fn judge(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    let findings = worlds.verification.findings.iter().filter(|f| f.rule == UNMET_MONITORING.code);
    let unwatched: BTreeMap<ConduitId, &Finding> =
        findings.map(|finding| (ConduitId::from(finding.subject.id.as_str()), finding)).collect();
    for (conduit, finding) in &unwatched {
        let Some((conduit, _)) = worlds.plant.conduits.get_key_value(conduit) else { continue };
        let boundary = worlds.boundaries().conduit(conduit);
        let reason = Reason {
            requirements: &["SR 6.2"],
            says: Says::Refutes,
            world: World::Configured,
            what: &finding.message,
        };
        let reference = boundary.map(super::Boundary::reference).unwrap_or_default();
        let who = boundary.map(super::Boundary::names).unwrap_or_default();
        gather.add(&reason, [Judged::Conduit(conduit.clone())], &reference, &who, &finding.evidence);
    }
    for (boundary, conduits, subject) in boundaries(worlds).into_iter().filter(|(b, ..)| b.is_known) {
        let watched = matches!(conduits.as_slice(), [conduit]
            if conduit.monitoring == Protection::Required && !unwatched.contains_key(&conduit.id));
        let what = match &subject {
            Judged::Conduit(_) if watched => "new connections of every permit are recorded",
            _ if boundary.logs_refusals => "what is refused is recorded",
            _ => continue,
        };
        let reason =
            Reason { requirements: &["SR 6.2"], says: Says::Supports, world: World::Configured, what };
        shown(&mut gather, boundary, &reason, subject);
    }
    gather.finish()
}
