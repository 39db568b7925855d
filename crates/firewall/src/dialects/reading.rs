//! What all readers share: decoding, diagnostics with their limit, and the account of lines.

use crate::ruleset::{Credential, Keeping, LineLedger, LineState, Ruleset};
use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;
use zonewright_source::{Diagnostic, Place, SourceText, TextPlace};

/// Most diagnostics that are kept for one file; one more says how many were left out.
const DIAGNOSTICS_MAX: usize = 10_000;

/// What the account of lines counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// Physical lines.
    Lines,
    /// Entries of a list.
    Entries,
}

/// The state of reading one file.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) source: SourceText,
    kind: FileKind,
    diagnostics: Vec<Diagnostic>,
    left_out: usize,
    credentials: Vec<Credential>,
    ledger: LineLedger,
    /// In a file of entries: the entry at hand, counted from 1.
    entry: u64,
    /// How many physical lines there are.
    lines: u64,
    // INVARIANT: ascending; the first is 0.
    line_starts: Vec<usize>,
    /// The place that was looked up last: index of its line, byte, column.
    last: Cell<(usize, usize, u32)>,
}

impl Reading {
    pub(crate) fn new(source: &SourceText, kind: FileKind) -> Self {
        Self {
            source: source.clone(),
            kind,
            diagnostics: Vec::new(),
            left_out: 0,
            credentials: Vec::new(),
            ledger: LineLedger::default(),
            entry: 0,
            lines: line_count(source.text()),
            line_starts: std::iter::once(0)
                .chain(source.text().match_indices('\n').map(|(at, _)| at + 1))
                .collect(),
            last: Cell::new((0, 0, 1)),
        }
    }

    /// The place of a span. Columns are counted on from the place that was looked up before, so that a long line with
    /// many statements is not counted again for each of them. A span that cuts a character is widened to the whole of it.
    pub(crate) fn place(&self, span: &Range<usize>) -> TextPlace {
        let text = self.source.text();
        let span = &(text.floor_char_boundary(span.start)..text.ceil_char_boundary(span.end));
        let line = self.line_index(span.start);
        let (last_line, last_start, last_column) = self.last.get();
        let from_last = last_line == line && last_start <= span.start;
        let (from, column) = if from_last { (last_start, last_column) } else { (self.line_start(line), 1) };
        let between = self.source.text().get(from..span.start).map_or(0, |text| text.chars().count());
        let column = column.saturating_add(u32::try_from(between).unwrap_or(u32::MAX));
        self.last.set((line, span.start, column));
        let line = u32::try_from(line + 1).unwrap_or(u32::MAX);
        TextPlace {
            file: self.source.file().clone(),
            start: span.start,
            end: span.end.max(span.start),
            line,
            column,
        }
    }

    /// The index of the line that a byte is in.
    fn line_index(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    fn line_start(&self, line: usize) -> usize {
        self.line_starts.get(line).copied().unwrap_or(0)
    }

    /// Sets the entry that accounts are for, in a file of entries.
    pub(crate) fn at_entry(&mut self, entry: u64) {
        self.entry = entry;
    }

    /// Enters the lines of `span` (or the entry at hand) into the account.
    pub(crate) fn account(&mut self, span: &Range<usize>, state: LineState) {
        match self.kind {
            FileKind::Entries => self.ledger.enter(self.entry, state),
            FileKind::Lines => {
                // The end of a text that ends in a line break counts as its last line.
                let line = |at| (self.line_index(at) as u64 + 1).min(self.lines);
                let (first, last) = (line(span.start), line(span.end.saturating_sub(1).max(span.start)));
                self.ledger.enter_lines(first.max(1), last, state);
            }
        }
    }

    /// Records a diagnostic at `span`. A warning or error counts the lines of the span as warned about.
    pub(crate) fn report(&mut self, span: &Range<usize>, diagnostic: Diagnostic) {
        if diagnostic.severity > zonewright_source::Severity::Note {
            self.account(span, LineState::Warned);
        }
        if self.diagnostics.len() < DIAGNOSTICS_MAX {
            let place = self.place(span);
            self.diagnostics.push(diagnostic.at(Place::Text(place)));
        } else {
            self.left_out += 1;
        }
    }

    /// Records that a secret is kept at `span`; `what` says what for and must not tell it.
    pub(crate) fn secret(&mut self, span: &Range<usize>, what: impl Into<String>, keeping: Keeping) {
        let place = self.place(span);
        self.credentials.push(Credential { place, what: what.into(), keeping });
    }

    /// Ends the account, and moves it and the diagnostics into `ruleset`. A line that nobody accounted for is
    /// reported, so that nothing is dropped in silence.
    pub(crate) fn finish(mut self, ruleset: &mut Ruleset) {
        if self.kind == FileKind::Lines {
            for line in self.ledger.missing(self.lines) {
                let place = self.source.line(usize::try_from(line).unwrap_or(usize::MAX));
                let unread = Diagnostic::warning("firewall/unread-line", "the line was not read");
                self.report(&(place.start..place.end.max(place.start)), unread);
                self.ledger.enter(line, LineState::Warned);
            }
        }
        self.diagnostics.sort_by(|a, b| a.place.cmp(&b.place));
        if self.left_out > 0 {
            let message = format!("{} more diagnostics were left out", self.left_out);
            self.diagnostics.push(
                Diagnostic::warning("firewall/too-many-diagnostics", message)
                    .at(Place::File(self.source.file().clone())),
            );
        }
        self.credentials.sort_by(|a, b| a.place.cmp(&b.place));
        self.hide_lines_of_secrets();
        ruleset.credentials = self.credentials;
        ruleset.lines = self.ledger.counts();
        ruleset.line_states = self.ledger.into_states();
        ruleset.diagnostics = self.diagnostics;
    }
}

impl Reading {
    /// Sees to it that no diagnostic is shown with a line on which a secret stands. The secrets are in order of place.
    fn hide_lines_of_secrets(&mut self) {
        let line_of = |at: usize| self.line_starts.partition_point(|start| *start <= at).saturating_sub(1);
        // Of each secret the first line, and the last line of it and those before it.
        let mut reached = 0;
        let held: Vec<(usize, usize)> = self
            .credentials
            .iter()
            .map(|secret| {
                reached = reached.max(line_of(secret.place.end));
                (line_of(secret.place.start), reached)
            })
            .collect();
        for diagnostic in &mut self.diagnostics {
            let Some(Place::Text(place)) = &diagnostic.place else { continue };
            let (first, last) = (line_of(place.start), line_of(place.end.max(place.start)));
            let before = held.partition_point(|(start, _)| *start <= last);
            let nearest = before.checked_sub(1).and_then(|at| held.get(at));
            diagnostic.hides_line |= nearest.is_some_and(|(_, end)| *end >= first);
        }
    }
}

/// The physical lines of a text; one that ends with a line break has none behind it.
pub(super) fn line_count(text: &str) -> u64 {
    text.lines().count() as u64
}

/// The text of a file: UTF-16 with a byte order mark (in XML also without), what an XML declaration says, else UTF-8. Bytes
/// that are no text become U+FFFD and are reported.
pub(super) fn decode(bytes: &[u8], file: &Arc<str>, diagnostics: &mut Vec<Diagnostic>) -> String {
    let wide = match bytes {
        [0xff, 0xfe, rest @ ..] => Some(utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Some(utf16(rest, u16::from_be_bytes)),
        [b'<', 0, b'?', 0, ..] => Some(utf16(bytes, u16::from_le_bytes)),
        [0, b'<', 0, b'?', ..] => Some(utf16(bytes, u16::from_be_bytes)),
        _ => None,
    };
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    let text = match (wide, std::str::from_utf8(bytes)) {
        (Some(wide), _) => String::from_utf16_lossy(&wide),
        // A file that is UTF-8 throughout is that, whatever it declares: other encodings do not look so by chance.
        (None, Ok(text)) => text.to_owned(),
        (None, Err(_)) => match declared_encoding(bytes).and_then(|name| single_byte(&name)) {
            Some(upper) => bytes.iter().map(|byte| upper(*byte)).collect(),
            None => String::from_utf8_lossy(bytes).into_owned(),
        },
    };
    if text.contains(['\u{fffd}', '\0']) {
        diagnostics.push(
            Diagnostic::warning("firewall/not-text", "the file holds bytes that are not text")
                .at(Place::File(file.clone()))
                .because("they were replaced, and what they stood for is not in the ruleset")
                .help("export the configuration as UTF-8 text"),
        );
    }
    text
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u16> {
    bytes
        .chunks(2)
        .map(|pair| match pair {
            [a, b] => unit([*a, *b]),
            _ => 0xfffd,
        })
        .collect()
}

/// The encoding that an XML declaration names, in lower case.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    const DECLARATION_MAX: usize = 256;
    let head = bytes.get(..DECLARATION_MAX.min(bytes.len()))?;
    let head = String::from_utf8_lossy(head);
    let declaration = head.strip_prefix("<?xml")?.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let name = value.get(1..)?.split_once(quote)?.0;
    Some(name.trim().to_ascii_lowercase())
}

/// The character that a byte stands for in an encoding with one byte for each.
fn single_byte(encoding: &str) -> Option<fn(u8) -> char> {
    match encoding {
        // What declares itself Latin 1 is read as windows-1252, as the Encoding Standard of WHATWG says.
        "iso-8859-1" | "iso8859-1" | "latin1" | "l1" | "windows-1252" | "cp1252" => Some(windows_1252),
        "iso-8859-15" | "iso8859-15" | "latin9" => Some(latin_9),
        _ => None,
    }
}

/// Of the range 0x80 to 0x9f, what is not control codes (Encoding Standard, index windows-1252).
fn windows_1252(byte: u8) -> char {
    const UPPER: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    let upper = byte.checked_sub(0x80).and_then(|at| UPPER.get(usize::from(at)));
    upper.copied().unwrap_or(char::from(byte))
}

/// ISO/IEC 8859-15 is Latin 1 but for eight characters.
fn latin_9(byte: u8) -> char {
    match byte {
        0xa4 => '€',
        0xa6 => 'Š',
        0xa8 => 'š',
        0xb4 => 'Ž',
        0xb8 => 'ž',
        0xbc => 'Œ',
        0xbd => 'œ',
        0xbe => 'Ÿ',
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_diagnostic_shows_a_line_with_a_secret() {
        let source = SourceText::new("x", "a\npassword \"s\nt\" frob\nb\n");
        let mut reading = Reading::new(&source, FileKind::Lines);
        let whole = 0..source.text().len();
        reading.account(&whole, LineState::Modeled);
        reading.secret(&(11..16), "password", Keeping::Clear);
        for span in [0..1, 2..3, 14..15, 17..21, 22..23, 0..23] {
            reading.report(&span, Diagnostic::warning("firewall/unread-line", "x"));
        }
        let mut ruleset = Ruleset::empty("x", "x".into());
        reading.finish(&mut ruleset);
        let hidden = ruleset.diagnostics.iter().map(|one| match &one.place {
            Some(Place::Text(place)) => (place.start, place.end, one.hides_line),
            _ => (0, 0, true),
        });
        let hidden: Vec<_> = hidden.collect();
        assert_eq!(
            hidden,
            [(0, 1, false), (0, 23, true), (2, 3, true), (14, 15, true), (17, 21, true), (22, 23, false)]
        );
    }

    #[test]
    fn declared_encodings_are_honored_and_utf_8_is_known_without() {
        let read = |bytes: &[u8]| {
            let mut said = Vec::new();
            (decode(bytes, &"x".into(), &mut said), said.len())
        };
        let declared = |name: &str, bytes: &[u8]| {
            let mut all = format!("<?xml version='1.0' encoding=\"{name}\"?>").into_bytes();
            all.extend(bytes);
            let (text, said) = read(&all);
            (text.split_once("?>").unwrap().1.to_owned(), said)
        };
        assert_eq!(declared("ISO-8859-1", b"M\xfcnchen"), ("München".into(), 0));
        assert_eq!(declared("windows-1252", b"\x80 \x96 \xdf"), ("€ – ß".into(), 0));
        assert_eq!(declared("iso-8859-15", b"\xa4"), ("€".into(), 0));
        assert_eq!(declared("ISO-8859-1", "München".as_bytes()), ("München".into(), 0));
        assert_eq!(declared("koi8-r", b"\xfc").1, 1);
        assert_eq!(read(b"a\xfc").1, 1);
        let wide: Vec<u8> = "<?xml?>ü".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(read(&wide), ("<?xml?>ü".into(), 0));
    }
}
