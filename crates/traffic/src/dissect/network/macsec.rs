//! MACsec: frames that a link protects (IEEE 802.1AE-2018). What is inside stays unknown; the tag in front says how it is
//! protected.

use super::super::fields::u8_at;
use super::super::{Hint, Likelihood, Progress};
use super::{Control, framed};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Protection, Protocol, function};

/// MACsec.
pub static PROTOCOL: Protocol = Protocol {
    name: "macsec",
    title: "MACsec (IEEE 802.1AE)",
    carriers: &[Carrier::EtherType(0x88e5)],
    authentication: Protection::Always,
    encryption: Protection::Sometimes,
    integrity: Protection::Always,
    elements: &[Element {
        name: "frame",
        functions: &[
            function(INTEGRITY_ONLY, "integrity-only", Class::Session),
            function(ENCRYPTED, "encrypted", Class::Session),
        ],
        default_class: Class::Session,
    }],
    documents: &["IEEE 802.1AE-2018"],
};

const INTEGRITY_ONLY: u32 = 0;
const ENCRYPTED: u32 = 1;

/// The dissector.
pub static MACSEC: Control = Control { protocols: &[&PROTOCOL], probe, read };

/// Flags of the tag's first octet (section 9.5): version, explicit channel identifier, encryption, changed text.
const VERSION: u8 = 0x80;
const CHANNEL: u8 = 0x20;
const ENCRYPTION: u8 = 0x08;
const CHANGED: u8 = 0x04;
/// Flags, short length, packet number; the channel identifier; the shortest check value.
const TAG_BYTES: usize = 6;
const CHANNEL_BYTES: usize = 8;
const CHECK_BYTES: usize = 16;

fn probe(data: &[u8], hint: &Hint) -> Likelihood {
    let looks = matches!(data, [flags, length, ..] if flags & VERSION == 0 && *length < 48);
    framed(looks && data.len() >= TAG_BYTES + CHECK_BYTES, hint)
}

fn read(_from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
    let Some(flags) = u8_at(data, 0) else { return Progress::Need(1) };
    let least = TAG_BYTES + if flags & CHANNEL != 0 { CHANNEL_BYTES } else { 0 };
    if data.len() < least {
        return Progress::Need(least);
    }
    if flags & VERSION != 0 {
        facts.say(Fact::Anomaly { what: "malformed-macsec" });
        return Progress::Consumed(data.len());
    }
    // Encrypted text is changed text: one without the other is reserved (section 9.7).
    let encrypted = flags & ENCRYPTION != 0 && flags & CHANGED != 0;
    facts.message(&PROTOCOL, 0, if encrypted { ENCRYPTED } else { INTEGRITY_ONLY }, Direction::None);
    facts.say(Fact::Encrypted(encrypted));
    facts.say(Fact::Authenticated(true));
    Progress::Consumed(data.len())
}
