//! Nmap: hosts, what they were guessed to be and why; scans that were stopped; and documents that attack the reader.

use super::*;
use zonewright_plant::model::AssetKind;

const SCAN: &str = include_str!("samples/hall.nmap.xml");

#[test]
fn hosts_that_were_up_become_assets_with_a_reason_for_each_guess() {
    let source = read_one("hall.xml", SCAN.as_bytes(), &Reading::default()).unwrap();
    assert_eq!(source.words, "Nmap scan of 2026-11-25: 2 hosts up, 1 not");
    assert!(source.notes.is_empty(), "{:?}", source.notes);
    let [plc, switch] = source.assets.as_slice() else { panic!("two hosts: {source:?}") };
    let asset = &plc.asset;
    assert_eq!((asset.id.as_str(), asset.kind), ("plc-a1.hall.example", Some(AssetKind::Plc)));
    assert_eq!((asset.ips.len(), asset.macs.len(), asset.vendor.as_deref()), (1, 1, Some("Weirtech")));
    assert_eq!(asset.software, ["Weirtech \"Panel\" httpd, small 1.2"]);
    assert!(asset.common.reason.as_deref().unwrap().contains("a guess: answers Modbus on port 502"));
    let note = asset.common.note.as_deref().unwrap();
    assert_eq!(
        note,
        "Nmap on 2026-11-25: open 80/tcp http, 502/tcp mbap; system looks like Linux 4.15 - 5.6 (93 %)"
    );
    assert_eq!(switch.asset.kind, Some(AssetKind::Switch));
    assert!(switch.asset.common.reason.as_deref().unwrap().contains("fingerprint says switch"));
}

#[test]
fn a_host_is_known_by_its_addresses_and_a_guess_contradicts_nobody() {
    let scan = read_one("hall.xml", SCAN.as_bytes(), &Reading::default()).unwrap();
    let list = read_one(
        "l.csv",
        b"id,type,ip,vendor,note\nplc-a1,RTU,10.20.41.11,Other,mine\nsw-a,Switch,10.20.41.2,,\n",
        &Reading::default(),
    )
    .unwrap();
    let known =
        compare::compare(&zonewright_plant::Plant::default(), &[list], &compare::Policy::default()).after;
    let policy = compare::Policy { known: compare::Known::Overwrite, ..compare::Policy::default() };
    let plan = compare::compare(&known, &[scan], &policy);
    assert_eq!(plan.count(compare::State::Changed), 2, "{:?}", plan.lines);
    let asset = plan.after.assets.get(&AssetId::from("plc-a1")).unwrap();
    assert_eq!((asset.kind, asset.common.note.as_deref()), (Some(AssetKind::Rtu), Some("mine")));
    assert_eq!((asset.vendor.as_deref(), asset.macs.len()), (Some("Other"), 1));
}

#[test]
fn a_scan_that_was_stopped_is_read_as_far_as_it_goes() {
    let cut = SCAN.find("<address addr=\"10.20.41.2\"").unwrap();
    let source = read_one("cut.xml", &SCAN.as_bytes()[..cut], &Reading::default()).unwrap();
    assert_eq!(source.assets.len(), 1);
    let notes = source.notes.join("; ");
    assert!(notes.contains("cut off") && notes.contains("last host is not whole"), "{notes}");
    let stopped = SCAN.replace("exit=\"success\"", "exit=\"error\"");
    assert!(
        read_one("s.xml", stopped.as_bytes(), &Reading::default())
            .unwrap()
            .notes
            .join("")
            .contains("stopped before its end")
    );
}

#[test]
fn documents_that_attack_the_reader_are_refused() {
    let laughs = SCAN
        .replace("<!DOCTYPE nmaprun>", "<!DOCTYPE nmaprun [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]>");
    let file =
        SCAN.replace("<!DOCTYPE nmaprun>", "<!DOCTYPE nmaprun [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>");
    for text in [laughs, file] {
        let not = read_one("x.xml", text.as_bytes(), &Reading::default()).unwrap_err();
        assert!(not.why.contains("entities"), "{not:?}");
    }
    let deep = format!("<nmaprun>{}", "<host>".repeat(100_000));
    assert!(
        read_one("deep.xml", deep.as_bytes(), &Reading::default()).unwrap_err().why.contains("nest too deep")
    );
    assert!(read_one("x.xml", b"<html/>", &Reading::default()).unwrap_err().why.contains("neither a scan"));
}

#[test]
fn scans_that_are_spoiled_are_read_or_refused() {
    spoil("hall.xml", SCAN.as_bytes(), 1_000);
}
