//! Where a service goes: the padded path of a request (CIP Volume 1, appendix C).

use crate::dissect::fields::{le16, le32, rest, u8_at};

/// Segments of one path that are looked at.
const SEGMENTS_MAX: usize = 32;

/// What a path names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Target {
    /// The object's class.
    pub(super) class: Option<u32>,
    /// The object's instance.
    pub(super) instance: Option<u32>,
    /// The attribute.
    pub(super) attribute: Option<u32>,
    /// Does the path name a symbol (a tag)?
    pub(super) by_symbol: bool,
}

impl Target {
    /// Reads a padded path, as far as it is understood.
    pub(super) fn read(path: &[u8]) -> Self {
        let mut target = Self::default();
        let mut left = path;
        for _ in 0..SEGMENTS_MAX {
            // The commonest segments: a tag's name, and class and instance in eight or sixteen bits.
            left = match left {
                [0x91, length, behind @ ..] => {
                    target.by_symbol = true;
                    rest(behind, usize::from(*length).next_multiple_of(2))
                }
                [0x20, class, behind @ ..] => {
                    target.class.get_or_insert(u32::from(*class));
                    behind
                }
                [0x24, instance, behind @ ..] => {
                    target.instance.get_or_insert(u32::from(*instance));
                    behind
                }
                [0x25, _, low, high, behind @ ..] => {
                    target.instance.get_or_insert(u32::from(u16::from_le_bytes([*low, *high])));
                    behind
                }
                [] => break,
                _ => left,
            };
            let Some(length) = target.segment(left) else { break };
            left = rest(left, length);
        }
        target
    }

    /// Takes the segment at the start of `path`; its length, `None` at the end or if it is not understood.
    fn segment(&mut self, path: &[u8]) -> Option<usize> {
        let head = u8_at(path, 0)?;
        match head >> 5 {
            // Port segment (appendix C §1.4.1), with or without an extended link address.
            0 => {
                let number = if head & 0x0f == 15 { 2 } else { 0 };
                let address = if head & 0x10 != 0 { 1 + usize::from(u8_at(path, 1)?) } else { 1 };
                Some((1 + number + address).next_multiple_of(2))
            }
            1 => self.logical(head, path),
            // Network segment: one byte of data, or so many words.
            2 if head & 0x10 != 0 => Some(2 + 2 * usize::from(u8_at(path, 1)?)),
            2 => Some(2),
            // Symbolic segment (§1.4.4).
            3 => {
                self.by_symbol = true;
                Some((1 + usize::from(head & 0x1f)).next_multiple_of(2))
            }
            // Data segment: simple data in words, or an ANSI extended symbol in letters.
            4 if head == 0x91 => {
                self.by_symbol = true;
                Some((2 + usize::from(u8_at(path, 1)?)).next_multiple_of(2))
            }
            4 => Some(2 + 2 * usize::from(u8_at(path, 1)?)),
            _ => None,
        }
    }

    /// A logical segment (§1.4.2): kind in bits 4 to 2, format in bits 1 and 0.
    fn logical(&mut self, head: u8, path: &[u8]) -> Option<usize> {
        // An electronic key: format, then vendor to revision.
        if head == 0x34 {
            return Some(10);
        }
        let (value, length) = match head & 3 {
            0 => (u32::from(u8_at(path, 1)?), 2),
            1 => (u32::from(le16(path, 2)?), 4),
            2 => (le32(path, 2)?, 6),
            _ => return None,
        };
        let field = match head & 0x1c {
            0x00 => &mut self.class,
            0x04 => &mut self.instance,
            0x10 => &mut self.attribute,
            _ => return Some(length),
        };
        field.get_or_insert(value);
        Some(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_all_formats_name_their_target() {
        let target = Target::read(&[0x20, 0x04, 0x25, 0x00, 0x34, 0x12, 0x30, 0x03]);
        assert_eq!((target.class, target.instance, target.attribute), (Some(4), Some(0x1234), Some(3)));
        let routed = Target::read(&[0x01, 0x00, 0x20, 0x02, 0x24, 0x01]);
        assert_eq!((routed.class, routed.instance), (Some(2), Some(1)));
        let tag = Target::read(&[0x91, 0x03, b'a', b'b', b'c', 0x00, 0x28, 0x01]);
        assert!(tag.by_symbol && tag.class.is_none());
        let keyed = Target::read(&[0x34, 0x04, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0x06]);
        assert_eq!(keyed.class, Some(6));
        assert_eq!(Target::read(&[0xff, 0xff]), Target::default());
    }
}
