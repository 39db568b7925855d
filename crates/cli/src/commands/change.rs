//! `zonewright diff` of two workspaces: management of change.

use super::{Exit, Outcome, VERSION, emit, judging_date};
use crate::args::{Diff, FailOnDifference, PlainFormat};
use crate::terminal;
use zonewright_report::change::{json, record, text};

pub(super) fn run(diff: &Diff) -> Outcome {
    let as_of = judging_date(diff.as_of);
    let Some(before) = super::verify::verified(&diff.old, as_of)? else { return Ok(Exit::NotUnderstood) };
    let Some(after) = super::verify::verified(&diff.new, as_of)? else { return Ok(Exit::NotUnderstood) };
    let (before, after) = (before.with_levels(), after.with_levels());
    let (old, new) = (diff.old.display().to_string(), diff.new.display().to_string());
    let told = zonewright_workbench::changed(&before, &after, |change| {
        let text = match diff.format {
            PlainFormat::Json => zonewright_report::json::to_text(&json::change(change, &old, &new, VERSION)),
            PlainFormat::Text => text::change(change, terminal::width()),
        };
        let input = after.report_input(VERSION);
        let about = record::About { plant: input.plant_name(), old: &old, new: &new, version: VERSION };
        let record = diff.record.as_ref().map(|_| record::record(change, about));
        (text, record, !change.is_none(), change.opens())
    });
    // Both were assessed just above.
    let Some((text, record, differs, opens)) = told else { return Ok(Exit::NotUnderstood) };
    emit(&text, diff.output.as_deref())?;
    if let (Some(file), Some(record)) = (&diff.record, record) {
        zonewright_workbench::files::write(file, record.as_bytes())?;
        terminal::note(&format!(
            "change record: {} (open it in a browser; it prints on two pages)",
            file.display()
        ));
    }
    let fails = match diff.fail_on {
        FailOnDifference::Any => differs,
        FailOnDifference::New => opens,
        FailOnDifference::Never => false,
    };
    Ok(super::verify::judged(&after, if fails { Exit::Findings } else { Exit::Done }))
}
