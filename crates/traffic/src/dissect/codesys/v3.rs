//! CODESYS version 3: block driver (TCP), datagram layer with name service, channel layer, services.
//!
//! Offsets are those of the Kaspersky report and of the forensic tools named in the protocol's documents. Only the first
//! block of a service's message has the service's head; what follows it is counted as a block.

use super::services::{SERVICES, code, of_group};
use crate::dissect::fields::{be16, bytes, le16, le32, rest, text, u8_at};
use crate::dissect::octets::find;
use crate::dissect::sides::Sides;
use crate::dissect::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `service`.
const SERVICE: u8 = 0;
/// Index of the element `channel`.
const CHANNEL: u8 = 1;
/// Index of the element `datagram`.
const DATAGRAM: u8 = 2;

/// CODESYS version 3.
pub static PROTOCOL: Protocol = Protocol {
    name: "codesys-v3",
    title: "CODESYS V3",
    carriers: &[
        Carrier::Tcp(11_740),
        Carrier::Tcp(1217),
        Carrier::Udp(1740),
        Carrier::Udp(1741),
        Carrier::Udp(1742),
        Carrier::Udp(1743),
    ],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[
        Element { name: "service", functions: SERVICES, default_class: Class::Other },
        Element { name: "channel", functions: CHANNELS, default_class: Class::Session },
        Element { name: "datagram", functions: DATAGRAMS, default_class: Class::Session },
    ],
    documents: &[
        "Kaspersky ICS CERT, Security research: CODESYS Runtime, a PLC control framework, 2019, part 1",
        "Microsoft, ICS Forensics Tools, CODESYS V3 (structures of the layers, answer of the name service)",
        "Public dissector of CODESYS 3 for Wireshark (components and their commands)",
    ],
};

/// Types of the channel layer.
const CHANNELS: &[Function] = &[
    function(0x01, "block", Class::Other),
    function(0x02, "acknowledge", Class::Session),
    function(0x03, "keep-alive", Class::Session),
    function(0x82, "get-info-response", Class::Session),
    function(0x83, "open-channel-response", Class::Session),
    function(0xc2, "get-info", Class::Session),
    function(0xc3, "open-channel", Class::Session),
    function(0xc4, "close-channel", Class::Session),
];

/// Services of the datagram layer besides channels: 1 and 2, and those of the name service by their own codes.
const DATAGRAMS: &[Function] = &[
    function(1, "address-notification-request", Class::Session),
    function(2, "address-notification-response", Class::Session),
    function(0xc201, "name-service-resolve-address", Class::Discover),
    function(0xc202, "name-service-resolve-name", Class::Discover),
    function(DEVICE_INFO as u32, "name-service-device-info", Class::Discover),
];

/// The answer of the name service that says who a device is.
const DEVICE_INFO: u16 = 0xc280;
/// Block driver over TCP: a mark, and the length of all.
const BLOCK_MAGIC: &[u8; 4] = &[0x00, 0x01, 0x17, 0xe8];
const BLOCK_HEADER_BYTES: usize = 8;
/// The most that a length is believed: datagrams hold at most a few KiB.
const BLOCK_BYTES_MAX: usize = 64 * 1024;
/// The first octet of a datagram.
const DATAGRAM_MAGIC: u8 = 0xc5;
/// Services of the datagram layer.
mod datagram {
    pub(super) const NAME_SERVER: u8 = 3;
    pub(super) const NAME_CLIENT: u8 = 4;
    pub(super) const CHANNEL: u8 = 64;
}
/// The type of a channel's blocks.
const BLOCK: u8 = 1;
/// Set in the flags of a message's first block.
const FLAG_FIRST: u8 = 0x01;
/// The protocol of services: in the clear, and secured.
const PLAIN: u16 = 0xcd55;
const SECURE: u16 = 0x7557;
/// Set in the group of an answer.
const RESPONSE: u16 = 0x80;

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct CodesysV3;

impl Dissector for CodesysV3 {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if hint.stream {
            return match block_length(data) {
                Some(_) => Likelihood::Certain,
                None => Likelihood::No,
            };
        }
        let by_port = (1740..=1743).any(|port| hint.port(port));
        match Datagram::read(data, 0) {
            Some(datagram) if datagram.is_possible() && (by_port || datagram.is_usual()) => {
                Likelihood::Likely
            }
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading { stream: hint.stream, searching: Sides::new(false, false) })
    }
}

/// The length that the block driver's header says, if one stands here.
fn block_length(data: &[u8]) -> Option<usize> {
    let length = usize::try_from(le32(data, 4)?).ok()?;
    let holds = data.starts_with(BLOCK_MAGIC) && (BLOCK_HEADER_BYTES + 6..=BLOCK_BYTES_MAX).contains(&length);
    holds.then_some(length)
}

/// The datagram layer: mark, length of this header, parameters, service, message, lengths of both addresses; then these,
/// filled up so that what follows is aligned to four octets of the packet.
#[derive(Debug, Clone, Copy)]
struct Datagram<'a> {
    header_words: u8,
    service: u8,
    content: &'a [u8],
}

impl<'a> Datagram<'a> {
    /// The datagram in `data`, which stands at `offset` of the packet.
    fn read(data: &'a [u8], offset: usize) -> Option<Self> {
        if u8_at(data, 0)? != DATAGRAM_MAGIC {
            return None;
        }
        let header_words = u8_at(data, 1)? & 7;
        let lengths = u8_at(data, 5)?;
        let addresses = 2 * usize::from((lengths & 15) + (lengths >> 4));
        let end = 2 * usize::from(header_words) + addresses;
        let padding = (offset + end) % 4;
        let content = data.get(end + padding..)?;
        Some(Self { header_words, service: u8_at(data, 3)?, content })
    }

    fn is_possible(self) -> bool {
        self.header_words == 3 && matches!(self.service, 1..=4 | datagram::CHANNEL)
    }

    /// What follows is known as well.
    fn is_usual(self) -> bool {
        match self.service {
            datagram::CHANNEL => u8_at(self.content, 0).is_some_and(|kind| {
                PROTOCOL.function(CHANNEL, u32::from(kind)).is_some()
                    && (kind != BLOCK || self.content.len() >= 12)
                    && (kind < 0x80 || le16(self.content, 2) == Some(0x0101))
            }),
            datagram::NAME_SERVER | datagram::NAME_CLIENT => {
                le16(self.content, 0)
                    .is_some_and(|code| PROTOCOL.function(DATAGRAM, u32::from(code)).is_some())
                    && matches!(le16(self.content, 2), Some(0x0103 | 0x0400))
            }
            _ => false,
        }
    }

    fn say(self, from: End, facts: &mut dyn Facts) {
        match self.service {
            datagram::CHANNEL => say_channel(self.content, facts),
            datagram::NAME_SERVER | datagram::NAME_CLIENT => {
                let Some(code) = le16(self.content, 0) else { return };
                let asks = self.service == datagram::NAME_SERVER;
                let direction = if asks { Direction::Request } else { Direction::Response };
                facts.message(&PROTOCOL, DATAGRAM, u32::from(code), direction);
                if code == DEVICE_INFO && !asks {
                    say_device(self.content, from, facts);
                }
            }
            1 => facts.message(&PROTOCOL, DATAGRAM, 1, Direction::Request),
            2 => facts.message(&PROTOCOL, DATAGRAM, 2, Direction::Response),
            _ => facts.say(Fact::Anomaly { what: "codesys-datagram" }),
        }
    }
}

fn say_channel(content: &[u8], facts: &mut dyn Facts) {
    let (Some(kind), Some(flags)) = (u8_at(content, 0), u8_at(content, 1)) else { return };
    if kind == BLOCK && flags & FLAG_FIRST != 0 && say_service(rest(content, 20), facts) {
        return;
    }
    let direction = match kind {
        0xc2 | 0xc3 => Direction::Request,
        0x82 | 0x83 => Direction::Response,
        _ => Direction::None,
    };
    facts.message(&PROTOCOL, CHANNEL, u32::from(kind), direction);
}

/// Protocol, length of the head, group, command, in the byte order of the device. Whether a service stands here.
fn say_service(head: &[u8], facts: &mut dyn Facts) -> bool {
    let number: fn(&[u8], usize) -> Option<u16> = match (le16(head, 0), be16(head, 0)) {
        (Some(PLAIN | SECURE), _) => le16,
        (_, Some(PLAIN | SECURE)) => be16,
        _ => return false,
    };
    if number(head, 0) == Some(SECURE) {
        facts.say(Fact::Encrypted(true));
        return false;
    }
    let (Some(group), Some(command)) = (number(head, 4), number(head, 6)) else { return false };
    let direction = if group & RESPONSE != 0 { Direction::Response } else { Direction::Request };
    let group = group & 0x7f;
    let code = code(group, command);
    let known = PROTOCOL.function(SERVICE, code).is_some();
    let meaning = if known { None } else { of_group(group) };
    let code = Code::Number(code);
    facts.say(Fact::Message(Message { protocol: &PROTOCOL, element: SERVICE, code, direction, meaning }));
    true
}

/// Command, version, message (4), channels (2), byte order, reserved, where the names begin, the lengths of three names,
/// kind and number of the target, reserved (4), firmware (4), reserved (4), length of the serial number; then the names of
/// node, device and vendor in UTF-16 with their ends, and the serial number.
fn say_device(content: &[u8], about: End, facts: &mut dyn Facts) {
    /// From here the place of the names is counted.
    const NAMES_FROM: usize = 48;
    let number = |at| le16(content, at).map(usize::from);
    let (Some(offset), Some(node), Some(device), Some(vendor)) =
        (number(12), number(14), number(16), number(18))
    else {
        return;
    };
    let mut at = NAMES_FROM + offset;
    for (what, length) in [(Identity::Name, node), (Identity::Product, device), (Identity::Vendor, vendor)] {
        if let Some(value) = bytes(content, at, 2 * length).and_then(utf16) {
            facts.say(Fact::Identity { about, what, value: &value });
        }
        at += 2 * (length + 1);
    }
    let length = u8_at(content, 36).map_or(0, usize::from);
    if let Some(value) = bytes(content, at, length).and_then(text) {
        facts.say(Fact::Identity { about, what: Identity::Serial, value: &value });
    }
    if let Some([d, c, b, a]) = content.get(28..32)
        && [a, b, c, d] != [&0, &0, &0, &0]
    {
        let value = format!("{a}.{b}.{c}.{d}");
        facts.say(Fact::Identity { about, what: Identity::Version, value: &value });
    }
}

/// A name of a device, if it may be shown.
fn utf16(field: &[u8]) -> Option<String> {
    /// Longer ones are no names.
    const UNITS_MAX: usize = 128;
    let (units, _) = field.as_chunks::<2>();
    let units = units.iter().map(|unit| u16::from_le_bytes(*unit)).take(UNITS_MAX);
    let name: String = char::decode_utf16(units).collect::<Result<_, _>>().ok()?;
    let name = name.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    (!name.is_empty() && !name.chars().any(char::is_control)).then(|| name.to_owned())
}

struct Reading {
    stream: bool,
    /// The beginning of the next block must be looked for.
    searching: Sides<bool>,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if !self.stream {
            match Datagram::read(data, 0) {
                Some(datagram) if datagram.is_possible() => datagram.say(from, facts),
                _ => facts.say(Fact::Anomaly { what: "codesys-datagram" }),
            }
            return Progress::Consumed(data.len());
        }
        let Some(length) = block_length(data) else {
            if data.len() < BLOCK_HEADER_BYTES && BLOCK_MAGIC.starts_with(data.get(..4).unwrap_or(data)) {
                return Progress::Need(BLOCK_HEADER_BYTES);
            }
            if !std::mem::replace(self.searching.of(from), true) {
                facts.say(Fact::Anomaly { what: "codesys-block" });
            }
            return Progress::Consumed(find(rest(data, 1), BLOCK_MAGIC).map_or(data.len(), |at| at + 1));
        };
        let Some(block) = data.get(..length) else { return Progress::Need(length) };
        *self.searching.of(from) = false;
        match Datagram::read(rest(block, BLOCK_HEADER_BYTES), BLOCK_HEADER_BYTES) {
            Some(datagram) => datagram.say(from, facts),
            None => facts.say(Fact::Anomaly { what: "codesys-datagram" }),
        }
        Progress::Consumed(length)
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        let (data, offset) = match block_length(data) {
            Some(_) if self.stream => (rest(data, BLOCK_HEADER_BYTES), BLOCK_HEADER_BYTES),
            _ if self.stream => return,
            _ => (data, 0),
        };
        if let Some(datagram) = Datagram::read(data, offset).filter(|datagram| datagram.is_possible()) {
            datagram.say(from, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        *self.searching.of(from) = true;
        true
    }
}
