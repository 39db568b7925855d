//! Groups of things by name, which may hold other groups.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What a group holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Member<T> {
    /// A thing of its own.
    Own(T),
    /// All that the group of this name holds.
    Group(String),
}

/// What a group holds, each with where that is said.
type Members<T> = Vec<(Member<T>, Range<usize>)>;

/// Groups by name.
#[derive(Debug, Clone)]
pub(crate) struct Groups<T> {
    by_name: BTreeMap<String, Members<T>>,
}

impl<T> Default for Groups<T> {
    fn default() -> Self {
        Self { by_name: BTreeMap::new() }
    }
}

/// What is wrong with what a group holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GroupProblem {
    /// It names a group that is not defined: the name, and where it is named.
    Missing(String, Range<usize>),
    /// It holds itself, perhaps by way of others: the name, and where it is named.
    Circle(String, Range<usize>),
}

impl<T: Clone> Groups<T> {
    /// Makes the group, empty if it is not there yet.
    pub(crate) fn declare(&mut self, name: &str) {
        self.by_name.entry(name.to_owned()).or_default();
    }

    /// Adds a member to a group, which is made if it is not there yet. `span` is where that is said.
    pub(crate) fn add(&mut self, name: &str, member: Member<T>, span: Range<usize>) {
        self.by_name.entry(name.to_owned()).or_default().push((member, span));
    }

    /// Takes out the group of this name.
    pub(crate) fn remove(&mut self, name: &str) {
        self.by_name.remove(name);
    }

    /// Whether there is a group of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// How many members a group has itself.
    pub(crate) fn len_of(&self, name: &str) -> usize {
        self.by_name.get(name).map_or(0, Vec::len)
    }

    /// All things that a group and those within it hold, in order, groups that are met again left out; `None` where there is
    /// no group of the name. What is missing or goes round in a circle is added to `problems`.
    pub(crate) fn things(&self, name: &str, problems: &mut Vec<GroupProblem>) -> Option<Vec<T>> {
        self.things_and_cost(name, problems).map(|(things, _)| things)
    }

    /// The same, with how many groups were walked for it.
    pub(crate) fn things_and_cost(
        &self,
        name: &str,
        problems: &mut Vec<GroupProblem>,
    ) -> Option<(Vec<T>, usize)> {
        let mut things = Vec::new();
        // The groups that are being walked, with how far; a group is walked once, so that the work is bounded by the text.
        let mut open = vec![(name.to_owned(), 0_usize)];
        let mut met = BTreeSet::from([name.to_owned()]);
        self.by_name.get(name)?;
        while let Some((group, at)) = open.last_mut() {
            let Some((member, span)) = self.by_name.get(group.as_str()).and_then(|members| members.get(*at))
            else {
                open.pop();
                continue;
            };
            *at += 1;
            match member {
                Member::Own(thing) => things.push(thing.clone()),
                Member::Group(inner) if !self.has(inner) => {
                    problems.push(GroupProblem::Missing(inner.clone(), span.clone()));
                }
                Member::Group(inner) if met.insert(inner.clone()) => open.push((inner.clone(), 0)),
                Member::Group(inner) if open.iter().any(|(walked, _)| walked == inner) => {
                    problems.push(GroupProblem::Circle(inner.clone(), span.clone()));
                }
                Member::Group(_) => {}
            }
        }
        Some((things, met.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_within_groups_are_walked_once_and_circles_told() {
        let mut groups = Groups::default();
        groups.add("a", Member::Own(1), 0..1);
        groups.add("a", Member::Group("b".into()), 1..2);
        groups.add("b", Member::Own(2), 2..3);
        groups.add("b", Member::Group("a".into()), 3..4);
        groups.add("b", Member::Group("gone".into()), 4..5);
        groups.add("a", Member::Group("b".into()), 5..6);
        let mut problems = Vec::new();
        assert_eq!(groups.things("a", &mut problems), Some(vec![1, 2]));
        assert_eq!(
            problems,
            [GroupProblem::Circle("a".into(), 3..4), GroupProblem::Missing("gone".into(), 4..5)]
        );
        assert_eq!(groups.things("none", &mut problems), None);
    }
}
