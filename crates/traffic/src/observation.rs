//! What was observed, as data: the content of `zonewright-observation/1`.
//!
//! Owns the vocabulary that leaves this crate: captures, assets, flows, functions, protocols. Knows nothing of how
//! it was found. Every list is sorted; the ids are made of what a thing is, never of counts, so that the same
//! captures give the same observation and a further capture does not rename what was there.

use crate::facts::Direction;
use crate::protocol::Class;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use zonewright_source::{Diagnostic, PacketPlace};

/// Everything that a set of captures shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observation {
    /// The captures, in the order given.
    pub captures: Vec<Capture>,
    /// The hosts and devices, by id.
    pub assets: Vec<Asset>,
    /// Who talks to whom, by id.
    pub flows: Vec<Flow>,
    /// The functions of all flows together.
    pub functions: Vec<FunctionUse>,
    /// The protocols met, by name.
    pub protocols: Vec<ProtocolUse>,
    /// What is to be said about the captures.
    pub diagnostics: Vec<Diagnostic>,
}

impl Observation {
    /// The asset of an id.
    #[must_use]
    pub fn asset(&self, id: &str) -> Option<&Asset> {
        self.assets
            .binary_search_by(|asset| asset.id.as_ref().cmp(id))
            .ok()
            .and_then(|at| self.assets.get(at))
    }

    /// The flow of an id.
    #[must_use]
    pub fn flow(&self, id: &str) -> Option<&Flow> {
        self.flows.binary_search_by(|flow| flow.id.as_ref().cmp(id)).ok().and_then(|at| self.flows.get(at))
    }

    /// Whether each capture had at least one whole packet (or line) or is a well-formed capture without any.
    #[must_use]
    pub fn understood(&self) -> bool {
        let something =
            |capture: &Capture| capture.packets > 0 || capture.lines.is_some_and(|lines| lines > 0);
        self.captures.iter().all(|capture| something(capture) || capture.read_error.is_none())
    }
}

/// A moment: nanoseconds since 1970 (UTC), and how many decimals of a second the capture knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    pub nanoseconds: i64,
    /// Decimals of a second that were recorded, 0 to 9.
    pub digits: u8,
}

impl Timestamp {
    /// A moment known to `digits` decimals of a second.
    #[must_use]
    pub const fn new(nanoseconds: i64, digits: u8) -> Self {
        Self { nanoseconds, digits: if digits > 9 { 9 } else { digits } }
    }
}

/// RFC 3339 in UTC.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = jiff::Timestamp::from_nanosecond(i128::from(self.nanoseconds)).unwrap_or_default();
        write!(f, "{moment:.*}", usize::from(self.digits))
    }
}

/// A link-layer address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// Does it name a group of stations (or all) rather than one?
    #[must_use]
    pub const fn is_group(self) -> bool {
        self.0[0] & 1 == 1
    }

    /// Was it given out by whoever runs the network or the software, not by a vendor (IEEE 802, section 8.4)?
    #[must_use]
    pub const fn is_local(self) -> bool {
        self.0[0] & 2 == 2
    }

    /// Is it all zeros, as on loopback?
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == [0; 6]
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// What a file of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CaptureKind {
    /// The classic container of libpcap.
    Pcap,
    /// The block-structured container.
    Pcapng,
    /// A log of Zeek.
    Zeek,
    /// Events of Suricata.
    Eve,
}

impl CaptureKind {
    /// The word that the interfaces print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pcap => "pcap",
            Self::Pcapng => "pcapng",
            Self::Zeek => "zeek",
            Self::Eve => "eve",
        }
    }

    /// Is it what a monitor wrote of the traffic, in lines, rather than the traffic?
    #[must_use]
    pub const fn is_log(self) -> bool {
        matches!(self, Self::Zeek | Self::Eve)
    }
}

/// One capture that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Its path as the user gave it.
    pub path: Arc<str>,
    /// `blake3:` and the hash of the whole file in hexadecimal, unless it was not asked for.
    pub hash: Option<String>,
    /// Bytes of the file.
    pub size: u64,
    /// Its container, where it was recognized.
    pub kind: Option<CaptureKind>,
    /// Where it was taken, as the user says.
    pub capture_point: Option<Arc<str>>,
    /// Lines of a log that were understood; none of a capture of packets.
    pub lines: Option<u64>,
    /// Packets in it; of a log, those that its lines count.
    pub packets: u64,
    /// Bytes of these packets on the wire; of a log, as its lines count them.
    pub bytes: u64,
    /// Earliest moment.
    pub first_seen: Option<Timestamp>,
    /// Latest moment.
    pub last_seen: Option<Timestamp>,
    /// Packets of which less was captured than was on the wire.
    pub truncated_packets: u64,
    /// Packets that contradict their own headers or their protocol.
    pub malformed_packets: u64,
    /// Why reading stopped early, if it did.
    pub read_error: Option<String>,
}

/// A name that a device has, and who says so.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AssetName {
    /// The name.
    pub name: Arc<str>,
    /// The protocol in which it was said.
    pub source: Arc<str>,
}

/// What part an asset plays in a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// It asks.
    Client,
    /// It answers.
    Server,
    /// It sends unasked to a group.
    Publisher,
    /// It listens to a group.
    Subscriber,
    /// Neither is told apart.
    Peer,
}

impl Role {
    /// The word that the interfaces print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Publisher => "publisher",
            Self::Subscriber => "subscriber",
            Self::Peer => "peer",
        }
    }
}

/// A part an asset plays.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AssetRole {
    /// In which protocol.
    pub protocol: Arc<str>,
    /// Which part.
    pub role: Role,
}

/// Why something is said of an asset.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Basis {
    /// The reason, in words.
    pub text: String,
    /// The packet that shows it.
    pub place: Option<PacketPlace>,
}

/// A host or device that was seen to send, or was named by one that did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its id: address, with the context where that matters.
    pub id: Arc<str>,
    /// The context in which its addresses count, where captures name one.
    pub context: Option<Arc<str>>,
    /// Its link-layer addresses.
    pub macs: Vec<Mac>,
    /// Its network addresses.
    pub ips: Vec<IpAddr>,
    /// VLANs it was seen in.
    pub vlans: Vec<u16>,
    /// What it is called.
    pub names: Vec<AssetName>,
    /// Who made it: as it says, or to whom its link-layer address was given.
    pub vendor: Option<Arc<str>>,
    /// To whom the IEEE gave its link-layer address: who made or ordered its network interface.
    pub interface_vendor: Option<Arc<str>>,
    /// What it is.
    pub product: Option<Arc<str>>,
    /// Its firmware or software version.
    pub version: Option<Arc<str>>,
    /// Its serial number.
    pub serial: Option<Arc<str>>,
    /// Component type of IEC 62443-4-2, guessed: `embedded-device`, `host-device`, `network-device`, `software-application`.
    pub component_type: Option<Arc<str>>,
    /// What it is in a plant, guessed: `plc`, `hmi`, `router`, …
    pub kind: Option<Arc<str>>,
    /// The parts it plays.
    pub roles: Vec<AssetRole>,
    /// First packet from or to it.
    pub first_seen: Timestamp,
    /// Last packet from or to it.
    pub last_seen: Timestamp,
    /// Packets it sent.
    pub packets_sent: u64,
    /// Packets sent to it.
    pub packets_received: u64,
    /// What the statements above rest on.
    pub basis: Vec<Basis>,
}

/// What carries a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
    /// ICMP for IPv4.
    Icmp,
    /// ICMP for IPv6.
    Icmpv6,
    /// Another protocol over IP, by its number.
    Ip(u8),
    /// Frames of an EtherType.
    Ether(u16),
    /// IEEE 802.2 frames, by their destination service access point.
    Llc(u8),
}

impl Transport {
    /// What an IP protocol number says (IANA, Assigned Internet Protocol Numbers).
    #[must_use]
    pub const fn of_ip(number: u8) -> Self {
        match number {
            6 => Self::Tcp,
            17 => Self::Udp,
            132 => Self::Sctp,
            1 => Self::Icmp,
            58 => Self::Icmpv6,
            other => Self::Ip(other),
        }
    }
}

/// As the interfaces print it.
impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp => f.write_str("tcp"),
            Self::Udp => f.write_str("udp"),
            Self::Sctp => f.write_str("sctp"),
            Self::Icmp => f.write_str("icmp"),
            Self::Icmpv6 => f.write_str("icmpv6"),
            Self::Ip(number) => write!(f, "ip-{number}"),
            Self::Ether(ether_type) => write!(f, "eth-0x{ether_type:04x}"),
            Self::Llc(sap) => write!(f, "llc-0x{sap:02x}"),
        }
    }
}

/// Why one end is taken for the initiator, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InitiatorBasis {
    /// It sent the SYN.
    Syn,
    /// It got the SYN-ACK.
    SynAck,
    /// The protocol's messages show it.
    Content,
    /// The other end's port is the better known one.
    Port,
    /// It sent the first packet seen.
    First,
}

impl InitiatorBasis {
    /// The word that the interfaces print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Syn => "syn",
            Self::SynAck => "synack",
            Self::Content => "content",
            Self::Port => "port",
            Self::First => "first",
        }
    }
}

/// An end of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct FlowEnd {
    /// Its network address, if it has one.
    pub ip: Option<IpAddr>,
    /// The link-layer address seen with it: its own, or that of the router it is behind.
    pub mac: Option<Mac>,
    /// The asset it belongs to; none for a group or broadcast address.
    pub asset: Option<Arc<str>>,
    /// Its port. None for an initiator, whose port means nothing.
    pub port: Option<u16>,
}

/// Conversations of the same ends, transport, responder's port and protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Its id, made of what tells it from others.
    pub id: Arc<str>,
    /// The context in which its addresses count, where captures name one.
    pub context: Option<Arc<str>>,
    /// What carries it.
    pub transport: Transport,
    /// The end that began.
    pub initiator: FlowEnd,
    /// The other end.
    pub responder: FlowEnd,
    /// Why the initiator is taken for it: the strongest reason among its conversations.
    pub initiator_basis: InitiatorBasis,
    /// VLANs it was seen in.
    pub vlans: Vec<u16>,
    /// Where it was seen.
    pub capture_points: Vec<Arc<str>>,
    /// Its protocol, where the content told.
    pub protocol: Option<Arc<str>>,
    /// Was it encrypted? None: not shown.
    pub encrypted: Option<bool>,
    /// Did the peers prove who they are? None: not shown.
    pub authenticated: Option<bool>,
    /// Did a secret go over the wire in clear text?
    pub clear_text_credentials: bool,
    /// How many conversations.
    pub conversations: u64,
    /// Packets.
    pub packets: u64,
    /// Bytes on the wire.
    pub bytes: u64,
    /// Packets that the initiator sent.
    pub packets_from_initiator: u64,
    /// Packets that the responder sent.
    pub packets_from_responder: u64,
    /// First packet.
    pub first_seen: Timestamp,
    /// Last packet.
    pub last_seen: Timestamp,
    /// The first packet, and the first of each function.
    pub places: Vec<PacketPlace>,
    /// What was asked and answered.
    pub functions: Vec<FunctionUse>,
    /// Named properties of the sessions: TLS version, security policy.
    pub properties: Vec<Property>,
    /// What well-behaved peers do not send.
    pub anomalies: Vec<AnomalyUse>,
    /// Days (UTC, counted from 1970-01-01) on which it was seen.
    pub active_days: Vec<i32>,
    /// The flow that carries this one, if it is tunneled.
    pub inside: Option<Arc<str>>,
}

/// A named property of a session.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Property {
    /// Its name.
    pub name: Arc<str>,
    /// Its value.
    pub value: Arc<str>,
    /// Where it was first seen.
    pub place: PacketPlace,
}

/// An anomaly and how often it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AnomalyUse {
    /// Its slug.
    pub what: Arc<str>,
    /// How often.
    pub count: u64,
    /// Where it was first seen.
    pub place: PacketPlace,
}

/// The code of a function.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FunctionCode {
    /// A number.
    Number(u32),
    /// A text.
    Text(Arc<str>),
}

impl fmt::Display for FunctionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A function, how it was used, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionUse {
    /// Its protocol.
    pub protocol: Arc<str>,
    /// The field its code stands in.
    pub element: Arc<str>,
    /// Its code.
    pub code: FunctionCode,
    /// Its name, if it has one.
    pub name: Option<Arc<str>>,
    /// What it does to a plant.
    pub class: Class,
    /// Asked or answered.
    pub direction: Direction,
    /// How many messages.
    pub count: u64,
    /// The first of them.
    pub first: PacketPlace,
}

/// A protocol and how many packets it filled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProtocolUse {
    /// Its name.
    pub name: Arc<str>,
    /// Packets with its content.
    pub packets: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_prints_with_the_decimals_that_were_recorded() {
        assert_eq!(Timestamp::new(1_400_547_199_329_569_000, 6).to_string(), "2014-05-20T00:53:19.329569Z");
        assert_eq!(
            Timestamp::new(1_400_547_199_329_569_001, 9).to_string(),
            "2014-05-20T00:53:19.329569001Z"
        );
        assert_eq!(Timestamp::new(0, 0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Timestamp::new(-1_500_000_000, 3).to_string(), "1969-12-31T23:59:58.500Z");
    }

    #[test]
    fn transports_print_as_the_interfaces_say() {
        assert_eq!(Transport::Ether(0x88a4).to_string(), "eth-0x88a4");
        assert_eq!(Transport::Ip(47).to_string(), "ip-47");
        assert_eq!(Mac([1, 2, 0xab, 0, 0, 255]).to_string(), "01:02:ab:00:00:ff");
    }
}
