//! Link-layer addresses that belong to no device: routers that stand in for each other answer under them.

use crate::observation::Mac;

/// The protocol by which routers share a link-layer address, and their group.
pub(super) fn address(mac: Mac) -> Option<(&'static str, u16)> {
    match mac.0 {
        // RFC 9568, section 7.3: for IPv4 and IPv6. CARP uses the same.
        [0x00, 0x00, 0x5e, 0x00, 0x01 | 0x02, group] => Some(("vrrp", group.into())),
        // RFC 2281, section 5.2, and version 2 with 4096 groups.
        [0x00, 0x00, 0x0c, 0x07, 0xac, group] => Some(("hsrp", group.into())),
        [0x00, 0x00, 0x0c, 0x9f, high @ 0xf0..=0xff, low] => {
            Some(("hsrp", u16::from_be_bytes([high & 0x0f, low])))
        }
        // HSRP for IPv6.
        [0x00, 0x05, 0x73, 0xa0, high @ 0x00..=0x0f, low] => Some(("hsrp", u16::from_be_bytes([high, low]))),
        // Six zero bits, ten of the group, eight of the forwarder.
        [0x00, 0x07, 0xb4, high @ 0x00..=0x03, low, _] => Some(("glbp", u16::from_be_bytes([high, low]))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_addresses_name_their_group() {
        for (mac, known) in [
            ([0, 0, 0x5e, 0, 1, 10], Some(("vrrp", 10))),
            ([0, 0, 0x0c, 7, 0xac, 1], Some(("hsrp", 1))),
            ([0, 0, 0x0c, 0x9f, 0xf3, 0xe8], Some(("hsrp", 1000))),
            ([0, 5, 0x73, 0xa0, 0, 5], Some(("hsrp", 5))),
            ([0, 7, 0xb4, 3, 0xfd, 1], Some(("glbp", 1021))),
            ([0, 0, 0x0c, 7, 0xad, 1], None),
            ([0, 0, 0x5e, 0, 3, 1], None),
        ] {
            assert_eq!(address(Mac(mac)), known);
        }
    }
}
