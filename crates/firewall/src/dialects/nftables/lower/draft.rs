//! A rule in the making.

use crate::ruleset::{Condition, Counter, Effect, Log, MarkOf, Reason, Rule, Undecidable, Verdict};
use zonewright_source::TextPlace;

/// What statements have made of a rule so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub(super) conditions: Vec<Condition>,
    pub(super) effects: Vec<Effect>,
    pub(super) log: Option<Log>,
    pub(super) counter: Option<Counter>,
    pub(super) comment: Option<String>,
    /// The last moment at which it is in force.
    pub(super) until: Option<jiff::civil::DateTime>,
    /// The verdict, once one was given.
    pub(super) verdict: Option<Verdict>,
}

impl Draft {
    /// Adds a condition, once.
    pub(super) fn require(&mut self, condition: Condition) {
        if !self.conditions.contains(&condition) {
            self.conditions.push(condition);
        }
    }

    /// Adds a condition that the configuration does not decide.
    pub(super) fn doubt(&mut self, what: String, reason: Reason) {
        self.require(Condition::Undecidable(Undecidable { what, reason }));
    }

    /// Splits off what happens before a further condition is asked: effects and logging take place even where that
    /// condition does not hold.
    pub(super) fn split(&mut self) -> Option<Self> {
        if self.effects.is_empty() && self.log.is_none() {
            return None;
        }
        let before = Self { comment: self.comment.clone(), ..self.clone() };
        for of in [MarkOf::Packet, MarkOf::Connection] {
            if self.effects.iter().any(|effect| changes(effect, of)) {
                self.forget_mark(of);
            }
        }
        self.effects.clear();
        self.log = None;
        Some(before)
    }

    /// Conditions on a mark that was asked before it was changed cannot be asked again.
    fn forget_mark(&mut self, of: MarkOf) {
        for condition in &mut self.conditions {
            if asks(condition, of) {
                let what = condition.to_string();
                *condition = Condition::Undecidable(Undecidable { what, reason: Reason::Connection });
            }
        }
    }

    pub(super) fn into_rule(self, place: TextPlace) -> Rule {
        Rule {
            place,
            conditions: self.conditions,
            effects: self.effects,
            verdict: self.verdict.unwrap_or(Verdict::Continue),
            log: self.log,
            counter: self.counter,
            comment: self.comment,
            until: self.until,
        }
    }
}

fn changes(effect: &Effect, mark: MarkOf) -> bool {
    match effect {
        Effect::SetMark { of, .. } | Effect::ScrambleMark { of } => *of == mark,
        Effect::CopyMark { to, .. } => *to == mark,
        Effect::NoTrack | Effect::Rewrite(_) | Effect::Other(_) => false,
    }
}

fn asks(condition: &Condition, mark: MarkOf) -> bool {
    match condition {
        Condition::Mark { of, .. } => *of == mark,
        Condition::Any { of, .. } => of.iter().flatten().any(|inner| asks(inner, mark)),
        _ => false,
    }
}
