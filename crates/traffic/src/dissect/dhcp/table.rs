//! DHCP for both versions of IP as data.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Server and client (RFC 2131, 4.1).
pub(super) const SERVER_PORT: u16 = 67;
pub(super) const CLIENT_PORT: u16 = 68;
/// Client and server (RFC 8415, 7.2).
pub(super) const CLIENT_PORT_6: u16 = 546;
pub(super) const SERVER_PORT_6: u16 = 547;
/// Index of the element that counts message types.
pub(super) const MESSAGE: u8 = 0;

/// DHCP for IPv4, and BOOTP from which it came.
pub static DHCP: Protocol = Protocol {
    name: "dhcp",
    title: "Dynamic host configuration protocol",
    carriers: &[Carrier::Udp(SERVER_PORT), Carrier::Udp(CLIENT_PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "message", functions: MESSAGES, default_class: Class::Other }],
    documents: &["RFC 2131", "RFC 2132 (options)", "RFC 951 (BOOTP)", "RFC 4702 (domain name)", "RFC 4388"],
};

/// Message types (RFC 2132, 9.6; RFC 3203; RFC 4388; RFC 6926; RFC 7724). Zero stands for BOOTP, which has none.
const MESSAGES: &[Function] = &[
    function(0, "bootp", Class::Configure),
    function(1, "discover", Class::Discover),
    function(2, "offer", Class::Configure),
    function(3, "request", Class::Configure),
    function(4, "decline", Class::Session),
    function(5, "acknowledgment", Class::Configure),
    function(6, "negative-acknowledgment", Class::Configure),
    function(7, "release", Class::Session),
    function(8, "inform", Class::Read),
    function(9, "force-renew", Class::Configure),
    function(10, "lease-query", Class::Read),
    function(11, "lease-unassigned", Class::Read),
    function(12, "lease-unknown", Class::Read),
    function(13, "lease-active", Class::Read),
    function(14, "bulk-lease-query", Class::Read),
    function(15, "lease-query-done", Class::Read),
    function(16, "active-lease-query", Class::Read),
    function(17, "lease-query-status", Class::Read),
    function(18, "tls", Class::Session),
];

/// DHCP for IPv6.
pub static DHCPV6: Protocol = Protocol {
    name: "dhcpv6",
    title: "Dynamic host configuration protocol for IPv6",
    carriers: &[Carrier::Udp(SERVER_PORT_6), Carrier::Udp(CLIENT_PORT_6)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "message", functions: MESSAGES_6, default_class: Class::Other }],
    documents: &["RFC 8415", "RFC 4704 (domain name)", "RFC 5007 (lease query)"],
};

/// Message types (RFC 8415, 7.3; IANA registry of DHCPv6 parameters).
const MESSAGES_6: &[Function] = &[
    function(1, "solicit", Class::Discover),
    function(2, "advertise", Class::Configure),
    function(3, "request", Class::Configure),
    function(4, "confirm", Class::Session),
    function(5, "renew", Class::Configure),
    function(6, "rebind", Class::Configure),
    function(7, "reply", Class::Configure),
    function(8, "release", Class::Session),
    function(9, "decline", Class::Session),
    function(10, "reconfigure", Class::Configure),
    function(11, "information-request", Class::Read),
    function(12, "relay-forward", Class::Session),
    function(13, "relay-reply", Class::Session),
    function(14, "lease-query", Class::Read),
    function(15, "lease-query-reply", Class::Read),
    function(16, "lease-query-done", Class::Read),
    function(17, "lease-query-data", Class::Read),
    function(18, "reconfigure-request", Class::Configure),
    function(19, "reconfigure-reply", Class::Configure),
    function(20, "dhcpv4-query", Class::Session),
    function(21, "dhcpv4-response", Class::Session),
    function(22, "active-lease-query", Class::Read),
    function(23, "start-tls", Class::Session),
    function(36, "address-registration", Class::Session),
    function(37, "address-registration-reply", Class::Session),
];
