//! Questions to configurations of PAN-OS, with the answers that the device would give.

#![expect(clippy::unwrap_used, reason = "the functions beside the tests are part of them")]

use zonewright_firewall::dialects::read_bytes;
use zonewright_firewall::reach::{Openness, PacketClass, Path, Phase, Question, Reach, Side};
use zonewright_firewall::ruleset::{AddressSet, IntervalSet, Ruleset};

const ALL: Openness = Openness::All;
const NONE: Openness = Openness::None;
const UNKNOWN: Openness = Openness::Unknown;

/// From, to: an interface or zone, an address or network, or both as `zone=network`; then protocol and port.
type Row = (&'static str, &'static str, u8, Option<u16>, Openness);

fn ruleset(case: &str) -> Ruleset {
    let path = format!("{}/tests/cases/panos/{case}", env!("CARGO_MANIFEST_DIR"));
    read_bytes(case, &std::fs::read(path).unwrap(), None).ruleset
}

fn addresses(text: &str) -> AddressSet {
    let (address, length) =
        text.split_once('/').unwrap_or((text, if text.contains(':') { "128" } else { "32" }));
    AddressSet::prefix(address.parse().unwrap(), length.parse().unwrap()).unwrap()
}

fn side(text: &str) -> Side {
    let network = |text: &str| text.starts_with(|c: char| c.is_ascii_digit()).then(|| addresses(text));
    match text.split_once('=') {
        _ if text == "any" => Side::any(),
        Some((zone, net)) => Side { addresses: network(net), ..Side::of_interfaces([zone]) },
        None => network(text).map_or_else(|| Side::of_interfaces([text]), Side::of_addresses),
    }
}

fn question(row: &Row, path: Path, phase: Phase) -> Question {
    let (from, to, protocol, port, _) = row;
    let class = PacketClass {
        protocols: Some(IntervalSet::one(*protocol)),
        ports: port.map(IntervalSet::one),
        ..PacketClass::default()
    };
    Question { from: side(from), to: side(to), class, path, phase }
}

fn check(ruleset: &Ruleset, path: Path, rows: &[Row]) {
    let mut reach = Reach::new(ruleset);
    for row in rows {
        let answer = reach.answer(&question(row, path, Phase::New), 16).unwrap();
        assert_eq!(answer.verdict, row.4, "{row:?}: {:#?}", answer.open);
    }
}

#[test]
fn a_plant_is_judged_by_zones_services_and_applications() {
    let ruleset = ruleset("plant.xml");
    check(
        &ruleset,
        Path::Through,
        &[
            // An address list that the file does not hold may stop anything.
            ("control=10.20.30.10", "cells=10.20.40.7", 6, Some(502), UNKNOWN),
            ("control=10.20.30.14", "cells=10.20.40.7", 6, Some(502), NONE),
            ("control=10.20.30.10", "cells=10.20.66.7", 6, Some(502), UNKNOWN),
            ("control=10.20.30.10", "cells=10.20.66.8", 6, Some(502), NONE),
            ("control=10.20.30.20", "cells=10.20.40.7", 6, Some(102), UNKNOWN),
            ("control=10.20.30.20", "cells=10.20.40.7", 6, Some(22), NONE),
            ("control=10.20.30.20", "cells=10.20.40.7", 6, Some(4011), UNKNOWN),
            ("vendor", "cells=10.20.40.7", 6, Some(5000), UNKNOWN),
            ("vendor", "cells=10.20.64.7", 6, Some(22), NONE),
            ("outside", "control", 6, Some(443), NONE),
            // The published historian is reached behind the translation only.
            ("outside", "dmz=10.20.20.11", 6, Some(8443), UNKNOWN),
            ("outside", "dmz=10.20.20.12", 6, Some(8443), NONE),
            ("outside", "dmz=10.20.20.11", 6, Some(22), NONE),
            ("dmz", "outside=10.20.30.10", 6, Some(80), NONE),
            ("dmz", "outside=8.8.8.8", 6, Some(80), UNKNOWN),
            // Forwarding drops what leaves the cells for anywhere else.
            ("cells", "cells=8.8.8.8", 6, Some(80), NONE),
            ("cells", "cells=10.9.9.9", 6, Some(80), UNKNOWN),
            ("control", "control", 6, Some(502), NONE),
            ("wire-a", "wire-b", 17, Some(319), UNKNOWN),
            ("wire-a", "wire-b", 17, Some(123), NONE),
            ("ethernet1/7", "cells", 6, Some(502), NONE),
            ("mirror", "cells", 6, Some(502), NONE),
            ("mirror", "mirror", 6, Some(502), NONE),
        ],
    );
    check(
        &ruleset,
        Path::ToDevice,
        &[
            ("management=10.20.10.7", "any", 6, Some(443), ALL),
            ("management=10.20.10.7", "any", 6, Some(23), NONE),
            ("management=10.20.11.7", "any", 6, Some(443), NONE),
            ("control=10.20.30.5", "10.20.30.1", 6, Some(23), NONE),
            ("control=10.20.30.50", "10.20.30.1", 6, Some(22), NONE),
            ("outside", "203.0.113.2", 6, Some(443), NONE),
            // The tunnel's keys are exchanged with the device itself.
            ("outside", "203.0.113.2", 17, Some(500), UNKNOWN),
            ("outside", "203.0.113.2", 17, Some(161), NONE),
            // A profile admits by its own zone what the policy may stop.
            ("control=10.20.30.5", "10.20.30.1", 6, Some(22), UNKNOWN),
        ],
    );
}

#[test]
fn replies_of_sessions_pass() {
    let ruleset = ruleset("translations.set");
    let row = ("dmz", "outside", 6, None, ALL);
    let reply = question(&row, Path::Through, Phase::Reply);
    assert_eq!(Reach::new(&ruleset).answer(&reply, 4).unwrap().verdict, ALL);
}

#[test]
fn rules_go_by_addresses_before_translation_and_by_zones_behind_it() {
    check(
        &ruleset("translations.set"),
        Path::Through,
        &[
            ("outside=192.0.2.9", "dmz=10.6.0.10", 6, Some(80), ALL),
            ("outside=192.0.2.9", "dmz=10.6.0.10", 6, Some(8080), NONE),
            // What is exempted from translation keeps its destination, which is in no zone that the rule opens.
            ("outside=203.0.113.9", "dmz=10.6.0.10", 6, Some(80), NONE),
            // A fixed translation works in both directions.
            ("outside=203.0.113.7", "plant=10.5.0.20", 6, Some(502), ALL),
            ("outside=203.0.113.8", "plant=10.5.0.20", 6, Some(502), NONE),
            // The rule that was moved in front stops what would have passed behind it.
            ("plant", "dmz=10.6.0.44", 6, Some(8080), NONE),
            ("plant", "outside", 6, Some(443), NONE),
            ("plant", "plant", 6, Some(443), NONE),
        ],
    );
}

#[test]
fn virtual_systems_have_their_own_policies_and_zones() {
    let ruleset = ruleset("systems.conf");
    check(
        &ruleset,
        Path::Through,
        &[
            ("vsys1/trust", "vsys1/trust", 6, Some(80), ALL),
            ("ethernet1/1", "ethernet1/1", 17, Some(53), ALL),
            ("vsys2/trust=10.2.0.9", "vsys2/trust", 6, Some(80), UNKNOWN),
            ("vsys2/trust=10.2.0.200", "vsys2/trust", 6, Some(80), NONE),
            ("ethernet1/2", "ethernet1/3", 6, Some(443), NONE),
            ("vsys1/trust", "vsys2/trust", 6, Some(80), UNKNOWN),
        ],
    );
    check(&ruleset, Path::ToDevice, &[("ethernet1/1", "10.1.0.1", 6, Some(443), UNKNOWN)]);
}

#[test]
fn generated_rules_open_what_they_say_between_their_zones() {
    check(
        &ruleset("generated.xml"),
        Path::Through,
        &[
            ("control=10.9.9.3", "field=10.40.1.1", 6, Some(502), ALL),
            ("control=10.9.8.3", "field=10.40.1.1", 6, Some(502), UNKNOWN),
            ("control=10.9.9.3", "field=10.41.1.1", 6, Some(502), NONE),
            ("control=10.9.9.3", "field=10.40.1.1", 6, Some(22), NONE),
            ("field", "control", 6, Some(502), NONE),
            ("field", "field", 6, Some(502), ALL),
            ("eth7", "eth8", 6, Some(502), UNKNOWN),
            ("eth7", "field", 6, Some(502), NONE),
            ("control", "field=10.40.1.1", 1, None, UNKNOWN),
        ],
    );
}

#[test]
fn policies_of_several_devices_are_possible_and_one_alone_is_sure() {
    let all = ruleset("panorama.set");
    check(&all, Path::Through, &[("operations=10.1.1.5", "cell=10.2.1.9", 6, Some(22), UNKNOWN)]);
    let first = all.with_only("cell-1").unwrap();
    check(
        &first,
        Path::Through,
        &[
            ("operations=10.1.1.5", "cell=10.2.1.9", 6, Some(22), ALL),
            ("operations=10.1.1.5", "cell=10.2.2.9", 6, Some(22), NONE),
            ("operations", "cell", 6, Some(23), NONE),
            ("cell=10.2.1.9", "cell=10.2.1.8", 6, Some(80), UNKNOWN),
            ("cell=10.9.1.9", "cell=10.2.1.8", 6, Some(80), NONE),
        ],
    );
    // The second group sees what it inherits, and its own default stops what stays within a zone.
    let second = all.with_only("cell-2").unwrap();
    check(
        &second,
        Path::Through,
        &[
            ("operations=10.1.1.5", "cell=10.2.2.9", 6, Some(22), ALL),
            ("cell", "cell", 6, Some(80), NONE),
            ("operations=10.9.9.9", "cell", 6, Some(80), UNKNOWN),
        ],
    );
}

/// The forms say the same in different words.
#[test]
fn the_same_configuration_reads_alike_in_all_forms() {
    let read = |text: &str| {
        let ruleset = read_bytes("x", text.as_bytes(), None).ruleset;
        assert_eq!(ruleset.dialect, "panos");
        assert_eq!(ruleset.lines.warned, 0, "{:?}", ruleset.diagnostics);
        ruleset.without_places().to_string()
    };
    let xml = r#"<config urldb="paloaltonetworks"><devices><entry name="localhost.localdomain"><vsys><entry name="vsys1">
        <zone><entry name="a"><network><layer3><member>ethernet1/1</member></layer3></network></entry>
        <entry name="b"><network><layer3><member>ethernet1/2</member></layer3></network></entry></zone>
        <address><entry name="x y"><ip-netmask>10.0.0.0/8</ip-netmask></entry></address>
        <rulebase><security><rules><entry name="r 1"><from><member>a</member></from><to><member>b</member></to>
        <source><member>x y</member><member>192.0.2.1</member></source><destination><member>any</member></destination>
        <service><member>service-http</member></service><application><member>any</member></application>
        <action>allow</action></entry></rules></security></rulebase>
        </entry></vsys></entry></devices></config>"#;
    let set = "set zone a network layer3 ethernet1/1\nset zone b network layer3 [ ethernet1/2 ]\n\
        set address \"x y\" ip-netmask 10.0.0.0/8\nset rulebase security rules \"r 1\" from a\n\
        set rulebase security rules \"r 1\" to b\nset rulebase security rules \"r 1\" source [ 'x y' 192.0.2.1]\n\
        set rulebase security rules \"r 1\" destination any\nset rulebase security rules \"r 1\" service service-http\n\
        set rulebase security rules \"r 1\" application any\nset rulebase security rules \"r 1\" action deny\n\
        set rulebase security rules \"r 1\" action allow\n";
    let prompt =
        format!("admin@fw> configure\n[edit]\n{}admin@fw# exit\n", set.replace("set ", "admin@fw# set "));
    let edit = set.replace("set rulebase security rules \"r 1\" ", "set ").replacen(
        "set from a",
        "edit rulebase security rules \"r 1\"\nset from a",
        1,
    );
    let braces = "config {\n devices {\n localhost.localdomain {\n vsys {\n vsys1 {\n zone {\n a {\n network {\n layer3 ethernet1/1;\n }\n }\n\
        b {\n network {\n layer3 [ ethernet1/2];\n }\n }\n }\n address {\n \"x y\" {\n ip-netmask 10.0.0.0/8;\n }\n }\n rulebase {\n\
        security {\n rules {\n \"r 1\" {\n from a;\n to b;\n source [ \"x y\" 192.0.2.1];\n destination any;\n service service-http;\n\
        application any;\n action allow;\n }\n }\n }\n }\n }\n }\n }\n }\n}\n";
    let bare = |text: String| text.lines().skip(1).map(|line| format!("{line}\n")).collect::<String>();
    let expected = bare(read(xml));
    for text in [set, &prompt, &edit, braces] {
        assert_eq!(bare(read(text)), expected, "{text}");
    }
}

#[test]
fn secrets_are_told_and_never_shown() {
    let texts = [
        "set mgt-config users admin phash $1$geheimgeheim\nset rulebase security rules x password geheimgeheim\n",
        "set frob password geheimgeheim [ x\nfrobnicate secret geheimgeheim\nset vsys vsys1 frob api-key geheimgeheim\n",
        "<config urldb=\"paloaltonetworks\"><shared><frob><entry name=\"a\"><password>geheimgeheim</password></entry></frob></shared></config>",
        "<config urldb=\"paloaltonetworks\">\n<shared>\n<address><entry name=\"a\"/></address>\n<x><secret>geheimgeheim</sec",
        "mgt-config {\n users {\n admin {\n phash geheimgeheim;\n frob [ password geheimgeheim;\n }\n }\n}\nlocalhost.localdomain {\n x {\n",
    ];
    for text in texts {
        let read = read_bytes("x", text.as_bytes(), zonewright_firewall::dialects::named("panos"));
        assert!(!read.ruleset.credentials.is_empty(), "{text}");
        let mut said = format!("{}{}", read.ruleset, zonewright_firewall::json::ruleset_json(&read.ruleset));
        for diagnostic in &read.ruleset.diagnostics {
            said.push_str(&zonewright_source::render(diagnostic, Some(&read.source), false));
        }
        assert!(!said.contains("geheim"), "{said}");
    }
}

#[test]
fn the_manual_lists_what_is_ignored() {
    let page = std::fs::read_to_string(format!(
        "{}/../../docs/manual/firewalls/panos.md",
        env!("CARGO_MANIFEST_DIR")
    ));
    let dialect = zonewright_firewall::dialects::named("panos").unwrap();
    let lines = dialect.ignored().iter().map(|kind| format!("- {}: {}\n", kind.name, kind.reason));
    let listed: String = lines.collect();
    assert!(page.unwrap().ends_with(&listed), "the page is to end with\n{listed}");
}

#[test]
fn hostile_texts_end_soon() {
    let mut nested = String::new();
    for at in 0..20_000 {
        nested.push_str(&format!(
            "set address-group g{at} static [ g{} g0 10.0.{}.0/24 ]\n",
            at + 1,
            at % 256
        ));
        nested.push_str(&format!("set rulebase security rules r{at} source g{at}\n"));
        nested.push_str(&format!("set rulebase security rules r{at} rule-type intrazone\n"));
        nested.push_str(&format!("set zone z{at} network layer3 ethernet1/{at}\n"));
    }
    let groups: String = (0..3_000)
        .map(|at| {
            format!(
                "set device-group d{at} parent-dg d{}\nset device-group d{at} devices x\n",
                (at + 1) % 3_000
            )
        })
        .collect();
    let texts = [
        nested,
        groups,
        format!("set a {}", "b ".repeat(200_000)),
        format!("set rulebase security rules r from [ {}", "b ".repeat(200_000)),
        "set a \"".repeat(50_000),
        "a { ".repeat(50_000),
        "} ; [ ] ".repeat(50_000),
        format!("<config>{}", "<devices><entry name=\"a\">".repeat(50_000)),
        format!("<config><devices>{}", "<template><entry name=\"a\"><config>".repeat(50_000)),
        "<config/>".repeat(20_000),
        "delete rulebase\nset rulebase security rules a to any\n".repeat(5_000),
    ];
    let dialect = zonewright_firewall::dialects::named("panos");
    for text in texts {
        let started = std::time::Instant::now();
        let ruleset = read_bytes("x", text.as_bytes(), dialect).ruleset;
        let counted = ruleset.lines.modeled + ruleset.lines.ignored + ruleset.lines.warned;
        assert_eq!(counted, text.lines().count() as u64);
        let took = started.elapsed();
        assert!(took.as_secs() < 60, "{:?} took {took:?}", text.chars().take(40).collect::<String>());
    }
}

#[test]
fn a_hundred_thousand_rules_are_read_in_seconds() {
    use std::fmt::Write as _;
    let rules = 100_000;
    let mut set =
        String::from("set zone a network layer3 ethernet1/1\nset zone b network layer3 ethernet1/2\n");
    let mut xml = String::from(
        "<config urldb=\"paloaltonetworks\">\n<devices><entry name=\"localhost.localdomain\"><vsys><entry name=\"vsys1\">\n<rulebase><security><rules>\n",
    );
    for at in 0..rules {
        let (address, port) =
            (format!("10.{}.{}.{}", at / 65_536, at / 256 % 256, at % 256), at % 60_000 + 1);
        let rule = format!("set rulebase security rules r{at}");
        write!(set, "set service s{at} protocol tcp port {port}\n{rule} from a\n{rule} to b\n{rule} source {address}\n{rule} destination any\n{rule} application any\n{rule} service s{at}\n{rule} action allow\n").unwrap();
        write!(xml, "<entry name=\"r{at}\"><from><member>a</member></from><to><member>b</member></to><source><member>{address}</member></source><destination><member>any</member></destination>\n<application><member>any</member></application><service><member>service-http</member></service><action>allow</action></entry>\n").unwrap();
    }
    xml.push_str("</rules></security></rulebase></entry></vsys></entry></devices></config>\n");
    for text in [set, xml] {
        let started = std::time::Instant::now();
        let ruleset = read_bytes("x", text.as_bytes(), None).ruleset;
        assert_eq!(ruleset.lines.warned, 0);
        assert_eq!(ruleset.chains.first().map(|chain| chain.rules.len()), Some(rules + 3));
        let took = started.elapsed();
        assert!(took.as_secs() < 60, "{took:?}");
    }
}
