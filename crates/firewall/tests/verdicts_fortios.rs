//! Questions to configurations of FortiOS, with the answers that the device would give, and its page in the manual.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the functions beside the tests are part of them"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;
use zonewright_firewall::dialects::{named, read_bytes};
use zonewright_firewall::reach::{self, Openness, PacketClass, Question, Reach, Side};
use zonewright_firewall::ruleset::{AddressSet, IntervalSet, Ruleset};
use zonewright_source::{SourceText, render};

fn case(name: &str) -> Ruleset {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/fortios").join(name);
    read(&std::fs::read_to_string(path).unwrap())
}

fn read(text: &str) -> Ruleset {
    read_bytes("fw.conf", text.as_bytes(), named("fortios")).ruleset
}

/// A question as words: `[device] FROM-INTERFACE SOURCE -> TO-INTERFACE DESTINATION [PROTOCOL [PORT]]`, `*` for any.
fn ask(ruleset: &Ruleset, question: &str) -> &'static str {
    let words: Vec<&str> = question.split_whitespace().filter(|word| *word != "->").collect();
    let (path, words) = match words.as_slice() {
        ["device", rest @ ..] => (reach::Path::ToDevice, rest),
        rest => (reach::Path::Through, rest),
    };
    let side = |interface: &str, address: &str| Side {
        interfaces: (interface != "*").then(|| vec![interface.to_owned()]),
        addresses: (address != "*").then(|| {
            let (first, length) = address
                .split_once('/')
                .unwrap_or((address, if address.contains(':') { "128" } else { "32" }));
            AddressSet::prefix(first.parse().unwrap(), length.parse().unwrap()).unwrap()
        }),
    };
    let protocol = words.get(4).map(|name| match *name {
        "tcp" => 6_u8,
        "udp" => 17,
        "icmp" => 1,
        "icmp6" => 58,
        number => number.parse().unwrap(),
    });
    let class = PacketClass {
        protocols: protocol.map(IntervalSet::one),
        ports: words.get(5).map(|port| IntervalSet::one(port.parse().unwrap())),
        ..PacketClass::default()
    };
    let question = Question {
        from: side(words[0], words[1]),
        to: side(words[2], words[3]),
        class: class.clone(),
        path,
        ..Question::default()
    };
    let mut reach = Reach::new(ruleset);
    let opening = reach.opening(&question).unwrap();
    let class = reach.class(&class).unwrap();
    match reach.verdict(&opening, class).unwrap() {
        Openness::All => "all",
        Openness::Some => "some",
        Openness::None => "none",
        Openness::Unknown => "unknown",
    }
}

fn check(ruleset: &Ruleset, table: &[(&str, &str)]) {
    let answers: Vec<(&str, &str)> =
        table.iter().map(|(question, _)| (*question, ask(ruleset, question))).collect();
    assert_eq!(answers, table, "{ruleset}");
}

#[test]
fn the_plant_passes_what_its_policies_say() {
    check(
        &case("plant.conf"),
        &[
            ("office 10.20.10.21 -> cell1 10.20.31.10 tcp 502", "all"),
            ("office 10.20.10.21 -> cells 10.20.31.10 tcp 502", "all"),
            ("office 10.20.10.33 -> cell2 10.20.28.10 tcp 502", "all"),
            ("office 10.20.10.33 -> cell2 10.20.28.11 tcp 502", "none"),
            ("office 10.20.10.34 -> cell1 10.20.31.10 tcp 502", "unknown"),
            ("office 10.20.10.34 -> cell1 10.20.40.10 tcp 502", "none"),
            ("office 10.20.10.21 -> cell1 10.20.31.10 tcp 102", "some"),
            ("cell1 10.20.31.10 -> cell2 10.20.32.10 tcp 502", "all"),
            ("cell1 10.20.31.10 -> office 10.20.10.21 tcp 502", "none"),
            // The virtual address, seen from outside: what arrives at the server, where no flood is.
            ("wan1 198.51.100.9 -> office 10.20.10.30 tcp 443", "unknown"),
            ("wan1 198.51.100.9 -> office 10.20.10.30 tcp 22", "none"),
            ("office 10.20.10.21 -> wan1 192.0.2.1 tcp 443", "unknown"),
            ("office 10.20.10.40 -> wan1 192.0.2.1 tcp 80", "unknown"),
            ("office 10.20.10.21 -> spare * tcp 502", "none"),
            ("office 10.20.10.21 -> cell1 239.1.1.1 udp 5000", "none"),
            ("office 2001:db8::1 -> cell1 2001:db8::2 tcp 502", "none"),
            ("device office 10.20.10.5 -> * 10.20.10.1 tcp 8443", "all"),
            ("device office 10.20.10.5 -> * 10.20.10.1 tcp 443", "none"),
            ("device office 10.20.10.6 -> * 10.20.10.1 tcp 8443", "none"),
            ("device office 10.20.10.21 -> * 10.20.10.1 icmp", "none"),
            ("device wan1 198.51.100.9 -> * 203.0.113.2 tcp 541", "unknown"),
            ("device wan1 198.51.100.9 -> * 203.0.113.2 tcp 8443", "none"),
            ("device wan1 198.51.100.9 -> * 203.0.113.2 udp 500", "all"),
            ("device office 10.20.10.5 -> * 10.20.10.1 udp 500", "none"),
            ("device ctl 10.20.10.70 -> * 10.20.21.1 udp 161", "all"),
            ("device ctl 10.20.10.70 -> * 10.20.20.1 udp 161", "none"),
        ],
    );
}

#[test]
fn parts_of_a_configuration_are_read_with_what_every_device_knows() {
    check(
        &case("part.conf"),
        &[
            ("port1 10.1.2.5 -> port2 10.1.1.3 tcp 3389", "all"),
            ("port3 10.1.2.5 -> port1 10.9.9.9 tcp 80", "all"),
            ("port3 10.1.2.5 -> port1 10.9.9.9 udp 80", "none"),
            ("port3 10.1.1.3 -> port1 10.9.9.9 udp 80", "all"),
            ("port3 2001:db8::1 -> port4 2001:db8::2 udp 80", "all"),
        ],
    );
}

/// A virtual address, and policies with or without `match-vip`.
fn with_vip(version: &str, settings: &str, policies: &str) -> Ruleset {
    read(&format!(
        "#config-version=FGT60F-{version}-FW-build1-220101:opmode=0:vdom=0:user=admin
config system settings\n{settings}\nend
config firewall vip
    edit \"web\"
        set extip 203.0.113.3
        set mappedip \"10.0.0.3\"
        set extintf \"wan\"
    next
end
config firewall policy
{policies}
end
"
    ))
}

fn policy(id: u32, action: &str, destination: &str, more: &str) -> String {
    format!(
        "edit {id}\nset srcintf \"wan\"\nset dstintf \"lan\"\nset srcaddr \"all\"\nset dstaddr \"{destination}\"\nset service \"ALL\"\nset schedule \"always\"\nset action {action}\n{more}\nnext\n"
    )
}

#[test]
fn policies_see_virtual_addresses_as_the_device_does() {
    let direct = "wan 198.51.100.9 -> lan 10.0.0.9 tcp 80";
    let translated = "wan 198.51.100.9 -> lan 10.0.0.3 tcp 80";
    let accept_vip = policy(2, "accept", "web", "");
    check(&with_vip("7.2.5", "", &accept_vip), &[(translated, "all"), (direct, "none")]);
    // A policy for all does not match what was translated.
    check(&with_vip("7.2.5", "", &policy(1, "accept", "all", "")), &[(direct, "all")]);
    // Before 7.2.4 a denial does not see it either, unless it says so.
    let denied = |version, more: &str| {
        with_vip(version, "", &format!("{}{accept_vip}", policy(1, "deny", "all", more)))
    };
    check(&denied("7.0.9", ""), &[(translated, "all")]);
    check(&denied("7.0.9", "set match-vip enable"), &[(translated, "none")]);
    check(&denied("7.2.4", ""), &[(translated, "none")]);
    check(&denied("7.2.4", "set match-vip disable"), &[(translated, "all")]);
    // With central translation policies see the address inside.
    let central = with_vip("7.2.5", "set central-nat enable", &policy(1, "accept", "all", ""));
    check(&central, &[(translated, "all"), (direct, "all")]);
    // The policies are asked with the port inside.
    let text = "config firewall vip\nedit \"web\"\nset extip 203.0.113.3\nset mappedip \"10.0.0.3\"\nset extintf \"any\"\nset portforward enable\nset extport 8000-8001\nset mappedport 80-81\nnext\nend\nconfig firewall policy\n";
    let ports = |service: &str| {
        read(&format!(
            "{text}{}end\n",
            policy(1, "accept", "web", "").replace("\"ALL\"", &format!("\"{service}\""))
        ))
    };
    check(&ports("HTTP"), &[(translated, "all")]);
    check(&ports("HTTPS"), &[(translated, "none")]);
}

#[test]
fn what_was_not_read_is_never_sure() {
    let sound = policy(1, "accept", "all", "");
    let lan = "wan 198.51.100.9 -> lan 10.0.0.9 tcp 80";
    let list = |policies: &str| read(&format!("config firewall policy\n{policies}end\n"));
    check(&list(&sound), &[(lan, "all")]);
    check(&list(&policy(1, "accept", "all", "set quantum enable")), &[(lan, "unknown")]);
    check(&list(&policy(1, "accept", "all", "set groups \"staff\"")), &[(lan, "unknown")]);
    check(&list(&policy(1, "accept", "nowhere", "")), &[(lan, "unknown")]);
    check(
        &list(&format!("{}{sound}", policy(2, "deny", "all", "set groups \"staff\""))),
        &[(lan, "unknown")],
    );
    check(&list(&format!("frobnicate\n{}", policy(2, "deny", "all", ""))), &[(lan, "unknown")]);
    // A quote that is not closed takes lines in, an accept among them.
    check(&list(&sound.replace("set srcaddr \"all\"", "set srcaddr \"all")), &[(lan, "unknown")]);
    check(&list(&policy(1, "accept", "all", "set status disable")), &[(lan, "none")]);
    check(&list(&policy(1, "accept", "all", "").replace("always", "none")), &[(lan, "none")]);
}

#[test]
fn virtual_domains_are_firewalls_of_their_own() {
    let domain = |name: &str, interfaces: [&str; 2]| {
        let [from, to] = interfaces;
        let rule = policy(1, "accept", "all", "")
            .replace("\"wan\"", &format!("\"{from}\""))
            .replace("\"lan\"", "\"inside\"");
        format!(
            "config vdom\nedit {name}\nconfig system zone\nedit \"inside\"\nset interface \"{to}\"\nnext\nend\nconfig firewall policy\n{rule}end\nend\n\n"
        )
    };
    let interface = |name: &str, domain: &str| format!("edit \"{name}\"\nset vdom \"{domain}\"\nnext\n");
    let text = format!(
        "#config-version=FGT60F-7.2.5-FW-build1-220101:opmode=0:vdom=1:user=admin\nconfig vdom\nedit root\nnext\nedit plant\nnext\nend\n\nconfig global\nconfig system interface\n{}{}{}{}end\nend\n\n{}{}",
        interface("a", "root"),
        interface("b", "root"),
        interface("c", "plant"),
        interface("d", "plant"),
        domain("root", ["a", "b"]),
        domain("plant", ["c", "d"])
    );
    let ruleset = read(&text);
    assert_eq!(ruleset.lines.warned, 0, "{:?}", ruleset.diagnostics);
    check(
        &ruleset,
        &[
            ("a 10.0.0.1 -> b 10.0.1.1 tcp 80", "all"),
            ("c 10.0.0.1 -> d 10.0.1.1 tcp 80", "all"),
            ("c 10.0.0.1 -> plant/inside 10.0.1.1 tcp 80", "all"),
            ("b 10.0.0.1 -> a 10.0.1.1 tcp 80", "none"),
            ("a 10.0.0.1 -> d 10.0.1.1 tcp 80", "unknown"),
        ],
    );
}

#[test]
fn secrets_stand_in_nothing_that_is_said() {
    let marks = ["TOPSECRET", "Q0xFQVI", "hunter2"];
    let text = "config system admin
    edit \"admin\"
        set password ENC SH2TOPSECRETa
    next
    edit \"nobody\"
    next
end
config system snmp community
    edit 1
        set name \"TOPSECRET1\"
    next
end
config vpn certificate local
    edit \"c\"
        set private-key \"-----BEGIN RSA PRIVATE KEY-----
Q0xFQVIxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTA=
-----END RSA PRIVATE KEY-----\"
    next
end
config firewall policy
    edit 1
        set name \"x\"
        set unheard-password hunter2a
        set unheard-of ENC TOPSECRET2
        psksecret TOPSECRET3
        password hunter2b
    next
    psksecret ENC TOPSECRET4
end
config system unheard-of
    set passwd TOPSECRET5
    set psksecret \"TOPSECRET6
TOPSECRET7\"
    set private-key \"TOPSECRET8
";
    let source = SourceText::new("fw.conf", text);
    let ruleset = named("fortios").unwrap().read(&source);
    let mut said = format!("{ruleset}{ruleset:?}{}", zonewright_firewall::json::ruleset_json(&ruleset));
    for diagnostic in &ruleset.diagnostics {
        writeln!(said, "{}", render(diagnostic, Some(&source), false)).unwrap();
    }
    for mark in marks {
        assert!(!said.contains(mark), "{mark}: {}", said.lines().find(|line| line.contains(mark)).unwrap());
    }
    let kept: Vec<String> = ruleset
        .credentials
        .iter()
        .map(|one| format!("{} {} {}", one.place.line, one.keeping.as_str(), one.what))
        .collect();
    assert_eq!(
        kept,
        [
            "3 weakly-hashed password of system admin admin",
            "5 empty password of system admin nobody",
            "10 clear SNMP community",
            "15 clear private-key of vpn certificate local c",
            "23 clear unheard-password of firewall policy 1",
            "24 reversible unheard-of of firewall policy 1",
            "31 clear passwd of system unheard-of",
            "32 clear psksecret of system unheard-of",
            "34 clear private-key of system unheard-of",
        ]
    );
}

#[test]
fn hostile_configurations_end_soon() {
    let mut groups = String::from(
        "config firewall address\nedit a\nset subnet 10.0.0.0/8\nnext\nend\nconfig firewall addrgrp\n",
    );
    for at in 0..20_000 {
        writeln!(groups, "edit g{at}\nset member g{} a g{at} missing{at}\nnext", (at + 1) % 20_000).unwrap();
    }
    groups.push_str("end\n");
    let mut moves = String::from("config firewall policy\n");
    (1..20_000).for_each(|at| writeln!(moves, "edit {at}\nnext").unwrap());
    (1..20_000).for_each(|at| writeln!(moves, "move {at} after 1").unwrap());
    let mut services = String::from("config firewall service custom\n");
    (0..3_000).for_each(|at| {
        writeln!(services, "edit s{at}\nset tcp-portrange {}:{}\nnext", at + 1, at + 1).unwrap();
    });
    services.push_str("end\nconfig firewall service group\nedit g\nset member");
    (0..3_000).for_each(|at| write!(services, " s{at}").unwrap());
    services.push_str("\nnext\nend\nconfig firewall policy\n");
    (1..500).for_each(|at| writeln!(services, "edit {at}\nset service g s{at}\nnext").unwrap());
    let texts = [
        groups,
        moves,
        services,
        "config a\n".repeat(300_000),
        "config firewall address\nedit a\n".repeat(50_000),
        "set a \"\n".repeat(100_001),
        format!("config firewall policy\nedit 1\nset name {}", "\\".repeat(3_000_000)),
        format!("config firewall policy\nedit 1\nset name {}", "\"".repeat(3_000_001)),
        format!("config firewall policy\nedit 1\nset srcaddr{}", " x".repeat(500_000)),
        "end\nnext\n".repeat(100_000),
    ];
    for text in texts {
        let started = Instant::now();
        let ruleset = read(&text);
        let took = started.elapsed();
        let counted = ruleset.lines.modeled + ruleset.lines.ignored + ruleset.lines.warned;
        assert_eq!(counted, text.lines().count() as u64);
        assert!(took.as_secs() < 60, "{:?}… took {took:?}", text.chars().take(60).collect::<String>());
    }
}

#[test]
fn a_hundred_thousand_policies_are_read_in_seconds() {
    let rules = 100_000;
    let mut text = String::from("config firewall address\n");
    for at in 0..rules {
        writeln!(
            text,
            "edit \"h{at}\"\nset subnet 10.{}.{}.{} 255.255.255.255\nnext",
            at / 65_536,
            at / 256 % 256,
            at % 256
        )
        .unwrap();
    }
    text.push_str("end\nconfig firewall policy\n");
    for at in 0..rules {
        writeln!(text, "edit {}\nset srcintf \"port1\"\nset dstintf \"port2\"\nset action accept\nset srcaddr \"h{at}\"\nset dstaddr \"h{}\"\nset schedule \"always\"\nset service \"HTTPS\"\nset nat enable\nnext", at + 1, (at * 7) % rules).unwrap();
    }
    text.push_str("end\n");
    let started = Instant::now();
    let ruleset = read(&text);
    let took = started.elapsed();
    println!("{} bytes, {took:?}", text.len());
    assert_eq!(ruleset.lines.warned, 0);
    assert!(took.as_secs() < 60, "{took:?}");
}

#[test]
fn the_manual_lists_what_is_ignored() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/manual/firewalls/fortios.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let head = text.split(LIST_HEAD).next().unwrap();
    let mut listed = format!("{head}{LIST_HEAD}\n\n| left out | because it |\n|---|---|\n");
    for kind in named("fortios").unwrap().ignored() {
        let name = kind.name.replace('*', "\\*");
        writeln!(listed, "| {name} | {} |", kind.reason).unwrap();
    }
    if std::env::var_os("ZONEWRIGHT_BLESS").is_some() {
        std::fs::write(&page, &listed).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&page).unwrap(), listed, "write it anew with ZONEWRIGHT_BLESS=1");
}

const LIST_HEAD: &str = "## What is left out knowingly, one by one";

#[test]
fn real_files_are_hardly_warned_about() {
    let root = match std::env::var_os("ZONEWRIGHT_SHARED") {
        Some(root) => PathBuf::from(root),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    let folder = root.join("data/firewalls/fortios");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not there", folder.display());
        return;
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let read = read_bytes("fw.conf", &bytes, None);
        let (ruleset, name) = (&read.ruleset, path.file_name().unwrap().to_string_lossy().into_owned());
        let lines = ruleset.lines;
        println!("{name}: {} modeled, {} ignored, {} warned", lines.modeled, lines.ignored, lines.warned);
        for diagnostic in &ruleset.diagnostics {
            println!("  {}", render(diagnostic, Some(&read.source), false).replace('\n', "\n  "));
        }
        assert_eq!(ruleset.dialect, "fortios", "{name}");
        let counted = lines.modeled + lines.ignored + lines.warned;
        assert_eq!(counted, read.source.text().lines().count() as u64, "{name}");
    }
}
