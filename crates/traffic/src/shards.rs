//! Reading with several threads: each takes the conversations that are its own, and all together are one engine again.
//!
//! Every thread walks the whole capture and reads headers, which is the smaller part of the work; nothing is handed from
//! one to another, so that nothing waits. **Invariant:** all packets of a conversation, and all conversations that bear on
//! each other (a tunnel and what is in it, the fragments of a datagram), belong to one shard, whatever order they come in;
//! what comes out does not depend on the number of shards.

use crate::capture::Record as Packet;
use crate::engine::Engine;
use crate::link::{self, Carries, Macs};
use crate::net::{self, Addresses, Ip, protocol};

/// The part of the conversations that an engine reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shard {
    pub(crate) index: u32,
    pub(crate) count: u32,
}

impl Default for Shard {
    fn default() -> Self {
        Self { index: 0, count: 1 }
    }
}

/// Whose a packet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Shard(u32),
    /// A tunnel's packet in fragments, of which only the first says that it is one: such captures are read by one thread.
    Nobody,
}

impl Shard {
    /// Are there no others?
    pub(crate) const fn is_all(self) -> bool {
        self.count == 1
    }

    /// Whose a packet is.
    #[inline]
    pub(crate) fn owner_of(self, packet: &Packet<'_>) -> Owner {
        if packet.link == link::ETHERNET
            && let Some((source, destination)) = plain_tcp(packet.data)
        {
            return self.of_pair(u64::from(source), u64::from(destination));
        }
        self.owner_of_any(packet)
    }

    fn owner_of_any(self, packet: &Packet<'_>) -> Owner {
        let Some(frame) = link::frame(packet.link, packet.data) else { return Owner::Shard(0) };
        match frame.carries {
            Carries::Ip(data) => net::ip(data).map_or_else(|| self.of_macs(frame.macs), |ip| self.of_ip(&ip)),
            Carries::Ether(..) | Carries::Llc(..) | Carries::Nothing => self.of_macs(frame.macs),
        }
    }

    fn of_ip(self, ip: &Ip<'_>) -> Owner {
        let Addresses::V4(source, destination) = ip.addresses else { return Owner::Shard(0) };
        if matches!(ip.protocol, protocol::GRE | protocol::IPV4 | protocol::IPV6) {
            return Owner::Shard(0);
        }
        let begins = ip.fragment.is_none_or(|fragment| fragment.offset == 0);
        let tunnel = begins
            && ip.protocol == protocol::UDP
            && ip.payload.first_chunk::<4>().is_some_and(|head| {
                is_tunnel((u16::from_be_bytes([head[0], head[1]]), u16::from_be_bytes([head[2], head[3]])))
            });
        match (tunnel, ip.fragment) {
            (true, Some(_)) => Owner::Nobody,
            (true, None) => Owner::Shard(0),
            (false, _) => self.of_pair(u64::from(source), u64::from(destination)),
        }
    }

    fn of_macs(self, macs: Option<Macs>) -> Owner {
        let number = |mac: crate::observation::Mac| {
            mac.0.iter().fold(0, |number, octet| number << 8 | u64::from(*octet))
        };
        let Some(Macs { destination, source }) = macs else { return Owner::Shard(0) };
        // Where the destination is not said, it is taken to be zero.
        self.of_pair(number(source), destination.map_or(0, number))
    }

    /// The same for both directions.
    fn of_pair(self, a: u64, b: u64) -> Owner {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        let mixed = (a.min(b).wrapping_mul(ODD) ^ a.max(b)).wrapping_mul(ODD);
        Owner::Shard((((mixed >> 32) * u64::from(self.count)) >> 32) as u32)
    }
}

/// The addresses of a TCP segment in its commonest shape, for which nothing else tells whose it is: looks at one line of
/// the cache.
#[inline]
fn plain_tcp(data: &[u8]) -> Option<(u32, u32)> {
    let head = data.first_chunk::<34>()?;
    let is_plain = head[12..15] == [0x08, 0x00, 0x45] && head[20] & 0x3f == 0 && head[21] == 0;
    // As `net::ip` has it: a length below that of the header is no IP.
    let total = u16::from_be_bytes([head[16], head[17]]);
    if !is_plain || head[23] != protocol::TCP || (1..20).contains(&total) {
        return None;
    }
    let address = |at: usize| {
        head.get(at..).and_then(|bytes| bytes.first_chunk()).map_or(0, |bytes| u32::from_be_bytes(*bytes))
    };
    Some((address(26), address(30)))
}

fn is_tunnel((source, destination): (u16, u16)) -> bool {
    net::is_tunnel_port(source) || net::is_tunnel_port(destination)
}

/// One engine out of those of all shards, when each has read everything.
pub(crate) fn merge(engines: Vec<Engine>) -> Engine {
    let mut engines = engines.into_iter();
    let mut whole = engines.next().unwrap_or_default();
    for other in engines {
        whole.usage.absorb(&other.usage);
        for (key, (at, vlan)) in other.bindings {
            let known = whole.bindings.entry(key).or_insert((at, vlan));
            *known = (*known).min((at, vlan));
        }
        for (link, (packets, at)) in other.links {
            let known = whole.links.entry(link).or_insert((0, at));
            *known = (known.0 + packets, known.1.min(at));
        }
        whole.cost.absorb(&other.cost);
        whole.fragments.crowded_out += other.fragments.crowded_out;
        whole.table.absorb(other.table);
    }
    whole.table.sort();
    whole
}
