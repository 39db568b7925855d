//! HART-IP: HART field devices and the gateways before them, over UDP and TCP.
//!
//! Owns the messages, the HART frames in token-passing messages and the commands in direct ones. Of answers it reads
//! who a device says it is. A gateway speaks for many devices: what devices behind it say is not taken for the
//! gateway's own word.

mod frame;
mod protocol;

use self::frame::{Address, Frame, Speaker};
use self::protocol::{COMMAND, DIRECT_COMMAND, EXTENDED, MESSAGE, PORT, command};
use super::octets::Octets;
use super::sides::InStep;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Message};
use crate::protocol::Protocol;

pub use self::protocol::PROTOCOL;

/// Octets of a message's head (HCF_SPEC-085, 10.2).
const HEAD: usize = 8;
/// Longest message that is taken for one: a direct message has room for few more than a thousand octets.
const MESSAGE_LENGTH_MAX: usize = 4096;
/// Octets of the body of a session's begin: master type, inactivity time.
const SESSION_BODY: usize = 5;
/// Commands of a direct message that are read.
const COMMANDS_MAX: usize = 128;

/// Kinds of messages.
const REQUEST: u8 = 0;
const RESPONSE: u8 = 1;
const PUBLISH: u8 = 2;
const ERROR: u8 = 3;
const NEGATIVE: u8 = 15;

/// Messages by number.
const SESSION_INITIATE: u8 = 0;
const KEEP_ALIVE: u8 = 2;
const TOKEN_PASSING: u8 = 3;
const DIRECT: u8 = 4;
const AUDIT_LOG: u8 = 5;

/// The reader of HART-IP.
#[derive(Debug)]
pub struct HartIp;

impl Dissector for HartIp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let at_home = hint.port(PORT);
        let Some(head) = Head::read(data).filter(Head::is_sound) else { return Likelihood::No };
        let Some(body) = data.get(HEAD..head.length) else {
            return if at_home && hint.stream { Likelihood::Port } else { Likelihood::No };
        };
        if !hint.stream && data.len() != head.length {
            return Likelihood::No;
        }
        let proven = match head.message {
            TOKEN_PASSING => Frame::read(body).is_some_and(|frame| frame.sound),
            SESSION_INITIATE => body.len() == SESSION_BODY && body.first().is_some_and(|master| *master <= 1),
            _ => false,
        };
        match (proven, at_home) {
            (true, true) => Likelihood::Certain,
            (true, false) | (false, true) => Likelihood::Likely,
            (false, false) => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { stream: hint.stream, own: None, in_step: InStep::default() })
    }
}

/// The head of a message.
struct Head {
    kind: u8,
    message: u8,
    length: usize,
}

impl Head {
    fn read(data: &[u8]) -> Option<Self> {
        let mut octets = Octets::new(data);
        octets.u8().filter(|version| matches!(version, 1 | 2))?;
        let kind = octets.u8()?;
        let message = octets.u8()?;
        octets.skip(3)?;
        Some(Self { kind, message, length: usize::from(octets.u16_be()?) })
    }

    /// Is it one that the document has, of a length that it can have?
    fn is_sound(&self) -> bool {
        let body = self.length.checked_sub(HEAD);
        matches!(self.kind, REQUEST | RESPONSE | PUBLISH | ERROR | NEGATIVE)
            && self.length <= MESSAGE_LENGTH_MAX
            && match self.message {
                SESSION_INITIATE => body.is_some_and(|body| body <= SESSION_BODY),
                1 | KEEP_ALIVE => body.is_some_and(|body| body <= 1),
                TOKEN_PASSING => body.is_some_and(|body| body >= 5 || self.kind >= ERROR),
                DIRECT | AUDIT_LOG => body.is_some(),
                _ => false,
            }
    }

    const fn direction(&self) -> Direction {
        match self.kind {
            REQUEST => Direction::Request,
            RESPONSE | ERROR | NEGATIVE => Direction::Response,
            _ => Direction::None,
        }
    }
}

/// One conversation being read.
struct Reader {
    stream: bool,
    /// The address of the device that the responder itself is.
    own: Option<Address>,
    in_step: InStep,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if self.stream && data.len() < HEAD {
            return Progress::Need(HEAD);
        }
        let Some(head) = Head::read(data).filter(Head::is_sound) else {
            self.in_step.fails(from, "hart-ip-head", facts);
            return if self.stream { Progress::Lost } else { Progress::Consumed(data.len()) };
        };
        let Some(body) = data.get(HEAD..head.length) else { return Progress::Need(head.length) };
        self.in_step.found(from);
        if !self.stream && data.len() != head.length {
            facts.say(Fact::Anomaly { what: "hart-ip-length" });
        }
        self.message(from, &head, body, true, facts);
        Progress::Consumed(if self.stream { head.length } else { data.len() })
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some(head) = Head::read(data).filter(Head::is_sound) {
            self.message(from, &head, data.get(HEAD..).unwrap_or_default(), false, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        self.in_step.lost(from);
        // Messages begin with segments: the next that looks like one is taken up.
        false
    }
}

impl Reader {
    fn message(&mut self, from: End, head: &Head, body: &[u8], whole: bool, facts: &mut dyn Facts) {
        facts.message(&PROTOCOL, MESSAGE, u32::from(head.message), head.direction());
        match head.message {
            SESSION_INITIATE if head.kind == REQUEST => {
                let master = if body.first() == Some(&1) { "primary" } else { "secondary" };
                facts.say(Fact::Property { name: "hart-master", value: master });
            }
            TOKEN_PASSING if head.kind < ERROR => self.frame(from, body, whole, facts),
            DIRECT if whole => direct(head.direction(), body, facts),
            _ => {}
        }
    }

    fn frame(&mut self, from: End, body: &[u8], whole: bool, facts: &mut dyn Facts) {
        let Some(frame) = Frame::read(body) else {
            if whole {
                facts.say(Fact::Anomaly { what: "hart-frame" });
            }
            return;
        };
        if whole && !frame.sound {
            facts.say(Fact::Anomaly { what: "hart-frame-check" });
        }
        let direction = frame.direction();
        let (extended, data) = match frame.data {
            Some([high, low, data @ ..]) if frame.command == EXTENDED => {
                (Some(u16::from_be_bytes([*high, *low])), Some(data))
            }
            data => (None, data),
        };
        match extended.and_then(command) {
            None => facts.message(&PROTOCOL, COMMAND, u32::from(frame.command), direction),
            Some(known) => facts.say(Fact::Message(Message {
                protocol: &PROTOCOL,
                element: COMMAND,
                code: Code::Number(u32::from(frame.command)),
                direction,
                meaning: Some((known.name, known.class)),
            })),
        }
        if let Some(data) = data
            && direction != Direction::Request
            && frame.sound
        {
            let speaker = self.speaker(from, &frame);
            frame::answer(extended.unwrap_or(u16::from(frame.command)), data, speaker, facts);
        }
    }

    /// Who answers: the end itself, if it is the device at polling address 0 or, without a word of that, the first
    /// device that answers; else a device behind it.
    fn speaker(&mut self, end: End, frame: &Frame<'_>) -> Speaker {
        let address = frame.address;
        if let Some(unique) = frame.own_address() {
            self.own = Some(unique);
        }
        let own = *self.own.get_or_insert(address);
        Speaker { end, behind: (own != address && address != Address::Polling(0)).then_some(address) }
    }
}

/// Reads the commands of a direct message: two octets of status, then commands with their lengths (HCF_SPEC-085).
/// Says nothing if they do not fill the message.
fn direct(direction: Direction, body: &[u8], facts: &mut dyn Facts) {
    let mut octets = Octets::new(body.get(2..).unwrap_or_default());
    let walk = |octets: &mut Octets<'_>, say: &mut dyn FnMut(u16)| {
        for _ in 0..COMMANDS_MAX {
            if octets.is_empty() {
                return Some(());
            }
            let command = octets.u16_be()?;
            let length = octets.u8()?;
            octets.skip(usize::from(length))?;
            say(command);
        }
        None
    };
    if walk(&mut octets.clone(), &mut |_| {}).is_none() {
        return facts.say(Fact::Anomaly { what: "hart-ip-direct" });
    }
    let _ = walk(&mut octets, &mut |command| {
        facts.message(&PROTOCOL, DIRECT_COMMAND, u32::from(command), direction);
    });
}
