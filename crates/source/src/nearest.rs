//! The nearest valid name, for "did you mean".

/// Longest name that is compared; longer ones have no near neighbor by definition.
const NAME_CHARS_MAX: usize = 64;

/// The candidate nearest to `wanted` by edits (case counts half as an edit would), or `None` when none is near:
/// nearer than a third of the longer name. Ties go to the first in order.
#[must_use]
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted_folded: Vec<char> = wanted.to_lowercase().chars().collect();
    if wanted_folded.len() > NAME_CHARS_MAX {
        return None;
    }
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let folded: Vec<char> = candidate.to_lowercase().chars().collect();
        let limit = (wanted_folded.len().max(folded.len()) / 3).max(1);
        if folded.len() > NAME_CHARS_MAX || wanted_folded.len().abs_diff(folded.len()) > limit {
            continue;
        }
        let edits = edit_distance(&wanted_folded, &folded);
        if edits <= limit && best.is_none_or(|(least, _)| edits < least) {
            best = Some((edits, candidate));
        }
    }
    best.map(|(_, name)| name)
}

/// Damerau–Levenshtein distance with adjacent transpositions (optimal string alignment).
fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut last_a: Option<char> = None;
    for (i, &ca) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        let mut last_b: Option<char> = None;
        for (j, &cb) in b.iter().enumerate() {
            let at = |row: &[usize], k: usize| row.get(k).copied().unwrap_or(usize::MAX / 2);
            let mut cost =
                (at(&above, j + 1) + 1).min(at(&row, j) + 1).min(at(&above, j) + usize::from(ca != cb));
            if last_a == Some(cb) && last_b == Some(ca) && j >= 1 {
                cost = cost.min(at(&before, j - 1) + 1);
            }
            row.push(cost);
            last_b = Some(cb);
        }
        before = std::mem::replace(&mut above, row);
        last_a = Some(ca);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let zones = ["Z-PACK-01", "Z-CTRL-A", "Z-CTRL-B"];
        assert_eq!(nearest("z-pack-1", zones), Some("Z-PACK-01"));
        assert_eq!(nearest("Z-CRTL-B", zones), Some("Z-CTRL-B"));
        assert_eq!(nearest("enterprise", zones), None);
    }
}
