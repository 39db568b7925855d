//! SIP and RTSP as data.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element that counts methods.
pub(super) const METHOD: u8 = 0;
/// Index of the element that counts status codes.
pub(super) const STATUS: u8 = 1;
/// The registered ports.
pub(super) const SIP_PORT: u16 = 5060;
pub(super) const RTSP_PORTS: [u16; 2] = [554, 8554];

/// SIP.
pub static SIP: Protocol = Protocol {
    name: "sip",
    title: "Session initiation protocol",
    carriers: &[Carrier::Udp(SIP_PORT), Carrier::Tcp(SIP_PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "method", functions: SIP_METHODS, default_class: Class::Other },
        Element { name: "status", functions: SIP_STATUSES, default_class: Class::Other },
    ],
    documents: &["RFC 3261", "IANA registry of SIP methods and responses"],
};

/// Methods (IANA). On the wire the code is the method itself, here they are numbered.
const SIP_METHODS: &[Function] = &[
    function(0, "register", Class::Session),
    function(1, "invite", Class::Session),
    function(2, "ack", Class::Session),
    function(3, "cancel", Class::Session),
    function(4, "bye", Class::Session),
    function(5, "options", Class::Discover),
    function(6, "subscribe", Class::Session),
    function(7, "notify", Class::Alarm),
    function(8, "publish", Class::Write),
    function(9, "info", Class::Session),
    function(10, "refer", Class::Session),
    function(11, "message", Class::Write),
    function(12, "update", Class::Session),
    function(13, "prack", Class::Session),
];

const SIP_STATUSES: &[Function] = &[
    function(100, "trying", Class::Session),
    function(180, "ringing", Class::Session),
    function(181, "call-is-being-forwarded", Class::Session),
    function(183, "session-progress", Class::Session),
    function(200, "ok", Class::Session),
    function(202, "accepted", Class::Session),
    function(302, "moved-temporarily", Class::Session),
    function(400, "bad-request", Class::Session),
    function(401, "unauthorized", Class::Authenticate),
    function(403, "forbidden", Class::Authenticate),
    function(404, "not-found", Class::Session),
    function(405, "method-not-allowed", Class::Session),
    function(407, "proxy-authentication-required", Class::Authenticate),
    function(408, "request-timeout", Class::Session),
    function(480, "temporarily-unavailable", Class::Session),
    function(481, "call-does-not-exist", Class::Session),
    function(486, "busy-here", Class::Session),
    function(487, "request-terminated", Class::Session),
    function(488, "not-acceptable-here", Class::Session),
    function(500, "server-internal-error", Class::Session),
    function(503, "service-unavailable", Class::Session),
    function(603, "decline", Class::Session),
];

/// RTSP.
pub static RTSP: Protocol = Protocol {
    name: "rtsp",
    title: "Real-time streaming protocol",
    carriers: &[Carrier::Tcp(554), Carrier::Tcp(8554)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "method", functions: RTSP_METHODS, default_class: Class::Other },
        Element { name: "status", functions: RTSP_STATUSES, default_class: Class::Other },
    ],
    documents: &["RFC 2326 (RTSP 1.0)", "RFC 7826 (RTSP 2.0)"],
};

/// Methods (RFC 2326, 10; RFC 7826, 13).
const RTSP_METHODS: &[Function] = &[
    function(0, "options", Class::Discover),
    function(1, "describe", Class::Read),
    function(2, "announce", Class::Write),
    function(3, "setup", Class::Session),
    function(4, "play", Class::Read),
    function(5, "pause", Class::Session),
    function(6, "teardown", Class::Session),
    function(7, "get_parameter", Class::Read),
    function(8, "set_parameter", Class::Configure),
    function(9, "redirect", Class::Session),
    function(10, "record", Class::Write),
    function(11, "play_notify", Class::Alarm),
];

const RTSP_STATUSES: &[Function] = &[
    function(200, "ok", Class::Session),
    function(301, "moved-permanently", Class::Session),
    function(302, "moved-temporarily", Class::Session),
    function(400, "bad-request", Class::Session),
    function(401, "unauthorized", Class::Authenticate),
    function(403, "forbidden", Class::Authenticate),
    function(404, "not-found", Class::Session),
    function(405, "method-not-allowed", Class::Session),
    function(454, "session-not-found", Class::Session),
    function(455, "method-not-valid-in-this-state", Class::Session),
    function(461, "unsupported-transport", Class::Session),
    function(500, "internal-server-error", Class::Session),
    function(503, "service-unavailable", Class::Session),
    function(551, "option-not-supported", Class::Session),
];
