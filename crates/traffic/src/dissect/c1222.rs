//! ANSI C12.22: tables and procedures of electricity meters, over UDP and TCP.
//!
//! Owns the message (an ACSE unit in BER), its security mode, and the services in it where they are in clear text.

use super::ber;
use super::octets::Octets;
use super::sides::InStep;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The port that is registered for C12.22 (RFC 6142, 2.3).
const PORT: u16 = 1153;
/// Longest message that is taken for one.
const MESSAGE_LENGTH_MAX: usize = 1 << 17;
/// Services of one message that are read.
const SERVICES_MAX: usize = 64;

/// Tags (C12.22, 5.3.4.4): the message, who is called, who calls, user information, the external in it, its octets.
const MESSAGE: u16 = 0x60;
const CALLED: u16 = 0xA2;
const CALLING: u16 = 0xA6;
const CALLING_NUMBER: u16 = 0xA8;
const USER_INFORMATION: u16 = 0xBE;
const EXTERNAL: u16 = 0x28;
const OCTETS: u16 = 0x81;

/// Services that carry a password, and table that starts procedures (C12.19, table 7).
const SECURITY: u8 = 0x51;
const FULL_WRITE: u8 = 0x40;
const PARTIAL_WRITE: u8 = 0x4F;
const PROCEDURES: u16 = 7;

/// ANSI C12.22.
pub static PROTOCOL: Protocol = Protocol {
    name: "c1222",
    title: "ANSI C12.22",
    carriers: &[Carrier::Udp(PORT), Carrier::Tcp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "command", functions: COMMANDS, default_class: Class::Other }],
    documents: &[
        "ANSI C12.22-2012, 5.3.2 (services), 5.3.4 (messages, security)",
        "ANSI C12.19-2012 (tables 7 and 8); RFC 6142 (over IP)",
    ],
};

/// Services, and below 0x20 what is answered (C12.22, 5.3.2.4).
const COMMANDS: &[Function] = &[
    function(0x00, "ok", Class::Other),
    function(0x01, "error", Class::Other),
    function(0x02, "service-not-supported", Class::Other),
    function(0x03, "insufficient-security-clearance", Class::Other),
    function(0x04, "operation-not-possible", Class::Other),
    function(0x05, "inappropriate-action-requested", Class::Other),
    function(0x06, "device-busy", Class::Other),
    function(0x07, "data-not-ready", Class::Other),
    function(0x08, "data-locked", Class::Other),
    function(0x09, "renegotiate-request", Class::Other),
    function(0x0A, "invalid-service-sequence-state", Class::Other),
    function(0x0B, "security-mechanism-error", Class::Other),
    function(0x0C, "unknown-application-title", Class::Other),
    function(0x0D, "network-time-out", Class::Other),
    function(0x0E, "network-not-reachable", Class::Other),
    function(0x0F, "request-too-large", Class::Other),
    function(0x10, "response-too-large", Class::Other),
    function(0x11, "segmentation-not-possible", Class::Other),
    function(0x12, "segmentation-error", Class::Other),
    function(0x20, "identify", Class::Discover),
    function(0x21, "terminate", Class::Session),
    function(0x22, "disconnect", Class::Session),
    function(0x24, "deregister", Class::Session),
    function(0x25, "resolve", Class::Discover),
    function(0x26, "trace", Class::Diagnose),
    function(0x27, "register", Class::Session),
    function(0x30, "full-read", Class::Read),
    function(0x3E, "default-read", Class::Read),
    function(0x3F, "partial-read-offset", Class::Read),
    function(0x40, "full-write", Class::Write),
    function(0x4E, "default-write", Class::Write),
    function(0x4F, "partial-write-offset", Class::Write),
    function(0x50, "logon", Class::Authenticate),
    function(0x51, "security", Class::Authenticate),
    function(0x52, "logoff", Class::Authenticate),
    function(0x53, "authenticate", Class::Authenticate),
    function(0x60, "negotiate", Class::Session),
    function(0x70, "wait", Class::Session),
    function(0x71, "timing-setup", Class::Session),
    function(0x40, PROCEDURE.0, PROCEDURE.1),
];

/// What a write of the table of procedures does.
const PROCEDURE: (&str, Class) = ("initiate-procedure", Class::Operate);

/// The reader of C12.22.
#[derive(Debug)]
pub struct C1222;

impl Dissector for C1222 {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if !hint.port(PORT) {
            return Likelihood::No;
        }
        let mut rest = data;
        let Some(message) = ber::take(&mut rest).filter(|message| message.tag == MESSAGE) else {
            return Likelihood::No;
        };
        // It begins with one of the titles; the user information is in it, unless it is cut.
        let begins = matches!(ber::Elements(message.content).next(), Some(first) if matches!(first.tag, CALLED | CALLING | CALLING_NUMBER));
        match (begins, message.whole) {
            (true, true) if ber::find(message.content, USER_INFORMATION).is_some() => Likelihood::Certain,
            (true, false) if hint.stream => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { stream: hint.stream, in_step: InStep::default() })
    }
}

/// One conversation being read.
struct Reader {
    stream: bool,
    in_step: InStep,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(length) = length(data) else {
            if data.len() < 6 && data.first().is_some_and(|tag| u16::from(*tag) == MESSAGE) {
                return Progress::Need(data.len() + 1);
            }
            self.in_step.fails(from, "c1222-message", facts);
            return if self.stream { Progress::Lost } else { Progress::Consumed(data.len()) };
        };
        if length > data.len() {
            return Progress::Need(length);
        }
        let mut rest = data;
        let information =
            ber::take(&mut rest).and_then(|message| ber::find(message.content, USER_INFORMATION));
        self.in_step.found(from);
        if information.and_then(|information| say(information, facts)).is_none() {
            facts.say(Fact::Anomaly { what: "c1222-user-information" });
        }
        Progress::Consumed(length)
    }

    fn gap(&mut self, from: End) -> bool {
        self.in_step.lost(from);
        // Messages begin with segments: the next that looks like one is taken up.
        false
    }
}

/// How many octets the message at the start has, if one is there.
fn length(data: &[u8]) -> Option<usize> {
    let mut octets = Octets::new(data);
    octets.u8().filter(|tag| u16::from(*tag) == MESSAGE)?;
    let length = ber_length(&mut octets)?;
    let head = data.len() - octets.len();
    length.checked_add(head).filter(|length| *length <= MESSAGE_LENGTH_MAX)
}

/// A length in BER, of at most four octets.
fn ber_length(octets: &mut Octets<'_>) -> Option<usize> {
    let first = octets.u8()?;
    if first < 0x80 {
        return Some(usize::from(first));
    }
    let count = usize::from(first & 0x7F);
    let digits = if (1..=4).contains(&count) { octets.take(count)? } else { return None };
    Some(digits.iter().fold(0_usize, |sum, &digit| sum << 8 | usize::from(digit)))
}

/// Says the services in user information (C12.22, 5.3.4.10). `None` where they are not whole.
fn say(information: &[u8], facts: &mut dyn Facts) -> Option<()> {
    let mut octets = Octets::new(ber::find(ber::find(information, EXTERNAL)?, OCTETS)?);
    let flags = octets.u8()?;
    // Device class, where the flag says so; and two bits of security mode.
    match flags >> 2 & 3 {
        0 => facts.say(Fact::Encrypted(false)),
        1 => {
            facts.say(Fact::Authenticated(true));
            facts.say(Fact::Encrypted(false));
        }
        2 => {
            facts.say(Fact::Authenticated(true));
            facts.say(Fact::Encrypted(true));
            return Some(());
        }
        _ => return None,
    }
    if flags & 0x10 != 0 {
        octets.skip(4)?;
    }
    // The authentication's code follows the services.
    let trailer = if flags >> 2 & 3 == 1 { 4 } else { 0 };
    for _ in 0..SERVICES_MAX {
        if octets.len() <= trailer {
            return Some(());
        }
        let length = ber_length(&mut octets)?;
        let service = octets.take(length)?;
        if let Some((&command, content)) = service.split_first() {
            say_service(command, content, facts);
        }
    }
    None
}

fn say_service(command: u8, content: &[u8], facts: &mut dyn Facts) {
    let table = Octets::new(content).u16_be();
    let procedure = matches!(command, FULL_WRITE | PARTIAL_WRITE) && table == Some(PROCEDURES);
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: 0,
        code: Code::Number(u32::from(command)),
        direction: Direction::None,
        meaning: procedure.then_some(PROCEDURE),
    }));
    // A password of 20 octets, of which blanks and zeros are none.
    let password =
        content.get(..20).is_some_and(|password| password.iter().any(|octet| !matches!(octet, 0 | b' ')));
    if command == SECURITY && password {
        facts.say(Fact::ClearTextCredential { what: "password" });
    }
}
