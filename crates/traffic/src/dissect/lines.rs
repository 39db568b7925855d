//! Lines of text protocols, the heads that are made of them, and what banners and credentials in them tell.

use std::str;

use super::octets::printable;

/// How the octets at hand begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// With a line; without its end, and how many octets it is with it.
    Whole(&'a [u8], usize),
    /// With what may become one.
    Short,
    /// With more octets than a line may have.
    Long,
}

/// The line that these octets begin with.
pub(crate) fn line(data: &[u8], length_max: usize) -> Line<'_> {
    match data.iter().take(length_max).position(|&octet| octet == b'\n') {
        Some(end) => {
            let line = data.get(..end).unwrap_or_default();
            Line::Whole(line.strip_suffix(b"\r").unwrap_or(line), end + 1)
        }
        None if data.len() < length_max => Line::Short,
        None => Line::Long,
    }
}

/// Could these octets begin a line of text, by the first few? Tells nearly everything else at once.
pub(crate) fn begins_as_text(data: &[u8]) -> bool {
    data.first_chunk::<4>().is_none_or(|head| is_text(head))
}

/// Is every octet one of text? Any beyond ASCII may be.
pub(crate) fn is_text(data: &[u8]) -> bool {
    data.iter().all(|octet| matches!(octet, b'\t' | b'\r' | b'\n' | b' '..=b'~' | 0x80..))
}

/// A reply's code: three digits, the first 1 to 6, then a blank, a hyphen (more lines follow) or nothing.
pub(crate) fn reply(line: &[u8]) -> Option<(u32, bool)> {
    let [a @ b'1'..=b'6', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] = line else { return None };
    let digit = |octet: u8| u32::from(octet - b'0');
    let code = digit(*a) * 100 + digit(*b) * 10 + digit(*c);
    match rest.first() {
        None | Some(b' ') => Some((code, false)),
        Some(b'-') => Some((code, true)),
        Some(_) => None,
    }
}

/// A command's verb and what follows it.
pub(crate) fn verb(line: &[u8]) -> Option<(&str, &[u8])> {
    let end = line.iter().position(|octet| !octet.is_ascii_alphabetic()).unwrap_or(line.len());
    let (verb, rest) = line.split_at_checked(end)?;
    let good = (3..=12).contains(&end) && matches!(rest.first(), None | Some(b' ' | b'\t'));
    if good { str::from_utf8(verb).ok().map(|verb| (verb, rest.trim_ascii())) } else { None }
}

/// How long a head is, the empty line that ends it included.
pub(crate) fn head_length(data: &[u8]) -> Option<usize> {
    let mut at = 0;
    for line in data.split_inclusive(|&octet| octet == b'\n') {
        at += line.len();
        if at > line.len() && matches!(line, b"\n" | b"\r\n") {
            return Some(at);
        }
    }
    None
}

/// The fields of a head after its first line: names and trimmed values.
pub(crate) fn fields(head: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    head.split(|&octet| octet == b'\n').skip(1).filter_map(|line| {
        let colon = line.iter().position(|&octet| octet == b':')?;
        let (name, value) = line.split_at_checked(colon)?;
        Some((name.trim_ascii(), value.get(1..)?.trim_ascii()))
    })
}

/// A product and its version, where a banner names them side by side: `(vsFTPd 3.0.3)`, `nginx/1.2`, `ProFTPD 1.3.5`.
pub(crate) fn software(banner: &[u8]) -> Option<(&str, &str)> {
    let text = printable(banner)?;
    let mut before: Option<&str> = None;
    for word in
        text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | ',' | ';' | '/'))
    {
        let number = word.strip_prefix(['v', 'V']).unwrap_or(word);
        let is_version = number.starts_with(|c: char| c.is_ascii_digit())
            && number.contains('.')
            && number.split('.').count() <= 4
            // Not an address, nor the name of a host.
            && (number.split('.').count() < 4 || number.chars().any(|c| !c.is_ascii_digit() && c != '.'));
        if let (Some(product), true) = (before, is_version) {
            return Some((product, number));
        }
        let is_name = word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.len() >= 2
            && !["version", "server", "service", "ready", "release", "rev", "http", "ftp", "smtp", "ver"]
                .iter()
                .any(|common| word.eq_ignore_ascii_case(common));
        if is_name {
            before = Some(word);
        } else if !word.is_empty() && !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            before = None;
        }
    }
    None
}

/// Decodes Base64 (RFC 4648, 4) into `room`; `None` where it is not, or does not fit.
pub(crate) fn base64<'a>(text: &[u8], room: &'a mut [u8]) -> Option<&'a [u8]> {
    let text = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let (mut bits, mut held, mut length) = (0_u32, 0, 0);
    for &octet in text {
        let value = match octet {
            b'A'..=b'Z' => octet - b'A',
            b'a'..=b'z' => octet - b'a' + 26,
            b'0'..=b'9' => octet - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            let [.., octet] = (bits >> held).to_be_bytes();
            *room.get_mut(length)? = octet;
            length += 1;
        }
    }
    room.get(..length)
}

/// The text of little-endian UTF-16 up to its first zero, in `room`; `None` where there is none, it is none, or does not fit.
pub(crate) fn utf16<'a>(data: &[u8], room: &'a mut [u8]) -> Option<&'a str> {
    let units = data.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
    let mut length = 0;
    for point in char::decode_utf16(units.take_while(|unit| *unit != 0)) {
        let point = point.ok()?;
        length += point.encode_utf8(room.get_mut(length..length + point.len_utf8())?).len();
    }
    printable(room.get(..length)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_and_verbs_are_told_apart() {
        assert_eq!(reply(b"220 ready"), Some((220, false)));
        assert_eq!(reply(b"211-more"), Some((211, true)));
        assert_eq!(reply(b"2200 x"), None);
        assert_eq!(verb(b"USER plant"), Some(("USER", &b"plant"[..])));
        assert_eq!(verb(b"no"), None);
        assert_eq!(verb(b"USER:x"), None);
    }

    #[test]
    fn banners_name_products_with_their_versions() {
        assert_eq!(software(b"(vsFTPd 3.0.3)"), Some(("vsFTPd", "3.0.3")));
        assert_eq!(software(b"ProFTPD 1.3.5 Server ready"), Some(("ProFTPD", "1.3.5")));
        assert_eq!(software(b"VxWorks FTP server (VxWorks VxWorks5.4) ready"), None);
        assert_eq!(software(b"FileZilla Server version 0.9.60 beta"), Some(("FileZilla", "0.9.60")));
        assert_eq!(software(b"GStreamer RTSP/1.2"), Some(("RTSP", "1.2")));
        assert_eq!(software(b"host 10.0.0.1 ready"), None);
    }

    #[test]
    fn base64_is_decoded_within_its_room() {
        let mut room = [0; 16];
        assert_eq!(base64(b"AHBsYW50AHNlY3JldA==", &mut room), Some(&b"\0plant\0secret"[..]));
        assert_eq!(base64(b"AHBsYW50AHNlY3JldA==", &mut [0; 4]), None);
        assert_eq!(base64(b"a b", &mut room), None);
    }
}
