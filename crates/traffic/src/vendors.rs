//! Who was given a link-layer address: the lists of the IEEE Registration Authority.
//!
//! Owns the table `data/vendors.txt` and how an address is looked up in it. The table says who made (or ordered) the
//! network interface, which is not always who made the device: what a device says of itself weighs more.

use crate::observation::Mac;
use std::sync::OnceLock;

/// Made by `cargo xtask vendors` from the lists MA-L, MA-M, MA-S and IAB; its head says of when they are.
const TABLE: &str = include_str!("../data/vendors.txt");

/// Lengths of prefixes in the registry, longest first (IEEE Registration Authority, MA-S, MA-M, MA-L).
const LENGTHS: [u32; 3] = [36, 28, 24];

/// Addresses that the software of virtual machines gives out: the first three octets, and the software. Some are
/// registered, some of them locally administered.
const VIRTUAL: [([u8; 3], &str); 11] = [
    ([0x00, 0x05, 0x69], "VMware"),
    ([0x00, 0x0c, 0x29], "VMware"),
    ([0x00, 0x1c, 0x14], "VMware"),
    ([0x00, 0x50, 0x56], "VMware"),
    ([0x00, 0x15, 0x5d], "Microsoft Hyper-V"),
    ([0x00, 0x16, 0x3e], "Xen"),
    ([0x00, 0x1c, 0x42], "Parallels"),
    ([0x08, 0x00, 0x27], "VirtualBox"),
    ([0x0a, 0x00, 0x27], "VirtualBox"),
    ([0x52, 0x54, 0x00], "QEMU/KVM"),
    ([0x58, 0x9c, 0xfc], "bhyve"),
];

/// The vendor to whom an address was given. None for group addresses and for those that were given out locally.
#[must_use]
pub(crate) fn vendor(mac: Mac) -> Option<&'static str> {
    if mac.is_group() || mac.is_local() {
        return None;
    }
    static INDEX: OnceLock<Vec<(u64, u32)>> = OnceLock::new();
    let index = INDEX.get_or_init(|| index(TABLE));
    let entry = LENGTHS.into_iter().find_map(|length| {
        let key = key(number(mac) >> (48 - length), length);
        index.binary_search_by_key(&key, |(known, _)| *known).ok()
    })?;
    let (_, line) = index.get(entry)?;
    TABLE.get(*line as usize..)?.split_once('\t').map(|(name, _)| name)
}

/// The software of virtual machines that gives out such addresses.
#[must_use]
pub(crate) fn virtual_machine(mac: Mac) -> Option<&'static str> {
    let [a, b, c, ..] = mac.0;
    VIRTUAL.iter().find_map(|(prefix, software)| (*prefix == [a, b, c]).then_some(*software))
}

fn number(mac: Mac) -> u64 {
    mac.0.iter().fold(0, |number, octet| number << 8 | u64::from(*octet))
}

/// A prefix and its length as one number.
const fn key(prefix: u64, length: u32) -> u64 {
    prefix << 8 | length as u64
}

/// Every prefix of the table, in order, with where its line begins.
fn index(table: &str) -> Vec<(u64, u32)> {
    let mut index = Vec::with_capacity(table.len() / 20);
    let mut at = 0_u32;
    for line in table.split_inclusive('\n') {
        let prefixes = line.split_once('\t').map_or("", |(_, prefixes)| prefixes.trim_end());
        for prefix in prefixes.split(' ') {
            if let Ok(number) = u64::from_str_radix(prefix, 16) {
                index.push((key(number, prefix.len() as u32 * 4), at));
            }
        }
        at += line.len() as u32;
    }
    index.sort_unstable();
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_tells_the_vendor() {
        assert_eq!(vendor(Mac([0x00, 0x1b, 0x1b, 1, 2, 3])), Some("Siemens AG"));
        // A block of 36 bits, and one of 28, within those that the registry gives out in parts.
        assert_eq!(vendor(Mac([0x70, 0xb3, 0xd5, 0xc8, 0x7f, 3])), Some("Siemens AG"));
        assert_eq!(vendor(Mac([0xcc, 0x22, 0x37, 0x61, 2, 3])), Some("Siemens AG Austria"));
        assert_eq!(vendor(Mac([0x00, 0x80, 0xf4, 1, 2, 3])), Some("TELEMECANIQUE ELECTRIQUE"));
    }

    #[test]
    fn what_names_nobody_has_no_vendor() {
        for mac in
            [[0x02, 0x1b, 0x1b, 1, 2, 3], [0x01, 0x1b, 0x1b, 1, 2, 3], [0xff; 6], [0x52, 0x54, 0, 1, 2, 3]]
        {
            assert_eq!(vendor(Mac(mac)), None);
        }
    }

    #[test]
    fn virtual_machines_are_told_by_their_addresses() {
        assert_eq!(virtual_machine(Mac([0x52, 0x54, 0, 1, 2, 3])), Some("QEMU/KVM"));
        assert_eq!(virtual_machine(Mac([0x00, 0x0c, 0x29, 1, 2, 3])), Some("VMware"));
        assert_eq!(virtual_machine(Mac([0x00, 0x1b, 0x1b, 1, 2, 3])), None);
    }

    #[test]
    fn each_line_of_the_table_is_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        let prefixes: usize = lines.map(|line| line.split_once('\t').unwrap().1.split(' ').count()).sum();
        let index = index(TABLE);
        assert_eq!(index.len(), prefixes);
        assert!(prefixes > 50_000);
        assert!(index.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
