//! The page as a whole: self-contained, escaped, complete, the same every time.

use super::*;
use crate::digest::sha256_base64;
use crate::samples;
use zonewright_plant::id::{AssetId, ConduitId};

fn keep(name: &str, html: &str) {
    if let Some(folder) = std::env::var_os("ZONEWRIGHT_PICTURES") {
        std::fs::write(std::path::Path::new(&folder).join(name), html).unwrap();
    }
}

#[test]
fn the_small_plant_is_told_whole() {
    let sample = samples::small();
    let html = report(&sample.input());
    keep("small.html", &html);
    for said in [
        "Hill Waterworks",
        "2026-03-02",
        "6f1c2a9b0d4e5f60718293a4b5c6d7e8f90112233445566778899aabbccddeef",
        "2026-02-28 10:00 to 2026-03-01 10:00 UTC",
        "packet 4,711",
        "evidence/fw-1.nft:31",
        "ip saddr 10.1.2.0/24 ip daddr 10.1.3.0/24 accept comment &quot;&lt;temporary&gt;&quot;",
        "SR 5.2 RE(1)</span> ",
        "is not modeled; the rule counts as possibly open",
        "Schneider Electric BMX P34 2020 v2.70",
        "spare link, kept until the new panel is in",
        "undeclared-bypass",
    ] {
        assert!(html.contains(said), "{said}");
    }
    assert_eq!(html, report(&sample.input()), "the same input gives the same bytes");
}

#[test]
fn nothing_is_fetched_and_every_link_within_the_page_has_its_target() {
    let html = report(&samples::small().input());
    let outside = html.replace("http://www.w3.org/2000/svg", "").replace("zw-arrow", "");
    for forbidden in ["http://", "https://", "url(h", "@import", "<link", "<img", "<iframe", " src="] {
        assert!(!outside.contains(forbidden), "{forbidden}");
    }
    for target in html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(html.contains(&format!("id=\"{target}\"")), "{target}");
    }
}

#[test]
fn hostile_text_stays_text_everywhere() {
    let bad = "<script>alert('x')</script>\" onload=\"y\u{202e}\u{0}";
    let mut sample = samples::small();
    let plant = &mut sample.plant;
    if let Some(system) = &mut plant.system {
        system.common.name = Some(bad.into());
        system.description = Some(bad.into());
    }
    plant.zones.values_mut().for_each(|z| z.common.name = Some(bad.into()));
    for asset in plant.assets.values_mut() {
        asset.common.name = Some(bad.into());
        asset.vendor = Some(bad.into());
    }
    for conduit in plant.conduits.values_mut() {
        conduit.common.name = Some(bad.into());
        for permit in &mut conduit.permits {
            permit.purpose = Some(bad.into());
            permit.protocol = bad.into();
            permit.classes = vec![bad.into()];
        }
    }
    for path in &mut sample.verification.paths {
        path.from = bad.into();
        path.protocol = bad.into();
        path.port = bad.into();
        path.functions = vec![bad.into()];
    }
    for finding in &mut sample.verification.findings {
        finding.message = bad.into();
        finding.remedy = bad.into();
        finding.evidence.iter_mut().for_each(|e| e.what = bad.into());
    }
    for evidence in &mut sample.evidence {
        evidence.file = bad.into();
        evidence.taken_at = Some(bad.into());
        evidence.content = vec![bad.into()];
        evidence.hash = Some(bad.into());
    }
    sample.lines.insert("evidence/fw-1.nft", 31, bad);
    let html = report(&sample.input());
    assert_eq!(html.matches("<script").count(), 1, "only our own");
    assert!(!html.contains("\" onload=\"y") && !html.contains('\u{202e}') && !html.contains('\u{0}'));
    let svg = diagram::svg(&sample.plant, &sample.verification);
    assert!(!svg.contains("<script") && !svg.contains("\" onload"));
}

#[test]
fn long_lists_end_at_their_limits_and_say_so() {
    let mut sample = samples::small();
    let first = sample.verification.findings[0].clone();
    sample.verification.findings = (0..FINDINGS_SHOWN_MAX + 2)
        .map(|i| zonewright_plant::Finding { discriminators: vec![i.to_string()], ..first.clone() })
        .collect();
    let path = sample.verification.paths[0].clone();
    sample.verification.paths = vec![path; ROWS_SHOWN_MAX + 7];
    let html = report(&sample.input());
    assert!(html.contains("2 findings of less weight are not shown here"));
    assert!(html.contains("7 more paths are not shown here"));
    assert_eq!(html.matches("<details class=\"finding").count(), FINDINGS_SHOWN_MAX);
}

#[test]
fn an_empty_plant_without_evidence_says_that_nothing_is_shown() {
    let mut sample = samples::small();
    sample.plant = zonewright_plant::Plant::default();
    sample.evidence.clear();
    sample.seen.clear();
    sample.diagnostics.clear();
    sample.verification.paths.clear();
    sample.verification.findings.clear();
    let html = report(&sample.input());
    assert!(html.contains("No evidence was used: everything here") && html.contains("it needs evidence"));
    assert!(!html.contains("NaN"));
}

#[test]
fn every_permit_and_asset_has_its_row() {
    let sample = samples::small();
    let html = report(&sample.input());
    for conduit in sample.plant.conduits.values() {
        let id: &ConduitId = &conduit.id;
        assert!(html.contains(&format!("<strong>{id}</strong>")));
        assert!(
            conduit.permits.iter().all(|p| html.contains(&format!("<td class=\"nowrap\">{}</td>", p.id)))
        );
    }
    let seen: Vec<&AssetId> =
        sample.plant.assets.keys().filter(|id| html.contains(&format!(">{id}<"))).collect();
    assert_eq!(seen.len(), sample.plant.assets.len());
}

#[test]
fn a_generated_plant_of_twenty_zones_is_a_page() {
    let (plant, verification) = samples::generated(20, 35, 0);
    let mut sample = samples::small();
    sample.plant = plant;
    sample.verification = verification;
    keep("generated.html", &report(&sample.input()));
}

#[test]
fn the_policy_of_the_page_names_its_script() {
    assert_eq!(SCRIPT_SHA256, sha256_base64(SCRIPT.as_bytes()), "set SCRIPT_SHA256");
}

#[test]
fn levels_are_shown_where_the_plant_was_assessed_and_only_there() {
    let sample = samples::small();
    assert!(!report(&sample.input()).contains("id=\"levels\""));
    let assessment = zonewright_assess::levels::of_judgements(&sample.plant, &[], sample.verification.as_of);
    let questions = zonewright_assess::questions::questions(&sample.plant, &assessment);
    let html =
        report(&ReportInput { assessment: Some(&assessment), questions: &questions, ..sample.input() });
    keep("levels.html", &html);
    for said in
        ["id=\"levels\"", "href=\"#levels\"", "not shown", "0–4 / 2", "Questions that would decide most"]
    {
        assert!(html.contains(said), "{said}");
    }
}
