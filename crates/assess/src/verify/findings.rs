//! Findings of a verification.

use super::Context;
use super::rows::{NOWHERE, Row};
use crate::configured::{Enforcement, enforcement};
use crate::observed::segment;
use crate::packets::{self, Extent};

use crate::rules::{Rule, declared_at, path};
use crate::services::{Service, protocol_name};
use crate::verification::{Configured, Declared, Observed, Path, PathName, Unmet};
use crate::whereabouts::Whereabout;
use crate::words;
use std::collections::{BTreeMap, BTreeSet};
use zonewright_plant::id::{AssetId, PermitId, ZoneId};
use zonewright_plant::model::{Common, Conduit, Permit, Protection};
use zonewright_plant::{EvidencePlace, Finding};
use zonewright_source::{PacketPlace, Place, Severity};
use zonewright_traffic::protocol::Class;

/// How many packets a finding names.
const PACKETS_MAX: usize = 6;

/// The findings that rows give.
pub(super) fn of_rows(context: &Context<'_>, rows: &[Row]) -> Vec<Finding> {
    rows.iter().flat_map(|row| of_row(context, row)).collect()
}

fn of_row(context: &Context<'_>, row: &Row) -> Vec<Finding> {
    let path = &row.path;
    let mut found: Vec<Finding> = named(context, row).into_iter().collect();
    for unmet in &path.unmet {
        let rule = match unmet {
            Unmet::Encryption => &path::UNMET_ENCRYPTION,
            Unmet::Authentication => &path::UNMET_AUTHENTICATION,
            // One finding for the whole conduit tells it.
            Unmet::Monitoring => continue,
        };
        let conduit = path.conduit.as_ref().map(ToString::to_string).unwrap_or_default();
        let message = format!(
            "{} from {} to {}: conduit {conduit} asks for {}, the traffic has none",
            service(path),
            path.from,
            path.to,
            unmet.as_str()
        );
        found.push(about(context, rule, row, message));
    }
    if matches!(path.name, PathName::Idle | PathName::NotObserved) && path.configured == Configured::Partly {
        let message = format!("permit {} is open in part only", permit(path));
        found.push(about(context, &path::PARTLY_OPEN, row, message));
    }
    found
}

/// The finding for the row's name, if it has one.
fn named(context: &Context<'_>, row: &Row) -> Option<Finding> {
    let path = &row.path;
    let what = service(path);
    let ends = format!("from {} ({}) to {} ({})", path.from, path.from_zone, path.to, path.to_zone);
    let packets = words::count(path.packets, "packet");
    let (rule, message) = match (path.name, path.declared) {
        (PathName::UndeclaredBypass, _) => (
            &path::UNDECLARED_BYPASS,
            format!(
                "{what} {ends} was seen ({packets}), though {} and the enforcing device closes it",
                why(path)
            ),
        ),
        (PathName::Undocumented, Declared::FunctionNotPermitted) => (
            &path::FUNCTION_NOT_PERMITTED,
            format!(
                "{what} {ends} uses {}, which permit {} does not allow ({packets})",
                words::list(&path.functions),
                permit(path)
            ),
        ),
        (PathName::Undocumented, Declared::WrongDirection) => (
            &path::WRONG_DIRECTION,
            format!(
                "{what} {ends} was begun from the end that permit {} has as the one that answers ({packets})",
                permit(path)
            ),
        ),
        (PathName::Undocumented, Declared::Expired) => (
            &path::EXPIRED,
            format!("{what} {ends} was seen after permit {} had ended ({packets})", permit(path)),
        ),
        (PathName::Undocumented, _) => {
            (&path::UNDOCUMENTED, format!("{what} {ends} was seen ({packets}); {}", why(path)))
        }
        (PathName::UnknownEndpoint, _) => (
            &path::UNKNOWN_ENDPOINT,
            format!("{what} {ends} was seen ({packets}); one end belongs to no zone"),
        ),
        (PathName::Bypass, _) => (
            &path::BYPASS,
            format!(
                "{what} {ends} is permitted by {} and was seen ({packets}), but the enforcing device closes it",
                permit(path)
            ),
        ),
        (PathName::Blocked, _) => (
            &path::BLOCKED,
            format!("permit {} ({what} {ends}) is closed on the enforcing device", permit(path)),
        ),
        (PathName::Excess, _) if path.configured == Configured::Unknown => {
            (&path::POSSIBLY_OPEN, format!("{what} {ends} may be open; {}", why(path)))
        }
        (PathName::Excess, _) => {
            let seen = match path.observed {
                Observed::NotCovered => "no capture would show it",
                _ => "was not seen",
            };
            (&path::EXCESS, format!("{what} {ends} is open and {seen}; {}", why(path)))
        }
        (PathName::Idle, _) => {
            (&path::IDLE, format!("permit {} ({what} {ends}) is not in use", permit(path)))
        }
        (PathName::Conforming | PathName::WithinZone | PathName::Enforced | PathName::NotObserved, _) => {
            return None;
        }
    };
    let mut finding = about(context, rule, row, message);
    finding.severity = severity(context, rule, row);
    Some(finding)
}

/// A row's gravity: reading what is not permitted is a warning, changing something an error; what is open from an
/// untrusted zone is graver than from a trusted one.
fn severity(context: &Context<'_>, rule: &'static Rule, row: &Row) -> Severity {
    let changes = |class: &Class| {
        matches!(
            class,
            Class::Write | Class::Operate | Class::Program | Class::Configure | Class::Firmware | Class::File
        )
    };
    let untrusted =
        |zone: &str| context.plant.zones.get(&ZoneId::from(zone)).is_some_and(|zone| !zone.trusted);
    match rule.code {
        "path/function-not-permitted" if !row.classes.iter().any(changes) => Severity::Warning,
        "path/excess" if untrusted(&row.path.from_zone) && !untrusted(&row.path.to_zone) => Severity::Error,
        _ => rule.severity,
    }
}

fn why(path: &Path) -> String {
    match (path.declared, &path.conduit) {
        (Declared::NoConduit, _) => format!("no conduit joins {} and {}", path.from_zone, path.to_zone),
        (Declared::FunctionNotPermitted, _) => {
            format!("permit {} does not allow {}", permit(path), words::list(&path.functions))
        }
        (Declared::WrongDirection, _) => format!("permit {} allows it from the other end only", permit(path)),
        (Declared::Expired, _) => format!("permit {} had ended", permit(path)),
        (_, Some(conduit)) => format!("conduit {conduit} does not permit it"),
        _ => "nothing declares it".to_string(),
    }
}

/// The path's protocol in words, with its port.
fn service(path: &Path) -> String {
    let title = title(&path.protocol);
    if path.port.is_empty() { title } else { format!("{title} (port {})", path.port) }
}

fn title(protocol: &str) -> String {
    match Service::of(protocol) {
        Service::Known(protocol) => protocol.title.to_string(),
        Service::Any => "everything".to_string(),
        _ if protocol == "other" => "other IP protocols".to_string(),
        _ => protocol.to_string(),
    }
}

fn permit(path: &Path) -> String {
    path.permit.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn about(context: &Context<'_>, rule: &'static Rule, row: &Row, message: String) -> Finding {
    let path = &row.path;
    let (kind, id) = match (&path.permit, &path.conduit, rule.code) {
        (Some(permit), _, "path/idle" | "path/blocked" | "path/partly-open") => {
            ("permit", permit.to_string())
        }
        (
            _,
            Some(conduit),
            "path/unmet-encryption" | "path/unmet-authentication" | "path/unmet-monitoring",
        ) => ("conduit", conduit.to_string()),
        _ => ("path", format!("{}>{}", path.from_zone, path.to_zone)),
    };
    let mut finding = rule.finding(kind, id, message);
    finding.discriminators = vec![path.protocol.clone(), path.port.clone(), permit(path)];
    match rule.code {
        // What tells one unknown device, one rule of a firewall from another.
        "path/unknown-endpoint" => {
            let known = if path.from_zone == NOWHERE { &path.to } else { &path.from };
            finding.discriminators.push(known.clone());
        }
        "path/excess" | "path/possibly-open" => {
            // The ports of the row, and its ends, change with what else is declared and seen.
            finding.discriminators = vec![path.protocol.clone(), row.opened.clone()];
        }
        "path/idle" | "path/blocked" | "path/partly-open" => {
            finding.discriminators.push(format!("{}>{}", path.from_zone, path.to_zone));
        }
        _ => finding.discriminators.push(path.declared.as_str().into()),
    }
    let what =
        if path.configured == Configured::Closed { "rule that closes it" } else { "rule that passes it" };
    finding.evidence = packets(&row.places);
    finding.evidence.extend(
        path.configured_basis
            .iter()
            .map(|place| EvidencePlace { place: Place::Text(place.clone()), what: what.into() }),
    );
    finding.evidence.extend(model_place(context, path));
    finding
}

fn packets(places: &[PacketPlace]) -> Vec<EvidencePlace> {
    let named = places.iter().take(PACKETS_MAX);
    named
        .map(|place| EvidencePlace { place: Place::Packet(place.clone()), what: "seen here".into() })
        .collect()
}

/// Where the permit, or else the conduit, stands in the model.
fn model_place(context: &Context<'_>, path: &Path) -> Option<EvidencePlace> {
    let conduit = context.plant.conduits.get(path.conduit.as_ref()?)?;
    let permit = path.permit.as_ref().and_then(|id| conduit.permits.iter().find(|permit| permit.id == *id));
    Some(declared_at(permit.map_or(&conduit.common, |permit| &permit.common), "id"))
}

/// Secrets in clear text. Within a zone it is a note; between zones a warning.
pub(super) fn of_flows(context: &Context<'_>) -> Vec<Finding> {
    let mut found: BTreeMap<Exposure, Exposed> = BTreeMap::new();
    for flow in context.observation.flows.iter().filter(|flow| flow.clear_text_credentials) {
        let (from, to) = context.whereabouts.ends(flow, segment(context.plant, &flow.capture_points));
        let ((from_zone, from), (to_zone, to)) = (place(&from), place(&to));
        let exposed =
            found.entry(Exposure { from_zone, to_zone, protocol: protocol_name(flow), to }).or_default();
        exposed.from.insert(from);
        exposed.places.extend(flow.places.first().cloned());
    }
    found.into_iter().map(|(exposure, exposed)| clear_text(exposure, exposed)).collect()
}

/// Who is told secrets in clear text, from which zone.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Exposure {
    from_zone: String,
    to_zone: String,
    protocol: String,
    to: String,
}

#[derive(Debug, Default)]
struct Exposed {
    from: BTreeSet<String>,
    places: BTreeSet<PacketPlace>,
}

fn clear_text(exposure: Exposure, exposed: Exposed) -> Finding {
    let Exposure { from_zone, to_zone, protocol, to } = exposure;
    let from = words::list(&exposed.from);
    let title = title(&protocol);
    let message =
        format!("{title} from {from} ({from_zone}) to {to} ({to_zone}) carries a secret in clear text");
    let rule = &path::CLEAR_TEXT_CREDENTIALS;
    let mut finding = rule.finding("path", format!("{from_zone}>{to_zone}"), message);
    finding.severity = if from_zone == to_zone { Severity::Note } else { Severity::Warning };
    finding.discriminators = vec![protocol, to];
    finding.evidence = packets(&exposed.places.into_iter().collect::<Vec<_>>());
    finding
}

fn place(end: &Whereabout) -> (String, String) {
    match end {
        Whereabout::Known { zone, who } => (zone.to_string(), who.to_string()),
        Whereabout::Unknown(who) => (NOWHERE.to_string(), who.clone()),
        Whereabout::Group => (NOWHERE.to_string(), "a group".to_string()),
    }
}

/// What the configurations lack for whole conduits.
pub(super) fn of_conduits(context: &Context<'_>, unlogged: &BTreeSet<PermitId>) -> Vec<Finding> {
    let plant = context.plant;
    let conduits: Vec<&Conduit> =
        plant.conduits.values().filter(|conduit| !conduit.common.proposed).collect();
    let mut found = Vec::new();
    for conduit in conduits {
        let permits = || conduit.permits.iter().filter(|permit| !permit.common.proposed);
        let enforcing: Vec<Enforcement> =
            permits().flat_map(|permit| enforcements(context, conduit, permit)).collect();
        let shown = enforcing.iter().any(|by| *by != Enforcement::NotShown);
        let restricted: Vec<&Permit> =
            permits().filter(|permit| !permit.functions.is_empty() || !permit.classes.is_empty()).collect();
        if shown && let Some(first) = restricted.first() {
            let named = words::list(restricted.iter().map(|permit| permit.id.as_str()));
            let message = format!(
                "conduit {} restricts functions ({named}), and its enforcing device passes or closes whole services only",
                conduit.id
            );
            found.push(conduit_finding(&path::FUNCTION_NOT_ENFORCED, conduit, message, &first.common));
        }
        if enforcing.iter().any(|by| matches!(by, Enforcement::InRow { missing: true, .. })) {
            let has = |device: &AssetId| context.devices.iter().any(|known| known.asset() == Some(device));
            let missing = words::list(conduit.enforced_by.iter().filter(|id| !has(id)).map(AssetId::as_str));
            let message = format!(
                "conduit {} is enforced by several devices in a row, and the configuration of {} does not show it",
                conduit.id,
                if missing.is_empty() { "one of them" } else { &missing }
            );
            found.push(conduit_finding(&path::ENFORCEMENT_NOT_SHOWN, conduit, message, &conduit.common));
        }
        if !shown && permits().next().is_some() {
            let message = format!("no configuration shows what is enforced on conduit {}", conduit.id);
            found.push(conduit_finding(&path::ENFORCEMENT_NOT_SHOWN, conduit, message, &conduit.common));
        }
        found.extend(unmonitored(conduit, unlogged));
    }
    found
}

fn conduit_finding(rule: &'static Rule, conduit: &Conduit, message: String, common: &Common) -> Finding {
    let mut finding = rule.finding("conduit", conduit.id.as_str(), message);
    finding.evidence = vec![declared_at(common, "id")];
    finding
}

/// Who enforces a permit, per pair of zones.
fn enforcements(context: &Context<'_>, conduit: &Conduit, permit: &Permit) -> Vec<Enforcement> {
    let by = |(from, to)| enforcement(context.plant, &context.devices, Some(from), Some(to), Some(conduit));
    packets::pairs(context.places(), permit).into_iter().map(by).collect()
}

/// Permits of monitored conduits whose new connections the enforcing device passes and surely does not log.
pub(super) fn unlogged(context: &mut Context<'_>) -> BTreeSet<PermitId> {
    let plant = context.plant;
    let mut unlogged = BTreeSet::new();
    let monitored = plant
        .conduits
        .values()
        .filter(|conduit| !conduit.common.proposed && conduit.monitoring == Protection::Required);
    for (conduit, permit) in monitored.flat_map(|conduit| conduit.permits.iter().map(move |p| (conduit, p))) {
        if !permit.common.proposed && is_unlogged(context, conduit, permit) {
            unlogged.insert(permit.id.clone());
        }
    }
    unlogged
}

fn is_unlogged(context: &mut Context<'_>, conduit: &Conduit, permit: &Permit) -> bool {
    let plant = context.plant;
    packets::pairs(context.places(), permit).into_iter().any(|(from, to)| {
        let packets = packets::of_permit(context.places(), permit, from, to, Extent::Own);
        let enforcement = enforcement(plant, &context.devices, Some(from), Some(to), Some(conduit));
        let mut logged = || {
            enforcement.devices().iter().any(|(at, way)| {
                let device = context.devices.get_mut(*at);
                device.is_some_and(|device| packets.iter().any(|class| !device.unlogged(way, class)))
            })
        };
        let logged = logged();
        !logged && enforcement.verdict(&mut context.devices, &packets) == Configured::Open
    })
}

fn unmonitored(conduit: &Conduit, unlogged: &BTreeSet<PermitId>) -> Option<Finding> {
    let silent: Vec<&Permit> =
        conduit.permits.iter().filter(|permit| unlogged.contains(&permit.id)).collect();
    let first = silent.first()?;
    let message = format!(
        "conduit {} asks for monitoring, and the enforcing device logs no new connection of {}",
        conduit.id,
        words::list(silent.iter().map(|permit| permit.id.as_str()))
    );
    Some(conduit_finding(&path::UNMET_MONITORING, conduit, message, &first.common))
}
