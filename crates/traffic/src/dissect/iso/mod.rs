//! The ISO transport below S7comm, MMS and remote desktop: TPKT (RFC 1006) and the TPDUs of X.224 class 0.

mod framing;

pub(crate) use self::framing::{Framed, Framing, first_data};

use crate::dissect::fields::{be16, bytes, rest, u8_at};

/// Length of a TPKT header (RFC 1006 §6).
pub(crate) const TPKT_BYTES: usize = 4;
/// Shortest TPKT: its header and a data TPDU without data.
const TPKT_BYTES_MIN: usize = 7;
/// TPKTs at the beginning of a conversation that are looked at: connection request or confirm, then data.
pub(crate) const TPKTS_PROBED_MAX: usize = 4;
/// Shortest connection TPDU: length, code, two references, class (X.224 §13.3).
const CONNECTION_BYTES_MIN: usize = 7;

/// The length of the TPKT that begins here, if one does: version 3, and a TPDU's length and code where they are there.
/// The second byte is reserved (RFC 1006 §6): what it holds says nothing within a stream.
pub(crate) fn tpkt_length(data: &[u8]) -> Option<usize> {
    let length = usize::from(be16(data, 2)?);
    let known = u8_at(data, 0) == Some(3) && length >= TPKT_BYTES_MIN;
    let header = u8_at(data, TPKT_BYTES).is_none_or(|indicator| {
        (2..=254).contains(&indicator) && TPKT_BYTES + 1 + usize::from(indicator) <= length
    });
    let code = u8_at(data, TPKT_BYTES + 1).is_none_or(|code| Kind::of(code).is_some());
    (known && header && code).then_some(length)
}

/// Whether the reserved byte is zero, as everybody leaves it: asked where a TPKT is recognized.
pub(crate) fn is_reserved_unused(data: &[u8]) -> bool {
    u8_at(data, 1) == Some(0)
}

/// Whether a TPKT begins here for sure, where it may begin anywhere: all of its TPDU's head is there and right, and a
/// connection TPDU fills the TPKT, as it does without user data.
pub(crate) fn begins(data: &[u8]) -> bool {
    let (Some(length), Some(indicator), Some(code)) =
        (tpkt_length(data), u8_at(data, TPKT_BYTES), u8_at(data, TPKT_BYTES + 1))
    else {
        return false;
    };
    if !is_reserved_unused(data) {
        return false;
    }
    match Kind::of(code) {
        Some(Kind::Data) => {
            indicator == 2 && u8_at(data, TPKT_BYTES + 2).is_some_and(|number| number & 0x7f == 0)
        }
        Some(Kind::ConnectionRequest | Kind::ConnectionConfirm) => {
            length == TPKT_BYTES + 1 + usize::from(indicator) && length <= data.len()
        }
        _ => false,
    }
}

/// What a TPDU is for (X.224 §13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Connection request.
    ConnectionRequest,
    /// Connection confirm.
    ConnectionConfirm,
    /// Disconnect request or confirm, error.
    End,
    /// Data.
    Data,
}

impl Kind {
    const fn of(code: u8) -> Option<Self> {
        match code & 0xf0 {
            0xe0 => Some(Self::ConnectionRequest),
            0xd0 => Some(Self::ConnectionConfirm),
            0x80 | 0xc0 | 0x70 => Some(Self::End),
            0xf0 => Some(Self::Data),
            _ => None,
        }
    }
}

/// A TPDU, as much of it as is there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tpdu<'a> {
    /// What it is for.
    pub(crate) kind: Kind,
    /// Is it the last of its data unit?
    pub(crate) last: bool,
    /// The header's variable part (connection TPDUs).
    parameters: &'a [u8],
    /// What it carries.
    pub(crate) data: &'a [u8],
}

impl<'a> Tpdu<'a> {
    /// The TPDU in a TPKT.
    pub(crate) fn read(tpkt: &'a [u8]) -> Option<Self> {
        let indicator = usize::from(u8_at(tpkt, TPKT_BYTES)?);
        let kind = Kind::of(u8_at(tpkt, TPKT_BYTES + 1)?)?;
        let header =
            tpkt.get(TPKT_BYTES..TPKT_BYTES + 1 + indicator).unwrap_or_else(|| rest(tpkt, TPKT_BYTES));
        Some(Self {
            kind,
            last: kind != Kind::Data || u8_at(header, 2).is_none_or(|number| number & 0x80 != 0),
            parameters: if kind == Kind::Data { &[] } else { rest(header, CONNECTION_BYTES_MIN) },
            data: rest(tpkt, TPKT_BYTES + 1 + indicator),
        })
    }

    /// The selector of the one who calls.
    pub(crate) fn calling(&self) -> Option<&'a [u8]> {
        self.parameter(0xc1)
    }

    /// The selector of the one who is called.
    pub(crate) fn called(&self) -> Option<&'a [u8]> {
        self.parameter(0xc2)
    }

    fn parameter(&self, code: u8) -> Option<&'a [u8]> {
        let mut left = self.parameters;
        while let [id, length, ..] = left {
            let value = bytes(left, 2, usize::from(*length))?;
            if *id == code {
                return Some(value);
            }
            left = rest(left, 2 + value.len());
        }
        None
    }
}
