//! Information in transit: is it hidden, would a change be noticed?

use super::gather::{Gather, Reason};
use super::reading::{encrypts, is_informative, protects_integrity, title};
use super::{Decider, Judged, Judgement, Located, Power, Says, World, Worlds};
use crate::verification::Unmet;
use std::collections::BTreeMap;
use zonewright_traffic::observation::{Flow, Transport};

pub(super) static INTEGRITY: Decider = Decider {
    code: "integrity-in-transit",
    title: "cryptographic integrity of what went over the wire",
    requirements: &[
        ("SR 3.1", Power::Support),
        ("SR 3.1 RE(1)", Power::Refute),
        ("SR 3.1 RE(1)", Power::Support),
    ],
    reads: &["captures"],
    coverage: "to refute, one session is enough; for support, every session with information that was seen at the zone or conduit",
    says: "Information in a protocol or session without cryptographic integrity (Modbus, CIP, S7, HTTP, OPC UA with mode None, DNP3 and IEC 60870-5-104 commands without secure authentication) refutes RE(1) at the zones it began and ended in and at the conduit it crossed. Where all that was seen is protected, that speaks for SR 3.1 and RE(1).",
    limits: "Checksums of TCP, UDP and the protocol itself are no cryptography, and are not judged against SR 3.1. A tunnel that begins behind the capture point is not seen: compensate. What was not seen may be unprotected, so it never decides.",
    judge: integrity,
};

pub(super) static CONFIDENTIALITY: Decider = Decider {
    code: "confidentiality-in-transit",
    title: "information that went over the wire in clear text",
    requirements: &[
        ("SR 4.1", Power::Refute),
        ("SR 4.1 RE(1)", Power::Refute),
        ("SR 4.1 RE(2)", Power::Refute),
    ],
    reads: &["captures"],
    coverage: "none: one session is enough to refute",
    says: "Information of a process or device that is readable on its way over a zone boundary refutes RE(2); over a conduit or from a zone that is not trusted, RE(1); in a conduit that asks for encryption, SR 4.1 itself, because its owner has said that it is to be kept confidential.",
    limits: "Readable values without such a statement are not judged against SR 4.1: whether somebody may read them is the owner's to say. A tunnel that begins behind the capture point is not seen: compensate. Requests about health, names and time of day are left alone.",
    judge: confidentiality,
};

fn integrity(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    let mut protected: BTreeMap<Judged, (bool, Vec<&Located<'_>>)> = BTreeMap::new();
    for located in worlds.flows.iter().filter(|located| bears(located.flow)) {
        let protects = protects_integrity(located.flow);
        for subject in worlds.touched(located) {
            let (all, flows) = protected.entry(subject).or_insert((true, Vec::new()));
            *all &= protects == Some(true);
            if *all {
                flows.push(located);
            }
        }
        if protects == Some(false) {
            let what =
                format!("{} went without cryptographic protection against change", title(located.flow));
            let reason = Reason {
                requirements: &["SR 3.1 RE(1)"],
                says: Says::Refutes,
                world: World::Observed,
                what: &what,
            };
            gather.flow(&reason, worlds.touched(located), located);
        }
    }
    for (subject, (_, flows)) in protected.iter().filter(|(_, (all, _))| *all) {
        let reason = Reason {
            requirements: &["SR 3.1", "SR 3.1 RE(1)"],
            says: Says::Supports,
            world: World::Observed,
            what: "every session seen there is protected against change",
        };
        for located in flows {
            gather.flow(&reason, [subject.clone()], located);
        }
    }
    gather.finish()
}

/// Does it carry information between hosts, or may it, being hidden or not understood?
fn bears(flow: &Flow) -> bool {
    let unknown = flow.protocol.is_none()
        && flow.packets_from_responder > 0
        && matches!(flow.transport, Transport::Tcp | Transport::Udp | Transport::Sctp);
    is_informative(flow) || flow.encrypted == Some(true) || unknown
}

fn confidentiality(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    let in_clear = |located: &&Located<'_>| {
        is_informative(located.flow) && encrypts(located.flow) == Some(false) && !located.within_zone()
    };
    for located in worlds.flows.iter().filter(in_clear) {
        let what = format!("{} crossed the boundary in clear text", title(located.flow));
        let reason =
            |requirements, what| Reason { requirements, says: Says::Refutes, world: World::Observed, what };
        let subjects = worlds.touched(located);
        gather.flow(&reason(&["SR 4.1 RE(2)"], &what), subjects.clone(), located);
        let untrusted = [located.from.zone, located.to.zone].into_iter().flatten();
        if let Some(zone) = untrusted.into_iter().find(|zone| worlds.is_untrusted(zone)) {
            let what =
                format!("{} from or to {zone}, which is not trusted, is in clear text", title(located.flow));
            gather.flow(&reason(&["SR 4.1 RE(1)"], &what), subjects, located);
        }
    }
    unmet(worlds, &mut gather);
    gather.finish()
}

/// What a conduit asks to be encrypted and is not.
fn unmet(worlds: &Worlds<'_>, gather: &mut Gather) {
    let paths = worlds.verification.paths.iter().filter(|path| path.unmet.contains(&Unmet::Encryption));
    for path in paths {
        let Some(conduit) = &path.conduit else { continue };
        let what = format!("conduit {conduit} asks for encryption, and {} has none", path.protocol);
        let reason =
            Reason { requirements: &["SR 4.1"], says: Says::Refutes, world: World::Observed, what: &what };
        gather.path(&reason, [Judged::Conduit(conduit.clone())], worlds, path);
    }
}
