//! Every dissector over its cases: `tests/dissect/<protocol>/<case>.hex` beside the facts it must say (`<case>.facts.snap`).
//!
//! A case is a conversation: the first line `tcp PORT PORT` or `udp PORT PORT` (initiator's, responder's), then a line a
//! segment or datagram, `>` from the initiator and `<` from the responder, bytes in hexadecimal or `"text"`; `gap >` says
//! that bytes were lost there, `cut > …` that the capture kept only these of a longer message. `#` begins a comment.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "tests"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use zonewright_traffic::dissect::{Conversation, DISSECTORS, Dissector, Hint, Likelihood, Progress};
use zonewright_traffic::facts::{Code, End, Fact, Facts};

enum Line {
    Bytes(End, Vec<u8>),
    Cut(End, Vec<u8>),
    Gap(End),
}

struct Case {
    stream: bool,
    ports: (u16, u16),
    lines: Vec<Line>,
}

impl Case {
    fn parse(text: &str) -> Self {
        let mut lines =
            text.lines().map(|line| line.split('#').next().unwrap().trim()).filter(|line| !line.is_empty());
        let head: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
        let stream = match head[0] {
            "tcp" => true,
            "udp" => false,
            other => panic!("`{other}` is neither tcp nor udp"),
        };
        let end = |mark: &str| if mark == ">" { End::Initiator } else { End::Responder };
        let lines = lines
            .map(|line| match line.split_once(' ') {
                Some(("gap", mark)) => Line::Gap(end(mark)),
                Some(("cut", kept)) => {
                    let (mark, bytes) = kept.split_once(' ').unwrap();
                    Line::Cut(end(mark), parse_bytes(bytes))
                }
                Some((mark @ (">" | "<"), bytes)) => Line::Bytes(end(mark), parse_bytes(bytes)),
                _ => panic!("not a line of a case: {line}"),
            })
            .collect();
        Self { stream, ports: (head[1].parse().unwrap(), head[2].parse().unwrap()), lines }
    }

    fn hint(&self, from: End) -> Hint {
        let (source_port, destination_port) = match from {
            End::Initiator => self.ports,
            End::Responder => (self.ports.1, self.ports.0),
        };
        Hint { stream: self.stream, from, source_port, destination_port }
    }
}

fn parse_bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, part) in text.split('"').enumerate() {
        if index % 2 == 1 {
            out.extend_from_slice(part.as_bytes());
            continue;
        }
        let digits: Vec<u32> = part.chars().filter_map(|c| c.to_digit(16)).collect();
        assert!(digits.len().is_multiple_of(2), "odd number of digits: {part}");
        out.extend(digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()));
    }
    out
}

#[derive(Default)]
struct Collected(String);

impl Facts for Collected {
    fn say(&mut self, fact: Fact<'_>) {
        match fact {
            Fact::Message(message) => {
                let element = &message.protocol.elements[usize::from(message.element)];
                let (code, known) = match message.code {
                    Code::Number(code) => {
                        (code.to_string(), message.protocol.function(message.element, code))
                    }
                    Code::Text(text) => (text.to_owned(), None),
                };
                let meaning = message.meaning.or(known.map(|f| (f.name, f.class)));
                let (name, class) =
                    meaning.map_or(("-", element.default_class), |(name, class)| (name, class));
                writeln!(
                    self.0,
                    "  {} {} {code} {} ({name}, {class})",
                    message.protocol.name,
                    element.name,
                    message.direction.as_str()
                )
                .unwrap();
            }
            other => writeln!(self.0, "  {other:?}").unwrap(),
        }
    }
}

/// A small engine: keeps what is not consumed, obeys `Need`, `Skip` and `Lost`, and checks the contract.
fn run(dissector: &dyn Dissector, case: &Case, facts: &mut Collected) {
    let mut conversation: Option<Box<dyn Conversation>> = None;
    let mut buffers: [Vec<u8>; 2] = Default::default();
    let mut skips = [0_usize; 2];
    let mut lost = [false; 2];
    let mut undecided: [Vec<u8>; 2] = Default::default();
    for line in &case.lines {
        match line {
            Line::Cut(from, bytes) => {
                writeln!(facts.0, "cut after {} bytes", bytes.len()).unwrap();
                let conversation = conversation.get_or_insert_with(|| dissector.open(&case.hint(*from)));
                conversation.cut(*from, bytes, facts);
                if case.stream {
                    conversation.gap(*from);
                }
            }
            Line::Gap(from) => {
                facts.0.push_str("gap\n");
                let side = usize::from(*from == End::Responder);
                buffers[side].clear();
                skips[side] = 0;
                if let Some(conversation) = &mut conversation {
                    lost[side] |= !conversation.gap(*from);
                }
            }
            Line::Bytes(from, bytes) => {
                let side = usize::from(*from == End::Responder);
                writeln!(facts.0, "{} {} bytes", if side == 0 { ">" } else { "<" }, bytes.len()).unwrap();
                let mut bytes = bytes.as_slice();
                if conversation.is_none() {
                    undecided[side].extend_from_slice(bytes);
                    let probed = if case.stream { &undecided[side] } else { bytes };
                    let likelihood = dissector.probe(probed, &case.hint(*from));
                    writeln!(facts.0, "  {likelihood:?}").unwrap();
                    if likelihood == Likelihood::No {
                        continue;
                    }
                    conversation = Some(dissector.open(&case.hint(*from)));
                    if case.stream {
                        bytes = &undecided[side];
                    }
                }
                let conversation = conversation.as_mut().unwrap();
                if lost[side] {
                    continue;
                }
                let mut data = std::mem::take(&mut buffers[side]);
                data.extend_from_slice(bytes);
                let dropped = skips[side].min(data.len());
                skips[side] -= dropped;
                let mut at = dropped;
                while at < data.len() {
                    let left = data.len() - at;
                    match conversation.read(*from, &data[at..], facts) {
                        Progress::Consumed(0) => panic!("consumed nothing"),
                        Progress::Consumed(count) => {
                            assert!(count <= left, "consumed more than there is");
                            at += count;
                        }
                        Progress::Need(count) => {
                            assert!(count > left, "needs what is there");
                            if !case.stream {
                                facts.0.push_str("  needs more than the datagram has\n");
                            }
                            break;
                        }
                        Progress::Skip(count) => {
                            assert!(count > 0, "skipped nothing");
                            skips[side] = count.saturating_sub(left);
                            at += count.min(left);
                        }
                        Progress::Lost => {
                            facts.0.push_str("  lost\n");
                            lost[side] = true;
                            break;
                        }
                    }
                    if !case.stream {
                        break;
                    }
                }
                if case.stream && !lost[side] {
                    buffers[side] = data.split_off(at.min(data.len()));
                }
            }
        }
    }
}

fn cases() -> Vec<(&'static dyn Dissector, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dissect");
    let mut out = Vec::new();
    for dissector in DISSECTORS {
        let folder = root.join(dissector.protocols()[0].name);
        let Ok(entries) = std::fs::read_dir(&folder) else {
            eprintln!("no cases in {}", folder.display());
            continue;
        };
        let mut files: Vec<PathBuf> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "hex"))
            .collect();
        files.sort();
        out.extend(files.into_iter().map(|file| (*dissector, file)));
    }
    out
}

#[test]
fn every_dissector_has_cases_malformed_ones_and_seeds() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dissect");
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    let names = |folder: PathBuf, extension: Option<&str>| -> Vec<String> {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let paths = entries.map(|entry| entry.unwrap().path());
        let paths = paths
            .filter(|path| extension.is_none() || path.extension().and_then(|e| e.to_str()) == extension);
        paths.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    let mut missing = Vec::new();
    for dissector in DISSECTORS {
        let protocol = dissector.protocols()[0];
        let cases = names(tests.join(protocol.name), Some("hex"));
        if cases.iter().all(|case| case.contains("malformed")) {
            missing.push(format!("{}: a case in tests/dissect", protocol.name));
        }
        if !cases.iter().any(|case| case.contains("malformed")) {
            missing.push(format!("{}: a malformed case in tests/dissect", protocol.name));
        }
        if names(seeds.join(protocol.name), None).is_empty() {
            missing.push(format!("{}: a seed in fuzz/seeds", protocol.name));
        }
        if protocol.documents.is_empty() {
            missing.push(format!("{}: the documents it was written from", protocol.name));
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

/// A permit names functions by their names: a name means one class, whatever its codes.
#[test]
fn a_function_name_means_one_class() {
    for protocol in DISSECTORS.iter().flat_map(|dissector| dissector.protocols()) {
        let functions: Vec<_> = protocol.elements.iter().flat_map(|element| element.functions).collect();
        for function in &functions {
            let again =
                functions.iter().find(|other| other.name == function.name && other.class != function.class);
            assert!(again.is_none(), "{} of {} has two classes", function.name, protocol.name);
        }
    }
}

#[test]
fn each_case_says_its_facts() {
    for (dissector, path) in cases() {
        let case = Case::parse(&std::fs::read_to_string(&path).unwrap());
        let mut facts = Collected::default();
        run(dissector, &case, &mut facts);
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(path.parent().unwrap());
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            insta::assert_snapshot!(format!("{}.facts", path.file_stem().unwrap().to_str().unwrap()), facts.0)
        });
    }
}

/// Messages, without the lines that tell how they were cut.
fn said(facts: &Collected) -> Vec<&str> {
    facts
        .0
        .lines()
        .filter(|line| line.starts_with("  ") && !["  No", "  Port", "  Likely", "  Certain"].contains(line))
        .collect()
}

#[test]
fn how_a_stream_is_cut_into_segments_changes_nothing() {
    for (dissector, path) in cases() {
        let case = Case::parse(&std::fs::read_to_string(&path).unwrap());
        // Where bytes were lost or are beyond understanding, the segment's border is what a reader goes by.
        let borders_count = path.file_stem().unwrap().to_str().unwrap().contains("malformed")
            || case.lines.iter().any(|line| !matches!(line, Line::Bytes(..)));
        if !case.stream || borders_count {
            continue;
        }
        let mut whole = Collected::default();
        run(dissector, &case, &mut whole);
        let first = case.lines.iter().position(|line| matches!(line, Line::Bytes(..))).unwrap();
        for size in [1, 3, 7, 11] {
            let mut lines = Vec::new();
            for (index, line) in case.lines.iter().enumerate() {
                match line {
                    Line::Gap(end) => lines.push(Line::Gap(*end)),
                    Line::Cut(end, bytes) => lines.push(Line::Cut(*end, bytes.clone())),
                    Line::Bytes(end, bytes) if index == first => lines.push(Line::Bytes(*end, bytes.clone())),
                    Line::Bytes(end, bytes) => {
                        lines.extend(bytes.chunks(size).map(|chunk| Line::Bytes(*end, chunk.to_vec())))
                    }
                }
            }
            let cut = Case { stream: true, ports: case.ports, lines };
            let mut facts = Collected::default();
            run(dissector, &cut, &mut facts);
            assert_eq!(said(&whole), said(&facts), "{} in segments of {size}", path.display());
        }
    }
}

#[test]
fn truncated_and_mutated_samples_do_not_panic() {
    let mut random = Random(0x5eed_2026);
    let cases: Vec<(PathBuf, Case)> = cases()
        .into_iter()
        .map(|(_, path)| (path.clone(), Case::parse(&std::fs::read_to_string(&path).unwrap())))
        .collect();
    for (_, case) in &cases {
        for line in &case.lines {
            let Line::Bytes(from, bytes) = line else { continue };
            for dissector in DISSECTORS {
                for length in 1..=bytes.len().min(600) {
                    feed(*dissector, case, *from, &bytes[..length]);
                }
                for _ in 0..60 {
                    let mut changed = bytes.clone();
                    for _ in 0..1 + random.below(4) {
                        let at = random.below(changed.len());
                        changed[at] = u8::try_from(random.below(256)).unwrap();
                    }
                    feed(*dissector, case, *from, &changed);
                }
            }
        }
    }
}

/// Reads bytes even where the probe would not have taken them, twice, with a gap between.
fn feed(dissector: &dyn Dissector, case: &Case, from: End, bytes: &[u8]) {
    let _ = dissector.probe(bytes, &case.hint(from));
    let mut conversation = dissector.open(&case.hint(from));
    let mut facts = Collected::default();
    for _ in 0..2 {
        let mut at = 0;
        while at < bytes.len() {
            match conversation.read(from, &bytes[at..], &mut facts) {
                Progress::Consumed(count) => {
                    assert!(
                        count > 0 && count <= bytes.len() - at,
                        "consumed {count} of {}",
                        bytes.len() - at
                    );
                    at += count;
                }
                Progress::Skip(count) => {
                    assert!(count > 0, "skipped nothing");
                    at = at.saturating_add(count);
                }
                Progress::Need(count) => {
                    assert!(count > bytes.len() - at, "needs {count} of {}", bytes.len() - at);
                    conversation.cut(from, &bytes[at..], &mut facts);
                    break;
                }
                Progress::Lost => break,
            }
        }
        if !conversation.gap(from) {
            break;
        }
    }
}

/// xorshift64*: the same numbers for the same seed, everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap() % limit
    }
}
