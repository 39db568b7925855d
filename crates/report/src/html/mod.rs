//! The report as one HTML file: for the plant manager on its first page, for the engineer down to the packet.
//!
//! Self-contained: styles and a script of a few lines within, nothing from a network, and a policy in the page that
//! forbids it. Works without the script; prints on A4.

mod findings;
mod levels;
mod parts;
mod summary;
mod tables;
#[cfg(test)]
mod tests;
mod unknown;

use crate::diagram;
use crate::input::{EvidenceSummary, ReportInput};
use crate::words;
use parts::{esc, or_none, span};
use std::fmt::Write as _;
use zonewright_assess::verification::PathName;

pub use findings::FINDINGS_SHOWN_MAX;
pub use tables::ROWS_SHOWN_MAX;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
/// SHA-256 of the script, for the policy of the page; a test compares.
const SCRIPT_SHA256: &str = "gT7asxYkF7Rp6himLA4c/VSMP4T1hus/P9nca2OXvdM=";

/// How many pieces of evidence the first page names.
const EVIDENCE_NAMED: usize = 12;
/// Least share of its natural width, in percent, to which a wide diagram is made smaller before it scrolls.
const DIAGRAM_SHRINK_MIN: i32 = 72;

/// The report of a verification, as an HTML document.
#[must_use]
pub fn report(input: &ReportInput<'_>) -> String {
    let name = input.plant_name();
    let mut page = String::with_capacity(64 * 1024);
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{SCRIPT_SHA256}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"generator\" content=\"Zonewright {version}\">\n\
         <title>{title}: conduits verified as of {date}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        version = esc(input.version),
        title = esc(name),
        date = input.verification.as_of,
    );
    head(&mut page, input);
    page.push_str("<main>\n");
    summary::in_short(&mut page, input);
    picture(&mut page, input);
    summary::next_steps(&mut page, input);
    findings::disagreements(&mut page, input);
    levels::levels(&mut page, input);
    unknown::not_known(&mut page, input);
    evidence(&mut page, input);
    tables::conduits(&mut page, input);
    tables::zones(&mut page, input);
    tables::assets(&mut page, input);
    tables::rules(&mut page, input);
    tables::paths(&mut page, input);
    glossary(&mut page);
    page.push_str("</main>\n");
    let _ = write!(
        page,
        "<footer>Made offline by Zonewright {} from the workspace and the evidence named above, judged as of {}. \
         The same input gives the same file.</footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        esc(input.version),
        input.verification.as_of
    );
    page
}

fn head(page: &mut String, input: &ReportInput<'_>) {
    let _ = write!(
        page,
        "<header>\n<p class=\"kicker\">Verification of zones and conduits (IEC 62443-3-2, 62443-3-3)</p>\n<h1>{}</h1>\n<dl class=\"facts\">\n",
        esc(input.plant_name())
    );
    let mut fact = |name: &str, said: &str| {
        let _ = writeln!(page, "<dt>{name}</dt><dd>{said}</dd>");
    };
    if let Some(system) = &input.plant.system {
        for (name, said) in [("What it is", &system.description), ("Where it ends", &system.perimeter)] {
            if let Some(said) = said {
                fact(name, &esc(said));
            }
        }
    }
    fact("Judged as of", &input.verification.as_of.to_string());
    fact("Evidence", &evidence_line(input));
    fact("Made with", &format!("Zonewright {}", esc(input.version)));
    page.push_str("</dl>\n");
    let levels = if input.assessment.is_some() { "<a href=\"#levels\">Security levels</a>" } else { "" };
    let rules = if input.verification.rules.is_empty() { "" } else { "<a href=\"#rules\">Rules</a>" };
    let _ = writeln!(
        page,
        "<nav aria-label=\"Contents\"><a href=\"#short\">In short</a><a href=\"#diagram\">Diagram</a><a href=\"#next\">What to do next</a>\
         <a href=\"#disagreements\">Disagreements</a>{levels}<a href=\"#unknown\">What is not known</a><a href=\"#evidence\">Evidence</a><a href=\"#conduits\">Conduits and permits</a>\
         <a href=\"#zones\">Zones</a><a href=\"#assets\">Assets</a>{rules}<a href=\"#paths\">All paths</a><a href=\"#glossary\">Words</a></nav>\n</header>",
    );
}

/// How many hexadecimal digits of a hash the first page shows; the section on evidence shows all.
const HASH_SHORT: usize = 12;

/// The evidence in the title block, one line each.
fn evidence_line(input: &ReportInput<'_>) -> String {
    if input.evidence.is_empty() {
        return "none: everything below rests on the model alone".into();
    }
    let line = |e: &EvidenceSummary| {
        let hash = e.hash.as_deref().and_then(|h| h.split_once(':')).map_or_else(
            || "<span class=\"soft\">no hash</span>".to_string(),
            |(kind, hex)| {
                let short: String = hex.chars().take(HASH_SHORT).collect();
                format!("<code class=\"soft\">{}:{}…</code>", esc(kind), esc(&short))
            },
        );
        format!(
            "<tr><td>{}</td><td class=\"break\"><code>{}</code></td><td>{}</td><td>{hash}</td></tr>",
            esc(&e.id),
            esc(&e.file),
            e.window.map_or_else(|| "<span class=\"soft\">no window</span>".to_string(), |(a, b)| span(a, b)),
        )
    };
    let lines: String = input.evidence.iter().take(EVIDENCE_NAMED).map(line).collect();
    let more = input.evidence.len().saturating_sub(EVIDENCE_NAMED);
    let more = if more > 0 {
        format!("<br>and {more} more: <a href=\"#evidence\">all evidence</a>")
    } else {
        String::new()
    };
    format!("<table class=\"bare\"><tbody>{lines}</tbody></table>{more}")
}

/// Section "Evidence used".
fn evidence(page: &mut String, input: &ReportInput<'_>) {
    page.push_str("<section id=\"evidence\">\n<h2>Evidence used</h2>\n");
    if input.evidence.is_empty() {
        page.push_str("<p>No evidence was used: everything here rests on the model alone.</p>\n</section>\n");
        return;
    }
    page.push_str(
        "<div class=\"scroll\"><table><thead><tr><th>Evidence</th><th>Taken at</th><th>Covers</th><th>Holds</th></tr></thead>\n<tbody>\n",
    );
    for e in input.evidence {
        let _ = writeln!(
            page,
            "<tr><th>{} <span class=\"soft\">{}</span><span class=\"sub break\"><code>{}</code><br><code>{}</code></span></th>\
             <td>{}</td><td>{}</td><td>{}</td></tr>",
            esc(&e.id),
            e.kind.as_str(),
            esc(&e.file),
            esc(e.hash.as_deref().unwrap_or("no hash was computed")),
            or_none(e.taken_at.as_deref()),
            e.window.map_or_else(|| "<span class=\"soft\">no window</span>".to_string(), |(a, b)| span(a, b)),
            e.content.iter().map(|c| esc(c)).collect::<Vec<_>>().join("<br>")
        );
    }
    page.push_str("</tbody></table></div>\n</section>\n");
}

fn picture(page: &mut String, input: &ReportInput<'_>) {
    let scene = diagram::scene(input.plant, input.verification);
    let layout = diagram::layout(&scene);
    let svg = diagram::draw(&scene, &layout);
    let (width, height) = diagram::size(&scene, &layout);
    let wide = if width * 10 > height * 11 { " wide" } else { "" };
    let least = width * DIAGRAM_SHRINK_MIN / 100;
    let _ = write!(
        page,
        "<section id=\"diagram\" class=\"own-page{wide}\">\n<h2>Zones and conduits</h2>\n<figure class=\"diagram\">\n{}\
         <figcaption>{}{} Each line says its gravest verdict; the tables below say all.</figcaption>\n</figure>\n</section>\n",
        svg.replacen("<svg ", &format!("<svg style=\"min-width:{least}px\" "), 1),
        esc(&scene.description),
        scene.left_out.as_deref().map(|said| format!(" {}", esc(said))).unwrap_or_default(),
    );
}

fn glossary(page: &mut String) {
    page.push_str("<section id=\"glossary\">\n<h2>Words used here</h2>\n<dl class=\"glossary\">\n");
    for name in PathName::ALL {
        let _ = writeln!(
            page,
            "<dt><span class=\"tone {}\">{}</span></dt><dd>{}</dd>",
            words::Tone::of(name).class(),
            name.as_str(),
            esc(&words::sentence(name.meaning()))
        );
    }
    for (word, meaning) in [
        (
            "Zone",
            "Assets with the same security requirements, grouped by consequence and function (62443-3-2).",
        ),
        ("Conduit", "What joins zones: the only way traffic between them should take."),
        ("Permit", "One line of a conduit: who may ask whom for what, and what for."),
        ("Declared", "What the plant's model says."),
        (
            "Configured",
            "What a firewall or router lets through, computed from its own configuration, line by line.",
        ),
        ("Observed", "What captures show. Not seen and not covered are different things."),
        (
            "Enforcement not shown",
            "No configuration covers the path, so nothing shows that anything is closed there.",
        ),
        (
            "SL-T",
            "Target security level, 0 to 4, for each of the seven foundational requirements: identification and authentication (IAC), use control (UC), system integrity (SI), data confidentiality (DC), restricted data flow (RDF), timely response to events (TRE), resource availability (RA).",
        ),
        (
            "SL-A",
            "Achieved security level: the highest up to which every requirement that applies is met. Proven counts what is not shown as not met, possible counts it as met.",
        ),
        (
            "Finding",
            "A statement about the plant with its evidence and the requirement it rests on. Its id stays the same over time.",
        ),
        ("Waived", "Accepted by a named role, with a reason and an end date."),
    ] {
        let _ = writeln!(page, "<dt>{word}</dt><dd>{meaning}</dd>");
    }
    page.push_str("</dl>\n</section>\n");
}
