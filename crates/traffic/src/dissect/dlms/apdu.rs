//! APDUs: associations, services on objects, and what ciphering shows of itself (Green Book, sections 9.3 to 9.5).

use super::table::{self, ACCESS, ACTION, APDU, GET, PROTOCOL, SET};
use crate::dissect::asked::Asked;
use crate::dissect::ber::{self, Elements};
use crate::dissect::octets::{Octets, printable};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::Function;

// Association control (Green Book, section 9.4.2).
const ASSOCIATE_REQUEST: u8 = 0x60;
const ASSOCIATE_RESPONSE: u8 = 0x61;

/// Object identifiers of DLMS UA: context and mechanism names differ by the last two arcs.
const CONTEXT: [u8; 6] = [0x60, 0x85, 0x74, 0x05, 0x08, 0x01];
const MECHANISM: [u8; 6] = [0x60, 0x85, 0x74, 0x05, 0x08, 0x02];

/// Specifications of one access request that are looked at.
const SPECIFICATIONS_MAX: usize = 32;

/// What is kept of a conversation.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Was it said who asks?
    initiator_said: bool,
    /// Was it said that something goes in the clear, and ciphered?
    clear_said: bool,
    ciphered_said: bool,
    /// The attribute asked for last that tells who the meter is.
    asked: Option<Telling>,
    /// What services do that their tags do not say, by the answer's tag and the invocation: the answers do not repeat it.
    effects: Asked<(u8, u8), &'static Function>,
}

/// Attributes that tell who a meter is (Blue Book, section 7, OBIS codes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Telling {
    LogicalDeviceName,
    Serial,
    Firmware,
}

impl Telling {
    fn of(instance: [u8; 6], attribute: u8) -> Option<Self> {
        match (instance, attribute) {
            ([0, 0, 42, 0, 0, 255], 2) => Some(Self::LogicalDeviceName),
            ([0, 0, 96, 1, 0, 255], 2) => Some(Self::Serial),
            ([1, 0, 0, 2, 0, 255], 2) => Some(Self::Firmware),
            _ => None,
        }
    }
}

/// Could these octets be an APDU? Its tag is known, and what follows is of its shape.
pub(super) fn is_plausible(apdu: &[u8]) -> bool {
    match apdu {
        [ASSOCIATE_REQUEST | ASSOCIATE_RESPONSE, ..] => is_association(apdu),
        // Choice, then invocation number and priority.
        [GET | SET | ACTION | 0xc4 | 0xc5 | 0xc7, 1..=6, _, ..] => true,
        [0xc2, 0 | 1, _, ..] | [0xd8, _, _, ..] | [0x0e, 1..=6, _, ..] => true,
        // Lengths of what is ciphered.
        [tag @ (0x21..=0x58 | 0xc8..=0xd7), ..] => ciphered(apdu).is_some() && table::is_apdu(*tag),
        [0xdb..=0xdd, 0..=8, ..] => true,
        [0x62 | 0x63, length, rest @ ..] => usize::from(*length) == rest.len(),
        [0x05 | 0x06 | 0x0c | 0x0d, 1..=32, 0..=6, ..] => true,
        [0x0f, _, _, _, _, 0 | 12, ..] | [ACCESS | 0xda, _, _, _, _, 0 | 12, ..] => true,
        [0x18 | 0xdf | 0xe0, ..] => apdu.len() > 4,
        _ => false,
    }
}

/// Is this an association that names a context of DLMS?
pub(super) fn is_association(apdu: &[u8]) -> bool {
    let mut rest = apdu;
    ber::take(&mut rest)
        .and_then(|element| ber::find(ber::find(element.content, 0xa1)?, 0x06))
        .is_some_and(|name| name.starts_with(&CONTEXT))
}

/// Whether an APDU asks or answers.
fn direction(tag: u8) -> Direction {
    match tag {
        0x01 | 0x05 | 0x06 | 0x16 | 0x21 | 0x25 | 0x26 | 0x36 | 0x45 | 0x46 | 0x56 | 0x60 | 0x62 => {
            Direction::Request
        }
        GET | SET | ACTION | 0xc8 | 0xc9 | 0xcb | 0xd0 | 0xd1 | 0xd3 | ACCESS => Direction::Request,
        0x08 | 0x0c..=0x0e | 0x28 | 0x2c..=0x2e | 0x4c..=0x4e | 0x61 | 0x63 => Direction::Response,
        0xc4 | 0xc5 | 0xc7 | 0xcc | 0xcd | 0xcf | 0xd4 | 0xd5 | 0xd7 | 0xd8 | 0xda => Direction::Response,
        _ => Direction::None,
    }
}

impl State {
    /// Says who asks, once.
    pub(super) fn say_initiator(&mut self, end: End, facts: &mut dyn Facts) {
        if !std::mem::replace(&mut self.initiator_said, true) {
            facts.say(Fact::Initiator(end));
        }
    }

    /// Says an APDU.
    pub(super) fn say(&mut self, from: End, apdu: &[u8], facts: &mut dyn Facts) {
        let Some((&tag, body)) = apdu.split_first() else { return };
        if !table::is_apdu(tag) {
            facts.say(Fact::Anomaly { what: "dlms-apdu" });
            return;
        }
        let direction = direction(tag);
        match direction {
            Direction::Request => self.say_initiator(from, facts),
            Direction::Response => self.say_initiator(from.other(), facts),
            Direction::None => {}
        }
        let target = Target::of(tag, body);
        let effect = match (tag, &target) {
            (ACCESS, _) => accessed(body).and_then(|name| PROTOCOL.function_named(name)),
            (_, Some(target)) => table::effect(tag, target.class, target.member),
            _ => None,
        };
        // The invocation stands after the choice, in an answer too; its upper bits are priority and kind.
        let invocation = body.get(1).map_or(0, |octet| octet & 0x0f);
        let effect = match tag {
            GET | SET | ACTION => effect.inspect(|effect| self.effects.put((tag + 4, invocation), *effect)),
            0xc4 | 0xc5 | 0xc7 => self.effects.take((tag, invocation)),
            _ => effect,
        };
        facts.say(Fact::Message(Message {
            protocol: &PROTOCOL,
            element: APDU,
            code: Code::Number(u32::from(tag)),
            direction,
            meaning: effect.map(Function::meaning),
        }));
        match tag {
            ASSOCIATE_REQUEST | ASSOCIATE_RESPONSE => say_association(from, apdu, facts),
            GET => self.asked = target.and_then(|target| Telling::of(target.instance, target.member)),
            0xc4 => self.say_answer(from, body, facts),
            _ => {}
        }
        self.say_protection(from, tag, apdu, facts);
    }

    /// Says whether an APDU is ciphered, when it is the first that is, or is not.
    fn say_protection(&mut self, from: End, tag: u8, apdu: &[u8], facts: &mut dyn Facts) {
        if let Some((control, title)) = ciphered(apdu) {
            if !std::mem::replace(&mut self.ciphered_said, true) {
                facts.say(Fact::Encrypted(control & 0x20 != 0));
                facts.say(Fact::Authenticated(control & 0x10 != 0));
                facts.say(Fact::Property {
                    name: "security-suite",
                    value: match control & 0x0f {
                        0 => "0",
                        1 => "1",
                        2 => "2",
                        _ => "other",
                    },
                });
                say_title(from, title, facts);
            }
        } else if matches!(tag, 0x05..=0x06 | 0x0c..=0x0d | 0x0f | 0x16 | 0x18 | 0xc0..=0xc7 | ACCESS | 0xda)
            && !std::mem::replace(&mut self.clear_said, true)
        {
            facts.say(Fact::Encrypted(false));
        }
    }

    /// Says what a meter answers when it is asked who it is.
    fn say_answer(&mut self, from: End, body: &[u8], facts: &mut dyn Facts) {
        let (Some(telling), [1, _, 0, 0x09 | 0x0a, length, rest @ ..]) = (self.asked.take(), body) else {
            return;
        };
        let Some(value) = rest.get(..usize::from(*length)).and_then(printable) else { return };
        let what = match telling {
            Telling::LogicalDeviceName => Identity::Name,
            Telling::Serial => Identity::Serial,
            Telling::Firmware => Identity::Version,
        };
        facts.say(Fact::Identity { about: from, what, value });
        if telling == Telling::LogicalDeviceName {
            say_manufacturer(from, value.as_bytes(), facts);
        }
    }
}

/// What a service is applied to.
struct Target {
    class: u16,
    instance: [u8; 6],
    member: u8,
}

impl Target {
    /// The attribute or method that a request names, the first of several (Green Book, section 9.3).
    fn of(tag: u8, body: &[u8]) -> Option<Self> {
        let mut octets = Octets::new(body);
        let choice = octets.u8()?;
        octets.skip(1)?;
        match (tag, choice) {
            (GET, 1) | (SET, 1 | 2) | (ACTION, 1 | 4) => {}
            (GET, 3) | (SET, 4 | 5) | (ACTION, 3 | 5) => octets.skip(1)?,
            _ => return None,
        }
        Self::read(&mut octets)
    }

    fn read(octets: &mut Octets<'_>) -> Option<Self> {
        Some(Self { class: octets.u16_be()?, instance: octets.array()?, member: octets.u8()? })
    }
}

/// The gravest that an access request does (Green Book, section 9.3.9).
fn accessed(body: &[u8]) -> Option<&'static str> {
    let mut octets = Octets::new(body);
    octets.skip(4)?;
    let time = octets.u8()?;
    octets.skip(usize::from(time))?;
    let count = usize::from(octets.u8()?);
    let mut gravest = None;
    for _ in 0..count.min(SPECIFICATIONS_MAX) {
        match octets.u8() {
            Some(1) => {}
            Some(2) if gravest.is_none() => gravest = Some("access-set"),
            Some(2) => {}
            Some(3) => return Some("access-action"),
            _ => break,
        }
        if octets.skip(9).is_none() {
            break;
        }
    }
    gravest
}

/// The security control octet of a ciphered APDU, and the system title that comes with it (Green Book, sections 9.2.7
/// and 9.5).
fn ciphered(apdu: &[u8]) -> Option<(u8, &[u8])> {
    let mut octets = Octets::new(apdu);
    let mut title: &[u8] = &[];
    match octets.u8()? {
        0x21..=0x5f | 0xc8..=0xd7 => {}
        0xdb | 0xdc => title = string(&mut octets)?,
        0xdd => {
            string(&mut octets)?;
            title = string(&mut octets)?;
            // Recipient, time, other information; then perhaps key information, which is not read.
            for _ in 0..3 {
                string(&mut octets)?;
            }
            (octets.u8()? == 0).then_some(())?;
        }
        _ => return None,
    }
    let length = length(&mut octets)?;
    // The control octet, the invocation counter; more than what is there only where the APDU is cut.
    (length >= 5).then_some(())?;
    Some((octets.u8()?, title))
}

fn string<'a>(octets: &mut Octets<'a>) -> Option<&'a [u8]> {
    let length = length(octets)?;
    octets.take(length)
}

/// A length of A-XDR, which is that of BER.
fn length(octets: &mut Octets<'_>) -> Option<usize> {
    match octets.u8()? {
        0x81 => octets.u8().map(usize::from),
        0x82 => octets.u16_be().map(usize::from),
        long if long & 0x80 != 0 => None,
        short => Some(usize::from(short)),
    }
}

fn say_association(from: End, apdu: &[u8], facts: &mut dyn Facts) {
    let mut rest = apdu;
    let Some(element) = ber::take(&mut rest).filter(|element| element.whole) else {
        facts.say(Fact::Anomaly { what: "dlms-association" });
        return;
    };
    let is_request = element.tag == u16::from(ASSOCIATE_REQUEST);
    let (mechanism_tag, secret_tag, title_tag) =
        if is_request { (0x8b, 0xac, 0xa6) } else { (0x89, 0xaa, 0xa4) };
    let field =
        |tag| Elements(element.content).take(32).find(|field| field.tag == tag).map(|field| field.content);
    let last_arc = |name: &[u8], arcs: &[u8; 6]| match name.strip_prefix(arcs) {
        Some([number]) => Some(*number),
        _ => None,
    };
    if let Some(number) =
        field(0xa1).and_then(|context| ber::find(context, 0x06)).and_then(|n| last_arc(n, &CONTEXT))
    {
        facts.say(Fact::Property { name: "application-context", value: table::context(number) });
    } else {
        facts.say(Fact::Anomaly { what: "dlms-association" });
    }
    let mechanism = field(mechanism_tag).and_then(|name| last_arc(name, &MECHANISM)).unwrap_or_default();
    if is_request || mechanism != 0 {
        facts.say(Fact::Property { name: "authentication-mechanism", value: table::mechanism(mechanism) });
        facts.say(Fact::Authenticated(mechanism != 0));
    }
    let secret = field(secret_tag).and_then(|value| ber::find(value, 0x80)).unwrap_or_default();
    if is_request && mechanism == 1 && !secret.is_empty() {
        facts.say(Fact::ClearTextCredential { what: "password" });
    }
    if let Some(title) = field(title_tag).and_then(|title| ber::find(title, 0x04))
        && !is_request
    {
        say_title(from, title, facts);
    }
    let result = field(0xa2).and_then(|result| ber::find(result, 0x02)).and_then(ber::unsigned);
    if !is_request && result.is_some_and(|result| result != 0) {
        facts.say(Fact::Property { name: "association-refused", value: "true" });
    }
}

/// Says the manufacturer in a system title: three letters, then a number (Green Book, section 4.3.4).
fn say_title(about: End, title: &[u8], facts: &mut dyn Facts) {
    if title.len() == 8 {
        say_manufacturer(about, title, facts);
    }
}

/// Says the manufacturer whose three letters stand first.
fn say_manufacturer(about: End, name: &[u8], facts: &mut dyn Facts) {
    let letters = name.get(..3).filter(|letters| letters.iter().all(u8::is_ascii_uppercase));
    if let Some(value) = letters.and_then(printable) {
        facts.say(Fact::Identity { about, what: Identity::Vendor, value });
    }
}
