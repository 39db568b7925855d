//! POWERLINK as data: messages, services, network management commands, SDO commands.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The EtherType (EPSG DS 301, 4.6), and the UDP port of asynchronous messages over IP.
pub(super) const ETHER_TYPE: u16 = 0x88AB;
pub(super) const PORT: u16 = 3819;

// Indexes of the elements.
pub(super) const MESSAGE: u8 = 0;
pub(super) const ASND: u8 = 1;
pub(super) const SOA: u8 = 2;
pub(super) const NMT_COMMAND: u8 = 3;
pub(super) const NMT_REQUEST: u8 = 4;
pub(super) const SDO: u8 = 5;

/// POWERLINK.
pub static PROTOCOL: Protocol = Protocol {
    name: "powerlink",
    title: "Ethernet POWERLINK",
    carriers: &[Carrier::EtherType(ETHER_TYPE), Carrier::Udp(PORT)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "message", functions: MESSAGES, default_class: Class::Other },
        Element { name: "asnd-service", functions: ASND_SERVICES, default_class: Class::Other },
        Element { name: "soa-service", functions: SOA_SERVICES, default_class: Class::Other },
        Element { name: "nmt-command", functions: NMT_COMMANDS, default_class: Class::Other },
        Element { name: "nmt-request", functions: NMT_COMMANDS, default_class: Class::Other },
        Element { name: "sdo", functions: SDO_COMMANDS, default_class: Class::Other },
    ],
    documents: &[
        "EPSG DS 301 V1.5.1, 4.6 (frames), 6.3 (SDO), 7.3 (network management services)",
        "EPSG DS 302-A to 302-F, extensions; IANA, service name ethernet-powerlink (asynchronous data over UDP)",
    ],
};

/// Messages (4.6.1).
const MESSAGES: &[Function] = &[
    function(1, "start-of-cycle", Class::Other),
    function(3, "poll-request", Class::Write),
    function(4, "poll-response", Class::Read),
    function(5, "start-of-asynchronous", Class::Other),
    function(6, "asynchronous-send", Class::Other),
    function(7, "active-managing-node-indication", Class::Session),
    function(13, "asynchronous-invite", Class::Other),
];

/// Services of asynchronous messages (4.6.1.2).
const ASND_SERVICES: &[Function] = &[
    function(1, "ident-response", Class::Discover),
    function(2, "status-response", Class::Diagnose),
    function(3, "nmt-request", Class::Other),
    function(4, "nmt-command", Class::Other),
    function(5, "sdo", Class::Other),
    function(6, "sync-response", Class::Time),
];

/// Services that the managing node asks for (7.3.3).
const SOA_SERVICES: &[Function] = &[
    function(0, "no-service", Class::Other),
    function(1, "ident-request", Class::Discover),
    function(2, "status-request", Class::Diagnose),
    function(3, "nmt-request-invite", Class::Other),
    function(6, "sync-request", Class::Time),
    function(255, "unspecified-invite", Class::Other),
];

/// Commands of network management (7.3.1, appendix 3.7).
const NMT_COMMANDS: &[Function] = &[
    function(1, "nmt-ident-request", Class::Discover),
    function(2, "nmt-status-request", Class::Diagnose),
    function(33, "nmt-start-node", Class::Operate),
    function(34, "nmt-stop-node", Class::Operate),
    function(35, "nmt-enter-pre-operational-2", Class::Operate),
    function(36, "nmt-enable-ready-to-operate", Class::Operate),
    function(40, "nmt-reset-node", Class::Operate),
    function(41, "nmt-reset-communication", Class::Operate),
    function(42, "nmt-reset-configuration", Class::Operate),
    function(43, "nmt-sw-reset", Class::Operate),
    function(45, "nmt-dna", Class::Configure),
    function(65, "nmt-start-node-ex", Class::Operate),
    function(66, "nmt-stop-node-ex", Class::Operate),
    function(67, "nmt-enter-pre-operational-2-ex", Class::Operate),
    function(68, "nmt-enable-ready-to-operate-ex", Class::Operate),
    function(72, "nmt-reset-node-ex", Class::Operate),
    function(73, "nmt-reset-communication-ex", Class::Operate),
    function(74, "nmt-reset-configuration-ex", Class::Operate),
    function(75, "nmt-sw-reset-ex", Class::Operate),
    function(98, "nmt-net-host-name-set", Class::Configure),
    function(99, "nmt-flush-arp-entry", Class::Configure),
    function(128, "nmt-publish-configured-nodes", Class::Diagnose),
    function(144, "nmt-publish-active-nodes", Class::Diagnose),
    function(145, "nmt-publish-pre-operational-1", Class::Diagnose),
    function(146, "nmt-publish-pre-operational-2", Class::Diagnose),
    function(147, "nmt-publish-ready-to-operate", Class::Diagnose),
    function(148, "nmt-publish-operational", Class::Diagnose),
    function(149, "nmt-publish-stopped", Class::Diagnose),
    function(160, "nmt-publish-emergency-new", Class::Alarm),
    function(176, "nmt-publish-time", Class::Time),
    function(255, "nmt-invalid-service", Class::Other),
];

/// SDO commands (6.3.2.4). The rows after say which object is written.
const SDO_COMMANDS: &[Function] = &[
    function(0, "nil", Class::Other),
    function(1, "write-by-index", Class::Write),
    function(2, "read-by-index", Class::Read),
    function(3, "write-all-by-index", Class::Write),
    function(4, "read-all-by-index", Class::Read),
    function(5, "write-by-name", Class::Write),
    function(6, "read-by-name", Class::Read),
    function(32, "file-write", Class::File),
    function(33, "file-read", Class::File),
    function(49, "write-multiple-parameters-by-index", Class::Write),
    function(50, "read-multiple-parameters-by-index", Class::Read),
    function(112, "maximum-segment-size", Class::Session),
    function(113, "link-name-to-index", Class::Session),
    function(1, "write-configuration-by-index", Class::Configure),
    function(1, "write-program-by-index", Class::Firmware),
];

/// What a write of an object does, where it is not a value.
pub(super) const fn written(class: Class) -> Option<(&'static str, Class)> {
    match class {
        Class::Configure => Some(("write-configuration-by-index", class)),
        Class::Firmware => Some(("write-program-by-index", class)),
        _ => None,
    }
}
