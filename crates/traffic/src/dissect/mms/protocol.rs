//! MMS as data: its PDUs and services, what IEC 61850 makes of them, and their classes.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The registered port of ISO on TCP.
pub(super) const PORT: u16 = 102;

/// Index of the element that counts confirmed services.
pub(super) const SERVICE: u8 = 0;
/// Index of the element that counts unconfirmed services.
pub(super) const UNCONFIRMED: u8 = 1;
/// Index of the element that counts PDUs without a service.
pub(super) const PDU: u8 = 2;

/// MMS, which carries IEC 61850 and TASE.2 (ICCP).
pub static PROTOCOL: Protocol = Protocol {
    name: "mms",
    title: "MMS (IEC 61850, TASE.2)",
    carriers: &[Carrier::Tcp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "service", functions: SERVICES, default_class: Class::Other },
        Element { name: "unconfirmed-service", functions: UNCONFIRMED_SERVICES, default_class: Class::Alarm },
        Element { name: "pdu", functions: PDUS, default_class: Class::Session },
    ],
    documents: &[
        "ISO 9506-2:2003, Manufacturing Message Specification: protocol",
        "IEC 61850-8-1:2011, Mappings to MMS, sections 7, 8, 20",
        "IEC 61850-7-2:2010, Abstract communication service interface, section 20 (control)",
        "ITU-T X.225, X.226, X.227 (session, presentation, association control)",
        "IEC TS 62351-4:2007, Profiles including MMS (authentication)",
    ],
};

/// By number in `ConfirmedServiceRequest` (ISO 9506-2, section 7.2); the same number again for what the names of its
/// variables make of it under IEC 61850.
const SERVICES: &[Function] = &[
    function(0, "status", Class::Diagnose),
    function(1, "get-name-list", Class::Discover),
    function(2, "identify", Class::Discover),
    function(3, "rename", Class::Configure),
    function(READ, "read", Class::Read),
    function(READ, "select", Class::Operate),
    function(WRITE, "write", Class::Write),
    function(WRITE, "operate", Class::Operate),
    function(WRITE, "select-with-value", Class::Operate),
    function(WRITE, "cancel-control", Class::Operate),
    function(WRITE, "write-setting", Class::Configure),
    function(WRITE, "write-control-block", Class::Configure),
    function(WRITE, "substitute", Class::Write),
    function(WRITE, "block", Class::Write),
    function(6, "get-variable-access-attributes", Class::Discover),
    function(7, "define-named-variable", Class::Configure),
    function(8, "define-scattered-access", Class::Configure),
    function(9, "get-scattered-access-attributes", Class::Discover),
    function(10, "delete-variable-access", Class::Configure),
    function(11, "define-named-variable-list", Class::Configure),
    function(12, "get-named-variable-list-attributes", Class::Discover),
    function(13, "delete-named-variable-list", Class::Configure),
    function(14, "define-named-type", Class::Configure),
    function(15, "get-named-type-attributes", Class::Discover),
    function(16, "delete-named-type", Class::Configure),
    function(17, "input", Class::Read),
    function(18, "output", Class::Write),
    function(19, "take-control", Class::Operate),
    function(20, "relinquish-control", Class::Operate),
    function(21, "define-semaphore", Class::Configure),
    function(22, "delete-semaphore", Class::Configure),
    function(23, "report-semaphore-status", Class::Diagnose),
    function(24, "report-pool-semaphore-status", Class::Diagnose),
    function(25, "report-semaphore-entry-status", Class::Diagnose),
    function(26, "initiate-download-sequence", Class::Program),
    function(27, "download-segment", Class::Program),
    function(28, "terminate-download-sequence", Class::Program),
    function(29, "initiate-upload-sequence", Class::Program),
    function(30, "upload-segment", Class::Program),
    function(31, "terminate-upload-sequence", Class::Program),
    function(32, "request-domain-download", Class::Program),
    function(33, "request-domain-upload", Class::Program),
    function(34, "load-domain-content", Class::Program),
    function(35, "store-domain-content", Class::Program),
    function(36, "delete-domain", Class::Program),
    function(37, "get-domain-attributes", Class::Discover),
    function(38, "create-program-invocation", Class::Program),
    function(39, "delete-program-invocation", Class::Program),
    function(40, "start", Class::Operate),
    function(41, "stop", Class::Operate),
    function(42, "resume", Class::Operate),
    function(43, "reset", Class::Operate),
    function(44, "kill", Class::Operate),
    function(45, "get-program-invocation-attributes", Class::Discover),
    function(46, "obtain-file", Class::File),
    function(47, "define-event-condition", Class::Configure),
    function(48, "delete-event-condition", Class::Configure),
    function(49, "get-event-condition-attributes", Class::Discover),
    function(50, "report-event-condition-status", Class::Alarm),
    function(51, "alter-event-condition-monitoring", Class::Configure),
    function(52, "trigger-event", Class::Alarm),
    function(53, "define-event-action", Class::Configure),
    function(54, "delete-event-action", Class::Configure),
    function(55, "get-event-action-attributes", Class::Discover),
    function(56, "report-event-action-status", Class::Alarm),
    function(57, "define-event-enrollment", Class::Configure),
    function(58, "delete-event-enrollment", Class::Configure),
    function(59, "alter-event-enrollment", Class::Configure),
    function(60, "report-event-enrollment-status", Class::Alarm),
    function(61, "get-event-enrollment-attributes", Class::Discover),
    function(62, "acknowledge-event-notification", Class::Alarm),
    function(63, "get-alarm-summary", Class::Alarm),
    function(64, "get-alarm-enrollment-summary", Class::Alarm),
    function(65, "read-journal", Class::Read),
    function(66, "write-journal", Class::Write),
    function(67, "initialize-journal", Class::Configure),
    function(68, "report-journal-status", Class::Diagnose),
    function(69, "create-journal", Class::Configure),
    function(70, "delete-journal", Class::Configure),
    function(71, "get-capability-list", Class::Discover),
    function(72, "file-open", Class::File),
    function(73, "file-read", Class::File),
    function(74, "file-close", Class::File),
    function(75, "file-rename", Class::File),
    function(76, "file-delete", Class::File),
    function(77, "file-directory", Class::File),
    // Stop and reset of the whole device, control of units: what stands first in `AdditionalService`.
    function(78, "additional-service", Class::Operate),
    function(80, "get-data-exchange-attributes", Class::Discover),
    function(81, "exchange-data", Class::Write),
    function(82, "define-access-control-list", Class::Configure),
    function(83, "get-access-control-list-attributes", Class::Discover),
    function(84, "report-access-controlled-objects", Class::Discover),
    function(85, "delete-access-control-list", Class::Configure),
    function(86, "change-access-control", Class::Configure),
];

/// The services that are looked into.
pub(super) const GET_NAME_LIST: u8 = 1;
/// Identify.
pub(super) const IDENTIFY: u8 = 2;
/// Read.
pub(super) const READ: u32 = 4;
/// Write.
pub(super) const WRITE: u32 = 5;

/// By number in `UnconfirmedService`; again what IEC 61850 says with an information report of its own names.
const UNCONFIRMED_SERVICES: &[Function] = &[
    function(0, "information-report", Class::Read),
    function(0, "command-termination", Class::Alarm),
    function(0, "last-application-error", Class::Alarm),
    function(1, "unsolicited-status", Class::Alarm),
    function(2, "event-notification", Class::Alarm),
];

/// By number in `MMSpdu`; on the interfaces the code is the name as Wireshark spells it.
const PDUS: &[Function] = &[
    function(2, "confirmed-error", Class::Session),
    function(4, "reject", Class::Session),
    function(5, "cancel-request", Class::Session),
    function(6, "cancel-response", Class::Session),
    function(7, "cancel-error", Class::Session),
    function(8, "initiate-request", Class::Session),
    function(9, "initiate-response", Class::Session),
    function(10, "initiate-error", Class::Session),
    function(11, "conclude-request", Class::Session),
    function(12, "conclude-response", Class::Session),
    function(13, "conclude-error", Class::Session),
];

/// How a PDU is spelled as a code.
pub(super) const fn spelled(pdu: u8) -> &'static str {
    match pdu {
        2 => "confirmed_ErrorPDU",
        4 => "rejectPDU",
        5 => "cancel_RequestPDU",
        6 => "cancel_ResponsePDU",
        7 => "cancel_ErrorPDU",
        8 => "initiate_RequestPDU",
        9 => "initiate_ResponsePDU",
        10 => "initiate_ErrorPDU",
        11 => "conclude_RequestPDU",
        12 => "conclude_ResponsePDU",
        _ => "conclude_ErrorPDU",
    }
}

/// Name and class of a PDU.
pub(super) fn pdu_meaning(pdu: u8) -> Option<(&'static str, Class)> {
    PDUS.iter().find(|known| known.code == u32::from(pdu)).map(Function::meaning)
}
