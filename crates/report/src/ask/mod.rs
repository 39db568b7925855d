//! Questions for a walk-down: the text of a terminal, `zonewright-questions/1`, and a page to print or fill in.

mod page;

pub use page::page;

use crate::page::Page;
use crate::words;
use jiff::civil::Date;
use serde_json::{Value, json};
use zonewright_assess::questions::Question;

/// The format's name and number.
pub const FORMAT: &str = "zonewright-questions/1";

/// The format of the answers that the page saves and `import` reads.
pub const ANSWERS_FORMAT: &str = "zonewright-answers/1";

/// What was left out of a list of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// All questions of the plant, before any choice.
    pub all: usize,
    /// Those that fit the choice (zone, role).
    pub chosen: usize,
}

/// Questions as `zonewright-questions/1`.
#[must_use]
pub fn json(plant: &str, as_of: Date, questions: &[Question], asked: Asked, version: &str) -> Value {
    json!({
        "format": FORMAT,
        "zonewright": version,
        "plant": plant,
        "as_of": as_of.to_string(),
        "all": asked.all,
        "chosen": asked.chosen,
        "questions": questions.iter().map(question).collect::<Vec<_>>(),
    })
}

fn question(question: &Question) -> Value {
    let statuses: Vec<Value> = question
        .statuses
        .iter()
        .map(|(kind, id, requirement)| json!({ "kind": kind.as_str(), "id": id, "requirement": requirement.to_string() }))
        .collect();
    json!({
        "id": question.id,
        "about": { "kind": question.about.kind(), "id": question.about.id() },
        "requirement": question.requirement.to_string(),
        "text": question.text,
        "role": question.role.as_ref().map(|role| role.as_str()),
        "place": question.place,
        "assets": question.assets.iter().map(|asset| asset.as_str()).collect::<Vec<_>>(),
        "statuses": statuses,
        "stake": f64::from(question.stake) / 1000.0,
        "levels_up": question.levels_up,
        "levels_down": question.levels_down,
    })
}

/// The readable list, wrapped to `width` columns.
#[must_use]
pub fn text(name: &str, as_of: Date, questions: &[Question], asked: Asked, width: usize) -> String {
    let mut out = Page::new(width);
    out.hang("", &format!("{name}, questions as of {as_of}"));
    if questions.is_empty() {
        let why = match (asked.all, asked.chosen) {
            (0, _) => {
                "nothing that is asked for is open: every requirement is met, refuted, or no target is set"
            }
            (_, 0) => "no question fits the choice",
            _ => "none is shown",
        };
        out.line(why);
        return out.text;
    }
    out.hang(
        "",
        &format!(
            "{} would decide what is not shown; those that decide most come first",
            words::count(asked.chosen, "answer", "answers")
        ),
    );
    out.line("");
    for (n, question) in questions.iter().enumerate() {
        out.hang(&format!("{:>4}  ", n + 1), &question.text);
        out.hang("      ", &bearing(question));
    }
    if asked.chosen > questions.len() {
        out.line("");
        out.hang(
            "",
            &format!(
                "and {} more; `--top N` shows more, a pack (`--html`, `--xlsx`) and `--format json` hold all",
                asked.chosen - questions.len()
            ),
        );
    }
    out.line("");
    out.hang("next: ", "`zonewright ask --html FILE` or `--xlsx FILE` writes the pack to fill in; `zonewright import WORKSPACE FILE` reads it back");
    out.text
}

/// What an answer bears on: requirement, statuses and levels, whom to ask, where.
fn bearing(question: &Question) -> String {
    let mut said = vec![question.requirement.to_string(), weight(question)];
    if !question.assets.is_empty() {
        said.push(format!(
            "one answer serves {}",
            words::count(question.assets.len(), "instance", "instances")
        ));
    }
    said.extend(question.role.as_ref().map(|role| format!("ask {role}")));
    said.extend(question.place.as_ref().map(|place| format!("at {place}")));
    said.join("; ")
}

/// How many statuses an answer bears on, and what it does to levels.
fn weight(question: &Question) -> String {
    let mut said = vec![format!("bears on {}", words::count(question.statuses.len(), "status", "statuses"))];
    if question.levels_up > 0 {
        said.push(format!(
            "yes proves {}",
            words::count(question.levels_up as usize, "more level", "more levels")
        ));
    }
    if question.levels_down > 0 {
        said.push(format!("no rules out {}", words::count(question.levels_down as usize, "level", "levels")));
    }
    said.join("; ")
}
