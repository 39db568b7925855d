//! A configuration as a tree of names: what all three forms of the language say alike.
//!
//! An element, the entry of a list, a member and a value are each a node with a name: `<from><member>any</member></from>`,
//! `from any;` and `set … from any` are a node `from` that holds a node `any`. The tree is one flat list whose nodes point
//! at each other, so that neither building nor walking it goes deeper with the text.

use crate::dialects::Reading;
use crate::ruleset::LineState;
use ahash::AHashMap;
use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;
use zonewright_source::Diagnostic;

/// Nodes of one file; what comes behind is not in the tree.
pub(super) const NODES_MAX: usize = 8_000_000;

/// A span with narrow numbers: a file is far below 4 GB.
type Narrow = (u32, u32);

#[derive(Debug)]
struct Node<'t> {
    name: Cow<'t, str>,
    parent: u32,
    first: Option<u32>,
    last: Option<u32>,
    next: Option<u32>,
    before: Option<u32>,
    /// Where it shows first.
    span: Narrow,
    /// The spans whose lines are its own: its tags, or the command that sets it.
    own: [Option<Narrow>; 2],
    /// When it was set last: of several values the one set last holds.
    order: u32,
    mark: Cell<Mark>,
}

/// What became of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Nobody asked for it.
    Unread,
    /// It was asked for; what it holds is another matter.
    Read,
    /// It and all it holds were understood.
    Modeled,
    /// It and all it holds are knowingly left out.
    Ignored,
    /// It or something in it was not understood, and that was said.
    Warned,
}

/// The tree.
#[derive(Debug)]
pub(super) struct Tree<'t> {
    nodes: Vec<Node<'t>>,
    /// More spans of nodes that are set by more than two commands.
    more: Vec<(u32, Narrow)>,
    /// Nodes by the node that holds them and their name, for forms that name the same node again and again.
    index: AHashMap<(u32, Cow<'t, str>), u32>,
    order: u32,
    /// Whether there was more than fits.
    pub(super) is_full: bool,
}

impl<'t> Tree<'t> {
    /// A tree with nothing but its root.
    pub(super) fn new() -> Self {
        let mut tree =
            Self { nodes: Vec::new(), more: Vec::new(), index: AHashMap::new(), order: 0, is_full: false };
        tree.nodes.push(node(Cow::Borrowed(""), 0, &(0..0)));
        tree
    }

    /// The index of the root.
    pub(super) const ROOT: u32 = 0;

    /// Adds a node behind those that `parent` holds already.
    pub(super) fn add(&mut self, parent: u32, name: Cow<'t, str>, span: &Range<usize>) -> Option<u32> {
        if self.nodes.len() >= NODES_MAX {
            self.is_full = true;
            return None;
        }
        let id = u32::try_from(self.nodes.len()).ok()?;
        self.order += 1;
        let mut added = node(name, parent, span);
        added.order = self.order;
        added.before = self.node(parent)?.last;
        self.nodes.push(added);
        self.append(parent, id);
        Some(id)
    }

    /// The node of this name in `parent`, made if it is not there. Only nodes made so are found so.
    pub(super) fn ensure(&mut self, parent: u32, name: Cow<'t, str>, span: &Range<usize>) -> Option<u32> {
        if let Some(known) = self.index.get(&(parent, name.clone())) {
            return Some(*known);
        }
        let id = self.add(parent, name.clone(), span)?;
        self.index.insert((parent, name), id);
        Some(id)
    }

    /// Says that the lines of `span` are those of a node, which is set by them.
    pub(super) fn own(&mut self, id: u32, span: &Range<usize>) {
        self.order += 1;
        let (order, span) = (self.order, narrow(span));
        let Some(node) = self.nodes.get_mut(id as usize) else { return };
        node.order = order;
        match &mut node.own {
            [first @ None, _] | [Some(_), first @ None] => *first = Some(span),
            _ => self.more.push((id, span)),
        }
    }

    /// The node that a path leads to, among those that were made by [`Tree::ensure`].
    pub(super) fn find(&self, path: &[Cow<'t, str>]) -> Option<u32> {
        path.iter().try_fold(Self::ROOT, |at, name| self.index.get(&(at, name.clone())).copied())
    }

    /// Takes a node with all it holds out of the tree. The lines that set it keep a place in the account.
    pub(super) fn delete(&mut self, id: u32) {
        let Some(node) = self.nodes.get(id as usize) else { return };
        node.mark.set(Mark::Modeled);
        let key = (node.parent, node.name.clone());
        self.index.remove(&key);
        self.unlink(id);
    }

    /// Gives a node another name. Whether none of that name was there.
    pub(super) fn rename(&mut self, id: u32, name: Cow<'t, str>) -> bool {
        let Some(node) = self.nodes.get_mut(id as usize) else { return false };
        let parent = node.parent;
        if self.index.contains_key(&(parent, name.clone())) {
            return false;
        }
        let before = std::mem::replace(&mut node.name, name.clone());
        self.index.remove(&(parent, before));
        self.index.insert((parent, name), id);
        true
    }

    /// Puts a node in front of another that the same node holds; behind all of them where `before` is `None`.
    pub(super) fn reorder(&mut self, id: u32, before: Option<u32>) {
        let Some(parent) = self.node(id).map(|node| node.parent) else { return };
        if before == Some(id) || id == Self::ROOT {
            return;
        }
        self.unlink(id);
        let Some(at) = before else {
            let last = self.node(parent).and_then(|node| node.last);
            self.with(id, |node| node.before = last);
            return self.append(parent, id);
        };
        let previous = self.node(at).and_then(|node| node.before);
        self.with(id, |node| (node.before, node.next) = (previous, Some(at)));
        self.with(at, |node| node.before = Some(id));
        match previous {
            Some(previous) => self.with(previous, |node| node.next = Some(id)),
            None => self.with(parent, |node| node.first = Some(id)),
        }
    }

    /// The node behind this one in what holds both.
    pub(super) fn behind(&self, id: u32) -> Option<u32> {
        self.node(id)?.next
    }

    /// The node that holds this one.
    pub(super) fn parent(&self, id: u32) -> u32 {
        self.node(id).map_or(Self::ROOT, |node| node.parent)
    }

    /// The first node within this one.
    pub(super) fn first_within(&self, id: u32) -> Option<u32> {
        self.node(id)?.first
    }

    /// Says that a node was not understood, and that this was said.
    pub(super) fn warned(&self, id: u32) {
        self.at(id).mark(Mark::Warned);
    }

    /// The node, to be read.
    pub(super) fn at(&self, id: u32) -> At<'_> {
        At { tree: self, id }
    }

    fn node(&self, id: u32) -> Option<&Node<'t>> {
        self.nodes.get(id as usize)
    }

    fn with(&mut self, id: u32, change: impl FnOnce(&mut Node<'t>)) {
        self.nodes.get_mut(id as usize).map(change);
    }

    /// Links a node, whose own link back is set already, behind the last of what `parent` holds.
    fn append(&mut self, parent: u32, id: u32) {
        match self.node(parent).and_then(|node| node.last) {
            Some(last) => self.with(last, |node| node.next = Some(id)),
            None => self.with(parent, |node| node.first = Some(id)),
        }
        self.with(parent, |node| node.last = Some(id));
    }

    fn unlink(&mut self, id: u32) {
        let Some(node) = self.node(id) else { return };
        let (parent, before, next) = (node.parent, node.before, node.next);
        match before {
            Some(before) => self.with(before, |node| node.next = next),
            None => self.with(parent, |node| node.first = next),
        }
        match next {
            Some(next) => self.with(next, |node| node.before = before),
            None => self.with(parent, |node| node.last = before),
        }
        self.with(id, |node| (node.before, node.next) = (None, None));
    }

    /// Enters the lines of all nodes into the account, and warns of what nobody asked for.
    pub(super) fn account(&self, reading: &mut Reading) {
        // A node stands behind the one that holds it, so that what became of that one is known.
        let mut became: Vec<Mark> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let outer = became.get(node.parent as usize).copied().unwrap_or(Mark::Read);
            let mark = match (node.mark.get(), outer) {
                (Mark::Unread | Mark::Read, Mark::Modeled | Mark::Ignored | Mark::Warned) => outer,
                (Mark::Unread, _) => {
                    unread(node, reading);
                    Mark::Warned
                }
                (mark, _) => mark,
            };
            became.push(mark);
            for span in node.own.iter().flatten() {
                reading.account(&wide(*span), state(mark));
            }
        }
        for (id, span) in &self.more {
            let mark = became.get(*id as usize).copied().unwrap_or(Mark::Read);
            reading.account(&wide(*span), state(mark));
        }
    }
}

fn state(mark: Mark) -> LineState {
    match mark {
        Mark::Read | Mark::Modeled => LineState::Modeled,
        Mark::Ignored => LineState::Ignored,
        Mark::Unread | Mark::Warned => LineState::Warned,
    }
}

fn unread(node: &Node<'_>, reading: &mut Reading) {
    let message = format!("`{}` is not known at this place", short(&node.name));
    let unread = Diagnostic::warning("firewall/unread-statement", message)
        .because("what it says, and what stands in it, is not in the ruleset");
    reading.report(&wide(node.span), unread);
}

/// A name that is not too long to be shown.
pub(super) fn short(name: &str) -> &str {
    name.get(..name.floor_char_boundary(60)).unwrap_or(name)
}

fn node<'t>(name: Cow<'t, str>, parent: u32, span: &Range<usize>) -> Node<'t> {
    Node {
        name,
        parent,
        first: None,
        last: None,
        next: None,
        before: None,
        span: narrow(span),
        own: [None, None],
        order: 0,
        mark: Cell::new(if parent == 0 && *span == (0..0) { Mark::Read } else { Mark::Unread }),
    }
}

fn narrow(span: &Range<usize>) -> Narrow {
    let cut = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    (cut(span.start), cut(span.end))
}

fn wide((start, end): Narrow) -> Range<usize> {
    start as usize..end as usize
}

/// A node, to be read. Asking for it by name marks it as read.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'m> {
    tree: &'m Tree<'m>,
    id: u32,
}

impl<'m> At<'m> {
    fn node(self) -> Option<&'m Node<'m>> {
        self.tree.node(self.id)
    }

    /// Its name.
    pub(super) fn name(self) -> &'m str {
        self.node().map_or("", |node| node.name.as_ref())
    }

    /// Where it shows first.
    pub(super) fn span(self) -> Range<usize> {
        self.node().map_or(0..0, |node| wide(node.span))
    }

    /// What became of it.
    pub(super) fn mark(self, mark: Mark) -> Self {
        if let Some(node) = self.node() {
            node.mark.set(mark);
        }
        self
    }

    /// Itself, marked as read, unless more is known of it.
    pub(super) fn touched(self) -> Self {
        match self.node().map(|node| node.mark.get()) {
            Some(Mark::Unread) => self.mark(Mark::Read),
            _ => self,
        }
    }

    /// Whether it is the same node.
    pub(super) fn is(self, other: At<'_>) -> bool {
        self.id == other.id
    }

    /// What it holds, in order, without marking it.
    pub(super) fn within(self) -> Within<'m> {
        Within { tree: self.tree, next: self.node().and_then(|node| node.first) }
    }

    /// What it holds, in order, as read.
    pub(super) fn entries(self) -> impl Iterator<Item = At<'m>> {
        self.within().map(At::touched)
    }

    /// The first node of this name in it, as read.
    pub(super) fn child(self, name: &str) -> Option<At<'m>> {
        self.within().find(|child| child.name() == name).map(At::touched)
    }

    /// The node that these names lead to, as read.
    pub(super) fn path(self, names: &[&str]) -> Option<At<'m>> {
        names.iter().try_fold(self, |at, name| at.child(name))
    }

    /// The names of what the node of this name holds, as modeled: the members of a list.
    pub(super) fn members(self, name: &str) -> Vec<At<'m>> {
        let Some(list) = self.child(name) else { return Vec::new() };
        list.entries().collect()
    }

    /// The value of the node of this name: what was set last in it.
    pub(super) fn text(self, name: &str) -> Option<&'m str> {
        self.child(name)?.value()
    }

    /// Its value: what was set last in it.
    pub(super) fn value(self) -> Option<&'m str> {
        let values = self.entries();
        values.max_by_key(|value| value.node().map_or(0, |node| node.order)).map(At::name)
    }

    /// Whether the node of this name has the value `yes`.
    pub(super) fn is_yes(self, name: &str) -> bool {
        self.text(name) == Some("yes")
    }

    /// The nodes that hold it, from the nearest on.
    pub(super) fn outer(self) -> impl Iterator<Item = At<'m>> {
        let tree = self.tree;
        let up = move |at: &At<'m>| (at.id != Tree::ROOT).then(|| At { tree, id: tree.parent(at.id) });
        std::iter::successors(up(&self), up)
    }

    /// Every node of the tree.
    pub(super) fn everything(self) -> impl Iterator<Item = At<'m>> {
        let tree = self.tree;
        (0..tree.nodes.len()).filter_map(move |id| Some(At { tree, id: u32::try_from(id).ok()? }))
    }
}

/// The nodes that one holds.
#[derive(Debug, Clone)]
pub(super) struct Within<'m> {
    tree: &'m Tree<'m>,
    next: Option<u32>,
}

impl<'m> Iterator for Within<'m> {
    type Item = At<'m>;

    fn next(&mut self) -> Option<At<'m>> {
        let id = self.next?;
        self.next = self.tree.behind(id);
        Some(At { tree: self.tree, id })
    }
}
