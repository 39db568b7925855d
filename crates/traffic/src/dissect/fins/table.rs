//! FINS as data: its commands, what its TCP header carries, and its end codes.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `command`.
pub(super) const COMMAND: u8 = 0;
/// Index of the element `tcp-command`.
pub(super) const TCP_COMMAND: u8 = 1;
/// Index of the element `end-code`.
pub(super) const END_CODE: u8 = 2;

/// FINS of Omron's controllers.
pub static PROTOCOL: Protocol = Protocol {
    name: "fins",
    title: "Omron FINS",
    carriers: &[Carrier::Udp(9600), Carrier::Tcp(9600)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "command", functions: COMMANDS, default_class: Class::Other },
        Element { name: "tcp-command", functions: TCP_COMMANDS, default_class: Class::Other },
        Element { name: "end-code", functions: END_CODES, default_class: Class::Other },
    ],
    documents: &[
        "Omron W227-E1-2, FINS Commands Reference Manual",
        "Omron W342-E1, CS/CJ/CP Series Communications Commands Reference Manual",
        "Omron W421-E1-04, Ethernet Units Operation Manual, Construction of Applications (FINS/TCP, §7)",
    ],
};

/// Read controller data (W227 §2-18): the answer says model and version.
pub(super) const CONTROLLER_DATA_READ: u16 = 0x0501;
/// Protect the program area, and lift that (W227 §2-11): both carry a password.
pub(super) const PROGRAM_AREA_PROTECT: u16 = 0x0304;
/// Lift the protection.
pub(super) const PROGRAM_AREA_PROTECT_CLEAR: u16 = 0x0305;
/// Read the controller's name (W227 §2-47).
pub(super) const NAME_READ: u16 = 0x2603;

/// W227 Appendix A; W342 §5-1; W421 §7-1.
const COMMANDS: &[Function] = &[
    function(0x0101, "memory-area-read", Class::Read),
    function(0x0102, "memory-area-write", Class::Write),
    function(0x0103, "memory-area-fill", Class::Write),
    function(0x0104, "multiple-memory-area-read", Class::Read),
    function(0x0105, "memory-area-transfer", Class::Write),
    function(0x0201, "parameter-area-read", Class::Read),
    function(0x0202, "parameter-area-write", Class::Configure),
    function(0x0203, "parameter-area-clear", Class::Configure),
    function(0x0220, "data-link-table-read", Class::Read),
    function(0x0221, "data-link-table-write", Class::Configure),
    function(0x0304, "program-area-protect", Class::Configure),
    function(0x0305, "program-area-protect-clear", Class::Configure),
    function(0x0306, "program-area-read", Class::Program),
    function(0x0307, "program-area-write", Class::Program),
    function(0x0308, "program-area-clear", Class::Program),
    function(0x0401, "run", Class::Operate),
    function(0x0402, "stop", Class::Operate),
    function(0x0403, "reset", Class::Operate),
    function(0x0501, "controller-data-read", Class::Discover),
    function(0x0502, "connection-data-read", Class::Discover),
    function(0x0601, "controller-status-read", Class::Diagnose),
    function(0x0602, "network-status-read", Class::Diagnose),
    function(0x0603, "data-link-status-read", Class::Diagnose),
    function(0x0620, "cycle-time-read", Class::Diagnose),
    function(0x0701, "clock-read", Class::Time),
    function(0x0702, "clock-write", Class::Time),
    function(0x0801, "loop-back-test", Class::Diagnose),
    function(0x0802, "broadcast-test-results-read", Class::Diagnose),
    function(0x0803, "broadcast-test-data-send", Class::Diagnose),
    function(0x0920, "message-read-clear", Class::Alarm),
    function(0x0c01, "access-right-acquire", Class::Session),
    function(0x0c02, "access-right-forced-acquire", Class::Session),
    function(0x0c03, "access-right-release", Class::Session),
    function(0x2101, "error-clear", Class::Operate),
    function(0x2102, "error-log-read", Class::Diagnose),
    function(0x2103, "error-log-clear", Class::Configure),
    function(0x2140, "write-access-log-read", Class::Diagnose),
    function(0x2141, "write-access-log-clear", Class::Configure),
    function(0x2201, "file-name-read", Class::File),
    function(0x2202, "single-file-read", Class::File),
    function(0x2203, "single-file-write", Class::File),
    function(0x2204, "memory-card-format", Class::File),
    function(0x2205, "file-delete", Class::File),
    function(0x2206, "volume-label-create-delete", Class::File),
    function(0x2207, "file-copy", Class::File),
    function(0x2208, "file-name-change", Class::File),
    function(0x2209, "file-data-check", Class::File),
    function(0x220a, "memory-area-file-transfer", Class::File),
    function(0x220b, "parameter-area-file-transfer", Class::Configure),
    function(0x220c, "program-area-file-transfer", Class::Program),
    function(0x220f, "file-memory-index-read", Class::File),
    function(0x2210, "file-memory-read", Class::File),
    function(0x2211, "file-memory-write", Class::File),
    function(0x2215, "create-delete-directory", Class::File),
    function(0x2220, "memory-cassette-transfer", Class::Program),
    function(0x2301, "forced-set-reset", Class::Write),
    function(0x2302, "forced-set-reset-cancel", Class::Write),
    function(0x230a, "multiple-forced-status-read", Class::Read),
    function(0x2601, "name-set", Class::Configure),
    function(0x2602, "name-delete", Class::Configure),
    function(0x2603, "name-read", Class::Discover),
    function(0x2720, "ping", Class::Diagnose),
    function(0x2730, "tcp-connection-remote-node-change", Class::Configure),
    function(0x2731, "tcp-connection-status-read", Class::Diagnose),
    function(0x2750, "ip-address-table-write", Class::Configure),
    function(0x2757, "ip-address-write", Class::Configure),
    function(0x2760, "ip-address-table-read", Class::Discover),
    function(0x2761, "ip-router-table-read", Class::Discover),
    function(0x2762, "protocol-status-read", Class::Diagnose),
    function(0x2763, "memory-status-read", Class::Diagnose),
    function(0x2764, "socket-status-read", Class::Diagnose),
    function(0x2765, "address-information-read", Class::Discover),
    function(0x2767, "ip-address-read", Class::Discover),
    function(0x2801, "explicit-message-send", Class::Other),
];

/// What the header of FINS/TCP carries (W421 §7-4): a FINS frame, or the exchange of node addresses before the first.
const TCP_COMMANDS: &[Function] = &[
    function(0, "node-address-request", Class::Session),
    function(1, "node-address-response", Class::Session),
    function(2, "frame-send", Class::Other),
    function(3, "frame-send-error", Class::Session),
    function(6, "connection-confirmation", Class::Session),
];

/// End codes other than the normal one (W227 §8-3), without the flags that a relay sets.
const END_CODES: &[Function] = &[
    function(0x0001, "service-interrupted", Class::Other),
    function(0x0103, "retries-exceeded", Class::Other),
    function(0x0202, "no-such-node", Class::Other),
    function(0x0204, "destination-node-busy", Class::Other),
    function(0x0205, "response-timeout", Class::Other),
    function(0x0401, "undefined-command", Class::Other),
    function(0x0402, "not-supported-by-model", Class::Other),
    function(0x0501, "no-route-to-node", Class::Other),
    function(0x1001, "command-too-long", Class::Other),
    function(0x1002, "command-too-short", Class::Other),
    function(0x1003, "item-count-differs", Class::Other),
    function(0x1004, "incorrect-command-format", Class::Other),
    function(0x1005, "incorrect-header", Class::Other),
    function(0x1101, "memory-area-unknown", Class::Other),
    function(0x1103, "first-address-inaccessible", Class::Other),
    function(0x1104, "word-range-exceeded", Class::Other),
    function(0x110b, "response-too-long", Class::Other),
    function(0x110c, "incorrect-parameter", Class::Other),
    function(0x2002, "read-protected", Class::Other),
    function(0x2101, "read-only", Class::Other),
    function(0x2102, "write-protected", Class::Other),
    function(0x2108, "data-cannot-be-changed", Class::Other),
    function(0x2201, "not-possible-while-running", Class::Other),
    function(0x2202, "not-possible-while-stopped", Class::Other),
    function(0x2601, "area-not-protected", Class::Other),
    function(0x2602, "incorrect-password", Class::Other),
    function(0x2604, "area-protected", Class::Other),
    function(0x3001, "access-right-held-by-another", Class::Other),
    function(0x4001, "command-aborted", Class::Other),
];
