//! Discovery of TwinCAT computers and remote routes, over UDP: a mark, an identifier, a service, who asks, and tagged
//! values.

use super::super::fields::{be32, bytes, le16, le32, rest, text, u8_at};
use super::super::{Conversation, Dissector, Hint, Likelihood, Progress};
use super::table::{DISCOVERY, SERVICE};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::Protocol;
use std::fmt::Write as _;

/// The octets at the beginning.
const MAGIC: u32 = 0x0366_1471;
/// Mark, identifier, service (4 each), address of who asks (8), count of values (4).
const HEAD_BYTES: usize = 24;
/// Set in the service of an answer.
const RESPONSE: u32 = 0x8000_0000;
/// Values that are looked at.
const TAGS_MAX: u32 = 32;

/// Tags of values.
mod tag {
    pub(super) const PASSWORD: u16 = 2;
    pub(super) const VERSION: u16 = 3;
    pub(super) const COMPUTER_NAME: u16 = 5;
}

/// The dissector of discovery.
#[derive(Debug, Clone, Copy)]
pub struct AdsDiscovery;

impl Dissector for AdsDiscovery {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&DISCOVERY];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let marked = !hint.stream && data.len() >= HEAD_BYTES && be32(data, 0) == Some(MAGIC);
        if marked { Likelihood::Certain } else { Likelihood::No }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading)
    }
}

struct Reading;

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if be32(data, 0).is_some_and(|magic| magic != MAGIC) {
            facts.say(Fact::Anomaly { what: "ads-discovery-header" });
            return Progress::Consumed(data.len());
        }
        let (Some(service), Some(count)) = (le32(data, 8), le32(data, 20)) else {
            return Progress::Need(HEAD_BYTES);
        };
        let answers = service & RESPONSE != 0;
        let direction = if answers { Direction::Response } else { Direction::Request };
        facts.message(&DISCOVERY, SERVICE, service & !RESPONSE, direction);
        let mut seen = 0;
        for (tag, value) in tags(data, count) {
            say(tag, value, answers, from, facts);
            seen += 1;
        }
        if seen < count.min(TAGS_MAX) {
            facts.say(Fact::Anomaly { what: "ads-discovery-malformed" });
        }
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Some(service) = le32(data, 8)
            && be32(data, 0) == Some(MAGIC)
        {
            let answers = service & RESPONSE != 0;
            let direction = if answers { Direction::Response } else { Direction::Request };
            facts.message(&DISCOVERY, SERVICE, service & !RESPONSE, direction);
            for (tag, value) in tags(data, le32(data, 20).unwrap_or_default()) {
                say(tag, value, answers, from, facts);
            }
        }
    }
}

/// The values that are whole: tag, length, value.
fn tags(data: &[u8], count: u32) -> impl Iterator<Item = (u16, &[u8])> {
    let mut left = rest(data, HEAD_BYTES);
    (0..count.min(TAGS_MAX)).map_while(move |_| {
        let (tag, value) = (le16(left, 0)?, bytes(left, 4, usize::from(le16(left, 2)?))?);
        left = rest(left, 4 + value.len());
        Some((tag, value))
    })
}

fn say(tag: u16, value: &[u8], answers: bool, about: End, facts: &mut dyn Facts) {
    match tag {
        // An empty password is one as well, but no secret.
        tag::PASSWORD if !answers && text(value).is_some() => {
            facts.say(Fact::ClearTextCredential { what: "password" });
        }
        // Asking for a route says the name or address of the one who shall have it: the one who asks, as a rule.
        tag::COMPUTER_NAME if answers => {
            if let Some(value) = text(value) {
                facts.say(Fact::Identity { about, what: Identity::Vendor, value: "Beckhoff" });
                facts.say(Fact::Identity { about, what: Identity::Name, value: &value });
            }
        }
        tag::VERSION if answers => {
            if let (Some(major), Some(minor), Some(build)) =
                (u8_at(value, 0), u8_at(value, 1), le16(value, 2))
            {
                let mut version = String::new();
                if write!(version, "TwinCAT {major}.{minor}.{build}").is_ok() {
                    facts.say(Fact::Identity { about, what: Identity::Version, value: &version });
                }
            }
        }
        _ => {}
    }
}
