//! Where something stands in an input.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A span of a text file: the file's name as the user gave it, bytes, and the line and column it begins at.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextPlace {
    /// The file's path, relative to the workspace where there is one.
    pub file: Arc<str>,
    /// First byte of the span.
    pub start: usize,
    /// First byte behind the span.
    pub end: usize,
    /// Line of the first byte, counted from 1.
    pub line: u32,
    /// Column of the first byte in characters, counted from 1.
    pub column: u32,
}

/// What is counted in a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Unit {
    /// Packets.
    #[default]
    Packet,
    /// Lines, where the capture is a monitor's log.
    Line,
}

/// A packet of a capture, or a line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PacketPlace {
    /// The capture's path as the user gave it.
    pub file: Arc<str>,
    /// Number of the packet (or line), counted from 1 as Wireshark does.
    pub packet: u64,
    /// Byte within the packet, where that is known.
    pub offset: Option<u32>,
    /// What the number counts.
    pub unit: Unit,
}

impl PacketPlace {
    /// A packet of a capture.
    #[must_use]
    pub const fn packet(file: Arc<str>, packet: u64) -> Self {
        Self { file, packet, offset: None, unit: Unit::Packet }
    }

    /// A line of a log.
    #[must_use]
    pub const fn line(file: Arc<str>, line: u64) -> Self {
        Self { file, packet: line, offset: None, unit: Unit::Line }
    }

    /// What the number counts, in a word.
    #[must_use]
    pub const fn unit_word(&self) -> &'static str {
        match self.unit {
            Unit::Packet => "packet",
            Unit::Line => "line",
        }
    }
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// In a text file.
    Text(TextPlace),
    /// In a capture.
    Packet(PacketPlace),
    /// In a file as a whole.
    File(Arc<str>),
}

impl Place {
    /// The file the place is in.
    #[must_use]
    pub fn file(&self) -> &str {
        match self {
            Self::Text(text) => &text.file,
            Self::Packet(packet) => &packet.file,
            Self::File(file) => file,
        }
    }

    /// The place within its file, as the interfaces print it: `line 12:3`, `packet 4711`, or nothing.
    #[must_use]
    pub fn within_file(&self) -> String {
        match self {
            Self::Text(text) => format!("line {}:{}", text.line, text.column),
            Self::Packet(packet) => match packet.offset {
                Some(offset) => format!("{} {} byte {offset}", packet.unit_word(), packet.packet),
                None => format!("{} {}", packet.unit_word(), packet.packet),
            },
            Self::File(_) => String::new(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{}:{}:{}", text.file, text.line, text.column),
            Self::Packet(packet) => {
                write!(f, "{} {} {}", packet.file, packet.unit_word(), packet.packet)?;
                packet.offset.map_or(Ok(()), |offset| write!(f, " byte {offset}"))
            }
            Self::File(file) => write!(f, "{file}"),
        }
    }
}

/// A text with its name, able to turn byte spans into lines and columns.
#[derive(Debug, Clone)]
pub struct SourceText {
    file: Arc<str>,
    text: Arc<str>,
    // INVARIANT: ascending; the first is 0.
    line_starts: Arc<[usize]>,
}

impl SourceText {
    /// The text `text` of the file that the user knows as `file`.
    #[must_use]
    pub fn new(file: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        let text: Arc<str> = text.into();
        let line_starts = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1))
            .collect();
        Self { file: file.into(), text, line_starts }
    }

    /// The file's name.
    #[must_use]
    pub fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place of a span of bytes. A span outside the text is moved to its end.
    #[must_use]
    pub fn place(&self, span: Range<usize>) -> TextPlace {
        let start = self.floor_boundary(span.start);
        let end = self.floor_boundary(span.end).max(start);
        let line = self.line_starts.partition_point(|&s| s <= start).max(1);
        let line_start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let column = self.text.get(line_start..start).map_or(0, |s| s.chars().count()) + 1;
        TextPlace { file: self.file.clone(), start, end, line: to_u32(line), column: to_u32(column) }
    }

    /// The place of a whole line, counted from 1, without its line break.
    #[must_use]
    pub fn line(&self, line: usize) -> TextPlace {
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        let next = self.line_starts.get(line).copied().unwrap_or(self.text.len());
        let text = self.text.get(start..next).unwrap_or("");
        self.place(start..start + text.trim_end_matches(['\n', '\r']).len())
    }

    fn floor_boundary(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let text = SourceText::new("a.toml", "é=1\nb = ü2\n");
        assert_eq!(text.place(0..2).to_string_short(), "1:1");
        assert_eq!(text.place(5..6).to_string_short(), "2:1");
        let two = text.text().find('2').unwrap();
        assert_eq!(text.place(two..two + 1).to_string_short(), "2:6");
        assert_eq!(text.place(900..999).to_string_short(), "3:1");
        assert_eq!((text.line(2).start, text.line(2).end), (5, 12));
    }

    impl TextPlace {
        fn to_string_short(&self) -> String {
            format!("{}:{}", self.line, self.column)
        }
    }
}
