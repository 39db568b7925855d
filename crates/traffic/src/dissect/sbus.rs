//! Saia S-Bus over UDP (Ether-S-Bus): telegrams of Saia PCD controllers.
//!
//! Length (4), version, protocol, sequence (2), attribute; in a request destination and command; data; check sum (2).
//! Responses do not repeat the command.

use super::asked::Asked;
use super::check_sums::crc16_v41;
use super::fields::{be16, be32, bytes, rest, text, u8_at};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `command`.
const COMMAND: u8 = 0;
/// Index of the element `acknowledgement`.
const ACKNOWLEDGEMENT: u8 = 1;

/// Ether-S-Bus.
pub static PROTOCOL: Protocol = Protocol {
    name: "sbus",
    title: "Saia S-Bus",
    carriers: &[Carrier::Udp(5050)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "command", functions: COMMANDS, default_class: Class::Other },
        Element { name: "acknowledgement", functions: ACKNOWLEDGEMENTS, default_class: Class::Other },
    ],
    documents: &[
        "Saia-Burgess 26/739, S-Bus Manual, and 26/776, Ethernet TCP/IP",
        "Wireshark, dissector of S-Bus (commands)",
    ],
};

const COMMANDS: &[Function] = &[
    function(0, "read-counters", Class::Read),
    function(1, "read-display-register", Class::Read),
    function(2, "read-flags", Class::Read),
    function(3, "read-inputs", Class::Read),
    function(4, "read-real-time-clock", Class::Time),
    function(5, "read-outputs", Class::Read),
    function(6, "read-registers", Class::Read),
    function(7, "read-timers", Class::Read),
    function(10, "write-counters", Class::Write),
    function(11, "write-flags", Class::Write),
    function(12, "write-real-time-clock", Class::Time),
    function(13, "write-outputs", Class::Write),
    function(14, "write-registers", Class::Write),
    function(15, "write-timers", Class::Write),
    function(19, "read-write-multi-media", Class::Write),
    function(20, "read-status", Class::Diagnose),
    function(21, "read-status", Class::Diagnose),
    function(22, "read-status", Class::Diagnose),
    function(23, "read-status", Class::Diagnose),
    function(24, "read-status", Class::Diagnose),
    function(25, "read-status", Class::Diagnose),
    function(26, "read-status", Class::Diagnose),
    function(27, "read-own-status", Class::Diagnose),
    function(29, "read-station-number", Class::Discover),
    function(30, "read-user-memory", Class::Program),
    function(31, "read-program-line", Class::Program),
    function(FIRMWARE, "read-firmware-version", Class::Discover),
    function(33, "read-text", Class::Read),
    function(34, "read-active-transition", Class::Diagnose),
    function(35, "write-user-memory", Class::Program),
    function(36, "write-program-line", Class::Program),
    function(37, "write-text", Class::Write),
    function(40, "run", Class::Operate),
    function(41, "run", Class::Operate),
    function(42, "run", Class::Operate),
    function(43, "run", Class::Operate),
    function(44, "run", Class::Operate),
    function(45, "run", Class::Operate),
    function(46, "run", Class::Operate),
    function(47, "run-own", Class::Operate),
    function(48, "run-all", Class::Operate),
    function(50, "restart-cold", Class::Operate),
    function(51, "restart-cold", Class::Operate),
    function(52, "restart-cold", Class::Operate),
    function(53, "restart-cold", Class::Operate),
    function(54, "restart-cold", Class::Operate),
    function(55, "restart-cold", Class::Operate),
    function(56, "restart-cold-own", Class::Operate),
    function(57, "restart-cold-all", Class::Operate),
    function(60, "stop", Class::Operate),
    function(61, "stop", Class::Operate),
    function(62, "stop", Class::Operate),
    function(63, "stop", Class::Operate),
    function(64, "stop", Class::Operate),
    function(65, "stop", Class::Operate),
    function(66, "stop", Class::Operate),
    function(67, "stop-own", Class::Operate),
    function(68, "stop-all", Class::Operate),
    function(70, "read-arithmetic-status", Class::Diagnose),
    function(71, "read-byte", Class::Read),
    function(72, "read-halt-failure-register", Class::Diagnose),
    function(73, "read-index-register", Class::Read),
    function(74, "read-instruction-pointer", Class::Diagnose),
    function(75, "find-history", Class::Diagnose),
    function(80, "write-arithmetic-status", Class::Write),
    function(81, "write-byte", Class::Write),
    function(82, "write-index-register", Class::Write),
    function(83, "write-instruction-pointer", Class::Program),
    function(90, "clear-all", Class::Write),
    function(91, "clear-flags", Class::Write),
    function(92, "clear-outputs", Class::Write),
    function(93, "clear-registers", Class::Write),
    function(94, "clear-timers", Class::Write),
    function(100, "restart-warm", Class::Operate),
    function(101, "restart-warm", Class::Operate),
    function(102, "restart-warm", Class::Operate),
    function(103, "restart-warm", Class::Operate),
    function(104, "restart-warm", Class::Operate),
    function(105, "restart-warm", Class::Operate),
    function(106, "restart-warm-own", Class::Operate),
    function(107, "restart-warm-all", Class::Operate),
    function(110, "change-block", Class::Program),
    function(111, "clear-history-failure", Class::Configure),
    function(112, "delete-program-line", Class::Program),
    function(113, "go-conditional", Class::Operate),
    function(114, "insert-program-line", Class::Program),
    function(115, "local-cycles", Class::Operate),
    function(116, "all-cycles", Class::Operate),
    function(117, "make-text", Class::Program),
    function(118, "execute-single-instruction", Class::Program),
    function(119, "single-step", Class::Program),
    function(130, "interrupt-17", Class::Operate),
    function(131, "interrupt-18", Class::Operate),
    function(132, "interrupt-19", Class::Operate),
    function(145, "read-hangup-timeout", Class::Diagnose),
    function(150, "read-data-block", Class::Read),
    function(151, "write-data-block", Class::Write),
    function(152, "make-data-block", Class::Program),
    function(153, "clear-data-block", Class::Write),
    function(154, "clear-text", Class::Write),
    function(155, "read-block-address", Class::Diagnose),
    function(156, "read-block-sizes", Class::Diagnose),
    function(157, "read-current-block", Class::Diagnose),
    function(158, "read-call-stack", Class::Diagnose),
    function(159, "read-dbx", Class::Read),
    function(161, "read-user-eeprom-register", Class::Read),
    function(163, "write-user-eeprom-register", Class::Write),
    function(165, "erase-flash", Class::Program),
    function(166, "restart-cold-flag", Class::Operate),
    function(167, "write-system-buffer", Class::Configure),
    function(168, "read-system-buffer", Class::Diagnose),
    function(169, "read-write-block-data", Class::Program),
    function(170, "get-diagnostic", Class::Diagnose),
    function(171, "read-system-information", Class::Discover),
    function(172, "change-blocks-on-run", Class::Program),
    function(173, "flash-card", Class::File),
    function(174, "download-firmware", Class::Firmware),
    function(175, "web-server", Class::Other),
];

const ACKNOWLEDGEMENTS: &[Function] = &[
    function(0, "acknowledged", Class::Other),
    function(1, "refused", Class::Other),
    function(2, "refused-by-password", Class::Other),
    function(3, "refused-by-reduced-protocol", Class::Other),
    function(4, "refused-at-check-sum", Class::Other),
];

/// Read the firmware version: the answer names the controller.
const FIRMWARE: u32 = 32;
/// Header, attribute, and check sum.
const TELEGRAM_BYTES_MIN: usize = 11;
/// Kinds of telegrams.
mod attribute {
    pub(super) const REQUEST: u8 = 0;
    pub(super) const RESPONSE: u8 = 1;
    pub(super) const ACKNOWLEDGEMENT: u8 = 2;
}

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct Sbus;

impl Dissector for Sbus {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        // The length agrees, and so does the check sum.
        if !hint.stream && has_head(data) && sum_holds(data) { Likelihood::Certain } else { Likelihood::No }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading { asked: Asked::default() })
    }
}

fn has_head(data: &[u8]) -> bool {
    data.len() >= TELEGRAM_BYTES_MIN
        && be32(data, 0).and_then(|length| usize::try_from(length).ok()) == Some(data.len())
        && u8_at(data, 4).is_some_and(|version| version <= 1)
        && u8_at(data, 8).is_some_and(|attribute| attribute <= attribute::ACKNOWLEDGEMENT)
}

fn sum_holds(data: &[u8]) -> bool {
    let end = data.len().saturating_sub(2);
    be16(data, end) == Some(crc16_v41(0, data.get(..end).unwrap_or_default()))
}

struct Reading {
    /// Commands not answered yet, by sequence number.
    asked: Asked<u16, u8>,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if data.len() < TELEGRAM_BYTES_MIN {
            return Progress::Need(TELEGRAM_BYTES_MIN);
        }
        if !has_head(data) {
            facts.say(Fact::Anomaly { what: "sbus-header" });
        } else if sum_holds(data) {
            self.say(from, data, facts);
        } else {
            facts.say(Fact::Anomaly { what: "sbus-check-sum" });
        }
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        self.say(from, data, facts);
    }
}

impl Reading {
    fn say(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        let (Some(sequence), Some(kind)) = (be16(data, 6), u8_at(data, 8)) else { return };
        if kind == attribute::REQUEST {
            let Some(command) = u8_at(data, 10) else { return };
            self.asked.put(sequence, command);
            return facts.message(&PROTOCOL, COMMAND, u32::from(command), Direction::Request);
        }
        let command = self.asked.take(sequence);
        if let Some(command) = command {
            facts.message(&PROTOCOL, COMMAND, u32::from(command), Direction::Response);
        }
        match kind {
            attribute::ACKNOWLEDGEMENT => {
                let code = be16(data, 9).unwrap_or_default();
                if code != 0 || command.is_none() {
                    facts.message(&PROTOCOL, ACKNOWLEDGEMENT, u32::from(code), Direction::Response);
                }
            }
            attribute::RESPONSE if command.map(u32::from) == Some(FIRMWARE) => {
                say_controller(data, from, facts)
            }
            _ => {}
        }
    }
}

/// Five letters of the type, three of the firmware.
fn say_controller(data: &[u8], about: End, facts: &mut dyn Facts) {
    let data = rest(data, 9);
    let (Some(kind), Some(version)) = (bytes(data, 0, 5).and_then(text), bytes(data, 5, 3).and_then(text))
    else {
        return;
    };
    facts.say(Fact::Identity { about, what: Identity::Vendor, value: "Saia-Burgess Controls" });
    facts.say(Fact::Identity { about, what: Identity::Product, value: &format!("PCD {kind}") });
    facts.say(Fact::Identity { about, what: Identity::Version, value: &version });
}
