//! Firewall filters: lists of terms that look at each packet alone.

use super::config::shortened;
use super::device::{Device, list, rule};
use super::interfaces::{Binding, Bindings, FIREWALL, FilterFamily};
use super::terms::Terms;
use super::tree::{NodeId, Tree};
use super::values;
use crate::ruleset::{
    AddressSet, ChainId, Condition, Effect, Log, MarkOf, Reason, Rule, Undecidable, Verdict, stand_unbound,
};
use std::collections::{BTreeMap, BTreeSet};
use zonewright_source::Diagnostic;

/// Most rules that all filters together may become, copies in lists of filters included.
const RULES_MAX: usize = 400_000;
/// Keywords of actions that take no value.
const ACTION_FLAGS: [&str; 12] = [
    "accept",
    "discard",
    "log",
    "syslog",
    "sample",
    "port-mirror",
    "packet-mode",
    "service-accounting",
    "no-decrement-ttl",
    "dont-fragment",
    "encapsulate-flag",
    "service-filter-hit",
];

/// Filters by family and name: the rules of their terms, without the denial at the end.
#[derive(Debug, Default)]
pub(super) struct Filters {
    by_name: BTreeMap<(FilterFamily, String), Filter>,
}

#[derive(Debug)]
struct Filter {
    node: NodeId,
    rules: Vec<Rule>,
}

/// What terms are looked up in.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Prefix lists; undecidable where the configuration does not tell all of them.
    pub(super) prefixes: BTreeMap<String, PrefixList>,
    /// Sets of interfaces.
    pub(super) interface_sets: BTreeMap<String, Vec<String>>,
    /// Policers that drop what is too much.
    pub(super) dropping: BTreeSet<String>,
}

/// Prefixes by name.
#[derive(Debug, Clone, Default)]
pub(super) struct PrefixList {
    pub(super) prefixes: Vec<AddressSet>,
    pub(super) unknown: Option<Undecidable>,
}

impl Device<'_, '_> {
    /// Reads the filters and binds them; where nothing is bound and nothing else filters, they stand alone.
    pub(super) fn lower_filters(&mut self, bindings: &Bindings) {
        let lists = self.read_lists();
        let filters = self.read_all_filters(&lists);
        self.has_packet_mode = filters.by_name.values().flat_map(|filter| &filter.rules).any(|rule| {
            rule.effects.iter().any(|effect| matches!(effect, Effect::SetMark { of: MarkOf::Packet, .. }))
        });
        let mut chains = BTreeMap::new();
        for ((family, name), filter) in &filters.by_name {
            let mut rules = filter.rules.clone();
            rules.push(discard(self.config.place(filter.node)));
            let place = self.config.place(filter.node);
            let chain = self.add(list(name.clone(), FIREWALL, family.family(), rules, place));
            chains.insert((*family, name.clone()), chain);
        }
        if bindings.filters.is_empty() && self.is_only_filters() {
            self.stand(&chains);
            return;
        }
        self.bind(bindings, |device, binding| device.bound_chain(&filters, &chains, binding));
    }

    fn is_only_filters(&self) -> bool {
        let security = super::addresses::security(self.config);
        self.zones.is_empty() && self.config.tree.find(security, "policies").is_none()
    }

    /// Filters that are bound to nothing: those of each version of IP by themselves.
    fn stand(&mut self, chains: &BTreeMap<(FilterFamily, String), ChainId>) {
        if chains.is_empty() {
            return;
        }
        let has_any = chains.keys().any(|(family, _)| *family == FilterFamily::Any);
        let both = [FilterFamily::Inet, FilterFamily::Inet6];
        let groups: &[FilterFamily] = if has_any { &[FilterFamily::Any] } else { &both };
        for group in groups {
            let fits = |family: FilterFamily| has_any || family == *group;
            let ids: Vec<ChainId> = chains.iter().filter(|((f, _), _)| fits(*f)).map(|(_, id)| *id).collect();
            let before = self.ruleset.chains.len();
            stand_unbound(self.ruleset, &ids);
            if let Some(base) = self.ruleset.chains.get_mut(before).filter(|_| !has_any) {
                base.family = group.family();
            }
        }
        let first =
            chains.values().filter_map(|id| self.ruleset.chain(*id)).map(|chain| chain.place.start).min();
        let at = first.unwrap_or(0);
        let note = Diagnostic::note("firewall/lists-unbound", "no filter is bound to an interface")
            .because("each is taken to stand on the way of forwarded packets");
        self.config.report(&(at..at), note);
    }

    /// The chain for a binding: of one filter its own, of several one that holds them all.
    fn bound_chain(
        &mut self,
        filters: &Filters,
        chains: &BTreeMap<(FilterFamily, String), ChainId>,
        binding: &Binding,
    ) -> Option<ChainId> {
        let mut found = Vec::new();
        for (name, node) in &binding.filters {
            // A filter of any family may be bound to one.
            let keys = [(binding.family, name.clone()), (FilterFamily::Any, name.clone())];
            let Some(key) = keys.into_iter().find(|key| filters.by_name.contains_key(key)) else {
                let what = format!("the filter `{}` is not defined", shortened(name));
                self.config.warn(*node, "firewall/unknown-name", what);
                return None;
            };
            found.push(key);
        }
        if let [only] = found.as_slice() {
            return chains.get(only).copied();
        }
        let mut rules = Vec::new();
        for key in &found {
            rules
                .extend(filters.by_name.get(key).into_iter().flat_map(|filter| filter.rules.iter().cloned()));
        }
        let (_, node) = binding.filters.last()?;
        if self.rule_count() + rules.len() > RULES_MAX {
            self.config.warn(
                *node,
                "firewall/too-large",
                "the lists of filters have too many terms to be read",
            );
            return None;
        }
        rules.push(discard(self.config.place(*node)));
        let names: Vec<&str> = binding.filters.iter().map(|(name, _)| name.as_str()).collect();
        let place = self.config.place(*node);
        Some(self.add(list(names.join(" "), FIREWALL, binding.family.family(), rules, place)))
    }

    fn rule_count(&self) -> usize {
        self.ruleset.chains.iter().map(|chain| chain.rules.len()).sum()
    }

    // What terms name.

    fn read_lists(&mut self) -> Lists {
        let mut lists = Lists::default();
        if let Some(options) = self.config.tree.enter(Tree::ROOT, "policy-options") {
            for node in self.config.tree.things(options, "prefix-list") {
                let list = self.read_prefix_list(node);
                lists.prefixes.insert(self.config.name(node), list);
            }
        }
        let Some(firewall) = self.config.tree.enter(Tree::ROOT, "firewall") else { return lists };
        for set in self.config.tree.things(firewall, "interface-set") {
            let members: Vec<NodeId> = self.config.tree.children(set).collect();
            members.iter().for_each(|member| self.config.tree.read(*member));
            let members = members.iter().map(|member| self.config.name(*member)).collect();
            lists.interface_sets.insert(self.config.name(set), members);
        }
        for kind in ["policer", "three-color-policer", "hierarchical-policer"] {
            for policer in self.config.tree.things(firewall, kind) {
                self.config.tree.read_all(policer);
                if drops(&self.config.tree, policer) {
                    lists.dropping.insert(self.config.name(policer));
                }
            }
        }
        lists
    }

    fn read_prefix_list(&mut self, node: NodeId) -> PrefixList {
        let mut list = PrefixList::default();
        let members: Vec<NodeId> = self.config.tree.children(node).collect();
        for member in members {
            let word = self.config.name(member);
            if word == "apply-path" {
                self.config.tree.read_all(member);
                let path = self.config.tree.value(member).unwrap_or_default().to_owned();
                self.apply_path(&path, &mut list);
            } else if let Some(set) = values::prefix(&word) {
                self.config.tree.read(member);
                list.prefixes.push(set);
            } else {
                list.unknown = Some(Undecidable { what: word, reason: Reason::Unread });
            }
        }
        list
    }

    /// The prefixes that stand at the ends of a path of the configuration: `interfaces <*> unit <*> family inet address <*>`.
    fn apply_path(&self, path: &str, list: &mut PrefixList) {
        let tree = &self.config.tree;
        let mut at = vec![Tree::ROOT];
        for step in path.split_whitespace() {
            let pattern = step.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
            let next: Vec<NodeId> = match pattern {
                Some(pattern) => at
                    .iter()
                    .flat_map(|node| tree.children(*node))
                    .filter(|child| super::inherit::glob(pattern, tree.word(*child)))
                    .collect(),
                None => {
                    at.iter().filter_map(|node| tree.find(*node, step)).filter(|n| !tree.is_off(*n)).collect()
                }
            };
            at = next;
        }
        for end in at {
            match values::prefix(tree.word(end)) {
                Some(set) => list.prefixes.push(set),
                None => {
                    let what = format!("apply-path {}", shortened(path));
                    list.unknown = Some(Undecidable { what, reason: Reason::Name });
                }
            }
        }
    }

    // Filters.

    fn read_all_filters(&mut self, lists: &Lists) -> Filters {
        let mut filters = Filters::default();
        let Some(firewall) = self.config.tree.enter(Tree::ROOT, "firewall") else { return filters };
        let mut sections = vec![(FilterFamily::Inet, firewall)];
        if let Some(family) = self.config.tree.enter(firewall, "family") {
            for version in [FilterFamily::Inet, FilterFamily::Inet6, FilterFamily::Any] {
                if let Some(section) = self.config.tree.enter(family, version.as_str()) {
                    sections.push((version, section));
                }
            }
        }
        let mut found = Vec::new();
        for (family, section) in sections {
            for node in self.config.tree.things(section, "filter") {
                found.push((family, node));
            }
            for policer in self.config.tree.things(section, "prefix-action") {
                self.config.tree.read_all(policer);
            }
        }
        let mut budget = RULES_MAX;
        // Filters that others hold must be read first; a filter within a filter holds no further one.
        for pass in [Pass::Plain, Pass::Holding] {
            for (family, node) in &found {
                let holds = self.holds_filters(*node);
                if holds != (pass == Pass::Holding) {
                    continue;
                }
                let rules = self.read_filter(*family, *node, lists, &filters);
                budget = budget.saturating_sub(rules.len());
                if budget == 0 {
                    self.config.warn(
                        *node,
                        "firewall/too-large",
                        "the filters have too many terms to be read",
                    );
                    return filters;
                }
                filters.by_name.insert((*family, self.config.name(*node)), Filter { node: *node, rules });
            }
        }
        filters
    }

    fn holds_filters(&self, filter: NodeId) -> bool {
        let tree = &self.config.tree;
        let terms = tree.find(filter, "term");
        terms.is_some_and(|terms| tree.children(terms).any(|term| tree.find(term, "filter").is_some()))
    }

    fn read_filter(
        &mut self,
        family: FilterFamily,
        node: NodeId,
        lists: &Lists,
        known: &Filters,
    ) -> Vec<Rule> {
        for option in FILTER_OPTIONS {
            if let Some(option) = self.config.tree.enter(node, option) {
                self.config.tree.read_all(option);
            }
        }
        let mut rules = Vec::new();
        for term in self.config.tree.things(node, "term") {
            if let Some(inner) = self.config.tree.enter(term, "filter") {
                let name = self.config.tree.value(inner).unwrap_or_default().to_owned();
                match known.by_name.get(&(family, name.clone())) {
                    Some(filter) => rules.extend(filter.rules.iter().cloned()),
                    None => {
                        let what = format!("the filter `{}` is not defined before", shortened(&name));
                        self.config.warn(inner, "firewall/unknown-name", what);
                        let place = self.config.place(term);
                        rules.push(rule(
                            place,
                            Vec::new(),
                            Verdict::Unknown("a filter that is not defined".into()),
                        ));
                    }
                }
                continue;
            }
            let mut one = Rule::new(self.config.place(term));
            one.comment = Some(self.config.name(term));
            if let Some(from) = self.config.tree.enter(term, "from") {
                let (conditions, interfaces) = Terms { config: self.config, lists, family }.read(from);
                one.conditions = conditions;
                self.interfaces.extend(interfaces);
            }
            self.act(term, one, lists, &mut rules);
        }
        rules
    }

    /// What a term does: its verdict, and the rules that stand before it.
    fn act(&mut self, term: NodeId, mut one: Rule, lists: &Lists, rules: &mut Vec<Rule>) {
        let mut verdict = None;
        let mut goes_on = false;
        if let Some(then) = self.config.tree.enter(term, "then") {
            for action in self.config.tree.attributes(then, &ACTION_FLAGS) {
                let word = self.config.name(action.key);
                let first = action.values.first().map(|value| self.config.name(*value)).unwrap_or_default();
                match word.as_str() {
                    "accept" => verdict = Some(Verdict::Accept),
                    "discard" => verdict = Some(Verdict::Drop),
                    "reject" => verdict = Some(Verdict::Reject),
                    "next" if first == "term" => goes_on = true,
                    "log" | "syslog" => one.log = Some(Log { prefix: None, options: vec![word] }),
                    "policer" | "three-color-policer" | "hierarchical-policer" => {
                        let name =
                            action.values.last().map(|value| self.config.name(*value)).unwrap_or_default();
                        if lists.dropping.contains(&name) || lists.dropping.contains(&first) {
                            let mut drop = one.clone();
                            let what = format!("{word} {name} is exceeded");
                            drop.conditions
                                .push(Condition::Undecidable(Undecidable { what, reason: Reason::Rate }));
                            drop.verdict = Verdict::Drop;
                            rules.push(drop);
                        }
                    }
                    "packet-mode" => one.effects.push(Effect::SetMark {
                        of: MarkOf::Packet,
                        keep: !super::policies::PACKET_MODE,
                        flip: super::policies::PACKET_MODE,
                    }),
                    "count"
                    | "sample"
                    | "port-mirror"
                    | "port-mirror-instance"
                    | "service-accounting"
                    | "dont-fragment"
                    | "no-decrement-ttl" => {}
                    "forwarding-class" | "loss-priority" | "dscp" | "traffic-class" | "prefix-action"
                    | "next-hop-group" | "routing-instance" | "next-interface" | "next-ip" | "next-ip6"
                    | "topology" | "ipsec-sa" | "load-balance" | "logical-system" | "set-vlan"
                    | "priority" | "set" | "analyzer" => {
                        one.effects.push(Effect::Other(self.config.text_of(&action)));
                    }
                    _ => {
                        verdict = Some(Verdict::Unknown(self.config.text_of(&action)));
                        continue;
                    }
                }
                self.config.tree.read_all(action.key);
                self.config.tree.read_attribute(&action);
            }
        }
        // What a term does not decide, it accepts, unless it says that the next term is asked.
        one.verdict = verdict.unwrap_or(if goes_on { Verdict::Continue } else { Verdict::Accept });
        rules.push(one);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Plain,
    Holding,
}

/// What filters say of themselves that is no term.
const FILTER_OPTIONS: [&str; 9] = [
    "interface-specific",
    "accounting-profile",
    "physical-interface-filter",
    "enhanced-mode",
    "fast-lookup-filter",
    "instance-shared",
    "promote",
    "interface-shared",
    "scale-optimized",
];

/// Whether a policer drops what is too much; one that does not say what it does is taken to.
fn drops(tree: &Tree, policer: NodeId) -> bool {
    let action = tree.find(policer, "then").or_else(|| tree.find(policer, "action"));
    action.is_none_or(|action| {
        tree.children(action).any(|word| tree.word(word) == "discard" || below_discards(tree, word))
    })
}

fn below_discards(tree: &Tree, node: NodeId) -> bool {
    tree.children(node).any(|word| {
        tree.word(word) == "discard" || tree.children(word).any(|below| tree.word(below) == "discard")
    })
}

fn discard(place: zonewright_source::TextPlace) -> Rule {
    let mut last = rule(place, Vec::new(), Verdict::Drop);
    last.comment = Some("end of the filter".to_owned());
    last
}
