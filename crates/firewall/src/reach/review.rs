//! What a reviewer of a ruleset looks for, by sets: rules that never decide, rules that could go, rules that pass everything,
//! and what passes because no rule stops it.
//!
//! What is said is sure: a condition that the configuration does not decide counts for neither side, and a rule that may
//! change a packet is never called superfluous. Rules of which nothing could be worked out are counted.

use super::answer::RuleRef;
use super::condition::{Layer, Pair};
use super::hull::Hull;
use super::path::View;
use super::trace::{Passed, RuleKey};
use super::{Engine, PacketBox, Path, Phase, Question, Reach, ReachError, Side};
use crate::ruleset::{
    AddressSet, ChainId, ChainKind, Condition, Effect, Family, Hook, Rule, Ruleset, Verdict,
};
use crate::sets::{Diagram, Field, Set};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Most pairs of rules, or of a rule and a block of them, that are held against each other.
pub const COMPARED_MAX: usize = 100_000_000;
/// How many rules are a block, which is passed over as one where nothing in it can concern a rule.
const BLOCK: usize = 64;
/// Most rules that are named as the reason of a remark.
const REASONS_MAX: usize = 4;
/// Most boxes of packets with a remark.
const PACKETS_MAX: usize = 8;

/// What a remark says of a rule.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum RemarkKind {
    /// No rule is needed for these packets to pass: nothing stops what no rule speaks of.
    DefaultAccept,
    /// It passes everything between the interfaces that it names.
    AnyAny,
    /// It passes every service between the addresses that it names.
    AnyService,
    /// No packet meets all its conditions.
    NeverMatches,
    /// Rules before it take all its packets, and at least one of them does something else with them.
    Shadowed,
    /// Other rules do the same with all its packets.
    Redundant,
}

impl RemarkKind {
    /// One word for listings, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DefaultAccept => "default-accept",
            Self::AnyAny => "any-any",
            Self::AnyService => "any-service",
            Self::NeverMatches => "never-matches",
            Self::Shadowed => "shadowed",
            Self::Redundant => "redundant",
        }
    }
}

/// Something that a reviewer would say of a rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remark {
    /// What.
    pub kind: RemarkKind,
    /// Of which rule, or policy of a chain; `None` where nothing filters at all.
    pub rule: Option<RuleRef>,
    /// The rules that are the reason.
    pub by: Vec<RuleRef>,
    /// The packets that it is about, at most a few.
    pub packets: Vec<PacketBox>,
}

/// All remarks on a ruleset.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Review {
    /// The remarks, in the order of the rules.
    pub remarks: Vec<Remark>,
    /// How many rules could not be judged, for a limit.
    pub unjudged: usize,
}

/// A chain as it is entered.
struct Entered {
    view: View,
    /// The headers that come to it.
    incoming: Set,
    path: Path,
    kind: ChainKind,
}

/// What of the rules of a chain is worked out so far.
struct Judged<'r> {
    rules: &'r [Rule],
    hulls: Rc<[Hull]>,
    /// The hulls of blocks of rules.
    blocks: Vec<Hull>,
    matches: BTreeMap<usize, Pair>,
    view: View,
    /// How many comparisons were made, in all chains.
    compared: usize,
}

impl<'r> Judged<'r> {
    fn of(rules: &'r [Rule], hulls: Rc<[Hull]>, view: View, compared: usize) -> Self {
        let blocks = hulls.chunks(BLOCK).filter_map(|block| {
            let (first, rest) = block.split_first()?;
            Some(rest.iter().fold(*first, |all, one| all.joined(one)))
        });
        let blocks = blocks.collect();
        Self { rules, hulls, blocks, matches: BTreeMap::new(), view, compared }
    }

    /// The first rule from `from` on and before `end` that may have packets in common with the rule `at`.
    fn next_met(&mut self, at: usize, from: usize, end: usize) -> Option<usize> {
        let own = self.hulls.get(at)?;
        let mut other = from;
        while other < end {
            self.compared += 1;
            if other.is_multiple_of(BLOCK)
                && self.blocks.get(other / BLOCK).is_some_and(|block| !block.meets(own, self.view.sight))
            {
                other += BLOCK;
                continue;
            }
            if self.hulls.get(other).is_none_or(|hull| hull.meets(own, self.view.sight)) {
                return Some(other);
            }
            other += 1;
        }
        None
    }
}

impl Reach<'_> {
    /// The remarks on this ruleset.
    pub fn review(&mut self) -> Review {
        let mut review = Review::default();
        self.default_accept(&mut review);
        self.engine.settled = None;
        let mut compared = 0;
        let mut entered = match self.engine.entered() {
            Ok(entered) => entered,
            Err(_) => {
                review.unjudged +=
                    self.engine.ruleset.chains.iter().map(|chain| chain.rules.len()).sum::<usize>();
                return review;
            }
        };
        while let Some((id, chain)) = entered.pop_first() {
            self.review_chain(id, &chain, &mut compared, &mut review);
        }
        review
    }

    fn review_chain(&mut self, id: ChainId, chain: &Entered, compared: &mut usize, review: &mut Review) {
        let rules: &[Rule] = self.engine.ruleset.chain(id).map_or(&[], |chain| &chain.rules);
        let hulls = self.engine.rule_hulls(id);
        let mut judged = Judged::of(rules, hulls, chain.view, *compared);
        let mut found = Vec::new();
        for at in 0..rules.len() {
            *compared = judged.compared;
            if *compared > COMPARED_MAX {
                review.unjudged += rules.len() - at;
                break;
            }
            match self.review_rule(id, at, chain, &mut judged) {
                Ok(remarks) => found.extend(remarks),
                Err(_) => {
                    // What one rule needs may be too much; the next one starts afresh.
                    review.unjudged += 1;
                    let Ok(entered) = self.engine.afresh(id) else { break };
                    judged.matches.clear();
                    judged.view = entered.view;
                }
            }
        }
        review.remarks.extend(of_whole_lines(rules, found));
    }

    fn review_rule(
        &mut self,
        id: ChainId,
        at: usize,
        chain: &Entered,
        judged: &mut Judged<'_>,
    ) -> Result<Vec<Remark>, ReachError> {
        let Some(rule) = judged.rules.get(at) else { return Ok(Vec::new()) };
        let family = self.engine.ruleset.chain(id).map(|chain| chain.family);
        // Sets are of routed IP packets, or of bridged ones: they do not tell whether a rule for other frames decides.
        if asks_of_others(&rule.conditions) || family == Some(Family::Bridge) && !asks_of_ip(rule) {
            return Ok(Vec::new());
        }
        let own = self.engine.matched(judged, at)?;
        let coming = self.engine.diagram.and(own.possible, chain.incoming)?;
        if coming.is_empty() {
            return Ok(vec![self.remark(RemarkKind::NeverMatches, id, at, Vec::new())]);
        }
        let before = self.engine.taken_before(judged, at, coming)?;
        if before.left.is_empty() {
            let alike = before.by.iter().all(|other| {
                judged.rules.get(*other).is_some_and(|other| same_in_the_end(&other.verdict, &rule.verdict))
            });
            let kind = if alike { RemarkKind::Redundant } else { RemarkKind::Shadowed };
            return Ok(vec![self.remark(kind, id, at, before.by)]);
        }
        let mut remarks = Vec::new();
        if let Some(by) = self.engine.done_behind(judged, at, before.left, chain.kind)? {
            remarks.push(self.remark(RemarkKind::Redundant, id, at, by));
        }
        if chain.path == Path::Through
            && matches!(rule.verdict, Verdict::Accept)
            && chain.kind == ChainKind::Filter
        {
            let met = self.engine.diagram.and(own.sure, chain.incoming)?;
            if let Some(kind) = self.engine.width(met)? {
                let [met] = self.kept_sets([met])?;
                let packets = self.boxes(met, PACKETS_MAX)?.0;
                remarks.push(Remark { packets, ..self.remark(kind, id, at, Vec::new()) });
            }
        }
        Ok(remarks)
    }

    fn remark(&self, kind: RemarkKind, chain: ChainId, rule: usize, by: Vec<usize>) -> Remark {
        let reference = |rule| self.engine.rule_ref(RuleKey { chain, rule: Some(rule) });
        let by = by.into_iter().take(REASONS_MAX).map(reference).collect();
        Remark { kind, rule: Some(reference(rule)), by, packets: Vec::new() }
    }

    /// What passes through because no rule speaks of it.
    fn default_accept(&mut self, review: &mut Review) {
        // A file that filters one version of IP alone says nothing of the other.
        let versions = super::align::versions(self.engine.ruleset, Path::Through);
        let of_version = match versions.as_slice() {
            [only] => Side::of_addresses(AddressSet::all_of(*only)),
            _ => Side::any(),
        };
        let question = Question::between(of_version, Side::any());
        let passed = match self.walk(&question) {
            Ok((passed, _)) => passed,
            Err(_) => {
                review.unjudged += 1;
                return;
            }
        };
        let mut by_policy: BTreeMap<Option<RuleKey>, Set> = BTreeMap::new();
        for Passed { accepted, packets, .. } in passed {
            if accepted.is_none_or(|key| key.rule.is_none()) {
                let known = by_policy.entry(accepted).or_insert(Set::NONE);
                match self.kept.or(*known, packets) {
                    Ok(all) => *known = all,
                    Err(_) => review.unjudged += 1,
                }
            }
        }
        for (key, set) in by_policy.into_iter().filter(|(_, set)| !set.is_empty()) {
            let packets = self.boxes(set, PACKETS_MAX).ok().map(|(boxes, _)| boxes);
            review.remarks.push(Remark {
                kind: RemarkKind::DefaultAccept,
                rule: key.map(|key| self.engine.rule_ref(key)),
                by: Vec::new(),
                packets: packets.unwrap_or_default(),
            });
        }
    }
}

/// What rules before a rule leave of its packets.
struct Before {
    left: Set,
    by: Vec<usize>,
}

impl Engine<'_> {
    /// Every chain that packets come to, with which.
    fn entered(&mut self) -> Result<BTreeMap<ChainId, Entered>, ReachError> {
        let mut entered: BTreeMap<ChainId, Entered> = BTreeMap::new();
        let mut open = Vec::new();
        for (at, chain) in self.ruleset.chains.iter().enumerate() {
            let Some(base) = chain.base.as_ref().filter(|base| !base.dormant) else { continue };
            let path = way_of(base.hook);
            let sight = match chain.family {
                Family::Arp => continue,
                Family::Bridge => Path::Bridged.sight(base.hook, base.priority, Layer::Bridge),
                _ => path.sight(base.hook, base.priority, Layer::Routed),
            };
            let guard = self.guard(chain, base, base.hook)?;
            let view = View { sight, within: Set::ALL };
            entered.insert(ChainId(at), Entered { view, incoming: guard.within, path, kind: base.kind });
            open.push(ChainId(at));
        }
        let order = callers_first(self.ruleset, &open);
        for id in order.iter().copied() {
            let Some(caller) = entered.get(&id) else { continue };
            let (view, incoming, path, kind) = (caller.view, caller.incoming, caller.path, caller.kind);
            let rules: &[Rule] = self.ruleset.chain(id).map_or(&[], |chain| &chain.rules);
            for rule in rules {
                let (Verdict::Jump(callee) | Verdict::Goto(callee)) = rule.verdict else { continue };
                let matched = self.rule_matches(rule, view.sight)?;
                let coming = self.diagram.and(incoming, matched.possible)?;
                let known =
                    entered.entry(callee).or_insert(Entered { view, incoming: Set::NONE, path, kind });
                known.incoming = self.diagram.or(known.incoming, coming)?;
                if path == Path::Through {
                    known.path = path;
                }
            }
        }
        // What comes to a chain in a circle is not known here, and nothing is said of it.
        let order = std::collections::BTreeSet::from_iter(order);
        entered.retain(|id, _| order.contains(id));
        Ok(entered)
    }

    /// Forgets all sets, and works out again how a chain is entered.
    fn afresh(&mut self, id: ChainId) -> Result<Entered, ReachError> {
        self.diagram = Diagram::new();
        self.segments.clear();
        self.runs.clear();
        self.settled = None;
        let mut entered = self.entered()?;
        entered.remove(&id).ok_or(ReachError::TooManyRuns { limit: 0 })
    }

    fn matched(&mut self, judged: &mut Judged<'_>, at: usize) -> Result<Pair, ReachError> {
        if let Some(known) = judged.matches.get(&at) {
            return Ok(*known);
        }
        let Some(rule) = judged.rules.get(at) else { return Ok(Pair::NONE) };
        let matched = self.rule_matches(rule, judged.view.sight)?;
        judged.matches.insert(at, matched);
        Ok(matched)
    }

    /// What is left of `packets` when the rules before `at` have surely decided theirs.
    fn taken_before(
        &mut self,
        judged: &mut Judged<'_>,
        at: usize,
        packets: Set,
    ) -> Result<Before, ReachError> {
        let mut before = Before { left: packets, by: Vec::new() };
        let mut from = 0;
        while let Some(other) = judged.next_met(at, from, at) {
            from = other + 1;
            let taken = self.surely_ends(judged, other)?;
            let left = self.diagram.diff(before.left, taken)?;
            if left != before.left {
                before.left = left;
                before.by.push(other);
            }
            if before.left.is_empty() {
                break;
            }
        }
        Ok(before)
    }

    /// The packets that surely go no further than this rule.
    fn surely_ends(&mut self, judged: &mut Judged<'_>, at: usize) -> Result<Set, ReachError> {
        let Some(rule) = judged.rules.get(at) else { return Ok(Set::NONE) };
        let matched = self.matched(judged, at)?;
        Ok(match &rule.verdict {
            Verdict::Continue | Verdict::Unknown(_) => Set::NONE,
            Verdict::Accept | Verdict::Drop | Verdict::Reject | Verdict::Return | Verdict::Goto(_) => {
                matched.sure
            }
            // A translation of one version leaves the packets of the other to the next rule.
            Verdict::Nat(_) => matched.sure,
            Verdict::Jump(callee) => {
                if self.shape(*callee).changing || self.shape(*callee).broken {
                    return Ok(Set::NONE);
                }
                let summary = self.chain_summary(*callee, judged.view)?;
                let back = self.diagram.or(summary.back, summary.next)?;
                self.diagram.diff(matched.sure, back)?
            }
        })
    }

    /// The rules behind `at` that surely do the same with all of `packets`, if they do.
    fn done_behind(
        &mut self,
        judged: &mut Judged<'_>,
        at: usize,
        packets: Set,
        kind: ChainKind,
    ) -> Result<Option<Vec<usize>>, ReachError> {
        let Some(rule) = judged.rules.get(at) else { return Ok(None) };
        let ends = matches!(rule.verdict, Verdict::Accept | Verdict::Drop | Verdict::Reject);
        // What it does besides would be lost with it.
        if !ends
            || !rule.effects.is_empty()
            || rule.log.is_some()
            || rule.until.is_some()
            || kind == ChainKind::Nat
        {
            return Ok(None);
        }
        let (mut left, mut by) = (packets, Vec::new());
        let mut from = at + 1;
        while let Some(other) = judged.next_met(at, from, judged.rules.len()) {
            from = other + 1;
            let Some(next) = judged.rules.get(other) else { continue };
            if next.verdict != rule.verdict && asks_of_others(&next.conditions) {
                return Ok(None);
            }
            let matched = self.matched(judged, other)?;
            let met = self.diagram.and(left, matched.possible)?;
            if met.is_empty() || (next.verdict == Verdict::Continue && is_idle(next)) {
                continue;
            }
            if next.verdict != rule.verdict || !next.effects.is_empty() {
                return Ok(None);
            }
            let rest = self.diagram.diff(left, matched.sure)?;
            if rest != left {
                by.push(other);
            }
            left = rest;
            if left.is_empty() {
                return Ok(Some(by));
            }
        }
        Ok(None)
    }

    /// How wide a rule is that passes `met`.
    fn width(&mut self, met: Set) -> Result<Option<RemarkKind>, ReachError> {
        let mut wide = met;
        for field in [Field::InInterface, Field::OutInterface] {
            wide = self.diagram.some(wide, field)?;
        }
        let first = self.whole_packets(Phase::New)?;
        let mut kinds = [(RemarkKind::AnyAny, wide), (RemarkKind::AnyService, wide)];
        for field in [Field::Source, Field::Destination] {
            kinds[1].1 = self.diagram.some(kinds[1].1, field)?;
        }
        for (kind, set) in kinds {
            for version in [0, 1] {
                let of_version = self.diagram.equal(Field::Version, version)?;
                let all = self.diagram.and(first, of_version)?;
                if self.diagram.diff(all, set)?.is_empty() {
                    return Ok(Some(kind));
                }
            }
        }
        Ok(None)
    }
}

/// The remarks that hold for a line of the configuration: of several rules that one line became, each must go before the
/// line can.
fn of_whole_lines(rules: &[Rule], remarks: Vec<Remark>) -> Vec<Remark> {
    let mut rules_at: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for rule in rules {
        *rules_at.entry((rule.place.start, rule.place.end)).or_default() += 1;
    }
    let superfluous = |remark: &Remark| {
        matches!(remark.kind, RemarkKind::NeverMatches | RemarkKind::Shadowed | RemarkKind::Redundant)
    };
    let at = |remark: &Remark| remark.rule.as_ref().map(|rule| (rule.place.start, rule.place.end));
    let mut gone_at: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for place in remarks.iter().filter(|remark| superfluous(remark)).filter_map(at) {
        *gone_at.entry(place).or_default() += 1;
    }
    let whole = |place: (usize, usize)| gone_at.get(&place) == rules_at.get(&place);
    // Of two rules that could go because of the other, one must stay: the first.
    let own = |remark: &Remark| remark.rule.as_ref().and_then(|rule| rule.rule);
    let going: std::collections::BTreeSet<usize> =
        remarks.iter().filter(|one| superfluous(one)).filter_map(own).collect();
    let stays_for_another = |remark: &Remark| {
        let behind = |by: &RuleRef| by.rule > own(remark) && by.rule.is_some_and(|by| going.contains(&by));
        superfluous(remark) && remark.by.iter().any(behind)
    };
    let stay: Vec<bool> = remarks.iter().map(stays_for_another).collect();
    let mut told = std::collections::BTreeSet::new();
    let lines = remarks.into_iter().zip(stay).filter(|(_, stays)| !stays).map(|(remark, _)| remark);
    lines
        .filter(|remark| {
            !superfluous(remark) || at(remark).is_some_and(|place| whole(place) && told.insert(place))
        })
        .collect()
}

/// The chains that are reached from `bases`, each behind all that call it. Chains that call each other in a circle are left
/// out, and what they call alone.
fn callers_first(ruleset: &Ruleset, bases: &[ChainId]) -> Vec<ChainId> {
    let callees = |id: ChainId| {
        let rules = ruleset.chain(id).into_iter().flat_map(|chain| &chain.rules);
        rules.filter_map(|rule| match rule.verdict {
            Verdict::Jump(callee) | Verdict::Goto(callee) => Some(callee),
            _ => None,
        })
    };
    let mut callers: BTreeMap<ChainId, usize> = bases.iter().map(|id| (*id, 0)).collect();
    let mut open = bases.to_vec();
    while let Some(id) = open.pop() {
        for callee in callees(id) {
            let known = callers.entry(callee).or_insert_with(|| {
                open.push(callee);
                0
            });
            *known += 1;
        }
    }
    let mut ready: Vec<ChainId> =
        callers.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
    let mut order = Vec::new();
    while let Some(id) = ready.pop() {
        order.push(id);
        for callee in callees(id) {
            if let Some(count) = callers.get_mut(&callee) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    ready.push(callee);
                }
            }
        }
    }
    order
}

/// Whether the rule asks for ports of a bridge, or for frames without IP.
fn asks_of_others(conditions: &[Condition]) -> bool {
    conditions.iter().any(|condition| match condition {
        Condition::InPort(_) | Condition::OutPort(_) | Condition::NoIp(_) => true,
        Condition::Any { of, .. } => of.iter().any(|inner| asks_of_others(inner)),
        _ => false,
    })
}

/// Whether only IP packets can meet the rule's conditions.
fn asks_of_ip(rule: &Rule) -> bool {
    rule.conditions.iter().any(|condition| {
        matches!(
            condition,
            Condition::Version(_)
                | Condition::Source(_)
                | Condition::Destination(_)
                | Condition::Protocol(_)
                | Condition::SourcePort(_)
                | Condition::DestinationPort(_)
                | Condition::IcmpType(_)
                | Condition::TcpFlags(_)
        )
    })
}

/// Whether two verdicts come to the same for who sent the packet and who gets it.
fn same_in_the_end(one: &Verdict, other: &Verdict) -> bool {
    one == other || matches!((one, other), (Verdict::Drop | Verdict::Reject, Verdict::Drop | Verdict::Reject))
}

fn is_idle(rule: &Rule) -> bool {
    rule.effects.iter().all(|effect| matches!(effect, Effect::Other(_)))
}

const fn way_of(hook: Hook) -> Path {
    match hook {
        Hook::Input => Path::ToDevice,
        Hook::Output => Path::FromDevice,
        _ => Path::Through,
    }
}
