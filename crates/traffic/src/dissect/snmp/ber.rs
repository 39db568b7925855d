//! Just enough BER for SNMP (X.690 §8): definite lengths, low tag numbers, bounded.

/// Bytes of a length beyond the first: more would name an element that no datagram holds.
const LENGTH_BYTES_MAX: usize = 4;

/// An element: its identifier octet and its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
}

/// Universal tags.
pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// Tag, length of the head, and length of the content of the element that begins here.
pub(super) fn head(data: &[u8]) -> Option<(u8, usize, usize)> {
    let (tag, first) = (*data.first()?, *data.get(1)?);
    // Tag numbers above 30 take more octets; SNMP has none.
    if tag & 0x1f == 0x1f {
        return None;
    }
    if first < 0x80 {
        return Some((tag, 2, usize::from(first)));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > LENGTH_BYTES_MAX {
        return None;
    }
    let length =
        data.get(2..2 + count)?.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
    Some((tag, 2 + count, length))
}

/// Takes the element at the start of `data`; of a last one that is cut short, what is there.
pub(super) fn take<'a>(data: &mut &'a [u8]) -> Option<Element<'a>> {
    let (tag, head, length) = head(data)?;
    let rest = data.get(head..)?;
    let (content, after) = rest.split_at(length.min(rest.len()));
    *data = after;
    Some(Element { tag, content })
}

/// Takes an element of this tag.
pub(super) fn expect<'a>(data: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    take(data).filter(|element| element.tag == tag).map(|element| element.content)
}

/// The value of a small non-negative INTEGER.
pub(super) fn small(content: &[u8]) -> Option<u32> {
    let significant = content
        .iter()
        .position(|byte| *byte != 0)
        .map_or(&[][..], |at| content.get(at..).unwrap_or_default());
    let fits = !content.is_empty() && significant.len() <= 4;
    fits.then(|| significant.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_all_forms_are_read() {
        assert_eq!(head(&[0x30, 0x05]), Some((0x30, 2, 5)));
        assert_eq!(head(&[0x30, 0x82, 0x01, 0x00]), Some((0x30, 4, 256)));
        assert_eq!(head(&[0x30, 0x80]), None, "indefinite");
        assert_eq!(head(&[0x30, 0x85, 1, 1, 1, 1, 1]), None, "too long");
        assert_eq!(head(&[0x3f, 0x81, 0x01]), None, "high tag");
        assert_eq!(small(&[0, 0, 0, 0, 1]), Some(1));
        assert_eq!(small(&[1, 0, 0, 0, 0]), None);
        assert_eq!(small(&[]), None);
    }

    #[test]
    fn an_element_cut_short_is_what_is_there() {
        let mut data = &[0x04, 0x05, b'a', b'b'][..];
        assert_eq!(take(&mut data), Some(Element { tag: 4, content: b"ab" }));
        assert!(data.is_empty());
    }
}
