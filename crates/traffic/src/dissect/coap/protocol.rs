//! CoAP as data: codes, and what requests to well-known resources do.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The port that is registered for CoAP, over UDP and TCP (RFC 7252, 6.1; RFC 8323, 8.1).
pub(super) const PORT: u16 = 5683;

/// Index of the element that counts codes.
pub(super) const CODE: u8 = 0;

/// CoAP.
pub static PROTOCOL: Protocol = Protocol {
    name: "coap",
    title: "Constrained Application Protocol",
    carriers: &[Carrier::Udp(PORT), Carrier::Tcp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "code", functions: CODES, default_class: Class::Other }],
    documents: &[
        "RFC 7252 (CoAP), 3 (message format), 5 (requests, responses, options), 12 (registries)",
        "RFC 7959 (blocks), RFC 8132 (FETCH, PATCH), RFC 8613 (OSCORE)",
        "RFC 8323 (CoAP over TCP); RFC 6690 (resource discovery)",
        "OMA LightweightM2M 1.2, Core and Transport: registration, objects 3 and 5",
    ],
};

/// Codes: three bits of class, five of detail (RFC 7252, 12.1). The last rows are requests whose resource says what
/// they do.
const CODES: &[Function] = &[
    function(0, "empty", Class::Session),
    function(1, "get", Class::Read),
    function(2, "post", Class::Write),
    function(3, "put", Class::Write),
    function(4, "delete", Class::Write),
    function(5, "fetch", Class::Read),
    function(6, "patch", Class::Write),
    function(7, "ipatch", Class::Write),
    function(65, "created", Class::Other),
    function(66, "deleted", Class::Other),
    function(67, "valid", Class::Other),
    function(68, "changed", Class::Other),
    function(69, "content", Class::Other),
    function(95, "continue", Class::Other),
    function(128, "bad-request", Class::Other),
    function(129, "unauthorized", Class::Other),
    function(130, "bad-option", Class::Other),
    function(131, "forbidden", Class::Other),
    function(132, "not-found", Class::Other),
    function(133, "method-not-allowed", Class::Other),
    function(134, "not-acceptable", Class::Other),
    function(136, "request-entity-incomplete", Class::Other),
    function(137, "conflict", Class::Other),
    function(140, "precondition-failed", Class::Other),
    function(141, "request-entity-too-large", Class::Other),
    function(143, "unsupported-content-format", Class::Other),
    function(150, "unprocessable-entity", Class::Other),
    function(157, "too-many-requests", Class::Other),
    function(160, "internal-server-error", Class::Other),
    function(161, "not-implemented", Class::Other),
    function(162, "bad-gateway", Class::Other),
    function(163, "service-unavailable", Class::Other),
    function(164, "gateway-timeout", Class::Other),
    function(165, "proxying-not-supported", Class::Other),
    function(168, "hop-limit-reached", Class::Other),
    function(225, "capabilities-and-settings", Class::Session),
    function(226, "ping", Class::Session),
    function(227, "pong", Class::Session),
    function(228, "release", Class::Session),
    function(229, "abort", Class::Session),
    function(1, "discover-resources", Class::Discover),
    function(2, "register", Class::Session),
    function(2, "execute-device-restart", Class::Operate),
    function(3, "write-firmware", Class::Firmware),
];

/// Is this a code that is known?
pub(super) fn is_code(code: u8) -> bool {
    CODES.iter().any(|known| known.code == u32::from(code))
}

/// What a request to a resource does, where that is known of the resource.
pub(super) fn meaning(code: u8, path: &str) -> Option<(&'static str, Class)> {
    let name = match (code, path) {
        (1, "/.well-known/core") => "discover-resources",
        (2, "/rd") => "register",
        // LightweightM2M: reboot and factory reset of the device object; the firmware object.
        (2, "/3/0/4" | "/3/0/5") => "execute-device-restart",
        (2 | 3, path) if path == "/5" || path.starts_with("/5/") => "write-firmware",
        _ => return None,
    };
    CODES.iter().find(|known| known.name == name).map(|known| (known.name, known.class))
}
