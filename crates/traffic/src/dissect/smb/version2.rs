//! Messages of versions 2 and 3 (MS-SMB2, 2.2): a header of 64 octets, a command, and often further ones behind it.

use super::super::fields::{bytes, le16, le32, le64, u8_at};
use super::super::ntlmssp;
use super::Session;
use super::table::{COMMAND, PIPE_READ, PIPE_WRITE, SMB2, control};
use crate::facts::{Code, Direction, End, Fact, Facts, Message};
use crate::protocol::Class;

/// Octets of the header.
const HEAD_BYTES: usize = 64;
/// Commands of one message that are read.
const COMMANDS_MAX: usize = 64;

// Commands (MS-SMB2, 2.2.1).
const NEGOTIATE: u16 = 0;
const SESSION_SETUP: u16 = 1;
const TREE_CONNECT: u16 = 3;
const READ: u16 = 8;
const WRITE: u16 = 9;
const IOCTL: u16 = 11;

// Flags.
const RESPONSE: u32 = 0x1;
const SIGNED: u32 = 0x8;

/// The header of one command.
#[derive(Debug, Clone, Copy)]
struct Head {
    status: u32,
    command: u16,
    flags: u32,
    next: usize,
    message: u64,
}

impl Head {
    fn read(data: &[u8]) -> Option<Self> {
        let is_head = data.get(..4) == Some(&[0xfe, b'S', b'M', b'B']) && le16(data, 4) == Some(64);
        bytes(data, 0, HEAD_BYTES).filter(|_| is_head)?;
        Some(Self {
            status: le32(data, 8)?,
            command: le16(data, 12)?,
            flags: le32(data, 16)?,
            next: usize::try_from(le32(data, 20)?).ok()?,
            message: le64(data, 24)?,
        })
    }

    const fn is_response(&self) -> bool {
        self.flags & RESPONSE != 0
    }
}

/// Does the message hold a file's content that is passed over? Only where it is the last command.
pub(super) fn is_content(session: &Session, data: &[u8]) -> bool {
    let Some(head) = Head::read(data).filter(|head| head.next == 0) else { return false };
    let body = data.get(HEAD_BYTES..).unwrap_or_default();
    match (head.command, head.is_response()) {
        (READ, true) => !session.pipes.expects(head.message),
        // What is written to a pipe begins with a binding.
        (WRITE, false) => {
            let content = le16(body, 2).and_then(|at| data.get(usize::from(at)..)).unwrap_or_default();
            !session.pipes.has(le64(body, 24).unwrap_or(0)) && content.first() != Some(&5)
        }
        _ => false,
    }
}

/// Says the commands of a message.
pub(super) fn read(session: &mut Session, from: End, data: &[u8], is_whole: bool, facts: &mut dyn Facts) {
    let mut rest = data;
    for _ in 0..COMMANDS_MAX {
        let Some(head) = Head::read(rest) else {
            if is_whole {
                facts.say(Fact::Anomaly { what: "malformed-smb" });
            }
            return;
        };
        let end = if head.next == 0 { rest.len() } else { head.next.min(rest.len()) };
        command(session, from, &head, rest.get(..end).unwrap_or(rest), facts);
        match rest.get(head.next..) {
            _ if head.next == 0 => return,
            Some(next) if head.next >= HEAD_BYTES => rest = next,
            _ => {
                if is_whole || head.next < HEAD_BYTES {
                    facts.say(Fact::Anomaly { what: "malformed-smb" });
                }
                return;
            }
        }
    }
}

/// A compressed message: what stands before the compressed part is readable (MS-SMB2, 2.2.42.1).
pub(super) fn compressed(session: &mut Session, from: End, data: &[u8], facts: &mut dyn Facts) {
    let is_chained = le16(data, 10).is_some_and(|flags| flags & 1 != 0);
    let plain = le32(data, 12).and_then(|offset| usize::try_from(offset).ok()).unwrap_or(0);
    facts.say(Fact::Property { name: "compression", value: "used" });
    if !is_chained && plain >= HEAD_BYTES {
        let readable = data.get(16..).unwrap_or_default();
        let readable = readable.get(..plain).unwrap_or(readable);
        read(session, from, readable, false, facts);
    }
}

fn command(session: &mut Session, from: End, head: &Head, data: &[u8], facts: &mut dyn Facts) {
    if head.flags & SIGNED != 0 {
        session.signed(facts);
    }
    let body = data.get(HEAD_BYTES..).unwrap_or_default();
    let meaning = match (head.command, head.is_response()) {
        (NEGOTIATE, true) => {
            negotiated(body, facts);
            None
        }
        (SESSION_SETUP, false) => {
            logon(session, from, data, (le16(body, 12), le16(body, 14)), facts);
            None
        }
        (SESSION_SETUP, true) => {
            logged_on(session, from, head, data, body, facts);
            None
        }
        (TREE_CONNECT, false) => {
            share(data, body, facts);
            None
        }
        (READ | WRITE | IOCTL, _) => content(session, from, head, data, body, facts),
        _ => None,
    };
    if head.command > TREE_CONNECT {
        session.readable(facts);
    }
    facts.say(Fact::Message(Message {
        protocol: &SMB2,
        element: COMMAND,
        code: Code::Number(u32::from(head.command)),
        direction: if head.is_response() { Direction::Response } else { Direction::Request },
        meaning,
    }));
}

/// Which version and which signing the server chose.
fn negotiated(body: &[u8], facts: &mut dyn Facts) {
    let value = match le16(body, 4) {
        Some(0x0202) => "2.0.2",
        Some(0x0210) => "2.1",
        Some(0x0300) => "3.0",
        Some(0x0302) => "3.0.2",
        Some(0x0311) => "3.1.1",
        // More is negotiated in another message.
        _ => return,
    };
    facts.say(Fact::Property { name: "smb-version", value });
    let value = match le16(body, 2).map(|mode| mode & 3) {
        Some(2 | 3) => "required",
        Some(1) => "enabled",
        _ => "off",
    };
    facts.say(Fact::Property { name: "signing", value });
}

/// The token of one who logs on: NTLM says who; a Kerberos ticket does not.
fn logon(
    session: &mut Session,
    from: End,
    data: &[u8],
    place: (Option<u16>, Option<u16>),
    facts: &mut dyn Facts,
) {
    let place = place.0.zip(place.1);
    let token = place.and_then(|(at, length)| bytes(data, usize::from(at), usize::from(length)));
    let Some(token) = token else { return };
    session.token(from, token, facts);
}

fn logged_on(session: &mut Session, from: End, head: &Head, data: &[u8], body: &[u8], facts: &mut dyn Facts) {
    logon(session, from, data, (le16(body, 4), le16(body, 6)), facts);
    if head.status != 0 {
        return;
    }
    let value = match le16(body, 2).unwrap_or(0) & 3 {
        0 => return facts.say(Fact::Authenticated(!session.anonymous)),
        1 => "guest",
        _ => "anonymous",
    };
    facts.say(Fact::Property { name: "logon", value });
    facts.say(Fact::Authenticated(false));
}

fn share(data: &[u8], body: &[u8], facts: &mut dyn Facts) {
    let place = le16(body, 4).zip(le16(body, 6));
    let path = place.and_then(|(at, length)| bytes(data, usize::from(at), usize::from(length)));
    if let Some(path) = path.and_then(ntlmssp::utf16) {
        facts.say(Fact::Property { name: "share", value: path.as_str() });
    }
}

/// Reads, writes and controls: of pipes, the calls in them are read.
fn content(
    session: &mut Session,
    from: End,
    head: &Head,
    data: &[u8],
    body: &[u8],
    facts: &mut dyn Facts,
) -> Option<(&'static str, Class)> {
    let pipes = &mut session.pipes;
    let part = |at: Option<usize>, length: Option<u32>| {
        let length = length.and_then(|length| usize::try_from(length).ok())?;
        bytes(data, at?, length)
    };
    let wide = |at: Option<u32>| at.and_then(|at| usize::try_from(at).ok());
    match (head.command, head.is_response()) {
        (READ, false) => {
            let file = le64(body, 24)?;
            pipes.asked(head.message, file);
            pipes.has(file).then_some(PIPE_READ)
        }
        (READ, true) => {
            let content = part(u8_at(body, 2).map(usize::from), le32(body, 4)).unwrap_or_default();
            pipes.answered(from, head.message, content, facts).then_some(PIPE_READ)
        }
        (WRITE, false) => {
            let content = part(le16(body, 2).map(usize::from), le32(body, 4))?;
            pipes.wrote(from, le64(body, 24)?, content, facts).then_some(PIPE_WRITE)
        }
        (IOCTL, is_response) => {
            let meaning = control(le32(body, 4)?);
            if is_response {
                let content = part(wide(le32(body, 32)), le32(body, 36)).unwrap_or_default();
                pipes.answered(from, head.message, content, facts);
            } else {
                let (file, content) = (le64(body, 16)?, part(wide(le32(body, 24)), le32(body, 28)));
                pipes.wrote(from, file, content.unwrap_or_default(), facts);
                pipes.asked(head.message, file);
            }
            meaning
        }
        _ => None,
    }
}
