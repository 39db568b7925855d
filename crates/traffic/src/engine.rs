//! The way of a packet: link, network, transport, content. Owns what is known while captures are read.

use crate::capture::{BATCH, Record as Packet};
use crate::content::{Content, Reading, State};
use crate::flow::{self, At, Both, Found, Meta, Table};
use crate::fragments::{Datagram, Fragments};
use crate::link::{self, Carries, Frame, Pair, Vlans, ether_type};
use crate::net::{self, Addresses, Header, Inner, Ip, Quick, Tcp, TcpFlags, Tunnel, Udp, protocol};
use crate::observation::{InitiatorBasis, Mac, Transport};
use crate::recognize;
use crate::record::Usage;
use crate::shards::{Owner, Shard};
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

impl Cost {
    /// Adds what limits cost elsewhere.
    pub(crate) const fn absorb(&mut self, other: &Self) {
        self.held += other.held;
        self.deep += other.deep;
        self.bindings += other.bindings;
        self.contexts += other.contexts;
    }
}

/// Everything known while captures are read.
#[derive(Debug, Default)]
pub(crate) struct Engine {
    /// The conversations that are read here.
    shard: Shard,
    /// Was a packet seen of which no shard alone can tell whose it is?
    pub(crate) unshardable: bool,
    pub(crate) table: Table,
    pub(crate) usage: Usage,
    pub(crate) contexts: Vec<Context>,
    /// Who says that which network address is at which link-layer address (ARP, neighbor discovery), and in which VLAN.
    pub(crate) bindings: HashMap<(u32, Mac, IpAddr), (At, u16), ahash::RandomState>,
    pub(crate) cost: Cost,
    /// Link types that are not read, with packets.
    pub(crate) links: BTreeMap<u32, (u64, At)>,
    pub(crate) fragments: Fragments,
    /// What captures call addresses, besides what devices say.
    pub(crate) called: BTreeMap<(u32, IpAddr), std::collections::BTreeMap<String, At>>,
    /// Captures that are logs, by their places in the list: a line of theirs shows a conversation without packets.
    pub(crate) logs: std::collections::BTreeSet<u32>,
    tunnels: HashMap<TunnelKey, u32, ahash::RandomState>,
    held: usize,
}

type TunnelKey = (u32, &'static str, Option<u32>, Option<(IpAddr, IpAddr)>);

impl Engine {
    /// An engine that reads a part of the conversations.
    pub(crate) fn of(shard: Shard) -> Self {
        Self { shard, ..Self::default() }
    }

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

    /// Takes packets, the first of which stands at `first`. How many are malformed.
    ///
    /// In two rounds: the first reads headers and looks conversations up, each look-up independent of the others, so
    /// that waiting for memory is done together; the second counts and reads content in order.
    pub(crate) fn packets(
        &mut self,
        packets: &[Packet<'_>],
        first: At,
        clock: &mut i64,
        context: u32,
    ) -> u64 {
        let mut quick = [const { None }; BATCH];
        let mut known = [flow::UNKNOWN; BATCH];
        let mut mine = [true; BATCH];
        for ((quick, mine), packet) in quick.iter_mut().zip(&mut mine).zip(packets) {
            if !self.shard.is_all() && !self.is_mine(packet) {
                *mine = false;
                continue;
            }
            if packet.link == link::ETHERNET {
                *quick = Quick::read(packet.data);
            }
        }
        let quick = quick.get(..packets.len()).unwrap_or_default();
        self.table.look_ahead(quick, context, &mut known);
        self.table.fresh = true;
        let mut malformed = 0;
        let rounds = (first.packet..).zip(packets).zip(quick).zip(known).zip(mine);
        for ((((number, packet), quick), known), mine) in rounds {
            // A packet without a time (simple packet block) is taken to follow the one before it.
            *clock = packet.time.unwrap_or(*clock);
            if !mine {
                continue;
            }
            let meta = Meta {
                at: At { packet: number, ..first },
                time: *clock,
                wire: packet.wire,
                context,
                inside: None,
                macs: Pair::NONE,
                vlans: Vlans::NONE,
                packets: 1,
                cut: packet.wire.saturating_sub(packet.data.len() as u32),
                depth: 0,
                ttl: 0,
                known,
            };
            let broken = match quick {
                Some(headers) => self.plain(packet.data, headers, meta),
                None => self.packet(packet, meta),
            };
            // What the capture cut off is not the sender's fault.
            malformed += u64::from(broken && packet.data.len() >= packet.wire as usize);
        }
        malformed
    }

    #[inline]
    fn is_mine(&mut self, packet: &Packet<'_>) -> bool {
        let owner = self.shard.owner_of(packet);
        self.unshardable |= owner == Owner::Nobody;
        owner == Owner::Shard(self.shard.index)
    }

    /// Takes a packet whose headers were read. Whether it is malformed.
    #[inline]
    fn plain(&mut self, frame: &[u8], headers: &Quick<'_>, mut meta: Meta) -> bool {
        meta.macs = frame.first_chunk().map_or(Pair::NONE, |macs| Pair::of_frame(*macs));
        meta.vlans = Vlans::one(headers.vlan);
        meta.ttl = headers.ttl;
        let addresses = Addresses::V4(headers.source, headers.destination);
        // A length that claims more than the wire carried is damage, not a cut.
        let missing = headers.missing.min(meta.cut) as usize;
        self.transport(addresses, headers.protocol, headers.payload, missing, &meta)
    }

    /// Takes any other packet. Whether it is malformed.
    fn packet(&mut self, packet: &Packet<'_>, meta: Meta) -> bool {
        match link::frame(packet.link, packet.data) {
            Some(frame) => self.frame(&frame, meta),
            None => {
                self.links.entry(packet.link).or_insert((0, meta.at)).0 += 1;
                false
            }
        }
    }

    fn frame(&mut self, frame: &Frame<'_>, mut meta: Meta) -> bool {
        meta.macs = frame.macs.into();
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
        let Some(macs) = meta.macs.macs() else { return false };
        // Of a cooked frame the destination is not known; it is taken to be everybody, which names no device.
        let found = self.table.link(macs.destination.unwrap_or(Mac([0; 6])), macs.source, transport, meta);
        self.carried(found, payload, meta)
    }

    /// The content of a packet whose transport has no ports and tells its protocol.
    fn carried(&mut self, found: Found, payload: &[u8], meta: &Meta) -> bool {
        let Some(live) = self.table.live.get_mut(found.index as usize) else { return false };
        if live.unread {
            return false;
        }
        if live.content.is_none() {
            let transport = self.table.origins.get(found.index as usize).map(|origin| origin.transport);
            let Some(index) = transport.and_then(recognize::by_transport) else {
                live.unread = true;
                return false;
            };
            live.content = Some(Box::new(Content::read_by(index, live.initiator)));
        }
        let Some(content) = live.content.as_mut() else { return false };
        let mut reading = Reading {
            at: meta.at,
            ports: Both::default(),
            initiator: live.initiator,
            usage: &mut self.usage,
            began: None,
            malformed: false,
            said: None,
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
        if let Some(origin) = self.table.origins.get_mut(found.index as usize) {
            origin.tunnel = Some(tunnel.kind);
        }
        let context = self.tunnel_context(tunnel, addresses, meta.context);
        let inside = Some(found.index);
        let meta = Meta {
            context,
            inside,
            macs: Pair::NONE,
            vlans: Vlans::default(),
            depth: meta.depth + 1,
            known: flow::UNKNOWN,
            ..*meta
        };
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
        let Some(live) = self.table.live.get_mut(found.index as usize) else { return false };
        if live.unread {
            return false;
        }
        let (ports, initiator) = (live.ports, live.initiator);
        let content = live.content.get_or_insert_with(|| Box::new(Content::new()));
        let mut reading = Reading {
            at: meta.at,
            ports,
            initiator,
            usage: &mut self.usage,
            began: None,
            malformed: false,
            said: None,
        };
        content.datagram(
            found.from,
            udp.payload,
            missing.max(udp.missing.min(meta.cut as usize)),
            &mut reading,
        );
        live.unread = content.state == State::Unknown;
        let (began, malformed) = (reading.began, reading.malformed);
        if let Some(side) = began {
            live.began(side, InitiatorBasis::Content);
        }
        malformed
    }

    #[inline]
    fn tcp(&mut self, addresses: Addresses, tcp: &Tcp<'_>, missing: usize, meta: &Meta) -> bool {
        let mut found = self.table.ip(addresses, Some((tcp.source, tcp.destination)), protocol::TCP, meta);
        if tcp.flags.syn() {
            found = self.syn(addresses, tcp, found, meta);
        }
        let Some(live) = self.table.live.get_mut(found.index as usize) else { return false };
        let length = tcp.payload.len() + missing;
        live.established |= !tcp.flags.rst() && !tcp.flags.syn() && (tcp.flags.ack() || length > 0);
        if live.content.is_none() && (tcp.flags.syn() || length > 0) {
            live.content = Some(Box::new(Content::new()));
        }
        let Some(content) = live.content.as_mut() else { return false };
        if tcp.flags.fin() || tcp.flags.rst() {
            content.over = true;
        }
        if live.unread && !tcp.flags.syn() {
            return false;
        }
        let was_quiet = live.order.is_quiet() && content.is_quiet();
        let mut reading = Reading {
            at: meta.at,
            ports: live.ports,
            initiator: live.initiator,
            usage: &mut self.usage,
            began: None,
            malformed: false,
            said: None,
        };
        stream::segment(&mut live.order, content, found.from, tcp, missing, &mut reading);
        let (began, malformed) = (reading.began, reading.malformed);
        live.unread = content.state == State::Unknown;
        if !was_quiet || !live.order.is_quiet() || !content.is_quiet() {
            self.held = self.held.saturating_add_signed(content.recount());
            if self.held > HELD_BYTES_MAX {
                content.give_up_kept();
                live.order.let_go();
                self.held = self.held.saturating_add_signed(content.recount());
                self.cost.held += 1;
            }
        }
        if let Some(side) = began {
            live.began(side, InitiatorBasis::Content);
        }
        malformed
    }

    /// A SYN tells who began, and may begin a new conversation of the same ports.
    fn syn(&mut self, addresses: Addresses, tcp: &Tcp<'_>, found: Found, meta: &Meta) -> Found {
        let mut found = found;
        if let Some(live) = self.table.live.get_mut(found.index as usize)
            && let Some(content) = live.content.as_mut()
            && live.order.begins_anew(found.from, tcp.sequence, content.over && !tcp.flags.ack())
        {
            self.held = self.held.saturating_sub(content.held());
            self.finish_content(found.index);
            found = self.table.renew(addresses, (tcp.source, tcp.destination), protocol::TCP, meta, found);
        }
        if let Some(live) = self.table.live.get_mut(found.index as usize) {
            match tcp.flags {
                flags if flags.ack() => live.began(found.from.other(), InitiatorBasis::SynAck),
                TcpFlags(_) => live.began(found.from, InitiatorBasis::Syn),
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

    /// A capture calls addresses by names.
    pub(crate) fn called(&mut self, context: u32, at: At, names: &[(IpAddr, String)]) {
        for (ip, name) in names {
            self.called.entry((context, *ip)).or_default().entry(name.clone()).or_insert(at);
        }
    }

    /// Reads what still waits and lets go of everything that only reading needs.
    pub(crate) fn finish(&mut self) {
        for datagram in self.fragments.finish() {
            self.datagram(&datagram, datagram.meta.at);
        }
        for index in 0..self.table.live.len() {
            self.finish_content(index as u32);
        }
        self.table.finish();
    }

    fn finish_content(&mut self, index: u32) {
        let at = self.table.origins.get(index as usize).map_or_else(At::default, |origin| origin.first_at);
        let Some(live) = self.table.live.get_mut(index as usize) else { return };
        let Some(content) = live.content.as_mut() else { return };
        let mut reading = Reading {
            at,
            ports: live.ports,
            initiator: live.initiator,
            usage: &mut self.usage,
            began: None,
            malformed: false,
            said: None,
        };
        stream::finish(&mut live.order, content, &mut reading);
        let began = reading.began;
        content.close();
        content.record.finish();
        if let Some(side) = began {
            live.began(side, InitiatorBasis::Content);
        }
    }
}
