//! Small pieces of markup that the sections share.

use crate::escape::escape;
use crate::input::ReportInput;
use crate::words::{self, Tone};
use jiff::Timestamp;
use zonewright_assess::verification::{Path, PathName};
use zonewright_catalog::{RequirementId, system_requirement_title};

pub(super) use crate::escape::escape as esc;

/// A moment as people write it, in UTC.
pub(super) fn when(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A span of time; the day only once where it is one.
pub(super) fn span(first: Timestamp, last: Timestamp) -> String {
    let day = |t: Timestamp| t.strftime("%Y-%m-%d").to_string();
    if first == last {
        when(first)
    } else if day(first) == day(last) {
        format!("{} to {}", first.strftime("%Y-%m-%d %H:%M:%S"), last.strftime("%H:%M:%S UTC"))
    } else {
        format!("{} to {}", first.strftime("%Y-%m-%d %H:%M"), when(last))
    }
}

/// Prose with the user's words in backticks: these become code.
pub(super) fn prose(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return escape(text);
    }
    let piece = |(i, piece): (usize, &&str)| match i % 2 {
        0 => escape(piece),
        _ => format!("<code>{}</code>", escape(piece)),
    };
    pieces.iter().enumerate().map(piece).collect()
}

/// A name in its tone, in words.
pub(super) fn verdict(name: PathName) -> String {
    format!("<span class=\"tone {}\">{}</span>", Tone::of(name).class(), name.as_str())
}

/// A zone by name with its id beneath, where they differ.
pub(super) fn zone(input: &ReportInput<'_>, id: &str) -> String {
    let name = words::zone_name(input.plant, id);
    if name == id {
        escape(id)
    } else {
        format!("{} <span class=\"sub\">{}</span>", escape(name), escape(id))
    }
}

/// An end of a path: its zone and who it is.
pub(super) fn end(input: &ReportInput<'_>, zone: &str, who: &str) -> String {
    let name = escape(words::zone_name(input.plant, zone));
    match who {
        "" => name,
        who if who == zone => name,
        who => format!("{}<span class=\"sub\">{name}</span>", escape(who)),
    }
}

/// What is spoken on a path: protocol, port, functions.
pub(super) fn spoken(path: &Path) -> String {
    let service = escape(&words::service(path));
    match path.functions.as_slice() {
        [] => service,
        functions => format!("{service}<span class=\"sub\">{}</span>", escape(&functions.join(", "))),
    }
}

/// A requirement with its title, where the catalog has one.
pub(super) fn requirement(id: &RequirementId) -> String {
    match system_requirement_title(id) {
        Some(title) => format!("<span class=\"nowrap\">{id}</span> {}", escape(title)),
        None => escape(&id.to_string()),
    }
}

/// A cell that says so when there is nothing to say.
pub(super) fn or_none(text: Option<&str>) -> String {
    match text.filter(|t| !t.is_empty()) {
        Some(text) => escape(text),
        None => "<span class=\"soft\">not stated</span>".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_says_no_more_than_it_needs() {
        let at = |t: &str| t.parse().unwrap();
        let (a, b, c) = (at("2026-03-01T10:00:00Z"), at("2026-03-01T10:00:30Z"), at("2026-03-02T09:00:00Z"));
        assert_eq!(span(a, a), "2026-03-01 10:00 UTC");
        assert_eq!(span(a, b), "2026-03-01 10:00:00 to 10:00:30 UTC");
        assert_eq!(span(a, c), "2026-03-01 10:00 to 2026-03-02 09:00 UTC");
    }

    #[test]
    fn backticks_become_code_only_in_pairs_and_everything_is_escaped() {
        assert_eq!(prose("a `<b>` c"), "a <code>&lt;b&gt;</code> c");
        assert_eq!(prose("a `b"), "a `b");
        assert_eq!(prose("`a` b `c"), "`a` b `c");
        assert_eq!(prose("<i>"), "&lt;i&gt;");
    }
}
