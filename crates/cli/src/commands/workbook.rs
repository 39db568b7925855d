//! `zonewright workbook`: the requirements of a workspace as a spreadsheet to fill in; `zonewright import` reads it back.

use super::{Exit, Outcome, VERSION, judging_date};
use crate::args::Workbook;
use crate::terminal;
use std::path::Path;
use zonewright_report::xlsx::{self, Written};

pub(super) fn run(arguments: &Workbook) -> Outcome {
    let as_of = judging_date(arguments.as_of);
    let Some(verified) = super::verify::verified(&arguments.workspace, as_of)? else {
        return Ok(Exit::NotUnderstood);
    };
    let assessment = verified.assess();
    let written = xlsx::workbook(&verified.workspace.plant, &assessment, VERSION)?;
    save(&written, &arguments.output, &arguments.workspace)
}

/// Writes a workbook and says how it is read back.
pub(super) fn save(written: &Written, file: &Path, workspace: &Path) -> Outcome {
    zonewright_workbench::files::write(file, &written.bytes)?;
    if written.cut > 0 {
        let are = if written.cut == 1 { "1 text is".into() } else { format!("{} texts are", written.cut) };
        terminal::note(&format!(
            "{are} cut: a cell holds {} characters; such a cell is left alone by import",
            xlsx::layout::TEXT_UNITS_MAX
        ));
    }
    terminal::note(&format!(
        "written to {}; filled in, read it back: zonewright import {} {}",
        file.display(),
        workspace.display(),
        file.display()
    ));
    Ok(Exit::Done)
}
