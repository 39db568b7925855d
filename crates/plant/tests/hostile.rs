//! Whatever comes in, something sensible comes out: no panic, limits that are named, time that stays small.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use zonewright_plant::text::edit::{Change, RecordName, apply};
use zonewright_plant::text::{self, Value, limit};
use zonewright_source::{Place, SourceText};

fn seeds(form: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(form);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), std::fs::read(path).unwrap())).collect()
}

fn next(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) as usize
}

const TOKENS: &[&str] = &[
    "[[",
    "]]",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "=",
    ".",
    ",",
    "#",
    "\n",
    "\r",
    "\r\n",
    "\\",
    "\\u12",
    "\u{feff}",
    "\u{0}",
    "é",
    "\u{1F4A9}",
    "9999999999999999999",
    "1e999",
    "nan",
    "-0",
    "0x",
    "true",
    "id = \"Z-A\"",
    "[[zone]]",
    "[zone]",
    "zone.id",
    "proposed = true",
    ";",
    "\t",
    "=cmd|' /C calc'!A0",
    "2026-13-45",
    "10.0.0.1/99",
    "@",
    ":",
    "asset:",
    "plant",
];

/// A few random changes of bytes, pieces and tokens.
fn mutated(bytes: &[u8], state: &mut u64) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..1 + next(state) % 6 {
        let len = bytes.len().max(1);
        let at = (next(state) % len).min(bytes.len());
        match next(state) % 6 {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => bytes[at] = next(state) as u8,
            2 => {
                let token = TOKENS[next(state) % TOKENS.len()].bytes();
                bytes.splice(at..at, token);
            }
            3 => {
                let end = (at + next(state) % 40).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = next(state) % (bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            4 => {
                let end = (at + next(state) % 40).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => {
                let token = TOKENS[next(state) % TOKENS.len()].repeat(1 + next(state) % 50);
                bytes.splice(at..at, token.bytes());
            }
        }
    }
    bytes
}

fn survives(name: &str, bytes: Vec<u8>, state: &mut u64) {
    let Ok(file) = text::decode(name, bytes) else { return };
    let files = [file];
    let read = text::read(&files);
    for diagnostic in &read.diagnostics {
        assert!(!diagnostic.message.is_empty());
        if let Some(Place::Text(place)) = &diagnostic.place {
            assert!(files[0].text().get(place.start..place.end).is_some(), "{diagnostic:?}");
            assert_eq!(files[0].place(place.start..place.end), *place);
        }
        assert!(!zonewright_source::render(diagnostic, Some(&files[0]), false).is_empty());
    }
    // Edits of what was understood either work or say why not; what they make is no worse.
    let zone = read.plant.zones.keys().next().map(|id| RecordName::new("zone", id.as_str()).unwrap());
    let asset = read.plant.assets.keys().next().map(|id| RecordName::new("asset", id.as_str()).unwrap());
    for name in zone.into_iter().chain(asset) {
        let change = match next(state) % 4 {
            0 => Change::Accept(name),
            1 => Change::Delete(name),
            2 => Change::Rename(name, "NEW-1".into()),
            _ => Change::Set(name, "note".into(), Value::from("a \"note\"\n")),
        };
        if let Ok(edited) = apply(&files, &[change]) {
            let errors = |read: &text::ReadWorkspace| {
                read.diagnostics.iter().map(|d| (d.code, d.message.clone())).collect::<BTreeSet<_>>()
            };
            assert!(edited.read.has_errors() <= read.has_errors(), "{:?}", errors(&edited.read));
        }
    }
}

#[test]
fn mutated_files_never_panic() {
    for form in ["toml", "csv"] {
        for (name, bytes) in seeds(form) {
            for seed in 0..500_u64 {
                let mut state = seed;
                let mutated = mutated(&bytes, &mut state);
                let kept = mutated.clone();
                let done = std::panic::catch_unwind(move || survives(&name_of(form), mutated, &mut state));
                assert!(done.is_ok(), "{name} seed {seed}: {:?}", String::from_utf8_lossy(&kept));
            }
        }
    }
}

/// A doubled quote is one letter of the cell: what stands behind it is not where the letters alone would put it.
#[test]
fn a_place_within_a_quoted_cell_cuts_no_character() {
    for text in ["id,ips\nA-1,\"left\"\"\"\"id\u{feff}\"\n", "id;ips\nA-1;\"; \"\"x\"y\"\"z\u{feff}"] {
        survives("assets.csv", text.into(), &mut 0);
    }
}

fn name_of(form: &str) -> String {
    if form == "csv" { "assets.csv".into() } else { "plant.toml".into() }
}

fn codes(file: &str, text: impl Into<String>) -> Vec<&'static str> {
    let text: String = text.into();
    let read = text::read(&[SourceText::new(file, text)]);
    read.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn each_limit_is_told_beyond_its_edge_and_not_at_it() {
    let nested =
        |n: usize| format!("[[zone]]\nid = \"Z\"\nassumptions = {}{}\n", "[".repeat(n), "]".repeat(n));
    assert!(!codes("a.toml", nested(limit::NESTING_MAX)).contains(&"plant/syntax"));
    assert!(codes("a.toml", nested(limit::NESTING_MAX + 1)).contains(&"plant/syntax"));

    let long = |n: usize| format!("[[zone]]\nid = \"Z\"\nnote = \"{}\"\n", "ü".repeat(n));
    assert_eq!(codes("a.toml", long(limit::TEXT_CHARS_MAX)), [] as [&str; 0]);
    assert_eq!(codes("a.toml", long(limit::TEXT_CHARS_MAX + 1)), ["plant/limit"]);

    let cell = |n: usize| format!("id,note\nA,{}\n", "x".repeat(n));
    assert_eq!(codes("assets.csv", cell(limit::TEXT_CHARS_MAX)), [] as [&str; 0]);
    assert_eq!(codes("assets.csv", cell(limit::TEXT_CHARS_MAX + 1)), ["plant/limit"]);

    let list = |n: usize| format!("[[zone]]\nid = \"Z\"\nassumptions = [{}]\n", "\"a\",".repeat(n));
    assert_eq!(codes("a.toml", list(limit::LIST_ITEMS_MAX)), [] as [&str; 0]);
    assert_eq!(codes("a.toml", list(limit::LIST_ITEMS_MAX + 1)), ["plant/limit"]);

    let id = |n: usize| format!("[[zone]]\nid = \"{}\"\n", "Z".repeat(n));
    assert_eq!(codes("a.toml", id(limit::ID_CHARS_MAX)), [] as [&str; 0]);
    assert_eq!(codes("a.toml", id(limit::ID_CHARS_MAX + 1)), ["plant/wrong-id"]);

    let columns = |n: usize| format!("id{}\nA\n", ",".repeat(n - 1));
    assert_eq!(codes("assets.csv", columns(limit::COLUMNS_MAX)), [] as [&str; 0]);
    assert_eq!(codes("assets.csv", columns(limit::COLUMNS_MAX + 1)), ["plant/limit"]);

    let chain = |n: usize| {
        let zone = |z: usize| {
            let parent = if z == 0 { String::new() } else { format!("parent = \"Z-{}\"\n", z - 1) };
            format!("[[zone]]\nid = \"Z-{z}\"\n{parent}")
        };
        (0..n).map(zone).collect::<String>()
    };
    assert_eq!(codes("a.toml", chain(limit::ZONE_DEPTH_MAX)), [] as [&str; 0]);
    assert_eq!(codes("a.toml", chain(limit::ZONE_DEPTH_MAX + 1)), ["plant/limit"]);
}

#[test]
fn more_records_than_the_limit_are_told_once_and_the_first_are_kept() {
    let text = (0..=limit::RECORDS_MAX).fold(String::from("id\n"), |mut text, n| {
        text.push_str(&format!("{n}\n"));
        text
    });
    let read = text::read(&[SourceText::new("assets.csv", text)]);
    assert_eq!(read.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), ["plant/limit"]);
    assert_eq!(read.plant.assets.len(), limit::RECORDS_MAX);
}

#[test]
fn a_file_above_the_limit_is_not_read_and_the_others_are() {
    let big = SourceText::new("big.toml", "#".repeat(limit::FILE_BYTES_MAX + 1));
    let read = text::read(&[big, SourceText::new("z.toml", "[[zone]]\nid = \"Z\"\n")]);
    assert_eq!(read.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), ["plant/limit"]);
    assert_eq!(read.plant.zones.len(), 1);
}

#[test]
fn beyond_the_limit_diagnostics_are_counted() {
    let keys = (0..limit::DIAGNOSTICS_OF_A_CODE_MAX + 5).map(|n| format!("key{n} = 1\n")).collect::<String>();
    let read = text::read(&[SourceText::new("a.toml", format!("[[zone]]\nid = \"Z\"\n{keys}"))]);
    assert_eq!(read.diagnostics.len(), limit::DIAGNOSTICS_OF_A_CODE_MAX + 1);
    assert_eq!(read.diagnostics.last().unwrap().message, "5 more of `plant/unknown-key` are not listed");
}

/// Texts made to cost much; each is read within a time that only something quadratic would miss on a busy machine.
#[test]
fn texts_made_to_be_slow_are_not() {
    let n = 40_000;
    let repeat = |make: &dyn Fn(usize) -> String| (0..n).map(make).collect::<String>();
    let one_line = format!("asset = [{}]\n", repeat(&|n| format!("{{id=\"A{n}\",zone=\"Z\"}},")));
    let wide = format!("[[zone]]\nid = \"Z\"\n{}", repeat(&|n| format!("key{n} = 1\n")));
    let dangling = repeat(&|n| format!("[[asset]]\nid = \"A-{n}\"\nzone = \"Z-{n}\"\n"));
    let chain = repeat(&|n| {
        format!("[[zone]]\nid = \"Z-{n}\"\nparent = \"Z-{}\"\nnetworks = [\"10.0.0.0/8\"]\n", n + 1)
    });
    let back = repeat(&|n| {
        format!("[[countermeasure]]\nid = \"C-{n}\"\nprerequisites = [\"C-{}\", \"C-0\"]\n", n + 1)
    });
    let quotes = format!("id,name\n{}", repeat(&|_| "\"\"\"a\"".to_string()));
    let ids: String = repeat(&|n| format!("\"A-{n}\","));
    let group = format!(
        "[[group]]\nid = \"G\"\nassets = [{ids}]\n[[zone]]\nid=\"Z-1\"\n[[zone]]\nid=\"Z-2\"\n[[conduit]]\nid=\"C\"\nzones=[\"Z-1\",\"Z-2\"]\n{}",
        repeat(&|n| format!(
            "[[asset]]\nid = \"A-{n}\"\n[[conduit.permit]]\nid=\"P-{n}\"\nfrom=\"G\"\nto=\"G\"\nprotocol=\"any\"\n"
        ))
    );
    let cases = [
        ("one line", "a.toml", one_line),
        ("many unknown keys", "a.toml", wide),
        ("dangling references", "a.toml", dangling),
        ("a chain of zones", "a.toml", chain),
        ("circles of countermeasures", "a.toml", back),
        ("brackets", "a.toml", format!("a = {}", "[".repeat(n))),
        ("headers", "a.toml", "[a.b.c]\n".repeat(n)),
        ("quotes", "assets.csv", quotes),
        ("a group in every permit", "a.toml", group),
    ];
    for (what, file, text) in cases {
        let start = Instant::now();
        let read = text::read(&[SourceText::new(file, text)]);
        let took = start.elapsed();
        assert!(took < Duration::from_secs(20), "{what} took {took:?}");
        println!("{what}: {took:?}, {} diagnostics", read.diagnostics.len());
    }
}

#[test]
fn other_encodings_are_told_by_name() {
    let told = |name: &str| {
        let bytes = seeds("csv").into_iter().find(|(file, _)| file == name).unwrap().1;
        zonewright_source::render_plain(&text::decode(name, bytes).unwrap_err())
    };
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "cases/snapshots" }, {
        insta::assert_snapshot!("encodings", [told("assets-utf16.csv"), told("assets-latin1.csv")].join("\n\n"));
    });
    assert!(text::decode("a.toml", b"a\0b".to_vec()).is_err());
    assert!(text::decode("a.toml", "\u{feff}[plant]\nid = \"ü\"\n".into()).is_ok());
}
