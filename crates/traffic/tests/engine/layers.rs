//! Whatever lies between the wire and TCP, the content is the same.

use crate::wire::{
    CLIENT, CLIENT_MAC, From, MICRO, SERVER, SERVER_MAC, Tcp, capture, ethernet, ethernet_between, fragments,
    ipv4, ipv4_between, modbus_request, modbus_response, on_ethernet, polling, timed, udp,
};
use crate::{flows, functions, observed, polled};

fn packets() -> Vec<(From, Vec<u8>)> {
    polling(Tcp::new((40_000, 502), [1000, 2000]).handshake(), 3, 1460).packets
}

fn check(link: u16, frame: impl Fn(From, &[u8]) -> Vec<u8>) -> String {
    let frames = timed(packets().iter().map(|(from, packet)| frame(*from, packet)));
    let seen = observed(&[&capture(MICRO, link, &frames)]);
    assert_eq!(functions(&seen), polled(3));
    flows(&seen)
}

const PLAIN: &str = "tcp:10.0.0.1>10.0.0.2:502/modbus by syn, 1 conversations, 9 packets (5 + 4)";

#[test]
fn links() {
    let with = |head: &[u8], packet: &[u8]| [head, packet].concat();
    let plain = format!("{PLAIN}\n");
    assert_eq!(check(1, |from, packet| ethernet(from, 0x0800, packet)), plain);
    assert_eq!(check(101, |_, packet| packet.to_vec()), plain);
    assert_eq!(check(228, |_, packet| packet.to_vec()), plain);
    assert_eq!(check(0, |_, packet| with(&[2, 0, 0, 0], packet)), plain);
    assert_eq!(check(108, |_, packet| with(&[0, 0, 0, 2], packet)), plain);
    assert_eq!(check(9, |_, packet| with(&[0xff, 3, 0, 0x21], packet)), plain);
    let cooked = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0];
    assert_eq!(check(113, |_, packet| with(&cooked, packet)), plain);
    let cooked_2 = [8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0];
    assert_eq!(check(276, |_, packet| with(&cooked_2, packet)), plain);
    let to_access_point = |packet: &[u8]| {
        let head = [0x88, 1, 0, 0, 9, 9, 9, 9, 9, 9, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0];
        with(&head, &with(&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], packet))
    };
    assert_eq!(check(105, |_, packet| to_access_point(packet)), plain);
    assert_eq!(check(127, |_, packet| with(&[0, 0, 8, 0, 0, 0, 0, 0], &to_access_point(packet))), plain);
    let information = [0, 0, 8, 0, 1, 0, 0, 0];
    assert_eq!(check(192, |from, packet| with(&information, &ethernet(from, 0x0800, packet))), plain);
}

#[test]
fn tags() {
    let with = |from, kind, head: &[u8], packet: &[u8]| ethernet(from, kind, &[head, packet].concat());
    let plain = format!("{PLAIN}\n");
    assert_eq!(
        check(1, |from, packet| with(from, 0x8100, &[0, 77, 8, 0], packet)),
        format!("{PLAIN}, vlans [77]\n")
    );
    let service = [0, 10, 0x81, 0, 0xe0, 77, 8, 0];
    assert_eq!(
        check(1, |from, packet| with(from, 0x88a8, &service, packet)),
        format!("{PLAIN}, vlans [10, 77]\n")
    );
    assert_eq!(check(1, |from, packet| with(from, 0x8847, &[0, 1, 0, 64, 0, 2, 1, 64], packet)), plain);
    assert_eq!(check(1, |from, packet| with(from, 0x8864, &[0x11, 0, 0, 1, 0, 99, 0, 0x21], packet)), plain);
    assert_eq!(check(1, |from, packet| with(from, 0x892f, &[0, 60, 0, 1, 8, 0], packet)), plain);
    // IEEE 802.3 with LLC and SNAP.
    assert_eq!(
        check(1, |from, packet| {
            let length = packet.len() as u16 + 8;
            with(from, length, &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], packet)
        }),
        plain
    );
    // A PRP trailer behind the packet (IEC 62439-3, section 4.2.7).
    assert_eq!(
        check(1, |from, packet| ethernet(from, 0x0800, &[packet, &[0, 1, 0xa0, 60, 0x88, 0xfb]].concat())),
        plain
    );
}

#[test]
fn fragments_in_any_order_are_packets_of_their_flow() {
    let packets = packets();
    for reversed in [false, true] {
        let frames = packets.iter().zip(1..).flat_map(|((from, packet), id)| {
            let mut pieces = fragments(packet, id, 8);
            if reversed {
                pieces.reverse();
            }
            pieces.into_iter().map(|piece| ethernet(*from, 0x0800, &piece)).collect::<Vec<_>>()
        });
        let frames = timed(frames);
        let seen = observed(&[&capture(MICRO, 1, &frames)]);
        assert_eq!(functions(&seen), polled(3));
        let [flow] = seen.flows.as_slice() else { panic!("{}", flows(&seen)) };
        assert_eq!(flow.packets, frames.len() as u64);
        assert_eq!(flow.bytes, frames.iter().map(|frame| frame.data.len() as u64).sum::<u64>());
    }
}

#[test]
fn tunnels_are_flows_that_carry_flows() {
    let outer = |from, protocol, head: &[u8], inner: &[u8]| {
        let (a, b) = ([192, 0, 2, 1], [192, 0, 2, 2]);
        let (source, destination) = if from == From::Client { (a, b) } else { (b, a) };
        ethernet(from, 0x0800, &ipv4_between(source, destination, protocol, &[head, inner].concat()))
    };
    let gre = check(1, |from, packet| outer(from, 47, &[0, 0, 8, 0], packet));
    insta::assert_snapshot!(gre);
    let vxlan = check(1, |from, packet| {
        let frame = ethernet(from, 0x0800, packet);
        let port = if from == From::Client { 50_001 } else { 50_002 };
        outer(from, 17, &[], &udp((port, 4789), &[&[8, 0, 0, 0, 0, 0, 42, 0][..], &frame].concat()))
    });
    insta::assert_snapshot!(vxlan);
    let ip_in_ip = check(1, |from, packet| outer(from, 4, &[], packet));
    insta::assert_snapshot!(ip_in_ip);
}

#[test]
fn a_tunnel_within_a_tunnel_without_end_is_left_closed() {
    let mut packet = ipv4(From::Client, 17, &udp((1, 2), b"deep"));
    for _ in 0..40 {
        packet = ipv4(From::Client, 4, &packet);
    }
    let seen = observed(&[&capture(MICRO, 101, &timed([packet]))]);
    assert_eq!(seen.flows.len(), 7);
    assert_eq!(seen.diagnostics[0].code, "capture/limit");
}

#[test]
fn udp_and_frames_without_ip_are_flows_too() {
    let arp = [&[0, 1, 8, 0, 6, 4, 0, 1][..], &CLIENT_MAC, &CLIENT, &[0; 6], &SERVER].concat();
    let frames = [
        ethernet_between(CLIENT_MAC, [0xff; 6], 0x0806, &arp),
        ethernet(From::Client, 0x0800, &ipv4(From::Client, 17, &udp((50_000, 502), &modbus_request(1, 2)))),
        ethernet(From::Server, 0x0800, &ipv4(From::Server, 17, &udp((502, 50_000), &modbus_response(1, 2)))),
        ethernet(From::Client, 0x88b5, &[1, 2, 3]),
        ethernet_between(SERVER_MAC, [1, 0x80, 0xc2, 0, 0, 0], 38, &[0x42, 0x42, 3, 0, 0]),
        ethernet(From::Client, 0x0800, &ipv4(From::Client, 1, &[8, 0, 0, 0, 0, 1, 0, 1])),
        ethernet(From::Client, 0x0800, &ipv4(From::Client, 99, &[8, 0, 0, 0, 0, 1, 0, 1])),
    ];
    let seen = observed(&[&capture(MICRO, 1, &timed(frames))]);
    insta::assert_snapshot!(flows(&seen));
    let protocols: Vec<_> =
        seen.protocols.iter().map(|used| format!("{} {}", used.name, used.packets)).collect();
    assert_eq!(protocols, ["arp 1", "icmp 1", "modbus 2", "stp 1"]);
}

#[test]
fn a_frame_without_ip_that_was_cut_says_what_it_shows() {
    // GOOSE: application, length, two reserved, a PDU of 64 octets that begins with its control block.
    let goose = [&[0x30, 1, 0, 74, 0, 0, 0, 0, 0x61, 64, 0x80, 4][..], b"LD/A", &[0; 20]].concat();
    let mut frames = timed([ethernet(From::Client, 0x88b8, &goose)]);
    for frame in &mut frames {
        frame.wire = Some(14 + 74);
    }
    let seen = observed(&[&capture(MICRO, 1, &frames)]);
    assert_eq!(functions(&seen), "goose control-block LD/A publish none × 1\n");
    assert_eq!((seen.captures[0].truncated_packets, seen.captures[0].malformed_packets), (1, 0));
}

#[test]
fn a_snapshot_length_cuts_frames_and_nothing_is_invented() {
    let mut frames =
        on_ethernet(&polling(Tcp::new((40_000, 502), [1000, 2000]).handshake(), 3, 1460).packets);
    for frame in &mut frames {
        frame.wire = Some(frame.data.len() as u32);
        frame.data.truncate(14 + 20 + 20 + 9);
    }
    let seen = observed(&[&capture(MICRO, 1, &frames)]);
    assert_eq!(functions(&seen), polled(3));
    assert_eq!((seen.captures[0].truncated_packets, seen.captures[0].malformed_packets), (6, 0));
    // Not even the function code is there.
    for frame in &mut frames {
        frame.data.truncate(14 + 20 + 20 + 5);
    }
    assert_eq!(functions(&observed(&[&capture(MICRO, 1, &frames)])), "");
}
