//! Automatic tank gauges by Veeder-Root's serial protocol, through an Ethernet card or a device server.
//!
//! A request is a start octet, the security code if one is set, a letter and five digits (function and tank), and data
//! where it sets something; the answer repeats letter and digits and is text (576013-635, TLS-350 Serial Interface).

use super::fields::text;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `function`.
const FUNCTION: u8 = 0;
/// Index of the element `error`.
const ERROR: u8 = 1;

/// The protocol of tank gauges.
pub static PROTOCOL: Protocol = Protocol {
    name: "atg",
    title: "Automatic tank gauge (Veeder-Root TLS)",
    carriers: &[Carrier::Tcp(PORT)],
    // The security code, which goes over the wire as it is.
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "function", functions: FUNCTIONS, default_class: Class::Other },
        Element { name: "error", functions: ERRORS, default_class: Class::Other },
    ],
    documents: &["Veeder-Root 576013-635, TLS-300/350 Series Serial Interface Manual"],
};

/// Functions. On the wire the code is a letter (I inquires, S sets) and three digits; numbers here only tell them apart.
const FUNCTIONS: &[Function] = &[
    function(0, "inquire", Class::Read),
    function(1, "set", Class::Configure),
    function(2, "system-status", Class::Diagnose),
    function(3, "system-configuration", Class::Discover),
    function(4, "alarm-history", Class::Alarm),
    function(5, "in-tank-inventory", Class::Read),
    function(6, "in-tank-delivery", Class::Read),
    function(7, "in-tank-status", Class::Alarm),
    function(8, "liquid-sensor-status", Class::Alarm),
    function(9, "time-of-day", Class::Time),
    function(10, "system-revision-level", Class::Discover),
    function(11, "system-reset", Class::Operate),
    function(12, "leak-test", Class::Operate),
];

/// What the gauge answers to a function that it has not.
const ERRORS: &[Function] = &[function(9999, "function-not-recognized", Class::Other)];

/// What a function does: letter and three digits.
fn meaning(name: &str) -> Option<(&'static str, Class)> {
    let (letter, digits) = name.split_at_checked(1)?;
    let number = match (letter, digits) {
        ("I", "101") => 2,
        ("I", "102") => 3,
        ("I", "111" | "112" | "113" | "206" | "302") => 4,
        ("I", "201") => 5,
        ("I", "202") => 6,
        ("I", "205") => 7,
        ("I", "301") => 8,
        (_, "501") => 9,
        ("I", "902") => 10,
        ("S", "001") => 11,
        ("S", "052" | "053") => 12,
        ("S", _) => 1,
        _ => 0,
    };
    PROTOCOL.function(FUNCTION, number).map(|known| (known.name, known.class))
}

/// The port that gauges are offered at.
const PORT: u16 = 10_001;
/// Begins a request.
const START: u8 = 0x01;
/// Ends an answer.
const STOP: u8 = 0x03;
/// Letters of a security code.
const SECURITY_BYTES: usize = 6;
/// Letter, three digits of the function, two of the tank.
const CODE_BYTES: usize = 6;
/// The longest line of an answer that is awaited.
const LINE_BYTES_MAX: usize = 1024;

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct Atg;

impl Dissector for Atg {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if !hint.stream {
            return Likelihood::No;
        }
        let asks = data.first() == Some(&START) && matches!(request(data), Request::Whole { .. });
        // An answer: its first line is letter and digits alone.
        let answers = || {
            let line = data.trim_ascii_start().split(u8::is_ascii_control).next().unwrap_or_default();
            line.len() == CODE_BYTES && code(line).is_some()
        };
        if asks || (hint.port(PORT) && answers()) { Likelihood::Likely } else { Likelihood::No }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let server = if hint.source_port == PORT { hint.from } else { hint.from.other() };
        Box::new(Reading { server, revision: false })
    }
}

/// Letter and three digits of a function, if it stands here with its tank.
fn code(data: &[u8]) -> Option<[u8; 4]> {
    let [letter, digits @ ..] = *data.first_chunk::<CODE_BYTES>()?;
    let [a, b, c, ..] = digits;
    let holds = matches!(letter, b'I' | b'i' | b'S' | b's') && digits.iter().all(u8::is_ascii_digit);
    holds.then_some([letter.to_ascii_uppercase(), a, b, c])
}

/// What stands behind a start octet.
enum Request {
    Whole { code: [u8; 4], secured: bool, length: usize },
    Short,
    None,
}

fn request(data: &[u8]) -> Request {
    let rest = data.get(1..).unwrap_or_default();
    let secured = rest.first().is_some_and(|first| !matches!(first, b'I' | b'i' | b'S' | b's'));
    let security = if secured { SECURITY_BYTES } else { 0 };
    if rest.len() < security + CODE_BYTES {
        return if rest.iter().all(u8::is_ascii_graphic) { Request::Short } else { Request::None };
    }
    let graphic = rest.iter().take(security).all(u8::is_ascii_graphic);
    match rest.get(security..).and_then(code).filter(|_| graphic) {
        Some(code) => Request::Whole { code, secured, length: 1 + security + CODE_BYTES },
        None => Request::None,
    }
}

struct Reading {
    server: End,
    /// The answer being read is that to the revision level.
    revision: bool,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if from == self.server { self.read_answer(from, data, facts) } else { read_request(data, facts) }
    }
}

fn read_request(data: &[u8], facts: &mut dyn Facts) -> Progress {
    let start = data.iter().position(|octet| *octet == START).unwrap_or(data.len());
    if start > 0 {
        // Data of a function that sets, or what a Telnet client sends besides.
        return Progress::Consumed(start);
    }
    match request(data) {
        Request::Whole { code, secured, length } => {
            if secured {
                facts.say(Fact::ClearTextCredential { what: "password" });
            }
            say(code, Direction::Request, facts);
            Progress::Consumed(length)
        }
        Request::Short => Progress::Need(data.len() + 1),
        Request::None => {
            facts.say(Fact::Anomaly { what: "atg-request" });
            Progress::Consumed(1)
        }
    }
}

fn say(code: [u8; 4], direction: Direction, facts: &mut dyn Facts) {
    let Ok(name) = std::str::from_utf8(&code) else { return };
    let (code, meaning) = (Code::Text(name), meaning(name));
    facts.say(Fact::Message(Message { protocol: &PROTOCOL, element: FUNCTION, code, direction, meaning }));
}

impl Reading {
    /// A line of an answer: its first is letter and digits, or an error.
    fn read_answer(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let ends = |octet: &u8| matches!(*octet, START | STOP | b'\r' | b'\n');
        let Some(end) = data.iter().take(LINE_BYTES_MAX).position(ends) else {
            let short = data.len() < LINE_BYTES_MAX;
            return if short { Progress::Need(data.len() + 1) } else { Progress::Consumed(data.len()) };
        };
        let line = data.get(..end).unwrap_or_default();
        let alone = line.len() == CODE_BYTES || line.first().is_some_and(u8::is_ascii_lowercase);
        if let Some(code) = code(line).filter(|_| alone) {
            self.revision = code == *b"I902";
            say(code, Direction::Response, facts);
        } else if line.starts_with(b"9999FF1B") {
            facts.message(&PROTOCOL, ERROR, 9999, Direction::Response);
        } else if self.revision
            && let Some(version) = line.trim_ascii().strip_prefix(b"VERSION ").and_then(text)
        {
            facts.say(Fact::Identity { about: from, what: Identity::Vendor, value: "Veeder-Root" });
            facts.say(Fact::Identity { about: from, what: Identity::Version, value: &version });
        }
        Progress::Consumed(end + 1)
    }
}
