//! The block-structured container (draft-ietf-opsawg-pcapng): sections, each with interfaces, packets and more.

use super::{BLOCK_BYTES_MAX, Batch, Input, Notes, Order, ReadError, Record, packet_bytes_max};

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const PACKET_OBSOLETE: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const NAME_RESOLUTION: u32 = 4;
const INTERFACE_STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;
const DECRYPTION_SECRETS: u32 = 10;

/// Interfaces of one section that are kept; more than any real capture has.
const INTERFACES_MAX: usize = 65_536;

const OPTION_END: u16 = 0;
const OPTION_TIME_RESOLUTION: u16 = 9;
const OPTION_TIME_OFFSET: u16 = 14;

/// Does a file begin with a section header block?
pub(super) fn recognize(head: &[u8]) -> bool {
    head.starts_with(&SECTION_HEADER.to_be_bytes())
        && head.get(8..12).is_some_and(|magic| byte_order(magic).is_some())
}

/// Reads every packet of every section.
pub(super) fn read(
    input: &mut Input,
    notes: &mut Notes,
    each: &mut impl FnMut(&[Record<'_>], u64),
) -> Result<(), ReadError> {
    let mut section = Section { order: Order::Little, interfaces: Vec::new(), notes };
    let mut need = 12;
    loop {
        let offset = input.offset();
        let window = input.window(need).map_err(|source| ReadError::Io { offset, source })?;
        if window.len() < need {
            return if window.is_empty() { Ok(()) } else { Err(ReadError::Cut { what: "a block", offset }) };
        }
        let mut used = 0;
        let mut batch = Batch::new();
        need = loop {
            let rest = window.get(used..).unwrap_or_default();
            let at = offset + used as u64;
            match section.block(rest) {
                Step::Block { length, record } => {
                    if let Some(record) = record {
                        batch.push(record, at, each);
                    }
                    used += length;
                }
                Step::Need(count) => break count,
                Step::Damaged(what) => {
                    batch.flush(at, each);
                    return Err(ReadError::Damaged { what, offset: at });
                }
            }
        };
        batch.flush(offset + used as u64, each);
        input.advance(used);
    }
}

struct Interface {
    link: u32,
    snap_length: u32,
    clock: Clock,
}

struct Section<'n> {
    order: Order,
    interfaces: Vec<Interface>,
    notes: &'n mut Notes,
}

enum Step<'a> {
    Block { length: usize, record: Option<Record<'a>> },
    Need(usize),
    Damaged(String),
}

impl Section<'_> {
    /// Reads the block at the start of `data`.
    fn block<'a>(&mut self, data: &'a [u8]) -> Step<'a> {
        let Some(head) = data.get(..12) else { return Step::Need(12) };
        // The type of a section header reads the same in both byte orders, and tells the order (section 4.1).
        let is_section = head.starts_with(&SECTION_HEADER.to_be_bytes());
        let order = if is_section {
            let Some(order) = head.get(8..12).and_then(byte_order) else {
                return Step::Damaged("a section header has an unknown byte-order magic".to_owned());
            };
            order
        } else {
            self.order
        };
        let (kind, total) = (order.u32(head, 0).unwrap_or(0), order.u32(head, 4).unwrap_or(0));
        let length = total as usize;
        if !(12..=BLOCK_BYTES_MAX).contains(&length) {
            return Step::Damaged(format!("a block says it is {length} bytes long"));
        }
        // The length counts the padding (section 3.1); some writers forget it.
        let length = length.next_multiple_of(4);
        let Some(block) = data.get(..length) else { return Step::Need(length) };
        if order.u32(block, length - 4) != Some(total) {
            return Step::Damaged("the two lengths of a block differ".to_owned());
        }
        let body = block.get(8..length - 4).unwrap_or_default();
        let record = match kind {
            SECTION_HEADER => {
                self.order = order;
                self.interfaces.clear();
                self.notes.section();
                None
            }
            INTERFACE_DESCRIPTION => {
                if self.interfaces.len() < INTERFACES_MAX {
                    self.interfaces.push(interface(body, order));
                }
                None
            }
            ENHANCED_PACKET => match self.enhanced(body) {
                Ok(record) => Some(record),
                Err(what) => return Step::Damaged(what),
            },
            PACKET_OBSOLETE => match self.obsolete(body) {
                Ok(record) => Some(record),
                Err(what) => return Step::Damaged(what),
            },
            SIMPLE_PACKET => match self.simple(body) {
                Ok(record) => Some(record),
                Err(what) => return Step::Damaged(what),
            },
            NAME_RESOLUTION => {
                self.notes.names(body, order);
                None
            }
            INTERFACE_STATISTICS => {
                self.notes.statistics(body, order);
                None
            }
            DECRYPTION_SECRETS => {
                self.notes.secrets += 1;
                None
            }
            // Custom blocks and those of other makers are passed over, as section 3.1 asks.
            _ => None,
        };
        Step::Block { length, record }
    }

    /// Section 4.3.
    fn enhanced<'a>(&self, body: &'a [u8]) -> Result<Record<'a>, String> {
        let interface = self.order.u32(body, 0).ok_or(SHORT)? as usize;
        self.packet(body, interface)
    }

    /// Section A (obsolete packet block): the interface has 16 bits, a count of drops follows it.
    fn obsolete<'a>(&self, body: &'a [u8]) -> Result<Record<'a>, String> {
        let interface = self.order.u16(body, 0).ok_or(SHORT)?;
        self.packet(body, usize::from(interface))
    }

    fn packet<'a>(&self, body: &'a [u8], interface: usize) -> Result<Record<'a>, String> {
        let order = self.order;
        let (high, low) = (order.u32(body, 4).ok_or(SHORT)?, order.u32(body, 8).ok_or(SHORT)?);
        let (captured, wire) = (order.u32(body, 12).ok_or(SHORT)?, order.u32(body, 16).ok_or(SHORT)?);
        let interface = self.interface(interface)?;
        if captured > packet_bytes_max(interface.link) {
            return Err(format!("a packet says it is {captured} bytes long"));
        }
        let data = (captured as usize)
            .checked_add(20)
            .and_then(|end| body.get(20..end))
            .ok_or("a packet is longer than its block")?;
        let time = interface.clock.nanoseconds(u64::from(high) << 32 | u64::from(low));
        Ok(Record {
            data,
            wire: wire.max(captured),
            time: Some(time),
            digits: interface.clock.digits,
            link: interface.link,
        })
    }

    /// Section 4.4: no time, first interface, the captured length follows from the snapshot length.
    fn simple<'a>(&self, body: &'a [u8]) -> Result<Record<'a>, String> {
        let wire = self.order.u32(body, 0).ok_or(SHORT)?;
        let interface = self.interface(0)?;
        let snap = if interface.snap_length == 0 { u32::MAX } else { interface.snap_length };
        let rest = body.get(4..).unwrap_or_default();
        let captured = (wire.min(snap) as usize).min(rest.len());
        let data = rest.get(..captured).unwrap_or_default();
        Ok(Record { data, wire, time: None, digits: interface.clock.digits, link: interface.link })
    }

    fn interface(&self, number: usize) -> Result<&Interface, String> {
        self.interfaces
            .get(number)
            .ok_or_else(|| format!("a packet names interface {number}, which was not described"))
    }
}

const SHORT: &str = "a block is too short for its kind";

/// Section 4.2.
fn interface(body: &[u8], order: Order) -> Interface {
    let link = u32::from(order.u16(body, 0).unwrap_or(0));
    let snap_length = order.u32(body, 4).unwrap_or(0);
    let (mut resolution, mut seconds) = (6, 0);
    let mut options = body.get(8..).unwrap_or_default();
    // Section 3.5: options are a code, a length and a value padded to four bytes.
    while let (Some(code), Some(length)) = (order.u16(options, 0), order.u16(options, 2)) {
        let value = options.get(4..4 + usize::from(length)).unwrap_or_default();
        match code {
            OPTION_END => break,
            OPTION_TIME_RESOLUTION => resolution = value.first().copied().unwrap_or(resolution),
            OPTION_TIME_OFFSET => seconds = order.u64(value, 0).unwrap_or(0).cast_signed(),
            _ => {}
        }
        options = options.get(4 + usize::from(length).next_multiple_of(4)..).unwrap_or_default();
    }
    Interface { link, snap_length, clock: Clock::new(resolution, seconds) }
}

/// How an interface counts time.
#[derive(Debug, Clone, Copy)]
struct Clock {
    /// A unit is `numerator / denominator` nanoseconds.
    numerator: u64,
    denominator: u64,
    offset_seconds: i64,
    digits: u8,
}

impl Clock {
    /// The clock of an `if_tsresol` and an `if_tsoffset`.
    fn new(resolution: u8, offset_seconds: i64) -> Self {
        let exponent = resolution & 0x7f;
        let units = if resolution & 0x80 == 0 {
            10_u64.checked_pow(exponent.into())
        } else {
            1_u64.checked_shl(exponent.into())
        };
        // A resolution finer than 64 bits can say is damage; the default is as good as anything.
        let units = units.unwrap_or(1_000_000);
        let digits = if resolution & 0x80 == 0 { exponent.min(9) } else { decimals(units) };
        let common = greatest_common_divisor(1_000_000_000, units);
        Self { numerator: 1_000_000_000 / common, denominator: units / common, offset_seconds, digits }
    }

    /// Nanoseconds since 1970, saturating where they do not fit.
    fn nanoseconds(self, units: u64) -> i64 {
        let fast = if self.denominator == 1 && self.offset_seconds == 0 {
            units.checked_mul(self.numerator).and_then(|nanoseconds| i64::try_from(nanoseconds).ok())
        } else {
            None
        };
        fast.unwrap_or_else(|| {
            let exact = i128::from(units) * i128::from(self.numerator) / i128::from(self.denominator.max(1))
                + i128::from(self.offset_seconds) * 1_000_000_000;
            exact.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
        })
    }
}

fn decimals(units: u64) -> u8 {
    let digits = (0..9).find(|&digits| 10_u64.pow(digits) >= units).unwrap_or(9);
    u8::try_from(digits).unwrap_or(9)
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

fn byte_order(magic: &[u8]) -> Option<Order> {
    match magic {
        [0x1a, 0x2b, 0x3c, 0x4d] => Some(Order::Big),
        [0x4d, 0x3c, 0x2b, 0x1a] => Some(Order::Little),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_count_in_decimal_and_binary_fractions_and_never_overflow() {
        assert_eq!(Clock::new(6, 0).nanoseconds(1_000_001), 1_000_001_000);
        assert_eq!(Clock::new(9, 2).nanoseconds(5), 2_000_000_005);
        assert_eq!(Clock::new(0x80 | 10, 0).nanoseconds(512), 500_000_000);
        assert_eq!(Clock::new(12, 0).nanoseconds(1_999), 1);
        assert_eq!((Clock::new(0x80 | 10, 0).digits, Clock::new(12, 0).digits), (4, 9));
        assert_eq!(Clock::new(0, i64::MAX).nanoseconds(u64::MAX), i64::MAX);
        assert_eq!(Clock::new(127, 0).nanoseconds(7), 7_000);
    }
}
