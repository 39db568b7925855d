//! The disagreements, gravest first, each opening to its evidence.

use super::parts::{end, esc, prose, requirement, spoken, verdict};
use crate::input::ReportInput;
use crate::ranked::{self, PathIndex};
use crate::words;
use std::fmt::Write as _;
use zonewright_assess::rules::{self, Rule};
use zonewright_assess::verification::Path;
use zonewright_plant::{EvidencePlace, Finding};
use zonewright_source::{Place, Severity};

/// Most findings that are shown with their evidence; the gravest are.
pub const FINDINGS_SHOWN_MAX: usize = 500;
/// Most paths that a finding shows.
const PATHS_SHOWN_MAX: usize = 12;
/// Most places that a finding shows.
const PLACES_SHOWN_MAX: usize = 40;

/// Section "Disagreements".
pub(super) fn disagreements(page: &mut String, input: &ReportInput<'_>) {
    let standing = ranked::standing(&input.verification.findings);
    let index = PathIndex::new(input.verification);
    page.push_str("<section id=\"disagreements\">\n<h2>Disagreements, gravest first</h2>\n");
    if standing.is_empty() {
        page.push_str("<p>None was found in what the evidence covers.</p>\n");
    } else {
        page.push_str(
            "<div class=\"filter\" id=\"filter\" hidden><label>Filter <input type=\"search\" placeholder=\"zone, asset, protocol, error …\"></label> \
             <button type=\"button\">Open or close all</button> <output></output></div>\n",
        );
    }
    for (i, finding) in standing.iter().take(FINDINGS_SHOWN_MAX).enumerate() {
        one(page, input, &index, finding, Some(i + 1));
    }
    if let Some(more) = standing.len().checked_sub(FINDINGS_SHOWN_MAX).filter(|more| *more > 0) {
        let _ = writeln!(
            page,
            "<p>{} of less weight are not shown here; the JSON output lists all.</p>",
            words::count(more, "finding", "findings")
        );
    }
    waived(page, input, &index);
    page.push_str("</section>\n");
}

fn waived(page: &mut String, input: &ReportInput<'_>, index: &PathIndex<'_>) {
    let waived = ranked::waived(input.verification);
    if waived.is_empty() {
        return;
    }
    page.push_str("<h3>Accepted until a date</h3>\n");
    for finding in waived.iter().take(FINDINGS_SHOWN_MAX) {
        one(page, input, index, finding, None);
    }
    if let Some(more) = waived.len().checked_sub(FINDINGS_SHOWN_MAX).filter(|more| *more > 0) {
        let _ = writeln!(page, "<p>{more} more are not shown here; the JSON output lists all.</p>");
    }
}

fn one(
    page: &mut String,
    input: &ReportInput<'_>,
    index: &PathIndex<'_>,
    finding: &Finding,
    rank: Option<usize>,
) {
    let (class, severity) = match (&finding.waiver, finding.severity) {
        (Some(_), _) => ("unknown", "waived"),
        (None, Severity::Error) => ("grave", "error"),
        (None, Severity::Warning) => ("attend", "warning"),
        (None, Severity::Note) => ("ask", "note"),
    };
    let id = finding.id();
    let paths = index.of(finding);
    let _ = write!(
        page,
        "<details class=\"finding {class}\" id=\"{id}\">\n<summary><span class=\"headline\">{}<span class=\"tone {class}\">{severity}</span><span>{}</span><span>{}</span><span class=\"more\"></span></span><p>{}</p></summary>\n<div class=\"inside\">\n",
        rank.map(|r| format!("<span class=\"rank\">{r}</span>")).unwrap_or_default(),
        esc(words::slug(finding.rule)),
        where_it_is(input, finding, &paths),
        prose(&words::sentence(&finding.message)),
    );
    path_table(page, input, &paths);
    page.push_str("<dl class=\"parts\">\n");
    let mut part = |name: &str, said: String| {
        if !said.is_empty() {
            let _ = writeln!(page, "<dt>{name}</dt><dd>{said}</dd>");
        }
    };
    part("What it means", meaning(input, finding));
    part("What to do", prose(&words::sentence(&finding.remedy)));
    part(
        "False alarm when",
        manual(finding).map(|r| prose(&words::sentence(r.wrong_when))).unwrap_or_default(),
    );
    part("Evidence", evidence(input, finding));
    part("Requirements", list(finding.requirements.iter().map(requirement)));
    part("Waiver", waiver(input, finding));
    part("Finding", format!("<code>{id}</code> of rule <code>{}</code>", esc(finding.rule)));
    page.push_str("</dl>\n</div>\n</details>\n");
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: String = items.map(|item| format!("<li>{item}</li>")).collect();
    if items.is_empty() { items } else { format!("<ul>{items}</ul>") }
}

/// From where to where and what, in the head line.
fn where_it_is(input: &ReportInput<'_>, finding: &Finding, paths: &[&Path]) -> String {
    match paths {
        [path] => format!(
            "{} → {}, {}",
            esc(words::zone_name(input.plant, &path.from_zone)),
            esc(words::zone_name(input.plant, &path.to_zone)),
            esc(&words::service(path))
        ),
        _ => match finding.subject.id.split_once('>').filter(|_| finding.subject.kind == "path") {
            Some((from, to)) => {
                format!(
                    "{} → {}",
                    esc(words::zone_name(input.plant, from)),
                    esc(words::zone_name(input.plant, to))
                )
            }
            None => format!("{} {}", finding.subject.kind, esc(&finding.subject.id)),
        },
    }
}

fn path_table(page: &mut String, input: &ReportInput<'_>, paths: &[&Path]) {
    if paths.is_empty() {
        return;
    }
    page.push_str(
        "<div class=\"scroll\"><table><thead><tr><th>From</th><th>To</th><th>What</th><th>Declared</th><th>Configured</th><th>Observed</th><th>Together</th></tr></thead>\n<tbody>\n",
    );
    for path in paths.iter().take(PATHS_SHOWN_MAX) {
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            end(input, &path.from_zone, &path.from),
            end(input, &path.to_zone, &path.to),
            spoken(path),
            declared(path),
            configured(path),
            observed(path),
            verdict(path.name)
        );
    }
    page.push_str("</tbody></table></div>\n");
    if paths.len() > PATHS_SHOWN_MAX {
        let _ = writeln!(
            page,
            "<p class=\"soft small\">and {} more; <a href=\"#paths\">all paths</a></p>",
            paths.len() - PATHS_SHOWN_MAX
        );
    }
}

/// The declared world's word, with permit and conduit.
pub(super) fn declared(path: &Path) -> String {
    let by: Vec<String> = path
        .permit
        .iter()
        .map(|p| p.to_string())
        .chain(path.conduit.iter().map(|c| c.to_string()).filter(|_| path.permit.is_none()))
        .collect();
    let unmet: Vec<&str> = path.unmet.iter().map(|u| u.as_str()).collect();
    let lacks = if unmet.is_empty() {
        String::new()
    } else {
        format!("<span class=\"sub\">lacks {}</span>", unmet.join(", "))
    };
    match by.first() {
        Some(by) => format!("{}<span class=\"sub\">{}</span>{lacks}", path.declared.as_str(), esc(by)),
        None => format!("{}{lacks}", path.declared.as_str()),
    }
}

/// The configured world's word, with the lines that decide.
pub(super) fn configured(path: &Path) -> String {
    let mut out = path.configured.as_str().to_string();
    if !path.enforcement_shown {
        out.push_str("<span class=\"sub\">enforcement not shown</span>");
    }
    for place in path.configured_basis.iter().take(3) {
        let _ = write!(out, "<span class=\"sub break\">{}:{}</span>", esc(&place.file), place.line);
    }
    out
}

/// The observed world's word, with how much was seen.
pub(super) fn observed(path: &Path) -> String {
    match path.packets {
        0 => path.observed.as_str().to_string(),
        n => format!("{}<span class=\"sub\">{} packets</span>", path.observed.as_str(), words::thousands(n)),
    }
}

/// What it finds and why that matters, from the rule's manual; else what its name means.
fn meaning(input: &ReportInput<'_>, finding: &Finding) -> String {
    if let Some(rule) = manual(finding) {
        return format!("{} {}", prose(&words::sentence(rule.finds)), prose(&words::sentence(rule.why)));
    }
    let given = input.rules.iter().find(|r| r.id == finding.rule);
    match (given, words::name_of_rule(finding.rule)) {
        (Some(rule), _) => format!("{} {}", prose(&words::sentence(&rule.short)), prose(&rule.help)),
        (None, Some(name)) => esc(&words::sentence(name.meaning())),
        (None, None) => String::new(),
    }
}

fn manual(finding: &Finding) -> Option<&'static Rule> {
    rules::all().into_iter().find(|rule| rule.code == finding.rule)
}

fn evidence(input: &ReportInput<'_>, finding: &Finding) -> String {
    let mut items: Vec<String> =
        finding.evidence.iter().take(PLACES_SHOWN_MAX).map(|e| place(input, e)).collect();
    if let Some(more) = finding.evidence.len().checked_sub(PLACES_SHOWN_MAX).filter(|more| *more > 0) {
        items.push(format!("and {more} more places; the JSON output lists all"));
    }
    list(items.into_iter())
}

/// A place, what stands there, and its line where the caller gave it.
fn place(input: &ReportInput<'_>, evidence: &EvidencePlace) -> String {
    let file = esc(evidence.place.file());
    let at = match &evidence.place {
        Place::Text(text) => format!("<code>{file}:{}</code>", text.line),
        Place::Packet(packet) => {
            let offset = packet.offset.map(|o| format!(", byte {o}")).unwrap_or_default();
            let unit = packet.unit_word();
            format!("<code>{file}</code> {unit} {}{offset}", words::thousands(packet.packet))
        }
        Place::File(_) => format!("<code>{file}</code>"),
    };
    let what = if evidence.what.is_empty() { String::new() } else { format!(": {}", prose(&evidence.what)) };
    let line =
        input.lines.at(&evidence.place).map(|l| format!("<pre>{}</pre>", esc(l.trim()))).unwrap_or_default();
    format!("<span class=\"break\">{at}</span>{what}{line}")
}

fn waiver(input: &ReportInput<'_>, finding: &Finding) -> String {
    let Some(id) = &finding.waiver else { return String::new() };
    match input.plant.waivers.get(id) {
        Some(waiver) => format!(
            "<code>{id}</code> until {}{}{}",
            waiver.until,
            waiver.by.as_ref().map(|by| format!(", accepted by {}", esc(by.as_str()))).unwrap_or_default(),
            waiver.rationale.as_deref().map(|r| format!(": {}", prose(r))).unwrap_or_default(),
            id = esc(id.as_str()),
        ),
        None => format!("<code>{}</code>", esc(id.as_str())),
    }
}
