//! The page as a whole: self-contained, escaped, complete, the same every time.

use super::*;
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

/// SHA-256 (FIPS 180-4) in base64, for the check above only.
fn sha256_base64(data: &[u8]) -> String {
    let primes: Vec<u32> = (2_u32..).filter(|n| (2..*n).all(|d| n % d != 0)).take(64).collect();
    // The first 32 bits of the fractional part of a root, exactly: by bisection in integers.
    let fraction = |p: u32, power: u32| {
        let goal = u128::from(p) << (32 * power);
        let root = (0..=40)
            .rev()
            .fold(0_u128, |r, bit| if (r | 1 << bit).pow(power) <= goal { r | 1 << bit } else { r });
        u32::try_from(root & 0xffff_ffff).unwrap()
    };
    let k: Vec<u32> = primes.iter().map(|p| fraction(*p, 3)).collect();
    let mut h: Vec<u32> = primes.iter().take(8).map(|p| fraction(*p, 2)).collect();
    let mut message = data.to_vec();
    message.push(0x80);
    message.resize(message.len().next_multiple_of(64) + if message.len() % 64 > 56 { 64 } else { 0 } - 8, 0);
    message.extend(u64::try_from(data.len() * 8).unwrap().to_be_bytes());
    for block in message.chunks(64) {
        let mut w: Vec<u32> = block.chunks(4).map(|c| u32::from_be_bytes(c.try_into().unwrap())).collect();
        for i in 16..64 {
            let (a, b) = (w[i - 15], w[i - 2]);
            let s0 = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
            let s1 = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
            w.push(w[i - 16].wrapping_add(s0).wrapping_add(w[i - 7]).wrapping_add(s1));
        }
        let mut v = h.clone();
        for i in 0..64 {
            let s1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let t1 = v[7].wrapping_add(s1).wrapping_add(choice).wrapping_add(k[i]).wrapping_add(w[i]);
            let s0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let t2 = s0.wrapping_add((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(t1);
            v[0] = t1.wrapping_add(t2);
        }
        h.iter_mut().zip(v).for_each(|(h, v)| *h = h.wrapping_add(v));
    }
    let bytes: Vec<u8> = h.into_iter().flat_map(u32::to_be_bytes).collect();
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let n = chunk.iter().fold(0_u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let digit = ALPHABET[usize::try_from(n >> (18 - 6 * i) & 63).unwrap()];
            out.push(if i > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    out
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
