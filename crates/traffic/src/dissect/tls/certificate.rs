//! What an X.509 certificate says in its fixed places (RFC 5280, 4.1): subject, issuer, end of validity.
//!
//! Nothing is verified. Owned by TLS, also used where other protocols hand certificates over in clear.

use crate::dissect::octets::{Octets, printable};

/// A certificate as far as it is of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Certificate<'a> {
    /// The subject's common name, else its organization.
    pub(crate) subject: Option<&'a str>,
    /// The issuer's common name, else its organization.
    pub(crate) issuer: Option<&'a str>,
    /// The end of validity as it stands: `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
    pub(crate) not_after: Option<&'a str>,
}

/// Tags of DER that occur here.
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_IDENTIFIER: u8 = 0x06;
const VERSION: u8 = 0xA0;
/// 2.5.4.3, common name, and 2.5.4.10, organization name.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0A];

impl<'a> Certificate<'a> {
    /// The certificate in these octets.
    pub(crate) fn read(data: &'a [u8]) -> Option<Self> {
        let mut outer = Octets::new(tagged(&mut Octets::new(data), SEQUENCE)?);
        let mut body = Octets::new(tagged(&mut outer, SEQUENCE)?);
        if body.rest().first() == Some(&VERSION) {
            element(&mut body)?;
        }
        // Serial number, signature algorithm.
        element(&mut body)?;
        element(&mut body)?;
        let issuer = tagged(&mut body, SEQUENCE)?;
        let mut validity = Octets::new(tagged(&mut body, SEQUENCE)?);
        let subject = tagged(&mut body, SEQUENCE)?;
        element(&mut validity)?;
        let (_, not_after) = element(&mut validity)?;
        Some(Self { subject: name(subject), issuer: name(issuer), not_after: printable(not_after) })
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
