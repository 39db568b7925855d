//! What to do next: an ordered list out of the findings and of what is not known.

use crate::input::ReportInput;
use crate::ranked;
use crate::words::{self, Tone};
use std::collections::{BTreeMap, BTreeSet};
use zonewright_assess::verification::{Configured, PathName};
use zonewright_plant::Finding;
use zonewright_source::Severity;

/// How many subjects a step names.
const SUBJECTS_NAMED: usize = 4;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// What to do, as a request without its full stop.
    pub(crate) action: String,
    /// Where, or about what.
    pub(crate) subjects: String,
    /// What it is for.
    pub(crate) why: String,
    /// How grave what it mends is.
    pub(crate) tone: Tone,
    /// Ids of the findings that it mends.
    pub(crate) findings: Vec<String>,
}

/// The steps, in the order in which to take them.
pub(crate) fn steps(input: &ReportInput<'_>) -> Vec<Step> {
    let mut groups: BTreeMap<(std::cmp::Reverse<Severity>, usize, &'static str), Vec<&Finding>> =
        BTreeMap::new();
    for finding in ranked::standing(&input.verification.findings) {
        let rank = words::name_of_rule(finding.rule).map_or(usize::MAX, words::rank);
        groups.entry((std::cmp::Reverse(finding.severity), rank, finding.rule)).or_default().push(finding);
    }
    let mended = groups.iter().map(|((severity, _, rule), findings)| mend(input, severity.0, rule, findings));
    mended.chain(look_further(input)).collect()
}

fn mend(input: &ReportInput<'_>, severity: Severity, rule: &str, findings: &[&Finding]) -> Step {
    let subjects = subjects(input, findings);
    let (action, why) = match words::name_of_rule(rule) {
        Some(name) => of_name(name, findings.len()),
        None => of_rule(input, rule, findings),
    };
    let tone = match severity {
        Severity::Error => Tone::Grave,
        Severity::Warning => Tone::Attend,
        Severity::Note => Tone::Ask,
    };
    Step { action, subjects, why, tone, findings: findings.iter().map(|f| f.id()).collect() }
}

/// `Supervision to Pumping, C-07-P1 and 3 more`.
fn subjects(input: &ReportInput<'_>, findings: &[&Finding]) -> String {
    let all: BTreeSet<String> = findings.iter().map(|f| subject(input, f)).collect();
    let more = all.len().saturating_sub(SUBJECTS_NAMED);
    let mut named: Vec<String> = all.into_iter().take(SUBJECTS_NAMED).collect();
    if more > 0 {
        named.push(format!("{more} more"));
    }
    words::and_list(&named)
}

/// A subject as a sentence says it.
fn subject(input: &ReportInput<'_>, finding: &Finding) -> String {
    let name = |id| words::zone_name(input.plant, id);
    match (finding.subject.kind, finding.subject.id.split_once('>')) {
        ("path", Some((from, to))) => format!("{} to {}", name(from), name(to)),
        ("zone", _) => name(&finding.subject.id).to_string(),
        _ => finding.subject.id.clone(),
    }
}

fn of_name(name: PathName, n: usize) -> (String, String) {
    let each = if n == 1 { "it" } else { "each" };
    match name {
        PathName::UndeclaredBypass => (
            "Find the way round the enforcing device".into(),
            "This traffic is seen although the configuration closes it and nobody declared it. Until the way is found, the boundary does not hold.".into(),
        ),
        PathName::Undocumented => (
            "Decide on what is in use and in nobody's plan".into(),
            format!("Either declare {each} as a permit with purpose and owner, or stop {each} and close the rule that passes it."),
        ),
        PathName::UnknownEndpoint => (
            "Find out who the unknown endpoints are".into(),
            "Give each an asset and a zone, or keep it out. What is not in the model cannot be judged.".into(),
        ),
        PathName::Bypass => (
            "Compare the running configuration with the one read".into(),
            "Declared traffic passes although the configuration closes it: there is a way round the device, or the file is stale.".into(),
        ),
        PathName::Blocked => (
            "Ask whether the process misses what the device stops".into(),
            "The permit and the configuration contradict each other. Open the rule, or take the permit back.".into(),
        ),
        PathName::Excess => (
            "Close what is open without a reason".into(),
            "Nobody declared it and no capture shows it in use. What is open and not needed serves only an attacker.".into(),
        ),
        PathName::Idle => (
            "Ask the owners whether they still need".into(),
            "Declared and open, but not used for as long as it was watched. What is not needed should be closed.".into(),
        ),
        PathName::NotObserved | PathName::Conforming | PathName::WithinZone | PathName::Enforced => {
            ("Look at".into(), words::sentence(name.meaning()))
        }
    }
}

/// A rule that is not called after a name: its own manual, and what its first finding tells to do.
fn of_rule(input: &ReportInput<'_>, rule: &str, findings: &[&Finding]) -> (String, String) {
    let remedy = findings.first().map_or("", |f| f.remedy.trim());
    let manual = input.rules.iter().find(|r| r.id == rule);
    let why = manual.map_or_else(|| format!("Found by rule `{rule}`."), |r| words::sentence(&r.short));
    let action =
        if remedy.is_empty() { format!("Mend what rule `{rule}` finds") } else { words::sentence(remedy) };
    (action.trim_end_matches('.').to_string(), why)
}

/// What nobody knows yet, and where to look.
fn look_further(input: &ReportInput<'_>) -> Vec<Step> {
    let paths = &input.verification.paths;
    let step = |action: &str, subjects: String, why: &str| Step {
        action: action.into(),
        subjects,
        why: why.into(),
        tone: Tone::Unknown,
        findings: vec![],
    };
    let mut steps = Vec::new();
    let unseen: BTreeSet<&str> =
        paths.iter().filter(|p| p.name == PathName::NotObserved).map(|p| p.to_zone.as_str()).collect();
    if !unseen.is_empty() {
        let zones: Vec<String> =
            unseen.into_iter().map(|z| words::zone_name(input.plant, z).to_string()).collect();
        steps.push(step(
            "Capture traffic where nothing was captured",
            words::and_list(&zones),
            "Declared paths end there that no capture covers, so their use is not known.",
        ));
    }
    let unenforced: BTreeSet<String> = paths
        .iter()
        .filter(|p| !p.enforcement_shown && p.name != PathName::WithinZone)
        .filter_map(|p| p.conduit.as_ref().map(ToString::to_string))
        .collect();
    if !unenforced.is_empty() {
        let conduits: Vec<String> = unenforced.into_iter().collect();
        steps.push(step(
            "Add the configuration of the devices that enforce",
            words::and_list(&conduits),
            "No configuration covers these paths, so that anything is closed there is not shown.",
        ));
    }
    let unsure = paths.iter().filter(|p| p.enforcement_shown && p.configured == Configured::Unknown).count();
    let skipped = input
        .evidence
        .iter()
        .flat_map(|e| &e.diagnostics)
        .filter(|d| d.severity >= Severity::Warning)
        .count();
    if skipped > 0 || unsure > 0 {
        steps.push(step(
            "Look through what could not be read",
            words::count(skipped, "warning", "warnings"),
            "A line of a configuration or a packet that was not understood may change a verdict.",
        ));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn the_gravest_comes_first_and_every_standing_finding_has_a_step() {
        let sample = samples::small();
        let steps = steps(&sample.input());
        assert!(steps[0].subjects.contains("Pumping to Enterprise"), "{steps:?}");
        assert!(steps.windows(2).all(|s| s[0].tone <= s[1].tone));
        let mended: usize = steps.iter().map(|s| s.findings.len()).sum();
        assert_eq!(mended, ranked::standing(&sample.verification.findings).len());
        assert!(
            steps.iter().any(|s| s.action.contains("Capture traffic") && s.subjects == "Chlorine safety")
        );
    }
}
