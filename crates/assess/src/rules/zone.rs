//! Rules over zones.

use super::{Model, Rule, declared_at};
use std::collections::BTreeSet;
use zonewright_catalog::Fr;
use zonewright_plant::Finding;
use zonewright_plant::model::SlTarget;
use zonewright_source::Severity;

pub(super) static WITHOUT_TARGET: Rule = Rule {
    code: "zone/without-target",
    title: "a zone inside the system under consideration has no target level",
    severity: Severity::Warning,
    requirements: &["ZCR 5.6"],
    finds: "A zone with `inside = true` states no `sl_t` and does not ask to derive it from risk.",
    why: "62443-3-2 ZCR 5.6 sets a target level for every zone and conduit; without one nothing says which requirements apply.",
    mend: "set `sl_t` (a level for all seven foundational requirements, or one each), or `sl_t = \"derive-from-risk\"`",
    wrong_when: "The zone is outside the system under consideration: then say `inside = false`.",
};

pub(super) static UNEXPLAINED_LEVELS: Rule = Rule {
    code: "zone/unexplained-levels",
    title: "target levels differ between foundational requirements without a reason",
    severity: Severity::Note,
    requirements: &["ZCR 5.6"],
    finds: "A zone's or conduit's `sl_t` gives different levels to the seven foundational requirements, and `sl_t_reasons` does not say why.",
    why: "A vector says more than a single level only if it is known why one requirement matters more than another.",
    mend: "give the reason per foundational requirement: `sl_t_reasons = { DC = \"no confidential data\" }`",
    wrong_when: "The reason stands in a document: name it there.",
};

pub(super) fn without_target(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    model
        .plant
        .zones
        .values()
        .filter(|zone| zone.inside && !zone.common.proposed)
        .filter(|zone| match &zone.sl_t {
            SlTarget::None => true,
            SlTarget::Stated(vector) => vector.is_empty(),
            SlTarget::DeriveFromRisk => false,
        })
        .map(|zone| {
            let mut finding =
                rule.finding("zone", zone.id.as_str(), format!("zone {} has no target level", zone.id));
            finding.evidence = vec![declared_at(&zone.common, "sl_t")];
            finding
        })
        .collect()
}

pub(super) fn unexplained_levels(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    let zones =
        model.plant.zones.values().map(|z| ("zone", z.id.as_str(), &z.common, &z.sl_t, &z.sl_t_reasons));
    let conduits = model
        .plant
        .conduits
        .values()
        .map(|c| ("conduit", c.id.as_str(), &c.common, &c.sl_t, &c.sl_t_reasons));
    zones
        .chain(conduits)
        .filter(|(_, _, common, _, _)| !common.proposed)
        .filter_map(|(kind, id, common, target, reasons)| {
            let vector = target.stated()?;
            let levels: BTreeSet<_> = Fr::ALL.iter().filter_map(|fr| vector.level(*fr)).collect();
            if levels.len() < 2 || !reasons.is_empty() {
                return None;
            }
            let mut finding = rule.finding(
                kind,
                id,
                format!("{kind} {id} has target levels {vector} and no reason why they differ"),
            );
            finding.evidence = vec![declared_at(common, "sl_t")];
            Some(finding)
        })
        .collect()
}
