//! Proposals on small observations made by hand.

use super::*;
use crate::verification::PathName;
use jiff::civil::date;
use std::net::IpAddr;
use std::sync::Arc;
use zonewright_plant::model::ZoneType;
use zonewright_source::PacketPlace;
use zonewright_traffic::facts::Direction;
use zonewright_traffic::observation::*;
use zonewright_traffic::protocol::Class;

const SECOND: i64 = 1_000_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::new(second * SECOND, 6)
}

fn place() -> PacketPlace {
    PacketPlace::packet("a.pcap".into(), 7)
}

/// An observation under construction: hosts are `10.0.N.H`, on the link if their MAC is theirs.
#[derive(Default)]
struct Scene {
    observation: Observation,
}

impl Scene {
    fn new(points: &[&str]) -> Self {
        let mut scene = Self::default();
        for point in points {
            scene.observation.captures.push(Capture {
                path: format!("{point}.pcap").into(),
                hash: None,
                size: 1,
                kind: Some(CaptureKind::Pcap),
                capture_point: Some((*point).into()),
                packets: 100,
                bytes: 1000,
                first_seen: Some(at(0)),
                last_seen: Some(at(100)),
                lines: None,
                truncated_packets: 0,
                malformed_packets: 0,
                read_error: None,
            });
        }
        scene
    }

    fn host(&mut self, point: &str, ip: &str, mac: Option<u8>) -> Arc<str> {
        let id: Arc<str> = format!("{ip}@{point}").into();
        if self.observation.assets.iter().all(|asset| asset.id != id) {
            self.observation.assets.push(Asset {
                id: id.clone(),
                context: Some(point.into()),
                macs: mac.map(|last| Mac([2, 0, 0, 0, 0, last])).into_iter().collect(),
                ips: vec![ip.parse().unwrap()],
                vlans: Vec::new(),
                names: Vec::new(),
                vendor: None,
                interface_vendor: None,
                product: None,
                version: None,
                serial: None,
                component_type: None,
                kind: None,
                roles: Vec::new(),
                first_seen: at(0),
                last_seen: at(100),
                packets_sent: 10,
                packets_received: 10,
                basis: Vec::new(),
            });
            self.observation.assets.sort_by(|a, b| a.id.cmp(&b.id));
        }
        id
    }

    /// Both ends must be there already.
    #[expect(clippy::too_many_arguments, reason = "a case reads as one line")]
    fn flow(
        &mut self,
        point: &str,
        from: &str,
        to: &str,
        port: u16,
        protocol: &str,
        classes: &[Class],
        packets: u64,
    ) {
        let end = |scene: &Self, ip: &str, port: Option<u16>| {
            let id: Arc<str> = format!("{ip}@{point}").into();
            let asset = scene.observation.asset(&id);
            let mac =
                asset.and_then(|asset| asset.macs.first().copied()).unwrap_or(Mac([2, 0, 0, 0, 0, 254]));
            FlowEnd {
                ip: Some(ip.parse::<IpAddr>().unwrap()),
                mac: Some(mac),
                asset: asset.map(|a| a.id.clone()),
                port,
            }
        };
        let function = |class: &Class| FunctionUse {
            protocol: protocol.into(),
            element: "function".into(),
            code: FunctionCode::Number(1),
            name: Some(class.as_str().into()),
            class: *class,
            direction: Direction::Request,
            count: 1,
            first: place(),
        };
        let flow = Flow {
            id: format!("{from}>{to}:{port}/{protocol}@{point}").into(),
            context: Some(point.into()),
            transport: if matches!(protocol, "ntp" | "dns") { Transport::Udp } else { Transport::Tcp },
            initiator: end(self, from, None),
            responder: end(self, to, Some(port)),
            initiator_basis: InitiatorBasis::Syn,
            vlans: Vec::new(),
            capture_points: vec![point.into()],
            protocol: Some(protocol.into()),
            encrypted: None,
            authenticated: None,
            clear_text_credentials: false,
            conversations: 1,
            packets,
            bytes: packets * 60,
            packets_from_initiator: packets / 2,
            packets_from_responder: packets / 2,
            first_seen: at(0),
            last_seen: at(99),
            places: vec![place()],
            functions: classes.iter().map(function).collect(),
            properties: Vec::new(),
            anomalies: Vec::new(),
            active_days: Vec::new(),
            inside: None,
        };
        for (ip, role) in [(from, Role::Client), (to, Role::Server)] {
            let id = format!("{ip}@{point}");
            if let Some(asset) = self.observation.assets.iter_mut().find(|asset| *asset.id == *id) {
                asset.roles.push(AssetRole { protocol: protocol.into(), role });
            }
        }
        self.observation.flows.push(flow);
        self.observation.flows.sort_by(|a, b| a.id.cmp(&b.id));
    }
}

/// A control room that reads and writes two controllers behind a router, and a controller that asks the internet for the time.
fn plant_scene() -> Scene {
    let mut scene = Scene::new(&["E-ctl"]);
    scene.host("E-ctl", "10.0.1.10", None);
    scene.host("E-ctl", "10.0.2.11", Some(11));
    scene.host("E-ctl", "10.0.2.12", Some(12));
    scene.host("E-ctl", "198.51.100.9", None);
    scene.flow("E-ctl", "10.0.1.10", "10.0.2.11", 502, "modbus", &[Class::Read], 400);
    scene.flow("E-ctl", "10.0.1.10", "10.0.2.12", 502, "modbus", &[Class::Read], 400);
    scene.flow("E-ctl", "10.0.2.11", "10.0.2.12", 502, "modbus", &[Class::Read, Class::Write], 400);
    scene.flow("E-ctl", "10.0.2.11", "198.51.100.9", 123, "ntp", &[Class::Time], 4);
    scene
}

fn told(proposal: &Proposal) -> String {
    let mut out = String::new();
    for zone in proposal.plant.zones.values() {
        let kind = zone.zone_type.map_or("", ZoneType::as_str);
        out.push_str(&format!("{} {kind} {}\n", zone.id, zone.common.reason.as_deref().unwrap_or_default()));
    }
    for permit in proposal.plant.conduits.values().flat_map(|conduit| &conduit.permits) {
        let ends = |ends: &[zonewright_plant::model::Endpoint]| {
            ends.iter().map(ToString::to_string).collect::<Vec<_>>().join("+")
        };
        let rhythm = permit.expected.map_or("", zonewright_plant::model::Rhythm::as_str);
        out.push_str(&format!(
            "{} {} > {} {} [{}] {rhythm}: {}\n",
            permit.id,
            ends(&permit.from),
            ends(&permit.to),
            permit.protocol,
            permit.classes.join(","),
            permit.common.reason.as_deref().unwrap_or_default()
        ));
    }
    out
}

#[test]
fn networks_become_zones_and_uses_become_permits_with_reasons() {
    let proposal = propose(&plant_scene().observation, &Plant::default());
    insta::assert_snapshot!(told(&proposal), @r"
    Z-10-0-1 supervisory 1 device of 10.0.1.0/24 (that it ends at /24 is assumed); supervising controllers elsewhere: 10.0.1.10
    Z-10-0-2 control 2 devices of 10.0.2.0/24 (that it ends at /24 is assumed); controllers by what they answer or by their kind: 10.0.2.11, 10.0.2.12
    Z-OUTSIDE other 1 host outside; public addresses that were only met through a router
    P-10-0-1-10-10-0-2-modbus 10.0.1.10 > 10.0.2.11+10.0.2.12 modbus [read] continuous: 800 packets, first packet 7 of a.pcap: 10.0.1.10 towards 10.0.2.11, 10.0.2.12; all through the capture
    P-10-0-2-11-198-51-100-9-ntp 10.0.2.11 > 198.51.100.9 ntp [time] continuous: 4 packets, first packet 7 of a.pcap; all through the capture; LOOK TWICE: it joins Z-10-0-2 with Z-OUTSIDE, which is not trusted
    ");
    let point = proposal.points.values().next().unwrap();
    assert_eq!(point.zone.as_ref().map(ZoneId::as_str), Some("Z-10-0-2"));
    assert!(proposal.plant.assets.values().all(|asset| asset.common.proposed));
    assert!(proposal.plant.conduits.values().all(|conduit| conduit.common.proposed));
}

fn undocumented(observation: &Observation, plant: &Plant) -> Vec<String> {
    let options = crate::Options { as_of: date(2026, 1, 1) };
    let paths = crate::verify(plant, observation, &[], options).paths;
    let wrong = |name| {
        matches!(name, PathName::Undocumented | PathName::UndeclaredBypass | PathName::UnknownEndpoint)
    };
    paths
        .into_iter()
        .filter(|path| wrong(path.name))
        .map(|path| format!("{} > {} {}", path.from, path.to, path.protocol))
        .collect()
}

#[test]
fn an_accepted_proposal_leaves_nothing_to_propose_and_nothing_undocumented() {
    // Scenes drawn by a small generator with a fixed seed: hosts of three networks, some outside, all kinds of talk.
    let mut state = 0x2545_f491_u64;
    let mut dice = move |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let services = [
        (502_u16, "modbus", Class::Read),
        (502, "modbus", Class::Write),
        (102, "s7comm", Class::Program),
        (443, "tls", Class::Session),
        (8443, "tls", Class::Session),
        (123, "ntp", Class::Time),
        (9999, "nobody-knows-it", Class::Other),
    ];
    for round in 0..60 {
        let points = ["E-1", "E-2"];
        let mut scene = Scene::new(&points);
        let ip = |dice: &mut dyn FnMut(u64) -> u64| match dice(5) {
            0 => format!("198.51.100.{}", dice(3) + 1),
            net => format!("10.0.{net}.{}", dice(6) + 1),
        };
        for _ in 0..dice(14) + 1 {
            let (a, b) = (ip(&mut dice), ip(&mut dice));
            let point = if dice(2) == 0 { points[0] } else { points[1] };
            if a == b {
                continue;
            }
            for end in [&a, &b] {
                let last = end.rsplit('.').next().unwrap().parse::<u8>().unwrap();
                let here = end.starts_with(if point == "E-1" { "10.0.1." } else { "10.0.2." });
                scene.host(point, end, here.then_some(last + if point == "E-1" { 16 } else { 32 }));
            }
            let service = services[dice(services.len() as u64) as usize];
            scene.flow(point, &a, &b, service.0, service.1, &[service.2], dice(300) + 2);
        }
        let observation = scene.observation;
        let proposal = propose(&observation, &Plant::default());
        let accepted = as_if_accepted(&with(&Plant::default(), &proposal));
        assert_eq!(undocumented(&observation, &accepted), Vec::<String>::new(), "round {round}");
        let again = propose(&observation, &accepted);
        assert!(again.is_empty(), "round {round}: {again:?}");
        let waiting = propose(&observation, &with(&Plant::default(), &proposal));
        assert!(waiting.is_empty(), "round {round}: {waiting:?}");
        assert_eq!(proposal, propose(&observation, &Plant::default()));
    }
}

#[test]
fn what_is_declared_stays_and_only_the_rest_is_proposed() {
    let scene = plant_scene();
    let first = propose(&scene.observation, &Plant::default());
    let mut declared = as_if_accepted(&with(&Plant::default(), &first));
    for conduit in declared.conduits.values_mut() {
        conduit.permits.retain(|permit| permit.protocol != "modbus");
    }
    let again = propose(&scene.observation, &declared);
    assert!(again.plant.zones.is_empty() && again.plant.assets.is_empty() && again.plant.conduits.is_empty());
    let protocols: Vec<&str> = again.permits.iter().map(|(_, permit)| permit.protocol.as_str()).collect();
    assert_eq!(protocols, ["modbus"]);
}

#[test]
fn the_same_address_in_two_cells_is_two_devices() {
    let mut scene = Scene::new(&["E-a", "E-b"]);
    for (point, mac) in [("E-a", 1), ("E-b", 2)] {
        scene.host(point, "192.168.0.1", Some(mac));
        scene.host(point, "192.168.0.2", Some(mac + 10));
        scene.flow(point, "192.168.0.1", "192.168.0.2", 502, "modbus", &[Class::Read], 50);
    }
    let proposal = propose(&scene.observation, &Plant::default());
    assert_eq!(proposal.plant.zones.len(), 2, "{:?}", proposal.plant.zones.keys());
    assert_eq!(proposal.plant.assets.len(), 4);
    assert_eq!(proposal.plant.conduits.len(), 0);
}

#[test]
fn an_attempt_that_nobody_answered_is_a_question_not_a_permit() {
    let mut scene = plant_scene();
    scene.host("E-ctl", "10.0.3.5", None);
    scene.flow("E-ctl", "10.0.2.12", "10.0.3.5", 445, "tcp", &[], 3);
    for flow in scene.observation.flows.iter_mut().filter(|flow| flow.responder.port == Some(445)) {
        flow.packets_from_responder = 0;
        flow.protocol = None;
    }
    let proposal = propose(&scene.observation, &Plant::default());
    assert!(proposal.plant.conduits.values().flat_map(|c| &c.permits).all(|permit| permit.protocol != "tcp"));
    assert!(
        proposal.questions.iter().any(|question| question.contains("nobody answered")),
        "{:?}",
        proposal.questions
    );
}

#[test]
fn hosts_that_came_through_a_router_are_in_another_network_however_close_their_addresses_are() {
    let mut scene = Scene::new(&["E-A", "E-B"]);
    for (point, last, other) in [("E-A", 10, 140), ("E-B", 140, 10)] {
        for n in 0..3_u8 {
            scene.host(point, &format!("10.0.1.{}", last + n), Some(last + n));
            scene.host(point, &format!("10.0.1.{}", other + n), None);
        }
        scene.flow(point, "10.0.1.10", "10.0.1.140", 502, "modbus", &[Class::Read], 10);
    }
    let proposal = propose(&scene.observation, &Plant::default());
    let networks: Vec<String> = proposal
        .plant
        .zones
        .values()
        .flat_map(|zone| &zone.networks)
        .map(|network| network.network.to_string())
        .collect();
    assert_eq!(networks, ["10.0.1.0/25", "10.0.1.128/25"]);
    assert!(proposal.plant.assets.values().all(|asset| asset.zone.is_some()), "{}", told(&proposal));
}

/// The networks of a plant whose two links were captured, with hosts close by that never talk across; `mirrored`: on the
/// first link, more than what one host says and hears.
fn of_two_links(mirrored: bool) -> Vec<String> {
    let mut scene = Scene::new(&["E-A", "E-B"]);
    for (point, last) in [("E-A", 2), ("E-B", 18)] {
        for n in 0..4_u8 {
            scene.host(point, &format!("10.0.1.{}", last + n), Some(last + n));
        }
    }
    scene.flow("E-A", "10.0.1.2", "10.0.1.3", 502, "modbus", &[Class::Read], 10);
    scene.flow("E-B", "10.0.1.18", "10.0.1.19", 502, "modbus", &[Class::Read], 10);
    if mirrored {
        scene.flow("E-A", "10.0.1.4", "10.0.1.5", 502, "modbus", &[Class::Read], 10);
    }
    let proposal = propose(&scene.observation, &Plant::default());
    let networks = proposal.plant.zones.values().flat_map(|zone| &zone.networks);
    networks.map(|network| network.network.to_string()).collect()
}

#[test]
fn hosts_that_a_captured_link_never_showed_are_in_another_network() {
    assert_eq!(of_two_links(true), ["10.0.1.0/28", "10.0.1.16/28"]);
    // What one host says and hears is not the link.
    assert_eq!(of_two_links(false), ["10.0.1.0/24"]);
}

fn networks_of_zones(proposal: &Proposal) -> Vec<String> {
    let zones = proposal.plant.zones.values();
    zones
        .map(|zone| {
            let networks: Vec<String> = zone.networks.iter().map(|n| n.network.to_string()).collect();
            format!("{} [{}]", zone.id, networks.join(" "))
        })
        .collect()
}

#[test]
fn how_finely_a_plant_is_parted_is_for_a_person_to_say() {
    let mut scene = plant_scene();
    // A station that asks a controller of its own network, and a printer that talks to nobody of them.
    scene.host("E-ctl", "10.0.2.20", Some(20));
    scene.flow("E-ctl", "10.0.2.20", "10.0.2.11", 502, "modbus", &[Class::Read], 40);
    let as_wished = |word: &str| {
        let granularity = Granularity::from_word(word).unwrap();
        networks_of_zones(&propose_as(
            &scene.observation,
            &Plant::default(),
            granularity,
            &Rejected::default(),
        ))
    };
    assert_eq!(as_wished("coarse"), ["Z-10-0-0 [10.0.0.0/16]", "Z-OUTSIDE [198.51.100.9/32]"]);
    assert_eq!(
        as_wished("normal"),
        ["Z-10-0-1 [10.0.1.0/24]", "Z-10-0-2 [10.0.2.0/24]", "Z-OUTSIDE [198.51.100.9/32]"]
    );
    assert_eq!(
        as_wished("fine"),
        [
            "Z-10-0-1 [10.0.1.0/24]",
            "Z-10-0-2 [10.0.2.0/24]",
            "Z-10-0-2-SUPERVISION []",
            "Z-OUTSIDE [198.51.100.9/32]"
        ]
    );
    assert_eq!(
        as_wished("28"),
        [
            "Z-10-0-1 [10.0.1.0/28]",
            "Z-10-0-2 [10.0.2.0/28]",
            "Z-10-0-2-16 [10.0.2.16/28]",
            "Z-OUTSIDE [198.51.100.9/32]"
        ]
    );
    for word in ["", "31", "7", "medium"] {
        assert_eq!(Granularity::from_word(word), None);
    }
}

#[test]
fn what_was_turned_down_is_not_proposed_again_but_what_goes_beyond_is() {
    let mut scene = plant_scene();
    let first = propose(&scene.observation, &Plant::default());
    let mut plant = as_if_accepted(&with(&Plant::default(), &first));
    let mut rejected = Rejected::default();
    for conduit in plant.conduits.values_mut() {
        rejected.permits.append(&mut conduit.permits);
    }
    let again = propose_as(&scene.observation, &plant, Granularity::Normal, &rejected);
    assert!(again.is_empty(), "{}", told(&again));
    // The same asker now writes, too.
    scene.flow("E-ctl", "10.0.1.10", "10.0.2.11", 502, "modbus", &[Class::Read, Class::Write], 400);
    let again = propose_as(&scene.observation, &plant, Granularity::Normal, &rejected);
    let classes: Vec<&[String]> = again.permits.iter().map(|(_, permit)| permit.classes.as_slice()).collect();
    assert_eq!(classes, [["write"]]);
    // A conduit that was turned down brings nothing back.
    let zones: std::collections::BTreeSet<ZoneId> = ["Z-10-0-1", "Z-10-0-2"].map(ZoneId::from).into();
    plant.conduits.retain(|_, conduit| conduit.zones.iter().any(|zone| !zones.contains(zone)));
    rejected.conduits.insert(zones);
    let again = propose_as(&scene.observation, &plant, Granularity::Normal, &rejected);
    assert!(again.is_empty(), "{}", told(&again));
}

#[test]
fn zones_and_assets_that_were_turned_down_do_not_come_back() {
    let scene = plant_scene();
    let first = propose(&scene.observation, &Plant::default());
    let mut rejected = Rejected::default();
    rejected.zones.insert(networks_of(first.plant.zones.get(&ZoneId::from("Z-10-0-1")).unwrap()));
    let asset = first.plant.assets.values().find(|asset| asset.id.as_str() == "10.0.2.12").unwrap();
    rejected.assets.insert(addresses_of(asset));
    let again = propose_as(&scene.observation, &Plant::default(), Granularity::Normal, &rejected);
    assert_eq!(networks_of_zones(&again), ["Z-10-0-2 [10.0.2.0/24]", "Z-OUTSIDE [198.51.100.9/32]"]);
    assert!(again.plant.assets.values().all(|asset| asset.id.as_str() != "10.0.2.12"));
}

#[test]
fn a_rhythm_is_told_from_the_days_and_the_requests() {
    let mut scene = Scene::new(&["E-ctl"]);
    let week = 7 * 86_400;
    scene.observation.captures[0].last_seen = Some(at(3 * week));
    scene.host("E-ctl", "10.0.1.10", None);
    for (last, days) in [
        (11, vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
        (12, vec![0, 7, 14, 20]),
        (13, vec![0, 20]),
    ] {
        let ip = format!("10.0.2.{last}");
        scene.host("E-ctl", &ip, Some(last));
        scene.flow("E-ctl", "10.0.1.10", &ip, 502, "modbus", &[Class::Read], 40);
        let flow =
            scene.observation.flows.iter_mut().find(|flow| flow.id.contains(&format!(">{ip}:"))).unwrap();
        flow.active_days = days;
    }
    // All through the capture, twice a second.
    scene.host("E-ctl", "10.0.2.14", Some(14));
    scene.flow("E-ctl", "10.0.1.10", "10.0.2.14", 502, "modbus", &[Class::Read], 10_000_000);
    let flow = scene.observation.flows.iter_mut().find(|flow| flow.id.contains(">10.0.2.14:")).unwrap();
    flow.last_seen = at(3 * week);
    flow.functions[0].count = 2 * 3 * 7 * 86_400 + 1;
    let proposal = propose(&scene.observation, &Plant::default());
    let permits = proposal.plant.conduits.values().flat_map(|conduit| &conduit.permits);
    let mut rhythms: Vec<(String, String, String)> = permits
        .map(|permit| {
            let reason = permit.common.reason.clone().unwrap();
            let why = reason.split("; ").nth(1).unwrap_or_default().to_owned();
            (permit.to[0].to_string(), permit.expected.unwrap().as_str().to_owned(), why)
        })
        .collect();
    rhythms.sort();
    let told: Vec<String> =
        rhythms.into_iter().map(|(to, expected, why)| format!("{to} {expected}: {why}")).collect();
    assert_eq!(
        told,
        [
            "10.0.2.11 daily: every day",
            "10.0.2.12 weekly: every week",
            "10.0.2.13 on-demand: now and then",
            "10.0.2.14 continuous: all through the capture, about every 500 ms",
        ]
    );
}

#[test]
fn a_historian_that_writes_is_to_be_looked_at() {
    let mut scene = plant_scene();
    scene.flow("E-ctl", "10.0.1.10", "10.0.2.11", 502, "modbus", &[Class::Read, Class::Write], 400);
    let first = propose(&scene.observation, &Plant::default());
    let mut plant = as_if_accepted(&with(&Plant::default(), &first));
    plant.conduits.clear();
    let reasons = |plant: &Plant| told(&propose(&scene.observation, plant));
    assert!(!reasons(&plant).contains("historian"));
    plant.assets.get_mut(&zonewright_plant::id::AssetId::from("10.0.1.10")).unwrap().kind =
        Some(zonewright_plant::model::AssetKind::Historian);
    assert!(
        reasons(&plant).contains("LOOK TWICE: 10.0.1.10 is a historian and changes what it should only read")
    );
}
