//! `zonewright init`: an empty workspace with the first records to fill in.

use super::{Exit, Outcome};
use crate::args::Init;
use crate::terminal;

pub(super) fn run(init: &Init) -> Outcome {
    let name = init.name.clone().unwrap_or_else(|| {
        init.folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_else(|| "plant".into())
    });
    let written = zonewright_workbench::init::init(&init.folder, &name)?;
    for path in &written {
        terminal::print(&format!("wrote {}", path.display()))?;
    }
    terminal::print(&format!(
        "\nNext: fill in the records, then `zonewright check {}`.\nOr let evidence write the first draft: `zonewright start FOLDER`.",
        init.folder.display()
    ))?;
    Ok(Exit::Done)
}
