//! What is not known: paths that no capture covers, enforcement that no configuration shows, what could not be read.

use super::parts::{esc, prose, spoken, zone};
use crate::input::ReportInput;
use crate::words;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use zonewright_assess::verification::{Configured, Observed, Path, PathName};
use zonewright_plant::id::ZoneId;
use zonewright_plant::model::EvidenceKind;
use zonewright_source::Diagnostic;

/// Most diagnostics that are shown of one input.
const DIAGNOSTICS_SHOWN_MAX: usize = 200;

/// Section "What is not known".
pub(super) fn not_known(page: &mut String, input: &ReportInput<'_>) {
    page.push_str("<section id=\"unknown\">\n<h2>What is not known</h2>\n");
    let between = |p: &&Path| p.name != PathName::WithinZone;
    let paths = || input.verification.paths.iter().filter(between);
    let uncovered: Vec<&Path> = paths().filter(|p| p.observed == Observed::NotCovered).collect();
    let unshown: Vec<&Path> = paths().filter(|p| !p.enforcement_shown).collect();
    let unsure: Vec<&Path> =
        paths().filter(|p| p.enforcement_shown && p.configured == Configured::Unknown).collect();
    let everything = uncovered.is_empty() && unshown.is_empty() && unsure.is_empty();
    if everything && !paths_are_none(input) {
        page.push_str("<p>Every path compared is covered by a capture and by a configuration.</p>\n");
    }
    page.push_str("<p>A capture shows what passes its capture point while it runs. None proves that there is no other traffic.</p>\n");
    unwatched(page, input);
    group(
        page,
        input,
        "No capture covers these",
        "Whether they are used is not known: no capture point lies on the way, or its window is shorter than the expected rhythm.",
        &uncovered,
    );
    group(
        page,
        input,
        "Enforcement is not shown here",
        "No configuration covers the way, so nothing shows that anything is closed. What was declared and seen still stands.",
        &unshown,
    );
    group(
        page,
        input,
        "The configuration leaves it open",
        "The configuration covers the way, but names, applications or lines that were warned about leave the answer unsure.",
        &unsure,
    );
    diagnostics(page, input);
    page.push_str("</section>\n");
}

fn paths_are_none(input: &ReportInput<'_>) -> bool {
    input.verification.paths.iter().all(|p| p.name == PathName::WithinZone)
}

/// Zones within the system under consideration where no capture was taken.
fn unwatched(page: &mut String, input: &ReportInput<'_>) {
    let captures = input
        .plant
        .evidence
        .values()
        .filter(|e| e.kind == Some(EvidenceKind::Capture) && input.verification.evidence.contains(&e.id));
    let watched: BTreeSet<&ZoneId> = captures.flat_map(|e| e.zone.iter().chain(&e.sees)).collect();
    let unwatched: Vec<String> = input
        .plant
        .zones
        .values()
        .filter(|z| z.inside && !watched.contains(&z.id))
        .map(|z| words::name_of(&z.common, z.id.as_str()).to_string())
        .collect();
    if !unwatched.is_empty() {
        let _ = writeln!(
            page,
            "<p>No capture was taken in {}: what stays within {}, and what reaches {} by a way that no other capture point sees, is not known.</p>",
            esc(&words::and_list(&unwatched)),
            if unwatched.len() == 1 { "it" } else { "them" },
            if unwatched.len() == 1 { "it" } else { "them" },
        );
    }
}

/// Paths of one kind, one row a pair of zones.
fn group(page: &mut String, input: &ReportInput<'_>, title: &str, why: &str, paths: &[&Path]) {
    if paths.is_empty() {
        return;
    }
    let mut pairs: BTreeMap<(&str, &str), Vec<&Path>> = BTreeMap::new();
    for path in paths {
        pairs.entry((&path.from_zone, &path.to_zone)).or_default().push(path);
    }
    let _ = writeln!(
        page,
        "<h3>{title}: {}</h3>\n<p>{why}</p>\n<div class=\"scroll\"><table><thead><tr><th>From</th><th>To</th><th>What</th></tr></thead>\n<tbody>",
        words::count(paths.len(), "path", "paths")
    );
    for ((from, to), paths) in pairs.iter().take(super::ROWS_SHOWN_MAX) {
        let mut what: Vec<String> = paths
            .iter()
            .take(8)
            .map(|p| match &p.permit {
                Some(permit) => {
                    format!("{} <span class=\"soft\">({})</span>", spoken(p), esc(permit.as_str()))
                }
                None => spoken(p),
            })
            .collect();
        if paths.len() > 8 {
            what.push(format!("and {} more", paths.len() - 8));
        }
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            zone(input, from),
            zone(input, to),
            what.join("<br>")
        );
    }
    page.push_str("</tbody></table></div>\n");
}

fn all_diagnostics<'a>(input: &ReportInput<'a>) -> impl Iterator<Item = &'a Diagnostic> {
    input.evidence.iter().flat_map(|e| &e.diagnostics).chain(input.diagnostics)
}

fn diagnostics(page: &mut String, input: &ReportInput<'_>) {
    if all_diagnostics(input).next().is_none() {
        return;
    }
    page.push_str("<h3>What was skipped or could not be read</h3>\n<p>A line or a packet that was not understood may change a verdict. Lines of a configuration that were warned about count as possibly open, never as closed.</p>\n");
    for evidence in input.evidence.iter().filter(|e| !e.diagnostics.is_empty()) {
        list(page, &format!("{} ({})", evidence.file, evidence.id), &evidence.diagnostics);
    }
    if !input.diagnostics.is_empty() {
        list(page, "Model and other inputs", input.diagnostics);
    }
}

fn list(page: &mut String, title: &str, diagnostics: &[Diagnostic]) {
    let _ = writeln!(
        page,
        "<details class=\"plain\"{}><summary>{}: {}</summary>\n<ul>",
        if diagnostics.len() <= 8 { " open" } else { "" },
        esc(title),
        words::count(diagnostics.len(), "message", "messages")
    );
    for diagnostic in diagnostics.iter().take(DIAGNOSTICS_SHOWN_MAX) {
        let place = diagnostic
            .place
            .as_ref()
            .map(|p| format!(" <code class=\"break\">{}</code>", esc(&p.to_string())))
            .unwrap_or_default();
        let help = diagnostic
            .help
            .as_deref()
            .map(|h| format!(" {}", prose(&words::sentence(h))))
            .unwrap_or_default();
        let _ = writeln!(
            page,
            "<li>{}: {}{place}{help} <span class=\"soft small\">{}</span></li>",
            words::sentence(diagnostic.severity.as_str()).trim_end_matches('.'),
            prose(&words::sentence(&diagnostic.message)),
            esc(diagnostic.code)
        );
    }
    if let Some(more) = diagnostics.len().checked_sub(DIAGNOSTICS_SHOWN_MAX).filter(|more| *more > 0) {
        let _ = writeln!(page, "<li>and {more} more</li>");
    }
    page.push_str("</ul></details>\n");
}
