//! A short text that is put together on the stack, so that saying it allocates nothing.

use std::fmt;
use std::str;

/// A text of at most `N` bytes. What does not fit is left away, at a character's border.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Brief<const N: usize> {
    bytes: [u8; N],
    // INVARIANT: the first so many bytes are whole characters.
    length: usize,
}

/// A few words: a version, an address, an identifier.
pub(crate) type Words = Brief<96>;

impl<const N: usize> Brief<N> {
    /// The text of these arguments.
    pub(crate) fn of(arguments: fmt::Arguments<'_>) -> Self {
        let mut text = Self::new();
        // It fails only when the text is full, which cuts it.
        let _ = fmt::write(&mut text, arguments);
        text
    }

    /// No text yet.
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; N], length: 0 }
    }

    /// These characters, control characters as blanks, trimmed; `None` if nothing is left to be shown.
    pub(crate) fn shown(characters: impl Iterator<Item = char>) -> Option<Self> {
        let mut text = Self::new();
        for character in characters.take_while(|character| *character != '\0') {
            let shown = if character.is_control() { ' ' } else { character };
            if (text.length > 0 || !shown.is_whitespace()) && !text.push(shown) {
                break;
            }
        }
        text.length = text.as_str().trim_end().len();
        (text.length > 0).then_some(text)
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    fn push(&mut self, character: char) -> bool {
        let mut buffer = [0; 4];
        let encoded = character.encode_utf8(&mut buffer).as_bytes();
        let Some(room) = self.bytes.get_mut(self.length..self.length + encoded.len()) else { return false };
        room.copy_from_slice(encoded);
        self.length += encoded.len();
        true
    }
}

impl<const N: usize> fmt::Write for Brief<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.chars().all(|character| self.push(character)) { Ok(()) } else { Err(fmt::Error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_left_away_at_a_characters_border() {
        assert_eq!(Brief::<8>::of(format_args!("{} {}", 12, "ab")).as_str(), "12 ab");
        assert_eq!(Brief::<4>::of(format_args!("abcü")).as_str(), "abc");
        assert_eq!(Brief::<4>::of(format_args!("{}", 123_456)).as_str(), "1234");
    }

    #[test]
    fn only_what_can_be_shown_is() {
        assert_eq!(
            Brief::<8>::shown(" a\tb \0c".chars()).map(|t| t.as_str().to_owned()).as_deref(),
            Some("a b")
        );
        assert!(Brief::<8>::shown("\u{1} \0x".chars()).is_none());
    }
}
