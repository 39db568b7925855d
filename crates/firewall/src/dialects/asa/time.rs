//! Ends of time ranges.

use crate::dialects::cisco::Word;
use jiff::civil::DateTime;

/// The end of `absolute [start HH:MM DAY MONTH YEAR] [end HH:MM DAY MONTH YEAR]`; `None` where the words are others, and
/// `Some(None)` where there is no end.
pub(super) fn absolute_end(words: &[Word<'_>]) -> Option<Option<DateTime>> {
    let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
    match texts.as_slice() {
        [_, "start", time, day, month, year] => moment(time, day, month, year).map(|_| None),
        [_, "end", time, day, month, year] => moment(time, day, month, year).map(Some),
        [_, "start", a, b, c, d, "end", time, day, month, year] => {
            moment(a, b, c, d)?;
            moment(time, day, month, year).map(Some)
        }
        _ => None,
    }
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn moment(time: &str, day: &str, month: &str, year: &str) -> Option<DateTime> {
    let (hour, minute) = time.split_once(':')?;
    let month = month.to_ascii_lowercase();
    let month = MONTHS.iter().position(|name| month.len() >= 3 && name.starts_with(month.as_str()))?;
    let month = i8::try_from(month + 1).ok()?;
    DateTime::new(
        year.parse().ok()?,
        month,
        day.parse().ok()?,
        hour.parse().ok()?,
        minute.parse().ok()?,
        0,
        0,
    )
    .ok()
}
