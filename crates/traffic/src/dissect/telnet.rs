//! Telnet: negotiation of options, and passwords that go over the wire in clear text.

use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Index of the element `command`.
const COMMAND: u8 = 0;
/// The registered port.
const PORT: u16 = 23;
/// Interpret as command (RFC 854).
const IAC: u8 = 255;
/// Begin and end of a sub-negotiation.
const SUBNEGOTIATION: u8 = 250;
const SUBNEGOTIATION_END: u8 = 240;
/// The first code that is a command.
const COMMAND_MIN: u8 = 236;
/// The last option that is assigned (IANA registry of Telnet options), apart from the extended list.
const OPTION_MAX: u8 = 49;
/// Later ones (PRAGMA and its kin), and the extended list.
const OPTIONS_LATE: [u8; 4] = [138, 139, 140, 255];
/// The longest sub-negotiation that is waited for.
const SUBNEGOTIATION_BYTES_MAX: usize = 1024;
/// The end of what the server wrote last, in which a prompt is looked for.
const PROMPT_BYTES: usize = 32;
/// Words that end a prompt for a password.
const PASSWORD_PROMPTS: [&str; 4] = ["password:", "passwd:", "passcode:", "passphrase:"];

/// Telnet.
pub static PROTOCOL: Protocol = Protocol {
    name: "telnet",
    title: "Telnet",
    carriers: &[Carrier::Tcp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Never,
    elements: &[Element { name: "command", functions: COMMANDS, default_class: Class::Other }],
    documents: &["RFC 854", "RFC 855", "RFC 2941 (authentication)", "RFC 2946 (encryption)"],
};

/// RFC 854 and RFC 1184 (236 to 238).
const COMMANDS: &[Function] = &[
    function(236, "end-of-file", Class::Session),
    function(237, "suspend-process", Class::Session),
    function(238, "abort-process", Class::Session),
    function(239, "end-of-record", Class::Session),
    function(240, "end-of-subnegotiation", Class::Session),
    function(241, "no-operation", Class::Session),
    function(242, "data-mark", Class::Session),
    function(243, "break", Class::Session),
    function(244, "interrupt-process", Class::Session),
    function(245, "abort-output", Class::Session),
    function(246, "are-you-there", Class::Session),
    function(247, "erase-character", Class::Session),
    function(248, "erase-line", Class::Session),
    function(249, "go-ahead", Class::Session),
    function(250, "subnegotiation", Class::Session),
    function(251, "will", Class::Session),
    function(252, "wont", Class::Session),
    function(253, "do", Class::Session),
    function(254, "dont", Class::Session),
];

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct Telnet;

impl Dissector for Telnet {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if !hint.stream {
            return Likelihood::No;
        }
        match data {
            [IAC, 251..=254, option, rest @ ..] if is_option(*option) => match rest {
                // Two negotiations in a row, or one and nothing else: nothing but Telnet looks so.
                [] | [IAC, 240..=254, ..] => Likelihood::Certain,
                _ => Likelihood::Likely,
            },
            [IAC, SUBNEGOTIATION, option, ..] if is_option(*option) => Likelihood::Likely,
            _ if hint.port(PORT) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let server = match (hint.source_port == PORT, hint.destination_port == PORT) {
            (true, false) => hint.from,
            (false, true) => hint.from.other(),
            _ => End::Responder,
        };
        Box::new(Reading { server, written: Vec::new(), asked: false, in_clear: false })
    }
}

fn is_option(code: u8) -> bool {
    code <= OPTION_MAX || OPTIONS_LATE.contains(&code)
}

struct Reading {
    server: End,
    /// The end of what the server wrote since the client last wrote, in lowercase.
    written: Vec<u8>,
    /// Did the server ask for a password?
    asked: bool,
    /// Was it said that the session is in clear text?
    in_clear: bool,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        match data {
            [IAC] => Progress::Need(2),
            [IAC, 251..=254] => Progress::Need(3),
            [IAC, command @ 251..=254, _, ..] => {
                facts.message(&PROTOCOL, COMMAND, u32::from(*command), Direction::None);
                Progress::Consumed(3)
            }
            [IAC, SUBNEGOTIATION, rest @ ..] => read_subnegotiation(rest, facts),
            // A doubled IAC is the byte itself.
            [IAC, IAC, ..] => Progress::Consumed(2),
            [IAC, command, ..] => {
                if *command >= COMMAND_MIN {
                    facts.message(&PROTOCOL, COMMAND, u32::from(*command), Direction::None);
                } else {
                    facts.say(Fact::Anomaly { what: "telnet-command" });
                }
                Progress::Consumed(2)
            }
            _ => {
                let length = data.iter().position(|byte| *byte == IAC).unwrap_or(data.len());
                self.say_text(from, data.get(..length).unwrap_or(data), facts);
                Progress::Consumed(length)
            }
        }
    }

    fn gap(&mut self, _from: End) -> bool {
        self.written.clear();
        self.asked = false;
        true
    }
}

/// Up to `IAC SE`.
fn read_subnegotiation(rest: &[u8], facts: &mut dyn Facts) -> Progress {
    match rest.windows(2).position(|pair| pair == [IAC, SUBNEGOTIATION_END]) {
        Some(length) => {
            facts.message(&PROTOCOL, COMMAND, u32::from(SUBNEGOTIATION), Direction::None);
            Progress::Consumed(2 + length + 2)
        }
        None if rest.len() > SUBNEGOTIATION_BYTES_MAX => {
            facts.say(Fact::Anomaly { what: "telnet-subnegotiation" });
            Progress::Consumed(2)
        }
        None => Progress::Need(2 + rest.len() + 1),
    }
}

impl Reading {
    fn say_text(&mut self, from: End, text: &[u8], facts: &mut dyn Facts) {
        if from == self.server {
            let kept = text.get(text.len().saturating_sub(PROMPT_BYTES)..).unwrap_or(text);
            self.written.extend(kept.iter().map(u8::to_ascii_lowercase));
            let surplus = self.written.len().saturating_sub(PROMPT_BYTES);
            self.written.drain(..surplus);
            let end = String::from_utf8_lossy(self.written.trim_ascii_end());
            self.asked = PASSWORD_PROMPTS.iter().any(|prompt| end.ends_with(prompt));
            if self.asked && !std::mem::replace(&mut self.in_clear, true) {
                facts.say(Fact::Encrypted(false));
            }
            return;
        }
        // An empty line is no password.
        if self.asked && text.iter().any(|byte| !byte.is_ascii_whitespace() && *byte != 0) {
            facts.say(Fact::ClearTextCredential { what: "password" });
            self.asked = false;
        }
        self.written.clear();
    }
}
