//! The layers between the ISO transport and MMS: session (X.225), presentation (X.226) and association control (X.227).
//!
//! Owns the way to the MMS PDUs in a data unit, and what the association says of who opens it.

use crate::dissect::ber::{self, Elements};
use crate::dissect::fields::{rest, u8_at};
use crate::dissect::octets::Octets;

// Session PDUs (X.225, section 8.3).
const GIVE_TOKENS: u8 = 1;
const PLEASE_TOKENS: u8 = 2;
const DATA_TRANSFER: u8 = 1;
const CONNECT: u8 = 13;
const ACCEPT: u8 = 14;
/// Session PDUs that end or refuse an association, or synchronize it: refuse, finish, disconnect, not finished, abort,
/// abort accept, typed data, prepare, expedited.
const OTHERS: [u8; 9] = [12, 9, 10, 8, 25, 26, 33, 7, 5];

/// Parameter "user data" (X.225, section 8.2.4), and "extended user data".
const USER_DATA: [u8; 2] = [0xc1, 0xc2];

// Elements of the presentation protocol (X.226, section 8.2).
const SET: u16 = 0x31;
const NORMAL_MODE: u16 = 0xa2;
const FULLY_ENCODED: u16 = 0x61;
const SEQUENCE: u16 = 0x30;
const SINGLE_TYPE: u16 = 0xa0;
const OCTET_ALIGNED: u16 = 0x81;

/// Elements passed over on the way to one that is looked for.
const ELEMENTS_MAX: usize = 64;
/// MMS PDUs of one data unit that are read.
const VALUES_MAX: usize = 16;

/// The abstract syntax of MMS, as an object identifier: { iso standard 9506 part(2) mms-abstract-syntax-version1(1) }
/// (ISO 9506-2, section 19).
const MMS_SYNTAX: [u8; 5] = [0x28, 0xca, 0x22, 0x02, 0x01];

/// What a session PDU carries.
pub(super) enum Session<'a> {
    /// An association is opened: the presentation PDU.
    Connect(&'a [u8]),
    /// It was accepted: the presentation PDU.
    Accept(&'a [u8]),
    /// Data: the presentation's user data.
    Data(&'a [u8]),
    /// Something else of the session protocol.
    Other,
}

impl<'a> Session<'a> {
    /// The session PDU in a data unit; of tokens and data concatenated (X.225, section 6.3.7), the data.
    pub(super) fn read(unit: &'a [u8]) -> Option<Self> {
        let mut octets = Octets::new(unit);
        let mut identifier = octets.u8()?;
        let mut parameters = parameters(&mut octets)?;
        if identifier == GIVE_TOKENS || identifier == PLEASE_TOKENS {
            if octets.is_empty() {
                return parameters.is_empty().then_some(Self::Other);
            }
            identifier = octets.u8()?;
            parameters = self::parameters(&mut octets)?;
            if identifier == DATA_TRANSFER {
                return Some(Self::Data(octets.rest()));
            }
        }
        match identifier {
            CONNECT => Some(Self::Connect(user_data(parameters)?)),
            ACCEPT => Some(Self::Accept(user_data(parameters)?)),
            _ => OTHERS.contains(&identifier).then_some(Self::Other),
        }
    }
}

/// Does a data unit open an association, or answer that it is open?
pub(super) fn opens(unit: &[u8]) -> bool {
    matches!(unit.first(), Some(&(CONNECT | ACCEPT)))
}

/// The parameters of a session PDU: as many octets as its length indicator says (X.225, section 8.2.5), or what is there.
fn parameters<'a>(octets: &mut Octets<'a>) -> Option<&'a [u8]> {
    let length = match octets.u8()? {
        0xff => usize::from(octets.u16_be()?),
        length => usize::from(length),
    };
    octets.take(length.min(octets.len()))
}

/// The user data among the parameters.
fn user_data(parameters: &[u8]) -> Option<&[u8]> {
    let mut octets = Octets::new(parameters);
    for _ in 0..ELEMENTS_MAX {
        let identifier = octets.u8()?;
        let value = self::parameters(&mut octets)?;
        if USER_DATA.contains(&identifier) {
            return Some(value);
        }
    }
    None
}

/// The values that a presentation's user data hold: application PDUs.
pub(super) fn values(user_data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lists = ber::find(user_data, FULLY_ENCODED).unwrap_or_default();
    Elements(lists).take(VALUES_MAX).filter(|list| list.tag == SEQUENCE).filter_map(|list| {
        let value = Elements(list.content)
            .take(ELEMENTS_MAX)
            .find(|element| element.tag == SINGLE_TYPE || element.tag == OCTET_ALIGNED)?;
        Some(value.content)
    })
}

/// Is all of a presentation's user data there that it says it has?
pub(super) fn is_whole(user_data: &[u8]) -> bool {
    Elements(user_data).take(1).all(|element| element.whole)
}

/// The application PDU that a presentation's connection PDU carries: that of association control.
pub(super) fn connection_value(presentation: &[u8]) -> Option<&[u8]> {
    let set = ber::find(presentation, SET)?;
    let normal = ber::find(set, NORMAL_MODE)?;
    values(normal).next()
}

/// Does a presentation's connection PDU propose MMS?
pub(super) fn proposes_mms(presentation: &[u8]) -> bool {
    presentation.windows(MMS_SYNTAX.len()).take(PROBED_BYTES_MAX).any(|window| window == MMS_SYNTAX)
}

/// Octets of a connection PDU in which the abstract syntaxes stand.
const PROBED_BYTES_MAX: usize = 512;

/// What association control says (X.227, section 9).
#[derive(Debug, Clone, Copy)]
pub(super) struct Association<'a> {
    /// Does it ask for an association?
    pub(super) is_request: bool,
    /// How the sender proves who it is.
    pub(super) proof: Proof,
    /// Why it was refused.
    pub(super) refusal: Option<&'static str>,
    /// What it carries: the first MMS PDU.
    pub(super) user: Option<&'a [u8]>,
}

/// How a peer proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// Not at all.
    None,
    /// With a password in clear text.
    Password,
    /// With a signed value and a certificate (IEC 62351-4).
    Signed,
    /// Otherwise.
    Other,
}

impl Proof {
    /// The word for it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Password => "password",
            Self::Signed => "iec-62351-4",
            Self::Other => "other",
        }
    }
}

/// Fields of a request: mechanism, value; of a response: mechanism, value, result and its source (X.227, section 9.1).
const REQUEST: (u16, u16) = (0x8b, 0xac);
const RESPONSE: (u16, u16) = (0x89, 0xaa);
const RESULT: u16 = 0xa2;
const RESULT_SOURCE: u16 = 0xa3;
const USER_INFORMATION: u16 = 0xbe;
const EXTERNAL: u16 = 0x28;

/// The arc of IEC 62351, { iso standard 62351 }.
const IEC_62351: [u8; 4] = [0x28, 0x83, 0xe7, 0x0f];
/// Choice "character string" of an authentication value: what a password is sent as (X.227, section 9.1).
const CHARACTERS: u16 = 0x80;

impl<'a> Association<'a> {
    /// What an application PDU says, if it is association control's request (AARQ, or AARE for its answer).
    pub(super) fn read(value: &'a [u8]) -> Option<Self> {
        let mut value = value;
        let element = ber::take(&mut value)?;
        let (mechanism, secret) = match element.tag {
            0x60 => REQUEST,
            0x61 => RESPONSE,
            _ => return None,
        };
        let fields = element.content;
        let proof = proof(ber::find(fields, mechanism), ber::find(fields, secret));
        let user = ber::find(fields, USER_INFORMATION).and_then(|user| ber::find(user, EXTERNAL)).and_then(
            |external| {
                let mut elements = Elements(external).take(ELEMENTS_MAX);
                elements.find(|element| element.tag == SINGLE_TYPE || element.tag == OCTET_ALIGNED)
            },
        );
        let refusal = (element.tag == 0x61).then(|| refusal(fields)).flatten();
        Some(Self {
            is_request: element.tag == 0x60,
            proof,
            refusal,
            user: user.map(|element| element.content),
        })
    }
}

fn proof(mechanism: Option<&[u8]>, secret: Option<&[u8]>) -> Proof {
    match (mechanism, secret) {
        (Some(mechanism), _) if mechanism.starts_with(&IEC_62351) => Proof::Signed,
        (_, Some(secret)) if is_clear(secret) => Proof::Password,
        (_, Some(secret)) if secret.windows(IEC_62351.len()).any(|window| window == IEC_62351) => {
            Proof::Signed
        }
        (None, None) => Proof::None,
        _ => Proof::Other,
    }
}

/// Is an authentication value a password that is not empty?
fn is_clear(secret: &[u8]) -> bool {
    let mut secret = secret;
    ber::take(&mut secret).is_some_and(|value| value.tag == CHARACTERS && !value.content.is_empty())
}

/// Why an association was refused (X.227, section 9.1, `Associate-source-diagnostic`).
fn refusal(fields: &[u8]) -> Option<&'static str> {
    let result =
        ber::find(fields, RESULT).and_then(|result| ber::find(result, 0x02)).and_then(ber::unsigned)?;
    if result == 0 {
        return None;
    }
    let source = ber::find(fields, RESULT_SOURCE).unwrap_or_default();
    let user = ber::find(source, 0xa1).and_then(|by| ber::find(by, 0x02)).and_then(ber::unsigned);
    Some(match user {
        Some(2) => "application-context-not-supported",
        Some(3) => "calling-title-not-recognized",
        Some(7) => "called-title-not-recognized",
        Some(11) => "authentication-mechanism-not-recognized",
        Some(12) => "authentication-mechanism-required",
        Some(13) => "authentication-failure",
        Some(14) => "authentication-required",
        Some(_) => "by-user",
        None => "by-provider",
    })
}

/// Could a data unit be an MMS PDU without the layers between, as some simple devices send it?
pub(super) fn is_bare(unit: &[u8]) -> bool {
    u8_at(unit, 0).is_some_and(|first| (0x80..0xb0).contains(&first)) && !rest(unit, 1).is_empty()
}
