//! `zonewright import`: assets out of lists and scans, compared with the workspace; written only when asked to.

use super::review::hang;
use super::{Exit, Outcome, VERSION, emit};
use crate::args::{Import as Arguments, PlainFormat};
use crate::terminal;
use serde_json::{Value, json};
use std::path::Path;
use zonewright_plant::id::{AssetId, ZoneId};
use zonewright_workbench::import::compare::{Fate, Known, Line, Policy, State};
use zonewright_workbench::import::netbox::rest::{Remote, RestError, Token, Transport};
use zonewright_workbench::import::{self, ImportError, Importable, Job, Previewed, Reading, preview, write};

/// Assets of a state that are listed; the JSON has all.
pub(super) const LISTED_MAX: usize = 50;
/// Columns that a list can be mapped to are named by the words of Workspace/1.
const HELP: &str = "expected OURS=THEIRS, e.g. --column \"ips=IP address\"; ours are";

pub(super) fn run(arguments: &Arguments) -> Outcome {
    match super::answers::are_answers(arguments) {
        Some(true) => return super::answers::run(arguments),
        Some(false) => {}
        None => {
            terminal::note(
                "error: answers (workbooks, answers.json) and lists of assets are imported one after the other",
            );
            return Ok(Exit::Usage);
        }
    }
    let job = match job(arguments) {
        Ok(job) => job,
        Err(message) => {
            terminal::note(&format!("error: {message}"));
            return Ok(Exit::Usage);
        }
    };
    match imported(arguments, &job) {
        Ok((previewed, applied)) => {
            let text = match arguments.format {
                PlainFormat::Text => told(arguments, &previewed, applied),
                PlainFormat::Json => format!("{:#}\n", document(arguments, &previewed, applied)),
            };
            emit(&text, arguments.output.as_deref())?;
            Ok(Exit::Done)
        }
        Err(error) => {
            terminal::error(&error);
            Ok(match error {
                ImportError::Column(_)
                | ImportError::Unknown { .. }
                | ImportError::NetBox(
                    RestError::Address(_) | RestError::ClearText | RestError::Authorities,
                ) => Exit::Usage,
                _ => Exit::NotUnderstood,
            })
        }
    }
}

fn job(arguments: &Arguments) -> Result<Job, String> {
    let known = if arguments.overwrite { Known::Overwrite } else { Known::Fill };
    Ok(Job {
        workspace: arguments.workspace.clone(),
        files: arguments.files.clone(),
        reading: Reading {
            kind: arguments.kind,
            columns: columns(&arguments.columns)?,
            sheet: arguments.sheet.clone(),
            asset: arguments.asset.as_deref().map(AssetId::from),
        },
        netbox: remote(arguments)?,
        policy: Policy { known, accept: arguments.accept, zone: arguments.zone.as_deref().map(ZoneId::from) },
    })
}

/// The NetBox to ask, with its token from a file or the environment, never from the command line, where others could see it.
fn remote(arguments: &Arguments) -> Result<Option<Remote>, String> {
    let Some(url) = arguments.netbox.clone() else { return Ok(None) };
    let read = |path: &Path| {
        std::fs::read(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))
    };
    let given = match &arguments.token_file {
        Some(path) => Some(String::from_utf8_lossy(&read(path)?).into_owned()),
        None => std::env::var(TOKEN).ok().filter(|token| !token.trim().is_empty()),
    };
    let none = || "the token is none: expected one line of letters and digits".to_string();
    let token = given.map(|text| Token::new(&text).ok_or_else(none)).transpose()?;
    let authorities = arguments.ca_file.as_deref().map(read).transpose()?;
    let transport = if arguments.insecure_http { Transport::InsecureHttp } else { Transport::EncryptedOnly };
    Ok(Some(Remote { url, token, authorities, transport }))
}

/// The variable that holds the token where no file does.
const TOKEN: &str = "NETBOX_TOKEN";

fn imported(arguments: &Arguments, job: &Job) -> Result<(Previewed, bool), ImportError> {
    let previewed = preview(job)?;
    let applies = arguments.apply && !previewed.changed.is_empty();
    if applies {
        let files: Vec<&str> = previewed.sources.iter().map(|source| source.file.as_str()).collect();
        write(&previewed, &format!("import {}", files.join(" ")))?;
    }
    Ok((previewed, applies))
}

/// Pairs of ours and theirs as they are given.
pub(super) fn columns(given: &[String]) -> Result<Vec<(String, String)>, String> {
    let ours: Vec<&str> = import::columns().collect();
    given
        .iter()
        .map(|pair| match pair.split_once('=') {
            Some((our, their)) if ours.contains(&our.trim()) && !their.trim().is_empty() => {
                Ok((our.trim().to_string(), their.trim().to_string()))
            }
            _ => Err(format!("`{pair}` is no column mapping; {HELP} {}", ours.join(", "))),
        })
        .collect()
}

/// The kind of a word, or which words there are.
pub(crate) fn kind(word: &str) -> Result<Importable, String> {
    let known = Importable::ALL.iter().find(|(name, _)| *name == word);
    known.map(|(_, kind)| *kind).ok_or_else(|| {
        let words: Vec<&str> = Importable::ALL.iter().map(|(word, _)| *word).collect();
        format!("expected one of {}", words.join(", "))
    })
}

fn told(arguments: &Arguments, previewed: &Previewed, applied: bool) -> String {
    let plan = &previewed.plan;
    let mut out = String::from("Read:\n");
    for source in &previewed.sources {
        out.push_str(&hang(&format!("  {}: ", source.file), &source.account()));
    }
    for (state, title) in
        [(State::New, "New"), (State::Changed, "Changed"), (State::Conflicting, "Conflicting")]
    {
        let lines: Vec<&Line> = plan.lines.iter().filter(|line| line.state == state).collect();
        if lines.is_empty() {
            continue;
        }
        out.push_str(&format!("\n{title} ({})\n", lines.len()));
        lines.iter().take(LISTED_MAX).for_each(|line| out.push_str(&one(previewed, line)));
        if lines.len() > LISTED_MAX {
            out.push_str(&format!("  and {} more (--format json has all)\n", lines.len() - LISTED_MAX));
        }
    }
    if !plan.unknown.is_empty() {
        out.push_str(&format!("\nNot understood ({})\n", plan.unknown.len()));
        plan.unknown.iter().take(LISTED_MAX).for_each(|words| out.push_str(&hang("  ", words)));
    }
    if !plan.networks.is_empty() {
        out.push_str(&format!("\nNetworks in no zone ({})\n", plan.networks.len()));
        plan.networks.iter().take(LISTED_MAX).for_each(|words| out.push_str(&hang("  ", words)));
    }
    let count = |state| plan.count(state);
    out.push_str(&format!(
        "\n{} new, {} changed, {} conflicting, {} the same\n",
        count(State::New),
        count(State::Changed),
        count(State::Conflicting),
        count(State::Same)
    ));
    out.push_str(&ending(arguments, previewed, applied));
    out
}

fn ending(arguments: &Arguments, previewed: &Previewed, applied: bool) -> String {
    let workspace = arguments.workspace.display();
    let mut out = String::new();
    let conflicts = previewed
        .plan
        .lines
        .iter()
        .flat_map(|line| &line.fields)
        .filter(|field| field.fate == Fate::Conflict)
        .count();
    if conflicts > 0 {
        out.push_str(&hang("", &format!("{conflicts} fields differ and keep what the workspace says; --overwrite takes what the files say.")));
    }
    if previewed.changed.is_empty() {
        out.push_str("Nothing to do: the workspace has all of it already.\n");
    } else if !applied {
        out.push_str(&hang(
            "",
            &format!("Nothing was written; add --apply to change {}.", previewed.changed.join(", ")),
        ));
    } else {
        out.push_str(&hang(
            "",
            &format!(
                "Written: {}; `zonewright review {workspace} undo` takes it back.",
                previewed.changed.join(", ")
            ),
        ));
        if previewed.plan.count(State::New) > 0 && !arguments.accept {
            out.push_str(&hang(
                "",
                &format!("New assets are proposals until you accept them: `zonewright review {workspace}`."),
            ));
        }
    }
    out
}

fn one(previewed: &Previewed, line: &Line) -> String {
    let by = line.matched.as_ref().map(|by| format!("known by its {by}; ")).unwrap_or_default();
    let called = line.called.as_ref().map(|called| format!("called `{called}` in ")).unwrap_or_default();
    let what = match line.state {
        State::New => previewed.plan.after.assets.get(&line.id).map(words_of).unwrap_or_default(),
        _ => String::new(),
    };
    let mut out = hang("  ", &format!("{}  {what}({by}{called}{})", line.id, line.place));
    for field in &line.fields {
        let words = match (field.fate, field.old.is_empty()) {
            (Fate::Filled, _) => format!("{}: {} (was empty)", field.key, field.new),
            (Fate::Overwritten, _) => format!("{}: {} → {}", field.key, field.old, field.new),
            (Fate::Conflict, _) => format!("{}: stays {}; the file says {}", field.key, field.old, field.new),
        };
        out.push_str(&hang("      ", &words));
    }
    line.remarks.iter().for_each(|remark| out.push_str(&hang("      ", remark)));
    out
}

/// What a new asset is, in a few words.
fn words_of(asset: &zonewright_plant::model::Asset) -> String {
    let kind = asset.kind.map(|kind| kind.as_str().to_string());
    let ips: Vec<String> = asset.ips.iter().take(3).map(|address| address.ip.to_string()).collect();
    let ips = (!ips.is_empty()).then(|| ips.join(" "));
    let zone = asset.zone.as_ref().map(|zone| format!("in {zone}"));
    let words = [asset.common.name.clone(), kind, asset.vendor.clone(), asset.model.clone(), ips, zone];
    let words: Vec<String> = words.into_iter().flatten().collect();
    if words.is_empty() { String::new() } else { format!("{}  ", words.join(", ")) }
}

fn document(arguments: &Arguments, previewed: &Previewed, applied: bool) -> Value {
    let files: Vec<Value> = previewed
        .sources
        .iter()
        .map(|source| {
            let columns: Vec<Value> =
                source.columns.iter().map(|(ours, theirs)| json!({ "ours": ours, "theirs": theirs })).collect();
            json!({ "file": source.file, "kind": source.kind.as_str(), "assets": source.assets.len(), "with": source.with,
                    "columns": columns, "unused": source.unused, "notes": source.notes })
        })
        .collect();
    let assets: Vec<Value> = previewed.plan.lines.iter().map(line_of).collect();
    json!({ "format": "zonewright-import/1", "zonewright": VERSION, "workspace": arguments.workspace.display().to_string(),
            "applied": applied, "files": files, "assets": assets, "not_understood": previewed.plan.unknown, "networks": previewed.plan.networks,
            "changed": previewed.changed })
}

fn line_of(line: &Line) -> Value {
    let fields: Vec<Value> = line
        .fields
        .iter()
        .map(|field| {
            let old = (!field.old.is_empty()).then_some(&field.old);
            json!({ "key": field.key, "old": old, "new": field.new, "fate": field.fate.as_str() })
        })
        .collect();
    json!({ "id": line.id.as_str(), "state": line.state.as_str(), "place": line.place, "matched_by": line.matched, "called": line.called,
            "fields": fields, "remarks": line.remarks })
}
