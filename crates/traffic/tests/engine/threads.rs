//! What comes out does not depend on how many threads read.

use crate::wire::{
    CLIENT, From, MICRO, SERVER, Tcp, capture, ethernet, fragments, ipv4, ipv4_between, on_ethernet, polling,
    timed, udp,
};
use std::path::Path;
use zonewright_traffic::{CaptureInput, Hashing, Options, json, observe};

fn seen(path: &Path, threads: u32) -> String {
    let input = CaptureInput { capture_point: Some("tap".into()), ..CaptureInput::new(path) };
    let options = Options { hashing: Hashing::Blake3, threads };
    json::observation(&observe(&[input], &options, &mut |_| {}), "0", serde_json::json!([])).to_string()
}

fn assert_same(path: &Path) {
    let one = seen(path, 1);
    for threads in [2, 3] {
        assert!(one == seen(path, threads), "{} with {threads} threads", path.display());
    }
}

fn vxlan(inner: &[u8]) -> Vec<u8> {
    [&[8, 0, 0, 0, 0, 0, 7, 0][..], inner].concat()
}

#[test]
fn conversations_tunnels_and_fragments_are_the_same_for_any_number_of_threads() {
    let mut frames = Vec::new();
    for port in 40_000..40_020 {
        let tcp = polling(Tcp::new((port, 502), [1000, 2000]).handshake(), 20, 12).close();
        frames.extend(on_ethernet(&tcp.packets).into_iter().map(|frame| frame.data));
    }
    for host in 1..60 {
        let answer = udp((53, 50_000 + u16::from(host)), b"no name");
        frames.push(ethernet(From::Server, 0x0800, &ipv4_between([10, 0, 1, host], CLIENT, 17, &answer)));
        let inner = ethernet(
            From::Client,
            0x0800,
            &ipv4_between([192, 168, 0, host], [192, 168, 0, 200], 17, &udp((1, 2), b"within")),
        );
        let outer = ipv4_between([10, 0, 2, host], SERVER, 17, &udp((9999, 4789), &vxlan(&inner)));
        frames.push(ethernet(From::Client, 0x0800, &outer));
        let big = ipv4_between([10, 0, 3, host], SERVER, 17, &udp((2000, 2001), &[7; 900]));
        frames.extend(
            fragments(&big, u16::from(host), 400).iter().map(|part| ethernet(From::Client, 0x0800, part)),
        );
        frames.push(ethernet(From::Client, 0x88b5, &[host; 40]));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.pcap");
    std::fs::write(&path, capture(MICRO, 1, &timed(frames.clone()))).unwrap();
    assert_same(&path);

    // A tunnel in fragments: no thread alone can tell whose the later ones are.
    let inner = ethernet(From::Client, 0x0800, &ipv4(From::Client, 17, &udp((1, 2), &[1; 700])));
    let outer = ipv4_between([10, 0, 2, 1], SERVER, 17, &udp((9999, 4789), &vxlan(&inner)));
    frames.extend(fragments(&outer, 77, 400).iter().map(|part| ethernet(From::Client, 0x0800, part)));
    std::fs::write(&path, capture(MICRO, 1, &timed(frames))).unwrap();
    assert_same(&path);
}

#[test]
fn public_captures_are_the_same_for_any_number_of_threads() {
    let Some(data) = crate::corpus::data() else {
        println!("skipped: no shared data (set ZONEWRIGHT_SHARED)");
        return;
    };
    for group in ["odd", "derived", "mixed", "profinet", "l2", "iec61850", "it"] {
        let Ok(entries) = std::fs::read_dir(data.join("captures").join(group)) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if std::fs::metadata(&path).unwrap().len() < 1 << 20 {
                assert_same(&path);
            }
        }
    }
}
