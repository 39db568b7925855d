//! Mail, chat and calls between people.

use super::boundary_protection::{boundaries, shown};
use super::gather::{Gather, Reason};
use super::{Decider, Judgement, Power, Says, World, Worlds};
use crate::services::Service;
use zonewright_plant::model::Permit;

pub(super) static DECIDER: Decider = Decider {
    code: "messages-between-people",
    title: "mail, chat and calls over a boundary",
    requirements: &[("SR 5.3", Power::Decide), ("SR 5.3 RE(1)", Power::Decide)],
    reads: &["configurations"],
    coverage: "a complete configuration of every device that enforces the boundary, without a deviation, and permits that name only protocols that carry no messages between people",
    says: "A boundary that passes what permits declare and nothing else, and whose permits name only protocols of machines, keeps general messages between people out (SR 5.3) and in (RE(1)).",
    limits: "Permits for HTTP, TLS, SSH, whole transports and protocols that are not known may carry messages, so nothing is said where there are such. Mail that captures show by its port alone is not taken for proof.",
    judge,
};

/// Protocols that dissectors know and that may carry whatever people write.
const MAY_CARRY_MESSAGES: &[&str] = &["http", "tls", "ssh", "telnet", "ssdp"];

fn judge(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    for (boundary, conduits, subject) in boundaries(worlds) {
        let mut permits = conduits.iter().flat_map(|conduit| &conduit.permits);
        if boundary.is_decided() && !conduits.is_empty() && !permits.any(may_carry) {
            let reason = Reason {
                requirements: &["SR 5.3", "SR 5.3 RE(1)"],
                says: Says::Met,
                world: World::Configured,
                what: "no protocol passes that carries messages between people",
            };
            shown(&mut gather, boundary, &reason, subject);
        }
    }
    gather.finish()
}

fn may_carry(permit: &Permit) -> bool {
    match Service::of(&permit.protocol) {
        Service::Any | Service::Unknown | Service::Transport(_) => true,
        Service::Known(protocol) => MAY_CARRY_MESSAGES.contains(&protocol.name),
    }
}
