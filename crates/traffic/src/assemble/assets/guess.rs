//! What an asset is in a plant, and which component type of IEC 62443-4-2: guesses out of what it does, each with its reason.
//!
//! What a device says of itself, and what its addresses tell, comes first and is never overruled. Where nothing points one
//! way, nothing is said.

use crate::dissect::DISSECTORS;
use crate::facts::Direction;
use crate::observation::{Asset, Basis, Flow, FunctionUse};
use crate::protocol::{Class, Protection, Protocol};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use zonewright_source::PacketPlace;

/// From so many devices on, one that asks them is taken for a server and not for a panel.
const SUPERVISED_MIN: usize = 4;

/// Protocols of which the answering end is of one kind, by their makers or by the standard.
const ANSWERED_BY: &[(&str, &str)] = &[
    ("s7comm", "plc"),
    ("s7comm-plus", "plc"),
    ("fins", "plc"),
    ("slmp", "plc"),
    ("melsoft", "plc"),
    ("srtp", "plc"),
    ("ads", "plc"),
    ("codesys", "plc"),
    ("dnp3", "rtu"),
    ("iec104", "rtu"),
    ("roc", "rtu"),
    ("bsap", "rtu"),
    ("mms", "ied"),
    ("c37118", "ied"),
];

/// Protocols of which the sender to a group is of one kind.
const PUBLISHED_BY: &[(&str, &str)] = &[("goose", "ied"), ("sv", "ied")];

/// Protocols that only routers begin.
const ROUTED_BY: &[&str] = &["ospf", "eigrp", "hsrp", "vrrp", "glbp", "bgp"];

/// Protocols that servers of an office network answer, and those that their clients ask.
const SERVED_BY_HOSTS: &[&str] = &["kerberos", "ldap", "tds", "nfs"];
const SPOKEN_BY_HOSTS: &[&str] = &["kerberos", "smb", "smb2", "rdp"];

/// Vendors that make one kind of device.
const MADE_BY: &[(&str, &str)] = &[
    ("axis communications", "camera"),
    ("hikvision", "camera"),
    ("dahua", "camera"),
    ("mobotix", "camera"),
    ("zebra technologies", "printer"),
    ("brother industries", "printer"),
    ("kyocera display", "printer"),
    ("lexmark", "printer"),
    ("ricoh company", "printer"),
    ("palo alto networks", "firewall"),
];

/// Kinds whose component type the standard tells (62443-4-2, section 3.1).
const TYPES: &[(&str, &[&str])] = &[
    (
        "embedded-device",
        &[
            "plc",
            "rtu",
            "ied",
            "dcs-controller",
            "sis-logic-solver",
            "remote-io",
            "drive",
            "sensor",
            "actuator",
            "robot",
            "camera",
            "printer",
        ],
    ),
    ("network-device", &["switch", "router", "firewall", "access-point", "data-diode"]),
    ("host-device", &["engineering-workstation", "workstation", "historian", "server"]),
];

/// What one asset does, as flows show it.
#[derive(Debug, Default)]
struct Doings<'a> {
    /// Protocols that it answers, and the first packet.
    serves: BTreeMap<&'a str, &'a PacketPlace>,
    /// Protocols that it asks somebody.
    asks: BTreeMap<&'a str, &'a PacketPlace>,
    /// Protocols in which it sends to a group.
    publishes: BTreeMap<&'a str, &'a PacketPlace>,
    /// It tells hosts that it is their router (RFC 4861).
    advertises: Option<&'a FunctionUse>,
    /// Its logic is loaded or read out.
    programmed: Option<&'a FunctionUse>,
    /// It loads or reads out logic.
    programs: Option<&'a FunctionUse>,
    /// Controllers that it asks, and what it asks them for.
    supervises: BTreeSet<&'a Arc<str>>,
    supervising: BTreeSet<Class>,
    supervision: Option<&'a PacketPlace>,
}

/// Says of each asset what it is taken for.
pub(super) fn guess(assets: &mut BTreeMap<Arc<str>, Asset>, flows: &[Flow]) {
    let doings = doings(flows);
    for (id, asset) in assets {
        let nothing = Doings::default();
        let doing = doings.get(id).unwrap_or(&nothing);
        if asset.kind.is_none()
            && let Some((kind, because, place)) = kind(asset, doing)
        {
            asset.kind = Some(kind.into());
            asset.basis.push(Basis { text: format!("taken for {}: {because}", named(kind)), place });
        }
        if asset.component_type.is_none()
            && let Some((component, because, place)) = component(asset, doing)
        {
            asset.component_type = Some(component.into());
            let text = format!("taken for {}: {because}", named(&component.replace('-', " ")));
            asset.basis.push(Basis { text, place });
        }
    }
}

/// With its article.
fn named(kind: &str) -> String {
    let vowel = matches!(kind, "rtu" | "hmi") || kind.starts_with(['a', 'e', 'i', 'o']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}

fn doings(flows: &[Flow]) -> BTreeMap<&Arc<str>, Doings<'_>> {
    let mut all: BTreeMap<&Arc<str>, Doings<'_>> = BTreeMap::new();
    for flow in flows {
        let Some(place) = flow.places.first() else { continue };
        let spoken: BTreeSet<&str> = (flow.protocol.iter())
            .chain(flow.functions.iter().map(|function| &function.protocol))
            .map(AsRef::as_ref)
            .collect();
        let answered = flow.packets_from_responder > 0;
        let asked = || flow.functions.iter().filter(|function| function.direction != Direction::Response);
        let programs =
            asked().find(|function| function.class == Class::Program && is_operable(&function.protocol));
        if let Some(id) = flow.responder.asset.as_ref().filter(|_| answered) {
            let doing = all.entry(id).or_default();
            first(&mut doing.serves, &spoken, flow, place);
            doing.programmed = doing.programmed.or(programs);
        }
        let Some(id) = &flow.initiator.asset else { continue };
        let doing = all.entry(id).or_default();
        let Some(other) = &flow.responder.asset else {
            let advertises = |function: &&FunctionUse| {
                &*function.protocol == "icmpv6" && function.name.as_deref() == Some("router-advertisement")
            };
            doing.advertises = doing.advertises.or_else(|| flow.functions.iter().find(advertises));
            first(&mut doing.publishes, &spoken, flow, place);
            continue;
        };
        first(&mut doing.asks, &spoken, flow, place);
        doing.programs = doing.programs.or(programs);
        let classes: BTreeSet<Class> = asked()
            .filter(|function| is_operable(&function.protocol))
            .map(|function| function.class)
            .filter(|class| matches!(class, Class::Read | Class::Write | Class::Operate))
            .collect();
        if answered && !classes.is_empty() {
            doing.supervises.insert(other);
            doing.supervising.extend(classes);
            doing.supervision = doing.supervision.or(Some(place));
        }
    }
    all
}

/// Keeps the first packet of each protocol: of its messages, where it has such.
fn first<'a>(
    known: &mut BTreeMap<&'a str, &'a PacketPlace>,
    spoken: &BTreeSet<&'a str>,
    flow: &'a Flow,
    place: &'a PacketPlace,
) {
    for name in spoken {
        let messages = flow.functions.iter().filter(|function| &*function.protocol == *name);
        let place = messages.map(|function| &function.first).next().unwrap_or(place);
        known.entry(name).or_insert(place);
    }
}

type Guess = (&'static str, String, Option<PacketPlace>);

fn kind(asset: &Asset, doing: &Doings<'_>) -> Option<Guess> {
    let first_of = |spoken: &BTreeMap<&str, &PacketPlace>, table: &[(&str, &'static str)], verb: &str| {
        table.iter().find_map(|(protocol, kind)| {
            let place = *spoken.get(protocol)?;
            Some((*kind, format!("it {verb} {protocol}"), Some(place.clone())))
        })
    };
    if let Some((protocol, place)) = ROUTED_BY.iter().find_map(|name| {
        doing.publishes.get(name).or_else(|| doing.asks.get(name)).map(|place| (*name, *place))
    }) {
        return Some(("router", format!("it speaks {protocol}"), Some(place.clone())));
    }
    if let Some(function) = doing.advertises {
        let because = "it tells hosts by icmpv6 that it is their router".to_owned();
        return Some(("router", because, Some(function.first.clone())));
    }
    if let Some(function) = doing.programmed {
        let because = format!("its logic is loaded or read out by {}", function.protocol);
        return Some(("plc", because, Some(function.first.clone())));
    }
    if let Some(found) = first_of(&doing.serves, ANSWERED_BY, "answers") {
        return Some(found);
    }
    if let Some(found) = first_of(&doing.publishes, PUBLISHED_BY, "sends") {
        return Some(found);
    }
    let serves_field = doing.serves.keys().any(|name| is_operable(name));
    if let Some(function) = doing.programs.filter(|_| !serves_field) {
        let because = format!("it loads or reads out the logic of controllers by {}", function.protocol);
        return Some(("engineering-workstation", because, Some(function.first.clone())));
    }
    if let Some((protocol, place)) =
        SERVED_BY_HOSTS.iter().find_map(|name| doing.serves.get(name).map(|place| (*name, *place)))
    {
        return Some(("server", format!("it answers {protocol}"), Some(place.clone())));
    }
    let count = doing.supervises.len();
    if count >= SUPERVISED_MIN && !serves_field {
        return Some(("server", format!("it asks {count} controllers"), doing.supervision.cloned()));
    }
    // Who only reads may be anything: a controller, a historian, a gateway.
    if count > 0 && !serves_field && doing.supervising.iter().any(|class| *class != Class::Read) {
        let because =
            format!("it operates or writes to {count} controllers, and answers no such protocol itself");
        return Some(("hmi", because, doing.supervision.cloned()));
    }
    let vendor = asset.vendor.as_deref().unwrap_or_default().to_lowercase();
    let (_, kind) = MADE_BY.iter().find(|(name, _)| vendor.contains(name))?;
    Some((kind, format!("{} makes such", asset.vendor.as_deref().unwrap_or_default()), None))
}

fn component(asset: &Asset, doing: &Doings<'_>) -> Option<Guess> {
    let operable = doing.serves.iter().find(|(name, _)| is_operable(name));
    if let Some((protocol, place)) = operable {
        let because = format!("it answers {protocol}, which operates or programs devices and cannot encrypt");
        return Some(("embedded-device", because, Some((*place).clone())));
    }
    if let Some(kind) = asset.kind.as_deref()
        && let Some((component, _)) = TYPES.iter().find(|(_, kinds)| kinds.contains(&kind))
    {
        return Some((component, format!("that is what {} is", named(kind)), None));
    }
    let spoken = SPOKEN_BY_HOSTS.iter().find_map(|name| {
        doing.serves.get(name).or_else(|| doing.asks.get(name)).map(|place| (*name, *place))
    });
    spoken.map(|(protocol, place)| ("host-device", format!("it speaks {protocol}"), Some(place.clone())))
}

/// Can a protocol operate or program a device, and is it one of those that devices speak bare? Its own table tells. Those
/// that can encrypt are spoken by software on hosts as often as by devices.
fn is_operable(name: &str) -> bool {
    static NAMES: OnceLock<BTreeSet<&str>> = OnceLock::new();
    let operates = |protocol: &&&Protocol| {
        let mut functions = protocol.elements.iter().flat_map(|element| element.functions);
        protocol.encryption == Protection::Never
            && functions
                .any(|function| matches!(function.class, Class::Operate | Class::Program | Class::Firmware))
    };
    let names = NAMES.get_or_init(|| {
        let protocols = DISSECTORS.iter().flat_map(|dissector| dissector.protocols());
        protocols.filter(operates).map(|protocol| protocol.name).collect()
    });
    names.contains(name)
}
