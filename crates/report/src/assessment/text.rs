//! An assessment as a person reads it in a terminal: levels against targets, gaps by kind, findings, what is next.

use crate::page::Page;
use crate::words;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use zonewright_assess::assessment::{Assessed, Assessment, Gap, RequirementStatus, SubjectKind};
use zonewright_assess::questions::Question;
use zonewright_catalog::{Catalog, Fr, SlVector};
use zonewright_plant::Plant;
use zonewright_plant::model::Status;

/// Most requirements that are listed as gaps; how many more there are is said.
pub const GAPS_LISTED_MAX: usize = 15;
/// Most conduits that are listed with their levels.
const CONDUITS_LISTED_MAX: usize = 60;
/// Most zones that are listed with their levels.
const ZONES_LISTED_MAX: usize = 100;
/// How many questions are named.
const QUESTIONS_NAMED: usize = 3;
/// How many subjects a gap names.
const SUBJECTS_NAMED: usize = 4;

/// The readable summary, wrapped to `width` columns.
#[must_use]
pub fn text(plant: &Plant, assessment: &Assessment, questions: &[Question], width: usize) -> String {
    let mut out = Page::new(width);
    let name = plant.system.as_ref().map_or(assessment.plant.as_str(), |s| words::name_of(&s.common, &s.id));
    out.hang("", &format!("{name}, assessed as of {} against IEC 62443-3-3", assessment.as_of));
    out.line("");
    levels(&mut out, assessment, SubjectKind::Zone, ZONES_LISTED_MAX);
    levels(&mut out, assessment, SubjectKind::Conduit, CONDUITS_LISTED_MAX);
    legend(&mut out);
    statuses(&mut out, assessment);
    gaps(&mut out, assessment);
    // The tables above say what the findings over levels say.
    let findings = assessment.findings.iter().filter(|finding| !finding.rule.starts_with("level/"));
    crate::text::list(&mut out, &findings.cloned().collect::<Vec<_>>());
    next(&mut out, questions);
    out.text
}

fn levels(out: &mut Page, assessment: &Assessment, kind: SubjectKind, most: usize) {
    let subjects: Vec<&Assessed> = assessment.subjects.iter().filter(|s| s.kind == kind).collect();
    if subjects.is_empty() {
        return;
    }
    let longest = subjects.iter().take(most).map(|s| s.id.chars().count()).max().unwrap_or(0);
    let wide = longest.clamp(8, 28);
    let head: String = Fr::ALL.iter().map(|fr| format!("{:>8}", fr.as_str())).collect();
    out.line(&format!("{:<wide$}{head}", kind.as_str()));
    for subject in subjects.iter().take(most) {
        let id: String = subject.id.chars().take(wide).collect();
        let cells: String = Fr::ALL.iter().map(|fr| format!("{:>8}", cell(subject, *fr))).collect();
        out.line(&format!("{id:<wide$}{cells}"));
    }
    if subjects.len() > most {
        out.line(&format!("and {} more; `--format json` lists all", subjects.len() - most));
    }
    out.line("");
}

/// `1–2/3 ?`: proven to possible, of the target, and a mark.
fn cell(subject: &Assessed, fr: Fr) -> String {
    let number = |vector: &SlVector| vector.level(fr).map(|level| level.number());
    let achieved = match (number(&subject.proven), number(&subject.possible)) {
        (Some(proven), Some(possible)) if proven == possible => format!("{proven}"),
        (Some(proven), Some(possible)) => format!("{proven}–{possible}"),
        _ => "–".into(),
    };
    let Some(target) = number(&subject.sl_t) else { return format!("{achieved}  ") };
    let mark = if subject.is_missed(fr) {
        '!'
    } else if subject.is_reached(fr) {
        ' '
    } else {
        '?'
    };
    format!("{achieved}/{target}{mark}")
}

fn legend(out: &mut Page) {
    out.hang(
        "",
        "0–2/2? reads: level 0 is proven, 2 is possible (what is not shown may be met), 2 is the target. ? not shown to be reached, ! shown to be missed, – nothing applies. Without a slash no target is set.",
    );
    out.line("");
}

fn statuses(out: &mut Page, assessment: &Assessment) {
    let required = || assessment.subjects.iter().flat_map(|s| &s.requirements).filter(|row| row.required);
    let of = |status| required().filter(|row| row.status == status).count();
    let said: Vec<String> = [Status::Met, Status::Partly, Status::NotMet, Status::NotShown]
        .into_iter()
        .map(|status| format!("{} {}", of(status), status.as_str()))
        .collect();
    let all = words::count(required().count(), "requirement is", "requirements are");
    out.hang("", &format!("{all} asked for over all zones and conduits: {}", said.join(", ")));
    let kinds: Vec<String> = Gap::ALL
        .into_iter()
        .map(|gap| (gap, required().filter(|row| row.gap == Some(gap)).count()))
        .filter(|(_, n)| *n > 0)
        .map(|(gap, n)| format!("{n} {}", gap.as_str()))
        .collect();
    if !kinds.is_empty() {
        out.hang("gaps by what closes them: ", &kinds.join(", "));
    }
    out.line("");
}

/// Gaps that are shown (not met, or partly), by requirement: the lowest level and the most subjects first.
fn gaps(out: &mut Page, assessment: &Assessment) {
    type Rows<'a> = Vec<(&'a Assessed, &'a RequirementStatus)>;
    let mut by: BTreeMap<_, Rows<'_>> = BTreeMap::new();
    for subject in &assessment.subjects {
        for row in subject.gaps().filter(|row| row.status != Status::NotShown) {
            by.entry((row.level, &row.id)).or_default().push((subject, row));
        }
    }
    if by.is_empty() {
        return;
    }
    let mut ranked: Vec<_> = by.into_iter().collect();
    ranked.sort_by_key(|((level, id), rows)| (*level, Reverse(rows.len()), (*id).clone()));
    out.line("shown not to be met");
    for ((level, id), rows) in ranked.iter().take(GAPS_LISTED_MAX) {
        let title = Catalog::builtin().requirement(id).map_or("", |requirement| requirement.title);
        let mut names: Vec<String> = rows.iter().take(SUBJECTS_NAMED).map(|(s, _)| s.id.clone()).collect();
        if rows.len() > SUBJECTS_NAMED {
            names.push(format!("{} more", rows.len() - SUBJECTS_NAMED));
        }
        out.hang("  ", &format!("{id} {title} ({level}): {}", words::and_list(&names)));
        let first = rows.first().map(|(_, row)| *row);
        if let Some(basis) = first.and_then(|row| row.basis.first()) {
            out.hang("      ", &format!("{}: {}", basis.kind.as_str(), basis.text));
        }
        if let Some((gap, why)) = first.and_then(|row| Some((row.gap?, row.gap_text.as_deref()?))) {
            out.hang("      ", &format!("{}: {why}", gap.as_str()));
        }
    }
    if ranked.len() > GAPS_LISTED_MAX {
        out.line(&format!(
            "  and {} more requirements; `--format json` lists all",
            ranked.len() - GAPS_LISTED_MAX
        ));
    }
    out.line("");
}

fn next(out: &mut Page, questions: &[Question]) {
    if questions.is_empty() {
        return;
    }
    out.hang(
        "",
        &format!(
            "{} would decide what is not shown. Those that decide most:",
            words::count(questions.len(), "answer", "answers")
        ),
    );
    for question in questions.iter().take(QUESTIONS_NAMED) {
        out.hang("  ", &format!("{}: {}", question.requirement, question.text));
    }
    out.hang("next: ", "`zonewright ask` ranks them all and writes a walk-down pack to fill in offline");
}
