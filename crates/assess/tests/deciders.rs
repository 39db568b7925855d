//! Each decider over a scene in which it speaks and one in which it nearly does: one small plant behind one firewall, flows
//! by hand. Every requirement and power that a decider declares is shown by a case.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use zonewright_assess::deciders::{Power, all};

mod deciders {
    pub(crate) mod boundaries;
    pub(crate) mod components;
    pub(crate) mod scene;
    pub(crate) mod transit;
}

use deciders::scene::{Case, Scene, Told};
use deciders::{boundaries, components, transit};

fn cases() -> Vec<Case> {
    [boundaries::cases(), components::cases(), transit::cases()].into_iter().flatten().collect()
}

#[test]
fn each_decider_speaks_where_it_should_and_not_where_it_nearly_would() {
    for case in cases() {
        let says = case.speaks.said_by(case.decider);
        let expected: BTreeSet<String> = case.says.iter().map(ToString::to_string).collect();
        assert_eq!(says, expected, "{}: speaks", case.decider);
        let nearly = case.nearly.said_by(case.decider);
        let expected: BTreeSet<String> = case.nearly_says.iter().map(ToString::to_string).collect();
        assert_eq!(nearly, expected, "{}: nearly", case.decider);
    }
}

#[test]
fn every_power_that_a_decider_declares_is_shown_by_a_case() {
    let mut shown: BTreeMap<&str, BTreeSet<(String, String)>> = BTreeMap::new();
    for case in cases() {
        for line in case.says {
            let (requirement, rest) =
                [" refutes ", " supports ", " met "].iter().find_map(|word| line.split_once(word)).unwrap();
            let says = line.strip_prefix(requirement).unwrap().strip_suffix(rest).unwrap().trim();
            shown.entry(case.decider).or_default().insert((requirement.to_string(), says.to_string()));
        }
    }
    for decider in all() {
        for (requirement, power) in decider.requirements {
            let needed: &[&str] = match power {
                Power::Refute => &["refutes"],
                Power::Support => &["supports"],
                Power::Decide => &["refutes", "met"],
            };
            for says in needed {
                let wanted = (requirement.to_string(), says.to_string());
                let known = shown.get(decider.code).is_some_and(|shown| shown.contains(&wanted));
                assert!(known, "no case shows that {} {says} {requirement}", decider.code);
            }
        }
    }
}

/// Observation without the least deviation: what is said then is what the small plant lacks in truth.
#[test]
fn a_scene_without_flows_is_refuted_in_nothing() {
    let said = Scene::new().judgements();
    let refuted: Vec<&String> = said.iter().filter(|line| line.contains(" refutes ")).collect();
    assert_eq!(refuted, Vec::<&String>::new());
}

#[test]
fn many_flows_make_one_sentence_with_a_few_places() {
    let mut scene = Scene::new();
    for host in 20..120 {
        let flow = scene.flow(&format!("10.1.0.{host}"), "10.2.0.10", "modbus", 502);
        scene.flows.push(flow.asked("read-coils", zonewright_traffic::protocol::Class::Read).answered(1));
    }
    let texts = scene.texts("unauthenticated-access");
    let plc: Vec<_> = texts.iter().filter(|(line, ..)| line == "SR 1.2 refutes asset plc").collect();
    let [(_, text, places)] = plc.as_slice() else { panic!("{plc:?}") };
    assert!(text.contains("and 96 more"), "{text}");
    assert!(*places <= 4);
}
