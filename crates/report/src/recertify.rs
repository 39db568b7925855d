//! The recertification sheets: what is permitted in the name of each owner, one sheet each, to be decided and signed.

use crate::escape::escape as esc;
use crate::page::Page;
use crate::words::count;
use serde_json::{Value, json};
use std::fmt::Write as _;
use zonewright_assess::recertify::{Advice, PermitRow, Sheet};
use zonewright_plant::model::Permit;

const STYLE: &str = include_str!("recertify.css");

/// The name and number of the shape.
pub const FORMAT: &str = "zonewright-recertification/1";

/// What the sheets are about.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The plant's name.
    pub plant: &'a str,
    /// The judging date.
    pub as_of: jiff::civil::Date,
    /// The program's version.
    pub version: &'a str,
}

fn owner(sheet: &Sheet<'_>) -> String {
    match (sheet.owner, sheet.name) {
        (Some(_), Some(name)) => name.to_owned(),
        (Some(owner), None) => owner.to_string(),
        (None, _) => "No owner".to_owned(),
    }
}

fn ends(permit: &Permit) -> (String, String) {
    let list = |ends: &[zonewright_plant::model::Endpoint]| {
        ends.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    (list(&permit.from), list(&permit.to))
}

fn what(permit: &Permit) -> String {
    let limits: Vec<&str> = permit.functions.iter().chain(&permit.classes).map(String::as_str).collect();
    if limits.is_empty() {
        permit.protocol.clone()
    } else {
        format!("{} ({})", permit.protocol, limits.join(", "))
    }
}

fn proposal(row: &PermitRow<'_>) -> String {
    if row.lacks.is_empty() || row.advice == Advice::Ended {
        row.advice.proposal().to_owned()
    } else {
        format!("{}; it lacks {}", row.advice.proposal(), row.lacks.join(", "))
    }
}

fn used(row: &PermitRow<'_>) -> String {
    match (row.last_seen, row.observed) {
        (Some(last), _) => last.strftime("%Y-%m-%d").to_string(),
        (None, Some(zonewright_assess::verification::Observed::NotSeen)) => "not seen".to_owned(),
        _ => "no capture shows it".to_owned(),
    }
}

/// The sheets as one HTML file that needs no network; each owner's begins on a page of its own.
#[must_use]
pub fn html(sheets: &[Sheet<'_>], about: About<'_>) -> String {
    let mut page = String::with_capacity(16 * 1024);
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
         <title>Recertification of permits: {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        esc(about.plant)
    );
    for sheet in sheets {
        let _ = write!(
            page,
            "<section class=\"sheet\">\n<header>\n<p class=\"kicker\">Recertification of permits (IEC 62443-2-1) · {}</p>\n<h1>{}</h1>\n\
             <p>{} in your name, judged as of {} by Zonewright {}. Decide for each: is it still needed, by whom, until when?</p>\n</header>\n\
             <table>\n<thead><tr><th>Permit</th><th>From, to</th><th>What for</th><th>Until</th><th>Open</th><th>Last seen</th><th>Proposal</th><th>Keep</th><th>Remove</th><th>New end, remark</th></tr></thead>\n<tbody>\n",
            esc(about.plant),
            esc(&owner(sheet)),
            count(sheet.rows.len(), "permit", "permits"),
            about.as_of,
            esc(about.version),
        );
        for row in &sheet.rows {
            let (from, to) = ends(row.permit);
            let _ = writeln!(
                page,
                "<tr class=\"{}\"><td><b>{}</b><br>{}</td><td>{}<br>to {}<br><i>{}</i></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"box\">☐</td><td class=\"box\">☐</td><td></td></tr>",
                row.advice.as_str(),
                esc(row.permit.id.as_str()),
                esc(row.conduit.as_str()),
                esc(&from),
                esc(&to),
                esc(&what(row.permit)),
                esc(row.permit.purpose.as_deref().unwrap_or("not said")),
                row.permit.until.map_or("no end".to_owned(), |until| until.to_string()),
                row.configured.map_or("not shown", zonewright_assess::verification::Configured::as_str),
                used(row),
                esc(&proposal(row)),
            );
        }
        page.push_str("</tbody>\n</table>\n<p class=\"sign\">Date: <span></span> Signature: <span class=\"long\"></span></p>\n</section>\n");
    }
    page.push_str("</body>\n</html>\n");
    page
}

/// The sheets for a terminal.
#[must_use]
pub fn text(sheets: &[Sheet<'_>], about: About<'_>, width: usize) -> String {
    let mut page = Page::new(width);
    for sheet in sheets {
        page.line(&format!("{} ({})", owner(sheet), count(sheet.rows.len(), "permit", "permits")));
        for row in &sheet.rows {
            let (from, to) = ends(row.permit);
            let until = row.permit.until.map_or("no end".to_owned(), |until| format!("until {until}"));
            page.hang(
                &format!("  {:<14} ", row.permit.id),
                &format!(
                    "{} from {from} to {to}, {until}, {}, last seen: {}: {}",
                    what(row.permit),
                    row.configured.map_or("not shown", zonewright_assess::verification::Configured::as_str),
                    used(row),
                    proposal(row)
                ),
            );
        }
        page.line("");
    }
    page.line(&format!("Judged as of {}. `--output FILE.html` writes the sheets to be signed.", about.as_of));
    page.text
}

/// The sheets as `zonewright-recertification/1`.
#[must_use]
pub fn document(sheets: &[Sheet<'_>], about: About<'_>) -> Value {
    json!({
        "format": FORMAT,
        "zonewright": about.version,
        "plant": about.plant,
        "as_of": about.as_of.to_string(),
        "owners": sheets.iter().map(|sheet| json!({
            "role": sheet.owner.map(ToString::to_string),
            "name": sheet.name,
            "permits": sheet.rows.iter().map(permit).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

fn permit(row: &PermitRow<'_>) -> Value {
    let (from, to) = ends(row.permit);
    json!({
        "permit": row.permit.id.to_string(),
        "conduit": row.conduit.to_string(),
        "from": from,
        "to": to,
        "protocol": row.permit.protocol,
        "functions": row.permit.functions,
        "purpose": row.permit.purpose,
        "until": row.permit.until.map(|until| until.to_string()),
        "configured": row.configured.map(zonewright_assess::verification::Configured::as_str),
        "observed": row.observed.map(zonewright_assess::verification::Observed::as_str),
        "last_seen": row.last_seen.map(|last| last.to_string()),
        "packets": row.packets,
        "rules": row.rules.iter().map(|place| json!({ "file": place.file.as_ref(), "line": place.line })).collect::<Vec<_>>(),
        "lacks": row.lacks,
        "advice": row.advice.as_str(),
        "proposal": proposal(row),
    })
}
