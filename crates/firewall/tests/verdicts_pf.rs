//! What the cases of pfSense and OPNsense pass: questions with the answers that the devices would give.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the functions beside the tests are part of them"
)]

use std::path::Path as FilePath;
use zonewright_firewall::dialects::read_bytes;
use zonewright_firewall::reach::{Openness, PacketClass, Path, Phase, Question, Reach, Side};
use zonewright_firewall::ruleset::{AddressSet, IntervalSet, Keeping, Ruleset};

/// A question: from an interface (and address) to another (or the device), protocol and port.
struct Asked {
    from: &'static str,
    source: &'static str,
    to: &'static str,
    destination: &'static str,
    protocol: u8,
    port: u16,
    path: Path,
    phase: Phase,
}

/// `from 10.1.0.9 -> to 10.2.0.10 tcp 502`, with `self` for the device as target.
fn asked(text: &'static str) -> Asked {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [from, source, "->", to, destination, protocol, port] = words.as_slice() else { panic!("{text}") };
    let protocol = match *protocol {
        "tcp" | "tcp-reply" => 6,
        "udp" | "udp-reply" => 17,
        "icmp" => 1,
        "icmp6" => 58,
        other => other.parse().unwrap(),
    };
    Asked {
        from,
        source,
        to,
        destination,
        protocol,
        port: port.parse().unwrap(),
        path: if *to == "self" { Path::ToDevice } else { Path::Through },
        phase: if words[5].ends_with("-reply") { Phase::Reply } else { Phase::New },
    }
}

fn addresses(text: &str) -> Option<AddressSet> {
    if text == "any" {
        return None;
    }
    let one = text.parse().unwrap();
    AddressSet::range(one, one)
}

fn answer(ruleset: &Ruleset, text: &'static str) -> Openness {
    let asked = asked(text);
    let from = Side { interfaces: Some(vec![asked.from.to_owned()]), addresses: addresses(asked.source) };
    let interfaces = (asked.path == Path::Through).then(|| vec![asked.to.to_owned()]);
    let to = Side { interfaces, addresses: addresses(asked.destination) };
    let question = Question { path: asked.path, phase: asked.phase, ..Question::between(from, to) };
    let mut reach = Reach::new(ruleset);
    let opening = reach.opening(&question).unwrap();
    let has_ports = [6, 17].contains(&asked.protocol);
    let ports = has_ports.then(|| IntervalSet::one(asked.port));
    let (source_ports, ports) = if asked.phase == Phase::Reply { (ports, None) } else { (None, ports) };
    let class = PacketClass {
        protocols: Some(IntervalSet::one(asked.protocol)),
        source_ports,
        ports,
        ..PacketClass::default()
    };
    let class = reach.class(&class).unwrap();
    reach.verdict(&opening, class).unwrap()
}

fn case(path: &str) -> Ruleset {
    let file = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(path);
    read_bytes(path, &std::fs::read(file).unwrap(), None).ruleset
}

fn check(path: &str, table: &[(&'static str, Openness)]) {
    let ruleset = case(path);
    let wrong: Vec<String> = table
        .iter()
        .map(|(text, expected)| (text, expected, answer(&ruleset, text)))
        .filter(|(_, expected, found)| *expected != found)
        .map(|(text, expected, found)| format!("{text}: expected {expected:?}, found {found:?}"))
        .collect();
    assert!(wrong.is_empty(), "{path}:\n{}", wrong.join("\n"));
}

use Openness::{All, None as Closed, Unknown};

#[test]
fn pfsense_plant_passes_what_its_rules_say() {
    check(
        "pfsense/plant.xml",
        &[
            // Aliases within aliases, and ports by alias.
            ("lan 10.1.0.9 -> opt1 10.2.0.10 tcp 502", All),
            ("lan 10.1.0.40 -> opt2 10.3.0.10 tcp 44819", All),
            ("lan 10.1.0.48 -> opt2 10.3.0.10 tcp 102", Closed),
            ("lan 10.1.0.9 -> opt1 10.2.0.12 tcp 502", Closed),
            ("lan 10.1.0.9 -> opt1 10.2.0.10 udp 502", Closed),
            // Names of interfaces as people and as devices have them.
            ("CONTROL 10.1.0.9 -> CELL_A 10.2.0.10 tcp 502", All),
            ("igb1 10.1.0.9 -> igb2.20 10.3.0.10 tcp 102", All),
            ("CELLS 10.2.0.10 -> self 10.2.0.1 tcp 8443", Closed),
            // A floating rule that is not quick, in both directions.
            ("lan 10.1.0.9 -> opt1 10.2.0.10 icmp 0", Openness::Some),
            ("opt2 10.3.0.10 -> lan 10.1.0.9 icmp 0", Closed),
            // A tag that a rule going out asks for.
            ("lan 10.1.0.9 -> opt1 10.2.0.10 udp 123", All),
            ("lan 10.1.0.9 -> wan 192.0.2.1 udp 123", Closed),
            // A name of a host.
            ("lan 10.1.0.9 -> wan 192.0.2.80 tcp 443", All),
            ("lan 10.1.0.9 -> wan 192.0.2.81 tcp 443", Unknown),
            // Switched off: a rule, an interface.
            ("opt3 10.9.0.5 -> lan 10.1.0.9 tcp 80", Closed),
            // Schedules and limits.
            ("opt1 10.2.0.10 -> opt2 10.3.0.10 tcp 8080", Unknown),
            ("opt1 10.2.0.10 -> lan 10.1.0.9 tcp 8080", Closed),
            ("opt1 10.2.0.10 -> lan 10.1.0.50 tcp 1433", Unknown),
            // Replies pass by the state, unless none is kept.
            ("opt1 10.2.0.10 -> lan 10.1.0.9 tcp-reply 502", All),
            ("lan 10.1.0.70 -> opt2 10.3.0.10 udp-reply 5000", Unknown),
            ("lan 10.1.0.70 -> opt2 10.3.0.10 udp-reply 5001", All),
            // Port forwards: the rule sees the inner address; one passes without a rule; private sources are blocked.
            ("wan 203.0.113.7 -> lan 10.1.0.9 tcp 22", All),
            ("wan 192.0.2.7 -> lan 10.1.0.9 tcp 22", Closed),
            ("wan 10.77.0.1 -> lan 10.1.0.9 tcp 22", Closed),
            ("wan 10.77.0.1 -> lan 10.1.0.60 tcp 9003", All),
            ("wan 203.0.113.7 -> lan 10.1.0.60 tcp 9010", Closed),
            // To the device itself.
            ("lan 10.1.0.9 -> self 10.1.0.1 tcp 8443", All),
            ("lan 10.1.0.9 -> self 10.1.0.1 tcp 22", All),
            ("lan 10.1.0.9 -> self 10.1.0.1 tcp 80", Closed),
            ("lan 10.1.0.9 -> self 198.18.0.2 tcp 8443", Closed),
            ("opt1 10.2.0.10 -> self 10.2.0.1 tcp 8443", Closed),
            ("opt1 10.2.0.10 -> self any icmp 0", Openness::Some),
            ("wan 192.0.2.9 -> self 198.18.0.2 udp 500", All),
            ("wan 192.0.2.8 -> self 198.18.0.2 udp 500", Closed),
        ],
    );
}

#[test]
fn pfsense_with_addresses_from_elsewhere_says_what_is_not_told() {
    check(
        "pfsense/dynamic.xml",
        &[
            ("lan 192.168.7.9 -> wan 1.2.3.4 tcp 80", Unknown),
            ("wan 1.2.3.4 -> lan 192.168.7.20 tcp 443", Unknown),
            ("wan 203.0.113.9 -> lan 192.168.7.20 tcp 443", Closed),
            ("wan 1.2.3.4 -> lan 192.168.7.21 tcp 443", Closed),
            // Members of the bridge, on which nothing is filtered.
            ("opt1 10.8.0.9 -> lan 192.168.7.20 tcp 5", All),
            ("lan 192.168.7.9 -> opt1 10.8.0.9 tcp 5", All),
            // No IPv6.
            ("wan 2001:db8::1 -> lan 2001:db8::2 tcp 80", Closed),
            // The anti-lockout rule is off; the DHCP server is reached.
            ("wan 1.2.3.4 -> self any tcp 80", Closed),
            ("lan 192.168.7.9 -> self 192.168.7.1 udp 67", Unknown),
        ],
    );
}

#[test]
fn opnsense_plant_passes_what_both_formats_say() {
    check(
        "opnsense/plant.xml",
        &[
            // The newer format: by sequence, before the older within its group.
            ("lan 10.1.0.9 -> opt2 10.2.1.5 tcp 4840", All),
            ("lan 10.1.0.9 -> opt2 10.2.1.130 tcp 4840", Closed),
            ("lan 10.1.0.9 -> opt2 10.2.1.200 tcp 4845", All),
            ("lan 10.1.0.9 -> opt2 10.2.9.20 tcp 4843", All),
            ("lan 10.1.0.9 -> opt2 10.2.9.21 tcp 4843", Closed),
            ("lan 10.1.0.66 -> opt2 10.2.1.5 tcp 4840", Closed),
            ("lan 10.1.0.66 -> opt1 10.5.0.9 tcp 80", Closed),
            // A group stands in front of an interface, and both formats behind floating rules.
            ("lan 10.1.0.9 -> opt1 10.5.0.9 tcp 80", All),
            ("lan 10.1.0.9 -> opt1 10.5.0.9 tcp 22", Closed),
            // All interfaces but one.
            ("opt2 10.2.1.5 -> opt1 10.5.0.12 udp 514", All),
            ("wan 1.2.3.4 -> opt1 10.5.0.12 udp 514", Closed),
            // Not quick: the last match.
            ("opt2 10.2.1.5 -> self 10.5.0.1 tcp 53", Closed),
            ("opt2 10.2.1.5 -> opt1 10.5.0.9 tcp 54", Closed),
            // A port forward whose rule the device writes, behind a list of countries.
            ("wan 1.2.3.4 -> opt1 10.5.0.80 tcp 8443", Unknown),
            ("wan 1.2.3.4 -> opt1 10.5.0.80 tcp 443", Closed),
            // The device itself.
            ("lan 10.1.0.9 -> self 10.1.0.1 tcp 443", All),
            ("lan 10.1.0.9 -> self 192.0.2.10 tcp 443", All),
            ("lan 10.1.0.66 -> self 10.1.0.1 tcp 2200", All),
            ("opt1 10.5.0.9 -> self 10.5.0.1 tcp 443", Closed),
            ("wan 1.2.3.4 -> self 192.0.2.10 tcp 443", Closed),
            ("lan fe80::9 -> self fe80::1 icmp6 0", Openness::Some),
        ],
    );
}

#[test]
fn a_part_without_interfaces_decides_little() {
    check(
        "opnsense/aliases-only.xml",
        &[
            ("lan 10.1.0.9 -> opt1 10.0.0.4 tcp 502", Unknown),
            ("lan 10.1.0.9 -> opt1 10.0.0.6 tcp 502", Closed),
        ],
    );
}

#[test]
fn secrets_are_told_by_place_and_never_shown() {
    for (path, secrets, counted) in [
        (
            "pfsense/plant.xml",
            &["moonlight-7", "not-for-reports", "LS0tLS1CRUdJTi4uLg", "saltsalt", "13u6qwCOwODv34"][..],
            6,
        ),
        ("opnsense/plant.xml", &["abcdefabcdef", "aGlkZGVuIG", "plantview", "YRVoF4SgskIsrX"], 5),
        ("pfsense/malformed.xml", &["very", "secret"], 1),
    ] {
        let ruleset = case(path);
        assert_eq!(ruleset.credentials.len(), counted, "{path}: {:?}", ruleset.credentials);
        let said = format!("{ruleset}{ruleset:?}{}", zonewright_firewall::json::ruleset_json(&ruleset));
        for secret in secrets {
            assert!(!said.contains(secret), "{path} shows {secret}");
        }
    }
    let kept: Vec<Keeping> = case("pfsense/plant.xml").credentials.iter().map(|one| one.keeping).collect();
    assert_eq!(
        kept,
        [
            Keeping::WellKnown,
            Keeping::Hashed,
            Keeping::Clear,
            Keeping::Clear,
            Keeping::WellKnown,
            Keeping::Clear
        ]
    );
}

#[test]
fn the_manual_lists_what_is_ignored() {
    for name in ["pfsense", "opnsense"] {
        let page = FilePath::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs/manual/firewalls")
            .join(format!("{name}.md"));
        let page = std::fs::read_to_string(page).unwrap().replace('`', "");
        for kind in zonewright_firewall::dialects::named(name).unwrap().ignored() {
            assert!(page.contains(kind.name) && page.contains(kind.reason), "{name}.md lacks {}", kind.name);
        }
    }
}
