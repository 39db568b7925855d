//! What people have to resolve: statements that evidence contradicts or that do not count, answers that contradict a stated
//! level, countermeasures in the way of an essential function, targets that are missed.

use super::claims::{Claims, Statement, Uncounted};
use super::status::{Conflict, Contradiction, subject_text};
use crate::assessment::Assessed;
use crate::rules::{Rule, declared_at, level as rules};
use crate::words;
use std::collections::{BTreeMap, BTreeSet};
use zonewright_catalog::{Catalog, Fr, RequirementId};
use zonewright_plant::model::{
    AssetKind, Claim, Common, Countermeasure, CountermeasureState, Status, SubjectRef,
};
use zonewright_plant::{EvidencePlace, Finding, Plant};

/// How many places one finding names.
const PLACES_MAX: usize = 6;

/// What contradicts a statement: what was seen, and where.
type Shown = (String, Vec<EvidencePlace>);

/// What came up while judging, once per statement.
#[derive(Default)]
pub(super) struct Said<'p> {
    contradicted: BTreeMap<(&'static str, String, RequirementId), (Statement<'p>, Vec<Shown>)>,
    conflicting: BTreeMap<(String, String, RequirementId), Conflict<'p>>,
}

impl<'p> Said<'p> {
    pub(super) fn add(
        &mut self,
        requirement: &RequirementId,
        contradictions: Vec<Contradiction<'p>>,
        conflict: Option<Conflict<'p>>,
    ) {
        for contradiction in contradictions {
            let statement = contradiction.statement;
            let key = (kind_of(&statement), statement.id().to_string(), requirement.clone());
            let (_, shown) = self.contradicted.entry(key).or_insert_with(|| (statement, Vec::new()));
            let new =
                contradiction.judgements.into_iter().map(|judgement| (judgement.text, judgement.evidence));
            for judgement in new {
                if !shown.contains(&judgement) {
                    shown.push(judgement);
                }
            }
        }
        if let Some(conflict) = conflict {
            let key =
                (conflict.first.id().to_string(), conflict.second.id().to_string(), requirement.clone());
            self.conflicting.entry(key).or_insert(conflict);
        }
    }
}

const fn kind_of(statement: &Statement<'_>) -> &'static str {
    match statement {
        Statement::Claim(_) => "claim",
        Statement::Meets(_) => "countermeasure",
    }
}

fn common_of<'p>(statement: &Statement<'p>) -> &'p Common {
    match statement {
        Statement::Claim(claim) => &claim.common,
        Statement::Meets(countermeasure) => &countermeasure.common,
    }
}

fn with(mut finding: Finding, requirements: &[&RequirementId], evidence: Vec<EvidencePlace>) -> Finding {
    finding.requirements = requirements.iter().map(|id| (*id).clone()).collect();
    finding.evidence = evidence;
    finding
}

/// Findings about claims and countermeasures as statements.
pub(super) fn of_statements(plant: &Plant, claims: &Claims<'_>, said: &Said<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for ((kind, id, requirement), (statement, shown)) in &said.contradicted {
        let (first, _) = shown.first().cloned().unwrap_or_default();
        let more = match shown.len() {
            0 | 1 => String::new(),
            n => format!(" (and {} more)", n - 1),
        };
        let message = format!(
            "{kind} {id} states {requirement} as {}, but evidence contradicts it: {first}{more}",
            statement.status().as_str()
        );
        let mut places: Vec<EvidencePlace> =
            shown.iter().flat_map(|(_, places)| places.iter().take(1)).take(PLACES_MAX).cloned().collect();
        places.push(declared_at(common_of(statement), "status"));
        let mut finding =
            with(rules::CONTRADICTED.finding(kind, id.as_str(), message), &[requirement], places);
        finding.discriminators = vec![requirement.to_string()];
        found.push(finding);
    }
    for ((first, second, requirement), conflict) in &said.conflicting {
        let message = format!(
            "{first} states {requirement} as {}, {second} as {}; the more cautious one counts",
            conflict.first.status().as_str(),
            conflict.second.status().as_str()
        );
        let places = vec![
            declared_at(common_of(&conflict.first), "status"),
            declared_at(common_of(&conflict.second), "status"),
        ];
        let rule = &rules::CONFLICTING;
        let mut finding =
            with(rule.finding(kind_of(&conflict.first), first.as_str(), message), &[requirement], places);
        finding.discriminators = vec![second.clone(), requirement.to_string()];
        found.push(finding);
    }
    found.extend(claims.uncounted_claims.iter().map(|(claim, why)| uncounted_claim(plant, claim, *why)));
    found.extend(claims.uncounted_compensations.iter().map(|(c, why)| uncounted_compensation(c, *why)));
    found
}

fn uncounted_claim(plant: &Plant, claim: &Claim, why: Uncounted) -> Finding {
    let (rule, what): (&'static Rule, String) = match why {
        Uncounted::Misplaced => (
            &rules::MISPLACED,
            format!(
                "{} is a requirement on components; {} is none",
                claim.requirement,
                subject_text(&claim.subject)
            ),
        ),
        Uncounted::EvidenceLapsed => {
            let names: Vec<String> = claim
                .evidence
                .iter()
                .filter(|id| {
                    plant.evidence.get(*id).is_some_and(|e| e.common.proposed || e.good_until.is_some())
                })
                .map(ToString::to_string)
                .collect();
            (
                &rules::CLAIM_LAPSED,
                format!("its evidence {} is out of date or only proposed", words::list(&names)),
            )
        }
        _ => (
            &rules::UNSUPPORTED,
            format!(
                "it says {} without a rationale{}",
                claim.status.as_str(),
                match claim.status {
                    Status::NotApplicable => "",
                    _ => " or evidence",
                }
            ),
        ),
    };
    let message = format!("claim {} about {} does not count: {what}", claim.id, claim.requirement);
    let place = vec![declared_at(&claim.common, "status")];
    with(rule.finding("claim", claim.id.as_str(), message), &[&claim.requirement], place)
}

fn uncounted_compensation(countermeasure: &Countermeasure, why: Uncounted) -> Finding {
    let (rule, what) = match (why, countermeasure.review) {
        (Uncounted::CompensationLapsed, Some(review)) => {
            (&rules::COMPENSATION_LAPSED, format!("its review was due on {review}"))
        }
        _ => {
            let lacks = [
                (countermeasure.rationale.is_none(), "a rationale"),
                (countermeasure.approved_by.is_none(), "who approved it"),
                (countermeasure.review.is_none(), "a review date"),
            ];
            let lacks: Vec<String> =
                lacks.iter().filter(|(lacks, _)| *lacks).map(|(_, what)| (*what).to_string()).collect();
            (&rules::COMPENSATION_INCOMPLETE, format!("it lacks {}", words::list(&lacks)))
        }
    };
    let ids: Vec<String> = countermeasure.compensates.iter().map(ToString::to_string).collect();
    let message =
        format!("countermeasure {} does not compensate {}: {what}", countermeasure.id, words::list(&ids));
    let requirements: Vec<&RequirementId> = countermeasure.compensates.iter().collect();
    let key = if rule.code == rules::COMPENSATION_LAPSED.code { "review" } else { "compensates" };
    let place = vec![declared_at(&countermeasure.common, key)];
    with(rule.finding("countermeasure", countermeasure.id.as_str(), message), &requirements, place)
}

/// Products of which an answer contradicts the stated level.
pub(super) fn of_products(plant: &Plant, catalog: &Catalog) -> Vec<Finding> {
    let mut found = Vec::new();
    for product in plant.products.values().filter(|product| !product.common.proposed) {
        let Some(component_type) = product.component_type else { continue };
        for (id, status) in &product.capabilities {
            if !matches!(status, Status::NotMet | Status::Partly) {
                continue;
            }
            let Some(requirement) = catalog.requirement(id) else { continue };
            let level = requirement.levels.for_component(component_type);
            let stated = requirement.fr.and_then(|fr| product.sl_c.level(fr));
            if let (Some(level), Some(stated)) = (level, stated)
                && level <= stated
            {
                let message = format!(
                    "product {} is stated at {stated}, but {id} ({level}) is answered with {}; the lower level counts",
                    product.id,
                    status.as_str()
                );
                let place = vec![declared_at(&product.common, "capabilities")];
                let rule = &rules::CAPABILITY_CONTRADICTED;
                let mut finding = with(rule.finding("product", product.id.as_str(), message), &[id], place);
                finding.discriminators = vec![id.to_string()];
                found.push(finding);
            }
        }
    }
    found
}

/// Requirements whose usual countermeasure can stop people or traffic just when they are needed, with what it does.
const MAY_BLOCK: &[(&str, &str)] = &[
    ("SR 1.11", "a lockout keeps operators out"),
    ("SR 2.5", "a session lock hides the screen"),
    ("SR 5.2 RE(2)", "island mode cuts communication"),
    ("SR 5.2 RE(3)", "failing closed cuts communication"),
];

/// Countermeasures that could block an essential function (62443-3-3 clause 4.2).
pub(super) fn of_countermeasures(plant: &Plant) -> Vec<Finding> {
    let counts = |c: &&Countermeasure| {
        !c.common.proposed
            && matches!(c.state, Some(CountermeasureState::InPlace | CountermeasureState::Planned))
    };
    plant.countermeasures.values().filter(counts).filter_map(|c| blocking(plant, c)).collect()
}

fn blocking(plant: &Plant, countermeasure: &Countermeasure) -> Option<Finding> {
    let stated: Vec<String> = countermeasure.may_block.iter().map(ToString::to_string).collect();
    let requirements: Vec<&RequirementId> =
        countermeasure.meets.iter().chain(&countermeasure.compensates).collect();
    let usual = MAY_BLOCK.iter().find(|(id, _)| requirements.iter().any(|r| r.to_string() == *id));
    let message = match (stated.is_empty(), usual) {
        (false, _) => format!(
            "countermeasure {} could block {}, as its record says",
            countermeasure.id,
            words::list(&stated)
        ),
        (true, Some((id, what))) => {
            let where_ = essential(plant, countermeasure)?;
            format!("countermeasure {} serves {id} at {where_}: {what}", countermeasure.id)
        }
        (true, None) => return None,
    };
    let place = vec![declared_at(&countermeasure.common, "may_block")];
    let rule = &rules::BLOCKS_ESSENTIAL_FUNCTION;
    Some(with(rule.finding("countermeasure", countermeasure.id.as_str(), message), &requirements, place))
}

/// What a countermeasure applies to that operators or safety cannot do without.
fn essential(plant: &Plant, countermeasure: &Countermeasure) -> Option<String> {
    let functions = plant.system.iter().flat_map(|system| &system.essential_functions);
    let needed: BTreeSet<_> = functions.flat_map(|function| &function.assets).collect();
    let vital = |id: &zonewright_plant::id::AssetId| {
        let asset = plant.assets.get(id)?;
        let operators = matches!(asset.kind, Some(AssetKind::Hmi | AssetKind::SisLogicSolver));
        let vital = operators || asset.safety_related == Some(true) || needed.contains(id);
        vital.then(|| format!("asset {id}"))
    };
    countermeasure.applies_to.iter().find_map(|subject| match subject {
        SubjectRef::Asset(id) => vital(id),
        SubjectRef::Group(id) => plant.groups.get(id)?.assets.iter().find_map(vital),
        SubjectRef::Zone(id) => {
            let zone = plant.zones.get(id)?;
            let safety = zone.safety_related == Some(true)
                || zone.zone_type == Some(zonewright_plant::model::ZoneType::Safety);
            safety.then(|| format!("safety zone {id}"))
        }
        SubjectRef::Plant | SubjectRef::Conduit(_) | SubjectRef::Product(_) => None,
    })
}

/// Targets that are missed, or not shown to be reached: one finding each per subject.
pub(super) fn of_levels(assessed: &Assessed, common: &Common) -> Vec<Finding> {
    let missed: Vec<Fr> = Fr::ALL.into_iter().filter(|fr| assessed.is_missed(*fr)).collect();
    let open: Vec<Fr> =
        Fr::ALL.into_iter().filter(|fr| !assessed.is_missed(*fr) && !assessed.is_reached(*fr)).collect();
    let mut found = Vec::new();
    for (rule, frs, words_) in [
        (&rules::TARGET_MISSED, &missed, "is below its target level for"),
        (&rules::TARGET_NOT_SHOWN, &open, "is not shown to reach its target level for"),
    ] {
        if frs.is_empty() {
            continue;
        }
        let names: Vec<String> = frs.iter().map(|fr| level_words(assessed, *fr)).collect();
        let kind = assessed.kind.as_str();
        let message = format!("{kind} {} {words_} {}", assessed.id, words::list(&names));
        let requirements: Vec<&RequirementId> = assessed
            .requirements
            .iter()
            .filter(|row| row.required && frs.contains(&row.fr))
            .filter(|row| match rule.code {
                "level/target-missed" => matches!(row.status, Status::NotMet | Status::Partly),
                _ => row.status == Status::NotShown,
            })
            .map(|row| &row.id)
            .collect();
        let place = vec![declared_at(common, "sl_t")];
        found.push(with(rule.finding(kind, assessed.id.as_str(), message), &requirements, place));
    }
    found
}

fn level_words(assessed: &Assessed, fr: Fr) -> String {
    let number = |vector: &zonewright_catalog::SlVector| {
        vector.level(fr).map_or_else(|| "–".to_string(), |level| level.number().to_string())
    };
    let (proven, possible) = (number(&assessed.proven), number(&assessed.possible));
    let achieved = if proven == possible { proven } else { format!("{proven} to {possible}") };
    format!("{fr} ({achieved} of {})", number(&assessed.sl_t))
}
