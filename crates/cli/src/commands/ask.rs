//! `zonewright ask`: missing evidence as questions, those first that decide most.

use super::{Exit, Outcome, VERSION, emit, judging_date};
use crate::args::{Ask, PlainFormat};
use crate::terminal;
use zonewright_assess::questions::{Question, questions};
use zonewright_plant::Plant;
use zonewright_report::ask::{self, Asked};
use zonewright_source::nearest;

pub(super) fn run(arguments: &Ask) -> Outcome {
    let as_of = judging_date(arguments.as_of);
    let Some(verified) = super::verify::verified(&arguments.workspace, as_of)? else {
        return Ok(Exit::NotUnderstood);
    };
    let plant = &verified.workspace.plant;
    if let Some(message) = unknown(plant, arguments) {
        terminal::note(&format!("error: {message}"));
        return Ok(Exit::Usage);
    }
    let all = questions(plant, &verified.assess());
    let chosen: Vec<Question> = all.iter().filter(|question| fits(question, arguments)).cloned().collect();
    let asked = Asked { all: all.len(), chosen: chosen.len() };
    if let Some(file) = &arguments.html {
        let page = ask::page(plant, as_of, &chosen, VERSION);
        zonewright_workbench::files::write(file, page.as_bytes())?;
        terminal::note(&format!(
            "{} written to {}: print it, or fill it in with a browser (no network needed) and save; then: zonewright import {} ANSWERS.json",
            if chosen.len() == 1 { "1 question".into() } else { format!("{} questions", chosen.len()) },
            file.display(),
            arguments.workspace.display(),
        ));
    }
    if let Some(file) = &arguments.xlsx {
        let pack = zonewright_report::xlsx::pack(plant, &chosen, VERSION, as_of)?;
        super::workbook::save(&pack, file, &arguments.workspace)?;
    }
    let id = plant.system.as_ref().map(|system| system.id.clone()).unwrap_or_default();
    let text = match arguments.format {
        PlainFormat::Json => {
            zonewright_report::json::to_text(&ask::json(&id, as_of, &chosen, asked, VERSION))
        }
        PlainFormat::Text if arguments.html.is_some() || arguments.xlsx.is_some() => return Ok(Exit::Done),
        PlainFormat::Text => {
            let name = plant.system.as_ref().and_then(|system| system.common.name.clone()).unwrap_or(id);
            let shown = chosen.get(..arguments.top.min(chosen.len())).unwrap_or_default();
            ask::text(&name, as_of, shown, asked, terminal::width())
        }
    };
    emit(&text, arguments.output.as_deref())?;
    Ok(Exit::Done)
}

fn fits(question: &Question, arguments: &Ask) -> bool {
    let zone = |zone: &String| question.statuses.iter().any(|(_, id, _)| id == zone);
    let role = |role: &String| question.role.as_ref().is_some_and(|known| known.as_str() == role);
    arguments.zone.as_ref().is_none_or(zone) && arguments.role.as_ref().is_none_or(role)
}

/// What is wrong with a choice that names nothing of the plant.
fn unknown(plant: &Plant, arguments: &Ask) -> Option<String> {
    if let Some(zone) = &arguments.zone {
        let known =
            || plant.zones.keys().map(|id| id.as_str()).chain(plant.conduits.keys().map(|id| id.as_str()));
        if !known().any(|id| id == zone) {
            return Some(said("zone or conduit", zone, nearest(zone, known())));
        }
    }
    let role = arguments.role.as_ref()?;
    let roles = plant.system.iter().flat_map(|system| &system.roles);
    let known: Vec<&str> = roles.map(|role| role.id.as_str()).collect();
    (!known.contains(&role.as_str())).then(|| said("role", role, nearest(role, known.iter().copied())))
}

fn said(what: &str, id: &str, near: Option<&str>) -> String {
    let help = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!("the plant has no {what} `{id}`{help}")
}
