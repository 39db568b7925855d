//! Management of change: what another state of a plant means (62443-2-1, change management; DESIGN §8).
//!
//! Owns: the records that differ, what the devices open and close, the traffic that would be cut off, the requirements and
//! levels that move, who must approve, and what must be tested again. Leaves to others: reading the two workspaces.

mod consequences;
pub mod filters;
mod records;

pub use consequences::{Approval, Due, LevelChange, StatusChange};
pub use filters::{CutOff, FilterChange};
pub use records::{FieldChange, How, RecordChange};

use crate::assessment::Assessment;
use crate::configured::Configuration;
use crate::verification::{Path, Verification};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use zonewright_plant::Plant;
use zonewright_plant::id::{ConduitId, PermitId, ZoneId};
use zonewright_traffic::observation::Observation;

/// One state of a plant, judged.
#[derive(Debug, Clone, Copy)]
pub struct State<'a> {
    /// The model.
    pub plant: &'a Plant,
    /// What was observed.
    pub observation: &'a Observation,
    /// The configurations in force.
    pub configurations: &'a [Configuration<'a>],
    /// What verifying it says.
    pub verification: &'a Verification,
    /// What assessing it says.
    pub assessment: &'a Assessment,
}

/// A finding that came or went, as the two sides tell it.
#[derive(Debug, Clone, Copy)]
pub struct FindingChange<'a> {
    /// The finding.
    pub finding: &'a zonewright_plant::Finding,
    /// Whether it came.
    pub is_new: bool,
}

/// A path of which the three worlds together say something else than before.
#[derive(Debug, Clone, Copy)]
pub struct PathChange<'a> {
    /// The path before; nothing where it was not there.
    pub before: Option<&'a Path>,
    /// The path now; nothing where it is gone.
    pub after: Option<&'a Path>,
}

/// What lies between two states.
#[derive(Debug)]
pub struct Change<'a> {
    /// The judging date.
    pub as_of: Date,
    /// Records that differ.
    pub records: Vec<RecordChange>,
    /// What devices open and close.
    pub filters: Vec<FilterChange>,
    /// Observed traffic that the new configurations stop.
    pub cut_off: Vec<CutOff>,
    /// Paths that are named otherwise.
    pub paths: Vec<PathChange<'a>>,
    /// Permits that are affected.
    pub permits: BTreeSet<PermitId>,
    /// Conduits that are affected.
    pub conduits: BTreeSet<ConduitId>,
    /// Zones that are affected.
    pub zones: BTreeSet<ZoneId>,
    /// Requirements whose status moved.
    pub requirements: Vec<StatusChange>,
    /// Levels that moved.
    pub levels: Vec<LevelChange>,
    /// Findings that came or went.
    pub findings: Vec<FindingChange<'a>>,
    /// Who must approve.
    pub approvals: Vec<Approval>,
    /// What must be tested again.
    pub due: Vec<Due>,
}

impl Change<'_> {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.records.is_empty()
            && self.filters.iter().all(FilterChange::is_none)
            && self.cut_off.is_empty()
            && self.paths.is_empty()
            && self.requirements.is_empty()
            && self.levels.is_empty()
            && self.findings.is_empty()
    }

    /// Whether something that was closed is open now.
    #[must_use]
    pub fn opens(&self) -> bool {
        self.filters.iter().any(|filter| !filter.opened.is_empty() || !filter.unclear.is_empty())
    }
}

/// What lies between two states of a plant.
#[must_use]
pub fn change<'a>(before: State<'a>, after: State<'a>) -> Change<'a> {
    let records = records::changes(before.plant, after.plant);
    let filters = filters::changes(before, after);
    let cut_off = filters::cut_off(before, after);
    let paths = paths(before.verification, after.verification);
    let mut change = Change {
        as_of: after.verification.as_of,
        records,
        filters,
        cut_off,
        paths,
        permits: BTreeSet::new(),
        conduits: BTreeSet::new(),
        zones: BTreeSet::new(),
        requirements: consequences::statuses(before.assessment, after.assessment),
        levels: consequences::levels(before.assessment, after.assessment),
        findings: findings(before, after),
        approvals: Vec::new(),
        due: Vec::new(),
    };
    consequences::affected(before, after, &mut change);
    change.approvals = consequences::approvals(before, after, &change);
    change.due = consequences::due(after, &change);
    change
}

/// What tells a path from others over time.
type PathKey<'a> = (&'a str, &'a str, &'a str, &'a str, Option<&'a PermitId>, &'a str, &'a str);

fn key(path: &Path) -> PathKey<'_> {
    // Ends that stand for several are told together, and would make one more host another path.
    let (from, to) = if path.permit.is_some() { ("", "") } else { (path.from.as_str(), path.to.as_str()) };
    (&path.from_zone, &path.to_zone, &path.protocol, &path.port, path.permit.as_ref(), from, to)
}

fn paths<'a>(before: &'a Verification, after: &'a Verification) -> Vec<PathChange<'a>> {
    let by_key = |verification: &'a Verification| -> BTreeMap<PathKey<'a>, Vec<&'a Path>> {
        let mut found: BTreeMap<PathKey<'a>, Vec<&'a Path>> = BTreeMap::new();
        for path in &verification.paths {
            found.entry(key(path)).or_default().push(path);
        }
        found
    };
    let (old, new) = (by_key(before), by_key(after));
    let keys: BTreeSet<&PathKey<'a>> = old.keys().chain(new.keys()).collect();
    let mut changes = Vec::new();
    for key in keys {
        let names = |paths: Option<&Vec<&'a Path>>| -> Vec<_> {
            paths.into_iter().flatten().map(|path| (path.name, path.configured, path.declared)).collect()
        };
        let (was, is) = (old.get(key), new.get(key));
        if names(was) == names(is) {
            continue;
        }
        let count = was.map_or(0, Vec::len).max(is.map_or(0, Vec::len));
        for at in 0..count {
            let pick = |paths: Option<&Vec<&'a Path>>| paths.and_then(|paths| paths.get(at).copied());
            changes.push(PathChange { before: pick(was), after: pick(is) });
        }
    }
    changes
}

fn findings<'a>(before: State<'a>, after: State<'a>) -> Vec<FindingChange<'a>> {
    let all = |state: State<'a>| -> BTreeMap<String, &'a zonewright_plant::Finding> {
        let findings = state.verification.findings.iter().chain(&state.assessment.findings);
        findings.map(|finding| (finding.id(), finding)).collect()
    };
    let (old, new) = (all(before), all(after));
    let came = new.iter().filter(|(id, _)| !old.contains_key(*id));
    let gone = old.iter().filter(|(id, _)| !new.contains_key(*id));
    let mut changes: Vec<FindingChange<'a>> = came
        .map(|(_, finding)| FindingChange { finding, is_new: true })
        .chain(gone.map(|(_, finding)| FindingChange { finding, is_new: false }))
        .collect();
    changes.sort_by_key(|change| {
        (!change.is_new, std::cmp::Reverse(change.finding.severity), change.finding.rule, change.finding.id())
    });
    changes
}
