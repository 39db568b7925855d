//! The walk-down pack as one page: to print and write on, or to fill in offline and save.
//!
//! Self-contained like the report: nothing is fetched, and the page's policy forbids it. Paper needs no script; filled in on
//! a screen, a button saves the answers as a file that `zonewright import` reads.

use super::{ANSWERS_FORMAT, weight};
use crate::escape::escape as esc;
use crate::words;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use zonewright_assess::questions::{About, Question};
use zonewright_plant::Plant;
use zonewright_plant::model::Status;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// SHA-256 of the script, for the policy of the page; a test compares.
const SCRIPT_SHA256: &str = "99gk8ifNrk3xQa7k/C1cZwW3EWUjO1iaTWwjs59gR/I=";

/// The pack of these questions.
#[must_use]
pub fn page(plant: &Plant, as_of: Date, questions: &[Question], version: &str) -> String {
    let id = plant.system.as_ref().map_or("", |system| system.id.as_str());
    let name = plant.system.as_ref().map_or("", |system| words::name_of(&system.common, &system.id));
    let mut page = String::with_capacity(64 * 1024);
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{SCRIPT_SHA256}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"generator\" content=\"Zonewright {version}\">\n\
         <title>{title}: questions for a walk-down</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body data-format=\"{ANSWERS_FORMAT}\" data-plant=\"{plant}\" data-as-of=\"{as_of}\">\n",
        version = esc(version),
        title = esc(name),
        plant = esc(id),
    );
    head(&mut page, name, as_of, questions);
    for (group, questions) in groups(plant, questions) {
        section(&mut page, plant, &group, &questions);
    }
    let _ = write!(
        page,
        "<footer>Made offline by Zonewright {}. Read it back with <code>zonewright import WORKSPACE answers.json</code>; nothing is written before its differences are shown.</footer>\n\
         <script>{SCRIPT}</script>\n</body>\n</html>\n",
        esc(version)
    );
    page
}

fn head(page: &mut String, name: &str, as_of: Date, questions: &[Question]) {
    let _ = write!(
        page,
        "<header>\n<p class=\"kicker\">Walk-down (IEC 62443-3-3, 62443-4-2)</p>\n<h1>{}</h1>\n\
         <p>{} as of {as_of}. Those whose answers decide most come first in each part. Tick one answer, say why, and name what shows it: \
         an answer without a reason or evidence does not count.</p>\n\
         <p class=\"screen\"><label>Answered by (role) <input id=\"by\" type=\"text\"></label> <label>on <input id=\"on\" type=\"date\"></label> \
         <button type=\"button\" id=\"save\">Save the answers</button> <output id=\"count\">no answer yet</output></p>\n\
         <p class=\"paper\">Answered by (role): <span class=\"blank\"></span> on: <span class=\"blank short\"></span></p>\n</header>\n",
        esc(name),
        words::count(questions.len(), "question", "questions"),
    );
}

/// The questions by where they are asked: the plant, each zone and conduit, each product.
fn groups<'q>(plant: &Plant, questions: &'q [Question]) -> Vec<(About, Vec<&'q Question>)> {
    let mut groups: BTreeMap<About, Vec<&Question>> = BTreeMap::new();
    for question in questions {
        groups.entry(question.about.clone()).or_default().push(question);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    // A walk begins with the places; what the suppliers have to answer is done from the desk.
    let rank = |about: &About| match about {
        About::Zone(_) => 0,
        About::Conduit(_) => 1,
        About::Plant => 2,
        About::Product(_) => 3,
    };
    groups.sort_by_key(|(about, _)| (rank(about), title(plant, about)));
    groups
}

fn title(plant: &Plant, about: &About) -> String {
    let named = |kind: &str, id: &str, name: Option<&String>| match name {
        Some(name) if name != id => format!("{kind} {name} ({id})"),
        _ => format!("{kind} {id}"),
    };
    match about {
        About::Plant => "The whole plant".into(),
        About::Zone(id) => {
            named("Zone", id, plant.zones.get(&id.as_str().into()).and_then(|z| z.common.name.as_ref()))
        }
        About::Conduit(id) => {
            named("Conduit", id, plant.conduits.get(&id.as_str().into()).and_then(|c| c.common.name.as_ref()))
        }
        About::Product(id) => {
            let product = plant.products.get(id);
            let said = product.map(|p| {
                let words: Vec<&str> =
                    [&p.supplier, &p.model, &p.version].into_iter().flatten().map(String::as_str).collect();
                words.join(" ")
            });
            named("Product", id.as_str(), said.filter(|said| !said.is_empty()).as_ref())
        }
    }
}

fn section(page: &mut String, plant: &Plant, about: &About, questions: &[&Question]) {
    let _ = writeln!(page, "<section>\n<h2>{}</h2>", esc(&title(plant, about)));
    if let Some(first) = questions.first() {
        let mut said: Vec<String> = Vec::new();
        said.extend(first.role.as_ref().map(|role| format!("Ask: {role}")));
        said.extend(first.place.as_ref().map(|place| match about {
            About::Product(_) => format!("In: {place}"),
            _ => format!("Go to: {place}"),
        }));
        if !first.assets.is_empty() {
            let names: Vec<&str> =
                first.assets.iter().map(|asset| asset.as_str()).take(INSTANCES_NAMED).collect();
            let more = first.assets.len().saturating_sub(INSTANCES_NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            said.push(format!("Instances: {}{more}", names.join(", ")));
        }
        if !said.is_empty() {
            let _ = writeln!(page, "<p class=\"where\">{}</p>", esc(&said.join(" · ")));
        }
    }
    for question in questions {
        block(page, question);
    }
    page.push_str("</section>\n");
}

/// How many instances of a product are named.
const INSTANCES_NAMED: usize = 12;

fn block(page: &mut String, question: &Question) {
    let id = esc(&question.id);
    let options: String = [Status::Met, Status::Partly, Status::NotMet, Status::NotApplicable]
        .into_iter()
        .map(|status| {
            let word = status.as_str();
            format!("<label><input type=\"radio\" name=\"{id}\" value=\"{word}\"> {}</label>", spoken(status))
        })
        .collect();
    let _ = writeln!(
        page,
        "<fieldset data-question=\"{id}\"><legend>{} <span class=\"soft\">{}</span> <code class=\"id\">{id}</code></legend>\n<p>{}</p>\n<div class=\"options\">{options}</div>\n\
         <label class=\"line\">Why, and how it is done <textarea rows=\"1\" data-key=\"rationale\"></textarea></label>\n\
         <label class=\"line\">What shows it <input type=\"text\" data-key=\"evidence\"></label></fieldset>",
        esc(&question.requirement.to_string()),
        esc(&weight(question)),
        esc(&question.text)
    );
}

const fn spoken(status: Status) -> &'static str {
    match status {
        Status::Met => "yes",
        Status::Partly => "partly",
        Status::NotMet => "no",
        Status::NotApplicable => "does not apply",
        Status::NotShown => "not known",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256_base64;
    use crate::samples;
    use zonewright_assess::levels::of_judgements;
    use zonewright_assess::questions::questions;

    fn made() -> (samples::Sample, Vec<Question>) {
        let sample = samples::small();
        let assessment = of_judgements(&sample.plant, &[], sample.verification.as_of);
        let questions = questions(&sample.plant, &assessment);
        (sample, questions)
    }

    #[test]
    fn every_question_stands_once_and_the_page_fetches_nothing() {
        let (sample, questions) = made();
        let html = page(&sample.plant, sample.verification.as_of, &questions, "0.1.0");
        assert!(questions.len() > 20);
        for question in &questions {
            assert_eq!(html.matches(&format!("data-question=\"{}\"", esc(&question.id))).count(), 1);
        }
        for forbidden in ["http://", "https://", "@import", "<link", "<img", " src="] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
        assert_eq!(html, page(&sample.plant, sample.verification.as_of, &questions, "0.1.0"));
    }

    #[test]
    fn the_policy_names_the_script() {
        assert_eq!(SCRIPT_SHA256, sha256_base64(SCRIPT.as_bytes()), "set SCRIPT_SHA256");
    }
}
