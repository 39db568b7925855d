//! `zonewright review`: the queue of proposals, and what a person decides about them.

use super::{Exit, Outcome};
use crate::args::{Review as Arguments, ReviewAction};
use crate::terminal;
use std::io::{BufRead, IsTerminal};
use std::path::Path;
use zonewright_workbench::files;
use zonewright_workbench::review::{self, Decision, Item, KINDS, Review, ReviewError};

/// Items that are listed where others list them too.
pub(super) const ITEMS_MAX: usize = 20;
/// Names that are listed of what a step did.
const SAID_MAX: usize = 20;

pub(super) fn run(arguments: &Arguments) -> Outcome {
    match action(&arguments.workspace, arguments.action.as_ref()) {
        Ok(()) => Ok(Exit::Done),
        Err(error) => {
            terminal::error(&error);
            Ok(match error {
                ReviewError::Unknown { .. }
                | ReviewError::Ambiguous { .. }
                | ReviewError::NotProposed(_)
                | ReviewError::NothingToMergeInto(_)
                | ReviewError::NothingToUndo => Exit::Usage,
                _ => Exit::NotUnderstood,
            })
        }
    }
}

fn action(folder: &Path, action: Option<&ReviewAction>) -> Result<(), ReviewError> {
    if let Some(ReviewAction::Undo) = action {
        let step = review::undo(folder)?;
        print(&format!("undone: {step}"));
        return Ok(());
    }
    let mut review = Review::open(folder)?;
    let decided = match action {
        None => return look(&mut review, folder),
        Some(ReviewAction::Accept { ids }) => {
            (format!("accept {}", ids.join(" ")), vec![Decision::Accept(review.names(ids)?)])
        }
        Some(ReviewAction::Reject { ids }) => {
            (format!("reject {}", ids.join(" ")), vec![Decision::Reject(review.names(ids)?)])
        }
        Some(ReviewAction::Rename { id, to }) => {
            (format!("rename {id} {to}"), vec![Decision::Rename(named(&review, id)?, to.clone())])
        }
        Some(ReviewAction::Merge { id, into }) => {
            let into_id = into.split_once(':').map_or(into.as_str(), |(_, id)| id);
            (format!("merge {id} {into}"), vec![Decision::Merge(named(&review, id)?, into_id.to_string())])
        }
        Some(ReviewAction::Export { file }) => {
            let queue = review::queue(review.plant());
            files::write(file, review::export(&queue)?.as_bytes())?;
            print(&format!(
                "wrote {} proposals to {}\nNext: write accept, reject, rename NEW-ID or merge OTHER-ID into the column `decision`, then\n  zonewright review {} import {}",
                queue.len(),
                file.display(),
                folder.display(),
                file.display()
            ));
            return Ok(());
        }
        Some(ReviewAction::Import { file }) => {
            let bytes = files::read(file)?;
            let text = zonewright_workbench::import::decode(&bytes).map(|(text, _)| text).unwrap_or_default();
            (format!("import {}", file.display()), review.decisions(&text)?)
        }
        Some(ReviewAction::Undo) => return Ok(()),
    };
    let said = review.decide(&decided.0, &decided.1)?;
    told(&said, &review, folder);
    Ok(())
}

fn named(review: &Review, id: &String) -> Result<zonewright_workbench::review::RecordName, ReviewError> {
    let mut names = review.names(std::slice::from_ref(id))?;
    names
        .pop()
        .filter(|_| names.is_empty())
        .ok_or_else(|| ReviewError::Unknown { id: id.clone(), help: "; name one record".into() })
}

/// If the output is gone, nobody is left to be told.
fn print(text: &str) {
    let _ = terminal::print(text);
}

fn told(said: &[String], review: &Review, folder: &Path) {
    let mut out = String::new();
    for line in said.iter().take(SAID_MAX) {
        out.push_str(&format!("{line}\n"));
    }
    if said.len() > SAID_MAX {
        out.push_str(&format!("and {} more\n", said.len() - SAID_MAX));
    }
    let left = review::queue(review.plant()).len();
    out.push_str(&match (said.is_empty(), left) {
        (true, _) => "nothing to do: it was accepted before\n".to_string(),
        (_, 0) => format!("The queue is empty. Next: `zonewright verify {}`\n", folder.display()),
        (_, n) => format!(
            "{n} proposals are left; `zonewright review {} undo` takes this step back\n",
            folder.display()
        ),
    });
    print(&out);
}

/// Nothing was said: the queue, and at a terminal one question after the other.
fn look(review: &mut Review, folder: &Path) -> Result<(), ReviewError> {
    let queue = review::queue(review.plant());
    if queue.is_empty() {
        print(&format!("Nothing is proposed. Next: `zonewright verify {}`", folder.display()));
        return Ok(());
    }
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        return ask(review, folder);
    }
    print(&listed(&queue, folder));
    Ok(())
}

fn listed(queue: &[Item], folder: &Path) -> String {
    let mut out = String::new();
    for (kind, title) in KINDS {
        let items: Vec<&Item> = queue.iter().filter(|item| item.name.kind == *kind).collect();
        if !items.is_empty() {
            out.push_str(&format!("{title} ({})\n", items.len()));
            items.iter().for_each(|item| out.push_str(&one(item)));
            out.push('\n');
        }
    }
    let folder = folder.display();
    out.push_str(&format!(
        "Accept:  zonewright review {folder} accept ID…   (what it stands on is accepted with it; `all` for everything)\n\
         Reject:  zonewright review {folder} reject ID…   (what hangs on it goes with it)\n\
         Others:  rename ID NEW-ID, merge ID OTHER-ID, undo, export FILE.csv, import FILE.csv\n"
    ));
    out
}

/// One question after the other, a line each. Every answer is a step of its own that can be undone.
fn ask(review: &mut Review, folder: &Path) -> Result<(), ReviewError> {
    let mut skipped = std::collections::BTreeSet::new();
    print("Each proposal: a accept, r reject, s skip, u undo the last step, q quit (Enter skips)\n");
    let mut lines = std::io::stdin().lock().lines();
    loop {
        let queue = review::queue(review.plant());
        let Some(item) = queue.iter().find(|item| !skipped.contains(&item.name)) else { break };
        print(&format!("{} proposals left\n{}{} {}?", queue.len(), one(item), item.name.kind, item.name.id));
        let Some(Ok(answer)) = lines.next() else { break };
        let decision = match answer.trim().to_lowercase().as_str() {
            "a" | "accept" | "y" => Decision::Accept(vec![item.name.clone()]),
            "r" | "reject" | "n" => Decision::Reject(vec![item.name.clone()]),
            "q" | "quit" => break,
            "u" | "undo" => {
                match review::undo(folder) {
                    Ok(step) => print(&format!("undone: {step}")),
                    Err(error) => terminal::error(&error),
                }
                *review = Review::open(folder)?;
                skipped.clear();
                continue;
            }
            "s" | "skip" | "" => {
                skipped.insert(item.name.clone());
                continue;
            }
            other => {
                print(&format!("`{other}` is not one of a, r, s, u, q"));
                continue;
            }
        };
        let name = item.name.clone();
        let verb = if matches!(decision, Decision::Accept(_)) { "accept" } else { "reject" };
        match review.decide(&format!("{verb} {}:{}", name.kind, name.id), &[decision]) {
            Ok(said) => said.iter().take(SAID_MAX).for_each(|line| print(line)),
            Err(error) => {
                terminal::error(&error);
                skipped.insert(name);
            }
        }
    }
    print(&format!("{} proposals are left", review::queue(review.plant()).len()));
    Ok(())
}

/// An item: its id and title, and beneath them the reason.
pub(super) fn one(item: &Item) -> String {
    let title = if item.title.is_empty() { String::new() } else { format!("  {}", item.title) };
    let mut out = hang("  ", &format!("{}{title}", item.name.id));
    if !item.reason.is_empty() {
        out.push_str(&hang("      ", &item.reason));
    }
    out
}

/// A text wrapped to the terminal behind its head. Control characters of a hostile name never reach the terminal.
pub(super) fn hang(head: &str, text: &str) -> String {
    let width = terminal::width();
    let indent = head.chars().take_while(|c| *c == ' ').count() + if head.trim().is_empty() { 0 } else { 2 };
    let mut out = String::new();
    let mut line = head.to_string();
    let mut fresh = true;
    for word in text.split_whitespace() {
        let word: String = word.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        if !fresh && line.chars().count() + 1 + word.chars().count() > width {
            out.push_str(line.trim_end());
            out.push('\n');
            line = " ".repeat(indent);
            fresh = true;
        }
        if !fresh {
            line.push(' ');
        }
        line.push_str(&word);
        fresh = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
    out
}
