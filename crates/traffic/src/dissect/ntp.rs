//! NTP and SNTP: modes, versions, whether messages carry a check value, and the control and private messages.

use super::fields::{be16, be32, u8_at};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `mode`.
const MODE: u8 = 0;
/// The registered port.
const PORT: u16 = 123;
/// Header of a time message (RFC 5905 §7.3).
const TIME_BYTES: usize = 48;
/// Header of a control message (RFC 9327 §2).
const CONTROL_BYTES: usize = 12;
/// Header of a private message.
const PRIVATE_BYTES: usize = 8;
/// Mode of control messages.
const CONTROL: u8 = 6;
/// Mode of private messages.
const PRIVATE: u8 = 7;
/// Extension field of NTS that authenticates the message (RFC 8915 §5.6).
const NTS_AUTHENTICATOR: u16 = 0x0404;
/// Extension fields of one message that are looked at.
const EXTENSIONS_MAX: usize = 16;
/// Longest check value with its key's number: SHA-1 (RFC 5905 §7.3), and the 24 bytes of longer digests.
const CHECK_BYTES_MAX: usize = 24;

/// NTP.
pub static PROTOCOL: Protocol = Protocol {
    name: "ntp",
    title: "Network Time Protocol",
    carriers: &[Carrier::Udp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "mode", functions: MODES, default_class: Class::Other }],
    documents: &["RFC 5905", "RFC 4330", "RFC 8915", "RFC 9327"],
};

/// RFC 5905 §3; the same code twice: the first is the mode, the others what the operation makes of it.
const MODES: &[Function] = &[
    function(1, "symmetric-active", Class::Time),
    function(2, "symmetric-passive", Class::Time),
    function(3, "client", Class::Time),
    function(4, "server", Class::Time),
    function(5, "broadcast", Class::Time),
    function(6, "control", Class::Diagnose),
    function(6, CONFIGURE.0, CONFIGURE.1),
    function(7, "private", Class::Diagnose),
];

/// Control operations that write (RFC 9327 §2: write variables, configure, save configuration).
const CONFIGURE: (&str, Class) = ("control-write", Class::Configure);

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct Ntp;

impl Dissector for Ntp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let Some(head) = Head::read(data).filter(|_| !hint.stream && hint.port(PORT)) else {
            return Likelihood::No;
        };
        let least = match head.mode {
            CONTROL => CONTROL_BYTES,
            PRIVATE => PRIVATE_BYTES,
            _ => TIME_BYTES,
        };
        match (head.is_possible(), data.len() >= least) {
            (true, true) => Likelihood::Likely,
            (true, false) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading)
    }
}

/// The first byte.
#[derive(Debug, Clone, Copy)]
struct Head {
    version: u8,
    mode: u8,
    first: u8,
}

impl Head {
    fn read(data: &[u8]) -> Option<Self> {
        let first = u8_at(data, 0)?;
        Some(Self { version: first >> 3 & 7, mode: first & 7, first })
    }

    const fn is_possible(self) -> bool {
        self.version >= 1 && self.version <= 4 && self.mode >= 1
    }
}

struct Reading;

impl Conversation for Reading {
    fn read(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(head) = Head::read(data).filter(|head| head.is_possible()) else {
            facts.say(Fact::Anomaly { what: "ntp-header" });
            return Progress::Consumed(data.len());
        };
        let least = match head.mode {
            CONTROL => CONTROL_BYTES,
            PRIVATE => PRIVATE_BYTES,
            _ => TIME_BYTES,
        };
        if data.len() < least {
            return Progress::Need(least);
        }
        say(head, data, facts);
        if head.mode < CONTROL {
            facts.say(Fact::Authenticated(is_authenticated(data)));
        }
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some(head) = Head::read(data).filter(|head| head.is_possible()) {
            say(head, data, facts);
        }
    }

    fn gap(&mut self, _from: End) -> bool {
        true
    }
}

fn say(head: Head, data: &[u8], facts: &mut dyn Facts) {
    let operation = u8_at(data, 1).unwrap_or_default();
    let direction = match head.mode {
        3 => Direction::Request,
        4 => Direction::Response,
        // Bit 7 of the second byte says response in control messages, of the first in private ones.
        CONTROL if operation & 0x80 != 0 => Direction::Response,
        PRIVATE if head.first & 0x80 != 0 => Direction::Response,
        CONTROL | PRIVATE => Direction::Request,
        _ => Direction::None,
    };
    let writes = head.mode == CONTROL && matches!(operation & 0x1f, 3 | 5 | 8 | 9);
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: MODE,
        code: Code::Number(u32::from(head.mode)),
        direction,
        meaning: writes.then_some(CONFIGURE),
    }));
    let version = match head.version {
        1 => "1",
        2 => "2",
        3 => "3",
        _ => "4",
    };
    facts.say(Fact::Property { name: "ntp-version", value: version });
}

/// Whether a time message carries a check value: a key's number and a digest at its end, or the field of NTS.
fn is_authenticated(data: &[u8]) -> bool {
    let mut at = TIME_BYTES;
    for _ in 0..EXTENSIONS_MAX {
        let left = data.len().saturating_sub(at);
        if left <= CHECK_BYTES_MAX {
            return left >= 20 && be32(data, at).is_some_and(|key| key != 0);
        }
        let (Some(kind), Some(length)) = (be16(data, at), be16(data, at + 2)) else { return false };
        if kind == NTS_AUTHENTICATOR {
            return true;
        }
        if length < 16 || length % 4 != 0 {
            return false;
        }
        at += usize::from(length);
    }
    false
}
