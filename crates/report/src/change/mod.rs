//! The record of a change: what another state of a plant means, for a terminal, as `zonewright-change/1`, and as two pages
//! to be signed.

pub mod json;
pub mod record;
pub mod text;

use std::collections::BTreeMap;
use zonewright_assess::change::filters::{Passing, Way};
use zonewright_assess::change::{Change, FieldChange, FilterChange, How, PathChange, RecordChange};

/// A heading with its rows, as all forms tell them.
pub(crate) struct Section {
    /// The heading.
    pub(crate) title: &'static str,
    /// What a row says, or what is to be read where there is none.
    pub(crate) rows: Vec<String>,
    /// What is to be said where there are no rows; nothing where the section is then left out.
    pub(crate) none: Option<&'static str>,
}

/// What is told of a change, in the order in which people ask.
pub(crate) fn sections(change: &Change<'_>) -> Vec<Section> {
    let of = |filters: &dyn Fn(&FilterChange) -> &Vec<Passing>| -> Vec<String> {
        let rows = change.filters.iter().flat_map(|filter| {
            filters(filter)
                .iter()
                .map(move |passing| format!("{}: {}", filter.device, passing_words(passing)))
        });
        rows.collect()
    };
    let section = |title, rows, none| Section { title, rows, none };
    vec![
        section(
            "What is changed in the model",
            change.records.iter().map(record_words).collect(),
            Some("nothing"),
        ),
        section("What opens", of(&|filter| &filter.opened), Some("nothing that was closed")),
        section("What closes", of(&|filter| &filter.closed), Some("nothing that was open")),
        section("What is not clear", of(&|filter| &filter.unclear), None),
        section("How devices were compared", notes(change), None),
        section("Observed traffic that is cut off", cut_off(change), Some("none of what was seen")),
        section("Paths that are judged otherwise", change.paths.iter().map(path_words).collect(), None),
        section("Permits affected", permits(change), None),
        section("Security levels that move", levels(change), Some("none")),
        section("Requirements whose status moves", statuses(change), Some("none")),
        section("Findings that come", findings(change, true), Some("none")),
        section("Findings that go", findings(change, false), Some("none")),
        section("Tests due again", due(change), Some("none")),
        section(
            "Who must approve",
            approvals(change),
            Some("no role is accountable for what is affected: name one"),
        ),
    ]
}

fn record_words(record: &RecordChange) -> String {
    let within = record.within.as_ref().map_or(String::new(), |within| format!(" of {within}"));
    let name = format!("{} {}{within}", record.kind.replace('_', " "), record.id);
    match record.how {
        How::Changed if record.fields.is_empty() => format!("{name} moves"),
        How::Changed => {
            format!("{name}: {}", record.fields.iter().map(field_words).collect::<Vec<_>>().join("; "))
        }
        how => format!("{name} is {}", how.as_str()),
    }
}

fn field_words(field: &FieldChange) -> String {
    let said = |value: &String| if value.is_empty() { "nothing".to_owned() } else { value.clone() };
    format!("{} was {}, is {}", field.key, said(&field.before), said(&field.after))
}

fn passing_words(passing: &Passing) -> String {
    let list = |zones: &std::collections::BTreeSet<zonewright_plant::id::ZoneId>| {
        zones.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let zones = match (passing.from.is_empty(), passing.to.is_empty()) {
        (false, false) => format!("{} to {}: ", list(&passing.from), list(&passing.to)),
        (false, true) => format!("from {}: ", list(&passing.from)),
        (true, false) => format!("to {}: ", list(&passing.to)),
        (true, true) => String::new(),
    };
    let what = match (passing.way, passing.replies) {
        (Way::Through, false) => String::new(),
        (way, false) => format!("packets {}: ", way.words()),
        (_, true) => "replies: ".to_owned(),
    };
    format!("{what}{zones}{}", passing.packets.words(passing.from.is_empty(), passing.to.is_empty()))
}

fn notes(change: &Change<'_>) -> Vec<String> {
    let rows = change.filters.iter().flat_map(|filter| {
        let cut = filter.truncated.then(|| "there is more than is told here".to_owned());
        let all: Vec<String> = filter.notes.iter().cloned().chain(cut).collect();
        all.into_iter().map(|note| format!("{}: {note}", filter.device))
    });
    rows.collect()
}

fn cut_off(change: &Change<'_>) -> Vec<String> {
    let rows = change.cut_off.iter().map(|cut| {
        let path = &cut.path;
        let permit = match &cut.permit {
            Some(permit) => format!(", which permit {permit} asks for"),
            None => ", which no permit asks for".to_owned(),
        };
        format!("{} ({} packets seen){permit}", path_name(path), path.packets)
    });
    rows.collect()
}

fn path_name(path: &zonewright_assess::verification::Path) -> String {
    let port = if path.port.is_empty() { String::new() } else { format!(" (port {})", path.port) };
    format!(
        "{}{port} from {} ({}) to {} ({})",
        path.protocol, path.from, path.from_zone, path.to, path.to_zone
    )
}

fn path_words(change: &PathChange<'_>) -> String {
    match (change.before, change.after) {
        (Some(was), Some(is)) if was.name == is.name => {
            format!(
                "{}: still {}, configured was {}, is {}",
                path_name(is),
                is.name.as_str(),
                was.configured.as_str(),
                is.configured.as_str()
            )
        }
        (Some(was), Some(is)) => {
            format!("{}: was {}, is {}", path_name(is), was.name.as_str(), is.name.as_str())
        }
        (None, Some(is)) => format!("{}: new, {}", path_name(is), is.name.as_str()),
        (Some(was), None) => format!("{}: gone, was {}", path_name(was), was.name.as_str()),
        (None, None) => String::new(),
    }
}

fn permits(change: &Change<'_>) -> Vec<String> {
    let permits: Vec<String> = change.permits.iter().map(ToString::to_string).collect();
    if permits.is_empty() { Vec::new() } else { vec![permits.join(", ")] }
}

/// Levels that move, gathered by subject and movement.
fn levels(change: &Change<'_>) -> Vec<String> {
    let number = |value: Option<zonewright_catalog::SecurityLevel>| {
        value.map_or("none".into(), |level| level.number().to_string())
    };
    let mut gathered: BTreeMap<(&str, &str, &str, String, String), Vec<&str>> = BTreeMap::new();
    for level in &change.levels {
        let key = (level.kind, level.id.as_str(), level.which, number(level.before), number(level.after));
        gathered.entry(key).or_default().push(level.fr.as_str());
    }
    let rows = gathered.into_iter().map(|((kind, id, which, before, after), frs)| {
        format!("{kind} {id}: SL {which} of {} was {before}, is {after}", frs.join(", "))
    });
    rows.collect()
}

/// Statuses that move, gathered by subject and movement.
fn statuses(change: &Change<'_>) -> Vec<String> {
    let mut gathered: BTreeMap<(&str, &str, &str, &str), Vec<String>> = BTreeMap::new();
    for moved in &change.requirements {
        let word = |status: Option<zonewright_plant::model::Status>| {
            status.map_or("not there", zonewright_plant::model::Status::as_str)
        };
        let key = (moved.kind, moved.id.as_str(), word(moved.before), word(moved.after));
        gathered.entry(key).or_default().push(moved.requirement.to_string());
    }
    let rows = gathered.into_iter().map(|((kind, id, before, after), requirements)| {
        format!("{kind} {id}: {} was {before}, is {after}", requirements.join(", "))
    });
    rows.collect()
}

fn findings(change: &Change<'_>, new: bool) -> Vec<String> {
    let rows = change.findings.iter().filter(|one| one.is_new == new).map(|one| {
        let finding = one.finding;
        format!("{} {}: {}", finding.severity, finding.rule, finding.message)
    });
    rows.collect()
}

/// What is due, gathered by subject and reason.
fn due(change: &Change<'_>) -> Vec<String> {
    let mut gathered: BTreeMap<(&str, &str, &str), Vec<String>> = BTreeMap::new();
    for due in &change.due {
        gathered.entry((due.kind, &due.id, &due.why)).or_default().push(due.requirement.to_string());
    }
    let rows = gathered
        .into_iter()
        .map(|((kind, id, why), requirements)| format!("{kind} {id}: {} ({why})", requirements.join(", ")));
    rows.collect()
}

fn approvals(change: &Change<'_>) -> Vec<String> {
    let rows = change.approvals.iter().map(|approval| {
        let name = approval
            .name
            .as_ref()
            .map_or(approval.role.to_string(), |name| format!("{name} ({})", approval.role));
        format!("{name}: {}", approval.because.iter().cloned().collect::<Vec<_>>().join(", "))
    });
    rows.collect()
}
