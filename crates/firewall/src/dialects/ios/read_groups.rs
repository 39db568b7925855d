//! Object groups and time ranges.

use super::groups::{GroupKind, network, port_member, service, unread_service};
use super::reader::{Block, Read, Reader, Statement};
use crate::dialects::Member;
use jiff::civil::{Date, DateTime, Time};
use zonewright_source::Diagnostic;

/// A statement that opens a group or a time range.
pub(super) fn top(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Read {
    let (kind, name) = match statement.words {
        ["object-group", "network" | "v4-network" | "v6-network", name] => (GroupKind::Networks, name),
        ["object-group", "service", name, ..] => (GroupKind::Services, name),
        ["object-group", "ip" | "ipv6", "address", name] => (GroupKind::Wildcards, name),
        ["object-group", "ip", "port", name] | ["object-group", "port", name] => (GroupKind::Ports, name),
        ["object-group", "network", "ipv4" | "ipv6", name] => (GroupKind::Wildcards, name),
        ["no", "object-group", .., name] => {
            reader.config.networks.remove(name);
            reader.config.services.remove(name);
            reader.config.ports.remove(name);
            return Read::Modeled;
        }
        ["time-range", name] => {
            reader.config.time_ranges.entry((*name).to_owned()).or_default();
            reader.open(Block::TimeRange((*name).to_owned()), statement.words);
            return Read::Modeled;
        }
        _ => return Read::Foreign,
    };
    match kind {
        GroupKind::Networks | GroupKind::Wildcards => reader.config.networks.declare(name),
        GroupKind::Services => reader.config.services.declare(name),
        GroupKind::Ports => reader.config.ports.declare(name),
    }
    reader.open(Block::Group(kind, (*name).to_owned()), statement.words);
    Read::Modeled
}

/// A member of a group.
pub(super) fn member(
    reader: &mut Reader<'_>,
    kind: GroupKind,
    name: &str,
    statement: &Statement<'_>,
) -> Read {
    let span = statement.span.clone();
    if matches!(statement.words, ["description", ..]) {
        return Read::Ignored;
    }
    let config = &mut reader.config;
    let understood = match kind {
        GroupKind::Networks | GroupKind::Wildcards => {
            let member = network(kind, statement.words).unwrap_or(Member::Own(None));
            let understood = member != Member::Own(None);
            config.networks.add(name, member, span);
            understood
        }
        GroupKind::Services => {
            let member = service(statement.words);
            let understood = member.is_some();
            config.services.add(
                name,
                member.unwrap_or_else(|| Member::Own(unread_service(statement.words))),
                span,
            );
            understood
        }
        GroupKind::Ports => {
            let member = port_member(statement.words);
            let understood = member.is_some();
            config.ports.add(name, Member::Own(member), span);
            understood
        }
    };
    if understood {
        return Read::Modeled;
    }
    let unread =
        Diagnostic::warning("firewall/unread-part", format!("expected a member of object group `{name}`"))
            .because("what the group holds besides is not known");
    reader.warn(statement, unread);
    Read::Warned
}

/// A line of a time range. Of a periodic one, only that it is uncertain is known.
pub(super) fn time(reader: &mut Reader<'_>, name: &str, statement: &Statement<'_>) -> Read {
    let range = reader.config.time_ranges.entry(name.to_owned()).or_default();
    match statement.words {
        ["absolute", rest @ ..] => {
            let Some(end) = rest.iter().position(|word| *word == "end") else { return Read::Modeled };
            match rest.get(end + 1..).and_then(moment) {
                Some(until) => range.until = Some(until),
                None => return reader.unclear(statement, "absolute … end"),
            }
            Read::Modeled
        }
        [number, "absolute", ..] if number.parse::<u32>().is_ok() => Read::Modeled,
        ["periodic", ..] => Read::Modeled,
        [number, "periodic", ..] if number.parse::<u32>().is_ok() => Read::Modeled,
        _ => Read::Unread,
    }
}

/// `23:59 31 December 2026`.
fn moment(words: &[&str]) -> Option<DateTime> {
    let [clock, day, month, year, ..] = words else { return None };
    let (hour, minute) = clock.split_once(':')?;
    let month = MONTHS
        .iter()
        .position(|name| month.get(..3).is_some_and(|short| name.eq_ignore_ascii_case(short)))?;
    let date = Date::new(year.parse().ok()?, i8::try_from(month + 1).ok()?, day.parse().ok()?).ok()?;
    let (hour, minute) = (hour.parse::<i8>().ok()?, minute.parse::<i8>().ok()?);
    let time = Time::new(hour, minute, 0, 0).ok()?;
    Some(date.to_datetime(time))
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
