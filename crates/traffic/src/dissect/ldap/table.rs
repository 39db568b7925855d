//! LDAP as data.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Port of LDAP; the global catalog of Active Directory has one more.
pub(super) const PORT: u16 = 389;
const CATALOG_PORT: u16 = 3268;

/// Index of the element that counts operations.
pub(super) const OPERATION: u8 = 0;
/// Index of the element that counts messages that are hidden.
pub(super) const HIDDEN: u8 = 1;

/// LDAP.
pub static PROTOCOL: Protocol = Protocol {
    name: "ldap",
    title: "Lightweight Directory Access Protocol",
    carriers: &[Carrier::Tcp(PORT), Carrier::Tcp(CATALOG_PORT), Carrier::Udp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[
        Element { name: "operation", functions: OPERATIONS, default_class: Class::Other },
        Element {
            name: "sasl",
            functions: &[function(0, "sealed-message", Class::Other)],
            default_class: Class::Other,
        },
    ],
    documents: &[
        "RFC 4511 (LDAP: The Protocol), 4; RFC 4513 (authentication), 5; RFC 4512, 5.1 (root DSE)",
        "RFC 4422 (SASL), 3.7; RFC 4752 (GSSAPI), 3; RFC 4121, 4.2 (wrap tokens)",
        "Microsoft MS-ADTS (Active Directory), 5.1.1 and 6.3",
    ],
};

type Meaning = (&'static str, Class);
const START_TLS: Meaning = ("start-tls", Class::Session);
const PASSWORD_MODIFY: Meaning = ("password-modify", Class::Configure);
const WHO_AM_I: Meaning = ("who-am-i", Class::Read);

/// The extended operation that goes over to TLS (RFC 4511, 4.14).
pub(super) const START_TLS_NAME: &[u8] = b"1.3.6.1.4.1.1466.20037";

/// What an extended request asks for.
pub(super) fn extended(name: &[u8]) -> Option<Meaning> {
    match name {
        START_TLS_NAME => Some(START_TLS),
        b"1.3.6.1.4.1.4203.1.11.1" => Some(PASSWORD_MODIFY),
        b"1.3.6.1.4.1.4203.1.11.3" => Some(WHO_AM_I),
        _ => None,
    }
}

/// Operations by the number of their tag (RFC 4511, 4.2 to 4.13).
const OPERATIONS: &[Function] = &[
    function(0, "bind-request", Class::Authenticate),
    function(1, "bind-response", Class::Authenticate),
    function(2, "unbind-request", Class::Session),
    function(3, "search-request", Class::Read),
    function(4, "search-result-entry", Class::Read),
    function(5, "search-result-done", Class::Read),
    function(6, "modify-request", Class::Configure),
    function(7, "modify-response", Class::Configure),
    function(8, "add-request", Class::Configure),
    function(9, "add-response", Class::Configure),
    function(10, "delete-request", Class::Configure),
    function(11, "delete-response", Class::Configure),
    function(12, "modify-dn-request", Class::Configure),
    function(13, "modify-dn-response", Class::Configure),
    function(14, "compare-request", Class::Read),
    function(15, "compare-response", Class::Read),
    function(16, "abandon-request", Class::Session),
    function(19, "search-result-reference", Class::Read),
    function(23, "extended-request", Class::Other),
    function(23, START_TLS.0, START_TLS.1),
    function(23, PASSWORD_MODIFY.0, PASSWORD_MODIFY.1),
    function(23, WHO_AM_I.0, WHO_AM_I.1),
    function(24, "extended-response", Class::Other),
    function(25, "intermediate-response", Class::Other),
];
