//! Frames of Fox: a line that begins with `fox`, a message in braces, two semicolons.
//!
//! A message is a list of named values, each with a letter for its type; texts are escaped so that they never hold a line
//! feed, other data are counted. So a frame's end is found only by reading its values.

use crate::dissect::fields::rest;

/// What each frame begins with.
pub(super) const MAGIC: &[u8; 4] = b"fox ";
/// The longest first line.
const LINE_BYTES_MAX: usize = 512;
/// The longest text of a value.
const TEXT_BYTES_MAX: usize = 64 * 1024;
/// Messages within messages.
const DEPTH_MAX: u8 = 16;

/// Why there is nothing further to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// So many bytes are needed at least.
    Need(usize),
    /// This is not a frame.
    Broken,
}

/// The first line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// `s`, `a`, `r`, `e`, `n`, `k` or `c`.
    pub(super) kind: u8,
    /// `channel command`.
    pub(super) names: &'a str,
    /// Where the message begins.
    end: usize,
}

impl<'a> Line<'a> {
    pub(super) fn read(data: &'a [u8]) -> Result<Self, Stop> {
        if !MAGIC.starts_with(data.get(..MAGIC.len()).unwrap_or(data)) {
            return Err(Stop::Broken);
        }
        let within = data.get(..data.len().min(LINE_BYTES_MAX)).unwrap_or_default();
        let Some(end) = within.iter().position(|byte| *byte == b'\n') else {
            return Err(if data.len() < LINE_BYTES_MAX { Stop::Need(data.len() + 1) } else { Stop::Broken });
        };
        Self::parse(within.get(..end).unwrap_or_default(), end + 1).ok_or(Stop::Broken)
    }

    fn parse(line: &'a [u8], end: usize) -> Option<Self> {
        let line = std::str::from_utf8(line).ok()?.strip_prefix("fox ")?;
        let mut words = line.splitn(4, ' ');
        let [kind] = *words.next()?.as_bytes() else { return None };
        let numbers = [words.next()?, words.next()?];
        let names = words.next()?.trim_end();
        let numbered = numbers.iter().all(|number| number.parse::<i64>().is_ok());
        let named = names.split(' ').count() == 2
            && names.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        (b"sarenkc".contains(&kind) && numbered && named).then_some(Self { kind, names, end })
    }

    /// The values of the message that follows.
    pub(super) fn values<'b>(&self, data: &'b [u8]) -> Values<'b> {
        Values { data, at: self.end, depth: 0 }
    }
}

/// A value: how deep it stands, its name, the letter of its type and its text (empty for counted data).
pub(super) type Value<'a> = (u8, &'a [u8], u8, &'a [u8]);

/// The values of a message, one after the other.
#[derive(Debug)]
pub(super) struct Values<'a> {
    data: &'a [u8],
    at: usize,
    depth: u8,
}

impl<'a> Values<'a> {
    /// The next value; `None` behind the last, when [`Values::end`] tells where the frame ends.
    pub(super) fn next(&mut self) -> Result<Option<Value<'a>>, Stop> {
        if self.depth == 0 {
            self.expect(b"{\n")?;
            self.depth = 1;
        }
        while self.expect(b"}").is_ok() {
            self.depth -= 1;
            if self.depth == 0 {
                self.expect(b";;\n")?;
                return Ok(None);
            }
            self.expect(b"\n")?;
        }
        let left = rest(self.data, self.at);
        if left.is_empty() {
            return Err(Stop::Need(self.at + 1));
        }
        // A name that is not followed by `=` is none.
        let line_end = self.find(b'\n', LINE_BYTES_MAX).unwrap_or(usize::MAX);
        let name_end = self.find(b'=', LINE_BYTES_MAX);
        let name_end = if name_end.unwrap_or(usize::MAX) > line_end { Err(Stop::Broken) } else { name_end }?;
        let name = self.data.get(self.at..name_end).unwrap_or_default();
        let Some(&[kind, b':']) = self.data.get(name_end + 1..name_end + 3) else {
            let short = self.data.len() < name_end + 3;
            return Err(if short { Stop::Need(name_end + 3) } else { Stop::Broken });
        };
        let depth = self.depth;
        self.at = name_end + 3;
        let value = match kind {
            b'b' | b'o' => self.counted()?,
            b'm' if depth < DEPTH_MAX => {
                self.expect(b"{\n")?;
                self.depth += 1;
                &[]
            }
            b'm' => return Err(Stop::Broken),
            _ => {
                let end = self.find(b'\n', TEXT_BYTES_MAX)?;
                let value = self.data.get(self.at..end).unwrap_or_default();
                self.at = end + 1;
                value
            }
        };
        Ok(Some((depth, name, kind, value)))
    }

    /// Where the frame ends, once there is no further value.
    pub(super) const fn end(&self) -> usize {
        self.at
    }

    /// `[` after a count, so many bytes, `]` and a line feed.
    fn counted(&mut self) -> Result<&'a [u8], Stop> {
        let bracket = self.find(b'[', 64)?;
        let head = self.data.get(self.at..bracket).unwrap_or_default();
        let count =
            std::str::from_utf8(head).ok().and_then(|head| head.rsplit(' ').next()?.parse::<u32>().ok());
        let Some(count) = count.and_then(|count| usize::try_from(count).ok()) else {
            return Err(Stop::Broken);
        };
        self.at = bracket.saturating_add(1).saturating_add(count);
        self.expect(b"]\n")?;
        Ok(&[])
    }

    /// Passes over these bytes.
    fn expect(&mut self, wanted: &[u8]) -> Result<(), Stop> {
        let end = self.at.saturating_add(wanted.len());
        match self.data.get(self.at..end) {
            Some(found) if found == wanted => {
                self.at = end;
                Ok(())
            }
            Some(_) => Err(Stop::Broken),
            None if wanted.starts_with(rest(self.data, self.at)) || self.at >= self.data.len() => {
                Err(Stop::Need(end))
            }
            None => Err(Stop::Broken),
        }
    }

    fn find(&self, wanted: u8, within: usize) -> Result<usize, Stop> {
        let left = rest(self.data, self.at);
        let looked = left.get(..left.len().min(within)).unwrap_or_default();
        match looked.iter().position(|byte| *byte == wanted) {
            Some(place) => Ok(self.at + place),
            None if left.len() < within => Err(Stop::Need(self.data.len() + 1)),
            None => Err(Stop::Broken),
        }
    }
}
