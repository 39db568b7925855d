//! `zonewright check`: is the model sound, and does it keep the rules that need no evidence?

use super::{Exit, Outcome, VERSION, emit, findings_exit, judging_date};
use crate::args::{Format, Judge};
use crate::terminal;
use jiff::civil::Date;
use zonewright_assess::rules;
use zonewright_assess::verification::Verification;
use zonewright_plant::Finding;
use zonewright_workbench::{Workspace, verified};

pub(super) fn run(judge: &Judge) -> Outcome {
    let as_of = judging_date(judge.as_of);
    let workspace = Workspace::read(&judge.workspace)?;
    terminal::diagnostics(&workspace.diagnostics, |file| workspace.text(file));
    if workspace.has_errors() {
        let errors =
            workspace.diagnostics.iter().filter(|d| d.severity == zonewright_source::Severity::Error).count();
        terminal::note(&format!("{} in the model; mend first, nothing was judged", counted(errors, "error")));
        return Ok(Exit::NotUnderstood);
    }
    let verification = Verification {
        plant: workspace.plant.system.as_ref().map(|system| system.id.clone()).unwrap_or_default(),
        as_of,
        evidence: Vec::new(),
        paths: Vec::new(),
        rules: Vec::new(),
        findings: rules::check(&workspace.plant, as_of),
    };
    let checked = verified::checked(workspace, verification);
    let text = match judge.format {
        Format::Json => zonewright_report::json::to_text(&document(&checked.verification)),
        Format::Sarif => zonewright_report::json::to_text(&zonewright_report::sarif::verification(
            &checked.report_input(VERSION),
        )),
        Format::Text => readable(&checked.verification),
    };
    emit(&text, judge.output.as_deref())?;
    Ok(findings_exit(&checked.verification.findings, judge.fail_on))
}

/// `zonewright-check/1`: the findings alone, each in the shape of `zonewright-verification/1`.
fn document(verification: &Verification) -> serde_json::Value {
    let mut document = findings_document(&verification.findings, verification.as_of);
    if let Some(object) = document.as_object_mut() {
        object.insert("plant".into(), verification.plant.clone().into());
    }
    document
}

/// `zonewright-check/1` without a plant.
pub(super) fn findings_document(findings: &[Finding], as_of: Date) -> serde_json::Value {
    serde_json::json!({
        "format": "zonewright-check/1",
        "zonewright": VERSION,
        "as_of": as_of.to_string(),
        "findings": findings.iter().map(zonewright_report::json::finding).collect::<Vec<_>>(),
    })
}

fn readable(verification: &Verification) -> String {
    let mut out = readable_findings(&verification.findings, verification.as_of);
    out.push_str("Next: `zonewright verify` sets the model beside its evidence; `zonewright rules CODE` explains a rule.\n");
    out
}

/// Findings for people, and how many there are.
pub(super) fn readable_findings(findings: &[Finding], as_of: Date) -> String {
    let mut out = String::new();
    for finding in findings {
        let waived = finding.waiver.as_ref().map(|id| format!(" (waived by {id})")).unwrap_or_default();
        out.push_str(&format!("{}[{}]: {}{waived}\n", finding.severity, finding.rule, finding.message));
        if let Some(evidence) = finding.evidence.first() {
            out.push_str(&format!("  --> {}\n", evidence.place));
        }
        out.push_str(&format!("help: {}\n\n", finding.remedy));
    }
    let of = |severity| findings.iter().filter(|f| f.severity == severity && f.waiver.is_none()).count();
    use zonewright_source::Severity::{Error, Note, Warning};
    out.push_str(&format!(
        "Checked as of {as_of}: {}, {}, {}\n",
        counted(of(Error), "error"),
        counted(of(Warning), "warning"),
        counted(of(Note), "note")
    ));
    out
}

/// `1 error`, `2 errors`.
fn counted(n: usize, one: &str) -> String {
    if n == 1 { format!("{n} {one}") } else { format!("{n} {one}s") }
}
