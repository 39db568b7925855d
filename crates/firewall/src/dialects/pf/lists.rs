//! All lists of a configuration, read in the order in which they depend on each other.

use super::alias::Aliases;
use super::chains::Lists;
use super::endpoint::Names;
use super::fields::is_set;
use super::interfaces::Interfaces;
use super::item::{Direction, Item};
use super::nat::{Translator, ordered};
use super::rule::{legacy, newer};
use super::tags::Tags;
use super::{Config, account_modeled, rest_missing, system};
use crate::dialects::{Element, Reading, XmlTree};
use crate::ruleset::{Condition, Rule, Ruleset, Undecidable, Verdict};
use std::collections::BTreeMap;
use std::ops::Range;
use zonewright_source::Diagnostic;

/// Reads aliases, rules and translations.
pub(super) fn build<'x>(
    config: &Config<'x>,
    tree: &XmlTree<'_>,
    ruleset: &mut Ruleset,
    reading: &mut Reading,
) -> Lists {
    let mut aliases = Aliases::read(config.root, &config.interfaces, &mut ruleset.sets, reading);
    let mut tags = Tags::default();
    let mut names = Names { product: config.product, interfaces: &config.interfaces, aliases: &mut aliases };
    let management = system::management(config.system, &config.interfaces, config.product);
    let mut items = system::items(config, &management, reading);
    items.extend(user_rules(config, tree, &mut names, &mut tags, reading));
    let everywhere = config.interfaces.own_everywhere();
    let mut translator = Translator {
        config,
        names: &mut names,
        tags: &mut tags,
        reading,
        everywhere: everywhere.clone(),
        redirections: Vec::new(),
        arriving: Vec::new(),
        leaving: Vec::new(),
        outbound: Vec::new(),
        registered: Vec::new(),
        apart: 0,
        reflected: 0,
    };
    translator.read(&management);
    let Translator { mut redirections, arriving, mut leaving, outbound, registered, .. } = translator;
    items.extend(registered);
    redirections.extend(arriving);
    leaving.extend(outbound);
    let place = reading.place(&config.filter_span());
    // Rules may be missing from a file that is cut off, and then nothing is sure.
    let end = reading.source.text().len();
    if tree.problems().iter().any(|problem| problem.span.end >= end) {
        let (_, verdict) = rest_missing();
        items.push(Item::new(place.clone(), 0, verdict, "the file is not whole").going(Direction::Any));
    }
    Lists {
        items,
        destinations: redirections,
        sources: leaving,
        bridged: bridged(config, reading),
        everywhere,
        place,
    }
}

/// The rules of people, in both formats.
fn user_rules<'x>(
    config: &Config<'x>,
    tree: &XmlTree<'_>,
    names: &mut Names<'_, 'x>,
    tags: &mut Tags,
    reading: &mut Reading,
) -> Vec<Item> {
    let mut items = Vec::new();
    let mut routed = Vec::new();
    let weights = group_sequences(config);
    let weight = |group: &str| weights.get(group).copied().unwrap_or(0);
    let newer_rules =
        config.root.child("OPNsense").and_then(|one| one.path(&["Firewall", "Filter", "rules"]));
    // Within a group, the newer format comes first.
    let newer_rules = ordered(newer_rules).into_iter().map(|element| (element, true));
    let legacy_rules = config.root.children_named("filter").flat_map(|filter| filter.children_named("rule"));
    for (element, is_newer) in newer_rules.chain(legacy_rules.map(|element| (element, false))) {
        let written =
            if is_newer { newer(element, reading) } else { legacy(element, config.product, reading) };
        let off = match is_newer {
            true => element.text_of("enabled") == Some("0"),
            false => is_set(element, "disabled") || element.child("separator").is_some(),
        };
        if off {
            account_modeled(element, reading);
            continue;
        }
        let rank = written.rank(names, weight);
        let Some(mut item) = written.item(rank, names, tags, reading) else { continue };
        if overlaps(tree, &element.span()) {
            let (doubt, _) = rest_missing();
            item.conditions.push(Condition::Undecidable(doubt));
        }
        if element.text_of("gateway").is_some_and(|gateway| gateway != "default") {
            routed.push(element);
        }
        items.push(item);
    }
    note_routed(&routed, reading);
    items
}

/// Where a rule sends packets by a gateway of its own choice, the routes are not asked.
fn note_routed(routed: &[Element<'_>], reading: &mut Reading) {
    let Some(first) = routed.first() else { return };
    let message = match routed.len() {
        1 => "a rule sends what it passes by a gateway, whatever the routes say".to_owned(),
        count => format!("{count} rules send what they pass by a gateway, whatever the routes say"),
    };
    let note = Diagnostic::note("firewall/policy-route", message).because(
        "what is passed is the same; by which interface it goes out is not told by the routes alone",
    );
    reading.report(&first.child("gateway").unwrap_or(*first).span(), note);
}

fn overlaps(tree: &XmlTree<'_>, span: &Range<usize>) -> bool {
    tree.problems().iter().any(|problem| problem.span.start < span.end && span.start < problem.span.end)
}

/// The places of groups of interfaces among each other.
fn group_sequences<'x>(config: &Config<'x>) -> BTreeMap<&'x str, u64> {
    let groups = config.root.children_named("ifgroups").flat_map(|all| all.children_named("ifgroupentry"));
    let sequence = |group: Element<'x>| {
        let place = group.text_of("sequence").and_then(|text| text.parse().ok()).unwrap_or(0);
        Some((group.text_of("ifname")?, place))
    };
    groups.filter_map(sequence).collect()
}

/// What members of a bridge exchange is filtered on the members, unless that is switched off.
fn bridged(config: &Config<'_>, reading: &mut Reading) -> Vec<Rule> {
    let members: Vec<&str> = config.bridge_members().collect();
    if members.is_empty() || config.tunable("net.link.bridge.pfil_member") != Some("0") {
        return Vec::new();
    }
    let span = config.root.child("bridges").unwrap_or(config.root).start_tag();
    let on_bridge = config.tunable("net.link.bridge.pfil_bridge") == Some("1");
    let mut rule = Rule::new(reading.place(&span));
    let set = Interfaces::set_of(members.iter().copied());
    rule.conditions = vec![Condition::InInterface(set.clone()), Condition::OutInterface(set)];
    rule.verdict = Verdict::Accept;
    rule.comment = Some("between members of a bridge, on which nothing is filtered".to_owned());
    let message = if on_bridge {
        let what = "filtered on the bridge".to_owned();
        let reason = crate::ruleset::Reason::Route;
        rule.conditions.push(Condition::Undecidable(Undecidable { what, reason }));
        "what members of a bridge exchange is filtered on the bridge and not on them"
    } else {
        "what members of a bridge exchange is not filtered"
    };
    reading.report(&span, Diagnostic::note("firewall/bridge-filtering", message));
    vec![rule]
}
