//! Steps that can be undone: the texts as they were before each, beside the workspace in a hidden folder.

use super::ReviewError;
use crate::error::WorkbenchError;
use crate::files;
use serde_json::{Value, json};
use std::path::{Component, Path, PathBuf};
use zonewright_source::SourceText;

/// Steps that are kept; older ones go.
pub(super) const STEPS_MAX: usize = 200;
const FORMAT: &str = "zonewright-undo/1";

fn place(folder: &Path) -> PathBuf {
    folder.join(".zonewright").join("undo")
}

fn hash(text: &str) -> String {
    format!("blake3:{}", blake3::hash(text.as_bytes()).to_hex())
}

/// The numbers of the steps, oldest first.
fn steps(folder: &Path) -> Vec<u32> {
    let entries = std::fs::read_dir(place(folder)).into_iter().flatten().flatten();
    let number = |name: &std::ffi::OsStr| name.to_str()?.strip_suffix(".json")?.parse().ok();
    let mut steps: Vec<u32> = entries.filter_map(|entry| number(&entry.file_name())).collect();
    steps.sort_unstable();
    steps
}

fn file_of(folder: &Path, step: u32) -> PathBuf {
    place(folder).join(format!("{step:06}.json"))
}

/// Writes the record of a step, then the texts that differ.
pub(crate) fn write(
    folder: &Path,
    step: &str,
    before: &[SourceText],
    after: &[SourceText],
) -> Result<(), WorkbenchError> {
    let old = |name: &str| before.iter().find(|text| text.file().as_ref() == name);
    let changed: Vec<&SourceText> =
        after.iter().filter(|text| old(text.file()).is_none_or(|old| old.text() != text.text())).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let record = json!({
        "format": FORMAT,
        "step": step,
        "files": changed.iter().map(|text| json!({
            "name": text.file().as_ref(),
            "before": old(text.file()).map(SourceText::text),
            "after": hash(text.text()),
        })).collect::<Vec<_>>(),
    });
    let all = steps(folder);
    let next = all.last().copied().unwrap_or_default().saturating_add(1);
    files::write(&file_of(folder, next), record.to_string().as_bytes())?;
    for text in changed {
        files::write(&folder.join(text.file().as_ref()), text.text().as_bytes())?;
    }
    for step in all.iter().take((all.len() + 1).saturating_sub(STEPS_MAX)) {
        // A step too many is no harm; it is tried again with the next.
        let _ = std::fs::remove_file(file_of(folder, *step));
    }
    Ok(())
}

/// Undoes the last step.
pub(super) fn undo(folder: &Path) -> Result<String, ReviewError> {
    let last = steps(folder).last().copied().ok_or(ReviewError::NothingToUndo)?;
    let path = file_of(folder, last);
    let record: Value = serde_json::from_slice(&files::read(&path)?)
        .map_err(|_| ReviewError::DamagedStep(path.display().to_string()))?;
    let damaged = || ReviewError::DamagedStep(path.display().to_string());
    let list = record
        .get("files")
        .and_then(Value::as_array)
        .filter(|_| record.get("format").is_some_and(|f| f == FORMAT));
    let mut restore: Vec<(PathBuf, Option<String>)> = Vec::new();
    for file in list.ok_or_else(damaged)? {
        let name =
            file.get("name").and_then(Value::as_str).filter(|name| stays_within(name)).ok_or_else(damaged)?;
        let after = file.get("after").and_then(Value::as_str).ok_or_else(damaged)?;
        let before = file.get("before").and_then(Value::as_str).map(ToString::to_string);
        let now = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        // A step that was cut off between two files has some that are still as they were.
        if hash(&now) != after && before.as_deref() != Some(now.as_str()) {
            return Err(ReviewError::ChangedSince(name.to_string()));
        }
        restore.push((folder.join(name), before));
    }
    for (file, before) in restore {
        match before {
            Some(text) => files::write(&file, text.as_bytes())?,
            None => {
                std::fs::remove_file(&file).map_err(|source| WorkbenchError::Write { path: file, source })?
            }
        }
    }
    std::fs::remove_file(&path).map_err(|source| WorkbenchError::Write { path, source })?;
    Ok(record.get("step").and_then(Value::as_str).unwrap_or_default().to_string())
}

/// A record from elsewhere must not lead out of the workspace.
fn stays_within(name: &str) -> bool {
    !name.is_empty() && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}
