//! What services carry: who a device says it is, what is written, passwords.

use std::fmt;

use super::super::brief::Brief;
use super::super::octets::Octets;
use super::protocol::{CONFIRMED, PROTOCOL};
use super::tag::{Kind, Object, Tag, unsigned};
use super::vendors::vendor;
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::Class;

/// Object types (21, BACnetObjectType).
const OBJECT_DEVICE: u16 = 8;

/// Properties (21, BACnetPropertyIdentifier).
const APPLICATION_SOFTWARE_VERSION: u32 = 12;
const DESCRIPTION: u32 = 28;
const FIRMWARE_REVISION: u32 = 44;
const LOCATION: u32 = 58;
const MODEL_NAME: u32 = 70;
const OBJECT_NAME: u32 = 77;
const PRESENT_VALUE: u32 = 85;
const PROGRAM_CHANGE: u32 = 90;
const VENDOR_IDENTIFIER: u32 = 120;
const VENDOR_NAME: u32 = 121;
const SERIAL_NUMBER: u32 = 372;

/// Instance that stands for any device (12.11.1).
const ANY_INSTANCE: u32 = 0x3F_FFFF;

/// Tags of one message that are read; a message of 1,476 octets has room for few more.
const TAGS_MAX: usize = 1024;

/// Whom a message is about: the sender, or a device behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speaker<'a> {
    pub(super) end: End,
    /// Where the speaker stands, if it is not that end.
    pub(super) behind: Behind<'a>,
}

/// Where the device stands that sent a message.
#[derive(Debug, Clone, Copy)]
pub(super) enum Behind<'a> {
    /// It is the end itself.
    Nothing,
    /// On this network, behind a router (6.2.2).
    Router(u16),
    /// At this address, behind whoever forwarded its broadcast (J.4.5).
    Forwarder(&'a [u8]),
}

impl fmt::Display for Behind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Router(network) => write!(f, "network {network}"),
            Self::Forwarder([a, b, c, d, high, low]) => {
                write!(f, "{a}.{b}.{c}.{d}:{}", u16::from_be_bytes([*high, *low]))
            }
            Self::Forwarder(_) => f.write_str("forwarded"),
        }
    }
}

impl Speaker<'_> {
    /// Says a word of the speaker: an identity of the end; of a device behind it, a property of the session.
    fn say(self, what: Identity, value: &str, facts: &mut dyn Facts) {
        if self.is_the_end() {
            return facts.say(Fact::Identity { about: self.end, what, value });
        }
        let text = Brief::<128>::of(format_args!("{}: {value}", self.behind));
        facts.say(Fact::Property { name: "device-behind", value: text.as_str() });
    }

    const fn is_the_end(self) -> bool {
        matches!(self.behind, Behind::Nothing)
    }

    fn say_instance(self, instance: u32, facts: &mut dyn Facts) {
        if instance != ANY_INSTANCE {
            self.say(Identity::Name, Brief::<24>::of(format_args!("device {instance}")).as_str(), facts);
        }
    }

    fn say_vendor(self, number: u32, facts: &mut dyn Facts) {
        let Ok(number) = u16::try_from(number) else { return };
        match vendor(number) {
            Some(name) => self.say(Identity::Vendor, name, facts),
            None => {
                let text = Brief::<24>::of(format_args!("vendor {number}"));
                self.say(Identity::Vendor, text.as_str(), facts);
            }
        }
    }
}

/// Reads an unconfirmed service. `None` where its mandatory parameters are not there.
pub(super) fn unconfirmed(
    service: u8,
    data: &[u8],
    speaker: Speaker<'_>,
    facts: &mut dyn Facts,
) -> Option<()> {
    let mut octets = Octets::new(data);
    match service {
        0 => i_am(&mut octets, speaker, facts),
        1 => i_have(&mut octets, speaker, facts),
        13 => who_am_i(&mut octets, speaker, facts),
        _ => Some(()),
    }
}

/// I-Am (16.10.1): device, longest APDU, segmentation, vendor.
fn i_am(octets: &mut Octets<'_>, speaker: Speaker<'_>, facts: &mut dyn Facts) -> Option<()> {
    let device = Tag::read(octets)?.object().filter(|object| object.kind == OBJECT_DEVICE)?;
    let _longest = Tag::read(octets)?.unsigned()?;
    let _segmentation = Tag::read(octets)?.unsigned()?;
    let vendor = Tag::read(octets)?.unsigned()?;
    speaker.say_instance(device.instance, facts);
    speaker.say_vendor(vendor, facts);
    Some(())
}

/// I-Have (16.9.1): device, object, name of the object.
fn i_have(octets: &mut Octets<'_>, speaker: Speaker<'_>, facts: &mut dyn Facts) -> Option<()> {
    let device = Tag::read(octets)?.object().filter(|object| object.kind == OBJECT_DEVICE)?;
    let object = Tag::read(octets)?.object()?;
    speaker.say_instance(device.instance, facts);
    if object == device
        && let Some(name) = Tag::read(octets)?.text()
    {
        speaker.say(Identity::Name, name.as_str(), facts);
    }
    Some(())
}

/// Who-Am-I (16.11): vendor, model, serial number of a device that has no instance yet.
fn who_am_i(octets: &mut Octets<'_>, speaker: Speaker<'_>, facts: &mut dyn Facts) -> Option<()> {
    let vendor = Tag::read(octets)?.unsigned()?;
    let model = Tag::read(octets)?.text();
    let serial = Tag::read(octets)?.text();
    speaker.say_vendor(vendor, facts);
    for (what, text) in [(Identity::Product, model), (Identity::Serial, serial)] {
        if let Some(text) = text {
            speaker.say(what, text.as_str(), facts);
        }
    }
    Some(())
}

/// What a confirmed request does, where that hangs on its parameters.
pub(super) fn meaning(service: u8, data: &[u8]) -> Option<(&'static str, Class)> {
    let mut octets = Octets::new(data);
    match service {
        15 => written(&mut octets),
        17 => controlled(&mut octets),
        20 => reinitialized(&mut octets),
        _ => None,
    }
}

/// Counts a confirmed request.
pub(super) fn say_request(service: u8, data: &[u8], facts: &mut dyn Facts) {
    match meaning(service, data) {
        None => facts.message(&PROTOCOL, CONFIRMED, u32::from(service), Direction::Request),
        meaning => facts.say(Fact::Message(Message {
            protocol: &PROTOCOL,
            element: CONFIRMED,
            code: Code::Number(u32::from(service)),
            direction: Direction::Request,
            meaning,
        })),
    }
}

/// WriteProperty (15.9): a value is written to a point's present value; everything else of an object is its settings,
/// and the change of a program starts, stops or loads it (12.22.5).
fn written(octets: &mut Octets<'_>) -> Option<(&'static str, Class)> {
    let _object = Tag::context(octets, 0)?;
    match unsigned(Tag::context(octets, 1)?)? {
        PRESENT_VALUE => None,
        PROGRAM_CHANGE => Some(("write-property-program-change", Class::Operate)),
        _ => Some(("write-property-setting", Class::Configure)),
    }
}

/// DeviceCommunicationControl (16.1): 0 enables, 1 disables, 2 disables initiation.
fn controlled(octets: &mut Octets<'_>) -> Option<(&'static str, Class)> {
    let _minutes = Tag::context(octets, 0);
    match unsigned(Tag::context(octets, 1)?)? {
        0 => Some(("device-communication-enable", Class::Operate)),
        1 | 2 => Some(("device-communication-disable", Class::Operate)),
        _ => None,
    }
}

/// ReinitializeDevice (16.4): cold and warm start, backup and restore of the configuration, activation of changes.
fn reinitialized(octets: &mut Octets<'_>) -> Option<(&'static str, Class)> {
    match unsigned(Tag::context(octets, 0)?)? {
        0 => Some(("reinitialize-device-coldstart", Class::Operate)),
        1 => Some(("reinitialize-device-warmstart", Class::Operate)),
        2 | 3 => Some(("reinitialize-device-backup", Class::Program)),
        4..=6 => Some(("reinitialize-device-restore", Class::Program)),
        7 => Some(("reinitialize-device-activate-changes", Class::Configure)),
        _ => None,
    }
}

/// Is a password in a confirmed request, in clear text? DeviceCommunicationControl and ReinitializeDevice may have
/// one (16.1.1.1.3, 16.4.1.2).
pub(super) fn has_password(service: u8, data: &[u8]) -> bool {
    let mut octets = Octets::new(data);
    let password = match service {
        17 => {
            let _minutes = Tag::context(&mut octets, 0);
            let _state = Tag::context(&mut octets, 1);
            Tag::context(&mut octets, 2)
        }
        20 => {
            let _state = Tag::context(&mut octets, 0);
            Tag::context(&mut octets, 1)
        }
        _ => None,
    };
    // The character set comes first; nothing behind it is an empty password.
    password.is_some_and(|password| password.len() > 1)
}

/// Reads the answer to a confirmed service. `None` where its mandatory parameters are not there.
pub(super) fn answer(service: u8, data: &[u8], speaker: Speaker<'_>, facts: &mut dyn Facts) -> Option<()> {
    let mut octets = Octets::new(data);
    match service {
        12 => property(&mut octets, speaker, facts),
        14 => properties(&mut octets, speaker, facts),
        _ => Some(()),
    }
}

/// The answer to ReadProperty (15.5): object, property, index, value.
fn property(octets: &mut Octets<'_>, speaker: Speaker<'_>, facts: &mut dyn Facts) -> Option<()> {
    let object = super::tag::object(Tag::context(octets, 0)?)?;
    let property = unsigned(Tag::context(octets, 1)?)?;
    let _index = Tag::context(octets, 2);
    Tag::expect(octets, 3, Kind::Opening)?;
    let value = Tag::read(octets)?;
    say_property(object, property, &value, speaker, facts);
    Some(())
}

/// The answer to ReadPropertyMultiple (15.7): per object a list of properties, each with a value or an error.
fn properties(octets: &mut Octets<'_>, speaker: Speaker<'_>, facts: &mut dyn Facts) -> Option<()> {
    let (mut object, mut property, mut depth) = (None, None, 0_u32);
    for _ in 0..TAGS_MAX {
        if octets.is_empty() {
            break;
        }
        let tag = Tag::read(octets)?;
        match (tag.kind, tag.number, depth) {
            (Kind::Context, 0, 0) => object = super::tag::object(tag.value),
            (Kind::Context, 2, 1) => property = unsigned(tag.value),
            (Kind::Opening, ..) => depth += 1,
            (Kind::Closing, ..) => depth = depth.checked_sub(1)?,
            (Kind::Application, _, 2) => {
                if let (Some(object), Some(property)) = (object, property.take()) {
                    say_property(object, property, &tag, speaker, facts);
                }
            }
            _ => {}
        }
    }
    object.map(|_| ())
}

/// Says a property of the device object that tells who the device is.
fn say_property(object: Object, property: u32, value: &Tag<'_>, speaker: Speaker<'_>, facts: &mut dyn Facts) {
    if object.kind != OBJECT_DEVICE {
        return;
    }
    speaker.say_instance(object.instance, facts);
    if property == VENDOR_IDENTIFIER
        && let Some(number) = value.unsigned()
    {
        speaker.say_vendor(number, facts);
    }
    let Some(text) = value.text() else { return };
    let what = match property {
        OBJECT_NAME => Identity::Name,
        MODEL_NAME => Identity::Product,
        FIRMWARE_REVISION | APPLICATION_SOFTWARE_VERSION => Identity::Version,
        VENDOR_NAME => Identity::Vendor,
        SERIAL_NUMBER => Identity::Serial,
        LOCATION if speaker.is_the_end() => {
            return facts.say(Fact::Property { name: "location", value: text.as_str() });
        }
        DESCRIPTION if speaker.is_the_end() => {
            return facts.say(Fact::Property { name: "description", value: text.as_str() });
        }
        _ => return,
    };
    speaker.say(what, text.as_str(), facts);
}
