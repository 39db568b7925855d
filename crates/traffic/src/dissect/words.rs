//! Short texts that are put together without allocating: a version, an address, an identifier.

/// Longest text, in bytes.
const WORDS_BYTES_MAX: usize = 96;

/// A few words on the stack. What does not fit is an error of [`write!`], and leaves the words as they were.
#[derive(Debug)]
pub(crate) struct Words {
    bytes: [u8; WORDS_BYTES_MAX],
    // INVARIANT: at most `WORDS_BYTES_MAX`, and a border between characters.
    used: usize,
}

impl Words {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; WORDS_BYTES_MAX], used: 0 }
    }

    /// The words.
    pub(crate) fn as_str(&self) -> &str {
        self.bytes.get(..self.used).and_then(|used| std::str::from_utf8(used).ok()).unwrap_or_default()
    }
}

impl std::fmt::Write for Words {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.used + text.len();
        self.bytes.get_mut(self.used..end).ok_or(std::fmt::Error)?.copy_from_slice(text.as_bytes());
        self.used = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn what_does_not_fit_is_left_out() {
        let mut words = Words::new();
        write!(words, "{}.{}", 4, 2).unwrap();
        assert!(write!(words, "{}", "x".repeat(WORDS_BYTES_MAX)).is_err());
        assert_eq!(words.as_str(), "4.2");
    }
}
