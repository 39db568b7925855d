//! The closed vocabulary in which dissectors speak.
//!
//! A dissector is handed a [`Facts`] and says what it saw; the engine adds who, where and when, and counts.
//! Saying a fact allocates nothing unless the fact is new to its flow.

use crate::protocol::{Class, Protocol};

/// Which end of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum End {
    /// The one that began (or is taken to have begun).
    Initiator,
    /// The other.
    Responder,
}

impl End {
    /// The other end.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Initiator => Self::Responder,
            Self::Responder => Self::Initiator,
        }
    }
}

/// Whether a message asks or answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// It asks.
    Request,
    /// It answers.
    Response,
    /// Neither, or the protocol does not say.
    None,
}

impl Direction {
    /// The word that the interfaces print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::None => "none",
        }
    }
}

/// A code of an element: most are numbers, some are text (an HTTP method, the name of a control block).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code<'a> {
    /// A number.
    Number(u32),
    /// A text.
    Text(&'a str),
}

/// A message: one protocol data unit and what it asks for.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Its protocol.
    pub protocol: &'static Protocol,
    /// Index into the protocol's elements.
    pub element: u8,
    /// Its code.
    pub code: Code<'a>,
    /// Does it ask or answer?
    pub direction: Direction,
    /// Name and class, where they hang on more than the code (an object class, a sub-function); else the protocol's table tells.
    pub meaning: Option<(&'static str, Class)>,
}

/// What a device says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Identity {
    /// Who made it.
    Vendor,
    /// What it is: product name or order number.
    Product,
    /// Firmware or software version.
    Version,
    /// Serial number.
    Serial,
    /// What it is called here: station name, host name, tag.
    Name,
    /// The kind of device, in the protocol's words.
    Kind,
}

/// A fact about a conversation or an end of it.
#[derive(Debug, Clone, Copy)]
pub enum Fact<'a> {
    /// A message was seen.
    Message(Message<'a>),
    /// The end `about` said (or was said to be) this. Where an address is given it names another host than the two ends.
    Identity {
        /// Whom it is about.
        about: End,
        /// What was said.
        what: Identity,
        /// The words, trimmed, printable.
        value: &'a str,
    },
    /// The session is encrypted (or is known not to be).
    Encrypted(bool),
    /// The session proves who its peers are (or is known not to).
    Authenticated(bool),
    /// A secret went over the wire in clear text. The secret itself is never handed on.
    ClearTextCredential {
        /// What kind of secret: `password`, `community`.
        what: &'static str,
    },
    /// A named property of the session, as a short text: TLS version, OPC UA security policy.
    Property {
        /// Its name, lowercase words joined by hyphens: `tls-version`.
        name: &'static str,
        /// Its value.
        value: &'a str,
    },
    /// The content shows who began: for conversations of which the beginning was not captured.
    Initiator(End),
    /// Something that a well-behaved peer does not send.
    Anomaly {
        /// `slug` of the anomaly, stable.
        what: &'static str,
    },
}

/// Takes facts. The engine's implementation adds place and flow; tests collect them.
pub trait Facts {
    /// A fact was seen at the message being read.
    fn say(&mut self, fact: Fact<'_>);

    /// A message with a numeric code was seen: the commonest fact.
    fn message(&mut self, protocol: &'static Protocol, element: u8, code: u32, direction: Direction) {
        self.say(Fact::Message(Message {
            protocol,
            element,
            code: Code::Number(code),
            direction,
            meaning: None,
        }));
    }

    /// So many messages with a numeric code whose name and class may hang on more than the code.
    fn messages(
        &mut self,
        protocol: &'static Protocol,
        element: u8,
        code: u32,
        direction: Direction,
        meaning: Option<(&'static str, Class)>,
        count: u32,
    ) {
        let code = Code::Number(code);
        for _ in 0..count {
            self.say(Fact::Message(Message { protocol, element, code, direction, meaning }));
        }
    }
}
