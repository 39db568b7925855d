//! Words of pf and of both products: addresses, ports, protocols, ICMP types, TCP flags.

use crate::names::{protocol_number, service_port};
use crate::ruleset::{AddressSet, IntervalSet, IpVersion, MaskedFlags};
use std::net::IpAddr;

/// An address, a network, or a range `first-last`. A network may have host bits set.
pub(super) fn addresses(text: &str) -> Option<AddressSet> {
    if let Some((address, length)) = text.split_once('/') {
        return AddressSet::prefix(address.parse().ok()?, length.parse().ok()?);
    }
    if let Some((first, last)) = text.split_once('-') {
        return AddressSet::range(first.trim().parse().ok()?, last.trim().parse().ok()?);
    }
    let one: IpAddr = text.parse().ok()?;
    AddressSet::range(one, one)
}

/// The first and last address of a set of one interval of one version.
pub(super) fn single_range(set: &AddressSet) -> Option<(IpAddr, IpAddr)> {
    match (set.v4.intervals(), set.v6.intervals()) {
        ([(first, last)], []) => Some((IpAddr::V4((*first).into()), IpAddr::V4((*last).into()))),
        ([], [(first, last)]) => Some((IpAddr::V6((*first).into()), IpAddr::V6((*last).into()))),
        _ => None,
    }
}

/// A port by number or name, or a range of them with `-` or `:`; `any` at either end is as far as it goes.
pub(super) fn ports(text: &str) -> Option<IntervalSet<u16>> {
    if let Some(one) = port(text) {
        return Some(IntervalSet::one(one));
    }
    let (first, last) = text.split_once([':', '-'])?;
    let first = if first == "any" { 1 } else { port(first)? };
    let last = if last == "any" { u16::MAX } else { port(last)? };
    // pf takes the two ends in any order.
    Some(IntervalSet::range(first.min(last), first.max(last)))
}

/// A port by number or name.
pub(super) fn port(text: &str) -> Option<u16> {
    let text = text.trim();
    if text.starts_with(|c: char| c.is_ascii_digit()) { text.parse().ok() } else { service_port(text) }
}

/// The numbers of a protocol in any case; `None` for one that is not known. `icmp` is ICMPv6 in rules for IPv6.
pub(super) fn protocols(text: &str, version: Option<IpVersion>) -> Option<IntervalSet<u8>> {
    let of = |numbers: &[u8]| IntervalSet::from_ranges(numbers.iter().map(|number| (*number, *number)));
    Some(match text.to_ascii_lowercase().as_str() {
        "tcp/udp" | "tcpudp" => of(&[6, 17]),
        "icmp" if version == Some(IpVersion::V6) => of(&[58]),
        "icmp" if version.is_none() => of(&[1, 58]),
        "icmp6" | "icmpv6" | "ipv6-icmp" => of(&[58]),
        "carp" | "vrrp" => of(&[112]),
        "pfsync" => of(&[240]),
        "ipencap" | "ipip" => of(&[4]),
        name => of(&[name.parse().ok().or_else(|| protocol_number(name))?]),
    })
}

/// An ICMP type by pf's name or by number (icmp(4), pfctl's tables).
pub(super) fn icmp_type(version: IpVersion, name: &str) -> Option<u8> {
    let table: &[(&str, u8)] = match version {
        IpVersion::V4 => &ICMP_TYPES,
        IpVersion::V6 => &ICMPV6_TYPES,
    };
    let named = table.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, number)| *number);
    named.or_else(|| name.parse().ok())
}

/// TCP flags `set` out of `of`, both lists with commas as the pages write them (`syn`, `cwr`); `None` for a word that is no
/// flag, or where one is set that is not looked at, which pf refuses.
pub(super) fn tcp_flags(set: &str, of: &str) -> Option<MaskedFlags> {
    let (set, of) = (flag_bits(set)?, flag_bits(of)?);
    (set & !of == 0).then(|| MaskedFlags::equal(of, set))
}

fn flag_bits(list: &str) -> Option<u8> {
    let mut words = list.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.try_fold(0, |bits, word| {
        let known = TCP_FLAGS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
        known.map(|(_, bit)| bits | bit)
    })
}

const TCP_FLAGS: [(&str, u8); 8] =
    [("fin", 1), ("syn", 2), ("rst", 4), ("psh", 8), ("ack", 16), ("urg", 32), ("ece", 64), ("cwr", 128)];

const ICMP_TYPES: [(&str, u8); 25] = [
    ("echorep", 0),
    ("unreach", 3),
    ("squench", 4),
    ("redir", 5),
    ("althost", 6),
    ("echoreq", 8),
    ("routeradv", 9),
    ("routersol", 10),
    ("timex", 11),
    ("paramprob", 12),
    ("timereq", 13),
    ("timerep", 14),
    ("inforeq", 15),
    ("inforep", 16),
    ("maskreq", 17),
    ("maskrep", 18),
    ("trace", 30),
    ("dataconv", 31),
    ("mobredir", 32),
    ("ipv6-where", 33),
    ("ipv6-here", 34),
    ("mobregreq", 35),
    ("mobregrep", 36),
    ("skip", 39),
    ("photuris", 40),
];

const ICMPV6_TYPES: [(&str, u8); 27] = [
    ("unreach", 1),
    ("toobig", 2),
    ("timex", 3),
    ("paramprob", 4),
    ("echoreq", 128),
    ("echorep", 129),
    ("groupqry", 130),
    ("listqry", 130),
    ("grouprep", 131),
    ("listenrep", 131),
    ("groupterm", 132),
    ("listendone", 132),
    ("routersol", 133),
    ("routeradv", 134),
    ("neighbrsol", 135),
    ("neighbradv", 136),
    ("redir", 137),
    ("routrrenum", 138),
    ("fqdnreq", 139),
    ("niqry", 139),
    ("wrureq", 139),
    ("fqdnrep", 140),
    ("nirep", 140),
    ("wrurep", 140),
    ("mtraceresp", 200),
    ("mtrace", 201),
    ("mtracerep", 200),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_their_numbers() {
        let text = |set: Option<IntervalSet<u16>>| set.map(|set| set.to_string());
        assert_eq!(text(ports("80")).as_deref(), Some("80"));
        assert_eq!(text(ports("8080-8000")).as_deref(), Some("8000-8080"));
        assert_eq!(text(ports("1024:any")).as_deref(), Some("1024-65535"));
        assert_eq!(text(ports("https")).as_deref(), Some("443"));
        assert_eq!(text(ports("70000")), None);
        assert_eq!(protocols("TCP/UDP", None).map(|set| set.to_string()).as_deref(), Some("6,17"));
        assert_eq!(protocols("icmp", Some(IpVersion::V6)).map(|set| set.to_string()).as_deref(), Some("58"));
        assert!(protocols("frob", None).is_none());
        assert_eq!(icmp_type(IpVersion::V6, "echoreq"), Some(128));
        assert!(tcp_flags("syn", "syn,ack").is_some_and(|flags| flags.contains(2) && !flags.contains(18)));
        assert!(tcp_flags("syn", "ack").is_none() && tcp_flags("foo", "ack").is_none());
        assert_eq!(addresses("10.0.0.9/8").map(|set| set.to_string()).as_deref(), Some("10.0.0.0/8"));
        assert!(addresses("10.0.0.0/255.0.0.0").is_none() && addresses("host.example").is_none());
    }
}
