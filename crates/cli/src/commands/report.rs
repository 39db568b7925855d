//! `zonewright report`: the report of a workspace as one HTML file.

use super::{Exit, Outcome, VERSION, judging_date};
use crate::args::Report;
use crate::terminal;

pub(super) fn run(report: &Report) -> Outcome {
    let Some(verified) = super::verify::verified(&report.workspace, judging_date(report.as_of))? else {
        return Ok(Exit::NotUnderstood);
    };
    let verified = verified.with_levels();
    let input = verified.report_input(VERSION);
    zonewright_workbench::files::write(&report.output, zonewright_report::html::report(&input).as_bytes())?;
    terminal::print(&zonewright_report::text::verification(&input, terminal::width()))?;
    terminal::print(&format!(
        "\nReport: {} (open it in a browser; it needs no network)",
        report.output.display()
    ))?;
    Ok(super::verify::judged(&verified, Exit::Done))
}
