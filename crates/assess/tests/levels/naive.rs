//! The definition of a status and of SL-A, written down a second time: no index, no grouping, no memory; every question is
//! asked of the whole plant again.

use jiff::civil::Date;
use zonewright_assess::deciders::{Judged, Judgement, Says};
use zonewright_catalog::{Catalog, ConduitCondition, Fr, Requirement, RequirementId};
use zonewright_plant::Plant;
use zonewright_plant::model::{
    Asset, Claim, Countermeasure, CountermeasureState, Medium, Product, Status, SubjectRef,
};

pub(crate) struct Naive<'a> {
    pub(crate) plant: &'a Plant,
    pub(crate) judgements: &'a [Judgement],
    pub(crate) as_of: Date,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Can {
    Yes,
    No,
    Unknown,
    NothingAsked,
}

impl Naive<'_> {
    /// Proven and possible levels of a subject, per foundational requirement.
    pub(crate) fn levels(&self, subject: &SubjectRef) -> [(Option<u8>, Option<u8>); 7] {
        let statuses: Vec<(&Requirement, Status)> = Catalog::builtin()
            .system_requirements()
            .map(|requirement| (requirement, self.status(subject, requirement)))
            .collect();
        Fr::ALL.map(|fr| {
            let of: Vec<_> = statuses
                .iter()
                .filter(|(requirement, status)| {
                    requirement.fr == Some(fr) && *status != Status::NotApplicable
                })
                .collect();
            let highest = |counts: &dyn Fn(Status) -> bool| {
                if of.is_empty() {
                    return None;
                }
                (0..=4_u8).rev().find(|n| {
                    of.iter().all(|(requirement, status)| {
                        requirement.levels.for_system().unwrap().number() > *n || counts(*status)
                    })
                })
            };
            (
                highest(&|status| status == Status::Met),
                highest(&|status| matches!(status, Status::Met | Status::NotShown)),
            )
        })
    }

    pub(crate) fn status(&self, subject: &SubjectRef, requirement: &Requirement) -> Status {
        let id = &requirement.id;
        let refuted = self.refuted(subject, id);
        let decided = self.said_of(subject, id, Says::Met);
        let statements: Vec<Status> = self
            .statements(subject, id)
            .into_iter()
            .filter(|status| match status {
                Status::NotMet => !decided,
                _ => !refuted,
            })
            .collect();
        if self.not_for_this_conduit(subject, requirement) || self.left_out(subject, id) {
            return Status::NotApplicable;
        }
        if !statements.is_empty() && statements.iter().all(|status| *status == Status::NotApplicable) {
            return Status::NotApplicable;
        }
        if self.compensated(|to| to == subject || *to == SubjectRef::Plant, id) {
            return Status::Met;
        }
        if refuted {
            return Status::NotMet;
        }
        if self.said_of(subject, id, Says::Partly) {
            return Status::Partly;
        }
        if decided {
            return Status::Met;
        }
        for status in [Status::NotMet, Status::Partly, Status::Met] {
            if statements.contains(&status) {
                return status;
            }
        }
        let scope = self.scope(subject);
        if scope
            .iter()
            .any(|asset| self.asset_says(asset, id, Status::NotMet) && !self.asset_compensated(asset, id))
        {
            return Status::NotMet;
        }
        if self.inherited(subject, &scope, id) { Status::Met } else { Status::NotShown }
    }

    fn not_for_this_conduit(&self, subject: &SubjectRef, requirement: &Requirement) -> bool {
        let SubjectRef::Conduit(id) = subject else { return false };
        let conduit = &self.plant.conduits[id];
        !match requirement.conduit.unwrap().when {
            None => false,
            Some(ConduitCondition::Always) => true,
            Some(ConduitCondition::Devices) => !self.scope(subject).is_empty(),
            Some(ConduitCondition::Wireless) => conduit.medium == Some(Medium::Wireless),
            Some(ConduitCondition::PortableMedia) => conduit.medium == Some(Medium::PortableMedia),
            Some(ConduitCondition::UntrustedNetwork) => {
                conduit.zones.iter().any(|zone| !self.plant.zones[zone].trusted)
            }
        }
    }

    fn left_out(&self, subject: &SubjectRef, id: &RequirementId) -> bool {
        self.plant.profiles.values().any(|profile| {
            let adopted = profile.applies_to.is_empty()
                || profile.applies_to.contains(subject)
                || profile.applies_to.contains(&SubjectRef::Plant);
            adopted && profile.left_out.contains_key(id)
        })
    }

    fn inherited(&self, subject: &SubjectRef, scope: &[&Asset], id: &RequirementId) -> bool {
        let cans: Vec<(&&Asset, Can)> = scope.iter().map(|asset| (asset, self.can(asset, id))).collect();
        let able = cans.iter().filter(|(_, can)| *can == Can::Yes).count();
        if able == 0 || cans.iter().any(|(_, can)| matches!(can, Can::No | Can::Unknown)) {
            return false;
        }
        if self.said_of(subject, id, Says::Supports) {
            return true;
        }
        cans.iter().filter(|(_, can)| *can == Can::Yes).all(|(asset, _)| {
            let statements = self.asset_statements(asset, id);
            let stated = !statements.is_empty() && statements.iter().all(|status| *status == Status::Met);
            let shown = self.judgements.iter().any(|j| {
                j.requirement == *id
                    && j.subject == Judged::Asset(asset.id.clone())
                    && j.says != Says::Refutes
            });
            stated || shown || self.asset_compensated(asset, id)
        })
    }

    fn can(&self, asset: &Asset, id: &RequirementId) -> Can {
        let product =
            asset.product.as_ref().map(|id| &self.plant.products[id]).filter(|p| !p.common.proposed);
        let asked: Vec<&Requirement> = Catalog::builtin().component_requirements_for(id).collect();
        let mut can = Can::NothingAsked;
        match asset.component_type.or(product.and_then(|p| p.component_type)) {
            None if asked.is_empty() => {}
            None => can = Can::Unknown,
            Some(kind) => {
                let answers: Vec<Option<Status>> = asked
                    .iter()
                    .filter(|requirement| requirement.levels.for_component(kind).is_some())
                    .map(|requirement| {
                        let level = requirement.levels.for_component(kind).unwrap();
                        let own = self.component_claim(asset, &requirement.id);
                        let answered = product.and_then(|p| p.capabilities.get(&requirement.id).copied());
                        let stated = |p: &Product| p.sl_c.level(requirement.fr.unwrap()) >= Some(level);
                        own.or(answered).or(product.filter(|p| stated(p)).map(|_| Status::Met))
                    })
                    .filter(|answer| *answer != Some(Status::NotApplicable))
                    .collect();
                if answers.iter().any(|a| matches!(a, Some(Status::NotMet | Status::Partly))) {
                    can = Can::No;
                } else if answers.iter().any(|a| *a != Some(Status::Met)) {
                    can = Can::Unknown;
                } else if !answers.is_empty() {
                    can = Can::Yes;
                }
            }
        }
        if matches!(can, Can::No | Can::Unknown) && self.asset_compensated(asset, id) {
            Can::Yes
        } else {
            can
        }
    }

    fn component_claim(&self, asset: &Asset, id: &RequirementId) -> Option<Status> {
        let of = self
            .counting_claims()
            .filter(|claim| claim.requirement == *id && self.names(&claim.subject, asset));
        let all: Vec<Status> = of.map(|claim| claim.status).collect();
        [Status::NotMet, Status::Partly, Status::Met, Status::NotApplicable]
            .into_iter()
            .find(|status| all.contains(status))
    }

    // -- who belongs where --

    fn lineage(&self, zone: &zonewright_plant::id::ZoneId) -> Vec<zonewright_plant::id::ZoneId> {
        let mut all = vec![zone.clone()];
        while let Some(parent) = self.plant.zones[all.last().unwrap()].parent.clone() {
            all.push(parent);
        }
        all
    }

    fn belongs(&self, asset: &Asset, subject: &SubjectRef) -> bool {
        match subject {
            SubjectRef::Zone(id) => asset.zone.as_ref().is_some_and(|zone| self.lineage(zone).contains(id)),
            SubjectRef::Conduit(id) => {
                asset.conduit.as_ref() == Some(id) || self.plant.conduits[id].enforced_by.contains(&asset.id)
            }
            _ => false,
        }
    }

    fn scope(&self, subject: &SubjectRef) -> Vec<&Asset> {
        let declared = self.plant.assets.values().filter(|asset| !asset.common.proposed);
        declared.filter(|asset| self.belongs(asset, subject)).collect()
    }

    /// Does a subject of a statement name this asset?
    fn names(&self, subject: &SubjectRef, asset: &Asset) -> bool {
        match subject {
            SubjectRef::Asset(id) => *id == asset.id,
            SubjectRef::Product(id) => asset.product.as_ref() == Some(id),
            SubjectRef::Group(id) => self.plant.groups[id].assets.contains(&asset.id),
            _ => false,
        }
    }

    // -- what is said --

    fn said_of(&self, subject: &SubjectRef, id: &RequirementId, says: Says) -> bool {
        self.judgements.iter().any(|j| {
            j.requirement == *id
                && j.says == says
                && match (&j.subject, subject) {
                    (Judged::Zone(a), SubjectRef::Zone(b)) => a == b,
                    (Judged::Conduit(a), SubjectRef::Conduit(b)) => a == b,
                    _ => false,
                }
        })
    }

    fn refuted(&self, subject: &SubjectRef, id: &RequirementId) -> bool {
        self.judgements.iter().filter(|j| j.requirement == *id && j.says == Says::Refutes).any(|j| {
            match (&j.subject, subject) {
                (Judged::Zone(a), SubjectRef::Zone(b)) => self.lineage(a).contains(b),
                (Judged::Conduit(a), SubjectRef::Conduit(b)) => a == b,
                (Judged::Asset(a), _) => {
                    let asset = &self.plant.assets[a];
                    self.belongs(asset, subject) && !self.asset_compensated(asset, id)
                }
                _ => false,
            }
        })
    }

    fn counting_claims(&self) -> impl Iterator<Item = &Claim> {
        self.plant.claims.values().filter(|claim| {
            let evidence = claim.evidence.iter().map(|id| &self.plant.evidence[id]);
            let good = evidence.into_iter().all(|e| e.good_until.is_none_or(|until| self.as_of <= until));
            let reasoned = claim.rationale.is_some();
            !claim.common.proposed
                && match claim.status {
                    Status::NotMet => true,
                    Status::NotApplicable => reasoned && good,
                    _ => (reasoned || !claim.evidence.is_empty()) && good,
                }
        })
    }

    fn countermeasures(&self) -> impl Iterator<Item = &Countermeasure> {
        let all = self.plant.countermeasures.values();
        all.filter(|c| !c.common.proposed && c.state == Some(CountermeasureState::InPlace))
    }

    fn statements(&self, subject: &SubjectRef, id: &RequirementId) -> Vec<Status> {
        let about = |to: &SubjectRef| to == subject || *to == SubjectRef::Plant;
        let claimed =
            self.counting_claims().filter(|c| c.requirement == *id && about(&c.subject)).map(|c| c.status);
        let met = self.countermeasures().filter(|c| c.meets.contains(id) && c.applies_to.iter().any(about));
        claimed.chain(met.map(|_| Status::Met)).collect()
    }

    fn asset_statements(&self, asset: &Asset, id: &RequirementId) -> Vec<Status> {
        let claimed =
            self.counting_claims().filter(|c| c.requirement == *id && self.names(&c.subject, asset));
        let met = self
            .countermeasures()
            .filter(|c| c.meets.contains(id) && c.applies_to.iter().any(|to| self.names(to, asset)));
        claimed.map(|c| c.status).chain(met.map(|_| Status::Met)).collect()
    }

    fn asset_says(&self, asset: &Asset, id: &RequirementId, status: Status) -> bool {
        self.asset_statements(asset, id).contains(&status)
    }

    fn compensated(&self, about: impl Fn(&SubjectRef) -> bool, id: &RequirementId) -> bool {
        self.countermeasures().any(|c| {
            c.compensates.contains(id)
                && c.applies_to.iter().any(&about)
                && c.rationale.is_some()
                && c.approved_by.is_some()
                && c.review.is_some_and(|review| self.as_of <= review)
        })
    }

    fn asset_compensated(&self, asset: &Asset, id: &RequirementId) -> bool {
        self.compensated(|to| self.names(to, asset), id)
    }
}
