//! Levels out of statuses: the definition of SL-A (DESIGN §6), and nothing else.

use zonewright_catalog::{Fr, SecurityLevel, SlVector};
use zonewright_plant::model::Status;

/// How what is not shown counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotShown {
    /// As not met: the result is *proven*.
    NotMet,
    /// As met: the result is *possible*.
    Met,
}

/// Per foundational requirement the highest level up to which every applicable requirement is met; nothing where none
/// applies.
#[must_use]
pub fn achieved(
    statuses: impl IntoIterator<Item = (Fr, SecurityLevel, Status)>,
    not_shown: NotShown,
) -> SlVector {
    // The lowest level that fails; one past the highest where none does.
    let mut fails: [Option<u8>; 7] = [None; 7];
    for (fr, level, status) in statuses {
        let at = usize::from(fr.number()) - 1;
        let Some(lowest) = fails.get_mut(at) else { continue };
        let met = match status {
            Status::NotApplicable => continue,
            Status::Met => true,
            Status::NotShown => not_shown == NotShown::Met,
            Status::Partly | Status::NotMet => false,
        };
        let level = if met { HIGHEST + 1 } else { level.number() };
        *lowest = Some(lowest.map_or(level, |known| known.min(level)));
    }
    SlVector(fails.map(|lowest| lowest.and_then(|level| SecurityLevel::new(level.saturating_sub(1)))))
}

/// The highest level that there is.
const HIGHEST: u8 = 4;

/// Is a requirement of this level and foundational requirement asked at a target?
#[must_use]
pub fn is_required(target: &SlVector, fr: Fr, level: SecurityLevel) -> bool {
    target.level(fr).is_some_and(|target| level <= target)
}
