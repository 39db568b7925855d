//! Captures come from files, folders and standard input, compressed or not.

use crate::{example, run_in};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// What standard input shows.
fn piped(bytes: &[u8]) -> serde_json::Value {
    let mut child = Command::new(env!("CARGO_BIN_EXE_zonewright"))
        .args(["observe", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn standard_input_shows_what_the_file_shows() {
    let file = example().join("evidence/z-rem.pcap");
    let bytes = std::fs::read(&file).unwrap();
    let of_file = run_in(&example(), &["observe", "evidence/z-rem.pcap", "--format", "json"]).json();
    let mut seen = piped(&bytes);
    assert_eq!(seen["captures"][0]["path"], "-");
    for key in ["hash", "size", "kind", "packets", "first_seen"] {
        assert_eq!(seen["captures"][0][key], of_file["captures"][0][key], "{key}");
    }
    assert_eq!(seen["functions"].as_array().unwrap().len(), of_file["functions"].as_array().unwrap().len());
    let packed = gzip(&bytes);
    seen = piped(&packed);
    assert_eq!(seen["captures"][0]["packets"], of_file["captures"][0]["packets"]);
    assert_eq!(seen["captures"][0]["size"], packed.len());
}

#[test]
fn a_folder_stands_for_the_captures_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = example().join("evidence");
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    let read = |name: &str| std::fs::read(evidence.join(name)).unwrap();
    put("a/z-rem.pcap", &read("z-rem.pcap"));
    put("b/z-dmz.pcap.gz", &gzip(&read("z-dmz.pcap")));
    put("notes.txt", b"taken on Tuesday");
    let ran = run_in(folder.path(), &["observe", ".", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let paths: Vec<_> = ran.json()["captures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|capture| Path::new(capture["path"].as_str().unwrap()).file_name().unwrap().to_owned())
        .collect();
    assert_eq!(paths, ["z-rem.pcap", "z-dmz.pcap.gz"]);
    assert!(ran.stderr.contains("left in `.`: 1 that is no capture"), "{}", ran.stderr);
    std::fs::create_dir(folder.path().join("none")).unwrap();
    let ran = run_in(folder.path(), &["observe", "none"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("no capture is in the folder `none`"), "{}", ran.stderr);
}
