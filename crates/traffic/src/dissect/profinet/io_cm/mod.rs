//! PROFINET IO context management: how controllers and supervisors set up, parametrize and read devices.
//!
//! The calls of DCE/RPC whose interfaces PROFINET defines. Owns the blocks in them (`blocks`), and what they say of
//! controllers and devices.

mod blocks;
mod table;

pub(crate) use table::PROTOCOL;
use table::{BLOCK, OPERATION};

use super::super::octets::Octets;
use super::vendors::vendor;
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::Class;

/// Interfaces and objects of PROFINET IO differ in the first 32 bits, and objects in the last 48
/// (IEC 61158-6-10, "Coding of the field RPCInterfaceUUID", "RPCObjectUUID").
const INTERFACE_TAIL: u128 = 0x6c97_11d1_8271_00a0_2442_df7d;
const OBJECT_HEAD: u128 = 0xdea0_0000_6c97_11d1_8271;

// Operations (IEC 61158-6-10, "RPCOperationNmb").
const CONNECT: u16 = 0;
const READ: u16 = 2;
const WRITE: u16 = 3;
const READ_IMPLICIT: u16 = 5;

/// Is it one of the interfaces for device, controller, supervisor and parameter server?
pub(crate) const fn is_interface(uuid: u128) -> bool {
    matches!(uuid >> 96, 0xdea0_0001..=0xdea0_0004) && uuid & (u128::MAX >> 32) == INTERFACE_TAIL
}

/// A call or its answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    /// Who sent it.
    pub(crate) from: End,
    /// The operation.
    pub(crate) operation: u16,
    /// Does it ask or answer?
    pub(crate) direction: Direction,
    /// Are the numbers of the call in little-endian order? Those of blocks are not.
    pub(crate) is_little: bool,
    /// The object that is called.
    pub(crate) object: u128,
}

/// Octets of the arguments before the blocks: two numbers, or a status and a number, and the head of an array.
const ARGUMENTS_BYTES: usize = 20;

/// Says the operation; what is read or written makes its name.
pub(crate) fn say_operation(operation: u16, direction: Direction, body: &[u8], facts: &mut dyn Facts) {
    let index = body.get(ARGUMENTS_BYTES..).and_then(blocks::record_index);
    let meaning = match (operation, index) {
        (READ | READ_IMPLICIT, Some(index)) => table::reading(index),
        (WRITE, Some(index)) => table::writing(index),
        _ => None,
    };
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: OPERATION,
        code: Code::Number(u32::from(operation)),
        direction,
        meaning,
    }));
}

/// Says a packet that neither calls nor answers.
pub(crate) fn say_packet(operation: u16, name: &'static str, facts: &mut dyn Facts) {
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: OPERATION,
        code: Code::Number(u32::from(operation)),
        direction: Direction::None,
        meaning: Some((name, Class::Session)),
    }));
}

/// Says the block of an alarm, which travels in a frame of its own.
pub(super) fn say_alarm(kind: u16, facts: &mut dyn Facts) {
    facts.message(&PROTOCOL, BLOCK, u32::from(kind), Direction::None);
}

impl Call {
    /// Reads the body: its blocks, and what they say of either end.
    pub(crate) fn read(&self, body: &[u8], facts: &mut dyn Facts) {
        let mut octets = Octets::new(body);
        let number = |octets: &mut Octets<'_>| if self.is_little { octets.u32_le() } else { octets.u32_be() };
        let is_answer = self.direction == Direction::Response;
        let status = number(&mut octets);
        let length = number(&mut octets);
        let _array = octets.skip(12);
        let (Some(status), Some(length)) = (status, length) else {
            return facts.say(Fact::Anomaly { what: "malformed-pn-io-cm" });
        };
        if is_answer && status != 0 {
            facts.say(Fact::Property { name: "refused", value: table::operation_name(self.operation) });
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some(content) = octets.take(length) else {
            return facts.say(Fact::Anomaly { what: "malformed-pn-io-cm" });
        };
        if !is_answer && self.operation == CONNECT {
            say_object(self.from.other(), self.object, facts);
        }
        blocks::read(self, content, facts);
    }

    /// The class of the operation goes for the blocks in it: a record that is read changes nothing.
    fn class(&self) -> Class {
        match self.operation {
            READ | READ_IMPLICIT => Class::Read,
            WRITE => Class::Configure,
            _ => Class::Session,
        }
    }
}

/// The object of a device or controller has its vendor's number in it.
fn say_object(about: End, object: u128, facts: &mut dyn Facts) {
    if object >> 48 != OBJECT_HEAD {
        return;
    }
    if let Some(value) = vendor((object & 0xffff) as u16) {
        facts.say(Fact::Identity { about, what: Identity::Vendor, value });
    }
}
