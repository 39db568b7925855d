//! The functions that a permit is limited to, as codes.

use crate::services::Service;
use zonewright_firewall::write::{Function, FunctionLimit};
use zonewright_plant::model::Permit;
use zonewright_traffic::protocol::{Class, Protocol};
use zonewright_traffic::vocabulary::spoken_with;

/// The protocols whose services are met inside EtherNet/IP.
const INSIDE_ENIP: [&str; 2] = ["enip", "cip"];

/// The functions that a permit is limited to; `None` where it allows every function.
///
/// Opening a session and proving an identity come with every permit, as [`crate::services::allows`] has it.
pub(super) fn limit(permit: &Permit) -> Option<FunctionLimit> {
    if permit.functions.is_empty() && permit.classes.is_empty() {
        return None;
    }
    let mut limit =
        FunctionLimit { protocol: permit.protocol.clone(), allowed: Vec::new(), others: Vec::new() };
    let Service::Known(protocol) = Service::of(&permit.protocol) else { return Some(limit) };
    for protocol in together(protocol) {
        for element in protocol.elements {
            for known in element.functions {
                let function = Function {
                    element: element.name.to_owned(),
                    code: known.code,
                    name: known.name.to_owned(),
                };
                let allowed = matches!(known.class, Class::Session | Class::Authenticate)
                    || permit.classes.iter().any(|class| class == known.class.as_str())
                    || permit.functions.iter().any(|name| name == known.name);
                if allowed { limit.allowed.push(function) } else { limit.others.push(function) }
            }
        }
    }
    Some(limit)
}

/// The protocol, with CIP where it is EtherNet/IP and the other way round.
fn together(protocol: &'static Protocol) -> impl Iterator<Item = &'static Protocol> {
    let both = INSIDE_ENIP.contains(&protocol.name);
    spoken_with(protocol)
        .filter(move |other| other.name == protocol.name || (both && INSIDE_ENIP.contains(&other.name)))
}
