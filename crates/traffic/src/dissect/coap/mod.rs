//! CoAP: requests to resources of small devices, over UDP and TCP.
//!
//! Owns the message's head and options. Of payloads it reads nothing. A device that registers (LightweightM2M, resource
//! directory) tells its name.

mod protocol;

use self::protocol::{CODE, PORT, is_code, meaning};
use super::brief::Brief;
use super::octets::{Octets, printable};
use super::sides::InStep;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::Protocol;

pub use self::protocol::PROTOCOL;

/// The version (RFC 7252, 3), and the longest token.
const VERSION: u8 = 1;
const TOKEN_LENGTH_MAX: u8 = 8;
/// Longest message over TCP that is taken for one.
const MESSAGE_LENGTH_MAX: usize = 1 << 18;
/// Options of one message that are read.
const OPTIONS_MAX: usize = 64;
/// What a connection begins with (RFC 8323, 5.3).
const SETTINGS: u8 = 225;

// Options (RFC 7252, 5.10; RFC 8613, 2).
const URI_HOST: u32 = 3;
const OSCORE: u32 = 9;
const URI_PATH: u32 = 11;
const URI_QUERY: u32 = 15;

/// The reader of CoAP.
#[derive(Debug)]
pub struct Coap;

impl Dissector for Coap {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let at_home = hint.port(PORT);
        if hint.stream {
            // Only where it begins: later messages have nothing to be known by.
            let found = at_home
                && stream_head(data)
                    .is_some_and(|head| head.code == SETTINGS && head.length <= MESSAGE_LENGTH_MAX);
            return if found { Likelihood::Likely } else { Likelihood::No };
        }
        let Some(datagram) = Datagram::read(data) else { return Likelihood::No };
        let Some(options) = read_options(datagram.rest) else { return Likelihood::No };
        match (datagram.code, at_home) {
            // An empty message has nothing behind its head (4.1).
            (0, true) if data.len() == 4 => Likelihood::Likely,
            (0, _) => Likelihood::No,
            (_, true) => Likelihood::Certain,
            // Elsewhere a request that names a resource, in options that exist.
            (1..=7, false) if datagram.asks && options.known && options.path.as_str().len() > 1 => {
                Likelihood::Likely
            }
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { stream: hint.stream, in_step: InStep::default() })
    }
}

/// A message of UDP: version, type, token length; code; message ID; token.
struct Datagram<'a> {
    /// Is it of a type that requests have: confirmable or not?
    asks: bool,
    code: u8,
    rest: &'a [u8],
}

impl<'a> Datagram<'a> {
    fn read(data: &'a [u8]) -> Option<Self> {
        let mut octets = Octets::new(data);
        let first = octets.u8().filter(|first| first >> 6 == VERSION && first & 15 <= TOKEN_LENGTH_MAX)?;
        let code = octets.u8().filter(|code| is_code(*code) && code >> 5 != 7)?;
        octets.skip(2)?;
        octets.skip(usize::from(first & 15))?;
        Some(Self { asks: first >> 4 & 2 == 0, code, rest: octets.rest() })
    }
}

/// The head of a message of TCP: where its options begin, and its length (RFC 8323, 3.2).
struct StreamHead {
    code: u8,
    begin: usize,
    length: usize,
}

fn stream_head(data: &[u8]) -> Option<StreamHead> {
    let mut octets = Octets::new(data);
    let first = octets.u8().filter(|first| first & 15 <= TOKEN_LENGTH_MAX)?;
    let body = match first >> 4 {
        13 => usize::from(octets.u8()?) + 13,
        14 => usize::from(octets.u16_be()?) + 269,
        15 => usize::try_from(octets.u32_be()?).ok()?.checked_add(65_805)?,
        short => usize::from(short),
    };
    let code = octets.u8().filter(|code| is_code(*code))?;
    let begin = data.len() - octets.len() + usize::from(first & 15);
    Some(StreamHead { code, begin, length: begin.checked_add(body)? })
}

/// What the options say.
struct Options<'a> {
    /// Do all have numbers that are registered, and is the path of letters that are seen?
    known: bool,
    path: Brief<128>,
    host: Option<&'a [u8]>,
    endpoint: Option<&'a [u8]>,
    protected: bool,
}

/// Reads options up to the payload (RFC 7252, 3.1). `None` where they are none.
fn read_options(data: &[u8]) -> Option<Options<'_>> {
    let mut options =
        Options { known: true, path: Brief::new(), host: None, endpoint: None, protected: false };
    let (mut octets, mut number) = (Octets::new(data), 0_u32);
    for _ in 0..OPTIONS_MAX {
        let Some(first) = octets.u8() else { return Some(options) };
        if first == 0xFF {
            // A marker without a payload is an error.
            return (!octets.is_empty()).then_some(options);
        }
        number = number.checked_add(extended(first >> 4, &mut octets)?)?;
        let length = extended(first & 15, &mut octets)?;
        let value = octets.take(usize::try_from(length).ok()?)?;
        match number {
            URI_HOST => options.host = Some(value),
            OSCORE => options.protected = true,
            URI_PATH => {
                let text = std::str::from_utf8(value).ok()?;
                options.known &= value.iter().all(u8::is_ascii_graphic);
                let _ = std::fmt::Write::write_fmt(&mut options.path, format_args!("/{text}"));
            }
            URI_QUERY => options.endpoint = options.endpoint.or(value.strip_prefix(b"ep=")),
            _ => options.known &= is_option(number),
        }
    }
    None
}

/// A number of four bits that goes on behind (RFC 7252, 3.1).
fn extended(nibble: u8, octets: &mut Octets<'_>) -> Option<u32> {
    match nibble {
        13 => Some(u32::from(octets.u8()?) + 13),
        14 => Some(u32::from(octets.u16_be()?) + 269),
        15 => None,
        short => Some(u32::from(short)),
    }
}

/// Is this an option that is registered (RFC 7252, 12.2, and later)?
const fn is_option(number: u32) -> bool {
    matches!(number, 1 | 3..=9 | 11..=17 | 19..=21 | 23 | 27 | 28 | 31 | 35 | 39 | 60 | 252 | 258 | 292)
}

/// One conversation being read.
struct Reader {
    stream: bool,
    in_step: InStep,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if !self.stream {
            match Datagram::read(data) {
                Some(datagram) => say(datagram.code, datagram.rest, from, true, facts),
                None => facts.say(Fact::Anomaly { what: "coap-head" }),
            }
            return Progress::Consumed(data.len());
        }
        match stream_head(data) {
            Some(head) if head.length > MESSAGE_LENGTH_MAX => Progress::Lost,
            Some(head) => match data.get(head.begin..head.length) {
                Some(rest) => {
                    self.in_step.found(from);
                    say(head.code, rest, from, true, facts);
                    Progress::Consumed(head.length)
                }
                None => Progress::Need(head.length),
            },
            None if data.len() < 6 => Progress::Need(data.len() + 1),
            None => {
                self.in_step.fails(from, "coap-head", facts);
                Progress::Lost
            }
        }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if self.stream {
            if let Some(head) = stream_head(data) {
                say(head.code, data.get(head.begin..).unwrap_or_default(), from, false, facts);
            }
        } else if let Some(datagram) = Datagram::read(data) {
            say(datagram.code, datagram.rest, from, false, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        self.in_step.lost(from);
        !self.stream
    }
}

/// Says a message and what its options tell.
fn say(code: u8, rest: &[u8], from: End, whole: bool, facts: &mut dyn Facts) {
    let direction = match code >> 5 {
        0 if code > 0 => Direction::Request,
        2..=5 => Direction::Response,
        _ => Direction::None,
    };
    // Options of signaling messages have numbers of their own.
    let signaling = code >> 5 == 7;
    let options = read_options(rest).filter(|_| !signaling);
    let resource = options.as_ref().map(|options| options.path.as_str()).unwrap_or_default();
    let meaning = if direction == Direction::Request { meaning(code, resource) } else { None };
    let number = Code::Number(u32::from(code));
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: CODE,
        code: number,
        direction,
        meaning,
    }));
    let Some(options) = options else {
        if whole && !signaling {
            facts.say(Fact::Anomaly { what: "coap-options" });
        }
        return;
    };
    if options.protected {
        facts.say(Fact::Encrypted(true));
        facts.say(Fact::Authenticated(true));
    }
    if let Some(value) = options.host.and_then(printable) {
        facts.say(Fact::Property { name: "uri-host", value });
    }
    if meaning.is_some_and(|(name, _)| name == "register")
        && let Some(value) = options.endpoint.and_then(printable)
    {
        facts.say(Fact::Identity { about: from, what: Identity::Name, value });
    }
}
