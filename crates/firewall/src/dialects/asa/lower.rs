//! What was read to chains: the lists, and the way of a packet from interface to interface.

use super::ace::{Ace, AceReader};
use super::config::{
    Binding, BindingAt, Config, Effect, Entry, GroupKind, Inspection, Interface, List, ListKind,
};
use super::{management, nat, reverse_path, vpn};
use crate::dialects::Reading;
use crate::ruleset::{
    Base, Chain, ChainId, ChainKind, Condition, CtStates, Family, FirewallZone, Hook, InterfaceAddress,
    IntervalSet, IpVersion, NamePattern, NameSet, NamedSet, Policy, Reason, Rule, Ruleset, Undecidable,
    Verdict, stand_unbound,
};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use zonewright_source::Diagnostic;

/// Most interfaces of which security levels are compared, each with each.
const INTERFACES_MAX: usize = 512;

/// The protocols of which the device tracks connections, so that replies pass (CLI Book 2, *Access Rules for Returning
/// Traffic*): TCP, UDP, SCTP. What goes back in others is judged as what comes first.
const TRACKED: [u8; 3] = [6, 17, 132];

/// Before 8.3, lists see packets as they are on the wire: in front of the translation of destinations, and behind that of
/// sources.
const OLD_IN: (Hook, i32) = (Hook::Prerouting, -150);
const OLD_OUT: (Hook, i32) = (Hook::Postrouting, 150);

/// Makes chains of what was read.
pub(super) struct Lowering<'c, 'a, 'r> {
    pub(super) config: &'c Config<'a>,
    pub(super) reading: &'r mut Reading,
    pub(super) ruleset: &'r mut Ruleset,
    lists: BTreeMap<String, ChainId>,
    /// Whether lists see untranslated destinations and translated sources.
    old: bool,
}

/// Which versions of IP an access group is about.
fn version_of(config: &Config<'_>, list: &List<'_>) -> Option<IpVersion> {
    if list.ipv6 {
        return Some(IpVersion::V6);
    }
    config.release.is_some_and(|release| release < (9, 0)).then_some(IpVersion::V4)
}

/// Moves what was read into `ruleset`.
pub(super) fn lower(config: &Config<'_>, reading: &mut Reading, ruleset: &mut Ruleset) {
    let old = match config.release {
        Some(release) => release < (8, 3),
        None => !config.old_nat.is_empty(),
    };
    let mut lowering = Lowering { config, reading, ruleset, lists: BTreeMap::new(), old };
    lowering.names();
    lowering.lists();
    lowering.report_groups();
    if lowering.is_part() {
        lowering.part();
    } else {
        lowering.way();
    }
    management::lower(&mut lowering);
    nat::lower(&mut lowering);
    let mut interfaces: BTreeSet<String> = config.by_name.keys().cloned().collect();
    for binding in &config.bindings {
        if let BindingAt::In(name) | BindingAt::Out(name) | BindingAt::ControlPlane(name) = &binding.at {
            interfaces.insert(name.clone());
        }
    }
    lowering.ruleset.interfaces = interfaces.into_iter().collect();
}

impl Lowering<'_, '_, '_> {
    pub(super) fn rule(&self, span: &Range<usize>, conditions: Vec<Condition>, verdict: Verdict) -> Rule {
        let mut rule = Rule::new(self.reading.place(span));
        rule.conditions = conditions;
        rule.verdict = verdict;
        rule
    }

    /// Adds a base chain, if it has rules or decides something itself.
    pub(super) fn base(
        &mut self,
        name: &str,
        kind: ChainKind,
        at: (Hook, i32),
        policy: Policy,
        rules: Vec<Rule>,
    ) {
        let place = rules.first().map_or_else(|| self.reading.place(&(0..0)), |rule| rule.place.clone());
        let table = match kind {
            ChainKind::Nat => "nat",
            _ if at.0 == Hook::Input => "management",
            _ => "access",
        };
        let base = Base { hook: at.0, kind, priority: at.1, policy, devices: Vec::new(), dormant: false };
        self.ruleset.chains.push(Chain {
            name: name.to_owned(),
            table: table.to_owned(),
            family: Family::Inet,
            base: Some(base),
            rules,
            place,
            comment: None,
        });
    }

    pub(super) fn warn(
        &mut self,
        span: &Range<usize>,
        code: &'static str,
        message: impl Into<String>,
        why: &str,
    ) {
        self.reading.report(span, Diagnostic::warning(code, message).because(why));
    }

    /// Interfaces that packets pass: they have a name, are up, and are not those of a bridge group.
    pub(super) fn passing(&self) -> Vec<&Interface> {
        let named =
            self.config.by_name.values().filter_map(|at| self.config.interfaces.iter().as_slice().get(*at));
        named.filter(|interface| !interface.shutdown && interface.bridge().is_none()).collect()
    }

    /// Addresses, zones and sets.
    fn names(&mut self) {
        let mut zones: BTreeMap<String, (Vec<String>, Range<usize>)> = BTreeMap::new();
        for interface in self.config.interfaces.iter() {
            let Some(name) = &interface.name else { continue };
            for own in &interface.addresses {
                let place = self.reading.place(&own.span);
                let (address, length) = (own.address, own.length);
                self.ruleset.addresses.push(InterfaceAddress {
                    interface: name.clone(),
                    address,
                    length,
                    place,
                });
            }
            // By the interface of a bridge group pass the packets of its members.
            if let Some(group) = interface.bridge() {
                let members =
                    self.config.interfaces.iter().filter(|one| one.bridge_group.as_deref() == Some(group));
                let members = members.filter_map(|one| one.name.clone()).collect();
                zones.entry(name.clone()).or_insert((members, interface.span.clone()));
            }
            if let Some(zone) = &interface.zone {
                let zone = zones.entry(zone.clone()).or_insert_with(|| (Vec::new(), interface.span.clone()));
                zone.0.push(name.clone());
            }
        }
        for (name, (mut interfaces, span)) in zones {
            interfaces.sort();
            interfaces.dedup();
            let place = self.reading.place(&span);
            self.ruleset.zones.push(FirewallZone { name, interfaces, place });
        }
        for (name, kind, span) in &self.config.declared {
            let element_count = match kind {
                GroupKind::Network => self.config.networks.len_of(name),
                _ => self.config.services.len_of(name),
            };
            let outside = matches!(kind, GroupKind::User | GroupKind::Security | GroupKind::Other);
            let place = self.reading.place(span);
            self.ruleset.sets.push(NamedSet {
                name: name.clone(),
                table: "objects".into(),
                family: Family::Inet,
                type_name: kind.as_str().into(),
                element_count,
                dynamic: outside,
                place,
            });
        }
    }

    /// What is missing or goes round in groups, said once for each place.
    fn report_groups(&mut self) {
        let mut said = BTreeSet::new();
        for (name, kind, _) in &self.config.declared {
            let mut problems = Vec::new();
            match kind {
                GroupKind::Network => drop(self.config.networks.things(name, &mut problems)),
                GroupKind::Service(_) | GroupKind::Protocol | GroupKind::IcmpType => {
                    drop(self.config.services.things(name, &mut problems));
                }
                _ => {}
            }
            for problem in problems {
                let (message, span) = match problem {
                    crate::dialects::GroupProblem::Missing(missing, span) => {
                        (format!("`{missing}` is not defined"), span)
                    }
                    crate::dialects::GroupProblem::Circle(circle, span) => {
                        (format!("group `{circle}` holds itself"), span)
                    }
                };
                if said.insert(span.start) {
                    self.warn(
                        &span,
                        "firewall/unknown-name",
                        message,
                        "what the group holds is not wholly known",
                    );
                }
            }
        }
    }

    /// One chain for each list. The denial at its end is written where it is bound.
    fn lists(&mut self) {
        let config = self.config;
        let mut aces = AceReader::new(config);
        for list in
            config.lists.iter().filter(|list| matches!(list.kind, ListKind::Extended | ListKind::Standard))
        {
            let mut rules = Vec::new();
            let mut remarks: Vec<&str> = Vec::new();
            for entry in list.order.iter().filter_map(|at| list.entries.get(*at)) {
                let statement = match entry {
                    Entry::Remark(text) => {
                        remarks.push(text);
                        continue;
                    }
                    Entry::Ace(statement) => statement,
                };
                let ace = match list.kind {
                    ListKind::Standard => aces.standard(statement),
                    _ => aces.extended(statement, list.ipv6),
                };
                let comment = (!remarks.is_empty()).then(|| remarks.join(" "));
                remarks.clear();
                rules.extend(self.entry(&list.name, &statement.span, ace, comment));
            }
            self.lists.insert(list.name.clone(), ChainId(self.ruleset.chains.len()));
            let place = self.reading.place(&list.span);
            self.ruleset.chains.push(Chain {
                name: list.name.clone(),
                table: "access-list".into(),
                family: Family::Inet,
                base: None,
                rules,
                place,
                comment: None,
            });
        }
    }

    fn entry(&mut self, list: &str, span: &Range<usize>, ace: Ace, comment: Option<String>) -> Option<Rule> {
        for problem in &ace.problems {
            let why = format!("the entry of list `{list}` is uncertain");
            self.warn(span, "firewall/unread-entry", problem.as_str(), &why);
        }
        if ace.inactive {
            return None;
        }
        let verdict = match ace.permit {
            Some(true) => Verdict::Accept,
            Some(false) => Verdict::Drop,
            None => Verdict::Unknown("entry that was not understood".into()),
        };
        let mut rule = self.rule(span, ace.conditions, verdict);
        rule.log = ace.log;
        rule.counter = ace.counter;
        rule.until = ace.until;
        rule.comment = comment;
        Some(rule)
    }

    /// Whether the file is a part of a configuration: it names no interface, and binds nothing to one.
    pub(super) fn is_part(&self) -> bool {
        self.config.by_name.is_empty() && self.config.bindings.is_empty()
    }

    fn part(&mut self) {
        let lists: Vec<ChainId> = self.lists.values().copied().collect();
        if lists.is_empty() {
            self.base("access", ChainKind::Filter, (Hook::Forward, 0), Policy::Unknown, Vec::new());
            return;
        }
        for id in &lists {
            if let Some(chain) = self.ruleset.chains.get_mut(id.0) {
                let mut deny = Rule::new(chain.place.clone());
                deny.verdict = Verdict::Drop;
                deny.comment = Some("what no entry permits is denied".into());
                chain.rules.push(deny);
            }
        }
        let first = self.config.lists.iter().next().map(|list| list.span.clone()).unwrap_or(0..0);
        self.reading.report(
            &first,
            Diagnostic::note("firewall/unbound-lists", "no list is bound to an interface in this file")
                .because("each is taken to filter what is forwarded; of several, which one does is not known")
                .help("read the whole configuration, or ask about one list"),
        );
        stand_unbound(self.ruleset, &lists);
        // The device tracks connections, whatever part of its configuration this is.
        let mut replies = self.replies();
        if let Some(chain) = self.ruleset.chains.last_mut().filter(|chain| chain.base.is_some()) {
            replies.append(&mut chain.rules);
            chain.rules = replies;
        }
    }

    /// The base chains of a whole configuration.
    fn way(&mut self) {
        let mut rules = self.replies();
        rules.extend(self.never());
        rules.extend(self.uncertain());
        rules.extend(reverse_path::rules(self));
        rules.extend(vpn::rules(self));
        let mut early = Vec::new();
        for name in self.in_names() {
            let (mut lists, covered) = self.in_lists(&name);
            if self.old {
                early.append(&mut lists);
                for version in covered.iter().copied() {
                    let mut conditions = vec![in_interface(&name)];
                    conditions.extend(version.map(Condition::Version));
                    let place = self.span_of(&name);
                    rules.push(self.rule(&place, conditions, Verdict::Accept));
                }
            } else {
                rules.append(&mut lists);
            }
            rules.extend(self.levels(&name, &covered));
        }
        if !early.is_empty() {
            let mut all = self.replies();
            all.append(&mut early);
            self.base("access-in", ChainKind::Filter, OLD_IN, Policy::Accept, all);
        }
        self.base("access", ChainKind::Filter, (Hook::Forward, 0), Policy::Drop, rules);
        self.out_lists();
    }

    fn span_of(&self, name: &str) -> Range<usize> {
        let bound = || {
            let mut bindings = self.config.bindings.iter();
            bindings
                .find(|binding| matches!(&binding.at, BindingAt::In(at) if at == name))
                .map(|one| one.span.clone())
        };
        self.config.interface(name).map(|interface| interface.span.clone()).or_else(bound).unwrap_or(0..0)
    }

    /// Names of interfaces that packets come in by.
    fn in_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .passing()
            .iter()
            .filter(|interface| !interface.management_only)
            .filter_map(|interface| interface.name.clone())
            .collect();
        // A part of a configuration may bind lists to interfaces that it does not define.
        for binding in &self.config.bindings {
            if let BindingAt::In(name) = &binding.at
                && !self.config.by_name.contains_key(name)
                && !names.contains(name)
            {
                names.push(name.clone());
            }
        }
        names
    }

    /// What passes because it belongs to a connection, and what is dropped because it pretends to.
    pub(super) fn replies(&self) -> Vec<Rule> {
        let nowhere = 0..0;
        let mut states = CtStates::ESTABLISHED;
        if self.config.inspects {
            states = states.union(CtStates::RELATED);
        }
        let tracked = IntervalSet::from_ranges(TRACKED.map(|protocol| (protocol, protocol)));
        let of = |protocols: IntervalSet<u8>, states| {
            vec![Condition::CtState(states), Condition::Protocol(protocols)]
        };
        let mut rules = vec![self.rule(&nowhere, of(tracked, states), Verdict::Accept)];
        let perhaps = |what: &str| {
            Condition::Undecidable(Undecidable { what: what.to_owned(), reason: Reason::Connection })
        };
        let both = CtStates::ESTABLISHED.union(CtStates::RELATED);
        match self.config.icmp_inspection {
            Inspection::No => {}
            Inspection::Some => {
                let mut conditions = of(IntervalSet::from_ranges([(1, 1), (58, 58)]), both);
                conditions.push(perhaps("inspection of ICMP for a class"));
                rules.push(self.rule(&nowhere, conditions, Verdict::Accept));
            }
            Inspection::All => {
                let replies = of(IntervalSet::one(1), CtStates::ESTABLISHED);
                rules.push(self.rule(&nowhere, replies, Verdict::Accept));
                let mut errors = of(IntervalSet::one(1), CtStates::RELATED);
                errors.push(perhaps("error message of a connection"));
                rules.push(self.rule(&nowhere, errors, Verdict::Accept));
                let mut six = of(IntervalSet::one(58), both);
                six.push(perhaps("inspection of ICMPv6"));
                rules.push(self.rule(&nowhere, six, Verdict::Accept));
                // A reply that nobody asked for (message 313004): echo, timestamp, information and mask replies.
                let mut unasked = of(IntervalSet::one(1), CtStates::INVALID);
                unasked.push(Condition::IcmpType(IntervalSet::from_ranges([
                    (0, 0),
                    (14, 14),
                    (16, 16),
                    (18, 18),
                ])));
                rules.push(self.rule(&nowhere, unasked, Verdict::Drop));
            }
        }
        rules
    }

    /// What no list can let pass: by interfaces that are down or for management only, to interfaces that are not there, back
    /// out where it came in, and between interfaces of the same level.
    fn never(&self) -> Vec<Rule> {
        let passing = self.passing();
        let through: Vec<&&Interface> =
            passing.iter().filter(|interface| !interface.management_only).collect();
        let mut rules = Vec::new();
        if self.config.by_name.is_empty() {
            return rules;
        }
        let names = through.iter().filter_map(|interface| interface.name.clone());
        let all = NameSet { patterns: names.map(NamePattern::Exact).collect(), negated: true };
        let mut closed = self.rule(&(0..0), vec![Condition::OutInterface(all)], Verdict::Drop);
        closed.comment = Some("no interface that passes traffic".into());
        rules.push(closed);
        if through.len() > INTERFACES_MAX {
            return rules;
        }
        for from in &through {
            let Some(name) = &from.name else { continue };
            let mut out: Vec<String> = Vec::new();
            for to in &through {
                let same = to.hardware == from.hardware;
                let barred = if same {
                    !self.config.hairpin
                } else {
                    to.level() == from.level() && !self.config.same_level
                };
                let forbidden = from.no_forward.iter().any(|other| other.eq_ignore_ascii_case(&to.hardware));
                if barred || forbidden {
                    out.extend(to.name.clone());
                }
            }
            if !out.is_empty() {
                let mut conditions = vec![in_interface(name), out_interfaces(out)];
                conditions.extend(levels_unread(&through));
                let mut rule = self.rule(&from.span, conditions, Verdict::Drop);
                rule.comment =
                    Some(format!("security level {}: not back, and not to the same level", from.level()));
                rules.push(rule);
            }
        }
        rules
    }

    /// Statements whose effect depends on more than the packet.
    fn uncertain(&mut self) -> Vec<Rule> {
        let mut rules = Vec::new();
        for one in &self.config.uncertain {
            let mut conditions: Vec<Condition> =
                one.interface.iter().map(|name| in_interface(name)).collect();
            conditions.push(Condition::Undecidable(one.what.clone()));
            let verdict = match one.effect {
                Effect::Opens => Verdict::Accept,
                Effect::Closes => Verdict::Drop,
                Effect::Either => Verdict::Unknown(one.what.what.clone()),
            };
            rules.push(self.rule(&one.span, conditions, verdict));
        }
        rules.extend(self.bridges());
        rules
    }

    /// Lists on the interface of a bridge group, which are asked besides those of its members.
    fn bridges(&mut self) -> Vec<Rule> {
        let config = self.config;
        let mut rules = Vec::new();
        for binding in &config.bindings {
            let (BindingAt::In(name) | BindingAt::Out(name)) = &binding.at else { continue };
            let Some(group) = config.interface(name).and_then(Interface::bridge) else { continue };
            let members = config.interfaces.iter().filter(|one| one.bridge_group.as_deref() == Some(group));
            let members: Vec<String> = members.filter_map(|one| one.name.clone()).collect();
            let message =
                format!("list `{}` on the interface of a bridge group is not computed", binding.list);
            self.warn(
                &binding.span,
                "firewall/not-computed",
                message,
                "what passes by its members is uncertain",
            );
            let condition = match &binding.at {
                BindingAt::Out(_) => out_interfaces(members),
                _ => {
                    Condition::InInterface(NameSet::of(members.into_iter().map(NamePattern::Exact).collect()))
                }
            };
            let verdict = Verdict::Unknown(format!("list {}", binding.list));
            rules.push(self.rule(&binding.span, vec![condition], verdict));
        }
        rules
    }

    /// The lists that packets meet that come in by an interface, and the versions of IP that they decide about (`None` for
    /// both).
    fn in_lists(&mut self, name: &str) -> (Vec<Rule>, Vec<Option<IpVersion>>) {
        let config = self.config;
        let (mut rules, mut covered, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        let here = |binding: &&Binding| matches!(&binding.at, BindingAt::In(at) if at == name);
        let global = |binding: &&Binding| binding.at == BindingAt::Global;
        for binding in config.bindings.iter().filter(here).chain(config.bindings.iter().filter(global)) {
            let Some((version, verdict)) = self.bound(binding) else { continue };
            let mut conditions = vec![in_interface(name)];
            conditions.extend(version.map(Condition::Version));
            rules.push(self.rule(&binding.span, conditions.clone(), verdict));
            if !covered.contains(&version) {
                covered.push(version);
                let mut end = self.rule(&binding.span, conditions, Verdict::Drop);
                end.comment = Some("what no entry permits is denied".into());
                ends.push(end);
            }
        }
        rules.extend(ends);
        (rules, covered)
    }

    /// What a bound list does: a jump, or anything where there is none.
    fn bound(&mut self, binding: &Binding) -> Option<(Option<IpVersion>, Verdict)> {
        let list = self.config.lists.get(&binding.list);
        match (list, self.lists.get(&binding.list)) {
            (Some(list), Some(id)) if !list.entries.is_empty() => {
                Some((version_of(self.config, list), Verdict::Jump(*id)))
            }
            // Lists of frames say nothing about IP.
            (Some(list), None) if list.kind == ListKind::Ethertype => None,
            _ => {
                let message = format!("list `{}` has no entries in this file", binding.list);
                self.warn(&binding.span, "firewall/unknown-name", message, "what passes there is not known");
                Some((None, Verdict::Unknown(format!("list {}", binding.list))))
            }
        }
    }

    /// What passes without a list: from a higher level to a lower, and between the same where that is permitted.
    fn levels(&mut self, name: &str, covered: &[Option<IpVersion>]) -> Vec<Rule> {
        if covered.contains(&None) || covered.len() > 1 {
            return Vec::new();
        }
        let Some(from) = self.config.interface(name) else { return Vec::new() };
        let passing = self.passing();
        let through: Vec<&&Interface> =
            passing.iter().filter(|interface| !interface.management_only).collect();
        let version = match covered.first() {
            Some(Some(IpVersion::V4)) => Some(IpVersion::V6),
            Some(Some(IpVersion::V6)) => Some(IpVersion::V4),
            _ => None,
        };
        let mut conditions = vec![in_interface(name)];
        conditions.extend(version.map(Condition::Version));
        if through.len() > INTERFACES_MAX {
            let span = from.span.clone();
            let message = format!("there are more than {INTERFACES_MAX} interfaces");
            self.warn(
                &span,
                "firewall/too-many-interfaces",
                message,
                "their security levels are not compared",
            );
            return vec![self.rule(&span, conditions, Verdict::Unknown("security levels".into()))];
        }
        // What is barred between the same level has been dropped before.
        let lower = through.iter().filter(|to| to.level() <= from.level());
        let lower: Vec<String> = lower.filter_map(|to| to.name.clone()).collect();
        conditions.push(out_interfaces(lower));
        let unread = levels_unread(&through);
        if unread.is_some() {
            conditions.pop();
            conditions.extend(unread);
        }
        let mut rule = self.rule(&from.span, conditions, Verdict::Accept);
        rule.comment = Some(format!("security level {}: to lower levels", from.level()));
        vec![rule]
    }

    /// The lists that packets meet that go out by an interface.
    fn out_lists(&mut self) {
        let config = self.config;
        let mut rules = Vec::new();
        for binding in &config.bindings {
            let BindingAt::Out(name) = &binding.at else { continue };
            let Some((version, verdict)) = self.bound(binding) else { continue };
            let mut conditions = vec![out_interfaces(vec![name.clone()])];
            conditions.extend(version.map(Condition::Version));
            rules.push(self.rule(&binding.span, conditions.clone(), verdict));
            let mut end = self.rule(&binding.span, conditions, Verdict::Drop);
            end.comment = Some("what no entry permits is denied".into());
            rules.push(end);
        }
        if rules.is_empty() {
            return;
        }
        let mut all = self.replies();
        all.extend(rules);
        let at = if self.old { OLD_OUT } else { (Hook::Forward, 10) };
        self.base("access-out", ChainKind::Filter, at, Policy::Accept, all);
    }

    /// The chain of a list.
    pub(super) fn list(&self, name: &str) -> Option<ChainId> {
        self.lists.get(name).copied()
    }
}

/// That levels are uncertain, where one of them was not understood.
fn levels_unread(interfaces: &[&&Interface]) -> Option<Condition> {
    let unread = interfaces.iter().any(|interface| interface.level_unread);
    let what = || Undecidable { what: "security levels".into(), reason: Reason::Unread };
    unread.then(|| Condition::Undecidable(what()))
}

/// Packets that came in by this interface.
pub(super) fn in_interface(name: &str) -> Condition {
    Condition::InInterface(NameSet::of(vec![NamePattern::Exact(name.to_owned())]))
}

/// Packets that go out by one of these.
pub(super) fn out_interfaces(names: Vec<String>) -> Condition {
    Condition::OutInterface(NameSet::of(names.into_iter().map(NamePattern::Exact).collect()))
}
