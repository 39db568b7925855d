//! NTLM messages, wherever they travel (MS-NLMP, 2.2.1): who logs on, from which computer, at which, and how weakly.

use super::brief::Words;
use super::fields::{bytes, le16, le32, u8_at};
use super::octets::find as position;
use crate::facts::{End, Fact, Facts, Identity};
use std::fmt::Write as _;

const SIGNATURE: &[u8] = b"NTLMSSP\0";
/// Octets in front of a message, of the wrapping (SPNEGO), that are looked through.
const WRAPPING_BYTES_MAX: usize = 1024;
/// Pairs of a challenge's target information that are read.
const PAIRS_MAX: usize = 16;
/// Characters of a name.
const NAME_CHARACTERS_MAX: usize = 64;

// Flags (MS-NLMP, 2.2.2.5).
const UNICODE: u32 = 0x0000_0001;
const ANONYMOUS: u32 = 0x0000_0800;

/// Length of the answer of the first version of NTLM, which can be computed back into the password's hash.
const VERSION1_BYTES: usize = 24;

/// What a message says of the one who logs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Logon {
    /// It is no NTLM message.
    Unknown,
    /// Nothing yet: it opens the exchange, or is the server's.
    Begun,
    /// It is nobody.
    Anonymous,
    /// It is a user with a name.
    Named,
}

/// Says what the first NTLM message in these octets says, if there is one.
pub(crate) fn find(from: End, data: &[u8], facts: &mut dyn Facts) -> Logon {
    let head = data.get(..WRAPPING_BYTES_MAX.min(data.len())).unwrap_or_default();
    let Some(message) = position(head, SIGNATURE).and_then(|at| data.get(at..)) else {
        return Logon::Unknown;
    };
    match le32(message, 8) {
        Some(2) => challenge(from, message, facts),
        Some(3) => return authenticate(from, message, facts),
        _ => {}
    }
    Logon::Begun
}

/// The field at `at`: length, room, offset (MS-NLMP, 2.2.1).
fn field(message: &[u8], at: usize) -> Option<&[u8]> {
    let length = usize::from(le16(message, at)?);
    let offset = usize::try_from(le32(message, at + 4)?).ok()?;
    bytes(message, offset, length)
}

/// What the server says of itself.
fn challenge(from: End, message: &[u8], facts: &mut dyn Facts) {
    let mut pairs = field(message, 40).unwrap_or_default();
    for _ in 0..PAIRS_MAX {
        let (Some(kind), Some(length)) = (le16(pairs, 0), le16(pairs, 2)) else { break };
        let Some(value) = bytes(pairs, 4, usize::from(length)) else { break };
        match kind {
            0 => break,
            // Names of the computer: NetBIOS, DNS.
            1 | 3 => say_name(from, value, facts),
            2 => say_property("domain", value, true, facts),
            _ => {}
        }
        pairs = pairs.get(4 + usize::from(length)..).unwrap_or_default();
    }
    let [Some(major), Some(minor), Some(build)] =
        [u8_at(message, 48).map(u16::from), u8_at(message, 49).map(u16::from), le16(message, 50)]
    else {
        return;
    };
    // Servers that are not Windows give none, or the payload begins here.
    let payload = le32(message, 16).unwrap_or(0).max(le32(message, 44).unwrap_or(0));
    if payload >= 56 && matches!(major, 5..=10) && build != 0 {
        let mut words = Words::new();
        // Three numbers always fit.
        let _ = write!(words, "Windows {major}.{minor}.{build}");
        facts.say(Fact::Identity { about: from, what: Identity::Version, value: words.as_str() });
    }
}

/// Who logs on.
fn authenticate(from: End, message: &[u8], facts: &mut dyn Facts) -> Logon {
    let [Some(lm), Some(nt), Some(domain), Some(user), Some(workstation)] =
        [12, 20, 28, 36, 44].map(|at| field(message, at))
    else {
        // Cut by the capture, or damaged: nothing can be said of it.
        return Logon::Begun;
    };
    let flags = le32(message, 60).unwrap_or(UNICODE);
    let wide = flags & UNICODE != 0;
    if wide {
        say_name(from, workstation, facts);
    }
    say_property("domain", domain, wide, facts);
    if user.is_empty() || flags & ANONYMOUS != 0 {
        facts.say(Fact::Property { name: "logon", value: "anonymous" });
        return Logon::Anonymous;
    }
    say_property("user", user, wide, facts);
    let weak = nt.len() == VERSION1_BYTES || (nt.is_empty() && lm.len() == VERSION1_BYTES);
    facts.say(Fact::Property { name: "logon", value: if weak { "ntlm-v1" } else { "ntlm-v2" } });
    Logon::Named
}

fn say_name(about: End, value: &[u8], facts: &mut dyn Facts) {
    if let Some(words) = utf16(value) {
        facts.say(Fact::Identity { about, what: Identity::Name, value: words.as_str() });
    }
}

fn say_property(name: &'static str, value: &[u8], wide: bool, facts: &mut dyn Facts) {
    let narrow = || super::octets::printable(value);
    if wide {
        if let Some(words) = utf16(value) {
            facts.say(Fact::Property { name, value: words.as_str() });
        }
    } else if let Some(value) = narrow() {
        facts.say(Fact::Property { name, value });
    }
}

/// The text of 16-bit characters, least significant octet first; `None` if it is empty, too long or not printable.
pub(crate) fn utf16(value: &[u8]) -> Option<Words> {
    let units = value.chunks_exact(2).map(|pair| le16(pair, 0).unwrap_or(0)).take_while(|unit| *unit != 0);
    let mut words = Words::new();
    for character in char::decode_utf16(units).take(NAME_CHARACTERS_MAX) {
        let character = character.ok().filter(|character| !character.is_control())?;
        write!(words, "{character}").ok()?;
    }
    (!words.as_str().is_empty()).then_some(words)
}
