//! `zonewright-verification/1`: the shape that scripts and other programs read. Fields are added, never renamed.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use zonewright_assess::verification::{Path, RuleUse, Verification};
use zonewright_plant::Finding;

/// The format's name and number.
pub const FORMAT: &str = "zonewright-verification/1";

/// A verification as `zonewright-verification/1`.
#[must_use]
pub fn verification(verification: &Verification, version: &str) -> Value {
    json!({
        "format": FORMAT,
        "zonewright": version,
        "plant": verification.plant,
        "as_of": verification.as_of.to_string(),
        "evidence": verification.evidence.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
        "paths": verification.paths.iter().map(path).collect::<Vec<_>>(),
        "rules": verification.rules.iter().map(rule_use).collect::<Vec<_>>(),
        "findings": verification.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

/// A rule of a device with what it serves.
fn rule_use(rule: &RuleUse) -> Value {
    json!({
        "evidence": rule.evidence.as_str(),
        "device": rule.device.as_ref().map(|id| id.as_str()),
        "file": rule.rule.place.file.as_ref(),
        "line": rule.rule.place.line,
        "chain": rule.rule.chain,
        "comment": rule.rule.comment,
        "permits": rule.permits.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
        "seen": rule.seen,
        "last_seen": rule.last_seen.map(|moment| moment.to_string()),
        "proposal": rule.proposal(),
    })
}

/// The document as text: `format` and `zonewright` first, as every document of ours begins, the other keys sorted.
#[must_use]
pub fn to_text(document: &Value) -> String {
    let mut text = match document {
        Value::Object(fields) => serde_json::to_string_pretty(&Document(fields)),
        other => serde_json::to_string_pretty(other),
    }
    // A value has only text for keys, and writing to memory does not fail.
    .unwrap_or_default();
    text.push('\n');
    text
}

/// The members of a document in the order in which they are written.
struct Document<'a>(&'a Map<String, Value>);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let heads = ["format", "zonewright"];
        let head = heads.iter().filter_map(|key| self.0.get_key_value(*key));
        let mut rest: Vec<_> = self.0.iter().filter(|(key, _)| !heads.contains(&key.as_str())).collect();
        rest.sort_by_key(|(key, _)| *key);
        serializer.collect_map(head.chain(rest))
    }
}

fn path(path: &Path) -> Value {
    let basis: Vec<Value> = path
        .configured_basis
        .iter()
        .map(|place| json!({ "file": place.file.as_ref(), "line": place.line, "column": place.column }))
        .collect();
    json!({
        "from_zone": path.from_zone,
        "to_zone": path.to_zone,
        "from": path.from,
        "to": path.to,
        "protocol": path.protocol,
        "port": path.port,
        "functions": path.functions,
        "declared": path.declared.as_str(),
        "permit": path.permit.as_ref().map(|id| id.as_str()),
        "conduit": path.conduit.as_ref().map(|id| id.as_str()),
        "unmet": path.unmet.iter().map(|u| u.as_str()).collect::<Vec<_>>(),
        "configured": path.configured.as_str(),
        "configured_basis": basis,
        "observed": path.observed.as_str(),
        "flows": path.flows,
        "packets": path.packets,
        "name": path.name.as_str(),
        "enforcement": if path.enforcement_shown { "shown" } else { "not-shown" },
    })
}

/// A finding as every document of ours writes it.
#[must_use]
pub fn finding(finding: &Finding) -> Value {
    let evidence: Vec<Value> = finding
        .evidence
        .iter()
        .map(|e| {
            let mut place = Map::new();
            place.insert("file".into(), e.place.file().into());
            place.insert("place".into(), e.place.within_file().into());
            place.insert("what".into(), e.what.as_str().into());
            Value::Object(place)
        })
        .collect();
    json!({
        "id": finding.id(),
        "rule": finding.rule,
        "severity": finding.severity.as_str(),
        "subject": { "kind": finding.subject.kind, "id": finding.subject.id },
        "message": finding.message,
        "requirements": finding.requirements.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "evidence": evidence,
        "remedy": finding.remedy,
        "waiver": finding.waiver.as_ref().map(|id| id.as_str()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_verification_has_the_shape_of_the_interfaces() {
        let sample = samples::small();
        let mut verification = sample.verification;
        verification.paths.truncate(2);
        verification.findings.truncate(2);
        insta::assert_snapshot!(to_text(&super::verification(&verification, "0.1.0")));
    }

    #[test]
    fn the_text_begins_with_the_format_and_reads_back_as_the_same_value() {
        let sample = samples::small();
        let value = verification(&sample.verification, "0.1.0");
        let text = to_text(&value);
        assert!(
            text.starts_with("{\n  \"format\": \"zonewright-verification/1\",\n  \"zonewright\": \"0.1.0\",")
        );
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn line_breaks_within_strings_survive() {
        let value = json!({ "format": "x/1", "b": { "a": "one\ntwo" } });
        assert_eq!(serde_json::from_str::<Value>(&to_text(&value)).unwrap(), value);
    }
}
