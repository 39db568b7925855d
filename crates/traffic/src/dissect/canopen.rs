//! Objects of CANopen devices, which EtherCAT and POWERLINK took over: what writing one does, what one says of the
//! device (CiA 301, 7.5; CiA 302-3; ETG.1000.6, 5.6.7; EPSG DS 301, 7.2).

use crate::facts::Identity;
use crate::protocol::{Class, Function, function};

/// What a download into an object does: rows for the tables of protocols. They have no codes of their own.
pub(crate) const DOWNLOADS: [Function; 3] = [
    function(1, "sdo-download", Class::Write),
    function(1, "sdo-download-configuration", Class::Configure),
    function(1, "sdo-download-program", Class::Firmware),
];

/// Name and class of a download into an object.
pub(crate) const fn download(index: u16) -> (&'static str, Class) {
    let [value, configuration, program] = &DOWNLOADS;
    let row = match index {
        // Program data and control, flash status, verification (CiA 302-3).
        0x1F50..=0x1F57 => program,
        // Communication profile; configuration of modules (ETG.5001).
        0x1000..=0x1FFF | 0x8000..=0x8FFF => configuration,
        _ => value,
    };
    (row.name, row.class)
}

/// What an object says of the device, if it tells who that is.
pub(crate) const fn identity(index: u16, subindex: u8) -> Option<Identity> {
    Some(match (index, subindex) {
        (0x1000, 0) => Identity::Kind,
        (0x1008, 0) | (0x1018, 2) => Identity::Product,
        (0x1009 | 0x100A, 0) | (0x1018, 3) => Identity::Version,
        (0x1018, 1) => Identity::Vendor,
        (0x1018, 4) => Identity::Serial,
        _ => return None,
    })
}
