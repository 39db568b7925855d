//! What a flow shows of itself, in the terms that several deciders share. Protocols are told apart by what their
//! description says of them, never by name.

use zonewright_traffic::facts::Direction;
use zonewright_traffic::observation::Flow;
use zonewright_traffic::protocol::{Class, Protection, Protocol};
use zonewright_traffic::vocabulary::protocol_named;

/// Does a function of this class carry information of a process or device? Finding devices, keeping sessions, the time of
/// day and health checks do not.
pub(super) const fn carries(class: Class) -> bool {
    matches!(class, Class::Read | Class::Alarm) || changes(class)
}

/// Does it change something?
pub(super) const fn changes(class: Class) -> bool {
    matches!(
        class,
        Class::Write | Class::Operate | Class::Program | Class::Configure | Class::Firmware | Class::File
    )
}

/// Does the flow carry information of a process or device, or a secret?
pub(super) fn is_informative(flow: &Flow) -> bool {
    flow.clear_text_credentials || flow.functions.iter().any(|function| carries(function.class))
}

/// Was something of these classes asked for, and did the other end answer with a message of its own?
pub(super) fn answered(flow: &Flow, wanted: fn(Class) -> bool) -> bool {
    let asked = flow.functions.iter().any(|f| f.direction != Direction::Response && wanted(f.class));
    let answers = flow.functions.iter().any(|f| f.direction == Direction::Response);
    let one_way = flow.functions.iter().all(|f| f.direction == Direction::None);
    asked && (answers || (one_way && flow.packets_from_responder > 0))
}

/// The description of the flow's protocol.
pub(super) fn described(flow: &Flow) -> Option<&'static Protocol> {
    flow.protocol.as_deref().and_then(protocol_named)
}

/// The protocol in words.
pub(super) fn title(flow: &Flow) -> &str {
    described(flow).map_or_else(|| flow.protocol.as_deref().unwrap_or("an unknown protocol"), |p| p.title)
}

/// Did the peers prove who they are? None: not shown.
pub(super) fn authenticates(flow: &Flow) -> Option<bool> {
    flow.authenticated.or_else(|| always(described(flow)?.authentication))
}

/// Was what they said hidden? None: not shown.
pub(super) fn encrypts(flow: &Flow) -> Option<bool> {
    flow.encrypted.or_else(|| always(described(flow)?.encryption))
}

/// Would a change of what they said be noticed, by cryptography? None: not shown.
///
/// Where a protocol can do it, the security mode of its sessions tells, else whether messages were authenticated; that
/// commands went without any is shown by the commands.
pub(super) fn protects_integrity(flow: &Flow) -> Option<bool> {
    let protocol = described(flow)?;
    if let Some(always) = always(protocol.integrity) {
        return Some(always);
    }
    let mut modes = properties(flow, "security-mode").peekable();
    if modes.peek().is_some() {
        return Some(!modes.any(|mode| mode == "None"));
    }
    let commands = flow.functions.iter().any(|function| changes(function.class));
    flow.authenticated.or_else(|| commands.then_some(false))
}

const fn always(protection: Protection) -> Option<bool> {
    match protection {
        Protection::Never => Some(false),
        Protection::Always => Some(true),
        Protection::Sometimes => None,
    }
}

/// The values of a property.
pub(super) fn properties<'f>(flow: &'f Flow, name: &'f str) -> impl Iterator<Item = &'f str> {
    let of = flow.properties.iter().filter(move |property| property.name.as_ref() == name);
    of.map(|property| property.value.as_ref())
}

/// Has it a property of this name?
pub(super) fn has(flow: &Flow, name: &str) -> bool {
    properties(flow, name).next().is_some()
}
