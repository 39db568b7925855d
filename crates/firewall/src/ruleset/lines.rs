//! The account of every line: modeled, knowingly ignored, or warned about.

use std::collections::BTreeMap;

/// What became of a line. Ordered by weight: where several statements share a line, the heaviest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LineState {
    /// Knowingly left out: it cannot bear on which packets pass. Only statement kinds of a dialect's committed list.
    Ignored,
    /// Understood and in the ruleset.
    Modeled,
    /// Not or only partly understood; a diagnostic says so.
    Warned,
}

/// How many lines became what. The three add up to the lines of the file (for a JSON listing: to the entries of the
/// list, since the whole of it is usually one line).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineCounts {
    /// Understood and in the ruleset.
    pub modeled: u64,
    /// Knowingly left out.
    pub ignored: u64,
    /// Not or only partly understood.
    pub warned: u64,
}

/// Keeps the account while a file is read.
#[derive(Debug, Clone, Default)]
pub(crate) struct LineLedger {
    states: BTreeMap<u64, LineState>,
}

impl LineLedger {
    /// Enters one line, counted from 1.
    pub(crate) fn enter(&mut self, line: u64, state: LineState) {
        let known = self.states.entry(line).or_insert(state);
        *known = (*known).max(state);
    }

    /// Enters the lines from `first` to `last`.
    pub(crate) fn enter_lines(&mut self, first: u64, last: u64, state: LineState) {
        for line in first..=last {
            self.enter(line, state);
        }
    }

    /// The lines from 1 to `lines` that nobody entered.
    pub(crate) fn missing(&self, lines: u64) -> Vec<u64> {
        (1..=lines).filter(|line| !self.states.contains_key(line)).collect()
    }

    /// The counts.
    pub(crate) fn counts(&self) -> LineCounts {
        let mut counts = LineCounts::default();
        for state in self.states.values() {
            match state {
                LineState::Ignored => counts.ignored += 1,
                LineState::Modeled => counts.modeled += 1,
                LineState::Warned => counts.warned += 1,
            }
        }
        counts
    }

    /// The state of every line, ascending.
    pub(crate) fn into_states(self) -> Vec<(u64, LineState)> {
        self.states.into_iter().collect()
    }
}
