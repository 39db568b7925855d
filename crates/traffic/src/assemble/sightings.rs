//! Conversations that were seen at several places: at two capture points, or in two VLANs of one capture on both sides of a
//! router. Each is one conversation, told once.
//!
//! Two conversations of the same ends and ports at the same time are one where the same frames were seen (between the same
//! stations), or where a router lies between: the time to live was counted down on the way from one place to the other, in
//! both directions as far as there are both. Two machine cells that use the same addresses differ in their stations and not
//! in the time to live, and stay two.

use crate::engine::Engine;
use crate::flow::{Both, Conversation, Ends, Side};
use crate::observation::Transport;
use std::collections::BTreeMap;

/// How far the clocks of two captures may be apart, in nanoseconds.
const CLOCKS_APART: i64 = 60_000_000_000;
/// Routers that one passes on the way through a plant: more is not counted down, but begun elsewhere.
const ROUTERS_MAX: u8 = 16;
/// Conversations of the same ends and ports that one is compared with.
const COMPARED_MAX: usize = 64;

/// Which conversations are one, by their places in the list.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    /// By the conversation that stands for all: all of them, itself included.
    all: BTreeMap<u32, Vec<u32>>,
    /// By each other one: the conversation that stands for it.
    lead: BTreeMap<u32, u32>,
}

impl Sightings {
    /// Puts together what was seen several times.
    pub(super) fn of(engine: &Engine) -> Self {
        let list = &engine.table.list;
        let several = engine.contexts.len() > 1 || !engine.table.further.vlans.is_empty();
        let tagged = || list.iter().any(|conversation| !conversation.vlans.ids().is_empty());
        if !several && !tagged() {
            return Self::default();
        }
        let mut alike: BTreeMap<Key<'_>, Vec<u32>> = BTreeMap::new();
        for (index, conversation) in (0_u32..).zip(list) {
            if conversation.packets.low + conversation.packets.high > 0 {
                alike.entry(Key::of(engine, conversation)).or_default().push(index);
            }
        }
        let mut sightings = Self::default();
        for mut indices in alike.into_values().filter(|indices| indices.len() > 1) {
            // Whoever knows best who began stands for the others.
            indices.sort_by_key(|index| {
                list.get(*index as usize).map(|one| (one.basis, one.context, one.first))
            });
            sightings.group(list, &indices);
        }
        sightings
    }

    fn group(&mut self, list: &[Conversation], indices: &[u32]) {
        let mut leads: Vec<u32> = Vec::new();
        for index in indices {
            let Some(conversation) = list.get(*index as usize) else { continue };
            let known = leads.iter().rev().take(COMPARED_MAX).find(|lead| {
                let members = self.all.get(*lead).map_or(std::slice::from_ref(*lead), Vec::as_slice);
                members.iter().all(|member| {
                    list.get(*member as usize).is_some_and(|member| is_one(member, conversation))
                })
            });
            match known {
                Some(lead) => {
                    self.all.entry(*lead).or_insert_with(|| vec![*lead]).push(*index);
                    self.lead.insert(*index, *lead);
                }
                None => leads.push(*index),
            }
        }
    }

    /// Does another conversation stand for this one?
    pub(super) fn follows(&self, index: u32) -> bool {
        self.lead.contains_key(&index)
    }

    /// The conversation that stands for it: itself, if it was seen once.
    pub(super) fn lead(&self, index: u32) -> u32 {
        self.lead.get(&index).copied().unwrap_or(index)
    }

    /// All sightings of the conversation, itself first.
    pub(super) fn of_lead<'s>(&'s self, index: &'s u32) -> &'s [u32] {
        self.all.get(index).map_or(std::slice::from_ref(index), Vec::as_slice)
    }
}

/// What sightings of one conversation have in common.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    tunnels: &'a str,
    transport: Transport,
    ends: Address,
    ports: Option<(u16, u16)>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Address {
    Ip(std::net::IpAddr, std::net::IpAddr),
    Link(crate::observation::Mac, crate::observation::Mac),
}

impl<'a> Key<'a> {
    fn of(engine: &'a Engine, conversation: &Conversation) -> Self {
        Self {
            tunnels: engine
                .contexts
                .get(conversation.context as usize)
                .map_or("", |context| &context.tunnels),
            transport: conversation.transport,
            ends: match &conversation.ends {
                Ends::Ip(ends) => Address::Ip(ends.low, ends.high),
                Ends::Link(ends) => Address::Link(ends.low, ends.high),
            },
            ports: conversation.ports.map(|ports| (ports.low, ports.high)),
        }
    }
}

/// Are these two sightings of one conversation?
fn is_one(a: &Conversation, b: &Conversation) -> bool {
    let elsewhere = a.context != b.context || a.vlans != b.vlans;
    let at_once =
        a.first <= b.last.saturating_add(CLOCKS_APART) && b.first <= a.last.saturating_add(CLOCKS_APART);
    if !elsewhere || !at_once {
        return false;
    }
    match (&a.ends, a.context == b.context) {
        // The same frame in two VLANs of one capture is two frames.
        (Ends::Link(_), same_capture) => !same_capture,
        (Ends::Ip(_), _) => same_stations(a, b) || is_routed(a, b) || is_routed(b, a),
    }
}

/// Were the same frames seen: from the same station to the same, in each direction that both saw?
fn same_stations(a: &Conversation, b: &Conversation) -> bool {
    let mut seen = false;
    let alike = [Side::Low, Side::High].into_iter().all(|side| match (a.macs.of(side), b.macs.of(side)) {
        (Some(a), Some(b)) => {
            seen = true;
            a == b
        }
        _ => true,
    });
    seen && alike
}

/// Does a router lie between, `a` on the side of the lower address?
fn is_routed(a: &Conversation, b: &Conversation) -> bool {
    let both = |side: Side| match (*a.ttl.of(side), *b.ttl.of(side)) {
        (0, _) | (_, 0) => None,
        (a, b) => Some((a, b)),
    };
    let apart = |side: Side| match (a.macs.of(side), b.macs.of(side)) {
        (Some(a), Some(b)) => a.source != b.source,
        _ => true,
    };
    let counted_down = |from: u8, to: u8| from > to && from - to <= ROUTERS_MAX;
    let onwards = both(Side::Low).map(|(a, b)| counted_down(a, b));
    let back = both(Side::High).map(|(a, b)| counted_down(b, a));
    let agree = match (onwards, back) {
        (Some(onwards), Some(back)) => onwards && back,
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => false,
    };
    agree && apart(Side::Low) && apart(Side::High)
}

/// The sighting that shows most of it: which ends it has is for the leading one to say.
pub(super) fn fullest<'c>(list: &'c [Conversation], sightings: &[u32]) -> Option<&'c Conversation> {
    let all = sightings.iter().filter_map(|index| list.get(*index as usize));
    all.min_by_key(|one| {
        (std::cmp::Reverse(messages(one)), std::cmp::Reverse(one.packets.low + one.packets.high))
    })
}

fn messages(conversation: &Conversation) -> u64 {
    let record = conversation.content.as_deref().map(|content| &content.record);
    record.map_or(0, |record| record.functions.iter().map(|function| function.count).sum())
}

/// Packets and bytes of each side, counted at one capture point: where most were seen.
pub(super) fn counts(list: &[Conversation], sightings: &[u32]) -> (Both<u64>, Both<u64>) {
    let mut points: BTreeMap<u32, (Both<u64>, Both<u64>)> = BTreeMap::new();
    for one in sightings.iter().filter_map(|index| list.get(*index as usize)) {
        let (packets, bytes) = points.entry(one.context).or_default();
        for side in [Side::Low, Side::High] {
            *packets.of_mut(side) += one.packets.of(side);
            *bytes.of_mut(side) += one.bytes.of(side);
        }
    }
    points.into_values().max_by_key(|(packets, _)| packets.low + packets.high).unwrap_or_default()
}

/// The sighting nearest to one side: its packets had not passed as many routers there.
pub(super) fn nearest<'c>(
    list: &'c [Conversation],
    sightings: &[u32],
    side: Side,
) -> Option<&'c Conversation> {
    let all = sightings.iter().filter_map(|index| list.get(*index as usize));
    all.min_by_key(|one| std::cmp::Reverse(*one.ttl.of(side)))
}
