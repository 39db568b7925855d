//! PC Worx of Phoenix Contact: messages of the engineering tool to inline controllers (ILC, AXC).
//!
//! There is no public document. What is read is what public scanners send, and what the length fields of published
//! answers confirm: a mark that asks or answers, a service, the length of all.

use super::fields::{be16, bytes, text, u8_at};
use super::octets::find;
use super::sides::Sides;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `service`.
const SERVICE: u8 = 0;

/// PC Worx.
pub static PROTOCOL: Protocol = Protocol {
    name: "pcworx",
    title: "PC Worx (Phoenix Contact)",
    carriers: &[Carrier::Tcp(PORT)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "service", functions: SERVICES, default_class: Class::Other }],
    documents: &[
        "Nmap, pcworx-info.nse (beginning of a session, and where the answer has type and firmware)",
    ],
};

const SERVICES: &[Function] = &[
    function(0x01, "begin-session", Class::Session),
    function(0x05, "open-service", Class::Session),
    function(INFORMATION, "read-controller-information", Class::Discover),
];

/// Who the controller is.
const INFORMATION: u32 = 0x06;
/// The port of inline controllers.
const PORT: u16 = 1962;
/// Marks of asking and answering.
const ASKS: u8 = 0x01;
const ANSWERS: u8 = 0x81;
/// Mark, service, length, two numbers.
const HEADER_BYTES: usize = 8;
/// The most that a length is believed.
const LENGTH_MAX: usize = 8192;
/// What the first request says of who asks.
const CLIENT: &[u8] = b"IBETH01N0_M";

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct PcWorx;

impl Dissector for PcWorx {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let Some(length) = length(data).filter(|_| hint.stream) else { return Likelihood::No };
        let whole = length == data.len();
        if whole && data.starts_with(&[ASKS, 1]) && find(data, CLIENT).is_some() {
            Likelihood::Certain
        } else if whole && hint.port(PORT) {
            Likelihood::Likely
        } else {
            Likelihood::No
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading { searching: Sides::new(false, false) })
    }
}

/// The length that the head says, if a message may begin here.
fn length(data: &[u8]) -> Option<usize> {
    let length = usize::from(be16(data, 2)?);
    let holds = matches!(u8_at(data, 0)?, ASKS | ANSWERS) && (HEADER_BYTES..=LENGTH_MAX).contains(&length);
    holds.then_some(length)
}

struct Reading {
    /// Only a segment that is a message is taken up again.
    searching: Sides<bool>,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let searching = self.searching.of(from);
        let begins = matches!(data.first(), Some(&(ASKS | ANSWERS)));
        if begins && !*searching && data.len() < 4 {
            return Progress::Need(4);
        }
        let Some(length) = length(data).filter(|length| !*searching || *length == data.len()) else {
            if !std::mem::replace(searching, true) {
                facts.say(Fact::Anomaly { what: "pcworx-header" });
            }
            return Progress::Consumed(data.len());
        };
        let Some(message) = data.get(..length) else { return Progress::Need(length) };
        *searching = false;
        say(message, from, facts);
        Progress::Consumed(length)
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if length(data).is_some() {
            say(data, from, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        *self.searching.of(from) = true;
        true
    }
}

fn say(message: &[u8], about: End, facts: &mut dyn Facts) {
    let Some(service) = u8_at(message, 1).map(u32::from) else { return };
    let answers = message.first() == Some(&ANSWERS);
    let direction = if answers { Direction::Response } else { Direction::Request };
    facts.message(&PROTOCOL, SERVICE, service, direction);
    if answers && service == INFORMATION {
        say_controller(message, about, facts);
    }
}

/// Type, firmware and order number, each ended by a zero.
fn say_controller(message: &[u8], about: End, facts: &mut dyn Facts) {
    let field = |at: usize, length: usize| bytes(message, at, length).and_then(text);
    let Some(kind) = field(30, 36) else { return };
    facts.say(Fact::Identity { about, what: Identity::Vendor, value: "Phoenix Contact" });
    facts.say(Fact::Identity { about, what: Identity::Product, value: &kind });
    if let Some(version) = field(66, 13) {
        facts.say(Fact::Identity { about, what: Identity::Version, value: &version });
    }
    if let Some(number) = field(152, 8) {
        facts.say(Fact::Property { name: "order-number", value: &number });
    }
}
