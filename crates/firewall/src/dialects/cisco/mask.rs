//! Networks with masks and with wildcards, also those that are no prefix.

use crate::ruleset::{AddressSet, IntervalSet};
use std::net::Ipv4Addr;

/// Most intervals that an address with a mask may fall apart into.
const INTERVALS_MAX: u32 = 4_096;

/// The addresses that have the bits of `address` where the mask has ones (ASA; `ip address`); `None` where these are more
/// than can be told.
pub(crate) fn masked(address: Ipv4Addr, mask: Ipv4Addr) -> Option<AddressSet> {
    wildcarded(address, Ipv4Addr::from_bits(!mask.to_bits()))
}

/// The addresses that have the bits of `address` where the wildcard has zeros (IOS); `None` where these are more than can be
/// told.
pub(crate) fn wildcarded(address: Ipv4Addr, wildcard: Ipv4Addr) -> Option<AddressSet> {
    wildcarded_within(address, wildcard, INTERVALS_MAX)
}

/// The same, of at most `most` intervals.
pub(crate) fn wildcarded_within(address: Ipv4Addr, wildcard: Ipv4Addr, most: u32) -> Option<AddressSet> {
    let free = wildcard.to_bits();
    let low = free.trailing_ones();
    let host = if low == 32 { u32::MAX } else { (1 << low) - 1 };
    let spread = free & !host;
    let count = 1_u32.checked_shl(spread.count_ones()).filter(|count| *count <= most)?;
    let fixed = address.to_bits() & !free;
    let mut ranges = Vec::new();
    let mut bits = 0_u32;
    for _ in 0..count {
        ranges.push((fixed | bits, fixed | bits | host));
        // The next value of the bits that are free and not the lowest: count up with the other bits filled.
        bits = (bits | !spread).wrapping_add(1) & spread;
    }
    Some(AddressSet { v4: IntervalSet::from_ranges(ranges), v6: IntervalSet::none() })
}

/// The length of the prefix that a mask is; `None` where it is none.
pub(crate) fn netmask_length(mask: Ipv4Addr) -> Option<u8> {
    let bits = mask.to_bits();
    let length = bits.leading_ones();
    (bits.count_ones() == length).then(|| u8::try_from(length).unwrap_or(32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(address: &str, mask: &str) -> String {
        masked(address.parse().unwrap(), mask.parse().unwrap()).map_or("none".into(), |set| set.to_string())
    }

    #[test]
    fn masks_that_are_no_prefix_fall_apart() {
        assert_eq!(text("10.1.2.3", "255.255.0.0"), "10.1.0.0/16");
        assert_eq!(text("10.1.2.3", "0.0.0.0"), "0.0.0.0/0");
        assert_eq!(text("10.1.2.3", "255.255.255.255"), "10.1.2.3");
        assert_eq!(text("10.1.2.3", "255.255.255.253"), "10.1.2.1,10.1.2.3");
        assert_eq!(
            wildcarded("10.1.0.5".parse().unwrap(), "0.0.3.0".parse().unwrap()).unwrap().to_string(),
            "10.1.0.5,10.1.1.5,10.1.2.5,10.1.3.5"
        );
        assert_eq!(text("10.1.2.3", "0.0.0.255"), "none");
        assert_eq!(netmask_length("255.255.255.128".parse().unwrap()), Some(25));
        assert_eq!(netmask_length("255.0.255.0".parse().unwrap()), None);
    }
}
