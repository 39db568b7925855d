//! Lines split into words, as a shell and iptables-restore do.

use std::ops::Range;

/// A word and where it stands. Quotes and backslashes are taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) span: Range<usize>,
}

/// A line with those that a backslash at the end joins to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogicalLine {
    pub(super) span: Range<usize>,
    pub(super) words: Vec<Word>,
}

/// The logical lines of a text. Comments leave no word.
pub(super) fn logical_lines(text: &str) -> Vec<LogicalLine> {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        end += line.len();
        let joined =
            line.trim_end_matches(['\n', '\r']).ends_with('\\') && !line.trim_start().starts_with('#');
        if joined && end < text.len() {
            continue;
        }
        let span = start..end;
        let content = text.get(span.clone()).unwrap_or_default();
        let trimmed = content.trim_end_matches(['\n', '\r']);
        lines.push(LogicalLine { words: words(trimmed, start), span: start..start + trimmed.len() });
        start = end;
    }
    lines
}

fn words(line: &str, offset: usize) -> Vec<Word> {
    let mut found = Vec::new();
    let mut open: Option<Word> = None;
    let mut quote: Option<char> = None;
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let behind = offset + at + c.len_utf8();
        let separates = quote.is_none() && (c.is_whitespace() || c == '\u{feff}');
        if separates {
            found.extend(open.take());
            continue;
        }
        if open.is_none() && quote.is_none() && c == '#' {
            return found;
        }
        let word = open.get_or_insert_with(|| Word { text: String::new(), span: offset + at..behind });
        word.span.end = behind;
        match (c, quote) {
            (c, Some(q)) if c == q => quote = None,
            ('"' | '\'', None) => quote = Some(c),
            ('\\', None | Some('"')) => match chars.next() {
                Some((_, '\n')) => {}
                Some((at, escaped)) => {
                    word.text.push(escaped);
                    word.span.end = offset + at + escaped.len_utf8();
                }
                None => {}
            },
            (c, _) => word.text.push(c),
        }
    }
    found.extend(open);
    found.retain(|word| !word.text.is_empty() || word.span.len() > 1);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_escapes_comments_and_joined_lines() {
        let lines =
            logical_lines("-A X -m comment --comment \"a \\\"b\\\" c\" # note\n# all\n-A Y \\\n -j Z\n");
        let texts: Vec<Vec<&str>> =
            lines.iter().map(|line| line.words.iter().map(|word| word.text.as_str()).collect()).collect();
        assert_eq!(
            texts,
            [vec!["-A", "X", "-m", "comment", "--comment", "a \"b\" c"], vec![], vec!["-A", "Y", "-j", "Z"]]
        );
    }
}
