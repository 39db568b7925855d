//! `zonewright firewall check`: what a reviewer would say of a configuration by itself.

use super::{load, say, understood};
use crate::args::{Dialect, FailOn, PlainFormat};
use crate::commands::{Exit, Outcome, check, emit, findings_exit};
use jiff::civil::Date;
use std::path::Path;
use zonewright_assess::rules::firewall::{Owner, of_configuration};
use zonewright_firewall::reach::Reach;
use zonewright_report::json::to_text;

pub(super) fn run(
    file: &Path,
    dialect: &Dialect,
    as_of: Date,
    fail_on: FailOn,
    format: PlainFormat,
) -> Outcome {
    let Some(read) = load(file, dialect)? else { return Ok(Exit::Usage) };
    say(&read);
    if understood(&read) == Exit::NotUnderstood {
        return Ok(Exit::NotUnderstood);
    }
    let review = Reach::new(&read.ruleset).review();
    let owner = Owner { kind: "file", id: &read.ruleset.file };
    let mut findings = of_configuration(owner, &read.ruleset, &review, as_of);
    findings.sort_by_cached_key(|finding| {
        let place = finding.evidence.first().map(|one| one.place.clone());
        (std::cmp::Reverse(finding.severity), finding.rule, place)
    });
    let text = match format {
        PlainFormat::Json => {
            let mut document = check::findings_document(&findings, as_of);
            if let Some(object) = document.as_object_mut() {
                object.insert("unjudged_rules".into(), review.unjudged.into());
            }
            to_text(&document)
        }
        PlainFormat::Text => {
            let mut out = check::readable_findings(&findings, as_of);
            if review.unjudged > 0 {
                out.push_str(&format!(
                    "{} rules could not be judged: the configuration is too large\n",
                    review.unjudged
                ));
            }
            out.push_str("Next: `zonewright rules CODE` explains a rule; `zonewright verify` holds the configuration against the plant.\n");
            out
        }
    };
    emit(&text, None)?;
    Ok(findings_exit(&findings, fail_on))
}
