//! `zonewright diff`: two observations, workspaces or configurations side by side.

use super::{Exit, Outcome, VERSION, emit, observe};
use crate::args::{Diff, FailOnDifference, PlainFormat};
use crate::terminal;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use zonewright_traffic::compare::{
    AssetSummary, Difference, FieldChange, FlowSummary, Seen, compare, to_json,
};
use zonewright_traffic::json;

/// The largest document that is read.
const DOCUMENT_BYTES_MAX: u64 = 1 << 30;
/// Bytes by which a document is told.
const HEAD_BYTES: u64 = 512;
/// Most rows of a list; the JSON has them all.
const ROWS_MAX: usize = 40;

/// What an argument is, by its content.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    /// A document of ours, of this format.
    Document(String),
    /// A capture, a log, or a folder of them.
    Traffic,
    /// A workspace.
    Workspace,
    /// A firewall's configuration.
    Configuration,
    /// Nothing of these.
    Other,
}

/// Why two arguments are not compared.
struct NotCompared {
    exit: Exit,
    words: String,
}

pub(super) fn run(diff: &Diff) -> Outcome {
    match (kind(&diff.old), kind(&diff.new)) {
        (Ok(Kind::Workspace), Ok(Kind::Workspace)) => return super::change::run(diff),
        (Ok(Kind::Configuration), Ok(Kind::Configuration)) => {
            return super::firewall::diff_files(&diff.old, &diff.new, diff.format, diff.output.as_deref());
        }
        _ if diff.record.is_some() => {
            terminal::note("error: --record writes the change record of two workspaces; these are none");
            return Ok(Exit::Usage);
        }
        _ => {}
    }
    let (before, after) = match both(diff) {
        Ok(both) => both,
        Err(NotCompared { exit, words }) => {
            terminal::note(&format!("error: {words}"));
            return Ok(exit);
        }
    };
    let difference = compare(&before, &after);
    let text = match diff.format {
        PlainFormat::Json => {
            zonewright_report::json::to_text(&to_json(&before, &after, &difference, VERSION))
        }
        PlainFormat::Text => readable(&before, &after, &difference),
    };
    emit(&text, diff.output.as_deref())?;
    let fails = match diff.fail_on {
        FailOnDifference::Any => !difference.is_none(),
        FailOnDifference::New => difference.has_new(),
        FailOnDifference::Never => false,
    };
    Ok(if fails { Exit::Findings } else { Exit::Done })
}

fn both(diff: &Diff) -> Result<(Seen, Seen), NotCompared> {
    let kinds = [kind(&diff.old)?, kind(&diff.new)?];
    for (path, kind) in [&diff.old, &diff.new].into_iter().zip(&kinds) {
        let usage = |words: String| Err(NotCompared { exit: Exit::Usage, words });
        let path = path.display();
        match kind {
            Kind::Traffic => {}
            Kind::Document(format) if format == json::FORMAT => {}
            Kind::Document(format) => {
                return usage(format!(
                    "`{path}` is a document `{format}`; compared are observations (`{}`), captures and logs",
                    json::FORMAT
                ));
            }
            Kind::Workspace => {
                return usage(format!(
                    "`{path}` is a workspace, and the other is not; two of a kind are compared"
                ));
            }
            Kind::Configuration => {
                return usage(format!(
                    "`{path}` is a firewall's configuration, and the other is not; two of a kind are compared"
                ));
            }
            Kind::Other => {
                return usage(format!(
                    "`{path}` is none of what is compared: a workspace, a firewall's configuration, an observation, a capture or log"
                ));
            }
        }
    }
    let [first, second] = kinds;
    Ok((seen(&diff.old, &first)?, seen(&diff.new, &second)?))
}

fn kind(path: &Path) -> Result<Kind, NotCompared> {
    let unreadable = |error: std::io::Error| NotCompared {
        exit: Exit::NotUnderstood,
        words: format!("cannot read `{}`: {error}", path.display()),
    };
    if path.as_os_str() == "-" {
        return Ok(Kind::Traffic);
    }
    if path.is_dir() {
        let is_workspace = ["plant.toml", "zones.toml"].iter().any(|name| path.join(name).is_file());
        return Ok(if is_workspace { Kind::Workspace } else { Kind::Traffic });
    }
    let mut head = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(HEAD_BYTES).read_to_end(&mut head).map_err(unreadable)?;
    if let Some(format) = format_of(&head) {
        return Ok(Kind::Document(format));
    }
    if zonewright_traffic::kind_of(path).map_err(unreadable)?.is_some() {
        return Ok(Kind::Traffic);
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let detected = zonewright_firewall::dialects::detect(&String::from_utf8_lossy(&bytes));
    Ok(if detected.is_some() { Kind::Configuration } else { Kind::Other })
}

/// The format of a document of ours, whose first member says it.
fn format_of(head: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(head);
    let rest = text.trim_start().strip_prefix('{')?.trim_start().strip_prefix("\"format\"")?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    rest.split_once('"')
        .map(|(format, _)| format.to_owned())
        .filter(|format| format.starts_with("zonewright-"))
}

fn seen(path: &Path, kind: &Kind) -> Result<Seen, NotCompared> {
    let not = |words: String| NotCompared { exit: Exit::NotUnderstood, words };
    let name = path.display();
    let document = if matches!(kind, Kind::Document(_)) {
        let size = std::fs::metadata(path).map(|data| data.len()).unwrap_or_default();
        if size > DOCUMENT_BYTES_MAX {
            return Err(not(format!("`{name}` has more than {DOCUMENT_BYTES_MAX} bytes")));
        }
        let bytes = std::fs::read(path).map_err(|error| not(format!("cannot read `{name}`: {error}")))?;
        serde_json::from_slice(&bytes).map_err(|error| not(format!("`{name}` is cut or damaged: {error}")))?
    } else {
        let observation =
            observe::read(&[path.to_owned()], &[], true, 1).map_err(|error| not(error.to_string()))?;
        terminal::diagnostics(&observation.diagnostics, |_| None);
        if !observation.understood() {
            return Err(not(format!("not all of `{name}` is understood; nothing is compared")));
        }
        json::observation(&observation, VERSION, Value::Array(Vec::new()))
    };
    Seen::of(&document).map_err(|error| not(format!("`{name}`: {error}")))
}

fn readable(before: &Seen, after: &Seen, difference: &Difference) -> String {
    let mut out = String::new();
    for (word, seen) in [("before", before), ("after", after)] {
        let window = match (&seen.first_seen, &seen.last_seen) {
            (Some(first), Some(last)) => format!(", {first} to {last}"),
            _ => String::new(),
        };
        line(&mut out, &format!("{word}: {}{window}", seen.captures.join(", ")));
    }
    if difference.is_none() {
        line(&mut out, "\nBoth show the same assets, flows and functions.");
        return out;
    }
    let changed = difference.assets.changed.iter().map(|change| {
        let name = if change.before == change.after {
            change.after.clone()
        } else {
            format!("{} (was {}, same {})", change.after, change.before, change.matched_by.as_str())
        };
        format!("{name}: {}", fields(&change.fields))
    });
    section(&mut out, "Assets changed", changed);
    section(&mut out, "Assets new", difference.assets.new.iter().map(asset));
    section(&mut out, "Flows new", difference.flows.new.iter().map(|new| flow(new, true)));
    let changed = difference.flows.changed.iter().map(|change| {
        let words = |functions: &[zonewright_traffic::compare::FunctionSummary]| {
            functions.iter().map(|function| function.words()).collect::<Vec<_>>().join(", ")
        };
        let mut parts = Vec::new();
        if !change.functions_new.is_empty() {
            parts.push(format!("now also {}", words(&change.functions_new)));
        }
        if !change.functions_gone.is_empty() {
            parts.push(format!("no longer {}", words(&change.functions_gone)));
        }
        if !change.fields.is_empty() {
            parts.push(fields(&change.fields));
        }
        format!("{}: {}", flow(&change.flow, false), parts.join("; "))
    });
    section(&mut out, "Flows changed", changed);
    section(&mut out, "Protocols new", difference.protocols.new.iter().cloned());
    section(&mut out, "Assets gone", difference.assets.gone.iter().map(asset));
    section(&mut out, "Flows gone", difference.flows.gone.iter().map(|gone| flow(gone, false)));
    section(&mut out, "Protocols gone", difference.protocols.gone.iter().cloned());
    line(
        &mut out,
        "\nGone means not seen in the later one: it may be silent. Next: `zonewright verify WORKSPACE` says which of this the plan permits.",
    );
    out
}

fn asset(asset: &AssetSummary) -> String {
    let mut words = asset.id.clone();
    let others: Vec<&str> = asset
        .addresses
        .iter()
        .map(String::as_str)
        .filter(|address| !asset.id.starts_with(*address))
        .collect();
    for more in [others.join(" "), asset.names.join(", "), asset.what.join(" "), asset.roles.join(", ")] {
        if !more.is_empty() {
            let _ = write!(words, ", {more}");
        }
    }
    words
}

fn flow(flow: &FlowSummary, whole: bool) -> String {
    let port = flow.port.map(|port| format!(":{port}")).unwrap_or_default();
    let protocol = flow.protocol.as_deref().unwrap_or(&flow.transport);
    let mut words = format!("{} to {}{port}, {protocol}", flow.initiator, flow.responder);
    if whole {
        let functions: Vec<String> = flow.functions.iter().map(|function| function.words()).collect();
        if !functions.is_empty() {
            let _ = write!(words, ": {}", functions.join(", "));
        }
        if let Some(place) = &flow.place {
            let _ = write!(words, " [{place}]");
        }
    }
    words
}

fn fields(fields: &[FieldChange]) -> String {
    let list = |values: &[String]| if values.is_empty() { "not told".to_owned() } else { values.join(", ") };
    let one = |change: &FieldChange| {
        format!("{} was {}, is {}", change.field.replace('_', " "), list(&change.before), list(&change.after))
    };
    fields.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn section(out: &mut String, title: &str, rows: impl ExactSizeIterator<Item = String>) {
    let count = rows.len();
    if count == 0 {
        return;
    }
    line(out, &format!("\n{title} ({count})"));
    for row in rows.take(ROWS_MAX) {
        line(out, &format!("  {row}"));
    }
    if count > ROWS_MAX {
        line(out, &format!("  and {} more: `--format json` has them all", count - ROWS_MAX));
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}
