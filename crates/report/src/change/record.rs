//! The change record: two pages that say what a change means and that those who must approve sign.

use super::{Section, sections};
use crate::escape::escape as esc;
use std::fmt::Write as _;
use zonewright_assess::change::{Approval, Change};

const STYLE: &str = include_str!("record.css");

/// Rows of a section that the record shows; two pages hold no more.
const ROWS_MAX: usize = 9;
/// Rows of the sections on which an approval hangs most.
const ROWS_MAX_MAIN: usize = 12;
/// Characters of a row.
const ROW_CHARS_MAX: usize = 220;
/// Sections on the first page.
const FIRST_PAGE: usize = 8;
/// Approvals that have a line for a signature.
const SIGNED_MAX: usize = 8;

/// What the record is about.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The plant's name.
    pub plant: &'a str,
    /// Where the earlier state was read from.
    pub old: &'a str,
    /// Where the later one was read from.
    pub new: &'a str,
    /// The program's version.
    pub version: &'a str,
}

/// The record as one HTML file that needs no network and prints on two pages of A4.
#[must_use]
pub fn record(change: &Change<'_>, about: About<'_>) -> String {
    let mut page = String::with_capacity(16 * 1024);
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
         <title>Change record: {plant}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<section class=\"sheet\">\n<header>\n\
         <p class=\"kicker\">Change record (IEC 62443-2-1, management of change)</p>\n<h1>{plant}</h1>\n\
         <p>From <code>{old}</code> to <code>{new}</code>, judged as of {date} by Zonewright {version}.</p>\n</header>\n{verdict}",
        plant = esc(about.plant),
        old = esc(about.old),
        new = esc(about.new),
        date = change.as_of,
        version = esc(about.version),
        verdict = verdict(change),
    );
    let all = sections(change);
    let (first, second) = all.split_at(FIRST_PAGE.min(all.len()));
    first.iter().for_each(|section| write_section(&mut page, section));
    page.push_str("</section>\n<section class=\"sheet\">\n");
    second
        .iter()
        .filter(|section| section.title != "Who must approve")
        .for_each(|one| write_section(&mut page, one));
    signatures(&mut page, &change.approvals);
    page.push_str("</section>\n</body>\n</html>\n");
    page
}

/// What a manager reads first.
fn verdict(change: &Change<'_>) -> String {
    let opened: usize = change.filters.iter().map(|filter| filter.opened.len()).sum();
    let closed: usize = change.filters.iter().map(|filter| filter.closed.len()).sum();
    let count = |n: usize, one: &str, many: &str| format!("<b>{n}</b> {}", if n == 1 { one } else { many });
    let new = change.findings.iter().filter(|one| one.is_new).count();
    let gone = change.findings.len() - new;
    format!(
        "<p class=\"verdict\">{} changed · {} · {} · {} · {} new, <b>{gone}</b> gone · {} due again</p>\n",
        count(change.records.len(), "record", "records"),
        count(opened, "way opens", "ways open"),
        count(closed, "way closes", "ways close"),
        count(change.cut_off.len(), "observed path is cut off", "observed paths are cut off"),
        count(new, "finding", "findings"),
        count(change.due.len(), "test", "tests"),
    )
}

fn write_section(page: &mut String, section: &Section) {
    let heading = esc(section.title);
    match (section.rows.is_empty(), section.none) {
        (true, None) => {}
        (true, Some(none)) => {
            let _ = writeln!(page, "<h2>{heading}</h2>\n<p class=\"none\">{}</p>", esc(none));
        }
        (false, _) => {
            let most = if section.title.starts_with("What") { ROWS_MAX_MAIN } else { ROWS_MAX };
            let _ = writeln!(page, "<h2>{heading} <span>({})</span></h2>\n<ul>", section.rows.len());
            for row in section.rows.iter().take(most) {
                let _ = writeln!(page, "<li>{}</li>", esc(&shortened(row).replace('`', "\"")));
            }
            page.push_str("</ul>\n");
            if section.rows.len() > most {
                let more = section.rows.len() - most;
                let _ = writeln!(
                    page,
                    "<p class=\"none\">and {more} more, which <code>zonewright diff --format json</code> lists</p>"
                );
            }
        }
    }
}

fn shortened(row: &str) -> String {
    match row.char_indices().nth(ROW_CHARS_MAX) {
        Some((end, _)) => format!("{}…", row.get(..end).unwrap_or_default()),
        None => row.to_owned(),
    }
}

fn signatures(page: &mut String, approvals: &[Approval]) {
    page.push_str("<h2>Who must approve</h2>\n");
    if approvals.is_empty() {
        page.push_str(
            "<p class=\"none\">No role is accountable for what is affected: name one in the model.</p>\n",
        );
        return;
    }
    page.push_str("<table>\n<tr><th>Role</th><th>For</th><th>Approved, rejected, with which condition</th><th>Date and signature</th></tr>\n");
    for approval in approvals.iter().take(SIGNED_MAX) {
        let name = approval.name.clone().unwrap_or_else(|| approval.role.to_string());
        let because = approval.because.iter().cloned().collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td>{}</td><td></td><td></td></tr>",
            esc(&name),
            esc(&shortened(&because))
        );
    }
    page.push_str("</table>\n");
    if approvals.len() > SIGNED_MAX {
        let _ = writeln!(page, "<p class=\"none\">and {} more roles</p>", approvals.len() - SIGNED_MAX);
    }
}
