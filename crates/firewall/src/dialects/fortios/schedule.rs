//! Schedules: when a policy is in force.

use super::tree::{Config, Domain, Entry};
use super::words::Word;
use crate::dialects::Reading;
use crate::ruleset::{Condition, Reason, Undecidable};
use jiff::civil::{DateTime, Time};
use std::collections::BTreeMap;
use std::ops::Range;
use zonewright_source::Diagnostic;

/// The schedules of a domain.
#[derive(Debug, Default)]
pub(super) struct ScheduleBook {
    objects: BTreeMap<String, Schedule>,
}

/// When something is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Schedule {
    Always,
    Never,
    /// At some times; with the last moment, where there is one.
    Sometimes(Option<DateTime>),
}

impl ScheduleBook {
    pub(super) fn of(config: &Config<'_>, domain: &Domain, reading: &mut Reading) -> Self {
        let mut objects = BTreeMap::from([
            ("always".to_owned(), Schedule::Always),
            ("none".to_owned(), Schedule::Never),
            // Part of each configuration as delivered.
            ("default-darrp-optimize".to_owned(), Schedule::Sometimes(None)),
        ]);
        for entry in config.entries(domain, "firewall schedule recurring") {
            objects.insert(entry.name.clone(), recurring(entry));
        }
        for entry in config.entries(domain, "firewall schedule onetime") {
            let schedule = match entry.setting("end") {
                None => Schedule::Sometimes(None),
                Some(setting) => {
                    let end = moment(&setting.values);
                    if end.is_none() {
                        report_moment(entry, reading);
                    }
                    Schedule::Sometimes(end)
                }
            };
            objects.insert(entry.name.clone(), schedule);
        }
        for entry in config.entries(domain, "firewall schedule group") {
            let schedule = group(entry, &objects, reading);
            objects.insert(entry.name.clone(), schedule);
        }
        Self { objects }
    }

    /// What a schedule asks, and the last moment at which it may be in force. Nothing where it is not set.
    pub(super) fn conditions(
        &self,
        name: Option<&str>,
        span: &Range<usize>,
        reading: &mut Reading,
    ) -> (Vec<Condition>, Option<DateTime>) {
        let Some(name) = name else { return (Vec::new(), None) };
        let undecidable = || {
            vec![Condition::Undecidable(Undecidable {
                what: format!("schedule {name}"),
                reason: Reason::Time,
            })]
        };
        match self.objects.get(name) {
            Some(Schedule::Always) => (Vec::new(), None),
            Some(Schedule::Never) => (vec![Condition::never()], None),
            Some(Schedule::Sometimes(until)) => (undecidable(), *until),
            None => {
                report_missing(name, span, reading);
                (undecidable(), None)
            }
        }
    }
}

fn recurring(entry: &Entry<'_>) -> Schedule {
    let days = entry.words("day");
    if days.iter().any(|day| day.text == "none") || days.is_empty() {
        return Schedule::Never;
    }
    let all = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
        .iter()
        .all(|day| days.iter().any(|word| word.text.eq_ignore_ascii_case(day)));
    // From midnight to midnight is the whole day.
    let midnight = |key| entry.value(key).is_none_or(|time| time == "00:00");
    if all && midnight("start") && midnight("end") && !entry.has_unread {
        Schedule::Always
    } else {
        Schedule::Sometimes(None)
    }
}

/// `00:00 2024/12/31` as a moment.
fn moment(words: &[Word<'_>]) -> Option<DateTime> {
    let (time, date) = match words {
        [time, date] => (time.text.as_ref(), date.text.as_ref()),
        [both] => both.text.split_once(' ')?,
        _ => return None,
    };
    let time = Time::strptime("%H:%M", time).or_else(|_| Time::strptime("%H:%M:%S", time)).ok()?;
    let date = date.replace('/', "-").parse::<jiff::civil::Date>().ok()?;
    Some(date.to_datetime(time))
}

/// `2024-12-31 23:59:59`, as `policy-expiry-date` has it.
pub(super) fn expiry(words: &[Word<'_>]) -> Option<DateTime> {
    let text = words.iter().map(|word| word.text.as_ref()).collect::<Vec<_>>().join(" ");
    text.replace('/', "-").parse().ok()
}

/// A group is in force when one of its members is.
fn group(entry: &Entry<'_>, objects: &BTreeMap<String, Schedule>, reading: &mut Reading) -> Schedule {
    let mut end: Option<Option<DateTime>> = None;
    for member in entry.words("member") {
        match objects.get(member.text.as_ref()) {
            Some(Schedule::Always) => return Schedule::Always,
            Some(Schedule::Never) => {}
            Some(Schedule::Sometimes(until)) => {
                end = Some(match end {
                    None => *until,
                    Some(before) => before.zip(*until).map(|(a, b)| a.max(b)),
                });
            }
            None => {
                report_missing(&member.text, &member.span, reading);
                end = Some(None);
            }
        }
    }
    match end {
        None if entry.has_unread => Schedule::Sometimes(None),
        None => Schedule::Never,
        Some(until) => Schedule::Sometimes(until),
    }
}

fn report_missing(name: &str, span: &Range<usize>, reading: &mut Reading) {
    let missing =
        Diagnostic::warning("firewall/unknown-name", format!("the schedule `{name}` is not defined"))
            .because("when the policy is in force is therefore not known")
            .help("export the whole configuration, with `config firewall schedule`");
    reading.report(span, missing);
}

fn report_moment(entry: &Entry<'_>, reading: &mut Reading) {
    let odd = Diagnostic::warning(
        "firewall/unknown-value",
        format!("the end of schedule `{}` is not understood", entry.name),
    )
    .because("when the policy ends is therefore not known")
    .help("expected a time and a date as in `17:00 2026/12/31`");
    reading.report(&entry.span_of("end"), odd);
}
