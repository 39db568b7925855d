//! Logs of network monitors instead of packets: what Zeek and Suricata say that they saw.
//!
//! Owns the text of logs, and turns each line into the same conversations and facts that packets become; the rest is
//! the engine's. A log is a witness, not the traffic: nothing is concluded that its line does not say. A line that is
//! not understood is said, with its number; what logs do not tell (packets, where no line counts them) stays zero.

mod book;
mod eve;
mod lines;
mod names;
mod zeek;

use crate::capture::{Input, ReadError};
use crate::engine::Engine;
use crate::flow::At;
use crate::observation::CaptureKind;
use book::Book;
pub(crate) use book::Shared;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use zonewright_source::{Diagnostic, PacketPlace, Place};

/// Lines of a kind of trouble that are named one by one.
const NAMED_MAX: u64 = 5;
/// Different kinds of trouble of one log that are kept apart.
const TROUBLES_MAX: usize = 200;

/// The kind of a log that begins so.
pub(crate) fn kind(head: &[u8]) -> Option<CaptureKind> {
    if zeek::is_table(head) {
        return Some(CaptureKind::Zeek);
    }
    let text = head.trim_ascii_start();
    if !text.starts_with(b"{") {
        return None;
    }
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if eve::is_event(line) {
        return Some(CaptureKind::Eve);
    }
    zeek::is_json(line).then_some(CaptureKind::Zeek)
}

/// Whether a log should be read before others of the same monitor: connections tell what the other logs leave out.
pub(crate) fn is_of_connections(head: &[u8]) -> bool {
    zeek::is_of_connections(head)
}

/// What is known of a log when it was read.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Lines that were understood.
    pub(crate) lines: u64,
    /// Packets that they count.
    pub(crate) packets: u64,
    /// Bytes of these packets, as they count them.
    pub(crate) bytes: u64,
    /// Earliest moment.
    pub(crate) first: Option<i64>,
    /// Latest moment.
    pub(crate) last: Option<i64>,
}

impl Counts {
    /// Takes a span of time.
    fn span(&mut self, first: i64, last: i64) {
        self.first = Some(self.first.map_or(first, |known| known.min(first)));
        self.last = Some(self.last.map_or(last, |known| known.max(last)));
    }
}

/// A log to be read.
pub(crate) struct Log<'a> {
    /// Of which kind.
    pub(crate) kind: CaptureKind,
    /// What it is called; Zeek's logs of JSON lines say by their file's name what they are about.
    pub(crate) name: &'a Arc<str>,
    /// Its place in the list of captures.
    pub(crate) number: u32,
    /// Where its addresses count.
    pub(crate) context: u32,
}

/// Reads every line of a log.
pub(crate) fn read(
    log: &Log<'_>,
    input: &mut Input,
    engine: &mut Engine,
    shared: &mut Shared,
    diagnostics: &mut Vec<Diagnostic>,
    report: &mut dyn FnMut(u64, u64),
) -> (Counts, Result<(), ReadError>) {
    engine.logs.insert(log.number);
    let mut troubles = Troubles::default();
    let mut book = Book::new(engine, shared, log.context);
    let result = match log.kind {
        CaptureKind::Eve => lines::each(input, &mut |line, number, offset| {
            book.at = At { capture: log.number, packet: number };
            report(offset, number);
            eve::line(line, &mut book, &mut troubles);
        }),
        _ => {
            let mut reader = zeek::Reader::new(log.name);
            lines::each(input, &mut |line, number, offset| {
                book.at = At { capture: log.number, packet: number };
                report(offset, number);
                reader.line(line, &mut book, &mut troubles);
            })
        }
    };
    let counts = book.finish(&mut troubles);
    troubles.say(log.name, diagnostics);
    (counts, result)
}

/// What is wrong with lines, of each kind the first few and how many.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    kinds: BTreeMap<(&'static str, String), (u64, Vec<u64>)>,
    /// Those of kinds beyond the limit.
    beyond: u64,
}

impl Troubles {
    /// A line is wrong, in words that are the same for all lines of the kind.
    pub(super) fn at(&mut self, line: u64, code: &'static str, what: impl Into<String>) {
        let key = (code, what.into());
        if self.kinds.len() >= TROUBLES_MAX && !self.kinds.contains_key(&key) {
            self.beyond += 1;
            return;
        }
        let (count, lines) = self.kinds.entry(key).or_default();
        *count += 1;
        if *count <= NAMED_MAX {
            lines.push(line);
        }
    }

    fn say(self, name: &Arc<str>, diagnostics: &mut Vec<Diagnostic>) {
        for ((code, what), (count, lines)) in self.kinds {
            let first = lines.first().copied().unwrap_or_default();
            let named: Vec<String> = lines.iter().map(ToString::to_string).collect();
            let message = match count {
                1 => format!("line {first} of log `{name}`: {what}"),
                _ if count <= NAMED_MAX => format!("lines {} of log `{name}`: {what}", named.join(", ")),
                _ => format!("{count} lines of log `{name}` (the first: {}): {what}", named.join(", ")),
            };
            let place = Place::Packet(PacketPlace::line(Arc::clone(name), first));
            let said = match code {
                "log/not-read" | "log/unknown-function" => Diagnostic::note(code, message),
                _ => Diagnostic::warning(code, message),
            };
            diagnostics.push(said.at(place));
        }
        if self.beyond > 0 {
            let message =
                format!("log `{name}`: {} further lines of other kinds are not understood", self.beyond);
            diagnostics.push(Diagnostic::warning("log/line", message).at(Place::File(Arc::clone(name))));
        }
    }
}

/// The name of a log without folders and what follows its first dot: `conn` of `2026-11-25/conn.01:00:00.log.gz`.
fn stem(name: &str) -> &str {
    let file = Path::new(name).file_name().and_then(|file| file.to_str()).unwrap_or(name);
    file.split('.').next().unwrap_or(file)
}
