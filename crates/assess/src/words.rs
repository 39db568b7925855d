//! Small pieces of sentences.

/// How many names a sentence lists before it only counts the rest.
const NAMES_MAX: usize = 4;

/// `a, b, c and 5 more`.
#[must_use]
pub(crate) fn list<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let mut names = names.into_iter();
    let shown: Vec<T> = names.by_ref().take(NAMES_MAX).collect();
    let more = names.count();
    let text = shown.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    if more == 0 { text } else { format!("{text} and {more} more") }
}

/// `1 packet`, `2 packets`.
#[must_use]
pub(crate) fn count(n: u64, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}
