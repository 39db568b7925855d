//! SNMP as data: its PDUs, and the vendors that a system's object identifier names.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `pdu`.
pub(super) const PDU: u8 = 0;
/// Index of the element `scoped-pdu`.
pub(super) const SCOPED_PDU: u8 = 1;
/// The code of an encrypted PDU in the element `scoped-pdu`.
pub(super) const ENCRYPTED: u32 = 1;

/// SNMP, all versions.
pub static PROTOCOL: Protocol = Protocol {
    name: "snmp",
    title: "SNMP",
    carriers: &[Carrier::Udp(161), Carrier::Udp(162), Carrier::Tcp(161)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[
        Element { name: "pdu", functions: PDUS, default_class: Class::Other },
        // What an encrypted PDU does, nobody between the peers can tell.
        Element {
            name: "scoped-pdu",
            functions: &[function(ENCRYPTED, "encrypted-pdu", Class::Other)],
            default_class: Class::Other,
        },
    ],
    documents: &["RFC 1157", "RFC 1901", "RFC 3411", "RFC 3412", "RFC 3414", "RFC 3416", "RFC 3418"],
};

/// RFC 3416 §3, by the number of the tag; 4 is the trap of RFC 1157 §4.1.6.
const PDUS: &[Function] = &[
    function(0, "get-request", Class::Read),
    function(1, "get-next-request", Class::Read),
    function(2, "response", Class::Read),
    function(3, "set-request", Class::Configure),
    function(4, "trap-v1", Class::Alarm),
    function(5, "get-bulk-request", Class::Read),
    function(6, "inform-request", Class::Alarm),
    function(7, "trap-v2", Class::Alarm),
    function(8, "report", Class::Session),
];

/// Vendors of industrial and network equipment by private enterprise number (IANA registry), in ascending order.
const ENTERPRISES: &[(u32, &str)] = &[
    (9, "Cisco Systems"),
    (11, "Hewlett-Packard"),
    (95, "Rockwell Automation"),
    (248, "Hirschmann"),
    (311, "Microsoft"),
    (318, "APC"),
    (343, "Intel"),
    (476, "Vertiv"),
    (534, "Eaton"),
    (674, "Dell"),
    (2011, "Huawei"),
    (2606, "Rittal"),
    (2636, "Juniper Networks"),
    (3375, "F5"),
    (3833, "Schneider Electric"),
    (4196, "Siemens"),
    (4329, "Siemens"),
    (4346, "Phoenix Contact"),
    (6876, "VMware"),
    (8691, "Moxa"),
    (8741, "SonicWall"),
    (12_356, "Fortinet"),
    (13_576, "WAGO"),
    (14_988, "MikroTik"),
    (15_004, "RuggedCom"),
    (16_177, "Westermo"),
    (25_506, "H3C"),
    (30_065, "Arista Networks"),
    (41_112, "Ubiquiti"),
];

/// The vendor of a private enterprise number.
pub(super) fn enterprise(number: u32) -> Option<&'static str> {
    let at = ENTERPRISES.binary_search_by_key(&number, |row| row.0).ok()?;
    ENTERPRISES.get(at).map(|row| row.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enterprises_are_sorted() {
        assert!(ENTERPRISES.is_sorted_by_key(|row| row.0));
        assert_eq!(enterprise(4196), Some("Siemens"));
    }
}
