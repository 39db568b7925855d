//! Nothing that a file holds makes the engine panic, and damage at the end costs nothing before it.

use crate::observed;
use crate::wire::{
    Container, From, MICRO, Tcp, capture, ethernet, fragments, ipv4, on_ethernet, polling, timed, udp,
};
use std::path::PathBuf;

/// Seeded numbers (xorshift64*), so that a failure can be repeated.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// A capture with a little of everything.
fn varied(container: Container) -> Vec<u8> {
    let tcp = polling(Tcp::new((40_000, 502), [1000, 2000]).handshake(), 4, 7).close();
    let mut frames: Vec<Vec<u8>> = on_ethernet(&tcp.packets).into_iter().map(|frame| frame.data).collect();
    let datagram = ipv4(From::Client, 17, &udp((5353, 53), &[0x55; 64]));
    frames.extend(fragments(&datagram, 9, 24).iter().map(|piece| ethernet(From::Client, 0x0800, piece)));
    frames.push(ethernet(From::Client, 0x8100, &[&[0, 5, 0x08, 0x00][..], &datagram].concat()));
    frames.push(ethernet(
        From::Client,
        0x0800,
        &ipv4(From::Client, 47, &[&[0, 0, 8, 0][..], &datagram].concat()),
    ));
    let vxlan = [&[8, 0, 0, 0, 0, 0, 42, 0][..], &ethernet(From::Server, 0x0800, &datagram)].concat();
    frames.push(ethernet(From::Client, 0x0800, &ipv4(From::Client, 17, &udp((1, 4789), &vxlan))));
    frames.push(ethernet(
        From::Client,
        0x88cc,
        &[2, 7, 4, 1, 2, 3, 4, 5, 6, 4, 2, 7, 65, 6, 2, 0, 120, 0, 0],
    ));
    let mut v6 = vec![0x60, 0, 0, 0, 0, 24, 44, 64];
    v6.extend([0xfe; 32]);
    v6.extend([17, 0, 0, 1, 0, 0, 0, 9]);
    v6.extend(udp((1, 2), &[0; 8]));
    frames.push(ethernet(From::Client, 0x86dd, &v6));
    frames.push(ethernet(From::Client, 60, &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0]));
    capture(container, 1, &timed(frames))
}

#[test]
fn a_capture_cut_anywhere_gives_the_packets_before() {
    for container in [MICRO, Container::Pcapng { big: true, sections: 2 }] {
        let bytes = varied(container);
        let mut packets = 0;
        for length in (0..bytes.len()).step_by(3) {
            let seen = observed(&[&bytes[..length]]);
            assert!(seen.captures[0].packets >= packets, "cut at {length}");
            packets = seen.captures[0].packets;
        }
    }
}

#[test]
fn a_changed_capture_never_makes_the_engine_panic() {
    for (seed, container) in [(1, MICRO), (2, Container::Pcapng { big: false, sections: 2 })] {
        let bytes = varied(container);
        let mut numbers = Numbers(0x5eed_0000 + seed);
        for _ in 0..600 {
            let mut changed = bytes.clone();
            for _ in 0..=numbers.below(12) {
                let at = numbers.below(changed.len());
                changed[at] = numbers.next() as u8;
            }
            let seen = observed(&[&changed]);
            let counted: u64 =
                seen.flows.iter().filter(|flow| flow.inside.is_none()).map(|flow| flow.packets).sum();
            assert!(counted <= seen.captures[0].packets);
        }
    }
}

#[test]
fn random_packets_of_every_link_type_never_make_the_engine_panic() {
    let mut numbers = Numbers(0x5eed_0003);
    for link in [0, 1, 9, 12, 50, 51, 101, 104, 108, 113, 192, 204, 228, 229, 276, 9999] {
        let frames = (0..300).map(|_| {
            let mut frame: Vec<u8> = (0..numbers.below(120)).map(|_| numbers.next() as u8).collect();
            // Half of them look like IP to every layer above.
            if numbers.below(2) == 0 && frame.len() > 40 {
                frame[14] = 0x45;
                frame[12..14].copy_from_slice(&[8, 0]);
            }
            frame
        });
        let frames = timed(frames.collect::<Vec<_>>());
        assert_eq!(observed(&[&capture(MICRO, link, &frames)]).captures[0].packets, 300);
    }
}

#[test]
fn the_fuzz_seeds_are_read() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/capture");
    let mut seeds = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        observed(&[&std::fs::read(entry.unwrap().path()).unwrap()]);
        seeds += 1;
    }
    assert!(seeds > 0);
}
