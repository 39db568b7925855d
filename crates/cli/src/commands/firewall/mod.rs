//! `zonewright firewall`: configurations read, asked, explained and compared.

mod check;
mod diff;
mod write;

use super::{Exit, Outcome, emit};
use crate::args::{Dialect, Firewall, PlainFormat, Question as QuestionArguments};
use crate::terminal;
use std::error::Error;
use std::path::Path;
use zonewright_firewall::dialects::{self, ReadFile};
use zonewright_firewall::reach::align::{filtered, keeps_no_state};
use zonewright_firewall::reach::{
    self, Answer, Openness, PacketBox, Question, Reach, deciding_json, reach_json,
};
use zonewright_report::json::to_text;

/// Most rows of an answer in text; the JSON has up to the limit of the engine.
const ROWS_MAX: usize = 100;

pub(super) fn run(firewall: &Firewall) -> Outcome {
    match firewall {
        Firewall::Read { file, dialect, format } => read(file, dialect, *format),
        Firewall::Query { file, question, dialect, format } => query(file, question, dialect, *format),
        Firewall::Explain { file, question, dialect, format } => explain(file, question, dialect, *format),
        Firewall::Check { file, dialect, as_of, fail_on, format } => {
            check::run(file, dialect, super::judging_date(*as_of), *fail_on, *format)
        }
        Firewall::Write(arguments) => write::run(arguments),
        Firewall::Diff { a, b, dialect, list, map, question, format } => {
            let wanted = diff::Wanted { dialects: dialect, lists: list, map, question };
            diff::run(a, b, &wanted, *format, None)
        }
    }
}

/// `zonewright diff` of two configurations.
pub(super) fn diff_files(a: &Path, b: &Path, format: PlainFormat, output: Option<&Path>) -> Outcome {
    let question =
        QuestionArguments { from: "any".into(), to: "any".into(), protocol: None, port: None, way: None };
    let wanted = diff::Wanted { dialects: &[], lists: &[], map: &[], question: &question };
    diff::run(a, b, &wanted, format, output)
}

/// The configuration; nothing if the name of the dialect or of the list is unknown, which is then said.
fn load(file: &Path, chosen: &Dialect) -> Result<Option<ReadFile>, Box<dyn Error>> {
    let named = match chosen.dialect.as_deref().map(dialect_named) {
        None => None,
        Some(Ok(known)) => Some(known),
        Some(Err(wrong)) => {
            terminal::note(&format!("error: {wrong}"));
            return Ok(None);
        }
    };
    let bytes = zonewright_workbench::files::read(file)?;
    let mut read = dialects::read_bytes(file.to_string_lossy(), &bytes, named);
    if let Some(list) = &chosen.list {
        match read.ruleset.with_only(list) {
            Some(alone) => read.ruleset = alone,
            None => {
                let known: Vec<&str> = read.ruleset.lists().collect();
                let help = super::question::did_you_mean(list, &known);
                terminal::note(&format!("error: {} has no list `{list}`; {help}", file.display()));
                return Ok(None);
            }
        }
    }
    Ok(Some(read))
}

fn dialect_named(word: &str) -> Result<&'static dyn dialects::Dialect, String> {
    dialects::named(word).ok_or_else(|| {
        let names: Vec<&str> = dialects::DIALECTS.iter().map(|dialect| dialect.name()).collect();
        format!("dialect `{word}` is not known; {}", super::question::did_you_mean(word, &names))
    })
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
    let replies = replies(&mut reach, &read, &question);
    let text = match format {
        PlainFormat::Json => {
            let mut document = stamped(reach_json(&answer));
            if let Some(object) = document.as_object_mut() {
                object.insert("replies".into(), replies.map(Openness::as_str).into());
            }
            to_text(&document)
        }
        PlainFormat::Text => {
            let answer = answer
                .as_ref()
                .map_or_else(|error| format!("unknown: {error}\n"), |answer| readable(answer, &question));
            answer + replies.map_or("", said_of_replies)
        }
    };
    emit(&text, None)?;
    Ok(understood(&read))
}

/// Whether the answers to what is asked about pass, where the lists keep no state of connections and so must pass them too.
fn replies(reach: &mut Reach<'_>, read: &ReadFile, question: &Question) -> Option<Openness> {
    let filtered = filtered(&read.ruleset).contains(&question.path);
    if !filtered || !keeps_no_state(&read.ruleset, question.path) {
        return None;
    }
    let opening = reach.opening(&question.reply()).ok()?;
    reach.verdict(&opening, zonewright_firewall::sets::Set::ALL).ok()
}

const fn said_of_replies(replies: Openness) -> &'static str {
    match replies {
        Openness::All => "the lists keep no state; all replies pass\n",
        Openness::Some => "the lists keep no state; some of the replies pass\n",
        Openness::None => "the lists keep no state, and no reply passes: no connection comes about\n",
        Openness::Unknown => "the lists keep no state; whether replies pass is not told\n",
    }
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
    if answer.paths.contains(&reach::Path::Bridged) {
        let bridge = answer.bridge.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default();
        let rest = if answer.paths.len() > 1 {
            ", and routed: the file does not tell which of the two these packets are"
        } else {
            ""
        };
        out.push_str(&format!("  asked of packets between ports of the bridge{bridge}{rest}\n"));
    }
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
    packets.words(question.from.interfaces.is_none(), question.to.interfaces.is_none())
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
                let secret = read.ruleset.credentials.iter().any(|one| one.place.line == rule.place.line);
                let words = read.source.text().get(line.start..line.end).unwrap_or_default().trim();
                let words = if secret { "(a secret stands in this line)" } else { words };
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
