//! The evidence of a workspace, read: captures into one observation, configurations into rulesets, and what became of
//! each file since its record was written.

use crate::workspace::Workspace;
use std::path::PathBuf;
use zonewright_assess::rules::EvidenceState;
use zonewright_firewall::dialects::{self, ReadFile};
use zonewright_plant::id::EvidenceId;
use zonewright_plant::model::{Evidence, EvidenceKind};
use zonewright_source::{Diagnostic, Place, TextPlace};
use zonewright_traffic::observation::Observation;
use zonewright_traffic::{CaptureInput, Hashing, Options, Progress};

/// A configuration of the evidence.
#[derive(Debug)]
pub struct ReadConfiguration {
    /// Its record.
    pub evidence: EvidenceId,
    /// The hash of the file now.
    pub hash: String,
    /// What it says.
    pub read: ReadFile,
}

/// Everything that was read.
#[derive(Debug, Default)]
pub struct ReadEvidence {
    /// What all captures show. A capture's point is the id of its evidence.
    pub observation: Observation,
    /// The configurations.
    pub configurations: Vec<ReadConfiguration>,
    /// What is to be said about the files.
    pub states: Vec<EvidenceState>,
    /// Diagnostics about records that cannot be used.
    pub diagnostics: Vec<Diagnostic>,
}

impl ReadEvidence {
    /// Whether a configuration keeps a secret in the line of a place.
    #[must_use]
    pub fn keeps_secret(&self, place: &TextPlace) -> bool {
        let secrets = self.configurations.iter().flat_map(|one| &one.read.ruleset.credentials);
        secrets.into_iter().any(|one| one.place.file == place.file && one.place.line == place.line)
    }
}

/// Reads a workspace's evidence. Never fails: a file that is missing or not understood is said.
pub fn read(workspace: &Workspace, progress: &mut dyn FnMut(Progress)) -> ReadEvidence {
    let mut states = Vec::new();
    let mut diagnostics = Vec::new();
    let mut captures = Vec::new();
    let mut configurations = Vec::new();
    for evidence in workspace.plant.evidence.values().filter(|evidence| !evidence.common.proposed) {
        let Some((name, path)) = file_of(workspace, evidence) else { continue };
        if evidence.kind == Some(EvidenceKind::Capture) && path.is_dir() {
            logs(evidence, &name, &path, &mut captures, &mut states);
            continue;
        }
        if !path.is_file() {
            states.push(EvidenceState::Missing { evidence: evidence.id.clone(), file: name });
            continue;
        }
        match evidence.kind {
            Some(EvidenceKind::Capture) => captures.push(CaptureInput {
                path,
                name: name.as_str().into(),
                capture_point: Some(evidence.id.as_str().into()),
            }),
            Some(EvidenceKind::Configuration) => {
                configurations.extend(configuration(evidence, &name, &path, &mut states, &mut diagnostics));
            }
            _ => {}
        }
    }
    let options = Options { hashing: Hashing::Blake3, ..Options::default() };
    let observation = zonewright_traffic::observe(&captures, &options, progress);
    for capture in &observation.captures {
        let Some(point) = &capture.capture_point else { continue };
        let id = EvidenceId::from(point.as_ref());
        let evidence = workspace.plant.evidence.get(&id);
        // The files of a folder have no hash of their own in its record.
        if evidence.is_some_and(|evidence| evidence.file.as_deref() == Some(capture.path.as_ref())) {
            changed(evidence, capture.hash.as_deref(), &mut states);
        }
        if let Some(error) = &capture.read_error {
            states.push(EvidenceState::Damaged {
                evidence: id,
                file: capture.path.to_string(),
                error: error.clone(),
            });
        }
    }
    ReadEvidence { observation, configurations, states, diagnostics }
}

fn file_of(workspace: &Workspace, evidence: &Evidence) -> Option<(String, PathBuf)> {
    let name = evidence.file.clone()?;
    let path = workspace.folder.join(&name);
    Some((name, path))
}

/// The captures and logs of a folder, which were taken at one point; other files are left.
fn logs(
    evidence: &Evidence,
    name: &str,
    path: &std::path::Path,
    captures: &mut Vec<CaptureInput>,
    states: &mut Vec<EvidenceState>,
) {
    let damaged =
        |file: String, error: String| EvidenceState::Damaged { evidence: evidence.id.clone(), file, error };
    let below = match crate::files::below(path) {
        Ok(below) => below,
        Err(error) => return states.push(damaged(name.to_owned(), error.to_string())),
    };
    let before = captures.len();
    for file in below {
        let whole = path.join(&file);
        if !matches!(zonewright_traffic::kind_of(&whole), Ok(None)) {
            captures.push(CaptureInput {
                name: format!("{}/{}", name.trim_end_matches('/'), crate::files::slashed(&file)).into(),
                capture_point: Some(evidence.id.as_str().into()),
                path: whole,
            });
        }
    }
    if captures.len() == before {
        states
            .push(damaged(name.to_owned(), "no capture and no log that is read is in the folder".to_owned()));
    }
}

fn configuration(
    evidence: &Evidence,
    name: &str,
    path: &std::path::Path,
    states: &mut Vec<EvidenceState>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ReadConfiguration> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let file = name.to_string();
            states.push(EvidenceState::Damaged {
                evidence: evidence.id.clone(),
                file,
                error: error.to_string(),
            });
            return None;
        }
    };
    let hash = format!("blake3:{}", blake3::hash(&bytes).to_hex());
    changed(Some(evidence), Some(&hash), states);
    let dialect = evidence.dialect.as_deref().and_then(|word| {
        let known = dialects::named(word);
        if known.is_none() {
            let names: Vec<&str> = dialects::DIALECTS.iter().map(|dialect| dialect.name()).collect();
            diagnostics.push(
                Diagnostic::warning(
                    "firewall/unknown-dialect",
                    format!("dialect `{word}` is not known; the file's own is detected"),
                )
                .at(evidence.common.place_of("dialect").clone())
                .help(format!("use one of {}, or leave `dialect` out", names.join(", "))),
            );
        }
        known
    });
    let read = dialects::read_bytes(name, &bytes, dialect);
    let warned = read.ruleset.lines.warned;
    if warned > 0 {
        let first = read.ruleset.diagnostics.iter().find_map(|diagnostic| diagnostic.place.clone());
        states.push(EvidenceState::Skipped {
            evidence: evidence.id.clone(),
            lines: warned,
            first: first.unwrap_or_else(|| Place::File(name.into())),
        });
    }
    Some(ReadConfiguration { evidence: evidence.id.clone(), hash, read })
}

fn changed(evidence: Option<&Evidence>, hash: Option<&str>, states: &mut Vec<EvidenceState>) {
    let Some(evidence) = evidence else { return };
    if let (Some(recorded), Some(hash)) = (evidence.hash.as_deref(), hash)
        && recorded != hash
    {
        states.push(EvidenceState::Changed {
            evidence: evidence.id.clone(),
            recorded: recorded.to_string(),
            found: hash.to_string(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_folder_of_logs_is_evidence_of_one_capture_point() {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/waterworks");
        let folder = tempfile::tempdir().unwrap();
        for file in ["plant.toml", "zones.toml", "assets.csv"] {
            std::fs::copy(example.join(file), folder.path().join(file)).unwrap();
        }
        let record =
            "[[evidence]]\nid = \"E-ZEEK\"\nfile = \"zeek\"\nkind = \"capture\"\nzone = \"Z-CTL-A\"\n";
        std::fs::write(folder.path().join("evidence.toml"), record).unwrap();
        std::fs::create_dir(folder.path().join("zeek")).unwrap();
        let head = "#separator \\x09\n#unset_field\t-\n#path\t";
        let ends = "ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p";
        let connection = "1700000000.000000\tC1\t10.9.0.1\t40000\t10.9.0.2\t502";
        let conn = format!(
            "{head}conn\n#fields\t{ends}\tproto\thistory\torig_pkts\tresp_pkts\n{connection}\ttcp\tShADd\t5\t4\n"
        );
        let modbus = format!("{head}modbus\n#fields\t{ends}\tfunc\n{connection}\tWRITE_SINGLE_COIL\n");
        for (name, text) in [("conn.log", conn), ("modbus.log", modbus), ("notes.txt", "none".to_owned())] {
            std::fs::write(folder.path().join("zeek").join(name), text).unwrap();
        }
        let read = read(&Workspace::read(folder.path()).unwrap(), &mut |_| {});
        let files: Vec<&str> = read.observation.captures.iter().map(|one| one.path.as_ref()).collect();
        assert_eq!(files, ["zeek/conn.log", "zeek/modbus.log"]);
        let [flow] = read.observation.flows.as_slice() else { panic!("{:?}", read.observation.flows) };
        assert_eq!(flow.capture_points.first().map(AsRef::as_ref), Some("E-ZEEK"));
        assert_eq!(flow.functions.first().and_then(|one| one.name.as_deref()), Some("write-single-coil"));
        assert!(read.states.is_empty(), "{:?}", read.states);
        // Nothing in it that is read.
        for name in ["conn.log", "modbus.log"] {
            std::fs::remove_file(folder.path().join("zeek").join(name)).unwrap();
        }
        let read = super::read(&Workspace::read(folder.path()).unwrap(), &mut |_| {});
        assert!(matches!(read.states.as_slice(), [EvidenceState::Damaged { .. }]), "{:?}", read.states);
    }
}
