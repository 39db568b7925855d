//! DHCP over UDP: who asks for an address, what it says of itself, which address it is given, and by whom.
//!
//! This file reads the version for IPv4 (RFC 2131) and BOOTP, `v6` that for IPv6 (RFC 8415). A client without an
//! address speaks from the unspecified one to everybody, so what is leased to whom is said as a property.

mod table;
mod v6;

pub use table::{DHCP, DHCPV6};
pub use v6::Dhcpv6;

use std::fmt;
use std::net::Ipv4Addr;

use self::table::{CLIENT_PORT, MESSAGE, SERVER_PORT};
use super::fields::be16;
use super::octets::{Octets, printable};
use super::once::Once;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::Protocol;

/// Octets before the options (RFC 2131, 2), without the cookie.
const FIXED_LENGTH: usize = 236;
/// What the options begin with (RFC 2132, 2).
const COOKIE: [u8; 4] = [99, 130, 83, 99];
/// Octets that a BOOTP message has at least (RFC 951, 3).
const BOOTP_LENGTH: usize = 300;
/// Options of one message that are looked at.
const OPTIONS_MAX: usize = 128;
/// The flag by which a client asks for answers to everybody (RFC 2131, 2).
const BROADCAST: u16 = 0x8000;

/// The reader of DHCP for IPv4.
#[derive(Debug)]
pub struct Dhcp;

impl Dissector for Dhcp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&DHCP];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let on_port = hint.port(SERVER_PORT) || hint.port(CLIENT_PORT);
        // Operation, kind of hardware (IANA, ARP parameters), length of its address.
        let [1 | 2, 1..=38, ..=16, ..] = data else { return Likelihood::No };
        match data.get(FIXED_LENGTH..) {
            _ if hint.stream => Likelihood::No,
            Some(options) if options.starts_with(&COOKIE) => match options {
                _ if on_port => Likelihood::Certain,
                // Network boot asks at a port of its own (PXE 2.1); other uses of the format are other protocols.
                [_, _, _, _, 53, 1, 1..=18, ..] => Likelihood::Likely,
                _ => Likelihood::No,
            },
            Some(_) if on_port && data.len() >= BOOTP_LENGTH => Likelihood::Port,
            None if on_port => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { began: false, leases: Once::default() })
    }
}

/// One conversation being read.
struct Reader {
    /// Was it said who began?
    began: bool,
    leases: Once<16>,
}

/// A message, as far as it is of interest.
#[derive(Debug, Default)]
struct Message<'a> {
    kind: u8,
    host: Option<&'a [u8]>,
    domain_name: Option<&'a [u8]>,
    vendor_class: Option<&'a [u8]>,
    requested: Option<Ipv4Addr>,
    server: Option<Ipv4Addr>,
    boot_server: Option<&'a [u8]>,
    boot_file: Option<&'a [u8]>,
    authenticated: bool,
}

impl<'a> Message<'a> {
    /// Reads the options (RFC 2132; 52, which puts more of them into other fields, is rare and passed over). Whether
    /// they are well formed.
    fn options(&mut self, data: &'a [u8]) -> bool {
        let mut octets = Octets::new(data);
        for _ in 0..OPTIONS_MAX {
            let Some(code) = octets.u8() else { return true };
            match code {
                0 => continue,
                255 => return true,
                _ => {}
            }
            let Some(value) = octets.u8().and_then(|length| octets.take(usize::from(length))) else {
                return false;
            };
            self.option(code, value);
        }
        true
    }

    fn option(&mut self, code: u8, value: &'a [u8]) {
        match (code, value) {
            (12, _) => self.host = Some(value),
            (50, &[a, b, c, d]) => self.requested = Some(Ipv4Addr::new(a, b, c, d)),
            (53, &[kind]) => self.kind = kind,
            (54, &[a, b, c, d]) => self.server = Some(Ipv4Addr::new(a, b, c, d)),
            (60, _) => self.vendor_class = Some(value),
            (66, _) => self.boot_server = Some(value),
            (67, _) => self.boot_file = Some(value),
            // Flags, two codes, and the name in text or, with the flag E, as labels (RFC 4702, 2).
            (81, [flags, _, _, name @ ..]) if flags & 0x04 == 0 => self.domain_name = Some(name),
            (90, _) => self.authenticated = true,
            _ => {}
        }
    }
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let [operation @ (1 | 2), _, hardware @ ..=16, ..] = *data else {
            facts.say(Fact::Anomaly { what: "dhcp-header" });
            return Progress::Lost;
        };
        let Some(options) = data.get(FIXED_LENGTH..) else { return Progress::Need(FIXED_LENGTH) };
        let mut message = Message::default();
        let whole = match options.strip_prefix(&COOKIE) {
            Some(options) => message.options(options),
            None => true,
        };
        let asks = operation == 1;
        let hardware = data.get(28..28 + usize::from(hardware)).unwrap_or_default();
        self.say_beginning(from, asks, be16(data, 10).unwrap_or(0) & BROADCAST != 0, facts);
        let direction = if asks { Direction::Request } else { Direction::Response };
        facts.message(&DHCP, MESSAGE, u32::from(message.kind), direction);
        if !whole {
            facts.say(Fact::Anomaly { what: "dhcp-options" });
        }
        // A relay speaks for others (RFC 1542, 4.1).
        let relayed = data.get(24..28) != Some(&[0; 4]);
        if asks {
            self.client(from, &message, hardware, relayed, facts);
        } else {
            self.server(&message, address(data, 16), hardware, facts);
        }
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) {
        let Some(options) = data.get(FIXED_LENGTH..).and_then(|options| options.strip_prefix(&COOKIE)) else {
            return;
        };
        let mut message = Message::default();
        message.options(options);
        if message.kind != 0 {
            let direction = if data.first() == Some(&1) { Direction::Request } else { Direction::Response };
            facts.message(&DHCP, MESSAGE, u32::from(message.kind), direction);
        }
    }
}

impl Reader {
    /// Answers that go to everybody show the server alone: everybody did not begin.
    fn say_beginning(&mut self, from: End, asks: bool, to_all: bool, facts: &mut dyn Facts) {
        if !std::mem::replace(&mut self.began, true) {
            facts.say(Fact::Initiator(if asks || to_all { from } else { from.other() }));
        }
    }

    fn client(
        &mut self,
        from: End,
        message: &Message<'_>,
        hardware: &[u8],
        relayed: bool,
        facts: &mut dyn Facts,
    ) {
        if let Some(address) = message.requested {
            say_address("dhcp-requested-address", address, &mut self.leases, facts);
        }
        if message.authenticated {
            facts.say(Fact::Authenticated(true));
        }
        // Clients without an address share one: which of them has which name, only this tells.
        if let Some(name) = message.host.or(message.domain_name).and_then(printable)
            && self.leases.is_new(name.as_bytes())
        {
            let value = format!("{} {name}", Hardware(hardware));
            facts.say(Fact::Property { name: "dhcp-client", value: &value });
        }
        if relayed {
            return;
        }
        let texts = [
            (Identity::Name, message.host),
            (Identity::Name, message.domain_name),
            (Identity::Kind, message.vendor_class),
        ];
        for (what, text) in texts {
            if let Some(value) = text.and_then(printable) {
                facts.say(Fact::Identity { about: from, what, value });
            }
        }
    }

    fn server(&mut self, message: &Message<'_>, given: Ipv4Addr, hardware: &[u8], facts: &mut dyn Facts) {
        if let Some(address) = message.server {
            say_address("dhcp-server", address, &mut self.leases, facts);
        }
        for (name, text) in [("boot-server", message.boot_server), ("boot-file", message.boot_file)] {
            if let Some(value) = text.and_then(printable) {
                facts.say(Fact::Property { name, value });
            }
        }
        // An acknowledgment, or an answer of BOOTP, gives the address.
        let mut key = [0; 20];
        if !matches!(message.kind, 0 | 5) || given.is_unspecified() || hardware.is_empty() {
            return;
        }
        for (place, octet) in key.iter_mut().zip(given.octets().iter().chain(hardware)) {
            *place = *octet;
        }
        if self.leases.is_new(&key) {
            let value = format!("{given} to {}", Hardware(hardware));
            facts.say(Fact::Property { name: "dhcp-lease", value: &value });
        }
    }
}

/// A hardware address, written with colons.
struct Hardware<'a>(&'a [u8]);

impl fmt::Display for Hardware<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, octet) in self.0.iter().enumerate() {
            write!(f, "{}{octet:02x}", if at == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

fn address(data: &[u8], at: usize) -> Ipv4Addr {
    let octets = data.get(at..).and_then(<[u8]>::first_chunk::<4>);
    octets.map_or(Ipv4Addr::UNSPECIFIED, |octets| Ipv4Addr::from(*octets))
}

/// Says an address once.
fn say_address(name: &'static str, address: Ipv4Addr, said: &mut Once<16>, facts: &mut dyn Facts) {
    let [a, b, c, d] = address.octets();
    let [first, second, ..] = name.as_bytes() else { return };
    if said.is_new(&[*first, *second, name.len().to_le_bytes()[0], a, b, c, d]) {
        facts.say(Fact::Property { name, value: &address.to_string() });
    }
}
