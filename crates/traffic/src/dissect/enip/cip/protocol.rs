//! CIP as data: services, what they do to which object, and status codes.
//!
//! The code of an object-specific service means one thing at one object and another at the next: [`meaning`] tells by
//! the object's class. Public objects are ODVA's; those of Rockwell's controllers follow its own manuals.

use std::sync::LazyLock;

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `service`.
pub(in super::super) const SERVICE: u8 = 0;
/// Index of the element `status`.
pub(in super::super) const STATUS: u8 = 1;
/// Index of the element `io`.
pub(in super::super) const IO: u8 = 2;
/// The code of implicit data in the element `io`.
pub(in super::super) const IMPLICIT_DATA: u32 = 0;

/// CIP, explicit and implicit.
pub static PROTOCOL: Protocol = Protocol {
    name: "cip",
    title: "Common Industrial Protocol",
    carriers: &[Carrier::Udp(2222)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "service", functions: SERVICES, default_class: Class::Other },
        Element { name: "status", functions: STATUSES, default_class: Class::Other },
        // Cyclic data of an open I/O connection. It sets outputs in one of its directions, hence write.
        Element {
            name: "io",
            functions: &[function(IMPLICIT_DATA, "implicit-data", Class::Write)],
            default_class: Class::Write,
        },
    ],
    documents: &[
        "ODVA, The CIP Networks Library Volume 1: Common Industrial Protocol, chapters 2 to 5 and appendices A to C",
        "Rockwell Automation, Logix 5000 Controllers Data Access, 1756-PM020",
        "Rockwell Automation, DF1 Protocol and Command Set Reference Manual, 1770-6.5.16 (PCCC)",
    ],
};

/// Services by number.
pub(super) mod service {
    pub(in super::super) const GET_ATTRIBUTES_ALL: u8 = 0x01;
    pub(in super::super) const GET_ATTRIBUTE_LIST: u8 = 0x03;
    pub(in super::super) const MULTIPLE_SERVICE_PACKET: u8 = 0x0a;
    pub(in super::super) const GET_ATTRIBUTE_SINGLE: u8 = 0x0e;
    pub(in super::super) const EXECUTE_PCCC: u8 = 0x4b;
    pub(in super::super) const UNCONNECTED_SEND: u8 = 0x52;
}

/// Object classes by number.
pub(super) mod object {
    pub(in super::super) const IDENTITY: u32 = 0x01;
    pub(in super::super) const CONNECTION_MANAGER: u32 = 0x06;
    pub(in super::super) const PCCC: u32 = 0x67;
}

/// A service whose meaning hangs on an object that is not known or not described here.
pub(super) const OBJECT_SPECIFIC: (&str, Class) = ("object-specific-service", Class::Other);
/// The first code whose meaning hangs on the object (Volume 1 appendix A §A-3).
const OBJECT_SPECIFIC_MIN: u8 = 0x4b;

/// The same code twice: the first is what the code means at any object, the others what it means at some.
const SERVICES: &[Function] = &[
    function(0x01, "get-attributes-all", Class::Read),
    function(0x02, "set-attributes-all", Class::Write),
    function(0x03, "get-attribute-list", Class::Read),
    function(0x04, "set-attribute-list", Class::Write),
    function(0x05, "reset", Class::Operate),
    function(0x06, "start", Class::Operate),
    function(0x07, "stop", Class::Operate),
    function(0x08, "create", Class::Configure),
    function(0x09, "delete", Class::Configure),
    function(0x0a, "multiple-service-packet", Class::Session),
    function(0x0d, "apply-attributes", Class::Configure),
    function(0x0e, "get-attribute-single", Class::Read),
    function(0x10, "set-attribute-single", Class::Write),
    function(0x11, "find-next-object-instance", Class::Discover),
    function(0x15, "restore", Class::Configure),
    function(0x16, "save", Class::Configure),
    function(0x17, "nop", Class::Session),
    function(0x18, "get-member", Class::Read),
    function(0x19, "set-member", Class::Write),
    function(0x1a, "insert-member", Class::Write),
    function(0x1b, "remove-member", Class::Write),
    function(0x1c, "group-sync", Class::Time),
    // Codes from 0x4b on mean what the object says. Where it is not known, or not described, that is all to be said.
    function(0x4b, OBJECT_SPECIFIC.0, OBJECT_SPECIFIC.1),
    // What attribute services do at objects that are no process data.
    function(0x01, "read-identity", Class::Discover),
    function(0x04, "configure-object", Class::Configure),
    function(0x04, "set-clock", Class::Time),
    // Connection Manager, Volume 1 §3-5.5.
    function(0x4e, "forward-close", Class::Session),
    function(0x52, "unconnected-send", Class::Session),
    function(0x54, "forward-open", Class::Session),
    function(0x56, "get-connection-data", Class::Diagnose),
    function(0x57, "search-connection-data", Class::Diagnose),
    function(0x5a, "get-connection-owner", Class::Diagnose),
    function(0x5b, "large-forward-open", Class::Session),
    // Tags of Logix controllers, 1756-PM020.
    function(0x4c, "read-tag", Class::Read),
    function(0x4d, "write-tag", Class::Write),
    function(0x4e, "read-modify-write-tag", Class::Write),
    function(0x52, "read-tag-fragmented", Class::Read),
    function(0x53, "write-tag-fragmented", Class::Write),
    function(0x55, "get-instance-attribute-list", Class::Discover),
    function(0x4c, "read-template", Class::Discover),
    // Logic of Logix controllers: services that Rockwell does not document, used by its engineering tool only.
    function(0x4f, "transfer-logic", Class::Program),
    function(0x08, "create-logic", Class::Program),
    function(0x09, "delete-logic", Class::Program),
    // PCCC object, by the command inside (1770-6.5.16).
    function(0x4b, "execute-pccc", Class::Other),
    function(0x4b, "pccc-read", Class::Read),
    function(0x4b, "pccc-write", Class::Write),
    function(0x4b, "pccc-diagnose", Class::Diagnose),
    function(0x4b, "pccc-operate", Class::Operate),
    function(0x4b, "pccc-program", Class::Program),
    function(0x4b, "pccc-configure", Class::Configure),
    // File object, Volume 1 §5A-42.
    function(0x4b, "initiate-upload", Class::File),
    function(0x4c, "initiate-download", Class::File),
    function(0x4d, "initiate-partial-read", Class::File),
    function(0x4e, "initiate-partial-write", Class::File),
    function(0x4f, "upload-transfer", Class::File),
    function(0x50, "download-transfer", Class::File),
    function(0x51, "clear-file", Class::File),
    // Nonvolatile storage object of Rockwell's devices, by which their firmware is replaced.
    function(0x4b, "update-firmware", Class::Firmware),
    // Modbus object, Volume 7A.
    function(0x4b, "modbus-read", Class::Read),
    function(0x4f, "modbus-write", Class::Write),
    function(0x51, "modbus-passthrough", Class::Other),
    // Safety supervisor object, Volume 5.
    function(0x4f, "configure-safety", Class::Configure),
    function(0x53, "safety-mode-change", Class::Operate),
    function(0x54, "safety-reset", Class::Operate),
];

/// What a service does at an object: first and last class, first and last service, name in the table above. The first row
/// that fits counts.
const AT_OBJECTS: &[(u32, u32, u8, u8, &str)] = &[
    (0x01, 0x01, 0x01, 0x01, "read-identity"),
    (0x01, 0x01, 0x03, 0x03, "read-identity"),
    (0x01, 0x01, 0x0e, 0x0e, "read-identity"),
    (0x06, 0x06, 0x4e, 0x4e, "forward-close"),
    (0x06, 0x06, 0x52, 0x52, "unconnected-send"),
    (0x06, 0x06, 0x54, 0x54, "forward-open"),
    (0x06, 0x06, 0x56, 0x56, "get-connection-data"),
    (0x06, 0x06, 0x57, 0x57, "search-connection-data"),
    (0x06, 0x06, 0x5a, 0x5a, "get-connection-owner"),
    (0x06, 0x06, 0x5b, 0x5b, "large-forward-open"),
    (0x37, 0x37, 0x4b, 0x4b, "initiate-upload"),
    (0x37, 0x37, 0x4c, 0x4c, "initiate-download"),
    (0x37, 0x37, 0x4d, 0x4d, "initiate-partial-read"),
    (0x37, 0x37, 0x4e, 0x4e, "initiate-partial-write"),
    (0x37, 0x37, 0x4f, 0x4f, "upload-transfer"),
    (0x37, 0x37, 0x50, 0x50, "download-transfer"),
    (0x37, 0x37, 0x51, 0x51, "clear-file"),
    (0x39, 0x39, 0x53, 0x53, "safety-mode-change"),
    (0x39, 0x39, 0x54, 0x54, "safety-reset"),
    (0x39, 0x39, 0x4c, 0x59, "configure-safety"),
    (0x44, 0x44, 0x4b, 0x4e, "modbus-read"),
    (0x44, 0x44, 0x4f, 0x50, "modbus-write"),
    (0x44, 0x44, 0x51, 0x51, "modbus-passthrough"),
    (0x67, 0x67, 0x4b, 0x4b, "execute-pccc"),
    // Symbols and templates, 1756-PM020.
    (0x6b, 0x6b, 0x4c, 0x4c, "read-tag"),
    (0x6b, 0x6b, 0x4d, 0x4d, "write-tag"),
    (0x6b, 0x6b, 0x4e, 0x4e, "read-modify-write-tag"),
    (0x6b, 0x6b, 0x52, 0x52, "read-tag-fragmented"),
    (0x6b, 0x6b, 0x53, 0x53, "write-tag-fragmented"),
    (0x6b, 0x6b, 0x55, 0x55, "get-instance-attribute-list"),
    (0x6c, 0x6c, 0x4c, 0x4c, "read-template"),
    // Lists of tags that a client lets the controller read in one go.
    (0x72, 0x72, 0x4c, 0x4c, "read-tag"),
    (0xb2, 0xb2, 0x4c, 0x4c, "read-tag"),
    // Programs, routines, tasks, symbols, templates.
    (0x68, 0x6c, 0x08, 0x08, "create-logic"),
    (0x68, 0x6c, 0x09, 0x09, "delete-logic"),
    (0x70, 0x70, 0x08, 0x08, "create-logic"),
    (0x70, 0x70, 0x09, 0x09, "delete-logic"),
    (0x68, 0x6a, 0x4b, 0x53, "transfer-logic"),
    (0x6d, 0x6e, 0x4b, 0x53, "transfer-logic"),
    (0xa1, 0xa1, 0x4b, 0x4d, "update-firmware"),
    // Setting the clock: time sync (Volume 1 §5A-39) and the wall clock of Logix controllers.
    (0x43, 0x43, 0x02, 0x02, "set-clock"),
    (0x43, 0x43, 0x04, 0x04, "set-clock"),
    (0x43, 0x43, 0x10, 0x10, "set-clock"),
    (0x8b, 0x8b, 0x02, 0x02, "set-clock"),
    (0x8b, 0x8b, 0x04, 0x04, "set-clock"),
    (0x8b, 0x8b, 0x10, 0x10, "set-clock"),
];

/// Services below the object-specific ones that [`AT_OBJECTS`] describes.
const DESCRIBED_BELOW: &[u8] = &[0x01, 0x02, 0x03, 0x04, 0x08, 0x09, 0x0e, 0x10];

/// Objects whose attributes are settings, not process values: first and last class.
const SETTINGS: &[(u32, u32)] = &[
    // Identity, message router, DeviceNet.
    (0x01, 0x03),
    // Connection, connection manager.
    (0x05, 0x06),
    // Parameter and parameter group.
    (0x0f, 0x10),
    // File; safety supervisor and validator.
    (0x37, 0x37),
    (0x39, 0x3a),
    // Originator connection list to QoS; target connection list; base switch to HSR nodes; CIP Security and its kin.
    (0x45, 0x48),
    (0x4d, 0x4d),
    (0x51, 0x57),
    (0x5d, 0x62),
    // Objects of Logix controllers other than symbols.
    (0x64, 0x6a),
    (0x6c, 0x70),
    (0x8e, 0x8e),
    (0xac, 0xac),
    // ControlNet to I/O aggregation: ports, TCP/IP interface, Ethernet link.
    (0xf0, 0xfa),
    // LLDP management.
    (0x109, 0x109),
];

/// Services that set attributes.
const SETTING_SERVICES: &[u8] = &[0x02, 0x04, 0x10, 0x19, 0x1a, 0x1b];

/// Tag services by symbol, without an object class in the path.
const BY_SYMBOL: u32 = 0x6b;

/// Every meaning there is, once; the first is that of a service of an unknown object.
static MEANINGS: LazyLock<Vec<(&'static str, Class)>> = LazyLock::new(|| {
    let services = SERVICES.iter().map(|function| (function.name, function.class));
    std::iter::once(OBJECT_SPECIFIC).chain(services.filter(|meaning| *meaning != OBJECT_SPECIFIC)).collect()
});

/// What a service means besides its code: a place in [`MEANINGS`], from 1; 0 is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Meaning(u8);

impl Meaning {
    const OBJECT_SPECIFIC: Self = Self(1);

    /// That of a name in the table.
    pub(super) fn of(meaning: (&'static str, Class)) -> Self {
        let place = MEANINGS.iter().position(|known| *known == meaning);
        Self(place.and_then(|place| u8::try_from(place + 1).ok()).unwrap_or(0))
    }

    /// Name and class.
    #[inline]
    pub(crate) fn get(self) -> Option<(&'static str, Class)> {
        MEANINGS.get(usize::from(self.0).checked_sub(1)?).copied()
    }
}

/// Classes and services of which the meaning is looked up once: others are as rare as they are few.
const CLASSES: u32 = 256;
const SERVICE_CODES: u8 = 128;

/// Meanings by class and service.
static LOOKED_UP: LazyLock<Vec<Meaning>> = LazyLock::new(|| {
    let meaning = |class, service| look_up(class, service).map_or(Meaning(0), Meaning::of);
    (0..CLASSES).flat_map(|class| (0..SERVICE_CODES).map(move |service| meaning(class, service))).collect()
});

/// What a service means at an object of this class (`None`: by symbol or not told), if that is not what the code itself says.
#[inline]
pub(crate) fn meaning(class: Option<u32>, by_symbol: bool, service: u8) -> Meaning {
    let class = match class {
        Some(class) => class,
        None if by_symbol => BY_SYMBOL,
        None if service >= OBJECT_SPECIFIC_MIN => return Meaning::OBJECT_SPECIFIC,
        None => return Meaning(0),
    };
    if class < CLASSES && service < SERVICE_CODES {
        let place = class as usize * usize::from(SERVICE_CODES) + usize::from(service);
        return LOOKED_UP.get(place).copied().unwrap_or_default();
    }
    look_up(class, service).map_or(Meaning(0), Meaning::of)
}

fn look_up(class: u32, service: u8) -> Option<(&'static str, Class)> {
    if service >= OBJECT_SPECIFIC_MIN || DESCRIBED_BELOW.contains(&service) {
        let fits = |(first, last, from, to, _): &&(u32, u32, u8, u8, &str)| {
            (*first..=*last).contains(&class) && (*from..=*to).contains(&service)
        };
        if let Some(row) = AT_OBJECTS.iter().find(fits) {
            return named(row.4);
        }
    }
    if SETTING_SERVICES.contains(&service)
        && SETTINGS.iter().any(|(first, last)| (*first..=*last).contains(&class))
    {
        return named("configure-object");
    }
    (service >= OBJECT_SPECIFIC_MIN).then_some(OBJECT_SPECIFIC)
}

/// Name and class by name.
pub(super) fn named(name: &str) -> Option<(&'static str, Class)> {
    SERVICES.iter().find(|function| function.name == name).map(|function| (function.name, function.class))
}

/// Volume 1 appendix B.
const STATUSES: &[Function] = &[
    function(0x00, "success", Class::Other),
    function(0x01, "connection-failure", Class::Other),
    function(0x02, "resource-unavailable", Class::Other),
    function(0x03, "invalid-parameter-value", Class::Other),
    function(0x04, "path-segment-error", Class::Other),
    function(0x05, "path-destination-unknown", Class::Other),
    function(0x06, "partial-transfer", Class::Other),
    function(0x07, "connection-lost", Class::Other),
    function(0x08, "service-not-supported", Class::Other),
    function(0x09, "invalid-attribute-value", Class::Other),
    function(0x0a, "attribute-list-error", Class::Other),
    function(0x0b, "already-in-requested-state", Class::Other),
    function(0x0c, "object-state-conflict", Class::Other),
    function(0x0d, "object-already-exists", Class::Other),
    function(0x0e, "attribute-not-settable", Class::Other),
    function(0x0f, "privilege-violation", Class::Other),
    function(0x10, "device-state-conflict", Class::Other),
    function(0x11, "reply-data-too-large", Class::Other),
    function(0x13, "not-enough-data", Class::Other),
    function(0x14, "attribute-not-supported", Class::Other),
    function(0x15, "too-much-data", Class::Other),
    function(0x16, "object-does-not-exist", Class::Other),
    function(0x1e, "embedded-service-error", Class::Other),
    function(0x1f, "vendor-specific-error", Class::Other),
    function(0x20, "invalid-parameter", Class::Other),
    function(0x25, "key-failure-in-path", Class::Other),
    function(0x26, "path-size-invalid", Class::Other),
    function(0xff, "object-specific-error", Class::Other),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_meaning_is_in_the_table() {
        for (_, _, first, _, name) in AT_OBJECTS {
            assert!(named(name).is_some(), "{name}");
            assert!(*first >= OBJECT_SPECIFIC_MIN || DESCRIBED_BELOW.contains(first), "{name}");
        }
        assert!(named("configure-object").is_some());
        assert!(MEANINGS.len() < 255);
    }

    #[test]
    fn the_object_decides_what_a_code_means() {
        let meaning = |class, by_symbol, service| meaning(class, by_symbol, service).get();
        let class = |class, service| meaning(Some(class), false, service).map(|meaning| meaning.1);
        assert_eq!(class(0x06, 0x4e), Some(Class::Session));
        assert_eq!(class(0x6b, 0x4e), Some(Class::Write));
        assert_eq!(class(0x37, 0x4f), Some(Class::File));
        assert_eq!(class(0x6a, 0x4f), Some(Class::Program));
        assert_eq!(class(0xf5, 0x10), Some(Class::Configure));
        assert_eq!(class(0x04, 0x10), None);
        assert_eq!(class(0x8b, 0x04), Some(Class::Time));
        assert_eq!(meaning(None, true, 0x4d).map(|meaning| meaning.1), Some(Class::Write));
        assert_eq!(meaning(None, false, 0x4d), Some(OBJECT_SPECIFIC));
        assert_eq!(meaning(None, false, 0x0e), None);
    }
}
