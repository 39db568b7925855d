//! Client and server hello (RFC 8446, 4.1; RFC 5246, 7.4.1).

use super::ja4::Offer;
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

/// Reads a client hello: the server's name, the protocols that are wanted, and the client's fingerprint.
pub(super) fn client(body: &[u8], facts: &mut dyn Facts) -> Option<()> {
    let mut octets = Octets::new(body);
    let mut offer = Offer { version: octets.u16_be()?, ..Offer::default() };
    octets.skip(32)?;
    short_vector(&mut octets)?;
    offer.suites = numbers(vector(&mut octets)?);
    short_vector(&mut octets)?;
    let mut extensions = Octets::new(if octets.is_empty() { &[] } else { vector(&mut octets)? });
    while !extensions.is_empty() {
        let kind = extensions.u16_be()?;
        let data = vector(&mut extensions)?;
        offer.extensions.push(kind);
        match kind {
            0 => server_name(data, facts)?,
            13 => offer.signatures = numbers(vector(&mut Octets::new(data))?),
            16 => offer.protocol = protocols(data, facts)?,
            43 => offer.versions = numbers(short_vector(&mut Octets::new(data))?),
            _ => {}
        }
    }
    facts.say(Fact::Property { name: "ja4", value: &offer.fingerprint() });
    Some(())
}

/// Numbers of two octets.
fn numbers(data: &[u8]) -> Vec<u16> {
    data.chunks_exact(2).filter_map(|pair| pair.first_chunk()).map(|pair| u16::from_be_bytes(*pair)).collect()
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

/// RFC 7301, 3.1. The first protocol.
fn protocols<'a>(data: &'a [u8], facts: &mut dyn Facts) -> Option<&'a [u8]> {
    let mut names = Octets::new(vector(&mut Octets::new(data))?);
    let mut first = None;
    for _ in 0..ALPN_MAX {
        if names.is_empty() {
            break;
        }
        let name = short_vector(&mut names)?;
        first.get_or_insert(name);
        if let Some(value) = printable(name) {
            facts.say(Fact::Property { name: "alpn", value });
        }
    }
    Some(first.unwrap_or_default())
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
