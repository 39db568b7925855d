//! Addresses, ports, protocols and ICMP types in the spelling of Junos.
//!
//! Names: Junos OS documentation, "Firewall Filter Match Conditions for IPv4 Traffic" and "… for IPv6 Traffic".

use crate::names::{protocol_number, service_port};
use crate::ruleset::{AddressSet, IntervalSet, MaskedFlags};
use std::net::{IpAddr, Ipv4Addr};

/// Most intervals that a mask with gaps may stand for, as a power of two.
const MASK_GAPS_MAX: usize = 12;

/// `10.0.0.0/8`, `10.0.0.1`, `10.0.0.0/255.0.0.0`, `2001:db8::/32`.
pub(super) fn prefix(text: &str) -> Option<AddressSet> {
    let (address, mask) = text.split_once('/').map_or((text, None), |(address, mask)| (address, Some(mask)));
    let address: IpAddr = address.parse().ok()?;
    match (address, mask) {
        (address, None) => AddressSet::range(address, address),
        (IpAddr::V4(four), Some(mask)) => match mask.parse::<u8>() {
            Ok(length) => AddressSet::prefix(address, length),
            Err(_) => masked(four, mask.parse().ok()?),
        },
        (address, Some(mask)) => AddressSet::prefix(address, mask.parse().ok()?),
    }
}

/// All of these sets as one.
pub(super) fn together<'s>(sets: impl Iterator<Item = &'s AddressSet> + Clone) -> AddressSet {
    let four = sets.clone().flat_map(|set| set.v4.intervals().iter().copied());
    let six = sets.flat_map(|set| set.v6.intervals().iter().copied());
    AddressSet { v4: IntervalSet::from_ranges(four), v6: IntervalSet::from_ranges(six) }
}

/// First and last address of a prefix.
pub(super) fn prefix_ends(text: &str) -> Option<(IpAddr, IpAddr)> {
    let set = prefix(text)?;
    match (set.v4.intervals(), set.v6.intervals()) {
        ([(first, last)], []) => {
            Some((Ipv4Addr::from_bits(*first).into(), Ipv4Addr::from_bits(*last).into()))
        }
        ([], [(first, last)]) => {
            Some((std::net::Ipv6Addr::from_bits(*first).into(), std::net::Ipv6Addr::from_bits(*last).into()))
        }
        _ => None,
    }
}

/// An address with the length of its network's prefix.
pub(super) fn interface_address(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = text.split_once('/').map_or((text, None), |(a, length)| (a, Some(length)));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let length = match length {
        Some(length) => length.parse().ok().filter(|length| *length <= most)?,
        None => most,
    };
    Some((address, length))
}

/// The addresses that equal `address` in the bits of `mask`, which may have gaps.
fn masked(address: Ipv4Addr, mask: Ipv4Addr) -> Option<AddressSet> {
    let (address, mask) = (address.to_bits() & mask.to_bits(), mask.to_bits());
    let run = mask.trailing_zeros();
    let gaps: Vec<u32> = (run..32).filter(|bit| mask & (1 << bit) == 0).collect();
    if gaps.len() > MASK_GAPS_MAX {
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

/// A port by number, name, or range of numbers.
pub(super) fn ports(text: &str) -> Option<IntervalSet<u16>> {
    if let Some(port) = port(text) {
        return Some(IntervalSet::one(port));
    }
    let (first, last) = text.split_once('-')?;
    let (first, last) = (port(first.trim())?, port(last.trim())?);
    (first <= last).then(|| IntervalSet::range(first, last))
}

/// A port by number or name.
pub(super) fn port(text: &str) -> Option<u16> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    PORTS.iter().find(|(name, _)| *name == text).map(|(_, port)| *port).or_else(|| service_port(text))
}

/// A number or range of numbers.
pub(super) fn numbers(text: &str, name: impl Fn(&str) -> Option<u8>) -> Option<IntervalSet<u8>> {
    if let Some(number) = text.parse().ok().or_else(|| name(text)) {
        return Some(IntervalSet::one(number));
    }
    let (first, last) = text.split_once('-')?;
    let (first, last): (u8, u8) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then(|| IntervalSet::range(first, last))
}

/// A protocol by number or name.
pub(super) fn protocol(text: &str) -> Option<u8> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    PROTOCOLS
        .iter()
        .find(|(name, _)| *name == text)
        .map(|(_, number)| *number)
        .or_else(|| protocol_number(text))
}

/// The number of an ICMP type, of IPv4 unless `six`.
pub(super) fn icmp_type(text: &str, six: bool) -> Option<u8> {
    let table: &[(&str, u8)] = if six { &ICMP6_TYPES } else { &ICMP_TYPES };
    table.iter().find(|(name, _)| *name == text).map(|(_, number)| *number)
}

/// The number of an ICMP code, of IPv4 unless `six`.
pub(super) fn icmp_code(text: &str, six: bool) -> Option<u8> {
    let table: &[(&str, u8)] = if six { &ICMP6_CODES } else { &ICMP_CODES };
    table.iter().find(|(name, _)| *name == text).map(|(_, number)| *number)
}

/// Deepest nesting of an expression of TCP flags.
const FLAGS_DEPTH_MAX: usize = 16;

/// `syn`, `"(ack | rst)"`, `"syn & !ack"`, `0x12`.
pub(super) fn tcp_flags(text: &str) -> Option<MaskedFlags> {
    let tokens = flag_tokens(text)?;
    let mut at = 0;
    let expression = either(&tokens, &mut at, 0)?;
    let is_all = at == tokens.len();
    is_all.then(|| MaskedFlags::filtered(0xff, |flags| expression.holds(flags)))
}

enum FlagExpression {
    Bits(u8),
    Not(Box<FlagExpression>),
    And(Vec<FlagExpression>),
    Or(Vec<FlagExpression>),
}

impl FlagExpression {
    fn holds(&self, flags: u8) -> bool {
        match self {
            Self::Bits(bits) => flags & bits == *bits,
            Self::Not(inner) => !inner.holds(flags),
            Self::And(all) => all.iter().all(|one| one.holds(flags)),
            Self::Or(some) => some.iter().any(|one| one.holds(flags)),
        }
    }
}

fn flag_tokens(text: &str) -> Option<Vec<String>> {
    let mut tokens: Vec<String> = Vec::new();
    let mut word = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_ascii_alphanumeric() || c == '-' {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            tokens.push(std::mem::take(&mut word));
        }
        match c {
            '(' | ')' | '!' | '&' | '|' => tokens.push(c.to_string()),
            '+' => tokens.push("&".into()),
            ',' => tokens.push("|".into()),
            c if c.is_whitespace() => {}
            _ => return None,
        }
    }
    Some(tokens)
}

fn either(tokens: &[String], at: &mut usize, depth: usize) -> Option<FlagExpression> {
    let mut some = vec![both(tokens, at, depth)?];
    while tokens.get(*at).is_some_and(|token| token == "|") {
        *at += 1;
        some.push(both(tokens, at, depth)?);
    }
    Some(FlagExpression::Or(some))
}

fn both(tokens: &[String], at: &mut usize, depth: usize) -> Option<FlagExpression> {
    let mut all = vec![one_flag(tokens, at, depth)?];
    while tokens.get(*at).is_some_and(|token| token == "&") {
        *at += 1;
        all.push(one_flag(tokens, at, depth)?);
    }
    Some(FlagExpression::And(all))
}

fn one_flag(tokens: &[String], at: &mut usize, depth: usize) -> Option<FlagExpression> {
    if depth > FLAGS_DEPTH_MAX {
        return None;
    }
    let token = tokens.get(*at)?;
    *at += 1;
    match token.as_str() {
        "!" => Some(FlagExpression::Not(Box::new(one_flag(tokens, at, depth + 1)?))),
        "(" => {
            let inner = either(tokens, at, depth + 1)?;
            let closes = tokens.get(*at).is_some_and(|token| token == ")");
            *at += 1;
            closes.then_some(inner)
        }
        name => flag_bits(name).map(FlagExpression::Bits),
    }
}

fn flag_bits(name: &str) -> Option<u8> {
    match name {
        "fin" => Some(1),
        "syn" => Some(2),
        "rst" => Some(4),
        "push" | "psh" => Some(8),
        "ack" => Some(16),
        "urgent" | "urg" => Some(32),
        hex => u8::from_str_radix(hex.strip_prefix("0x")?, 16).ok(),
    }
}

const PORTS: [(&str, u16); 61] = [
    ("afs", 1483),
    ("bgp", 179),
    ("biff", 512),
    ("bootpc", 68),
    ("bootps", 67),
    ("cmd", 514),
    ("cvspserver", 2401),
    ("dhcp", 67),
    ("domain", 53),
    ("eklogin", 2105),
    ("ekshell", 2106),
    ("exec", 512),
    ("finger", 79),
    ("ftp", 21),
    ("ftp-data", 20),
    ("http", 80),
    ("https", 443),
    ("ident", 113),
    ("imap", 143),
    ("kerberos-sec", 88),
    ("klogin", 543),
    ("kpasswd", 761),
    ("krb-prop", 754),
    ("krbupdate", 760),
    ("kshell", 544),
    ("ldap", 389),
    ("ldp", 646),
    ("login", 513),
    ("mobileip-agent", 434),
    ("mobilip-mn", 435),
    ("msdp", 639),
    ("netbios-dgm", 138),
    ("netbios-ns", 137),
    ("netbios-ssn", 139),
    ("nfsd", 2049),
    ("nntp", 119),
    ("ntalk", 518),
    ("ntp", 123),
    ("pop3", 110),
    ("pptp", 1723),
    ("printer", 515),
    ("radacct", 1813),
    ("radius", 1812),
    ("rip", 520),
    ("rkinit", 2108),
    ("smtp", 25),
    ("snmp", 161),
    ("snmptrap", 162),
    ("snmp-trap", 162),
    ("snpp", 444),
    ("socks", 1080),
    ("ssh", 22),
    ("sunrpc", 111),
    ("syslog", 514),
    ("tacacs", 49),
    ("tacacs-ds", 65),
    ("telnet", 23),
    ("tftp", 69),
    ("timed", 525),
    ("who", 513),
    ("xdmcp", 177),
];

const PROTOCOLS: [(&str, u8); 24] = [
    ("ah", 51),
    ("dstopts", 60),
    ("egp", 8),
    ("esp", 50),
    ("fragment", 44),
    ("gre", 47),
    ("hop-by-hop", 0),
    ("icmp", 1),
    ("icmp6", 58),
    ("icmpv6", 58),
    ("igmp", 2),
    ("ipip", 4),
    ("ipv6", 41),
    ("no-next-header", 59),
    ("ospf", 89),
    ("pim", 103),
    ("routing", 43),
    ("rsvp", 46),
    ("sctp", 132),
    ("tcp", 6),
    ("udp", 17),
    ("vrrp", 112),
    ("pgm", 113),
    ("l2tp", 115),
];

const ICMP_TYPES: [(&str, u8); 16] = [
    ("echo-reply", 0),
    ("unreachable", 3),
    ("source-quench", 4),
    ("redirect", 5),
    ("echo-request", 8),
    ("router-advertisement", 9),
    ("router-solicit", 10),
    ("time-exceeded", 11),
    ("parameter-problem", 12),
    ("timestamp", 13),
    ("timestamp-reply", 14),
    ("info-request", 15),
    ("info-reply", 16),
    ("mask-request", 17),
    ("mask-reply", 18),
    ("router-solicitation", 10),
];

const ICMP6_TYPES: [(&str, u8); 25] = [
    ("destination-unreachable", 1),
    ("packet-too-big", 2),
    ("time-exceeded", 3),
    ("parameter-problem", 4),
    ("echo-request", 128),
    ("echo-reply", 129),
    ("membership-query", 130),
    ("membership-report", 131),
    ("membership-termination", 132),
    ("router-solicit", 133),
    ("router-advertisement", 134),
    ("neighbor-solicit", 135),
    ("neighbor-advertisement", 136),
    ("redirect", 137),
    ("router-renumbering", 138),
    ("node-information-request", 139),
    ("node-information-reply", 140),
    ("inverse-neighbor-discovery-solicitation", 141),
    ("inverse-neighbor-discovery-advertisement", 142),
    ("home-agent-address-discovery-request", 144),
    ("home-agent-address-discovery-reply", 145),
    ("mobile-prefix-solicitation", 146),
    ("mobile-prefix-advertisement-reply", 147),
    ("certificate-path-solicitation", 148),
    ("certificate-path-advertisement", 149),
];

const ICMP_CODES: [(&str, u8); 24] = [
    ("network-unreachable", 0),
    ("host-unreachable", 1),
    ("protocol-unreachable", 2),
    ("port-unreachable", 3),
    ("fragmentation-needed", 4),
    ("source-route-failed", 5),
    ("destination-network-unknown", 6),
    ("destination-host-unknown", 7),
    ("source-host-isolated", 8),
    ("destination-network-prohibited", 9),
    ("destination-host-prohibited", 10),
    ("network-unreachable-for-tos", 11),
    ("host-unreachable-for-tos", 12),
    ("communication-prohibited-by-filtering", 13),
    ("host-precedence-violation", 14),
    ("precedence-cutoff-in-effect", 15),
    ("redirect-for-network", 0),
    ("redirect-for-host", 1),
    ("redirect-for-tos-and-net", 2),
    ("redirect-for-tos-and-host", 3),
    ("ttl-eq-zero-during-transit", 0),
    ("ttl-eq-zero-during-reassembly", 1),
    ("ip-header-bad", 0),
    ("required-option-missing", 1),
];

const ICMP6_CODES: [(&str, u8); 9] = [
    ("no-route-to-destination", 0),
    ("administratively-prohibited", 1),
    ("address-unreachable", 3),
    ("port-unreachable", 4),
    ("ttl-eq-zero-during-transit", 0),
    ("ttl-eq-zero-during-reassembly", 1),
    ("ip6-header-bad", 0),
    ("unrecognized-next-header", 1),
    ("unrecognized-option", 2),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_junos_writes_them() {
        let text = |set: Option<AddressSet>| set.map(|set| set.to_string()).unwrap_or_default();
        assert_eq!(text(prefix("10.0.0.1/255.255.0.255")).split(',').count(), 256);
        assert_eq!(text(prefix("2001:db8::1/32")), "2001:db8::/32");
        assert_eq!(text(prefix("10.0.0.0/33")), "");
        assert_eq!(ports("bootps").unwrap().to_string(), "67");
        assert_eq!(ports("1024-65535").unwrap().to_string(), "1024-65535");
        assert!(ports("9-3").is_none() && ports("ftp-data").is_some());
        assert!(
            tcp_flags("(ack | rst)").unwrap().contains(16 + 8)
                && !tcp_flags("(ack | rst)").unwrap().contains(2)
        );
        assert!(
            tcp_flags("syn & !ack").unwrap().contains(2) && !tcp_flags("syn & !ack").unwrap().contains(18)
        );
        assert!(
            tcp_flags("(syn").is_none() && tcp_flags(&"(".repeat(1000)).is_none() && tcp_flags("").is_none()
        );
    }
}
