//! HART-IP as data: messages, HART commands, manufacturers.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The port that is registered for HART-IP (HCF_SPEC-085, 10).
pub(super) const PORT: u16 = 5094;

/// Index of the element that counts messages.
pub(super) const MESSAGE: u8 = 0;
/// Index of the element that counts HART commands.
pub(super) const COMMAND: u8 = 1;

/// Index of the element that counts the commands of direct messages, of which one has several.
pub(super) const DIRECT_COMMAND: u8 = 2;

/// The command that says in its data which command it is: those beyond 255 (HCF_SPEC-081).
pub(super) const EXTENDED: u8 = 31;

/// HART-IP.
pub static PROTOCOL: Protocol = Protocol {
    name: "hart_ip",
    title: "HART-IP",
    carriers: &[Carrier::Udp(PORT), Carrier::Tcp(PORT)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "message", functions: MESSAGES, default_class: Class::Other },
        Element { name: "command", functions: COMMANDS, default_class: Class::Other },
        Element { name: "direct-command", functions: COMMANDS, default_class: Class::Other },
    ],
    documents: &[
        "HCF_SPEC-085, Network Management Specification, 10 (HART-IP)",
        "HCF_SPEC-081, Token-Passing Data Link Layer Specification, 5 (frames)",
        "HCF_SPEC-127 and HCF_SPEC-151, Universal and Common Practice Commands",
        "HCF_SPEC-155, Wireless Command Specification; HCF_SPEC-183, Common Tables 8 (manufacturers)",
    ],
};

/// Messages (HCF_SPEC-085, 10.2).
const MESSAGES: &[Function] = &[
    function(0, "session-initiate", Class::Session),
    function(1, "session-close", Class::Session),
    function(2, "keep-alive", Class::Session),
    function(3, "token-passing-pdu", Class::Other),
    function(4, "direct-pdu", Class::Other),
    function(5, "read-audit-log", Class::Diagnose),
];

/// Commands, in ascending order: universal, common practice, wireless. Those of devices (128 to 253) have no names.
const COMMANDS: &[Function] = &[
    function(0, "read-unique-identifier", Class::Discover),
    function(1, "read-primary-variable", Class::Read),
    function(2, "read-loop-current-and-percent-of-range", Class::Read),
    function(3, "read-dynamic-variables-and-loop-current", Class::Read),
    function(6, "write-polling-address", Class::Configure),
    function(7, "read-loop-configuration", Class::Read),
    function(8, "read-dynamic-variable-classifications", Class::Read),
    function(9, "read-device-variables-with-status", Class::Read),
    function(11, "read-unique-identifier-associated-with-tag", Class::Discover),
    function(12, "read-message", Class::Read),
    function(13, "read-tag-descriptor-date", Class::Read),
    function(14, "read-primary-variable-transducer-information", Class::Read),
    function(15, "read-device-information", Class::Read),
    function(16, "read-final-assembly-number", Class::Read),
    function(17, "write-message", Class::Configure),
    function(18, "write-tag-descriptor-date", Class::Configure),
    function(19, "write-final-assembly-number", Class::Configure),
    function(20, "read-long-tag", Class::Read),
    function(21, "read-unique-identifier-associated-with-long-tag", Class::Discover),
    function(22, "write-long-tag", Class::Configure),
    function(31, "extended-command", Class::Other),
    function(33, "read-device-variables", Class::Read),
    function(34, "write-primary-variable-damping-value", Class::Configure),
    function(35, "write-primary-variable-range-values", Class::Configure),
    function(36, "set-primary-variable-upper-range-value", Class::Configure),
    function(37, "set-primary-variable-lower-range-value", Class::Configure),
    function(38, "reset-configuration-changed-flag", Class::Configure),
    function(39, "eeprom-control", Class::Operate),
    function(40, "enter-exit-fixed-current-mode", Class::Operate),
    function(41, "perform-self-test", Class::Diagnose),
    function(42, "perform-device-reset", Class::Operate),
    function(43, "set-primary-variable-zero", Class::Configure),
    function(44, "write-primary-variable-units", Class::Configure),
    function(45, "trim-loop-current-zero", Class::Configure),
    function(46, "trim-loop-current-gain", Class::Configure),
    function(47, "write-primary-variable-transfer-function", Class::Configure),
    function(48, "read-additional-device-status", Class::Diagnose),
    function(49, "write-primary-variable-transducer-serial-number", Class::Configure),
    function(50, "read-dynamic-variable-assignments", Class::Read),
    function(51, "write-dynamic-variable-assignments", Class::Configure),
    function(52, "set-device-variable-zero", Class::Configure),
    function(53, "write-device-variable-units", Class::Configure),
    function(54, "read-device-variable-information", Class::Read),
    function(55, "write-device-variable-damping-value", Class::Configure),
    function(56, "write-device-variable-transducer-serial-number", Class::Configure),
    function(57, "read-unit-tag-descriptor-date", Class::Read),
    function(58, "write-unit-tag-descriptor-date", Class::Configure),
    function(59, "write-number-of-response-preambles", Class::Configure),
    function(60, "read-analog-channel-and-percent-of-range", Class::Read),
    function(61, "read-dynamic-variables-and-primary-variable-analog-channel", Class::Read),
    function(62, "read-analog-channels", Class::Read),
    function(63, "read-analog-channel-information", Class::Read),
    function(64, "write-analog-channel-additional-damping-value", Class::Configure),
    function(65, "write-analog-channel-range-values", Class::Configure),
    function(66, "enter-exit-fixed-analog-channel-mode", Class::Operate),
    function(67, "trim-analog-channel-zero", Class::Configure),
    function(68, "trim-analog-channel-gain", Class::Configure),
    function(69, "write-analog-channel-transfer-function", Class::Configure),
    function(70, "read-analog-channel-endpoint-values", Class::Read),
    function(71, "lock-device", Class::Configure),
    function(72, "squawk", Class::Diagnose),
    function(73, "find-device", Class::Discover),
    function(74, "read-io-system-capabilities", Class::Discover),
    function(75, "poll-sub-device", Class::Discover),
    function(76, "read-lock-device-state", Class::Read),
    function(77, "send-command-to-sub-device", Class::Other),
    function(78, "read-aggregated-commands", Class::Read),
    function(79, "write-device-variable", Class::Write),
    function(80, "read-device-variable-trim-points", Class::Read),
    function(81, "read-device-variable-trim-guidelines", Class::Read),
    function(82, "write-device-variable-trim-point", Class::Configure),
    function(83, "reset-device-variable-trim", Class::Configure),
    function(84, "read-sub-device-identity-summary", Class::Discover),
    function(85, "read-io-channel-statistics", Class::Diagnose),
    function(86, "read-sub-device-statistics", Class::Diagnose),
    function(87, "write-io-system-master-mode", Class::Configure),
    function(88, "write-io-system-retry-count", Class::Configure),
    function(89, "set-real-time-clock", Class::Time),
    function(90, "read-real-time-clock", Class::Time),
    function(91, "read-trend-configuration", Class::Read),
    function(92, "write-trend-configuration", Class::Configure),
    function(93, "read-trend", Class::Read),
    function(94, "read-io-system-client-side-communication-statistics", Class::Diagnose),
    function(95, "read-device-communications-statistics", Class::Diagnose),
    function(96, "read-synchronous-action", Class::Read),
    function(97, "configure-synchronous-action", Class::Configure),
    function(98, "read-command-action", Class::Read),
    function(99, "configure-command-action", Class::Configure),
    function(100, "write-primary-variable-alarm-code", Class::Configure),
    function(101, "read-sub-device-to-burst-message-map", Class::Read),
    function(102, "map-sub-device-to-burst-message", Class::Configure),
    function(103, "write-burst-period", Class::Configure),
    function(104, "write-burst-trigger", Class::Configure),
    function(105, "read-burst-mode-configuration", Class::Read),
    function(106, "flush-delayed-responses", Class::Operate),
    function(107, "write-burst-device-variables", Class::Configure),
    function(108, "write-burst-mode-command-number", Class::Configure),
    function(109, "burst-mode-control", Class::Configure),
    function(110, "read-all-dynamic-variables", Class::Read),
    function(111, "transfer-service-control", Class::File),
    function(112, "transfer-service", Class::File),
    function(113, "catch-device-variable", Class::Configure),
    function(114, "read-caught-device-variable", Class::Read),
    function(115, "read-event-notification-summary", Class::Alarm),
    function(116, "write-event-notification-bit-mask", Class::Configure),
    function(117, "write-event-notification-timing", Class::Configure),
    function(118, "event-notification-control", Class::Configure),
    function(119, "acknowledge-event-notification", Class::Alarm),
    function(512, "read-country-code", Class::Read),
    function(513, "write-country-code", Class::Configure),
    function(768, "write-join-key", Class::Configure),
    function(769, "read-join-status", Class::Diagnose),
    function(770, "request-active-advertise", Class::Configure),
    function(771, "force-join", Class::Operate),
    function(772, "read-join-mode-configuration", Class::Read),
    function(773, "write-network-id", Class::Configure),
    function(774, "read-network-id", Class::Read),
    function(775, "write-network-tag", Class::Configure),
    function(776, "read-network-tag", Class::Read),
    function(777, "read-wireless-device-information", Class::Read),
    function(778, "read-battery-life", Class::Diagnose),
    function(779, "report-device-health", Class::Diagnose),
    function(780, "report-neighbor-health-list", Class::Diagnose),
    function(961, "write-network-key", Class::Configure),
    function(962, "write-device-nickname-address", Class::Configure),
    function(963, "write-session", Class::Configure),
    function(964, "delete-session", Class::Configure),
    function(965, "write-superframe", Class::Configure),
    function(966, "delete-superframe", Class::Configure),
    function(967, "write-link", Class::Configure),
    function(968, "delete-link", Class::Configure),
];

/// Manufacturers by number, in ascending order: the commonest.
const MANUFACTURERS: &[(u16, &str)] = &[
    (1, "Acromag"),
    (5, "ABB"),
    (9, "Bristol"),
    (10, "Brooks Instrument"),
    (13, "Daniel"),
    (17, "Endress+Hauser"),
    (19, "Fisher Controls"),
    (20, "Foxboro"),
    (21, "Fuji Electric"),
    (23, "Honeywell"),
    (31, "Micro Motion"),
    (32, "Moore Industries"),
    (38, "Rosemount"),
    (42, "Siemens"),
    (46, "Rosemount Analytical"),
    (54, "Azbil"),
    (55, "Yokogawa"),
    (59, "Mobrey"),
    (62, "Smar"),
    (64, "MTL"),
    (66, "Samson"),
    (69, "Krohne"),
    (78, "Drexelbrook"),
    (79, "Saab Tank Control"),
    (80, "K-TEK"),
    (86, "Magnetrol"),
    (93, "Pepperl+Fuchs"),
    (98, "VEGA"),
    (101, "Masoneilan"),
    (107, "WIKA"),
];

/// The function of a command.
pub(super) fn command(code: u16) -> Option<&'static Function> {
    let at = COMMANDS.binary_search_by_key(&u32::from(code), |known| known.code).ok()?;
    COMMANDS.get(at)
}

/// The manufacturer of a number.
pub(super) fn manufacturer(number: u16) -> Option<&'static str> {
    let at = MANUFACTURERS.binary_search_by_key(&number, |(known, _)| *known).ok()?;
    MANUFACTURERS.get(at).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_stand_in_order() {
        assert!(COMMANDS.is_sorted_by(|a, b| a.code < b.code));
        assert!(MANUFACTURERS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
