//! The first page: what was compared, what agrees, what matters, what to do first; and the list of what to do next.

use super::parts::{esc, prose, span};
use crate::input::ReportInput;
use crate::ranked;
use crate::steps::{Step, steps};
use crate::words::{self, Tone};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use zonewright_assess::verification::{Path, PathName};
use zonewright_plant::Finding;
use zonewright_plant::model::EvidenceKind;
use zonewright_source::Severity;

/// How many findings the first page names.
const FINDINGS_NAMED: usize = 3;
/// How many findings a step links to.
const LINKS_NAMED: usize = 12;

/// The summary for those who read nothing else.
pub(super) fn in_short(page: &mut String, input: &ReportInput<'_>) {
    let standing = ranked::standing(&input.verification.findings);
    page.push_str("<section id=\"short\">\n<h2>In short</h2>\n");
    let _ = writeln!(page, "<p class=\"lead\">{}</p>", compared(input));
    figures(page, input, &standing);
    let _ = writeln!(page, "<p>{}</p>", agreement(input));
    matters(page, &standing);
    let steps = steps(input);
    if let Some(first) = steps.first() {
        let _ = writeln!(
            page,
            "<p><strong>Do first:</strong> {}: {} {} <a class=\"id\" href=\"#next\">{}</a></p>",
            prose(&first.action),
            prose(&words::sentence(&first.subjects)),
            prose(&first.why),
            if steps.len() > 1 { format!("All {} steps", steps.len()) } else { "The step".into() }
        );
    }
    let waived = input.verification.findings.len() - standing.len();
    if waived > 0 {
        let _ = writeln!(
            page,
            "<p>{} accepted by a waiver with an end date and {} not counted above.</p>",
            words::count(waived, "finding is", "findings are"),
            if waived == 1 { "is" } else { "are" }
        );
    }
    page.push_str("</section>\n");
}

/// What was set beside what.
fn compared(input: &ReportInput<'_>) -> String {
    let plant = input.plant;
    let permits: usize = plant.conduits.values().map(|c| c.permits.len()).sum();
    let of = |kind| input.evidence.iter().filter(|e| e.kind == kind).count();
    let (captures, configurations) = (of(EvidenceKind::Capture), of(EvidenceKind::Configuration));
    let mut said = format!(
        "What the plant declares ({}, {} with {}) was compared ",
        words::count(plant.zones.len(), "zone", "zones"),
        words::count(plant.conduits.len(), "conduit", "conduits"),
        words::count(permits, "permit", "permits")
    );
    said.push_str(&match configurations {
        0 => "with no configuration".to_string(),
        n => format!(
            "with what {} let{} through",
            words::count(n, "configuration", "configurations"),
            if n == 1 { "s" } else { "" }
        ),
    });
    said.push_str(&match captures {
        0 => " and no capture.".to_string(),
        n => format!(
            " and with what {} show{}",
            words::count(n, "capture", "captures"),
            if n == 1 { "s" } else { "" }
        ),
    });
    if captures > 0 {
        let windows =
            input.evidence.iter().filter(|e| e.kind == EvidenceKind::Capture).filter_map(|e| e.window);
        let covered = windows.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        said.push_str(&covered.map_or(".".into(), |(first, last)| format!(", {}.", span(first, last))));
    }
    said
}

fn figures(page: &mut String, input: &ReportInput<'_>, standing: &[&Finding]) {
    let of = |severity| standing.iter().filter(|f| f.severity == severity).count();
    let fine = between_zones(input).filter(|p| p.name == PathName::Conforming).count();
    let unknown = between_zones(input).filter(|p| p.name == PathName::NotObserved).count();
    page.push_str("<ul class=\"figures\">\n");
    for (tone, n, one, many) in [
        (Tone::Grave, of(Severity::Error), "error: to be mended", "errors: to be mended"),
        (Tone::Attend, of(Severity::Warning), "warning: to be looked at", "warnings: to be looked at"),
        (Tone::Ask, of(Severity::Note), "note: worth knowing", "notes: worth knowing"),
        (Tone::Fine, fine, "path is as planned", "paths are as planned"),
        (Tone::Unknown, unknown, "path that no capture covers", "paths that no capture covers"),
    ] {
        let said = if n == 1 { one } else { many };
        let n = words::thousands(n as u64);
        let _ = writeln!(page, "<li class=\"{}\"><b>{n}</b>{said}</li>", tone.class());
    }
    page.push_str("</ul>\n");
}

/// Paths that say something about conduits.
fn between_zones<'a>(input: &ReportInput<'a>) -> impl Iterator<Item = &'a Path> {
    input.verification.paths.iter().filter(|p| !matches!(p.name, PathName::WithinZone | PathName::Enforced))
}

/// What agrees and what does not, in one sentence or two.
fn agreement(input: &ReportInput<'_>) -> String {
    let total = between_zones(input).count();
    let mut counts: BTreeMap<usize, (PathName, usize)> = BTreeMap::new();
    for path in between_zones(input) {
        counts.entry(words::rank(path.name)).or_insert((path.name, 0)).1 += 1;
    }
    let said = |fine: bool| -> (usize, String) {
        let kept: Vec<(PathName, usize)> = counts
            .values()
            .copied()
            .filter(|(name, _)| (*name == PathName::Conforming) == fine && *name != PathName::NotObserved)
            .collect();
        let words: Vec<String> = kept.iter().map(|(name, n)| format!("{n} {}", name.as_str())).collect();
        (kept.iter().map(|(_, n)| n).sum(), words::and_list(&words))
    };
    let ((fine, _), (against, names)) = (said(true), said(false));
    let unknown = total - fine - against;
    let mut out =
        format!("Of {} between zones, {fine} {} as planned", words::count(total, "path", "paths"), be(fine));
    out.push_str(&if against > 0 {
        format!(" and {against} {} not: {names}.", be(against))
    } else {
        " and none is against the plan.".into()
    });
    if unknown > 0 {
        out.push_str(&format!(
            " {unknown} {} known only as declared, because no capture covers {}.",
            be(unknown),
            if unknown == 1 { "it" } else { "them" }
        ));
    }
    let unshown = between_zones(input).filter(|p| !p.enforcement_shown).count();
    if unshown > 0 {
        out.push_str(&format!(
            " For {} no configuration shows whether a device enforces anything.",
            words::count(unshown, "path", "paths")
        ));
    }
    if against == 0 && fine == 0 {
        out.push_str(" This shows nothing yet: it needs evidence.");
    }
    esc(&out)
}

const fn be(n: usize) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

fn matters(page: &mut String, standing: &[&Finding]) {
    let grave: Vec<&&Finding> =
        standing.iter().filter(|f| f.severity > Severity::Note).take(FINDINGS_NAMED).collect();
    if grave.is_empty() {
        page.push_str("<p>Nothing of weight stands out in what the evidence covers.</p>\n");
        return;
    }
    page.push_str("<p><strong>What matters most:</strong></p>\n<ul>\n");
    for finding in grave {
        let id = finding.id();
        let _ = writeln!(
            page,
            "<li>{} <a class=\"id\" href=\"#{id}\" aria-label=\"Evidence of finding {id}\">{id}</a></li>",
            prose(&words::sentence(&finding.message))
        );
    }
    page.push_str("</ul>\n");
}

/// The ordered list.
pub(super) fn next_steps(page: &mut String, input: &ReportInput<'_>) {
    page.push_str("<section id=\"next\">\n<h2>What to do next</h2>\n");
    let steps = steps(input);
    if steps.is_empty() {
        page.push_str(
            "<p>Nothing. Verify again when the plant, its configuration or its traffic changes.</p>\n",
        );
    } else {
        page.push_str("<ol class=\"steps\">\n");
        steps.iter().for_each(|step| one(page, step));
        page.push_str("</ol>\n");
    }
    page.push_str("</section>\n");
}

fn one(page: &mut String, step: &Step) {
    let links: Vec<String> = step
        .findings
        .iter()
        .take(LINKS_NAMED)
        .map(|id| format!("<a class=\"id\" href=\"#{id}\">{id}</a>"))
        .collect();
    let more = step.findings.len().saturating_sub(LINKS_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let links = if links.is_empty() {
        String::new()
    } else {
        format!("<br><span class=\"small soft\">{}{more}</span>", links.join(" "))
    };
    let _ = writeln!(
        page,
        "<li><strong>{}:</strong> {} {}{links}</li>",
        prose(&step.action),
        prose(&words::sentence(&step.subjects)),
        prose(&step.why)
    );
}
