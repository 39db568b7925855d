//! HTTP and SSDP as data.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element that counts methods.
pub(super) const METHOD: u8 = 0;
/// Index of the element that counts status codes.
pub(super) const STATUS: u8 = 1;

/// The port that SSDP uses (UPnP Device Architecture 2.0, 1.1).
pub(super) const SSDP_PORT: u16 = 1900;

/// HTTP/1.
pub static HTTP: Protocol = Protocol {
    name: "http",
    title: "HTTP/1",
    carriers: &[Carrier::Tcp(80), Carrier::Tcp(8080), Carrier::Tcp(8000), Carrier::Tcp(8008)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: ELEMENTS,
    documents: &["RFC 9110, 9 (methods), 15 (status codes)", "RFC 9112 (HTTP/1.1)"],
};

/// The simple service discovery protocol: HTTP's format in datagrams. Its messages are counted as HTTP's.
pub static SSDP: Protocol = Protocol {
    name: "ssdp",
    title: "Simple service discovery protocol",
    carriers: &[Carrier::Udp(SSDP_PORT)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: ELEMENTS,
    documents: &["UPnP Device Architecture 2.0, 1 (discovery)"],
};

const ELEMENTS: &[Element] = &[
    Element { name: "method", functions: METHODS, default_class: Class::Other },
    Element { name: "status", functions: STATUSES, default_class: Class::Other },
];

/// Methods. On the wire the code is the method itself, here they are numbered; [`name_of`] gives the name.
pub(super) const METHODS: &[Function] = &[
    function(0, "get", Class::Read),
    function(1, "head", Class::Read),
    function(2, "post", Class::Write),
    function(3, "put", Class::Write),
    function(4, "delete", Class::Write),
    function(5, "connect", Class::Session),
    function(6, "options", Class::Discover),
    function(7, "trace", Class::Diagnose),
    function(8, "patch", Class::Write),
    function(9, "propfind", Class::Read),
    function(10, "proppatch", Class::Write),
    function(11, "mkcol", Class::File),
    function(12, "copy", Class::File),
    function(13, "move", Class::File),
    function(14, "lock", Class::File),
    function(15, "unlock", Class::File),
    function(16, "report", Class::Read),
    function(17, "search", Class::Read),
    function(18, "m-search", Class::Discover),
    function(19, "notify", Class::Alarm),
    function(20, "subscribe", Class::Session),
    function(21, "unsubscribe", Class::Session),
    function(22, "poll", Class::Read),
    function(23, "rpc_in_data", Class::Session),
    function(24, "rpc_out_data", Class::Session),
];

/// Name and class of a method.
pub(super) fn name_of(method: &str) -> Option<(&'static str, Class)> {
    let known = METHODS.iter().find(|known| known.name.eq_ignore_ascii_case(method))?;
    Some((known.name, known.class))
}

/// Status codes (RFC 9110, 15).
const STATUSES: &[Function] = &[
    function(100, "continue", Class::Other),
    function(101, "switching-protocols", Class::Session),
    function(200, "ok", Class::Other),
    function(201, "created", Class::Other),
    function(202, "accepted", Class::Other),
    function(204, "no-content", Class::Other),
    function(206, "partial-content", Class::Other),
    function(207, "multi-status", Class::Other),
    function(301, "moved-permanently", Class::Other),
    function(302, "found", Class::Other),
    function(303, "see-other", Class::Other),
    function(304, "not-modified", Class::Other),
    function(307, "temporary-redirect", Class::Other),
    function(308, "permanent-redirect", Class::Other),
    function(400, "bad-request", Class::Other),
    function(401, "unauthorized", Class::Authenticate),
    function(403, "forbidden", Class::Authenticate),
    function(404, "not-found", Class::Other),
    function(405, "method-not-allowed", Class::Other),
    function(407, "proxy-authentication-required", Class::Authenticate),
    function(408, "request-timeout", Class::Other),
    function(409, "conflict", Class::Other),
    function(411, "length-required", Class::Other),
    function(413, "content-too-large", Class::Other),
    function(415, "unsupported-media-type", Class::Other),
    function(429, "too-many-requests", Class::Other),
    function(500, "internal-server-error", Class::Other),
    function(501, "not-implemented", Class::Other),
    function(502, "bad-gateway", Class::Other),
    function(503, "service-unavailable", Class::Other),
    function(504, "gateway-timeout", Class::Other),
    function(505, "http-version-not-supported", Class::Other),
];
