//! EtherCAT as data: frames, commands of datagrams, state requests, mailbox protocols.

use crate::dissect::canopen::DOWNLOADS;
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The EtherType, and the UDP port of the same number (ETG.1000.4, 4.1).
pub(super) const ETHER_TYPE: u16 = 0x88A4;

// Indexes of the elements.
pub(super) const COMMAND: u8 = 0;
pub(super) const FRAME: u8 = 1;
pub(super) const STATE: u8 = 2;
pub(super) const MAILBOX: u8 = 3;
pub(super) const COE: u8 = 4;
pub(super) const SDO: u8 = 5;
pub(super) const FOE: u8 = 6;
pub(super) const SOE: u8 = 7;
pub(super) const EOE: u8 = 8;

/// EtherCAT.
pub static PROTOCOL: Protocol = Protocol {
    name: "ethercat",
    title: "EtherCAT",
    carriers: &[Carrier::EtherType(ETHER_TYPE), Carrier::Udp(ETHER_TYPE)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "command", functions: COMMANDS, default_class: Class::Other },
        Element { name: "frame", functions: FRAMES, default_class: Class::Other },
        Element { name: "state", functions: STATES, default_class: Class::Operate },
        Element { name: "mailbox", functions: MAILBOXES, default_class: Class::Other },
        Element { name: "coe", functions: COE_SERVICES, default_class: Class::Other },
        Element { name: "sdo", functions: SDO_COMMANDS, default_class: Class::Other },
        Element { name: "foe", functions: FOE_OPCODES, default_class: Class::File },
        Element { name: "soe", functions: SOE_OPCODES, default_class: Class::Other },
        Element { name: "eoe", functions: EOE_TYPES, default_class: Class::Other },
    ],
    documents: &[
        "ETG.1000.4 V1.0.4 (IEC 61158-4-12), EtherCAT data link layer: frames, datagrams, registers, mailbox",
        "ETG.1000.6 V1.0.4 (IEC 61158-6-12), EtherCAT application layer: states, CoE, FoE, SoE, EoE",
        "CiA 301 V4.2.0 and CiA 302-3, objects of CANopen devices",
    ],
};

/// Commands of datagrams (ETG.1000.4, 5.4.1). The rows after are writes whose register says what they do.
const COMMANDS: &[Function] = &[
    function(0, "nop", Class::Other),
    function(1, "aprd", Class::Read),
    function(2, "apwr", Class::Write),
    function(3, "aprw", Class::Write),
    function(4, "fprd", Class::Read),
    function(5, "fpwr", Class::Write),
    function(6, "fprw", Class::Write),
    function(7, "brd", Class::Read),
    function(8, "bwr", Class::Write),
    function(9, "brw", Class::Write),
    function(10, "lrd", Class::Read),
    function(11, "lwr", Class::Write),
    function(12, "lrw", Class::Write),
    function(13, "armw", Class::Write),
    function(14, "frmw", Class::Write),
    function(2, "write-al-control", Class::Operate),
    function(2, "write-reset", Class::Operate),
    function(2, "write-register", Class::Configure),
    function(2, "write-error-counter", Class::Diagnose),
    function(2, "write-clock", Class::Time),
    function(2, "write-sii-control", Class::Configure),
    function(2, "sii-read", Class::Read),
    function(2, "sii-write", Class::Configure),
    function(2, "sii-reload", Class::Configure),
];

/// What a write to a register does (ETG.1000.4, 6; addresses as the register tables have them). `None`: to memory.
/// The control register of the slave information interface is written to read it, too: the command is in its data.
pub(super) fn register_written(register: u16, data: &[u8]) -> Option<(&'static str, Class)> {
    let name = match register {
        0x0502 if data.get(1).is_some_and(|command| command & 7 == 1) => "sii-read",
        0x0502 if data.get(1).is_some_and(|command| command & 7 == 2) => "sii-write",
        0x0502 if data.get(1).is_some_and(|command| command & 7 == 4) => "sii-reload",
        0x0120..=0x012F => "write-al-control",
        0x0040..=0x0042 => "write-reset",
        0x0300..=0x030F => "write-error-counter",
        0x0500..=0x050F => "write-sii-control",
        0x0900..=0x09FF => "write-clock",
        0x0000..=0x0FFF => "write-register",
        _ => return None,
    };
    COMMANDS.iter().find(|known| known.name == name).map(|known| (known.name, known.class))
}

/// Types of frames (ETG.1000.4, 5.3).
const FRAMES: &[Function] = &[
    function(1, "datagrams", Class::Other),
    function(4, "network-variables", Class::Write),
    function(5, "mailbox-gateway", Class::Other),
];

/// States that the application layer is asked to go to (ETG.1000.6, 6.1).
const STATES: &[Function] = &[
    function(1, "request-init", Class::Operate),
    function(2, "request-pre-operational", Class::Operate),
    function(3, "request-bootstrap", Class::Firmware),
    function(4, "request-safe-operational", Class::Operate),
    function(8, "request-operational", Class::Operate),
];

/// Protocols in the mailbox (ETG.1000.4, 5.6).
const MAILBOXES: &[Function] = &[
    function(0, "error", Class::Diagnose),
    function(1, "aoe", Class::Other),
    function(2, "eoe", Class::Other),
    function(3, "coe", Class::Other),
    function(4, "foe", Class::File),
    function(5, "soe", Class::Other),
    function(15, "voe", Class::Other),
];

/// Services of CANopen over EtherCAT (ETG.1000.6, 5.6.1).
const COE_SERVICES: &[Function] = &[
    function(1, "emergency", Class::Alarm),
    function(2, "sdo-request", Class::Other),
    function(3, "sdo-response", Class::Other),
    function(4, "txpdo", Class::Read),
    function(5, "rxpdo", Class::Write),
    function(6, "txpdo-remote-request", Class::Read),
    function(7, "rxpdo-remote-request", Class::Read),
    function(8, "sdo-information", Class::Discover),
];

/// SDO commands (ETG.1000.6, 5.6.2), numbered as the requests are.
const SDO_COMMANDS: &[Function] = &[
    function(0, "sdo-download-segment", Class::Write),
    DOWNLOADS[0],
    DOWNLOADS[1],
    DOWNLOADS[2],
    function(2, "sdo-upload", Class::Read),
    function(3, "sdo-upload-segment", Class::Read),
    function(4, "sdo-abort", Class::Other),
];

/// Operations of file access (ETG.1000.6, 5.8). A file is written to a device to change what it runs.
const FOE_OPCODES: &[Function] = &[
    function(1, "read-request", Class::File),
    function(2, "write-request", Class::Firmware),
    function(3, "data", Class::File),
    function(4, "acknowledge", Class::File),
    function(5, "file-error", Class::File),
    function(6, "busy", Class::File),
];

/// Operations of the servo profile (ETG.1000.6, 5.9).
const SOE_OPCODES: &[Function] = &[
    function(1, "soe-read-request", Class::Read),
    function(2, "soe-read-response", Class::Read),
    function(3, "soe-write-request", Class::Configure),
    function(4, "soe-write-response", Class::Configure),
    function(5, "soe-notification", Class::Read),
    function(6, "soe-emergency", Class::Alarm),
];

/// Types of Ethernet over EtherCAT (ETG.1000.6, 5.7).
const EOE_TYPES: &[Function] = &[
    function(0, "fragment", Class::Other),
    function(1, "initiate-response-time-stamp", Class::Other),
    function(2, "set-ip-parameter-request", Class::Configure),
    function(3, "set-ip-parameter-response", Class::Configure),
    function(4, "set-address-filter-request", Class::Configure),
    function(5, "set-address-filter-response", Class::Configure),
];
