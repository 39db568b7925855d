//! The partition rules of 62443-3-2, ZCR 3.1 to 3.6. Separating business and safety assets are duties (the latter can
//! be met by designating the zone safety related); temporary, wireless and external ones are recommendations.

use super::{Model, Rule, declared_at};
use std::collections::BTreeMap;
use zonewright_plant::Finding;
use zonewright_plant::id::ZoneId;
use zonewright_plant::model::{Asset, AssetKind, Zone, ZoneType};
use zonewright_source::Severity;

pub(super) static BUSINESS_NOT_SEPARATED: Rule = Rule {
    code: "zone/business-not-separated",
    title: "business and automation assets share a zone",
    severity: Severity::Error,
    requirements: &["ZCR 3.2", "SR 5.1"],
    finds: "An automation asset (controller, drive, HMI, engineering workstation, …) stands in a zone of type enterprise, or an enterprise zone is part of an automation zone or the other way round.",
    why: "62443-3-2 ZCR 3.2 asks that automation assets stand in zones apart from business assets: the two differ in criticality, in who may change them and in how they fail.",
    mend: "move the automation assets into a zone of their own, joined to the enterprise zone by a conduit",
    wrong_when: "The zone's type is misdeclared, or the asset's kind is.",
};

pub(super) static SAFETY_NOT_SEPARATED: Rule = Rule {
    code: "zone/safety-not-separated",
    title: "safety related and other assets share a zone that is not designated safety related",
    severity: Severity::Error,
    requirements: &["ZCR 3.3", "SR 5.1"],
    finds: "A zone holds safety related assets (kind sis-logic-solver, or flagged safety_related) beside others, and is neither of type safety nor designated safety_related.",
    why: "62443-3-2 ZCR 3.3: safety related assets stand in zones apart from others, or the whole zone is treated as safety related.",
    mend: "move the safety related assets into a safety zone, or designate the zone with `safety_related = true` and meet what that asks of every asset in it",
    wrong_when: "The flag is set on an asset that only displays safety information.",
};

pub(super) static TEMPORARY_NOT_SEPARATED: Rule = Rule {
    code: "zone/temporary-not-separated",
    title: "temporarily connected devices share a zone with permanent ones",
    severity: Severity::Note,
    requirements: &["ZCR 3.4"],
    finds: "A device that comes and goes (flag temporary, kind laptop or portable-media) belongs to a zone of another type than temporary, supplier or remote-access, beside permanently connected assets.",
    why: "62443-3-2 ZCR 3.4 recommends it: what visits other networks brings along what it met there.",
    mend: "give temporarily connected devices a zone of type temporary, with a conduit to where they are needed",
    wrong_when: "The plant has decided otherwise with a reason; it is a recommendation, waive it with that reason.",
};

pub(super) static WIRELESS_NOT_SEPARATED: Rule = Rule {
    code: "zone/wireless-not-separated",
    title: "wireless devices share a zone with wired ones",
    severity: Severity::Note,
    requirements: &["ZCR 3.5", "SR 1.6"],
    finds: "A wireless asset belongs to a zone of another type than wireless, beside wired assets.",
    why: "62443-3-2 ZCR 3.5 recommends it: a radio link is reached from outside the fence.",
    mend: "give wireless devices a zone of type wireless, with a conduit to where they are needed",
    wrong_when: "The access point is the boundary device and belongs to the conduit; then declare it there.",
};

pub(super) static EXTERNAL_NOT_SEPARATED: Rule = Rule {
    code: "zone/external-not-separated",
    title: "devices connected via external networks share a zone with internal ones",
    severity: Severity::Note,
    requirements: &["ZCR 3.6", "SR 1.13"],
    finds: "An asset that is reached from outside (flag remote, kind cloud-service) belongs to an inside zone of another type than remote-access, supplier, cloud or dmz, beside others that are not.",
    why: "62443-3-2 ZCR 3.6 recommends it: whoever comes in from outside should meet a boundary first.",
    mend: "give devices that are connected via external networks a zone of type remote-access, with a conduit to where they are needed",
    wrong_when: "Remote access ends on a jump host elsewhere and the flag is meant for something else.",
};

pub(super) static ASSET_WITHOUT_ZONE: Rule = Rule {
    code: "asset/without-zone",
    title: "an asset belongs to no zone and no conduit",
    severity: Severity::Warning,
    requirements: &["ZCR 3.1"],
    finds: "An asset names neither a zone nor a conduit.",
    why: "62443-3-2 ZCR 3.1 groups every asset of the system under consideration; what is in no zone has no target level and no boundary.",
    mend: "set the asset's `zone`, or its `conduit` if it is part of one",
    wrong_when: "The asset is outside the system under consideration: then give it a zone with `inside = false`.",
};

/// Kinds that run the process. Servers, switches and the like are met in offices too.
fn is_automation(kind: AssetKind) -> bool {
    use AssetKind::{
        Actuator, DcsController, Drive, EngineeringWorkstation, Hmi, Ied, Plc, RemoteIo, Robot, Rtu, Sensor,
        SisLogicSolver,
    };
    matches!(
        kind,
        Plc | Rtu
            | Ied
            | DcsController
            | SisLogicSolver
            | RemoteIo
            | Drive
            | Sensor
            | Actuator
            | Robot
            | Hmi
            | EngineeringWorkstation
    )
}

pub(super) fn business_not_separated(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (zone, assets) in zones(model) {
        if zone.zone_type != Some(ZoneType::Enterprise) {
            continue;
        }
        let wrong: Vec<&&Asset> =
            assets.iter().filter(|asset| asset.kind.is_some_and(is_automation)).collect();
        if let Some(first) = wrong.first() {
            let mut finding = rule.finding(
                "zone",
                zone.id.as_str(),
                format!("enterprise zone {} holds {}", zone.id, names(&wrong)),
            );
            finding.evidence = vec![declared_at(&zone.common, "type"), declared_at(&first.common, "zone")];
            found.push(finding);
        }
    }
    for zone in model.plant.zones.values() {
        let Some(parent) = zone.parent.as_ref().and_then(|id| model.plant.zones.get(id)) else { continue };
        let business = |zone: &Zone| zone.zone_type == Some(ZoneType::Enterprise);
        if business(zone) != business(parent) && zone.zone_type.is_some() && parent.zone_type.is_some() {
            let message = format!(
                "zone {} is part of {}, and only one of them is an enterprise zone",
                zone.id, parent.id
            );
            let mut finding = rule.finding("zone", zone.id.as_str(), message);
            finding.discriminators = vec!["parent".into()];
            finding.evidence = vec![declared_at(&zone.common, "parent"), declared_at(&parent.common, "type")];
            found.push(finding);
        }
    }
    found
}

pub(super) fn safety_not_separated(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    let safety =
        |asset: &Asset| asset.safety_related == Some(true) || asset.kind == Some(AssetKind::SisLogicSolver);
    mixed(
        rule,
        model,
        safety,
        |zone| zone.zone_type == Some(ZoneType::Safety) || zone.safety_related == Some(true),
        "safety related",
    )
}

pub(super) fn temporary_not_separated(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    let temporary = |asset: &Asset| {
        asset.temporary == Some(true)
            || matches!(asset.kind, Some(AssetKind::Laptop | AssetKind::PortableMedia))
    };
    let apart = |zone: &Zone| {
        matches!(
            zone.zone_type,
            Some(ZoneType::Temporary | ZoneType::Supplier | ZoneType::RemoteAccess | ZoneType::Enterprise)
        )
    };
    mixed(rule, model, temporary, apart, "temporarily connected")
}

pub(super) fn wireless_not_separated(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    let apart = |zone: &Zone| matches!(zone.zone_type, Some(ZoneType::Wireless | ZoneType::Enterprise));
    mixed(rule, model, |asset| asset.wireless == Some(true), apart, "wireless")
}

pub(super) fn external_not_separated(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    let external = |asset: &Asset| asset.remote == Some(true) || asset.kind == Some(AssetKind::CloudService);
    let apart = |zone: &Zone| {
        !zone.inside
            || matches!(
                zone.zone_type,
                Some(
                    ZoneType::RemoteAccess
                        | ZoneType::Supplier
                        | ZoneType::Cloud
                        | ZoneType::Dmz
                        | ZoneType::Enterprise
                )
            )
    };
    mixed(rule, model, external, apart, "connected via external networks")
}

pub(super) fn asset_without_zone(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    model
        .plant
        .assets
        .values()
        .filter(|asset| asset.zone.is_none() && asset.conduit.is_none() && !asset.common.proposed)
        .map(|asset| {
            let mut finding = rule.finding(
                "asset",
                asset.id.as_str(),
                format!("asset {} belongs to no zone and no conduit", asset.id),
            );
            finding.evidence = vec![declared_at(&asset.common, "id")];
            finding
        })
        .collect()
}

/// A finding for each zone that is not set apart and holds both assets that `special` picks and others.
fn mixed(
    rule: &'static Rule,
    model: Model<'_>,
    special: impl Fn(&Asset) -> bool,
    apart: impl Fn(&Zone) -> bool,
    word: &str,
) -> Vec<Finding> {
    zones(model)
        .into_iter()
        .filter(|(zone, _)| !apart(zone))
        .filter_map(|(zone, assets)| {
            let (those, others): (Vec<_>, Vec<_>) = assets.iter().partition(|asset| special(asset));
            let (first, other) = (those.first()?, others.first()?);
            let message = format!(
                "zone {} holds {word} assets ({}) beside others ({})",
                zone.id,
                names(&those),
                names(&others)
            );
            let mut finding = rule.finding("zone", zone.id.as_str(), message);
            finding.evidence = vec![
                declared_at(&zone.common, "id"),
                declared_at(&first.common, "id"),
                declared_at(&other.common, "id"),
            ];
            Some(finding)
        })
        .collect()
}

/// The zones with their assets. What is only proposed is left out.
fn zones(model: Model<'_>) -> Vec<(&Zone, Vec<&Asset>)> {
    let mut assets: BTreeMap<&ZoneId, Vec<&Asset>> = BTreeMap::new();
    for asset in model.plant.assets.values().filter(|asset| !asset.common.proposed) {
        if let Some(zone) = &asset.zone {
            assets.entry(zone).or_default().push(asset);
        }
    }
    let declared = model.plant.zones.values().filter(|zone| !zone.common.proposed);
    declared.map(|zone| (zone, assets.remove(&zone.id).unwrap_or_default())).collect()
}

fn names(assets: &[&&Asset]) -> String {
    crate::words::list(assets.iter().map(|asset| asset.id.as_str()))
}
