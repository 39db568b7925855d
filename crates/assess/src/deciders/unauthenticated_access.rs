//! Access to components that asked nobody who they are.

use super::gather::{Gather, Reason};
use super::reading::{answered, authenticates, carries, described, title};
use super::{Decider, Judged, Judgement, Power, Says, World, Worlds};
use std::collections::BTreeSet;
use zonewright_traffic::observation::{Flow, InitiatorBasis};
use zonewright_traffic::protocol::{Class, Protection};

pub(super) static DECIDER: Decider = Decider {
    code: "unauthenticated-access",
    title: "access to components without any proof of who asks",
    requirements: &[("SR 1.2", Power::Refute), ("SR 1.2 RE(1)", Power::Refute)],
    reads: &["captures"],
    coverage: "none: one answered request is enough to refute",
    says: "A component that answers requests to read, write, operate, program or configure over a session in which no peer proves who it is (Modbus, CIP, SNMP with a community, OPC UA without certificate and user; S7, DNP3 and IEC 60870-5-104 of which the whole session was read and nobody logged in) does not identify and authenticate the software and devices that use its interface, at the component and at the conduit the session crossed.",
    limits: "Peers that are authenticated below the protocol (802.1X, MACsec, a tunnel that ends before the capture point) look the same: state that as a countermeasure that compensates. An answer that refuses is taken for an answer. HTTP is left alone where no credentials are seen: a page may have asked for them. Sessions that cannot be read are left alone.",
    judge,
};

fn judge(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    for located in &worlds.flows {
        if !proves_nothing(located.flow) || !answered(located.flow, carries) {
            continue;
        }
        let what = format!("{} requests were answered without any proof of who asks", title(located.flow));
        let reason = Reason {
            requirements: &["SR 1.2", "SR 1.2 RE(1)"],
            says: Says::Refutes,
            world: World::Observed,
            what: &what,
        };
        let conduits = located.conduits.iter().map(|id| Judged::Conduit((*id).clone()));
        let subjects: BTreeSet<Judged> = conduits.chain(worlds.end(&located.to)).collect();
        gather.flow(&reason, subjects, located);
    }
    gather.finish()
}

/// Protocols that may carry a login among their messages that is not told apart from them: a form, a cookie.
const MAY_HIDE_A_LOGIN: &[&str] = &["http"];

/// Is it shown that no peer proved who it is? Either the session says so; or all of it could be read from its beginning, the
/// protocol can authenticate, and nobody did.
fn proves_nothing(flow: &Flow) -> bool {
    if let Some(proven) = authenticates(flow) {
        return !proven;
    }
    let readable = described(flow).is_some_and(|protocol| {
        protocol.encryption == Protection::Never && !MAY_HIDE_A_LOGIN.contains(&protocol.name)
    });
    let logins = || flow.functions.iter().any(|function| function.class == Class::Authenticate);
    readable
        && flow.initiator_basis == InitiatorBasis::Syn
        && !flow.clear_text_credentials
        && flow.anomalies.is_empty()
        && !logins()
}
