//! How a client proves who it is (RFC 4511, 4.2; RFC 4513, 5).

use super::super::ntlmssp;
use super::super::octets::{Octets, printable};
use super::super::{ber, kerberos};
use super::{ENUMERATED, INTEGER, OCTETS};
use crate::facts::{End, Fact, Facts};

/// How a client asked to log on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Logon {
    /// Without a name, or without proof.
    Nobody,
    /// With a password.
    Password,
    /// By a mechanism of SASL, or NTLM.
    Sasl,
}

const SIMPLE: u16 = 0x80;
const SASL: u16 = 0xa3;
/// Microsoft's own: discovery, negotiation, answer (MS-ADTS, 5.1.1.1.3).
const SICILY: [u16; 3] = [0x89, 0x8a, 0x8b];

/// A request: the name, and a password or a mechanism with its token.
pub(super) fn request(from: End, fields: &[u8], facts: &mut dyn Facts) -> Option<Logon> {
    let mut fields = fields;
    ber::expect(&mut fields, INTEGER)?;
    let name = ber::expect(&mut fields, OCTETS)?;
    let proof = ber::take(&mut fields)?;
    let logon = match proof.tag {
        SIMPLE if proof.content.is_empty() => {
            facts.say(Fact::Property { name: "logon", value: "anonymous" });
            Logon::Nobody
        }
        SIMPLE => {
            facts.say(Fact::Property { name: "logon", value: "simple" });
            facts.say(Fact::ClearTextCredential { what: "password" });
            facts.say(Fact::Encrypted(false));
            Logon::Password
        }
        SASL => mechanism(from, proof.content, facts),
        tag if SICILY.contains(&tag) => {
            token(from, proof.content, facts);
            Logon::Sasl
        }
        _ => return None,
    };
    if let Some(value) = printable(name) {
        facts.say(Fact::Property { name: "user", value });
    }
    Some(logon)
}

fn mechanism(from: End, fields: &[u8], facts: &mut dyn Facts) -> Logon {
    let mut fields = fields;
    let name = ber::expect(&mut fields, OCTETS).unwrap_or_default();
    let credentials = ber::expect(&mut fields, OCTETS).unwrap_or_default();
    if let Some(value) = printable(name) {
        facts.say(Fact::Property { name: "sasl-mechanism", value });
    }
    // The two that send the password itself (RFC 4616; LOGIN was never made a standard).
    if matches!(name, b"PLAIN" | b"LOGIN") && !credentials.is_empty() {
        facts.say(Fact::ClearTextCredential { what: "password" });
        facts.say(Fact::Encrypted(false));
    }
    if name == b"ANONYMOUS" {
        return Logon::Nobody;
    }
    token(from, credentials, facts);
    Logon::Sasl
}

/// NTLM says who; of Kerberos it is known that it is.
fn token(from: End, token: &[u8], facts: &mut dyn Facts) {
    if ntlmssp::find(from, token, facts) == ntlmssp::Logon::Unknown && kerberos::has_request(token) {
        facts.say(Fact::Property { name: "logon", value: "kerberos" });
    }
}

/// Did the operation succeed (RFC 4511, 4.1.9)?
pub(super) fn succeeded(fields: &[u8]) -> bool {
    let mut fields = fields;
    ber::expect(&mut fields, ENUMERATED) == Some(&[0])
}

/// A response: whether the client is who it says, and the server's token.
pub(super) fn response(from: End, logon: Option<Logon>, fields: &[u8], facts: &mut dyn Facts) {
    if let Some(server) = ber::find(fields, 0x87) {
        ntlmssp::find(from, server, facts);
    }
    match logon {
        Some(Logon::Password | Logon::Sasl) if succeeded(fields) => facts.say(Fact::Authenticated(true)),
        Some(Logon::Nobody) if succeeded(fields) => facts.say(Fact::Authenticated(false)),
        _ => {}
    }
}

/// The messages in a token that is only signed: of Kerberos (RFC 4121, 4.2.6.2) behind its head and checksum, which
/// was turned to the front; of NTLM (MS-NLMP, 2.2.2.9) behind its signature.
pub(super) fn signed(token: &[u8]) -> Option<&[u8]> {
    const KERBEROS_HEAD: usize = 16;
    const NTLM_SIGNATURE: usize = 16;
    const SEALED: u8 = 0x02;
    match token {
        [5, 4, flags, 0xff, ..] if flags & SEALED == 0 => {
            let mut octets = Octets::new(token);
            octets.skip(4)?;
            let (checksum, turned) = (octets.u16_be()?, octets.u16_be()?);
            let front = if turned == checksum { usize::from(checksum) } else { 0 };
            let content = token.get(KERBEROS_HEAD + front..)?;
            let behind = if front == 0 { usize::from(checksum) } else { 0 };
            content.get(..content.len().checked_sub(behind)?)
        }
        [1, 0, 0, 0, ..] => token.get(NTLM_SIGNATURE..),
        _ => None,
    }
}
