//! Elements of ASN.1's basic encoding rules (X.690, section 8): one after another, bounded, nothing copied.
//!
//! Owns identifiers and lengths; what an element means is its reader's. An element that is cut short is what is there
//! of it, and says so.

/// Octets of a length beyond the first: more would name an element that nothing here holds.
const LENGTH_OCTETS_MAX: usize = 4;

/// An element: its identifier and its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Element<'a> {
    /// The identifier octet; of a tag number above 30 the identifier octet, then the number (`0xbf48`).
    pub(crate) tag: u16,
    /// Its content.
    pub(crate) content: &'a [u8],
    /// Is all of it there?
    pub(crate) whole: bool,
}

/// The number of a tag whose class is context-specific.
pub(crate) const fn context_number(tag: u16) -> Option<u8> {
    let [identifier, number] = tag.to_be_bytes();
    match identifier {
        0 if number & 0xc0 == 0x80 => Some(number & 0x1f),
        0 => None,
        _ if identifier & 0xc0 == 0x80 => Some(number),
        _ => None,
    }
}

/// Takes the element at the start of `data`. One of indefinite length (X.690, section 8.1.3.6) reaches to the end: what
/// is looked for stands before its end-of-contents octets.
pub(crate) fn take<'a>(data: &mut &'a [u8]) -> Option<Element<'a>> {
    let (tag, rest) = identifier(data)?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match *first {
        0x80 => (rest.len(), rest),
        short @ 0..0x80 => (usize::from(short), rest),
        long => {
            let count = usize::from(long & 0x7f);
            if count > LENGTH_OCTETS_MAX {
                return None;
            }
            let (octets, rest) = rest.split_at_checked(count)?;
            (octets.iter().fold(0_usize, |length, octet| length << 8 | usize::from(*octet)), rest)
        }
    };
    let (content, after) = rest.split_at(length.min(rest.len()));
    *data = after;
    Some(Element { tag, content, whole: content.len() == length })
}

/// Takes an element of this tag; one of another stays.
pub(crate) fn expect<'a>(data: &mut &'a [u8], tag: u16) -> Option<&'a [u8]> {
    let mut after = *data;
    let element = take(&mut after).filter(|element| element.tag == tag)?;
    *data = after;
    Some(element.content)
}

/// The content of the first element of this tag among those in `data`.
pub(crate) fn find(data: &[u8], tag: u16) -> Option<&[u8]> {
    Elements(data).find(|element| element.tag == tag).map(|element| element.content)
}

/// The value of a non-negative INTEGER of at most four significant octets.
pub(crate) fn unsigned(content: &[u8]) -> Option<u32> {
    let zeros = content.iter().take_while(|octet| **octet == 0).count();
    let significant = content.get(zeros..)?;
    let fits = !content.is_empty() && significant.len() <= 4;
    fits.then(|| significant.iter().fold(0, |value, octet| value << 8 | u32::from(*octet)))
}

/// The elements in some octets, one after another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Elements<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        take(&mut self.0)
    }
}

/// The identifier, and what follows it. Tag numbers above 127 are none that are read here.
fn identifier(data: &[u8]) -> Option<(u16, &[u8])> {
    match data {
        [octet, number @ 0..0x80, rest @ ..] if octet & 0x1f == 0x1f => {
            Some((u16::from_be_bytes([*octet, *number]), rest))
        }
        [octet, rest @ ..] if octet & 0x1f != 0x1f => Some((u16::from(*octet), rest)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_follow_one_another_and_may_be_cut() {
        let data = [0xa0, 0x02, 1, 2, 0xbf, 0x48, 0x81, 0x01, 7, 0x04, 0x05, b'a'];
        let elements: Vec<_> = Elements(&data).map(|e| (e.tag, e.content, e.whole)).collect();
        assert_eq!(elements, [(0xa0, &[1, 2][..], true), (0xbf48, &[7][..], true), (0x04, &b"a"[..], false)]);
        assert_eq!(context_number(0xbf48), Some(72));
        assert_eq!(context_number(0x82), Some(2));
        assert_eq!(context_number(0x30), None);
    }

    #[test]
    fn lengths_beyond_reason_and_high_numbers_end_the_list() {
        assert_eq!(take(&mut &[0x30, 0x85, 0, 0, 0, 0, 0][..]), None);
        assert_eq!(take(&mut &[0xbf, 0x81, 0x01, 0][..]), None);
        assert_eq!(take(&mut &[0x30][..]), None);
        let mut indefinite = &[0x61, 0x80, 0x02, 0x01, 0x03, 0, 0][..];
        assert_eq!(take(&mut indefinite).map(|e| e.content.len()), Some(5));
    }

    #[test]
    fn another_tag_stays() {
        let mut data = &[0x02, 1, 5, 0x80, 0][..];
        assert_eq!(expect(&mut data, 0x80), None);
        assert_eq!(expect(&mut data, 0x02).and_then(unsigned), Some(5));
        assert_eq!(find(data, 0x80), Some(&[][..]));
        assert_eq!(unsigned(&[0, 0, 0, 0, 1]), Some(1));
        assert_eq!(unsigned(&[1, 0, 0, 0, 0]), None);
    }
}
