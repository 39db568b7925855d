//! A finding: a statement about the plant, with its evidence and the clause it rests on.

use crate::id::WaiverId;
use zonewright_catalog::RequirementId;
use zonewright_source::{Place, Severity};

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    /// The kind of record, as Workspace/1 names it: `zone`, `conduit`, `permit`, `asset`; or `path` for traffic between two zones.
    pub kind: &'static str,
    /// Its id; for a path the two zones as `FROM>TO`.
    pub id: String,
}

/// A place that shows what a finding says: a packet, a line of a configuration, a line of the model.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EvidencePlace {
    /// Where.
    pub place: Place,
    /// What stands there, in a few words: `first seen`, `rule that passes it`, `declared here`.
    pub what: String,
}

/// A statement about the plant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `area/slug` of the rule that found it.
    pub rule: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// What tells it from other findings of the same rule and subject: protocol, port, permit, function. Never counts or texts.
    pub discriminators: Vec<String>,
    /// One sentence for a plant engineer.
    pub message: String,
    /// The requirements it bears on.
    pub requirements: Vec<RequirementId>,
    /// Where it shows.
    pub evidence: Vec<EvidencePlace>,
    /// What to do.
    pub remedy: String,
    /// The waiver that accepts it, if one does on the judging date.
    pub waiver: Option<WaiverId>,
}

impl Finding {
    /// Its id: the same for the same rule, subject and discriminators, whatever else changes.
    #[must_use]
    pub fn id(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let parts = [self.rule, self.subject.kind, &self.subject.id];
        for part in parts.into_iter().chain(self.discriminators.iter().map(String::as_str)) {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let hex = hasher.finalize().to_hex();
        format!("F-{}", hex.as_str().get(..10).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_hangs_on_rule_subject_and_discriminators_alone() {
        let finding = Finding {
            rule: "conduit/undocumented",
            severity: Severity::Error,
            subject: Subject { kind: "path", id: "Z-A>Z-B".into() },
            discriminators: vec!["modbus".into(), "502".into()],
            message: "seen 4 times".into(),
            requirements: vec![],
            evidence: vec![],
            remedy: String::new(),
            waiver: None,
        };
        let other =
            Finding { message: "seen 5 times".into(), severity: Severity::Warning, ..finding.clone() };
        assert_eq!(finding.id(), other.id());
        let joined = Finding { discriminators: vec!["modbus502".into()], ..finding.clone() };
        assert_ne!(finding.id(), joined.id());
    }
}
