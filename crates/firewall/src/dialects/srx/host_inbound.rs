//! What the device's own services and protocols are, as `host-inbound-traffic` names them.
//!
//! Source: Juniper, "system-services (Security Zones Host Inbound Traffic)" and "protocols (Security Zones Host Inbound
//! Traffic)", Security Policies User Guide.

use crate::dialects::Service;
use crate::ruleset::{IntervalSet, IpVersion, Reason, Undecidable};

/// One kind of packets.
#[derive(Debug, Clone, Copy)]
pub(super) enum Host {
    /// A protocol, and the first and last port.
    Ports(u8, u16, u16),
    /// All packets of a protocol.
    Protocol(u8),
    /// A protocol of IPv6 only.
    Protocol6(u8),
    /// First and last type of ICMP (1) or ICMPv6 (58).
    Icmp(u8, u8, u8),
    /// A protocol at a port that the configuration of the service tells.
    Somewhere(u8),
}

/// Services or protocols by name.
pub(super) type Table = &'static [(&'static str, &'static [Host])];

impl Host {
    pub(super) fn service(self) -> Service {
        match self {
            Self::Ports(protocol, first, last) => {
                Service::to_ports(protocol, IntervalSet::range(first, last))
            }
            Self::Protocol(protocol) => Service::of(protocol),
            Self::Protocol6(protocol) => Service { version: Some(IpVersion::V6), ..Service::of(protocol) },
            Self::Icmp(protocol, first, last) => {
                Service { icmp_types: IntervalSet::range(first, last), ..Service::of(protocol) }
            }
            Self::Somewhere(protocol) => {
                let what = "a port that the service is set to".to_owned();
                Service {
                    undecidable: Some(Undecidable { what, reason: Reason::Unread }),
                    ..Service::of(protocol)
                }
            }
        }
    }
}

use Host::{Icmp, Ports, Protocol, Protocol6, Somewhere};

/// `system-services`.
pub(super) const HOST_SERVICES: Table = &[
    ("appqoe", &[Somewhere(17)]),
    ("bootp", &[Ports(17, 67, 68)]),
    ("dhcp", &[Ports(17, 67, 68)]),
    ("dhcpv6", &[Ports(17, 546, 547)]),
    ("dns", &[Ports(17, 53, 53), Ports(6, 53, 53)]),
    ("finger", &[Ports(6, 79, 79)]),
    ("ftp", &[Ports(6, 21, 21)]),
    ("high-availability", &[Somewhere(17)]),
    ("http", &[Ports(6, 80, 80)]),
    ("https", &[Ports(6, 443, 443)]),
    ("ident-reset", &[Ports(6, 113, 113)]),
    ("ike", &[Ports(17, 500, 500), Ports(17, 4500, 4500)]),
    ("lsping", &[Ports(17, 3503, 3503)]),
    ("lsselfping", &[Ports(17, 8503, 8503)]),
    ("netconf", &[Ports(6, 830, 830)]),
    ("ntp", &[Ports(17, 123, 123)]),
    ("ping", &[Icmp(1, 8, 8), Icmp(58, 128, 128)]),
    ("r2cp", &[Ports(17, 28672, 28672)]),
    ("reverse-ssh", &[Ports(6, 2901, 2901)]),
    ("reverse-telnet", &[Ports(6, 2900, 2900)]),
    ("rlogin", &[Ports(6, 513, 513)]),
    ("rpm", &[Somewhere(17), Somewhere(6)]),
    ("rsh", &[Ports(6, 514, 514)]),
    ("sip", &[Ports(17, 5060, 5060), Ports(6, 5060, 5060)]),
    ("snmp", &[Ports(17, 161, 161)]),
    ("snmp-trap", &[Ports(17, 162, 162)]),
    ("ssh", &[Ports(6, 22, 22)]),
    ("tcp-encap", &[Ports(6, 443, 443)]),
    ("telnet", &[Ports(6, 23, 23)]),
    ("tftp", &[Ports(17, 69, 69)]),
    ("traceroute", &[Ports(17, 33434, 33523)]),
    ("webapi-clear-text", &[Ports(6, 8080, 8080)]),
    ("webapi-ssl", &[Ports(6, 8443, 8443)]),
    ("xnm-clear-text", &[Ports(6, 3221, 3221)]),
    ("xnm-ssl", &[Ports(6, 3220, 3220)]),
];

/// `protocols`.
pub(super) const HOST_PROTOCOLS: Table = &[
    ("bfd", &[Ports(17, 3784, 3785), Ports(17, 4784, 4784)]),
    ("bgp", &[Ports(6, 179, 179)]),
    ("dvmrp", &[Protocol(2)]),
    ("igmp", &[Protocol(2)]),
    ("ldp", &[Ports(6, 646, 646), Ports(17, 646, 646)]),
    ("msdp", &[Ports(6, 639, 639)]),
    ("ndp", &[Icmp(58, 133, 137)]),
    ("nhrp", &[Protocol(54)]),
    ("ospf", &[Protocol(89)]),
    ("ospf3", &[Protocol6(89)]),
    ("pgm", &[Protocol(113)]),
    ("pim", &[Protocol(103)]),
    ("rip", &[Ports(17, 520, 520)]),
    ("ripng", &[Ports(17, 521, 521)]),
    ("router-discovery", &[Icmp(1, 9, 10)]),
    ("rsvp", &[Protocol(46)]),
    ("sap", &[Ports(17, 9875, 9875)]),
    ("vrrp", &[Protocol(112)]),
];
