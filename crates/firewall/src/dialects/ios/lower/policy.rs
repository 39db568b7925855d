//! Classes as conditions, policies as chains.

use super::lists::mirrored;
use super::{Lower, undecidable};
use crate::dialects::ios::config::{ClassAction, ClassAsk, ClassMap, PolicyClass, PolicyMap, Span};
use crate::dialects::ios::protocols::inspected;
use crate::dialects::one_of;
use crate::ruleset::{ChainId, Condition, Family, IntervalSet, IpVersion, Log, Reason, Rule, Verdict};

/// The table of policies.
const TABLE: &str = "policy-map type inspect";

/// Deepest nesting of classes. The conditions of a class are as deep as it.
const CLASS_DEPTH_MAX: usize = 16;

impl Lower<'_> {
    /// A policy as a chain that decides about every packet.
    pub(super) fn policy_chain(&mut self, map: &PolicyMap) -> ChainId {
        let mut rules = Vec::new();
        for class in &map.classes {
            let asks = self.class(&class.class, &class.span);
            rules.extend(self.class_rules(class, &asks));
        }
        if map.classes.iter().all(|class| class.class != "class-default") {
            let mut last = self.rule(&map.span, Vec::new(), Verdict::Drop);
            last.comment = Some("class class-default".into());
            rules.push(last);
        }
        self.chain(map.name.clone(), TABLE, Family::Inet, &map.span, rules)
    }

    fn class_rules(&mut self, class: &PolicyClass, asks: &[Condition]) -> Vec<Rule> {
        let mut rules = Vec::new();
        let with = |more: Option<Condition>| asks.iter().cloned().chain(more).collect::<Vec<_>>();
        let named = |rule: Rule| Rule {
            comment: Some(format!("class {}", class.class)),
            log: class.log.then(Log::default),
            ..rule
        };
        if let Some(also) = &class.also {
            let doubt = undecidable(
                also.clone(),
                if also.starts_with("police") { Reason::Rate } else { Reason::Payload },
            );
            rules.push(named(self.rule(&class.span, with(Some(doubt)), Verdict::Drop)));
        }
        match class.action {
            ClassAction::Drop => rules.push(named(self.rule(&class.span, with(None), Verdict::Drop))),
            ClassAction::Pass => rules.push(named(self.rule(&class.span, with(None), Verdict::Accept))),
            ClassAction::Inspect if is_inspectable(asks) => {
                rules.push(named(self.rule(&class.span, with(None), Verdict::Accept)));
            }
            ClassAction::Inspect => {
                let tracked = with(Some(Condition::Protocol(inspectable())));
                rules.push(named(self.rule(&class.span, tracked, Verdict::Accept)));
                let rest = Verdict::Unknown("inspection of another protocol than TCP, UDP and ICMP".into());
                let others = with(Some(Condition::Protocol(inspectable().complement())));
                rules.push(named(self.rule(&class.span, others, rest)));
            }
        }
        rules
    }

    /// The answers to sessions that a policy inspects, as a chain that lets them pass and goes back with all others; `None`
    /// where it inspects nothing.
    pub(super) fn answers_chain(&mut self, map: &PolicyMap) -> Option<ChainId> {
        if map.classes.iter().all(|class| class.action != ClassAction::Inspect) {
            return None;
        }
        let mut rules = Vec::new();
        for class in &map.classes {
            let asks = self.class(&class.class, &class.span);
            let mut asks = mirrored(&asks);
            let verdict = match class.action {
                ClassAction::Inspect => {
                    asks.push(Condition::Protocol(inspectable()));
                    Verdict::Accept
                }
                ClassAction::Pass | ClassAction::Drop => Verdict::Return,
            };
            let mut rule = self.rule(&class.span, asks, verdict);
            rule.comment = Some(format!("answers, class {}", class.class));
            rules.push(rule);
        }
        Some(self.chain(format!("{} answers", map.name), TABLE, Family::Inet, &map.span, rules))
    }

    /// What packets of a class meet.
    fn class(&mut self, name: &str, span: &Span) -> Vec<Condition> {
        if name == "class-default" {
            return Vec::new();
        }
        if let Some(known) = self.asked.get(&("class-map", name.to_owned())) {
            let known = known.clone();
            return self.budgeted(known, &format!("class {name}"), span);
        }
        let config = self.config;
        let Some(map) = config.class_maps.get(name) else {
            self.unknown(
                span,
                format!("class map `{name}` is not defined"),
                "which packets it means is not known",
            );
            return vec![undecidable(format!("class {name}"), Reason::Name)];
        };
        if self.open.len() >= CLASS_DEPTH_MAX || !self.open.insert(name.to_owned()) {
            let because = "it holds itself, or is nested too deep, so which packets it means is not known";
            self.unknown(span, format!("class map `{name}` cannot be followed"), because);
            return vec![undecidable(format!("class {name}"), Reason::Unread)];
        }
        let asks = self.class_map(map);
        self.open.remove(name);
        let asks = self.budgeted(asks, &format!("class {name}"), span);
        self.asked.insert(("class-map", name.to_owned()), asks.clone());
        asks
    }

    fn class_map(&mut self, map: &ClassMap) -> Vec<Condition> {
        if map.matches.is_empty() {
            self.unknown(
                &map.span,
                format!("class map `{}` matches nothing", map.name),
                "which packets it means is not known",
            );
            return vec![undecidable(format!("class {}", map.name), Reason::Name)];
        }
        let mut all = Vec::new();
        let mut each = Vec::new();
        for one in &map.matches {
            let asks = match &one.what {
                ClassAsk::List(list) => self.list_of_any_version(list, &one.span),
                ClassAsk::Class(class) => self.class(class, &one.span),
                ClassAsk::Protocol(name, words) => self.protocol(name, words),
                ClassAsk::Conditions(conditions) => conditions.clone(),
            };
            let asks = match one.negated {
                true => vec![Condition::Any { of: vec![asks], negated: true }],
                false => asks,
            };
            each.push(asks.clone());
            all.extend(asks);
        }
        match (map.any, each.as_slice()) {
            (true, [_, _, ..]) => vec![Condition::Any { of: each, negated: false }],
            _ => all,
        }
    }

    /// The packets that a protocol by name means: those to its ports.
    fn protocol(&self, name: &str, words: &str) -> Vec<Condition> {
        let mut services = inspected(name).unwrap_or_default();
        services.extend(self.config.port_maps.get(name).into_iter().flatten().cloned());
        let mut asks = one_of(&services);
        // Words behind the name look into the packet.
        if words.split_whitespace().count() > 2 {
            asks.push(undecidable(words.to_owned(), Reason::Payload));
        }
        asks
    }

    fn list_of_any_version(&mut self, list: &str, span: &Span) -> Vec<Condition> {
        let has = |version| self.config.list(version, list).is_some();
        match (has(IpVersion::V4), has(IpVersion::V6)) {
            (true, true) => {
                let of = [IpVersion::V4, IpVersion::V6]
                    .map(|version| self.list_permits(version, list, span))
                    .to_vec();
                vec![Condition::Any { of, negated: false }]
            }
            (false, true) => self.list_permits(IpVersion::V6, list, span),
            _ => self.list_permits(IpVersion::V4, list, span),
        }
    }
}

/// TCP, UDP, ICMP and ICMPv6: the protocols of which sessions are kept (Cisco IOS Security Configuration Guide, *Zone-Based
/// Policy Firewall*).
fn inspectable() -> IntervalSet<u8> {
    IntervalSet::from_ranges([(1, 1), (6, 6), (17, 17), (58, 58)])
}

/// Whether packets that meet all of these are of such a protocol.
fn is_inspectable(asks: &[Condition]) -> bool {
    asks.iter().any(|ask| match ask {
        Condition::Protocol(set) => set.intersection(&inspectable()) == *set,
        // As deep as classes are nested.
        Condition::Any { of, negated: false } => of.iter().all(|one| is_inspectable(one)),
        _ => false,
    })
}
