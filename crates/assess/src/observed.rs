//! Seen, not seen, not covered: what the captures can say of a path (DESIGN §5).
//!
//! *Not seen* needs a capture point on the path and a window at least as long as the expected rhythm. Anything less is
//! *not covered*.

use crate::verification::Observed;
use crate::whereabouts::is_within;
use zonewright_plant::Plant;
use zonewright_plant::id::{EvidenceId, ZoneId};
use zonewright_plant::model::{Evidence, EvidenceKind, Rhythm};
use zonewright_traffic::observation::{Capture, Observation};

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;

/// The shortest window in which something continuous must show: a minute.
pub const CONTINUOUS_NANOSECONDS: i64 = 60 * SECOND;

/// A capture as evidence: where it was taken and the time it covers.
#[derive(Debug, Clone)]
pub struct Window<'p> {
    /// The evidence.
    pub evidence: &'p EvidenceId,
    /// Zones whose traffic it sees.
    pub zones: Vec<&'p ZoneId>,
    /// How long it covers, in nanoseconds.
    pub nanoseconds: i64,
}

/// The windows of a plant's captures.
#[derive(Debug)]
pub struct Coverage<'p> {
    plant: &'p Plant,
    windows: Vec<Window<'p>>,
}

impl<'p> Coverage<'p> {
    /// What the captures of `observation` cover; a capture belongs to the evidence whose id is its capture point.
    #[must_use]
    pub fn new(plant: &'p Plant, observation: &Observation) -> Self {
        let windows = plant
            .evidence
            .values()
            .filter(|evidence| evidence.kind == Some(EvidenceKind::Capture))
            .filter_map(|evidence| window(evidence, observation))
            .collect();
        Self { plant, windows }
    }

    /// The evidence used.
    pub fn evidence(&self) -> impl Iterator<Item = &'p EvidenceId> {
        self.windows.iter().map(|window| window.evidence)
    }

    /// The longest window of a capture point that what passes between two zones must come by.
    #[must_use]
    pub fn longest(&self, from: &ZoneId, to: &ZoneId) -> Option<i64> {
        // A point in an outer zone sees what passes into the inner ones; one in an inner zone sees nothing of the outer.
        let at = |point: &ZoneId, zone: &ZoneId| is_within(self.plant, zone, point);
        self.windows
            .iter()
            .filter(|window| window.zones.iter().any(|point| at(point, from) || at(point, to)))
            .map(|window| window.nanoseconds)
            .max()
    }

    /// What it means that something of this rhythm was not among the flows between two zones.
    #[must_use]
    pub fn unseen(&self, from: &ZoneId, to: &ZoneId, rhythm: Option<Rhythm>) -> Observed {
        match (self.longest(from, to), rhythm.map(needed)) {
            (Some(window), Some(Some(needed))) if window >= needed => Observed::NotSeen,
            // Seen on demand alone: that it was not asked for says nothing, but a capture was there to show it.
            (Some(_), Some(None)) => Observed::NotSeen,
            _ => Observed::NotCovered,
        }
    }

    /// Whether any capture point lies between two zones.
    #[must_use]
    pub fn unseen_undeclared(&self, from: &ZoneId, to: &ZoneId) -> Observed {
        match self.longest(from, to) {
            Some(_) => Observed::NotSeen,
            None => Observed::NotCovered,
        }
    }
}

/// The zone on whose network the flow was captured, if its points agree.
#[must_use]
pub fn segment<'p>(plant: &'p Plant, capture_points: &[std::sync::Arc<str>]) -> Option<&'p ZoneId> {
    let zone = |point: &std::sync::Arc<str>| {
        plant.evidence.get(&EvidenceId::from(point.as_ref())).and_then(|evidence| evidence.zone.as_ref())
    };
    let (first, rest) = capture_points.split_first()?;
    let first = zone(first)?;
    rest.iter().all(|point| zone(point) == Some(first)).then_some(first)
}

/// The window that a rhythm asks for; none for what is never called idle.
fn needed(rhythm: Rhythm) -> Option<i64> {
    match rhythm {
        Rhythm::Continuous => Some(CONTINUOUS_NANOSECONDS),
        Rhythm::Daily => Some(DAY),
        Rhythm::Weekly => Some(7 * DAY),
        Rhythm::Monthly => Some(31 * DAY),
        Rhythm::OnDemand | Rhythm::Emergency => None,
    }
}

fn window<'p>(evidence: &'p Evidence, observation: &Observation) -> Option<Window<'p>> {
    // A log that counts no packets is about one protocol: what is not in it may well have been there.
    let covers = |capture: &&Capture| {
        capture.capture_point.as_deref() == Some(evidence.id.as_str())
            && (capture.lines.is_none() || capture.packets > 0)
    };
    let captures: Vec<&Capture> = observation.captures.iter().filter(covers).collect();
    let first = captures.iter().filter_map(|capture| capture.first_seen).map(|t| t.nanoseconds).min();
    let last = captures.iter().filter_map(|capture| capture.last_seen).map(|t| t.nanoseconds).max();
    if captures.is_empty() {
        return None;
    }
    let nanosecond = |t: jiff::Timestamp| i64::try_from(t.as_nanosecond()).ok();
    let from = evidence.covers_from.and_then(nanosecond).or(first)?;
    let until = evidence.covers_until.and_then(nanosecond).or(last)?;
    let zones = evidence.zone.iter().chain(&evidence.sees).collect();
    Some(Window { evidence: &evidence.id, zones, nanoseconds: until.saturating_sub(from) })
}
