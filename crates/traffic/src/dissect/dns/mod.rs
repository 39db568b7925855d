//! DNS, and what speaks its message format: multicast DNS, LLMNR, the NetBIOS name service.
//!
//! Owns message headers, the walk over records, and which of them name their sender; `name` reads names.

mod name;
pub(crate) mod netbios;
mod table;

pub use table::{DNS, LLMNR, MDNS, NBNS};

use self::name::Name;
use super::octets::{Octets, printable};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::Protocol;

/// Octets of a message's header (RFC 1035, 4.1.1).
const HEADER_LENGTH: usize = 12;
/// Records of one message that are looked at.
const RECORDS_MAX: u32 = 512;

/// Which of the protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// DNS (RFC 1035).
    Unicast,
    /// Multicast DNS (RFC 6762).
    Multicast,
    /// Link-local multicast name resolution (RFC 4795).
    LinkLocal,
    /// NetBIOS name service (RFC 1002).
    NetBios,
}

/// The reader of one of the protocols.
#[derive(Debug)]
pub struct Names(pub Kind);

/// The port of a kind.
const fn port_of(kind: Kind) -> u16 {
    match kind {
        Kind::Unicast => table::DNS_PORT,
        Kind::Multicast => table::MDNS_PORT,
        Kind::LinkLocal => table::LLMNR_PORT,
        Kind::NetBios => table::NBNS_PORT,
    }
}

impl Kind {
    const fn protocol(self) -> &'static Protocol {
        match self {
            Self::Unicast => &DNS,
            Self::Multicast => &MDNS,
            Self::LinkLocal => &LLMNR,
            Self::NetBios => &NBNS,
        }
    }
}

impl Dissector for Names {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: [&[&Protocol]; 4] = [&[&DNS], &[&MDNS], &[&LLMNR], &[&NBNS]];
        let [unicast, multicast, link_local, netbios] = PROTOCOLS;
        match self.0 {
            Kind::Unicast => unicast,
            Kind::Multicast => multicast,
            Kind::LinkLocal => link_local,
            Kind::NetBios => netbios,
        }
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let on_port = hint.port(port_of(self.0));
        if self.0 != Kind::Unicast {
            // The same format as DNS: the port is what tells them apart.
            return match on_port && !hint.stream {
                true if is_message(data) => Likelihood::Certain,
                true => Likelihood::Port,
                false => Likelihood::No,
            };
        }
        if [Kind::Multicast, Kind::LinkLocal, Kind::NetBios].iter().any(|&other| hint.port(port_of(other))) {
            return Likelihood::No;
        }
        let message = if hint.stream { tcp_message(data) } else { Some(data) };
        match message {
            Some(message) if is_message(message) => {
                if on_port {
                    Likelihood::Certain
                } else {
                    Likelihood::Likely
                }
            }
            Some(_) if on_port => Likelihood::Port,
            None if on_port && hint.stream => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { kind: self.0, stream: hint.stream, initiator_said: false })
    }
}

/// The first message of a stream, without its length (RFC 1035, 4.2.2), if it is whole.
fn tcp_message(data: &[u8]) -> Option<&[u8]> {
    let mut octets = Octets::new(data);
    let length = octets.u16_be()?;
    octets.take(usize::from(length))
}

/// Is this one whole, well-formed message, with a question or an answer, and nothing after it?
fn is_message(data: &[u8]) -> bool {
    let mut octets = Octets::new(data);
    let Some(header) = Header::read(&mut octets) else { return false };
    let records = u32::from(header.questions) + header.records();
    if records == 0 || records > RECORDS_MAX || header.flags & RESERVED != 0 || header.opcode() == 3 {
        return false;
    }
    let asks = header.questions == 0 || question(data, octets).is_some();
    asks && walk(data, &mut octets, header, &mut |_| {}).is_some() && octets.is_empty()
}

/// Is there a question of a class that exists (RFC 1035, 3.2.4; RFC 6762, 18.12 for the uppermost bit)?
fn question<'a>(message: &'a [u8], mut octets: Octets<'a>) -> Option<()> {
    Name::read(message, &mut octets)?;
    let kind = octets.u16_be()?;
    let class = octets.u16_be()? & 0x7FFF;
    (kind != 0 && matches!(class, 1 | 3 | 4 | 254 | 255)).then_some(())
}

/// The bit of the flags that must be zero (RFC 1035, 4.1.1; the two beside it are those of RFC 4035).
const RESERVED: u16 = 0x0040;

/// A message's header.
#[derive(Debug, Clone, Copy)]
struct Header {
    flags: u16,
    questions: u16,
    answers: u16,
    authorities: u16,
    additionals: u16,
}

impl Header {
    fn read(octets: &mut Octets<'_>) -> Option<Self> {
        octets.skip(2)?;
        Some(Self {
            flags: octets.u16_be()?,
            questions: octets.u16_be()?,
            answers: octets.u16_be()?,
            authorities: octets.u16_be()?,
            additionals: octets.u16_be()?,
        })
    }

    const fn is_response(self) -> bool {
        self.flags & 0x8000 != 0
    }

    const fn opcode(self) -> u8 {
        ((self.flags >> 11) & 0x0F) as u8
    }

    const fn response_code(self) -> u8 {
        (self.flags & 0x0F) as u8
    }

    fn records(self) -> u32 {
        u32::from(self.answers) + u32::from(self.authorities) + u32::from(self.additionals)
    }
}

/// A resource record (RFC 1035, 4.1.3).
#[derive(Debug, Clone, Copy)]
struct Record<'a> {
    owner: Name<'a>,
    kind: u16,
    class: u16,
    data: &'a [u8],
}

/// Passes over questions and shows each record. `None` where the message is malformed or cut short.
fn walk<'a>(
    message: &'a [u8],
    octets: &mut Octets<'a>,
    header: Header,
    show: &mut dyn FnMut(Record<'a>),
) -> Option<()> {
    for _ in 0..header.questions {
        Name::read(message, octets)?;
        octets.skip(4)?;
    }
    for _ in 0..header.records().min(RECORDS_MAX) {
        let owner = Name::read(message, octets)?;
        let kind = octets.u16_be()?;
        let class = octets.u16_be()?;
        octets.skip(4)?;
        let length = octets.u16_be()?;
        let data = octets.take(usize::from(length))?;
        show(Record { owner, kind, class, data });
    }
    Some(())
}

/// One conversation being read.
struct Reader {
    kind: Kind,
    stream: bool,
    initiator_said: bool,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if !self.stream {
            self.message(from, data, facts);
            return Progress::Consumed(data.len());
        }
        let Some(&length) = data.first_chunk::<2>() else { return Progress::Need(2) };
        let whole = 2 + usize::from(u16::from_be_bytes(length));
        if whole < 2 + HEADER_LENGTH {
            facts.say(Fact::Anomaly { what: "dns-length" });
            return Progress::Lost;
        }
        let Some(message) = data.get(2..whole) else { return Progress::Need(whole) };
        self.message(from, message, facts);
        Progress::Consumed(whole)
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        let message = if self.stream { data.get(2..).unwrap_or_default() } else { data };
        if let Some(header) = Header::read(&mut Octets::new(message)) {
            self.say_opcode(from, header, facts);
        }
    }

    // Nothing in a stream of messages tells where the next one begins.
    fn gap(&mut self, _from: End) -> bool {
        !self.stream
    }
}

impl Reader {
    fn message(&mut self, from: End, message: &[u8], facts: &mut dyn Facts) {
        let mut octets = Octets::new(message);
        let Some(header) = Header::read(&mut octets) else {
            facts.say(Fact::Anomaly { what: "dns-header" });
            return;
        };
        self.say_opcode(from, header, facts);
        let kind = self.kind;
        let walked = walk(message, &mut octets, header, &mut |record| match kind {
            Kind::Unicast => {}
            Kind::Multicast if header.is_response() => multicast(from, &record, facts),
            Kind::LinkLocal if header.is_response() && is_address(&record) => {
                say_name(from, &record.owner, facts);
            }
            Kind::Multicast | Kind::LinkLocal => {}
            Kind::NetBios => {
                netbios::record(from, header.flags, header.opcode(), header.response_code(), &record, facts);
            }
        });
        if walked.is_none() {
            facts.say(Fact::Anomaly { what: "dns-malformed" });
        } else if header.records() > RECORDS_MAX {
            facts.say(Fact::Anomaly { what: "dns-records-limit" });
        }
    }

    fn say_opcode(&mut self, from: End, header: Header, facts: &mut dyn Facts) {
        let direction = if header.is_response() { Direction::Response } else { Direction::Request };
        facts.message(self.kind.protocol(), 0, u32::from(header.opcode()), direction);
        if self.initiator_said {
            return;
        }
        self.initiator_said = true;
        // Answers of multicast DNS go to the group too: who speaks first is the one that began.
        let answers = header.is_response() && self.kind != Kind::Multicast;
        facts.say(Fact::Initiator(if answers { from.other() } else { from }));
    }
}

/// Is it an address record of the Internet class?
fn is_address(record: &Record<'_>) -> bool {
    matches!(record.kind, 1 | 28) && record.class & 0x7FFF == 1
}

/// A record of a multicast response. Those that are the sender's alone carry the cache-flush bit (RFC 6762, 10.2).
fn multicast(from: End, record: &Record<'_>, facts: &mut dyn Facts) {
    if is_address(record) && record.class & 0x8000 != 0 {
        say_name(from, &record.owner, facts);
    }
    // `_device-info._tcp` tells the model in its text (as Apple and Avahi publish it).
    let mut labels = record.owner.labels().skip(1);
    if record.kind == 16 && labels.next().is_some_and(|label| label.eq_ignore_ascii_case(b"_device-info")) {
        let mut texts = Octets::new(record.data);
        while let Some(text) = texts.u8().and_then(|length| texts.take(usize::from(length))) {
            if let Some(value) = text.strip_prefix(b"model=").and_then(printable) {
                facts.say(Fact::Identity { about: from, what: Identity::Product, value });
            }
        }
    }
}

/// Says a host name, without the domain that multicast names lie in.
fn say_name(about: End, name: &Name<'_>, facts: &mut dyn Facts) {
    let mut text = String::new();
    name.write(&mut text);
    let value = text.strip_suffix(".local").unwrap_or(&text);
    if let Some(value) = printable(value.as_bytes()) {
        facts.say(Fact::Identity { about, what: Identity::Name, value });
    }
}
