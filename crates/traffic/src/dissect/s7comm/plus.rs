//! S7comm-plus above the transport: functions, what they are done to, and what a session's beginning tells.
//!
//! Owns what stands in the clear. From its third version on a message carries a digest; from firmware of 2021 on the
//! session goes on in TLS, of which only that is said.

use super::protocol::{PLUS, PLUS_FUNCTION, PLUS_MESSAGE, plus_effect};
use crate::dissect::asked::Asked;
use crate::dissect::fields::{bytes, text};
use crate::dissect::octets::Octets;
use crate::dissect::sides::Sides;
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::Function;

/// First byte of a message, and of its trailer.
const S7_PLUS: u8 = 0x72;
/// The object of no session, on which the first request of one is done.
const NO_SESSION: u32 = 0x120;
/// The object that runs the program of a CPU, and its attribute "state that is asked for".
const EXECUTION: u32 = 52;
const STATE_ASKED_FOR: u32 = 2167;
/// Attributes of a session that prove who opened it: answer to a challenge, its key, a password.
const PROOFS: [u32; 3] = [304, 1830, 1846];
/// Classes of objects: session, subscription.
const SESSION: u32 = 287;
const SUBSCRIPTION: u32 = 1001;
/// The first object of those that live as long as a session.
const SESSION_OBJECTS: u32 = 0x7000_0000;
/// Attributes that are looked at of one message.
const ATTRIBUTES_MAX: u32 = 64;

/// Attributes of a session's beginning as they stand on the wire, up to their length: number, then a text's type.
/// What the device is (319), and what program asks (297).
const DEVICE: [u8; 4] = [0x82, 0x3f, 0x00, 0x15];
const APPLICATION: [u8; 4] = [0x82, 0x29, 0x00, 0x15];

/// What is kept of a conversation.
#[derive(Debug, Default)]
pub(super) struct State {
    /// By sender: the next message continues another.
    continued: Sides<bool>,
    /// Was it said that functions are in the clear?
    clear_said: bool,
    /// Was it said that the session goes on in TLS?
    encrypted_said: bool,
    version: u8,
    /// What functions do that their codes do not say, by sequence number: the answers do not repeat it.
    asked: Asked<u16, &'static Function>,
}

impl State {
    /// Says a message: `72 version length(2)`, with version 3 a digest with its length, then the operation; then
    /// `72 version 0 0`, unless more of it follows.
    pub(super) fn say(&mut self, from: End, message: &[u8], whole: bool, facts: &mut dyn Facts) {
        let mut octets = Octets::new(message);
        let (Some(S7_PLUS), Some(version), Some(length)) = (octets.u8(), octets.u8(), octets.u16_be()) else {
            return;
        };
        let more = whole && usize::from(length) == octets.len();
        if std::mem::replace(self.continued.of(from), more) {
            return;
        }
        if version == 3 && octets.u8().and_then(|length| octets.skip(usize::from(length))).is_none() {
            return;
        }
        let Some(operation) = octets.u8() else { return };
        let direction = match operation {
            0x31 => Direction::Request,
            0x32 | 0x02 => Direction::Response,
            0x33 => Direction::None,
            _ => return,
        };
        facts.message(&PLUS, PLUS_MESSAGE, u32::from(operation), direction);
        self.say_version(version, facts);
        if direction != Direction::None {
            self.say_function(from, direction, octets, facts);
        }
    }

    /// A record of TLS, in which the session goes on.
    pub(super) fn say_encrypted(&mut self, facts: &mut dyn Facts) {
        if !std::mem::replace(&mut self.encrypted_said, true) {
            facts.say(Fact::Encrypted(true));
        }
    }

    fn say_version(&mut self, version: u8, facts: &mut dyn Facts) {
        if version > self.version {
            self.version = version;
            let value = match version {
                1 => "1",
                2 => "2",
                3 => "3",
                _ => return,
            };
            facts.say(Fact::Property { name: "s7comm-plus-version", value });
        }
    }

    /// Two reserved octets, the function, two reserved, a sequence number; of a request the session and flags.
    fn say_function(&mut self, from: End, direction: Direction, rest: Octets<'_>, facts: &mut dyn Facts) {
        let mut octets = rest;
        let Some(function) = octets.skip(2).and_then(|()| octets.u16_be()) else { return };
        let Some(sequence) = octets.skip(2).and_then(|()| octets.u16_be()) else { return };
        let effect = match direction {
            Direction::Request => done(function, octets)
                .and_then(plus_effect)
                .inspect(|effect| self.asked.put(sequence, *effect)),
            _ => self.asked.take(sequence),
        };
        facts.say(Fact::Message(Message {
            protocol: &PLUS,
            element: PLUS_FUNCTION,
            code: Code::Number(u32::from(function)),
            direction,
            meaning: effect.map(Function::meaning),
        }));
        match function {
            CREATE_OBJECT => say_beginning(from, direction, octets.rest(), facts),
            // Opens the encrypted part: all of the session that follows is in it.
            INIT_TLS => {}
            _ if !std::mem::replace(&mut self.clear_said, true) => facts.say(Fact::Encrypted(false)),
            _ => {}
        }
    }
}

const CREATE_OBJECT: u16 = 0x04ca;
const DELETE_OBJECT: u16 = 0x04d4;
const SET_VARIABLE: u16 = 0x04f2;
const SET_VARIABLES: u16 = 0x0542;
const INIT_TLS: u16 = 0x05b3;

/// What a request does, where its object says more than its function.
fn done(function: u16, rest: Octets<'_>) -> Option<&'static str> {
    let mut octets = rest;
    let session = octets.u32_be()?;
    octets.skip(1)?;
    let object = octets.u32_be()?;
    match function {
        CREATE_OBJECT => created(session, octets.rest()),
        DELETE_OBJECT if object == session => Some("delete-session"),
        DELETE_OBJECT if object >= SESSION_OBJECTS => Some("delete-session-object"),
        SET_VARIABLE => {
            let count = number(&mut octets)?;
            set(session, object, count, octets)
        }
        // Of no object, the addresses are whole: nothing but tags.
        SET_VARIABLES if object != 0 => {
            number(&mut octets)?;
            let count = number(&mut octets)?;
            set(session, object, count, octets)
        }
        _ => None,
    }
}

/// What creating an object is: its class stands after `a1` and the object it will be.
fn created(session: u32, rest: &[u8]) -> Option<&'static str> {
    let at = rest.iter().take(32).position(|octet| *octet == 0xa1)?;
    let mut octets = Octets::new(rest.get(at + 5..)?);
    match number(&mut octets)? {
        SESSION => Some("create-session"),
        SUBSCRIPTION => Some("subscribe"),
        _ if session == NO_SESSION => Some("create-session"),
        _ => None,
    }
}

/// What setting attributes of an object is.
fn set(session: u32, object: u32, count: u32, rest: Octets<'_>) -> Option<&'static str> {
    let mut octets = rest;
    let mut attributes = (0..count.min(ATTRIBUTES_MAX)).map_while(|_| number(&mut octets));
    match object {
        EXECUTION => {
            attributes.any(|attribute| attribute == STATE_ASKED_FOR).then_some("set-operating-state")
        }
        _ if object == session => {
            let proves = attributes.any(|attribute| PROOFS.contains(&attribute));
            Some(if proves { "authenticate-session" } else { "set-session" })
        }
        _ if object >= SESSION_OBJECTS => Some("set-session"),
        _ => None,
    }
}

/// A number in octets of seven bits, the last without the highest bit.
fn number(octets: &mut Octets<'_>) -> Option<u32> {
    let mut value = 0_u32;
    for _ in 0..5 {
        let octet = octets.u8()?;
        value = value.checked_shl(7)? | u32::from(octet & 0x7f);
        if octet & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Says what the beginning of a session tells: of the device, its order number and firmware; of who asks, its program.
fn say_beginning(from: End, direction: Direction, object: &[u8], facts: &mut dyn Facts) {
    if direction == Direction::Request {
        if let Some(value) = attribute(object, &APPLICATION).and_then(text) {
            facts.say(Fact::Identity { about: from, what: Identity::Product, value: &value });
        }
        return;
    }
    // `1;6ES7 511-1AK00-0AB0;V1.0`
    let Some(device) = attribute(object, &DEVICE) else { return };
    let mut parts = device.split(|octet| *octet == b';').skip(1);
    if let Some(product) = parts.next().and_then(text) {
        if ["6ES7", "6GK7", "6AV", "6AG1"].iter().any(|prefix| product.starts_with(prefix)) {
            facts.say(Fact::Identity { about: from, what: Identity::Vendor, value: "Siemens" });
        }
        facts.say(Fact::Identity { about: from, what: Identity::Product, value: &product });
    }
    if let Some(version) = parts.next().and_then(text) {
        facts.say(Fact::Identity { about: from, what: Identity::Version, value: &version });
    }
}

/// The text of an attribute.
fn attribute<'a>(object: &'a [u8], attribute: &[u8; 4]) -> Option<&'a [u8]> {
    let at = object.windows(4).position(|window| window == attribute)?;
    let length = object.get(at + 4).filter(|length| **length < 0x80)?;
    bytes(object, at + 5, usize::from(*length))
}
