//! DNP3 as data.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The port that is registered for DNP3, TCP and UDP (IEEE 1815, 13.1).
pub(super) const PORT: u16 = 20000;

/// Index of the element that counts application functions.
pub(super) const FUNCTION: u8 = 0;
/// Index of the element that counts link functions of primary frames without an application function.
pub(super) const LINK_PRIMARY: u8 = 1;
/// Index of the element that counts link functions of secondary frames.
pub(super) const LINK_SECONDARY: u8 = 2;

/// DNP3.
pub static PROTOCOL: Protocol = Protocol {
    name: "dnp3",
    title: "DNP3",
    carriers: &[Carrier::Tcp(PORT), Carrier::Udp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Sometimes,
    elements: &[
        Element { name: "function", functions: FUNCTIONS, default_class: Class::Other },
        Element { name: "link-primary", functions: PRIMARY, default_class: Class::Session },
        Element { name: "link-secondary", functions: SECONDARY, default_class: Class::Session },
    ],
    documents: &[
        "IEEE 1815-2012, 4 (application layer) and table 4-1 (function codes)",
        "IEEE 1815-2012, 7 (secure authentication)",
        "IEEE 1815-2012, 8 (transport function), 9 (data link layer), 13 (IP networking)",
        "IEEE 1815-2012, annex A (object library)",
    ],
};

/// Application functions (IEEE 1815, table 4-1). A code met twice has names that hang on the objects (annex A).
const FUNCTIONS: &[Function] = &[
    function(0, "confirm", Class::Session),
    function(1, "read", Class::Read),
    function(1, READ_ATTRIBUTES.0, READ_ATTRIBUTES.1),
    function(1, READ_FILE.0, READ_FILE.1),
    function(2, "write", Class::Write),
    function(2, WRITE_TIME.0, WRITE_TIME.1),
    function(2, WRITE_FILE.0, WRITE_FILE.1),
    function(3, "select", Class::Operate),
    function(4, "operate", Class::Operate),
    function(5, "direct-operate", Class::Operate),
    function(6, "direct-operate-no-response", Class::Operate),
    function(7, "immediate-freeze", Class::Operate),
    function(8, "immediate-freeze-no-response", Class::Operate),
    function(9, "freeze-and-clear", Class::Operate),
    function(10, "freeze-and-clear-no-response", Class::Operate),
    function(11, "freeze-at-time", Class::Operate),
    function(12, "freeze-at-time-no-response", Class::Operate),
    function(13, "cold-restart", Class::Operate),
    function(14, "warm-restart", Class::Operate),
    function(15, "initialize-data", Class::Configure),
    function(16, "initialize-application", Class::Operate),
    function(17, "start-application", Class::Operate),
    function(18, "stop-application", Class::Operate),
    function(19, "save-configuration", Class::Configure),
    function(20, "enable-unsolicited", Class::Configure),
    function(21, "disable-unsolicited", Class::Configure),
    function(22, "assign-class", Class::Configure),
    function(23, "delay-measurement", Class::Time),
    function(24, "record-current-time", Class::Time),
    function(25, "open-file", Class::File),
    function(26, "close-file", Class::File),
    function(27, "delete-file", Class::File),
    function(28, "get-file-information", Class::File),
    function(29, "authenticate-file", Class::Authenticate),
    function(30, "abort-file", Class::File),
    function(31, "activate-configuration", Class::Configure),
    function(32, "authentication-request", Class::Authenticate),
    function(33, "authentication-request-no-acknowledgment", Class::Authenticate),
    function(129, "response", Class::Read),
    function(130, "unsolicited-response", Class::Alarm),
    function(131, "authentication-response", Class::Authenticate),
];

/// Reading group 0, the device's attributes.
pub(super) const READ_ATTRIBUTES: (&str, Class) = ("read-attributes", Class::Discover);
/// Reading group 70, a block of a file.
pub(super) const READ_FILE: (&str, Class) = ("read-file", Class::File);
/// Writing group 50, the time.
pub(super) const WRITE_TIME: (&str, Class) = ("write-time", Class::Time);
/// Writing group 70, a block of a file.
pub(super) const WRITE_FILE: (&str, Class) = ("write-file", Class::File);

/// Link functions of primary frames (IEEE 1815, table 9-1).
const PRIMARY: &[Function] = &[
    function(0, "reset-link-states", Class::Session),
    function(1, "reset-user-process", Class::Operate),
    function(2, "test-link-states", Class::Diagnose),
    function(3, "confirmed-user-data", Class::Session),
    function(4, "unconfirmed-user-data", Class::Session),
    function(9, "request-link-status", Class::Diagnose),
];

/// Link functions of secondary frames (IEEE 1815, table 9-2).
const SECONDARY: &[Function] = &[
    function(0, "acknowledgment", Class::Session),
    function(1, "negative-acknowledgment", Class::Session),
    function(11, "link-status", Class::Diagnose),
    function(14, "link-service-not-functioning", Class::Diagnose),
    function(15, "not-supported", Class::Session),
];
