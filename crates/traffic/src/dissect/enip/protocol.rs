//! EtherNet/IP encapsulation as data: its commands (CIP Volume 2, §2-4).

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `command`.
pub(super) const COMMAND: u8 = 0;

/// The encapsulation. What is done to the plant is told by the CIP services inside.
pub static PROTOCOL: Protocol = Protocol {
    name: "enip",
    title: "EtherNet/IP",
    carriers: &[Carrier::Tcp(44_818), Carrier::Udp(44_818)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "command", functions: COMMANDS, default_class: Class::Other }],
    documents: &["ODVA, The CIP Networks Library Volume 2: EtherNet/IP Adaptation of CIP, chapter 2"],
};

/// The commands by number.
pub(super) mod command {
    pub(in super::super) const NOP: u16 = 0x0000;
    pub(in super::super) const LIST_SERVICES: u16 = 0x0004;
    pub(in super::super) const LIST_IDENTITY: u16 = 0x0063;
    pub(in super::super) const LIST_INTERFACES: u16 = 0x0064;
    pub(in super::super) const REGISTER_SESSION: u16 = 0x0065;
    pub(in super::super) const SEND_RR_DATA: u16 = 0x006f;
    pub(in super::super) const SEND_UNIT_DATA: u16 = 0x0070;
}

const COMMANDS: &[Function] = &[
    function(0x0000, "nop", Class::Session),
    function(0x0001, "list-targets", Class::Discover),
    function(0x0004, "list-services", Class::Discover),
    function(0x0063, "list-identity", Class::Discover),
    function(0x0064, "list-interfaces", Class::Discover),
    function(0x0065, "register-session", Class::Session),
    function(0x0066, "unregister-session", Class::Session),
    function(0x006f, "send-rr-data", Class::Session),
    function(0x0070, "send-unit-data", Class::Session),
    function(0x0072, "indicate-status", Class::Session),
    function(0x0073, "cancel", Class::Session),
    function(0x00c8, "start-dtls", Class::Session),
];

/// Does the specification define the command?
pub(super) fn is_command(code: u16) -> bool {
    COMMANDS.iter().any(|command| command.code == u32::from(code))
}
