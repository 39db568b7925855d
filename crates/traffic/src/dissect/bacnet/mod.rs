//! BACnet: building automation over IP (and straight over ISO 8802-3).
//!
//! Owns the virtual link of IPv4 and IPv6, the network layer with what routers say to each other, and the head of
//! application data units. Of services it reads who a device says it is, what a request does to it, and whether a
//! password is in it. Segments are counted one by one; only the first is read into.

mod protocol;
mod service;
mod tag;
mod vendors;

use self::protocol::{BVLC, CONFIRMED, NETWORK, PDU, PORT, UNCONFIRMED, meaning_v6};
use self::service::{Behind, Speaker};
use super::octets::Octets;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Message};
use crate::protocol::Protocol;

pub use self::protocol::PROTOCOL;

/// The virtual link over IPv4 (annex J.2) and over IPv6 (annex U.2).
const LINK_V4: u8 = 0x81;
const LINK_V6: u8 = 0x82;
/// Version of the network layer (6.2.1).
const NETWORK_VERSION: u8 = 1;
/// Bits of the network layer's control octet (6.2.2); 6 and 4 are reserved.
const CONTROL_MESSAGE: u8 = 0x80;
const CONTROL_DESTINATION: u8 = 0x20;
const CONTROL_SOURCE: u8 = 0x08;
const CONTROL_RESERVED: u8 = 0x50;
/// Ports that are in use by convention: one per network.
const PORTS: std::ops::Range<u16> = PORT..PORT + 16;
/// The service access point of BACnet, and the control octet of unnumbered information (7.1).
const ACCESS_POINT: u8 = 0x82;
const UNNUMBERED: u8 = 0x03;
/// Octets of a virtual link's head: type, function, length.
const LINK_HEAD: usize = 4;

/// The reader of BACnet.
#[derive(Debug)]
pub struct Bacnet;

impl Dissector for Bacnet {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if hint.stream {
            return Likelihood::No;
        }
        if is_framed(hint) {
            let npdu = framed(data).and_then(Npdu::read);
            return if npdu.is_some() { Likelihood::Likely } else { Likelihood::No };
        }
        let at_home = PORTS.contains(&hint.source_port) || PORTS.contains(&hint.destination_port);
        let Some(link) = Link::read(data) else { return Likelihood::No };
        match (link.content, at_home) {
            (Some(npdu), true) if !link.fits && Npdu::read(npdu).is_some_and(|npdu| npdu.is_strict()) => {
                Likelihood::Likely
            }
            _ if !link.fits => Likelihood::No,
            (Some(npdu), true) if Npdu::read(npdu).is_some() => Likelihood::Certain,
            (Some(npdu), false) if Npdu::read(npdu).is_some_and(|npdu| npdu.is_strict()) => {
                Likelihood::Likely
            }
            (None, true) => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { framed: is_framed(hint) })
    }
}

/// Does it come straight in frames, so that there are no ports?
const fn is_framed(hint: &Hint) -> bool {
    hint.source_port == 0 && hint.destination_port == 0
}

/// The message of the network layer in a frame: behind both access points and the control octet (7.1).
fn framed(data: &[u8]) -> Option<&[u8]> {
    match data {
        [ACCESS_POINT, ACCESS_POINT, UNNUMBERED, npdu @ ..] => Some(npdu),
        _ => None,
    }
}

/// A message of the virtual link.
struct Link<'a> {
    version_6: bool,
    function: u8,
    /// Does the length agree with the octets, and is it one that the function can have?
    fits: bool,
    /// Whose message was forwarded, if it was.
    origin: Option<&'a [u8]>,
    /// The message of the network layer that it carries.
    content: Option<&'a [u8]>,
    length: usize,
}

impl<'a> Link<'a> {
    /// The message at the start of these octets, as far as they go.
    fn read(data: &'a [u8]) -> Option<Self> {
        let mut octets = Octets::new(data);
        let version_6 = match octets.u8()? {
            LINK_V4 => false,
            LINK_V6 => true,
            _ => return None,
        };
        let function = octets.u8().filter(|function| *function <= 0x0C)?;
        let length = usize::from(octets.u16_be()?);
        // What stands between the head and the network layer (J.2, U.2): `None` if that does not follow.
        let between = match (version_6, function) {
            (false, 0x04) => Some(6),
            (false, 0x09..=0x0B) => Some(0),
            (true, 0x01) => Some(6),
            (true, 0x02 | 0x0C) => Some(3),
            (true, 0x08) => Some(21),
            _ => None,
        };
        let body = length.checked_sub(LINK_HEAD)?;
        let fits = length == data.len()
            && match (version_6, function) {
                (false, 0x00 | 0x05) => body == 2,
                (false, 0x02 | 0x06) => body == 0,
                (false, 0x08) => body == 6,
                (false, 0x01 | 0x03 | 0x07) => body.is_multiple_of(10),
                (true, 0x00 | 0x09) => body == 5,
                (true, 0x03 | 0x05 | 0x07) => body == 6,
                (true, 0x06) => body == 3,
                (true, 0x04) => body == 24,
                (true, 0x0A) => body == 21,
                _ => body > between.unwrap_or_default() + 1,
            };
        // Some stacks count short of what they send; the datagram's end is beyond doubt.
        let body = octets.rest();
        let (between, content) = between.and_then(|between| body.split_at_checked(between)).unzip();
        let origin = between.filter(|_| function == 0x04 && !version_6 || function == 0x08 && version_6);
        Some(Self { version_6, function, fits, origin, content, length })
    }
}

impl Link<'_> {
    fn behind(&self) -> Behind<'_> {
        self.origin.map_or(Behind::Nothing, Behind::Forwarder)
    }
}

/// A message of the network layer.
struct Npdu<'a> {
    control: u8,
    /// The network of the sender, where a router passed the message on.
    source: Option<u16>,
    /// What follows the addresses.
    content: &'a [u8],
}

impl<'a> Npdu<'a> {
    fn read(data: &'a [u8]) -> Option<Self> {
        let mut octets = Octets::new(data);
        octets.u8().filter(|version| *version == NETWORK_VERSION)?;
        let control = octets.u8().filter(|control| control & CONTROL_RESERVED == 0)?;
        let routed = control & CONTROL_DESTINATION != 0;
        if routed {
            octets.skip(2)?;
            let length = octets.u8()?;
            octets.skip(usize::from(length))?;
        }
        let mut source = None;
        if control & CONTROL_SOURCE != 0 {
            source = Some(octets.u16_be()?);
            let length = octets.u8()?;
            octets.skip(usize::from(length))?;
        }
        if routed {
            // Hops that are left.
            octets.skip(1)?;
        }
        Some(Self { control, source, content: octets.rest() })
    }

    /// Is what follows a message that the document has?
    fn is_strict(&self) -> bool {
        let Some(&first) = self.content.first() else { return false };
        if self.control & CONTROL_MESSAGE != 0 {
            return first <= 0x13;
        }
        Apdu::read(self.content).is_some_and(|apdu| {
            apdu.is_strict()
                && apdu
                    .service
                    .is_none_or(|service| PROTOCOL.function(apdu.element(), u32::from(service)).is_some())
        })
    }
}

/// The head of an application data unit (20.1).
struct Apdu<'a> {
    kind: u8,
    flags: u8,
    /// Which segment it is, where it is one.
    sequence: Option<u8>,
    service: Option<u8>,
    content: &'a [u8],
}

impl<'a> Apdu<'a> {
    fn read(data: &'a [u8]) -> Option<Self> {
        let mut octets = Octets::new(data);
        let first = octets.u8()?;
        let (kind, flags) = (first >> 4, first & 0x0F);
        let before = match kind {
            0 => 2,
            1 => 0,
            2..=7 => 1,
            _ => return None,
        };
        octets.skip(before)?;
        let sequence = match kind {
            0 | 3 if flags & 8 != 0 => {
                let sequence = octets.u8()?;
                octets.skip(1)?;
                Some(sequence)
            }
            _ => None,
        };
        let service = match kind {
            4 => {
                octets.skip(2)?;
                None
            }
            6 | 7 => {
                octets.skip(1)?;
                None
            }
            _ => Some(octets.u8()?),
        };
        Some(Self { kind, flags, sequence, service, content: octets.rest() })
    }

    const fn element(&self) -> u8 {
        if self.kind == 1 { UNCONFIRMED } else { CONFIRMED }
    }

    /// Are the reserved bits zero, and has it the length of its kind?
    fn is_strict(&self) -> bool {
        match self.kind {
            0 => self.flags & 1 == 0,
            3 => self.flags & 3 == 0,
            1 => self.flags == 0,
            5 => self.flags == 0 && self.content.len() >= 4,
            2 | 6 => self.flags == 0 && self.content.is_empty(),
            4 => self.flags & 0x0C == 0 && self.content.is_empty(),
            _ => self.flags & 0x0E == 0 && self.content.is_empty(),
        }
    }

    const fn direction(&self) -> Direction {
        match self.kind {
            0 => Direction::Request,
            1 => Direction::None,
            _ => Direction::Response,
        }
    }
}

/// One conversation being read.
struct Reader {
    /// Does it come straight in frames, without a virtual link?
    framed: bool,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if self.framed {
            let npdu = framed(data);
            if npdu.and_then(|npdu| network(npdu, from, Behind::Nothing, true, facts)).is_none() {
                facts.say(Fact::Anomaly { what: "bacnet-network-layer" });
            }
            return Progress::Consumed(data.len());
        }
        let Some(link) = Link::read(data) else {
            facts.say(Fact::Anomaly { what: "bacnet-link" });
            return Progress::Consumed(data.len());
        };
        if link.length > data.len() {
            // Cut by the capture, or by a stack that counts wrong: what is a message beyond doubt is read as far as it goes.
            let strict = link.content.and_then(Npdu::read).is_some_and(|npdu| npdu.is_strict());
            if !strict {
                return Progress::Need(link.length);
            }
            self.cut(from, data, facts);
            return Progress::Consumed(data.len());
        }
        say_link(&link, facts);
        if !link.fits {
            facts.say(Fact::Anomaly { what: "bacnet-link-length" });
        }
        if let Some(npdu) = link.content
            && network(npdu, from, link.behind(), true, facts).is_none()
        {
            facts.say(Fact::Anomaly { what: "bacnet-network-layer" });
        }
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if self.framed {
            let _ = framed(data).and_then(|npdu| network(npdu, from, Behind::Nothing, false, facts));
            return;
        }
        let Some(link) = Link::read(data) else { return };
        say_link(&link, facts);
        if let Some(npdu) = link.content {
            let _ = network(npdu, from, link.behind(), false, facts);
        }
    }
}

fn say_link(link: &Link<'_>, facts: &mut dyn Facts) {
    if !link.version_6 {
        return facts.message(&PROTOCOL, BVLC, u32::from(link.function), Direction::None);
    }
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: BVLC,
        code: Code::Number(u32::from(link.function)),
        direction: Direction::None,
        meaning: meaning_v6(link.function),
    }));
}

/// Reads a message of the network layer. `None` if it is none. `whole`: are all its octets there?
fn network(data: &[u8], from: End, behind: Behind<'_>, whole: bool, facts: &mut dyn Facts) -> Option<()> {
    let npdu = Npdu::read(data)?;
    if npdu.control & CONTROL_MESSAGE != 0 {
        let (&kind, _) = npdu.content.split_first()?;
        facts.message(&PROTOCOL, NETWORK, u32::from(kind), Direction::None);
        return Some(());
    }
    let Some(apdu) = Apdu::read(npdu.content) else {
        if whole {
            facts.say(Fact::Anomaly { what: "bacnet-application-layer" });
        }
        return Some(());
    };
    let speaker = Speaker { end: from, behind: npdu.source.map_or(behind, Behind::Router) };
    if application(&apdu, speaker, facts).is_none() && whole {
        facts.say(Fact::Anomaly { what: "bacnet-parameters" });
    }
    Some(())
}

/// Reads an application data unit. `None` where parameters of its service are missing.
fn application(apdu: &Apdu<'_>, speaker: Speaker<'_>, facts: &mut dyn Facts) -> Option<()> {
    let direction = apdu.direction();
    facts.message(&PROTOCOL, PDU, u32::from(apdu.kind), direction);
    let Some(service) = apdu.service else {
        // Either side acknowledges segments and aborts; a bit says whether it is the one that serves (20.1.6, 20.1.9).
        if matches!(apdu.kind, 4 | 7) && apdu.flags & 1 == 0 {
            facts.say(Fact::Initiator(speaker.end));
        }
        return Some(());
    };
    // Later segments begin within a value.
    let first = apdu.sequence.is_none_or(|sequence| sequence == 0);
    match apdu.kind {
        0 => {
            let content = if first { apdu.content } else { &[] };
            service::say_request(service, content, facts);
            if service::has_password(service, content) {
                facts.say(Fact::ClearTextCredential { what: "password" });
            }
        }
        1 => {
            facts.message(&PROTOCOL, UNCONFIRMED, u32::from(service), direction);
            return service::unconfirmed(service, apdu.content, speaker, facts);
        }
        _ => facts.message(&PROTOCOL, CONFIRMED, u32::from(service), direction),
    }
    if apdu.kind == 3 && first {
        let read = service::answer(service, apdu.content, speaker, facts);
        // A segment may end within a value.
        return read.or_else(|| apdu.sequence.map(|_| ()));
    }
    Some(())
}
