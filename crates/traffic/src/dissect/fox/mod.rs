//! Fox of the Niagara framework (Tridium): between stations, and from the workbench to them. Over TLS it is called foxs
//! and seen as TLS.
//!
//! Owns what the hello says of both ends, and the login. Leaves the frames to `frame`.

mod frame;

use self::frame::{Line, MAGIC, Stop, Value};
use super::fields::{rest, text};
use super::octets::find;
use super::sides::Sides;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};
use std::borrow::Cow;
use std::net::IpAddr;

/// Index of the element `command`.
const COMMAND: u8 = 0;

/// Fox.
pub static PROTOCOL: Protocol = Protocol {
    name: "fox",
    title: "Niagara Fox",
    carriers: &[Carrier::Tcp(PORT), Carrier::Tcp(3011), Carrier::Udp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "command", functions: COMMANDS, default_class: Class::Other }],
    documents: &[
        "Tridium, NiagaraAX Networking and IT Guide, About the Fox protocol",
        "Nmap, fox-info.nse (hello)",
        "Public research notes on the frames, values and login of Niagara N4's Fox (types of frames, tuples, schemes)",
    ],
};

/// Commands by channel and name; on the wire the code is that text. Numbers here only tell them apart.
const COMMANDS: &[Function] = &[
    function(0, "hello", Class::Session),
    function(1, "keepalive", Class::Session),
    function(2, "redirect", Class::Session),
    function(3, "busy", Class::Session),
    function(4, "kerberos", Class::Authenticate),
    function(5, "username", Class::Authenticate),
    function(6, "challenge", Class::Authenticate),
    function(7, "client-key-exchange-method", Class::Authenticate),
    function(8, "auth-message", Class::Authenticate),
    function(9, "welcome", Class::Authenticate),
    function(10, "retry", Class::Authenticate),
    function(11, "rejected", Class::Authenticate),
    function(12, "circuit", Class::Session),
    function(13, "file-channel", Class::File),
    function(14, "history-channel", Class::Read),
    function(15, "alarm-channel", Class::Alarm),
    function(16, "spy-channel", Class::Diagnose),
];

/// What `channel command` means, if that is known.
fn meaning(names: &str) -> Option<(&'static str, Class)> {
    let number = match names {
        "fox hello" => 0,
        "fox keepalive" => 1,
        "fox redirect" => 2,
        "fox busy" => 3,
        "fox kerberos" => 4,
        "fox username" => 5,
        "fox challenge" => 6,
        "fox clientKeyExchangeMethod" => 7,
        "fox authMessage1" | "fox authMessage2" => 8,
        "fox welcome" => 9,
        "fox retry" => 10,
        "fox rejected" => 11,
        _ => match names.split_once(' ')?.0 {
            "circuit" => 12,
            "file" => 13,
            "history" => 14,
            "alarm" => 15,
            "spy" => 16,
            _ => return None,
        },
    };
    PROTOCOL.function(COMMAND, number).map(|known| (known.name, known.class))
}

/// Where Fox is met.
const PORT: u16 = 1911;
/// A frame beyond this is not read to its end. A station takes 64 KiB before the login.
const FRAME_BYTES_MAX: usize = 256 * 1024;

/// The dissector.
#[derive(Debug, Clone, Copy)]
pub struct Fox;

impl Dissector for Fox {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        match Line::read(data) {
            Ok(_) => Likelihood::Certain,
            Err(Stop::Need(_)) if hint.port(PORT) && data.len() > MAGIC.len() => Likelihood::Port,
            Err(_) => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading { stream: hint.stream, searching: Sides::new(false, false) })
    }
}

struct Reading {
    stream: bool,
    /// The beginning of the next frame must be looked for.
    searching: Sides<bool>,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let line = match Line::read(data) {
            Ok(line) => line,
            Err(Stop::Need(count)) => return Progress::Need(count),
            Err(Stop::Broken) => return self.pass_over(from, data, facts),
        };
        let mut values = line.values(data);
        let stop = loop {
            match values.next() {
                Ok(Some(_)) => {}
                Ok(None) => break None,
                Err(stop) => break Some(stop),
            }
        };
        match stop {
            None => {
                *self.searching.of(from) = false;
                say(line, data, from, facts);
                Progress::Consumed(values.end())
            }
            Some(Stop::Need(count)) if count <= FRAME_BYTES_MAX => Progress::Need(count),
            Some(Stop::Need(_)) => {
                say(line, data, from, facts);
                *self.searching.of(from) = true;
                Progress::Consumed(next_beginning(data, self.stream))
            }
            Some(Stop::Broken) => self.pass_over(from, data, facts),
        }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Ok(line) = Line::read(data) {
            say(line, data, from, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        *self.searching.of(from) = true;
        true
    }
}

impl Reading {
    fn pass_over(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if !std::mem::replace(self.searching.of(from), true) {
            facts.say(Fact::Anomaly { what: "fox-frame" });
        }
        Progress::Consumed(next_beginning(data, self.stream))
    }
}

/// How many bytes to let go until a frame may begin: all, if none does.
fn next_beginning(data: &[u8], stream: bool) -> usize {
    if stream { find(rest(data, 1), MAGIC).map_or(data.len(), |at| at + 1) } else { data.len() }
}

fn say(line: Line<'_>, data: &[u8], from: End, facts: &mut dyn Facts) {
    let direction = match line.kind {
        b's' => Direction::Request,
        b'r' | b'e' | b'n' => Direction::Response,
        _ => Direction::None,
    };
    let (code, meaning) = (Code::Text(line.names), meaning(line.names));
    facts.say(Fact::Message(Message { protocol: &PROTOCOL, element: COMMAND, code, direction, meaning }));
    let mut values = line.values(data);
    match line.names {
        "fox hello" => say_hello(values, from, facts),
        "fox welcome" => facts.say(Fact::Authenticated(true)),
        "fox challenge" => {
            while let Ok(Some((1, name, b's', value))) = values.next() {
                if name == b"method" {
                    say_property("authentication-scheme", value, facts);
                }
            }
        }
        names if names.starts_with("fox ") => {
            while let Ok(Some((_, name, kind, value))) = values.next() {
                if name == b"password" && kind == b's' && !value.is_empty() {
                    facts.say(Fact::ClearTextCredential { what: "password" });
                }
            }
        }
        _ => {}
    }
}

/// Who the sender is: a station, a workbench or another program of the framework.
fn say_hello(mut values: frame::Values<'_>, about: End, facts: &mut dyn Facts) {
    let mut say = |what, value: &str| facts.say(Fact::Identity { about, what, value });
    say(Identity::Vendor, "Tridium");
    let mut os: [Option<Cow<'_, str>>; 2] = [None, None];
    while let Ok(Some(value)) = values.next() {
        let Some((name, value)) = shown(value) else { continue };
        match name {
            b"hostName" if value.parse::<IpAddr>().is_err() => say(Identity::Name, &value),
            b"station.name" => say(Identity::Name, &value),
            b"app.name" => say(Identity::Product, &format!("Niagara {value}")),
            b"app.version" => say(Identity::Version, &value),
            b"hostId" => say(Identity::Serial, &value),
            b"os.name" => os[0] = Some(value),
            b"os.version" => os[1] = Some(value),
            _ => {}
        }
    }
    if let [Some(name), version] = os {
        let value = format!("{name} {}", version.as_deref().unwrap_or_default());
        facts.say(Fact::Property { name: "operating-system", value: value.trim_end() });
    }
}

/// Name and text of a value that may be shown.
fn shown((_, name, kind, value): Value<'_>) -> Option<(&[u8], Cow<'_, str>)> {
    let value = text(value).filter(|_| kind == b's')?;
    // `#20;` is a blank; a text that was not there is `#null;`.
    if !value.contains('#') {
        return Some((name, value));
    }
    let mut plain = String::new();
    for (index, part) in value.split('#').enumerate() {
        let (code, part) = if index == 0 { ("", part) } else { part.split_once(';')? };
        if index > 0 {
            plain.extend(char::from_u32(u32::from_str_radix(code, 16).ok()?).filter(|c| !c.is_control()));
        }
        plain.push_str(part);
    }
    Some((name, Cow::Owned(plain)))
}

fn say_property(name: &'static str, value: &[u8], facts: &mut dyn Facts) {
    if let Some(value) = text(value) {
        facts.say(Fact::Property { name, value: &value });
    }
}
