//! FortiOS text as statements: words parted by blanks, strings in quotes that may run over lines, comments.

use std::borrow::Cow;
use std::ops::Range;

/// A word of a statement, without its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// What it says.
    pub(super) text: Cow<'a, str>,
    /// Where it stands, with its quotes.
    pub(super) span: Range<usize>,
}

/// What stands on a line, or on several where a string in quotes runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement<'a> {
    /// The words; none for a blank line and a comment.
    pub(super) words: Vec<Word<'a>>,
    /// From the first byte to the last, without the line break.
    pub(super) span: Range<usize>,
    /// Whether a quote is opened that is never closed.
    pub(super) is_open: bool,
}

/// The statements of a text, in order.
#[derive(Debug)]
pub(super) struct Statements<'a> {
    text: &'a str,
    at: usize,
    /// Quotes that are not closed any more from here to the end of the text: `"` and `'`.
    never_closed: [bool; 2],
}

impl<'a> Statements<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, at: 0, never_closed: [false; 2] }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        let blank = rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() && c != '\n').len();
        self.at += blank;
    }

    fn skip_line(&mut self) {
        self.at += self.rest().find('\n').unwrap_or(self.rest().len());
    }

    /// The end of a string that begins behind a quote at `from`: where its closing quote stands.
    fn closing(&mut self, quote: char, from: usize) -> Option<usize> {
        let kind = usize::from(quote == '\'');
        if self.never_closed.get(kind).copied().unwrap_or(true) {
            return None;
        }
        let mut escaped = false;
        for (at, c) in self.text.get(from..).unwrap_or_default().char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                c if c == quote => return Some(from + at),
                _ => {}
            }
        }
        if let Some(flag) = self.never_closed.get_mut(kind) {
            *flag = true;
        }
        None
    }

    /// The next word of the line, if one is left. `is_open` is set where it holds a quote that is never closed.
    fn word(&mut self, is_open: &mut bool) -> Option<Word<'a>> {
        self.skip_blanks();
        let start = self.at;
        let mut parts: Vec<Cow<'a, str>> = Vec::new();
        let mut plain = start;
        loop {
            let c = self.rest().chars().next();
            match c {
                None => break,
                Some(c) if c.is_whitespace() => break,
                Some('\\') => {
                    parts.extend(piece(self.text, plain..self.at));
                    self.at += 1;
                    plain = self.at;
                    // The escaped character is taken as it is; a line break joins two lines.
                    let next = self.rest().chars().next();
                    self.at += next.map_or(0, char::len_utf8);
                    if next == Some('\n') {
                        plain = self.at;
                    }
                }
                Some(quote @ ('"' | '\'')) if quote == '"' || self.at == start => {
                    let inside = self.at + 1;
                    if let Some(end) = self.closing(quote, inside) {
                        parts.extend(piece(self.text, plain..self.at));
                        parts.push(unescaped(self.text.get(inside..end).unwrap_or_default()));
                        self.at = end + 1;
                        plain = self.at;
                    } else {
                        *is_open |= quote == '"';
                        self.at = inside;
                    }
                }
                Some(c) => self.at += c.len_utf8(),
            }
        }
        if self.at == start {
            return None;
        }
        parts.extend(piece(self.text, plain..self.at));
        let text = if parts.len() == 1 { parts.pop().unwrap_or_default() } else { parts.concat().into() };
        Some(Word { text, span: start..self.at })
    }
}

impl<'a> Iterator for Statements<'a> {
    type Item = Statement<'a>;

    fn next(&mut self) -> Option<Statement<'a>> {
        if self.at >= self.text.len() {
            return None;
        }
        let start = self.at;
        self.skip_blanks();
        let mut statement = Statement { words: Vec::new(), span: start..start, is_open: false };
        if self.rest().starts_with('#') {
            self.skip_line();
        } else {
            while let Some(word) = self.word(&mut statement.is_open) {
                statement.words.push(word);
            }
        }
        self.skip_blanks();
        statement.span = start..self.at;
        // The line break.
        self.at += usize::from(self.rest().starts_with('\n'));
        Some(statement)
    }
}

fn piece(text: &str, span: Range<usize>) -> Option<Cow<'_, str>> {
    text.get(span).filter(|piece| !piece.is_empty()).map(Cow::Borrowed)
}

/// A string without the backslashes before characters.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut escaped = false;
    for c in text.chars() {
        if c == '\\' && !escaped {
            escaped = true;
        } else {
            plain.push(c);
            escaped = false;
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Vec<String>> {
        let words = |statement: Statement<'_>| {
            statement.words.into_iter().map(|word| word.text.into_owned()).collect()
        };
        Statements::of(text).map(words).collect()
    }

    #[test]
    fn quotes_run_over_lines_and_escapes_are_taken_away() {
        assert_eq!(
            lines("# a \"comment\n  set comment \"two\nlines \\\"here\\\"\" x\n\nset a b\\ c ''\nend"),
            [
                vec![],
                vec!["set", "comment", "two\nlines \"here\"", "x"],
                vec![],
                vec!["set", "a", "b c", ""],
                vec!["end"]
            ]
        );
    }

    #[test]
    fn a_quote_that_is_never_closed_ends_with_its_line() {
        let statements: Vec<Statement<'_>> = Statements::of("set a \"b c\nnext\n").collect();
        assert_eq!(statements.iter().map(|one| one.is_open).collect::<Vec<_>>(), [true, false]);
        assert_eq!(lines("set a \"b c\nnext\n"), [vec!["set", "a", "\"b", "c"], vec!["next"]]);
        assert_eq!(lines("edit \"it's\"\nset x don't\n"), [vec!["edit", "it's"], vec!["set", "x", "don't"]]);
    }
}
