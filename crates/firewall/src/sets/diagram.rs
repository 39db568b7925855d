//! Owns the decision diagrams themselves: nodes, their sharing, and the operations on them. What a variable
//! means is `header`'s business.
//!
//! Reduced ordered binary decision diagrams with complement edges (Bryant 1986; Brace, Rudell, Bryant 1990):
//! two sets are equal exactly if their handles are, and the complement costs nothing. Nodes are never freed
//! while a diagram lives; a long computation ends by copying what it keeps into a fresh one
//! ([`Diagram::import`]).
#![expect(
    clippy::indexing_slicing,
    reason = "a diagram indexes only the nodes and table slots that it made itself"
)]

use ahash::AHashMap;

/// How many nodes one diagram may hold; beyond it every operation answers [`SetError::TooLarge`], and what
/// was asked becomes unknown. About 400 MiB with the tables.
pub const NODES_MAX: usize = 12_000_000;

/// Upper bound of the operation cache, in entries of 16 bytes.
const CACHE_MAX: usize = 1 << 22;

/// A set of packet headers, as a handle into the [`Diagram`] that made it.
///
/// Two handles of one diagram are equal exactly if the sets are. A handle means nothing in another diagram.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Set(u32);

impl Set {
    /// Every header.
    pub const ALL: Set = Set(0);
    /// No header.
    pub const NONE: Set = Set(1);

    /// The headers that are not in this set.
    #[must_use]
    pub fn complement(self) -> Set {
        Set(self.0 ^ 1)
    }

    /// Whether no header is in the set.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Set::NONE
    }

    /// Whether every header is in the set.
    #[must_use]
    pub fn is_all(self) -> bool {
        self == Set::ALL
    }

    fn index(self) -> usize {
        (self.0 >> 1) as usize
    }

    fn is_complement(self) -> bool {
        self.0 & 1 == 1
    }

    fn is_terminal(self) -> bool {
        self.0 <= 1
    }

    /// This handle, complemented if `other` is.
    fn toggled_by(self, other: Set) -> Set {
        Set(self.0 ^ (other.0 & 1))
    }
}

/// What becomes of one bit of a header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BitChange {
    /// It stays.
    Keep,
    /// It becomes 0.
    Clear,
    /// It becomes 1.
    Set,
    /// It becomes the other.
    Flip,
}

/// Why a set could not be computed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SetError {
    /// The diagram holds as many nodes as it may.
    #[error("the decision diagram reached its limit of {limit} nodes")]
    TooLarge {
        /// The limit that was reached.
        limit: usize,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Node {
    level: u16,
    low: Set,
    // INVARIANT: never complemented, so that each set has one form only.
    high: Set,
}

#[derive(Clone, Copy)]
struct CacheEntry {
    a: Set,
    b: Set,
    // The third operand of an if-then-else; `NO_THIRD` for a conjunction.
    c: u32,
    result: Set,
}

const NO_THIRD: u32 = u32::MAX;
const EMPTY_ENTRY: CacheEntry = CacheEntry { a: Set(u32::MAX), b: Set(u32::MAX), c: 0, result: Set(0) };
const LEVEL_OF_TERMINAL: u16 = u16::MAX;

/// A store of sets over one numbering of boolean variables, the *levels*: the lower, the nearer to the root.
pub struct Diagram {
    nodes: Vec<Node>,
    // Open addressing; 0 is an empty slot (node 0 is the terminal and never looked up).
    unique: Vec<u32>,
    cache: Vec<CacheEntry>,
    nodes_max: usize,
}

impl Default for Diagram {
    fn default() -> Self {
        Diagram::new()
    }
}

impl Diagram {
    /// An empty diagram with the usual limit.
    #[must_use]
    pub fn new() -> Self {
        Diagram::with_limit(NODES_MAX)
    }

    /// An empty diagram that holds at most `nodes_max` nodes (never more than [`NODES_MAX`]).
    #[must_use]
    pub fn with_limit(nodes_max: usize) -> Self {
        let terminal = Node { level: LEVEL_OF_TERMINAL, low: Set::ALL, high: Set::ALL };
        Diagram {
            nodes: vec![terminal],
            unique: vec![0; 1 << 10],
            cache: vec![EMPTY_ENTRY; 1 << 10],
            nodes_max: nodes_max.min(NODES_MAX),
        }
    }

    /// How many nodes the diagram holds.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// The level that the set branches on first; `None` for the empty and the full set.
    #[must_use]
    pub fn level(&self, set: Set) -> Option<u16> {
        if set.is_terminal() { None } else { Some(self.nodes[set.index()].level) }
    }

    /// The two halves of the set at `level`: where the variable is 0, and where it is 1.
    #[must_use]
    pub fn branches(&self, set: Set, level: u16) -> (Set, Set) {
        let node = &self.nodes[set.index()];
        if node.level == level { (node.low.toggled_by(set), node.high.toggled_by(set)) } else { (set, set) }
    }

    /// The set that is `low` where the variable of `level` is 0, and `high` where it is 1.
    ///
    /// Both must branch below `level` only.
    pub fn node(&mut self, level: u16, low: Set, high: Set) -> Result<Set, SetError> {
        if low == high {
            return Ok(low);
        }
        if high.is_complement() {
            let made = self.regular_node(level, low.complement(), high.complement())?;
            return Ok(made.complement());
        }
        self.regular_node(level, low, high)
    }

    fn regular_node(&mut self, level: u16, low: Set, high: Set) -> Result<Set, SetError> {
        let node = Node { level, low, high };
        let mask = self.unique.len() - 1;
        let mut slot = hash3(u32::from(level), low.0, high.0) & mask;
        loop {
            match self.unique[slot] {
                0 => break,
                index if self.nodes[index as usize] == node => return Ok(Set(index << 1)),
                _ => slot = (slot + 1) & mask,
            }
        }
        if self.nodes.len() >= self.nodes_max {
            return Err(SetError::TooLarge { limit: self.nodes_max });
        }
        // NODES_MAX is far below 2^31, so the index with its complement bit fits.
        let index = self.nodes.len() as u32;
        self.nodes.push(node);
        self.unique[slot] = index;
        if self.nodes.len() * 2 > self.unique.len() {
            self.grow();
        }
        Ok(Set(index << 1))
    }

    fn grow(&mut self) {
        let mut unique = vec![0u32; self.unique.len() * 2];
        let mask = unique.len() - 1;
        for (index, node) in self.nodes.iter().enumerate().skip(1) {
            let mut slot = hash3(u32::from(node.level), node.low.0, node.high.0) & mask;
            while unique[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            unique[slot] = index as u32;
        }
        self.unique = unique;
        if self.cache.len() < CACHE_MAX {
            // A cache may forget; an empty one is cheaper than moving the entries.
            self.cache = vec![EMPTY_ENTRY; self.cache.len() * 2];
        }
    }

    /// The headers in both sets.
    pub fn and(&mut self, a: Set, b: Set) -> Result<Set, SetError> {
        if a == b || b.is_all() {
            return Ok(a);
        }
        if a.is_all() {
            return Ok(b);
        }
        if a.is_empty() || b.is_empty() || a == b.complement() {
            return Ok(Set::NONE);
        }
        let (a, b) = if a < b { (a, b) } else { (b, a) };
        let slot = hash3(a.0, b.0, NO_THIRD) & (self.cache.len() - 1);
        let entry = self.cache[slot];
        if (entry.a, entry.b, entry.c) == (a, b, NO_THIRD) {
            return Ok(entry.result);
        }
        let level = self.nodes[a.index()].level.min(self.nodes[b.index()].level);
        let (a0, a1) = self.branches(a, level);
        let (b0, b1) = self.branches(b, level);
        let low = self.and(a0, b0)?;
        let high = self.and(a1, b1)?;
        let result = self.node(level, low, high)?;
        self.remember(CacheEntry { a, b, c: NO_THIRD, result });
        Ok(result)
    }

    /// The headers in either set.
    pub fn or(&mut self, a: Set, b: Set) -> Result<Set, SetError> {
        Ok(self.and(a.complement(), b.complement())?.complement())
    }

    /// The headers in any of the sets. Joined pairwise, so that the large unions come last and are few.
    pub fn union(&mut self, mut sets: Vec<Set>) -> Result<Set, SetError> {
        while sets.len() > 1 {
            let mut joined = Vec::with_capacity(sets.len().div_ceil(2));
            for pair in sets.chunks(2) {
                joined.push(match *pair {
                    [a, b] => self.or(a, b)?,
                    _ => pair[0],
                });
            }
            sets = joined;
        }
        Ok(sets.pop().unwrap_or(Set::NONE))
    }

    /// The headers in `a` that are not in `b`.
    pub fn diff(&mut self, a: Set, b: Set) -> Result<Set, SetError> {
        self.and(a, b.complement())
    }

    /// The headers that are in exactly one of the two sets.
    pub fn xor(&mut self, a: Set, b: Set) -> Result<Set, SetError> {
        self.if_then_else(a, b.complement(), b)
    }

    /// Whether every header of `a` is in `b`.
    pub fn implies(&mut self, a: Set, b: Set) -> Result<bool, SetError> {
        Ok(self.diff(a, b)?.is_empty())
    }

    /// `yes` within `condition`, `no` outside it.
    pub fn if_then_else(&mut self, condition: Set, yes: Set, no: Set) -> Result<Set, SetError> {
        let (mut f, mut g, mut h) = (condition, yes, no);
        if f.is_complement() {
            (f, g, h) = (f.complement(), h, g);
        }
        if f.is_all() || g == h {
            return Ok(g);
        }
        // Where an operand is constant or repeats the condition, one conjunction is enough.
        if g.is_all() || g == f {
            return self.or(f, h);
        }
        if g.is_empty() || g == f.complement() {
            return self.and(f.complement(), h);
        }
        if h.is_empty() || h == f {
            return self.and(f, g);
        }
        if h.is_all() || h == f.complement() {
            return self.or(f.complement(), g);
        }
        let flip = g.is_complement();
        if flip {
            (g, h) = (g.complement(), h.complement());
        }
        let slot = hash3(f.0, g.0, h.0) & (self.cache.len() - 1);
        let entry = self.cache[slot];
        if (entry.a, entry.b, entry.c) == (f, g, h.0) {
            return Ok(if flip { entry.result.complement() } else { entry.result });
        }
        let level =
            self.nodes[f.index()].level.min(self.nodes[g.index()].level).min(self.nodes[h.index()].level);
        let (f0, f1) = self.branches(f, level);
        let (g0, g1) = self.branches(g, level);
        let (h0, h1) = self.branches(h, level);
        let low = self.if_then_else(f0, g0, h0)?;
        let high = self.if_then_else(f1, g1, h1)?;
        let result = self.node(level, low, high)?;
        self.remember(CacheEntry { a: f, b: g, c: h.0, result });
        Ok(if flip { result.complement() } else { result })
    }

    /// The headers that are in the set for *some* value of the variables at `from <= level < to`.
    pub fn exists(&mut self, set: Set, from: u16, to: u16) -> Result<Set, SetError> {
        let mut memo = AHashMap::new();
        self.exists_memo(set, from, to, &mut memo)
    }

    fn exists_memo(
        &mut self,
        set: Set,
        from: u16,
        to: u16,
        memo: &mut AHashMap<Set, Set>,
    ) -> Result<Set, SetError> {
        let Some(level) = self.level(set).filter(|&level| level < to) else { return Ok(set) };
        if let Some(&known) = memo.get(&set) {
            return Ok(known);
        }
        let (low, high) = self.branches(set, level);
        let low = self.exists_memo(low, from, to, memo)?;
        let high = self.exists_memo(high, from, to, memo)?;
        let result = if level < from { self.node(level, low, high)? } else { self.or(low, high)? };
        memo.insert(set, result);
        Ok(result)
    }

    /// The headers that are in `set` once the variables at `from`, `from + 1`, … were changed so.
    pub fn after_changes(&mut self, set: Set, from: u16, changes: &[BitChange]) -> Result<Set, SetError> {
        let mut memo = AHashMap::new();
        self.changes_memo(set, from, changes, &mut memo)
    }

    fn changes_memo(
        &mut self,
        set: Set,
        from: u16,
        changes: &[BitChange],
        memo: &mut AHashMap<Set, Set>,
    ) -> Result<Set, SetError> {
        let Some(level) = self.level(set) else { return Ok(set) };
        if usize::from(level) >= usize::from(from) + changes.len() {
            return Ok(set);
        }
        if let Some(&known) = memo.get(&set) {
            return Ok(known);
        }
        let (low, high) = self.branches(set, level);
        let change = if level < from { BitChange::Keep } else { changes[usize::from(level - from)] };
        let result = match change {
            BitChange::Clear => self.changes_memo(low, from, changes, memo)?,
            BitChange::Set => self.changes_memo(high, from, changes, memo)?,
            BitChange::Keep | BitChange::Flip => {
                let low = self.changes_memo(low, from, changes, memo)?;
                let high = self.changes_memo(high, from, changes, memo)?;
                let (low, high) = if change == BitChange::Flip { (high, low) } else { (low, high) };
                self.node(level, low, high)?
            }
        };
        memo.insert(set, result);
        Ok(result)
    }

    /// A copy of a set of another diagram, with the same levels.
    pub fn import(
        &mut self,
        other: &Diagram,
        set: Set,
        memo: &mut AHashMap<Set, Set>,
    ) -> Result<Set, SetError> {
        let regular = if set.is_complement() { set.complement() } else { set };
        if regular.is_terminal() {
            return Ok(set);
        }
        let copy = match memo.get(&regular) {
            Some(&known) => known,
            None => {
                let node = other.nodes[regular.index()];
                let low = self.import(other, node.low, memo)?;
                let high = self.import(other, node.high, memo)?;
                let made = self.node(node.level, low, high)?;
                memo.insert(regular, made);
                made
            }
        };
        Ok(copy.toggled_by(set))
    }

    /// How many nodes the set itself takes.
    #[must_use]
    pub fn size(&self, set: Set) -> usize {
        let mut seen = ahash::AHashSet::new();
        let mut open = vec![set.index()];
        while let Some(index) = open.pop() {
            if index != 0 && seen.insert(index) {
                open.push(self.nodes[index].low.index());
                open.push(self.nodes[index].high.index());
            }
        }
        seen.len()
    }

    fn remember(&mut self, entry: CacheEntry) {
        let slot = hash3(entry.a.0, entry.b.0, entry.c) & (self.cache.len() - 1);
        self.cache[slot] = entry;
    }
}

/// Mixes three words into one; the low bits are the good ones.
fn hash3(a: u32, b: u32, c: u32) -> usize {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut x = (u64::from(a) << 32 | u64::from(b)).wrapping_mul(K);
    x = (x ^ (x >> 32) ^ u64::from(c)).wrapping_mul(K);
    (x ^ (x >> 29)) as usize
}
