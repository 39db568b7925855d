//! Seen paths: each flow located, judged and merged into the fewest rows per zone pair, service and permit.

use super::{Context, classes};
use crate::configured::{Enforcement, enforcement};
use crate::declared::Judgement;
use crate::observed::segment;
use crate::services::{asked, function_name, protocol_name};
use crate::verification::{Configured, Declared, Observed, Path, PathName, Unmet};
use crate::whereabouts::{Whereabout, Who};
use crate::words;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use zonewright_firewall::reach::PacketClass;
use zonewright_plant::id::{ConduitId, PermitId, ZoneId};
use zonewright_plant::model::{Conduit, Protection};
use zonewright_source::{PacketPlace, TextPlace};
use zonewright_traffic::observation::{Flow, Timestamp};
use zonewright_traffic::protocol::{self, Class};
use zonewright_traffic::vocabulary::protocol_named;

/// The word for a zone that is not known.
pub(super) const NOWHERE: &str = "?";

/// A path with what its findings need beyond the row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) path: Path,
    pub(super) classes: BTreeSet<Class>,
    pub(super) places: Vec<PacketPlace>,
    // The permits that allow what was seen.
    pub(super) allowing: BTreeSet<PermitId>,
    // What is open in full, by the rule that opens it: it stays the same when parts of it are declared or seen.
    pub(super) opened: String,
}

/// What tells rows apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    from_zone: String,
    to_zone: String,
    protocol: String,
    port: String,
    declared: Declared,
    permit: Option<PermitId>,
    configured: Configured,
    unmet: Vec<Unmet>,
    known_end: String,
}

#[derive(Debug, Default)]
struct Merged {
    from: BTreeSet<String>,
    to: BTreeSet<String>,
    functions: BTreeSet<String>,
    classes: BTreeSet<Class>,
    conduit: Option<ConduitId>,
    allowing: BTreeSet<PermitId>,
    basis: BTreeSet<TextPlace>,
    basis_asked: usize,
    flows: BTreeSet<String>,
    // Packets per conversation, the most that one capture point saw: the same packet counts once.
    packets: BTreeMap<(String, String), u64>,
    places: BTreeSet<PacketPlace>,
    enforcement_shown: bool,
}

/// One row per path that was seen.
pub(super) fn seen(context: &mut Context<'_>) -> Vec<Row> {
    let mut rows: BTreeMap<Key, Merged> = BTreeMap::new();
    let observation = context.observation;
    for flow in &observation.flows {
        if flow.inside.is_some() {
            // The tunnel is what crosses the boundary; what it carries is judged where it leaves the tunnel.
            continue;
        }
        place_flow(context, flow, &mut rows);
    }
    rows.into_iter().map(|(key, merged)| row(key, merged)).collect()
}

fn place_flow(context: &mut Context<'_>, flow: &Flow, rows: &mut BTreeMap<Key, Merged>) {
    let plant = context.plant;
    let (from, to) = context.whereabouts.ends(flow, segment(plant, &flow.capture_points));
    match (&from, &to) {
        (Whereabout::Group, _) | (_, Whereabout::Group) => {}
        (Whereabout::Known { zone: a, who: from }, Whereabout::Known { zone: b, who: to }) if a == b => {
            let judgement = unjudged(Declared::WithinZone);
            let ends = Ends { zones: (Some(a), Some(b)), who: (from.to_string(), to.to_string()) };
            add(rows, flow, &ends, &judgement, &Enforced::NOT);
        }
        (Whereabout::Known { zone: a, who: from }, Whereabout::Known { zone: b, who: to }) => {
            cross(context, flow, (a, from), (b, to), rows);
        }
        _ => unknown_end(context, flow, &from, &to, rows),
    }
}

struct Ends<'a> {
    zones: (Option<&'a ZoneId>, Option<&'a ZoneId>),
    who: (String, String),
}

impl Ends<'_> {
    fn reversed(&self) -> Self {
        let (who, zones) = (&self.who, self.zones);
        Self { zones: (zones.1, zones.0), who: (who.1.clone(), who.0.clone()) }
    }
}

/// What the devices on the path say of a flow.
struct Enforced {
    verdict: Configured,
    class: Option<PacketClass>,
    by: Enforcement,
}

impl Enforced {
    const NOT: Self = Self { verdict: Configured::Unknown, class: None, by: Enforcement::NotShown };
}

fn unjudged<'p>(declared: Declared) -> Judgement<'p> {
    Judgement {
        declared,
        permit: None,
        conduit: None,
        allowing: BTreeSet::new(),
        reversed: false,
        functions: BTreeSet::new(),
        classes: BTreeSet::new(),
    }
}

fn cross(
    context: &mut Context<'_>,
    flow: &Flow,
    from: (&ZoneId, &Who),
    to: (&ZoneId, &Who),
    rows: &mut BTreeMap<Key, Merged>,
) {
    let ends = Ends { zones: (Some(from.0), Some(to.0)), who: (from.1.to_string(), to.1.to_string()) };
    for judgement in context.conduits.judge(from, to, flow, day(flow.last_seen)) {
        let (ends, class) = if judgement.reversed {
            (ends.reversed(), classes::of_reversed(flow))
        } else {
            (Ends { who: ends.who.clone(), ..ends }, classes::of_flow(flow))
        };
        let enforced = enforced(context, class, &ends, judgement.conduit);
        let merged = add(rows, flow, &ends, &judgement, &enforced);
        add_basis(context, merged, &enforced);
    }
}

fn unknown_end(
    context: &mut Context<'_>,
    flow: &Flow,
    from: &Whereabout,
    to: &Whereabout,
    rows: &mut BTreeMap<Key, Merged>,
) {
    fn split(end: &Whereabout) -> (Option<&ZoneId>, String) {
        match end {
            Whereabout::Known { zone, who } => (Some(zone), who.to_string()),
            Whereabout::Unknown(who) => (None, who.clone()),
            Whereabout::Group => (None, String::new()),
        }
    }
    let ((from_zone, from), (to_zone, to)) = (split(from), split(to));
    let ends = Ends { zones: (from_zone, to_zone), who: (from, to) };
    let enforced = enforced(context, classes::of_flow(flow), &ends, None);
    let merged = add(rows, flow, &ends, &unjudged(Declared::UnknownEndpoint), &enforced);
    add_basis(context, merged, &enforced);
}

/// What the devices on the path say of the packets of a flow.
fn enforced(
    context: &mut Context<'_>,
    class: Option<PacketClass>,
    ends: &Ends<'_>,
    conduit: Option<&Conduit>,
) -> Enforced {
    let Some(class) = class else { return Enforced::NOT };
    let by = enforcement(context.plant, &context.devices, ends.zones.0, ends.zones.1, conduit);
    let verdict = by.verdict(&mut context.devices, std::slice::from_ref(&class));
    Enforced { verdict, class: Some(class), by }
}

/// Of how many flows of a row the configuration lines are looked up: they are the same rules again and again, and each
/// look-up walks the whole configuration.
const BASIS_ASKED_MAX: usize = 2;

fn add_basis(context: &mut Context<'_>, merged: &mut Merged, enforced: &Enforced) {
    let Some(class) = &enforced.class else { return };
    if merged.basis_asked >= BASIS_ASKED_MAX {
        return;
    }
    merged.basis_asked += 1;
    for (at, way) in enforced.by.devices() {
        if let Some(device) = context.devices.get_mut(*at) {
            merged.basis.extend(device.basis(way, class, enforced.verdict));
        }
    }
}

fn add<'r>(
    rows: &'r mut BTreeMap<Key, Merged>,
    flow: &Flow,
    ends: &Ends<'_>,
    judgement: &Judgement<'_>,
    enforced: &Enforced,
) -> &'r mut Merged {
    let zone = |zone: Option<&ZoneId>| zone.map_or_else(|| NOWHERE.to_string(), ToString::to_string);
    let unknown = judgement.declared == Declared::UnknownEndpoint;
    let within = judgement.declared == Declared::WithinZone;
    // What was taken for the port that answers is the asking end's own where the ends were guessed wrong.
    let port = flow.responder.port.filter(|_| !within && !judgement.reversed);
    let key = Key {
        from_zone: zone(ends.zones.0),
        to_zone: zone(ends.zones.1),
        protocol: protocol_name(flow),
        port: port.map(|port| port.to_string()).unwrap_or_default(),
        declared: judgement.declared,
        permit: judgement.permit.map(|permit| permit.id.clone()),
        configured: enforced.verdict,
        unmet: unmet(flow, judgement),
        known_end: match (unknown, ends.zones) {
            (true, (Some(_), _)) => ends.who.0.clone(),
            (true, (_, Some(_))) => ends.who.1.clone(),
            _ => String::new(),
        },
    };
    let merged = rows.entry(key).or_default();
    merged.from.insert(ends.who.0.clone());
    merged.to.insert(ends.who.1.clone());
    merged.functions.extend(judgement.functions.iter().cloned());
    merged.classes.extend(judgement.classes.iter().copied());
    merged.conduit = merged.conduit.take().or_else(|| judgement.conduit.map(|conduit| conduit.id.clone()));
    merged.allowing.extend(judgement.allowing.iter().copied().cloned());
    merged.flows.insert(flow.id.to_string());
    let packets = merged.packets.entry(ends.who.clone()).or_default();
    *packets = (*packets).max(flow.packets);
    let of_row =
        asked(flow).filter(|f| judgement.functions.contains(&function_name(f))).map(|f| &f.first).min();
    merged.places.extend(of_row.or_else(|| flow.places.first()).cloned());
    merged.enforcement_shown |= enforced.by.shows(enforced.verdict);
    merged
}

fn row(key: Key, merged: Merged) -> Row {
    let name = name(key.declared, key.configured);
    let path = Path {
        from_zone: key.from_zone,
        to_zone: key.to_zone,
        from: words::list(&merged.from),
        to: words::list(&merged.to),
        protocol: key.protocol,
        port: key.port,
        functions: merged.functions.into_iter().collect(),
        declared: key.declared,
        permit: key.permit,
        conduit: merged.conduit,
        unmet: key.unmet,
        configured: key.configured,
        configured_basis: merged.basis.into_iter().take(crate::configured::BASIS_MAX).collect(),
        observed: Observed::Seen,
        flows: merged.flows.into_iter().collect(),
        packets: merged.packets.values().sum(),
        name,
        enforcement_shown: merged.enforcement_shown,
    };
    Row {
        path,
        classes: merged.classes,
        places: merged.places.into_iter().collect(),
        allowing: merged.allowing,
        opened: String::new(),
    }
}

/// The name of what was seen. Where *configured* is unknown the declared × observed verdict stands; where the device
/// passes a part, what was seen is taken for that part.
const fn name(declared: Declared, configured: Configured) -> PathName {
    match (declared, configured) {
        (Declared::WithinZone, _) => PathName::WithinZone,
        (Declared::UnknownEndpoint, _) => PathName::UnknownEndpoint,
        (Declared::Permitted, Configured::Closed) => PathName::Bypass,
        (Declared::Permitted, _) => PathName::Conforming,
        (_, Configured::Closed) => PathName::UndeclaredBypass,
        _ => PathName::Undocumented,
    }
}

/// What the conduit asks for and the flow lacks. What was not shown is not lacking.
fn unmet(flow: &Flow, judgement: &Judgement<'_>) -> Vec<Unmet> {
    let (Declared::Permitted | Declared::Expired, Some(conduit)) = (judgement.declared, judgement.conduit)
    else {
        return Vec::new();
    };
    let described = flow.protocol.as_deref().and_then(protocol_named);
    let lacks = |seen: Option<bool>, can: Option<protocol::Protection>| {
        seen == Some(false) || (seen.is_none() && can == Some(protocol::Protection::Never))
    };
    let mut unmet = Vec::new();
    if conduit.encryption == Protection::Required && lacks(flow.encrypted, described.map(|p| p.encryption)) {
        unmet.push(Unmet::Encryption);
    }
    if conduit.authentication == Protection::Required
        && lacks(flow.authenticated, described.map(|p| p.authentication))
    {
        unmet.push(Unmet::Authentication);
    }
    unmet
}

/// The day of a moment, in UTC.
fn day(moment: Timestamp) -> Date {
    jiff::Timestamp::from_nanosecond(i128::from(moment.nanoseconds))
        .map(|timestamp| timestamp.to_zoned(jiff::tz::TimeZone::UTC).date())
        .unwrap_or_default()
}
