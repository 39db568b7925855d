//! MQTT control packets: fixed header, and the fields of CONNECT and PUBLISH (MQTT 5.0, 2 and 3).

use super::super::octets::Octets;

/// A fixed header (2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// The packet's type.
    pub(super) kind: u8,
    /// The flags beside it.
    pub(super) flags: u8,
    /// Octets of the header.
    pub(super) length: usize,
    /// Octets that follow the header.
    pub(super) remaining: usize,
}

/// How the octets at hand begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// With a header.
    Header(Header),
    /// With what may become one.
    Short,
    /// With something else.
    Not,
}

impl Header {
    /// Reads a header.
    pub(super) fn read(data: &[u8]) -> Begin {
        let [first, lengths @ ..] = data else { return Begin::Short };
        let (kind, flags) = (first >> 4, first & 0x0F);
        if kind == 0 {
            return Begin::Not;
        }
        let mut remaining = 0;
        for (at, octet) in lengths.iter().take(4).enumerate() {
            remaining |= usize::from(octet & 0x7F) << (7 * at);
            if octet & 0x80 == 0 {
                let header = Self { kind, flags, length: at + 2, remaining };
                return if header.is_long_enough() { Begin::Header(header) } else { Begin::Not };
            }
        }
        if lengths.len() < 4 { Begin::Short } else { Begin::Not }
    }

    /// The least that a packet of this type has after its header, and the most where the document says.
    const fn is_long_enough(self) -> bool {
        match self.kind {
            1 => self.remaining >= 12,
            2 | 4..=7 | 11 => self.remaining >= 2,
            3 => self.remaining >= 2,
            8 => self.remaining >= 5,
            9 => self.remaining >= 3,
            10 => self.remaining >= 4,
            12 | 13 => self.remaining == 0,
            _ => true,
        }
    }

    /// Are the flags those that the document fixes (2.1.3)? MQTT 3.1 (2.1) lets the packets with QoS 1 be said again.
    pub(super) const fn has_good_flags(self) -> bool {
        match self.kind {
            3 => self.flags & 0x06 != 0x06,
            6 | 8 | 10 => self.flags & 0x07 == 0x02,
            _ => self.flags == 0,
        }
    }
}

/// A text with its length before it (1.5.4).
fn text<'a>(octets: &mut Octets<'a>) -> Option<&'a [u8]> {
    let length = octets.u16_be()?;
    octets.take(usize::from(length))
}

/// A variable byte integer (1.5.5).
fn variable(octets: &mut Octets<'_>) -> Option<usize> {
    let mut value = 0;
    for at in 0..4 {
        let octet = octets.u8()?;
        value |= usize::from(octet & 0x7F) << (7 * at);
        if octet & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// What a CONNECT says (3.1).
#[derive(Debug, Clone, Copy)]
pub(super) struct Connect<'a> {
    pub(super) version: &'static str,
    pub(super) client: &'a [u8],
    pub(super) will_topic: Option<&'a [u8]>,
    pub(super) user: Option<&'a [u8]>,
    pub(super) password: bool,
    pub(super) method: Option<&'a [u8]>,
}

/// The version that the beginning of a CONNECT tells (3.1.2.1, 3.1.2.2). Bridges of a common broker set the uppermost bit.
pub(super) fn version(octets: &mut Octets<'_>) -> Option<(u8, &'static str)> {
    let name = text(octets)?;
    let level = octets.u8()? & 0x7F;
    let version = match (name, level) {
        (b"MQIsdp", 3) => "3.1",
        (b"MQTT", 4) => "3.1.1",
        (b"MQTT", 5) => "5",
        _ => return None,
    };
    Some((level, version))
}

impl<'a> Connect<'a> {
    /// Reads what follows the header.
    pub(super) fn read(data: &'a [u8]) -> Option<Self> {
        let mut octets = Octets::new(data);
        let (level, version) = version(&mut octets)?;
        let flags = octets.u8()?;
        octets.skip(2)?;
        let mut method = None;
        if level == 5 {
            let length = variable(&mut octets)?;
            method = property(octets.take(length)?, 0x15);
        }
        let client = text(&mut octets)?;
        let mut will_topic = None;
        if flags & 0x04 != 0 {
            if level == 5 {
                let length = variable(&mut octets)?;
                octets.skip(length)?;
            }
            will_topic = Some(text(&mut octets)?);
            text(&mut octets)?;
        }
        let user = if flags & 0x80 != 0 { Some(text(&mut octets)?) } else { None };
        let password = if flags & 0x40 != 0 { !text(&mut octets)?.is_empty() } else { false };
        Some(Self { version, client, will_topic, user, password, method })
    }
}

/// The text property of an identifier among properties (2.2.2.2).
pub(super) fn property(data: &[u8], wanted: u8) -> Option<&[u8]> {
    let mut octets = Octets::new(data);
    while !octets.is_empty() {
        let identifier = octets.u8()?;
        match identifier {
            0x01 | 0x17 | 0x19 | 0x24 | 0x25 | 0x28..=0x2A => octets.skip(1)?,
            0x13 | 0x21..=0x23 => octets.skip(2)?,
            0x02 | 0x11 | 0x18 | 0x27 => octets.skip(4)?,
            0x0B => variable(&mut octets).map(|_| ())?,
            0x26 => {
                text(&mut octets)?;
                text(&mut octets)?;
            }
            0x03 | 0x08 | 0x09 | 0x12 | 0x15 | 0x16 | 0x1A | 0x1C | 0x1F => {
                let value = text(&mut octets)?;
                if identifier == wanted {
                    return Some(value);
                }
            }
            _ => return None,
        }
    }
    None
}

/// The properties of a packet of MQTT 5.
pub(super) fn properties<'a>(octets: &mut Octets<'a>) -> Option<&'a [u8]> {
    let length = variable(octets)?;
    octets.take(length)
}

/// The topic of a PUBLISH, and what follows it (and the packet's identifier).
pub(super) fn publish(header: Header, data: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut octets = Octets::new(data);
    let topic = text(&mut octets)?;
    if header.flags & 0x06 != 0 {
        octets.skip(2)?;
    }
    Some((topic, octets.rest()))
}

/// Could this be a topic's name (4.7)? It has no wildcards and no control characters.
pub(super) fn is_topic(topic: &[u8]) -> bool {
    let bad = |c: char| c.is_control() || c == '#' || c == '+';
    std::str::from_utf8(topic).is_ok_and(|text| !text.chars().any(bad))
}
