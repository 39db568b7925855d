//! Sets of numbers as sorted, disjoint, non-adjacent intervals: exact under union, intersection and complement.

use std::fmt;
use std::sync::Arc;

/// An unsigned number that intervals are made of: a port, an address, a protocol number.
pub trait Point: Copy + Ord + fmt::Display + fmt::Debug {
    /// The least value.
    const LEAST: Self;
    /// The greatest value.
    const GREATEST: Self;
    /// The next value, or `None` behind the greatest.
    fn next(self) -> Option<Self>;
    /// The value before, or `None` before the least.
    fn before(self) -> Option<Self>;
}

macro_rules! point {
    ($($number:ty),*) => {$(
        impl Point for $number {
            const LEAST: Self = <$number>::MIN;
            const GREATEST: Self = <$number>::MAX;
            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }
            fn before(self) -> Option<Self> {
                self.checked_sub(1)
            }
        }
    )*};
}
point!(u8, u16, u32, u128);

/// A set of numbers. Cheap to clone: the intervals are shared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IntervalSet<T> {
    // INVARIANT: each pair is (first, last) with first <= last; ascending; a gap of at least one number between pairs.
    intervals: Arc<[(T, T)]>,
}

impl<T: Point> IntervalSet<T> {
    /// The set of no number.
    #[must_use]
    pub fn none() -> Self {
        Self { intervals: Arc::new([]) }
    }

    /// The set of every number.
    #[must_use]
    pub fn all() -> Self {
        Self { intervals: Arc::new([(T::LEAST, T::GREATEST)]) }
    }

    /// The set of one number.
    #[must_use]
    pub fn one(value: T) -> Self {
        Self { intervals: Arc::new([(value, value)]) }
    }

    /// The numbers from `first` to `last`, both included; none where they are the wrong way round.
    #[must_use]
    pub fn range(first: T, last: T) -> Self {
        if first <= last { Self { intervals: Arc::new([(first, last)]) } } else { Self::none() }
    }

    /// The union of intervals in any order; one that is the wrong way round counts as empty.
    #[must_use]
    pub fn from_ranges(ranges: impl IntoIterator<Item = (T, T)>) -> Self {
        let mut sorted: Vec<(T, T)> = ranges.into_iter().filter(|(first, last)| first <= last).collect();
        sorted.sort_unstable();
        let mut merged: Vec<(T, T)> = Vec::with_capacity(sorted.len());
        for (first, last) in sorted {
            match merged.last_mut() {
                Some(open) if open.1.next().is_none_or(|behind| first <= behind) => open.1 = open.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        Self { intervals: merged.into() }
    }

    /// The intervals, ascending, as (first, last), both included.
    #[must_use]
    pub fn intervals(&self) -> &[(T, T)] {
        &self.intervals
    }

    /// Whether no number is in the set.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.intervals.is_empty()
    }

    /// Whether every number is in the set.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self.intervals == [(T::LEAST, T::GREATEST)]
    }

    /// Whether `value` is in the set.
    #[must_use]
    pub fn contains(&self, value: T) -> bool {
        let behind = self.intervals.partition_point(|(first, _)| *first <= value);
        behind.checked_sub(1).and_then(|at| self.intervals.get(at)).is_some_and(|(_, last)| value <= *last)
    }

    /// The numbers not in the set.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut gaps = Vec::with_capacity(self.intervals.len() + 1);
        let mut open = Some(T::LEAST);
        for &(first, last) in self.intervals.iter() {
            if let (Some(start), Some(end)) = (open, first.before())
                && start <= end
            {
                gaps.push((start, end));
            }
            open = last.next();
        }
        if let Some(start) = open {
            gaps.push((start, T::GREATEST));
        }
        Self { intervals: gaps.into() }
    }

    /// The numbers in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::from_ranges(self.intervals.iter().chain(other.intervals.iter()).copied())
    }

    /// The numbers in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut ours, mut theirs) = (self.intervals.iter().peekable(), other.intervals.iter().peekable());
        let mut common = Vec::new();
        while let (Some(&&(a_first, a_last)), Some(&&(b_first, b_last))) = (ours.peek(), theirs.peek()) {
            let (first, last) = (a_first.max(b_first), a_last.min(b_last));
            if first <= last {
                common.push((first, last));
            }
            if a_last <= b_last {
                ours.next();
            } else {
                theirs.next();
            }
        }
        Self { intervals: common.into() }
    }
}

impl<T: Point> fmt::Display for IntervalSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() {
            return f.write_str("none");
        }
        for (at, (first, last)) in self.intervals.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            if first == last {
                write!(f, "{first}")?;
            } else {
                write!(f, "{first}-{last}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn brute(set: &IntervalSet<u8>) -> Vec<bool> {
        (0..=u8::MAX).map(|n| set.contains(n)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn operations_agree_with_membership(a in prop::collection::vec((0u8.., 0u8..), 0..6), b in prop::collection::vec((0u8.., 0u8..), 0..6)) {
            let (x, y) = (IntervalSet::from_ranges(a.clone()), IntervalSet::from_ranges(b));
            for n in 0..=u8::MAX {
                prop_assert_eq!(x.contains(n), a.iter().any(|(f, l)| *f <= n && n <= *l));
                prop_assert_eq!(x.complement().contains(n), !x.contains(n));
                prop_assert_eq!(x.union(&y).contains(n), x.contains(n) || y.contains(n));
                prop_assert_eq!(x.intersection(&y).contains(n), x.contains(n) && y.contains(n));
            }
            prop_assert_eq!(x.complement().complement(), x.clone());
            prop_assert_eq!(brute(&x.union(&x.complement())), vec![true; 256]);
        }
    }

    #[test]
    fn neighbors_merge_and_the_ends_hold() {
        assert_eq!(IntervalSet::from_ranges([(4u8, 6), (7, 9), (255, 255), (20, 10)]).to_string(), "4-9,255");
        assert!(IntervalSet::<u128>::all().complement().is_none());
        assert!(IntervalSet::<u8>::none().complement().is_all());
    }
}
