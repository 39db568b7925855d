//! Security policies: which sessions pass from zone to zone.

use super::addresses::security;
use super::device::{Device, Stand, base, established, list, names, rule};
use super::tree::{Attribute, NodeId};
use crate::dialects::{Service, one_of};
use crate::ruleset::{
    ChainId, ChainKind, Condition, CtStatus, Effect, Family, Hook, IntervalSet, IpVersion, Log, MarkOf,
    Policy, Reason, Rule, Undecidable, Verdict,
};

/// The table of security policies.
const POLICIES: &str = "policies";
/// The zone of the device itself.
const HOST: &str = "junos-host";
/// The bit of the mark of packets that a filter took out of the stateful firewall.
pub(super) const PACKET_MODE: u32 = 1;
/// Keywords of `match` and `then` that take no value.
const FLAGS: [&str; 2] = ["source-address-excluded", "destination-address-excluded"];

/// The policies of one pair of zones.
struct Context {
    from: String,
    to: String,
    chain: ChainId,
    node: NodeId,
}

impl Device<'_, '_> {
    /// Builds the chains of the security policies, where the configuration has any, or has zones.
    pub(super) fn lower_policies(&mut self) {
        let section = security(self.config);
        let policies = self.config.tree.enter(section, "policies");
        let Some(anchor) = policies.or_else(|| self.zones.zones.first().map(super::zones::Zone::node)) else {
            return;
        };
        let contexts = policies.map(|policies| self.lower_contexts(policies)).unwrap_or_default();
        let global = policies.and_then(|policies| self.lower_global(policies));
        let default = policies.map_or(Policy::Drop, |policies| self.default_policy(policies));
        let place = self.config.place(anchor);
        let mut rules = self.in_front(place.clone());
        for context in contexts.iter().filter(|context| context.from != HOST && context.to != HOST) {
            rules.push(self.jump(context));
        }
        if let Some(chain) = global {
            rules.push(rule(place.clone(), Vec::new(), Verdict::Jump(chain)));
        }
        let stand = Stand { hook: Hook::Forward, kind: ChainKind::Filter, priority: 0, policy: default };
        self.add(base("policies", POLICIES, stand, rules, place.clone()));
        self.lower_self(&contexts, global, place);
    }

    /// What stands before the policies: sessions that are there, packets taken out of the stateful firewall, IPv6 where it is
    /// switched off.
    fn in_front(&mut self, place: zonewright_source::TextPlace) -> Vec<Rule> {
        let mut rules = Vec::new();
        if self.has_packet_mode {
            let marked = Condition::Mark {
                of: MarkOf::Packet,
                mask: PACKET_MODE,
                values: IntervalSet::one(PACKET_MODE),
            };
            let mut bypass = rule(place.clone(), vec![marked], Verdict::Accept);
            bypass.comment = Some("packet-mode of a filter".to_owned());
            rules.push(bypass);
        }
        if let Some(mode) = super::zones::packet_based(self.config) {
            let what = "the device, or a family of it, forwards packet by packet, past its policies";
            self.config.warn(mode, "firewall/packet-based", what);
            let undecidable = Undecidable { what: "mode packet-based".to_owned(), reason: Reason::Unread };
            rules.push(rule(
                self.config.place(mode),
                vec![Condition::Undecidable(undecidable)],
                Verdict::Accept,
            ));
        }
        let six = self
            .config
            .tree
            .enter_way(security(self.config), &["forwarding-options", "family", "inet6", "mode"]);
        if let Some(mode) = six.filter(|mode| self.config.tree.value(*mode) == Some("drop")) {
            rules.push(rule(self.config.place(mode), vec![Condition::Version(IpVersion::V6)], Verdict::Drop));
        }
        rules.push(established(place));
        rules
    }

    fn default_policy(&mut self, policies: NodeId) -> Policy {
        let Some(default) = self.config.tree.enter(policies, "default-policy") else { return Policy::Drop };
        match self.config.tree.value(default) {
            Some("permit-all") => Policy::Accept,
            Some("deny-all") => Policy::Drop,
            _ => {
                self.config.warn(
                    default,
                    "firewall/unread-statement",
                    "the default policy was not understood",
                );
                Policy::Unknown
            }
        }
    }

    fn jump(&self, context: &Context) -> Rule {
        let mut conditions = Vec::new();
        if context.from != HOST && context.from != "any" {
            conditions.push(Condition::InInterface(names([context.from.as_str()])));
        }
        if context.to != HOST && context.to != "any" {
            conditions.push(Condition::OutInterface(names([context.to.as_str()])));
        }
        rule(self.config.place(context.node), conditions, Verdict::Jump(context.chain))
    }

    fn lower_contexts(&mut self, policies: NodeId) -> Vec<Context> {
        let mut contexts = Vec::new();
        for from in self.config.tree.things(policies, "from-zone") {
            for to in self.config.tree.things(from, "to-zone") {
                let (from_name, to_name) = (self.config.name(from), self.config.name(to));
                let mut rules = Vec::new();
                for policy in self.config.tree.things(to, "policy") {
                    rules.extend(self.lower_policy(policy, Some((&from_name, &to_name))));
                }
                let name = format!("from-zone {from_name} to-zone {to_name}");
                let chain = self.add(list(name, POLICIES, Family::Inet, rules, self.config.place(to)));
                contexts.push(Context { from: from_name, to: to_name, chain, node: to });
            }
        }
        contexts
    }

    fn lower_global(&mut self, policies: NodeId) -> Option<ChainId> {
        let global = self.config.tree.enter(policies, "global")?;
        let mut rules = Vec::new();
        for policy in self.config.tree.things(global, "policy") {
            rules.extend(self.lower_policy(policy, None));
        }
        let chain = list("global".to_owned(), POLICIES, Family::Inet, rules, self.config.place(global));
        Some(self.add(chain))
    }

    /// Sessions to and from the device itself: only policies that name the zone `junos-host` bear on them, and what none
    /// denies passes.
    fn lower_self(
        &mut self,
        contexts: &[Context],
        global: Option<ChainId>,
        place: zonewright_source::TextPlace,
    ) {
        for (hook, of_host) in [(Hook::Input, true), (Hook::Output, false)] {
            let mut rules = vec![established(place.clone())];
            for context in contexts {
                let end = if of_host { &context.to } else { &context.from };
                if end == HOST {
                    rules.push(self.jump(context));
                }
            }
            rules.extend(self.global_about_self(global, of_host));
            if rules.len() > 1 {
                let stand = Stand { hook, kind: ChainKind::Filter, priority: 10, policy: Policy::Accept };
                self.add(base(
                    if of_host { "to-self" } else { "from-self" },
                    POLICIES,
                    stand,
                    rules,
                    place.clone(),
                ));
            }
        }
    }

    /// The global policies that name the device's own zone.
    fn global_about_self(&self, global: Option<ChainId>, of_host: bool) -> Vec<Rule> {
        let Some(chain) = global.and_then(|id| self.ruleset.chain(id)) else { return Vec::new() };
        let mut rules = Vec::new();
        for one in &chain.rules {
            let is_host = |condition: &Condition| match condition {
                Condition::OutInterface(set) if of_host => !set.negated && set.contains(HOST),
                Condition::InInterface(set) if !of_host => !set.negated && set.contains(HOST),
                _ => false,
            };
            if one.conditions.iter().any(is_host) {
                let mut own = one.clone();
                own.conditions.retain(|condition| !is_host(condition));
                rules.push(own);
            }
        }
        rules
    }

    /// The rules of one policy; `zones` are those of its context, none for a global one.
    fn lower_policy(&mut self, policy: NodeId, zones: Option<(&str, &str)>) -> Vec<Rule> {
        let mut one = Rule::new(self.config.place(policy));
        one.comment = Some(self.policy_name(policy));
        one.conditions = self.matched(policy, zones);
        self.scheduled(policy, &mut one);
        let mut rules = Vec::new();
        self.acted(policy, &mut one, &mut rules);
        rules.push(one);
        rules
    }

    fn policy_name(&self, policy: NodeId) -> String {
        let name = self.config.name(policy);
        match self.config.tree.enter(policy, "description").and_then(|node| self.config.tree.value(node)) {
            Some(description) => format!("{name}: {description}"),
            None => name,
        }
    }

    fn scheduled(&mut self, policy: NodeId, one: &mut Rule) {
        let Some(node) = self.config.tree.enter(policy, "scheduler-name") else { return };
        let Some(name) = self.config.tree.value(node).map(str::to_owned) else { return };
        match self.schedules.end_of(&name) {
            Some(end) => one.until = end,
            None => {
                let what = format!("the scheduler `{}` is not defined", super::config::shortened(&name));
                self.config.warn(node, "firewall/unknown-name", what);
            }
        }
        let what = format!("scheduler {name}");
        one.conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Time }));
    }

    fn matched(&mut self, policy: NodeId, zones: Option<(&str, &str)>) -> Vec<Condition> {
        let mut conditions = Vec::new();
        let Some(node) = self.config.tree.enter(policy, "match") else {
            let what = "the policy has no `match`: the device would not take it";
            self.config.warn(policy, "firewall/incomplete-rule", what);
            return vec![unread("policy without match")];
        };
        let attributes = self.config.tree.attributes(node, &FLAGS);
        let word = |device: &Self, attribute: &Attribute| device.config.name(attribute.key);
        let keys: Vec<String> = attributes.iter().map(|attribute| word(self, attribute)).collect();
        let has = |key: &str| keys.iter().any(|known| known == key);
        for (attribute, key) in attributes.iter().zip(&keys) {
            match key.as_str() {
                "source-address" => {
                    self.config.tree.read_attribute(attribute);
                    let excluded = has("source-address-excluded");
                    let zone = zones.map(|(from, _)| from);
                    conditions.extend(self.books.conditions(
                        self.config,
                        zone,
                        &attribute.values,
                        excluded,
                        Condition::Source,
                    ));
                }
                "destination-address" => {
                    self.config.tree.read_attribute(attribute);
                    let excluded = has("destination-address-excluded");
                    let zone = zones.map(|(_, to)| to);
                    conditions.extend(self.books.conditions(
                        self.config,
                        zone,
                        &attribute.values,
                        excluded,
                        Condition::Destination,
                    ));
                }
                "source-address-excluded" | "destination-address-excluded" => {
                    self.config.tree.read(attribute.key)
                }
                "application" => conditions.extend(self.applied(attribute)),
                "from-zone" | "to-zone" if zones.is_none() => {
                    self.config.tree.read_attribute(attribute);
                    let zones: Vec<String> =
                        attribute.values.iter().map(|zone| self.config.name(*zone)).collect();
                    if !zones.iter().any(|zone| zone == "any") {
                        let set = names(zones);
                        let is_from = key == "from-zone";
                        conditions.push(if is_from {
                            Condition::InInterface(set)
                        } else {
                            Condition::OutInterface(set)
                        });
                    }
                }
                "source-identity"
                | "dynamic-application"
                | "url-category"
                | "source-end-user-profile"
                | "source-l3vpn-vrf-group"
                | "destination-l3vpn-vrf-group" => {
                    let condition = self.config.undecidable(attribute, Reason::Name);
                    let is_any = attribute.values.iter().any(|value| {
                        let word = self.config.tree.word(*value);
                        word == "any" || (word == "none" && key == "dynamic-application")
                    });
                    if !is_any {
                        conditions.push(condition);
                    }
                }
                _ => conditions.push(self.config.unread(attribute)),
            }
        }
        self.complete(node, &keys, &mut conditions);
        conditions
    }

    /// A policy must say addresses and applications; the device takes none without.
    fn complete(&mut self, node: NodeId, keys: &[String], conditions: &mut Vec<Condition>) {
        let has = |key: &str| keys.iter().any(|known| known == key);
        let has_application = has("application") || has("dynamic-application");
        if !has("source-address") || !has("destination-address") || !has_application {
            let what =
                "the policy does not say source, destination and application: the device would not take it";
            self.config.warn(node, "firewall/incomplete-rule", what);
            conditions.push(unread("incomplete policy"));
        }
    }

    fn applied(&mut self, attribute: &Attribute) -> Vec<Condition> {
        self.config.tree.read_attribute(attribute);
        let mut services: Vec<Service> = Vec::new();
        for value in &attribute.values {
            services.extend(self.applications.resolve(self.config, *value));
        }
        one_of(&services)
    }

    /// What a policy does: its verdict, and the rules that stand before it.
    fn acted(&mut self, policy: NodeId, one: &mut Rule, before: &mut Vec<Rule>) {
        let Some(then) = self.config.tree.enter(policy, "then") else {
            self.config.warn(policy, "firewall/incomplete-rule", "the policy does nothing: it has no `then`");
            one.verdict = Verdict::Unknown("no action".to_owned());
            return;
        };
        let actions: Vec<NodeId> = self.config.tree.children(then).collect();
        let mut verdict = None;
        for action in actions {
            match self.config.tree.word(action) {
                "permit" => {
                    self.config.tree.read(action);
                    verdict = verdict.or(Some(Verdict::Accept));
                    self.permitted(action, one, before);
                }
                "deny" => {
                    self.config.tree.read_all(action);
                    verdict = verdict.or(Some(Verdict::Drop));
                }
                "reject" => {
                    self.config.tree.read_all(action);
                    verdict = verdict.or(Some(Verdict::Reject));
                }
                "log" => {
                    let options =
                        self.config.tree.children(action).map(|word| self.config.name(word)).collect();
                    self.config.tree.read_all(action);
                    one.log = Some(Log { prefix: None, options });
                }
                "count" => self.config.tree.read_all(action),
                _ => {}
            }
        }
        one.verdict = verdict.unwrap_or_else(|| {
            self.config.warn(then, "firewall/incomplete-rule", "the policy neither permits nor denies");
            Verdict::Unknown("no action".to_owned())
        });
    }

    /// What a permit asks and does beyond letting pass.
    fn permitted(&mut self, permit: NodeId, one: &mut Rule, before: &mut Vec<Rule>) {
        let options: Vec<NodeId> = self.config.tree.children(permit).collect();
        for option in options {
            let text = |device: &Self| {
                let below: Vec<NodeId> = device.config.tree.children(option).collect();
                device.config.text_of(&Attribute { key: option, values: below })
            };
            match self.config.tree.word(option) {
                "tunnel"
                | "application-services"
                | "services-offload"
                | "no-services-offload"
                | "tcp-options" => {
                    one.effects.push(Effect::Other(text(self)));
                    self.config.tree.read_all(option);
                }
                "firewall-authentication" => {
                    let what = text(self);
                    self.config.tree.read_all(option);
                    one.conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Name }));
                }
                "destination-address" => {
                    let translated = self.config.tree.children(option).next();
                    let dropped = match translated.map(|word| self.config.tree.word(word)) {
                        Some("drop-translated") => false,
                        Some("drop-untranslated") => true,
                        _ => {
                            one.conditions.push(unread(&text(self)));
                            continue;
                        }
                    };
                    self.config.tree.read_all(option);
                    let mut drop = one.clone();
                    drop.verdict = Verdict::Drop;
                    drop.conditions.push(Condition::CtStatus { any: CtStatus::DNAT, negated: dropped });
                    before.push(drop);
                }
                _ => one.conditions.push(unread(&text(self))),
            }
        }
    }
}

fn unread(what: &str) -> Condition {
    Condition::Undecidable(Undecidable { what: what.to_owned(), reason: Reason::Unread })
}
