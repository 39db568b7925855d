//! Crimson 3 of Red Lion's panels: requests of the configuration tool.
//!
//! There is no public document. What is read is the frame that public scanners use, a length and so many octets, and the
//! two questions that they ask.

use super::asked::Asked;
use super::fields::{be16, rest, text};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `request`.
const REQUEST: u8 = 0;

/// Crimson 3.
pub static PROTOCOL: Protocol = Protocol {
    name: "crimson",
    title: "Crimson 3 (Red Lion)",
    carriers: &[Carrier::Tcp(PORT)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "request", functions: REQUESTS, default_class: Class::Other }],
    documents: &["cr3-fingerprint.nse (questions for manufacturer and model)"],
};

const REQUESTS: &[Function] = &[
    function(MODEL as u32, "read-model", Class::Discover),
    function(MANUFACTURER as u32, "read-manufacturer", Class::Discover),
];

const MODEL: u16 = 0x012a;
const MANUFACTURER: u16 = 0x012b;
/// The port of panels.
const PORT: u16 = 789;
/// Length, and the number of the request.
const HEADER_BYTES: usize = 4;
/// The most that a length is believed.
const LENGTH_MAX: usize = 8192;
/// Where an answer has its text.
const TEXT: usize = 6;

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct Crimson;

impl Dissector for Crimson {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let asks = be16(data, 2).is_some_and(|number| matches!(number, MODEL | MANUFACTURER));
        let whole = length(data).is_some_and(|length| length == data.len());
        if hint.stream && hint.destination_port == PORT && asks && whole {
            Likelihood::Likely
        } else {
            Likelihood::No
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let server = if hint.source_port == PORT { hint.from } else { hint.from.other() };
        Box::new(Reading { server, asked: Asked::default() })
    }
}

/// Octets of the frame, if one may begin here.
fn length(data: &[u8]) -> Option<usize> {
    let length = 2 + usize::from(be16(data, 0)?);
    (HEADER_BYTES..=LENGTH_MAX).contains(&length).then_some(length)
}

struct Reading {
    server: End,
    /// Requests not answered yet, in their order.
    asked: Asked<(), u16>,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if data.len() < 2 {
            return Progress::Need(2);
        }
        let Some(length) = length(data) else {
            facts.say(Fact::Anomaly { what: "crimson-length" });
            return Progress::Consumed(data.len());
        };
        let Some(frame) = data.get(..length) else { return Progress::Need(length) };
        if from == self.server {
            self.say_answer(from, frame, facts);
        } else if let Some(number) = be16(frame, 2) {
            self.asked.put((), number);
            facts.message(&PROTOCOL, REQUEST, u32::from(number), Direction::Request);
        }
        Progress::Consumed(length)
    }

    fn gap(&mut self, _from: End) -> bool {
        // A frame has no mark: what follows cannot be told from data.
        false
    }
}

impl Reading {
    fn say_answer(&mut self, about: End, frame: &[u8], facts: &mut dyn Facts) {
        let Some(number) = self.asked.take(()) else { return };
        facts.message(&PROTOCOL, REQUEST, u32::from(number), Direction::Response);
        let what = match number {
            MANUFACTURER => Identity::Vendor,
            MODEL => Identity::Product,
            _ => return,
        };
        if let Some(value) = text(rest(frame, TEXT)) {
            facts.say(Fact::Identity { about, what, value: &value });
        }
    }
}
