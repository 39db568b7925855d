//! What components can: capability per component requirement of 62443-4-2, and the capability level SL-C.
//!
//! One record of a product serves every instance; an answer about a single asset goes before its product's. What nobody
//! answered is unknown, unless a stated level covers it.

use super::claims::Claims;
use std::cell::RefCell;
use std::collections::HashMap;
use zonewright_catalog::{Catalog, Fr, Requirement, RequirementId, SecurityLevel, SlVector, Standard};
use zonewright_plant::Plant;
use zonewright_plant::id::ProductId;
use zonewright_plant::model::{Asset, ComponentType, Product, Status};

/// Can a component do what a system requirement needs of it?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Capable {
    /// Every component requirement that serves it is answered with met, or covered by a stated level.
    Yes,
    /// One of them is answered with not met or partly.
    No,
    /// Nobody answered all of them.
    Unknown,
    /// None of them is asked of a component of this type.
    Irrelevant,
}

/// A component: its type, its product, and the asset itself where it has answers of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ComponentKind<'p> {
    /// Its type; unknown where neither the asset nor its product states one.
    pub component_type: Option<ComponentType>,
    /// Its product, where it is declared.
    pub product: Option<&'p Product>,
    /// The asset, if claims give it answers of its own.
    pub own: Option<&'p Asset>,
}

type Memo<'p> = HashMap<(Option<ComponentType>, Option<&'p ProductId>, RequirementId), Capable>;

/// The capabilities of a plant's components.
pub struct Capabilities<'p> {
    plant: &'p Plant,
    catalog: &'static Catalog,
    claims: &'p Claims<'p>,
    memo: RefCell<Memo<'p>>,
}

impl<'p> Capabilities<'p> {
    /// Over the products and claims of a plant.
    #[must_use]
    pub fn new(plant: &'p Plant, catalog: &'static Catalog, claims: &'p Claims<'p>) -> Self {
        Self { plant, catalog, claims, memo: RefCell::default() }
    }

    /// What an asset is as a component.
    #[must_use]
    pub fn kind(&self, asset: &'p Asset) -> ComponentKind<'p> {
        let product = asset.product.as_ref().and_then(|id| self.plant.products.get(id));
        let product = product.filter(|product| !product.common.proposed);
        ComponentKind {
            component_type: asset.component_type.or_else(|| product.and_then(|p| p.component_type)),
            product,
            own: self.claims.has_component_answers(&asset.id).then_some(asset),
        }
    }

    /// Can it do what a system requirement needs of it?
    #[must_use]
    pub fn capable(&self, kind: ComponentKind<'p>, system: &RequirementId) -> Capable {
        if kind.own.is_some() {
            return self.work_out(kind, system);
        }
        let key = (kind.component_type, kind.product.map(|product| &product.id), system.clone());
        if let Some(known) = self.memo.borrow().get(&key) {
            return *known;
        }
        let capable = self.work_out(kind, system);
        self.memo.borrow_mut().insert(key, capable);
        capable
    }

    fn work_out(&self, kind: ComponentKind<'p>, system: &RequirementId) -> Capable {
        let Some(component_type) = kind.component_type else {
            // Of what type it is decides what is asked of it.
            let any = self.catalog.component_requirements_for(system).next().is_some();
            return if any { Capable::Unknown } else { Capable::Irrelevant };
        };
        let mut capable = Capable::Irrelevant;
        for requirement in self.catalog.component_requirements_for(system) {
            let Some(level) = requirement.levels.for_component(component_type) else { continue };
            let this = match self.answer(kind, requirement, level) {
                Some(Status::NotApplicable) => continue,
                Some(Status::Met) => Capable::Yes,
                Some(Status::NotMet | Status::Partly) => return Capable::No,
                Some(Status::NotShown) | None => Capable::Unknown,
            };
            capable = match (capable, this) {
                (Capable::Unknown, _) | (_, Capable::Unknown) => Capable::Unknown,
                _ => Capable::Yes,
            };
        }
        capable
    }

    /// The answer to a component requirement: the asset's own, else its product's, else what a stated level says.
    #[must_use]
    pub fn answer(
        &self,
        kind: ComponentKind<'p>,
        requirement: &Requirement,
        level: SecurityLevel,
    ) -> Option<Status> {
        let own = kind.own.and_then(|asset| self.claims.of_component(&asset.id, &requirement.id));
        let stated = |product: &Product| {
            let covered = product.sl_c.level(requirement.fr?)? >= level;
            covered.then_some(Status::Met)
        };
        own.or_else(|| kind.product?.capabilities.get(&requirement.id).copied())
            .or_else(|| kind.product.and_then(stated))
    }

    /// The last day on which the vendor supports an asset's product, where the product's record says.
    #[must_use]
    pub fn end_of_support(&self, asset: &Asset) -> Option<jiff::civil::Date> {
        self.plant.products.get(asset.product.as_ref()?)?.end_of_support
    }

    /// SL-C: the stated level, lowered where an answer contradicts it; else the highest level up to which every component
    /// requirement is answered with met. Nothing where nothing is known.
    #[must_use]
    pub fn level(&self, kind: ComponentKind<'p>) -> Option<SlVector> {
        let component_type = kind.component_type?;
        let vector = SlVector(Fr::ALL.map(|fr| self.level_of(kind, component_type, fr)));
        (!vector.is_empty()).then_some(vector)
    }

    fn level_of(
        &self,
        kind: ComponentKind<'p>,
        component_type: ComponentType,
        fr: Fr,
    ) -> Option<SecurityLevel> {
        let mut answered = kind.product.is_some_and(|product| product.sl_c.level(fr).is_some());
        let mut lowest_failing = 5_u8;
        let mut any = false;
        for requirement in self.catalog.of(Standard::Iec62443_4_2) {
            let level = requirement.levels.for_component(component_type);
            let (Some(level), true) = (level, requirement.fr == Some(fr)) else { continue };
            let answer = self.answer(kind, requirement, level);
            answered |= matches!(answer, Some(status) if status != Status::NotShown);
            match answer {
                Some(Status::NotApplicable) => continue,
                Some(Status::Met) => {}
                _ => lowest_failing = lowest_failing.min(level.number()),
            }
            any = true;
        }
        let reached = SecurityLevel::new(lowest_failing.saturating_sub(1))?;
        let stated = kind.product.and_then(|product| product.sl_c.level(fr));
        (any && answered).then_some(stated.map_or(reached, |stated| reached.min(stated)))
    }
}
