//! PROFINET real-time frames: cyclic data, alarms, time (PTCP) and the rest, counted by their frame ids.
//!
//! A frame does not say whether it carries inputs or outputs: whoever consumes it takes the values as its own. So
//! cyclic data is of class `write`, in both directions.

use super::super::Hint;
use super::super::fields::{be16, u8_at};
use crate::facts::{Code, Direction, Fact, Facts, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// EtherType of PROFINET, and the UDP port of RT class UDP (IEC 61158-6-10; both are 0x8892).
const ETHER_TYPE: u16 = 0x8892;

const FRAME_ID: u8 = 0;

/// PROFINET real-time.
pub(super) static PROTOCOL: Protocol = Protocol {
    name: "pn_rt",
    title: "PROFINET real-time",
    carriers: &[Carrier::EtherType(ETHER_TYPE), Carrier::Udp(ETHER_TYPE)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "frame-id", functions: FRAMES, default_class: Class::Other }],
    documents: &[
        "IEC 61158-6-10:2019 (type 10: FAL protocol), coding of FrameID, DataStatus, RTA-PDU and PTCP-PDU",
        "IEC 61784-2:2019, communication profile family 3",
    ],
};

/// Frame ids by their first; the ids that follow, up to the next of another name, have the same.
const FRAMES: &[Function] = &[
    function(0x0020, "time-sync-with-follow-up", Class::Time),
    function(0x0080, "time-sync", Class::Time),
    function(0x0100, "rt-class-3-data", Class::Write),
    function(0x8000, "rt-class-2-data", Class::Write),
    function(0xc000, "rt-class-1-data", Class::Write),
    function(0xf800, "rt-class-udp-data", Class::Write),
    function(0xfc01, "alarm-high", Class::Alarm),
    function(0xfe01, "alarm-low", Class::Alarm),
    function(0xfe02, "remote-service", Class::Configure),
    function(0xff00, "time-announce", Class::Time),
    function(0xff20, "time-follow-up", Class::Time),
    function(0xff40, "time-delay-request", Class::Time),
    function(0xff41, "time-delay-response-with-follow-up", Class::Time),
    function(0xff42, "time-delay-follow-up", Class::Time),
    function(0xff43, "time-delay-response", Class::Time),
    function(0xff80, "fragment", Class::Write),
];

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Process data and its status.
    Cyclic,
    /// An alarm, or what keeps the alarm channel.
    Alarm,
    /// Precision time.
    Time,
    /// Discovery and configuration.
    Dcp,
    /// Remote services and fragments.
    Other,
    /// Nothing: the standard reserves the id.
    Reserved,
}

/// What a frame id tells (IEC 61158-6-10, table "FrameID ranges").
pub(super) const fn kind(frame_id: u16) -> Kind {
    match frame_id {
        0x0100..=0x0fff | 0x8000..=0xfbff => Kind::Cyclic,
        0xfc01 | 0xfe01 => Kind::Alarm,
        0x0020..=0x0021 | 0x0080..=0x0081 | 0xff00..=0xff01 | 0xff20..=0xff21 | 0xff40..=0xff43 => Kind::Time,
        0xfefc..=0xfeff => Kind::Dcp,
        0xfe02 | 0xff80..=0xff8f => Kind::Other,
        _ => Kind::Reserved,
    }
}

/// Octets behind the data: cycle counter, data status, transfer status.
const STATUS_BYTES: usize = 4;

/// The data status of cyclic data, if the frame has one: behind it stands the transfer status, which is zero. Of a
/// frame that the capture cut, other octets stand there.
pub(super) fn cyclic(data: &[u8]) -> Option<u8> {
    let at = data.len().checked_sub(STATUS_BYTES).filter(|at| *at > 2)?;
    u8_at(data, at + 2).filter(|_| u8_at(data, at + 3) == Some(0))
}

/// Does a datagram look like RT class UDP? Its ids are few, its port is its own, and it closes with its status.
pub(super) fn is_over_udp(frame_id: u16, data: &[u8], hint: &Hint) -> bool {
    let status_is_valid = cyclic(data).is_some_and(|status| status & (VALID | 0x48) == VALID);
    hint.port(ETHER_TYPE) && (0xf800..=0xfbff).contains(&frame_id) && status_is_valid
}

// Bits of the data status (IEC 61158-6-10, "Coding of the field DataStatus").
const VALID: u8 = 0x04;
const RUN: u8 = 0x10;
const NO_PROBLEM: u8 = 0x20;

/// Says what a frame carries. `status` is the data status that its sender said last.
pub(super) fn read(frame_id: u16, kind: Kind, data: &[u8], status: &mut Option<u8>, facts: &mut dyn Facts) {
    head(frame_id, facts);
    match kind {
        Kind::Cyclic => match cyclic(data) {
            Some(now) if *status != Some(now) => {
                *status = Some(now);
                say_status(now, facts);
            }
            Some(_) => {}
            None if data.len() <= 2 + STATUS_BYTES => facts.say(Fact::Anomaly { what: "malformed-pn-rt" }),
            None => {}
        },
        Kind::Alarm => alarm(data, facts),
        Kind::Reserved => facts.say(Fact::Anomaly { what: "pn-rt-reserved-frame-id" }),
        Kind::Time | Kind::Other | Kind::Dcp => {}
    }
}

/// Says the frame id.
pub(super) fn head(frame_id: u16, facts: &mut dyn Facts) {
    let named = FRAMES.iter().rev().find(|first| first.code <= u32::from(frame_id));
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: FRAME_ID,
        code: Code::Number(u32::from(frame_id)),
        direction: Direction::None,
        meaning: named.filter(|_| kind(frame_id) != Kind::Reserved).map(|named| (named.name, named.class)),
    }));
}

fn say_status(status: u8, facts: &mut dyn Facts) {
    let value = match status & (VALID | RUN | NO_PROBLEM) {
        0x34 => "run",
        0x14 => "run, with a problem",
        0x24 => "stop",
        0x04 => "stop, with a problem",
        _ => "data not valid",
    };
    facts.say(Fact::Property { name: "provider-state", value });
}

/// Where the variable part of an alarm PDU begins, and types of PDU (IEC 61158-6-10, "RTA-PDU").
const ALARM_VARIABLE: usize = 14;
const ALARM_DATA: u8 = 1;
const ALARM_ERROR: u8 = 4;

/// How long the frame of an alarm has to be.
pub(super) fn alarm_length(data: &[u8]) -> usize {
    ALARM_VARIABLE + be16(data, 12).map_or(0, usize::from)
}

/// An alarm PDU: what kind of alarm, if it carries one.
fn alarm(data: &[u8], facts: &mut dyn Facts) {
    let variable = data.get(ALARM_VARIABLE..).unwrap_or_default();
    match u8_at(data, 6).unwrap_or(0) & 0x0f {
        ALARM_DATA => {
            // Block header (type, length, version), then the alarm's type; acknowledgments have another block type.
            let Some(block) = be16(variable, 0).filter(|block| matches!(block, 1 | 2 | 0x8001 | 0x8002))
            else {
                return facts.say(Fact::Anomaly { what: "malformed-pn-rt" });
            };
            super::io_cm::say_alarm(block, facts);
            let notification = (block < 0x8000).then_some(());
            let value = notification.and(be16(variable, 6)).and_then(alarm_type);
            if let Some(value) = value {
                facts.say(Fact::Property { name: "alarm-type", value });
            }
        }
        ALARM_ERROR => facts.say(Fact::Property { name: "alarm-channel", value: "closed" }),
        2 | 3 => {}
        _ => facts.say(Fact::Anomaly { what: "malformed-pn-rt" }),
    }
}

/// Names of alarm types (IEC 61158-6-10, "Coding of the field AlarmType").
fn alarm_type(code: u16) -> Option<&'static str> {
    Some(match code {
        1 => "diagnosis",
        2 => "process",
        3 => "pull",
        4 => "plug",
        5 => "status",
        6 => "update",
        7 => "media-redundancy",
        8 => "controlled-by-supervisor",
        9 => "released",
        10 => "plug-wrong-submodule",
        11 => "return-of-submodule",
        12 => "diagnosis-disappears",
        13 => "multicast-communication-mismatch",
        14 => "port-data-change",
        15 => "sync-data-changed",
        16 => "isochronous-mode-problem",
        17 => "network-component-problem",
        18 => "time-data-changed",
        19 => "dynamic-frame-packing-problem",
        20 => "mrpd-problem",
        21 => "multiple-interface-mismatch",
        30 => "upload-and-retrieval",
        31 => "pull-module",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_that_is_not_reserved_has_a_name() {
        for frame_id in 0..=u16::MAX {
            if matches!(kind(frame_id), Kind::Reserved | Kind::Dcp) {
                continue;
            }
            let first = FRAMES.iter().rev().find(|first| first.code <= u32::from(frame_id)).unwrap();
            let class = match kind(frame_id) {
                Kind::Cyclic => Class::Write,
                Kind::Alarm => Class::Alarm,
                Kind::Time => Class::Time,
                _ => continue,
            };
            assert_eq!(first.class, class, "{frame_id:#x} is called {}", first.name);
        }
    }
}
