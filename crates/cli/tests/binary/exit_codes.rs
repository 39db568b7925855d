//! Hostile and broken input: the documented exit code, a message with its place, never a panic.

use crate::{AS_OF, Ran, example, run_in};
use std::path::Path;

/// A folder with the files given.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

/// The run must end with `code` and say each of the words on standard error.
fn check(folder: &Path, words: &[&str], code: i32, said: &[&str]) -> Ran {
    let ran = run_in(folder, words);
    assert_eq!(ran.code, code, "{}: {}{}", ran.words, ran.stdout, ran.stderr);
    for word in said {
        assert!(ran.stderr.contains(word), "{} does not say `{word}`: {}", ran.words, ran.stderr);
    }
    if words.contains(&"json") && (code < 2 || !ran.stdout.is_empty()) {
        ran.json();
    }
    ran
}

/// Bytes that are no text and no capture, the same each time.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x5eed_2026_u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(count)
    .collect()
}

#[test]
fn captures_that_are_none_or_broken() {
    let whole = std::fs::read(example().join("evidence/z-sis.pcap")).unwrap();
    let place = folder(&[
        ("empty.pcap", b""),
        ("noise.pcap", &noise(5_000)),
        ("text.pcap", b"this is a letter, not a capture\n"),
        ("cut.pcap", &whole[..whole.len() - 7]),
        ("head.pcap", &whole[..30]),
        ("zero.pcap", &[0; 4096]),
    ]);
    std::fs::create_dir(place.path().join("folder.pcap")).unwrap();
    check(place.path(), &["observe", "folder.pcap", "--format", "json"], 2, &["no capture is in the folder"]);
    for name in ["empty.pcap", "noise.pcap", "text.pcap", "head.pcap", "zero.pcap", "missing.pcap"] {
        let ran = check(place.path(), &["observe", name, "--format", "json"], 2, &["error", name]);
        assert!(ran.json()["captures"][0]["read_error"].is_string(), "{name}");
        check(place.path(), &["observe", name], 2, &[name]);
    }
    let ran = check(place.path(), &["observe", "cut.pcap", "--format", "json"], 0, &["cut.pcap"]);
    let capture = &ran.json()["captures"][0];
    assert!(capture["packets"].as_u64().unwrap() > 100 && capture["read_error"].is_string());
    // One of two that can be read does not excuse the other.
    check(place.path(), &["observe", "cut.pcap", "empty.pcap", "--format", "json"], 2, &["empty.pcap"]);
}

#[test]
fn configurations_that_are_none_or_broken() {
    let circle = b"table ip t {\n chain a { jump b; }\n chain b { jump a; }\n chain f { type filter hook forward priority 0; policy drop; jump a; }\n}\n";
    let line =
        format!("table ip t {{ chain f {{ ip saddr {{ {} }} accept; }} }}\n", "10.0.0.1, ".repeat(200_000));
    let deep = format!("table ip t {{ chain f {{ tcp dport {}", "{ ".repeat(100_000));
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(
            "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -p tcp --dport 502 -j ACCEPT\nCOMMIT\n"
                .encode_utf16()
                .flat_map(u16::to_le_bytes),
        )
        .collect();
    let place = folder(&[
        ("empty.nft", b""),
        ("noise.nft", &noise(5_000)),
        ("letter.txt", b"Dear sir,\nplease open the firewall.\n"),
        ("circle.nft", circle),
        ("line.nft", line.as_bytes()),
        ("deep.nft", deep.as_bytes()),
        ("wide.rules", &wide),
    ]);
    std::fs::create_dir(place.path().join("folder.nft")).unwrap();
    for name in ["empty.nft", "noise.nft", "letter.txt", "folder.nft", "missing.nft"] {
        check(place.path(), &["firewall", "read", name], 2, &["error", name]);
        check(place.path(), &["firewall", "query", name, "--format", "json"], 2, &["error", name]);
        check(place.path(), &["firewall", "explain", name], 2, &["error"]);
        check(place.path(), &["firewall", "diff", name, name], 2, &["error"]);
    }
    for name in ["circle.nft", "deep.nft"] {
        // What is wrong is said with its line; the rest is understood.
        let ran = run_in(place.path(), &["firewall", "read", name, "--format", "json"]);
        assert!(ran.stderr.contains(&format!("{name}:")), "{}", ran.stderr);
        assert!(ran.json()["lines"]["warned"].as_u64().unwrap() > 0, "{name}");
    }
    check(place.path(), &["firewall", "read", "line.nft", "--format", "json"], 0, &[]);
    let ran = check(place.path(), &["firewall", "read", "wide.rules", "--format", "json"], 0, &[]);
    assert_eq!(ran.json()["dialect"], "iptables");
}

#[test]
fn workspaces_that_are_none_or_broken() {
    let place = folder(&[("file", b"x")]);
    for words in [
        ["check", "missing"],
        ["verify", "missing"],
        ["check", "file"],
        ["verify", "file"],
        ["report", "file"],
    ] {
        check(place.path(), &words, 2, &["error", words[1]]);
    }
    let deep = format!("[[zone]]\nid = \"Z\"\nassumptions = {}\n", "[".repeat(100_000));
    let line = format!("[[zone]]\nid = \"Z\"\nnote = \"{}\"\n", "x".repeat(3_000_000));
    let cases: [(&str, &[u8]); 6] = [
        ("plant.toml", deep.as_bytes()),
        ("plant.toml", line.as_bytes()),
        ("plant.toml", &noise(5_000)),
        ("plant.toml", b"[[zone]\nid = \n"),
        ("assets.csv", b"id,zone\nA-1,Z-NONE\n"),
        ("assets.csv", &[b"id,note\nA-1,\"", noise(3_000).as_slice()].concat()),
    ];
    for (name, bytes) in cases {
        let place = folder(&[(name, bytes)]);
        for command in ["check", "verify"] {
            check(
                place.path(),
                &[command, ".", "--as-of", AS_OF, "--format", "json"],
                2,
                &["error[plant/", name],
            );
        }
        check(place.path(), &["report", ".", "--as-of", AS_OF, "--output", "out.html"], 2, &["error[plant/"]);
        assert!(!place.path().join("out.html").exists(), "nothing half-written");
    }
}

#[test]
fn a_dangling_reference_is_told_with_its_place_and_the_nearest_id() {
    let place = folder(&[
        ("plant.toml", b"[plant]\nid = \"P\"\n\n[[zone]]\nid = \"Z-PACK-01\"\ntype = \"control\"\n"),
        ("assets.csv", b"id,zone\nA-1,Z-PACK-1\n"),
    ]);
    check(place.path(), &["check", "--as-of", AS_OF], 2, &["assets.csv:2:", "did you mean `Z-PACK-01`"]);
}

#[test]
fn spreadsheets_as_spreadsheets_write_them() {
    let plant = b"[plant]\nid = \"P\"\n\n[[zone]]\nid = \"Z-A\"\ntype = \"control\"\nsl_t = 1\n";
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("id;name;zone\r\nA-1;Pumpe größer;Z-A\r\n".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let formula = b"id,name,zone\nA-1,\"=cmd|' /C calc'!A0\",Z-A\nA-2,\"=HYPERLINK(\"\"http://x\"\")\",Z-A\n";
    let place = folder(&[("plant.toml", plant), ("assets.csv", &wide)]);
    check(
        place.path(),
        &["check", "--as-of", AS_OF, "--format", "json"],
        2,
        &["assets.csv", "UTF-16", "save it as UTF-8"],
    );
    // A formula is a text like any other: nothing here computes it.
    let place = folder(&[("plant.toml", plant), ("assets.csv", formula)]);
    let ran =
        check(place.path(), &["check", "--as-of", AS_OF, "--fail-on", "never", "--format", "json"], 0, &[]);
    assert_eq!(ran.json()["format"], "zonewright-check/1");
}

#[test]
fn wrong_usage_is_3_and_says_what_is_right() {
    let place = example();
    let firewall = "evidence/fw-1.nft";
    for (words, said) in [
        (&[][..], "Usage"),
        (&["chekc"], "check"),
        (&["check", "--as-of", "tomorrow"], "--as-of"),
        (&["check", "--format", "xml"], "json"),
        (&["check", "--fail-on", "maybe"], "warning"),
        (&["observe"], "FILES"),
        (&["observe", "a", "b", "c", "--capture-point", "x", "--capture-point", "y"], "capture point"),
        (&["firewall"], "Usage"),
        (&["firewall", "read", firewall, "--dialect", "nftable"], "did you mean `nftables`"),
        (&["firewall", "query", firewall, "--from", "ctb"], "did you mean"),
        (&["firewall", "query", firewall, "--port", "70000"], "70000"),
        (&["firewall", "query", firewall, "--protocol", "tpc"], "tpc"),
        (&["rules", "path/exces"], "did you mean"),
        (&["protocols", "modbuss"], "did you mean `modbus`"),
        (&["completions", "sh"], "bash"),
    ] {
        let ran = check(&place, words, 3, &[said]);
        assert_eq!(ran.stdout, "", "{}", ran.words);
    }
}

#[test]
fn help_and_version_are_no_errors() {
    for words in [&["--help"][..], &["--version"], &["help", "verify"], &["firewall", "query", "--help"]] {
        let ran = check(&example(), words, 0, &[]);
        assert!(!ran.stdout.is_empty() && ran.stderr.is_empty());
    }
}

#[test]
fn findings_decide_the_code_as_asked() {
    let place = example();
    for (fail_on, code) in [("never", 0), ("note", 1), ("warning", 1), ("error", 1)] {
        check(&place, &["verify", "--as-of", AS_OF, "--fail-on", fail_on, "--format", "json"], code, &[]);
    }
    check(
        &place,
        &["firewall", "diff", "evidence/fw-1.nft", "evidence/fw-1.nft", "--format", "json"],
        0,
        &[],
    );
    let other = folder(&[(
        "other.nft",
        b"table ip t {\n chain f { type filter hook forward priority 0; policy drop; }\n}\n",
    )]);
    let other = other.path().join("other.nft");
    check(
        &place,
        &["firewall", "diff", "evidence/fw-1.nft", other.to_str().unwrap(), "--format", "json"],
        1,
        &[],
    );
}

#[test]
fn an_output_that_cannot_be_written_is_told() {
    let place = folder(&[("file", b"x")]);
    let output = place.path().join("file/out.json");
    let words = ["check", ".", "--as-of", AS_OF, "--output", output.to_str().unwrap(), "--format", "json"];
    check(&example(), &words, 2, &["error", "out.json"]);
}

#[test]
fn evidence_that_is_none_starts_nothing() {
    let place = folder(&[("empty.pcap", b""), ("a-file", b"x")]);
    std::fs::create_dir(place.path().join("void")).unwrap();
    std::fs::create_dir(place.path().join("noise")).unwrap();
    std::fs::write(place.path().join("noise/a.pcap"), noise(3_000)).unwrap();
    for words in [
        &["start", "missing"][..],
        &["start", "a-file"],
        &["start", "void"],
        &["start", "noise"],
        &["propose", "empty.pcap", "--into", "draft"],
        &["propose", "missing.pcap", "--into", "draft"],
        &["review", "missing"],
        &["init", "a-file"],
    ] {
        check(place.path(), words, 2, &["error"]);
    }
    for folder in ["draft", "void/workspace", "noise/workspace"] {
        assert!(!place.path().join(folder).exists(), "nothing half-written: {folder}");
    }
    for words in [
        &["propose"][..],
        &["start", "noise", "--column", "nonsense"],
        &["review", example().to_str().unwrap(), "accept", "Z-NONE"],
        &["review", example().to_str().unwrap(), "rename", "Z-SUP"],
    ] {
        check(place.path(), words, 3, &["error"]);
    }
}

#[test]
fn evidence_of_which_nothing_is_understood_ends_a_judging_command_with_two() {
    let place = folder(&[
        (
            "plant.toml",
            b"[plant]\nid = \"p\"\n\n[[evidence]]\nid = \"E-1\"\nkind = \"capture\"\nfile = \"noise.pcap\"\n",
        ),
        ("noise.pcap", &noise(5_000)),
    ]);
    for words in [["verify", "."], ["assess", "."]] {
        check(
            place.path(),
            &[words[0], words[1], "--as-of", AS_OF],
            2,
            &["nothing of `noise.pcap` could be read"],
        );
    }
}

#[test]
fn the_folder_above_a_workspace_is_told_from_it() {
    let place = tempfile::tempdir().unwrap();
    let inner = place.path().join("workspace");
    std::fs::create_dir(&inner).unwrap();
    std::fs::write(inner.join("plant.toml"), "[plant]\nid = \"p\"\n").unwrap();
    check(place.path(), &["check", ".", "--as-of", AS_OF], 0, &["workspace/below", "./workspace"]);
    let ran = check(place.path(), &["check", "workspace", "--as-of", AS_OF], 0, &[]);
    assert!(!ran.stderr.contains("workspace/below"), "{}", ran.stderr);
}

#[test]
fn an_unknown_zone_is_said_once() {
    let place = folder(&[(
        "plant.toml",
        b"[plant]\nid = \"p\"\n[[zone]]\nid = \"A\"\n[[zone]]\nid = \"B\"\n[[conduit]]\nid = \"C\"\nzones = [\"A\", \"BB\"]\n[[conduit.permit]]\nid = \"P\"\nfrom = \"A\"\nto = \"B\"\nprotocol = \"modbus\"\n",
    )]);
    let ran = check(place.path(), &["check", ".", "--as-of", AS_OF], 2, &["plant/unknown-zone"]);
    assert!(!ran.stderr.contains("plant/permit-outside-conduit"), "{}", ran.stderr);
}
