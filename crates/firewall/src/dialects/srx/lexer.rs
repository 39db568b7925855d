//! The words of a configuration: quoted strings, lists, blocks, comments.

use std::borrow::Cow;
use std::ops::Range;

/// Most lines that a quoted string may go over; one that is longer ends with its line.
const STRING_LINES_MAX: usize = 200;

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'t> {
    Word(Cow<'t, str>),
    Open,
    Close,
    End,
    ListOpen,
    ListClose,
    /// A comment; `true` where it says that a secret stands before it.
    Comment(bool),
    /// A quoted string or comment that does not end.
    Unended,
}

/// The tokens of a text.
#[derive(Debug)]
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    end: usize,
    /// Whether braces and semicolons are tokens: not in lines of commands.
    blocks: bool,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str, within: Range<usize>, blocks: bool) -> Self {
        Self { text, at: within.start, end: within.end.min(text.len()), blocks }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    /// The next token and where it stands.
    pub(super) fn next_token(&mut self) -> Option<(Token<'t>, Range<usize>)> {
        let rest = self.rest();
        let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
        self.at += rest.len() - trimmed.len();
        let start = self.at;
        let mut chars = trimmed.chars();
        let first = chars.next()?;
        let second = chars.next();
        let (token, length) = match (first, second) {
            ('#', _) => comment(trimmed, trimmed.find('\n')),
            ('/', Some('*')) => match trimmed.find("*/") {
                Some(at) => comment(trimmed, Some(at + 2)),
                None => (Token::Unended, trimmed.find('\n').unwrap_or(trimmed.len())),
            },
            ('{', _) if self.blocks => (Token::Open, 1),
            ('}', _) if self.blocks => (Token::Close, 1),
            (';', _) if self.blocks => (Token::End, 1),
            ('[', _) => (Token::ListOpen, 1),
            (']', _) => (Token::ListClose, 1),
            ('"', _) => quoted(trimmed),
            _ => {
                let word = self.word(trimmed);
                (Token::Word(Cow::Borrowed(word)), word.len())
            }
        };
        self.at += length;
        Some((token, start..self.at))
    }

    fn word(&self, text: &'t str) -> &'t str {
        let is_pattern = text.starts_with('<');
        let ends = |c: char| {
            c.is_whitespace()
                || c == '"'
                || c == '\0'
                || (c == ']' && !is_pattern)
                || (self.blocks && matches!(c, '{' | '}' | ';'))
        };
        let length = text.char_indices().skip(1).find(|(_, c)| ends(*c)).map_or(text.len(), |(at, _)| at);
        text.get(..length).unwrap_or(text)
    }
}

fn comment(text: &str, end: Option<usize>) -> (Token<'_>, usize) {
    let end = end.unwrap_or(text.len());
    let is_secret = text.get(..end).is_some_and(|text| text.contains("SECRET-DATA"));
    (Token::Comment(is_secret), end)
}

fn quoted(text: &str) -> (Token<'_>, usize) {
    let (mut escaped, mut lines, mut plain) = (false, 0, true);
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => (escaped, plain) = (true, false),
            '"' => {
                let inner = text.get(1..at).unwrap_or_default();
                let word = if plain { Cow::Borrowed(inner) } else { Cow::Owned(unescaped(inner)) };
                return (Token::Word(word), at + 1);
            }
            '\n' => lines += 1,
            _ => {}
        }
        if lines > STRING_LINES_MAX {
            break;
        }
    }
    (Token::Unended, text.find('\n').unwrap_or(text.len()))
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(quoted @ ('"' | '\\')) => out.push(quoted),
                other => {
                    out.push('\\');
                    out.extend(other);
                }
            },
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<Token<'_>> {
        let mut lexer = Lexer::new(text, 0..text.len(), true);
        std::iter::from_fn(|| lexer.next_token()).map(|(token, _)| token).collect()
    }

    #[test]
    fn words_strings_lists_and_comments_are_told_apart() {
        let word = |text: &'static str| Token::Word(Cow::Borrowed(text));
        assert_eq!(
            tokens("a [ b c]; d { e \"f \\\"g\"; } ## SECRET-DATA\n/* h */ <ge-[01]/*>"),
            [
                word("a"),
                Token::ListOpen,
                word("b"),
                word("c"),
                Token::ListClose,
                Token::End,
                word("d"),
                Token::Open,
                word("e"),
                word("f \"g"),
                Token::End,
                Token::Close,
                Token::Comment(true),
                Token::Comment(false),
                word("<ge-[01]/*>"),
            ]
        );
        assert_eq!(tokens("a \"b"), [word("a"), Token::Unended]);
    }
}
