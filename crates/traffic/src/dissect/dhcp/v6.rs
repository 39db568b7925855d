//! DHCP for IPv6 (RFC 8415).

use super::super::octets::{Octets, printable};
use super::super::once::Once;
use super::super::{Conversation, Dissector, Hint, Likelihood, Progress};
use super::table::{CLIENT_PORT_6, DHCPV6, MESSAGE, SERVER_PORT_6};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::Protocol;
use std::net::Ipv6Addr;

/// Relays that a message may have passed (RFC 8415, 7.6).
const RELAYS_MAX: u8 = 8;
/// Options of one message that are looked at.
const OPTIONS_MAX: usize = 128;
/// The longest domain name (RFC 1035, 2.3.4).
const NAME_LENGTH_MAX: usize = 255;

/// The reader of DHCP for IPv6.
#[derive(Debug)]
pub struct Dhcpv6;

impl Dissector for Dhcpv6 {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&DHCPV6];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if hint.stream || !(hint.port(SERVER_PORT_6) || hint.port(CLIENT_PORT_6)) {
            return Likelihood::No;
        }
        let known = data.first().is_some_and(|kind| DHCPV6.function(MESSAGE, u32::from(*kind)).is_some());
        match options_of(data) {
            Some((_, options)) if known && walk(options, &mut |_, _| {}) => Likelihood::Certain,
            _ if known => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { began: false, leases: Once::default() })
    }
}

/// A message's type and its options: after a transaction's number, or of a relay after two addresses (RFC 8415, 8 and 9).
fn options_of(data: &[u8]) -> Option<(u8, &[u8])> {
    let mut octets = Octets::new(data);
    let kind = octets.u8()?;
    octets.skip(if matches!(kind, 12 | 13) { 33 } else { 3 })?;
    Some((kind, octets.rest()))
}

/// Shows each option. Whether they are well formed.
fn walk<'a>(options: &'a [u8], show: &mut dyn FnMut(u16, &'a [u8])) -> bool {
    let mut octets = Octets::new(options);
    for _ in 0..OPTIONS_MAX {
        if octets.is_empty() {
            return true;
        }
        let code = octets.u16_be();
        let value = octets.u16_be().and_then(|length| octets.take(usize::from(length)));
        let (Some(code), Some(value)) = (code, value) else { return false };
        show(code, value);
    }
    false
}

/// One conversation being read.
struct Reader {
    /// Was it said who began?
    began: bool,
    leases: Once<16>,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        self.message(from, data, 0, facts);
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some((kind, _)) = options_of(data) {
            self.say_message(from, kind, facts);
        }
    }
}

/// Servers send these (RFC 8415, 7.3).
const fn is_answer(kind: u8) -> bool {
    matches!(kind, 2 | 7 | 10 | 13 | 15..=17 | 19 | 21 | 37)
}

impl Reader {
    fn say_message(&mut self, from: End, kind: u8, facts: &mut dyn Facts) {
        let answer = is_answer(kind);
        if !std::mem::replace(&mut self.began, true) {
            facts.say(Fact::Initiator(if answer { from.other() } else { from }));
        }
        let direction = if answer { Direction::Response } else { Direction::Request };
        facts.message(&DHCPV6, MESSAGE, u32::from(kind), direction);
    }

    /// A message; those that relays carry lie within.
    fn message(&mut self, from: End, data: &[u8], relays: u8, facts: &mut dyn Facts) {
        let Some((kind, options)) = options_of(data) else {
            facts.say(Fact::Anomaly { what: "dhcpv6-header" });
            return;
        };
        // What a relay carries is the same message, on its way.
        if relays == 0 {
            self.say_message(from, kind, facts);
        }
        let mut carried = None;
        let whole = walk(options, &mut |code, value| match code {
            9 => carried = Some(value),
            // What a relayed message says is not the relay's.
            16 if relays == 0 && !is_answer(kind) => say_vendor_class(from, value, facts),
            39 if relays == 0 && !is_answer(kind) => say_name(from, value, facts),
            11 => facts.say(Fact::Authenticated(true)),
            // Addresses lie in the options of an association: its number, two times, then options (21.4).
            3 if kind == 7 => {
                walk(value.get(12..).unwrap_or_default(), &mut |code, value| {
                    if code == 5 {
                        self.say_lease(value, facts);
                    }
                });
            }
            _ => {}
        });
        if !whole {
            facts.say(Fact::Anomaly { what: "dhcpv6-options" });
        }
        if let Some(carried) = carried
            && matches!(kind, 12 | 13)
            && relays < RELAYS_MAX
        {
            self.message(from, carried, relays + 1, facts);
        }
    }

    fn say_lease(&mut self, value: &[u8], facts: &mut dyn Facts) {
        let Some(octets) = value.first_chunk::<16>() else { return };
        if self.leases.is_new(octets) {
            facts.say(Fact::Property { name: "dhcp-lease", value: &Ipv6Addr::from(*octets).to_string() });
        }
    }
}

/// The class of a vendor: its number, then texts with their lengths (21.16).
fn say_vendor_class(about: End, value: &[u8], facts: &mut dyn Facts) {
    let mut octets = Octets::new(value);
    let text =
        octets.skip(4).and_then(|()| octets.u16_be()).and_then(|length| octets.take(usize::from(length)));
    if let Some(value) = text.and_then(printable) {
        facts.say(Fact::Identity { about, what: Identity::Kind, value });
    }
}

/// The client's domain name: flags, then labels (RFC 4704, 4).
fn say_name(about: End, value: &[u8], facts: &mut dyn Facts) {
    let mut octets = Octets::new(value);
    let _ = octets.u8();
    let mut name = Vec::new();
    while let Some(length @ 1..=63) = octets.u8() {
        let Some(label) = octets.take(usize::from(length)) else { return };
        if name.len() + label.len() >= NAME_LENGTH_MAX {
            return;
        }
        if !name.is_empty() {
            name.push(b'.');
        }
        name.extend_from_slice(label);
    }
    if let Some(value) = printable(&name) {
        facts.say(Fact::Identity { about, what: Identity::Name, value });
    }
}
