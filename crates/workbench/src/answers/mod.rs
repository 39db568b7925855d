//! The use case "answers": workbooks and packs that people filled in, set against the workspace and written back.
//!
//! Owns reading them (a workbook by its hidden sheet, a page's `answers.json`), telling what a person changed from what
//! changed since the export, and the records that follow: claims, and answers of products. Leaves to others: what a workbook
//! looks like (`report`), how texts are changed (`plant`). All is written or nothing, as one step that can be undone.

mod book;
mod compare;
mod json;
mod records;

pub use compare::{FieldChange, Line, Plan, State, compare};
pub use records::RecordRow;

use crate::error::WorkbenchError;
use crate::workspace::Workspace;
use crate::{import, review};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use zonewright_plant::text::edit::{EditError, apply};
use zonewright_report::xlsx::layout::{Field, Kind, RowId};
use zonewright_source::SourceText;

/// The format of a page's answers.
pub use zonewright_report::ask::ANSWERS_FORMAT;

/// Rows of a file that are read.
pub const ROWS_MAX: usize = 2_000_000;
/// Cells of a workbook that are read.
pub const CELLS_MAX: usize = 30_000_000;
/// Bytes of text that are read.
pub const TEXT_BYTES_MAX: usize = 256 * 1024 * 1024;
/// What is not understood and is listed one by one.
pub const MISREAD_MAX: usize = 1_000;

/// Where answers were written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A workbook that this program wrote.
    Workbook(Kind),
    /// A page's `answers.json`.
    Page,
}

impl Origin {
    /// In words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Workbook(Kind::Requirements) => "requirement workbook",
            Self::Workbook(Kind::Answers) => "pack of questions",
            Self::Page => "answers of a page",
        }
    }
}

/// A field of a row as a person left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// What it says.
    pub now: String,
    /// What it said when the file was made, where the file tells.
    pub was: Option<String>,
    /// Where it stands: `file.xlsx, Requirements!K5`.
    pub place: String,
}

/// A row in which something is filled in, or differs from what was exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which row it is.
    pub id: RowId,
    /// Where it stands.
    pub place: String,
    /// Those fields that the file has and in which it differs from its export.
    pub fields: BTreeMap<Field, Filled>,
}

/// Something that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misread {
    /// Where it stands.
    pub place: String,
    /// What is wrong.
    pub what: String,
    /// What it could be instead.
    pub help: Option<String>,
}

impl Misread {
    fn new(place: &str, what: impl Into<String>) -> Self {
        Self { place: place.to_string(), what: what.into(), help: None }
    }

    fn near(mut self, near: Option<&str>) -> Self {
        self.help = near.map(|near| format!("did you mean `{near}`?"));
        self
    }

    /// In one sentence.
    #[must_use]
    pub fn text(&self) -> String {
        let help = self.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
        format!("{}: {}{help}", self.place, self.what)
    }
}

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// Its name.
    pub file: String,
    /// Where they were written down.
    pub origin: Origin,
    /// The plant that it was made of, where it says so.
    pub plant: Option<String>,
    /// The judging date of its making, where it says so.
    pub as_of: Option<String>,
    /// Rows that it has, filled in or not.
    pub rows_read: usize,
    /// Rows that differ from the export.
    pub rows: Vec<Row>,
    /// Records that differ from the export.
    pub records: Vec<RecordRow>,
    /// What is not understood.
    pub misread: Vec<Misread>,
}

impl Answers {
    /// How many rows are filled in or changed.
    #[must_use]
    pub fn differing(&self) -> usize {
        self.rows.len().saturating_add(self.records.len())
    }
}

/// Why nothing was read or written.
#[derive(Debug, thiserror::Error)]
pub enum AnswersError {
    /// A file could not be read or written.
    #[error(transparent)]
    Files(#[from] WorkbenchError),
    /// The workspace has errors.
    #[error("the workspace `{}` has errors; mend them first (`zonewright check`), nothing was written", .0.display())]
    Unsound(PathBuf),
    /// A file is not understood as a whole.
    #[error("`{file}` was not read: {why}")]
    NotRead {
        /// The file.
        file: String,
        /// Why.
        why: String,
    },
    /// A file is of another plant.
    #[error("`{file}` was made of the plant `{theirs}`, and this is `{ours}`; nothing was written")]
    OtherPlant {
        /// The file.
        file: String,
        /// Its plant.
        theirs: String,
        /// The workspace's plant.
        ours: String,
    },
    /// What was read does not fit the workspace.
    #[error("what was read does not fit the workspace; nothing was written")]
    Edit(#[from] EditError),
}

/// Does a file hold answers: a workbook of ours, or what a page saved?
#[must_use]
pub fn is_answers(bytes: &[u8]) -> bool {
    json::is_answers(bytes) || import::is_ours(bytes)
}

/// Does a file on disk hold answers? One that cannot be read holds none; who reads it says why.
#[must_use]
pub fn file_is_answers(path: &Path) -> bool {
    import::bytes_of(path).is_ok_and(|bytes| is_answers(&bytes))
}

/// Reads what a file says.
///
/// # Errors
/// In words, if the file is not understood as a whole.
pub fn read(file: &str, bytes: &[u8]) -> Result<Answers, String> {
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > import::FILE_BYTES_MAX {
        return Err(format!("it has more than {} bytes", import::FILE_BYTES_MAX));
    }
    if bytes.starts_with(b"PK") { book::read(file, bytes) } else { json::read(file, bytes) }
}

/// What importing answers would do.
#[derive(Debug)]
pub struct Previewed {
    /// The workspace as it is.
    pub workspace: Workspace,
    /// What was read.
    pub files: Vec<Answers>,
    /// What it comes to.
    pub plan: Plan,
    /// Names of the texts that would differ.
    pub changed: Vec<String>,
    texts: Vec<SourceText>,
}

/// Reads and compares. Nothing is written.
///
/// # Errors
/// If a file or the workspace is not understood, or the changes do not fit the workspace.
pub fn preview(folder: &Path, paths: &[PathBuf]) -> Result<Previewed, AnswersError> {
    let workspace = Workspace::read(folder)?;
    if workspace.has_errors() {
        return Err(AnswersError::Unsound(folder.to_path_buf()));
    }
    let ours = workspace.plant.system.as_ref().map(|system| system.id.clone()).unwrap_or_default();
    let mut read_files = Vec::new();
    for path in paths {
        let file =
            path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        let answers = read(&file, &import::bytes_of(path)?)
            .map_err(|why| AnswersError::NotRead { file: file.clone(), why })?;
        if let Some(theirs) = answers.plant.as_ref().filter(|theirs| **theirs != ours) {
            return Err(AnswersError::OtherPlant { file, theirs: theirs.clone(), ours });
        }
        read_files.push(answers);
    }
    let plan = compare(&workspace.plant, &read_files);
    let (texts, changed) = if plan.misread.is_empty() && !plan.changes.is_empty() {
        let edited = apply(&workspace.texts, &plan.changes)?;
        (edited.files, edited.changed.iter().map(ToString::to_string).collect())
    } else {
        (workspace.texts.clone(), Vec::new())
    };
    Ok(Previewed { workspace, files: read_files, plan, changed, texts })
}

/// Writes what was previewed as one step, which `zonewright review WORKSPACE undo` takes back. Where something was not
/// understood, nothing is written.
///
/// # Errors
/// If a file cannot be written.
pub fn write(previewed: &Previewed, step: &str) -> Result<(), AnswersError> {
    let workspace = &previewed.workspace;
    review::write_step(&workspace.folder, step, &workspace.texts, &previewed.texts)?;
    Ok(())
}
