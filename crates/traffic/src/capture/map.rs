//! A plain file, mapped a piece at a time: what the system has cached is read in place, and memory is bounded.

use memmap2::{Mmap, MmapOptions};
use std::fs::File;
use std::io;

/// Bytes that are mapped at once.
const PIECE: u64 = 16 << 20;
/// Where a mapping may begin: a multiple of every page size.
const ALIGNMENT: u64 = 64 << 10;
/// A file below this is sooner read than mapped.
const SMALL: u64 = 256 << 10;

/// A file and the piece of it that is mapped.
pub(crate) struct Mapped {
    file: File,
    length: u64,
    piece: Option<Mmap>,
    /// Where the piece begins in the file.
    begins: u64,
    /// Where the window begins in the file.
    // INVARIANT: begins <= offset <= length, and offset lies in the piece or at its end.
    offset: u64,
}

impl Mapped {
    /// A regular file that is worth mapping.
    pub(crate) fn new(file: &File) -> Option<Self> {
        let data = file.metadata().ok().filter(|data| data.is_file() && data.len() >= SMALL)?;
        let file = file.try_clone().ok()?;
        Some(Self { file, length: data.len(), piece: None, begins: 0, offset: 0 })
    }

    pub(super) fn window(&mut self, need: usize) -> io::Result<&[u8]> {
        let end = self.begins + self.piece.as_ref().map_or(0, |piece| piece.len() as u64);
        if end < self.length.min(self.offset.saturating_add(need as u64)) {
            self.map(need)?;
        }
        let start = (self.offset - self.begins) as usize;
        Ok(self.piece.as_deref().and_then(|piece| piece.get(start..)).unwrap_or_default())
    }

    pub(super) fn advance(&mut self, count: usize) {
        self.offset = self.offset.saturating_add(count as u64).min(self.length);
    }

    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// Maps the piece that the window begins in, with `need` bytes at least, if the file has them.
    #[expect(unsafe_code, reason = "mapping a file cannot be said to be safe; see below")]
    fn map(&mut self, need: usize) -> io::Result<()> {
        let begins = self.offset / ALIGNMENT * ALIGNMENT;
        let wanted = self.offset - begins + need as u64;
        let length = PIECE.max(wanted).min(self.length - begins);
        let length = usize::try_from(length).map_err(io::Error::other)?;
        // The old piece goes first: only one is mapped at a time.
        self.piece = None;
        // SAFETY: the bytes are read only and looked at through bounds-checked slices, no value is built on them that
        // a change could make invalid, and every decision is taken on a copy of what was read. Somebody who shortens the
        // file meanwhile ends the process (SIGBUS); captures that are still written only grow.
        let piece = unsafe { MmapOptions::new().offset(begins).len(length).map(&self.file)? };
        (self.piece, self.begins) = (Some(piece), begins);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn a_file_is_given_piece_by_piece_and_whole() {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..(PIECE as u32 / 4 * 2 + 77)).flat_map(u32::to_le_bytes).collect();
        file.write_all(&bytes).unwrap();
        let mut mapped = Mapped::new(&file).unwrap();
        let mut at = 0;
        let step = 1_000_003;
        while at < bytes.len() {
            let wanted = step.min(bytes.len() - at);
            assert_eq!(mapped.window(wanted).unwrap().get(..wanted), bytes.get(at..at + wanted), "at {at}");
            mapped.advance(wanted);
            at += wanted;
        }
        assert!(mapped.window(1).unwrap().is_empty());
        // More than a piece at once.
        let mut mapped = Mapped::new(&file).unwrap();
        mapped.advance(5);
        let need = PIECE as usize + 9;
        assert_eq!(mapped.window(need).unwrap().get(..need), bytes.get(5..5 + need));
    }
}
