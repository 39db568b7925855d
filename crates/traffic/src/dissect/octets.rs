//! A cursor over octets from outside: every read is checked, running out is `None`, nothing is copied.
//!
//! Owns how dissectors take numbers and short texts off the wire; what they mean is the dissectors' own.

use std::str;

/// Longest text that is handed on as a fact; longer ones are not names.
pub(crate) const TEXT_LENGTH_MAX: usize = 256;

/// Octets not read yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Octets<'a> {
    rest: &'a [u8],
}

impl<'a> Octets<'a> {
    /// A cursor at the start of these octets.
    pub(crate) const fn new(data: &'a [u8]) -> Self {
        Self { rest: data }
    }

    /// What was not read yet.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// How many octets are left.
    pub(crate) const fn len(&self) -> usize {
        self.rest.len()
    }

    /// Is nothing left?
    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next `count` octets.
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(head)
    }

    /// Passes over `count` octets.
    pub(crate) fn skip(&mut self, count: usize) -> Option<()> {
        self.take(count).map(|_| ())
    }

    /// The next `N` octets.
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*head)
    }

    /// The next octet.
    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[octet]| octet)
    }

    /// The next two octets, most significant first.
    pub(crate) fn u16_be(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// The next two octets, least significant first.
    pub(crate) fn u16_le(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    /// The next three octets, most significant first.
    pub(crate) fn u24_be(&mut self) -> Option<u32> {
        self.array::<3>().map(|[a, b, c]| u32::from_be_bytes([0, a, b, c]))
    }

    /// The next four octets, most significant first.
    pub(crate) fn u32_be(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// The next four octets, least significant first.
    pub(crate) fn u32_le(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }
}

/// The text in these octets, if it is one that may be shown: UTF-8 without control characters, trimmed of blanks and
/// trailing zeros, neither empty nor longer than [`TEXT_LENGTH_MAX`].
pub(crate) fn printable(data: &[u8]) -> Option<&str> {
    let text = str::from_utf8(data).ok()?.trim_end_matches('\0').trim();
    let fits = !text.is_empty() && text.len() <= TEXT_LENGTH_MAX && !text.chars().any(char::is_control);
    fits.then_some(text)
}

/// Where `needle` begins in `data`.
pub(crate) fn find(data: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return None;
    }
    data.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_both_orders_and_running_out_is_none() {
        let mut octets = Octets::new(&[1, 0, 2, 2, 0, 0, 0, 3, 9, 0, 0, 0, 0, 0, 4, 7]);
        assert_eq!(octets.u8(), Some(1));
        assert_eq!(octets.u16_be(), Some(2));
        assert_eq!(octets.u16_le(), Some(2));
        assert_eq!(octets.u24_be(), Some(3));
        assert_eq!(octets.u32_le(), Some(9));
        assert_eq!(octets.u24_be(), Some(4));
        assert_eq!(octets.u32_be(), None);
        assert_eq!((octets.len(), octets.is_empty(), octets.rest()), (1, false, &[7_u8][..]));
    }

    #[test]
    fn only_short_clean_texts_are_printable() {
        assert_eq!(printable(b" PLC-1 \0\0"), Some("PLC-1"));
        assert_eq!(printable(b"a\x01b"), None);
        assert_eq!(printable(b"\xff"), None);
        assert_eq!(printable(&[b'a'; TEXT_LENGTH_MAX]).map(str::len), Some(TEXT_LENGTH_MAX));
        assert_eq!(printable(&[b'a'; TEXT_LENGTH_MAX + 1]), None);
    }
}
