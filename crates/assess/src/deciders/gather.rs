//! Gathers what is said of one subject for one reason, so that a hundred flows make one sentence.

use super::{Decider, Judged, Judgement, Located, Says, World, Worlds};
use crate::verification::Path;
use crate::words;
use std::collections::{BTreeMap, BTreeSet};
use zonewright_plant::EvidencePlace;
use zonewright_source::Place;
use zonewright_traffic::observation::Flow;

/// How many packets and lines a judgement names.
pub(super) const PLACES_MAX: usize = 4;

/// What tells judgements apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    requirement: &'static str,
    subject: Judged,
    says: Says,
    world: World,
    what: String,
}

#[derive(Debug, Default)]
struct Group {
    reference: String,
    who: BTreeSet<String>,
    evidence: Vec<EvidencePlace>,
}

/// Judgements being gathered.
pub(super) struct Gather {
    decider: &'static Decider,
    groups: BTreeMap<Key, Group>,
}

/// A reason: what is said, for which requirements, with what it rests on.
pub(super) struct Reason<'r> {
    pub(super) requirements: &'r [&'static str],
    pub(super) says: Says,
    pub(super) world: World,
    /// A clause that is the same for all that it is gathered over.
    pub(super) what: &'r str,
}

impl<'r> Reason<'r> {
    pub(super) const fn refuting(requirements: &'r [&'static str], world: World, what: &'r str) -> Self {
        Self { requirements, says: Says::Refutes, world, what }
    }
}

impl Gather {
    pub(super) const fn new(decider: &'static Decider) -> Self {
        Self { decider, groups: BTreeMap::new() }
    }

    /// Adds one case of a reason at subjects.
    pub(super) fn add(
        &mut self,
        reason: &Reason<'_>,
        subjects: impl IntoIterator<Item = Judged>,
        reference: &str,
        who: &str,
        places: &[EvidencePlace],
    ) {
        for subject in subjects {
            for requirement in reason.requirements {
                let key = Key {
                    requirement,
                    subject: subject.clone(),
                    says: reason.says,
                    world: reason.world,
                    what: reason.what.to_string(),
                };
                let group = self.groups.entry(key).or_default();
                if group.reference.is_empty() {
                    group.reference = reference.to_string();
                }
                if !group.who.contains(who) {
                    group.who.insert(who.to_string());
                }
                for place in places {
                    if group.evidence.len() < PLACES_MAX && !group.evidence.contains(place) {
                        group.evidence.push(place.clone());
                    }
                }
            }
        }
    }

    /// Adds a flow: its ends are named, its first packet shows it.
    pub(super) fn flow(
        &mut self,
        reason: &Reason<'_>,
        subjects: impl IntoIterator<Item = Judged>,
        located: &Located<'_>,
    ) {
        let who = format!("{} to {}", located.from.name, located.to.name);
        self.add(reason, subjects, &located.flow.id, &who, &seen(located.flow));
    }

    /// Adds a path: what was seen of it, or the configuration that opens it.
    pub(super) fn path(
        &mut self,
        reason: &Reason<'_>,
        subjects: impl IntoIterator<Item = Judged>,
        worlds: &Worlds<'_>,
        path: &Path,
    ) {
        let flow = path.flows.first().and_then(|id| worlds.located(id)).map(|located| located.flow);
        let mut places = flow.map(seen).unwrap_or_default();
        places.extend(lines(path));
        let reference = match flow {
            Some(flow) => flow.id.to_string(),
            None => configuration_of(worlds, path),
        };
        self.add(reason, subjects, &reference, &way(path), &places);
    }

    /// The judgements, each text with those it is about.
    pub(super) fn finish(self) -> Vec<Judgement> {
        let decider = self.decider;
        let judgement = |(key, group): (Key, Group)| {
            let who = words::list(&group.who);
            let text = if who.is_empty() { key.what } else { format!("{} ({who})", key.what) };
            let said =
                decider.judgement(key.subject, key.requirement, key.says, key.world, group.reference, text);
            said.map(|judgement| Judgement { evidence: group.evidence, ..judgement })
        };
        self.groups.into_iter().filter_map(judgement).collect()
    }
}

/// The first packet of a flow.
pub(super) fn seen(flow: &Flow) -> Vec<EvidencePlace> {
    let places = flow.places.iter().take(1).cloned();
    places.map(|place| EvidencePlace { place: Place::Packet(place), what: "seen here".into() }).collect()
}

/// The id of the configuration that a path rests on.
fn configuration_of(worlds: &Worlds<'_>, path: &Path) -> String {
    let file = path.configured_basis.first().map(|place| &place.file);
    let of = worlds.configurations.iter().find(|c| Some(&c.ruleset.file) == file);
    of.map(|configuration| configuration.evidence.id.to_string()).unwrap_or_default()
}

/// A path in words: its protocol and its ends.
fn way(path: &Path) -> String {
    let port = if path.port.is_empty() { String::new() } else { format!(" port {}", path.port) };
    let end = |name: &str, zone: &str| match zone {
        "?" => format!("{name} in no zone"),
        _ => format!("{name} in {zone}"),
    };
    format!(
        "{}{port} from {} to {}",
        path.protocol,
        end(&path.from, &path.from_zone),
        end(&path.to, &path.to_zone)
    )
}

/// The configuration lines that a path rests on.
fn lines(path: &Path) -> Vec<EvidencePlace> {
    let lines = path.configured_basis.iter().take(PLACES_MAX).cloned();
    lines.map(|place| EvidencePlace { place: Place::Text(place), what: "rule that decides".into() }).collect()
}
