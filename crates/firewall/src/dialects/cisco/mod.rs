//! The words that Cisco's languages share: lines, names of ports, protocols and ICMP types, operators, masks, secrets.
//!
//! No dialect of its own. Sources: Cisco ASA Series General Operations CLI Configuration Guide, *Addresses, Protocols, and
//! Ports*; Cisco IOS Security Command Reference, `permit` and `deny` of IP and IPv6 access lists; Cisco IOS object groups.

mod icmp;
mod line;
mod mask;
mod ports;
mod secret;

pub(crate) use icmp::{icmp_code, icmp_type};
pub(crate) use line::{Line, Word, lines};
pub(crate) use mask::{masked, netmask_length, wildcarded, wildcarded_within};
pub(crate) use ports::{Os, port, port_range, protocol};
pub(crate) use secret::{WELL_KNOWN, keeping_of_type};
