//! What a person wishes of a proposal: how finely it parts, and what was turned down before.

use crate::services::covers_service;
use crate::whereabouts::{Who, covers};
use std::collections::BTreeSet;
use zonewright_plant::Plant;
use zonewright_plant::id::ZoneId;
use zonewright_plant::model::{Asset, Permit, Zone};
use zonewright_traffic::observation::Flow;

/// How finely a proposal parts a plant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Granularity {
    /// By blocks of 16 bits; only what has to be apart is parted within them.
    Coarse,
    /// By networks as hosts show them, 24 bits unless they contradict that.
    #[default]
    Normal,
    /// By networks, and within each by what its devices do: controllers, those that supervise them, others.
    Fine,
    /// By networks of this many bits.
    Prefix(u8),
}

impl Granularity {
    /// Lengths of prefixes that can be asked for.
    pub const PREFIXES: std::ops::RangeInclusive<u8> = 8..=30;

    /// `coarse`, `normal`, `fine`, or a length of prefix.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "coarse" => Some(Self::Coarse),
            "normal" => Some(Self::Normal),
            "fine" => Some(Self::Fine),
            _ => {
                let bits = word.strip_prefix('/').unwrap_or(word).parse().ok()?;
                Self::PREFIXES.contains(&bits).then_some(Self::Prefix(bits))
            }
        }
    }

    /// How long the prefix of an IPv4 network is taken to be.
    pub(super) const fn prefix(self) -> u8 {
        match self {
            Self::Coarse => 16,
            Self::Normal | Self::Fine => super::networks::PREFIX_V4,
            Self::Prefix(bits) => bits,
        }
    }

    /// May hosts that contradict each other make a network shorter?
    pub(super) const fn halves(self) -> bool {
        matches!(self, Self::Normal | Self::Fine)
    }
}

/// What a person turned down: it is not proposed again.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rejected {
    /// Permits. What they would have let be done is not proposed again; what goes beyond is.
    pub permits: Vec<Permit>,
    /// Conduits, by the zones that they would have joined.
    pub conduits: BTreeSet<BTreeSet<ZoneId>>,
    /// Zones, by their networks.
    pub zones: BTreeSet<BTreeSet<String>>,
    /// Assets, by their addresses.
    pub assets: BTreeSet<BTreeSet<String>>,
}

impl Rejected {
    /// Rejected permits that would have covered a flow.
    pub(super) fn of_flow<'r>(
        &'r self,
        plant: &Plant,
        (from_zone, from): (&ZoneId, &Who),
        (to_zone, to): (&ZoneId, &Who),
        flow: &Flow,
    ) -> Vec<&'r Permit> {
        let fits = |permit: &&Permit| {
            permit.from.iter().any(|end| covers(plant, end, from_zone, from))
                && permit.to.iter().any(|end| covers(plant, end, to_zone, to))
                && covers_service(permit, flow)
        };
        self.permits.iter().filter(fits).collect()
    }

    /// Was a conduit between these two zones turned down?
    pub(super) fn joins(&self, a: &ZoneId, b: &ZoneId) -> bool {
        self.conduits.contains(&BTreeSet::from([a.clone(), b.clone()]))
    }

    pub(super) fn has_zone(&self, zone: &Zone) -> bool {
        let networks = networks_of(zone);
        !networks.is_empty() && self.zones.contains(&networks)
    }

    pub(super) fn has_asset(&self, asset: &Asset) -> bool {
        let addresses = addresses_of(asset);
        !addresses.is_empty() && self.assets.iter().any(|known| addresses.is_subset(known))
    }
}

/// The networks of a zone, by which it is known again.
#[must_use]
pub fn networks_of(zone: &Zone) -> BTreeSet<String> {
    let network = |network: &zonewright_plant::model::ZoneNetwork| {
        let vlan = network.vlan.map(|vlan| format!(" vlan {vlan}")).unwrap_or_default();
        let context = network.context.as_ref().map(|context| format!("@{context}")).unwrap_or_default();
        format!("{}{context}{vlan}", network.network)
    };
    zone.networks.iter().map(network).collect()
}

/// The addresses of an asset, by which it is known again.
#[must_use]
pub fn addresses_of(asset: &Asset) -> BTreeSet<String> {
    let ips = asset.ips.iter().map(|address| {
        let context = address.context.as_ref().map(|context| format!("@{context}")).unwrap_or_default();
        format!("{}{context}", address.ip)
    });
    ips.chain(asset.macs.iter().map(ToString::to_string)).collect()
}
