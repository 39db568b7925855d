//! TeamViewer at its own port: which commands go between peers and routers. The maker publishes no description; what is
//! read here is what independent observers agree on: two octets that mark a message, and a command's number.
//!
//! Where a message ends is not known, so only the first of a segment or datagram is counted.

use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The registered port.
const PORT: u16 = 5938;
/// Index of the element that counts commands.
const COMMAND: u8 = 0;
/// Marks of a message: of the older form and of the newer.
const MARKS: [[u8; 2]; 2] = [[0x17, 0x24], [0x11, 0x30]];
/// Where the mark stands in a datagram, behind a counter.
const DATAGRAM_MARK: usize = 11;

/// TeamViewer.
pub static PROTOCOL: Protocol = Protocol {
    name: "teamviewer",
    title: "TeamViewer",
    carriers: &[Carrier::Tcp(PORT), Carrier::Udp(PORT)],
    authentication: Protection::Always,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "command", functions: COMMANDS, default_class: Class::Session }],
    documents: &["IANA registry of ports (5938)", "observations by nDPI (mark) and bettercap (commands)"],
};

/// Commands.
const COMMANDS: &[Function] = &[
    function(10, "identify", Class::Session),
    function(11, "request-connect", Class::Session),
    function(13, "disconnect", Class::Session),
    function(16, "ping", Class::Session),
    function(17, "ping-ok", Class::Session),
    function(18, "master-command", Class::Session),
    function(19, "master-response", Class::Session),
    function(20, "change-connection", Class::Session),
    function(21, "no-partner-connect", Class::Session),
    function(22, "connect-to-waiting-thread", Class::Session),
    function(23, "session-mode", Class::Session),
    function(24, "request-routing-session", Class::Session),
    function(27, "keep-alive-beep", Class::Session),
    function(28, "request-keep-alive", Class::Session),
    function(29, "master-command-encrypted", Class::Session),
    function(30, "master-response-encrypted", Class::Session),
    function(35, "keep-alive-request", Class::Session),
    function(36, "ok", Class::Session),
    function(37, "failed", Class::Session),
    function(40, "request-keep-alive-2", Class::Session),
    function(43, "keep-alive-answer", Class::Session),
    function(44, "route-command-to-client", Class::Session),
    function(45, "new-master-login", Class::Authenticate),
    function(46, "buddy", Class::Session),
    function(47, "accept-routing-session", Class::Session),
    function(48, "new-master-login-answer", Class::Authenticate),
    function(49, "buddy-encrypted", Class::Session),
    function(53, "end-session", Class::Session),
    function(54, "session-identifier", Class::Session),
    function(60, "router-command", Class::Session),
    function(63, "acknowledgment", Class::Session),
    function(70, "udp-request-connect", Class::Session),
    function(71, "udp-ping", Class::Session),
    function(90, "data", Class::Operate),
    function(91, "data-2", Class::Operate),
    function(92, "data-encrypted", Class::Operate),
    function(93, "request-encryption", Class::Session),
    function(94, "confirm-encryption", Class::Session),
    function(95, "encryption-request-failed", Class::Session),
    function(96, "request-no-encryption", Class::Session),
    function(98, "data-3", Class::Operate),
    function(99, "data-3-encrypted", Class::Operate),
    function(102, "authentication-challenge", Class::Authenticate),
    function(103, "authentication-response", Class::Authenticate),
    function(104, "authentication-result", Class::Authenticate),
    function(106, "data-4", Class::Operate),
    function(107, "data-stream", Class::Operate),
    function(108, "udp-heartbeat", Class::Session),
    function(109, "data-directed", Class::Operate),
    function(112, "udp-protected-command", Class::Session),
];

/// The reader of TeamViewer.
#[derive(Debug)]
pub struct Teamviewer;

impl Dissector for Teamviewer {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        match command(data, hint.stream) {
            Some(10..=113) if hint.port(PORT) => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { stream: hint.stream })
    }
}

/// The command of the message that begins here.
fn command(data: &[u8], stream: bool) -> Option<u8> {
    let message = if stream { data } else { data.get(DATAGRAM_MARK..)? };
    let [a, b, command, ..] = message else { return None };
    MARKS.contains(&[*a, *b]).then_some(*command)
}

/// One conversation being read.
struct Reader {
    stream: bool,
}

impl Conversation for Reader {
    fn read(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if self.stream
            && data.len() < 3
            && MARKS.iter().any(|mark| mark.starts_with(data) || data.starts_with(mark))
        {
            return Progress::Need(3);
        }
        if let Some(command) = command(data, self.stream) {
            facts.message(&PROTOCOL, COMMAND, u32::from(command), Direction::None);
            match command {
                29 | 30 | 49 | 92 | 99 | 112 => facts.say(Fact::Encrypted(true)),
                // Both agreed not to encrypt, or data is said not to be.
                90 | 91 | 96 | 98 => facts.say(Fact::Encrypted(false)),
                102..=104 => facts.say(Fact::Authenticated(true)),
                10..=113 => {}
                _ => facts.say(Fact::Anomaly { what: "teamviewer-command" }),
            }
        }
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if command(data, self.stream).is_some() {
            self.read(from, data, facts);
        }
    }
}
