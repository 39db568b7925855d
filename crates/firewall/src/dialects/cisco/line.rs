//! Lines and their words, with places.

use std::ops::Range;

/// A word of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    /// The word.
    pub(crate) text: &'a str,
    /// Its first byte in the file.
    pub(crate) start: usize,
}

impl Word<'_> {
    /// Where it stands in the file.
    pub(crate) fn span(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }
}

/// A physical line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Its text without the line break and without white space around it.
    pub(crate) text: &'a str,
    /// How many white space characters stand before the text.
    pub(crate) indent: usize,
    /// Where the text stands in the file.
    pub(crate) span: Range<usize>,
}

impl<'a> Line<'a> {
    /// The words, parted by white space.
    pub(crate) fn words(&self) -> Vec<Word<'a>> {
        let mut words = Vec::new();
        let mut open: Option<usize> = None;
        for (at, letter) in self.text.char_indices() {
            match (letter.is_whitespace(), open) {
                (false, None) => open = Some(at),
                (true, Some(from)) => {
                    words.extend(self.word(from, at));
                    open = None;
                }
                _ => {}
            }
        }
        words.extend(open.and_then(|from| self.word(from, self.text.len())));
        words
    }

    fn word(&self, from: usize, to: usize) -> Option<Word<'a>> {
        Some(Word { text: self.text.get(from..to)?, start: self.span.start + from })
    }

    /// What stands behind the first `count` words, as written.
    pub(crate) fn rest(&self, count: usize) -> &'a str {
        let mut rest = self.text;
        for _ in 0..count {
            rest = rest.trim_start();
            rest = rest.find(char::is_whitespace).and_then(|at| rest.get(at..)).unwrap_or_default();
        }
        rest.trim()
    }
}

/// The physical lines of a text.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |whole| {
        let from = start;
        start += whole.len();
        let begun = whole.trim_start();
        let indent = whole.len() - begun.len();
        let text = begun.trim_end();
        // A blank line stands where it begins.
        let at = if text.is_empty() { from } else { from + indent };
        Line { text, indent: if text.is_empty() { 0 } else { indent }, span: at..at + text.len() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_words_keep_their_places() {
        let text = "a b\r\n  cé  d\n\n e";
        let found: Vec<Line<'_>> = lines(text).collect();
        assert_eq!(found.len(), 4);
        let second = &found[1];
        assert_eq!((second.text, second.indent), ("cé  d", 2));
        let words = second.words();
        assert_eq!(words.iter().map(|word| word.text).collect::<Vec<_>>(), ["cé", "d"]);
        assert!(words.iter().all(|word| text.get(word.span()) == Some(word.text)));
        assert_eq!(second.rest(1), "d");
        assert_eq!(second.rest(2), "");
    }
}
