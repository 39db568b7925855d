//! The JA4 fingerprint of a TLS client: what its hello offers, in an order of its own, as a short text.
//!
//! After the published method of the TLS client fingerprint (FoxIO, JA4, BSD 3-clause); the methods around it that
//! bear other licenses are not here.

use std::fmt::Write as _;

use super::sha256;

/// What of a client hello goes into the fingerprint.
#[derive(Debug, Default)]
pub(super) struct Offer<'a> {
    /// The version that the hello's own field names.
    pub(super) version: u16,
    /// The versions that the extension names.
    pub(super) versions: Vec<u16>,
    /// Cipher suites.
    pub(super) suites: Vec<u16>,
    /// Kinds of extensions.
    pub(super) extensions: Vec<u16>,
    /// Signature algorithms, in their order.
    pub(super) signatures: Vec<u16>,
    /// The first protocol of the application layer.
    pub(super) protocol: &'a [u8],
}

/// Values without meaning that clients strew in (RFC 8701).
const fn is_grease(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && low & 0x0F == 0x0A
}

/// The server name and the application protocol stand in the readable part already.
const SERVER_NAME: u16 = 0;
const APPLICATION_PROTOCOL: u16 = 16;

impl Offer<'_> {
    /// The fingerprint.
    pub(super) fn fingerprint(&self) -> String {
        let suites = meaningful(&self.suites);
        let extensions = meaningful(&self.extensions);
        let version = meaningful(&self.versions).last().copied().unwrap_or(self.version);
        let version = match version {
            0x0304 => "13",
            0x0303 => "12",
            0x0302 => "11",
            0x0301 => "10",
            0x0300 => "s3",
            _ => "00",
        };
        let name = if extensions.contains(&SERVER_NAME) { 'd' } else { 'i' };
        let (first, last) = ends(self.protocol);
        let hashed: Vec<u16> = extensions
            .iter()
            .copied()
            .filter(|kind| ![SERVER_NAME, APPLICATION_PROTOCOL].contains(kind))
            .collect();
        let mut listed = list(&hashed);
        let signatures: Vec<u16> =
            self.signatures.iter().copied().filter(|value| !is_grease(*value)).collect();
        if !signatures.is_empty() {
            listed.push('_');
            listed.push_str(&list(&signatures));
        }
        let suites_hash = hash(&list(&suites));
        let extensions_hash = if extensions.is_empty() { hash("") } else { hash(&listed) };
        let (suites, extensions) = (suites.len().min(99), extensions.len().min(99));
        format!("t{version}{name}{suites:02}{extensions:02}{first}{last}_{suites_hash}_{extensions_hash}")
    }
}

/// The values that mean something, ascending.
fn meaningful(values: &[u16]) -> Vec<u16> {
    let mut values: Vec<u16> = values.iter().copied().filter(|value| !is_grease(*value)).collect();
    values.sort_unstable();
    values
}

/// Values in hexadecimal, by commas.
fn list(values: &[u16]) -> String {
    let mut text = String::new();
    for (index, value) in values.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma}{value:04x}");
    }
    text
}

/// The first twelve digits of the digest; zeros for nothing.
fn hash(text: &str) -> String {
    if text.is_empty() {
        return "000000000000".to_owned();
    }
    let [first, second, ..] = sha256::digest(text.as_bytes());
    format!("{first:08x}{:04x}", second >> 16)
}

/// First and last character of a protocol; of its hexadecimal digits where they are not alphanumeric.
fn ends(protocol: &[u8]) -> (char, char) {
    let (Some(&first), Some(&last)) = (protocol.first(), protocol.last()) else { return ('0', '0') };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return (char::from(first), char::from(last));
    }
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    (digit(first >> 4), digit(last & 0x0F))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_has_its_published_fingerprint() {
        let offer = Offer {
            version: 0x0303,
            versions: vec![0x0a0a, 0x0304, 0x0303],
            suites: vec![
                0x3a3a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013,
                0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
            ],
            extensions: vec![
                0x6a6a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023,
                0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015, 0xeaea,
            ],
            signatures: vec![0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
            protocol: b"h2",
        };
        assert_eq!(offer.fingerprint(), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    }

    #[test]
    fn a_hello_that_offers_nothing_has_one_too() {
        let offer = Offer { version: 0x0301, ..Offer::default() };
        assert_eq!(offer.fingerprint(), "t10i000000_000000000000_000000000000");
        assert_eq!(ends(b"\xab\xcd"), ('a', 'd'));
    }
}
