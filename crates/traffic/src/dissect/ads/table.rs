//! ADS as data: its commands, what index groups and states make of them, and the services of discovery.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `command`.
pub(super) const COMMAND: u8 = 0;
/// Index of the element `error`.
pub(super) const ERROR: u8 = 1;
/// Index of the element `service` of discovery.
pub(super) const SERVICE: u8 = 0;

/// ADS in AMS/TCP.
pub static PROTOCOL: Protocol = Protocol {
    name: "ads",
    title: "Beckhoff ADS",
    carriers: &[Carrier::Tcp(48_898)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "command", functions: COMMANDS, default_class: Class::Other },
        Element { name: "error", functions: ERRORS, default_class: Class::Other },
    ],
    documents: &[
        "Beckhoff Information System, TwinCAT ADS/AMS Specification TE1000 (AMS/TCP, AMS header, ADS commands)",
        "Beckhoff, ADS library (AdsDef.h: index groups, states, services of the router)",
        "Beckhoff Information System, PLC library TcSystem (index groups of the system service)",
    ],
};

/// Discovery and routes over UDP.
pub static DISCOVERY: Protocol = Protocol {
    name: "ads-discovery",
    title: "Beckhoff ADS discovery and routes",
    carriers: &[Carrier::Udp(48_899)],
    // Who adds a route says user and password of the controller.
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "service", functions: SERVICES, default_class: Class::Other }],
    documents: &["Beckhoff, ADS library (RouterAccess, frames over UDP: services and tags)"],
};

/// What an index group or a state makes of a command.
pub(super) struct Meaning {
    command: u16,
    /// AMS port of the server, if it matters.
    port: Option<u16>,
    /// First and last index group, or state.
    from: u32,
    to: u32,
    pub(super) name: &'static str,
    pub(super) class: Class,
}

/// The place in [`MEANINGS`] of a command with this index group (or state) at this server.
pub(super) fn meaning(command: u16, port: u16, group: u32) -> Option<u8> {
    let place = MEANINGS.iter().position(|meaning| {
        meaning.command == command
            && meaning.port.is_none_or(|known| known == port)
            && (meaning.from..=meaning.to).contains(&group)
    })?;
    u8::try_from(place).ok()
}

/// Commands (TE1000, ADS commands).
pub(super) mod command {
    pub(in super::super) const READ_DEVICE_INFO: u16 = 1;
    pub(in super::super) const READ: u16 = 2;
    pub(in super::super) const WRITE: u16 = 3;
    pub(in super::super) const WRITE_CONTROL: u16 = 5;
    pub(in super::super) const ADD_NOTIFICATION: u16 = 6;
    pub(in super::super) const NOTIFICATION: u16 = 8;
    pub(in super::super) const READ_WRITE: u16 = 9;
}
use command::{READ, READ_WRITE, WRITE, WRITE_CONTROL};

/// The AMS port of the system service, the router's own.
const SYSTEM_SERVICE: Option<u16> = Some(10_000);

const fn means(
    command: u16,
    port: Option<u16>,
    (from, to): (u32, u32),
    name: &'static str,
    class: Class,
) -> Meaning {
    Meaning { command, port, from, to, name, class }
}

/// The first that fits counts.
pub(super) const MEANINGS: &[Meaning] = &[
    // Files, registry, processes and routes of the computer itself.
    means(READ, SYSTEM_SERVICE, (100, 139), "file-access", Class::File),
    means(WRITE, SYSTEM_SERVICE, (100, 139), "file-access", Class::File),
    means(READ_WRITE, SYSTEM_SERVICE, (100, 139), "file-access", Class::File),
    means(READ, SYSTEM_SERVICE, (200, 200), "registry-read", Class::Read),
    means(READ_WRITE, SYSTEM_SERVICE, (200, 200), "registry-read", Class::Read),
    means(WRITE, SYSTEM_SERVICE, (200, 200), "registry-write", Class::Configure),
    means(READ, SYSTEM_SERVICE, (400, 400), "time-service", Class::Time),
    means(WRITE, SYSTEM_SERVICE, (400, 400), "time-service", Class::Time),
    means(READ_WRITE, SYSTEM_SERVICE, (400, 400), "time-service", Class::Time),
    means(WRITE, SYSTEM_SERVICE, (500, 500), "start-process", Class::Operate),
    means(WRITE, SYSTEM_SERVICE, (600, 600), "change-net-id", Class::Configure),
    means(READ, SYSTEM_SERVICE, (700, 702), "network-information", Class::Discover),
    means(READ_WRITE, SYSTEM_SERVICE, (700, 702), "network-information", Class::Discover),
    means(WRITE, SYSTEM_SERVICE, (801, 801), "add-route", Class::Configure),
    means(WRITE, SYSTEM_SERVICE, (802, 802), "delete-route", Class::Configure),
    means(READ, SYSTEM_SERVICE, (803, 803), "list-routes", Class::Discover),
    means(READ_WRITE, SYSTEM_SERVICE, (803, 803), "list-routes", Class::Discover),
    // Symbols.
    means(READ_WRITE, None, (0xf003, 0xf003), "symbol-handle-by-name", Class::Read),
    means(READ_WRITE, None, (0xf004, 0xf004), "symbol-value-by-name", Class::Read),
    means(READ_WRITE, None, (0xf007, 0xf009), "symbol-information", Class::Discover),
    means(READ, None, (0xf00a, 0xf00f), "symbol-upload", Class::Discover),
    means(WRITE, None, (0xf006, 0xf006), "release-symbol-handle", Class::Session),
    // Several commands in one.
    means(READ_WRITE, None, (0xf080, 0xf080), "sum-read", Class::Read),
    means(READ_WRITE, None, (0xf081, 0xf081), "sum-write", Class::Write),
    means(READ_WRITE, None, (0xf082, 0xf082), "sum-read-write", Class::Write),
    means(READ_WRITE, None, (0xf083, 0xf084), "sum-read", Class::Read),
    means(READ_WRITE, None, (0xf085, 0xf085), "sum-add-notification", Class::Read),
    means(READ_WRITE, None, (0xf086, 0xf086), "sum-delete-notification", Class::Session),
    // The state that is asked for.
    means(WRITE_CONTROL, None, (2, 2), "write-control-reset", Class::Operate),
    means(WRITE_CONTROL, None, (4, 5), "write-control-run", Class::Operate),
    means(WRITE_CONTROL, None, (6, 6), "write-control-stop", Class::Operate),
    means(WRITE_CONTROL, None, (12, 12), "write-control-shutdown", Class::Operate),
    means(WRITE_CONTROL, None, (15, 16), "write-control-config-mode", Class::Operate),
];

/// TE1000, ADS commands; after each the names that [`MEANINGS`] gives it.
const COMMANDS: &[Function] = &[
    function(1, "read-device-info", Class::Discover),
    function(2, "read", Class::Read),
    function(2, "symbol-upload", Class::Discover),
    function(2, "registry-read", Class::Read),
    function(2, "network-information", Class::Discover),
    function(2, "list-routes", Class::Discover),
    function(2, "file-access", Class::File),
    function(2, "time-service", Class::Time),
    function(3, "write", Class::Write),
    function(3, "release-symbol-handle", Class::Session),
    function(3, "registry-write", Class::Configure),
    function(3, "start-process", Class::Operate),
    function(3, "change-net-id", Class::Configure),
    function(3, "add-route", Class::Configure),
    function(3, "delete-route", Class::Configure),
    function(4, "read-state", Class::Diagnose),
    function(5, "write-control", Class::Operate),
    function(5, "write-control-reset", Class::Operate),
    function(5, "write-control-run", Class::Operate),
    function(5, "write-control-stop", Class::Operate),
    function(5, "write-control-shutdown", Class::Operate),
    function(5, "write-control-config-mode", Class::Operate),
    function(6, "add-device-notification", Class::Read),
    function(7, "delete-device-notification", Class::Session),
    function(8, "device-notification", Class::Read),
    // It may do either; what reads only is named below.
    function(9, "read-write", Class::Write),
    function(9, "symbol-handle-by-name", Class::Read),
    function(9, "symbol-value-by-name", Class::Read),
    function(9, "symbol-information", Class::Discover),
    function(9, "sum-read", Class::Read),
    function(9, "sum-write", Class::Write),
    function(9, "sum-read-write", Class::Write),
    function(9, "sum-add-notification", Class::Read),
    function(9, "sum-delete-notification", Class::Session),
];

/// Return codes of the router and of servers (TE1000, ADS return codes).
const ERRORS: &[Function] = &[
    function(0x006, "target-port-not-found", Class::Other),
    function(0x007, "target-machine-not-found", Class::Other),
    function(0x008, "unknown-command", Class::Other),
    function(0x012, "port-disabled", Class::Other),
    function(0x017, "access-denied", Class::Other),
    function(0x701, "service-not-supported", Class::Other),
    function(0x702, "invalid-index-group", Class::Other),
    function(0x703, "invalid-index-offset", Class::Other),
    function(0x704, "access-not-permitted", Class::Other),
    function(0x705, "invalid-size", Class::Other),
    function(0x70a, "out-of-memory", Class::Other),
    function(0x710, "symbol-not-found", Class::Other),
    function(0x712, "invalid-state", Class::Other),
    function(0x745, "timeout", Class::Other),
];

const SERVICES: &[Function] =
    &[function(1, "server-information", Class::Discover), function(6, "add-remote-route", Class::Configure)];
