//! The way of a packet: link, network, transport, content. Owns what is known while captures are read.

use crate::capture::Record as Packet;
use crate::content::{Content, Reading, State};
use crate::flow::{At, Both, Found, Meta, Table};
use crate::fragments::{Datagram, Fragments};
use crate::link::{self, Carries, Frame, Vlans, ether_type};
use crate::net::{self, Addresses, Header, Inner, Ip, Tcp, TcpFlags, Tunnel, Udp, protocol};
use crate::observation::{InitiatorBasis, Mac, Transport};
use crate::recognize;
use crate::record::Usage;
use crate::stream;
use hashbrown::HashMap;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// Tunnels within tunnels that are opened.
pub(crate) const TUNNEL_DEPTH_MAX: u8 = 6;
/// Bytes of messages and segments that wait, of all conversations together.
pub(crate) const HELD_BYTES_MAX: usize = 64 << 20;
/// Bindings of link-layer to network addresses that are kept.
pub(crate) const BINDINGS_MAX: usize = 1 << 20;
/// Networks in tunnels that are told apart.
pub(crate) const CONTEXTS_MAX: usize = 65_536;

/// Where addresses count.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Context {
    /// The capture point, where the user names one.
    pub(crate) capture_point: Option<Arc<str>>,
    /// The tunnels around, outermost first, in words.
    pub(crate) tunnels: String,
}

/// What a limit cost.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Cost {
    /// Conversations whose waiting bytes were given up.
    pub(crate) held: u64,
    /// Packets in tunnels too deep to open.
    pub(crate) deep: u64,
    /// Bindings that were not kept.
    pub(crate) bindings: u64,
    /// Tunnels whose network is not told apart.
    pub(crate) contexts: u64,
}

/// Everything known while captures are read.
#[derive(Debug, Default)]
pub(crate) struct Engine {
    pub(crate) table: Table,
    pub(crate) usage: Usage,
    pub(crate) contexts: Vec<Context>,
    /// Who says that which network address is at which link-layer address (ARP, neighbor discovery), and in which VLAN.
    pub(crate) bindings: HashMap<(u32, Mac, IpAddr), (At, u16), ahash::RandomState>,
    pub(crate) cost: Cost,
    /// Link types that are not read, with packets.
    pub(crate) links: BTreeMap<u32, (u64, At)>,
    pub(crate) fragments: Fragments,
    tunnels: HashMap<TunnelKey, u32, ahash::RandomState>,
    held: usize,
}

type TunnelKey = (u32, &'static str, Option<u32>, Option<(IpAddr, IpAddr)>);

impl Engine {
    /// The context of a capture point.
    pub(crate) fn context(&mut self, capture_point: Option<&Arc<str>>) -> u32 {
        let context = Context { capture_point: capture_point.cloned(), tunnels: String::new() };
        self.intern(context)
    }

    fn intern(&mut self, context: Context) -> u32 {
        let known = self.contexts.iter().position(|known| *known == context);
        let index = known.unwrap_or_else(|| {
            self.contexts.push(context);
            self.contexts.len() - 1
        });
        index as u32
    }

    /// Takes a packet. Whether it is malformed.
    #[inline]
    pub(crate) fn packet(&mut self, packet: &Packet<'_>, at: At, time: i64, context: u32) -> bool {
        let Some(frame) = link::frame(packet.link, packet.data) else {
            self.links.entry(packet.link).or_insert((0, at)).0 += 1;
            return false;
        };
        let meta = Meta {
            at,
            time,
            wire: packet.wire,
            context,
            inside: None,
            macs: None,
            vlans: Vlans::default(),
            packets: 1,
            cut: packet.wire.saturating_sub(packet.data.len() as u32),
            depth: 0,
            ttl: 0,
        };
        let broken = self.frame(&frame, meta);
        // What the capture cut off is not the sender's fault.
        broken && packet.data.len() >= packet.wire as usize
    }

    fn frame(&mut self, frame: &Frame<'_>, mut meta: Meta) -> bool {
        meta.macs = frame.macs;
        meta.vlans = frame.vlans;
        match frame.carries {
            Carries::Ip(data) => match net::ip(data) {
                Some(ip) => self.ip(&ip, meta),
                None => {
                    let version = data.first().map_or(0, |byte| byte >> 4);
                    let kind = if version == 6 { ether_type::IPV6 } else { ether_type::IPV4 };
                    self.link(Transport::Ether(kind), &[], &meta);
                    true
                }
            },
            Carries::Ether(kind, payload) => {
                let broken = kind == ether_type::ARP && !self.arp(payload, &meta);
                self.link(Transport::Ether(kind), payload, &meta) || broken
            }
            Carries::Llc(sap, payload) => self.link(Transport::Llc(sap), payload, &meta),
            Carries::Nothing => {
                self.link(Transport::Ether(0), &[], &meta);
                frame.broken
            }
        }
    }

    /// A frame that carries no IP.
    fn link(&mut self, transport: Transport, payload: &[u8], meta: &Meta) -> bool {
        let Some(macs) = meta.macs else { return false };
        // Of a cooked frame the destination is not known; it is taken to be everybody, which names no device.
        let found = self.table.link(macs.destination.unwrap_or(Mac([0; 6])), macs.source, transport, meta);
        self.carried(found, payload, meta)
    }

    /// The content of a packet whose transport has no ports and tells its protocol.
    fn carried(&mut self, found: Found, payload: &[u8], meta: &Meta) -> bool {
        let Some(conversation) = self.table.list.get_mut(found.index as usize) else { return false };
        if conversation.content.is_none() {
            let Some(index) = recognize::by_transport(conversation.transport) else { return false };
            conversation.content = Some(Box::new(Content::read_by(index, conversation.initiator)));
        }
        let Some(content) = conversation.content.as_mut() else { return false };
        let mut reading = Reading {
            at: meta.at,
            ports: Both::default(),
            initiator: conversation.initiator,
            usage: &mut self.usage,
            began: None,
            malformed: false,
        };
        content.datagram(found.from, payload, meta.cut as usize, &mut reading);
        reading.malformed
    }

    fn ip(&mut self, ip: &Ip<'_>, mut meta: Meta) -> bool {
        meta.ttl = ip.ttl;
        let Some(fragment) = ip.fragment else {
            // A length that claims more than the wire carried is damage, not a cut.
            let missing = ip.missing.min(meta.cut as usize);
            return self.transport(ip.addresses, ip.protocol, ip.payload, missing, &meta);
        };
        let mut done = Vec::new();
        self.fragments.take(ip, fragment, &meta, &mut done);
        let mut malformed = false;
        for datagram in done {
            // The packet that completes it is the place of what it says; the time and counts are those of its first.
            malformed |= self.datagram(&datagram, meta.at);
        }
        malformed
    }

    fn datagram(&mut self, datagram: &Datagram, at: At) -> bool {
        let Datagram { addresses, protocol, data, whole, meta } = datagram;
        let mut meta = *meta;
        if *whole {
            meta.at = at;
            return self.transport(*addresses, *protocol, data, 0, &meta);
        }
        let ports = match net::udp(data) {
            Header::Whole(udp) => Some((udp.source, udp.destination)),
            Header::Ports(source, destination) => Some((source, destination)),
            Header::Nothing => None,
        };
        let has_ports = matches!(*protocol, protocol::TCP | protocol::UDP | protocol::SCTP);
        self.table.ip(*addresses, ports.filter(|_| has_ports), *protocol, &meta);
        false
    }

    #[inline]
    fn transport(
        &mut self,
        addresses: Addresses,
        number: u8,
        payload: &[u8],
        missing: usize,
        meta: &Meta,
    ) -> bool {
        match number {
            protocol::TCP => match net::tcp(payload) {
                Header::Whole(tcp) => self.tcp(addresses, &tcp, missing, meta),
                Header::Ports(source, destination) => {
                    self.table.ip(addresses, Some((source, destination)), number, meta);
                    true
                }
                Header::Nothing => {
                    self.table.ip(addresses, None, number, meta);
                    true
                }
            },
            protocol::UDP => match net::udp(payload) {
                Header::Whole(udp) => self.udp(addresses, &udp, missing, meta),
                Header::Ports(source, destination) => {
                    self.table.ip(addresses, Some((source, destination)), number, meta);
                    true
                }
                Header::Nothing => {
                    self.table.ip(addresses, None, number, meta);
                    true
                }
            },
            protocol::SCTP => {
                self.table.ip(addresses, net::sctp_ports(payload), number, meta);
                false
            }
            _ => self.other(addresses, number, payload, meta),
        }
    }

    fn other(&mut self, addresses: Addresses, number: u8, payload: &[u8], meta: &Meta) -> bool {
        let found = self.table.ip(addresses, None, number, meta);
        match number {
            protocol::ICMPV6 => {
                self.neighbor(addresses, payload, meta);
                self.carried(found, payload, meta)
            }
            protocol::GRE => match net::gre(payload) {
                Some(tunnel) => self.tunnel(&tunnel, addresses, found, meta),
                None => false,
            },
            protocol::IPV4 | protocol::IPV6 => {
                let tunnel = Tunnel { kind: "ip-in-ip", network: None, inner: Inner::Ip(payload) };
                self.tunnel(&tunnel, addresses, found, meta)
            }
            _ => self.carried(found, payload, meta),
        }
    }

    fn tunnel(&mut self, tunnel: &Tunnel<'_>, addresses: Addresses, found: Found, meta: &Meta) -> bool {
        if meta.depth >= TUNNEL_DEPTH_MAX {
            self.cost.deep += 1;
            return false;
        }
        if let Some(conversation) = self.table.list.get_mut(found.index as usize) {
            conversation.tunnel = Some(tunnel.kind);
        }
        let context = self.tunnel_context(tunnel, addresses, meta.context);
        let inside = Some(found.index);
        let meta =
            Meta { context, inside, macs: None, vlans: Vlans::default(), depth: meta.depth + 1, ..*meta };
        match tunnel.inner {
            Inner::Ethernet(data) => self.frame(&link::ethernet(data), meta),
            Inner::Typed(ether_type::ETHERNET, data) => self.frame(&link::ethernet(data), meta),
            Inner::Typed(kind, data) => self.frame(&link::by_type(kind, data), meta),
            Inner::Ip(data) => net::ip(data).is_none_or(|ip| self.ip(&ip, meta)),
        }
    }

    fn tunnel_context(&mut self, tunnel: &Tunnel<'_>, addresses: Addresses, outer: u32) -> u32 {
        let (source, destination) = (addresses.source(), addresses.destination());
        let ends = (source.min(destination), source.max(destination));
        let key = (outer, tunnel.kind, tunnel.network, tunnel.network.is_none().then_some(ends));
        if let Some(known) = self.tunnels.get(&key) {
            return *known;
        }
        if self.contexts.len() >= CONTEXTS_MAX {
            self.cost.contexts += 1;
            return outer;
        }
        let (parent, before) = self
            .contexts
            .get(outer as usize)
            .map_or((None, ""), |context| (context.capture_point.clone(), context.tunnels.as_str()));
        let name = match tunnel.network {
            Some(network) => format!("{}-{network}", tunnel.kind),
            None => format!("{}-{}-{}", tunnel.kind, ends.0, ends.1),
        };
        let tunnels = if before.is_empty() { name } else { format!("{before}/{name}") };
        let context = self.contexts.len() as u32;
        self.contexts.push(Context { capture_point: parent, tunnels });
        self.tunnels.insert(key, context);
        context
    }

    fn udp(&mut self, addresses: Addresses, udp: &Udp<'_>, missing: usize, meta: &Meta) -> bool {
        let found = self.table.ip(addresses, Some((udp.source, udp.destination)), protocol::UDP, meta);
        if let Some(tunnel) = net::udp_tunnel(udp) {
            return self.tunnel(&tunnel, addresses, found, meta);
        }
        let Some(conversation) = self.table.list.get_mut(found.index as usize) else { return false };
        let ports = conversation.ports.unwrap_or_default();
        let content = conversation.content.get_or_insert_with(|| Box::new(Content::new()));
        if content.state == State::Unknown {
            return false;
        }
        let initiator = conversation.initiator;
        let mut reading =
            Reading { at: meta.at, ports, initiator, usage: &mut self.usage, began: None, malformed: false };
        content.datagram(
            found.from,
            udp.payload,
            missing.max(udp.missing.min(meta.cut as usize)),
            &mut reading,
        );
        let (began, malformed) = (reading.began, reading.malformed);
        if let Some(side) = began {
            conversation.began(side, InitiatorBasis::Content);
        }
        malformed
    }

    #[inline]
    fn tcp(&mut self, addresses: Addresses, tcp: &Tcp<'_>, missing: usize, meta: &Meta) -> bool {
        let mut found = self.table.ip(addresses, Some((tcp.source, tcp.destination)), protocol::TCP, meta);
        if tcp.flags.syn() {
            found = self.syn(addresses, tcp, found, meta);
        }
        let Some(conversation) = self.table.list.get_mut(found.index as usize) else { return false };
        let length = tcp.payload.len() + missing;
        conversation.established |= !tcp.flags.rst() && !tcp.flags.syn() && (tcp.flags.ack() || length > 0);
        if conversation.content.is_none() && (tcp.flags.syn() || length > 0) {
            conversation.content = Some(Box::new(Content::new()));
        }
        let Some(content) = conversation.content.as_mut() else { return false };
        content.over |= tcp.flags.fin() || tcp.flags.rst();
        if content.state == State::Unknown && !tcp.flags.syn() {
            return false;
        }
        let before = content.held();
        let mut reading = Reading {
            at: meta.at,
            ports: conversation.ports.unwrap_or_default(),
            initiator: conversation.initiator,
            usage: &mut self.usage,
            began: None,
            malformed: false,
        };
        stream::segment(content, found.from, tcp, missing, &mut reading);
        let (began, malformed) = (reading.began, reading.malformed);
        self.held = (self.held + content.held()).saturating_sub(before);
        if self.held > HELD_BYTES_MAX {
            self.held -= content.held();
            content.give_up_kept();
            self.held += content.held();
            self.cost.held += 1;
        }
        if let Some(side) = began {
            conversation.began(side, InitiatorBasis::Content);
        }
        malformed
    }

    /// A SYN tells who began, and may begin a new conversation of the same ports.
    fn syn(&mut self, addresses: Addresses, tcp: &Tcp<'_>, found: Found, meta: &Meta) -> Found {
        let known = self
            .table
            .list
            .get_mut(found.index as usize)
            .and_then(|conversation| conversation.content.as_mut());
        let mut found = found;
        if let Some(content) = known
            && content.stream.begins_anew(found.from, tcp.sequence, content.over && !tcp.flags.ack())
        {
            self.held = self.held.saturating_sub(content.held());
            self.finish_content(found.index);
            found = self.table.renew(addresses, (tcp.source, tcp.destination), protocol::TCP, meta, found);
        }
        if let Some(conversation) = self.table.list.get_mut(found.index as usize) {
            match tcp.flags {
                flags if flags.ack() => conversation.began(found.from.other(), InitiatorBasis::SynAck),
                TcpFlags(_) => conversation.began(found.from, InitiatorBasis::Syn),
            }
        }
        found
    }

    /// RFC 826. False: it is cut or contradicts itself.
    fn arp(&mut self, payload: &[u8], meta: &Meta) -> bool {
        let Some(body) = payload.first_chunk::<28>() else { return false };
        // Ethernet and IPv4, addresses of 6 and 4 bytes.
        if body.first_chunk::<6>() != Some(&[0, 1, 8, 0, 6, 4]) {
            return true;
        }
        let mac = Mac([body[8], body[9], body[10], body[11], body[12], body[13]]);
        let ip = IpAddr::from([body[14], body[15], body[16], body[17]]);
        self.bind(mac, ip, meta);
        true
    }

    /// RFC 4861: solicitations and advertisements name the sender's (or target's) link-layer address in an option.
    fn neighbor(&mut self, addresses: Addresses, payload: &[u8], meta: &Meta) {
        let (ip, mut options, wanted) = match payload {
            [133 | 135, 0, ..] => {
                let options = payload.get(if payload.first() == Some(&133) { 8 } else { 24 }..);
                (addresses.source(), options, 1)
            }
            [134, 0, ..] => (addresses.source(), payload.get(16..), 1),
            [136, 0, ..] => {
                let Some(target) = payload.get(8..24).and_then(|bytes| bytes.first_chunk::<16>()) else {
                    return;
                };
                (IpAddr::from(*target), payload.get(24..), 2)
            }
            _ => return,
        };
        while let Some([kind, units, rest @ ..]) = options {
            if *units == 0 {
                return;
            }
            if *kind == wanted
                && let Some(mac) = rest.first_chunk::<6>()
            {
                self.bind(Mac(*mac), ip, meta);
            }
            options = options.and_then(|options| options.get(usize::from(*units) * 8..));
        }
    }

    fn bind(&mut self, mac: Mac, ip: IpAddr, meta: &Meta) {
        if mac.is_group() || mac.is_zero() || ip.is_unspecified() || crate::flow::is_group(ip) {
            return;
        }
        if self.bindings.len() < BINDINGS_MAX {
            let vlan = meta.vlans.ids().last().copied().unwrap_or(0);
            self.bindings.entry((meta.context, mac, ip)).or_insert((meta.at, vlan));
        } else if !self.bindings.contains_key(&(meta.context, mac, ip)) {
            self.cost.bindings += 1;
        }
    }

    /// Reads what still waits and lets go of everything that only reading needs.
    pub(crate) fn finish(&mut self) {
        for datagram in self.fragments.finish() {
            self.datagram(&datagram, datagram.meta.at);
        }
        for index in 0..self.table.list.len() {
            self.finish_content(index as u32);
        }
    }

    fn finish_content(&mut self, index: u32) {
        let Some(conversation) = self.table.list.get_mut(index as usize) else { return };
        let Some(content) = conversation.content.as_mut() else { return };
        let mut reading = Reading {
            at: conversation.first_at,
            ports: conversation.ports.unwrap_or_default(),
            initiator: conversation.initiator,
            usage: &mut self.usage,
            began: None,
            malformed: false,
        };
        stream::finish(content, &mut reading);
        let began = reading.began;
        content.close();
        if let Some(side) = began {
            conversation.began(side, InitiatorBasis::Content);
        }
    }
}
