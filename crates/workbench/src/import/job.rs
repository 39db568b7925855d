//! One import from beginning to end: files read, compared, and written as one step that can be undone.

use super::compare::{Plan, Policy, compare};
use super::netbox::rest::{Remote, RestError};
use super::{Files, NoSuchHeader, NotImportable, Reading, Source, apply};
use crate::error::WorkbenchError;
use crate::workspace::Workspace;
use crate::{files, review};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use zonewright_plant::text::edit::EditError;
use zonewright_source::{SourceText, nearest};

/// What to import.
#[derive(Debug, Clone, Default)]
pub struct Job {
    /// The workspace.
    pub workspace: PathBuf,
    /// The files.
    pub files: Vec<PathBuf>,
    /// A NetBox to ask.
    pub netbox: Option<Remote>,
    /// How to read them.
    pub reading: Reading,
    /// What to do with what they say.
    pub policy: Policy,
}

/// Why nothing was imported. Nothing is written then.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file could not be read or written.
    #[error(transparent)]
    Files(#[from] WorkbenchError),
    /// The workspace has errors.
    #[error("the workspace `{}` has errors; mend them first (`zonewright check`), nothing was written", .0.display())]
    Unsound(PathBuf),
    /// Files that are not understood, each with the reason.
    #[error("{}", not_read(.0))]
    NotRead(Vec<(String, NotImportable)>),
    /// A column was named that no list has.
    #[error(transparent)]
    Column(#[from] NoSuchHeader),
    /// The NetBox could not be read.
    #[error(transparent)]
    NetBox(#[from] RestError),
    /// A record was named that is not there.
    #[error("there is no {kind} `{id}` in the workspace{}", near.as_ref().map_or(String::new(), |near| format!("; did you mean `{near}`?")))]
    Unknown {
        /// Zone or asset.
        kind: &'static str,
        /// What was named.
        id: String,
        /// The nearest id.
        near: Option<String>,
    },
    /// What was read does not fit the workspace.
    #[error("what was read does not fit the workspace; nothing was written")]
    Edit(#[from] EditError),
}

fn not_read(files: &[(String, NotImportable)]) -> String {
    files
        .iter()
        .map(|(file, not)| format!("`{file}` was not read: {}", not.why))
        .collect::<Vec<_>>()
        .join("\n")
}

/// What an import would do.
#[derive(Debug)]
pub struct Previewed {
    /// The workspace as it is.
    pub workspace: Workspace,
    /// What was read.
    pub sources: Vec<Source>,
    /// What it comes to.
    pub plan: Plan,
    /// Names of the texts that would differ.
    pub changed: Vec<String>,
    texts: Vec<SourceText>,
    /// Files to keep within the workspace, by their names there.
    kept: BTreeMap<String, Vec<u8>>,
}

/// Reads and compares. Nothing is written.
pub fn preview(job: &Job) -> Result<Previewed, ImportError> {
    let workspace = open(&job.workspace)?;
    if let Some(zone) = job.policy.zone.as_ref().filter(|zone| !workspace.plant.zones.contains_key(*zone)) {
        let near = nearest(zone.as_str(), workspace.plant.zones.keys().map(|id| id.as_str()));
        return Err(ImportError::Unknown {
            kind: "zone",
            id: zone.to_string(),
            near: near.map(ToString::to_string),
        });
    }
    if let Some(asset) =
        job.reading.asset.as_ref().filter(|asset| !workspace.plant.assets.contains_key(*asset))
    {
        let near = nearest(asset.as_str(), workspace.plant.assets.keys().map(|id| id.as_str()));
        let near = near.map(ToString::to_string);
        return Err(ImportError::Unknown { kind: "asset", id: asset.to_string(), near });
    }
    let mut read = Files::new(job.reading.clone());
    let mut not_read = Vec::new();
    let mut places: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in &job.files {
        let name = path
            .file_name()
            .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        if let Err(not) = read.read(&name, &bytes_of(path)?) {
            not_read.push((name.clone(), not));
        }
        places.insert(name, path.clone());
    }
    if let Some(remote) = &job.netbox {
        read.ask(remote)?;
    }
    // A column that was misspelled is the likelier reason why a list was not recognized.
    let mut sources = read.done()?;
    if !not_read.is_empty() {
        return Err(ImportError::NotRead(not_read));
    }
    let mut kept = BTreeMap::new();
    for source in sources.iter_mut().filter(|source| source.keeps) {
        let Some(path) = places.get(&source.file) else { continue };
        let name = keep(&workspace.folder, path, &mut kept)?;
        for incoming in &mut source.assets {
            incoming.asset.sbom = Some(name.clone());
        }
    }
    let plan = compare(&workspace.plant, &sources, &job.policy);
    // A bill that the asset does not refer to afterwards is not kept.
    kept.retain(|name, _| plan.after.assets.values().any(|asset| asset.sbom.as_ref() == Some(name)));
    let (texts, changed) = apply::texts(&workspace, &plan)?;
    Ok(Previewed { workspace, sources, plan, changed, texts, kept })
}

/// The name within the workspace under which a file is kept: its own place if it lies there, otherwise below `evidence/`,
/// with a part of its hash in the name where another file has that name.
fn keep(folder: &Path, path: &Path, kept: &mut BTreeMap<String, Vec<u8>>) -> Result<String, WorkbenchError> {
    let inside = |path: &Path| {
        Some(path.canonicalize().ok()?.strip_prefix(folder.canonicalize().ok()?).ok()?.to_path_buf())
    };
    if let Some(within) = inside(path) {
        return Ok(files::slashed(&within));
    }
    let bytes = bytes_of(path)?;
    let stem = path.file_stem().map(|stem| super::sound(&stem.to_string_lossy())).unwrap_or_default();
    let end =
        path.extension().map(|end| format!(".{}", super::sound(&end.to_string_lossy()))).unwrap_or_default();
    let hash = blake3::hash(&bytes).to_hex();
    let mut name = format!("evidence/{stem}{end}");
    if std::fs::read(folder.join(&name)).is_ok_and(|there| there != bytes) {
        let mark: String = hash.chars().take(8).collect();
        name = format!("evidence/{stem}-{mark}{end}");
    }
    kept.insert(name.clone(), bytes);
    Ok(name)
}

/// Writes what was previewed as one step, which `zonewright review WORKSPACE undo` takes back.
pub fn write(previewed: &Previewed, step: &str) -> Result<(), ImportError> {
    let workspace = &previewed.workspace;
    // First what the texts refer to: if it cannot be kept, nothing refers to it.
    for (name, bytes) in &previewed.kept {
        let path = workspace.folder.join(name);
        if !std::fs::read(&path).is_ok_and(|there| there == *bytes) {
            files::write(&path, bytes)?;
        }
    }
    review::write_step(&workspace.folder, step, &workspace.texts, &previewed.texts)?;
    Ok(())
}

fn open(folder: &Path) -> Result<Workspace, ImportError> {
    let workspace = Workspace::read(folder)?;
    if workspace.has_errors() { Err(ImportError::Unsound(folder.to_path_buf())) } else { Ok(workspace) }
}

/// A file's bytes; of one that is too large, as many as tell that it is.
pub(crate) fn bytes_of(path: &Path) -> Result<Vec<u8>, WorkbenchError> {
    use std::io::Read;
    let failed = |source| WorkbenchError::Read { path: path.to_path_buf(), source };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(super::FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}
