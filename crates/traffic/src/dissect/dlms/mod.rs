//! DLMS/COSEM: meters of energy and water, in the wrapper of the IP profile and in HDLC frames carried over TCP or UDP.
//!
//! Owns both framings; a frame of HDLC that continues another is not read, its first tells what is said here.

mod apdu;
mod hdlc;
mod table;

pub use table::PROTOCOL;

use self::apdu::State;
use self::hdlc::{FLAG, Frame, Head};
use self::table::{FRAME, PORT};
use super::fields::{be16, bytes, rest, u8_at};
use super::sides::{InStep, Sides};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::Protocol;

/// The wrapper's header: version, source and destination, length (Green Book, section 7.4).
const WRAPPER_BYTES: usize = 8;
/// The wrapper's version.
const WRAPPER_VERSION: u16 = 1;
/// The link control header between HDLC and an APDU: destination, source, quality (Green Book, section 8.3).
const COMMAND: [u8; 3] = [0xe6, 0xe6, 0x00];
/// The same of an answer.
const RESPONSE: [u8; 3] = [0xe6, 0xe7, 0x00];

/// Places that look like a beginning which are tried at a time, where one is looked for.
const CANDIDATES_MAX: usize = 64;

/// The dissector of DLMS/COSEM.
#[derive(Debug, Clone, Copy)]
pub struct Dlms;

impl Dissector for Dlms {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let at_home = hint.port(PORT);
        if data.first() == Some(&FLAG) {
            return probe_hdlc(data, at_home);
        }
        let Some(size) = wrapped(data) else { return Likelihood::No };
        let apdu =
            bytes(data, WRAPPER_BYTES, size - WRAPPER_BYTES).unwrap_or_else(|| rest(data, WRAPPER_BYTES));
        if apdu::is_association(apdu) {
            return if at_home { Likelihood::Certain } else { Likelihood::Likely };
        }
        let whole = if hint.stream { data.len() >= size } else { data.len() == size };
        if at_home && whole && apdu::is_plausible(apdu) { Likelihood::Likely } else { Likelihood::No }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading::default())
    }
}

/// HDLC is told by its check sequence and what it opens or carries.
fn probe_hdlc(data: &[u8], at_home: bool) -> Likelihood {
    let Head::Frame { flags, size } = hdlc::head(data) else { return Likelihood::No };
    let frame = bytes(data, flags, (size - 1).saturating_sub(flags)).and_then(Frame::read);
    let Some(frame) = frame.filter(|frame| table::is_frame(u32::from(frame.control))) else {
        return Likelihood::No;
    };
    let carries = frame.information.starts_with(&COMMAND) || frame.information.starts_with(&RESPONSE);
    match carries || at_home {
        true => Likelihood::Certain,
        // Opening a connection: what everybody who speaks HDLC does, but hardly over TCP.
        false if frame.control == 0x83 => Likelihood::Likely,
        false => Likelihood::No,
    }
}

/// The size of the wrapped APDU that begins here, if its header is one.
fn wrapped(data: &[u8]) -> Option<usize> {
    let (source, destination) = (be16(data, 2)?, be16(data, 4)?);
    let length = usize::from(be16(data, 6)?);
    let known = be16(data, 0) == Some(WRAPPER_VERSION) && source != 0 && destination != 0 && length > 0;
    known.then_some(WRAPPER_BYTES + length)
}

#[derive(Debug, Default)]
struct Reading {
    state: State,
    in_step: InStep,
    /// By sender: is a beginning looked for, so that only one beyond doubt is taken?
    searching: Sides<bool>,
    /// By sender: does the next frame of HDLC continue another?
    continued: Sides<bool>,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        match u8_at(data, 0) {
            Some(0) => self.read_wrapped(from, data, facts),
            Some(FLAG | 0xa0..=0xaf) => self.read_frame(from, data, facts),
            _ => self.resynchronize(from, data, facts),
        }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if wrapped(data).is_some() {
            let apdu = rest(data, WRAPPER_BYTES);
            if apdu::is_plausible(apdu) {
                self.state.say(from, apdu, facts);
            }
        }
    }

    fn gap(&mut self, from: End) -> bool {
        *self.searching.of(from) = true;
        *self.continued.of(from) = false;
        self.in_step.lost(from);
        true
    }
}

impl Reading {
    fn read_wrapped(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if data.len() < WRAPPER_BYTES && [0, 1].starts_with(data.get(..2).unwrap_or(data)) {
            return Progress::Need(WRAPPER_BYTES);
        }
        let Some(size) = wrapped(data) else { return self.resynchronize(from, data, facts) };
        if *self.searching.of(from) && !apdu::is_plausible(rest(data, WRAPPER_BYTES)) {
            return self.resynchronize(from, data, facts);
        }
        let Some(apdu) = bytes(data, WRAPPER_BYTES, size - WRAPPER_BYTES) else {
            return Progress::Need(size);
        };
        self.found(from);
        self.state.say(from, apdu, facts);
        Progress::Consumed(size)
    }

    fn read_frame(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let (flags, size) = match hdlc::head(data) {
            // Flags between frames, and the beginning of one.
            Head::Short if data.last() == Some(&FLAG) => return Progress::Consumed(data.len()),
            Head::Short => return Progress::Need(data.len() + 1),
            Head::Other => return self.resynchronize(from, data, facts),
            Head::Frame { flags, size } => (flags, size),
        };
        let Some(framed) = bytes(data, flags, size - 1 - flags) else { return Progress::Need(size) };
        if u8_at(data, size - 1).is_some_and(|end| end != FLAG) {
            return self.resynchronize(from, data, facts);
        }
        let Some(frame) = Frame::read(framed) else {
            if *self.searching.of(from) {
                return self.resynchronize(from, data, facts);
            }
            facts.say(Fact::Anomaly { what: "dlms-hdlc-check" });
            return Progress::Consumed(size.min(data.len()));
        };
        if data.len() < size {
            return Progress::Need(size);
        }
        self.found(from);
        if !frame.right {
            facts.say(Fact::Anomaly { what: "dlms-hdlc-check" });
        }
        self.say_frame(from, &frame, facts);
        Progress::Consumed(size)
    }

    fn say_frame(&mut self, from: End, frame: &Frame<'_>, facts: &mut dyn Facts) {
        let direction = match frame.control {
            0x83 | 0x43 => Direction::Request,
            0x63 | 0x0f | 0x87 => Direction::Response,
            _ => Direction::None,
        };
        match direction {
            Direction::Request => self.state.say_initiator(from, facts),
            Direction::Response => self.state.say_initiator(from.other(), facts),
            Direction::None => {}
        }
        facts.message(&PROTOCOL, FRAME, u32::from(frame.control), direction);
        if !table::is_frame(u32::from(frame.control)) {
            facts.say(Fact::Anomaly { what: "dlms-hdlc-control" });
        }
        if !matches!(frame.control, 0x00 | 0x03) || frame.information.is_empty() {
            return;
        }
        if std::mem::replace(self.continued.of(from), frame.more) {
            return;
        }
        match frame.information.strip_prefix(&COMMAND).or_else(|| frame.information.strip_prefix(&RESPONSE)) {
            Some(apdu) => self.state.say(from, apdu, facts),
            None => facts.say(Fact::Anomaly { what: "dlms-link-control" }),
        }
    }

    fn found(&mut self, from: End) {
        *self.searching.of(from) = false;
        self.in_step.found(from);
    }

    /// Lets go what comes before the next beginning.
    fn resynchronize(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        self.in_step.fails(from, "dlms-header", facts);
        *self.searching.of(from) = true;
        *self.continued.of(from) = false;
        let looks = |at: &usize| {
            let data = rest(data, *at);
            matches!(hdlc::head(data), Head::Frame { flags: 1.., .. }) || wrapped(data).is_some()
        };
        let found = (1..data.len()).filter(looks).take(CANDIDATES_MAX).find(|at| begins(rest(data, *at)));
        Progress::Consumed(found.unwrap_or(data.len()))
    }
}

/// Does a frame beyond doubt begin here?
fn begins(data: &[u8]) -> bool {
    match hdlc::head(data) {
        Head::Frame { flags, size } if flags > 0 => {
            bytes(data, flags, size - 1 - flags).is_none_or(|frame| Frame::read(frame).is_some())
        }
        // Of a wrapped one, all must be there: its header says little.
        _ => wrapped(data)
            .and_then(|size| bytes(data, WRAPPER_BYTES, size - WRAPPER_BYTES))
            .is_some_and(apdu::is_plausible),
    }
}
