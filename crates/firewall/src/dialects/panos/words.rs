//! Words of the set form and of the form in braces: names, quoted texts, and the marks between them.

use std::borrow::Cow;
use std::ops::Range;

/// Longest quoted text, in bytes; a quotation mark that is not closed within it is taken for a part of a word.
const QUOTED_BYTES_MAX: usize = 64 << 10;

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or value.
    Word,
    /// The end of a line.
    Line,
    /// `[`, `]`, `{`, `}` or `;`.
    Mark(char),
    /// A word that begins with a quotation mark which is not closed.
    Unclosed,
    /// A line that begins with `#` or `!`.
    Comment,
}

/// A word with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// The words of a text, one after the other.
#[derive(Debug)]
pub(super) struct Words<'t> {
    text: &'t str,
    at: usize,
    /// Whether braces and semicolons are marks.
    braces: bool,
    at_line_start: bool,
}

impl<'t> Words<'t> {
    pub(super) fn new(text: &'t str, braces: bool) -> Self {
        Self { text, at: 0, braces, at_line_start: true }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Takes the next `length` bytes as a word.
    fn take(&mut self, length: usize, kind: Kind) -> Word<'t> {
        let span = self.at..self.at.saturating_add(length).min(self.text.len());
        self.at = span.end;
        self.at_line_start = kind == Kind::Line;
        Word { text: Cow::Borrowed(self.text.get(span.clone()).unwrap_or_default()), kind, span }
    }

    fn is_mark(&self, c: char) -> bool {
        matches!(c, '[' | ']') || (self.braces && matches!(c, '{' | '}' | ';'))
    }

    /// The quoted text that begins here, if it is closed.
    fn quoted(&mut self, quote: char) -> Option<Word<'t>> {
        let rest = self.rest().get(1..)?;
        let reach = rest.get(..rest.floor_char_boundary(QUOTED_BYTES_MAX))?;
        let end = reach.find(quote)?;
        let inner = reach.get(..end)?;
        // A mark that was forgotten must not swallow the commands behind it.
        if inner.contains("\nset ") || inner.contains("\ndelete ") {
            return None;
        }
        let mut word = self.take(end + 2, Kind::Word);
        word.text = Cow::Borrowed(inner);
        Some(word)
    }
}

impl<'t> Iterator for Words<'t> {
    type Item = Word<'t>;

    fn next(&mut self) -> Option<Word<'t>> {
        let blank = |c: char| c != '\n' && (c.is_whitespace() || c == '\u{feff}');
        self.at += self.rest().len() - self.rest().trim_start_matches(blank).len();
        let rest = self.rest();
        let first = rest.chars().next()?;
        if first == '\n' {
            return Some(self.take(1, Kind::Line));
        }
        if self.at_line_start && matches!(first, '#' | '!') {
            return Some(self.take(rest.find('\n').unwrap_or(rest.len()), Kind::Comment));
        }
        if self.is_mark(first) {
            return Some(self.take(1, Kind::Mark(first)));
        }
        if matches!(first, '"' | '\'') {
            if let Some(word) = self.quoted(first) {
                return Some(word);
            }
            let line = rest.find('\n').unwrap_or(rest.len());
            return Some(self.take(line, Kind::Unclosed));
        }
        let ends = |c: char| c.is_whitespace() || c == ']' || (self.braces && matches!(c, '{' | '}' | ';'));
        let length = rest.find(ends).unwrap_or(rest.len());
        Some(self.take(length.max(first.len_utf8()), Kind::Word))
    }
}
