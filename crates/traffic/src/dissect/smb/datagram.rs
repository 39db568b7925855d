//! The NetBIOS datagram service (RFC 1002, 4.4) with the browser's announcements (MS-BRWS, 2.2).

use super::super::brief::Words;
use super::super::fields::{be16, text, u8_at};
use super::super::{Conversation, Hint, Likelihood, Progress};
use super::{DATAGRAM_PORT, Session, netbios_name, say_netbios_name, version1};
use crate::facts::{End, Fact, Facts, Identity};
use std::fmt::Write as _;

/// Octets before the names: kind, flags, identifier, address, port, length, offset.
const HEAD_BYTES: usize = 14;
/// Octets of an encoded name.
const NAME_BYTES: usize = 34;

/// Kinds that carry a message: to one name, to a group, to everybody.
const fn carries_message(kind: u8) -> bool {
    matches!(kind, 0x10..=0x12)
}

/// Both names have to be names.
pub(super) fn probe(data: &[u8], hint: &Hint) -> Likelihood {
    let is_message = u8_at(data, 0).is_some_and(carries_message)
        && be16(data, 10).is_some_and(|length| HEAD_BYTES + usize::from(length) == data.len());
    let named = || data.get(HEAD_BYTES..).and_then(netbios_name).is_some();
    match is_message && named() {
        true if hint.port(DATAGRAM_PORT) => Likelihood::Certain,
        true => Likelihood::Likely,
        false => Likelihood::No,
    }
}

/// Datagrams of one conversation; nothing is kept.
pub(super) struct Reader;

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(kind) = u8_at(data, 0) else { return Progress::Need(1) };
        if !carries_message(kind) {
            // Errors and queries say nothing of a host.
            if !matches!(kind, 0x13..=0x16) {
                facts.say(Fact::Anomaly { what: "malformed-netbios-datagram" });
            }
            return Progress::Consumed(data.len());
        }
        if data.len() < HEAD_BYTES + 2 * NAME_BYTES {
            return Progress::Need(HEAD_BYTES + 2 * NAME_BYTES);
        }
        say(from, data, true, facts);
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if u8_at(data, 0).is_some_and(carries_message) {
            say(from, data, false, facts);
        }
    }
}

fn say(from: End, data: &[u8], is_whole: bool, facts: &mut dyn Facts) {
    match data.get(HEAD_BYTES..).and_then(netbios_name) {
        Some(name) => say_netbios_name(from, &name, facts),
        None => facts.say(Fact::Anomaly { what: "malformed-netbios-datagram" }),
    }
    let message = data.get(HEAD_BYTES + 2 * NAME_BYTES..).unwrap_or_default();
    if message.starts_with(&[0xff, b'S', b'M', b'B']) {
        version1::read(&mut Session::default(), from, message, is_whole, facts);
    }
}

/// An announcement of a host or of a master browser: its name and the version of its system.
pub(super) fn announcement(from: End, data: &[u8], facts: &mut dyn Facts) {
    const HOST: u8 = 0x01;
    const LOCAL_MASTER: u8 = 0x0f;
    if !matches!(u8_at(data, 0), Some(HOST | LOCAL_MASTER)) {
        return;
    }
    if let Some(value) = data.get(6..22).and_then(text) {
        facts.say(Fact::Identity { about: from, what: Identity::Name, value: &value });
    }
    if let (Some(major @ 3..=10), Some(minor)) = (u8_at(data, 22), u8_at(data, 23)) {
        let mut words = Words::new();
        // Two short numbers always fit.
        let _ = write!(words, "Windows {major}.{minor}");
        facts.say(Fact::Identity { about: from, what: Identity::Version, value: words.as_str() });
    }
}
