//! L2TP (RFC 2661) over UDP: control messages, and what both ends say they are. What tunnels carry is passed over.

use super::octets::{Octets, printable};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The registered port.
const PORT: u16 = 1701;
/// Index of the element that counts control messages.
const MESSAGE: u8 = 0;
/// Flags of a control message: it is one, has a length and numbers; and the version (3.1).
const CONTROL: u16 = 0xC802;
/// Bits that are reserved.
const RESERVED: u16 = 0x34F0;
/// Octets of a control message's header.
const HEADER_LENGTH: usize = 12;
/// Attributes of one message that are looked at.
const ATTRIBUTES_MAX: usize = 64;
/// What a message without attributes is: an acknowledgment (5.8).
const ACKNOWLEDGMENT: u32 = 0;

/// L2TP.
pub static PROTOCOL: Protocol = Protocol {
    name: "l2tp",
    title: "Layer two tunneling protocol",
    carriers: &[Carrier::Udp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "message", functions: MESSAGES, default_class: Class::Session }],
    documents: &["RFC 2661, 3 (header), 4 (attributes), 6 (messages)"],
};

/// Control messages (RFC 2661, 3.2).
const MESSAGES: &[Function] = &[
    function(ACKNOWLEDGMENT, "zero-length-body", Class::Session),
    function(1, "start-connection-request", Class::Session),
    function(2, "start-connection-reply", Class::Session),
    function(3, "start-connection-connected", Class::Session),
    function(4, "stop-connection-notification", Class::Session),
    function(6, "hello", Class::Session),
    function(7, "outgoing-call-request", Class::Session),
    function(8, "outgoing-call-reply", Class::Session),
    function(9, "outgoing-call-connected", Class::Session),
    function(10, "incoming-call-request", Class::Session),
    function(11, "incoming-call-reply", Class::Session),
    function(12, "incoming-call-connected", Class::Session),
    function(14, "call-disconnect-notify", Class::Session),
    function(15, "wan-error-notify", Class::Session),
    function(16, "set-link-information", Class::Session),
];

/// The reader of L2TP.
#[derive(Debug)]
pub struct L2tp;

impl Dissector for L2tp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let on_port = !hint.stream && hint.port(PORT);
        match control(data) {
            _ if !on_port => Likelihood::No,
            Some(_) => Likelihood::Certain,
            None if is_data(data) => Likelihood::Port,
            None => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader)
    }
}

/// The attributes of a control message whose length is right.
fn control(data: &[u8]) -> Option<&[u8]> {
    let mut octets = Octets::new(data);
    let flags = octets.u16_be()?;
    let length = usize::from(octets.u16_be()?);
    let good = flags & !0x0300 == CONTROL && (HEADER_LENGTH..=data.len()).contains(&length);
    if good { data.get(HEADER_LENGTH..length) } else { None }
}

/// Is it data of version 2: nothing reserved is used, and there is something behind the header?
fn is_data(data: &[u8]) -> bool {
    let flags = Octets::new(data).u16_be().unwrap_or(0);
    flags & (0x8000 | RESERVED) == 0 && flags & 0x000F == 2 && data.len() > 8
}

/// One conversation being read.
struct Reader;

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        match control(data) {
            Some([]) => facts.message(&PROTOCOL, MESSAGE, ACKNOWLEDGMENT, Direction::None),
            Some(attributes) => message(from, attributes, facts),
            None if is_data(data) => {}
            None => {
                facts.say(Fact::Anomaly { what: "l2tp-header" });
                return Progress::Lost;
            }
        }
        Progress::Consumed(data.len())
    }
}

/// A control message: attributes, the first of which tells its kind (4.1).
fn message(from: End, attributes: &[u8], facts: &mut dyn Facts) {
    let mut octets = Octets::new(attributes);
    for index in 0..ATTRIBUTES_MAX {
        if octets.is_empty() {
            return;
        }
        let head = octets.u16_be().unwrap_or(0);
        let (vendor, kind) = (octets.u16_be(), octets.u16_be());
        let length = usize::from(head & 0x03FF).checked_sub(6);
        let (Some(vendor), Some(kind), Some(value)) =
            (vendor, kind, length.and_then(|length| octets.take(length)))
        else {
            facts.say(Fact::Anomaly { what: "l2tp-attribute" });
            return;
        };
        // Attributes of vendors, and hidden ones, say nothing here.
        match (vendor, kind, value, head & 0x4000 != 0) {
            (0, 0, [high, low], false) if index == 0 => {
                let message = u32::from(u16::from_be_bytes([*high, *low]));
                facts.message(&PROTOCOL, MESSAGE, message, Direction::None);
                match message {
                    1 => facts.say(Fact::Initiator(from)),
                    2 => facts.say(Fact::Initiator(from.other())),
                    _ => {}
                }
            }
            _ if index == 0 => {
                facts.say(Fact::Anomaly { what: "l2tp-message" });
                return;
            }
            (0, 7, name, false) => say(from, Identity::Name, name, facts),
            (0, 8, name, false) => say(from, Identity::Vendor, name, facts),
            // A challenge, and the answer to one (4.4.3).
            (0, 11 | 13, ..) => facts.say(Fact::Authenticated(true)),
            _ => {}
        }
    }
}

fn say(about: End, what: Identity, text: &[u8], facts: &mut dyn Facts) {
    if let Some(value) = printable(text) {
        facts.say(Fact::Identity { about, what, value });
    }
}
