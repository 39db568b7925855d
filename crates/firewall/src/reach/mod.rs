//! What a ruleset lets through, as exact sets.
//!
//! Owns: the meaning of a ruleset as a whole (hooks, order of chains, jumps, translations, connection states) and
//! the answers drawn from it: the sets *surely open* and *possibly open*, the verdict about a question, the rows
//! that are open with the rule that opens each, the rules that decide in their order, and the difference of two
//! rulesets. Leaves to others: reading text (`dialects`), which zone an interface faces (the plant).
//!
//! A packet is described as its initiator sends it. Where its destination is translated, a question's target is
//! compared with the destination behind the translation, since that is where the packet arrives.
//!
//! Beyond a limit the answer is an error, and whoever asked then knows that it is unknown:
//! [`ReachError`] names the limit.

pub mod align;
mod answer;
mod bridged;
mod condition;
mod evaluate;
mod hull;
mod interfaces;
mod path;
mod question;
pub mod review;
mod trace;
mod translate;

use std::collections::BTreeSet;
use std::rc::Rc;

use ahash::AHashMap;

pub use answer::{
    Answer, BOXES_MAX, Deciding, Difference, OpenRow, Openness, PacketBox, RuleRef, Translated,
    alignment_json, deciding_json, difference_json, reach_json,
};
pub use evaluate::{JUMP_DEPTH_MAX, RUNS_MAX};
pub use question::{PacketClass, Path, Phase, Question, Side};
pub use trace::STEPS_MAX;

use crate::ruleset::{ChainId, Condition, Effect, Hook, MarkOf, NatKind, Rule, Ruleset, Verdict};
use crate::sets::{Diagram, Field, INTERFACES_MAX, Set, SetError, ct_state};
use condition::Pair;
use evaluate::{Exits, Segment, Shape};
use hull::Hull;
use interfaces::InterfaceTable;
use path::{LocalExit, Scope, Target, View};
use translate::Translation;

/// Why a question has no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReachError {
    /// The sets became too large.
    #[error(transparent)]
    Sets(#[from] SetError),
    /// Chains with translations or marks call each other too often.
    #[error("chains that change packets would have to be followed more than {limit} times")]
    TooManyRuns {
        /// The limit that was reached.
        limit: usize,
    },
    /// The way of the packets through the rules branches too often to be told.
    #[error("following the packets through the rules would take more than {limit} steps")]
    TooManySteps {
        /// The limit that was reached.
        limit: usize,
    },
    /// The ruleset names too many interfaces.
    #[error("the configuration names more than {limit} interfaces")]
    TooManyInterfaces {
        /// The limit that was reached.
        limit: usize,
    },
}

/// What is open between two sides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opening {
    /// The packets, as sent, that surely pass and arrive at the target.
    pub sure: Set,
    /// The packets, as sent, that possibly do.
    pub possible: Set,
    /// The same as `sure`, as the packets arrive: with destinations and ports behind the translation.
    pub delivered_sure: Set,
    /// The same as `possible`, as the packets arrive.
    pub delivered_possible: Set,
    /// The packets that were asked about, as they arrive.
    pub asked: Set,
}

/// A ruleset, ready to be asked what it lets through.
///
/// Sets that it returns belong to it: a set of one `Reach` means nothing to another.
pub struct Reach<'a> {
    engine: Engine<'a>,
    // Holds the sets that were given out. The engine's own diagram only lives as long as a question.
    kept: Diagram,
    named_too_many: bool,
}

/// The ruleset with everything that was worked out about it.
struct Engine<'a> {
    ruleset: &'a Ruleset,
    diagram: Diagram,
    interfaces: InterfaceTable,
    shapes: Vec<Shape>,
    // Whether some condition looks at a mark; if none does, setting one is no change.
    marks_read: bool,
    // Whether some condition looks at the packet as it was before translation.
    before_read: bool,
    translates_destinations: bool,
    // Whether some rule exempts packets from tracking.
    untracks: bool,
    // Whether some rule overwrites header fields behind the back of tracking.
    rewrites: bool,
    // Whether some rule asks for ports of a bridge, some for the bridge itself, some for VLAN tags.
    asks_ports: bool,
    asks_bridges: bool,
    asks_tags: bool,
    // At which hooks which end of packets is translated.
    translates: BTreeSet<(Hook, Target)>,
    rule_hulls: AHashMap<ChainId, Rc<[Hull]>>,
    // The question that what follows was worked out for.
    settled: Option<Question>,
    scope: Scope,
    segments: AHashMap<(ChainId, View), Rc<[Segment]>>,
    runs: AHashMap<(ChainId, View, Exits), Pair>,
    // What fares well before a translation, given what does behind it.
    translated: AHashMap<(Translation, Pair), Pair>,
}

impl<'a> Reach<'a> {
    /// Prepares a ruleset.
    #[must_use]
    pub fn new(ruleset: &'a Ruleset) -> Self {
        Reach::with_table(ruleset, InterfaceTable::of(&[ruleset]))
    }

    /// Prepares two rulesets so that their sets can be compared.
    #[must_use]
    pub fn pair(first: &'a Ruleset, second: &'a Ruleset) -> (Self, Self) {
        let table = InterfaceTable::of(&[first, second]);
        (Reach::with_table(first, table.clone()), Reach::with_table(second, table))
    }

    fn with_table(ruleset: &'a Ruleset, table: Option<InterfaceTable>) -> Self {
        let mut mentions = Mentions::default();
        for rule in ruleset.chains.iter().flat_map(|chain| &chain.rules) {
            mentions.note(rule);
        }
        let named_too_many = table.is_none();
        let mut engine = Engine {
            ruleset,
            diagram: Diagram::new(),
            interfaces: table.unwrap_or_default(),
            shapes: Vec::new(),
            marks_read: mentions.marks,
            before_read: mentions.before,
            translates_destinations: mentions.destinations,
            untracks: mentions.untracked,
            rewrites: mentions.rewritten,
            asks_ports: mentions.ports,
            asks_bridges: mentions.bridges || mentions.ports,
            asks_tags: mentions.tags,
            translates: BTreeSet::new(),
            rule_hulls: AHashMap::new(),
            settled: None,
            scope: Scope::ALL,
            segments: AHashMap::new(),
            runs: AHashMap::new(),
            translated: AHashMap::new(),
        };
        engine.find_shapes();
        engine.find_translations();
        Reach { engine, kept: Diagram::new(), named_too_many }
    }

    /// The ruleset that is asked.
    #[must_use]
    pub fn ruleset(&self) -> &'a Ruleset {
        self.engine.ruleset
    }

    /// What is open for a question. Where it may go by more than one way, that is sure which is on each of them.
    pub fn opening(&mut self, question: &Question) -> Result<Opening, ReachError> {
        if self.named_too_many {
            return Err(ReachError::TooManyInterfaces { limit: INTERFACES_MAX });
        }
        let mut found: Option<Opening> = None;
        for path in self.ways(question) {
            let one = self.opening_by(&Question { path, ..question.clone() })?;
            let d = &mut self.kept;
            found = Some(match found {
                None => one,
                Some(other) => Opening {
                    sure: d.and(one.sure, other.sure)?,
                    possible: d.or(one.possible, other.possible)?,
                    delivered_sure: d.and(one.delivered_sure, other.delivered_sure)?,
                    delivered_possible: d.or(one.delivered_possible, other.delivered_possible)?,
                    asked: d.or(one.asked, other.asked)?,
                },
            });
        }
        Ok(found.unwrap_or(Opening {
            sure: Set::NONE,
            possible: Set::NONE,
            delivered_sure: Set::NONE,
            delivered_possible: Set::NONE,
            asked: Set::NONE,
        }))
    }

    /// What is open for a question that says its way.
    fn opening_by(&mut self, question: &Question) -> Result<Opening, ReachError> {
        self.engine.settle(question)?;
        let after = self.engine.stages(question.path, question.path.hooks_after_routing())?;
        let beyond = self.engine.unless_bridged(question.path, Pair::ALL, &bridged::BEHIND)?;
        let after_routing = self.engine.before_stages(&after, beyond, LocalExit::Stays)?;
        let target = self.engine.target(question)?;
        let mut behind = self.engine.within(after_routing, target)?;
        let origin = self.engine.origin(question)?;
        if self.engine.keeps_origin(question.path) {
            // The same in the end, but the sets stay small on the way.
            behind = self.engine.within(behind, origin)?;
        }
        let hooks = question.path.hooks_before_routing();
        let stages = self.engine.stages(question.path, hooks)?;
        let local = match question.path {
            Path::Through | Path::Routed | Path::Bridged => LocalExit::Leaves,
            Path::ToDevice | Path::FromDevice => LocalExit::Stays,
        };
        let sent = self.engine.before_stages(&stages, behind, local)?;
        let sent = self.engine.unless_bridged(question.path, sent, &bridged::BEFORE)?;
        let sent = self.engine.as_first_sent(sent, question.phase)?;
        let sent = self.engine.within(sent, origin)?;
        let target = self.engine.as_first_sent(Pair::exact(target), question.phase)?.possible;
        let asked = self.engine.diagram.and(origin, target)?;
        let delivered = if self.engine.translates_destinations && question.phase == Phase::New {
            self.delivered(question, sent)?
        } else {
            sent
        };
        let [sure, possible, delivered_sure, delivered_possible, asked] =
            self.kept_sets([sent.sure, sent.possible, delivered.sure, delivered.possible, asked])?;
        Ok(Opening { sure, possible, delivered_sure, delivered_possible, asked })
    }

    /// Sets of the engine, as sets that outlive the question.
    fn kept_sets<const N: usize>(&mut self, sets: [Set; N]) -> Result<[Set; N], ReachError> {
        let mut memo = AHashMap::new();
        let mut kept = sets;
        for set in &mut kept {
            *set = self.kept.import(&self.engine.diagram, *set, &mut memo)?;
        }
        Ok(kept)
    }

    /// The set of the packets of a class.
    pub fn class(&mut self, class: &PacketClass) -> Result<Set, ReachError> {
        let source = self.engine.class_as_sent(class)?;
        let destination = self.engine.class_as_delivered(class)?;
        let class = self.engine.diagram.and(source, destination)?;
        let [class] = self.kept_sets([class])?;
        Ok(class)
    }

    /// The diagram in which this ruleset's sets live, for operations on them.
    pub fn diagram(&mut self) -> &mut Diagram {
        &mut self.kept
    }

    /// Whether the packets of `class` pass, of those that `opening` was asked about.
    pub fn verdict(&mut self, opening: &Opening, class: Set) -> Result<Openness, ReachError> {
        let d = &mut self.kept;
        let asked = d.and(opening.asked, class)?;
        let possible = d.and(asked, opening.delivered_possible)?;
        let sure = d.and(asked, opening.delivered_sure)?;
        Ok(if possible.is_empty() {
            Openness::None
        } else if sure == asked {
            Openness::All
        } else if !sure.is_empty() && possible != asked {
            Openness::Some
        } else {
            Openness::Unknown
        })
    }
}

impl Engine<'_> {
    fn within(&mut self, pair: Pair, set: Set) -> Result<Pair, SetError> {
        Ok(Pair { sure: self.diagram.and(pair.sure, set)?, possible: self.diagram.and(pair.possible, set)? })
    }

    /// The pair with the connection put in that tracking finds for packets as they come.
    fn with_first_state(&mut self, pair: Pair, phase: Phase) -> Result<Pair, ReachError> {
        let mut variants = Vec::new();
        for first in self.first_states(phase)? {
            let values = [(Field::CtState, first.state), (Field::CtReply, first.reply)];
            let sure = self.diagram.after_setting_all(pair.sure, &values)?;
            let possible = self.diagram.after_setting_all(pair.possible, &values)?;
            variants.push((first.packets, Pair { sure, possible }));
        }
        let mut result = Pair { sure: Set::ALL, possible: Set::NONE };
        for (packets, variant) in &variants {
            if variants.iter().all(|(_, other)| other == variant) {
                return Ok(*variant);
            }
            let d = &mut self.diagram;
            let bad = d.diff(*packets, variant.sure)?;
            result.sure = d.diff(result.sure, bad)?;
            let good = d.and(*packets, variant.possible)?;
            result.possible = d.or(result.possible, good)?;
        }
        Ok(result)
    }

    /// The headers that packets of this phase may have, as far as no rule changes it.
    fn whole_packets(&mut self, phase: Phase) -> Result<Set, ReachError> {
        let mut states = vec![(ct_state::UNTRACKED, ct_state::UNTRACKED)];
        states.extend(self.first_states(phase)?.iter().map(|first| (first.state, first.state)));
        states.sort_unstable();
        states.dedup();
        let mut all = Set::ALL;
        let kept = [Field::TcpFlags, Field::LaterFragment];
        for (field, value) in first_values(phase).into_iter().filter(|(field, _)| kept.contains(field)) {
            let one = self.diagram.equal(field, value)?;
            all = self.diagram.and(all, one)?;
        }
        let states = self.diagram.ranges(Field::CtState, &states)?;
        Ok(self.diagram.and(all, states)?)
    }

    /// In which state packets may be when tracking first sees them. Every packet is in one at least.
    fn first_states(&mut self, phase: Phase) -> Result<Vec<FirstState>, ReachError> {
        if phase == Phase::Reply {
            let mut states = vec![FirstState { packets: Set::ALL, state: ct_state::ESTABLISHED, reply: 1 }];
            // Where first packets may be exempted from tracking, a reply may look like a first packet itself, or,
            // as SYN and ACK do, like one that cannot be.
            if self.untracks {
                let unknown = [ct_state::NEW, ct_state::INVALID].into_iter();
                states.extend(unknown.map(|state| FirstState { packets: Set::ALL, state, reply: 0 }));
            }
            return Ok(states);
        }
        let d = &mut self.diagram;
        let mut of = |version: u128, protocol: u128, types: &[(u128, u128)]| {
            let version = d.equal(Field::Version, version)?;
            let protocol = d.equal(Field::Protocol, protocol)?;
            let types = d.ranges(Field::IcmpType, types)?;
            let both = d.and(version, protocol)?;
            Ok::<_, SetError>((both, d.and(both, types)?))
        };
        let (four, four_opens) = of(0, 1, &ICMP_OPENING)?;
        let (six, six_opens) = of(1, 58, &ICMPV6_OPENING)?;
        let (_, untracked) = of(1, 58, &ICMPV6_UNTRACKED)?;
        let icmp = d.or(four, six)?;
        let opens = d.or(four_opens, six_opens)?;
        let new = d.or(icmp.complement(), opens)?;
        let invalid = d.or(new, untracked)?.complement();
        let states = [(new, ct_state::NEW), (untracked, ct_state::UNTRACKED), (invalid, ct_state::INVALID)];
        Ok(states.map(|(packets, state)| FirstState { packets, state, reply: 0 }).into())
    }

    /// The pair for packets as their sender emits them: what tracking, marks and flags are at that moment is put in.
    fn as_first_sent(&mut self, pair: Pair, phase: Phase) -> Result<Pair, ReachError> {
        let pair = self.with_first_state(pair, phase)?;
        let pair = self.on_some_bridge(pair)?;
        let values = first_values(phase);
        let mut pair = Pair {
            sure: self.diagram.after_setting_all(pair.sure, &values)?,
            possible: self.diagram.after_setting_all(pair.possible, &values)?,
        };
        match phase {
            Phase::New if self.before_read => {
                for (before, now) in BEFORE {
                    pair.sure = self.diagram.after_copying(pair.sure, before, now, u128::MAX)?;
                    pair.possible = self.diagram.after_copying(pair.possible, before, now, u128::MAX)?;
                }
                Ok(pair)
            }
            Phase::New => Ok(pair),
            // What the first packet was and got is not known from a reply.
            Phase::Reply => {
                let unknown = [Field::CtMark, Field::CtDnat, Field::CtSnat].into_iter();
                let unknown: Vec<Field> = unknown.chain(BEFORE.map(|(before, _)| before)).collect();
                self.scrambled(pair, &unknown)
            }
        }
    }
}

/// Packets that tracking finds in a state when it first sees them.
struct FirstState {
    packets: Set,
    /// A number of [`ct_state`].
    state: u128,
    /// 1 for packets against the direction of the connection.
    reply: u128,
}

/// The ICMP types that open a connection (nf_conntrack_proto_icmp.c): echo, timestamp, information, address mask.
const ICMP_OPENING: [(u128, u128); 4] = [(8, 8), (13, 13), (15, 15), (17, 17)];
/// The ICMPv6 types that do (nf_conntrack_proto_icmpv6.c): echo, node information.
const ICMPV6_OPENING: [(u128, u128); 2] = [(128, 128), (139, 139)];
/// The ICMPv6 types that are not tracked: multicast listeners, neighbor discovery.
const ICMPV6_UNTRACKED: [(u128, u128); 3] = [(130, 132), (133, 137), (143, 143)];

/// SYN, in the numbering of the header.
const SYN: u128 = 2;
const SYN_ACK: u128 = 18;

fn first_values(phase: Phase) -> Vec<(Field, u128)> {
    let common = [(Field::LaterFragment, 0), (Field::Mark, 0)];
    let own: &[(Field, u128)] = match phase {
        Phase::New => &[(Field::CtDnat, 0), (Field::CtSnat, 0), (Field::TcpFlags, SYN), (Field::CtMark, 0)],
        Phase::Reply => &[(Field::TcpFlags, SYN_ACK)],
    };
    common.into_iter().chain(own.iter().copied()).collect()
}

const BEFORE: [(Field, Field); 4] = [
    (Field::DestinationBefore, Field::Destination),
    (Field::SourceBefore, Field::Source),
    (Field::DestinationPortBefore, Field::DestinationPort),
    (Field::SourcePortBefore, Field::SourcePort),
];

/// What a ruleset makes use of.
#[derive(Default)]
struct Mentions {
    marks: bool,
    before: bool,
    destinations: bool,
    untracked: bool,
    rewritten: bool,
    ports: bool,
    bridges: bool,
    tags: bool,
}

impl Mentions {
    fn note(&mut self, rule: &Rule) {
        if let Verdict::Nat(nat) = &rule.verdict {
            self.destinations |=
                matches!(nat.kind, NatKind::Destination | NatKind::DestinationNetwork | NatKind::Redirect);
        }
        self.rewritten |= rule.effects.iter().any(|effect| matches!(effect, Effect::Rewrite(_)));
        self.untracked |= rule.effects.contains(&Effect::NoTrack);
        rule.conditions.iter().for_each(|condition| self.note_condition(condition));
    }

    fn note_condition(&mut self, condition: &Condition) {
        match condition {
            Condition::Mark { of: MarkOf::Packet | MarkOf::Connection, .. } => self.marks = true,
            Condition::BeforeNat(_) => self.before = true,
            Condition::InPort(_) | Condition::OutPort(_) => self.ports = true,
            Condition::InBridge(_) | Condition::OutBridge(_) => self.bridges = true,
            Condition::Vlan(_) => self.tags = true,
            Condition::Any { of, .. } => of.iter().flatten().for_each(|inner| self.note_condition(inner)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
