//! CN/IP: control networks (LonTalk) tunneled over IP, EIA-852.
//!
//! Owns the packet's head; what LonTalk says in it is not read.

use super::octets::Octets;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Ports of devices and of the configuration server (EIA-852, 9.1).
const PORTS: [u16; 2] = [1628, 1629];
/// Octets of the head: length, version, type, extended length, flags, vendor, session, sequence, time.
const HEAD: usize = 20;
const VERSION: u8 = 1;

/// CN/IP.
pub static PROTOCOL: Protocol = Protocol {
    name: "cnip",
    title: "EIA-852 (LonTalk over IP)",
    carriers: &[Carrier::Udp(1628), Carrier::Udp(1629), Carrier::Tcp(1628), Carrier::Tcp(1629)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "type", functions: TYPES, default_class: Class::Other }],
    documents: &["EIA/CEA-852-B (EN 14908-4), 7 (packets) and 8 (formats)"],
};

/// Types of packets (EIA-852, table of packet types).
const TYPES: &[Function] = &[
    function(0x01, "data-packet", Class::Other),
    function(0x03, "device-registration", Class::Configure),
    function(0x04, "channel-membership", Class::Configure),
    function(0x06, "send-list", Class::Configure),
    function(0x07, "acknowledge", Class::Session),
    function(0x08, "channel-routing", Class::Configure),
    function(0x60, "status-request", Class::Diagnose),
    function(0x63, "device-configuration-request", Class::Read),
    function(0x64, "channel-membership-request", Class::Read),
    function(0x66, "send-list-request", Class::Read),
    function(0x68, "channel-routing-request", Class::Read),
    function(0x70, "status-response", Class::Diagnose),
    function(0x71, "device-configuration", Class::Configure),
    function(0x7F, "segment", Class::Other),
];

/// The reader of CN/IP.
#[derive(Debug)]
pub struct CnIp;

impl Dissector for CnIp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let at_home = PORTS.iter().any(|port| hint.port(*port));
        match head(data) {
            Some((_, length)) if at_home && length == data.len() => Likelihood::Certain,
            Some((_, length)) if at_home && hint.stream && length < data.len() => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { stream: hint.stream })
    }
}

/// Type and length of the packet at the start of these octets.
fn head(data: &[u8]) -> Option<(u8, usize)> {
    let mut octets = Octets::new(data);
    let length = usize::from(octets.u16_be()?);
    octets.u8().filter(|version| *version == VERSION)?;
    let kind = octets.u8().filter(|kind| PROTOCOL.function(0, u32::from(*kind)).is_some())?;
    (length >= HEAD).then_some((kind, length))
}

/// One conversation being read.
struct Reader {
    stream: bool,
}

impl Conversation for Reader {
    fn read(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if data.len() < 4 {
            return Progress::Need(4);
        }
        match head(data) {
            Some((_, length)) if length > data.len() => Progress::Need(length),
            Some((kind, length)) => {
                facts.message(&PROTOCOL, 0, u32::from(kind), Direction::None);
                Progress::Consumed(length)
            }
            None => {
                facts.say(Fact::Anomaly { what: "cnip-head" });
                if self.stream { Progress::Lost } else { Progress::Consumed(data.len()) }
            }
        }
    }

    fn cut(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some((kind, _)) = head(data) {
            facts.message(&PROTOCOL, 0, u32::from(kind), Direction::None);
        }
    }

    fn gap(&mut self, _from: End) -> bool {
        false
    }
}
