//! What people state: claims and countermeasures, as far as they count on the judging date.
//!
//! A claim of *met* without a rationale or evidence is a tick and does not count; nor does one whose evidence is only
//! proposed or out of date. A compensating countermeasure counts while it is in place, says why, names who approved it,
//! and its review is not overdue. What does not count is named by a finding.

use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use zonewright_catalog::RequirementId;
use zonewright_plant::Plant;
use zonewright_plant::id::AssetId;
use zonewright_plant::model::{Claim, Countermeasure, CountermeasureState, Status, SubjectRef};

/// Something stated of a subject and requirement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statement<'p> {
    /// By a claim.
    Claim(&'p Claim),
    /// By a countermeasure in place that meets it.
    Meets(&'p Countermeasure),
}

impl Statement<'_> {
    /// What is stated.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Claim(claim) => claim.status,
            Self::Meets(_) => Status::Met,
        }
    }

    /// The id of the record.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Claim(claim) => claim.id.as_str(),
            Self::Meets(countermeasure) => countermeasure.id.as_str(),
        }
    }

    /// What it says, in one sentence.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Claim(claim) => match &claim.rationale {
                Some(rationale) => rationale.clone(),
                None => format!("claimed as {}", claim.status.as_str()),
            },
            Self::Meets(countermeasure) => {
                let what = countermeasure.description.as_ref().or(countermeasure.common.name.as_ref());
                what.cloned().unwrap_or_else(|| "a countermeasure in place".into())
            }
        }
    }
}

/// Why a statement does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Uncounted {
    /// A claim without rationale and evidence.
    Unsupported,
    /// A claim whose evidence is proposed or out of date.
    EvidenceLapsed,
    /// A requirement that cannot be claimed of such a subject.
    Misplaced,
    /// A compensation without rationale, approver or review date.
    CompensationIncomplete,
    /// A compensation whose review is overdue.
    CompensationLapsed,
}

type ByRequirement<'p, T> = HashMap<&'p RequirementId, Vec<T>>;

/// The statements of a plant that count, by subject and requirement.
#[derive(Debug, Default)]
pub struct Claims<'p> {
    statements: HashMap<&'p SubjectRef, ByRequirement<'p, Statement<'p>>>,
    compensations: HashMap<&'p SubjectRef, ByRequirement<'p, &'p Countermeasure>>,
    // Answers to component requirements, by asset.
    components: HashMap<&'p AssetId, HashMap<&'p RequirementId, Status>>,
    // Assets named by an asset, group or product that a statement is about: requirement → assets.
    asset_statements: HashMap<&'p RequirementId, BTreeMap<&'p AssetId, Vec<Statement<'p>>>>,
    asset_compensations: HashMap<&'p RequirementId, BTreeMap<&'p AssetId, &'p Countermeasure>>,
    /// Claims that do not count, with why.
    pub uncounted_claims: Vec<(&'p Claim, Uncounted)>,
    /// Compensations that do not count, with why.
    pub uncounted_compensations: Vec<(&'p Countermeasure, Uncounted)>,
}

impl<'p> Claims<'p> {
    /// The statements of `plant` that count on a day.
    #[must_use]
    pub fn new(plant: &'p Plant, as_of: Date) -> Self {
        let mut claims = Self::default();
        let instances = Instances::of(plant);
        for claim in plant.claims.values().filter(|claim| !claim.common.proposed) {
            match uncounted(plant, claim, as_of) {
                Some(why) => claims.uncounted_claims.push((claim, why)),
                None => claims.add_claim(&instances, claim),
            }
        }
        let in_place = plant
            .countermeasures
            .values()
            .filter(|c| !c.common.proposed && c.state == Some(CountermeasureState::InPlace));
        for countermeasure in in_place {
            claims.add_countermeasure(&instances, countermeasure, as_of);
        }
        claims
    }

    fn add_claim(&mut self, instances: &Instances<'p>, claim: &'p Claim) {
        if claim.status == Status::NotShown {
            return;
        }
        if is_component_requirement(&claim.requirement) {
            for asset in instances.named(&claim.subject) {
                let answers = self.components.entry(asset).or_default();
                let answer = answers.entry(&claim.requirement).or_insert(claim.status);
                *answer = worse(*answer, claim.status);
            }
            return;
        }
        self.add_statement(instances, &claim.subject, &claim.requirement, Statement::Claim(claim));
    }

    fn add_statement(
        &mut self,
        instances: &Instances<'p>,
        subject: &'p SubjectRef,
        requirement: &'p RequirementId,
        statement: Statement<'p>,
    ) {
        let assets = instances.named(subject);
        if assets.is_empty() {
            self.statements.entry(subject).or_default().entry(requirement).or_default().push(statement);
            return;
        }
        let named = self.asset_statements.entry(requirement).or_default();
        for asset in assets {
            named.entry(asset).or_default().push(statement);
        }
    }

    fn add_countermeasure(
        &mut self,
        instances: &Instances<'p>,
        countermeasure: &'p Countermeasure,
        as_of: Date,
    ) {
        for subject in &countermeasure.applies_to {
            for requirement in &countermeasure.meets {
                self.add_statement(instances, subject, requirement, Statement::Meets(countermeasure));
            }
        }
        if countermeasure.compensates.is_empty() {
            return;
        }
        let whole = countermeasure.rationale.is_some() && countermeasure.approved_by.is_some();
        match countermeasure.review {
            Some(review) if whole && as_of <= review => {}
            Some(_) if whole => {
                self.uncounted_compensations.push((countermeasure, Uncounted::CompensationLapsed));
                return;
            }
            _ => {
                self.uncounted_compensations.push((countermeasure, Uncounted::CompensationIncomplete));
                return;
            }
        }
        for subject in &countermeasure.applies_to {
            let assets = instances.named(subject);
            for requirement in &countermeasure.compensates {
                if assets.is_empty() {
                    let of = self.compensations.entry(subject).or_default();
                    of.entry(requirement).or_default().push(countermeasure);
                }
                for asset in &assets {
                    let of = self.asset_compensations.entry(requirement).or_default();
                    of.entry(asset).or_insert(countermeasure);
                }
            }
        }
    }

    /// What is stated of any of these subjects.
    pub fn statements<'s>(
        &'s self,
        subjects: &'s [SubjectRef],
        requirement: &'s RequirementId,
    ) -> impl Iterator<Item = Statement<'p>> + use<'s, 'p> {
        let of = |subject| self.statements.get(subject).and_then(|by| by.get(requirement));
        subjects.iter().filter_map(of).flatten().copied()
    }

    /// The countermeasure that compensates a requirement at any of these subjects.
    #[must_use]
    pub fn compensation(
        &self,
        subjects: &[SubjectRef],
        requirement: &RequirementId,
    ) -> Option<&'p Countermeasure> {
        let of = |subject| self.compensations.get(subject).and_then(|by| by.get(requirement));
        subjects.iter().filter_map(of).flatten().min_by_key(|c| &c.id).copied()
    }

    /// What is stated of single assets for a requirement.
    #[must_use]
    pub fn of_assets(
        &self,
        requirement: &RequirementId,
    ) -> Option<&BTreeMap<&'p AssetId, Vec<Statement<'p>>>> {
        self.asset_statements.get(requirement)
    }

    /// The countermeasure that compensates a requirement at an asset.
    #[must_use]
    pub fn asset_compensation(
        &self,
        asset: &AssetId,
        requirement: &RequirementId,
    ) -> Option<&'p Countermeasure> {
        self.asset_compensations.get(requirement)?.get(asset).copied()
    }

    /// Are there answers to component requirements of this asset alone?
    #[must_use]
    pub fn has_component_answers(&self, asset: &AssetId) -> bool {
        self.components.contains_key(asset)
    }

    /// The answer to a component requirement that was given of this asset alone.
    #[must_use]
    pub fn of_component(&self, asset: &AssetId, requirement: &RequirementId) -> Option<Status> {
        self.components.get(asset)?.get(requirement).copied()
    }
}

/// The assets behind a subject that names components.
struct Instances<'p> {
    plant: &'p Plant,
    by_product: HashMap<&'p str, Vec<&'p AssetId>>,
}

impl<'p> Instances<'p> {
    fn of(plant: &'p Plant) -> Self {
        let mut by_product: HashMap<&str, Vec<&AssetId>> = HashMap::new();
        for asset in plant.assets.values().filter(|asset| !asset.common.proposed) {
            if let Some(product) = &asset.product {
                by_product.entry(product.as_str()).or_default().push(&asset.id);
            }
        }
        Self { plant, by_product }
    }

    /// The assets that a subject names; none for a plant, zone or conduit.
    fn named(&self, subject: &'p SubjectRef) -> BTreeSet<&'p AssetId> {
        match subject {
            SubjectRef::Plant | SubjectRef::Zone(_) | SubjectRef::Conduit(_) => BTreeSet::new(),
            SubjectRef::Asset(id) => BTreeSet::from([id]),
            SubjectRef::Product(id) => {
                self.by_product.get(id.as_str()).into_iter().flatten().copied().collect()
            }
            SubjectRef::Group(id) => {
                self.plant.groups.get(id).into_iter().flat_map(|group| &group.assets).collect()
            }
        }
    }
}

/// Why a claim does not count, if it does not.
fn uncounted(plant: &Plant, claim: &Claim, as_of: Date) -> Option<Uncounted> {
    let of_components =
        matches!(claim.subject, SubjectRef::Asset(_) | SubjectRef::Product(_) | SubjectRef::Group(_));
    if is_component_requirement(&claim.requirement) && !of_components {
        return Some(Uncounted::Misplaced);
    }
    if matches!(claim.status, Status::NotMet | Status::NotShown) {
        return None;
    }
    let reasoned = claim.rationale.as_ref().is_some_and(|text| !text.trim().is_empty());
    // That something does not apply needs a reason; evidence alone gives none.
    let supported = reasoned || (claim.status != Status::NotApplicable && !claim.evidence.is_empty());
    if !supported {
        return Some(Uncounted::Unsupported);
    }
    let lapsed =
        claim.evidence.iter().filter_map(|id| plant.evidence.get(id)).any(|evidence| {
            evidence.common.proposed || evidence.good_until.is_some_and(|until| until < as_of)
        });
    lapsed.then_some(Uncounted::EvidenceLapsed)
}

/// Is it a requirement on a component (62443-4-2)?
#[must_use]
pub fn is_component_requirement(requirement: &RequirementId) -> bool {
    matches!(requirement.family(), "CR" | "SAR" | "EDR" | "HDR" | "NDR" | "CCSC")
}

/// The more cautious of two statements.
#[must_use]
pub const fn worse(a: Status, b: Status) -> Status {
    const fn rank(status: Status) -> u8 {
        match status {
            Status::NotMet => 0,
            Status::Partly => 1,
            Status::NotShown => 2,
            Status::Met => 3,
            Status::NotApplicable => 4,
        }
    }
    if rank(b) < rank(a) { b } else { a }
}
