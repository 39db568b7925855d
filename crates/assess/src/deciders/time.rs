//! Where components get the time of day.

use super::gather::{Gather, Reason};
use super::reading::authenticates;
use super::{Decider, Judged, Judgement, Located, Power, Says, World, Worlds};
use zonewright_traffic::observation::Flow;
use zonewright_traffic::protocol::Class;

pub(super) static DECIDER: Decider = Decider {
    code: "time-source",
    title: "where components get the time of day",
    requirements: &[
        ("SR 2.11", Power::Support),
        ("SR 2.11 RE(1)", Power::Support),
        ("SR 2.11 RE(2)", Power::Refute),
    ],
    reads: &["captures"],
    coverage: "for support, a time server that answered the component; to refute, one answer is enough",
    says: "A component that a time server answers has a clock to stamp records with (SR 2.11) that is brought into step (RE(1)). An answer that nothing authenticates can be forged by whoever is on the way: the source of time is not guarded against tampering (RE(2)).",
    limits: "Whether the component takes the time it is told, and whether records carry it, is not seen. Time that comes with another protocol (IEC 60870-5-104, DNP3, S7) or by radio is not judged. Packets that a network guards below the protocol look unauthenticated: compensate.",
    judge,
};

fn judge(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    for located in worlds.flows.iter().filter(|located| asks_the_time(located.flow)) {
        let Some(asset) = asking(worlds, located) else { continue };
        let reason = |requirements, says, what| Reason { requirements, says, world: World::Observed, what };
        let supports = ["SR 2.11", "SR 2.11 RE(1)"];
        let in_step = reason(&supports, Says::Supports, "the time of day is asked of a server that answers");
        gather.flow(&in_step, [asset.clone()], located);
        if authenticates(located.flow) == Some(false) {
            let refutes = ["SR 2.11 RE(2)"];
            let forged = reason(
                &refutes,
                Says::Refutes,
                "the time of day comes in answers that nothing authenticates",
            );
            gather.flow(&forged, [asset], located);
        }
    }
    gather.finish()
}

fn asking(worlds: &Worlds<'_>, located: &Located<'_>) -> Option<Judged> {
    worlds.inside(located.from.zone)?;
    located.from.asset.cloned().map(Judged::Asset)
}

/// Is it a conversation about the time alone, with answers?
fn asks_the_time(flow: &Flow) -> bool {
    let only_time = !flow.functions.is_empty()
        && flow.functions.iter().all(|f| matches!(f.class, Class::Time | Class::Diagnose));
    only_time && flow.functions.iter().any(|f| f.class == Class::Time) && flow.packets_from_responder > 0
}
