//! What deciders look at: the worlds side by side, with each flow located once and each path found by where it runs.

use super::Judged;
use super::boundary::Boundaries;
use crate::configured::Configuration;
use crate::declared::Conduits;
use crate::observed::{Coverage, segment};
use crate::verification::{Path, Verification};
use crate::whereabouts::{Whereabout, Whereabouts, Who};
use jiff::civil::Date;
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use zonewright_plant::Plant;
use zonewright_plant::id::{AssetId, ConduitId, EvidenceId, ZoneId};
use zonewright_plant::model::{Asset, Zone};
use zonewright_traffic::facts::Direction;
use zonewright_traffic::observation::{Flow, Observation, Transport};

/// One end of a located flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side<'a> {
    /// Its zone, where it is known.
    pub zone: Option<&'a ZoneId>,
    /// Its asset, where the model knows it.
    pub asset: Option<&'a AssetId>,
    /// How a text names it: the asset's id, else its address.
    pub name: String,
}

/// A flow and where it runs.
#[derive(Debug)]
pub struct Located<'a> {
    /// The flow.
    pub flow: &'a Flow,
    /// The end that began.
    pub from: Side<'a>,
    /// The other end.
    pub to: Side<'a>,
    /// The conduits that join the two zones, by id; empty within a zone and where none does.
    pub conduits: Vec<&'a ConduitId>,
}

impl Located<'_> {
    /// Do both ends lie in one zone?
    #[must_use]
    pub fn within_zone(&self) -> bool {
        self.from.zone.is_some() && self.from.zone == self.to.zone
    }

    /// The conduits that it crossed, or the zone that it stayed in.
    #[must_use]
    pub fn crossed(&self) -> Vec<Judged> {
        let zone = self.from.zone.filter(|_| self.within_zone());
        let conduits = self.conduits.iter().map(|conduit| Judged::Conduit((*conduit).clone()));
        conduits.chain(zone.cloned().map(Judged::Zone)).collect()
    }
}

/// The worlds, ready to be looked at.
pub struct Worlds<'a> {
    /// The declared world.
    pub plant: &'a Plant,
    /// The observed world.
    pub observation: &'a Observation,
    /// The configured world.
    pub configurations: &'a [Configuration<'a>],
    /// Declared, configured and observed side by side, each path named.
    pub verification: &'a Verification,
    /// What the captures cover.
    pub coverage: Coverage<'a>,
    /// Every flow, located, by id. Flows to groups and broadcasts have no zone at that end.
    pub flows: Vec<Located<'a>>,
    /// Who has which address.
    pub whereabouts: Whereabouts<'a>,
    /// The judging date.
    pub as_of: Date,
    assets: HashMap<&'a ZoneId, Vec<&'a Asset>>,
    conduits: Conduits<'a>,
    by_conduit: HashMap<&'a ConduitId, Vec<&'a Path>>,
    by_zone: HashMap<&'a ZoneId, Vec<&'a Path>>,
    boundaries: OnceCell<Boundaries<'a>>,
}

impl<'a> Worlds<'a> {
    /// Locates every flow of the observation.
    #[must_use]
    pub fn new(
        plant: &'a Plant,
        observation: &'a Observation,
        configurations: &'a [Configuration<'a>],
        verification: &'a Verification,
    ) -> Self {
        let whereabouts = Whereabouts::new(plant);
        let conduits = Conduits::new(plant);
        let flows = observation.flows.iter().map(|flow| locate(plant, &whereabouts, &conduits, flow));
        let flows = flows.collect();
        let mut by_conduit: HashMap<&ConduitId, Vec<&Path>> = HashMap::new();
        let mut by_zone: HashMap<&ZoneId, Vec<&Path>> = HashMap::new();
        for path in &verification.paths {
            let zone = |id: &str| plant.zones.get_key_value(&ZoneId::from(id)).map(|(id, _)| id);
            let ends = (zone(&path.from_zone), zone(&path.to_zone));
            if let (Some(from), Some(to)) = ends {
                for conduit in conduits.between(from, to) {
                    by_conduit.entry(&conduit.id).or_default().push(path);
                }
            }
            for zone in [ends.0, ends.1].into_iter().flatten().collect::<BTreeSet<_>>() {
                by_zone.entry(zone).or_default().push(path);
            }
        }
        Self {
            plant,
            observation,
            configurations,
            verification,
            coverage: Coverage::new(plant, observation),
            flows,
            whereabouts,
            as_of: verification.as_of,
            assets: assets_by_zone(plant),
            conduits,
            by_conduit,
            by_zone,
            boundaries: OnceCell::new(),
        }
    }

    /// The assets of a zone itself, declared ones only.
    pub fn assets_of(&self, zone: &ZoneId) -> impl Iterator<Item = &'a Asset> + use<'a> {
        self.assets.get(zone).cloned().unwrap_or_default().into_iter()
    }

    /// The zones inside the system under consideration, declared ones only.
    pub fn zones(&self) -> impl Iterator<Item = &'a Zone> + use<'a> {
        self.plant.zones.values().filter(|zone| zone.inside && !zone.common.proposed)
    }

    /// The zone of an id, if it is inside the system under consideration.
    #[must_use]
    pub fn inside(&self, zone: Option<&ZoneId>) -> Option<&'a Zone> {
        zone.and_then(|zone| self.plant.zones.get(zone)).filter(|zone| zone.inside)
    }

    /// Is it a zone that is not trusted?
    #[must_use]
    pub fn is_untrusted(&self, zone: &ZoneId) -> bool {
        self.plant.zones.get(zone).is_some_and(|zone| !zone.trusted)
    }

    /// The flow of an id, located.
    #[must_use]
    pub fn located(&self, id: &str) -> Option<&Located<'a>> {
        let at = self.flows.binary_search_by(|located| located.flow.id.as_ref().cmp(id)).ok()?;
        self.flows.get(at)
    }

    /// The paths between zones that a conduit joins.
    #[must_use]
    pub fn paths_of_conduit(&self, conduit: &ConduitId) -> &[&'a Path] {
        self.by_conduit.get(conduit).map(Vec::as_slice).unwrap_or_default()
    }

    /// The paths that begin or end in a zone itself.
    #[must_use]
    pub fn paths_of_zone(&self, zone: &ZoneId) -> &[&'a Path] {
        self.by_zone.get(zone).map(Vec::as_slice).unwrap_or_default()
    }

    /// What is enforced at each conduit and zone. Worked out when first asked for.
    pub fn boundaries(&self) -> &Boundaries<'a> {
        self.boundaries.get_or_init(|| Boundaries::new(self))
    }

    /// The end of a flow as one to judge: its asset, else its zone; nothing outside the system under consideration.
    #[must_use]
    pub fn end(&self, side: &Side<'_>) -> Option<Judged> {
        let zone = self.inside(side.zone);
        match side.asset.and_then(|id| self.plant.assets.get(id)) {
            Some(asset) if zone.is_some() || asset.conduit.is_some() => Some(Judged::Asset(asset.id.clone())),
            Some(_) => None,
            None => zone.map(|zone| Judged::Zone(zone.id.clone())),
        }
    }

    /// The conduits that join the ends of a path, and the inside zones at its ends.
    #[must_use]
    pub fn sides(&self, path: &Path) -> BTreeSet<Judged> {
        let zone = |id: &str| self.inside(Some(&ZoneId::from(id))).map(|zone| Judged::Zone(zone.id.clone()));
        let mut sides: BTreeSet<Judged> =
            [zone(&path.from_zone), zone(&path.to_zone)].into_iter().flatten().collect();
        if let (Some(from), Some(to)) = (self.zone_id(&path.from_zone), self.zone_id(&path.to_zone)) {
            sides.extend(self.conduits.between(from, to).into_iter().map(|c| Judged::Conduit(c.id.clone())));
        }
        sides
    }

    fn zone_id(&self, id: &str) -> Option<&'a ZoneId> {
        self.plant.zones.get_key_value(&ZoneId::from(id)).map(|(id, _)| id)
    }

    /// Did something of a path surely pass the boundary: an answer came, or it was seen beyond? A single packet back for each
    /// conversation may be a refusal.
    #[must_use]
    pub fn passed(&self, path: &Path) -> bool {
        path.flows.iter().filter_map(|id| self.located(id)).any(|located| self.flow_passed(located))
    }

    fn flow_passed(&self, located: &Located<'_>) -> bool {
        let flow = located.flow;
        let spoke = flow.functions.iter().any(|function| function.direction == Direction::Response);
        let answers = match flow.transport {
            Transport::Tcp => flow.packets_from_responder > flow.conversations,
            _ => flow.packets_from_responder > 0,
        };
        let seen_beyond = || {
            let points = flow.capture_points.iter().map(|point| EvidenceId::from(point.as_ref()));
            let mut zones = points.filter_map(|id| self.plant.evidence.get(&id)?.zone.as_ref());
            zones.any(|zone| located.to.zone == Some(zone))
        };
        spoke || answers || seen_beyond()
    }

    /// The conduits that a flow crossed and the inside zones that it began or ended in.
    #[must_use]
    pub fn touched(&self, located: &Located<'_>) -> BTreeSet<Judged> {
        let zones = [located.from.zone, located.to.zone].into_iter().filter_map(|zone| self.inside(zone));
        let conduits = located.conduits.iter().map(|conduit| Judged::Conduit((*conduit).clone()));
        conduits.chain(zones.map(|zone| Judged::Zone(zone.id.clone()))).collect()
    }
}

impl std::fmt::Debug for Worlds<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Worlds({} flows, {} paths)", self.flows.len(), self.verification.paths.len())
    }
}

fn assets_by_zone(plant: &Plant) -> HashMap<&ZoneId, Vec<&Asset>> {
    let mut assets: HashMap<&ZoneId, Vec<&Asset>> = HashMap::new();
    for asset in plant.assets.values().filter(|asset| !asset.common.proposed) {
        if let Some(zone) = &asset.zone {
            assets.entry(zone).or_default().push(asset);
        }
    }
    assets
}

fn locate<'a>(
    plant: &'a Plant,
    whereabouts: &Whereabouts<'a>,
    conduits: &Conduits<'a>,
    flow: &'a Flow,
) -> Located<'a> {
    let (from, to) = whereabouts.ends(flow, segment(plant, &flow.capture_points));
    let (from, to) = (side(plant, from), side(plant, to));
    let between = match (from.zone, to.zone) {
        (Some(a), Some(b)) if a != b => {
            conduits.between(a, b).into_iter().map(|conduit| &conduit.id).collect()
        }
        _ => Vec::new(),
    };
    Located { flow, from, to, conduits: between }
}

fn side(plant: &Plant, end: Whereabout) -> Side<'_> {
    match end {
        Whereabout::Known { zone, who } => Side {
            zone: plant.zones.get_key_value(&zone).map(|(id, _)| id),
            asset: match &who {
                Who::Asset(id) => plant.assets.get_key_value(id).map(|(id, _)| id),
                Who::Address(_) => None,
            },
            name: who.to_string(),
        },
        Whereabout::Group => Side { zone: None, asset: None, name: "a group address".into() },
        Whereabout::Unknown(name) => Side { zone: None, asset: None, name },
    }
}
