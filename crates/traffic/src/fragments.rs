//! IP fragments to datagrams, within limits.
//!
//! A datagram that becomes whole is handed on once; one that does not is counted, with its ports if its beginning
//! is there. Nothing is kept beyond the limits, and what they cost is counted.

use crate::flow::Meta;
use crate::net::{Addresses, Fragment, Ip};
use hashbrown::HashMap;
use std::collections::VecDeque;

/// Datagrams that are put together at the same time.
pub(crate) const DATAGRAMS_MAX: usize = 2048;
/// Bytes of fragments that are kept.
pub(crate) const BYTES_MAX: usize = 16 << 20;
/// The longest datagram (RFC 791, section 3.1; jumbograms cannot be fragmented).
pub(crate) const DATAGRAM_BYTES_MAX: usize = 65_535;
/// Nanoseconds after which the rest of a datagram does not come any more (RFC 8200, section 4.5: 60 seconds).
const PATIENCE: i64 = 60_000_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    addresses: Addresses,
    context: u32,
    protocol: u8,
    id: u32,
}

/// A datagram, whole or given up.
#[derive(Debug)]
pub(crate) struct Datagram {
    pub(crate) addresses: Addresses,
    pub(crate) protocol: u8,
    /// Its bytes if it is whole; else those at its beginning that are there.
    pub(crate) data: Vec<u8>,
    pub(crate) whole: bool,
    /// Of its first packet, with the packets and bytes of all.
    pub(crate) meta: Meta,
}

#[derive(Debug)]
struct Partial {
    data: Vec<u8>,
    // INVARIANT: ascending, apart.
    covered: Vec<(usize, usize)>,
    total: Option<usize>,
    meta: Meta,
    serial: u64,
}

/// Datagrams that are not whole yet.
#[derive(Debug, Default)]
pub(crate) struct Fragments {
    partial: HashMap<Key, Partial, ahash::RandomState>,
    // Oldest first; an entry whose serial is not that of its key's datagram is stale.
    order: VecDeque<(Key, u64)>,
    bytes: usize,
    serial: u64,
    /// Datagrams given up because a limit was reached.
    pub(crate) crowded_out: u64,
}

impl Fragments {
    /// Takes a fragment. Gives the datagrams that are done with it: whole, or given up.
    pub(crate) fn take(&mut self, ip: &Ip<'_>, fragment: Fragment, meta: &Meta, done: &mut Vec<Datagram>) {
        let key =
            Key { addresses: ip.addresses, context: meta.context, protocol: ip.protocol, id: fragment.id };
        if self
            .partial
            .get(&key)
            .is_some_and(|partial| meta.time.saturating_sub(partial.meta.time) > PATIENCE)
        {
            done.extend(self.remove(&key));
        }
        let serial = self.serial;
        let partial = self.partial.entry(key).or_insert_with(|| Partial {
            data: Vec::new(),
            covered: Vec::new(),
            total: None,
            meta: Meta { wire: 0, packets: 0, ..*meta },
            serial,
        });
        if partial.serial == serial {
            self.serial += 1;
            self.order.push_back((key, serial));
        }
        let before = partial.data.len();
        partial.add(fragment, ip.payload, ip.missing, meta);
        self.bytes += partial.data.len() - before;
        if partial.is_whole() {
            done.extend(self.remove(&key));
        }
        while self.partial.len() > DATAGRAMS_MAX || self.bytes > BYTES_MAX {
            let Some((oldest, serial)) = self.order.pop_front() else { break };
            if self.partial.get(&oldest).is_some_and(|partial| partial.serial == serial) {
                self.crowded_out += 1;
                done.extend(self.remove(&oldest));
            }
        }
        if self.order.len() > 2 * DATAGRAMS_MAX {
            self.order.retain(|(key, serial)| {
                self.partial.get(key).is_some_and(|partial| partial.serial == *serial)
            });
        }
    }

    /// Gives up what is left, oldest first.
    pub(crate) fn finish(&mut self) -> Vec<Datagram> {
        let order = std::mem::take(&mut self.order);
        order
            .into_iter()
            .filter_map(|(key, serial)| {
                self.partial
                    .get(&key)
                    .is_some_and(|partial| partial.serial == serial)
                    .then(|| self.remove(&key))
                    .flatten()
            })
            .collect()
    }

    fn remove(&mut self, key: &Key) -> Option<Datagram> {
        let partial = self.partial.remove(key)?;
        self.bytes -= partial.data.len();
        let whole = partial.is_whole();
        let mut data = partial.data;
        let beginning = partial.covered.first().filter(|(start, _)| *start == 0).map_or(0, |(_, end)| *end);
        data.truncate(if whole { partial.total.unwrap_or(0) } else { beginning });
        Some(Datagram { addresses: key.addresses, protocol: key.protocol, data, whole, meta: partial.meta })
    }
}

impl Partial {
    fn add(&mut self, fragment: Fragment, payload: &[u8], missing: usize, meta: &Meta) {
        self.meta.packets = self.meta.packets.saturating_add(meta.packets);
        self.meta.wire = self.meta.wire.saturating_add(meta.wire);
        let start = fragment.offset as usize;
        let end = start + payload.len();
        if end > DATAGRAM_BYTES_MAX {
            return;
        }
        if !fragment.more && missing == 0 {
            self.total.get_or_insert(end);
        }
        if self.data.len() < end {
            self.data.resize(end, 0);
        }
        // What came first stays: a later fragment cannot rewrite it (RFC 5722 forbids overlaps altogether).
        let mut at = start;
        for &(covered_start, covered_end) in &self.covered {
            copy(&mut self.data, payload, start, at, covered_start.min(end));
            at = at.max(covered_end);
        }
        copy(&mut self.data, payload, start, at, end);
        self.covered.push((start, end));
        self.covered.sort_unstable();
        let mut merged: Vec<(usize, usize)> = Vec::with_capacity(self.covered.len());
        for &(start, end) in &self.covered {
            match merged.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        self.covered = merged;
    }

    fn is_whole(&self) -> bool {
        matches!((self.total, self.covered.as_slice()), (Some(total), [(0, end), ..]) if *end >= total)
    }
}

/// Copies the bytes `from..to` of a datagram out of a fragment that begins at `start`.
fn copy(data: &mut [u8], payload: &[u8], start: usize, from: usize, to: usize) {
    if from < to
        && let Some(target) = data.get_mut(from..to)
        && let Some(source) = payload.get(from.saturating_sub(start)..to - start)
        && target.len() == source.len()
    {
        target.copy_from_slice(source);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::At;
    use crate::link::Vlans;

    fn meta() -> Meta {
        let at = At { capture: 0, packet: 1 };
        Meta {
            at,
            time: 0,
            wire: 60,
            context: 0,
            inside: None,
            macs: crate::link::Pair::NONE,
            vlans: Vlans::default(),
            packets: 1,
            cut: 0,
            depth: 0,
            ttl: 64,
            known: crate::flow::UNKNOWN,
        }
    }

    fn take(fragments: &mut Fragments, id: u32, offset: u32, more: bool, payload: &[u8]) -> Vec<Datagram> {
        let fragment = Fragment { id, offset, more };
        let ip = Ip {
            addresses: Addresses::V4(1, 2),
            protocol: 17,
            ttl: 64,
            payload,
            missing: 0,
            fragment: Some(fragment),
        };
        let mut done = Vec::new();
        fragments.take(&ip, fragment, &meta(), &mut done);
        done
    }

    #[test]
    fn fragments_in_any_order_make_a_datagram_and_the_first_byte_seen_stays() {
        let mut fragments = Fragments::default();
        assert!(take(&mut fragments, 7, 8, false, b"IJKL").is_empty());
        assert!(take(&mut fragments, 7, 8, true, b"xxxxxxxx").is_empty());
        let done = take(&mut fragments, 7, 0, true, b"ABCDEFGH");
        let [datagram] = done.as_slice() else { panic!("{done:?}") };
        assert_eq!(
            (datagram.data.as_slice(), datagram.whole, datagram.meta.packets),
            (&b"ABCDEFGHIJKL"[..], true, 3)
        );
        assert_eq!(fragments.bytes, 0);
    }

    #[test]
    fn datagrams_beyond_the_limit_are_given_up_oldest_first_and_counted() {
        let mut fragments = Fragments::default();
        let mut given_up = Vec::new();
        for id in 0..=DATAGRAMS_MAX as u32 {
            given_up.extend(take(&mut fragments, id, 0, true, b"ABCDEFGH"));
        }
        assert_eq!((given_up.len(), fragments.crowded_out, given_up[0].whole), (1, 1, false));
        assert_eq!(fragments.finish().len(), DATAGRAMS_MAX);
        assert_eq!(fragments.bytes, 0);
    }
}
