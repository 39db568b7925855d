//! `zonewright assess`: requirements, levels and gaps, from evidence and statements.

use super::{Exit, Outcome, VERSION, emit, findings_exit, judging_date};
use crate::args::{Assess, PlainFormat};
use crate::terminal;
use zonewright_assess::questions::questions;

pub(super) fn run(assess: &Assess) -> Outcome {
    let Some(verified) = super::verify::verified(&assess.workspace, judging_date(assess.as_of))? else {
        return Ok(Exit::NotUnderstood);
    };
    let assessment = verified.assess();
    let text = match assess.format {
        PlainFormat::Json => zonewright_report::assessment::json(&assessment, VERSION),
        PlainFormat::Text => {
            let plant = &verified.workspace.plant;
            let questions = questions(plant, &assessment);
            zonewright_report::assessment::text(plant, &assessment, &questions, terminal::width())
        }
    };
    emit(&text, assess.output.as_deref())?;
    Ok(super::verify::judged(&verified, findings_exit(&assessment.findings, assess.fail_on)))
}
