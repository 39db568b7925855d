//! Security zones: their interfaces, and what of the device itself they let in.

use super::config::Config;
use super::device::{Device, Stand, base, established, list, names, rule};
use super::host_inbound::{HOST_PROTOCOLS, HOST_SERVICES};
use super::tree::{NodeId, Tree};
use crate::dialects::{Service, one_of};
use crate::ruleset::{
    ChainKind, Condition, Family, FirewallZone, Hook, NamePattern, NameSet, Policy, Reason, Rule,
    Undecidable, Verdict,
};
use std::collections::{BTreeMap, BTreeSet};

/// The table of what reaches the device itself.
pub(super) const MANAGEMENT: &str = "management";
/// Interfaces for management only, which no zone governs.
const OUT_OF_BAND: [&str; 4] = ["fxp0", "fxp1", "em0", "me0"];

/// The zones of a configuration.
#[derive(Debug, Default)]
pub(super) struct Zones {
    pub(super) zones: Vec<Zone>,
}

/// A zone.
#[derive(Debug)]
pub(super) struct Zone {
    name: String,
    node: NodeId,
    /// Its interfaces, with the node of each.
    interfaces: BTreeMap<String, NodeId>,
    /// Whether it has all interfaces that no other zone has.
    has_rest: bool,
}

impl Zone {
    /// Where it is defined.
    pub(super) fn node(&self) -> NodeId {
        self.node
    }
}

impl Zones {
    pub(super) fn read(config: &mut Config<'_>) -> Self {
        let mut zones = Vec::new();
        let security = super::addresses::security(config);
        let Some(section) = config.tree.enter(security, "zones") else { return Self { zones } };
        for kind in ["security-zone", "functional-zone"] {
            for node in config.tree.things(section, kind) {
                let mut interfaces = BTreeMap::new();
                let mut has_rest = false;
                for interface in config.tree.things(node, "interfaces") {
                    match config.tree.word(interface) {
                        "all" => has_rest = true,
                        name => {
                            interfaces.insert(logical(name), interface);
                        }
                    }
                }
                zones.push(Zone { name: config.name(node), node, interfaces, has_rest });
            }
        }
        Self { zones }
    }

    /// Whether the configuration has zones.
    pub(super) fn is_empty(&self) -> bool {
        self.zones.is_empty()
    }
}

/// The logical interface of a name: unit 0 where none is named.
pub(super) fn logical(name: &str) -> String {
    if name.contains('.') { name.to_owned() } else { format!("{name}.0") }
}

impl Device<'_, '_> {
    /// Makes the zones known, and builds what reaches the device.
    pub(super) fn lower_zones(&mut self, known: &BTreeSet<String>) {
        let zones = std::mem::take(&mut self.zones.zones);
        let taken: BTreeSet<&String> = zones.iter().flat_map(|zone| zone.interfaces.keys()).collect();
        for zone in &zones {
            let mut interfaces: BTreeSet<String> = zone.interfaces.keys().cloned().collect();
            if zone.has_rest {
                let free = known.iter().filter(|name| !taken.contains(name) && !is_out_of_band(name));
                interfaces.extend(free.cloned());
            }
            self.interfaces.extend(interfaces.iter().cloned());
            self.ruleset.zones.push(FirewallZone {
                name: zone.name.clone(),
                interfaces: interfaces.into_iter().collect(),
                place: self.config.place(zone.node),
            });
        }
        self.lower_host_inbound(&zones);
        self.zones.zones = zones;
    }

    fn lower_host_inbound(&mut self, zones: &[Zone]) {
        let Some(first) = zones.first() else { return };
        let place = self.config.place(first.node);
        let mut rules = vec![established(place.clone())];
        let out_of_band = OUT_OF_BAND.iter().map(|name| NamePattern::Prefix((*name).to_owned())).collect();
        let mut unguarded =
            rule(place.clone(), vec![Condition::InInterface(NameSet::of(out_of_band))], Verdict::Accept);
        unguarded.comment = Some("management interfaces are in no zone".to_owned());
        rules.push(unguarded);
        let mut of_zones = Vec::new();
        for zone in zones {
            for (interface, node) in &zone.interfaces {
                // What an interface says stands in place of what its zone says.
                if let Some(inbound) = self.config.tree.enter(*node, "host-inbound-traffic") {
                    rules.push(self.lower_inbound(inbound, interface));
                }
            }
            if let Some(inbound) = self.config.tree.enter(zone.node, "host-inbound-traffic") {
                of_zones.push(self.lower_inbound(inbound, &zone.name));
            }
        }
        rules.extend(of_zones);
        let stand = Stand { hook: Hook::Input, kind: ChainKind::Filter, priority: 0, policy: Policy::Drop };
        self.add(base("host-inbound-traffic", MANAGEMENT, stand, rules, place));
    }

    /// The list of one interface or zone, and the rule that leads there.
    fn lower_inbound(&mut self, inbound: NodeId, name: &str) -> Rule {
        let mut rules = Vec::new();
        for (kind, table) in [("system-services", HOST_SERVICES), ("protocols", HOST_PROTOCOLS)] {
            let members = self.config.tree.things(inbound, kind);
            let (excepted, let_in): (Vec<NodeId>, Vec<NodeId>) = members.into_iter().partition(|member| {
                let except = self.config.tree.enter(*member, "except");
                except.is_some()
            });
            for (member, verdict) in excepted
                .iter()
                .map(|m| (*m, Verdict::Drop))
                .chain(let_in.iter().map(|m| (*m, Verdict::Accept)))
            {
                let conditions = self.host_conditions(member, kind, table);
                let mut one = rule(self.config.place(member), conditions, verdict);
                one.comment = Some(self.config.name(member));
                rules.push(one);
            }
        }
        let place = self.config.place(inbound);
        let chain =
            list(format!("host-inbound-traffic {name}"), MANAGEMENT, Family::Inet, rules, place.clone());
        let id = self.add(chain);
        rule(place, vec![Condition::InInterface(names([name]))], Verdict::Goto(id))
    }

    fn host_conditions(
        &mut self,
        member: NodeId,
        kind: &str,
        table: super::host_inbound::Table,
    ) -> Vec<Condition> {
        let word = self.config.name(member);
        match word.as_str() {
            "any-service" if kind == "system-services" => return Vec::new(),
            "all" => {
                let all: Vec<Service> =
                    table.iter().flat_map(|(_, services)| services.iter()).map(|s| s.service()).collect();
                return one_of(&all);
            }
            _ => {}
        }
        if let Some((_, services)) = table.iter().find(|(name, _)| *name == word) {
            let services: Vec<Service> = services.iter().map(|service| service.service()).collect();
            return one_of(&services);
        }
        let what = format!("the service `{}` of the device is not known here", self.config.quoted(member));
        self.config.warn(member, "firewall/unknown-name", what);
        vec![Condition::Undecidable(Undecidable { what: word, reason: Reason::Name })]
    }
}

fn is_out_of_band(name: &str) -> bool {
    OUT_OF_BAND.iter().any(|known| name.starts_with(known))
}

/// Whether the configuration, which has zones or policies, runs as a packet filter only.
pub(super) fn packet_based(config: &Config<'_>) -> Option<NodeId> {
    let options = config.tree.enter_way(Tree::ROOT, &["security", "forwarding-options", "family"])?;
    let families: Vec<NodeId> = config.tree.children(options).collect();
    let mut found = None;
    for family in families {
        config.tree.read(family);
        let Some(mode) = config.tree.enter(family, "mode") else { continue };
        if config.tree.value(mode) == Some("packet-based") {
            found = Some(mode);
        }
    }
    found
}
