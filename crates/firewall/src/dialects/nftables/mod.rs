//! nftables: its text, as `nft list ruleset` prints it or people write it, and its JSON (`nft -j list ruleset`).
//!
//! Text and JSON are parsed into the same tables (`ast`), to which the commands of a source file are applied in order
//! (`tables`), and which are then given their meaning (`lower`). References: nft(8), libnftables-json(5).

mod ast;
mod commands;
mod json;
mod json_stmt;
mod lexer;
mod lower;
mod parse_expr;
mod parse_stmt;
mod parser;
mod show;
mod tables;
mod words;

use super::{Confidence, Dialect, FileKind, IgnoredKind, Reading};
use crate::ruleset::{LineState, Ruleset};
use parser::Parser;
use zonewright_source::SourceText;

/// The dialect of nftables.
#[derive(Debug, Clone, Copy)]
pub struct Nftables;

impl Dialect for Nftables {
    fn name(&self) -> &'static str {
        "nftables"
    }

    fn title(&self) -> &'static str {
        "nftables (nft list ruleset, source files, JSON)"
    }

    fn detect(&self, text: &str) -> Confidence {
        if is_json(text) {
            return if text.contains("\"nftables\"") { Confidence(100) } else { Confidence::NONE };
        }
        let signs = text.lines().take(DETECT_LINES_MAX).map(|line| weight(line.trim())).sum::<u32>();
        Confidence(u8::try_from(signs.min(95)).unwrap_or(95))
    }

    fn read(&self, source: &SourceText) -> Ruleset {
        let mut ruleset = Ruleset::empty(self.name(), source.file().clone());
        let text = source.text();
        let mut reading =
            Reading::new(source, if is_json(text) { FileKind::Entries } else { FileKind::Lines });
        let tables = if is_json(text) {
            json::tables(text, &mut reading)
        } else {
            account_blank_lines(source, &mut reading);
            let mut parser = Parser::new(text, &mut reading);
            parser.file();
            parser.tables
        };
        lower::lower(&tables, &mut reading, &mut ruleset);
        reading.finish(&mut ruleset);
        ruleset
    }

    fn ignored(&self) -> &'static [IgnoredKind] {
        &IGNORED
    }
}

/// How many lines are looked at to detect the dialect.
const DETECT_LINES_MAX: usize = 2_000;

/// What is ignored knowingly.
const IGNORED: [IgnoredKind; 10] = [
    IgnoredKind { name: "blank line", reason: "says nothing" },
    IgnoredKind { name: "comment", reason: "is for people; comments of rules are kept with the rule" },
    IgnoredKind { name: "comment of a table, chain or set", reason: "is for people" },
    IgnoredKind {
        name: "counter, quota, limit, helper, secmark or synproxy object",
        reason: "decides nothing by itself; a rule that uses it says so",
    },
    IgnoredKind { name: "flowtable", reason: "hastens packets of connections that the rules let through" },
    IgnoredKind {
        name: "size, policy, gc-interval, auto-merge or counter of a set",
        reason: "is about memory and speed, not about content",
    },
    IgnoredKind { name: "flags or devices of a chain", reason: "is about hardware offload" },
    IgnoredKind { name: "list, monitor, describe, export, import", reason: "asks, and changes nothing" },
    IgnoredKind { name: "reset", reason: "sets counters back" },
    IgnoredKind { name: "metainfo (JSON)", reason: "tells the version of the program" },
];

fn is_json(text: &str) -> bool {
    text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').starts_with('{')
}

/// How much a line speaks for nftables.
fn weight(line: &str) -> u32 {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    let first = if first == "nft" { words.next().unwrap_or_default() } else { first };
    match first {
        "table" if line.ends_with('{') => 60,
        "table" => 30,
        "chain" if line.ends_with('{') => 30,
        "type" if line.contains(" hook ") => 60,
        "flush" if line.starts_with("flush ruleset") => 60,
        "add" | "create" | "insert" => match words.next() {
            Some("table" | "chain" | "rule" | "set" | "map" | "element") => 40,
            _ => 0,
        },
        "#!/usr/sbin/nft" | "#!/sbin/nft" | "#!/usr/bin/nft" => 90,
        "define" if line.contains('=') => 10,
        _ => 0,
    }
}

/// Enters the lines that hold nothing but blanks and comments.
fn account_blank_lines(source: &SourceText, reading: &mut Reading) {
    let mut start = 0;
    for line in source.text().split_inclusive('\n') {
        let trimmed = line.trim().trim_start_matches('\u{feff}').trim_end_matches('\\').trim();
        let comment = trimmed.starts_with('#') && !trimmed.starts_with("# xt_");
        if trimmed.is_empty() || comment {
            reading.account(&(start..start + 1), LineState::Ignored);
        }
        start += line.len();
    }
}
