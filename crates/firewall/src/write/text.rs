//! Text from people made harmless, and sets as the words of configurations.

use crate::ruleset::{AddressSet, IntervalSet};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Text as one line of at most `max` bytes: letters, digits, spaces and the marks in `marks` stay, whatever else becomes
/// a space. So nothing that a dialect gives a meaning to comes through, unless `marks` lets it.
pub(super) fn plain(text: &str, max: usize, marks: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let c = match c {
            '–' | '—' => '-',
            c if c.is_ascii_alphanumeric() || marks.contains(c) => c,
            c if !c.is_ascii() && c.is_alphabetic() && marks.contains(LETTERS) => c,
            _ => ' ',
        };
        if c == ' ' && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        if out.len() + c.len_utf8() > max {
            break;
        }
        out.push(c);
    }
    out.truncate(out.trim_end().len());
    out
}

/// Among the marks: letters beyond ASCII stay.
pub(super) const LETTERS: char = 'ä';

/// Marks that no dialect here gives a meaning to in a comment.
pub(super) const MARKS: &str = "-_.,:/+=%@";
/// The same, where letters beyond ASCII may stand too.
pub(super) const MARKS_AND_LETTERS: &str = "-_.,:/+=%@ä";

/// A name of letters, digits, `-`, `_` and `.`, that begins with a letter, of at most `max` bytes (at least 8).
pub(super) fn identifier(text: &str, max: usize) -> String {
    let mut out: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' })
        .collect();
    if !out.starts_with(|c: char| c.is_ascii_alphabetic()) {
        out.insert_str(0, "n_");
    }
    out.truncate(max);
    out
}

/// Names that are given out once each.
#[derive(Debug, Default)]
pub(super) struct Unique {
    used: BTreeSet<String>,
}

impl Unique {
    /// The name, with a number behind it where it is taken, in at most `max` bytes. Names differ in more than case.
    pub(super) fn take(&mut self, name: &str, max: usize) -> String {
        let mut number = 1_usize;
        loop {
            let end = if number == 1 { String::new() } else { format!("-{number}") };
            let kept: String = name.chars().take(max.saturating_sub(end.len())).collect();
            let candidate = format!("{kept}{end}");
            if self.used.insert(candidate.to_ascii_lowercase()) {
                return candidate;
            }
            number += 1;
        }
    }
}

/// A range of addresses, both ends included.
pub(super) type Range = (IpAddr, IpAddr);

/// The ranges of a set.
pub(super) fn ranges(set: &AddressSet) -> Vec<Range> {
    let four = set.v4.intervals().iter();
    let four = four.map(|(a, b)| (Ipv4Addr::from_bits(*a).into(), Ipv4Addr::from_bits(*b).into()));
    let six = set.v6.intervals().iter();
    let six = six.map(|(a, b)| (Ipv6Addr::from_bits(*a).into(), Ipv6Addr::from_bits(*b).into()));
    four.chain(six).collect()
}

/// The length of the prefix that a range is, if it is one.
pub(super) fn prefix_length((first, last): &Range) -> Option<u8> {
    let length = |first: u128, last: u128, bits: u32| {
        let host = first ^ last;
        let is_prefix = host & host.wrapping_add(1) == 0 && first & host == 0;
        is_prefix.then(|| u8::try_from(bits - (128 - host.leading_zeros())).unwrap_or(0))
    };
    match (first, last) {
        (IpAddr::V4(a), IpAddr::V4(b)) => length(a.to_bits().into(), b.to_bits().into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => length(a.to_bits(), b.to_bits(), 128),
        _ => None,
    }
}

/// A range as the fewest prefixes: address and length.
pub(super) fn prefixes((first, last): &Range) -> Vec<(IpAddr, u8)> {
    let (bits, mut at, end) = match (first, last) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (32_u32, u128::from(a.to_bits()), u128::from(b.to_bits())),
        (IpAddr::V6(a), IpAddr::V6(b)) => (128, a.to_bits(), b.to_bits()),
        _ => return Vec::new(),
    };
    let address = |at: u128| match first {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(at).unwrap_or(u32::MAX))),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::from_bits(at)),
    };
    let mut out = Vec::new();
    loop {
        // The largest block that begins here and does not reach beyond the end.
        let aligned = at.trailing_zeros().min(bits);
        let fits = |size: u32| {
            let host = if size == 128 { u128::MAX } else { (1_u128 << size) - 1 };
            at.checked_add(host).is_some_and(|last| last <= end)
        };
        let size = (0..=aligned).rev().find(|size| fits(*size)).unwrap_or(0);
        out.push((address(at), u8::try_from(bits - size).unwrap_or(0)));
        let host = if size == 128 { u128::MAX } else { (1_u128 << size) - 1 };
        match at.checked_add(host).and_then(|last| last.checked_add(1)) {
            Some(next) if next <= end => at = next,
            _ => return out,
        }
    }
}

/// Ports as words: `502`, `600-700`.
pub(super) fn port_words(ports: &IntervalSet<u16>, between: &str) -> Vec<String> {
    let word = |(first, last): &(u16, u16)| {
        if first == last { first.to_string() } else { format!("{first}{between}{last}") }
    };
    ports.intervals().iter().map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dialect_could_take_for_its_own_does_not_come_through() {
        assert_eq!(plain("a \"b\"\n drop; \\ # {c}", 100, MARKS), "a b drop c");
        assert_eq!(plain("für die Pumpe", 100, MARKS_AND_LETTERS), "für die Pumpe");
        assert_eq!(plain("für", 100, MARKS), "f r");
        assert_eq!(plain("überlang", 4, MARKS_AND_LETTERS), "übe");
        assert_eq!(identifier("1 weird/näme", 20), "n_1_weird_n_me");
    }

    #[test]
    fn names_are_given_out_once() {
        let mut names = Unique::default();
        let taken: Vec<String> = ["plcs", "PLCs", "plcs"].map(|name| names.take(name, 6)).to_vec();
        assert_eq!(taken, ["plcs", "PLCs-2", "plcs-3"]);
    }

    #[test]
    fn a_range_is_exactly_its_prefixes() {
        for (first, last) in [
            ("10.0.0.1", "10.0.0.9"),
            ("0.0.0.0", "255.255.255.255"),
            ("255.255.255.254", "255.255.255.255"),
            ("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("fd00::3", "fd00::1:0"),
        ] {
            let range: Range = (first.parse().unwrap(), last.parse().unwrap());
            let all = prefixes(&range).into_iter().filter_map(|(a, length)| AddressSet::prefix(a, length));
            let all = all.fold(AddressSet::none(), |all, one| all.union(&one));
            assert_eq!(Some(all), AddressSet::range(range.0, range.1), "{first} {last}");
        }
    }
}
