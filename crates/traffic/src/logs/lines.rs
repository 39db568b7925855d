//! Lines of a text, one at a time, whatever its length.

use crate::capture::{Input, ReadError};

/// The longest line that is read; longer ones are passed over.
pub(super) const LINE_BYTES_MAX: usize = 4 << 20;

/// Hands over each line with its number, from 1, and where it stands. A line that is too long is handed over empty.
pub(super) fn each(input: &mut Input, take: &mut impl FnMut(&[u8], u64, u64)) -> Result<(), ReadError> {
    let (mut number, mut seen, mut passing) = (1, 0, false);
    loop {
        let offset = input.offset();
        let window = input.window(seen + 1);
        // What precedes damage was handed over; the line that it cuts is not whole.
        let window = window.map_err(|source| ReadError::Io { offset, source })?;
        let mut used = 0;
        while let Some(length) =
            window.get(used + seen..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n'))
        {
            let line = window.get(used..used + seen + length).unwrap_or_default();
            take(if passing { &[] } else { line.trim_ascii_end() }, number, offset + used as u64);
            used += seen + length + 1;
            (number, seen, passing) = (number + 1, 0, false);
        }
        let rest = window.get(used..).unwrap_or_default();
        if window.len() <= seen && used == 0 {
            // The input ends; its last line need not be closed.
            if !rest.is_empty() && !passing {
                take(rest.trim_ascii_end(), number, offset);
            }
            return Ok(());
        }
        seen = rest.len();
        if seen > LINE_BYTES_MAX {
            (used, seen, passing) = (window.len(), 0, true);
        }
        input.advance(used);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Vec<(String, u64, u64)> {
        let mut all = Vec::new();
        let mut input = Input::new(Box::new(std::io::Cursor::new(text.to_vec())));
        each(&mut input, &mut |line, number, offset| {
            all.push((String::from_utf8_lossy(line).into_owned(), number, offset));
        })
        .unwrap();
        all
    }

    #[test]
    fn lines_are_counted_whether_closed_or_not() {
        let expected = |last| vec![("a".to_owned(), 1, 0), (String::new(), 2, 2), ("bc".to_owned(), 3, last)];
        assert_eq!(lines(b"a\n\nbc\n"), expected(3));
        assert_eq!(lines(b"a\n\r\nbc"), expected(4));
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn a_line_as_long_as_allowed_is_read_and_a_longer_one_passed_over() {
        let long = |length: usize| {
            let mut text = vec![b'x'; length];
            text.extend(b"\nnext\n");
            lines(&text).into_iter().map(|(line, number, _)| (line.len(), number)).collect::<Vec<_>>()
        };
        assert_eq!(long(1 << 20), [(1 << 20, 1), (4, 2)]);
        assert_eq!(long(3 * LINE_BYTES_MAX), [(0, 1), (4, 2)]);
    }
}
