//! Heads of HTTP messages: start line and fields (RFC 9112, 2 to 5).

use std::str;

use crate::dissect::octets::{TEXT_LENGTH_MAX, find, printable};

/// Longest method that is believed.
const METHOD_LENGTH_MAX: usize = 32;
/// Status lines begin with it, request lines end with it, but for the minor version.
const VERSION: &[u8] = b"HTTP/1.";

/// A start line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start<'a> {
    /// A request and its method.
    Request(&'a str),
    /// A response and its status code.
    Response(u16),
}

/// How the octets at hand begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    /// With a start line.
    Whole,
    /// With what may become one.
    Maybe,
    /// With something else.
    Not,
}

/// Do these octets begin with a start line?
pub(super) fn begins(data: &[u8]) -> Begins {
    // Methods and the version begin with a letter: nearly everything else is told by one octet.
    if !data.first().is_some_and(|octet| is_method_octet(*octet)) {
        return Begins::Not;
    }
    match data.iter().position(|&octet| octet == b'\n') {
        Some(end) => match start_line(data.get(..end).unwrap_or_default()) {
            Some(_) => Begins::Whole,
            None => Begins::Not,
        },
        None if may_begin(data) => Begins::Maybe,
        None => Begins::Not,
    }
}

/// May a start line that has not ended yet begin so?
fn may_begin(data: &[u8]) -> bool {
    if VERSION.starts_with(data) {
        return true;
    }
    if let Some(rest) = data.strip_prefix(VERSION) {
        return rest.iter().take(5).zip(0_u8..).all(|(octet, at)| match at {
            1 => *octet == b' ',
            _ => octet.is_ascii_digit(),
        });
    }
    let token = data.split(|&octet| octet == b' ').next().unwrap_or_default();
    !token.is_empty() && token.len() <= METHOD_LENGTH_MAX && token.iter().all(|&octet| is_method_octet(octet))
}

/// Do these octets begin with the version of a status line or with a method that is known?
pub(super) fn is_known(data: &[u8]) -> bool {
    let Some(space) = data.iter().take(METHOD_LENGTH_MAX + 1).position(|&octet| octet == b' ') else {
        return data.starts_with(VERSION);
    };
    let token = data.get(..space).unwrap_or_default();
    data.starts_with(VERSION) || str::from_utf8(token).is_ok_and(|text| super::table::name_of(text).is_some())
}

/// Is the first line a request of HTTP/0.9: `GET`, a path, no version (RFC 1945, 4.1)?
pub(super) fn is_simple(data: &[u8]) -> bool {
    let Some(end) = data.iter().position(|&octet| octet == b'\n') else { return false };
    let line = data.get(..end).unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.strip_prefix(b"GET /").is_some_and(|path| path.iter().all(u8::is_ascii_graphic))
}

/// Methods in use are capitals, with a hyphen or underscore at most.
const fn is_method_octet(octet: u8) -> bool {
    octet.is_ascii_uppercase() || octet == b'-' || octet == b'_'
}

/// The start line of a message.
pub(super) fn start_line(line: &[u8]) -> Option<Start<'_>> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.iter().any(|&octet| octet.is_ascii_control() && octet != b'\t') {
        return None;
    }
    if let Some(rest) = line.strip_prefix(VERSION) {
        let [b'0'..=b'9', b' ', a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] = rest else {
            return None;
        };
        let digit = |octet: &u8| u16::from(octet - b'0');
        let ends = rest.first().is_none_or(|&octet| octet == b' ');
        return ends.then(|| Start::Response(digit(a) * 100 + digit(b) * 10 + digit(c)));
    }
    let space = line.iter().take(METHOD_LENGTH_MAX + 1).position(|&octet| octet == b' ')?;
    let method = line.get(..space)?;
    let rest = line.get(space..)?;
    let version = rest.trim_ascii_end().rsplit(|&octet| octet == b' ').next()?;
    let good = !method.is_empty() && method.iter().all(|&octet| is_method_octet(octet));
    let minor = version.strip_prefix(VERSION)?;
    (good && matches!(minor, [b'0'..=b'9'])).then_some(())?;
    str::from_utf8(method).ok().map(Start::Request)
}

/// Where a later start line begins, if one does: a status line anywhere, a request line at the beginning of a line.
pub(super) fn find_start(data: &[u8]) -> Option<usize> {
    let mut from = 1;
    while let Some(at) = data.get(from..).and_then(|rest| find(rest, VERSION)).map(|at| at + from) {
        if data.get(at..).is_some_and(|rest| begins(rest) != Begins::Not) {
            return Some(at);
        }
        let before = data.get(..at).unwrap_or_default();
        let line = before.iter().rposition(|&octet| octet == b'\n').map_or(0, |newline| newline + 1);
        if line > 0 && data.get(line..).is_some_and(|rest| begins(rest) == Begins::Whole) {
            return Some(line);
        }
        from = at + 1;
    }
    None
}

/// How long a head is, the empty line that ends it included.
pub(super) fn length(data: &[u8]) -> Option<usize> {
    let mut at = 0;
    for line in data.split_inclusive(|&octet| octet == b'\n') {
        at += line.len();
        if at > line.len() && matches!(line, b"\n" | b"\r\n") {
            return Some(at);
        }
    }
    None
}

/// The fields of a head: names and trimmed values.
pub(super) fn fields(head: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    head.split(|&octet| octet == b'\n').skip(1).filter_map(|line| {
        let colon = line.iter().position(|&octet| octet == b':')?;
        let (name, value) = line.split_at_checked(colon)?;
        Some((name, value.get(1..)?.trim_ascii()))
    })
}

/// The text of a field, cut where it is too long to be a fact.
pub(super) fn text(value: &[u8]) -> Option<&str> {
    let text = str::from_utf8(value).ok()?;
    let mut end = text.len().min(TEXT_LENGTH_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    printable(text.get(..end)?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_lines_are_told_from_others() {
        assert_eq!(start_line(b"GET / HTTP/1.1\r"), Some(Start::Request("GET")));
        assert_eq!(start_line(b"M-SEARCH * HTTP/1.1"), Some(Start::Request("M-SEARCH")));
        assert_eq!(start_line(b"HTTP/1.0 404 Not Found\r"), Some(Start::Response(404)));
        assert_eq!(start_line(b"HTTP/1.1 204\r"), Some(Start::Response(204)));
        for other in [
            &b"OPTIONS rtsp://x RTSP/1.0\r"[..],
            b"INVITE sip:a SIP/2.0",
            b"get / HTTP/1.1",
            b"HTTP/1.1 20x",
            b"HTTP/1.1 200 O\rK",
            b"",
        ] {
            assert_eq!(start_line(other), None);
        }
    }

    #[test]
    fn beginnings_wait_for_their_end() {
        for maybe in [&b"G"[..], b"GET", b"GET /a", b"HTT", b"HTTP/1.1 2", b"XYZ", b"XYZ /a"] {
            assert_eq!(begins(maybe), Begins::Maybe);
        }
        assert!(is_known(b"GET /a") && is_known(b"HTTP/1.1 2") && !is_known(b"XYZ /a"));
        for not in [&b"\x16\x03"[..], b"get"] {
            assert_eq!(begins(not), Begins::Not);
        }
    }

    #[test]
    fn a_later_start_is_found() {
        assert_eq!(find_start(b"body\x00HTTP/1.1 200 OK\r\n"), Some(5));
        assert_eq!(find_start(b"field: x\r\nGET / HTTP/1.1\r\n"), Some(10));
        assert_eq!(find_start(b"xx HTTP/1.9x"), None);
    }
}
