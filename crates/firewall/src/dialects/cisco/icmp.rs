//! Names of ICMP types and codes, which ASA and IOS have in common.

use crate::names::Icmp;

/// The type that a number or a name means, and the code where the name tells it.
pub(crate) fn icmp_type(icmp: Icmp, word: &str) -> Option<(u8, Option<u8>)> {
    if let Ok(number) = word.parse() {
        return Some((number, None));
    }
    let table: &[(&str, u8, Option<u8>)] = match icmp {
        Icmp::V4 => &TYPES_V4,
        Icmp::V6 => &TYPES_V6,
    };
    table.iter().find(|(known, ..)| known.eq_ignore_ascii_case(word)).map(|(_, kind, code)| (*kind, *code))
}

/// The number of a code; codes have no names of their own.
pub(crate) fn icmp_code(word: &str) -> Option<u8> {
    word.parse().ok()
}

/// ASA names those without a code, IOS all.
const TYPES_V4: [(&str, u8, Option<u8>); 46] = [
    ("administratively-prohibited", 3, Some(13)),
    ("alternate-address", 6, None),
    ("conversion-error", 31, None),
    ("dod-host-prohibited", 3, Some(10)),
    ("dod-net-prohibited", 3, Some(9)),
    ("echo", 8, None),
    ("echo-reply", 0, None),
    ("general-parameter-problem", 12, Some(0)),
    ("host-isolated", 3, Some(8)),
    ("host-precedence-unreachable", 3, Some(14)),
    ("host-redirect", 5, Some(1)),
    ("host-tos-redirect", 5, Some(3)),
    ("host-tos-unreachable", 3, Some(12)),
    ("host-unknown", 3, Some(7)),
    ("host-unreachable", 3, Some(1)),
    ("information-reply", 16, None),
    ("information-request", 15, None),
    ("mask-reply", 18, None),
    ("mask-request", 17, None),
    ("mobile-redirect", 32, None),
    ("net-redirect", 5, Some(0)),
    ("net-tos-redirect", 5, Some(2)),
    ("net-tos-unreachable", 3, Some(11)),
    ("net-unreachable", 3, Some(0)),
    ("network-unknown", 3, Some(6)),
    ("no-room-for-option", 12, Some(2)),
    ("option-missing", 12, Some(1)),
    ("packet-too-big", 3, Some(4)),
    ("parameter-problem", 12, None),
    ("port-unreachable", 3, Some(3)),
    ("precedence-unreachable", 3, Some(15)),
    ("protocol-unreachable", 3, Some(2)),
    ("reassembly-timeout", 11, Some(1)),
    ("redirect", 5, None),
    ("router-advertisement", 9, None),
    ("router-solicitation", 10, None),
    ("source-quench", 4, None),
    ("source-route-failed", 3, Some(5)),
    ("time-exceeded", 11, None),
    ("timestamp-reply", 14, None),
    ("timestamp-request", 13, None),
    ("traceroute", 30, None),
    ("ttl-exceeded", 11, Some(0)),
    ("unreachable", 3, None),
    // As the object groups of IOS spell them.
    ("echo-request", 8, None),
    ("destination-unreachable", 3, None),
];

const TYPES_V6: [(&str, u8, Option<u8>); 45] = [
    ("beyond-scope", 1, Some(2)),
    ("destination-unreachable", 1, None),
    ("dhaad-reply", 145, None),
    ("dhaad-request", 144, None),
    ("echo", 128, None),
    ("echo-reply", 129, None),
    ("echo-request", 128, None),
    ("header", 4, Some(0)),
    ("hop-limit", 3, Some(0)),
    ("membership-query", 130, None),
    ("membership-reduction", 132, None),
    ("membership-report", 131, None),
    ("mld-query", 130, None),
    ("mld-reduction", 132, None),
    ("mld-report", 131, None),
    ("mldv2-report", 143, None),
    ("mpd-advertisement", 147, None),
    ("mpd-solicitation", 146, None),
    ("mr-advertisement", 151, None),
    ("mr-solicitation", 152, None),
    ("mr-termination", 153, None),
    ("nd-na", 136, None),
    ("nd-ns", 135, None),
    ("neighbor-advertisement", 136, None),
    ("neighbor-redirect", 137, None),
    ("neighbor-solicitation", 135, None),
    ("next-header", 4, Some(1)),
    ("no-admin", 1, Some(1)),
    ("no-route", 1, Some(0)),
    ("packet-too-big", 2, None),
    ("parameter-option", 4, Some(2)),
    ("parameter-problem", 4, None),
    ("port-unreachable", 1, Some(4)),
    ("reassembly-timeout", 3, Some(1)),
    ("redirect", 137, None),
    ("renum-command", 138, Some(0)),
    ("renum-result", 138, Some(1)),
    ("renum-seq-number", 138, Some(255)),
    ("router-advertisement", 134, None),
    ("router-renumbering", 138, None),
    ("router-solicitation", 133, None),
    ("time-exceeded", 3, None),
    ("unreachable", 1, None),
    ("address-unreachable", 1, Some(3)),
    ("admin-prohibited", 1, Some(1)),
];
