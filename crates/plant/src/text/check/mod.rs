//! What makes a set of well-formed records a sound model, beyond types and references.
//!
//! Only what no reading of the plant could make sense of is an error; what is merely odd is a warning; what is unsafe is
//! the business of the rules in `assess`.

mod address;
mod structure;

use super::gather::Gathered;
use super::spec::Target;
use crate::Plant;
use crate::model::{Common, RiskMatrix, SlTarget, Status};
use std::collections::{BTreeMap, BTreeSet};
use zonewright_catalog::Fr;
use zonewright_source::{Diagnostic, Place, SourceText, nearest};

/// Fewest and most likelihoods and severities of a risk matrix.
const MATRIX_SIDE: std::ops::RangeInclusive<usize> = 3..=6;

/// What a check reports into.
pub(crate) struct Report<'a> {
    files: &'a [SourceText],
    gathered: &'a mut Gathered,
    /// Members of groups that were looked at for ends of permits.
    members: usize,
}

impl Report<'_> {
    fn at(&mut self, place: &Place, diagnostic: Diagnostic) {
        self.gathered.report_at(self.files, place, diagnostic);
    }
}

/// Checks the whole plant.
pub(crate) fn check(plant: &Plant, files: &[SourceText], gathered: &mut Gathered) {
    let mut report = Report { files, gathered, members: 0 };
    system(plant, &mut report);
    levels(plant, &mut report);
    dates(plant, &mut report);
    statements(plant, &mut report);
    waived_subjects(plant, &mut report);
    structure::check(plant, &mut report);
    address::check(plant, &mut report);
}

fn system(plant: &Plant, report: &mut Report<'_>) {
    let Some(system) = &plant.system else { return };
    if let Some(currency) = &system.currency
        && !(currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase()))
    {
        let message = format!("`currency` of the plant: expected three capital letters, found `{currency}`");
        let diagnostic =
            Diagnostic::error("plant/wrong-type", message).because("currencies are named by ISO 4217");
        report.at(system.common.place_of("currency"), diagnostic.help("write `EUR`, `USD`, …"));
    }
    let matrix = system.risk_matrix.as_ref();
    if let Some(matrix) = matrix {
        matrix_shape(matrix, system.common.place_of("risk_matrix"), report);
    }
    let words = |pick: fn(&RiskMatrix) -> &Vec<String>| matrix.map(pick);
    let risks = words(|m| &m.risks);
    word(report, &system.common, "tolerable_risk", "the plant", system.tolerable_risk.as_ref(), risks);
    let (likelihoods, severities) = (words(|m| &m.likelihoods), words(|m| &m.severities));
    for (id, scenario) in &plant.scenarios {
        let who = format!("scenario `{id}`");
        let (before, after) = (&scenario.unmitigated_likelihood, &scenario.residual_likelihood);
        word(report, &scenario.common, "unmitigated_likelihood", &who, before.as_ref(), likelihoods);
        word(report, &scenario.common, "residual_likelihood", &who, after.as_ref(), likelihoods);
    }
    for (id, consequence) in &plant.consequences {
        let who = format!("consequence `{id}`");
        word(report, &consequence.common, "severity", &who, consequence.severity.as_ref(), severities);
    }
    for (id, hazard) in &plant.hazards {
        word(
            report,
            &hazard.common,
            "severity",
            &format!("hazard `{id}`"),
            hazard.severity.as_ref(),
            severities,
        );
    }
}

/// A word of the risk matrix is one of those that the matrix has.
fn word(
    report: &mut Report<'_>,
    common: &Common,
    key: &str,
    who: &str,
    word: Option<&String>,
    words: Option<&Vec<String>>,
) {
    let (Some(word), Some(words)) = (word, words) else { return };
    if words.contains(word) {
        return;
    }
    let list: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    let help = match nearest(word, words.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its words are {}", list.join(", ")),
    };
    let message = format!("`{key}` of {who}: expected a word of the plant's risk matrix, found `{word}`");
    report.at(common.place_of(key), Diagnostic::error("plant/unknown-word", message).help(help));
}

fn matrix_shape(matrix: &RiskMatrix, place: &Place, report: &mut Report<'_>) {
    let mut wrong = |message: String, help: &str| {
        report.at(place, Diagnostic::error("plant/risk-matrix", message).help(help));
    };
    let (rows, columns) = (matrix.likelihoods.len(), matrix.severities.len());
    if !MATRIX_SIDE.contains(&rows) || !MATRIX_SIDE.contains(&columns) {
        let message = format!("the risk matrix is {rows}×{columns}, expected 3×3 to 6×6");
        wrong(message, "`likelihoods` names the rows, `severities` the columns");
    }
    if matrix.cells.len() != rows {
        let message =
            format!("the risk matrix has {rows} likelihoods and {} rows of cells", matrix.cells.len());
        wrong(message, "`cells` has one row per likelihood, least first");
    }
    for (at, row) in matrix.cells.iter().enumerate().filter(|(_, row)| row.len() != columns) {
        let message =
            format!("row {} of the risk matrix has {} cells, expected {columns}", at + 1, row.len());
        wrong(message, "a row has one cell per severity, least first");
    }
    let unknown: BTreeSet<&String> =
        matrix.cells.iter().flatten().filter(|cell| !matrix.risks.contains(cell)).collect();
    for cell in unknown {
        let message = format!("cell `{cell}` of the risk matrix is not among its `risks`");
        wrong(message, "`risks` lists every word of the cells, least first");
    }
    for words in [&matrix.likelihoods, &matrix.severities, &matrix.risks] {
        let mut seen = BTreeSet::new();
        if let Some(word) = words.iter().find(|word| !seen.insert(*word)) {
            wrong(
                format!("the risk matrix names `{word}` twice in one list"),
                "each word stands for one step",
            );
        }
    }
}

fn levels(plant: &Plant, report: &mut Report<'_>) {
    let zones =
        plant.zones.values().map(|z| (format!("zone `{}`", z.id), &z.sl_t, &z.sl_t_reasons, &z.common));
    let conduits =
        plant.conduits.values().map(|c| (format!("conduit `{}`", c.id), &c.sl_t, &c.sl_t_reasons, &c.common));
    for (who, target, reasons, common) in zones.chain(conduits) {
        let has = |key| common.key_places.contains_key(key);
        if target == &SlTarget::None && has("sl_t_reasons") && !has("sl_t") {
            let diagnostic = Diagnostic::warning(
                "plant/idle-key",
                format!("{who} gives reasons for levels but no `sl_t`"),
            );
            report
                .at(common.place_of("sl_t_reasons"), diagnostic.help("state `sl_t`, or remove the reasons"));
        }
        for key in reasons.keys().filter(|key| !Fr::ALL.iter().any(|fr| fr.as_str() == key.as_str())) {
            let message = format!(
                "`sl_t_reasons` of {who}: expected one of IAC, UC, SI, DC, RDF, TRE, RA, found `{key}`"
            );
            let mut diagnostic = Diagnostic::error("plant/wrong-vector", message);
            let near = nearest(key, Fr::ALL.iter().map(|fr| fr.as_str()));
            diagnostic.help = near.map(|near| format!("did you mean `{near}`?"));
            report.at(common.place_of("sl_t_reasons"), diagnostic);
        }
    }
}

fn dates(plant: &Plant, report: &mut Report<'_>) {
    if let Some(system) = &plant.system {
        for window in system.outage_windows.iter().filter(|window| window.end < window.start) {
            let message = format!(
                "outage window `{}` ends on {}, before it starts on {}",
                window.id, window.end, window.start
            );
            let diagnostic = Diagnostic::error("plant/wrong-date", message).help("swap `start` and `end`");
            report.at(system.common.place_of("outage_window"), diagnostic);
        }
    }
    for (id, evidence) in &plant.evidence {
        if let (Some(from), Some(until)) = (evidence.covers_from, evidence.covers_until)
            && until < from
        {
            let message = format!("evidence `{id}` covers until {until}, before it begins at {from}");
            let diagnostic =
                Diagnostic::error("plant/wrong-date", message).help("swap `covers_from` and `covers_until`");
            report.at(evidence.common.place_of("covers_until"), diagnostic);
        }
    }
}

/// A waiver may name any record, or a path between two zones; what is named in vain accepts nothing.
fn waived_subjects(plant: &Plant, report: &mut Report<'_>) {
    for (id, waiver) in &plant.waivers {
        let Some(subject) = waiver.subject.as_deref().filter(|subject| !subject.contains('>')) else {
            continue;
        };
        let is_plant = plant.system.as_ref().is_some_and(|system| system.id == subject);
        if is_plant || report.gathered.ids.values().any(|ids| ids.contains_key(subject)) {
            continue;
        }
        let message =
            format!("waiver `{id}` is about {}, which is not defined", super::field::shown(subject));
        let near = report.gathered.nearest_id(subject, &Target::Subject.kinds());
        let diagnostic =
            Diagnostic::warning("plant/unknown-subject", message).because("it accepts no finding");
        let help = near.map_or("name a record, or a path: `FROM>TO`".to_string(), |near| {
            format!("did you mean `{near}`?")
        });
        report.at(waiver.common.place_of("subject"), diagnostic.help(help));
    }
}

fn statements(plant: &Plant, report: &mut Report<'_>) {
    for (id, claim) in &plant.claims {
        if claim.status == Status::NotApplicable && claim.rationale.is_none() {
            let diagnostic = Diagnostic::error(
                "plant/missing-reason",
                format!("claim `{id}` says not applicable and not why"),
            )
            .because("a requirement is left out only with a reason that an assessor can judge")
            .help("add `rationale = \"…\"`");
            report.at(claim.common.place_of("status"), diagnostic);
        }
    }
    for (id, waiver) in &plant.waivers {
        if waiver.findings.is_empty() && waiver.rule.is_none() {
            let message = format!("waiver `{id}` names neither findings nor a rule");
            let diagnostic = Diagnostic::error("plant/missing-key", message)
                .because("a waiver accepts what it names, never everything")
                .help("add `findings = [\"F-…\"]`, or `rule` and `subject`");
            report.at(&waiver.common.place, diagnostic);
        }
    }
    let evidence =
        plant.evidence.values().map(|e| (format!("evidence `{}`", e.id), e.hash.as_ref(), &e.common));
    let approvals =
        plant.approvals.values().map(|a| (format!("approval `{}`", a.id), Some(&a.hash), &a.common));
    for (who, hash, common) in evidence.chain(approvals) {
        let Some(hash) = hash else { continue };
        let hex = hash.strip_prefix("blake3:").unwrap_or_default();
        if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            let message = format!(
                "`hash` of {who}: expected `blake3:` and 64 hexadecimal digits, found {}",
                super::field::shown(hash)
            );
            let diagnostic = Diagnostic::error("plant/wrong-hash", message);
            report.at(common.place_of("hash"), diagnostic.help("`b3sum FILE` prints the digits"));
        }
    }
    for (id, evidence) in &plant.evidence {
        let mut seen: BTreeMap<&str, &crate::id::ZoneId> = BTreeMap::new();
        for facing in &evidence.interfaces {
            let Some(other) =
                seen.insert(&facing.interface, &facing.zone).filter(|other| **other != facing.zone)
            else {
                continue;
            };
            let message = format!(
                "interface `{}` of evidence `{id}` faces `{other}` and `{}`",
                facing.interface, facing.zone
            );
            let diagnostic =
                Diagnostic::error("plant/contradiction", message).because("an interface faces one zone");
            report.at(evidence.common.place_of("interface"), diagnostic.help("keep one of the two"));
        }
    }
}
