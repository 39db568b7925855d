//! What a PCCC command inside a CIP service does (1770-6.5.16, chapter 7).

use super::protocol::named;
use crate::dissect::fields::{rest, u8_at};
use crate::protocol::Class;

/// Name and class of the PCCC command in the data of an *execute PCCC* request: the requester's id with its length, then
/// command, status, transaction (2), function.
pub(super) fn meaning(data: &[u8]) -> Option<(&'static str, Class)> {
    let message = rest(data, usize::from(u8_at(data, 0)?));
    let command = u8_at(message, 0)? & 0x0f;
    let function = u8_at(message, 4);
    named(match (command, function) {
        // Protected write, unprotected read, protected bit write, unprotected bit write, unprotected write.
        (0x01, _) => "pccc-read",
        (0x00 | 0x02 | 0x05 | 0x08, _) => "pccc-write",
        (0x06, Some(0 | 1 | 3 | 9)) => "pccc-diagnose",
        (0x06, Some(2 | 4..=8 | 10)) => "pccc-configure",
        (0x07, Some(0 | 1 | 3)) => "pccc-operate",
        (0x07, Some(4..=6)) => "pccc-program",
        (0x0f, Some(function)) => match function {
            0x01 | 0x04 | 0x09 | 0x17 | 0x29 | 0x68 | 0xa1 | 0xa2 | 0xa7 => "pccc-read",
            0x00 | 0x02 | 0x03 | 0x08 | 0x18 | 0x26 | 0x67 | 0x79 | 0xa9 | 0xaa | 0xab | 0xaf => "pccc-write",
            // Shutdown, restart, set CPU mode, disable forces, change CPU mode.
            0x07 | 0x0a | 0x3a | 0x41 | 0x80 => "pccc-operate",
            // Download and upload, edit resource, initialize memory.
            0x05 | 0x06 | 0x11 | 0x12 | 0x50 | 0x52 | 0x53 | 0x55 | 0x57 => "pccc-program",
            0x5e | 0x8f => "pccc-configure",
            _ => return None,
        },
        _ => return None,
    })
}
