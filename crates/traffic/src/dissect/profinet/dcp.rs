//! PROFINET DCP: finds stations, gives them names and addresses, and puts them back to how they left the factory.
//!
//! One frame is one service. A set is called by the gravest of what it sets.

use super::super::brief::Words;
use super::super::fields::{be16, be32, text, u8_at};
use super::super::octets::Octets;
use super::vendors::vendor;
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};
use std::fmt::Write as _;
use std::net::Ipv4Addr;

const SERVICE: u8 = 0;

// Services (IEC 61158-6-10, "Coding of the field ServiceID").
const GET: u8 = 3;
const SET: u8 = 4;
const IDENTIFY: u8 = 5;
const HELLO: u8 = 6;

/// PROFINET DCP.
pub(super) static PROTOCOL: Protocol = Protocol {
    name: "pn_dcp",
    title: "PROFINET discovery and configuration (DCP)",
    carriers: &[Carrier::EtherType(0x8892)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "service", functions: SERVICES, default_class: Class::Other }],
    documents: &["IEC 61158-6-10:2019 (type 10: FAL protocol), DCP APDU abstract syntax and coding"],
};

/// Services. Of those that set, the name hangs on the option.
const SERVICES: &[Function] = &[
    function(1, "manufacturer-specific", Class::Other),
    function(2, "manufacturer-specific", Class::Other),
    function(3, "get", Class::Read),
    function(4, "set", Class::Configure),
    function(4, SET_IP.0, SET_IP.1),
    function(4, SET_NAME.0, SET_NAME.1),
    function(4, SET_DHCP.0, SET_DHCP.1),
    function(4, SIGNAL.0, SIGNAL.1),
    function(4, RESET.0, RESET.1),
    function(5, "identify", Class::Discover),
    function(6, "hello", Class::Discover),
];

type Meaning = (&'static str, Class);
const SET_IP: Meaning = ("set-ip", Class::Configure);
const SET_NAME: Meaning = ("set-name-of-station", Class::Configure);
const SET_DHCP: Meaning = ("set-dhcp", Class::Configure);
/// Lets a lamp of the device blink, for the one who looks for it.
const SIGNAL: Meaning = ("signal", Class::Discover);
/// Takes away name, address and stored parameters: the device leaves its plant.
const RESET: Meaning = ("reset-to-factory", Class::Operate);

// Options (IEC 61158-6-10, "Coding of the field Option").
const IP: u8 = 1;
const DEVICE: u8 = 2;
const DHCP: u8 = 3;
const CONTROL: u8 = 5;

// Suboptions of control.
const CONTROL_SIGNAL: u8 = 3;
const CONTROL_RESPONSE: u8 = 4;
const CONTROL_FACTORY: u8 = 5;
const CONTROL_RESET: u8 = 6;

/// Frame id, service, type, transaction, delay, length.
const HEAD_BYTES: usize = 12;
/// Blocks of one frame that are read; a frame has room for fewer.
const BLOCKS_MAX: usize = 256;

/// Does the head hold together: a service that goes with the frame id, and a length that fits?
pub(super) fn is_whole(frame_id: u16, data: &[u8]) -> bool {
    let (Some(service), Some(kind), Some(length)) = (u8_at(data, 2), u8_at(data, 3), be16(data, 10)) else {
        return false;
    };
    let fits = match frame_id {
        0xfefc => service == HELLO,
        0xfefd => matches!(service, GET | SET),
        _ => service == IDENTIFY,
    };
    fits && matches!(kind, 0 | 1 | 5) && HEAD_BYTES + usize::from(length) <= data.len()
}

/// How long a frame has to be.
pub(super) fn length(data: &[u8]) -> usize {
    HEAD_BYTES + be16(data, 10).map_or(0, usize::from)
}

/// Says what a frame asks or tells.
pub(super) fn read(from: End, frame_id: u16, data: &[u8], facts: &mut dyn Facts) {
    head(from, data, facts);
    let mut blocks = blocks(data).take(BLOCKS_MAX);
    if !is_whole(frame_id, data) || !blocks.all(|block| block.is_some()) {
        facts.say(Fact::Anomaly { what: "malformed-pn-dcp" });
    }
}

/// Says as much as is there.
pub(super) fn head(from: End, data: &[u8], facts: &mut dyn Facts) {
    let (Some(service), Some(kind)) = (u8_at(data, 2), u8_at(data, 3)) else { return };
    let is_response = kind & 1 == 1;
    let blocks = || blocks(data).take(BLOCKS_MAX).flatten();
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: SERVICE,
        code: Code::Number(u32::from(service)),
        direction: if is_response { Direction::Response } else { Direction::Request },
        meaning: if service == SET { blocks().filter_map(meaning).max_by_key(gravity) } else { None },
    }));
    if is_response && kind & 4 != 0 {
        facts.say(Fact::Anomaly { what: "pn-dcp-not-supported" });
    }
    for block in blocks() {
        match service {
            SET if is_response => {}
            SET => block.say_setting(facts),
            // The one who says hello tells about itself as the one who answers does.
            GET | IDENTIFY if is_response => block.say_identity(from, facts),
            HELLO => block.say_identity(from, facts),
            _ => {}
        }
    }
}

/// A block: what it is about, and its value behind qualifier or information.
#[derive(Debug, Clone, Copy)]
struct Block<'a> {
    option: u8,
    suboption: u8,
    content: &'a [u8],
}

/// The blocks of a frame; the last is `None` if it is not whole. Who gets, sends a list of options and no blocks.
fn blocks(data: &[u8]) -> impl Iterator<Item = Option<Block<'_>>> {
    let is_list = data.get(2..4) == Some(&[GET, 0]);
    let length = be16(data, 10).filter(|_| !is_list).map_or(0, usize::from);
    let mut rest = data.get(HEAD_BYTES..).unwrap_or_default();
    rest = rest.get(..length).unwrap_or(rest);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut octets = Octets::new(rest);
        let block = Block::read(&mut octets);
        rest = if block.is_some() { octets.rest() } else { &[] };
        Some(block)
    })
}

/// What a set does, of one block: of a request the option it sets, of a response the option it speaks of.
fn meaning(block: Block<'_>) -> Option<Meaning> {
    let (option, suboption) = match (block.option, block.suboption) {
        (CONTROL, CONTROL_RESPONSE) => (u8_at(block.content, 0)?, u8_at(block.content, 1)?),
        own => own,
    };
    match (option, suboption) {
        (IP, _) => Some(SET_IP),
        (DEVICE, 2) => Some(SET_NAME),
        (DHCP, _) => Some(SET_DHCP),
        (CONTROL, CONTROL_SIGNAL) => Some(SIGNAL),
        (CONTROL, CONTROL_FACTORY | CONTROL_RESET) => Some(RESET),
        _ => None,
    }
}

/// Which of two settings counts: the later in this order.
fn gravity(meaning: &Meaning) -> usize {
    let order = [SIGNAL, SET_DHCP, SET_IP, SET_NAME, RESET];
    order.iter().position(|known| known == meaning).unwrap_or(0)
}

impl<'a> Block<'a> {
    fn read(octets: &mut Octets<'a>) -> Option<Self> {
        let (option, suboption, length) = (octets.u8()?, octets.u8()?, octets.u16_be()?);
        let content = octets.take(usize::from(length))?;
        // Blocks begin at even places; the last may lack its filler.
        if length % 2 == 1 && !octets.is_empty() {
            octets.skip(1)?;
        }
        Some(Self { option, suboption, content })
    }

    /// The value behind the two octets of qualifier or information.
    fn value(&self) -> &'a [u8] {
        self.content.get(2..).unwrap_or_default()
    }

    /// What a station says of itself.
    fn say_identity(&self, about: End, facts: &mut dyn Facts) {
        let value = self.value();
        match (self.option, self.suboption) {
            (IP, 2 | 3) => say_address("ip-address", value, facts),
            (DEVICE, 1) => say_text(about, Identity::Product, value, facts),
            (DEVICE, 2) => {
                say_text(about, Identity::Name, value, facts);
                check_name(value, facts);
            }
            (DEVICE, 6) => say_text(about, Identity::Name, value, facts),
            (DEVICE, 3) => self.say_device_id(about, facts),
            (DEVICE, 4) => {
                if let Some(role) = u8_at(value, 0).and_then(role) {
                    facts.say(Fact::Identity { about, what: Identity::Kind, value: role });
                }
            }
            _ => {}
        }
    }

    fn say_device_id(&self, about: End, facts: &mut dyn Facts) {
        let (Some(vendor_id), Some(device_id)) = (be16(self.value(), 0), be16(self.value(), 2)) else {
            return;
        };
        if let Some(value) = vendor(vendor_id) {
            facts.say(Fact::Identity { about, what: Identity::Vendor, value });
        }
        let mut words = Words::new();
        // Writing beyond the end is cut; these never reach it.
        let _ = write!(words, "{vendor_id:#06x}/{device_id:#06x}");
        facts.say(Fact::Property { name: "vendor-and-device-id", value: words.as_str() });
    }

    /// What is set.
    fn say_setting(&self, facts: &mut dyn Facts) {
        match (self.option, self.suboption) {
            (IP, 2 | 3) => say_address("set-ip-address", self.value(), facts),
            (DEVICE, 2) => {
                if let Some(name) = text(self.value()) {
                    facts.say(Fact::Property { name: "set-name-of-station", value: &name });
                }
                check_name(self.value(), facts);
            }
            _ => {}
        }
    }
}

fn say_text(about: End, what: Identity, field: &[u8], facts: &mut dyn Facts) {
    if let Some(value) = text(field) {
        facts.say(Fact::Identity { about, what, value: &value });
    }
}

/// A name of station is made of labels of letters, digits and hyphens (IEC 61158-6-10, "NameOfStationValue"). Old
/// stations have capitals and underscores in it; anything else is an attack on whoever prints it, or damage.
fn check_name(name: &[u8], facts: &mut dyn Facts) {
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if !name.get(..end).unwrap_or_default().iter().all(is_plain) {
        facts.say(Fact::Anomaly { what: "pn-dcp-name-of-station" });
    }
}

/// Address, mask and gateway in words: `192.168.0.6/255.255.255.0 via 192.168.0.1`.
fn say_address(name: &'static str, value: &[u8], facts: &mut dyn Facts) {
    let (Some(address), Some(mask)) = (be32(value, 0), be32(value, 4)) else { return };
    let mut words = Words::new();
    // As above.
    let _ = write!(words, "{}/{}", Ipv4Addr::from(address), Ipv4Addr::from(mask));
    if let Some(gateway) = be32(value, 8).filter(|gateway| !matches!(*gateway, 0) && *gateway != address) {
        let _ = write!(words, " via {}", Ipv4Addr::from(gateway));
    }
    facts.say(Fact::Property { name, value: words.as_str() });
}

/// What a station is (IEC 61158-6-10, "DeviceRoleDetails"), the strongest of several.
fn role(bits: u8) -> Option<&'static str> {
    [(0x02, "IO controller"), (0x08, "IO supervisor"), (0x04, "IO multidevice"), (0x01, "IO device")]
        .into_iter()
        .find_map(|(bit, name)| (bits & bit != 0).then_some(name))
}
