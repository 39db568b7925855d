//! What deciders look at: the worlds side by side, with each flow located once.

use super::Judged;
use crate::configured::Configuration;
use crate::declared::Conduits;
use crate::observed::{Coverage, segment};
use crate::verification::Verification;
use crate::whereabouts::{Whereabout, Whereabouts, Who};
use jiff::civil::Date;
use zonewright_plant::Plant;
use zonewright_plant::id::{AssetId, ConduitId, ZoneId};
use zonewright_plant::model::Asset;
use zonewright_traffic::observation::{Flow, Observation};

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
    /// Every flow, located. Flows to groups and broadcasts have no zone at that end.
    pub flows: Vec<Located<'a>>,
    /// The judging date.
    pub as_of: Date,
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
        Self {
            plant,
            observation,
            configurations,
            verification,
            coverage: Coverage::new(plant, observation),
            flows: flows.collect(),
            as_of: verification.as_of,
        }
    }

    /// The assets of a zone itself, declared ones only.
    pub fn assets_of<'z>(&self, zone: &'z ZoneId) -> impl Iterator<Item = &'a Asset> + use<'a, 'z> {
        self.plant
            .assets
            .values()
            .filter(move |asset| !asset.common.proposed && asset.zone.as_ref() == Some(zone))
    }
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
