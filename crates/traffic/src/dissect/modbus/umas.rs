//! UMAS, which controllers of Schneider Electric carry in function 90: engineering, monitoring and control.
//!
//! A request is a session key, a code and its data; an answer has 0xfe (done) or 0xfd (refused) in the code's place and
//! does not repeat the code. Answers are therefore paired with requests by the transaction identifier of the carrier.

use super::protocol::{FUNCTION, PROTOCOL, UMAS, UMAS_FUNCTION};
use crate::dissect::asked::Asked;
use crate::dissect::fields::{bytes, le16, rest, text, u8_at};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::{Class, Function, function};
use std::fmt::Write as _;

/// The code that an answer has where the request was done.
const DONE: u8 = 0xfe;
/// The code that an answer has where the request was refused.
const REFUSED: u8 = 0xfd;
/// A request of a reserved session, with a signature before it.
const SIGNED: u8 = 0x38;
/// Function, session, code, a magic octet and 32 octets of signature stand before the signed PDU.
const SIGNED_HEAD_BYTES: usize = 36;
/// Read identification of the controller.
const READ_ID: u8 = 0x02;
/// Read what is known of the project.
const READ_PROJECT_INFO: u8 = 0x03;
/// Become the one who may program.
const TAKE_RESERVATION: u8 = 0x10;

/// Requests that were not answered yet: their transactions and codes.
#[derive(Debug, Default)]
pub(super) struct Outstanding(Asked<u16, u8>);

impl Outstanding {
    /// Says a PDU of function 90: the function of Modbus, and the code of UMAS in it.
    pub(super) fn say(
        &mut self,
        transaction: u16,
        pdu: &[u8],
        direction: Direction,
        from: End,
        facts: &mut dyn Facts,
    ) {
        let inner = if u8_at(pdu, 2) == Some(SIGNED) || is_signed_answer(pdu, direction) {
            rest(pdu, SIGNED_HEAD_BYTES)
        } else {
            pdu
        };
        let code = match direction {
            Direction::Response => self.0.take(transaction),
            _ => u8_at(inner, 2),
        };
        if direction == Direction::Request
            && let Some(code) = code
        {
            self.0.put(transaction, code);
        }
        facts.message(&PROTOCOL, FUNCTION, UMAS_FUNCTION, direction);
        let Some(code) = code else { return };
        facts.message(&PROTOCOL, UMAS, u32::from(code), direction);
        match direction {
            Direction::Response if u8_at(inner, 2) == Some(DONE) => {
                say_answer(code, rest(inner, 3), from, facts)
            }
            Direction::Request if code == TAKE_RESERVATION => {
                // Four octets, length and name of the computer that asks.
                say(Identity::Name, counted(inner, 7), from, facts);
            }
            _ => {}
        }
    }
}

/// An answer to a signed request is signed as well: another PDU of function 90 follows the signature.
fn is_signed_answer(pdu: &[u8], direction: Direction) -> bool {
    direction == Direction::Response
        && u8_at(pdu, SIGNED_HEAD_BYTES).map(u32::from) == Some(UMAS_FUNCTION)
        && matches!(u8_at(pdu, SIGNED_HEAD_BYTES + 2), Some(DONE | REFUSED))
}

fn say_answer(code: u8, data: &[u8], about: End, facts: &mut dyn Facts) {
    match code {
        READ_ID => say_controller(data, about, facts),
        READ_PROJECT_INFO => {
            if let Some(value) = project_name(data).and_then(text) {
                facts.say(Fact::Property { name: "project", value: &value });
            }
        }
        _ => {}
    }
}

/// Range (2), identification (4), model (2), version (2, as its digits), patch, two further versions, crash code (4),
/// reserved (2), length and text of the reference.
fn say_controller(data: &[u8], about: End, facts: &mut dyn Facts) {
    if counted(data, 22).and_then(text).is_none() {
        return;
    }
    facts.say(Fact::Identity { about, what: Identity::Vendor, value: "Schneider Electric" });
    say(Identity::Product, counted(data, 22), about, facts);
    if let Some([minor, major]) = le16(data, 8).map(u16::to_le_bytes) {
        let mut version = String::new();
        if write!(version, "{major:x}.{minor:02x}").is_ok() {
            facts.say(Fact::Identity { about, what: Identity::Version, value: &version });
        }
    }
}

/// The name ends the answer, its length before it.
fn project_name(data: &[u8]) -> Option<&[u8]> {
    /// Identifications (9 octets) and times (8) of creation and last change, four octets of version.
    const HEAD_BYTES: usize = 38;
    let name = counted(data, HEAD_BYTES)?;
    (data.len() == HEAD_BYTES + 1 + name.len()).then_some(name)
}

/// The octets that the length at `at` counts.
fn counted(data: &[u8], at: usize) -> Option<&[u8]> {
    bytes(data, at + 1, usize::from(u8_at(data, at)?))
}

fn say(what: Identity, value: Option<&[u8]>, about: End, facts: &mut dyn Facts) {
    if let Some(value) = value.and_then(text) {
        facts.say(Fact::Identity { about, what, value: &value });
    }
}

/// Codes of UMAS. To load up is, in its words, to the controller, and to load down from it.
pub(super) const CODES: &[Function] = &[
    function(0x01, "init-communication", Class::Session),
    function(0x02, "read-id", Class::Discover),
    function(0x03, "read-project-info", Class::Diagnose),
    function(0x04, "read-plc-info", Class::Diagnose),
    function(0x05, "read-loader-info", Class::Diagnose),
    function(0x06, "read-card-info", Class::Diagnose),
    function(0x07, "read-block-info", Class::Diagnose),
    function(0x0a, "repeat", Class::Diagnose),
    function(0x10, "take-plc-reservation", Class::Session),
    function(0x11, "release-plc-reservation", Class::Session),
    function(0x12, "keep-alive", Class::Session),
    function(0x20, "read-memory-block", Class::Read),
    function(0x21, "write-memory-block", Class::Write),
    function(0x22, "read-variables", Class::Read),
    function(0x23, "write-variables", Class::Write),
    function(0x24, "read-coils-registers", Class::Read),
    function(0x25, "write-coils-registers", Class::Write),
    function(0x26, "data-dictionary", Class::Discover),
    function(0x27, "data-dictionary-preload", Class::Discover),
    function(0x28, "read-physical-address", Class::Read),
    function(0x29, "write-physical-address", Class::Write),
    function(0x2a, "browse-events", Class::Read),
    function(0x30, "initialize-upload", Class::Program),
    function(0x31, "upload-block", Class::Program),
    function(0x32, "end-strategy-upload", Class::Program),
    function(0x33, "initialize-download", Class::Program),
    function(0x34, "download-block", Class::Program),
    function(0x35, "end-strategy-download", Class::Program),
    function(0x36, "backup", Class::Program),
    function(0x37, "preload-blocks", Class::Program),
    function(0x38, "signed-request", Class::Program),
    function(0x39, "read-ethernet-master-data", Class::Diagnose),
    function(0x40, "start-plc", Class::Operate),
    function(0x41, "stop-plc", Class::Operate),
    function(0x42, "init-plc", Class::Operate),
    function(0x43, "swap-blocks", Class::Program),
    function(0x50, "monitor-plc", Class::Read),
    function(0x51, "get-auto-modifications", Class::Read),
    function(0x52, "get-forced-bits", Class::Read),
    function(0x53, "get-selected-blocks", Class::Read),
    function(0x58, "check-plc", Class::Diagnose),
    function(0x60, "set-breakpoint", Class::Program),
    function(0x61, "delete-breakpoint", Class::Program),
    function(0x62, "step-over", Class::Program),
    function(0x63, "step-in", Class::Program),
    function(0x64, "step-out", Class::Program),
    function(0x65, "get-call-stack", Class::Diagnose),
    function(0x66, "check-debug-allowed", Class::Diagnose),
    function(0x6d, "private", Class::Program),
    function(0x6e, "reservation-nonces", Class::Authenticate),
    function(0x70, "read-io-object", Class::Read),
    function(0x71, "write-io-object", Class::Write),
    function(0x72, "read-rack", Class::Diagnose),
    function(0x73, "get-status-module", Class::Diagnose),
    function(0x74, "read-device-data", Class::Read),
];
