//! CODESYS version 2: frames that begin with `bbbb` and a length, or with `cccc` and a longer head; the first octet of the
//! content is the service.
//!
//! There is no public document. What is read is what public tools send and what they read of the answers.

use crate::dissect::fields::{be32, bytes, le16, le32, rest, text, u8_at};
use crate::dissect::sides::Sides;
use crate::dissect::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `service`.
const SERVICE: u8 = 0;
/// Index of the element `frame`.
const FRAME: u8 = 1;

/// CODESYS version 2.
pub static PROTOCOL: Protocol = Protocol {
    name: "codesys-v2",
    title: "CODESYS V2",
    carriers: &[Carrier::Tcp(1200), Carrier::Tcp(2455)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "service", functions: SERVICES, default_class: Class::Other },
        Element { name: "frame", functions: FRAMES, default_class: Class::Session },
    ],
    documents: &[
        "Digital Bond, Redpoint, codesys-v2-discover.nse (identification and its answer)",
        "Digital Bond, Project Basecamp, codesys-shell and codesys-transfer (commands of the PLC browser, files)",
    ],
};

/// Services; after the PLC browser what its commands make of it.
const SERVICES: &[Function] = &[
    function(0x01, "identify", Class::Discover),
    function(0x2f, "file-write", Class::File),
    function(0x30, "file-write-block", Class::File),
    function(0x31, "file-read", Class::File),
    function(0x32, "file-read-block", Class::File),
    function(BROWSER as u32, "plc-browser", Class::Diagnose),
    function(BROWSER as u32, CONTROL.0, CONTROL.1),
    function(BROWSER as u32, LOAD.0, LOAD.1),
    function(BROWSER as u32, FILES.0, FILES.1),
    function(BROWSER as u32, PASSWORDS.0, PASSWORDS.1),
];

/// A frame that only confirms.
const FRAMES: &[Function] = &[function(0x6666, "acknowledge", Class::Session)];

/// Commands as text, as one types them into the PLC browser.
const BROWSER: u8 = 0x92;
const CONTROL: (&str, Class) = ("plc-browser-control", Class::Operate);
const LOAD: (&str, Class) = ("plc-browser-load", Class::Program);
const FILES: (&str, Class) = ("plc-browser-files", Class::File);
const PASSWORDS: (&str, Class) = ("plc-browser-passwords", Class::Authenticate);
/// Who the controller is.
const IDENTIFY: u8 = 0x01;

/// Where CODESYS 2 is met.
const PORTS: [u16; 2] = [1200, 2455];
/// `bbbb` and the length.
const SHORT_HEADER_BYTES: usize = 6;
/// `cccc` or `6666`, version, length, ten zeros, count, and four octets that say what the content is.
const LONG_HEADER_BYTES: usize = 24;
/// The most that a length is believed.
const LENGTH_MAX: usize = 64 * 1024;

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct CodesysV2;

impl Dissector for CodesysV2 {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let by_port = PORTS.iter().any(|port| hint.port(*port));
        match Frame::read(data).filter(|_| hint.stream) {
            Some(frame) if by_port && (frame.whole() == data.len() || frame.mark == 0xcccc) => {
                Likelihood::Likely
            }
            // Nobody else asks so.
            Some(_) if data == [0xbb, 0xbb, 1, 0, 0, 0, 1] || data == [0xbb, 0xbb, 0, 0, 0, 1, 1] => {
                Likelihood::Likely
            }
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let server = if PORTS.contains(&hint.source_port) { hint.from } else { hint.from.other() };
        Box::new(Reading { server, asked: None, searching: Sides::new(false, false) })
    }
}

/// A frame's head.
#[derive(Debug, Clone, Copy)]
struct Frame {
    mark: u16,
    head: usize,
    length: usize,
}

impl Frame {
    fn read(data: &[u8]) -> Option<Self> {
        let mark = le16(data, 0)?;
        let (head, length) = match mark {
            // The controller's byte order.
            0xbbbb => {
                let lengths = [le32(data, 2)?, be32(data, 2)?];
                let fits = |length: &u32| (1..=LENGTH_MAX).contains(&usize::try_from(*length).unwrap_or(0));
                (SHORT_HEADER_BYTES, usize::try_from(lengths.into_iter().find(fits)?).ok()?)
            }
            0xcccc | 0x6666 => {
                let plain = u8_at(data, 2)? == 1 && bytes(data, 6, 10)?.iter().all(|octet| *octet == 0);
                (LONG_HEADER_BYTES, usize::from(le16(data, 4).filter(|_| plain)?))
            }
            _ => return None,
        };
        Some(Self { mark, head, length })
    }

    const fn whole(self) -> usize {
        self.head + self.length
    }
}

struct Reading {
    server: End,
    /// The service asked for last: answers do not say theirs.
    asked: Option<(u8, Option<(&'static str, Class)>)>,
    /// The beginning of the next frame must be looked for.
    searching: Sides<bool>,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(frame) = Frame::read(data) else {
            let begins =
                matches!(data, [0xbb, 0xbb, ..] | [0xcc, 0xcc, ..] | [0x66, 0x66, ..] | [0xbb | 0xcc | 0x66]);
            if begins && data.len() < 16 && (data.len() < SHORT_HEADER_BYTES || data.first() != Some(&0xbb)) {
                return Progress::Need(data.len() + 1);
            }
            if !std::mem::replace(self.searching.of(from), true) {
                facts.say(Fact::Anomaly { what: "codesys-frame" });
            }
            // Nothing in a frame's middle tells another's beginning: the next segment may.
            return Progress::Consumed(data.len());
        };
        let Some(content) = bytes(data, frame.head, frame.length) else {
            return Progress::Need(frame.whole());
        };
        *self.searching.of(from) = false;
        self.say(from, frame, content, facts);
        Progress::Consumed(frame.whole())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some(frame) = Frame::read(data) {
            self.say(from, frame, rest(data, frame.head), facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        *self.searching.of(from) = true;
        true
    }
}

impl Reading {
    fn say(&mut self, from: End, frame: Frame, content: &[u8], facts: &mut dyn Facts) {
        if frame.mark == 0x6666 {
            return facts.message(&PROTOCOL, FRAME, 0x6666, Direction::None);
        }
        let direction = if from == self.server { Direction::Response } else { Direction::Request };
        if direction == Direction::Request {
            let Some(service) = u8_at(content, 0) else { return };
            let command = if service == BROWSER { rest(content, 5) } else { &[] };
            self.asked = Some((service, browser(command)));
            if command.starts_with(b"setpwd") || command.starts_with(b"delpwd") {
                facts.say(Fact::ClearTextCredential { what: "password" });
            }
        }
        let Some((service, meaning)) = self.asked else { return };
        let code = Code::Number(u32::from(service));
        facts.say(Fact::Message(Message { protocol: &PROTOCOL, element: SERVICE, code, direction, meaning }));
        if direction == Direction::Response && service == IDENTIFY {
            say_controller(content, from, facts);
        }
    }
}

/// What a command of the PLC browser does, by its first word.
fn browser(command: &[u8]) -> Option<(&'static str, Class)> {
    let end = command.iter().position(|byte| matches!(byte, 0 | b' ')).unwrap_or(command.len());
    match command.get(..end)? {
        b"startprg" | b"stopprg" | b"resetprg" | b"resetprgcold" | b"resetprgorg" => Some(CONTROL),
        b"reload" => Some(LOAD),
        b"filedir" | b"filecopy" | b"filerename" | b"filedelete" => Some(FILES),
        b"setpwd" | b"delpwd" => Some(PASSWORDS),
        _ => None,
    }
}

/// Names of system, its version and the product, each in 32 octets; the first 64 octets into the frame.
fn say_controller(content: &[u8], about: End, facts: &mut dyn Facts) {
    let field = |at: usize| {
        bytes(content, at - SHORT_HEADER_BYTES, 32).or_else(|| {
            let left = rest(content, at - SHORT_HEADER_BYTES);
            (!left.is_empty()).then_some(left)
        })
    };
    let Some(system) = field(64).and_then(text) else { return };
    let version = field(96).and_then(text);
    let value = format!("{system} {}", version.as_deref().unwrap_or_default());
    facts.say(Fact::Property { name: "operating-system", value: value.trim_end() });
    if let Some(value) = field(128).and_then(text) {
        facts.say(Fact::Identity { about, what: Identity::Product, value: &value });
    }
}
