//! A change for a terminal.

use super::sections;
use crate::page::Page;
use zonewright_assess::change::Change;

/// Most rows of a section; the JSON has them all.
const ROWS_MAX: usize = 40;

/// The change as text of so many columns.
#[must_use]
pub fn change(change: &Change<'_>, width: usize) -> String {
    let mut page = Page::new(width);
    if change.is_none() {
        page.line("Both states of the plant say the same.");
        return page.text;
    }
    for section in sections(change) {
        match (section.rows.is_empty(), section.none) {
            (true, None) => continue,
            (true, Some(none)) => page.line(&format!("{}: {none}", section.title)),
            (false, _) => {
                page.line(&format!("{} ({})", section.title, section.rows.len()));
                for row in section.rows.iter().take(ROWS_MAX) {
                    page.hang("  ", row);
                }
                if section.rows.len() > ROWS_MAX {
                    page.line(&format!(
                        "  and {} more: `--format json` has them all",
                        section.rows.len() - ROWS_MAX
                    ));
                }
            }
        }
    }
    page.line(&format!(
        "\nJudged as of {}. `zonewright diff OLD NEW --record FILE.html` writes the record to be signed.",
        change.as_of
    ));
    page.text
}
