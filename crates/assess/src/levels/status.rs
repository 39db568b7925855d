//! The status of one requirement at one zone or conduit, with its basis (DESIGN §6, "Status of a requirement").
//!
//! In this order: what does not apply; what is compensated; what evidence refutes; what evidence decides; what is claimed;
//! what is inherited from components; else *not shown*. A claim that evidence contradicts does not count.

use super::capability::{Capabilities, Capable, ComponentKind};
use super::claims::{Claims, Statement, worse};
use super::scope::{Judgements, Scope};
use crate::assessment::{Basis, BasisKind, RequirementStatus};
use crate::deciders::{Judged, Judgement, Says, World};
use crate::levels::achieved::is_required;
use crate::words;
use zonewright_catalog::{Fr, Requirement, RequirementId, SecurityLevel};
use zonewright_plant::model::{Asset, Status, SubjectRef};

/// How many judgements and components a basis names.
const NAMED_MAX: usize = 8;

/// A statement that evidence contradicts.
pub(super) struct Contradiction<'p> {
    pub(super) statement: Statement<'p>,
    pub(super) judgements: Vec<Judgement>,
}

/// Two statements about one subject and requirement that do not agree.
pub(super) struct Conflict<'p> {
    pub(super) first: Statement<'p>,
    pub(super) second: Statement<'p>,
}

/// What judging one requirement gives.
pub(super) struct Judged1<'p> {
    pub(super) status: RequirementStatus,
    pub(super) contradictions: Vec<Contradiction<'p>>,
    pub(super) conflict: Option<Conflict<'p>>,
}

/// What judging needs at hand.
pub(super) struct Desk<'p> {
    pub(super) claims: &'p Claims<'p>,
    pub(super) capabilities: &'p Capabilities<'p>,
    pub(super) judgements: Judgements<'p>,
}

struct Verdict {
    status: Status,
    basis: Vec<Basis>,
    reason: Option<String>,
}

impl Verdict {
    const fn of(status: Status, basis: Vec<Basis>) -> Self {
        Self { status, basis, reason: None }
    }
}

impl<'p> Desk<'p> {
    /// Judges a requirement at a subject.
    pub(super) fn judge(&self, scope: &Scope<'p>, requirement: &'static Requirement) -> Option<Judged1<'p>> {
        let (fr, level) = (requirement.fr?, requirement.levels.for_system()?);
        let statements = self.statements(scope, &requirement.id);
        let (contradictions, refuting) = self.contradictions(scope, &requirement.id, &statements);
        let counted: Vec<Statement<'p>> = statements
            .iter()
            .copied()
            .filter(|s| !contradictions.iter().any(|c| c.statement == *s))
            .collect();
        let conflict = conflict(&counted);
        let verdict = self
            .not_applicable(scope, requirement, &counted)
            .or_else(|| self.compensated(scope, &requirement.id))
            .or_else(|| refuted(&refuting))
            .or_else(|| self.decided(scope, &requirement.id))
            .or_else(|| stated(&counted))
            .or_else(|| self.missing_at_an_asset(scope, &requirement.id))
            .unwrap_or_else(|| self.inherited(scope, &requirement.id));
        let status = row(scope, &requirement.id, fr, level, verdict);
        Some(Judged1 { status, contradictions, conflict })
    }

    fn statements(&self, scope: &Scope<'p>, requirement: &RequirementId) -> Vec<Statement<'p>> {
        self.claims.statements(&scope.subjects, requirement).collect()
    }

    /// What evidence refutes here, save where a countermeasure stands in at the very asset; and the statements it contradicts.
    fn contradictions(
        &self,
        scope: &Scope<'p>,
        requirement: &RequirementId,
        statements: &[Statement<'p>],
    ) -> (Vec<Contradiction<'p>>, Vec<Judgement>) {
        let compensated = |judgement: &&&Judgement| match &judgement.subject {
            Judged::Asset(asset) => self.claims.asset_compensation(asset, requirement).is_some(),
            Judged::Zone(_) | Judged::Conduit(_) => false,
        };
        let refuting: Vec<Judgement> = self
            .judgements
            .refuting(scope, requirement)
            .iter()
            .filter(|judgement| !compensated(judgement))
            .map(|judgement| (**judgement).clone())
            .collect();
        let deciding: Vec<Judgement> = self
            .judgements
            .speaking(scope, requirement)
            .iter()
            .filter(|judgement| judgement.says == Says::Met)
            .map(|judgement| (**judgement).clone())
            .collect();
        let against = |statement: &Statement<'p>| match statement.status() {
            Status::Met | Status::Partly | Status::NotApplicable => &refuting,
            Status::NotMet | Status::NotShown => &deciding,
        };
        let contradicted = statements
            .iter()
            .filter(|statement| !against(statement).is_empty())
            .map(|statement| Contradiction { statement: *statement, judgements: against(statement).clone() })
            .collect();
        (contradicted, refuting)
    }

    fn not_applicable(
        &self,
        scope: &Scope<'p>,
        requirement: &Requirement,
        statements: &[Statement<'p>],
    ) -> Option<Verdict> {
        if let Some(reason) = scope.beyond_conduits(requirement) {
            return Some(Verdict { status: Status::NotApplicable, basis: Vec::new(), reason: Some(reason) });
        }
        if let Some((profile, reason)) = scope.left_out.get(&requirement.id) {
            let basis = claimed(profile, reason, true);
            let reason = Some(format!("left out by profile {profile}: {reason}"));
            return Some(Verdict { status: Status::NotApplicable, basis: vec![basis], reason });
        }
        let all = !statements.is_empty() && statements.iter().all(|s| s.status() == Status::NotApplicable);
        let statement = statements.first().filter(|_| all)?;
        let basis = claimed(statement.id(), &statement.text(), true);
        Some(Verdict { status: Status::NotApplicable, basis: vec![basis], reason: Some(statement.text()) })
    }

    fn compensated(&self, scope: &Scope<'p>, requirement: &RequirementId) -> Option<Verdict> {
        let countermeasure = self.claims.compensation(&scope.subjects, requirement)?;
        let basis = Basis {
            kind: BasisKind::Compensated,
            reference: countermeasure.id.to_string(),
            text: countermeasure.rationale.clone().unwrap_or_default(),
            speaks_for: true,
            places: Vec::new(),
        };
        Some(Verdict::of(Status::Met, vec![basis]))
    }

    fn decided(&self, scope: &Scope<'p>, requirement: &RequirementId) -> Option<Verdict> {
        let speaking = self.judgements.speaking(scope, requirement).iter();
        let deciding: Vec<&Judgement> =
            speaking.copied().filter(|j| matches!(j.says, Says::Met | Says::Partly)).collect();
        let partly = deciding.iter().any(|judgement| judgement.says == Says::Partly);
        let status = if partly { Status::Partly } else { Status::Met };
        (!deciding.is_empty()).then(|| Verdict::of(status, deciding.into_iter().map(shown).collect()))
    }

    /// A component of which is stated that it does not meet it.
    fn missing_at_an_asset(&self, scope: &Scope<'p>, requirement: &RequirementId) -> Option<Verdict> {
        let named = self.claims.of_assets(requirement)?;
        let lacking = scope.groups.iter().flat_map(|(_, assets)| assets).filter_map(|asset| {
            let statement = named.get(&asset.id)?.iter().find(|s| s.status() == Status::NotMet)?;
            let compensated = self.claims.asset_compensation(&asset.id, requirement).is_some();
            (!compensated)
                .then(|| claimed(statement.id(), &format!("{}: {}", asset.id, statement.text()), false))
        });
        let basis: Vec<Basis> = lacking.take(NAMED_MAX).collect();
        (!basis.is_empty()).then(|| Verdict::of(Status::NotMet, basis))
    }

    /// Met where every component in scope is capable and shown, or claimed, to be set so; else not shown, with what speaks for it.
    fn inherited(&self, scope: &Scope<'p>, requirement: &RequirementId) -> Verdict {
        let supports: Vec<&Judgement> = self.judgements.speaking(scope, requirement).to_vec();
        let mut basis: Vec<Basis> =
            supports.iter().take(NAMED_MAX).map(|judgement| shown(judgement)).collect();
        let mut relevant = 0;
        for (kind, assets) in &scope.groups {
            match self.capable(*kind, assets, requirement) {
                Capable::Irrelevant => {}
                Capable::Yes => relevant += assets.len(),
                Capable::No | Capable::Unknown => return Verdict::of(Status::NotShown, basis),
            }
        }
        if relevant == 0 {
            return Verdict::of(Status::NotShown, basis);
        }
        let set = !supports.is_empty()
            || scope
                .groups
                .iter()
                .filter(|(kind, assets)| self.capable(*kind, assets, requirement) == Capable::Yes)
                .all(|(_, assets)| assets.iter().all(|asset| self.is_set(asset, requirement)));
        if !set {
            return Verdict::of(Status::NotShown, basis);
        }
        let who = words::count(relevant as u64, "component");
        let how = if supports.is_empty() {
            "each is stated or shown to be set so"
        } else {
            "evidence speaks for it"
        };
        basis.push(Basis {
            kind: BasisKind::Inherited,
            reference: scope.id.to_string(),
            text: format!("{who} in scope can, and {how}"),
            speaks_for: true,
            places: Vec::new(),
        });
        Verdict::of(Status::Met, basis)
    }

    /// Can the components of a kind, or does something stand in for those that cannot?
    pub(super) fn capable(
        &self,
        kind: ComponentKind<'p>,
        assets: &[&'p Asset],
        requirement: &RequirementId,
    ) -> Capable {
        match self.capabilities.capable(kind, requirement) {
            Capable::No | Capable::Unknown if self.all_compensated(assets, requirement) => Capable::Yes,
            capable => capable,
        }
    }

    fn all_compensated(&self, assets: &[&Asset], requirement: &RequirementId) -> bool {
        assets.iter().all(|asset| self.claims.asset_compensation(&asset.id, requirement).is_some())
    }

    /// Is it stated or shown of the asset that it is set so?
    fn is_set(&self, asset: &Asset, requirement: &RequirementId) -> bool {
        let stated = self.claims.of_assets(requirement).and_then(|named| named.get(&asset.id));
        let stated = stated.is_some_and(|all| all.iter().all(|s| s.status() == Status::Met));
        let shown = self.judgements.assets(requirement).is_some_and(|assets| assets.contains_key(&asset.id));
        stated || shown || self.claims.asset_compensation(&asset.id, requirement).is_some()
    }
}

fn row(
    scope: &Scope<'_>,
    id: &RequirementId,
    fr: Fr,
    level: SecurityLevel,
    verdict: Verdict,
) -> RequirementStatus {
    RequirementStatus {
        id: id.clone(),
        fr,
        level,
        required: verdict.status != Status::NotApplicable && is_required(&scope.sl_t, fr, level),
        status: verdict.status,
        basis: verdict.basis,
        reason: verdict.reason,
        gap: None,
        gap_text: None,
    }
}

fn refuted(refuting: &[Judgement]) -> Option<Verdict> {
    let basis: Vec<Basis> = refuting.iter().take(NAMED_MAX).map(shown).collect();
    (!basis.is_empty()).then(|| Verdict::of(Status::NotMet, basis))
}

/// What statements say: the most cautious of them. One that something does not apply says nothing beside others.
fn stated(statements: &[Statement<'_>]) -> Option<Verdict> {
    let speaking = || statements.iter().filter(|s| s.status() != Status::NotApplicable);
    let status = speaking().map(Statement::status).reduce(worse)?;
    let basis = speaking()
        .filter(|statement| statement.status() == status)
        .take(NAMED_MAX)
        .map(|statement| claimed(statement.id(), &statement.text(), status == Status::Met))
        .collect();
    Some(Verdict::of(status, basis))
}

fn conflict<'p>(statements: &[Statement<'p>]) -> Option<Conflict<'p>> {
    let (first, rest) = statements.split_first()?;
    let second = rest.iter().find(|other| other.status() != first.status())?;
    Some(Conflict { first: *first, second: *second })
}

fn claimed(reference: &str, text: &str, speaks_for: bool) -> Basis {
    Basis {
        kind: BasisKind::Claimed,
        reference: reference.to_string(),
        text: text.to_string(),
        speaks_for,
        places: Vec::new(),
    }
}

fn shown(judgement: &Judgement) -> Basis {
    Basis {
        kind: match judgement.world {
            World::Observed => BasisKind::Observed,
            World::Configured => BasisKind::Configured,
        },
        reference: judgement.reference.clone(),
        text: judgement.text.clone(),
        speaks_for: judgement.says != Says::Refutes,
        places: judgement.evidence.clone(),
    }
}

/// The subject that a statement's finding names.
pub(super) fn subject_text(subject: &SubjectRef) -> String {
    match subject {
        SubjectRef::Plant => "the plant".into(),
        SubjectRef::Zone(id) => format!("zone {id}"),
        SubjectRef::Conduit(id) => format!("conduit {id}"),
        SubjectRef::Asset(id) => format!("asset {id}"),
        SubjectRef::Product(id) => format!("product {id}"),
        SubjectRef::Group(id) => format!("group {id}"),
    }
}
