//! The configured world: what the enforcing devices' rulesets pass between two zones (DESIGN §5).
//!
//! Compared at service level: a packet filter cannot close a function. New connections are judged; where the rules would
//! stop the answer too, the service is closed all the same.

use crate::rules::firewall::MANAGEMENT;
use crate::verification::Configured;
use crate::whereabouts::{Whereabouts, lineage};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use zonewright_firewall::reach::review::Review;
use zonewright_firewall::reach::{
    Deciding, Opening, Openness, PacketClass, Phase, Question, Reach, ReachError, RuleRef, Side,
};
use zonewright_firewall::ruleset::{AddressSet, ChainId, Hook, IntervalSet, Policy, Ruleset, Verdict};
use zonewright_firewall::sets::{Field, Set};
use zonewright_plant::Plant;
use zonewright_plant::id::{AssetId, ZoneId};
use zonewright_plant::model::{Asset, Conduit, Evidence, Network, ZoneNetwork};
use zonewright_source::TextPlace;

/// A configuration that is evidence, read.
#[derive(Debug)]
pub struct Configuration<'a> {
    /// The evidence record.
    pub evidence: &'a Evidence,
    /// What it says.
    pub ruleset: &'a Ruleset,
}

/// The ways through a device between two zones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// Interfaces that face the zone it begins in; `None` where that zone is not known: any.
    pub from: Option<Vec<String>>,
    /// Interfaces that face the zone it reaches.
    pub to: Option<Vec<String>>,
}

/// What was worked out, by way: the same ways are asked about again and again.
type Openings = BTreeMap<Way, Result<Opening, ReachError>>;

/// A device's ruleset, ready to be asked.
pub struct Device<'a> {
    /// The evidence it stands on.
    pub evidence: &'a Evidence,
    reach: Reach<'a>,
    // Per base chain of the forward hook: a ruleset that passes what the chain would log, with what passes it by way.
    logging: Vec<(Reach<'a>, Openings)>,
    openings: Openings,
    // What passes of answers, by the way of the answers.
    replies: Openings,
}

/// Something that is open.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The rule that lets it pass; `None` where nothing filters.
    pub rule: Option<RuleRef>,
    /// Its packets.
    pub set: Set,
    /// All that the rule opens there, the declared and the seen too: what tells this rule from others.
    pub whole: Set,
    /// Whether they surely pass.
    pub sure: bool,
}

impl<'a> Device<'a> {
    /// Prepares a configuration. `logging` is what [`logging`] makes of its ruleset.
    #[must_use]
    pub fn new(configuration: &Configuration<'a>, logging: &'a [Ruleset]) -> Self {
        Self {
            evidence: configuration.evidence,
            reach: Reach::new(configuration.ruleset),
            logging: logging.iter().map(|ruleset| (Reach::new(ruleset), BTreeMap::new())).collect(),
            openings: BTreeMap::new(),
            replies: BTreeMap::new(),
        }
    }

    /// The device.
    #[must_use]
    pub fn asset(&self) -> Option<&'a AssetId> {
        self.evidence.device.as_ref()
    }

    /// The way between two zones, if the device has an interface towards each and they are not the same.
    #[must_use]
    pub fn way(&self, plant: &Plant, from: Option<&ZoneId>, to: Option<&ZoneId>) -> Option<Way> {
        let towards = |zone: Option<&ZoneId>| zone.map(|zone| facing(self.evidence, plant, zone));
        let (from, to) = (towards(from), towards(to));
        let known = |side: &Option<Vec<String>>| side.as_ref().is_none_or(|names| !names.is_empty());
        (known(&from) && known(&to) && from != to && (from.is_some() || to.is_some()))
            .then_some(Way { from, to })
    }

    /// The zones that the device faces, with those of `within` that are part of them.
    pub fn zones<'z>(&self, plant: &Plant, within: impl Iterator<Item = &'z ZoneId>) -> BTreeSet<&'z ZoneId>
    where
        'a: 'z,
    {
        let faced: BTreeSet<&'a ZoneId> =
            self.evidence.interfaces.iter().map(|facing| &facing.zone).collect();
        let parts = within.filter(|zone| lineage(plant, zone).any(|outer| faced.contains(outer)));
        parts.chain(faced.iter().copied()).filter(|zone| plant.zones.contains_key(*zone)).collect()
    }

    /// Whether the packets of `class` pass on `way`.
    pub fn verdict(&mut self, way: &Way, class: &PacketClass) -> Configured {
        let Ok(set) = self.reach.class(class) else { return Configured::Unknown };
        match self.set_verdict(way, set) {
            Configured::Open if self.reply_stopped(way, class) => Configured::Closed,
            verdict => verdict,
        }
    }

    /// Whether the packets of `classes` pass on `way`, where each class is another way to carry the same service (a protocol
    /// over TCP or over UDP): one that is open is enough.
    pub fn verdict_of_any(&mut self, way: &Way, classes: &[PacketClass]) -> Configured {
        let verdicts: Vec<Configured> = classes.iter().map(|class| self.verdict(way, class)).collect();
        let any = |what| verdicts.contains(&what);
        if any(Configured::Open) {
            Configured::Open
        } else if any(Configured::Unknown) || verdicts.is_empty() {
            Configured::Unknown
        } else if any(Configured::Partly) {
            Configured::Partly
        } else {
            Configured::Closed
        }
    }

    fn set_verdict(&mut self, way: &Way, set: Set) -> Configured {
        let Ok(opening) = self.opening(way) else { return Configured::Unknown };
        match self.reach.verdict(&opening, set) {
            Ok(Openness::All) => Configured::Open,
            Ok(Openness::None) => Configured::Closed,
            Ok(Openness::Some) => Configured::Partly,
            Ok(Openness::Unknown) | Err(_) => Configured::Unknown,
        }
    }

    fn opening(&mut self, way: &Way) -> Result<Opening, ReachError> {
        opening(&mut self.reach, &mut self.openings, way, Phase::New)
    }

    /// Would the rules surely stop the answer to what they pass?
    fn reply_stopped(&mut self, way: &Way, class: &PacketClass) -> bool {
        let back = Way { from: way.to.clone(), to: way.from.clone() };
        let answer = PacketClass {
            source: class.destination.clone(),
            destination: class.source.clone(),
            protocols: class.protocols.clone(),
            source_ports: class.ports.clone(),
            ports: class.source_ports.clone(),
        };
        self.answers(&back, &answer).is_ok_and(|verdict| verdict == Openness::None)
    }

    fn answers(&mut self, back: &Way, answer: &PacketClass) -> Result<Openness, ReachError> {
        let opening = opening(&mut self.reach, &mut self.replies, back, Phase::Reply)?;
        let set = self.reach.class(answer)?;
        if self.reach.diagram().and(opening.asked, set)?.is_empty() {
            return Ok(Openness::Unknown);
        }
        self.reach.verdict(&opening, set)
    }

    /// The configuration lines that decide about `class`: those that pass it, or those that stop it.
    pub fn basis(&mut self, way: &Way, class: &PacketClass, verdict: Configured) -> Vec<TextPlace> {
        let question = question(way, class.clone());
        let mut places: Vec<TextPlace> = if verdict == Configured::Closed {
            let decisions = self.reach.deciding_rules(&question, 1).unwrap_or_default();
            decisions.into_iter().filter(stops).map(|decision| decision.rule.place).collect()
        } else {
            let Ok(opening) = self.reach.opening(&question) else { return Vec::new() };
            let rows =
                self.reach.rows(&question, &opening, BASIS_MAX).map(|(rows, _)| rows).unwrap_or_default();
            rows.into_iter().filter_map(|row| row.rule).map(|rule| rule.place).collect()
        };
        places.sort();
        places.dedup();
        places.truncate(BASIS_MAX);
        places
    }

    /// Are the packets of `class` surely not logged on their way?
    pub fn unlogged(&mut self, way: &Way, class: &PacketClass) -> bool {
        self.logging.iter_mut().all(|(reach, openings)| {
            let opening = opening(reach, openings, way, Phase::New);
            let verdict = opening.and_then(|opening| {
                let set = reach.class(class)?;
                reach.verdict(&opening, set)
            });
            verdict == Ok(Openness::None)
        })
    }

    /// What is open on `way` from `from` to `to` beyond `declared`, by the rule that opens it; and whether there is more
    /// than can be told.
    pub fn beyond(
        &mut self,
        way: &Way,
        from: &AddressSet,
        to: &AddressSet,
        declared: &[PacketClass],
    ) -> Result<(Vec<Opened>, bool), ReachError> {
        let class = PacketClass {
            source: Some(from.clone()),
            destination: Some(to.clone()),
            ..PacketClass::default()
        };
        let (all, asked) = (self.opening(way)?.possible, self.reach.class(&class)?);
        let mut left = self.reach.diagram().and(all, asked)?;
        for class in declared {
            let known = self.reach.class(class)?;
            left = self.reach.diagram().diff(left, known)?;
        }
        if left.is_empty() {
            return Ok((Vec::new(), false));
        }
        let question = question(way, class);
        let opening = self.reach.opening(&question)?;
        let (rows, truncated) =
            self.reach.rows(&question, &opening, zonewright_firewall::reach::BOXES_MAX)?;
        let mut opened: Vec<Opened> = Vec::new();
        let mut by_rule: BTreeMap<(Option<RuleRef>, bool), usize> = BTreeMap::new();
        for row in rows {
            // Ports mean nothing to protocols that have none: naming all of them would leave those out.
            let ports = (row.packets.ports != IntervalSet::all()).then_some(row.packets.ports);
            let class = PacketClass {
                source: Some(row.packets.sources),
                destination: Some(row.packets.destinations),
                protocols: Some(row.packets.protocols),
                source_ports: None,
                ports,
            };
            let whole = self.reach.class(&class)?;
            let set = self.reach.diagram().and(whole, left)?;
            match by_rule.get(&(row.rule.clone(), row.sure)).and_then(|at| opened.get_mut(*at)) {
                Some(known) => {
                    known.set = self.reach.diagram().or(known.set, set)?;
                    known.whole = self.reach.diagram().or(known.whole, whole)?;
                }
                None => {
                    by_rule.insert((row.rule.clone(), row.sure), opened.len());
                    opened.push(Opened { rule: row.rule, set, whole, sure: row.sure });
                }
            }
        }
        opened.retain(|opened| !opened.set.is_empty());
        Ok((opened, truncated))
    }

    /// The ruleset.
    #[must_use]
    pub fn ruleset(&self) -> &'a Ruleset {
        self.reach.ruleset()
    }

    /// What a reviewer would say of its rules.
    pub fn review(&mut self) -> Review {
        self.reach.review()
    }

    /// Services of the device itself, of those by which devices are managed, that surely can be reached from these
    /// interfaces; each with what lets them in.
    pub fn lets_in(&mut self, interfaces: &[String]) -> Vec<(String, Option<RuleRef>)> {
        let mut open = Vec::new();
        for (protocol, ports) in MANAGEMENT {
            for port in ports {
                let class = PacketClass {
                    protocols: Some(IntervalSet::one(protocol)),
                    ports: Some(IntervalSet::one(*port)),
                    ..PacketClass::default()
                };
                let from = Side { interfaces: Some(interfaces.to_vec()), addresses: None };
                let question = Question {
                    from,
                    class,
                    path: zonewright_firewall::reach::Path::ToDevice,
                    ..Question::default()
                };
                let Ok(answer) = self.reach.answer(&question, BASIS_MAX) else { continue };
                if let Some(row) = answer.open.into_iter().find(|row| row.sure) {
                    let transport = if protocol == 6 { "TCP" } else { "UDP" };
                    open.push((format!("{transport} {port}"), row.rule));
                }
            }
        }
        open
    }

    /// The rules that let new connections through, each with the packets that it does.
    pub fn opens(&mut self) -> Result<Vec<(RuleRef, Set)>, ReachError> {
        self.reach.opened_by_rules(&Question::default())
    }

    /// The packets of a class on a way; nothing where they cannot be told.
    pub fn on_way(&mut self, way: &Way, class: &PacketClass) -> Option<Set> {
        let mut set = self.packets(class)?;
        for (names, field) in [(&way.from, Field::InInterface), (&way.to, Field::OutInterface)] {
            let Some(names) = names else { continue };
            let side = self.reach.interfaces(names, field).ok()?;
            set = self.reach.diagram().and(set, side).ok()?;
        }
        Some(set)
    }

    /// The packets of a class; nothing where they cannot be told.
    pub fn packets(&mut self, class: &PacketClass) -> Option<Set> {
        self.reach.class(class).ok()
    }

    /// Whether two sets have packets in common, as far as that can be told.
    pub fn have_common(&mut self, one: Set, other: Set) -> bool {
        self.reach.diagram().and(one, other).map_or(true, |both| !both.is_empty())
    }

    /// Packets in boxes, for printing.
    pub fn boxes(&mut self, set: Set) -> Vec<zonewright_firewall::reach::PacketBox> {
        self.reach
            .boxes(set, zonewright_firewall::reach::BOXES_MAX)
            .map(|(boxes, _)| boxes)
            .unwrap_or_default()
    }
}

impl std::fmt::Debug for Device<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Device({})", self.evidence.id)
    }
}

/// The interfaces of a configured device that face a zone, or the nearest zone that it is part of.
#[must_use]
pub fn facing(evidence: &Evidence, plant: &Plant, zone: &ZoneId) -> Vec<String> {
    let at = |zone: &ZoneId| -> Vec<String> {
        let here = evidence.interfaces.iter().filter(|facing| facing.zone == *zone);
        here.map(|facing| facing.interface.clone()).collect()
    };
    lineage(plant, zone).map(at).find(|names| !names.is_empty()).unwrap_or_default()
}

/// What passes on a way, of all packets. A device with many interfaces has many more ways than sides to begin from, so
/// that it is worked out for each side, and narrowed to the interfaces that the packets leave by.
fn opening(
    reach: &mut Reach<'_>,
    known: &mut Openings,
    way: &Way,
    phase: Phase,
) -> Result<Opening, ReachError> {
    if let Some(opening) = known.get(way) {
        return *opening;
    }
    let asked = |reach: &mut Reach<'_>, way: &Way| {
        reach.opening(&Question { phase, ..question(way, PacketClass::default()) })
    };
    let narrowed = match &way.to {
        Some(names)
            if !names.iter().any(|name| is_zone(reach.ruleset(), name)) && alike(reach, way, phase) =>
        {
            let side = Way { from: way.from.clone(), to: None };
            let whole = *known.entry(side).or_insert_with_key(|side| asked(reach, side));
            whole.and_then(|whole| leaving_by(reach, whole, names))
        }
        _ => asked(reach, way),
    };
    // What is too large for all interfaces may be small enough for those of the way.
    let opening = narrowed.or_else(|_| asked(reach, way));
    known.insert(way.clone(), opening);
    opening
}

/// Whether packets from this side go the same way, over a bridge or routed, wherever they leave.
fn alike(reach: &Reach<'_>, way: &Way, phase: Phase) -> bool {
    let side = Way { from: way.from.clone(), to: None };
    let ways = |way: &Way| reach.ways(&Question { phase, ..question(way, PacketClass::default()) });
    ways(&side) == ways(way)
}

fn is_zone(ruleset: &Ruleset, name: &str) -> bool {
    ruleset.zones.iter().any(|zone| zone.name == name)
}

fn leaving_by(reach: &mut Reach<'_>, whole: Opening, names: &[String]) -> Result<Opening, ReachError> {
    let values: Vec<u128> = names.iter().map(|name| reach.interface_value(name)).collect();
    let diagram = reach.diagram();
    let mut out = Set::NONE;
    for value in values {
        let one = diagram.equal(Field::OutInterface, value)?;
        out = diagram.or(out, one)?;
    }
    Ok(Opening {
        sure: diagram.and(whole.sure, out)?,
        possible: diagram.and(whole.possible, out)?,
        delivered_sure: diagram.and(whole.delivered_sure, out)?,
        delivered_possible: diagram.and(whole.delivered_possible, out)?,
        asked: diagram.and(whole.asked, out)?,
    })
}

/// How many configuration lines are named as the basis of a verdict.
pub const BASIS_MAX: usize = 8;

fn stops(decision: &Deciding) -> bool {
    matches!(decision.rule.verdict.as_str(), "drop" | "reject" | "policy drop")
}

fn question(way: &Way, class: PacketClass) -> Question {
    let side = |interfaces: &Option<Vec<String>>| Side { interfaces: interfaces.clone(), addresses: None };
    Question { from: side(&way.from), to: side(&way.to), class, ..Question::default() }
}

/// For each base chain of the forward hook the same ruleset, changed so that exactly what that chain logs passes: a rule
/// that logs accepts, and whatever else would end the chain drops.
#[must_use]
pub fn logging(ruleset: &Ruleset) -> Vec<Ruleset> {
    let bases: Vec<ChainId> = (0..ruleset.chains.len())
        .map(ChainId)
        .filter(|id| {
            ruleset
                .chain(*id)
                .and_then(|c| c.base.as_ref())
                .is_some_and(|b| b.hook == Hook::Forward && !b.dormant)
        })
        .collect();
    bases.into_iter().map(|kept| only_logged(ruleset, kept)).collect()
}

fn only_logged(ruleset: &Ruleset, kept: ChainId) -> Ruleset {
    let mut changed = ruleset.clone();
    for (at, chain) in changed.chains.iter_mut().enumerate() {
        match &mut chain.base {
            Some(base) if at == kept.0 => base.policy = Policy::Drop,
            Some(_) => chain.base = None,
            None => {}
        }
        for rule in &mut chain.rules {
            if rule.log.is_some() {
                rule.verdict = Verdict::Accept;
            } else if matches!(rule.verdict, Verdict::Accept) {
                rule.verdict = Verdict::Drop;
            }
        }
    }
    changed
}

/// The addresses of each zone: its networks and the addresses of its assets, less those that belong to other zones. A
/// zone of which the model gives none is not in it.
#[must_use]
pub fn zone_addresses(plant: &Plant, whereabouts: &Whereabouts<'_>) -> BTreeMap<ZoneId, AddressSet> {
    let mut own: BTreeMap<&ZoneId, Vec<IpAddr>> = BTreeMap::new();
    let mut foreign: BTreeMap<&ZoneId, Vec<IpAddr>> = BTreeMap::new();
    for asset in plant.assets.values().filter(|asset| !asset.common.proposed) {
        let Some(zone) = &asset.zone else { continue };
        for address in &asset.ips {
            own.entry(zone).or_default().push(address.ip);
            if let Some(network) = whereabouts.network_zone(address.ip, address.context.as_deref())
                && network != zone
            {
                foreign.entry(network).or_default().push(address.ip);
            }
        }
    }
    let declared = plant.zones.values().filter(|zone| !zone.common.proposed);
    declared
        .filter_map(|zone| {
            let ours = || zone.networks.iter().map(|network| network.network);
            // A network within one of ours that another zone claims is that zone's, if it is of the same address space.
            let within = |theirs: &ZoneNetwork| {
                zone.networks.iter().any(|ours| {
                    ours.context == theirs.context
                        && ours.network.prefix() < theirs.network.prefix()
                        && ours.network.contains(theirs.network.address())
                })
            };
            let others = plant.zones.values().filter(|other| other.id != zone.id);
            let nested = others.flat_map(|other| &other.networks).filter(|n| within(n));
            let theirs = union(nested.filter_map(|theirs| network(theirs.network)))
                .union(&addresses(foreign.get(&zone.id)));
            let networks = union(ours().filter_map(network)).intersection(&theirs.complement());
            let all = networks.union(&addresses(own.get(&zone.id)));
            (!all.is_none()).then(|| (zone.id.clone(), all))
        })
        .collect()
}

fn addresses(ips: Option<&Vec<IpAddr>>) -> AddressSet {
    set_of(ips.into_iter().flatten().copied())
}

/// The addresses of assets.
#[must_use]
pub fn asset_addresses(assets: &[&Asset]) -> AddressSet {
    set_of(assets.iter().flat_map(|asset| asset.ips.iter().map(|address| address.ip)))
}

/// A set of single addresses.
pub fn set_of(ips: impl IntoIterator<Item = IpAddr>) -> AddressSet {
    let (mut four, mut six) = (Vec::new(), Vec::new());
    for ip in ips {
        match ip {
            IpAddr::V4(v4) => four.push((v4.to_bits(), v4.to_bits())),
            IpAddr::V6(v6) => six.push((v6.to_bits(), v6.to_bits())),
        }
    }
    AddressSet { v4: IntervalSet::from_ranges(four), v6: IntervalSet::from_ranges(six) }
}

fn network(network: Network) -> Option<AddressSet> {
    AddressSet::prefix(network.address(), network.prefix())
}

fn union(sets: impl Iterator<Item = AddressSet>) -> AddressSet {
    sets.fold(AddressSet::none(), |all, set| all.union(&set))
}

/// The devices that enforce what passes between two zones, by index: those that the conduit names, in a row; else all
/// that face both, side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enforcement {
    /// No configuration covers the path.
    NotShown,
    /// All of these must pass it. `missing`: a device without a configuration is on the way too.
    InRow {
        /// The devices with the way through each.
        devices: Vec<(usize, Way)>,
        /// Whether one is missing.
        missing: bool,
    },
    /// One of these that passes it is enough.
    SideBySide(Vec<(usize, Way)>),
}

/// Who enforces the path between two zones.
#[must_use]
pub fn enforcement(
    plant: &Plant,
    devices: &[Device<'_>],
    from: Option<&ZoneId>,
    to: Option<&ZoneId>,
    conduit: Option<&Conduit>,
) -> Enforcement {
    let facing: Vec<(usize, Way)> = devices
        .iter()
        .enumerate()
        .filter_map(|(at, device)| Some((at, device.way(plant, from, to)?)))
        .collect();
    let named = conduit.map(|conduit| conduit.enforced_by.as_slice()).unwrap_or_default();
    if facing.is_empty() {
        let route = from.zip(to).and_then(|(from, to)| route(plant, devices, from, to, named));
        return route.map_or(Enforcement::NotShown, |devices| Enforcement::InRow { devices, missing: false });
    }
    let is_named =
        |at: usize| devices.get(at).and_then(Device::asset).is_some_and(|asset| named.contains(asset));
    let in_row: Vec<(usize, Way)> = facing.iter().filter(|(at, _)| is_named(*at)).cloned().collect();
    if in_row.is_empty() {
        return if named.is_empty() { Enforcement::SideBySide(facing) } else { Enforcement::NotShown };
    }
    let shown = |device: &AssetId| {
        in_row.iter().any(|(at, _)| devices.get(*at).and_then(Device::asset) == Some(device))
    };
    let missing = !named.iter().all(shown);
    Enforcement::InRow { devices: in_row, missing }
}

/// The way through several devices that a conduit names, from zone to zone, where no single one faces both ends: the shortest
/// one, if there is only one such and it passes all of them.
fn route(
    plant: &Plant,
    devices: &[Device<'_>],
    from: &ZoneId,
    to: &ZoneId,
    named: &[AssetId],
) -> Option<Vec<(usize, Way)>> {
    if named.len() < 2 {
        return None;
    }
    let usable: Vec<(usize, &Device<'_>)> = devices
        .iter()
        .enumerate()
        .filter(|(_, device)| device.asset().is_some_and(|asset| named.contains(asset)))
        .collect();
    let mut open: Vec<(ZoneId, Vec<(usize, Way)>)> = vec![(from.clone(), Vec::new())];
    for _ in 0..named.len() {
        let ends = open.iter().flat_map(|(zone, passed)| {
            let rest = usable.iter().filter(|(at, _)| passed.iter().all(|(known, _)| known != at));
            rest.filter_map(|(at, device)| {
                let way = device.way(plant, Some(zone), Some(to))?;
                let mut passed = passed.clone();
                passed.push((*at, way));
                Some(passed)
            })
        });
        let mut ends: Vec<_> = ends.collect();
        if let Some(found) = ends.pop() {
            return (ends.is_empty() && found.len() == named.len()).then_some(found);
        }
        let further = open.iter().flat_map(|(zone, passed)| {
            let rest = usable.iter().filter(|(at, _)| passed.iter().all(|(known, _)| known != at));
            rest.flat_map(move |(at, device)| {
                let faced: BTreeSet<&ZoneId> =
                    device.evidence.interfaces.iter().map(|facing| &facing.zone).collect();
                faced.into_iter().filter_map(move |next| {
                    let way = device.way(plant, Some(zone), Some(next))?;
                    let mut passed = passed.clone();
                    passed.push((*at, way));
                    Some((next.clone(), passed))
                })
            })
        });
        open = further.take(ROUTES_MAX).collect();
    }
    None
}

/// Most ways that are followed at once.
const ROUTES_MAX: usize = 1_000;

impl Enforcement {
    /// The devices with the way through each.
    #[must_use]
    pub fn devices(&self) -> &[(usize, Way)] {
        match self {
            Self::NotShown => &[],
            Self::InRow { devices, .. } | Self::SideBySide(devices) => devices,
        }
    }

    /// Does a verdict of these devices stand on what was configured? Where a device's configuration is missing, only
    /// that another one closes the path is known.
    #[must_use]
    pub fn shows(&self, verdict: Configured) -> bool {
        match self {
            Self::NotShown => false,
            Self::InRow { missing, .. } => !missing || verdict == Configured::Closed,
            Self::SideBySide(_) => true,
        }
    }

    /// What the devices together say of `classes`.
    pub fn verdict(&self, devices: &mut [Device<'_>], classes: &[PacketClass]) -> Configured {
        let verdicts: Vec<Configured> = self
            .devices()
            .iter()
            .filter_map(|(at, way)| Some(devices.get_mut(*at)?.verdict_of_any(way, classes)))
            .collect();
        let all = |what| !verdicts.is_empty() && verdicts.iter().all(|verdict| *verdict == what);
        let any = |what| verdicts.contains(&what);
        match self {
            Self::NotShown => Configured::Unknown,
            Self::InRow { .. } if any(Configured::Closed) => Configured::Closed,
            Self::InRow { missing: true, .. } => Configured::Unknown,
            Self::InRow { .. } if all(Configured::Open) => Configured::Open,
            Self::SideBySide(_) if any(Configured::Open) => Configured::Open,
            Self::SideBySide(_) if all(Configured::Closed) => Configured::Closed,
            _ if any(Configured::Unknown) => Configured::Unknown,
            _ => Configured::Partly,
        }
    }
}

/// A set of ports.
#[must_use]
pub fn port_set(ports: &[zonewright_plant::model::PortRange]) -> Option<IntervalSet<u16>> {
    (!ports.is_empty()).then(|| IntervalSet::from_ranges(ports.iter().map(|range| (range.first, range.last))))
}
