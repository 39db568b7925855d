//! IPsec: the key exchange in both versions, and the packets that it protects: ESP (also in UDP) and AH.
//!
//! Owns headers and, as far as they are in the clear, vendor payloads; all else is encrypted.

mod table;

pub use table::{AH, ESP, ISAKMP};

use self::table::{EXCHANGE, NAT_PORT, PACKET, PORT, VENDORS};
use super::fields::{be16, be32, bytes, u8_at};
use super::octets::{Octets, printable};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::Protocol;

/// Octets of IKE's header (RFC 7296, 3.1).
const HEADER_LENGTH: usize = 28;
/// Payloads of one message that are looked at.
const PAYLOADS_MAX: usize = 32;
/// Payloads that name the vendor: of version 1 and 2.
const VENDOR: [u8; 2] = [13, 43];
/// The encrypted payloads of version 2 (RFC 7296, 3.14; RFC 7383, 2.5).
const ENCRYPTED: [u8; 2] = [46, 53];

/// The reader of IKE, and of ESP in UDP.
#[derive(Debug)]
pub struct Ike;

/// The reader of ESP in IP.
#[derive(Debug)]
pub struct Esp;

/// The reader of AH in IP.
#[derive(Debug)]
pub struct Ah;

impl Dissector for Ike {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&ISAKMP, &ESP];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let nat = hint.port(NAT_PORT);
        let message = data.strip_prefix(&[0; 4]).unwrap_or(data);
        match Header::read(message) {
            _ if hint.stream => Likelihood::No,
            Some(header) if header.length == message.len() && (nat || hint.port(PORT)) => Likelihood::Certain,
            // A session that begins, and nothing after the message.
            Some(header) if header.length == message.len() && header.begins => Likelihood::Likely,
            Some(_) if hint.port(PORT) => Likelihood::Port,
            None if nat && (data == [0xFF] || is_esp(data)) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Exchange { nat: hint.port(NAT_PORT), version: 0, began: false, protected: false })
    }
}

impl Dissector for Esp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&ESP];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if has_no_ports(hint) && is_esp(data) { Likelihood::Port } else { Likelihood::No }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Protected { protocol: &ESP, said: false })
    }
}

impl Dissector for Ah {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&AH];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if has_no_ports(hint) && is_ah(data) { Likelihood::Port } else { Likelihood::No }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Protected { protocol: &AH, said: false })
    }
}

/// What IP carries itself has no ports.
const fn has_no_ports(hint: &Hint) -> bool {
    !hint.stream && hint.source_port == 0 && hint.destination_port == 0
}

/// An index above those that are reserved (RFC 4303, 2.1), a number, and something encrypted.
fn is_esp(data: &[u8]) -> bool {
    be32(data, 0).is_some_and(|index| index > 255) && data.len() >= 16
}

/// Does a header of IPv4 stand where ESP's payload begins, with a length that fits (RFC 4303, RFC 5879, 8: ESP without
/// encryption, in a tunnel)? After it come padding, its length, the next header and a code of at most 32 octets.
fn is_esp_null(data: &[u8]) -> bool {
    let inner = data.len().saturating_sub(8);
    let length = be16(data, 10).map_or(0, usize::from);
    u8_at(data, 8) == Some(0x45) && length >= 20 && (length + 2..=length + 2 + 16 + 32).contains(&inner)
}

/// A length in words that fits, two reserved octets, an index (RFC 4302, 2).
fn is_ah(data: &[u8]) -> bool {
    let length = u8_at(data, 1).map_or(0, |words| (usize::from(words) + 2) * 4);
    (12..=data.len()).contains(&length)
        && bytes(data, 2, 2) == Some(&[0; 2])
        && be32(data, 4).is_some_and(|index| index != 0)
}

/// IKE's header.
#[derive(Debug, Clone, Copy)]
struct Header {
    /// Is the responder's index not there yet?
    begins: bool,
    next: u8,
    major: u8,
    exchange: u8,
    flags: u8,
    length: usize,
}

impl Header {
    fn read(data: &[u8]) -> Option<Self> {
        let mut octets = Octets::new(data);
        let initiator = octets.array::<8>()?;
        let responder = octets.array::<8>()?;
        let next = octets.u8()?;
        let version = octets.u8()?;
        let exchange = octets.u8()?;
        let flags = octets.u8()?;
        octets.skip(4)?;
        let length = usize::try_from(octets.u32_be()?).ok()?;
        let (major, minor) = (version >> 4, version & 0x0F);
        // Exchanges of one version are none of the other; the flags that are not defined are zero.
        let good = match major {
            1 => exchange <= 33 && flags & 0xF8 == 0,
            2 => (34..=240).contains(&exchange) && flags & 0xC7 == 0,
            _ => false,
        };
        (good && minor <= 1 && initiator != [0; 8] && length >= HEADER_LENGTH).then_some(Self {
            begins: responder == [0; 8],
            next,
            major,
            exchange,
            flags,
            length,
        })
    }

    /// Are the payloads encrypted? Of version 2 a payload says so.
    const fn is_encrypted(&self) -> bool {
        self.major == 1 && self.flags & 1 != 0
    }
}

/// One conversation of IKE being read.
struct Exchange {
    /// Is it at the port at which ESP is met, too?
    nat: bool,
    /// The version that was said.
    version: u8,
    /// Was it said who began?
    began: bool,
    /// Was it said that what follows is protected?
    protected: bool,
}

impl Conversation for Exchange {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        // Behind address translation four zeros stand before IKE, an index before ESP, and an octet keeps the way open
        // (RFC 3948, 2).
        if data == [0xFF] {
            return Progress::Consumed(1);
        }
        let message = data.strip_prefix(&[0; 4]).unwrap_or(data);
        let Some(header) = Header::read(message) else {
            if self.nat && message.len() == data.len() && is_esp(data) {
                facts.message(&ESP, PACKET, 0, Direction::None);
                self.say_protected(!is_esp_null(data), facts);
                return Progress::Consumed(data.len());
            }
            facts.say(Fact::Anomaly { what: "isakmp-header" });
            return Progress::Lost;
        };
        self.header(from, header, facts);
        if message.len() < header.length {
            facts.say(Fact::Anomaly { what: "isakmp-length" });
        }
        self.payloads(from, header, message, facts);
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some(header) = Header::read(data.strip_prefix(&[0; 4]).unwrap_or(data)) {
            self.header(from, header, facts);
        }
    }
}

impl Exchange {
    fn header(&mut self, from: End, header: Header, facts: &mut dyn Facts) {
        facts.message(&ISAKMP, EXCHANGE, u32::from(header.exchange), Direction::None);
        if std::mem::replace(&mut self.version, header.major) != header.major {
            let value = if header.major == 1 { "1" } else { "2" };
            facts.say(Fact::Property { name: "ike-version", value });
        }
        if std::mem::replace(&mut self.began, true) {
            return;
        }
        // The original initiator's flag (RFC 7296, 3.1); of version 1 only the first message tells.
        match (header.major, header.begins, header.flags & 0x08 != 0) {
            (_, true, _) | (2, _, true) => facts.say(Fact::Initiator(from)),
            (2, _, false) => facts.say(Fact::Initiator(from.other())),
            _ => self.began = false,
        }
    }

    fn say_protected(&mut self, encrypted: bool, facts: &mut dyn Facts) {
        if !std::mem::replace(&mut self.protected, true) {
            facts.say(Fact::Encrypted(encrypted));
            facts.say(Fact::Authenticated(true));
        }
    }

    /// The payloads in the clear: a kind, a length, what it holds (RFC 7296, 3.2).
    fn payloads(&mut self, from: End, header: Header, message: &[u8], facts: &mut dyn Facts) {
        if header.is_encrypted() || (header.major == 2 && ENCRYPTED.contains(&header.next)) {
            self.say_protected(true, facts);
            return;
        }
        let end = header.length.min(message.len());
        let mut octets = Octets::new(message.get(HEADER_LENGTH..end).unwrap_or_default());
        let mut kind = header.next;
        for _ in 0..PAYLOADS_MAX {
            if kind == 0 || (header.major == 2 && ENCRYPTED.contains(&kind)) {
                return;
            }
            let (Some(next), Some(_), Some(length @ 4..)) = (octets.u8(), octets.u8(), octets.u16_be())
            else {
                facts.say(Fact::Anomaly { what: "isakmp-payload" });
                return;
            };
            let Some(content) = octets.take(usize::from(length) - 4) else {
                facts.say(Fact::Anomaly { what: "isakmp-payload" });
                return;
            };
            match (header.major, kind) {
                _ if VENDOR.contains(&kind) => say_vendor(from, content, facts),
                // An identity in the clear, as aggressive mode has it (RFC 2407, 4.6.2): names and addresses of mail.
                (1, 5) if matches!(content.first(), Some(2 | 3)) => {
                    if let Some(value) = content.get(4..).and_then(printable) {
                        facts.say(Fact::Property { name: "ike-identity", value });
                    }
                }
                _ => {}
            }
            kind = next;
        }
    }
}

/// A vendor payload: a digest that is known, or a text.
fn say_vendor(about: End, content: &[u8], facts: &mut dyn Facts) {
    if let Some((_, value)) = VENDORS.iter().find(|(digest, _)| content.starts_with(digest)) {
        facts.say(Fact::Identity { about, what: Identity::Product, value });
    } else if let Some(value) = printable(content).filter(|text| text.len() >= 6 && text.is_ascii()) {
        facts.say(Fact::Property { name: "ike-vendor", value });
    }
}

/// One conversation of ESP or AH being read.
struct Protected {
    protocol: &'static Protocol,
    /// Was it said that it is protected?
    said: bool,
}

impl Conversation for Protected {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let esp = self.protocol.name == ESP.name;
        if !(if esp { is_esp(data) } else { is_ah(data) }) {
            facts.say(Fact::Anomaly { what: if esp { "esp-header" } else { "ah-header" } });
            return Progress::Consumed(data.len());
        }
        self.cut(from, data, facts);
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) {
        facts.message(self.protocol, PACKET, 0, Direction::None);
        if !std::mem::replace(&mut self.said, true) {
            facts.say(Fact::Authenticated(true));
            facts.say(Fact::Encrypted(self.protocol.name == ESP.name && !is_esp_null(data)));
        }
    }
}
