//! What is said of devices: several in a row, who can manage them, what their rules serve, and what leans on lines that were
//! not understood.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use zonewright_assess::configured::Configuration;
use zonewright_assess::verification::Verification;
use zonewright_assess::{Options, verify};
use zonewright_firewall::dialects::{self, ReadFile};
use zonewright_plant::text;
use zonewright_source::SourceText;
use zonewright_traffic::observation::Observation;

const PLANT: &str = r#"
[plant]
id = "row"
[[zone]]
id = "Z-ENT"
networks = ["10.0.0.0/24"]
inside = false
[[zone]]
id = "Z-DMZ"
networks = ["10.1.0.0/24"]
[[zone]]
id = "Z-SUP"
networks = ["10.2.0.0/24"]
[[asset]]
id = "fw-1"
kind = "firewall"
conduit = "C-1"
[[asset]]
id = "fw-2"
kind = "firewall"
conduit = "C-1"
[[conduit]]
id = "C-1"
zones = ["Z-ENT", "Z-SUP"]
enforced_by = ["fw-1", "fw-2"]
[[conduit.permit]]
id = "P-1"
from = ["Z-ENT"]
to = ["Z-SUP"]
protocol = "modbus"
expected = "continuous"
[[evidence]]
id = "E-1"
kind = "configuration"
device = "fw-1"
[[evidence.interface]]
interface = "ent0"
zone = "Z-ENT"
[[evidence.interface]]
interface = "dmz0"
zone = "Z-DMZ"
[[evidence]]
id = "E-2"
kind = "configuration"
device = "fw-2"
[[evidence.interface]]
interface = "dmz0"
zone = "Z-DMZ"
[[evidence.interface]]
interface = "sup0"
zone = "Z-SUP"
"#;

/// A ruleset that lets pass what the rules say, and to itself what `input` says.
fn ruleset(file: &str, rules: &str, input: &str) -> ReadFile {
    let state = "ct state established,related accept";
    let text = format!(
        "table inet t {{\n chain f {{\n  type filter hook forward priority 0; policy drop;\n  {state}\n  {rules}\n }}\n chain i {{\n  type filter hook input priority 0; policy drop;\n  {state}\n  {input}\n }}\n}}\n"
    );
    dialects::read_bytes(file.to_owned(), text.as_bytes(), None)
}

fn verified(first: &ReadFile, second: &ReadFile) -> Verification {
    let read = text::read(&[SourceText::new("plant.toml", PLANT)]);
    assert!(!read.has_errors(), "{:#?}", read.diagnostics);
    let of = |id: &str| read.plant.evidence.get(&id.into()).unwrap();
    let configurations = [
        Configuration { evidence: of("E-1"), ruleset: &first.ruleset },
        Configuration { evidence: of("E-2"), ruleset: &second.ruleset },
    ];
    verify(
        &read.plant,
        &Observation::default(),
        &configurations,
        Options { as_of: jiff::civil::date(2026, 1, 15) },
    )
}

#[test]
fn a_way_through_two_devices_is_open_if_both_pass_it() {
    let pass = "ip daddr 10.2.0.0/24 tcp dport 502 accept";
    let half = "ip daddr 10.2.0.0/25 tcp dport 502 accept";
    for (first, second, expected) in [
        (pass, pass, ("open", true)),
        (pass, "", ("closed", true)),
        ("", pass, ("closed", true)),
        (pass, half, ("partly", true)),
        (pass, "ip daddr 10.2.0.0/24 tcp dport 502 meta hour \"08:00\"-\"17:00\" accept", ("unknown", true)),
    ] {
        let verification = verified(&ruleset("a.nft", first, ""), &ruleset("b.nft", second, ""));
        let row = verification.paths.iter().find(|path| path.permit.is_some()).unwrap();
        assert_eq!((row.configured.as_str(), row.enforcement_shown), expected, "{first} / {second}");
        let files: Vec<&str> = row.configured_basis.iter().map(|place| place.file.as_ref()).collect();
        assert!(expected.0 == "closed" || files.contains(&"a.nft"), "{files:?}");
    }
}

#[test]
fn who_can_manage_a_device_from_outside_is_said() {
    let management = |input: &str| {
        let verification =
            verified(&ruleset("a.nft", "", input), &ruleset("b.nft", "", "tcp dport 22 accept"));
        let found = verification.findings.iter().filter(|finding| finding.rule == "firewall/management-open");
        found.map(|finding| finding.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(management(""), [] as [&str; 0]);
    assert_eq!(management("iifname \"dmz0\" tcp dport { 22, 443 } accept"), [] as [&str; 0]);
    assert_eq!(management("iifname \"ent0\" ip protocol icmp accept"), [] as [&str; 0]);
    let open = management("iifname \"ent0\" ip saddr 10.0.0.9 tcp dport { 22, 443 } accept");
    assert_eq!(open.len(), 1);
    assert!(open[0].starts_with("fw-1 can be managed from Z-ENT (TCP 22, TCP 443)"), "{open:?}");
}

#[test]
fn rules_are_told_with_the_permits_they_serve() {
    let first =
        ruleset("a.nft", "tcp dport 502 accept comment \"P-1\"\n  tcp dport 80 accept comment \"old\"", "");
    let verification = verified(&first, &ruleset("b.nft", "tcp dport 502 accept", ""));
    let told: Vec<_> = verification
        .rules
        .iter()
        .map(|rule| {
            (rule.evidence.as_str(), rule.rule.place.line, rule.permits.len(), rule.proposal().is_some())
        })
        .collect();
    assert_eq!(told, [("E-1", 5, 1, false), ("E-1", 6, 0, true), ("E-2", 5, 1, false)]);
}

#[test]
fn a_finding_about_a_configuration_that_was_not_wholly_understood_says_so() {
    let any = ruleset("a.nft", "accept\n  tcp dport 80 frobnicate accept", "");
    assert!(any.ruleset.lines.warned > 0);
    let verification = verified(&any, &ruleset("b.nft", "accept", ""));
    let message = |device: &str| {
        let found =
            verification.findings.iter().find(|f| f.rule == "firewall/any-any" && f.subject.id == device);
        found.unwrap().message.clone()
    };
    assert!(message("fw-1").contains("1 line of the configuration"), "{}", message("fw-1"));
    assert!(!message("fw-2").contains("not understood"), "{}", message("fw-2"));
}
