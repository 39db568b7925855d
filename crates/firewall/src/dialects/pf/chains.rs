//! The list of rules as chains.
//!
//! pf asks its list twice for a packet that is forwarded: when it comes in, behind the translation of destinations, and when
//! it goes out, behind that of sources. The list becomes two chains, `in` and `out`. Of the rules that match, the first quick
//! one decides, else the last: the same as asking all quick rules in order, then all others backward.
//! Packets for the machine itself come through `in` as well; a mark tells them apart, so that `(self)` is exact.

use super::endpoint::LOCAL;
use super::extent::Extent;
use super::item::{Direction, Item, PASSED};
use crate::ruleset::{
    Base, Chain, ChainId, ChainKind, Condition, CtStates, Effect, Family, Hook, IntervalSet, MarkOf, Policy,
    Reason, Rule, Ruleset, Undecidable, Verdict,
};
use zonewright_source::TextPlace;

/// Behind the translation of sources, which is at 100.
const PRIORITY_OUT: i32 = 150;

/// What the chains are made of.
pub(super) struct Lists {
    /// All rules, in no order.
    pub(super) items: Vec<Item>,
    /// Translations of destinations, in order.
    pub(super) destinations: Vec<Rule>,
    /// Translations of sources, in order.
    pub(super) sources: Vec<Rule>,
    /// Rules in front of all others for packets that a bridge forwards between its members.
    pub(super) bridged: Vec<Rule>,
    /// The addresses of the machine itself.
    pub(super) everywhere: Extent,
    /// Where the list stands.
    pub(super) place: TextPlace,
}

/// Puts the lists into the ruleset.
pub(super) fn put_into(lists: Lists, ruleset: &mut Ruleset) {
    let Lists { mut items, destinations, sources, bridged, everywhere, place } = lists;
    items.sort_by_key(|item| item.rank);
    let doubts = stateless_replies(&items, &everywhere);
    let arriving = rules(&items, false, &everywhere);
    let leaving = rules(&items, true, &everywhere);
    let first = ruleset.chains.len();
    let (arrives, leaves) = (ChainId(first), ChainId(first + 1));
    let local = arriving.iter().any(|rule| asks_mark(&rule.conditions, LOCAL));
    ruleset.chains.push(chain("in", "filter", None, arriving, &place));
    ruleset.chains.push(chain("out", "filter", None, leaving, &place));
    if !destinations.is_empty() {
        let base = base(Hook::Prerouting, ChainKind::Nat, -100, Policy::Accept);
        ruleset.chains.push(chain("rdr", "nat", Some(base), destinations, &place));
    }
    let passes = ruleset.chains.iter().flat_map(|chain| &chain.rules).any(|rule| {
        rule.effects.iter().any(|effect| matches!(effect, Effect::SetMark { flip, .. } if flip & PASSED != 0))
    });
    let head = |mark_local: bool| {
        let mut head = state_rules(&doubts, &place);
        if passes {
            let mut rule = Rule::new(place.clone());
            let values = IntervalSet::one(PASSED);
            rule.conditions.push(Condition::Mark { of: MarkOf::Packet, mask: PASSED, values });
            rule.verdict = Verdict::Accept;
            rule.comment = Some("port forwards that pass without a rule".to_owned());
            head.push(rule);
        }
        if mark_local {
            let mut rule = Rule::new(place.clone());
            rule.effects.push(Effect::SetMark { of: MarkOf::Packet, keep: !LOCAL, flip: LOCAL });
            rule.comment = Some("the packet is for the machine itself".to_owned());
            head.push(rule);
        }
        head
    };
    let mut forward = bridged;
    forward.extend(head(false));
    forward.push(jump(arrives, &place));
    let drop = |hook, priority| base(hook, ChainKind::Filter, priority, Policy::Drop);
    ruleset.chains.push(chain("forward", "filter", Some(drop(Hook::Forward, 0)), forward, &place));
    let mut input = head(local);
    input.push(jump(arrives, &place));
    ruleset.chains.push(chain("input", "management", Some(drop(Hook::Input, 0)), input, &place));
    if !sources.is_empty() {
        let base = base(Hook::Postrouting, ChainKind::Nat, 100, Policy::Accept);
        ruleset.chains.push(chain("nat", "nat", Some(base), sources, &place));
    }
    let mut behind = state_rules(&doubts, &place);
    behind.push(jump(leaves, &place));
    // The device writes a rule that lets everything out, which every other rule overrules.
    let pass = base(Hook::Postrouting, ChainKind::Filter, PRIORITY_OUT, Policy::Accept);
    ruleset.chains.push(chain("outgoing", "filter", Some(pass), behind, &place));
}

/// A device whose filter is switched off.
pub(super) fn put_switched_off(ruleset: &mut Ruleset, place: &TextPlace) {
    for (name, table, hook) in [("forward", "filter", Hook::Forward), ("input", "management", Hook::Input)] {
        let base = base(hook, ChainKind::Filter, 0, Policy::Accept);
        ruleset.chains.push(chain(name, table, Some(base), Vec::new(), place));
    }
}

/// The rules for one direction in the order in which the first match decides.
fn rules(items: &[Item], outgoing: bool, everywhere: &Extent) -> Vec<Rule> {
    let other = if outgoing { Direction::In } else { Direction::Out };
    let items: Vec<&Item> = items.iter().filter(|item| item.direction != other).collect();
    // Which of the rules that are not quick ask for a tag that a later one of them gives.
    let late_tag = items.iter().rposition(|item| !item.quick && item.tag.is_some());
    let mut quick = Vec::with_capacity(items.len());
    let mut slow = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let mut conditions = item.asked(outgoing, everywhere);
        // What goes out is never for the machine itself.
        if conditions.contains(&Condition::never()) {
            continue;
        }
        match (&item.verdict, item.quick) {
            (Some(verdict), true) => {
                let mut rule = item.rule(conditions, verdict.clone());
                rule.effects.extend(item.tagging());
                quick.push(rule);
            }
            (verdict, is_quick) => {
                if let Some(tagging) = item.tagging() {
                    let mut rule = item.rule(conditions.clone(), Verdict::Continue);
                    rule.effects.push(tagging);
                    quick.push(rule);
                }
                let Some(verdict) = verdict.clone().filter(|_| !is_quick) else { continue };
                if item.asks_tag && late_tag.is_some_and(|late| late >= at) {
                    let what = "the tag at that point of the list".to_owned();
                    conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Unread }));
                }
                slow.push(item.rule(conditions, verdict));
            }
        }
    }
    quick.extend(slow.into_iter().rev());
    quick
}

/// Replies are passed by the state that a rule made. Where rules pass without making one, what looks like their replies is
/// asked of the list again.
fn state_rules(doubts: &[Vec<Condition>], place: &TextPlace) -> Vec<Rule> {
    let known = Condition::CtState(CtStates::ESTABLISHED.union(CtStates::RELATED));
    let mut rule = Rule::new(place.clone());
    rule.conditions.push(known.clone());
    rule.verdict = Verdict::Accept;
    rule.comment = Some("packets of connections that were passed".to_owned());
    if doubts.is_empty() {
        return vec![rule];
    }
    let mut perhaps = rule.clone();
    rule.conditions.push(Condition::Any { of: doubts.to_vec(), negated: true });
    let what = "whether a state was kept".to_owned();
    perhaps.conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Connection }));
    vec![rule, perhaps]
}

/// What replies to packets that are passed without a state look like: both ends of what the rules ask, changed about.
fn stateless_replies(items: &[Item], everywhere: &Extent) -> Vec<Vec<Condition>> {
    let stateless = items.iter().filter(|item| item.verdict == Some(Verdict::Accept) && !item.keeps_state);
    stateless.map(|item| item.asked(true, everywhere).into_iter().filter_map(reversed).collect()).collect()
}

/// The same for packets the other way; nothing for what says nothing about them.
fn reversed(condition: Condition) -> Option<Condition> {
    Some(match condition {
        Condition::Source(set) => Condition::Destination(set),
        Condition::Destination(set) => Condition::Source(set),
        Condition::SourcePort(set) => Condition::DestinationPort(set),
        Condition::DestinationPort(set) => Condition::SourcePort(set),
        kept @ (Condition::Version(_) | Condition::Protocol(_)) => kept,
        _ => return None,
    })
}

fn asks_mark(conditions: &[Condition], bits: u32) -> bool {
    conditions.iter().any(|condition| match condition {
        Condition::Mark { mask, .. } => mask & bits != 0,
        Condition::Any { of, .. } => of.iter().any(|one| asks_mark(one, bits)),
        _ => false,
    })
}

fn jump(to: ChainId, place: &TextPlace) -> Rule {
    let mut rule = Rule::new(place.clone());
    rule.verdict = Verdict::Jump(to);
    rule
}

fn base(hook: Hook, kind: ChainKind, priority: i32, policy: Policy) -> Base {
    Base { hook, kind, priority, policy, devices: Vec::new(), dormant: false }
}

fn chain(name: &str, table: &str, base: Option<Base>, rules: Vec<Rule>, place: &TextPlace) -> Chain {
    Chain {
        name: name.to_owned(),
        table: table.to_owned(),
        family: Family::Inet,
        base,
        rules,
        place: place.clone(),
        comment: None,
    }
}
