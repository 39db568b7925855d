//! Conduits compiled for an enforcing device: the policy that its permits ask for, and nothing else.
//!
//! Owns: which permits pass a device and by which interfaces, and what of them a packet filter cannot hold. A permit means
//! what it means when it is verified ([`crate::packets`]). Leaves to others: the dialects (`firewall::write`).

mod change;
mod functions;
mod sides;

pub use change::{Change, CutOff, change};

use crate::configured::{asset_addresses, facing, port_set, zone_addresses};
use crate::packets::{Places, ip_protocol, joined};
use crate::services::{carried, is_any};
use crate::whereabouts::Whereabouts;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sides::{Side, sides};
use std::collections::BTreeMap;
use zonewright_firewall::ruleset::{AddressSet, IntervalSet};
use zonewright_firewall::write::{self, End, Object, Policy, Service};
use zonewright_plant::Plant;
use zonewright_plant::id::{AssetId, ConduitId, PermitId, ZoneId};
use zonewright_plant::model::{Asset, Conduit, Endpoint, Evidence, Permit, Protection};
use zonewright_traffic::observation::Transport;

/// What is compiled, and how.
#[derive(Debug, Clone, Copy)]
pub struct CompileOptions<'o> {
    /// The enforcing device.
    pub device: &'o AssetId,
    /// The judging date: what ended before is left out.
    pub as_of: Date,
    /// Whether what reaches the device itself is ruled too.
    pub own_traffic: OwnTraffic,
    /// What becomes of a function that no permit allows.
    pub functions: Functions,
}

/// Whether what reaches the device itself is ruled too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnTraffic {
    /// It is left to other parts of the configuration.
    Left,
    /// What no permit allows is denied.
    Ruled,
}

/// What becomes of a function that no permit allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Functions {
    /// It is reported.
    Reported,
    /// It is stopped.
    Stopped,
}

/// The conduits of a device, compiled.
#[derive(Debug)]
pub struct Compiled<'p> {
    /// The policy to write.
    pub policy: Policy,
    /// The evidence that tells the device's interfaces.
    pub interfaces: &'p Evidence,
    /// Permits that are not in it, as it should be: expired, proposed, not through this device.
    pub left_out: Vec<Note>,
    /// Permits, or parts of them, that could not be compiled: what is missing in the model.
    pub uncompiled: Vec<Note>,
    /// What permits and conduits ask for beyond what a packet filter can hold.
    pub beyond: Vec<Note>,
}

/// Something said about a permit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// Its conduit.
    pub conduit: ConduitId,
    /// The permit; `None` where the whole conduit is meant.
    pub permit: Option<PermitId>,
    /// What is said, lowercase, without a full stop.
    pub text: String,
}

/// Why nothing is compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompileError {
    /// The model has no such asset.
    UnknownDevice,
    /// No conduit names the device as one that enforces it.
    EnforcesNothing,
    /// No evidence tells which interface of the device faces which zone.
    NoInterfaces,
}

/// Compiles the conduits that name a device as one that enforces them.
pub fn compile<'p>(plant: &'p Plant, options: CompileOptions<'_>) -> Result<Compiled<'p>, CompileError> {
    let device = plant.assets.get(options.device).ok_or(CompileError::UnknownDevice)?;
    let declared = plant.conduits.values().filter(|conduit| !conduit.common.proposed);
    let conduits: Vec<&Conduit> =
        declared.filter(|conduit| conduit.enforced_by.contains(&device.id)).collect();
    if conduits.is_empty() {
        return Err(CompileError::EnforcesNothing);
    }
    let interfaces = interfaces_of(plant, &device.id, options.as_of).ok_or(CompileError::NoInterfaces)?;
    let whereabouts = Whereabouts::new(plant);
    let addresses = zone_addresses(plant, &whereabouts);
    let places = Places { plant, whereabouts: &whereabouts, addresses: &addresses };
    let mut compiling = Compiling {
        places,
        device,
        evidence: interfaces,
        as_of: options.as_of,
        permits: Vec::new(),
        own: Vec::new(),
        left_out: Vec::new(),
        uncompiled: Vec::new(),
        beyond: Vec::new(),
    };
    for conduit in conduits {
        compiling.conduit(conduit);
    }
    Ok(compiling.finish(options))
}

/// The newest evidence, taken not after the judging date, that tells the device's interfaces; else any that does.
fn interfaces_of<'p>(plant: &'p Plant, device: &AssetId, as_of: Date) -> Option<&'p Evidence> {
    let tells = |evidence: &&Evidence| {
        evidence.device.as_ref() == Some(device)
            && !evidence.interfaces.is_empty()
            && !evidence.common.proposed
    };
    let day = |evidence: &Evidence| evidence.taken.map(|taken| taken.to_zoned(TimeZone::UTC).date());
    let all = || plant.evidence.values().filter(tells);
    let before = all().filter(|evidence| day(evidence).is_none_or(|day| day <= as_of));
    before.max_by_key(|evidence| evidence.taken).or_else(|| all().min_by_key(|evidence| evidence.taken))
}

/// The work under way.
struct Compiling<'c, 'p> {
    places: Places<'c, 'p>,
    device: &'p Asset,
    evidence: &'p Evidence,
    as_of: Date,
    permits: Vec<write::Permit>,
    own: Vec<write::Permit>,
    left_out: Vec<Note>,
    uncompiled: Vec<Note>,
    beyond: Vec<Note>,
}

impl<'p> Compiling<'_, 'p> {
    fn conduit(&mut self, conduit: &'p Conduit) {
        for (asked, what) in [(conduit.encryption, "encryption"), (conduit.authentication, "authentication")]
        {
            if asked == Protection::Required {
                let text =
                    format!("{what} is asked for; whether traffic has it is not a packet filter's to say");
                self.beyond.push(Note { conduit: conduit.id.clone(), permit: None, text });
            }
        }
        for permit in &conduit.permits {
            self.permit(conduit, permit);
        }
    }

    fn permit(&mut self, conduit: &'p Conduit, permit: &'p Permit) {
        let note = |text: String| Note { conduit: conduit.id.clone(), permit: Some(permit.id.clone()), text };
        if permit.common.proposed {
            return self.left_out.push(note("it is only proposed".into()));
        }
        if let Some(until) = permit.until.filter(|until| *until < self.as_of) {
            return self.left_out.push(note(format!("it ended on {until}")));
        }
        self.unaddressed(permit, &note);
        let (services, unsaid) = services(permit);
        self.uncompiled.extend(unsaid.map(note));
        if services.is_empty() {
            return;
        }
        let written = write::Permit {
            id: permit.id.to_string(),
            from: End { interfaces: Vec::new(), addresses: AddressSet::none() },
            to: End { interfaces: Vec::new(), addresses: AddressSet::none() },
            services,
            logged: conduit.monitoring == Protection::Required,
            purpose: permit.purpose.clone(),
            approved_by: permit.approved_by.as_ref().map(|role| self.role(role)),
            until: permit.until,
            functions: functions::limit(permit),
        };
        let (before, own_before) = (self.permits.len(), self.own.len());
        self.own_part(permit, &written, &note);
        let same_side = self.through(conduit, permit, &written, &note);
        if self.permits.len() == before && self.own.len() == own_before {
            let told = self.uncompiled.iter().any(|known| known.permit.as_ref() == Some(&permit.id));
            match same_side {
                true => self.left_out.push(note("both ends are behind the same interface".into())),
                false if !told => {
                    self.uncompiled.push(note("its ends lie in no two zones that the model tells".into()));
                }
                false => {}
            }
            return;
        }
        self.beyond_filter(permit, &written, before, &note);
    }

    /// The parts of a permit that pass the device. Whether some stay behind one interface.
    fn through(
        &mut self,
        conduit: &Conduit,
        permit: &'p Permit,
        written: &write::Permit,
        note: &dyn Fn(String) -> Note,
    ) -> bool {
        let mut same_side = false;
        for (from, to) in joined(self.places, conduit, permit) {
            let begun = self.sides(&permit.from, from, note);
            let reached = self.sides(&permit.to, to, note);
            for from in &begun {
                for to in &reached {
                    if from.interfaces == to.interfaces {
                        same_side = true;
                        continue;
                    }
                    self.permits.push(write::Permit { from: from.end(), to: to.end(), ..written.clone() });
                }
            }
        }
        same_side
    }

    /// The sides of the device on which the ends of a permit in a zone are; says what is missing.
    fn sides(&mut self, ends: &'p [Endpoint], zone: &ZoneId, note: &dyn Fn(String) -> Note) -> Vec<Side> {
        match sides(self.places, self.evidence, ends, zone) {
            Ok(mut sides) if ends.iter().any(|end| self.is_device(end)) => {
                // What is meant for the device itself does not pass it.
                let own = asset_addresses(&[self.device]).complement();
                for side in &mut sides {
                    side.addresses = side.addresses.intersection(&own);
                }
                sides.retain(|side| !side.addresses.is_none());
                sides
            }
            Ok(sides) => sides,
            Err(text) => {
                let note = note(text);
                if !self.uncompiled.contains(&note) {
                    self.uncompiled.push(note);
                }
                Vec::new()
            }
        }
    }

    /// The part of a permit that reaches the device itself.
    fn own_part(&mut self, permit: &'p Permit, written: &write::Permit, note: &dyn Fn(String) -> Note) {
        if !permit.to.iter().any(|end| self.is_device(end)) {
            return;
        }
        let zones: std::collections::BTreeSet<&ZoneId> =
            permit.from.iter().flat_map(|end| self.places.whereabouts.zones_of(end).into_keys()).collect();
        let addresses = asset_addresses(&[self.device]);
        let addresses = if addresses.is_none() { AddressSet::all() } else { addresses };
        for zone in zones {
            for side in self.sides(&permit.from, zone, note) {
                self.own.push(write::Permit {
                    from: side.end(),
                    to: End { interfaces: Vec::new(), addresses: addresses.clone() },
                    ..written.clone()
                });
            }
        }
    }

    /// Does an end name the device itself?
    fn is_device(&self, end: &Endpoint) -> bool {
        match end {
            Endpoint::Asset(id) => *id == self.device.id,
            Endpoint::Group(id) => {
                self.places.plant.groups.get(id).is_some_and(|group| group.assets.contains(&self.device.id))
            }
            Endpoint::Zone(_) => false,
        }
    }

    /// Says which assets at the ends have no address.
    fn unaddressed(&mut self, permit: &'p Permit, note: &dyn Fn(String) -> Note) {
        let plant = self.places.plant;
        for end in permit.from.iter().chain(&permit.to) {
            let ids: Vec<&AssetId> = match end {
                Endpoint::Zone(_) => Vec::new(),
                Endpoint::Asset(id) => vec![id],
                Endpoint::Group(id) => {
                    plant.groups.get(id).into_iter().flat_map(|group| &group.assets).collect()
                }
            };
            for asset in ids.into_iter().filter_map(|id| plant.assets.get(id)) {
                if asset.ips.is_empty() && asset.id != self.device.id {
                    self.uncompiled.push(note(format!("asset {} has no address", asset.id)));
                }
            }
        }
    }

    /// What a permit asks for beyond what a packet filter can hold.
    fn beyond_filter(
        &mut self,
        permit: &Permit,
        written: &write::Permit,
        from: usize,
        note: &dyn Fn(String) -> Note,
    ) {
        if written.functions.is_some() {
            let text = format!(
                "a packet filter passes every function of {}; the permit allows some: watch the rest (dialect suricata)",
                permit.protocol
            );
            self.beyond.push(note(text));
        }
        let groups = multicast();
        let to_group = self.permits.iter().skip(from).any(|part| {
            part.to.addresses != AddressSet::all() && !part.to.addresses.intersection(&groups).is_none()
        });
        if to_group {
            self.beyond.push(note("it is for a multicast group: the device must route groups too".into()));
        }
    }

    fn role(&self, id: &zonewright_plant::id::RoleId) -> String {
        let roles = self.places.plant.system.iter().flat_map(|system| &system.roles);
        roles
            .into_iter()
            .find(|role| role.id == *id)
            .map_or_else(|| id.to_string(), |role| role.name.clone().unwrap_or_else(|| id.to_string()))
    }

    fn finish(self, options: CompileOptions<'_>) -> Compiled<'p> {
        let plant = self.places.plant;
        let named = plant.system.as_ref().and_then(|system| system.common.name.clone());
        let name =
            named.or_else(|| plant.system.as_ref().map(|system| system.id.clone())).unwrap_or_default();
        let ended = self.left_out.iter().map(|note| ("left out", note));
        let missing = self.uncompiled.iter().map(|note| ("could not be compiled", note));
        let remarks =
            missing.chain(ended).map(|(what, note)| format!("{}: {what}: {}", note.subject(), note.text));
        let mut interfaces: Vec<String> =
            self.evidence.interfaces.iter().map(|facing| facing.interface.clone()).collect();
        interfaces.sort();
        interfaces.dedup();
        let own = match options.own_traffic {
            OwnTraffic::Ruled => Some(self.own),
            OwnTraffic::Left => None,
        };
        let policy = Policy {
            device: self.device.id.to_string(),
            head: vec![
                format!(
                    "What the conduits of {name} ask {} to pass, as of {}.",
                    self.device.id, options.as_of
                ),
                format!("Interfaces as evidence {} tells them.", self.evidence.id),
            ],
            interfaces,
            objects: objects(self.places),
            permits: self.permits,
            own,
            denied_logged: true,
            remarks: remarks.collect(),
            functions_stopped: options.functions == Functions::Stopped,
        };
        Compiled {
            policy,
            interfaces: self.evidence,
            left_out: self.left_out,
            uncompiled: self.uncompiled,
            beyond: self.beyond,
        }
    }
}

impl Note {
    /// The permit, or the conduit.
    #[must_use]
    pub fn subject(&self) -> String {
        self.permit.as_ref().map_or_else(|| self.conduit.to_string(), ToString::to_string)
    }
}

/// What a permit is about; and what cannot be told of it.
fn services(permit: &Permit) -> (Vec<Service>, Option<String>) {
    if is_any(permit) {
        return (vec![Service::Any], None);
    }
    let carried = carried(permit);
    if carried.is_empty() {
        let text = format!("protocol {} is not known: name its ports", permit.protocol);
        return (Vec::new(), Some(text));
    }
    let mut services: Vec<Service> = Vec::new();
    let mut unsaid = None;
    for one in &carried {
        let service = match (ip_protocol(one.transport), port_set(&one.ports), one.transport) {
            (Some(protocol @ (6 | 17 | 33 | 132 | 136)), Some(ports), _) => {
                Service::Ports { protocol, ports }
            }
            (Some(protocol), _, _) => Service::of_protocol(protocol),
            (None, _, Transport::Ether(kind)) => Service::Frames(kind),
            (None, _, _) => {
                unsaid = Some(format!("{} is carried by IEEE 802.2 frames", permit.protocol));
                continue;
            }
        };
        let known = services.contains(&service);
        match (services.iter_mut().find(|known| same_protocol(known, &service)), &service) {
            (Some(Service::Ports { ports, .. }), Service::Ports { ports: more, .. }) => {
                *ports = ports.union(more);
            }
            _ if known => {}
            _ => services.push(service),
        }
    }
    (services, unsaid)
}

fn same_protocol(a: &Service, b: &Service) -> bool {
    matches!((a, b), (Service::Ports { protocol: a, .. }, Service::Ports { protocol: b, .. }) if a == b)
}

/// Addresses of groups (RFC 5771, RFC 4291).
fn multicast() -> AddressSet {
    let four = IntervalSet::range(0xe000_0000_u32, 0xefff_ffff);
    let six = IntervalSet::range(0xff_u128 << 120, u128::MAX);
    AddressSet { v4: four, v6: six }
}

/// Names for sets of addresses: groups, zones, assets.
fn objects(places: Places<'_, '_>) -> Vec<Object> {
    let plant = places.plant;
    let groups = plant.groups.values().map(|group| {
        let assets: Vec<&Asset> = group.assets.iter().filter_map(|id| plant.assets.get(id)).collect();
        Object { name: group.id.to_string(), addresses: asset_addresses(&assets) }
    });
    let zones = places
        .addresses
        .iter()
        .map(|(zone, addresses)| Object { name: zone.to_string(), addresses: addresses.clone() });
    let assets = plant
        .assets
        .values()
        .map(|asset| Object { name: asset.id.to_string(), addresses: asset_addresses(&[asset]) });
    let mut seen: BTreeMap<AddressSet, ()> = BTreeMap::new();
    let mut all: Vec<Object> = groups.chain(zones).chain(assets).collect();
    all.retain(|object| !object.addresses.is_none() && seen.insert(object.addresses.clone(), ()).is_none());
    all
}
