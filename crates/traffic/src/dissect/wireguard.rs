//! WireGuard (protocol description of the WireGuard whitepaper, 5.4): handshakes and transport; all else is encrypted.

use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The port that configurations use by custom.
const PORT: u16 = 51_820;
/// Index of the element that counts messages.
const MESSAGE: u8 = 0;
/// Octets of an initiation, a response, a cookie; the least of a transport.
const LENGTHS: [usize; 4] = [148, 92, 64, 32];

/// WireGuard.
pub static PROTOCOL: Protocol = Protocol {
    name: "wireguard",
    title: "WireGuard",
    carriers: &[Carrier::Udp(PORT)],
    authentication: Protection::Always,
    encryption: Protection::Always,
    integrity: Protection::Always,
    elements: &[Element { name: "message", functions: MESSAGES, default_class: Class::Other }],
    documents: &["J. A. Donenfeld, WireGuard: Next Generation Kernel Network Tunnel (2020-06-01), 5.4"],
};

/// Messages (5.4).
const MESSAGES: &[Function] = &[
    function(1, "handshake-initiation", Class::Session),
    function(2, "handshake-response", Class::Session),
    function(3, "cookie-reply", Class::Session),
    function(4, "transport-data", Class::Other),
];

/// The reader of WireGuard.
#[derive(Debug)]
pub struct Wireguard;

impl Dissector for Wireguard {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        match kind(data) {
            _ if hint.stream => Likelihood::No,
            Some(1 | 2) => Likelihood::Certain,
            Some(3) => Likelihood::Likely,
            // Away from its port a transport's counter must look like one, and the receiver must be named.
            Some(_) if is_padded(data) && (hint.port(PORT) || is_counted(data)) => Likelihood::Likely,
            Some(_) if hint.port(PORT) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { said: false })
    }
}

/// The kind of a message whose length is right (5.4).
fn kind(data: &[u8]) -> Option<u8> {
    let [kind @ 1..=4, 0, 0, 0, ..] = data else { return None };
    let [initiation, response, cookie, transport] = LENGTHS;
    let good = match kind {
        1 => data.len() == initiation,
        2 => data.len() == response,
        3 => data.len() == cookie,
        _ => data.len() >= transport,
    };
    good.then_some(*kind)
}

/// Is a transport padded to sixteen octets? The longest that a network carries are not (5.4.6).
const fn is_padded(data: &[u8]) -> bool {
    data.len().is_multiple_of(16)
}

/// Does a receiver stand before a counter below four thousand million?
fn is_counted(data: &[u8]) -> bool {
    let receiver =
        data.get(4..8).is_some_and(|receiver| receiver.iter().filter(|&&octet| octet != 0).count() >= 2);
    receiver && data.get(12..16) == Some(&[0; 4])
}

/// One conversation being read.
struct Reader {
    /// Was it said that the session is protected?
    said: bool,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(kind) = kind(data) else {
            facts.say(Fact::Anomaly { what: "wireguard-message" });
            return Progress::Lost;
        };
        self.say(from, kind, facts);
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let [kind @ 1..=4, 0, 0, 0, ..] = data {
            self.say(from, *kind, facts);
        }
    }
}

impl Reader {
    fn say(&mut self, from: End, kind: u8, facts: &mut dyn Facts) {
        let direction = match kind {
            1 => Direction::Request,
            2 | 3 => Direction::Response,
            _ => Direction::None,
        };
        facts.message(&PROTOCOL, MESSAGE, u32::from(kind), direction);
        if !std::mem::replace(&mut self.said, true) {
            // Either peer may begin a handshake anew; the first that is seen counts.
            match kind {
                1 => facts.say(Fact::Initiator(from)),
                2 | 3 => facts.say(Fact::Initiator(from.other())),
                _ => {}
            }
            facts.say(Fact::Encrypted(true));
            facts.say(Fact::Authenticated(true));
        }
    }
}
