//! Rules over evidence.

use super::{Model, Rule, declared_at};
use zonewright_plant::Finding;
use zonewright_source::Severity;

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
