//! Functions that a component took from one who has no right to them.

use super::gather::{Gather, Reason};
use super::reading::{changes, title};
use super::{Decider, Judgement, Located, Power, Says, World, Worlds};
use crate::services::function_name;
use crate::verification::{Declared, Path};
use crate::words;
use std::collections::BTreeSet;
use zonewright_plant::model::AssetKind;
use zonewright_traffic::facts::Direction;

pub(super) static DECIDER: Decider = Decider {
    code: "unauthorized-functions",
    title: "functions that a component took from one who has no right to them",
    requirements: &[("SR 2.1", Power::Refute), ("SR 2.1 RE(1)", Power::Refute)],
    reads: &["captures"],
    coverage: "none: one answered function is enough to refute",
    says: "Permits say who may do what. A component that answers a write, an operation, a program, configuration, firmware or file function of one to whom no permit gives it does not enforce rights for software and devices (RE(1)); where the one who asks is a station that people work at, nor for people (SR 2.1).",
    limits: "Within a zone no permit is needed, so nothing is judged there. An answer that refuses is taken for an answer. A permit that forgot a function makes a right use look wrong: mend the permit.",
    judge,
};

fn judge(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    for path in worlds.verification.paths.iter().filter(|path| has_no_right(path.declared)) {
        for located in path.flows.iter().filter_map(|id| worlds.located(id)) {
            let taken = taken(path, located);
            if taken.is_empty() {
                continue;
            }
            let why = match path.declared {
                Declared::FunctionNotPermitted => "which its permit does not allow",
                Declared::Expired => "after its permit had ended",
                _ => "for which it has no permit",
            };
            let what = format!("{} answered {}, {why}", title(located.flow), words::list(&taken));
            let requirements: &[&'static str] =
                if is_station(worlds, located) { &["SR 2.1", "SR 2.1 RE(1)"] } else { &["SR 2.1 RE(1)"] };
            let reason = Reason { requirements, says: Says::Refutes, world: World::Observed, what: &what };
            gather.flow(&reason, worlds.end(&located.to), located);
        }
    }
    gather.finish()
}

const fn has_no_right(declared: Declared) -> bool {
    matches!(
        declared,
        Declared::NoConduit
            | Declared::ProtocolNotPermitted
            | Declared::FunctionNotPermitted
            | Declared::WrongDirection
            | Declared::Expired
    )
}

/// The functions of the path that change something and were answered.
fn taken(path: &Path, located: &Located<'_>) -> BTreeSet<String> {
    let flow = located.flow;
    let answered = |name: &str| {
        flow.functions.iter().any(|f| f.direction == Direction::Response && function_name(f) == name)
    };
    let asked = flow.functions.iter().filter(|f| f.direction != Direction::Response && changes(f.class));
    let one_way = |f: &zonewright_traffic::observation::FunctionUse| {
        f.direction == Direction::None && flow.packets_from_responder > 0
    };
    asked
        .map(|function| (function_name(function), one_way(function)))
        .filter(|(name, one_way)| path.functions.contains(name) && (*one_way || answered(name)))
        .map(|(name, _)| name)
        .collect()
}

/// Is the one who asks a station that people work at?
fn is_station(worlds: &Worlds<'_>, located: &Located<'_>) -> bool {
    use AssetKind::{EngineeringWorkstation, Hmi, Laptop, Mobile, Workstation};
    let asset = located.from.asset.and_then(|id| worlds.plant.assets.get(id));
    let kind = asset.and_then(|asset| asset.kind);
    matches!(kind, Some(EngineeringWorkstation | Hmi | Laptop | Mobile | Workstation))
}
