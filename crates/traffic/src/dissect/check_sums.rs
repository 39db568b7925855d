//! Check sums that several protocols use.

/// The cyclic redundancy check of Modbus over serial lines (V1.02 §6.2.2) and of Genisys: polynomial 0xA001 reflected,
/// begun with ones.
pub(crate) fn crc16(data: &[u8]) -> u16 {
    data.iter().fold(0xffff_u16, |crc, byte| {
        (0..8)
            .fold(crc ^ u16::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xa001 } else { crc >> 1 })
    })
}

/// That of ITU-T V.41: polynomial 0x1021, begun with zeros.
pub(crate) fn crc16_v41(data: &[u8]) -> u16 {
    data.iter().fold(0_u16, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
            if crc & 0x8000 != 0 { (crc << 1) ^ 0x1021 } else { crc << 1 }
        })
    })
}

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
        assert_eq!((crc16(digits), crc16_v41(digits), crc32(digits)), (0x4b37, 0x31c3, 0xcbf4_3926));
    }
}
