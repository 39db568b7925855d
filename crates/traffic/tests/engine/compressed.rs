//! Compressed captures show what they show unpacked; what precedes damage is given.

use crate::wire::{MICRO, Tcp, capture, on_ethernet, polling};
use crate::{functions, observed, polled};
use std::io::Write as _;

const POLLS: u16 = 2000;

fn plain(polls: u16) -> Vec<u8> {
    let packets = polling(Tcp::new((40_000, 502), [1000, 2000]).handshake(), polls, 1460).close().packets;
    capture(MICRO, 1, &on_ethernet(&packets))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut packed = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

type Pack = fn(&[u8]) -> Vec<u8>;

const FORMATS: [(&str, Pack); 3] = [("gzip", gzip), ("zstd", zstd), ("xz", xz)];

#[test]
fn a_compressed_capture_shows_the_same() {
    let bytes = plain(POLLS);
    for (name, pack) in FORMATS {
        let packed = pack(&bytes);
        assert!(packed.len() < bytes.len() / 2, "{name}");
        let seen = observed(&[&packed]);
        assert_eq!(functions(&seen), polled(u64::from(POLLS)), "{name}");
        assert_eq!(seen.captures[0].read_error, None, "{name}");
        assert_eq!(seen.captures[0].size, packed.len() as u64);
    }
}

#[test]
fn members_one_after_the_other_are_one_capture() {
    let bytes = plain(POLLS);
    let (first, second) = bytes.split_at(bytes.len() / 3);
    for (name, pack) in FORMATS {
        let mut packed = pack(first);
        if name == "zstd" {
            // A frame to be skipped (RFC 8878, section 3.1.2).
            packed.extend([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
        }
        packed.extend(pack(second));
        let seen = observed(&[&packed]);
        assert_eq!(functions(&seen), polled(u64::from(POLLS)), "{name}");
        assert_eq!(seen.captures[0].read_error, None, "{name}");
    }
}

#[test]
fn what_precedes_a_cut_is_given_and_the_cut_is_said() {
    let bytes = plain(POLLS);
    let all = u64::from(POLLS) * 2 + 5;
    for (name, pack) in FORMATS {
        let packed = pack(&bytes);
        let seen = observed(&[&packed[..packed.len() * 9 / 10]]);
        let capture = &seen.captures[0];
        let error = capture.read_error.as_deref().unwrap();
        assert!(error.ends_with(&format!(": the {name} stream is cut")), "{error}");
        assert!((all / 2..all).contains(&capture.packets), "{name}: {} of {all}", capture.packets);
        assert!(seen.understood());
        // Only the end of the stream is missing: every packet is there.
        let seen = observed(&[&packed[..packed.len() - 2]]);
        assert_eq!(seen.captures[0].packets, all, "{name}");
        assert!(seen.captures[0].read_error.is_some(), "{name}");
    }
}

#[test]
fn damage_is_said_and_takes_little_with_it() {
    let bytes = plain(POLLS);
    for (name, pack) in FORMATS {
        let mut packed = pack(&bytes);
        let end = packed.len();
        packed.extend(b"what is this");
        let seen = observed(&[&packed]);
        assert_eq!(seen.captures[0].packets, u64::from(POLLS) * 2 + 5, "{name}");
        let error = seen.captures[0].read_error.as_deref().unwrap();
        assert!(error.contains(&format!(": the {name} stream is ")), "{error}");
        // Any byte may be wrong: it is said, and nothing panics.
        for at in (0..end).step_by(end / 97 + 1) {
            let mut damaged = packed[..end].to_vec();
            damaged[at] ^= 0x55;
            let seen = observed(&[&damaged]);
            assert!(seen.captures[0].packets <= u64::from(POLLS) * 2 + 5, "{name} at {at}");
        }
    }
}

#[test]
fn a_bomb_takes_no_memory() {
    // 64 MiB of nothing in a record that says so: refused for its length, without unpacking what follows.
    let mut bytes = plain(1);
    bytes.extend([0; 8]);
    bytes.extend((64_u32 << 20).to_le_bytes());
    bytes.extend((64_u32 << 20).to_le_bytes());
    bytes.resize(bytes.len() + (64 << 20), 0);
    let packed = gzip(&bytes);
    let seen = observed(&[&packed]);
    assert_eq!(seen.captures[0].packets, 7);
    assert!(
        seen.captures[0]
            .read_error
            .as_deref()
            .unwrap()
            .starts_with("a record says it is 67108864 bytes long")
    );
    // A frame that wants to look back on a terabyte: its window is refused before it is allocated (RFC 8878, section
    // 3.1.1.1.2: exponent 30).
    let seen = observed(&[&[0x28, 0xb5, 0x2f, 0xfd, 0, 30 << 3, 1, 0, 0]]);
    let error = seen.captures[0].read_error.as_deref().unwrap();
    assert!(error.contains("the zstd stream is damaged"), "{error}");
}
