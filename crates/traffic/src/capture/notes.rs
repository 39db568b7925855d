//! What a container says besides packets: what was lost, who is called what, what it brings along.

use super::Order;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Names of addresses that are kept of one capture.
pub(crate) const NAMES_MAX: usize = 65_536;
/// Bytes of a name that are kept, as many as the domain name system allows (RFC 1035, section 2.3.4).
const NAME_BYTES_MAX: usize = 255;

/// Interface statistics: packets that the interface, and the operating system, dropped (draft-ietf-opsawg-pcapng, section 4.6).
const OPTION_DROPPED_BY_INTERFACE: u16 = 5;
const OPTION_DROPPED_BY_SYSTEM: u16 = 7;
/// Name resolution records (section 4.5).
const RECORD_END: u16 = 0;
const RECORD_IPV4: u16 = 1;
const RECORD_IPV6: u16 = 2;

/// Notes of one capture.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// Addresses and what they are called, in the order written.
    pub(crate) names: Vec<(IpAddr, String)>,
    /// Names beyond the limit.
    pub(crate) names_beyond: u64,
    /// Blocks of secrets for decryption.
    pub(crate) secrets: u64,
    /// By section and interface, packets dropped: the counters grow, the last is the whole.
    dropped: BTreeMap<(u64, u32), u64>,
    section: u64,
}

impl Notes {
    /// Packets that were not captured, as the capture says.
    pub(crate) fn lost(&self) -> u64 {
        self.dropped.values().fold(0, |sum, dropped| sum.saturating_add(*dropped))
    }

    /// Another section begins, with interfaces of its own.
    pub(super) const fn section(&mut self) {
        self.section += 1;
    }

    /// The body of an interface statistics block.
    pub(super) fn statistics(&mut self, body: &[u8], order: Order) {
        let Some(interface) = order.u32(body, 0) else { return };
        let mut sum = None;
        for (code, value) in options(body.get(12..).unwrap_or_default(), order) {
            if matches!(code, OPTION_DROPPED_BY_INTERFACE | OPTION_DROPPED_BY_SYSTEM)
                && let Some(count) = order.u64(value, 0)
            {
                sum = Some(u64::saturating_add(sum.unwrap_or(0), count));
            }
        }
        if let Some(sum) = sum {
            let known = self.dropped.entry((self.section, interface)).or_default();
            *known = sum.max(*known);
        }
    }

    /// The body of a name resolution block: an address, and names that each end with a zero.
    pub(super) fn names(&mut self, body: &[u8], order: Order) {
        for (kind, value) in options(body, order) {
            let (address, names) = match kind {
                RECORD_IPV4 => (value.first_chunk::<4>().map(|ip| IpAddr::from(*ip)), value.get(4..)),
                RECORD_IPV6 => (value.first_chunk::<16>().map(|ip| IpAddr::from(*ip)), value.get(16..)),
                _ => continue,
            };
            let (Some(address), Some(names)) = (address, names) else { continue };
            for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
                let Ok(name) = std::str::from_utf8(name) else { continue };
                if name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
                    continue;
                }
                if self.names.len() < NAMES_MAX {
                    self.names.push((address, name.to_owned()));
                } else {
                    self.names_beyond += 1;
                }
            }
        }
    }
}

/// Options and records alike: a code, a length, a value padded to four bytes; code 0 ends them (sections 3.5 and 4.5).
fn options(mut rest: &[u8], order: Order) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (code, length) = (order.u16(rest, 0)?, order.u16(rest, 2)?);
        let value = rest.get(4..4 + usize::from(length))?;
        rest = rest.get(4 + usize::from(length).next_multiple_of(4)..).unwrap_or_default();
        (code != RECORD_END).then_some((code, value))
    })
}
