//! Rules: one file a rule (or a family that shares its reading of the model), one list, one seam.
//!
//! A rule is named for what is wrong. Its record is its manual page: what it finds, why it matters, how to mend it,
//! and when it is wrong.

pub(crate) mod asset;
mod conduit;
mod evidence;
pub mod firewall;
pub(crate) mod level;
mod partition;
pub(crate) mod path;
mod permit;
mod zone;

pub use evidence::{EvidenceState, of_evidence};

use crate::verification::Verification;
use jiff::civil::Date;
use std::collections::BTreeMap;
use zonewright_catalog::RequirementId;
use zonewright_plant::id::WaiverId;
use zonewright_plant::model::Common;
use zonewright_plant::{EvidencePlace, Finding, Plant, Subject};
use zonewright_source::Severity;

/// A rule, as the manual prints it.
#[derive(Debug)]
pub struct Rule {
    /// `area/slug`; never changes its meaning.
    pub code: &'static str,
    /// What it finds, in a phrase.
    pub title: &'static str,
    /// How grave a finding of it is at most.
    pub severity: Severity,
    /// The requirements it rests on, as the catalogs print them.
    pub requirements: &'static [&'static str],
    /// What it finds, in full.
    pub finds: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// How to mend it.
    pub mend: &'static str,
    /// When it is wrong.
    pub wrong_when: &'static str,
}

impl Rule {
    /// A finding of this rule at its own severity.
    pub(crate) fn finding(
        &'static self,
        kind: &'static str,
        id: impl Into<String>,
        message: impl Into<String>,
    ) -> Finding {
        Finding {
            rule: self.code,
            severity: self.severity,
            subject: Subject { kind, id: id.into() },
            discriminators: Vec::new(),
            message: message.into(),
            requirements: self
                .requirements
                .iter()
                .filter_map(|id| id.parse::<RequirementId>().ok())
                .collect(),
            evidence: Vec::new(),
            remedy: self.mend.to_string(),
            waiver: None,
        }
    }
}

/// What model rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Model<'p> {
    /// The plant.
    pub plant: &'p Plant,
    /// The judging date.
    pub as_of: Date,
}

/// A rule over the model alone, with the function that finds it.
struct ModelRule {
    rule: &'static Rule,
    check: fn(&'static Rule, Model<'_>) -> Vec<Finding>,
}

/// Every rule over the model. One more is one line here.
static MODEL_RULES: &[ModelRule] = &[
    ModelRule { rule: &partition::BUSINESS_NOT_SEPARATED, check: partition::business_not_separated },
    ModelRule { rule: &partition::SAFETY_NOT_SEPARATED, check: partition::safety_not_separated },
    ModelRule { rule: &partition::TEMPORARY_NOT_SEPARATED, check: partition::temporary_not_separated },
    ModelRule { rule: &partition::WIRELESS_NOT_SEPARATED, check: partition::wireless_not_separated },
    ModelRule { rule: &partition::EXTERNAL_NOT_SEPARATED, check: partition::external_not_separated },
    ModelRule { rule: &partition::ASSET_WITHOUT_ZONE, check: partition::asset_without_zone },
    ModelRule { rule: &asset::DUAL_HOMED, check: asset::dual_homed },
    ModelRule { rule: &zone::WITHOUT_TARGET, check: zone::without_target },
    ModelRule { rule: &zone::UNEXPLAINED_LEVELS, check: zone::unexplained_levels },
    ModelRule { rule: &conduit::UNTRUSTED_UNPROTECTED, check: conduit::untrusted_unprotected },
    ModelRule { rule: &conduit::UNENFORCED, check: conduit::unenforced },
    ModelRule { rule: &permit::WITHOUT_PURPOSE, check: permit::without_purpose },
    ModelRule { rule: &permit::WITHOUT_OWNER, check: permit::without_owner },
    ModelRule { rule: &permit::EXPIRED, check: permit::expired },
    ModelRule { rule: &permit::OUTSIDE_CONDUIT, check: permit::outside_conduit },
    ModelRule { rule: &permit::UNKNOWN_PROTOCOL, check: permit::unknown_protocol },
    ModelRule { rule: &permit::UNKNOWN_FUNCTION, check: permit::unknown_function },
    ModelRule { rule: &permit::EVERYTHING, check: permit::everything },
    ModelRule { rule: &evidence::OUTDATED, check: evidence::outdated },
    ModelRule { rule: &evidence::PROPOSED, check: evidence::proposed },
];

/// Rules over files of evidence.
static EVIDENCE_RULES: &[&Rule] =
    &[&evidence::MISSING, &evidence::CHANGED, &evidence::DAMAGED, &evidence::SKIPPED];

/// Every rule, those over the model and those over what evidence shows, by code.
#[must_use]
pub fn all() -> Vec<&'static Rule> {
    let mut rules: Vec<_> = MODEL_RULES
        .iter()
        .map(|entry| entry.rule)
        .chain(EVIDENCE_RULES.iter().copied())
        .chain(level::RULES.iter().copied())
        .chain(path::RULES.iter().copied())
        .chain(firewall::RULES.iter().copied())
        .collect();
    rules.sort_by_key(|rule| rule.code);
    rules
}

/// The rules over the model.
pub fn of_the_model() -> impl Iterator<Item = &'static Rule> {
    MODEL_RULES.iter().map(|entry| entry.rule)
}

/// The findings of the rules over the model: `zonewright check`.
#[must_use]
pub fn check(plant: &Plant, as_of: Date) -> Vec<Finding> {
    let model = Model { plant, as_of };
    let mut findings: Vec<Finding> =
        MODEL_RULES.iter().flat_map(|entry| (entry.check)(entry.rule, model)).collect();
    finish(plant, as_of, &mut findings);
    findings
}

/// Marks waived findings and brings all into the order of the interfaces: gravest first, then rule, subject, id.
pub(crate) fn finish(plant: &Plant, as_of: Date, findings: &mut Vec<Finding>) {
    for finding in findings.iter_mut() {
        finding.waiver = waiver(plant, as_of, finding);
        finding.evidence.dedup();
    }
    findings.sort_by_cached_key(|f| {
        (std::cmp::Reverse(f.severity), f.rule, f.subject.clone(), f.discriminators.clone())
    });
    merge(findings);
}

/// Findings with one id are one finding: the gravest stays and tells what the others say.
fn merge(findings: &mut Vec<Finding>) {
    let mut at: BTreeMap<String, usize> = BTreeMap::new();
    let mut merged: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings.drain(..) {
        let id = finding.id();
        match at.get(&id).and_then(|at| merged.get_mut(*at)) {
            Some(known) => {
                if !known.message.contains(&finding.message) {
                    known.message = format!("{}; {}", known.message, finding.message);
                }
                let more: Vec<_> =
                    finding.evidence.into_iter().filter(|place| !known.evidence.contains(place)).collect();
                known.evidence.extend(more);
            }
            None => {
                at.insert(id, merged.len());
                merged.push(finding);
            }
        }
    }
    *findings = merged;
}

/// Adds findings to a verification and keeps its order.
pub fn add(verification: &mut Verification, plant: &Plant, more: impl IntoIterator<Item = Finding>) {
    verification.findings.extend(more);
    finish(plant, verification.as_of, &mut verification.findings);
}

fn waiver(plant: &Plant, as_of: Date, finding: &Finding) -> Option<WaiverId> {
    let id = finding.id();
    plant
        .waivers
        .values()
        .filter(|waiver| !waiver.common.proposed && as_of <= waiver.until)
        .find(|waiver| {
            waiver.findings.contains(&id)
                || (waiver.rule.as_deref() == Some(finding.rule)
                    && waiver.subject.as_ref().is_none_or(|subject| *subject == finding.subject.id))
        })
        .map(|waiver| waiver.id.clone())
}

/// The line of the model that a finding rests on.
pub(crate) fn declared_at(common: &Common, key: &str) -> EvidencePlace {
    EvidencePlace { place: common.place_of(key).clone(), what: "declared here".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_unique_and_rests_on_requirements_that_exist() {
        let rules = all();
        for pair in rules.windows(2) {
            assert_ne!(pair[0].code, pair[1].code);
        }
        for rule in rules {
            assert!(rule.code.split_once('/').is_some(), "{}", rule.code);
            for text in [rule.title, rule.finds, rule.why, rule.mend, rule.wrong_when] {
                assert!(!text.is_empty(), "{}", rule.code);
            }
            for requirement in rule.requirements {
                let id: RequirementId = requirement.parse().unwrap();
                assert!(
                    id.family() != "SR" || zonewright_catalog::system_requirement_title(&id).is_some(),
                    "{id}"
                );
            }
        }
    }
}
