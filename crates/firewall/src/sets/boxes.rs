//! Owns the way from a set back to something a person can read: a short list of disjoint boxes, and points on
//! both sides of a set's boundary.
#![expect(
    clippy::indexing_slicing,
    reason = "indices come from the list of fields that the walk itself counts"
)]

use std::collections::BTreeMap;

use ahash::AHashMap;

use super::diagram::{Diagram, Set, SetError};
use super::header::{Field, Point};

/// How many intervals of one field are told apart while boxes are listed; a set that needs more (a mask over
/// low bits, say) is listed in part.
pub const INTERVALS_MAX: usize = 10_000;

/// Values of one field, ascending, disjoint, not adjacent; both ends included.
pub type Ranges = Vec<(u128, u128)>;

/// A product of fields: every header whose fields are within the ranges.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct HeaderBox {
    /// The ranges, in the order of the fields asked for.
    pub ranges: Vec<Ranges>,
}

/// A list of boxes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BoxList {
    /// The boxes: disjoint, sorted.
    pub boxes: Vec<HeaderBox>,
    /// Whether the limit was reached, so that the boxes cover a part of the set only.
    pub truncated: bool,
}

impl Diagram {
    /// The set as disjoint boxes over `fields` (in the diagram's order); of the other fields, those headers
    /// count that are in the set for *some* value. At most `limit` boxes.
    pub fn boxes(&mut self, set: Set, fields: &[Field], limit: usize) -> Result<BoxList, SetError> {
        let projected = self.projected(set, fields)?;
        let mut list = BoxList::default();
        // Rows merge afterwards, so more are made than are shown.
        let made_max = limit.saturating_mul(8).max(64);
        self.add_boxes(projected, fields, &mut Vec::new(), made_max, &mut list);
        merge(&mut list.boxes, fields.len());
        list.boxes.sort();
        if list.boxes.len() > limit {
            list.boxes.truncate(limit);
            list.truncated = true;
        }
        Ok(list)
    }

    fn add_boxes(
        &self,
        set: Set,
        fields: &[Field],
        prefix: &mut Vec<Ranges>,
        made_max: usize,
        list: &mut BoxList,
    ) {
        if set.is_empty() {
            return;
        }
        if list.boxes.len() >= made_max {
            list.truncated = true;
            return;
        }
        let Some(&field) = fields.get(prefix.len()) else {
            list.boxes.push(HeaderBox { ranges: prefix.clone() });
            return;
        };
        let (parts, whole) = self.parts(set, field, INTERVALS_MAX);
        list.truncated |= !whole;
        let mut by_rest: AHashMap<Set, usize> = AHashMap::new();
        let mut grouped: Vec<(Set, Ranges)> = Vec::new();
        for (first, last, rest) in parts {
            let at = *by_rest.entry(rest).or_insert(grouped.len());
            if at == grouped.len() {
                grouped.push((rest, Vec::new()));
            }
            grouped[at].1.push((first, last));
        }
        for (rest, ranges) in grouped {
            prefix.push(ranges);
            self.add_boxes(rest, fields, prefix, made_max, list);
            prefix.pop();
        }
    }

    /// The values of `field` cut into intervals over which the rest of the set is the same, ascending, without
    /// those where it is empty. The set must branch on no field before. The flag is false where the limit cut
    /// the list short.
    #[must_use]
    pub fn parts(&self, set: Set, field: Field, limit: usize) -> (Vec<(u128, u128, Set)>, bool) {
        let mut parts = Vec::new();
        let whole = self.add_parts(set, field, 0, 0, limit, &mut parts);
        (parts, whole)
    }

    /// The least and the greatest value of `field`, in a set that branches on no other field; `None` where it is
    /// empty.
    #[must_use]
    pub fn ends(&self, set: Set, field: Field) -> Option<(u128, u128)> {
        let end = |greatest: bool| {
            let (mut at, mut value) = (set, 0);
            for level in field.first_level()..field.end_level() {
                let (low, high) = self.branches(at, level);
                let one = if greatest { high != Set::NONE } else { low == Set::NONE };
                value = value << 1 | u128::from(one);
                at = if one { high } else { low };
            }
            value
        };
        (!set.is_empty()).then(|| (end(false), end(true)))
    }

    fn add_parts(
        &self,
        set: Set,
        field: Field,
        depth: u16,
        base: u128,
        limit: usize,
        parts: &mut Vec<(u128, u128, Set)>,
    ) -> bool {
        if set.is_empty() {
            return true;
        }
        let level = self.level(set).filter(|&level| level < field.end_level());
        let Some(level) = level else {
            let last = base | field.value_max().checked_shr(u32::from(depth)).unwrap_or(0);
            let full = parts.len() >= limit;
            match parts.last_mut() {
                Some(open) if open.2 == set && open.1.checked_add(1) == Some(base) => open.1 = last,
                _ if full => return false,
                _ => parts.push((base, last, set)),
            }
            return true;
        };
        // A skipped level is a free bit: both halves are visited, so that intervals come out ascending.
        let here = field.first_level() + depth;
        let (low, high) = if level == here { self.branches(set, level) } else { (set, set) };
        let bit = 1 << (field.width() - 1 - depth);
        self.add_parts(low, field, depth + 1, base, limit, parts)
            && self.add_parts(high, field, depth + 1, base | bit, limit, parts)
    }

    /// Some header of the set, chosen by `choose`, which is asked for a bit where both are possible; `None` for
    /// the empty set.
    pub fn pick(&self, set: Set, mut choose: impl FnMut() -> bool) -> Option<Point> {
        if set.is_empty() {
            return None;
        }
        let mut point = Point::default();
        let mut at = set;
        for field in Field::ALL {
            let mut value = 0;
            for level in field.first_level()..field.end_level() {
                let (low, high) = self.branches(at, level);
                let one = high != Set::NONE && (low == Set::NONE || choose());
                value = value << 1 | u128::from(one);
                at = if one { high } else { low };
            }
            point = point.with(field, value);
        }
        Some(point)
    }

    /// Headers on both sides of the set's boundary next to `point`: for each field in which a step changes the
    /// answer, the last value on the side of `point` and the first beyond it, below and above.
    pub fn boundary_points(
        &mut self,
        set: Set,
        point: &Point,
        fields: &[Field],
    ) -> Result<Vec<Point>, SetError> {
        let inside = if self.contains(set, point) { set } else { set.complement() };
        let mut found = Vec::new();
        for &field in fields {
            let line = self.line_through(inside, point, field)?;
            let (parts, _) = self.parts(line, field, INTERVALS_MAX);
            let value = point.value(field);
            let Some(&(first, last, _)) = parts.iter().find(|part| part.0 <= value && value <= part.1) else {
                continue;
            };
            if let Some(before) = first.checked_sub(1) {
                found.extend([point.with(field, first), point.with(field, before)]);
            }
            if last < field.value_max() {
                found.extend([point.with(field, last), point.with(field, last + 1)]);
            }
        }
        Ok(found)
    }
}

/// Joins boxes that differ in one field only, until none do.
fn merge(boxes: &mut Vec<HeaderBox>, field_count: usize) {
    loop {
        let before = boxes.len();
        for field in 0..field_count {
            let mut by_others: BTreeMap<Vec<Ranges>, Ranges> = BTreeMap::new();
            for mut item in boxes.drain(..) {
                let own = std::mem::take(&mut item.ranges[field]);
                by_others.entry(item.ranges).or_default().extend(own);
            }
            boxes.extend(by_others.into_iter().map(|(mut ranges, own)| {
                ranges[field] = joined(own);
                HeaderBox { ranges }
            }));
        }
        if boxes.len() == before {
            return;
        }
    }
}

/// The same values as ascending, disjoint, non-adjacent ranges.
fn joined(mut ranges: Ranges) -> Ranges {
    ranges.sort_unstable();
    let mut result: Ranges = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match result.last_mut() {
            Some(open) if open.1.checked_add(1).is_none_or(|next| first <= next) => open.1 = open.1.max(last),
            _ => result.push((first, last)),
        }
    }
    result
}
