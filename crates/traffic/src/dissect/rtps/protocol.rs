//! RTPS as data: submessages, and who implements it.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The first of the ports that domain 0 uses (DDSI-RTPS, 9.6.1.1).
pub(super) const PORT: u16 = 7400;

/// Index of the element that counts submessages.
pub(super) const SUBMESSAGE: u8 = 0;

/// What discovery says in a data submessage.
pub(super) const DISCOVERY: (&str, Class) = ("discovery-data", Class::Discover);

/// RTPS.
pub static PROTOCOL: Protocol = Protocol {
    name: "rtps",
    title: "DDS Interoperability Wire Protocol (RTPS)",
    carriers: &[Carrier::Udp(PORT), Carrier::Udp(PORT + 1), Carrier::Udp(PORT + 10), Carrier::Udp(PORT + 11)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "submessage", functions: SUBMESSAGES, default_class: Class::Other }],
    documents: &[
        "OMG DDSI-RTPS 2.5, 8.3 (messages), 8.5 (discovery), 9.4 to 9.6 (mapping to octets)",
        "OMG DDS Security 1.1, 7.3 (transformation of messages), 9.5 (built-in plugin)",
    ],
};

/// Submessages (DDSI-RTPS, 9.4.5.1.1). Those of vendors begin at 0x80, yet one vendor has some below.
const SUBMESSAGES: &[Function] = &[
    function(0x01, "pad", Class::Other),
    function(0x02, "data-1.0", Class::Write),
    function(0x03, "nokey-data-1.0", Class::Write),
    function(0x06, "acknack", Class::Session),
    function(0x07, "heartbeat", Class::Session),
    function(0x08, "gap", Class::Session),
    function(0x09, "info-ts", Class::Other),
    function(0x0C, "info-src", Class::Other),
    function(0x0D, "info-reply-ip4", Class::Other),
    function(0x0E, "info-dst", Class::Other),
    function(0x0F, "info-reply", Class::Other),
    function(0x10, "data-frag-1.0", Class::Write),
    function(0x11, "nokey-data-frag-1.0", Class::Write),
    function(0x12, "nack-frag", Class::Session),
    function(0x13, "heartbeat-frag", Class::Session),
    function(0x14, "data-session", Class::Write),
    function(0x15, "data", Class::Write),
    function(0x16, "data-frag", Class::Write),
    function(0x17, "acknack-batch", Class::Session),
    function(0x18, "data-batch", Class::Write),
    function(0x19, "heartbeat-batch", Class::Session),
    function(0x1A, "acknack-session", Class::Session),
    function(0x1B, "heartbeat-session", Class::Session),
    function(0x1C, "app-ack", Class::Session),
    function(0x1D, "app-ack-conf", Class::Session),
    function(0x1E, "heartbeat-virtual", Class::Session),
    function(0x30, "sec-body", Class::Other),
    function(0x31, "sec-prefix", Class::Other),
    function(0x32, "sec-postfix", Class::Other),
    function(0x33, "srtps-prefix", Class::Other),
    function(0x34, "srtps-postfix", Class::Other),
    function(0x81, "data-frag-session", Class::Write),
    function(0x15, DISCOVERY.0, DISCOVERY.1),
];

/// Implementations by the vendor numbers that the OMG gives them.
const IMPLEMENTATIONS: &[(u16, &str)] = &[
    (0x0101, "RTI Connext DDS"),
    (0x0102, "OpenSplice DDS"),
    (0x0103, "OpenDDS"),
    (0x0106, "CoreDX DDS"),
    (0x010A, "RTI Connext DDS Micro"),
    (0x010F, "eProsima Fast DDS"),
    (0x0110, "Eclipse Cyclone DDS"),
    (0x0111, "GurumDDS"),
    (0x0112, "RustDDS"),
];

/// The implementation of a vendor number.
pub(super) fn implementation(number: u16) -> Option<&'static str> {
    IMPLEMENTATIONS.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}
