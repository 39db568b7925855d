//! Domain names in messages (RFC 1035, 3.1 and 4.1.4).

use crate::dissect::octets::Octets;

/// Longest name, in octets of labels and their lengths (RFC 1035, 2.3.4).
const NAME_LENGTH_MAX: usize = 255;

/// A name: where it begins in its message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name<'a> {
    message: &'a [u8],
    start: usize,
}

impl<'a> Name<'a> {
    /// The name at the cursor, which is set behind it.
    pub(super) fn read(message: &'a [u8], octets: &mut Octets<'a>) -> Option<Self> {
        let start = message.len().checked_sub(octets.len())?;
        loop {
            match octets.u8()? {
                0 => break,
                length @ 1..=63 => octets.skip(usize::from(length))?,
                // A pointer ends the name.
                192.. => {
                    octets.skip(1)?;
                    break;
                }
                _ => return None,
            }
        }
        Some(Self { message, start })
    }

    /// Its labels, pointers followed. Ends early where a pointer does not point back or the name is too long.
    pub(super) fn labels(&self) -> Labels<'a> {
        Labels { message: self.message, at: self.start, floor: self.start, left: NAME_LENGTH_MAX }
    }

    /// Appends the labels, joined by dots.
    pub(super) fn write(&self, text: &mut String) {
        for (index, label) in self.labels().enumerate() {
            if index > 0 {
                text.push('.');
            }
            text.push_str(&String::from_utf8_lossy(label));
        }
    }
}

/// The labels of a name.
#[derive(Debug, Clone)]
pub(super) struct Labels<'a> {
    message: &'a [u8],
    at: usize,
    /// Pointers must point before this, which bounds their number.
    floor: usize,
    left: usize,
}

impl<'a> Iterator for Labels<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let mut octets = Octets::new(self.message.get(self.at..)?);
            match octets.u8()? {
                0 => return None,
                length @ 1..=63 => {
                    let length = usize::from(length);
                    self.at += 1 + length;
                    self.left = self.left.checked_sub(1 + length)?;
                    return octets.take(length);
                }
                high @ 192.. => {
                    let to = usize::from(u16::from_be_bytes([high & 0x3F, octets.u8()?]));
                    if to >= self.floor {
                        return None;
                    }
                    self.at = to;
                    self.floor = to;
                }
                _ => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(message: &[u8], start: usize) -> Option<String> {
        let mut octets = Octets::new(message.get(start..)?);
        let name = Name::read(message, &mut octets)?;
        let mut text = String::new();
        name.write(&mut text);
        Some(text)
    }

    #[test]
    fn pointers_are_followed_back_only() {
        let message = b"\x05local\x00\x03plc\xc0\x00\xc0\x0d\xc0\x07";
        assert_eq!(text(message, 0).as_deref(), Some("local"));
        assert_eq!(text(message, 7).as_deref(), Some("plc.local"));
        // One that points to itself, and one that points to a name with a pointer.
        assert_eq!(text(message, 13).as_deref(), Some(""));
        assert_eq!(text(message, 15).as_deref(), Some("plc.local"));
        assert_eq!(text(b"\x40a", 0), None);
    }

    #[test]
    fn a_name_is_not_longer_than_255_octets() {
        let label = [&[63][..], &[b'a'; 63]].concat();
        let message = [label.repeat(8), vec![0]].concat();
        assert_eq!(text(&message, 0).map(|text| text.len()), Some(3 * 63 + 2));
    }
}
