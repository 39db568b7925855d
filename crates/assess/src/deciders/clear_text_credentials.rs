//! Secrets that went over the wire in clear text.

use super::{Decider, Judged, Judgement, Located, Power, Says, World, Worlds};
use zonewright_plant::EvidencePlace;
use zonewright_source::Place;

pub(super) static DECIDER: Decider = Decider {
    code: "clear-text-credentials",
    title: "secrets that went over the wire in clear text",
    requirements: &[("SR 1.5", Power::Refute), ("SR 4.1", Power::Refute)],
    reads: &["captures"],
    coverage: "none: one packet is enough to refute",
    says: "A password, community or other authenticator that can be read in a capture refutes the protection of \
           authenticators (SR 1.5) and of the confidentiality of information in transit (SR 4.1), at the zone or conduit it \
           crossed and at the asset that took it.",
    limits: "That none was seen proves nothing: it may not have been used in the window. A secret that is public by design \
             (community `public` on a device that only shows its name) is judged like any other.",
    judge,
};

fn judge(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let clear = worlds.flows.iter().filter(|located| located.flow.clear_text_credentials);
    clear.flat_map(|located| of_flow(decider, located)).collect()
}

fn of_flow(decider: &'static Decider, located: &Located<'_>) -> Vec<Judgement> {
    let protocol = located.flow.protocol.as_deref().unwrap_or("an unknown protocol");
    let text =
        format!("{} sent a secret to {} in clear text ({protocol})", located.from.name, located.to.name);
    let mut judgements = Vec::new();
    for subject in located.crossed().into_iter().chain(located.to.asset.cloned().map(Judged::Asset)) {
        for (requirement, _) in decider.requirements {
            let says = decider.judgement(
                subject.clone(),
                requirement,
                Says::Refutes,
                World::Observed,
                located.flow.id.as_ref(),
                text.clone(),
            );
            judgements.extend(says);
        }
    }
    for judgement in &mut judgements {
        let places = located.flow.places.iter().take(1).cloned();
        judgement.evidence.extend(
            places.map(|place| EvidencePlace { place: Place::Packet(place), what: "seen here".into() }),
        );
    }
    judgements
}
