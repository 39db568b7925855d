//! No text makes a reader panic, hang or lose a line: seeds are cut, changed and mixed at random, from a fixed seed.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "the functions beside the tests are part of them"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use zonewright_firewall::dialects::{DIALECTS, read_bytes};
use zonewright_firewall::json::ruleset_json;
use zonewright_firewall::ruleset::{ChainId, Ruleset, Verdict};

/// How long the random part runs at most; a slow machine does fewer rounds.
const TIME_MAX: Duration = Duration::from_secs(4);
const ROUNDS: u64 = 6_000;

#[test]
fn mutated_seeds_are_read_and_accounted_for() {
    let seeds = seeds();
    let started = Instant::now();
    let mut done = 0;
    for round in 0..ROUNDS {
        if started.elapsed() > TIME_MAX {
            break;
        }
        let mut random = Random(round.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let bytes = mutated(&seeds, &mut random);
        let dialect = DIALECTS[random.below(DIALECTS.len())];
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(&bytes, dialect)));
        assert!(
            outcome.is_ok(),
            "round {round} with {}: {:?}",
            dialect.name(),
            String::from_utf8_lossy(&bytes)
        );
        done += 1;
    }
    println!("{done} rounds");
}

#[test]
fn hostile_texts_end_soon() {
    let deep = |open: &str, count: usize| open.repeat(count);
    let mut bomb = String::from("define a0 = { 1, 2, 3, 4, 5, 6, 7, 8 }\n");
    for at in 1..40 {
        bomb.push_str(&format!("define a{at} = {{ $a{0}, $a{0}, $a{0}, $a{0} }}\n", at - 1));
    }
    bomb.push_str("table ip t { chain c { tcp dport $a39 accept; }\n}\n");
    let mut chain = String::from("*filter\n:FORWARD DROP [0:0]\n");
    for at in 0..20_000 {
        chain.push_str(&format!(":c{at} - [0:0]\n-A c{at} -j c{}\n", at + 1));
    }
    let mut nested = String::from("define b0 = 1\n");
    for at in 1..3_000 {
        nested.push_str(&format!("define b{at} = $b{} | 1\n", at - 1));
    }
    let mut groups = String::from(
        "groups {\n g {\n  <*> {\n   <*> {\n    x {\n     y z;\n    }\n   }\n  }\n }\n}\napply-groups g;\n",
    );
    for at in 0..3_000 {
        groups
            .push_str(&format!("a{} {{\n apply-groups g;\n b{at} {{\n  apply-groups g;\n }}\n}}\n", at / 50));
    }
    let mut again = String::new();
    for at in 0..20_000 {
        again.push_str(&format!("set security zones security-zone z{at}\n"));
    }
    again.push_str(&deep("delete security zones\nset security zones security-zone a interfaces b\n", 5_000));
    let mut aliases = String::from("<pfsense><aliases>");
    for at in 0..5_000 {
        let inner = at + 1;
        aliases.push_str(&format!(
            "<alias><name>a{at}</name><type>host</type><address>a{inner} 10.0.0.1</address></alias>"
        ));
    }
    aliases.push_str("</aliases><filter>");
    for at in 0..5_000 {
        aliases.push_str(&format!("<rule><interface>i{at}</interface><source><address>a{at}</address></source><destination><address>b{at}</address></destination></rule>\n"));
    }
    let texts = [
        groups,
        again,
        format!("security {{ {}", deep("policies { ", 100_000)),
        format!("set security {}", deep("policies from-zone ", 100_000)),
        format!(
            "set security policies from-zone a to-zone b policy p match source-address [ {} ]",
            deep("x ", 200_000)
        ),
        format!("set firewall filter f term t from tcp-flags \"{}\"", deep("(!", 100_000)),
        deep("security { zones { security-zone a { interfaces { b; } } } } /* x */ ", 5_000),
        format!("<pfsense>{}", deep("<a>", 100_000)),
        format!("<opnsense>{}", deep("<interfaces><x><if>y</if></x></interfaces><nat><rule>", 50_000)),
        aliases,
        format!("table ip t {{ chain c {{ tcp dport {}", deep("{ ", 100_000)),
        format!("table ip t {{ chain c {{ tcp dport {}1", deep("(", 100_000)),
        format!("{{\"nftables\": [{}", deep("[", 100_000)),
        format!("{{\"nftables\": [{{\"rule\": {}", deep("{\"a\":", 100_000)),
        deep("nft ", 100_000),
        deep("}\n", 50_000),
        format!("-A FORWARD {}", deep("! ", 100_000)),
        format!("-A FORWARD -m comment --comment \"{}", deep("x", 1_000_000)),
        format!("*filter\n-A FORWARD -s {}", deep("10.0.0.0/255.0.255.0,", 2_000)),
        bomb,
        chain,
        nested,
        deep("\u{fffd}\0", 10_000),
        // The end of the file is within a block, and within its last character.
        "table inet t {\n\tset dynamic\u{fffd}".into(),
    ];
    for text in texts {
        let started = Instant::now();
        for dialect in DIALECTS {
            check(text.as_bytes(), *dialect);
        }
        let took = started.elapsed();
        println!("{took:?} {:?}…", text.chars().take(40).collect::<String>());
        assert!(
            took < Duration::from_secs(20),
            "{:?}… took {took:?}",
            text.chars().take(60).collect::<String>()
        );
    }
}

#[test]
fn bytes_that_are_not_text_are_reported() {
    for bytes in [
        &b"*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m comment --comment \xff\xfe -j DROP\n"[..],
        b"\xff\xfe*\0f\0\x00\xd8",
    ] {
        let ruleset = read_bytes("x", bytes, Some(DIALECTS[1])).ruleset;
        assert!(ruleset.diagnostics.iter().any(|diagnostic| diagnostic.code == "firewall/not-text"));
    }
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("*filter\n:FORWARD DROP [0:0]\n".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(read_bytes("x", &wide, None).ruleset.dialect, "iptables");
}

/// Reads, and asserts what holds of every ruleset.
fn check(bytes: &[u8], dialect: &dyn zonewright_firewall::dialects::Dialect) {
    let read = read_bytes("seed", bytes, Some(dialect));
    let ruleset = &read.ruleset;
    let counted = ruleset.lines.modeled + ruleset.lines.ignored + ruleset.lines.warned;
    assert_eq!(counted, ruleset.line_states.len() as u64);
    let json = read
        .source
        .text()
        .trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
        .starts_with('{');
    if dialect.name() != "nftables" || !json {
        assert_eq!(counted, read.source.text().lines().count() as u64, "every line is accounted for");
    }
    assert_eq!(
        ruleset.lines.warned > 0,
        ruleset.diagnostics.iter().any(has_line),
        "warned lines have diagnostics"
    );
    for diagnostic in &ruleset.diagnostics {
        if let Some(zonewright_source::Place::Text(place)) = &diagnostic.place {
            let shown = read.source.text().get(place.start..place.end);
            assert!(shown.is_some(), "{diagnostic:?} is out of the text");
        }
    }
    assert_jumps_end(ruleset);
    assert!(!ruleset.to_string().is_empty());
    assert!(ruleset_json(ruleset).is_object());
}

fn has_line(diagnostic: &zonewright_source::Diagnostic) -> bool {
    diagnostic.severity > zonewright_source::Severity::Note
        && matches!(diagnostic.place, Some(zonewright_source::Place::Text(_)))
}

/// Following jumps from any chain comes to an end.
fn assert_jumps_end(ruleset: &Ruleset) {
    let targets = |at: usize| {
        ruleset.chains[at].rules.iter().filter_map(|rule| match rule.verdict {
            Verdict::Jump(ChainId(to)) | Verdict::Goto(ChainId(to)) => Some(to),
            _ => None,
        })
    };
    // Chains from which every jump ends, found from the leaves up.
    let mut ends = vec![false; ruleset.chains.len()];
    for _ in 0..=70 {
        for at in 0..ends.len() {
            ends[at] = ends[at] || targets(at).all(|to| ends[to]);
        }
    }
    assert!(ends.iter().all(|end| *end), "a jump leads in a circle or too deep");
}

fn seeds() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<PathBuf> = Vec::new();
    for dialect in DIALECTS {
        for folder in [
            root.join("tests/cases").join(dialect.name()),
            root.join("../../fuzz/seeds").join(dialect.name()),
        ] {
            found.extend(
                std::fs::read_dir(folder)
                    .unwrap()
                    .map(|entry| entry.unwrap().path())
                    .filter(|path| path.is_file()),
            );
        }
    }
    found.sort();
    found.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// A seed with a few random changes: cut, a byte changed, a piece of another seed put in, a line doubled or removed.
fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..1 + random.below(6) {
        let at = random.below(bytes.len() + 1);
        match random.below(7) {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => bytes[at] = b" \n{}();,.:/-\"'\\#!@$*0a\xff\0"[random.below(24)],
            2 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            3 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len() + 1);
                let piece = other[from..(from + random.below(80)).min(other.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            4 => {
                bytes.drain(at..(at + random.below(40)).min(bytes.len()));
            }
            5 => {
                let piece = bytes[at..(at + random.below(60)).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {
                let word = [
                    "{", "}", "accept", "-j", "vmap", "set", "10.0.0.1", "!", "map", "\"", "\n", "@s", "jump",
                ][random.below(13)];
                bytes.splice(at..at, word.bytes());
            }
        }
    }
    bytes
}

/// xorshift64*.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap() % bound.max(1)
    }
}
