//! A conversation of which somebody else tells: counted as it was told, not packet by packet.

use super::{Live, Origin, Side, Table, port_rank};
use crate::content::Content;
use crate::link::Macs;
use crate::observation::{InitiatorBasis, Mac};

/// A conversation that a log tells of.
pub(crate) struct Told<'a> {
    live: &'a mut Live,
    origin: &'a mut Origin,
}

impl Table {
    /// The conversation at this place, to be told of; none if there were too many.
    pub(crate) fn told(&mut self, index: u32) -> Option<Told<'_>> {
        // What was looked up for packets at hand may be another now.
        self.fresh = false;
        let live = self.live.get_mut(index as usize)?;
        let origin = self.origins.get_mut(index as usize)?;
        Some(Told { live, origin })
    }

    /// How many conversations there are.
    pub(crate) const fn count(&self) -> usize {
        self.live.len()
    }
}

impl Told<'_> {
    /// Who is taken for the initiator.
    pub(crate) const fn initiator(&self) -> Side {
        self.live.initiator
    }

    /// Says who began, unless it is known on better grounds.
    pub(crate) fn began(&mut self, side: Side, basis: InitiatorBasis) {
        self.live.began(side, basis);
    }

    /// Who came first is told: that is better than what the ports of a new conversation suggest.
    pub(crate) fn came_first(&mut self, side: Side) {
        if self.live.basis == InitiatorBasis::Port {
            (self.live.initiator, self.live.basis) = (side, InitiatorBasis::First);
        }
    }

    /// Who came first is not told: the end of the less known port began, if nothing better is known.
    pub(crate) fn by_ports(&mut self) {
        if self.live.basis != InitiatorBasis::First || !self.origin.has_ports {
            return;
        }
        match port_rank(self.live.ports.low).cmp(&port_rank(self.live.ports.high)) {
            std::cmp::Ordering::Less => self.live.began(Side::High, InitiatorBasis::Port),
            std::cmp::Ordering::Greater => self.live.began(Side::Low, InitiatorBasis::Port),
            std::cmp::Ordering::Equal => {}
        }
    }

    /// Both ends took part.
    pub(crate) const fn answered(&mut self) {
        self.live.established = true;
    }

    /// One side sent this.
    pub(crate) const fn carried(&mut self, from: Side, packets: u64, bytes: u64) {
        let (known_packets, known_bytes) = (self.live.packets.of_mut(from), self.live.bytes.of_mut(from));
        *known_packets = known_packets.saturating_add(packets);
        *known_bytes = known_bytes.saturating_add(bytes);
    }

    /// From when to when.
    pub(crate) fn lasted(&mut self, first: i64, last: i64) {
        self.origin.first = self.origin.first.min(first);
        self.live.last = self.live.last.max(last);
    }

    /// The VLANs it was seen in, outermost first.
    pub(crate) fn vlans(&mut self, ids: impl Iterator<Item = u16>) {
        if self.live.vlans.ids().is_empty() {
            ids.for_each(|id| self.live.vlans.push(id));
        }
    }

    /// From where to where on the link a side sent, if it did.
    pub(crate) fn macs(&mut self, side: Side, source: Mac, destination: Option<Mac>) {
        let known = self.live.macs.of_mut(side);
        if known.is_none() && *self.live.packets.of(side) > 0 {
            *known = Some(Macs { destination, source }).into();
        }
    }

    /// What it carries, by a name that no dissector has.
    pub(crate) fn named(&mut self, name: &'static str) {
        self.origin.tunnel.get_or_insert(name);
    }

    /// What is said in it.
    pub(crate) fn content(&mut self) -> &mut Content {
        self.live.content.get_or_insert_with(|| Box::new(Content::new()))
    }

    /// What is said in it, if something was.
    pub(crate) fn known_content(&self) -> Option<&Content> {
        self.live.content.as_deref()
    }
}
