//! Records of events that leave the component that made them.

use super::boundary::logs_its_default;
use super::gather::{Gather, Reason};
use super::{Decider, Judged, Judgement, Power, Says, World, Worlds};
use std::collections::BTreeSet;
use zonewright_firewall::ruleset::{Rule, Ruleset};
use zonewright_plant::EvidencePlace;
use zonewright_source::Place;
use zonewright_traffic::observation::{Flow, Transport};

pub(super) static DECIDER: Decider = Decider {
    code: "event-records",
    title: "components that record events or send records away",
    requirements: &[("SR 2.8", Power::Support), ("SR 2.8 RE(1)", Power::Support)],
    reads: &["captures", "configurations"],
    coverage: "of a component: datagrams or a connection to a server at the port of syslog; of a firewall: a rule that records what is refused by default",
    says: "A component that sends records to a log server records events (SR 2.8) and gives them to a trail that is kept for several (RE(1)). A firewall whose configuration records what it refuses by default records events of access control.",
    limits: "What is in the records, and which events are not, is not judged. The port tells that it is syslog, not the content.",
    judge,
};

fn judge(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    for located in worlds.flows.iter().filter(|located| is_log(located.flow)) {
        let reason = Reason {
            requirements: &["SR 2.8", "SR 2.8 RE(1)"],
            says: Says::Supports,
            world: World::Observed,
            what: "records are sent to a log server, syslog by its port",
        };
        gather.flow(&reason, located.from.asset.cloned().map(Judged::Asset), located);
    }
    for configuration in worlds.configurations.iter().filter(|c| logs_its_default(c.ruleset)) {
        let reason = Reason {
            requirements: &["SR 2.8"],
            says: Says::Supports,
            world: World::Configured,
            what: "the configuration records what is refused by default",
        };
        let evidence = configuration.evidence;
        let device = evidence.device.clone().map(Judged::Asset);
        gather.add(
            &reason,
            device,
            evidence.id.as_str(),
            evidence.id.as_str(),
            &logging(configuration.ruleset),
        );
    }
    gather.finish()
}

fn is_log(flow: &Flow) -> bool {
    matches!(
        (flow.transport, flow.responder.port),
        (Transport::Udp, Some(514)) | (Transport::Tcp, Some(514 | 601 | 6514))
    ) && flow.packets_from_initiator > 0
}

/// The last rule that records.
fn logging(ruleset: &Ruleset) -> Vec<EvidencePlace> {
    let rules = ruleset.chains.iter().filter(|chain| chain.base.is_some()).flat_map(|chain| &chain.rules);
    let logging: BTreeSet<_> =
        rules.filter(|rule: &&Rule| rule.log.is_some()).map(|rule| rule.place.clone()).collect();
    let last = logging.into_iter().next_back();
    last.map(|place| EvidencePlace { place: Place::Text(place), what: "rule that records".into() })
        .into_iter()
        .collect()
}
