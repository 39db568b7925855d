//! What is said of the devices' own configurations: their rules, who may manage them, the secrets in them.

use super::Context;
use crate::configured::Device;
use crate::rules::firewall::{Owner, management, of_configuration};
use std::collections::BTreeSet;
use zonewright_plant::id::ZoneId;
use zonewright_plant::{Finding, Plant};

/// The findings about every device's configuration.
pub(super) fn findings(context: &mut Context<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for device in &mut context.devices {
        let id = device.asset().map_or_else(|| device.evidence.id.to_string(), ToString::to_string);
        let owner = Owner { kind: if device.asset().is_some() { "asset" } else { "evidence" }, id: &id };
        let review = device.review();
        found.extend(of_configuration(owner, device.ruleset(), &review, context.as_of));
        found.extend(managed_from_outside(context.plant, device, owner));
    }
    found
}

/// Findings about untrusted zones from which the device can be managed.
fn managed_from_outside(plant: &Plant, device: &mut Device<'_>, owner: Owner<'_>) -> Vec<Finding> {
    let faced: BTreeSet<&ZoneId> = device.evidence.interfaces.iter().map(|facing| &facing.zone).collect();
    let untrusted = faced.into_iter().filter(|zone| plant.zones.get(*zone).is_some_and(|zone| !zone.trusted));
    let mut found = Vec::new();
    for zone in untrusted {
        let here = device.evidence.interfaces.iter().filter(|facing| facing.zone == *zone);
        let interfaces: Vec<String> = here.map(|facing| facing.interface.clone()).collect();
        let open = device.lets_in(&interfaces);
        found.extend(management(owner, device.ruleset(), zone.as_str(), &open));
    }
    found
}
