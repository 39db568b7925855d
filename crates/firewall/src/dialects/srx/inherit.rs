//! Groups: what `apply-groups` copies to where it stands.

use super::tree::{Mark, NodeId, Tree};
use std::collections::BTreeSet;

/// Most nodes that all inheritance together may look at.
const WORK_MAX: usize = 4_000_000;

/// Keywords that take one value: where the configuration says one, a group does not add another.
const SINGLE: [&str; 12] = [
    "default-policy",
    "description",
    "host-name",
    "protocol",
    "application-protocol",
    "pool",
    "prefix",
    "scheduler-name",
    "apply-path",
    "mode",
    "mtu",
    "vlan-id",
];
/// Actions, of which a policy or term has one.
const ACTIONS: [&str; 5] = ["permit", "deny", "reject", "accept", "discard"];

/// What inheritance could not do.
#[derive(Debug, Default)]
pub(super) struct Inherited {
    /// Where groups are applied that are not there.
    pub(super) missing: Vec<NodeId>,
    /// Where a group applies groups itself.
    pub(super) nested: Vec<NodeId>,
    /// Whether there was too much of it.
    pub(super) cut: bool,
}

/// Applies all groups, the innermost `apply-groups` first, since what is nearer counts more.
pub(super) fn inherit(tree: &mut Tree) -> Inherited {
    let mut inherited = Inherited::default();
    let mut work = WORK_MAX;
    let groups = tree.find(Tree::ROOT, "groups").filter(|groups| !tree.is_off(*groups));
    if let Some(groups) = groups {
        tree.read(groups);
        tree.children(groups).for_each(|group| tree.read(group));
    }
    let mut applied: Vec<NodeId> = tree.all().filter(|id| tree.word(*id) == "apply-groups").collect();
    applied.retain(|id| is_in_force(tree, *id));
    applied.sort_by_key(|id| std::cmp::Reverse(tree.depth(*id)));
    for at in applied {
        tree.read(at);
        let target = tree.parent(at);
        let except: BTreeSet<String> = match tree.find(target, "apply-groups-except") {
            Some(except) => {
                tree.read_all(except);
                tree.children(except).map(|name| tree.word(name).to_owned()).collect()
            }
            None => BTreeSet::new(),
        };
        let names: Vec<NodeId> = tree.children(at).collect();
        for name in names {
            tree.read(name);
            if except.contains(tree.word(name)) {
                continue;
            }
            let found = sources(tree, groups, name);
            if found.is_empty() && !tree.word(name).contains("${") {
                inherited.missing.push(name);
            }
            for group in found {
                for source in follow(tree, group, target, &mut work) {
                    merge(tree, target, source, &mut work, &mut inherited.nested);
                }
            }
        }
    }
    inherited.cut = work == 0;
    inherited
}

/// Whether a node stands in the configuration proper, with nothing above it switched off.
fn is_in_force(tree: &Tree, id: NodeId) -> bool {
    let mut at = id;
    while at != Tree::ROOT {
        if tree.is_off(at) || (tree.depth(at) == 1 && tree.word(at) == "groups") {
            return false;
        }
        at = tree.parent(at);
    }
    true
}

/// The groups of a name. `${node}` stands for the groups of both members of a cluster.
fn sources(tree: &Tree, groups: Option<NodeId>, name: NodeId) -> Vec<NodeId> {
    let Some(groups) = groups else { return Vec::new() };
    let names: &[&str] = match tree.word(name) {
        "${node}" => &["node0", "node1"],
        "${re}" => &["re0", "re1"],
        other => &[other],
    };
    let found = names.iter().filter_map(|name| tree.find(groups, name));
    found.filter(|group| !tree.is_off(*group)).collect()
}

/// The nodes of a group that stand for the place of `target`.
fn follow(tree: &Tree, group: NodeId, target: NodeId, work: &mut usize) -> Vec<NodeId> {
    let mut at = vec![group];
    for word in tree.way(target) {
        let mut next = Vec::new();
        for node in at {
            *work = work.saturating_sub(tree.children(node).count());
            if *work == 0 {
                return Vec::new();
            }
            for child in tree.children(node).filter(|child| fits(tree.word(*child), word)) {
                tree.read(child);
                next.push(child);
            }
        }
        at = next;
    }
    at
}

/// Copies what is below `source` to below `target`.
fn merge(tree: &mut Tree, target: NodeId, source: NodeId, work: &mut usize, nested: &mut Vec<NodeId>) {
    let mut open = vec![(target, source)];
    while let Some((target, source)) = open.pop() {
        if is_above(tree, source, target) {
            continue;
        }
        let parts: Vec<NodeId> = tree.children(source).collect();
        for part in parts.into_iter().rev() {
            let Some(left) = work.checked_sub(1) else { return };
            *work = left;
            let word = tree.word(part).to_owned();
            if word == "apply-groups" || word == "apply-groups-except" {
                nested.push(part);
                continue;
            }
            if is_pattern(&word) {
                tree.read(part);
                *work = work.saturating_sub(tree.children(target).count());
                let fitting: Vec<NodeId> =
                    tree.children(target).filter(|child| fits(&word, tree.word(*child))).collect();
                open.extend(fitting.into_iter().map(|child| (child, part)));
                continue;
            }
            if let Some(known) = tree.find(target, &word) {
                tree.read(part);
                if !tree.is_off(known) {
                    open.push((known, part));
                }
                continue;
            }
            if is_overruled(tree, target, &word) {
                tree.mark(part, Mark::ReadAll);
                continue;
            }
            let span = tree.span(part);
            let Some(copy) = tree.add(target, &word, span) else {
                *work = 0;
                return;
            };
            tree.set_origin(copy, part);
            open.push((copy, part));
        }
    }
}

/// Whether the configuration says otherwise, so that what a group says does not count.
fn is_overruled(tree: &Tree, target: NodeId, word: &str) -> bool {
    if SINGLE.contains(&tree.word(target)) {
        return tree.children(target).next().is_some();
    }
    ACTIONS.contains(&word)
        && tree.word(target) == "then"
        && tree.children(target).any(|child| ACTIONS.contains(&tree.word(child)))
}

fn is_above(tree: &Tree, node: NodeId, below: NodeId) -> bool {
    let mut at = below;
    while at != Tree::ROOT {
        if at == node {
            return true;
        }
        at = tree.parent(at);
    }
    false
}

fn is_pattern(word: &str) -> bool {
    word.starts_with('<') && word.ends_with('>') && word.len() > 2
}

/// Whether a word of a group stands for a word of the configuration: the same word, or a pattern in `<…>`.
fn fits(pattern: &str, word: &str) -> bool {
    match pattern.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
        Some(pattern) => glob(pattern, word),
        None => pattern == word,
    }
}

/// Longest pattern that is tried, in bytes.
const PATTERN_MAX: usize = 256;

/// Shell patterns: `*` any characters, `?` one, `[a-c]` or `[!a]` one of a set.
pub(super) fn glob(pattern: &str, word: &str) -> bool {
    if pattern.len() > PATTERN_MAX || word.len() > PATTERN_MAX {
        return false;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let word: Vec<char> = word.chars().collect();
    let (mut p, mut w) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(&c) = word.get(w) {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, w));
                p += 1;
                continue;
            }
            Some('?') => {
                (p, w) = (p + 1, w + 1);
                continue;
            }
            Some('[') => {
                if let Some(behind) = in_class(&pattern, p, c) {
                    (p, w) = (behind, w + 1);
                    continue;
                }
            }
            Some(same) if *same == c => {
                (p, w) = (p + 1, w + 1);
                continue;
            }
            _ => {}
        }
        match star {
            Some((at, from)) => {
                star = Some((at, from + 1));
                (p, w) = (at + 1, from + 1);
            }
            None => return false,
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|c| *c == '*'))
}

/// Whether the class that begins at `at` has the character: then the index behind the class.
fn in_class(pattern: &[char], at: usize, c: char) -> Option<usize> {
    let close = pattern.get(at + 1..)?.iter().position(|c| *c == ']')? + at + 1;
    let inner = pattern.get(at + 1..close)?;
    let (negated, inner) = match inner {
        ['!' | '^', rest @ ..] => (true, rest),
        all => (false, all),
    };
    let mut found = false;
    let mut index = 0;
    while let Some(&first) = inner.get(index) {
        match (inner.get(index + 1), inner.get(index + 2)) {
            (Some('-'), Some(&last)) => {
                found |= first <= c && c <= last;
                index += 3;
            }
            _ => {
                found |= first == c;
                index += 1;
            }
        }
    }
    (found != negated).then_some(close + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_a_shell() {
        assert!(glob("*", "") && glob("ge-*", "ge-0/0/1") && glob("ge-?/[01]/*", "ge-0/1/7"));
        assert!(!glob("ge-?/[01]/*", "ge-0/2/7") && !glob("a", "b") && glob("[!a]*b", "cab"));
        assert!(glob("*a*a*a*b", &"a".repeat(200).replace("aaaaaaaaaa", "aaaaaaaaab")));
    }
}
