//! Names of vendors by the numbers that PROFIBUS & PROFINET International gives them.
//!
//! The numbers are those of its list of manufacturers as device descriptions (GSDML) and real devices show them. A
//! vendor that is not here is told by its number.

/// Vendor by number, in ascending order.
const VENDORS: &[(u16, &str)] = &[
    (0x002a, "Siemens"),
    (0x00b0, "Phoenix Contact"),
    (0x010a, "SEW-Eurodrive"),
    (0x010c, "HMS Industrial Networks"),
    (0x011d, "WAGO"),
    (0x011e, "Hilscher"),
    (0x0120, "Beckhoff"),
    (0x014d, "Festo"),
    (0x015a, "GE Intelligent Platforms"),
    (0x0493, "RT-Labs"),
];

/// The name of a vendor.
pub(crate) fn vendor(number: u16) -> Option<&'static str> {
    let at = VENDORS.binary_search_by_key(&number, |(known, _)| *known).ok()?;
    VENDORS.get(at).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vendors_are_in_order_and_found() {
        assert!(VENDORS.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(vendor(0x2a), Some("Siemens"));
        assert_eq!(vendor(0xffff), None);
    }
}
