//! Findings as SARIF 2.1.0 (OASIS Standard, 27 March 2020), for code scanning services and editors.
//!
//! A place in a text is a region; a packet has no region, so its number stands in the location's message and
//! properties. The first place is the location (a text before a packet, because viewers open it), the others are related
//! locations.

use crate::escape::uri_path;
use crate::input::ReportInput;
use crate::words;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use zonewright_catalog::{RequirementId, system_requirement_title};
use zonewright_plant::{EvidencePlace, Finding};
use zonewright_source::{Place, Severity, Unit};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Name of the fingerprint that holds a finding's id; the number changes only if ids are made otherwise.
pub const FINGERPRINT: &str = "zonewrightFindingId/v1";

/// The findings of a verification as a SARIF log with one run.
#[must_use]
pub fn verification(input: &ReportInput<'_>) -> Value {
    let findings = &input.verification.findings;
    let ids: BTreeSet<&str> = findings.iter().map(|f| f.rule).collect();
    let index: BTreeMap<&str, usize> = ids.iter().enumerate().map(|(i, id)| (*id, i)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Zonewright",
                "version": input.version,
                "rules": ids.iter().map(|id| rule(input, id)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "artifacts": artifacts(input),
            "results": findings.iter().map(|f| result(input, f, index.get(f.rule).copied())).collect::<Vec<_>>(),
            "properties": { "plant": input.verification.plant, "as_of": input.verification.as_of.to_string() },
        }],
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A rule: its own manual if the caller gave it, else what its name means and what its findings tell to do.
fn rule(input: &ReportInput<'_>, id: &str) -> Value {
    let findings: Vec<&Finding> = input.verification.findings.iter().filter(|f| f.rule == id).collect();
    let gravest = findings.iter().map(|f| f.severity).max().unwrap_or(Severity::Note);
    let requirements: BTreeSet<String> =
        findings.iter().flat_map(|f| &f.requirements).map(|r| format!("{} {r}", standard(r))).collect();
    let manual = input.rules.iter().find(|r| r.id == id);
    let short = manual.map_or_else(
        || {
            words::name_of_rule(id).map_or_else(
                || words::sentence(&words::slug(id).replace('-', " ")),
                |n| words::sentence(n.meaning()),
            )
        },
        |m| words::sentence(&m.short),
    );
    let help = manual.map_or_else(
        || findings.first().map_or_else(|| short.clone(), |f| words::sentence(&f.remedy)),
        |m| m.help.clone(),
    );
    let help = if help.is_empty() { short.clone() } else { help };
    json!({
        "id": id,
        "name": pascal_case(words::slug(id)),
        "shortDescription": { "text": short },
        "help": { "text": help },
        "defaultConfiguration": { "level": level(gravest) },
        "properties": { "tags": requirements },
    })
}

/// The part of the standard that a requirement stands in.
fn standard(requirement: &RequirementId) -> &'static str {
    match requirement.family() {
        "ZCR" => "IEC 62443-3-2",
        "SR" => "IEC 62443-3-3",
        _ => "IEC 62443-4-2",
    }
}

fn pascal_case(slug: &str) -> String {
    let word = |w: &str| {
        let mut chars = w.chars();
        chars.next().map(|c| c.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    slug.split('-').map(word).collect()
}

fn artifacts(input: &ReportInput<'_>) -> Vec<Value> {
    let artifact = |e: &crate::EvidenceSummary| {
        let mut artifact = Map::new();
        artifact.insert("location".into(), location_of(&e.file));
        artifact.insert("description".into(), json!({ "text": format!("{} {}", e.kind.as_str(), e.id) }));
        if let Some((algorithm, digest)) = e.hash.as_deref().and_then(|h| h.split_once(':')) {
            artifact.insert("hashes".into(), json!({ algorithm: digest }));
        }
        Value::Object(artifact)
    };
    input.evidence.iter().map(artifact).collect()
}

/// An artifact location: a relative reference for a relative path, a `file:` URI for an absolute one.
fn location_of(file: &str) -> Value {
    let path = uri_path(file);
    if path.starts_with('/') { json!({ "uri": format!("file://{path}") }) } else { json!({ "uri": path }) }
}

fn result(input: &ReportInput<'_>, finding: &Finding, rule_index: Option<usize>) -> Value {
    let mut places: Vec<&EvidencePlace> = finding.evidence.iter().collect();
    // Stable: the first text place becomes the location.
    if let Some(first) = places.iter().position(|e| matches!(e.place, Place::Text(_))) {
        let text = places.remove(first);
        places.insert(0, text);
    }
    let mut locations: Vec<Value> = places.iter().map(|e| location(input, finding, e)).collect();
    let related = if locations.len() > 1 { locations.split_off(1) } else { Vec::new() };
    let related: Vec<Value> = (0_u32..)
        .zip(related)
        .map(|(i, mut location)| {
            if let Value::Object(fields) = &mut location {
                fields.insert("id".into(), i.into());
            }
            location
        })
        .collect();
    if locations.is_empty() {
        locations.push(json!({ "logicalLocations": [logical(finding)] }));
    }
    let requirements: Vec<Value> = finding
        .requirements
        .iter()
        .map(|r| json!({ "id": r.to_string(), "title": system_requirement_title(r) }))
        .collect();
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "kind": "fail",
        "message": { "text": message(finding) },
        "locations": locations,
        "relatedLocations": related,
        "partialFingerprints": { FINGERPRINT: finding.id() },
        "suppressions": suppressions(input, finding),
        "properties": {
            "finding": finding.id(),
            "subject": { "kind": finding.subject.kind, "id": finding.subject.id },
            "requirements": requirements,
            "remedy": finding.remedy,
        },
    });
    if let (Value::Object(fields), Some(index)) = (&mut result, rule_index) {
        fields.insert("ruleIndex".into(), index.into());
    }
    result
}

fn message(finding: &Finding) -> String {
    let remedy = words::sentence(&finding.remedy);
    format!("{} {remedy}", words::sentence(&finding.message)).trim_end().to_string()
}

fn logical(finding: &Finding) -> Value {
    json!({
        "name": finding.subject.id,
        "fullyQualifiedName": format!("{}/{}", finding.subject.kind, finding.subject.id),
        "kind": finding.subject.kind,
    })
}

fn location(input: &ReportInput<'_>, finding: &Finding, evidence: &EvidencePlace) -> Value {
    let mut physical = Map::new();
    physical.insert("artifactLocation".into(), location_of(evidence.place.file()));
    let mut properties = Map::new();
    let mut said = evidence.what.clone();
    match &evidence.place {
        Place::Text(text) => {
            let mut region = json!({ "startLine": text.line.max(1), "startColumn": text.column.max(1) });
            if let (Value::Object(region), Some(line)) = (&mut region, input.lines.at(&evidence.place)) {
                region.insert("snippet".into(), json!({ "text": line }));
            }
            physical.insert("region".into(), region);
        }
        Place::Packet(packet) if packet.unit == Unit::Line => {
            physical.insert("region".into(), json!({ "startLine": packet.packet.max(1) }));
        }
        Place::Packet(packet) => {
            properties.insert("packet".into(), packet.packet.into());
            if let Some(offset) = packet.offset {
                properties.insert("offset".into(), offset.into());
            }
            said = format!("packet {}: {said}", packet.packet);
        }
        Place::File(_) => {}
    }
    json!({
        "physicalLocation": physical,
        "logicalLocations": [logical(finding)],
        "message": { "text": if said.is_empty() { evidence.place.to_string() } else { said } },
        "properties": properties,
    })
}

/// Empty where nothing accepts the finding: SARIF 3.27.23 reads an absent list as "not known".
fn suppressions(input: &ReportInput<'_>, finding: &Finding) -> Vec<Value> {
    let Some(id) = &finding.waiver else { return Vec::new() };
    let waiver = input.plant.waivers.get(id);
    let reason = waiver.and_then(|w| w.rationale.clone()).unwrap_or_else(|| "no rationale is given".into());
    let until = waiver.map(|w| format!(" (until {})", w.until)).unwrap_or_default();
    vec![json!({
        "kind": "external",
        "status": "accepted",
        "justification": format!("waiver {id}: {reason}{until}"),
        "properties": { "waiver": id.as_str() },
    })]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn findings_become_results() {
        let mut sample = samples::small();
        let findings = &mut sample.verification.findings;
        findings.retain(|f| ["conduit/undocumented", "conduit/idle"].contains(&f.rule));
        insta::assert_snapshot!(format!("{:#}\n", verification(&sample.input())));
    }

    #[test]
    fn every_result_has_what_the_schema_asks_for() {
        let mut sample = samples::small();
        if let Some(finding) = sample.verification.findings.first_mut() {
            finding.evidence.clear();
            finding.remedy.clear();
        }
        let log = verification(&sample.input());
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert!(!result["message"]["text"].as_str().unwrap().is_empty());
            assert!(!result["locations"].as_array().unwrap().is_empty());
            assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
            assert!(result["suppressions"].is_array());
        }
        for rule in rules {
            let tags: Vec<&str> =
                rule["properties"]["tags"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
            assert!(tags.contains(&"IEC 62443-3-3 SR 5.1"), "{tags:?}");
            assert!(!rule["help"]["text"].as_str().unwrap().is_empty());
            assert!(!rule["shortDescription"]["text"].as_str().unwrap().is_empty());
        }
        let ids: BTreeSet<&str> = rules.iter().map(|r| r["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), rules.len());
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(location_of("/data/a b.pcap"), json!({ "uri": "file:///data/a%20b.pcap" }));
        assert_eq!(location_of("evidence/fw.nft"), json!({ "uri": "evidence/fw.nft" }));
    }
}
