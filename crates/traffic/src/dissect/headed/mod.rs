//! SIP (RFC 3261) and RTSP (RFC 2326): start line, fields and a body, as HTTP has them, each with its own version.
//!
//! Owns where messages begin and end and which fields are facts. Bodies, and what RTSP interleaves, are passed over.

mod table;

pub use table::{RTSP, SIP};

use self::table::{METHOD, RTSP_PORTS, SIP_PORT, STATUS};
use super::lines::{self, Line};
use super::octets::printable;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::Protocol;
use std::str;

/// Longest start line that is awaited.
const LINE_LENGTH_MAX: usize = 4096;
/// Longest head that is awaited.
const HEAD_LENGTH_MAX: usize = 32 * 1024;
/// Longest method that is believed.
const METHOD_LENGTH_MAX: usize = 16;

/// Which of the protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// SIP.
    Sip,
    /// RTSP.
    Rtsp,
}

/// The reader of one of the protocols.
#[derive(Debug)]
pub struct Headed(pub Kind);

impl Kind {
    const fn protocol(self) -> &'static Protocol {
        match self {
            Self::Sip => &SIP,
            Self::Rtsp => &RTSP,
        }
    }

    const fn versions(self) -> &'static [&'static [u8]] {
        match self {
            Self::Sip => &[b"SIP/2.0"],
            Self::Rtsp => &[b"RTSP/1.0", b"RTSP/2.0"],
        }
    }

    const fn is_at_home(self, hint: &Hint) -> bool {
        match self {
            Self::Sip => hint.port(SIP_PORT),
            Self::Rtsp => {
                let [first, second] = RTSP_PORTS;
                hint.stream && (hint.port(first) || hint.port(second))
            }
        }
    }
}

/// A start line.
#[derive(Debug, Clone, Copy)]
enum Start<'a> {
    Request(&'a str),
    Response(u16),
}

/// Reads a start line.
fn start_line(kind: Kind, line: &[u8]) -> Option<Start<'_>> {
    if line.iter().any(u8::is_ascii_control) {
        return None;
    }
    for version in kind.versions() {
        if let Some(rest) = line.strip_prefix(*version) {
            let [b' ', a @ b'1'..=b'6', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] = rest else {
                return None;
            };
            let digit = |octet: &u8| u16::from(octet - b'0');
            let ends = rest.first().is_none_or(|&octet| octet == b' ');
            return ends.then(|| Start::Response(digit(a) * 100 + digit(b) * 10 + digit(c)));
        }
        let Some(before) = line.trim_ascii_end().strip_suffix(*version) else { continue };
        let mut parts = before.split(|&octet| octet == b' ');
        let method = parts.next()?;
        let target = parts.next()?;
        let good = (2..=METHOD_LENGTH_MAX).contains(&method.len())
            && method.iter().all(|octet| octet.is_ascii_uppercase() || *octet == b'_')
            && !target.is_empty();
        return if good { str::from_utf8(method).ok().map(Start::Request) } else { None };
    }
    None
}

impl Dissector for Headed {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: [&[&Protocol]; 2] = [&[&SIP], &[&RTSP]];
        let [sip, rtsp] = PROTOCOLS;
        match self.0 {
            Kind::Sip => sip,
            Kind::Rtsp => rtsp,
        }
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if self.0 == Kind::Rtsp && !hint.stream {
            return Likelihood::No;
        }
        let at_home = self.0.is_at_home(hint);
        if !at_home && !lines::begins_as_text(data) {
            return Likelihood::No;
        }
        match lines::line(data, LINE_LENGTH_MAX) {
            Line::Whole(line, _) if start_line(self.0, line).is_some() => Likelihood::Certain,
            Line::Short if at_home && hint.stream && lines::is_text(data) => Likelihood::Port,
            // Keep-alives between user agents: empty lines (RFC 5626, 4.4.1), or nothing but zeros.
            _ if at_home && self.0 == Kind::Sip && is_keep_alive(data) => Likelihood::Port,
            _ if at_home && data.first() == Some(&b'$') => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { kind: self.0, stream: hint.stream, in_clear: false })
    }
}

fn is_keep_alive(data: &[u8]) -> bool {
    data.len() <= 8 && data.iter().all(|octet| matches!(octet, b'\r' | b'\n' | 0))
}

/// One conversation being read.
struct Reader {
    kind: Kind,
    stream: bool,
    /// Was it said that the session is in clear text?
    in_clear: bool,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let blank = data.iter().take_while(|octet| matches!(octet, b'\r' | b'\n' | 0)).count();
        if blank > 0 {
            return Progress::Consumed(blank);
        }
        // Interleaved data: a dollar sign, a channel, a length (RFC 2326, 10.12).
        if let (Kind::Rtsp, [b'$', rest @ ..]) = (self.kind, data) {
            let Some(&[_, high, low]) = rest.first_chunk::<3>() else { return Progress::Need(4) };
            return Progress::Skip(4 + usize::from(u16::from_be_bytes([high, low])));
        }
        let line = match lines::line(data, LINE_LENGTH_MAX) {
            Line::Whole(line, _) => line,
            Line::Short if self.stream && lines::is_text(data) => return Progress::Need(data.len() + 1),
            _ => return self.fail(facts),
        };
        let Some(start) = start_line(self.kind, line) else { return self.fail(facts) };
        let Some(length) = lines::head_length(data) else {
            if !self.stream {
                self.say(from, start, data, facts);
                facts.say(Fact::Anomaly { what: self.anomaly() });
                return Progress::Consumed(data.len());
            }
            if data.len() < HEAD_LENGTH_MAX {
                return Progress::Need(data.len() + 1);
            }
            return self.fail(facts);
        };
        let head = data.get(..length).unwrap_or(data);
        let body = self.say(from, start, head, facts);
        if !self.stream {
            return Progress::Consumed(data.len());
        }
        if body == 0 { Progress::Consumed(length) } else { Progress::Skip(length.saturating_add(body)) }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Line::Whole(line, _) = lines::line(data, LINE_LENGTH_MAX)
            && let Some(start) = start_line(self.kind, line)
        {
            self.say(from, start, data, facts);
        }
    }

    fn gap(&mut self, _from: End) -> bool {
        !self.stream
    }
}

impl Reader {
    const fn anomaly(&self) -> &'static str {
        match self.kind {
            Kind::Sip => "sip-head",
            Kind::Rtsp => "rtsp-head",
        }
    }

    fn fail(&self, facts: &mut dyn Facts) -> Progress {
        facts.say(Fact::Anomaly { what: self.anomaly() });
        Progress::Lost
    }

    /// Says a message. How long its body is.
    fn say(&mut self, from: End, start: Start<'_>, head: &[u8], facts: &mut dyn Facts) -> usize {
        let protocol = self.kind.protocol();
        match start {
            Start::Request(method) => {
                let functions = protocol.elements.first().map_or(&[][..], |element| element.functions);
                let known = functions.iter().find(|known| known.name.eq_ignore_ascii_case(method));
                facts.say(Fact::Message(Message {
                    protocol,
                    element: METHOD,
                    code: Code::Text(method),
                    direction: Direction::Request,
                    meaning: known.map(|known| (known.name, known.class)),
                }));
            }
            Start::Response(status) => {
                facts.message(protocol, STATUS, u32::from(status), Direction::Response)
            }
        }
        if !std::mem::replace(&mut self.in_clear, true) {
            facts.say(Fact::Encrypted(false));
        }
        let mut length = 0;
        for (name, value) in lines::fields(head) {
            let is = |wanted: &str| name.eq_ignore_ascii_case(wanted.as_bytes());
            if is("content-length") || (self.kind == Kind::Sip && is("l")) {
                let number = str::from_utf8(value).ok().and_then(|digits| digits.parse::<u32>().ok());
                match number.and_then(|number| usize::try_from(number).ok()) {
                    Some(number) => length = number,
                    None => facts.say(Fact::Anomaly { what: self.anomaly() }),
                }
            } else if is("user-agent") || is("server") {
                say_software(from, value, facts);
            } else if is("authorization") || is("proxy-authorization") {
                say_authorization(value, facts);
            }
        }
        length
    }
}

/// What an agent says of itself: `Asterisk PBX 1.6.2`, `Hipcam RealServer/V1.0`.
fn say_software(about: End, value: &[u8], facts: &mut dyn Facts) {
    let Some(text) = printable(value) else { return };
    let (product, version) = match text.split_once('/') {
        Some((product, version))
            if !product.trim().is_empty() && !product.contains('(') && !version.contains('/') =>
        {
            (product.trim(), version.split(' ').next().filter(|version| !version.is_empty()))
        }
        _ => (text, None),
    };
    facts.say(Fact::Identity { about, what: Identity::Product, value: product });
    if let Some(value) = version {
        facts.say(Fact::Identity { about, what: Identity::Version, value });
    }
}

/// Credentials: Digest hides the password (RFC 7616), Basic does not (RFC 7617).
fn say_authorization(value: &[u8], facts: &mut dyn Facts) {
    facts.say(Fact::Authenticated(true));
    let mut parts = value.splitn(2, |&octet| octet == b' ');
    if !parts.next().unwrap_or_default().eq_ignore_ascii_case(b"basic") {
        return;
    }
    facts.say(Fact::ClearTextCredential { what: "password" });
    let mut room = [0; 192];
    let decoded = parts.next().and_then(|text| lines::base64(text.trim_ascii(), &mut room));
    let user = decoded.and_then(|pair| pair.split(|&octet| octet == b':').next()).and_then(printable);
    if let Some(value) = user {
        facts.say(Fact::Property { name: "user-name", value });
    }
}
