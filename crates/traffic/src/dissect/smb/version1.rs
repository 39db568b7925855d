//! Messages of version 1 (MS-CIFS, 2.2.3): a header of 32 octets, words, bytes; several commands may follow each other.

use super::super::brief::Words;
use super::super::fields::{bytes, le16, le32, u8_at};
use super::super::ntlmssp;
use super::super::octets::printable;
use super::Session;
use super::table::{COMMAND, MAILSLOT, PIPE_READ, PIPE_TRANSCEIVE, PIPE_WRITE, SMB};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::Class;

/// Octets of the header.
const HEAD_BYTES: usize = 32;
/// Commands of one message that are read.
const COMMANDS_MAX: usize = 16;

// Commands (MS-CIFS, 2.2.2.1).
const TRANSACTION: u8 = 0x25;
const READ_ANDX: u8 = 0x2e;
const WRITE_ANDX: u8 = 0x2f;
const NEGOTIATE: u8 = 0x72;
const SESSION_SETUP: u8 = 0x73;
const TREE_CONNECT: u8 = 0x75;
const NO_MORE: u8 = 0xff;

// Flags.
const REPLY: u8 = 0x80;
const SIGNED: u16 = 0x0004;
const UNICODE: u16 = 0x8000;

/// The header.
#[derive(Debug, Clone, Copy)]
struct Head {
    command: u8,
    status: u32,
    is_reply: bool,
    flags2: u16,
    /// Process and multiplex identifier: the same in a request and its answer.
    message: u64,
}

impl Head {
    fn read(data: &[u8]) -> Option<Self> {
        let is_head = data.get(..4) == Some(&[0xff, b'S', b'M', b'B']);
        bytes(data, 0, HEAD_BYTES).filter(|_| is_head)?;
        Some(Self {
            command: u8_at(data, 4)?,
            status: le32(data, 5)?,
            is_reply: u8_at(data, 9)? & REPLY != 0,
            flags2: le16(data, 10)?,
            message: u64::from(le16(data, 26)?) << 16 | u64::from(le16(data, 30)?),
        })
    }
}

/// A command's words and bytes.
#[derive(Debug, Clone, Copy)]
struct Body<'a> {
    /// The whole message: offsets count from its start.
    message: &'a [u8],
    words: &'a [u8],
    bytes: &'a [u8],
    /// Where the bytes begin.
    bytes_at: usize,
}

impl<'a> Body<'a> {
    fn read(message: &'a [u8], at: usize) -> Option<Self> {
        let words_length = usize::from(u8_at(message, at)?) * 2;
        let words = bytes(message, at + 1, words_length)?;
        let bytes_at = at + 1 + words_length + 2;
        let length = usize::from(le16(message, bytes_at - 2)?);
        let rest = message.get(bytes_at..).unwrap_or_default();
        Some(Self { message, words, bytes: rest.get(..length).unwrap_or(rest), bytes_at })
    }

    const fn word_count(&self) -> usize {
        self.words.len() / 2
    }

    fn word(&self, at: usize) -> Option<u16> {
        le16(self.words, at * 2)
    }

    /// The part of the message that two words tell of.
    fn part(&self, length: Option<u16>, offset: Option<u16>) -> Option<&'a [u8]> {
        bytes(self.message, usize::from(offset?), usize::from(length?))
    }
}

/// Does the message hold a file's content that is passed over?
pub(super) fn is_content(session: &Session, data: &[u8]) -> bool {
    let Some(head) = Head::read(data) else { return false };
    match (head.command, head.is_reply) {
        (READ_ANDX, true) => !session.pipes.expects(head.message),
        (WRITE_ANDX, false) => {
            let file = le16(data, HEAD_BYTES + 1 + 4).map_or(0, u64::from);
            let begins = le16(data, HEAD_BYTES + 1 + 22).and_then(|at| data.get(usize::from(at)));
            !session.pipes.has(file) && begins != Some(&5)
        }
        _ => false,
    }
}

/// Says the commands of a message.
pub(super) fn read(session: &mut Session, from: End, data: &[u8], is_whole: bool, facts: &mut dyn Facts) {
    let Some(head) = Head::read(data) else {
        if is_whole {
            facts.say(Fact::Anomaly { what: "malformed-smb" });
        }
        return;
    };
    facts.say(Fact::Initiator(if head.is_reply { from.other() } else { from }));
    if head.flags2 & SIGNED != 0
        && data.get(14..22).is_some_and(|signature| signature.iter().any(|octet| *octet != 0))
    {
        session.signed(facts);
    }
    let (mut command, mut at) = (head.command, HEAD_BYTES);
    for _ in 0..COMMANDS_MAX {
        let body = Body::read(data, at);
        let meaning = body.and_then(|body| say(session, from, &head, command, &body, facts));
        message(command, meaning, facts);
        let Some(body) = body else {
            if is_whole {
                facts.say(Fact::Anomaly { what: "malformed-smb" });
            }
            return;
        };
        if !has_next(command) || body.word_count() < 2 {
            return;
        }
        let (Some(next), Some(offset)) = (u8_at(body.words, 0), body.word(1)) else { return };
        if next == NO_MORE {
            return;
        }
        // Commands stand one behind the other; an offset that goes back would never end.
        if usize::from(offset) <= at {
            return facts.say(Fact::Anomaly { what: "malformed-smb" });
        }
        (command, at) = (next, usize::from(offset));
    }
}

/// Commands that another may follow (MS-CIFS, 2.2.3.4).
const fn has_next(command: u8) -> bool {
    matches!(command, 0x24 | 0x2d..=0x2f | 0x73..=0x75 | 0xa2)
}

/// The header tells whether a command asks or answers; both are counted together.
fn message(command: u8, meaning: Option<(&'static str, Class)>, facts: &mut dyn Facts) {
    facts.say(Fact::Message(Message {
        protocol: &SMB,
        element: COMMAND,
        code: Code::Number(u32::from(command)),
        direction: Direction::None,
        meaning,
    }));
}

fn say(
    session: &mut Session,
    from: End,
    head: &Head,
    command: u8,
    body: &Body<'_>,
    facts: &mut dyn Facts,
) -> Option<(&'static str, Class)> {
    match (command, head.is_reply) {
        (NEGOTIATE, true) => {
            negotiated(session, body, facts);
            None
        }
        (SESSION_SETUP, false) => {
            logon(session, from, head, body, facts);
            None
        }
        (SESSION_SETUP, true) => {
            logged_on(session, from, head, body, facts);
            None
        }
        (TREE_CONNECT, false) => {
            share(head, body, facts);
            None
        }
        (TRANSACTION, false) => transaction(session, from, head, body, facts),
        (TRANSACTION, true) => {
            let content = body.part(body.word(6), body.word(7)).unwrap_or_default();
            session.pipes.answered(from, head.message, content, facts).then_some(PIPE_TRANSCEIVE)
        }
        (READ_ANDX, false) => {
            let file = u64::from(body.word(2)?);
            session.pipes.asked(head.message, file);
            session.pipes.has(file).then_some(PIPE_READ)
        }
        (READ_ANDX, true) => {
            let content = body.part(body.word(5), body.word(6)).unwrap_or_default();
            session.pipes.answered(from, head.message, content, facts).then_some(PIPE_READ)
        }
        (WRITE_ANDX, false) => {
            let content = body.part(body.word(10), body.word(11))?;
            session.pipes.wrote(from, u64::from(body.word(2)?), content, facts).then_some(PIPE_WRITE)
        }
        _ => None,
    }
}

/// Which dialect the server chose, how it signs, and whether it wants passwords in clear text.
fn negotiated(session: &mut Session, body: &Body<'_>, facts: &mut dyn Facts) {
    let value = match body.word_count() {
        17 => "1 (NT LM 0.12)",
        13 => "1 (LAN Manager)",
        1 if body.word(0) != Some(0xffff) => "1 (core)",
        _ => return,
    };
    facts.say(Fact::Property { name: "smb-version", value });
    let mode = u8_at(body.words, 2).unwrap_or(0);
    session.plain_passwords = mode & 2 == 0;
    if body.word_count() == 17 {
        let value = match mode & 0x0c {
            0x08 | 0x0c => "required",
            0x04 => "enabled",
            _ => "off",
        };
        facts.say(Fact::Property { name: "signing", value });
    }
}

fn logon(session: &mut Session, from: End, head: &Head, body: &Body<'_>, facts: &mut dyn Facts) {
    match body.word_count() {
        // With a token, which says all.
        12 => {
            let length = usize::from(body.word(7).unwrap_or(0));
            let token = body.bytes.get(..length).unwrap_or(body.bytes);
            session.token(from, token, facts);
            native_system(from, head, body, length, 0, facts);
        }
        // With passwords or answers to the server's challenge.
        13 => {
            let lengths = [body.word(7), body.word(8)].map(|length| usize::from(length.unwrap_or(0)));
            let [narrow, wide] = lengths;
            password(session, lengths, facts);
            let names = narrow + wide;
            if let Some(user) = string(head, body, names, 0) {
                session.anonymous = false;
                facts.say(Fact::Property { name: "user", value: user.as_str() });
            } else if narrow + wide <= 1 {
                session.anonymous = true;
                facts.say(Fact::Property { name: "logon", value: "anonymous" });
            }
            if let Some(domain) = string(head, body, names, 1) {
                facts.say(Fact::Property { name: "domain", value: domain.as_str() });
            }
            native_system(from, head, body, names, 2, facts);
        }
        _ => {}
    }
}

/// A password is a secret in clear text where the server asked for one; else an answer tells by its length how weak it is.
fn password(session: &Session, [narrow, wide]: [usize; 2], facts: &mut dyn Facts) {
    if session.plain_passwords {
        if narrow.max(wide) > 1 {
            facts.say(Fact::ClearTextCredential { what: "password" });
        }
    } else if wide == 24 || (wide == 0 && narrow == 24) {
        facts.say(Fact::Property { name: "logon", value: "ntlm-v1" });
    } else if wide > 24 {
        facts.say(Fact::Property { name: "logon", value: "ntlm-v2" });
    }
}

fn logged_on(session: &mut Session, from: End, head: &Head, body: &Body<'_>, facts: &mut dyn Facts) {
    let token = match body.word_count() {
        4 => usize::from(body.word(3).unwrap_or(0)),
        3 => 0,
        _ => return,
    };
    session.token(from, body.bytes.get(..token).unwrap_or(body.bytes), facts);
    native_system(from, head, body, token, 0, facts);
    if head.status == 0 {
        let is_guest = body.word(2).is_some_and(|action| action & 1 != 0);
        if is_guest {
            facts.say(Fact::Property { name: "logon", value: "guest" });
        }
        facts.say(Fact::Authenticated(!is_guest && !session.anonymous));
    }
}

/// The operating system that an end says it is: the string at this place.
fn native_system(
    about: End,
    head: &Head,
    body: &Body<'_>,
    strings: usize,
    place: usize,
    facts: &mut dyn Facts,
) {
    if let Some(system) = string(head, body, strings, place) {
        facts.say(Fact::Identity { about, what: Identity::Version, value: system.as_str() });
    }
}

fn share(head: &Head, body: &Body<'_>, facts: &mut dyn Facts) {
    let password = usize::from(body.word(3).unwrap_or(0));
    if let Some(path) = string(head, body, password, 0) {
        facts.say(Fact::Property { name: "share", value: path.as_str() });
    }
}

/// The string at a place of those that begin at an offset of the bytes: 16-bit characters begin at even offsets of the
/// message, others are octets; each ends with zero.
fn string(head: &Head, body: &Body<'_>, offset: usize, place: usize) -> Option<Words> {
    use std::fmt::Write as _;
    let wide = head.flags2 & UNICODE != 0;
    let mut at = offset;
    if wide && (body.bytes_at + at) % 2 == 1 {
        at += 1;
    }
    let mut rest = body.bytes.get(at..)?;
    for _ in 0..place {
        let length = if wide {
            rest.chunks_exact(2).position(|unit| unit == [0, 0])? * 2 + 2
        } else {
            rest.iter().position(|octet| *octet == 0)? + 1
        };
        rest = rest.get(length..)?;
    }
    if wide {
        return ntlmssp::utf16(rest);
    }
    let end = rest.iter().position(|octet| *octet == 0).unwrap_or(rest.len());
    let mut words = Words::new();
    words.write_str(printable(rest.get(..end)?)?).ok()?;
    Some(words)
}

/// A transaction: on a pipe the call in it is read; of a mailslot the announcement.
fn transaction(
    session: &mut Session,
    from: End,
    head: &Head,
    body: &Body<'_>,
    facts: &mut dyn Facts,
) -> Option<(&'static str, Class)> {
    /// The subcommand that writes to a pipe and reads from it (MS-CIFS, 2.2.5.6).
    const TRANSACT_PIPE: u16 = 0x0026;
    /// The one that writes to a mailslot (MS-MAIL, 2.2.1).
    const WRITE_MAILSLOT: u16 = 0x0001;
    let content = body.part(body.word(11), body.word(12)).unwrap_or_default();
    match body.word(14)? {
        TRANSACT_PIPE => {
            let file = u64::from(body.word(15)?);
            session.pipes.wrote(from, file, content, facts);
            session.pipes.asked(head.message, file);
            Some(PIPE_TRANSCEIVE)
        }
        WRITE_MAILSLOT if body.word_count() == 17 => {
            if body.bytes.starts_with(b"\\MAILSLOT\\BROWSE\0") {
                super::datagram::announcement(from, content, facts);
            }
            Some(MAILSLOT)
        }
        _ => None,
    }
}
