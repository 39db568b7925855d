//! The use case "start": a folder of evidence becomes a draft workspace with a first report.
//!
//! Owns which file is what, the evidence records, and that nothing is half-written: a new workspace is made beside its
//! place and moved there when whole; an existing one only gets what is new. The files themselves are never touched.

mod facing;
mod files;
#[cfg(test)]
mod tests;

pub(crate) use files::is_capture;
pub use files::{Found, What};

use crate::Workspace;
use crate::error::WorkbenchError;
use crate::import::compare::{Plan, Policy, State, compare};
use crate::import::{self, Importable, NoSuchHeader, Source};
use crate::propose::{evidence_id, of_capture, options, place, relative, system};
use crate::verified::{Verified, verify};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use zonewright_assess::propose::{
    Granularity, as_if_accepted, blank_asset, blank_evidence, propose_as, with,
};
use zonewright_firewall::dialects;
use zonewright_plant::Plant;
use zonewright_plant::id::{AssetId, EvidenceId, ZoneId};
use zonewright_plant::model::{AssetKind, ComponentType, EvidenceKind};
use zonewright_plant::text;
use zonewright_plant::text::edit::{Change, EditError, apply};
use zonewright_source::SourceText;
use zonewright_traffic::{CaptureInput, Progress};

/// Name of the report within the workspace.
pub const REPORT: &str = "report.html";
/// Name of the list of open questions.
pub const QUESTIONS: &str = "questions.txt";

/// Most questions that lists raise row by row.
const QUESTIONS_OF_LISTS_MAX: usize = 50;

/// What to start from.
#[derive(Debug, Clone)]
pub struct Start {
    /// The folder with the evidence.
    pub folder: PathBuf,
    /// Where the workspace goes.
    pub into: PathBuf,
    /// Columns of lists, ours and theirs.
    pub columns: Vec<(String, String)>,
    /// The judging date of the first report.
    pub as_of: Date,
    /// Version of the program, for the report.
    pub version: String,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileWords {
    /// Its name.
    pub name: String,
    /// Was it read?
    pub read: bool,
    /// What it is, or why it was not read.
    pub words: String,
}

/// A started workspace.
#[derive(Debug)]
pub struct Started {
    /// Every file of the folder.
    pub files: Vec<FileWords>,
    /// What nobody but a person can answer.
    pub questions: Vec<String>,
    /// The workspace judged as if every proposal were accepted; nothing where there was nothing new.
    pub verified: Option<Verified>,
    /// Whether a workspace was there already and only got what is new.
    pub added_to: bool,
    /// The report that was written.
    pub report: PathBuf,
    /// The plant as it is written, proposals marked.
    pub plant: Plant,
}

/// Why a start was not made. Nothing is written then.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file could not be read or written.
    #[error(transparent)]
    Files(#[from] WorkbenchError),
    /// There is nothing to start from.
    #[error("`{}` holds no capture, firewall configuration or list of assets that is understood", .folder.display())]
    Nothing {
        /// The folder.
        folder: PathBuf,
        /// Its files, each with the reason.
        files: Vec<FileWords>,
    },
    /// The workspace has errors.
    #[error("the workspace `{}` has errors; mend them first (`zonewright check`), nothing was written", .0.display())]
    Unsound(PathBuf),
    /// The place of the workspace is taken by something else.
    #[error("`{}` is there already and is no workspace; name another folder with --into", .0.display())]
    Taken(PathBuf),
    /// A column was named that no list has.
    #[error(transparent)]
    Column(#[from] NoSuchHeader),
    /// What was proposed does not fit the workspace.
    #[error("what was proposed does not fit the workspace; nothing was written")]
    Edit(#[from] EditError),
}

/// Reads what lies in a folder and writes a draft workspace with its first report.
pub fn start(start: &Start, progress: &mut dyn FnMut(Progress)) -> Result<Started, StartError> {
    let sorted = files::sort(&start.folder, &start.into, &start.columns)?;
    let before = existing(&start.into)?;
    let mut work = Work::new(start, before.as_ref().map(|workspace| workspace.plant.clone()));
    work.take_in(sorted.files);
    work.inventories(sorted.sources);
    if work.useful == 0 {
        return Err(StartError::Nothing { folder: start.folder.clone(), files: work.words });
    }
    if before.is_some() && work.new == 0 {
        let (files, plant) = (work.words, work.plant);
        let report = start.into.join(REPORT);
        return Ok(Started { files, questions: Vec::new(), verified: None, added_to: true, report, plant });
    }
    work.propose(progress);
    let Work { plant, words, questions, .. } = work;
    let texts = match &before {
        Some(workspace) => apply(&workspace.texts, &changes(&workspace.plant, &plant))?.files,
        None => text::write(&plant),
    };
    let verified = write(start, before.is_some(), texts, &plant, &questions, progress)?;
    Ok(Started {
        files: words,
        questions,
        verified: Some(verified),
        added_to: before.is_some(),
        report: start.into.join(REPORT),
        plant,
    })
}

/// The workspace that is there already, if one is.
fn existing(into: &Path) -> Result<Option<Workspace>, StartError> {
    if !into.exists() || std::fs::read_dir(into).is_ok_and(|mut entries| entries.next().is_none()) {
        return Ok(None);
    }
    let workspace = Workspace::read(into)?;
    match (workspace.texts.is_empty(), workspace.has_errors()) {
        (true, _) => Err(StartError::Taken(into.to_path_buf())),
        (_, true) => Err(StartError::Unsound(into.to_path_buf())),
        _ => Ok(Some(workspace)),
    }
}

/// The records that are new or were filled in.
/// What was added to a plant, as changes of its texts.
pub(crate) fn changes(before: &Plant, after: &Plant) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for zone in after.zones.values().filter(|zone| before.zones.get(&zone.id) != Some(zone)) {
        changes.push(Change::Put(zone.clone().into()));
    }
    for asset in after.assets.values().filter(|asset| before.assets.get(&asset.id) != Some(asset)) {
        changes.push(Change::Put(asset.clone().into()));
    }
    for evidence in
        after.evidence.values().filter(|evidence| before.evidence.get(&evidence.id) != Some(evidence))
    {
        changes.push(Change::Put(evidence.clone().into()));
    }
    for conduit in after.conduits.values() {
        match before.conduits.get(&conduit.id) {
            None => changes.push(Change::Put(conduit.clone().into())),
            Some(known) => {
                let new =
                    conduit.permits.iter().filter(|permit| !known.permits.iter().any(|p| p.id == permit.id));
                changes.extend(new.map(|permit| Change::PutPermit(conduit.id.clone(), permit.clone())));
            }
        }
    }
    changes
}

/// A start under way.
struct Work<'s> {
    start: &'s Start,
    plant: Plant,
    known_hashes: BTreeSet<String>,
    taken: BTreeSet<String>,
    captures: Vec<(EvidenceId, PathBuf, String)>,
    configurations: Vec<(EvidenceId, String, Vec<u8>)>,
    words: Vec<FileWords>,
    questions: Vec<String>,
    /// New lists and scans, by the names of their files.
    inventories: BTreeMap<String, EvidenceId>,
    /// Files that are evidence, and those of them that the workspace did not have.
    useful: usize,
    new: usize,
}

impl<'s> Work<'s> {
    fn new(start: &'s Start, plant: Option<Plant>) -> Self {
        let name = || {
            let folder = std::fs::canonicalize(&start.folder).unwrap_or_else(|_| start.folder.clone());
            folder.file_name().map_or_else(|| "Plant".into(), |name| name.to_string_lossy().into_owned())
        };
        let plant = plant.unwrap_or_else(|| Plant { system: Some(system(&name())), ..Plant::default() });
        Self {
            start,
            known_hashes: plant.evidence.values().filter_map(|evidence| evidence.hash.clone()).collect(),
            taken: plant.evidence.keys().map(ToString::to_string).collect(),
            captures: Vec::new(),
            configurations: Vec::new(),
            words: Vec::new(),
            questions: Vec::new(),
            inventories: BTreeMap::new(),
            useful: 0,
            new: 0,
            plant,
        }
    }

    fn take_in(&mut self, found: Vec<Found>) {
        for file in found {
            let path = self.start.folder.join(&file.name);
            let read = !matches!(file.what, What::NotRead(_));
            self.useful += usize::from(read);
            let words = match file.what {
                What::Capture => {
                    let id = evidence_id(&path, &mut self.taken);
                    self.captures.push((id, path, file.name.clone()));
                    // Read with the others; the words follow.
                    continue;
                }
                What::Configuration { dialect, bytes } => self.configuration(&path, dialect, bytes),
                What::Inventory { kind, bytes } => {
                    self.inventory(&path, &file.name, kind, &bytes);
                    // The words follow, when all lists are compared.
                    continue;
                }
                What::NotRead(why) => why,
            };
            self.words.push(FileWords { name: file.name, read, words });
        }
        // Whether a capture is known is told by its hash, once read; files of the same name and size are taken for it.
        let known: BTreeSet<String> = self.plant.evidence.values().filter_map(|e| e.file.clone()).collect();
        let start = self.start;
        self.new +=
            self.captures.iter().filter(|(_, path, _)| !known.contains(&relative(path, &start.into))).count();
    }

    fn is_new(&mut self, bytes: &[u8]) -> Option<String> {
        let hash = format!("blake3:{}", blake3::hash(bytes).to_hex());
        let new = self.known_hashes.insert(hash.clone());
        self.new += usize::from(new);
        new.then_some(hash)
    }

    fn configuration(&mut self, path: &Path, dialect: &'static str, bytes: Vec<u8>) -> String {
        let Some(hash) = self.is_new(&bytes) else {
            return format!("{dialect} configuration, known already");
        };
        let id = evidence_id(path, &mut self.taken);
        let mut evidence = blank_evidence(id.clone());
        evidence.file = Some(relative(path, &self.start.into));
        evidence.hash = Some(hash);
        evidence.kind = Some(EvidenceKind::Configuration);
        evidence.dialect = Some(dialect.into());
        evidence.common.reason = Some(format!("a configuration in the dialect {dialect}"));
        let read =
            dialects::read_bytes(evidence.file.clone().unwrap_or_default(), &bytes, dialects::named(dialect));
        let lines = &read.ruleset.lines;
        let words = format!(
            "{dialect} configuration: {} lines modeled, {} ignored, {} not understood",
            lines.modeled, lines.ignored, lines.warned
        );
        self.plant.evidence.insert(id.clone(), evidence);
        self.configurations.push((id, dialect.to_string(), bytes));
        words
    }

    /// The evidence record of a list or scan, if it is new.
    fn inventory(&mut self, path: &Path, name: &str, kind: Importable, bytes: &[u8]) {
        let Some(hash) = self.is_new(bytes) else { return };
        let id = evidence_id(path, &mut self.taken);
        let mut evidence = blank_evidence(id.clone());
        evidence.file = Some(relative(path, &self.start.into));
        evidence.hash = Some(hash);
        evidence.kind = Some(kind.evidence());
        self.plant.evidence.insert(id.clone(), evidence);
        self.inventories.insert(name.to_string(), id);
    }

    /// Assets of lists and scans that are new become proposals; what the workspace has already stays as it is.
    fn inventories(&mut self, sources: Vec<Source>) {
        let is_new = |source: &Source| {
            [&source.file].into_iter().chain(&source.with).any(|file| self.inventories.contains_key(file))
        };
        let (mut new, old): (Vec<Source>, Vec<Source>) = sources.into_iter().partition(is_new);
        // What people wrote down names things; scans and bills add to it.
        new.sort_by_key(|source| source.kind);
        for source in new.iter_mut().filter(|source| source.keeps) {
            let file = relative(&self.start.folder.join(&source.file), &self.start.into);
            source.assets.iter_mut().for_each(|incoming| incoming.asset.sbom = Some(file.clone()));
        }
        for source in old {
            let words = format!("{}, known already", source.words);
            self.words.push(FileWords { name: source.file, read: true, words });
        }
        let policy = Policy { known: import::compare::Known::Leave, ..Policy::default() };
        let Plan { after, lines, unknown, .. } = compare(&self.plant, &new, &policy);
        self.plant = after;
        let mut lines = lines.into_iter();
        for source in new {
            let mut words = source.account();
            let mut known = 0;
            for line in lines.by_ref().take(source.assets.len()) {
                known += usize::from(line.state != State::New);
                let room = QUESTIONS_OF_LISTS_MAX.saturating_sub(self.questions.len());
                let (place, remarks) = (&line.place, line.remarks.iter().take(room));
                self.questions.extend(remarks.map(|remark| format!("{place}: {remark}")));
            }
            match known {
                0 => {}
                1 => words.push_str("; 1 is known already and keeps what is known of it"),
                known => {
                    words.push_str(&format!("; {known} are known already and keep what is known of them"))
                }
            }
            if let Some(id) = self.inventories.get(&source.file)
                && let Some(evidence) = self.plant.evidence.get_mut(id)
            {
                evidence.common.reason = Some(format!("a {}", source.words));
            }
            self.words.push(FileWords { name: source.file, read: true, words });
        }
        self.questions.extend(unknown.into_iter().take(QUESTIONS_OF_LISTS_MAX));
    }

    fn propose(&mut self, progress: &mut dyn FnMut(Progress)) {
        let known: BTreeMap<String, EvidenceId> =
            self.plant.evidence.values().filter_map(|e| Some((e.file.clone()?, e.id.clone()))).collect();
        let inputs: Vec<CaptureInput> = self
            .captures
            .iter()
            .map(|(id, path, _)| {
                let file = relative(path, &self.start.into);
                let point = known.get(&file).unwrap_or(id).as_str().into();
                CaptureInput { path: path.clone(), name: file.into(), capture_point: Some(point) }
            })
            .collect();
        let observation = zonewright_traffic::observe(&inputs, &options(), progress);
        for ((id, _, name), capture) in self.captures.iter().zip(&observation.captures) {
            let seen = self.plant.evidence.values().any(|e| e.file.as_deref() == Some(capture.path.as_ref()));
            let error = capture
                .read_error
                .as_ref()
                .map(|error| format!("; reading stopped: {error}"))
                .unwrap_or_default();
            let again = if seen { ", known already" } else { "" };
            let words = format!("capture of {} packets{again}{error}", capture.packets);
            self.words.push(FileWords { name: name.clone(), read: true, words });
            if !seen {
                let record = of_capture(id, capture, capture.path.to_string());
                self.plant.evidence.insert(id.clone(), record);
            }
        }
        self.words.sort_by(|a, b| a.name.cmp(&b.name));
        let rejected = crate::review::memory::read(&self.start.into).unwrap_or_default();
        let proposal = propose_as(&observation, &self.plant, Granularity::default(), &rejected);
        self.plant = place(with(&self.plant, &proposal), &proposal);
        self.questions.extend(proposal.questions);
        for (id, dialect, bytes) in std::mem::take(&mut self.configurations) {
            self.face(&id, &dialect, &bytes);
        }
    }

    /// Says whose configuration it is, which interface faces which zone, and which conduits it enforces.
    fn face(&mut self, id: &EvidenceId, dialect: &str, bytes: &[u8]) {
        let read = dialects::read_bytes(id.as_str(), bytes, dialects::named(dialect));
        let faced = facing::facing(&read.ruleset, &self.plant);
        let device = self.device(id);
        let zones: BTreeSet<ZoneId> = faced.facing.iter().map(|facing| facing.zone.clone()).collect();
        for conduit in self.plant.conduits.values_mut() {
            let between = conduit.zones.iter().all(|zone| zones.contains(zone));
            if conduit.common.proposed && between && !conduit.enforced_by.contains(&device) {
                conduit.enforced_by.push(device.clone());
            }
        }
        if faced.facing.is_empty() {
            self.questions.push(format!(
                "{device}: which zones does it stand between? None of its rules names an interface with addresses that were seen; say so under {id} in evidence.toml, until then it is compared with nothing"
            ));
        } else if !faced.open.is_empty() {
            self.questions.push(format!(
                "{device}: which zone do the interfaces {} face? No rule names them with addresses of a zone; say so in {id} (evidence.toml)",
                faced.open.join(", ")
            ));
        }
        if let Some(evidence) = self.plant.evidence.get_mut(id) {
            evidence.device = Some(device);
            evidence.interfaces = faced.facing;
            let reason = evidence.common.reason.get_or_insert_default();
            for why in faced.reasons {
                reason.push_str(&format!("; {why}"));
            }
        }
    }

    /// The asset that a configuration is of: the one of the file's name, or the only firewall that is known, or a new one.
    fn device(&mut self, id: &EvidenceId) -> AssetId {
        let stem = id.as_str().strip_prefix("E-").unwrap_or(id.as_str()).to_lowercase();
        let named = self.plant.assets.keys().find(|asset| asset.as_str().to_lowercase() == stem);
        // One that has a configuration already has it from another file.
        let taken: BTreeSet<&AssetId> =
            self.plant.evidence.values().filter_map(|e| e.device.as_ref()).collect();
        let mut firewalls = self
            .plant
            .assets
            .values()
            .filter(|asset| asset.kind == Some(AssetKind::Firewall) && !taken.contains(&asset.id));
        let only = firewalls.next().filter(|_| firewalls.next().is_none()).map(|asset| &asset.id);
        if let Some(known) = named.or(only) {
            return known.clone();
        }
        let device = AssetId::from(import::sound(&stem).as_str());
        let mut asset =
            blank_asset(device.clone(), format!("the configuration {id} is of it, by the name of its file"));
        asset.kind = Some(AssetKind::Firewall);
        asset.component_type = Some(ComponentType::NetworkDevice);
        self.plant.assets.insert(device.clone(), asset);
        device
    }
}

/// Writes texts, questions and report: a new workspace in one move, an existing one file by file.
fn write(
    start: &Start,
    exists: bool,
    texts: Vec<SourceText>,
    plant: &Plant,
    questions: &[String],
    progress: &mut dyn FnMut(Progress),
) -> Result<Verified, StartError> {
    let into = &start.into;
    let folder = if exists { into.clone() } else { beside(into) };
    let made = (|| {
        for text in &texts {
            crate::files::write(&folder.join(text.file().as_ref()), text.text().as_bytes())?;
        }
        if !questions.is_empty() {
            let lines: String = questions.iter().map(|question| format!("- {question}\n")).collect();
            crate::files::write(&folder.join(QUESTIONS), lines.as_bytes())?;
        }
        let verified = as_if(start, &folder, texts, plant, progress);
        let page = zonewright_report::html::report(&verified.report_input(&start.version));
        crate::files::write(&folder.join(REPORT), page.as_bytes())?;
        Ok::<_, WorkbenchError>(verified)
    })();
    if exists {
        return Ok(made?);
    }
    let moved = made.and_then(|verified| {
        let failed = |source| WorkbenchError::Write { path: into.clone(), source };
        if into.is_dir() {
            std::fs::remove_dir(into).map_err(failed)?;
        }
        std::fs::rename(&folder, into).map_err(failed)?;
        Ok(verified)
    });
    if moved.is_err() {
        // What was half made must not stay; if it cannot be removed, the first error is what matters.
        let _ = std::fs::remove_dir_all(&folder);
    }
    Ok(moved?)
}

/// A folder of the same depth, so that paths relative to it hold: hidden, and of this process alone.
fn beside(into: &Path) -> PathBuf {
    let name = into.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    into.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

/// The draft judged as if accepted, which its own heading says: a proposal never counts as declared, so that judged as it
/// is, a draft would say nothing but that nothing is declared.
fn as_if(
    start: &Start,
    folder: &Path,
    texts: Vec<SourceText>,
    plant: &Plant,
    progress: &mut dyn FnMut(Progress),
) -> Verified {
    // Read again, so that findings lead to lines of the files.
    let read = text::read(&texts);
    let mut plant = as_if_accepted(if read.has_errors() { plant } else { &read.plant });
    if let Some(system) = &mut plant.system {
        let name = system.common.name.clone().unwrap_or_else(|| system.id.clone());
        system.common.name = Some(format!("{name} (draft)"));
        let words = "This is a draft, judged as if every proposal were accepted. Zones, conduits and permits were proposed from the evidence; no person has accepted them yet. What was \
                     seen therefore counts as permitted here; what this report shows is what the firewall passes beyond \
                     that, and what contradicts it. Rules about the model alone (purpose, owner, levels) wait for `zonewright \
                     check` after the review. `zonewright review` accepts or rejects; `zonewright verify` then judges by what \
                     was accepted alone.";
        system.description = Some(match system.description.take() {
            Some(description) => format!("{description} {words}"),
            None => words.into(),
        });
    }
    let workspace = Workspace {
        folder: folder.to_path_buf(),
        texts,
        profiles: Vec::new(),
        plant,
        diagnostics: read.diagnostics,
    };
    let mut verified = verify(workspace, start.as_of, progress);
    verified
        .verification
        .findings
        .retain(|finding| OF_EVIDENCE.iter().any(|area| finding.rule.starts_with(area)));
    verified
}

/// Areas of rules that say something of the plant and not of an unfinished model.
const OF_EVIDENCE: [&str; 2] = ["path/", "evidence/"];
