//! Rules over evidence.

use super::{Model, Rule, declared_at};
use crate::words;
use zonewright_plant::id::EvidenceId;
use zonewright_plant::{EvidencePlace, Finding, Plant};
use zonewright_source::{Place, Severity};

/// What became of a file of evidence, as the one who read it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceState {
    /// The file is not there.
    Missing {
        /// The record.
        evidence: EvidenceId,
        /// The file.
        file: String,
    },
    /// Its hash is not the recorded one.
    Changed {
        /// The record.
        evidence: EvidenceId,
        /// The recorded hash.
        recorded: String,
        /// The hash now.
        found: String,
    },
    /// Reading it stopped early.
    Damaged {
        /// The record.
        evidence: EvidenceId,
        /// The file.
        file: String,
        /// Why.
        error: String,
    },
    /// Lines of a configuration were not understood.
    Skipped {
        /// The record.
        evidence: EvidenceId,
        /// How many.
        lines: u64,
        /// The first of them.
        first: Place,
    },
}

pub(super) static MISSING: Rule = Rule {
    code: "evidence/missing",
    title: "a file of evidence is not there",
    severity: Severity::Error,
    requirements: &[],
    finds: "An evidence record names a file that the workspace does not have.",
    why: "What it would show is unknown; nothing is concluded from it.",
    mend: "put the file where the record says, or mend `file`",
    wrong_when: "The file is kept elsewhere on purpose: then its record should name no file.",
};

pub(super) static CHANGED: Rule = Rule {
    code: "evidence/changed",
    title: "a file of evidence is not the one that was recorded",
    severity: Severity::Error,
    requirements: &["SR 3.4"],
    finds: "The hash of the file differs from the record's `hash`.",
    why: "Evidence that can change unseen proves nothing.",
    mend: "restore the file, or record the new one's hash with the time and place it was taken",
    wrong_when: "The file was replaced on purpose and the record was not.",
};

pub(super) static DAMAGED: Rule = Rule {
    code: "evidence/damaged",
    title: "a file of evidence could be read in part only",
    severity: Severity::Warning,
    requirements: &[],
    finds: "Reading a capture or configuration stopped before its end.",
    why: "What stands behind the damage is unknown.",
    mend: "take the evidence anew, or export it again",
    wrong_when: "The last packet was cut when the capture was stopped: then nothing else is missing.",
};

pub(super) static SKIPPED: Rule = Rule {
    code: "evidence/skipped-lines",
    title: "lines of a configuration were not understood",
    severity: Severity::Note,
    requirements: &[],
    finds: "Lines of a configuration that may bear on what passes were warned about.",
    why: "Verdicts that lean on this configuration distinguish surely and possibly open; the difference may be due to these lines.",
    mend: "`zonewright firewall read FILE` shows each line with the reason",
    wrong_when: "The lines do not bear on forwarding.",
};

/// The findings about files of evidence.
#[must_use]
pub fn of_evidence(plant: &Plant, states: &[EvidenceState]) -> Vec<Finding> {
    states
        .iter()
        .map(|state| {
            let (rule, id, message, place): (&'static Rule, _, _, Option<&Place>) = match state {
                EvidenceState::Missing { evidence, file } => (
                    &MISSING,
                    evidence,
                    format!("evidence {evidence} names `{file}`, which is not there"),
                    None,
                ),
                EvidenceState::Changed { evidence, recorded, found } => (
                    &CHANGED,
                    evidence,
                    format!("evidence {evidence} was recorded as {recorded} and is {found}"),
                    None,
                ),
                EvidenceState::Damaged { evidence, file, error } => (
                    &DAMAGED,
                    evidence,
                    format!("evidence {evidence}, `{file}`, was read in part: {error}"),
                    None,
                ),
                EvidenceState::Skipped { evidence, lines, first } => (
                    &SKIPPED,
                    evidence,
                    format!("{lines} lines of evidence {evidence} were not understood"),
                    Some(first),
                ),
            };
            let mut finding = rule.finding("evidence", id.as_str(), message);
            finding.evidence = place
                .map(|place| EvidencePlace { place: place.clone(), what: "the first of them".into() })
                .into_iter()
                .chain(plant.evidence.get(id).map(|record| declared_at(&record.common, "file")))
                .collect();
            finding
        })
        .collect()
}

pub(super) static PROPOSED: Rule = Rule {
    code: "evidence/proposed",
    title: "evidence is only proposed and not used",
    severity: Severity::Warning,
    requirements: &[],
    finds: "Records of evidence are marked as proposed; nobody accepted them yet.",
    why: "What is proposed does not count: their captures and configurations were not read, and whatever they would show is missing from the verdict.",
    mend: "`zonewright review` lists what is proposed; accept what is right",
    wrong_when: "Never; it says what was left out.",
};

pub(super) fn proposed(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    let waiting: Vec<_> = model.plant.evidence.values().filter(|evidence| evidence.common.proposed).collect();
    if waiting.is_empty() {
        return Vec::new();
    }
    let names = words::list(waiting.iter().map(|evidence| evidence.id.as_str()));
    let what = if waiting.len() == 1 { "piece of evidence is" } else { "pieces of evidence are" };
    let message = format!("{} {what} only proposed and not used: {names}", waiting.len());
    let plant = model.plant.system.as_ref().map(|system| system.id.clone()).unwrap_or_default();
    let mut finding = rule.finding("plant", plant, message);
    finding.evidence = waiting.iter().take(PLACES_MAX).map(|e| declared_at(&e.common, "proposed")).collect();
    vec![finding]
}

/// How many places one finding names.
const PLACES_MAX: usize = 6;

pub(super) static OUTDATED: Rule = Rule {
    code: "evidence/outdated",
    title: "a piece of evidence is past the day it is good for",
    severity: Severity::Warning,
    requirements: &[],
    finds: "An evidence record's `good_until` lies before the judging date.",
    why: "What a capture or a configuration showed then need not be so now.",
    mend: "take the evidence anew, or set `good_until` anew with a reason",
    wrong_when: "Never; the evidence is still used, and the finding says so.",
};

pub(super) fn outdated(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    model
        .plant
        .evidence
        .values()
        .filter_map(|evidence| {
            let until = evidence.good_until.filter(|until| *until < model.as_of)?;
            let message = format!("evidence {} was good until {until}", evidence.id);
            let mut finding = rule.finding("evidence", evidence.id.as_str(), message);
            finding.evidence = vec![declared_at(&evidence.common, "good_until")];
            Some(finding)
        })
        .collect()
}
