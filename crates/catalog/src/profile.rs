//! Security profiles in the manner of 62443-1-5: a selection of requirements for a field, with its context and its reasons.
//!
//! Owns the file form `zonewright-profile/1` and what a profile selects. A reader does not fail: it gives what was
//! understood and every diagnostic. That a plant adopts a profile, and for what, is said in the plant.

mod read;

use crate::requirement::{Levels, Requirement};
use crate::{ComponentType, RequirementId, SecurityLevel, SlVector, Standard};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use zonewright_source::{Diagnostic, SourceText};

/// The name of the file form, as every profile begins with.
pub const PROFILE_FORMAT: &str = "zonewright-profile/1";

/// The name of the file form in any version.
const FORMAT_KIND: &str = "zonewright-profile/";

/// Longest file that is read as a profile, in bytes.
pub const PROFILE_BYTES_MAX: usize = 1_000_000;

/// A security profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// The field and the circumstances it is made for.
    pub context: String,
    /// What it rests on.
    pub sources: Vec<String>,
    /// The level asked per foundational requirement, for 3-3 and 4-2; `None`: none is asked.
    pub levels: SlVector,
    /// The maturity level asked of processes, 1 to 4.
    pub maturity_level: Option<u8>,
    /// The process parts whose requirements are selected whole.
    pub parts: BTreeSet<Standard>,
    /// Requirements selected beyond levels and parts, with the reason.
    pub added: BTreeMap<RequirementId, String>,
    /// Requirements left out though levels or parts would select them, with the reason.
    pub left_out: BTreeMap<RequirementId, String>,
}

impl Profile {
    /// Reads a file. `None` where it says too little to be a profile.
    #[must_use]
    pub fn read(text: &SourceText) -> (Option<Self>, Vec<Diagnostic>) {
        read::profile(text)
    }

    /// Is this text meant as a profile, and not as part of a plant? Its first key says so.
    #[must_use]
    pub fn is_meant_by(text: &str) -> bool {
        let lines = text.lines().map(|line| line.trim_start_matches('\u{feff}').trim());
        let first = lines.into_iter().find(|line| !line.is_empty() && !line.starts_with('#'));
        let value = first.and_then(|line| line.strip_prefix("format")?.trim_start().strip_prefix('='));
        value.is_some_and(|value| value.trim_start().trim_start_matches(['"', '\'']).starts_with(FORMAT_KIND))
    }

    /// Does it select the requirement, for a system or for any component type?
    #[must_use]
    pub fn selects(&self, requirement: &Requirement) -> bool {
        self.selects_for(requirement, None)
    }

    /// Does it select the requirement, for a component type where one is given?
    #[must_use]
    pub fn selects_for(&self, requirement: &Requirement, component: Option<ComponentType>) -> bool {
        !self.left_out.contains_key(&requirement.id)
            && (self.added.contains_key(&requirement.id) || self.would_select(requirement, component))
    }

    /// Do its levels or parts select the requirement, what is left out or added aside?
    fn would_select(&self, requirement: &Requirement, component: Option<ComponentType>) -> bool {
        if self.parts.contains(&requirement.standard) {
            return true;
        }
        let asked_from = match (requirement.levels, component) {
            (Levels::None, _) => return requirement.is_common_constraint() && !self.levels.is_empty(),
            (levels, Some(component)) if requirement.standard == Standard::Iec62443_4_2 => {
                levels.for_component(component)
            }
            (levels, _) => levels.lowest(),
        };
        let level = requirement.fr.and_then(|fr| self.levels.level(fr));
        level.is_some_and(|level: SecurityLevel| asked_from.is_some_and(|from| from <= level))
    }
}

macro_rules! builtin {
    ($($file:literal),* $(,)?) => {
        const BUILTIN: &[(&str, &str)] =
            &[$(($file, include_str!(concat!("../../../catalogs/profiles/", $file)))),*];
    };
}

builtin!["machine-builder-cell.toml", "small-water-utility.toml"];

static PROFILES: LazyLock<Vec<(Profile, &'static str)>> = LazyLock::new(|| {
    let read = |(file, text): &(&'static str, &'static str)| {
        Profile::read(&SourceText::new(*file, *text)).0.map(|profile| (profile, *text))
    };
    BUILTIN.iter().filter_map(read).collect()
});

/// The sample profiles that the program carries, in the order of their files. They are ours, not published parts of the series.
pub fn samples() -> impl Iterator<Item = &'static Profile> {
    PROFILES.iter().map(|(profile, _)| profile)
}

/// The text of a sample, to begin a profile of one's own from.
#[must_use]
pub fn sample_text(id: &str) -> Option<&'static str> {
    PROFILES.iter().find(|(profile, _)| profile.id == id).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests;
