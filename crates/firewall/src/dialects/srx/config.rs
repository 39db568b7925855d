//! What all parts of the reader share: the tree, the account, and saying what was not understood.

use super::secrets::Secrets;
use super::tree::{Attribute, Mark, NodeId, Tree};
use crate::dialects::Reading;
use crate::ruleset::{Condition, LineState, Reason, Undecidable};
use ahash::AHashMap;
use std::ops::Range;
use zonewright_source::{Diagnostic, TextPlace};

/// Longest piece of the configuration that a message quotes, in characters.
const QUOTED_MAX: usize = 60;

/// Most elements of sets that are looked at, over and over, for the rules that name them.
pub(super) const WORK_MAX: usize = 300_000_000;

/// A configuration while it is given its meaning.
pub(super) struct Config<'a> {
    pub(super) tree: Tree,
    pub(super) reading: &'a mut Reading,
    /// Secrets, of which nothing is shown.
    pub(super) secrets: Secrets,
    /// How much work may still be spent on what sets hold.
    pub(super) work_left: usize,
}

impl Config<'_> {
    /// The place of a node.
    pub(super) fn place(&self, id: NodeId) -> TextPlace {
        self.reading.place(&self.tree.span(id))
    }

    /// The word of a node, as owned text.
    pub(super) fn name(&self, id: NodeId) -> String {
        self.tree.word(id).to_owned()
    }

    /// The word of a node as a message may quote it.
    pub(super) fn quoted(&self, id: NodeId) -> String {
        shortened(self.tree.word(id))
    }

    /// Says something about a span. A line on which a secret stands is not shown with it.
    pub(super) fn report(&mut self, span: &Range<usize>, diagnostic: Diagnostic) {
        let first = self.reading.place(span).line;
        let last = self.reading.place(&(span.end..span.end)).line.max(first);
        let is_quiet = self.secrets.lines.range(first..=last).next().is_some();
        let hides_line = diagnostic.hides_line || is_quiet;
        self.reading.report(span, Diagnostic { hides_line, ..diagnostic });
    }

    /// Takes `cost` from the work that may be spent; where there is none left, that is said once, and what was not looked at
    /// is undecidable.
    pub(super) fn spend(&mut self, at: NodeId, cost: usize) -> Result<(), Undecidable> {
        if let Some(left) = self.work_left.checked_sub(cost) {
            self.work_left = left;
            return Ok(());
        }
        if self.work_left > 0 {
            self.work_left = 0;
            let span = self.tree.span(at);
            let large =
                Diagnostic::error("firewall/too-large", "rules name sets that hold too much to be read")
                    .because("whether these rules match is undecidable from here on");
            self.report(&span, large);
        }
        Err(Undecidable { what: "a set that holds too much".to_owned(), reason: Reason::Unread })
    }

    /// Warns about a node.
    pub(super) fn warn(&mut self, id: NodeId, code: &'static str, message: impl Into<String>) {
        let span = self.tree.span(id);
        self.report(&span, Diagnostic::warning(code, message));
    }

    /// Marks an attribute as understood whose meaning the packet does not tell: the condition that stands for it.
    pub(super) fn undecidable(&self, attribute: &Attribute, reason: Reason) -> Condition {
        self.tree.read_attribute(attribute);
        Condition::Undecidable(Undecidable { what: self.text_of(attribute), reason })
    }

    /// The condition that stands for an attribute that was not read; the account warns about it.
    pub(super) fn unread(&self, attribute: &Attribute) -> Condition {
        Condition::Undecidable(Undecidable { what: self.text_of(attribute), reason: Reason::Unread })
    }

    /// A keyword and its values as text.
    pub(super) fn text_of(&self, attribute: &Attribute) -> String {
        let mut words = vec![self.tree.word(attribute.key)];
        words.extend(attribute.values.iter().map(|value| self.tree.word(*value)));
        shortened(&words.join(" "))
    }

    /// Ends the account: each statement is modeled, ignored, or warned about.
    pub(super) fn account(&mut self) {
        let copies = self.copies();
        let mut said: AHashMap<NodeId, ()> = AHashMap::new();
        let statements: Vec<(Range<usize>, Outcome)> = self
            .tree
            .statements()
            .iter()
            .map(|statement| {
                let leaves = self.tree.leaves(statement);
                let outcomes = leaves.iter().map(|leaf| self.outcome(*leaf, &copies));
                (statement.span.clone(), outcomes.max().unwrap_or(Outcome::Modeled))
            })
            .collect();
        for (span, outcome) in statements {
            match outcome {
                Outcome::Ignored => self.reading.account(&span, LineState::Ignored),
                Outcome::Modeled => self.reading.account(&span, LineState::Modeled),
                Outcome::Unread(top) => {
                    if said.insert(top, ()).is_none() {
                        let message = format!("`{}` is not read", shortened(&self.way_text(top)));
                        let unread = Diagnostic::warning("firewall/unread-statement", message);
                        self.report(&span, unread);
                    } else {
                        self.reading.account(&span, LineState::Warned);
                    }
                }
            }
        }
    }

    /// The words down to a node, without secrets.
    fn way_text(&self, id: NodeId) -> String {
        let mut words = Vec::new();
        let mut at = id;
        while at != Tree::ROOT {
            let origin = self.tree.origin(at).unwrap_or(at);
            words.push(if self.secrets.words.contains(&origin) { "…" } else { self.tree.word(at) });
            at = self.tree.parent(at);
        }
        words.reverse();
        words.join(" ")
    }

    /// What became of the copies of the nodes of groups.
    fn copies(&self) -> AHashMap<NodeId, Outcome> {
        let mut copies: AHashMap<NodeId, Outcome> = AHashMap::new();
        let none = AHashMap::new();
        for id in self.tree.all() {
            if let Some(origin) = self.tree.origin(id) {
                let outcome = match self.outcome(id, &none) {
                    Outcome::Unread(_) => Outcome::Unread(origin),
                    other => other,
                };
                let known = copies.entry(origin).or_insert(outcome);
                *known = (*known).max(outcome);
            }
        }
        copies
    }

    fn outcome(&self, leaf: NodeId, copies: &AHashMap<NodeId, Outcome>) -> Outcome {
        let tree = &self.tree;
        let own = tree.mark_of(leaf);
        if let Some(copied) = copies.get(&leaf) {
            return if own == Mark::Read { (*copied).max(Outcome::Modeled) } else { *copied };
        }
        if own == Mark::Read || own == Mark::ReadAll {
            return Outcome::Modeled;
        }
        let (mut at, mut top) = (leaf, leaf);
        let mut is_in_group = false;
        while at != Tree::ROOT {
            match tree.mark_of(at) {
                Mark::IgnoredAll => return Outcome::Ignored,
                Mark::ReadAll => return Outcome::Modeled,
                Mark::Unread => top = at,
                Mark::Read => {}
            }
            if tree.is_off(at) {
                return Outcome::Modeled;
            }
            is_in_group |= tree.depth(at) == 1 && tree.word(at) == "groups";
            at = tree.parent(at);
        }
        // What no statement takes from a group is not in force.
        if is_in_group { Outcome::Ignored } else { Outcome::Unread(top) }
    }
}

/// What became of a statement. Ordered by weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Ignored,
    Modeled,
    /// Not read; the topmost word that was not.
    Unread(NodeId),
}

/// A text as a message may quote it.
pub(super) fn shortened(text: &str) -> String {
    let mut out: String = text.chars().take(QUOTED_MAX).collect();
    if text.chars().nth(QUOTED_MAX).is_some() {
        out.push('…');
    }
    out
}
