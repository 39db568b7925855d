//! Zones and pairs of zones.

use super::{Entry, Lower, coming, going, name_set};
use crate::dialects::ios::config::ZonePair;
use crate::ruleset::{ChainId, Condition, CtStates, Family, Hook, Rule, Verdict};
use std::collections::BTreeMap;
use std::slice::from_ref;

/// The zone of the machine itself.
const SELF: &str = "self";

/// The chains of a policy: what it decides, and the answers to what it inspects.
type Chains = (ChainId, Option<ChainId>);

impl Lower<'_> {
    /// The zone-based firewall, if some interface is in a zone.
    pub(super) fn zones(&mut self) {
        let config = self.config;
        for interface in config.interfaces.iter() {
            if let Some((zone, span)) = &interface.zone
                && config.zones.get(zone).is_none()
            {
                let because = "the device would refuse it; it is taken for a zone of this name";
                self.unknown(span, format!("zone `{zone}` is not defined"), because);
            }
        }
        let mut policies = BTreeMap::new();
        for pair in config.zone_pairs.iter() {
            for zone in [&pair.source, &pair.destination] {
                if zone != SELF && zone != "default" && config.zones.get(zone).is_none() {
                    let because = "the pair takes no effect";
                    self.unknown(&pair.span, format!("zone `{zone}` is not defined"), because);
                }
            }
            let Some((name, span)) = &pair.policy else { continue };
            if policies.contains_key(name) {
                continue;
            }
            match config.policy_maps.get(name) {
                Some(map) => {
                    let chains = (self.policy_chain(map), self.answers_chain(map));
                    policies.insert(name.clone(), chains);
                }
                None => {
                    let because = "what passes between the zones is not known";
                    self.unknown(span, format!("policy map `{name}` is not defined"), because);
                }
            }
        }
        self.between_zones(&policies);
        self.own_zone(&policies);
    }

    /// Packets from zone to zone.
    fn between_zones(&mut self, policies: &BTreeMap<String, Chains>) {
        let config = self.config;
        let zones: Vec<String> = self.ruleset.zones.iter().map(|zone| zone.name.clone()).collect();
        let Some(first) = config.interfaces.iter().find_map(|interface| interface.zone.as_ref()) else {
            return;
        };
        let mut rules = Vec::new();
        let within = |pair: &&ZonePair| pair.source != SELF && pair.destination != SELF;
        for pair in config.zone_pairs.iter().filter(within) {
            let (from, to) = (vec![pair.source.clone()], vec![pair.destination.clone()]);
            rules.extend(self.answers(pair, policies, &[coming(&to), going(&from)]));
        }
        for pair in config.zone_pairs.iter().filter(within) {
            let ends = [coming(from_ref(&pair.source)), going(from_ref(&pair.destination))];
            rules.extend(self.pair_rule(pair, policies, &ends));
        }
        for zone in &zones {
            let names = [zone.clone()];
            let mut rule = self.rule(&first.1, vec![coming(&names), going(&names)], Verdict::Accept);
            rule.comment = Some("within a zone".into());
            rules.push(rule);
        }
        let outside = vec![
            Condition::InInterface(name_set(&zones, true)),
            Condition::OutInterface(name_set(&zones, true)),
        ];
        let mut rule = self.rule(&first.1, outside, Verdict::Accept);
        rule.comment = Some("between interfaces without a zone".into());
        rules.push(rule);
        let mut rule = self.rule(&first.1, Vec::new(), Verdict::Drop);
        rule.comment = Some("between zones without a policy".into());
        rules.push(rule);
        self.base("zones", "zone-pair security", Entry::filter(Hook::Forward, 0, Family::Inet), rules);
    }

    /// Packets to the machine and from it: they pass unless a pair with the zone `self` has a policy.
    fn own_zone(&mut self, policies: &BTreeMap<String, Chains>) {
        let config = self.config;
        let (mut into, mut out) = (Vec::new(), Vec::new());
        let own = |pair: &&ZonePair| (pair.source == SELF) != (pair.destination == SELF);
        for pair in config.zone_pairs.iter().filter(own) {
            if pair.source == SELF {
                into.extend(self.answers(pair, policies, &[coming(from_ref(&pair.destination))]));
            } else {
                out.extend(self.answers(pair, policies, &[going(from_ref(&pair.source))]));
            }
        }
        for pair in config.zone_pairs.iter().filter(own).filter(|pair| pair.policy.is_some()) {
            if pair.source == SELF {
                out.extend(self.pair_rule(pair, policies, &[going(from_ref(&pair.destination))]));
            } else {
                into.extend(self.pair_rule(pair, policies, &[coming(from_ref(&pair.source))]));
            }
        }
        self.base("to self", "zone-pair security", Entry::filter(Hook::Input, 0, Family::Inet), into);
        self.base("from self", "zone-pair security", Entry::filter(Hook::Output, 0, Family::Inet), out);
    }

    /// The rule of a pair, for packets in its direction.
    fn pair_rule(
        &mut self,
        pair: &ZonePair,
        policies: &BTreeMap<String, Chains>,
        ends: &[Condition],
    ) -> Option<Rule> {
        let verdict = match pair.policy.as_ref().map(|(name, _)| policies.get(name)) {
            Some(Some((policy, _))) => Verdict::Jump(*policy),
            Some(None) => Verdict::Unknown(format!("zone-pair {}", pair.name)),
            // Without a policy it drops everything.
            None => Verdict::Drop,
        };
        let mut rule = self.rule(&pair.span, ends.to_vec(), verdict);
        rule.comment = Some(format!("zone-pair {}", pair.name));
        Some(rule)
    }

    /// The rule for answers to what the policy of a pair inspects.
    fn answers(
        &mut self,
        pair: &ZonePair,
        policies: &BTreeMap<String, Chains>,
        ends: &[Condition],
    ) -> Option<Rule> {
        let (name, _) = pair.policy.as_ref()?;
        let answers = policies.get(name)?.1?;
        let mut asks = ends.to_vec();
        asks.push(Condition::CtState(CtStates::ESTABLISHED.union(CtStates::RELATED)));
        asks.push(Condition::CtOriginal(false));
        let mut rule = self.rule(&pair.span, asks, Verdict::Jump(answers));
        rule.comment = Some(format!("answers, zone-pair {}", pair.name));
        Some(rule)
    }
}
