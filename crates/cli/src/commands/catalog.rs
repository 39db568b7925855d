//! `zonewright catalog`: requirements, the series and the crosswalk, without any plant.

use super::{Exit, Outcome, VERSION, emit};
use crate::args::PlainFormat;
use crate::args::catalog::{Catalog as Command, Crosswalk, List, Print};
use crate::terminal;
use serde_json::Value;
use std::path::Path;
use zonewright_catalog::profile::{self, PROFILE_BYTES_MAX, Profile};
use zonewright_catalog::{Catalog, CrosswalkLine, Part, Requirement, RequirementId, Role, Selection};
use zonewright_report::catalog::{json, text};
use zonewright_source::{Severity, SourceText, nearest};

pub(super) fn run(command: &Command) -> Outcome {
    let catalog = Catalog::builtin();
    match command {
        Command::List(arguments) => list(catalog, arguments),
        Command::Show { ids, print } => show(catalog, ids, print),
        Command::Series { role, print } => series(catalog, *role, print),
        Command::Crosswalk(arguments) => crosswalk(catalog, arguments),
        Command::Profile { id } => sample(id.as_deref()),
    }
}

fn list(catalog: &Catalog, arguments: &List) -> Outcome {
    let profile = match &arguments.profile {
        Some(named) => match read_profile(named)? {
            Ok(profile) => Some(profile),
            Err(exit) => return Ok(exit),
        },
        None => None,
    };
    let selection = Selection {
        standard: arguments.standard,
        fr: arguments.fr,
        level: arguments.level,
        component: arguments.component_type,
        role: arguments.role,
        conduit: arguments.conduit,
        profile: profile.as_ref(),
    };
    let selected = catalog.select(&selection);
    print(
        &arguments.print,
        || json::list(catalog, &selection, &selected, VERSION),
        |width| text::list(catalog, &selection, &selected, width),
    )
}

fn show(catalog: &Catalog, ids: &[String], to: &Print) -> Outcome {
    let mut found: Vec<&Requirement> = Vec::new();
    for id in ids {
        match requirement(catalog, id) {
            Ok(requirement) => found.push(requirement),
            Err(exit) => return Ok(exit),
        }
    }
    print(to, || json::show(catalog, &found, VERSION), |width| text::show(catalog, &found, width))
}

fn series(catalog: &Catalog, role: Option<Role>, to: &Print) -> Outcome {
    let concerns = |part: &&Part| role.is_none_or(|role| part.roles.contains(&role));
    let parts: Vec<&Part> = catalog.parts().iter().filter(concerns).collect();
    print(to, || json::series(catalog, &parts, VERSION), |width| text::series(catalog, &parts, role, width))
}

fn crosswalk(catalog: &Catalog, arguments: &Crosswalk) -> Outcome {
    let from = match arguments.from.as_ref().map(|id| requirement(catalog, id)).transpose() {
        Ok(from) => from,
        Err(exit) => return Ok(exit),
    };
    let entries = catalog.regimes();
    if let Some(regime) = &arguments.regime
        && !entries.iter().any(|entry| entry.regime.eq_ignore_ascii_case(regime))
    {
        return Ok(unknown(
            "rule book",
            regime,
            entries.iter().map(|entry| entry.regime),
            "CSF-2.0 and NERC-CIP are some",
        ));
    }
    if let Some(to) = &arguments.to
        && !entries.iter().any(|entry| entry.id.eq_ignore_ascii_case(to))
    {
        let help = "`zonewright catalog crosswalk --regime REGIME` lists those that are mapped";
        return Ok(unknown("entry", to, entries.iter().map(|entry| entry.id), help));
    }
    let same =
        |wanted: Option<&String>, found: &str| wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(found));
    let wanted = |line: &&CrosswalkLine| {
        from.is_none_or(|from| line.from.as_ref() == Some(&from.id))
            && arguments.standard.is_none_or(|standard| line.standard == standard)
            && same(arguments.regime.as_ref(), line.regime)
            && same(arguments.to.as_ref(), line.to)
    };
    let lines: Vec<&CrosswalkLine> = catalog.crosswalk().iter().filter(wanted).collect();
    print(
        &arguments.print,
        || json::crosswalk(catalog, &lines, VERSION),
        |width| text::crosswalk(catalog, &lines, width),
    )
}

/// The samples, or the text of one.
fn sample(id: Option<&str>) -> Outcome {
    let Some(id) = id else {
        let lines = profile::samples().map(|profile| format!("{:24} {}\n", profile.id, profile.name));
        emit(&lines.collect::<String>(), None)?;
        return Ok(Exit::Done);
    };
    match profile::sample_text(id) {
        Some(text) => {
            emit(text, None)?;
            Ok(Exit::Done)
        }
        None => {
            Ok(unknown("sample profile", id, profile::samples().map(|profile| profile.id.as_str()), SAMPLES))
        }
    }
}

const SAMPLES: &str = "`zonewright catalog profile` lists them all";

/// A requirement by what was typed, or the nearest that there is.
fn requirement<'c>(catalog: &'c Catalog, typed: &str) -> Result<&'c Requirement, Exit> {
    let found = typed.parse::<RequirementId>().ok().and_then(|id| catalog.requirement(&id));
    found.ok_or_else(|| {
        let near = catalog.nearest_id(typed).map(ToString::to_string);
        let near: Vec<&str> = near.iter().map(String::as_str).collect();
        let help = near.first().map_or_else(
            || "`zonewright catalog list` lists them all".to_string(),
            |near| format!("did you mean `{near}`?"),
        );
        terminal::note(&format!("error: no catalog holds requirement `{typed}`; {help}"));
        Exit::Usage
    })
}

/// A profile by the path of its file, or by the id of a sample.
fn read_profile(named: &str) -> Result<Result<Profile, Exit>, Box<dyn std::error::Error>> {
    let path = Path::new(named);
    if let Some(sample) = profile::samples().find(|sample| sample.id == named).filter(|_| !path.exists()) {
        return Ok(Ok(sample.clone()));
    }
    if !path.exists() {
        let known = profile::samples().map(|profile| profile.id.as_str());
        return Ok(Err(unknown(
            "profile",
            named,
            known,
            "name a file, or a sample of `zonewright catalog profile`",
        )));
    }
    let size = std::fs::metadata(path).map_err(|source| cannot_read(named, &source))?.len();
    if size > PROFILE_BYTES_MAX as u64 {
        return Err(format!("{named}: {size} bytes, a profile has at most {PROFILE_BYTES_MAX}").into());
    }
    let bytes = std::fs::read(path).map_err(|source| cannot_read(named, &source))?;
    let Ok(content) = String::from_utf8(bytes) else {
        return Err(format!("{named}: not text in UTF-8").into());
    };
    let source = SourceText::new(named, content);
    let (profile, diagnostics) = Profile::read(&source);
    terminal::diagnostics(&diagnostics, |_| Some(&source));
    let sound = diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error);
    Ok(profile.filter(|_| sound).ok_or(Exit::NotUnderstood))
}

fn cannot_read(file: &str, source: &std::io::Error) -> String {
    format!("{file}: cannot be read: {source}")
}

fn unknown<'a>(kind: &str, typed: &str, known: impl Iterator<Item = &'a str>, otherwise: &str) -> Exit {
    let help =
        nearest(typed, known).map_or_else(|| otherwise.to_string(), |near| format!("did you mean `{near}`?"));
    terminal::note(&format!("error: {kind} `{typed}` is not known; {help}"));
    Exit::Usage
}

fn print(to: &Print, json: impl FnOnce() -> Value, text: impl FnOnce(usize) -> String) -> Outcome {
    let text = match to.format {
        PlainFormat::Json => zonewright_report::json::to_text(&json()),
        PlainFormat::Text => text(terminal::width()),
    };
    emit(&text, to.output.as_deref())?;
    Ok(Exit::Done)
}
