//! IKE, ESP and AH as data.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The port of IKE (RFC 7296, 2), and that for both behind address translation (RFC 3947, RFC 3948).
pub(super) const PORT: u16 = 500;
pub(super) const NAT_PORT: u16 = 4500;
/// Index of the element that counts exchanges; of ESP and AH: packets.
pub(super) const EXCHANGE: u8 = 0;
pub(super) const PACKET: u8 = 0;

/// IKE, both versions.
pub static ISAKMP: Protocol = Protocol {
    name: "isakmp",
    title: "Internet key exchange",
    carriers: &[Carrier::Udp(PORT), Carrier::Udp(NAT_PORT)],
    authentication: Protection::Always,
    encryption: Protection::Always,
    integrity: Protection::Always,
    elements: &[Element { name: "exchange", functions: EXCHANGES, default_class: Class::Session }],
    documents: &[
        "RFC 7296 (IKEv2)",
        "RFC 2408, 2409 (IKEv1)",
        "RFC 3948 (UDP)",
        "IANA registry of IKE parameters",
    ],
};

/// Exchanges (RFC 2408, 3.1; RFC 2409, appendix A; IANA).
const EXCHANGES: &[Function] = &[
    function(0, "none", Class::Session),
    function(1, "base", Class::Session),
    function(2, "identity-protection", Class::Session),
    function(3, "authentication-only", Class::Session),
    function(4, "aggressive", Class::Session),
    function(5, "informational-1", Class::Session),
    function(6, "transaction", Class::Session),
    function(32, "quick-mode", Class::Session),
    function(33, "new-group-mode", Class::Session),
    function(34, "ike-sa-init", Class::Session),
    function(35, "ike-auth", Class::Authenticate),
    function(36, "create-child-sa", Class::Session),
    function(37, "informational", Class::Session),
    function(38, "ike-session-resume", Class::Session),
    function(39, "gsa-auth", Class::Authenticate),
    function(40, "gsa-registration", Class::Session),
    function(41, "gsa-rekey", Class::Session),
    function(43, "ike-intermediate", Class::Session),
    function(44, "ike-followup-ke", Class::Session),
];

/// ESP.
pub static ESP: Protocol = Protocol {
    name: "esp",
    title: "Encapsulating security payload",
    carriers: &[Carrier::Ip(50)],
    authentication: Protection::Always,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "packet", functions: PACKETS, default_class: Class::Other }],
    documents: &["RFC 4303", "RFC 3948 (UDP)"],
};

/// AH.
pub static AH: Protocol = Protocol {
    name: "ah",
    title: "Authentication header",
    carriers: &[Carrier::Ip(51)],
    authentication: Protection::Always,
    encryption: Protection::Never,
    integrity: Protection::Always,
    elements: &[Element { name: "packet", functions: PACKETS, default_class: Class::Other }],
    documents: &["RFC 4302"],
};

/// They have no functions: a packet is a packet.
const PACKETS: &[Function] = &[function(0, "protected-packet", Class::Other)];

/// Digests by which implementations and what they can do are known: the first octets of their vendor payloads. Each
/// is the MD5 digest of a text, which stands beside it.
pub(super) const VENDORS: &[(&[u8], &str)] = &[
    // `strongSwan`
    (
        &[0x88, 0x2f, 0xe5, 0x6d, 0x6f, 0xd2, 0x0d, 0xbc, 0x22, 0x51, 0x61, 0x3b, 0x2e, 0xbe, 0x5b, 0xeb],
        "strongSwan",
    ),
    // `MS NT5 ISAKMPOAKLEY`
    (
        &[0x1e, 0x2b, 0x51, 0x69, 0x05, 0x99, 0x1c, 0x7d, 0x7c, 0x96, 0xfc, 0xbf, 0xb5, 0x87, 0xe4, 0x61],
        "Windows",
    ),
    // `CISCO-UNITY`, the last two octets a version
    (&[0x12, 0xf5, 0xf2, 0x8c, 0x45, 0x71, 0x68, 0xa9, 0x70, 0x2d, 0x9f, 0xe2, 0x74, 0xcc], "Cisco Unity"),
    // `FORTIGATE`, the last four octets a version
    (&[0x82, 0x99, 0x03, 0x17, 0x57, 0xa3, 0x60, 0x82, 0xc6, 0xa6, 0x21, 0xde], "FortiGate"),
    // `KAME/racoon`
    (
        &[0x70, 0x03, 0xcb, 0xc1, 0x09, 0x7d, 0xbe, 0x9c, 0x26, 0x00, 0xba, 0x69, 0x83, 0xbc, 0x8b, 0x35],
        "racoon",
    ),
];
