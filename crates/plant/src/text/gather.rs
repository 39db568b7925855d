//! What reading gathers beside the records: diagnostics, ids, references, places.

use super::limit;
use super::spec::{Key, Kind, Target};
use super::tree::{Entry, Node, Span, Table};
use crate::model::Common;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use zonewright_source::{Diagnostic, Place, Severity, SourceText, TextPlace};

/// Turns bytes of one text into lines and columns. Asked in ascending order, it counts each line once, so that
/// a file of one huge line costs no more than any other.
#[derive(Debug)]
pub(crate) struct Locator<'t> {
    pub(crate) source: &'t SourceText,
    lines: Vec<u32>,
    /// Line, byte and column of the last answer.
    last: Cell<(usize, usize, u32)>,
}

impl<'t> Locator<'t> {
    pub(crate) fn new(source: &'t SourceText) -> Self {
        let breaks = source
            .text()
            .bytes()
            .enumerate()
            .filter(|(_, b)| *b == b'\n')
            .map(|(i, _)| Span::new(i + 1, 0).start);
        Self { source, lines: std::iter::once(0).chain(breaks).collect(), last: Cell::new((0, 0, 1)) }
    }

    /// The place of a span. One that cuts a character (within a quoted cell, offsets are those of its text) is widened.
    pub(crate) fn place(&self, span: Span) -> Place {
        let text = self.source.text();
        let start = text.floor_char_boundary(span.start as usize);
        let end = text.ceil_char_boundary(span.end as usize).max(start);
        let line = self.lines.partition_point(|&s| s as usize <= start).max(1);
        let line_start = self.lines.get(line - 1).map_or(0, |&s| s as usize);
        let (last_line, last_start, last_column) = self.last.get();
        let (from, before) = if last_line == line && last_start <= start {
            (last_start, last_column)
        } else {
            (line_start, 1)
        };
        let chars = self.source.text().get(from..start).map_or(0, |s| s.chars().count());
        let column = before.saturating_add(u32::try_from(chars).unwrap_or(u32::MAX));
        self.last.set((line, start, column));
        Place::Text(TextPlace {
            file: self.source.file().clone(),
            start,
            end,
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column,
        })
    }
}

/// Which record is being read.
#[derive(Debug, Clone)]
pub(crate) struct Who {
    pub(crate) kind: &'static Kind,
    /// Its id; empty where it has none.
    pub(crate) id: Arc<str>,
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = self.kind.name.replace('_', " ");
        if self.id.is_empty() {
            write!(f, "`{}`", self.kind.header)
        } else {
            write!(f, "{kind} `{}`", self.id)
        }
    }
}

/// A reference, to be checked when everything is read.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub(crate) target: Target,
    /// As written.
    pub(crate) id: Arc<str>,
    pub(crate) file: u32,
    pub(crate) span: Span,
    pub(crate) holder: Who,
    pub(crate) key: &'static Key,
}

/// A diagnostic whose place is not counted out yet.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) diagnostic: Diagnostic,
    pub(crate) file: u32,
    pub(crate) span: Span,
    /// A place that the note names: it is counted out with the others.
    pub(crate) beside: Option<(&'static str, u32, Span)>,
}

/// Everything gathered from all files.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) pending: Vec<Pending>,
    /// How many diagnostics there were of each code, and how many were not kept.
    counts: BTreeMap<&'static str, usize>,
    pub(crate) references: Vec<Reference>,
    /// Ids by kind, with the place of the first.
    pub(crate) ids: BTreeMap<Target, BTreeMap<Arc<str>, (u32, Span)>>,
    pub(crate) records: usize,
    pub(crate) comparisons: usize,
    /// Files whose syntax is wrong, so that records of theirs may be missing.
    pub(crate) broken: Vec<Arc<str>>,
    pub(crate) loose: super::loose::Loose,
}

impl Gathered {
    /// Keeps a diagnostic, unless there are too many of its code.
    pub(crate) fn report(&mut self, file: u32, span: Span, diagnostic: Diagnostic) {
        self.keep(Pending { diagnostic, file, span, beside: None });
    }

    /// The same, with a second place that its note names.
    pub(crate) fn report_beside(
        &mut self,
        file: u32,
        span: Span,
        diagnostic: Diagnostic,
        beside: (&'static str, u32, Span),
    ) {
        self.keep(Pending { diagnostic, file, span, beside: Some(beside) });
    }

    /// Would another diagnostic of that code still be told? If not, its words need not be sought.
    pub(crate) fn wants(&self, code: &str) -> bool {
        self.counts.get(code).is_none_or(|count| *count < limit::DIAGNOSTICS_OF_A_CODE_MAX)
    }

    fn keep(&mut self, pending: Pending) {
        let diagnostic = &pending.diagnostic;
        let count = self.counts.entry(diagnostic.code).or_default();
        *count += 1;
        if *count <= limit::DIAGNOSTICS_OF_A_CODE_MAX {
            self.pending.push(pending);
        }
    }

    /// The same, for a place that is counted out already.
    pub(crate) fn report_at(&mut self, files: &[SourceText], place: &Place, diagnostic: Diagnostic) {
        let file = files.iter().position(|file| &**file.file() == place.file()).unwrap_or(files.len());
        let span = match place {
            Place::Text(text) => Span::new(text.start, text.end),
            Place::Packet(_) | Place::File(_) => Span::default(),
        };
        self.report(u32::try_from(file).unwrap_or(u32::MAX), span, diagnostic.at(place.clone()));
    }

    pub(crate) fn knows(&self, kind: Target, id: &str) -> bool {
        self.ids.get(&kind).is_some_and(|ids| ids.contains_key(id))
    }

    /// The nearest among the ids of these kinds, as long as the allowance for comparisons lasts.
    pub(crate) fn nearest_id(&mut self, wanted: &str, kinds: &[Target]) -> Option<String> {
        let sets: Vec<_> = kinds.iter().filter_map(|kind| self.ids.get(kind)).collect();
        self.comparisons += sets.iter().map(|set| set.len()).sum::<usize>();
        if self.comparisons > limit::COMPARISONS_MAX {
            return None;
        }
        let names = sets.iter().flat_map(|set| set.keys()).map(|id| &**id);
        zonewright_source::nearest(wanted, names).map(str::to_string)
    }

    /// All diagnostics, in the order of files and places, each with its place; then what was not told one by one.
    pub(crate) fn into_diagnostics(mut self, locators: &[Locator<'_>]) -> Vec<Diagnostic> {
        self.pending
            .sort_by(|a, b| (a.file, a.span, a.diagnostic.code).cmp(&(b.file, b.span, b.diagnostic.code)));
        let mut all: Vec<Diagnostic> = self
            .pending
            .into_iter()
            .map(|mut pending| {
                if let Some((words, file, span)) = pending.beside
                    && let Some(locator) = locators.get(file as usize)
                {
                    pending.diagnostic.note = Some(format!("{words} {}", locator.place(span)));
                }
                pending
            })
            .map(|pending| match locators.get(pending.file as usize) {
                Some(locator) if pending.diagnostic.place.is_none() => {
                    let place = locator.place(pending.span);
                    pending.diagnostic.at(place)
                }
                _ => pending.diagnostic,
            })
            .collect();
        for (code, count) in self.counts {
            if let Some(more) = count.checked_sub(limit::DIAGNOSTICS_OF_A_CODE_MAX).filter(|more| *more > 0) {
                let message = format!("{more} more of `{code}` are not listed");
                let mut diagnostic = Diagnostic::note("plant/more-of-the-same", message);
                diagnostic.help = Some("mend those that are listed and check again".to_string());
                if all.iter().any(|d| d.code == code && d.severity == Severity::Error) {
                    diagnostic.severity = Severity::Error;
                }
                all.push(diagnostic);
            }
        }
        all
    }
}

/// Reads the records of one file into what is gathered from all.
pub(crate) struct Cx<'g, 't> {
    pub(crate) gathered: &'g mut Gathered,
    pub(crate) file: u32,
    pub(crate) locator: &'g Locator<'t>,
    pub(crate) who: Who,
    pub(crate) key: &'static Key,
    /// Whether the file is a CSV file, where headers are columns.
    pub(crate) csv: bool,
    /// Where the file's syntax is wrong, ascending: what stands around it was reported once and is not judged again.
    pub(crate) faults: Vec<u32>,
}

impl Cx<'_, '_> {
    pub(crate) fn report(&mut self, span: Span, diagnostic: Diagnostic) {
        self.gathered.report(self.file, span, diagnostic);
    }

    /// `key` of the record is not what it should be.
    pub(crate) fn wrong(
        &mut self,
        code: &'static str,
        node: &Node<'_>,
        expected: &str,
        found: &str,
        help: Option<String>,
    ) {
        let message = format!("`{}` of {}: expected {expected}, found {found}", self.key.name, self.who);
        let mut diagnostic = Diagnostic::error(code, message);
        diagnostic.note = Some(self.key.clause).filter(|c| !c.is_empty()).map(str::to_string);
        diagnostic.help = help;
        self.report(node.span, diagnostic);
    }

    /// Was the syntax within that span reported as wrong?
    pub(crate) fn is_faulty(&self, span: Span) -> bool {
        let first = self.faults.partition_point(|fault| *fault < span.start);
        self.faults.get(first).is_some_and(|fault| *fault < span.end)
    }

    pub(crate) fn wrong_type(&mut self, node: &Node<'_>, expected: &str) {
        if !matches!(node.item, super::tree::Item::Broken) {
            let help = match node.item {
                super::tree::Item::Text(_) if self.csv && expected.starts_with("true") => {
                    Some("write `yes` or `no`".to_string())
                }
                super::tree::Item::Text(_) if self.csv => None,
                super::tree::Item::Text(_) if expected.starts_with("true") => {
                    Some("write it without quotes".to_string())
                }
                super::tree::Item::Text(ref t)
                    if expected.contains("number") && t.trim().parse::<f64>().is_ok() =>
                {
                    Some(format!("write it without quotes: `{}`", t.trim()))
                }
                _ => None,
            };
            let found = match &node.item {
                super::tree::Item::Text(text) if self.csv => super::field::shown(text),
                super::tree::Item::Text(text) => format!("the text {}", super::field::shown(text)),
                item => item.describe().to_string(),
            };
            self.wrong("plant/wrong-type", node, expected, &found, help);
        }
    }

    /// Notes an id; the second of the same kind is an error.
    pub(crate) fn claim_id(&mut self, target: Target, id: &Arc<str>, span: Span) {
        let ids = self.gathered.ids.entry(target).or_default();
        match ids.get(id) {
            None => {
                ids.insert(id.clone(), (self.file, span));
            }
            Some(&first) => {
                let message = format!("{} `{id}` is defined twice", target.describe());
                let diagnostic = Diagnostic::error("plant/duplicate-id", message)
                    .help("give one of the two another id, or remove it");
                self.gathered.report_beside(
                    self.file,
                    span,
                    diagnostic,
                    ("the first stands at", first.0, first.1),
                );
            }
        }
    }
}

/// Where a record stands, and where its keys do.
pub(crate) fn empty_common(place: Place) -> Common {
    Common { name: None, note: None, proposed: false, reason: None, place, key_places: BTreeMap::new() }
}

/// The entry of a key, if the table has one.
pub(crate) fn entry_of<'t, 'a>(table: &'t Table<'a>, key: &str) -> Option<&'t Entry<'a>> {
    table.entry(key)
}
