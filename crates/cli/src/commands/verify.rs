//! `zonewright verify`: declared, configured and observed side by side.

use super::{Exit, Outcome, VERSION, emit, findings_exit, judging_date};
use crate::args::{Format, Judge};
use crate::terminal::{self, Reading};
use jiff::civil::Date;
use std::path::Path;
use zonewright_workbench::{Verified, Workspace};

pub(super) fn run(judge: &Judge) -> Outcome {
    let Some(verified) = verified(&judge.workspace, judging_date(judge.as_of))? else {
        return Ok(Exit::NotUnderstood);
    };
    let input = verified.report_input(VERSION);
    let text = match judge.format {
        Format::Json => zonewright_report::json::to_text(&zonewright_report::json::verification(
            &verified.verification,
            VERSION,
        )),
        Format::Sarif => zonewright_report::json::to_text(&zonewright_report::sarif::verification(&input)),
        Format::Text => zonewright_report::text::verification(&input, terminal::width()),
    };
    emit(&text, judge.output.as_deref())?;
    Ok(judged(&verified, findings_exit(&verified.verification.findings, judge.fail_on)))
}

/// The exit code of a command that judged: evidence of which nothing was understood goes before findings.
pub(super) fn judged(verified: &Verified, exit: Exit) -> Exit {
    let mut exit = exit;
    for (file, error) in verified.not_understood() {
        terminal::note(&format!("error: nothing of `{file}` could be read: {error}"));
        exit = Exit::NotUnderstood;
    }
    exit
}

/// The workspace verified; nothing if its model has errors, which are then printed.
pub(super) fn verified(folder: &Path, as_of: Date) -> Result<Option<Verified>, Box<dyn std::error::Error>> {
    let workspace = Workspace::read(folder)?;
    terminal::diagnostics(&workspace.diagnostics, |file| workspace.text(file));
    if workspace.has_errors() {
        terminal::note("the model has errors; mend them first, nothing was judged");
        return Ok(None);
    }
    let reading = Reading::new("reading captures");
    let verified = zonewright_workbench::verify(workspace, as_of, &mut |progress| reading.update(progress));
    drop(reading);
    terminal::diagnostics(&verified.superseded(), |_| None);
    Ok(Some(verified))
}
