//! What the configurations of Cisco ASA in `tests/cases/asa` let pass, question by question.

#![expect(clippy::unwrap_used, reason = "the functions beside the tests are part of them")]

use std::path::Path as FilePath;
use zonewright_firewall::dialects::read_bytes;
use zonewright_firewall::reach::{Openness, PacketClass, Path, Phase, Question, Reach, Side};
use zonewright_firewall::ruleset::{AddressSet, IntervalSet, Ruleset};

fn case(name: &str) -> Ruleset {
    let path = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/asa").join(name);
    read_bytes(name, &std::fs::read(path).unwrap(), None).ruleset
}

/// `10.1.1.1` or `any`.
fn addresses(text: &str) -> Option<AddressSet> {
    let address: std::net::IpAddr = text.parse().ok()?;
    AddressSet::range(address, address)
}

/// `outside 10.1.1.1`: an interface, and an address or `any`.
fn side(text: &str) -> Side {
    let (interface, address) = text.split_once(' ').unwrap();
    Side { interfaces: Some(vec![interface.to_owned()]), addresses: addresses(address) }
}

/// `tcp 80`, `icmp`, `ip`.
fn class(text: &str) -> PacketClass {
    let (protocol, port) =
        text.split_once(' ').map_or((text, None), |(protocol, port)| (protocol, Some(port)));
    let protocol = match protocol {
        "tcp" => Some(6),
        "udp" => Some(17),
        "icmp" => Some(1),
        _ => None,
    };
    let ports = port.map(|port| IntervalSet::one(port.parse().unwrap()));
    PacketClass { protocols: protocol.map(IntervalSet::one), ports, ..PacketClass::default() }
}

fn answer(ruleset: &Ruleset, question: &Question) -> Openness {
    Reach::new(ruleset).answer(question, 64).unwrap().verdict
}

/// From, to, what, and the verdict.
type Row = (&'static str, &'static str, &'static str, Openness);

fn check(name: &str, phase: Phase, rows: &[Row]) {
    let ruleset = case(name);
    for (from, to, what, expected) in rows {
        let question = Question { class: class(what), phase, ..Question::between(side(from), side(to)) };
        assert_eq!(answer(&ruleset, &question), *expected, "{name}: {from} -> {to} {what}");
    }
}

/// From, what, and the verdict, to the device itself.
fn check_device(name: &str, rows: &[(&str, &str, Openness)]) {
    let ruleset = case(name);
    for (from, what, expected) in rows {
        let question = Question {
            class: class(what),
            path: Path::ToDevice,
            ..Question::between(side(from), Side::any())
        };
        assert_eq!(answer(&ruleset, &question), *expected, "{name}: {from} -> device {what}");
    }
}

use Openness::{All, None as No, Some as Part, Unknown};

#[test]
fn lists_decide_first_that_of_the_interface_then_the_global_one() {
    check(
        "plant.asa",
        Phase::New,
        &[
            ("office 10.20.10.7", "supervision 10.20.30.10", "tcp 1433", All),
            ("office 10.20.11.7", "supervision 10.20.30.10", "tcp 1433", No),
            ("office 10.20.10.7", "supervision 10.20.30.10", "tcp 1434", No),
            // The entry is inactive, but the global list lets the clock pass.
            ("office 10.20.10.7", "supervision 10.20.30.10", "udp 53", No),
            ("office 10.20.10.7", "supervision 10.20.30.10", "udp 123", All),
            // Until the shutdown is over.
            ("office 10.20.10.50", "supervision 10.20.30.20", "tcp 3389", Unknown),
            ("office 10.20.10.7", "control-a 10.20.41.5", "udp 123", No),
            // The web server by its real address only behind the translation.
            ("office 10.20.10.7", "supervision 10.20.30.25", "tcp 8443", No),
            ("supervision 10.20.30.20", "control-a 10.20.41.5", "tcp 102", All),
            ("supervision 10.20.30.20", "control-b 10.20.42.19", "udp 2222", All),
            ("supervision 10.20.30.20", "control-b 10.20.42.20", "udp 2222", No),
            ("supervision 10.20.30.20", "control-b 10.20.42.77", "tcp 502", All),
            ("supervision 10.20.30.20", "office 10.20.10.9", "tcp 102", Unknown),
            ("supervision 10.20.30.10", "office 198.51.100.9", "tcp 443", Unknown),
            // A list on the way out.
            ("control-a 10.20.41.5", "supervision 10.20.30.20", "udp 123", All),
            // Interfaces that are down, or for management only, pass nothing.
            ("spare 10.20.99.5", "supervision 10.20.30.20", "udp 123", No),
            ("supervision 10.20.30.20", "spare 10.20.99.5", "udp 123", No),
            ("mgmt 10.20.250.5", "supervision 10.20.30.20", "udp 123", No),
            ("control-a 10.20.41.5", "control-b 10.20.42.5", "udp 123", All),
            ("control-a 10.20.41.5", "control-a 10.20.41.6", "udp 123", No),
        ],
    );
}

#[test]
fn security_levels_decide_where_no_list_does() {
    check(
        "levels.asa",
        Phase::New,
        &[
            ("inside any", "outside any", "ip", All),
            ("inside any", "dmz any", "tcp", All),
            ("outside any", "inside any", "ip", No),
            ("cell-1 any", "watched any", "ip", All),
            ("cell-1 any", "inside any", "ip", No),
            ("cell-1 any", "dmz any", "ip", No),
            // A list opens the way to higher levels.
            ("watched any", "inside any", "tcp 443", All),
            ("watched any", "outside any", "tcp 80", No),
            // Sources are checked against routes that the file does not tell.
            ("dmz any", "outside any", "ip", Unknown),
        ],
    );
}

#[test]
fn replies_pass_in_protocols_that_are_tracked() {
    check(
        "levels.asa",
        Phase::Reply,
        &[
            ("outside any", "inside any", "tcp", All),
            ("outside any", "inside any", "udp", All),
            ("outside any", "inside any", "icmp", No),
            ("inside any", "outside any", "icmp", All),
        ],
    );
    check("plant.asa", Phase::Reply, &[("control-a any", "supervision any", "icmp", All)]);
}

#[test]
fn translations_come_before_lists_and_behind_them() {
    check(
        "translations.asa",
        Phase::New,
        &[
            // By the public address and port; the question names the target as it is behind.
            ("outside 192.0.2.7", "dmz 10.50.0.10", "tcp 8080", All),
            ("outside 192.0.2.7", "dmz 10.50.0.11", "tcp 8080", No),
            ("outside 198.51.100.7", "inside 10.0.0.9", "tcp 3389", All),
            ("outside 198.51.101.7", "inside 10.0.0.9", "tcp 3389", No),
            ("inside 10.0.0.9", "outside 192.0.2.7", "tcp 443", All),
            ("inside 10.0.0.66", "outside 198.51.100.7", "tcp 80", All),
        ],
    );
}

#[test]
fn before_8_3_lists_see_the_translated_addresses() {
    check(
        "old.asa",
        Phase::New,
        &[
            ("outside 192.0.2.7", "dmz 10.50.0.10", "tcp 80", All),
            ("outside 192.0.2.7", "dmz 10.50.0.10", "tcp 443", No),
            ("outside 192.0.2.7", "dmz 10.50.0.11", "tcp 443", All),
            ("outside 192.0.2.7", "inside 10.0.0.5", "tcp 80", No),
            ("inside 10.0.0.5", "dmz 10.50.0.10", "tcp 80", All),
            ("inside 10.0.0.5", "outside 192.0.2.7", "tcp 80", All),
        ],
    );
}

#[test]
fn what_comes_out_of_tunnels_is_possible() {
    check(
        "tunnels.asa",
        Phase::New,
        &[
            ("outside 10.8.3.4", "inside 10.0.0.20", "tcp 502", Unknown),
            ("outside 10.77.0.10", "inside 10.0.0.20", "tcp 502", Unknown),
            ("cloud any", "inside any", "ip", Unknown),
        ],
    );
}

#[test]
fn the_device_is_reached_where_it_says() {
    check_device(
        "plant.asa",
        &[
            ("mgmt 10.20.250.5", "tcp 22", All),
            ("mgmt 10.20.251.5", "tcp 22", No),
            ("office 10.20.10.5", "tcp 22", No),
            ("mgmt 10.20.250.5", "tcp 8444", All),
            ("mgmt 10.20.250.5", "tcp 443", No),
            ("supervision 10.20.30.9", "tcp 23", All),
            // To the lowest level, telnet passes within tunnels only.
            ("office 10.20.10.5", "tcp 23", Unknown),
            ("supervision 10.20.30.15", "udp 161", All),
            // Only traps go there.
            ("mgmt 10.20.250.9", "udp 161", No),
            ("supervision 10.20.30.9", "icmp", Part),
            ("office 10.20.10.5", "icmp", No),
            ("control-a 10.20.41.9", "icmp", Part),
            ("spare 10.20.99.5", "icmp", No),
        ],
    );
    check_device(
        "tunnels.asa",
        &[
            ("outside 192.0.2.7", "udp 500", All),
            ("outside 192.0.2.7", "tcp 443", All),
            ("inside 10.0.0.7", "tcp 443", No),
        ],
    );
}

#[test]
fn a_bridge_group_is_its_members() {
    check(
        "bridged.asa",
        Phase::New,
        &[
            ("cell-2 any", "outside any", "ip", All),
            ("cells any", "outside any", "tcp 80", Part),
            ("cell-2 any", "cell-1 any", "ip", All),
            ("outside any", "cells any", "ip", No),
            ("guests any", "outside any", "ip", Unknown),
            // A mask that is no prefix.
            ("cell-1 10.3.0.130", "outside any", "tcp 502", All),
            ("cell-1 10.3.0.30", "outside any", "tcp 502", No),
        ],
    );
    check_device("bridged.asa", &[("cell-1 10.3.0.9", "tcp 22", All), ("guests 10.4.0.9", "tcp 22", No)]);
}

#[test]
fn firepower_inspects_what_its_list_permits() {
    check(
        "firepower.asa",
        Phase::New,
        &[
            ("inside 10.0.0.5", "outside 192.0.2.9", "tcp 443", Unknown),
            ("inside 10.0.0.5", "outside 192.0.2.9", "udp 123", All),
            ("inside 10.0.0.5", "outside 192.0.2.9", "tcp 80", No),
            ("outside 192.0.2.9", "inside 10.0.0.5", "tcp 443", No),
        ],
    );
}

#[test]
fn scripts_without_indentation_are_read() {
    check(
        "script.asa",
        Phase::New,
        &[
            ("inside any", "dmz any", "tcp", All),
            // `no forward interface`.
            ("dmz any", "inside any", "ip", No),
            ("dmz any", "outside any", "tcp 80", All),
            ("outside 192.0.2.9", "dmz 172.16.20.3", "tcp 80", All),
            ("outside 192.0.2.9", "inside 172.16.15.3", "tcp 80", No),
        ],
    );
    check("script.asa", Phase::Reply, &[("outside any", "inside any", "icmp", All)]);
}

/// `ZONEWRIGHT_SCALE_RULES=100000` asks for more, and prints the times.
#[test]
fn long_lists_are_judged_between_all_interfaces() {
    let rules = std::env::var("ZONEWRIGHT_SCALE_RULES").ok().and_then(|text| text.parse().ok());
    let (rules, interfaces): (u64, u64) = (rules.unwrap_or(10_000), 10);
    let mut text = String::from("ASA Version 9.12(1)\n");
    for at in 0..interfaces {
        text += &format!("interface GigabitEthernet0/{at}\n nameif zone{at}\n security-level {at}\n");
        text += &format!(" ip address 10.{at}.0.1 255.255.0.0\n");
    }
    for at in 0..rules {
        let (from, to) = (at % interfaces, at / 7 % interfaces);
        let (host, net, port) = (at / 3 % 250 + 1, at / 11 % 250, 1_000 + at % 5_003);
        text += &format!("object network h{at}\n host 10.{from}.{net}.{host}\n");
        text += &format!(
            "access-list zone{from}_in extended permit tcp object h{at} 10.{to}.{net}.0 255.255.255.0 eq {port}\n"
        );
    }
    for at in 0..interfaces {
        text += &format!("access-group zone{at}_in in interface zone{at}\n");
    }
    let start = std::time::Instant::now();
    let read = read_bytes("long.asa", text.as_bytes(), None);
    assert_eq!(read.ruleset.lines.warned, 0);
    let read_in = start.elapsed();
    let start = std::time::Instant::now();
    let mut reach = Reach::new(&read.ruleset);
    let mut open = 0;
    for from in 0..interfaces {
        for to in 0..interfaces {
            let [from, to] = [from, to].map(|at| {
                let network = AddressSet::prefix(format!("10.{at}.0.0").parse().unwrap(), 16);
                Side { interfaces: Some(vec![format!("zone{at}")]), addresses: network }
            });
            let opening = reach.opening(&Question::between(from, to)).unwrap();
            open += u32::from(!opening.sure.is_empty());
        }
    }
    println!(
        "{rules} entries read in {read_in:?}, {} pairs judged in {:?}",
        interfaces * interfaces,
        start.elapsed()
    );
    assert!(open > 20, "{open}");
    assert!(read_in.as_secs() < 60);
}

#[test]
fn a_list_without_interfaces_stands_alone() {
    let ruleset = case("generated.asa");
    let question = |what: &str| Question {
        class: class(what),
        ..Question::between(
            Side::of_addresses(addresses("10.1.0.7").unwrap()),
            Side::of_addresses(addresses("10.2.0.10").unwrap()),
        )
    };
    assert_eq!(answer(&ruleset, &question("tcp 502")), All);
    assert_eq!(answer(&ruleset, &question("tcp 503")), No);
    assert!(ruleset.diagnostics.iter().any(|one| one.code == "firewall/unbound-lists"));
}

#[test]
fn the_manual_lists_what_is_ignored() {
    let page = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/manual/firewalls/asa.md");
    let page = std::fs::read_to_string(page).unwrap();
    for kind in zonewright_firewall::dialects::named("asa").unwrap().ignored() {
        let row = format!("| {} | {} |", kind.name.replace('|', "\\|"), kind.reason);
        assert!(page.contains(&row), "the manual lacks {row}");
    }
}

#[test]
fn no_secret_is_in_anything_that_is_read() {
    let secrets = [
        ("plant.asa", vec!["c2FsdHNhbHQ", "raDius-plant-7", "pl4nt-read", "ticktock", "7mK0wq.Zx1Yh2abc"]),
        ("old.asa", vec!["2KFQnbNIdI.2KYOU", "8Ry2YjIyt7RRXU24", "tunnelkey"]),
        ("tunnels.asa", vec!["tunnel-to-plant-b"]),
    ];
    for (name, secrets) in secrets {
        let ruleset = case(name);
        let mut said = format!("{ruleset:?}{ruleset}{}", zonewright_firewall::json::ruleset_json(&ruleset));
        let path = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/asa").join(name);
        let source = zonewright_source::SourceText::new(name, std::fs::read_to_string(path).unwrap());
        for diagnostic in &ruleset.diagnostics {
            said.push_str(&zonewright_source::render(diagnostic, Some(&source), false));
        }
        for secret in secrets {
            assert!(source.text().contains(secret), "{name} holds {secret}");
            assert!(!said.contains(secret), "{name}: {secret} is shown");
        }
    }
}
