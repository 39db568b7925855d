//! Network services that control networks take from outside.

use super::gather::{Gather, Reason};
use super::segmentation::is_control;
use super::{Decider, Judged, Judgement, Located, Power, Says, World, Worlds};
use std::collections::BTreeMap;
use zonewright_plant::id::ZoneId;
use zonewright_traffic::observation::{Flow, Transport};

pub(super) static DECIDER: Decider = Decider {
    code: "services-from-outside",
    title: "network services that control networks take from outside",
    requirements: &[("SR 5.1 RE(2)", Power::Refute)],
    reads: &["captures"],
    coverage: "a capture that shows the zone being answered by a server outside, and by none inside for the same service",
    says: "A control, supervisory or safety zone whose names, addresses, logins or time of day come from servers outside the system under consideration, and from none inside, needs a network that is no control network.",
    limits: "A server inside that answers only when the outer one fails is not seen; then claim it, and show it by a test. The services are told by their ports.",
    judge,
};

type Answers<'w, 'a> = (Vec<&'w Located<'a>>, bool);

fn judge(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut by_service: BTreeMap<(&ZoneId, &'static str), Answers<'_, '_>> = BTreeMap::new();
    for located in &worlds.flows {
        let asking = worlds.inside(located.from.zone).filter(|zone| is_control(zone));
        let (Some(zone), Some(service)) = (asking, service(located.flow)) else { continue };
        let (outside, inside) = by_service.entry((&zone.id, service)).or_default();
        if located.to.zone.is_some_and(|zone| worlds.inside(Some(zone)).is_some()) {
            *inside = true;
        } else if located.flow.responder.ip.is_some_and(|ip| !ip.is_multicast()) {
            outside.push(located);
        }
    }
    let mut gather = Gather::new(decider);
    for ((zone, service), (outside, _)) in by_service.iter().filter(|(_, (_, inside))| !inside) {
        let what = format!("{service} comes from outside alone");
        let reason = Reason {
            requirements: &["SR 5.1 RE(2)"],
            says: Says::Refutes,
            world: World::Observed,
            what: &what,
        };
        for located in outside {
            gather.flow(&reason, [Judged::Zone((*zone).clone())], located);
        }
    }
    gather.finish()
}

/// The network service that an answered conversation is with, by its registered port.
fn service(flow: &Flow) -> Option<&'static str> {
    if flow.packets_from_responder == 0 {
        return None;
    }
    match (flow.transport, flow.responder.port?) {
        (Transport::Tcp | Transport::Udp, 53) | (Transport::Tcp, 853) => Some("resolving names"),
        (Transport::Udp, 67 | 547) => Some("getting addresses"),
        (Transport::Udp, 123) => Some("the time of day"),
        (Transport::Tcp | Transport::Udp, 88 | 389) | (Transport::Tcp, 49 | 636) | (Transport::Udp, 1812) => {
            Some("checking logins")
        }
        _ => None,
    }
}
