//! Declared × observed: what the conduits' permits say of a flow, at function level (DESIGN §5).

use crate::services::{allows, asked, covers_service, function_name};
use crate::verification::Declared;
use crate::whereabouts::{Who, covers, lineage};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use zonewright_plant::Plant;
use zonewright_plant::id::{PermitId, ZoneId};
use zonewright_plant::model::{Conduit, Permit};
use zonewright_traffic::observation::{Flow, FunctionUse, InitiatorBasis};
use zonewright_traffic::protocol::Class;

/// What is said of a flow or a part of its functions.
#[derive(Debug, Clone)]
pub struct Judgement<'p> {
    /// The verdict.
    pub declared: Declared,
    /// The permit that decides.
    pub permit: Option<&'p Permit>,
    /// The conduit between the two zones.
    pub conduit: Option<&'p Conduit>,
    /// Every permit that allows it, the deciding one too: none of them is idle.
    pub allowing: BTreeSet<&'p PermitId>,
    /// Whether it is judged against the order of the flow's ends, because who began was only guessed.
    pub reversed: bool,
    /// The functions it is about, by name.
    pub functions: BTreeSet<String>,
    /// Their classes.
    pub classes: BTreeSet<Class>,
}

/// One end: its zone and who it is.
pub type Side<'a> = (&'a ZoneId, &'a Who);

/// The conduits of a plant by the zones they join.
#[derive(Debug)]
pub struct Conduits<'p> {
    plant: &'p Plant,
    by_zone: BTreeMap<&'p ZoneId, Vec<&'p Conduit>>,
}

impl<'p> Conduits<'p> {
    /// The index of `plant`'s conduits. What is only proposed is left out.
    #[must_use]
    pub fn new(plant: &'p Plant) -> Self {
        let mut by_zone: BTreeMap<&ZoneId, Vec<&Conduit>> = BTreeMap::new();
        for conduit in plant.conduits.values().filter(|conduit| !conduit.common.proposed) {
            for zone in conduit.zones.iter().collect::<BTreeSet<_>>() {
                by_zone.entry(zone).or_default().push(conduit);
            }
        }
        Self { plant, by_zone }
    }

    /// The conduits that join two zones (or zones that they are part of), by id. A conduit that ends at a zone does not join
    /// it with the zones within it.
    #[must_use]
    pub fn between(&self, from: &ZoneId, to: &ZoneId) -> Vec<&'p Conduit> {
        let joins = |conduit: &Conduit| {
            let ends = |zone| lineage(self.plant, zone).filter(|id| conduit.zones.contains(id));
            ends(from).any(|a| ends(to).any(|b| a != b))
        };
        let mut found: Vec<&Conduit> = lineage(self.plant, from)
            .filter_map(|id| self.by_zone.get(id))
            .flatten()
            .copied()
            .filter(|conduit| joins(conduit))
            .collect();
        found.sort_by_key(|conduit| &conduit.id);
        found.dedup_by_key(|conduit| &conduit.id);
        found
    }

    /// What the model says of a flow between two zones that are not the same. `seen` is the day it was last seen.
    #[must_use]
    pub fn judge(&self, from: Side<'_>, to: Side<'_>, flow: &Flow, seen: Date) -> Vec<Judgement<'p>> {
        let conduits = self.between(from.0, to.0);
        let Some(first) = conduits.first().copied() else {
            return vec![whole(Declared::NoConduit, None, None, flow)];
        };
        let forward = self.serving(&conduits, from, to, flow);
        if !forward.is_empty() {
            return by_function(&forward, flow, seen);
        }
        let backward = self.serving(&conduits, to, from, flow);
        match backward.first() {
            // Who began was only guessed from the order of packets: the other way round it is permitted.
            Some(_) if flow.initiator_basis == InitiatorBasis::First => {
                let judged = by_function(&backward, flow, seen).into_iter();
                judged.map(|judgement| Judgement { reversed: true, ..judgement }).collect()
            }
            Some((conduit, permit)) => {
                vec![whole(Declared::WrongDirection, Some(conduit), Some(permit), flow)]
            }
            None => vec![whole(Declared::ProtocolNotPermitted, Some(first), None, flow)],
        }
    }

    /// The permits whose ends and service cover the flow.
    fn serving(
        &self,
        conduits: &[&'p Conduit],
        from: Side<'_>,
        to: Side<'_>,
        flow: &Flow,
    ) -> Vec<(&'p Conduit, &'p Permit)> {
        conduits
            .iter()
            .flat_map(|conduit| conduit.permits.iter().map(move |permit| (*conduit, permit)))
            .filter(|(_, permit)| !permit.common.proposed)
            .filter(|(_, permit)| permit.from.iter().any(|end| covers(self.plant, end, from.0, from.1)))
            .filter(|(_, permit)| permit.to.iter().any(|end| covers(self.plant, end, to.0, to.1)))
            .filter(|(_, permit)| covers_service(permit, flow))
            .collect()
    }
}

fn whole<'p>(
    declared: Declared,
    conduit: Option<&'p Conduit>,
    permit: Option<&'p Permit>,
    flow: &Flow,
) -> Judgement<'p> {
    Judgement {
        declared,
        permit,
        conduit,
        allowing: BTreeSet::new(),
        reversed: false,
        functions: asked(flow).map(function_name).collect(),
        classes: asked(flow).map(|function| function.class).collect(),
    }
}

/// One judgement per deciding permit and verdict.
fn by_function<'p>(permits: &[(&'p Conduit, &'p Permit)], flow: &Flow, seen: Date) -> Vec<Judgement<'p>> {
    let holds = |permit: &Permit| permit.until.is_none_or(|until| seen <= until);
    let mut parts: BTreeMap<(Declared, &str), Judgement<'p>> = BTreeMap::new();
    let mut add = |declared, (conduit, permit): (&'p Conduit, &'p Permit), function: Option<&FunctionUse>| {
        let part = parts.entry((declared, permit.id.as_str())).or_insert_with(|| Judgement {
            declared,
            permit: Some(permit),
            conduit: Some(conduit),
            allowing: BTreeSet::new(),
            reversed: false,
            functions: BTreeSet::new(),
            classes: BTreeSet::new(),
        });
        if declared == Declared::Permitted {
            let allowing = permits.iter().map(|(_, permit)| *permit);
            let allowing = allowing.filter(|p| holds(p) && function.is_none_or(|f| allows(p, f)));
            part.allowing.extend(allowing.map(|permit| &permit.id));
        }
        if let Some(function) = function {
            part.functions.insert(function_name(function));
            part.classes.insert(function.class);
        }
    };
    let active = permits.iter().copied().find(|(_, permit)| holds(permit));
    let Some(first) = active.or_else(|| permits.first().copied()) else { return Vec::new() };
    let mut asked_any = false;
    for function in asked(flow) {
        asked_any = true;
        let allowing = |only_holding: bool| {
            permits.iter().copied().find(|(_, p)| allows(p, function) && holds(p) == only_holding)
        };
        match (allowing(true), allowing(false)) {
            (Some(at), _) => add(Declared::Permitted, at, Some(function)),
            (None, Some(at)) => add(Declared::Expired, at, Some(function)),
            (None, None) => add(Declared::FunctionNotPermitted, first, Some(function)),
        }
    }
    if !asked_any {
        add(if active.is_some() { Declared::Permitted } else { Declared::Expired }, first, None);
    }
    // Opening a session is judged with what the session is for: a row of sessions alone says nothing beside others.
    let only_session =
        |part: &Judgement<'_>| part.classes.iter().all(|c| matches!(c, Class::Session | Class::Authenticate));
    let all: Vec<Judgement<'p>> = parts.into_values().collect();
    if all.iter().all(only_session) {
        all
    } else {
        all.into_iter().filter(|part| !only_session(part)).collect()
    }
}
