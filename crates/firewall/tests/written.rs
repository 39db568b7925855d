//! What is written is what was meant: random policies, written in every dialect, read again and compared as sets; text from
//! people never becomes configuration; what nft reads is what is written for it.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the functions beside the tests are part of them"
)]

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::process::{Command, Stdio};
use zonewright_firewall::dialects;
use zonewright_firewall::ruleset::{AddressSet, IntervalSet, IpVersion};
use zonewright_firewall::write::{
    End, Function, FunctionLimit, Object, Permit, Policy, ReadBack, Service, WRITERS, Writer, read_back,
};

/// How many random policies are written in each dialect.
const CASES: u32 = 200;

const INTERFACES: [&str; 6] = ["lan0", "wan0", "dmz", "eth0.100", "br-z_2", "v@lan"];

fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        3 => (0_u8..4, 0_u8..=255, any::<u8>()).prop_map(|(a, b, c)| IpAddr::from([10, a, b, c])),
        1 => Just(IpAddr::from([0, 0, 0, 0])),
        1 => Just(IpAddr::from([255, 255, 255, 255])),
        2 => (0_u16..3, any::<u16>()).prop_map(|(a, b)| IpAddr::from([0xfd00, a, 0, 0, 0, 0, 0, b])),
    ]
}

/// One host, a network, or a range.
fn item() -> impl Strategy<Value = AddressSet> {
    (address(), address(), 0_u8..=32, 0_u8..4).prop_map(|(a, b, length, kind)| {
        let own = if a.is_ipv4() { length } else { length * 4 };
        let (first, last) = if a <= b { (a, b) } else { (b, a) };
        match kind {
            0 => AddressSet::prefix(a, own),
            1 => AddressSet::range(first, last),
            _ => None,
        }
        .unwrap_or_else(|| AddressSet::range(a, a).unwrap())
    })
}

fn addresses() -> impl Strategy<Value = AddressSet> {
    let union = |sets: Vec<AddressSet>| sets.iter().fold(AddressSet::none(), |all, one| all.union(one));
    prop_oneof![
        1 => Just(AddressSet::all()),
        1 => Just(AddressSet::all_of(IpVersion::V4)),
        6 => prop::collection::vec(item(), 1..5).prop_map(union),
    ]
}

fn ports() -> impl Strategy<Value = IntervalSet<u16>> {
    let range = prop_oneof![
        2 => prop::sample::select(vec![(502, 502), (0, 0), (65_535, 65_535), (102, 102), (0, 65_535)]),
        1 => (any::<u16>(), any::<u16>()).prop_map(|(a, b)| (a.min(b), a.max(b))),
    ];
    prop::collection::vec(range, 1..4).prop_map(IntervalSet::from_ranges)
}

fn service() -> impl Strategy<Value = Service> {
    let icmp = (any::<bool>(), prop::option::of(any::<u8>()), prop::option::of(0_u8..5));
    prop_oneof![
        1 => Just(Service::Any),
        8 => (prop::sample::select(vec![6_u8, 17, 132]), ports())
            .prop_map(|(protocol, ports)| Service::Ports { protocol, ports }),
        2 => prop::sample::select(vec![47_u8, 50, 89, 6, 0, 255]).prop_map(Service::of_protocol),
        2 => icmp.prop_map(|(four, kind, code)| Service::Icmp {
            version: if four { IpVersion::V4 } else { IpVersion::V6 },
            kind,
            code: code.filter(|_| kind.is_some()),
        }),
        1 => Just(Service::Frames(0x8892)),
    ]
}

fn interfaces() -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(INTERFACES.to_vec(), 1..3)
        .prop_map(|names| names.into_iter().map(str::to_owned).collect())
}

/// Text as people write it, and as nobody should.
fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("polls the pumps; ask J. Doe".to_owned()),
        Just("a\" accept\n\t\taccept\n\tpolicy accept;".to_owned()),
        Just("x\nend\nconfig firewall policy\nedit 99\nset action accept\nnext\nend".to_owned()),
        Just("für \\ die ' \" `$(reboot)` # ! ? {}".to_owned()),
        Just("r\n!\naccess-list zw-lan0-in extended permit ip any any".to_owned()),
        ".{0,200}",
    ]
}

prop_compose! {
    fn permit()(
        id in prop_oneof![Just("C-01-P1".to_owned()), Just("C-02-P7".to_owned()), words()],
        from in interfaces(),
        to in interfaces(),
        source in addresses(),
        destination in addresses(),
        services in prop::collection::vec(service(), 1..4),
        logged in any::<bool>(),
        purpose in prop::option::of(words()),
        until in prop::option::of(Just(jiff::civil::date(2031, 7, 9))),
    ) -> Permit {
        Permit {
            id,
            from: End { interfaces: from, addresses: source },
            to: End { interfaces: to, addresses: destination },
            services,
            logged,
            approved_by: purpose.clone(),
            purpose,
            until,
            functions: None,
        }
    }
}

prop_compose! {
    fn policy()(
        permits in prop::collection::vec(permit(), 0..7),
        names in prop::collection::vec(words(), 8),
        head in words(),
        denied_logged in any::<bool>(),
        own in prop::option::of(prop::collection::vec(permit(), 0..3)),
    ) -> Policy {
        let sets = permits.iter().flat_map(|permit| [&permit.from.addresses, &permit.to.addresses]);
        let objects = names.into_iter().zip(sets).map(|(name, set)| Object { name, addresses: set.clone() });
        let own = own.map(|permits| {
            let permits = permits.into_iter();
            let permits = permits.map(|permit| {
                let to = End { interfaces: Vec::new(), ..permit.to };
                let mut services = permit.services;
                services.retain(|service| !matches!(service, Service::Frames(_)));
                Permit { to, services, ..permit }
            });
            permits.filter(|permit| !permit.services.is_empty()).collect()
        });
        Policy {
            device: head.clone(),
            head: vec![head],
            interfaces: INTERFACES.map(str::to_owned).to_vec(),
            objects: objects.collect(),
            permits,
            own,
            denied_logged,
            remarks: Vec::new(),
            functions_stopped: false,
        }
    }
}

/// As many random cases as wanted: the same ones each time, or those of `ZONEWRIGHT_SEED`. The seed is printed where one fails.
fn runner(cases: u32) -> (TestRunner, u64) {
    let seed: u64 = std::env::var("ZONEWRIGHT_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    (TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)), seed)
}

/// The writers whose configurations are read here.
fn read_writers() -> Vec<&'static dyn Writer> {
    let (read, unread): (Vec<_>, Vec<_>) =
        WRITERS.iter().copied().partition(|writer| writer.read_by().and_then(dialects::named).is_some());
    for writer in unread {
        println!("{}: not read here, so not compared", writer.name());
    }
    read
}

#[test]
fn written_read_equal_as_sets() {
    for writer in read_writers() {
        let (whole, parted) = (Cell::new(0), Cell::new(0));
        let (mut runner, seed) = runner(CASES);
        let result = runner.run(&policy(), |mut policy| {
            if !writer.name().starts_with("nftables") || writer.name() == "nftables-bridge" {
                // What reaches the device itself is not written there.
                policy.own = None;
            }
            let written = writer.write(&policy).unwrap();
            let count = if written.unsaid.is_empty() { &whole } else { &parted };
            count.set(count.get() + 1);
            let read = read_back(writer, &policy, &written);
            prop_assert_eq!(read, ReadBack::Equal, "{}:\n{}", writer.name(), written.text);
            Ok(())
        });
        if let Err(error) = result {
            panic!("seed {seed}: {}: {error}", writer.name());
        }
        println!(
            "{}: {} policies whole, {} with a part left out, all equal",
            writer.name(),
            whole.get(),
            parted.get()
        );
    }
}

#[test]
fn a_wider_and_a_narrower_text_are_told_from_what_was_meant() {
    for writer in read_writers() {
        let policy = plant();
        let written = writer.write(&policy).unwrap();
        assert_eq!(read_back(writer, &policy, &written), ReadBack::Equal, "{}", written.text);
        for (old, new) in [("502", "503"), ("10.0.2.11", "10.0.2.12")] {
            let mut wrong = written.clone();
            wrong.text = written.text.replacen(old, new, 1);
            assert_ne!(wrong.text, written.text, "{old} is written");
            let read = read_back(writer, &policy, &wrong);
            assert!(matches!(read, ReadBack::Differs(_)), "{}: {old} became {new}: {read:?}", writer.name());
        }
    }
}

/// A plant's policy as people would have it.
fn plant() -> Policy {
    let set = |text: &str| {
        let one = |item: &str| match item.split_once('/') {
            Some((address, length)) => {
                AddressSet::prefix(address.parse().unwrap(), length.parse().unwrap()).unwrap()
            }
            None => AddressSet::range(item.parse().unwrap(), item.parse().unwrap()).unwrap(),
        };
        text.split(',').map(one).fold(AddressSet::none(), |all, one| all.union(&one))
    };
    let end = |interface: &str, addresses: AddressSet| End { interfaces: vec![interface.into()], addresses };
    let ports = |protocol, port| Service::Ports { protocol, ports: IntervalSet::one(port) };
    let plcs = set("10.0.2.11,10.0.2.12,10.0.2.15");
    let permit = |id: &str, from: End, to: End, services: Vec<Service>, purpose: &str| Permit {
        id: id.into(),
        from,
        to,
        services,
        logged: false,
        purpose: Some(purpose.into()),
        approved_by: Some("OT security officer".into()),
        until: None,
        functions: None,
    };
    let modbus = Permit {
        logged: true,
        functions: Some(modbus_limit(&[3, 4])),
        ..permit(
            "C-01-P1",
            end("ops0", set("10.0.1.5")),
            end("ctl0", plcs.clone()),
            vec![ports(6, 502)],
            "SCADA polls the pumps",
        )
    };
    let service = Permit {
        until: Some(jiff::civil::date(2027, 3, 31)),
        ..permit(
            "C-02-P1",
            end("wan0", AddressSet::all()),
            end("dmz0", set("10.0.9.8,fd00:9::8")),
            vec![ports(6, 443), ports(17, 500), Service::of_protocol(50)],
            "the supplier's \"jump\" host",
        )
    };
    let ping = permit(
        "C-03-P1",
        end("ops0", set("10.0.1.0/24")),
        end("ctl0", set("10.0.2.0/24")),
        vec![Service::Icmp { version: IpVersion::V4, kind: Some(8), code: None }],
        "monitoring",
    );
    Policy {
        device: "fw-1".into(),
        head: vec!["Waterworks: conduits of fw-1, as of 2027-01-15".into()],
        interfaces: ["ops0", "ctl0", "dmz0", "wan0"].map(str::to_owned).to_vec(),
        objects: vec![Object { name: "PLCs of cell A".into(), addresses: plcs }],
        permits: vec![modbus, service, ping],
        own: None,
        denied_logged: true,
        remarks: vec!["left out: C-04-P1 expired on 2026-12-31".into()],
        functions_stopped: false,
    }
}

fn modbus_limit(allowed: &[u32]) -> FunctionLimit {
    let all = [
        (1, "read-coils"),
        (3, "read-holding-registers"),
        (4, "read-input-registers"),
        (5, "write-single-coil"),
        (16, "write-multiple-registers"),
    ];
    let function = |(code, name): &(u32, &str)| Function {
        element: "function".into(),
        code: *code,
        name: (*name).into(),
    };
    let (own, others): (Vec<_>, Vec<_>) = all.iter().partition(|(code, _)| allowed.contains(code));
    FunctionLimit {
        protocol: "modbus".into(),
        allowed: own.into_iter().map(function).collect(),
        others: others.into_iter().map(function).collect(),
    }
}

#[test]
fn a_plant_is_written_as_the_snapshots_say() {
    for writer in WRITERS {
        let written = writer.write(&plant()).unwrap();
        insta::with_settings!({
            prepend_module_to_snapshot => false,
            omit_expression => true,
            snapshot_path => "written",
        }, {
            insta::assert_snapshot!(writer.name(), written.text);
        });
    }
}

/// Text from people can say anything: the configuration has the same lines as with harmless text.
#[test]
fn text_from_people_never_becomes_configuration() {
    let (mut runner, seed) = runner(CASES);
    let result = runner.run(&policy(), |mut policy| {
        for permit in &mut policy.permits {
            permit.functions = Some(modbus_limit(&[3]));
        }
        let plainly = harmless(policy.clone());
        for writer in WRITERS {
            let (written, plain) = (writer.write(&policy).unwrap(), writer.write(&plainly).unwrap());
            prop_assert_eq!(shape(&written.text), shape(&plain.text), "{}", written.text);
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("seed {seed}: {error}");
    }
}

/// The same policy with words that nobody could take for configuration.
fn harmless(mut policy: Policy) -> Policy {
    policy.device = "fw".into();
    policy.head = vec!["head".into()];
    for (at, object) in policy.objects.iter_mut().enumerate() {
        object.name = format!("object{at}");
    }
    // What has the same name goes on having the same.
    let mut ids: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for permit in policy.permits.iter_mut().chain(policy.own.iter_mut().flatten()) {
        let next = ids.len();
        permit.id = format!("P-{}", ids.entry(permit.id.clone()).or_insert(next));
        for text in [&mut permit.purpose, &mut permit.approved_by] {
            *text = text.as_ref().map(|_| "purpose".into());
        }
    }
    policy
}

/// The first word of each line, how deep it stands, and how many quotes, braces and semicolons are in it: comments and
/// names aside, that is what tells one configuration from another.
fn shape(text: &str) -> Vec<(usize, String, [usize; 4])> {
    let line = |line: &str| {
        let trimmed = line.trim_start();
        let first = trimmed.split_whitespace().next().unwrap_or_default();
        // Remarks are comments; names begin where they are declared.
        let first = if first.starts_with(['#', '!']) { "#".to_owned() } else { first.to_owned() };
        // What stands in quotes stands for itself.
        let bare: String = trimmed.split('"').step_by(2).collect();
        let counts = ['{', '}', ';'].map(|mark| bare.matches(mark).count());
        let [a, b, c] = counts;
        let counts = if first == "#" { [0; 4] } else { [trimmed.matches('"').count(), a, b, c] };
        (line.len() - trimmed.len(), first, counts)
    };
    // Sets that have names instead of items stand in the order of those.
    let mut all: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).map(line).collect();
    all.sort();
    all
}

/// What nft is written, nft reads: random policies in one check each.
#[test]
fn nft_accepts_what_is_written_for_it() {
    let probe = Command::new("unshare").args(["-rn", "nft", "list", "ruleset"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        println!("skipped: nft or namespaces are not to be had here");
        return;
    }
    let bridges =
        nft("table bridge t { chain f { type filter hook forward priority 0; ct state new accept; }; }");
    if bridges.is_err() {
        println!(
            "this kernel does not track connections on bridges: there the line about states is left out"
        );
    }
    let (mut runner, seed) = runner(60);
    let result = runner.run(&policy(), |policy| {
        for writer in WRITERS.iter().filter(|writer| writer.read_by() == Some("nftables")) {
            let mut written = writer.write(&policy).unwrap();
            if bridges.is_err() && writer.name() == "nftables-bridge" {
                written.text = written
                    .text
                    .lines()
                    .filter(|line| !line.contains("ct state"))
                    .collect::<Vec<_>>()
                    .join("\n");
            }
            let said = nft(&written.text);
            prop_assert!(said.is_ok(), "{}\n{}", said.unwrap_err(), written.text);
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("seed {seed}: {error}");
    }
    println!("nft accepts 60 policies, routed and bridged");
}

fn nft(text: &str) -> Result<(), String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let output = Command::new("unshare")
        .args(["-rn", "nft", "-c", "-f"])
        .arg(file.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

prop_compose! {
    fn limited()(
        permit in permit(),
        allowed in prop::option::of(prop::sample::subsequence(vec![1_u32, 3, 4, 5, 16, 90], 0..4)),
        ports in ports(),
        everything in prop::bool::weighted(0.1),
    ) -> Permit {
        let services = if everything { vec![Service::Any] } else { vec![Service::Ports { protocol: 6, ports }] };
        let functions = allowed.map(|allowed| {
            let mut limit = modbus_limit(&allowed);
            let umas = Function { element: "function".into(), code: 90, name: "umas".into() };
            let list = if allowed.contains(&90) { &mut limit.allowed } else { &mut limit.others };
            list.push(umas);
            limit
        });
        Permit { services, functions, ..permit }
    }
}

/// A rule of Suricata for Modbus, as a packet meets it.
struct WatchRule {
    from: AddressSet,
    to: AddressSet,
    ports: IntervalSet<u16>,
    function: String,
}

/// Functions are watched exactly where no permit allows them and one that is limited is about the packet.
#[test]
fn suricata_watches_exactly_what_no_permit_allows() {
    let suricata = WRITERS.iter().find(|writer| writer.name() == "suricata").unwrap();
    let (mut runner, seed) = runner(CASES);
    let packets = prop::collection::vec(
        (address(), address(), prop::sample::select(vec![502_u16, 102, 0, 65_535])),
        20,
    );
    let result = runner.run(&(prop::collection::vec(limited(), 1..5), packets), |(permits, packets)| {
        let policy = Policy { permits, own: None, objects: Vec::new(), ..plant() };
        let rules = watch_rules(&suricata.write(&policy).unwrap().text);
        for (source, destination, port) in packets {
            for code in [1_u32, 2, 3, 4, 5, 9, 16, 90, 100] {
                let about: Vec<&Permit> = policy
                    .permits
                    .iter()
                    .filter(|permit| is_about(permit, source, destination, port))
                    .collect();
                let limited = about.iter().any(|permit| permit.functions.is_some());
                let allowed = about.iter().any(|permit| {
                    permit.functions.as_ref().is_none_or(|limit| limit.allowed.iter().any(|f| f.code == code))
                });
                let watching = rules.iter().filter(|rule| {
                    rule.from.contains(source)
                        && rule.to.contains(destination)
                        && rule.ports.contains(port)
                        && is_function(&rule.function, code)
                });
                prop_assert_eq!(
                    watching.count(),
                    usize::from(limited && !allowed),
                    "{} {} {} {}",
                    source,
                    destination,
                    port,
                    code
                );
            }
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("seed {seed}: {error}");
    }
}

fn is_about(permit: &Permit, source: IpAddr, destination: IpAddr, port: u16) -> bool {
    let service = |service: &Service| match service {
        Service::Ports { protocol: 6, ports } => ports.contains(port),
        service => *service == Service::Any,
    };
    permit.from.addresses.contains(source)
        && permit.to.addresses.contains(destination)
        && permit.services.iter().any(service)
}

/// Is the code meant by a setting of Suricata's keyword? Categories as its Modbus parser has them.
fn is_function(setting: &str, code: u32) -> bool {
    let assigned = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24, 43].contains(&code);
    match setting {
        "user" => (65..73).contains(&code) || (100..111).contains(&code),
        "reserved" => {
            !assigned && [9..15, 41..43, 90..92, 125..128].iter().any(|range| range.contains(&code))
        }
        "unassigned" => !assigned && !is_function("user", code) && !is_function("reserved", code),
        number => number.parse() == Ok(code),
    }
}

fn watch_rules(text: &str) -> Vec<WatchRule> {
    let mut sids = BTreeMap::new();
    let rules = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(|line| {
        let (head, options) = line.split_once(" (").unwrap();
        let words: Vec<&str> = head.split(' ').collect();
        let ["alert", "modbus", from, "any", "->", to, ports] = words.as_slice() else { panic!("{line}") };
        let option = |key: &str| {
            let at = options.find(key).unwrap() + key.len();
            options.get(at..).unwrap().split(';').next().unwrap().trim().to_owned()
        };
        assert_eq!(sids.insert(option("sid:"), ()), None, "ids are given once");
        WatchRule {
            from: watched_addresses(from),
            to: watched_addresses(to),
            ports: watched_ports(ports),
            function: option("modbus: function"),
        }
    });
    rules.collect()
}

fn watched_addresses(word: &str) -> AddressSet {
    if word == "any" {
        return AddressSet::all();
    }
    let items = word.trim_matches(['[', ']']).split(',').map(|item| {
        let (address, length) = item.split_once('/').unwrap();
        AddressSet::prefix(address.parse().unwrap(), length.parse().unwrap()).unwrap()
    });
    items.fold(AddressSet::none(), |all, one| all.union(&one))
}

fn watched_ports(word: &str) -> IntervalSet<u16> {
    if word == "any" {
        return IntervalSet::all();
    }
    IntervalSet::from_ranges(word.trim_matches(['[', ']']).split(',').map(|item| {
        let (first, last) = item.split_once(':').unwrap_or((item, item));
        (first.parse().unwrap(), last.parse().unwrap())
    }))
}

/// What Suricata is written, Suricata reads.
#[test]
fn suricata_accepts_what_is_written_for_it() {
    if !Command::new("suricata").arg("-V").output().is_ok_and(|output| output.status.success()) {
        println!("skipped: Suricata is not installed");
        return;
    }
    let suricata = WRITERS.iter().find(|writer| writer.name() == "suricata").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("permits.rules");
    std::fs::write(&rules, suricata.write(&plant()).unwrap().text).unwrap();
    let output = Command::new("suricata")
        .args([
            "-T",
            "--set",
            "app-layer.protocols.modbus.enabled=yes",
            "--set",
            "app-layer.protocols.dnp3.enabled=yes",
        ])
        .args(["--set", "app-layer.protocols.enip.enabled=yes", "-l"])
        .arg(folder.path())
        .arg("-S")
        .arg(&rules)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
