//! Where captures come from: files, and standard input, which is read once and hashed on the way.

use super::unpack::Compression;
use super::{Input, KIND_BYTES, Notes, kind, read};
use crate::logs;
use crate::observation::CaptureKind;
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;

/// The path that means standard input.
const STANDARD_INPUT: &str = "-";
/// Bytes of a capture, unpacked, in which its first packet is looked for.
const HEAD_BYTES: usize = 256 * 1024;

/// Does a path mean standard input?
pub(crate) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == STANDARD_INPUT
}

/// Can a file be read by several at once: packets that need not be unpacked?
pub(crate) fn is_packets(path: &Path) -> bool {
    let is_plain = |mut file: File| {
        let mut bytes = Vec::new();
        let read = file.by_ref().take(KIND_BYTES as u64).read_to_end(&mut bytes);
        read.is_ok() && Compression::of(&bytes).is_none() && !kind(&bytes).is_some_and(CaptureKind::is_log)
    };
    !is_standard_input(path) && path.is_file() && File::open(path).is_ok_and(is_plain)
}

/// When a file is read among others, earliest first: captures by the time of their first packet, then those of which it is
/// not known, then logs, of which those of connections tell what the others leave out. Standard input cannot be read twice.
pub(crate) fn turn(path: &Path) -> (u8, i64) {
    const UNKNOWN: (u8, i64) = (1, 0);
    if is_standard_input(path) {
        return UNKNOWN;
    }
    let Ok(mut input) = Input::open(path) else { return UNKNOWN };
    let head = head(&mut input, HEAD_BYTES);
    match kind(&head) {
        Some(kind) if kind.is_log() => return (if logs::is_of_connections(&head) { 2 } else { 3 }, 0),
        _ => {}
    }
    let mut first = None;
    // The head ends within a packet nearly always.
    let _ =
        read(&mut Input::new(Box::new(io::Cursor::new(head))), &mut Notes::default(), &mut |packets, _| {
            first = first.or_else(|| packets.iter().find_map(|packet| packet.time));
        });
    first.map_or(UNKNOWN, |time| (0, time))
}

/// The first bytes of an input, as many as precede damage.
fn head(input: &mut Input, length: usize) -> Vec<u8> {
    let some = |window: &[u8]| window.get(..length).unwrap_or(window).to_vec();
    input.window(length).map(some).or_else(|_| input.window(0).map(some)).unwrap_or_default()
}

/// What kind of evidence of traffic a file is, by its content, unpacked where it is compressed. None: of no kind that is
/// read here.
pub fn kind_of(path: &Path) -> io::Result<Option<CaptureKind>> {
    let mut input = Input::open(path)?;
    Ok(kind(&head(&mut input, KIND_BYTES)))
}

/// What is known of standard input when it was read to its end.
#[derive(Debug, Default)]
pub(crate) struct Passed {
    /// Its bytes.
    pub(crate) size: u64,
    hasher: Option<blake3::Hasher>,
}

impl Passed {
    /// The hash of what passed, if it was asked for.
    pub(crate) fn hash(&self) -> Option<String> {
        self.hasher.as_ref().map(|hasher| format!("blake3:{}", hasher.finalize().to_hex()))
    }
}

/// Standard input, with what passes counted and hashed.
pub(crate) struct StandardInput {
    passed: Rc<RefCell<Passed>>,
}

impl StandardInput {
    /// Opens it, with the bytes to be read as a capture.
    pub(crate) fn open(hashed: bool) -> io::Result<(Self, Input)> {
        let passed = Passed { size: 0, hasher: hashed.then(blake3::Hasher::new) };
        let passed = Rc::new(RefCell::new(passed));
        let counting = Counting { inner: io::stdin(), passed: Rc::clone(&passed) };
        Ok((Self { passed }, Input::unpacking(Box::new(counting))?))
    }

    /// Reads on to its end, so that all of it is counted, whatever of it could be understood.
    pub(crate) fn finish(self) -> Passed {
        let mut rest = Counting { inner: io::stdin(), passed: Rc::clone(&self.passed) };
        // What cannot be read is not counted; that was said when the capture was read.
        let _ = io::copy(&mut rest, &mut io::sink());
        self.passed.take()
    }
}

struct Counting<R> {
    inner: R,
    passed: Rc<RefCell<Passed>>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        let mut passed = self.passed.borrow_mut();
        passed.size += count as u64;
        if let Some(hasher) = &mut passed.hasher {
            hasher.update(into.get(..count).unwrap_or_default());
        }
        Ok(count)
    }
}

/// The BLAKE3 hash of a file, or none if it cannot be read.
pub(crate) fn hash(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; HEAD_BYTES];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Some(format!("blake3:{}", hasher.finalize().to_hex())),
            Ok(count) => {
                hasher.update(buffer.get(..count).unwrap_or_default());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}
