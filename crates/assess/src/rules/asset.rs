//! Rules over assets.

use super::{Model, Rule, declared_at};
use crate::whereabouts::{Whereabouts, is_boundary, is_within};
use std::collections::BTreeSet;
use zonewright_plant::Finding;
use zonewright_plant::id::ZoneId;
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
    let whereabouts = Whereabouts::new(model.plant);
    model
        .plant
        .assets
        .values()
        .filter(|asset| {
            !asset.common.proposed && asset.conduit.is_none() && !is_boundary(asset) && asset.ips.len() > 1
        })
        .filter_map(|asset| {
            let zones: BTreeSet<ZoneId> = asset
                .ips
                .iter()
                .filter_map(|address| {
                    whereabouts.network_zone(address.ip, address.context.as_deref()).cloned()
                })
                .collect();
            let apart: Vec<&ZoneId> = zones
                .iter()
                .filter(|zone| {
                    !zones.iter().any(|other| other != *zone && is_within(model.plant, other, zone))
                })
                .collect();
            if apart.len() < 2 {
                return None;
            }
            let named = crate::words::list(apart.iter().map(|zone| zone.as_str()));
            let mut finding = rule.finding(
                "asset",
                asset.id.as_str(),
                format!("asset {} has addresses in the networks of {named}", asset.id),
            );
            finding.evidence = vec![declared_at(&asset.common, "ips")];
            Some(finding)
        })
        .collect()
}
