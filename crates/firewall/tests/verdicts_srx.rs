//! What Junos configurations pass: questions to the cases, with the answers that the device would give.

#![expect(clippy::unwrap_used, reason = "the functions beside the tests are part of them")]

use std::path::Path as FilePath;
use zonewright_firewall::dialects::read_bytes;
use zonewright_firewall::reach::{Openness, PacketClass, Path, Phase, Question, Reach, Side};
use zonewright_firewall::ruleset::{AddressSet, IntervalSet, Ruleset};

fn case(name: &str) -> Ruleset {
    let path = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/srx").join(name);
    read_bytes(name, &std::fs::read(path).unwrap(), None).ruleset
}

fn text(text: &str) -> Ruleset {
    let ruleset = read_bytes("x", text.as_bytes(), None).ruleset;
    assert_eq!(ruleset.dialect, "srx");
    ruleset
}

/// `from` and `to` are interfaces or zones, `-` for any; addresses may be `any`; `what` is `tcp/22`, `icmp` or `any`.
fn ask(
    ruleset: &Ruleset,
    path: Path,
    (from, source): (&str, &str),
    (to, destination): (&str, &str),
    what: &str,
) -> Openness {
    let (protocol, port) = what.split_once('/').unwrap_or((what, ""));
    let protocol = match protocol {
        "tcp" => Some(6),
        "udp" => Some(17),
        "icmp" => Some(1),
        _ => None,
    };
    let class = PacketClass {
        source: addresses(source),
        destination: None,
        protocols: protocol.map(IntervalSet::one),
        source_ports: None,
        ports: None,
    };
    let ports = port.parse().ok().map(IntervalSet::one);
    let side = |name: &str| if name == "-" { Side::any() } else { Side::of_interfaces([name]) };
    let question = Question { from: side(from), to: side(to), class, path, phase: Phase::New };
    let mut reach = Reach::new(ruleset);
    let opening = reach.opening(&question).unwrap();
    let asked = PacketClass { destination: addresses(destination), ports, ..question.class.clone() };
    let asked = reach.class(&asked).unwrap();
    reach.verdict(&opening, asked).unwrap()
}

fn addresses(text: &str) -> Option<AddressSet> {
    if text == "any" {
        return None;
    }
    let (address, length) = text.split_once('/').unwrap_or((text, "32"));
    AddressSet::prefix(address.parse().unwrap(), length.parse().unwrap())
}

/// From where, to where, what, and whether it passes.
type Asked<'a> = ((&'a str, &'a str), (&'a str, &'a str), &'a str, Openness);

fn check(ruleset: &Ruleset, path: Path, questions: &[Asked<'_>]) {
    for (from, to, what, expected) in questions {
        let found = ask(ruleset, path, *from, *to, what);
        assert_eq!(found, *expected, "{from:?} to {to:?} {what}");
    }
}

#[test]
fn policies_translations_and_filters_decide_together() {
    use Openness::{All, None, Some, Unknown};
    let plant = case("plant.conf");
    let (office, control) = ("office", "control");
    check(
        &plant,
        Path::Through,
        &[
            // Destinations are meant as they are behind the translation.
            ((office, "198.51.100.7"), ("supervision", "10.10.0.20"), "tcp/8443", All),
            // The filter of the interface stands before everything.
            ((office, "10.1.1.1"), ("supervision", "10.10.0.20"), "tcp/8443", None),
            ((office, "10.50.1.1"), ("supervision", "10.10.0.20"), "tcp/8443", All),
            ((office, "198.51.100.7"), ("supervision", "10.10.0.21"), "tcp/8443", None),
            // Undecidable: a name, and a schedule.
            ((office, "198.51.100.7"), ("supervision", "10.10.0.20"), "tcp/22", Unknown),
            ((office, "198.51.100.7"), (control, "10.20.0.12"), "tcp/502", None),
            (("supervision", "10.10.0.20"), (control, "10.20.0.11"), "tcp/502", All),
            (("supervision", "10.10.0.20"), (control, "10.20.0.55"), "tcp/502", All),
            // The rule that stands behind asks for a user of an IPv4 host.
            (("supervision", "10.10.0.20"), (control, "10.20.0.60"), "tcp/502", Unknown),
            (("supervision", "10.10.0.21"), (control, "10.20.0.11"), "tcp/102", All),
            (("supervision", "10.10.0.20"), (control, "10.20.0.11"), "tcp/102", Unknown),
            (("supervision", "2001:db8:10::5/128"), (control, "2001:db8:20::1/128"), "tcp/102", None),
            // Sessions within a zone need a policy too.
            (("supervision", "10.10.0.20"), ("supervision", "10.10.0.21"), "tcp/502", None),
            // The policy for all pairs stands behind those of the pair.
            ((control, "10.20.0.11"), ("supervision", "10.10.0.20"), "udp/123", All),
            ((control, "10.20.0.11"), ("supervision", "10.10.0.20"), "any", Some),
            ((control, "10.20.0.11"), (control, "10.10.0.20"), "udp/123", None),
        ],
    );
}

#[test]
fn what_reaches_the_device_is_said_by_zone_interface_and_loopback_filter() {
    use Openness::{All, None, Unknown};
    let plant = case("plant.conf");
    check(
        &plant,
        Path::ToDevice,
        &[
            (("supervision", "10.10.0.5"), ("-", "any"), "tcp/22", All),
            // The filter of lo0 knows the managers.
            (("supervision", "10.10.0.6"), ("-", "any"), "tcp/22", None),
            (("supervision", "10.10.0.5"), ("-", "any"), "tcp/23", None),
            (("control", "10.99.0.9"), ("-", "any"), "tcp/22", None),
            (("fxp0.0", "10.99.0.9"), ("-", "any"), "tcp/22", All),
            // The interface lets all services in but telnet; a policy stops SSH from there, the filter all but what it knows.
            (("ge-0/0/0.0", "198.51.100.7"), ("-", "any"), "tcp/22", None),
            (("ge-0/0/0.0", "198.51.100.7"), ("-", "any"), "tcp/443", None),
            (("ge-0/0/0.0", "10.50.0.1"), ("-", "any"), "tcp/830", None),
            (("supervision", "10.10.0.77"), ("-", "any"), "icmp", Unknown),
        ],
    );
}

#[test]
fn filters_alone_are_asked_in_both_directions() {
    use Openness::{All, None, Some, Unknown};
    let router = case("filters.set");
    check(
        &router,
        Path::Through,
        &[
            (("ge-0/0/0.0", "192.0.2.65"), ("ge-0/0/1.0", "10.20.0.4"), "tcp/502", Unknown),
            (("ge-0/0/0.0", "192.0.2.70"), ("ge-0/0/1.0", "10.20.0.4"), "tcp/502", None),
            (("ge-0/0/0.0", "127.0.0.1"), ("ge-0/0/1.0", "10.20.0.4"), "tcp/502", None),
            // Only the filter of the interface it goes out by.
            (("ge-0/0/9.0", "192.0.2.65"), ("ge-0/0/1.0", "10.20.0.4"), "tcp/502", All),
            (("ge-0/0/9.0", "192.0.2.65"), ("ge-0/0/1.0", "10.20.0.4"), "tcp/503", None),
            (("ge-0/0/9.0", "192.0.2.65"), ("ge-0/0/1.0", "10.20.0.4"), "tcp", Some),
            (("ge-0/0/1.0", "10.20.0.4"), ("ge-0/0/9.0", "192.0.2.65"), "tcp/503", All),
        ],
    );
}

#[test]
fn both_forms_of_a_configuration_are_the_same_ruleset() {
    let blocks = text(
        "security {\n policies {\n  from-zone a to-zone b {\n   policy p {\n    match {\n     source-address [ any-ipv4 s ];\n     \
         destination-address any;\n     application [ junos-http a1 ];\n    }\n    then {\n     permit;\n    }\n   }\n   \
         inactive: policy q {\n    match {\n     source-address any;\n     destination-address any;\n     application any;\n    }\n    \
         then {\n     permit;\n    }\n   }\n  }\n }\n address-book {\n  global {\n   address s 10.0.0.0/8;\n  }\n }\n \
         zones {\n  security-zone a;\n  security-zone b;\n }\n}\napplications {\n application a1 {\n  \
         protocol udp;\n  destination-port 5-9;\n }\n}\n",
    );
    let lines = text(
        "set security policies from-zone a to-zone b policy p match source-address any-ipv4\n\
         set security policies from-zone a to-zone b policy p match source-address s\n\
         set security policies from-zone a to-zone b policy p match destination-address any\n\
         set security policies from-zone a to-zone b policy p match application junos-http\n\
         set security policies from-zone a to-zone b policy p match application a1\n\
         set security policies from-zone a to-zone b policy p then permit\n\
         set security policies from-zone a to-zone b policy q match source-address any\n\
         set security policies from-zone a to-zone b policy q match destination-address any\n\
         set security policies from-zone a to-zone b policy q match application any\n\
         set security policies from-zone a to-zone b policy q then permit\n\
         deactivate security policies from-zone a to-zone b policy q\n\
         set security address-book global address s 10.0.0.0/8\n\
         set security zones security-zone a\n\
         set security zones security-zone b\n\
         set applications application a1 protocol udp\n\
         set applications application a1 destination-port 5-9\n",
    );
    assert_eq!(blocks.lines.warned + lines.lines.warned, 0, "{:?}", blocks.diagnostics);
    assert_eq!(blocks.without_places(), lines.without_places());
}

#[test]
fn source_translation_is_seen_by_filters_of_the_way_out() {
    let ruleset = text(
        "set security zones security-zone in interfaces ge-0/0/1.0\n\
         set security zones security-zone out interfaces ge-0/0/2.0\n\
         set security policies from-zone in to-zone out policy p match source-address any\n\
         set security policies from-zone in to-zone out policy p match destination-address any\n\
         set security policies from-zone in to-zone out policy p match application any\n\
         set security policies from-zone in to-zone out policy p then permit\n\
         set security nat source pool one address 192.0.2.5/32\n\
         set security nat source rule-set r from zone in\n\
         set security nat source rule-set r to zone out\n\
         set security nat source rule-set r rule off match source-address 10.0.0.9/32\n\
         set security nat source rule-set r rule off then source-nat off\n\
         set security nat source rule-set r rule all match source-address 10.0.0.0/8\n\
         set security nat source rule-set r rule all then source-nat pool one\n\
         set interfaces ge-0/0/2 unit 0 family inet filter output f\n\
         set firewall family inet filter f term t from source-address 192.0.2.5/32\n\
         set firewall family inet filter f term t then accept\n",
    );
    check(
        &ruleset,
        Path::Through,
        &[
            (("in", "10.0.0.1"), ("out", "198.51.100.1"), "tcp/80", Openness::All),
            (("in", "10.0.0.9"), ("out", "198.51.100.1"), "tcp/80", Openness::None),
            (("in", "172.16.0.1"), ("out", "198.51.100.1"), "tcp/80", Openness::None),
        ],
    );
}

#[test]
fn secrets_are_in_nothing_that_is_read() {
    for (name, secrets) in [
        ("plant.conf", &["$6$", "kkkk", "$9$", "abcdefghij", "zyxwvut"][..]),
        ("filters.set", &["hidden"][..]),
        ("zones.set", &["$1$"][..]),
    ] {
        let ruleset = case(name);
        let shown = format!("{ruleset}{ruleset:?}{:?}", zonewright_firewall::json::ruleset_json(&ruleset));
        for secret in secrets {
            assert!(!shown.contains(secret), "{secret} of {name} is shown");
        }
    }
    let broken = "set security zones security-zone a\nset system login user x authentication encrypted-password \"$9$abc\n";
    let read = read_bytes("x", broken.as_bytes(), None);
    for diagnostic in &read.ruleset.diagnostics {
        let shown = zonewright_source::render(diagnostic, Some(&read.source), false);
        assert!(!shown.contains("$9$abc"), "{shown}");
    }
}

#[test]
fn the_manual_lists_what_is_ignored() {
    let manual = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/manual/firewalls/srx.md");
    let manual = std::fs::read_to_string(manual).unwrap();
    for kind in zonewright_firewall::dialects::named("srx").unwrap().ignored() {
        assert!(manual.contains(&format!("- {}: {}\n", kind.name, kind.reason)), "{}", kind.name);
    }
}
