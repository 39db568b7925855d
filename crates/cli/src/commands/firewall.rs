//! `zonewright firewall`: configurations read, asked, explained and compared.

use super::{Exit, Outcome, emit};
use crate::args::{Dialect, Firewall, PlainFormat, Question as QuestionArguments};
use crate::terminal;
use std::error::Error;
use std::path::Path;
use zonewright_firewall::dialects::{self, ReadFile};
use zonewright_firewall::reach::{
    Answer, Openness, PacketBox, Question, Reach, deciding_json, difference_json, reach_json,
};
use zonewright_report::json::to_text;

/// Most rows of an answer in text; the JSON has up to the limit of the engine.
const ROWS_MAX: usize = 100;

pub(super) fn run(firewall: &Firewall) -> Outcome {
    match firewall {
        Firewall::Read { file, dialect, format } => read(file, dialect, *format),
        Firewall::Query { file, question, dialect, format } => query(file, question, dialect, *format),
        Firewall::Explain { file, question, dialect, format } => explain(file, question, dialect, *format),
        Firewall::Diff { a, b, format } => diff(a, b, *format),
    }
}

/// The configuration; nothing if the dialect's name is unknown, which is then said.
fn load(file: &Path, dialect: &Dialect) -> Result<Option<ReadFile>, Box<dyn Error>> {
    let named = match dialect.dialect.as_deref() {
        None => None,
        Some(word) => match dialects::named(word) {
            Some(known) => Some(known),
            None => {
                let names: Vec<&str> = dialects::DIALECTS.iter().map(|dialect| dialect.name()).collect();
                let near = zonewright_source::nearest(word, names.iter().copied());
                let help = near.map_or_else(
                    || format!("known are {}", names.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                terminal::note(&format!("error: dialect `{word}` is not known; {help}"));
                return Ok(None);
            }
        },
    };
    let bytes = zonewright_workbench::files::read(file)?;
    Ok(Some(dialects::read_bytes(file.to_string_lossy(), &bytes, named)))
}

/// What a file that was read means for the exit code: nothing understood is 2.
fn understood(read: &ReadFile) -> Exit {
    if read.ruleset.chains.is_empty()
        && read.ruleset.diagnostics.iter().any(|d| d.severity == zonewright_source::Severity::Error)
    {
        Exit::NotUnderstood
    } else {
        Exit::Done
    }
}

fn say(read: &ReadFile) {
    terminal::diagnostics(&read.ruleset.diagnostics, |_| Some(&read.source));
}

fn read(file: &Path, dialect: &Dialect, format: PlainFormat) -> Outcome {
    let Some(read) = load(file, dialect)? else { return Ok(Exit::Usage) };
    say(&read);
    let text = match format {
        PlainFormat::Json => to_text(&stamped(zonewright_firewall::json::ruleset_json(&read.ruleset))),
        PlainFormat::Text => {
            let next = match understood(&read) {
                Exit::Done => next_question(&read, file),
                _ => String::new(),
            };
            format!("{}{next}", read.ruleset)
        }
    };
    emit(&text, None)?;
    Ok(understood(&read))
}

/// What to ask of a configuration, in its own names.
fn next_question(read: &ReadFile, file: &Path) -> String {
    let lines = &read.ruleset.lines;
    let mut names = read.ruleset.interfaces.iter().map(String::as_str).filter(|name| *name != "lo");
    let (from, to) = (names.next().unwrap_or("SET"), names.next().unwrap_or("SET"));
    format!(
        "\n{} lines modeled, {} ignored knowingly, {} warned about\n\nNext: `zonewright firewall query {} --from {from} --to {to}`\n",
        lines.modeled,
        lines.ignored,
        lines.warned,
        file.display()
    )
}

/// The question as the engine takes it; nothing if it cannot be understood, which is then said.
fn question(read: &ReadFile, arguments: &QuestionArguments) -> Option<Question> {
    match super::question::parse(&read.ruleset, arguments) {
        Ok(question) => Some(question),
        Err(error) => {
            terminal::note(&format!("error: {error}"));
            None
        }
    }
}

fn query(file: &Path, arguments: &QuestionArguments, dialect: &Dialect, format: PlainFormat) -> Outcome {
    let Some(read) = load(file, dialect)? else { return Ok(Exit::Usage) };
    say(&read);
    let Some(question) = question(&read, arguments) else { return Ok(Exit::Usage) };
    let mut reach = Reach::new(&read.ruleset);
    let answer = reach.answer(&question, zonewright_firewall::reach::BOXES_MAX);
    let text = match format {
        PlainFormat::Json => to_text(&stamped(reach_json(&answer))),
        PlainFormat::Text => answer
            .as_ref()
            .map_or_else(|error| format!("unknown: {error}\n"), |answer| readable(answer, &question)),
    };
    emit(&text, None)?;
    Ok(understood(&read))
}

/// The document with the version of the program, which every document carries.
fn stamped(mut document: serde_json::Value) -> serde_json::Value {
    if let Some(object) = document.as_object_mut() {
        object.insert("zonewright".into(), super::VERSION.into());
    }
    document
}

fn readable(answer: &Answer, question: &Question) -> String {
    let mut out = match answer.verdict {
        Openness::All => "all of it passes\n",
        Openness::Some => "some of it passes\n",
        Openness::None => "none of it passes\n",
        Openness::Unknown => "the configuration does not tell for all of it\n",
    }
    .to_string();
    for row in answer.open.iter().take(ROWS_MAX) {
        let sure = if row.sure { "open" } else { "possibly open" };
        let rule = row.rule.as_ref().map_or_else(
            || "no rule filters".to_string(),
            |rule| format!("{}:{} {}", rule.place.file, rule.place.line, rule.verdict),
        );
        out.push_str(&format!("  {sure:14} {}   [{rule}]\n", packets(&row.packets, question)));
    }
    if answer.open.len() > ROWS_MAX || answer.truncated {
        out.push_str("  and more: ask for less, or use --format json\n");
    }
    out
}

/// Packets in one line, with the interfaces that they pass where the question does not name them.
fn packets(packets: &PacketBox, question: &Question) -> String {
    let json = packets.as_json();
    let part = |key: &str| match json.get(key) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(serde_json::Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_string))
            .collect::<Vec<_>>()
            .join(","),
        _ => "any".to_string(),
    };
    let mut out = format!("{} -> {}", part("src"), part("dst"));
    if out == "any -> any" && part("version") != "any" {
        out = format!("any -> any ({})", part("version"));
    }
    let protocol = part("protocol");
    let word = if protocol.starts_with(|c: char| c.is_ascii_digit()) { "protocol " } else { "" };
    out.push_str(&format!("  {word}{protocol}"));
    if word.is_empty() || part("ports") != "any" {
        out.push_str(&format!(" {}", part("ports")));
    }
    for (side, word, key) in [(&question.from, "in by", "in"), (&question.to, "out by", "out")] {
        if side.interfaces.is_none() && part(key) != "any" {
            out.push_str(&format!(", {word} {}", part(key)));
        }
    }
    out
}

fn explain(file: &Path, arguments: &QuestionArguments, dialect: &Dialect, format: PlainFormat) -> Outcome {
    let Some(read) = load(file, dialect)? else { return Ok(Exit::Usage) };
    say(&read);
    let Some(question) = question(&read, arguments) else { return Ok(Exit::Usage) };
    let mut reach = Reach::new(&read.ruleset);
    let rules = reach.deciding_rules(&question, ROWS_MAX)?;
    let text = match format {
        PlainFormat::Json => to_text(&stamped(
            serde_json::json!({ "format": "zonewright-explanation/1", "rules": deciding_json(&rules) }),
        )),
        PlainFormat::Text => {
            let mut out = String::new();
            for (at, decision) in rules.iter().enumerate() {
                let rule = &decision.rule;
                let line = read.source.line(usize::try_from(rule.place.line).unwrap_or(usize::MAX));
                let words = read.source.text().get(line.start..line.end).unwrap_or_default().trim();
                let sure = if decision.sure { "" } else { " (if its undecidable conditions hold)" };
                out.push_str(&format!(
                    "{:3}. {} {}{sure}\n       line {}: {words}\n",
                    at + 1,
                    rule.chain,
                    rule.verdict,
                    rule.place.line
                ));
                for one in decision.packets.iter().take(4) {
                    out.push_str(&format!("       {}\n", packets(one, &question)));
                }
                if decision.packets.len() > 4 || decision.truncated {
                    out.push_str("       and more\n");
                }
            }
            if rules.is_empty() {
                out.push_str("no rule decides about these packets\n");
            }
            out
        }
    };
    emit(&text, None)?;
    Ok(understood(&read))
}

fn diff(a: &Path, b: &Path, format: PlainFormat) -> Outcome {
    let detected = Dialect { dialect: None };
    let (Some(first), Some(second)) = (load(a, &detected)?, load(b, &detected)?) else {
        return Ok(Exit::Usage);
    };
    say(&first);
    say(&second);
    for read in [&first, &second] {
        if understood(read) == Exit::NotUnderstood {
            return Ok(Exit::NotUnderstood);
        }
    }
    let (mut one, mut two) = Reach::pair(&first.ruleset, &second.ruleset);
    let difference = one.difference(&mut two, &Question::default(), zonewright_firewall::reach::BOXES_MAX)?;
    let text = match format {
        PlainFormat::Json => to_text(&stamped(difference_json(&difference))),
        PlainFormat::Text if difference.is_none() => "the two pass the same\n".to_string(),
        PlainFormat::Text => {
            let mut out = format!("from {} to {}:\n", a.display(), b.display());
            for (word, boxes) in [
                ("closed", &difference.closed),
                ("opened", &difference.opened),
                ("unclear", &difference.unclear),
            ] {
                for one in boxes.iter().take(ROWS_MAX) {
                    out.push_str(&format!("  {word:8} {}\n", packets(one, &Question::default())));
                }
                if boxes.len() > ROWS_MAX {
                    out.push_str(&format!("  {word:8} and {} more\n", boxes.len() - ROWS_MAX));
                }
            }
            out
        }
    };
    emit(&text, None)?;
    Ok(if difference.is_none() { Exit::Done } else { Exit::Findings })
}
