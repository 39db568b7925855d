//! What configurations show of a boundary: which devices enforce it, whether all that they pass there is known, and whether
//! they record what they refuse. Worked out once per conduit and zone.

use super::Worlds;
use crate::configured::{Configuration, Device, Way, facing};
use crate::rules::asset::dual_homed_assets;
use crate::verification::{Configured, Path, PathName};
use crate::whereabouts::lineage;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use zonewright_firewall::ruleset::{
    AddressSet, ChainKind, Condition, Hook, Policy, Reason, Rule, Ruleset, Verdict,
};
use zonewright_plant::id::{AssetId, ConduitId, ZoneId};
use zonewright_plant::model::{Conduit, Evidence};
use zonewright_plant::{EvidencePlace, Plant};
use zonewright_source::{Place, Severity};

/// What configurations show of a conduit or of the boundary of a zone.
#[derive(Debug, Clone, Default)]
pub struct Boundary<'a> {
    /// The configurations of the devices that enforce it.
    pub evidence: Vec<&'a Evidence>,
    /// The files they stand in.
    pub files: BTreeSet<Arc<str>>,
    /// The devices, by id.
    pub devices: BTreeSet<&'a AssetId>,
    /// Is every device's configuration there, read without a line left over, with an interface of its own towards each side?
    pub is_known: bool,
    /// Is nothing open or seen beyond what permits declare?
    pub is_as_declared: bool,
    /// Does each device record what it refuses by default?
    pub logs_refusals: bool,
}

impl Boundary<'_> {
    /// Is what passes there shown to be what is declared, and nothing else?
    #[must_use]
    pub const fn is_decided(&self) -> bool {
        self.is_known && self.is_as_declared
    }

    /// The devices in words.
    #[must_use]
    pub fn names(&self) -> String {
        crate::words::list(self.devices.iter().map(|device| device.as_str()))
    }

    /// The configurations as places.
    #[must_use]
    pub fn places(&self) -> Vec<EvidencePlace> {
        let place = |file: &Arc<str>| EvidencePlace {
            place: Place::File(file.clone()),
            what: "the configuration".into(),
        };
        self.files.iter().map(place).collect()
    }

    /// The id of the first configuration.
    #[must_use]
    pub fn reference(&self) -> String {
        self.evidence.first().map(|evidence| evidence.id.to_string()).unwrap_or_default()
    }
}

/// The boundaries of a plant.
#[derive(Debug, Default)]
pub struct Boundaries<'a> {
    conduits: HashMap<&'a ConduitId, Boundary<'a>>,
    zones: HashMap<&'a ZoneId, Boundary<'a>>,
}

impl<'a> Boundaries<'a> {
    /// Works out every boundary.
    #[must_use]
    pub fn new(worlds: &Worlds<'a>) -> Self {
        let by_device = by_device(worlds.configurations);
        let conduits: HashMap<&ConduitId, Boundary<'a>> = worlds
            .plant
            .conduits
            .values()
            .filter(|conduit| !conduit.common.proposed)
            .map(|conduit| (&conduit.id, of_conduit(worlds, &by_device, conduit)))
            .collect();
        let zones = zones(worlds, &by_device, &conduits);
        Self { conduits, zones }
    }

    /// A conduit's.
    #[must_use]
    pub fn conduit(&self, conduit: &ConduitId) -> Option<&Boundary<'a>> {
        self.conduits.get(conduit)
    }

    /// A zone's: all its conduits, and what else its devices could pass.
    #[must_use]
    pub fn zone(&self, zone: &ZoneId) -> Option<&Boundary<'a>> {
        self.zones.get(zone)
    }
}

type ByDevice<'w, 'a> = HashMap<&'a AssetId, Vec<&'w Configuration<'a>>>;

fn by_device<'w, 'a>(configurations: &'w [Configuration<'a>]) -> ByDevice<'w, 'a> {
    let mut by_device: ByDevice<'w, 'a> = HashMap::new();
    for configuration in configurations {
        if let Some(device) = &configuration.evidence.device {
            by_device.entry(device).or_default().push(configuration);
        }
    }
    by_device
}

fn of_conduit<'a>(worlds: &Worlds<'a>, by_device: &ByDevice<'_, 'a>, conduit: &'a Conduit) -> Boundary<'a> {
    let mut boundary = Boundary { is_known: !conduit.enforced_by.is_empty(), ..Boundary::default() };
    boundary.logs_refusals = boundary.is_known;
    for device in &conduit.enforced_by {
        let configurations = by_device.get(device).map(Vec::as_slice).unwrap_or_default();
        boundary.is_known &= !configurations.is_empty();
        boundary.devices.insert(device);
        for configuration in configurations {
            boundary.evidence.push(configuration.evidence);
            boundary.files.insert(configuration.ruleset.file.clone());
            boundary.is_known &= is_read_whole(configuration.ruleset) && is_filter(configuration.ruleset);
            boundary.is_known &= faces_apart(worlds.plant, configuration.evidence, &conduit.zones);
            boundary.logs_refusals &= logs_its_default(configuration.ruleset);
        }
    }
    boundary.is_as_declared = !worlds.paths_of_conduit(&conduit.id).iter().any(|path| deviates(path));
    boundary
}

fn zones<'a>(
    worlds: &Worlds<'a>,
    by_device: &ByDevice<'_, 'a>,
    conduits: &HashMap<&'a ConduitId, Boundary<'a>>,
) -> HashMap<&'a ZoneId, Boundary<'a>> {
    let plant = worlds.plant;
    let mut of_zone: BTreeMap<&ZoneId, Vec<&Boundary<'a>>> = BTreeMap::new();
    for conduit in plant.conduits.values() {
        let Some(boundary) = conduits.get(&conduit.id) else { continue };
        for zone in conduit.zones.iter().collect::<BTreeSet<_>>() {
            of_zone.entry(zone).or_default().push(boundary);
        }
    }
    let parents: BTreeSet<&ZoneId> = plant.zones.values().filter_map(|zone| zone.parent.as_ref()).collect();
    let leaky: BTreeSet<ZoneId> =
        dual_homed_assets(plant).into_iter().flat_map(|(_, zones)| zones.into_iter().cloned()).collect();
    let mut elsewhere = Elsewhere::new(by_device);
    let mut zones = HashMap::new();
    for zone in worlds.zones() {
        let mut boundary = Boundary { is_known: true, logs_refusals: true, ..Boundary::default() };
        for part in lineage(plant, &zone.id).filter_map(|zone| of_zone.get(zone)).flatten() {
            boundary.evidence.extend(part.evidence.iter().copied());
            boundary.devices.extend(part.devices.iter().copied());
            boundary.files.extend(part.files.iter().cloned());
            boundary.is_known &= part.is_known;
            boundary.logs_refusals &= part.logs_refusals;
        }
        boundary.evidence.sort_by_key(|evidence| &evidence.id);
        boundary.evidence.dedup_by_key(|evidence| &evidence.id);
        // A zone with parts has boundaries within; one that a host stands in beside another has a way round.
        boundary.is_known &= !boundary.evidence.is_empty() && !parents.contains(&zone.id);
        boundary.is_as_declared = !leaky.contains(&zone.id)
            && !worlds.paths_of_zone(&zone.id).iter().any(|path| deviates(path))
            && boundary.is_known
            && elsewhere.is_closed(plant, &zone.id);
        zones.insert(&zone.id, boundary);
    }
    zones
}

/// Is it something that passes, or passed, and that no permit declares; or that passed though it is closed?
pub(super) fn deviates(path: &Path) -> bool {
    match path.name {
        PathName::UndeclaredBypass | PathName::Undocumented | PathName::Bypass | PathName::Excess => true,
        PathName::UnknownEndpoint => path.configured != Configured::Closed,
        _ => false,
    }
}

/// Was every line of it understood or knowingly left out?
pub(super) fn is_read_whole(ruleset: &Ruleset) -> bool {
    ruleset.lines.warned == 0 && ruleset.diagnostics.iter().all(|d| d.severity < Severity::Warning)
}

fn forward(ruleset: &Ruleset) -> impl Iterator<Item = &zonewright_firewall::ruleset::Chain> {
    ruleset.chains.iter().filter(|chain| {
        chain
            .base
            .as_ref()
            .is_some_and(|base| base.hook == Hook::Forward && base.kind == ChainKind::Filter && !base.dormant)
    })
}

fn is_filter(ruleset: &Ruleset) -> bool {
    forward(ruleset).next().is_some()
}

/// Has the device an interface towards each zone, and no two zones on the same?
fn faces_apart(plant: &Plant, evidence: &Evidence, zones: &[ZoneId]) -> bool {
    let mut known = BTreeSet::new();
    zones.iter().collect::<BTreeSet<_>>().into_iter().all(|zone| {
        let names = facing(evidence, plant, zone);
        !names.is_empty() && names.into_iter().all(|name| known.insert(name))
    })
}

/// Does it record what reaches the end of its forward chains: by a rule that logs everything, at most so many a second?
pub(super) fn logs_its_default(ruleset: &Ruleset) -> bool {
    let mut dropping = forward(ruleset).filter(|chain| {
        let refuses = chain.rules.last().is_some_and(refuses_all);
        refuses || chain.base.as_ref().is_some_and(|base| base.policy == Policy::Drop)
    });
    dropping.any(|chain| match chain.rules.as_slice() {
        [.., before, last] if refuses_all(last) => logs_all(last) || logs_all(before),
        [.., last] => logs_all(last),
        [] => false,
    })
}

fn refuses_all(rule: &Rule) -> bool {
    rule.conditions.is_empty() && matches!(rule.verdict, Verdict::Drop | Verdict::Reject)
}

fn logs_all(rule: &Rule) -> bool {
    let only_rate = |condition: &Condition| match condition {
        Condition::Undecidable(undecidable) => undecidable.reason == Reason::Rate,
        _ => false,
    };
    rule.log.is_some()
        && rule.conditions.iter().all(only_rate)
        && matches!(rule.verdict, Verdict::Continue | Verdict::Drop | Verdict::Reject)
}

/// What devices pass between a zone and interfaces of which no zone is known.
struct Elsewhere<'a> {
    devices: Vec<(Device<'a>, Vec<String>)>,
}

/// Stands for an interface that a configuration does not name.
const UNNAMED_INTERFACE: &str = "(an interface without a name here)";

impl<'a> Elsewhere<'a> {
    fn new(by_device: &ByDevice<'_, 'a>) -> Self {
        let used = by_device.values().flatten();
        let devices = used.map(|configuration| {
            let (ruleset, evidence) = (configuration.ruleset, configuration.evidence);
            let mut faced: BTreeSet<&str> =
                evidence.interfaces.iter().map(|facing| facing.interface.as_str()).collect();
            let zones = ruleset.zones.iter().filter(|zone| faced.contains(zone.name.as_str()));
            let within: Vec<&str> = zones.flat_map(|z| z.interfaces.iter().map(String::as_str)).collect();
            faced.extend(within);
            let others =
                ruleset.interfaces.iter().filter(|name| !faced.contains(name.as_str()) && *name != "lo");
            let others = others.cloned().chain([UNNAMED_INTERFACE.to_string()]).collect();
            (Device::new(configuration, &[]), others)
        });
        Self { devices: devices.collect() }
    }

    /// Does no device that faces the zone pass anything between it and elsewhere?
    fn is_closed(&mut self, plant: &Plant, zone: &ZoneId) -> bool {
        self.devices.iter_mut().all(|(device, others)| {
            let names = facing(device.evidence, plant, zone);
            if names.is_empty() {
                return true;
            }
            let out = Way { from: Some(names.clone()), to: Some(others.clone()) };
            let back = Way { from: Some(others.clone()), to: Some(names) };
            let all = AddressSet::none().complement();
            [out, back].iter().all(|way| {
                let beyond = device.beyond(way, &all, &all, &[]);
                beyond.is_ok_and(|(opened, more)| opened.is_empty() && !more)
            })
        })
    }
}
