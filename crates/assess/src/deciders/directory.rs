//! Accounts that are kept in one place.

use super::gather::{Gather, Reason};
use super::{Decider, Judged, Judgement, Power, Says, World, Worlds};
use zonewright_traffic::observation::{Flow, Transport};

pub(super) static DECIDER: Decider = Decider {
    code: "central-accounts",
    title: "components that ask a directory or login server",
    requirements: &[("SR 1.3 RE(1)", Power::Support)],
    reads: &["captures"],
    coverage: "an answered conversation of the component with a server at the port of LDAP, Kerberos, RADIUS or TACACS+",
    says: "A component that asks a directory or login server takes its accounts from one place.",
    limits: "The port tells what it is, not the content. Local accounts beside the directory are not seen, so it never decides.",
    judge,
};

fn judge(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    for located in &worlds.flows {
        let Some(name) = service(located.flow) else { continue };
        let what = format!("a login server is asked, {name} by its port");
        let reason = Reason {
            requirements: &["SR 1.3 RE(1)"],
            says: Says::Supports,
            world: World::Observed,
            what: &what,
        };
        gather.flow(&reason, located.from.asset.cloned().map(Judged::Asset), located);
    }
    gather.finish()
}

/// The login service that an answered conversation is with, by its registered port. TLS may carry it.
fn service(flow: &Flow) -> Option<&'static str> {
    if flow.packets_from_responder == 0 {
        return None;
    }
    match (flow.transport, flow.responder.port?) {
        (Transport::Tcp | Transport::Udp, 389) | (Transport::Tcp, 636) => Some("LDAP"),
        (Transport::Tcp | Transport::Udp, 88) => Some("Kerberos"),
        (Transport::Udp, 1812 | 1645) | (Transport::Tcp, 2083) => Some("RADIUS"),
        (Transport::Tcp, 49) => Some("TACACS+"),
        _ => None,
    }
}
