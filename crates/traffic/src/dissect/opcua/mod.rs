//! OPC UA binary (OPC 10000-6): connection protocol, secure conversation, services.
//!
//! Owns message chunks and the joining of those that are of interest; `binary` reads encoded values, `service` the
//! bodies that say who and how. What is encrypted is not guessed at.

mod binary;
mod service;
mod table;

pub use table::PROTOCOL;

use self::binary::{Decoder, NodeId};
use self::service::Reads;
use self::table::{MESSAGE, MESSAGES, PORT, SERVICE};
use super::octets::{Octets, printable};
use super::sides::{InStep, Sides};
use super::tls::certificate::Certificate;
use super::tls::say_certificate;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Message};
use crate::protocol::Protocol;

/// Octets of the message header: type, chunk type, size (OPC 10000-6, 7.1.2.2).
const HEADER_LENGTH: usize = 8;
/// Largest chunk that is believed; common stacks negotiate 64 KiB to a few MiB.
const CHUNK_LENGTH_MAX: usize = 16 * 1024 * 1024;
/// Chunks up to this size are awaited whole; of larger ones only the head is read.
const CHUNK_LENGTH_KEPT: usize = 128 * 1024;
/// Octets of a large chunk that must be there: enough for the security header and the service's node id.
const CHUNK_HEAD: usize = 64;
/// Octets of the node id of a service in its usual form (OPC 10000-6, 5.2.2.9).
const NODE_ID_LENGTH: usize = 4;
/// Longest body that is joined of chunks; a longer one is counted, but not looked into.
const BODY_LENGTH_MAX: usize = 256 * 1024;

/// The reader of OPC UA.
#[derive(Debug)]
pub struct OpcUa;

impl Dissector for OpcUa {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if !hint.stream {
            return Likelihood::No;
        }
        match head(data) {
            Head::Header(_) => Likelihood::Certain,
            Head::Short if hint.port(PORT) => Likelihood::Port,
            // The beginning of a chunk was not captured, but a later one follows.
            _ if hint.port(PORT) && resynchronize(data) < data.len() => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader {
            client: None,
            security: Security::Unknown,
            pending: Sides::default(),
            adrift: Sides::default(),
            in_step: InStep::default(),
            reads: Reads::default(),
        })
    }
}

/// Types of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Hello,
    Acknowledge,
    Error,
    ReverseHello,
    Open,
    Message,
    Close,
}

impl Kind {
    /// Every type with its letters, in the order of [`MESSAGES`].
    const ALL: [(Self, &'static str); 7] = [
        (Self::Hello, "HEL"),
        (Self::Acknowledge, "ACK"),
        (Self::Error, "ERR"),
        (Self::ReverseHello, "RHE"),
        (Self::Open, "OPN"),
        (Self::Message, "MSG"),
        (Self::Close, "CLO"),
    ];
}

/// The header of a chunk.
#[derive(Debug, Clone, Copy)]
struct Header {
    kind: Kind,
    letters: &'static str,
    /// Index in [`MESSAGES`].
    index: usize,
    /// `F` final, `C` more follow, `A` given up.
    chunk: u8,
    size: usize,
}

/// How the octets at hand begin.
enum Head {
    /// With a header.
    Header(Header),
    /// With what may become one.
    Short,
    /// With a type that exists, but a size that cannot be.
    BadSize,
    /// With something else.
    Other,
}

/// The header at the start of these octets.
fn head(data: &[u8]) -> Head {
    let letters = data.get(..data.len().min(3)).unwrap_or_default();
    let known = Kind::ALL.iter().enumerate().find(|(_, (_, text))| text.as_bytes().starts_with(letters));
    let Some((index, &(kind, text))) = known else { return Head::Other };
    let Some([_, _, _, chunk, size @ ..]) = data.first_chunk::<HEADER_LENGTH>() else {
        return match data.get(3) {
            Some(b'F' | b'C' | b'A') | None => Head::Short,
            Some(_) => Head::Other,
        };
    };
    let splits = matches!(kind, Kind::Open | Kind::Message | Kind::Close);
    if !(*chunk == b'F' || splits && matches!(chunk, b'C' | b'A')) {
        return Head::Other;
    }
    match usize::try_from(u32::from_le_bytes(*size)) {
        Ok(size) if (HEADER_LENGTH..=CHUNK_LENGTH_MAX).contains(&size) => {
            Head::Header(Header { kind, letters: text, index, chunk: *chunk, size })
        }
        _ => Head::BadSize,
    }
}

/// How many octets to let go so that a header comes first.
fn resynchronize(data: &[u8]) -> usize {
    let starts = |at: &usize| match data.get(*at..).map(head) {
        Some(Head::Header(_)) => true,
        // At the very end a beginning is kept.
        Some(Head::Short) => true,
        _ => false,
    };
    (1..data.len()).find(starts).unwrap_or(data.len())
}

/// What is known of the secure channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Security {
    /// It was opened before the capture began.
    Unknown,
    /// Policy None.
    Clear,
    /// A policy that signs or encrypts; the messages will tell which.
    Protected,
    /// Signed: bodies can be read.
    Signed,
    /// Encrypted: they cannot.
    Encrypted,
}

/// A message of which some chunks were seen.
#[derive(Debug)]
struct Pending {
    request: u32,
    service: u32,
    direction: Direction,
    /// The body so far, where it is of interest.
    body: Vec<u8>,
    /// Is all of it there?
    whole: bool,
}

impl Pending {
    /// Adds the body of a chunk, all of which is there if `whole`.
    fn extend(&mut self, body: &[u8], whole: bool) {
        self.whole &= whole && self.body.len() + body.len() <= BODY_LENGTH_MAX;
        if self.whole && service::is_of_interest(self.service) {
            self.body.extend_from_slice(body);
        }
    }
}

/// One conversation being read.
struct Reader {
    /// The end that is the client, once shown.
    client: Option<End>,
    security: Security,
    /// Messages being joined, by sender.
    pending: Sides<Option<Pending>>,
    /// By sender: were octets lost since the last whole message?
    adrift: Sides<bool>,
    in_step: InStep,
    reads: Reads,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let header = match head(data) {
            Head::Header(header) => header,
            Head::Short => return Progress::Need(HEADER_LENGTH),
            Head::BadSize => {
                self.in_step.fails(from, "opcua-size", facts);
                return Progress::Consumed(resynchronize(data));
            }
            Head::Other => {
                self.in_step.fails(from, "opcua-no-header", facts);
                return Progress::Consumed(resynchronize(data));
            }
        };
        let needed = if header.size <= CHUNK_LENGTH_KEPT { header.size } else { CHUNK_HEAD };
        let Some(chunk) = data.get(..needed.max(data.len().min(header.size))) else {
            return Progress::Need(needed);
        };
        self.in_step.found(from);
        let mut octets = Octets::new(chunk);
        let body = octets.skip(HEADER_LENGTH).map_or(&[][..], |()| octets.rest());
        self.chunk(from, header, body, chunk.len() == header.size, facts);
        if chunk.len() == header.size { Progress::Consumed(header.size) } else { Progress::Skip(header.size) }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        let Head::Header(header) = head(data) else { return };
        let mut octets = Octets::new(data);
        let body = octets.skip(HEADER_LENGTH).map_or(&[][..], |()| octets.rest());
        self.chunk(from, header, body, false, facts);
    }

    fn gap(&mut self, from: End) -> bool {
        *self.pending.of(from) = None;
        *self.adrift.of(from) = true;
        self.in_step.lost(from);
        true
    }
}

impl Reader {
    /// Reads a chunk. `whole`: is all of its body there?
    fn chunk(&mut self, from: End, header: Header, body: &[u8], whole: bool, facts: &mut dyn Facts) {
        let said = match header.kind {
            Kind::Hello => hello(body, facts).map(|()| Direction::Request),
            Kind::ReverseHello => Some(Direction::Request),
            Kind::Acknowledge | Kind::Error => Some(Direction::Response),
            Kind::Open => self.open_channel(from, header, body, whole, facts),
            Kind::Message | Kind::Close => self.message(from, header, body, whole, facts),
        };
        if said.is_none() && whole {
            facts.say(Fact::Anomaly { what: "opcua-body" });
        }
        let direction = match said {
            Some(Direction::Request) => Direction::Request,
            Some(Direction::Response) => Direction::Response,
            _ => self.direction_by_end(from),
        };
        self.say_client(from, header.kind, direction, facts);
        say_message(header, direction, facts);
    }

    /// What the client says asks, what the server says answers.
    fn direction_by_end(&self, from: End) -> Direction {
        if from == self.client.unwrap_or(End::Initiator) { Direction::Request } else { Direction::Response }
    }

    /// Says who the client is when that is shown for the first time. A reverse hello comes from the server.
    fn say_client(&mut self, from: End, kind: Kind, direction: Direction, facts: &mut dyn Facts) {
        if self.client.is_some() {
            return;
        }
        let client = match (kind, direction) {
            (Kind::ReverseHello, _) | (_, Direction::Response) => from.other(),
            _ => from,
        };
        self.client = Some(client);
        facts.say(Fact::Initiator(client));
    }

    /// Opens a channel (OPC 10000-6, 6.7.2.3): the policy is in clear, the rest if the policy is None.
    fn open_channel(
        &mut self,
        from: End,
        header: Header,
        body: &[u8],
        whole: bool,
        facts: &mut dyn Facts,
    ) -> Option<Direction> {
        let mut decoder = Decoder::new(body);
        decoder.skip(4)?;
        let policy = service::policy(decoder.string()?);
        let value = printable(policy)?;
        facts.say(Fact::Property { name: "security-policy", value });
        let certificate = decoder.string();
        if value != "None" {
            if !matches!(self.security, Security::Signed | Security::Encrypted) {
                self.security = Security::Protected;
            }
            facts.say(Fact::Authenticated(true));
            if let Some(certificate) = certificate.and_then(Certificate::read) {
                say_certificate(&certificate, facts);
            }
            return Some(Direction::None);
        }
        self.security = Security::Clear;
        facts.say(Fact::Encrypted(false));
        if header.chunk != b'F' {
            return Some(Direction::None);
        }
        let _thumbprint = certificate.and_then(|_| decoder.string())?;
        // Sequence header: sequence number and request number.
        decoder.skip(4)?;
        let request = decoder.u32()?;
        let (service, direction) = self.service(from, decoder.rest(), facts)?;
        if whole {
            self.inspect(from, service, request, decoder.rest(), facts);
        }
        Some(direction)
    }

    /// A message or the closing of a channel (OPC 10000-6, 6.7.2.4): symmetric security.
    fn message(
        &mut self,
        from: End,
        header: Header,
        body: &[u8],
        whole: bool,
        facts: &mut dyn Facts,
    ) -> Option<Direction> {
        let mut decoder = Decoder::new(body);
        // Channel, token, sequence number.
        decoder.skip(12)?;
        let request = decoder.u32()?;
        let body = decoder.rest();
        let pending = self.pending.of(from).take().filter(|pending| pending.request == request);
        match (header.chunk, pending) {
            (b'A', _) => Some(Direction::None),
            (_, None) if !self.is_readable(from, body, facts) => Some(Direction::None),
            (b'C', None) => {
                let (service, direction) = self.service(from, body, facts)?;
                let mut pending = Pending { request, service, direction, body: Vec::new(), whole };
                pending.extend(body, whole);
                *self.pending.of(from) = Some(pending);
                Some(direction)
            }
            (b'C', Some(mut pending)) => {
                pending.extend(body, whole);
                let direction = pending.direction;
                *self.pending.of(from) = Some(pending);
                Some(direction)
            }
            (_, Some(mut pending)) => {
                pending.extend(body, whole);
                // In signed chunks a signature of unknown length stands between the parts of the body.
                if pending.whole && self.security == Security::Clear {
                    self.inspect(from, pending.service, request, &pending.body, facts);
                }
                Some(pending.direction)
            }
            (_, None) => {
                *self.adrift.of(from) = false;
                let (service, direction) = self.service(from, body, facts)?;
                if whole {
                    self.inspect(from, service, request, body, facts);
                }
                Some(direction)
            }
        }
    }

    /// Can this body be read? Where the channel does not tell, or a message's first chunk may have been lost, a node
    /// id of a service at its start does.
    fn is_readable(&mut self, from: End, body: &[u8], facts: &mut dyn Facts) -> bool {
        let adrift = *self.adrift.of(from);
        match self.security {
            Security::Clear | Security::Signed if adrift => node_id(body).is_some_and(table::is_service),
            Security::Clear | Security::Signed => true,
            Security::Encrypted => false,
            Security::Unknown => node_id(body).is_some_and(table::is_service),
            // Cut too short to tell.
            Security::Protected if body.len() < NODE_ID_LENGTH => false,
            Security::Protected => {
                let readable = node_id(body).is_some_and(table::is_service);
                let (security, value) = if readable {
                    (Security::Signed, "Sign")
                } else {
                    (Security::Encrypted, "SignAndEncrypt")
                };
                self.security = security;
                facts.say(Fact::Encrypted(!readable));
                facts.say(Fact::Property { name: "security-mode", value });
                readable
            }
        }
    }

    /// Reports the service at the start of a body.
    fn service(&self, from: End, body: &[u8], facts: &mut dyn Facts) -> Option<(u32, Direction)> {
        let id = node_id(body)?;
        let direction = match table::direction(id) {
            Direction::None => self.direction_by_end(from),
            known => known,
        };
        facts.message(&PROTOCOL, SERVICE, id, direction);
        Some((id, direction))
    }

    /// Reads what is of interest in the whole body of a service.
    fn inspect(&mut self, from: End, service: u32, request: u32, body: &[u8], facts: &mut dyn Facts) {
        let mut decoder = Decoder::new(body);
        if service::is_of_interest(service) && decoder.node_id().is_some() {
            service::read(service, request, from, decoder.rest(), &mut self.reads, facts);
        }
    }
}

/// Reports a chunk by its type.
fn say_message(header: Header, direction: Direction, facts: &mut dyn Facts) {
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: MESSAGE,
        code: Code::Text(header.letters),
        direction,
        meaning: MESSAGES.get(header.index).map(|known| (known.name, known.class)),
    }));
}

/// The numeric node id of namespace 0 at the start of a body.
fn node_id(body: &[u8]) -> Option<u32> {
    match Decoder::new(body).node_id()? {
        NodeId::Numeric(0, id) => Some(id),
        _ => None,
    }
}

/// A hello (OPC 10000-6, 7.1.2.3): the address that the client wants.
fn hello(body: &[u8], facts: &mut dyn Facts) -> Option<()> {
    let mut decoder = Decoder::new(body);
    decoder.skip(5 * 4)?;
    if let Some(value) = printable(decoder.string()?) {
        facts.say(Fact::Property { name: "endpoint-url", value });
    }
    Some(())
}
