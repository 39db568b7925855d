//! Link frames and the transport header (IEEE 1815, clauses 8 and 9).

use crate::dissect::octets::{Octets, find};

/// Every frame begins with these (IEEE 1815, 9.2.4.1.1).
const START: [u8; 2] = [0x05, 0x64];
/// Octets of the header with its check.
const HEADER_LENGTH: usize = 10;
/// Octets that the length counts besides user data: control, destination, source.
const LENGTH_MIN: u8 = 5;
/// Octets of user data in a block, which a check follows.
const BLOCK_LENGTH: usize = 16;
/// Octets of a check.
const CHECK_LENGTH: usize = 2;

/// How the octets at hand begin.
pub(super) enum Head {
    /// With a whole header.
    Header(Header),
    /// With what may become a header: so many octets are needed.
    Short(usize),
    /// With something else.
    Other,
}

/// The header of a link frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    length: u8,
    control: u8,
    /// Whom the frame is for.
    pub(super) destination: u16,
    /// Who sent it.
    pub(super) source: u16,
    /// Is the header's check right?
    pub(super) check_holds: bool,
}

impl Header {
    /// Does the frame come from a master (DIR, IEEE 1815, 9.2.4.1.3.1)?
    pub(super) const fn is_from_master(self) -> bool {
        self.control & 0x80 != 0
    }

    /// Does the frame begin a transaction (PRM)?
    pub(super) const fn is_primary(self) -> bool {
        self.control & 0x40 != 0
    }

    /// The link function.
    pub(super) const fn function(self) -> u8 {
        self.control & 0x0F
    }

    /// Is the length at least that of the header itself?
    pub(super) const fn length_holds(self) -> bool {
        self.length >= LENGTH_MIN
    }

    /// Octets of user data, transport header included.
    fn user_length(self) -> usize {
        usize::from(self.length.saturating_sub(LENGTH_MIN))
    }

    /// Octets of the frame with all its checks.
    pub(super) fn frame_length(self) -> usize {
        let user = self.user_length();
        HEADER_LENGTH + user + user.div_ceil(BLOCK_LENGTH) * CHECK_LENGTH
    }
}

/// The header at the start of these octets.
pub(super) fn head(data: &[u8]) -> Head {
    match data {
        [first] if *first == START[0] => return Head::Short(HEADER_LENGTH),
        [first, second, ..] if [*first, *second] == START => {}
        _ => return Head::Other,
    }
    let Some(header) = data.first_chunk::<HEADER_LENGTH>() else { return Head::Short(HEADER_LENGTH) };
    let [_, _, length, control, to_low, to_high, from_low, from_high, check_low, check_high] = *header;
    let covered = header.first_chunk::<8>().map_or(0, |covered| check(covered));
    Head::Header(Header {
        length,
        control,
        destination: u16::from_le_bytes([to_low, to_high]),
        source: u16::from_le_bytes([from_low, from_high]),
        check_holds: covered == u16::from_le_bytes([check_low, check_high]),
    })
}

/// How many octets to let go so that the next start octets come first.
pub(super) fn resynchronize(data: &[u8]) -> usize {
    let rest = data.get(1..).unwrap_or_default();
    match find(rest, &START) {
        Some(at) => at + 1,
        // The last octet may be the first of the start octets.
        None if rest.last() == Some(&START[0]) => data.len() - 1,
        None => data.len(),
    }
}

/// Does a header whose check is right begin somewhere after the first octet?
pub(super) fn holds_frame(data: &[u8]) -> bool {
    data.windows(HEADER_LENGTH).skip(1).any(|window| {
        window.starts_with(&START) && matches!(head(window), Head::Header(header) if header.check_holds)
    })
}

/// A whole frame.
pub(super) struct Frame<'a> {
    /// Its header.
    pub(super) header: Header,
    blocks: &'a [u8],
}

/// The transport header (IEEE 1815, 8.2).
#[derive(Debug, Clone, Copy)]
pub(super) struct Transport {
    /// Does the segment begin a fragment?
    pub(super) first: bool,
    /// Does it end one?
    pub(super) last: bool,
    /// Its number, modulo 64.
    pub(super) sequence: u8,
}

impl<'a> Frame<'a> {
    /// The frame of a header at the start of these octets, if it is whole.
    pub(super) fn read(header: Header, data: &'a [u8]) -> Option<Self> {
        let mut octets = Octets::new(data);
        octets.skip(HEADER_LENGTH)?;
        let blocks = octets.take(header.frame_length() - HEADER_LENGTH)?;
        Some(Self { header, blocks })
    }

    /// May it carry user data: confirmed or unconfirmed user data from a primary station (IEEE 1815, table 9-1)?
    pub(super) fn has_user_data(&self) -> bool {
        self.header.is_primary() && matches!(self.header.function(), 3 | 4) && !self.blocks.is_empty()
    }

    /// Are the checks of all blocks right?
    pub(super) fn checks_hold(&self) -> bool {
        self.blocks.chunks(BLOCK_LENGTH + CHECK_LENGTH).all(|block| {
            block
                .split_last_chunk::<CHECK_LENGTH>()
                .is_some_and(|(covered, said)| check(covered) == u16::from_le_bytes(*said))
        })
    }

    /// The transport header.
    pub(super) fn transport(&self) -> Option<Transport> {
        let octet = *self.blocks.first()?;
        Some(Transport { first: octet & 0x40 != 0, last: octet & 0x80 != 0, sequence: octet & 0x3F })
    }

    /// The user data after the transport header, where it lies in one block.
    pub(super) fn only_block(&self) -> Option<&'a [u8]> {
        let (covered, _) = self.blocks.split_last_chunk::<CHECK_LENGTH>()?;
        if covered.len() > BLOCK_LENGTH {
            return None;
        }
        covered.split_first().map(|(_, rest)| rest)
    }

    /// The user data after the transport header, without the checks.
    pub(super) fn user_octets(&self) -> impl Iterator<Item = u8> + 'a {
        self.blocks
            .chunks(BLOCK_LENGTH + CHECK_LENGTH)
            .flat_map(|block| {
                block.split_last_chunk::<CHECK_LENGTH>().map_or(&[][..], |(covered, _)| covered)
            })
            .copied()
            .skip(1)
    }
}

/// The application function in the first block of a frame that was cut short: the frame carries user data, begins and
/// ends a fragment, and the function code is there.
pub(super) fn first_function(header: Header, data: &[u8]) -> Option<u8> {
    let mut octets = Octets::new(data);
    octets.skip(HEADER_LENGTH)?;
    let transport = octets.u8()?;
    let _control = octets.u8()?;
    let code = octets.u8()?;
    let carries = header.is_primary() && matches!(header.function(), 3 | 4) && transport & 0xC0 == 0xC0;
    carries.then_some(code)
}

/// The cyclic redundancy check of IEEE 1815, 9.2.5: polynomial 0x3D65, reflected, inverted at the end.
fn check(covered: &[u8]) -> u16 {
    let step = |sum: u16, octet: &u8| {
        let [low, _] = (sum ^ u16::from(*octet)).to_le_bytes();
        (sum >> 8) ^ CHECKS.get(usize::from(low)).copied().unwrap_or_default()
    };
    !covered.iter().fold(0, step)
}

/// The check of each octet alone.
static CHECKS: [u16; 256] = {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        let mut sum = octet;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 == 0 { sum >> 1 } else { (sum >> 1) ^ 0xA6BC };
            bit += 1;
        }
        #[expect(clippy::indexing_slicing, reason = "the loop's own bound, evaluated at compile time")]
        {
            table[octet as usize] = sum;
        }
        octet += 1;
    }
    table
};

/// A frame, for tests.
#[cfg(test)]
pub(super) fn frame(control: u8, destination: u16, source: u16, user: &[u8]) -> Vec<u8> {
    let mut frame = START.to_vec();
    frame.extend([LENGTH_MIN + u8::try_from(user.len()).unwrap(), control]);
    frame.extend(destination.to_le_bytes());
    frame.extend(source.to_le_bytes());
    frame.extend(check(&frame).to_le_bytes());
    for block in user.chunks(BLOCK_LENGTH) {
        frame.extend(block);
        frame.extend(check(block).to_le_bytes());
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_is_that_of_the_standard() {
        // The catalog of parametrized CRC algorithms gives this value for CRC-16/DNP over "123456789".
        assert_eq!(check(b"123456789"), 0xEA82);
    }

    #[test]
    fn a_half_start_at_the_end_is_kept() {
        assert_eq!(resynchronize(&[5, 1, 5]), 2);
        assert_eq!(resynchronize(&[5, 1, 5, 0x64]), 2);
        assert_eq!(resynchronize(&[5]), 1);
        assert_eq!(resynchronize(&[5, 1, 7]), 3);
    }
}
