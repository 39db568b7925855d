//! What an X.509 certificate says in its fixed places (RFC 5280, 4.1): subject, issuer, validity, key and signature.
//!
//! Nothing is verified. Owned by TLS, also used where other protocols hand certificates over in clear.

use crate::dissect::octets::{Octets, printable};

/// A certificate as far as it is of interest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Certificate<'a> {
    /// The subject's common name, else its organization.
    pub(crate) subject: Option<&'a str>,
    /// The issuer's common name, else its organization.
    pub(crate) issuer: Option<&'a str>,
    /// The beginning of validity as it stands, in the same form as its end.
    pub(crate) not_before: Option<&'a str>,
    /// The end of validity as it stands: `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
    pub(crate) not_after: Option<&'a str>,
    /// The public key: algorithm and, where it is known, size in bits: `rsa-2048`, `ec-256`, `ed25519`.
    pub(crate) key: Option<String>,
    /// How it is signed: `rsa-sha256`, `ecdsa-sha1`.
    pub(crate) signature: Option<&'static str>,
}

/// Tags of DER that occur here.
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_IDENTIFIER: u8 = 0x06;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const VERSION: u8 = 0xA0;
/// 2.5.4.3, common name, and 2.5.4.10, organization name.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0A];
/// 1.2.840.113549.1.1.1 and 1.2.840.10045.2.1.
const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];

impl<'a> Certificate<'a> {
    /// The certificate in these octets.
    pub(crate) fn read(data: &'a [u8]) -> Option<Self> {
        let mut outer = Octets::new(tagged(&mut Octets::new(data), SEQUENCE)?);
        let mut body = Octets::new(tagged(&mut outer, SEQUENCE)?);
        if body.rest().first() == Some(&VERSION) {
            element(&mut body)?;
        }
        // Serial number.
        element(&mut body)?;
        let algorithm = tagged(&mut body, SEQUENCE)?;
        let issuer = tagged(&mut body, SEQUENCE)?;
        let mut validity = Octets::new(tagged(&mut body, SEQUENCE)?);
        let subject = tagged(&mut body, SEQUENCE)?;
        let (_, not_before) = element(&mut validity)?;
        let (_, not_after) = element(&mut validity)?;
        Some(Self {
            subject: name(subject),
            issuer: name(issuer),
            not_before: printable(not_before),
            not_after: printable(not_after),
            key: tagged(&mut body, SEQUENCE).and_then(key),
            signature: tagged(&mut Octets::new(algorithm), OBJECT_IDENTIFIER).and_then(signature),
        })
    }
}

/// The algorithm and size of a key (RFC 5280, 4.1.2.7; RFC 3279, 2.3.1; RFC 5480; RFC 8410).
fn key(info: &[u8]) -> Option<String> {
    let mut info = Octets::new(info);
    let mut algorithm = Octets::new(tagged(&mut info, SEQUENCE)?);
    let bits = tagged(&mut info, BIT_STRING)?;
    match tagged(&mut algorithm, OBJECT_IDENTIFIER)? {
        RSA_ENCRYPTION => {
            // The bit string has no unused bits; in it the modulus comes first.
            let mut public = Octets::new(tagged(&mut Octets::new(bits.get(1..)?), SEQUENCE)?);
            let modulus = tagged(&mut public, INTEGER)?;
            let first = modulus.iter().position(|octet| *octet != 0)?;
            let significant = modulus.get(first..)?;
            let unused = significant.first()?.leading_zeros() as usize;
            Some(format!("rsa-{}", significant.len() * 8 - unused))
        }
        EC_PUBLIC_KEY => Some(match tagged(&mut algorithm, OBJECT_IDENTIFIER)? {
            [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x01] => "ec-192".into(),
            [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07] => "ec-256".into(),
            [0x2B, 0x81, 0x04, 0x00, 0x21] => "ec-224".into(),
            [0x2B, 0x81, 0x04, 0x00, 0x22] => "ec-384".into(),
            [0x2B, 0x81, 0x04, 0x00, 0x23] => "ec-521".into(),
            _ => "ec".into(),
        }),
        [0x2B, 0x65, 0x70] => Some("ed25519".into()),
        [0x2B, 0x65, 0x71] => Some("ed448".into()),
        [0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04, 0x01] => Some("dsa".into()),
        _ => None,
    }
}

/// A signature algorithm (RFC 3279, 2.2; RFC 4055; RFC 5758; RFC 8410).
const fn signature(algorithm: &[u8]) -> Option<&'static str> {
    match algorithm {
        [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, last] => match last {
            2 => Some("rsa-md2"),
            4 => Some("rsa-md5"),
            5 => Some("rsa-sha1"),
            10 => Some("rsa-pss"),
            11 => Some("rsa-sha256"),
            12 => Some("rsa-sha384"),
            13 => Some("rsa-sha512"),
            14 => Some("rsa-sha224"),
            _ => None,
        },
        [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01] => Some("ecdsa-sha1"),
        [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, last] => match last {
            1 => Some("ecdsa-sha224"),
            2 => Some("ecdsa-sha256"),
            3 => Some("ecdsa-sha384"),
            4 => Some("ecdsa-sha512"),
            _ => None,
        },
        [0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04, 0x03] => Some("dsa-sha1"),
        [0x2B, 0x65, 0x70] => Some("ed25519"),
        [0x2B, 0x65, 0x71] => Some("ed448"),
        _ => None,
    }
}

/// The common name in a distinguished name, else the organization.
fn name(sequence: &[u8]) -> Option<&str> {
    let mut organization = None;
    let mut sets = Octets::new(sequence);
    while let Some(set) = tagged(&mut sets, SET) {
        let Some(pair) = tagged(&mut Octets::new(set), SEQUENCE) else { continue };
        let mut pair = Octets::new(pair);
        let Some(kind) = tagged(&mut pair, OBJECT_IDENTIFIER) else { continue };
        let Some((_, value)) = element(&mut pair) else { continue };
        if kind == COMMON_NAME {
            return printable(value);
        }
        if kind == ORGANIZATION {
            organization = printable(value);
        }
    }
    organization
}

/// The content of the next element, which must have this tag.
fn tagged<'a>(octets: &mut Octets<'a>, wanted: u8) -> Option<&'a [u8]> {
    let (tag, content) = element(octets)?;
    (tag == wanted).then_some(content)
}

/// The next element: tag and content (X.690, 8.1; tags above 30 do not occur).
fn element<'a>(octets: &mut Octets<'a>) -> Option<(u8, &'a [u8])> {
    let tag = octets.u8()?;
    let length = match octets.u8()? {
        short @ ..=0x7F => usize::from(short),
        0x81 => usize::from(octets.u8()?),
        0x82 => usize::from(octets.u16_be()?),
        0x83 => usize::try_from(octets.u24_be()?).ok()?,
        _ => return None,
    };
    Some((tag, octets.take(length)?))
}
