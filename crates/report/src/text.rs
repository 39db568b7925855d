//! A verification as a person reads it in a terminal.

use crate::input::ReportInput;
use crate::page::Page;
use crate::ranked;
use crate::steps;
use crate::words;
use std::collections::BTreeMap;
use zonewright_assess::verification::{Observed, PathName};
use zonewright_plant::Finding;
use zonewright_source::Severity;

/// Most findings that are listed; how many more there are is said.
pub const FINDINGS_LISTED_MAX: usize = 40;
/// Most findings of one rule that are listed.
pub const OF_A_RULE_MAX: usize = 12;

/// The readable summary, wrapped to `width` columns: what was compared, what stands out, what is not known, what is next.
#[must_use]
pub fn verification(input: &ReportInput<'_>, width: usize) -> String {
    let mut out = Page::new(width);
    head(&mut out, input);
    names(&mut out, input);
    findings(&mut out, input);
    unknown(&mut out, input);
    if let Some(step) = steps::steps(input).first() {
        out.hang("next: ", &format!("{}: {} {}", step.action, words::sentence(&step.subjects), step.why));
    }
    out.text
}

fn head(out: &mut Page, input: &ReportInput<'_>) {
    let verification = input.verification;
    let name =
        input.plant.system.as_ref().map_or(verification.plant.as_str(), |s| words::name_of(&s.common, &s.id));
    let evidence: Vec<&str> = verification.evidence.iter().map(|id| id.as_str()).collect();
    let evidence = if evidence.is_empty() { "none".to_string() } else { evidence.join(", ") };
    out.hang("", &format!("{name}, judged as of {}", verification.as_of));
    out.hang("evidence: ", &evidence);
    out.line("");
}

fn names(out: &mut Page, input: &ReportInput<'_>) {
    let mut counts: BTreeMap<usize, (PathName, usize)> = BTreeMap::new();
    for path in &input.verification.paths {
        counts.entry(words::rank(path.name)).or_insert((path.name, 0)).1 += 1;
    }
    out.line(&format!("{} compared", words::count(input.verification.paths.len(), "path", "paths")));
    for (name, n) in counts.values() {
        out.hang(&format!("  {:<18}{:>6}  ", name.as_str(), words::thousands(*n as u64)), name.meaning());
    }
    out.line("");
}

fn findings(out: &mut Page, input: &ReportInput<'_>) {
    list(out, &input.verification.findings);
}

/// The findings that no waiver covers, gravest first, and how many there are.
pub(crate) fn list(out: &mut Page, findings: &[Finding]) {
    let standing = ranked::standing(findings);
    let waived = findings.len() - standing.len();
    let of = |severity| standing.iter().filter(|f| f.severity == severity).count();
    let said = [
        words::count(of(Severity::Error), "error", "errors"),
        words::count(of(Severity::Warning), "warning", "warnings"),
        words::count(of(Severity::Note), "note", "notes"),
    ];
    let waived = if waived > 0 { format!("; {waived} more waived") } else { String::new() };
    out.hang(
        "",
        &format!("{}: {}{waived}", words::count(standing.len(), "finding", "findings"), said.join(", ")),
    );
    let mut of_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &standing {
        *of_rule.entry(finding.rule).or_default() += 1;
    }
    let mut listed = 0;
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &standing {
        let (known, all) =
            (shown.entry(finding.rule).or_default(), of_rule.get(finding.rule).copied().unwrap_or_default());
        *known += 1;
        if *known > OF_A_RULE_MAX && all > OF_A_RULE_MAX + 1 {
            if *known == OF_A_RULE_MAX + 1 {
                out.hang("           ", &format!("and {} more of {}", all - OF_A_RULE_MAX, finding.rule));
            }
            continue;
        }
        if listed == FINDINGS_LISTED_MAX {
            break;
        }
        one(out, finding);
        listed += 1;
    }
    let hidden = standing.len() - listed;
    if hidden > 0 {
        out.hang("", &format!("{hidden} of them are not listed here; `--format json` lists all"));
    }
    out.line("");
}

/// A finding: what is wrong, and beneath it the id and the first places that show it.
fn one(out: &mut Page, finding: &Finding) {
    out.hang(
        &format!("  {:<8} ", finding.severity.as_str()),
        &format!("{}: {}", finding.rule, finding.message),
    );
    let mut places: Vec<String> = finding.evidence.iter().take(2).map(|e| e.place.to_string()).collect();
    if let Some(more) = finding.evidence.len().checked_sub(2).filter(|more| *more > 0) {
        places.push(format!("{more} more"));
    }
    let places = if places.is_empty() { String::new() } else { format!("  {}", places.join(", ")) };
    out.hang("           ", &format!("{}{places}", finding.id()));
}

fn unknown(out: &mut Page, input: &ReportInput<'_>) {
    let paths = &input.verification.paths;
    let uncovered = paths.iter().filter(|p| p.observed == Observed::NotCovered).count();
    let unshown = paths.iter().filter(|p| !p.enforcement_shown && p.name != PathName::WithinZone).count();
    let skipped = input
        .evidence
        .iter()
        .flat_map(|e| &e.diagnostics)
        .filter(|d| d.severity >= Severity::Warning)
        .count();
    let said: Vec<String> = [
        (uncovered, "path is covered by no capture", "paths are covered by no capture"),
        (unshown, "path has no configuration that covers it", "paths have no configuration that covers them"),
        (skipped, "warning about the evidence itself", "warnings about the evidence itself"),
    ]
    .into_iter()
    .filter(|(n, ..)| *n > 0)
    .map(|(n, one, many)| words::count(n, one, many))
    .collect();
    if !said.is_empty() {
        out.hang("not known: ", &said.join("; "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_verification_reads_in_a_terminal() {
        let sample = samples::small();
        insta::assert_snapshot!(verification(&sample.input(), 100));
    }

    #[test]
    fn lines_keep_to_the_width_and_names_cannot_steer_the_terminal() {
        let mut sample = samples::small();
        for finding in &mut sample.verification.findings {
            finding.message = "a\u{1b}[2Jb\nc ".repeat(40);
        }
        let text = verification(&sample.input(), 80);
        assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn a_long_list_is_cut_and_says_so() {
        let mut sample = samples::small();
        let first = sample.verification.findings[0].clone();
        sample.verification.findings = (0..FINDINGS_LISTED_MAX + 3)
            .map(|i| zonewright_plant::Finding { discriminators: vec![i.to_string()], ..first.clone() })
            .collect();
        let text = verification(&sample.input(), 100);
        assert!(text.contains("and 31 more of"), "{text}");
        assert!(text.contains("31 of them are not listed here; `--format json` lists all"), "{text}");
    }
}
