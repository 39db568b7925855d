//! `zonewright import` of what people filled in: workbooks and the answers of a page.

use super::import::LISTED_MAX;
use super::review::hang;
use super::{Exit, Outcome, VERSION, emit};
use crate::args::{Import as Arguments, PlainFormat};
use crate::terminal;
use serde_json::{Value, json};
use zonewright_workbench::answers::{Line, Previewed, State, file_is_answers, preview, write};

/// Are the files answers? Nothing where some are and some are not.
pub(super) fn are_answers(arguments: &Arguments) -> Option<bool> {
    let answers = arguments.files.iter().filter(|file| file_is_answers(file)).count();
    match answers {
        0 => Some(false),
        count if count == arguments.files.len() && arguments.netbox.is_none() => Some(true),
        _ => None,
    }
}

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let previewed = match preview(&arguments.workspace, &arguments.files) {
        Ok(previewed) => previewed,
        Err(error) => {
            terminal::error(&error);
            return Ok(Exit::NotUnderstood);
        }
    };
    let applied = arguments.apply && !previewed.changed.is_empty();
    if applied {
        let files: Vec<&str> = previewed.files.iter().map(|file| file.file.as_str()).collect();
        write(&previewed, &format!("import {}", files.join(" ")))?;
    }
    let text = match arguments.format {
        PlainFormat::Text => told(arguments, &previewed, applied),
        PlainFormat::Json => format!("{:#}\n", document(arguments, &previewed, applied)),
    };
    emit(&text, arguments.output.as_deref())?;
    Ok(if previewed.plan.misread.is_empty() { Exit::Done } else { Exit::NotUnderstood })
}

fn told(arguments: &Arguments, previewed: &Previewed, applied: bool) -> String {
    let plan = &previewed.plan;
    let mut out = String::from("Read:\n");
    for file in &previewed.files {
        let as_of = file.as_of.as_ref().map(|day| format!(" as of {day}")).unwrap_or_default();
        let account = format!(
            "{}{as_of}, {} rows, {} filled in or changed",
            file.origin.as_str(),
            file.rows_read,
            file.differing()
        );
        out.push_str(&hang(&format!("  {}: ", file.file), &account));
    }
    for state in State::ALL.into_iter().filter(|state| *state != State::Same) {
        let lines: Vec<&Line> = plan.lines.iter().filter(|line| line.state == state).collect();
        if lines.is_empty() {
            continue;
        }
        let word = state.as_str();
        let title: String = word
            .chars()
            .enumerate()
            .map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c })
            .collect();
        out.push_str(&format!("\n{title} ({})\n", lines.len()));
        lines.iter().take(LISTED_MAX).for_each(|line| out.push_str(&one(line)));
        if lines.len() > LISTED_MAX {
            out.push_str(&format!("  and {} more (--format json has all)\n", lines.len() - LISTED_MAX));
        }
    }
    if !plan.misread.is_empty() {
        out.push_str(&format!("\nNot understood ({})\n", plan.misread.len()));
        plan.misread.iter().take(LISTED_MAX).for_each(|wrong| out.push_str(&hang("  ", &wrong.text())));
        if plan.misread.len() > LISTED_MAX {
            out.push_str(&format!(
                "  and {} more (--format json has all)\n",
                plan.misread.len() - LISTED_MAX
            ));
        }
    }
    let counts: Vec<String> =
        State::ALL.iter().map(|state| format!("{} {}", plan.count(*state), state.as_str())).collect();
    out.push_str(&format!("\n{}\n", counts.join(", ")));
    out.push_str(&hang("", &ending(arguments, previewed, applied)));
    out
}

fn one(line: &Line) -> String {
    let mut out = hang("  ", &format!("{} {}  ({}; {})", line.kind, line.id, line.row, line.place));
    for field in &line.fields {
        let quoted =
            |text: &str| if text.is_empty() { "nothing".to_string() } else { text.replace('\n', " / ") };
        let words = match field.conflict {
            true => {
                format!("{}: stays {}; the file says {}", field.key, quoted(&field.old), quoted(&field.new))
            }
            false => format!("{}: {} → {}", field.key, quoted(&field.old), quoted(&field.new)),
        };
        out.push_str(&hang("      ", &words));
    }
    line.remarks.iter().for_each(|remark| out.push_str(&hang("      ", remark)));
    out
}

fn ending(arguments: &Arguments, previewed: &Previewed, applied: bool) -> String {
    let workspace = arguments.workspace.display();
    let conflicts = match previewed.plan.count(State::Conflicting) {
        0 => "",
        _ => {
            "What conflicts was changed here and in the workspace since the export, and stays as the workspace has it. "
        }
    };
    let rest = if !previewed.plan.misread.is_empty() {
        "Nothing was written: mend what is not understood first.".to_string()
    } else if previewed.changed.is_empty() {
        "Nothing to do: the workspace says all of it already.".to_string()
    } else if applied {
        format!(
            "Written: {}; `zonewright review {workspace} undo` takes it back.",
            previewed.changed.join(", ")
        )
    } else {
        format!("Nothing was written; add --apply to change {}.", previewed.changed.join(", "))
    };
    // With a conflict, "all of it" would not be true.
    let rest = match (previewed.changed.is_empty(), conflicts.is_empty(), previewed.plan.misread.is_empty()) {
        (true, false, true) => "Nothing else is to be done.".to_string(),
        _ => rest,
    };
    format!("{conflicts}{rest}")
}

fn document(arguments: &Arguments, previewed: &Previewed, applied: bool) -> Value {
    let plan = &previewed.plan;
    let files: Vec<Value> = previewed
        .files
        .iter()
        .map(|file| {
            json!({ "file": file.file, "kind": file.origin.as_str(), "as_of": file.as_of, "rows": file.rows_read, "differing": file.differing() })
        })
        .collect();
    let lines: Vec<Value> = plan.lines.iter().map(line_of).collect();
    let misread: Vec<Value> = plan
        .misread
        .iter()
        .map(|wrong| json!({ "place": wrong.place, "what": wrong.what, "help": wrong.help }))
        .collect();
    json!({ "format": "zonewright-answers-import/1", "zonewright": VERSION, "workspace": arguments.workspace.display().to_string(),
            "applied": applied, "files": files, "answers": lines, "not_understood": misread, "changed": previewed.changed })
}

fn line_of(line: &Line) -> Value {
    let fields: Vec<Value> = line
        .fields
        .iter()
        .map(|field| json!({ "key": field.key, "old": field.old, "new": field.new, "conflict": field.conflict }))
        .collect();
    json!({ "record": { "kind": line.kind, "id": line.id }, "row": line.row, "place": line.place, "state": line.state.as_str(),
            "fields": fields, "remarks": line.remarks })
}
