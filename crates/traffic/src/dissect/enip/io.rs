//! Implicit data of I/O connections (class 0 and 1) over UDP: a common packet without encapsulation (Volume 2 §3-2.2).

use super::cip::{IMPLICIT_DATA, IO, PROTOCOL};
use super::item;
use crate::dissect::fields::le16;
use crate::dissect::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::Protocol;

/// Item count, address item (kind, length, connection, sequence), data item (kind, length).
const HEAD_BYTES: usize = 18;

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct CipIo;

impl Dissector for CipIo {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        match length(data) {
            Some(length) if !hint.stream && length == data.len() => Likelihood::Certain,
            Some(_) if hint.port(2222) && !hint.stream => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading)
    }
}

/// The length of the packet that begins here.
fn length(data: &[u8]) -> Option<usize> {
    let head = (le16(data, 0)?, le16(data, 2)?, le16(data, 4)?, le16(data, 14)?);
    let data_length = usize::from(le16(data, 16)?);
    (head == (2, item::SEQUENCED_ADDRESS, 8, item::CONNECTED_DATA)).then_some(HEAD_BYTES + data_length)
}

struct Reading;

impl Conversation for Reading {
    fn read(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        match length(data) {
            None => {
                facts.say(Fact::Anomaly { what: "cip-io-header" });
                Progress::Consumed(data.len())
            }
            Some(length) if length > data.len() => Progress::Need(length),
            Some(_) => {
                facts.message(&PROTOCOL, IO, IMPLICIT_DATA, Direction::None);
                Progress::Consumed(data.len())
            }
        }
    }

    fn cut(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) {
        if length(data).is_some() {
            facts.message(&PROTOCOL, IO, IMPLICIT_DATA, Direction::None);
        }
    }

    fn gap(&mut self, _from: End) -> bool {
        true
    }
}
