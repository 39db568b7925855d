//! Secrets that went over the wire in clear text.

use super::gather::{Gather, Reason, seen};
use super::reading::{properties, title};
use super::{Decider, Judged, Judgement, Located, Power, Says, World, Worlds};
use crate::words;
use std::collections::BTreeSet;
use zonewright_plant::EvidencePlace;
use zonewright_source::Place;

/// The property under which the kind of a secret is said.
pub(super) const SECRET: &str = "clear-text-credential";

pub(super) static DECIDER: Decider = Decider {
    code: "clear-text-credentials",
    title: "secrets that went over the wire in clear text",
    requirements: &[("SR 1.5", Power::Refute), ("SR 4.1", Power::Refute)],
    reads: &["captures"],
    coverage: "none: one packet is enough to refute",
    says: "A password, community or other authenticator that can be read in a capture refutes the protection of authenticators (SR 1.5) and of the confidentiality of information in transit (SR 4.1), at the zone or conduit it crossed and at the asset that took it.",
    limits: "That none was seen proves nothing: it may not have been used in the window. A secret that is public by design (community `public` on a device that only shows its name) is judged like any other.",
    judge,
};

fn judge(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    for located in worlds.flows.iter().filter(|located| located.flow.clear_text_credentials) {
        let kinds: BTreeSet<&str> = properties(located.flow, SECRET).collect();
        let kind = if kinds.is_empty() { "secret".to_string() } else { words::list(&kinds) };
        let what = format!("a {kind} went over the wire in clear text by {}", title(located.flow));
        let reason = Reason {
            requirements: &["SR 1.5", "SR 4.1"],
            says: Says::Refutes,
            world: World::Observed,
            what: &what,
        };
        let conduits = located.conduits.iter().map(|id| Judged::Conduit((*id).clone()));
        let zone = worlds.inside(located.from.zone).filter(|_| located.within_zone());
        let subjects = conduits.chain(zone.map(|zone| Judged::Zone(zone.id.clone())));
        let subjects = subjects.chain(worlds.end(&located.to)).collect::<BTreeSet<_>>();
        let who = format!("{} to {}", located.from.name, located.to.name);
        gather.add(&reason, subjects, &located.flow.id, &who, &shown(located));
    }
    gather.finish()
}

/// The packet with the secret, else the first of the flow.
fn shown(located: &Located<'_>) -> Vec<EvidencePlace> {
    let secret = located.flow.properties.iter().find(|property| property.name.as_ref() == SECRET);
    match secret {
        Some(property) => {
            vec![EvidencePlace { place: Place::Packet(property.place.clone()), what: "seen here".into() }]
        }
        None => seen(located.flow),
    }
}
