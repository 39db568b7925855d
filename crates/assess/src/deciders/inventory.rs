//! The inventory against what was seen: devices nobody declared, and properties that are out of date.

use super::gather::{Gather, Reason, seen};
use super::{Decider, Judged, Judgement, Located, Power, Says, Side, World, Worlds};
use crate::rules::declared_at;
use std::collections::{BTreeMap, BTreeSet};
use zonewright_plant::EvidencePlace;
use zonewright_plant::id::{AssetId, EvidenceId, ZoneId};
use zonewright_plant::model::Asset;
use zonewright_source::Place;
use zonewright_traffic::observation::Asset as SeenAsset;

pub(super) static INVENTORY: Decider = Decider {
    code: "inventory-against-captures",
    title: "the inventory against what was seen",
    requirements: &[("SR 7.8", Power::Refute), ("SR 7.8", Power::Support)],
    reads: &["captures", "inventories"],
    coverage: "to refute, one device or property; for support, a capture on the zone's own network, and every host that spoke in it declared with a vendor and model or a product",
    says: "A host that spoke in a zone and that no asset stands for, and an asset that says another version or serial number of itself than the inventory, show that the inventory is not current. Where every host that spoke is declared, that speaks for it.",
    limits: "Silent devices, devices without an IP address, and software on a host are not seen. Versions are compared as far as both say them. An address that a protocol gives to a network card rather than the device is told by its serial number only where both give one.",
    judge: inventory,
};

pub(super) static MALWARE: Decider = Decider {
    code: "malware-protection-listed",
    title: "hosts whose software list names a protection against malware",
    requirements: &[("SR 3.2", Power::Support)],
    reads: &["inventories"],
    coverage: "a software list of the asset",
    says: "A host whose software list names a product that keeps out or finds malicious code has something to do it with.",
    limits: "The words that are looked for are a short list. Whether it is switched on, current and watched is not in a list: it never decides. A host without one may be protected otherwise and is left alone.",
    judge: malware,
};

fn inventory(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    let mut spoke: BTreeMap<&ZoneId, BTreeSet<&AssetId>> = BTreeMap::new();
    let mut strangers: BTreeSet<&ZoneId> = BTreeSet::new();
    for located in &worlds.flows {
        for (side, _) in speakers(located) {
            let Some(zone) = worlds.inside(side.zone) else { continue };
            match side.asset {
                Some(asset) => {
                    spoke.entry(&zone.id).or_default().insert(asset);
                }
                None => {
                    strangers.insert(&zone.id);
                    stranger(&mut gather, &zone.id, side, located);
                }
            }
        }
    }
    let mut outdated: BTreeSet<&ZoneId> = BTreeSet::new();
    for seen in &worlds.observation.assets {
        if let Some(asset) = declared(worlds, seen) {
            let differs = differences(&mut gather, worlds, asset, seen);
            outdated.extend(asset.zone.as_ref().filter(|_| differs));
        }
    }
    for (zone, assets) in &spoke {
        let whole = |id: &&AssetId| worlds.plant.assets.get(*id).is_some_and(is_described);
        let current = !strangers.contains(zone) && !outdated.contains(zone) && captured(worlds, zone);
        if current && assets.iter().all(whole) {
            let what = format!("all {} hosts that spoke in the zone are in the inventory", assets.len());
            let reason = Reason {
                requirements: &["SR 7.8"],
                says: Says::Supports,
                world: World::Observed,
                what: &what,
            };
            let reference = point(worlds, zone).map(ToString::to_string).unwrap_or_default();
            gather.add(&reason, [Judged::Zone((*zone).clone())], &reference, &reference, &[]);
        }
    }
    gather.finish()
}

/// The ends of a flow that spoke, each with whether it is the one that began. Ends without a network address are left out: a
/// boundary device has a leg in each segment that the inventory does not list.
fn speakers<'w, 'a>(located: &'w Located<'a>) -> impl Iterator<Item = (&'w Side<'a>, bool)> {
    let flow = located.flow;
    let from =
        (flow.initiator.ip.is_some() && flow.packets_from_initiator > 0).then_some((&located.from, true));
    let to = (flow.responder.ip.is_some() && flow.packets_from_responder > 0).then_some((&located.to, false));
    from.into_iter().chain(to)
}

fn stranger(gather: &mut Gather, zone: &ZoneId, side: &Side<'_>, located: &Located<'_>) {
    let reason = Reason {
        requirements: &["SR 7.8"],
        says: Says::Refutes,
        world: World::Observed,
        what: "hosts spoke in the zone that are not in the inventory",
    };
    let flow = located.flow;
    gather.add(&reason, [Judged::Zone(zone.clone())], &flow.id, &side.name, &seen(flow));
}

fn captured(worlds: &Worlds<'_>, zone: &ZoneId) -> bool {
    point(worlds, zone).is_some()
}

/// The capture that was taken on a zone's own network.
fn point<'a>(worlds: &Worlds<'a>, zone: &ZoneId) -> Option<&'a EvidenceId> {
    let captures = worlds.observation.captures.iter().filter_map(|c| c.capture_point.as_deref());
    let mut records = captures.filter_map(|point| worlds.plant.evidence.get(&EvidenceId::from(point)));
    records.find(|e| e.zone.as_ref() == Some(zone) || e.sees.contains(zone)).map(|e| &e.id)
}

fn is_described(asset: &Asset) -> bool {
    asset.product.is_some() || (asset.vendor.is_some() && asset.model.is_some())
}

fn declared<'a>(worlds: &Worlds<'a>, seen: &SeenAsset) -> Option<&'a Asset> {
    let point = seen.context.as_deref().map(EvidenceId::from);
    let context = point.and_then(|id| worlds.plant.evidence.get(&id)).and_then(|e| e.context.as_deref());
    let mut ids = seen.ips.iter().filter_map(|ip| worlds.whereabouts.asset_at(*ip, context));
    worlds.plant.assets.get(ids.next()?)
}

/// Says what an asset says of itself that the inventory has otherwise.
fn differences(gather: &mut Gather, worlds: &Worlds<'_>, asset: &Asset, seen: &SeenAsset) -> bool {
    let product = asset.product.as_ref().and_then(|id| worlds.plant.products.get(id));
    let version = asset.version.as_deref().or_else(|| product?.version.as_deref());
    let compared = [
        ("version", version, seen.version.as_deref(), version_differs as fn(&str, &str) -> bool),
        ("serial number", asset.serial.as_deref(), seen.serial.as_deref(), serial_differs),
    ];
    let mut any = false;
    for (name, declared, said, differs) in compared {
        let (Some(declared), Some(said)) = (declared, said) else { continue };
        if !differs(declared, said) {
            continue;
        }
        any = true;
        let what = format!("the device says {name} {said} of itself, the inventory has {declared}");
        let reason =
            Reason { requirements: &["SR 7.8"], says: Says::Refutes, world: World::Observed, what: &what };
        let basis = seen.basis.iter().filter(|basis| basis.text.contains(said));
        let mut places: Vec<EvidencePlace> = basis
            .filter_map(|basis| basis.place.clone())
            .map(|place| EvidencePlace { place: Place::Packet(place), what: "it says so here".into() })
            .collect();
        places.push(declared_at(&asset.common, if name == "version" { "version" } else { "serial" }));
        let id = asset.id.as_str();
        gather.add(&reason, [Judged::Asset(asset.id.clone())], id, id, &places);
    }
    any
}

/// Do two versions of numbers and dots differ in a part that both have?
fn version_differs(a: &str, b: &str) -> bool {
    match (numbers(a), numbers(b)) {
        (Some(a), Some(b)) => a.iter().zip(&b).any(|(a, b)| a != b),
        _ => false,
    }
}

fn numbers(version: &str) -> Option<Vec<u64>> {
    let version = version.trim().trim_start_matches(['v', 'V']).trim_start();
    version.split('.').map(|part| part.parse().ok()).collect()
}

fn serial_differs(a: &str, b: &str) -> bool {
    let bare = |text: &str| -> String {
        let kept = text.chars().filter(char::is_ascii_alphanumeric).flat_map(char::to_lowercase);
        kept.collect::<String>().trim_start_matches('0').to_string()
    };
    bare(a) != bare(b)
}

/// Words in the names of products that keep out or find malicious code.
const PROTECTION_WORDS: &[&str] = &[
    "antivirus",
    "anti-virus",
    "antimalware",
    "anti-malware",
    "endpoint security",
    "endpoint protection",
    "application control",
    "allowlisting",
    "whitelisting",
    "applocker",
    "microsoft defender",
    "windows defender",
    "clamav",
];

fn malware(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    for asset in worlds.plant.assets.values().filter(|asset| !asset.common.proposed) {
        let protects = |name: &&String| {
            let name = name.to_lowercase();
            PROTECTION_WORDS.iter().any(|word| name.contains(word))
        };
        let Some(software) = asset.software.iter().find(protects) else { continue };
        let what = format!("the software list names {software}");
        let reason =
            Reason { requirements: &["SR 3.2"], says: Says::Supports, world: World::Observed, what: &what };
        let (id, place) = (asset.id.as_str(), declared_at(&asset.common, "software"));
        gather.add(&reason, [Judged::Asset(asset.id.clone())], id, id, &[place]);
    }
    gather.finish()
}
