//! `zonewright propose`: a draft of zones, conduits and permits out of captures.

use super::review::{hang, one};
use super::{Exit, Outcome};
use crate::args::Propose;
use crate::terminal::{self, Reading};
use zonewright_workbench::Workspace;
use zonewright_workbench::propose::{Draft, Ground, add, draft, write};
use zonewright_workbench::review::{self, KINDS};

pub(super) fn run(arguments: &Propose) -> Outcome {
    let name = arguments
        .into
        .as_ref()
        .and_then(|folder| folder.file_name())
        .map_or_else(|| "Plant".to_string(), |name| name.to_string_lossy().into_owned());
    let workspace = match arguments.into.as_ref().filter(|_| arguments.keep_zones) {
        Some(folder) => Some(Workspace::read(folder)?),
        None => None,
    };
    if let Some(workspace) = workspace.as_ref().filter(|workspace| workspace.has_errors()) {
        terminal::diagnostics(&workspace.diagnostics, |file| workspace.text(file));
        terminal::note("the model has errors; mend them first, nothing was proposed");
        return Ok(Exit::NotUnderstood);
    }
    let ground = Ground { workspace, granularity: arguments.granularity };
    let reading = Reading::new("reading captures");
    let draft = draft(&arguments.files, &name, &ground, &mut |progress| reading.update(progress))?;
    drop(reading);
    terminal::diagnostics(&draft.observation.diagnostics, |_| None);
    if !draft.observation.understood() {
        terminal::note("error: not every file is a capture that is understood; nothing was proposed");
        return Ok(Exit::NotUnderstood);
    }
    match &arguments.into {
        None => terminal::print(&told(&draft))?,
        Some(into) => {
            let written = match &ground.workspace {
                Some(workspace) => add(&draft, workspace)?,
                None => write(&draft, into)?,
            };
            let mut out = told(&draft);
            for path in written {
                out.push_str(&format!("wrote {}\n", path.display()));
            }
            out.push_str(&format!(
                "Next: `zonewright review {}` accepts or rejects each of these.",
                into.display()
            ));
            terminal::print(&out)?;
        }
    }
    Ok(Exit::Done)
}

fn told(draft: &Draft) -> String {
    let queue = review::queue(&draft.plant);
    let mut out = String::new();
    for (kind, title) in KINDS {
        let items: Vec<_> = queue.iter().filter(|item| item.name.kind == *kind).collect();
        if !items.is_empty() {
            out.push_str(&format!("{title} ({})\n", items.len()));
            items.iter().for_each(|item| out.push_str(&one(item)));
            out.push('\n');
        }
    }
    if !draft.proposal.questions.is_empty() {
        out.push_str("Open questions\n");
        draft.proposal.questions.iter().for_each(|question| out.push_str(&hang("  - ", question)));
        out.push('\n');
    }
    out
}
