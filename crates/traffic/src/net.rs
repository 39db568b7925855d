//! The network and transport layers' headers: IPv4, IPv6, TCP, UDP, and the tunnels within them.
//!
//! Looks at headers, trusts no length, copies nothing. A header that contradicts itself is `None`: the packet is
//! malformed. A packet that the capture cut short is read as far as it goes, and says how much is missing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Protocol numbers (IANA, Assigned Internet Protocol Numbers).
pub(crate) mod protocol {
    /// IPv4 within IP.
    pub(crate) const IPV4: u8 = 4;
    /// TCP.
    pub(crate) const TCP: u8 = 6;
    /// UDP.
    pub(crate) const UDP: u8 = 17;
    /// IPv6 within IP.
    pub(crate) const IPV6: u8 = 41;
    /// GRE.
    pub(crate) const GRE: u8 = 47;
    /// ICMP for IPv6.
    pub(crate) const ICMPV6: u8 = 58;
    /// SCTP.
    pub(crate) const SCTP: u8 = 132;
}

/// Extension headers of one packet that are passed.
const EXTENSION_HEADERS_MAX: usize = 16;

/// Source and destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Addresses {
    /// IPv4.
    V4(u32, u32),
    /// IPv6.
    V6(u128, u128),
}

impl Addresses {
    /// The source.
    pub(crate) fn source(self) -> IpAddr {
        match self {
            Self::V4(source, _) => Ipv4Addr::from(source).into(),
            Self::V6(source, _) => Ipv6Addr::from(source).into(),
        }
    }

    /// The destination.
    pub(crate) fn destination(self) -> IpAddr {
        match self {
            Self::V4(_, destination) => Ipv4Addr::from(destination).into(),
            Self::V6(_, destination) => Ipv6Addr::from(destination).into(),
        }
    }
}

/// Where a fragment belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fragment {
    /// Tells datagrams apart.
    pub(crate) id: u32,
    /// Its first byte in the datagram.
    pub(crate) offset: u32,
    /// Do others follow?
    pub(crate) more: bool,
}

/// An IP packet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ip<'a> {
    /// Who to whom.
    pub(crate) addresses: Addresses,
    /// Number of the protocol above.
    pub(crate) protocol: u8,
    /// Time to live, or hop limit.
    pub(crate) ttl: u8,
    /// What it carries, without what the link added.
    pub(crate) payload: &'a [u8],
    /// Bytes of the payload that were on the wire and not captured.
    pub(crate) missing: usize,
    /// If it is a fragment.
    pub(crate) fragment: Option<Fragment>,
}

/// Reads IPv4 or IPv6, whichever the version says.
#[inline]
pub(crate) fn ip(data: &[u8]) -> Option<Ip<'_>> {
    match data.first()? >> 4 {
        4 => ipv4(data),
        6 => ipv6(data),
        _ => None,
    }
}

/// RFC 791, section 3.1.
#[inline]
fn ipv4(data: &[u8]) -> Option<Ip<'_>> {
    let head = data.first_chunk::<20>()?;
    let header = usize::from(head[0] & 0x0f) * 4;
    let total = usize::from(u16::from_be_bytes([head[2], head[3]]));
    // Segmentation offload leaves a length of 0 in packets captured before the card.
    let total = if total == 0 { data.len() } else { total };
    if header < 20 || total < header {
        return None;
    }
    let end = total.min(data.len());
    let payload = data.get(header..end).unwrap_or_default();
    let missing = total - header - payload.len();
    let word = u16::from_be_bytes([head[6], head[7]]);
    let (more, offset) = (word & 0x2000 != 0, u32::from(word & 0x1fff) * 8);
    let fragment = (more || offset != 0).then(|| Fragment {
        id: u32::from(u16::from_be_bytes([head[4], head[5]])),
        offset,
        more,
    });
    Some(Ip {
        addresses: Addresses::V4(
            u32::from_be_bytes([head[12], head[13], head[14], head[15]]),
            u32::from_be_bytes([head[16], head[17], head[18], head[19]]),
        ),
        protocol: head[9],
        ttl: head[8],
        payload,
        missing,
        fragment,
    })
}

/// RFC 8200, sections 3 and 4.
fn ipv6(data: &[u8]) -> Option<Ip<'_>> {
    let (head, rest) = data.split_first_chunk::<40>()?;
    let length = usize::from(u16::from_be_bytes([head[4], head[5]]));
    // Jumbograms (RFC 2675) and big TCP have a length of 0.
    let total = if length == 0 { rest.len() } else { length };
    let mut payload = rest.get(..total.min(rest.len())).unwrap_or_default();
    let missing = total - payload.len();
    let mut protocol = head[6];
    let mut fragment = None;
    for _ in 0..EXTENSION_HEADERS_MAX {
        let length = match (protocol, payload) {
            // Hop-by-hop, routing, destination options, mobility, HIP, Shim6.
            (0 | 43 | 60 | 135 | 139 | 140, [_, units, ..]) => (usize::from(*units) + 1) * 8,
            // Authentication header (RFC 4302, section 2.2).
            (51, [_, units, ..]) => (usize::from(*units) + 2) * 4,
            (44, [_, _, high, low, a, b, c, d, ..]) => {
                let word = u16::from_be_bytes([*high, *low]);
                let (offset, more) = (u32::from(word & 0xfff8), word & 1 == 1);
                // An atomic fragment (RFC 6946) is a whole datagram.
                if offset != 0 || more {
                    fragment = Some(Fragment { id: u32::from_be_bytes([*a, *b, *c, *d]), offset, more });
                }
                8
            }
            _ => break,
        };
        let Some(behind) = payload.get(length..) else { break };
        let is_fragment = protocol == 44;
        protocol = payload.first().copied().unwrap_or(59);
        payload = behind;
        if is_fragment && fragment.is_some() {
            break;
        }
    }
    let word = |at: usize| {
        head.get(at..at + 16).and_then(|bytes| bytes.first_chunk().copied()).map_or(0, u128::from_be_bytes)
    };
    Some(Ip {
        addresses: Addresses::V6(word(8), word(24)),
        protocol,
        ttl: head[7],
        payload,
        missing,
        fragment,
    })
}

/// TCP's control bits that are used here (RFC 9293, section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TcpFlags(pub(crate) u8);

impl TcpFlags {
    /// The sender is done.
    pub(crate) const fn fin(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// A connection begins.
    pub(crate) const fn syn(self) -> bool {
        self.0 & 0x02 != 0
    }

    /// The connection is broken off.
    pub(crate) const fn rst(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// The acknowledgment number counts.
    pub(crate) const fn ack(self) -> bool {
        self.0 & 0x10 != 0
    }
}

/// A TCP segment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tcp<'a> {
    /// Source port.
    pub(crate) source: u16,
    /// Destination port.
    pub(crate) destination: u16,
    /// Sequence number of its first byte.
    pub(crate) sequence: u32,
    /// Next byte that the sender expects.
    pub(crate) acknowledged: u32,
    /// Its control bits.
    pub(crate) flags: TcpFlags,
    /// Its bytes.
    pub(crate) payload: &'a [u8],
}

/// What could be read of a transport header.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Header<T> {
    /// All of it.
    Whole(T),
    /// Only the ports (source, destination); the rest is cut off or contradictory.
    Ports(u16, u16),
    /// Nothing.
    Nothing,
}

fn ports<T>(data: &[u8]) -> Header<T> {
    data.first_chunk::<4>().map_or(Header::Nothing, |head| {
        Header::Ports(u16::from_be_bytes([head[0], head[1]]), u16::from_be_bytes([head[2], head[3]]))
    })
}

/// RFC 9293, section 3.1.
#[inline]
pub(crate) fn tcp(data: &[u8]) -> Header<Tcp<'_>> {
    let Some(head) = data.first_chunk::<20>() else { return ports(data) };
    let header = usize::from(head[12] >> 4) * 4;
    if header < 20 {
        return ports(data);
    }
    // Options that the capture cut off leave a segment without payload.
    let payload = data.get(header..).unwrap_or_default();
    Header::Whole(Tcp {
        source: u16::from_be_bytes([head[0], head[1]]),
        destination: u16::from_be_bytes([head[2], head[3]]),
        sequence: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
        acknowledged: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
        flags: TcpFlags(head[13]),
        payload,
    })
}

/// A UDP datagram.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Udp<'a> {
    /// Source port.
    pub(crate) source: u16,
    /// Destination port.
    pub(crate) destination: u16,
    /// Its bytes.
    pub(crate) payload: &'a [u8],
    /// Bytes it should have that are not there.
    pub(crate) missing: usize,
}

/// RFC 768.
#[inline]
pub(crate) fn udp(data: &[u8]) -> Header<Udp<'_>> {
    let Some((head, rest)) = data.split_first_chunk::<8>() else { return ports(data) };
    let length = usize::from(u16::from_be_bytes([head[4], head[5]]));
    // A length of 0 is a jumbogram's (RFC 2675, section 4).
    let length = if length == 0 {
        rest.len()
    } else if length < 8 {
        return ports(data);
    } else {
        length - 8
    };
    let payload = rest.get(..length.min(rest.len())).unwrap_or_default();
    Header::Whole(Udp {
        source: u16::from_be_bytes([head[0], head[1]]),
        destination: u16::from_be_bytes([head[2], head[3]]),
        payload,
        missing: length - payload.len(),
    })
}

/// The headers of a plain packet, read in one go: Ethernet, at most one VLAN tag, IPv4 without fragments, TCP or UDP.
///
/// Says of each packet just what [`crate::link`] and [`ip`] say of it, or nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quick<'a> {
    /// The VLAN's number, 0 for none.
    pub(crate) vlan: u16,
    pub(crate) source: u32,
    pub(crate) destination: u32,
    pub(crate) ports: (u16, u16),
    pub(crate) protocol: u8,
    pub(crate) ttl: u8,
    /// What the network layer carries.
    pub(crate) payload: &'a [u8],
    /// Bytes of it that were not captured.
    pub(crate) missing: u32,
}

impl<'a> Quick<'a> {
    /// Reads an Ethernet frame, if it is plain.
    #[inline]
    pub(crate) fn read(data: &'a [u8]) -> Option<Self> {
        use crate::link::ether_type;
        let (head, rest) = data.split_first_chunk::<14>()?;
        let (vlan, rest) = match u16::from_be_bytes([head[12], head[13]]) {
            ether_type::IPV4 => (0, rest),
            ether_type::VLAN => {
                let (tag, rest) = rest.split_first_chunk::<4>()?;
                if u16::from_be_bytes([tag[2], tag[3]]) != ether_type::IPV4 {
                    return None;
                }
                (u16::from_be_bytes([tag[0], tag[1]]) & 0x0fff, rest)
            }
            _ => return None,
        };
        let head = rest.first_chunk::<20>()?;
        let header = usize::from(head[0] & 0x0f) * 4;
        let total = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let protocol = head[9];
        let plain = head[0] >> 4 == 4
            && header >= 20
            && total >= header
            && u16::from_be_bytes([head[6], head[7]]) & 0x3fff == 0
            && matches!(protocol, protocol::TCP | protocol::UDP);
        if !plain {
            return None;
        }
        let payload = rest.get(header..total.min(rest.len()))?;
        let ports = payload.first_chunk::<4>()?;
        Some(Self {
            vlan,
            source: u32::from_be_bytes([head[12], head[13], head[14], head[15]]),
            destination: u32::from_be_bytes([head[16], head[17], head[18], head[19]]),
            ports: (u16::from_be_bytes([ports[0], ports[1]]), u16::from_be_bytes([ports[2], ports[3]])),
            protocol,
            ttl: head[8],
            payload,
            missing: (total - header - payload.len()) as u32,
        })
    }
}

/// SCTP's ports (RFC 9260, section 3.1).
pub(crate) fn sctp_ports(data: &[u8]) -> Option<(u16, u16)> {
    match ports::<()>(data) {
        Header::Ports(source, destination) => Some((source, destination)),
        _ => None,
    }
}

/// What a tunnel carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inner<'a> {
    /// An Ethernet frame.
    Ethernet(&'a [u8]),
    /// Something of an EtherType.
    Typed(u16, &'a [u8]),
    /// IP.
    Ip(&'a [u8]),
}

/// A tunnel that was recognized: what it is, which network it names, what it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tunnel<'a> {
    /// `gre`, `vxlan`, …
    pub(crate) kind: &'static str,
    /// Key or network identifier; none where its ends are all that names it.
    pub(crate) network: Option<u32>,
    /// What it carries.
    pub(crate) inner: Inner<'a>,
}

/// GRE (RFC 2784, RFC 2890), with the ERSPAN types II and III.
pub(crate) fn gre(data: &[u8]) -> Option<Tunnel<'_>> {
    let head = data.first_chunk::<4>()?;
    let (flags, kind) = (head[0], u16::from_be_bytes([head[2], head[3]]));
    let version = head[1] & 7;
    let mut at = 4;
    if flags & 0xc0 != 0 {
        at += 4;
    }
    let key = (flags & 0x20 != 0)
        .then(|| data.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes)))
        .flatten();
    at += if flags & 0x20 != 0 { 4 } else { 0 };
    at += if flags & 0x10 != 0 { 4 } else { 0 };
    // Enhanced GRE (RFC 2637) carries PPP and may have an acknowledgment number.
    at += if version == 1 && head[1] & 0x80 != 0 { 4 } else { 0 };
    let rest = data.get(at..)?;
    let inner = match kind {
        0x880b => match rest {
            [0xff, 0x03, 0x00, 0x21 | 0x57, ip @ ..]
            | [0x00, 0x21 | 0x57, ip @ ..]
            | [0x21 | 0x57, ip @ ..] => Inner::Ip(ip),
            _ => return None,
        },
        // ERSPAN type I has no header of its own and no sequence number, type II eight bytes, type III twelve.
        0x88be if flags & 0x10 == 0 => Inner::Ethernet(rest),
        0x88be => Inner::Ethernet(rest.get(8..)?),
        0x22eb => {
            let optional = rest.get(11).is_some_and(|byte| byte & 1 == 1);
            Inner::Ethernet(rest.get(if optional { 20 } else { 12 }..)?)
        }
        kind => Inner::Typed(kind, rest),
    };
    let kind = if matches!(inner, Inner::Ethernet(_)) { "erspan" } else { "gre" };
    // An ERSPAN session is a mirror port: what it shows is told apart by the tunnel's ends.
    Some(Tunnel { kind, network: if kind == "gre" { key } else { None }, inner })
}

/// Ports at which [`udp_tunnel`] looks for tunnels: VXLAN (with that of Linux), Geneve, Teredo.
pub(crate) const fn is_tunnel_port(port: u16) -> bool {
    matches!(port, 4789 | 8472 | 6081 | 3544)
}

/// VXLAN (RFC 7348), Geneve (RFC 8926) and Teredo (RFC 4380) over UDP, by port and by what the header must look like.
pub(crate) fn udp_tunnel<'a>(datagram: &Udp<'a>) -> Option<Tunnel<'a>> {
    let data = datagram.payload;
    let network = |at: usize| match data.get(at..at + 3) {
        Some([a, b, c]) => Some(u32::from_be_bytes([0, *a, *b, *c])),
        _ => None,
    };
    match datagram.destination {
        4789 | 8472 if data.first()? & 0x08 != 0 => {
            let inner = Inner::Ethernet(data.get(8..)?);
            Some(Tunnel { kind: "vxlan", network: network(4), inner })
        }
        6081 if data.first()? >> 6 == 0 => {
            let kind = u16::from_be_bytes(*data.get(2..)?.first_chunk()?);
            let rest = data.get(8 + usize::from(data.first()? & 0x3f) * 4..)?;
            let inner = if kind == crate::link::ether_type::ETHERNET {
                Inner::Ethernet(rest)
            } else {
                Inner::Typed(kind, rest)
            };
            Some(Tunnel { kind: "geneve", network: network(4), inner })
        }
        _ if datagram.destination == 3544 || datagram.source == 3544 => {
            Some(Tunnel { kind: "teredo", network: None, inner: Inner::Ip(teredo(data)?) })
        }
        _ => None,
    }
}

/// RFC 4380, section 5.1.1: authentication and origin indications may precede the IPv6 packet.
fn teredo(data: &[u8]) -> Option<&[u8]> {
    let mut rest = data;
    if let [0, 1, id, value, ..] = rest {
        rest = rest.get(13 + usize::from(*id) + usize::from(*value)..)?;
    }
    if rest.starts_with(&[0, 0]) {
        rest = rest.get(8..)?;
    }
    (rest.first()? >> 4 == 6 && rest.len() >= 40).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_not_trusted() {
        let mut packet =
            vec![0x45, 0, 0, 24, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 1, 2, 3, 4, 9, 9];
        let read = ip(&packet).unwrap();
        assert_eq!((read.payload, read.missing), (&[1, 2, 3, 4][..], 0));
        packet[3] = 30;
        assert_eq!(ip(&packet).unwrap().missing, 4);
        packet[3] = 19;
        assert!(ip(&packet).is_none());
        packet[3] = 24;
        packet[0] = 0x44;
        assert!(ip(&packet).is_none());
    }

    #[test]
    fn extension_headers_are_passed() {
        let mut packet = vec![0x60, 0, 0, 0, 0, 24, 0, 64];
        packet.extend([0; 32]);
        packet.extend([60, 0, 0, 0, 0, 0, 0, 0]);
        packet.extend([17, 0, 0, 0, 0, 0, 0, 0]);
        packet.extend([0, 1, 0, 2, 0, 8, 0, 0]);
        let read = ip(&packet).unwrap();
        assert_eq!(read.protocol, 17);
        assert!(matches!(udp(read.payload), Header::Whole(Udp { source: 1, destination: 2, .. })));
    }

    #[test]
    fn gre_with_a_key_names_its_network() {
        let tunnel = gre(&[0x20, 0, 8, 0, 0, 0, 0, 7, 0x45]).unwrap();
        assert_eq!(tunnel, Tunnel { kind: "gre", network: Some(7), inner: Inner::Typed(0x0800, &[0x45]) });
    }
}
