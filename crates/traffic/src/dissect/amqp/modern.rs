//! AMQP 1.0: frames, the values that performatives are made of, and those that tell something (parts 1, 2 and 5).

use super::super::octets::{Octets, printable};
use super::Peers;
use super::table::{DELIVERY, PERFORMATIVE, PROTOCOL};
use crate::dissect::Progress;
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};

/// Octets of a frame's header (part 2, 2.3.1).
const HEADER_LENGTH: usize = 8;
/// Longest frame that is believed.
const FRAME_LENGTH_MAX: u32 = 16 << 20;
/// Longest frame that is read whole; of a longer one only the beginning is.
const READ_LENGTH_MAX: usize = 16 * 1024;
/// Octets of a long frame that are read.
const BEGIN_LENGTH: usize = 64;
/// Entries of a map that are looked at.
const ENTRIES_MAX: usize = 64;
/// The descriptor of a transfer.
const TRANSFER: u8 = 0x14;

/// A frame's header.
struct Header {
    whole: usize,
    body: usize,
    sasl: bool,
}

fn header(data: &[u8]) -> Option<Header> {
    let mut octets = Octets::new(data);
    let length = octets.u32_be()?;
    let offset = octets.u8()?;
    let kind = octets.u8()?;
    octets.skip(2)?;
    let (whole, body) = (usize::try_from(length).ok()?, usize::from(offset) * 4);
    let good = length <= FRAME_LENGTH_MAX && kind <= 1 && body >= HEADER_LENGTH && body <= whole;
    good.then_some(Header { whole, body, sasl: kind == 1 })
}

/// The descriptor of a performative: a small unsigned long, or a long one (part 1, 1.6.10).
fn descriptor(octets: &mut Octets<'_>) -> Option<u8> {
    match octets.array::<3>()? {
        [0x00, 0x53, code] => Some(code),
        [0x00, 0x80, 0x00] => match octets.array::<7>()? {
            [0, 0, 0, 0, 0, 0, code] => Some(code),
            _ => None,
        },
        _ => None,
    }
}

/// Do these octets begin with a frame? `Some(true)`: with a performative that is known.
pub(super) fn probe(data: &[u8]) -> Option<bool> {
    let header = header(data)?;
    if header.whole == header.body {
        return (!header.sasl).then_some(false);
    }
    let mut octets = Octets::new(data.get(header.body..)?);
    let code = descriptor(&mut octets)?;
    let known = PROTOCOL.function(PERFORMATIVE, u32::from(code)).is_some();
    (known && header.sasl == (code >= 0x40)).then_some(true)
}

/// Reads a frame.
pub(super) fn read(peers: &mut Peers, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    if data.len() < HEADER_LENGTH {
        return Progress::Need(HEADER_LENGTH);
    }
    let Some(header) = header(data) else {
        facts.say(Fact::Anomaly { what: "amqp-frame" });
        return Progress::Lost;
    };
    let code = data.get(header.body..).and_then(|body| descriptor(&mut Octets::new(body)));
    // What a transfer carries is of no interest.
    let short = header.whole <= READ_LENGTH_MAX && code != Some(TRANSFER);
    let wanted = if short { header.whole } else { header.whole.min(header.body + BEGIN_LENGTH) };
    let Some(body) = data.get(header.body..wanted) else { return Progress::Need(wanted) };
    if !body.is_empty() {
        performative(peers, from, body, facts);
    }
    if wanted == header.whole { Progress::Consumed(wanted) } else { Progress::Skip(header.whole) }
}

/// The beginning of a frame that was not captured whole.
pub(super) fn cut(peers: &Peers, from: End, data: &[u8], facts: &mut dyn Facts) {
    let Some(header) = header(data) else { return };
    if let Some(code) = data.get(header.body..).and_then(|body| descriptor(&mut Octets::new(body))) {
        say_message(peers, from, code, facts);
    }
}

fn say_message(peers: &Peers, from: End, code: u8, facts: &mut dyn Facts) {
    let delivery = code == TRANSFER && from != peers.client;
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: PERFORMATIVE,
        code: Code::Number(u32::from(code)),
        direction: Direction::None,
        meaning: delivery.then_some(DELIVERY),
    }));
}

fn performative(peers: &mut Peers, from: End, body: &[u8], facts: &mut dyn Facts) {
    let mut octets = Octets::new(body);
    let Some(code) = descriptor(&mut octets) else {
        facts.say(Fact::Anomaly { what: "amqp-performative" });
        return;
    };
    match code {
        0x40 | 0x42 | 0x44 => peers.say_client(from.other(), facts),
        0x41 | 0x43 => peers.say_client(from, facts),
        _ => {}
    }
    say_message(peers, from, code, facts);
    if PROTOCOL.function(PERFORMATIVE, u32::from(code)).is_none() {
        facts.say(Fact::Anomaly { what: "amqp-performative" });
        return;
    }
    let read = match code {
        0x10 => open(from, &mut octets, facts),
        0x12 => attach(peers, &mut octets, facts),
        0x41 => sasl_init(&mut octets, facts),
        _ => Some(()),
    };
    if read.is_none() {
        facts.say(Fact::Anomaly { what: "amqp-arguments" });
    }
}

/// A value, as far as it is told apart: its kind of encoding and its octets.
#[derive(Debug, Clone, Copy)]
struct Value<'a> {
    constructor: u8,
    data: &'a [u8],
}

impl<'a> Value<'a> {
    /// Reads a value (part 1, 1.2). Of a described one the descriptor is passed over.
    fn read(octets: &mut Octets<'a>) -> Option<Self> {
        let mut constructor = octets.u8()?;
        if constructor == 0 {
            let descriptor = octets.u8()?;
            Self::sized(descriptor, octets)?;
            constructor = octets.u8()?;
        }
        Self::sized(constructor, octets)
    }

    /// What follows a constructor: its upper half tells how long the value is.
    fn sized(constructor: u8, octets: &mut Octets<'a>) -> Option<Self> {
        let data = match constructor >> 4 {
            0x4 => &[],
            0x5 => octets.take(1)?,
            0x6 => octets.take(2)?,
            0x7 => octets.take(4)?,
            0x8 => octets.take(8)?,
            0x9 => octets.take(16)?,
            0xA | 0xC | 0xE => {
                let length = octets.u8()?;
                octets.take(usize::from(length))?
            }
            0xB | 0xD | 0xF => {
                let length = octets.u32_be()?;
                octets.take(usize::try_from(length).ok()?)?
            }
            _ => return None,
        };
        Some(Self { constructor, data })
    }

    /// The items of a list or map, the count passed over.
    fn items(self) -> Option<Octets<'a>> {
        let mut octets = Octets::new(self.data);
        match self.constructor {
            0x45 => {}
            0xC0 | 0xC1 => octets.skip(1)?,
            0xD0 | 0xD1 => octets.skip(4)?,
            _ => return None,
        }
        Some(octets)
    }

    /// The octets of a text, symbol or binary.
    fn octets(self) -> Option<&'a [u8]> {
        matches!(self.constructor, 0xA0 | 0xA1 | 0xA3 | 0xB0 | 0xB1 | 0xB3).then_some(self.data)
    }

    fn text(self) -> Option<&'a str> {
        self.octets().and_then(printable)
    }
}

/// OPEN (2.7.1): the container, and what it says of itself.
fn open(from: End, octets: &mut Octets<'_>, facts: &mut dyn Facts) -> Option<()> {
    let mut fields = Value::read(octets)?.items()?;
    if let Some(value) = Value::read(&mut fields)?.text() {
        facts.say(Fact::Identity { about: from, what: Identity::Name, value });
    }
    for field in 1..10 {
        if fields.is_empty() {
            break;
        }
        let value = Value::read(&mut fields)?;
        if field == 1
            && let Some(value) = value.text()
        {
            facts.say(Fact::Property { name: "host", value });
        }
        if let (9, Some(entries)) = (field, value.items()) {
            say_properties(from, entries, facts)?;
        }
    }
    Some(())
}

fn say_properties(about: End, mut entries: Octets<'_>, facts: &mut dyn Facts) -> Option<()> {
    for _ in 0..ENTRIES_MAX {
        if entries.is_empty() {
            break;
        }
        let key = Value::read(&mut entries)?;
        let value = Value::read(&mut entries)?;
        let what = match key.octets() {
            Some(b"product") => Identity::Product,
            Some(b"version") => Identity::Version,
            _ => continue,
        };
        if let Some(value) = value.text() {
            facts.say(Fact::Identity { about, what, value });
        }
    }
    Some(())
}

/// ATTACH (2.7.3): the addresses of source and target, fields 5 and 6.
fn attach(peers: &mut Peers, octets: &mut Octets<'_>, facts: &mut dyn Facts) -> Option<()> {
    let mut fields = Value::read(octets)?.items()?;
    for field in 0..7 {
        if fields.is_empty() {
            break;
        }
        let value = Value::read(&mut fields)?;
        let Some(mut inner) = (if field >= 5 { value.items() } else { None }) else { continue };
        if let Some(address) = Value::read(&mut inner).and_then(Value::text)
            && peers.names.is_new(address.as_bytes())
        {
            facts.say(Fact::Property { name: "amqp-address", value: address });
        }
    }
    Some(())
}

/// SASL-INIT (part 5, 5.3.3.2).
fn sasl_init(octets: &mut Octets<'_>, facts: &mut dyn Facts) -> Option<()> {
    let mut fields = Value::read(octets)?.items()?;
    let mechanism = Value::read(&mut fields)?.octets()?;
    let response = if fields.is_empty() { None } else { Value::read(&mut fields)?.octets() };
    super::say_sasl(mechanism, response.unwrap_or_default(), facts);
    Some(())
}
