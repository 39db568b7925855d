//! Forward through the rules, with sets instead of single packets: which rule decides about which packets.
//!
//! Packets stay described as they were sent. What was changed on the way is kept beside the set as a list of
//! changes, and a condition is asked through them, backward; so each step is as exact as the sets themselves.

use std::collections::BTreeMap;

use super::condition::{Pair, Sight};
use super::evaluate::{Segment, Tree};
use super::path::{Stage, StageKind, View};
use super::translate::{DESTINATION, Outcome, Translation};
use super::{BEFORE, Engine, Path, Question, Reach, ReachError};
use crate::ruleset::{ChainId, Hook, NatKind, Policy, Rule, Verdict};
use crate::sets::{Field, Set, ct_state};

/// How many rules may be visited while packets are followed; beyond it the way is not told.
pub const STEPS_MAX: usize = 1_000_000;

/// A rule, or the policy behind the last one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct RuleKey {
    pub(super) chain: ChainId,
    /// `None` for the policy.
    pub(super) rule: Option<usize>,
}

/// A rule that changed the packet, and what it could see.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Change {
    pub(super) rule: RuleKey,
    sight: Sight,
    /// Whether its verdict, a translation, was carried out, not only its effects.
    pub(super) translated: bool,
}

/// Packets that were changed alike and let pass by the same rule.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Track {
    pub(super) changes: Vec<Change>,
    /// The last rule that accepted, at a hook where one filters (not a policy if any rule did).
    pub(super) accepted: Option<RuleKey>,
}

pub(super) type Tracks = BTreeMap<Track, Set>;

/// Packets that were translated alike and let pass by the same rule.
pub(super) struct Passed {
    pub(super) changes: Vec<Change>,
    pub(super) accepted: Option<RuleKey>,
    /// A set that outlives the question.
    pub(super) packets: Set,
}

/// What a rule decided about some packets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Decision {
    pub(super) rule: RuleKey,
    /// The packets, as sent, of the question that the rule (possibly) decided about at this place.
    pub(super) packets: Set,
    /// Whether the rule surely does, as far as its own conditions go.
    pub(super) sure: bool,
}

/// Where tracks go that leave a chain.
#[derive(Default)]
struct Flow {
    accept: Tracks,
    back: Tracks,
    translated: Tracks,
    local: Tracks,
}

/// A walk under way.
pub(super) struct Walk {
    pub(super) decisions: Vec<Decision>,
    steps: usize,
}

impl Walk {
    fn step(&mut self, count: usize) -> Result<(), ReachError> {
        self.steps += count.max(1);
        if self.steps > STEPS_MAX { Err(ReachError::TooManySteps { limit: STEPS_MAX }) } else { Ok(()) }
    }
}

#[derive(Clone, Copy)]
struct Here {
    id: ChainId,
    view: View,
    // Whether an accept here is what lets a packet pass.
    filters: bool,
}

impl Reach<'_> {
    /// Follows a question's packets from end to end. The tracks that are left at the end are those that pass; of
    /// decisions, the packets.
    pub(super) fn walk(&mut self, question: &Question) -> Result<(Vec<Passed>, Vec<Decision>), ReachError> {
        let (mut passed, mut decisions) = (Vec::new(), Vec::new());
        for path in self.ways(question) {
            let question = Question { path, ..question.clone() };
            let mut walk = Walk { decisions: Vec::new(), steps: 0 };
            let tracks = self.engine.walk_to_routing(&question, &mut walk)?;
            let target = self.engine.target(&question)?;
            let tracks = self.engine.split(tracks, Pair::exact(target))?.0;
            let after = self.engine.stages(path, path.hooks_after_routing())?;
            let tracks = self.engine.walk_stages(&after, tracks, path, &mut walk)?;
            for (Track { changes, accepted }, packets) in tracks {
                let changes = changes.into_iter().filter(|change| change.translated).collect();
                let [packets] = self.kept_sets([packets])?;
                passed.push(Passed { changes, accepted, packets });
            }
            for decision in walk.decisions {
                let [packets] = self.kept_sets([decision.packets])?;
                decisions.push(Decision { packets, ..decision });
            }
        }
        Ok((passed, decisions))
    }

    /// What passes, as it arrives: with destination and port behind the translation.
    pub(super) fn delivered(&mut self, question: &Question, sent: Pair) -> Result<Pair, ReachError> {
        let mut walk = Walk { decisions: Vec::new(), steps: 0 };
        let tracks = self.engine.walk_to_routing(question, &mut walk)?;
        let mut by_changes: BTreeMap<Vec<Change>, Set> = BTreeMap::new();
        for (track, set) in tracks {
            let known = by_changes.entry(track.changes).or_insert(Set::NONE);
            *known = self.engine.diagram.or(*known, set)?;
        }
        let mut delivered = Pair::NONE;
        for (changes, set) in &by_changes {
            let possible = self.engine.diagram.and(*set, sent.possible)?;
            let mut sure = self.engine.diagram.and(*set, sent.sure)?;
            // Where it is open how a packet is changed, it surely arrives, but not surely there.
            for (_, other) in by_changes.iter().filter(|(other, _)| *other != changes) {
                sure = self.engine.diagram.diff(sure, *other)?;
            }
            let image = self.engine.after_changes(Pair { sure, possible }, changes)?;
            let d = &mut self.engine.diagram;
            delivered.sure = d.or(delivered.sure, image.sure)?;
            delivered.possible = d.or(delivered.possible, image.possible)?;
        }
        self.engine.as_first_sent(delivered, question.phase)
    }
}

impl<'a> Engine<'a> {
    /// The rule of a key; `None` for a policy.
    pub(super) fn rule(&self, key: RuleKey) -> Option<&'a Rule> {
        self.ruleset.chain(key.chain)?.rules.get(key.rule?)
    }

    fn walk_to_routing(&mut self, question: &Question, walk: &mut Walk) -> Result<Tracks, ReachError> {
        self.settle(question)?;
        let mut sent = self.origin(question)?;
        let mut as_tracked = Vec::new();
        for first in self.first_states(question.phase)? {
            let d = &mut self.diagram;
            let state = d.equal(Field::CtState, first.state)?;
            let reply = d.equal(Field::CtReply, first.reply)?;
            let state = d.and(state, reply)?;
            as_tracked.push(d.and(first.packets, state)?);
        }
        let as_tracked = self.diagram.union(as_tracked)?;
        sent = self.diagram.and(sent, as_tracked)?;
        for (field, value) in super::first_values(question.phase) {
            let first = self.diagram.equal(field, value)?;
            sent = self.diagram.and(sent, first)?;
        }
        let before = self.stages(question.path, question.path.hooks_before_routing())?;
        let tracks = Tracks::from([(Track::default(), sent)]);
        self.walk_stages(&before, tracks, question.path, walk)
    }

    /// Where the packets are after their destination was changed; other changes do not show.
    fn after_changes(&mut self, pair: Pair, changes: &[Change]) -> Result<Pair, ReachError> {
        let mut pair = pair;
        for change in changes.iter().filter(|change| change.translated) {
            let Some(Verdict::Nat(nat)) = self.rule(change.rule).map(|rule| &rule.verdict) else { continue };
            let translation = Translation::of(nat);
            if translation.side != Some(DESTINATION) {
                continue;
            }
            let outcomes = [(DESTINATION.address, translation.address), (DESTINATION.port, translation.port)];
            // Packets of the other version of IP come to the rule, but are not changed by it.
            let fits = match translation.version {
                Some(version) => self.diagram.equal(Field::Version, version)?,
                None => Set::ALL,
            };
            let untouched = self.within(pair, fits.complement())?;
            pair = self.within(pair, fits)?;
            for (field, outcome) in outcomes {
                pair = self.after_outcome(pair, field, outcome)?;
            }
            pair.sure = self.diagram.or(pair.sure, untouched.sure)?;
            pair.possible = self.diagram.or(pair.possible, untouched.possible)?;
        }
        Ok(pair)
    }

    fn after_outcome(&mut self, pair: Pair, field: Field, outcome: Outcome) -> Result<Pair, ReachError> {
        let d = &mut self.diagram;
        let mut image = |set: Set| match outcome {
            Outcome::Kept => Ok(set),
            Outcome::Becomes { value, mask } => {
                let some = d.exists_under(set, field, mask)?;
                let fixed = d.masked(field, value, mask)?;
                d.and(some, fixed)
            }
            Outcome::Within(first, last) => {
                let some = d.some(set, field)?;
                let within = d.ranges(field, &[(first, last)])?;
                d.and(some, within)
            }
        };
        let possible = image(pair.possible)?;
        // Which of several values it becomes is not known, so none of them surely.
        let sure = if matches!(outcome, Outcome::Within(..)) { Set::NONE } else { image(pair.sure)? };
        Ok(Pair { sure, possible })
    }

    fn walk_stages(
        &mut self,
        stages: &[Stage],
        tracks: Tracks,
        path: Path,
        walk: &mut Walk,
    ) -> Result<Tracks, ReachError> {
        let mut tracks = tracks;
        for stage in stages {
            tracks = match stage.kind {
                StageKind::Filter => self.walk_base_chains(stage, tracks, path, walk)?.0,
                StageKind::Translate => {
                    let first = [(ct_state::NEW, ct_state::NEW), (ct_state::RELATED, ct_state::RELATED)];
                    let first = self.diagram.ranges(Field::CtState, &first)?;
                    let (first, mut later) = self.split(tracks, Pair::exact(first))?;
                    let (passed, translated) = self.walk_base_chains(stage, first, path, walk)?;
                    self.merge(&mut later, passed)?;
                    self.merge(&mut later, translated)?;
                    later
                }
            };
        }
        Ok(tracks)
    }

    /// The tracks that pass the chains of a stage, and those that were translated and so left it.
    fn walk_base_chains(
        &mut self,
        stage: &Stage,
        tracks: Tracks,
        path: Path,
        walk: &mut Walk,
    ) -> Result<(Tracks, Tracks), ReachError> {
        let (mut tracks, mut translated) = (tracks, Tracks::new());
        for (id, guard) in &stage.chains {
            let (inside, mut passed) = self.split(tracks, Pair::exact(guard.within))?;
            let filters = stage.kind == StageKind::Filter
                && matches!(stage.hook, Hook::Forward | Hook::Input | Hook::Output);
            let here = Here { id: *id, view: stage.view, filters };
            let flow = if self.shape(*id).broken {
                Flow { accept: inside, ..Flow::default() }
            } else {
                self.walk_chain(here, inside, walk)?
            };
            self.merge(&mut passed, flow.accept)?;
            self.merge(&mut translated, flow.translated)?;
            if matches!(path, Path::ToDevice | Path::FromDevice) {
                self.merge(&mut translated, flow.local)?;
            }
            let back = self.walk_policy(here, flow.back, walk)?;
            self.merge(&mut passed, back)?;
            tracks = passed;
        }
        Ok((tracks, translated))
    }

    fn walk_policy(&mut self, here: Here, back: Tracks, walk: &mut Walk) -> Result<Tracks, ReachError> {
        let policy = self.policy(here.id);
        let key = RuleKey { chain: here.id, rule: None };
        // A policy that lets pass what nothing stopped is only told where a chain filters.
        if policy != Policy::Accept || here.filters {
            self.decide(&back, key, policy != Policy::Unknown, walk)?;
        }
        if policy == Policy::Drop {
            return Ok(Tracks::new());
        }
        let mut passed = Tracks::new();
        for (mut track, set) in back {
            if here.filters && track.accepted.is_none_or(|rule| rule.rule.is_none()) {
                track.accepted = Some(key);
            }
            self.add(&mut passed, track, set)?;
        }
        Ok(passed)
    }

    fn walk_chain(&mut self, here: Here, entering: Tracks, walk: &mut Walk) -> Result<Flow, ReachError> {
        let segments = self.segments(here.id, here.view)?;
        let ruleset = self.ruleset;
        let rules: &[Rule] = ruleset.chain(here.id).map_or(&[], |chain| &chain.rules);
        let (mut flow, mut current) = (Flow::default(), entering);
        for segment in segments.iter() {
            if current.is_empty() {
                break;
            }
            match segment {
                Segment::Plain(tree) => self.walk_tree(here, rules, tree, &mut current, &mut flow, walk)?,
                Segment::Changing(at) => self.walk_rule(here, rules, *at, &mut current, &mut flow, walk)?,
            }
        }
        self.merge(&mut flow.back, current)?;
        Ok(flow)
    }

    /// Follows plain rules; a half that decides about none of the tracks is skipped whole.
    fn walk_tree(
        &mut self,
        here: Here,
        rules: &[Rule],
        tree: &Tree,
        current: &mut Tracks,
        flow: &mut Flow,
        walk: &mut Walk,
    ) -> Result<(), ReachError> {
        walk.step(current.len())?;
        let decided = Pair::exact(self.decided(tree.summary, here.view.within)?);
        let mut concerned = false;
        for (track, set) in current.iter() {
            let decided = self.through(track, decided)?.possible;
            concerned |= !self.diagram.and(*set, decided)?.is_empty();
        }
        match &tree.halves {
            _ if !concerned => Ok(()),
            None => self.walk_rule(here, rules, tree.first, current, flow, walk),
            Some(halves) => {
                self.walk_tree(here, rules, &halves.0, current, flow, walk)?;
                self.walk_tree(here, rules, &halves.1, current, flow, walk)
            }
        }
    }

    fn walk_rule(
        &mut self,
        here: Here,
        rules: &[Rule],
        at: usize,
        current: &mut Tracks,
        flow: &mut Flow,
        walk: &mut Walk,
    ) -> Result<(), ReachError> {
        walk.step(current.len())?;
        let Some(rule) = rules.get(at) else { return Ok(()) };
        let key = RuleKey { chain: here.id, rule: Some(at) };
        let matched = self.rule_matches(rule, here.view.sight)?;
        let (mut taken, rest) = self.split(std::mem::take(current), matched)?;
        *current = rest;
        if taken.is_empty() {
            return Ok(());
        }
        let sure = matched.sure == matched.possible && !matches!(rule.verdict, Verdict::Unknown(_));
        if !matches!(rule.verdict, Verdict::Continue | Verdict::Return | Verdict::Jump(_) | Verdict::Goto(_))
        {
            self.decide(&taken, key, sure, walk)?;
        }
        let translated = matches!(rule.verdict, Verdict::Nat(_));
        if translated || !rule.effects.is_empty() && self.is_changing(rule) {
            taken = self.changed(taken, Change { rule: key, sight: here.view.sight, translated })?;
        }
        match &rule.verdict {
            Verdict::Continue => self.merge(current, taken),
            Verdict::Drop | Verdict::Reject => Ok(()),
            Verdict::Return => self.merge(&mut flow.back, taken),
            Verdict::Nat(nat) if nat.kind == NatKind::Redirect => self.merge(&mut flow.local, taken),
            Verdict::Nat(_) => self.merge(&mut flow.translated, taken),
            Verdict::Accept => {
                let taken = self.accepted(taken, key, here)?;
                self.merge(&mut flow.accept, taken)
            }
            Verdict::Jump(id) | Verdict::Goto(id) => {
                let called = if self.shape(*id).broken {
                    Flow { accept: taken.clone(), back: taken, ..Flow::default() }
                } else {
                    self.walk_chain(Here { id: *id, ..here }, taken, walk)?
                };
                self.merge(&mut flow.accept, called.accept)?;
                self.merge(&mut flow.translated, called.translated)?;
                self.merge(&mut flow.local, called.local)?;
                let jumps = matches!(rule.verdict, Verdict::Jump(_));
                self.merge(if jumps { current } else { &mut flow.back }, called.back)
            }
            Verdict::Unknown(_) => {
                self.merge(current, taken.clone())?;
                self.merge(&mut flow.back, taken.clone())?;
                let taken = self.accepted(taken, key, here)?;
                self.merge(&mut flow.accept, taken)
            }
        }
    }

    fn accepted(&mut self, tracks: Tracks, key: RuleKey, here: Here) -> Result<Tracks, ReachError> {
        if !here.filters {
            return Ok(tracks);
        }
        let mut marked = Tracks::new();
        for (track, set) in tracks {
            self.add(&mut marked, Track { accepted: Some(key), ..track }, set)?;
        }
        Ok(marked)
    }

    fn changed(&mut self, tracks: Tracks, change: Change) -> Result<Tracks, ReachError> {
        let mut changed = Tracks::new();
        for (mut track, set) in tracks {
            track.changes.push(change);
            self.add(&mut changed, track, set)?;
        }
        Ok(changed)
    }

    fn decide(
        &mut self,
        tracks: &Tracks,
        rule: RuleKey,
        sure: bool,
        walk: &mut Walk,
    ) -> Result<(), ReachError> {
        let packets = self.diagram.union(tracks.values().copied().collect())?;
        if packets.is_empty() {
            return Ok(());
        }
        match walk.decisions.iter_mut().rev().take(64).find(|known| known.rule == rule) {
            Some(known) => known.packets = self.diagram.or(known.packets, packets)?,
            None => walk.decisions.push(Decision { rule, packets, sure }),
        }
        Ok(())
    }

    /// The tracks where the condition possibly holds, and those where it possibly does not.
    fn split(&mut self, tracks: Tracks, condition: Pair) -> Result<(Tracks, Tracks), ReachError> {
        let (mut taken, mut rest) = (Tracks::new(), Tracks::new());
        for (track, set) in tracks {
            let seen = self.through(&track, condition)?;
            let inside = self.diagram.and(set, seen.possible)?;
            let outside = self.diagram.diff(set, seen.sure)?;
            if !inside.is_empty() {
                taken.insert(track.clone(), inside);
            }
            if !outside.is_empty() {
                rest.insert(track, outside);
            }
        }
        Ok((taken, rest))
    }

    /// A condition about the packet as it is, as one about the packet as it was sent.
    fn through(&mut self, track: &Track, condition: Pair) -> Result<Pair, ReachError> {
        let mut pair = condition;
        for change in track.changes.iter().rev() {
            let Some(rule) = self.rule(change.rule) else { continue };
            if let (true, Verdict::Nat(nat)) = (change.translated, &rule.verdict) {
                pair = self.before_translation(nat, pair)?;
            }
            for effect in rule.effects.iter().rev() {
                pair = self.before_effect(effect, change.sight, pair)?;
            }
        }
        if self.before_read {
            for (before, now) in BEFORE {
                pair.sure = self.diagram.after_copying(pair.sure, before, now, u128::MAX)?;
                pair.possible = self.diagram.after_copying(pair.possible, before, now, u128::MAX)?;
            }
        }
        Ok(pair)
    }

    fn add(&mut self, tracks: &mut Tracks, track: Track, set: Set) -> Result<(), ReachError> {
        let known = tracks.entry(track).or_insert(Set::NONE);
        *known = self.diagram.or(*known, set)?;
        Ok(())
    }

    fn merge(&mut self, tracks: &mut Tracks, more: Tracks) -> Result<(), ReachError> {
        for (track, set) in more {
            self.add(tracks, track, set)?;
        }
        Ok(())
    }
}
