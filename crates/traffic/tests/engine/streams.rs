//! However TCP delivers, each message is counted once.

use crate::wire::{
    ACK, From, MICRO, PUSH, Tcp, capture, modbus_request, modbus_response, on_ethernet, polling,
};
use crate::{flows, functions, observed, polled};

const PORTS: (u16, u16) = (40_000, 502);

fn seen_of(tcp: &Tcp) -> zonewright_traffic::observation::Observation {
    observed(&[&capture(MICRO, 1, &on_ethernet(&tcp.packets))])
}

#[test]
fn segments_of_any_size() {
    for size in [1, 2, 3, 5, 7, 8, 9, 11, 13, 64] {
        let tcp = polling(Tcp::new(PORTS, [1000, 2000]).handshake(), 20, size);
        assert_eq!(functions(&seen_of(&tcp)), polled(20), "segments of {size}");
    }
}

#[test]
fn several_messages_in_a_segment() {
    let requests: Vec<u8> = (1..=50).flat_map(|number| modbus_request(number, 4)).collect();
    let responses: Vec<u8> = (1..=50).flat_map(|number| modbus_response(number, 4)).collect();
    for size in [17, 100, 1460] {
        let tcp = Tcp::new(PORTS, [1000, 2000]).handshake();
        let tcp = tcp.data(From::Client, &requests, size).data(From::Server, &responses, size);
        assert_eq!(functions(&seen_of(&tcp)), polled(50), "segments of {size}");
    }
}

#[test]
fn sequence_numbers_wrap() {
    let tcp = polling(Tcp::new(PORTS, [u32::MAX - 20, u32::MAX - 30]).handshake(), 20, 5);
    assert_eq!(functions(&seen_of(&tcp)), polled(20));
}

#[test]
fn retransmissions_are_packets_but_no_messages() {
    let tcp = polling(Tcp::new(PORTS, [1000, 2000]).handshake(), 5, 1460);
    let mut again = tcp.clone();
    again.packets = tcp.packets.iter().flat_map(|packet| [packet.clone(), packet.clone()]).collect();
    let seen = seen_of(&again);
    assert_eq!(functions(&seen), polled(5));
    assert_eq!(seen.flows[0].packets, 26);
    // The whole conversation again, long after.
    again.packets = tcp.packets.iter().chain(&tcp.packets[3..]).cloned().collect();
    assert_eq!(functions(&seen_of(&again)), polled(5));
}

#[test]
fn overlaps_are_read_once() {
    let mut tcp = Tcp::new(PORTS, [1000, 2000]).handshake();
    let requests: Vec<u8> = (1..=3).flat_map(|number| modbus_request(number, 4)).collect();
    let start = tcp.sequence[0];
    for (from, to) in [(0, 10), (0, 20), (15, 30), (5, 36)] {
        tcp.sequence[0] = start + from as u32;
        tcp.segment(From::Client, ACK | PUSH, &requests[from..to]);
    }
    assert_eq!(functions(&seen_of(&tcp)), "modbus function 3 read-holding-registers request × 3\n");
}

#[test]
fn order_does_not_matter() {
    let tcp = polling(Tcp::new(PORTS, [1000, 2000]).handshake(), 12, 5);
    for distance in [2, 3, 5] {
        let mut shuffled = tcp.clone();
        for group in shuffled.packets[3..].chunks_mut(distance) {
            group.reverse();
        }
        assert_eq!(functions(&seen_of(&shuffled)), polled(12), "groups of {distance} reversed");
    }
}

#[test]
fn a_keep_alive_says_nothing() {
    let mut tcp = polling(Tcp::new(PORTS, [1000, 2000]).handshake(), 2, 1460);
    tcp.sequence[0] -= 1;
    tcp.segment(From::Client, ACK, &[0]);
    tcp.sequence[0] += 1;
    let tcp = polling(tcp, 2, 1460);
    assert_eq!(functions(&seen_of(&tcp)), polled(4));
}

#[test]
fn conversations_seen_from_the_middle_are_read_and_their_client_is_found() {
    for skip in [3, 4, 5, 6] {
        let mut tcp = polling(Tcp::new(PORTS, [1000, 2000]).handshake(), 5, 1460);
        tcp.packets.drain(..skip);
        let seen = seen_of(&tcp);
        assert_eq!(functions(&seen).matches("read-holding-registers").count(), 2, "{skip}");
        assert!(seen.flows[0].id.starts_with("tcp:10.0.0.1>10.0.0.2:502/modbus"), "{}", flows(&seen));
    }
}

#[test]
fn one_side_is_enough() {
    for side in [From::Client, From::Server] {
        let mut tcp = polling(Tcp::new(PORTS, [1000, 2000]).handshake(), 5, 1460);
        tcp.packets.retain(|(from, _)| *from == side);
        let seen = seen_of(&tcp);
        let direction = if side == From::Client { "request" } else { "response" };
        assert_eq!(functions(&seen), format!("modbus function 3 read-holding-registers {direction} × 5\n"));
        let basis = if side == From::Client { "syn" } else { "synack" };
        assert!(
            flows(&seen).starts_with(&format!("tcp:10.0.0.1>10.0.0.2:502/modbus by {basis}")),
            "{}",
            flows(&seen)
        );
    }
}

#[test]
fn what_was_not_captured_costs_only_what_it_held() {
    let mut tcp = polling(Tcp::new(PORTS, [1000, 2000]).handshake(), 200, 1460);
    // Requests 41 to 60 are missing, and their answers too.
    tcp.packets.drain(3 + 80..3 + 120);
    assert_eq!(functions(&seen_of(&tcp)), polled(180));
    // Cut without regard to messages, and a piece is missing: those in it, and at most two that it touches.
    let requests: Vec<u8> = (1..=400).flat_map(|number| modbus_request(number, 4)).collect();
    for missing in 10..40 {
        let mut tcp = Tcp::new(PORTS, [1000, 2000]).handshake().data(From::Client, &requests, 50);
        tcp.packets.remove(3 + missing);
        let seen = seen_of(&tcp);
        let count = seen.functions[0].count;
        assert!((400 - 10..400 - 4).contains(&count), "{missing}: {count}");
    }
}

#[test]
fn a_syn_on_known_ports_begins_another_conversation() {
    let first = polling(Tcp::new(PORTS, [1000, 2000]).handshake(), 3, 1460).close();
    let second = polling(Tcp::new(PORTS, [900_000_000, 700_000_000]).handshake(), 3, 1460).close();
    let near = polling(Tcp::new(PORTS, [1400, 2900]).handshake(), 3, 1460);
    let mut all = first;
    all.packets.extend(second.packets);
    all.packets.extend(near.packets);
    let seen = seen_of(&all);
    assert_eq!(functions(&seen), polled(9));
    assert_eq!(seen.flows[0].conversations, 3);
}

#[test]
fn a_connection_that_replaces_another_unseen_is_read() {
    let mut all = polling(Tcp::new(PORTS, [1000, 2000]).handshake(), 3, 1460);
    let mut second = polling(Tcp::new(PORTS, [900_000_000, 700_000_000]).handshake(), 3, 1460);
    second.packets.drain(..3);
    all.packets.extend(second.packets);
    assert_eq!(functions(&seen_of(&all)), polled(6));
}

#[test]
fn what_no_dissector_knows_is_unknown() {
    let tcp = Tcp::new((40_000, 4000), [1, 2]).handshake().data(
        From::Client,
        b"\x00\xfenothing that is known\xff",
        1460,
    );
    let seen = seen_of(&tcp);
    assert_eq!(seen.flows[0].protocol, None);
    assert_eq!(seen.flows[0].id.as_ref(), "tcp:10.0.0.1>10.0.0.2:4000/unknown");
    assert!(seen.protocols.is_empty());
}

#[test]
fn a_protocol_away_from_its_port_is_recognized() {
    let tcp = polling(Tcp::new((40_000, 1502), [1000, 2000]).handshake(), 3, 1460);
    assert_eq!(functions(&seen_of(&tcp)), polled(3));
}

#[test]
fn a_length_that_lies_moves_nothing() {
    let mut tcp = polling(Tcp::new(PORTS, [1000, 2000]).handshake(), 10, 1460);
    // The total length of a packet in the middle claims 30,000 bytes that were never sent.
    tcp.packets[9].1[2..4].copy_from_slice(&30_000_u16.to_be_bytes());
    assert_eq!(functions(&seen_of(&tcp)), polled(10));
}

#[test]
fn a_protocol_that_begins_after_another_ones_negotiation_is_recognized() {
    for size in [1, 5, 1460] {
        let tcp = Tcp::new((40_000, 4000), [1000, 2000]).handshake();
        let tcp = tcp.data(From::Client, b"\x03\x00\xfe may I?", size).data(
            From::Server,
            b"\x03\x00\xfe yes",
            size,
        );
        assert_eq!(functions(&seen_of(&polling(tcp, 3, size))), polled(3), "segments of {size}");
    }
}
