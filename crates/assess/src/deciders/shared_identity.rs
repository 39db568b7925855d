//! One machine identity that several machines use.

use super::gather::{Gather, Reason};
use super::reading::properties;
use super::{Decider, Judgement, Located, Power, Says, World, Worlds};
use std::collections::{BTreeMap, BTreeSet};

pub(super) static DECIDER: Decider = Decider {
    code: "shared-machine-identity",
    title: "one machine identity that several machines use",
    requirements: &[("SR 1.2 RE(1)", Power::Refute)],
    reads: &["captures"],
    coverage: "none: two machines that show the same identity are enough to refute",
    says: "Two or more machines that use the same SNMPv3 user at a component are not told apart individually there.",
    limits: "Machines behind address translation look like one and are not found. One machine with two addresses that the model does not join looks like two: give its asset both.",
    judge,
};

fn judge(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut users: BTreeMap<(String, &str), Vec<&Located<'_>>> = BTreeMap::new();
    for located in worlds.flows.iter().filter(|located| located.flow.authenticated == Some(true)) {
        for user in properties(located.flow, "snmp-user").collect::<BTreeSet<_>>() {
            users.entry((located.to.name.clone(), user)).or_default().push(located);
        }
    }
    let mut gather = Gather::new(decider);
    for ((_, user), flows) in &users {
        let machines: BTreeSet<&str> = flows.iter().map(|located| located.from.name.as_str()).collect();
        if machines.len() < 2 {
            continue;
        }
        let what = format!("{} machines use the SNMPv3 user `{user}`", machines.len());
        let reason = Reason {
            requirements: &["SR 1.2 RE(1)"],
            says: Says::Refutes,
            world: World::Observed,
            what: &what,
        };
        for located in flows {
            gather.flow(&reason, worlds.end(&located.to), located);
        }
    }
    gather.finish()
}
