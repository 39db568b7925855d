//! Modbus/TCP, and the serial frames of Modbus RTU and Modbus ASCII carried over TCP.
//!
//! Owns the framing (MBAP header, serial frames with their check sums) and the question who asks and who answers, which the PDU does
//! not say: the port tells, else a PDU that only one side can send, else who began. Leaves what a PDU shows to `pdu`, and what
//! function 90 carries to `umas`.

mod ascii;
mod pdu;
mod protocol;
mod umas;

pub use protocol::PROTOCOL;

use self::protocol::{EXCEPTION, FUNCTION, MEI_TYPE, UMAS_FUNCTION};
use super::fields::{be16, rest};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Message};
use crate::protocol::Protocol;

/// The registered port.
const PORT: u16 = 502;
/// Length of the MBAP header before the unit identifier (Messaging on TCP/IP §3.1.3).
const HEADER_BYTES: usize = 6;
/// Unit identifier and function code: the least that a length may count.
const LENGTH_MIN: usize = 2;
/// The most that a length may count: unit identifier and the largest PDU (V1.1b3 §4.1). Off the registered port it must hold.
const LENGTH_MAX: usize = 254;
/// The most that is taken on the registered port: UMAS uses larger PDUs than the specification allows.
const LENGTH_MAX_EXTENDED: usize = 2048;
/// The largest serial frame (Serial Line V1.02 §2.5.1).
const SERIAL_BYTES_MAX: usize = 256;
/// Shortest serial frame: address, function, CRC.
const SERIAL_BYTES_MIN: usize = 4;

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct Modbus;

impl Dissector for Modbus {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let by_port = hint.port(PORT);
        match Header::read(data) {
            Some(header) if by_port && header.is_possible() && data.len() > HEADER_BYTES + 1 => {
                Likelihood::Likely
            }
            Some(header) if header.is_possible() && describes_itself(data, header) => Likelihood::Likely,
            None if by_port && be16(data, 2).is_none_or(|protocol| protocol == 0) => Likelihood::Port,
            _ if hint.stream && (is_serial(data) || is_ascii(data)) => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let server = match (hint.source_port == PORT, hint.destination_port == PORT) {
            (true, false) => Some(hint.from),
            (false, true) => Some(hint.from.other()),
            _ => None,
        };
        Box::new(Reading {
            stream: hint.stream,
            framing: None,
            server,
            searching: [false; 2],
            umas: umas::Outstanding::default(),
        })
    }
}

/// The part of the MBAP header that tells one.
#[derive(Debug, Clone, Copy)]
struct Header {
    protocol: u16,
    length: usize,
}

impl Header {
    fn read(data: &[u8]) -> Option<Self> {
        Some(Self { protocol: be16(data, 2)?, length: usize::from(be16(data, 4)?) })
    }

    const fn is_possible(self) -> bool {
        self.protocol == 0 && self.length >= LENGTH_MIN && self.length <= LENGTH_MAX_EXTENDED
    }

    const fn whole(self) -> usize {
        HEADER_BYTES + self.length
    }
}

/// Whether `data` begins with one whole message that looks as the specification says, and nothing but such a one follows.
fn describes_itself(data: &[u8], header: Header) -> bool {
    let Some(message) = data.get(..header.whole()) else { return false };
    let pdu = rest(message, HEADER_BYTES + 1);
    let next = rest(data, header.whole());
    let followed = next.is_empty() || Header::read(next).is_some_and(Header::is_possible);
    header.length <= LENGTH_MAX
        && pdu::is_described(pdu)
        && matches!(pdu::fits(pdu), (true, _) | (_, true))
        && followed
}

/// Whether `data` is one serial frame: its check sum is right and its function looks as the specification says.
fn is_serial(data: &[u8]) -> bool {
    (SERIAL_BYTES_MIN..=SERIAL_BYTES_MAX).contains(&data.len())
        && data.first().is_some_and(|address| *address <= 247)
        && pdu::serial_frame(data) == Some(data.len())
        && !is_counted(data)
        && data
            .get(1..data.len() - 2)
            .is_some_and(|pdu| pdu::is_described(pdu) && matches!(pdu::fits(pdu), (true, _) | (_, true)))
}

/// Whether the sixth byte counts the data between a head of six bytes and the check sum: so look the messages of ROC Plus
/// (Emerson A6127, §1), which use the same check sum and would pass for the frames of Modbus otherwise.
fn is_counted(data: &[u8]) -> bool {
    data.get(5).is_some_and(|count| usize::from(*count) + 8 == data.len())
}

/// Whether `data` is one frame in letters whose check sum is right and whose function looks as the specification says.
fn is_ascii(data: &[u8]) -> bool {
    ascii::end(data) == Some(data.len())
        && ascii::frame(data).is_some_and(|frame| {
            pdu::is_described(frame.pdu()) && matches!(pdu::fits(frame.pdu()), (true, _) | (_, true))
        })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Mbap,
    Serial,
    Ascii,
}

struct Reading {
    stream: bool,
    framing: Option<Framing>,
    /// Who answers, as far as is known.
    server: Option<End>,
    /// Per direction: the beginning of the next message must be looked for.
    searching: [bool; 2],
    umas: umas::Outstanding,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let framing = *self.framing.get_or_insert_with(|| {
            if self.stream && is_serial(data) {
                Framing::Serial
            } else if self.stream && ascii::frame(data).is_some() {
                Framing::Ascii
            } else {
                Framing::Mbap
            }
        });
        match framing {
            Framing::Mbap => self.read_mbap(from, data, facts),
            Framing::Serial => self.read_serial(from, data, facts),
            Framing::Ascii => self.read_ascii(from, data, facts),
        }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        match self.framing {
            Some(Framing::Serial) => self.say(from, 0, rest(data, 1), facts),
            Some(Framing::Ascii) => return,
            _ if Header::read(data).is_some_and(Header::is_possible) => {
                self.say(from, be16(data, 0).unwrap_or_default(), rest(data, HEADER_BYTES + 1), facts)
            }
            _ => return,
        };
    }

    fn gap(&mut self, from: End) -> bool {
        self.searching = match from {
            End::Initiator => [true, self.searching[1]],
            End::Responder => [self.searching[0], true],
        };
        true
    }
}

impl Reading {
    fn searching(&mut self, from: End) -> &mut bool {
        let [initiator, responder] = &mut self.searching;
        match from {
            End::Initiator => initiator,
            End::Responder => responder,
        }
    }

    fn read_mbap(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(header) = Header::read(data) else { return Progress::Need(HEADER_BYTES + 2) };
        if *self.searching(from) {
            if !is_beginning(data) {
                return Progress::Consumed(next_beginning(data));
            }
            *self.searching(from) = false;
        }
        if !header.is_possible() {
            facts.say(Fact::Anomaly { what: "modbus-header" });
            *self.searching(from) = true;
            return Progress::Consumed(next_beginning(data));
        }
        let Some(message) = data.get(..header.whole()) else { return Progress::Need(header.whole()) };
        let pdu = rest(message, HEADER_BYTES + 1);
        let direction = self.say(from, be16(message, 0).unwrap_or_default(), pdu, facts);
        self.say_more(from, pdu, direction, facts);
        Progress::Consumed(message.len())
    }

    fn read_serial(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(length) = pdu::serial_frame(data) else {
            if data.len() < SERIAL_BYTES_MIN {
                return Progress::Need(SERIAL_BYTES_MIN);
            }
            let (request, response) = pdu::lengths(rest(data, 1));
            if let Some(length) = request
                .max(response)
                .map(|length| length + 3)
                .filter(|length| *length > data.len() && *length <= SERIAL_BYTES_MAX)
            {
                return Progress::Need(length);
            }
            facts.say(Fact::Anomaly { what: "modbus-check-sum" });
            return Progress::Consumed(data.len());
        };
        let pdu = data.get(1..length.saturating_sub(2)).unwrap_or_default();
        let direction = self.say(from, 0, pdu, facts);
        self.say_more(from, pdu, direction, facts);
        Progress::Consumed(length)
    }

    fn read_ascii(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(end) = ascii::end(data) else {
            if data.len() < ascii::FRAME_BYTES_MAX {
                return Progress::Need(data.len() + 1);
            }
            facts.say(Fact::Anomaly { what: "modbus-frame" });
            return Progress::Consumed(data.len());
        };
        match data.get(..end).and_then(ascii::frame) {
            Some(frame) => {
                let direction = self.say(from, 0, frame.pdu(), facts);
                self.say_more(from, frame.pdu(), direction, facts);
            }
            None => facts.say(Fact::Anomaly { what: "modbus-check-sum" }),
        }
        Progress::Consumed(end)
    }

    /// Says the PDU's function, of which at least the code is there. A serial line has one transaction at a time.
    fn say(&mut self, from: End, transaction: u16, pdu: &[u8], facts: &mut dyn Facts) -> Direction {
        let Some(function) = pdu::function_code(pdu) else { return Direction::None };
        let direction = self.direction(from, pdu, facts);
        if u32::from(function) == UMAS_FUNCTION && !pdu::is_exception(pdu) {
            self.umas.say(transaction, pdu, direction, from, facts);
            return direction;
        }
        facts.say(Fact::Message(Message {
            protocol: &PROTOCOL,
            element: FUNCTION,
            code: Code::Number(u32::from(function)),
            direction,
            meaning: pdu::meaning(pdu),
        }));
        if let Some(mei_type) = pdu::mei_type(pdu) {
            facts.message(&PROTOCOL, MEI_TYPE, u32::from(mei_type), direction);
        }
        match pdu::exception_code(pdu) {
            Some(code) if direction == Direction::Response => {
                facts.message(&PROTOCOL, EXCEPTION, u32::from(code), direction)
            }
            _ => {}
        }
        direction
    }

    /// Says what only a whole PDU shows.
    fn say_more(&self, from: End, pdu: &[u8], direction: Direction, facts: &mut dyn Facts) {
        let (request, response) = pdu::fits(pdu);
        let fits = if direction == Direction::Request { request } else { response };
        if pdu::is_described(pdu) && !fits {
            facts.say(Fact::Anomaly { what: "modbus-malformed" });
        } else if direction == Direction::Response {
            pdu::say_identity(pdu, from, facts);
        }
    }

    fn direction(&mut self, from: End, pdu: &[u8], facts: &mut dyn Facts) -> Direction {
        if self.server.is_none() {
            let server = match pdu::fits(pdu) {
                (false, true) => Some(from),
                (true, false) => Some(from.other()),
                _ => None,
            };
            if let Some(server) = server {
                self.server = Some(server);
                facts.say(Fact::Initiator(server.other()));
            }
        }
        if from == self.server.unwrap_or(End::Responder) { Direction::Response } else { Direction::Request }
    }
}

/// Whether a message may begin here, after bytes were lost.
fn is_beginning(data: &[u8]) -> bool {
    let Some(header) = Header::read(data) else { return false };
    let next = rest(data, header.whole());
    header.is_possible()
        && header.length <= LENGTH_MAX
        && data.get(HEADER_BYTES + 1).is_some_and(|code| code & 0x7f != 0)
        && Header::read(next).is_none_or(Header::is_possible)
}

/// How many bytes to let go until a message begins that looks as the specification says: all, if none does.
fn next_beginning(data: &[u8]) -> usize {
    let begins = |at: &usize| {
        let data = rest(data, *at);
        Header::read(data).is_some_and(|header| header.is_possible() && describes_itself(data, header))
    };
    (1..data.len()).find(begins).unwrap_or(data.len())
}
