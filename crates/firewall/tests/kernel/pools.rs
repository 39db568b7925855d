//! Addresses, networks and ports that generated rules and packets are made of.

use super::dice::Dice;

pub(crate) const INTERFACES: [&str; 4] = ["lan0", "ot1", "ot2", "wan0"];

pub(crate) const V4: [&str; 10] = [
    "10.0.0.5",
    "10.0.1.7",
    "10.0.200.9",
    "10.1.0.10",
    "10.1.2.3",
    "10.2.0.20",
    "10.2.0.21",
    "203.0.113.9",
    "198.51.100.77",
    "192.168.1.1",
];

pub(crate) const V4_NETS: [&str; 10] = [
    "10.0.0.0/8",
    "10.0.0.0/16",
    "10.0.0.0/15",
    "10.1.0.0/16",
    "10.1.0.0/24",
    "10.2.0.20/31",
    "10.2.0.16/28",
    "203.0.113.0/24",
    "192.168.0.0/16",
    "10.1.2.3/32",
];

pub(crate) const V4_RANGES: [&str; 4] =
    ["10.0.0.3-10.0.1.9", "10.1.0.10-10.1.0.20", "10.2.0.1-10.2.255.254", "198.51.100.0-203.0.113.20"];

pub(crate) const V6: [&str; 7] =
    ["fd00:0::5", "fd00:0::1:7", "fd00:1::10", "fd00:1::2:3", "fd00:2::20", "2001:db8::9", "2001:db8:7::1"];

pub(crate) const V6_NETS: [&str; 6] =
    ["fd00::/16", "fd00:1::/32", "fd00:1::/112", "fd00:2::20/127", "2001:db8::/32", "2001:db8:7::/48"];

pub(crate) const V6_RANGES: [&str; 2] = ["fd00:0::5-fd00:0::1:8", "fd00:1::-fd00:1::2:3"];

pub(crate) const PORTS: [u16; 10] = [22, 80, 102, 443, 502, 1023, 1024, 4840, 20_000, 44_818];

pub(crate) fn port_range(dice: &mut Dice) -> String {
    let (a, b) = (dice.any(&PORTS), dice.any(&PORTS));
    format!("{}-{}", a.min(b), a.max(b) + 1)
}

/// A few different members of a list.
pub(crate) fn some(dice: &mut Dice, list: &[&str], most: u64) -> Vec<String> {
    let mut chosen: Vec<String> = (0..=dice.below(most)).map(|_| dice.of(list).to_owned()).collect();
    chosen.sort();
    chosen.dedup();
    chosen
}
