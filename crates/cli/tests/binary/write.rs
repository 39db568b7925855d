//! `zonewright firewall write`: the example's firewall written anew, what that changes, and what is said where it cannot be.

use crate::{AS_OF, example, run_in};

#[test]
fn the_example_s_firewall_is_written_and_reads_back() {
    let folder = tempfile::tempdir().unwrap();
    let example = example();
    let workspace = example.to_str().unwrap();
    let words =
        ["firewall", "write", workspace, "--device", "fw-1", "--dialect", "nftables", "--as-of", AS_OF];
    let ran = run_in(folder.path(), &[&words[..], &["--out", "fw-1.nft"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("read back, it passes exactly what they say"), "{}", ran.stderr);
    // The planted deviations of the example: a permit that ended, and flows that nobody declared.
    assert!(ran.stderr.contains("P-COMMISSION: it ended on 2026-09-30"), "{}", ran.stderr);
    assert!(ran.stderr.contains("telnet"), "what was seen and would be cut off is told: {}", ran.stderr);
    assert!(ran.stderr.contains("  closes"), "{}", ran.stderr);
    assert!(ran.stderr.contains("Next: `zonewright firewall read fw-1.nft`"), "{}", ran.stderr);
    let read = run_in(folder.path(), &["firewall", "read", "fw-1.nft", "--format", "json"]);
    assert_eq!(read.json()["lines"]["warned"], 0);
    let against =
        run_in(folder.path(), &[&words[..], &["--against", "fw-1.nft", "--format", "json"]].concat());
    let document = against.json();
    assert_eq!(document["format"], "zonewright-written/1");
    assert_eq!((&document["read_back"], &document["against"]["equal"]), (&"equal".into(), &true.into()));
    assert!(!document["cut_off"].as_array().unwrap().is_empty());
    let configuration = document["configuration"].as_str().unwrap();
    assert_eq!(configuration, std::fs::read_to_string(folder.path().join("fw-1.nft")).unwrap());
}

#[test]
fn functions_that_no_permit_allows_are_watched() {
    let words = ["firewall", "write", ".", "--device", "fw-1", "--dialect", "suricata", "--as-of", AS_OF];
    let ran = run_in(&example(), &words);
    let historian =
        ran.stdout.lines().filter(|line| line.starts_with("alert modbus") && line.contains("P-HIST-A"));
    assert!(historian.clone().any(|line| line.contains("modbus: function 16;")), "{}", ran.stdout);
    assert!(historian.clone().all(|line| !line.contains("modbus: function 3;")), "{}", ran.stdout);
    let drop = run_in(&example(), &[&words[..], &["--drop"]].concat());
    assert!(drop.stdout.contains("\ndrop modbus ") && !drop.stdout.contains("\nalert "), "{}", drop.stdout);
}

#[test]
fn what_cannot_be_written_is_said() {
    let as_of = ["--as-of", AS_OF];
    let run = |words: &[&str]| run_in(&example(), &[&["firewall", "write", "."], words, &as_of[..]].concat());
    let ran = run(&["--device", "fw-2", "--dialect", "nftables"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("did you mean `fw-1`?"), "{}", ran.stderr);
    let ran = run(&["--device", "fw-1", "--dialect", "nftable"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("did you mean `nftables`?"), "{}", ran.stderr);
    let ran = run(&["--device", "plc-a1", "--dialect", "nftables"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("no conduit names plc-a1"), "{}", ran.stderr);
    let ran = run(&["--device", "fw-1", "--dialect", "nftables", "--against", "evidence/z-dmz.pcap"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert_eq!(
        run_in(&example(), &["firewall", "write", "nowhere", "--device", "fw-1", "--dialect", "asa"]).code,
        2
    );
}
