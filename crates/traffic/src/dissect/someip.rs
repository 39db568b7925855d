//! SOME/IP: calls between the controllers of vehicles and machines, over UDP and TCP.
//!
//! Owns the message's head; names of services and methods are in no document, so that their numbers are the code.

use super::brief::Brief;
use super::octets::Octets;
use super::sides::InStep;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The port of service discovery (AUTOSAR, SOME/IP Service Discovery, 5.1.2.4).
const PORT: u16 = 30490;
/// Octets of the head; the length counts from the request's number on (AUTOSAR, SOME/IP Protocol, 4.1.2).
const HEAD: usize = 16;
const BEFORE_LENGTH: usize = 8;
/// The version of the protocol.
const VERSION: u8 = 1;
/// Longest message over TCP that is taken for one.
const MESSAGE_LENGTH_MAX: usize = 1 << 18;
/// Service and method of discovery.
const DISCOVERY: (u16, u16) = (0xFFFF, 0x8100);

/// Index of the element that counts methods.
const METHOD: u8 = 0;
/// Index of the element that counts types of messages.
const TYPE: u8 = 1;

/// SOME/IP.
pub static PROTOCOL: Protocol = Protocol {
    name: "someip",
    title: "SOME/IP",
    carriers: &[Carrier::Udp(PORT), Carrier::Tcp(PORT)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "method", functions: &[], default_class: Class::Other },
        Element { name: "type", functions: TYPES, default_class: Class::Other },
    ],
    documents: &[
        "AUTOSAR FO R22-11, SOME/IP Protocol Specification, 4.1 (messages), 4.2 (types, return codes)",
        "AUTOSAR FO R22-11, SOME/IP Service Discovery Protocol Specification, 4.1",
    ],
};

/// Types of messages; 0x20 marks a part of a longer one (4.1.2.6, 4.2.1.4).
const TYPES: &[Function] = &[
    function(0x00, "request", Class::Other),
    function(0x01, "request-no-return", Class::Other),
    function(0x02, "notification", Class::Read),
    function(0x40, "request-ack", Class::Other),
    function(0x41, "request-no-return-ack", Class::Other),
    function(0x42, "notification-ack", Class::Read),
    function(0x80, "response", Class::Other),
    function(0x81, "error", Class::Other),
    function(0xC0, "response-ack", Class::Other),
    function(0xC1, "error-ack", Class::Other),
    function(0x20, "tp-request", Class::Other),
    function(0x21, "tp-request-no-return", Class::Other),
    function(0x22, "tp-notification", Class::Read),
    function(0xA0, "tp-response", Class::Other),
    function(0xA1, "tp-error", Class::Other),
];

/// The reader of SOME/IP.
#[derive(Debug)]
pub struct SomeIp;

impl Dissector for SomeIp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let Some(head) = Head::read(data).filter(Head::is_strict) else { return Likelihood::No };
        if head.length > data.len() {
            return if hint.stream && hint.port(PORT) { Likelihood::Port } else { Likelihood::No };
        }
        // Several messages fill a datagram or segment, which has to end with one.
        let next = data.get(head.length..).unwrap_or_default();
        let followed = next.is_empty() || Head::read(next).is_some_and(|next| next.is_strict());
        match (followed, hint.port(PORT) && (head.service, head.method) == DISCOVERY) {
            (true, true) => Likelihood::Certain,
            (true, false) => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { stream: hint.stream, in_step: InStep::default() })
    }
}

/// The head of a message.
struct Head {
    service: u16,
    method: u16,
    length: usize,
    client: u16,
    version: u8,
    kind: u8,
    code: u8,
}

impl Head {
    fn read(data: &[u8]) -> Option<Self> {
        let mut octets = Octets::new(data);
        let (service, method) = (octets.u16_be()?, octets.u16_be()?);
        let length = usize::try_from(octets.u32_be()?).ok()?.checked_add(BEFORE_LENGTH)?;
        let client = octets.u16_be()?;
        octets.skip(2)?;
        let version = octets.u8()?;
        octets.skip(1)?;
        Some(Self { service, method, length, client, version, kind: octets.u8()?, code: octets.u8()? })
    }

    fn is_sound(&self) -> bool {
        self.version == VERSION
            && (HEAD..=MESSAGE_LENGTH_MAX).contains(&self.length)
            && TYPES.iter().any(|known| known.code == u32::from(self.kind))
    }

    /// Can only answers have failed, is the code one that exists, and is discovery as it always is?
    fn is_strict(&self) -> bool {
        let answers = self.kind & 0x80 != 0;
        let discovery = (self.service, self.method) == DISCOVERY;
        self.is_sound()
            && (self.code == 0 || answers && self.code <= 0x5E)
            && self.service != 0
            && (!discovery || self.kind == 2 && self.client == 0)
    }

    const fn direction(&self) -> Direction {
        match self.kind {
            0x00 | 0x01 => Direction::Request,
            0x80 | 0x81 => Direction::Response,
            _ => Direction::None,
        }
    }

    fn say(&self, facts: &mut dyn Facts) {
        let code = Brief::<16>::of(format_args!("{:#06x}/{:#06x}", self.service, self.method));
        let meaning =
            ((self.service, self.method) == DISCOVERY).then_some(("service-discovery", Class::Discover));
        let code = Code::Text(code.as_str());
        let direction = self.direction();
        facts.say(Fact::Message(Message { protocol: &PROTOCOL, element: METHOD, code, direction, meaning }));
        facts.message(&PROTOCOL, TYPE, u32::from(self.kind), direction);
    }
}

/// One conversation being read.
struct Reader {
    stream: bool,
    in_step: InStep,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if data.len() < HEAD {
            return Progress::Need(HEAD);
        }
        let Some(head) = Head::read(data).filter(Head::is_sound) else {
            self.in_step.fails(from, "someip-head", facts);
            return if self.stream { Progress::Lost } else { Progress::Consumed(data.len()) };
        };
        if head.length > data.len() {
            return Progress::Need(head.length);
        }
        self.in_step.found(from);
        head.say(facts);
        Progress::Consumed(head.length)
    }

    fn cut(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some(head) = Head::read(data).filter(Head::is_sound) {
            head.say(facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        self.in_step.lost(from);
        // Messages begin with segments: the next that looks like one is taken up.
        false
    }
}
