//! Rule, permit and traffic side by side: which rule of a device serves which permit, and when something last passed by it.

use super::silent::permits;
use super::{Context, classes};
use crate::configured::enforcement;
use crate::observed::segment;
use crate::packets;
use crate::verification::RuleUse;
use crate::whereabouts::Whereabout;
use std::collections::{BTreeMap, BTreeSet};
use zonewright_firewall::reach::PacketClass;
use zonewright_plant::id::{AssetId, PermitId, ZoneId};
use zonewright_traffic::observation::Timestamp;

/// Most pairs of a rule and of something that may use it that are held against each other, for each device.
const COMPARED_MAX: usize = 3_000_000;

/// Packets of a permit on their way through a device.
struct Asked {
    permit: PermitId,
    way: crate::configured::Way,
    class: PacketClass,
}

/// Packets that were seen, between which zones, and when last.
struct Passed {
    from: Option<ZoneId>,
    to: Option<ZoneId>,
    class: PacketClass,
    last: Timestamp,
}

/// The rules of all devices that open something, with what they serve. Left out are devices with too many rules for their
/// traffic, and those of which a conduit says that they enforce it though their interfaces do not show how. Rules that let
/// translated packets through are left out too.
pub(super) fn usage(context: &mut Context<'_>) -> Vec<RuleUse> {
    let (asked, unclear) = asked(context);
    let seen = seen(context);
    let plant = context.plant;
    let mut uses = Vec::new();
    for (at, device) in context.devices.iter_mut().enumerate() {
        if device.asset().is_some_and(|asset| unclear.contains(asset)) {
            continue;
        }
        let Ok(opens) = device.opens() else { continue };
        let here = asked.get(&at).map_or(&[] as &[Asked], Vec::as_slice);
        if opens.len().saturating_mul(here.len() + seen.len()) > COMPARED_MAX {
            continue;
        }
        let permitted: Vec<_> =
            here.iter().filter_map(|one| Some((&one.permit, device.on_way(&one.way, &one.class)?))).collect();
        let passed: Vec<_> = seen
            .iter()
            .filter_map(|one| {
                let way = device.way(plant, one.from.as_ref(), one.to.as_ref())?;
                Some((device.on_way(&way, &one.class)?, one.last))
            })
            .collect();
        for (rule, opened) in opens {
            let mut meets = |set| device.have_common(opened, set);
            let permits: BTreeSet<PermitId> = permitted
                .iter()
                .filter(|(_, set)| meets(*set))
                .map(|(permit, _)| (*permit).clone())
                .collect();
            let times: Vec<Timestamp> =
                passed.iter().filter(|(set, _)| meets(*set)).map(|(_, last)| *last).collect();
            uses.push(RuleUse {
                evidence: device.evidence.id.clone(),
                device: device.asset().cloned(),
                rule,
                permits: permits.into_iter().collect(),
                seen: times.len(),
                last_seen: times.into_iter().max().and_then(civil),
            });
        }
    }
    uses
}

fn civil(moment: Timestamp) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_nanosecond(i128::from(moment.nanoseconds)).ok()
}

/// What permits in force ask of each device; and the devices that a conduit names as enforcing it, of which no way between its
/// zones is known.
fn asked(context: &Context<'_>) -> (BTreeMap<usize, Vec<Asked>>, BTreeSet<AssetId>) {
    let mut found: BTreeMap<usize, Vec<Asked>> = BTreeMap::new();
    let mut unclear = BTreeSet::new();
    for (conduit, permit) in permits(context) {
        for (from, to) in packets::joined(context.places(), conduit, permit) {
            let by = enforcement(context.plant, &context.devices, Some(from), Some(to), Some(conduit));
            let shown: Vec<&AssetId> =
                by.devices().iter().filter_map(|(at, _)| context.devices.get(*at)?.asset()).collect();
            unclear.extend(conduit.enforced_by.iter().filter(|asset| !shown.contains(asset)).cloned());
            let classes = packets::of_permit(context.places(), permit, from, to, packets::Extent::Whole);
            for (at, way) in by.devices() {
                let all = found.entry(*at).or_default();
                all.extend(classes.iter().map(|class| Asked {
                    permit: permit.id.clone(),
                    way: way.clone(),
                    class: class.clone(),
                }));
            }
        }
    }
    (found, unclear)
}

/// The packets of every flow between zones that crosses no tunnel, each kind once.
fn seen(context: &Context<'_>) -> Vec<Passed> {
    let mut found: BTreeMap<_, Passed> = BTreeMap::new();
    for flow in context.observation.flows.iter().filter(|flow| flow.inside.is_none()) {
        let Some(class) = classes::of_flow(flow) else { continue };
        let (from, to) = context.whereabouts.ends(flow, segment(context.plant, &flow.capture_points));
        let zone = |end: &Whereabout| match end {
            Whereabout::Known { zone, .. } => Some(Some(zone.clone())),
            Whereabout::Unknown(_) => Some(None),
            Whereabout::Group => None,
        };
        let (Some(from), Some(to)) = (zone(&from), zone(&to)) else { continue };
        if from == to {
            continue;
        }
        let key = (flow.initiator.ip, flow.responder.ip, flow.transport, flow.responder.port);
        let known = found.entry(key).or_insert(Passed { from, to, class, last: flow.last_seen });
        known.last = known.last.max(flow.last_seen);
    }
    found.into_values().collect()
}
