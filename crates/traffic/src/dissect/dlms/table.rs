//! DLMS/COSEM as data: its APDUs, what they do to which objects, and their classes.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The port that is registered for DLMS/COSEM.
pub(super) const PORT: u16 = 4059;

/// Index of the element that counts APDUs.
pub(super) const APDU: u8 = 0;
/// Index of the element that counts frames of the HDLC profile.
pub(super) const FRAME: u8 = 1;

/// DLMS/COSEM, in the wrapper of the IP profile and in HDLC carried over TCP.
pub static PROTOCOL: Protocol = Protocol {
    name: "dlms",
    title: "DLMS/COSEM",
    carriers: &[Carrier::Tcp(PORT), Carrier::Udp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[
        Element { name: "apdu", functions: APDUS, default_class: Class::Other },
        Element { name: "frame", functions: FRAMES, default_class: Class::Session },
    ],
    documents: &[
        "DLMS UA 1000-2 Ed. 9 (Green Book), sections 7, 8, 9 and 11 (IEC 62056-5-3, 62056-46, 62056-47)",
        "DLMS UA 1000-1 Ed. 13 (Blue Book), interface classes and OBIS codes (IEC 62056-6-1, 62056-6-2)",
    ],
};

/// Tags of APDUs (Green Book, section 9.5); a tag again for what it does to an object of a certain class.
const APDUS: &[Function] = &[
    function(0x01, "initiate-request", Class::Session),
    function(0x05, "read-request", Class::Read),
    function(0x06, "write-request", Class::Write),
    function(0x08, "initiate-response", Class::Session),
    function(0x0c, "read-response", Class::Read),
    function(0x0d, "write-response", Class::Write),
    function(0x0e, "confirmed-service-error", Class::Session),
    function(0x0f, "data-notification", Class::Read),
    function(0x16, "unconfirmed-write-request", Class::Write),
    function(0x18, "information-report", Class::Read),
    function(0x21, "glo-initiate-request", Class::Session),
    function(0x25, "glo-read-request", Class::Read),
    function(0x26, "glo-write-request", Class::Write),
    function(0x28, "glo-initiate-response", Class::Session),
    function(0x2c, "glo-read-response", Class::Read),
    function(0x2d, "glo-write-response", Class::Write),
    function(0x2e, "glo-confirmed-service-error", Class::Session),
    function(0x36, "glo-unconfirmed-write-request", Class::Write),
    function(0x38, "glo-information-report", Class::Read),
    function(0x45, "ded-read-request", Class::Read),
    function(0x46, "ded-write-request", Class::Write),
    function(0x4c, "ded-read-response", Class::Read),
    function(0x4d, "ded-write-response", Class::Write),
    function(0x4e, "ded-confirmed-service-error", Class::Session),
    function(0x56, "ded-unconfirmed-write-request", Class::Write),
    function(0x58, "ded-information-report", Class::Read),
    function(0x60, "associate-request", Class::Authenticate),
    function(0x61, "associate-response", Class::Authenticate),
    function(0x62, "release-request", Class::Session),
    function(0x63, "release-response", Class::Session),
    function(GET as u32, "get-request", Class::Read),
    function(GET as u32, "get-object-list", Class::Discover),
    function(SET as u32, "set-request", Class::Write),
    function(SET as u32, "set-clock", Class::Time),
    function(SET as u32, "set-security", Class::Configure),
    function(SET as u32, "set-control", Class::Configure),
    function(SET as u32, "set-communication", Class::Configure),
    function(SET as u32, "set-image-transfer", Class::Firmware),
    function(0xc2, "event-notification", Class::Alarm),
    function(ACTION as u32, "action-request", Class::Operate),
    function(ACTION as u32, "remote-disconnect", Class::Operate),
    function(ACTION as u32, "remote-reconnect", Class::Operate),
    function(ACTION as u32, "execute-script", Class::Operate),
    function(ACTION as u32, "adjust-clock", Class::Time),
    function(ACTION as u32, "image-transfer", Class::Firmware),
    function(ACTION as u32, "reply-to-hls-authentication", Class::Authenticate),
    function(ACTION as u32, "change-security", Class::Configure),
    function(0xc4, "get-response", Class::Read),
    function(0xc5, "set-response", Class::Write),
    function(0xc7, "action-response", Class::Operate),
    function(0xc8, "glo-get-request", Class::Read),
    function(0xc9, "glo-set-request", Class::Write),
    function(0xca, "glo-event-notification", Class::Alarm),
    function(0xcb, "glo-action-request", Class::Operate),
    function(0xcc, "glo-get-response", Class::Read),
    function(0xcd, "glo-set-response", Class::Write),
    function(0xcf, "glo-action-response", Class::Operate),
    function(0xd0, "ded-get-request", Class::Read),
    function(0xd1, "ded-set-request", Class::Write),
    function(0xd2, "ded-event-notification", Class::Alarm),
    function(0xd3, "ded-action-request", Class::Operate),
    function(0xd4, "ded-get-response", Class::Read),
    function(0xd5, "ded-set-response", Class::Write),
    function(0xd7, "ded-action-response", Class::Operate),
    function(0xd8, "exception-response", Class::Session),
    function(ACCESS as u32, "access-request", Class::Read),
    function(ACCESS as u32, "access-set", Class::Write),
    function(ACCESS as u32, "access-action", Class::Operate),
    function(0xda, "access-response", Class::Read),
    function(0xdb, "general-glo-ciphering", Class::Other),
    function(0xdc, "general-ded-ciphering", Class::Other),
    function(0xdd, "general-ciphering", Class::Other),
    function(0xdf, "general-signing", Class::Other),
    function(0xe0, "general-block-transfer", Class::Other),
];

/// Reads an attribute.
pub(super) const GET: u8 = 0xc0;
/// Writes an attribute.
pub(super) const SET: u8 = 0xc1;
/// Invokes a method.
pub(super) const ACTION: u8 = 0xc3;
/// Does several of these.
pub(super) const ACCESS: u8 = 0xd9;

/// Frames by control field, its numbers and poll bit left out (Green Book, section 8.4.3).
const FRAMES: &[Function] = &[
    function(0x00, "information", Class::Session),
    function(0x01, "receive-ready", Class::Session),
    function(0x05, "receive-not-ready", Class::Session),
    function(0x83, "set-normal-response-mode", Class::Session),
    function(0x43, "disconnect", Class::Session),
    function(0x63, "unnumbered-acknowledge", Class::Session),
    function(0x0f, "disconnected-mode", Class::Session),
    function(0x87, "frame-reject", Class::Session),
    function(0x03, "unnumbered-information", Class::Session),
];

/// Is a frame of this control field known?
pub(super) fn is_frame(control: u32) -> bool {
    FRAMES.iter().any(|known| known.code == control)
}

/// Is an APDU of this tag known?
pub(super) fn is_apdu(tag: u8) -> bool {
    APDUS.iter().any(|known| known.code == u32::from(tag))
}

/// What an APDU does to an object: tag, first and last interface class, attribute or method (0: any), the function's name.
/// Interface classes are those of the Blue Book, section 4.
const EFFECTS: &[(u8, u16, u16, u8, &str)] = &[
    (GET, 12, 12, 2, "get-object-list"),
    (GET, 15, 15, 2, "get-object-list"),
    (SET, 8, 8, 0, "set-clock"),
    // Associations and security.
    (SET, 12, 12, 0, "set-security"),
    (SET, 15, 15, 0, "set-security"),
    (SET, 64, 64, 0, "set-security"),
    // Scripts, schedules, tariffs; disconnectors, limiters; payment.
    (SET, 9, 11, 0, "set-control"),
    (SET, 20, 22, 0, "set-control"),
    (SET, 65, 71, 0, "set-control"),
    (SET, 111, 115, 0, "set-control"),
    // Serial lines, modems, push, network.
    (SET, 19, 19, 0, "set-communication"),
    (SET, 23, 25, 0, "set-communication"),
    (SET, 27, 29, 0, "set-communication"),
    (SET, 40, 48, 0, "set-communication"),
    (SET, 18, 18, 0, "set-image-transfer"),
    (ACTION, 70, 70, 1, "remote-disconnect"),
    (ACTION, 70, 70, 2, "remote-reconnect"),
    (ACTION, 9, 9, 1, "execute-script"),
    (ACTION, 8, 8, 0, "adjust-clock"),
    (ACTION, 18, 18, 0, "image-transfer"),
    (ACTION, 15, 15, 1, "reply-to-hls-authentication"),
    (ACTION, 12, 12, 8, "reply-to-hls-authentication"),
    (ACTION, 12, 12, 0, "change-security"),
    (ACTION, 15, 15, 0, "change-security"),
    (ACTION, 64, 64, 0, "change-security"),
];

/// What an APDU does to an attribute or method of an interface class, where it says more than the tag.
pub(super) fn effect(tag: u8, class: u16, member: u8) -> Option<&'static Function> {
    let (.., name) = EFFECTS.iter().find(|(of, first, last, at, _)| {
        *of == tag && (*first..=*last).contains(&class) && (*at == 0 || *at == member)
    })?;
    PROTOCOL.function_named(name)
}

/// Application contexts (Green Book, section 9.4.2.2.2).
pub(super) const fn context(number: u8) -> &'static str {
    match number {
        1 => "logical-names",
        2 => "short-names",
        3 => "logical-names-ciphered",
        4 => "short-names-ciphered",
        _ => "other",
    }
}

/// Authentication mechanisms (Green Book, section 9.4.2.2.3).
pub(super) const fn mechanism(number: u8) -> &'static str {
    match number {
        0 => "lowest",
        1 => "low",
        2 => "high",
        3 => "high-md5",
        4 => "high-sha1",
        5 => "high-gmac",
        6 => "high-sha256",
        7 => "high-ecdsa",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_effect_is_in_its_table() {
        for (tag, class, _, member, name) in EFFECTS {
            assert_eq!(effect(*tag, *class, *member).map(|effect| effect.name), Some(*name));
            assert!(APDUS.iter().any(|known| known.code == u32::from(*tag) && known.name == *name));
        }
    }
}
