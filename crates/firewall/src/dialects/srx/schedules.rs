//! Schedulers: when a policy is in force.

use super::config::Config;
use super::tree::Tree;
use jiff::civil::{Date, DateTime, Time};
use std::collections::BTreeMap;

/// Schedulers by name, with the last moment of those that end for good.
#[derive(Debug, Default)]
pub(super) struct Schedules {
    ends: BTreeMap<String, Option<DateTime>>,
}

impl Schedules {
    pub(super) fn read(config: &Config<'_>) -> Self {
        let mut schedules = Self::default();
        let Some(section) = config.tree.enter(Tree::ROOT, "schedulers") else { return schedules };
        for scheduler in config.tree.things(section, "scheduler") {
            config.tree.read_all(scheduler);
            let mut end = None;
            let mut ends_all = true;
            for start in config.tree.find(scheduler, "start-date").into_iter() {
                for date in config.tree.children(start) {
                    let stop = config
                        .tree
                        .find(date, "stop-date")
                        .and_then(|stop| config.tree.children(stop).next());
                    match stop.and_then(|stop| moment(config.tree.word(stop))) {
                        Some(stop) => end = end.max(Some(stop)),
                        None => ends_all = false,
                    }
                }
            }
            schedules.ends.insert(config.tree.word(scheduler).to_owned(), end.filter(|_| ends_all));
        }
        schedules
    }

    /// Whether there is a scheduler of the name, and when it ends for good.
    pub(super) fn end_of(&self, name: &str) -> Option<Option<DateTime>> {
        self.ends.get(name).copied()
    }
}

/// `2026-12-31.23:59`, also with seconds, and without a time.
fn moment(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once('.').unwrap_or((text, "23:59"));
    let mut parts = date.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    let mut parts = time.splitn(3, ':');
    let (hour, minute) = (parts.next()?.parse().ok()?, parts.next().unwrap_or("0").parse().ok()?);
    let second = parts.next().unwrap_or("0").parse().ok()?;
    Some(DateTime::from_parts(date, Time::new(hour, minute, second, 0).ok()?))
}

#[cfg(test)]
mod tests {
    #[test]
    fn moments_are_read() {
        assert_eq!(super::moment("2026-12-31.23:59").unwrap().to_string(), "2026-12-31T23:59:00");
        assert!(super::moment("2026-13-31.23:59").is_none() && super::moment("12-31").is_none());
    }
}
