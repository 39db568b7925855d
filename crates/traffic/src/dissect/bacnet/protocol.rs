//! BACnet as data: functions of the virtual link, kinds of application data units, services, network messages.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The port that is registered for BACnet/IP (annex J.1.2); installations with several networks use those after it.
pub(super) const PORT: u16 = 0xBAC0;

/// Index of the element that counts functions of the virtual link.
pub(super) const BVLC: u8 = 0;
/// Index of the element that counts kinds of application data units.
pub(super) const PDU: u8 = 1;
/// Index of the element that counts confirmed services.
pub(super) const CONFIRMED: u8 = 2;
/// Index of the element that counts unconfirmed services.
pub(super) const UNCONFIRMED: u8 = 3;
/// Index of the element that counts messages of the network layer.
pub(super) const NETWORK: u8 = 4;

/// BACnet.
pub static PROTOCOL: Protocol = Protocol {
    name: "bacnet",
    title: "BACnet",
    carriers: &[Carrier::Udp(PORT), Carrier::Llc(0x82)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "bvlc", functions: BVLC_FUNCTIONS, default_class: Class::Other },
        Element { name: "pdu", functions: PDUS, default_class: Class::Other },
        Element { name: "confirmed-service", functions: CONFIRMED_SERVICES, default_class: Class::Other },
        Element { name: "unconfirmed-service", functions: UNCONFIRMED_SERVICES, default_class: Class::Other },
        Element { name: "network-message", functions: NETWORK_MESSAGES, default_class: Class::Other },
    ],
    documents: &[
        "ANSI/ASHRAE 135-2020, clauses 6 (network layer), 13 to 17 (services), 20 (encoding), 21",
        "ANSI/ASHRAE 135-2020, annexes J (BACnet/IP) and U (BACnet/IPv6)",
        "ANSI/ASHRAE 135-2020, clause 7 (BACnet over ISO 8802-3)",
    ],
};

/// Functions of the virtual link over IPv4 (annex J.2).
const BVLC_FUNCTIONS: &[Function] = &[
    function(0x00, "bvlc-result", Class::Session),
    function(0x01, "write-broadcast-distribution-table", Class::Configure),
    function(0x02, "read-broadcast-distribution-table", Class::Diagnose),
    function(0x03, "read-broadcast-distribution-table-ack", Class::Diagnose),
    function(0x04, "forwarded-npdu", Class::Other),
    function(0x05, "register-foreign-device", Class::Session),
    function(0x06, "read-foreign-device-table", Class::Diagnose),
    function(0x07, "read-foreign-device-table-ack", Class::Diagnose),
    function(0x08, "delete-foreign-device-table-entry", Class::Configure),
    function(0x09, "distribute-broadcast-to-network", Class::Other),
    function(0x0A, "original-unicast-npdu", Class::Other),
    function(0x0B, "original-broadcast-npdu", Class::Other),
    function(0x0C, "secured-bvll", Class::Other),
    // Over IPv6 only, where the code means this.
    function(0x03, "address-resolution", Class::Discover),
    function(0x04, "forwarded-address-resolution", Class::Discover),
    function(0x05, "address-resolution-ack", Class::Discover),
    function(0x06, "virtual-address-resolution", Class::Discover),
    function(0x07, "virtual-address-resolution-ack", Class::Discover),
];

/// Functions of the virtual link over IPv6 (annex U.2), whose codes mean something else.
const BVLC_FUNCTIONS_V6: &[Function] = &[
    function(0x00, "bvlc-result", Class::Session),
    function(0x01, "original-unicast-npdu", Class::Other),
    function(0x02, "original-broadcast-npdu", Class::Other),
    function(0x03, "address-resolution", Class::Discover),
    function(0x04, "forwarded-address-resolution", Class::Discover),
    function(0x05, "address-resolution-ack", Class::Discover),
    function(0x06, "virtual-address-resolution", Class::Discover),
    function(0x07, "virtual-address-resolution-ack", Class::Discover),
    function(0x08, "forwarded-npdu", Class::Other),
    function(0x09, "register-foreign-device", Class::Session),
    function(0x0A, "delete-foreign-device-table-entry", Class::Configure),
    function(0x0B, "secured-bvll", Class::Other),
    function(0x0C, "distribute-broadcast-to-network", Class::Other),
];

/// Name and class of a function of the virtual link over IPv6.
pub(super) fn meaning_v6(code: u8) -> Option<(&'static str, Class)> {
    BVLC_FUNCTIONS_V6
        .iter()
        .find(|known| known.code == u32::from(code))
        .map(|known| (known.name, known.class))
}

/// Kinds of application data units (20.1).
const PDUS: &[Function] = &[
    function(0, "confirmed-request", Class::Other),
    function(1, "unconfirmed-request", Class::Other),
    function(2, "simple-ack", Class::Other),
    function(3, "complex-ack", Class::Other),
    function(4, "segment-ack", Class::Other),
    function(5, "error", Class::Other),
    function(6, "reject", Class::Other),
    function(7, "abort", Class::Other),
];

/// Confirmed services (21, BACnetConfirmedServiceChoice). Where a service does different things by its parameters, the
/// rows after the first of a code name them.
const CONFIRMED_SERVICES: &[Function] = &[
    function(0, "acknowledge-alarm", Class::Alarm),
    function(1, "confirmed-cov-notification", Class::Read),
    function(2, "confirmed-event-notification", Class::Alarm),
    function(3, "get-alarm-summary", Class::Alarm),
    function(4, "get-enrollment-summary", Class::Alarm),
    function(5, "subscribe-cov", Class::Read),
    function(6, "atomic-read-file", Class::File),
    function(7, "atomic-write-file", Class::File),
    function(8, "add-list-element", Class::Configure),
    function(9, "remove-list-element", Class::Configure),
    function(10, "create-object", Class::Configure),
    function(11, "delete-object", Class::Configure),
    function(12, "read-property", Class::Read),
    function(13, "read-property-conditional", Class::Read),
    function(14, "read-property-multiple", Class::Read),
    function(15, "write-property", Class::Write),
    function(15, "write-property-setting", Class::Configure),
    function(15, "write-property-program-change", Class::Operate),
    function(16, "write-property-multiple", Class::Write),
    function(17, "device-communication-control", Class::Operate),
    function(17, "device-communication-enable", Class::Operate),
    function(17, "device-communication-disable", Class::Operate),
    function(18, "confirmed-private-transfer", Class::Other),
    function(19, "confirmed-text-message", Class::Other),
    function(20, "reinitialize-device", Class::Operate),
    function(20, "reinitialize-device-coldstart", Class::Operate),
    function(20, "reinitialize-device-warmstart", Class::Operate),
    function(20, "reinitialize-device-backup", Class::Program),
    function(20, "reinitialize-device-restore", Class::Program),
    function(20, "reinitialize-device-activate-changes", Class::Configure),
    function(21, "vt-open", Class::Session),
    function(22, "vt-close", Class::Session),
    function(23, "vt-data", Class::Session),
    function(24, "authenticate", Class::Authenticate),
    function(25, "request-key", Class::Authenticate),
    function(26, "read-range", Class::Read),
    function(27, "life-safety-operation", Class::Operate),
    function(28, "subscribe-cov-property", Class::Read),
    function(29, "get-event-information", Class::Alarm),
    function(30, "subscribe-cov-property-multiple", Class::Read),
    function(31, "confirmed-cov-notification-multiple", Class::Read),
    function(32, "confirmed-audit-notification", Class::Diagnose),
    function(33, "audit-log-query", Class::Diagnose),
];

/// Unconfirmed services (21, BACnetUnconfirmedServiceChoice).
const UNCONFIRMED_SERVICES: &[Function] = &[
    function(0, "i-am", Class::Discover),
    function(1, "i-have", Class::Discover),
    function(2, "unconfirmed-cov-notification", Class::Read),
    function(3, "unconfirmed-event-notification", Class::Alarm),
    function(4, "unconfirmed-private-transfer", Class::Other),
    function(5, "unconfirmed-text-message", Class::Other),
    function(6, "time-synchronization", Class::Time),
    function(7, "who-has", Class::Discover),
    function(8, "who-is", Class::Discover),
    function(9, "utc-time-synchronization", Class::Time),
    function(10, "write-group", Class::Write),
    function(11, "unconfirmed-cov-notification-multiple", Class::Read),
    function(12, "unconfirmed-audit-notification", Class::Diagnose),
    function(13, "who-am-i", Class::Discover),
    function(14, "you-are", Class::Configure),
];

/// Messages of the network layer (6.2.4).
const NETWORK_MESSAGES: &[Function] = &[
    function(0x00, "who-is-router-to-network", Class::Discover),
    function(0x01, "i-am-router-to-network", Class::Discover),
    function(0x02, "i-could-be-router-to-network", Class::Discover),
    function(0x03, "reject-message-to-network", Class::Diagnose),
    function(0x04, "router-busy-to-network", Class::Diagnose),
    function(0x05, "router-available-to-network", Class::Diagnose),
    function(0x06, "initialize-routing-table", Class::Configure),
    function(0x07, "initialize-routing-table-ack", Class::Configure),
    function(0x08, "establish-connection-to-network", Class::Session),
    function(0x09, "disconnect-connection-to-network", Class::Session),
    function(0x0A, "challenge-request", Class::Authenticate),
    function(0x0B, "security-payload", Class::Authenticate),
    function(0x0C, "security-response", Class::Authenticate),
    function(0x0D, "request-key-update", Class::Authenticate),
    function(0x0E, "update-key-set", Class::Authenticate),
    function(0x0F, "update-distribution-key", Class::Authenticate),
    function(0x10, "request-master-key", Class::Authenticate),
    function(0x11, "set-master-key", Class::Authenticate),
    function(0x12, "what-is-network-number", Class::Discover),
    function(0x13, "network-number-is", Class::Discover),
];
