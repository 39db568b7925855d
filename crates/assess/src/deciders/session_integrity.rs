//! Sessions of users that somebody on the way can take over.

use super::clear_text_credentials::SECRET;
use super::gather::{Gather, Reason};
use super::reading::{has, properties, protects_integrity, title};
use super::{Decider, Judged, Judgement, Located, Power, Says, World, Worlds};
use std::collections::BTreeSet;

pub(super) static DECIDER: Decider = Decider {
    code: "session-integrity",
    title: "sessions of users without protection of the session",
    requirements: &[("SR 3.8", Power::Refute)],
    reads: &["captures"],
    coverage: "none: one session is enough to refute",
    says: "A session that a user opened (with a password by Telnet or HTTP, or by OPC UA with security mode None) and whose messages nothing protects against change can be taken over by whoever is on the way, at the component that holds the session and the conduit it crossed.",
    limits: "Protocols that know no users have no sessions in this sense and are left alone. How session identifiers are made and when they end is not seen.",
    judge,
};

fn judge(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    let open = |located: &&Located<'_>| {
        let flow = located.flow;
        let by_user = properties(flow, SECRET).any(|kind| kind == "password") || has(flow, "user-token");
        by_user && flow.packets_from_responder > 0 && protects_integrity(flow) == Some(false)
    };
    for located in worlds.flows.iter().filter(open) {
        let what = format!("a session by {} can be taken over on the way", title(located.flow));
        let reason =
            Reason { requirements: &["SR 3.8"], says: Says::Refutes, world: World::Observed, what: &what };
        let conduits = located.conduits.iter().map(|id| Judged::Conduit((*id).clone()));
        let subjects: BTreeSet<Judged> = conduits.chain(worlds.end(&located.to)).collect();
        gather.flow(&reason, subjects, located);
    }
    gather.finish()
}
