//! Reading the settings within an element, with account of each of them.

use crate::dialects::{Element, Reading};
use crate::ruleset::LineState;
use zonewright_source::Diagnostic;

/// Whether a flag is set: its element is there, and does not say `0` or `no`.
pub(super) fn is_set(element: Element<'_>, name: &str) -> bool {
    element.child(name).is_some_and(says_yes)
}

/// Whether the element of a flag says that it is set. Where a rule has an identifier of its own, the newer pages wrote it,
/// and an empty element is a flag that is not set.
fn says_yes(flag: Element<'_>) -> bool {
    let by_newer_pages = || flag.parent().is_some_and(|rule| rule.attribute("uuid").is_some());
    match flag.text() {
        "0" => false,
        "" => !by_newer_pages(),
        _ => true,
    }
}

/// Enters the settings within `element` (and within those that hold more) into the account: those of `modeled` as modeled,
/// those of `ignored` as ignored. What else stands there is warned about; the names of it.
pub(super) fn account_fields<'x>(
    element: Element<'x>,
    modeled: &[&str],
    ignored: &[&str],
    what: &str,
    reading: &mut Reading,
) -> Vec<&'x str> {
    let mut unread = Vec::new();
    element.account_own(reading, LineState::Modeled);
    for field in element.children() {
        let name = field.name();
        if modeled.contains(&name) {
            account_all(field, LineState::Modeled, reading);
        } else if ignored.contains(&name) {
            account_all(field, LineState::Ignored, reading);
        } else {
            let message = format!("`{name}` of {what} is not known here");
            let warning = Diagnostic::warning("firewall/unknown-option", message)
                .because("it may bear on which packets pass");
            reading.report(&field.span(), warning);
            unread.push(name);
        }
    }
    unread
}

/// Enters an element and all within it.
pub(super) fn account_all(element: Element<'_>, state: LineState, reading: &mut Reading) {
    reading.account(&element.span(), state);
}
