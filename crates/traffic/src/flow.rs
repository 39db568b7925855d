//! Conversations: who talks to whom, how much, and who began.
//!
//! Owns the table of conversations and their counters. Knows headers, not content: what is said in a conversation is
//! [`crate::content`]'s.

mod told;

use crate::capture::BATCH;
use crate::content::Content;
use crate::index::{self, Index, Key as Key4};
use crate::link::{Macs, Pair, Vlans};
use crate::net::{Addresses, Quick};
use crate::observation::{InitiatorBasis, Mac, Transport};
use crate::stream::Order;
use hashbrown::{HashMap, HashSet};
use prefetch_index::prefetch_index;
use std::net::{IpAddr, Ipv4Addr};
pub(crate) use told::Told;

/// Conversations that are told apart: about 12 GB if each has content.
pub(crate) const CONVERSATIONS_MAX: u32 = 1 << 24;
/// Further link-layer addresses, and VLANs, of conversations that are kept.
const FURTHER_MAX: usize = 1 << 20;
/// The place of a conversation that is not in the list.
const NONE: u32 = index::EMPTY;
/// Nothing was looked up beforehand.
pub(crate) const UNKNOWN: (u32, Side) = (NONE, Side::Low);

/// A packet: its capture, by its place in the list, and its number in it, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct At {
    pub(crate) capture: u32,
    pub(crate) packet: u64,
}

/// One of the two ends of a conversation, by the order of their addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Side {
    /// The lower address (and port).
    Low,
    /// The other.
    High,
}

impl Side {
    /// The other side.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Low => Self::High,
            Self::High => Self::Low,
        }
    }
}

/// Something for each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Both<T> {
    /// The lower side's.
    pub(crate) low: T,
    /// The higher side's.
    pub(crate) high: T,
}

impl<T> Both<T> {
    /// One side's.
    #[inline]
    pub(crate) const fn of(&self, side: Side) -> &T {
        match side {
            Side::Low => &self.low,
            Side::High => &self.high,
        }
    }

    /// One side's, to change.
    #[inline]
    pub(crate) const fn of_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Low => &mut self.low,
            Side::High => &mut self.high,
        }
    }
}

/// Everything about a packet that is not in its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meta {
    pub(crate) at: At,
    pub(crate) time: i64,
    pub(crate) wire: u32,
    pub(crate) context: u32,
    /// The conversation whose packet carries this one.
    pub(crate) inside: Option<u32>,
    /// From whom to whom on the link.
    pub(crate) macs: Pair,
    pub(crate) vlans: Vlans,
    /// How many packets it stands for (the fragments of a datagram).
    pub(crate) packets: u32,
    /// Bytes of it that were not captured.
    pub(crate) cut: u32,
    /// Tunnels around it.
    pub(crate) depth: u8,
    pub(crate) ttl: u8,
    /// Its conversation and sender, as far as that was looked up before; it counts only while the table is fresh.
    pub(crate) known: (u32, Side),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key6 {
    low: u128,
    high: u128,
    low_port: u16,
    high_port: u16,
    scope: u32,
    protocol: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct LinkKey {
    low: Mac,
    high: Mac,
    context: u32,
    transport: Transport,
}

/// The ends of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// By network address.
    Ip(Both<IpAddr>),
    /// By link-layer address.
    Link(Both<Mac>),
}

/// One conversation.
#[derive(Debug)]
pub(crate) struct Conversation {
    pub(crate) ends: Ends,
    pub(crate) ports: Option<Both<u16>>,
    pub(crate) transport: Transport,
    pub(crate) context: u32,
    pub(crate) inside: Option<u32>,
    pub(crate) packets: Both<u64>,
    pub(crate) bytes: Both<u64>,
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) first_at: At,
    /// From whom to whom on the link the first packet of each side went.
    pub(crate) macs: Both<Option<Macs>>,
    /// Time to live in the first packet of each side.
    pub(crate) ttl: Both<u8>,
    pub(crate) vlans: Vlans,
    pub(crate) initiator: Side,
    pub(crate) basis: InitiatorBasis,
    /// Was a TCP segment seen that only an established connection has?
    pub(crate) established: bool,
    /// What it carries, if it is a tunnel.
    pub(crate) tunnel: Option<&'static str>,
    /// What is said in it; none before the first byte of content.
    pub(crate) content: Option<Box<Content>>,
}

/// What every packet of a conversation looks at or changes: two lines of the cache.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Live {
    pub(crate) content: Option<Box<Content>>,
    pub(crate) order: Order,
    last: i64,
    pub(crate) ports: Both<u16>,
    pub(crate) initiator: Side,
    basis: InitiatorBasis,
    pub(crate) established: bool,
    /// Is its content of no interest (any more)?
    pub(crate) unread: bool,
    ttl: Both<u8>,
    packets: Both<u64>,
    bytes: Both<u64>,
    macs: Both<Pair>,
    vlans: Vlans,
}

const _: () = assert!(size_of::<Live>() == 128);

/// What is known of a conversation from its first packet, and is needed only at the end.
#[derive(Debug)]
pub(crate) struct Origin {
    ends: Ends,
    pub(crate) transport: Transport,
    has_ports: bool,
    context: u32,
    inside: Option<u32>,
    first: i64,
    pub(crate) first_at: At,
    pub(crate) tunnel: Option<&'static str>,
}

impl Live {
    /// Says who began, unless it is known on better grounds.
    pub(crate) fn began(&mut self, side: Side, basis: InitiatorBasis) {
        if basis < self.basis {
            (self.initiator, self.basis) = (side, basis);
        }
    }

    fn into_conversation(self, origin: Origin) -> Conversation {
        Conversation {
            ends: origin.ends,
            ports: origin.has_ports.then_some(self.ports),
            transport: origin.transport,
            context: origin.context,
            inside: origin.inside,
            packets: self.packets,
            bytes: self.bytes,
            first: origin.first,
            last: self.last,
            first_at: origin.first_at,
            macs: Both { low: self.macs.low.macs(), high: self.macs.high.macs() },
            ttl: self.ttl,
            vlans: self.vlans,
            initiator: self.initiator,
            basis: self.basis,
            established: self.established,
            tunnel: origin.tunnel,
            content: self.content,
        }
    }
}

/// Where conversations were seen besides what stands in them: further link-layer addresses and VLANs.
#[derive(Debug, Default)]
pub(crate) struct Further {
    /// Conversation, sender, and link-layer addresses.
    pub(crate) macs: HashSet<(u32, Side, Macs), ahash::RandomState>,
    /// Conversation and VLAN.
    pub(crate) vlans: HashSet<(u32, u16), ahash::RandomState>,
}

/// All conversations.
#[derive(Debug)]
pub(crate) struct Table {
    v4: Index,
    v6: HashMap<Key6, u32, ahash::RandomState>,
    link: HashMap<LinkKey, u32, ahash::RandomState>,
    /// The conversations while packets are read.
    pub(crate) live: Vec<Live>,
    // INVARIANT: as long as `live`, in its order.
    pub(crate) origins: Vec<Origin>,
    /// The conversations when everything was read.
    pub(crate) list: Vec<Conversation>,
    pub(crate) further: Further,
    limit: u32,
    /// Whether what was looked up for the packets at hand still holds.
    pub(crate) fresh: bool,
    /// Packets of conversations beyond the limit.
    pub(crate) beyond: u64,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            v4: Index::default(),
            v6: HashMap::default(),
            link: HashMap::default(),
            live: Vec::new(),
            origins: Vec::new(),
            list: Vec::new(),
            further: Further::default(),
            limit: CONVERSATIONS_MAX,
            fresh: false,
            beyond: 0,
        }
    }
}

/// A packet's conversation, and who sent it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) index: u32,
    pub(crate) from: Side,
    /// When the conversation was last seen before.
    before: i64,
}

impl Table {
    /// Looks the conversations of packets up, and has what is kept of them brought near. In rounds, none of which waits
    /// for memory: each asks for what the next looks at.
    #[inline]
    pub(crate) fn look_ahead(&self, quick: &[Option<Quick<'_>>], context: u32, known: &mut [(u32, Side)]) {
        let mut keys = [(Key4::default(), 0, Side::Low); BATCH];
        for ((key, hash, from), headers) in keys.iter_mut().zip(quick) {
            let Some(headers) = headers else { continue };
            let scope = scope_of(headers.protocol, context, headers.vlan);
            (*key, *from) =
                key_4(headers.source, headers.destination, headers.ports, scope, headers.protocol);
            *hash = self.v4.hash(*key);
            self.v4.fetch(*hash);
        }
        for ((known, (key, hash, from)), headers) in known.iter_mut().zip(&keys).zip(quick) {
            if headers.is_some() {
                *known = (self.v4.get(*hash, *key), *from);
                prefetch_index(&self.live, known.0 as usize);
            }
        }
        let contents = || {
            let live = known.iter().filter_map(|(index, _)| self.live.get(*index as usize));
            live.filter(|live| !live.unread).filter_map(|live| live.content.as_deref())
        };
        for content in contents() {
            prefetch_index(std::slice::from_ref(content), 0);
        }
        for content in contents() {
            content.record.fetch();
        }
    }

    /// Counts a packet between two network addresses.
    #[inline]
    pub(crate) fn ip(
        &mut self,
        addresses: Addresses,
        ports: Option<(u16, u16)>,
        protocol: u8,
        meta: &Meta,
    ) -> Found {
        let (source_port, destination_port) = ports.unwrap_or((0, 0));
        if self.fresh && meta.known.0 != NONE {
            return self.counted(meta.known.0, meta.known.1, meta);
        }
        let scope = scope_of(protocol, meta.context, meta.vlans.innermost());
        let next = self.live.len() as u32;
        let ports_of = (source_port, destination_port);
        let (entry, from) = match addresses {
            Addresses::V4(source, destination) => {
                let (key, from) = key_4(source, destination, ports_of, scope, protocol);
                let hash = self.v4.hash(key);
                let mut entry = self.v4.get(hash, key);
                if entry == NONE && next < self.limit {
                    entry = next;
                    self.v4.put(hash, key, next);
                }
                (entry, from)
            }
            Addresses::V6(source, destination) => {
                let (key, from) = key_6(source, destination, ports_of, scope, protocol);
                (look_up(&mut self.v6, key, next, self.limit), from)
            }
        };
        if entry == next {
            self.push(new_ip(addresses, ports, protocol, from, meta));
        }
        self.counted(entry, from, meta)
    }

    /// Begins a new conversation between the ends of another, which is over. The packet was counted there and is counted here instead.
    pub(crate) fn renew(
        &mut self,
        addresses: Addresses,
        ports: (u16, u16),
        protocol: u8,
        meta: &Meta,
        old: Found,
    ) -> Found {
        let next = self.live.len() as u32;
        if next >= self.limit {
            return old;
        }
        self.fresh = false;
        if let Some(old_conversation) = self.live.get_mut(old.index as usize) {
            *old_conversation.packets.of_mut(old.from) -= u64::from(meta.packets);
            *old_conversation.bytes.of_mut(old.from) -= u64::from(meta.wire);
            old_conversation.last = old.before;
        }
        let scope = scope_of(protocol, meta.context, meta.vlans.innermost());
        match addresses {
            Addresses::V4(source, destination) => {
                let (key, _) = key_4(source, destination, ports, scope, protocol);
                self.v4.put(self.v4.hash(key), key, next);
            }
            Addresses::V6(source, destination) => {
                self.v6.insert(key_6(source, destination, ports, scope, protocol).0, next);
            }
        }
        self.push(new_ip(addresses, Some(ports), protocol, old.from, meta));
        self.counted(next, old.from, meta)
    }

    /// Counts a frame between two link-layer addresses.
    pub(crate) fn link(&mut self, destination: Mac, source: Mac, transport: Transport, meta: &Meta) -> Found {
        let (low, high, from) = if source <= destination {
            (source, destination, Side::Low)
        } else {
            (destination, source, Side::High)
        };
        let next = self.live.len() as u32;
        let key = LinkKey { low, high, context: meta.context, transport };
        let entry = look_up(&mut self.link, key, next, self.limit);
        if entry == next {
            self.push(new(Ends::Link(Both { low, high }), None, transport, from, meta));
        }
        self.counted(entry, from, meta)
    }

    fn push(&mut self, (live, origin): (Live, Origin)) {
        self.live.push(live);
        self.origins.push(origin);
    }

    #[inline]
    fn counted(&mut self, index: u32, from: Side, meta: &Meta) -> Found {
        let Some(live) = self.live.get_mut(index as usize) else {
            self.beyond += 1;
            return Found { index, from, before: meta.time };
        };
        let before = live.last;
        *live.packets.of_mut(from) += u64::from(meta.packets);
        *live.bytes.of_mut(from) += u64::from(meta.wire);
        if meta.time >= before {
            live.last = meta.time;
        } else if let Some(origin) = self.origins.get_mut(index as usize) {
            // Only a packet that is older than the last one can be older than the first.
            origin.first = origin.first.min(meta.time);
        }
        if live.macs.of(from) != &meta.macs || live.vlans != meta.vlans || live.ttl.of(from) == &0 {
            self.seen_otherwise(index, from, meta);
        }
        Found { index, from, before }
    }

    /// A packet has other link-layer addresses or VLANs than those that are kept with its conversation, or is the first of
    /// its side.
    fn seen_otherwise(&mut self, index: u32, from: Side, meta: &Meta) {
        let Some(live) = self.live.get_mut(index as usize) else { return };
        let known = live.macs.of_mut(from);
        if *known != meta.macs
            && let Some(macs) = meta.macs.macs()
        {
            if known.is_none() {
                *known = meta.macs;
            } else if self.further.macs.len() < FURTHER_MAX {
                self.further.macs.insert((index, from, macs));
            }
        }
        if live.ttl.of(from) == &0 {
            *live.ttl.of_mut(from) = meta.ttl;
        }
        if live.vlans != meta.vlans && self.further.vlans.len() < FURTHER_MAX {
            self.further.vlans.extend(meta.vlans.ids().iter().map(|vlan| (index, *vlan)));
        }
    }

    /// Everything was read: what is known of each conversation comes together.
    pub(crate) fn finish(&mut self) {
        (self.v4, self.v6, self.link) = (Index::default(), HashMap::default(), HashMap::default());
        let live = std::mem::take(&mut self.live);
        let origins = std::mem::take(&mut self.origins);
        self.list =
            live.into_iter().zip(origins).map(|(live, origin)| live.into_conversation(origin)).collect();
    }

    /// Takes the conversations of another table, which both have finished.
    pub(crate) fn absorb(&mut self, other: Self) {
        let moved = self.list.len() as u32;
        self.list.extend(other.list.into_iter().map(|conversation| Conversation {
            inside: conversation.inside.map(|outer| outer + moved),
            ..conversation
        }));
        let Further { macs, vlans } = other.further;
        self.further.macs.extend(macs.into_iter().map(|(index, side, macs)| (index + moved, side, macs)));
        self.further.vlans.extend(vlans.into_iter().map(|(index, vlan)| (index + moved, vlan)));
        self.beyond += other.beyond;
    }

    /// Puts conversations in the order of their first packets, and what is in a tunnel behind the tunnel.
    pub(crate) fn sort(&mut self) {
        if self.list.is_sorted_by_key(|conversation| conversation.first_at) {
            return;
        }
        let mut order: Vec<u32> = (0..self.list.len() as u32).collect();
        order.sort_by_key(|index| self.list.get(*index as usize).map(|conversation| conversation.first_at));
        let mut places = vec![0; order.len()];
        for (place, index) in (0_u32..).zip(&order) {
            if let Some(slot) = places.get_mut(*index as usize) {
                *slot = place;
            }
        }
        let place = |index: u32| places.get(index as usize).copied().unwrap_or(index);
        let mut list: Vec<Option<Conversation>> =
            std::mem::take(&mut self.list).into_iter().map(Some).collect();
        let taken = order.iter().filter_map(|index| list.get_mut(*index as usize).and_then(Option::take));
        self.list = taken
            .map(|conversation| Conversation { inside: conversation.inside.map(place), ..conversation })
            .collect();
        let Further { macs, vlans } = std::mem::take(&mut self.further);
        self.further.macs = macs.into_iter().map(|(index, side, macs)| (place(index), side, macs)).collect();
        self.further.vlans = vlans.into_iter().map(|(index, vlan)| (place(index), vlan)).collect();
    }
}

/// The place of a key in the list: a known one, the next one, or none if the list is full.
#[inline]
fn look_up<K: std::hash::Hash + Eq>(
    map: &mut HashMap<K, u32, ahash::RandomState>,
    key: K,
    next: u32,
    limit: u32,
) -> u32 {
    if next < limit { *map.entry(key).or_insert(next) } else { map.get(&key).copied().unwrap_or(NONE) }
}

/// The key of a conversation over IPv4, and which side the source is.
#[inline]
fn key_4(source: u32, destination: u32, ports: (u16, u16), scope: u32, protocol: u8) -> (Key4, Side) {
    use crate::net::protocol as number;
    // Of protocols without ports the number takes their place.
    let (kind, plain) = match protocol {
        number::TCP => (1, 0),
        number::UDP => (2, 0),
        number::SCTP => (3, 0),
        other => (0, u64::from(other)),
    };
    let from = side(&source, &destination, ports.0, ports.1);
    let (low, high, low_port, high_port) = match from {
        Side::Low => (source, destination, ports.0, ports.1),
        Side::High => (destination, source, ports.1, ports.0),
    };
    // A scope has 28 bits.
    let rest = u64::from(low_port) << 48 | u64::from(high_port) << 32 | u64::from(scope) << 2 | kind;
    (Key4 { addresses: u64::from(low) << 32 | u64::from(high), rest: rest | plain << 48 }, from)
}

/// The key of a conversation over IPv6, and which side the source is.
fn key_6(source: u128, destination: u128, ports: (u16, u16), scope: u32, protocol: u8) -> (Key6, Side) {
    let from = side(&source, &destination, ports.0, ports.1);
    let (low, high, low_port, high_port) = match from {
        Side::Low => (source, destination, ports.0, ports.1),
        Side::High => (destination, source, ports.1, ports.0),
    };
    (Key6 { low, high, low_port, high_port, scope, protocol }, from)
}

/// Which side the source is.
#[inline]
fn side<A: Ord>(source: &A, destination: &A, source_port: u16, destination_port: u16) -> Side {
    if (source, source_port) <= (destination, destination_port) { Side::Low } else { Side::High }
}

fn new_ip(
    addresses: Addresses,
    ports: Option<(u16, u16)>,
    protocol: u8,
    from: Side,
    meta: &Meta,
) -> (Live, Origin) {
    let sided = |source, destination| match from {
        Side::Low => Both { low: source, high: destination },
        Side::High => Both { low: destination, high: source },
    };
    let transport = Transport::of_ip(protocol);
    let ports = ports.map(|(source, destination)| match from {
        Side::Low => Both { low: source, high: destination },
        Side::High => Both { low: destination, high: source },
    });
    let ends = Ends::Ip(sided(addresses.source(), addresses.destination()));
    let (mut live, origin) = new(ends, ports, transport, from, meta);
    if let Some(ports) = ports
        && !is_group(addresses.destination())
    {
        let (own, other) = (port_rank(*ports.of(from)), port_rank(*ports.of(from.other())));
        match own.cmp(&other) {
            std::cmp::Ordering::Less => live.began(from.other(), InitiatorBasis::Port),
            std::cmp::Ordering::Greater => live.began(from, InitiatorBasis::Port),
            std::cmp::Ordering::Equal => {}
        }
    }
    (live, origin)
}

fn new(
    ends: Ends,
    ports: Option<Both<u16>>,
    transport: Transport,
    from: Side,
    meta: &Meta,
) -> (Live, Origin) {
    let live = Live {
        packets: Both::default(),
        bytes: Both::default(),
        last: meta.time,
        content: None,
        order: Order::default(),
        ports: ports.unwrap_or_default(),
        vlans: meta.vlans,
        macs: Both { low: Pair::NONE, high: Pair::NONE },
        ttl: Both::default(),
        initiator: from,
        basis: InitiatorBasis::First,
        established: false,
        unread: false,
    };
    let origin = Origin {
        ends,
        transport,
        has_ports: ports.is_some(),
        context: meta.context,
        inside: meta.inside,
        first: meta.time,
        first_at: meta.at,
        tunnel: None,
    };
    (live, origin)
}

/// Where a key counts. Datagrams of different VLANs are kept apart, because machine cells often use the same addresses and
/// ports; the segments of a connection are told apart by their numbers, and one that is routed between two captured VLANs
/// must be read once. 28 bits: contexts are fewer than 65,536, VLANs than 4096.
fn scope_of(protocol: u8, context: u32, vlan: u16) -> u32 {
    if protocol == crate::net::protocol::TCP { context } else { context | u32::from(vlan) << 16 }
}

/// Does an address name a group or everybody?
pub(crate) fn is_group(address: IpAddr) -> bool {
    address.is_multicast() || address == IpAddr::V4(Ipv4Addr::BROADCAST)
}

/// How likely a port is to be a server's: the lower, the likelier. Ephemeral ports begin at 49152 (RFC 6335, section 6),
/// on Linux at 32768; older systems took them from 1024 on.
fn port_rank(port: u16) -> u8 {
    match port {
        port if crate::recognize::is_known_port(port) => 0,
        1..=1023 => 1,
        1024..=32_767 => 2,
        32_768..=49_151 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversations_beyond_the_limit_are_counted_as_packets_only() {
        let mut table = Table { limit: 2, ..Table::default() };
        let meta = Meta {
            at: At { capture: 0, packet: 1 },
            time: 0,
            wire: 60,
            context: 0,
            inside: None,
            macs: Pair::NONE,
            vlans: Vlans::default(),
            packets: 1,
            cut: 0,
            depth: 0,
            ttl: 64,
            known: UNKNOWN,
        };
        for port in [1, 2, 3, 4, 2] {
            table.ip(Addresses::V4(1, 2), Some((port, 80)), 6, &meta);
        }
        table.finish();
        assert_eq!((table.list.len(), table.beyond), (2, 2));
        assert_eq!(table.list.iter().map(|one| one.packets.low).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn the_likelier_server_is_the_responder() {
        let conversation = |ports| {
            let mut table = Table::default();
            let meta = Meta {
                at: At::default(),
                time: 0,
                wire: 60,
                context: 0,
                inside: None,
                macs: Pair::NONE,
                vlans: Vlans::default(),
                packets: 1,
                cut: 0,
                depth: 0,
                ttl: 64,
                known: UNKNOWN,
            };
            let found = table.ip(Addresses::V4(1, 2), Some(ports), 17, &meta);
            table.finish();
            let one = table.list.remove(0);
            (one.initiator == found.from, one.basis)
        };
        assert_eq!(conversation((50_000, 502)), (true, InitiatorBasis::Port));
        assert_eq!(conversation((502, 50_000)), (false, InitiatorBasis::Port));
        assert_eq!(conversation((80, 502)), (true, InitiatorBasis::First));
        assert_eq!(conversation((40_001, 40_002)), (true, InitiatorBasis::First));
    }
}
