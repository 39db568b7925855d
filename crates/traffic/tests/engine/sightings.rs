//! A conversation that is seen at several places is one; machine cells that use the same addresses are not.

use crate::observed;
use crate::wire::{
    CLIENT, Frame, From, MICRO, SERVER, Tcp, capture, ethernet_between, ipv4_between, modbus_request,
    polling, timed, udp,
};
use zonewright_traffic::observation::Observation;

const ROUTER_A: [u8; 6] = [2, 0, 0, 0, 0, 0xa0];
const ROUTER_B: [u8; 6] = [2, 0, 0, 0, 0, 0xb0];
const CLIENT_MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];
const SERVER_MAC: [u8; 6] = [2, 0, 0, 0, 0, 2];

/// A polling conversation as seen on a link: who is the client there, who the server, and how often it was forwarded.
fn link(client: [u8; 6], server: [u8; 6], hops: (u8, u8)) -> Vec<Frame> {
    let tcp = polling(Tcp::new((40_000, 502), [1000, 2000]).handshake(), 3, 1460);
    timed(tcp.packets.into_iter().map(|(from, mut packet)| {
        packet[8] -= if from == From::Client { hops.0 } else { hops.1 };
        let (source, destination) = if from == From::Client { (client, server) } else { (server, client) };
        ethernet_between(source, destination, 0x0800, &packet)
    }))
}

fn at_points(points: &[(&str, &[Frame])]) -> Observation {
    let folder = tempfile::tempdir().unwrap();
    let inputs: Vec<_> = points
        .iter()
        .map(|(point, frames)| {
            let path = folder.path().join(point);
            std::fs::write(&path, capture(MICRO, 1, frames)).unwrap();
            let mut input = zonewright_traffic::CaptureInput::new(path);
            input.capture_point = Some((*point).into());
            input
        })
        .collect();
    zonewright_traffic::observe(&inputs, &zonewright_traffic::Options::default(), &mut |_| {})
}

fn told(seen: &Observation) -> Vec<String> {
    let end = |asset: &Option<std::sync::Arc<str>>| asset.as_deref().unwrap_or("-").to_owned();
    let flows = seen.flows.iter().map(|flow| {
        let messages: u64 = flow.functions.iter().map(|function| function.count).sum();
        let points: Vec<&str> = flow.capture_points.iter().map(AsRef::as_ref).collect();
        format!(
            "{} > {} at {} conversations {} packets {} messages {messages} places {}",
            end(&flow.initiator.asset),
            end(&flow.responder.asset),
            points.join("+"),
            flow.conversations,
            flow.packets,
            flow.places.len()
        )
    });
    flows.collect()
}

#[test]
fn both_sides_of_a_router_see_one_conversation() {
    let near = link(CLIENT_MAC, ROUTER_A, (0, 1));
    let far = link(ROUTER_B, SERVER_MAC, (1, 0));
    let seen = at_points(&[("office", &near), ("cell", &far)]);
    assert_eq!(
        told(&seen),
        ["10.0.0.1@office > 10.0.0.2@cell at cell+office conversations 1 packets 9 messages 6 places 4"]
    );
    let total: u64 = seen.functions.iter().map(|function| function.count).sum();
    assert_eq!((total, seen.captures.iter().map(|capture| capture.packets).sum::<u64>()), (6, 18));
}

#[test]
fn the_same_frames_at_two_points_are_one_conversation() {
    let frames = link(CLIENT_MAC, SERVER_MAC, (0, 0));
    // The second point missed the beginning.
    let seen = at_points(&[("north", &frames[3..]), ("south", &frames)]);
    assert_eq!(
        told(&seen),
        ["10.0.0.1@south > 10.0.0.2@south at north+south conversations 1 packets 9 messages 6 places 4"]
    );
}

#[test]
fn cells_with_the_same_addresses_stay_apart() {
    let one = link(CLIENT_MAC, SERVER_MAC, (0, 0));
    let two = link([2, 0, 0, 0, 1, 1], [2, 0, 0, 0, 1, 2], (0, 0));
    let seen = at_points(&[("cell-1", &one), ("cell-2", &two)]);
    assert_eq!(seen.flows.len(), 2, "{:?}", told(&seen));
    // Nor does it join them that one of them is seen from behind a router.
    let two = link([2, 0, 0, 0, 1, 1], [2, 0, 0, 0, 1, 2], (1, 1));
    let seen = at_points(&[("cell-1", &one), ("cell-2", &two)]);
    assert_eq!(seen.flows.len(), 2, "{:?}", told(&seen));
}

#[test]
fn at_another_time_it_is_another_conversation() {
    let near = link(CLIENT_MAC, ROUTER_A, (0, 1));
    let mut far = link(ROUTER_B, SERVER_MAC, (1, 0));
    far.iter_mut().for_each(|frame| frame.time += 3_600_000_000_000);
    assert_eq!(at_points(&[("office", &near), ("cell", &far)]).flows.len(), 2);
}

#[test]
fn datagrams_on_both_sides_of_a_router_in_one_capture_are_packets_twice_and_messages_once() {
    let datagram = |vlan: u8, source: [u8; 6], destination: [u8; 6], ttl: u8| {
        let mut packet = ipv4_between(CLIENT, SERVER, 17, &udp((40_000, 502), &modbus_request(1, 4)));
        packet[8] = ttl;
        ethernet_between(source, destination, 0x8100, &[&[0, vlan, 8, 0][..], &packet].concat())
    };
    let frames = [
        datagram(10, CLIENT_MAC, ROUTER_A, 64),
        datagram(20, ROUTER_B, SERVER_MAC, 63),
        datagram(10, CLIENT_MAC, ROUTER_A, 64),
        datagram(20, ROUTER_B, SERVER_MAC, 63),
    ];
    let seen = observed(&[&capture(MICRO, 1, &timed(frames))]);
    let [flow] = seen.flows.as_slice() else { panic!("{:?}", told(&seen)) };
    assert_eq!((flow.packets, flow.vlans.as_slice()), (4, &[10, 20][..]));
    let messages: u64 = flow.functions.iter().map(|function| function.count).sum();
    assert_eq!((flow.protocol.as_deref(), messages), (Some("modbus"), 2));
}
