//! What a chain does to a packet: forward as the outcomes that are possible for it, backward as the packets for
//! which what follows is good.
//!
//! A run of *plain* rules (no translation, no effect that a later condition sees) is summed up once, as a tree of
//! halves: for each outcome the headers for which it is possible. From these both answers follow: a header surely
//! fares well if all its possible outcomes are good, and possibly if one is. Trees keep the work near n log n for
//! n rules, where adding rule by rule to a growing set would be quadratic. Other rules are taken one by one,
//! backward, since a translation is exact and cheap in that direction.
//!
//! All this is done for the headers of one question at a time (the *view*): a summary says nothing of others, and
//! rules that cannot concern them are passed over by their hulls.

use std::rc::Rc;

use super::condition::Pair;
use super::hull::Hull;
use super::path::View;
use super::{Engine, ReachError};
use crate::ruleset::{Chain, ChainId, Effect, NatKind, Rule, Verdict};
use crate::sets::Set;

/// How deep jumps may be nested; a chain that calls deeper may do anything. The kernel allows 16
/// (`NFT_JUMP_STACK_SIZE`).
pub const JUMP_DEPTH_MAX: usize = 64;

/// How often a chain with translations or marks may be walked for one ruleset; beyond it the answer is unknown.
pub const RUNS_MAX: usize = 100_000;

/// For each outcome of some rules, the headers for which it is possible.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Summary {
    pub(super) accept: Set,
    pub(super) drop: Set,
    /// Back behind the jump, or to the policy.
    pub(super) back: Set,
    /// On to the next rule.
    pub(super) next: Set,
    /// Whether each header has one possible outcome only.
    pub(super) exact: bool,
}

impl Summary {
    /// Of rules that decide about none of the headers.
    fn pass(within: Set) -> Summary {
        Summary { accept: Set::NONE, drop: Set::NONE, back: Set::NONE, next: within, exact: true }
    }

    fn anything(within: Set) -> Summary {
        Summary { accept: within, drop: within, back: within, next: within, exact: false }
    }
}

/// Summaries of consecutive plain rules.
#[derive(Debug)]
pub(super) struct Tree {
    /// Index of the first rule.
    pub(super) first: usize,
    /// What all of them do.
    pub(super) summary: Summary,
    /// The two halves; none for a single rule.
    pub(super) halves: Option<Box<(Tree, Tree)>>,
}

/// A stretch of a chain.
#[derive(Debug)]
pub(super) enum Segment {
    /// Plain rules.
    Plain(Tree),
    /// The rule of this index, which changes the packet, or leads to one that does. Those whose hull does not meet
    /// the question's are left out.
    Changing(usize),
}

/// Where packets go that leave a chain, as the headers that fare well there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Exits {
    /// After `accept`.
    pub(super) accept: Pair,
    /// After `return` or the last rule.
    pub(super) back: Pair,
    /// After a translation, seen from behind it.
    pub(super) translated: Pair,
    /// After a translation to this machine, likewise.
    pub(super) local: Pair,
}

/// Which chains are plain, and which cannot be followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Shape {
    /// Whether some rule of it, or of a chain it calls, changes the packet.
    pub(super) changing: bool,
    /// Whether its jumps run in a circle or too deep: it may do anything.
    pub(super) broken: bool,
}

impl Engine<'_> {
    /// The chain as segments; made once per place where it is asked.
    pub(super) fn segments(&mut self, id: ChainId, view: View) -> Result<Rc<[Segment]>, ReachError> {
        if let Some(known) = self.segments.get(&(id, view)) {
            return Ok(Rc::clone(known));
        }
        let rules: &[Rule] = self.ruleset.chain(id).map_or(&[], |chain| &chain.rules);
        let hulls = self.rule_hulls(id);
        let around = self.hull_of(view.within)?;
        let mut made = Vec::new();
        let mut at = 0;
        while let Some(rest) = rules.get(at..).filter(|rest| !rest.is_empty()) {
            let plain = rest.iter().take_while(|rule| !self.is_changing(rule)).count();
            if plain == 0 {
                // A rule that surely matches none of the headers hands all of them on.
                if hulls.get(at).is_none_or(|hull| hull.meets(&around, view.sight)) {
                    made.push(Segment::Changing(at));
                }
                at += 1;
            } else if let (Some(run), Some(hulls)) = (rest.get(..plain), hulls.get(at..at + plain)) {
                let concerned = |hull: &Hull| hull.meets(&around, view.sight);
                made.push(Segment::Plain(self.tree(at, run, hulls, &concerned, view)?));
                at += plain;
            }
        }
        let made: Rc<[Segment]> = made.into();
        self.segments.insert((id, view), Rc::clone(&made));
        Ok(made)
    }

    fn tree(
        &mut self,
        first: usize,
        rules: &[Rule],
        hulls: &[Hull],
        concerned: &dyn Fn(&Hull) -> bool,
        view: View,
    ) -> Result<Tree, ReachError> {
        if let ([rule], [hull]) = (rules, hulls) {
            let summary =
                if concerned(hull) { self.rule_summary(rule, view)? } else { Summary::pass(view.within) };
            return Ok(Tree { first, summary, halves: None });
        }
        let middle = rules.len() / 2;
        let (rules, hulls) = (rules.split_at(middle), hulls.split_at(middle));
        let front = self.tree(first, rules.0, hulls.0, concerned, view)?;
        let behind = self.tree(first + middle, rules.1, hulls.1, concerned, view)?;
        let summary = self.in_sequence(front.summary, behind.summary, view.within)?;
        let silent = summary == Summary::pass(view.within);
        Ok(Tree { first, summary, halves: (!silent).then(|| Box::new((front, behind))) })
    }

    fn in_sequence(&mut self, a: Summary, b: Summary, within: Set) -> Result<Summary, ReachError> {
        let pass = Summary::pass(within);
        if b == pass || a.next.is_empty() {
            return Ok(a);
        }
        if a == pass {
            return Ok(b);
        }
        let d = &mut self.diagram;
        if a.exact && b.exact {
            // Outcomes exclude each other, so one choice is enough, and a drop is what remains.
            let accept = d.if_then_else(a.next, b.accept, a.accept)?;
            let back = d.if_then_else(a.next, b.back, a.back)?;
            let next = d.and(a.next, b.next)?;
            let stays = d.or(accept, back)?;
            let stays = d.or(stays, next)?;
            let drop = d.diff(within, stays)?;
            return Ok(Summary { accept, drop, back, next, exact: true });
        }
        let mut then = |first: Set, second: Set| {
            let reached = d.and(a.next, second)?;
            d.or(first, reached)
        };
        Ok(Summary {
            accept: then(a.accept, b.accept)?,
            drop: then(a.drop, b.drop)?,
            back: then(a.back, b.back)?,
            next: then(Set::NONE, b.next)?,
            exact: false,
        })
    }

    fn rule_summary(&mut self, rule: &Rule, view: View) -> Result<Summary, ReachError> {
        let pass = Summary::pass(view.within);
        if matches!(rule.verdict, Verdict::Continue) {
            return Ok(pass);
        }
        let matched = self.rule_matches(rule, view.sight)?;
        let matched = self.within(matched, view.within)?;
        let (taken, not_taken) = (matched.possible, self.diagram.diff(view.within, matched.sure)?);
        let exact = matched.sure == matched.possible;
        let mut summary = Summary { next: not_taken, exact, ..pass };
        if taken.is_empty() {
            return Ok(summary);
        }
        match &rule.verdict {
            Verdict::Accept => summary.accept = taken,
            Verdict::Drop | Verdict::Reject => summary.drop = taken,
            Verdict::Return => summary.back = taken,
            Verdict::Jump(callee) | Verdict::Goto(callee) => {
                let callee = self.chain_summary(*callee, view)?;
                let d = &mut self.diagram;
                summary.exact &= callee.exact;
                summary.accept = d.and(taken, callee.accept)?;
                summary.drop = d.and(taken, callee.drop)?;
                let through = d.or(callee.back, callee.next)?;
                let through = d.and(taken, through)?;
                match rule.verdict {
                    Verdict::Goto(_) => summary.back = through,
                    _ => summary.next = d.or(not_taken, through)?,
                }
            }
            // A translation is never plain; what is not understood may do anything.
            Verdict::Unknown(_) | Verdict::Nat(_) | Verdict::Continue => {
                let next = self.diagram.or(not_taken, taken)?;
                summary = Summary { accept: taken, drop: taken, back: taken, next, exact: false };
            }
        }
        Ok(summary)
    }

    pub(super) fn chain_summary(&mut self, id: ChainId, view: View) -> Result<Summary, ReachError> {
        if self.shape(id).broken {
            return Ok(Summary::anything(view.within));
        }
        let segments = self.segments(id, view)?;
        Ok(match segments.first() {
            Some(Segment::Plain(tree)) => tree.summary,
            _ => Summary::pass(view.within),
        })
    }

    /// The headers that fare well if they enter the chain, given where its exits lead.
    pub(super) fn before_chain(&mut self, id: ChainId, view: View, exits: Exits) -> Result<Pair, ReachError> {
        if let Some(known) = self.runs.get(&(id, view, exits)) {
            return Ok(*known);
        }
        if self.runs.len() >= RUNS_MAX {
            return Err(ReachError::TooManyRuns { limit: RUNS_MAX });
        }
        let segments = self.segments(id, view)?;
        let rules: &[Rule] = self.ruleset.chain(id).map_or(&[], |chain| &chain.rules);
        let mut next = exits.back;
        for segment in segments.iter().rev() {
            next = match segment {
                Segment::Plain(tree) => self.before_summary(tree.summary, exits, next, view.within)?,
                Segment::Changing(at) => match rules.get(*at) {
                    Some(rule) => self.before_rule(rule, view, exits, next)?,
                    None => next,
                },
            };
        }
        self.runs.insert((id, view, exits), next);
        Ok(next)
    }

    /// The headers that the rules may decide, so that they do not go on to the next rule.
    pub(super) fn decided(&mut self, summary: Summary, within: Set) -> Result<Set, ReachError> {
        if summary.exact {
            return Ok(self.diagram.diff(within, summary.next)?);
        }
        Ok(self.diagram.union(vec![summary.accept, summary.drop, summary.back])?)
    }

    fn before_summary(
        &mut self,
        summary: Summary,
        exits: Exits,
        next: Pair,
        within: Set,
    ) -> Result<Pair, ReachError> {
        let ways = [(summary.accept, exits.accept), (summary.back, exits.back), (summary.next, next)];
        let d = &mut self.diagram;
        let (mut sure, mut possible) = (d.diff(within, summary.drop)?, Set::NONE);
        for (way, exit) in ways {
            let bad = d.diff(way, exit.sure)?;
            sure = d.diff(sure, bad)?;
            let good = d.and(way, exit.possible)?;
            possible = d.or(possible, good)?;
        }
        Ok(Pair { sure, possible })
    }

    fn before_rule(&mut self, rule: &Rule, view: View, exits: Exits, next: Pair) -> Result<Pair, ReachError> {
        let mut taken = match &rule.verdict {
            Verdict::Continue => next,
            Verdict::Accept => exits.accept,
            Verdict::Drop | Verdict::Reject => Pair::NONE,
            Verdict::Return => exits.back,
            Verdict::Jump(id) | Verdict::Goto(id) => {
                let back = if matches!(rule.verdict, Verdict::Jump(_)) { next } else { exits.back };
                if self.shape(*id).broken {
                    self.any_of([exits.accept, back])?
                } else {
                    self.before_chain(*id, view, Exits { back, ..exits })?
                }
            }
            Verdict::Nat(nat) => {
                let local = nat.kind == NatKind::Redirect;
                self.before_translation(nat, if local { exits.local } else { exits.translated })?
            }
            Verdict::Unknown(_) => self.any_of([exits.accept, exits.back, next])?,
        };
        for effect in rule.effects.iter().rev() {
            taken = self.before_effect(effect, view.sight, taken)?;
        }
        // It is all the same whom the rule matches, as where nothing behind looks at a translated source.
        if taken == next {
            return Ok(next);
        }
        let matched = self.rule_matches(rule, view.sight)?;
        self.choose(matched, taken, next)
    }

    /// Anything may happen, a drop included.
    fn any_of<const N: usize>(&mut self, ways: [Pair; N]) -> Result<Pair, ReachError> {
        let possible = self.diagram.union(ways.iter().map(|way| way.possible).collect())?;
        Ok(Pair { sure: Set::NONE, possible })
    }

    /// `yes` where the condition holds, `no` where it does not, both where that is not known.
    pub(super) fn choose(&mut self, condition: Pair, yes: Pair, no: Pair) -> Result<Pair, ReachError> {
        let d = &mut self.diagram;
        if condition.sure == condition.possible {
            let sure = d.if_then_else(condition.sure, yes.sure, no.sure)?;
            let possible = d.if_then_else(condition.sure, yes.possible, no.possible)?;
            return Ok(Pair { sure, possible });
        }
        let bad_yes = d.diff(condition.possible, yes.sure)?;
        let bad_no = d.or(condition.sure, no.sure)?.complement();
        let bad = d.or(bad_yes, bad_no)?;
        let good_yes = d.and(condition.possible, yes.possible)?;
        let good_no = d.diff(no.possible, condition.sure)?;
        Ok(Pair { sure: bad.complement(), possible: d.or(good_yes, good_no)? })
    }

    /// Whether the rule, or a chain it calls, changes the packet in a way that matters.
    pub(super) fn is_changing(&self, rule: &Rule) -> bool {
        let effects = rule.effects.iter().any(|effect| match effect {
            Effect::SetMark { .. } | Effect::CopyMark { .. } | Effect::ScrambleMark { .. } => self.marks_read,
            Effect::NoTrack | Effect::Rewrite(_) => true,
            Effect::Other(_) => false,
        });
        effects
            || match &rule.verdict {
                Verdict::Nat(_) => true,
                Verdict::Jump(id) | Verdict::Goto(id) => self.shape(*id).changing,
                _ => false,
            }
    }

    pub(super) fn shape(&self, id: ChainId) -> Shape {
        self.shapes.get(id.0).copied().unwrap_or(Shape { changing: false, broken: true })
    }

    /// Finds out which chains are changing and which broken: from the called to the callers, without recursion,
    /// since jumps may be nested as deep as a hostile file is long.
    pub(super) fn find_shapes(&mut self) {
        let chains = &self.ruleset.chains;
        let callees: Vec<Vec<usize>> = chains.iter().map(callees).collect();
        let mut callers: Vec<Vec<usize>> = vec![Vec::new(); chains.len()];
        let mut open: Vec<usize> = callees.iter().map(Vec::len).collect();
        for (caller, list) in callees.iter().enumerate() {
            for callee in list {
                match callers.get_mut(*callee) {
                    Some(list) => list.push(caller),
                    // A call that leads nowhere keeps its caller open for good.
                    None => continue,
                }
            }
        }
        // A chain that is never finished is in a circle, or calls one that is.
        self.shapes = vec![Shape { changing: false, broken: true }; chains.len()];
        let mut height = vec![0usize; chains.len()];
        let mut ready: Vec<usize> = (0..chains.len()).filter(|at| open.get(*at) == Some(&0)).collect();
        while let Some(at) = ready.pop() {
            let own = callees.get(at).into_iter().flatten();
            let deep = own.filter_map(|callee| height.get(*callee)).max().map_or(0, |deepest| deepest + 1);
            if let (Some(slot), Some(chain)) = (height.get_mut(at), chains.get(at)) {
                *slot = deep;
                let changing = chain.rules.iter().any(|rule| self.is_changing(rule));
                if let Some(shape) = self.shapes.get_mut(at) {
                    *shape = Shape { changing, broken: deep > JUMP_DEPTH_MAX };
                }
            }
            for caller in callers.get(at).into_iter().flatten() {
                if let Some(count) = open.get_mut(*caller) {
                    *count -= 1;
                    if *count == 0 {
                        ready.push(*caller);
                    }
                }
            }
        }
    }
}

fn callees(chain: &Chain) -> Vec<usize> {
    let called = chain.rules.iter().filter_map(|rule| match &rule.verdict {
        Verdict::Jump(id) | Verdict::Goto(id) => Some(id.0),
        _ => None,
    });
    called.collect()
}
