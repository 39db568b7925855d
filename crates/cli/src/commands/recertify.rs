//! `zonewright recertify`: the permits of each owner, to be decided once a year.

use super::{Exit, Outcome, VERSION, emit, judging_date};
use crate::args::{PlainFormat, Recertify};
use crate::terminal;
use zonewright_assess::recertify::recertification;
use zonewright_report::recertify::{About, document, html, text};

pub(super) fn run(arguments: &Recertify) -> Outcome {
    let as_of = judging_date(arguments.as_of);
    let Some(verified) = super::verify::verified(&arguments.workspace, as_of)? else {
        return Ok(Exit::NotUnderstood);
    };
    let plant = &verified.workspace.plant;
    let mut sheets = recertification(plant, &verified.evidence.observation, &verified.verification, as_of);
    if let Some(owner) = &arguments.owner {
        let known: Vec<String> =
            sheets.iter().filter_map(|sheet| sheet.owner).map(ToString::to_string).collect();
        if !known.contains(owner) {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let help = super::question::did_you_mean(owner, &known);
            terminal::note(&format!("error: no permit is owned by `{owner}`; {help}"));
            return Ok(Exit::Usage);
        }
        sheets.retain(|sheet| sheet.owner.is_some_and(|role| role.as_str() == owner));
    }
    let input = verified.report_input(VERSION);
    let about = About { plant: input.plant_name(), as_of, version: VERSION };
    let printed = match arguments.format {
        PlainFormat::Json => zonewright_report::json::to_text(&document(&sheets, about)),
        PlainFormat::Text => text(&sheets, about, terminal::width()),
    };
    emit(&printed, None)?;
    if let Some(file) = &arguments.output {
        zonewright_workbench::files::write(file, html(&sheets, about).as_bytes())?;
        terminal::note(&format!(
            "sheets: {} (open it in a browser; each owner's prints on pages of its own)",
            file.display()
        ));
    }
    Ok(super::verify::judged(&verified, Exit::Done))
}
