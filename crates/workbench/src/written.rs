//! The use case "firewall write": the conduits of a device as its configuration, read back, and what loading it changes.

use crate::error::WorkbenchError;
use crate::evidence;
use crate::files;
use crate::workspace::Workspace;
use std::path::Path;
use zonewright_assess::compile::{Change, CompileError, CompileOptions, Compiled, change, compile};
use zonewright_assess::configured::Configuration;
use zonewright_assess::dated::in_force;
use zonewright_firewall::dialects;
use zonewright_firewall::ruleset::Ruleset;
use zonewright_firewall::write::{ReadBack, WriteError, Writer, Written, as_routed, meaning, read_back};
use zonewright_plant::id::EvidenceId;
use zonewright_source::{Diagnostic, Severity};
use zonewright_traffic::Progress;

/// A device's conduits, written.
#[derive(Debug)]
pub struct WrittenConduits<'w> {
    /// What was compiled.
    pub compiled: Compiled<'w>,
    /// The configuration.
    pub written: Written,
    /// What it says when it is read again.
    pub read_back: ReadBack,
    /// The configuration that it would replace.
    pub running: Option<Running>,
    /// What loading it changes.
    pub change: Change,
}

/// The configuration that runs in the device.
#[derive(Debug)]
pub struct Running {
    /// The file.
    pub file: String,
    /// The evidence; `None` for a file that the user named.
    pub evidence: Option<EvidenceId>,
    /// What it says.
    pub ruleset: Ruleset,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WritingError {
    /// The conduits give no policy.
    #[error("{0}")]
    Compile(String),
    /// The dialect cannot say the policy.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The running configuration cannot be read.
    #[error(transparent)]
    Workbench(#[from] WorkbenchError),
    /// Nothing of the running configuration was understood.
    #[error("nothing of `{0}` was understood as a firewall's configuration")]
    Against(String),
}

/// Writes the conduits of a device. `against`: the running configuration, where it is not in the evidence.
pub fn write<'w>(
    workspace: &'w Workspace,
    options: CompileOptions<'_>,
    writer: &dyn Writer,
    against: Option<&Path>,
    progress: &mut dyn FnMut(Progress),
) -> Result<WrittenConduits<'w>, WritingError> {
    let plant = &workspace.plant;
    let compiled = compile(plant, options).map_err(|error| WritingError::Compile(said(error, options)))?;
    let written = writer.write(&compiled.policy)?;
    let read_back = read_back(writer, &compiled.policy, &written);
    let meant = meaning(&compiled.policy, writer.tracking(), &written.unsaid);
    let read = evidence::read(workspace, progress);
    let running = match against {
        Some(path) => Some(named(path)?),
        None => newest(workspace, &read, options),
    };
    let change = change(
        plant,
        &read.observation,
        compiled.interfaces,
        &meant,
        running.as_ref().map(|running| &running.ruleset),
    );
    Ok(WrittenConduits { compiled, written, read_back, running, change })
}

fn said(error: CompileError, options: CompileOptions<'_>) -> String {
    let device = options.device;
    match error {
        CompileError::UnknownDevice => format!("the model has no asset {device}"),
        CompileError::EnforcesNothing => {
            format!("no conduit names {device} in its `enforced_by`, so that nothing is to be written for it")
        }
        CompileError::NoInterfaces => format!(
            "no evidence tells which interface of {device} faces which zone: give a configuration of it (`device = \"{device}\"`) its `[[evidence.interface]]` records"
        ),
    }
}

fn named(path: &Path) -> Result<Running, WritingError> {
    let file = path.to_string_lossy().into_owned();
    let read = dialects::read_bytes(file.as_str(), &files::read(path)?, None).ruleset;
    let not = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
    if read.chains.is_empty() && read.diagnostics.iter().any(not) {
        return Err(WritingError::Against(file));
    }
    Ok(Running { file, evidence: None, ruleset: as_routed(read) })
}

/// The configuration of the device that is in force on the judging date.
fn newest(
    workspace: &Workspace,
    read: &evidence::ReadEvidence,
    options: CompileOptions<'_>,
) -> Option<Running> {
    let records = read.configurations.iter().filter_map(|configuration| {
        let evidence = workspace.plant.evidence.get(&configuration.evidence)?;
        (evidence.device.as_ref() == Some(options.device))
            .then_some(Configuration { evidence, ruleset: &configuration.read.ruleset })
    });
    let (kept, _) = in_force(records.collect(), options.as_of);
    let newest = kept.into_iter().max_by_key(|configuration| configuration.evidence.taken)?;
    Some(Running {
        file: newest.ruleset.file.to_string(),
        evidence: Some(newest.evidence.id.clone()),
        ruleset: as_routed(newest.ruleset.clone()),
    })
}
