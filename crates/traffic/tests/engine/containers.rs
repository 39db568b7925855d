//! However a capture is stored, it shows the same.

use crate::wire::{Container, MICRO, Tcp, capture, on_ethernet, polling};
use crate::{flows, functions, observed, polled};
use zonewright_traffic::observation::CaptureKind;

fn frames() -> Vec<crate::wire::Frame> {
    on_ethernet(&polling(Tcp::new((40_000, 502), [1000, 2000]).handshake(), 3, 1460).close().packets)
}

#[test]
fn every_container_shows_the_same() {
    let expected = observed(&[&capture(MICRO, 1, &frames())]);
    assert_eq!(functions(&expected), polled(3));
    assert_eq!(
        flows(&expected),
        "tcp:10.0.0.1>10.0.0.2:502/modbus by syn, 1 conversations, 11 packets (6 + 5)\n"
    );
    let mut containers = Vec::new();
    for big in [false, true] {
        containers.extend([false, true].map(|nanoseconds| Container::Pcap { big, nanoseconds }));
        containers.extend([1, 3].map(|sections| Container::Pcapng { big, sections }));
    }
    for container in containers {
        let seen = observed(&[&capture(container, 1, &frames())]);
        assert_eq!(flows(&seen), flows(&expected), "{container:?}");
        assert_eq!(functions(&seen), functions(&expected), "{container:?}");
        let [seen] = seen.captures.as_slice() else { panic!("one capture") };
        let kind =
            if matches!(container, Container::Pcap { .. }) { CaptureKind::Pcap } else { CaptureKind::Pcapng };
        assert_eq!(seen.kind, Some(kind));
        assert_eq!(seen.read_error, None);
        let nanoseconds =
            container != MICRO && container != Container::Pcap { big: true, nanoseconds: false };
        let first =
            if nanoseconds { "2023-11-14T22:13:20.000000000Z" } else { "2023-11-14T22:13:20.000000Z" };
        assert_eq!(seen.first_seen.unwrap().to_string(), first, "{container:?}");
    }
}

#[test]
fn two_captures_are_one_observation() {
    let all = frames();
    let (first, second) = all.split_at(5);
    let seen = observed(&[&capture(MICRO, 1, first), &capture(MICRO, 1, second)]);
    assert_eq!(functions(&seen), polled(3));
    assert_eq!(seen.captures.iter().map(|capture| capture.packets).collect::<Vec<_>>(), [5, 6]);
    assert_eq!(seen.flows.len(), 1);
    // In whatever order they are given, they are read in the order of time.
    let seen = observed(&[&capture(MICRO, 1, second), &capture(MICRO, 1, first)]);
    assert_eq!(functions(&seen), polled(3));
    assert_eq!(seen.captures.iter().map(|capture| capture.packets).collect::<Vec<_>>(), [6, 5]);
    assert_eq!(flows(&seen), flows(&observed(&[&capture(MICRO, 1, &all)])));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let bytes = capture(MICRO, 1, &frames());
    let print = || {
        zonewright_traffic::json::observation(&observed(&[&bytes]), "0", serde_json::json!([])).to_string()
    };
    assert_eq!(print(), print());
}

#[test]
fn the_document_has_the_shape_of_the_interfaces() {
    let bytes = capture(MICRO, 1, &frames());
    let document =
        zonewright_traffic::json::observation(&observed(&[&bytes]), "0.1.0", serde_json::json!([]));
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap());
}

#[test]
fn what_is_no_capture_is_said_to_be_none() {
    let cases: [(&[u8], &str); 5] = [
        (b"", "the file is empty"),
        (
            b"hello, this is no capture at all",
            "the file begins neither as pcap or pcapng nor as a log of Zeek or Suricata",
        ),
        (b"{\"name\": 1}", "the file is JSON text, but neither of Zeek nor of Suricata"),
        (
            &[0x04, 0x22, 0x4d, 0x18, 0, 0],
            "the file is compressed with lz4, which is not read here: unpack it first",
        ),
        (&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0], "the file ends within the file header at byte 0"),
    ];
    for (bytes, expected) in cases {
        let seen = observed(&[bytes]);
        assert_eq!(seen.captures[0].read_error.as_deref(), Some(expected));
        assert_eq!(seen.diagnostics[0].code, "capture/not-understood");
        assert!(!seen.understood());
    }
}

#[test]
fn an_empty_capture_is_understood() {
    for container in [MICRO, Container::Pcapng { big: false, sections: 1 }] {
        let mut bytes = capture(container, 1, &frames()[..1]);
        if container == MICRO {
            bytes.truncate(24);
        } else {
            bytes.truncate(28);
        }
        let seen = observed(&[&bytes]);
        assert_eq!((seen.captures[0].packets, &seen.captures[0].read_error), (0, &None));
        assert!(seen.understood());
    }
}

#[test]
fn the_packets_before_the_damage_are_given() {
    let mut bytes = capture(MICRO, 1, &frames());
    let length = bytes.len();
    bytes.truncate(length - 3);
    let seen = observed(&[&bytes]);
    assert_eq!(seen.captures[0].packets, 10);
    assert!(
        seen.captures[0].read_error.as_deref().unwrap().starts_with("the file ends within a record at byte")
    );
    assert_eq!(seen.diagnostics[0].code, "capture/read-error");
    assert!(seen.understood());
    // A record of an impossible length.
    let mut bytes = capture(MICRO, 1, &frames());
    bytes[24 + 8..24 + 12].copy_from_slice(&u32::MAX.to_le_bytes());
    let seen = observed(&[&bytes]);
    assert_eq!(
        seen.captures[0].read_error.as_deref(),
        Some("a record says it is 4294967295 bytes long at byte 24")
    );
    // As long as packets get, and one byte longer.
    for (length, packets) in [(256 << 10, 1), ((256 << 10) + 1, 0)] {
        for container in [MICRO, Container::Pcapng { big: false, sections: 1 }] {
            let long = crate::wire::timed([vec![0; length]]);
            assert_eq!(
                observed(&[&capture(container, 1, &long)]).captures[0].packets,
                packets,
                "{container:?}"
            );
        }
    }
}
