//! AMQP 0-9-1 and its forerunners 0-8 and 0-9: frames, tables, and the methods that tell something (0-9-1, 2.3 and 4.2).

use super::super::octets::{Octets, printable};
use super::Peers;
use super::table::{METHOD, PROTOCOL};
use crate::dissect::Progress;
use crate::facts::{Direction, End, Fact, Facts, Identity};

/// Octets before a frame's payload.
const HEADER_LENGTH: usize = 7;
/// The last octet of a frame.
const FRAME_END: u8 = 0xCE;
/// Longest payload that is believed. Brokers agree on 128 KiB; the field would allow 4 GiB.
const PAYLOAD_LENGTH_MAX: u32 = 16 << 20;
/// Longest method that is read.
const METHOD_LENGTH_MAX: usize = 64 * 1024;
/// Entries of a table that are looked at.
const ENTRIES_MAX: usize = 64;

/// A frame's header.
struct Header {
    kind: u8,
    /// Octets of the whole frame.
    whole: usize,
}

/// Reads a frame's header: types 1 to 3 and 8 (4.2.3; 0-9 counted the heartbeat as 4 or 8).
fn header(data: &[u8]) -> Option<Header> {
    let mut octets = Octets::new(data);
    let kind = octets.u8()?;
    let channel = octets.u16_be()?;
    let length = octets.u32_be()?;
    let good = match kind {
        1 => (4..=PAYLOAD_LENGTH_MAX).contains(&length),
        2 => (14..=PAYLOAD_LENGTH_MAX).contains(&length) && channel != 0,
        3 => length <= PAYLOAD_LENGTH_MAX && channel != 0,
        4 | 8 => length == 0 && channel == 0,
        _ => false,
    };
    let whole = usize::try_from(length).ok()?.checked_add(HEADER_LENGTH + 1)?;
    good.then_some(Header { kind, whole })
}

/// Do these octets begin with a frame? `Some(true)`: whole, with its last octet, and a method is one that is known.
pub(super) fn probe(data: &[u8]) -> Option<bool> {
    let header = header(data)?;
    if header.kind == 1
        && let Some(code) = data.get(HEADER_LENGTH..).and_then(|payload| Octets::new(payload).u32_be())
        && PROTOCOL.function(METHOD, code).is_none()
    {
        return None;
    }
    match data.get(header.whole - 1) {
        Some(&FRAME_END) => Some(header.kind == 1),
        Some(_) => None,
        None => Some(false),
    }
}

/// Reads a frame.
pub(super) fn read(peers: &mut Peers, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    if data.len() < HEADER_LENGTH {
        return Progress::Need(HEADER_LENGTH);
    }
    let Some(header) = header(data) else {
        facts.say(Fact::Anomaly { what: "amqp-frame" });
        return Progress::Lost;
    };
    if header.kind != 1 || header.whole > METHOD_LENGTH_MAX {
        // Content is of no interest.
        return Progress::Skip(header.whole);
    }
    let Some(payload) = data.get(HEADER_LENGTH..header.whole - 1) else {
        return Progress::Need(header.whole);
    };
    if data.get(header.whole - 1) != Some(&FRAME_END) {
        if data.len() < header.whole {
            return Progress::Need(header.whole);
        }
        facts.say(Fact::Anomaly { what: "amqp-frame-end" });
        return Progress::Lost;
    }
    method(peers, from, payload, facts);
    Progress::Consumed(header.whole)
}

/// The beginning of a frame that was not captured whole.
pub(super) fn cut(data: &[u8], facts: &mut dyn Facts) {
    if let Some(Header { kind: 1, .. }) = header(data)
        && let Some(code) = data.get(HEADER_LENGTH..).and_then(|payload| Octets::new(payload).u32_be())
    {
        facts.message(&PROTOCOL, METHOD, code, direction(code));
    }
}

fn method(peers: &mut Peers, from: End, payload: &[u8], facts: &mut dyn Facts) {
    let mut octets = Octets::new(payload);
    let Some(code) = octets.u32_be() else { return };
    facts.message(&PROTOCOL, METHOD, code, direction(code));
    if PROTOCOL.function(METHOD, code).is_none() {
        facts.say(Fact::Anomaly { what: "amqp-method" });
        return;
    }
    let read = match (code >> 16, code & 0xFFFF) {
        (10, 10) => start(peers, from, &mut octets, facts),
        (10, 11) => start_ok(peers, from, &mut octets, facts),
        (10, 40) => say_named("amqp-virtual-host", short_text(&mut octets), facts),
        (40, 10) | (60, 40) => target(peers, "amqp-exchange", &mut octets, facts),
        (50, 10) | (60, 20 | 70) => target(peers, "amqp-queue", &mut octets, facts),
        _ => Some(()),
    };
    if read.is_none() {
        facts.say(Fact::Anomaly { what: "amqp-arguments" });
    }
}

/// What is asked and answered. Either side may send the others, and the server starts the connection.
const fn direction(code: u32) -> Direction {
    match (code >> 16, code & 0xFFFF) {
        (10, 40) | (20, 10) | (40, 10 | 20 | 30 | 40) | (50, 10 | 20 | 30 | 40 | 50) => Direction::Request,
        (60, 10 | 20 | 30 | 70 | 110) | (85, 10) | (90, 10 | 20 | 30) => Direction::Request,
        (10, 41) | (20, 11) | (40, 11 | 21 | 31 | 51) | (50, 11 | 21 | 31 | 41 | 51) => Direction::Response,
        (60, 11 | 21 | 31 | 71 | 72 | 111) | (85, 11) | (90, 11 | 21 | 31) => Direction::Response,
        _ => Direction::None,
    }
}

/// Connection.Start: what the server is, and how it lets clients prove who they are (1.4.2.1).
fn start(peers: &mut Peers, from: End, octets: &mut Octets<'_>, facts: &mut dyn Facts) -> Option<()> {
    peers.say_client(from.other(), facts);
    octets.skip(2)?;
    say_properties(from, table(octets)?, facts);
    let mechanisms = long(octets)?;
    say_named("amqp-mechanisms-offered", Some(mechanisms), facts)
}

/// Connection.Start-Ok: what the client is, and how it proves who it is (1.4.2.2).
fn start_ok(peers: &mut Peers, from: End, octets: &mut Octets<'_>, facts: &mut dyn Facts) -> Option<()> {
    peers.say_client(from, facts);
    say_properties(from, table(octets)?, facts);
    let mechanism = short_text(octets)?;
    let response = long(octets)?;
    match mechanism {
        b"AMQPLAIN" => {
            facts.say(Fact::Property { name: "sasl-mechanism", value: "AMQPLAIN" });
            facts.say(Fact::Authenticated(true));
            facts.say(Fact::ClearTextCredential { what: "password" });
            let user = entries(response).find(|(key, _)| *key == b"LOGIN").and_then(|(_, value)| value);
            say_named("user-name", user, facts)
        }
        _ => {
            super::say_sasl(mechanism, response, facts);
            Some(())
        }
    }
}

/// The exchange or queue that a method names.
fn target(
    peers: &mut Peers,
    name: &'static str,
    octets: &mut Octets<'_>,
    facts: &mut dyn Facts,
) -> Option<()> {
    octets.skip(2)?;
    let text = short_text(octets)?;
    if !text.is_empty() && peers.names.is_new(text) {
        say_named(name, Some(text), facts)?;
    }
    Some(())
}

fn say_named(name: &'static str, text: Option<&[u8]>, facts: &mut dyn Facts) -> Option<()> {
    if let Some(value) = printable(text?) {
        facts.say(Fact::Property { name, value });
    }
    Some(())
}

/// What a peer says of itself in its table of properties.
fn say_properties(about: End, table: &[u8], facts: &mut dyn Facts) {
    for (key, value) in entries(table) {
        let what = match key {
            b"product" => Identity::Product,
            b"version" => Identity::Version,
            b"cluster_name" | b"connection_name" => Identity::Name,
            _ => continue,
        };
        if let Some(value) = value.and_then(printable) {
            facts.say(Fact::Identity { about, what, value });
        }
    }
}

/// A text of up to 255 octets.
fn short_text<'a>(octets: &mut Octets<'a>) -> Option<&'a [u8]> {
    let length = octets.u8()?;
    octets.take(usize::from(length))
}

/// Octets with a length of four octets before them: long texts, tables, arrays.
fn long<'a>(octets: &mut Octets<'a>) -> Option<&'a [u8]> {
    let length = octets.u32_be()?;
    octets.take(usize::try_from(length).ok()?)
}

/// A table's entries, not read yet.
fn table<'a>(octets: &mut Octets<'a>) -> Option<&'a [u8]> {
    long(octets)
}

/// The entries of a table: their names, and their values where they are texts (4.2.5.5, with the types that brokers use).
fn entries(table: &[u8]) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
    let mut octets = Octets::new(table);
    std::iter::from_fn(move || {
        let name = short_text(&mut octets)?;
        let value = match octets.u8()? {
            b'S' => Some(long(&mut octets)?),
            b'x' | b'A' | b'F' => long(&mut octets).map(|_| None)?,
            b't' | b'b' | b'B' => octets.skip(1).map(|()| None)?,
            b'U' | b's' | b'u' => octets.skip(2).map(|()| None)?,
            b'I' | b'i' | b'f' => octets.skip(4).map(|()| None)?,
            b'D' => octets.skip(5).map(|()| None)?,
            b'L' | b'l' | b'd' | b'T' => octets.skip(8).map(|()| None)?,
            b'V' => None,
            _ => return None,
        };
        Some((name, value))
    })
    .take(ENTRIES_MAX)
}
