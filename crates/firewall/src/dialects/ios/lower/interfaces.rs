//! Lists at interfaces, inspection by interface, VLAN access maps, and what else may drop packets there.

use super::{BEFORE_TRANSLATION, BEHIND_TRANSLATION, Entry, Lower, coming, family, going, undecidable};
use crate::dialects::ios::config::{Binding, Interface, MayDrop, Port, RouteStep, Span, Unless, Way};
use crate::dialects::one_of;
use crate::ruleset::{
    AddressSet, ChainId, Condition, CtStates, Family, Hook, IpVersion, NamePattern, NameSet, Reason, Rule,
    Verdict,
};
use zonewright_source::Diagnostic;

/// Most interfaces with inspection; more are not told apart.
const INSPECTING_MAX: usize = 100;

impl Lower<'_> {
    /// The chains that packets pass at interfaces.
    pub(super) fn interfaces(&mut self) {
        self.down();
        for version in [IpVersion::V4, IpVersion::V6] {
            self.bound_lists(version, Way::In);
            self.bound_lists(version, Way::Out);
        }
        self.doubts(Way::In);
        self.doubts(Way::Out);
        self.strays();
    }

    /// Answers that inspection at further interfaces may let pass.
    fn inspected_further(
        &mut self,
        interface: &Interface,
        version: IpVersion,
        way: Way,
        span: &Span,
    ) -> Option<Rule> {
        let inspecting = self.config.interfaces.iter().filter(|interface| !interface.inspects.is_empty());
        if inspecting.count() <= INSPECTING_MAX {
            return None;
        }
        let names = [interface.name.clone()];
        let asks = vec![
            if way == Way::In { coming(&names) } else { going(&names) },
            Condition::Version(version),
            Condition::CtOriginal(false),
            undecidable("inspection at many interfaces".into(), Reason::Connection),
        ];
        Some(self.rule(span, asks, Verdict::Accept))
    }

    /// Statements that filter somewhere: any packet may be dropped.
    fn strays(&mut self) {
        let config = self.config;
        let Some(first) = config.strays.first() else { return };
        for (name, hook) in [("strays", Hook::Forward), ("strays to the machine", Hook::Input)] {
            let doubt = undecidable("statements that filter were not understood".into(), Reason::Unread);
            let rules = vec![self.rule(first, vec![doubt], Verdict::Drop)];
            self.base(name, "unread", Entry::filter(hook, BEFORE_TRANSLATION, Family::Inet), rules);
        }
    }

    /// Interfaces that are switched off.
    fn down(&mut self) {
        let (mut into, mut out) = (Vec::new(), Vec::new());
        for interface in self.config.interfaces.iter().filter(|interface| interface.shutdown) {
            let names = [interface.name.clone()];
            for (rules, condition) in [(&mut into, coming(&names)), (&mut out, going(&names))] {
                let mut rule = self.rule(&interface.span, vec![condition], Verdict::Drop);
                rule.comment = Some("shutdown".into());
                rules.push(rule);
            }
        }
        self.base(
            "down in",
            "interface",
            Entry::filter(Hook::Prerouting, BEFORE_TRANSLATION - 1, Family::Inet),
            into,
        );
        self.base(
            "down out",
            "interface",
            Entry::filter(Hook::Postrouting, BEHIND_TRANSLATION + 1, Family::Inet),
            out,
        );
    }

    fn bound_lists(&mut self, version: IpVersion, way: Way) {
        let config = self.config;
        let mut rules = Vec::new();
        for interface in config.interfaces.iter() {
            let bound = interface.lists.iter().filter(|list| list.version == version && list.way == way);
            for binding in bound {
                let Some(id) = self.bound_list(binding) else { continue };
                rules.extend(self.inspected(interface, version, way, &binding.span));
                rules.extend(self.inspected_further(interface, version, way, &binding.span));
                rules.extend(self.list_at(interface, id, binding));
            }
        }
        let (name, table) = match (version, way) {
            (IpVersion::V4, Way::In) => ("in", "ip access-group"),
            (IpVersion::V4, Way::Out) => ("out", "ip access-group"),
            (IpVersion::V6, Way::In) => ("in", "ipv6 traffic-filter"),
            (IpVersion::V6, Way::Out) => ("out", "ipv6 traffic-filter"),
        };
        if way == Way::Out
            && let Some(first) = rules.first()
        {
            let own = Rule {
                conditions: vec![nowhere()],
                verdict: Verdict::Accept,
                ..Rule::new(first.place.clone())
            };
            rules
                .insert(0, Rule { comment: Some("packets of the router itself pass no list".into()), ..own });
        }
        self.base(name, table, at(way, family(version)), rules);
    }

    /// The chain of a list that an interface names; `None`, and a warning, where it lets everything pass.
    fn bound_list(&mut self, binding: &Binding) -> Option<ChainId> {
        let known = self.lists.get(&(binding.version, binding.list.clone())).copied();
        if known.is_none() {
            let state = match self.config.list(binding.version, &binding.list) {
                Some(_) => "has no entry",
                None => "is not defined",
            };
            let warning = Diagnostic::warning(
                "firewall/list-without-entries",
                format!("list `{}` {state}", binding.list),
            )
            .because("an interface that names such a list lets every packet pass")
            .help("define the list, or take it off the interface");
            self.reading.report(&binding.span, warning);
        }
        known
    }

    fn list_at(&mut self, interface: &Interface, list: ChainId, binding: &Binding) -> Vec<Rule> {
        let names = [interface.name.clone()];
        let mut rules = Vec::new();
        let here = if binding.way == Way::In { coming(&names) } else { going(&names) };
        rules.push(self.rule(&binding.span, vec![here], Verdict::Jump(list)));
        if let Some(port) = interface.port {
            // Routed packets of the VLAN come in by its interface, and this port is one of several.
            let names = NameSet::of(vec![match port {
                Port::Access(vlan) => NamePattern::Exact(format!("Vlan{vlan}")),
                Port::Trunk => NamePattern::Prefix("Vlan".into()),
            }]);
            let vlan = match binding.way {
                Way::In => Condition::InInterface(names),
                Way::Out => Condition::OutInterface(names),
            };
            let doubt = undecidable(format!("port {}", interface.name), Reason::Route);
            rules.push(self.rule(&binding.span, vec![vlan, doubt], Verdict::Jump(list)));
        }
        rules
    }

    /// What inspection lets pass before a list at `interface` is asked: answers to sessions that it saw.
    fn inspected(&mut self, interface: &Interface, version: IpVersion, way: Way, span: &Span) -> Vec<Rule> {
        let mut rules = Vec::new();
        let config = self.config;
        let inspecting = config.interfaces.iter().filter(|interface| !interface.inspects.is_empty());
        for other in inspecting.take(INSPECTING_MAX) {
            for (name, seen, at) in &other.inspects {
                // Sessions that leave by an interface are answered into it, those that enter out of it.
                let here = other.name == interface.name && *seen != way;
                // Answers may come in by any other interface than the one by which their session came in.
                let elsewhere = way == Way::In && *seen == Way::In && other.name != interface.name;
                if !here && !elsewhere {
                    continue;
                }
                let Some(services) = config.inspections.get(name) else {
                    if here {
                        let because = "which sessions are inspected is not known";
                        self.unknown(at, format!("inspection `{name}` is not defined"), because);
                    }
                    continue;
                };
                let services: Vec<_> = services.iter().map(|(service, _)| service.clone()).collect();
                let names = [interface.name.clone()];
                let mut asks = vec![if way == Way::In { coming(&names) } else { going(&names) }];
                asks.push(Condition::Version(version));
                asks.push(Condition::CtState(CtStates::ESTABLISHED.union(CtStates::RELATED)));
                asks.push(Condition::CtOriginal(false));
                asks.extend(super::lists::mirrored(&one_of(&services)));
                if elsewhere {
                    let what = format!("session came in by {}", other.name);
                    asks.push(undecidable(what, Reason::Connection));
                }
                let mut rule = self.rule(span, asks, Verdict::Accept);
                rule.comment = Some(format!("ip inspect {name}"));
                rules.push(rule);
            }
        }
        rules
    }

    /// What may drop packets at interfaces, as the configuration alone does not tell.
    fn doubts(&mut self, way: Way) {
        let config = self.config;
        let mut rules = Vec::new();
        for interface in config.interfaces.iter() {
            for may in interface.may_drop.iter().filter(|may| may.way == way) {
                let Some(further) = self.doubt(interface, may) else { continue };
                let names = [interface.name.clone()];
                let mut asks = vec![if way == Way::In { coming(&names) } else { going(&names) }];
                asks.extend(further);
                asks.push(undecidable(may.what.clone(), may.reason));
                rules.push(self.rule(&may.span, asks, Verdict::Drop));
            }
        }
        let name = if way == Way::In { "doubts in" } else { "doubts out" };
        let entry = at(way, Family::Inet);
        let priority = if way == Way::In { entry.priority + 1 } else { entry.priority - 1 };
        self.base(name, "interface", Entry { priority, ..entry }, rules);
    }

    /// What else must hold for the doubt; `None` where there is none.
    fn doubt(&mut self, interface: &Interface, may: &MayDrop) -> Option<Vec<Condition>> {
        match &may.unless {
            None => Some(Vec::new()),
            Some(Unless::Policy(name)) => match self.config.policy_maps.get(name) {
                Some(map) => map.drops.then(Vec::new),
                None => {
                    self.unknown(
                        &may.span,
                        format!("policy map `{name}` is not defined"),
                        "what it drops is not known",
                    );
                    Some(Vec::new())
                }
            },
            Some(Unless::Routes(name)) => match self.config.route_maps.get(name) {
                Some(map) => map.steps.iter().any(|step| step.discards).then(Vec::new),
                None => {
                    let because = "which packets it leads away is not known";
                    self.unknown(&may.span, format!("route map `{name}` is not defined"), because);
                    Some(Vec::new())
                }
            },
            Some(Unless::Connected) => {
                let near = interface
                    .addresses
                    .iter()
                    .filter_map(|(address, length, _)| AddressSet::prefix(*address, *length));
                let near = near.fold(AddressSet::none(), |all, one| all.union(&one));
                Some(vec![Condition::Source(near.complement())])
            }
        }
    }

    /// VLAN access maps, for packets that are routed into a VLAN or out of it.
    pub(super) fn vlans(&mut self) {
        let config = self.config;
        let (mut into, mut out) = (Vec::new(), Vec::new());
        for filter in &config.vlan_filters {
            let note = Diagnostic::note("firewall/bridged-not-computed", "frames within a VLAN are filtered here as well")
                .because("what is said of this device holds for the packets that it routes, not for those that it bridges");
            self.reading.report(&filter.span, note);
            let Some(map) = config.vlan_maps.get(&filter.map) else {
                let because = "the VLANs pass everything";
                self.unknown(
                    &filter.span,
                    format!("VLAN access map `{}` is not defined", filter.map),
                    because,
                );
                continue;
            };
            let within = |name: &&String| {
                let vlan = name.strip_prefix("Vlan").and_then(|vlan| vlan.parse().ok());
                vlan.is_some_and(|vlan| filter.vlans.contains(vlan))
            };
            let names: Vec<String> = self.ruleset.interfaces.iter().filter(within).cloned().collect();
            let mut rules = Vec::new();
            for step in &map.steps {
                rules.extend(self.vlan_step(step));
            }
            if map.steps.iter().any(|step| !step.lists.is_empty()) {
                let mut last = self.rule(&map.span, Vec::new(), Verdict::Drop);
                last.comment = Some("no step of the map matches".into());
                rules.push(last);
            }
            let id = self.chain(map.name.clone(), "vlan access-map", Family::Inet, &map.span, rules);
            into.push(self.rule(&filter.span, vec![coming(&names)], Verdict::Jump(id)));
            out.push(self.rule(&filter.span, vec![going(&names)], Verdict::Jump(id)));
        }
        let (before, behind) = (at(Way::In, Family::Inet), at(Way::Out, Family::Inet));
        self.base("in", "vlan filter", Entry { priority: before.priority + 2, ..before }, into);
        self.base("out", "vlan filter", Entry { priority: behind.priority - 2, ..behind }, out);
    }

    fn vlan_step(&mut self, step: &RouteStep) -> Vec<Rule> {
        if step.lists.is_empty() && step.other_frames {
            return Vec::new();
        }
        let mut verdict = if step.permit { Verdict::Accept } else { Verdict::Drop };
        if let Some(unclear) = &step.unclear {
            verdict = Verdict::Unknown(unclear.clone());
        }
        if step.lists.is_empty() {
            return vec![self.rule(&step.span, Vec::new(), verdict)];
        }
        let mut rules = Vec::new();
        for (list, version) in &step.lists {
            let asks = self.list_permits(*version, list, &step.span);
            rules.push(self.rule(&step.span, asks, verdict.clone()));
        }
        rules
    }
}

/// Where lists of a direction are asked.
fn at(way: Way, family: Family) -> Entry {
    match way {
        Way::In => Entry::filter(Hook::Prerouting, BEFORE_TRANSLATION, family),
        Way::Out => Entry::filter(Hook::Postrouting, BEHIND_TRANSLATION, family),
    }
}

/// Packets that came in by no interface.
fn nowhere() -> Condition {
    Condition::InInterface(NameSet::of(vec![NamePattern::Exact(String::new())]))
}
