//! SLMP of Mitsubishi Electric's controllers and of CC-Link IE: MELSEC's communication protocol with frames 3E and 4E.
//!
//! Owns the pairing of responses with requests, which they do not repeat, and what they say of the controller. Leaves
//! the frames to `frame`, and the older frames of 1E to `one_e`.

mod frame;
mod one_e;
mod table;

pub use one_e::{OneE, PROTOCOL as ONE_E};
pub use table::PROTOCOL;

use self::frame::{Coding, FRAME_BYTES_MAX, HEAD_BYTES_MAX, Head, number};
use self::table::{COMMAND, END_CODE, PASSWORD_LOCK, PASSWORD_UNLOCK, READ_TYPE_NAME};
use super::asked::Asked;
use super::fields::{le16, rest, text};
use super::sides::Sides;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::Protocol;

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct Slmp;

impl Dissector for Slmp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        match Head::read(data) {
            Some(head) if head.is_possible() && is_plausible(head, data, hint.stream) => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let searching = Sides::new(false, false);
        Box::new(Reading { stream: hint.stream, asked: Asked::default(), answered: false, searching })
    }
}

/// A request has a known command; lengths agree with what is there.
fn is_plausible(head: Head, data: &[u8], stream: bool) -> bool {
    let known = head.is_response
        || head.command(data).is_some_and(|(command, subcommand)| {
            let number = subcommand & !0x00c0;
            PROTOCOL.function(COMMAND, u32::from(command)).is_some() && (number <= 0x0f || number >> 8 == 0)
        });
    let whole = head.whole();
    // A response shows less: it must end where the data end.
    known
        && (whole == data.len()
            || (stream && !head.is_response && (whole > data.len() || follows(data, whole))))
}

/// Another frame begins at `at`.
fn follows(data: &[u8], at: usize) -> bool {
    let next = rest(data, at);
    Head::read(next).is_some_and(Head::is_possible) || next.len() < HEAD_BYTES_MAX
}

struct Reading {
    stream: bool,
    /// Commands not answered yet, by the serial number of frame 4E.
    asked: Asked<Option<u16>, u16>,
    /// A response of frame 3E came after the last request. Controllers answer these one after another: what is not
    /// answered when the next is asked, was lost.
    answered: bool,
    /// The beginning of the next frame must be looked for.
    searching: Sides<bool>,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(head) = Head::read(data).filter(|head| head.is_possible()) else {
            return self.no_frame(from, data, facts);
        };
        if head.whole() > FRAME_BYTES_MAX {
            return Progress::Lost;
        }
        let Some(frame) = data.get(..head.whole()) else { return Progress::Need(head.whole()) };
        *self.searching.of(from) = false;
        self.say(from, head, frame, facts);
        Progress::Consumed(frame.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some(head) = Head::read(data).filter(|head| head.is_possible()) {
            self.say(from, head, data, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        *self.searching.of(from) = true;
        true
    }
}

impl Reading {
    fn no_frame(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let short = data.len() < HEAD_BYTES_MAX && Head::read(data).is_none();
        if short && matches!(data.first(), Some(0x50 | 0x54 | 0xd0 | 0xd4 | b'5' | b'D')) {
            return Progress::Need(data.len() + 1);
        }
        if !std::mem::replace(self.searching.of(from), true) {
            facts.say(Fact::Anomaly { what: "slmp-header" });
        }
        if !self.stream {
            return Progress::Consumed(data.len());
        }
        let begins = |at: &usize| {
            let data = rest(data, *at);
            Head::read(data).is_some_and(|head| head.is_possible() && is_plausible(head, data, true))
        };
        Progress::Consumed((1..data.len()).find(begins).unwrap_or(data.len()))
    }

    fn say(&mut self, from: End, head: Head, data: &[u8], facts: &mut dyn Facts) {
        if head.is_response {
            return self.say_response(from, head, data, facts);
        }
        let Some((command, _)) = head.command(data) else { return };
        if head.serial.is_none() && std::mem::take(&mut self.answered) {
            self.asked.clear();
        }
        self.asked.put(head.serial, command);
        facts.message(&PROTOCOL, COMMAND, u32::from(command), Direction::Request);
        let content = head.content(data, 3);
        let length = match head.coding {
            Coding::Binary => le16(content, 0),
            Coding::Ascii => number(content, 0, 4),
        };
        if matches!(command, PASSWORD_UNLOCK | PASSWORD_LOCK) && length.is_some_and(|length| length > 0) {
            facts.say(Fact::ClearTextCredential { what: "password" });
        }
    }

    fn say_response(&mut self, from: End, head: Head, data: &[u8], facts: &mut dyn Facts) {
        let Some(end_code) = head.end_code(data) else { return };
        let command = self.asked.take(head.serial);
        self.answered |= head.serial.is_none();
        if let Some(command) = command {
            facts.message(&PROTOCOL, COMMAND, u32::from(command), Direction::Response);
        }
        if command.is_none() || end_code != 0 {
            facts.message(&PROTOCOL, END_CODE, u32::from(end_code), Direction::Response);
        }
        if command == Some(READ_TYPE_NAME)
            && end_code == 0
            && let Some(name) = head.content(data, 1).get(..TYPE_NAME_BYTES).and_then(text)
        {
            facts.say(Fact::Identity { about: from, what: Identity::Vendor, value: "Mitsubishi Electric" });
            facts.say(Fact::Identity { about: from, what: Identity::Product, value: &name });
        }
    }
}

/// Letters of a type name (SLMP Reference Manual, Read Type Name), in both codings.
const TYPE_NAME_BYTES: usize = 16;
