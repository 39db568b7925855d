//! What a protocol is, described once, as data: its name, where it is met, how it protects itself, and its
//! functions with their classes. Dissectors, conduits' permits, the manual and the editors' schemas read it here.

use std::fmt;

/// What a function does to a plant: the word a permit may use in place of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Find devices or list what they have.
    Discover,
    /// Read values.
    Read,
    /// Write values.
    Write,
    /// Start, stop, reset, switch.
    Operate,
    /// Load logic up or down.
    Program,
    /// Change settings.
    Configure,
    /// Replace firmware.
    Firmware,
    /// Move files.
    File,
    /// Prove an identity.
    Authenticate,
    /// Report events and alarms.
    Alarm,
    /// Set or ask the time.
    Time,
    /// Ask about the device's health.
    Diagnose,
    /// Open, keep or close a session.
    Session,
    /// None of these.
    Other,
}

impl Class {
    /// Every class, in the order of the interfaces.
    pub const ALL: [Self; 14] = [
        Self::Discover,
        Self::Read,
        Self::Write,
        Self::Operate,
        Self::Program,
        Self::Configure,
        Self::Firmware,
        Self::File,
        Self::Authenticate,
        Self::Alarm,
        Self::Time,
        Self::Diagnose,
        Self::Session,
        Self::Other,
    ];

    /// The word that the interfaces print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Discover => "discover",
            Self::Read => "read",
            Self::Write => "write",
            Self::Operate => "operate",
            Self::Program => "program",
            Self::Configure => "configure",
            Self::Firmware => "firmware",
            Self::File => "file",
            Self::Authenticate => "authenticate",
            Self::Alarm => "alarm",
            Self::Time => "time",
            Self::Diagnose => "diagnose",
            Self::Session => "session",
            Self::Other => "other",
        }
    }

    /// The class of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What carries a protocol's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Carrier {
    /// A TCP stream, met at this port of the responder.
    Tcp(u16),
    /// UDP datagrams, met at this port.
    Udp(u16),
    /// Frames of this EtherType. Cisco's own types (CDP 0x2000) are counted among them.
    EtherType(u16),
    /// IEEE 802.2 frames of this destination service access point.
    Llc(u8),
    /// IP packets of this protocol number.
    Ip(u8),
}

/// Whether a protocol gives a protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protection {
    /// It cannot.
    Never,
    /// Some sessions do; a dissector says which, if it can tell.
    Sometimes,
    /// Each session does.
    Always,
}

/// One function of a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// Its code on the wire.
    pub code: u32,
    /// Its name, lowercase words joined by hyphens, after the protocol's own document.
    pub name: &'static str,
    /// What it does to a plant.
    pub class: Class,
}

impl Function {
    /// Its name and class, as a message says them.
    #[must_use]
    pub const fn meaning(&self) -> (&'static str, Class) {
        (self.name, self.class)
    }
}

/// Shorthand for the tables of protocols.
#[must_use]
pub const fn function(code: u32, name: &'static str, class: Class) -> Function {
    Function { code, name, class }
}

/// A field whose codes are counted: `function` of Modbus, `service` of CIP.
#[derive(Debug, Clone, Copy)]
pub struct Element {
    /// Its name, as `protocol-elements.csv` of the interfaces spells it.
    pub name: &'static str,
    /// The codes that have names.
    pub functions: &'static [Function],
    /// The class of a code that is not in the table.
    pub default_class: Class,
}

/// A protocol.
#[derive(Debug)]
pub struct Protocol {
    /// Its name, as Wireshark spells it where it knows it, lowercase.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Where it is met by default. A hint, never a proof.
    pub carriers: &'static [Carrier],
    /// Does the protocol let a peer prove who it is?
    pub authentication: Protection,
    /// Does it hide what it says?
    pub encryption: Protection,
    /// Does it notice changed messages (beyond checksums)?
    pub integrity: Protection,
    /// The fields whose codes are counted. A message's element is its index here.
    pub elements: &'static [Element],
    /// What the dissector was written from: document and edition.
    pub documents: &'static [&'static str],
}

impl Protocol {
    /// The function of a name in any element, as permits write it.
    #[must_use]
    pub fn function_named(&self, name: &str) -> Option<&'static Function> {
        self.elements.iter().flat_map(|element| element.functions).find(|function| function.name == name)
    }

    /// The function of a code.
    #[must_use]
    pub fn function(&self, element: u8, code: u32) -> Option<&'static Function> {
        self.elements.get(usize::from(element))?.functions.iter().find(|function| function.code == code)
    }
}
