//! Values in the spelling of iptables.

use crate::names::{Icmp, protocol_number, service_port, xtables_icmp};
use crate::ruleset::{AddressSet, IntervalSet, IpVersion, NamePattern};
use std::net::{IpAddr, Ipv4Addr};

/// Most intervals that a mask with gaps may stand for, as a power of two.
const MASK_GAPS_MAX: u32 = 12;

/// `10.0.0.0/8,192.168.0.1`: addresses, networks, addresses with masks.
pub(super) fn address_list(version: IpVersion, value: &str) -> Option<AddressSet> {
    let mut all = AddressSet::none();
    for item in value.split(',') {
        all = all.union(&network(version, item.trim())?);
    }
    Some(all)
}

fn network(version: IpVersion, item: &str) -> Option<AddressSet> {
    let (address, mask) = item.split_once('/').map_or((item, None), |(address, mask)| (address, Some(mask)));
    let address: IpAddr = address.parse().ok()?;
    if matches!((address, version), (IpAddr::V4(_), IpVersion::V6) | (IpAddr::V6(_), IpVersion::V4)) {
        return None;
    }
    match (address, mask) {
        (address, None) => AddressSet::range(address, address),
        (IpAddr::V4(address), Some(mask)) => match mask.parse::<u8>() {
            Ok(length) => AddressSet::prefix(address.into(), length),
            Err(_) => masked(address, mask.parse().ok()?),
        },
        (address, Some(mask)) => AddressSet::prefix(address, mask.parse().ok()?),
    }
}

/// The addresses that equal `address` in the bits of `mask`, which may have gaps.
fn masked(address: Ipv4Addr, mask: Ipv4Addr) -> Option<AddressSet> {
    let (address, mask) = (address.to_bits() & mask.to_bits(), mask.to_bits());
    let run = mask.trailing_zeros();
    let gaps: Vec<u32> = (run..32).filter(|bit| mask & (1 << bit) == 0).collect();
    if gaps.len() > MASK_GAPS_MAX as usize {
        return None;
    }
    let low = 1_u32.checked_shl(run).map_or(u32::MAX, |bit| bit - 1);
    let ranges = (0..1_u32 << gaps.len()).map(|choice| {
        let chosen = gaps.iter().enumerate().filter(|(at, _)| choice & (1 << at) != 0);
        let first = chosen.fold(address, |bits, (_, gap)| bits | 1 << gap);
        (first, first | low)
    });
    Some(AddressSet { v4: IntervalSet::from_ranges(ranges), v6: IntervalSet::none() })
}

/// `10.0.0.1-10.0.0.9`.
pub(super) fn address_range(version: IpVersion, value: &str) -> Option<AddressSet> {
    let (first, last) = value.split_once('-').unwrap_or((value, value));
    let (first, last): (IpAddr, IpAddr) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    let set = AddressSet::range(first, last)?;
    (set.intersection(&AddressSet::all_of(version)) == set).then_some(set)
}

/// A protocol by name or number; `all` and 0 are every protocol.
pub(super) fn protocol_set(value: &str) -> Option<IntervalSet<u8>> {
    if value.eq_ignore_ascii_case("all") || value == "0" {
        return Some(IntervalSet::all());
    }
    value.parse().ok().or_else(|| protocol_number(value)).map(IntervalSet::one)
}

fn port(value: &str) -> Option<u16> {
    value.parse().ok().or_else(|| service_port(value))
}

/// `22`, `ssh`, `1024:65535`, `:1023`, `1024:`.
pub(super) fn port_range(value: &str) -> Option<IntervalSet<u16>> {
    let Some((first, last)) = value.split_once(':') else { return port(value).map(IntervalSet::one) };
    let first = if first.is_empty() { 0 } else { port(first)? };
    let last = if last.is_empty() { u16::MAX } else { port(last)? };
    (first <= last).then(|| IntervalSet::range(first, last))
}

/// `22,80:90,https`.
pub(super) fn port_list(value: &str) -> Option<IntervalSet<u16>> {
    let mut all = IntervalSet::none();
    for item in value.split(',') {
        all = all.union(&port_range(item.trim())?);
    }
    Some(all)
}

/// Types and codes of `echo-request`, `3`, `3/4`, `any`.
pub(super) fn icmp_types(version: IpVersion, value: &str) -> Option<(IntervalSet<u8>, IntervalSet<u8>)> {
    if value.eq_ignore_ascii_case("any") || value == "255" || value == "255/0" {
        return Some((IntervalSet::all(), IntervalSet::all()));
    }
    if let Some((kind, code)) = value.split_once('/') {
        return Some((IntervalSet::one(kind.parse().ok()?), IntervalSet::one(code.parse().ok()?)));
    }
    if let Ok(kind) = value.parse() {
        return Some((IntervalSet::one(kind), IntervalSet::all()));
    }
    let icmp = match version {
        IpVersion::V4 => Icmp::V4,
        IpVersion::V6 => Icmp::V6,
    };
    let (kind, code) = xtables_icmp(icmp, value)?;
    Some((IntervalSet::one(kind), code.map_or_else(IntervalSet::all, IntervalSet::one)))
}

/// `SYN,ACK`, `ALL`, `NONE`.
pub(super) fn tcp_flag_names(value: &str) -> Option<u8> {
    let mut flags = 0;
    for name in value.split(',').map(str::trim) {
        flags |= match name.to_ascii_uppercase().as_str() {
            "FIN" => 1,
            "SYN" => 2,
            "RST" => 4,
            "PSH" => 8,
            "ACK" => 16,
            "URG" => 32,
            "ALL" => 63,
            "NONE" => 0,
            other => other.strip_prefix("0X").and_then(|hex| u8::from_str_radix(hex, 16).ok())?,
        };
    }
    Some(flags)
}

/// `eth0`, `eth+`.
pub(super) fn interface(value: &str) -> NamePattern {
    match value.strip_suffix('+') {
        Some(start) => NamePattern::Prefix(start.to_owned()),
        None => NamePattern::Exact(value.to_owned()),
    }
}

/// `0x1`, `1/0xff`: value and mask.
pub(super) fn mark(value: &str) -> Option<(u32, u32)> {
    let (value, mask) = value.split_once('/').map_or((value, None), |(value, mask)| (value, Some(mask)));
    Some((number(value)?, mask.map_or(Some(u32::MAX), number)?))
}

/// A number in decimal, octal or hexadecimal.
pub(super) fn number(value: &str) -> Option<u32> {
    if let Some(hex) = value.strip_prefix("0x").or_else(|| value.strip_prefix("0X")) {
        return u32::from_str_radix(hex, 16).ok();
    }
    match value.strip_prefix('0').filter(|rest| !rest.is_empty()) {
        Some(octal) => u32::from_str_radix(octal, 8).ok(),
        None => value.parse().ok(),
    }
}

/// What a translation leads to: addresses, ports, both as first and last.
pub(super) type NatTarget = (Option<(IpAddr, IpAddr)>, Option<(u16, u16)>);

/// `10.0.0.1-10.0.0.9:80-90`, `[2001:db8::1]:80`, `:80`.
pub(super) fn nat_target(value: &str) -> Option<NatTarget> {
    let (addresses, ports) = if let Some(rest) = value.strip_prefix('[') {
        let (inside, behind) = rest.split_once(']')?;
        (inside, behind.strip_prefix(':'))
    } else if value.matches(':').count() > 1 {
        (value, None)
    } else {
        value.split_once(':').map_or((value, None), |(addresses, ports)| (addresses, Some(ports)))
    };
    let addresses = if addresses.is_empty() {
        None
    } else {
        let (first, last) = addresses.split_once('-').unwrap_or((addresses, addresses));
        Some((first.parse().ok()?, last.parse().ok()?))
    };
    let ports = match ports {
        Some(ports) => Some(port_pair(ports)?),
        None => None,
    };
    Some((addresses, ports))
}

/// `80`, `80-90`.
pub(super) fn port_pair(value: &str) -> Option<(u16, u16)> {
    let (first, last) = value.split_once('-').unwrap_or((value, value));
    Some((port(first)?, port(last)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_iptables_spells_them() {
        let list = address_list(IpVersion::V4, "10.0.0.0/255.0.0.0,192.168.1.1").unwrap();
        assert_eq!(list.to_string(), "10.0.0.0/8,192.168.1.1");
        assert_eq!(
            address_list(IpVersion::V4, "0.0.0.1/0.0.0.255").map(|set| set.v4.intervals().len()),
            None
        );
        assert_eq!(port_list("22,80:90,https").unwrap().to_string(), "22,80-90,443");
        assert_eq!(port_range(":1023").unwrap().to_string(), "0-1023");
        assert_eq!(tcp_flag_names("SYN,ACK"), Some(18));
        assert_eq!(mark("0x10/0xf0"), Some((16, 240)));
        let (addresses, ports) = nat_target("[2001:db8::1]:80-90").unwrap();
        assert_eq!((addresses.unwrap().0.to_string().as_str(), ports), ("2001:db8::1", Some((80, 90))));
        assert_eq!(nat_target("10.0.0.1:8080").unwrap().1, Some((8080, 8080)));
    }
}
