//! TLS as data.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element that counts handshake messages in clear.
pub(super) const HANDSHAKE: u8 = 0;

/// TLS, and SSL 3.0 before it.
pub static PROTOCOL: Protocol = Protocol {
    name: "tls",
    title: "Transport layer security",
    carriers: &[
        Carrier::Tcp(443),
        Carrier::Tcp(8443),
        Carrier::Tcp(465),
        Carrier::Tcp(636),
        Carrier::Tcp(853),
        Carrier::Tcp(989),
        Carrier::Tcp(990),
        Carrier::Tcp(993),
        Carrier::Tcp(995),
        Carrier::Tcp(8883),
        // Protocols of plants over TLS: Modbus Security, CIP Security, IEC 62351-3 for IEC 60870-5-104, DNP3.
        Carrier::Tcp(802),
        Carrier::Tcp(2221),
        Carrier::Tcp(19998),
        Carrier::Tcp(19999),
    ],
    authentication: Protection::Always,
    encryption: Protection::Always,
    integrity: Protection::Always,
    elements: &[Element { name: "handshake", functions: HANDSHAKES, default_class: Class::Session }],
    documents: &["RFC 8446 (TLS 1.3)", "RFC 5246 (TLS 1.2)", "RFC 6066, 3 (server name)", "RFC 7301 (ALPN)"],
};

/// Handshake messages (RFC 8446, 4; RFC 5246, 7.4).
const HANDSHAKES: &[Function] = &[
    function(0, "hello-request", Class::Session),
    function(1, "client-hello", Class::Session),
    function(2, "server-hello", Class::Session),
    function(4, "new-session-ticket", Class::Session),
    function(8, "encrypted-extensions", Class::Session),
    function(11, "certificate", Class::Authenticate),
    function(12, "server-key-exchange", Class::Session),
    function(13, "certificate-request", Class::Authenticate),
    function(14, "server-hello-done", Class::Session),
    function(15, "certificate-verify", Class::Authenticate),
    function(16, "client-key-exchange", Class::Session),
    function(20, "finished", Class::Session),
    function(22, "certificate-status", Class::Authenticate),
];

/// The name of a protocol version.
pub(super) const fn version(number: u16) -> Option<&'static str> {
    match number {
        0x0300 => Some("SSL 3.0"),
        0x0301 => Some("TLS 1.0"),
        0x0302 => Some("TLS 1.1"),
        0x0303 => Some("TLS 1.2"),
        0x0304 => Some("TLS 1.3"),
        _ => None,
    }
}

/// Does this cipher suite encrypt nothing (suites named `…_WITH_NULL_…` in the registry of RFC 8447; RFC 9150)?
pub(super) const fn is_null_cipher(suite: u16) -> bool {
    matches!(
        suite,
        0x0000..=0x0002
            | 0x002C..=0x002E
            | 0x003B
            | 0x00B0 | 0x00B1 | 0x00B4 | 0x00B5 | 0x00B8 | 0x00B9
            | 0xC001 | 0xC006 | 0xC00B | 0xC010 | 0xC015
            | 0xC039..=0xC03B
            | 0xC0B4 | 0xC0B5
    )
}

/// Does this cipher suite prove no identity (suites named `…_anon_…`)?
pub(super) const fn is_anonymous(suite: u16) -> bool {
    matches!(
        suite,
        0x0000
            | 0x0017..=0x001B
            | 0x0034 | 0x003A | 0x0046 | 0x006C | 0x006D | 0x0089 | 0x009B | 0x00A6 | 0x00A7 | 0x00BF | 0x00C5
            | 0xC015..=0xC019
    )
}
