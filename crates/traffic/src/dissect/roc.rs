//! ROC and ROC Plus: Emerson's flow computers and remote operations controllers, over TCP and UDP.
//!
//! Owns the message (addresses, opcode, length, check) and whether a login carries a password. Values of parameters are
//! not read. A message does not say whether it asks: the device is the end that listens at the protocol's port.

use super::check_sums::crc16;
use super::octets::Octets;
use super::sides::InStep;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The port that devices listen at.
const PORT: u16 = 4000;
/// Octets before the data: destination's and source's unit and group, opcode, length (ROC Plus specification, 2.1).
const HEAD: usize = 6;
/// Octets of the check.
const CHECK: usize = 2;

/// Index of the element that counts opcodes.
const OPCODE: u8 = 0;

/// ROC Plus.
pub static PROTOCOL: Protocol = Protocol {
    name: "roc",
    title: "ROC / ROC Plus",
    carriers: &[Carrier::Tcp(PORT), Carrier::Udp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "opcode", functions: OPCODES, default_class: Class::Other }],
    documents: &[
        "Emerson, ROC Plus Protocol Specification Manual (A6127), 2 (messages, opcodes)",
        "Emerson, ROC Protocol User Manual (A4199), 2 and 3 (opcodes of earlier devices)",
    ],
};

/// Opcodes, in ascending order (A6127, 2.3; those of earlier devices: A4199, 3).
const OPCODES: &[Function] = &[
    function(6, "system-configuration", Class::Discover),
    function(7, "read-real-time-clock", Class::Time),
    function(8, "set-real-time-clock", Class::Time),
    function(10, "read-configurable-opcode-data", Class::Read),
    function(11, "write-configurable-opcode-data", Class::Write),
    function(17, "login", Class::Authenticate),
    function(24, "store-and-forward", Class::Other),
    function(50, "request-io-point-position", Class::Read),
    function(100, "access-user-defined-information", Class::Read),
    function(103, "system-information", Class::Discover),
    function(105, "request-minimum-and-maximum-values", Class::Read),
    function(107, "request-history-point-number", Class::Read),
    function(108, "request-history-tag-and-index", Class::Read),
    function(118, "request-alarm-data", Class::Alarm),
    function(119, "request-event-data", Class::Alarm),
    function(120, "request-alarm-event-and-history-pointers", Class::Read),
    function(121, "request-alarms", Class::Alarm),
    function(122, "request-events", Class::Alarm),
    function(126, "request-history-of-last-hour", Class::Read),
    function(128, "request-history-of-a-day", Class::Read),
    function(130, "request-archived-history", Class::Read),
    function(135, "request-history-of-a-point", Class::Read),
    function(136, "request-history-of-points", Class::Read),
    function(137, "request-history-index-of-a-day", Class::Read),
    function(138, "request-daily-and-periodic-history", Class::Read),
    function(139, "history-information", Class::Read),
    function(165, "history-configuration", Class::Other),
    function(166, "write-parameters-of-a-point", Class::Write),
    function(167, "read-parameters-of-a-point", Class::Read),
    function(180, "read-parameters", Class::Read),
    function(181, "write-parameters", Class::Write),
    function(203, "file-transfer", Class::File),
    function(205, "peer-to-peer-message", Class::Other),
    function(206, "read-transaction-history", Class::Read),
    function(224, "spontaneous-report-by-exception", Class::Alarm),
    function(225, "acknowledge-report-by-exception", Class::Alarm),
    function(255, "error", Class::Other),
];

const LOGIN: u8 = 17;
const REPORT: u8 = 224;
const ACKNOWLEDGE: u8 = 225;

/// The reader of ROC Plus.
#[derive(Debug)]
pub struct Roc;

impl Dissector for Roc {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if data.get(4).is_none_or(|opcode| !is_known(*opcode)) {
            return Likelihood::No;
        }
        let Some(message) = Message::read(data) else { return Likelihood::No };
        let fits = hint.stream || data.len() == message.length;
        match (message.sound && fits, hint.port(PORT)) {
            (true, true) => Likelihood::Certain,
            // Elsewhere sixteen bits of check are not enough for what every protocol's messages are asked.
            (true, false) if message.follows(data) && message.is_addressed(data) => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let device = match (hint.source_port == PORT, hint.destination_port == PORT) {
            (true, false) => hint.from,
            (false, true) => hint.from.other(),
            _ => End::Responder,
        };
        Box::new(Reader { stream: hint.stream, device, in_step: InStep::default() })
    }
}

fn is_known(opcode: u8) -> bool {
    OPCODES.binary_search_by_key(&u32::from(opcode), |known| known.code).is_ok()
}

/// A message.
struct Message<'a> {
    opcode: u8,
    data: &'a [u8],
    length: usize,
    /// Does the check agree?
    sound: bool,
}

impl<'a> Message<'a> {
    /// The message at the start of these octets, if it is whole.
    fn read(data: &'a [u8]) -> Option<Self> {
        let mut octets = Octets::new(data);
        let [.., opcode, length] = octets.array::<HEAD>()?;
        let content = octets.take(usize::from(length))?;
        let check = octets.u16_le()?;
        let length = HEAD + content.len() + CHECK;
        let sound = data.get(..length - CHECK).is_some_and(|covered| crc16(covered) == check);
        Some(Self { opcode, data: content, length, sound })
    }

    /// Does nothing, or another sound message, follow?
    fn follows(&self, data: &[u8]) -> bool {
        match data.get(self.length..) {
            None | Some([]) => true,
            Some(next) => Message::read(next).is_some_and(|next| next.sound && is_known(next.opcode)),
        }
    }

    /// Are the four octets of addresses such as devices and hosts have: not all alike, none empty?
    fn is_addressed(&self, data: &[u8]) -> bool {
        data.get(..4).is_some_and(|addresses| {
            addresses.iter().all(|octet| *octet != 0)
                && addresses.windows(2).any(|pair| pair.first() != pair.last())
        })
    }
}

/// One conversation being read.
struct Reader {
    stream: bool,
    /// The end that is the device.
    device: End,
    in_step: InStep,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(message) = Message::read(data) else {
            let length = data.get(5).map_or(HEAD + CHECK, |length| HEAD + usize::from(*length) + CHECK);
            if self.stream && data.get(4).is_some_and(|opcode| !is_known(*opcode)) {
                self.in_step.fails(from, "roc-opcode", facts);
                return Progress::Lost;
            }
            return Progress::Need(length);
        };
        if !message.sound {
            self.in_step.fails(from, "roc-check", facts);
            return if is_known(message.opcode) {
                Progress::Consumed(message.length)
            } else {
                Progress::Lost
            };
        }
        self.in_step.found(from);
        self.say(from, message.opcode, message.data, facts);
        if !self.stream && data.len() > message.length {
            facts.say(Fact::Anomaly { what: "roc-length" });
            return Progress::Consumed(data.len());
        }
        Progress::Consumed(message.length)
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some(&opcode) = data.get(4).filter(|opcode| is_known(**opcode)) {
            self.say(from, opcode, &[], facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        self.in_step.lost(from);
        // Messages begin with segments: the next that looks like one is taken up.
        false
    }
}

impl Reader {
    fn say(&self, from: End, opcode: u8, data: &[u8], facts: &mut dyn Facts) {
        // A device reports of itself, and is acknowledged.
        let direction = match opcode {
            REPORT | ACKNOWLEDGE => Direction::None,
            _ if from == self.device => Direction::Response,
            _ => Direction::Request,
        };
        facts.message(&PROTOCOL, OPCODE, u32::from(opcode), direction);
        if opcode == LOGIN && direction == Direction::Request && has_password(data) {
            facts.say(Fact::ClearTextCredential { what: "password" });
        }
    }
}

/// Does a login carry a password? Three letters and a number of two octets, or, since there are longer ones, 30 letters
/// and a password of 30 octets and more; logging out repeats both (A6127, opcode 17). Requests and answers of session
/// keys carry none.
fn has_password(data: &[u8]) -> bool {
    let short = matches!(data.len(), 5..=11) && data.get(3..5).is_some_and(|password| password != [0, 0]);
    let long = data.len() >= 60
        && data.get(30..60).is_some_and(|password| password.iter().any(|octet| !matches!(octet, 0 | b' ')));
    short || long
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opcodes_stand_in_order() {
        assert!(OPCODES.is_sorted_by(|a, b| a.code < b.code));
    }
}
