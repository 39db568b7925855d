//! Link layers: from the first byte of a captured frame to the network layer within it.
//!
//! Owns Ethernet and what lies between it and the network layer (VLAN tags, MPLS, PPPoE, LLC/SNAP, HSR, …), the
//! cooked, loopback, raw and PPP link types. Looks at headers only, copies nothing, allocates nothing.

use crate::observation::Mac;

/// EtherTypes (IEEE registration authority, as RFC 7042 lists them).
pub(crate) mod ether_type {
    /// IPv4.
    pub(crate) const IPV4: u16 = 0x0800;
    /// ARP.
    pub(crate) const ARP: u16 = 0x0806;
    /// IPv6.
    pub(crate) const IPV6: u16 = 0x86dd;
    /// IEEE 802.1Q customer tag.
    pub(crate) const VLAN: u16 = 0x8100;
    /// IEEE 802.1ad service tag.
    pub(crate) const VLAN_SERVICE: u16 = 0x88a8;
    /// Service tags of older switches.
    pub(crate) const VLAN_OLD: [u16; 2] = [0x9100, 0x9200];
    /// MPLS unicast.
    pub(crate) const MPLS: u16 = 0x8847;
    /// MPLS multicast, or with an upstream label.
    pub(crate) const MPLS_UPSTREAM: u16 = 0x8848;
    /// PPPoE session stage.
    pub(crate) const PPPOE_SESSION: u16 = 0x8864;
    /// IEEE 802.1ah backbone service tag.
    pub(crate) const BACKBONE: u16 = 0x88e7;
    /// IEEE 802.1Qbh virtual network tag.
    pub(crate) const VNTAG: u16 = 0x8926;
    /// IEEE 802.1BR E-tag.
    pub(crate) const ETAG: u16 = 0x893f;
    /// HSR (IEC 62439-3, section 5.7).
    pub(crate) const HSR: u16 = 0x892f;
    /// Cisco metadata, in front of the real type.
    pub(crate) const CISCO_METADATA: u16 = 0x8909;
    /// Transparent Ethernet bridging: a frame within GRE or Geneve.
    pub(crate) const ETHERNET: u16 = 0x6558;
    /// The highest number that is a length and no type (IEEE 802.3, section 3.2.6).
    pub(crate) const LENGTH_MAX: u16 = 1500;
}

/// Link type of Ethernet, by tcpdump.org's numbers.
pub(crate) const ETHERNET: u32 = 1;

/// Tags that are believed to stand one behind the other.
const TAGS_MAX: usize = 256;

/// VLANs a frame is in, outermost first; more than two are rare, more than four are not kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Vlans {
    ids: [u16; 4],
    count: u8,
}

impl Vlans {
    /// One VLAN, or none if it is only a priority.
    #[inline]
    pub(crate) const fn one(id: u16) -> Self {
        Self { ids: [id, 0, 0, 0], count: (id != 0) as u8 }
    }

    /// The innermost, 0 if there is none.
    #[inline]
    pub(crate) fn innermost(&self) -> u16 {
        self.ids().last().copied().unwrap_or(0)
    }

    /// No VLAN.
    pub(crate) const NONE: Self = Self { ids: [0; 4], count: 0 };

    pub(crate) fn push(&mut self, id: u16) {
        // VLAN 0 is only a priority (IEEE 802.1Q, table 9-2).
        if id != 0
            && let Some(slot) = self.ids.get_mut(usize::from(self.count))
        {
            *slot = id;
            self.count += 1;
        }
    }

    /// The ids.
    pub(crate) fn ids(&self) -> &[u16] {
        self.ids.get(..usize::from(self.count)).unwrap_or_default()
    }
}

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carries<'a> {
    /// IPv4 or IPv6, from its first byte.
    Ip(&'a [u8]),
    /// Something of an EtherType.
    Ether(u16, &'a [u8]),
    /// IEEE 802.2, by its destination service access point.
    Llc(u8, &'a [u8]),
    /// Nothing that is understood.
    Nothing,
}

/// Link-layer addresses of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Macs {
    /// To whom; cooked captures do not say.
    pub(crate) destination: Option<Mac>,
    /// From whom.
    pub(crate) source: Mac,
}

/// Link-layer addresses as they are kept with a conversation: compared fast.
#[derive(Debug, Clone, Copy, Eq)]
pub(crate) struct Pair {
    /// Destination and source.
    bytes: [u8; 12],
    known: Known,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Nothing,
    Source,
    Both,
}

impl Pair {
    /// The link says nothing.
    pub(crate) const NONE: Self = Self { bytes: [0; 12], known: Known::Nothing };

    /// Those at the beginning of an Ethernet frame.
    #[inline]
    pub(crate) const fn of_frame(bytes: [u8; 12]) -> Self {
        Self { bytes, known: Known::Both }
    }

    /// Does the link say nothing?
    pub(crate) fn is_none(&self) -> bool {
        self.known == Known::Nothing
    }

    /// The addresses, apart.
    pub(crate) const fn macs(self) -> Option<Macs> {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = self.bytes;
        let (destination, source) = (Mac([a, b, c, d, e, f]), Mac([g, h, i, j, k, l]));
        match self.known {
            Known::Nothing => None,
            Known::Source => Some(Macs { destination: None, source }),
            Known::Both => Some(Macs { destination: Some(destination), source }),
        }
    }
}

impl PartialEq for Pair {
    /// Two numbers are compared sooner than twelve bytes.
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let numbers = |pair: &Self| {
            let [a, b, c, d, e, f, g, h, i, j, k, l] = pair.bytes;
            (u64::from_ne_bytes([a, b, c, d, e, f, g, h]), u32::from_ne_bytes([i, j, k, l]))
        };
        numbers(self) == numbers(other) && self.known == other.known
    }
}

impl From<Option<Macs>> for Pair {
    fn from(macs: Option<Macs>) -> Self {
        let Some(Macs { destination, source: Mac([g, h, i, j, k, l]) }) = macs else { return Self::NONE };
        let known = if destination.is_some() { Known::Both } else { Known::Source };
        let Mac([a, b, c, d, e, f]) = destination.unwrap_or(Mac([0; 6]));
        Self { bytes: [a, b, c, d, e, f, g, h, i, j, k, l], known }
    }
}

/// A frame's outside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    /// From whom to whom, where the link says it.
    pub(crate) macs: Option<Macs>,
    /// Its VLANs.
    pub(crate) vlans: Vlans,
    /// What it carries.
    pub(crate) carries: Carries<'a>,
    /// Are its headers cut off or contradictory?
    pub(crate) broken: bool,
}

impl<'a> Frame<'a> {
    const fn of(carries: Carries<'a>) -> Self {
        Self { macs: None, vlans: Vlans { ids: [0; 4], count: 0 }, carries, broken: false }
    }

    const fn broken() -> Self {
        Self { broken: true, ..Self::of(Carries::Nothing) }
    }
}

/// Reads a frame of a link type (tcpdump.org's numbers). None: that link type is not read.
#[inline]
pub(crate) fn frame(link: u32, data: &[u8]) -> Option<Frame<'_>> {
    Some(match link {
        ETHERNET => ethernet(data),
        0 | 108 => loopback(data),
        12 | 14 | 101 | 228 | 229 => Frame::of(Carries::Ip(data)),
        113 => cooked(data),
        276 => cooked_2(data),
        9 | 50 | 204 => ppp(strip_direction(link, data)),
        51 => pppoe(data),
        104 => data.split_first_chunk::<4>().map_or(Frame::broken(), |(head, rest)| {
            // Cisco HDLC: address, control, then an EtherType.
            by_type(u16::from_be_bytes([head[2], head[3]]), rest)
        }),
        105 => wireless(data),
        119 => data.get(144..).map_or(Frame::broken(), wireless),
        127 => radiotap(data),
        163 => avs(data),
        192 => return per_packet_information(data),
        _ => return None,
    })
}

/// IEEE 802.3: destination, source, type or length.
#[inline]
pub(crate) fn ethernet(data: &[u8]) -> Frame<'_> {
    let Some((head, rest)) = data.split_first_chunk::<14>() else { return Frame::broken() };
    let destination = Mac([head[0], head[1], head[2], head[3], head[4], head[5]]);
    let source = Mac([head[6], head[7], head[8], head[9], head[10], head[11]]);
    let kind = u16::from_be_bytes([head[12], head[13]]);
    if kind <= ether_type::LENGTH_MAX
        && let Some(frame) = inter_switch_link(data)
    {
        return frame;
    }
    let mut frame = by_type(kind, rest);
    frame.macs = Some(Macs { destination: Some(destination), source });
    frame
}

/// Cisco's Inter-Switch Link: 26 bytes around a whole frame, met by its destination (Cisco, "Inter-Switch Link and IEEE
/// 802.1Q Frame Format").
fn inter_switch_link(data: &[u8]) -> Option<Frame<'_>> {
    let [0x01 | 0x0c, 0x00, 0x0c, 0x00, 0x00, ..] = data else { return None };
    let (head, inner) = data.split_first_chunk::<26>()?;
    // The frame within is told by its LLC and the high bits of the sender.
    if head.get(14..20)? != [0xaa, 0xaa, 0x03, 0x00, 0x00, 0x0c] {
        return None;
    }
    let kind = u16::from_be_bytes(*inner.get(12..)?.first_chunk()?);
    let mut frame = by_type(kind, inner.get(14..)?);
    let mac = |at: usize| inner.get(at..).and_then(|bytes| bytes.first_chunk()).map(|bytes| Mac(*bytes));
    frame.macs = Some(Macs { destination: mac(0), source: mac(6)? });
    frame.vlans.push(u16::from_be_bytes([head[20], head[21]]) >> 1 & 0x0fff);
    Some(frame)
}

/// What an EtherType (or length) announces, behind all tags.
#[inline]
pub(crate) fn by_type(kind: u16, rest: &[u8]) -> Frame<'_> {
    match kind {
        ether_type::IPV4 | ether_type::IPV6 => Frame::of(Carries::Ip(rest)),
        _ => tagged(kind, rest),
    }
}

fn tagged(mut kind: u16, mut rest: &[u8]) -> Frame<'_> {
    let mut vlans = Vlans::default();
    for _ in 0..TAGS_MAX {
        // Bytes between this type and the next, and whether a VLAN stands in them.
        let (skip, vlan) = match kind {
            ether_type::VLAN | ether_type::VLAN_SERVICE => (2, true),
            kind if ether_type::VLAN_OLD.contains(&kind) => (2, true),
            ether_type::VNTAG | ether_type::HSR => (4, false),
            ether_type::ETAG | ether_type::CISCO_METADATA => (6, false),
            // A service instance (4 bytes), then the customer's destination and source (IEEE 802.1ah, section 9.7).
            ether_type::BACKBONE => (16, false),
            _ => {
                let carries = untagged(kind, rest);
                return Frame { macs: None, vlans, carries, broken: false };
            }
        };
        let (Some(tag), Some(next)) = (rest.first_chunk::<2>(), rest.get(skip..skip + 2)) else {
            return Frame { vlans, ..Frame::broken() };
        };
        if vlan {
            vlans.push(u16::from_be_bytes(*tag) & 0x0fff);
        }
        kind = next.first_chunk().map_or(0, |bytes| u16::from_be_bytes(*bytes));
        rest = rest.get(skip + 2..).unwrap_or_default();
    }
    Frame { vlans, ..Frame::broken() }
}

fn untagged(kind: u16, rest: &[u8]) -> Carries<'_> {
    match kind {
        ether_type::IPV4 | ether_type::IPV6 => Carries::Ip(rest),
        ether_type::MPLS | ether_type::MPLS_UPSTREAM => mpls(kind, rest),
        ether_type::PPPOE_SESSION => match pppoe(rest).carries {
            Carries::Nothing => Carries::Ether(kind, rest),
            carries => carries,
        },
        0..=ether_type::LENGTH_MAX => {
            let payload = if kind == 0 { rest } else { rest.get(..usize::from(kind)).unwrap_or(rest) };
            llc(payload)
        }
        _ => Carries::Ether(kind, rest),
    }
}

/// IEEE 802.2 and, for SAP 0xaa, the SNAP header (IEEE 802, section 10.3).
fn llc(data: &[u8]) -> Carries<'_> {
    match data {
        // Cisco's own types (CDP 0x2000, VTP 0x2003, DTP 0x2004) are no EtherTypes, and clash with none.
        [0xaa, 0xaa, 0x03, 0, 0, 0x0c, 0x20, low, rest @ ..] => {
            Carries::Ether(0x2000 | u16::from(*low), rest)
        }
        // Cisco's spanning tree of each VLAN, in the form of the one without VLANs.
        [0xaa, 0xaa, 0x03, 0, 0, 0x0c, 0x01, 0x0b, rest @ ..] => Carries::Llc(0x42, rest),
        [0xaa, 0xaa, 0x03, 0, 0, 0, high, low, rest @ ..] => match u16::from_be_bytes([*high, *low]) {
            ether_type::IPV4 | ether_type::IPV6 => Carries::Ip(rest),
            kind => Carries::Ether(kind, rest),
        },
        // Raw IPX, without LLC (Novell's 802.3).
        [0xff, 0xff, ..] | [] => Carries::Llc(0xff, data),
        [sap, ..] => Carries::Llc(*sap, data),
    }
}

/// RFC 3032: labels of four bytes, the last marked by the bottom-of-stack bit.
fn mpls(kind: u16, data: &[u8]) -> Carries<'_> {
    let mut rest = data;
    for _ in 0..TAGS_MAX {
        let Some((label, behind)) = rest.split_first_chunk::<4>() else { break };
        rest = behind;
        if label[2] & 1 == 1 {
            // What follows is not said; IP is told by its version.
            return match rest.first().map(|byte| byte >> 4) {
                Some(4 | 6) => Carries::Ip(rest),
                _ => Carries::Ether(kind, data),
            };
        }
    }
    Carries::Ether(kind, data)
}

/// RFC 2516, section 4: version and type, code, session, length, then PPP.
fn pppoe(data: &[u8]) -> Frame<'_> {
    data.split_first_chunk::<6>().map_or(Frame::broken(), |(_, rest)| ppp(rest))
}

/// RFC 1661 with the framing of RFC 1662 optional.
fn ppp(data: &[u8]) -> Frame<'_> {
    let data = data.strip_prefix(&[0xff, 0x03]).unwrap_or(data);
    match data {
        [0x00, 0x21 | 0x57, rest @ ..] | [0x21 | 0x57, rest @ ..] => Frame::of(Carries::Ip(rest)),
        _ => Frame::of(Carries::Nothing),
    }
}

/// PPP with direction (204) has one byte in front.
fn strip_direction(link: u32, data: &[u8]) -> &[u8] {
    if link == 204 { data.get(1..).unwrap_or_default() } else { data }
}

/// BSD loopback: a protocol family of four bytes in the byte order of the machine that captured.
fn loopback(data: &[u8]) -> Frame<'_> {
    let Some((family, rest)) = data.split_first_chunk::<4>() else { return Frame::broken() };
    let family = u32::from_le_bytes(*family).min(u32::from_be_bytes(*family));
    match family {
        // AF_INET, and the AF_INET6 of NetBSD and OpenBSD, FreeBSD, Darwin, Linux and Windows.
        2 | 10 | 23 | 24 | 28 | 30 => Frame::of(Carries::Ip(rest)),
        _ => Frame::of(Carries::Nothing),
    }
}

/// LINKTYPE_LINUX_SLL: packet type, ARPHRD type, address length, address (8), protocol.
fn cooked(data: &[u8]) -> Frame<'_> {
    let Some((head, rest)) = data.split_first_chunk::<16>() else { return Frame::broken() };
    let source = (head[5] == 6).then_some([head[6], head[7], head[8], head[9], head[10], head[11]]);
    from_one(by_type(u16::from_be_bytes([head[14], head[15]]), rest), source)
}

/// LINKTYPE_LINUX_SLL2: protocol, reserved, interface, ARPHRD type, packet type, address length, address (8).
fn cooked_2(data: &[u8]) -> Frame<'_> {
    let Some((head, rest)) = data.split_first_chunk::<20>() else { return Frame::broken() };
    let source = (head[11] == 6).then_some([head[12], head[13], head[14], head[15], head[16], head[17]]);
    from_one(by_type(u16::from_be_bytes([head[0], head[1]]), rest), source)
}

/// A frame of which only the sender is known.
fn from_one(mut frame: Frame<'_>, source: Option<[u8; 6]>) -> Frame<'_> {
    frame.macs = source.map(|source| Macs { destination: None, source: Mac(source) });
    frame
}

/// LINKTYPE_IEEE802_11_RADIOTAP: version, padding, length of the header, little-endian.
fn radiotap(data: &[u8]) -> Frame<'_> {
    let length = data
        .first_chunk::<4>()
        .map_or(usize::MAX, |head| usize::from(u16::from_le_bytes([head[2], head[3]])));
    data.get(length..).map_or(Frame::broken(), wireless)
}

/// LINKTYPE_IEEE802_11_AVS: version, length of the header, big-endian.
fn avs(data: &[u8]) -> Frame<'_> {
    let length = data
        .get(4..)
        .and_then(|rest| rest.first_chunk())
        .map_or(u32::MAX, |bytes| u32::from_be_bytes(*bytes));
    data.get(length as usize..).map_or(Frame::broken(), wireless)
}

/// IEEE 802.11-2020, section 9.2: what data frames carry that are not encrypted. Others say nothing of who talks to whom
/// above the radio.
fn wireless(data: &[u8]) -> Frame<'_> {
    const DATA: u8 = 0x08;
    const WITHOUT_DATA: u8 = 0x40;
    const QUALITY_OF_SERVICE: u8 = 0x80;
    const PROTECTED: u8 = 0x40;
    const ORDER: u8 = 0x80;
    let Some(head) = data.first_chunk::<24>() else { return Frame::of(Carries::Nothing) };
    let (control, flags) = (head[0], head[1]);
    if control & 0x0c != DATA || control & WITHOUT_DATA != 0 || flags & PROTECTED != 0 {
        return Frame::of(Carries::Nothing);
    }
    let address = |at: usize| data.get(at..).and_then(|rest| rest.first_chunk()).map(|bytes| Mac(*bytes));
    // To and from the distribution system (table 9-30).
    let (destination, source, mut length) = match flags & 3 {
        0 => (address(4), address(10), 24),
        1 => (address(16), address(10), 24),
        2 => (address(4), address(16), 24),
        _ => (address(16), address(24), 30),
    };
    if control & QUALITY_OF_SERVICE != 0 {
        length += if flags & ORDER != 0 { 6 } else { 2 };
    }
    let (Some(source), Some(payload)) = (source, data.get(length..)) else { return Frame::broken() };
    let mut frame = Frame::of(match llc(payload) {
        Carries::Ether(ether_type::IPV4 | ether_type::IPV6, rest) => Carries::Ip(rest),
        carries => carries,
    });
    frame.macs = Some(Macs { destination, source });
    frame
}

/// LINKTYPE_PPI: version, flags, length of the header, link type of what follows, little-endian.
fn per_packet_information(data: &[u8]) -> Option<Frame<'_>> {
    let head = data.first_chunk::<8>()?;
    let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
    let link = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
    // Not itself again, so that nesting ends.
    if link == 192 { None } else { frame(link, data.get(length..)?) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_type(types_and_tags: &[u8]) -> Vec<u8> {
        let mut data = vec![1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        data.extend(types_and_tags);
        data
    }

    #[test]
    fn tags_are_passed_and_their_vlans_kept() {
        let data = with_type(&[0x88, 0xa8, 0x00, 0x0a, 0x81, 0x00, 0xe0, 0x4d, 0x08, 0x00, 0x45]);
        let frame = ethernet(&data);
        assert_eq!(frame.vlans.ids(), [10, 77]);
        assert_eq!(frame.carries, Carries::Ip(&[0x45]));
        assert_eq!(frame.macs.unwrap().source, Mac([7, 8, 9, 10, 11, 12]));
    }

    #[test]
    fn a_frame_cut_within_its_tags_is_broken_not_a_panic() {
        let data = with_type(&[0x81, 0x00, 0x00, 0x01, 0x08, 0x00, 0x45]);
        for length in 0..data.len() - 1 {
            assert_eq!(ethernet(&data[..length]).broken, length < 18, "{length}");
        }
    }

    #[test]
    fn spanning_tree_and_snap_are_told_apart() {
        assert_eq!(
            ethernet(&with_type(&[0, 3, 0x42, 0x42, 3, 9, 9])).carries,
            Carries::Llc(0x42, &[0x42, 0x42, 3])
        );
        let snap = with_type(&[0, 9, 0xaa, 0xaa, 3, 0, 0, 0, 8, 6, 1]);
        assert_eq!(ethernet(&snap).carries, Carries::Ether(0x0806, &[1]));
    }
}
