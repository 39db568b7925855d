//! The yearly recertification of permits (62443-2-1, access by network is reviewed): each owner is shown what is permitted in
//! its name, whether it is open and used, and what to decide.

use crate::verification::{Configured, Observed, Path, PathName, Verification};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use zonewright_plant::Plant;
use zonewright_plant::id::{ConduitId, RoleId};
use zonewright_plant::model::Permit;
use zonewright_source::TextPlace;
use zonewright_traffic::observation::Observation;

/// What to decide about a permit. Ordered: what is graver comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Advice {
    /// It ended: take it out of the firewall, or agree on a new end.
    Ended,
    /// The device stops it: the process misses it, or it is not needed.
    Stopped,
    /// Open and not seen where it would have been: perhaps not needed any more.
    Unused,
    /// Nothing says whether it is used.
    NotObserved,
    /// In use, and something about the record is missing.
    Complete,
    /// In use as planned.
    Keep,
}

impl Advice {
    /// The word that the interfaces print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Stopped => "stopped",
            Self::Unused => "unused",
            Self::NotObserved => "not-observed",
            Self::Complete => "complete",
            Self::Keep => "keep",
        }
    }

    /// What the owner should do.
    #[must_use]
    pub const fn proposal(self) -> &'static str {
        match self {
            Self::Ended => "remove it, or agree on a new end",
            Self::Stopped => "remove it, or have the device pass it",
            Self::Unused => "remove it, or say what it is for",
            Self::NotObserved => "say whether it is needed; nothing shows it",
            Self::Complete => "keep it, and complete the record",
            Self::Keep => "keep it",
        }
    }
}

/// A permit as its owner sees it.
#[derive(Debug, Clone)]
pub struct PermitRow<'a> {
    /// The permit.
    pub permit: &'a Permit,
    /// Its conduit.
    pub conduit: &'a ConduitId,
    /// What the devices say.
    pub configured: Option<Configured>,
    /// When it was last seen; nothing where it was not.
    pub last_seen: Option<Timestamp>,
    /// Whether a capture would have shown it.
    pub observed: Option<Observed>,
    /// Packets that were seen.
    pub packets: u64,
    /// The lines of configurations that serve it.
    pub rules: BTreeSet<TextPlace>,
    /// What the record lacks.
    pub lacks: Vec<&'static str>,
    /// What to decide.
    pub advice: Advice,
}

/// All permits of an owner.
#[derive(Debug, Clone)]
pub struct Sheet<'a> {
    /// The owner; nothing where permits have none.
    pub owner: Option<&'a RoleId>,
    /// The owner's name.
    pub name: Option<&'a str>,
    /// The permits, what is gravest first.
    pub rows: Vec<PermitRow<'a>>,
}

/// The permits of a plant by owner. Those that are only proposed are left out.
#[must_use]
pub fn recertification<'a>(
    plant: &'a Plant,
    observation: &Observation,
    verification: &'a Verification,
    as_of: Date,
) -> Vec<Sheet<'a>> {
    let mut paths: BTreeMap<&str, Vec<&Path>> = BTreeMap::new();
    for path in &verification.paths {
        if let Some(permit) = &path.permit {
            paths.entry(permit.as_str()).or_default().push(path);
        }
    }
    let seen: BTreeMap<&str, Timestamp> = observation
        .flows
        .iter()
        .filter_map(|flow| {
            let last = Timestamp::from_nanosecond(i128::from(flow.last_seen.nanoseconds)).ok()?;
            Some((flow.id.as_ref(), last))
        })
        .collect();
    let roles = plant.system.iter().flat_map(|system| &system.roles);
    let names: BTreeMap<&RoleId, Option<&str>> = roles.map(|role| (&role.id, role.name.as_deref())).collect();
    let mut sheets: BTreeMap<Option<&RoleId>, Vec<PermitRow<'a>>> = BTreeMap::new();
    for conduit in plant.conduits.values().filter(|conduit| !conduit.common.proposed) {
        for permit in conduit.permits.iter().filter(|permit| !permit.common.proposed) {
            let paths = paths.get(permit.id.as_str()).map_or(&[] as &[&Path], Vec::as_slice);
            let row = row(permit, &conduit.id, paths, &seen, as_of);
            sheets.entry(permit.owner.as_ref()).or_default().push(row);
        }
    }
    sheets
        .into_iter()
        .map(|(owner, mut rows)| {
            rows.sort_by(|a, b| (a.advice, &a.permit.id).cmp(&(b.advice, &b.permit.id)));
            Sheet { owner, name: owner.and_then(|owner| names.get(owner).copied().flatten()), rows }
        })
        .collect()
}

fn row<'a>(
    permit: &'a Permit,
    conduit: &'a ConduitId,
    paths: &[&Path],
    seen: &BTreeMap<&str, Timestamp>,
    as_of: Date,
) -> PermitRow<'a> {
    let any = |name: PathName| paths.iter().any(|path| path.name == name);
    let flows = paths.iter().flat_map(|path| &path.flows);
    let last_seen = flows.filter_map(|flow| seen.get(flow.as_str()).copied()).max();
    let observed = [Observed::Seen, Observed::NotSeen, Observed::NotCovered]
        .into_iter()
        .find(|what| paths.iter().any(|path| path.observed == *what));
    let configured = [Configured::Closed, Configured::Partly, Configured::Unknown, Configured::Open]
        .into_iter()
        .find(|what| paths.iter().any(|path| path.configured == *what));
    let mut lacks = Vec::new();
    for (missing, what) in [
        (permit.purpose.is_none(), "a purpose"),
        (permit.owner.is_none(), "an owner"),
        (permit.approved_by.is_none(), "an approval"),
    ] {
        lacks.extend(missing.then_some(what));
    }
    let advice = if permit.until.is_some_and(|until| until < as_of) {
        Advice::Ended
    } else if any(PathName::Blocked) || any(PathName::Bypass) {
        Advice::Stopped
    } else if observed == Some(Observed::Seen) {
        if lacks.is_empty() { Advice::Keep } else { Advice::Complete }
    } else if any(PathName::Idle) {
        Advice::Unused
    } else {
        Advice::NotObserved
    };
    PermitRow {
        permit,
        conduit,
        configured,
        last_seen,
        observed,
        packets: paths.iter().map(|path| path.packets).sum(),
        rules: paths.iter().flat_map(|path| path.configured_basis.iter().cloned()).collect(),
        lacks,
        advice,
    }
}
