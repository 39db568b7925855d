//! RDP as data.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The registered port.
pub(super) const PORT: u16 = 3389;
/// Index of the element that counts what negotiates security.
pub(super) const NEGOTIATION: u8 = 0;

/// RDP.
pub static PROTOCOL: Protocol = Protocol {
    name: "rdp",
    title: "Remote desktop protocol",
    carriers: &[Carrier::Tcp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "negotiation", functions: NEGOTIATIONS, default_class: Class::Session }],
    documents: &["MS-RDPBCGR 2.2.1 (connection sequence), 5.3 and 5.4 (security)", "RFC 1006", "T.125"],
};

/// Kinds of negotiation (MS-RDPBCGR 2.2.1.1.1, 2.2.1.2.1, 2.2.1.2.2).
const NEGOTIATIONS: &[Function] = &[
    function(1, "negotiation-request", Class::Session),
    function(2, "negotiation-response", Class::Session),
    function(3, "negotiation-failure", Class::Session),
];

/// The name of the security that a server chose (2.2.1.2.1).
pub(super) const fn security(chosen: u32) -> &'static str {
    match chosen {
        0 => "standard",
        1 => "TLS",
        2 => "NLA",
        4 => "RDSTLS",
        8 => "NLA-extended",
        16 => "RDSAAD",
        _ => "unknown",
    }
}

/// Why a server refuses (2.2.1.2.2).
pub(super) const fn failure(code: u32) -> &'static str {
    match code {
        1 => "TLS required",
        2 => "TLS not allowed",
        3 => "no certificate",
        4 => "inconsistent",
        5 => "NLA required",
        6 => "TLS with user authentication required",
        _ => "unknown",
    }
}

/// The encryption of standard security (2.2.1.4.3).
pub(super) const fn method(code: u32) -> &'static str {
    match code {
        0 => "none",
        1 => "RC4-40",
        2 => "RC4-128",
        8 => "RC4-56",
        16 => "FIPS",
        _ => "unknown",
    }
}

/// How much of a session standard security encrypts (2.2.1.4.3).
pub(super) const fn level(code: u32) -> &'static str {
    match code {
        0 => "none",
        1 => "low",
        2 => "client-compatible",
        3 => "high",
        4 => "FIPS",
        _ => "unknown",
    }
}
