//! KNXnet/IP as data: services, messages to the bus, services of the application layer, manufacturers.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The port that is registered for KNXnet/IP (ISO 22510, 5.2).
pub(super) const PORT: u16 = 3671;

// Indexes of the elements.
pub(super) const SERVICE: u8 = 0;
pub(super) const CEMI: u8 = 1;
pub(super) const APPLICATION: u8 = 2;

/// KNXnet/IP.
pub static PROTOCOL: Protocol = Protocol {
    name: "knxnet_ip",
    title: "KNXnet/IP",
    carriers: &[Carrier::Udp(PORT), Carrier::Tcp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[
        Element { name: "service", functions: SERVICES, default_class: Class::Other },
        Element { name: "cemi", functions: CEMI_MESSAGES, default_class: Class::Other },
        Element { name: "application", functions: APPLICATION_SERVICES, default_class: Class::Other },
    ],
    documents: &[
        "ISO 22510:2019 (KNXnet/IP), 5 (core), 6 to 9 (device management, tunneling, routing, remote configuration)",
        "KNX Standard 3.8.9 (KNXnet/IP Secure), as ISO 22510 has it; EN 50090-3-4",
        "ISO/IEC 14543-3-1 to 3-3 and EN 50090-4 (application layer); EN 50090-4-3 (common EMI)",
    ],
};

/// Services (ISO 22510, annex A).
const SERVICES: &[Function] = &[
    function(0x0201, "search-request", Class::Discover),
    function(0x0202, "search-response", Class::Discover),
    function(0x0203, "description-request", Class::Discover),
    function(0x0204, "description-response", Class::Discover),
    function(0x0205, "connect-request", Class::Session),
    function(0x0206, "connect-response", Class::Session),
    function(0x0207, "connectionstate-request", Class::Session),
    function(0x0208, "connectionstate-response", Class::Session),
    function(0x0209, "disconnect-request", Class::Session),
    function(0x020A, "disconnect-response", Class::Session),
    function(0x020B, "search-request-extended", Class::Discover),
    function(0x020C, "search-response-extended", Class::Discover),
    function(0x0310, "device-configuration-request", Class::Other),
    function(0x0311, "device-configuration-ack", Class::Session),
    function(0x0420, "tunneling-request", Class::Other),
    function(0x0421, "tunneling-ack", Class::Session),
    function(0x0422, "tunneling-feature-get", Class::Read),
    function(0x0423, "tunneling-feature-response", Class::Read),
    function(0x0424, "tunneling-feature-set", Class::Configure),
    function(0x0425, "tunneling-feature-info", Class::Read),
    function(0x0530, "routing-indication", Class::Other),
    function(0x0531, "routing-lost-message", Class::Diagnose),
    function(0x0532, "routing-busy", Class::Diagnose),
    function(0x0533, "routing-system-broadcast", Class::Other),
    function(0x0740, "remote-diagnostic-request", Class::Diagnose),
    function(0x0741, "remote-diagnostic-response", Class::Diagnose),
    function(0x0742, "remote-basic-configuration-request", Class::Configure),
    function(0x0743, "remote-reset-request", Class::Operate),
    function(0x0950, "secure-wrapper", Class::Other),
    function(0x0951, "session-request", Class::Authenticate),
    function(0x0952, "session-response", Class::Authenticate),
    function(0x0953, "session-authenticate", Class::Authenticate),
    function(0x0954, "session-status", Class::Session),
    function(0x0955, "timer-notify", Class::Time),
];

/// Messages of the common external message interface (EN 50090-4-3).
const CEMI_MESSAGES: &[Function] = &[
    function(0x10, "l-raw-req", Class::Other),
    function(0x11, "l-data-req", Class::Other),
    function(0x13, "l-poll-data-req", Class::Read),
    function(0x25, "l-poll-data-con", Class::Read),
    function(0x29, "l-data-ind", Class::Other),
    function(0x2B, "l-busmon-ind", Class::Diagnose),
    function(0x2D, "l-raw-ind", Class::Other),
    function(0x2E, "l-data-con", Class::Other),
    function(0x2F, "l-raw-con", Class::Other),
    function(0x41, "t-data-connected-req", Class::Other),
    function(0x4A, "t-data-individual-req", Class::Other),
    function(0x89, "t-data-connected-ind", Class::Other),
    function(0x94, "t-data-individual-ind", Class::Other),
    function(0xF0, "m-reset-ind", Class::Operate),
    function(0xF1, "m-reset-req", Class::Operate),
    function(0xF5, "m-propwrite-con", Class::Configure),
    function(0xF6, "m-propwrite-req", Class::Configure),
    function(0xF7, "m-propinfo-ind", Class::Read),
    function(0xF8, "m-funcpropcommand-req", Class::Configure),
    function(0xF9, "m-funcpropstateread-req", Class::Read),
    function(0xFA, "m-funcprop-con", Class::Read),
    function(0xFB, "m-propread-con", Class::Read),
    function(0xFC, "m-propread-req", Class::Read),
];

/// Services of the application layer by their ten bits (KNX Standard 3.3.7). Those whose lower six bits are data stand
/// with zeros there.
const APPLICATION_SERVICES: &[Function] = &[
    function(0x000, "group-value-read", Class::Read),
    function(0x040, "group-value-response", Class::Read),
    function(0x080, "group-value-write", Class::Write),
    function(0x0C0, "individual-address-write", Class::Configure),
    function(0x100, "individual-address-read", Class::Discover),
    function(0x140, "individual-address-response", Class::Discover),
    function(0x180, "adc-read", Class::Read),
    function(0x1C0, "adc-response", Class::Read),
    function(0x1C8, "system-network-parameter-read", Class::Read),
    function(0x1C9, "system-network-parameter-response", Class::Read),
    function(0x1CA, "system-network-parameter-write", Class::Configure),
    function(0x1FB, "memory-extended-write", Class::Program),
    function(0x1FC, "memory-extended-write-response", Class::Program),
    function(0x1FD, "memory-extended-read", Class::Program),
    function(0x1FE, "memory-extended-read-response", Class::Program),
    function(0x200, "memory-read", Class::Program),
    function(0x240, "memory-response", Class::Program),
    function(0x280, "memory-write", Class::Program),
    function(0x2C0, "user-memory-read", Class::Program),
    function(0x2C1, "user-memory-response", Class::Program),
    function(0x2C2, "user-memory-write", Class::Program),
    function(0x2C5, "user-manufacturer-info-read", Class::Discover),
    function(0x2C6, "user-manufacturer-info-response", Class::Discover),
    function(0x2C7, "function-property-command", Class::Configure),
    function(0x2C8, "function-property-state-read", Class::Read),
    function(0x2C9, "function-property-state-response", Class::Read),
    function(0x300, "device-descriptor-read", Class::Discover),
    function(0x340, "device-descriptor-response", Class::Discover),
    function(0x380, "restart", Class::Operate),
    function(0x381, "master-reset", Class::Operate),
    function(0x3A1, "master-reset-response", Class::Operate),
    function(0x3D1, "authorize-request", Class::Authenticate),
    function(0x3D2, "authorize-response", Class::Authenticate),
    function(0x3D3, "key-write", Class::Authenticate),
    function(0x3D4, "key-response", Class::Authenticate),
    function(0x3D5, "property-value-read", Class::Read),
    function(0x3D6, "property-value-response", Class::Read),
    function(0x3D7, "property-value-write", Class::Configure),
    function(0x3D8, "property-description-read", Class::Read),
    function(0x3D9, "property-description-response", Class::Read),
    function(0x3DA, "network-parameter-read", Class::Discover),
    function(0x3DB, "network-parameter-response", Class::Discover),
    function(0x3DC, "individual-address-serial-number-read", Class::Discover),
    function(0x3DD, "individual-address-serial-number-response", Class::Discover),
    function(0x3DE, "individual-address-serial-number-write", Class::Configure),
    function(0x3E0, "domain-address-write", Class::Configure),
    function(0x3E1, "domain-address-read", Class::Discover),
    function(0x3E2, "domain-address-response", Class::Discover),
    function(0x3E4, "network-parameter-write", Class::Configure),
    function(0x3E5, "link-read", Class::Read),
    function(0x3E6, "link-response", Class::Read),
    function(0x3E7, "link-write", Class::Configure),
    function(0x3F1, "secure-service", Class::Other),
];

/// The code of an application service, of its ten bits: without the data in the lower six, where those are data.
pub(super) const fn application_code(bits: u16) -> u16 {
    match bits >> 6 {
        0..=2 | 6 | 8..=10 | 12 | 13 => bits & 0x3C0,
        // An answer of a converter, unless it is one of the services that took over the codes behind.
        7 if bits < 0x1C8 => 0x1C0,
        _ => bits,
    }
}

/// Is this a service that is known?
pub(super) fn is_service(code: u16) -> bool {
    SERVICES.binary_search_by_key(&u32::from(code), |known| known.code).is_ok()
}

/// Manufacturers by the numbers that the KNX Association gives them, in ascending order: the commonest.
const MANUFACTURERS: &[(u16, &str)] = &[
    (1, "Siemens"),
    (2, "ABB"),
    (4, "Albrecht Jung"),
    (5, "BTicino"),
    (6, "Berker"),
    (7, "Busch-Jaeger"),
    (8, "Gira"),
    (9, "Hager"),
    (10, "Insta"),
    (11, "Legrand"),
    (12, "Merten"),
    (72, "Theben"),
    (131, "MDT technologies"),
    (197, "Weinzierl"),
];

/// The manufacturer of a number.
pub(super) fn manufacturer(number: u16) -> Option<&'static str> {
    let at = MANUFACTURERS.binary_search_by_key(&number, |(known, _)| *known).ok()?;
    MANUFACTURERS.get(at).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_stand_in_order() {
        assert!(SERVICES.is_sorted_by(|a, b| a.code < b.code));
        assert!(MANUFACTURERS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn data_are_no_part_of_an_application_services_code() {
        assert_eq!([0x081, 0x28F, 0x1C3, 0x3D7].map(application_code), [0x080, 0x280, 0x1C0, 0x3D7]);
    }
}
