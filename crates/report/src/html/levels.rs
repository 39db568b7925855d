//! Section "Security levels": target against achieved per zone and foundational requirement, gaps, and the questions that would
//! decide most.

use super::parts::{esc, prose};
use crate::input::ReportInput;
use crate::words;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use zonewright_assess::assessment::{Assessed, Assessment, Gap, RequirementStatus, SubjectKind};
use zonewright_assess::questions::Question;
use zonewright_catalog::{Catalog, Fr, SlVector};
use zonewright_plant::model::Status;

/// Most zones or conduits in a table of levels.
const SUBJECTS_SHOWN_MAX: usize = 300;
/// Most requirements in the list of gaps.
const GAPS_SHOWN_MAX: usize = 40;
/// How many subjects a gap names.
const SUBJECTS_NAMED: usize = 5;
/// How many things that show a gap are named.
const BASES_NAMED: usize = 3;
/// How many questions are named.
const QUESTIONS_SHOWN: usize = 12;

/// The section; nothing where the plant was not assessed.
pub(super) fn levels(page: &mut String, input: &ReportInput<'_>) {
    let Some(assessment) = input.assessment else { return };
    page.push_str("<section id=\"levels\">\n<h2>Security levels: target and achieved</h2>\n");
    let _ = writeln!(page, "<p>{}</p>", summary(assessment));
    page.push_str(
        "<p class=\"soft\">Each cell has four steps, one a level. Filled: proven, every requirement up to it is met. Light: possible, if all \
         that is not shown were met. The dark mark is the target. Beneath it the same in numbers: proven to possible / target.</p>\n",
    );
    table(page, assessment, SubjectKind::Zone);
    table(page, assessment, SubjectKind::Conduit);
    gaps(page, assessment);
    questions(page, input.questions);
    page.push_str("</section>\n");
}

fn summary(assessment: &Assessment) -> String {
    let zones = || assessment.subjects.iter().filter(|s| s.kind == SubjectKind::Zone);
    let cells = || {
        zones()
            .flat_map(|zone| Fr::ALL.map(|fr| (zone, fr)))
            .filter(|(zone, fr)| zone.sl_t.level(*fr).is_some())
    };
    let all = cells().count();
    if all == 0 {
        return "No zone has a target level yet, so nothing is asked for.".into();
    }
    let missed = cells().filter(|(zone, fr)| zone.is_missed(*fr)).count();
    let reached = cells().filter(|(zone, fr)| zone.is_reached(*fr)).count();
    format!(
        "Of {} ({} by seven foundational requirements) {reached} {} proven to be reached, {missed} {} shown to be missed, and for {} evidence is missing.",
        words::count(all, "target", "targets"),
        words::count(zones().count(), "zone", "zones"),
        be(reached),
        be(missed),
        all - missed - reached
    )
}

const fn be(n: usize) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

fn table(page: &mut String, assessment: &Assessment, kind: SubjectKind) {
    let subjects: Vec<&Assessed> = assessment.subjects.iter().filter(|s| s.kind == kind).collect();
    if subjects.is_empty() {
        return;
    }
    let head: String = Fr::ALL.iter().map(|fr| format!("<th class=\"level\">{fr}</th>")).collect();
    let title = if kind == SubjectKind::Zone { "Zone" } else { "Conduit" };
    let _ = writeln!(
        page,
        "<div class=\"scroll\"><table class=\"levels\"><thead><tr><th>{title}</th>{head}</tr></thead>\n<tbody>"
    );
    for subject in subjects.iter().take(SUBJECTS_SHOWN_MAX) {
        let name = if subject.name == subject.id {
            esc(&subject.id)
        } else {
            format!("{} <span class=\"sub\">{}</span>", esc(&subject.name), esc(&subject.id))
        };
        let cells: String = Fr::ALL.iter().map(|fr| cell(subject, *fr)).collect();
        let _ = writeln!(page, "<tr><th>{name}</th>{cells}</tr>");
    }
    page.push_str("</tbody></table></div>\n");
    if subjects.len() > SUBJECTS_SHOWN_MAX {
        let more = subjects.len() - SUBJECTS_SHOWN_MAX;
        let _ = writeln!(
            page,
            "<p class=\"soft\">{more} more are not shown here; the JSON output lists all.</p>"
        );
    }
}

fn number(vector: &SlVector, fr: Fr) -> Option<u8> {
    vector.level(fr).map(|level| level.number())
}

fn cell(subject: &Assessed, fr: Fr) -> String {
    let target = number(&subject.sl_t, fr);
    let (Some(proven), Some(possible)) = (number(&subject.proven, fr), number(&subject.possible, fr)) else {
        return "<td class=\"level soft\">nothing applies</td>".into();
    };
    let (class, said) = match target {
        None => ("", "no target"),
        Some(_) if subject.is_missed(fr) => ("grave", "missed"),
        Some(_) if subject.is_reached(fr) => ("fine", "reached"),
        Some(_) => ("unknown", "not shown"),
    };
    let mut steps = String::new();
    for step in 1..=4_u8 {
        let fill = match step {
            step if step <= proven => "proven",
            step if step <= possible => "possible",
            _ => "beyond",
        };
        let x = 1 + i32::from(step - 1) * 12;
        let _ = write!(steps, "<rect class=\"{fill}\" x=\"{x}\" y=\"3\" width=\"11\" height=\"8\"/>");
    }
    if let Some(target) = target.filter(|target| *target > 0) {
        let x = i32::from(target) * 12;
        let _ = write!(steps, "<path class=\"target\" d=\"M{x} 0V14\"/>");
    }
    let achieved = if proven == possible { proven.to_string() } else { format!("{proven}–{possible}") };
    let asked = target.map_or_else(String::new, |target| format!(" / {target}"));
    format!(
        "<td class=\"level\"><svg class=\"steps {class}\" viewBox=\"0 0 50 14\" width=\"50\" height=\"14\" aria-hidden=\"true\">{steps}</svg>\
         <span class=\"sub\">{achieved}{asked}<br>{said}</span></td>",
        said = if class.is_empty() {
            said.to_string()
        } else {
            format!("<span class=\"tone {class}\">{said}</span>")
        }
    )
}

type Rows<'a> = Vec<(&'a Assessed, &'a RequirementStatus)>;

/// What is asked for and shown not to be met, the lowest level first; and how many more are only not shown.
fn gaps(page: &mut String, assessment: &Assessment) {
    let rows = || assessment.subjects.iter().flat_map(|s| s.gaps().map(move |row| (s, row)));
    page.push_str("<h3>Gaps</h3>\n");
    let total = rows().count();
    if total == 0 {
        page.push_str("<p>Everything that is asked for is met.</p>\n");
        return;
    }
    let kinds: Vec<String> = Gap::ALL
        .into_iter()
        .map(|gap| (gap, rows().filter(|(_, row)| row.gap == Some(gap)).count()))
        .filter(|(_, n)| *n > 0)
        .map(|(gap, n)| format!("{n} to {}", gap.as_str()))
        .collect();
    let _ = writeln!(
        page,
        "<p>{} over all zones and conduits: {}.</p>",
        words::count(total, "gap", "gaps"),
        words::and_list(&kinds)
    );
    let mut by: BTreeMap<_, Rows<'_>> = BTreeMap::new();
    for (subject, row) in rows().filter(|(_, row)| row.status != Status::NotShown) {
        by.entry(&row.id).or_default().push((subject, row));
    }
    let shown: usize = by.values().map(Vec::len).sum();
    if by.is_empty() {
        page.push_str("<p>None of them is shown to be unmet: what is missing is evidence.</p>\n");
        return;
    }
    let mut ranked: Vec<_> = by.into_iter().collect();
    ranked.sort_by_key(|(id, rows)| {
        (rows.first().map(|(_, row)| row.level), Reverse(rows.len()), (*id).clone())
    });
    page.push_str(
        "<div class=\"scroll\"><table><thead><tr><th>Shown not to be met</th><th>Where</th><th>What shows it</th><th>What closes it</th></tr></thead>\n<tbody>\n",
    );
    for (id, rows) in ranked.iter().take(GAPS_SHOWN_MAX) {
        gap_row(page, &id.to_string(), Catalog::builtin().requirement(id).map_or("", |r| r.title), rows);
    }
    page.push_str("</tbody></table></div>\n");
    if ranked.len() > GAPS_SHOWN_MAX {
        let more = ranked.len() - GAPS_SHOWN_MAX;
        let _ = writeln!(
            page,
            "<p class=\"soft\">{more} more requirements are not shown here; the JSON output lists all.</p>"
        );
    }
    if total > shown {
        let _ = writeln!(
            page,
            "<p>The other {} are not shown to be met: see the questions below.</p>",
            total - shown
        );
    }
}

fn gap_row(page: &mut String, id: &str, title: &str, rows: &Rows<'_>) {
    let level = rows.first().map_or(0, |(_, row)| row.level.number());
    let mut names: Vec<String> =
        rows.iter().take(SUBJECTS_NAMED).map(|(subject, _)| esc(&subject.id)).collect();
    if rows.len() > SUBJECTS_NAMED {
        names.push(format!("{} more", rows.len() - SUBJECTS_NAMED));
    }
    let mut shown: Vec<String> = Vec::new();
    for basis in rows.iter().flat_map(|(_, row)| &row.basis) {
        let place = basis.places.first().map_or_else(String::new, |e| {
            format!(" <span class=\"sub break\">{}</span>", esc(&e.place.to_string()))
        });
        let said = format!("{}: {}{place}", basis.kind.as_str(), prose(&basis.text));
        if !shown.contains(&said) {
            shown.push(said);
        }
    }
    let more = shown.len().saturating_sub(BASES_NAMED);
    shown.truncate(BASES_NAMED);
    if more > 0 {
        shown.push(format!("<span class=\"soft\">and {more} more</span>"));
    }
    let mut closing: Vec<String> = rows
        .iter()
        .filter_map(|(_, row)| {
            Some(format!("<strong>{}</strong> {}", row.gap?.as_str(), esc(row.gap_text.as_deref()?)))
        })
        .collect();
    closing.sort();
    closing.dedup();
    closing.truncate(BASES_NAMED);
    let _ = writeln!(
        page,
        "<tr><th>{} <span class=\"sub\">{}, from SL {level}</span></th><td>{}</td><td>{}</td><td>{}</td></tr>",
        esc(id),
        esc(title),
        words::and_list(&names),
        shown.join("<br>"),
        closing.join("<br>")
    );
}

fn questions(page: &mut String, questions: &[Question]) {
    if questions.is_empty() {
        return;
    }
    page.push_str("<h3>Questions that would decide most</h3>\n");
    let _ = writeln!(
        page,
        "<p>{} would decide what is not shown; <code>zonewright ask</code> writes them all as a walk-down pack. First:</p>\n<ol>",
        words::count(questions.len(), "answer", "answers")
    );
    for question in questions.iter().take(QUESTIONS_SHOWN) {
        let n = question.statuses.len();
        let role =
            question.role.as_ref().map_or_else(String::new, |role| format!("; ask {}", esc(role.as_str())));
        let _ = writeln!(
            page,
            "<li>{} <span class=\"sub soft\">{}, bears on {}{role}</span></li>",
            prose(&question.text),
            esc(&question.requirement.to_string()),
            words::count(n, "status", "statuses")
        );
    }
    page.push_str("</ol>\n");
}
