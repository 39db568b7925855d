//! Check sums that several protocols use.

/// The cyclic redundancy check of Modbus over serial lines (V1.02 §6.2.2), of Genisys and of ROC: polynomial 0xA001 reflected,
/// begun with ones.
pub(crate) fn crc16(data: &[u8]) -> u16 {
    data.iter().fold(0xffff_u16, |crc, byte| {
        (0..8)
            .fold(crc ^ u16::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xa001 } else { crc >> 1 })
    })
}

/// That of ITU-T V.41: polynomial 0x1021; protocols begin it with zeros or with ones.
pub(crate) fn crc16_v41(begin: u16, data: &[u8]) -> u16 {
    data.iter().fold(begin, |sum, octet| {
        let place = usize::from((sum >> 8) as u8 ^ octet);
        (sum << 8) ^ V41.get(place).copied().unwrap_or(0)
    })
}

/// What each octet adds to a sum of V.41.
#[expect(clippy::indexing_slicing, reason = "computed when this is compiled, over the whole table")]
static V41: [u16; 256] = {
    let mut sums = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        let mut sum = (octet as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 };
            bit += 1;
        }
        sums[octet] = sum;
        octet += 1;
    }
    sums
};

/// That of IEEE 802.3.
pub(crate) fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| {
                if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_one_to_nine_have_the_known_sums() {
        let digits = b"123456789";
        assert_eq!((crc16(digits), crc32(digits)), (0x4b37, 0xcbf4_3926));
        assert_eq!((crc16_v41(0, digits), crc16_v41(0xffff, digits)), (0x31c3, 0x29b1));
    }
}
