//! Dissectors: one folder (or file) a protocol, one list, one seam.
//!
//! A dissector recognizes a protocol by what it says (the port is only a hint), cuts a stream or datagram into
//! messages, and emits [facts](crate::facts). It keeps state per conversation only where the protocol forces it,
//! holds no packet, and never fails: what it does not understand it calls malformed and goes on where it can.

pub mod ads;
pub mod amqp;
pub(crate) mod asked;
pub mod atg;
pub mod bacnet;
pub(crate) mod ber;
pub(crate) mod brief;
pub mod bsap;
pub mod c1222;
pub mod c37118;
pub(crate) mod canopen;
pub(crate) mod check_sums;
pub mod cnip;
pub mod coap;
pub mod codesys;
pub mod crimson;
pub mod dcerpc;
pub mod dhcp;
pub mod dlms;
pub mod dnp3;
pub mod dns;
pub mod egd;
pub mod enip;
pub mod ethercat;
pub(crate) mod fields;
pub mod fins;
pub mod fox;
pub mod ftp;
pub mod ge_srtp;
pub mod genisys;
pub mod hart_ip;
pub mod headed;
pub mod http;
pub mod iec104;
pub mod iec61850;
pub mod ipsec;
pub(crate) mod iso;
pub mod kerberos;
pub mod knxnet_ip;
pub mod l2tp;
pub mod ldap;
pub(crate) mod lines;
pub mod lldp;
pub mod melsoft;
pub mod mms;
pub mod modbus;
pub mod mqtt;
pub mod mysql;
pub mod network;
pub(crate) mod ntlmssp;
pub mod ntp;
pub(crate) mod octets;
pub(crate) mod once;
pub mod opcua;
pub mod openvpn;
pub mod pcworx;
pub mod pgsql;
pub mod powerlink;
pub mod pptp;
pub mod proconos;
pub mod profinet;
pub mod ptp;
pub mod radius;
pub mod rdp;
pub mod roc;
pub mod rpc;
pub mod rtps;
pub mod s7comm;
pub mod sbus;
pub(crate) mod secured;
pub(crate) mod sides;
pub mod slmp;
pub mod smb;
pub mod smtp;
pub mod snmp;
pub mod socks;
pub mod someip;
pub mod ssh;
pub mod syslog;
pub mod tds;
pub mod teamviewer;
pub mod telnet;
pub mod tftp;
pub mod tls;
pub mod trdp;
pub mod vnc;
pub mod wireguard;
pub mod ws_discovery;

use crate::facts::{End, Facts};
use crate::protocol::Protocol;

/// What is known of a conversation before its content is read.
#[derive(Debug, Clone, Copy)]
pub struct Hint {
    /// Is it a stream (TCP) or datagrams (UDP)?
    pub stream: bool,
    /// Who sent these bytes, as far as is known.
    pub from: End,
    /// Port of the one who sent these bytes.
    pub source_port: u16,
    /// Port of the one who gets them.
    pub destination_port: u16,
}

impl Hint {
    /// Is one of the two ports this one?
    #[must_use]
    pub const fn port(&self, port: u16) -> bool {
        self.source_port == port || self.destination_port == port
    }
}

/// How sure a dissector is that bytes are of its protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likelihood {
    /// They are not.
    No,
    /// They could be, and the port says so: taken if nobody is surer.
    Port,
    /// They look like it.
    Likely,
    /// Nothing else looks like this.
    Certain,
}

/// What a conversation did with the bytes it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// A message (or a part that can be let go) of this many bytes was read; at least 1. The engine calls again with the rest.
    Consumed(usize),
    /// The message is not whole: at least this many bytes in all are needed. For a datagram: it is cut short.
    /// Nothing was said of it yet; where the capture itself kept only its beginning, [`Conversation::cut`] follows.
    Need(usize),
    /// The next so many bytes (from the start of the data given, more than were given allowed) are content of no interest: the engine drops them without keeping them.
    Skip(usize),
    /// Not of this protocol any more, or beyond understanding: nothing further of this direction is offered.
    Lost,
}

/// One conversation being read.
///
/// The ends keep the meaning they had in the hint given to [`Dissector::open`], also where the engine learns later
/// (from a fact of the dissector's own, too) that the other end began.
pub trait Conversation: Send {
    /// Reads at most one message at the start of `data`: the bytes of one direction that were not consumed yet (in
    /// order, without gaps), or one whole datagram. `data` is never empty.
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress;

    /// The capture kept only `data`, the beginning of a message that was longer on the wire. Says what it shows, and
    /// nothing that rests on bytes which are not there. What follows begins at a gap.
    fn cut(&mut self, _from: End, _data: &[u8], _facts: &mut dyn Facts) {}

    /// Bytes of this direction were lost; what follows may begin within a message. Whether to look for the next
    /// message's beginning (`true`) or to give up this direction (`false`).
    fn gap(&mut self, _from: End) -> bool {
        true
    }
}

/// One protocol's reader.
pub trait Dissector: Sync {
    /// The protocols it speaks of. The first names its flows.
    fn protocols(&self) -> &'static [&'static Protocol];

    /// Could `data`, the first bytes seen of one direction (or a datagram), be of this protocol? Cheap: looks at the head only.
    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood;

    /// Begins a conversation.
    fn open(&self, hint: &Hint) -> Box<dyn Conversation>;
}

/// Every dissector. One more is one line here.
pub static DISSECTORS: &[&dyn Dissector] = &[
    &modbus::Modbus,
    &s7comm::S7comm,
    &s7comm::S7commPlus,
    &mms::Mms,
    &iec61850::Goose,
    &iec61850::SampledValues,
    &c37118::Synchrophasor,
    &dlms::Dlms,
    &ptp::Ptp,
    &enip::Enip,
    &enip::CipIo,
    &dnp3::Dnp3,
    &iec104::Iec104,
    &opcua::OpcUa,
    &dns::Names(dns::Kind::Unicast),
    &dns::Names(dns::Kind::Multicast),
    &dns::Names(dns::Kind::LinkLocal),
    &dns::Names(dns::Kind::NetBios),
    &http::Http,
    &http::Ssdp,
    &tls::Tls,
    &ssh::Ssh,
    &lldp::Lldp,
    &profinet::Profinet,
    &dcerpc::DceRpc,
    &smb::Smb,
    &smb::Smb2,
    &ldap::Ldap,
    &kerberos::Kerberos,
    &snmp::Snmp,
    &ntp::Ntp,
    &telnet::Telnet,
    &bacnet::Bacnet,
    &ethercat::EtherCat,
    &powerlink::Powerlink,
    &knxnet_ip::KnxNetIp,
    &coap::Coap,
    &rtps::Rtps,
    &roc::Roc,
    &bsap::Bsap,
    &someip::SomeIp,
    &cnip::CnIp,
    &c1222::C1222,
    &hart_ip::HartIp,
    &fins::Fins,
    &slmp::Slmp,
    &slmp::OneE,
    &melsoft::Melsoft,
    &ads::Ads,
    &ads::AdsDiscovery,
    &mqtt::Mqtt,
    &amqp::Amqp,
    &dhcp::Dhcp,
    &dhcp::Dhcpv6,
    &tftp::Tftp,
    &ftp::Ftp,
    &smtp::Smtp,
    &headed::Headed(headed::Kind::Sip),
    &headed::Headed(headed::Kind::Rtsp),
    &syslog::Syslog,
    &ws_discovery::WsDiscovery,
    &ge_srtp::GeSrtp,
    &egd::Egd,
    &fox::Fox,
    &codesys::CodesysV2,
    &codesys::CodesysV3,
    &rdp::Rdp,
    &vnc::Vnc,
    &radius::Radius,
    &tds::Tds,
    &rpc::Rpc(rpc::Program::Nfs),
    &rpc::Rpc(rpc::Program::Any),
    &wireguard::Wireguard,
    &openvpn::Openvpn,
    &ipsec::Ike,
    &ipsec::Esp,
    &ipsec::Ah,
    &sbus::Sbus,
    &trdp::Trdp,
    &genisys::Genisys,
    &atg::Atg,
    &pcworx::PcWorx,
    &proconos::ProConOs,
    &crimson::Crimson,
    &teamviewer::Teamviewer,
    &socks::Socks,
    &pptp::Pptp,
    &l2tp::L2tp,
    &pgsql::Pgsql,
    &mysql::Mysql,
    &network::arp::ARP,
    &network::icmp::ICMP,
    &network::icmp::ICMPV6,
    &network::igmp::IGMP,
    &network::stp::STP,
    &network::cdp::CDP,
    &network::slow::SLOW,
    &network::eapol::EAPOL,
    &network::macsec::MACSEC,
    &network::ring::SUPERVISION,
    &network::ring::MRP,
    &network::redundancy::HSRP,
    &network::redundancy::VRRP,
    &network::redundancy::GLBP,
    &network::routing::OSPF,
    &network::routing::EIGRP,
    &network::routing::RIP,
    &network::bgp::BGP,
];
