//! What the cases of the dialect pass, question by question; and real files from outside the repository, line by line.

#![expect(clippy::panic, clippy::unwrap_used, reason = "the functions beside the tests are part of them")]

use std::path::Path;
use zonewright_firewall::dialects::{named, read_bytes};
use zonewright_firewall::reach::{Openness, Question, Reach, Side};
use zonewright_firewall::reach::{Path as Way, Phase};
use zonewright_firewall::ruleset::{AddressSet, IntervalSet, Ruleset};

fn case(name: &str) -> Ruleset {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/ios").join(name);
    read_bytes(name.to_owned(), &std::fs::read(path).unwrap(), named("ios")).ruleset
}

/// `in=IF src=A dst=B proto=N sport=N dport=N out=IF`, each of them or not.
fn question(text: &str, way: Way, phase: Phase) -> Question {
    let mut question = Question { path: way, phase, ..Question::default() };
    for word in text.split_whitespace() {
        let (key, value) = word.split_once('=').unwrap();
        let address = || {
            let (address, length) = value.split_once('/').unwrap_or((value, ""));
            let address: std::net::IpAddr = address.parse().unwrap();
            let whole = if address.is_ipv4() { 32 } else { 128 };
            AddressSet::prefix(address, length.parse().unwrap_or(whole)).unwrap()
        };
        match key {
            "in" => question.from.interfaces = Side::of_interfaces([value]).interfaces,
            "out" => question.to.interfaces = Side::of_interfaces([value]).interfaces,
            "src" => question.from.addresses = Some(address()),
            "dst" => question.to.addresses = Some(address()),
            "proto" => question.class.protocols = Some(IntervalSet::one(value.parse().unwrap())),
            "sport" => question.class.source_ports = Some(IntervalSet::one(value.parse().unwrap())),
            "dport" => question.class.ports = Some(IntervalSet::one(value.parse().unwrap())),
            _ => panic!("{word}"),
        }
    }
    question
}

fn check(name: &str, way: Way, phase: Phase, questions: &[(&str, Openness)]) {
    let ruleset = case(name);
    let mut reach = Reach::new(&ruleset);
    for (text, expected) in questions {
        let answer = reach.answer(&question(text, way, phase), 8).unwrap();
        assert_eq!(answer.verdict, *expected, "{name}: {text}: {:#?}", answer.open);
    }
}

use Openness::{All, None as Nothing, Some as Part, Unknown};

#[test]
fn lists_at_interfaces_decide_before_translation_and_behind_it() {
    check(
        "plant.cfg",
        Way::Through,
        Phase::New,
        &[
            // An object group of controllers, and one of services.
            (
                "in=GigabitEthernet0/0 out=GigabitEthernet0/2.10 src=10.1.0.50 dst=10.20.1.21 proto=6 dport=502",
                All,
            ),
            (
                "in=GigabitEthernet0/0 out=GigabitEthernet0/2.10 src=10.1.0.50 dst=10.20.1.13 proto=6 dport=502",
                Nothing,
            ),
            (
                "in=GigabitEthernet0/0 out=GigabitEthernet0/2.10 src=10.1.0.51 dst=10.20.1.21 proto=6 dport=502",
                Nothing,
            ),
            // A new connection is not established.
            (
                "in=GigabitEthernet0/0 out=GigabitEthernet0/1 src=10.1.0.50 dst=10.20.0.2 proto=6 dport=80",
                Nothing,
            ),
            // The list sees the address before translation, the question the one behind.
            (
                "in=GigabitEthernet0/0 out=GigabitEthernet0/1 src=10.1.0.60 dst=10.20.0.5 proto=6 dport=443",
                All,
            ),
            (
                "in=GigabitEthernet0/0 out=GigabitEthernet0/1 src=10.1.0.61 dst=10.20.0.5 proto=6 dport=443",
                Nothing,
            ),
            // In August only.
            (
                "in=GigabitEthernet0/0 out=GigabitEthernet0/2.10 src=10.1.0.9 dst=10.20.1.11 proto=6 dport=102",
                Unknown,
            ),
            // A source from elsewhere may be dropped by unicast RPF.
            (
                "in=GigabitEthernet0/0 out=GigabitEthernet0/1 src=10.99.0.1 dst=10.20.0.2 proto=17 sport=123 dport=123",
                Unknown,
            ),
            (
                "in=GigabitEthernet0/0 out=GigabitEthernet0/1 src=10.1.0.3 dst=10.20.0.2 proto=17 sport=123 dport=123",
                All,
            ),
            // The list on the way out.
            (
                "in=GigabitEthernet0/2.10 out=GigabitEthernet0/1 src=10.20.1.11 dst=10.20.0.9 proto=6 dport=80",
                All,
            ),
            (
                "in=GigabitEthernet0/2.10 out=GigabitEthernet0/1 src=10.20.1.11 dst=10.20.0.9 proto=6 dport=102",
                Nothing,
            ),
            (
                "in=GigabitEthernet0/2.10 out=GigabitEthernet0/1 src=10.20.1.11 dst=10.20.0.9 proto=17 dport=102",
                All,
            ),
            // No list at the interface (it is not defined); the way into the office is free.
            (
                "in=GigabitEthernet0/2.10 out=GigabitEthernet0/0 src=10.20.1.11 dst=10.1.0.9 proto=6 dport=80",
                All,
            ),
            // Switched off.
            ("in=GigabitEthernet0/3 out=GigabitEthernet0/0", Nothing),
            // The aggregate to Null0 may be the longest prefix; networks at interfaces are longer.
            (
                "in=GigabitEthernet0/2.10 out=GigabitEthernet0/1 src=10.20.1.11 dst=10.20.77.1 proto=17 dport=9",
                Unknown,
            ),
            // IPv6 has its own list.
            (
                "in=GigabitEthernet0/0 out=GigabitEthernet0/1 src=2001:db8:1::7 dst=2001:db8:20::5 proto=6 dport=443",
                All,
            ),
            (
                "in=GigabitEthernet0/0 out=GigabitEthernet0/1 src=2001:db8:1::7 dst=2001:db8:20::5 proto=6 dport=80",
                Nothing,
            ),
        ],
    );
}

#[test]
fn lists_without_state_are_asked_about_answers_too() {
    check(
        "plant.cfg",
        Way::Through,
        Phase::Reply,
        &[
            ("in=GigabitEthernet0/0 out=GigabitEthernet0/1 src=10.1.0.9 dst=10.20.0.2 proto=6 sport=80", All),
            (
                "in=GigabitEthernet0/0 out=GigabitEthernet0/1 src=10.1.0.9 dst=10.20.0.2 proto=17 sport=53",
                Nothing,
            ),
        ],
    );
    check(
        "inspect.cfg",
        Way::Through,
        Phase::Reply,
        &[
            // Inspection opens the list for answers to what it saw leave.
            ("in=FastEthernet0/1 out=FastEthernet0/0 src=203.0.113.77 dst=203.0.113.2 proto=6 sport=80", All),
            ("in=FastEthernet0/1 out=FastEthernet0/0 src=203.0.113.77 dst=203.0.113.2 proto=1", Nothing),
            // A reflexive list, for what it reflected.
            ("in=Serial0/0 out=FastEthernet0/0 src=198.51.100.2 dst=192.168.10.9 proto=6 sport=22", All),
            ("in=Serial0/0 out=FastEthernet0/0 src=198.51.100.2 dst=192.168.10.9 proto=6 sport=23", Nothing),
        ],
    );
    check(
        "inspect.cfg",
        Way::Through,
        Phase::New,
        &[
            (
                "in=FastEthernet0/1 out=FastEthernet0/0 src=203.0.113.9 dst=192.168.10.20 proto=6 dport=502",
                All,
            ),
            (
                "in=FastEthernet0/1 out=FastEthernet0/0 src=203.0.113.77 dst=192.168.10.20 proto=6 dport=502",
                Nothing,
            ),
            (
                "in=FastEthernet0/1 out=FastEthernet0/0 src=203.0.113.9 dst=192.168.10.20 proto=6 dport=80",
                Nothing,
            ),
            (
                "in=FastEthernet0/0 out=FastEthernet0/1 src=192.168.10.7 dst=203.0.113.50 proto=6 dport=80",
                All,
            ),
            (
                "in=FastEthernet0/0 out=FastEthernet0/1 src=192.168.10.7 dst=203.0.113.50 proto=6 dport=25",
                Nothing,
            ),
            // Between VRFs only where routes leak.
            (
                "in=FastEthernet0/0 out=FastEthernet0/2 src=192.168.10.7 dst=198.51.101.2 proto=6 dport=22",
                Unknown,
            ),
        ],
    );
}

#[test]
fn zones_pass_what_their_pair_says() {
    check(
        "zones.cfg",
        Way::Through,
        Phase::New,
        &[
            ("in=SUPERVISION out=CELL src=10.30.0.7 dst=10.30.4.20 proto=6 dport=443", All),
            ("in=SUPERVISION out=CELL src=10.30.0.7 dst=10.30.4.20 proto=6 dport=80", Nothing),
            ("in=SUPERVISION out=CELL src=10.30.0.99 dst=10.30.4.20 proto=6 dport=443", Nothing),
            ("in=SUPERVISION out=CELL src=10.30.0.7 dst=10.30.4.9 proto=1", All),
            (
                "in=GigabitEthernet0/0/0 out=GigabitEthernet0/0/2 src=10.30.0.5 dst=10.30.4.30 proto=6 dport=102",
                All,
            ),
            (
                "in=GigabitEthernet0/0/0 out=GigabitEthernet0/0/2 src=10.30.0.5 dst=10.30.4.30 proto=6 dport=23",
                Nothing,
            ),
            // Within a zone, between interfaces without one, between both.
            ("in=GigabitEthernet0/0/1 out=GigabitEthernet0/0/2", All),
            ("in=GigabitEthernet0/0/3 out=GigabitEthernet0/0/5", All),
            ("in=GigabitEthernet0/0/3 out=GigabitEthernet0/0/1", Nothing),
            ("in=GigabitEthernet0/0/1 out=GigabitEthernet0/0/3", Nothing),
            // A pair without a policy, and no pair.
            ("in=GUEST out=CELL", Nothing),
            ("in=GUEST out=SUPERVISION", Nothing),
            // An application that is known by name only.
            ("in=CELL out=SUPERVISION src=10.30.4.9 dst=10.30.0.9 proto=6 dport=443", Unknown),
        ],
    );
    check(
        "zones.cfg",
        Way::Through,
        Phase::Reply,
        &[
            // Answers to what is inspected pass against the policy of the other direction; to what is passed, they do not.
            ("in=CELL out=SUPERVISION src=10.30.4.20 dst=10.30.0.7 proto=6 sport=22", All),
            ("in=CELL out=SUPERVISION src=10.30.4.30 dst=10.30.0.5 proto=6 sport=102 dport=4000", All),
            ("in=SUPERVISION out=CELL src=10.30.0.5 dst=10.30.4.31 proto=6 sport=102 dport=4000", Unknown),
        ],
    );
}

#[test]
fn what_reaches_the_machine_is_told() {
    check(
        "plant.cfg",
        Way::ToDevice,
        Phase::New,
        &[
            ("in=GigabitEthernet0/0 src=10.1.0.7 dst=10.1.0.1 proto=6 dport=80", All),
            ("in=GigabitEthernet0/0 src=10.1.0.9 dst=10.1.0.1 proto=6 dport=80", Nothing),
            ("in=GigabitEthernet0/0 src=10.1.0.7 dst=10.1.0.1 proto=6 dport=22", All),
            // By the terminals that no list guards, once those before are in use.
            ("in=GigabitEthernet0/0 src=10.1.0.9 dst=10.1.0.1 proto=6 dport=22", Unknown),
            ("in=GigabitEthernet0/1 src=10.20.0.9 dst=10.20.0.1 proto=6 dport=443", Nothing),
            // The second community has no list.
            ("in=GigabitEthernet0/1 src=10.20.0.9 dst=10.20.0.1 proto=17 dport=161", All),
            ("in=GigabitEthernet0/1 src=10.20.0.9 dst=10.20.0.1 proto=17 dport=520", Unknown),
        ],
    );
    check(
        "zones.cfg",
        Way::ToDevice,
        Phase::New,
        &[
            ("in=SUPERVISION src=10.30.0.9 dst=10.30.0.1 proto=6 dport=443", Nothing),
            ("in=SUPERVISION src=10.30.0.9 dst=10.30.0.1 proto=1", All),
            ("in=CELL src=10.30.4.9 dst=10.30.4.1 proto=6 dport=443", All),
            ("in=CELL src=10.30.4.9 dst=10.30.4.1 proto=6 dport=22", Nothing),
        ],
    );
}

#[test]
fn packets_of_the_machine_itself_pass_no_list() {
    check(
        "plant.cfg",
        Way::FromDevice,
        Phase::New,
        &[("out=GigabitEthernet0/1 dst=10.20.0.9 proto=6 dport=102", All)],
    );
}

#[test]
fn switches_filter_at_ports_and_in_vlans() {
    check(
        "switch.cfg",
        Way::Through,
        Phase::New,
        &[
            ("in=Vlan20 out=Vlan10 src=10.10.20.5 dst=10.10.10.5 proto=6 dport=102", Nothing),
            ("in=Vlan20 out=Vlan10 src=10.10.20.5 dst=10.10.10.5 proto=6 dport=80", All),
            // It may come in by the port that has a list.
            ("in=Vlan10 out=Vlan20 src=10.10.10.6 dst=10.10.20.5 proto=6 dport=80", Unknown),
            ("in=Vlan10 out=Vlan20 src=10.10.10.5 dst=10.10.20.5 proto=6 dport=80", All),
        ],
    );
}

#[test]
fn a_list_alone_stands_as_if_packets_passed_it() {
    check(
        "generated.acl",
        Way::Through,
        Phase::New,
        &[
            ("src=10.1.0.50 dst=10.20.1.9 proto=6 dport=44818", All),
            ("src=10.1.0.51 dst=10.20.1.9 proto=6 dport=44818", Nothing),
            ("src=10.1.0.0/24 dst=10.20.1.9 proto=6 dport=44818", Part),
        ],
    );
}

#[test]
fn lines_without_indentation_belong_to_the_statement_above() {
    check(
        "flat.cfg",
        Way::Through,
        Phase::New,
        &[
            (
                "in=GigabitEthernet1/0 out=GigabitEthernet0/0 src=10.9.0.9 dst=10.8.0.9 proto=6 dport=80",
                Nothing,
            ),
            ("in=GigabitEthernet0/0 out=GigabitEthernet1/0 src=10.8.0.9 dst=10.9.0.9 proto=6 dport=80", All),
        ],
    );
    // A list that stands somewhere, not known where, leaves nothing sure.
    let way = "in=GigabitEthernet1/0/25 out=GigabitEthernet1/0/26 proto=6 dport=22";
    check("stray.cfg", Way::Through, Phase::New, &[(way, Unknown)]);
}

#[test]
fn real_files_are_accounted_for() {
    let root = match std::env::var_os("ZONEWRIGHT_SHARED") {
        Some(root) => root.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    let folder = root.join("data/firewalls/cisco-ios");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        return println!("skipped: {} is not there", folder.display());
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let read = read_bytes(name.clone(), &std::fs::read(&path).unwrap(), None);
        let lines = read.ruleset.lines;
        println!("{name}: {} modeled, {} ignored, {} warned", lines.modeled, lines.ignored, lines.warned);
        for one in &read.ruleset.diagnostics {
            println!("  {}", zonewright_source::render(one, Some(&read.source), false).replace('\n', "\n  "));
        }
        assert_eq!(read.ruleset.dialect, "ios", "{name} is detected");
        let count = read.source.text().lines().count() as u64;
        assert_eq!(lines.modeled + lines.ignored + lines.warned, count);
    }
}

#[test]
fn the_manual_says_what_is_ignored_and_why() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/manual/firewalls/ios.md");
    let page = std::fs::read_to_string(page).unwrap();
    for kind in named("ios").unwrap().ignored() {
        assert!(page.contains(&format!("| {} | {} |", kind.name, kind.reason)), "{}", kind.name);
    }
}

#[test]
fn no_secret_is_in_what_is_said() {
    let ruleset = case("plant.cfg");
    let said = format!("{ruleset:?} {}", zonewright_firewall::json::ruleset_json(&ruleset));
    for secret in ["exampleexample", "examplehash", "$1$example", "0822455D0A16", "public", "s3cr3t"] {
        assert!(!said.contains(secret), "{secret}");
    }
    assert_eq!(ruleset.credentials.len(), 7);
}

#[test]
fn ten_thousand_entries_are_read_and_asked_in_time() {
    use std::fmt::Write as _;
    let mut text = String::from(
        "hostname big\ninterface GigabitEthernet0/0\n ip access-group BIG in\ninterface GigabitEthernet0/1\n ip address 10.0.0.1 255.0.0.0\nip access-list extended BIG\n",
    );
    for at in 0..10_000 {
        let (high, low) = (at / 250 % 250, at % 250);
        let action = if at % 7 == 0 { "deny  " } else { "permit" };
        writeln!(
            text,
            " {action} tcp 10.{high}.{low}.0 0.0.0.255 host 10.200.{low}.{high} eq {}",
            1 + at % 60_000
        )
        .unwrap();
    }
    let started = std::time::Instant::now();
    let ruleset = read_bytes("big", text.as_bytes(), None).ruleset;
    println!("read in {:?}", started.elapsed());
    assert_eq!((ruleset.dialect, ruleset.lines.warned), ("ios", 0));
    let mut reach = Reach::new(&ruleset);
    let answer = reach
        .answer(&question("in=GigabitEthernet0/0 out=GigabitEthernet0/1", Way::Through, Phase::New), 8)
        .unwrap();
    println!("answered after {:?}", started.elapsed());
    assert_eq!(answer.verdict, Part);
    assert!(started.elapsed().as_secs() < 120);
}
