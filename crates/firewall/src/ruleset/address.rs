//! Sets of IPv4 and IPv6 addresses.

use super::IntervalSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The version of the Internet Protocol that a packet is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IpVersion {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl IpVersion {
    /// `ipv4` or `ipv6`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V4 => "ipv4",
            Self::V6 => "ipv6",
        }
    }
}

/// A set of addresses of both versions. A packet whose version has no address in the set is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddressSet {
    /// The IPv4 addresses.
    pub v4: IntervalSet<u32>,
    /// The IPv6 addresses.
    pub v6: IntervalSet<u128>,
}

impl AddressSet {
    /// The set of no address.
    #[must_use]
    pub fn none() -> Self {
        Self { v4: IntervalSet::none(), v6: IntervalSet::none() }
    }

    /// Every address of both versions.
    #[must_use]
    pub fn all() -> Self {
        Self { v4: IntervalSet::all(), v6: IntervalSet::all() }
    }

    /// Every address of one version.
    #[must_use]
    pub fn all_of(version: IpVersion) -> Self {
        match version {
            IpVersion::V4 => Self { v4: IntervalSet::all(), v6: IntervalSet::none() },
            IpVersion::V6 => Self { v4: IntervalSet::none(), v6: IntervalSet::all() },
        }
    }

    /// The addresses from `first` to `last`, both included; `None` where the versions differ or the order is wrong.
    #[must_use]
    pub fn range(first: IpAddr, last: IpAddr) -> Option<Self> {
        match (first, last) {
            (IpAddr::V4(a), IpAddr::V4(b)) if a <= b => {
                Some(Self { v4: IntervalSet::range(a.to_bits(), b.to_bits()), v6: IntervalSet::none() })
            }
            (IpAddr::V6(a), IpAddr::V6(b)) if a <= b => {
                Some(Self { v4: IntervalSet::none(), v6: IntervalSet::range(a.to_bits(), b.to_bits()) })
            }
            _ => None,
        }
    }

    /// The network of `address` with a prefix of `length` bits; `None` where the length does not fit.
    #[must_use]
    pub fn prefix(address: IpAddr, length: u8) -> Option<Self> {
        match address {
            IpAddr::V4(a) if length <= 32 => {
                let host = u32::MAX.checked_shr(u32::from(length)).unwrap_or(0);
                let v4 = IntervalSet::range(a.to_bits() & !host, a.to_bits() | host);
                Some(Self { v4, v6: IntervalSet::none() })
            }
            IpAddr::V6(a) if length <= 128 => {
                let host = u128::MAX.checked_shr(u32::from(length)).unwrap_or(0);
                let v6 = IntervalSet::range(a.to_bits() & !host, a.to_bits() | host);
                Some(Self { v4: IntervalSet::none(), v6 })
            }
            _ => None,
        }
    }

    /// The addresses in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self { v4: self.v4.union(&other.v4), v6: self.v6.union(&other.v6) }
    }

    /// The addresses in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { v4: self.v4.intersection(&other.v4), v6: self.v6.intersection(&other.v6) }
    }

    /// The addresses of both versions that are not in the set.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self { v4: self.v4.complement(), v6: self.v6.complement() }
    }

    /// The addresses of `version` that are not in the set; none of the other version.
    #[must_use]
    pub fn complement_within(&self, version: IpVersion) -> Self {
        self.complement().intersection(&Self::all_of(version))
    }

    /// Whether no address is in the set.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.v4.is_none() && self.v6.is_none()
    }

    /// Whether `address` is in the set.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(a) => self.v4.contains(a.to_bits()),
            IpAddr::V6(a) => self.v6.contains(a.to_bits()),
        }
    }

    /// The set as text, one item per interval: an address, a prefix where one fits, else `first-last`.
    #[must_use]
    pub fn items(&self) -> Vec<String> {
        let four = self.v4.intervals().iter().map(|&(first, last)| {
            let length = prefix_length(u128::from(first), u128::from(last), 32);
            item(Ipv4Addr::from_bits(first).into(), Ipv4Addr::from_bits(last).into(), length, 32)
        });
        let six = self.v6.intervals().iter().map(|&(first, last)| {
            let length = prefix_length(first, last, 128);
            item(Ipv6Addr::from_bits(first).into(), Ipv6Addr::from_bits(last).into(), length, 128)
        });
        four.chain(six).collect()
    }
}

impl fmt::Display for AddressSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() {
            return f.write_str("none");
        }
        f.write_str(&self.items().join(","))
    }
}

fn item(first: IpAddr, last: IpAddr, length: Option<u32>, bits: u32) -> String {
    match length {
        Some(length) if length == bits => first.to_string(),
        Some(length) => format!("{first}/{length}"),
        None => format!("{first}-{last}"),
    }
}

/// The prefix length of an interval of `bits` wide numbers, if it is a prefix.
fn prefix_length(first: u128, last: u128, bits: u32) -> Option<u32> {
    let host = first ^ last;
    let is_prefix = host & host.wrapping_add(1) == 0 && first & host == 0;
    is_prefix.then(|| bits - (128 - host.leading_zeros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_ranges_print_as_they_are_written() {
        let net = AddressSet::prefix("10.1.2.3".parse().unwrap(), 8).unwrap();
        assert_eq!(net.to_string(), "10.0.0.0/8");
        assert_eq!(AddressSet::all().to_string(), "0.0.0.0/0,::/0");
        let six = AddressSet::prefix("fe80::1".parse().unwrap(), 10).unwrap();
        assert_eq!(six.to_string(), "fe80::/10");
        let odd = AddressSet::range("10.0.0.1".parse().unwrap(), "10.0.0.9".parse().unwrap()).unwrap();
        assert_eq!(odd.to_string(), "10.0.0.1-10.0.0.9");
        assert_eq!(
            net.complement_within(IpVersion::V4).to_string(),
            "0.0.0.0-9.255.255.255,11.0.0.0-255.255.255.255"
        );
        assert!(AddressSet::prefix("10.0.0.0".parse().unwrap(), 33).is_none());
    }
}
