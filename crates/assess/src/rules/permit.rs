//! Rules over permits.

use super::{Model, Rule, declared_at};
use crate::services::{Service, is_any};
use crate::whereabouts::{is_within, zones_of};
use zonewright_plant::Finding;
use zonewright_plant::model::{Conduit, Permit};
use zonewright_source::{Severity, nearest};
use zonewright_traffic::protocol::Class;
use zonewright_traffic::vocabulary;

pub(super) static WITHOUT_PURPOSE: Rule = Rule {
    code: "permit/without-purpose",
    title: "a permit does not say what for",
    severity: Severity::Warning,
    requirements: &["SR 5.2 RE(1)", "SR 7.7"],
    finds: "A permit has no `purpose`.",
    why: "Nobody dares to remove what nobody can explain. Least functionality (62443-3-3 SR 7.7) needs a reason per permit.",
    mend: "write in `purpose` what the process needs it for",
    wrong_when: "Never: a permit without a purpose may be right, but it cannot be judged.",
};

pub(super) static WITHOUT_OWNER: Rule = Rule {
    code: "permit/without-owner",
    title: "no role answers for a permit",
    severity: Severity::Warning,
    requirements: &["SR 5.2 RE(1)"],
    finds: "A permit has no `owner`.",
    why: "When a permit is idle or its date is past, somebody must be asked.",
    mend: "name a role of the plant in `owner`",
    wrong_when: "Never.",
};

pub(super) static EXPIRED: Rule = Rule {
    code: "permit/expired",
    title: "a permit's last day is past",
    severity: Severity::Warning,
    requirements: &["SR 5.2 RE(1)"],
    finds: "A permit's `until` lies before the judging date.",
    why: "It no longer allows anything; if the traffic goes on, it is undeclared, and if the firewall still passes it, it is open without a reason.",
    mend: "ask the owner; extend `until`, or remove the permit and the rule that opens it",
    wrong_when: "The permit is kept on purpose as a record: move it to the change log.",
};

pub(super) static OUTSIDE_CONDUIT: Rule = Rule {
    code: "permit/outside-conduit",
    title: "an end of a permit lies in no zone of its conduit",
    severity: Severity::Error,
    requirements: &["ZCR 3.1"],
    finds: "A permit's `from` or `to` names a zone, or an asset in a zone, that the conduit does not join.",
    why: "A conduit speaks for the zones it joins; a permit beyond them would be judged nowhere.",
    mend: "move the permit to the conduit that joins these zones, or add the zone to this one's `zones`",
    wrong_when: "The asset's zone is wrong.",
};

pub(super) static UNKNOWN_PROTOCOL: Rule = Rule {
    code: "permit/unknown-protocol",
    title: "a permit names a protocol that is not known and gives no ports",
    severity: Severity::Warning,
    requirements: &[],
    finds: "`protocol` is none of the recognized protocols, no transport and not `any`, and `ports` is empty.",
    why: "Neither traffic nor a firewall rule can be compared with it.",
    mend: "use the protocol's name as `zonewright protocols` lists it, or add `ports`",
    wrong_when: "Never: nothing can be compared.",
};

pub(super) static UNKNOWN_FUNCTION: Rule = Rule {
    code: "permit/unknown-function",
    title: "a permit names a function or class that the protocol does not have",
    severity: Severity::Warning,
    requirements: &[],
    finds: "A word in `functions` is no function of the permit's protocol, or one in `classes` is no class.",
    why: "It allows nothing, so what was meant will be reported as not permitted.",
    mend: "use the function's name as the protocol reference lists it",
    wrong_when: "The protocol is not recognized to the function: then leave `functions` empty.",
};

pub(super) static EVERYTHING: Rule = Rule {
    code: "permit/everything",
    title: "a permit allows everything",
    severity: Severity::Warning,
    requirements: &["SR 5.2 RE(1)", "SR 7.7"],
    finds: "A permit has `protocol = \"any\"` without ports.",
    why: "Deny by default, allow by exception (62443-3-3 SR 5.2 RE(1)): this is no exception.",
    mend: "observe the traffic and let `zonewright propose` write the permits that are needed",
    wrong_when: "Never; waive it for the time of a commissioning.",
};

pub(super) fn without_purpose(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    each(model, |_, permit| {
        permit
            .purpose
            .is_none()
            .then(|| about(rule, permit, "purpose", format!("permit {} has no purpose", permit.id)))
    })
}

pub(super) fn without_owner(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    each(model, |_, permit| {
        permit
            .owner
            .is_none()
            .then(|| about(rule, permit, "owner", format!("no role answers for permit {}", permit.id)))
    })
}

pub(super) fn expired(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    each(model, |_, permit| {
        let until = permit.until.filter(|until| *until < model.as_of)?;
        Some(about(rule, permit, "until", format!("permit {} ended on {until}", permit.id)))
    })
}

pub(super) fn outside_conduit(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    each(model, |conduit, permit| {
        let joined = |zone: &_| conduit.zones.iter().any(|end| is_within(model.plant, zone, end));
        let ends = permit.from.iter().map(|end| ("from", end)).chain(permit.to.iter().map(|end| ("to", end)));
        let (key, end) =
            ends.into_iter().find(|(_, end)| zones_of(model.plant, end).keys().any(|zone| !joined(zone)))?;
        let message = format!(
            "permit {} has an end in {end}, which is in no zone that conduit {} joins",
            permit.id, conduit.id
        );
        Some(about(rule, permit, key, message))
    })
}

pub(super) fn unknown_protocol(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    each(model, |_, permit| {
        if !matches!(Service::of(&permit.protocol), Service::Unknown) || !permit.ports.is_empty() {
            return None;
        }
        let message = format!(
            "permit {} names protocol `{}`, which is not known, and no ports",
            permit.id, permit.protocol
        );
        let mut finding = about(rule, permit, "protocol", message);
        if let Some(near) = nearest(&permit.protocol, vocabulary::protocols().map(|protocol| protocol.name)) {
            finding.remedy = format!("did you mean `{near}`? otherwise add `ports`");
        }
        Some(finding)
    })
}

pub(super) fn unknown_function(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    each(model, |_, permit| {
        if let Some(class) = permit.classes.iter().find(|class| Class::from_name(class).is_none()) {
            let mut finding = about(
                rule,
                permit,
                "classes",
                format!("permit {} names class `{class}`, which does not exist", permit.id),
            );
            if let Some(near) = nearest(class, Class::ALL.iter().map(|class| class.as_str())) {
                finding.remedy = format!("did you mean `{near}`?");
            }
            return Some(finding);
        }
        let Service::Known(protocol) = Service::of(&permit.protocol) else { return None };
        let names = || {
            vocabulary::spoken_with(protocol)
                .flat_map(|p| p.elements.iter().flat_map(|element| element.functions))
        };
        let wrong =
            permit.functions.iter().find(|word| !names().any(|function| function.name == word.as_str()))?;
        let message =
            format!("permit {} names function `{wrong}`, which {} does not have", permit.id, protocol.title);
        let mut finding = about(rule, permit, "functions", message);
        if let Some(near) = nearest(wrong, names().map(|function| function.name)) {
            finding.remedy = format!("did you mean `{near}`?");
        }
        Some(finding)
    })
}

pub(super) fn everything(rule: &'static Rule, model: Model<'_>) -> Vec<Finding> {
    each(model, |_, permit| {
        is_any(permit)
            .then(|| about(rule, permit, "protocol", format!("permit {} allows everything", permit.id)))
    })
}

fn each(model: Model<'_>, check: impl Fn(&Conduit, &Permit) -> Option<Finding>) -> Vec<Finding> {
    let conduits = model.plant.conduits.values().filter(|conduit| !conduit.common.proposed);
    conduits
        .flat_map(|conduit| conduit.permits.iter().map(move |permit| (conduit, permit)))
        .filter(|(_, permit)| !permit.common.proposed)
        .filter_map(|(conduit, permit)| check(conduit, permit))
        .collect()
}

fn about(rule: &'static Rule, permit: &Permit, key: &str, message: String) -> Finding {
    let mut finding = rule.finding("permit", permit.id.as_str(), message);
    finding.evidence = vec![declared_at(&permit.common, key)];
    finding
}
