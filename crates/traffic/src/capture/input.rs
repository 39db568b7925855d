//! Bytes of a capture in order, in a window that moves forward: memory is bounded whatever the file's size.
//!
//! Knows nothing of containers. Plain files are mapped, a piece at a time; compressed ones and pipes are read.

use super::map::Mapped;
use super::unpack::{Compression, MAGIC_BYTES};
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

/// Bytes that are read at once: fits the second-level cache, so that copying out of the page cache nearly pays for itself.
const CHUNK: usize = 256 * 1024;

/// A capture being read from its beginning to its end.
pub(crate) enum Input {
    /// A plain file.
    Mapped(Mapped),
    /// Anything else.
    Read(Buffered),
}

/// What is read piece by piece.
pub(crate) struct Buffered {
    reader: Box<dyn Read>,
    buffer: Vec<u8>,
    // INVARIANT: start <= end <= buffer.len(); the bytes between are those at `offset` of the (unpacked) input.
    start: usize,
    end: usize,
    offset: u64,
    ended: bool,
}

impl Input {
    /// Opens a file. A compressed file is unpacked on the way.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        if let Some(mapped) = Mapped::new(&file) {
            let mut head = [0; MAGIC_BYTES];
            let read = read_up_to(&mut file, &mut head)?;
            if Compression::of(head.get(..read).unwrap_or_default()).is_none() {
                return Ok(Self::Mapped(mapped));
            }
            file.rewind()?;
        }
        Self::unpacking(Box::new(file))
    }

    /// Reads from anything, unpacked on the way where it is compressed.
    pub(crate) fn unpacking(mut reader: Box<dyn Read>) -> io::Result<Self> {
        let mut head = [0; MAGIC_BYTES];
        let read = read_up_to(&mut reader, &mut head)?;
        let compression = Compression::of(head.get(..read).unwrap_or_default());
        let whole = Box::new(io::Cursor::new(head).take(read as u64).chain(reader));
        Ok(Self::new(match compression {
            Some(compression) => compression.unpack(whole),
            None => whole,
        }))
    }

    /// Reads from anything.
    pub(crate) fn new(reader: Box<dyn Read>) -> Self {
        let buffer = vec![0; CHUNK];
        Self::Read(Buffered { reader, buffer, start: 0, end: 0, offset: 0, ended: false })
    }

    /// The bytes that follow, at least `need` of them unless the input ends before.
    pub(crate) fn window(&mut self, need: usize) -> io::Result<&[u8]> {
        match self {
            Self::Mapped(mapped) => mapped.window(need),
            Self::Read(buffered) => buffered.window(need),
        }
    }

    /// Goes on behind the next `count` bytes, which were in the window.
    pub(crate) fn advance(&mut self, count: usize) {
        match self {
            Self::Mapped(mapped) => mapped.advance(count),
            Self::Read(buffered) => buffered.advance(count),
        }
    }

    /// Where the window begins in the unpacked input.
    pub(crate) const fn offset(&self) -> u64 {
        match self {
            Self::Mapped(mapped) => mapped.offset(),
            Self::Read(buffered) => buffered.offset,
        }
    }
}

impl Buffered {
    fn window(&mut self, need: usize) -> io::Result<&[u8]> {
        if self.end - self.start < need && !self.ended {
            self.fill(need)?;
        }
        Ok(self.buffer.get(self.start..self.end).unwrap_or_default())
    }

    fn advance(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.offset += count as u64;
    }

    fn fill(&mut self, need: usize) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.buffer.len() < need {
            self.buffer.resize(need.next_multiple_of(CHUNK), 0);
        }
        while self.end < need {
            let Some(free) = self.buffer.get_mut(self.end..) else { break };
            match self.reader.read(free) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    // What was unpacked before the damage is still there; the next call says the error again or ends.
                    self.ended = true;
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

fn read_up_to(reader: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(free) = into.get_mut(filled..).filter(|free| !free.is_empty()) {
        match reader.read(free) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_grows_to_what_is_needed_and_moves_on() {
        let bytes: Vec<u8> = (0..600_000_u32).map(|n| n as u8).collect();
        let mut input = Input::new(Box::new(io::Cursor::new(bytes.clone())));
        assert_eq!(input.window(4).unwrap().get(..4).unwrap(), &bytes[..4]);
        input.advance(10);
        assert_eq!(input.window(500_000).unwrap().get(..500_000).unwrap(), &bytes[10..500_010]);
        input.advance(500_000);
        assert_eq!(input.offset(), 500_010);
        assert_eq!(input.window(1_000_000).unwrap(), &bytes[500_010..]);
    }
}
