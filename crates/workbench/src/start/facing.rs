//! Which interface of a firewall faces which zone: told by rules that name an interface and addresses together.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use zonewright_firewall::ruleset::{
    AddressSet, ChainId, Condition, NamePattern, NameSet, NatKind, Ruleset, Verdict,
};
use zonewright_plant::Plant;
use zonewright_plant::id::ZoneId;
use zonewright_plant::model::Facing;

/// Deepest jump that is followed.
const DEPTH_MAX: usize = 16;
/// Most rules looked at, over all jumps.
const STEPS_MAX: usize = 200_000;

/// What could be told.
#[derive(Debug, Default)]
pub(super) struct Faced {
    pub(super) facing: Vec<Facing>,
    /// Per interface, why.
    pub(super) reasons: Vec<String>,
    /// Interfaces of which it could not be told.
    pub(super) open: Vec<String>,
}

/// What is known of a packet on the way to a rule.
#[derive(Debug, Clone, Default)]
struct Way {
    from: Option<String>,
    to: Option<String>,
    source: Option<AddressSet>,
    destination: Option<AddressSet>,
}

struct Votes<'r> {
    ruleset: &'r Ruleset,
    hosts: Vec<(ZoneId, IpAddr)>,
    /// Interface, zone, and lines that say so.
    votes: BTreeMap<String, BTreeMap<ZoneId, BTreeSet<u32>>>,
    translates_out: BTreeSet<String>,
    steps: usize,
}

/// The interfaces of `ruleset` and the zones of `plant` (proposed ones included) that they face.
pub(super) fn facing(ruleset: &Ruleset, plant: &Plant) -> Faced {
    let mut hosts: Vec<(ZoneId, IpAddr)> = Vec::new();
    for asset in plant.assets.values() {
        if let Some(zone) = &asset.zone {
            hosts.extend(asset.ips.iter().map(|address| (zone.clone(), address.ip)));
        }
    }
    let mut votes =
        Votes { ruleset, hosts, votes: BTreeMap::new(), translates_out: BTreeSet::new(), steps: 0 };
    for (at, chain) in ruleset.chains.iter().enumerate() {
        if chain.base.is_some() {
            votes.chain(ChainId(at), &Way::default(), 0);
        }
    }
    votes.result(plant)
}

impl Votes<'_> {
    fn chain(&mut self, id: ChainId, way: &Way, depth: usize) {
        let Some(chain) = self.ruleset.chain(id) else { return };
        for rule in &chain.rules {
            self.steps += 1;
            if self.steps > STEPS_MAX {
                return;
            }
            let mut here = way.clone();
            rule.conditions.iter().for_each(|condition| here.learn(condition));
            self.count(&here, rule.place.line);
            match &rule.verdict {
                Verdict::Jump(to) | Verdict::Goto(to) if depth < DEPTH_MAX => {
                    self.chain(*to, &here, depth + 1)
                }
                Verdict::Nat(nat) if matches!(nat.kind, NatKind::Masquerade | NatKind::Source) => {
                    self.translates_out.extend(here.to.clone());
                }
                _ => {}
            }
        }
    }

    fn count(&mut self, way: &Way, line: u32) {
        let sides = [(&way.from, &way.source), (&way.to, &way.destination)];
        for (interface, addresses) in sides {
            let (Some(interface), Some(addresses)) = (interface, addresses) else { continue };
            let zones: BTreeSet<&ZoneId> =
                self.hosts.iter().filter(|(_, ip)| addresses.contains(*ip)).map(|(zone, _)| zone).collect();
            // A set that spans several zones says nothing about one interface.
            if let [zone] = zones.into_iter().collect::<Vec<_>>().as_slice() {
                self.votes
                    .entry(interface.clone())
                    .or_default()
                    .entry((*zone).clone())
                    .or_default()
                    .insert(line);
            }
        }
    }

    fn result(self, plant: &Plant) -> Faced {
        let mut faced = Faced::default();
        let outside =
            plant.zones.values().find(|zone| zone.id.as_str() == "Z-OUTSIDE").map(|zone| zone.id.clone());
        for interface in self.ruleset.interfaces.iter().filter(|name| *name != "lo" && !name.contains('*')) {
            let of: Vec<(&ZoneId, usize)> = self
                .votes
                .get(interface)
                .into_iter()
                .flatten()
                .map(|(zone, lines)| (zone, lines.len()))
                .collect();
            let most = of.iter().map(|(_, n)| *n).max();
            let best: Vec<&ZoneId> =
                of.iter().filter(|(_, n)| Some(*n) == most).map(|(zone, _)| *zone).collect();
            let (zone, why) = match (best.as_slice(), &outside) {
                ([zone], _) => {
                    let lines = self.votes.get(interface).and_then(|of| of.get(*zone));
                    let lines: Vec<String> =
                        lines.into_iter().flatten().take(3).map(ToString::to_string).collect();
                    (
                        (*zone).clone(),
                        format!("rules name it with addresses of that zone (line {})", lines.join(", ")),
                    )
                }
                ([], Some(outside)) if self.translates_out.contains(interface) => {
                    (outside.clone(), "source addresses are translated on the way out by it".to_string())
                }
                _ => {
                    faced.open.push(interface.clone());
                    continue;
                }
            };
            faced.reasons.push(format!("{interface} faces {zone}: {why}"));
            faced.facing.push(Facing { interface: interface.clone(), zone });
        }
        faced
    }
}

impl Way {
    fn learn(&mut self, condition: &Condition) {
        let narrow = |known: &mut Option<AddressSet>, set: &AddressSet| {
            *known = Some(known.as_ref().map_or_else(|| set.clone(), |known| known.intersection(set)));
        };
        match condition {
            Condition::InInterface(names) => self.from = one(names).or(self.from.take()),
            Condition::OutInterface(names) => self.to = one(names).or(self.to.take()),
            Condition::Source(set) => narrow(&mut self.source, set),
            Condition::Destination(set) => narrow(&mut self.destination, set),
            _ => {}
        }
    }
}

fn one(names: &NameSet) -> Option<String> {
    match (names.negated, names.patterns.as_slice()) {
        (false, [NamePattern::Exact(name)]) => Some(name.clone()),
        _ => None,
    }
}
