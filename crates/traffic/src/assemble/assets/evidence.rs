//! What captures tell of each address: who used it, who claims it, what its owner says of itself.

use super::super::TTL_INITIAL;
use super::super::cells::Cells;
use super::shared;
use crate::engine::Engine;
use crate::facts::Identity;
use crate::flow::{At, Conversation, Ends, Side, is_group};
use crate::link::Macs;
use crate::observation::Mac;
use crate::record::Record;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

/// An address and the context in which it counts.
pub(super) type Place<A> = (u32, A);

/// What is known of one address.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) sent: u64,
    pub(super) received: u64,
    pub(super) first: Option<(i64, At)>,
    pub(super) last: Option<(i64, At)>,
    pub(super) vlans: BTreeSet<u16>,
    /// Somebody had an established connection with it.
    pub(super) established: bool,
    /// For a link-layer address: it was a sender's.
    pub(super) sends: bool,
    /// For a network address: the link-layer addresses it sent from.
    pub(super) senders: BTreeMap<Mac, Sender>,
    pub(super) said: Vec<Said>,
}

/// A link-layer address from which a network address sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sender {
    pub(super) ttl: u8,
    pub(super) at: At,
    /// When it did so, first and last.
    pub(super) span: (i64, i64),
    /// It sent to a group that no router forwards to.
    pub(super) on_link: bool,
}

/// What somebody said of itself: what, the words, the protocol, and where.
pub(super) type Said = (Identity, Arc<str>, &'static str, At);

impl Evidence {
    fn seen(&mut self, conversation: &Conversation) {
        let (first, last, at) = (conversation.first, conversation.last, conversation.first_at);
        if self.first.is_none_or(|known| (first, at) < known) {
            self.first = Some((first, at));
        }
        if self.last.is_none_or(|(known, _)| last > known) {
            self.last = Some((last, at));
        }
        self.vlans.extend(conversation.vlans.ids());
    }
}

/// A device's address, as a conversation has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Mac(u32, Mac),
    Ip(u32, IpAddr),
}

/// All evidence, by address within its context.
#[derive(Debug)]
pub(super) struct Gathered<'a> {
    pub(super) cells: &'a Cells,
    pub(super) ips: BTreeMap<Place<IpAddr>, Evidence>,
    pub(super) macs: BTreeMap<Place<Mac>, Evidence>,
    /// Network addresses that sent from a link-layer address.
    pub(super) behind: BTreeMap<Place<Mac>, BTreeSet<IpAddr>>,
    /// Network addresses whose packets were sent to a link-layer address.
    pub(super) towards: BTreeMap<Place<Mac>, BTreeSet<IpAddr>>,
    /// Link-layer addresses that claim a network address, and the other way round.
    pub(super) claimants: BTreeMap<Place<IpAddr>, BTreeMap<Mac, At>>,
    pub(super) claims: BTreeMap<Place<Mac>, BTreeSet<IpAddr>>,
    /// Addresses that a DHCP server gave away, and to whom.
    pub(super) leases: BTreeMap<Place<IpAddr>, BTreeSet<Mac>>,
    /// Chassis that stations say they are part of.
    pub(super) chassis: BTreeMap<Place<Mac>, BTreeMap<Mac, At>>,
    /// Stations that say that they have two link-layer addresses, one for each of two networks.
    pub(super) pairs: BTreeMap<Place<Mac>, BTreeMap<Mac, At>>,
    /// Addresses under which a station says that it is managed, and in which protocol.
    pub(super) managed: BTreeMap<Place<IpAddr>, BTreeMap<Mac, (&'static str, At)>>,
    /// What else is to be said of a device, with the reason.
    pub(super) notes: BTreeMap<Key, Vec<(Note, At)>>,
}

/// What a device says in the protocols by which networks run themselves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Note {
    /// It shares this address with other routers, by this protocol.
    StandsIn(Arc<str>, &'static str),
    /// It is attached to two networks at once: `prp`, `hsr`.
    Redundant(Arc<str>),
    /// It attaches another device to two networks.
    RedundancyBox(Arc<str>),
    /// It is managed at this address.
    Managed(Arc<str>, &'static str),
}

impl<'a> Gathered<'a> {
    pub(super) fn of(engine: &Engine, cells: &'a Cells) -> Self {
        let mut gathered = Self {
            cells,
            ips: BTreeMap::new(),
            macs: BTreeMap::new(),
            behind: BTreeMap::new(),
            towards: BTreeMap::new(),
            claimants: BTreeMap::new(),
            claims: BTreeMap::new(),
            leases: BTreeMap::new(),
            chassis: BTreeMap::new(),
            pairs: BTreeMap::new(),
            managed: BTreeMap::new(),
            notes: BTreeMap::new(),
        };
        let further: BTreeSet<_> = engine.table.further.macs.iter().copied().collect();
        let many: BTreeSet<(u32, Side)> = further.iter().map(|(index, side, _)| (*index, *side)).collect();
        for (index, conversation) in (0_u32..).zip(&engine.table.list) {
            let logged = engine.logs.contains(&conversation.first_at.capture);
            for side in [Side::Low, Side::High] {
                gathered.end(conversation, side, logged);
            }
            gathered.said(conversation, |side| many.contains(&(index, side)));
        }
        for (index, side, macs) in further {
            if let Some(conversation) = engine.table.list.get(index as usize) {
                gathered.passage(conversation, side, macs);
            }
        }
        for (place, names) in &engine.called {
            // Only of addresses that were seen: the list is often that of a whole network.
            if let Some(evidence) = gathered.ips.get_mut(place) {
                let said =
                    names.iter().map(|(name, at)| (Identity::Name, name.as_str().into(), "pcapng", *at));
                evidence.said.extend(said);
            }
        }
        for ((context, mac, ip), (at, _)) in engine.bindings.iter().collect::<BTreeMap<_, _>>() {
            let claimant = (cells.claim(*context, *ip, *mac), *ip);
            gathered.claimants.entry(claimant).or_default().insert(*mac, *at);
            gathered.claims.entry((cells.link(*context, *mac), *mac)).or_default().insert(*ip);
        }
        gathered
    }

    /// `logged`: a line of a log shows it. Then the initiator spoke, whether packets were counted or not; and whose the
    /// link-layer addresses are is not known, as logs do not tell the time to live.
    fn end(&mut self, conversation: &Conversation, side: Side, logged: bool) {
        let context = self.cells.end(conversation, side);
        let (sent, received) = (*conversation.packets.of(side), *conversation.packets.of(side.other()));
        let evidence = match &conversation.ends {
            Ends::Ip(ends) => self.ips.entry((context, *ends.of(side))).or_default(),
            Ends::Link(ends) => self.macs.entry((context, *ends.of(side))).or_default(),
        };
        evidence.sent += sent;
        evidence.received += received;
        evidence.established |= conversation.established || (logged && side == conversation.initiator);
        evidence.seen(conversation);
        if let (Ends::Ip(_), Some(macs), false) = (&conversation.ends, *conversation.macs.of(side), logged) {
            self.passage(conversation, side, macs);
            // What an IP conversation weighs is counted with its network addresses and, for those that only pass it on, here.
            self.mac(conversation, macs.source).sent += sent;
            if let Some(destination) = macs.destination {
                self.mac(conversation, destination).received += sent;
            }
        }
    }

    fn mac(&mut self, conversation: &Conversation, mac: Mac) -> &mut Evidence {
        self.macs.entry((self.cells.link(conversation.context, mac), mac)).or_default()
    }

    /// Packets of one side of an IP conversation went from one link-layer address to another.
    fn passage(&mut self, conversation: &Conversation, side: Side, macs: Macs) {
        let source = macs.source;
        for mac in macs.destination.into_iter().chain([source]) {
            let evidence = self.mac(conversation, mac);
            evidence.seen(conversation);
            evidence.sends |= mac == source;
        }
        let Ends::Ip(ends) = &conversation.ends else { return };
        let ip = *ends.of(side);
        let context = self.cells.end(conversation, side);
        let span = (conversation.first, conversation.last);
        let other = *ends.of(side.other());
        // What goes to a group is often sent with a low time to live, which then was not counted down.
        let ttl = *conversation.ttl.of(side);
        let ttl = if is_group(other) && !TTL_INITIAL.contains(&ttl) { 0 } else { ttl };
        let on_link = stays_on_link(other);
        let new = Sender { ttl, at: conversation.first_at, span, on_link };
        let sender = self.ips.entry((context, ip)).or_default().senders.entry(source).or_insert(new);
        sender.span = (sender.span.0.min(span.0), sender.span.1.max(span.1));
        sender.on_link |= on_link;
        if sender.ttl == 0 {
            sender.ttl = ttl;
        }
        let link = self.cells.link(conversation.context, source);
        self.behind.entry((link, source)).or_default().insert(ip);
        if let Some(destination) = macs.destination.filter(|mac| !mac.is_group() && !is_group(other)) {
            let link = self.cells.link(conversation.context, destination);
            self.towards.entry((link, destination)).or_default().insert(other);
        }
    }

    fn said(&mut self, conversation: &Conversation, several: impl Fn(Side) -> bool) {
        let Some(content) = conversation.content.as_deref() else { return };
        let protocol = content
            .dissector()
            .and_then(crate::recognize::dissector)
            .and_then(|known| known.protocols().first());
        let source = protocol.map_or("", |protocol| protocol.name);
        for said in &content.record.identities {
            let Some(key) = self.speaker(conversation, said.about, &several) else { continue };
            let evidence = match key {
                Key::Ip(context, ip) => self.ips.entry((context, ip)).or_default(),
                Key::Mac(context, mac) => self.macs.entry((context, mac)).or_default(),
            };
            evidence.said.push((said.what, (*said.value).into(), source, said.at));
        }
        self.told(conversation, &content.record, source);
    }

    /// Whose words they are. A host that has no address yet is known by its link-layer address, if it is the only one that
    /// spoke so.
    fn speaker(
        &self,
        conversation: &Conversation,
        about: Side,
        several: &impl Fn(Side) -> bool,
    ) -> Option<Key> {
        let context = self.cells.end(conversation, about);
        match &conversation.ends {
            Ends::Link(ends) => Some(Key::Mac(context, *ends.of(about))),
            Ends::Ip(ends) if !ends.of(about).is_unspecified() => Some(Key::Ip(context, *ends.of(about))),
            Ends::Ip(_) if several(about) => None,
            Ends::Ip(_) => {
                let mac = conversation.macs.of(about).map(|macs| macs.source)?;
                Some(Key::Mac(self.cells.link(conversation.context, mac), mac))
            }
        }
    }

    /// Takes what protocols of links and networks say of who is who. What is said to a group is said by the other end.
    fn told(&mut self, conversation: &Conversation, record: &Record, protocol: &'static str) {
        for noted in &record.properties {
            let value = &*noted.value;
            if noted.name == "dhcp-lease" {
                self.lease(conversation, value);
                continue;
            }
            let side = conversation.initiator;
            let key = match &conversation.ends {
                Ends::Link(ends) if ends.of(side.other()).is_group() => {
                    Key::Mac(self.cells.end(conversation, side), *ends.of(side))
                }
                Ends::Ip(ends) if is_group(*ends.of(side.other())) => {
                    Key::Ip(self.cells.end(conversation, side), *ends.of(side))
                }
                _ => continue,
            };
            let note = match (noted.name, key) {
                ("chassis", Key::Mac(context, mac)) => {
                    if let Some(chassis) = mac_of(value) {
                        self.chassis.entry((context, chassis)).or_default().insert(mac, noted.at);
                    }
                    continue;
                }
                ("redundancy-node", Key::Mac(context, mac)) => match mac_of(value) {
                    Some(node) if node != mac => {
                        self.pairs.entry((context, mac)).or_default().insert(node, noted.at);
                        continue;
                    }
                    _ => continue,
                },
                ("management-address", Key::Mac(context, mac)) => {
                    let Ok(ip) = value.parse::<IpAddr>() else { continue };
                    self.managed.entry((context, ip)).or_default().insert(mac, (protocol, noted.at));
                    Note::Managed(value.into(), protocol)
                }
                ("redundancy", _) => Note::Redundant(value.into()),
                ("redundancy-box", Key::Mac(_, mac)) if mac_of(value) == Some(mac) => {
                    Note::RedundancyBox(value.into())
                }
                ("virtual-address", _) => Note::StandsIn(value.into(), protocol),
                _ => continue,
            };
            self.notes.entry(key).or_default().push((note, noted.at));
        }
    }

    fn lease(&mut self, conversation: &Conversation, value: &str) {
        let Some((ip, mac)) = value.split_once(" to ") else { return };
        if let (Ok(ip), Some(mac)) = (ip.parse::<IpAddr>(), mac_of(mac)) {
            let context = self.cells.claim(conversation.context, ip, mac);
            self.leases.entry((context, ip)).or_default().insert(mac);
        }
    }

    /// Those who claim an address in their own right: not the shared address of routers that stand in for each other.
    pub(super) fn own_claimants(&self, place: Place<IpAddr>) -> impl Iterator<Item = (Mac, At)> + '_ {
        let claimants = self.claimants.get(&place).into_iter().flatten();
        claimants.map(|(mac, at)| (*mac, *at)).filter(|(mac, _)| shared::address(*mac).is_none())
    }
}

/// Is it a group of the link alone: 224.0.0.0/24 (RFC 5771, section 4), ff02::/16 (RFC 4291, section 2.7)?
fn stays_on_link(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(address) => matches!(address.octets(), [224, 0, 0, _]),
        IpAddr::V6(address) => matches!(address.octets(), [0xff, 0x02, ..]),
    }
}

/// The address that a property names.
fn mac_of(text: &str) -> Option<Mac> {
    let mut octets = [0; 6];
    let mut parts = text.split(':');
    for octet in &mut octets {
        *octet = u8::from_str_radix(parts.next()?, 16).ok()?;
    }
    parts.next().is_none().then_some(Mac(octets))
}
