//! Rules over conduits.

use super::{Model, Rule, declared_at};
use zonewright_plant::Finding;
use zonewright_plant::model::{Medium, Protection};
use zonewright_source::Severity;

pub(super) static UNTRUSTED_UNPROTECTED: Rule = Rule {
    code: "conduit/untrusted-unprotected",
    title: "a conduit to an untrusted zone asks for no authentication or no monitoring",
    severity: Severity::Warning,
    requirements: &["SR 1.13", "SR 5.2", "SR 6.2"],
    finds: "A conduit joins a trusted zone with one that is not trusted, and does not require `authentication` or `monitoring`.",
    why: "62443-3-3 SR 1.13 asks that all access via untrusted networks is monitored and controlled.",
    mend: "set `authentication = \"required\"` and `monitoring = \"required\"` on the conduit, and see that they are",
    wrong_when: "The untrusted zone only receives, over a data diode: such conduits are left out.",
};

pub(super) static UNENFORCED: Rule = Rule {
    code: "conduit/unenforced",
    title: "an IP conduit names no enforcing device",
    severity: Severity::Note,
    requirements: &["SR 5.2"],
    finds: "A conduit over IP has no `enforced_by`.",
    why: "62443-3-3 SR 5.2: boundary protection needs a device that does it; without its name no configuration can be compared.",
    mend: "name the firewall, router or gateway in `enforced_by`",
    wrong_when: "The zones are joined by a layer-2 link by intention: then say so in `medium` and keep the conduit's note.",
};

pub(super) fn untrusted_unprotected(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    let trusted = |id| model.plant.zones.get(id).is_some_and(|zone| zone.trusted);
    model
        .plant
        .conduits
        .values()
        .filter(|conduit| !conduit.common.proposed && conduit.medium != Some(Medium::DataDiode))
        .filter(|conduit| conduit.zones.iter().any(trusted) && !conduit.zones.iter().all(trusted))
        .filter_map(|conduit| {
            let missing: Vec<&str> =
                [("authentication", conduit.authentication), ("monitoring", conduit.monitoring)]
                    .into_iter()
                    .filter(|(_, protection)| *protection != Protection::Required)
                    .map(|(word, _)| word)
                    .collect();
            let first = missing.first()?;
            let untrusted =
                crate::words::list(conduit.zones.iter().filter(|id| !trusted(id)).map(|id| id.as_str()));
            let message = format!(
                "conduit {} leads to {untrusted}, which is not trusted, and does not require {}",
                conduit.id,
                missing.join(" and ")
            );
            let mut finding = rule.finding("conduit", conduit.id.as_str(), message);
            finding.evidence = vec![declared_at(&conduit.common, first)];
            Some(finding)
        })
        .collect()
}

pub(super) fn unenforced(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    model
        .plant
        .conduits
        .values()
        .filter(|conduit| !conduit.common.proposed && conduit.enforced_by.is_empty())
        .filter(|conduit| matches!(conduit.medium, None | Some(Medium::Ip)))
        .map(|conduit| {
            let mut finding = rule.finding(
                "conduit",
                conduit.id.as_str(),
                format!("conduit {} names no enforcing device", conduit.id),
            );
            finding.evidence = vec![declared_at(&conduit.common, "enforced_by")];
            finding
        })
        .collect()
}
