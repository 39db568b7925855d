//! Packets as headers of a set, as bytes for the kernel, and back.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::pools::INTERFACES;
use zonewright_firewall::sets::{Field, Point, v4_value};

pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;
pub(crate) const ICMP: u8 = 1;
pub(crate) const ICMPV6: u8 = 58;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Packet {
    pub(crate) interface: usize,
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    pub(crate) protocol: u8,
    pub(crate) source_port: u16,
    pub(crate) port: u16,
    pub(crate) icmp_type: u8,
    pub(crate) flags: u8,
    /// On a bridge, the number in the frame's VLAN tag.
    pub(crate) vlan: Option<u16>,
}

/// What came out of the kernel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Seen {
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    pub(crate) source_port: u16,
    pub(crate) port: u16,
}

impl Packet {
    /// The packet as the header that sets are asked about.
    pub(crate) fn point(&self, incoming: u128, outgoing: u128) -> Point {
        Point::default()
            .with(Field::InInterface, incoming)
            .with(Field::OutInterface, outgoing)
            .with(Field::Version, u128::from(self.source.is_ipv6()))
            .with(Field::Protocol, self.protocol.into())
            .with(Field::Source, value(self.source))
            .with(Field::Destination, value(self.destination))
            .with(Field::SourcePort, self.source_port.into())
            .with(Field::DestinationPort, self.port.into())
            .with(Field::IcmpType, self.icmp_type.into())
    }

    /// The packet of a header; what it does not have is zero.
    pub(crate) fn of(point: &Point, interface: usize) -> Packet {
        let six = point.value(Field::Version) == 1;
        let address = |field| {
            let value = point.value(field);
            if six { IpAddr::V6(value.into()) } else { IpAddr::V4(((value >> 96) as u32).into()) }
        };
        let protocol = point.value(Field::Protocol) as u8;
        let (ports, icmp) = (has_ports(protocol), protocol == ICMP || protocol == ICMPV6);
        Packet {
            interface,
            source: address(Field::Source),
            destination: address(Field::Destination),
            protocol,
            source_port: if ports { point.value(Field::SourcePort) as u16 } else { 0 },
            port: if ports { point.value(Field::DestinationPort) as u16 } else { 0 },
            icmp_type: if icmp { point.value(Field::IcmpType) as u8 } else { 0 },
            flags: 2,
            vlan: None,
        }
    }

    /// The port of a bridge that it is sent to: that behind which its destination would be routed.
    pub(crate) fn port_out(&self) -> usize {
        let net = match self.destination {
            IpAddr::V4(four) => (four.octets()[0] == 10).then(|| four.octets()[1].into()),
            IpAddr::V6(six) => (six.segments()[0] == 0xfd00).then(|| six.segments()[1]),
        };
        net.map(usize::from).filter(|net| *net < INTERFACES.len()).unwrap_or(INTERFACES.len() - 1)
    }

    /// Its way over a bridge, as the worker wants it told.
    pub(crate) fn way(&self) -> String {
        let tag = self.vlan.map(|number| format!("/{number}")).unwrap_or_default();
        format!("{}>{}{tag}", INTERFACES[self.interface], INTERFACES[self.port_out()])
    }

    /// The reply to it.
    pub(crate) fn reply(&self, interface: usize) -> Packet {
        Packet {
            interface,
            source: self.destination,
            destination: self.source,
            source_port: self.port,
            port: self.source_port,
            icmp_type: if self.protocol == ICMP { 0 } else { 129 },
            flags: 18,
            ..self.clone()
        }
    }

    pub(crate) fn bytes(&self, number: usize) -> Vec<u8> {
        let payload = format!("zonewright:{number:09}").into_bytes();
        let mut transport = self.transport_header(payload.len());
        let checksum_at = match self.protocol {
            TCP => Some(16),
            UDP => Some(6),
            ICMP | ICMPV6 => Some(2),
            _ => None,
        };
        transport.extend(payload);
        if let Some(at) = checksum_at {
            let pseudo = if self.protocol == ICMP { Vec::new() } else { self.pseudo_header(transport.len()) };
            let sum = checksum(&[pseudo.as_slice(), &transport].concat());
            let sum = if sum == 0 && self.protocol == UDP { 0xffff } else { sum };
            transport[at..at + 2].copy_from_slice(&sum.to_be_bytes());
        }
        let mut packet = self.network_header(transport.len());
        packet.extend(transport);
        packet
    }

    fn transport_header(&self, payload: usize) -> Vec<u8> {
        let ports = [self.source_port.to_be_bytes(), self.port.to_be_bytes()].concat();
        match self.protocol {
            TCP => {
                [ports.as_slice(), &[0, 0, 0, 1, 0, 0, 0, 0, 0x50, self.flags, 0x40, 0, 0, 0, 0, 0]].concat()
            }
            UDP => [ports.as_slice(), &((8 + payload) as u16).to_be_bytes(), &[0, 0]].concat(),
            ICMP | ICMPV6 => vec![self.icmp_type, 0, 0, 0, 0x12, 0x34, 0, 1],
            _ => vec![0, 0, 1, 1, 0, 0, 0, 1],
        }
    }

    fn pseudo_header(&self, length: usize) -> Vec<u8> {
        let length = length as u32;
        [
            octets(self.source),
            octets(self.destination),
            length.to_be_bytes().to_vec(),
            vec![0, 0, 0, self.protocol],
        ]
        .concat()
    }

    fn network_header(&self, length: usize) -> Vec<u8> {
        let addresses = [octets(self.source), octets(self.destination)].concat();
        if self.source.is_ipv6() {
            let length = (length as u16).to_be_bytes();
            return [&[0x60, 0, 0, 0], length.as_slice(), &[self.protocol, 64], &addresses].concat();
        }
        let total = ((20 + length) as u16).to_be_bytes();
        let mut header =
            [&[0x45, 0], total.as_slice(), &[0, 7, 0, 0, 64, self.protocol, 0, 0], &addresses].concat();
        let sum = checksum(&header);
        header[10..12].copy_from_slice(&sum.to_be_bytes());
        header
    }
}

/// What can be read from a packet that came out.
pub(crate) fn parse(bytes: &[u8]) -> Option<Seen> {
    let (source, destination, protocol, header): (IpAddr, IpAddr, u8, usize) = match bytes.first()? >> 4 {
        4 => {
            let four = |at: usize| -> Option<Ipv4Addr> {
                Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes.get(at..at + 4)?).ok()?))
            };
            (four(12)?.into(), four(16)?.into(), *bytes.get(9)?, 20)
        }
        6 => {
            let six = |at: usize| -> Option<Ipv6Addr> {
                Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes.get(at..at + 16)?).ok()?))
            };
            (six(8)?.into(), six(24)?.into(), *bytes.get(6)?, 40)
        }
        _ => return None,
    };
    let port = |at: usize| Some(u16::from_be_bytes(<[u8; 2]>::try_from(bytes.get(at..at + 2)?).ok()?));
    let (source_port, destination_port) =
        if has_ports(protocol) { (port(header)?, port(header + 2)?) } else { (0, 0) };
    Some(Seen { source, destination, source_port, port: destination_port })
}

pub(crate) fn has_ports(protocol: u8) -> bool {
    protocol == TCP || protocol == UDP
}

fn value(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(four) => v4_value(four.to_bits()),
        IpAddr::V6(six) => six.to_bits(),
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(four) => four.octets().to_vec(),
        IpAddr::V6(six) => six.octets().to_vec(),
    }
}

/// The Internet checksum (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}
