//! A configuration as one tree of words, however it was written.
//!
//! Each word is a node below the word before it: `term t1 { from { protocol tcp; } }` and
//! `set term t1 from protocol tcp` are the same nodes. Readers mark the nodes that they understand; what is left without
//! a mark at the end was not read.

use ahash::AHashMap;
use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

/// Most nodes of a tree, inherited ones included.
pub(super) const NODES_MAX: usize = 6_000_000;
/// Most words from the root down to a leaf.
pub(super) const DEPTH_MAX: usize = 120;

/// A node of a [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct NodeId(u32);

/// What became of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// Nobody looked at it.
    Unread,
    /// It was understood; what is below speaks for itself.
    Read,
    /// It and all below it was understood.
    ReadAll,
    /// It and all below it cannot bear on which packets pass.
    IgnoredAll,
}

#[derive(Debug)]
struct Node {
    word: u32,
    parent: NodeId,
    children: Vec<NodeId>,
    span: Range<usize>,
    depth: usize,
    /// Switched off (`inactive:`, `deactivate`).
    inactive: bool,
    /// Taken out (`delete`).
    deleted: bool,
    mark: Cell<Mark>,
    /// The node of a group that this one is a copy of.
    origin: Option<NodeId>,
}

/// One statement of the text: what it says is the way from the root to each of these nodes.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) span: Range<usize>,
    pub(super) leaves: Range<usize>,
}

/// The tree. Node 0 is the root.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    words: Vec<Arc<str>>,
    word_ids: AHashMap<Arc<str>, u32>,
    index: AHashMap<(NodeId, u32), NodeId>,
    statements: Vec<Statement>,
    leaves: Vec<NodeId>,
    /// How many siblings may still be looked at to move nodes among them.
    moves_left: usize,
}

/// Most siblings that all commands which move nodes may look at together.
const MOVES_MAX: usize = 200_000_000;

impl Tree {
    pub(super) const ROOT: NodeId = NodeId(0);

    pub(super) fn new() -> Self {
        let root = Node {
            word: 0,
            parent: Self::ROOT,
            children: Vec::new(),
            span: 0..0,
            depth: 0,
            inactive: false,
            deleted: false,
            mark: Cell::new(Mark::Read),
            origin: None,
        };
        let empty: Arc<str> = "".into();
        Self {
            nodes: vec![root],
            words: vec![empty.clone()],
            word_ids: AHashMap::from_iter([(empty, 0)]),
            index: AHashMap::new(),
            statements: Vec::new(),
            leaves: Vec::new(),
            moves_left: MOVES_MAX,
        }
    }

    #[expect(clippy::indexing_slicing, reason = "ids are only made by `add`, and no node is ever removed")]
    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "ids are only made by `add`, and no node is ever removed")]
    fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    /// The word of a node.
    pub(super) fn word(&self, id: NodeId) -> &str {
        self.words.get(self.node(id).word as usize).map_or("", |word| word)
    }

    /// Where the word stands; of a copy, where the word of the group stands.
    pub(super) fn span(&self, id: NodeId) -> Range<usize> {
        self.node(id).span.clone()
    }

    /// The node above; the root's is itself.
    pub(super) fn parent(&self, id: NodeId) -> NodeId {
        self.node(id).parent
    }

    /// The node of a group that this one is a copy of.
    pub(super) fn origin(&self, id: NodeId) -> Option<NodeId> {
        self.node(id).origin
    }

    /// How many words stand above.
    pub(super) fn depth(&self, id: NodeId) -> usize {
        self.node(id).depth
    }

    /// The child of this word, whatever its state.
    pub(super) fn find(&self, parent: NodeId, word: &str) -> Option<NodeId> {
        let word = *self.word_ids.get(word)?;
        self.index.get(&(parent, word)).copied().filter(|id| !self.node(*id).deleted)
    }

    /// The child of this word, made now if it is not there; `None` where the tree is full or too deep.
    pub(super) fn add(&mut self, parent: NodeId, word: &str, span: Range<usize>) -> Option<NodeId> {
        let word = self.word_id(word)?;
        if let Some(known) = self.index.get(&(parent, word)).copied() {
            if self.node(known).deleted {
                self.revive(known, span)?;
            }
            return Some(known);
        }
        let depth = self.node(parent).depth + 1;
        if self.nodes.len() >= NODES_MAX || depth > DEPTH_MAX {
            return None;
        }
        let id = NodeId(u32::try_from(self.nodes.len()).ok()?);
        self.nodes.push(Node {
            word,
            parent,
            children: Vec::new(),
            span,
            depth,
            inactive: false,
            deleted: false,
            mark: Cell::new(Mark::Unread),
            origin: None,
        });
        self.node_mut(parent).children.push(id);
        self.index.insert((parent, word), id);
        Some(id)
    }

    /// A node that was deleted and is set again begins anew, behind its siblings.
    fn revive(&mut self, id: NodeId, span: Range<usize>) -> Option<()> {
        let parent = self.parent(id);
        let touched = self.node(id).children.len() + self.node(parent).children.len();
        self.moves_left = self.moves_left.checked_sub(touched)?;
        let below = std::mem::take(&mut self.node_mut(id).children);
        for child in &below {
            self.node_mut(*child).deleted = true;
        }
        let node = self.node_mut(id);
        node.children = below;
        node.span = span;
        node.inactive = false;
        node.deleted = false;
        let siblings = &mut self.node_mut(parent).children;
        siblings.retain(|sibling| *sibling != id);
        siblings.push(id);
        Some(())
    }

    fn word_id(&mut self, word: &str) -> Option<u32> {
        if let Some(known) = self.word_ids.get(word) {
            return Some(*known);
        }
        let id = u32::try_from(self.words.len()).ok()?;
        let word: Arc<str> = word.into();
        self.words.push(word.clone());
        self.word_ids.insert(word, id);
        Some(id)
    }

    /// Makes `copy` known as a copy of a node of a group.
    pub(super) fn set_origin(&mut self, copy: NodeId, origin: NodeId) {
        self.node_mut(copy).origin = Some(origin);
    }

    /// Switches a node off or on.
    pub(super) fn set_inactive(&mut self, id: NodeId, inactive: bool) {
        self.node_mut(id).inactive = inactive;
    }

    /// Takes a node out.
    pub(super) fn delete(&mut self, id: NodeId) {
        self.node_mut(id).deleted = true;
    }

    /// Whether a node itself is switched off or taken out.
    pub(super) fn is_off(&self, id: NodeId) -> bool {
        let node = self.node(id);
        node.inactive || node.deleted
    }

    /// Puts a node before or behind a sibling; `None` where it is none, or where too much was moved before.
    pub(super) fn reorder(&mut self, id: NodeId, sibling: NodeId, behind: bool) -> Option<()> {
        let parent = self.parent(id);
        if id == sibling || self.parent(sibling) != parent {
            return None;
        }
        self.moves_left = self.moves_left.checked_sub(self.node(parent).children.len())?;
        let siblings = &mut self.node_mut(parent).children;
        siblings.retain(|other| *other != id);
        let at = siblings.iter().position(|other| *other == sibling).map(|at| at + usize::from(behind));
        siblings.insert(at.unwrap_or(siblings.len()).min(siblings.len()), id);
        Some(())
    }

    /// The children that are in force, in order.
    pub(super) fn children(&self, id: NodeId) -> impl DoubleEndedIterator<Item = NodeId> + '_ {
        self.node(id).children.iter().copied().filter(|child| !self.is_off(*child))
    }

    /// The child of this word that is in force. It is marked as read.
    pub(super) fn enter(&self, parent: NodeId, word: &str) -> Option<NodeId> {
        let child = self.find(parent, word).filter(|child| !self.is_off(*child))?;
        self.read(child);
        Some(child)
    }

    /// The node at the end of this way that is in force. All nodes on it are marked as read.
    pub(super) fn enter_way(&self, from: NodeId, way: &[&str]) -> Option<NodeId> {
        way.iter().try_fold(from, |at, word| self.enter(at, word))
    }

    /// The children in force of a child, all marked as read: the things by name of a kind.
    pub(super) fn things(&self, parent: NodeId, kind: &str) -> Vec<NodeId> {
        let Some(kind) = self.enter(parent, kind) else { return Vec::new() };
        let things: Vec<NodeId> = self.children(kind).collect();
        things.iter().for_each(|thing| self.read(*thing));
        things
    }

    /// The first word below, marked as read.
    pub(super) fn value(&self, id: NodeId) -> Option<&str> {
        let value = self.children(id).next()?;
        self.read(value);
        Some(self.word(value))
    }

    /// Marks a node as understood.
    pub(super) fn read(&self, id: NodeId) {
        self.mark(id, Mark::Read);
    }

    /// Marks a node and all below it as understood.
    pub(super) fn read_all(&self, id: NodeId) {
        self.mark(id, Mark::ReadAll);
    }

    /// Marks a node; a stronger mark stays.
    pub(super) fn mark(&self, id: NodeId, mark: Mark) {
        let cell = &self.node(id).mark;
        cell.set(cell.get().max(mark));
    }

    /// The mark of a node itself.
    pub(super) fn mark_of(&self, id: NodeId) -> Mark {
        self.node(id).mark.get()
    }

    /// All nodes but the root.
    pub(super) fn all(&self) -> impl Iterator<Item = NodeId> + use<> {
        (1..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    /// The words from the root to a node.
    pub(super) fn way(&self, id: NodeId) -> Vec<&str> {
        let mut words = Vec::new();
        let mut at = id;
        while at != Self::ROOT {
            words.push(self.word(at));
            at = self.parent(at);
        }
        words.reverse();
        words
    }

    /// Adds a statement that ends in these nodes.
    pub(super) fn state(&mut self, span: Range<usize>, leaves: impl IntoIterator<Item = NodeId>) {
        let start = self.leaves.len();
        self.leaves.extend(leaves);
        self.statements.push(Statement { span, leaves: start..self.leaves.len() });
    }

    /// All statements, in the order of the text.
    pub(super) fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The nodes in which a statement ends.
    pub(super) fn leaves(&self, statement: &Statement) -> &[NodeId] {
        self.leaves.get(statement.leaves.clone()).unwrap_or_default()
    }
}

/// A keyword with its values, of several that may stand one behind the other on a line.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) key: NodeId,
    pub(super) values: Vec<NodeId>,
}

/// Words that say more about the value before them, and begin no attribute.
const MODIFIERS: [&str; 2] = ["except", "to"];

impl Tree {
    /// The attributes below a node: `protocol tcp destination-port 80` as well as one on each line. `flags` are the keywords
    /// that take no value.
    pub(super) fn attributes(&self, node: NodeId, flags: &[&str]) -> Vec<Attribute> {
        self.attributes_but(node, flags, "")
    }

    /// The same without one keyword and what is below it.
    pub(super) fn attributes_but(&self, node: NodeId, flags: &[&str], skipped: &str) -> Vec<Attribute> {
        let mut found = Vec::new();
        let mut open: Vec<NodeId> = self.children(node).collect();
        open.reverse();
        while let Some(key) = open.pop() {
            if self.word(key) == skipped {
                continue;
            }
            let below: Vec<NodeId> = self.children(key).collect();
            if flags.contains(&self.word(key)) {
                open.extend(below.iter().rev());
                found.push(Attribute { key, values: Vec::new() });
                continue;
            }
            for value in below.iter().rev() {
                let more = self.children(*value).filter(|more| !MODIFIERS.contains(&self.word(*more)));
                let more: Vec<NodeId> = more.collect();
                open.extend(more.iter().rev());
            }
            found.push(Attribute { key, values: below });
        }
        found
    }

    /// Marks an attribute and its values as understood, with what modifies these.
    pub(super) fn read_attribute(&self, attribute: &Attribute) {
        self.read(attribute.key);
        for value in &attribute.values {
            self.read(*value);
            for modifier in self.children(*value).filter(|word| MODIFIERS.contains(&self.word(*word))) {
                self.read_all(modifier);
            }
        }
    }

    /// Whether the value is modified by `except`.
    pub(super) fn is_excepted(&self, value: NodeId) -> bool {
        self.children(value).any(|word| self.word(word) == "except")
    }

    /// What stands behind `to` of a value.
    pub(super) fn range_end(&self, value: NodeId) -> Option<&str> {
        let to = self.children(value).find(|word| self.word(*word) == "to")?;
        self.children(to).next().map(|end| self.word(end))
    }
}
