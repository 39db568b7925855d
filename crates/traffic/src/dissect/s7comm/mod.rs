//! S7comm over TPKT and COTP (ISO on TCP), and the naming of S7comm-plus.
//!
//! Owns what is S7's own above the transport of `iso`. Port 102 also carries MMS (IEC 61850) and other users of the ISO
//! transport: a conversation is claimed only when its content, or the selectors of its connection, are S7's.

mod plus;
mod protocol;
mod szl;

pub use protocol::{PLUS, PROTOCOL};

use self::protocol::{ERROR, FUNCTION, MESSAGE, PASSWORD, PI_SERVICE, READ_SZL, USERDATA_GROUP, group};
use super::asked::Asked;
use super::fields::{be16, bytes, rest, u8_at};
use super::iso::{self, Framed, Framing, Kind, TPKTS_PROBED_MAX, Tpdu};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Message};
use crate::protocol::{Function, Protocol};

/// The registered port of ISO on TCP.
const PORT: u16 = 102;
/// First byte of an S7comm message.
const S7: u8 = 0x32;
/// First byte of an S7comm-plus message.
const S7_PLUS: u8 = 0x72;
/// Header of a job or user data; acknowledgements have an error class and code more.
const HEADER_BYTES: usize = 10;
/// Header of an acknowledgement.
const ACK_HEADER_BYTES: usize = 12;

/// The dissector of S7comm.
#[derive(Debug, Clone, Copy)]
pub struct S7comm;

/// The dissector of S7comm-plus.
#[derive(Debug, Clone, Copy)]
pub struct S7commPlus;

impl Dissector for S7comm {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL, &PLUS];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        match look(data, hint) {
            Look::S7 => Likelihood::Certain,
            Look::Transport if hint.port(PORT) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading::default())
    }
}

impl Dissector for S7commPlus {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PLUS, &PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        match look(data, hint) {
            Look::Plus => Likelihood::Certain,
            Look::Transport if hint.port(PORT) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading::default())
    }
}

/// What the first bytes of a direction show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// A message of S7comm.
    S7,
    /// A message of S7comm-plus, or a connection to a device by the name that only such have.
    Plus,
    /// Data units without a beginning of a message: S7's as well as anybody's, in the middle of a conversation.
    Transport,
    /// Neither, or a connection that may become anything: the first data will tell.
    Other,
}

fn look(data: &[u8], hint: &Hint) -> Look {
    let mut data = data;
    for _ in 0..TPKTS_PROBED_MAX {
        let Some(length) = iso::tpkt_length(data).filter(|_| hint.stream && iso::is_reserved_unused(data))
        else {
            return Look::Other;
        };
        let Some(tpdu) = Tpdu::read(data.get(..length).unwrap_or(data)) else { return Look::Other };
        match (tpdu.kind, tpdu.data) {
            (Kind::Data, [S7, 1 | 2 | 3 | 7, ..]) => return Look::S7,
            (Kind::Data, [S7_PLUS, 1..=3 | 0xfe, ..]) => return Look::Plus,
            (Kind::Data, []) if data.len() >= length => return Look::Transport,
            (Kind::Data, _) => return Look::Other,
            (Kind::ConnectionRequest, _)
                if tpdu.called().is_some_and(|called| called.starts_with(b"SIMATIC-ROOT")) =>
            {
                return Look::Plus;
            }
            _ => data = rest(data, length),
        }
    }
    Look::Other
}

#[derive(Debug, Default)]
struct Reading {
    /// Was it said who began?
    initiator_said: bool,
    /// Was a message of S7's seen?
    claimed: bool,
    framing: Framing,
    plus: plus::State,
    /// What services of program invocation do, by their reference.
    asked: Asked<u16, &'static Function>,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let is_message = |carried: &[u8]| matches!(carried, [S7 | S7_PLUS, ..]);
        match self.framing.next(from, data, is_message, facts) {
            Framed::Need(count) => Progress::Need(count),
            Framed::Lost(count) | Framed::Empty(count) => Progress::Consumed(count),
            Framed::Tpdu(tpdu, length) if self.say_tpdu(from, &tpdu, true, facts) => {
                Progress::Consumed(length)
            }
            Framed::Tpdu(..) => Progress::Lost,
        }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if iso::tpkt_length(data).is_some()
            && let Some(tpdu) = Tpdu::read(data)
        {
            self.say_tpdu(from, &tpdu, false, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        self.framing.gap(from);
        true
    }
}

impl Reading {
    /// Says what a TPDU carries; false if it is not S7's.
    fn say_tpdu(&mut self, from: End, tpdu: &Tpdu<'_>, whole: bool, facts: &mut dyn Facts) -> bool {
        match tpdu.kind {
            Kind::ConnectionRequest => {
                self.say_initiator(from, facts);
                say_selector("calling-tsap", tpdu.calling(), facts);
                say_selector("called-tsap", tpdu.called(), facts);
                true
            }
            Kind::ConnectionConfirm => {
                self.say_initiator(from.other(), facts);
                true
            }
            Kind::End => true,
            Kind::Data => {
                if !self.framing.begins_unit(from, tpdu) {
                    return true;
                }
                self.say_message(from, tpdu.data, whole && tpdu.last, facts)
            }
        }
    }

    fn say_message(&mut self, from: End, data: &[u8], whole: bool, facts: &mut dyn Facts) -> bool {
        match data {
            [S7, kind @ (1 | 2 | 3 | 7), ..] => {
                self.claimed = true;
                if *kind == 1 {
                    self.say_initiator(from, facts);
                }
                self.say_s7(*kind, from, data, whole, facts);
                true
            }
            [S7_PLUS, ..] => {
                self.claimed = true;
                self.plus.say(from, data, whole, facts);
                true
            }
            // Records of TLS, in which newer firmware goes on.
            [20..=23, 3, ..] if self.claimed => {
                self.plus.say_encrypted(facts);
                true
            }
            _ if self.claimed => {
                facts.say(Fact::Anomaly { what: "s7comm-header" });
                true
            }
            _ => false,
        }
    }

    /// Says an S7comm message: `32 kind reserved(2) reference(2) parameters(2) data(2) [error class, code]`, parameters, data.
    fn say_s7(&mut self, kind: u8, from: End, message: &[u8], whole: bool, facts: &mut dyn Facts) {
        let direction = match kind {
            1 => Direction::Request,
            2 | 3 => Direction::Response,
            _ => Direction::None,
        };
        facts.message(&PROTOCOL, MESSAGE, u32::from(kind), direction);
        let header = if direction == Direction::Response { ACK_HEADER_BYTES } else { HEADER_BYTES };
        if header == ACK_HEADER_BYTES
            && let (Some(class), Some(code)) =
                (u8_at(message, HEADER_BYTES), u8_at(message, HEADER_BYTES + 1))
            && (class, code) != (0, 0)
        {
            say_error(class, code, direction, facts);
        }
        let (Some(parameters_length), Some(data_length)) = (be16(message, 6), be16(message, 8)) else {
            return;
        };
        let (parameters_length, data_length) = (usize::from(parameters_length), usize::from(data_length));
        if whole && header + parameters_length + data_length > message.len() {
            facts.say(Fact::Anomaly { what: "s7comm-length" });
        }
        let rest_of_message = rest(message, header);
        let parameters = rest_of_message.get(..parameters_length).unwrap_or(rest_of_message);
        let data = rest(rest_of_message, parameters_length);
        match kind {
            1 | 3 => {
                let reference = be16(message, 4).unwrap_or_default();
                self.say_function(reference, parameters, direction, facts);
            }
            7 => say_userdata(parameters, data.get(..data_length).unwrap_or(data), from, facts),
            _ => {}
        }
    }

    /// Says a function. An answer does not repeat which program invocation service was asked for.
    fn say_function(
        &mut self,
        reference: u16,
        parameters: &[u8],
        direction: Direction,
        facts: &mut dyn Facts,
    ) {
        let Some(function) = u8_at(parameters, 0) else { return };
        let effect = match direction {
            Direction::Request if function == PI_SERVICE => {
                let effect = pi_service(parameters).and_then(protocol::pi_effect);
                effect.inspect(|effect| self.asked.put(reference, *effect))
            }
            Direction::Response if function == PI_SERVICE => self.asked.take(reference),
            _ => None,
        };
        facts.say(Fact::Message(Message {
            protocol: &PROTOCOL,
            element: FUNCTION,
            code: Code::Number(u32::from(function)),
            direction,
            meaning: effect.map(Function::meaning),
        }));
    }

    /// Who asks for a connection or a job began; a conversation seen from its middle does not show it otherwise.
    fn say_initiator(&mut self, end: End, facts: &mut dyn Facts) {
        if !std::mem::replace(&mut self.initiator_said, true) {
            facts.say(Fact::Initiator(end));
        }
    }
}

/// Error class and code, as text `0xd2/0x0c`.
fn say_error(class: u8, code: u8, direction: Direction, facts: &mut dyn Facts) {
    let hex = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
    let text =
        [b'0', b'x', hex(class >> 4), hex(class & 15), b'/', b'0', b'x', hex(code >> 4), hex(code & 15)];
    if let Ok(text) = std::str::from_utf8(&text) {
        facts.say(Fact::Message(Message {
            protocol: &PROTOCOL,
            element: ERROR,
            code: Code::Text(text),
            direction,
            meaning: None,
        }));
    }
}

/// The name of the program invocation service asked for: after seven unknown bytes and the service's own parameters.
fn pi_service(parameters: &[u8]) -> Option<&[u8]> {
    if u8_at(parameters, 0)? != PI_SERVICE {
        return None;
    }
    let at = 10 + usize::from(be16(parameters, 8)?);
    bytes(parameters, at + 1, usize::from(u8_at(parameters, at)?))
}

/// User data: `00 01 12 length method kind-and-group sub-function sequence …`, then return code, transport size, length, content.
fn say_userdata(parameters: &[u8], data: &[u8], from: End, facts: &mut dyn Facts) {
    let (Some(kind_and_group), Some(subfunction)) = (u8_at(parameters, 5), u8_at(parameters, 6)) else {
        return;
    };
    let (direction, group) = match kind_and_group >> 6 {
        1 => (Direction::Request, kind_and_group & 15),
        2 => (Direction::Response, kind_and_group & 15),
        _ => (Direction::None, kind_and_group & 15),
    };
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: USERDATA_GROUP,
        code: Code::Number(u32::from(group)),
        direction,
        meaning: protocol::userdata_meaning(group, subfunction),
    }));
    let content = rest(data, 4);
    match (group, subfunction, direction) {
        (group::CPU, READ_SZL, Direction::Response) => szl::say_identity(content, from, facts),
        // The password is only folded with constants, which is as good as clear text.
        (group::SECURITY, PASSWORD, Direction::Request) if !content.is_empty() => {
            facts.say(Fact::ClearTextCredential { what: "password" });
        }
        _ => {}
    }
}

/// A transport selector as a property: its letters, or its bytes in hexadecimal.
fn say_selector(name: &'static str, selector: Option<&[u8]>, facts: &mut dyn Facts) {
    let Some(selector) = selector.filter(|selector| !selector.is_empty()) else { return };
    let letters = selector
        .iter()
        .all(|byte| (0x20..0x7f).contains(byte))
        .then(|| std::str::from_utf8(selector).ok())
        .flatten();
    match letters {
        Some(letters) => facts.say(Fact::Property { name, value: letters }),
        None => {
            let hex: String = selector.iter().take(32).map(|byte| format!("{byte:02x}")).collect();
            facts.say(Fact::Property { name, value: &hex });
        }
    }
}
