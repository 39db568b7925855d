//! Wrapped text for a terminal.

use crate::escape::one_line;

/// Narrowest text that is wrapped to.
const WIDTH_MIN: usize = 40;

/// A text that grows line by line, wrapped to a width.
pub(crate) struct Page {
    pub(crate) text: String,
    width: usize,
}

impl Page {
    /// An empty page of so many columns.
    pub(crate) fn new(width: usize) -> Self {
        Self { text: String::new(), width: width.max(WIDTH_MIN) }
    }

    /// One or more lines: the head, then the text, wrapped behind it.
    pub(crate) fn hang(&mut self, head: &str, text: &str) {
        let indent = head.chars().count();
        let mut line = head.to_string();
        let mut used = indent;
        let mut fresh = true;
        for word in one_line(text).split_whitespace() {
            let length = word.chars().count();
            if !fresh && used + 1 + length > self.width {
                self.line(&line);
                line = " ".repeat(indent);
                used = indent;
                fresh = true;
            }
            if !fresh {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += length;
            fresh = false;
        }
        self.line(&line);
    }

    /// One line as it is.
    pub(crate) fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}
