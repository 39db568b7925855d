//! Names of ICMP and ICMPv6 types and codes (RFC 792, RFC 4443, RFC 4861), as nftables and iptables spell them.

/// Which ICMP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Icmp {
    /// ICMP of IPv4.
    V4,
    /// ICMPv6.
    V6,
}

/// The number of an ICMP type that nftables names so.
#[must_use]
pub fn nft_icmp_type(icmp: Icmp, name: &str) -> Option<u8> {
    let table: &[(&str, u8)] = match icmp {
        Icmp::V4 => &NFT_TYPES_V4,
        Icmp::V6 => &NFT_TYPES_V6,
    };
    table.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

/// The number of an ICMP code that nftables names so.
#[must_use]
pub fn nft_icmp_code(icmp: Icmp, name: &str) -> Option<u8> {
    let table: &[(&str, u8)] = match icmp {
        Icmp::V4 => &NFT_CODES_V4,
        Icmp::V6 => &NFT_CODES_V6,
    };
    table.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

/// Type and, where the name tells it, code of what `--icmp-type` or `--icmpv6-type` names so, in any case.
#[must_use]
pub fn xtables_icmp(icmp: Icmp, name: &str) -> Option<(u8, Option<u8>)> {
    let table: &[(&str, u8, Option<u8>)] = match icmp {
        Icmp::V4 => &XTABLES_V4,
        Icmp::V6 => &XTABLES_V6,
    };
    table.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name)).map(|(_, kind, code)| (*kind, *code))
}

const NFT_TYPES_V4: [(&str, u8); 15] = [
    ("echo-reply", 0),
    ("destination-unreachable", 3),
    ("source-quench", 4),
    ("redirect", 5),
    ("echo-request", 8),
    ("router-advertisement", 9),
    ("router-solicitation", 10),
    ("time-exceeded", 11),
    ("parameter-problem", 12),
    ("timestamp-request", 13),
    ("timestamp-reply", 14),
    ("info-request", 15),
    ("info-reply", 16),
    ("address-mask-request", 17),
    ("address-mask-reply", 18),
];

const NFT_TYPES_V6: [(&str, u8); 19] = [
    ("destination-unreachable", 1),
    ("packet-too-big", 2),
    ("time-exceeded", 3),
    ("parameter-problem", 4),
    ("echo-request", 128),
    ("echo-reply", 129),
    ("mld-listener-query", 130),
    ("mld-listener-report", 131),
    ("mld-listener-done", 132),
    ("mld-listener-reduction", 132),
    ("nd-router-solicit", 133),
    ("nd-router-advert", 134),
    ("nd-neighbor-solicit", 135),
    ("nd-neighbor-advert", 136),
    ("nd-redirect", 137),
    ("router-renumbering", 138),
    ("ind-neighbor-solicit", 141),
    ("ind-neighbor-advert", 142),
    ("mld2-listener-report", 143),
];

const NFT_CODES_V4: [(&str, u8); 8] = [
    ("net-unreachable", 0),
    ("host-unreachable", 1),
    ("prot-unreachable", 2),
    ("port-unreachable", 3),
    ("frag-needed", 4),
    ("net-prohibited", 9),
    ("host-prohibited", 10),
    ("admin-prohibited", 13),
];

const NFT_CODES_V6: [(&str, u8); 6] = [
    ("no-route", 0),
    ("admin-prohibited", 1),
    ("addr-unreachable", 3),
    ("port-unreachable", 4),
    ("policy-fail", 5),
    ("reject-route", 6),
];

const XTABLES_V4: [(&str, u8, Option<u8>); 39] = [
    ("echo-reply", 0, None),
    ("pong", 0, None),
    ("destination-unreachable", 3, None),
    ("network-unreachable", 3, Some(0)),
    ("host-unreachable", 3, Some(1)),
    ("protocol-unreachable", 3, Some(2)),
    ("port-unreachable", 3, Some(3)),
    ("fragmentation-needed", 3, Some(4)),
    ("source-route-failed", 3, Some(5)),
    ("network-unknown", 3, Some(6)),
    ("host-unknown", 3, Some(7)),
    ("network-prohibited", 3, Some(9)),
    ("host-prohibited", 3, Some(10)),
    ("TOS-network-unreachable", 3, Some(11)),
    ("TOS-host-unreachable", 3, Some(12)),
    ("communication-prohibited", 3, Some(13)),
    ("host-precedence-violation", 3, Some(14)),
    ("precedence-cutoff", 3, Some(15)),
    ("source-quench", 4, None),
    ("redirect", 5, None),
    ("network-redirect", 5, Some(0)),
    ("host-redirect", 5, Some(1)),
    ("TOS-network-redirect", 5, Some(2)),
    ("TOS-host-redirect", 5, Some(3)),
    ("echo-request", 8, None),
    ("ping", 8, None),
    ("router-advertisement", 9, None),
    ("router-solicitation", 10, None),
    ("time-exceeded", 11, None),
    ("ttl-exceeded", 11, None),
    ("ttl-zero-during-transit", 11, Some(0)),
    ("ttl-zero-during-reassembly", 11, Some(1)),
    ("parameter-problem", 12, None),
    ("ip-header-bad", 12, Some(0)),
    ("required-option-missing", 12, Some(1)),
    ("timestamp-request", 13, None),
    ("timestamp-reply", 14, None),
    ("address-mask-request", 17, None),
    ("address-mask-reply", 18, None),
];

const XTABLES_V6: [(&str, u8, Option<u8>); 28] = [
    ("destination-unreachable", 1, None),
    ("no-route", 1, Some(0)),
    ("communication-prohibited", 1, Some(1)),
    ("beyond-scope", 1, Some(2)),
    ("address-unreachable", 1, Some(3)),
    ("port-unreachable", 1, Some(4)),
    ("failed-policy", 1, Some(5)),
    ("reject-route", 1, Some(6)),
    ("packet-too-big", 2, None),
    ("time-exceeded", 3, None),
    ("ttl-exceeded", 3, None),
    ("ttl-zero-during-transit", 3, Some(0)),
    ("ttl-zero-during-reassembly", 3, Some(1)),
    ("parameter-problem", 4, None),
    ("bad-header", 4, Some(0)),
    ("unknown-header-type", 4, Some(1)),
    ("unknown-option", 4, Some(2)),
    ("echo-request", 128, None),
    ("ping", 128, None),
    ("echo-reply", 129, None),
    ("pong", 129, None),
    ("router-solicitation", 133, None),
    ("router-advertisement", 134, None),
    ("neighbor-solicitation", 135, None),
    ("neighbour-solicitation", 135, None),
    ("neighbor-advertisement", 136, None),
    ("neighbour-advertisement", 136, None),
    ("redirect", 137, None),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_answer() {
        assert_eq!(nft_icmp_type(Icmp::V4, "echo-request"), Some(8));
        assert_eq!(nft_icmp_type(Icmp::V6, "echo-request"), Some(128));
        assert_eq!(nft_icmp_code(Icmp::V4, "admin-prohibited"), Some(13));
        assert_eq!(xtables_icmp(Icmp::V4, "PING"), Some((8, None)));
        assert_eq!(xtables_icmp(Icmp::V6, "port-unreachable"), Some((1, Some(4))));
    }
}
