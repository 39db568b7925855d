//! Lists of packets: as chains where an interface names them, as conditions where another statement does.

use super::{Held, Lower, family, undecidable};
use crate::dialects::ios::config::{AccessList, Action, Ask, Entry, Span};
use crate::dialects::{GroupProblem, one_of};
use crate::ruleset::{AddressSet, Condition, CtStates, IntervalSet, IpVersion, Reason, Rule, Verdict};
use std::collections::BTreeMap;
use zonewright_source::nearest;

/// Most services of a group.
const SERVICES_MAX: usize = 5_000;

/// Most lists among which a name that is nearly right is looked for.
const NEAR_MAX: usize = 1_000;

/// The table of lists of a version.
const fn table(version: IpVersion) -> &'static str {
    match version {
        IpVersion::V4 => "ip access-list",
        IpVersion::V6 => "ipv6 access-list",
    }
}

impl Lower<'_> {
    /// Each list as a chain that ends in its implicit denial.
    pub(super) fn list_chains(&mut self) {
        let config = self.config;
        for list in config.lists_v4.iter().chain(config.lists_v6.iter()) {
            if list.entries.is_empty() {
                continue;
            }
            let rules = self.list_rules(list);
            let id =
                self.chain(list.name.clone(), table(list.version), family(list.version), &list.span, rules);
            self.lists.insert((list.version, list.name.clone()), id);
        }
    }

    fn list_rules(&mut self, list: &AccessList) -> Vec<Rule> {
        let mut rules = Vec::with_capacity(list.entries.len() + 3);
        for entry in &list.entries {
            let verdict = match &entry.action {
                Action::Permit | Action::Reflect(_) | Action::Evaluate(_) => Verdict::Accept,
                Action::Deny => Verdict::Drop,
                Action::Unknown => Verdict::Unknown(entry.text.clone()),
            };
            let conditions = self.entry_conditions(list.version, entry);
            let mut rule = self.rule(&entry.span, conditions, verdict);
            rule.log = entry.log.clone();
            rule.comment = entry.remark.as_ref().map(ToString::to_string);
            rule.until = self.until(entry);
            rules.push(rule);
        }
        if list.version == IpVersion::V6 {
            // Neighbor discovery passes before the implicit denial (Cisco IOS IPv6 Command Reference, `permit (IPv6)`).
            let types = IntervalSet::range(135, 136);
            let asks = vec![
                Condition::Version(IpVersion::V6),
                Condition::Protocol(IntervalSet::one(58)),
                Condition::IcmpType(types),
            ];
            let mut rule = self.rule(&list.span, asks, Verdict::Accept);
            rule.comment = Some("implicit neighbor discovery".into());
            rules.push(rule);
        }
        let mut last = self.rule(&list.span, vec![Condition::Version(list.version)], Verdict::Drop);
        last.comment = Some("implicit deny".into());
        rules.push(last);
        rules
    }

    fn until(&self, entry: &Entry) -> Option<jiff::civil::DateTime> {
        entry.asks.iter().find_map(|ask| match ask {
            Ask::Time(name) => self.config.time_ranges.get(name)?.until,
            _ => None,
        })
    }

    /// What an entry asks of a packet.
    pub(super) fn entry_conditions(&mut self, version: IpVersion, entry: &Entry) -> Vec<Condition> {
        if let Action::Evaluate(name) = &entry.action {
            return self.evaluated(version, name, &entry.span);
        }
        let mut conditions = Vec::with_capacity(entry.asks.len());
        for ask in &entry.asks {
            match ask {
                Ask::This(condition) => conditions.push(condition.clone()),
                Ask::SourceGroup(name) => {
                    let asked = self.addresses(version, name, &entry.span, Condition::Source);
                    conditions.push(asked);
                }
                Ask::DestinationGroup(name) => {
                    let asked = self.addresses(version, name, &entry.span, Condition::Destination);
                    conditions.push(asked);
                }
                Ask::ServiceGroup(name) => conditions.extend(self.services(name, &entry.span)),
                Ask::SourcePorts(name) => {
                    conditions.push(self.ports(name, &entry.span, Condition::SourcePort))
                }
                Ask::DestinationPorts(name) => {
                    conditions.push(self.ports(name, &entry.span, Condition::DestinationPort));
                }
                Ask::Time(name) => {
                    if !self.config.time_ranges.contains_key(name) {
                        let because = "when the entry is in force is not known";
                        self.unknown(&entry.span, format!("time range `{name}` is not defined"), because);
                    }
                    conditions.push(undecidable(format!("time-range {name}"), Reason::Time));
                }
            }
        }
        conditions
    }

    /// The addresses of an object group.
    fn addresses(
        &mut self,
        version: IpVersion,
        name: &str,
        span: &Span,
        build: fn(AddressSet) -> Condition,
    ) -> Condition {
        match self.held("network", name, span) {
            Some(Held::Addresses(set, whole)) => {
                let known = build(set.intersection(&AddressSet::all_of(version)));
                if whole { known } else { or_perhaps(vec![known], name) }
            }
            _ => undecidable(format!("object-group {name}"), Reason::Name),
        }
    }

    fn services(&mut self, name: &str, span: &Span) -> Vec<Condition> {
        match self.held("service", name, span) {
            Some(Held::Services(asks)) => self.budgeted(asks, &format!("object group {name}"), span),
            _ => vec![undecidable(format!("object-group {name}"), Reason::Name)],
        }
    }

    fn ports(&mut self, name: &str, span: &Span, build: fn(IntervalSet<u16>) -> Condition) -> Condition {
        match self.held("port", name, span) {
            Some(Held::Ports(set, true)) => build(set),
            Some(Held::Ports(set, false)) => or_perhaps(vec![build(set)], name),
            _ => undecidable(format!("portgroup {name}"), Reason::Name),
        }
    }

    /// What a group of a kind holds, worked out once.
    fn held(&mut self, kind: &'static str, name: &str, span: &Span) -> Option<Held> {
        if let Some(known) = self.groups.get(&(kind, name.to_owned())) {
            return Some(known.clone());
        }
        let config = self.config;
        let mut problems = Vec::new();
        let held = match kind {
            "network" => {
                let things = config.networks.things(name, &mut problems);
                let (things, doubt) = self.known_group(name, things, problems, span)?;
                let of = |set: &AddressSet| (set.v4.intervals().to_vec(), set.v6.intervals().to_vec());
                let (v4, v6): (Vec<_>, Vec<_>) = things.iter().flatten().map(of).unzip();
                let set = AddressSet {
                    v4: IntervalSet::from_ranges(v4.concat()),
                    v6: IntervalSet::from_ranges(v6.concat()),
                };
                Held::Addresses(set, !doubt && things.iter().all(Option::is_some))
            }
            "service" => {
                let things = config.services.things(name, &mut problems);
                let (things, doubt) = self.known_group(name, things, problems, span)?;
                if things.len() > SERVICES_MAX {
                    let because = "which packets it means is not known";
                    self.unknown(span, format!("object group `{name}` has too many members"), because);
                    return None;
                }
                Held::Services(if doubt { vec![or_perhaps(one_of(&things), name)] } else { one_of(&things) })
            }
            _ => {
                let things = config.ports.things(name, &mut problems);
                let (things, doubt) = self.known_group(name, things, problems, span)?;
                let ranges = things.iter().flatten().flat_map(|set| set.intervals().iter().copied());
                Held::Ports(IntervalSet::from_ranges(ranges), !doubt && things.iter().all(Option::is_some))
            }
        };
        self.groups.insert((kind, name.to_owned()), held.clone());
        Some(held)
    }

    /// The members of a group and whether there may be more; `None`, and a warning, where there is no such group or it is empty.
    fn known_group<T>(
        &mut self,
        name: &str,
        things: Option<Vec<T>>,
        problems: Vec<GroupProblem>,
        span: &Span,
    ) -> Option<(Vec<T>, bool)> {
        let doubt = !problems.is_empty();
        for problem in problems {
            let (what, at) = match problem {
                GroupProblem::Missing(inner, at) => (format!("object group `{inner}` is not defined"), at),
                GroupProblem::Circle(inner, at) => (format!("object group `{inner}` holds itself"), at),
            };
            self.unknown(&at, what, "what the group holds besides is not known");
        }
        match things {
            Some(things) if !things.is_empty() || doubt => Some((things, doubt)),
            found => {
                let state = if found.is_some() { "is empty" } else { "is not defined" };
                let because = "whether the entry matches a packet is not known";
                self.unknown(span, format!("object group `{name}` {state}"), because);
                None
            }
        }
    }

    /// Packets that answer those that some entry reflects by this name.
    fn evaluated(&mut self, version: IpVersion, name: &str, span: &Span) -> Vec<Condition> {
        let reflected = match self.reflected.take() {
            Some(reflected) => reflected,
            None => self.reflections(),
        };
        let of = reflected.get(&(version, name.to_owned())).cloned().unwrap_or_default();
        self.reflected = Some(reflected);
        if of.is_empty() {
            let because = "no entry reflects packets by this name, so nothing is let pass here";
            self.unknown(span, format!("reflexive list `{name}` is not defined"), because);
        }
        let answer = [
            Condition::Version(version),
            Condition::CtState(CtStates::ESTABLISHED),
            Condition::CtOriginal(false),
        ];
        let mut conditions = answer.to_vec();
        conditions.push(Condition::Any { of, negated: false });
        self.budgeted(conditions, &format!("reflexive list {name}"), span)
    }

    fn reflections(&mut self) -> BTreeMap<(IpVersion, String), Vec<Vec<Condition>>> {
        let config = self.config;
        let mut reflected: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for list in config.lists_v4.iter().chain(config.lists_v6.iter()) {
            for entry in &list.entries {
                if let Action::Reflect(name) = &entry.action {
                    let asks = mirrored(&self.entry_conditions(list.version, entry));
                    reflected.entry((list.version, name.clone())).or_default().push(asks);
                }
            }
        }
        reflected
    }

    /// What packets that a list permits meet: for statements that name a list. Undecidable where it is not defined or empty.
    pub(super) fn list_permits(&mut self, version: IpVersion, name: &str, span: &Span) -> Vec<Condition> {
        let kind = table(version);
        if let Some(known) = self.asked.get(&(kind, name.to_owned())) {
            let known = known.clone();
            return self.budgeted(known, &format!("list {name}"), span);
        }
        let Some(list) = self.config.list(version, name).filter(|list| !list.entries.is_empty()) else {
            let lists = if version == IpVersion::V4 { &self.config.lists_v4 } else { &self.config.lists_v6 };
            let near =
                nearest(name, lists.iter().take(NEAR_MAX).map(|list| list.name.as_str())).map(str::to_owned);
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            self.unknown(
                span,
                format!("list `{name}` has no entry{near}"),
                "which packets it means is not known",
            );
            return vec![undecidable(format!("list {name}"), Reason::Name)];
        };
        let conditions = self.as_conditions(list);
        let conditions = self.budgeted(conditions, &format!("list {name}"), span);
        self.asked.insert((kind, name.to_owned()), conditions.clone());
        conditions
    }

    /// A list as alternatives: each run of permits, without what was denied before it.
    fn as_conditions(&mut self, list: &AccessList) -> Vec<Condition> {
        let mut alternatives: Vec<Vec<Condition>> = Vec::new();
        let mut permits: Vec<Vec<Condition>> = Vec::new();
        let mut denied: Vec<Vec<Condition>> = Vec::new();
        let mut total = 0;
        for entry in &list.entries {
            let mut asks = self.entry_conditions(list.version, entry);
            if entry.is_unknown() {
                asks.push(undecidable(entry.text.clone(), Reason::Unread));
            }
            if matches!(
                entry.action,
                Action::Permit | Action::Reflect(_) | Action::Evaluate(_) | Action::Unknown
            ) {
                permits.push(asks.clone());
            }
            if matches!(entry.action, Action::Deny | Action::Unknown) {
                if !permits.is_empty() {
                    total += denied.len();
                    close_run(&mut alternatives, &mut permits, &denied);
                }
                denied.push(asks);
            }
            if total > super::CONDITIONS_MAX {
                return vec![undecidable(format!("list {}", list.name), Reason::Unread)];
            }
        }
        close_run(&mut alternatives, &mut permits, &denied);
        match alternatives.as_slice() {
            [only] => only.clone(),
            _ => vec![Condition::Any { of: alternatives, negated: false }],
        }
    }
}

/// Ends a run of permits.
fn close_run(
    alternatives: &mut Vec<Vec<Condition>>,
    permits: &mut Vec<Vec<Condition>>,
    denied: &[Vec<Condition>],
) {
    let run = std::mem::take(permits);
    if denied.is_empty() {
        return alternatives.extend(run);
    }
    if run.is_empty() {
        return;
    }
    let rest = Condition::Any { of: denied.to_vec(), negated: true };
    let mut all = match run.as_slice() {
        [only] => only.clone(),
        _ => vec![Condition::Any { of: run, negated: false }],
    };
    all.push(rest);
    alternatives.push(all);
}

/// What is known of a group, or perhaps more.
fn or_perhaps(known: Vec<Condition>, name: &str) -> Condition {
    let more = undecidable(format!("object-group {name}"), Reason::Unread);
    Condition::Any { of: vec![known, vec![more]], negated: false }
}

/// The same conditions, asked of the answers to the packets that meet them.
pub(super) fn mirrored(conditions: &[Condition]) -> Vec<Condition> {
    conditions.iter().map(mirror).collect()
}

fn mirror(condition: &Condition) -> Condition {
    match condition {
        Condition::Source(set) => Condition::Destination(set.clone()),
        Condition::Destination(set) => Condition::Source(set.clone()),
        Condition::SourcePort(set) => Condition::DestinationPort(set.clone()),
        Condition::DestinationPort(set) => Condition::SourcePort(set.clone()),
        Condition::IcmpType(set) => {
            let answers =
                ANSWERS.iter().filter(|(asks, _)| set.contains(*asks)).map(|(_, answer)| (*answer, *answer));
            Condition::IcmpType(IntervalSet::from_ranges(answers))
        }
        // What the first packet was beyond its addresses, the answer does not tell.
        Condition::IcmpCode(_) | Condition::TcpFlags(_) => {
            undecidable(condition.to_string(), Reason::Connection)
        }
        // The depth of nesting is that of the classes, which is bounded where they are resolved.
        Condition::Any { of, negated } => {
            Condition::Any { of: of.iter().map(|one| mirrored(one)).collect(), negated: *negated }
        }
        other => other.clone(),
    }
}

/// ICMP types that are answered, and by which.
const ANSWERS: [(u8, u8); 6] = [(8, 0), (13, 14), (15, 16), (17, 18), (128, 129), (139, 140)];
