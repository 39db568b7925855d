//! Genisys of rail signalling: a master polls stations, which tell indications and take controls.
//!
//! A header octet says what the message is, 0xf6 ends it; octets of 0xf0 and more are escaped; a check sum secures it,
//! except acknowledgements and polls of the unsecured mode.

use super::check_sums::crc16;
use super::fields::rest;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `message`.
const MESSAGE: u8 = 0;

/// Genisys.
pub static PROTOCOL: Protocol = Protocol {
    name: "genisys",
    title: "Genisys (rail signalling)",
    carriers: &[Carrier::Tcp(PORT), Carrier::Udp(PORT)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "message", functions: MESSAGES, default_class: Class::Other }],
    documents: &[
        "ICSNPP, parser of Genisys (headers, escapes, check sum)",
        "Union Switch & Signal, Genisys protocol",
    ],
};

/// Header octets: those of stations, then those of the master.
const MESSAGES: &[Function] = &[
    function(0xf1, "acknowledge", Class::Session),
    function(0xf2, "indication-data", Class::Read),
    function(0xf3, "control-checkback", Class::Write),
    function(0xfa, "acknowledge-and-poll", Class::Read),
    function(0xfb, "poll", Class::Read),
    function(0xfc, "control-data", Class::Write),
    function(0xfd, "recall", Class::Read),
    function(0xfe, "execute-controls", Class::Operate),
];

/// Where Genisys is met over TCP.
const PORT: u16 = 10_001;
/// Ends a message.
const END: u8 = 0xf6;
/// The low half of the next octet is that of an octet of 0xf0 and more.
const ESCAPE: u8 = 0xf0;
/// The longest message: header, station, 256 pairs of address and value, all escaped, check sum, end.
const MESSAGE_BYTES_MAX: usize = 1100;
/// Octets of a message without escapes that are looked at.
const PLAIN_BYTES_MAX: usize = 600;

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct Genisys;

impl Dissector for Genisys {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        match message(data) {
            Some((Check::Holds, _)) => Likelihood::Likely,
            Some((Check::None, _)) if hint.port(PORT) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading)
    }
}

/// What a message's check sum says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    Holds,
    Fails,
    /// There is none: the message has its station only.
    None,
}

/// The message that `data` begins with: its check and its length.
fn message(data: &[u8]) -> Option<(Check, usize)> {
    let (first, within) = data.get(..data.len().min(MESSAGE_BYTES_MAX))?.split_first()?;
    PROTOCOL.function(MESSAGE, u32::from(*first))?;
    let end = within.iter().position(|octet| *octet == END)?;
    let mut plain = [0; PLAIN_BYTES_MAX];
    let mut length = 0;
    let mut escaped = false;
    for octet in [*first].iter().chain(within.get(..end)?) {
        if length > 0 && !escaped && *octet == ESCAPE {
            escaped = true;
            continue;
        }
        *plain.get_mut(length)? = if std::mem::take(&mut escaped) { ESCAPE | *octet } else { *octet };
        length += 1;
    }
    if escaped {
        // Some do not escape the check sum.
        *plain.get_mut(length)? = ESCAPE;
        length += 1;
    }
    let plain = plain.get(..length)?;
    let check = match plain {
        [0xf1 | 0xfb, _] => Check::None,
        [head @ .., low, high] if head.len() >= 2 && [*low, *high] == crc16(head).to_le_bytes() => {
            Check::Holds
        }
        _ => Check::Fails,
    };
    Some((check, end + 2))
}

struct Reading;

impl Conversation for Reading {
    fn read(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let known = data.first().filter(|first| PROTOCOL.function(MESSAGE, u32::from(**first)).is_some());
        let Some(first) = known else {
            facts.say(Fact::Anomaly { what: "genisys-header" });
            return Progress::Consumed(next_beginning(data));
        };
        match message(data) {
            Some((Check::Fails, length)) => {
                facts.say(Fact::Anomaly { what: "genisys-check-sum" });
                Progress::Consumed(length)
            }
            Some((_, length)) => {
                let direction = if *first < 0xf8 { Direction::Response } else { Direction::Request };
                facts.message(&PROTOCOL, MESSAGE, u32::from(*first), direction);
                Progress::Consumed(length)
            }
            None if data.len() < MESSAGE_BYTES_MAX && !data.contains(&END) => Progress::Need(data.len() + 1),
            None => {
                facts.say(Fact::Anomaly { what: "genisys-length" });
                Progress::Consumed(next_beginning(data))
            }
        }
    }

    fn gap(&mut self, _from: End) -> bool {
        true
    }
}

/// Behind the next end, or all.
fn next_beginning(data: &[u8]) -> usize {
    rest(data, 1).iter().position(|octet| *octet == END).map_or(data.len(), |at| at + 2)
}
