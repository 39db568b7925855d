//! DNS and its relatives as data.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// RFC 1035, 4.2.
pub(super) const DNS_PORT: u16 = 53;
/// RFC 6762, 3.
pub(super) const MDNS_PORT: u16 = 5353;
/// RFC 4795, 2.
pub(super) const LLMNR_PORT: u16 = 5355;
/// RFC 1002, 4.2.
pub(super) const NBNS_PORT: u16 = 137;

/// Operations (RFC 1035, 4.1.1; RFC 1996; RFC 2136; RFC 8490).
const OPCODES: &[Function] = &[
    function(0, "query", Class::Discover),
    function(1, "inverse-query", Class::Discover),
    function(2, "status", Class::Diagnose),
    function(4, "notify", Class::Alarm),
    function(5, "update", Class::Configure),
    function(6, "stateful-operation", Class::Session),
];

/// Operations of the NetBIOS name service (RFC 1002, 4.2.1.1).
const NETBIOS_OPCODES: &[Function] = &[
    function(0, "query", Class::Discover),
    function(5, "registration", Class::Discover),
    function(6, "release", Class::Discover),
    function(7, "wait-for-acknowledgment", Class::Session),
    function(8, "refresh", Class::Discover),
    function(9, "refresh-alternative", Class::Discover),
    function(15, "multi-homed-registration", Class::Discover),
];

/// The domain name system.
pub static DNS: Protocol = Protocol {
    name: "dns",
    title: "Domain name system",
    carriers: &[Carrier::Udp(DNS_PORT), Carrier::Tcp(DNS_PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "opcode", functions: OPCODES, default_class: Class::Other }],
    documents: &["RFC 1035, 4 (messages)", "RFC 1996", "RFC 2136", "RFC 8490"],
};

/// Multicast DNS.
pub static MDNS: Protocol = Protocol {
    name: "mdns",
    title: "Multicast DNS",
    carriers: &[Carrier::Udp(MDNS_PORT)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "opcode", functions: OPCODES, default_class: Class::Other }],
    documents: &["RFC 6762, 18 (message format)", "RFC 6763"],
};

/// Link-local multicast name resolution.
pub static LLMNR: Protocol = Protocol {
    name: "llmnr",
    title: "Link-local multicast name resolution",
    carriers: &[Carrier::Udp(LLMNR_PORT)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "opcode", functions: OPCODES, default_class: Class::Other }],
    documents: &["RFC 4795, 2.1 (message format)"],
};

/// The NetBIOS name service.
pub static NBNS: Protocol = Protocol {
    name: "nbns",
    title: "NetBIOS name service",
    carriers: &[Carrier::Udp(NBNS_PORT)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "opcode", functions: NETBIOS_OPCODES, default_class: Class::Other }],
    documents: &["RFC 1001, 14", "RFC 1002, 4.2 (name service packets)"],
};
