//! Verification: the table of names, line by line, and what tells the declared verdicts apart.
//!
//! One plant, one ruleset, flows by hand: a case says who talks to whom and what must be said of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::IpAddr;
use std::sync::Arc;
use zonewright_assess::configured::Configuration;
use zonewright_assess::verification::{Path, Verification};
use zonewright_assess::{Options, verify};
use zonewright_firewall::dialects;
use zonewright_plant::text;
use zonewright_source::{PacketPlace, SourceText};
use zonewright_traffic::facts::Direction;
use zonewright_traffic::observation::{
    Asset as SeenAsset, Capture, Flow, FlowEnd, FunctionCode, FunctionUse, InitiatorBasis, Mac, Observation,
    Timestamp, Transport,
};
use zonewright_traffic::protocol::Class;

const PLANT: &str = include_str!("verify/plant.toml");

const RULESET: &str = r#"
table inet filter {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		iifname "sup0" oifname "ctl0" tcp dport 502 accept
		iifname "sup0" oifname "ctl0" tcp dport 80 accept
		iifname "sup0" oifname "ctl0" ip daddr 10.2.0.10 tcp dport 4840 accept
		iifname "ctl0" oifname "sup0" udp dport 123 accept
	}
}
"#;

const SECONDS: i64 = 1_000_000_000;
/// 2026-01-15T12:00:00Z.
const NOON: i64 = 1_768_478_400 * SECONDS;

struct Case {
    flows: Vec<Flow>,
    assets: Vec<SeenAsset>,
    seconds: i64,
    as_of: jiff::civil::Date,
    configured: bool,
}

impl Case {
    fn of(flows: Vec<Flow>) -> Self {
        Self { flows, assets: vec![], seconds: 600, as_of: jiff::civil::date(2026, 1, 15), configured: true }
    }

    fn verify(self) -> Verification {
        let read = text::read(&[SourceText::new("plant.toml", PLANT)]);
        assert!(!read.has_errors(), "{:#?}", read.diagnostics);
        let firewall = dialects::read_bytes("fw.nft", RULESET.as_bytes(), None);
        assert_eq!(firewall.ruleset.diagnostics, []);
        let mut flows = self.flows;
        flows.sort_by(|a, b| a.id.cmp(&b.id));
        let capture = Capture {
            path: "ctl.pcap".into(),
            hash: None,
            size: 1,
            kind: None,
            capture_point: Some("E-CTL".into()),
            packets: 1,
            bytes: 1,
            first_seen: Some(Timestamp::new(NOON, 6)),
            last_seen: Some(Timestamp::new(NOON + self.seconds * SECONDS, 6)),
            lines: None,
            truncated_packets: 0,
            malformed_packets: 0,
            read_error: None,
        };
        let observation =
            Observation { captures: vec![capture], flows, assets: self.assets, ..Observation::default() };
        let evidence = read.plant.evidence.get(&"E-FW".into()).unwrap();
        let configurations = [Configuration { evidence, ruleset: &firewall.ruleset }];
        let used = if self.configured { &configurations[..] } else { &[] };
        verify(&read.plant, &observation, used, Options { as_of: self.as_of })
    }
}

fn flow(from: &str, to: &str, protocol: Option<&str>, port: u16) -> Flow {
    let end =
        |ip: &str, port| FlowEnd { ip: Some(ip.parse::<IpAddr>().unwrap()), port, ..FlowEnd::default() };
    let udp = port == 123;
    Flow {
        id: format!("{from}>{to}:{port}").into(),
        context: Some("E-CTL".into()),
        transport: if udp { Transport::Udp } else { Transport::Tcp },
        initiator: end(from, None),
        responder: end(to, Some(port)),
        initiator_basis: InitiatorBasis::Syn,
        vlans: vec![],
        capture_points: vec!["E-CTL".into()],
        protocol: protocol.map(Arc::from),
        encrypted: None,
        authenticated: None,
        clear_text_credentials: false,
        conversations: 1,
        packets: 10,
        bytes: 1000,
        packets_from_initiator: 5,
        packets_from_responder: 5,
        first_seen: Timestamp::new(NOON, 6),
        last_seen: Timestamp::new(NOON + SECONDS, 6),
        places: vec![place(7)],
        functions: vec![],
        properties: vec![],
        anomalies: vec![],
        active_days: vec![],
        inside: None,
    }
}

fn place(packet: u64) -> PacketPlace {
    PacketPlace::packet("ctl.pcap".into(), packet)
}

fn using(mut flow: Flow, functions: &[(&str, Class)]) -> Flow {
    let of = |(at, (name, class)): (usize, &(&str, Class))| FunctionUse {
        protocol: flow.protocol.clone().unwrap(),
        element: "function".into(),
        code: FunctionCode::Number(at as u32),
        name: Some((*name).into()),
        class: *class,
        direction: Direction::Request,
        count: 1,
        first: place(20 + at as u64),
    };
    flow.functions = functions.iter().enumerate().map(of).collect();
    flow
}

/// `name declared configured observed` of the rows that `pick` picks.
fn said(verification: &Verification, pick: impl Fn(&Path) -> bool) -> Vec<String> {
    verification
        .paths
        .iter()
        .filter(|path| pick(path))
        .map(|p| {
            format!(
                "{} {} {} {}",
                p.name.as_str(),
                p.declared.as_str(),
                p.configured.as_str(),
                p.observed.as_str()
            )
        })
        .collect()
}

fn seen(flow: Flow) -> Vec<String> {
    said(&Case::of(vec![flow]).verify(), |path| !path.flows.is_empty())
}

const READ: (&str, Class) = ("read-holding-registers", Class::Read);
const WRITE: (&str, Class) = ("write-single-register", Class::Write);
const SESSION: (&str, Class) = ("open", Class::Session);

#[test]
fn declared_open_seen_is_conforming() {
    let flow = using(flow("10.1.0.11", "10.2.0.10", Some("modbus"), 502), &[READ]);
    assert_eq!(seen(flow), ["conforming permitted open seen"]);
}

#[test]
fn declared_closed_seen_is_a_bypass() {
    assert_eq!(seen(flow("10.1.0.10", "10.2.0.10", Some("ssh"), 22)), ["bypass permitted closed seen"]);
}

#[test]
fn undeclared_open_seen_is_undocumented() {
    let web = flow("10.1.0.11", "10.2.0.10", Some("http"), 80);
    assert_eq!(seen(web), ["undocumented protocol-not-permitted open seen"]);
}

#[test]
fn undeclared_closed_seen_is_an_undeclared_bypass() {
    assert_eq!(
        seen(flow("10.1.0.11", "10.2.0.10", Some("telnet"), 23)),
        ["undeclared-bypass protocol-not-permitted closed seen"]
    );
    assert_eq!(
        seen(flow("10.9.0.5", "10.2.0.10", Some("modbus"), 502)),
        ["undocumented no-conduit unknown seen"]
    );
}

#[test]
fn what_was_not_seen_is_idle_blocked_or_not_observed() {
    let verification = Case::of(vec![]).verify();
    let permit = |id: &'static str| {
        said(&verification, move |path| path.permit.as_ref().is_some_and(|p| p.as_str() == id))
    };
    assert_eq!(permit("P-READ"), ["idle permitted open not-seen"], "continuous, ten minutes");
    assert_eq!(permit("P-SSH"), ["blocked permitted closed not-seen"]);
    assert_eq!(
        permit("P-TIME"),
        ["not-observed permitted open not-covered"],
        "daily, and the window is shorter"
    );
    assert_eq!(permit("P-WEB"), ["not-observed permitted open not-seen"], "on demand is never idle");
}

#[test]
fn a_window_shorter_than_the_rhythm_covers_nothing() {
    let verification = Case { seconds: 59, ..Case::of(vec![]) }.verify();
    assert_eq!(
        said(&verification, |path| path.permit.as_ref().is_some_and(|p| p.as_str() == "P-READ")),
        ["not-observed permitted open not-covered"]
    );
}

#[test]
fn open_without_a_reason_is_excess_less_what_was_seen_and_declared() {
    let excess = |flows| {
        let verification = Case::of(flows).verify();
        let rows = verification.paths.iter().filter(|path| path.name.as_str() == "excess");
        rows.map(|p| format!("{} {} from {} to {}", p.protocol, p.port, p.from, p.to)).collect::<Vec<_>>()
    };
    let web = flow("10.1.0.11", "10.2.0.10", Some("http"), 80);
    // Modbus from other supervisory hosts than the historian, web from all but SCADA, OPC UA to the controller, and time.
    let all = excess(vec![]);
    assert!(all.iter().any(|row| row == "tcp 4840 from any to 10.2.0.10"), "{all:#?}");
    assert!(all.iter().any(|row| row.starts_with("tcp 502 from ")), "{all:#?}");
    assert!(all.iter().any(|row| row.starts_with("udp 123 from ")), "{all:#?}");
    assert_eq!(excess(vec![web]).len(), all.len(), "seen traffic narrows a row, it does not remove the rest");
}

#[test]
fn functions_are_judged_one_by_one() {
    let both = using(flow("10.1.0.11", "10.2.0.10", Some("modbus"), 502), &[READ, WRITE]);
    assert_eq!(
        seen(both),
        ["undocumented function-not-permitted open seen", "conforming permitted open seen"]
    );
    let session = using(flow("10.1.0.11", "10.2.0.10", Some("modbus"), 502), &[SESSION]);
    assert_eq!(seen(session), ["conforming permitted open seen"], "a session comes with every permit");
}

#[test]
fn the_finding_leads_to_the_packet_of_the_function_and_to_line_and_permit() {
    let both = using(flow("10.1.0.11", "10.2.0.10", Some("modbus"), 502), &[READ, WRITE]);
    let verification = Case::of(vec![both]).verify();
    let finding = verification.findings.iter().find(|f| f.rule == "path/function-not-permitted").unwrap();
    let places: Vec<String> = finding.evidence.iter().map(|e| e.place.to_string()).collect();
    assert_eq!(places[0], "ctl.pcap packet 21");
    assert!(places[1].starts_with("fw.nft:6:"), "{places:?}");
    assert!(places[2].starts_with("plant.toml:"), "{places:?}");
    assert!(finding.requirements.iter().any(|id| id.to_string() == "SR 2.1"));
}

#[test]
fn direction_counts_unless_it_was_guessed_from_order() {
    let backward = using(flow("10.2.0.10", "10.1.0.11", Some("modbus"), 502), &[READ]);
    assert_eq!(seen(backward.clone()), ["undeclared-bypass wrong-direction closed seen"]);
    let guessed = Flow { initiator_basis: InitiatorBasis::First, ..backward };
    assert!(seen(guessed)[0].contains(" permitted "));
}

#[test]
fn a_permit_holds_through_its_last_day_as_seen() {
    let write = |days: i64| {
        let mut flow = using(flow("10.1.0.10", "10.2.0.10", Some("modbus"), 502), &[WRITE]);
        flow.last_seen = Timestamp::new(NOON + days * 86_400 * SECONDS, 6);
        flow
    };
    assert_eq!(seen(write(16)), ["conforming permitted open seen"], "2026-01-31");
    assert_eq!(seen(write(17)), ["undocumented expired open seen"], "2026-02-01");
}

#[test]
fn unknown_ends_and_group_addresses() {
    assert_eq!(
        seen(flow("10.2.0.10", "203.0.113.9", Some("ntp"), 123)),
        ["unknown-endpoint unknown-endpoint partly seen"],
        "by which interface it leaves is not known"
    );
    assert_eq!(
        seen(flow("10.2.0.10", "203.0.113.9", Some("telnet"), 23)),
        ["unknown-endpoint unknown-endpoint closed seen"]
    );
    assert!(seen(flow("10.2.0.10", "224.0.1.1", Some("ntp"), 123)).is_empty());
    assert!(seen(flow("10.2.0.10", "10.2.0.255", Some("ntp"), 123)).is_empty());
}

#[test]
fn a_zone_within_a_zone_is_a_boundary_and_covered_by_the_outer_ones_permits() {
    let inside = flow("10.2.0.10", "10.2.0.200", Some("modbus"), 502);
    assert_eq!(seen(inside), ["undocumented no-conduit unknown seen"]);
    let outer = using(flow("10.1.0.11", "10.2.0.200", Some("modbus"), 502), &[READ]);
    assert_eq!(seen(outer), ["conforming permitted open seen"]);
}

#[test]
fn without_a_configuration_the_other_two_stand_and_enforcement_is_not_shown() {
    let flow = using(flow("10.1.0.11", "10.2.0.10", Some("modbus"), 502), &[READ]);
    let verification = Case { configured: false, ..Case::of(vec![flow]) }.verify();
    assert_eq!(said(&verification, |path| !path.flows.is_empty()), ["conforming permitted unknown seen"]);
    assert!(verification.paths.iter().all(|path| !path.enforcement_shown));
    assert!(verification.findings.iter().any(|f| f.rule == "conduit/enforcement-not-shown"));
}

#[test]
fn what_a_conduit_asks_for_and_the_traffic_lacks_is_unmet() {
    let unmet = |encrypted, protocol, port| {
        let mut flow = flow("10.1.0.10", "10.2.0.10", Some(protocol), port);
        flow.encrypted = encrypted;
        let verification = Case::of(vec![flow]).verify();
        verification.findings.iter().any(|f| f.rule == "path/unmet-encryption")
    };
    assert!(unmet(None, "modbus", 502), "Modbus cannot encrypt");
    assert!(!unmet(Some(true), "ssh", 22));
    assert!(unmet(Some(false), "ssh", 22));
}

#[test]
fn ids_stay_the_same_when_counts_change() {
    let ids = |packets| {
        let mut flow = flow("10.1.0.11", "10.2.0.10", Some("telnet"), 23);
        flow.packets = packets;
        Case::of(vec![flow]).verify().findings.iter().map(|f| f.id()).collect::<Vec<_>>()
    };
    assert_eq!(ids(10), ids(9999));
}

/// A plant of its own: what beginners and real plants do that the small one does not.
struct Plot<'a> {
    plant: &'a str,
    ruleset: &'a str,
    flows: Vec<Flow>,
}

impl Plot<'_> {
    fn verify(self) -> Verification {
        let read = text::read(&[SourceText::new("plant.toml", self.plant)]);
        assert!(!read.has_errors(), "{:#?}", read.diagnostics);
        let firewall = dialects::read_bytes("fw.nft", self.ruleset.as_bytes(), None);
        assert_eq!(firewall.ruleset.diagnostics, []);
        let mut flows = self.flows;
        flows.sort_by(|a, b| a.id.cmp(&b.id));
        let observation = Observation { flows, ..Observation::default() };
        let configurations: Vec<Configuration<'_>> = read
            .plant
            .evidence
            .values()
            .filter(|evidence| evidence.device.is_some())
            .map(|evidence| Configuration { evidence, ruleset: &firewall.ruleset })
            .collect();
        verify(&read.plant, &observation, &configurations, Options { as_of: jiff::civil::date(2026, 1, 15) })
    }

    fn rows(self, pick: impl Fn(&Path) -> bool) -> Vec<String> {
        let verification = self.verify();
        let rows = verification.paths.iter().filter(|path| pick(path));
        rows.map(|p| {
            format!(
                "{} {}>{} {} {} {}",
                p.name.as_str(),
                p.from_zone,
                p.to_zone,
                p.protocol,
                p.port,
                p.configured.as_str()
            )
        })
        .collect()
    }
}

fn is_excess(path: &Path) -> bool {
    path.name.as_str() == "excess"
}

const NESTED: &str = r#"
[plant]
id = "nested"
[[zone]]
id = "Z-SUP"
networks = ["10.1.0.0/24"]
[[zone]]
id = "Z-CTL"
networks = ["10.2.0.0/24"]
[[zone]]
id = "Z-CELL"
parent = "Z-CTL"
networks = ["10.2.0.128/25"]
[[asset]]
id = "fw"
kind = "firewall"
conduit = "C-1"
[[conduit]]
id = "C-1"
zones = ["Z-SUP", "Z-CTL"]
enforced_by = ["fw"]
[[conduit.permit]]
id = "P-1"
from = ["Z-SUP"]
to = ["Z-CTL"]
protocol = "modbus"
expected = "continuous"
[[evidence]]
id = "E-FW"
kind = "configuration"
device = "fw"
[[evidence.interface]]
interface = "sup0"
zone = "Z-SUP"
[[evidence.interface]]
interface = "ctl0"
zone = "Z-CTL"
"#;

fn forward(rules: &str) -> String {
    format!(
        "table inet filter {{\n\tchain forward {{\n\t\ttype filter hook forward priority filter; policy drop;\n\t\tct state established,related accept\n{rules}\n\t}}\n}}\n"
    )
}

#[test]
fn a_permit_for_a_zone_declares_what_is_open_into_the_zones_within_it() {
    let faced = format!("{NESTED}[[evidence.interface]]\ninterface = \"cell0\"\nzone = \"Z-CELL\"\n");
    let ruleset = forward("iifname \"sup0\" tcp dport 502 accept");
    let plot = Plot { plant: &faced, ruleset: &ruleset, flows: vec![] };
    assert_eq!(plot.rows(is_excess), Vec::<String>::new());
}

#[test]
fn what_is_open_into_a_zone_within_a_faced_zone_is_excess() {
    let ruleset = forward("iifname \"sup0\" oifname \"ctl0\" ip daddr 10.2.0.200 tcp dport 4840 accept");
    let plot = Plot { plant: NESTED, ruleset: &ruleset, flows: vec![] };
    assert_eq!(plot.rows(is_excess), ["excess Z-SUP>Z-CELL tcp 4840 open"]);
}

#[test]
fn a_transparent_firewall_between_two_zones_is_judged() {
    let bridge = |rules: &str| {
        format!(
            "table bridge t {{\n\tchain f {{\n\t\ttype filter hook forward priority 0; policy drop;\n\t\tct state established,related accept\n{rules}\n\t}}\n}}\n"
        )
    };
    let permitted = bridge("iifname \"sup0\" oifname \"ctl0\" tcp dport 502 accept");
    let plot = |ruleset| Plot { plant: NESTED, ruleset, flows: vec![] };
    assert_eq!(plot(&permitted).rows(|p| p.permit.is_some()), ["not-observed Z-SUP>Z-CTL modbus 502 open"]);
    assert_eq!(plot(&permitted).rows(is_excess), Vec::<String>::new());
    let other = bridge("ip daddr 10.2.0.200 tcp dport 4840 accept");
    assert_eq!(plot(&other).rows(|p| p.permit.is_some()), ["blocked Z-SUP>Z-CTL modbus 502 closed"]);
    assert!(plot(&other).rows(is_excess).contains(&"excess Z-SUP>Z-CELL tcp 4840 open".to_owned()));
}

#[test]
fn an_asset_of_a_conduit_is_declared_where_its_addresses_are() {
    let plant = format!(
        "{}\n[[asset]]\nid = \"jump\"\nkind = \"server\"\nconduit = \"C-1\"\nips = [\"10.1.0.9\"]\n",
        NESTED.replace("from = [\"Z-SUP\"]\nto = [\"Z-CTL\"]", "from = [\"jump\"]\nto = [\"Z-CTL\"]")
    );
    let ruleset = forward("iifname \"sup0\" oifname \"ctl0\" ip saddr 10.1.0.9 tcp dport 502 accept");
    let plot = || Plot { plant: &plant, ruleset: &ruleset, flows: vec![] };
    assert_eq!(plot().rows(is_excess), Vec::<String>::new());
    assert_eq!(plot().rows(|p| p.permit.is_some()), ["not-observed Z-SUP>Z-CTL modbus 502 open"]);
}

#[test]
fn a_permit_for_a_router_says_nothing_of_its_legs_outside_the_conduit() {
    let legs = r#"
[[zone]]
id = "Z-STATION"
networks = [{ network = "192.168.1.0/24", context = "station" }]
[[asset]]
id = "gw"
kind = "router"
conduit = "C-STATION"
ips = ["10.2.0.9", "192.168.1.1@station"]
[[conduit]]
id = "C-STATION"
zones = ["Z-CTL", "Z-STATION"]
"#;
    let plant = NESTED.replace("to = [\"Z-CTL\"]", "to = [\"gw\"]") + legs;
    let ruleset = forward("iifname \"sup0\" oifname \"ctl0\" ip daddr 10.2.0.9 tcp dport 502 accept");
    let plot = |flows| Plot { plant: &plant, ruleset: &ruleset, flows }.rows(|p| p.permit.is_some());
    assert_eq!(plot(vec![]), ["not-observed Z-SUP>Z-CTL modbus 502 open"]);
    let read = using(flow("10.1.0.11", "10.2.0.9", Some("modbus"), 502), &[READ]);
    assert_eq!(plot(vec![read]), ["conforming Z-SUP>Z-CTL modbus 502 open"]);
}

#[test]
fn the_finding_of_a_rule_keeps_its_id_when_a_part_of_it_is_seen_or_declared() {
    let ruleset =
        forward("iifname \"sup0\" oifname \"ctl0\" ip daddr 10.2.0.0/25 tcp dport 4800-4900 accept");
    let ids = |plant: &str, flows| {
        let verification = Plot { plant, ruleset: &ruleset, flows }.verify();
        let excess = verification.findings.iter().filter(|f| f.rule == "path/excess");
        excess.map(|f| f.id()).collect::<Vec<_>>()
    };
    let web = flow("10.1.0.11", "10.2.0.10", None, 4840);
    let declared = NESTED.replace("protocol = \"modbus\"", "protocol = \"tcp\"\nports = [502, 4850]");
    assert_eq!(ids(NESTED, vec![]).len(), 1);
    assert_eq!(ids(NESTED, vec![]), ids(NESTED, vec![web]));
    assert_eq!(ids(NESTED, vec![]), ids(&declared, vec![]));
}

#[test]
fn protocols_without_a_name_share_a_row() {
    let ruleset =
        forward("iifname \"sup0\" oifname \"ctl0\" ip daddr 10.2.0.0/25 meta l4proto != tcp accept");
    let rows = Plot { plant: NESTED, ruleset: &ruleset, flows: vec![] }.rows(is_excess);
    let protocols: Vec<&str> = rows.iter().filter_map(|row| row.split(' ').nth(2)).collect();
    assert_eq!(protocols, ["icmp", "icmpv6", "other", "sctp", "udp"]);
}

#[test]
fn a_guess_about_who_began_is_no_bypass() {
    let plant = NESTED.replace("protocol = \"modbus\"", "protocol = \"udp\"\nports = [9000]");
    let ruleset = forward("iifname \"sup0\" oifname \"ctl0\" udp dport 9000 accept");
    // The capture began in the middle: the answer from port 9000 came first.
    let mut guessed = flow("10.2.0.10", "10.1.0.11", None, 9000);
    guessed.transport = Transport::Udp;
    guessed.initiator_basis = InitiatorBasis::First;
    let plot = Plot { plant: &plant, ruleset: &ruleset, flows: vec![guessed] };
    let rows = plot.rows(|path| !path.flows.is_empty() || path.permit.is_some());
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert!(rows[0].starts_with("conforming Z-SUP>Z-CTL"), "{rows:?}");
}

#[test]
fn of_two_devices_in_a_row_one_without_configuration_is_told() {
    let plant = NESTED.replace("enforced_by = [\"fw\"]", "enforced_by = [\"fw\", \"fw-2\"]")
        + "[[asset]]\nid = \"fw-2\"\nkind = \"firewall\"\nconduit = \"C-1\"\n";
    let verify = |rules: &str| {
        let read = using(flow("10.1.0.11", "10.2.0.10", Some("modbus"), 502), &[READ]);
        Plot { plant: &plant, ruleset: &forward(rules), flows: vec![read] }.verify()
    };
    let open = verify("iifname \"sup0\" oifname \"ctl0\" tcp dport 502 accept");
    let row = open.paths.iter().find(|path| !path.flows.is_empty()).unwrap();
    assert_eq!((row.configured.as_str(), row.enforcement_shown), ("unknown", false));
    let told = open.findings.iter().find(|f| f.rule == "conduit/enforcement-not-shown").unwrap();
    assert!(told.message.contains("fw-2"), "{}", told.message);
    let closed = verify("");
    let row = closed.paths.iter().find(|path| !path.flows.is_empty()).unwrap();
    assert_eq!((row.name.as_str(), row.enforcement_shown), ("bypass", true));
}

#[test]
fn a_permit_is_not_idle_because_another_one_allows_the_same() {
    let plant = NESTED.replace(
        "[[evidence]]",
        "[[conduit.permit]]\nid = \"P-2\"\nfrom = [\"Z-SUP\"]\nto = [\"Z-CTL\"]\nprotocol = \"tcp\"\nports = [502]\n\n[[evidence]]",
    );
    let read = using(flow("10.1.0.11", "10.2.0.10", Some("modbus"), 502), &[READ]);
    let ruleset = forward("iifname \"sup0\" oifname \"ctl0\" tcp dport 502 accept");
    let rows = Plot { plant: &plant, ruleset: &ruleset, flows: vec![read] }.rows(|p| p.permit.is_some());
    assert_eq!(rows, ["conforming Z-SUP>Z-CTL modbus 502 open"]);
}

#[test]
fn a_cells_own_networks_hide_the_plants() {
    let plant = r#"
[plant]
id = "cells"
[[zone]]
id = "Z-A"
networks = ["192.168.1.0/24"]
[[zone]]
id = "Z-CELL"
networks = [{ network = "192.168.1.0/24", context = "cell" }]
[[evidence]]
id = "E-CTL"
kind = "capture"
context = "cell"
zone = "Z-CELL"
"#;
    let local = flow("192.168.1.5", "192.168.1.6", Some("modbus"), 502);
    let rows = Plot { plant, ruleset: &forward(""), flows: vec![local] }.rows(|_| true);
    assert_eq!(rows, ["within-zone Z-CELL>Z-CELL modbus  unknown"]);
}

#[test]
fn frames_between_stations_of_two_zones_cross_and_arp_does_not() {
    let plant = r#"
[plant]
id = "bridged"
[[zone]]
id = "Z-A"
[[zone]]
id = "Z-B"
[[asset]]
id = "ctl"
kind = "plc"
zone = "Z-A"
macs = ["02:00:00:00:00:0a"]
[[asset]]
id = "io"
kind = "plc"
zone = "Z-B"
macs = ["02:00:00:00:00:0b"]
[[evidence]]
id = "E-CTL"
kind = "capture"
zone = "Z-A"
"#;
    let frames = |ether_type| {
        let mut flow = flow("10.0.0.1", "10.0.0.2", None, 1);
        flow.transport = Transport::Ether(ether_type);
        for (end, last) in [(&mut flow.initiator, 0x0a), (&mut flow.responder, 0x0b)] {
            *end = FlowEnd { mac: Some(Mac([2, 0, 0, 0, 0, last])), ..FlowEnd::default() };
        }
        Plot { plant, ruleset: &forward(""), flows: vec![flow] }.rows(|_| true)
    };
    assert_eq!(frames(0x8892), ["undocumented Z-A>Z-B eth-0x8892  unknown"]);
    assert_eq!(frames(0x0806), ["within-zone Z-A>Z-A arp  unknown"]);
}

#[test]
fn rows_that_share_a_finding_are_all_told() {
    let plant = NESTED.replace("enforced_by = [\"fw\"]", "enforced_by = [\"fw\"]\nencryption = \"required\"");
    let ruleset = forward("iifname \"sup0\" oifname \"ctl0\" tcp dport 502 accept");
    let flows = ["10.2.0.10", "10.2.0.200"].map(|to| flow("10.1.0.11", to, Some("modbus"), 502));
    let verification = Plot { plant: &plant, ruleset: &ruleset, flows: flows.to_vec() }.verify();
    let unmet: Vec<_> = verification.findings.iter().filter(|f| f.rule == "path/unmet-encryption").collect();
    assert_eq!(unmet.len(), 1, "one conduit, one permit");
    for host in ["to 10.2.0.10:", "to 10.2.0.200:"] {
        assert!(unmet[0].message.contains(host), "{}", unmet[0].message);
    }
}

#[test]
fn a_capture_within_an_inner_zone_does_not_cover_the_outer_one() {
    let plant = PLANT.replace("zone = \"Z-CTL\"\n\n[[evidence]]", "zone = \"Z-CELL\"\n\n[[evidence]]");
    assert_ne!(plant, PLANT);
    let read = text::read(&[SourceText::new("plant.toml", plant.as_str())]);
    let mut observation = Observation::default();
    observation.captures.push(Capture {
        path: "cell.pcap".into(),
        hash: None,
        size: 1,
        kind: None,
        capture_point: Some("E-CTL".into()),
        packets: 1,
        bytes: 1,
        first_seen: Some(Timestamp::new(NOON, 6)),
        last_seen: Some(Timestamp::new(NOON + 600 * SECONDS, 6)),
        lines: None,
        truncated_packets: 0,
        malformed_packets: 0,
        read_error: None,
    });
    let verification =
        verify(&read.plant, &observation, &[], Options { as_of: jiff::civil::date(2026, 1, 15) });
    assert_eq!(
        said(&verification, |path| path.permit.as_ref().is_some_and(|p| p.as_str() == "P-SSH")),
        ["not-observed permitted unknown not-covered"]
    );
}

#[test]
fn a_monitored_conduit_without_a_log_is_said_on_the_path_and_once_as_a_finding() {
    let plant = NESTED.replace("enforced_by = [\"fw\"]", "enforced_by = [\"fw\"]\nmonitoring = \"required\"");
    let verify = |log: &str| {
        let ruleset = forward(&format!("iifname \"sup0\" oifname \"ctl0\" tcp dport 502 {log} accept"));
        let read = using(flow("10.1.0.11", "10.2.0.10", Some("modbus"), 502), &[READ]);
        let verification = Plot { plant: &plant, ruleset: &ruleset, flows: vec![read] }.verify();
        let row = verification.paths.iter().find(|path| !path.flows.is_empty()).unwrap();
        let unmet: Vec<&str> = row.unmet.iter().map(|unmet| unmet.as_str()).collect();
        (unmet.join(","), verification.findings.iter().filter(|f| f.rule == "path/unmet-monitoring").count())
    };
    assert_eq!(verify(""), ("monitoring".to_string(), 1));
    assert_eq!(verify("log"), (String::new(), 0));
}

fn device(ip: &str, mac: Option<u8>) -> SeenAsset {
    SeenAsset {
        id: ip.into(),
        context: Some("E-CTL".into()),
        macs: mac.map(|last| Mac([2, 0, 0, 0, 0, last])).into_iter().collect(),
        ips: ip.parse().ok().into_iter().collect(),
        vlans: vec![],
        names: vec![],
        vendor: None,
        interface_vendor: None,
        product: None,
        version: None,
        serial: None,
        component_type: None,
        kind: Some("plc".into()),
        roles: vec![],
        first_seen: Timestamp::new(NOON, 6),
        last_seen: Timestamp::new(NOON, 6),
        packets_sent: 5,
        packets_received: 5,
        basis: vec![],
    }
}

fn undeclared(devices: Vec<SeenAsset>) -> Vec<String> {
    let mut case = Case::of(vec![flow("10.2.0.77", "10.2.0.10", Some("modbus"), 502)]);
    case.assets = devices;
    let findings = case.verify().findings;
    findings.into_iter().filter(|f| f.rule == "asset/undeclared").map(|f| f.message).collect()
}

#[test]
fn a_device_that_no_asset_stands_for_is_a_finding_also_within_its_zone() {
    assert_eq!(
        undeclared(vec![device("10.2.0.77", Some(7)), device("10.2.0.10", Some(8))]),
        ["10.2.0.77 in Z-CTL sent 5 packets, and no asset stands for it, perhaps plc"]
    );
}

#[test]
fn who_is_listed_silent_outside_or_passes_others_on_is_none() {
    let silent = SeenAsset { packets_sent: 0, ..device("10.2.0.78", Some(7)) };
    let outside = device("10.9.0.5", None);
    // A station that packets of the firewall's other side come from: its record lists no MAC address.
    let leg =
        SeenAsset { component_type: Some("network-device".into()), ..device("02:00:00:00:00:09", Some(9)) };
    assert_eq!(undeclared(vec![silent, outside, leg, device("10.2.0.10", Some(8))]), Vec::<String>::new());
    // One without a network address is of the zone that the capture was taken in.
    assert_eq!(
        undeclared(vec![device("02:00:00:00:00:0a", Some(10))]),
        ["02:00:00:00:00:0a in Z-CTL sent 5 packets, and no asset stands for it, perhaps plc"]
    );
}
