//! Deciders: what evidence says of a requirement. One file each (or a family that shares its reading), one list, one seam.
//!
//! Owns the vocabulary in which deciders speak and the list of them. Leaves to `levels` what becomes of a judgement:
//! a status, a level, a gap.
//!
//! Most evidence can only *refute*: clear text that was seen refutes confidentiality; none seen proves nothing. A decider
//! declares what it can do and the coverage it needs; what it says beyond its declaration does not count.

mod audit_trail;
mod boundary;
mod boundary_protection;
mod certificates;
mod clear_text_credentials;
mod cryptography;
mod device_settings;
mod directory;
mod gather;
mod inventory;
mod logins;
mod messages;
mod monitoring;
mod outside_services;
mod portable_and_wireless;
mod reading;
mod segmentation;
mod session_integrity;
mod shared_identity;
mod silent;
mod time;
mod transit;
mod unauthenticated_access;
mod unauthorized_functions;
mod untrusted_access;
mod worlds;

pub use boundary::{Boundaries, Boundary};
pub use silent::SILENT;
pub use worlds::{Located, Side, Worlds};

use std::collections::BTreeSet;
use zonewright_catalog::RequirementId;
use zonewright_plant::EvidencePlace;
use zonewright_plant::id::{AssetId, ConduitId, ZoneId};

/// What a decider can do with a requirement at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Power {
    /// Show that it is not met.
    Refute,
    /// Show something that speaks for it, without proving it.
    Support,
    /// Show whether it is met, where the coverage it needs is there.
    Decide,
}

impl Power {
    /// The word that the manual prints.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refute => "refute",
            Self::Support => "support",
            Self::Decide => "decide",
        }
    }
}

/// The world that a judgement rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum World {
    /// Captures, scans, certificates, inventories.
    Observed,
    /// Configurations of devices.
    Configured,
}

/// Whom a judgement is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Judged {
    /// A zone.
    Zone(ZoneId),
    /// A conduit.
    Conduit(ConduitId),
    /// An asset; it bears on the zone or conduit that the asset belongs to.
    Asset(AssetId),
}

/// What evidence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Says {
    /// It is not met: something was seen or configured that contradicts it.
    Refutes,
    /// Something speaks for it; alone it proves nothing.
    Supports,
    /// It is met: all that has to be looked at was.
    Met,
    /// It is met in part; all that has to be looked at was.
    Partly,
}

/// What a decider says of one subject and requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The decider that says it.
    pub decider: &'static str,
    /// Whom it is about.
    pub subject: Judged,
    /// The requirement.
    pub requirement: RequirementId,
    /// What is said.
    pub says: Says,
    /// The world it rests on.
    pub world: World,
    /// The evidence it rests on: id of an evidence record, of a flow, or of an asset.
    pub reference: String,
    /// One sentence for a plant engineer: what was seen or stands in the configuration, not what follows.
    pub text: String,
    /// Packets and lines that show it.
    pub evidence: Vec<EvidencePlace>,
}

/// A decider, as the manual prints it.
#[derive(Debug)]
pub struct Decider {
    /// Its name, lowercase words joined by hyphens; never changes its meaning.
    pub code: &'static str,
    /// What it looks at, in a phrase.
    pub title: &'static str,
    /// The requirements of 62443-3-3 it can say something about, each with what it can do at most.
    pub requirements: &'static [(&'static str, Power)],
    /// The kinds of evidence it reads, in words.
    pub reads: &'static [&'static str],
    /// What must be covered before it says anything; for *decide*, before it says met.
    pub coverage: &'static str,
    /// What it says, and when.
    pub says: &'static str,
    /// When it says nothing though something is wrong, and when it may be wrong.
    pub limits: &'static str,
    /// What it says of a plant's worlds.
    pub judge: fn(&'static Decider, &Worlds<'_>) -> Vec<Judgement>,
}

impl Decider {
    /// Can it say that of a requirement?
    #[must_use]
    pub fn may(&self, requirement: &str, says: Says) -> bool {
        self.requirements.iter().any(|(id, power)| {
            *id == requirement
                && match says {
                    Says::Refutes => matches!(power, Power::Refute | Power::Decide),
                    Says::Supports => matches!(power, Power::Support | Power::Decide),
                    Says::Met | Says::Partly => *power == Power::Decide,
                }
        })
    }

    /// A judgement of this decider; nothing for an id that is none.
    pub(crate) fn judgement(
        &'static self,
        subject: Judged,
        requirement: &str,
        says: Says,
        world: World,
        reference: impl Into<String>,
        text: impl Into<String>,
    ) -> Option<Judgement> {
        Some(Judgement {
            decider: self.code,
            subject,
            requirement: requirement.parse().ok()?,
            says,
            world,
            reference: reference.into(),
            text: text.into(),
            evidence: Vec::new(),
        })
    }
}

/// Every decider. One more is one line here.
static DECIDERS: &[&Decider] = &[
    &audit_trail::DECIDER,
    &boundary_protection::CONTROL,
    &boundary_protection::LEAST_FUNCTIONALITY,
    &certificates::DECIDER,
    &clear_text_credentials::DECIDER,
    &cryptography::DECIDER,
    &device_settings::LOAD,
    &device_settings::SETTINGS,
    &directory::DECIDER,
    &inventory::INVENTORY,
    &inventory::MALWARE,
    &logins::LOGIN,
    &logins::SINGLE_FACTOR,
    &messages::DECIDER,
    &monitoring::DECIDER,
    &outside_services::DECIDER,
    &portable_and_wireless::PORTABLE,
    &portable_and_wireless::WIRELESS,
    &segmentation::SEPARATION,
    &segmentation::SHARED_LINE,
    &session_integrity::DECIDER,
    &shared_identity::DECIDER,
    &time::DECIDER,
    &transit::CONFIDENTIALITY,
    &transit::INTEGRITY,
    &unauthenticated_access::DECIDER,
    &unauthorized_functions::DECIDER,
    &untrusted_access::DECIDER,
];

/// Every decider, by code.
#[must_use]
pub fn all() -> Vec<&'static Decider> {
    let mut deciders = DECIDERS.to_vec();
    deciders.sort_by_key(|decider| decider.code);
    deciders
}

/// What all deciders say, in a stable order, each judgement once.
#[must_use]
pub fn judge(worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> = DECIDERS
        .iter()
        .flat_map(|decider| {
            let said = (decider.judge)(decider, worlds);
            said.into_iter().filter(|j| decider.may(&j.requirement.to_string(), j.says))
        })
        .collect();
    let key = |j: &Judgement| {
        (j.requirement.clone(), j.subject.clone(), j.says, j.decider, j.reference.clone(), j.text.clone())
    };
    judgements.sort_by_cached_key(key);
    let mut known = BTreeSet::new();
    judgements.retain(|judgement| known.insert(key(judgement)));
    judgements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_decider_is_unique_and_whole_and_rests_on_requirements_that_exist() {
        let deciders = all();
        for pair in deciders.windows(2) {
            assert_ne!(pair[0].code, pair[1].code);
        }
        for decider in deciders {
            assert!(!decider.requirements.is_empty() && !decider.reads.is_empty(), "{}", decider.code);
            for text in [decider.title, decider.coverage, decider.says, decider.limits] {
                assert!(!text.is_empty(), "{}", decider.code);
            }
            for (id, _) in decider.requirements {
                let id: RequirementId = id.parse().unwrap();
                assert!(zonewright_catalog::system_requirement_title(&id).is_some(), "{id}");
            }
        }
    }

    #[test]
    fn every_requirement_has_a_decider_or_a_reason_why_none_can_be() {
        let decided: BTreeSet<String> =
            all().iter().flat_map(|decider| decider.requirements).map(|(id, _)| (*id).to_string()).collect();
        let silent: BTreeSet<String> = SILENT.iter().map(|(id, _)| (*id).to_string()).collect();
        assert_eq!(silent.len(), SILENT.len(), "each once");
        assert!(SILENT.iter().all(|(_, why)| !why.is_empty()));
        assert_eq!(decided.intersection(&silent).collect::<Vec<_>>(), Vec::<&String>::new());
        let catalog = zonewright_catalog::Catalog::builtin();
        let all: BTreeSet<String> = catalog.system_requirements().map(|r| r.id.to_string()).collect();
        assert_eq!(decided.union(&silent).cloned().collect::<BTreeSet<_>>(), all);
    }
}
