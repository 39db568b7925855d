//! The header of GOOSE and sampled values: on the link (IEC 61850-8-1, annex C; 9-2, section 5.3.3) and routed over
//! UDP (IEC 61850-8-1:2020, annex G; IEC TR 61850-90-5).

use crate::dissect::ber::{self, Element};
use crate::dissect::fields::{be16, be32, bytes, rest, u8_at};
use crate::dissect::{Hint, Likelihood};

/// The port of the connectionless ISO transport over UDP, which carries routed GOOSE and sampled values.
pub(super) const PORT: u16 = 102;

/// Header on the link: APPID, length, two reserved.
const HEADER_BYTES: usize = 8;
/// Bit of the first reserved field: simulated.
const SIMULATED: u16 = 0x8000;
/// Bits of the first reserved field: length of the security extension (IEC 62351-6:2020, section 8.2).
const SECURITY_LENGTH: u16 = 0x0fff;

/// Unit data of the connectionless transport, without parameters (X.234).
const UNIT_DATA: [u8; 2] = [0x01, 0x40];
/// "Common session header" (IEC TR 61850-90-5, section 8.2.2).
const COMMON_HEADER: u8 = 0x80;
/// Its octets up to the security information: session PDU, common header, its length and number, version.
const COMMON_BYTES: usize = 14;
/// Before a PDU: type, simulation, APPID, length.
const ENTRY_BYTES: usize = 6;

/// PDUs of one routed packet that are read.
const ENTRIES_MAX: usize = 16;

/// A PDU and what its header says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Framed<'a> {
    /// The PDU; cut short if it is not whole.
    pub(super) pdu: Element<'a>,
    /// Is it said to be simulated?
    pub(super) simulated: bool,
    /// Is there a proof of origin with it?
    pub(super) signed: bool,
    /// Does the header's length agree with the PDU's?
    pub(super) agrees: bool,
}

/// Is this a frame on the link, as far as is known beforehand?
pub(super) const fn is_link(hint: &Hint) -> bool {
    !hint.stream && hint.source_port == 0 && hint.destination_port == 0
}

/// Could these be frames whose PDU has this tag, or packets over UDP whose session header has this type?
pub(super) fn probe(data: &[u8], hint: &Hint, pdu: u16, session: u8) -> Likelihood {
    if hint.stream {
        return Likelihood::No;
    }
    if is_link(hint) {
        let known = link(data).is_some_and(|framed| framed.pdu.tag == pdu && framed.agrees);
        return if known { Likelihood::Likely } else { Likelihood::No };
    }
    match routed(data, session) {
        Some(_) if hint.port(PORT) => Likelihood::Certain,
        Some(_) => Likelihood::Likely,
        None => Likelihood::No,
    }
}

/// A PDU on the link.
pub(super) fn link(data: &[u8]) -> Option<Framed<'_>> {
    let length = usize::from(be16(data, 2)?);
    let reserved = be16(data, 4)?;
    let mut after = data.get(HEADER_BYTES..)?;
    let pdu = ber::take(&mut after)?;
    let end = data.len() - after.len();
    let extension = usize::from(reserved & SECURITY_LENGTH);
    Some(Framed {
        pdu,
        simulated: reserved & SIMULATED != 0,
        signed: extension > 0 && after.len() >= extension,
        agrees: length == end || length == end + extension,
    })
}

/// The entries of a routed packet whose session PDU has this identifier, and whether a signature follows them.
pub(super) fn routed(data: &[u8], session: u8) -> Option<(&[u8], bool)> {
    let data = data.strip_prefix(&UNIT_DATA)?;
    let head = (u8_at(data, 0)?, u8_at(data, 2)?);
    if head != (session, COMMON_HEADER) || usize::from(u8_at(data, 1)?) > data.len() {
        return None;
    }
    // Key times (6 octets) and key (4), with an initialization vector in the standard, with the names of the
    // algorithms instead in the report before it.
    let vector = usize::from(u8_at(data, COMMON_BYTES + 10)?);
    let layouts = [COMMON_BYTES + 11 + vector, COMMON_BYTES + 12];
    layouts.into_iter().find_map(|at| {
        let length = usize::try_from(be32(data, at)?).ok()?;
        let entries = bytes(data, at + 4, length)?;
        // The first entry is of a known type and no longer than what there is.
        let known = matches!(u8_at(entries, 0)?, 0x81..=0x84);
        let fits = ENTRY_BYTES + usize::from(be16(entries, 4)?) <= entries.len();
        // A signature has a tag and a length at least.
        (known && fits).then(|| (entries, is_signed(rest(data, at + 4 + length))))
    })
}

/// Is there a signature after the entries, and perhaps padding?
fn is_signed(after: &[u8]) -> bool {
    let signature = match after {
        [0xaf, length, rest @ ..] => rest.get(usize::from(*length)..).unwrap_or_default(),
        after => after,
    };
    signature.len() > 2 && u8_at(signature, 1) != Some(0)
}

/// The entries of one type.
pub(super) fn entries(data: &[u8], kind: u8, signed: bool) -> impl Iterator<Item = Framed<'_>> {
    let mut data = data;
    let mut all = std::iter::from_fn(move || {
        let (found, simulated) = (u8_at(data, 0)?, u8_at(data, 1)?);
        let length = usize::from(be16(data, 4)?);
        let body = data.get(ENTRY_BYTES..)?;
        data = rest(body, length);
        Some((found, simulated != 0, body.get(..length).unwrap_or(body), length))
    })
    .take(ENTRIES_MAX);
    std::iter::from_fn(move || {
        all.by_ref().find_map(|(found, simulated, body, length)| {
            let mut after = body;
            let pdu = ber::take(&mut after).filter(|_| found == kind)?;
            Some(Framed { pdu, simulated, signed, agrees: after.is_empty() && body.len() == length })
        })
    })
}
