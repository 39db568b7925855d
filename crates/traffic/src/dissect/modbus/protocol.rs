//! Modbus as data: its functions, exceptions and encapsulated interfaces.

use super::umas;
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `function`.
pub(super) const FUNCTION: u8 = 0;
/// Index of the element `exception`.
pub(super) const EXCEPTION: u8 = 1;
/// Index of the element `mei-type`.
pub(super) const MEI_TYPE: u8 = 2;

/// Index of the element `umas`.
pub(super) const UMAS: u8 = 3;

/// Modbus over TCP.
pub static PROTOCOL: Protocol = Protocol {
    name: "modbus",
    title: "Modbus/TCP",
    carriers: &[Carrier::Tcp(502), Carrier::Udp(502)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "function", functions: FUNCTIONS, default_class: Class::Other },
        Element { name: "exception", functions: EXCEPTIONS, default_class: Class::Other },
        Element { name: "mei-type", functions: MEI_TYPES, default_class: Class::Other },
        Element { name: "umas", functions: umas::CODES, default_class: Class::Program },
    ],
    documents: &[
        "MODBUS Application Protocol Specification V1.1b3",
        "MODBUS Messaging on TCP/IP Implementation Guide V1.0b",
        "MODBUS over Serial Line Specification and Implementation Guide V1.02",
        "Modicon Modbus Protocol Reference Guide PI-MBUS-300 Rev. J (functions 9 to 19 of old controllers)",
        "The Unity (UMAS) protocol, Liras en la red, 2017, parts I to V",
        "The secrets of Schneider Electric's UMAS protocol, Kaspersky ICS CERT, 2022",
        "Apache PLC4X, UMAS protocol specification (answers to init-communication, read-id and read-project-info)",
    ],
};

/// Restart communications option and force listen only mode (V1.1b3 §6.8.1, sub-functions 1 and 4): the device stops answering.
pub(super) const RESTART: (&str, Class) = ("restart-communications", Class::Operate);
/// Force listen only mode.
pub(super) const LISTEN_ONLY: (&str, Class) = ("force-listen-only-mode", Class::Operate);
/// Clear counters and diagnostic register, clear overrun counter and flag (sub-functions 10 and 20).
pub(super) const CLEAR_COUNTERS: (&str, Class) = ("clear-counters", Class::Configure);
/// MEI type 14 (V1.1b3 §6.21).
pub(super) const READ_DEVICE_IDENTIFICATION: (&str, Class) = ("read-device-identification", Class::Discover);
/// MEI type 13 (V1.1b3 §6.20): the SDO services of CANopen, reading or writing a device's parameters.
pub(super) const CANOPEN: (&str, Class) = ("canopen-general-reference", Class::Configure);
/// Function 90, reserved by the specification: Schneider Electric carries UMAS in it.
pub(super) const UMAS_FUNCTION: u32 = 90;

/// V1.1b3 §6; the same code twice: the first is the function, the others what a sub-function makes of it.
const FUNCTIONS: &[Function] = &[
    function(1, "read-coils", Class::Read),
    function(2, "read-discrete-inputs", Class::Read),
    function(3, "read-holding-registers", Class::Read),
    function(4, "read-input-registers", Class::Read),
    function(5, "write-single-coil", Class::Write),
    function(6, "write-single-register", Class::Write),
    function(7, "read-exception-status", Class::Diagnose),
    function(8, "diagnostics", Class::Diagnose),
    function(8, RESTART.0, RESTART.1),
    function(8, LISTEN_ONLY.0, LISTEN_ONLY.1),
    function(8, CLEAR_COUNTERS.0, CLEAR_COUNTERS.1),
    function(9, "program-484", Class::Program),
    function(10, "poll-484", Class::Program),
    function(11, "get-comm-event-counter", Class::Diagnose),
    function(12, "get-comm-event-log", Class::Diagnose),
    function(13, "program-controller", Class::Program),
    function(14, "poll-controller", Class::Program),
    function(15, "write-multiple-coils", Class::Write),
    function(16, "write-multiple-registers", Class::Write),
    function(17, "report-server-id", Class::Discover),
    function(18, "program-884", Class::Program),
    function(19, "reset-comm-link", Class::Operate),
    function(20, "read-file-record", Class::File),
    function(21, "write-file-record", Class::File),
    function(22, "mask-write-register", Class::Write),
    function(23, "read-write-multiple-registers", Class::Write),
    function(24, "read-fifo-queue", Class::Read),
    function(43, "encapsulated-interface-transport", Class::Other),
    function(43, CANOPEN.0, CANOPEN.1),
    function(43, READ_DEVICE_IDENTIFICATION.0, READ_DEVICE_IDENTIFICATION.1),
    // Who may use it may load programs; what the code in it does, the element of UMAS tells.
    function(UMAS_FUNCTION, "umas", Class::Program),
];

/// V1.1b3 §7.
const EXCEPTIONS: &[Function] = &[
    function(1, "illegal-function", Class::Other),
    function(2, "illegal-data-address", Class::Other),
    function(3, "illegal-data-value", Class::Other),
    function(4, "server-device-failure", Class::Other),
    function(5, "acknowledge", Class::Other),
    function(6, "server-device-busy", Class::Other),
    // Of PI-MBUS-300, no longer in V1.1b3.
    function(7, "negative-acknowledge", Class::Other),
    function(8, "memory-parity-error", Class::Other),
    function(10, "gateway-path-unavailable", Class::Other),
    function(11, "gateway-target-failed-to-respond", Class::Other),
];

/// V1.1b3 §6.19. Named otherwise than the functions, so that a permit's word means one thing.
const MEI_TYPES: &[Function] = &[
    function(13, "mei-canopen-general-reference", Class::Configure),
    function(14, "mei-read-device-identification", Class::Discover),
];
