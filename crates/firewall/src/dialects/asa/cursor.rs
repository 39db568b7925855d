//! Words, one after the other.

use crate::dialects::cisco::Word;

/// A place among words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'w, 'a> {
    words: &'w [Word<'a>],
    at: usize,
}

impl<'w, 'a> Cursor<'w, 'a> {
    pub(super) fn new(words: &'w [Word<'a>]) -> Self {
        Self { words, at: 0 }
    }

    /// The word at hand, which becomes the one before.
    pub(super) fn next(&mut self) -> Option<&'a str> {
        let word = self.peek()?;
        self.at += 1;
        Some(word)
    }

    pub(super) fn peek(&self) -> Option<&'a str> {
        self.peek_at(0)
    }

    /// The word `ahead` words behind the one at hand.
    pub(super) fn peek_at(&self, ahead: usize) -> Option<&'a str> {
        self.words.get(self.at + ahead).map(|word| word.text)
    }

    /// Steps over the word at hand if it is this one.
    pub(super) fn eat(&mut self, word: &str) -> bool {
        let there = self.peek() == Some(word);
        self.at += usize::from(there);
        there
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.words.len()
    }

    /// The words that are left.
    pub(super) fn rest(&self) -> &'w [Word<'a>] {
        self.words.get(self.at..).unwrap_or_default()
    }

    /// The words that are left, as text.
    pub(super) fn rest_text(&self) -> String {
        self.rest().iter().map(|word| word.text).collect::<Vec<_>>().join(" ")
    }
}
