//! The frames of Modbus ASCII: a colon, octets as pairs of hexadecimal digits, a check sum, carriage return and line feed.
//!
//! Serial Line V1.02 §2.5.2.

/// Octets of the largest frame: address, PDU, check sum (§2.5.2.1).
const OCTETS_MAX: usize = 255;
/// The largest frame: two letters an octet, colon and end of line.
pub(super) const FRAME_BYTES_MAX: usize = 1 + 2 * OCTETS_MAX + 2;
/// Address, function and check sum.
const OCTETS_MIN: usize = 3;

/// The octets of a frame.
pub(super) struct Frame {
    octets: [u8; OCTETS_MAX],
    length: usize,
}

impl Frame {
    /// The PDU, between address and check sum.
    pub(super) fn pdu(&self) -> &[u8] {
        self.octets.get(1..self.length.saturating_sub(1)).unwrap_or_default()
    }
}

/// Where the frame ends that begins here: behind its line feed.
pub(super) fn end(data: &[u8]) -> Option<usize> {
    let within = data.get(..data.len().min(FRAME_BYTES_MAX))?;
    within.iter().position(|byte| *byte == b'\n').map(|at| at + 1)
}

/// The frame that `data` begins with, if its check sum is right.
pub(super) fn frame(data: &[u8]) -> Option<Frame> {
    let digits = data.get(..end(data)?)?.strip_prefix(b":")?.strip_suffix(b"\r\n")?;
    let (pairs, odd) = digits.as_chunks::<2>();
    if pairs.len() < OCTETS_MIN || !odd.is_empty() {
        return None;
    }
    let mut frame = Frame { octets: [0; OCTETS_MAX], length: pairs.len() };
    let mut sum = 0_u8;
    for (place, [high, low]) in frame.octets.iter_mut().zip(pairs) {
        *place = digit(*high)? << 4 | digit(*low)?;
        sum = sum.wrapping_add(*place);
    }
    // The check sum is what makes the sum of all octets zero (§6.2.1).
    (sum == 0 && pairs.len() <= OCTETS_MAX).then_some(frame)
}

/// Capital letters only, as the specification writes them, or small ones, as some devices do.
fn digit(letter: u8) -> Option<u8> {
    let digit = char::from(letter).to_digit(16)?;
    u8::try_from(digit).ok()
}
