//! The yardstick: the least that anything must do that counts who talks to whom. A mapped classic capture, headers of
//! Ethernet, IPv4, TCP and UDP, and a hash map of 5-tuples. Speed is stated as a multiple of this, measured in pairs.
//!
//! `cargo bench -p zonewright-traffic --bench bare_loop -- FILE`

#![expect(
    unsafe_code,
    clippy::print_stdout,
    reason = "a yardstick: it maps the file and prints what it counted"
)]

use hashbrown::HashMap;
use std::process::ExitCode;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    addresses: (u32, u32),
    ports: (u16, u16),
    protocol: u8,
}

#[derive(Debug, Default)]
struct Flow {
    packets: [u64; 2],
    bytes: [u64; 2],
    first: u64,
    last: u64,
}

fn main() -> ExitCode {
    let Some(path) = std::env::args().skip(1).find(|word| !word.starts_with("--")) else {
        println!("no capture given, nothing measured");
        return ExitCode::SUCCESS;
    };
    let Ok(file) = std::fs::File::open(&path) else { return ExitCode::from(2) };
    // SAFETY: nobody changes the file while the yardstick runs; if somebody does, only this measurement is lost.
    let Ok(map) = (unsafe { memmap2::Mmap::map(&file) }) else { return ExitCode::from(2) };
    let mut flows: HashMap<Key, Flow, ahash::RandomState> = HashMap::default();
    let (mut packets, mut bytes) = (0_u64, 0_u64);
    let mut rest = map.get(24..).unwrap_or_default();
    while let Some((head, behind)) = rest.split_first_chunk::<16>() {
        let word = |at: usize| {
            head.get(at..).and_then(|bytes| bytes.first_chunk()).map_or(0, |bytes| u32::from_le_bytes(*bytes))
        };
        let Some((data, next)) = behind.split_at_checked(word(8) as usize) else { break };
        rest = next;
        packets += 1;
        bytes += data.len() as u64;
        let time = u64::from(word(0)) * 1_000_000 + u64::from(word(4));
        if let Some((key, reversed)) = key(data) {
            let flow = flows.entry(key).or_default();
            let side = usize::from(reversed);
            if let (Some(packets), Some(bytes)) = (flow.packets.get_mut(side), flow.bytes.get_mut(side)) {
                *packets += 1;
                *bytes += data.len() as u64;
            }
            flow.first = if flow.first == 0 { time } else { flow.first };
            flow.last = time;
        }
    }
    println!("{packets} packets {bytes} bytes {} flows", flows.len());
    ExitCode::SUCCESS
}

fn key(data: &[u8]) -> Option<(Key, bool)> {
    let head = data.first_chunk::<34>()?;
    if head[12..14] != [8, 0] || head[14] >> 4 != 4 {
        return None;
    }
    let protocol = head[23];
    let at = 14 + usize::from(head[14] & 15) * 4;
    let ports = if matches!(protocol, 6 | 17) { *data.get(at..)?.first_chunk::<4>()? } else { [0; 4] };
    let source = (
        u32::from_be_bytes([head[26], head[27], head[28], head[29]]),
        u16::from_be_bytes([ports[0], ports[1]]),
    );
    let destination = (
        u32::from_be_bytes([head[30], head[31], head[32], head[33]]),
        u16::from_be_bytes([ports[2], ports[3]]),
    );
    let (low, high) = (source.min(destination), source.max(destination));
    Some((Key { addresses: (low.0, high.0), ports: (low.1, high.1), protocol }, source > destination))
}
