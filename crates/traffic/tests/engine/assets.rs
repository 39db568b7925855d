//! What is one device, what are two, and what is only a router's address.

use crate::observed;
use crate::wire::{
    CLIENT, CLIENT_MAC, From, MICRO, SERVER, SERVER_MAC, Tcp, capture, ethernet, ethernet_between,
    ipv4_between, on_ethernet, polling, timed, udp,
};
use std::fmt::Write as _;
use zonewright_traffic::observation::Observation;

fn assets(observation: &Observation) -> String {
    let mut text = String::new();
    for asset in &observation.assets {
        let macs: Vec<_> = asset.macs.iter().map(ToString::to_string).collect();
        let ips: Vec<_> = asset.ips.iter().map(ToString::to_string).collect();
        let kind = asset.kind.as_deref().unwrap_or("?");
        let component = asset.component_type.as_deref().unwrap_or("?");
        writeln!(text, "{} macs {macs:?} ips {ips:?} {kind} {component}", asset.id).unwrap();
        let roles: Vec<_> =
            asset.roles.iter().map(|role| format!("{} {}", role.protocol, role.role.as_str())).collect();
        if !roles.is_empty() {
            writeln!(text, "  roles {roles:?}").unwrap();
        }
        for basis in &asset.basis {
            writeln!(text, "  {}", basis.text).unwrap();
        }
    }
    text
}

fn packet(source: [u8; 4], ttl: u8, destination: [u8; 4]) -> Vec<u8> {
    let mut packet = ipv4_between(source, destination, 17, &udp((50_000, 9), b"x"));
    packet[8] = ttl;
    packet
}

#[test]
fn a_poller_and_a_device() {
    let tcp = polling(Tcp::new((40_000, 502), [1000, 2000]).handshake(), 3, 1460);
    insta::assert_snapshot!(assets(&observed(&[&capture(MICRO, 1, &on_ethernet(&tcp.packets))])));
}

#[test]
fn a_routers_address_is_not_that_of_the_hosts_behind_it() {
    let remote = |last: u8, ttl| ethernet(From::Server, 0x0800, &packet([172, 16, 0, last], ttl, CLIENT));
    let frames = [
        remote(1, 63),
        remote(2, 127),
        remote(3, 62),
        ethernet(From::Client, 0x0800, &packet(CLIENT, 64, [172, 16, 0, 1])),
    ];
    insta::assert_snapshot!(assets(&observed(&[&capture(MICRO, 1, &timed(frames))])));
}

#[test]
fn a_single_host_behind_a_router_is_not_the_router() {
    let frames = [ethernet(From::Server, 0x0800, &packet([172, 16, 0, 1], 61, CLIENT))];
    let seen = observed(&[&capture(MICRO, 1, &timed(frames))]);
    let ids: Vec<_> = seen.assets.iter().map(|asset| asset.id.to_string()).collect();
    assert_eq!(ids, ["02:00:00:00:00:01", "02:00:00:00:00:02", "172.16.0.1"]);
}

#[test]
fn two_that_claim_one_address_are_not_merged() {
    let claim = |mac: [u8; 6]| {
        let body = [&[0, 1, 8, 0, 6, 4, 0, 2][..], &mac, &SERVER, &CLIENT_MAC, &CLIENT].concat();
        ethernet_between(mac, CLIENT_MAC, 0x0806, &body)
    };
    let seen = observed(&[&capture(MICRO, 1, &timed([claim(SERVER_MAC), claim([2, 0, 0, 0, 0, 9])]))]);
    assert!(
        seen.assets.iter().all(|asset| asset.ips.is_empty() || asset.macs.is_empty()),
        "{}",
        assets(&seen)
    );
    let seen = observed(&[&capture(MICRO, 1, &timed([claim(SERVER_MAC)]))]);
    let server = seen.asset("10.0.0.2").unwrap();
    assert_eq!(server.macs[0].to_string(), "02:00:00:00:00:02");
}

#[test]
fn who_never_answers_is_no_asset_and_no_group_is_one() {
    let frames = [
        ethernet(From::Client, 0x0800, &packet(CLIENT, 64, [10, 0, 0, 99])),
        ethernet_between(CLIENT_MAC, [0xff; 6], 0x0800, &packet(CLIENT, 64, [10, 0, 0, 255])),
        ethernet_between(CLIENT_MAC, [1, 0, 0x5e, 0, 0, 5], 0x0800, &packet(CLIENT, 1, [224, 0, 0, 5])),
    ];
    let seen = observed(&[&capture(MICRO, 1, &timed(frames))]);
    let ips: Vec<_> = seen.assets.iter().flat_map(|asset| &asset.ips).map(ToString::to_string).collect();
    assert_eq!(ips, ["10.0.0.1"]);
    assert!(seen.flows.iter().all(|flow| flow.responder.asset.is_none() && flow.responder.mac.is_some()));
}

#[test]
fn the_same_address_at_two_capture_points_is_two_assets() {
    let folder = tempfile::tempdir().unwrap();
    let tcp = polling(Tcp::new((40_000, 502), [1000, 2000]).handshake(), 3, 1460);
    let mut second = on_ethernet(&tcp.packets);
    // The other cell's stations have link-layer addresses of their own.
    second.iter_mut().for_each(|frame| (frame.data[4], frame.data[10]) = (1, 1));
    let first = capture(MICRO, 1, &on_ethernet(&tcp.packets));
    let inputs = [("cell-a", first), ("cell-b", capture(MICRO, 1, &second))].map(|(point, bytes)| {
        let path = folder.path().join(point);
        std::fs::write(&path, bytes).unwrap();
        let mut input = zonewright_traffic::CaptureInput::new(path);
        input.capture_point = Some(point.into());
        input
    });
    let seen = zonewright_traffic::observe(&inputs, &zonewright_traffic::Options::default(), &mut |_| {});
    let ids: Vec<_> = seen.assets.iter().map(|asset| asset.id.to_string()).collect();
    assert_eq!(ids, ["10.0.0.1@cell-a", "10.0.0.1@cell-b", "10.0.0.2@cell-a", "10.0.0.2@cell-b"]);
    assert_eq!(seen.flows.len(), 2);
    assert!(seen.captures[0].hash.as_deref().unwrap().starts_with("blake3:"));
}

#[test]
fn the_same_address_in_two_cells_of_one_mirror_is_two_assets() {
    let tagged = |mac: [u8; 6], vlan: u8, kind: u16, payload: &[u8]| {
        let kind = kind.to_be_bytes();
        ethernet_between(mac, CLIENT_MAC, 0x8100, &[&[0, vlan, kind[0], kind[1]][..], payload].concat())
    };
    let claim = |mac: [u8; 6]| [&[0, 1, 8, 0, 6, 4, 0, 2][..], &mac, &SERVER, &CLIENT_MAC, &CLIENT].concat();
    let second = [2, 0, 0, 0, 0, 9];
    let answer = packet(SERVER, 64, CLIENT);
    let with_claims = [
        tagged(SERVER_MAC, 10, 0x0806, &claim(SERVER_MAC)),
        tagged(second, 20, 0x0806, &claim(second)),
        tagged(SERVER_MAC, 10, 0x0800, &answer),
        tagged(second, 20, 0x0800, &answer),
    ];
    for frames in [&with_claims[..], &with_claims[2..]] {
        let seen = observed(&[&capture(MICRO, 1, &timed(frames.to_vec()))]);
        let named: Vec<_> = seen.assets.iter().filter(|asset| asset.context.is_some()).collect();
        let ids: Vec<_> = named.iter().map(|asset| asset.id.to_string()).collect();
        assert_eq!(ids, ["10.0.0.2@vlan-10", "10.0.0.2@vlan-20"]);
        assert_eq!(named[1].macs[0].to_string(), "02:00:00:00:00:09");
        let flows: Vec<_> =
            seen.flows.iter().filter(|flow| flow.id.starts_with("udp")).map(|flow| &*flow.id).collect();
        assert_eq!(
            flows,
            ["udp:10.0.0.2>10.0.0.1:9/unknown@vlan-10", "udp:10.0.0.2>10.0.0.1:9/unknown@vlan-20"]
        );
    }
    // Routed from one VLAN to the other: one asset.
    let routed =
        [tagged(SERVER_MAC, 10, 0x0800, &answer), tagged(second, 20, 0x0800, &packet(SERVER, 63, CLIENT))];
    let seen = observed(&[&capture(MICRO, 1, &timed(routed))]);
    assert!(seen.asset("10.0.0.2").is_some(), "{}", assets(&seen));
}

#[test]
fn a_device_that_counts_from_sixty_is_no_router() {
    let body = [&[0, 1, 8, 0, 6, 4, 0, 2][..], &SERVER_MAC, &SERVER, &CLIENT_MAC, &CLIENT].concat();
    let claim = ethernet_between(SERVER_MAC, CLIENT_MAC, 0x0806, &body);
    let answer = ethernet(From::Server, 0x0800, &packet(SERVER, 60, CLIENT));
    let seen = observed(&[&capture(MICRO, 1, &timed([claim, answer]))]);
    let device = seen.asset("10.0.0.2").unwrap();
    assert_eq!((device.macs.len(), &device.kind), (1, &None));
}

/// A client that looks for an address server and says its name.
fn discover(mac: [u8; 6], name: &str) -> Vec<u8> {
    let mut body = vec![0; 236];
    body[..3].copy_from_slice(&[1, 1, 6]);
    body[28..34].copy_from_slice(&mac);
    body.extend([99, 130, 83, 99, 53, 1, 1, 12, u8::try_from(name.len()).unwrap()]);
    body.extend(name.bytes().chain([255]));
    let packet = ipv4_between([0; 4], [255; 4], 17, &udp((68, 67), &body));
    ethernet_between(mac, [0xff; 6], 0x0800, &packet)
}

#[test]
fn who_has_no_address_yet_is_named_by_its_link_layer_address_if_alone() {
    let names = |frames: Vec<Vec<u8>>| {
        let seen = observed(&[&capture(MICRO, 1, &timed(frames))]);
        let all = seen.assets.iter().flat_map(|asset| {
            asset.names.iter().map(|name| format!("{} {}", asset.id, name.name)).collect::<Vec<_>>()
        });
        all.collect::<Vec<_>>()
    };
    assert_eq!(names(vec![discover(CLIENT_MAC, "plc-7")]), ["02:00:00:00:00:01 plc-7"]);
    // Two that speak from the unspecified address cannot be told apart.
    let two = vec![discover(CLIENT_MAC, "plc-7"), discover(SERVER_MAC, "hmi-2")];
    assert_eq!(names(two), [""; 0]);
}

#[test]
fn the_vendor_is_told_by_the_registry_and_a_virtual_machine_by_its_software() {
    let from = |mac: [u8; 6], last: u8| {
        ethernet_between(mac, SERVER_MAC, 0x0800, &packet([10, 0, 0, last], 64, SERVER))
    };
    let frames = [
        from([0x00, 0x1b, 0x1b, 1, 2, 3], 11),
        from([0x52, 0x54, 0x00, 1, 2, 3], 12),
        from([0x00, 0x0c, 0x29, 1, 2, 3], 13),
        from([0x02, 0x1b, 0x1b, 1, 2, 3], 14),
    ];
    let seen = observed(&[&capture(MICRO, 1, &timed(frames))]);
    let vendors = [11, 12, 13, 14].map(|last| seen.asset(&format!("10.0.0.{last}")).unwrap().vendor.clone());
    assert_eq!(
        vendors.each_ref().map(Option::as_deref),
        [Some("Siemens AG"), None, Some("VMware, Inc."), None]
    );
    let machines: Vec<_> = seen
        .assets
        .iter()
        .filter(|asset| asset.basis.iter().any(|basis| basis.text.contains("virtual machine")))
        .map(|asset| &*asset.id)
        .collect();
    assert_eq!(machines, ["10.0.0.12", "10.0.0.13"]);
}

fn arp_claim(mac: [u8; 6], ip: [u8; 4]) -> Vec<u8> {
    let body = [&[0, 1, 8, 0, 6, 4, 0, 2][..], &mac, &ip, &CLIENT_MAC, &CLIENT].concat();
    ethernet_between(mac, CLIENT_MAC, 0x0806, &body)
}

/// `from` in its own right, `to` anywhere.
fn sends(mac: [u8; 6], ip: [u8; 4], ttl: u8, to: [u8; 4]) -> Vec<u8> {
    ethernet_between(mac, CLIENT_MAC, 0x0800, &packet(ip, ttl, to))
}

fn basis_of<'o>(seen: &'o Observation, id: &str) -> Vec<&'o str> {
    let asset = seen.asset(id).unwrap_or_else(|| panic!("no {id} in\n{}", assets(seen)));
    asset.basis.iter().map(|basis| basis.text.as_str()).collect()
}

#[test]
fn routers_that_share_an_address_stay_two_and_the_address_is_told() {
    const GROUP: [u8; 6] = [1, 0, 0x5e, 0, 0, 2];
    const SHARED: [u8; 6] = [0, 0, 0x0c, 7, 0xac, 1];
    let hello = |mac: [u8; 6], last: u8| {
        let hello = [&[0, 0, 16, 3, 10, 100, 1, 0][..], b"cisco\0\0\0", &[10, 0, 0, 254]].concat();
        let packet = ipv4_between([10, 0, 0, last], [224, 0, 0, 2], 17, &udp((1985, 1985), &hello));
        ethernet_between(mac, GROUP, 0x0800, &packet)
    };
    let (one, two) = ([2, 0, 0, 0, 0, 0x11], [2, 0, 0, 0, 0, 0x12]);
    let frames = [
        hello(one, 11),
        hello(two, 12),
        arp_claim(SHARED, [10, 0, 0, 254]),
        // The router that leads claims the address with its own, too.
        arp_claim(one, [10, 0, 0, 254]),
        arp_claim(one, [10, 0, 0, 11]),
        arp_claim(two, [10, 0, 0, 12]),
    ];
    let seen = observed(&[&capture(MICRO, 1, &timed(frames))]);
    insta::assert_snapshot!(assets(&seen));
    assert!(seen.flows.iter().all(|flow| flow.anomalies.is_empty()));
}

#[test]
fn an_address_claimed_twice_is_an_anomaly_unless_it_was_had_in_turn() {
    let thief = [2, 0, 0, 0, 0, 9];
    let frames = [
        arp_claim(SERVER_MAC, SERVER),
        sends(SERVER_MAC, SERVER, 64, CLIENT),
        arp_claim(thief, SERVER),
        sends(thief, SERVER, 64, CLIENT),
        sends(SERVER_MAC, SERVER, 64, CLIENT),
    ];
    let anomalies = |seen: &Observation| -> Vec<String> {
        let flows = seen.flows.iter().flat_map(|flow| &flow.anomalies);
        flows.map(|anomaly| format!("{} packet {}", anomaly.what, anomaly.place.packet)).collect()
    };
    let seen = observed(&[&capture(MICRO, 1, &timed(frames.clone()))]);
    assert_eq!(anomalies(&seen), ["duplicate-address packet 1", "duplicate-address packet 3"]);
    assert!(basis_of(&seen, "10.0.0.2")[0].contains("claim 10.0.0.2 at once"), "{}", assets(&seen));
    // The same without the last: one after the other, as with an address that was leased anew. Each has conversations of its own.
    let later = |mut frame: Vec<u8>| {
        // Another source port: another conversation.
        frame[14 + 20] = 0xc4;
        frame
    };
    let frames = [frames[0].clone(), frames[1].clone(), frames[2].clone(), later(frames[3].clone())];
    let seen = observed(&[&capture(MICRO, 1, &timed(frames))]);
    assert_eq!(anomalies(&seen), Vec::<String>::new());
    assert!(basis_of(&seen, "10.0.0.2")[0].contains("one after the other"), "{}", assets(&seen));
    assert!(seen.asset("10.0.0.2").unwrap().macs.is_empty());
}

fn lldp(port: [u8; 6], chassis: [u8; 6], managed: [u8; 4]) -> Vec<u8> {
    let body = [
        &[2, 7, 4][..],
        &chassis,
        &[4, 2, 7, b'1', 6, 2, 0, 120, 10, 4, b's', b'w', b'-', b'1', 0x10, 12, 5, 1],
        &managed,
        &[2, 0, 0, 0, 1, 0, 0, 0],
    ]
    .concat();
    ethernet_between(port, [1, 0x80, 0xc2, 0, 0, 0x0e], 0x88cc, &body)
}

#[test]
fn the_ports_of_a_chassis_are_one_device_and_nobody_merges_another() {
    let chassis = [0x00, 0x1b, 0x1b, 0, 0, 0];
    let port = |last: u8| [0x00, 0x1b, 0x1b, 0, 0, last];
    let hostile = [0x02, 0x66, 0x66, 0, 0, 1];
    let frames = [
        lldp(port(1), chassis, [10, 0, 0, 250]),
        lldp(port(2), chassis, [10, 0, 0, 250]),
        // One that says to be the chassis, at the address of another.
        arp_claim(SERVER_MAC, SERVER),
        lldp(hostile, chassis, SERVER),
    ];
    let seen = observed(&[&capture(MICRO, 1, &timed(frames))]);
    insta::assert_snapshot!(assets(&seen));
}

#[test]
fn many_addresses_that_pass_by_make_a_router() {
    let frames: Vec<_> = (1..=20)
        .map(|last| ethernet(From::Client, 0x0800, &packet(CLIENT, 64, [172, 16, last, 1])))
        .collect();
    let seen = observed(&[&capture(MICRO, 1, &timed(frames.clone()))]);
    let router = seen.asset("02:00:00:00:00:02").unwrap();
    assert_eq!(router.kind.as_deref(), Some("router"), "{}", assets(&seen));
    let seen = observed(&[&capture(MICRO, 1, &timed(frames[..8].to_vec()))]);
    assert_eq!(seen.asset("02:00:00:00:00:02").unwrap().kind, None);
}

#[test]
fn an_identifier_made_of_the_address_is_the_same_device() {
    let six = |source: [u8; 16], mac: [u8; 6]| {
        let mut group = [0; 16];
        (group[0], group[1], group[15]) = (0xff, 0x02, 1);
        let payload = udp((50_000, 9), b"x");
        let head = [0x60, 0, 0, 0, 0, payload.len() as u8, 17, 64];
        let packet = [&head[..], &source, &group, &payload].concat();
        ethernet_between(mac, [0x33, 0x33, 0, 0, 0, 1], 0x86dd, &packet)
    };
    let made = |prefix: [u8; 2], last: u8| {
        let mut address = [0; 16];
        address[..2].copy_from_slice(&prefix);
        address[8..].copy_from_slice(&[0, 0, 0, 0xff, 0xfe, 0, 0, last]);
        address
    };
    let frames = [
        six(made([0xfe, 0x80], 1), CLIENT_MAC),
        six(made([0x20, 0x01], 1), CLIENT_MAC),
        six(made([0xfe, 0x80], 7), SERVER_MAC),
    ];
    let seen = observed(&[&capture(MICRO, 1, &timed(frames))]);
    let ips: Vec<_> = seen.assets.iter().map(|asset| (asset.macs.len(), asset.ips.len())).collect();
    assert_eq!(ips, [(1, 0), (1, 2), (0, 1)], "{}", assets(&seen));
}

#[test]
fn the_two_adapters_of_a_node_in_two_networks_are_one_device() {
    let (a, b) = ([0x00, 0x1b, 0x1b, 0, 0, 0x0a], [0x00, 0x1b, 0x1b, 0, 0, 0x0b]);
    let group = [1, 0x15, 0x4e, 0, 1, 0];
    let supervision = |nodes: &[u8]| {
        ethernet_between(
            a,
            group,
            0x88fb,
            &[&[0xf0, 0, 0, 7, 20, nodes.len() as u8][..], nodes, &[0, 0]].concat(),
        )
    };
    let seen = observed(&[&capture(MICRO, 1, &timed([supervision(&[a, b].concat())]))]);
    insta::assert_snapshot!(assets(&seen));
    let seen = observed(&[&capture(MICRO, 1, &timed([supervision(&a)]))]);
    assert_eq!(
        basis_of(&seen, "00:1b:1b:00:00:0a").last(),
        Some(&"is attached to two networks at once by prp")
    );
}

#[test]
fn the_router_that_leads_is_told_from_the_address_that_it_shares() {
    const GROUP: [u8; 6] = [1, 0, 0x5e, 0, 0, 2];
    let hello = |mac: [u8; 6], last: u8| {
        let hello = [&[0, 0, 16, 3, 10, 100, 1, 0][..], b"cisco\0\0\0", &[10, 0, 0, 254]].concat();
        let mut packet = ipv4_between([10, 0, 0, last], [224, 0, 0, 2], 17, &udp((1985, 1985), &hello));
        packet[8] = 1;
        ethernet_between(mac, GROUP, 0x0800, &packet)
    };
    let frames = [
        hello([2, 0, 0, 0, 0, 0x11], 11),
        hello([0, 0, 0x0c, 7, 0xac, 1], 11),
        hello([2, 0, 0, 0, 0, 0x12], 12),
    ];
    let seen = observed(&[&capture(MICRO, 1, &timed(frames))]);
    let ids: Vec<_> = seen.assets.iter().map(|asset| (&*asset.id, asset.macs.len())).collect();
    assert_eq!(ids, [("00:00:0c:07:ac:01", 1), ("10.0.0.11", 1), ("10.0.0.12", 1)], "{}", assets(&seen));
    assert!(basis_of(&seen, "10.0.0.11")[0].contains("no router forwards"));
    // A low time to live towards a group is not one that was counted down.
    assert!(
        seen.assets.iter().flat_map(|asset| &asset.basis).all(|basis| !basis.text.contains("counted down"))
    );
}
