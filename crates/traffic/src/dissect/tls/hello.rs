//! Client and server hello (RFC 8446, 4.1; RFC 5246, 7.4.1).

use super::table;
use crate::dissect::octets::{Octets, printable};
use crate::facts::{Fact, Facts};

/// Protocols of an ALPN list that are said.
const ALPN_MAX: usize = 8;

/// What a server chose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chosen {
    /// Protocol version.
    pub(super) version: u16,
    /// Cipher suite.
    pub(super) suite: u16,
}

/// Reads a client hello: the server's name and the protocols that are wanted.
pub(super) fn client(body: &[u8], facts: &mut dyn Facts) -> Option<()> {
    let mut octets = Octets::new(body);
    octets.u16_be()?;
    octets.skip(32)?;
    short_vector(&mut octets)?;
    vector(&mut octets)?;
    short_vector(&mut octets)?;
    if octets.is_empty() {
        return Some(());
    }
    let mut extensions = Octets::new(vector(&mut octets)?);
    while !extensions.is_empty() {
        let kind = extensions.u16_be()?;
        let data = vector(&mut extensions)?;
        match kind {
            0 => server_name(data, facts)?,
            16 => protocols(data, facts)?,
            _ => {}
        }
    }
    Some(())
}

/// RFC 6066, 3.
fn server_name(data: &[u8], facts: &mut dyn Facts) -> Option<()> {
    let mut names = Octets::new(vector(&mut Octets::new(data))?);
    while !names.is_empty() {
        let kind = names.u8()?;
        let name = vector(&mut names)?;
        if let (0, Some(value)) = (kind, printable(name)) {
            facts.say(Fact::Property { name: "server-name", value });
        }
    }
    Some(())
}

/// RFC 7301, 3.1.
fn protocols(data: &[u8], facts: &mut dyn Facts) -> Option<()> {
    let mut names = Octets::new(vector(&mut Octets::new(data))?);
    for _ in 0..ALPN_MAX {
        if names.is_empty() {
            break;
        }
        if let Some(value) = short_vector(&mut names).and_then(printable) {
            facts.say(Fact::Property { name: "alpn", value });
        }
    }
    Some(())
}

/// Reads a server hello: version and cipher suite.
pub(super) fn server(body: &[u8]) -> Option<Chosen> {
    let mut octets = Octets::new(body);
    let mut version = octets.u16_be()?;
    octets.skip(32)?;
    short_vector(&mut octets)?;
    let suite = octets.u16_be()?;
    octets.skip(1)?;
    if octets.is_empty() {
        return Some(Chosen { version, suite });
    }
    let mut extensions = Octets::new(vector(&mut octets)?);
    while !extensions.is_empty() {
        let kind = extensions.u16_be()?;
        let data = vector(&mut extensions)?;
        // Supported versions: the one chosen (RFC 8446, 4.2.1).
        if kind == 43 {
            version = Octets::new(data).u16_be()?;
        }
    }
    Some(Chosen { version, suite })
}

/// Says what was chosen.
pub(super) fn say(chosen: Chosen, facts: &mut dyn Facts) {
    if let Some(value) = table::version(chosen.version) {
        facts.say(Fact::Property { name: "tls-version", value });
    }
    facts.say(Fact::Property { name: "tls-cipher-suite", value: &format!("0x{:04x}", chosen.suite) });
    facts.say(Fact::Encrypted(!table::is_null_cipher(chosen.suite)));
    facts.say(Fact::Authenticated(!table::is_anonymous(chosen.suite)));
}

/// A vector with a length of two octets.
fn vector<'a>(octets: &mut Octets<'a>) -> Option<&'a [u8]> {
    let length = octets.u16_be()?;
    octets.take(usize::from(length))
}

/// A vector with a length of one octet.
fn short_vector<'a>(octets: &mut Octets<'a>) -> Option<&'a [u8]> {
    let length = octets.u8()?;
    octets.take(usize::from(length))
}
