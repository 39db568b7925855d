//! HTTP/1 (RFC 9112) over TCP, and SSDP, which is its format in datagrams.
//!
//! Owns where messages begin and end, and which fields are facts; bodies are passed over without being kept. `head`
//! reads start lines and fields.

mod head;
mod table;

use std::collections::VecDeque;

pub use table::{HTTP, SSDP};

use self::head::{Begins, Start};
use self::table::{METHOD, SSDP_PORT, STATUS};
use super::sides::{InStep, Sides};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::{Carrier, Class, Protocol};

/// Longest head that is awaited. Common servers refuse heads above 8 to 32 KiB.
const HEAD_LENGTH_MAX: usize = 64 * 1024;
/// Longest line before a chunk or in a trailer.
const LINE_LENGTH_MAX: usize = 4 * 1024;
/// Requests without a response that are remembered.
const OUTSTANDING_MAX: usize = 256;

/// The reader of HTTP/1 over TCP.
#[derive(Debug)]
pub struct Http;

impl Dissector for Http {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&HTTP];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if !hint.stream {
            return Likelihood::No;
        }
        let on_port =
            HTTP.carriers.iter().any(|carrier| matches!(carrier, Carrier::Tcp(port) if hint.port(*port)));
        match head::begins(data) {
            Begins::Whole => Likelihood::Certain,
            Begins::Maybe if data.len() > 8 && head::is_known(data) => Likelihood::Likely,
            Begins::Maybe if on_port => Likelihood::Port,
            // A line of HTTP/0.9, or the end of a body before a head.
            Begins::Not if on_port && (head::is_simple(data) || head::find_start(data).is_some()) => {
                Likelihood::Port
            }
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader::new(true))
    }
}

/// The reader of SSDP.
#[derive(Debug)]
pub struct Ssdp;

impl Dissector for Ssdp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&SSDP, &HTTP];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if hint.stream {
            return Likelihood::No;
        }
        match head::begins(data) {
            Begins::Whole => Likelihood::Certain,
            Begins::Maybe if hint.port(SSDP_PORT) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader::new(false))
    }
}

/// What is expected next of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A start line.
    Head,
    /// The size of a chunk (RFC 9112, 7.1).
    ChunkSize,
    /// Fields after the last chunk, up to an empty line.
    Trailer,
    /// Content up to the end of the connection, or another protocol.
    Opaque,
}

/// What a request asks, as far as its response's length hangs on it (RFC 9112, 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Head,
    Connect,
    /// In the manner of HTTP/0.9: the response has no head.
    Simple,
    Other,
}

/// One conversation being read.
struct Reader {
    stream: bool,
    /// By sender.
    state: Sides<State>,
    in_step: InStep,
    outstanding: VecDeque<Asked>,
    /// Was it said who began?
    began: bool,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if !self.stream {
            self.cut(from, data, facts);
            return Progress::Consumed(data.len());
        }
        match *self.state.of(from) {
            State::Head => self.head(from, data, facts),
            State::ChunkSize => self.chunk_size(from, data, facts),
            State::Trailer => self.trailer(from, data, facts),
            State::Opaque => Progress::Skip(data.len()),
        }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        let line = data.split(|&octet| octet == b'\n').next().unwrap_or_default();
        let start = if line.len() < data.len() { head::start_line(line) } else { None };
        match start {
            Some(start) => {
                self.say_start(from, start, facts);
                Fields::read(data).say(from, start, facts);
            }
            None if !self.stream => facts.say(Fact::Anomaly { what: "http-no-start-line" }),
            None => {}
        }
    }

    fn gap(&mut self, from: End) -> bool {
        self.in_step.lost(from);
        let state = self.state.of(from);
        if *state != State::Opaque {
            *state = State::Head;
        }
        true
    }
}

impl Reader {
    fn new(stream: bool) -> Self {
        Self {
            stream,
            state: Sides::new(State::Head, State::Head),
            in_step: InStep::default(),
            outstanding: VecDeque::new(),
            began: false,
        }
    }

    fn head(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        // Empty lines before a start line are to be ignored (RFC 9112, 2.2).
        let blank = data.iter().take_while(|&&octet| matches!(octet, b'\r' | b'\n')).count();
        if blank > 0 {
            return Progress::Consumed(blank);
        }
        let begins = head::begins(data);
        if begins == Begins::Not && head::is_simple(data) {
            return self.simple(from, data, facts);
        }
        if begins == Begins::Not && self.outstanding.front() == Some(&Asked::Simple) {
            *self.state.of(from) = State::Opaque;
            return Progress::Skip(data.len());
        }
        if begins == Begins::Not {
            self.in_step.fails(from, "http-no-start-line", facts);
            return Progress::Consumed(head::find_start(data).unwrap_or(data.len()));
        }
        let Some(length) = head::length(data) else {
            if data.len() <= HEAD_LENGTH_MAX {
                return Progress::Need(data.len() + 1);
            }
            facts.say(Fact::Anomaly { what: "http-head-limit" });
            self.cut(from, data, facts);
            return Progress::Consumed(data.len());
        };
        let head = data.get(..length).unwrap_or_default();
        let line = head.split(|&octet| octet == b'\n').next().unwrap_or_default();
        let Some(start) = head::start_line(line) else { return Progress::Consumed(length) };
        let fields = Fields::read(head);
        self.say_start(from, start, facts);
        fields.say(from, start, facts);
        if self.outstanding.len() >= OUTSTANDING_MAX {
            facts.say(Fact::Anomaly { what: "http-outstanding-limit" });
            self.outstanding.clear();
        }
        self.body(from, start, &fields, length)
    }

    /// A request of HTTP/0.9: a line without version (RFC 1945, 4.1).
    fn simple(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        self.say_start(from, Start::Request("GET"), facts);
        facts.say(Fact::Property { name: "http-version", value: "0.9" });
        self.outstanding.push_back(Asked::Simple);
        let end = data.iter().position(|&octet| octet == b'\n');
        *self.state.of(from) = State::Opaque;
        Progress::Consumed(end.map_or(data.len(), |end| end + 1))
    }

    fn say_start(&mut self, from: End, start: Start<'_>, facts: &mut dyn Facts) {
        self.in_step.found(from);
        if !self.began {
            self.began = true;
            facts.say(Fact::Encrypted(false));
            if self.stream {
                let client = if matches!(start, Start::Request(_)) { from } else { from.other() };
                facts.say(Fact::Initiator(client));
            }
        }
        match start {
            Start::Request(method) => facts.say(Fact::Message(Message {
                protocol: &HTTP,
                element: METHOD,
                code: Code::Text(method),
                direction: Direction::Request,
                meaning: Some(table::name_of(method).unwrap_or(("extension-method", Class::Other))),
            })),
            Start::Response(status) => facts.message(&HTTP, STATUS, u32::from(status), Direction::Response),
        }
    }

    /// What follows a head (RFC 9112, 6.3).
    fn body(&mut self, from: End, start: Start<'_>, fields: &Fields<'_>, length: usize) -> Progress {
        let state = match start {
            Start::Request(method) => {
                let asked = match method {
                    "HEAD" => Asked::Head,
                    "CONNECT" => Asked::Connect,
                    _ => Asked::Other,
                };
                self.outstanding.push_back(asked);
                fields.state_after(false)
            }
            Start::Response(101) => {
                self.state = Sides::new(State::Opaque, State::Opaque);
                return Progress::Consumed(length);
            }
            Start::Response(100..=199) => After::Head,
            Start::Response(status) => match (self.outstanding.pop_front(), status) {
                (Some(Asked::Connect), 200..=299) => {
                    self.state = Sides::new(State::Opaque, State::Opaque);
                    return Progress::Consumed(length);
                }
                (Some(Asked::Head), _) | (_, 204 | 304) => After::Head,
                _ => fields.state_after(true),
            },
        };
        match state {
            After::Head => Progress::Consumed(length),
            After::Content(content) => match length.checked_add(content) {
                Some(all) if content > 0 => Progress::Skip(all),
                Some(_) => Progress::Consumed(length),
                None => Progress::Lost,
            },
            After::Chunks => {
                *self.state.of(from) = State::ChunkSize;
                Progress::Consumed(length)
            }
            After::Close => {
                *self.state.of(from) = State::Opaque;
                Progress::Consumed(length)
            }
        }
    }

    fn chunk_size(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(line) = data.iter().take(LINE_LENGTH_MAX).position(|&octet| octet == b'\n') else {
            if data.len() < LINE_LENGTH_MAX {
                return Progress::Need(data.len() + 1);
            }
            return self.bad_chunk(from, facts);
        };
        let text = data.get(..line).unwrap_or_default();
        let digits = text.split(|&octet| octet == b';').next().unwrap_or_default().trim_ascii();
        let size = std::str::from_utf8(digits).ok().and_then(|digits| usize::from_str_radix(digits, 16).ok());
        match size {
            Some(0) => {
                *self.state.of(from) = State::Trailer;
                Progress::Consumed(line + 1)
            }
            // The chunk, and the end of line after it.
            Some(size) => match size.checked_add(line + 3) {
                Some(all) => Progress::Skip(all),
                None => self.bad_chunk(from, facts),
            },
            None => self.bad_chunk(from, facts),
        }
    }

    fn bad_chunk(&mut self, from: End, facts: &mut dyn Facts) -> Progress {
        facts.say(Fact::Anomaly { what: "http-chunk" });
        *self.state.of(from) = State::Head;
        Progress::Consumed(1)
    }

    fn trailer(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        match data.iter().take(LINE_LENGTH_MAX).position(|&octet| octet == b'\n') {
            Some(end) => {
                if matches!(data.get(..end), Some(b"" | b"\r")) {
                    *self.state.of(from) = State::Head;
                }
                Progress::Consumed(end + 1)
            }
            None if data.len() < LINE_LENGTH_MAX => Progress::Need(data.len() + 1),
            None => self.bad_chunk(from, facts),
        }
    }
}

/// What follows a head.
enum After {
    /// The next head.
    Head,
    /// So many octets.
    Content(usize),
    /// Chunks.
    Chunks,
    /// Everything until the connection ends.
    Close,
}

/// The fields of interest of one head.
#[derive(Debug, Default)]
struct Fields<'a> {
    content_length: Option<usize>,
    content_length_bad: bool,
    chunked: bool,
    upgrade: Option<&'a [u8]>,
    server: Option<&'a [u8]>,
    user_agent: Option<&'a [u8]>,
    host: Option<&'a [u8]>,
    authorization: Option<&'a [u8]>,
    proxy_authorization: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    fn read(head: &'a [u8]) -> Self {
        let mut fields = Self::default();
        for (name, value) in head::fields(head) {
            let is = |wanted: &str| name.eq_ignore_ascii_case(wanted.as_bytes());
            if is("content-length") {
                let length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                let other = fields.content_length.is_some_and(|known| Some(known) != length);
                fields.content_length_bad |= length.is_none() || other;
                fields.content_length = fields.content_length.or(length);
            } else if is("transfer-encoding") {
                fields.chunked |= value.to_ascii_lowercase().ends_with(b"chunked");
            } else if is("upgrade") {
                fields.upgrade = Some(value);
            } else if is("server") {
                fields.server = Some(value);
            } else if is("user-agent") {
                fields.user_agent = Some(value);
            } else if is("host") {
                fields.host = Some(value);
            } else if is("authorization") {
                fields.authorization = Some(value);
            } else if is("proxy-authorization") {
                fields.proxy_authorization = Some(value);
            }
        }
        fields
    }

    fn state_after(&self, is_response: bool) -> After {
        match (self.chunked, self.content_length) {
            (true, _) => After::Chunks,
            (false, Some(length)) => After::Content(length),
            (false, None) if is_response => After::Close,
            (false, None) => After::Head,
        }
    }

    fn say(&self, from: End, start: Start<'_>, facts: &mut dyn Facts) {
        if let Some(value) = self.server.and_then(head::text) {
            facts.say(Fact::Identity { about: from, what: Identity::Product, value });
        }
        if let Some(value) = self.user_agent.and_then(head::text) {
            facts.say(Fact::Property { name: "user-agent", value });
        }
        if let (Some(value), Start::Request(_)) = (self.host.and_then(head::text), start) {
            facts.say(Fact::Property { name: "host", value });
        }
        if let (Some(value), Start::Response(101)) = (self.upgrade.and_then(head::text), start) {
            facts.say(Fact::Property { name: "upgrade", value });
        }
        for value in [self.authorization, self.proxy_authorization].into_iter().flatten() {
            say_authorization(value, facts);
        }
        if self.content_length_bad {
            facts.say(Fact::Anomaly { what: "http-content-length" });
        }
    }
}

/// Credentials (RFC 9110, 11.4): Basic is a name and password in clear (RFC 7617), a Bearer token may be used by
/// whoever reads it (RFC 6750).
fn say_authorization(value: &[u8], facts: &mut dyn Facts) {
    let scheme = value.split(|&octet| octet == b' ').next().unwrap_or_default();
    facts.say(Fact::Authenticated(true));
    if scheme.eq_ignore_ascii_case(b"basic") {
        facts.say(Fact::ClearTextCredential { what: "password" });
    } else if scheme.eq_ignore_ascii_case(b"bearer") {
        facts.say(Fact::ClearTextCredential { what: "token" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Anomalies(Vec<&'static str>);

    impl Facts for Anomalies {
        fn say(&mut self, fact: Fact<'_>) {
            if let Fact::Anomaly { what } = fact {
                self.0.push(what);
            }
        }
    }

    fn reader() -> Box<dyn Conversation> {
        Http.open(&Hint { stream: true, from: End::Initiator, source_port: 49152, destination_port: 80 })
    }

    #[test]
    fn a_head_beyond_the_limit_is_reported() {
        let mut head = b"GET / HTTP/1.1\r\nX: ".to_vec();
        head.resize(HEAD_LENGTH_MAX, b'x');
        let (mut reader, mut facts) = (reader(), Anomalies::default());
        assert_eq!(reader.read(End::Initiator, &head, &mut facts), Progress::Need(HEAD_LENGTH_MAX + 1));
        head.push(b'x');
        assert_eq!(reader.read(End::Initiator, &head, &mut facts), Progress::Consumed(HEAD_LENGTH_MAX + 1));
        assert_eq!(facts.0, ["http-head-limit"]);
    }

    #[test]
    fn requests_without_answers_are_remembered_up_to_the_limit() {
        let (mut reader, mut facts) = (reader(), Anomalies::default());
        let request = b"HEAD / HTTP/1.1\r\n\r\n";
        for _ in 0..OUTSTANDING_MAX {
            reader.read(End::Initiator, request, &mut facts);
        }
        assert!(facts.0.is_empty());
        reader.read(End::Initiator, request, &mut facts);
        assert_eq!(facts.0, ["http-outstanding-limit"]);
    }
}
