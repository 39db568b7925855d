//! SMB: files, printers and named pipes of Windows computers, versions 1 to 3.
//!
//! Owns the framing of the NetBIOS session service and of TCP, and both kinds of messages (`version1`, `version2`).
//! Calls in named pipes are those of DCE/RPC (`pipes`). Contents of files are passed over.

mod datagram;
mod pipes;
mod table;
mod version1;
mod version2;

use super::fields::{be16, u8_at};
use super::ntlmssp::{self, Logon};
use super::sides::InStep;
use super::{Conversation, Dissector, Hint, Likelihood, Progress, dcerpc, dns, kerberos};
use crate::facts::{End, Fact, Facts, Identity};
use crate::protocol::Protocol;
use pipes::Pipes;
use table::{DATAGRAM_PORT, PORT, SESSION_PORT};

/// The reader of conversations that begin with version 1, also where they go on with version 2.
#[derive(Debug, Clone, Copy)]
pub struct Smb;

/// The reader of conversations of versions 2 and 3.
#[derive(Debug, Clone, Copy)]
pub struct Smb2;

impl Dissector for Smb {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&table::SMB, &table::SMB2, &dcerpc::PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if !hint.stream {
            return datagram::probe(data, hint);
        }
        match frame(data) {
            Frame::Message { .. } if magic(data) == Some(Magic::Version1) => Likelihood::Certain,
            Frame::Message { .. } if data.len() < MAGIC_END && hint.port(PORT) => Likelihood::Port,
            Frame::Request if session_names(data).is_some() => Likelihood::Likely,
            Frame::Request | Frame::Control if hint.port(SESSION_PORT) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        if hint.stream { Box::new(Reader::default()) } else { Box::new(datagram::Reader) }
    }
}

impl Dissector for Smb2 {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&table::SMB2, &table::SMB, &dcerpc::PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let is_later = matches!(magic(data), Some(Magic::Version2 | Magic::Encrypted | Magic::Compressed));
        if hint.stream && is_later && matches!(frame(data), Frame::Message { .. }) {
            Likelihood::Certain
        } else {
            Likelihood::No
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader::default())
    }
}

/// Octets of a frame before its message.
const FRAME_BYTES: usize = 4;
/// Where the four octets end that tell the kind of a message.
const MAGIC_END: usize = FRAME_BYTES + 4;
/// The longest message that is read whole; of a longer one only the beginning is.
const WHOLE_BYTES_MAX: usize = 256 * 1024;
/// How much of a message that is not kept is looked at.
const BEGINNING_BYTES: usize = 256;

/// What begins a frame (RFC 1002, 4.3.1; MS-SMB2, 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// A message of this length.
    Message { length: usize },
    /// A request for a session, with two names.
    Request,
    /// An answer to it, or a sign of life.
    Control,
    /// Neither.
    Other,
}

fn frame(data: &[u8]) -> Frame {
    let length = usize::from(be16(data, 2).unwrap_or(0));
    match (u8_at(data, 0), u8_at(data, 1)) {
        (Some(0), Some(high)) => Frame::Message { length: length | usize::from(high) << 16 },
        (Some(0x81), Some(0)) if length == 68 || data.len() < FRAME_BYTES => Frame::Request,
        (Some(0x82 | 0x85), Some(0)) if length == 0 => Frame::Control,
        (Some(0x83), Some(0)) if length == 1 || data.len() < FRAME_BYTES => Frame::Control,
        (Some(0x84), Some(0)) if length == 6 || data.len() < FRAME_BYTES => Frame::Control,
        _ => Frame::Other,
    }
}

/// The kind of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Magic {
    Version1,
    Version2,
    Encrypted,
    Compressed,
}

fn magic(frame: &[u8]) -> Option<Magic> {
    match frame.get(FRAME_BYTES..MAGIC_END)? {
        [0xff, b'S', b'M', b'B'] => Some(Magic::Version1),
        [0xfe, b'S', b'M', b'B'] => Some(Magic::Version2),
        [0xfd, b'S', b'M', b'B'] => Some(Magic::Encrypted),
        [0xfc, b'S', b'M', b'B'] => Some(Magic::Compressed),
        _ => None,
    }
}

/// The names in a request for a session: the called one, the calling one.
fn session_names(data: &[u8]) -> Option<([u8; 16], [u8; 16])> {
    Some((netbios_name(data.get(FRAME_BYTES..)?)?, netbios_name(data.get(FRAME_BYTES + 34..)?)?))
}

/// An encoded name with its length before and its end behind.
fn netbios_name(data: &[u8]) -> Option<[u8; 16]> {
    let [length, label @ ..] = data else { return None };
    dns::netbios::decode(label.get(..32).filter(|_| *length == 32 && label.get(32) == Some(&0))?)
}

/// Says a NetBIOS name as that of a computer, if its last octet says it is.
fn say_netbios_name(about: End, name: &[u8; 16], facts: &mut dyn Facts) {
    let [text @ .., service] = name;
    let value = super::octets::printable(text).filter(|_| matches!(service, 0x00 | 0x20));
    // Clients that know only the address call it by this.
    if let Some(value) = value.filter(|value| *value != "*SMBSERVER") {
        facts.say(Fact::Identity { about, what: Identity::Name, value });
    }
}

/// What is known of a conversation.
#[derive(Debug, Default)]
struct Session {
    pipes: Pipes,
    /// Did the server of version 1 ask for passwords in clear text?
    plain_passwords: bool,
    /// Did the one who logs on give no name?
    anonymous: bool,
    /// Was it said that messages are signed, readable, or hidden?
    said_signed: bool,
    said_readable: bool,
}

impl Session {
    /// Says once that messages are readable.
    fn readable(&mut self, facts: &mut dyn Facts) {
        if !std::mem::replace(&mut self.said_readable, true) {
            facts.say(Fact::Encrypted(false));
        }
    }

    /// The token of one who logs on, or of the server: NTLM says who; a Kerberos ticket does not.
    fn token(&mut self, from: End, token: &[u8], facts: &mut dyn Facts) {
        match ntlmssp::find(from, token, facts) {
            Logon::Unknown if kerberos::has_request(token) => {
                facts.say(Fact::Property { name: "logon", value: "kerberos" });
                self.anonymous = false;
            }
            Logon::Unknown | Logon::Begun => {}
            logon => self.anonymous = logon == Logon::Anonymous,
        }
    }

    /// Says once that messages are signed.
    fn signed(&mut self, facts: &mut dyn Facts) {
        if !std::mem::replace(&mut self.said_signed, true) {
            facts.say(Fact::Property { name: "signing", value: "used" });
        }
    }
}

/// One conversation being read.
#[derive(Debug, Default)]
struct Reader {
    session: Session,
    in_step: InStep,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if data.len() < FRAME_BYTES {
            return Progress::Need(FRAME_BYTES);
        }
        match frame(data) {
            Frame::Message { length } => self.message(from, length, data, facts),
            Frame::Request => {
                if data.len() < FRAME_BYTES + 68 {
                    return Progress::Need(FRAME_BYTES + 68);
                }
                self.in_step.found(from);
                match session_names(data) {
                    Some((called, calling)) => {
                        say_netbios_name(from.other(), &called, facts);
                        say_netbios_name(from, &calling, facts);
                    }
                    None => facts.say(Fact::Anomaly { what: "malformed-netbios-session" }),
                }
                facts.say(Fact::Initiator(from));
                Progress::Consumed(FRAME_BYTES + 68)
            }
            Frame::Control => {
                let length = FRAME_BYTES + usize::from(be16(data, 2).unwrap_or(0));
                if data.len() < length { Progress::Need(length) } else { Progress::Consumed(length) }
            }
            Frame::Other => self.lost(from, facts),
        }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        let message = data.get(FRAME_BYTES..).unwrap_or_default();
        match magic(data) {
            Some(Magic::Version1) => version1::read(&mut self.session, from, message, false, facts),
            Some(kind) => self.later(from, kind, message, false, facts),
            None => {}
        }
    }

    fn gap(&mut self, from: End) -> bool {
        self.in_step.lost(from);
        true
    }
}

impl Reader {
    fn lost(&mut self, from: End, facts: &mut dyn Facts) -> Progress {
        self.in_step.fails(from, "malformed-smb", facts);
        Progress::Lost
    }

    fn message(&mut self, from: End, length: usize, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if length == 0 {
            return Progress::Consumed(FRAME_BYTES);
        }
        let end = FRAME_BYTES + length;
        let needed = end.min(FRAME_BYTES + BEGINNING_BYTES);
        if data.len() < MAGIC_END.min(end) {
            return Progress::Need(MAGIC_END.min(end));
        }
        let Some(kind) = magic(data) else { return self.lost(from, facts) };
        if data.len() < needed {
            return Progress::Need(needed);
        }
        self.in_step.found(from);
        let head = data.get(FRAME_BYTES..needed).unwrap_or_default();
        let passes_over = end > FRAME_BYTES + WHOLE_BYTES_MAX
            || match kind {
                Magic::Version1 => version1::is_content(&self.session, head),
                Magic::Version2 => version2::is_content(&self.session, head),
                Magic::Encrypted | Magic::Compressed => true,
            };
        if !passes_over && data.len() < end {
            return Progress::Need(end);
        }
        let message = if passes_over { head } else { data.get(FRAME_BYTES..end).unwrap_or_default() };
        let is_whole = message.len() == length;
        match kind {
            Magic::Version1 => version1::read(&mut self.session, from, message, is_whole, facts),
            _ => self.later(from, kind, message, is_whole, facts),
        }
        if data.len() >= end { Progress::Consumed(end) } else { Progress::Skip(end) }
    }

    /// A message of versions 2 and 3, or what wraps one.
    fn later(&mut self, from: End, kind: Magic, message: &[u8], is_whole: bool, facts: &mut dyn Facts) {
        match kind {
            Magic::Encrypted => {
                facts.say(Fact::Encrypted(true));
                facts.say(Fact::Authenticated(true));
                facts.message(&table::SMB2, table::HIDDEN, table::ENCRYPTED, crate::facts::Direction::None);
            }
            Magic::Compressed => version2::compressed(&mut self.session, from, message, facts),
            Magic::Version1 | Magic::Version2 => {
                version2::read(&mut self.session, from, message, is_whole, facts);
            }
        }
    }
}
