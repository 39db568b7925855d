//! What the blocks of pcapng say besides packets.

use crate::wire::{Container, Tcp, capture, on_ethernet, polling};
use crate::{flows, observed};
use zonewright_traffic::observation::Observation;

fn bytes(big: bool) -> Vec<u8> {
    let packets = polling(Tcp::new((40_000, 502), [1000, 2000]).handshake(), 3, 1460).close().packets;
    capture(Container::Pcapng { big, sections: 1 }, 1, &on_ethernet(&packets))
}

struct Block {
    big: bool,
    body: Vec<u8>,
}

impl Block {
    fn u16(mut self, value: u16) -> Self {
        self.body.extend(if self.big { value.to_be_bytes() } else { value.to_le_bytes() });
        self
    }

    fn u32(mut self, value: u32) -> Self {
        self.body.extend(if self.big { value.to_be_bytes() } else { value.to_le_bytes() });
        self
    }

    fn u64(mut self, value: u64) -> Self {
        self.body.extend(if self.big { value.to_be_bytes() } else { value.to_le_bytes() });
        self
    }

    fn text(mut self, value: &[u8]) -> Self {
        self.body.extend(value);
        self.body.resize(self.body.len().next_multiple_of(4), 0);
        self
    }

    fn end(self, kind: u32) -> Vec<u8> {
        let length = self.body.len() as u32 + 12;
        let body = self.body;
        Self { big: self.big, body: Vec::new() }.u32(kind).u32(length).text(&body).u32(length).body
    }
}

const fn block(big: bool) -> Block {
    Block { big, body: Vec::new() }
}

/// Section 4.6: an interface, a time, and counters as options.
fn statistics(big: bool, interface: u32, dropped: (u64, u64)) -> Vec<u8> {
    let block = block(big).u32(interface).u32(0).u32(0);
    block.u16(5).u16(8).u64(dropped.0).u16(7).u16(8).u64(dropped.1).u16(0).u16(0).end(5)
}

fn codes(observation: &Observation) -> Vec<&str> {
    observation.diagnostics.iter().map(|said| said.code).collect()
}

#[test]
fn packets_that_were_lost_are_said() {
    for big in [false, true] {
        let mut capture = bytes(big);
        // Counters grow: the last of an interface is the whole.
        capture.extend(statistics(big, 0, (1, 0)));
        capture.extend(statistics(big, 0, (3, 4)));
        capture.extend(statistics(big, 1, (10, 0)));
        let seen = observed(&[&capture]);
        assert_eq!(codes(&seen), ["capture/lost-packets"]);
        assert!(seen.diagnostics[0].message.contains("lacks 17 packets"), "{}", seen.diagnostics[0].message);
        assert_eq!(seen.captures[0].read_error, None);
    }
    let mut capture = bytes(false);
    capture.extend(statistics(false, 0, (0, 0)));
    assert!(codes(&observed(&[&capture])).is_empty());
}

#[test]
fn names_of_addresses_that_were_seen_are_names_of_their_assets() {
    for big in [false, true] {
        let mut capture = bytes(big);
        let names = block(big)
            .u16(1)
            .u16(19)
            .text(b"\x0a\0\0\x02pump-1\0plc.two\0")
            .u16(1)
            .u16(10)
            .text(b"\x0a\0\0\x09other");
        capture.extend(names.u16(0).u16(0).end(4));
        let seen = observed(&[&capture]);
        let named: Vec<_> = seen
            .assets
            .iter()
            .flat_map(|asset| asset.names.iter().map(|name| (asset.ips[0].to_string(), name)))
            .map(|(ip, name)| format!("{ip} {} {}", name.name, name.source))
            .collect();
        assert_eq!(named, ["10.0.0.2 plc.two pcapng", "10.0.0.2 pump-1 pcapng"]);
        assert_eq!(seen.assets.len(), 2);
    }
}

#[test]
fn secrets_are_said_and_unknown_blocks_passed_over() {
    let mut capture = bytes(false);
    capture.extend(block(false).u32(0x544c_534b).u32(4).text(b"key\n").end(10));
    capture.extend(block(false).u32(32_473).text(b"anything").end(0x0000_0bad));
    capture.extend(block(false).text(b"whatever").end(0x8000_0001));
    let seen = observed(&[&capture]);
    assert_eq!(codes(&seen), ["capture/secrets"]);
    assert_eq!(flows(&seen), flows(&observed(&[&bytes(false)])));
    assert_eq!(seen.captures[0].read_error, None);
}

#[test]
fn notes_that_are_cut_are_read_as_far_as_they_go() {
    for length in 0..40 {
        for kind in [4, 5, 10] {
            let mut capture = bytes(false);
            let body: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
            capture.extend(block(false).text(&body).end(kind));
            assert_eq!(observed(&[&capture]).captures[0].read_error, None, "{kind} {length}");
        }
    }
}
