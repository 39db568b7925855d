//! Replacing spans of texts, all at once.

use super::super::tree::Span;
use super::super::value::Written;
use super::super::write::block;
use std::collections::BTreeMap;
use std::sync::Arc;
use zonewright_source::SourceText;

/// What goes first where several texts are put at one place: a key of a record, then its new parts, then new records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    Key,
    Part,
    Record,
    End,
}

#[derive(Debug)]
struct Splice {
    span: Span,
    rank: Rank,
    text: String,
}

/// Replacements of spans in the files of a workspace, and text for new ones.
pub(crate) struct Splices<'f> {
    files: &'f [SourceText],
    of_file: BTreeMap<usize, Vec<Splice>>,
    new_files: BTreeMap<&'static str, String>,
    columns: BTreeMap<usize, Vec<&'static str>>,
}

impl<'f> Splices<'f> {
    pub(crate) const fn new(files: &'f [SourceText]) -> Self {
        Self { files, of_file: BTreeMap::new(), new_files: BTreeMap::new(), columns: BTreeMap::new() }
    }

    pub(crate) fn name_of(&self, file: usize) -> Option<Arc<str>> {
        self.files.get(file).map(|file| file.file().clone())
    }

    /// Columns that were added to a sheet, in order.
    pub(crate) fn columns_added(&self, file: usize) -> Vec<&'static str> {
        self.columns.get(&file).cloned().unwrap_or_default()
    }

    pub(crate) fn add_column(&mut self, file: usize, name: &'static str) {
        self.columns.entry(file).or_default().push(name);
    }

    pub(crate) fn text(&self, file: usize) -> &'f str {
        self.files.get(file).map_or("", |file| file.text())
    }

    /// How the file breaks its lines.
    pub(crate) fn line_break(&self, file: usize) -> &'static str {
        let text = self.text(file);
        match text.find('\n') {
            Some(at) if text.as_bytes().get(at.wrapping_sub(1)) == Some(&b'\r') => "\r\n",
            _ => "\n",
        }
    }

    pub(crate) fn replace(&mut self, file: usize, span: Span, text: String) {
        self.of_file.entry(file).or_default().push(Splice { span, rank: Rank::Key, text });
    }

    /// Puts text before the byte `at`; of one rank, what is put there first stands first.
    pub(crate) fn insert(&mut self, file: usize, at: u32, rank: Rank, text: String) {
        self.of_file.entry(file).or_default().push(Splice { span: Span { start: at, end: at }, rank, text });
    }

    /// The whole lines that a span touches, with the line break behind them.
    pub(crate) fn lines(&self, file: usize, span: Span) -> Span {
        let text = self.text(file);
        let start = text.get(..span.start as usize).and_then(|t| t.rfind('\n')).map_or(0, |at| at + 1);
        let end = text
            .get(span.end as usize..)
            .and_then(|t| t.find('\n'))
            .map_or(text.len(), |at| span.end as usize + at + 1);
        Span::new(start, end)
    }

    /// The comment lines right above a byte that begins a line.
    pub(crate) fn comment_above(&self, file: usize, at: u32) -> u32 {
        let text = self.text(file);
        let mut start = at as usize;
        while let Some(above) = text.get(..start.saturating_sub(1)).filter(|_| start > 0) {
            let line_start = above.rfind('\n').map_or(0, |at| at + 1);
            let is_comment = above.get(line_start..).is_some_and(|line| line.trim_start().starts_with('#'));
            // What heads the file speaks of the whole of it.
            if !is_comment || line_start == 0 {
                break;
            }
            start = line_start;
        }
        Span::new(start, 0).start
    }

    /// Adds a record at the end of the file of that name, new or not.
    pub(crate) fn add_at_end(&mut self, home: (&'static str, &'static str), record: &Written) {
        let (name, about) = home;
        let Some(file) = self.files.iter().position(|file| &**file.file() == name) else {
            let start = || format!("# {about}\nworkspace = {}\n", super::super::spec::VERSION);
            let text = self.new_files.entry(name).or_insert_with(start);
            text.push('\n');
            text.push_str(&block(record, "\n"));
            return;
        };
        let line_break = self.line_break(file);
        let text = self.text(file);
        let end = Span::new(text.len(), 0).start;
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { line_break };
        let blank = if text.trim().is_empty() { "" } else { line_break };
        self.insert(file, end, Rank::End, format!("{gap}{blank}{}", block(record, line_break)));
    }

    /// The files with everything replaced.
    pub(crate) fn done(self) -> Vec<SourceText> {
        let mut of_file = self.of_file;
        let mut all: Vec<SourceText> = Vec::with_capacity(self.files.len() + self.new_files.len());
        for (at, file) in self.files.iter().enumerate() {
            match of_file.remove(&at) {
                Some(splices) => {
                    all.push(SourceText::new(file.file().clone(), spliced(file.text(), splices)))
                }
                None => all.push(file.clone()),
            }
        }
        all.extend(self.new_files.into_iter().map(|(file, text)| SourceText::new(file, text)));
        all
    }
}

fn spliced(text: &str, mut splices: Vec<Splice>) -> String {
    // What is put somewhere stands before what is replaced from there on.
    splices.sort_by_key(|splice| (splice.span.start, splice.span.end, splice.rank));
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for Splice { span, text: with, .. } in splices {
        let start = (span.start as usize).max(at);
        out.push_str(text.get(at..start).unwrap_or(""));
        out.push_str(&with);
        at = (span.end as usize).max(start);
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_replaced_in_order_and_overlapping_ones_do_no_harm() {
        let at =
            |start, end, text: &str| Splice { span: Span { start, end }, rank: Rank::Key, text: text.into() };
        let splices = vec![at(4, 5, "E"), at(0, 1, "A"), at(1, 1, "-"), at(0, 3, "x")];
        assert_eq!(spliced("abcdef", splices), "Ax-dEf");
    }
}
