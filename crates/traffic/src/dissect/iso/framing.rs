//! The TPDUs of a stream, one after another: what is lost, where the next begins, and what continues a data unit.

use super::{Kind, TPKT_BYTES, TPKTS_PROBED_MAX, Tpdu, begins, is_reserved_unused, tpkt_length};
use crate::dissect::fields::rest;
use crate::dissect::sides::Sides;
use crate::facts::{End, Fact, Facts};

/// What a stream begins with.
pub(crate) enum Framed<'a> {
    /// So many bytes in all are needed to tell.
    Need(usize),
    /// So many bytes are no TPDU.
    Lost(usize),
    /// A TPDU in a TPKT of so many bytes.
    Tpdu(Tpdu<'a>, usize),
    /// A TPKT of so many bytes without one.
    Empty(usize),
}

/// How far the reading of both directions is.
#[derive(Debug, Default)]
pub(crate) struct Framing {
    /// The next data TPDU continues a data unit whose head was read.
    continued: Sides<bool>,
    /// The beginning of the next TPKT must be looked for.
    searching: Sides<bool>,
}

impl Framing {
    /// The TPDU at the start of `data`. Where none is, says so (once until the next) and looks for one that carries
    /// what `is_message` takes for its protocol's, or nothing.
    pub(crate) fn next<'a>(
        &mut self,
        from: End,
        data: &'a [u8],
        is_message: fn(&[u8]) -> bool,
        facts: &mut dyn Facts,
    ) -> Framed<'a> {
        if data.len() < TPKT_BYTES + 2 {
            return Framed::Need(TPKT_BYTES + 2);
        }
        let searching = self.searching.of(from);
        let Some(length) = tpkt_length(data).filter(|_| !*searching || begins(data)) else {
            if !std::mem::replace(searching, true) {
                facts.say(Fact::Anomaly { what: "tpkt-header" });
            }
            *self.continued.of(from) = false;
            return Framed::Lost(next_beginning(data, is_message));
        };
        let Some(tpkt) = data.get(..length) else { return Framed::Need(length) };
        *searching = false;
        Tpdu::read(tpkt).map_or(Framed::Empty(length), |tpdu| Framed::Tpdu(tpdu, length))
    }

    /// Bytes were lost.
    pub(crate) fn gap(&mut self, from: End) {
        *self.searching.of(from) = true;
        *self.continued.of(from) = false;
    }

    /// Does this data TPDU begin a data unit? Some senders put an empty one without the end mark before each message:
    /// it begins nothing.
    pub(crate) fn begins_unit(&mut self, from: End, tpdu: &Tpdu<'_>) -> bool {
        let continued = self.continued.of(from);
        if tpdu.data.is_empty() {
            *continued &= !tpdu.last;
            return false;
        }
        !std::mem::replace(continued, !tpdu.last)
    }
}

/// How many bytes to let go until a TPKT begins that carries a message, or nothing: all, if none does.
fn next_beginning(data: &[u8], is_message: fn(&[u8]) -> bool) -> usize {
    let found = |at: &usize| {
        let data = rest(data, *at);
        begins(data) && {
            let carried = rest(data, TPKT_BYTES + 3);
            carried.is_empty() || is_message(carried)
        }
    };
    (1..data.len()).find(found).unwrap_or(data.len())
}

/// The first data TPDU with data among the TPDUs at the beginning of a direction, if nothing else is before it.
pub(crate) fn first_data(data: &[u8]) -> Option<Tpdu<'_>> {
    let mut data = data;
    for _ in 0..TPKTS_PROBED_MAX {
        let length = tpkt_length(data).filter(|_| is_reserved_unused(data))?;
        let tpdu = Tpdu::read(data.get(..length).unwrap_or(data))?;
        if tpdu.kind == Kind::Data && !tpdu.data.is_empty() {
            return Some(tpdu);
        }
        data = rest(data, length);
    }
    None
}
