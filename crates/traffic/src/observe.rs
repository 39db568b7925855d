//! Captures in, observation out.

use crate::assemble;
use crate::capture::{self, Input, NAMES_MAX, Notes, ReadError, Record, StandardInput};
use crate::engine::Engine;
use crate::flow::At;
use crate::logs::{self, Log, Shared};
use crate::observation::{Capture, CaptureKind, Observation, Timestamp};
use crate::shards::{self, Shard};
use std::path::PathBuf;
use std::sync::Arc;
use zonewright_source::{Diagnostic, PacketPlace, Place};

/// Threads that share a capture: with more, reading headers again in each would be most of the work.
const THREADS_MAX: u32 = 16;

/// Packets between two reports of progress.
const PROGRESS_PACKETS: u64 = 65_536;

/// A capture to be read.
#[derive(Debug, Clone)]
pub struct CaptureInput {
    /// Where the file is; `-` is standard input.
    pub path: PathBuf,
    /// What the observation calls it; the path as the user gave it.
    pub name: Arc<str>,
    /// Where it was taken. Addresses of different capture points are kept apart.
    pub capture_point: Option<Arc<str>>,
}

impl CaptureInput {
    /// A file, called by its path, of no named capture point.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.to_string_lossy().into();
        Self { path, name, capture_point: None }
    }
}

/// Whether files are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hashing {
    /// Each file's BLAKE3 hash is part of the observation.
    #[default]
    Blake3,
    /// It is not: faster.
    None,
}

/// How to observe.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Whether files are hashed.
    pub hashing: Hashing,
    /// Threads that read plain files side by side, at least 1. What comes out does not depend on it.
    pub threads: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { hashing: Hashing::default(), threads: 1 }
    }
}

/// How far the work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that are done, of all files.
    pub done: u64,
    /// Bytes of all files.
    pub total: u64,
    /// Packets that were read.
    pub packets: u64,
}

/// Observes what a set of captures shows. Never fails: what could not be read is said in the observation.
///
/// Captures are read one after the other, in the order of their first packets, so that a conversation that goes over
/// several files is read in order; the observation lists them in the order given. Those whose first packet is not known
/// come after them, logs last. Captures that overlap in time are not interleaved: they were taken at different places, or show the same.
pub fn observe(
    inputs: &[CaptureInput],
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Observation {
    let order = in_time_order(inputs);
    // What has to be unpacked is unpacked once; standard input cannot be read twice; logs are no packets to be shared.
    let plain = inputs.iter().all(|input| capture::is_packets(&input.path));
    let threads = if plain { options.threads.clamp(1, THREADS_MAX) } else { 1 };
    let mut seen = shared_out(inputs, &order, options, threads, progress);
    if seen.engines.iter().any(|engine| engine.unshardable) {
        seen = shared_out(inputs, &order, options, 1, progress);
    }
    let Seen { engines, captures, diagnostics } = seen;
    assemble::observation(shards::merge(engines), captures, diagnostics)
}

/// What was read of captures.
struct Seen {
    engines: Vec<Engine>,
    captures: Vec<Capture>,
    diagnostics: Vec<Diagnostic>,
}

/// Reads captures with as many threads as are wanted. The first tells how far it is, and what is wrong.
fn shared_out(
    inputs: &[CaptureInput],
    order: &[usize],
    options: &Options,
    threads: u32,
    progress: &mut dyn FnMut(Progress),
) -> Seen {
    let engine = |index| {
        let mut engine = Engine::of(Shard { index, count: threads });
        // The same numbers for the same capture points everywhere.
        for at in order {
            engine.context(inputs.get(*at).and_then(|input| input.capture_point.as_ref()));
        }
        engine
    };
    let unhashed = Options { hashing: Hashing::None, ..*options };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|index| {
                let engine = engine(index);
                scope.spawn(move || in_turn(engine, inputs, order, &unhashed, &mut |_| {}))
            })
            .collect();
        // Hashing is work of its own, as soon as there are others.
        let apart = threads > 1 && options.hashing == Hashing::Blake3;
        let hashes = apart.then(|| {
            scope.spawn(move || inputs.iter().map(|input| capture::hash(&input.path)).collect::<Vec<_>>())
        });
        let own = if apart { &unhashed } else { options };
        let mut seen = in_turn(engine(0), inputs, order, own, progress);
        let hashes =
            hashes.map(|hashes| hashes.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        for (capture, hash) in seen.captures.iter_mut().zip(hashes.into_iter().flatten()) {
            capture.hash = hash;
        }
        for other in others {
            // A thread that panicked would have taken its packets with it; its panic goes on here.
            let other = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            for (capture, part) in seen.captures.iter_mut().zip(&other.captures) {
                capture.malformed_packets += part.malformed_packets;
            }
            seen.engines.extend(other.engines);
        }
        seen
    })
}

/// Reads captures one after the other.
fn in_turn(
    mut engine: Engine,
    inputs: &[CaptureInput],
    order: &[usize],
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Seen {
    let sizes: Vec<u64> =
        inputs.iter().map(|input| std::fs::metadata(&input.path).map_or(0, |data| data.len())).collect();
    let total = sizes.iter().sum();
    let mut captures: Vec<Option<Capture>> = inputs.iter().map(|_| None).collect();
    let mut diagnostics = Vec::new();
    let mut shared = Shared::default();
    let (mut done, mut packets) = (0, 0);
    for at in order.iter().copied() {
        let (Some(input), Some(size), Some(slot)) = (inputs.get(at), sizes.get(at), captures.get_mut(at))
        else {
            continue;
        };
        let mut report = |bytes: u64, read: u64| {
            progress(Progress { done: (done + bytes.min(*size)).min(total), total, packets: packets + read });
        };
        let capture =
            read(&mut engine, &mut shared, at as u32, input, *size, options, &mut diagnostics, &mut report);
        done += size;
        packets += capture.packets;
        *slot = Some(capture);
    }
    engine.finish();
    progress(Progress { done: total, total, packets });
    Seen { engines: vec![engine], captures: captures.into_iter().flatten().collect(), diagnostics }
}

/// The places of captures in the list, in the order in which they are read.
fn in_time_order(inputs: &[CaptureInput]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..inputs.len()).collect();
    if inputs.len() > 1 {
        order.sort_by_cached_key(|at| inputs.get(*at).map(|input| capture::turn(&input.path)));
    }
    order
}

/// What is counted of one capture.
#[derive(Debug, Default)]
struct Counts {
    lines: Option<u64>,
    packets: u64,
    bytes: u64,
    truncated: u64,
    malformed: u64,
    first: Option<i64>,
    last: Option<i64>,
    digits: u8,
}

impl Counts {
    #[inline]
    fn take(&mut self, packet: &Record<'_>) {
        self.packets += 1;
        self.bytes += u64::from(packet.wire);
        self.truncated += u64::from(packet.data.len() < packet.wire as usize);
        self.digits = self.digits.max(packet.digits);
        if let Some(time) = packet.time {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "all that reading needs; none belongs to another")]
fn read(
    engine: &mut Engine,
    shared: &mut Shared,
    number: u32,
    input: &CaptureInput,
    size: u64,
    options: &Options,
    diagnostics: &mut Vec<Diagnostic>,
    report: &mut dyn FnMut(u64, u64),
) -> Capture {
    let mut counts = Counts::default();
    let hashed = options.hashing == Hashing::Blake3;
    let mut standard_input = None;
    let opened = if capture::is_standard_input(&input.path) {
        StandardInput::open(hashed).map(|(passing, bytes)| {
            standard_input = Some(passing);
            bytes
        })
    } else {
        Input::open(&input.path)
    };
    let (kind, result) = match opened {
        Ok(mut bytes) => {
            match log(engine, shared, number, input, &mut bytes, &mut counts, diagnostics, report) {
                Some(read) => read,
                None => packets(engine, number, input, &mut bytes, &mut counts, diagnostics, report),
            }
        }
        Err(source) => (None, Err(ReadError::Io { offset: 0, source })),
    };
    let (size, hash) = match standard_input {
        Some(passing) => {
            let passed = passing.finish();
            (passed.size, passed.hash())
        }
        None => (size, hashed.then(|| capture::hash(&input.path)).flatten()),
    };
    let read_error = result.err().map(|error| {
        diagnostics.push(read_diagnostic(input, &error, &counts));
        error.to_string()
    });
    let moment =
        |nanoseconds: Option<i64>| nanoseconds.map(|nanoseconds| Timestamp::new(nanoseconds, counts.digits));
    Capture {
        path: input.name.clone(),
        hash,
        size,
        kind,
        capture_point: input.capture_point.clone(),
        lines: counts.lines,
        packets: counts.packets,
        bytes: counts.bytes,
        first_seen: moment(counts.first),
        last_seen: moment(counts.last),
        truncated_packets: counts.truncated,
        malformed_packets: counts.malformed,
        read_error,
    }
}

/// Reads a log; none: it is none.
#[expect(clippy::too_many_arguments, reason = "all that reading needs; none belongs to another")]
fn log(
    engine: &mut Engine,
    shared: &mut Shared,
    number: u32,
    input: &CaptureInput,
    bytes: &mut Input,
    counts: &mut Counts,
    diagnostics: &mut Vec<Diagnostic>,
    report: &mut dyn FnMut(u64, u64),
) -> Option<(Option<CaptureKind>, Result<(), ReadError>)> {
    let (kind, damage) = match capture::log_kind(bytes) {
        Ok(told) => told?,
        Err(source) => return Some((None, Err(ReadError::Io { offset: bytes.offset(), source }))),
    };
    let context = engine.context(input.capture_point.as_ref());
    let log = Log { kind, name: &input.name, number, context };
    let (read, result) = logs::read(&log, bytes, engine, shared, diagnostics, report);
    *counts = Counts {
        lines: Some(read.lines),
        packets: read.packets,
        bytes: read.bytes,
        first: read.first,
        last: read.last,
        // Both write microseconds.
        digits: 6,
        ..Counts::default()
    };
    // Damage within the head was met when the kind was told.
    let damage = damage.map(|source| ReadError::Io { offset: bytes.offset(), source });
    Some((Some(kind), result.and(damage.map_or(Ok(()), Err))))
}

fn packets(
    engine: &mut Engine,
    number: u32,
    input: &CaptureInput,
    bytes: &mut Input,
    counts: &mut Counts,
    diagnostics: &mut Vec<Diagnostic>,
    report: &mut dyn FnMut(u64, u64),
) -> (Option<CaptureKind>, Result<(), ReadError>) {
    let context = engine.context(input.capture_point.as_ref());
    let mut clock = 0;
    let mut reported = 0;
    let mut notes = Notes::default();
    let read = capture::read(bytes, &mut notes, &mut |records, offset| {
        let first = At { capture: number, packet: counts.packets + 1 };
        for packet in records {
            counts.take(packet);
        }
        counts.malformed += engine.packets(records, first, &mut clock, context);
        if counts.packets / PROGRESS_PACKETS != reported {
            reported = counts.packets / PROGRESS_PACKETS;
            report(offset, counts.packets);
        }
    });
    // A name stands in the block, which has no number: the first packet stands for the capture.
    engine.called(context, At { capture: number, packet: 1 }, &notes.names);
    noted(input, &notes, diagnostics);
    read
}

/// What a container says besides packets, and what follows.
fn noted(input: &CaptureInput, notes: &Notes, diagnostics: &mut Vec<Diagnostic>) {
    let name = &input.name;
    let at = || Place::File(name.clone());
    if notes.lost() > 0 {
        let message =
            format!("capture `{name}` lacks {} packets that were dropped while it was taken", notes.lost());
        let why = "a missing packet can hide a function or an asset: what is not seen may have been there";
        diagnostics.push(Diagnostic::warning("capture/lost-packets", message).at(at()).because(why));
    }
    if notes.secrets > 0 {
        let message = format!("capture `{name}` brings secrets for decryption, which are not used");
        let why = "whoever has the capture can read what was encrypted in it";
        diagnostics.push(Diagnostic::note("capture/secrets", message).at(at()).because(why));
    }
    if notes.names_beyond > 0 {
        let message = format!(
            "a limit was reached {} times: names in `{name}`, of which {NAMES_MAX} are kept",
            notes.names_beyond
        );
        diagnostics.push(Diagnostic::warning("capture/limit", message).at(at()));
    }
}

fn read_diagnostic(input: &CaptureInput, error: &ReadError, counts: &Counts) -> Diagnostic {
    let name = &input.name;
    let packets = counts.packets;
    if packets == 0 && counts.lines.unwrap_or_default() == 0 {
        let message = format!("capture `{name}` could not be understood: {error}");
        return Diagnostic::error("capture/not-understood", message)
            .at(Place::File(name.clone()))
            .because("nothing of it is part of the observation")
            .help("pcap, pcapng and logs of Zeek and Suricata (EVE) are read, also compressed with gzip, zstd or xz; other containers can be converted with `editcap`");
    }
    Diagnostic::warning(
        "capture/read-error",
        format!("capture `{name}` could not be read to its end: {error}"),
    )
    .at(match counts.lines {
        Some(lines) => Place::Packet(PacketPlace::line(name.clone(), lines)),
        None => Place::Packet(PacketPlace::packet(name.clone(), packets)),
    })
    .because("what stands before it is part of the observation, what follows is not")
}
