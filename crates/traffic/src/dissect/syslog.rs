//! Syslog (RFC 3164, RFC 5424) over UDP and TCP (RFC 6587): which hosts and programs report, and how severe it is.
//!
//! What messages say is passed over.

use super::lines::{self, Line};
use super::octets::printable;
use super::once::Once;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};
use std::str;

/// The registered port for datagrams; streams are met at it and at 601 and 6514 without TLS.
const PORT: u16 = 514;
const PORT_RELIABLE: u16 = 601;
/// Index of the element that counts severities.
const SEVERITY: u8 = 0;
/// The highest priority: facility 23, severity 7 (RFC 5424, 6.2.1).
const PRIORITY_MAX: u16 = 191;
/// Longest message of a stream that is awaited (RFC 5424, 6.1 asks for 2048).
const MESSAGE_LENGTH_MAX: usize = 64 * 1024;
/// Octets of a message in which its header is looked for.
const HEADER_LENGTH_MAX: usize = 512;
/// Abbreviations of months (RFC 3164, 4.1.2).
const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// Syslog.
pub static PROTOCOL: Protocol = Protocol {
    name: "syslog",
    title: "Syslog",
    carriers: &[Carrier::Udp(PORT), Carrier::Tcp(PORT), Carrier::Tcp(PORT_RELIABLE)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "severity", functions: SEVERITIES, default_class: Class::Alarm }],
    documents: &["RFC 5424", "RFC 3164 (BSD syslog)", "RFC 6587 (TCP)"],
};

/// Severities (RFC 5424, 6.2.1).
const SEVERITIES: &[Function] = &[
    function(0, "emergency", Class::Alarm),
    function(1, "alert", Class::Alarm),
    function(2, "critical", Class::Alarm),
    function(3, "error", Class::Alarm),
    function(4, "warning", Class::Alarm),
    function(5, "notice", Class::Alarm),
    function(6, "informational", Class::Alarm),
    function(7, "debug", Class::Alarm),
];

/// The reader of syslog.
#[derive(Debug)]
pub struct Syslog;

impl Dissector for Syslog {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let on_port = hint.port(PORT) || (hint.stream && hint.port(PORT_RELIABLE));
        let message = if hint.stream { counted(data).map_or(data, |(_, message)| message) } else { data };
        match priority(message) {
            Some((_, rest)) if Header::read(rest).stamped => Likelihood::Certain,
            Some((_, rest)) if on_port && lines::is_text(rest.get(..64).unwrap_or(rest)) => {
                Likelihood::Likely
            }
            Some(_) if on_port => Likelihood::Port,
            // Some devices leave the priority away; the collector then assumes one (RFC 3164, 4.3.3).
            None if hint.destination_port == PORT && !hint.stream && lines::is_text(data) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader {
            stream: hint.stream,
            said: false,
            named: false,
            hosts: Once::default(),
            programs: Once::default(),
        })
    }
}

/// A message's priority, and what follows it: `<165>`.
fn priority(data: &[u8]) -> Option<(u16, &[u8])> {
    let rest = data.strip_prefix(b"<")?;
    let end = rest.iter().take(4).position(|&octet| octet == b'>')?;
    let digits = rest.get(..end)?;
    let canonical = digits == b"0" || !digits.starts_with(b"0");
    let number: u16 = str::from_utf8(digits).ok()?.parse().ok()?;
    let good = canonical && digits.iter().all(u8::is_ascii_digit) && number <= PRIORITY_MAX;
    good.then_some((number, rest.get(end + 1..)?))
}

/// The length that stands before a message of a stream, and the message as far as it is there (RFC 6587, 3.4.1).
fn counted(data: &[u8]) -> Option<(usize, &[u8])> {
    let end = data.iter().take(6).position(|octet| !octet.is_ascii_digit())?;
    let digits = data.get(..end)?;
    let rest = data.get(end..)?.strip_prefix(b" ")?;
    if digits.is_empty() || digits.starts_with(b"0") || !rest.starts_with(b"<") {
        return None;
    }
    let length: usize = str::from_utf8(digits).ok()?.parse().ok()?;
    Some((end + 1 + length, rest.get(..length.min(rest.len()))?))
}

/// A message's header, as far as it has one.
#[derive(Debug, Default, Clone, Copy)]
struct Header<'a> {
    /// Does it begin with a time, in one of the two forms?
    stamped: bool,
    host: Option<&'a [u8]>,
    program: Option<&'a [u8]>,
}

impl<'a> Header<'a> {
    /// Reads what follows the priority.
    fn read(data: &'a [u8]) -> Self {
        let data = data.get(..HEADER_LENGTH_MAX).unwrap_or(data);
        match data {
            [b'1', b' ', rest @ ..] => Self::modern(rest),
            _ => Self::classic(data),
        }
    }

    /// RFC 5424, 6.2: time, host, program, process, kind; a hyphen stands for what is not known.
    fn modern(data: &'a [u8]) -> Self {
        let mut parts = data.split(|&octet| octet == b' ');
        let time = parts.next().unwrap_or_default();
        let dated = matches!(time, [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'-', ..]);
        let known = |part: &&[u8]| !part.is_empty() && *part != b"-";
        let host = parts.next().filter(known);
        let program = parts.next().filter(known);
        Self { stamped: time == b"-" || dated, host, program }
    }

    /// RFC 3164, 4.1: `Oct 11 22:14:15 host program[7]: …`. The host is often left away.
    fn classic(data: &'a [u8]) -> Self {
        let data = data.strip_prefix(b"*").unwrap_or(data);
        let [a, b, c, b' ', b' ' | b'0'..=b'3', b'0'..=b'9', rest @ ..] = data else {
            return Self::default();
        };
        if !MONTHS.contains(&&[*a, *b, *c][..]) {
            return Self::default();
        }
        // Some devices put the year between day and time.
        let rest = match rest {
            [b' ', b'1'..=b'2', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', rest @ ..] => rest,
            _ => rest,
        };
        let [
            b' ',
            b'0'..=b'2',
            b'0'..=b'9',
            b':',
            b'0'..=b'5',
            b'0'..=b'9',
            b':',
            b'0'..=b'6',
            b'0'..=b'9',
            rest @ ..,
        ] = rest
        else {
            return Self::default();
        };
        let mut words = rest.split(|&octet| octet == b' ').skip(1);
        let first = words.next().unwrap_or_default();
        if let Some(program) = tag(first) {
            return Self { stamped: true, host: None, program: Some(program) };
        }
        let program = words.next().and_then(tag);
        let host = Some(first).filter(|host| program.is_some() && !host.is_empty());
        Self { stamped: true, host, program }
    }
}

/// The program of a tag: `su:`, `sshd[77]:`.
fn tag(word: &[u8]) -> Option<&[u8]> {
    let end = word.iter().position(|octet| matches!(octet, b':' | b'['))?;
    let name = word.get(..end)?;
    let good = (1..=48).contains(&end)
        && name.iter().all(|octet| octet.is_ascii_alphanumeric() || b"-_./()%".contains(octet));
    good.then_some(name)
}

/// One conversation being read.
struct Reader {
    stream: bool,
    /// Was it said who began?
    said: bool,
    /// Was a host taken for the sender's name?
    named: bool,
    hosts: Once<8>,
    programs: Once<8>,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if !self.stream {
            return if self.message(from, data, facts) {
                Progress::Consumed(data.len())
            } else {
                Progress::Lost
            };
        }
        if let Some((whole, message)) = counted(data) {
            if data.len() < whole && whole <= MESSAGE_LENGTH_MAX {
                return Progress::Need(whole);
            }
            self.message(from, message, facts);
            return if data.len() < whole { Progress::Skip(whole) } else { Progress::Consumed(whole) };
        }
        // A message that a line's end, or a zero, ends (RFC 6587, 3.4.2).
        let zero = data.iter().take(MESSAGE_LENGTH_MAX).position(|&octet| octet == 0);
        match (zero, lines::line(data, MESSAGE_LENGTH_MAX)) {
            (Some(end), Line::Whole(line, _)) if end > line.len() => {
                self.line(from, line, line.len() + 1, facts)
            }
            (Some(end), _) => self.line(from, data.get(..end).unwrap_or_default(), end + 1, facts),
            (None, Line::Whole(line, length)) => self.line(from, line, length, facts),
            (None, Line::Short) => Progress::Need(data.len() + 1),
            (None, Line::Long) => Progress::Lost,
        }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        let message = if self.stream { counted(data).map_or(data, |(_, message)| message) } else { data };
        if let Some((priority, rest)) = priority(message) {
            self.say(from, priority, Header::read(rest), facts);
        }
    }

    fn gap(&mut self, _from: End) -> bool {
        !self.stream
    }
}

impl Reader {
    fn line(&mut self, from: End, line: &[u8], length: usize, facts: &mut dyn Facts) -> Progress {
        if !line.is_empty() && !self.message(from, line, facts) {
            return Progress::Lost;
        }
        Progress::Consumed(length)
    }

    /// A message. Whether it is one.
    fn message(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> bool {
        match priority(data) {
            Some((priority, rest)) => self.say(from, priority, Header::read(rest), facts),
            None if lines::is_text(data) => facts.say(Fact::Anomaly { what: "syslog-priority" }),
            None => {
                facts.say(Fact::Anomaly { what: "syslog-message" });
                return false;
            }
        }
        true
    }

    fn say(&mut self, from: End, priority: u16, header: Header<'_>, facts: &mut dyn Facts) {
        facts.message(&PROTOCOL, SEVERITY, u32::from(priority & 7), Direction::None);
        if !std::mem::replace(&mut self.said, true) {
            facts.say(Fact::Initiator(from));
            facts.say(Fact::Encrypted(false));
        }
        if let Some(host) = header.host
            && self.hosts.is_new(host)
            && let Some(value) = printable(host)
        {
            // The first is the sender's own name; where others follow, it hands on what they said.
            if std::mem::replace(&mut self.named, true) {
                facts.say(Fact::Property { name: "syslog-host", value });
            } else {
                facts.say(Fact::Identity { about: from, what: Identity::Name, value });
            }
        }
        if let Some(program) = header.program
            && self.programs.is_new(program)
            && let Some(value) = printable(program)
        {
            facts.say(Fact::Property { name: "syslog-application", value });
        }
    }
}
