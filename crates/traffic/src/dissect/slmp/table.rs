//! SLMP as data: its commands and end codes.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `command`.
pub(super) const COMMAND: u8 = 0;
/// Index of the element `end-code`.
pub(super) const END_CODE: u8 = 1;

/// SLMP, which is also MELSEC's communication protocol with frames 3E and 4E.
pub static PROTOCOL: Protocol = Protocol {
    name: "slmp",
    title: "SLMP (MELSEC communication protocol, frames 3E and 4E)",
    carriers: &[
        Carrier::Tcp(5007),
        Carrier::Udp(5006),
        Carrier::Tcp(5010),
        // CC-Link IE Field Network Basic: cyclic data, and the search for nodes.
        Carrier::Udp(61450),
        Carrier::Udp(61451),
    ],
    // The remote password opens a port; it goes over the wire as it is.
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "command", functions: COMMANDS, default_class: Class::Other },
        Element { name: "end-code", functions: END_CODES, default_class: Class::Other },
    ],
    documents: &[
        "Mitsubishi Electric SH-080956ENG, SLMP Reference Manual",
        "Mitsubishi Electric SH-080008, MELSEC Communication Protocol Reference Manual",
        "CLPA, CC-Link IE Field Network Basic, cyclic transmission over SLMP (command 0E70)",
    ],
};

/// Read the type name.
pub(super) const READ_TYPE_NAME: u16 = 0x0101;
/// Open a port with the remote password.
pub(super) const PASSWORD_UNLOCK: u16 = 0x1630;
/// Close it again.
pub(super) const PASSWORD_LOCK: u16 = 0x1631;

/// SLMP Reference Manual, list of commands.
const COMMANDS: &[Function] = &[
    function(0x0101, "read-type-name", Class::Discover),
    function(0x0401, "read", Class::Read),
    function(0x0403, "read-random", Class::Read),
    function(0x0406, "read-block", Class::Read),
    function(0x041a, "array-label-read", Class::Read),
    function(0x041c, "label-read-random", Class::Read),
    function(0x0601, "extend-unit-read", Class::Read),
    function(0x0613, "memory-read", Class::Read),
    function(0x0619, "self-test", Class::Diagnose),
    function(0x0801, "entry-monitor-device", Class::Read),
    function(0x0802, "execute-monitor", Class::Read),
    function(0x0e30, "node-search", Class::Discover),
    function(0x0e31, "ip-address-set", Class::Configure),
    function(0x0e70, "cyclic-data", Class::Write),
    function(0x1001, "remote-run", Class::Operate),
    function(0x1002, "remote-stop", Class::Operate),
    function(0x1003, "remote-pause", Class::Operate),
    function(0x1005, "remote-latch-clear", Class::Operate),
    function(0x1006, "remote-reset", Class::Operate),
    function(0x1401, "write", Class::Write),
    function(0x1402, "write-random", Class::Write),
    function(0x1406, "write-block", Class::Write),
    function(0x141a, "array-label-write", Class::Write),
    function(0x141b, "label-write-random", Class::Write),
    function(0x1601, "extend-unit-write", Class::Write),
    function(0x1613, "memory-write", Class::Write),
    function(0x1617, "clear-error", Class::Operate),
    function(0x1630, "remote-password-unlock", Class::Authenticate),
    function(0x1631, "remote-password-lock", Class::Authenticate),
    function(0x1810, "read-directory", Class::File),
    function(0x1811, "search-directory", Class::File),
    function(0x1820, "new-file", Class::File),
    function(0x1822, "delete-file", Class::File),
    function(0x1824, "copy-file", Class::File),
    function(0x1825, "change-file-state", Class::File),
    function(0x1826, "change-file-date", Class::File),
    function(0x1827, "open-file", Class::File),
    function(0x1828, "read-file", Class::File),
    function(0x1829, "write-file", Class::File),
    function(0x182a, "close-file", Class::File),
    function(0x2101, "on-demand", Class::Alarm),
];

/// SLMP Reference Manual, list of end codes.
const END_CODES: &[Function] = &[
    function(0x0000, "success", Class::Other),
    function(0x0055, "writing-prohibited-during-run", Class::Other),
    function(0xc050, "ascii-cannot-be-converted", Class::Other),
    function(0xc051, "point-count-out-of-range", Class::Other),
    function(0xc056, "address-out-of-range", Class::Other),
    function(0xc058, "data-length-differs", Class::Other),
    function(0xc059, "wrong-command", Class::Other),
    function(0xc05b, "device-cannot-be-accessed", Class::Other),
    function(0xc05c, "wrong-request", Class::Other),
    function(0xc05f, "request-cannot-be-executed", Class::Other),
    function(0xc061, "request-length-differs", Class::Other),
    function(0xc200, "wrong-remote-password", Class::Other),
    function(0xc201, "port-is-locked", Class::Other),
];
