//! S7comm and S7comm-plus as data: messages, functions, user data groups and their classes.
//!
//! Neither has a public document. Names follow the dissector of Wireshark 4.0 (`packet-s7comm.c`) and its plug-in for
//! S7comm-plus, which are the reference in the field.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `message`.
pub(super) const MESSAGE: u8 = 0;
/// Index of the element `function`.
pub(super) const FUNCTION: u8 = 1;
/// Index of the element `userdata-group`.
pub(super) const USERDATA_GROUP: u8 = 2;
/// Index of the element `error`.
pub(super) const ERROR: u8 = 3;
/// Index of the element `message` of S7comm-plus.
pub(super) const PLUS_MESSAGE: u8 = 0;
/// Index of the element `function` of S7comm-plus.
pub(super) const PLUS_FUNCTION: u8 = 1;

/// S7comm: what S7-300 and S7-400 speak, and S7-1200 and S7-1500 if PUT/GET is allowed.
pub static PROTOCOL: Protocol = Protocol {
    name: "s7comm",
    title: "S7comm",
    carriers: &[Carrier::Tcp(102)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "message", functions: MESSAGES, default_class: Class::Other },
        Element { name: "function", functions: FUNCTIONS, default_class: Class::Other },
        Element { name: "userdata-group", functions: USERDATA, default_class: Class::Other },
        Element { name: "error", functions: &[], default_class: Class::Other },
    ],
    documents: &[
        "RFC 1006, ISO Transport Service on top of the TCP (TPKT)",
        "ITU-T X.224 (1995), class 0 transport protocol",
        "Wireshark 4.0, epan/dissectors/packet-s7comm.c (no public specification exists)",
        "SIMATIC System Software for S7-300/400, System and Standard Functions, A5E00709327 (SZL)",
    ],
};

/// S7comm-plus: what the engineering tool and panels speak with S7-1200 and S7-1500.
pub static PLUS: Protocol = Protocol {
    name: "s7comm-plus",
    title: "S7comm-plus",
    carriers: &[Carrier::Tcp(102)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[
        Element { name: "message", functions: PLUS_MESSAGES, default_class: Class::Other },
        Element { name: "function", functions: PLUS_FUNCTIONS, default_class: Class::Other },
    ],
    documents: &[
        "Wireshark plug-in s7comm_plus (no public specification exists)",
        "S7CommPlusDriver, an open implementation of the client (objects and attributes)",
    ],
};

const MESSAGES: &[Function] = &[
    function(1, "job", Class::Session),
    function(2, "ack", Class::Session),
    function(3, "ack-data", Class::Session),
    function(7, "userdata", Class::Session),
];

/// The code of the program invocation service.
pub(super) const PI_SERVICE: u8 = 0x28;

/// The same code twice: the first is the function, the others what the named service makes of it.
const FUNCTIONS: &[Function] = &[
    function(0x00, "cpu-services", Class::Diagnose),
    function(0x04, "read-var", Class::Read),
    function(0x05, "write-var", Class::Write),
    function(0x1a, "request-download", Class::Program),
    function(0x1b, "download-block", Class::Program),
    function(0x1c, "download-ended", Class::Program),
    function(0x1d, "start-upload", Class::Program),
    function(0x1e, "upload", Class::Program),
    function(0x1f, "end-upload", Class::Program),
    function(0x28, "pi-service", Class::Operate),
    function(0x28, "plc-start", Class::Operate),
    function(0x28, "activate-block", Class::Program),
    function(0x28, "delete-block", Class::Program),
    function(0x28, "compress-memory", Class::Program),
    function(0x28, "copy-ram-to-rom", Class::Program),
    function(0x29, "plc-stop", Class::Operate),
    function(0xf0, "setup-communication", Class::Session),
];

/// What a program invocation service does, by its name on the wire.
pub(super) const PI_SERVICES: &[(&[u8], &str)] = &[
    (b"P_PROGRAM", "plc-start"),
    (b"_INSE", "activate-block"),
    (b"_INS2", "activate-block"),
    (b"_DELE", "delete-block"),
    (b"_GARB", "compress-memory"),
    (b"_MODU", "copy-ram-to-rom"),
];

/// The user data groups that are looked into.
pub(super) mod group {
    /// Programmer commands: tests and forces.
    pub(in super::super) const PROGRAMMER: u8 = 1;
    /// CPU functions.
    pub(in super::super) const CPU: u8 = 4;
    /// Security.
    pub(in super::super) const SECURITY: u8 = 5;
    /// Time functions.
    pub(in super::super) const TIME: u8 = 7;
}

/// Sub-function of the CPU functions that reads a system status list (SZL).
pub(super) const READ_SZL: u8 = 1;
/// Sub-function of the security group that sends a password.
pub(super) const PASSWORD: u8 = 1;

/// The groups, then what their sub-functions are.
const USERDATA: &[Function] = &[
    function(0, "mode-transition", Class::Alarm),
    function(1, "programmer-commands", Class::Diagnose),
    function(2, "cyclic-services", Class::Read),
    function(3, "block-functions", Class::Discover),
    function(4, "cpu-functions", Class::Diagnose),
    function(5, "security", Class::Authenticate),
    function(6, "bsend-brecv", Class::Write),
    function(7, "time-functions", Class::Time),
    function(15, "nc-programming", Class::Program),
    function(1, "modify-variable", Class::Write),
    function(1, "force", Class::Write),
    function(1, "breakpoint", Class::Operate),
    function(1, "exit-hold", Class::Operate),
    function(1, "memory-reset", Class::Operate),
    function(1, "flash-led", Class::Diagnose),
    function(4, "read-szl", Class::Diagnose),
    function(4, "message-service", Class::Alarm),
    function(4, "alarm", Class::Alarm),
    function(7, "read-clock", Class::Time),
    function(7, "set-clock", Class::Time),
];

/// What a sub-function makes of its group: group, first and last sub-function, name in the table above.
const USERDATA_SUBFUNCTIONS: &[(u8, u8, u8, &str)] = &[
    (group::PROGRAMMER, 0x08, 0x08, "modify-variable"),
    (group::PROGRAMMER, 0x09, 0x09, "force"),
    (group::PROGRAMMER, 0x0a, 0x0a, "breakpoint"),
    (group::PROGRAMMER, 0x0b, 0x0b, "exit-hold"),
    (group::PROGRAMMER, 0x0c, 0x0c, "memory-reset"),
    (group::PROGRAMMER, 0x16, 0x16, "flash-led"),
    (group::CPU, READ_SZL, READ_SZL, "read-szl"),
    (group::CPU, 0x02, 0x02, "message-service"),
    (group::CPU, 0x03, 0x16, "alarm"),
    (group::TIME, 0x01, 0x01, "read-clock"),
    (group::TIME, 0x02, 0x02, "set-clock"),
    (group::TIME, 0x03, 0x03, "read-clock"),
    (group::TIME, 0x04, 0x04, "set-clock"),
];

/// Name and class of a sub-function of a group, where it says more than the group.
pub(super) fn userdata_meaning(group: u8, subfunction: u8) -> Option<(&'static str, Class)> {
    let (_, _, _, name) = USERDATA_SUBFUNCTIONS
        .iter()
        .find(|(of, first, last, _)| *of == group && (*first..=*last).contains(&subfunction))?;
    named(USERDATA, name).map(Function::meaning)
}

/// What a program invocation service is.
pub(super) fn pi_effect(service: &[u8]) -> Option<&'static Function> {
    let (_, name) = PI_SERVICES.iter().find(|(word, _)| *word == service)?;
    named(FUNCTIONS, name)
}

fn named(table: &'static [Function], name: &str) -> Option<&'static Function> {
    table.iter().find(|function| function.name == name)
}

/// By operation code.
const PLUS_MESSAGES: &[Function] = &[
    function(0x31, "request", Class::Other),
    function(0x32, "response", Class::Other),
    function(0x33, "notification", Class::Alarm),
    function(0x02, "response-2", Class::Other),
];

/// By function code; the same code again for what it does to certain objects.
const PLUS_FUNCTIONS: &[Function] = &[
    function(0x04b1, "error", Class::Session),
    function(0x04bb, "explore", Class::Discover),
    function(0x04ca, "create-object", Class::Program),
    function(0x04ca, "create-session", Class::Session),
    function(0x04ca, "subscribe", Class::Read),
    function(0x04d4, "delete-object", Class::Program),
    function(0x04d4, "delete-session", Class::Session),
    function(0x04d4, "delete-session-object", Class::Session),
    function(0x04f2, "set-variable", Class::Write),
    function(0x04f2, "set-session", Class::Session),
    function(0x04f2, "authenticate-session", Class::Authenticate),
    function(0x04f2, "set-operating-state", Class::Operate),
    function(0x04fc, "get-variable", Class::Read),
    function(0x0506, "add-link", Class::Configure),
    function(0x051a, "remove-link", Class::Configure),
    function(0x0524, "get-link", Class::Discover),
    function(0x0542, "set-variables", Class::Write),
    function(0x054c, "get-variables", Class::Read),
    function(0x0556, "begin-sequence", Class::Program),
    function(0x0560, "end-sequence", Class::Program),
    function(0x056b, "invoke", Class::Operate),
    function(0x057c, "set-substreamed-variable", Class::Write),
    function(0x0586, "get-substreamed-variable", Class::Read),
    function(0x0590, "get-variables-address", Class::Discover),
    function(0x059a, "abort", Class::Session),
    function(0x05a9, "error-2", Class::Session),
    function(0x05b3, "init-tls", Class::Session),
];

/// The function of S7comm-plus of a name.
pub(super) fn plus_effect(name: &str) -> Option<&'static Function> {
    named(PLUS_FUNCTIONS, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_meaning_is_in_its_table() {
        for (group, first, _, name) in USERDATA_SUBFUNCTIONS {
            assert_eq!(userdata_meaning(*group, *first).map(|meaning| meaning.0), Some(*name));
        }
        for (word, name) in PI_SERVICES {
            assert_eq!(pi_effect(word).map(|effect| effect.name), Some(*name));
        }
    }
}
