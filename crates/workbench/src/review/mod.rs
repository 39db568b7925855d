//! The use case "review": what a machine proposed is accepted, rejected, renamed or merged by a person, each step undoable.
//!
//! Owns the queue, what accepting pulls in, what rejecting takes out, and the steps. Texts are changed by `plant`'s edits,
//! which keep comments and order.

mod decide;
pub mod memory;
mod sheet;
#[cfg(test)]
mod tests;
mod undo;

pub use sheet::{SheetError, export};
pub(crate) use undo::write as write_step;

use crate::Workspace;
use crate::error::WorkbenchError;
use std::path::Path;
use zonewright_plant::Plant;
use zonewright_plant::model::Common;
pub use zonewright_plant::text::edit::RecordName;
use zonewright_plant::text::edit::{Change, EditError, apply};
use zonewright_source::{SourceText, nearest};

/// A word in a reason that asks for a second look.
pub const LOOK_TWICE: &str = "LOOK TWICE";

/// Something proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Which record.
    pub name: RecordName,
    /// What it is, in words.
    pub title: String,
    /// Why it was proposed.
    pub reason: String,
}

impl Item {
    /// Does its reason ask for a second look?
    #[must_use]
    pub fn needs_a_look(&self) -> bool {
        self.reason.contains(LOOK_TWICE)
    }
}

/// The kinds of a queue in their order, each with its heading.
pub const KINDS: &[(&str, &str)] = &[
    ("zone", "Zones"),
    ("conduit", "Conduits"),
    ("permit", "Permits"),
    ("asset", "Assets"),
    ("group", "Groups"),
    ("evidence", "Evidence"),
];

/// Everything that is proposed, by kind and id.
#[must_use]
pub fn queue(plant: &Plant) -> Vec<Item> {
    let mut items = Vec::new();
    let mut add = |kind: &str, id: &str, common: &Common, what: String| {
        if let Some(name) = RecordName::new(kind, id).filter(|_| common.proposed) {
            let title = common.name.clone().filter(|name| name != id).unwrap_or(what);
            items.push(Item { name, title, reason: common.reason.clone().unwrap_or_default() });
        }
    };
    for zone in plant.zones.values() {
        add("zone", zone.id.as_str(), &zone.common, String::new());
    }
    for conduit in plant.conduits.values() {
        add("conduit", conduit.id.as_str(), &conduit.common, String::new());
    }
    for permit in plant.conduits.values().flat_map(|conduit| &conduit.permits) {
        add("permit", permit.id.as_str(), &permit.common, permit.protocol.clone());
    }
    for asset in plant.assets.values() {
        let words =
            [asset.kind.map(|kind| kind.as_str().to_string()), asset.vendor.clone(), asset.model.clone()];
        let words: Vec<String> = words.into_iter().flatten().collect();
        let zone = asset.zone.as_ref().map(|zone| format!(" in {zone}")).unwrap_or_default();
        add("asset", asset.id.as_str(), &asset.common, format!("{}{zone}", words.join(" ")));
    }
    for group in plant.groups.values() {
        add("group", group.id.as_str(), &group.common, String::new());
    }
    for evidence in plant.evidence.values() {
        add("evidence", evidence.id.as_str(), &evidence.common, evidence.file.clone().unwrap_or_default());
    }
    items
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It counts as declared from now on, and so does what it stands on.
    Accept(Vec<RecordName>),
    /// It goes, with what hangs on it.
    Reject(Vec<RecordName>),
    /// It gets another id.
    Rename(RecordName, String),
    /// It is the same as another.
    Merge(RecordName, String),
}

/// Why a decision was not carried out. Nothing is changed then.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// A file could not be read or written.
    #[error(transparent)]
    Files(#[from] WorkbenchError),
    /// The workspace has errors.
    #[error("the workspace has errors; mend them first (`zonewright check`)")]
    Unsound,
    /// Nothing has that id.
    #[error("nothing is called `{id}`{help}")]
    Unknown {
        /// The id.
        id: String,
        /// The nearest one.
        help: String,
    },
    /// Several kinds have that id.
    #[error("`{id}` is the id of {}; say which: `{}:{id}`", kinds.join(" and "), kinds.first().map_or("kind", String::as_str))]
    Ambiguous {
        /// The id.
        id: String,
        /// The kinds.
        kinds: Vec<String>,
    },
    /// It was accepted before.
    #[error("{0} is not a proposal: it was accepted or written by a person, and is changed in the files")]
    NotProposed(RecordName),
    /// Two records of different kinds cannot be one.
    #[error("there is no {0} to merge into")]
    NothingToMergeInto(RecordName),
    /// The edit cannot be made.
    #[error("this cannot be done")]
    Edit(#[from] EditError),
    /// There is no step to undo.
    #[error("there is no step to undo")]
    NothingToUndo,
    /// A file was changed since.
    #[error("`{0}` was changed after the step; undoing it would lose that change")]
    ChangedSince(String),
    /// A record of a step is damaged.
    #[error("the record of the step `{0}` is damaged")]
    DamagedStep(String),
    /// A spreadsheet is not understood.
    #[error(transparent)]
    Sheet(#[from] SheetError),
}

/// A workspace under review.
#[derive(Debug)]
pub struct Review {
    workspace: Workspace,
}

impl Review {
    /// Opens a workspace; one with errors is not reviewed.
    pub fn open(folder: &Path) -> Result<Self, ReviewError> {
        let workspace = Workspace::read(folder)?;
        if workspace.has_errors() { Err(ReviewError::Unsound) } else { Ok(Self { workspace }) }
    }

    /// The plant as it stands.
    #[must_use]
    pub fn plant(&self) -> &Plant {
        &self.workspace.plant
    }

    /// The records of ids as a person writes them: `Z-1`, `zone:Z-1`, or `all` for everything proposed.
    pub fn names(&self, ids: &[String]) -> Result<Vec<RecordName>, ReviewError> {
        let queue = queue(self.plant());
        let mut names = Vec::new();
        for id in ids {
            if id == "all" {
                names.extend(queue.iter().map(|item| item.name.clone()));
            } else {
                names.push(self.name(id, &queue)?);
            }
        }
        Ok(names)
    }

    fn name(&self, id: &str, queue: &[Item]) -> Result<RecordName, ReviewError> {
        let (kind, bare) = match id.split_once(':') {
            Some((kind, bare)) if KINDS.iter().any(|(known, _)| *known == kind) => (Some(kind), bare),
            _ => (None, id),
        };
        let known = decide::all(self.plant());
        let fits = |name: &&RecordName| name.id == bare && kind.is_none_or(|kind| name.kind == kind);
        let found: Vec<&RecordName> = known.iter().filter(fits).collect();
        match found.as_slice() {
            [one] => Ok((*one).clone()),
            [] => {
                let near = nearest(bare, queue.iter().map(|item| item.name.id.as_str()));
                let help = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                Err(ReviewError::Unknown { id: id.to_string(), help })
            }
            several => {
                // Of several kinds, the one that waits in the queue is meant, if it is only one.
                let waiting: Vec<&&RecordName> =
                    several.iter().filter(|name| queue.iter().any(|i| i.name == ***name)).collect();
                match waiting.as_slice() {
                    [one] => Ok((**one).clone()),
                    _ => {
                        let kinds = several.iter().map(|name| name.kind.to_string()).collect();
                        Err(ReviewError::Ambiguous { id: bare.to_string(), kinds })
                    }
                }
            }
        }
    }

    /// Carries out decisions as one step and says what was done, in words.
    pub fn decide(&mut self, step: &str, decisions: &[Decision]) -> Result<Vec<String>, ReviewError> {
        let mut texts = self.workspace.texts.clone();
        let mut plant = self.workspace.plant.clone();
        let mut said = Vec::new();
        let turned_down = memory::text(&self.workspace.folder)?;
        let mut remembered = turned_down.clone();
        for decision in decisions {
            if let Decision::Reject(names) = decision {
                remembered = memory::with(&remembered, &plant, names);
            }
            let changes = decide::changes(&plant, decision, &mut said)?;
            let edited = apply(&texts, &changes)?;
            texts = edited.files;
            plant = edited.read.plant;
        }
        let beside = |texts: &[SourceText], memory: SourceText| -> Vec<SourceText> {
            let memory = Some(memory).filter(|memory| !memory.text().is_empty());
            texts.iter().cloned().chain(memory).collect()
        };
        let before = beside(&self.workspace.texts, turned_down);
        undo::write(&self.workspace.folder, step, &before, &beside(&texts, remembered))?;
        self.workspace.texts = texts;
        self.workspace.plant = plant;
        Ok(said)
    }

    /// The decisions that a filled-in spreadsheet says.
    pub fn decisions(&self, csv: &str) -> Result<Vec<Decision>, ReviewError> {
        sheet::import(csv, |id| self.name(id, &queue(self.plant())))
    }
}

/// Undoes the last step and says which it was.
pub fn undo(folder: &Path) -> Result<String, ReviewError> {
    undo::undo(folder)
}

/// The changes that lead from one plant to another, for those kinds that a review touches.
fn difference(before: &Plant, after: &Plant) -> Vec<Change> {
    decide::difference(before, after)
}
