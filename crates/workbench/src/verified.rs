//! The use case "verify": a workspace and its evidence judged, with all that a report shows.

use crate::evidence::{self, ReadEvidence};
use crate::workspace::Workspace;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;
use zonewright_assess::assessment::Assessment;
use zonewright_assess::change::{Change, State, change};
use zonewright_assess::configured::Configuration;
use zonewright_assess::dated::{Superseded, in_force};
use zonewright_assess::deciders::Worlds;
use zonewright_assess::questions::{Question, questions};
use zonewright_assess::verification::Verification;
use zonewright_assess::{Options, rules};
use zonewright_plant::id::{AssetId, EvidenceId};
use zonewright_plant::model::{Evidence, EvidenceKind};
use zonewright_report::{EvidenceSummary, ReportInput, RuleText, SeenAsset, SourceLines, wanted_lines};
use zonewright_source::{Diagnostic, SourceText};
use zonewright_traffic::Progress;

/// A workspace, verified.
#[derive(Debug)]
pub struct Verified {
    /// The workspace.
    pub workspace: Workspace,
    /// Its evidence.
    pub evidence: ReadEvidence,
    /// What was found.
    pub verification: Verification,
    /// What it is assessed as, with the questions that follow; only where [`Verified::with_levels`] was asked for.
    pub levels: Option<(Assessment, Vec<Question>)>,
    summaries: Vec<EvidenceSummary>,
    seen: BTreeMap<AssetId, SeenAsset>,
    lines: SourceLines,
    rules: Vec<RuleText>,
    diagnostics: Vec<Diagnostic>,
}

/// Verifies a workspace: the findings of the model's rules and those of what evidence shows.
#[must_use]
pub fn verify(workspace: Workspace, as_of: Date, progress: &mut dyn FnMut(Progress)) -> Verified {
    let evidence = evidence::read(&workspace, progress);
    let (configurations, superseded) = configurations(&workspace, &evidence, as_of);
    let plant = &workspace.plant;
    let mut verification =
        zonewright_assess::verify(plant, &evidence.observation, &configurations, Options { as_of });
    let more = rules::check(plant, as_of).into_iter().chain(rules::of_evidence(plant, &evidence.states));
    rules::add(&mut verification, plant, more.collect::<Vec<_>>());
    let mut verified = complete(workspace, evidence, verification);
    verified.diagnostics.extend(superseded.iter().map(|one| not_used(one, as_of)));
    verified
}

/// The configurations that are judged by, and those that newer ones of the same device supersede.
fn configurations<'a>(
    workspace: &'a Workspace,
    evidence: &'a ReadEvidence,
    as_of: Date,
) -> (Vec<Configuration<'a>>, Vec<Superseded>) {
    let read = evidence.configurations.iter();
    let all = read.filter_map(|configuration| {
        let record = workspace.plant.evidence.get(&configuration.evidence)?;
        Some(Configuration { evidence: record, ruleset: &configuration.read.ruleset })
    });
    in_force(all.collect(), as_of)
}

/// Code of what is said of a configuration that is not judged by.
const SUPERSEDED: &str = "evidence/superseded";

fn not_used(superseded: &Superseded, as_of: Date) -> Diagnostic {
    let Superseded { evidence, by, later } = superseded;
    let why = if *later { format!("it was taken after {as_of}") } else { format!("{by} was taken later") };
    let message = format!("evidence {evidence} is not judged by: {why}; {by} is the configuration in force");
    Diagnostic::note(SUPERSEDED, message)
}

/// A workspace of which only the model was judged: no evidence was read.
#[must_use]
pub fn checked(workspace: Workspace, verification: Verification) -> Verified {
    complete(workspace, ReadEvidence::default(), verification)
}

fn complete(workspace: Workspace, evidence: ReadEvidence, verification: Verification) -> Verified {
    let mut diagnostics = workspace.diagnostics.clone();
    diagnostics.extend(evidence.diagnostics.iter().cloned());
    Verified {
        summaries: summaries(&workspace, &evidence),
        seen: seen(&workspace, &evidence),
        lines: lines(&workspace, &evidence, &verification),
        rules: rules::all().into_iter().map(rule_text).collect(),
        diagnostics,
        workspace,
        evidence,
        verification,
        levels: None,
    }
}

/// What lies between two states of a plant, both with levels, told to `tell`. Nothing where one of them has none.
pub fn changed<R>(before: &Verified, after: &Verified, tell: impl FnOnce(&Change<'_>) -> R) -> Option<R> {
    let as_of = after.verification.as_of;
    let (old, _) = configurations(&before.workspace, &before.evidence, as_of);
    let (new, _) = configurations(&after.workspace, &after.evidence, as_of);
    let before = before.state(&old)?;
    let after = after.state(&new)?;
    Some(tell(&change(before, after)))
}

impl Verified {
    fn state<'a>(&'a self, configurations: &'a [Configuration<'a>]) -> Option<State<'a>> {
        let (assessment, _) = self.levels.as_ref()?;
        Some(State {
            plant: &self.workspace.plant,
            observation: &self.evidence.observation,
            configurations,
            verification: &self.verification,
            assessment,
        })
    }

    /// The same, assessed too: for a report that shows levels.
    #[must_use]
    pub fn with_levels(mut self) -> Self {
        let assessment = self.assess();
        let questions = questions(&self.workspace.plant, &assessment);
        self.levels = Some((assessment, questions));
        self
    }

    /// Assesses the plant against 62443-3-3, from what verifying it showed.
    #[must_use]
    pub fn assess(&self) -> Assessment {
        let (configurations, _) = configurations(&self.workspace, &self.evidence, self.verification.as_of);
        let worlds = Worlds::new(
            &self.workspace.plant,
            &self.evidence.observation,
            &configurations,
            &self.verification,
        );
        zonewright_assess::levels::assess(&worlds)
    }

    /// What a report is made of.
    #[must_use]
    pub fn report_input<'a>(&'a self, version: &'a str) -> ReportInput<'a> {
        ReportInput {
            plant: &self.workspace.plant,
            verification: &self.verification,
            assessment: self.levels.as_ref().map(|(assessment, _)| assessment),
            questions: self.levels.as_ref().map_or(&[], |(_, questions)| questions),
            evidence: &self.summaries,
            lines: &self.lines,
            seen: &self.seen,
            diagnostics: &self.diagnostics,
            rules: &self.rules,
            version,
        }
    }

    /// Captures of the evidence that hold not one whole packet and are broken: nothing was understood of them.
    pub fn not_understood(&self) -> impl Iterator<Item = (&str, &str)> {
        let captures = self.evidence.observation.captures.iter().filter(|capture| capture.packets == 0);
        captures.filter_map(|capture| Some((capture.path.as_ref(), capture.read_error.as_deref()?)))
    }

    /// Which configurations were not judged by, because a newer one of the same device is.
    #[must_use]
    pub fn superseded(&self) -> Vec<Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.code == SUPERSEDED).cloned().collect()
    }

    /// The text of a file that a diagnostic points into, of the model or of a configuration.
    #[must_use]
    pub fn text(&self, file: &str) -> Option<&SourceText> {
        source(&self.workspace, &self.evidence, file)
    }
}

fn source<'a>(workspace: &'a Workspace, evidence: &'a ReadEvidence, file: &str) -> Option<&'a SourceText> {
    let configurations = evidence.configurations.iter().map(|configuration| &configuration.read.source);
    workspace.text(file).or_else(|| configurations.into_iter().find(|source| source.file().as_ref() == file))
}

fn rule_text(rule: &'static rules::Rule) -> RuleText {
    let help = format!(
        "{}\n\n{}\n\nHow to mend it: {}\n\nWhen it is wrong: {}",
        rule.finds, rule.why, rule.mend, rule.wrong_when
    );
    RuleText { id: rule.code.to_string(), short: rule.title.to_string(), help }
}

fn lines(workspace: &Workspace, evidence: &ReadEvidence, verification: &Verification) -> SourceLines {
    let mut lines = SourceLines::new();
    for place in wanted_lines(verification) {
        if evidence.keeps_secret(&place) {
            lines.insert(place.file.clone(), place.line, "(a secret stands in this line and is not shown)");
        } else if let Some(text) = source(workspace, evidence, &place.file) {
            let at = text.line(usize::try_from(place.line).unwrap_or(usize::MAX));
            lines.insert(
                place.file.clone(),
                place.line,
                text.text().get(at.start..at.end).unwrap_or_default(),
            );
        }
    }
    lines
}

fn summaries(workspace: &Workspace, evidence: &ReadEvidence) -> Vec<EvidenceSummary> {
    let plant = &workspace.plant;
    let configurations = evidence.configurations.iter().filter_map(|configuration| {
        let record = plant.evidence.get(&configuration.evidence)?;
        let counts = &configuration.read.ruleset.lines;
        Some(EvidenceSummary {
            id: record.id.to_string(),
            kind: EvidenceKind::Configuration,
            file: record.file.clone().unwrap_or_default(),
            hash: Some(configuration.hash.clone()),
            taken_at: record.device.as_ref().map(|device| format!("configuration of {device}")),
            window: record.taken.map(|taken| (taken, taken)),
            content: vec![
                format!("dialect {}", configuration.read.ruleset.dialect),
                format!(
                    "{} lines: {} modeled, {} ignored, {} warned about",
                    counts.modeled + counts.ignored + counts.warned,
                    counts.modeled,
                    counts.ignored,
                    counts.warned
                ),
            ],
            diagnostics: configuration.read.ruleset.diagnostics.clone(),
        })
    });
    let captures = evidence.observation.captures.iter().filter_map(|capture| {
        let record = plant.evidence.get(&EvidenceId::from(capture.capture_point.as_deref()?))?;
        let flows = evidence
            .observation
            .flows
            .iter()
            .filter(|flow| {
                flow.capture_points.contains(capture.capture_point.as_ref().unwrap_or(&capture.path))
            })
            .count();
        let mut content = vec![format!("{} packets in {flows} flows", capture.packets)];
        if capture.truncated_packets > 0 {
            content.push(format!("{} packets cut short by the capture", capture.truncated_packets));
        }
        if capture.malformed_packets > 0 {
            content.push(format!("{} malformed packets", capture.malformed_packets));
        }
        content.extend(capture.read_error.clone());
        Some(EvidenceSummary {
            id: record.id.to_string(),
            kind: EvidenceKind::Capture,
            file: record.file.clone().unwrap_or_default(),
            hash: capture.hash.clone(),
            taken_at: taken_at(record),
            window: window(record, capture),
            content,
            diagnostics: Vec::new(),
        })
    });
    let mut all: Vec<EvidenceSummary> = captures.chain(configurations).collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

fn taken_at(record: &Evidence) -> Option<String> {
    match (&record.capture_point, &record.zone) {
        (Some(point), _) => Some(point.clone()),
        (None, Some(zone)) => Some(format!("network of zone {zone}")),
        (None, None) => record.source.clone(),
    }
}

fn window(
    record: &Evidence,
    capture: &zonewright_traffic::observation::Capture,
) -> Option<(Timestamp, Timestamp)> {
    let moment = |t: zonewright_traffic::observation::Timestamp| {
        Timestamp::from_nanosecond(i128::from(t.nanoseconds)).ok()
    };
    let from = record.covers_from.or(capture.first_seen.and_then(moment))?;
    let until = record.covers_until.or(capture.last_seen.and_then(moment))?;
    Some((from, until))
}

/// What the traffic says of each declared asset: joined by address.
fn seen(workspace: &Workspace, evidence: &ReadEvidence) -> BTreeMap<AssetId, SeenAsset> {
    let whereabouts = zonewright_assess::whereabouts::Whereabouts::new(&workspace.plant);
    let mut seen: BTreeMap<AssetId, SeenAsset> = BTreeMap::new();
    for asset in &evidence.observation.assets {
        let point = asset.context.as_deref().map(EvidenceId::from);
        let context =
            point.and_then(|id| workspace.plant.evidence.get(&id)).and_then(|e| e.context.as_deref());
        for ip in &asset.ips {
            let Some(id) = whereabouts.asset_at(*ip, context) else { continue };
            let entry = seen.entry(id.clone()).or_default();
            entry.addresses.push(ip.to_string());
            let said: Vec<&str> = [&asset.vendor, &asset.product, &asset.version]
                .into_iter()
                .flatten()
                .map(AsRef::as_ref)
                .collect();
            if !said.is_empty() {
                entry.identity.get_or_insert_with(|| said.join(" "));
            }
            entry
                .roles
                .extend(asset.roles.iter().map(|role| format!("{} {}", role.protocol, role.role.as_str())));
            let last = Timestamp::from_nanosecond(i128::from(asset.last_seen.nanoseconds)).ok();
            entry.last_seen = entry.last_seen.max(last);
        }
    }
    for entry in seen.values_mut() {
        for list in [&mut entry.addresses, &mut entry.roles] {
            list.sort();
            list.dedup();
        }
    }
    seen
}
