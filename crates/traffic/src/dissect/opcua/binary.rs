//! The binary encoding of OPC UA's built-in types (OPC 10000-6, 5.2), read without copying.

use crate::dissect::octets::Octets;

/// How deep variants, data values and diagnostics may lie in each other; OPC 10000-6, 5.1.10 asks for at least 100
/// levels of a decoder, but nothing that is read here is nested at all.
const DEPTH_MAX: u8 = 16;

/// A node id as far as it is of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeId {
    /// A number in a namespace.
    Numeric(u16, u32),
    /// Of another kind.
    Other,
}

/// A cursor over encoded values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decoder<'a> {
    octets: Octets<'a>,
}

impl<'a> Decoder<'a> {
    /// A decoder at the start of these octets.
    pub(super) const fn new(data: &'a [u8]) -> Self {
        Self { octets: Octets::new(data) }
    }

    /// What was not read yet.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.octets.rest()
    }

    /// Passes over so many octets.
    pub(super) fn skip(&mut self, count: usize) -> Option<()> {
        self.octets.skip(count)
    }

    /// A number of 32 bits.
    pub(super) fn u32(&mut self) -> Option<u32> {
        self.octets.u32_le()
    }

    /// A string or byte string (5.2.2.4, 5.2.2.7); null is empty.
    pub(super) fn string(&mut self) -> Option<&'a [u8]> {
        match i32::from_le_bytes(self.octets.array()?) {
            -1 => Some(&[]),
            length => self.octets.take(usize::try_from(length).ok()?),
        }
    }

    /// The number of elements of an array (5.2.5); null is none. No element is shorter than an octet.
    pub(super) fn count(&mut self) -> Option<usize> {
        match i32::from_le_bytes(self.octets.array()?) {
            -1 => Some(0),
            count => usize::try_from(count).ok().filter(|&count| count <= self.octets.len()),
        }
    }

    /// Passes over an array of strings.
    pub(super) fn skip_strings(&mut self) -> Option<()> {
        for _ in 0..self.count()? {
            self.string()?;
        }
        Some(())
    }

    /// A node id or expanded node id (5.2.2.9, 5.2.2.10).
    pub(super) fn node_id(&mut self) -> Option<NodeId> {
        let form = self.octets.u8()?;
        let id = match form & 0x3F {
            0 => NodeId::Numeric(0, u32::from(self.octets.u8()?)),
            1 => {
                let namespace = u16::from(self.octets.u8()?);
                NodeId::Numeric(namespace, u32::from(self.octets.u16_le()?))
            }
            2 => {
                let namespace = self.octets.u16_le()?;
                NodeId::Numeric(namespace, self.octets.u32_le()?)
            }
            3 | 5 => {
                self.octets.skip(2)?;
                self.string()?;
                NodeId::Other
            }
            4 => {
                self.octets.skip(18)?;
                NodeId::Other
            }
            _ => return None,
        };
        if form & 0x80 != 0 {
            self.string()?;
        }
        if form & 0x40 != 0 {
            self.octets.skip(4)?;
        }
        Some(id)
    }

    /// An extension object: its type and body (5.2.2.15).
    pub(super) fn extension_object(&mut self) -> Option<(NodeId, &'a [u8])> {
        let kind = self.node_id()?;
        let body = match self.octets.u8()? {
            0 => &[],
            1 | 2 => self.string()?,
            _ => return None,
        };
        Some((kind, body))
    }

    /// The text of a localized text (5.2.2.14).
    pub(super) fn localized_text(&mut self) -> Option<&'a [u8]> {
        let mask = self.octets.u8()?;
        if mask & 1 != 0 {
            self.string()?;
        }
        if mask & 2 != 0 { self.string() } else { Some(&[]) }
    }

    /// Passes over a qualified name (5.2.2.13).
    pub(super) fn skip_qualified_name(&mut self) -> Option<()> {
        self.octets.skip(2)?;
        self.string().map(|_| ())
    }

    /// Passes over diagnostic information (5.2.2.12).
    pub(super) fn skip_diagnostics(&mut self) -> Option<()> {
        for _ in 0..DEPTH_MAX {
            let mask = self.octets.u8()?;
            for bit in [0x01, 0x02, 0x04, 0x08] {
                if mask & bit != 0 {
                    self.octets.skip(4)?;
                }
            }
            if mask & 0x10 != 0 {
                self.string()?;
            }
            if mask & 0x20 != 0 {
                self.octets.skip(4)?;
            }
            if mask & 0x40 == 0 {
                return Some(());
            }
        }
        None
    }

    /// A data value (5.2.2.17): its variant, if it has one.
    pub(super) fn data_value(&mut self) -> Option<Value<'a>> {
        self.data_value_within(DEPTH_MAX)
    }

    fn data_value_within(&mut self, depth: u8) -> Option<Value<'a>> {
        let mask = self.octets.u8()?;
        let value = if mask & 1 == 0 { Value::Other } else { self.variant(depth)? };
        for (bit, length) in [(0x02, 4), (0x04, 8), (0x10, 2), (0x08, 8), (0x20, 2)] {
            if mask & bit != 0 {
                self.octets.skip(length)?;
            }
        }
        Some(value)
    }

    /// A variant (5.2.2.16).
    fn variant(&mut self, depth: u8) -> Option<Value<'a>> {
        let depth = depth.checked_sub(1)?;
        let form = self.octets.u8()?;
        let kind = form & 0x3F;
        if form & 0x80 == 0 {
            return self.scalar(kind, depth);
        }
        for _ in 0..self.count()? {
            self.scalar(kind, depth)?;
        }
        if form & 0x40 != 0 {
            for _ in 0..self.count()? {
                self.octets.skip(4)?;
            }
        }
        Some(Value::Other)
    }

    /// A value of a built-in type (5.1.2, table 1).
    fn scalar(&mut self, kind: u8, depth: u8) -> Option<Value<'a>> {
        match kind {
            0 => {}
            1..=3 => self.octets.skip(1)?,
            4 | 5 => self.octets.skip(2)?,
            6 | 7 | 10 | 19 => self.octets.skip(4)?,
            8 | 9 | 11 | 13 => self.octets.skip(8)?,
            12 => return self.string().map(Value::String),
            14 => self.octets.skip(16)?,
            15 | 16 => self.string().map(|_| ())?,
            17 | 18 => self.node_id().map(|_| ())?,
            20 => self.skip_qualified_name()?,
            21 => self.localized_text().map(|_| ())?,
            22 => return self.extension_object().map(|(kind, body)| Value::Object(kind, body)),
            23 => self.data_value_within(depth.checked_sub(1)?).map(|_| ())?,
            24 => self.variant(depth).map(|_| ())?,
            25 => self.skip_diagnostics()?,
            _ => return None,
        }
        Some(Value::Other)
    }
}

/// The value of a variant as far as it is of interest.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    /// A string.
    String(&'a [u8]),
    /// A structure of this type.
    Object(NodeId, &'a [u8]),
    /// Something else, or nothing.
    Other,
}
