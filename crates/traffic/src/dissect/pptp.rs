//! PPTP's control connection (RFC 2637): who opens tunnels to whom, and what both say they are. The tunnels themselves
//! are GRE.

use super::fields::{be16, bytes, text};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The registered port.
const PORT: u16 = 1723;
/// Index of the element that counts messages.
const MESSAGE: u8 = 0;
/// What every message has behind its length and type (2).
const COOKIE: [u8; 4] = [0x1A, 0x2B, 0x3C, 0x4D];
/// Octets of a header; of the longest message (2.2: start of a connection; 2.7: call out).
const HEADER_LENGTH: usize = 12;
const LENGTH_MAX: usize = 256;
/// Where the names of host and vendor stand, and how long they are (2.1).
const HOST: usize = 28;
const VENDOR: usize = 92;
const NAME_LENGTH: usize = 64;

/// PPTP.
pub static PROTOCOL: Protocol = Protocol {
    name: "pptp",
    title: "Point-to-point tunneling protocol",
    carriers: &[Carrier::Tcp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Never,
    elements: &[Element { name: "message", functions: MESSAGES, default_class: Class::Session }],
    documents: &["RFC 2637, 2 (control connection)"],
};

/// Messages (RFC 2637, 2).
const MESSAGES: &[Function] = &[
    function(1, "start-connection-request", Class::Session),
    function(2, "start-connection-reply", Class::Session),
    function(3, "stop-connection-request", Class::Session),
    function(4, "stop-connection-reply", Class::Session),
    function(5, "echo-request", Class::Session),
    function(6, "echo-reply", Class::Session),
    function(7, "outgoing-call-request", Class::Session),
    function(8, "outgoing-call-reply", Class::Session),
    function(9, "incoming-call-request", Class::Session),
    function(10, "incoming-call-reply", Class::Session),
    function(11, "incoming-call-connected", Class::Session),
    function(12, "call-clear-request", Class::Session),
    function(13, "call-disconnect-notify", Class::Session),
    function(14, "error-notify", Class::Session),
    function(15, "set-link-information", Class::Session),
];

/// The reader of PPTP.
#[derive(Debug)]
pub struct Pptp;

impl Dissector for Pptp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        match length(data) {
            Some(_) if hint.stream && data.len() >= HEADER_LENGTH => Likelihood::Certain,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader)
    }
}

/// How long the message is that begins here.
fn length(data: &[u8]) -> Option<usize> {
    let length = usize::from(be16(data, 0)?);
    let good = bytes(data, 2, 2)? == [0, 1]
        && bytes(data, 4, 4)? == COOKIE
        && (HEADER_LENGTH..=LENGTH_MAX).contains(&length);
    good.then_some(length)
}

/// One conversation being read.
struct Reader;

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if data.len() < HEADER_LENGTH {
            return Progress::Need(HEADER_LENGTH);
        }
        let Some(length) = length(data) else {
            facts.say(Fact::Anomaly { what: "pptp-header" });
            return Progress::Lost;
        };
        let Some(message) = data.get(..length) else { return Progress::Need(length) };
        self.cut(from, message, facts);
        Progress::Consumed(length)
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        let (Some(_), Some(kind)) = (length(data), be16(data, 8)) else { return };
        let direction = match kind {
            1 | 3 | 5 | 7 | 9 | 12 => Direction::Request,
            2 | 4 | 6 | 8 | 10 => Direction::Response,
            _ => Direction::None,
        };
        facts.message(&PROTOCOL, MESSAGE, u32::from(kind), direction);
        if PROTOCOL.function(MESSAGE, u32::from(kind)).is_none() {
            facts.say(Fact::Anomaly { what: "pptp-message" });
        }
        // Either side may ask for an echo or call the other; who starts the connection began.
        match kind {
            1 => facts.say(Fact::Initiator(from)),
            2 => facts.say(Fact::Initiator(from.other())),
            _ => return,
        }
        for (what, at) in [(Identity::Name, HOST), (Identity::Vendor, VENDOR)] {
            if let Some(value) = bytes(data, at, NAME_LENGTH).and_then(text) {
                facts.say(Fact::Identity { about: from, what, value: &value });
            }
        }
    }

    fn gap(&mut self, _from: End) -> bool {
        false
    }
}
