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
    let bytes = capture(MICRO, 1, &on_ethernet(&tcp.packets));
    let inputs = ["cell-a", "cell-b"].map(|point| {
        let path = folder.path().join(point);
        std::fs::write(&path, &bytes).unwrap();
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
