//! Several configurations of one device, taken at different times: which of them is the one to judge by.

use crate::configured::Configuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use zonewright_plant::id::{AssetId, EvidenceId};
use zonewright_plant::model::Evidence;

/// A configuration that is not judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Superseded {
    /// It.
    pub evidence: EvidenceId,
    /// The one that is judged by.
    pub by: EvidenceId,
    /// It was taken after the judging date; else before the other.
    pub later: bool,
}

/// Of several configurations of a device in one dialect, the newest that was taken not after the judging date. Those without
/// a date stay: nobody knows whether they are older. Where all were taken later, all stay.
#[must_use]
pub fn in_force(
    configurations: Vec<Configuration<'_>>,
    as_of: Date,
) -> (Vec<Configuration<'_>>, Vec<Superseded>) {
    let mut newest: BTreeMap<(AssetId, String), &Evidence> = BTreeMap::new();
    let key = |configuration: &Configuration<'_>| {
        let device = configuration.evidence.device.clone()?;
        configuration.evidence.taken.map(|_| (device, configuration.ruleset.dialect.to_string()))
    };
    for configuration in &configurations {
        let Some(key) = key(configuration).filter(|_| !is_later(configuration.evidence, as_of)) else {
            continue;
        };
        let known = newest.entry(key).or_insert(configuration.evidence);
        if configuration.evidence.taken > known.taken {
            *known = configuration.evidence;
        }
    }
    let mut superseded = Vec::new();
    let mut kept = Vec::new();
    for configuration in configurations {
        let by = key(&configuration).and_then(|key| newest.get(&key));
        match by.filter(|by| by.taken != configuration.evidence.taken) {
            Some(by) => superseded.push(Superseded {
                evidence: configuration.evidence.id.clone(),
                by: by.id.clone(),
                later: is_later(configuration.evidence, as_of),
            }),
            None => kept.push(configuration),
        }
    }
    (kept, superseded)
}

fn is_later(evidence: &Evidence, as_of: Date) -> bool {
    evidence.taken.is_some_and(|taken| taken.to_zoned(TimeZone::UTC).date() > as_of)
}
