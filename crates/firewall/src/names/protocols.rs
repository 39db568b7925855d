//! Names of IP protocols, as the IANA registry assigns them and Linux systems list them in `/etc/protocols`.

use super::find;

/// The number of an IP protocol name, in any case.
#[must_use]
pub fn protocol_number(name: &str) -> Option<u8> {
    find(PROTOCOLS, name)
}

/// All protocol names, for "did you mean".
pub fn protocol_names() -> impl Iterator<Item = &'static str> {
    PROTOCOLS.iter().map(|(name, _)| *name)
}

/// Sorted by name.
const PROTOCOLS: &[(&str, u8)] = &[
    ("ah", 51),
    ("ax.25", 93),
    ("cphb", 73),
    ("dccp", 33),
    ("ddp", 37),
    ("egp", 8),
    ("eigrp", 88),
    ("encap", 98),
    ("esp", 50),
    ("etherip", 97),
    ("ethernet", 143),
    ("fc", 133),
    ("ggp", 3),
    ("gre", 47),
    ("hip", 139),
    ("hmp", 20),
    ("hopopt", 0),
    ("icmp", 1),
    ("icmpv6", 58),
    ("idpr-cmtp", 38),
    ("idrp", 45),
    ("igmp", 2),
    ("igp", 9),
    ("ip", 0),
    ("ip-encap", 4),
    ("ipcomp", 108),
    ("ipencap", 4),
    ("ipip", 94),
    ("ipsec-ah", 51),
    ("ipsec-esp", 50),
    ("ipv6", 41),
    ("ipv6-frag", 44),
    ("ipv6-icmp", 58),
    ("ipv6-nonxt", 59),
    ("ipv6-opts", 60),
    ("ipv6-route", 43),
    ("isis", 124),
    ("iso-tp4", 29),
    ("l2tp", 115),
    ("manet", 138),
    ("mobility-header", 135),
    ("mpls-in-ip", 137),
    ("ospf", 89),
    ("ospfigp", 89),
    ("pim", 103),
    ("pup", 12),
    ("rdp", 27),
    ("rohc", 142),
    ("rspf", 73),
    ("rsvp", 46),
    ("sctp", 132),
    ("shim6", 140),
    ("skip", 57),
    ("st", 5),
    ("tcp", 6),
    ("udp", 17),
    ("udplite", 136),
    ("vmtp", 81),
    ("vrrp", 112),
    ("wesp", 141),
    ("xns-idp", 22),
    ("xtp", 36),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_answers() {
        assert!(PROTOCOLS.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(protocol_number("tcp"), Some(6));
        assert_eq!(protocol_number("ipv6-icmp"), Some(58));
    }
}
