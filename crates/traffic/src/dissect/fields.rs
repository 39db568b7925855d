//! Numbers and words at known places of bytes that came from outside: every access is checked, none can fail
//! otherwise than by `None`.
//!
//! For headers whose fields are looked at out of order; a message read front to back takes a cursor of `octets`.

use std::borrow::Cow;

/// Longest text handed on as an identity, in bytes. Longer ones are cut.
pub(crate) const TEXT_BYTES_MAX: usize = 255;

/// The byte at `at`.
pub(crate) fn u8_at(data: &[u8], at: usize) -> Option<u8> {
    data.get(at).copied()
}

/// The big-endian 16-bit number at `at`.
pub(crate) fn be16(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*data.get(at..)?.first_chunk()?))
}

/// The big-endian 32-bit number at `at`.
pub(crate) fn be32(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*data.get(at..)?.first_chunk()?))
}

/// The little-endian 16-bit number at `at`.
pub(crate) fn le16(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*data.get(at..)?.first_chunk()?))
}

/// The little-endian 32-bit number at `at`.
pub(crate) fn le32(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*data.get(at..)?.first_chunk()?))
}

/// The little-endian 64-bit number at `at`.
pub(crate) fn le64(data: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*data.get(at..)?.first_chunk()?))
}

/// `len` bytes from `at`.
pub(crate) fn bytes(data: &[u8], at: usize, len: usize) -> Option<&[u8]> {
    data.get(at..at.checked_add(len)?)
}

/// The bytes from `at` to the end.
pub(crate) fn rest(data: &[u8], at: usize) -> &[u8] {
    data.get(at..).unwrap_or_default()
}

/// The text that a fixed field holds: up to its first NUL, trimmed, without control characters; `None` if nothing is left.
pub(crate) fn text(field: &[u8]) -> Option<Cow<'_, str>> {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len()).min(TEXT_BYTES_MAX);
    let field = field.get(..end)?.trim_ascii();
    if field.is_empty() {
        return None;
    }
    match std::str::from_utf8(field) {
        Ok(text) if !text.chars().any(char::is_control) => Some(Cow::Borrowed(text)),
        _ => {
            let text: String = String::from_utf8_lossy(field)
                .chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect();
            let text = text.trim();
            (!text.is_empty()).then(|| Cow::Owned(text.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_the_end_are_none() {
        assert_eq!(be16(&[1, 2], 0), Some(0x0102));
        assert_eq!(be16(&[1, 2], 1), None);
        assert_eq!(le32(&[1, 2, 3, 4], 0), Some(0x0403_0201));
        assert_eq!(be32(&[1, 2, 3], usize::MAX), None);
        assert_eq!(bytes(&[1, 2, 3], 2, usize::MAX), None);
        assert!(rest(&[1], 5).is_empty());
    }

    #[test]
    fn text_is_trimmed_and_printable() {
        assert_eq!(text(b"  CPU 315-2\0junk").as_deref(), Some("CPU 315-2"));
        assert_eq!(text(b"a\r\nb").as_deref(), Some("a  b"));
        assert_eq!(text(b"\0x"), None);
        assert_eq!(text(&[b'x'; 300]).map(|t| t.len()), Some(TEXT_BYTES_MAX));
    }
}
