//! Names of vendors and kinds of devices by the numbers that ODVA gives them.
//!
//! Numbers as ODVA's list of vendors and CIP Volume 1, chapter 6 (device profiles) have them, taken over into
//! Wireshark's `cip_vendor_vals` and `cip_devtype_vals`. A vendor that is not here is told by its number.

/// Vendor by number, in ascending order.
const VENDORS: &[(u16, &str)] = &[
    (1, "Rockwell Automation"),
    (2, "Namco Controls"),
    (3, "Honeywell"),
    (4, "Parker Hannifin"),
    (8, "Molex"),
    (12, "Banner Engineering"),
    (26, "Festo"),
    (40, "WAGO"),
    (43, "Balluff"),
    (44, "Yaskawa Electric America"),
    (46, "ABB"),
    (47, "Omron"),
    (48, "Turck"),
    (57, "Pepperl+Fuchs"),
    (58, "Spectrum Controls"),
    (68, "Eaton"),
    (74, "Hitachi"),
    (83, "Opto 22"),
    (90, "HMS Industrial Networks"),
    (97, "Danfoss"),
    (108, "Beckhoff"),
    (121, "KUKA"),
    (145, "Siemens"),
    (161, "Mitsubishi Electric"),
    (176, "Red Lion Controls"),
    (243, "Schneider Electric"),
    (250, "Yokogawa Electric"),
    (256, "Turck"),
    (283, "Hilscher"),
    (287, "Bosch Rexroth"),
    (309, "ProSoft Technology"),
    (315, "SEW-Eurodrive"),
    (322, "ifm electronic"),
    (326, "GE Fanuc"),
    (345, "Endress+Hauser"),
    (356, "Fanuc Robotics America"),
    (367, "Keyence"),
    (445, "Lenze"),
    (562, "Phoenix Contact"),
    (591, "Fanuc"),
    (634, "Hirschmann"),
    (640, "Murrelektronik"),
    (666, "Mettler-Toledo"),
    (678, "Cognex"),
    (808, "SICK"),
    (887, "B&R Industrial Automation"),
    (928, "GE Multilin"),
    (939, "Cisco Systems"),
    (991, "Moxa"),
    (1015, "Weidmueller"),
    (1182, "Endress+Hauser"),
];

/// Kind of device by number, in ascending order.
const DEVICE_TYPES: &[(u16, &str)] = &[
    (0x00, "Generic Device"),
    (0x02, "AC Drive"),
    (0x03, "Motor Overload"),
    (0x04, "Limit Switch"),
    (0x05, "Inductive Proximity Switch"),
    (0x06, "Photoelectric Sensor"),
    (0x07, "General Purpose Discrete I/O"),
    (0x09, "Resolver"),
    (0x0c, "Communications Adapter"),
    (0x0e, "Programmable Logic Controller"),
    (0x10, "Position Controller"),
    (0x13, "DC Drive"),
    (0x15, "Contactor"),
    (0x16, "Motor Starter"),
    (0x17, "Soft Start"),
    (0x18, "Human-Machine Interface"),
    (0x1a, "Mass Flow Controller"),
    (0x1b, "Pneumatic Valve"),
    (0x1c, "Vacuum Pressure Gauge"),
    (0x1d, "Process Control Value"),
    (0x22, "Encoder"),
    (0x23, "Safety Discrete I/O Device"),
    (0x24, "Fluid Flow Controller"),
    (0x25, "CIP Motion Drive"),
    (0x28, "CIP Modbus Device"),
    (0x29, "CIP Modbus Translator"),
    (0x2a, "Safety Analog I/O Device"),
    (0x2b, "Generic Device"),
    (0x2c, "Managed Ethernet Switch"),
    (0x2d, "CIP Motion Safety Drive Device"),
    (0x2e, "Safety Drive Device"),
    (0x33, "Circuit Breaker"),
    (0x34, "HART Device"),
    (0x35, "CIP-HART Translator"),
    (0xc8, "Embedded Component"),
];

/// The vendor of a number.
pub(super) fn vendor(id: u16) -> Option<&'static str> {
    lookup(VENDORS, id)
}

/// The kind of device of a number.
pub(super) fn device_type(id: u16) -> Option<&'static str> {
    lookup(DEVICE_TYPES, id)
}

fn lookup(table: &[(u16, &'static str)], id: u16) -> Option<&'static str> {
    let at = table.binary_search_by_key(&id, |row| row.0).ok()?;
    table.get(at).map(|row| row.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(VENDORS.is_sorted_by_key(|row| row.0) && DEVICE_TYPES.is_sorted_by_key(|row| row.0));
        assert_eq!(vendor(1), Some("Rockwell Automation"));
        assert_eq!(vendor(9), None);
    }
}
