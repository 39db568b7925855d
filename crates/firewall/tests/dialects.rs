//! Every dialect reads its cases: `tests/cases/DIALECT/NAME` → a short rendering of the ruleset and what was said.

#![expect(clippy::unwrap_used, reason = "the functions beside the tests are part of them")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use zonewright_firewall::dialects::{DIALECTS, Dialect, read_bytes};
use zonewright_source::{Diagnostic, Place};

#[test]
fn cases_read_as_their_snapshots_say() {
    for dialect in DIALECTS {
        for path in files(&cases().join(dialect.name())) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let bytes = std::fs::read(&path).unwrap();
            let rendered = check(&name, &bytes, Some(*dialect));
            insta::with_settings!({
                prepend_module_to_snapshot => false,
                omit_expression => true,
                snapshot_path => format!("cases/{}/expected", dialect.name()),
            }, {
                insta::assert_snapshot!(name, rendered);
            });
        }
    }
}

/// A file as text: the ruleset, then each diagnostic on a line.
fn check(name: &str, bytes: &[u8], dialect: Option<&dyn Dialect>) -> String {
    let read = read_bytes(name, bytes, dialect);
    let mut text = read.ruleset.to_string();
    for diagnostic in &read.ruleset.diagnostics {
        writeln!(text, "{}", line_of(diagnostic)).unwrap();
    }
    text
}

fn line_of(diagnostic: &Diagnostic) -> String {
    let place = diagnostic.place.as_ref().map(Place::within_file).unwrap_or_default();
    format!("{place} {}[{}]: {}", diagnostic.severity, diagnostic.code, diagnostic.message)
}

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// The files of a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found
}

#[test]
fn a_hundred_thousand_rules_are_read_in_seconds() {
    let rules = 100_000;
    let mut nft = String::from("table inet t {\n\tset s { type ipv4_addr; flags interval; elements = { ");
    (0..rules).for_each(|at| write!(nft, "10.{}.{}.0/30, ", at / 256 % 256, at % 256).unwrap());
    nft.push_str("}\n\t}\n\tchain f {\n\t\ttype filter hook forward priority 0; policy drop;\n");
    let mut save = String::from("*filter\n:FORWARD DROP [0:0]\n");
    let mut json = String::from(
        r#"{"nftables": [{"table": {"family": "ip", "name": "t"}}, {"chain": {"family": "ip", "table": "t", "name": "f", "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}}"#,
    );
    for at in 0..rules {
        let (address, port) =
            (format!("10.{}.{}.{}", at / 65_536 % 256, at / 256 % 256, at % 256), at % 60_000 + 1);
        writeln!(nft, "\t\tip saddr {address} ip daddr @s tcp dport {port} ct state new accept").unwrap();
        writeln!(
            save,
            "-A FORWARD -s {address}/32 -p tcp -m tcp --dport {port} -m conntrack --ctstate NEW -j ACCEPT"
        )
        .unwrap();
        write!(json, r#", {{"rule": {{"family": "ip", "table": "t", "chain": "f", "expr": [{{"match": {{"op": "==", "left": {{"payload": {{"protocol": "ip", "field": "saddr"}}}}, "right": "{address}"}}}}, {{"match": {{"op": "==", "left": {{"payload": {{"protocol": "tcp", "field": "dport"}}}}, "right": {port}}}}}, {{"accept": null}}]}}}}"#).unwrap();
    }
    nft.push_str("\t}\n}\n");
    json.push_str("]}");
    for (name, text) in [("nftables", nft), ("iptables", save), ("json", json)] {
        let started = std::time::Instant::now();
        let ruleset = read_bytes(name, text.as_bytes(), None).ruleset;
        let took = started.elapsed();
        println!("{name}: {rules} rules, {} bytes, {took:?}", text.len());
        assert_eq!(ruleset.chains[0].rules.len(), rules);
        assert_eq!(ruleset.lines.warned, 0);
        assert!(took.as_secs() < 20, "{name} took {took:?}");
    }
}
