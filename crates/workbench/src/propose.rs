//! The use case "propose": a draft workspace out of captures alone.

use crate::error::WorkbenchError;
use crate::files;
use crate::review;
use crate::workspace::Workspace;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use zonewright_assess::propose::{Granularity, Proposal, blank_evidence, propose_as, with};
use zonewright_plant::Plant;
use zonewright_plant::id::EvidenceId;
use zonewright_plant::model::{Common, Evidence, EvidenceKind, System};
use zonewright_plant::text;
use zonewright_plant::text::edit::{EditError, apply};
use zonewright_source::Place;
use zonewright_traffic::observation::{Capture, Observation, Timestamp};
use zonewright_traffic::{CaptureInput, Hashing, Options, Progress};

/// A draft out of captures.
#[derive(Debug)]
pub struct Draft {
    /// The plant with everything proposed in it.
    pub plant: Plant,
    /// What was proposed, with questions.
    pub proposal: Proposal,
    /// What the captures show.
    pub observation: Observation,
}

/// What a draft is made onto, and how.
#[derive(Debug, Default)]
pub struct Ground {
    /// The workspace that is added to: its zones, and all else in it, stay as they are.
    pub workspace: Option<Workspace>,
    /// How finely the plant is parted.
    pub granularity: Granularity,
}

/// Reads captures and proposes a plant. Each capture is a point of its own.
pub fn draft(
    captures: &[PathBuf],
    name: &str,
    ground: &Ground,
    progress: &mut dyn FnMut(Progress),
) -> Result<Draft, WorkbenchError> {
    let workspace = ground.workspace.as_ref();
    let mut plant = workspace.map_or_else(
        || Plant { system: Some(system(name)), ..Plant::default() },
        |known| known.plant.clone(),
    );
    let rejected =
        workspace.map(|known| review::memory::read(&known.folder)).transpose()?.unwrap_or_default();
    let mut taken: BTreeSet<String> = plant.evidence.keys().map(ToString::to_string).collect();
    // A capture that is evidence already keeps its record.
    let known = |path: &Path| {
        let file = relative(path, &workspace?.folder);
        let records = workspace?.plant.evidence.values();
        records.into_iter().find(|e| e.file.as_deref() == Some(file.as_str())).map(|e| e.id.clone())
    };
    let ids: Vec<EvidenceId> =
        captures.iter().map(|path| known(path).unwrap_or_else(|| evidence_id(path, &mut taken))).collect();
    let inputs: Vec<CaptureInput> = captures
        .iter()
        .zip(&ids)
        .map(|(path, id)| CaptureInput { capture_point: Some(id.as_str().into()), ..CaptureInput::new(path) })
        .collect();
    let observation = zonewright_traffic::observe(&inputs, &options(), progress);
    for (id, capture) in ids.iter().zip(&observation.captures) {
        let file = workspace.map_or_else(
            || capture.path.to_string(),
            |known| relative(Path::new(capture.path.as_ref()), &known.folder),
        );
        plant.evidence.entry(id.clone()).or_insert_with(|| of_capture(id, capture, file));
    }
    let proposal = propose_as(&observation, &plant, ground.granularity, &rejected);
    let plant = with(&plant, &proposal);
    Ok(Draft { plant: place(plant, &proposal), proposal, observation })
}

/// Writes what a draft adds to the workspace that it was made onto, as a step that can be undone. The names of the files that
/// changed.
pub fn add(draft: &Draft, workspace: &Workspace) -> Result<Vec<PathBuf>, ProposeError> {
    let changes = crate::start::changes(&workspace.plant, &draft.plant);
    let texts = apply(&workspace.texts, &changes)?.files;
    review::write_step(&workspace.folder, "propose", &workspace.texts, &texts)?;
    let old = |name: &str| workspace.texts.iter().find(|text| text.file().as_ref() == name);
    let changed = texts.iter().filter(|text| old(text.file()).is_none_or(|old| old.text() != text.text()));
    Ok(changed.map(|text| workspace.folder.join(text.file().as_ref())).collect())
}

/// Why a draft was not added.
#[derive(Debug, thiserror::Error)]
pub enum ProposeError {
    /// A file could not be read or written.
    #[error(transparent)]
    Files(#[from] WorkbenchError),
    /// What was proposed does not fit the workspace.
    #[error("what was proposed does not fit the workspace; nothing was written")]
    Edit(#[from] EditError),
}

/// Writes a draft as a new workspace; nothing if the folder has something in it.
pub fn write(draft: &Draft, into: &Path) -> Result<Vec<PathBuf>, WorkbenchError> {
    let mut plant = draft.plant.clone();
    for evidence in plant.evidence.values_mut() {
        evidence.file = evidence.file.as_deref().map(|file| relative(Path::new(file), into));
    }
    let texts = text::write(&plant);
    for text in &texts {
        let path = into.join(text.file().as_ref());
        if path.exists() {
            return Err(WorkbenchError::Exists { path });
        }
    }
    let mut written = Vec::new();
    for text in &texts {
        let path = into.join(text.file().as_ref());
        files::write(&path, text.text().as_bytes())?;
        written.push(path);
    }
    Ok(written)
}

pub(crate) fn options() -> Options {
    Options { hashing: Hashing::Blake3, ..Options::default() }
}

/// `E-` and the name of the file.
pub(crate) fn evidence_id(path: &Path, taken: &mut BTreeSet<String>) -> EvidenceId {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let stem: String = stem.chars().take(40).collect();
    let id = crate::import::free(&format!("E-{}", crate::import::sound(&stem)), taken);
    EvidenceId::from(id.as_str())
}

/// The evidence record of a capture.
pub(crate) fn of_capture(id: &EvidenceId, capture: &Capture, file: String) -> Evidence {
    let moment = |t: Timestamp| jiff::Timestamp::from_nanosecond(i128::from(t.nanoseconds)).ok();
    let mut evidence = blank_evidence(id.clone());
    evidence.file = Some(file);
    evidence.hash.clone_from(&capture.hash);
    evidence.kind = Some(EvidenceKind::Capture);
    evidence.covers_from = capture.first_seen.and_then(moment);
    evidence.covers_until = capture
        .last_seen
        .and_then(moment)
        .filter(|last| evidence.covers_from.is_none_or(|first| first <= *last));
    if evidence.covers_until.is_none() {
        evidence.covers_from = None;
    }
    let cut = capture.read_error.as_ref().map(|error| format!("; LOOK TWICE: reading stopped: {error}"));
    evidence.common.reason =
        Some(format!("a capture of {} packets{}", capture.packets, cut.unwrap_or_default()));
    evidence
}

/// Says in the evidence why it is placed where it is.
pub(crate) fn place(mut plant: Plant, proposal: &Proposal) -> Plant {
    for (id, point) in &proposal.points {
        if let Some(reason) = plant.evidence.get_mut(id).and_then(|evidence| evidence.common.reason.as_mut())
        {
            reason.push_str("; ");
            reason.push_str(&point.reason);
        }
    }
    plant
}

/// The plant's own record: nothing but a name.
pub(crate) fn system(name: &str) -> System {
    System {
        id: "plant".into(),
        common: Common {
            name: Some(name.chars().filter(|c| !c.is_control()).take(200).collect()),
            note: None,
            proposed: false,
            reason: None,
            place: Place::File("plant.toml".into()),
            key_places: std::collections::BTreeMap::new(),
        },
        description: None,
        perimeter: None,
        essential_functions: Vec::new(),
        currency: None,
        time_zone: None,
        risk_matrix: None,
        tolerable_risk: None,
        regulatory_context: Vec::new(),
        roles: Vec::new(),
        outage_windows: Vec::new(),
    }
}

/// A file's path as seen from a folder, with `/`.
pub(crate) fn relative(file: &Path, folder: &Path) -> String {
    let (Ok(file), Ok(folder)) = (std::path::absolute(file), std::path::absolute(folder)) else {
        return files::slashed(file);
    };
    let (from, to): (Vec<_>, Vec<_>) = (folder.components().collect(), file.components().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if common == 0 {
        return file.to_string_lossy().into_owned();
    }
    let up = from.iter().skip(common).map(|_| "..".to_string());
    let down = to.iter().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_the_workspace() {
        assert_eq!(relative(Path::new("/a/b/x.pcap"), Path::new("/a/b/workspace")), "../x.pcap");
        assert_eq!(relative(Path::new("/a/x.pcap"), Path::new("/c/w")), "../../a/x.pcap");
    }
}
