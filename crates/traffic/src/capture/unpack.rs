//! Compressed captures, unpacked on the way: gzip, zstd and xz, each with any number of members one after the other.
//!
//! Knows nothing of containers. Nothing is unpacked whole: a reader holds what its format needs to look back on, up
//! to a limit, so that a bomb costs time and no memory. What precedes damage is given before the damage is said.

use flate2::bufread::MultiGzDecoder;
use lzma_rust2::{Action, Status, XzStream};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, BufRead, BufReader, Read};

/// Bytes that are read at once of a compressed file.
const CHUNK: usize = 256 * 1024;
/// Bytes that are unpacked at once with gzip and xz: what a damaged piece takes with it.
const PIECE_BYTES: usize = 8 * 1024;
/// How far a zstd frame may look back: as much as its own tool allows unasked.
pub(crate) const ZSTD_WINDOW_BYTES_MAX: u64 = 128 << 20;
/// Memory that an xz stream may ask for: enough for the strongest preset of its own tool (64 MiB to look back on).
pub(crate) const XZ_MEMORY_KIB_MAX: u32 = 128 << 10;

/// Bytes by which a compression is told.
pub(crate) const MAGIC_BYTES: usize = 6;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// The .xz file format, version 1.2.
    Xz,
}

impl Compression {
    /// The compression of a file that begins so.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // A frame, or one to be skipped (RFC 8878, section 3.1.2).
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            _ => None,
        }
    }

    /// Unpacks what `packed` gives.
    pub(crate) fn unpack(self, packed: Box<dyn Read>) -> Box<dyn Read> {
        let packed = BufReader::with_capacity(CHUNK, packed);
        match self {
            Self::Gzip => Box::new(Gzip(MultiGzDecoder::new(packed))),
            Self::Zstd => Box::new(Zstd::new(packed)),
            Self::Xz => Box::new(Xz {
                packed,
                stream: XzStream::new_mem_limit(true, XZ_MEMORY_KIB_MAX),
                failure: None,
            }),
        }
    }
}

struct Gzip<R>(MultiGzDecoder<R>);

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = into.len().min(PIECE_BYTES);
        self.0.read(into.get_mut(..length).unwrap_or_default()).map_err(|error| said("gzip", error))
    }
}

/// Streams of xz, one after the other. Not the library's own reader, which gives of a chunk all or nothing.
struct Xz<R> {
    packed: R,
    stream: XzStream,
    /// What is said when everything before it was given.
    failure: Option<io::Error>,
}

impl<R: BufRead> Read for Xz<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = into.len().min(PIECE_BYTES);
        let piece = into.get_mut(..length).unwrap_or_default();
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        while !piece.is_empty() {
            let packed = self.packed.fill_buf()?;
            let action = if packed.is_empty() { Action::Finish } else { Action::Run };
            let given = self.stream.total_out();
            let done = match self.stream.process(packed, piece, action) {
                Ok(done) => done,
                Err(error) => {
                    let error = said("xz", error);
                    let produced = (self.stream.total_out() - given) as usize;
                    if produced == 0 {
                        return Err(error);
                    }
                    self.failure = Some(error);
                    return Ok(produced.min(length));
                }
            };
            self.packed.consume(done.bytes_consumed);
            if done.bytes_produced > 0 || done.status == Status::StreamEnd {
                return Ok(done.bytes_produced);
            }
            if done.bytes_consumed == 0 {
                let what = match action {
                    Action::Finish => io::ErrorKind::UnexpectedEof.into(),
                    Action::Run => io::Error::other("it asks for nothing and gives nothing"),
                };
                return Err(said("xz", what));
            }
        }
        Ok(0)
    }
}

/// Frames of zstd, one after the other.
struct Zstd<R> {
    packed: R,
    decoder: FrameDecoder,
    /// Is a frame being read?
    within: bool,
    /// What is said when everything before it was given.
    failure: Option<io::Error>,
}

impl<R: BufRead> Zstd<R> {
    fn new(packed: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(ZSTD_WINDOW_BYTES_MAX);
        Self { packed, decoder, within: false, failure: None }
    }

    /// Goes to the next frame. False: there is none.
    fn next_frame(&mut self) -> io::Result<bool> {
        while !self.packed.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.packed) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let skipped = io::copy(&mut (&mut self.packed).take(length.into()), &mut io::sink())?;
                    if skipped < u64::from(length) {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(of_zstd(error)),
            }
        }
        Ok(false)
    }

    /// Unpacks another block.
    fn block(&mut self) {
        if let Err(error) = self.decoder.decode_blocks(&mut self.packed, BlockDecodingStrategy::UptoBlocks(1))
        {
            self.failure = Some(of_zstd(error));
            // The decoder keeps what the next blocks may look back on. An empty last block (RFC 8878, section 3.1.1.2)
            // and room for a checksum make it give what it has.
            if !self.decoder.is_finished() {
                let last: &[u8] = &[1, 0, 0, 0, 0, 0, 0];
                let _ = self.decoder.decode_blocks(last, BlockDecodingStrategy::UptoBlocks(1));
            }
        }
    }

    /// Was the frame that was read to its end damaged? The decoder counts as it gives.
    fn check(&self) -> io::Result<()> {
        let (read, counted) = (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum());
        if self.within && read.is_some() && read != counted {
            return Err(io::Error::other("its checksum is another than that of its content"));
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            if self.within && self.decoder.can_collect() > 0 {
                return self.decoder.read(into);
            }
            if let Some(error) = self.failure.take() {
                self.within = false;
                return Err(said("zstd", error));
            }
            if self.within && !self.decoder.is_finished() {
                self.block();
                continue;
            }
            let next = self.check().and_then(|()| self.next_frame());
            self.within = next.map_err(|error| said("zstd", error))?;
            if !self.within {
                return Ok(0);
            }
        }
    }
}

/// A decoder's error; that the file ends is among them.
fn of_zstd(error: FrameDecoderError) -> io::Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(at) = cause {
        if at.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::UnexpectedEof) {
            return io::ErrorKind::UnexpectedEof.into();
        }
        cause = at.source();
    }
    io::Error::other(error.to_string())
}

/// Says which stream is wrong, and in what way.
fn said(format: &str, error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::Interrupted => error,
        io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), format!("the {format} stream is cut")),
        kind => io::Error::new(kind, format!("the {format} stream is damaged: {error}")),
    }
}
