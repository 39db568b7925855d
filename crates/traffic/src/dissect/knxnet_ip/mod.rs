//! KNXnet/IP: building automation on KNX, over UDP, multicast and TCP.
//!
//! Owns the services, the messages to the bus that tunnels, routers and device management carry, and the services of
//! the application layer in them. Reads who a server says it is. What KNXnet/IP Secure wraps stays hidden.

mod protocol;

use self::protocol::{APPLICATION, CEMI, PORT, SERVICE, application_code, is_service, manufacturer};
use super::brief::Brief;
use super::octets::{Octets, TEXT_LENGTH_MAX};
use super::sides::InStep;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::Protocol;

pub use self::protocol::PROTOCOL;

/// Octets of the head, and how it begins: its own length, then the version (ISO 22510, 5.3).
const HEAD: usize = 6;
const HEAD_BEGIN: [u8; 2] = [0x06, 0x10];
/// Longest message that is taken for one: a frame of the bus has at most 254 octets, a description not many more.
const MESSAGE_LENGTH_MAX: usize = 2048;
/// Blocks of a description that are read.
const BLOCKS_MAX: usize = 32;
/// The key that devices have by default, which is none (KNX Standard 3.5.2, 3.26).
const KEY_DEFAULT: [u8; 4] = [0xFF; 4];

// Services.
const SEARCH_RESPONSE: u16 = 0x0202;
const DESCRIPTION_RESPONSE: u16 = 0x0204;
const SEARCH_RESPONSE_EXTENDED: u16 = 0x020C;
const CONFIGURATION_REQUEST: u16 = 0x0310;
const TUNNELING_REQUEST: u16 = 0x0420;
const ROUTING_INDICATION: u16 = 0x0530;
const ROUTING_SYSTEM_BROADCAST: u16 = 0x0533;
const SECURE_WRAPPER: u16 = 0x0950;
const SESSION_AUTHENTICATE: u16 = 0x0953;

// Application services.
const AUTHORIZE_REQUEST: u16 = 0x3D1;
const KEY_WRITE: u16 = 0x3D3;

/// The reader of KNXnet/IP.
#[derive(Debug)]
pub struct KnxNetIp;

impl Dissector for KnxNetIp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let Some((_, length)) = head(data) else { return Likelihood::No };
        let fits = length == data.len()
            || hint.stream && data.get(length..length + 2).is_none_or(|next| next == HEAD_BEGIN);
        match (fits, hint.port(PORT)) {
            (true, true) => Likelihood::Certain,
            (true, false) if !hint.stream || length <= data.len() => Likelihood::Likely,
            (false, true) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { stream: hint.stream, in_step: InStep::default() })
    }
}

/// Service and length of the message at the start of these octets.
fn head(data: &[u8]) -> Option<(u16, usize)> {
    let mut octets = Octets::new(data);
    octets.array().filter(|begin: &[u8; 2]| *begin == HEAD_BEGIN)?;
    let service = octets.u16_be().filter(|service| is_service(*service))?;
    let length = usize::from(octets.u16_be()?);
    (HEAD..=MESSAGE_LENGTH_MAX).contains(&length).then_some((service, length))
}

/// One conversation being read.
struct Reader {
    stream: bool,
    in_step: InStep,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if self.stream && data.len() < HEAD {
            return Progress::Need(HEAD);
        }
        let Some((service, length)) = head(data) else {
            self.in_step.fails(from, "knxnet-ip-head", facts);
            return if self.stream { Progress::Lost } else { Progress::Consumed(data.len()) };
        };
        let Some(body) = data.get(HEAD..length) else { return Progress::Need(length) };
        self.in_step.found(from);
        if !self.stream && length != data.len() {
            facts.say(Fact::Anomaly { what: "knxnet-ip-length" });
        }
        if let Some(what) = message(service, from, body, facts) {
            facts.say(Fact::Anomaly { what });
        }
        Progress::Consumed(if self.stream { length } else { data.len() })
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some((service, _)) = head(data) {
            let _ = message(service, from, data.get(HEAD..).unwrap_or_default(), facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        self.in_step.lost(from);
        // Messages begin with segments: the next that looks like one is taken up.
        false
    }
}

/// Says what a message holds, and returns what is wrong with it.
fn message(service: u16, from: End, body: &[u8], facts: &mut dyn Facts) -> Option<&'static str> {
    facts.message(&PROTOCOL, SERVICE, u32::from(service), Direction::None);
    let mut octets = Octets::new(body);
    match service {
        SEARCH_RESPONSE | SEARCH_RESPONSE_EXTENDED => {
            // The control endpoint, then the description.
            let endpoint = octets.u8().and_then(|length| octets.skip(usize::from(length).saturating_sub(1)));
            endpoint.and_then(|()| description(octets, from, facts)).is_none().then_some("knx-description")
        }
        DESCRIPTION_RESPONSE => description(octets, from, facts).is_none().then_some("knx-description"),
        CONFIGURATION_REQUEST | TUNNELING_REQUEST => {
            // Connection: length, channel, sequence, reserved.
            facts.say(Fact::Encrypted(false));
            let connection =
                octets.u8().and_then(|length| octets.skip(usize::from(length).saturating_sub(1)));
            connection.and_then(|()| cemi(octets, facts)).is_none().then_some("knx-cemi")
        }
        ROUTING_INDICATION | ROUTING_SYSTEM_BROADCAST => {
            facts.say(Fact::Encrypted(false));
            cemi(octets, facts).is_none().then_some("knx-cemi")
        }
        SECURE_WRAPPER => {
            facts.say(Fact::Encrypted(true));
            facts.say(Fact::Authenticated(true));
            None
        }
        SESSION_AUTHENTICATE => {
            facts.say(Fact::Authenticated(true));
            None
        }
        _ => None,
    }
}

/// Reads the blocks of a description: length, type, content (ISO 22510, 5.5.4).
fn description(mut octets: Octets<'_>, about: End, facts: &mut dyn Facts) -> Option<()> {
    for _ in 0..BLOCKS_MAX {
        if octets.is_empty() {
            break;
        }
        let length = usize::from(octets.u8()?);
        let kind = octets.u8()?;
        let content = octets.take(length.checked_sub(2)?)?;
        match kind {
            1 => device(Octets::new(content), about, facts)?,
            0xFE => {
                if let Some(number) = Octets::new(content).u16_be() {
                    say_vendor(number, about, facts);
                }
            }
            _ => {}
        }
    }
    Some(())
}

/// Device information: medium, status, address, project, serial number, multicast address, MAC, name.
fn device(mut octets: Octets<'_>, about: End, facts: &mut dyn Facts) -> Option<()> {
    octets.skip(2)?;
    let address = octets.u16_be()?;
    octets.skip(2)?;
    let serial = octets.array::<6>()?;
    octets.skip(4)?;
    let [a, b, c, d, e, f] = octets.array::<6>()?;
    let name = octets.take(30)?;
    let [high, low, s2, s3, s4, s5] = serial;
    say_vendor(u16::from_be_bytes([high, low]), about, facts);
    let value = Brief::<16>::of(format_args!("{high:02x}{low:02x}:{s2:02x}{s3:02x}{s4:02x}{s5:02x}"));
    facts.say(Fact::Identity { about, what: Identity::Serial, value: value.as_str() });
    if let Some(value) = Brief::<TEXT_LENGTH_MAX>::shown(name.iter().map(|&octet| char::from(octet))) {
        facts.say(Fact::Identity { about, what: Identity::Name, value: value.as_str() });
    }
    let value = Brief::<16>::of(format_args!("{}.{}.{}", address >> 12, address >> 8 & 15, address & 255));
    facts.say(Fact::Property { name: "knx-address", value: value.as_str() });
    let value = Brief::<24>::of(format_args!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}"));
    facts.say(Fact::Property { name: "mac", value: value.as_str() });
    Some(())
}

fn say_vendor(number: u16, about: End, facts: &mut dyn Facts) {
    let text;
    let value = match manufacturer(number) {
        Some(name) => name,
        None if number == 0 => return,
        None => {
            text = Brief::<24>::of(format_args!("KNX manufacturer {number}"));
            text.as_str()
        }
    };
    facts.say(Fact::Identity { about, what: Identity::Vendor, value });
}

/// Reads a message to or from the bus. `None` where it is not whole.
fn cemi(mut octets: Octets<'_>, facts: &mut dyn Facts) -> Option<()> {
    let code = octets.u8()?;
    facts.message(&PROTOCOL, CEMI, u32::from(code), Direction::None);
    let (before, transport) = match code {
        // Controls, source, destination, length; then what the network carries.
        0x11 | 0x29 | 0x2E => (6, true),
        // Six reserved octets, length.
        0x41 | 0x4A | 0x89 | 0x94 => (6, true),
        _ => (0, false),
    };
    if !transport {
        return Some(());
    }
    let additional = octets.u8()?;
    octets.skip(usize::from(additional))?;
    octets.skip(before)?;
    let length = usize::from(octets.u8()?);
    let unit = octets.take(length.checked_add(1)?)?;
    application(unit, facts);
    Some(())
}

/// Reads the unit of transport and application layer: two bits of transport service, four of sequence, ten of
/// application service (KNX Standard 3.3.4 and 3.3.7).
fn application(unit: &[u8], facts: &mut dyn Facts) {
    // One octet opens, closes or acknowledges a connection.
    let [first, second, data @ ..] = unit else { return };
    if first & 0x80 != 0 {
        return;
    }
    let service = application_code(u16::from_be_bytes([first & 3, *second]));
    facts.message(&PROTOCOL, APPLICATION, u32::from(service), Direction::None);
    // A key follows a reserved octet (or the level).
    if matches!(service, AUTHORIZE_REQUEST | KEY_WRITE)
        && data.get(1..5).is_some_and(|key| key != KEY_DEFAULT.as_slice())
    {
        facts.say(Fact::ClearTextCredential { what: "key" });
    }
}
