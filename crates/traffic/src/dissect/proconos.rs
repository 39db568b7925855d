//! ProConOS, the runtime of KW-Software that many controllers have: the question who a controller is, and its answer.
//!
//! There is no public document; what loads and runs programs is not read. A conversation is known by that question.

use super::fields::{bytes, text};
use super::octets::find;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `service`.
const SERVICE: u8 = 0;

/// ProConOS.
pub static PROTOCOL: Protocol = Protocol {
    name: "proconos",
    title: "ProConOS (Phoenix Contact Software)",
    carriers: &[Carrier::Tcp(20_547)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "service", functions: SERVICES, default_class: Class::Other }],
    documents: &["Digital Bond, Redpoint, proconos-info.nse (question and places in the answer)"],
};

const SERVICES: &[Function] = &[function(INFORMATION, "read-controller-information", Class::Discover)];

/// The service of the question, as it stands in it.
const INFORMATION: u32 = 0x4002;
/// The question.
const QUESTION: &[u8; 10] = &[0xcc, 0x01, 0x00, 0x0b, 0x40, 0x02, 0x00, 0x00, 0x47, 0xee];
/// What an answer begins with.
const ANSWER: &[u8; 2] = &[0xcc, 0x01];
/// Octets of the answer up to the end of its last field.
const ANSWER_BYTES_MIN: usize = 106;
/// Where the answer has the name of the runtime.
const RUNTIME: usize = 12;

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct ProConOs;

impl Dissector for ProConOs {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if hint.stream && (data == QUESTION || is_answer(data)) {
            Likelihood::Certain
        } else {
            Likelihood::No
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading)
    }
}

fn is_answer(data: &[u8]) -> bool {
    data.starts_with(ANSWER)
        && data.len() >= ANSWER_BYTES_MIN
        && bytes(data, RUNTIME, 32).is_some_and(|runtime| find(runtime, b"ProConOS").is_some())
}

struct Reading;

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if data.starts_with(QUESTION) {
            facts.message(&PROTOCOL, SERVICE, INFORMATION, Direction::Request);
            return Progress::Consumed(QUESTION.len());
        }
        if QUESTION.starts_with(data) {
            return Progress::Need(data.len() + 1);
        }
        let begins = ANSWER.starts_with(data.get(..2).unwrap_or(data));
        if begins && data.len() < RUNTIME + 8 {
            return Progress::Need(RUNTIME + 8);
        }
        if begins && data.len() < ANSWER_BYTES_MIN && bytes(data, RUNTIME, 8) == Some(b"ProConOS") {
            return Progress::Need(ANSWER_BYTES_MIN);
        }
        if is_answer(data) {
            facts.message(&PROTOCOL, SERVICE, INFORMATION, Direction::Response);
            say_controller(data, from, facts);
            return Progress::Consumed(ANSWER_BYTES_MIN);
        }
        Progress::Consumed(data.len())
    }
}

/// Runtime with its version, type of the controller, project: each ended by a zero.
fn say_controller(data: &[u8], about: End, facts: &mut dyn Facts) {
    let field = |at: usize, length: usize| bytes(data, at, length).and_then(text);
    if let Some(runtime) = field(RUNTIME, 32) {
        facts.say(Fact::Identity { about, what: Identity::Version, value: &runtime });
    }
    if let Some(kind) = field(44, 32) {
        facts.say(Fact::Identity { about, what: Identity::Product, value: &kind });
    }
    if let Some(project) = field(77, 11) {
        facts.say(Fact::Property { name: "project", value: &project });
    }
}
