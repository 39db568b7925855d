//! Rules over assets.

use super::{Model, Rule, declared_at};
use crate::whereabouts::{Whereabouts, is_boundary, is_within};
use std::collections::BTreeSet;
use zonewright_plant::id::ZoneId;
use zonewright_plant::model::{Address, Asset};
use zonewright_plant::{Finding, Plant};
use zonewright_source::Severity;

pub(super) static DUAL_HOMED: Rule = Rule {
    code: "asset/dual-homed",
    title: "an asset stands in the networks of two zones",
    severity: Severity::Warning,
    requirements: &["ZCR 3.1", "SR 5.1", "SR 5.2"],
    finds: "An asset that is not a boundary device (firewall, router, gateway, data diode, remote access server) and not part of a conduit has addresses in the networks of two or more zones of which none is part of the other.",
    why: "It is a way round the conduit: whoever holds the asset is in both zones, and no enforcing device sees the step.",
    mend: "remove the second connection; or make the asset part of the conduit, with what a boundary device must do",
    wrong_when: "The networks of the zones overlap, or one address is out of use.",
};

pub(super) fn dual_homed(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    let found = dual_homed_assets(model.plant).into_iter().map(|(asset, zones)| {
        let named = crate::words::list(zones.iter().map(|zone| zone.as_str()));
        let message = format!("asset {} has addresses in the networks of {named}", asset.id);
        let mut finding = rule.finding("asset", asset.id.as_str(), message);
        finding.evidence = vec![declared_at(&asset.common, "ips")];
        finding
    });
    found.collect()
}

/// The assets that stand in the networks of two or more zones and are not there to join them, with the zones.
pub(crate) fn dual_homed_assets(plant: &Plant) -> Vec<(&Asset, Vec<&ZoneId>)> {
    let whereabouts = Whereabouts::new(plant);
    let assets = plant.assets.values().filter(|asset| {
        !asset.common.proposed && asset.conduit.is_none() && !is_boundary(asset) && asset.ips.len() > 1
    });
    let apart = |asset: &Asset| -> Vec<&ZoneId> {
        let at = |address: &Address| whereabouts.network_zone(address.ip, address.context.as_deref());
        let zones: BTreeSet<&ZoneId> = asset.ips.iter().filter_map(at).collect();
        let holds_another =
            |zone: &ZoneId| zones.iter().any(|other| *other != zone && is_within(plant, other, zone));
        zones.iter().filter(|zone| !holds_another(zone)).copied().collect()
    };
    assets.map(|asset| (asset, apart(asset))).filter(|(_, zones)| zones.len() > 1).collect()
}
