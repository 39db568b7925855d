//! `zonewright firewall diff`: two configurations of any dialects, compared as sets.

use super::{ROWS_MAX, dialect_named, load, packets, say, stamped, understood};
use crate::args::{Dialect, PlainFormat, Question as QuestionArguments};
use crate::commands::{Exit, Outcome, emit, question};
use crate::terminal;
use std::collections::BTreeMap;
use std::path::Path;
use zonewright_firewall::reach::align::{Aligned, Alignment, align};
use zonewright_firewall::reach::{BOXES_MAX, Difference, PacketBox, Phase, Question, Reach, alignment_json};
use zonewright_report::json::to_text;

/// What of the two is compared, and what is known of them.
pub(super) struct Wanted<'a> {
    pub(super) dialects: &'a [String],
    pub(super) lists: &'a [String],
    pub(super) map: &'a [String],
    pub(super) question: &'a QuestionArguments,
}

impl Wanted<'_> {
    /// What is said of the first (0) or second (1) configuration; what is said once holds for both.
    fn of(&self, which: usize) -> Dialect {
        let pick = |words: &[String]| words.get(which).or_else(|| words.first()).cloned();
        Dialect { dialect: pick(self.dialects), list: pick(self.lists) }
    }

    /// Names of the second, by which name of the first each stands for.
    fn names(&self) -> Result<BTreeMap<String, String>, String> {
        let pair = |word: &String| {
            let (first, second) = word.split_once('=').ok_or_else(|| {
                format!("`{word}` is no pair of names; expected an interface of the first, `=`, and one of the second")
            })?;
            Ok((second.to_owned(), first.to_owned()))
        };
        self.map.iter().map(pair).collect()
    }
}

/// Compares two files.
pub(super) fn run(
    a: &Path,
    b: &Path,
    wanted: &Wanted<'_>,
    format: PlainFormat,
    output: Option<&Path>,
) -> Outcome {
    for (what, words) in [("dialect", wanted.dialects), ("list", wanted.lists)] {
        if words.len() > 2 {
            terminal::note(&format!("error: --{what} is given {} times; there are two files", words.len()));
            return Ok(Exit::Usage);
        }
    }
    for word in wanted.dialects {
        if let Err(wrong) = dialect_named(word) {
            terminal::note(&format!("error: {wrong}"));
            return Ok(Exit::Usage);
        }
    }
    let names = match wanted.names() {
        Ok(names) => names,
        Err(wrong) => {
            terminal::note(&format!("error: {wrong}"));
            return Ok(Exit::Usage);
        }
    };
    let (Some(first), Some(mut second)) = (load(a, &wanted.of(0))?, load(b, &wanted.of(1))?) else {
        return Ok(Exit::Usage);
    };
    say(&first);
    say(&second);
    for read in [&first, &second] {
        if understood(read) == Exit::NotUnderstood {
            return Ok(Exit::NotUnderstood);
        }
    }
    second.ruleset = second.ruleset.renamed(&names);
    let asked = match question::parse(&first.ruleset, wanted.question) {
        Ok(asked) => asked,
        Err(error) => {
            terminal::note(&format!("error: {error}"));
            return Ok(Exit::Usage);
        }
    };
    let alignment = match align(&first.ruleset, &second.ruleset, &asked, wanted.question.way.is_some()) {
        Ok(alignment) => alignment,
        Err(error) => {
            terminal::note(&format!(
                "error: {error}; name what stands for what with --map FIRST=SECOND, or choose with --way"
            ));
            return Ok(Exit::Usage);
        }
    };
    let (mut one, mut two) = Reach::pair(&first.ruleset, &second.ruleset);
    let differences: Result<Vec<Difference>, _> =
        alignment.parts.iter().map(|part| one.difference_of(&mut two, part, BOXES_MAX)).collect();
    let differences = differences?;
    let text = match format {
        PlainFormat::Json => to_text(&stamped(alignment_json(&alignment, &differences))),
        PlainFormat::Text => readable(a, b, &alignment, &differences),
    };
    emit(&text, output)?;
    Ok(if differences.iter().all(Difference::is_none) { Exit::Done } else { Exit::Findings })
}

fn readable(a: &Path, b: &Path, alignment: &Alignment, differences: &[Difference]) -> String {
    let mut out = String::new();
    for note in &alignment.notes {
        out.push_str(&format!("note: {note}\n"));
    }
    if differences.iter().all(Difference::is_none) {
        out.push_str("the two pass the same\n");
        return out;
    }
    out.push_str(&format!("from {} to {}:\n", a.display(), b.display()));
    for (part, difference) in alignment.parts.iter().zip(differences).filter(|(_, one)| !one.is_none()) {
        if alignment.parts.len() > 1 {
            out.push_str(&format!("{}\n", heading(part)));
        }
        rows(&mut out, part, difference);
    }
    out
}

fn heading(part: &Aligned) -> String {
    let side =
        |names: &Option<Vec<String>>| names.as_ref().map_or("anywhere".into(), |names| names.join(", "));
    let what = match part.first.phase {
        Phase::New => "packets",
        Phase::Reply => "replies",
    };
    let (from, to) = (side(&part.first.from.interfaces), side(&part.first.to.interfaces));
    let ends = if from == to { String::new() } else { format!(", from {from} to {to}") };
    format!(" {what} {}{ends}:", part.first.path.words())
}

fn rows(out: &mut String, part: &Aligned, difference: &Difference) {
    let shown = if part.by_interface { &Question::default() } else { &part.first };
    let all: [(&str, &Vec<PacketBox>); 3] =
        [("closed", &difference.closed), ("opened", &difference.opened), ("unclear", &difference.unclear)];
    for (word, boxes) in all {
        for one in boxes.iter().take(ROWS_MAX) {
            out.push_str(&format!("  {word:8} {}\n", packets(one, shown)));
        }
        if boxes.len() > ROWS_MAX {
            out.push_str(&format!("  {word:8} and {} more\n", boxes.len() - ROWS_MAX));
        }
    }
}
