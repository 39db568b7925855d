//! The whole of a configuration as a ruleset: which policy a packet meets, and what reaches the device itself.

use super::management::{Management, PORT};
use super::model::{Model, Scope};
use super::names::Said;
use super::nat::Ways;
use super::network::{Interface, Layer, Network};
use super::objects::Objects;
use super::policy::{Chains, Policy, TABLE, pass_rulebase};
use super::routes::Routing;
use super::tree::At;
use super::zones::Zones;
use crate::dialects::Reading;
use crate::ruleset::{
    Base, Chain, ChainId, ChainKind, Condition, Family, FirewallZone, Hook, NamePattern, NameSet, Reason,
    Rule, Ruleset, Undecidable, Verdict, stand_unbound,
};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use zonewright_source::{Diagnostic, TextPlace};

/// A policy with its chains, and what follows from its zones.
struct Placed {
    name: String,
    chains: Chains,
    /// The zones of a virtual system, as names of interfaces.
    zones: Vec<NamePattern>,
    has_external: bool,
}

/// Lowers configurations into one ruleset.
struct Device<'r> {
    reading: &'r mut Reading,
    ruleset: &'r mut Ruleset,
    placed: Vec<Placed>,
    management: Management,
    /// Rules in front of the policies: interfaces that forward nothing.
    front: Vec<Rule>,
    rules: usize,
    /// Whether each policy is that of another device, so that which one is asked is not told.
    is_many: bool,
    knows_host: bool,
    /// The zone of each interface, by its name in the ruleset.
    interface_zones: BTreeMap<String, String>,
    /// The names of the zones that are in the ruleset.
    zoned: BTreeSet<String>,
    /// Zones whose interfaces forward nothing.
    taps: BTreeSet<String>,
    said: Said,
    /// Which configuration of the file it is at, where there are several.
    document: Option<usize>,
}

/// Lowers the configurations of a file, of which there is one as a rule.
pub(super) fn lower(roots: &[At<'_>], reading: &mut Reading, ruleset: &mut Ruleset) {
    let models: Vec<Model<'_>> = roots.iter().map(|root| Model::of(*root)).collect();
    let groups: usize = models.iter().map(|model| model.groups.len()).sum();
    let mut device = Device {
        reading,
        ruleset,
        placed: Vec::new(),
        management: Management::default(),
        front: Vec::new(),
        rules: 0,
        is_many: models.len() > 1 || groups > 1,
        knows_host: false,
        interface_zones: BTreeMap::new(),
        zoned: BTreeSet::new(),
        taps: BTreeSet::new(),
        said: Said::default(),
        document: None,
    };
    for (at, model) in models.iter().enumerate() {
        device.document = (models.len() > 1).then_some(at + 1);
        device.model(model);
    }
    device.is_many |= groups > 0 && device.placed.len() > 1;
    device.bind();
    device.bind_management();
    device.finish_names();
}

/// The objects that stand in some nodes.
fn objects<'m>(nodes: &[At<'m>], reading: &mut Reading) -> Rc<Objects<'m>> {
    let mut found = Objects::default();
    nodes.iter().for_each(|node| found.read(*node, reading));
    Rc::new(found)
}

/// The rulebases of a name that stand in some nodes.
fn bases<'m>(nodes: &[At<'m>], name: &'static str) -> impl Iterator<Item = At<'m>> {
    nodes.iter().filter_map(move |node| node.child(name)).inspect(|base| pass_rulebase(*base))
}

impl Device<'_> {
    fn model(&mut self, model: &Model<'_>) {
        let mut network = Network::default();
        model.networks.iter().for_each(|node| network.read(*node));
        let shared = objects(&model.shared, self.reading);
        let pushed = objects(&model.pushed, self.reading);
        let routing = Routing::of(&network);
        self.systems(model, &network, &routing, [&pushed, &shared]);
        self.groups(model, &shared);
        self.knows_host |= !model.networks.is_empty();
        let policy = Undecidable { what: "the security policy passes it".into(), reason: Reason::Name };
        let open = !self.is_many && self.placed.iter().all(|placed| !placed.chains.may_stop_within_zone);
        let zones = std::mem::take(&mut self.interface_zones);
        let within = |name: &str| zones.get(name).filter(|_| open).cloned();
        self.management.interfaces(&network, &policy, None, &within, self.reading);
        let nodes: Vec<At<'_>> = model
            .networks
            .iter()
            .chain(model.systems.iter().flat_map(|system| &system.nodes))
            .copied()
            .collect();
        self.management.served(&nodes, network.learns_routes, None, self.reading);
        for host in &model.hosts {
            self.knows_host |= self.management.host(*host, None, self.reading);
        }
        self.front(&network);
        self.interfaces(&network);
    }

    /// The virtual systems of a firewall.
    fn systems(
        &mut self,
        model: &Model<'_>,
        network: &Network<'_>,
        routing: &Routing,
        outer: [&Rc<Objects<'_>>; 2],
    ) {
        let ways = Ways { network, routing };
        let mut all: Vec<Zones<'_>> = Vec::new();
        for system in &model.systems {
            let mut zones = Zones::default();
            zones.read(system);
            all.push(zones);
        }
        let names: Vec<&str> = all.iter().flat_map(|zones| zones.defined().map(|(name, _)| name)).collect();
        if names.len() > names.iter().collect::<BTreeSet<_>>().len() {
            for (zones, system) in all.iter_mut().zip(&model.systems) {
                zones.prefix = format!("{}/", system.name);
            }
        }
        for (system, zones) in model.systems.iter().zip(all) {
            let own = objects(&system.nodes, self.reading);
            let mut rulebases: Vec<At<'_>> = Vec::new();
            rulebases.extend(bases(&model.shared, "pre-rulebase"));
            rulebases.extend(bases(&model.pushed, "pre-rulebase"));
            rulebases.extend(bases(&system.nodes, "pre-rulebase"));
            rulebases.extend(bases(&system.nodes, "rulebase"));
            rulebases.extend(bases(&system.nodes, "post-rulebase"));
            rulebases.extend(bases(&model.pushed, "post-rulebase"));
            rulebases.extend(bases(&model.shared, "post-rulebase"));
            if rulebases.is_empty() && !zones.is_complete() {
                continue;
            }
            let mut defaults: Vec<At<'_>> = bases(&system.nodes, "rulebase").collect();
            defaults.extend(bases(&model.pushed, "post-rulebase"));
            defaults.extend(bases(&model.shared, "post-rulebase"));
            let scopes = vec![own, outer[0].clone(), outer[1].clone()];
            let policy = Policy {
                name: system.name.to_owned(),
                objects: scopes,
                rulebases,
                defaults,
                zones,
                said: self.said.clone(),
            };
            self.place(policy, &ways);
        }
    }

    /// The device groups of Panorama, or what they all share.
    fn groups(&mut self, model: &Model<'_>, shared: &Rc<Objects<'_>>) {
        let (network, routing) = (Network::default(), Routing::default());
        let ways = Ways { network: &network, routing: &routing };
        let zones = self.templates(model);
        let own: Vec<Rc<Objects<'_>>> =
            model.groups.iter().map(|group| objects(&group.nodes, self.reading)).collect();
        let is_parent = |name: &str| model.groups.iter().any(|group| group.parent == Some(name));
        for group in &model.groups {
            let has_devices =
                group.nodes.iter().any(|node| node.within().any(|child| child.name() == "devices"));
            let lineage = model.lineage(group.name);
            if is_parent(group.name) && !has_devices {
                // It holds what others inherit; no device has its rules alone.
                lineage.iter().for_each(|scope| {
                    bases(&scope.nodes, "pre-rulebase").for_each(drop);
                });
                continue;
            }
            let mut scopes: Vec<Rc<Objects<'_>>> = Vec::new();
            for scope in &lineage {
                let at = model.groups.iter().position(|group| group.name == scope.name);
                scopes.extend(at.and_then(|at| own.get(at)).cloned());
            }
            scopes.push(shared.clone());
            let policy = inherited(model, group, &lineage, scopes, zones.clone(), self.said.clone());
            self.place(policy, &ways);
        }
        if model.groups.is_empty() && model.systems.is_empty() {
            let mut rulebases: Vec<At<'_>> = Vec::new();
            for nodes in [&model.shared, &model.pushed] {
                rulebases.extend(bases(nodes, "pre-rulebase"));
                rulebases.extend(bases(nodes, "post-rulebase"));
            }
            if !rulebases.is_empty() {
                let defaults = bases(&model.shared, "post-rulebase").collect();
                let pushed = objects(&model.pushed, self.reading);
                let name = "shared".to_owned();
                let scopes = vec![pushed, shared.clone()];
                let said = self.said.clone();
                self.place(Policy { name, objects: scopes, rulebases, defaults, zones, said }, &ways);
            }
        }
    }

    /// What templates say: zones for the policies of device groups, and who manages the devices.
    fn templates<'m>(&mut self, model: &Model<'m>) -> Zones<'m> {
        let mut zones = Zones::default();
        for (at, template) in model.templates.iter().enumerate() {
            let mut network = Network::default();
            template.networks.iter().for_each(|node| network.read(*node));
            objects(&template.shared, self.reading);
            for system in &template.systems {
                objects(&system.nodes, self.reading);
                zones.read(system);
            }
            let what = format!("the device has template {}", at + 1);
            let when = Undecidable { what, reason: Reason::Name };
            let when = Some(&when).filter(|_| model.templates.len() > 1);
            let policy = Undecidable { what: "the security policy passes it".into(), reason: Reason::Name };
            self.management.interfaces(&network, &policy, when, &|_| None, self.reading);
            let systems = template.systems.iter().flat_map(|system| &system.nodes);
            let nodes: Vec<At<'_>> = template.networks.iter().chain(systems).copied().collect();
            self.management.served(&nodes, network.learns_routes, when, self.reading);
            for host in &template.hosts {
                self.knows_host |= self.management.host(*host, when, self.reading);
            }
            self.knows_host |= !template.networks.is_empty();
            self.interfaces(&network);
        }
        if zones.leave_out_ambiguous() {
            let span = zones.defined().next().map_or(0..0, |(_, zone)| zone.span.clone());
            let note = Diagnostic::note(
                "firewall/ambiguous-zone",
                "templates put the same interface into different zones; ask by zone, not by interface",
            );
            self.reading.report(&span, note);
        }
        zones
    }

    /// Lowers a policy, and takes note of its zones.
    fn place<'m>(&mut self, mut policy: Policy<'m>, ways: &Ways<'_, 'm>) {
        if let Some(document) = self.document {
            policy.name = format!("{} of configuration {document}", policy.name);
        }
        let chains = policy.lower(ways, self.reading, self.ruleset, &mut self.rules);
        let mut zones = Vec::new();
        for (name, zone) in policy.zones.defined() {
            let name = policy.zones.qualified(name);
            if !self.is_many {
                zones.push(NamePattern::Exact(name.clone()));
            }
            let of_interfaces =
                zone.interfaces.iter().map(|interface| ((*interface).to_owned(), name.clone()));
            self.interface_zones.extend(of_interfaces.filter(|_| !self.is_many));
            if zone.is_tap {
                self.taps.insert(name.clone());
            }
            if self.zoned.insert(name.clone()) {
                let place = self.reading.place(&zone.span);
                let interfaces = zone.interfaces.iter().map(|interface| (*interface).to_owned()).collect();
                self.ruleset.zones.push(FirewallZone { name, interfaces, place });
            }
        }
        let (name, has_external) = (policy.name, policy.zones.has_external());
        self.placed.push(Placed { name, chains, zones, has_external });
    }

    /// Interfaces that are in no zone pass nothing, and taps forward nothing.
    fn front(&mut self, network: &Network<'_>) {
        if self.ruleset.zones.is_empty() {
            return;
        }
        let zoned: BTreeSet<&str> =
            self.ruleset.zones.iter().flat_map(|zone| zone.interfaces.iter().map(String::as_str)).collect();
        let idle = |interface: &&Interface<'_>| match interface.layer {
            Layer::Tap => true,
            Layer::Other => false,
            Layer::Routed => {
                !zoned.contains(interface.name) && (!interface.addresses.is_empty() || interface.is_dynamic)
            }
            Layer::Bridged => !zoned.contains(interface.name),
        };
        let idle: Vec<&Interface<'_>> = network.interfaces.iter().filter(idle).collect();
        let taps = self.taps.iter().cloned();
        let names: Vec<NamePattern> =
            idle.iter().map(|one| one.name.to_owned()).chain(taps).map(NamePattern::Exact).collect();
        let span = idle.first().map_or(0..0, |first| first.span.clone());
        if names.is_empty() {
            return;
        }
        let names = NameSet::of(names);
        for condition in [Condition::InInterface(names.clone()), Condition::OutInterface(names)] {
            let mut rule = Rule::new(self.reading.place(&span));
            rule.conditions.push(condition);
            rule.comment = Some("interfaces without a zone, and taps".into());
            rule.verdict = Verdict::Drop;
            self.front.push(rule);
        }
    }

    fn interfaces(&mut self, network: &Network<'_>) {
        let used = network.interfaces.iter().filter(|interface| {
            interface.layer == Layer::Bridged || !interface.addresses.is_empty() || interface.is_dynamic
        });
        self.ruleset.interfaces.extend(used.map(|interface| interface.name.to_owned()));
    }

    /// Puts the policies on the way of packets.
    fn bind(&mut self) {
        if self.is_many && self.placed.len() > 1 {
            return self.stand_unbound();
        }
        let place = match self.placed.first().and_then(|placed| self.ruleset.chain(placed.chains.security)) {
            Some(chain) => chain.place.clone(),
            None => return self.no_policy(),
        };
        let mut rules = std::mem::take(&mut self.front);
        for (at, placed) in self.placed.iter().enumerate() {
            let within = || Condition::InInterface(NameSet::of(placed.zones.clone()));
            if self.placed.len() > 1 {
                rules.extend(between_systems(&self.placed, at, &place));
            }
            let mut rule = Rule::new(place.clone());
            rule.conditions.extend((self.placed.len() > 1).then(within));
            rule.verdict = Verdict::Jump(placed.chains.security);
            rules.push(rule);
        }
        self.base("forward", TABLE, Hook::Forward, ChainKind::Filter, rules, place.clone());
        self.bind_translations(&place, None);
    }

    /// Translations, each for the packets of its virtual system.
    fn bind_translations(&mut self, place: &TextPlace, when: Option<&str>) {
        for (name, hook) in [("destinations", Hook::Prerouting), ("sources", Hook::Postrouting)] {
            let mut rules = Vec::new();
            for placed in &self.placed {
                let chain =
                    if hook == Hook::Prerouting { placed.chains.destinations } else { placed.chains.sources };
                let Some(chain) = chain else { continue };
                let mut rule = Rule::new(place.clone());
                if let Some(when) = when {
                    let what = Undecidable { what: format!("{when} {}", placed.name), reason: Reason::Name };
                    rule.conditions.push(Condition::Undecidable(what));
                } else if self.placed.len() > 1 {
                    rule.conditions.push(Condition::InInterface(NameSet::of(placed.zones.clone())));
                }
                rule.verdict = Verdict::Jump(chain);
                rules.push(rule);
            }
            if !rules.is_empty() {
                self.base(name, "nat", hook, ChainKind::Nat, rules, place.clone());
            }
        }
    }

    /// Policies of several devices in one file: which one a packet meets is not told.
    fn stand_unbound(&mut self) {
        let lists: Vec<ChainId> = self.placed.iter().map(|placed| placed.chains.security).collect();
        let Some(place) =
            lists.first().and_then(|id| self.ruleset.chain(*id)).map(|chain| chain.place.clone())
        else {
            return;
        };
        let names: Vec<&str> = self.placed.iter().map(|placed| placed.name.as_str()).take(8).collect();
        let message = format!("the file holds the policies of several devices ({})", names.join(", "));
        let note = Diagnostic::note("firewall/several-policies", message)
            .because(
                "which of them a packet meets is not told, so that what they say is possible and not sure",
            )
            .help("choose one of them, or export the configuration of the device");
        let span = place.start..place.start;
        self.reading.report(&span, note);
        stand_unbound(self.ruleset, &lists);
        self.bind_translations(&place, Some("the device has the policy of"));
    }

    /// A file without rules and zones says nothing about packets.
    fn no_policy(&mut self) {
        let note = Diagnostic::warning("firewall/no-policy", "the file has no security policy")
            .because("what the device passes cannot be told from it")
            .help("export the running configuration as a whole");
        // A file without lines has none that could be warned about.
        if !self.reading.source.text().is_empty() {
            self.reading.report(&(0..0), note);
        }
        let place = self.reading.place(&(0..0));
        let mut rule = Rule::new(place.clone());
        rule.verdict = Verdict::Unknown("no policy is in the file".into());
        self.base("forward", TABLE, Hook::Forward, ChainKind::Filter, vec![rule], place);
    }

    fn bind_management(&mut self) {
        let management = std::mem::take(&mut self.management);
        self.ruleset.addresses = management.addresses;
        let mut rules = management.rules;
        let place = rules.first().map_or_else(|| self.reading.place(&(0..0)), |rule| rule.place.clone());
        if !self.knows_host {
            let mut rule = Rule::new(place.clone());
            rule.verdict = Verdict::Unknown("management is not in the file".into());
            rules.push(rule);
        }
        let established = crate::ruleset::CtStates::ESTABLISHED.union(crate::ruleset::CtStates::RELATED);
        let mut first = Rule::new(place.clone());
        first.conditions.push(Condition::CtState(established));
        first.verdict = Verdict::Accept;
        rules.insert(0, first);
        self.base("to the device", "management", Hook::Input, ChainKind::Filter, rules, place);
    }

    fn base(
        &mut self,
        name: &str,
        table: &str,
        hook: Hook,
        kind: ChainKind,
        rules: Vec<Rule>,
        place: TextPlace,
    ) {
        let priority = match (kind, hook) {
            (ChainKind::Nat, Hook::Prerouting) => -100,
            (ChainKind::Nat, _) => 100,
            _ => 0,
        };
        let policy = if kind == ChainKind::Nat {
            crate::ruleset::Policy::Accept
        } else {
            crate::ruleset::Policy::Drop
        };
        self.ruleset.chains.push(Chain {
            name: name.to_owned(),
            table: table.to_owned(),
            family: Family::Inet,
            base: Some(Base { hook, kind, priority, policy, devices: Vec::new(), dormant: false }),
            rules,
            place,
            comment: None,
        });
    }

    /// Sorts the names of interfaces, and adds those that only zones and rules name.
    fn finish_names(&mut self) {
        let mut names: BTreeSet<String> = self.ruleset.interfaces.drain(..).collect();
        names.extend(self.ruleset.zones.iter().flat_map(|zone| zone.interfaces.iter().cloned()));
        if self.ruleset.addresses.iter().any(|address| address.interface == PORT) {
            names.insert(PORT.to_owned());
        }
        self.ruleset.interfaces = names.into_iter().collect();
    }
}

/// The policy of a device group: what is shared comes first and last, what is nearest in the middle.
fn inherited<'m>(
    model: &Model<'m>,
    group: &Scope<'m>,
    lineage: &[&Scope<'m>],
    objects: Vec<Rc<Objects<'m>>>,
    zones: Zones<'m>,
    said: Said,
) -> Policy<'m> {
    let mut rulebases: Vec<At<'m>> = bases(&model.shared, "pre-rulebase").collect();
    for scope in lineage.iter().rev() {
        rulebases.extend(bases(&scope.nodes, "pre-rulebase"));
    }
    let mut behind: Vec<At<'m>> = Vec::new();
    for scope in lineage {
        rulebases.extend(bases(&scope.nodes, "rulebase"));
        behind.extend(bases(&scope.nodes, "post-rulebase"));
    }
    behind.extend(bases(&model.shared, "post-rulebase"));
    rulebases.extend(behind.iter().copied());
    Policy { name: group.name.to_owned(), objects, rulebases, defaults: behind, zones, said }
}

/// What comes in by one virtual system and goes out by another passes the policies of both, which is not computed.
fn between_systems(placed: &[Placed], at: usize, place: &TextPlace) -> Option<Rule> {
    let own = placed.get(at)?;
    let others = || placed.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| other);
    let zones: Vec<NamePattern> = others().flat_map(|other| other.zones.iter().cloned()).collect();
    let mut rule = Rule::new(place.clone());
    rule.conditions.push(Condition::InInterface(NameSet::of(own.zones.clone())));
    rule.conditions.push(Condition::OutInterface(NameSet::of(zones)));
    rule.comment = Some(format!("from {} to another virtual system", own.name));
    rule.verdict = if own.has_external && others().any(|other| other.has_external) {
        Verdict::Unknown("passes the policies of two virtual systems".into())
    } else {
        Verdict::Drop
    };
    Some(rule)
}
