//! What configurations of devices show about the devices themselves.

use super::boundary::is_read_whole;
use super::gather::{Gather, Reason};
use super::{Decider, Judged, Judgement, Power, Says, World, Worlds};
use std::collections::BTreeSet;
use zonewright_firewall::ruleset::{Condition, Reason as Doubt, Rule, Ruleset, Verdict};
use zonewright_plant::EvidencePlace;
use zonewright_source::Place;

pub(super) static SETTINGS: Decider = Decider {
    code: "settings-report",
    title: "devices whose settings were given out",
    requirements: &[("SR 7.6", Power::Support), ("SR 7.6 RE(1)", Power::Support)],
    reads: &["configurations"],
    coverage: "a configuration of the device; for RE(1) one that was read without a line left over",
    says: "A device of which a configuration is among the evidence can report the network and security settings in force (SR 7.6); one that a program reads whole, in a form for machines (RE(1)).",
    limits: "Whether the settings follow the supplier's guidance, and whether the report holds all of them (accounts, services), is not judged: it never decides.",
    judge: settings,
};

pub(super) static LOAD: Decider = Decider {
    code: "load-limits",
    title: "devices that limit how much passes",
    requirements: &[("SR 7.1 RE(1)", Power::Support)],
    reads: &["configurations"],
    coverage: "a configuration of the device with a rule that passes or refuses by a rate",
    says: "A device with a rule that passes packets up to a rate, or refuses those above it, manages the load of communication.",
    limits: "Whether the rate fits the plant, and whether every way is limited, is not judged. A limit on records alone does not count.",
    judge: load,
};

fn settings(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    for configuration in worlds.configurations {
        let (evidence, ruleset) = (configuration.evidence, configuration.ruleset);
        let whole = is_read_whole(ruleset) && ruleset.lines.modeled > 0;
        let requirements: &[&'static str] = if whole { &["SR 7.6", "SR 7.6 RE(1)"] } else { &["SR 7.6"] };
        let what = format!("the settings in force were given out in the dialect {}", ruleset.dialect);
        let reason = Reason { requirements, says: Says::Supports, world: World::Configured, what: &what };
        let place = EvidencePlace { place: Place::File(ruleset.file.clone()), what: "its settings".into() };
        let device = evidence.device.clone().map(Judged::Asset);
        gather.add(&reason, device, evidence.id.as_str(), evidence.id.as_str(), &[place]);
    }
    gather.finish()
}

fn load(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    for configuration in worlds.configurations {
        let places = limits(configuration.ruleset);
        if places.is_empty() {
            continue;
        }
        let reason = Reason {
            requirements: &["SR 7.1 RE(1)"],
            says: Says::Supports,
            world: World::Configured,
            what: "packets pass or are refused by a rate",
        };
        let evidence = configuration.evidence;
        let device = evidence.device.clone().map(Judged::Asset);
        gather.add(&reason, device, evidence.id.as_str(), evidence.id.as_str(), &places);
    }
    gather.finish()
}

/// The rules that pass or refuse by a rate.
fn limits(ruleset: &Ruleset) -> Vec<EvidencePlace> {
    let by_rate = |condition: &Condition| match condition {
        Condition::Undecidable(undecidable) => undecidable.reason == Doubt::Rate,
        _ => false,
    };
    let limits = |rule: &&Rule| {
        rule.log.is_none()
            && matches!(rule.verdict, Verdict::Accept | Verdict::Drop | Verdict::Reject)
            && rule.conditions.iter().any(by_rate)
    };
    let rules = ruleset.chains.iter().flat_map(|chain| &chain.rules).filter(limits);
    let places: BTreeSet<_> = rules.map(|rule| rule.place.clone()).collect();
    let place = |place| EvidencePlace { place: Place::Text(place), what: "rule with a rate".into() };
    places.into_iter().map(place).collect()
}
