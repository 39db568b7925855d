//! OpenVPN over UDP and TCP: opcodes, and how its control channel is protected. What lies within, TLS too, is not read:
//! a flow is named for the tunnel.

use super::octets::Octets;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The registered port.
const PORT: u16 = 1194;
/// Index of the element that counts opcodes.
const OPCODE: u8 = 0;
/// Octets of a session's identifier.
const SESSION_LENGTH: usize = 8;
/// Octets of codes that protect the control channel: HMAC with MD5, SHA-1, SHA-256, SHA-512.
const CODE_LENGTHS: [usize; 4] = [16, 20, 32, 64];
/// Octets of the code of tls-crypt.
const CRYPT_CODE_LENGTH: usize = 32;
/// The number of the first packet; that of one which asks for a cookie first (tls-crypt-v2).
const FIRST: [u32; 2] = [1, 0x0F00_0001];
/// Times that are believed: 2010 to 2106.
const TIME_MIN: u32 = 0x4B3D_3B00;

/// OpenVPN.
pub static PROTOCOL: Protocol = Protocol {
    name: "openvpn",
    title: "OpenVPN",
    carriers: &[Carrier::Udp(PORT), Carrier::Tcp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "opcode", functions: OPCODES, default_class: Class::Other }],
    documents: &[
        "OpenVPN wire protocol (openvpn-rfc draft), 2 to 4",
        "OpenVPN 2.6 manual, tls-auth and tls-crypt",
    ],
};

/// Opcodes.
const OPCODES: &[Function] = &[
    function(1, "hard-reset-client-1", Class::Session),
    function(2, "hard-reset-server-1", Class::Session),
    function(3, "soft-reset", Class::Session),
    function(4, "control", Class::Session),
    function(5, "acknowledgment", Class::Session),
    function(6, "data-1", Class::Other),
    function(7, "hard-reset-client-2", Class::Session),
    function(8, "hard-reset-server-2", Class::Session),
    function(9, "data-2", Class::Other),
    function(10, "hard-reset-client-3", Class::Session),
    function(11, "control-with-key", Class::Session),
];

/// The reader of OpenVPN.
#[derive(Debug)]
pub struct Openvpn;

impl Dissector for Openvpn {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let packet = if hint.stream { framed(data) } else { Some(data) };
        let on_port = hint.port(PORT);
        match packet {
            Some(packet) if begins(packet).is_some() => {
                if on_port {
                    Likelihood::Certain
                } else {
                    Likelihood::Likely
                }
            }
            Some([head, rest @ ..]) if on_port && is_opcode(*head) && rest.len() >= SESSION_LENGTH => {
                Likelihood::Port
            }
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { stream: hint.stream, said: false, began: false })
    }
}

const fn is_opcode(head: u8) -> bool {
    matches!(head >> 3, 1..=11)
}

/// The first packet of a stream, if its length is whole; each is preceded by two octets of length.
fn framed(data: &[u8]) -> Option<&[u8]> {
    let mut octets = Octets::new(data);
    let length = octets.u16_be()?;
    octets.take(usize::from(length))
}

/// How the first packet of a session is protected: a hard reset, whose end is known where it is not encrypted.
fn begins(packet: &[u8]) -> Option<&'static str> {
    let mut octets = Octets::new(packet);
    // The first key of a session is zero.
    let opcode = match octets.u8()? {
        0x38 => 7,
        0x40 => 8,
        0x50 => 10,
        _ => return None,
    };
    let session = octets.take(SESSION_LENGTH)?;
    if session.iter().filter(|&&octet| octet != 0).count() < 4 {
        return None;
    }
    // A client acknowledges nothing yet; a server the client's packet zero, for the client's session.
    let bare = if opcode == 7 {
        is_bare_client(octets.rest())
    } else {
        opcode == 8 && is_bare_server(octets.rest())
    };
    if bare {
        return Some("none");
    }
    for length in CODE_LENGTHS {
        let mut octets = octets;
        let counted = octets.skip(length).and_then(|()| octets.u32_be());
        let time = octets.u32_be();
        let rest = octets.rest();
        let end = if opcode == 7 { is_bare_client(rest) } else { opcode == 8 && is_bare_server(rest) };
        if end
            && counted.is_some_and(|number| FIRST.contains(&number))
            && time.is_some_and(|time| time >= TIME_MIN)
        {
            return Some("tls-auth");
        }
    }
    let counted = octets.u32_be()?;
    let time = octets.u32_be()?;
    octets.skip(CRYPT_CODE_LENGTH)?;
    // What is left is encrypted: at least as long as a bare end.
    let enough = octets.len() >= if opcode == 8 { 17 } else { 5 };
    let good = FIRST.contains(&counted) && time >= TIME_MIN && enough;
    good.then_some(if opcode == 10 { "tls-crypt-v2" } else { "tls-crypt" })
}

fn is_bare_client(rest: &[u8]) -> bool {
    rest == [0; 5]
}

fn is_bare_server(rest: &[u8]) -> bool {
    matches!(rest, [1, 0, 0, 0, 0, session @ .., 0, 0, 0, 0] if session.len() == SESSION_LENGTH)
}

/// One conversation being read.
struct Reader {
    stream: bool,
    /// Was it said that the session is protected?
    said: bool,
    /// Was it said who began?
    began: bool,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let (packet, whole) = if self.stream {
            let Some(&length) = data.first_chunk::<2>() else { return Progress::Need(2) };
            let length = usize::from(u16::from_be_bytes(length));
            match data.get(2..3) {
                Some([head]) if is_opcode(*head) && length > 0 => {}
                Some(_) => return fail(facts),
                None => return Progress::Need(3),
            }
            let control = !matches!(data.get(2).map(|head| head >> 3), Some(6 | 9));
            match data.get(2..2 + length) {
                Some(packet) => (packet, 2 + length),
                None if control => return Progress::Need(2 + length),
                // What data carries is encrypted.
                None => (data.get(2..).unwrap_or_default(), 2 + length),
            }
        } else {
            (data, data.len())
        };
        let Some(&head) = packet.first() else { return fail(facts) };
        if !is_opcode(head) {
            return fail(facts);
        }
        self.packet(from, head >> 3, packet, facts);
        if whole <= data.len() { Progress::Consumed(whole) } else { Progress::Skip(whole) }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some(&head) = data.get(if self.stream { 2 } else { 0 })
            && is_opcode(head)
        {
            self.packet(from, head >> 3, &[], facts);
        }
    }

    fn gap(&mut self, _from: End) -> bool {
        !self.stream
    }
}

fn fail(facts: &mut dyn Facts) -> Progress {
    facts.say(Fact::Anomaly { what: "openvpn-opcode" });
    Progress::Lost
}

impl Reader {
    fn packet(&mut self, from: End, opcode: u8, packet: &[u8], facts: &mut dyn Facts) {
        facts.message(&PROTOCOL, OPCODE, u32::from(opcode), Direction::None);
        match opcode {
            1 | 7 | 10 if !self.began => facts.say(Fact::Initiator(from)),
            2 | 8 if !self.began => facts.say(Fact::Initiator(from.other())),
            _ => {}
        }
        self.began |= matches!(opcode, 1 | 2 | 7 | 8 | 10);
        if let Some(value) = begins(packet) {
            facts.say(Fact::Property { name: "openvpn-control-protection", value });
        }
        // Sessions that negotiate keys do so with TLS, and prove who both are; data alone may be of a fixed key.
        if !std::mem::replace(&mut self.said, true) {
            facts.say(Fact::Encrypted(true));
        }
        if matches!(opcode, 4 | 11) {
            facts.say(Fact::Authenticated(true));
        }
    }
}
