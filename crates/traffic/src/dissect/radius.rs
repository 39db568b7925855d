//! RADIUS (RFC 2865, 2866, 5176): who asks whom to let a user in, and how the user proves who it is.

use super::octets::{Octets, printable};
use super::once::Once;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Ports: authentication, accounting, the older ones of both, changes of authorization (RFC 2865, 3; RFC 5176, 2.1).
const PORTS: [u16; 5] = [1812, 1813, 1645, 1646, 3799];
/// Index of the element that counts codes.
const CODE: u8 = 0;
/// Octets before the attributes, and of the longest packet (RFC 2865, 3).
const HEADER_LENGTH: usize = 20;
const PACKET_LENGTH_MAX: usize = 4096;
/// Attributes of one packet that are looked at.
const ATTRIBUTES_MAX: usize = 256;

/// RADIUS.
pub static PROTOCOL: Protocol = Protocol {
    name: "radius",
    title: "Remote authentication dial-in user service",
    carriers: &[
        Carrier::Udp(1812),
        Carrier::Udp(1813),
        Carrier::Udp(1645),
        Carrier::Udp(1646),
        Carrier::Udp(3799),
    ],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "code", functions: CODES, default_class: Class::Authenticate }],
    documents: &["RFC 2865", "RFC 2866 (accounting)", "RFC 3579 (EAP)", "RFC 5176 (changes)"],
};

/// Codes (RFC 2865, 4; RFC 2866, 4; RFC 5176, 2.3; RFC 5997).
const CODES: &[Function] = &[
    function(1, "access-request", Class::Authenticate),
    function(2, "access-accept", Class::Authenticate),
    function(3, "access-reject", Class::Authenticate),
    function(4, "accounting-request", Class::Session),
    function(5, "accounting-response", Class::Session),
    function(11, "access-challenge", Class::Authenticate),
    function(12, "status-server", Class::Diagnose),
    function(13, "status-client", Class::Diagnose),
    function(40, "disconnect-request", Class::Operate),
    function(41, "disconnect-acknowledgment", Class::Session),
    function(42, "disconnect-refusal", Class::Session),
    function(43, "change-of-authorization-request", Class::Configure),
    function(44, "change-of-authorization-acknowledgment", Class::Session),
    function(45, "change-of-authorization-refusal", Class::Session),
];

/// The reader of RADIUS.
#[derive(Debug)]
pub struct Radius;

impl Dissector for Radius {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if hint.stream {
            return Likelihood::No;
        }
        let on_port = PORTS.iter().any(|port| hint.port(*port));
        let packet = packet(data);
        let attributes = packet.and_then(|(_, attributes)| walk(attributes, &mut |_, _| {}));
        match (packet, attributes) {
            (Some(_), Some(_)) if on_port => Likelihood::Certain,
            // Away from the ports: a request that names its user, in a packet that its attributes fill.
            (Some((1 | 4, attributes)), Some(2..)) if attributes.first() == Some(&1) => Likelihood::Likely,
            (Some(_), None) if on_port => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { began: false, users: Once::default() })
    }
}

/// A packet's code and attributes, if its length is right; what follows it is padding (RFC 2865, 3).
fn packet(data: &[u8]) -> Option<(u8, &[u8])> {
    let mut octets = Octets::new(data);
    let code = octets.u8()?;
    octets.skip(1)?;
    let length = usize::from(octets.u16_be()?);
    let known = PROTOCOL.function(CODE, u32::from(code)).is_some();
    let good = known && (HEADER_LENGTH..=PACKET_LENGTH_MAX).contains(&length);
    if good { data.get(HEADER_LENGTH..length).map(|attributes| (code, attributes)) } else { None }
}

/// Shows each attribute (RFC 2865, 5). How many there are, if they fill the packet.
fn walk<'a>(attributes: &'a [u8], show: &mut dyn FnMut(u8, &'a [u8])) -> Option<usize> {
    let mut octets = Octets::new(attributes);
    for count in 0..ATTRIBUTES_MAX {
        if octets.is_empty() {
            return Some(count);
        }
        let kind = octets.u8()?;
        let length = usize::from(octets.u8()?).checked_sub(2)?;
        show(kind, octets.take(length)?);
    }
    None
}

/// One conversation being read.
struct Reader {
    /// Was it said who began?
    began: bool,
    users: Once<8>,
}

/// What a packet's attributes tell.
#[derive(Debug, Default)]
struct Told<'a> {
    user: Option<&'a [u8]>,
    server_of_access: Option<&'a [u8]>,
    method: Option<&'static str>,
    signed: bool,
    proxied: bool,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some((code, attributes)) = packet(data) else {
            facts.say(Fact::Anomaly { what: "radius-header" });
            return Progress::Lost;
        };
        self.say_code(from, code, facts);
        let mut told = Told::default();
        let whole = walk(attributes, &mut |kind, value| match kind {
            1 => told.user = Some(value),
            2 => told.method = Some("PAP"),
            3 => told.method = Some("CHAP"),
            32 => told.server_of_access = Some(value),
            33 => told.proxied = true,
            79 => told.method = Some("EAP"),
            80 => told.signed = true,
            _ => {}
        });
        if whole.is_none() {
            facts.say(Fact::Anomaly { what: "radius-attributes" });
        }
        self.say(from, code, &told, facts);
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let [code, _, _, _, ..] = data
            && PROTOCOL.function(CODE, u32::from(*code)).is_some()
        {
            self.say_code(from, *code, facts);
        }
    }
}

impl Reader {
    fn say_code(&mut self, from: End, code: u8, facts: &mut dyn Facts) {
        let asks = matches!(code, 1 | 4 | 12 | 13 | 40 | 43);
        let direction = if asks { Direction::Request } else { Direction::Response };
        facts.message(&PROTOCOL, CODE, u32::from(code), direction);
        if !std::mem::replace(&mut self.began, true) {
            facts.say(Fact::Initiator(if asks { from } else { from.other() }));
            // Only the password is hidden, with a digest of the shared secret (5.2).
            facts.say(Fact::Encrypted(false));
        }
    }

    fn say(&mut self, from: End, code: u8, told: &Told<'_>, facts: &mut dyn Facts) {
        if told.signed {
            facts.say(Fact::Authenticated(true));
        }
        if let Some(value) = told.method {
            facts.say(Fact::Property { name: "radius-authentication", value });
        }
        if let Some(user) = told.user
            && self.users.is_new(user)
            && let Some(value) = printable(user)
        {
            facts.say(Fact::Property { name: "user-name", value });
        }
        // The one who asks is the server of access, but for a proxy between.
        if let (1 | 4, false, Some(value)) = (code, told.proxied, told.server_of_access.and_then(printable)) {
            facts.say(Fact::Identity { about: from, what: Identity::Name, value });
        }
    }
}
